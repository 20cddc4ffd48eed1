"""What can be done with a loan: each a form of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session
from typing_extensions import override

from vsla_desktop.domain.postings import Fund
from vsla_desktop.i18n import _, format_date
from vsla_desktop.presenters.days import write_day
from vsla_desktop.presenters.loans_form import Done, LoanForm, Tried
from vsla_desktop.presenters.loans_text import charge_said, terms_said
from vsla_desktop.presenters.votes import HANDS
from vsla_desktop.queries.loan_history import LET_OFF
from vsla_desktop.services.loan_changes import (
    let_off_penalty,
    reschedule_loan,
    take_back_change,
    top_up_loan,
)
from vsla_desktop.services.loan_losses import recover_loan, write_off_loan
from vsla_desktop.services.loan_requests import (
    decide_request,
    pay_out_request,
    request_loan,
    withdraw_request,
)
from vsla_desktop.services.loans import LoanTerms
from vsla_desktop.services.repayments import receive_repayment


class AskForm(LoanForm):
    """A member asks for a loan."""

    keys = ("member", "amount", "periods", "purpose", "guarantors")

    @override
    def title(self) -> str:
        return _("A member asks for a loan")

    @override
    def button(self) -> str:
        return _("Write it down")

    @override
    def act(self, session: Session, values: Mapping[str, Any]) -> Done:
        rules, money = self.around.rules, self.loans.money
        terms = LoanTerms(
            principal=values["amount"],
            periods=values["periods"],
            purpose=values["purpose"],
            guarantors=values["guarantors"],
        )
        asked = request_loan(
            session,
            self.loans.group_id,
            values["member"],
            terms,
            day=self.around.day,
            clock=self.loans.clock,
        )
        said = terms_said(asked.instalments, rules.loan_period, money)
        cost = charge_said(rules.loan_interest_rate, rules.loan_interest_method)
        fund = self.around.fund
        rows = (
            (
                self.around.words.fund(Fund.LOAN_FUND),
                self.said(fund),
                self.said(fund - terms.principal),
            ),
            *(
                (_("Pay on {day}", day=format_date(row.due_date)), "", self.said(row.total))
                for row in asked.instalments
            ),
        )
        return Done(asked.loan_id, f"{said} {cost}", asked.warnings, rows, saved=_("Written down."))


class VoteForm(LoanForm):
    """The meeting votes on a request."""

    keys = (*HANDS, "reason")

    @override
    def title(self) -> str:
        return _("Vote on this loan")

    @override
    def button(self) -> str:
        return _("Write down the vote")

    @override
    def note(self, key: str) -> str:
        return _("Needed when it is refused.") if key == "reason" else super().note(key)

    @override
    def act(self, session: Session, values: Mapping[str, Any]) -> Done:
        decided = decide_request(
            session,
            self.meeting_id,
            self.loan_id,
            values["vote"],
            reason=values["reason"],
            clock=self.loans.clock,
        )
        said = _("The loan is approved.") if decided.is_approved else _("The loan is refused.")
        return Done(self.loan_id, said)


class WithdrawForm(LoanForm):
    """A member lets a request go."""

    keys = ("reason",)

    @override
    def title(self) -> str:
        return _("Let this request go")

    @override
    def button(self) -> str:
        return _("Let it go")

    @override
    def act(self, session: Session, values: Mapping[str, Any]) -> Done:
        withdraw_request(session, self.loan_id, values["reason"], clock=self.loans.clock)
        return Done(self.loan_id, _("The request is let go."))


class PayOutForm(LoanForm):
    """The money of an approved loan is given."""

    @override
    def title(self) -> str:
        return _("Pay out this loan")

    @override
    def button(self) -> str:
        return _("Pay out")

    @override
    def act(self, session: Session, values: Mapping[str, Any]) -> Done:
        given = pay_out_request(session, self.meeting_id, self.loan_id, clock=self.loans.clock)
        return Done(given.loan_id, _("Paid out."), given.warnings)


class PayForm(LoanForm):
    """A payment is taken."""

    keys = ("amount",)

    @override
    def title(self) -> str:
        return _("Take a payment")

    @override
    def button(self) -> str:
        return _("Take it")

    @override
    def first_texts(self) -> Mapping[str, str]:
        due = self.loan.next_due()
        until = max(due.due_date, self.around.day) if due is not None else self.around.day
        usual = min(self.loan.due(until), self.loan.settles(self.around.day))
        return {"amount": self.said(usual)}

    @override
    def note(self, key: str) -> str:
        return _("{amount} clears it today.", amount=self.said(self.loan.settles(self.around.day)))

    @override
    def act(self, session: Session, values: Mapping[str, Any]) -> Done:
        paid = receive_repayment(
            session,
            self.meeting_id,
            self.loan.member_id,
            values["amount"],
            loan_id=self.loan_id,
            clock=self.loans.clock,
        )
        said = _(
            "Penalty {penalty}, charge {charge}, principal {principal}.",
            penalty=self.said(paid.penalty),
            charge=self.said(paid.charge),
            principal=self.said(paid.principal),
        )
        return Done(
            self.loan_id, f"{said} {_('The loan is paid back.')}" if not paid.left else said
        )

    @override
    def would(self, found: Tried) -> str:
        return found.done.sentence


class TopUpForm(LoanForm):
    """More money on a running loan."""

    keys = ("amount", "periods")

    @override
    def title(self) -> str:
        return _("Lend more on this loan")

    @override
    def button(self) -> str:
        return _("Lend it")

    @override
    def first_texts(self) -> Mapping[str, str]:
        return {"periods": str(self.loan.periods)}

    @override
    def act(self, session: Session, values: Mapping[str, Any]) -> Done:
        changed = top_up_loan(
            session,
            self.meeting_id,
            self.loan_id,
            values["amount"],
            periods=values["periods"],
            clock=self.loans.clock,
        )
        return Done(self.loan_id, _("Lent."), changed.warnings)


class RescheduleForm(LoanForm):
    """What is owed is spread over other days."""

    keys = ("periods", "from_day", *HANDS)

    @override
    def title(self) -> str:
        return _("Spread what is owed anew")

    @override
    def button(self) -> str:
        return _("Write down the vote")

    @override
    def first_texts(self) -> Mapping[str, str]:
        return {"from_day": write_day(self.around.day)}

    @override
    def act(self, session: Session, values: Mapping[str, Any]) -> Done:
        changed = reschedule_loan(
            session,
            self.meeting_id,
            self.loan_id,
            values["periods"],
            values["vote"],
            from_day=values["from_day"],
            clock=self.loans.clock,
        )
        said = _("The days are changed.") if changed.is_passed else _("The vote was lost.")
        return Done(self.loan_id, said)


class LetOffForm(LoanForm):
    """A borrower is let off what is unpaid of the penalties."""

    keys = ("reason",)

    @override
    def title(self) -> str:
        return _("Let off the penalty")

    @override
    def button(self) -> str:
        return _("Let it off")

    @override
    def act(self, session: Session, values: Mapping[str, Any]) -> Done:
        amount = let_off_penalty(
            session, self.meeting_id, self.loan_id, values["reason"], clock=self.loans.clock
        )
        return Done(self.loan_id, _("{amount} let off.", amount=self.said(amount)))


class TakeBackForm(LoanForm):
    """The last change of a loan is taken back: other days, or a penalty let off."""

    keys = ("reason",)

    @override
    def title(self) -> str:
        change = self.one.read.standing if self.one is not None else None
        day = format_date(change.day) if change is not None else ""
        if change is not None and change.name == LET_OFF:
            return _("Ask the penalty of {day} again", day=day)
        return _("Take back the other days of {day}", day=day)

    @override
    def button(self) -> str:
        return _("Take it back")

    @override
    def act(self, session: Session, values: Mapping[str, Any]) -> Done:
        take_back_change(
            session, self.meeting_id, self.loan_id, values["reason"], clock=self.loans.clock
        )
        return Done(self.loan_id, _("Taken back."))


class WriteOffForm(LoanForm):
    """A loan is given up."""

    keys = ("amount", "reason", *HANDS)

    @override
    def title(self) -> str:
        return _("Write off this loan")

    @override
    def button(self) -> str:
        return _("Write down the vote")

    @override
    def first_texts(self) -> Mapping[str, str]:
        return {"amount": self.said(self.loan.principal_owed)}

    @override
    def note(self, key: str) -> str:
        if key == "amount":
            return _("The fund loses this. No money moves.")
        return super().note(key)

    @override
    def act(self, session: Session, values: Mapping[str, Any]) -> Done:
        lost = write_off_loan(
            session,
            self.meeting_id,
            self.loan_id,
            values["vote"],
            values["reason"],
            amount=values["amount"],
            clock=self.loans.clock,
        )
        if not lost.is_passed:
            return Done(self.loan_id, _("The vote was lost."))
        return Done(self.loan_id, _("{amount} written off.", amount=self.said(lost.amount)))


class RecoverForm(LoanForm):
    """Money comes for a loan that was written off."""

    keys = ("amount",)

    @override
    def title(self) -> str:
        return _("Recover a lost loan")

    @override
    def button(self) -> str:
        return _("Take it")

    @override
    def act(self, session: Session, values: Mapping[str, Any]) -> Done:
        recover_loan(
            session, self.meeting_id, self.loan_id, values["amount"], clock=self.loans.clock
        )
        return Done(self.loan_id, _("Recovered."))
