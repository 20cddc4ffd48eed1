"""Nothing is entered on a laptop that only reads the group, whichever way it is tried."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from tests.services.village import Village
from tests.sync.books import fill_group, post
from tests.sync.laptop import Laptop, central_rows, laptop_rows, new_laptop, read
from vsla_desktop import sync
from vsla_desktop.capture.tables import BESIDE_THE_BOOK, GROUPS, travel, travels
from vsla_desktop.db import Database
from vsla_desktop.errors import RuleBroken
from vsla_desktop.presenters.sync_words import reason_words
from vsla_desktop.services.meetings import NewMeeting, open_meeting
from vsla_desktop.sync import SyncWord, assign_group, unassign_group
from vsla_desktop.sync.holdings import Holding, holdings

ONLY_READS = r"This laptop only reads this group\. Another laptop writes its book"


def let(laptop: Laptop | Database, group: int, *, writable: bool) -> None:
    """Say of a group whether its book is written here, as a pull does."""
    database = laptop if isinstance(laptop, Database) else laptop.database
    with database.connection(writes=True) as connection:
        connection.exec_driver_sql(
            "INSERT INTO sync_scope (su, writable) SELECT su, ? FROM sync_idmap WHERE tbl = ?"
            " AND local_id = ? ON CONFLICT (su) DO UPDATE SET writable = excluded.writable",
            (writable, travel(GROUPS).number, group),
        )


def whole_book(laptop: Laptop) -> dict[str, list[tuple[object, ...]]]:
    return {
        table.name: laptop.read(f'SELECT * FROM "{table.name}" ORDER BY id')  # noqa: S608
        for table in travels()
    }


def test_every_change_of_a_group_that_is_only_read_is_refused(laptop: Laptop) -> None:
    from tests.sync.test_rights import insert_everywhere

    fill_group(laptop)
    insert_everywhere(laptop, besides={GROUPS, "users"})
    laptop.run("DELETE FROM sync_dirty")
    let(laptop, 1, writable=False)
    before, tried = whole_book(laptop), 0
    for table in travels():
        if (table.owner is None and table.name != GROUPS) or table.name in {
            "notifications",
            *BESIDE_THE_BOOK,
        }:
            continue
        names = [each.name for each in table.columns]
        chosen = ", ".join(f'"{each}"' for each in names if each != "created_date")
        for statement in (
            f'INSERT INTO "{table.name}" ({chosen}) SELECT {chosen} FROM "{table.name}" LIMIT 1',  # noqa: S608
            f"UPDATE \"{table.name}\" SET created_date = '2001-01-01 00:00:00'",  # noqa: S608
            f'DELETE FROM "{table.name}"',  # noqa: S608
        ):
            rows = laptop.read(f'SELECT count(*) FROM "{table.name}"')  # noqa: S608
            assert rows > [(0,)], table.name
            with pytest.raises((RuleBroken, Exception), match=f"{ONLY_READS}|UNIQUE") as refused:
                laptop.run(statement)
            tried += isinstance(refused.value, RuleBroken)
            assert "INSERT" in statement or isinstance(refused.value, RuleBroken), statement
    assert tried > 90
    assert whole_book(laptop) == before
    assert laptop.read("SELECT count(*) FROM sync_dirty") == [(0,)]
    let(laptop, 1, writable=True)
    laptop.run("UPDATE group_members SET occupation = 'potter'")


def test_other_groups_of_the_same_laptop_are_written_as_before(laptop: Laptop) -> None:
    fill_group(laptop)
    fill_group(laptop, "U2", "second")
    laptop.run("DELETE FROM sync_dirty")  # as if all were sent
    let(laptop, 1, writable=False)
    let(laptop, 2, writable=True)
    laptop.run("UPDATE group_members SET occupation = 'potter' WHERE group_id = 2")
    laptop.run("DELETE FROM meetings WHERE group_id = 2")
    with pytest.raises(RuleBroken, match=ONLY_READS):
        laptop.run("UPDATE group_members SET occupation = 'weaver'")
    assert laptop.read("SELECT DISTINCT occupation FROM group_members ORDER BY id") == [
        (None,),
        ("potter",),
    ]


def test_a_meeting_is_not_opened_where_another_laptop_writes(laptop: Laptop) -> None:
    village = Village(laptop.database).form()
    laptop.run("DELETE FROM sync_dirty")  # as if all were sent
    let(village.database, village.group_id, writable=False)
    with village.database.write() as session, pytest.raises(RuleBroken, match=ONLY_READS):
        open_meeting(session, village.group_id, NewMeeting(day=village.day), clock=village.clock)
    with pytest.raises(RuleBroken, match=ONLY_READS), village.database.write() as session:
        session.execute(text("UPDATE group_members SET occupation = 'potter'"))


def test_a_group_changes_hands_and_back(central: Database, tmp_path: Path) -> None:
    """What was entered without network waits until the group is this laptop's again."""
    first = new_laptop(tmp_path / "first", central, groups=[])
    fill_group(first)
    sync.run(first.database, first.folder)
    second = new_laptop(tmp_path / "second", central, groups=[])
    unassign_group(central, "first", "U1")
    assign_group(central, "first", "U1", read_only=True)
    assign_group(central, "second", "U1")
    post(first, 3)
    sync.run(first.database, first.folder)
    with pytest.raises(RuleBroken, match=ONLY_READS):
        post(first, 3, first=10)
    sync.run(second.database, second.folder)
    second.run("UPDATE group_members SET occupation = 'potter'")
    sync.run(second.database, second.folder)
    assert read(central, "SELECT count(*) FROM group_transactions") == [(0,)]
    assign_group(central, "second", "U1", read_only=True)
    assign_group(central, "first", "U1")
    sync.run(first.database, first.folder)
    sync.run(first.database, first.folder)
    assert read(central, "SELECT count(*) FROM group_transactions") == [(3,)]
    assert first.read("SELECT DISTINCT occupation FROM group_members") == [("potter",)]
    assert laptop_rows(first.database).keys() == central_rows(central).keys()
    assert first.read("SELECT count(*) FROM sync_quarantine") == [(0,)]
    for each in (first, second):
        each.close()


