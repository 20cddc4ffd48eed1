"""The purses of a meeting: what each holds, what of it is in the box, and what was counted."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import Fund
from vsla_desktop.queries.balances import Balances, bank_by_fund, fund_balances
from vsla_desktop.queries.meetings import ALWAYS_COUNTED, PurseCount, counts_from_json
from vsla_desktop.queries.tables import MEETINGS

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.queries.pages import Page


@dataclass(frozen=True, slots=True)
class SheetPurse:
    """One purse at this moment: what it holds, and what of it must be in the box.

    ``previous`` is the closing count of the meeting before, None at the first meeting.
    """

    fund: Fund
    balance: Decimal
    at_bank: Decimal
    previous: Decimal | None
    opening: PurseCount | None
    closing: PurseCount | None

    @property
    def in_box(self) -> Decimal:
        """What must be in the box now."""
        return self.balance - self.at_bank


_BEFORE = (
    select(MEETINGS.c.closing_count)
    .where(
        MEETINGS.c.group_id == bindparam("of_group"),
        MEETINGS.c.status == "COMPLETED",
        MEETINGS.c.id != bindparam("meeting"),
        MEETINGS.c.meeting_date <= bindparam("on_day"),
        MEETINGS.c.opened_date < bindparam("opened"),
    )
    .order_by(MEETINGS.c.meeting_date.desc(), MEETINGS.c.closed_date.desc())
    .limit(1)
)


def meeting_purses(session: Session, page: Page, meeting: Any) -> tuple[SheetPurse, ...]:
    """Return the purses of a meeting, whose row is ``meeting``, as they are at this moment."""
    balances: Balances = fund_balances(session, page.group_id)
    at_bank = bank_by_fund(session, page.group_id)
    before = session.connection().execute(
        _BEFORE,
        {
            "of_group": page.group_id,
            "meeting": page.meeting_id,
            "on_day": page.day,
            "opened": meeting.opened_date,
        },
    )
    previous = {count.fund: count.counted for count in counts_from_json(before.scalar())}
    opening = {count.fund: count for count in counts_from_json(meeting.opening_count)}
    closing = {count.fund: count for count in counts_from_json(meeting.closing_count)}
    return tuple(
        SheetPurse(
            fund,
            balances.of(fund),
            at_bank.get(fund, ZERO),
            previous.get(fund),
            opening.get(fund),
            closing.get(fund),
        )
        for fund in Fund
        if fund in ALWAYS_COUNTED or balances.of(fund) or fund in opening or fund in closing
    )
