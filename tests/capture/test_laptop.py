from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import bindparam, insert, update

from vsla_desktop import capture, db
from vsla_desktop.capture.identity import SEEDS
from vsla_desktop.capture.tables import travel, travels
from vsla_desktop.db import Database
from vsla_desktop.models import Base, GroupMember, SavingsGroup, User

PLACE = {"region": "R", "district": "D", "parish": "P", "village": "V", "created_by": 1}

SEED_ROWS = sum(len(rows) for rows in SEEDS.values())


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Database]:
    """A book with a user and a group of three members, of which nothing waits to be sent."""
    made = db.open_database(tmp_path / "vsla.db")
    with made.write() as session:
        session.add(User(username="t", email="t@x", password="x"))
        session.flush()
        session.add(SavingsGroup(name="Umoja", group_code="U1", **PLACE))
        session.flush()
        session.add_all(
            GroupMember(group_id=1, first_name=name, last_name="X", gender="F") for name in "ABC"
        )
    run(made, "DELETE FROM sync_dirty")
    yield made
    made.close()


def run(book: Database, statement: str, *values: Any) -> None:
    with book.connection(writes=True) as connection:
        connection.exec_driver_sql(statement, values)


def noted(book: Database) -> list[tuple[str, int, str]]:
    """Return what waits: table, row and what happened to it."""
    names = {each.number: each.name for each in travels()}
    with book.connection() as connection:
        rows = connection.exec_driver_sql("SELECT tbl, local_id, op FROM sync_dirty").all()
    return sorted((names[tbl], local_id, op) for tbl, local_id, op in rows)


def base(book: Database, table: str, local_id: int) -> Any:
    with book.connection() as connection:
        text = connection.exec_driver_sql(
            "SELECT base FROM sync_dirty WHERE tbl = ? AND local_id = ?",
            (travel(table).number, local_id),
        ).scalar_one()
    return json.loads(text)


def identity(book: Database, table: str, local_id: int) -> str:
    with book.connection() as connection:
        su: str = connection.exec_driver_sql(
            "SELECT su FROM sync_idmap WHERE tbl = ? AND local_id = ?",
            (travel(table).number, local_id),
        ).scalar_one()
    return su


def test_objects_bulk_statements_and_plain_sql_are_noted_alike(book: Database) -> None:
    with book.write() as session:
        session.add(GroupMember(group_id=1, first_name="D", last_name="X", gender="M"))
    with book.write() as session:
        rows = [{"group_id": 1, "first_name": n, "last_name": "X", "gender": "M"} for n in "EF"]
        session.execute(insert(GroupMember), rows)
    with book.connection(writes=True) as connection:
        connection.execute(
            update(Base.metadata.tables["group_members"]).where(
                Base.metadata.tables["group_members"].c.id == bindparam("number")
            ),
            [{"number": 1, "first_name": "Z"}, {"number": 2, "first_name": "Y"}],
        )
    run(
        book,
        "INSERT INTO group_members (group_id, first_name, last_name, gender)"
        " SELECT 1, 'G', 'X', 'M'",
    )
    run(book, "DELETE FROM group_members WHERE id = 3")
    assert noted(book) == [
        ("group_members", 1, "U"),
        ("group_members", 2, "U"),
        ("group_members", 3, "D"),
        *(("group_members", number, "I") for number in (4, 5, 6, 7)),
    ]


def test_rows_that_go_with_their_owner_are_noted(book: Database) -> None:
    run(book, "DELETE FROM savings_groups")
    assert noted(book) == [
        *(("group_members", number, "D") for number in (1, 2, 3)),
        ("savings_groups", 1, "D"),
    ]


def test_references_that_are_emptied_are_noted_with_what_they_were(book: Database) -> None:
    run(book, "UPDATE savings_groups SET chair_member_id = 2")
    run(book, "DELETE FROM sync_dirty")
    chair = identity(book, "group_members", 2)
    run(book, "DELETE FROM group_members WHERE id = 2")
    assert noted(book) == [("group_members", 2, "D"), ("savings_groups", 1, "U")]
    assert base(book, "savings_groups", 1)["chair_member_id"] == chair


