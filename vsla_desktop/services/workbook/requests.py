"""The sheet Requests: members ask for loans, and meetings vote on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.pages import writable_page
from vsla_desktop.services.assessments import assess_member
from vsla_desktop.services.loan_requests import decide_request, request_loan, withdraw_request
from vsla_desktop.services.loans import LoanTerms
from vsla_desktop.services.workbook.attempts import Attempts, Place
from vsla_desktop.services.workbook.entry_money import guarantors_of
from vsla_desktop.services.workbook.more_sheets import REQUESTS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.services.workbook.more_rows import RequestRow

_FIELDS = {
    "principal": "amount",
    "amount": "amount",
    "term_months": "periods",
    "guarantor": "guarantors",
    "member": "member",
    "date": "date",
    "reason": "note",
    "in_favour": "votes_for",
    "against": "votes_against",
    "abstained": "votes_abstained",
}


@dataclass(slots=True)
class RequestWriter:
    """Writes requests in the order in which they were made; ``loans`` are theirs, by number."""

    attempts: Attempts
    rows: Sequence[RequestRow]
    group_id: int
    members: Mapping[int, int]
    clock: Clock
    by: int | None
    loans: dict[int, int | None]
    asked: set[int] = field(default_factory=set)
    decided: set[int] = field(default_factory=set)

    @property
    def _session(self) -> Session:
        return self.attempts.session

    def before(self, day: date | None) -> None:
        """Write down what was asked before a day, or all that is left."""
        for row in self.rows:
            if row.number not in self.asked and (day is None or row.date < day):
                self._ask(row)

    def at_meeting(
        self, meeting_id: int, number: int, day: date, *, until: int | None = None
    ) -> None:
        """Write down what was asked at a meeting, and how it voted; ``until`` is the last one."""
        for row in self.rows:
            if until is not None and row.number > until:
                break
            if row.number not in self.asked and row.date <= day:
                self._ask(row)
            loan = self.loans.get(row.number)
            if row.meeting == number and loan is not None and row.number not in self.decided:
                self.decided.add(row.number)
                self._try(
                    row,
                    "meeting",
                    lambda row=row, loan=loan: self._decide(meeting_id, loan, row),  # type: ignore[misc]
                )
                self._let_go(row)

    def last_naming(self, number: int) -> int | None:
        """Return the number of the last request of a member, or with her as guarantor."""
        naming = (
            row.number
            for row in self.rows
            if row.member == number or number in guarantors_of(row.guarantors, {number: number})
        )
        return max(naming, default=None)

    def _ask(self, row: RequestRow) -> None:
        self.asked.add(row.number)
        self.loans[row.number] = None
        if row.member not in self.members:
            return
        terms = LoanTerms(
            principal=row.amount,
            periods=row.periods,
            purpose=row.purpose,
            guarantors=guarantors_of(row.guarantors, self.members),
        )

        def work() -> None:
            member = self.members[row.member]
            asked = request_loan(
                self._session,
                self.group_id,
                member,
                terms,
                day=row.date,
                clock=self.clock,
                by=self.by,
            )
            self.loans[row.number] = asked.loan_id

        self._try(row, "amount", work)
        if row.meeting is None:
            self._let_go(row)

    def _decide(self, meeting_id: int, loan: int, row: RequestRow) -> None:
        """Vote on a request; an assessment that became too old is made anew, as was done then."""
        try:
            self._vote(meeting_id, loan, row)
        except RuleBroken as problem:
            if problem.field != "assessment":
                raise
            assess_member(
                self._session,
                self.group_id,
                self.members[row.member],
                day=writable_page(self._session, meeting_id).day,
                clock=self.clock,
                by=self.by,
            )
            self._vote(meeting_id, loan, row)

    def _vote(self, meeting_id: int, loan: int, row: RequestRow) -> None:
        decide_request(
            self._session,
            meeting_id,
            loan,
            row.vote,
            reason=row.note,
            clock=self.clock,
            by=self.by,
        )

    def _let_go(self, row: RequestRow) -> None:
        loan = self.loans.get(row.number)
        if row.withdrawn and loan is not None:
            self._try(
                row,
                "withdrawn",
                lambda: withdraw_request(
                    self._session, loan, row.withdrawn, clock=self.clock, by=self.by
                ),
            )

    def _try(self, row: RequestRow, column: str, work: Callable[[], None]) -> None:
        self.attempts.attempt(Place(REQUESTS, row.row, column, _FIELDS), work)
