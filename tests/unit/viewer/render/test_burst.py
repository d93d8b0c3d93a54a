"""Pictures that are drawn together come together, and none is held up by what comes later."""

from viewer.render.burst import Burst


class Panes:
    """What was handed over, in order."""

    def __init__(self) -> None:
        self.burst = Burst()
        self.got: list[str] = []

    def drawn(self, key: str, beside: str = "", name: str = "") -> list[str]:
        """A key is drawn while others are; gives what has been handed over by then."""
        self.burst.end(key)
        self.burst.hold(key, lambda: self.got.append(name or key), set(beside))
        self.burst.hand_over()
        return self.got


def test_a_picture_alone_comes_at_once() -> None:
    assert Panes().drawn("a") == ["a"]


def test_pictures_come_when_the_last_of_them_is_drawn() -> None:
    panes = Panes()
    assert panes.drawn("a", beside="bc") == []
    assert panes.drawn("b", beside="c") == []
    assert panes.drawn("c") == ["a", "b", "c"]


def test_what_begins_later_is_not_waited_for() -> None:
    panes = Panes()
    assert panes.drawn("a", beside="b") == []
    assert panes.drawn("b", beside="ade") == ["a", "b"]


def test_the_newest_of_a_pane_is_handed_over() -> None:
    panes = Panes()
    assert panes.drawn("a", beside="b", name="old") == []
    assert panes.drawn("a", beside="b", name="new") == []
    assert panes.drawn("b", beside="a") == ["new", "b"]


def test_a_failure_holds_nothing_up_and_a_pane_that_left_gets_nothing() -> None:
    panes = Panes()
    panes.drawn("a", beside="bc")
    panes.drawn("b", beside="c")
    panes.burst.forget("a")
    panes.burst.end("c")
    panes.burst.hand_over()
    assert panes.got == ["b"]