def test_a_row_is_kept_as_it_was_before_its_first_change(book: Database) -> None:
    run(book, "UPDATE group_members SET first_name = 'Amina', photo_path = NULL WHERE id = 1")
    run(book, "UPDATE group_members SET first_name = 'Zoé' WHERE id = 1")
    assert base(book, "group_members", 1)["first_name"] == "A"
    run(book, "DELETE FROM group_members WHERE id = 1")
    assert noted(book) == [("group_members", 1, "D")]
    assert base(book, "group_members", 1)["first_name"] == "A"


def test_a_row_that_comes_and_goes_is_nothing(book: Database) -> None:
    run(
        book,
        "INSERT INTO savings_cycles (group_id, cycle_number, start_date, end_date)"
        " VALUES (1, 1, '2026-01-01', '2026-12-01')",
    )
    run(book, "DELETE FROM savings_cycles")
    assert noted(book) == [("savings_cycles", 1, "X")]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE savings_groups SET members_count = 9, savings_balance = 5",
        "UPDATE group_members SET attendance_percentage = 1",
        "UPDATE group_members SET updated_date = '2030-01-01'",
        "UPDATE group_members SET first_name = first_name",
    ],
)
def test_what_follows_from_other_rows_or_changes_nothing_is_not_noted(
    book: Database, statement: str
) -> None:
    run(book, statement)
    assert noted(book) == []


def test_a_rolled_back_change_is_not_noted(book: Database) -> None:
    def interrupted() -> None:
        with book.connection(writes=True) as connection:
            connection.exec_driver_sql("UPDATE group_members SET first_name = 'Z'")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        interrupted()
    assert noted(book) == []


def test_rows_from_head_office_are_not_noted(book: Database) -> None:
    run(book, "UPDATE sync_applying SET v = 1")
    run(book, "UPDATE group_members SET first_name = 'Z'")
    run(book, "DELETE FROM group_members WHERE id = 1")
    assert noted(book) == []


def test_a_row_that_takes_the_place_of_another_is_another(book: Database) -> None:
    before = identity(book, "group_members", 1)
    run(
        book,
        "REPLACE INTO group_members (id, group_id, first_name, last_name, gender)"
        " VALUES (1, 1, 'New', 'X', 'F')",
    )
    assert identity(book, "group_members", 1) != before
    assert noted(book) == [("group_members", 1, "D"), ("group_members", 1, "I")]


def test_identities_grow_with_time_and_never_repeat(book: Database) -> None:
    run(
        book,
        "INSERT INTO savings_cycles (group_id, cycle_number, start_date, end_date)"
        " WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 500)"
        " SELECT 1, n, '2026-01-01', '2026-12-01' FROM n",
    )
    with book.connection() as connection:
        made = connection.exec_driver_sql("SELECT su FROM sync_idmap WHERE tbl = 9").scalars()
        identities = list(made)
    assert len(set(identities)) == 500
    assert all(len(each) == 32 and each[12] == "7" and each[16] in "89ab" for each in identities)
    older = identity(book, "users", 1)
    assert all(each[:12] >= older[:12] for each in identities)


def test_shared_rows_have_their_fixed_identity(book: Database) -> None:
    assert identity(book, "saving_types", 1) == "85cd1e9ed51e5fad9fdc0f3a59e5351d"
    run(book, "DELETE FROM saving_types WHERE id = 1")
    run(book, "INSERT INTO saving_types (name, code) VALUES ('Shares', 'PERSONAL')")
    assert identity(book, "saving_types", 5) != "85cd1e9ed51e5fad9fdc0f3a59e5351d"


def test_rows_without_identity_are_given_one_once(book: Database) -> None:
    run(book, "DELETE FROM sync_idmap")
    with book.connection(writes=True) as connection:
        assert capture.fill(connection) == SEED_ROWS + 1 + 1 + 3
        assert capture.fill(connection) == 0
    assert ("savings_groups", 1, "I") in noted(book)
    assert identity(book, "saving_types", 1) == "85cd1e9ed51e5fad9fdc0f3a59e5351d"
