"""The cashbook: what came in, what went out, and what every purse held after each line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from vsla_desktop.queries.balances import Balances, fund_balances
from vsla_desktop.queries.filtering import Listed, narrowed
from vsla_desktop.queries.lines import LedgerLine, group_lines
from vsla_desktop.queries.tables import GROUPS, LEDGER, MEMBERS

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.domain.postings import Fund
    from vsla_desktop.queries.filtering import Filter


@dataclass(frozen=True, slots=True)
class CashbookLine:
    """One line, and what every purse held after it."""

    entry: LedgerLine
    after: Balances


@dataclass(frozen=True, slots=True)
class CashbookPage:
    """The cashbook of some days: what every purse held before them, the lines, and at their end."""

    before: Balances
    lines: tuple[CashbookLine, ...]
    after: Balances


def cashbook(
    session: Session,
    group_id: int,
    *,
    since: date = date.min,
    until: date = date.max,
    fund: Fund | None = None,
) -> CashbookPage:
    """Return a group's cashbook from one day to another, of one fund or of all.

    An entry that was replaced in its meeting is one line, so the balances run over what is shown.
    """
    before = (
        Balances()
        if since == date.min
        else fund_balances(session, group_id, since - timedelta(days=1))
    )
    running = before
    lines = []
    for entry in group_lines(session, group_id, since, until):
        running = running.moved(entry.fund, entry.effect, entry.bank)
        if fund is None or entry.fund == fund:
            lines.append(CashbookLine(entry, running))
    return CashbookPage(before, tuple(lines), running)


def entries_asked(session: Session, wanted: Filter) -> frozenset[int]:
    """Return the ids of the ledger's rows that a filter asks for."""
    statement = select(LEDGER.c.id).select_from(
        LEDGER.join(GROUPS, GROUPS.c.id == LEDGER.c.group_id).outerjoin(
            MEMBERS, MEMBERS.c.id == LEDGER.c.member_id
        )
    )
    listed = Listed(
        day=LEDGER.c.transaction_date,
        amount=LEDGER.c.amount,
        fund=LEDGER.c.fund_type,
        by_phone=LEDGER.c.is_mobile_money,
        held_in=LEDGER.c.held_in,
    )
    statement = narrowed(statement, wanted, groups=GROUPS, members=MEMBERS, listed=listed)
    return frozenset(session.connection().scalars(statement))
