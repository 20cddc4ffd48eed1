"""What rows of a workbook must be to each other, before any rule of the group is asked."""

from __future__ import annotations

from collections import Counter
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol

from vsla_desktop.domain.identifiers import check_email, check_group_code, check_name
from vsla_desktop.domain.identifiers import check_phone_number as check_phone
from vsla_desktop.errors import RuleBroken
from vsla_desktop.services.workbook.books import WrongCell
from vsla_desktop.services.workbook.layout import (
    ENTRIES,
    GROUP,
    MEETINGS,
    MEMBERS,
    OTHER,
    OtherType,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from vsla_desktop.services.workbook.books import (
        EntryRow,
        GroupPage,
        MeetingRow,
        MemberRow,
        OtherRow,
    )

WITH_MEMBER = frozenset(
    {
        OtherType.SOCIAL_GRANT,
        OtherType.SOCIAL_ADVANCE,
        OtherType.SOCIAL_ADVANCE_REPAYMENT,
        OtherType.SAVINGS_DEPOSIT,
        OtherType.SAVINGS_WITHDRAWAL,
        OtherType.FINE_CHARGED,
        OtherType.FINE_WAIVED,
    }
)
"""What can not happen without a member."""


class _Places:
    """Where a cell of a row is."""

    def __init__(self, places: Mapping[str, Mapping[str, str]]) -> None:
        self._places = places

    def wrong(
        self, sheet: str, row: int, column: str, problem: RuleBroken, expected: str = ""
    ) -> WrongCell:
        letter = self._places.get(sheet, {}).get(column, "A")
        return WrongCell(sheet, f"{letter}{row}", problem, expected)

    def key(self, name: str, problem: RuleBroken, expected: str = "") -> WrongCell:
        return WrongCell(GROUP, self._places.get(GROUP, {}).get(name, ""), problem, expected)


class Found(Protocol):
    """Where the columns of each sheet are, and which numbers its rows have, whole or not."""

    places: dict[str, dict[str, str]]
    numbers: dict[str, set[int]]


def crossed(
    page: GroupPage | None,
    members: Sequence[MemberRow],
    meetings: Sequence[MeetingRow],
    entries: Sequence[EntryRow],
    other: Sequence[OtherRow],
    where: Found,
) -> list[WrongCell]:
    """Return every cell that contradicts another one."""
    at = _Places(where.places)
    found = [*_of_group(at, page), *_of_members(at, page, members)]
    found += _of_meetings(at, page, meetings)
    # A sheet that could not be read makes no other sheet wrong.
    numbers = where.numbers.get(MEMBERS)
    held = where.numbers.get(MEETINGS)
    found += _of_entries(at, numbers, held, entries)
    found += _of_other(at, numbers, held, other)
    return found


def _of_group(at: _Places, page: GroupPage | None) -> Iterator[WrongCell]:
    if page is None:
        return
    yield from _caught(
        lambda: check_name(page.name, field="name", most=255),
        lambda problem: at.key("name", problem, "the name of the group, in letters"),
    )
    if page.cycle_end is not None and page.cycle_end <= page.cycle_start:
        problem = RuleBroken("End the cycle after it begins.")
        yield at.key("cycle_end", problem, "a day after cycle_start")
    if page.formed > page.cycle_start:
        problem = RuleBroken("The group was formed after its cycle began.")
        yield at.key("formation_date", problem, "cycle_start or before")
    if page.group_code:
        yield from _caught(
            lambda: check_group_code(page.group_code),
            lambda problem: at.key("group_code", problem, "a code such as MBR-014"),
        )


def _of_members(
    at: _Places, page: GroupPage | None, members: Sequence[MemberRow]
) -> Iterator[WrongCell]:
    seen: dict[int, int] = {}
    for row in members:
        if row.number < 1:
            problem = RuleBroken("Enter a number from 1 on.")
            yield at.wrong(MEMBERS, row.row, "number", problem, "a number from 1 on")
        elif row.number in seen:
            problem = RuleBroken(
                "Member {number} stands in row {row} already.",
                number=row.number,
                row=seen[row.number],
            )
            yield at.wrong(MEMBERS, row.row, "number", problem, "a number of its own")
        seen.setdefault(row.number, row.row)
        yield from _of_person(at, row)
        if page is not None and row.joined_date is not None and row.joined_date < page.formed:
            problem = _before(page.formed)
            yield at.wrong(MEMBERS, row.row, "joined_date", problem, _from(page.formed))
        if row.left_date is not None and row.left_date < (row.joined_date or row.left_date):
            problem = RuleBroken("The member left before joining.")
            yield at.wrong(MEMBERS, row.row, "left_date", problem, "a day after joined_date")
    single = Counter(
        row.role for row in members if row.role in {"CHAIRPERSON", "SECRETARY", "TREASURER"}
    )
    for row in reversed(members):
        if single[row.role] > 1:
            single[row.role] -= 1
            problem = RuleBroken("Another member is {role} already.", role=row.role)
            yield at.wrong(MEMBERS, row.row, "role", problem, f"one {row.role}")


def _of_person(at: _Places, row: MemberRow) -> Iterator[WrongCell]:
    checks: tuple[tuple[str, str, Callable[[], object]], ...] = (
        (
            "first_name",
            "a name of at most 100 letters",
            lambda: check_name(row.first_name, field="first_name"),
        ),
        (
            "last_name",
            "a name of at most 100 letters",
            lambda: row.last_name and check_name(row.last_name, field="last_name"),
        ),
        (
            "phone_number",
            "a number such as +256 772 123456",
            lambda: row.phone_number and check_phone(row.phone_number),
        ),
        (
            "email",
            "an address such as amina@example.org",
            lambda: row.email and check_email(row.email),
        ),
    )
    for column, expected, check in checks:

        def wrong(problem: RuleBroken, column: str = column, expected: str = expected) -> WrongCell:
            return at.wrong(MEMBERS, row.row, column, problem, expected)

        yield from _caught(check, wrong)


def _of_meetings(
    at: _Places, page: GroupPage | None, meetings: Sequence[MeetingRow]
) -> Iterator[WrongCell]:
    seen: dict[int, int] = {}
    for row in meetings:
        if row.number < 1:
            problem = RuleBroken("Enter a number from 1 on.")
            yield at.wrong(MEETINGS, row.row, "number", problem, "a number from 1 on")
        elif row.number in seen:
            problem = RuleBroken(
                "Meeting {number} stands in row {row} already.",
                number=row.number,
                row=seen[row.number],
            )
            yield at.wrong(MEETINGS, row.row, "number", problem, "a number of its own")
        seen.setdefault(row.number, row.row)
    outside = list(_outside(at, page, meetings))
    yield from outside
    yield from _out_of_order(at, meetings, {each.cell for each in outside})
    for row in sorted(meetings, key=lambda row: (row.number, row.row))[:-1]:
        if row.still_open:
            problem = RuleBroken("Only the last meeting can be open.")
            yield at.wrong(MEETINGS, row.row, "still_open", problem, "no, or the last meeting")


def _outside(
    at: _Places, page: GroupPage | None, meetings: Sequence[MeetingRow]
) -> Iterator[WrongCell]:
    """Name the meetings that were held before or after the cycle."""
    if page is None:
        return
    first = max(page.formed, page.cycle_start)
    for row in meetings:
        if row.date < first:
            yield at.wrong(MEETINGS, row.row, "date", _before(first), _from(first))
        elif page.cycle_end is not None and row.date > page.cycle_end:
            problem = RuleBroken("This day is after the share-out.")
            wanted = f"a day up to {page.cycle_end.isoformat()}"
            yield at.wrong(MEETINGS, row.row, "date", problem, wanted)


def _out_of_order(
    at: _Places, meetings: Sequence[MeetingRow], named: set[str]
) -> Iterator[WrongCell]:
    """Name the meetings that were held before one with a smaller number."""
    ordered = sorted(meetings, key=lambda row: (row.number, row.row))
    for before, row in pairwise(ordered):
        problem = RuleBroken(
            "Meeting {number} was held later, on {day}.",
            number=before.number,
            day=before.date.isoformat(),
        )
        wrong = at.wrong(MEETINGS, row.row, "date", problem, _from(before.date))
        is_earlier = row.date < before.date and row.number != before.number
        if is_earlier and wrong.cell not in named:
            yield wrong


def _of_entries(
    at: _Places, numbers: set[int] | None, held: set[int] | None, entries: Sequence[EntryRow]
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
            yield at.wrong(ENTRIES, row.row, "member", problem, "one row a member and meeting")
        seen.setdefault(key, row.row)
        if row.fine_charged and not row.fine_type and row.attendance not in {"LATE", "ABSENT"}:
            problem = RuleBroken("Say what the fine is for.")
            yield at.wrong(ENTRIES, row.row, "fine_type", problem, "one of the kinds of fine")
        for column, value in (("loan_months", row.loan_months), ("loan_purpose", row.loan_purpose)):
            if value and not row.loan_taken:
                problem = RuleBroken("There is no loan in this row.")
                yield at.wrong(ENTRIES, row.row, column, problem, "empty, or a loan_taken")
        for each in row.loan_guarantors.replace(";", ",").split(","):
            text = each.strip()
            if text and (
                not text.isdecimal() or (numbers is not None and int(text) not in numbers)
            ):
                problem = RuleBroken("There is no member {number}.", number=text[:20])
                wanted = "numbers of members, with commas"
                yield at.wrong(ENTRIES, row.row, "loan_guarantors", problem, wanted)


def _of_other(
    at: _Places, numbers: set[int] | None, held: set[int] | None, other: Sequence[OtherRow]
) -> Iterator[WrongCell]:
    for row in other:
        yield from _known(at, OTHER, row, numbers, held)
        if row.member is None and row.type in WITH_MEMBER:
            problem = RuleBroken("Choose a member.")
            yield at.wrong(OTHER, row.row, "member", problem, "the number of a member")
        if row.meeting is None and row.date is None:
            problem = RuleBroken("Choose a meeting.")
            yield at.wrong(OTHER, row.row, "meeting", problem, "a number of the sheet Meetings")
        if not row.amount:
            problem = RuleBroken("Enter an amount above nought.")
            yield at.wrong(OTHER, row.row, "amount", problem, "an amount above 0")
        if row.of_meeting is not None and held is not None and row.of_meeting not in held:
            problem = RuleBroken("There is no meeting {number}.", number=row.of_meeting)
            yield at.wrong(OTHER, row.row, "of_meeting", problem, "a number of the sheet Meetings")


def _known(
    at: _Places,
    sheet: str,
    row: EntryRow | OtherRow,
    numbers: set[int] | None,
    held: set[int] | None,
) -> Iterator[WrongCell]:
    if held is not None and row.meeting is not None and row.meeting not in held:
        problem = RuleBroken("There is no meeting {number}.", number=row.meeting)
        yield at.wrong(sheet, row.row, "meeting", problem, "a number of the sheet Meetings")
    if numbers is not None and row.member is not None and row.member not in numbers:
        problem = RuleBroken("There is no member {number}.", number=row.member)
        yield at.wrong(sheet, row.row, "member", problem, "a number of the sheet Members")


def _before(first: date) -> RuleBroken:
    return RuleBroken("This day is before the group began, on {day}.", day=first.isoformat())


def _from(first: date) -> str:
    return f"a day from {first.isoformat()} on"


def _caught(
    check: Callable[[], object], wrong: Callable[[RuleBroken], WrongCell]
) -> Iterator[WrongCell]:
    try:
        check()
    except RuleBroken as problem:
        yield wrong(problem)
