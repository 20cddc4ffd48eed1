"""Every report of a group and its members, with figures worked out by hand from the small book."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from tests.reports.reading import Read
from tests.reports.small_book import FIRST, SECOND, THIRD, keep_business, kept_book
from tests.services.village import Village
from vsla_desktop.domain.postings import Fund
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import speaking
from vsla_desktop.queries.filtering import PaymentMethod

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vsla_desktop.db import Database

D = Decimal


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with speaking("en"):
        yield


@pytest.fixture(scope="module")
def kept(shared_database: Database) -> Village:
    village = kept_book(shared_database)
    keep_business(village)
    return village


def test_the_savings_ledger_holds_every_entry_and_its_sums(kept: Village) -> None:
    made = Read(kept, "savings")
    kinds = {row["Kind"]: (row["Members"], row["In"], row["Out"]) for row in made.tables["By kind"]}
    # Esther's 600 stand with what took them back; what Amina typed first is not there.
    assert kinds == {
        "Shares": (5, D(9000), D(0)),
        "Childcare fund": (4, D(400) + 700 + 600 + 500 + 250, D(200) + 600),
    }
    members = {row["Member"]: row["In less out"] for row in made.tables["By member"]}
    assert members == {
        "Amina Nakato": D(3900),
        "Beatrice Auma": D(1750),
        "Chantal Uwase": D(1500),
        "Daudi Okello": D(2500),
        "Esther Wanjiru": D(1000),
    }
    entries = made.tables["Entries"]
    assert made.sum("Entries", "Shares") == 18
    assert [row["Out"] for row in entries if row["Out"]] == [D(200), D(600)]
    assert {row["Paid by"] for row in entries} == {"Cash", "Mobile money"}


def test_women_who_saved_in_one_fund_in_a_region_in_a_month_are_one_filter(kept: Village) -> None:
    january = {"day_from": date(2026, 1, 1), "day_to": date(2026, 1, 31)}
    asked = {"group_ids": (), "region": "central", "genders": ("F",), "funds": (Fund.ECD,)}
    made = Read(kept, "savings", **asked, **january)
    assert made.column("By member", "Member") == ["Amina Nakato", "Chantal Uwase", "Esther Wanjiru"]
    assert made.column("By member", "In") == [D(400), D(700), D(600)]
    none = Read(kept, "savings", **asked | {"region": "West"}, **january)
    assert [rows for rows in none.tables.values() if rows] == []
    by_phone = Read(kept, "savings", payment_methods=(PaymentMethod.MOBILE_MONEY,))
    assert by_phone.column("Entries", "Member") == ["Beatrice Auma"]
    large = Read(kept, "savings", amount_from=D(2000), amount_to=D(2000))
    assert large.column("Entries", "Member") == ["Daudi Okello"]


def test_the_loan_ledger_ages_the_loans_and_shows_each_schedule(kept: Village) -> None:
    made = Read(kept, "loans", on=THIRD)
    assert made.figures == {
        "Running loans": 2,
        "Loans outstanding": D(7100),
        "Late loans": 1,
        "Portfolio at risk": D(5600) / D(7100),
    }
    ages = [tuple(row.values()) for row in made.tables["By age"]]
    assert ages[:2] == [
        ("On time", 1, D(1500), D(0)),
        ("1 to 30 days late", 1, D(5600), D(1600)),
    ]
    assert [row[1:] for row in ages[2:]] == [(0, D(0), D(0))] * 3
    daudi, amina = made.tables["Loans"]
    assert (daudi["Lent"], daudi["Repaid"], daudi["Charges paid"]) == (D(6000), D(400), D(600))
    assert (daudi["Days late"], daudi["State"], daudi["Due by"]) == (14, "Late", date(2026, 4, 6))
    assert (amina["Principal owed"], amina["State"]) == (D(1500), "Running")
    owed = [(row["Due on"], row["Owed"]) for row in made.tables["Schedule"]]
    assert owed == [
        (date(2026, 2, 9), D(1600)),
        (date(2026, 3, 9), D(2400)),
        (date(2026, 4, 6), D(2200)),
        (date(2026, 3, 23), D(1650)),
    ]
    (chart,) = made.report.charts
    assert chart.series[0].values == (D(1500), D(5600), D(0), D(0), D(0))


def test_loans_of_a_past_day_stand_as_they_stood(kept: Village) -> None:
    before = Read(kept, "loans", on=THIRD - timedelta(days=1))
    assert [tuple(row.values())[1:] for row in before.tables["By age"][:2]] == [
        (0, D(0), D(0)),
        (1, D(6000), D(2600)),
    ]
    later = Read(kept, "loans", on=date(2026, 7, 31))
    # Daudi's oldest instalment is of 9 February, Amina's only one of 23 March.
    assert later.column("Loans", "Days late") == [172, 130]
    assert later.column("By age", "Loans") == [0, 0, 0, 0, 2]
    late = Read(kept, "loans", on=THIRD, statuses=("LATE",))
    assert late.column("Loans", "Member") == ["Daudi Okello"]
    assert Read(kept, "loans", on=THIRD, statuses=("COMPLETED",)).tables["Loans"] == []


def test_fines_are_charged_paid_let_off_and_owed(kept: Village) -> None:
    made = Read(kept, "fines")
    rows = {row["What for"]: tuple(row.values())[5:9] for row in made.tables["Fines"]}
    assert sorted(rows.values()) == [
        (D(100), D(0), D(0), D(100)),
        (D(250), D(250), D(0), D(0)),
        (D(300), D(0), D(300), D(0)),
    ]
    assert made.sum("By reason", "Charged") == D(650)
    assert made.sum("By reason", "Let off") == D(300)
    owed = Read(kept, "fines", statuses=("OWED",))
    assert owed.column("Fines", "Member") == ["Beatrice Auma"]
    assert Read(kept, "fines", statuses=("WAIVED",)).column("Fines", "Why let off") == [
        "She was in hospital"
    ]


def test_the_register_counts_who_came(kept: Village) -> None:
    made = Read(kept, "attendance")
    assert made.figures == {"Meetings": 3, "Attendance": D(14) / 15}
    counts = {row["Member"]: row for row in made.tables["How often each came"]}
    assert counts["Chantal Uwase"]["Came"] == D("0.6667")
    assert (counts["Beatrice Auma"]["Late"], counts["Beatrice Auma"]["Came"]) == (1, D(1))
    assert [tuple(row.values())[2:] for row in made.tables["Meetings 1 to 3"]] == [
        ("P", "P", "P"),
        ("P", "L", "P"),
        ("P", "A", "P"),
        ("P", "P", "P"),
        ("P", "P", "P"),
    ]
    (chart,) = made.report.charts
    assert [each.values for each in chart.series][1:3] == [(1, 1, 1), (1, 0, 1)]
    one = Read(kept, "attendance", day_from=SECOND, day_to=SECOND, genders=("M",))
    assert one.figures == {"Meetings": 1, "Attendance": D(1)}


def test_the_cashbook_keeps_true_balances_whatever_is_listed(kept: Village) -> None:
    made = Read(kept, "cashbook")
    assert (made.sum("Cashbook", "In") - made.sum("Cashbook", "Out")) == D(3100) + 600 + 1650
    assert made.column("Cashbook", "In the box")[-1] == D(5350) - 1250
    men = Read(kept, "cashbook", genders=("M",), day_from=SECOND, day_to=SECOND)
    assert [row["Entry"] for row in men.tables["Cashbook"]] == [
        "Savings",
        "Contributions",
        "Loans given",
    ]
    every = made.tables["Cashbook"]
    assert all(row in every for row in men.tables["Cashbook"])
    at_bank = Read(kept, "cashbook", payment_methods=(PaymentMethod.MOBILE_MONEY,))
    assert at_bank.column("Cashbook", "Member") == ["Beatrice Auma"]
    two = Read(kept, "cashbook", funds=(Fund.ECD, Fund.SOCIAL))
    assert (two.sum("Cashbook", "In") - two.sum("Cashbook", "Out")) == D(600) + 1650


def test_the_social_fund_tells_who_gave_who_misses_and_who_owes(kept: Village) -> None:
    made = Read(kept, "social-fund")
    assert made.figures == {
        "Before": D(0),
        "In": D(1400),
        "Out": D(800),
        "Holds at the end": D(600),
        "Advances owed now": D(500),
    }
    dues = [tuple(row.values())[2:] for row in made.tables["Contributions of the cycle"]]
    assert dues == [
        (D(600), D(400), D(200)),
        (D(600), D(200), D(400)),
        (D(600), D(200), D(400)),
        (D(600), D(400), D(200)),
        (D(600), D(200), D(400)),
    ]
    [grant] = made.tables["Grants"]
    assert (grant["Member"], grant["Event"], grant["Granted"]) == (
        "Esther Wanjiru",
        "Illness",
        D(300),
    )
    [advance] = made.tables["Advances"]
    assert (advance["Owed"], advance["Due on"]) == (D(500), date(2026, 3, 30))
    february = Read(kept, "social-fund", day_from=date(2026, 2, 1))
    assert (february.figures["Before"], february.figures["Out"]) == (D(1400), D(800))


def test_income_and_expenses_are_what_changed_the_earnings(kept: Village) -> None:
    made = Read(kept, "income-expenses")
    assert made.figures == {
        "Income": D(600) + 250 + 500,
        "Expenses and losses": D(150),
        "Left over": D(1200),
    }
    assert [tuple(row.values()) for row in made.tables["By kind"]] == [
        ("Loan charges", "Loan fund", D(600), D(0)),
        ("Fines paid", "Loan fund", D(250), D(0)),
        ("Gift", "Loan fund", D(500), D(0)),
        ("Books and pens", "Loan fund", D(0), D(150)),
    ]
    assert len(made.tables["Entries"]) == 4
    assert Read(kept, "income-expenses", day_to=FIRST).figures["Income"] == D(0)


def test_assets_are_debts_and_equity(kept: Village) -> None:
    made = Read(kept, "balance-sheet", on=THIRD)
    # 3,100 + 7,100 + 2,250 + 800 = 9,000 + 2,000 + 2,250; the profit is 1,200 and the box of 800.
    assert made.figures == {
        "Assets": D(13250),
        "Debts and equity": D(13250),
        "Profit": D(2000),
    }
    assert made.column("Assets", "Amount") == [D(3100), D(7100), D(600), D(1650), D(800)]
    assert made.column("Debts", "Amount") == [D(0), D(0)]
    assert made.column("Equity", "Amount") == [D(9000), D(0), D(2000), D(2250)]
    first = Read(kept, "balance-sheet", on=FIRST)
    assert (first.figures["Assets"], first.figures["Profit"]) == (D(7500) + 1000 + 1100, D(0))


def test_a_share_out_of_today_is_projected(kept: Village) -> None:
    made = Read(kept, "share-out")
    # 3,100 in the fund and 7,100 lent, over 18 shares.
    assert made.figures["Pool"] == D(10200)
    worth = made.figures["A share is worth"]
    assert isinstance(worth, Decimal)
    assert round(worth, 2) == D("566.67")
    rows = {row["Member"]: row for row in made.tables["Members"]}
    assert rows["Amina Nakato"]["Would have"] == D(3966)  # 7 x 566.67, rounded down
    assert rows["Amina Nakato"]["Owes"] == D(1650)
    assert rows["Amina Nakato"]["Would be paid"] == D(2316)
    assert rows["Daudi Okello"]["Would be paid"] == D(0)


def test_minutes_tell_what_each_meeting_did(kept: Village) -> None:
    made = Read(kept, "minutes")
    assert [tuple(row.values())[:11] for row in made.tables["Meetings"]] == [
        (1, FIRST, "Regular", 5, 5, D(1000), 15, D(1100), D(0), D(0), D(0)),
        (2, SECOND, "Regular", 4, 5, D(400), 3, D(600), D(250), D(0), D(6000)),
        (3, THIRD, "Regular", 5, 5, D(0), 0, D(0), D(0), D(1000), D(1500)),
    ]
    loan_fund = [row for row in made.tables["The purses"] if row["Purse"] == "Loan fund"]
    assert [row["Counted after"] for row in loan_fund] == [D(7500), D(2600), D(2100)]
    assert {row["Difference"] for row in made.tables["The purses"]} == {D(0)}
    assert made.column("Votes and activities", "Took part") == [2]
    assert "Counted again" in made.column("Other entries and corrections", "What for")
    assert "Notes and decisions" not in made.tables
    one = Read(kept, "minutes", day_from=SECOND, day_to=SECOND)
    assert one.column("Members", "Here") == ["Present", "Late", "Absent", "Present", "Present"]


def test_a_passbook_ends_with_what_the_member_holds(kept: Village) -> None:
    daudi = kept.members[3]
    made = Read(kept, "passbook", member_ids=(daudi,))
    assert made.figures["Savings"] == D(2500)
    # 5,600 of principal, and the 400 of the second period, which has begun.
    assert made.figures["Loan to pay back"] == D(6000)
    last = made.tables["Passbook"][-1]
    assert (last["Held"], last["Savings"], last["Repaid"], last["Charge"]) == (
        5,
        D(2500),
        D(400),
        D(600),
    )
    [loan] = made.tables["Loans"]
    assert (loan["Lent"], loan["State"]) == (D(6000), "Late")
    chantal = Read(kept, "passbook", member_ids=(kept.members[2],))
    assert chantal.column("Other entries", "Out") == [D(500)]
    with pytest.raises(RuleBroken, match="Choose one member"):
        Read(kept, "passbook")
    with pytest.raises(RuleBroken, match="Choose a member of this group"):
        Read(kept, "passbook", group_ids=(987_654,), member_ids=(daudi,))


def test_the_member_list_holds_what_each_holds_and_owes(kept: Village) -> None:
    made = Read(kept, "members")
    assert made.column("Members", "Shares") == [7, 3, 2, 5, 1]
    assert made.column("Members", "Other savings") == [D(400), D(250), D(500), D(0), D(500)]
    assert made.column("Members", "Loan left") == [D(1650), D(0), D(0), D(6000), D(0)]
    assert made.column("Members", "Fines owed") == [D(0), D(100), D(0), D(0), D(0)]
    assert made.column("Members", "Office")[:3] == ["Chairperson", "Secretary", "Treasurer"]
    men = Read(kept, "members", genders=("M",))
    assert men.column("Members", "Member") == ["Daudi Okello"]
    assert Read(kept, "members", months_from=2).tables["Members"] == []
    assert len(Read(kept, "members", months_from=1).tables["Members"]) == 5


def test_a_business_shows_what_moved_and_each_part(kept: Village) -> None:
    made = Read(kept, "iga")
    [mill] = made.tables["Businesses"]
    assert (mill["Put in"], mill["Worth now"], mill["State"]) == (D(3000), D(3200), "Running")
    assert (made.sum("Entries", "In"), made.sum("Entries", "Out")) == (D(900), D(500))
    parts = [tuple(row.values())[5:] for row in made.tables["Members"]]
    assert parts == [(D("0.6667"), D(2000), D(0)), (D("0.3333"), D(1000), D(150))]


def test_summaries_stand_beside_the_mean_of_the_active_members(kept: Village) -> None:
    made = Read(kept, "member-summary", member_ids=(kept.members[3],), on=THIRD)
    amounts = {row["Figure"]: tuple(row.values())[2:] for row in made.tables["Amounts"]}
    assert amounts["All savings"] == (D(2500), D(2130))
    assert amounts["Principal owed"] == (D(5600), D(1420))
    assert amounts["Put in"] == (D(1000), D(600))
    times = {row["Figure"]: tuple(row.values())[2:] for row in made.tables["How often"]}
    assert times["Shares"] == (5, D("3.60"))
    assert times["Meetings missed"] == (0, D("0.20"))
    group = Read(kept, "group-summary", on=THIRD)
    amounts = {row["Figure"]: tuple(row.values())[2:] for row in group.tables["Amounts"]}
    assert amounts["Principal owed"] == (D(7100), D(1420))
    assert group.sum("Members", "All savings") == D(10650)
    assert group.figures == dict.fromkeys(
        ("Attendance", "Attendance of the active members"), D(14) / 15
    )


def test_of_several_groups_each_row_names_its_own_and_currencies_stay_apart(
    kept: Village,
) -> None:
    with kept.database.write() as session:
        from vsla_desktop.services.groups import NewGroup, create_group
        from vsla_desktop.services.members import NewMember, add_member

        new = NewGroup(name="Umoja", currency="KES", formation_date=FIRST, group_code="TST-2")
        formed = create_group(session, new, kept.rules, clock=kept.clock)
        who = NewMember(first_name="Faraji", last_name="Otieno", gender="M", joined_date=FIRST)
        add_member(session, formed.group_id, who, clock=kept.clock)
    try:
        made = Read(kept, "members", group_ids=())
        assert sorted(made.tables) == ["Members, KES", "Members, UGX"]
        assert [row["Code"] for row in made.tables["Members, KES"]] == ["TST-2"]
        assert {row["Group"] for row in made.tables["Members, UGX"]} == {"Twisungane"}
        summary = Read(kept, "group-summary", group_ids=())
        assert summary.column("Groups, UGX", "Principal owed") == [D(7100)]
        assert summary.column("Groups, KES", "Members") == [1]
    finally:
        from sqlalchemy import delete

        from vsla_desktop.queries.tables import GROUPS

        with kept.database.write() as session:
            session.execute(delete(GROUPS).where(GROUPS.c.group_code == "TST-2"))


def test_the_rules_stand_as_they_were_agreed_with_each_vote(kept: Village) -> None:
    made = Read(kept, "rules", on=THIRD)
    shares = {row["Rule"]: row["We agreed"] for row in made.tables["Shares"]}
    assert shares["Share value"] == "500"
    fines = {row["Rule"]: row["We agreed"] for row in made.tables["Fines"]}
    assert (fines["Fine for being late"], fines["Fines go to"]) == ("100", "Loan fund")
    loans = {row["Rule"]: row["We agreed"] for row in made.tables["Loans"]}
    assert (loans["Charge, in %"], loans["The charge is"]) == ("10", "on what is still owed")
    kinds = made.column("Saving types", "Kind")
    assert kinds[0] == "Shares"
    assert "Childcare fund" in kinds
    [first] = made.tables["How the rules changed"]
    assert (first["Rule"], first["Meeting"]) == ("The first rules", None)
