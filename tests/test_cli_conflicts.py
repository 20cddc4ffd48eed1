"""``vsla sync conflicts``: listing, settling, and taking a choice back."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.presenters.book_of_group import after_one_meeting
from tests.services.village import Village
from vsla_desktop import cli
from vsla_desktop.db import Database


@dataclass
class Ended:
    status: int
    out: str
    err: str

    @property
    def told(self) -> Any:
        return json.loads(self.out)


Conflicts = Callable[..., Ended]


@pytest.fixture
def conflicts(
    book: Database,
    data_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Conflicts:
    """Run ``vsla sync conflicts`` on a book whose Amina has another telephone at head office."""
    after_one_meeting(Village(book))
    with book.connection(writes=True) as connection:
        run = connection.exec_driver_sql
        run("DELETE FROM sync_dirty")
        run("UPDATE sync_applying SET v = 1")
        run("UPDATE group_members SET phone_number = '0773 2' WHERE id = 1")
        run("UPDATE sync_applying SET v = 0")
        run(
            "INSERT INTO sync_conflict (n, tbl, su, kind, col, mine, theirs, found_at)"
            " SELECT 1, 'group_members', su, 'changed', 'phone_number', '0772 1', '0773 2', 'now'"
            " FROM sync_idmap WHERE tbl = 10 AND local_id = 1"
        )

    def ended(*words: object) -> Ended:
        said = ["vsla", "sync", "conflicts", *map(str, words), "--data", str(data_dir)]
        monkeypatch.setattr("sys.argv", said)
        status = 0
        try:
            cli.main()
        except SystemExit as end:
            status = int(end.code or 0)
        told = capsys.readouterr()
        return Ended(status, told.out, told.err)

    return ended


def phone(book: Database) -> str:
    with book.connection() as connection:
        found: str = connection.exec_driver_sql(
            "SELECT phone_number FROM group_members WHERE id = 1"
        ).scalar_one()
    return found


def test_both_values_are_listed(conflicts: Conflicts) -> None:
    ended = conflicts()
    assert ended.status == 1
    assert ended.out.startswith("1  Another value at head office: Member, Amina Nakato")
    assert "Telephone: 0772 1 here, 0773 2 at head office." in ended.out
    (told,) = conflicts("--json").told
    assert (told["number"], told["mine"], told["theirs"]) == (1, "0772 1", "0773 2")


def test_a_value_is_settled_and_taken_back(conflicts: Conflicts, book: Database) -> None:
    assert conflicts("settle", 1, "--mine").status == 0
    assert phone(book) == "0772 1"
    assert conflicts().out.strip() == "Nothing is to be settled."
    assert conflicts("undo").status == 0
    assert phone(book) == "0773 2"
    assert conflicts("settle", 1, "--value", "0774-333 444", "--json").told == {
        "number": 1,
        "choice": "other",
    }
    assert phone(book) == "0774 333 444"


def test_what_can_not_be_is_told_and_nothing_is_changed(
    conflicts: Conflicts, book: Database
) -> None:
    wrong = conflicts("settle", 1, "--value", "seven")
    assert (wrong.status, wrong.err.split(".")[0]) == (1, "value: Enter a phone number")
    assert conflicts("settle", 2, "--keep").status == 1
    assert conflicts("settle", 1).status == 2
    assert conflicts("settle", 1, "--keep", "--mine").status == 2
    assert conflicts("undo").status == 1
    assert phone(book) == "0773 2"
    assert conflicts().status == 1
