"""What a laptop may write is what head office has given it, and the rest is said in one word."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import exc

from tests.sync.books import fill_group, post
from tests.sync.laptop import (
    Laptop,
    Rows,
    assert_same,
    central_rows,
    keep,
    laptop_rows,
    new_laptop,
    read,
    run,
)
from vsla_desktop.capture.rights import CLOSED
from vsla_desktop.capture.tables import GROUPS, travel, travels
from vsla_desktop.db import Database
from vsla_desktop.errors import SyncError
from vsla_desktop.sync import (
    assign_group,
    enrol_device,
    laptops,
    renew_device,
    revoke_device,
    unassign_group,
)
from vsla_desktop.sync.lease import offer_denied

ALL: dict[str, Any] = {"groups": ["*"]}


@pytest.fixture
def owner(central: Database, tmp_path: Path) -> Iterator[Laptop]:
    """A laptop that has opened the group U1 and sent it."""
    made = new_laptop(tmp_path / "owner", central, groups=[])
    fill_group(made, "U1", "first")
    post(made, 30)
    made.push()
    yield made
    made.close()


def refused(laptop: Laptop) -> list[tuple[Any, ...]]:
    """What this laptop's last batch was told was not taken: table, what, why."""
    return sorted(
        laptop.read(
            "SELECT json_extract(e.value, '$.tbl'), json_extract(e.value, '$.op'),"
            " json_extract(e.value, '$.reason') FROM sync_outbox o,"
            " json_each(o.result, '$.refused') e WHERE o.n = (SELECT max(n) FROM sync_outbox)"
        )
    )


def copy_of(laptop: Laptop, folder: Path, central: Database, **rights: Any) -> Laptop:
    """Return a laptop that knows all that another knows, with rights of its own."""
    laptop.database.close()  # folds the log into the file
    return new_laptop(folder, central, book=laptop.folder / "vsla.db", **rights)


def groups(central: Database, name: str) -> list[tuple[str, bool]]:
    [found] = [each for each in laptops(central) if each.name == name]
    return [(each.code, each.is_writable) for each in found.groups]


def test_a_group_that_a_laptop_opens_is_its_own(owner: Laptop, central: Database) -> None:
    assert_same(owner, central)
    assert groups(central, "owner") == [("U1", True)]
    post(owner, 5, first=100)
    owner.run("UPDATE group_members SET occupation = 'potter'")
    owner.run("DELETE FROM group_transactions WHERE reference_number = 'R00000003'")
    owner.push()
    assert_same(owner, central)


def test_a_laptop_that_may_not_open_groups_opens_none(central: Database, tmp_path: Path) -> None:
    laptop = new_laptop(tmp_path / "visitor", central, groups=[], may_open_groups=False)
    fill_group(laptop)
    laptop.push()
    assert read(central, "SELECT * FROM savings_groups") == []
    assert {reason for _table, _op, reason in refused(laptop)} == {"denied", "incomplete"}
    assert ("savings_groups", "I", "denied") in refused(laptop)
    assert laptop.read("SELECT count(*) FROM savings_groups") == [(1,)]
    laptop.close()


@pytest.mark.usefixtures("owner")
def test_one_laptop_at_a_time_writes_a_group_s_book(central: Database) -> None:
    enrol_device(central, "second", [])
    with pytest.raises(SyncError, match="Laptop owner writes the book of U1"):
        assign_group(central, "second", "U1")
    with pytest.raises(SyncError, match="Laptop owner writes the book of U1"):
        enrol_device(central, "third", ["U1"])
    assign_group(central, "second", "U1", read_only=True)
    assert groups(central, "second") == [("U1", False)]
    unassign_group(central, "owner", "U1")
    assign_group(central, "second", "U1")
    assert groups(central, "second") == [("U1", True)]
    assert groups(central, "owner") == []
    for name, code in (("nobody", "U1"), ("second", "U9"), ("owner", "U1")):
        with pytest.raises(SyncError):
            unassign_group(central, name, code)