def test_what_waits_when_another_laptop_gets_the_book_says_why_and_arrives_later(
    central: Database, tmp_path: Path
) -> None:
    first = new_laptop(tmp_path / "first", central, groups=[])
    fill_group(first)
    sync.run(first.database, first.folder)
    post(first, 3)
    assign_group(central, "first", "U1", read_only=True)
    sync.pull(first.database, first.folder)
    # Nothing more is entered; what was stays, and stands on the page.
    with first.database.connection() as connection:
        [group] = holdings(connection).groups
    assert (group.holding, group.waiting) == (Holding.READ_ONLY, {"group_transactions": 3})
    assert sync.sync_status(first.database, first.folder).waiting == 3
    for _ in range(2):
        sync.run(first.database, first.folder)
    assert {reason_words(each.why) for each in sync.troubles(first.database)} == {
        "Another laptop writes this group's book. Ask head office."
    }
    assert sync.sync_status(first.database, first.folder).word is SyncWord.PARTLY
    assert read(central, "SELECT count(*) FROM group_transactions") == [(0,)]
    assign_group(central, "first", "U1")
    for _ in range(2):
        sync.run(first.database, first.folder)
    assert read(central, "SELECT count(*) FROM group_transactions") == [(3,)]
    assert sync.sync_status(first.database, first.folder).word is SyncWord.SENT
    first.close()


def test_a_laptop_for_all_groups_is_head_office_s_own_hand_and_minds_no_lease(
    central: Database, tmp_path: Path
) -> None:
    writer = new_laptop(tmp_path / "writer", central, groups=[])
    fill_group(writer)
    everywhere = new_laptop(tmp_path / "everywhere", central)
    for each in (writer, everywhere):
        sync.run(each.database, each.folder)
    everywhere.run("UPDATE group_members SET occupation = 'potter' WHERE first_name = 'Amina'")
    post(writer, 3)
    for each in (everywhere, writer):
        sync.run(each.database, each.folder)
    assert writer.read("SELECT count(*) FROM group_members WHERE occupation = 'potter'") == [(1,)]
    assert read(central, "SELECT count(*) FROM group_transactions") == [(3,)]
    # It holds no lease either: whoever writes the book goes on writing it.
    assert read(central, "SELECT count(*) FROM sync.assignment WHERE writable") == [(1,)]
    assert everywhere.read("SELECT DISTINCT writable FROM sync_scope") == [(1,)]
    for laptop in (writer, everywhere):
        laptop.close()
