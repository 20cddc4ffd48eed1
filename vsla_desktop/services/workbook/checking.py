"""What rows of a workbook must be to each other, before any rule of the group is asked."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Protocol

from vsla_desktop.domain.identifiers import check_group_code, check_name
from vsla_desktop.errors import RuleBroken
from vsla_desktop.services.workbook.books import EntryRow, Wanted, WrongCell, wanted
from vsla_desktop.services.workbook.checking_members import of_members
from vsla_desktop.services.workbook.checking_more import of_more
from vsla_desktop.services.workbook.layout import (
    ENTRIES,
    MEETINGS,
    MEMBERS,
    OTHER,
    OtherType,
)
from vsla_desktop.services.workbook.places import Places, before, caught, from_day, up_to

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from vsla_desktop.services.workbook.books import (
        GroupPage,
        MeetingRow,
        MemberRow,
        OtherRow,
    )

WITH_ROLL_CALL = frozenset({"", "REGULAR", "ANNUAL"})
"""The types of meetings that mark every member; a type that is not said is REGULAR."""
WITH_MEMBER = frozenset(
    {
        OtherType.SOCIAL_CONTRIBUTION,
        OtherType.SOCIAL_GRANT,
        OtherType.SOCIAL_ADVANCE,
        OtherType.SOCIAL_ADVANCE_REPAYMENT,
        OtherType.SAVINGS_DEPOSIT,
        OtherType.SAVINGS_WITHDRAWAL,
        OtherType.FINE_CHARGED,
        OtherType.FINE_WAIVED,
        OtherType.FINE_PAYMENT,
        OtherType.LOAN_REPAYMENT,
        OtherType.MARK_CORRECTED,
        OtherType.REINVESTED,
        OtherType.LOAN_TOP_UP,
        OtherType.LOAN_RESCHEDULED,
        OtherType.LOAN_CHANGE_UNDONE,
        OtherType.PENALTY_LET_OFF,
        OtherType.ADVANCE_LET_OFF,
        OtherType.LOAN_WRITE_OFF,
        OtherType.LOAN_RECOVERED,
        OtherType.CATCH_UP_SHARES,
        OtherType.LEAVER_PAYOUT,
        OtherType.LEAVER_PAID,
        OtherType.MOBILE_MONEY,
        OtherType.MOBILE_REJECTED,
        OtherType.SHARE_OUT_PAID,
        OtherType.SHARE_OUT_RETURNED,
    }
)
"""What can not happen without a member."""
MAY_BE_NOUGHT = frozenset(
    {
        OtherType.MARK_CORRECTED,
        OtherType.LOAN_CHANGE_UNDONE,
        OtherType.VOTE,
        OtherType.ACTIVITY,
        OtherType.LEAVER_PAYOUT,
        OtherType.SHARE_OUT_COUNT,
        OtherType.SHARE_OUT,
        OtherType.SHARE_OUT_PAID,
        OtherType.SHARE_OUT_RETURNED,
    }
)
"""What moves no money, or may move none."""


class Found(Protocol):
    """Where the columns of each sheet are, and which numbers its rows have, whole or not."""

    places: dict[str, dict[str, str]]
    numbers: dict[str, set[int]]


def crossed(
    page: GroupPage | None, rows: Mapping[str, Sequence[Any]], where: Found, today: date
) -> list[WrongCell]:
    """Return every cell that contradicts another one, or says what is still to come.

    ``rows`` are those of each sheet, by their name in the books.
    """
    at = Places(where.places)
    members: Sequence[MemberRow] = rows["members"]
    meetings: Sequence[MeetingRow] = rows["meetings"]
    entries: Sequence[EntryRow] = rows["entries"]
    other: Sequence[OtherRow] = rows["other"]
    found = [*_of_group(at, page), *of_members(at, page, members, today)]
    found += _of_meetings(at, page, meetings, today)
    # A sheet that could not be read makes no other sheet wrong.
    numbers = where.numbers.get(MEMBERS)
    held = where.numbers.get(MEETINGS)
    found += _of_entries(at, numbers, held, entries)
    found += _of_other(at, numbers, held, other)
    wrong_days = {row.row for row in meetings if _out_of_time(page, row.date, today)}
    found += _before_joining(at, members, meetings, (*entries, *other), wrong_days)
    found += _between(at, page, other, today)
    found += of_more(at, page, rows, numbers, held, today)
    return found


def _of_group(at: Places, page: GroupPage | None) -> Iterator[WrongCell]:
    if page is None:
        return
    yield from caught(
        lambda: check_name(page.name, field="name", most=255),
        lambda problem: at.key("name", problem, wanted("the name of the group, in letters")),
    )
    if page.cycle_end is not None and page.cycle_end <= page.cycle_start:
        problem = RuleBroken("End the cycle after it begins.")
        yield at.key("cycle_end", problem, wanted("a day after cycle_start"))
    if page.formed > page.cycle_start:
        problem = RuleBroken("The group was formed after its cycle began.")
        yield at.key("formation_date", problem, wanted("cycle_start or before"))
    if page.group_code:
        yield from caught(
            lambda: check_group_code(page.group_code),
            lambda problem: at.key("group_code", problem, wanted("a code such as MBR-014")),
        )


def _of_meetings(
    at: Places, page: GroupPage | None, meetings: Sequence[MeetingRow], today: date
) -> Iterator[WrongCell]:
    seen: dict[int, int] = {}
    for row in meetings:
        if row.number < 1:
            problem = RuleBroken("Enter a number from 1 on.")
            yield at.wrong(MEETINGS, row.row, "number", problem, wanted("a number from 1 on"))
        elif row.number in seen:
            problem = RuleBroken(
                "Meeting {number} stands in row {row} already.",
                number=row.number,
                row=seen[row.number],
            )
            yield at.wrong(MEETINGS, row.row, "number", problem, wanted("a number of its own"))
        seen.setdefault(row.number, row.row)
    outside = list(_outside(at, page, meetings, today))
    yield from outside
    yield from _second_roll_calls(at, meetings)
    yield from _out_of_order(at, meetings, {each.cell for each in outside})
    for row in sorted(meetings, key=lambda row: (row.date, row.row))[:-1]:
        if row.still_open:
            problem = RuleBroken("Only the last meeting can be open.")
            yield at.wrong(
                MEETINGS, row.row, "still_open", problem, wanted("no, or the last meeting")
            )


def _outside(
    at: Places, page: GroupPage | None, meetings: Sequence[MeetingRow], today: date
) -> Iterator[WrongCell]:
    """Name the meetings of days that lie outside the cycle, or are still to come."""
    for row in meetings:
        found = _out_of_time(page, row.date, today)
        if found is not None:
            yield at.wrong(MEETINGS, row.row, "date", *found)


def _between(
    at: Places, page: GroupPage | None, other: Sequence[OtherRow], today: date
) -> Iterator[WrongCell]:
    """Name the rows between meetings of such days."""
    for row in other:
        found = None if row.date is None else _out_of_time(page, row.date, today)
        if found is not None:
            yield at.wrong(OTHER, row.row, "date", *found)


def _out_of_time(
    page: GroupPage | None, day: date, today: date
) -> tuple[RuleBroken, Wanted] | None:
    """Say why nothing can have happened on a day, if so."""
    if page is not None:
        first = max(page.formed, page.cycle_start)
        if day < first:
            return before(first), from_day(first)
    if day > today:
        return RuleBroken("This day is still to come."), up_to(today)
    return None


def _before_joining(
    at: Places,
    members: Sequence[MemberRow],
    meetings: Sequence[MeetingRow],
    rows: Sequence[EntryRow | OtherRow],
    wrong_days: set[int],
) -> Iterator[WrongCell]:
    """Name the rows of a member for a day on which the member had not joined.

    ``wrong_days`` are the rows of meetings whose day is wrong itself.
    """
    joined = {row.number: row.joined_date for row in members if row.joined_date is not None}
    days = {row.number: row.date for row in meetings if row.row not in wrong_days}
    for row in rows:
        sheet = ENTRIES if isinstance(row, EntryRow) else OTHER
        day = getattr(row, "date", None) or days.get(row.meeting or 0)
        since = joined.get(row.member or 0)
        if day is not None and since is not None and day < since:
            problem = RuleBroken(
                "Member {number} joined later, on {day}.",
                number=row.member,
                day=since.isoformat(),
            )
            yield at.wrong(
                sheet, row.row, "member", problem, wanted("a member who had joined by then")
            )


def _second_roll_calls(at: Places, meetings: Sequence[MeetingRow]) -> Iterator[WrongCell]:
    """Name the meetings with a roll call on a day that has one: a member is marked once a day."""
    called: dict[date, int] = {}
    for row in sorted(meetings, key=lambda row: (row.number, row.row)):
        if row.type not in WITH_ROLL_CALL:
            continue
        first = called.setdefault(row.date, row.number)
        if first != row.number:
            problem = RuleBroken("The roll was called that day, at meeting {number}.", number=first)
            meant = wanted("another day, or the type SPECIAL")
            yield at.wrong(MEETINGS, row.row, "date", problem, meant)


def _out_of_order(
    at: Places, meetings: Sequence[MeetingRow], named: set[str]
) -> Iterator[WrongCell]:
    """Name the meetings that were held before one with a smaller number."""
    ordered = sorted(meetings, key=lambda row: (row.number, row.row))
    for earlier, row in pairwise(ordered):
        problem = RuleBroken(
            "Meeting {number} was held later, on {day}.",
            number=earlier.number,
            day=earlier.date.isoformat(),
        )
        wrong = at.wrong(MEETINGS, row.row, "date", problem, from_day(earlier.date))
        was_moved = row.planned_date is not None or earlier.planned_date is not None
        is_earlier = row.date < earlier.date and row.number != earlier.number and not was_moved
        if is_earlier and wrong.cell not in named:
            yield wrong


def _of_entries(
    at: Places, numbers: set[int] | None, held: set[int] | None, entries: Sequence[EntryRow]
) -> Iterator[WrongCell]:
    seen: dict[tuple[int, int], int] = {}
    for row in entries:
        yield from _known(at, ENTRIES, row, numbers, held)
        key = (row.meeting, row.member)
        if key in seen:
            problem = RuleBroken(
                "Member {number} of this meeting stands in row {row} already.",
                number=row.member,
                row=seen[key],
            )
            yield at.wrong(
                ENTRIES, row.row, "member", problem, wanted("one row a member and meeting")
            )
        seen.setdefault(key, row.row)
        if row.fine_charged and not row.fine_type and row.attendance not in {"LATE", "ABSENT"}:
            problem = RuleBroken("Say what the fine is for.")
            yield at.wrong(
                ENTRIES, row.row, "fine_type", problem, wanted("one of the kinds of fine")
            )
        for column, value in (("loan_months", row.loan_months), ("loan_purpose", row.loan_purpose)):
            if value and not row.loan_taken:
                problem = RuleBroken("There is no loan in this row.")
                yield at.wrong(ENTRIES, row.row, column, problem, wanted("empty, or a loan_taken"))
        for each in row.loan_guarantors.replace(";", ",").split(","):
            text = each.strip()
            if text and (
                not text.isdecimal() or (numbers is not None and int(text) not in numbers)
            ):
                problem = RuleBroken("There is no member {number}.", number=text[:20])
                meant = wanted("numbers of members, with commas")
                yield at.wrong(ENTRIES, row.row, "loan_guarantors", problem, meant)


def _of_other(
    at: Places, numbers: set[int] | None, held: set[int] | None, other: Sequence[OtherRow]
) -> Iterator[WrongCell]:
    for row in other:
        yield from _known(at, OTHER, row, numbers, held)
        if row.member is None and row.type in WITH_MEMBER:
            problem = RuleBroken("Choose a member.")
            yield at.wrong(OTHER, row.row, "member", problem, wanted("the number of a member"))
        if row.meeting is None and row.date is None:
            problem = RuleBroken("Choose a meeting.")
            yield at.wrong(
                OTHER, row.row, "meeting", problem, wanted("a number of the sheet Meetings")
            )
        if not row.amount and row.type not in MAY_BE_NOUGHT:
            problem = RuleBroken("Enter an amount above nought.")
            yield at.wrong(OTHER, row.row, "amount", problem, wanted("an amount above 0"))
        if row.of_meeting and held is not None and row.of_meeting not in held:
            problem = RuleBroken("There is no meeting {number}.", number=row.of_meeting)
            yield at.wrong(
                OTHER, row.row, "of_meeting", problem, wanted("a number of the sheet Meetings")
            )


def _known(
    at: Places,
    sheet: str,
    row: EntryRow | OtherRow,
    numbers: set[int] | None,
    held: set[int] | None,
) -> Iterator[WrongCell]:
    if held is not None and row.meeting is not None and row.meeting not in held:
        problem = RuleBroken("There is no meeting {number}.", number=row.meeting)
        yield at.wrong(sheet, row.row, "meeting", problem, wanted("a number of the sheet Meetings"))
    if numbers is not None and row.member is not None and row.member not in numbers:
        problem = RuleBroken("There is no member {number}.", number=row.member)
        yield at.wrong(sheet, row.row, "member", problem, wanted("a number of the sheet Members"))
