"""What must hold of every book at any moment, worked out from its rows by another way."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from vsla_desktop.domain.postings import Fund
from vsla_desktop.queries.advances import advance_owed
from vsla_desktop.queries.balances import fund_balances
from vsla_desktop.queries.tables import (
    ACCOUNTS,
    CASHBOOK,
    CYCLES,
    FINES,
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

COMES_IN = {
    "SAVINGS_DEPOSIT",
    "SOCIAL_CONTRIBUTION",
    "SOCIAL_ADVANCE_REPAYMENT",
    "FINE_PAYMENT",
    "LOAN_REPAYMENT",
    "LOAN_CHARGE",
    "LOAN_PENALTY",
    "OTHER_INCOME",
    "EXTERNAL_LOAN_IN",
}
GOES_OUT = {
    "SAVINGS_WITHDRAWAL",
    "SOCIAL_GRANT",
    "SOCIAL_ADVANCE",
    "LOAN_DISBURSEMENT",
    "EXPENSE",
    "EXTERNAL_LOAN_OUT",
    "LEAVER_PAYOUT",
}
EARNED = {"FINE_PAYMENT", "LOAN_CHARGE", "LOAN_PENALTY", "OTHER_INCOME", "CASH_DIFFERENCE"}
ACCOUNTED = {"SAVINGS_DEPOSIT", "SAVINGS_WITHDRAWAL", "LEAVER_PAYOUT"}
"""What moves a member's account; shares pay their face value here."""
OF_FUND = {"SOCIAL_CONTRIBUTION", "SOCIAL_GRANT"}


def effect(row: Any) -> int:
    """Say what a row does to its fund, by its kind alone where that says it."""
    kind = row.reversed_type or row.transaction_type
    back = -1 if row.reversed_type else 1
    if kind in COMES_IN:
        return back
    if kind in GOES_OUT:
        return -back
    if kind == "CASH_DIFFERENCE":
        return int(row.direction)
    assert kind in {"BANK_DEPOSIT", "BANK_WITHDRAWAL", "LOAN_WRITE_OFF"}, kind
    return 0


def _kind(row: Any) -> str:
    return str(row.reversed_type or row.transaction_type)


def to_bank(row: Any) -> int:
    kind = row.reversed_type or row.transaction_type
    back = -1 if row.reversed_type else 1
    if kind == "BANK_DEPOSIT":
        return back
    if kind == "BANK_WITHDRAWAL":
        return -back
    return effect(row) if row.held_in == "BANK" or row.is_mobile_money else 0


def check_books(session: Session, group_id: int) -> None:
    """Prove the rules of bookkeeping that hold at any moment."""
    rows = session.execute(
        select(LEDGER)
        .where(LEDGER.c.group_id == group_id)
        .order_by(LEDGER.c.transaction_date, LEDGER.c.reference_number)
    ).all()
    funds: dict[str, Decimal] = defaultdict(Decimal)
    bank: dict[str, Decimal] = defaultdict(Decimal)
    lines = session.execute(
        select(CASHBOOK)
        .where(CASHBOOK.c.group_id == group_id)
        .order_by(CASHBOOK.c.transaction_date, CASHBOOK.c.transaction_reference)
    ).all()
    assert [line.transaction_reference for line in lines] == [row.reference_number for row in rows]
    for row, line in zip(rows, lines, strict=True):
        assert row.amount > 0
        assert line.group_transaction_id == row.id
        funds[row.fund_type] += effect(row) * row.amount
        bank[row.fund_type] += to_bank(row) * row.amount
        # Rule 4: no fund below nought on any line, nor its cash in the box, nor at the bank.
        assert funds[row.fund_type] >= 0
        assert 0 <= bank[row.fund_type] <= funds[row.fund_type]
        # Rule 1: box + bank = the sum of all funds, on every line.
        assert line.balance_after == sum(funds.values())
        assert line.bank_balance == sum(bank.values())
        assert line.loan_fund_balance == funds["LOAN_FUND"]
        assert line.social_fund_balance == funds["SOCIAL"]
        assert line.ecd_fund_balance == funds["ECD"]
        assert line.target_fund_balance == funds["TARGET"]
    now = fund_balances(session, group_id)
    assert {fund: now.of(fund) for fund in Fund} == {fund: funds[fund] for fund in Fund}
    assert now.box + now.bank == sum(funds.values())
    group = session.execute(select(GROUPS).where(GROUPS.c.id == group_id)).one()
    assert group.loan_fund_balance == funds["LOAN_FUND"]
    check_equation(session, group_id, rows, sum(funds.values(), Decimal(0)))
    check_shares(session, group_id)
    check_debts(session, group_id, rows)


