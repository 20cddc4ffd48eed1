from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.services.proofs import check_books
from tests.workbook.equal_books import check_verified, seen
from vsla_desktop.clock import FixedClock
from vsla_desktop.db import Database
from vsla_desktop.domain.currencies import currency_of_country
from vsla_desktop.domain.identifiers import check_name, check_phone_number
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.loans import loans_of_group
from vsla_desktop.queries.tables import ATTENDANCE, GROUPS, LEDGER, MEETINGS, MEMBERS
from vsla_desktop.services.practice import PracticeGroup, create_practice
from vsla_desktop.services.practice.places import SETTINGS
from vsla_desktop.services.workbook import export_workbook, import_workbook

MEMBERS_COUNT, MEETINGS_COUNT, SEED = 14, 26, 7


@dataclass(frozen=True)
class Made:
    book: Database
    groups: tuple[PracticeGroup, ...]


@pytest.fixture(scope="module")
def made(make_book: Callable[[], Database], clock: FixedClock) -> Made:
    """Make three groups that have met for half a year."""
    book = make_book()
    groups = create_practice(
        book, groups=3, members=MEMBERS_COUNT, meetings=MEETINGS_COUNT, seed=SEED, clock=clock
    )
    return Made(book, groups)


def test_practice_groups_are_marked_and_differ(made: Made) -> None:
    with made.book.read() as session:
        rows = session.execute(select(GROUPS).order_by(GROUPS.c.id)).all()
    assert [row.group_code for row in rows] == [each.group_code for each in made.groups]
    assert all(row.is_practice for row in rows)
    assert len({row.country for row in rows}) == 3
    for row in rows:
        usual = currency_of_country(row.country)
        assert usual is not None
        assert row.currency == usual.code


def test_practice_books_keep_every_rule_of_bookkeeping(made: Made) -> None:
    with made.book.read() as session:
        for group in made.groups:
            check_books(session, group.group_id)
    check_verified(made.book, made.groups[0].group_code)


def test_practice_meetings_are_closed_and_recent(made: Made, clock: FixedClock) -> None:
    with made.book.read() as session:
        for group in made.groups:
            rows = session.execute(
                select(MEETINGS)
                .where(MEETINGS.c.group_id == group.group_id)
                .order_by(MEETINGS.c.meeting_number)
            ).all()
            assert {row.status for row in rows} == {"COMPLETED"}
            assert len(rows) == group.meetings_count == MEETINGS_COUNT
            assert {row.meetings_merged for row in rows} <= {1, 2}
            last = rows[-1].meeting_date
            assert clock.today() - timedelta(days=14) < last <= clock.today()


def test_practice_members_behave_like_people(made: Made) -> None:
    with made.book.read() as session:
        counted = select(ATTENDANCE.c.attendance_status, func.count())
        marks = {  # noqa: C416 - typed so
            status: count
            for status, count in session.execute(counted.group_by(ATTENDANCE.c.attendance_status))
        }
        kinds = set(session.execute(select(LEDGER.c.transaction_type).distinct()).scalars())
        women = session.execute(
            select(func.count()).select_from(MEMBERS).where(MEMBERS.c.gender == "F")
        ).scalar()
    total = sum(marks.values())
    assert set(marks) == {"PRESENT", "LATE", "ABSENT", "EXCUSED"}
    assert Decimal("0.75") < Decimal(marks["PRESENT"]) / total < Decimal("0.97")
    assert kinds >= {
        "SAVINGS_DEPOSIT",
        "SOCIAL_CONTRIBUTION",
        "FINE_PAYMENT",
        "LOAN_DISBURSEMENT",
        "LOAN_REPAYMENT",
        "LOAN_CHARGE",
        "EXPENSE",
        "SOCIAL_GRANT",
        "CASH_DIFFERENCE",
    }
    assert women is not None
    assert women > 3 * MEMBERS_COUNT // 2


