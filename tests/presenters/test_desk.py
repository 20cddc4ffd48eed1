"""A coordinator at her desk: what she sees, asks for, marks, opens, and writes down."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.presenters.book_of_group import Ear, printer
from tests.presenters.test_group_pages import home_of
from tests.queries.test_desk import NOTE, TODAY, troubled, well
from tests.services.village import Village, morning
from vsla_desktop.clock import FixedClock
from vsla_desktop.db import Database
from vsla_desktop.domain.visits import Agreed
from vsla_desktop.i18n import speaking
from vsla_desktop.presenters.desk import DeskPresenter
from vsla_desktop.presenters.desk_compare import ComparePresenter
from vsla_desktop.presenters.desk_papers import compare_pages, visit_sheet_pages
from vsla_desktop.presenters.desk_visits import VisitsPresenter
from vsla_desktop.presenters.runner import InlineRunner
from vsla_desktop.presenters.shell import SyncStage, Tone
from vsla_desktop.services.visits import record_visit


class Desk(DeskPresenter):
    """A desk that notes which groups were opened."""

    def __init__(self, book: Database, ear: Ear, today: date = TODAY) -> None:
        self.opened: list[int] = []
        clock = FixedClock(morning(today))
        super().__init__(
            book, InlineRunner(), ear.shell, clock=clock, open_group=self.opened.append
        )
        self.refresh()

    def row(self, row: int) -> dict[str, str]:
        return {
            column.key: self.cell(row, place).text for place, column in enumerate(self.columns())
        }

    def codes(self) -> list[str]:
        return [line.code for line in self._lines]


@pytest.fixture
def two(book: Database) -> tuple[Village, Village]:
    """A group that needs her, and one that does not."""
    return troubled(book), well(book)


@pytest.mark.usefixtures("two")
def test_the_group_that_needs_her_stands_first_with_its_reasons(book: Database, ear: Ear) -> None:
    desk = Desk(book, ear)
    assert desk.row(0) == {
        "group": "Twisungane",
        "why": "Urgent · 100 UGX missing in the box · 1 late loan · No meeting for 3 weeks"
        " · Share-out in 14 days · Only 40 % came last time · 1 member left",
        "last": "21",
        "next": "9 Feb",
        "present": "40 %, 70 %",
        "box": "\N{MINUS SIGN}100",
        "late": "1, 55 %",
        "share_out": "9 Mar",
    }
    assert desk.cell(0, 1).icon == "error"
    assert desk.cell(0, 6).tooltip == "3,300 UGX late"
    assert desk.row(1)["why"] == "All is well"
    assert desk.cell(1, 1).icon == "check-circle"
    assert desk.summary() == "2 groups, 1 is urgent"
    assert desk.why()[1] == "1 late loan, 55 % at risk"
    assert desk.days() == "No visit yet · Share-out on 9 Mar 2026"


@pytest.mark.usefixtures("two")
def test_totals_are_told_for_each_currency(book: Database, ear: Ear) -> None:
    kenyan = Village(book, code="KE-1", currency="KES").form()
    kenyan.meet(present=True)
    kenyan.close()
    said = [each.words() for each in Desk(book, ear).totals()]
    assert said == [
        "UGX: 2 groups, 9 members · savings 10,000 · loans 5,500 · late 3,300, 55 % at risk",
        "KES: 1 group, 5 members · savings 0 · loans 0 · late 0, \N{EN DASH} at risk",
    ]
    # Amounts name their currency where it does not stand above them.
    assert Desk(book, ear).row(0)["box"] == "\N{MINUS SIGN}100 UGX"


@pytest.mark.usefixtures("two")
def test_groups_are_found_and_chosen(book: Database, ear: Ear) -> None:
    desk = Desk(book, ear)
    desk.find("tst-2")
    assert desk.codes() == ["TST-2"]
    desk.find("")
    for needs, codes in (
        ("NOW", ["TST-1"]),
        ("FINE", ["TST-2"]),
        ("LOW_ATTENDANCE", ["TST-1"]),  # few came last time
        ("TO_SETTLE", []),
        ("", ["TST-1", "TST-2"]),
    ):
        desk.choose_needs(needs)
        assert desk.codes() == codes
    assert desk.chosen is not None
    desk.choose_needs("TO_SETTLE")
    assert (desk.why(), desk.days()) == ((), "")
    desk.open_row(0)
    assert desk.opened == []
    desk.choose_needs("")
    with book.connection(writes=True) as connection:
        connection.exec_driver_sql(
            "UPDATE savings_groups SET district = 'Kayunga', state = 'MATURE'"
            " WHERE group_code = 'TST-2'"
        )
    desk.refresh()
    assert "Kayunga" in [each.value for each in desk.districts()]
    assert [each.title for each in desk.states()][-1] == "Mature"
    desk.choose_district("Kayunga")
    assert desk.codes() == ["TST-2"]
    desk.choose_district("")
    desk.choose_state("MATURE")
    assert desk.codes() == ["TST-2"]


def test_the_row_gone_to_stays_when_the_order_changes(
    book: Database, two: tuple[Village, Village], ear: Ear
) -> None:
    needy, fine = two
    desk = Desk(book, ear)
    rows: list[int] = []
    desk.row_wanted.listen(rows.append)
    desk.choose_row(1)
    assert desk.chosen is not None
    assert desk.chosen.group_id == fine.group_id
    with book.connection(writes=True) as connection:
        connection.exec_driver_sql(
            "UPDATE meetings SET closing_count = NULL WHERE group_id = ?", (needy.group_id,)
        )
        connection.exec_driver_sql(
            "UPDATE group_loans SET status = 'COMPLETED' WHERE group_id = ?", (needy.group_id,)
        )
    desk.find("tst")
    assert rows == [1]
    desk.open_row(0)
    assert desk.opened == [needy.group_id]


def test_six_groups_can_be_marked_and_no_more(book: Database, ear: Ear) -> None:
    for number in range(7):
        Village(book, code=f"M-{number}").form()
    desk = Desk(book, ear)
    for row in range(7):
        desk.mark(row)
    desk.mark(-1)
    assert len(desk.marked) == 6
    assert ear.said == ["Mark at most 6 groups."]
    assert desk.row(0)["group"].startswith("\N{CHECK MARK}")
    desk.mark(0)
    desk.mark(6)
    assert len(desk.marked) == 6
    assert not desk.row(0)["group"].startswith("\N{CHECK MARK}")


@pytest.mark.usefixtures("two")
def test_marked_groups_stand_side_by_side_with_formula_and_counts(book: Database, ear: Ear) -> None:
    desk = Desk(book, ear)
    desk.mark(0)
    desk.mark(1)
    compare = ComparePresenter(desk)
    compare.refresh()
    heads = [column.title for column in compare.columns()]
    assert heads == ["About", "Figure", "Twisungane · TST-1", "Twisungane · TST-2"]
    said = {
        compare.row_title(row): [compare.cell(row, column).text for column in (2, 3)]
        for row in range(compare.row_count())
    }
    assert said["Members"] == ["4", "5"]
    assert said["Attendance"] == ["weakest 50 %", "best 100 %"]
    assert said["Savings per member"] == ["best 2,500", "weakest 0"]
    assert said["Portfolio at risk"] == ["54.5 %", "\N{EN DASH}"]
    row = list(said).index("Attendance")
    assert compare.cell(row, 3).tone is Tone.GOOD
    compare.choose_row(row)
    assert compare.formula() == (
        "Attendance = members attending / members:"
        " Twisungane · TST-1 2 / 4, Twisungane · TST-2 5 / 5"
    )


@pytest.mark.usefixtures("two")
def test_a_visit_is_written_down_and_what_was_agreed_ticked_off(book: Database, ear: Ear) -> None:
    desk = Desk(book, ear)
    assert desk.chosen is not None
    visits = VisitsPresenter(desk, desk.chosen)
    visits.refresh()
    assert (visits.is_read, visits.row_count()) == (True, 0)
    visits.write_down()
    form = visits.form
    assert form is not None
    assert form.form.text("day") == "23 Feb 2026"
    assert form.save() == "who"
    form.enter("who", "Grace Atim")
    assert form.save() == "BOX"
    assert form.form.sentence("BOX") == "Say what you looked at."
    form.enter("PASSBOOKS", "FINE")
    assert form.save() == "passbooks"
    assert form.form.sentence("passbooks") == "Say how many passbooks: 1 to 4."
    form.enter("passbooks", "3")
    form.enter("BOX", "WRONG")
    assert form.save() == "findings"
    form.enter("findings", "The box lacked 100.")
    form.enter("what_1", "Count with three people")
    assert form.save() == "due_1"
    assert form.form.sentence("due_1") == "Say by when."
    form.enter("due_1", "1/2/2026")
    assert form.save() == "due_1"
    assert form.form.sentence("due_1") == "Choose a day after the visit."
    form.enter("due_1", "2/3/2026")
    assert form.save() == ""
    assert visits.form is None
    assert ear.said == ["The visit is written down."]
    assert [visits.cell(0, column).text for column in range(5)] == [
        "23 Feb 2026",
        "Grace Atim",
        "Box against the book: Wrong · 3 passbooks: In order",
        "The box lacked 100.",
        "1",
    ]
    actions = visits.actions
    assert [actions.cell(0, column).text for column in range(4)] == [
        "Count with three people",
        "2 Mar 2026",
        "Open",
        "23 Feb 2026",
    ]
    assert desk.chosen.actions[0].what == "Count with three people"
    actions.open_row(0)
    assert actions.cell(0, 2).text == "Done 23 Feb 2026"
    assert desk.chosen.actions == ()
    actions.open_row(0)
    assert actions.cell(0, 2).text == "Open"
    assert desk.days().startswith("Last visit: 23 Feb 2026")


def test_late_actions_are_said_and_a_new_visit_knows_who_came_last(
    book: Database, two: tuple[Village, Village], ear: Ear
) -> None:
    needy, _fine = two
    needy.clock.instant = morning(TODAY)
    note = replace(NOTE, actions=(Agreed("Buy a padlock", TODAY),))
    with book.write() as session:
        record_visit(session, needy.group_id, note, clock=needy.clock)
    desk = Desk(book, ear, TODAY + timedelta(days=1))
    assert desk.why()[-2] == "1 agreed action not done"
    assert desk.chosen is not None
    visits = VisitsPresenter(desk, desk.chosen)
    visits.refresh()
    assert visits.actions.cell(0, 2).text == "Late"
    visits.write_down()
    assert visits.form is not None
    assert visits.form.form.text("who") == "Grace Atim"
    visits.leave_form()
    assert visits.form is None


def test_sheet_and_comparison_are_put_on_paper(
    two: tuple[Village, Village], ear: Ear, tmp_path: Path
) -> None:
    needy, fine = two
    paper = printer(needy, ear, tmp_path)
    files: list[Path] = []
    paper.ready.listen(files.append)
    with speaking("fr"):
        paper.show(visit_sheet_pages(needy.group_id))
        paper.show(compare_pages((needy.group_id, fine.group_id), needy.clock))
    assert [file.name for file in files] == ["TST-1-visit.pdf", "compare-groups.pdf"]
    assert all(file.read_bytes().startswith(b"%PDF") for file in files)


def test_a_visit_is_written_down_where_another_laptop_writes_the_book(
    book: Database, two: tuple[Village, Village], ear: Ear
) -> None:
    _needy, fine = two
    with book.connection(writes=True) as connection:
        connection.exec_driver_sql("UPDATE sync_meta SET device_id = 'us'")
        connection.exec_driver_sql(
            "INSERT INTO sync_scope (su, writable) SELECT su, 0 FROM sync_idmap"
            " WHERE tbl = 7 AND local_id = ?",
            (fine.group_id,),
        )
    desk = Desk(book, ear)
    desk.choose_row(desk.codes().index("TST-2"))
    assert desk.cell(desk.codes().index("TST-2"), 0).icon == "lock"
    assert desk.chosen is not None
    visits = VisitsPresenter(desk, desk.chosen)
    visits.write_down()
    assert visits.form is not None
    assert "not_sent" in desk.row(0)


def test_home_tells_what_was_agreed(book: Database, two: tuple[Village, Village], ear: Ear) -> None:
    needy, _fine = two
    needy.clock.instant = morning(TODAY)
    note = replace(NOTE, actions=(Agreed("Buy a padlock", TODAY + timedelta(days=7)),))
    with book.write() as session:
        record_visit(session, needy.group_id, note, clock=needy.clock)
    assert home_of(needy, ear).agreed == ("Agreed: Buy a padlock, by 2 Mar 2026",)


@pytest.mark.usefixtures("two")
def test_what_was_sent_waits_no_more_on_the_desk(book: Database, ear: Ear) -> None:
    with book.connection(writes=True) as connection:
        connection.exec_driver_sql("UPDATE sync_meta SET device_id = 'us'")
    desk = Desk(book, ear)
    assert desk.row(1)["not_sent"] != "0"
    with book.connection(writes=True) as connection:
        connection.exec_driver_sql("DELETE FROM sync_dirty")
    ear.shell.show_sync(SyncStage.SENT, morning(TODAY))
    assert desk.row(1)["not_sent"] == "0"
