"""A small programme, worked out by hand: its forms, its indicators, and what it is warned of."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete, update

from tests.services.village import Village
from vsla_desktop.clock import FixedClock
from vsla_desktop.domain.indicators import Figures, IndicatorName, indicators
from vsla_desktop.domain.loans import ChargeMethod
from vsla_desktop.domain.meeting import AttendanceStatus
from vsla_desktop.i18n import speaking
from vsla_desktop.queries.data_quality import Flaw, flaws
from vsla_desktop.queries.filtering import Filter
from vsla_desktop.queries.indicators import GroupForms, group_form, programme_figures
from vsla_desktop.queries.indicators_gender import figures_by_gender
from vsla_desktop.queries.indicators_statement import Level
from vsla_desktop.queries.tables import CYCLES, GROUPS, LEDGER, MEETINGS, MEMBERS
from vsla_desktop.reports.audit_pack import CONTENTS, write_audit_pack
from vsla_desktop.reports.programme_reports import PROGRAMME
from vsla_desktop.reports.programme_words import formula_words
from vsla_desktop.reports.report import Definition, Over, Report
from vsla_desktop.services.attendance import record_roll_call
from vsla_desktop.services.external_loans import Borrowing, borrow_outside
from vsla_desktop.services.loans import LoanTerms, disburse_loan
from vsla_desktop.services.property import NewProperty, add_property
from vsla_desktop.services.savings import record_shares
from vsla_desktop.services.social import contribute_social

if TYPE_CHECKING:
    from pathlib import Path

    from vsla_desktop.db import Database

D = Decimal
FIRST, SECOND = date(2026, 1, 5), date(2026, 2, 16)
LENT = {"loan_interest_rate": D("0.05"), "loan_interest_method": ChargeMethod.ONE_TIME}


def save(village: Village, *shares: int) -> None:
    with village.at_work() as session:
        for member, count in zip(village.members, shares, strict=False):
            record_shares(session, village.meeting_id, member, count, clock=village.clock)


def first_group(database: Database) -> Village:
    """20 shares at 500; 6,000 lent of 13,000; 1,000 for the social fund; a scale worth 4,000.

    Six weeks on, the first instalment of the loan is late, and one of five did not come.
    """
    village = Village(database, code="A-1").ruled(loan_min_months=0, **LENT).form()
    village.meet()
    clock = village.clock
    save(village, 5, 5, 5, 4, 1)
    with village.at_work() as session:
        for member in village.members:
            contribute_social(session, village.meeting_id, member, D(200), clock=clock)
        outside = Borrowing(lender="Union", amount=D(3000))
        borrow_outside(session, village.meeting_id, outside, clock=clock)
        terms = LoanTerms(principal=D(6000), periods=3)
        disburse_loan(session, village.meeting_id, village.members[0], terms, clock=clock)
        scale = NewProperty(name="Scale", bought_on=FIRST, cost=D(4000))
        add_property(session, village.group_id, scale, clock=clock)
    village.close()
    village.meet(days=42)
    with village.at_work() as session:
        absent = {village.members[4]: AttendanceStatus.ABSENT}
        record_roll_call(session, village.meeting_id, absent, clock=clock)
    save(village, 2, 2)
    village.close()
    return village


def second_group(database: Database, **more: Any) -> Village:
    """10 shares at 500, two weeks later than the first group; nothing lent, all came."""
    village = Village(database, **more).form()
    village.meet()
    village.day = date(2026, 1, 5)
    village.close()
    village.meet(days=14)
    save(village, 5, 5)
    village.close()
    return village


@pytest.fixture
def programme(database: Database) -> dict[str, Village]:
    """Form two groups of one currency, one of another, and one for practice."""
    groups = {
        "A-1": first_group(database),
        "B-2": second_group(database, code="B-2"),
        "K-3": second_group(database, code="K-3", currency="KES"),
        "P-4": second_group(database, code="P-4"),
    }
    with database.write() as session:
        connection = session.connection()
        for code, district in (("A-1", "Gulu"), ("B-2", "Lira"), ("K-3", "Busia")):
            place = {"country": "Uganda", "region": "North", "district": district}
            connection.execute(update(GROUPS).where(GROUPS.c.group_code == code), place)
        connection.execute(
            update(GROUPS).where(GROUPS.c.group_code == "P-4"), {"is_practice": True}
        )
        connection.execute(
            update(MEMBERS).where(MEMBERS.c.id == groups["A-1"].members[4]), {"gender": "M"}
        )
    return groups


A = Figures(
    groups=1,
    borrowing_outside=1,
    members_at_start=5,
    members=5,
    men=1,
    women=4,
    attending=4,
    savings=D(12_000),  # 24 shares
    loans_count=1,
    loans_value=D(6000),
    late_value=D(6000),
    loan_fund_cash=D(9000),  # 12,000 + 3,000 - 6,000
    other_funds=D(1000),
    property_now=D(4000),
    debts=D(3000),
    savings_days=D(12_000 * 42),
    asset_days=D(20_000 * 42),
)
B = Figures(
    groups=1,
    members_at_start=5,
    members=5,
    women=5,
    attending=5,
    savings=D(5000),
    loan_fund_cash=D(5000),
    savings_days=D(5000 * 28),
    asset_days=D(5000 * 28),
)


def test_each_form_is_as_worked_out_by_hand(
    database: Database, programme: dict[str, Village]
) -> None:
    with database.read() as session:
        forms = {
            each.form.group_number: each.form for each in GroupForms(session, Filter(), SECOND)
        }
        one = group_form(session, Filter(group_ids=(programme["P-4"].group_id,)), on=SECOND)
    assert list(forms) == ["A-1", "B-2", "K-3"]
    assert forms["A-1"].figures == A
    assert forms["B-2"].figures == B
    assert forms["K-3"].figures == B
    assert forms["A-1"].savings_started == FIRST
    assert forms["B-2"].savings_started == date(2026, 1, 19)
    assert forms["A-1"].first_training == FIRST
    assert forms["A-1"].interest_rate == D("0.05")
    assert forms["B-2"].interest_rate == D("0.1")
    assert forms["K-3"].currency == "KES"
    assert one is not None
    assert one.form.figures == B


@pytest.mark.usefixtures("programme")
def test_groups_are_added_by_level_and_never_over_currencies(database: Database) -> None:
    with database.read() as session:
        found = {
            level: programme_figures(session, Filter(), on=SECOND, level=level) for level in Level
        }
    assert [(each.currency, each.figures) for each in found[Level.ALL]] == [
        ("KES", B),
        ("UGX", A + B),
    ]
    assert [(each.key, each.figures) for each in found[Level.DISTRICT]] == [
        (("Uganda", "North", "Busia"), B),
        (("Uganda", "North", "Gulu"), A),
        (("Uganda", "North", "Lira"), B),
    ]
    assert [(each.key, each.figures.groups) for each in found[Level.CYCLE]] == [
        (("1",), 1),
        (("1",), 2),
    ]
    assert len(found[Level.COORDINATOR]) == 3
    assert {sum(each.figures.members for each in lines) for lines in found.values()} == {15}


@pytest.mark.usefixtures("programme")
def test_the_indicators_of_two_groups_are_sums_divided(database: Database) -> None:
    with database.read() as session:
        found = programme_figures(session, Filter(district="gulu"), on=SECOND)
        both = programme_figures(session, Filter(), on=SECOND)[1].figures
    assert [each.figures for each in found] == [A]
    values = {each.name: each.value for each in indicators(both)}
    assert values[IndicatorName.WOMEN] == D(9) / 10
    assert values[IndicatorName.ATTENDANCE] == D(9) / 10
    assert values[IndicatorName.AVERAGE_SAVINGS] == D(1700)
    assert values[IndicatorName.MEMBERS_WITH_LOANS] == D(1) / 10
    assert values[IndicatorName.PORTFOLIO_AT_RISK] == D(1)
    assert values[IndicatorName.FUND_UTILISATION] == D(6000) / 20_000
    assert values[IndicatorName.DEBT_RATIO] == D(3000) / 25_000
    assert values[IndicatorName.RETURN_ON_SAVINGS] == D(4000) / 17_000
    weighed = 20_000 * 42 + 5000 * 28
    assert values[IndicatorName.ANNUAL_RETURN_ON_ASSETS] == D(4000) * 364 / weighed


@pytest.mark.usefixtures("programme")
def test_the_day_before_something_is_overdue_nothing_is_late(database: Database) -> None:
    with database.read() as session:
        due, after = (
            next(iter(GroupForms(session, Filter(), day))).form.figures
            for day in (date(2026, 2, 2), date(2026, 2, 3))
        )
        none = list(GroupForms(session, Filter(), date(2026, 1, 4)))
    assert due.late_value == 0
    assert after.late_value == D(6000)
    assert due.savings == D(10_000)
    assert due.attending == 5
    assert none == []


@pytest.mark.usefixtures("programme")
def test_women_and_men_are_told_apart(database: Database) -> None:
    with database.read() as session:
        found = {
            each.gender: each
            for each in figures_by_gender(session, Filter(district="Gulu"), on=SECOND)
        }
    women, men = found["F"], found["M"]
    assert (women.members, women.attending, women.savings) == (4, 4, D(11_500))
    assert (women.loans_count, women.loans_value, women.late_value) == (1, D(6000), D(6000))
    assert (men.members, men.attending, men.savings, men.loans_count) == (1, 0, D(500), 0)


def test_what_is_wrong_is_said_with_its_group(
    database: Database, programme: dict[str, Village]
) -> None:
    with database.read() as session:
        assert flaws(session, Filter(), on=SECOND, today=SECOND) == ()
    first, second = programme["A-1"], programme["B-2"]
    with database.write() as session:
        connection = session.connection()
        connection.execute(
            update(LEDGER)
            .where(LEDGER.c.group_id == second.group_id)
            .values(transaction_date=date(2027, 5, 1))
        )
        connection.execute(
            update(MEETINGS).where(MEETINGS.c.id == first.meeting_id), {"members_present": 9}
        )
        connection.execute(update(GROUPS).where(GROUPS.c.id == first.group_id), {"district": " "})
    second.meet(days=7)
    with database.read() as session:
        found = flaws(session, Filter(), on=date(2026, 3, 30), today=date(2026, 3, 30))
    said = {(each.code, each.flaw): each for each in found}
    assert set(said) == {
        ("A-1", Flaw.MORE_CAME_THAN_MEMBERS),
        ("A-1", Flaw.NO_DISTRICT),
        ("B-2", Flaw.SEAL_BROKEN),
        ("B-2", Flaw.FUTURE_ENTRIES),
        ("B-2", Flaw.OPEN_MEETINGS),
    }
    future = said["B-2", Flaw.FUTURE_ENTRIES]
    assert (future.count, future.amount, future.day) == (2, D(5000), date(2027, 5, 1))
    assert said["A-1", Flaw.MORE_CAME_THAN_MEMBERS].count == 4


def test_what_is_not_finished_is_said_too(
    database: Database, programme: dict[str, Village]
) -> None:
    first, second, third = (programme[code] for code in ("A-1", "B-2", "K-3"))
    with database.write() as session:
        connection = session.connection()
        connection.execute(
            update(CYCLES)
            .where(CYCLES.c.group_id == first.group_id)
            .values(start_date=date(2026, 1, 20), end_date=date(2026, 3, 1))
        )
        connection.execute(
            update(MEETINGS)
            .where(MEETINGS.c.id == second.meeting_id)
            .values(meeting_date=date(2026, 5, 1), previous_seal="0" * 64)
        )
        connection.execute(delete(CYCLES).where(CYCLES.c.group_id == third.group_id))
        connection.execute(
            update(MEMBERS).where(MEMBERS.c.group_id == third.group_id).values(is_active=False)
        )
    day = date(2026, 3, 2)
    with database.read() as session:
        few = flaws(session, Filter(), on=day, today=day)
        many = flaws(session, Filter(), on=day, today=day, most_seals=2)
    said = {(each.code, each.flaw): each for each in many}
    assert set(said) == {
        ("A-1", Flaw.OLD_LOANS),
        ("A-1", Flaw.SHARE_OUT_PAST),
        ("B-2", Flaw.FUTURE_MEETINGS),
        ("B-2", Flaw.SEAL_BROKEN),
        ("K-3", Flaw.NO_CYCLE),
        ("K-3", Flaw.NO_MEMBERS),
        ("K-3", Flaw.MORE_CAME_THAN_MEMBERS),
    }
    old = said["A-1", Flaw.OLD_LOANS]
    assert (old.count, old.amount) == (1, D(6000))
    assert said["A-1", Flaw.SHARE_OUT_PAST].day == date(2026, 3, 1)
    assert said["B-2", Flaw.SEAL_BROKEN].count == 1
    # Worked out anew, a seal also tells of rows that the chain knows nothing of.
    assert {(each.code, each.flaw) for each in few} == set(said)


def built(database: Database, definition: Definition, village: Village) -> Report:
    clock = FixedClock(village.clock.instant)
    wanted = Filter(on=SECOND)
    if definition.over is Over.GROUP:
        wanted = replace(wanted, group_ids=(village.group_id,))
    with database.read() as session:
        report = definition.build(session, wanted, clock)
        tables = tuple(replace(each, rows=tuple(each.rows)) for each in report.tables)
    return replace(report, tables=tables)


def test_every_report_of_the_programme_is_told_in_both_languages(
    database: Database, programme: dict[str, Village]
) -> None:
    english = [built(database, each, programme["A-1"]) for each in PROGRAMME]
    with speaking("fr"):
        french = [built(database, each, programme["A-1"]) for each in PROGRAMME]
    for one, other in zip(english, french, strict=True):
        assert one.title != other.title
        for table, told in zip(one.tables, other.tables, strict=True):
            assert [len(row) for row in table.rows] == [len(row) for row in told.rows]
            assert {len(row) for row in table.rows} <= {len(table.columns)}


def test_the_quarterly_form_has_its_25_fields(
    database: Database, programme: dict[str, Village]
) -> None:
    by_name = {each.name: each for each in PROGRAMME}
    report = built(database, by_name["quarterly-form"], programme["A-1"])
    assert [each.currency for each in report.tables] == ["KES", "UGX"]
    ugx = report.tables[1]
    assert len(ugx.columns) == 25
    assert [row[1] for row in ugx.rows] == ["A-1", "B-2"]
    page = built(database, by_name["quarterly-form-of-group"], programme["A-1"])
    assert [each.value for each in page.figures[:25]] == list(next(iter(ugx.rows)))
    assert len(page.figures) == 25 + len(IndicatorName)


def test_who_is_at_risk_is_said_with_the_reason(
    database: Database, programme: dict[str, Village]
) -> None:
    by_name = {each.name: each for each in PROGRAMME}
    report = built(database, by_name["groups-at-risk"], programme["A-1"])
    why = {row[1]: row[-1] for row in report.tables[0].rows}
    assert why == {"A-1": "100 % of the loans are late."}
    later = definition_on(database, by_name["groups-at-risk"], date(2026, 3, 31))
    assert {row[1]: row[-1] for row in later.tables[0].rows} == {
        "A-1": "100 % of the loans are late; not met for 43 days.",
        "B-2": "Not met for 71 days.",
        "K-3": "Not met for 71 days.",
    }


def definition_on(database: Database, definition: Definition, on: date) -> Report:
    with database.read() as session:
        return definition.build(session, Filter(on=on), FixedClock(datetime.combine(on, time(9))))


def test_formulas_are_those_of_the_domain() -> None:
    for each in indicators(Figures()):
        assert formula_words(each.name) == each.formula


def test_the_pack_holds_everything_and_says_so(
    database: Database, programme: dict[str, Village], tmp_path: Path
) -> None:
    village = programme["A-1"]
    path = tmp_path / "out" / "pack.zip"
    path.parent.mkdir()
    told: list[tuple[int, int]] = []

    def books(file: Path) -> None:
        file.write_bytes(b"books")

    with database.read() as session:
        pack = write_audit_pack(
            session,
            village.group_id,
            path,
            clock=village.clock,
            workbook=books,
            progress=lambda done, of_all: told.append((done, of_all)),
        )
    with zipfile.ZipFile(path) as archive:
        contents = json.loads(archive.read(CONTENTS))
        listed = {each["name"]: each for each in contents["files"]}
        assert set(archive.namelist()) == {*listed, CONTENTS}
        for name, each in listed.items():
            data = archive.read(name)
            assert (len(data), sha256(data).hexdigest()) == (each["bytes"], each["sha256"])
        seals = list(csv.DictReader(io.StringIO(archive.read("seals.csv").decode())))
    assert pack.files == len(listed)
    assert contents["group"] == "A-1"
    assert {"reports/cashbook.xlsx", "reports/quarterly-form-of-group.pdf", "A-1.xlsx"} <= set(
        listed
    )
    assert [(each["meeting"], each["check"]) for each in seals] == [("1", "holds"), ("2", "holds")]
    assert told[-1][0] == told[-1][1]
    assert list(path.parent.iterdir()) == [path]


def test_a_pack_that_is_stopped_leaves_nothing(
    database: Database, programme: dict[str, Village], tmp_path: Path
) -> None:
    def stop(done: int, _all: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    village = programme["B-2"]
    path = tmp_path / "out" / "pack.zip"
    path.parent.mkdir()
    with database.read() as session, pytest.raises(KeyboardInterrupt):
        write_audit_pack(session, village.group_id, path, clock=village.clock, progress=stop)
    assert list(path.parent.iterdir()) == []
