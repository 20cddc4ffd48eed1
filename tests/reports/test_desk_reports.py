"""The coordinator's papers: groups side by side, and the sheet for a visit, on both databases."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from tests.queries.test_desk import NOTE, TODAY, troubled, well
from tests.services.village import Village, morning
from vsla_desktop.clock import FixedClock
from vsla_desktop.domain.visits import Agreed
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.filtering import Filter
from vsla_desktop.reports.catalogue import definition
from vsla_desktop.reports.document import Table
from vsla_desktop.reports.visit_sheet import visit_sheet
from vsla_desktop.services.visits import record_visit

if TYPE_CHECKING:
    from vsla_desktop.db import Database
    from vsla_desktop.reports.report import Report, ReportTable, Value

D = Decimal
CLOCK = FixedClock(morning(TODAY))


def made(database: Database, name: str, *group_ids: int) -> Report:
    with database.read() as session:
        return definition(name).build(session, Filter(group_ids=group_ids), CLOCK)


def rows(table: ReportTable) -> list[dict[str, Value]]:
    heads = [column.title for column in table.columns]
    return [dict(zip(heads, row, strict=True)) for row in table.rows]


def test_two_groups_side_by_side_are_as_worked_out_by_hand(database: Database) -> None:
    needy, fine = troubled(database), well(database)
    report = made(database, "compare-groups", fine.group_id, needy.group_id)
    tables = {table.title: table for table in report.tables}
    assert list(tables) == [
        "Members",
        "Savings and profit",
        "Loans",
        "Best and weakest",
        "How the figures are worked out",
    ]
    members, savings, loans = (
        rows(tables[title]) for title in ("Members", "Savings and profit", "Loans")
    )
    assert [each["Members"] for each in members] == [5, 4]
    assert [each["Attendance"] for each in members] == [D(1), D("0.5")]
    # 20 shares of 500 were bought; a loan charge of 500 was paid, and 100 were lost.
    assert [each["Savings"] for each in savings] == [D(0), D(10000)]
    assert [each["Profit of this cycle"] for each in savings] == [D(0), D(400)]
    assert [each["Profit per member"] for each in savings] == [D(0), D(100)]
    assert [each["Portfolio at risk"] for each in loans] == [None, D("0.545455")]
    assert tables["Loans"].currency == "UGX"
    assert tables["Members"].currency == ""
    best = {each["Figure"]: (each["Best"], each["Weakest"]) for each in rows(report.tables[3])}
    names = ("Twisungane · TST-2", "Twisungane · TST-1")
    assert best["Attendance"] == names
    assert best["Savings per member"] == names[::-1]
    assert "Portfolio at risk" not in best
    [how] = [each for each in rows(report.tables[4]) if each["Figure"] == "Profit per member"]
    assert how == {
        "Figure": "Profit per member",
        "Worked out as": "profit / members",
        names[0]: "0 / 5",
        names[1]: "400 / 4",
    }


def test_amounts_of_different_currencies_are_not_set_against_each_other(
    database: Database,
) -> None:
    needy = troubled(database)
    kenyan = Village(database, code="KE-1", currency="KES").form()
    kenyan.meet(present=True)
    kenyan.close()
    report = made(database, "compare-groups", needy.group_id, kenyan.group_id)
    titles = [table.title for table in report.tables]
    assert titles[:3] == ["Members", "Savings and profit · UGX", "Savings and profit · KES"]
    best = {each["Figure"] for each in rows(report.tables[5])}
    assert "Attendance" in best
    assert "Savings per member" not in best


def test_two_to_six_groups_are_compared_named_or_not(book: Database) -> None:
    def refuse(*ids: int) -> None:
        with pytest.raises(RuleBroken, match="Choose 2 to 6 groups") as refused:
            made(book, "compare-groups", *ids)
        assert refused.value.field == "group_ids"

    refuse()
    ids = [Village(book, code="C-0").form().group_id]
    refuse()
    refuse(*ids)
    refuse(*ids, 902)
    ids += [Village(book, code=f"C-{number}").form().group_id for number in range(1, 6)]
    last, *_others = reversed(ids)
    two = made(book, "compare-groups", last, ids[0])
    assert [row["Group"] for row in rows(two.tables[0])] == ["Twisungane · C-5", "Twisungane · C-0"]
    assert len(rows(made(book, "compare-groups").tables[0])) == 6
    Village(book, code="C-6").form()
    refuse()


def test_a_visit_sheet_tells_what_to_look_at(database: Database) -> None:
    village = troubled(database)
    village.clock.instant = morning(TODAY)
    action = Agreed("Buy a padlock", TODAY + timedelta(days=7))
    note = NOTE.__class__(day=NOTE.day, who=NOTE.who, looked_at=NOTE.looked_at, actions=(action,))
    with village.at_work() as session:
        record_visit(session, village.group_id, note, clock=village.clock)
    report = made(database, "visit-sheet", village.group_id)
    figures = {figure.title: figure.value for figure in report.figures}
    # 10,000 of shares - 8,000 lent + 3,000 paid back - 100 lost.
    assert (figures["In the box"], figures["Late"]) == (D(4900), D(3300))
    assert figures["Last meeting"] == date(2026, 2, 2)
    tables = {table.title: rows(table) for table in report.tables}
    assert tables["What to look at"][0]["Why"] == "100 UGX missing in the box"
    [late] = tables["Late loans"]
    assert (late["Member"], late["Days late"]) == ("Amina Nakato", 21)
    assert (late["Late"], late["Clears it today"]) == (D(3300), D(3300))
    arrears = {each["Member"]: each for each in tables["Members with arrears"]}
    # 200 at each of two meetings, which nobody gave; 300 for who was absent.
    assert arrears["Amina Nakato"]["Contributions"] == D(400)
    assert arrears["Chantal Uwase"]["Fines"] == D(300)
    assert tables["Agreed before"] == [
        {"Agreed": "Buy a padlock", "By": action.due, "Visit of": TODAY, "Done?": ""}
    ]
    assert len(tables["Checklist"]) == 5
    assert report.signatures == ("Coordinator", "Chairperson", "Treasurer")


def test_a_printed_sheet_leaves_room_to_write(book: Database) -> None:
    village = well(book)
    with book.read() as session:
        document = visit_sheet(session, village.group_id, TODAY)
    assert document.file_name == "TST-2-visit.pdf"
    heights = [block.row_height for block in document.blocks if isinstance(block, Table)]
    assert heights[-2:] == [8, 8]
    assert heights[0] == 0
