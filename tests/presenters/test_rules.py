"""The constitution, as a person reads, writes and votes it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from tests.presenters.book_of_group import Ear
from tests.services.village import FORMED, Village
from vsla_desktop.clock import FixedClock
from vsla_desktop.db import Database
from vsla_desktop.domain.currencies import CURRENCIES
from vsla_desktop.domain.meeting import AgendaStep
from vsla_desktop.domain.rules import GroupRules, Preset
from vsla_desktop.presenters.cashbook import CashbookPresenter
from vsla_desktop.presenters.grid import CellState
from vsla_desktop.presenters.home import HomePresenter
from vsla_desktop.presenters.meeting_columns import Step, columns_of
from vsla_desktop.presenters.meeting_opening import OpeningPresenter, read_before
from vsla_desktop.presenters.meeting_reading import read_book
from vsla_desktop.presenters.meeting_slip import read_slip
from vsla_desktop.presenters.members import MembersPresenter
from vsla_desktop.presenters.rules import RulesPresenter
from vsla_desktop.presenters.rules_changes import HistoryList
from vsla_desktop.presenters.rules_fields import rule_fields
from vsla_desktop.presenters.runner import InlineRunner
from vsla_desktop.presenters.saving_types import KEYS, SavingTypesPresenter
from vsla_desktop.queries.rules import group_rules
from vsla_desktop.reports.rules_words import Section
from vsla_desktop.wording import GroupWords

UGX = CURRENCIES["UGX"]
LATER = datetime(2026, 2, 2, 9)  # noqa: DTZ001 - the books keep UTC without a zone


class Page:
    """The page of rules on the treasurer's table."""

    def __init__(self, village: Village, ear: Ear) -> None:
        self.village, self.ear = village, ear
        self.presenter = RulesPresenter(
            village.database,
            InlineRunner(),
            ear.shell,
            group_id=village.group_id,
            currency=UGX,
            clock=FixedClock(LATER),
        )
        self.presenter.refresh()

    def type(self, **texts: str) -> None:
        for key, text in texts.items():
            self.presenter.enter(key, text)

    def changes(self) -> list[tuple[str, str, str]]:
        return [(each.title, each.before, each.after) for each in self.presenter.changes()]

    def vote(self, *hands: str) -> str:
        """Begin the vote, count these hands, and write it down."""
        assert self.presenter.ask() == ""
        vote = self.presenter.vote
        assert vote is not None
        for key, text in zip(("in_favour", "against", "abstained"), hands, strict=False):
            vote.enter(key, text)
        return self.presenter.decide()

    def rules(self) -> GroupRules:
        with self.village.database.read() as session:
            return group_rules(session, self.village.group_id)


@pytest.fixture
def page(met: Village, ear: Ear) -> Page:
    """The rules of a group that has met once, its second meeting open, everybody there."""
    met.meet(present=True)
    return Page(met, ear)


@pytest.fixture
def young(book: Database, ear: Ear) -> Page:
    """The rules of a group that has not met yet."""
    return Page(Village(book).form(), ear)


def test_every_rule_of_the_constitution_has_its_field_and_its_example(page: Page) -> None:
    presenter = page.presenter
    fields = [field.key for s in Section for field in rule_fields(s, GroupWords())]
    assert len(fields) == len(set(fields))
    for key in fields:
        assert presenter.form.text(key) or key.endswith("_name"), key
        assert presenter.note(key), key
    assert set(fields) >= {
        name
        for name in GroupRules.__dataclass_fields__
        if name not in {"agenda", "fine_tariff", "assessment_weights"}
    }


def test_examples_follow_the_typing_before_the_field_is_left(page: Page) -> None:
    presenter = page.presenter
    assert presenter.note("loan_multiple") == "3 times savings of 25,000: lend up to 75,000."
    presenter.typed("loan_multiple", "4")
    assert presenter.note("loan_multiple") == "4 times savings of 25,000: lend up to 100,000."
    presenter.typed("loan_multiple", "4x")
    assert presenter.note("loan_multiple") == "4 times savings of 25,000: lend up to 100,000."
    assert presenter.form.sentence("loan_multiple") == ""


