"""What must hold of a group's books after every single event, worked out from the raw rows.

Nothing of the program's own reckoning is used: the rows are read as they stand and added up anew.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

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


def is_there(row: Any) -> bool:
    """Say whether the money of a row has come or gone."""
    if row.is_mobile_money:
        return bool(row.verification_status == "VERIFIED")
    return bool(row.verification_status != "REJECTED")


def kind_of(row: Any) -> str:
    return str(row.reversed_type or row.transaction_type)


def check_all(session: Session, group_id: int) -> None:
    """Prove invariants 1 to 6 of a group's books, and that the running totals agree with them."""
    rows = [
        row
        for row in session.execute(select(LEDGER).where(LEDGER.c.group_id == group_id))
        if is_there(row)
    ]
    funds: dict[str, Decimal] = defaultdict(Decimal)
    net: dict[str, Decimal] = defaultdict(Decimal)
    bank = ZERO
    for row in rows:
        assert row.amount > 0
        moved = row.direction * row.amount
        funds[row.fund_type] += moved
        net[kind_of(row)] += moved
        back = -1 if row.reversed_type else 1
        if kind_of(row) == "BANK_DEPOSIT":
            bank += back * row.amount
        elif kind_of(row) == "BANK_WITHDRAWAL":
            bank -= back * row.amount
        elif row.held_in == "BANK" or row.is_mobile_money:
            bank += moved
    check_funds(session, group_id, funds, bank)
    check_identity(session, group_id, rows, sum(funds.values(), ZERO), net)
    check_shares(session, group_id)
    check_loans(session, group_id)


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
    group = session.execute(select(GROUPS).where(GROUPS.c.id == group_id)).one()
    assert group.loan_fund_balance == funds["LOAN_FUND"]


def check_identity(
    session: Session, group_id: int, rows: list[Any], cash: Decimal, net: dict[str, Decimal]
) -> None:
    """2: cash + loans out + advances = debts + savings + what was earned and not handed out."""
    lent = sum(
        session.execute(
            select(LOANS.c.principal_outstanding).where(LOANS.c.group_id == group_id)
        ).scalars(),
        ZERO,
    )
    advances = -(net["SOCIAL_ADVANCE"] + net["SOCIAL_ADVANCE_REPAYMENT"])
    debts = net["EXTERNAL_LOAN_IN"] + net["EXTERNAL_LOAN_OUT"]
    lost = sum(
        (
            row.amount * (-1 if row.reversed_type else 1)
            for row in rows
            if kind_of(row) == "LOAN_WRITE_OFF"
        ),
        ZERO,
    )
    accounts = session.execute(
        select(ACCOUNTS.c.current_balance, SAVING_TYPES.c.code)
        .select_from(
            ACCOUNTS.join(MEMBERS, MEMBERS.c.id == ACCOUNTS.c.member_id).join(
                SAVING_TYPES, SAVING_TYPES.c.id == ACCOUNTS.c.saving_type_id
            )
        )
        .where(MEMBERS.c.group_id == group_id)
    ).all()
    assert all(row.current_balance >= 0 for row in accounts)
    savings = sum((row.current_balance for row in accounts), ZERO)
    business = -(net["IGA_INVESTMENT"] + net["IGA_RETURN"])
    given = sum((net[kind] for kind in HANDED_OUT), ZERO)
    from_accounts = _taken_from_accounts(session, {row.id for row in rows}, rows)
    retained = sum((net[kind] for kind in EARNED), ZERO) - lost + given + from_accounts
    assert cash + lent + advances + business == debts + savings + retained


def _taken_from_accounts(session: Session, there: set[int], rows: list[Any]) -> Decimal:
    """Return what share-outs and payouts took from members' accounts: their own savings."""
    of_kind = {row.id for row in rows if kind_of(row) in HANDED_OUT}
    taken = ZERO
    if not of_kind:
        return taken
    for row in session.execute(
        select(SAVINGS).where(SAVINGS.c.group_transaction_id.in_(of_kind & there))
    ):
        taken += row.amount * (-1 if row.is_reversal else 1)
    return taken


