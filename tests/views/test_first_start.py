"""The first screen on a new laptop."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.views.looks import cut_words, nameless
from vsla_desktop.app import Program, parse_options, wear
from vsla_desktop.presenters.first_start import Beginning, FirstStartPresenter
from vsla_desktop.settings import ThemeChoice, load_settings
from vsla_desktop.views.pages.first_start import FirstStartPage

CURRENCIES = ("UGX", "XOF")


class Laptop:
    """Remembers what was chosen and which way was taken."""

    def __init__(self, *ways: Beginning) -> None:
        self.chosen: list[tuple[str, str]] = []
        self.begun: list[Beginning] = []
        self.presenter = FirstStartPresenter(
            currencies=CURRENCIES,
            ways={way: partial(self.begun.append, way) for way in ways},
            on_choice=lambda language, currency: self.chosen.append((language, currency)),
        )


def shown(qtbot: QtBot, laptop: Laptop) -> FirstStartPage:
    page = FirstStartPage(laptop.presenter)
    qtbot.addWidget(page)
    page.resize(1366, 768)
    page.show()
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    return page


def test_only_the_ways_that_can_be_taken_are_offered(qtbot: QtBot) -> None:
    page = shown(qtbot, Laptop(Beginning.PRACTISE, Beginning.NEW_GROUP))
    assert list(page.buttons) == [Beginning.NEW_GROUP, Beginning.PRACTISE]


def test_a_way_is_taken_by_key_and_by_mouse(qtbot: QtBot) -> None:
    laptop = Laptop(*Beginning)
    page = shown(qtbot, laptop)
    page.buttons[Beginning.WORKBOOK].setFocus()
    QTest.keyClick(page.buttons[Beginning.WORKBOOK], Qt.Key.Key_Space)
    QTest.mouseClick(page.buttons[Beginning.RESTORE], Qt.MouseButton.LeftButton)
    assert laptop.begun == [Beginning.WORKBOOK, Beginning.RESTORE]


def test_choosing_french_speaks_french_at_once(qtbot: QtBot) -> None:
    laptop = Laptop(*Beginning)
    page = shown(qtbot, laptop)
    page.language.setFocus()
    QTest.keyClick(page.language, Qt.Key.Key_Down)
    page.language.activated.emit(page.language.currentIndex())
    assert page.buttons[Beginning.PRACTISE].accessibleName() == "S'exercer d'abord"
    assert laptop.chosen == [("fr", "UGX")]
    assert page.accessibleName() == "Bienvenue"


def test_the_keyboard_stays_at_the_language_that_was_chosen(qtbot: QtBot) -> None:
    laptop = Laptop(*Beginning)
    page = shown(qtbot, laptop)
    page.setFocus()
    assert page.language.hasFocus()
    for code in ("fr", "en"):
        laptop.presenter.choose_language(code)
        assert page.language.hasFocus()


def test_currencies_are_named_in_the_language_spoken(qtbot: QtBot) -> None:
    laptop = Laptop()
    page = shown(qtbot, laptop)
    assert page.currency.itemText(0) == "UGX · Ugandan Shilling"
    laptop.presenter.choose_language("fr")
    assert page.currency.itemText(0) == "UGX · shilling ougandais"


def test_choosing_a_currency_is_kept(qtbot: QtBot) -> None:
    laptop = Laptop()
    page = shown(qtbot, laptop)
    page.currency.activated.emit(1)
    assert laptop.chosen == [("en", "XOF")]


def test_no_word_is_cut_with_large_text_in_any_language(qtbot: QtBot, qapp: QApplication) -> None:
    wear(qapp, ThemeChoice.DARK, 150, is_dark=False)
    laptop = Laptop(*Beginning)
    page = shown(qtbot, laptop)
    for code in laptop.presenter.languages():
        laptop.presenter.choose_language(code)
        qapp.processEvents()
        assert cut_words(page) == []
        assert nameless(page) == []
        assert (page.width(), page.height()) == (1366, 768)


def test_the_program_opens_on_an_empty_folder_and_keeps_its_choices(
    qtbot: QtBot, qapp: QApplication, tmp_path: object
) -> None:
    options = parse_options(["--data", str(tmp_path)])
    program = Program(qapp, options)
    program.start()
    qtbot.waitUntil(lambda: program.window.current_key == "first-start")
    page = program.window.page("first-start")
    assert isinstance(page, FirstStartPage)
    page.presenter.choose_language("fr")
    program.window.close()
    kept = load_settings(options.folder)
    assert kept.language == "fr"
    assert kept.window_width >= 640
    program.window.deleteLater()
