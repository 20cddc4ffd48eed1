"""Laptops and head office are one release apart, each way: nothing is lost, and nothing waits long.

The next release is :mod:`tests.sync.later`, a program of its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from tests.sync.books import fill_group, post
from tests.sync.laptop import PASSPHRASE, Laptop, new_laptop, read
from vsla_desktop import db, sync
from vsla_desktop.db import Database
from vsla_desktop.presenters.sync_words import reason_words

ROOT = Path(__file__).parents[2]
NICKNAME = "UPDATE group_members SET nickname = 'Mina' WHERE first_name = 'Amina'"
SONG = "INSERT INTO group_songs (group_id, title) SELECT min(id), 'Twende' FROM savings_groups"


@pytest.fixture
def laptop(central: Database, tmp_path: Path) -> Iterator[Laptop]:
    """A laptop of this release that writes a group's book."""
    made = new_laptop(tmp_path / "laptop", central, groups=[])
    fill_group(made)
    meet(made)
    yield made
    made.close()


@pytest.fixture
def other(laptop: Laptop, central: Database) -> Iterator[Laptop]:
    """A laptop that has all groups, also the one that stands already."""
    made = new_laptop(laptop.folder.parent / "other", central)
    meet(made)
    yield made
    made.close()


def meet(laptop: Laptop) -> None:
    sync.run(laptop.database, laptop.folder)


def later(*told: str) -> None:
    """Run the next release."""
    subprocess.run(
        [sys.executable, "-m", "tests.sync.later", *told],
        cwd=ROOT,
        env=os.environ | {"VSLA_PASSPHRASE": PASSPHRASE},
        check=True,
    )


def raise_office(central: Database) -> None:
    central.engine.dispose()
    later("office", central.engine.url.render_as_string(hide_password=False))


def entered_later(laptop: Laptop, *statements: str) -> None:
    """Bring a laptop to the next release, enter something there, and let it sync."""
    laptop.close()
    later("laptop", str(laptop.folder), *statements)
    laptop.database = db.connect(f"sqlite:///{laptop.folder / 'vsla.db'}")


def refused(laptop: Laptop) -> list[tuple[str, ...]]:
    return laptop.read("SELECT op, reason FROM sync_quarantine ORDER BY tbl, op")


def test_an_older_laptop_goes_on_with_a_newer_head_office(
    laptop: Laptop, other: Laptop, central: Database
) -> None:
    raise_office(central)
    entered_later(other, NICKNAME, SONG)
    laptop.run("UPDATE group_members SET occupation = 'weaver' WHERE first_name = 'Amina'")
    laptop.run(
        "INSERT INTO group_members (group_id, first_name, last_name, gender, joined_date)"
        " VALUES (1, 'Zawadi', 'X', 'F', '2026-01-12')"
    )
    post(laptop, 3)
    for _ in range(2):
        meet(laptop)
    # What it has no place for it keeps; head office's stays as it was.
    assert laptop.read("SELECT waits_for FROM sync_inq") == [("release",), ("release",)]
    assert read(
        central,
        "SELECT first_name, nickname, left_handed, occupation FROM group_members"
        " WHERE nickname IS NOT NULL OR first_name = 'Zawadi' ORDER BY 1",
    ) == [("Amina", "Mina", False, "weaver"), ("Zawadi", None, False, None)]
    assert laptop.read("SELECT count(*) FROM sync_quarantine") == [(0,)]
    # Once it is updated itself, nothing is missing.
    entered_later(laptop, "UPDATE group_members SET left_handed = 1 WHERE first_name = 'Amina'")
    told = "SELECT nickname, left_handed, occupation FROM group_members WHERE id = 1"
    assert laptop.read(told) == [("Mina", 1, "weaver")]
    assert laptop.read("SELECT title FROM group_songs") == [("Twende",)]
    assert laptop.read("SELECT count(*) FROM sync_inq") == [(0,)]
    assert read(central, told) == [("Mina", True, "weaver")]


def test_a_newer_laptop_sends_what_an_older_head_office_knows_and_the_rest_waits(
    laptop: Laptop, other: Laptop, central: Database
) -> None:
    post(laptop, 3)
    entered_later(
        laptop,
        NICKNAME,
        "UPDATE group_members SET occupation = 'weaver' WHERE first_name <> 'Amina'",
        "INSERT INTO group_members (group_id, first_name, last_name, gender, left_handed)"
        " VALUES (1, 'Zawadi', 'X', 'F', 1)",
        "INSERT INTO group_transactions (group_id, member_id, amount, transaction_type)"
        " SELECT 1, id, 5000, 'SAVINGS_DEPOSIT' FROM group_members WHERE first_name = 'Zawadi'",
        SONG,
    )
    assert refused(laptop) == [("I", "newer"), ("U", "newer"), ("I", "incomplete"), ("I", "newer")]
    assert reason_words("newer").startswith("Head office has an older program.")
    assert read(central, "SELECT count(*) FROM group_transactions") == [(3,)]
    assert read(central, "SELECT count(*) FROM group_members WHERE occupation = 'weaver'") == [(2,)]
    # Head office follows: once the laptop has heard of it, what waited goes by itself.
    raise_office(central)
    entered_later(laptop)
    assert refused(laptop) == []
    assert laptop.read("SELECT count(*) FROM sync_conflict") == [(0,)]
    assert read(
        central,
        "SELECT m.first_name, m.nickname, m.left_handed, t.amount FROM group_members m"
        " LEFT JOIN group_transactions t ON t.member_id = m.id AND t.amount = 50"
        " WHERE m.nickname IS NOT NULL OR m.left_handed ORDER BY 1",
    ) == [("Amina", "Mina", False, None), ("Zawadi", None, True, Decimal(50))]
    assert read(central, "SELECT count(*) FROM group_transactions") == [(4,)]
    assert read(central, "SELECT title FROM group_songs") == [("Twende",)]
    # Whoever is still of the older release has all that it knows of.
    meet(other)
    assert other.read("SELECT count(*) FROM group_transactions") == [(4,)]
    assert other.read("SELECT count(*) FROM group_members WHERE first_name = 'Zawadi'") == [(1,)]
