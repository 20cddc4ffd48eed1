"""What follows from members' savings: their accounts, and what each member has in all."""

from __future__ import annotations

from vsla_desktop.derived.language import Derived, Formula, Source, Total, counted

_SAVED = f"CASE WHEN {counted('r')} THEN (CASE WHEN r.is_reversal THEN -r.amount ELSE r.amount END)"

SAVINGS: tuple[Derived, ...] = (
    Total(
        "member_savings",
        "current_balance",
        "saving_transactions",
        "member_saving_id",
        f"{_SAVED} * (CASE r.transaction_type WHEN 'DEPOSIT' THEN 1 WHEN 'WITHDRAWAL' THEN -1"
        " ELSE 0 END) ELSE 0 END",
    ),
    *(
        Total(
            "member_savings",
            column,
            "saving_transactions",
            "member_saving_id",
            f"CASE WHEN r.transaction_type = '{kind}' THEN {_SAVED} ELSE 0 END ELSE 0 END",
        )
        for column, kind in (("total_deposits", "DEPOSIT"), ("total_withdrawals", "WITHDRAWAL"))
    ),
    Formula(
        "member_savings",
        "last_transaction_date",
        "(SELECT MAX(t.transaction_date) FROM saving_transactions t"
        f" WHERE t.member_saving_id = r.id AND NOT t.is_reversal AND {counted('t')})",
        sources=(
            Source(
                "saving_transactions",
                "id",
                "member_saving_id",
                (
                    "transaction_date",
                    "is_reversal",
                    "is_mobile_money",
                    "verification_status",
                ),
            ),
        ),
        opening=True,
    ),
    Total(
        "group_members",
        "share_balance",
        "member_savings",
        "member_id",
        "CASE WHEN r.saving_type_id = (SELECT t.id FROM saving_types t WHERE t.code = 'PERSONAL')"
        " THEN r.current_balance ELSE 0 END",
    ),
    Total("group_members", "savings_balance", "member_savings", "member_id", "r.current_balance"),
    Total(
        "group_members",
        "total_contributions",
        "member_savings",
        "member_id",
        "COALESCE(r.total_deposits, 0)",
    ),
    Total(
        "group_members",
        "target_amount",
        "member_savings",
        "member_id",
        "COALESCE(r.target_amount, 0)",
    ),
)
