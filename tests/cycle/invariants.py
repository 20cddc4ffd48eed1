"""What must hold of a group's books after every single event, worked out from the raw rows.

Nothing of the program's own reckoning is used: the rows are read as they stand and added up anew.
The database adds them up, in statements that are written once, so that even the whole book of a
cycle is proven after each keystroke.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Table,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
)

from vsla_desktop.db.prepared import Prepared
from vsla_desktop.queries.tables import (
    ACCOUNTS,
    CYCLES,
    GROUPS,
    INSTALMENTS,
    LEDGER,
    LOANS,
    MEETINGS,
    MEMBERS,
    SAVING_TYPES,
    SAVINGS,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

ZERO = Decimal(0)
EARNED = (
    "FINE_PAYMENT",
    "LOAN_CHARGE",
    "LOAN_PENALTY",
    "OTHER_INCOME",
    "CASH_DIFFERENCE",
    "OPENING_BALANCE",
    "SOCIAL_CONTRIBUTION",
    "SOCIAL_GRANT",
    "EXPENSE",
)
HANDED_OUT = ("SHARE_OUT", "LEAVER_PAYOUT")
NOT_GIVEN = ("PENDING", "APPROVED")


def is_there(row: Any) -> bool:
    """Say whether the money of a row has come or gone."""
    if row.is_mobile_money:
        return bool(row.verification_status == "VERIFIED")
    return bool(row.verification_status != "REJECTED")


def kind_of(row: Any) -> str:
    return str(row.reversed_type or row.transaction_type)


def _there(rows: Table) -> ColumnElement[bool]:
    """Say the same as :func:`is_there` in SQL."""
    is_mobile, status = rows.c.is_mobile_money.is_(True), rows.c.verification_status
    return or_(
        and_(is_mobile, status == "VERIFIED"),
        and_(~is_mobile, func.coalesce(status, "") != "REJECTED"),
    )


_NOUGHT: ColumnElement[Any] = literal_column("0")
_LESS: ColumnElement[Any] = literal_column("-1")
"""Written into the statement as they are: the same in whole steps and in decimals, to compare."""


def _sum(amounts: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.coalesce(func.sum(amounts, type_=LEDGER.c.amount.type), _NOUGHT)


_GROUP: BindParameter[int] = bindparam("of_group")
_kind = func.coalesce(LEDGER.c.reversed_type, LEDGER.c.transaction_type)
_MOVED = LEDGER.c.direction * LEDGER.c.amount
_IS_UNDONE = LEDGER.c.reversed_type.is_not(None)
_AT_BANK = or_(LEDGER.c.held_in == "BANK", LEDGER.c.is_mobile_money)
_IS_HANDED_OUT = or_(*(_kind == each for each in HANDED_OUT))
_BY_KIND = Prepared(
    select(
        LEDGER.c.fund_type,
        _kind.label("kind"),
        _sum(_MOVED).label("moved"),
        _sum(case((_AT_BANK, _MOVED), else_=_NOUGHT)).label("at_bank"),
        _sum(case((_IS_UNDONE, -LEDGER.c.amount), else_=LEDGER.c.amount)).label("size"),
        func.min(LEDGER.c.amount).label("least"),
        (func.count() - func.count(LEDGER.c.direction)).label("undirected"),
    )
    .where(LEDGER.c.group_id == _GROUP, _there(LEDGER))
    .group_by(LEDGER.c.fund_type, _kind)
)
_FROM_ACCOUNTS = Prepared(
    select(_sum(case((SAVINGS.c.is_reversal.is_(True), -SAVINGS.c.amount), else_=SAVINGS.c.amount)))
    .select_from(SAVINGS.join(LEDGER, LEDGER.c.id == SAVINGS.c.group_transaction_id))
    .where(LEDGER.c.group_id == _GROUP, _there(LEDGER), _IS_HANDED_OUT)
)
_HELD = Prepared(
    select(
        _sum(ACCOUNTS.c.current_balance).label("savings"),
        func.min(ACCOUNTS.c.current_balance).label("least"),
        (func.count() - func.count(ACCOUNTS.c.current_balance)).label("unknown"),
    )
    .select_from(ACCOUNTS.join(MEMBERS, MEMBERS.c.id == ACCOUNTS.c.member_id))
    .where(MEMBERS.c.group_id == _GROUP)
)
_LOAN_FUND = Prepared(select(GROUPS.c.loan_fund_balance).where(GROUPS.c.id == _GROUP))
_CYCLE = Prepared(
    select(CYCLES.c.rules, CYCLES.c.share_value)
    .where(CYCLES.c.group_id == _GROUP)
    .order_by(CYCLES.c.cycle_number.desc())
    .limit(1)
)

_IS_IN, _IS_BACK = SAVINGS.c.transaction_type == "DEPOSIT", SAVINGS.c.is_reversal.is_(True)
_SIGNED = case((_IS_IN != _IS_BACK, SAVINGS.c.shares_count), else_=-SAVINGS.c.shares_count)
_SOLD = (
    SAVINGS.join(ACCOUNTS, ACCOUNTS.c.id == SAVINGS.c.member_saving_id)
    .join(SAVING_TYPES, SAVING_TYPES.c.id == ACCOUNTS.c.saving_type_id)
    .join(MEMBERS, MEMBERS.c.id == ACCOUNTS.c.member_id)
)
_OF_SHARES = and_(MEMBERS.c.group_id == _GROUP, SAVING_TYPES.c.code == "PERSONAL", _there(SAVINGS))
_shares = (
    select(ACCOUNTS.c.member_id, func.sum(_SIGNED).label("shares"))
    .select_from(_SOLD)
    .where(_OF_SHARES)
    .group_by(ACCOUNTS.c.member_id)
    .subquery()
)
_SHARES = Prepared(
    select(MEMBERS.c.share_balance, func.coalesce(_shares.c.shares, 0).label("shares"))
    .select_from(MEMBERS.outerjoin(_shares, _shares.c.member_id == MEMBERS.c.id))
    .where(MEMBERS.c.group_id == _GROUP)
)
# Shares that were caught up, bought of a payout or brought from paper have no limit here.
_bought = (
    select(ACCOUNTS.c.member_id, SAVINGS.c.meeting_id, func.sum(_SIGNED).label("shares"))
    .select_from(_SOLD.join(LEDGER, LEDGER.c.id == SAVINGS.c.group_transaction_id))
    .where(
        _OF_SHARES,
        SAVINGS.c.transaction_type == "DEPOSIT",
        LEDGER.c.reason.is_(None),
        SAVINGS.c.activity_id.is_(None),
        SAVINGS.c.meeting_id.is_not(None),
    )
    .group_by(ACCOUNTS.c.member_id, SAVINGS.c.meeting_id)
    .subquery()
)
_MOST_BOUGHT = Prepared(
    select(
        MEETINGS.c.meeting_date,
        MEETINGS.c.meetings_merged,
        func.max(_bought.c.shares).label("most"),
    )
    .select_from(_bought.join(MEETINGS, MEETINGS.c.id == _bought.c.meeting_id))
    .group_by(MEETINGS.c.id, MEETINGS.c.meeting_date, MEETINGS.c.meetings_merged)
)

_IS_GIVEN = and_(*(func.coalesce(LOANS.c.status, "") != status for status in NOT_GIVEN))
_WRONG = or_(
    func.coalesce(
        LOANS.c.principal_paid + LOANS.c.amount_written_off + LOANS.c.principal_outstanding, _LESS
    )
    != LOANS.c.principal,
    LOANS.c.principal_outstanding < _NOUGHT,
    LOANS.c.principal_paid < _NOUGHT,
    func.coalesce(LOANS.c.outstanding_balance, _LESS) < _NOUGHT,
)
_LENT = Prepared(
    select(
        _sum(LOANS.c.principal_outstanding).label("lent"),
        func.count(case((and_(_IS_GIVEN, _WRONG), 1))).label("wrong"),
    ).where(LOANS.c.group_id == _GROUP)
)
_DUE_TOO_LATE = Prepared(
    select(func.count())
    .select_from(
        INSTALMENTS.join(LOANS, LOANS.c.id == INSTALMENTS.c.loan_id).outerjoin(
            CYCLES, CYCLES.c.id == LOANS.c.cycle_id
        )
    )
    .where(
        LOANS.c.group_id == _GROUP,
        _IS_GIVEN,
        or_(CYCLES.c.id.is_(None), INSTALMENTS.c.due_date > CYCLES.c.end_date),
    )
)


def check_all(session: Session, group_id: int) -> None:
    """Prove invariants 1 to 6 of a group's books, and that the running totals agree with them."""
    rows = _BY_KIND.all(session, of_group=group_id)
    assert all(row.least > 0 and not row.undirected for row in rows)
    funds: dict[str, Decimal] = defaultdict(Decimal)
    net: dict[str, Decimal] = defaultdict(Decimal)
    lost = bank = ZERO
    for row in rows:
        funds[row.fund_type] += row.moved
        net[row.kind] += row.moved
        match row.kind:
            case "BANK_DEPOSIT":
                bank += row.size
            case "BANK_WITHDRAWAL":
                bank -= row.size
            case _:
                bank += row.at_bank
        lost += row.size if row.kind == "LOAN_WRITE_OFF" else ZERO
    check_funds(session, group_id, funds, bank)
    check_identity(session, group_id, sum(funds.values(), ZERO), net, lost)
    check_shares(session, group_id)


