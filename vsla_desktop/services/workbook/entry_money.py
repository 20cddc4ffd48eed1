"""The money of the sheet Entries: what each member brings to a meeting, and takes home."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from vsla_desktop.domain.fines import FineType
from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import Fund, PostingType
from vsla_desktop.domain.shares import most_shares
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.pages import Page, writable_page
from vsla_desktop.queries.rules import rules_on
from vsla_desktop.services.cells import set_fine_charged
from vsla_desktop.services.fines import receive_fine_payment
from vsla_desktop.services.ledger import post, post_all
from vsla_desktop.services.loan_requests import pay_out_request
from vsla_desktop.services.loans import LoanTerms, disburse_loan
from vsla_desktop.services.postings import Posting
from vsla_desktop.services.repayments import receive_repayment
from vsla_desktop.services.savings import record_shares, shares_posting
from vsla_desktop.services.social import contribute_social
from vsla_desktop.services.workbook.attempts import Attempts, Place, Refused
from vsla_desktop.services.workbook.layout import ENTRIES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.services.workbook.books import EntryRow

STANDS_IN = "In place of a wrong cell"
ROLL_CALL_FINES = {"LATE": FineType.LATE_ARRIVAL, "ABSENT": FineType.ABSENCE}
"""The fine that the roll call charges by itself, by the mark of the member."""
_LOAN_FIELDS = {
    "principal": "loan_taken",
    "amount": "loan_taken",
    "term_months": "loan_months",
    "guarantor": "loan_guarantors",
    "member": "member",
    "request": "request",
    "loan": "request",
}


def guarantors_of(text: str, members: Mapping[int, int]) -> tuple[int, ...]:
    """Return the members whose numbers stand in a cell, with commas."""
    numbers = (each.strip() for each in text.replace(";", ",").split(","))
    return tuple(
        members[int(each)] for each in numbers if each.isdecimal() and int(each) in members
    )


@dataclass(slots=True)
class EntryMoney:
    """Writes the money of rows at an open meeting, each through the service of its kind.

    ``requested`` are the loans that members asked for, by the number of the request; None is one
    that was refused itself.
    """

    attempts: Attempts
    members: Mapping[int, int]
    clock: Clock
    by: int | None
    loans_refused: set[int] = field(default_factory=set)
    loans_count: int = 0
    requested: dict[int, int | None] = field(default_factory=dict)

    @property
    def session(self) -> Session:
        """The transaction that all of it is written in."""
        return self.attempts.session

    def take_in(self, meeting_id: int, entries: Sequence[EntryRow]) -> None:
        """Write contributions, shares and fines: many at once, as long as nothing is refused."""
        if not self.attempts.finds_all:
            self._post_together(meeting_id, entries)
        else:
            for entry in entries:
                self._contribution(meeting_id, entry)
                self._shares(meeting_id, entry)
        for entry in entries:
            by_roll_call = ROLL_CALL_FINES.get(entry.attendance)
            if entry.fine_type and entry.fine_type != by_roll_call:
                self._fine_charged(meeting_id, entry)

    def _post_together(self, meeting_id: int, entries: Sequence[EntryRow]) -> None:
        page = writable_page(self.session, meeting_id)
        postings: list[Posting] = []
        at: list[tuple[EntryRow, str]] = []
        for entry in entries:
            if entry.social_fund:
                postings.append(
                    Posting(
                        PostingType.SOCIAL_CONTRIBUTION,
                        Fund.SOCIAL,
                        entry.social_fund,
                        member_id=self._id(entry),
                    )
                )
                at.append((entry, "social_fund"))
        for entry in entries:
            if entry.shares:
                postings.append(self._sold(page, entry))
                at.append((entry, "shares"))
        if postings:
            first = at[0]
            self._try(
                first[0],
                first[1],
                lambda: post_all(self.session, page, postings, clock=self.clock, by=self.by),
            )

    def _sold(self, page: Page, entry: EntryRow) -> Posting:
        try:
            return shares_posting(self.session, page, self._id(entry), entry.shares or 0)
        except RuleBroken as problem:
            raise Refused(
                self.attempts.wrong_cell(Place(ENTRIES, entry.row, "shares"), problem)
            ) from problem

    def _contribution(self, meeting_id: int, entry: EntryRow) -> None:
        amount = entry.social_fund
        if not amount:
            return
        self._try(
            entry,
            "social_fund",
            lambda: contribute_social(
                self.session, meeting_id, self._id(entry), amount, clock=self.clock, by=self.by
            ),
            self._instead(meeting_id, Fund.SOCIAL, amount),
        )

    def _shares(self, meeting_id: int, entry: EntryRow) -> None:
        count = entry.shares
        if not count:
            return

        def stand_in() -> None:
            """Sell what may be sold, and take the rest as income: the box holds the same."""
            page = writable_page(self.session, meeting_id)
            rules = rules_on(self.session, page)
            most = min(count, most_shares(rules.max_shares_per_meeting, page.meetings_merged))
            record_shares(
                self.session, meeting_id, self._id(entry), most, clock=self.clock, by=self.by
            )
            rest = (count - most) * rules.share_value
            if rest:
                self._instead(meeting_id, Fund.LOAN_FUND, rest)()

        self._try(
            entry,
            "shares",
            lambda: record_shares(
                self.session, meeting_id, self._id(entry), count, clock=self.clock, by=self.by
            ),
            stand_in,
        )

    def _fine_charged(self, meeting_id: int, entry: EntryRow) -> None:
        kind = FineType(entry.fine_type)
        amount = entry.fine_charged
        if amount is None:
            page = writable_page(self.session, meeting_id)
            amount = rules_on(self.session, page).fine_tariff.get(kind, ZERO)
            if not amount:
                problem = RuleBroken("Enter the amount of the fine.", field="amount")
                self.attempts.refuse(Place(ENTRIES, entry.row, "fine_charged"), problem)
                return
        self.set_fine(meeting_id, entry, kind, amount)

    def set_fine(self, meeting_id: int, entry: EntryRow, kind: FineType, amount: Decimal) -> None:
        """Set what a member is fined for one thing at the meeting."""
        self._try(
            entry,
            "fine_charged",
            lambda: set_fine_charged(
                self.session,
                meeting_id,
                self._id(entry),
                amount,
                kind=kind,
                clock=self.clock,
                by=self.by,
            ),
        )

    def paid_back(self, meeting_id: int, entries: Sequence[EntryRow]) -> None:
        """Take what members pay of fines and loans."""
        for entry in entries:
            self.fine_paid(meeting_id, entry)
            self.repayment(meeting_id, entry)

    def fine_paid(self, meeting_id: int, entry: EntryRow) -> None:
        """Take what the row says of fines, the oldest first."""
        amount = entry.fine_paid
        if not amount:
            return
        self._try(
            entry,
            "fine_paid",
            lambda: receive_fine_payment(
                self.session, meeting_id, self._id(entry), amount, clock=self.clock, by=self.by
            ),
            self._instead(meeting_id, Fund.LOAN_FUND, amount),
        )

    def repayment(self, meeting_id: int, entry: EntryRow) -> None:
        """Take what the row says of loans: penalty, charge and principal in one sum."""
        amount = entry.loan_repaid
        if not amount:
            return
        instead = self._instead(meeting_id, Fund.LOAN_FUND, amount)
        if entry.member in self.loans_refused:
            # Its loan was refused already: that the loan is not there is no news.
            self.quietly(instead)
            return
        self._try(
            entry,
            "loan_repaid",
            lambda: receive_repayment(
                self.session, meeting_id, self._id(entry), amount, clock=self.clock, by=self.by
            ),
            instead,
        )

    def loan(self, meeting_id: int, entry: EntryRow) -> None:
        """Give the loan that the row says."""
        amount = entry.loan_taken
        if not amount:
            return
        terms = LoanTerms(
            principal=amount,
            periods=entry.loan_months,
            purpose=entry.loan_purpose,
            guarantors=guarantors_of(entry.loan_guarantors, self.members),
        )

        def work() -> bool:
            self.give(meeting_id, self._id(entry), terms, entry.request)
            return True

        if entry.request is not None and self.requested.get(entry.request, 0) is None:
            self.loans_refused.add(entry.member)
            self.quietly(self._instead(meeting_id, Fund.LOAN_FUND, -amount))
            return
        given = self.attempts.attempt(
            Place(ENTRIES, entry.row, "loan_taken", _LOAN_FIELDS),
            work,
            stand_in=self._instead(meeting_id, Fund.LOAN_FUND, -amount),
        )
        if given:
            self.loans_count += 1
        else:
            self.loans_refused.add(entry.member)

    def give(self, meeting_id: int, member_id: int, terms: LoanTerms, request: int | None) -> None:
        """Give a loan: the one that the member asked for, where a request is named."""
        if request is None:
            disburse_loan(self.session, meeting_id, member_id, terms, clock=self.clock, by=self.by)
            return
        loan = self.requested.get(request)
        if loan is None:
            raise RuleBroken("There is no request {number}.", field="request", number=request)
        pay_out_request(self.session, meeting_id, loan, clock=self.clock, by=self.by)

    # --- helpers --------------------------------------------------------------------------------

    def _id(self, entry: EntryRow) -> int:
        return self.members[entry.member]

    def _try(
        self,
        entry: EntryRow,
        column: str,
        work: Callable[[], object],
        stand_in: Callable[[], object] | None = None,
    ) -> object:
        place = Place(ENTRIES, entry.row, column, {"member": "member"})
        return self.attempts.attempt(place, work, stand_in=stand_in)

    def quietly(self, work: Callable[[], object]) -> None:
        """Move money in place of what can not be written."""
        attempts = Attempts(
            self.session, self.attempts.places, self.attempts.currency, finds_all=True
        )
        attempts.attempt(Place(ENTRIES, 0, "member"), work)

    def _instead(self, meeting_id: int, fund: Fund, amount: Decimal) -> Callable[[], object]:
        """Return what brings the same money into a fund (or takes it out) as nobody's."""

        def work() -> object:
            page = writable_page(self.session, meeting_id)
            kind = PostingType.OTHER_INCOME if amount > 0 else PostingType.EXPENSE
            posting = Posting(kind, fund, abs(amount), description=STANDS_IN)
            return post(self.session, page, posting, clock=self.clock, by=self.by)

        return work
