"""Counting the box: what was found in each purse, and what becomes of a difference."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, exists, select

from vsla_desktop.domain.meeting import CashDifference, cash_count, check_difference
from vsla_desktop.domain.money import check_amount, plain_amount
from vsla_desktop.domain.postings import Fund, PostingType
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.tables import LEDGER
from vsla_desktop.services.ledger import post, reverse
from vsla_desktop.services.postings import Posting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.queries.pages import Page


@dataclass(frozen=True, slots=True)
class PurseCounted:
    """What was found in one purse: the sum, or the notes and coins that make it.

    ``reason`` says why it differs from the book; it is asked for only then.
    """

    total: Decimal | None = None
    notes: Mapping[Decimal, int] = field(default_factory=dict)
    reason: str = ""

    def counted(self) -> Decimal:
        """Return the sum; raise :class:`RuleBroken` when it is not that of the notes."""
        if not self.notes:
            if self.total is None:
                raise RuleBroken("Count the money.", field="count")
            return self.total
        total = cash_count(self.notes)
        if self.total is not None and self.total != total:
            raise RuleBroken(
                "Count again: the notes make {total}.", field="count", total=plain_amount(total)
            )
        return total


Counts = dict[Fund, PurseCounted]

_undone, _put_right = LEDGER.alias("undone"), LEDGER.alias("put_right")
# A difference of an earlier meeting that is put right here bears the words of its own count.
_IS_CORRECTION = exists().where(
    and_(
        _put_right.c.meeting_id == LEDGER.c.meeting_id,
        _put_right.c.reversed_type == PostingType.CASH_DIFFERENCE.value,
        _put_right.c.fund_type == LEDGER.c.fund_type,
        _put_right.c.reason == LEDGER.c.reason,
    )
)
_DIFFERENCE = select(LEDGER.c.id).where(
    LEDGER.c.meeting_id == bindparam("meeting"),
    LEDGER.c.transaction_type == PostingType.CASH_DIFFERENCE.value,
    LEDGER.c.fund_type == bindparam("purse"),
    LEDGER.c.description == bindparam("words"),
    ~exists().where(and_(_undone.c.reverses_id == LEDGER.c.id)),
    ~_IS_CORRECTION,
)


def settle_counts(
    session: Session,
    page: Page,
    expected: Mapping[Fund, Decimal],
    counts: Mapping[Fund, PurseCounted],
    *,
    words: str,
    clock: Clock,
    by: int | None,
) -> dict[str, Any]:
    """Book what differs from the book, and return the count as the meeting keeps it.

    Every purse that the book expects something of must be counted, and so must the loan fund and
    the social fund. Raise :class:`RuleBroken` for one that is not, and for a difference without a
    reason.
    """
    kept: dict[str, Any] = {}
    for fund in [*expected, *(fund for fund in counts if fund not in expected)]:
        if fund not in counts:
            raise RuleBroken("Count every purse.", field=fund.value, fund=fund.value)
        found = counts[fund]
        total = found.counted()
        check_amount(total, page.currency, field=fund.value, zero_allowed=True)
        difference = CashDifference(expected.get(fund, total * 0), total)
        check_difference(difference, found.reason)
        book_difference(session, page, fund, difference, found.reason, words, clock, by)
        kept[fund.value] = {
            "expected": f"{difference.expected:.2f}",
            "total": f"{total:.2f}",
            "notes": {f"{note:f}": count for note, count in found.notes.items() if count},
            "reason": found.reason.strip(),
        }
    return kept


def book_difference(
    session: Session,
    page: Page,
    fund: Fund,
    difference: CashDifference,
    reason: str,
    words: str,
    clock: Clock,
    by: int | None,
) -> None:
    """Post the difference of a purse; one that was posted for the same count before is undone."""
    wanted = {"meeting": page.meeting_id, "purse": fund.value, "words": words}
    for before in session.connection().execute(_DIFFERENCE, wanted).scalars().all():
        reverse(session, page, before, clock=clock, by=by)
    if not difference.difference:
        return
    posting = Posting(
        PostingType.CASH_DIFFERENCE,
        fund,
        abs(difference.difference),
        direction=difference.direction,
        description=words,
        reason=reason.strip(),
        field=fund.value,
    )
    post(session, page, posting, clock=clock, by=by)
