"""The ledger: the only place in the program where money is written down.

A posting is checked against the rules, then written as a row of ``group_transactions`` with its
line in the cashbook and, for savings, its line in the member's account. Rows are added and never
changed: what was wrong is reversed. See docs/rules.md#postings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from vsla_desktop.domain.postings import (
    POSTING_RULES,
    Fund,
    PostingType,
    effect,
)
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.shared_funds import frozen_funds
from vsla_desktop.queries.tables import LEDGER, SAVINGS
from vsla_desktop.services.postings import (
    BOX,
    REJECTED,
    VERIFIED,
    WORDS,
    Entry,
    MobileMoney,
    Posting,
    details,
)
from vsla_desktop.services.writing import Reversed, Writer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.queries.pages import Page

_FIND_ENTRY = select(LEDGER).where(LEDGER.c.id == bindparam("entry"))
_FIND_REVERSAL = select(LEDGER.c.id).where(LEDGER.c.reverses_id == bindparam("entry"))
_FIND_SAVING = select(SAVINGS).where(SAVINGS.c.group_transaction_id == bindparam("entry"))
_ON_ACCOUNTS = frozenset(
    {
        PostingType.SAVINGS_DEPOSIT,
        PostingType.SAVINGS_WITHDRAWAL,
        PostingType.SHARE_OUT,
        PostingType.LEAVER_PAYOUT,
    }
)
"""What moves a member's account as well; its reversal moves it back."""


def post(
    session: Session, page: Page, posting: Posting, *, clock: Clock, by: int | None = None
) -> Entry:
    """Write one movement of money, and return its ledger row.

    Raise :class:`RuleBroken`, with nothing written, when the meeting is closed, the day lies
    before the group or its cycle began, the amount can not be booked in the currency, the type may
    not touch the fund, the member is not an active member of the group, or a fund, the box or the
    bank would fall below nought.
    """
    return post_all(session, page, (posting,), clock=clock, by=by)[0]


def post_all(
    session: Session,
    page: Page,
    postings: Sequence[Posting],
    *,
    clock: Clock,
    by: int | None = None,
) -> tuple[Entry, ...]:
    """Write several movements of one page in order, as :func:`post` does; all or none."""
    return Writer(session, page, clock, by).write([(posting, None) for posting in postings])


def reverse(
    session: Session,
    page: Page,
    transaction_id: int,
    *,
    reason: str | None = None,
    clock: Clock,
    by: int | None = None,
) -> Entry:
    """Undo one entry by its exact opposite, written on ``page``; the entry itself stays.

    An entry of cash of the meeting that is open needs no reason: it is being replaced. Raise
    :class:`RuleBroken` for an entry that was reversed before, is a reversal itself, belongs to
    another group, or needs a reason; and when money that it brought has been used since.
    """
    return reverse_all(session, page, (transaction_id,), reason=reason, clock=clock, by=by)[0]


def reverse_all(
    session: Session,
    page: Page,
    transaction_ids: Sequence[int],
    *,
    reason: str | None = None,
    is_told: bool = False,
    clock: Clock,
    by: int | None = None,
) -> tuple[Entry, ...]:
    """Undo several entries in order, as :func:`reverse` does; all or none.

    With ``is_told`` the reason stands in the book also where an entry is one of the open meeting:
    it was no slip of the pen, but money that was handed out and came back.
    """
    undone = [_opposite(session, page, each, reason, is_told=is_told) for each in transaction_ids]
    return Writer(session, page, clock, by).write(undone)


def replace(
    session: Session,
    page: Page,
    old_ids: Sequence[int],
    postings: Sequence[Posting],
    *,
    reason: str | None = None,
    clock: Clock,
    by: int | None = None,
) -> tuple[Entry, ...]:
    """Undo old entries and write new ones in their place; return the new ones.

    What brings money in is written first, so that a fund falls below nought on no line unless the
    whole would leave it there.
    """
    lines: list[tuple[Posting, Reversed | None]] = [(posting, None) for posting in postings]
    lines += [_opposite(session, page, each, reason) for each in old_ids]
    order = sorted(range(len(lines)), key=lambda index: -_inflow(*lines[index]))
    entries = Writer(session, page, clock, by).write([lines[index] for index in order])
    at = dict(zip(order, entries, strict=True))
    return tuple(at[index] for index in range(len(postings)))