def test_what_can_not_stand_is_said_at_every_field_at_once(page: Page) -> None:
    page.type(loan_max_months="six", quorum_percentage="120", savings_weight="50")
    presenter = page.presenter
    assert presenter.form.sentence("loan_max_months") == "Enter a whole number, such as 3."
    assert presenter.form.sentence("quorum_percentage") == "Enter 0 to 100."
    assert presenter.ask() in {"loan_max_months", "quorum_percentage", "savings_weight"}
    assert presenter.form.sentence("savings_weight") == "The three weights must make 100 %."
    assert presenter.form.text("loan_max_months") == "six"
    assert {s for s in Section if presenter.is_wrong(s)} == {
        Section.LOANS,
        Section.MEETINGS,
        Section.ASSESSMENT,
    }
    assert presenter.vote is None
    page.type(loan_max_months="6", quorum_percentage="60", savings_weight="40")
    assert presenter.ask() == ""
    assert presenter.vote is not None


def test_the_share_value_says_that_it_is_fixed_and_why(page: Page) -> None:
    sentence = "Fixed until the share-out. Sold: 8."
    assert page.presenter.frozen("share_value") == sentence
    page.type(share_value="700")
    assert page.presenter.form.text("share_value") == "500"
    assert page.changes() == []


def test_the_day_of_the_share_out_is_moved_by_a_vote(page: Page, ear: Ear) -> None:
    assert page.presenter.fields(Section.SHARE_OUT)[0].title == "Share-out on"
    assert page.presenter.form.text("cycle_end") == "4 Jan 2027"
    assert page.presenter.note("cycle_end") == "In 48 weeks."
    page.type(cycle_end="someday")
    assert page.presenter.form.sentence("cycle_end")
    assert page.presenter.ask() == "cycle_end"
    assert page.presenter.section is Section.SHARE_OUT
    page.type(cycle_end="1/3/2027")
    assert page.changes() == [("Share-out on", "4 Jan 2027", "1 Mar 2027")]
    assert page.presenter.changed_sections() == {Section.SHARE_OUT}
    assert page.vote("1", "4") == ""
    assert page.presenter.form.text("cycle_end") == "1 Mar 2027"
    assert page.changes() != []
    page.presenter.give_up()
    assert page.presenter.form.text("cycle_end") == "4 Jan 2027"
    page.type(cycle_end="1/3/2027", quorum_percentage="60")
    assert page.vote("5") == ""
    assert ear.said[-2:] == [
        "The vote was lost. The rules stay.",
        "The rules hold from 13 Jan 2026.",
    ]
    again = Page(page.village, ear)
    assert again.presenter.form.text("cycle_end") == "1 Mar 2027"
    assert again.rules().quorum_percentage == 60
    again.type(cycle_end="1/4/2027")
    assert again.vote("5") == ""
    assert ear.said[-1] == "Share-out on 1 Apr 2027."


def test_the_day_of_the_share_out_is_refused_where_it_can_not_be(page: Page, ear: Ear) -> None:
    page.type(cycle_end="1/1/2030")
    assert page.vote("5") == ""
    assert ear.said[-1] == "Share out within three years."
    assert Page(page.village, ear).presenter.form.text("cycle_end") == "4 Jan 2027"


def test_a_change_is_voted_and_its_history_says_when_and_by_how_many(page: Page, ear: Ear) -> None:
    page.type(max_shares_per_meeting="8", fine_PHONE="1,000", loan_interest_rate="5")
    assert page.changes() == [
        ("Most shares at a meeting", "5", "8"),
        ("Fine for a telephone", "0", "1,000"),
        ("Charge, in %", "10", "5"),
    ]
    assert page.presenter.summary() == "3 rules changed, not voted yet"
    assert page.presenter.changed_sections() == {Section.SHARES, Section.FINES, Section.LOANS}
    assert page.rules().max_shares_per_meeting == 5
    assert page.vote("4", "1") == ""
    assert ear.said == ["The rules hold from 13 Jan 2026."]
    assert page.rules().max_shares_per_meeting == 8
    assert page.presenter.vote is None
    assert page.presenter.summary() == ""
    assert page.presenter.since() == "In force since 13 Jan 2026"
    assert page.presenter.read is not None
    history = HistoryList(UGX)
    history.show(page.presenter.read.history)
    shown = [[history.cell(row, c).text for c in range(5)] for row in range(history.row_count())]
    assert shown == [
        [
            "13 Jan 2026",
            "Most shares at a meeting",
            "5",
            "8",
            "Meeting 2: 4 for, 1 against, 0 neither",
        ],
        ["", "Fine for a telephone", "0", "1,000", ""],
        ["", "Charge, in %", "10", "5", ""],
        ["5 Jan 2026", "The first rules", "", "", ""],
    ]


