"""What follows from the ledger: the lines of the cashbook, and what a group has."""

from __future__ import annotations

from vsla_desktop.derived.language import (
    LEDGER_WATCH,
    Derived,
    Formula,
    Source,
    Total,
    counted,
    direction,
    fund,
    of_kind,
    once,
)

EFFECT = f"(CASE WHEN {counted('t')} THEN {direction('t')} * t.amount ELSE 0 END)"
TO_BANK = (
    f"(CASE WHEN NOT {counted('t')} THEN 0"
    f" WHEN {of_kind('t', 'BANK_DEPOSIT')} THEN {once('t')} * t.amount"
    f" WHEN {of_kind('t', 'BANK_WITHDRAWAL')} THEN -{once('t')} * t.amount"
    f" WHEN t.held_in = 'BANK' OR COALESCE(t.is_mobile_money, FALSE)"
    f" THEN {direction('t')} * t.amount ELSE 0 END)"
)


def _from_ledger(column: str, effect: str, alone: str) -> Formula:
    linked = f"(SELECT {effect} FROM group_transactions t WHERE t.id = r.group_transaction_id)"
    return Formula(
        "group_cashbook",
        column,
        f"CASE WHEN r.group_transaction_id IS NULL THEN {alone} ELSE COALESCE({linked}, 0) END",
        watch=("amount", "group_transaction_id", "transaction_type"),
        sources=(
            Source(
                "group_transactions",
                "group_transaction_id",
                "id",
                (*LEDGER_WATCH, "held_in"),
            ),
        ),
    )


CASHBOOK: tuple[Derived, ...] = (
    Formula(
        "group_cashbook",
        "counted_fund",
        fund(
            "r",
            "(SELECT t.fund_type FROM group_transactions t WHERE t.id = r.group_transaction_id)",
        ),
        watch=("fund_type", "group_transaction_id", "transaction_type"),
        sources=(Source("group_transactions", "group_transaction_id", "id", ("fund_type",)),),
    ),
    _from_ledger(
        "signed_amount", EFFECT, f"{direction('r').replace('r.direction', 'NULL')} * r.amount"
    ),
    _from_ledger("bank_amount", TO_BANK, "0"),
)

# The purses of the cashbook, and the column that keeps each one's balance.
RUNNING: dict[str, str] = {
    "balance_after": "r.signed_amount",
    **{
        f"{name}_fund_balance": f"CASE WHEN r.counted_fund = '{purse}' THEN r.signed_amount"
        " ELSE 0 END"
        for name, purse in (
            ("personal", "PERSONAL"),
            ("ecd", "ECD"),
            ("social", "SOCIAL"),
            ("target", "TARGET"),
            ("loan", "LOAN_FUND"),
        )
    },
    "bank_balance": "r.bank_amount",
}

GROUPS: tuple[Derived, ...] = (
    Total(
        "savings_groups",
        "members_count",
        "group_members",
        "group_id",
        "CASE WHEN COALESCE(r.is_active, TRUE) THEN 1 ELSE 0 END",
    ),
    Total("savings_groups", "savings_balance", "group_members", "group_id", "r.savings_balance"),
    Total("savings_groups", "target_amount", "group_members", "group_id", "r.target_amount"),
    Total(
        "savings_groups",
        "loan_balance",
        "group_loans",
        "group_id",
        "CASE WHEN COALESCE(r.status, 'PENDING') IN ('PENDING', 'APPROVED') THEN 0"
        " ELSE r.outstanding_balance END",
    ),
    Total(
        "savings_groups",
        "loan_fund_balance",
        "group_transactions",
        "group_id",
        f"CASE WHEN {counted('r')} AND {fund('r')} = 'LOAN_FUND'"
        f" THEN {direction('r')} * r.amount ELSE 0 END",
    ),
)
