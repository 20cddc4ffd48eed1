"""Settling what head office and a laptop hold otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from tests.sync.books import fill_group
from tests.sync.laptop import Laptop, new_laptop, read, run
from vsla_desktop import sync
from vsla_desktop.capture.tables import travel
from vsla_desktop.clock import FixedClock
from vsla_desktop.db import Database
from vsla_desktop.errors import RuleBroken
from vsla_desktop.models import Base
from vsla_desktop.sync.settle import Choice, can_undo, choices, settle, undo

CLOCK = FixedClock(datetime(2026, 3, 3, 9, 0))  # noqa: DTZ001 - kept in UTC without a zone
NAMES = "SELECT last_name FROM group_members WHERE first_name = 'Amina'"


@pytest.fixture
def other(central: Database, tmp_path: Path) -> Iterator[Laptop]:
    """A second laptop."""
    made = new_laptop(tmp_path / "other", central)
    yield made
    made.close()


@pytest.fixture
def differing(laptop: Laptop, central: Database) -> Laptop:
    """A laptop whose member has another last name at head office; the truth has not come down."""
    fill_group(laptop)
    laptop.push()
    run(central, "UPDATE group_members SET last_name = 'Centre' WHERE first_name = 'Amina'")
    laptop.run("UPDATE group_members SET last_name = 'Laptop' WHERE first_name = 'Amina'")
    laptop.push()
    return laptop


def comes_down(laptop: Laptop, name: str) -> None:
    """Write what a pull brings, unseen by the triggers."""
    laptop.run("UPDATE sync_applying SET v = 1")
    laptop.run("UPDATE group_members SET last_name = ? WHERE first_name = 'Amina'", (name,))
    laptop.run("UPDATE sync_applying SET v = 0")


def decide(laptop: Laptop, choice: Choice, chosen: object = None, *, conflict: int = 1) -> None:
    with laptop.database.connection(writes=True) as connection:
        settle(connection, conflict, choice, clock=CLOCK, chosen=chosen)


def take_back(laptop: Laptop, conflict: int = 1) -> None:
    with laptop.database.connection(writes=True) as connection:
        undo(connection, conflict)


def open_conflicts(laptop: Laptop) -> int:
    ((count,),) = laptop.read("SELECT count(*) FROM sync_conflict WHERE settled_at IS NULL")
    return int(count)


@pytest.mark.parametrize("has_come_down", [False, True])
@pytest.mark.parametrize(
    ("choice", "chosen", "name"),
    [(Choice.MINE, None, "Laptop"), (Choice.OTHER, "Nakato", "Nakato")],
)
def test_what_is_chosen_goes_up_and_is_taken(
    differing: Laptop,
    central: Database,
    choice: Choice,
    chosen: str | None,
    name: str,
    has_come_down: bool,  # noqa: FBT001
) -> None:
    if has_come_down:
        comes_down(differing, "Centre")
    decide(differing, choice, chosen)
    assert open_conflicts(differing) == 0
    assert differing.push().conflicts == 0
    assert read(central, NAMES) == differing.read(NAMES) == [(name,)]


@pytest.mark.parametrize("has_come_down", [False, True])
def test_keeping_head_office_s_sends_nothing(
    differing: Laptop,
    central: Database,
    has_come_down: bool,  # noqa: FBT001
) -> None:
    if has_come_down:
        comes_down(differing, "Centre")
    decide(differing, Choice.HEAD_OFFICE)
    assert open_conflicts(differing) == 0
    assert differing.push().rows_sent == 0
    assert read(central, NAMES) == [("Centre",)]


def test_what_head_office_changed_once_more_is_not_overwritten(
    differing: Laptop, central: Database
) -> None:
    run(central, "UPDATE group_members SET last_name = 'Newer' WHERE first_name = 'Amina'")
    decide(differing, Choice.MINE)
    assert differing.push().conflicts == 1
    assert read(central, NAMES) == [("Newer",)]
    assert differing.read(
        "SELECT base, mine, theirs FROM sync_conflict WHERE settled_at IS NULL"
    ) == [("Centre", "Laptop", "Newer")]


def test_other_changes_of_the_row_that_wait_go_up_as_they_were(
    differing: Laptop, central: Database
) -> None:
    differing.run("UPDATE group_members SET occupation = 'Farmer' WHERE first_name = 'Amina'")
    decide(differing, Choice.MINE)
    assert differing.push().conflicts == 0
    assert read(central, "SELECT last_name, occupation FROM group_members WHERE id = 1") == [
        ("Laptop", "Farmer")
    ]


def test_a_settled_conflict_is_settled_once(differing: Laptop) -> None:
    decide(differing, Choice.HEAD_OFFICE)
    with pytest.raises(RuleBroken, match="settled already"):
        decide(differing, Choice.MINE)
    with pytest.raises(RuleBroken, match="settled already"):
        decide(differing, Choice.MINE, conflict=99)


@pytest.mark.parametrize("has_come_down", [False, True])
@pytest.mark.parametrize("choice", list(Choice))
def test_until_it_is_sent_a_choice_is_undone_without_a_trace(
    differing: Laptop,
    central: Database,
    choice: Choice,
    has_come_down: bool,  # noqa: FBT001
) -> None:
    if has_come_down:
        comes_down(differing, "Centre")
    before = differing.read(NAMES)
    decide(differing, choice, "Nakato")
    with differing.database.connection() as connection:
        assert can_undo(connection) == 1
    take_back(differing)
    assert open_conflicts(differing) == 1
    assert differing.read(NAMES) == before
    assert differing.push().rows_sent == 0
    assert read(central, NAMES) == [("Centre",)]


def test_undoing_leaves_what_was_entered_meanwhile(differing: Laptop, central: Database) -> None:
    decide(differing, Choice.MINE)
    differing.run("UPDATE group_members SET occupation = 'Farmer' WHERE first_name = 'Amina'")
    take_back(differing)
    assert differing.push().conflicts == 0
    assert read(central, "SELECT last_name, occupation FROM group_members WHERE id = 1") == [
        ("Centre", "Farmer")
    ]


def test_what_was_sent_is_not_undone(differing: Laptop) -> None:
    decide(differing, Choice.MINE)
    differing.push()
    with differing.database.connection() as connection:
        assert can_undo(connection) is None
    with pytest.raises(RuleBroken, match="sent already"):
        take_back(differing)


def test_a_value_that_another_record_has_is_refused_and_nothing_changed(laptop: Laptop) -> None:
    fill_group(laptop)
    laptop.push()
    laptop.run(
        "INSERT INTO sync_conflict (n, tbl, su, kind, col, mine, theirs, found_at) SELECT 1,"
        " 'meetings', su, 'changed', 'meeting_number', '1', '2', 'now' FROM sync_idmap"
        " WHERE tbl = ? AND local_id = 1",
        (travel("meetings").number,),
    )
    laptop.run(
        "INSERT INTO meetings (group_id, meeting_number, meeting_date) VALUES (1, 2, '2026-01-12')"
    )
    with pytest.raises(RuleBroken, match="Another record has this already"):
        decide(laptop, Choice.OTHER, 2)
    assert laptop.read("SELECT meeting_number FROM meetings ORDER BY id") == [(1,), (2,)]
    assert open_conflicts(laptop) == 1


def test_what_another_laptop_writes_is_only_kept(differing: Laptop) -> None:
    comes_down(differing, "Centre")
    differing.run("DELETE FROM sync_scope")
    differing.run(
        "INSERT INTO sync_scope (su, state, writable) SELECT su, 'kept', 0 FROM sync_idmap"
        " WHERE tbl = 7"
    )
    with pytest.raises(RuleBroken, match="only reads this group"):
        decide(differing, Choice.MINE)
    assert open_conflicts(differing) == 1
    decide(differing, Choice.HEAD_OFFICE)
    assert differing.read(NAMES) == [("Centre",)]


def test_who_changed_it_is_told_when_another_laptop_did(
    laptop: Laptop, central: Database, other: Laptop
) -> None:
    fill_group(laptop)
    laptop.push()
    run(central, "UPDATE sync.device SET name = 'Kayunga 2' WHERE name = 'other'")
    # The other laptop knows the member as it would after a pull.
    fill_group(other)
    su = laptop.read("SELECT su FROM sync_idmap WHERE tbl = 10 AND local_id = 1")[0][0]
    other.run("DELETE FROM sync_dirty")
    other.run("UPDATE sync_idmap SET su = ? WHERE tbl = 10 AND local_id = 1", (su,))
    other.run("UPDATE group_members SET last_name = 'Other' WHERE id = 1")
    other.push()
    laptop.run("UPDATE group_members SET last_name = 'Laptop' WHERE first_name = 'Amina'")
    laptop.push()
    ((who, changed_at, mine_at),) = laptop.read(
        "SELECT by_whom, changed_at, mine_at FROM sync_conflict"
    )
    assert who == "Kayunga 2"
    assert (
        datetime.fromisoformat(changed_at)
        == read(
            central,
            "SELECT received_at AT TIME ZONE 'UTC' FROM sync.batch b JOIN sync.device d"
            " USING (dev) WHERE d.name = 'Kayunga 2'",
        )[0][0]
    )
    assert datetime.fromisoformat(mine_at) is not None


def test_head_office_s_list_is_settled_when_the_laptop_meets_it_next(
    differing: Laptop, central: Database
) -> None:
    decide(differing, Choice.OTHER, "Nakato")
    sync.run(differing.database, differing.folder)
    assert read(central, NAMES) == differing.read(NAMES) == [("Nakato",)]
    assert read(central, "SELECT choice, settled_at IS NOT NULL FROM sync.conflict") == [
        ("other", True)
    ]
    assert differing.read("SELECT told_at IS NOT NULL FROM sync_conflict") == [(1,)]
    with pytest.raises(RuleBroken, match="sent already"):
        take_back(differing)


def test_a_laptop_settles_no_other_s_conflicts(
    differing: Laptop, central: Database, other: Laptop
) -> None:
    ((number,),) = read(central, "SELECT id FROM sync.conflict")
    fill_group(other, "U9", "nine")
    other.run(
        "INSERT INTO sync_conflict (n, tbl, su, kind, found_at, settled_at, choice, central_id)"
        " VALUES (1, '', 'x', 'gone', 'then', 'now', 'mine', ?)",
        (number,),
    )
    sync.run(other.database, other.folder)
    assert read(central, "SELECT settled_at FROM sync.conflict") == [(None,)]
    assert open_conflicts(differing) == 1


def test_the_truth_comes_down_by_itself_and_the_choice_is_still_there(
    differing: Laptop, central: Database
) -> None:
    sync.run(differing.database, differing.folder)
    assert differing.read(NAMES) == [("Centre",)]
    assert open_conflicts(differing) == 1
    decide(differing, Choice.MINE)
    sync.run(differing.database, differing.folder)
    assert read(central, NAMES) == differing.read(NAMES) == [("Laptop",)]
    assert read(central, "SELECT count(*) FROM sync.conflict WHERE settled_at IS NULL") == [(0,)]


def test_another_program_at_head_office_has_no_name(differing: Laptop) -> None:
    assert differing.read("SELECT by_whom, changed_at FROM sync_conflict") == [(None, None)]


def test_entries_of_the_ledger_and_removals_only_keep_head_office_s() -> None:
    assert choices("changed", "group_transactions", "amount") == (Choice.HEAD_OFFICE,)
    assert choices("removed", "group_members", "last_name") == (Choice.HEAD_OFFICE,)
    assert choices("needed", "group_members", "") == (Choice.HEAD_OFFICE,)
    assert choices("changed", "group_members", "last_name") == tuple(Choice)
    assert choices("changed", "group_members", "gender") == (Choice.HEAD_OFFICE, Choice.MINE)
    assert choices("exists", "group_settings", "loan_multiple") == tuple(Choice)


def test_a_record_that_is_gone_here_can_only_stay_as_head_office_has_it(
    differing: Laptop,
) -> None:
    differing.run("DELETE FROM group_members WHERE first_name = 'Amina'")
    with pytest.raises(RuleBroken, match="no longer here"):
        decide(differing, Choice.MINE)
    decide(differing, Choice.HEAD_OFFICE)
    assert open_conflicts(differing) == 0


AMOUNTS = st.decimals(0, 10**9, places=2)
DAYS = st.dates(date(1900, 1, 1), date(2200, 1, 1))
WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)
VALUES = {
    ("savings_groups", "minimum_contribution"): AMOUNTS,
    ("savings_groups", "registration_date"): DAYS,
    ("savings_groups", "description"): WORDS,
    ("savings_groups", "max_members"): st.integers(1, 2**31 - 1),
}
CHANGES = st.sampled_from(sorted(VALUES)).flatmap(
    lambda place: st.tuples(st.just(place), st.tuples(*[VALUES[place]] * 3))
)


def test_whatever_is_chosen_both_sides_end_with_it_to_the_letter(
    laptop: Laptop, central: Database
) -> None:
    fill_group(laptop)
    laptop.push()

    @given(change=CHANGES, choice=st.sampled_from(Choice), comes_back=st.booleans())
    @settings(max_examples=40, deadline=None)
    def settled(
        change: tuple[tuple[str, str], tuple[object, object, object]],
        choice: Choice,
        comes_back: bool,  # noqa: FBT001
    ) -> None:
        (name, column), (mine, theirs, chosen) = change
        table = Base.metadata.tables[name]
        with central.connection(writes=True) as connection:
            before = connection.execute(select(table.c[column])).scalar_one()
            connection.execute(update(table).values({column: theirs}))
        with laptop.database.connection(writes=True) as connection:
            connection.execute(update(table).values({column: mine}))
        laptop.push()
        found = laptop.read("SELECT id FROM sync_conflict WHERE settled_at IS NULL")
        if found:
            decide(laptop, choice, chosen, conflict=found[0][0])
            if comes_back:
                take_back(laptop, found[0][0])
                decide(laptop, choice, chosen, conflict=found[0][0])
        assert laptop.push().conflicts == 0
        kept = {Choice.MINE: mine, Choice.OTHER: chosen, Choice.HEAD_OFFICE: theirs}
        with central.connection() as connection:
            stands = connection.execute(select(table.c[column])).scalar_one()
        agreed = theirs if mine == before else mine
        assert stands == (kept[choice] if found else agreed)
        # What a pull would bring.
        laptop.run("UPDATE sync_applying SET v = 1")
        with laptop.database.connection(writes=True) as connection:
            connection.execute(update(table).values({column: stands}))
        laptop.run("UPDATE sync_applying SET v = 0")

    settled()
