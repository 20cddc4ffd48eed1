"""The page of members over a real book, by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.views.test_program import Start, folder, press, program_pattern, reach, start
from vsla_desktop.views.pages.members import MembersPage

__all__ = ["folder", "program_pattern", "start"]  # fixtures
Key = Qt.Key


class Opened(QObject):
    """Takes the files that the laptop would open."""

    def __init__(self) -> None:
        super().__init__()
        self.files: list[Path] = []

    @Slot(QUrl)
    def take(self, url: QUrl) -> None:
        self.files.append(Path(url.toLocalFile()))


@pytest.fixture
def opened() -> Iterator[Opened]:
    taker = Opened()
    QDesktopServices.setUrlHandler("file", taker, "take")  # type: ignore[arg-type]  # the stub asks for bytes
    yield taker
    QDesktopServices.unsetUrlHandler("file")


def test_the_list_and_a_passbook_are_printed_with_one_key(
    qtbot: QtBot, start: Start, folder: Path, opened: Opened
) -> None:
    program = start(folder)
    reach(qtbot, program, "home")
    program.window.open_page("members")
    page = program.window.page("members")
    assert isinstance(page, MembersPage)
    qtbot.waitUntil(lambda: bool(page.presenter.members))
    page.list.setFocus()
    page.list.go_to(1)
    QTest.keyClick(page, Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: len(opened.files) == 1, timeout=20_000)
    press(Key.Key_Return)
    qtbot.waitUntil(lambda: page.presenter.passbook is not None)
    QTest.keyClick(page, Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: len(opened.files) == 2, timeout=20_000)
    names = [file.name for file in opened.files]
    assert names == ["TST-1-members-2026-01-06.pdf", "TST-1-passbook-02.pdf"]
    assert all(file.read_bytes().startswith(b"%PDF") for file in opened.files)
    assert {file.parent for file in opened.files} == {folder / "printed"}