def test_about_a_third_of_practice_loans_are_late_at_some_time(
    made: Made, clock: FixedClock
) -> None:
    late = total = 0
    with made.book.read() as session:
        for group in made.groups:
            for loan in loans_of_group(session, group.group_id):
                first = loan.instalments[0].due_date
                if first >= clock.today() - timedelta(days=10):
                    continue
                paid = session.execute(
                    select(func.min(LEDGER.c.transaction_date)).where(
                        LEDGER.c.loan_id == loan.loan_id,
                        LEDGER.c.transaction_type != "LOAN_DISBURSEMENT",
                    )
                ).scalar()
                total += 1
                late += paid is None or paid > first + timedelta(days=7)
    assert total >= 20
    assert Decimal("0.15") < Decimal(late) / total < Decimal("0.6")


def test_the_same_seed_makes_the_same_workbook_to_the_byte(
    made: Made, make_book: Callable[[], Database], clock: FixedClock, tmp_path: Path
) -> None:
    again = make_book()
    create_practice(
        again, groups=1, members=MEMBERS_COUNT, meetings=MEETINGS_COUNT, seed=SEED, clock=clock
    )
    other = make_book()
    create_practice(
        other, groups=1, members=MEMBERS_COUNT, meetings=MEETINGS_COUNT, seed=SEED + 10, clock=clock
    )
    contents = []
    for name, book, code in (
        ("first", made.book, made.groups[0].group_code),
        ("again", again, made.groups[0].group_code),
        ("other", other, made.groups[0].group_code.replace(f"-{SEED}-", f"-{SEED + 10}-")),
    ):
        path = tmp_path / f"{name}.xlsx"
        export_workbook(book, code, path, clock=clock)
        contents.append(path.read_bytes())
    assert contents[0] == contents[1] != contents[2]


def test_a_practice_group_comes_back_from_its_workbook_as_it_was(
    made: Made, make_book: Callable[[], Database], clock: FixedClock, tmp_path: Path
) -> None:
    fresh = make_book()
    for group in made.groups:
        path = tmp_path / f"{group.group_code}.xlsx"
        assert export_workbook(made.book, group.group_code, path, clock=clock).left_out == ()
        report = import_workbook(fresh, path, clock=clock)
        assert report.written, [str(each) for each in report.wrong]
        assert report.loans_count == group.loans_count
        before, after = seen(made.book, group.group_code), seen(fresh, group.group_code)
        for what, rows in before.items():
            assert rows == after[what], what


def test_a_second_practice_with_the_same_seed_gets_codes_of_its_own(
    make_book: Callable[[], Database], clock: FixedClock
) -> None:
    book = make_book()
    first = create_practice(book, groups=1, members=9, meetings=2, seed=1, clock=clock)
    second = create_practice(book, groups=1, members=9, meetings=2, seed=1, clock=clock)
    assert second[0].group_code == f"{first[0].group_code}-2"


def test_progress_counts_the_meetings_of_all_groups(
    make_book: Callable[[], Database], clock: FixedClock
) -> None:
    steps: list[tuple[int, int]] = []
    create_practice(
        make_book(),
        groups=2,
        members=9,
        meetings=3,
        seed=1,
        clock=clock,
        progress=lambda done, total: steps.append((done, total)),
    )
    assert steps == [(done, 6) for done in range(7)]


@pytest.mark.parametrize(
    ("groups", "members", "meetings", "field"),
    [(0, 20, 5, "groups"), (1, 8, 5, "members"), (1, 99, 5, "members"), (1, 20, 500, "meetings")],
)
def test_numbers_that_can_not_be_are_refused(
    make_book: Callable[[], Database],
    clock: FixedClock,
    groups: int,
    members: int,
    meetings: int,
    field: str,
) -> None:
    with pytest.raises(RuleBroken) as caught:
        create_practice(
            make_book(), groups=groups, members=members, meetings=meetings, seed=1, clock=clock
        )
    assert caught.value.field == field


def test_all_names_and_places_are_writing() -> None:
    assert len(SETTINGS) >= 10
    for setting in SETTINGS:
        for name in (*setting.women, *setting.men, *setting.families, *setting.group_words):
            assert check_name(name) == name
        for place in setting.places:
            assert len(place) == 4
            assert all(check_name(part) == part for part in place)
        assert check_phone_number(f"{setting.phone}0000001")
        assert len(setting.women) * len(setting.families) >= 60
