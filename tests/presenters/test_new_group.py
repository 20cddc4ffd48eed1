"""Opening a new group's book, as a person fills it in."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from tests.presenters.book_of_group import Ear
from vsla_desktop.clock import FixedClock
from vsla_desktop.db import Database
from vsla_desktop.domain.currencies import CURRENCIES
from vsla_desktop.domain.fines import FineType
from vsla_desktop.domain.loans import ChargeMethod
from vsla_desktop.presenters.grid import CellState
from vsla_desktop.presenters.new_group import NewGroupPresenter, Step
from vsla_desktop.presenters.new_group_fields import propose_code
from vsla_desktop.presenters.new_group_members import FIRST, GENDER, LAST, NUMBER, PHONE
from vsla_desktop.presenters.runner import InlineRunner
from vsla_desktop.queries.members import members_of
from vsla_desktop.queries.rules import group_rules
from vsla_desktop.queries.tables import CYCLES, GROUPS

NOW = datetime(2026, 11, 23, 9)  # noqa: DTZ001 - the books keep UTC without a zone
PEOPLE = """Amina\tNakato\tF\t0772 123456
Beatrice\tAuma\tfemale\t
Charles\tOkello\tm\t
Deborah\tAchieng\tF\t
محمد\t\tM\t"""


class Table:
    """A wizard on the treasurer's table."""

    def __init__(self, book: Database, ear: Ear) -> None:
        self.opened: list[int] = []
        self.presenter = NewGroupPresenter(
            lambda: book,
            InlineRunner(),
            ear.shell,
            currency=CURRENCIES["UGX"],
            clock=FixedClock(NOW),
            on_opened=self.opened.append,
            make_code=lambda _name: "TUK-22222",
        )

    def type(self, **texts: str) -> None:
        for key, text in texts.items():
            self.presenter.enter(key, text)

    def said(self, key: str) -> str:
        return self.presenter.form.sentence(key)

    def reach(self, step: Step) -> None:
        self.type(name="Tukolere Wamu", village="Bunenero")
        if step >= Step.RULES:
            assert self.presenter.next() == ""
            self.type(share_value="2000", social_fund="500", fine_late="200")
        if step >= Step.MEMBERS:
            assert self.presenter.next() == ""
            self.presenter.members.enter(0, FIRST, PEOPLE)
        if step >= Step.OFFICERS:
            assert self.presenter.next() == ""
            self.type(chairperson="1", secretary="2", treasurer="3")


@pytest.fixture
def table(book: Database, ear: Ear) -> Table:
    return Table(book, ear)


def test_the_whole_book_is_opened_in_one_go(table: Table, book: Database) -> None:
    table.reach(Step.OFFICERS)
    table.type(key_1="4", key_2="5", cycle_end="30/9/2027")
    assert table.presenter.next() == ""
    [group_id] = table.opened
    with book.read() as session:
        group = session.execute(select(GROUPS).where(GROUPS.c.id == group_id)).one()
        cycle = session.execute(select(CYCLES).where(CYCLES.c.group_id == group_id)).one()
        rules = group_rules(session, group_id)
        members = members_of(session, group_id, on=NOW.date())
    assert (group.name, group.group_code, group.village) == (
        "Tukolere Wamu",
        "TUK-22222",
        "Bunenero",
    )
    assert (group.meeting_day, group.currency) == (1, "UGX")
    assert str(cycle.end_date) == "2027-09-30"
    assert (rules.share_value, rules.social_fund_contribution) == (Decimal(2000), Decimal(500))
    assert rules.fine_tariff == {FineType.LATE_ARRIVAL: Decimal(200)}
    assert [(each.number, each.name, each.gender, each.office) for each in members] == [
        (1, "Amina Nakato", "F", "CHAIRPERSON"),
        (2, "Beatrice Auma", "F", "SECRETARY"),
        (3, "Charles Okello", "M", "TREASURER"),
        (4, "Deborah Achieng", "F", "KEY_HOLDER"),
        (5, "محمد", "M", "KEY_HOLDER"),
    ]


