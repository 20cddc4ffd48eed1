"""Colours that everyone can tell apart, and sizes that grow together."""

from __future__ import annotations

import re

import pytest
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QLineEdit,
    QListWidget,
    QRadioButton,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from vsla_desktop.presenters.shell import Tone
from vsla_desktop.settings import ThemeChoice, resource_path
from vsla_desktop.views.colours import DARK, LIGHT, Colours, contrast
from vsla_desktop.views.theme import Theme, choose_theme

ENOUGH_FOR_TEXT = 4.5
ENOUGH_FOR_SIGNS = 3.0
TEXTS = ("text", "muted", "accent", "good", "warning", "error", "money_in", "money_out")
GROUNDS = ("surface", "raised", "sunken")
BOTH = pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])


def test_contrast_is_computed_as_the_guideline_says() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21.0)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)
    assert contrast("#123456", "#123456") == 1.0


@BOTH
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("text", TEXTS)
def test_every_text_can_be_read_on_every_ground(colours: Colours, text: str, ground: str) -> None:
    roles = colours.roles()
    assert contrast(roles[text], roles[ground]) >= ENOUGH_FOR_TEXT


@BOTH
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("on_accent", "accent"),
        ("on_accent", "accent_strong"),
        ("text", "selection"),
        ("muted", "selection"),
        ("good", "good_tint"),
        ("warning", "warning_tint"),
        ("error", "error_tint"),
        ("accent", "accent_tint"),
        ("text", "good_tint"),
        ("text", "warning_tint"),
        ("text", "error_tint"),
        ("text", "accent_tint"),
    ],
)
def test_text_can_be_read_on_the_ground_it_stands_on(
    colours: Colours, text: str, ground: str
) -> None:
    roles = colours.roles()
    assert contrast(roles[text], roles[ground]) >= ENOUGH_FOR_TEXT


@BOTH
def test_the_focus_is_seen_on_every_ground(colours: Colours) -> None:
    for ground in ("raised", "surface", "error_tint", "warning_tint", "selection"):
        assert contrast(colours.focus, colours.roles()[ground]) >= ENOUGH_FOR_SIGNS


@BOTH
@pytest.mark.parametrize("percent", [100, 150])
def test_the_style_sheet_is_filled_in_completely(colours: Colours, percent: int) -> None:
    sheet = Theme(colours, percent).style_sheet()
    assert not re.findall(r"[@$%]\w+", sheet)
    assert colours.accent in sheet


@BOTH
@pytest.mark.parametrize("kind", [QCheckBox, QRadioButton])
def test_a_box_is_seen_whether_it_is_ticked_or_not(
    qtbot: QtBot, colours: Colours, kind: type[QCheckBox | QRadioButton]
) -> None:
    box = kind()
    qtbot.addWidget(box)
    box.setStyleSheet(Theme(colours).style_sheet())
    box.resize(box.sizeHint())
    drawn = []
    for is_ticked in (False, True):
        box.setChecked(is_ticked)
        image = box.grab().toImage()
        across, down = range(image.width()), range(image.height())
        drawn.append({image.pixelColor(x, y).name() for x in across for y in down})
    assert colours.muted.lower() in drawn[0]
    assert colours.accent.lower() not in drawn[0]
    assert colours.accent.lower() in drawn[1]


@BOTH
def test_the_tick_is_seen_in_its_box(colours: Colours) -> None:
    drawing = resource_path("icons", "check-edge.svg").read_text(encoding="utf-8")
    [colour] = re.findall(r'stroke="(#\w+)"', drawing)
    assert contrast(colour, colours.raised) >= ENOUGH_FOR_SIGNS
    assert contrast(colours.muted, colours.raised) >= ENOUGH_FOR_SIGNS


@pytest.mark.parametrize("kind", [QLineEdit, QComboBox, QCheckBox, QListWidget, QTextEdit])
def test_the_keyboard_shows_where_it_is_and_nothing_moves(
    qtbot: QtBot, kind: type[QWidget]
) -> None:
    window = QWidget()
    window.setStyleSheet(Theme().style_sheet())
    column = QVBoxLayout(window)
    first, second = QLineEdit(), kind()
    column.addWidget(first)
    column.addWidget(second)
    qtbot.addWidget(window)
    window.resize(300, 200)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    first.setFocus()
    places = (first.geometry(), second.geometry())
    before = second.grab().toImage()
    second.setFocus()
    image = second.grab().toImage()
    ring = [image.pixelColor(x, image.height() // 2).name() for x in range(4)]
    assert LIGHT.focus.lower() in ring
    assert LIGHT.focus.lower() not in [
        before.pixelColor(x, before.height() // 2).name() for x in range(4)
    ]
    assert (first.geometry(), second.geometry()) == places


def test_sizes_grow_with_the_text() -> None:
    assert (Theme().row_height, Theme().action_height) == (36, 44)
    large = Theme(percent=150)
    assert (large.row_height, large.action_height, large.points(12)) == (54, 66, 18)


def test_the_system_decides_only_when_it_is_left_to_it() -> None:
    assert choose_theme(ThemeChoice.SYSTEM, system_is_dark=True).colours is DARK
    assert choose_theme(ThemeChoice.SYSTEM, system_is_dark=False).colours is LIGHT
    assert choose_theme(ThemeChoice.LIGHT, system_is_dark=True).colours is LIGHT
    assert choose_theme(ThemeChoice.DARK, system_is_dark=False).colours is DARK


@BOTH
def test_every_tone_has_its_colour_and_ground(colours: Colours) -> None:
    for tone in Tone:
        assert contrast(colours.of(tone), colours.raised) >= ENOUGH_FOR_TEXT
        assert contrast(colours.text, colours.tint_of(tone)) >= ENOUGH_FOR_TEXT


def test_every_icon_takes_the_colour_of_its_role() -> None:
    icons = list(resource_path("icons").glob("*.svg"))
    assert len(icons) > 40
    for file in icons:
        drawing = file.read_text(encoding="utf-8")
        assert "currentColor" in drawing or file.stem.endswith("-edge"), file.name
