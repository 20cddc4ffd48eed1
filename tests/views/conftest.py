"""A dressed program for every test of a screen, and English spoken again after each."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from vsla_desktop.app import wear
from vsla_desktop.i18n import speaking
from vsla_desktop.settings import ThemeChoice
from vsla_desktop.views.theme import choose_theme


@pytest.fixture(autouse=True)
def _swept() -> Iterator[None]:
    # As in the program, garbage is taken away on the screen's thread only.
    gc.disable()
    yield
    gc.collect(1)
    gc.enable()


@pytest.fixture(autouse=True)
def _dressed(qapp: QApplication) -> Iterator[None]:
    # Dressing repaints every window that is left: only after a test that wore something else.
    if qapp.property("theme") != choose_theme(ThemeChoice.LIGHT, 100, system_is_dark=False):
        wear(qapp, ThemeChoice.LIGHT, is_dark=False)
    with speaking("en"):
        yield
