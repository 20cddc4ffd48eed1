"""Words, figures, buttons and cards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from vsla_desktop.presenters.shell import Tone
from vsla_desktop.views.icons import icon, pixmap
from vsla_desktop.views.theme import BODY_POINTS, Theme, set_role

_TONE_ROLES: Final = {
    Tone.PLAIN: "plain",
    Tone.MUTED: "muted",
    Tone.GOOD: "good",
    Tone.WARNING: "warning",
    Tone.ERROR: "error",
    Tone.MONEY_IN: "money-in",
    Tone.MONEY_OUT: "money-out",
}
TONE_ICONS: Final = {
    Tone.GOOD: "check-circle",
    Tone.WARNING: "warning",
    Tone.ERROR: "error",
    Tone.MONEY_IN: "money-in",
    Tone.MONEY_OUT: "money-out",
    Tone.PLAIN: "info",
    Tone.MUTED: "info",
}


def tone_role(tone: Tone) -> str:
    """The style sheet's name for a tone."""
    return _TONE_ROLES[tone]


def current_theme() -> Theme:
    """The theme that the program wears now; the usual one before it has been dressed."""
    app = QApplication.instance()
    theme = app.property("theme") if app is not None else None
    return theme if isinstance(theme, Theme) else Theme()


def label(text: str = "", role: str = "", *, wrap: bool = False) -> QLabel:
    """Words on the page, in one of the style sheet's roles."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wrap)
    if role:
        set_role(made, role)
    return made


class IconLabel(QLabel):
    """An icon in the colour of its tone; decoration beside a word, so silent to a screen reader."""

    def __init__(
        self, name: str, tone: Tone = Tone.PLAIN, size: int = 20, *, is_accent: bool = False
    ) -> None:
        super().__init__()
        self._size = size
        self._is_accent = is_accent
        self.show_icon(name, tone)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAlignment(Qt.AlignmentFlag.AlignVCenter)
        # As tall as a line of text, so that it stands at the middle of the first line beside it.
        line_height = QFontMetrics(current_theme().body_font()).lineSpacing()
        self.setFixedHeight(max(line_height, current_theme().px(size)))

    def show_icon(self, name: str, tone: Tone = Tone.PLAIN) -> None:
        """Draw this icon from now on."""
        theme = current_theme()
        colour = theme.colours.accent if self._is_accent else theme.colours.of(tone)
        self.setPixmap(pixmap(name, colour, theme.px(self._size), self.devicePixelRatio()))


class ElidedLabel(QLabel):
    """Words that give way when there is little room; the whole is told in a tip."""

    def __init__(self, role: str, *, is_right: bool = False) -> None:
        super().__init__()
        set_role(self, role)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._side = Qt.AlignmentFlag.AlignRight if is_right else Qt.AlignmentFlag.AlignLeft

    @override
    def setText(self, text: str) -> None:
        super().setText(text)
        self.setToolTip(text)
        self.setAccessibleName(text)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(current_theme().px(24), super().minimumSizeHint().height())

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self.font())
        painter.setPen(self.palette().windowText().color())
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), self._side | Qt.AlignmentFlag.AlignVCenter, text)
        painter.end()


class AmountLabel(QLabel):
    """An amount: right-aligned, with even digits, in the colour of its tone."""

    def __init__(
        self, text: str = "", tone: Tone = Tone.PLAIN, *, size: float = BODY_POINTS
    ) -> None:
        super().__init__(text)
        self.setFont(current_theme().digits_font(size, bold=size > BODY_POINTS))
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.show_amount(text, tone)

    def show_amount(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Show this amount, already written the way the group writes it."""
        self.setText(text)
        set_role(self, tone_role(tone))


