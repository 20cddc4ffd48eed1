"""Taking a payout back: whose it is, what it does, and why."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QFrame, QVBoxLayout
from typing_extensions import override

from vsla_desktop.i18n import _
from vsla_desktop.presenters.share_out import ShareOutPresenter
from vsla_desktop.presenters.share_out_text import read_back, taking_back_lines
from vsla_desktop.views.pages.page import KeyHint
from vsla_desktop.views.pages.share_out_parts import StepPage
from vsla_desktop.views.theme import set_role
from vsla_desktop.views.widgets.basics import current_theme, label
from vsla_desktop.views.widgets.form import FormView

_WHO_POINTS = 15


class TakeBackPart(StepPage):
    """The payout with its words, what becomes of it, and the reason."""

    def __init__(self, presenter: ShareOutPresenter) -> None:
        super().__init__(presenter, _("Take back"), icon_name="undo")
        theme = current_theme()
        asked, cycle = presenter.paying.taking_back, presenter.cycle
        if asked is None or cycle is None:
            message = "this step has a payout"
            raise ValueError(message)
        card = QFrame()
        set_role(card, "card")
        card.setMaximumWidth(theme.px(860))
        box = QVBoxLayout(card)
        box.setContentsMargins(theme.px(24), theme.px(20), theme.px(24), theme.px(20))
        box.setSpacing(theme.px(10))
        box.addWidget(label(_("Take back this payout?"), "title", wrap=True))
        who, words = read_back(asked.payout, presenter.money)
        name = label(who, wrap=True)
        name.setFont(theme.digits_font(_WHO_POINTS, bold=True))
        box.addWidget(name)
        box.addWidget(label(words, wrap=True))
        for text in taking_back_lines(asked.payout, cycle):
            box.addWidget(label(text, "note", wrap=True))
        box.addSpacing(theme.px(8))
        self.form = FormView(asked, asked.fields(), columns=1)
        self.form.finished.connect(self._go_on)
        box.addWidget(self.form)
        self.body.addWidget(card)
        self.body.addStretch(1)
        self.add_action(self.main)
        self.setFocusProxy(self.form.editor("reason"))

    @override
    def hand_over(self) -> None:
        self.form.hand_over()

    @override
    def keys(self) -> Sequence[KeyHint]:
        return (
            KeyHint("F10", _("Take back")),
            KeyHint("Alt+Left", _("Back")),
        )