def test_each_rule_is_worked_out_beside_it(table: Table) -> None:
    table.reach(Step.RULES)
    note = table.presenter.note
    assert note("share_value") == "3 shares: 6,000"
    assert note("max_shares") == "A member saves up to 10,000."
    assert note("social_fund") == "20 members give 10,000."
    assert note("loan_multiple") == "Savings of 20,000: a loan up to 60,000."
    assert note("loan_periods") == "A loan of today falls due by 15 Feb 2027."
    charges = {
        ChargeMethod.DECLINING: "12,000",
        ChargeMethod.FLAT_MONTHLY: "18,000",
        ChargeMethod.ONE_TIME: "6,000",
        ChargeMethod.NONE: "0",
    }
    for method, charge in charges.items():
        table.type(loan_method=method.value)
        assert note("loan_method") == f"10 % on 60,000 for 3 periods: {charge}"


def test_a_preset_fills_the_rules(table: Table) -> None:
    table.reach(Step.RULES)
    table.type(preset="SHG")
    text = table.presenter.form.text
    assert (text("max_shares"), text("loan_rate"), text("loan_periods")) == ("1", "2", "12")
    assert text("share_value") == "2,000"
    assert text("meeting_frequency") == "MONTHLY"


def test_a_preset_leaves_how_often_the_group_said_it_meets(table: Table) -> None:
    table.type(meeting_frequency="BIWEEKLY")
    table.reach(Step.RULES)
    table.type(preset="SHG")
    text = table.presenter.form.text
    assert (text("loan_rate"), text("meeting_frequency")) == ("2", "BIWEEKLY")


def test_a_code_is_proposed_from_the_name_and_a_typed_one_is_kept(table: Table) -> None:
    table.type(name="Tukolere")
    assert table.presenter.form.text("group_code") == "TUK-22222"
    table.type(group_code="mbr-014")
    table.type(name="Another")
    assert table.presenter.form.text("group_code") == "MBR-014"
    assert propose_code("Étoile", lambda letters: letters[0]) == "ETO-22222"
    assert propose_code("ተስፋ", lambda letters: letters[0]) == "G-22222"


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("name", "", "Enter a name."),
        ("name", "B" * 300, "Enter at most 255 characters. This name has 300."),
        ("name", "Party \N{PARTY POPPER}", "Use letters only, without"),
        ("formation_date", "31/2/2026", "31/2/2026 is not a day."),
        ("formation_date", "24/11/2026", "Choose a day up to today."),
        ("group_code", "a b", "Use letters, digits and hyphens only."),
        ("village", "1" * 101, "Enter at most 100 characters."),
    ],
)
def test_what_can_not_be_is_said_at_its_field_and_kept(
    table: Table, field: str, text: str, sentence: str
) -> None:
    table.type(name="Tukolere", village="Bunenero")
    table.type(**{field: text})
    assert table.presenter.next() == field
    assert table.presenter.step is Step.GROUP
    assert table.said(field).startswith(sentence)
    assert table.presenter.form.text(field) in {text, "24 Nov 2026"}


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("share_value", "", "Enter a number."),
        ("share_value", "0", "Enter an amount above 0."),
        ("share_value", "1.500.00", "1.500.00 could mean 1 500.00 or 150 000."),
        ("social_fund", "some", "some is not an amount."),
        ("max_shares", "0", "Enter 1 to 1000."),
        ("loan_rate", "ten", "Enter a number, such as 3."),
        ("loan_rate", "150", "Enter 0 to 100 %."),
        ("loan_periods", "99", "Enter at most 60."),
    ],
)
def test_a_rule_that_can_not_stand_is_said_at_its_field(
    table: Table, field: str, text: str, sentence: str
) -> None:
    table.reach(Step.RULES)
    table.type(**{field: text})
    assert table.presenter.next() == field
    assert table.presenter.step is Step.RULES
    assert table.said(field).startswith(sentence)


