"""Trends: worked out by hand for a village, and against the ledger for practice groups."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from tests.services.lived import FIRST, FOURTH, SECOND, THIRD, lived
from tests.services.village import Village, morning
from vsla_desktop.clock import FixedClock
from vsla_desktop.domain.ageing import Age
from vsla_desktop.domain.votes import Vote
from vsla_desktop.i18n import speaking
from vsla_desktop.queries.filtering import Filter
from vsla_desktop.queries.indicators import programme_figures
from vsla_desktop.queries.loan_ledger import ages, loans_on
from vsla_desktop.queries.loans import loans_by_id, loans_of_group
from vsla_desktop.queries.tables import GROUPS, LOANS
from vsla_desktop.queries.trends import months_of_many, points, standings
from vsla_desktop.queries.trends_portfolio import portfolios
from vsla_desktop.reports.catalogue import definition
from vsla_desktop.reports.report import ChartKind, Report, Row
from vsla_desktop.services import cells
from vsla_desktop.services.loan_changes import reschedule_loan
from vsla_desktop.services.practice import create_practice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vsla_desktop.db import Database

D = Decimal


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with speaking("en"):
        yield


@pytest.fixture
def village(database: Database) -> Village:
    formed = Village(database).form()
    with formed.at_work() as session:
        session.execute(update(GROUPS).values(region="Central", district="Mukono"))
    formed.meet()
    return lived(formed)


def made(village: Village, name: str, wanted: Filter | None = None) -> tuple[Report, list[Row]]:
    """Return a report of the village, with the rows of its first table."""
    asked = wanted or Filter(group_ids=(village.group_id,))
    with village.database.read() as session:
        report = definition(name).build(session, asked, village.clock)
        return report, list(report.tables[0].rows)


def test_savings_and_loans_are_told_meeting_by_meeting(village: Village) -> None:
    report, rows = made(village, "savings-and-loans")
    assert rows == [
        (FIRST, D(3000), D(0)),
        (SECOND, D(3000), D(3000)),
        (THIRD, D(4500), D(1500)),
        (FOURTH, D(4000), D(1000)),
    ]
    (chart,) = report.charts
    assert chart.shape is ChartKind.LINE
    assert chart.axis[0] == "5 Jan 2026"
    assert [each.values for each in chart.series] == [
        (D(3000), D(3000), D(4500), D(4000)),
        (D(0), D(3000), D(1500), D(1000)),
    ]


def test_a_time_is_cut_where_it_is_said(village: Village) -> None:
    wanted = Filter(group_ids=(village.group_id,), day_from=SECOND, day_to=THIRD)
    report, rows = made(village, "savings-and-loans", wanted)
    assert [row[0] for row in rows] == [SECOND, THIRD]
    assert report.period == "12 Jan 2026 to 9 Feb 2026"


def test_a_long_time_is_told_by_months(village: Village) -> None:
    with village.database.read() as session:
        few = points(session, village.group_id, FIRST, FOURTH)
        many = points(session, village.group_id, FIRST, FOURTH, most=3)
    assert few == (FIRST, SECOND, THIRD, FOURTH)
    assert many == (date(2026, 1, 31), FOURTH)


def test_funds_are_stacked(village: Village) -> None:
    report, rows = made(village, "funds-over-time")
    # Shares; then the loan went out and a fine of 100 came in; 1,800 and 1,500; 500 went back.
    assert [(row[0], row[1]) for row in rows] == [
        (FIRST, D(3000)),
        (SECOND, D(100)),
        (THIRD, D(3400)),
        (FOURTH, D(2900)),
    ]
    assert report.charts[0].shape is ChartKind.STACKED


def test_a_cycle_is_told_by_its_own_weeks(village: Village) -> None:
    report, rows = made(village, "cycles-compared")
    # The fifth of January began the first week; the ninth of February falls into the sixth.
    assert rows == [
        (1, D(3000), D(0)),
        (2, D(3000), D(3000)),
        (3, D(3000), D(3000)),
        (4, D(3000), D(3000)),
        (5, D(3000), D(3000)),
        (6, D(4500), D(3000)),
        (7, D(4000), D(3000)),
    ]
    assert [chart.title for chart in report.charts] == ["Saved so far", "Lent so far"]


def test_many_groups_are_told_month_by_month_from_what_was_kept(village: Village) -> None:
    other = Village(village.database, code="TST-2").form()
    other.meet()
    other.close()
    report, rows = made(village, "programme-trend", Filter(day_from=FIRST, day_to=FOURTH))
    assert rows == [
        (date(2026, 1, 31), 2, 10, D(3000), D(3000), D(100)),
        (FOURTH, 2, 10, D(4000), D(1000), D(100)),
    ]
    assert report.notes == ("Each group counts as it stood when its last meeting by then closed.",)


def test_attendance_is_told_by_group_and_month(village: Village) -> None:
    report, rows = made(village, "attendance-by-month", Filter(day_from=FIRST, day_to=FOURTH))
    assert rows == [("TST-1", "Twisungane", D("0.9"), D(1), D("0.95"))]  # 9 of 10, 10 of 10
    (chart,) = report.charts
    assert (chart.shape, chart.axis) == (ChartKind.HEAT, ("Jan 2026", "Feb 2026"))
    assert chart.series[0].values == (D("0.9"), D(1))


def test_a_loan_grows_old_by_its_oldest_unpaid_instalment(village: Village) -> None:
    for day, age, owed in (
        (date(2026, 1, 31), Age.ON_TIME, D(3000)),
        (date(2026, 2, 16), Age.ON_TIME, D(1000)),
        (date(2026, 3, 9), Age.ON_TIME, D(1000)),  # due today is not late
        (date(2026, 3, 10), Age.FROM_1, D(1000)),
        (date(2026, 4, 8), Age.FROM_1, D(1000)),  # 30 days
        (date(2026, 4, 9), Age.FROM_31, D(1000)),
        (date(2026, 6, 8), Age.FROM_91, D(1000)),
    ):
        with village.database.read() as session:
            (found,) = portfolios(session, Filter(), day)
        assert found.currency == "UGX"
        assert found.outstanding == dict.fromkeys(Age, D(0)) | {age: owed}, day
        assert found.loans == dict.fromkeys(Age, 0) | {age: 1}


def test_a_loan_was_as_old_as_its_schedule_of_then(village: Village) -> None:
    village.meet(days=28, present=True)  # 16 March: 1,000 were due on the ninth
    with village.at_work() as session:
        loan = session.scalars(select(LOANS.c.id)).one()
        reschedule_loan(session, village.meeting_id, loan, 2, Vote(5), clock=village.clock)
    village.close()
    for day, age in (
        (date(2026, 3, 9), Age.ON_TIME),
        (date(2026, 3, 15), Age.FROM_1),
        (date(2026, 3, 16), Age.ON_TIME),
        (date(2026, 4, 13), Age.ON_TIME),
        (date(2026, 4, 14), Age.FROM_1),
    ):
        with village.database.read() as session:
            (found,) = portfolios(session, Filter(), day)
            (figures,) = programme_figures(session, Filter(), on=day)
        assert found.outstanding == dict.fromkeys(Age, D(0)) | {age: D(1000)}, day
        assert found.loans == dict.fromkeys(Age, 0) | {age: 1}
        assert found.late == figures.figures.late_value


def test_the_age_of_loans_is_told_month_by_month(village: Village) -> None:
    village.clock.instant = morning(date(2026, 4, 20))
    report, rows = made(village, "portfolio-by-age", Filter(day_from=SECOND))
    assert [(row[0], row[-2], row[-1]) for row in rows] == [
        (date(2026, 1, 31), D(3000), D(0)),
        (date(2026, 2, 28), D(1000), D(0)),
        (date(2026, 3, 31), D(1000), D(1)),
        (date(2026, 4, 20), D(1000), D(1)),
    ]
    assert [each.title for each in report.charts[0].series][:2] == ["On time", "1 to 30 days late"]


def test_a_group_stands_beside_its_district_sum_over_sum(village: Village) -> None:
    other = Village(village.database, code="TST-2").form()
    elsewhere = Village(village.database, code="TST-3").form()
    for each, shares in ((other, 2), (elsewhere, 5)):
        each.meet()
        with each.at_work() as session:
            cells.set_shares(session, each.meeting_id, each.members[0], shares, clock=each.clock)
        each.close()
    with village.at_work() as session:
        session.execute(
            update(GROUPS)
            .where(GROUPS.c.id == other.group_id)
            .values(region="Central", district="Mukono")
        )
    report, rows = made(village, "group-and-district")
    # 4,000 of five members, and 1,000 more of five others: 500, not the mean of 800 and 200.
    assert rows[0][:5] == ("Savings per member", D(800), "4,000 / 5", D(500), "5,000 / 10")
    assert rows[1][:4] == ("Average loan outstanding", D(1000), "1,000 / 1", D(1000))
    (amounts, parts) = report.charts
    assert [each.title for each in amounts.series] == ["This group", "Mukono"]
    assert parts.axis[0] == "Attendance"
    assert "all 2 groups of it in UGX" in report.notes[0]


def test_what_was_kept_is_what_the_ledger_says(database: Database) -> None:
    clock = FixedClock(morning(date(2026, 11, 20)))
    groups = create_practice(
        database, groups=2, members=9, meetings=9, seed=5, clock=clock, currency_code="UGX"
    )
    with database.read() as session:
        ids = [each.group_id for each in groups]
        kept = months_of_many(session, Filter(), date(2026, 10, 1), clock.today())
        for month in kept:
            told = [standings(session, each, (month.day,))[0] for each in ids]
            assert month.groups == 2
            assert month.savings == sum(each.savings for each in told)
            assert month.loans == sum(each.loans for each in told)


def test_loans_are_as_old_as_the_loan_ledger_says(database: Database) -> None:
    clock = FixedClock(morning(date(2026, 11, 20)))
    (group,) = create_practice(
        database, groups=1, members=9, meetings=16, seed=9, clock=clock, currency_code="UGX"
    )
    with database.read() as session:
        given = {loan.loan_id for loan in loans_of_group(session, group.group_id)}
        late = D(0)
        for day in (date(2026, 9, 30), date(2026, 10, 31), clock.today()):
            loans = {
                number: loan
                for number, loan in loans_by_id(session, given).items()
                if loan.given_on <= day
            }
            told = {each.age: each for each in ages(loans_on(session, loans, day), day)}
            (found,) = portfolios(session, Filter(), day)
            assert found.outstanding == {age: told[age].outstanding for age in Age}
            assert found.loans == {age: told[age].count for age in Age}
            late += found.late
        assert late > 0
