"""How things stand with head office: in words, in a few facts, and group by group."""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from vsla_desktop.i18n import _
from vsla_desktop.presenters.form import Field
from vsla_desktop.presenters.shell import SyncStage, Tone
from vsla_desktop.presenters.sync_page import SyncPresenter, SyncView
from vsla_desktop.views.pages.page import ROOMY_PERCENT
from vsla_desktop.views.pages.sync_enrol import hide_what_is_typed
from vsla_desktop.views.theme import set_role
from vsla_desktop.views.widgets.basics import (
    IconLabel,
    PrimaryButton,
    SecondaryButton,
    current_theme,
    label,
)
from vsla_desktop.views.widgets.form import FormView
from vsla_desktop.views.widgets.listing import ListTable

_ICONS: Final = {
    SyncStage.SAVED_HERE: "laptop",
    SyncStage.WAITING: "cloud-wait",
    SyncStage.SENDING: "cloud-send",
    SyncStage.SENT: "cloud-done",
}
_FACTS: Final = 3


class NowPart(QWidget):
    """The state on top, the groups below it; a locked login asks for its passphrase between."""

    def __init__(self, presenter: SyncPresenter) -> None:
        super().__init__()
        self.presenter = presenter
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(current_theme().px(12))
        box.addWidget(self._make_state())
        box.addWidget(self._make_lock())
        presenter.groups.is_narrow = current_theme().percent > ROOMY_PERCENT
        self.list = ListTable(presenter.groups, _("Groups on this laptop"))
        box.addWidget(self.list, 1)
        below = QHBoxLayout()
        self.address = label("", "note", wrap=True)
        below.addWidget(self.address, 1)
        self.enrol = SecondaryButton(_("Open an enrolment file …"), is_quiet=True)
        below.addWidget(self.enrol)
        box.addLayout(below)
        self.setFocusProxy(self.list)

    def _make_state(self) -> QFrame:
        theme = current_theme()
        self.state = frame = QFrame()
        set_role(frame, "card")
        row = QHBoxLayout(frame)
        row.setContentsMargins(theme.px(20), theme.px(14), theme.px(20), theme.px(14))
        row.setSpacing(theme.px(16))
        self.icon = IconLabel("laptop", Tone.PLAIN, 40)
        row.addWidget(self.icon)
        words = QVBoxLayout()
        words.setSpacing(theme.px(2))
        self.said = label("", "title")
        self.sentence = label("", "note", wrap=True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(_("How far it is"))
        self.bar.hide()
        for part in (self.said, self.sentence, self.bar):
            words.addWidget(part)
        row.addLayout(words, 1)
        facts = QGridLayout()
        facts.setHorizontalSpacing(theme.px(14))
        facts.setVerticalSpacing(theme.px(4))
        self.facts = [(label("", "note"), label("")) for _place in range(_FACTS)]
        for place, (title, text) in enumerate(self.facts):
            facts.addWidget(title, place, 0)
            facts.addWidget(text, place, 1)
        row.addLayout(facts)
        return frame

    def _make_lock(self) -> QFrame:
        theme = current_theme()
        self.lock = frame = QFrame()
        set_role(frame, "card")
        row = QHBoxLayout(frame)
        row.setContentsMargins(theme.px(20), theme.px(12), theme.px(20), theme.px(12))
        row.setSpacing(theme.px(16))
        self.passphrase = FormView(
            self.presenter, (Field("passphrase", _("Passphrase of this laptop")),), columns=1
        )
        hide_what_is_typed(self.passphrase, "passphrase")
        self.passphrase.finished.connect(self._unlock)
        row.addWidget(self.passphrase, 1)
        self.open_lock = PrimaryButton(_("Unlock"), icon_name="key", key="F10")
        self.open_lock.clicked.connect(self._unlock)
        row.addWidget(self.open_lock)
        frame.hide()
        return frame

    def _unlock(self) -> None:
        self.passphrase.hand_over()
        self.presenter.unlock()

    def show_view(self, view: SyncView) -> None:
        """Show how things stand now."""
        is_running = self.presenter.auto.is_running
        stage = SyncStage.SENDING if is_running else view.state.stage
        tone = Tone.GOOD if stage is SyncStage.SENT else Tone.PLAIN
        icon = _ICONS[stage]
        if stage is SyncStage.SENT and view.state.refused:
            tone, icon = Tone.WARNING, "cloud-wait"
        self.icon.show_icon(icon, tone)
        said = _("Sending") if is_running else view.state.sentence()
        self.said.setText(said)
        self.sentence.setText(view.sentence)
        self.state.setAccessibleName(f"{said}. {view.sentence}")
        told = [*view.facts, *[("", "")] * (_FACTS - len(view.facts))]
        for (title, text), (words, fact) in zip(self.facts, told, strict=True):
            title.setText(words)
            text.setText(fact)
        was_hidden = self.lock.isHidden()
        self.lock.setVisible(view.is_locked)
        if view.is_locked and was_hidden:
            self.passphrase.go_to("passphrase")
        self.address.setText(view.address)
        for part in (self.address, self.enrol):
            part.setVisible(view.is_enrolled)

    def show_progress(self) -> None:
        """Show how far a run is; while that is not known, only that it goes on."""
        is_running = self.presenter.auto.is_running
        self.bar.setVisible(is_running)
        self.sentence.setVisible(not is_running)
        if is_running:
            show_how_far(self.bar, *self.presenter.progress())


def show_how_far(bar: QProgressBar, done: int, total: int) -> None:
    """Show how far a run is; where nobody knows what still comes, only that it goes on."""
    bar.setRange(0, total if done < total else 0)
    bar.setValue(done)
