"""Every derived column, declared once: what it is, as a fact about other rows or its own.

A declaration is SQL that both databases read alike. In it, ``r`` is the row that the sentence is
about: the child row whose value is added up in a :class:`Total`, the row itself in a
:class:`Formula`. ``@50.00@`` is an amount with two decimals, written as each database keeps it;
``LEAST``, ``GREATEST``, ``PERCENT(part, whole)`` and ``DAYS(later, earlier)`` are translated.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from vsla_desktop.domain.postings import POSTING_RULES


@dataclass(frozen=True, slots=True)
class Total:
    """``table.column`` is the sum of ``value`` over the rows of ``child`` whose ``key`` is its id.

    A sum is kept by adding what came and taking away what went, so an entry costs the same in the
    tenth year as in the first.
    """

    table: str
    column: str
    child: str
    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Source:
    """Rows of another ``table`` that a formula reads.

    A change there in ``watch`` computes the formula anew wherever its ``column`` equals the
    source row's ``key``.
    """

    table: str
    column: str
    key: str
    watch: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Formula:
    """``table.column`` is ``value``, computed from its own row and the rows it refers to."""

    table: str
    column: str
    value: str
    watch: tuple[str, ...] = ()
    sources: tuple[Source, ...] = field(default=())


Derived = Total | Formula


def counted(row: str, mobile: str = "is_mobile_money") -> str:
    """Say whether a row's money is there: cash unless rejected, mobile money once verified."""
    is_mobile = (
        f"COALESCE({row}.payment_method, 'CASH') = 'MOBILE_MONEY'"
        if mobile == "payment_method"
        else f"COALESCE({row}.{mobile}, FALSE)"
    )
    return (
        f"(COALESCE({row}.verification_status, 'VERIFIED') = 'VERIFIED' OR"
        f" ({row}.verification_status = 'PENDING' AND NOT {is_mobile}))"
    )


def _kinds(direction: int) -> str:
    return ", ".join(
        f"'{kind}'" for kind, rule in POSTING_RULES.items() if rule.direction == direction
    )


def direction(row: str) -> str:
    """Say which way a ledger row's money went; other programs leave ``direction`` empty."""
    return (
        f"COALESCE({row}.direction, CASE WHEN {row}.transaction_type IN ({_kinds(1)}) THEN 1"
        f" WHEN {row}.transaction_type IN ({_kinds(-1)}) THEN -1 ELSE 0 END)"
    )


def once(row: str) -> str:
    """Return +1 for an entry and -1 for a reversal."""
    return f"(CASE WHEN {row}.transaction_type = 'REVERSAL' THEN -1 ELSE 1 END)"


def of_kind(row: str, *kinds: str) -> str:
    """Say whether a ledger row, or the row it reverses, is of one of these kinds."""
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    return f"COALESCE({row}.reversed_type, {row}.transaction_type) IN ({listed})"


def fund(row: str) -> str:
    """Name the purse of a ledger or cashbook row, also where another program left it out."""
    return (
        f"COALESCE({row}.fund_type, CASE WHEN SUBSTR({row}.transaction_type, 1, 6) = 'SOCIAL'"
        " THEN 'SOCIAL' ELSE 'LOAN_FUND' END)"
    )


def _paid(*kinds: str) -> str:
    return (
        f"CASE WHEN {of_kind('r', *kinds)} AND {counted('r')} THEN {once('r')} * r.amount"
        " ELSE 0 END"
    )


LEDGER_WATCH = (
    "amount",
    "direction",
    "is_mobile_money",
    "reversed_type",
    "transaction_type",
    "verification_status",
)
LOAN_PAYMENTS = ("LOAN_REPAYMENT", "LOAN_CHARGE")

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

