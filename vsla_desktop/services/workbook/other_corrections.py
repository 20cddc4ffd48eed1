"""Writing the rows of the sheet Other that put right what an earlier meeting wrote."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, exists, func, or_, select

from vsla_desktop.domain.meeting import AttendanceStatus
from vsla_desktop.domain.postings import PostingType
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.tables import LEDGER
from vsla_desktop.services.attendance_corrections import correct_mark
from vsla_desktop.services.corrections import correct_entry, reverse_entry
from vsla_desktop.services.expenses import Between
from vsla_desktop.services.postings import BANK, BOX
from vsla_desktop.services.workbook.layout import OtherType
from vsla_desktop.services.workbook.loan_numbers import loan_numbered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.services.workbook.books import OtherRow

BETWEEN = 0
"""Stands for no meeting: what was entered between two of them, or before the first."""

_AT_BANK = or_(func.coalesce(LEDGER.c.held_in, BOX) == BANK, LEDGER.c.is_mobile_money.is_(True))
_undone = LEDGER.alias("undone")
_STANDING = (
    select(LEDGER.c.id)
    .where(
        LEDGER.c.group_id == bindparam("of_group"),
        LEDGER.c.transaction_type == bindparam("kind"),
        LEDGER.c.amount == bindparam("sum", type_=LEDGER.c.amount.type),
        ~exists().where(and_(_undone.c.reverses_id == LEDGER.c.id)),
    )
    .order_by(LEDGER.c.id)
)


@dataclass(frozen=True, slots=True)
class CorrectionWriter:
    """Writes corrections at an open meeting; ``meeting_ids`` are those held so far, by number."""

    session: Session
    where: int | Between
    members: Mapping[int, int]
    meeting_ids: Mapping[int, int]
    group_id: int
    clock: Clock
    by: int | None

    def writers(self) -> dict[OtherType, Callable[[OtherRow], object]]:
        """Return what writes each kind of row."""
        return {
            OtherType.CORRECTION: self._correction,
            OtherType.REVERSAL: self._reversal,
            OtherType.MARK_CORRECTED: self._mark,
        }

    def _reversal(self, row: OtherRow) -> object:
        return reverse_entry(
            self.session,
            self._meeting(),
            self._entry(row),
            row.description,
            clock=self.clock,
            by=self.by,
        )

    def _correction(self, row: OtherRow) -> object:
        if not row.right_amount:
            raise RuleBroken("Enter the right amount.", field="right_amount")
        return correct_entry(
            self.session,
            self._meeting(),
            self._entry(row),
            row.right_amount,
            row.description,
            clock=self.clock,
            by=self.by,
        )

    def _mark(self, row: OtherRow) -> None:
        said = row.detail.strip().upper()
        if said not in set(AttendanceStatus):
            raise RuleBroken("{text} is no mark of the roll call.", field="status", text=said[:30])
        if row.of_meeting is None or row.member is None:
            raise RuleBroken("Choose a meeting.", field="fine")
        of_meeting = meeting_named(row, self.meeting_ids)
        correct_mark(
            self.session,
            self._meeting(),
            of_meeting or BETWEEN,
            self.members[row.member],
            AttendanceStatus(said),
            row.description,
            clock=self.clock,
            by=self.by,
        )

    def _entry(self, row: OtherRow) -> int:
        """Find the entry that a row corrects: of an earlier meeting, or of none where that is 0."""
        meeting = meeting_named(row, self.meeting_ids)
        statement = _STANDING.where(LEDGER.c.meeting_id == meeting)
        if row.member is None:
            statement = statement.where(LEDGER.c.member_id.is_(None))
        else:
            statement = statement.where(LEDGER.c.member_id == self.members[row.member])
        if row.fund:
            statement = statement.where(LEDGER.c.fund_type == row.fund)
        if row.note:
            is_told = (LEDGER.c.description, LEDGER.c.mobile_money_reference)
            statement = statement.where(or_(*(told == row.note for told in is_told)))
        if row.held_in:
            statement = statement.where(_AT_BANK if row.held_in == BANK else ~_AT_BANK)
        if row.member is not None and row.loan is not None:
            loan = loan_numbered(self.session, self.members[row.member], row.loan)
            statement = statement.where(LEDGER.c.loan_id == loan)
        try:
            kind = PostingType(row.detail.strip().upper())
        except ValueError:
            raise RuleBroken(
                "{text} is no kind of entry.", field="saving_type", text=row.detail[:30]
            ) from None
        wanted = {"of_group": self.group_id, "kind": kind.value, "sum": row.amount}
        found: int | None = self.session.connection().execute(statement, wanted).scalar()
        if found is None:
            raise RuleBroken("There is no such entry.", hint="Check its meeting and amount.")
        return found

    def _meeting(self) -> int:
        if isinstance(self.where, Between):
            raise RuleBroken("Enter this at a meeting.", field="date")
        return self.where


def meeting_named(row: OtherRow, meeting_ids: Mapping[int, int]) -> int | None:
    """Return the meeting that a row is about: its own unless it names one, none where that is 0."""
    if row.of_meeting == BETWEEN:
        return None
    number = row.meeting if row.of_meeting is None else row.of_meeting
    found = meeting_ids.get(number or 0)
    if found is None:
        raise RuleBroken("That meeting is not in the book yet.", field="fine")
    return found
