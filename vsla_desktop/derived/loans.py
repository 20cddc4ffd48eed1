"""What follows from payments: how far loans, their instalments and fines are paid."""

from __future__ import annotations

from vsla_desktop.derived.language import (
    LEDGER_WATCH,
    LOAN_PAYMENTS,
    Derived,
    Formula,
    Source,
    Total,
    counted,
    of_kind,
    once,
    paid,
)

_INSTALMENTS_BEFORE = (
    "COALESCE((SELECT SUM(e.total_amount) FROM loan_repayment_schedule e WHERE e.loan_id ="
    " r.loan_id AND (e.installment_number, e.id) < (r.installment_number, r.id)), 0)"
)
_PENALTIES_BEFORE = _INSTALMENTS_BEFORE.replace("e.total_amount", "COALESCE(e.late_fee_amount, 0)")
_LOAN_PAID = "COALESCE((SELECT l.amount_paid FROM group_loans l WHERE l.id = r.loan_id), 0)"
_PENALTY_PAID = "COALESCE((SELECT l.penalty_paid FROM group_loans l WHERE l.id = r.loan_id), 0)"
_PAYMENT = f"{of_kind('t', *LOAN_PAYMENTS)} AND {counted('t')}"

LOANS: tuple[Derived, ...] = (
    *(
        Total("group_loans", column, "group_transactions", "loan_id", paid(*kinds))
        for column, kinds in (
            ("amount_paid", LOAN_PAYMENTS),
            ("principal_paid", ("LOAN_REPAYMENT",)),
            ("penalty_paid", ("LOAN_PENALTY",)),
            ("amount_written_off", ("LOAN_WRITE_OFF",)),
        )
    ),
    Formula(
        "group_loans",
        "outstanding_balance",
        "r.total_amount_due - COALESCE(r.amount_paid, 0) - r.amount_written_off",
        watch=("amount_paid", "amount_written_off", "total_amount_due"),
        opening=True,
    ),
    Formula(
        "group_loans",
        "principal_outstanding",
        "CASE WHEN COALESCE(r.status, 'PENDING') IN ('PENDING', 'APPROVED') THEN 0"
        " ELSE r.principal - r.principal_paid - r.amount_written_off END",
        watch=("amount_written_off", "principal", "principal_paid", "status"),
    ),
    Formula(
        "loan_repayment_schedule",
        "paid_amount",
        f"GREATEST(0, LEAST(r.total_amount, {_LOAN_PAID} - {_INSTALMENTS_BEFORE}))",
        sources=(
            Source("group_loans", "loan_id", "id", ("amount_paid",)),
            Source(
                "loan_repayment_schedule",
                "loan_id",
                "loan_id",
                ("installment_number", "total_amount"),
            ),
        ),
        opening=True,
    ),
    Formula(
        "loan_repayment_schedule",
        "late_fee_paid",
        "GREATEST(0, LEAST(COALESCE(r.late_fee_amount, 0),"
        f" {_PENALTY_PAID} - {_PENALTIES_BEFORE}))",
        sources=(
            Source("group_loans", "loan_id", "id", ("penalty_paid",)),
            Source(
                "loan_repayment_schedule",
                "loan_id",
                "loan_id",
                ("installment_number", "late_fee_amount"),
            ),
        ),
        opening=True,
    ),
    Formula(
        "loan_repayment_schedule",
        "is_paid",
        "(COALESCE(r.paid_amount, 0) >= r.total_amount)",
        watch=("paid_amount", "total_amount"),
    ),
    Formula(
        "loan_repayment_schedule",
        "payment_date",
        f"CASE WHEN {_LOAN_PAID} - {_INSTALMENTS_BEFORE} >= r.total_amount THEN"
        " (SELECT MIN(d.transaction_date) FROM group_transactions d WHERE d.loan_id = r.loan_id"
        f" AND (SELECT SUM({once('t')} * t.amount) FROM group_transactions t WHERE"
        f" t.loan_id = r.loan_id AND {_PAYMENT} AND t.transaction_date <= d.transaction_date)"
        f" >= {_INSTALMENTS_BEFORE} + r.total_amount) END",
        sources=(
            Source("group_loans", "loan_id", "id", ("amount_paid",)),
            Source(
                "loan_repayment_schedule",
                "loan_id",
                "loan_id",
                ("installment_number", "total_amount"),
            ),
            Source("group_transactions", "loan_id", "loan_id", (*LEDGER_WATCH, "transaction_date")),
        ),
        opening=True,
    ),
    Formula(
        "loan_repayment_schedule",
        "days_late",
        "CASE WHEN r.payment_date > r.due_date THEN DAYS(r.payment_date, r.due_date) ELSE 0 END",
        watch=("due_date", "payment_date"),
    ),
    Total(
        "group_loans",
        "payments_made",
        "loan_repayment_schedule",
        "loan_id",
        "CASE WHEN r.is_paid THEN 1 ELSE 0 END",
    ),
)

FINES: tuple[Derived, ...] = (
    Total("member_fines", "paid_amount", "group_transactions", "fine_id", paid("FINE_PAYMENT")),
    Formula(
        "member_fines",
        "is_paid",
        "(COALESCE(r.paid_amount, 0) >= r.amount)",
        watch=("amount", "paid_amount"),
    ),
    Formula(
        "member_fines",
        "payment_date",
        "CASE WHEN COALESCE(r.paid_amount, 0) > 0 THEN (SELECT MAX(t.transaction_date)"
        " FROM group_transactions t WHERE t.fine_id = r.id"
        f" AND t.transaction_type = 'FINE_PAYMENT' AND {counted('t')}) END",
        watch=("paid_amount",),
        sources=(
            Source("group_transactions", "id", "fine_id", (*LEDGER_WATCH, "transaction_date")),
        ),
        opening=True,
    ),
)
