"""What a share-out is worked out from, how far it has come, and what a share is worth today."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, case, func, or_, select

from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import Fund, PostingType
from vsla_desktop.domain.saving_types import SHARES as SHARES_KIND
from vsla_desktop.domain.share_out import (
    Due,
    PayoutRules,
    ShareOut,
    ShareOutLine,
    Stake,
    entitlements,
)
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.advances import advances_owed
from vsla_desktop.queries.balances import fund_balances
from vsla_desktop.queries.loans import OUT, loans_of_group
from vsla_desktop.queries.pages import group_page
from vsla_desktop.queries.rules import rules_on
from vsla_desktop.queries.share_out_stored import plan_from_json
from vsla_desktop.queries.shares import IS_COUNTED, SHARES
from vsla_desktop.queries.tables import (
    ACCOUNTS,
    CYCLES,
    DISTRIBUTIONS,
    FINES,
    LEDGER,
    MEMBERS,
    SAVING_TYPES,
    SAVINGS,
)

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.queries.pages import Page

OPEN, SHARED_OUT, CLOSED = "OPEN", "SHARED_OUT", "CLOSED"
PROPOSED, FROZEN, PAID = "PROPOSED", "FROZEN", "PAID"

COUNTS = or_(
    func.coalesce(LEDGER.c.verification_status, "VERIFIED") == "VERIFIED",
    and_(
        LEDGER.c.verification_status == "PENDING",
        LEDGER.c.is_mobile_money.is_not(True),
    ),
)
"""Says whether the money of an entry is there."""
KIND = func.coalesce(LEDGER.c.reversed_type, LEDGER.c.transaction_type)
NET = func.sum(
    case((LEDGER.c.reversed_type.is_not(None), -1), else_=1) * LEDGER.c.amount,
    type_=LEDGER.c.amount.type,
)
"""The sum of entries of one kind, less those that were reversed."""

_CHARGES, _FINES = PostingType.LOAN_CHARGE.value, PostingType.FINE_PAYMENT.value
_SOCIAL = PostingType.SOCIAL_CONTRIBUTION.value
_UNTIL = LEDGER.c.transaction_date <= bindparam("until")

_SHARES_OF = (
    select(
        LEDGER.c.member_id,
        func.sum(SHARES * SAVINGS.c.shares_count),
        func.sum(SHARES * SAVINGS.c.amount, type_=SAVINGS.c.amount.type),
    )
    .select_from(SAVINGS.join(LEDGER, LEDGER.c.id == SAVINGS.c.group_transaction_id))
    .where(
        LEDGER.c.cycle_id == bindparam("cycle"),
        SAVINGS.c.shares_count.is_not(None),
        IS_COUNTED,
        _UNTIL,
    )
    .group_by(LEDGER.c.member_id)
)
_PAID_IN = (
    select(LEDGER.c.member_id, KIND, NET)
    .where(
        LEDGER.c.cycle_id == bindparam("cycle"),
        KIND.in_((_CHARGES, _FINES, _SOCIAL)),
        or_(KIND != _FINES, LEDGER.c.fund_type == Fund.LOAN_FUND.value),
        COUNTS,
        _UNTIL,
    )
    .group_by(LEDGER.c.member_id, KIND)
)
_OUTSIDE = (
    select(KIND, NET)
    .where(
        LEDGER.c.group_id == bindparam("of_group"),
        KIND.in_(
            (
                PostingType.LOAN_DISBURSEMENT.value,
                PostingType.LOAN_REPAYMENT.value,
                PostingType.LOAN_WRITE_OFF.value,
                PostingType.EXTERNAL_LOAN_IN.value,
                PostingType.EXTERNAL_LOAN_OUT.value,
            )
        ),
        COUNTS,
        _UNTIL,
    )
    .group_by(KIND)
)
_OTHER_SAVINGS = (
    select(func.sum(SHARES * SAVINGS.c.amount, type_=SAVINGS.c.amount.type))
    .select_from(
        SAVINGS.join(ACCOUNTS, ACCOUNTS.c.id == SAVINGS.c.member_saving_id)
        .join(SAVING_TYPES, SAVING_TYPES.c.id == ACCOUNTS.c.saving_type_id)
        .join(MEMBERS, MEMBERS.c.id == ACCOUNTS.c.member_id)
        .join(LEDGER, LEDGER.c.id == SAVINGS.c.group_transaction_id)
    )
    .where(
        MEMBERS.c.group_id == bindparam("of_group"),
        SAVING_TYPES.c.code != SHARES_KIND,
        LEDGER.c.fund_type == Fund.LOAN_FUND.value,
        IS_COUNTED,
        _UNTIL,
    )
)
_MEMBERS = (
    select(
        MEMBERS.c.id,
        MEMBERS.c.member_number,
        MEMBERS.c.first_name,
        MEMBERS.c.last_name,
        and_(
            func.coalesce(MEMBERS.c.is_active, True),
            func.coalesce(MEMBERS.c.status, "ACTIVE").in_(("ACTIVE", "SUSPENDED")),
        ).label("is_active"),
    )
    .where(MEMBERS.c.group_id == bindparam("of_group"))
    .order_by(MEMBERS.c.member_number, MEMBERS.c.id)
)
_FINES_OWED = (
    select(FINES.c.member_id, FINES.c.fund_type, FINES.c.amount - FINES.c.paid_amount)
    .select_from(FINES.join(MEMBERS, MEMBERS.c.id == FINES.c.member_id))
    .where(
        MEMBERS.c.group_id == bindparam("of_group"),
        FINES.c.waived_date.is_(None),
        FINES.c.paid_amount < FINES.c.amount,
    )
    .order_by(FINES.c.fine_date, FINES.c.id)
)
_LAST_CYCLE = (
    select(CYCLES)
    .where(CYCLES.c.group_id == bindparam("of_group"))
    .order_by(CYCLES.c.cycle_number.desc())
    .limit(1)
)
_CYCLE = select(CYCLES).where(CYCLES.c.id == bindparam("cycle"))
_LINES = (
    select(
        DISTRIBUTIONS,
        MEMBERS.c.member_number,
        MEMBERS.c.first_name,
        MEMBERS.c.last_name,
    )
    .select_from(DISTRIBUTIONS.join(MEMBERS, MEMBERS.c.id == DISTRIBUTIONS.c.member_id))
    .where(DISTRIBUTIONS.c.cycle_id == bindparam("cycle"))
    .order_by(MEMBERS.c.member_number, MEMBERS.c.id)
)


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose stake or line it is."""

    member_id: int
    number: int | None
    name: str


