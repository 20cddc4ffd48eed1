"""Bringing paper books, as a person types them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.presenters.book_of_group import Ear
from tests.services.village import Village
from vsla_desktop.clock import FixedClock
from vsla_desktop.db import Database
from vsla_desktop.domain.baseline import weigh
from vsla_desktop.domain.currencies import CURRENCIES
from vsla_desktop.presenters.grid import CellState
from vsla_desktop.presenters.home import HomePresenter
from vsla_desktop.presenters.paper_books import PaperBooksPresenter
from vsla_desktop.presenters.paper_draft import load_draft
from vsla_desktop.presenters.paper_members import DUE, FINES, KEYS, PERIODS, PRINCIPAL, SHARES
from vsla_desktop.presenters.runner import InlineRunner
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.queries.balances import fund_balances
from vsla_desktop.queries.loans import loans_of_group
from vsla_desktop.queries.members import members_of

UGX = CURRENCIES["UGX"]
TODAY = datetime(2026, 6, 1, 9)  # noqa: DTZ001 - the books keep UTC without a zone


class Paper:
    """The paper books of a group of five, a share at 500."""

    def __init__(self, village: Village, ear: Ear, folder: Path) -> None:
        self.village, self.ear = village, ear
        self.presenter = PaperBooksPresenter(
            village.database,
            InlineRunner(),
            ear.shell,
            group_id=village.group_id,
            currency=UGX,
            clock=FixedClock(TODAY),
            folder=folder,
        )
        self.presenter.refresh()

    def type_all(self) -> None:
        """100 shares are 50,000; 30,000 are lent; so 20,000 and the earnings are in the box."""
        for row in range(5):
            self.presenter.members.enter(row, SHARES, "20")
        self.presenter.members.enter(1, PRINCIPAL, "30,000")
        self.presenter.members.enter(1, PERIODS, "2")
        self.presenter.members.enter(2, FINES, "500")
        self.presenter.members.enter(3, DUE, "1000")
        self.presenter.enter("box_LOAN_FUND", "26,000")
        self.presenter.enter("box_SOCIAL", "4,000")
        self.presenter.enter("earnings", "6,000")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data-of-the-page"


@pytest.fixture
def paper(book: Database, ear: Ear, folder: Path) -> Paper:
    return Paper(Village(book).form(), ear, folder)


def test_the_book_begins_as_the_paper_stands(paper: Paper, ear: Ear, folder: Path) -> None:
    paper.type_all()
    line = paper.presenter.balance()
    assert line.has == "Box and bank 26,000 + loans 30,000 = 56,000"
    assert line.claims == "Savings 50,000 + debts 0 + earnings 6,000 = 56,000"
    assert (line.verdict, line.tone) == ("It balances.", Tone.GOOD)
    assert paper.presenter.members.totals() == (
        "",
        "Together",
        "100",
        "30,000",
        "",
        "0",
        "500",
        "1,000",
    )
    assert paper.presenter.begin() == ""
    assert ear.said == ["The book begins as the paper stands."]
    assert ear.pages == ["home"]
    with paper.village.database.read() as session:
        funds = fund_balances(session, paper.village.group_id)
        (loan,) = loans_of_group(session, paper.village.group_id)
        people = members_of(session, paper.village.group_id, on=TODAY.date())
    assert [funds.loan_fund, funds.social] == [26000, 4000]
    assert [loan.member_number, loan.owed] == [2, 30000]
    assert [each.savings for each in people] == [10000] * 5
    assert [people[2].fines_owed, people[3].advance_owed] == [500, 1000]
    assert list(folder.iterdir()) == []
    paper.presenter.refresh()
    assert paper.presenter.read is not None
    assert paper.presenter.read.has_begun


def test_a_difference_is_said_in_words_and_nothing_begins(paper: Paper, ear: Ear) -> None:
    paper.type_all()
    paper.presenter.enter("box_LOAN_FUND", "25,000")
    assert paper.presenter.balance().verdict == "1,000 (one thousand UGX) of money is missing."
    assert paper.presenter.begin() == "earnings"
    assert ear.said == ["Make both sides the same first. Something is left out."]
    paper.presenter.enter("earnings", "-1,000")
    assert paper.presenter.balance().verdict == "6,000 (six thousand UGX) too much money."
    paper.presenter.enter("box_LOAN_FUND", "19,000")
    assert paper.presenter.balance().tone is Tone.GOOD


def test_every_cell_is_kept_until_the_book_begins(paper: Paper, ear: Ear, folder: Path) -> None:
    paper.type_all()
    paper.presenter.members.enter(4, SHARES, "many")
    again = Paper(paper.village, ear, folder)
    assert again.presenter.members.cell(0, SHARES).text == "20"
    cell = again.presenter.members.cell(4, SHARES)
    assert (cell.text, cell.state) == ("many", CellState.IMPOSSIBLE)
    assert again.presenter.form.text("earnings") == "6,000"
    assert again.presenter.begin() == "members"
    again.presenter.members.restore(4, SHARES)
    again.presenter.members.copy_above(4, SHARES)
    assert again.presenter.begin() == ""


def test_a_damaged_draft_is_kept_beside(folder: Path) -> None:
    folder.mkdir()
    (folder / "paper-TST-1.json").write_text("{", encoding="utf-8")
    draft = load_draft(folder, "TST-1")
    assert (draft.members, draft.fields) == ({}, {})
    assert [each.name for each in folder.iterdir()] == ["paper-TST-1.damaged"]


def test_a_disk_that_takes_nothing_is_said(book: Database, ear: Ear, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    paper = Paper(Village(book).form(), ear, tmp_path / "file")
    paper.presenter.members.enter(0, SHARES, "3")
    assert ear.said[0].startswith("What you typed could not be kept:")
    assert paper.presenter.members.cell(0, SHARES).text == "3"


@pytest.mark.parametrize(
    ("key", "text", "sentence"),
    [
        ("shares", "2.5", "Enter a whole number, such as 3."),
        ("principal", "1.5", "1.5 could mean 1.5 or 15."),
        ("charge", "500", "Enter what is left of the loan first."),
        ("periods", "2", "Enter what is left of the loan first."),
    ],
)
def test_what_can_not_stand_is_said_at_its_cell(
    paper: Paper, key: str, text: str, sentence: str
) -> None:
    sheet = paper.presenter.members
    sheet.enter(0, KEYS.index(key), text)
    cell = sheet.cell(0, KEYS.index(key))
    assert (cell.text, cell.state) == (text, CellState.IMPOSSIBLE)
    assert cell.message.startswith(sentence)


def test_a_loan_beyond_the_share_out_is_said_before_the_book_begins(paper: Paper) -> None:
    sheet = paper.presenter.members
    sheet.enter(0, PRINCIPAL, "5000")
    sheet.enter(0, PERIODS, "12")
    assert sheet.cell(0, PERIODS).message.startswith("Choose fewer periods.")
    paper.presenter.enter("date", "31/12/2026")
    assert paper.presenter.form.sentence("date") == ""


def test_a_day_that_is_to_come_is_refused_at_its_field(paper: Paper) -> None:
    paper.type_all()
    paper.presenter.enter("date", "2/7/2026")
    paper.presenter.begin()
    assert paper.presenter.form.sentence("date").startswith("Choose a day up to 1 Jun 2026.")


def test_home_offers_paper_books_only_to_an_empty_book(paper: Paper, ear: Ear) -> None:
    home = HomePresenter(
        lambda: paper.village.database,
        InlineRunner(),
        ear.shell,
        paper.village.group_id,
        FixedClock(TODAY),
    )
    home.refresh()
    assert home.state is not None
    assert home.state.can_bring_paper
    home.bring_paper()
    assert ear.pages == ["paper-books"]
    paper.type_all()
    paper.presenter.begin()
    home.refresh()
    assert not home.state.can_bring_paper


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    shares=st.lists(st.integers(0, 500), min_size=5, max_size=5),
    loans=st.lists(st.integers(0, 90_000), min_size=5, max_size=5),
    cash=st.integers(0, 10**6),
    earnings=st.integers(-(10**6), 10**6),
)
def test_the_balance_shown_is_that_of_the_book(
    paper: Paper, shares: list[int], loans: list[int], cash: int, earnings: int
) -> None:
    for row in range(5):
        paper.presenter.members.enter(row, SHARES, str(shares[row]))
        paper.presenter.members.enter(row, PRINCIPAL, str(loans[row]))
    paper.presenter.enter("box_LOAN_FUND", str(cash))
    paper.presenter.enter("earnings", str(earnings))
    difference = cash + sum(loans) - 500 * sum(shares) - earnings
    assert weigh(paper.presenter.baseline(), Decimal(500)).difference == difference
    assert (paper.presenter.balance().tone is Tone.GOOD) is (difference == 0)
