"""Money that belongs to no member: costs, income, and the way to the bank and back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from vsla_desktop.domain.money import check_amount
from vsla_desktop.domain.postings import Fund, PostingType
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import format_date
from vsla_desktop.queries.balances import fund_balances
from vsla_desktop.queries.meetings import last_closed_day
from vsla_desktop.queries.pages import group_page, writable_page
from vsla_desktop.queries.tables import GROUPS
from vsla_desktop.services.ledger import post
from vsla_desktop.services.postings import BOX, Entry, Posting

if TYPE_CHECKING:
    from decimal import Decimal

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.domain.kinds import ExpenseKind, IncomeKind
    from vsla_desktop.queries.pages import Page


@dataclass(frozen=True, slots=True)
class Between:
    """A day between two meetings of a group, on which money moved."""

    group_id: int
    day: date


def page_between(session: Session, group_id: int, day: date) -> Page:
    """Return the page of a day between two meetings; RuleBroken before the last one closed."""
    page = group_page(session, group_id, day)
    if page.cycle_id is None:
        raise RuleBroken("Open a cycle first.", field="cycle")
    last = last_closed_day(session, group_id)
    if last is not None and day < last:
        raise RuleBroken(
            "Choose a day from {day} on.",
            hint="The meeting of that day is closed.",
            field="date",
            day=format_date(last),
        )
    return page


def _page(session: Session, where: int | Between) -> Page:
    if isinstance(where, Between):
        return page_between(session, where.group_id, where.day)
    return writable_page(session, where)


def record_expense(  # noqa: PLR0913 - the columns of one entry
    session: Session,
    where: int | Between,
    amount: Decimal,
    description: str,
    *,
    fund: Fund = Fund.LOAN_FUND,
    held_in: str = BOX,
    kind: ExpenseKind | None = None,
    clock: Clock,
    by: int | None = None,
) -> Entry:
    """Pay a cost from a fund, at an open meeting (its id) or on a day between two meetings.

    ``held_in`` BANK pays it from the bank account; ``kind`` adds it up with its like. Raise
    :class:`RuleBroken` without words that say what it was for.
    """
    page = _page(session, where)
    posting = _said(PostingType.EXPENSE, fund, amount, description, held_in, kind)
    return post(session, page, posting, clock=clock, by=by)


def record_income(  # noqa: PLR0913 - the columns of one entry
    session: Session,
    where: int | Between,
    amount: Decimal,
    description: str,
    *,
    fund: Fund = Fund.LOAN_FUND,
    held_in: str = BOX,
    kind: IncomeKind | None = None,
    clock: Clock,
    by: int | None = None,
) -> Entry:
    """Take income that no member pays as such: bank interest, a gift, a recovered loss."""
    page = _page(session, where)
    posting = _said(PostingType.OTHER_INCOME, fund, amount, description, held_in, kind)
    return post(session, page, posting, clock=clock, by=by)


def deposit_at_bank(
    session: Session,
    where: int | Between,
    amount: Decimal,
    *,
    fund: Fund = Fund.LOAN_FUND,
    description: str = "",
    clock: Clock,
    by: int | None = None,
) -> Entry:
    """Take money of a fund from the box to the bank; the fund keeps its size."""
    page = _page(session, where)
    posting = Posting(PostingType.BANK_DEPOSIT, fund, amount, description=description.strip())
    return post(session, page, posting, clock=clock, by=by)


def withdraw_from_bank(
    session: Session,
    where: int | Between,
    amount: Decimal,
    *,
    fund: Fund = Fund.LOAN_FUND,
    description: str = "",
    clock: Clock,
    by: int | None = None,
) -> Entry:
    """Fetch money of a fund from the bank into the box; the fund keeps its size."""
    page = _page(session, where)
    posting = Posting(PostingType.BANK_WITHDRAWAL, fund, amount, description=description.strip())
    return post(session, page, posting, clock=clock, by=by)


def note_bank_statement(
    session: Session,
    group_id: int,
    said: Decimal,
    *,
    note: str = "",
    clock: Clock,
    by: int | None = None,  # noqa: ARG001 - told by every service; the audit line takes it
) -> Decimal:
    """Note what the bank says the group has there today, and return how much more than the book.

    Nothing is posted: what differs is a charge, interest or a mistake that is entered as such.
    """
    page = group_page(session, group_id, clock.today())
    check_amount(said, page.currency, field="said", zero_allowed=True)
    book = fund_balances(session, group_id).bank
    line = {
        "day": clock.today().isoformat(),
        "said": str(said),
        "book": str(book),
        "note": " ".join(note.split()),
    }
    group = GROUPS.c.id == group_id
    connection = session.connection()
    noted = connection.execute(select(GROUPS.c.bank_statements).where(group)).scalar() or []
    connection.execute(
        update(GROUPS).where(group),
        {"bank_statements": [*noted, line], "updated_date": clock.now()},
    )
    return said - book


def _said(
    type_: PostingType,
    fund: Fund,
    amount: Decimal,
    words: str,
    held_in: str,
    kind: ExpenseKind | IncomeKind | None,
) -> Posting:
    if not words.strip():
        raise RuleBroken("Say what it was for.", field="description")
    category = kind.value if kind is not None else None
    return Posting(
        type_, fund, amount, description=words.strip(), held_in=held_in, category=category
    )
