from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.services.proofs import check_books
from tests.workbook.equal_books import check_verified, in_any_order, seen
from vsla_desktop.clock import FixedClock
from vsla_desktop.db import Database
from vsla_desktop.domain.currencies import currency_of_country
from vsla_desktop.domain.identifiers import check_name, check_phone_number
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import load_catalogue
from vsla_desktop.queries.loans import loans_of_group
from vsla_desktop.queries.share_out import shared_cycle
from vsla_desktop.queries.tables import (
    ACTIVITIES,
    ATTENDANCE,
    CYCLES,
    DISTRIBUTIONS,
    FINES,
    GROUPS,
    LEDGER,
    MEETINGS,
    MEMBERS,
    PHONE_PAYMENTS,
)
from vsla_desktop.services.joining import CATCH_UP
from vsla_desktop.services.loan_changes import TOPPED_UP
from vsla_desktop.services.loan_losses import LOST
from vsla_desktop.services.practice import PracticeGroup, create_practice
from vsla_desktop.services.practice.places import SETTINGS
from vsla_desktop.services.practice.words import (
    BANK_INTEREST,
    DIFFERENCES,
    EXCUSES,
    EXPENSES,
    GRANTS,
    LOSSES,
    MEDICINE,
    OCCUPATIONS,
    PURPOSES,
)
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
        assert check_phone_number(setting.phone.replace("#", "5"))
        for people in setting.neighbours:
            families = {*people.families_of_women, *people.families_of_men}
            for name in (*people.women, *people.men, *families, *people.group_words):
                assert check_name(name) == name
            for place in people.places:
                assert len(place) == 4
                assert all(check_name(part) == part for part in place)
            assert len(people.women) * len(people.families_of_women) >= 60


@pytest.mark.parametrize(
    ("country", "digits"),
    [("Uganda", 9), ("Kenya", 9), ("Rwanda", 9), ("Tanzania", 9), ("Mali", 8), ("Burundi", 8)],
)
def test_telephone_numbers_are_as_long_as_in_their_country(country: str, digits: int) -> None:
    (setting,) = (each for each in SETTINGS if each.country == country)
    _, number = setting.phone.split(" ", 1)
    assert len(number.replace(" ", "")) == digits


def test_a_name_is_usual_where_the_group_lives(made: Made) -> None:
    with made.book.read() as session:
        rows = session.execute(
            select(MEMBERS, GROUPS.c.country, GROUPS.c.village).join(
                GROUPS, GROUPS.c.id == MEMBERS.c.group_id
            )
        ).all()
    heard: Counter[tuple[int, str]] = Counter()
    for row in rows:
        (people,) = (
            people
            for setting in SETTINGS
            if setting.country == row.country
            for people in setting.neighbours
            if row.village in {place[3] for place in people.places}
        )
        is_woman = row.gender == "F"
        assert row.first_name in (people.women if is_woman else people.men)
        assert row.last_name in (people.families_of_women if is_woman else people.families_of_men)
        heard[row.group_id, row.first_name] += 1
        assert 18 <= (row.joined_date - row.date_of_birth).days // 365 <= 66
        assert row.occupation
    assert max(heard.values()) <= 2


def test_a_group_speaks_its_own_language() -> None:
    known = load_catalogue("fr").sentences
    words = {
        *OCCUPATIONS, *EXPENSES, *GRANTS, *PURPOSES, *DIFFERENCES, *EXCUSES, *LOSSES,
        MEDICINE, BANK_INTEREST
    }  # fmt: skip
    assert {word for word in words if not known.get(word)} == set()


def test_practice_meetings_decide_on_what_groups_decide_on(decided: Made) -> None:
    with decided.book.read() as session:
        kinds = set(session.execute(select(LEDGER.c.transaction_type)).scalars())
        done = set(session.execute(select(ACTIVITIES.c.activity_name)).scalars())
        phone = set(session.execute(select(PHONE_PAYMENTS.c.status)).scalars())
        events = set(session.execute(select(LEDGER.c.category)).scalars())
    assert kinds >= {
        "LOAN_WRITE_OFF",
        "LEAVER_PAYOUT",
        "EXTERNAL_LOAN_IN",
        "EXTERNAL_LOAN_OUT",
        "SOCIAL_GRANT",
        "SOCIAL_ADVANCE",
        "BANK_DEPOSIT",
    }
    assert done >= {TOPPED_UP, LOST, CATCH_UP}
    assert phone == {"PENDING", "VERIFIED"}
    assert events & {"DEATH", "ILLNESS", "BIRTH", "FIRE", "SCHOOL"}


