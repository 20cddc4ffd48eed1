"""What the rows of the sheet Members must be: each by itself, and to each other."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING

from vsla_desktop.domain.identifiers import check_email, check_name
from vsla_desktop.domain.identifiers import check_phone_number as check_phone
from vsla_desktop.errors import RuleBroken
from vsla_desktop.services.workbook.books import Wanted, WrongCell, wanted
from vsla_desktop.services.workbook.layout import MEMBERS
from vsla_desktop.services.workbook.places import Places, before, caught, from_day, up_to

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from vsla_desktop.services.workbook.books import GroupPage, MemberRow


def of_members(
    at: Places, page: GroupPage | None, members: Sequence[MemberRow], today: date
) -> Iterator[WrongCell]:
    """Return every cell of the members that can not stand."""
    seen: dict[int, int] = {}
    for row in members:
        if row.number < 1:
            problem = RuleBroken("Enter a number from 1 on.")
            yield at.wrong(MEMBERS, row.row, "number", problem, wanted("a number from 1 on"))
        elif row.number in seen:
            problem = RuleBroken(
                "Member {number} stands in row {row} already.",
                number=row.number,
                row=seen[row.number],
            )
            yield at.wrong(MEMBERS, row.row, "number", problem, wanted("a number of its own"))
        seen.setdefault(row.number, row.row)
        yield from _of_person(at, row)
        if page is not None and row.joined_date is not None and row.joined_date < page.formed:
            problem = before(page.formed)
            yield at.wrong(MEMBERS, row.row, "joined_date", problem, from_day(page.formed))
        for column in ("opening_loan_charge", "opening_loan_months", "opening_loan_due"):
            if getattr(row, column) and not row.opening_loan:
                problem = RuleBroken("There is no loan in this row.")
                yield at.wrong(
                    MEMBERS, row.row, column, problem, wanted("empty, or an opening_loan")
                )
        if row.left_date is not None and row.left_date < (row.joined_date or row.left_date):
            problem = RuleBroken("The member left before joining.")
            yield at.wrong(
                MEMBERS, row.row, "left_date", problem, wanted("a day after joined_date")
            )
        if row.left_date is not None and row.left_date > today:
            problem = RuleBroken("This day is still to come.")
            yield at.wrong(MEMBERS, row.row, "left_date", problem, up_to(today))
    yield from _of_roles(at, members)


def _of_roles(at: Places, members: Sequence[MemberRow]) -> Iterator[WrongCell]:
    single = Counter(
        row.role for row in members if row.role in {"CHAIRPERSON", "SECRETARY", "TREASURER"}
    )
    for row in reversed(members):
        if single[row.role] > 1:
            single[row.role] -= 1
            problem = RuleBroken("Another member is {role} already.", role=row.role)
            yield at.wrong(MEMBERS, row.row, "role", problem, wanted("one {role}", role=row.role))


def _of_stay(at: Places, row: MemberRow, today: date) -> Iterator[WrongCell]:
    """Check when a member left, and that nothing is said of an old loan that there is not."""
    if row.left_date is not None and row.left_date < (row.joined_date or row.left_date):
        problem = RuleBroken("The member left before joining.")
        yield at.wrong(MEMBERS, row.row, "left_date", problem, wanted("a day after joined_date"))
    if row.left_date is not None and row.left_date > today:
        problem = RuleBroken("This day is still to come.")
        yield at.wrong(MEMBERS, row.row, "left_date", problem, up_to(today))
    for column in ("opening_loan_charge", "opening_loan_due"):
        if getattr(row, column) and not row.opening_loan:
            problem = RuleBroken("There is no loan in this row.")
            meant = wanted("empty, or an opening_loan")
            yield at.wrong(MEMBERS, row.row, column, problem, meant)


def _of_person(at: Places, row: MemberRow) -> Iterator[WrongCell]:
    checks: tuple[tuple[str, Wanted, Callable[[], object]], ...] = (
        (
            "first_name",
            wanted("a name of at most 100 letters"),
            lambda: check_name(row.first_name, field="first_name"),
        ),
        (
            "last_name",
            wanted("a name of at most 100 letters"),
            lambda: row.last_name and check_name(row.last_name, field="last_name"),
        ),
        (
            "phone_number",
            wanted("a number such as +256 772 123456"),
            lambda: row.phone_number and check_phone(row.phone_number),
        ),
        (
            "email",
            wanted("an address such as amina@example.org"),
            lambda: row.email and check_email(row.email),
        ),
    )
    for column, expected, check in checks:

        def wrong(
            problem: RuleBroken, column: str = column, expected: Wanted = expected
        ) -> WrongCell:
            return at.wrong(MEMBERS, row.row, column, problem, expected)

        yield from caught(check, wrong)
