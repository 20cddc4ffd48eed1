"""The whole program on head office's database: signing in, finding, letting in, by the keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from sqlalchemy import insert

from tests.db.books import new_central
from tests.support.postgres import PostgresServer
from tests.sync.laptop import read
from tests.views.looks import cut_words, nameless
from vsla_desktop.app import Options, Program
from vsla_desktop.clock import FixedClock
from vsla_desktop.db import Database
from vsla_desktop.db.engine import without_password
from vsla_desktop.domain.office import Role
from vsla_desktop.queries.tables import GROUPS
from vsla_desktop.services.office_people import (
    add_first_administrator,
    add_user,
    choose_password,
)
from vsla_desktop.settings import DataFolder, Settings, save_settings
from vsla_desktop.views.making_office import IN_OFFICE
from vsla_desktop.views.pages.office import OfficePage
from vsla_desktop.views.pages.opening import OpeningPage
from vsla_desktop.views.pages.reports import ReportsPage

Key = Qt.Key
CLOCK = FixedClock(datetime(2026, 1, 6, 9))  # noqa: DTZ001 - UTC, as stored
OWN = "three words together"


@pytest.fixture
def central(postgres_server: PostgresServer) -> Iterator[Database]:
    """A head office with a few groups, an administrator, and one who only looks."""
    with new_central(postgres_server) as made:
        with made.write() as session:
            grace = add_first_administrator(
                session, "Grace", "g@example.org", OWN, clock=CLOCK
            ).worker.user_id
            ruth = add_user(session, "Ruth", "r@example.org", Role.READER, clock=CLOCK, by=grace)
            choose_password(session, OWN, OWN, clock=CLOCK, by=ruth.user_id)
            for name in ("Agali", "Kwagalana", "Suubi"):
                place = {"region": "Central", "district": "Mpigi", "parish": "P", "village": "V"}
                row = {"name": name, "group_code": name.upper(), "currency": "UGX"}
                session.connection().execute(
                    insert(GROUPS), row | place | {"country": "Uganda", "created_by": grace}
                )
        yield made
        made.close()


class Running:
    """The program at work, and whoever sits before it."""

    def __init__(self, qtbot: QtBot, program: Program) -> None:
        self.qtbot = qtbot
        self.program = program

    def reach(self, key: str) -> None:
        self.qtbot.waitUntil(lambda: self.program.window.current_key == key, timeout=20_000)

    def press(self, *what: str | Key) -> None:
        for item in what:
            target = QApplication.focusWidget()
            assert target is not None
            if isinstance(item, str):
                QTest.keyClicks(target, item)
            else:
                QTest.keyClick(target, item)

    def page(self) -> OfficePage:
        shown = self.program.window.stack.currentWidget()
        assert isinstance(shown, OfficePage)
        return shown

    def rows(self, count: int) -> None:
        self.qtbot.waitUntil(
            lambda: self.page().presenter.is_read and self.page().presenter.row_count() == count,
            timeout=20_000,
        )

    def sign_in(self, name: str) -> None:
        self.reach("sign-in")
        self.qtbot.waitUntil(lambda: self.program.pages.presenters["sign-in"].form is not None)
        self.press(name, Key.Key_Return, OWN, Key.Key_Return)
        self.reach("programme")

    def go_to(self, key: str) -> None:
        self.program.shell.go_to(key)
        self.reach(key)


@pytest.fixture
def running(
    qtbot: QtBot, qapp: QApplication, central: Database, data_dir: Path
) -> Iterator[Running]:
    address = central.engine.url.render_as_string(hide_password=False)
    folder = DataFolder(data_dir)
    save_settings(folder, Settings(window_width=1366, window_height=768))
    program = Program(qapp, Options(folder, address), CLOCK)
    program.start()
    program.window.activateWindow()
    qtbot.waitUntil(program.window.isActiveWindow)
    yield Running(qtbot, program)
    program.window.close()
    program.window.deleteLater()


def test_an_administrator_works_by_the_keyboard_alone(running: Running, central: Database) -> None:
    assert list(running.program.window.rail.buttons) == []
    running.sign_in("Grace")
    window = running.program.window
    assert tuple(window.rail.buttons) == IN_OFFICE
    for key in (each for each in IN_OFFICE if each not in {"reports", "settings"}):
        running.go_to(key)
        running.qtbot.waitUntil(lambda: running.page().presenter.is_read, timeout=20_000)
        assert cut_words(window) == [], key
        assert nameless(window) == [], key
    running.go_to("office-groups")
    running.rows(3)
    assert running.page().start_find()
    running.press("kwa", Key.Key_Return)
    running.rows(1)
    running.go_to("people")
    running.rows(2)
    running.press(Key.Key_F10)
    assert cut_words(window) == []
    running.press("Peter", Key.Key_Return, "p@example.org", Key.Key_F10)
    running.qtbot.waitUntil(lambda: running.page().presenter.told is not None, timeout=20_000)
    running.press(Key.Key_F10)
    running.rows(3)
    assert read(central, "SELECT role FROM users WHERE username = 'Peter'") == [("reader",)]


def test_what_is_wrong_is_said_at_its_field_and_esc_leaves(running: Running) -> None:
    running.sign_in("Grace")
    running.go_to("people")
    running.rows(2)
    running.press(Key.Key_F10, "two words", Key.Key_Return, "p@example.org", Key.Key_F10)
    form = running.page().presenter.form
    assert form is not None
    running.qtbot.waitUntil(lambda: bool(form.form.sentence("username")), timeout=20_000)
    assert form.form.sentence("username") == "Write a name without spaces."
    running.press(Key.Key_Escape)
    assert running.page().presenter.form is None


def test_a_text_of_several_lines_is_kept_with_its_lines(
    running: Running, central: Database
) -> None:
    running.sign_in("Grace")
    running.go_to("shared")
    page = running.page()
    page.tabs.setCurrentIndex(4)
    running.rows(0)
    running.press(Key.Key_F10, "Minutes of 2026", Key.Key_Tab, Key.Key_Tab)
    running.press("Present:", Key.Key_Return, "Absent:", Key.Key_Tab, "SUUBI", Key.Key_F10)
    running.rows(1)
    kept = read(central, "SELECT template_type, template_content FROM document_templates")
    assert kept == [("MEETING_MINUTES", "Present:\nAbsent:")]


def test_who_only_looks_sees_everything_and_has_nothing_to_press(running: Running) -> None:
    running.sign_in("Ruth")
    assert tuple(running.program.window.rail.buttons) == IN_OFFICE
    running.go_to("laptops")
    running.qtbot.waitUntil(lambda: running.page().presenter.is_read, timeout=20_000)
    assert running.page().presenter.actions() == ()
    running.go_to("reports")
    reports = running.program.window.stack.currentWidget()
    assert isinstance(reports, ReportsPage)
    assert not reports.presenter.saved.may_keep
    running.go_to("settings")


def test_somebody_else_signs_in_and_nothing_is_left_of_who_was_there(running: Running) -> None:
    running.sign_in("Grace")
    running.go_to("office-groups")
    running.rows(3)
    running.program.pages.office.sign_out()
    running.reach("sign-in")
    assert list(running.program.window.rail.buttons) == []
    running.sign_in("Ruth")
    office = running.program.pages.office.office
    assert office is not None
    assert office.worker is not None
    assert office.worker.username == "Ruth"


def test_large_text_fits_the_window_on_every_page(running: Running) -> None:
    running.sign_in("Grace")
    running.go_to("office-groups")
    running.rows(3)
    running.program.keep(replace(running.program.settings, text_percent=150))
    running.program.renew()
    running.reach("office-groups")
    running.rows(3)
    window = running.program.window
    for key in (each for each in IN_OFFICE if each not in {"reports", "settings"}):
        running.go_to(key)
        running.qtbot.waitUntil(lambda: running.page().presenter.is_read, timeout=20_000)
        running.qtbot.waitUntil(lambda: cut_words(window) == [], timeout=5_000)
        assert window.width() <= 1366, key


def test_the_password_comes_from_the_surroundings(
    qtbot: QtBot,
    qapp: QApplication,
    central: Database,
    data_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url = central.engine.url
    monkeypatch.setenv("PGPASSWORD", str(url.password))
    folder = DataFolder(data_dir)
    save_settings(folder, Settings(window_width=1366, window_height=768))
    address = without_password(url.render_as_string(hide_password=False))
    program = Program(qapp, Options(folder, address), CLOCK)
    program.start()
    Running(qtbot, program).reach("sign-in")
    program.window.close()
    program.window.deleteLater()


@pytest.mark.parametrize("password", ["s3cret", "s3@cret", "s3/cr:et"])
def test_no_password_is_left_in_an_address_that_is_shown(password: str) -> None:
    shown = without_password(f"postgresql+psycopg2://office:{password}@127.0.0.1:1/vsla")
    assert shown == "postgresql+psycopg2://office@127.0.0.1:1/vsla"


def test_the_password_of_the_address_is_never_shown(
    qtbot: QtBot, qapp: QApplication, data_dir: Path
) -> None:
    folder = DataFolder(data_dir)
    save_settings(folder, Settings(window_width=1366, window_height=768))
    address = "postgresql+psycopg2://office:s3cret@127.0.0.1:1/vsla"
    program = Program(qapp, Options(folder, address), CLOCK)
    program.start()
    qtbot.waitUntil(lambda: program.opening.trouble is not None, timeout=20_000)
    assert program.opening.trouble is not None
    assert program.opening.trouble.place == "postgresql+psycopg2://office@127.0.0.1:1/vsla"
    assert isinstance(program.window.stack.currentWidget(), OpeningPage)
    program.window.close()
    program.window.deleteLater()