@pytest.mark.parametrize("read_only", [True, False])
def test_a_row_that_was_refused_is_taken_when_the_laptop_writes_the_group_again(
    owner: Laptop, central: Database, *, read_only: bool
) -> None:
    unassign_group(central, "owner", "U1")
    if read_only:
        assign_group(central, "owner", "U1", read_only=True)
    before = central_rows(central)
    post(owner, 3, first=500)
    owner.run("UPDATE group_members SET occupation = 'weaver' WHERE id = 1")
    owner.run("DELETE FROM group_transactions WHERE reference_number = 'R00000001'")
    owner.push()
    assert refused(owner) == [
        ("group_members", "U", "denied"),
        *[("group_transactions", "D", "denied")],
        *[("group_transactions", "I", "denied")] * 3,
    ]
    assert central_rows(central) == before
    # Nothing is offered in vain while the group is not ours.
    assert owner.push().batches == 0
    assign_group(central, "owner", "U1")
    allow(owner)
    owner.push()
    assert central_rows(central).keys() == laptop_rows(owner.database).keys()
    assert read(central, "SELECT occupation FROM group_members WHERE id = 1") == [("weaver",)]
    assert owner.read("SELECT count(*) FROM sync_quarantine") == [(0,)]


def test_a_removal_that_was_refused_still_loses_to_a_newer_change(
    owner: Laptop, central: Database
) -> None:
    unassign_group(central, "owner", "U1")
    owner.run("DELETE FROM group_transactions WHERE id IN (1, 2)")
    owner.push()
    run(central, "UPDATE group_transactions SET description = 'Web' WHERE id = 1")
    assign_group(central, "owner", "U1")
    allow(owner)
    owner.push()
    assert read(central, "SELECT id FROM group_transactions WHERE id < 4 ORDER BY id") == [
        (1,),
        (3,),
    ]


def allow(laptop: Laptop) -> None:
    """Tell the laptop that it writes its group again, as a pull does."""
    with laptop.database.connection(writes=True) as connection:
        offer_denied(connection)


def test_who_may_do_what_never_comes_from_a_laptop(laptop: Laptop, central: Database) -> None:
    """Not even from a laptop for all groups."""
    fill_group(laptop)
    laptop.push()
    for column, value in (("admin", "1"), ("is_super_admin", "1"), ("role", "'boss'")):
        laptop.run(f"UPDATE users SET {column} = {value}")  # noqa: S608
        laptop.push()
        assert ("users", "U", "denied") in refused(laptop)
        laptop.run(
            f"INSERT INTO users (username, email, password, {column})"  # noqa: S608
            f" VALUES ('{column}', '{column}', 'x', {value})"
        )
        laptop.push()
        assert ("users", "I", "denied") in refused(laptop)
    assert read(central, "SELECT username, admin, role, is_super_admin FROM users") == [
        ("treasurer", False, "user", False)
    ]
    for table in ("service_admins", "user_service_permissions", "service_access_requests"):
        laptop.run(f"INSERT INTO {table} (user_id, service_id) VALUES (1, 1)")  # noqa: S608
        laptop.push()
        assert (table, "I", "denied") in refused(laptop)
        assert read(central, f"SELECT * FROM {table}") == []  # noqa: S608


def test_what_all_groups_share_is_head_office_s(central: Database, tmp_path: Path) -> None:
    laptop = new_laptop(tmp_path / "one", central, groups=[])
    laptop.push()
    before = central_rows(central)
    laptop.run("UPDATE saving_types SET name = 'Mine' WHERE id = 1")
    laptop.run("DELETE FROM achievements WHERE id = 1")
    laptop.run("INSERT INTO services (name) VALUES ('mine')")
    laptop.push()
    assert refused(laptop) == [
        ("achievements", "D", "denied"),
        ("saving_types", "U", "denied"),
        ("services", "I", "denied"),
    ]
    assert central_rows(central) == before
    laptop.close()


def test_a_laptop_with_every_identity_of_a_group_changes_nothing_of_it(
    laptop: Laptop, central: Database, tmp_path: Path
) -> None:
    fill_every_table(laptop)
    laptop.push()
    before = central_rows(central)
    thief = copy_of(laptop, tmp_path / "thief", central, groups=[])
    thief.push()
    for table in travels():
        for (number,) in thief.read(f"SELECT id FROM {table.name}"):  # noqa: S608
            change(thief, table.name, number)
    insert_everywhere(thief)
    thief.push()
    assert_untouched(before, central)
    assert {reason for _table, _op, reason in refused(thief)} <= {"denied", "incomplete"}
    assert read(central, "SELECT * FROM sync.conflict WHERE theirs IS NOT NULL") == []
    for table in reversed(travels()):
        thief.run(f"DELETE FROM {table.name}")  # noqa: S608
    thief.push()
    assert_untouched(before, central)
    assert {reason for _table, _op, reason in refused(thief)} == {"denied"}
    assert read(central, "SELECT count(*) FROM sync.incoming") == [(0,)]
    thief.close()