def test_a_lost_vote_leaves_the_rules_and_what_was_written(page: Page, ear: Ear) -> None:
    page.type(max_shares_per_meeting="8")
    assert page.vote("2", "3") == ""
    assert ear.said == ["The vote was lost. The rules stay."]
    assert page.rules().max_shares_per_meeting == 5
    assert page.changes() == [("Most shares at a meeting", "5", "8")]
    page.presenter.give_up()
    assert page.changes() == []
    assert page.presenter.form.text("max_shares_per_meeting") == "5"


def test_a_wrong_vote_is_said_at_its_field(page: Page) -> None:
    page.type(max_shares_per_meeting="8")
    assert page.vote("4", "three") == "against"
    vote = page.presenter.vote
    assert vote is not None
    vote.enter("against", "3")
    assert page.presenter.decide() == ""
    assert vote.form.sentence("in_favour").startswith("Count at most 5 votes.")
    vote.enter("against", "1")
    vote.enter("effective_date", "1/1/2026")
    page.presenter.decide()
    assert vote.form.sentence("effective_date").startswith("Change rules from a day after")
    assert page.rules().max_shares_per_meeting == 5
    page.presenter.leave_vote()
    assert page.presenter.vote is None


def test_without_an_open_meeting_nothing_is_voted(met: Village, ear: Ear) -> None:
    page = Page(met, ear)
    page.type(max_shares_per_meeting="8")
    assert page.presenter.ask() == ""
    assert ear.said == ["Vote on the rules at a meeting. Open a meeting first."]
    assert page.presenter.vote is None


def test_the_founders_change_the_rules_without_a_vote(young: Page, ear: Ear) -> None:
    assert young.presenter.frozen("share_value") == ""
    young.type(share_value="700", share_name="hisa")
    assert young.presenter.note("share_name") == "The sheet says: Hisa"
    assert young.presenter.ask() == ""
    vote = young.presenter.vote
    assert vote is not None
    assert [field.key for field in vote.fields()] == ["effective_date"]
    assert vote.from_day() == FORMED
    assert young.presenter.decide() == ""
    assert young.rules().share_value == 700
    assert young.presenter.ask() == ""
    assert ear.said[-1] == "No rule is changed."


def test_a_preset_shows_what_it_changes_before_anything_is(page: Page) -> None:
    presenter = page.presenter
    assert presenter.preset_changes() == ()
    presenter.look_at_preset("SHG")
    seen = {each.title: (each.before, each.after) for each in presenter.preset_changes()}
    assert seen["Meets"] == ("Every week", "Every month")
    assert seen["Earnings are shared"] == ("by savings", "equally")
    assert seen["A share is called"] == ("as usual", "saving")
    assert "Share value" not in seen
    assert page.changes() == []
    presenter.take_preset()
    assert {each.title for each in presenter.changes()} == set(seen)
    assert presenter.preset_changes() == ()
    assert page.vote("5") == ""
    assert page.rules().loan_max_months == 12
    assert page.presenter.read is not None
    assert page.presenter.read.preset == Preset.SHG


