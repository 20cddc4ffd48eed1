"""A payout of a share-out that was made by mistake is taken back. See docs/rules.md#share-out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, exists, or_, select, update

from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import PostingType
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.cells import REPAYMENT_PARTS
from vsla_desktop.queries.loans import WRITTEN_OFF, loans_of_member
from vsla_desktop.queries.pages import writable_page
from vsla_desktop.queries.rules import rules_on
from vsla_desktop.queries.share_out import FROZEN, OPEN, PAID, shared_cycle
from vsla_desktop.queries.tables import CYCLES, DISTRIBUTIONS, LEDGER
from vsla_desktop.services.ledger import reverse_all
from vsla_desktop.services.loan_losses import take_back_write_off
from vsla_desktop.services.penalties import assess_penalties
from vsla_desktop.services.repayments import refresh
from vsla_desktop.services.share_out import PaidOut
from vsla_desktop.services.share_out_payment import BEYOND, DUE_SET_OFF, GIVEN_UP, SET_OFF

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from decimal import Decimal

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.domain.share_out import ShareOutLine
    from vsla_desktop.queries.pages import Page
    from vsla_desktop.queries.share_out import SharedCycle

_undone = LEDGER.alias("undone")


def _standing(*which: ColumnElement[bool]) -> Select[Any]:
    """Return the SELECT of a cycle's entries that stand, the newest first."""
    return (
        select(LEDGER)
        .where(
            LEDGER.c.cycle_id == bindparam("cycle"),
            ~exists().where(_undone.c.reverses_id == LEDGER.c.id),
            *which,
        )
        .order_by(LEDGER.c.transaction_date.desc(), LEDGER.c.id.desc())
    )


def _is(*kinds: PostingType) -> ColumnElement[bool]:
    return LEDGER.c.transaction_type.in_([kind.value for kind in kinds])


_OF_MEMBER = LEDGER.c.member_id == bindparam("member")
_PAYOUT = _standing(
    _OF_MEMBER,
    or_(
        and_(_is(PostingType.SHARE_OUT), ~LEDGER.c.description.startswith(SET_OFF)),
        and_(_is(PostingType.SAVINGS_WITHDRAWAL), LEDGER.c.description == GIVEN_UP),
    ),
)
_KEPT = _standing(
    _is(PostingType.OTHER_INCOME),
    LEDGER.c.description == GIVEN_UP,
    LEDGER.c.meeting_id == bindparam("meeting"),
    LEDGER.c.amount == bindparam("sum", type_=LEDGER.c.amount.type),
).limit(1)
_SET_OFF = _standing(
    _OF_MEMBER, _is(PostingType.SHARE_OUT), LEDGER.c.description.startswith(SET_OFF)
)
_PAYMENTS = _standing(_OF_MEMBER, or_(_is(*REPAYMENT_PARTS), LEDGER.c.description == DUE_SET_OFF))
_LOST = _standing(LEDGER.c.loan_id == bindparam("loan"), _is(PostingType.LOAN_WRITE_OFF)).limit(1)


def take_back_payout(
    session: Session,
    meeting_id: int,
    member_id: int,
    reason: str,
    *,
    clock: Clock,
    by: int | None = None,
) -> PaidOut:
    """Take back what a member was paid, for a ``reason``; the member can be paid again.

    The money is back in its purses and the shares in the account, by reversals in the open meeting.
    Once nobody is paid any more, the debts that were set off stand again as well. Raise
    :class:`RuleBroken` without a reason, for a member who is not paid, and once the cycle is
    closed. See docs/rules.md#share-out.
    """
    page = writable_page(session, meeting_id)
    cycle = (
        None
        if page.cycle_id is None
        else shared_cycle(session, page.group_id, cycle_id=page.cycle_id)
    )
    if cycle is None or not cycle.is_begun:
        raise RuleBroken(
            "Nobody is paid in this cycle.", hint="A cycle that is closed stays as it is."
        )
    paid = next((each for each in cycle.payouts if each.holder.member_id == member_id), None)
    if paid is None:
        raise RuleBroken("Choose a member of the share-out.", field="member")
    if paid.status != PAID:
        raise RuleBroken("{name} is not paid.", name=paid.holder.name, field="member")
    if not reason.strip():
        raise RuleBroken("Say why.", field="reason")
    # The page as the share-out itself writes on it.
    own = replace(page, share_out_date=None)
    entries = _payout(session, cycle, paid.line)
    reverse_all(session, own, entries, reason=reason, is_told=True, clock=clock, by=by)
    others = [each for each in cycle.payouts if each.status == PAID and each is not paid]
    _mark(session, cycle, member_id, sum((each.line.payout for each in others), ZERO), clock)
    if not others:
        days = _unsettle(
            session, own, cycle, [each.line for each in cycle.payouts], reason, clock=clock, by=by
        )
        if days:  # while they were settled the loans earned no penalty
            assess_penalties(session, page, rules_on(session, page), since=min(days), clock=clock)
    return PaidOut(member_id, paid.line.payout)


