"""Paying members one after another, or all; and taking back what was paid by mistake."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import _
from vsla_desktop.presenters.share_out_forms import TakeBackForm
from vsla_desktop.presenters.share_out_steps import Step
from vsla_desktop.presenters.share_out_text import read_back
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.queries.share_out import PAID, MemberPayout
from vsla_desktop.services.share_out import PaidOut, pay_share_out
from vsla_desktop.services.share_out_return import take_back_payout

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.presenters.share_out import ShareOutPresenter


class Paying:
    """What is done with the payouts of a share-out that is voted.

    ``asks_all`` says that paying all is asked for a second time; ``taking_back`` is the payout that
    is to come back, and why.
    """

    def __init__(self, page: ShareOutPresenter) -> None:
        self.page = page
        self.asks_all = False
        self.taking_back: TakeBackForm | None = None
        self._paid: list[int] = []

    def pay_row(self, row: int) -> None:
        """Pay the member of a row of the table."""
        one = self._payout(row)
        if one is not None:
            self._pay(one)

    def pay_all(self) -> None:
        """Pay all who are not paid yet, once it is asked for a second time."""
        if self.page.step is not Step.PAY:
            return
        if not self.asks_all:
            self.asks_all = True
            self.page.changed()
            return
        self._pay(None)

    def take_back_row(self, row: int) -> None:
        """Ask why the payout of a row is to be taken back."""
        one = self._payout(row)
        if one is not None:
            self._ask(one)

    def undo(self) -> None:
        """Ask why the last payout is to be taken back."""
        cycle = self.page.cycle
        found = {each.holder.member_id: each for each in cycle.payouts} if cycle is not None else {}
        while self._paid and found[self._paid[-1]].status != PAID:
            self._paid.pop()
        if self._paid:
            self._ask(found[self._paid[-1]])
        else:
            self.page.shell.say(_("Nothing to undo."), tone=Tone.PLAIN)

    def write_taking_back(self) -> None:
        """Take the payout back, if it is said why."""
        asked, page = self.taking_back, self.page
        if asked is None:
            return
        wrong = asked.form.check()
        if wrong:
            page.field_wanted(wrong)
            return
        member, reason = asked.payout.holder.member_id, asked.form.value("reason")

        def job(session: Session, meeting_id: int) -> PaidOut:
            return take_back_payout(session, meeting_id, member, reason, clock=page.clock)

        def done(_paid: PaidOut) -> None:
            self.taking_back = None
            who, _words = read_back(asked.payout, page.money)
            is_money = bool(asked.payout.line.payout)
            hint = _("Put the money back in the box.") if is_money else ""
            page.shell.say(_("Taken back: {what}", what=who), hint=hint)
            page.refresh()

        page.writer.write_in(page.open_meeting, job, done, page.refuse)

    def _payout(self, row: int) -> MemberPayout | None:
        cycle = self.page.cycle
        if self.page.step is not Step.PAY or cycle is None or not 0 <= row < len(cycle.payouts):
            return None
        return cycle.payouts[row]

    def _pay(self, one: MemberPayout | None) -> None:
        self.asks_all = False
        page = self.page
        members = None if one is None else (one.holder.member_id,)

        def job(session: Session, meeting_id: int) -> tuple[PaidOut, ...]:
            return pay_share_out(session, meeting_id, members, clock=page.clock)

        def done(paid: tuple[PaidOut, ...]) -> None:
            self._paid += [each.member_id for each in paid]
            if one is not None:
                who, words = read_back(one, page.money)
                page.shell.say(_("Paid: {who}", who=who), hint=words)
            page.refresh()

        page.writer.write_in(page.open_meeting, job, done, page.shell.say_error)

    def _ask(self, one: MemberPayout) -> None:
        if one.status != PAID:
            self.page.shell.say_error(RuleBroken("{name} is not paid.", name=one.holder.name))
            return
        self.asks_all = False
        self.page.shell.say_nothing()
        self.taking_back = TakeBackForm(one)
        self.page.go(Step.TAKE_BACK)
