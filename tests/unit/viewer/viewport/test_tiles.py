"""A tiled stack: consecutive frames, in step from any pane, one look."""

from tests.kit.viewer import chest, shown
from viewer.model.presentation import Offset, Window
from viewer.viewport.tiles import Tiles
from viewer.viewport.viewport import Viewport

STACK = chest(10)


def _tiled(panes: int, first: int = 0) -> tuple[Tiles, list[Viewport]]:
    members = [shown(STACK) for _ in range(panes)]
    tiles = Tiles()
    tiles.spread(members, first)
    for member in members:
        member.changed.connect(lambda _state, m=member: _follow(tiles, m))
    return tiles, members


def _follow(tiles: Tiles, moved: Viewport) -> None:
    tiles.follow(moved)
    tiles.follow_look(moved)


def _indexes(members: list[Viewport]) -> list[int]:
    return [m.state.index for m in members]


def test_each_pane_shows_the_next_frame() -> None:
    assert _indexes(_tiled(4)[1]) == [0, 1, 2, 3]
    assert _indexes(_tiled(4, 3)[1]) == [3, 4, 5, 6]
    assert _indexes(_tiled(4, 9)[1]) == [6, 7, 8, 9]


def test_any_pane_moves_all_and_the_ends_hold() -> None:
    _, members = _tiled(4)
    members[2].scroll(1)
    assert _indexes(members) == [1, 2, 3, 4]
    members[0].go_to_index(9)
    assert _indexes(members) == [6, 7, 8, 9]
    members[3].scroll(-100)
    assert _indexes(members) == [0, 1, 2, 3]


def test_one_look_for_all() -> None:
    _, members = _tiled(3)
    members[1].set_voi(Window(10, 200))
    members[2].pan(5, 7)
    for member in members:
        assert member.state.look.voi == Window(10, 200)
        assert member.state.look.offset == Offset(5, 7)
    members[0].scroll(1)  # a window that the reader set is not replaced by the next frame's own
    assert all(m.state.look.voi == Window(10, 200) for m in members)


def test_another_series_in_a_pane_is_noticed() -> None:
    tiles, members = _tiled(2)
    assert tiles.is_sound()
    other = chest(3, series="1.2.9")
    members[1].show(shown(other).state.target, {})
    assert not tiles.is_sound()
    tiles.end()
    assert not tiles.holds(members[0])
