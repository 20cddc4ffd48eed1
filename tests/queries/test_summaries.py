"""What a member and a group have come to by a day, worked out by hand from the small book."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from tests.reports.small_book import FIRST, SECOND, THIRD, keep_business, kept_book
from vsla_desktop.domain.postings import Fund
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.filtering import Filter
from vsla_desktop.queries.loans import loans_of_group
from vsla_desktop.queries.members import members_of
from vsla_desktop.queries.summaries import (
    group_summaries,
    group_summary,
    member_summaries,
    member_summary,
)

if TYPE_CHECKING:
    from tests.services.village import Village
    from vsla_desktop.db import Database
    from vsla_desktop.queries.summary_totals import Totals

D = Decimal


@pytest.fixture(scope="module")
def kept(shared_database: Database) -> Village:
    village = kept_book(shared_database)
    keep_business(village)
    return village


def savings(of: Totals) -> dict[str, Decimal]:
    return {each.kind: each.amount for each in of.savings}


def own(village: Village, place: int, on: date = THIRD) -> Totals:
    with village.database.read() as session:
        return member_summary(session, village.members[place], on=on).own


def test_savings_stand_by_kind_and_shares_are_counted(kept: Village) -> None:
    amina, beatrice, chantal, daudi, esther = (own(kept, place) for place in range(5))
    assert savings(amina) == {"PERSONAL": D(3500), "ECD": D(400)}
    assert (amina.shares, amina.saved_in_all) == (7, D(3900))
    assert savings(beatrice) == {"PERSONAL": D(1500), "ECD": D(250)}
    assert chantal.saved_in("ECD", Fund.ECD) == D(500)
    assert savings(daudi) == {"PERSONAL": D(2500)}
    assert savings(esther) == {"PERSONAL": D(500), "ECD": D(500)}
    assert [each.social for each in (amina, beatrice, daudi)] == [D(400), D(200), D(400)]


def test_loans_stand_as_they_stood_on_the_day(kept: Village) -> None:
    daudi = own(kept, 3)
    assert (daudi.loans, daudi.loans_given, daudi.loans_running) == (1, D(6000), 1)
    assert (daudi.loans_outstanding, daudi.charges_paid) == (D(5600), D(600))
    assert (daudi.loans_late, daudi.loans_overdue) == (1, D(1600))
    before = own(kept, 3, THIRD - timedelta(days=1))
    assert (before.loans_outstanding, before.charges_paid) == (D(6000), D(0))
    assert (before.loans_late, before.loans_overdue) == (1, D(2600))
    assert own(kept, 3, date(2026, 2, 9)).loans_late == 0
    assert own(kept, 3, FIRST).loans == 0


def test_fines_are_charged_paid_and_let_off_on_their_days(kept: Village) -> None:
    beatrice, chantal = own(kept, 1), own(kept, 2)
    assert (beatrice.fines, beatrice.fines_charged) == (2, D(350))
    assert (beatrice.fines_paid, beatrice.fines_open) == (D(250), D(100))
    assert (chantal.fines, chantal.fines_charged, chantal.fines_open) == (1, D(300), D(0))
    first = own(kept, 1, FIRST)
    assert (first.fines_charged, first.fines_paid, first.fines_open) == (D(250), D(0), D(250))
    assert own(kept, 2, SECOND).fines_open == D(300)


def test_who_came_and_who_took_part(kept: Village) -> None:
    amina, beatrice, chantal = (own(kept, place) for place in range(3))
    assert (amina.meetings, amina.came, amina.late) == (3, 3, 0)
    assert (beatrice.came, beatrice.late, beatrice.activities) == (3, 1, 1)
    assert (chantal.came, chantal.attendance) == (2, D(2) / 3)
    assert (amina.activities, amina.discussed, chantal.discussed) == (1, 1, 0)


def test_business_and_achievements_count_up_to_the_day(kept: Village) -> None:
    amina, daudi = own(kept, 0), own(kept, 3)
    assert (amina.igas, amina.iga_invested, amina.iga_returned) == (1, D(2000), D(0))
    assert (daudi.iga_invested, daudi.iga_returned) == (D(1000), D(150))
    assert (amina.achievements, amina.points, amina.badges) == (2, 15, 1)
    earlier = own(kept, 0, SECOND)
    assert (earlier.achievements, earlier.points, earlier.badges) == (1, 10, 0)


def test_a_group_is_its_members_together(kept: Village) -> None:
    with kept.database.read() as session:
        group = group_summary(session, kept.group_id, on=THIRD)
    assert (group.members, group.active, group.women, group.men) == (5, 5, 4, 1)
    assert savings(group.all) == {"PERSONAL": D(9000), "ECD": D(1650)}
    assert (group.all.loans_outstanding, group.all.loans_late) == (D(7100), 1)
    assert (group.all.fines_charged, group.all.fines_open) == (D(650), D(100))
    assert (group.all.came, group.all.meetings) == (14, 15)
    assert group.all == group.of_active


def test_the_mean_is_that_of_each_active_member(kept: Village) -> None:
    with kept.database.read() as session:
        group = member_summary(session, kept.members[0], on=THIRD).group
    assert group.mean(lambda totals: totals.loans_outstanding) == D(1420)
    assert group.mean(lambda totals: totals.saved_in_all) == D(2130)
    assert group.mean(lambda totals: totals.fines_open) == D(20)
    # 14 of 15 marks over five members.
    assert group.mean(lambda totals: totals.came) == D("2.80")
    assert group.of_active.attendance == D(14) / 15


def test_the_figures_are_those_of_the_screens(kept: Village) -> None:
    with kept.database.read() as session:
        lines = members_of(session, kept.group_id, on=THIRD)
        found = tuple(member_summaries(session, Filter(group_ids=(kept.group_id,)), on=THIRD))
        loans = loans_of_group(session, kept.group_id)
    for line, each in zip(lines, found, strict=True):
        assert (line.member_id, line.name) == (each.member_id, each.name)
        assert (line.savings, line.shares) == (each.own.saved_in_all, each.own.shares)
        assert line.fines_owed == each.own.fines_open
        assert line.loan_is_late == bool(each.own.loans_late)
        part = each.own.attendance
        assert part is not None
        assert line.attendance_percentage == (part * 100).quantize(D("0.01"))
    owed = {loan.member_id: loan.principal_owed for loan in loans}
    assert {e.member_id: e.own.loans_outstanding for e in found if e.own.loans} == owed


def test_a_filter_names_members_and_the_mean_stays_that_of_the_group(kept: Village) -> None:
    men = Filter(group_ids=(kept.group_id,), genders=("M",))
    with kept.database.read() as session:
        [daudi] = member_summaries(session, men, on=THIRD)
        groups = tuple(group_summaries(session, Filter(region="Central"), on=THIRD))
        nowhere = tuple(group_summaries(session, Filter(region="West"), on=THIRD))
    assert (daudi.name, daudi.gender) == ("Daudi Okello", "M")
    assert daudi.group.mean(lambda totals: totals.loans_outstanding) == D(1420)
    assert [asdict(each) for each in groups] == [asdict(daudi.group)]
    assert nowhere == ()


def test_nobody_is_found_before_she_joined_or_without_an_id(kept: Village) -> None:
    with kept.database.read() as session:
        early = group_summary(session, kept.group_id, on=FIRST - timedelta(days=1))
        with pytest.raises(RuleBroken, match="Choose a member"):
            member_summary(session, 987_654, on=THIRD)
        with pytest.raises(RuleBroken, match="Choose a group"):
            group_summary(session, 987_654, on=THIRD)
    assert (early.members, early.active) == (0, 0)
    assert early.mean(lambda totals: totals.shares) is None
