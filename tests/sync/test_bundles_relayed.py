"""A laptop with network hands in the files of laptops without, and carries the answers back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sync.books import fill_group, post
from tests.sync.laptop import Laptop, assert_same, new_laptop, read
from tests.sync.test_bundles_down import given_to, take
from tests.sync.test_bundles_up import carry, header_of
from tests.sync.test_documents import swap
from vsla_desktop.capture.blobs import CHUNK
from vsla_desktop.db import Database
from vsla_desktop.errors import SyncError
from vsla_desktop.sync import load_enrolment, revoke_device
from vsla_desktop.sync.bundle import bring_back
from vsla_desktop.sync.bundle_answer import Carried, open_carried
from vsla_desktop.sync.bundle_office import Taken, take_bundle
from vsla_desktop.sync.centre import Centre
from vsla_desktop.sync.documents import Exchanged, to_carry_back, waiting


@pytest.fixture
def far(central: Database, tmp_path: Path) -> Iterator[Laptop]:
    """A laptop that never has network."""
    made = new_laptop(tmp_path / "far", central)
    fill_group(made, "U9", "far")
    post(made, 50)
    yield made
    made.close()


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    made = tmp_path / "stick"
    made.mkdir()
    return made


def test_a_file_is_handed_in_and_its_answer_carried_back(
    laptop: Laptop, far: Laptop, central: Database, stick: Path
) -> None:
    carry(far, stick / "far.vslab")
    imported = take(laptop, stick / "far.vslab")
    assert (imported.is_carried, imported.name) == (True, "far")
    assert take(laptop, stick / "far.vslab").is_carried
    assert len(list(waiting(laptop.folder))) == 1
    assert swap(laptop) == Exchanged(handed_in=1)
    assert list(waiting(laptop.folder)) == []
    with pytest.raises(SyncError, match="Nothing is here to carry to far"):
        bring_back(laptop.folder, "far", stick / "back.vslab")
    rows = 57
    assert open_carried(central) == (Carried("laptop", Taken("far", batches=1, rows=rows)),)
    assert read(central, "SELECT via FROM sync.batch") == [("bundle",)]
    assert open_carried(central) == ()
    assert swap(laptop) == Exchanged(fetched=1)
    assert swap(laptop) == Exchanged()
    assert bring_back(laptop.folder, "far", stick / "back.vslab").name == "far"
    assert take(far, stick / "back.vslab").report.waiting == 0
    assert_same(far, central)


def test_the_newest_answer_is_carried(
    laptop: Laptop, far: Laptop, central: Database, stick: Path
) -> None:
    for number in range(2):
        post(far, 5, first=100 + 10 * number)
        carry(far, stick / f"{number}.vslab")
        take(laptop, stick / f"{number}.vslab")
        swap(laptop)
        open_carried(central)
    assert swap(laptop).fetched == 1
    bring_back(laptop.folder, "far", stick / "back.vslab")
    assert header_of(stick / "back.vslab").last == 2
    take(far, stick / "back.vslab")
    assert_same(far, central)
    assert read(central, "SELECT count(*) FROM sync.blob") == [(1,)]


def test_an_older_answer_here_gives_way_to_a_newer(
    laptop: Laptop, far: Laptop, central: Database, stick: Path
) -> None:
    for number in range(2):
        post(far, 5, first=100 + 10 * number)
        carry(far, stick / f"{number}.vslab")
        take(laptop, stick / f"{number}.vslab")
        swap(laptop)
        open_carried(central)
        swap(laptop)
    assert len(list(to_carry_back(laptop.folder))) == 2
    bring_back(laptop.folder, "far", stick / "back.vslab")
    assert header_of(stick / "back.vslab").last == 2
    assert len(list(to_carry_back(laptop.folder))) == 1


def test_by_two_carriers_and_by_stick_it_comes_once(
    laptop: Laptop, far: Laptop, central: Database, stick: Path, tmp_path: Path
) -> None:
    second = new_laptop(tmp_path / "second", central)
    carry(far, stick / "far.vslab")
    for each in (laptop, second):
        take(each, stick / "far.vslab")
    assert swap(laptop).handed_in == 1
    open_carried(central)
    assert swap(second) == Exchanged(handed_in=1, fetched=1)
    assert take_bundle(central, stick / "far.vslab").known == 1
    assert open_carried(central) == ()
    assert read(central, "SELECT count(*) FROM sync.batch WHERE via = 'bundle'") == [(1,)]
    second.close()


def test_files_of_one_laptop_are_opened_in_their_order(
    laptop: Laptop, far: Laptop, central: Database, stick: Path
) -> None:
    carry(far, stick / "a.vslab")
    far.run("UPDATE sync_outbox SET state = 'acked'")
    post(far, 5, first=900)
    carry(far, stick / "b.vslab")
    for name in ("b", "a"):
        take(laptop, stick / f"{name}.vslab")
        swap(laptop)
    found = open_carried(central)
    assert [each.taken.batches for each in found if each.taken] == [1, 1]


def test_what_can_not_be_taken_is_said_and_holds_nothing_up(
    laptop: Laptop, far: Laptop, central: Database, stick: Path
) -> None:
    carry(far, stick / "far.vslab")
    content = bytearray((stick / "far.vslab").read_bytes())
    content[-1] ^= 1
    (stick / "bad.vslab").write_bytes(content)
    for name in ("bad", "far"):
        take(laptop, stick / f"{name}.vslab")
    assert swap(laptop).handed_in == 2
    problems = [each.problem for each in open_carried(central)]
    assert sorted(map(bool, problems)) == [False, True]
    assert "damaged or changed" in "".join(problems)
    assert open_carried(central) == ()
    assert read(central, "SELECT n, via FROM sync.batch") == [(1, "bundle")]


def test_a_laptop_that_was_shut_out_is_not_carried(
    laptop: Laptop, far: Laptop, central: Database, stick: Path
) -> None:
    carry(far, stick / "far.vslab")
    take(laptop, stick / "far.vslab")
    swap(laptop)
    revoke_device(central, "far")
    [carried] = open_carried(central)
    assert "no longer takes entries from far" in carried.problem
    assert read(central, "SELECT count(*) FROM sync.batch") == [(0,)]
    assert swap(laptop) == Exchanged()


def test_a_carrier_reads_nothing_and_fetches_only_for_whom_it_carried(
    laptop: Laptop, far: Laptop, central: Database, stick: Path, tmp_path: Path
) -> None:
    carry(far, stick / "far.vslab")
    take(laptop, stick / "far.vslab")
    [file] = waiting(laptop.folder)
    swap(laptop)
    other = new_laptop(tmp_path / "other", central)
    nothing: dict[str, list[object]] = {"documents": [], "carried": [], "wanted": [], "known": []}
    with Centre(load_enrolment(laptop.folder), laptop.folder) as centre:
        assert centre.get_chunk(file.stem, 0) is None
    open_carried(central)
    with Centre(load_enrolment(laptop.folder), laptop.folder) as centre:
        [back] = centre.exchange_blobs(nothing)["returns"]
        assert back["name"] == "far"
        assert centre.get_chunk(back["sha256"], 0) is not None
    with Centre(load_enrolment(other.folder), other.folder) as centre:
        assert centre.exchange_blobs(nothing)["returns"] == []
        assert centre.get_chunk(back["sha256"], 0) is None
    assert b"Amina" not in b"".join(each.read_bytes() for each in (stick / "far.vslab",))
    other.close()


def test_there_is_an_end_to_what_one_laptop_may_hand_in(laptop: Laptop, central: Database) -> None:
    with Centre(load_enrolment(laptop.folder), laptop.folder) as centre:

        def is_taken(digest: str, size: int) -> bool:
            offer = {"sha256": digest, "size": size}
            request = {"documents": [], "carried": [offer], "wanted": [], "known": []}
            return bool(centre.exchange_blobs(request)["put"])

        answers = [is_taken(f"{number:064x}", 64 << 20) for number in range(10)]
        assert answers == [True] * 8 + [False] * 2
        assert not is_taken("f" * 64, (64 << 20) + 1)
        assert centre.put_chunk(f"{0:064x}", 0, bytes(CHUNK))["next"] == 1
    assert open_carried(central) == ()


def test_a_file_for_a_full_stick_is_made_from_head_office(
    far: Laptop, central: Database, stick: Path
) -> None:
    given_to(far, central, stick / "down.vslab")
    with pytest.raises(SyncError, match="could not be written"):
        given_to(far, central, stick / "no folder" / "down.vslab")
    assert take(far, stick / "down.vslab").report.conflicts == 0
