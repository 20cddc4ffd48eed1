"""Shared rows that every database starts with: the same everywhere, and never twice."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from tests.db.field_database import fill_field
from vsla_desktop import db
from vsla_desktop.capture.identity import SEEDS
from vsla_desktop.capture.tables import SEED_KEYS, travel
from vsla_desktop.db.migrate import scripts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection

    from tests.support.postgres import PostgresServer
    from vsla_desktop.db import Database


OWN = UUID("0198a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b")


def identities(connection: Connection, table: str) -> dict[str, str]:
    """Return the identity of each row of a table by its natural key."""
    known = (
        "sync_idmap m ON m.tbl = :number AND m.local_id = t.id"
        if connection.dialect.name == "sqlite"
        else "sync.row_state m ON m.tbl = :number AND m.id = t.id AND NOT m.deleted"
    )
    rows = connection.execute(
        text(f"SELECT t.{SEED_KEYS[table]}, m.su FROM {table} t JOIN {known}"),  # noqa: S608
        {"number": travel(table).number},
    )
    return {name: str(su).replace("-", "") for name, su in rows}


def fixed(table: str) -> dict[str, str]:
    return {name: su.hex for name, su in SEEDS[table].items()}


@pytest.mark.parametrize("table", sorted(SEEDS))
def test_shared_rows_are_the_same_everywhere(database: Database, table: str) -> None:
    with database.connection() as connection:
        assert identities(connection, table) == fixed(table)


def test_badges_need_achievements_that_there_are(database: Database) -> None:
    with database.connection() as connection:
        rows = connection.execute(text("SELECT required_achievements FROM achievement_badges"))
        needed: list[Any] = [
            json.loads(each) if isinstance(each, str) else each for each in rows.scalars()
        ]
    assert {name for names in needed for name in names} <= SEEDS["achievements"].keys()
    assert all(needed)


@pytest.fixture(params=["sqlite", "postgresql"])
def last_release(
    request: pytest.FixtureRequest,
    data_dir: Path,
    pg_database: str,
) -> Iterator[Database]:
    """Open a database as the release before these rows left it, in use."""
    opened = db.connect(
        f"sqlite:///{data_dir / 'vsla.db'}" if request.param == "sqlite" else pg_database
    )
    config = Config()
    config.set_main_option("script_location", str(scripts()))
    with opened.connection(writes=True) as connection:
        if request.param == "postgresql":
            connection.execute(text("CREATE SCHEMA IF NOT EXISTS sync"))
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        # What that release's own programs noted of a row of one's own.
        connection.execute(text("INSERT INTO services (name) VALUES ('Loans')"))
        number = travel("services").number
        if request.param == "sqlite":
            values = f"{number}, max(id), '{OWN.hex}'"
            connection.execute(
                text(f"INSERT INTO sync_idmap (tbl, local_id, su) SELECT {values} FROM services")  # noqa: S608
            )
            connection.execute(
                text(
                    "INSERT INTO sync_dirty (su, tbl, local_id, op, at)"
                    " SELECT su, tbl, local_id, 'I', 0 FROM sync_idmap"
                )
            )
        else:
            values = f"'{OWN}', {number}, max(id), 1, pg_current_xact_id(), false"
            connection.execute(
                text(
                    "INSERT INTO sync.row_state (su, tbl, id, ver, xid, deleted)"  # noqa: S608
                    f" SELECT {values} FROM services"
                )
            )
    yield opened
    opened.close()


def test_an_upgrade_adds_what_is_not_there_by_name(last_release: Database) -> None:
    with last_release.connection() as connection:
        before = identities(connection, "services")
    db.upgrade(last_release)
    db.upgrade(last_release)
    with last_release.connection() as connection:
        for table in SEEDS:
            assert identities(connection, table) == fixed(table) | (
                before if table == "services" else {}
            )
        if last_release.dialect == "sqlite":
            waits = connection.execute(text("SELECT tbl, op FROM sync_dirty")).all()
            assert [tuple(each) for each in waits] == [(travel("services").number, "I")]


def test_the_field_keeps_its_own_rows_of_the_same_name(postgres_server: PostgresServer) -> None:
    with postgres_server.database(template=postgres_server.template("field", fill_field)) as url:
        central = db.connect(url)
        with central.connection() as connection:
            for statement in (
                "UPDATE services SET name = 'Loans', description = 'ours' WHERE id = 7",
                "UPDATE achievements SET name = 'Officer' WHERE id = 8",
            ):
                connection.execute(text(statement))
        db.init_central(central, settle="recompute")
        with central.connection() as connection:
            kept = connection.execute(text("SELECT description FROM services WHERE name = 'Loans'"))
            assert kept.scalars().all() == ["ours"]
            for table in SEEDS:
                assert fixed(table).items() <= identities(connection, table).items()
        central.close()