@dataclass(frozen=True, slots=True)
class MemberPayout:
    """One member's line of a share-out that was proposed, frozen or paid."""

    holder: Holder
    line: ShareOutLine
    status: str
    paid_on: date | None


@dataclass(frozen=True, slots=True)
class SharedCycle:
    """A cycle and how far its share-out has come; ``plan`` is None before it is proposed."""

    cycle_id: int
    number: int
    start: date
    end: date
    status: str
    share_value: Decimal
    frozen_on: date | None
    plan: ShareOut | None
    payouts: tuple[MemberPayout, ...]

    @property
    def is_paid(self) -> bool:
        """Whether everybody is paid."""
        return bool(self.payouts) and all(each.status == PAID for each in self.payouts)

    @property
    def is_begun(self) -> bool:
        """Whether somebody is paid."""
        return any(each.status == PAID for each in self.payouts)


@dataclass(frozen=True, slots=True)
class ShareValue:
    """What a share is worth on a day, and why: docs/rules.md#value-of-a-share.

    ``members`` are what each member would have, rounded down to the payout unit.
    """

    value: Fraction
    share_value: Decimal
    cash: Decimal
    lent: Decimal
    debts: Decimal
    other_savings: Decimal
    shares: int
    members: tuple[tuple[Holder, Stake, Decimal], ...]

    @property
    def pool(self) -> Decimal:
        """What the shares stand for."""
        return self.cash + self.lent - self.debts - self.other_savings


def share_holders(session: Session, page: Page) -> tuple[tuple[Holder, Stake], ...]:
    """Return who takes part in a share-out on the day of a page, and with what."""
    if page.cycle_id is None:
        raise RuleBroken("Open a cycle first.", field="cycle")
    connection = session.connection()
    wanted = {"cycle": page.cycle_id, "until": page.day}
    bought = {row[0]: (int(row[1]), row[2]) for row in connection.execute(_SHARES_OF, wanted)}
    paid: dict[tuple[int, str], Decimal] = defaultdict(Decimal)
    for member_id, kind, amount in connection.execute(_PAID_IN, wanted):
        paid[member_id, kind] = amount
    debts: dict[int, Decimal] = defaultdict(Decimal)
    for loan in loans_of_group(session, page.group_id, statuses=OUT):
        debts[loan.member_id] += loan.settles(page.day)
    dues = _dues(session, page.group_id)
    found = []
    for row in connection.execute(_MEMBERS, {"of_group": page.group_id}):
        shares, savings = bought.get(row.id, (0, ZERO))
        if not row.is_active and not shares and not debts[row.id]:
            continue
        stake = Stake(
            member_id=row.id,
            shares=shares,
            savings=savings,
            charges_paid=paid[row.id, _CHARGES],
            fines_paid=paid[row.id, _FINES],
            debts=debts[row.id],
            dues=tuple(dues[row.id]),
            social_paid=paid[row.id, _SOCIAL],
            shares_social=bool(row.is_active),
        )
        found.append((_holder(row.id, row), stake))
    return tuple(found)


