"""What follows from meetings: the roll, who may borrow, and what a meeting took in."""

from __future__ import annotations

from vsla_desktop.derived.language import (
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

# A mark that a later meeting put right counts as that said; the meeting keeps its own head count.
_WAS_PRESENT = (
    "COALESCE(CASE WHEN t.corrected_meeting_id IS NOT NULL"
    " THEN t.corrected_status IN ('PRESENT', 'LATE') END, t.is_present)"
)

ROLL: tuple[Derived, ...] = (
    Formula(
        "group_members",
        "attendance_percentage",
        f"(SELECT COALESCE(PERCENT(SUM(CASE WHEN {_WAS_PRESENT} THEN 1 ELSE 0 END), COUNT(*)), 0)"
        " FROM meeting_attendance t WHERE t.member_id = r.id)",
        sources=(
            Source(
                "meeting_attendance",
                "id",
                "member_id",
                ("is_present", "corrected_status", "corrected_meeting_id"),
            ),
        ),
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

MEETINGS: tuple[Derived, ...] = (
    *(
        Total("meetings", column, "group_transactions", "meeting_id", paid(*kinds))
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
