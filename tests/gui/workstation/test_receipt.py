"""The receipt says when, whose and what, in one way of writing."""

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from tests.kit.platform import a_case, a_signed_report
from workstation.model.delivery import Receipt
from workstation.qt.receipt import ReceiptDialog


@pytest.mark.parametrize(
    ("received", "shown"),
    [
        ("2026-11-25T13:02:43.935Z", "2026-11-25 13:02:43 UTC"),
        ("2026-11-25T14:02:43+01:00", "2026-11-25 14:02:43 UTC+01:00"),
        ("yesterday", "yesterday"),
    ],
)
def test_the_platforms_time_is_written_like_ours(qtbot: QtBot, received: str, shown: str) -> None:
    receipt = Receipt("DiagnosticReport/1", "1", received, "abc", verified=True)
    dialog = ReceiptDialog(a_case(), a_signed_report(), receipt)
    qtbot.addWidget(dialog)
    words = [label.text() for label in dialog.findChildren(QLabel)]
    assert shown in words
    assert "read back and equal to what was signed" in words
