"""A laptop that is filled from head office goes on working as if it had been there all along."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.services.village import Village, morning
from tests.sync.laptop import Laptop, assert_same, new_laptop, run
from tests.sync.test_pull import assert_sound, meet
from vsla_desktop.capture.tables import travels
from vsla_desktop.clock import FixedClock
from vsla_desktop.db import Database
from vsla_desktop.derived import DERIVED
from vsla_desktop.queries.verification import verify_all
from vsla_desktop.services.members import NewMember, add_member
from vsla_desktop.services.practice import create_practice
from vsla_desktop.sync import pull, scopes
from vsla_desktop.sync.take import MANY

TODAY = date(2026, 6, 1)


@pytest.fixture
def other(central: Database, tmp_path: Path) -> Iterator[Laptop]:
    """A second laptop that knows nothing of the first."""
    made = new_laptop(tmp_path / "other", central)
    yield made
    made.close()


def derived_values(laptop: Laptop) -> dict[tuple[str, str], tuple[object, ...]]:
    """Return every derived value of a book, by the identity of its row."""
    found = {}
    for table in travels():
        columns = sorted(column for name, column in DERIVED if name == table.name)
        if columns:
            names = ", ".join(f't."{each}"' for each in columns)
            for su, *values in laptop.read(
                f"SELECT m.su, {names} FROM {table.name} t JOIN sync_idmap m"  # noqa: S608
                f" ON m.tbl = {table.number} AND m.local_id = t.id"
            ):
                found[table.name, su] = tuple(values)
    return found


def assert_in_order(laptop: Laptop) -> None:
    assert_sound(laptop)
    assert verify_all(laptop.database).ok


def fill(laptop: Laptop, other: Laptop, *, meetings: int) -> int:
    """Fill the other laptop with two groups; return how many rows that were."""
    clock = FixedClock(morning(TODAY))
    create_practice(laptop.database, groups=2, members=9, meetings=meetings, seed=5, clock=clock)
    meet(laptop)
    return meet(other).rows_received


def test_balances_follow_and_seals_are_unbroken(
    laptop: Laptop, other: Laptop, central: Database
) -> None:
    """So many rows are written first, and what follows from them is computed in one go."""
    assert fill(laptop, other, meetings=20) > MANY
    assert_same(other, central)
    assert_in_order(other)
    assert derived_values(other) == derived_values(laptop)
    assert len(derived_values(other)) > MANY // 4
    assert other.read("SELECT count(*) > 10 FROM meetings WHERE seal <> ''") == [(1,)]
    # The triggers stand again: the very next entry is counted.
    other.run("UPDATE group_transactions SET amount = amount + 100 WHERE id = 1")
    assert_sound(other)
    assert meet(other).rows_sent == 1


def test_filling_tells_from_the_beginning_how_much_there_is(laptop: Laptop, other: Laptop) -> None:
    clock = FixedClock(morning(TODAY))
    create_practice(laptop.database, groups=1, members=9, meetings=1, seed=5, clock=clock)
    meet(laptop)
    told: list[tuple[int, int]] = []
    done = pull(
        other.database, other.folder, rows=50, progress=lambda *each: told.append(each)
    ).rows_received
    assert len(told) > 1
    first, total = told[0]
    assert first <= total / 2
    # What is no group's, such as people and kinds of savings, is not counted before.
    assert total <= done < 2 * total
    assert told == sorted(told)
    # From here on there is nothing to count.
    assert "count" not in asked(other)


def asked(laptop: Laptop) -> dict[str, object]:
    with laptop.database.connection() as connection:
        return scopes.request(connection, 1, count=True)


def test_triggers_do_it_where_it_is_few_rows(laptop: Laptop, other: Laptop) -> None:
    assert 0 < fill(laptop, other, meetings=6) < MANY
    assert_in_order(other)
    assert derived_values(other) == derived_values(laptop)


def village_of(laptop: Laptop, village: Village) -> Village:
    """Return the same group as it is on another laptop."""
    ((group_id,),) = laptop.read(
        "SELECT id FROM savings_groups WHERE group_code = ?", (village.code,)
    )
    return Village(
        laptop.database,
        rules=village.rules,
        code=village.code,
        clock=village.clock,
        group_id=group_id,
        user_id=laptop.read("SELECT min(id) FROM users")[0][0],
        cycle_id=laptop.read("SELECT max(id) FROM savings_cycles")[0][0],
        members=[
            each for (each,) in laptop.read("SELECT id FROM group_members ORDER BY member_number")
        ],
        meeting_id=laptop.read("SELECT max(id) FROM meetings")[0][0],
        day=village.day,
    )


def test_a_filled_laptop_goes_on_with_the_next_meeting(
    laptop: Laptop, other: Laptop, central: Database
) -> None:
    village = Village(laptop.database).form()
    for _ in range(2):
        village.meet(present=True)
        village.close()
    meet(laptop)
    # Ids of head office are not the laptop's: other groups have come before.
    run(central, "SELECT setval('group_members_id_seq', 1000), setval('meetings_id_seq', 500)")
    meet(other)
    there = village_of(other, village)
    there.meet(present=True)
    there.close()
    with there.at_work() as session:
        new = NewMember(first_name="Fatuma", last_name="Ali", gender="F", joined_date=there.day)
        add_member(session, there.group_id, new, clock=there.clock)
    assert_in_order(other)
    meet(other)
    meet(laptop)
    numbers = "SELECT meeting_number, length(seal) FROM meetings ORDER BY 1"
    assert laptop.read(numbers) == other.read(numbers) == [(1, 64), (2, 64), (3, 64)]
    assert laptop.read("SELECT max(member_number) FROM group_members") == [(6,)]
    for each in (laptop, other):
        assert_same(each, central)
        assert_in_order(each)
    assert derived_values(laptop) == derived_values(other)


def test_a_meeting_that_is_open_comes_down_open_and_can_be_closed(
    laptop: Laptop, other: Laptop, central: Database
) -> None:
    village = Village(laptop.database).form()
    village.meet(present=True)
    meet(laptop)
    meet(other)
    there = village_of(other, village)
    there.close()
    meet(other)
    meet(laptop)
    assert laptop.read("SELECT status FROM meetings") == [("COMPLETED",)]
    for each in (laptop, other):
        assert_same(each, central)
        assert_in_order(each)


def test_ids_are_not_used_again(laptop: Laptop, other: Laptop, central: Database) -> None:
    village = Village(laptop.database).form()
    meet(laptop)
    meet(other)
    highest = "SELECT max(id) FROM group_members"
    ((before, number),) = other.read("SELECT max(id), member_number FROM group_members")
    run(central, f"DELETE FROM group_members WHERE member_number = {number}")  # noqa: S608
    meet(other)
    assert other.read(highest) == [(before - 1,)]
    there = village_of(other, village)
    with there.at_work() as session:
        new = NewMember(first_name="Fatuma", last_name="Ali", gender="F", joined_date=there.day)
        add_member(session, there.group_id, new, clock=there.clock)
    assert other.read(highest) == [(before + 1,)]
    meet(other)
    meet(laptop)
    for each in (laptop, other):
        assert_same(each, central)
        assert_sound(each)


def test_what_other_programs_wrote_is_taken_whatever_our_checks_say(
    laptop: Laptop, other: Laptop, central: Database
) -> None:
    Village(laptop.database).form()
    meet(laptop)
    run(central, "UPDATE group_members SET status = 'SLEEPING', gender = 'unknown'")
    run(
        central,
        "INSERT INTO group_transactions (group_id, amount, transaction_type, transaction_date,"
        " description) SELECT id, -5, 'SOMETHING', '2026-01-05', '' FROM savings_groups",
    )
    meet(other)
    assert_same(other, central)
    assert_sound(other)
    with pytest.raises(Exception, match="CHECK constraint"):
        other.run("UPDATE group_members SET status = 'DREAMING'")
