"""What a correction needs to know: the entry, where it is corrected, and what it changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select

from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import Fund, PostingType
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.advances import advance_owed
from vsla_desktop.queries.balances import fund_balances
from vsla_desktop.queries.lines import LedgerLine, entry_line
from vsla_desktop.queries.loans import OUT, loans_of_member
from vsla_desktop.queries.meetings import open_meeting_id
from vsla_desktop.queries.share_out import CLOSED
from vsla_desktop.queries.shares import IS_COUNTED, SHARES
from vsla_desktop.queries.tables import ACCOUNTS, CYCLES, FINES, LEDGER, SAVINGS

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.orm import Session

_ADVANCES = frozenset({PostingType.SOCIAL_ADVANCE, PostingType.SOCIAL_ADVANCE_REPAYMENT})

_DAY = select(LEDGER.c.transaction_date).where(LEDGER.c.id == bindparam("entry"))
_GROUP = select(LEDGER.c.group_id).where(LEDGER.c.id == bindparam("entry"))
_ACCOUNT = (
    select(ACCOUNTS.c.id, ACCOUNTS.c.current_balance)
    .select_from(SAVINGS.join(ACCOUNTS, ACCOUNTS.c.id == SAVINGS.c.member_saving_id))
    .where(SAVINGS.c.group_transaction_id == bindparam("entry"))
)
_SHARES_HELD = select(func.coalesce(func.sum(SHARES * SAVINGS.c.shares_count), 0)).where(
    SAVINGS.c.member_saving_id == bindparam("account"),
    SAVINGS.c.shares_count.is_not(None),
    IS_COUNTED,
)
_REVERSED = select(LEDGER.c.reverses_id).where(
    LEDGER.c.reverses_id.in_(bindparam("entries", expanding=True))
)
_CYCLE = select(CYCLES.c.status).where(CYCLES.c.id == bindparam("cycle"))
_FINE = select(FINES.c.amount - FINES.c.paid_amount).where(FINES.c.id == bindparam("fine"))


@dataclass(frozen=True, slots=True)
class Standing:
    """How the member and the purses of an entry stand now; None is what it does not touch."""

    shares: int | None
    savings: Decimal | None
    loans_owed: Decimal | None
    fine_owed: Decimal | None
    advance_owed: Decimal | None
    fund: Decimal
    box: Decimal
    bank: Decimal


@dataclass(frozen=True, slots=True)
class Correctable:
    """An entry that can be corrected: in which meeting, and how things stand with it."""

    entry: LedgerLine
    meeting_id: int
    standing: Standing


def day_of_entry(session: Session, transaction_id: int) -> date:
    """Return the day of an entry; raise :class:`RuleBroken` without it."""
    day: date | None = session.connection().execute(_DAY, {"entry": transaction_id}).scalar()
    if day is None:
        raise RuleBroken("This entry is not in the book of the group.")
    return day


def reversed_of(session: Session, transaction_ids: Collection[int]) -> tuple[int, ...]:
    """Return which of these entries were taken back or replaced."""
    found = session.connection().execute(_REVERSED, {"entries": list(transaction_ids)})
    return tuple(found.scalars())


def correctable(session: Session, transaction_id: int) -> Correctable:
    """Return an entry that can be corrected in the meeting that is open.

    Raise :class:`RuleBroken`, with what to do instead, for one that was replaced or corrected
    before, is itself what a correction took back, or is money on the phone; and while no meeting
    is open.
    """
    connection = session.connection()
    group_id = connection.execute(_GROUP, {"entry": transaction_id}).scalar()
    if group_id is None:
        raise RuleBroken("This entry is not in the book of the group.")
    entry = entry_line(session, transaction_id)
    if entry is None:
        raise RuleBroken("This entry was replaced in its meeting.", hint="Choose the new line.")
    if entry.is_reversal:
        raise RuleBroken("This line takes another back.", hint="Correct the new line instead.")
    if entry.reversed_by:
        raise RuleBroken("This line is corrected already.", hint="Choose the new line.")
    if entry.is_pending:
        raise RuleBroken(
            "This money is not verified yet.", hint="Verify or refuse it in the meeting."
        )
    if entry.type is PostingType.SHARE_OUT:
        status = connection.execute(_CYCLE, {"cycle": entry.cycle_id}).scalar()
        raise payout_refusal(is_cycle_open=status != CLOSED)
    meeting_id = open_meeting_id(session, group_id)
    if meeting_id is None:
        raise RuleBroken("Open a meeting first.", hint="A correction is written there.")
    return Correctable(entry, meeting_id, standing(session, group_id, entry))


def payout_refusal(*, is_cycle_open: bool) -> RuleBroken:
    """Say where a payout of a share-out is taken back, or that it is not any more."""
    if is_cycle_open:
        return RuleBroken(
            "Take this payout back on the Share-out page.", hint="Then pay the right one there."
        )
    return RuleBroken("That cycle is closed.", hint="Its payouts stay as they are.")


def standing(session: Session, group_id: int, entry: LedgerLine) -> Standing:
    """Return how the member and the purses of an entry stand now."""
    connection = session.connection()
    wanted = {"entry": entry.transaction_id}
    account: Any = connection.execute(_ACCOUNT, wanted).first()
    shares: int | None = None
    if account is not None and entry.shares_count is not None:
        held = connection.execute(_SHARES_HELD, {"account": account.id})
        shares = int(held.scalar_one())
    loans: Decimal | None = None
    if entry.loan_id is not None and entry.member_id is not None:
        out = loans_of_member(session, entry.member_id, statuses=OUT)
        loans = sum((loan.owed for loan in out), ZERO)
    fine: Decimal | None = None
    if entry.fine_id is not None:
        fine = connection.execute(_FINE, {"fine": entry.fine_id}).scalar()
    is_advance = entry.type in _ADVANCES and entry.member_id is not None
    balances = fund_balances(session, group_id)
    return Standing(
        shares=shares,
        savings=None if account is None else account.current_balance,
        loans_owed=loans,
        fine_owed=fine,
        advance_owed=advance_owed(session, entry.member_id or 0) if is_advance else None,
        fund=balances.of(Fund(entry.fund)),
        box=balances.box,
        bank=balances.bank,
    )