class _Button(QPushButton):
    def __init__(self, text: str, role: str, icon_name: str, key: str) -> None:
        # The space stands between icon and word, which a style sheet cannot set apart.
        super().__init__(f" {text}" if icon_name else text)
        set_role(self, role)
        theme = current_theme()
        self._icon_name = icon_name
        if icon_name:
            colours = theme.colours
            colour = {"primary": colours.on_accent, "quiet": colours.accent}.get(role, colours.text)
            self.setIcon(icon(icon_name, colour, theme.px(20), disabled=colours.muted))
            self.setIconSize(QSize(theme.px(20), theme.px(20)))
        self.setMinimumHeight(theme.action_height)
        self.setAccessibleName(text)
        self.setAutoDefault(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        if key:
            self.setShortcut(key)
            self.setToolTip(f"{text} ({key})")

    @override
    def event(self, event: QEvent) -> bool:
        # Qt would press the button, wait, and let it go: what is typed meanwhile goes astray.
        if event.type() is QEvent.Type.Shortcut and self.isEnabled():
            self.click()
            return True
        return super().event(event)


class PrimaryButton(_Button):
    """The one main action of a screen; its key is told on it."""

    def __init__(self, text: str, *, icon_name: str = "", key: str = "") -> None:
        super().__init__(f"{text}   {key}" if key else text, "primary", icon_name, key)
        self.setAccessibleName(text)


class SecondaryButton(_Button):
    """Any other action; a ``quiet`` one looks like a link."""

    def __init__(
        self, text: str, *, icon_name: str = "", key: str = "", is_quiet: bool = False
    ) -> None:
        super().__init__(text, "quiet" if is_quiet else "secondary", icon_name, key)

    def say(self, text: str) -> None:
        """Change what the button says; its key, which Qt would take away, stays."""
        key = self.shortcut()
        self.setText(f" {text}" if self._icon_name else text)
        self.setShortcut(key)
        self.setAccessibleName(text)
        if not key.isEmpty():
            self.setToolTip(f"{text} ({key.toString()})")


class Card(QFrame):
    """A figure with its title and a note, such as what should be in the box now."""

    def __init__(
        self, title: str, figure: str = "", note: str = "", *, icon_name: str = "", size: float = 24
    ) -> None:
        super().__init__()
        set_role(self, "card")
        theme = current_theme()
        box = QVBoxLayout(self)
        box.setContentsMargins(theme.px(20), theme.px(16), theme.px(20), theme.px(16))
        box.setSpacing(theme.px(6))
        head = QHBoxLayout()
        head.setSpacing(theme.px(8))
        if icon_name:
            head.addWidget(IconLabel(icon_name, Tone.MUTED))
        self.title = label(title, "note")
        head.addWidget(self.title, 1)
        box.addLayout(head)
        self.figure = label("", "figure")
        self.figure.setFont(theme.digits_font(size, bold=True))
        box.addWidget(self.figure)
        note_row = QHBoxLayout()
        note_row.setSpacing(theme.px(6))
        self._note_icon = IconLabel("info", Tone.MUTED, 16)
        note_row.addWidget(self._note_icon, 0, Qt.AlignmentFlag.AlignTop)
        self.note = label("", "note", wrap=True)
        note_row.addWidget(self.note, 1)
        box.addLayout(note_row)
        self.body = QVBoxLayout()
        box.addLayout(self.body)
        box.addStretch(1)
        self.show_figure(figure, note)

    def show_figure(self, figure: str, note: str = "", tone: Tone = Tone.MUTED) -> None:
        """Show this figure; a note with a tone gets its icon too."""
        self.figure.setText(figure)
        self.figure.setVisible(bool(figure))
        self.note.setText(note)
        self.note.setVisible(bool(note))
        set_role(self.note, tone_role(tone))
        self._note_icon.setVisible(bool(note) and tone is not Tone.MUTED)
        self._note_icon.show_icon(TONE_ICONS[tone], tone)
        self.setAccessibleName(", ".join(t for t in (self.title.text(), figure, note) if t))


class EmptyState(QWidget):
    """A screen with nothing on it yet: says what will be here, and the first step."""

    def __init__(
        self,
        title: str,
        step: str,
        *,
        icon_name: str = "info",
        action: str = "",
        on_action: Callable[[], None] | None = None,
    ) -> None:
        super().__init__()
        theme = current_theme()
        box = QVBoxLayout(self)
        box.setSpacing(theme.px(12))
        box.addStretch(2)
        box.addWidget(IconLabel(icon_name, Tone.MUTED, 56), 0, Qt.AlignmentFlag.AlignHCenter)
        for text, role in ((title, "title"), (step, "note")):
            words = label(text, role, wrap=True)
            words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            box.addWidget(words)
        self.button: PrimaryButton | None = None
        if action and on_action is not None:
            self.button = PrimaryButton(action, icon_name="arrow-right")
            self.button.clicked.connect(on_action)
            box.addSpacing(theme.px(8))
            box.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        box.addStretch(3)
        self.setAccessibleName(f"{title} {step}")


def line() -> QFrame:
    """A thin line between two parts."""
    made = QFrame()
    set_role(made, "line")
    return made
