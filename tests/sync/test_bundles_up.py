"""From a laptop to head office on a stick: applied once, in any order, by whatever way."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sync.books import fill_group, post
from tests.sync.crash import POWER_CUT
from tests.sync.laptop import Laptop, assert_same, new_laptop, read
from tests.sync.test_documents import add, at_head_office, content_of
from vsla_desktop.db import Database
from vsla_desktop.errors import SyncError
from vsla_desktop.sync import load_enrolment, push, revoke_device
from vsla_desktop.sync.bundle import export_bundle
from vsla_desktop.sync.bundle_file import UP, Header, opened, writing
from vsla_desktop.sync.bundle_office import Taken, take_bundle
from vsla_desktop.sync.devices import office_keys
from vsla_desktop.sync.keys import Keys, PublicKeys
from vsla_desktop.sync.report import SyncReport


def carry(laptop: Laptop, file: Path, *, with_documents: bool = False) -> SyncReport:
    return export_bundle(laptop.database, laptop.folder, file, with_documents=with_documents)


def header_of(file: Path) -> Header:
    with opened(file) as bundle:
        return bundle.header


def stands(central: Database) -> list[Any]:
    """What head office holds: that nothing changed is seen by comparing two of these."""
    tables = ("sync.row_state", "sync.batch", "sync.blob", "sync.carried", "group_transactions")
    found: list[Any] = [
        read(central, f"SELECT count(*), max(t::text) FROM {table} t")  # noqa: S608
        for table in tables
    ]
    return found + read(central, "SELECT last_batch, asked, status FROM sync.device ORDER BY name")


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    made = tmp_path / "stick"
    made.mkdir()
    return made


def test_what_waits_arrives_on_a_stick(laptop: Laptop, central: Database, stick: Path) -> None:
    fill_group(laptop)
    post(laptop, 100)
    file = stick / "up.vslab"
    report = carry(laptop, file)
    assert (report.batches, report.rows_sent, report.waiting) == (1, 107, 107)
    header = header_of(file)
    assert (header.kind, header.name, header.first, header.last) == (UP, "laptop", 1, 1)
    taken = take_bundle(central, file)
    assert taken == Taken("laptop", batches=1, rows=107)
    assert read(central, "SELECT n, via FROM sync.batch") == [(1, "bundle")]
    assert take_bundle(central, file) == Taken("laptop", known=1)
    # The laptop learns by network that what it carried has arrived.
    assert laptop.push().batches == 1
    assert_same(laptop, central)
    assert read(central, "SELECT n, via FROM sync.batch") == [(1, "bundle")]


def test_every_file_holds_all_that_is_not_acknowledged(
    laptop: Laptop, central: Database, stick: Path
) -> None:
    fill_group(laptop)
    carry(laptop, stick / "first.vslab")
    post(laptop, 5)
    carry(laptop, stick / "second.vslab")
    assert header_of(stick / "second.vslab").first == 1
    assert take_bundle(central, stick / "second.vslab").batches == 2
    assert take_bundle(central, stick / "first.vslab") == Taken("laptop", known=1)
    laptop.push()
    assert_same(laptop, central)


def test_a_file_that_comes_too_early_says_which_batch_is_missing(
    laptop: Laptop, central: Database, stick: Path
) -> None:
    fill_group(laptop)
    carry(laptop, stick / "first.vslab")
    # As after a backup of the laptop's own was acknowledged elsewhere: the second holds only two.
    laptop.run("UPDATE sync_outbox SET state = 'acked'")
    post(laptop, 5)
    carry(laptop, stick / "second.vslab")
    before = stands(central)
    with pytest.raises(SyncError, match="Batch 1 of laptop is missing here"):
        take_bundle(central, stick / "second.vslab")
    assert stands(central) == before
    take_bundle(central, stick / "first.vslab")
    assert take_bundle(central, stick / "second.vslab").batches == 1
    laptop.push()
    assert_same(laptop, central)


def test_nothing_to_send_still_makes_a_file(laptop: Laptop, central: Database, stick: Path) -> None:
    file = stick / "empty.vslab"
    assert carry(laptop, file).batches == 0
    assert (header_of(file).first, header_of(file).last) == (0, 0)
    assert take_bundle(central, file) == Taken("laptop")
    [(asked,)] = read(central, "SELECT asked FROM sync.device")
    assert asked["acked"] == 0


def test_documents_go_along_when_asked_for(
    laptop: Laptop, central: Database, stick: Path, tmp_path: Path
) -> None:
    fill_group(laptop)
    digest = add(laptop, 700_000, tmp_path)
    assert carry(laptop, stick / "plain.vslab").documents_sent == 0
    assert carry(laptop, stick / "full.vslab", with_documents=True).documents_sent == 1
    assert take_bundle(central, stick / "full.vslab").documents == 1
    assert take_bundle(central, stick / "full.vslab").documents == 0
    assert at_head_office(central, digest) == content_of(700_000)


def altered(file: Path, laptop: Laptop, central: Database, **changes: str) -> Path:
    """Sign a file anew, as its laptop, with another header."""
    told = load_enrolment(laptop.folder)
    own, office = Keys.from_text(told.bundle_secret), PublicKeys.from_text(told.office_keys)
    with central.connection(writes=True) as connection:
        theirs = office_keys(connection)
    other = file.with_name("altered.vslab")
    with opened(file) as bundle:
        header = replace(bundle.header, **changes)  # type: ignore[arg-type]
        with writing(other, header, own, office) as writer:
            for part in bundle.parts(theirs, own.public):
                writer.add(part.info, part.content)
    return other


def test_what_is_not_for_us_changes_nothing_and_says_why(
    laptop: Laptop,
    central: Database,
    stick: Path,
    tmp_path: Path,
    new_centre: Callable[[], AbstractContextManager[Database]],
) -> None:
    fill_group(laptop)
    file = stick / "up.vslab"
    carry(laptop, file)
    before = stands(central)
    with new_centre() as elsewhere:
        with pytest.raises(SyncError, match="for another head office"):
            take_bundle(elsewhere, file)
        assert read(elsewhere, "SELECT count(*) FROM sync.batch") == [(0,)]
    other = new_laptop(tmp_path / "other", central)
    theirs = load_enrolment(other.folder).device_id
    wrong = {
        "is for the laptop laptop": {"kind": "down"},
        "not enrolled here": {"device": theirs.replace(theirs[:8], "00000000")},
        "damaged or changed": {"device": theirs},
        "before head office was restored": {"epoch": theirs},
    }
    other.close()
    before = stands(central)
    for sentence, change in wrong.items():
        with pytest.raises(SyncError, match=sentence):
            take_bundle(central, altered(file, laptop, central, **change))
        assert stands(central) == before
    revoke_device(central, "laptop")
    before = stands(central)
    with pytest.raises(SyncError, match="no longer takes entries from laptop"):
        take_bundle(central, file)
    assert stands(central) == before


def test_a_damaged_file_changes_nothing(laptop: Laptop, central: Database, stick: Path) -> None:
    fill_group(laptop)
    carry(laptop, stick / "up.vslab")
    whole = (stick / "up.vslab").read_bytes()
    bad = stick / "bad.vslab"
    before = stands(central)
    for place in range(0, len(whole), 97):
        content = bytearray(whole)
        content[place] ^= 0x20
        bad.write_bytes(content)
        with pytest.raises(SyncError):
            take_bundle(central, bad)
        bad.write_bytes(whole[:place])
        with pytest.raises(SyncError):
            take_bundle(central, bad)
    assert stands(central) == before
    take_bundle(central, stick / "up.vslab")
    laptop.push()
    assert_same(laptop, central)


def test_a_copied_book_is_found_out(laptop: Laptop, central: Database, stick: Path) -> None:
    fill_group(laptop)
    carry(laptop, stick / "one.vslab")
    with laptop.database.connection(writes=True) as connection:
        connection.exec_driver_sql("DELETE FROM sync_outbox")
    post(laptop, 2)
    carry(laptop, stick / "two.vslab")
    take_bundle(central, stick / "one.vslab")
    before = stands(central)
    with pytest.raises(SyncError, match="copied or restored"):
        take_bundle(central, stick / "two.vslab")
    assert stands(central) == before


def batches(payload: dict[str, object], rows: str = "") -> bytes:
    return json.dumps(payload).encode() + b"\n" + rows.encode()


def test_a_hostile_laptop_reaches_no_further_by_stick(
    laptop: Laptop, central: Database, stick: Path
) -> None:
    fill_group(laptop)
    carry(laptop, stick / "up.vslab")
    header = header_of(stick / "up.vslab")
    told = load_enrolment(laptop.folder)
    own, office = Keys.from_text(told.bundle_secret), PublicKeys.from_text(told.office_keys)
    good = {"format": 1, "device": told.device_id, "n": 1, "columns": ["tbl", "ord", "op", "su"]}
    request = {"acked": 0, "lo": {}, "whole": [], "here": [], "settled": {}}
    hostile: list[tuple[dict[str, object], bytes]] = [
        ({"part": "batch", "n": 1, "rows": 0}, b"no line at all"),
        ({"part": "batch", "n": 2, "rows": 0}, batches(good)),
        ({"part": "batch", "n": "1; DROP", "rows": 0}, batches(good)),
        ({"part": "batch", "n": 1, "rows": 0}, batches({**good, "device": "someone else"})),
        ({"part": "batch", "n": 1, "rows": 0}, batches({**good, "columns": ["tx"]})),
        ({"part": "batch", "n": 1, "rows": 0}, batches({**good, "columns": ["trouble"]})),
        (
            {"part": "batch", "n": 1, "rows": 0},
            batches({**good, "columns": ["tbl) FROM PROGRAM 'true' --"]}),
        ),
        ({"part": "batch", "n": 1, "rows": 0}, batches({**good, "columns": "tbl"})),
        ({"part": "batch", "n": 1, "rows": 9}, batches(good)),
        ({"part": "batch", "n": 1, "rows": 1}, batches(good, "1,1,I,not an identity\n")),
        ({"part": "request"}, b"[" * 100_000),
        ({"part": "request"}, b"[]"),
    ]
    wrong: list[dict[str, object]] = [
        {"acked": "x"},
        {"lo": []},
        {"lo": {"": "1; DROP"}},
        {"lo": {"": str(1 << 63)}},
        {"here": 3},
        {"whole": None},
        {"settled": "all"},
    ]
    hostile += [({"part": "request"}, json.dumps({**request, **each}).encode()) for each in wrong]
    before = stands(central)
    for info, content in hostile:
        file = stick / "hostile.vslab"
        with writing(file, header, own, office) as writer:
            writer.add(info, content)
        with pytest.raises(SyncError):
            take_bundle(central, file)
        assert stands(central) == before
    # What it may not know the name of, it can not place either; what nobody knows is passed over.
    with writing(stick / "odd.vslab", header, own, office) as writer:
        writer.add({"part": "document", "sha256": "0" * 64}, b"nobody names it")
        writer.add({"part": "of a later release"}, b"")
    assert take_bundle(central, stick / "odd.vslab") == Taken("laptop")
    assert stands(central) == before


POWER_FAILS = """
import os, sys
from pathlib import Path
from vsla_desktop import db
from vsla_desktop.sync.bundle_office import take_bundle
def failpoint(step):
    if step == sys.argv[3]:
        os._exit(int(sys.argv[4]))