def assert_untouched(before: Rows, central: Database) -> None:
    """All that stood there stands, and nothing new leads to it."""
    after = central_rows(central)
    assert before.items() <= after.items()
    for (name, su), row in after.items():
        if (name, su) in before:
            continue
        for each in travel(name).references:
            leads = row[each.name]
            parent = each.parent or row[each.named_by]
            if leads is not None and parent is not None and travel(parent).of_groups:
                assert (parent, leads) not in before, (name, each)


def test_the_answer_is_the_same_whether_the_other_group_is_there_or_not(
    laptop: Laptop, central: Database, new_centre: Any, tmp_path: Path
) -> None:
    fill_every_table(laptop)
    laptop.push()
    said = []
    with new_centre() as nowhere:
        for at, centre in (("there", central), ("nowhere", nowhere)):
            thief = copy_of(laptop, tmp_path / at, centre, groups=[])
            # People are no group's, and their identities nobody guesses: both have added them.
            thief.run(
                "INSERT INTO sync_dirty (su, tbl, local_id, op, at)"
                " SELECT su, tbl, local_id, 'I', 1 FROM sync_idmap WHERE tbl = ?",
                (travel("users").number,),
            )
            thief.push()
            run(
                centre,
                "UPDATE sync.row_state s SET origin = d.dev FROM sync.device d"  # noqa: S608
                f" WHERE d.name = '{at}' AND s.tbl = {travel('users').number}",
            )
            thief.run("DELETE FROM sync_quarantine")
            insert_everywhere(thief, besides={GROUPS, "users"})
            for table in travels():
                if table.of_groups:
                    change(thief, table.name, thief.read(f"SELECT min(id) FROM {table.name}")[0][0])  # noqa: S608
            thief.push()
            found = refused(thief)
            conflicts = thief.read("SELECT tbl, kind, col, base, theirs FROM sync_conflict")
            said.append((found, sorted(conflicts, key=str)))
            thief.close()
    assert said[0] == said[1]
    assert len(said[0][0]) > 60
    assert {reason for _table, _op, reason in said[0][0]} == {"denied", "incomplete"}


def fill_every_table(laptop: Laptop) -> None:
    """Write one group with rows in every table."""
    fill_group(laptop)
    for _turn in range(2):
        insert_everywhere(laptop, besides={GROUPS, "users"})


def insert_everywhere(laptop: Laptop, besides: set[str] | None = None) -> None:
    import random

    from tests.sync.history import recorded, values
    from vsla_desktop.models import Base

    for table in Base.metadata.sorted_tables:
        if table.name in CLOSED or table.name in (besides or ()):
            continue
        with laptop.database.connection(writes=True) as connection:
            for seed in range(8):
                choose = random.Random(f"{table.name} {seed}")  # noqa: S311 - made up
                row = values(connection, table, recorded(table, is_laptop=True), choose)
                if row is None or any(
                    row[each.name] is None
                    for each in travel(table.name).references
                    if each.parent in {"meetings", "group_members", "savings_cycles"}
                ):
                    continue
                with suppress(exc.IntegrityError), connection.begin_nested():
                    connection.execute(table.insert().values(row))
                    break


def change(laptop: Laptop, table: str, number: int) -> None:
    """Change some value of a row."""
    chosen = (
        next(
            each.name
            for each in travel(table).noted
            if each.name != "created_date"
            and not each.is_reference
            and each.sort == "text"
            and not any(each.name in key for key in travel(table).keys)
            and each.nullable
        )
        if any(
            each.sort == "text" and each.nullable and not each.is_reference
            for each in travel(table).noted
        )
        else "created_date"
    )
    value = "'2001-02-03 04:05:06'" if chosen == "created_date" else "NULL"
    laptop.run(f"UPDATE OR IGNORE {table} SET {chosen} = {value} WHERE id = ?", (number,))  # noqa: S608


