"""Filters kept by name come back exactly, on either database."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, update

from tests.services.village import Village
from vsla_desktop.domain.postings import Fund
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.filtering import Filter, PaymentMethod
from vsla_desktop.queries.saved_reports import filter_of, parameters_of, saved_reports
from vsla_desktop.queries.tables import KEPT_REPORTS, MEMBERS
from vsla_desktop.services.saved_reports import delete_saved, rename_saved, save_report

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.db import Database

DAYS = st.none() | st.dates(date(1990, 1, 1), date(2100, 1, 1))
AMOUNTS = st.none() | st.decimals(0, 10**12, places=2)
COUNTS = st.none() | st.integers(0, 999)
FILTERS = st.builds(
    Filter,
    text=st.text(max_size=20),
    region=st.text(max_size=20),
    genders=st.lists(st.sampled_from(["F", "M", "Other"]), unique=True).map(tuple),
    funds=st.lists(st.sampled_from(Fund), unique=True).map(tuple),
    payment_methods=st.lists(st.sampled_from(PaymentMethod), unique=True).map(tuple),
    members_from=COUNTS,
    months_to=COUNTS,
    cycle_number=COUNTS,
    amount_from=AMOUNTS,
    amount_to=AMOUNTS,
    day_from=DAYS,
    on=DAYS,
)


@given(FILTERS)
def test_a_filter_of_any_fields_comes_back_exactly(wanted: Filter) -> None:
    session: Session = None  # type: ignore[assignment]  # no ids are asked for
    said = parameters_of(session, wanted)
    again, ignored = filter_of(session, said)
    assert (again, ignored) == (wanted, ())
    assert [str(each) for each in (again.amount_from, again.amount_to)] == [
        str(each) for each in (wanted.amount_from, wanted.amount_to)
    ]


def test_groups_and_members_are_found_again_by_code_and_number(database: Database) -> None:
    village = Village(database)
    village.form()
    wanted = Filter(
        group_ids=(village.group_id,),
        member_ids=(village.members[1], village.members[0]),
        funds=(Fund.ECD,),
        day_from=date(2026, 12, 1),
        day_to=date(2026, 12, 31),
        amount_from=Decimal("2500.50"),
    )
    with village.at_work() as session:
        save_report(
            session, village.group_id, " ECD  December ", "savings", wanted, clock=village.clock
        )
    with database.read() as session:
        [kept] = saved_reports(session)
        row = session.connection().execute(KEPT_REPORTS.select()).one()
    assert (kept.name, kept.report, kept.wanted, kept.ignored) == (
        "ECD December",
        "savings",
        wanted,
        (),
    )
    assert row.report_parameters["amount_from"] == "2500.50"
    assert [number for _code, number in row.report_parameters["member_ids"]] == [2, 1]
    assert (row.report_period_start, row.report_period_end) == (wanted.day_from, wanted.day_to)


def test_what_a_newer_release_kept_is_left_out_and_told(database: Database) -> None:
    village = Village(database)
    village.form()
    with village.at_work() as session:
        saved_id = save_report(
            session, village.group_id, "New", "savings", Filter(), clock=village.clock
        )
        newer = {
            "weather": "dry",
            "funds": ["ECD", "HARVEST"],
            "day_from": "soon",
            "group_ids": ["GONE-1"],
            "region": "Central",
        }
        statement = update(KEPT_REPORTS).where(KEPT_REPORTS.c.id == saved_id)
        session.connection().execute(statement.values(report_parameters=newer))
    with database.read() as session:
        [kept] = saved_reports(session)
    assert kept.wanted == Filter(region="Central", funds=(Fund.ECD,))
    assert kept.ignored == ("weather", "funds", "day_from", "group_ids")


def test_names_are_given_once_and_can_be_changed(database: Database) -> None:
    village = Village(database)
    village.form()
    clock = village.clock
    with village.at_work() as session:
        first = save_report(session, village.group_id, "Women", "savings", Filter(), clock=clock)
        save_report(session, village.group_id, "Men", "savings", Filter(), clock=clock)
        rename_saved(session, first, "women", clock=clock)
    for name, sentence in (
        ("  ", "Give the filter a name."),
        ("x" * 101, "Take a shorter name."),
        ("MEN", "There is a filter with this name."),
    ):
        with pytest.raises(RuleBroken, match=sentence), village.at_work() as session:
            rename_saved(session, first, name, clock=clock)
    with village.at_work() as session:
        delete_saved(session, first, clock=clock)
    with pytest.raises(RuleBroken, match="gone already"), village.at_work() as session:
        delete_saved(session, first, clock=clock)
    with database.read() as session:
        assert [each.name for each in saved_reports(session)] == ["Men"]


def test_visits_and_what_others_kept_there_are_no_filters(database: Database) -> None:
    village = Village(database)
    village.form()
    rows: list[dict[str, object]] = [
        {"report_type": "CUSTOM", "report_name": "visit", "report_data": {"actions": []}},
        {"report_type": "GROUP", "report_name": "Old", "report_data": ["anything"]},
    ]
    with village.at_work() as session:
        for row in rows:
            session.connection().execute(
                insert(KEPT_REPORTS), {"group_id": village.group_id, **row}
            )
        save_report(session, village.group_id, "visit", "fines", Filter(), clock=village.clock)
    with database.read() as session:
        assert [(each.name, each.report) for each in saved_reports(session)] == [("visit", "fines")]


def test_a_member_without_a_number_can_not_be_found_elsewhere(database: Database) -> None:
    village = Village(database)
    village.form()
    with village.at_work() as session:
        session.connection().execute(
            update(MEMBERS).where(MEMBERS.c.id == village.members[0]).values(member_number=None)
        )
    wanted = Filter(member_ids=(village.members[0],))
    with pytest.raises(RuleBroken, match="without a number"), village.at_work() as session:
        save_report(session, village.group_id, "One", "passbook", wanted, clock=village.clock)
