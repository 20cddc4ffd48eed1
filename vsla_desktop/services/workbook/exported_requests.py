"""Requests for loans as the workbook holds them: who asked, and how the meeting voted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from vsla_desktop.queries.loans import ASKED
from vsla_desktop.queries.tables import LEDGER, LOANS
from vsla_desktop.services.workbook.exported_changes import hands, is_passed
from vsla_desktop.services.workbook.exported_members import guarantor_numbers
from vsla_desktop.services.workbook.more_rows import RequestRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from sqlalchemy.orm import Session

    from vsla_desktop.queries.books import Books
    from vsla_desktop.services.workbook.exported_changes import ExportedChanges

_ASKED = (
    select(LOANS)
    .where(LOANS.c.group_id == bindparam("of_group"), LOANS.c.assessment_id.is_not(None))
    .order_by(LOANS.c.application_date, LOANS.c.id)
)
_GIVEN = (
    select(LEDGER.c.loan_id)
    .where(
        LEDGER.c.group_id == bindparam("of_group"),
        LEDGER.c.transaction_type == "LOAN_DISBURSEMENT",
        LEDGER.c.loan_id.is_not(None),
    )
    .distinct()
)


class ExportedRequests:
    """The loans that members asked for. A loan that was given at once was not asked for."""

    def __init__(self, session: Session, written: Books, cycles: Collection[int]) -> None:
        wanted = {"of_group": written.group.group_id}
        connection = session.connection()
        self._given = set(connection.execute(_GIVEN, wanted).scalars())
        self._members = written.members
        found = connection.execute(_ASKED, wanted).all()
        self._loans = [
            loan for loan in found if loan.cycle_id in {None, *cycles} and self._is_kept(loan)
        ]
        self._numbers = {loan.id: number for number, loan in enumerate(self._loans, 1)}
        self._votes: dict[int, Any] = {}
        self.lost_count = 0

    def _is_kept(self, loan: Any) -> bool:
        """Leave out what was given and undone at the same meeting: nothing of it is in the book."""
        was_undone = loan.status == ASKED and loan.approval_date and not loan.status_reason
        return loan.id in self._given or not was_undone

    def number(self, loan_id: int) -> int | None:
        """Return the number of the request for a loan; None for one that was given at once."""
        return self._numbers.get(loan_id)

    def find_votes(self, changes: ExportedChanges) -> None:
        """Let the votes on requests stand in their rows."""
        numbers = {each.member_id: each.number for each in self._members}
        for loan in self._loans:
            wanted = f"Loan: {numbers[loan.member_id]} "
            vote = next((v for v in changes.votes(wanted) if _decides(v, loan)), None)
            if vote is not None:
                changes.use(vote)
                self._votes[loan.id] = vote
            self.lost_count += vote is None and loan.approval_date is not None

    def rows(self, changes: ExportedChanges) -> Iterator[RequestRow]:
        """Yield the requests in the order in which they were made."""
        numbers = {each.member_id: each.number for each in self._members}
        for loan in self._loans:
            vote = self._votes.get(loan.id)
            is_refused = vote is not None and not is_passed(vote)
            voted: Mapping[str, Any] = {} if vote is None else hands(vote)
            yield RequestRow(
                number=self._numbers[loan.id],
                member=numbers[loan.member_id],
                date=loan.application_date,
                amount=changes.given(loan.id) or loan.principal,
                periods=loan.term_months,
                purpose=loan.loan_purpose or "",
                guarantors=", ".join(map(str, guarantor_numbers(loan, self._members))),
                meeting=None if vote is None else changes.number(vote.meeting_id),
                note="" if vote is None else vote.description or "",
                withdrawn="" if is_refused else self._withdrawn(loan),
                **voted,
            )

    def _withdrawn(self, loan: Any) -> str:
        """Return why a request was let go; a loan that was given has its own reasons."""
        return "" if loan.id in self._given else loan.status_reason or ""


def _decides(vote: Any, loan: Any) -> bool:
    """Say whether a vote decided on a request."""
    if is_passed(vote):
        return bool(loan.approval_date == vote.meeting_date)
    is_told = loan.status_reason and (vote.description or "").strip() == loan.status_reason
    return bool(
        is_told and loan.approval_date is None and vote.meeting_date >= loan.application_date
    )
