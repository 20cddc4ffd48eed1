"""The later steps of a share-out: the table with its proof, paying, and the next cycle."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout
from typing_extensions import override

from vsla_desktop.i18n import _
from vsla_desktop.presenters.share_out import ShareOutPresenter
from vsla_desktop.presenters.share_out_text import (
    lost_line,
    paid_line,
    pool_line,
    proof_line,
    read_back,
    sure_line,
)
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.queries.share_out import PAID
from vsla_desktop.views.pages.page import ROOMY_PERCENT, KeyHint, Page
from vsla_desktop.views.pages.share_out_parts import StepPage
from vsla_desktop.views.theme import set_role
from vsla_desktop.views.widgets.basics import (
    ElidedLabel,
    IconLabel,
    PrimaryButton,
    SecondaryButton,
    current_theme,
    label,
)
from vsla_desktop.views.widgets.form import FormView
from vsla_desktop.views.widgets.grid import GridTable
from vsla_desktop.views.widgets.listing import ListTable

_PROOF_POINTS = 15


class ProofBar(QFrame):
    """The proof in large digits, how the pool comes about, and what is written off."""

    def __init__(self, presenter: ShareOutPresenter) -> None:
        super().__init__()
        self.presenter = presenter
        set_role(self, "card")
        theme = current_theme()
        box = QVBoxLayout(self)
        box.setContentsMargins(theme.px(18), theme.px(10), theme.px(18), theme.px(10))
        box.setSpacing(theme.px(4))
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        row.addWidget(IconLabel("check-circle", Tone.GOOD, 24))
        self.proof = label("", wrap=True)
        self.proof.setFont(theme.digits_font(_PROOF_POINTS, bold=True))
        row.addWidget(self.proof, 1)
        box.addLayout(row)
        self.pool = label("", "note", wrap=True)
        # With large text the table needs the room; the whole is told in a tip.
        is_large = theme.percent > ROOMY_PERCENT
        self.lost = ElidedLabel("warning") if is_large else label("", "warning", wrap=True)
        box.addWidget(self.pool)
        box.addWidget(self.lost)
        presenter.changed.listen(self._show)
        self._show()

    def _show(self) -> None:
        plan, cycle = self.presenter.plan, self.presenter.cycle
        if plan is None or cycle is None:
            return
        money = self.presenter.money
        self.proof.setText(proof_line(plan, money))
        self.pool.setText(pool_line(plan, money, self.presenter.words))
        lost = lost_line(cycle, money)
        self.lost.setText(lost)
        self.lost.setVisible(bool(lost))
        self.setAccessibleName(f"{self.proof.text()}. {self.pool.text()} {lost}")


class TablePart(StepPage):
    """Who gets what, or the notes and coins that it takes; the proof below."""

    def __init__(self, presenter: ShareOutPresenter) -> None:
        super().__init__(presenter, _("Vote on it"))
        self.list = ListTable(presenter.payouts, _("Who gets what"))
        self.notes = ListTable(presenter.notes, _("Notes and coins"))
        self.body.addWidget(self.list, 1)
        self.body.addWidget(self.notes, 1)
        self.proof = ProofBar(presenter)
        self.body.addWidget(self.proof)
        self.switch = SecondaryButton(_("Notes and coins"), icon_name="box", key="F6")
        self.switch.clicked.connect(self._switch)
        self.add_action(self.switch)
        self.add_action(self.main)
        presenter.changed.listen(self._show)
        self._show()
        self.setFocusProxy(self.list)

    def _switch(self) -> None:
        self.presenter.toggle_notes()
        (self.notes if self.presenter.shows_notes else self.list).setFocus()

    def _show(self) -> None:
        shows_notes = self.presenter.shows_notes
        self.list.setVisible(not shows_notes)
        self.notes.setVisible(shows_notes)
        words = _("Payouts") if shows_notes else _("Notes and coins")
        self.switch.setText(f" {words}")
        self.switch.setAccessibleName(words)
        self.sentence.setText(
            self.presenter.notes_sentence if shows_notes else _("Read it out to everybody.")
        )

    @override
    def keys(self) -> Sequence[KeyHint]:
        return (
            KeyHint("F6", _("Notes and coins, or payouts")),
            KeyHint("F10", _("Vote on it")),
            KeyHint("Alt+Left", _("Back")),
        )


class PayPart(StepPage):
    """Paying one after another, each amount read back in words."""

    def __init__(self, presenter: ShareOutPresenter) -> None:
        super().__init__(presenter, _("Pay this member"), icon_name="money-out", has_way_back=False)
        theme = current_theme()
        self.list = ListTable(presenter.payouts, _("Who gets what"))
        self.list.opened.connect(self._pay)
        self.list.chosen.connect(lambda _row: self._read_back())
        self.notes = ListTable(presenter.notes, _("Notes and coins"))
        self.body.addWidget(self.list, 1)
        self.body.addWidget(self.notes, 1)
        card = QFrame()
        set_role(card, "card")
        row = QHBoxLayout(card)
        row.setContentsMargins(theme.px(18), theme.px(8), theme.px(18), theme.px(8))
        row.setSpacing(theme.px(16))
        self.who = label("")
        self.who.setFont(theme.digits_font(_PROOF_POINTS, bold=True))
        self.words = label("", wrap=True)
        row.addWidget(self.who)
        row.addWidget(self.words, 1)
        self.all = SecondaryButton(_("Pay all that are left"), key="F9")
        self.all.clicked.connect(presenter.paying.pay_all)
        row.addWidget(self.all)
        self.body.addWidget(card)
        self.proof = ProofBar(presenter)
        self.body.addWidget(self.proof)
        # With large text the members need its room: it stood below the proposal.
        self.proof.setVisible(theme.percent <= ROOMY_PERCENT)
        self.reopen = SecondaryButton(_("Open it again …"), icon_name="undo", key="F4")
        self.reopen.clicked.connect(presenter.reopen)
        self.switch = SecondaryButton(_("Notes and coins"), icon_name="box", key="F6")
        self.switch.clicked.connect(self._switch)
        self.take_back = SecondaryButton(_("Take back …"), icon_name="undo", key="F8")
        self.take_back.clicked.connect(self._take_back)
        self._undo_key = QShortcut(QKeySequence("Ctrl+Z"), self, presenter.paying.undo)
        for button in (self.reopen, self.take_back, self.switch, self.main):
            self.add_action(button)
        presenter.changed.listen(self._show)
        self._show()
        self._go_to_next()
        self.setFocusProxy(self.list)

    @override
    def _go_on(self) -> None:
        if self.presenter.cycle is not None and self.presenter.cycle.is_paid:
            self.presenter.go_on()
        else:
            self._pay(self.list.current_row())

    def _take_back(self) -> None:
        self.presenter.paying.take_back_row(self.list.current_row())

    def _pay(self, row: int) -> None:
        self.presenter.paying.pay_row(row)

    def _switch(self) -> None:
        self.presenter.toggle_notes()
        (self.notes if self.presenter.shows_notes else self.list).setFocus()

    def _go_to_next(self) -> None:
        """Go to the next member who is not paid."""
        cycle = self.presenter.cycle
        if cycle is None:
            return
        waiting = [row for row, each in enumerate(cycle.payouts) if each.status != PAID]
        if waiting:
            self.list.go_to(waiting[0])

    def _show(self) -> None:
        presenter = self.presenter
        cycle = presenter.cycle
        if cycle is None:
            return
        shows_notes = presenter.shows_notes
        self.list.setVisible(not shows_notes)
        self.notes.setVisible(shows_notes)
        words = _("Payouts") if shows_notes else _("Notes and coins")
        self.switch.setText(f" {words}")
        self.switch.setAccessibleName(words)
        self.reopen.setVisible(not cycle.is_begun)
        self.take_back.setVisible(cycle.is_begun)
        self.all.setVisible(not cycle.is_paid)
        if cycle.is_paid:
            self.main.setText(f" {_('Next cycle')}   F10")
            self.main.setAccessibleName(_("Next cycle"))
            self.main.setShortcut("F10")  # a new text takes the key away
        said = presenter.notes_sentence if shows_notes else paid_line(cycle, presenter.money)
        self.sentence.setText(sure_line(cycle) if presenter.paying.asks_all else said)
        set_role(self.sentence, "warning" if presenter.paying.asks_all else "note")
        if self.list.current_row() < 0:
            self._go_to_next()
        self._read_back()

    def _read_back(self) -> None:
        cycle, row = self.presenter.cycle, self.list.current_row()
        if cycle is None or not 0 <= row < len(cycle.payouts):
            self.who.setText("")
            self.words.setText("")
            self.main.setEnabled(cycle is not None and cycle.is_paid)
            self.take_back.setEnabled(False)
            return
        one = cycle.payouts[row]
        who, words = read_back(one, self.presenter.money)
        self.who.setText(who)
        self.words.setText(words)
        self.main.setEnabled(one.status != PAID or cycle.is_paid)
        self.take_back.setEnabled(one.status == PAID)

    @override
    def keys(self) -> Sequence[KeyHint]:
        return (
            KeyHint("Enter", _("Pay this member")),
            KeyHint("F9", _("Pay all that are left")),
            KeyHint("F6", _("Notes and coins, or payouts")),
            KeyHint("F8", _("Take back the payout of this row")),
            KeyHint("Ctrl+Z", _("Take back the last payout")),
            KeyHint("F4", _("Vote to open it again")),
        )


class NextPart(Page):
    """The next cycle: its days, and the shares bought at once."""

    def __init__(self, presenter: ShareOutPresenter) -> None:
        super().__init__(_("Share-out"))
        self.presenter = presenter
        theme = current_theme()
        chosen = presenter.next
        if chosen is None:
            message = "this step has a next cycle"
            raise ValueError(message)
        head = QHBoxLayout()
        head.setSpacing(theme.px(24))
        words = QVBoxLayout()
        words.setSpacing(theme.px(4))
        words.addWidget(label(_("Everybody is paid"), "title", wrap=True))
        self.first = label("", "note", wrap=True)
        words.addWidget(self.first)
        words.addStretch(1)
        head.addLayout(words, 1)
        self.form = FormView(chosen.days, chosen.days.fields(), columns=2)
        self.form.setFixedWidth(theme.px(440))
        head.addWidget(self.form, 0, Qt.AlignmentFlag.AlignTop)
        self.body.addLayout(head)
        self.grid = GridTable(chosen, _("Bought for the next cycle"))
        self.body.addWidget(self.grid, 1)
        self.main = PrimaryButton(_("Open the next cycle"), icon_name="check", key="F10")
        self.main.clicked.connect(self._go_on)
        self.back = SecondaryButton(_("Payouts"), key="Alt+Left")
        self.back.clicked.connect(presenter.back)
        self.add_to_foot(self.grid.take_sentence_row())
        self.add_action(self.back)
        self.add_action(self.main)
        self.grid.finished.connect(self.main.setFocus)
        presenter.changed.listen(self._show)
        self._show()
        self.setFocusProxy(self.grid)

    def _show(self) -> None:
        is_open = self.presenter.open_meeting is not None
        self.first.setText(
            _("Close the open meeting first.")
            if is_open
            else _("Members may save from their payout.")
        )
        set_role(self.first, "warning" if is_open else "note")

    def _go_on(self) -> None:
        self.hand_over()
        self.presenter.go_on()

    @override
    def hand_over(self) -> None:
        self.form.hand_over()
        self.grid.hand_over()

    @override
    def keys(self) -> Sequence[KeyHint]:
        return (
            KeyHint("Enter", _("Next member")),
            KeyHint("Alt+Left", _("Back to the payouts")),
            KeyHint("F10", _("Open the next cycle")),
        )