def test_a_row_can_not_be_moved_into_another_group_or_out_of_it(
    owner: Laptop, central: Database, tmp_path: Path
) -> None:
    thief = copy_of(owner, tmp_path / "thief", central, groups=[])
    thief.run("DELETE FROM sync_dirty")
    fill_group(thief, "U2", "second")
    thief.push()
    assert groups(central, "thief") == [("U2", True)]
    before = central_rows(central)
    # Ours to them, theirs to us, and our member in their meeting.
    thief.run("UPDATE group_members SET group_id = 1 WHERE id = 4")
    thief.run("UPDATE group_members SET group_id = 2 WHERE id = 1")
    thief.run("UPDATE group_transactions SET group_id = 2, member_id = 4, meeting_id = 2")
    thief.run(
        "INSERT INTO meeting_attendance (group_id, member_id, meeting_date, meeting_id)"
        " VALUES (2, 4, '2026-01-05', 1)"
    )
    thief.run(
        "INSERT INTO meeting_attendance (group_id, member_id, meeting_date, meeting_id)"
        " VALUES (1, 4, '2026-01-06', 2)"
    )
    thief.push()
    after = central_rows(central)
    assert before.items() <= after.items()
    [row] = [row for key, row in after.items() if key not in before]
    # Of the attendance at their meeting stands what is ours alone.
    assert row["meeting_id"] is None
    assert sorted(refused(thief)) == [
        ("group_members", "U", "denied"),
        *[("group_transactions", "U", "denied")] * 30,
        ("meeting_attendance", "I", "denied"),
    ]
    assert thief.read("SELECT kind, col, theirs FROM sync_conflict") == [
        ("reference", "meeting_id", None)
    ] or thief.read("SELECT DISTINCT kind FROM sync_conflict") == [("reference",), ("changed",)]
    thief.close()


@pytest.mark.usefixtures("owner")
def test_a_group_that_shares_its_people_does_not_share_its_rows(
    central: Database, tmp_path: Path
) -> None:
    """A login of the same name is the same person only where the laptop knows that person."""
    other = new_laptop(tmp_path / "other", central, groups=[])
    fill_group(other, "U2", "first")
    other.push()
    assert ("users", "I", "duplicate") in refused(other)
    assert read(central, "SELECT group_code FROM savings_groups") == [("U1",)]
    assert other.read("SELECT theirs FROM sync_conflict WHERE theirs IS NOT NULL") == []
    run(central, "UPDATE sync.device SET all_groups = true WHERE name = 'other'")
    other.run("UPDATE users SET active = 1, email = 'other@example.org'")
    other.push()
    assert read(central, "SELECT group_code FROM savings_groups ORDER BY id") == [("U1",), ("U2",)]
    other.close()


def test_a_renewed_laptop_keeps_its_groups_and_the_lease(owner: Laptop, central: Database) -> None:
    enrol_device(central, "reader", [])
    assign_group(central, "reader", "U1", read_only=True)
    anew = renew_device(central, "owner")
    assert groups(central, "owner") == [("U1", True)]
    assert groups(central, "reader") == [("U1", False)]
    with pytest.raises(SyncError, match="does not let this laptop in"):
        owner.push()
    keep(anew, owner.folder)
    post(owner, 4, first=800)
    owner.run("UPDATE users SET active = 0")
    owner.push()
    assert_same(owner, central)
    with pytest.raises(SyncError, match="No laptop named nobody"):
        renew_device(central, "nobody")


def test_a_laptop_that_was_revoked_comes_back_and_reads_until_it_is_given_the_book(
    owner: Laptop, central: Database
) -> None:
    post(owner, 3, first=700)
    revoke_device(central, "owner")
    with pytest.raises(SyncError, match="does not let this laptop in"):
        owner.push()
    enrol_device(central, "next", ["U1"])
    keep(renew_device(central, "owner"), owner.folder)
    owner.push()
    assert {reason for _table, _op, reason in refused(owner)} == {"denied"}
    unassign_group(central, "next", "U1")
    assign_group(central, "owner", "U1")
    allow(owner)
    owner.push()
    assert laptop_rows(owner.database).keys() == central_rows(central).keys()


def test_a_laptop_that_sends_too_much_in_a_day_is_told_so(owner: Laptop, central: Database) -> None:
    run(central, "UPDATE sync.device SET rows_a_day = 40")
    post(owner, 5, first=900)
    owner.push()
    post(owner, 5, first=910)
    with pytest.raises(SyncError, match="takes no more from this laptop today"):
        owner.push()
    assert owner.read("SELECT count(*) FROM sync_outbox WHERE state = 'sealed'") == [(1,)]
    run(central, "UPDATE sync.batch SET received_at = received_at - interval '25 hours'")
    owner.push()
    assert_same(owner, central)