def test_a_practice_of_many_decisions_comes_back_from_its_workbook(
    decided: Made, make_book: Callable[[], Database], tmp_path: Path, clock: FixedClock
) -> None:
    other = make_book()
    for group in decided.groups:
        path = tmp_path / f"{group.group_code}.xlsx"
        assert export_workbook(decided.book, group.group_code, path, clock=clock).left_out == ()
        report = import_workbook(other, path, clock=clock)
        assert report.written, [str(each) for each in report.wrong]
        before = in_any_order(seen(decided.book, group.group_code))
        after = in_any_order(seen(other, group.group_code))
        for what, rows in before.items():
            assert rows == after[what], what
        check_verified(other, group.group_code)


@pytest.fixture(scope="module")
def decided(make_book: Callable[[], Database], clock: FixedClock) -> Made:
    """Make three groups that have met for nearly a year."""
    book = make_book()
    groups = create_practice(book, groups=3, members=16, meetings=44, seed=12, clock=clock)
    return Made(book, groups)


def test_after_a_year_a_group_shares_out_and_goes_on(
    make_book: Callable[[], Database], tmp_path: Path, clock: FixedClock
) -> None:
    book, other = make_book(), make_book()
    (group,) = create_practice(book, groups=1, members=10, meetings=60, seed=4, clock=clock)
    with book.read() as session:
        cycles = session.execute(select(CYCLES).order_by(CYCLES.c.cycle_number)).all()
        paid = session.execute(select(DISTRIBUTIONS)).all()
        held = session.execute(
            select(func.count()).select_from(MEETINGS).where(MEETINGS.c.cycle_id == cycles[1].id)
        ).scalar_one()
        last = shared_cycle(session, group.group_id, cycle_id=cycles[0].id)
    assert [(row.cycle_number, row.status) for row in cycles] == [(1, "CLOSED"), (2, "OPEN")]
    assert {row.status for row in paid} == {"PAID"}
    assert last is not None
    assert last.is_paid
    assert last.plan is not None
    assert last.plan.profit > 0
    assert 5 <= held <= 10
    check_verified(book, group.group_code)
    path = tmp_path / "group.xlsx"
    assert export_workbook(book, group.group_code, path, clock=clock).left_out == ()
    report = import_workbook(other, path, clock=clock)
    assert report.written, [str(each) for each in report.wrong]
    assert report.warnings == ()
    before = in_any_order(seen(book, group.group_code))
    after = in_any_order(seen(other, group.group_code))
    for what, rows in before.items():
        assert after[what] == rows, what


@dataclass(frozen=True)
class Year:
    """A group of 25 after 48 meetings."""

    book: Database
    group: PracticeGroup


@pytest.fixture(scope="module")
def year(make_book: Callable[[], Database], clock: FixedClock) -> Year:
    book = make_book()
    (group,) = create_practice(book, groups=1, members=25, meetings=48, seed=6, clock=clock)
    return Year(book, group)


def test_after_a_year_some_are_often_away_and_most_hardly_ever(year: Year) -> None:
    with year.book.read() as session:
        rates = sorted(session.execute(select(MEMBERS.c.attendance_percentage)).scalars())
    assert rates[0] < 90 < rates[len(rates) // 2] <= rates[-1] <= 100
    assert rates[0] > 50


def test_after_a_year_some_fines_are_not_paid(year: Year) -> None:
    with year.book.read() as session:
        fines = session.execute(select(FINES.c.amount, FINES.c.paid_amount)).all()
    unpaid = sum(fine.paid_amount < fine.amount for fine in fines)
    assert len(fines) > 80
    assert Decimal("0.03") < Decimal(unpaid) / len(fines) < Decimal("0.3")


def test_after_a_year_some_loans_are_late_and_few_are_lost(year: Year, clock: FixedClock) -> None:
    with year.book.read() as session:
        loans = loans_of_group(session, year.group.group_id)
    late = [loan.days_late(clock.today()) for loan in loans]
    assert len(loans) > 40
    assert 0 < sum(days > 7 for days in late) < len(loans) // 5
    assert sum(days > 90 for days in late) <= len(loans) // 10
    assert {loan.status for loan in loans} <= {"ACTIVE", "COMPLETED", "DEFAULTED"}


def test_instalments_are_paid_without_small_change(year: Year) -> None:
    with year.book.read() as session:
        loans = loans_of_group(session, year.group.group_id)
    (setting,) = (each for each in SETTINGS if each.country == year.group.country)
    for loan in loans:
        assert all(row.principal % setting.step == 0 for row in loan.instalments)
        assert all(row.charge == int(row.charge) for row in loan.instalments)


def test_in_a_year_a_few_leave(year: Year) -> None:
    with year.book.read() as session:
        left = session.execute(
            select(MEMBERS.c.member_number, MEMBERS.c.leaving_reason, MEMBERS.c.left_date).where(
                MEMBERS.c.is_active.is_(False)
            )
        ).all()
    assert 1 <= len(left) <= 4
    for row in left:
        assert row.member_number > 9  # officers stay
        assert row.leaving_reason in {"LEFT", "MOVED"}
        assert row.left_date is not None