def correct(
    session: Session,
    page: Page,
    old_id: int,
    posting: Posting,
    *,
    reason: str,
    clock: Clock,
    by: int | None = None,
) -> tuple[Entry, Entry]:
    """Undo an entry and write the right one after it; return the reversal and the right one.

    Where the purse holds less than the reversal takes, the right one comes first: it need only hold
    the difference.
    """
    undone = _opposite(session, page, old_id, reason)
    try:
        reversal, right = Writer(session, page, clock, by).write([undone, (posting, None)])
    except RuleBroken:  # nothing is written before all is checked
        right, reversal = Writer(session, page, clock, by).write([(posting, None), undone])
    return reversal, right


def check_stands(session: Session, row: Any) -> None:
    """Raise :class:`RuleBroken` for what undoes an entry, was undone, or never counted."""
    if row.transaction_type == PostingType.REVERSAL:
        raise RuleBroken(
            "Reverse an entry, not a reversal.", hint="Enter the right amount again instead."
        )
    if session.connection().execute(_FIND_REVERSAL, {"entry": row.id}).first() is not None:
        raise RuleBroken("This entry was reversed before.")
    if row.verification_status == REJECTED or (
        row.is_mobile_money and row.verification_status != VERIFIED
    ):
        raise RuleBroken("This money did not come.", hint="There is nothing to reverse.")


def _inflow(posting: Posting, undone: Reversed | None) -> int:
    if undone is not None:
        return posting.direction or 0
    return posting.direction or POSTING_RULES[posting.type].direction or 0


def _opposite(
    session: Session,
    page: Page,
    transaction_id: int,
    reason: str | None,
    *,
    is_told: bool = False,
) -> tuple[Posting, Reversed]:
    connection = session.connection()
    row = connection.execute(_FIND_ENTRY, {"entry": transaction_id}).first()
    if row is None or row.group_id != page.group_id:
        raise RuleBroken("This entry is not in the book of the group.")
    check_stands(session, row)
    is_own = page.meeting_id is not None and row.meeting_id == page.meeting_id
    # Money on the phone is never an entry of the sheet, so nothing of it is replaced in silence.
    is_replaced = is_own and not is_told and not row.is_mobile_money
    why = "" if is_replaced else (reason or "").strip()
    if not is_replaced and not why:
        raise RuleBroken("Say why it is corrected.", field="reason")
    if row.transaction_type not in POSTING_RULES:
        raise RuleBroken(
            "This entry came from another program.", hint="Enter the difference instead."
        )
    kind = PostingType(row.transaction_type)
    if row.cycle_id != page.cycle_id:
        _check_not_shared_out(session, row.cycle_id, fund_of(kind, row.fund_type))
    said = row.direction if POSTING_RULES[kind].direction is None else None
    done = effect(kind, said=said)
    saving = (
        connection.execute(_FIND_SAVING, {"entry": transaction_id}).first()
        if kind in _ON_ACCOUNTS
        else None
    )
    posting = Posting(
        PostingType.REVERSAL,
        fund_of(kind, row.fund_type),
        row.amount,
        member_id=row.member_id,
        loan_id=row.loan_id,
        fine_id=row.fine_id,
        activity_id=row.activity_id,
        account_id=None if saving is None else saving.member_saving_id,
        account_amount=None if saving is None else saving.amount,
        direction=-done.fund,
        held_in=row.held_in or BOX,
        mobile_money=(
            MobileMoney(row.mobile_money_reference or "", row.mobile_money_phone or "", VERIFIED)
            if row.is_mobile_money
            else None
        ),
        description=f"{WORDS[PostingType.REVERSAL]}: {row.description or WORDS[kind]}",
        reason=why or None,
        **details(row),
    )
    return posting, Reversed(transaction_id, kind, said, row.cycle_id, saving)


def _check_not_shared_out(session: Session, cycle_id: int | None, fund: Fund) -> None:
    """Raise :class:`RuleBroken` for a purse that was shared out with its cycle."""
    if fund in frozen_funds(session, cycle_id):
        raise RuleBroken(
            "That cycle is shared out.", hint="Enter the difference in this cycle instead."
        )


def fund_of(kind: PostingType, written: str | None) -> Fund:
    """Return the fund of a written row; programs of the field left it out."""
    if written:
        return Fund(written)
    return Fund.SOCIAL if kind.value.startswith("SOCIAL") else Fund.LOAN_FUND