def test_the_agenda_is_put_in_order_and_the_counts_stay(page: Page, ear: Ear) -> None:
    presenter = page.presenter
    titles = [line.title for line in presenter.agenda()]
    assert titles[3] == "Shares"
    assert presenter.move_step(3, -1) == 2
    assert [line.title for line in presenter.agenda()][2:4] == ["Shares", "Social fund"]
    assert presenter.move_step(1, -1) == 1
    assert presenter.move_step(9, 1) == 9
    assert ear.said == ["Count the box first."]
    presenter.toggle_step(1)
    assert ear.said[-1] == "Keep the two counts and the roll call."
    presenter.toggle_step(4)
    assert AgendaStep.FINES not in presenter.draft.agenda
    assert not presenter.agenda()[-1].is_used
    presenter.toggle_step(9)
    assert presenter.draft.agenda[-3:] == (
        AgendaStep.FINES,
        AgendaStep.CLOSING_COUNT,
        AgendaStep.CLOSE,
    )
    assert [change.title for change in presenter.changes()] == ["Agenda"]
    assert presenter.changed_sections() == {Section.MEETINGS}


def test_what_is_written_stays_when_the_page_is_left_and_read_again(page: Page) -> None:
    page.type(max_shares_per_meeting="8", loan_max_months="six")
    page.presenter.refresh()
    assert page.presenter.form.text("max_shares_per_meeting") == "8"
    assert page.presenter.form.text("loan_max_months") == "six"


# --- saving types ------------------------------------------------------------------------------


def column(key: str) -> int:
    return KEYS.index(key)


def texts(sheet: SavingTypesPresenter, key: str) -> list[str]:
    return [sheet.cell(row, column(key)).text for row in range(sheet.row_count())]


def test_kinds_of_saving_hold_once_they_are_voted(page: Page) -> None:
    sheet = page.presenter.saving_types
    assert texts(sheet, "name")[:2] == ["Shares", "Social fund"]
    ecd = texts(sheet, "fund").index("Childcare fund")
    assert sheet.cell(0, column("minimum")).state is CellState.READONLY
    sheet.enter(ecd, column("minimum"), "200")
    sheet.enter(ecd, column("maximum"), "2,000")
    sheet.enter(ecd, column("notice_days"), "14")
    assert page.presenter.changed_sections() == {Section.SAVING_TYPES}
    assert page.changes() == [
        ("Childcare fund: Least", "", "200"),
        ("Childcare fund: Most", "", "2,000"),
        ("Childcare fund: Notice", "", "14"),
    ]

    def kept() -> list[str]:
        again = Page(page.village, page.ear).presenter.saving_types
        return [again.cell(ecd, column(key)).text for key in ("minimum", "maximum", "notice_days")]

    assert kept() == ["", "", ""]
    assert page.vote("4", "1", "0") == ""
    assert kept() == ["200", "2,000", "14"]
    assert page.presenter.changes() == ()
    assert page.presenter.read is not None
    history = HistoryList(UGX)
    history.show(page.presenter.read.history)
    rows = [[history.cell(r, c).text for c in range(5)] for r in range(history.row_count())]
    assert rows[0][1:4] == ["Childcare fund: Least", "", "200"]
    assert "4 for, 1 against" in rows[0][4]
    assert rows[-1][1] == "The first rules"


def test_a_lost_vote_leaves_the_kinds_of_saving(page: Page) -> None:
    sheet = page.presenter.saving_types
    ecd = texts(sheet, "fund").index("Childcare fund")
    sheet.enter(ecd, column("minimum"), "200")
    page.vote("1", "4", "0")
    again = Page(page.village, page.ear).presenter.saving_types
    assert again.cell(ecd, column("minimum")).text == ""
    page.presenter.give_up()
    assert sheet.cell(ecd, column("minimum")).text == ""


def test_a_limit_that_can_not_stand_stays_in_its_cell(page: Page) -> None:
    sheet = page.presenter.saving_types
    ecd = texts(sheet, "fund").index("Childcare fund")
    sheet.enter(ecd, column("minimum"), "200")
    for text, said in (
        ("100", "Enter the least or more."),
        ("many", "many is not an amount. Use digits only, such as 2500."),
    ):
        sheet.enter(ecd, column("maximum"), text)
        cell = sheet.cell(ecd, column("maximum"))
        assert (cell.text, cell.state, cell.message) == (text, CellState.IMPOSSIBLE, said)
    assert page.presenter.ask()
    assert page.presenter.section is Section.SAVING_TYPES
    assert page.presenter.vote is None
    sheet.restore(ecd, column("maximum"))
    assert sheet.cell(ecd, column("maximum")).text == ""
    sheet.toggle(0, column("is_used"))
    assert sheet.cell(0, column("is_used")).message == "Keep this kind: every group has it."


