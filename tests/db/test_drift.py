"""A database that is not what this release declares is found out, and the difference is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from tests.db.books import new_central
from vsla_desktop import db
from vsla_desktop.capture.identity import SEEDS
from vsla_desktop.db.migrate import releases
from vsla_desktop.models import PHASES, Base

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.postgres import PostgresServer
    from vsla_desktop.db import Database


def change(database: Database, *statements: str) -> None:
    with database.connection(writes=True) as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def test_a_new_database_has_no_drift(database: Database) -> None:
    status = db.status(database)
    assert status.drift == []
    assert status.ok
    assert (status.expected, status.found) == (47, 47)
    assert status.phases == {phase: len(names) for phase, names in PHASES.items()}
    assert status.dialect == database.dialect
    assert set(status.rows) == set(Base.metadata.tables)
    assert {name: count for name, count in status.rows.items() if count} == {
        name: len(rows) for name, rows in SEEDS.items()
    }


def test_an_empty_database_lacks_everything(pg_database: str) -> None:
    central = db.connect(pg_database)
    status = db.status(central)
    central.close()
    assert not status.ok
    assert (status.revision, status.found, status.rows) == (None, 0, {})
    assert set(status.phases.values()) == {0}
    assert status.drift[0].startswith("there is no revision, expected ")
    assert "table savings_groups is missing" in status.drift


# What somebody does to a database by hand, and how the check names it.
BOTH: dict[str, tuple[tuple[str, ...], str]] = {
    "a column that no model has": (
        ("ALTER TABLE savings_groups ADD COLUMN web_theme TEXT",),
        "column savings_groups.web_theme is not known",
    ),
    "a table that no model has": (
        ("CREATE TABLE web_sessions (id INTEGER PRIMARY KEY)",),
        "table web_sessions is not known",
    ),
    "an index that is gone": (
        ("DROP INDEX idx_meetings_date",),
        "index idx_meetings_date of meetings (meeting_date) is missing",
    ),
    "an index that no model has": (
        ("CREATE INDEX idx_odd ON users (role)",),
        "index idx_odd of users (role) is not known",
    ),
}
CENTRAL: dict[str, tuple[tuple[str, ...], str]] = {
    "a table that is gone": (
        ("DROP TABLE member_badges",),
        "table member_badges is missing",
    ),
    "a column that the models have and no migration made": (
        ("ALTER TABLE group_settings DROP COLUMN agenda",),
        "column group_settings.agenda is missing",
    ),
    "another type": (
        ("ALTER TABLE users ALTER COLUMN role TYPE TEXT",),
        "column users.role is TEXT, expected VARCHAR(50)",
    ),
    "another default": (
        ("ALTER TABLE users ALTER COLUMN role SET DEFAULT 'admin'",),
        "column users.role has default admin, expected user",
    ),
    "a default that is gone": (
        ("ALTER TABLE savings_groups ALTER COLUMN state DROP DEFAULT",),
        "column savings_groups.state has no default, expected FORMING",
    ),
    "a default where none is": (
        ("ALTER TABLE users ALTER COLUMN username SET DEFAULT 'x'",),
        "column users.username has default x, expected none",
    ),
    "an empty value refused": (
        ("ALTER TABLE group_members ALTER COLUMN occupation SET NOT NULL",),
        "column group_members.occupation may not be empty, expected that it may",
    ),
    "an empty value allowed": (
        ("ALTER TABLE users ALTER COLUMN email DROP NOT NULL",),
        "column users.email may be empty, expected not",
    ),
    "another delete rule": (
        (
            (
                "ALTER TABLE meetings DROP CONSTRAINT meetings_group_id_fkey,"
                " ADD FOREIGN KEY (group_id) REFERENCES savings_groups (id)"
            ),
        ),
        "key of meetings (group_id) to savings_groups on delete cascade is missing",
    ),
    "a key that is gone": (
        ("ALTER TABLE users DROP CONSTRAINT users_email_key",),
        "unique key of users (email) is missing",
    ),
    "a trigger that is gone": (
        ("DROP TRIGGER trigger_update_member_savings_balance ON saving_transactions",),
        "trigger trigger_update_member_savings_balance is missing",
    ),
    "a trigger that was switched off": (
        ("ALTER TABLE group_members DISABLE TRIGGER trigger_update_group_members_count_d",),
        "trigger trigger_update_group_members_count_d was changed",
    ),
    "a trigger that calls another function": (
        (
            "DROP TRIGGER trigger_update_group_members_count ON group_members",
            (
                "CREATE TRIGGER trigger_update_group_members_count AFTER INSERT ON group_members"
                " REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT"
                " EXECUTE FUNCTION update_member_savings_balance()"
            ),
        ),
        "trigger trigger_update_group_members_count was changed",
    ),
    "a function that was changed": (
        (
            (
                "CREATE OR REPLACE FUNCTION update_group_members_count() RETURNS trigger"
                " LANGUAGE plpgsql AS $$BEGIN RETURN NULL; END$$"
            ),
        ),
        "function update_group_members_count was changed",
    ),
    "a trigger that nobody knows": (
        (
            "CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$",
            "CREATE TRIGGER odd BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION stamp()",
        ),
        "trigger odd of users is not known",
    ),
}
COUNTING = "derive_savings_groups_from_group_members_insert"
LAPTOP: dict[str, tuple[tuple[str, ...], str]] = {
    "a table that is gone": (
        ("DROP TABLE member_badges",),
        "table member_badges is missing",
    ),
    "a column that the models have and no migration made": (
        (
            *(
                f"DROP TRIGGER sync_group_settings_{each}"
                for each in ("insert", "update", "delete")
            ),
            "ALTER TABLE group_settings DROP COLUMN agenda",
        ),
        "column group_settings.agenda is missing",
    ),
    "a trigger that is gone": (
        (f"DROP TRIGGER {COUNTING}",),
        f"trigger {COUNTING} is missing",
    ),
    "a trigger that was changed": (
        (
            f"DROP TRIGGER {COUNTING}",
            f"CREATE TRIGGER {COUNTING} AFTER INSERT ON group_members BEGIN SELECT 1; END",
        ),
        f"trigger {COUNTING} was changed",
    ),
    "a trigger that nobody knows": (
        ("CREATE TRIGGER odd AFTER INSERT ON users BEGIN SELECT 1; END",),
        "trigger odd of users is not known",
    ),
}


@pytest.fixture(scope="module")
def meddled(postgres_server: PostgresServer) -> Iterator[db.Status]:
    """Tell how a central database stands after all of it was done to it."""
    with new_central(postgres_server) as central:
        for statements, _ in (BOTH | CENTRAL).values():
            change(central, *statements)
        yield db.status(central)


@pytest.mark.parametrize("name", BOTH | CENTRAL)
def test_drift_of_head_office_is_named(meddled: db.Status, name: str) -> None:
    assert not meddled.ok
    assert (BOTH | CENTRAL)[name][1] in meddled.drift


def test_nothing_else_is_named(meddled: db.Status) -> None:
    known = {sentence for _, sentence in (BOTH | CENTRAL).values()}
    rest = [each for each in meddled.drift if each not in known]
    # The rule that was put in place of another, and what stood on the table that is gone.
    other_rule = "key of meetings (group_id) to savings_groups on delete no action"
    assert [each for each in rest if "member_badges" not in each] == [f"{other_rule} is not known"]


@pytest.mark.parametrize("name", BOTH)
def test_one_change_is_named_once(book: Database, name: str) -> None:
    statements, sentence = BOTH[name]
    change(book, *statements)
    assert db.status(book).drift == [sentence]


@pytest.mark.parametrize("name", LAPTOP)
def test_drift_of_a_laptops_book_is_named(book: Database, name: str) -> None:
    statements, sentence = LAPTOP[name]
    change(book, *statements)
    status = db.status(book)
    assert not status.ok
    assert sentence in status.drift


def test_an_older_revision_is_named(database: Database) -> None:
    table = "alembic_version" if database.dialect == "sqlite" else "sync.alembic_version"
    change(database, f"UPDATE {table} SET version_num = '0001'")  # noqa: S608
    status = db.status(database)
    assert status.revision == "0001"
    assert status.drift == [f"revision is 0001, expected {releases()[-1]}"]


PUT_BACK = [
    "a trigger that is gone",
    "a trigger that calls another function",
    "a trigger that was switched off",
    "a function that was changed",
]


def test_programs_of_head_office_are_put_back(central: Database) -> None:
    for name in PUT_BACK:
        change(central, *CENTRAL[name][0])
    assert len(db.status(central).drift) == len(PUT_BACK)
    db.upgrade(central)
    assert db.status(central).drift == []


@pytest.mark.parametrize(
    "name", ["a trigger that nobody knows", "a trigger that is gone", "a trigger that was changed"]
)
def test_programs_of_a_laptops_book_are_put_back(book: Database, name: str) -> None:
    change(book, *LAPTOP[name][0])
    db.upgrade(book)
    assert db.status(book).drift == []


def test_a_value_that_is_wrong_is_no_drift_of_the_schema(database: Database) -> None:
    with database.connection(writes=True) as connection:
        connection.execute(text("UPDATE saving_types SET name = 'Imigabane' WHERE id = 1"))
    assert db.status(database).ok