def check_equation(session: Session, group_id: int, rows: Any, cash: Decimal) -> None:
    """Rule 2: cash + loans + advances = savings + debts + earnings + what the social fund got."""
    net: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        net[row.reversed_type or row.transaction_type] += effect(row) * row.amount
    lent = sum(
        session.execute(
            select(LOANS.c.principal_outstanding).where(LOANS.c.group_id == group_id)
        ).scalars(),
        Decimal(0),
    )
    advanced = -(net["SOCIAL_ADVANCE"] + net["SOCIAL_ADVANCE_REPAYMENT"])
    accounts = session.execute(
        select(ACCOUNTS.c.current_balance)
        .join(MEMBERS, MEMBERS.c.id == ACCOUNTS.c.member_id)
        .where(MEMBERS.c.group_id == group_id)
    ).scalars()
    held = list(accounts)
    assert all(balance >= 0 for balance in held)
    savings = sum(held, Decimal(0))
    assert savings == sum(
        (row.amount * effect(row) for row in rows if _kind(row) in ACCOUNTED), Decimal(0)
    )
    earned = sum((net[kind] for kind in EARNED), Decimal(0)) + net["EXPENSE"]
    of_fund = sum((net[kind] for kind in OF_FUND), Decimal(0))
    lost = sum((_lost(row) for row in rows), Decimal(0))
    debts = net["EXTERNAL_LOAN_IN"] + net["EXTERNAL_LOAN_OUT"]
    assert cash + lent + advanced == savings + debts + earned + of_fund - lost


def _lost(row: Any) -> Decimal:
    """Return what a row writes off, or brings back."""
    if _kind(row) != "LOAN_WRITE_OFF":
        return Decimal(0)
    lost: Decimal = row.amount * (-1 if row.reversed_type else 1)
    return lost


def check_shares(session: Session, group_id: int) -> None:
    """Rules 3 and 5: shares x value = savings of the cycle; the limit of every meeting holds."""
    value, most = session.execute(
        select(CYCLES.c.share_value, CYCLES.c.rules).where(CYCLES.c.group_id == group_id)
    ).one()
    most = most[0]["rules"]["max_shares_per_meeting"]
    sold = session.execute(
        select(
            SAVINGS,
            ACCOUNTS.c.member_id,
            MEETINGS.c.meetings_merged,
            LEDGER.c.activity_id,
            LEDGER.c.reason,
            LEDGER.c.reverses_id.label("undoes"),
        )
        .join(LEDGER, LEDGER.c.id == SAVINGS.c.group_transaction_id)
        .join(ACCOUNTS, ACCOUNTS.c.id == SAVINGS.c.member_saving_id)
        .join(SAVING_TYPES, SAVING_TYPES.c.id == ACCOUNTS.c.saving_type_id)
        .join(MEMBERS, MEMBERS.c.id == ACCOUNTS.c.member_id)
        .outerjoin(MEETINGS, MEETINGS.c.id == SAVINGS.c.meeting_id)
        .where(MEMBERS.c.group_id == group_id, SAVING_TYPES.c.code == "PERSONAL")
    ).all()
    shares: dict[int, int] = defaultdict(int)
    in_meeting: dict[tuple[int, int, int], int] = defaultdict(int)
    by_entry = {row.group_transaction_id: row for row in sold}
    for row in sold:
        sign = (1 if row.transaction_type == "DEPOSIT" else -1) * (-1 if row.is_reversal else 1)
        assert row.amount == row.shares_count * value
        shares[row.member_id] += sign * row.shares_count
        at = _first_entry(row, by_entry)
        key = (at.member_id, at.meeting_id, at.meetings_merged)
        # Shares that were caught up are an activity of their own, beside the meeting's most.
        in_meeting[key] += sign * row.shares_count if row.activity_id is None else 0
    for (_, _, merged), count in in_meeting.items():
        assert count <= most * merged
    held = session.execute(
        select(MEMBERS.c.id, MEMBERS.c.share_balance).where(MEMBERS.c.group_id == group_id)
    )
    for member_id, balance in held:
        assert shares[member_id] >= 0
        assert advance_owed(session, member_id) >= 0
        assert balance == shares[member_id] * value


def _first_entry(row: Any, by_entry: dict[int, Any]) -> Any:
    """Follow what put an entry right back to it: reversal and right entry are written together."""
    undone = row.undoes
    if undone is None and row.reason is not None:
        entry = row.group_transaction_id
        beside = [by_entry.get(each) for each in (entry - 1, entry + 1)]
        undone = next((each.undoes for each in beside if each and each.undoes != entry), None)
    return row if undone is None else _first_entry(by_entry[undone], by_entry)


