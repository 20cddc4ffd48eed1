"""Writing the rows of the sheet Other that the meeting decides on: changed loans, leavers, votes.

Each goes through the service of its kind. Where a row says what came of it, the book must come to
the same, or the row is refused: a book that only looks the same is worse than none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from vsla_desktop.domain.money import ZERO, plain_amount
from vsla_desktop.domain.postings import Fund
from vsla_desktop.domain.rules import SocialFundRule
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.activities import ActivityKind, Ballot
from vsla_desktop.queries.loans import OUT, LoanState, loans_by_id, loans_of_member
from vsla_desktop.queries.meetings import expected_in_box
from vsla_desktop.queries.mobile_money import Purpose
from vsla_desktop.services.activities import add_activity, record_ballot, record_part
from vsla_desktop.services.counts import PurseCounted
from vsla_desktop.services.expenses import Between
from vsla_desktop.services.external_loans import Borrowing, borrow_outside, repay_outside
from vsla_desktop.services.joining import catch_up_shares
from vsla_desktop.services.leaving import pay_leaver, pay_out_leaver
from vsla_desktop.services.loan_changes import (
    let_off_penalty,
    reschedule_loan,
    take_back_change,
    top_up_loan,
)
from vsla_desktop.services.loan_losses import recover_loan, write_off_loan
from vsla_desktop.services.members import LeavingReason
from vsla_desktop.services.mobile_money import (
    NewPayment,
    record_payment,
    reject_payment,
    verify_payment,
)
from vsla_desktop.services.postings import BOX
from vsla_desktop.services.share_out import freeze_share_out, pay_share_out, propose_share_out
from vsla_desktop.services.share_out_return import take_back_payout
from vsla_desktop.services.votes import record_vote
from vsla_desktop.services.workbook.layout import OtherType
from vsla_desktop.services.workbook.loan_numbers import loan_numbered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.services.workbook.books import OtherRow

SHARING = frozenset(
    {
        OtherType.SHARE_OUT_COUNT.value,
        OtherType.SHARE_OUT.value,
        OtherType.SHARE_OUT_PAID.value,
        OtherType.SHARE_OUT_RETURNED.value,
    }
)
"""What is written last of its meeting: the whole box is shared out."""


@dataclass(frozen=True, slots=True)
class EventWriter:
    """Writes rows at one place: an open meeting (its id), or a day between two meetings."""

    session: Session
    group_id: int
    where: int | Between
    members: Mapping[int, int]
    clock: Clock
    by: int | None
    counts: dict[Fund, PurseCounted] = field(default_factory=dict)

    def writers(self) -> dict[OtherType, Callable[[OtherRow], object]]:
        """Return what writes each kind of row."""
        return {
            OtherType.LOAN_TOP_UP: self._top_up,
            OtherType.LOAN_RESCHEDULED: self._rescheduled,
            OtherType.LOAN_CHANGE_UNDONE: self._change_undone,
            OtherType.PENALTY_LET_OFF: self._let_off,
            OtherType.LOAN_WRITE_OFF: self._written_off,
            OtherType.LOAN_RECOVERED: self._recovered,
            OtherType.CATCH_UP_SHARES: self._caught_up,
            OtherType.LEAVER_PAYOUT: self._leaver,
            OtherType.LEAVER_PAID: self._leaver_paid,
            OtherType.EXTERNAL_LOAN_IN: self._borrowed,
            OtherType.EXTERNAL_LOAN_OUT: self._paid_back,
            OtherType.MOBILE_MONEY: self._phone,
            OtherType.MOBILE_REJECTED: self._phone_rejected,
            OtherType.VOTE: self._vote,
            OtherType.ACTIVITY: self._activity,
            OtherType.SHARE_OUT_COUNT: self._counted,
            OtherType.SHARE_OUT: self._share_out,
            OtherType.SHARE_OUT_PAID: self._share_out_paid,
            OtherType.SHARE_OUT_RETURNED: self._share_out_returned,
        }

    # --- loans ----------------------------------------------------------------------------------

    def _top_up(self, row: OtherRow) -> None:
        loan = self._loan(row)
        top_up_loan(
            self.session,
            self._meeting(),
            loan.loan_id,
            row.amount,
            periods=_periods(row),
            clock=self.clock,
            by=self.by,
        )
        self._check_rest(row, loan)

    def _rescheduled(self, row: OtherRow) -> None:
        loan = self._loan(row)
        _check_same(loan.principal_owed, row.amount, "amount")
        reschedule_loan(
            self.session,
            self._meeting(),
            loan.loan_id,
            _periods(row),
            row.vote,
            from_day=row.day,
            clock=self.clock,
            by=self.by,
        )
        self._check_rest(row, loan)

    def _change_undone(self, row: OtherRow) -> None:
        loan = self._loan(row)
        _check_same(loan.principal_owed, row.amount, "amount")
        self._for_a_reason(take_back_change, row, loan)

    def _let_off(self, row: OtherRow) -> None:
        loan = self._loan(row)
        _check_same(loan.penalty_due, row.amount, "amount")
        self._for_a_reason(let_off_penalty, row, loan)

    def _for_a_reason(self, write: Callable[..., object], row: OtherRow, loan: LoanState) -> None:
        where, why = self._meeting(), row.description
        write(self.session, where, loan.loan_id, why, clock=self.clock, by=self.by)
        self._check_rest(row, loan)

    def _written_off(self, row: OtherRow) -> None:
        loan = self._loan(row)
        write_off_loan(
            self.session,
            self._meeting(),
            loan.loan_id,
            row.vote,
            row.description,
            amount=row.amount,
            clock=self.clock,
            by=self.by,
        )
        self._check_rest(row, loan)

    def _recovered(self, row: OtherRow) -> None:
        recover_loan(
            self.session,
            self._meeting(),
            self._loan(row).loan_id,
            row.amount,
            clock=self.clock,
            by=self.by,
        )

    def _loan(self, row: OtherRow) -> LoanState:
        """Return the loan that a row is about: by its number, or the oldest that runs."""
        member = self._member(row)
        if row.loan is not None:
            loan_id = loan_numbered(self.session, member, row.loan)
            return loans_by_id(self.session, (loan_id,))[loan_id]
        running = loans_of_member(self.session, member, statuses=OUT)
        if not running:
            raise RuleBroken("There is no such loan.", field="loan")
        return running[0]

    def _check_rest(self, row: OtherRow, loan: LoanState) -> None:
        if row.rest is not None:
            after = loans_by_id(self.session, (loan.loan_id,))[loan.loan_id]
            _check_same(after.owed, row.rest, "rest")

    # --- who joins and who leaves ---------------------------------------------------------------

    def _caught_up(self, row: OtherRow) -> None:
        shares = row.detail.strip()
        catch_up_shares(
            self.session,
            self._meeting(),
            self._member(row),
            int(shares) if shares.isdecimal() else 0,
            cost=row.amount,
            clock=self.clock,
            by=self.by,
        )

    def _leaver(self, row: OtherRow) -> None:
        done = pay_out_leaver(
            self.session,
            self._meeting(),
            self._member(row),
            LeavingReason(row.detail.strip().upper() or LeavingReason.LEFT),
            paid=row.amount,
            for_shares=row.right_amount,
            clock=self.clock,
            by=self.by,
        )
        _check_same(done.owed, row.rest or ZERO, "rest")

    def _leaver_paid(self, row: OtherRow) -> None:
        pay_leaver(
            self.session,
            self._meeting(),
            self._member(row),
            row.amount,
            clock=self.clock,
            by=self.by,
        )

    # --- loans from outside ---------------------------------------------------------------------

    def _borrowed(self, row: OtherRow) -> None:
        borrowing = Borrowing(
            lender=row.description,
            amount=row.amount,
            charge=row.charge or ZERO,
            due_date=row.day,
            held_in=row.held_in or BOX,
        )
        borrow_outside(self.session, self._meeting(), borrowing, clock=self.clock, by=self.by)

    def _paid_back(self, row: OtherRow) -> None:
        """Pay back principal, or what the loan cost where the row says so in its detail."""
        is_charge = row.detail.strip().upper() == "CHARGE"
        repay_outside(
            self.session,
            self._meeting(),
            row.description,
            principal=ZERO if is_charge else row.amount,
            charge=row.amount if is_charge else ZERO,
            held_in=row.held_in or BOX,
            clock=self.clock,
            by=self.by,
        )

    # --- money on the phone ---------------------------------------------------------------------

    def _phone(self, row: OtherRow) -> None:
        """Write a payment down; at a meeting it came, between meetings it waits."""
        payment = self._payment(row)
        if isinstance(self.where, int):
            verify_payment(self.session, self.where, payment, clock=self.clock, by=self.by)

    def _phone_rejected(self, row: OtherRow) -> None:
        reject_payment(self.session, self._payment(row), row.note, clock=self.clock, by=self.by)

    def _payment(self, row: OtherRow) -> int:
        day = row.day or row.date
        if day is None:
            raise RuleBroken("Say on which day it was sent.", field="day")
        try:
            purpose = Purpose(row.detail.strip().upper())
        except ValueError:
            raise RuleBroken(
                "{text} is nothing to pay for.", field="saving_type", text=row.detail[:30]
            ) from None
        new = NewPayment(
            member_id=self._member(row),
            amount=row.amount,
            purpose=purpose,
            reference=row.description,
            day=day,
            phone_number=row.phone_number,
        )
        return record_payment(self.session, self.group_id, new, clock=self.clock, by=self.by)

    # --- what the meeting did -------------------------------------------------------------------

    def _vote(self, row: OtherRow) -> None:
        record_vote(
            self.session,
            self._meeting(),
            row.description,
            row.vote,
            description=row.note,
            clock=self.clock,
            by=self.by,
        )

    def _activity(self, row: OtherRow) -> None:
        try:
            kind = ActivityKind(row.detail.strip().upper())
        except ValueError:
            raise RuleBroken(
                "{text} is no kind of activity.", field="saving_type", text=row.detail[:30]
            ) from None
        activity = add_activity(
            self.session, self._meeting(), kind, row.description, clock=self.clock, by=self.by
        )
        for part in filter(None, (each.strip() for each in row.parts.split(","))):
            number, _, said = part.partition(" ")
            member = self.members.get(int(number) if number.isdecimal() else 0)
            if member is None or (said and said not in set(Ballot)):
                raise RuleBroken("{text} is no part of a member.", field="parts", text=part[:30])
            if kind is ActivityKind.VOTING:
                ballot = Ballot(said) if said else None
                record_ballot(self.session, activity, member, ballot, clock=self.clock, by=self.by)
            else:
                record_part(
                    self.session, activity, member, took_part=True, clock=self.clock, by=self.by
                )

    # --- the share-out --------------------------------------------------------------------------

    def _counted(self, row: OtherRow) -> None:
        self.counts[Fund(row.fund or Fund.LOAN_FUND)] = PurseCounted(
            row.amount, reason=row.description
        )

    def _share_out(self, row: OtherRow) -> None:
        """Propose the share-out from the counts before it, and vote on it."""
        expected = expected_in_box(self.session, self.group_id)
        counts = {
            fund: self.counts.get(fund) or PurseCounted(expected.get(fund, ZERO))
            for fund in (Fund.LOAN_FUND, Fund.SOCIAL)
        }
        rule = row.detail.strip().upper()
        plan = propose_share_out(
            self.session,
            self._meeting(),
            counts,
            reserve=row.amount,
            social_rule=SocialFundRule(rule) if rule in set(SocialFundRule) else None,
            clock=self.clock,
            by=self.by,
        )
        if row.rest is not None:
            _check_same(plan.pool, row.rest, "rest")
        freeze_share_out(self.session, self._meeting(), row.vote, clock=self.clock, by=self.by)

    def _share_out_paid(self, row: OtherRow) -> None:
        paid = pay_share_out(
            self.session, self._meeting(), (self._member(row),), clock=self.clock, by=self.by
        )
        _check_same(sum((each.payout for each in paid), ZERO), row.amount, "amount")

    def _share_out_returned(self, row: OtherRow) -> None:
        take_back_payout(
            self.session,
            self._meeting(),
            self._member(row),
            row.description,
            clock=self.clock,
            by=self.by,
        )

    # --- helpers --------------------------------------------------------------------------------

    def _meeting(self) -> int:
        if isinstance(self.where, Between):
            raise RuleBroken("Enter this at a meeting.", field="date")
        return self.where

    def _member(self, row: OtherRow) -> int:
        if row.member is None:
            raise RuleBroken("Choose a member.", field="member")
        return self.members[row.member]


def _periods(row: OtherRow) -> int:
    text = row.detail.strip()
    return int(text) if text.isdecimal() else 0


def _check_same(found: Decimal, said: Decimal, where: str) -> None:
    """Raise :class:`RuleBroken` when the book comes to something else than the row says."""
    if found != said:
        raise RuleBroken(
            "The book comes to {found} here, not {said}.",
            hint="Something before this row is missing.",
            field=where,
            found=plain_amount(found) if found else "0",
            said=plain_amount(said) if said else "0",
        )
