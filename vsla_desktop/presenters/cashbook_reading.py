"""Reading a month of the cashbook, with what the page says around it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from vsla_desktop.domain.postings import Fund
from vsla_desktop.wording import GroupWords

if TYPE_CHECKING:
    from vsla_desktop.db import Database
    from vsla_desktop.queries.cashbook import CashbookPage
    from vsla_desktop.queries.meetings import MeetingLine


@dataclass(frozen=True, slots=True)
class CashbookMonth:
    """A month's page as it was read; ``first`` is the day of the first line of all."""

    page: CashbookPage
    meetings: tuple[MeetingLine, ...]
    open_meeting_id: int | None
    first: date | None
    month: date
    words: GroupWords


def read_month(
    database: Database,
    group_id: int,
    month: date | None,
    fund: Fund | None,
    today: date,
    wanted: int | None = None,
) -> CashbookMonth:
    """Read a month of a group's cashbook: that of the ``wanted`` entry, or of the last line."""
    from vsla_desktop.queries.balances import last_line
    from vsla_desktop.queries.cashbook import cashbook
    from vsla_desktop.queries.corrections import day_of_entry
    from vsla_desktop.queries.group_words import group_words
    from vsla_desktop.queries.meetings import meetings_of, open_meeting_id
    from vsla_desktop.queries.tables import CASHBOOK

    with database.read() as session:
        meetings = meetings_of(session, group_id)
        if wanted is not None:
            month = day_of_entry(session, wanted).replace(day=1)
        if month is None:
            last = last_line(session, group_id).day
            month = (last or today).replace(day=1)
        first = (
            session.connection()
            .execute(
                CASHBOOK.select()
                .with_only_columns(CASHBOOK.c.transaction_date)
                .where(CASHBOOK.c.group_id == group_id)
                .order_by(CASHBOOK.c.transaction_date)
                .limit(1)
            )
            .scalar()
        )
        until = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        page = cashbook(session, group_id, since=month, until=until, fund=fund)
        opened = open_meeting_id(session, group_id)
        return CashbookMonth(page, meetings, opened, first, month, group_words(session, group_id))