def check_funds(session: Session, group_id: int, funds: dict[str, Decimal], bank: Decimal) -> None:
    """1 and 4: box + bank = the sum of all funds, and no fund is below nought."""
    from vsla_desktop.domain.postings import Fund
    from vsla_desktop.queries.balances import fund_balances

    assert all(held >= 0 for held in funds.values()), funds
    now = fund_balances(session, group_id)
    assert {fund.value: now.of(fund) for fund in Fund if now.of(fund)} == {
        name: held for name, held in funds.items() if held
    }
    assert now.box + now.bank == sum(funds.values(), ZERO)
    assert now.bank == bank
    group = _LOAN_FUND.first(session, of_group=group_id)
    assert group.loan_fund_balance == funds["LOAN_FUND"]


def check_identity(
    session: Session, group_id: int, cash: Decimal, net: dict[str, Decimal], lost: Decimal
) -> None:
    """2: cash + loans out + advances = debts + savings + what was earned and not handed out.

    6: no instalment falls due after the share-out; what is owed is what the rows say.
    """
    loans = _LENT.first(session, of_group=group_id)
    assert not loans.wrong
    assert _DUE_TOO_LATE.first(session, of_group=group_id)[0] == 0
    advances = -(net["SOCIAL_ADVANCE"] + net["SOCIAL_ADVANCE_REPAYMENT"])
    debts = net["EXTERNAL_LOAN_IN"] + net["EXTERNAL_LOAN_OUT"]
    held = _HELD.first(session, of_group=group_id)
    assert held.least is None or held.least >= 0
    assert not held.unknown
    business = -(net["IGA_INVESTMENT"] + net["IGA_RETURN"])
    # What share-outs and payouts took from members' accounts were their own savings.
    given = sum((net[kind] for kind in HANDED_OUT), ZERO)
    given += _FROM_ACCOUNTS.first(session, of_group=group_id)[0]
    retained = sum((net[kind] for kind in EARNED), ZERO) - lost + given
    assert cash + loans.lent + advances + business == debts + held.savings + retained


def check_shares(session: Session, group_id: int) -> None:
    """3 and 5: shares x value = the savings of the cycle, and the most of a meeting holds."""
    cycle = _CYCLE.first(session, of_group=group_id)
    assert cycle is not None
    for member in _SHARES.all(session, of_group=group_id):
        assert member.shares >= 0
        assert member.share_balance == member.shares * cycle.share_value
    voted = sorted((each["from"], each["rules"]["max_shares_per_meeting"]) for each in cycle.rules)
    for meeting in _MOST_BOUGHT.all(session, of_group=group_id):
        assert meeting.most <= _allowed(voted, meeting)


def _allowed(voted: Sequence[tuple[str, int]], meeting: Any) -> int:
    """Return the most shares of a meeting, by the rules of its day."""
    day = meeting.meeting_date.isoformat()
    most: int = [count for since, count in voted if since <= day][-1] * meeting.meetings_merged
    return most