def test_kinds_of_saving_are_chosen_and_put_in_order(page: Page) -> None:
    sheet = page.presenter.saving_types
    ecd = texts(sheet, "fund").index("Childcare fund")
    sheet.toggle(ecd, column("is_used"))
    assert sheet.cell(ecd, column("is_used")).text == "no"
    assert sheet.move(ecd, 1) == ecd + 1
    assert sheet.move(0, -1) == 0
    assert texts(sheet, "fund").index("Childcare fund") == ecd + 1
    sheet.enter(ecd, column("fund"), "Personal savings")
    assert sheet.cell(ecd, column("fund")).text == "Personal savings"
    assert sheet.choices(0, column("fund")) == ["Loan fund"]
    order = page.changes()[-1]
    assert order[0] == "Order of the saving types"
    assert page.vote("5") == ""
    again = Page(page.village, page.ear).presenter.saving_types
    assert texts(again, "fund") == texts(sheet, "fund")


def test_words_head_with_a_capital_and_presets_have_translations() -> None:
    words = GroupWords("stamp", "mfuko wa mikopo", "")
    assert words.shares() == "Stamp"
    assert GroupWords().shares() == "Shares"
    assert words.fund(GroupRules(share_value=Decimal(1)).fines_fund) == "Mfuko wa mikopo"


def test_the_words_of_the_group_head_its_pages(young: Page, ear: Ear, tmp_path: Path) -> None:
    village = young.village
    young.type(share_name="hisa", loan_fund_name="mfuko", social_fund_name="jamii")
    young.presenter.ask()
    young.presenter.decide()
    home = HomePresenter(
        lambda: village.database, InlineRunner(), ear.shell, village.group_id, village.clock
    )
    home.refresh()
    assert home.state is not None
    assert [title for title, _amount in home.state.purses] == ["In the box", "Mfuko", "Jamii"]
    cashbook = CashbookPresenter(
        village.database,
        InlineRunner(),
        ear.shell,
        group_id=village.group_id,
        currency=UGX,
        clock=village.clock,
    )
    cashbook.refresh()
    assert [column.title for column in cashbook.columns()][-2:] == ["Mfuko", "Jamii"]
    assert [choice.title for choice in cashbook.funds()][1:3] == ["Mfuko", "Jamii"]
    village.meet(present=True)
    with village.database.read() as session:
        sheet = read_book(session, village.meeting_id)
        slip = read_slip(session, village.meeting_id)
    titles = {column.title() for column in columns_of(sheet, Step.WHOLE)}
    assert {"Hisa", "Jamii"} <= titles
    assert [purse.title for purse in slip.purses] == ["Mfuko", "Jamii"]
    with village.database.read() as session:
        before = read_before(session, village.group_id, village.day)
    opening = OpeningPresenter(before, village.day)
    assert [purse.title for purse in opening.purses[:2]] == ["Mfuko", "Jamii"]
    assert [purse.name for purse in opening.announced()[:2]] == ["Mfuko", "Jamii"]
    members = MembersPresenter(
        village.database,
        InlineRunner(),
        ear.shell,
        group_id=village.group_id,
        currency=UGX,
        clock=village.clock,
        folder=tmp_path,
    )
    members.refresh()
    members.open_member(village.members[0])
    assert members.passbook is not None
    for headed in (members, members.passbook):
        assert "Hisa" in [column.title for column in headed.columns()]
    assert "Jamii" in [column.title for column in members.passbook.columns()]
    young.presenter.refresh()
    assert {"Hisa", "Jamii"} <= {title for _section, title in young.presenter.sections()}
    assert {"Hisa", "Jamii"} <= {line.title for line in young.presenter.agenda()}
    assert texts(young.presenter.saving_types, "name")[:2] == ["Hisa", "Jamii"]
    assert members.profile is not None
    assert members.profile.holdings()[0][0] == "Hisa: 0"
    assert slip.shares == "Hisa: 0 bought."
