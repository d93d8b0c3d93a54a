"""A whole read from outside, as a screen reader and a hand do it; nothing of ours is imported.

Run by the system's Python (for its GObject bindings) inside a D-Bus session with a display:
``at_spi_driver.py read|again --bus-launcher FILE --passphrase WORDS --heard FILE -- COMMAND…``.
Starts the accessibility bus and the program, signs in, reads the first case (``again``: looks for
the report that was sent before), quits, and writes what it heard as JSON. Keys and pointer are
real events of the X server. The first step that does not come true ends it with one sentence and
status 1.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import gi  # type: ignore[import-not-found]  # the system's, not the environment's

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # type: ignore[import-not-found]  # noqa: E402

Node = Any
_BUTTONS = {"push button", "toggle button", "check box", "radio button", "link"}
_FIELDS = {"text", "password text", "spin button", "slider", "combo box"}
_INTERACTIVE = _BUTTONS | _FIELDS | {"table", "list", "tree", "tree table", "image"}
_FINDINGS = "Solid nodule in the right upper lobe."
_IMPRESSION = "Growing nodule; follow-up advised."
_STORE_WORDS = "words that only tests know"
_CHOOSE = "Set passphrase"
_KEYS = {"Home": 0xFF50, "End": 0xFF57, "Down": 0xFF54}  # X keysyms; of a letter, its own code


class StepFailed(Exception):
    """What did not come true, as a sentence."""


class Screen:
    """What is on the screen of one program, found by role and name."""

    def __init__(self, name: str) -> None:
        """Look for the program of that name."""
        self._name = name

    def nodes(self, *, hidden: bool = False) -> Iterator[Node]:
        """Everything of the program, its dialogs first; ``hidden`` looks into closed menus too."""
        app = self._app()
        if app is None:
            return
        app.clear_cache()
        for window in reversed(_children(app)):
            yield from _below(window, hidden=hidden)

    def find(self, role: str, name: str, *, hidden: bool = False) -> Node | None:
        """The first of that role and name; what vanishes meanwhile was not there."""
        try:
            return next(
                (
                    node
                    for node in self.nodes(hidden=hidden)
                    if node.get_role_name() == role and node.get_name() == name
                ),
                None,
            )
        except GLib.Error:
            return None

    def says(self, role: str, name: str) -> str:
        """The first description of what has that role and name; empty where there is none."""
        try:
            said = (
                str(node.get_description())
                for node in self.nodes()
                if node.get_role_name() == role and node.get_name() == name
            )
            return next(filter(None, said), "")
        except GLib.Error:
            return ""

    def _app(self) -> Node | None:
        desktop = Atspi.get_desktop(0)
        desktop.clear_cache()
        found = [app for app in _children(desktop) if app.get_name() == self._name]
        return found[0] if found else None


def _children(node: Node) -> list[Node]:
    found = [node.get_child_at_index(n) for n in range(node.get_child_count())]
    return [child for child in found if child is not None]


def _below(node: Node, *, hidden: bool) -> Iterator[Node]:
    if not hidden and not node.get_state_set().contains(Atspi.StateType.VISIBLE):
        return
    yield node
    for child in _children(node):
        yield from _below(child, hidden=hidden)


class Read:
    """The steps, in order; ``heard`` is what they found out."""

    def __init__(self, program: "subprocess.Popen[bytes]", passphrase: str) -> None:
        """Read with the program that was started."""
        self._program = program
        self._passphrase = passphrase
        self._screen = Screen("Lightbox")
        self.heard: dict[str, Any] = {"nameless": []}

    def whole(self) -> None:
        """From the sign-in page to the receipt and out."""
        self._sign_in()
        self._choose()
        self._look()
        self._look_by_hand()
        self._measure()
        self._measure_by_hand()
        self._write()
        self._sign()
        self._leave()

    def again(self) -> None:
        """Find what was sent before the restart, and out."""
        self._sign_in()
        self._wait("the worklist has a case", self._worklist, 60)
        self.heard["open"] = self._patients()
        shelf = self._wait("there is a tab Sent", lambda: self._find("check box", "Sent"))
        self._act(shelf, "Toggle", "Sent")
        self.heard["sent"] = self._wait(
            "the tab Sent shows other cases",
            lambda: (now := self._patients()) != self.heard["open"] and now,
        )
        table = self._worklist()
        self.heard["state"] = str(table.get_accessible_at(0, 8).get_name())
        self._select(0)
        self._wait("its patient is shown", lambda: self._shows(self.heard["sent"][0]))
        self.heard["outbox"] = self._screen.says("label", "Outbox")
        self._look_for_nameless()
        self._quit()

    def _unlock(self) -> None:
        """Choose the passphrase of the store, or give it after the restart.

        The program still loads meanwhile and may answer late: what got no answer is done again,
        and a second press finds empty fields.
        """
        button = self._wait("the store asks", self._asked_by_store, 60)
        names = ["Store passphrase"]
        if button.get_name() == _CHOOSE:
            names.append("Repeat passphrase")
        for name in names:
            self._wait(f"{name} is taken", partial(self._typed, name))
        self._wait("the store is unlocked", self._left_the_store, 60)

    def _typed(self, name: str) -> bool:
        field = self._find("password text", name)
        return field is not None and bool(field.set_text_contents(_STORE_WORDS))

    def _left_the_store(self) -> bool:
        button = self._asked_by_store()
        if button is not None:
            self._act(button, "Press", button.get_name())
        return button is None and self._find("push button", "Sign in") is not None

    def _asked_by_store(self) -> Node | None:
        return self._find("push button", _CHOOSE) or self._find("push button", "Unlock")

    def _sign_in(self) -> None:
        self._unlock()
        button = self._wait("there is Sign in", lambda: self._find("push button", "Sign in"), 60)
        self.heard["worklist before"] = self._worklist() is not None
        self._look_for_nameless()
        self._act(button, "Press", "Sign in")

    def _patients(self) -> list[str]:
        table = self._find("table", "Worklist")
        rows = table.get_n_rows() if table is not None else 0
        return [str(table.get_accessible_at(row, 2).get_name()) for row in range(rows)]

    def _choose(self) -> None:
        table = self._wait("the table Worklist has cases", self._worklist, 60)
        self._need(table.get_n_rows() > 1, "the worklist has two cases")
        self.heard["columns"] = [table.get_column_header(n).get_name() for n in range(9)]
        patients = [str(table.get_accessible_at(row, 2).get_name()) for row in range(2)]
        for row in (1, 0):
            self._select(row)
            self._wait(
                f"selecting row {row + 1} shows its patient",
                partial(self._shows, patients[row]),
            )
        self.heard["patient"] = self._patient()
        self._look_for_nameless()
        self._wait("the images are on the platform", self._openable, 60)
        self._press("Open case")

    def _select(self, row: int) -> None:
        table = self._worklist()
        self._need(table is not None and table.add_row_selection(row), f"row {row + 1} is selected")

    def _look(self) -> None:
        self._wait("Viewport 1 says which frame it shows", lambda: " of " in self._viewport(), 60)
        self.heard["opened"] = self._viewport()
        self.heard["pressable"] = self._menu_items()
        for words, item, expected in (
            ("last", "Last image", "frame 12 of 12"),
            ("first", "First image", "frame 1 of 12"),
            ("next", "Next image", "frame 2 of 12"),
            ("auto", "Window: minimum to maximum", "window minimum to maximum"),
            ("own", "Window: first of the image", "centre 40 width 400"),
        ):
            self._choose_item(item)
            self._wait(f"“{item}” gives {expected}", partial(self._views, expected))
            self.heard[words] = self._viewport()

    def _look_by_hand(self) -> None:
        """Click into the image, then real keys."""
        x, y = self._middle_of_the_image()
        self._pointer(x, y, "b1c")
        self._wait("a click gives the image the keys", self._image_has_keys)
        for words, key, expected in (
            ("End", "End", "frame 12 of 12"),
            ("Home", "Home", "frame 1 of 12"),
            ("Down", "Down", "frame 2 of 12"),
            ("9", "9", "centre 400 width 2000"),
        ):
            self._key(key)
            self._wait(f"key {words} gives {expected}", partial(self._views, expected))
        self.heard["keys"] = self._viewport()

    def _measure_by_hand(self) -> None:
        """Take up the tool by its key and drag a line with the left button."""
        x, y = self._middle_of_the_image()
        self._pointer(x - 150, y, "b1c")  # back into the image
        self._wait("a click gives the image the keys", self._image_has_keys)
        self._key("l")
        self._pointer(x - 100, y, "b1p")
        for step in range(1, 11):
            self._pointer(x - 100 + step * 20, y, "abs")
            time.sleep(0.03)
        self._pointer(x + 100, y, "b1r")
        self._key("r")
        self._wait("the report lists a second measurement", lambda: len(self._listed()) > 1)
        self.heard["drawn"] = self._listed()[1]

    def _middle_of_the_image(self) -> tuple[int, int]:
        box = self._find("image", "Viewport 1").get_extents(Atspi.CoordType.SCREEN)
        self.heard["image"] = [box.width, box.height]
        return box.x + box.width // 2, box.y + box.height // 2

    def _pointer(self, x: int, y: int, what: str) -> None:
        self._need(Atspi.generate_mouse_event(x, y, what), f"the pointer does {what}")

    def _key(self, key: str) -> None:
        code = _KEYS.get(key) or ord(key)
        done = Atspi.generate_keyboard_event(code, None, Atspi.KeySynthType.SYM)
        self._need(done, f"the key {key} is pressed")

    def _measure(self) -> None:
        self._choose_item("Measure by numbers")
        places = {"From column": 11, "From row": 11, "To column": 41, "To row": 51}
        for name, value in places.items():
            box = self._wait(f"there is {name}", partial(self._find, "spin button", name))
            self._need(box.set_current_value(value), f"{name} takes {value}")
        self._look_for_nameless()
        self._press("Place")
        self._wait("the dialog closes", lambda: self._find("spin button", "To row") is None)
        self._choose_item("Put measurement into the report")
        listed = self._wait("the report lists the measurement", self._listed)
        self.heard["measurement"] = listed[0]

    def _listed(self) -> list[str]:
        panel = self._find("list", "Report measurements")
        return [str(item.get_name()) for item in _children(panel)] if panel is not None else []

    def _write(self) -> None:
        findings = self._wait("Report findings", lambda: self._find("text", "Report findings"))
        end = findings.get_character_count()
        self._need(findings.insert_text(end, _FINDINGS, len(_FINDINGS.encode())), "findings")
        impression = self._wait("the impression", lambda: self._find("text", "Report impression"))
        self._need(impression.set_text_contents(_IMPRESSION), "the impression takes words")
        self._wait("the findings say it", lambda: _FINDINGS in self._text("Report findings"))
        self.heard["findings"] = self._text("Report findings")
        self.heard["impression"] = self._text("Report impression")
        self._wait("the draft is saved", self._saved)
        self._look_for_nameless()

    def _sign(self) -> None:
        self._press("Sign and send")
        field = self._wait("Passphrase", lambda: self._find("password text", "Passphrase"))
        self._look_for_nameless()
        self._need(field.set_text_contents(self._passphrase), "the passphrase is taken")
        self._wait("the dialog can sign", lambda: self._enabled("Sign and send"))
        self.heard["passphrase"] = str(field.get_text(0, -1))
        self._press("Sign and send")
        self._wait("Receipt number", lambda: self._screen.says("label", "Receipt number"), 40)
        self.heard["receipt"] = self._screen.says("label", "Receipt number")
        self.heard["check"] = self._screen.says("label", "Check")
        self.heard["sha256"] = self._screen.says("label", "SHA-256")
        self.heard["notice"] = self._screen.says("label", "Notice")
        self._look_for_nameless()

    def _leave(self) -> None:
        self._press("Next case")
        self._wait("the worklist is back", self._worklist)
        self.heard["outbox"] = self._screen.says("label", "Outbox")
        self._quit()

    def _quit(self) -> None:
        self._choose_item("Quit")
        self._program.wait(20)

    # -- what is on the screen ---------------------------------------------------------------

    def _find(self, role: str, name: str) -> Any:
        return self._screen.find(role, name)

    def _worklist(self) -> Any:
        table = self._find("table", "Worklist")
        return table if table is not None and table.get_n_rows() else None

    def _patient(self) -> str:
        return self._screen.says("label", "Selected patient")

    def _shows(self, cell: str) -> bool:
        return bool(self._patient()) and cell.startswith(self._patient())

    def _views(self, words: str) -> bool:
        return words in self._viewport()

    def _image_has_keys(self) -> bool:
        node = self._find("image", "Viewport 1")
        return node is not None and node.get_state_set().contains(Atspi.StateType.FOCUSED)

    def _viewport(self) -> str:
        return self._screen.says("image", "Viewport 1")

    def _openable(self) -> bool:
        table = self._worklist()
        if table is None or "rriving" in table.get_accessible_at(0, 8).get_name():
            return False
        return self._enabled("Open case")

    def _enabled(self, button: str) -> bool:
        node = self._find("push button", button)
        return node is not None and node.get_state_set().contains(Atspi.StateType.ENABLED)

    def _text(self, name: str) -> str:
        node = self._find("text", name)
        return str(node.get_text(0, -1)) if node is not None else ""

    def _saved(self) -> bool:
        labels = (n.get_name() for n in self._screen.nodes() if n.get_role_name() == "label")
        return any(str(name).startswith("Draft saved") for name in labels)

    def _menu_items(self) -> list[str]:
        bar = next(n for n in self._screen.nodes(hidden=True) if n.get_role_name() == "menu bar")
        items = (n for n in _below(bar, hidden=True) if n.get_n_actions())
        return [str(n.get_name()) for n in items if n.get_action_name(0) == "Press"]

    def _look_for_nameless(self) -> None:
        for node in self._screen.nodes():
            role = str(node.get_role_name())
            if role in _INTERACTIVE and not node.get_name():
                self.heard["nameless"].append([role, str(node.get_parent().get_name())])

    # -- what a hand would do ----------------------------------------------------------------

    def _press(self, button: str) -> None:
        node = self._wait(
            f"there is a button “{button}”", lambda: self._find("push button", button)
        )
        self._act(node, "Press", button)

    def _choose_item(self, item: str) -> None:
        found = (self._screen.find(r, item, hidden=True) for r in ("menu item", "check menu item"))
        node = next((n for n in found if n is not None), None)
        self._need(node is not None, f"there is a menu item “{item}”")
        self._act(node, "Press", item)

    def _act(self, node: Node, action: str, words: str) -> None:
        names = [node.get_action_name(n) for n in range(node.get_n_actions())]
        self._need(action in names, f"“{words}” can be pressed")
        self._need(node.do_action(names.index(action)), f"“{words}” is pressed")

    def _wait(self, words: str, until: Callable[[], Any], seconds: float = 20.0) -> Any:
        deadline = time.monotonic() + seconds
        while True:
            try:
                found = until()
            except GLib.Error:
                found = None
            if found:
                return found
            self._need(self._program.poll() is None, f"{words} (the program has ended)")
            self._need(time.monotonic() < deadline, words)
            time.sleep(0.15)

    def _need(self, true: object, words: str) -> None:
        if not true:
            notice = self._screen.says("label", "Notice") if self._program.poll() is None else ""
            raise StepFailed(f"{words} – did not come true; the notice says “{notice}”")


def main() -> int:
    """Start bus and program, read, say what was heard; gives the exit status."""
    parser = argparse.ArgumentParser()
    parser.add_argument("steps", choices=("read", "again"))
    parser.add_argument("--bus-launcher", required=True)
    parser.add_argument("--passphrase", required=True)
    parser.add_argument("--heard", required=True, type=Path)
    parser.add_argument("command", nargs="+")
    given = parser.parse_args()
    bus = subprocess.Popen([given.bus_launcher, "--launch-immediately"], stdout=sys.stderr)
    program = subprocess.Popen(given.command, stdout=sys.stderr)
    read = Read(program, given.passphrase)
    try:
        (read.again if given.steps == "again" else read.whole)()
    except (StepFailed, subprocess.TimeoutExpired, GLib.Error) as error:
        print(f"FAILED: {error}", file=sys.stderr)
        return 1
    finally:
        for process in (program, bus):
            process.terminate()
            process.wait(10)
        heard = read.heard | {"status": program.returncode}
        given.heard.write_text(json.dumps(heard), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
