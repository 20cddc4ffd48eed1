"""The pages of rules and of paper books over a real book, by keyboard, in large text and French."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit
from pytestqt.qtbot import QtBot

from tests.views.looks import cut_words, nameless
from tests.views.test_program import Start, folder, press, reach, start
from vsla_desktop.app import Program
from vsla_desktop.domain.meeting import AgendaStep
from vsla_desktop.reports.rules_words import Section
from vsla_desktop.views.pages.rules import RulesPage

__all__ = ["folder", "start"]  # fixtures
Key = Qt.Key
CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier


def rules_page(qtbot: QtBot, program: Program) -> RulesPage:
    reach(qtbot, program, "home")
    program.shell.go_to("rules")
    page = program.window.page("rules")
    assert isinstance(page, RulesPage)
    qtbot.waitUntil(lambda: page.presenter.read is not None)
    return page


def test_an_example_follows_the_keys_and_f10_names_what_is_missing(
    qtbot: QtBot, start: Start, folder: Path
) -> None:
    page = rules_page(qtbot, start(folder))
    page.presenter.show_section(Section.LOANS)
    rows = page.rows[Section.LOANS].rows
    page.rows[Section.LOANS].go_to("loan_multiple")
    press("4")
    assert rows["loan_multiple"].sentence.text().startswith("4 times savings of")
    press(Key.Key_Return)
    assert rows["loan_max_months"].editor.hasFocus()
    press("six")
    press(Key.Key_F10)
    assert rows["loan_max_months"].sentence.text() == "Enter a whole number, such as 3."
    assert rows["loan_max_months"].editor.hasFocus()
    assert page.undo.isVisible()


def test_a_frozen_share_value_takes_no_key(qtbot: QtBot, start: Start, folder: Path) -> None:
    page = rules_page(qtbot, start(folder))
    row = page.rows[Section.SHARES].rows["share_value"]
    assert isinstance(row.editor, QLineEdit)
    assert row.editor.isReadOnly()
    assert row.sentence.text().startswith("Fixed until the share-out.")
    assert row.editor.accessibleDescription() == row.sentence.text()


def test_rules_and_choices_have_the_words_that_are_written(
    qtbot: QtBot, start: Start, folder: Path
) -> None:
    page = rules_page(qtbot, start(folder))
    for key, word in (("share_name", "stamp"), ("social_fund_name", "help box")):
        page.presenter.enter(key, word)
    row = page.rows[Section.SHARES].rows["max_shares_per_meeting"]
    assert row.title.text() == row.editor.accessibleName() == "Stamp: most at a meeting"
    fines = page.rows[Section.FINES].rows["fines_fund"].editor
    assert isinstance(fines, QComboBox)
    assert [fines.itemText(place) for place in range(fines.count())][1] == "Help box"


def test_the_agenda_is_put_in_order_with_alt_and_the_arrows(
    qtbot: QtBot, start: Start, folder: Path
) -> None:
    page = rules_page(qtbot, start(folder))
    page.presenter.show_section(Section.MEETINGS)
    rows = page.agenda.list.rows
    rows.setFocus()
    rows.setCurrentRow(3)
    QTest.keyClick(rows, Key.Key_Up, ALT)
    assert rows.currentRow() == 2
    assert page.presenter.draft.agenda[2] is AgendaStep.SHARES
    QTest.keyClick(rows, Key.Key_Space)
    assert AgendaStep.SHARES not in page.presenter.draft.agenda
    assert "left out" in rows.item(rows.count() - 1).text()


def test_parts_are_turned_with_the_keys(qtbot: QtBot, start: Start, folder: Path) -> None:
    page = rules_page(qtbot, start(folder))
    shown = [page.presenter.section]
    page.presenter.section_changed.listen(lambda: shown.append(page.presenter.section))
    QTest.keyClick(page, Key.Key_PageDown, CTRL)
    assert page.rows[Section.SOCIAL_FUND].rows["social_fund_contribution"].editor.hasFocus()
    QTest.keyClick(page, Key.Key_PageUp, CTRL)
    assert shown == [Section.SHARES, Section.SOCIAL_FUND, Section.SHARES]


@pytest.mark.parametrize("percent", [100, 150])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_part_is_whole_and_everything_on_it_has_a_name(
    qtbot: QtBot, start: Callable[..., Program], folder: Path, language: str, percent: int
) -> None:
    program = start(folder, language=language, text_percent=percent, currency="UGX")
    page = rules_page(qtbot, program)
    for section in Section:
        page.presenter.show_section(section)
        if section is Section.START:
            page.presenter.look_at_preset("SHG")
        program.window.resize(1366, 768)
        QApplication.processEvents()
        assert cut_words(program.window) == [], section
        assert nameless(program.window) == [], section
    program.shell.go_to("paper-books")
    qtbot.wait(100)
    QApplication.processEvents()
    assert cut_words(program.window) == []
    assert nameless(program.window) == []
    assert (program.window.width(), program.window.height()) == (1366, 768)