def check_shares(session: Session, group_id: int) -> None:
    """3 and 5: shares x value = the savings of the cycle, and the most of a meeting holds."""
    cycle = session.execute(
        select(CYCLES).where(CYCLES.c.group_id == group_id).order_by(CYCLES.c.cycle_number.desc())
    ).first()
    assert cycle is not None
    voted = sorted((each["from"], each["rules"]["max_shares_per_meeting"]) for each in cycle.rules)
    sold = session.execute(
        select(
            SAVINGS,
            ACCOUNTS.c.member_id,
            MEETINGS.c.meetings_merged,
            MEETINGS.c.meeting_date,
            LEDGER.c.reason,
            LEDGER.c.cycle_id,
        )
        .select_from(
            SAVINGS.join(ACCOUNTS, ACCOUNTS.c.id == SAVINGS.c.member_saving_id)
            .join(SAVING_TYPES, SAVING_TYPES.c.id == ACCOUNTS.c.saving_type_id)
            .join(MEMBERS, MEMBERS.c.id == ACCOUNTS.c.member_id)
            .join(LEDGER, LEDGER.c.id == SAVINGS.c.group_transaction_id)
            .outerjoin(MEETINGS, MEETINGS.c.id == SAVINGS.c.meeting_id)
        )
        .where(MEMBERS.c.group_id == group_id, SAVING_TYPES.c.code == "PERSONAL")
    ).all()
    shares: dict[int, int] = defaultdict(int)
    bought: dict[tuple[int, int], int] = defaultdict(int)
    allowed: dict[int, int] = {}
    for row in sold:
        if not is_there(row):
            continue
        sign = (1 if row.transaction_type == "DEPOSIT" else -1) * (-1 if row.is_reversal else 1)
        shares[row.member_id] += sign * row.shares_count
        # Shares that were caught up, bought of a payout or brought from paper have no limit here.
        is_bought = row.reason is None and row.activity_id is None and row.meeting_id is not None
        if row.transaction_type == "DEPOSIT" and is_bought:
            bought[row.member_id, row.meeting_id] += sign * row.shares_count
            day = row.meeting_date.isoformat()
            most = [count for since, count in voted if since <= day][-1]
            allowed[row.meeting_id] = most * row.meetings_merged
    for (_member, meeting), count in bought.items():
        assert count <= allowed[meeting]
    held = session.execute(
        select(MEMBERS.c.id, MEMBERS.c.share_balance).where(MEMBERS.c.group_id == group_id)
    ).all()
    for member_id, balance in held:
        assert shares[member_id] >= 0
        assert balance == shares[member_id] * cycle.share_value


def check_loans(session: Session, group_id: int) -> None:
    """6: no instalment falls due after the share-out; what is owed is what the rows say."""
    ends = dict(
        session.execute(
            select(CYCLES.c.id, CYCLES.c.end_date).where(CYCLES.c.group_id == group_id)
        ).all()
    )
    due: dict[int, list[Any]] = defaultdict(list)
    for row in session.execute(
        select(INSTALMENTS)
        .select_from(INSTALMENTS.join(LOANS, LOANS.c.id == INSTALMENTS.c.loan_id))
        .where(LOANS.c.group_id == group_id)
    ):
        due[row.loan_id].append(row)
    for loan in session.execute(select(LOANS).where(LOANS.c.group_id == group_id)):
        schedule = due[loan.id]
        if loan.status in {"PENDING", "APPROVED"}:
            continue
        assert all(row.due_date <= ends[loan.cycle_id] for row in schedule)
        assert (
            loan.principal_paid + loan.amount_written_off + loan.principal_outstanding
            == loan.principal
        )
        assert min(loan.principal_outstanding, loan.principal_paid, loan.outstanding_balance) >= 0