def check_debts(session: Session, group_id: int, rows: Any) -> None:
    """Rule 6, and what is paid of a loan or a fine is what the ledger says, and no more."""
    end = session.execute(select(CYCLES.c.end_date).where(CYCLES.c.group_id == group_id)).scalar()
    assert end is not None
    paid: dict[tuple[str, int], Decimal] = defaultdict(Decimal)
    for row in rows:
        kind = row.reversed_type or row.transaction_type
        if row.loan_id is not None:
            paid[kind, row.loan_id] += effect(row) * row.amount + _lost(row)
        if row.fine_id is not None:
            paid["FINE", row.fine_id] += effect(row) * row.amount
    for loan in session.execute(select(LOANS).where(LOANS.c.group_id == group_id)):
        given = -paid["LOAN_DISBURSEMENT", loan.id]
        schedule = session.execute(
            select(INSTALMENTS).where(INSTALMENTS.c.loan_id == loan.id)
        ).all()
        if loan.status in {"PENDING", "APPROVED"}:  # asked for, or taken back
            assert given == 0
            assert not schedule
            continue
        assert given == loan.principal == sum(row.principal_amount for row in schedule)
        assert all(row.due_date <= end for row in schedule)
        assert loan.total_amount_due == sum(row.total_amount for row in schedule)
        lost = paid["LOAN_WRITE_OFF", loan.id]
        assert loan.amount_written_off == lost >= paid["OTHER_INCOME", loan.id] >= 0
        assert loan.principal_paid == paid["LOAN_REPAYMENT", loan.id] >= 0
        assert loan.principal_paid + lost + loan.principal_outstanding == given
        assert loan.principal_outstanding >= 0
        charged = sum(row.interest_amount for row in schedule)
        assert 0 <= paid["LOAN_CHARGE", loan.id] <= charged
        penalties = sum(row.late_fee_amount or 0 for row in schedule)
        assert 0 <= paid["LOAN_PENALTY", loan.id] <= penalties
        is_clear = loan.outstanding_balance == 0 and paid["LOAN_PENALTY", loan.id] == penalties
        assert is_clear == (loan.status in {"COMPLETED", "DEFAULTED"})
        assert not lost or loan.written_off_date is not None
    for fine in session.execute(
        select(FINES)
        .join(MEMBERS, MEMBERS.c.id == FINES.c.member_id)
        .where(MEMBERS.c.group_id == group_id)
    ):
        assert fine.paid_amount == paid["FINE", fine.id] <= fine.amount


def snapshot(session: Session, group_id: int) -> dict[str, Any]:
    """Return every balance that an entry and its reversal must leave as it was."""

    def rows(statement: Any) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in session.execute(statement)]

    of_group = MEMBERS.c.group_id == group_id
    return {
        "funds": fund_balances(session, group_id),
        "group": rows(
            select(
                GROUPS.c.savings_balance, GROUPS.c.loan_balance, GROUPS.c.loan_fund_balance
            ).where(GROUPS.c.id == group_id)
        ),
        "members": rows(
            select(MEMBERS.c.id, MEMBERS.c.share_balance, MEMBERS.c.total_contributions)
            .where(of_group)
            .order_by(MEMBERS.c.id)
        ),
        "accounts": [
            row
            for row in rows(
                select(ACCOUNTS.c.id, ACCOUNTS.c.current_balance, ACCOUNTS.c.total_deposits)
                .join(MEMBERS)
                .where(of_group)
                .order_by(ACCOUNTS.c.id)
            )
            if any(row[1:])
        ],
        "loans": [
            row
            for row in rows(
                select(
                    LOANS.c.id,
                    LOANS.c.status,
                    LOANS.c.outstanding_balance,
                    LOANS.c.principal_outstanding,
                    LOANS.c.penalty_paid,
                )
                .where(LOANS.c.group_id == group_id)
                .order_by(LOANS.c.id)
            )
            if row[1] != "PENDING"
        ],
        "schedule": rows(
            select(
                INSTALMENTS.c.loan_id,
                INSTALMENTS.c.installment_number,
                INSTALMENTS.c.total_amount,
                INSTALMENTS.c.paid_amount,
                INSTALMENTS.c.is_paid,
                INSTALMENTS.c.late_fee_paid,
            )
            .join(LOANS)
            .where(LOANS.c.group_id == group_id)
            .order_by(INSTALMENTS.c.loan_id, INSTALMENTS.c.installment_number)
        ),
        "fines": rows(
            select(FINES.c.id, FINES.c.paid_amount, FINES.c.is_paid)
            .join(MEMBERS, MEMBERS.c.id == FINES.c.member_id)
            .where(of_group)
            .order_by(FINES.c.id)
        ),
    }