ROLL: tuple[Derived, ...] = (
    Formula(
        "group_members",
        "attendance_percentage",
        "(SELECT COALESCE(PERCENT(SUM(CASE WHEN t.is_present THEN 1 ELSE 0 END), COUNT(*)), 0)"
        " FROM meeting_attendance t WHERE t.member_id = r.id)",
        sources=(Source("meeting_attendance", "id", "member_id", ("is_present",)),),
    ),
    Formula(
        "group_members",
        "is_eligible_for_loans",
        "(COALESCE(r.is_active, TRUE) AND COALESCE(r.status, 'ACTIVE') = 'ACTIVE'"
        " AND COALESCE(r.attendance_percentage, 0) >= COALESCE((SELECT s.loan_min_attendance"
        " FROM group_settings s WHERE s.group_id = r.group_id), @50.00@)"
        " AND r.savings_balance >= COALESCE((SELECT s.loan_min_savings"
        " FROM group_settings s WHERE s.group_id = r.group_id), 0))",
        watch=("attendance_percentage", "group_id", "is_active", "savings_balance", "status"),
        sources=(
            Source(
                "group_settings",
                "group_id",
                "group_id",
                ("loan_min_attendance", "loan_min_savings"),
            ),
        ),
    ),
    Total("meetings", "total_members", "meeting_attendance", "meeting_id", "1"),
    Total(
        "meetings",
        "members_present",
        "meeting_attendance",
        "meeting_id",
        "CASE WHEN r.is_present THEN 1 ELSE 0 END",
    ),
    Total(
        "meetings",
        "attendance_count",
        "meeting_attendance",
        "meeting_id",
        "CASE WHEN r.is_present OR r.attendance_status = 'REPRESENTED' THEN 1 ELSE 0 END",
    ),
    Formula(
        "meetings",
        "quorum_met",
        "(COALESCE(r.members_present, 0) > 0 AND r.members_present >="
        " COALESCE(r.quorum_required, (COALESCE(r.total_members, 0) + 1) / 2))",
        watch=("members_present", "quorum_required", "total_members"),
    ),
    Total(
        "meeting_activities",
        "total_amount",
        "member_activity_participation",
        "activity_id",
        f"CASE WHEN {counted('r', 'payment_method')} THEN COALESCE(r.amount_contributed, 0)"
        " ELSE 0 END",
    ),
    Total(
        "meeting_activities",
        "participants_count",
        "member_activity_participation",
        "activity_id",
        "CASE WHEN r.is_present THEN 1 ELSE 0 END",
    ),
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
        Total("group_loans", column, "group_transactions", "loan_id", _paid(*kinds))
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
    Total("member_fines", "paid_amount", "group_transactions", "fine_id", _paid("FINE_PAYMENT")),
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
    ),
)

MEETINGS: tuple[Derived, ...] = (
    *(
        Total("meetings", column, "group_transactions", "meeting_id", _paid(*kinds))
        for column, kinds in (
            ("total_savings_collected", ("SAVINGS_DEPOSIT",)),
            ("total_fines_collected", ("FINE_PAYMENT",)),
            ("total_loan_repayments", (*LOAN_PAYMENTS, "LOAN_PENALTY")),
        )
    ),
    Total(
        "meetings",
        "loans_disbursed_count",
        "group_transactions",
        "meeting_id",
        f"CASE WHEN {of_kind('r', 'LOAN_DISBURSEMENT')} AND {counted('r')} THEN {once('r')}"
        " ELSE 0 END",
    ),
)

_EFFECT = f"(CASE WHEN {counted('t')} THEN {direction('t')} * t.amount ELSE 0 END)"
_TO_BANK = (
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
    _from_ledger(
        "signed_amount", _EFFECT, f"{direction('r').replace('r.direction', 'NULL')} * r.amount"
    ),
    _from_ledger("bank_amount", _TO_BANK, "0"),
)

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

DECLARATIONS: tuple[Derived, ...] = (
    *SAVINGS,
    *ROLL,
    *LOANS,
    *FINES,
    *MEETINGS,
    *CASHBOOK,
    *GROUPS,
)
"""Every derived column but the running balances, each after those that it is computed from."""

# The purses of the cashbook, and the column that keeps each one's balance.
RUNNING: dict[str, str] = {
    "balance_after": "r.signed_amount",
    **{
        f"{name}_fund_balance": f"CASE WHEN {fund('r')} = '{purse}' THEN r.signed_amount ELSE 0 END"
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

DERIVED: frozenset[tuple[str, str]] = frozenset(
    {(each.table, each.column) for each in DECLARATIONS}
    | {("group_cashbook", column) for column in RUNNING}
)
"""Every (table, column) that follows from other rows: never written by hand, never sent."""
