"""The rows that a meeting's seal stands for, and whether the seals of a group still hold.

Only what never changes after the meeting is sealed: not what follows from it, such as what was paid
of a fine since. What was voted and what was done to loans is sealed as well, for it decides about
money; so are the terms of debts and the schedules of loans, as they were agreed, and the marks of
earlier meetings that the meeting put right. Members stand by their number, entries by their
reference, so that a laptop and head office work out the same seal.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, select

from vsla_desktop.domain.seal import NEWEST_FORMAT, format_of
from vsla_desktop.queries.activities import PARTS
from vsla_desktop.queries.loan_history import agreed_schedules
from vsla_desktop.queries.tables import (
    ACCOUNTS,
    ACTIVITIES,
    ATTENDANCE,
    FINES,
    LEDGER,
    LOANS,
    MEETINGS,
    MEMBERS,
    SAVING_TYPES,
    SAVINGS,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class SealCheck:
    """Whether one meeting still bears out its seal; ``broken`` says what does not, or nothing.

    ``format`` is that of the seal, None where the rows do not bear it out.
    """

    meeting_id: int
    number: int
    seal: str
    broken: str = ""
    format: int | None = None


_GROUP_OF = select(MEETINGS.c.group_id).where(MEETINGS.c.id == bindparam("meeting"))
_reversed = LEDGER.alias("undone")
_guarantor = MEMBERS.alias("guarantor")


def _statements(of: ColumnElement[bool]) -> tuple[Select[Any], ...]:
    """Return one SELECT for each kind of row; the first column is the meeting."""
    meeting = select(
        MEETINGS.c.id,
        MEETINGS.c.meeting_number,
        MEETINGS.c.meeting_date,
        MEETINGS.c.meeting_type,
        MEETINGS.c.meetings_merged,
        MEETINGS.c.quorum_required,
        MEETINGS.c.minutes,
        MEETINGS.c.decisions_made,
        MEETINGS.c.action_items,
        MEETINGS.c.location,
        MEETINGS.c.opening_count,
        MEETINGS.c.closing_count,
    ).where(of)
    roll = (
        select(
            ATTENDANCE.c.meeting_id,
            MEMBERS.c.member_number,
            ATTENDANCE.c.attendance_status,
            ATTENDANCE.c.is_present,
            ATTENDANCE.c.arrival_time,
            ATTENDANCE.c.excuse_reason,
            ATTENDANCE.c.represented_by,
            ATTENDANCE.c.participated_in_discussions,
            ATTENDANCE.c.voted_on_decisions,
        )
        .select_from(
            ATTENDANCE.join(MEETINGS, MEETINGS.c.id == ATTENDANCE.c.meeting_id).join(
                MEMBERS, MEMBERS.c.id == ATTENDANCE.c.member_id
            )
        )
        .where(of)
    )
    put_right = (
        select(
            ATTENDANCE.c.corrected_meeting_id.label("meeting_id"),
            MEMBERS.c.member_number,
            ATTENDANCE.c.meeting_date.label("marked_on"),
            ATTENDANCE.c.attendance_status,
            ATTENDANCE.c.is_present,
            ATTENDANCE.c.corrected_status,
            ATTENDANCE.c.correction_reason,
        )
        .select_from(
            ATTENDANCE.join(MEETINGS, MEETINGS.c.id == ATTENDANCE.c.corrected_meeting_id).join(
                MEMBERS, MEMBERS.c.id == ATTENDANCE.c.member_id
            )
        )
        .where(of)
    )
    fines = (
        select(
            FINES.c.meeting_id,
            MEMBERS.c.member_number,
            FINES.c.amount,
            FINES.c.fine_type,
            FINES.c.reason.label("fine_reason"),
            FINES.c.fine_date,
            FINES.c.fund_type,
        )
        .select_from(
            FINES.join(MEETINGS, MEETINGS.c.id == FINES.c.meeting_id).join(
                MEMBERS, MEMBERS.c.id == FINES.c.member_id
            )
        )
        .where(of)
    )
    entries = (
        select(
            LEDGER.c.meeting_id,
            LEDGER.c.reference_number,
            LEDGER.c.transaction_type,
            LEDGER.c.transaction_date,
            LEDGER.c.amount,
            LEDGER.c.direction,
            LEDGER.c.fund_type,
            LEDGER.c.held_in,
            LEDGER.c.is_mobile_money,
            LEDGER.c.description,
            LEDGER.c.reversed_type,
            LEDGER.c.reason,
            LEDGER.c.due_date,
            LEDGER.c.lender,
            LEDGER.c.category,
            LEDGER.c.charge_amount,
            MEMBERS.c.member_number,
            _reversed.c.reference_number.label("reverses"),
            LOANS.c.interest_rate.label("loan_rate"),
            LOANS.c.interest_method.label("loan_method"),
            LOANS.c.term_months.label("loan_term"),
            LOANS.c.loan_period,
            LOANS.c.loan_purpose,
            _guarantor.c.member_number.label("guarantor_number"),
            LOANS.c.collateral_description.label("other_guarantors"),
        )
        .select_from(
            LEDGER.join(MEETINGS, MEETINGS.c.id == LEDGER.c.meeting_id)
            .outerjoin(MEMBERS, MEMBERS.c.id == LEDGER.c.member_id)
            .outerjoin(_reversed, _reversed.c.id == LEDGER.c.reverses_id)
            .outerjoin(
                LOANS,
                and_(
                    LOANS.c.id == LEDGER.c.loan_id,
                    LEDGER.c.transaction_type == "LOAN_DISBURSEMENT",
                ),
            )
            .outerjoin(_guarantor, _guarantor.c.id == LOANS.c.guarantor_member_id)
        )
        .where(of)
    )
    savings = (
        select(
            SAVINGS.c.meeting_id,
            SAVINGS.c.reference_number.label("saving"),
            SAVINGS.c.amount,
            SAVINGS.c.transaction_type,
            SAVINGS.c.shares_count,
            SAVINGS.c.is_reversal,
            SAVING_TYPES.c.code,
        )
        .select_from(
            SAVINGS.join(MEETINGS, MEETINGS.c.id == SAVINGS.c.meeting_id)
            .join(ACCOUNTS, ACCOUNTS.c.id == SAVINGS.c.member_saving_id)
            .join(SAVING_TYPES, SAVING_TYPES.c.id == ACCOUNTS.c.saving_type_id)
        )
        .where(of)
    )
    activities = (
        select(
            ACTIVITIES.c.meeting_id,
            ACTIVITIES.c.activity_type,
            ACTIVITIES.c.activity_name,
            ACTIVITIES.c.description.label("activity_description"),
            ACTIVITIES.c.notes,
            ACTIVITIES.c.votes_for,
            ACTIVITIES.c.votes_against,
            ACTIVITIES.c.votes_abstained,
        )
        .select_from(ACTIVITIES.join(MEETINGS, MEETINGS.c.id == ACTIVITIES.c.meeting_id))
        .where(of)
    )
    parts = (
        select(
            ACTIVITIES.c.meeting_id,
            ACTIVITIES.c.activity_type,
            ACTIVITIES.c.activity_name,
            MEMBERS.c.member_number,
            PARTS.c.is_present.label("took_part"),
            PARTS.c.vote,
        )
        .select_from(
            PARTS.join(ACTIVITIES, ACTIVITIES.c.id == PARTS.c.activity_id)
            .join(MEETINGS, MEETINGS.c.id == ACTIVITIES.c.meeting_id)
            .join(MEMBERS, MEMBERS.c.id == PARTS.c.member_id)
        )
        .where(of)
    )
    return meeting, roll, put_right, fines, entries, savings, activities, parts


def sealed_rows(
    session: Session, *, meeting_id: int | None = None, group_id: int | None = None
) -> Mapping[int, Sequence[Mapping[str, Any]]]:
    """Return the rows to seal, by meeting: of one meeting, or of all meetings of a group.

    They are in the newest format; :func:`~vsla_desktop.domain.seal.in_format` gives an older one.
    """
    of = MEETINGS.c.id == meeting_id if meeting_id is not None else MEETINGS.c.group_id == group_id
    found: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    connection = session.connection()
    for kind, statement in zip(
        ("meeting", "roll", "put right", "fine", "entry", "saving", "activity", "part"),
        _statements(of),
        strict=True,
    ):
        for row in connection.execute(statement).mappings():
            values = dict(row)
            meeting = values.pop("id", None) or values.pop("meeting_id")
            if kind == "meeting":
                values["seal_format"] = NEWEST_FORMAT
            for count in ("opening_count", "closing_count"):
                if count in values:
                    values[count] = json.dumps(values[count], sort_keys=True, separators=(",", ":"))
            found[meeting].append({"row": kind, **values})
    group = group_id or connection.execute(_GROUP_OF, {"meeting": meeting_id}).scalar_one()
    for meeting, agreed in agreed_schedules(session, group).items():
        if meeting in found:
            found[meeting] += [{"row": "agreed", **asdict(row)} for row in agreed]
    return found


def verify_seals(session: Session, group_id: int) -> tuple[SealCheck, ...]:
    """Work out the seal of every closed meeting of a group again, in order, with their chain."""
    closed = session.connection().execute(
        select(MEETINGS.c.id, MEETINGS.c.meeting_number, MEETINGS.c.seal, MEETINGS.c.previous_seal)
        .where(
            MEETINGS.c.group_id == group_id,
            MEETINGS.c.status == "COMPLETED",
            MEETINGS.c.closed_date.is_not(None),
        )
        .order_by(
            MEETINGS.c.meeting_date,
            MEETINGS.c.closed_date,
            MEETINGS.c.meeting_number,
            MEETINGS.c.id,
        )
    )
    rows = sealed_rows(session, group_id=group_id)
    checks = []
    before = ""
    for meeting_id, number, recorded, previous in closed:
        broken, held = "", None
        if not recorded:
            broken = "no seal"
        elif (previous or "") != before:
            broken = "chain"
        else:
            held = format_of(rows.get(meeting_id, ()), recorded, before)
            broken = "" if held else "rows"
        checks.append(SealCheck(meeting_id, number, recorded or "", broken, held))
        before = recorded or ""
    return tuple(checks)