def _dues(session: Session, group_id: int) -> dict[int, list[Due]]:
    """Return what members owe beside loans, as it is paid: the oldest fine first, then advances."""
    dues: dict[int, list[Due]] = defaultdict(list)
    for row in session.connection().execute(_FINES_OWED, {"of_group": group_id}):
        dues[row[0]].append(Due(Fund(row[1] or Fund.LOAN_FUND), row[2]))
    for member_id, owed in advances_owed(session, group_id).items():
        dues[member_id].append(Due(Fund.SOCIAL, owed))
    return dues


def debts_to_others(session: Session, group_id: int, on: date) -> Decimal:
    """Return what the group owes outside."""
    return _outside(session, group_id, on)[1]


def other_savings(session: Session, group_id: int, on: date) -> Decimal:
    """Return what members have in the loan fund that is no share: theirs alone, as a debt is."""
    wanted = {"of_group": group_id, "until": on}
    return session.connection().execute(_OTHER_SAVINGS, wanted).scalar() or ZERO


def projected_value(session: Session, group_id: int, on: date) -> ShareValue | None:
    """Return what a share is worth on a day; None without an open cycle or without shares."""
    page = group_page(session, group_id, on)
    if page.cycle_id is None:
        return None
    holders = share_holders(session, page)
    shares = sum(stake.shares for _, stake in holders)
    if not shares:
        return None
    rules = rules_on(session, page)
    lent, debts = _outside(session, group_id, on)
    cash = fund_balances(session, group_id, on).loan_fund
    saved = other_savings(session, group_id, on)
    pool = cash + lent - debts - saved
    parts = entitlements([stake for _, stake in holders], max(pool, ZERO), PayoutRules.of(rules))
    return ShareValue(
        value=Fraction(pool) / shares,
        share_value=rules.share_value,
        cash=cash,
        lent=lent,
        debts=debts,
        other_savings=saved,
        shares=shares,
        members=tuple(
            (holder, stake, _rounded(part, rules.payout_unit))
            for (holder, stake), part in zip(holders, parts, strict=True)
        ),
    )


def shared_cycle(
    session: Session, group_id: int, *, cycle_id: int | None = None
) -> SharedCycle | None:
    """Return a cycle of a group, the last one unless said, with its share-out."""
    connection = session.connection()
    if cycle_id is None:
        row = connection.execute(_LAST_CYCLE, {"of_group": group_id}).first()
    else:
        row = connection.execute(_CYCLE, {"cycle": cycle_id}).first()
    if row is None or row.group_id != group_id:
        return None
    payouts = _payouts(session, row)
    lines = tuple(each.line for each in payouts)
    return SharedCycle(
        cycle_id=row.id,
        number=row.cycle_number,
        start=row.start_date,
        end=row.end_date,
        status=row.status,
        share_value=row.share_value,
        frozen_on=row.share_out_date,
        plan=plan_from_json(row.share_out, lines) if row.share_out else None,
        payouts=payouts,
    )


def line_key(holder: Holder) -> str:
    """Name a member in every database alike: by number, or by name where there is none."""
    return str(holder.number) if holder.number is not None else holder.name


def _payouts(session: Session, cycle: Any) -> tuple[MemberPayout, ...]:
    exact = (cycle.share_out or {}).get("exact", {})
    found = []
    for row in session.connection().execute(_LINES, {"cycle": cycle.id}):
        holder = _holder(row.member_id, row)
        off = row.entitled_amount - row.payout_amount
        line = ShareOutLine(
            member_id=row.member_id,
            shares=row.shares_count,
            savings=row.savings_amount,
            profit=row.profit_amount,
            social=row.social_fund_amount,
            entitled=row.entitled_amount,
            debts=row.debt_amount,
            set_off=off,
            written_off=row.debt_amount - off,
            payout=row.payout_amount,
            exact=Fraction(exact.get(line_key(holder), 0)),
        )
        found.append(MemberPayout(holder, line, row.status, row.paid_date))
    return tuple(found)


def _outside(session: Session, group_id: int, on: date) -> tuple[Decimal, Decimal]:
    """Return the principal that is out, and what the group owes to others, on a day."""
    wanted = {"of_group": group_id, "until": on}
    found = session.connection().execute(_OUTSIDE, wanted)
    net = defaultdict(Decimal, {row[0]: row[1] for row in found})
    lent = net[PostingType.LOAN_DISBURSEMENT] - net[PostingType.LOAN_REPAYMENT]
    debts = net[PostingType.EXTERNAL_LOAN_IN] - net[PostingType.EXTERNAL_LOAN_OUT]
    return lent - net[PostingType.LOAN_WRITE_OFF], max(debts, ZERO)


def _holder(member_id: int, row: Any) -> Holder:
    return Holder(member_id, row.member_number, f"{row.first_name} {row.last_name}".strip())


def _rounded(part: Fraction, unit: Decimal) -> Decimal:
    return int(part / Fraction(unit)) * unit
