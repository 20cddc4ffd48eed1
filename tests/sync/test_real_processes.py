"""The program and head office's server as processes that are killed while they work."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.db.books import fill_central
from tests.services.village import Village
from tests.support.postgres import PostgresServer, running_server
from tests.sync.laptop import (
    PASSPHRASE,
    Laptop,
    assert_same,
    keep,
    new_laptop,
    read,
)
from tests.sync.proxy import network
from vsla_desktop import db, sync
from vsla_desktop.db import Database
from vsla_desktop.db.verify import verify
from vsla_desktop.sync import load_enrolment

ROOT = Path(__file__).parents[2]


@pytest.fixture
def groups(central: Database, tmp_path: Path) -> Iterator[list[Laptop]]:
    """Two laptops, each with the book of a group whose first meeting is open."""
    made = two_groups(central, tmp_path)
    yield made
    for laptop in made:
        laptop.close()


def two_groups(central: Database, folder: Path) -> list[Laptop]:
    made = []
    for number in (1, 2):
        laptop = new_laptop(folder / f"laptop {number}", central)
        Village(laptop.database, code=f"TST-{number}").form().meet(present=True)
        laptop.close()
        made.append(laptop)
    return made


@contextmanager
def treasurer(laptop: Laptop, turn: int) -> Iterator[subprocess.Popen[str]]:
    """Let a treasurer work, and kill the process in the end, wherever it is."""
    working = subprocess.Popen(
        [
            *(sys.executable, "-m", "tests.sync.treasurer"),
            *(str(laptop.folder), f"{laptop.folder.name}.{turn}"),
        ],
        cwd=ROOT,
        env=os.environ | {"VSLA_PASSPHRASE": PASSPHRASE},
        stdout=subprocess.PIPE,
        text=True,
    )
    with working:
        try:
            yield working
        finally:
            working.kill()


def heard(working: subprocess.Popen[str], lines: int) -> list[str]:
    """Return what the treasurer was told, up to so many lines."""
    assert working.stdout is not None
    told = [working.stdout.readline().strip() for _ in range(lines)]
    assert all(told), "the treasurer stopped by itself"
    return told


def rest(working: subprocess.Popen[str]) -> list[str]:
    """Kill the treasurer, and return what was still told: that was acknowledged, too."""
    working.kill()
    assert working.stdout is not None
    lines = working.stdout.read().split("\n")
    return lines[:-1]  # The last one may be cut.


def entries(told: list[str]) -> list[str]:
    return [line for line in told if line.startswith("Entry ")]


def all_is_there(laptops: list[Laptop], central: Database, acknowledged: list[str]) -> None:
    """Put everything right, and find every acknowledged entry once on all three sides."""
    opened = [Laptop(each.folder, db.open_database(each.folder / "vsla.db")) for each in laptops]
    try:
        for laptop in opened * 2:
            sync.run(laptop.database, laptop.folder)
        stand = [
            line
            for (line,) in read(
                central,
                "SELECT description FROM group_transactions WHERE description LIKE 'Entry %%'",
            )
        ]
        assert len(stand) == len(set(stand))
        assert set(acknowledged) <= set(stand)
        # What was committed a moment before the kill was not told any more.
        assert len(stand) <= len(acknowledged) + len(acknowledged) // 2 + 8
        for laptop in opened:
            assert_same(laptop, central)
            with laptop.database.connection() as connection:
                assert verify(connection).ok
        with central.connection() as connection:
            assert verify(connection).ok
    finally:
        for laptop in opened:
            laptop.close()


def test_a_program_that_is_killed_anywhere_loses_and_doubles_nothing(
    groups: list[Laptop], central: Database
) -> None:
    choose = random.Random(1)  # noqa: S311 - made up
    acknowledged: list[str] = []
    for turn in range(4):
        with treasurer(groups[0], turn) as first, treasurer(groups[1], turn) as second:
            for working in choose.sample((first, second), 2):
                acknowledged += entries(heard(working, choose.randrange(1, 60)) + rest(working))
    assert acknowledged
    all_is_there(groups, central, acknowledged)


def test_a_server_that_is_killed_anywhere_loses_and_doubles_nothing(tmp_path: Path) -> None:
    choose = random.Random(2)  # noqa: S311 - made up
    with running_server(durable=True) as server:
        name = server.create_database()
        fill_central(server.url(name))
        central = db.connect(server.url(name))
        laptops = two_groups(central, tmp_path)
        acknowledged: list[str] = []
        with treasurer(laptops[0], 0) as first, treasurer(laptops[1], 0) as second:
            for _ in range(4):
                for working in (first, second):
                    acknowledged += entries(heard(working, choose.randrange(1, 80)))
                server.crash()
                told: list[str] = []
                while "offline" not in told:
                    told += heard(first, 1)
                acknowledged += entries(told)
                server.start()
            for working in (first, second):
                acknowledged += entries(heard(working, 40) + rest(working))
        central.close()
        all_is_there(laptops, central, acknowledged)
        central.close()


def test_a_network_that_breaks_at_any_byte_loses_and_doubles_nothing(
    groups: list[Laptop], central: Database, postgres_server: PostgresServer
) -> None:
    choose = random.Random(3)  # noqa: S311 - made up
    acknowledged: list[str] = []
    laptop = groups[0]
    with network(postgres_server.port) as broken:
        through(laptop, broken.port)
        with treasurer(laptop, 0) as working:
            for turn in range(8):
                way = choose.randrange(2)
                limit = broken.passed[way] + int(10 ** choose.uniform(1, 4))
                broken.break_after(**{("up", "down")[way]: limit})
                told: list[str] = []
                while "offline" not in told:
                    told += heard(working, 1)
                broken.mend()
                acknowledged += entries(told + heard(working, 5 + turn))
            acknowledged += entries(rest(working))
    through(laptop, postgres_server.port)
    all_is_there(groups, central, acknowledged)


def through(laptop: Laptop, port: int) -> None:
    keep(replace(load_enrolment(laptop.folder), port=port), laptop.folder)
