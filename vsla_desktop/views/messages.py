"""What the window says above the page: messages, and that long work goes on. Never a modal box."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QToolButton, QVBoxLayout, QWidget

from vsla_desktop.i18n import _
from vsla_desktop.presenters.runner import Busy
from vsla_desktop.presenters.shell import Message, Tone
from vsla_desktop.views.icons import icon
from vsla_desktop.views.theme import set_role
from vsla_desktop.views.widgets.basics import (
    TONE_ICONS,
    IconLabel,
    SecondaryButton,
    current_theme,
    label,
    tone_role,
)

GOOD_NEWS_MILLISECONDS = 6000


class MessageBar(QFrame):
    """One sentence with its hint. Good news goes away by itself, trouble stays until put away."""

    def __init__(self) -> None:
        super().__init__()
        theme = current_theme()
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(14), theme.px(8), theme.px(8), theme.px(8))
        row.setSpacing(theme.px(12))
        self._icon = IconLabel("info", Tone.PLAIN, 24)
        row.addWidget(self._icon)
        words = QVBoxLayout()
        words.setSpacing(0)
        self.sentence = label("", "strong", wrap=True)
        self.hint = label("", wrap=True)
        words.addWidget(self.sentence)
        words.addWidget(self.hint)
        row.addLayout(words, 1)
        self.copy_button = SecondaryButton(_("Copy details"), icon_name="copy")
        self.copy_button.clicked.connect(self._copy)
        row.addWidget(self.copy_button)
        self.close_button = QToolButton()
        set_role(self.close_button, "tool")
        self.close_button.setIcon(icon("close", theme.colours.text, theme.px(20)))
        self.close_button.setIconSize(QSize(theme.px(20), theme.px(20)))
        self.close_button.setAccessibleName(_("Put the message away"))
        self.close_button.setToolTip(_("Put the message away"))
        self.close_button.clicked.connect(lambda: self.show_message(None))
        row.addWidget(self.close_button)
        self._clock = QTimer(self)
        self._clock.setSingleShot(True)
        self._clock.setInterval(GOOD_NEWS_MILLISECONDS)
        self._clock.timeout.connect(lambda: self.show_message(None))
        self._details = ""
        self.hide()

    def show_message(self, message: Message | None) -> None:
        """Say this, or nothing."""
        self._clock.stop()
        self.setVisible(message is not None)
        if message is None:
            return
        self._details = message.details
        self._icon.show_icon(TONE_ICONS[message.tone], message.tone)
        self.sentence.setText(message.text)
        self.hint.setText(message.hint)
        self.hint.setVisible(bool(message.hint))
        self.copy_button.setVisible(bool(message.details))
        tone = message.tone
        known = {Tone.GOOD, Tone.WARNING, Tone.ERROR}
        set_role(self, f"message-{tone_role(tone) if tone in known else 'plain'}")
        self.setAccessibleName(f"{message.text} {message.hint}".strip())
        if tone is Tone.GOOD:
            self._clock.start()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._details)


class OnlyReadStrip(QWidget):
    """Says above a page that what is entered there is entered on another laptop."""

    def __init__(self) -> None:
        super().__init__()
        theme = current_theme()
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(4), 0, theme.px(4), 0)
        row.setSpacing(theme.px(8))
        row.addWidget(IconLabel("lock", Tone.MUTED, 20))
        self.sentence = label(_("Only read here. Another laptop writes this book."), "note")
        row.addWidget(self.sentence, 1)
        self.hide()


class BusyStrip(QWidget):
    """Says that long work goes on, how far it is, and lets a person stop it."""

    def __init__(self, cancel: Callable[[], None]) -> None:
        super().__init__()
        theme = current_theme()
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(4), 0, theme.px(4), 0)
        row.setSpacing(theme.px(12))
        self.title = label("", "note")
        row.addWidget(self.title)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        row.addWidget(self.bar, 1, Qt.AlignmentFlag.AlignVCenter)
        self.stop = SecondaryButton(_("Stop"), icon_name="close", is_quiet=True)
        self.stop.clicked.connect(cancel)
        row.addWidget(self.stop)
        self.hide()

    def show_busy(self, busy: Busy | None) -> None:
        """Show this, or that nothing goes on."""
        self.setVisible(busy is not None)
        if busy is None:
            return
        title = busy.title or _("One moment")
        self.title.setText(title)
        self.bar.setAccessibleName(title)
        # A range of nothing makes Qt show that work goes on, without saying how far it is.
        self.bar.setRange(0, busy.total)
        self.bar.setValue(busy.done)
        self.stop.setVisible(busy.can_cancel)