take_bundle(db.connect(sys.argv[1]), Path(sys.argv[2]), failpoint=failpoint)
"""


@pytest.mark.parametrize("step", ["applied", "committed"])
def test_a_power_cut_at_head_office_loses_and_doubles_nothing(
    laptop: Laptop, central: Database, stick: Path, step: str
) -> None:
    fill_group(laptop)
    file = stick / "up.vslab"
    carry(laptop, file)
    url = central.engine.url.render_as_string(hide_password=False)
    ended = subprocess.run(
        [sys.executable, "-c", POWER_FAILS, url, str(file), step, str(POWER_CUT)],
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert ended.returncode == POWER_CUT
    taken = take_bundle(central, file)
    assert (taken.batches, taken.known) == ((1, 0) if step == "applied" else (0, 1))
    laptop.push()
    assert_same(laptop, central)


@given(
    st.lists(st.sampled_from(["post", "export", "take", "push", "lost push"]), max_size=25),
    st.randoms(use_true_random=False),
)
@settings(max_examples=12)
def test_stick_and_network_mix_in_any_order(
    new_centre: Callable[[], AbstractContextManager[Database]],
    tmp_path_factory: pytest.TempPathFactory,
    steps: list[str],
    choose: object,
) -> None:
    folder = tmp_path_factory.mktemp("mix")
    with new_centre() as central:
        laptop = new_laptop(folder / "laptop", central)
        fill_group(laptop)
        files: list[Path] = []
        posted = 0
        for step in steps:
            match step:
                case "post":
                    post(laptop, 3, first=10 * posted)
                    posted += 1
                case "export":
                    files.append(folder / f"{len(files)}.vslab")
                    carry(laptop, files[-1])
                case "take" if files:
                    take_bundle(central, choose.choice(files))  # type: ignore[attr-defined]
                case "push":
                    laptop.push()
                case "lost push":
                    lose_the_reply(laptop)
        for file in files:
            take_bundle(central, file)
        laptop.push()
        assert_same(laptop, central)
        assert read(central, "SELECT count(*) FROM group_transactions") == [(3 * posted,)]
        laptop.close()


class LostError(Exception):
    """The reply did not come."""


def lose_the_reply(laptop: Laptop) -> None:
    def failpoint(step: str) -> None:
        if step == "committed":
            raise LostError

    with suppress(LostError):
        push(laptop.database, laptop.folder, failpoint=failpoint)
