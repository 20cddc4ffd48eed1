"""Opening and closing a meeting: the two counts, and the seal.

The roll call has a line for a member once the member is marked; a regular meeting closes only when
every active member is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, or_, select, update

from vsla_desktop.domain.meeting import quorum_needed
from vsla_desktop.domain.postings import Fund
from vsla_desktop.domain.seal import seal, short_form
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.lease import check_writes_book
from vsla_desktop.queries.meetings import expected_in_box, last_closed
from vsla_desktop.queries.pages import (
    MEETING_CLOSED,
    MEETING_OPEN,
    Page,
    group_page,
    meeting_page,
    writable_page,
)
from vsla_desktop.queries.rules import rules_on
from vsla_desktop.queries.schedule import WITH_ROLL_CALL
from vsla_desktop.queries.seals import sealed_rows
from vsla_desktop.queries.shares import SHARES
from vsla_desktop.queries.tables import (
    ACCOUNTS,
    ACTIVITIES,
    ATTENDANCE,
    FINES,
    GROUPS,
    LEDGER,
    MEETINGS,
    MEMBERS,
    SAVINGS,
)
from vsla_desktop.services.analytics import keep_day
from vsla_desktop.services.attendance_corrections import NOT_PUT_RIGHT
from vsla_desktop.services.counts import PurseCounted, settle_counts
from vsla_desktop.services.meeting_checks import check_may_open
from vsla_desktop.services.meeting_numbers import number_to_open, take_planned
from vsla_desktop.services.penalties import assess_penalties, take_back_penalties
from vsla_desktop.services.rows import add_row
from vsla_desktop.services.writing import check_page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock

REGULAR, SPECIAL = "REGULAR", "SPECIAL"
AT_OPENING, AT_CLOSING = "Difference at the opening count", "Difference at the closing count"


@dataclass(frozen=True, slots=True)
class MeetingOpened:
    """A meeting that was opened, and what the box must hold of each purse."""

    meeting_id: int
    number: int
    expected: dict[Fund, Decimal]


@dataclass(frozen=True, slots=True)
class MeetingClosed:
    """A meeting that was closed, with its seal and the short form for the slip."""

    meeting_id: int
    seal: str
    short_seal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMeeting:
    """What is known when the box is put on the table. ``number`` None asks for the next one.

    ``planned_id`` is the planned meeting that is held now, where there are several; place and
    ``purpose`` that are None are those that were planned.
    """

    day: date
    number: int | None = None
    kind: str = REGULAR
    meetings_merged: int = 1
    location: str | None = None
    purpose: str | None = None
    planned_id: int | None = None


def open_meeting(
    session: Session,
    group_id: int,
    new: NewMeeting,
    *,
    counts: Mapping[Fund, PurseCounted] | None = None,
    clock: Clock,
    by: int | None = None,
) -> MeetingOpened:
    """Open a group's next meeting, and note what the box must hold.

    ``counts`` is the opening count, or it follows with :func:`count_opening`. Late penalties that
    have come since the last meeting are charged here, before any payment. Raise
    :class:`RuleBroken` while another meeting is open, for a number that is in the book, for a day
    before the group was formed, its cycle began or its last meeting was held, for a second roll
    call on one day, without a cycle, and for a roll call in one that is shared out.
    """
    check_writes_book(session, group_id)
    page = group_page(session, group_id, new.day, or_shared_out=True)
    check_page(page)
    rules = rules_on(session, page)
    check_may_open(session, page, new, rules)
    before = last_closed(session, group_id)
    number = number_to_open(session, group_id, new.number)
    expected = expected_in_box(session, group_id)
    connection = session.connection()
    officers = connection.execute(
        select(
            GROUPS.c.chair_member_id, GROUPS.c.secretary_member_id, GROUPS.c.treasurer_member_id
        ).where(GROUPS.c.id == group_id)
    ).one()
    members_count = len(_active(session, group_id, new.day))
    row = {
        "group_id": group_id,
        "meeting_number": number,
        "meeting_date": new.day,
        "meeting_type": new.kind,
        "status": MEETING_OPEN,
        "chairperson_id": officers.chair_member_id,
        "secretary_id": officers.secretary_member_id,
        "treasurer_id": officers.treasurer_member_id,
        "cycle_id": page.cycle_id,
        "meetings_merged": new.meetings_merged,
        "quorum_required": quorum_needed(members_count, rules.quorum_percentage),
        "opening_count": {fund.value: {"expected": f"{due:.2f}"} for fund, due in expected.items()},
        "opened_date": clock.now(),
    }
    if new.location is not None:
        row["location"] = new.location
    if new.purpose is not None:
        row["agenda"] = new.purpose
    planned = take_planned(
        session, group_id, number, new.kind, planned_id=new.planned_id, clock=clock
    )
    if planned is None:
        meeting_id = add_row(session, insert(MEETINGS), row, clock)
    else:
        meeting_id = planned
        _update(session, meeting_id, row, clock)
    since = None if before is None else before.meeting_date
    assess_penalties(session, meeting_page(session, meeting_id), rules, since=since, clock=clock)
    if counts is not None:
        count_opening(session, meeting_id, counts, clock=clock, by=by)
    return MeetingOpened(meeting_id, number, expected)


def count_opening(
    session: Session,
    meeting_id: int,
    counts: Mapping[Fund, PurseCounted],
    *,
    clock: Clock,
    by: int | None = None,
) -> None:
    """Write down the opening count; a difference with its reason becomes a line of its own.

    Counting again replaces what was counted. Raise :class:`RuleBroken` for a purse that is left
    out, and for a difference without a reason.
    """
    page = writable_page(session, meeting_id)
    stored = _stored_counts(session, meeting_id).opening_count or {}
    expected = {Fund(fund): Decimal(each["expected"]) for fund, each in stored.items()}
    kept = settle_counts(session, page, expected, counts, words=AT_OPENING, clock=clock, by=by)
    _update(session, meeting_id, {"opening_count": kept}, clock)


def record_notes(
    session: Session,
    meeting_id: int,
    *,
    minutes: str | None = None,
    decisions: str | None = None,
    action_items: str | None = None,
    location: str | None = None,
    clock: Clock,
    by: int | None = None,  # noqa: ARG001 - told by every service; the audit line takes it
) -> None:
    """Write the minutes of an open meeting; None leaves a part as it is."""
    writable_page(session, meeting_id)
    said = {
        "minutes": minutes,
        "decisions_made": decisions,
        "action_items": action_items,
        "location": location,
    }
    values = {name: text for name, text in said.items() if text is not None}
    if values:
        _update(session, meeting_id, values, clock)


def close_meeting(
    session: Session,
    meeting_id: int,
    counts: Mapping[Fund, PurseCounted],
    *,
    clock: Clock,
    by: int | None = None,
) -> MeetingClosed:
    """Count the box, close the meeting, and seal its page of the book for good.

    Raise :class:`RuleBroken`, with nothing changed, while a purse is not counted at the opening or
    now, a difference has no reason, or (at a regular meeting) a member is not marked.
    """
    page = writable_page(session, meeting_id)
    _check_complete(session, page)
    expected = expected_in_box(session, page.group_id)
    kept = settle_counts(session, page, expected, counts, words=AT_CLOSING, clock=clock, by=by)
    _mark_savers(session, meeting_id, clock)
    before = last_closed(session, page.group_id)
    previous = "" if before is None else before.seal or ""
    _update(session, meeting_id, {"closing_count": kept, "closed_date": clock.now()}, clock)
    sealed = seal(sealed_rows(session, meeting_id=meeting_id)[meeting_id], previous)
    values = {"status": MEETING_CLOSED, "seal": sealed, "previous_seal": previous}
    _update(session, meeting_id, values, clock)
    keep_day(session, page.group_id, page.day, clock=clock)
    return MeetingClosed(meeting_id, sealed, short_form(sealed))


def discard_meeting(
    session: Session,
    meeting_id: int,
    *,
    clock: Clock,
    by: int | None = None,  # noqa: ARG001 - told by every service; the audit line takes it
) -> None:
    """Take out a meeting that was opened by mistake, with its roll call and fines.

    Marks of earlier meetings that it put right are again as they were given. One that was planned
    is planned again. Raise :class:`RuleBroken` once money was written in it, or a vote: then it is
    corrected, not discarded.
    """
    clear_meeting(session, meeting_id, clock=clock)
    connection = session.connection()
    meeting = MEETINGS.c.id == meeting_id
    if connection.execute(select(MEETINGS.c.planned_date).where(meeting)).scalar() is not None:
        _update(session, meeting_id, {"status": "SCHEDULED"}, clock)
    else:
        connection.execute(delete(MEETINGS).where(meeting))


def clear_meeting(session: Session, meeting_id: int, *, clock: Clock) -> None:
    """Take out of an open meeting whatever was written in it; RuleBroken as for discarding."""
    page = writable_page(session, meeting_id)
    connection = session.connection()
    used = select(LEDGER.c.id).where(LEDGER.c.meeting_id == meeting_id).limit(1)
    if connection.execute(used).first() is not None:
        raise RuleBroken(
            "Money is written in this meeting.", hint="Close it instead.", field="meeting"
        )
    decided = select(ACTIVITIES.c.id).where(
        ACTIVITIES.c.meeting_id == meeting_id,
        or_(ACTIVITIES.c.votes_for.is_not(None), ACTIVITIES.c.activity_type == "LOANS"),
    )
    if connection.execute(decided.limit(1)).first() is not None:
        raise RuleBroken(
            "This meeting has decided something.", hint="Close it instead.", field="meeting"
        )
    take_back_penalties(session, page, clock=clock)
    for table in (ACTIVITIES, FINES, ATTENDANCE):
        connection.execute(delete(table).where(table.c.meeting_id == meeting_id))
    put_right = ATTENDANCE.c.corrected_meeting_id == meeting_id
    connection.execute(
        update(ATTENDANCE).where(put_right), NOT_PUT_RIGHT | {"updated_date": clock.now()}
    )
    values = {"opening_count": None, "opened_date": None}
    _update(session, meeting_id, values, clock)


def as_expected(session: Session, group_id: int) -> dict[Fund, PurseCounted]:
    """Return the count of a box that agrees with the book."""
    return {fund: PurseCounted(total) for fund, total in expected_in_box(session, group_id).items()}


def _check_complete(session: Session, page: Page) -> None:
    opening = _stored_counts(session, page.meeting_id or 0).opening_count or {}
    if any(each.get("total") is None for each in opening.values()):
        raise RuleBroken("Enter the opening count first.", field="opening_count")
    if page.meeting_type not in WITH_ROLL_CALL:
        return
    marked = set(
        session.connection()
        .execute(select(ATTENDANCE.c.member_id).where(ATTENDANCE.c.meeting_id == page.meeting_id))
        .scalars()
    )
    missing = [row for row in _active(session, page.group_id, page.day) if row.id not in marked]
    if missing:
        raise RuleBroken(
            "Finish the roll call: {count} are not marked.",
            hint="The next is {number} {name}.",
            field="attendance",
            count=len(missing),
            number=missing[0].member_number or "",
            name=f"{missing[0].first_name} {missing[0].last_name}".strip(),
        )


def _active(session: Session, group_id: int, day: date) -> list[Any]:
    """Return who should answer the roll call of a day."""
    return list(
        session.connection().execute(
            select(MEMBERS.c.id, MEMBERS.c.member_number, MEMBERS.c.first_name, MEMBERS.c.last_name)
            .where(
                MEMBERS.c.group_id == group_id,
                MEMBERS.c.is_active,
                MEMBERS.c.status == "ACTIVE",
                or_(MEMBERS.c.joined_date.is_(None), MEMBERS.c.joined_date <= day),
            )
            .order_by(MEMBERS.c.member_number, MEMBERS.c.id)
        )
    )


def _mark_savers(session: Session, meeting_id: int, clock: Clock) -> None:
    """Note on the roll call who saved at the meeting: it counts for the participation score."""
    saved = (
        select(ACCOUNTS.c.member_id)
        .select_from(SAVINGS.join(ACCOUNTS, ACCOUNTS.c.id == SAVINGS.c.member_saving_id))
        .where(SAVINGS.c.meeting_id == meeting_id)
        .group_by(ACCOUNTS.c.member_id)
        .having(func.sum(SHARES * SAVINGS.c.amount) > 0)
    )
    session.connection().execute(
        update(ATTENDANCE).where(
            ATTENDANCE.c.meeting_id == meeting_id, ATTENDANCE.c.member_id.in_(saved)
        ),
        {"contributed_to_savings": True, "updated_date": clock.now()},
    )


def _stored_counts(session: Session, meeting_id: int) -> Any:
    return (
        session.connection()
        .execute(
            select(MEETINGS.c.opening_count, MEETINGS.c.closing_count).where(
                MEETINGS.c.id == meeting_id
            )
        )
        .one()
    )


def _update(session: Session, meeting_id: int, values: dict[str, Any], clock: Clock) -> None:
    session.connection().execute(
        update(MEETINGS).where(MEETINGS.c.id == meeting_id),
        values | {"updated_date": clock.now()},
    )
