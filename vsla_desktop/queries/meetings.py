"""The meetings of a group: what was counted, what is expected, and what came before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select

from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import Fund
from vsla_desktop.queries.balances import bank_by_fund, fund_balances
from vsla_desktop.queries.tables import MEETINGS

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

ALWAYS_COUNTED = (Fund.LOAN_FUND, Fund.SOCIAL)
"""The two purses that every group keeps."""


@dataclass(frozen=True, slots=True)
class PurseCount:
    """One purse of one count: what the book expected, what was counted, and the notes and coins.

    ``counted`` is None until it is counted.
    """

    fund: Fund
    expected: Decimal
    counted: Decimal | None = None
    notes: tuple[tuple[Decimal, int], ...] = ()
    reason: str = ""

    @property
    def difference(self) -> Decimal:
        """Counted less expected; nought before the count."""
        return ZERO if self.counted is None else self.counted - self.expected


@dataclass(frozen=True, slots=True)
class MeetingLine:
    """One meeting in the list of a group's meetings."""

    meeting_id: int
    number: int
    day: date
    kind: str
    status: str
    members_count: int
    present_count: int
    savings: Decimal
    fines: Decimal
    repayments: Decimal
    loans_count: int
    seal: str


_LAST_CLOSED = select(func.max(MEETINGS.c.meeting_date)).where(
    MEETINGS.c.group_id == bindparam("of_group"), MEETINGS.c.status == "COMPLETED"
)
_OPEN = (
    select(MEETINGS.c.id)
    .where(MEETINGS.c.group_id == bindparam("of_group"), MEETINGS.c.status == "IN_PROGRESS")
    .limit(1)
)
_PREVIOUS = (
    select(MEETINGS.c.id, MEETINGS.c.seal, MEETINGS.c.closing_count, MEETINGS.c.meeting_date)
    .where(MEETINGS.c.group_id == bindparam("of_group"), MEETINGS.c.status == "COMPLETED")
    .order_by(
        MEETINGS.c.meeting_date.desc(),
        MEETINGS.c.closed_date.desc(),
        MEETINGS.c.meeting_number.desc(),
        MEETINGS.c.id.desc(),
    )
    .limit(1)
)
_LINES = (
    select(MEETINGS)
    .where(MEETINGS.c.group_id == bindparam("of_group"), MEETINGS.c.status != "CANCELLED")
    .order_by(MEETINGS.c.meeting_date, MEETINGS.c.meeting_number)
)


def last_closed_day(session: Session, group_id: int) -> date | None:
    """Return the day of the last meeting that was closed."""
    day: date | None = session.connection().execute(_LAST_CLOSED, {"of_group": group_id}).scalar()
    return day


def open_meeting_id(session: Session, group_id: int) -> int | None:
    """Return the meeting of a group that is open now; a group has one at most."""
    found: int | None = session.connection().execute(_OPEN, {"of_group": group_id}).scalar()
    return found


def last_closed(session: Session, group_id: int) -> Any | None:
    """Return the id, seal, closing count and day of the last meeting that was closed."""
    return session.connection().execute(_PREVIOUS, {"of_group": group_id}).first()


def expected_in_box(session: Session, group_id: int) -> dict[Fund, Decimal]:
    """Return what must be in the box now of each purse that the group uses."""
    balances = fund_balances(session, group_id)
    at_bank = bank_by_fund(session, group_id) if balances.bank else {}
    box = {fund: balances.of(fund) - at_bank.get(fund, ZERO) for fund in Fund}
    return {fund: held for fund, held in box.items() if held or fund in ALWAYS_COUNTED}


def counts_from_json(stored: Any) -> tuple[PurseCount, ...]:
    """Return a count as it stands in ``opening_count`` or ``closing_count``."""
    return tuple(
        PurseCount(
            Fund(fund),
            Decimal(each.get("expected", each.get("total", "0"))),
            None if each.get("total") is None else Decimal(each["total"]),
            tuple(
                sorted(
                    ((Decimal(note), count) for note, count in (each.get("notes") or {}).items()),
                    reverse=True,
                )
            ),
            each.get("reason") or "",
        )
        for fund, each in (stored or {}).items()
    )


def meetings_of(session: Session, group_id: int) -> tuple[MeetingLine, ...]:
    """Return the meetings of a group, the first one first."""
    rows = session.connection().execute(_LINES, {"of_group": group_id})
    return tuple(
        MeetingLine(
            meeting_id=row.id,
            number=row.meeting_number,
            day=row.meeting_date,
            kind=row.meeting_type or "REGULAR",
            status=row.status or "",
            members_count=row.total_members or 0,
            present_count=row.members_present or 0,
            savings=row.total_savings_collected or ZERO,
            fines=row.total_fines_collected or ZERO,
            repayments=row.total_loan_repayments or ZERO,
            loans_count=row.loans_disbursed_count or 0,
            seal=row.seal or "",
        )
        for row in rows
    )
