"""What the first picture waits for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.db.books import new_book
from vsla_desktop.app import Program, parse_options
from vsla_desktop.settings import ThemeChoice

HEAVY = ("sqlalchemy", "alembic", "babel", "xlsxwriter", "psycopg2", "pyqtgraph")


def test_the_first_picture_waits_for_no_heavy_part() -> None:
    look = f"import sys, vsla_desktop.app; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_wrong_use_is_status_two_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse_options(["--date", "x"])
    assert ended.value.code == 2
    assert "--date" in capsys.readouterr().err


def test_a_fault_is_shown_in_the_window_and_told_on_standard_error(
    qtbot: QtBot, qapp: QApplication, tmp_path: object, capsys: pytest.CaptureFixture[str]
) -> None:
    program = Program(qapp, parse_options(["--data", str(tmp_path)]))
    qtbot.addWidget(program.window)
    program.window.show()
    error = ZeroDivisionError("made up")
    program.report_bug(type(error), error, None)
    assert program.window.messages.sentence.text() == "Something went wrong. Your work is saved."
    assert "ZeroDivisionError: made up" in capsys.readouterr().err
    program.window.close()


def test_the_window_is_made_anew_in_other_colours_on_the_same_page(
    qtbot: QtBot, qapp: QApplication, tmp_path: object
) -> None:
    program = Program(qapp, parse_options(["--data", str(tmp_path)]))
    program.start()
    qtbot.waitUntil(lambda: program.window.current_key == "first-start")
    before = program.window
    program.settings = type(program.settings)(theme=ThemeChoice.DARK)
    program.renew()
    qtbot.addWidget(program.window)
    assert program.window is not before
    assert program.window.current_key == "first-start"
    assert program.window.isVisible()
    assert not before.isVisible()
    program.window.close()


PREPARED = """
import sys
from pathlib import Path
from vsla_desktop.__main__ import prepare
prepare()
from vsla_desktop import db
print([m for m in ("_ssl", "_hashlib", "asyncio.events", "email.message") if m in sys.modules])
import asyncio, hashlib, importlib.metadata
async def answer():
    return 42
print(asyncio.run(answer()), hashlib.sha256(b"").hexdigest()[:4])
print(importlib.metadata.version("SQLAlchemy") > "2", hasattr(hashlib, "sha0"))
"""


def test_what_a_book_does_not_need_is_imported_only_when_it_is_asked_for() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PREPARED], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("[]\n42 e3b0\nTrue False\n", "")


LOOKED = """
import sys
from contextlib import closing
from pathlib import Path
from vsla_desktop import db
from vsla_desktop.presenters.auto_sync import _look
from vsla_desktop.presenters.home_reading import read_home
folder = Path(sys.argv[1])
with closing(db.open_database(folder / "vsla.db")) as book:
    print(_look(book, folder).status.enrolled)
heavy = ("cryptography", "psycopg2", "vsla_desktop.sync", "vsla_desktop.capture.tables")
print([m for m in (*heavy, "sqlalchemy.dialects.postgresql") if m in sys.modules])
"""


def test_a_laptop_that_sends_nothing_loads_nothing_of_what_sending_takes(tmp_path: Path) -> None:
    new_book(tmp_path / "vsla.db").close()
    done = subprocess.run(
        [sys.executable, "-c", LOOKED, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("False\n[]\n", "")
