"""Choose a profile of keys and mouse and change it; no key is ever given twice."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QGroupBox,
    QHBoxLayout,
    QKeySequenceEdit,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from viewer.qt.cheat_sheet import tool_word, wheel_word
from viewer.viewport.habits import Habits, Profile
from viewer.viewport.keymap import Command, conflicts
from viewer.viewport.tools import Mouse, ToolId, WheelAct

_BUTTONS = ("left", "middle", "right")
_WHEELS = ("wheel", "ctrl_wheel", "shift_wheel")


class HabitsDialog(QDialog):
    """Edits habits; ``take`` gets them at OK, which is open only while nothing conflicts."""

    def __init__(
        self,
        commands: Sequence[Command],
        profiles: Sequence[Profile],
        habits: Habits,
        taken: Mapping[str, str],
        take: Callable[[Habits], None],
        parent: QWidget | None = None,
    ) -> None:
        """Begin with the habits in use; ``taken`` are keys of the rest of the program, by key."""
        super().__init__(parent)
        self._commands = tuple(commands)
        self._profiles = tuple(profiles)
        self._habits = habits
        self._taken = {key.casefold(): words for key, words in taken.items()}
        self._take = take
        self.setWindowTitle(self.tr("Choose keys and mouse"))
        self.setAccessibleName(self.windowTitle())
        self.resize(760, 720)
        self._profile = QComboBox()
        self._profile.setAccessibleName(self.tr("Profile"))
        self._profile.setAccessibleDescription(self.tr("Keys and mouse to begin with"))
        for profile in self._profiles:
            self._profile.addItem(profile.name, profile.id)
        self._list = QTreeWidget()
        self._list.setAccessibleName(self.tr("Commands and their keys"))
        self._list.setHeaderLabels([self.tr("Command"), self.tr("Keys")])
        self._list.setRootIsDecorated(False)
        self._list.setColumnWidth(0, 380)
        self._key = QKeySequenceEdit()
        self._key.setMaximumSequenceLength(1)
        self._key.setAccessibleName(self.tr("New key"))
        for part in self._key.findChildren(QWidget):
            part.setAccessibleName(self.tr("New key"))
        self._add = QPushButton(self.tr("Add key"))
        self._clear = QPushButton(self.tr("Remove keys"))
        self._restore = QPushButton(self.tr("As in the profile"))
        self._problem = QLabel()
        self._problem.setWordWrap(True)
        self._problem.setObjectName("conflict")
        self._combos = {name: self._combo(name) for name in (*_BUTTONS, *_WHEELS)}
        self._buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self._lay_out()
        self._connect()
        self._show()

    def habits(self) -> Habits:
        """The habits as they are edited now."""
        return self._habits

    def problems(self) -> tuple[str, ...]:
        """A sentence for each key that belongs to two things."""
        keymap = self._habits.keymap(self._commands)
        told = [
            self.tr("{0} belongs to “{1}” and to “{2}”.").format(key, one.title, other.title)
            for key, one, other in conflicts(keymap)
        ]
        for command in keymap:
            for key in command.keys:
                if key.casefold() in self._taken:
                    words = self._taken[key.casefold()]
                    told.append(
                        self.tr("{0} belongs to “{1}” and to “{2}”.").format(
                            key, command.title, words
                        )
                    )
        return tuple(told)

    def give_key(self, command: str, key: str) -> None:
        """Give a command one more key."""
        keys = self._keys_of(command)
        if key and key not in keys:
            self._change(command, (*keys, key))

    def accept(self) -> None:
        """Hand the habits over."""
        if not self.problems():
            self._take(self._habits)
            super().accept()

    # -- building --------------------------------------------------------------------------------

    def _combo(self, part: str) -> QComboBox:
        names = {
            "left": self.tr("Left button"),
            "middle": self.tr("Middle button"),
            "right": self.tr("Right button, dragged"),
            "wheel": self.tr("Wheel"),
            "ctrl_wheel": self.tr("Ctrl + wheel"),
            "shift_wheel": self.tr("Shift + wheel"),
        }
        combo = QComboBox()
        combo.setAccessibleName(names[part])
        combo.setAccessibleDescription(names[part])
        if part == "left":
            combo.addItem(tool_word(None), None)
        if part in _BUTTONS:
            for tool in ToolId:
                combo.addItem(tool_word(tool), tool)
        else:
            for act in WheelAct:
                combo.addItem(wheel_word(act), act)
        return combo

    def _lay_out(self) -> None:
        top = QFormLayout()
        top.addRow(self.tr("Profile"), self._profile)
        edit = QHBoxLayout()
        for part in (self._key, self._add, self._clear, self._restore):
            edit.addWidget(part)
        mouse = QGroupBox(self.tr("Mouse"))
        form = QFormLayout(mouse)
        for combo in self._combos.values():
            form.addRow(combo.accessibleName(), combo)
        whole = QVBoxLayout(self)
        whole.addLayout(top)
        whole.addWidget(self._list, 1)
        whole.addLayout(edit)
        whole.addWidget(mouse)
        whole.addWidget(self._problem)
        whole.addWidget(self._buttons)

    def _connect(self) -> None:
        self._profile.activated.connect(self._on_profile_activated)
        self._add.clicked.connect(self._on_add_clicked)
        self._clear.clicked.connect(lambda: self._change(self._chosen(), ()))
        self._restore.clicked.connect(self._on_restore_clicked)
        for name, combo in self._combos.items():
            combo.activated.connect(lambda _index, part=name: self._on_mouse_activated(part))
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)

    # -- what happened ---------------------------------------------------------------------------

    def _on_profile_activated(self, index: int) -> None:
        self._habits = Habits(self._profiles[index])
        self._show()

    def _on_add_clicked(self) -> None:
        key = self._key.keySequence().toString(QKeySequence.SequenceFormat.PortableText)
        self.give_key(self._chosen(), key)
        self._key.clear()

    def _on_restore_clicked(self) -> None:
        keys = {name: k for name, k in self._habits.keys.items() if name != self._chosen()}
        self._habits = replace(self._habits, keys=keys)
        self._show()

    def _on_mouse_activated(self, part: str) -> None:
        mouse: Mouse = replace(self._habits.mouse, **{part: self._combos[part].currentData()})
        self._habits = replace(self._habits, own_mouse=mouse)
        self._show()

    def _change(self, command: str, keys: tuple[str, ...]) -> None:
        if command:
            self._habits = replace(self._habits, keys={**self._habits.keys, command: keys})
            self._show()

    def _chosen(self) -> str:
        item = self._list.currentItem()
        return str(item.data(0, Qt.ItemDataRole.UserRole)) if item is not None else ""

    def _keys_of(self, command: str) -> tuple[str, ...]:
        return next(c.keys for c in self._habits.keymap(self._commands) if c.id == command)

    def _show(self) -> None:
        chosen = self._chosen()
        self._profile.setCurrentIndex(self._profiles.index(self._habits.profile))
        self._list.clear()
        for command in self._habits.keymap(self._commands):
            item = QTreeWidgetItem([command.title, ", ".join(command.keys)])
            item.setData(0, Qt.ItemDataRole.UserRole, command.id)
            self._list.addTopLevelItem(item)
            if command.id == chosen or not chosen:
                self._list.setCurrentItem(item)
                chosen = command.id
        for name, combo in self._combos.items():
            combo.setCurrentIndex(combo.findData(getattr(self._habits.mouse, name)))
        problems = self.problems()
        self._problem.setText(" ".join(problems))
        self._buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(not problems)
