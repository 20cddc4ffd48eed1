"""The reports say what the screens say, of groups that met for months."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from vsla_desktop.clock import FixedClock
from vsla_desktop.domain.postings import Fund
from vsla_desktop.i18n import speaking
from vsla_desktop.queries.balance_sheet import balance_sheet
from vsla_desktop.queries.balances import fund_balances
from vsla_desktop.queries.filtering import Filter
from vsla_desktop.queries.funds import fines_of_group
from vsla_desktop.queries.funds_debts import debts_of
from vsla_desktop.queries.funds_property import property_value
from vsla_desktop.queries.indicators import programme_figures
from vsla_desktop.queries.loan_ledger import loans_on
from vsla_desktop.queries.loan_pages import portfolio
from vsla_desktop.queries.loans import loans_of_group
from vsla_desktop.queries.meetings import meetings_of
from vsla_desktop.queries.members import members_of, passbook
from vsla_desktop.queries.share_out import projected_value
from vsla_desktop.queries.summaries import group_summary
from vsla_desktop.reports.catalogue import definition
from vsla_desktop.services.practice import create_practice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from vsla_desktop.db import Database

D = Decimal
TODAY = date(2026, 6, 1)
CLOCK = FixedClock(datetime(2026, 6, 1, 9))  # noqa: DTZ001 - the books keep UTC without a zone


@dataclass
class Lived:
    database: Database
    groups: tuple[int, ...]


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with speaking("en"):
        yield


@pytest.fixture(scope="module")
def lived(shared_database: Database) -> Lived:
    made = create_practice(shared_database, groups=2, members=9, meetings=12, seed=5, clock=CLOCK)
    return Lived(shared_database, tuple(each.group_id for each in made))


def rows(session: Session, name: str, table: str, **asked: Any) -> list[dict[str, Any]]:
    report = definition(name).build(session, Filter(**asked), CLOCK)
    found = next(each for each in report.tables if each.title.split(",")[0] == table)
    titles = [column.title for column in found.columns]
    return [dict(zip(titles, row, strict=True)) for row in found.rows]


def total(found: list[dict[str, Any]], title: str) -> Decimal:
    return sum((D(row[title] or 0) for row in found), D(0))


def test_members_hold_and_owe_what_the_list_of_members_says(lived: Lived) -> None:
    with lived.database.read() as session:
        for group in lived.groups:
            shown = members_of(session, group, on=TODAY)
            found = rows(session, "members", "Members", group_ids=(group,))
            assert [
                (row["Member"], row["Loan left"], row["Fines owed"], row["Advances owed"])
                for row in found
            ] == [(m.name, m.loans_owed, m.fines_owed, m.advance_owed) for m in shown]
            everyone = members_of(session, group, on=TODAY, with_left=True)
            saved = rows(session, "savings", "By member", group_ids=(group,))
            assert {row["Member"]: row["In less out"] for row in saved} == {
                member.name: member.savings for member in everyone
            }
            came = rows(session, "attendance", "How often each came", group_ids=(group,))
            assert {row["Member"]: row["Came"] * 100 for row in came} == {
                member.name: member.attendance_percentage for member in everyone
            }


def test_loans_fines_and_meetings_are_those_of_their_pages(lived: Lived) -> None:
    with lived.database.read() as session:
        for group in lived.groups:
            loans = loans_of_group(session, group)
            ledger = rows(session, "loans", "Loans", group_ids=(group,))
            assert total(ledger, "Overdue") == sum(loan.overdue(TODAY) for loan in loans)
            assert len(ledger) == len(loans)
            ages = rows(session, "loans", "By age", group_ids=(group,))
            running = portfolio(loans, TODAY)
            assert total(ages, "Principal owed") == running.outstanding
            assert total(ages[1:], "Principal owed") == running.at_risk
            fines = fines_of_group(session, group, date.min)
            listed = rows(session, "fines", "Fines", group_ids=(group,))
            assert [(r["Day"], r["Charged"], r["Paid"], r["Owed"]) for r in listed] == [
                (fine.day, fine.amount, fine.paid, fine.owed) for fine in fines
            ]
            held = [each for each in meetings_of(session, group) if each.status == "COMPLETED"]
            minutes = rows(session, "minutes", "Meetings", group_ids=(group,))
            assert [(row["Meeting"], row["Present"]) for row in minutes] == [
                (each.number, each.present_count) for each in held
            ]


def test_the_purses_are_those_of_the_cashbook(lived: Lived) -> None:
    with lived.database.read() as session:
        for group in lived.groups:
            held = fund_balances(session, group)
            cashbook = rows(session, "cashbook", "Cashbook", group_ids=(group,))
            assert total(cashbook, "In") - total(cashbook, "Out") == held.total
            assert cashbook[-1]["In the box"] == held.box
            sheet = rows(session, "balance-sheet", "Assets", group_ids=(group,), on=TODAY)
            lent = sum(
                loan.principal_owed for loan in loans_of_group(session, group) if loan.is_out
            )
            owned = property_value(session, group)
            assert total(sheet, "Amount") == held.total + lent + owned
            debts = rows(session, "balance-sheet", "Debts", group_ids=(group,), on=TODAY)
            assert total(debts, "Amount") == sum(each.owed for each in debts_of(session, group))
            equity = rows(session, "balance-sheet", "Equity", group_ids=(group,), on=TODAY)
            assert total(sheet, "Amount") == total(debts, "Amount") + total(equity, "Amount")
            flow = rows(session, "social-fund", "What came and went", group_ids=(group,))
            assert total(flow, "In") - total(flow, "Out") == held.of(Fund.SOCIAL)


def test_a_projected_share_out_is_that_of_the_page(lived: Lived) -> None:
    with lived.database.read() as session:
        for group in lived.groups:
            value = projected_value(session, group, TODAY)
            if value is None:
                continue
            found = rows(session, "share-out", "Members", group_ids=(group,))
            assert [row["Would have"] for row in found] == [part for _, _, part in value.members]


def test_a_passbook_has_the_lines_of_the_page(lived: Lived) -> None:
    with lived.database.read() as session:
        for group in lived.groups:
            for member in members_of(session, group, on=TODAY)[:3]:
                book = passbook(session, member.member_id, on=TODAY)
                found = rows(session, "passbook", "Passbook", member_ids=(member.member_id,))
                assert [(row["Day"], row["Savings"]) for row in found] == [
                    (line.day, line.savings_held) for line in book.lines
                ]


def test_lists_over_all_groups_are_the_lists_of_each_together(lived: Lived) -> None:
    with lived.database.read() as session:
        summaries = [group_summary(session, group, on=TODAY) for group in lived.groups]
        for code in {each.currency for each in summaries}:
            of_code = [each for each in summaries if each.currency == code]
            groups = tuple(each.group_id for each in of_code)
            for name, table, column, own in (
                ("savings", "By member", "In less out", "saved_in_all"),
                ("fines", "Fines", "Charged", "fines_charged"),
                ("fines", "Fines", "Owed", "fines_open"),
                ("loans", "Loans", "Principal owed", "loans_outstanding"),
                ("loans", "Loans", "Overdue", "loans_overdue"),
            ):
                found = total(rows(session, name, table, group_ids=groups), column)
                assert found == sum(getattr(each.all, own) for each in of_code), (name, column)


def test_loans_of_every_meeting_day_are_what_the_ledger_had_lent(lived: Lived) -> None:
    with lived.database.read() as session:
        for group in lived.groups:
            loans = {loan.loan_id: loan for loan in loans_of_group(session, group)}
            assert tuple(loans_on(session, loans, TODAY)) == tuple(loans.values())
            for meeting in meetings_of(session, group):
                stood = loans_on(session, loans, meeting.day)
                lent = sum(
                    (loan.principal_owed for loan in stood if loan.given_on <= meeting.day), D(0)
                )
                assert lent == balance_sheet(session, group, meeting.day).figures.loans_value


def test_the_balance_sheet_has_the_figures_of_the_quarterly_form(lived: Lived) -> None:
    with lived.database.read() as session:
        for group in lived.groups:
            for day in (TODAY, TODAY - timedelta(days=60)):
                (line,) = programme_figures(session, Filter(group_ids=(group,)), on=day)
                sheet = balance_sheet(session, group, day).figures
                for name in (
                    "savings",
                    "loans_value",
                    "loan_fund_cash",
                    "other_funds",
                    "property_at_start",
                    "property_now",
                    "debts",
                    "profit",
                    "equity",
                ):
                    assert getattr(line.figures, name) == getattr(sheet, name), (day, name)
                aged = rows(session, "loans", "By age", group_ids=(group,), on=day)
                assert total(aged[1:], "Principal owed") == line.figures.late_value
                assert total(aged, "Loans") == line.figures.loans_count
