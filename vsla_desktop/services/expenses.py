"""Money that belongs to no member: costs, income, and the way to the bank and back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from vsla_desktop.domain.postings import Fund, PostingType
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import format_date
from vsla_desktop.queries.meetings import last_closed_day
from vsla_desktop.queries.pages import group_page, writable_page
from vsla_desktop.services.ledger import post
from vsla_desktop.services.postings import BOX, Entry, Posting

if TYPE_CHECKING:
    from decimal import Decimal

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
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


def record_expense(
    session: Session,
    where: int | Between,
    amount: Decimal,
    description: str,
    *,
    fund: Fund = Fund.LOAN_FUND,
    held_in: str = BOX,
    clock: Clock,
    by: int | None = None,
) -> Entry:
    """Pay a cost from a fund, at an open meeting (its id) or on a day between two meetings.

    ``held_in`` BANK pays it from the bank account. Raise :class:`RuleBroken` without words that
    say what it was for.
    """
    page = _page(session, where)
    posting = _said(PostingType.EXPENSE, fund, amount, description, held_in)
    return post(session, page, posting, clock=clock, by=by)


def record_income(
    session: Session,
    where: int | Between,
    amount: Decimal,
    description: str,
    *,
    fund: Fund = Fund.LOAN_FUND,
    held_in: str = BOX,
    clock: Clock,
    by: int | None = None,
) -> Entry:
    """Take income that no member pays as such: bank interest, a gift, a recovered loss."""
    page = _page(session, where)
    posting = _said(PostingType.OTHER_INCOME, fund, amount, description, held_in)
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


def _said(kind: PostingType, fund: Fund, amount: Decimal, words: str, held_in: str) -> Posting:
    if not words.strip():
        raise RuleBroken("Say what it was for.", field="description")
    return Posting(kind, fund, amount, description=words.strip(), held_in=held_in)
