"""The coordinator's desk in the whole program: by keyboard, beside its own worker thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from tests.db.books import new_book
from tests.queries.test_desk import TODAY, troubled, well
from tests.services.village import morning
from tests.views.looks import cut_words, nameless
from vsla_desktop.app import Options, Program
from vsla_desktop.clock import FixedClock
from vsla_desktop.services.meetings import NewMeeting, as_expected, open_meeting
from vsla_desktop.settings import DataFolder, Settings, save_settings
from vsla_desktop.views.pages.desk import DeskPage
from vsla_desktop.views.pages.desk_visits import VisitsView

Key = Qt.Key
Start = Callable[..., Program]


@pytest.fixture(scope="module")
def two_groups(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book with a group that needs her, and one that does not."""
    folder = tmp_path_factory.mktemp("two-groups")
    book = new_book(folder / "vsla.db")
    troubled(book)
    well(book)
    book.close()
    return folder / "vsla.db"


@pytest.fixture
def start(qtbot: QtBot, qapp: QApplication, two_groups: Path, tmp_path: Path) -> Iterator[Start]:
    programs: list[Program] = []

    def started(**choices: object) -> Program:
        folder = DataFolder(tmp_path)
        folder.database.write_bytes(two_groups.read_bytes())
        settings = Settings(window_width=1366, window_height=768, **choices)  # type: ignore[arg-type]
        save_settings(folder, settings)
        program = Program(qapp, Options(folder), FixedClock(morning(TODAY)))
        programs.append(program)
        program.start()
        program.window.activateWindow()
        qtbot.waitUntil(program.window.isActiveWindow)
        return program

    yield started
    for program in programs:
        program.window.close()
        program.window.deleteLater()


def desk_of(qtbot: QtBot, program: Program) -> DeskPage:
    """The desk, which a book of two groups opens with."""
    qtbot.waitUntil(lambda: program.window.current_key == "desk")
    page = program.window.page("desk")
    assert isinstance(page, DeskPage)
    qtbot.waitUntil(lambda: page.list.model.rowCount() == 2)
    return page


def press(*keys: Key | str) -> None:
    for key in keys:
        target = QApplication.focusWidget()
        assert target is not None
        if isinstance(key, str):
            QTest.keyClicks(target, key)
        else:
            QTest.keyClick(target, key)


def test_a_day_of_a_coordinator_goes_by_keyboard(qtbot: QtBot, start: Start) -> None:
    program = start()
    page = desk_of(qtbot, program)
    assert next(iter(program.window.rail.buttons)) == "desk"
    page.list.table.setFocus()
    # Two groups are marked and set side by side.
    assert page.compare is not None
    assert not page.compare.isEnabled()
    press(Key.Key_Space, Key.Key_Down, Key.Key_Space)
    assert page.compare.isEnabled()
    press(Key.Key_F7)
    qtbot.waitUntil(lambda: page.comparison is not None)
    assert page.comparison is not None
    shown = page.comparison
    qtbot.waitUntil(lambda: shown.list.model.rowCount() > 10)
    assert page.title == "Groups side by side"
    press(Key.Key_Escape)
    qtbot.waitUntil(lambda: page.title == "Groups")
    # A visit is written down, and what was agreed is ticked off.
    press(Key.Key_Home, Key.Key_Up, Key.Key_F6)
    qtbot.waitUntil(lambda: page.visits is not None and page.visits.is_read)
    press(Key.Key_F10)
    qtbot.waitUntil(lambda: page.form is not None)
    assert page.form is not None
    rows = page.form.view.rows
    page.form.view.go_to("who")
    press("Grace", Key.Key_Return)
    page.form.view.go_to("what_1")
    press("Count", Key.Key_Return, "1/1/2026", Key.Key_F10)
    qtbot.waitUntil(lambda: rows["due_1"].sentence.text() == "Choose a day after the visit.")
    editor = rows["due_1"].editor
    assert isinstance(editor, QLineEdit)
    page.form.view.go_to("due_1")
    press("2/3/2026", Key.Key_F10)
    qtbot.waitUntil(lambda: page.form is None)
    view = page.stack.currentWidget()
    assert isinstance(view, VisitsView)
    qtbot.waitUntil(lambda: view.agreed.model.rowCount() == 1)
    view.agreed.table.setFocus()
    press(Key.Key_Space)
    qtbot.waitUntil(lambda: view.agreed.model.cell(0, 2).text == "Done 23 Feb 2026")
    press(Key.Key_Escape)
    # The group that needs her most is opened with Enter, and the marks are still there after it.
    qtbot.waitUntil(lambda: page.title == "Groups")
    press(Key.Key_Return)
    qtbot.waitUntil(lambda: program.window.current_key == "home")
    assert program.group is not None
    assert program.group.code == "TST-1"
    program.shell.go_to("desk")
    assert program.window.page("desk") is page
    assert len(page.presenter.marked) == 2


def test_a_meeting_that_is_held_today_comes_before_the_groups(qtbot: QtBot, start: Start) -> None:
    program = start()
    page = desk_of(qtbot, program)
    page.presenter.open_row(1)
    qtbot.waitUntil(lambda: program.group is not None and program.group.code == "TST-2")
    with program.database.write() as session:
        group_id = program.settings.last_group_id
        assert group_id is not None
        counts = as_expected(session, group_id)
        open_meeting(session, group_id, NewMeeting(day=TODAY), counts=counts, clock=program.clock)
    program.leave_practice()  # the book is opened anew
    qtbot.waitUntil(lambda: program.window.current_key == "meeting")
    with program.database.connection(writes=True) as connection:
        connection.exec_driver_sql(
            "UPDATE meetings SET meeting_date = '2026-02-20' WHERE status = 'IN_PROGRESS'"
        )
    program.leave_practice()
    qtbot.waitUntil(lambda: program.window.current_key == "desk")
    assert program.window.page("desk") is not page


def test_a_group_is_found_from_anywhere_on_the_desk(qtbot: QtBot, start: Start) -> None:
    program = start()
    page = desk_of(qtbot, program)
    page.show_visits()
    assert page.start_find()
    press("TST-2")
    qtbot.waitUntil(lambda: page.list.model.rowCount() == 1)
    press(Key.Key_Return)
    qtbot.waitUntil(lambda: program.group is not None and program.group.code == "TST-2")


@pytest.mark.parametrize(("language", "percent"), [("en", 100), ("fr", 100), ("fr", 150)])
def test_every_part_of_the_desk_is_whole_and_has_a_name(
    qtbot: QtBot, start: Start, language: str, percent: int
) -> None:
    program = start(language=language, text_percent=percent)
    page = desk_of(qtbot, program)
    page.presenter.mark(0)
    page.presenter.mark(1)

    def write_down() -> None:
        page.show_visits()
        qtbot.waitUntil(lambda: page.visits is not None and page.visits.is_read)
        assert page.visits is not None
        page.visits.write_down()

    shown: tuple[Callable[[], object], ...] = (
        page.start_find,
        page.show_comparison,
        page.show_visits,
        write_down,
    )
    for show in shown:
        show()
        qtbot.wait(150)
        program.window.resize(1366, 768)
        QApplication.processEvents()
        assert cut_words(program.window) == [], page.title
        assert nameless(program.window) == [], page.title
        assert (program.window.width(), program.window.height()) == (1366, 768), page.title
        assert not page.list.table.horizontalScrollBar().isVisible()
