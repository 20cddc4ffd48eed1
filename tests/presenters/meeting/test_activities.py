"""Votes, trainings and discussions as the secretary types them; and what the group sees of all."""

from __future__ import annotations

import pytest

from tests.presenters.meeting.table import Table
from vsla_desktop.presenters.activities import ActivitiesPresenter
from vsla_desktop.presenters.activities_parts import result_of
from vsla_desktop.presenters.big_screen import BigScreenPresenter, Figure
from vsla_desktop.presenters.grid import CellState
from vsla_desktop.presenters.meeting_columns import Step
from vsla_desktop.queries.activities import ActivityKind

PART = 2


@pytest.fixture
def gathered(met: Table) -> Table:
    """All are present but Esther."""
    met.usual("attendance")
    met.type("Esther", "attendance", "A")
    return met


def work(table: Table) -> ActivitiesPresenter:
    assert table.presenter.activities is not None
    return table.presenter.activities


def results(table: Table) -> list[tuple[str, str]]:
    return [(line.name, result_of(line)) for line in work(table).activities]


def marks(table: Table) -> list[str]:
    parts = work(table).parts
    return [parts.cell(row, PART).text for row in range(parts.row_count())]


def test_a_vote_is_taken_member_by_member(gathered: Table) -> None:
    work(gathered).add(ActivityKind.VOTING, "A new box")
    parts = work(gathered).parts
    assert [parts.row_title(row) for row in range(parts.row_count())][-1] == "4 Daudi Okello"
    for row, letter in enumerate("faN"):
        parts.enter(row, PART, letter)
    parts.toggle(3, PART)
    assert marks(gathered) == ["For", "Against", "Neither", "For"]
    ((name, result),) = results(gathered)
    assert name == "A new box"
    assert result.split(" · ") == ["For 2", "against 1", "neither 1", "passed"]
    assert parts.totals()[PART] == "passed"
    for mark in ("Against", "Neither", "", "For"):
        parts.toggle(3, PART)
        assert marks(gathered)[3] == mark
    assert not work(gathered).can_take_out
    assert [work(gathered).cell(0, column).text for column in range(4)] == [
        "Voting: A new box",
        "2",
        "1",
        "1",
    ]


def test_one_key_lets_all_be_for_it_who_have_not_voted(gathered: Table) -> None:
    work(gathered).add(ActivityKind.VOTING, "A new box")
    work(gathered).parts.enter(1, PART, "a")
    work(gathered).parts.fill_usual(PART)
    assert marks(gathered) == ["For", "Against", "For", "For"]
    work(gathered).parts.copy_above(2, PART)
    assert marks(gathered) == ["For", "Against", "Against", "For"]


def test_a_letter_of_no_word_stays_and_is_explained_until_it_is_put_back(gathered: Table) -> None:
    work(gathered).add(ActivityKind.VOTING, "A new box")
    parts = work(gathered).parts
    parts.enter(0, PART, "x")
    cell = parts.cell(0, PART)
    assert (cell.text, cell.state) == ("x", CellState.IMPOSSIBLE)
    assert cell.message == "Type the first letter of a word."
    parts.restore(0, PART)
    assert parts.cell(0, PART).text == ""


def test_without_the_quorum_the_vote_is_refused_where_it_is_typed(met: Table) -> None:
    for who in ("Beatrice", "Chantal", "Daudi", "Esther"):
        met.type(who, "attendance", "A")
    assert work(met).quorum_sentence() == "No vote yet: 1 present; the quorum is 3."
    work(met).add(ActivityKind.VOTING, "A new box", ("1", "", ""))
    assert work(met).problems == {"in_favour": "Vote when 3 are present. 1 are marked present now."}
    work(met).add(ActivityKind.VOTING, "A new box")
    work(met).parts.enter(0, PART, "f")
    cell = work(met).parts.cell(0, PART)
    assert cell.state is CellState.IMPOSSIBLE
    assert "Vote when 3 are present." in cell.message
    assert results(met) == [("A new box", "Nobody has voted yet.")]


def test_counted_hands_stand_without_names(gathered: Table) -> None:
    work(gathered).add(ActivityKind.VOTING, "A goat", ("3", "1", ""))
    assert results(gathered)[0][1].startswith("For 3")
    assert work(gathered).parts.row_count() == 0
    assert work(gathered).parts_sentence() == "Hands were counted: no names are kept."
    work(gathered).add(ActivityKind.VOTING, "A cow", ("4", "1", ""))
    assert work(gathered).problems == {
        "in_favour": "Count at most 4 votes. So many are marked present."
    }
    work(gathered).add(ActivityKind.VOTING, "A cow", ("many", "", ""))
    assert set(work(gathered).problems) == {"in_favour"}
    work(gathered).add(ActivityKind.TRAINING, "  ")
    assert work(gathered).problems == {"name": "Say what it is about."}


def test_a_training_is_marked_chosen_again_and_taken_out(gathered: Table) -> None:
    work(gathered).add(ActivityKind.TRAINING, "Keeping goats")
    work(gathered).add(ActivityKind.DISCUSSION, "Market days")
    assert work(gathered).chosen == 1
    work(gathered).choose(0)
    parts = work(gathered).parts
    parts.toggle(0, PART)
    parts.enter(1, PART, "y")
    assert marks(gathered) == ["Yes", "Yes", "", ""]
    assert results(gathered)[0] == ("Keeping goats", "2 members take part.")
    parts.enter(1, PART, "n")
    parts.toggle(0, PART)
    assert results(gathered)[0] == ("Keeping goats", "0 members take part.")
    work(gathered).take_out()
    assert [name for name, _result in results(gathered)] == ["Market days"]


def test_marks_and_new_activities_are_undone_by_name(gathered: Table) -> None:
    work(gathered).add(ActivityKind.VOTING, "A new box")
    work(gathered).parts.enter(0, PART, "f")
    gathered.presenter.undo()
    assert gathered.last_words() == "Undone: A new box: 1 Amina Nakato"
    assert marks(gathered)[0] == ""
    gathered.presenter.undo()
    assert gathered.last_words() == "Undone: Voting A new box"
    assert work(gathered).row_count() == 0


def wall(table: Table) -> BigScreenPresenter:
    assert table.presenter.big_screen is not None
    return table.presenter.big_screen


def test_the_wall_follows_the_sheet_and_tells_nothing_private(gathered: Table) -> None:
    seen = []
    wall(gathered).changed.listen(lambda: seen.append(wall(gathered).wall()))
    gathered.sheet.show_step(Step.SHARES)
    wall(gathered).look_at(1)
    gathered.type("Beatrice", "shares", "3")
    gathered.type("Beatrice", "social", "200")
    shown = seen[-1]
    assert (shown.group, shown.meeting) == ("Twisungane", "Meeting 1")
    assert (shown.number, shown.name) == ("2", "Beatrice Auma")
    assert shown.does == (
        Figure("Shares", "3 = 1,500 UGX"),
        Figure("Social fund", "200 UGX"),
        Figure("Together", "1,700 UGX"),
    )
    assert shown.totals[0] == Figure("Present", "4 of 5")
    assert shown.totals[1] == Figure("Shares", "3 = 1,500 UGX")
    assert shown.purses == (Figure("Loan fund", "1,500 UGX"), Figure("Social fund", "200 UGX"))
    # Esther is absent and fined 300; the wall does not say so
    wall(gathered).look_at(4)
    told = str(wall(gathered).wall())
    assert "Esther Wanjiru" in told
    assert "300" not in told
    assert wall(gathered).wall().does == ()
