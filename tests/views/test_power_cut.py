"""The program is killed in the middle of a meeting, as by a power cut, and started again."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.db.books import new_book
from tests.services.village import Village
from vsla_desktop.app import Options, Program
from vsla_desktop.clock import FixedClock
from vsla_desktop.presenters.meeting import MeetingPresenter, Stage
from vsla_desktop.queries.verification import verify_all
from vsla_desktop.settings import DataFolder

# Types into the sheet of the open meeting, says so, and waits to be killed.
TYPIST = """
    import sys
    from pathlib import Path
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication
    from vsla_desktop.app import Options, Program
    from vsla_desktop.settings import DataFolder

    app = QApplication([])
    program = Program(app, Options(DataFolder(Path(sys.argv[1]))))
    program.start()
    while program.window.current_key != "meeting" or program.window.page("meeting").part is None:
        app.processEvents()
    program.window.activateWindow()
    while QApplication.focusWidget() is None:
        app.processEvents()
    page = program.window.page("meeting").part
    page.go_to_cell(0, "shares")
    for key in (Qt.Key.Key_3, Qt.Key.Key_Return, Qt.Key.Key_4, Qt.Key.Key_Return):
        QTest.keyClick(QApplication.focusWidget(), key)
    while not page.meeting.is_settled:
        app.processEvents()
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_5)
    print("typed", flush=True)
    app.exec()
"""


def test_a_power_cut_loses_at_most_the_cell_being_typed(
    qtbot: QtBot, qapp: QApplication, data_dir: Path
) -> None:
    village = Village(new_book(data_dir / "vsla.db")).form()
    village.meet(present=True)
    village.database.close()
    typist = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(TYPIST), str(data_dir)],
        stdout=subprocess.PIPE,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        text=True,
    )
    assert typist.stdout is not None
    with typist:
        assert typist.stdout.readline() == "typed\n"
        typist.kill()
    program = Program(qapp, Options(DataFolder(data_dir)), FixedClock(village.clock.now()))
    program.start()
    qtbot.waitUntil(lambda: program.window.current_key == "meeting", timeout=20_000)
    presenter = program.pages.presenters["meeting"]
    assert isinstance(presenter, MeetingPresenter)
    qtbot.waitUntil(lambda: presenter.stage is Stage.SHEET)
    assert presenter.meeting is not None
    meeting = presenter.meeting
    assert [row.shares for row in meeting.book.sheet.rows] == [3, 4, 0, 0, 0]
    presenter.undo()
    qtbot.waitUntil(lambda: meeting.book.sheet.rows[1].shares == 0)
    assert program.window.messages.sentence.text() == (
        "Undone: 2 Beatrice Auma · Shares 0 \N{RIGHTWARDS ARROW} 4"
    )
    assert verify_all(program.database).ok
    program.window.close()
    program.window.deleteLater()
