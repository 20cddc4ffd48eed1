"""``vsla central``: what head office does with its laptops, as it is typed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.sync.books import fill_group, post
from tests.sync.laptop import Laptop, new_laptop, read, run
from vsla_desktop import cli, db
from vsla_desktop.db import Database
from vsla_desktop.sync import store_enrolment


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def told(self) -> Any:
        return json.loads(self.out)


Central = Callable[..., Ended]


@pytest.fixture
def office(
    central: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Central:
    """Run a command of head office as if it were typed."""
    address = central.engine.url.render_as_string(hide_password=False)

    def run_it(*words: object) -> Ended:
        monkeypatch.setattr("sys.argv", ["vsla", "central", *map(str, words), "--url", address])
        status = 0
        try:
            cli.main()
        except SystemExit as end:
            status = int(end.code or 0)
        said = capsys.readouterr()
        return Ended(status, said.out, said.err)

    return run_it


@pytest.fixture
def owner(central: Database, tmp_path: Path) -> Iterator[Laptop]:
    made = new_laptop(tmp_path / "owner", central, groups=[])
    fill_group(made)
    made.push()
    yield made
    made.close()


@pytest.mark.usefixtures("owner")
def test_a_laptop_is_given_groups_and_they_are_taken_again(office: Central, tmp_path: Path) -> None:
    out = tmp_path / "second.json"
    enrol = ("enrol", "--device", "second", "--out", out, "--groups")
    refused = office(*enrol, "U1")
    assert (refused.status, "Laptop owner writes the book of U1" in refused.err) == (3, True)
    assert office(*enrol, "U9").status == 3
    assert office(*enrol, "*", "--read-only").status == 3
    let_in = office(*enrol, "U1", "--read-only", "--no-new-groups")
    assert let_in.status == 0
    assert "Tell its code apart from the file: " in let_in.err
    [owner, second] = office("status", "--json").told["laptops"]
    assert (second["groups"], second["may_open_groups"]) == (
        [{"code": "U1", "is_writable": False}],
        False,
    )
    assert (owner["last_batch"], owner["quarantined"]) == (1, 0)
    assert owner["rows_today"] == 7
    assert office("unassign", "--device", "owner", "--group", "U1").status == 0
    given = office("assign", "--device", "second", "--group", "U1", "--json")
    assert given.told == {"device": "second", "group": "U1", "writable": True}
    words = office("status").out
    assert "second: U1; last seen never, batch 0;" in words
    assert "owner: no group; last seen 2" in words


def test_a_renewed_laptop_goes_on_from_its_new_file(
    office: Central, owner: Laptop, tmp_path: Path
) -> None:
    out = tmp_path / "anew.json"
    assert office("renew", "--device", "nobody", "--out", out).status == 3
    told = office("renew", "--device", "owner", "--out", out, "--json").told
    store_enrolment(out, owner.folder, code=told["code"])
    post(owner, 2)
    assert owner.push().rows_sent == 2


def test_what_is_to_be_settled_is_listed_with_both_values(
    office: Central, owner: Laptop, central: Database
) -> None:
    assert (office("conflicts").status, office("conflicts").out) == (
        0,
        "Nothing is to be settled.\n",
    )
    run(central, "UPDATE group_members SET occupation = 'smith' WHERE id = 1")
    owner.run("UPDATE group_members SET occupation = 'potter' WHERE id = 1")
    owner.run("UPDATE users SET role = 'boss'")
    owner.push()
    ended = office("conflicts", "--json")
    assert ended.status == 1
    found = {each["is_refused"]: each for each in ended.told}
    differs, refused = found[False], found[True]
    assert (differs["laptop"], differs["group"], differs["table"], differs["column"]) == (
        "owner",
        "U1",
        "group_members",
        "occupation",
    )
    assert (differs["mine"], differs["theirs"]) == ("potter", "smith")
    assert (refused["table"], refused["kind"]) == ("users", "denied")
    words = office("conflicts").out
    assert "owner: U1 group_members.occupation sent 'potter', 'smith' stands" in words
    assert "users not taken (denied)" in words


@pytest.mark.usefixtures("owner")
def test_verify_finds_what_sync_keeps_wrongly(office: Central, central: Database) -> None:
    whole = office("verify", "--json")
    assert (whole.status, whole.told["sync"], whole.told["ok"]) == (0, [], True)
    run(central, "UPDATE sync.row_state SET scope = 77 WHERE tbl = 10 AND id = 2")
    run(central, "DELETE FROM sync.row_state WHERE tbl = 10 AND id = 3")
    run(
        central,
        "INSERT INTO sync.row_state (su, tbl, id, ver, xid, deleted)"
        " VALUES ('00000000-0000-4000-8000-000000000001', 10, 99, 1, '1', false)",
    )
    run(central, "UPDATE sync.device SET last_batch = 5")
    broken = office("verify", "--json")
    assert (broken.status, broken.told["ok"]) == (1, False)
    assert broken.told["sync"] == [
        "row 3 of group_members has no identity",
        "the identity 00000000-0000-4000-8000-000000000001 of group_members has no row",
        "row 2 of group_members is said to be group 77's, not 1's",
        "the batches of owner are 1, up to 1, but 5 are counted",
    ]
    assert "sync: row 3 of group_members has no identity" in office("verify").out


def test_what_is_held_open_is_seen_and_ended(office: Central, central: Database) -> None:
    other = db.connect(central.engine.url.render_as_string(hide_password=False))
    with other.connection(writes=True) as connection:
        connection.exec_driver_sql("SELECT pg_current_xact_id()")
        held = office("status", "--json").told["oldest_transaction"]
        assert (held["state"], held["seconds"] >= 0) == ("idle in transaction", True)
        assert "Laptops fetch more than once what came since." in office("status").out
        # It is no laptop's.
        assert office("reap", "--seconds", 1, "--json").told == {"ended": []}
        connection.exec_driver_sql("SELECT 1")
    other.close()
    assert read(central, "SELECT 1") == [(1,)]
    assert office("reap", "--seconds", 0).status == 2