def _payout(session: Session, cycle: SharedCycle, line: ShareOutLine) -> list[int]:
    """Return the entries that paid a line; what brings money back comes first."""
    rows = _rows(session, _PAYOUT, cycle=cycle.cycle_id, member=line.member_id)
    kept = [
        income
        for row in rows
        if row.transaction_type == PostingType.SAVINGS_WITHDRAWAL
        for income in _rows(
            session, _KEPT, cycle=cycle.cycle_id, meeting=row.meeting_id, sum=row.amount
        )
    ]
    return [row.id for row in (*rows, *kept)]


def _unsettle(
    session: Session,
    page: Page,
    cycle: SharedCycle,
    lines: Sequence[ShareOutLine],
    reason: str,
    *,
    clock: Clock,
    by: int | None,
) -> list[date]:
    """Let what members owed stand again as before the first payout; say when loans were settled."""
    undone: list[Any] = []
    set_off: list[Any] = []
    payments: list[Any] = []
    for line in lines:
        for loan in loans_of_member(session, line.member_id, statuses=(WRITTEN_OFF,)):
            if loan.reason == BEYOND:
                [row] = _rows(session, _LOST, cycle=cycle.cycle_id, loan=loan.loan_id)
                undone.append(row)
                take_back_write_off(session, page, loan, row, reason=reason, clock=clock, by=by)
        set_off += _rows(session, _SET_OFF, cycle=cycle.cycle_id, member=line.member_id)
        payments += _paid_by_setting_off(session, cycle, line)
    entries = [row.id for row in (*set_off, *payments)]
    reverse_all(session, page, entries, reason=reason, clock=clock, by=by)
    of_loans = [row for row in payments if row.loan_id is not None]
    refresh(session, page, {row.loan_id for row in of_loans}, clock=clock)
    return [row.transaction_date for row in (*undone, *of_loans)]


def _paid_by_setting_off(session: Session, cycle: SharedCycle, line: ShareOutLine) -> list[Any]:
    left, payments = line.set_off, []
    # Since the vote no loan was paid but by setting off: the last payments make it up.
    for row in _rows(session, _PAYMENTS, cycle=cycle.cycle_id, member=line.member_id):
        if left:
            payments.append(row)
            left -= row.amount
    if left:
        message = f"{line.set_off} was set off for member {line.member_id}, not {left} less"
        raise ValueError(message)
    return payments


def _mark(
    session: Session, cycle: SharedCycle, member_id: int, paid_out: Decimal, clock: Clock
) -> None:
    connection = session.connection()
    now = clock.now()
    connection.execute(
        update(DISTRIBUTIONS).where(
            DISTRIBUTIONS.c.cycle_id == cycle.cycle_id, DISTRIBUTIONS.c.member_id == member_id
        ),
        {"status": FROZEN, "paid_date": None, "group_transaction_id": None, "updated_date": now},
    )
    connection.execute(
        update(CYCLES).where(CYCLES.c.id == cycle.cycle_id),
        {"status": OPEN, "paid_out_amount": paid_out, "updated_date": now},
    )


def _rows(session: Session, statement: Select[Any], **wanted: object) -> Sequence[Any]:
    return session.connection().execute(statement, wanted).all()