def test_members_are_checked_as_they_are_typed(table: Table) -> None:
    table.reach(Step.MEMBERS)
    members = table.presenter.members
    members.enter(6, FIRST, "Amina")
    members.enter(6, LAST, "Nakato")
    assert members.cell(6, NUMBER).text == "6"
    assert members.cell(6, FIRST).state is CellState.UNLIKELY
    assert members.cell(6, FIRST).message == "Member 1 has the same name."
    members.accept(6, FIRST)
    assert members.cell(6, FIRST).state is CellState.FINE
    assert members.cell(6, GENDER).state is CellState.FINE
    members.enter(6, NUMBER, "1")
    assert members.cell(6, NUMBER).message == "Choose another number; 1 is taken."
    members.enter(6, PHONE, "none")
    assert members.cell(6, PHONE).state is CellState.IMPOSSIBLE
    assert members.cell(6, PHONE).text == "none"
    assert table.presenter.next() == "members"
    assert members.cell(6, GENDER).message == "Choose F, M or Other."
    for column, text in ((NUMBER, "9"), (PHONE, ""), (GENDER, "f")):
        members.enter(6, column, text)
    assert table.presenter.next() == ""


def test_rows_are_pasted_with_their_headings_and_room_is_made(table: Table) -> None:
    table.reach(Step.MEMBERS)
    members = table.presenter.members
    rows = "\r\n".join(f"{n}\tName{chr(65 + n % 26)}{'a' * n}\tLast\tF" for n in range(10, 60))
    members.enter(6, NUMBER, f"Number\tFirst name\tLast name\tGender\r\n{rows}")
    assert members.row_count() > 50
    assert len(members.drafts()) == 55
    assert members.totals()[1] == "55 members"


def test_too_few_members_are_not_a_group(table: Table, ear: Ear) -> None:
    table.reach(Step.RULES)
    table.presenter.next()
    table.presenter.members.enter(0, FIRST, "Amina\tNakato\tF")
    assert table.presenter.next() == "members"
    assert ear.said == ["Enter at least 5 members."]


def test_officers_are_elected_once_each(table: Table) -> None:
    table.reach(Step.OFFICERS)
    table.type(treasurer="1")
    assert table.presenter.next() == "treasurer"
    assert table.said("treasurer") == "Choose another member. Elect each once."
    table.type(treasurer="")
    assert table.presenter.next() == "treasurer"
    assert table.said("treasurer") == "Choose a member."
    assert table.opened == []


def test_the_cycle_follows_the_formation_until_it_is_typed(table: Table) -> None:
    table.type(formation_date="1/3/2026")
    assert table.presenter.form.text("cycle_start") == "1 Mar 2026"
    table.type(cycle_end="1/2/2026")
    table.reach(Step.OFFICERS)
    assert table.presenter.next() == "cycle_end"
    assert table.said("cycle_end") == "End the cycle after it begins."
    table.type(cycle_start="1/2/2026", cycle_end="1/12/2026")
    assert table.presenter.next() == "cycle_start"
    assert table.said("cycle_start") == "Begin after the group was formed."


def test_a_code_that_another_group_has_is_said_at_its_field(book: Database, ear: Ear) -> None:
    first, table = Table(book, ear), Table(book, ear)
    for each in (first, table):
        each.reach(Step.OFFICERS)
        each.presenter.next()
    assert (len(first.opened), table.opened) == (1, [])
    assert table.presenter.step is Step.GROUP
    assert table.said("group_code") == "Choose another code; TUK-22222 is taken."


def test_going_back_loses_nothing(table: Table, ear: Ear) -> None:
    table.reach(Step.OFFICERS)
    for _step in range(3):
        table.presenter.back()
    assert table.presenter.form.text("name") == "Tukolere Wamu"
    table.presenter.back()
    assert ear.pages == ["first-start"]
    assert table.presenter.form.text("cycle_end") == (
        (NOW + timedelta(weeks=52)).strftime("%d %b %Y").lstrip("0")
    )
