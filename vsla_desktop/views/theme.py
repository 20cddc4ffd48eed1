"""How the program looks: one theme makes the palette, the font, the measures and the style sheet.

Widgets say what they are through the ``role`` property (``card``, ``figure``, ``note`` …) and the
style sheet says how that looks, so that no widget chooses a colour of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontInfo, QPalette

from vsla_desktop.settings import ThemeChoice, resource_path
from vsla_desktop.views.colours import DARK, LIGHT, Colours

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication, QWidget

_FAMILIES: Final = ("Segoe UI", "Noto Sans", "SF Pro Text", "Ubuntu", "Cantarell", "DejaVu Sans")
# A tenth wider than the others: drawn as narrow as they are, or large text leaves a small screen.
_WIDE: Final = "DejaVu Sans"
_WIDE_STRETCH: Final = 84  # percent
BODY_POINTS: Final = 12.0


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours and sizes; ``percent`` enlarges text, rows and buttons together."""

    colours: Colours = LIGHT
    percent: int = 100

    def points(self, size: float) -> float:
        """A text size in points, enlarged as the person wants it."""
        return size * self.percent / 100

    def px(self, size: int) -> int:
        """A measure in pixels, enlarged as the person wants it."""
        return round(size * self.percent / 100)

    @property
    def row_height(self) -> int:
        """The height of a row in a sheet or list: thirteen members on a small screen."""
        return self.px(36)

    @property
    def action_height(self) -> int:
        """The least height of what a finger or a shaky mouse must hit."""
        return self.px(44)

    def body_font(self) -> QFont:
        """The font of everything; its digits all have one width."""
        return _font(self.points(BODY_POINTS))

    def digits_font(self, size: float = BODY_POINTS, *, bold: bool = False) -> QFont:
        """A font whose digits stand under each other."""
        font = _font(self.points(size))
        font.setFeature(QFont.Tag("tnum"), 1)
        font.setBold(bold)
        return font

    def palette(self) -> QPalette:
        """The colours for what the style sheet does not reach."""
        c = self.colours
        roles = {
            QPalette.ColorRole.Window: c.surface,
            QPalette.ColorRole.WindowText: c.text,
            QPalette.ColorRole.Base: c.raised,
            QPalette.ColorRole.AlternateBase: c.sunken,
            QPalette.ColorRole.Text: c.text,
            QPalette.ColorRole.PlaceholderText: c.muted,
            QPalette.ColorRole.Button: c.raised,
            QPalette.ColorRole.ButtonText: c.text,
            QPalette.ColorRole.ToolTipBase: c.raised,
            QPalette.ColorRole.ToolTipText: c.text,
            QPalette.ColorRole.Highlight: c.selection,
            QPalette.ColorRole.HighlightedText: c.text,
            QPalette.ColorRole.Link: c.accent,
            QPalette.ColorRole.Mid: c.edge,
        }
        palette = QPalette()
        for role, colour in roles.items():
            palette.setColor(role, QColor(colour))
        for role in (
            QPalette.ColorRole.Text,
            QPalette.ColorRole.WindowText,
            QPalette.ColorRole.ButtonText,
        ):
            palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(c.muted))
        return palette

    def style_sheet(self) -> str:
        """The style sheet, its ``@roles`` and ``$measures`` filled in."""
        sheet = _template()
        # Longest first, so that @accent does not eat the head of @accent_tint.
        for role, colour in sorted(
            self.colours.roles().items(), key=lambda item: len(item[0]), reverse=True
        ):
            sheet = sheet.replace(f"@{role}", colour)
        for size in range(120, 0, -1):
            sheet = sheet.replace(f"${size}px", f"{self.px(size)}px")
            sheet = sheet.replace(f"${size}pt", f"{self.points(size):g}pt")
        return sheet.replace("%icons%", resource_path("icons").as_posix())


def choose_theme(choice: ThemeChoice, percent: int = 100, *, system_is_dark: bool = False) -> Theme:
    """The theme for a person's choice; the system decides when it is left to it."""
    dark = system_is_dark if choice is ThemeChoice.SYSTEM else choice is ThemeChoice.DARK
    return Theme(DARK if dark else LIGHT, percent)


def system_is_dark(app: QApplication) -> bool:
    """Whether the laptop is set to dark colours."""
    return app.styleHints().colorScheme() == Qt.ColorScheme.Dark


def apply_theme(app: QApplication, theme: Theme) -> None:
    """Dress the whole program in this theme."""
    app.setStyle("Fusion")
    app.setPalette(theme.palette())
    app.setFont(theme.body_font())
    app.setStyleSheet(theme.style_sheet())


def set_role(widget: QWidget, role: str) -> None:
    """Say what a widget is and let the style sheet draw it so."""
    if widget.property("role") != role:
        widget.setProperty("role", role)
        if not widget.testAttribute(Qt.WidgetAttribute.WA_WState_Polished):
            return  # the style looks at it when it is first shown
        style = widget.style()
        style.unpolish(widget)
        style.polish(widget)


@lru_cache(maxsize=1)
def _template() -> str:
    return resource_path("style.qss").read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def _family() -> str:
    """The first good family that is installed; asking for one that is not costs time at start."""
    system = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    usual = QFontInfo(system).family()
    if usual in _FAMILIES:
        return usual  # the list of all families is not needed, and long
    known = set(QFontDatabase.families())
    return next((name for name in _FAMILIES if name in known), QFontInfo(system).family())


def _font(points: float) -> QFont:
    font = QFont(_family())
    font.setPointSizeF(points)
    if font.family() == _WIDE:
        font.setStretch(_WIDE_STRETCH)
    return font
