"""Documents: in chunks, whole, once, and only to those whose groups name them."""

from __future__ import annotations

import hashlib
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from tests.support.postgres import PostgresServer
from tests.sync.books import fill_group
from tests.sync.crash import POWER_CUT
from tests.sync.laptop import Laptop, new_laptop, read, run
from tests.sync.proxy import network
from tests.sync.test_faults import through
from vsla_desktop import sync
from vsla_desktop.capture.blobs import CHUNK, MOST_DOCUMENT
from vsla_desktop.db import Database
from vsla_desktop.errors import OfflineError, RuleBroken, StorageError
from vsla_desktop.sync import load_enrolment, reap
from vsla_desktop.sync.bundle_answer import open_carried
from vsla_desktop.sync.centre import Centre
from vsla_desktop.sync.documents import Exchanged, exchange, keep, kept

SIZES = (1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 77)


def content_of(size: int) -> bytes:
    return random.Random(size).randbytes(size)  # noqa: S311 - any bytes will do


def add(laptop: Laptop, size: int, folder: Path) -> str:
    """Keep a document of this size and name it in the book; return its SHA-256."""
    file = folder / "minutes.pdf"
    file.write_bytes(content_of(size))
    made = keep(laptop.folder, file)
    assert made.size == size
    laptop.run(
        "INSERT INTO meeting_activities (meeting_id, activity_name, activity_type)"
        " SELECT max(id), 'Vote', 'TRAINING' FROM meetings"
    )
    laptop.run(
        "INSERT INTO activity_documents (activity_id, document_name, document_type, file_path,"
        " file_size, sha256) SELECT max(id), 'Minutes', 'PDF', ?, ?, ? FROM meeting_activities",
        (made.path, made.size, made.sha256),
    )
    return made.sha256


def swap(laptop: Laptop, **options: object) -> Exchanged:
    """Push, then exchange documents."""
    laptop.push()
    with Centre(load_enrolment(laptop.folder), laptop.folder) as centre:
        return exchange(laptop.database, laptop.folder, centre, **options)  # type: ignore[arg-type]


def at_head_office(central: Database, digest: str) -> bytes:
    question = "SELECT content FROM sync.blob_chunk WHERE sha256 = '{}' ORDER BY i"
    chunks = read(central, question.format(digest))
    return b"".join(bytes(content) for (content,) in chunks)


@pytest.fixture
def book(laptop: Laptop) -> Laptop:
    fill_group(laptop)
    return laptop


@pytest.fixture
def other(central: Database, tmp_path: Path) -> Iterator[Laptop]:
    """Another laptop, whose book names the first document too."""
    made = new_laptop(tmp_path / "other", central)
    fill_group(made, "U2", "other")
    yield made
    made.close()


def names(laptop: Laptop, digest: str) -> None:
    laptop.run(
        "INSERT INTO meeting_activities (meeting_id, activity_name, activity_type)"
        " SELECT max(id), 'Vote', 'TRAINING' FROM meetings"
    )
    laptop.run(
        "INSERT INTO activity_documents (activity_id, document_name, document_type, file_path,"
        " file_size, sha256) SELECT max(id), 'Minutes', 'PDF', 'x', 1, ? FROM meeting_activities",
        (digest,),
    )


@pytest.mark.parametrize("size", SIZES)
def test_a_document_goes_up_and_comes_down_whole(
    book: Laptop, other: Laptop, central: Database, tmp_path: Path, size: int
) -> None:
    digest = add(book, size, tmp_path)
    assert digest == hashlib.sha256(content_of(size)).hexdigest()
    assert swap(book) == Exchanged(sent=1)
    assert at_head_office(central, digest) == content_of(size)
    names(other, digest)
    assert swap(other) == Exchanged(received=1)
    path = kept(other.folder, digest)
    assert path is not None
    assert path.read_bytes() == content_of(size)
    assert [each.name for each in path.parent.iterdir()] == [digest]
    assert swap(book) == swap(other) == Exchanged()


def test_a_sync_tells_how_much_of_its_documents_has_gone(book: Laptop, tmp_path: Path) -> None:
    add(book, 3 * CHUNK, tmp_path)
    told: list[tuple[int, int]] = []
    sync.run(book.database, book.folder, progress=lambda *each: told.append(each))
    size = 3 * CHUNK >> 10
    assert [done for done, total in told if total == size] == [
        *(0, size // 3, size // 3),
        *(2 * size // 3, 2 * size // 3, size),
    ]


def test_what_nobody_goes_on_with_is_cleared_after_a_month(
    book: Laptop, central: Database, tmp_path: Path
) -> None:
    digest = add(book, 3 * CHUNK, tmp_path)

    def stop(step: str) -> None:
        if step == "sent a chunk":
            raise OfflineError("Broken off.", hint="")

    for days, left in ((29, 1), (31, 0)):
        with pytest.raises(OfflineError):
            swap(book, failpoint=stop)
        run(central, f"UPDATE sync.blob SET at = at - interval '{days} days'")  # noqa: S608
        reap(central)
        assert len(at_head_office(central, digest)) == left * CHUNK
    swap(book)
    run(central, "UPDATE sync.blob SET at = at - interval '90 days'")
    reap(central)
    assert len(at_head_office(central, digest)) == 3 * CHUNK


def test_nothing_to_exchange_costs_no_round_trip(book: Laptop, tmp_path: Path) -> None:
    add(book, CHUNK + 1, tmp_path)
    book.push()
    with Centre(load_enrolment(book.folder), book.folder) as centre:
        exchange(book.database, book.folder, centre)
        assert centre.round_trips == 3
        exchange(book.database, book.folder, centre)
        assert centre.round_trips == 3


def test_the_same_content_is_kept_and_sent_once(
    book: Laptop, central: Database, tmp_path: Path
) -> None:
    first, second = add(book, 500, tmp_path), add(book, 500, tmp_path)
    assert first == second
    assert len(list((book.folder / "documents").iterdir())) == 1
    assert swap(book) == Exchanged(sent=1)
    assert read(central, "SELECT count(*) FROM sync.blob") == [(1,)]


def test_a_document_goes_only_after_a_row_that_names_it(
    book: Laptop, central: Database, tmp_path: Path
) -> None:
    book.push()
    add(book, 500, tmp_path)
    with Centre(load_enrolment(book.folder), book.folder) as centre:
        assert exchange(book.database, book.folder, centre) == Exchanged()
    assert read(central, "SELECT count(*) FROM sync.blob") == [(0,)]
    assert swap(book) == Exchanged(sent=1)


def test_a_broken_connection_costs_one_chunk(
    book: Laptop, other: Laptop, postgres_server: PostgresServer, central: Database, tmp_path: Path
) -> None:
    digest = add(book, 5 * CHUNK, tmp_path)
    book.push()
    with network(postgres_server.port, up=3 * CHUNK) as broken:
        through(book, broken.port)
        with pytest.raises(OfflineError):
            swap(book)
    chunks = read(central, "SELECT count(*) FROM sync.blob_chunk")[0][0]
    assert 1 <= chunks <= 3
    through(book, postgres_server.port)
    book.push()
    with Centre(load_enrolment(book.folder), book.folder) as centre:
        assert exchange(book.database, book.folder, centre).sent == 1
        assert centre.round_trips == 1 + 5 - chunks
    names(other, digest)
    other.push()
    with network(postgres_server.port, down=3 * CHUNK) as broken:
        through(other, broken.port)
        with pytest.raises(OfflineError):
            swap(other)
    through(other, postgres_server.port)
    [part] = (other.folder / "documents").iterdir()
    here = part.stat().st_size // CHUNK
    assert 1 <= here <= 3
    with Centre(load_enrolment(other.folder), other.folder) as centre:
        assert exchange(other.database, other.folder, centre).received == 1
        assert centre.round_trips == 1 + 5 - here
    assert at_head_office(central, digest) == content_of(5 * CHUNK)


def test_it_can_be_cancelled_and_goes_on_from_there(book: Laptop, tmp_path: Path) -> None:
    add(book, 4 * CHUNK, tmp_path)
    seen: list[tuple[int, int]] = []
    stopped = swap(
        book,
        progress=lambda done, total: seen.append((done, total)),
        cancelled=lambda: bool(seen) and seen[-1][0] >= 2 * CHUNK,
    )
    assert stopped == Exchanged()
    assert seen[-1] == (2 * CHUNK, 4 * CHUNK)
    seen.clear()
    assert swap(book, progress=lambda done, total: seen.append((done, total))) == Exchanged(sent=1)
    assert seen[-1] == (2 * CHUNK, 2 * CHUNK)


POWER_FAILS = """
import os, sys
from pathlib import Path
from vsla_desktop import db
from vsla_desktop.sync import load_enrolment, reap
from vsla_desktop.sync.centre import Centre
from vsla_desktop.sync.documents import exchange
folder = Path(sys.argv[1])
def failpoint(step):
    if step == sys.argv[2]:
        os._exit(int(sys.argv[3]))
with Centre(load_enrolment(folder), folder) as centre:
    exchange(db.open_database(folder / "vsla.db"), folder, centre, failpoint=failpoint)
"""


@pytest.mark.parametrize(
    "step",
    [
        "sending a document",
        "sent a chunk",
        "fetching a document",
        "fetched a chunk",
        "naming a document",
    ],
)
def test_a_power_cut_at_any_step_leaves_no_half_document(
    book: Laptop, other: Laptop, central: Database, tmp_path: Path, step: str
) -> None:
    theirs = add(other, 2 * CHUNK + 9, tmp_path)
    swap(other)
    ours = add(book, 3 * CHUNK, tmp_path)
    names(book, theirs)
    book.push()
    book.database.close()
    ended = subprocess.run(
        [sys.executable, "-c", POWER_FAILS, str(book.folder), step, str(POWER_CUT)],
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert ended.returncode == POWER_CUT
    for each in (book.folder / "documents").iterdir():
        if each.suffix != ".part":
            assert hashlib.sha256(each.read_bytes()).hexdigest() == each.name
    swap(book)
    assert at_head_office(central, ours) == content_of(3 * CHUNK)
    path = kept(book.folder, theirs)
    assert path is not None
    assert path.read_bytes() == content_of(2 * CHUNK + 9)
    assert len(list(path.parent.iterdir())) == 2


def test_a_document_that_was_damaged_here_is_not_sent(
    book: Laptop, central: Database, tmp_path: Path
) -> None:
    digest = add(book, 900, tmp_path)
    (book.folder / "documents" / digest).write_bytes(b"something else")
    assert swap(book) == Exchanged()
    assert kept(book.folder, digest) is None
    assert read(central, "SELECT count(*) FROM sync.blob_chunk") == [(0,)]
    add(book, 900, tmp_path)
    assert swap(book) == Exchanged(sent=1)


def test_chunks_that_are_not_what_they_should_be_are_refused(book: Laptop, tmp_path: Path) -> None:
    digest = add(book, 2 * CHUNK, tmp_path)
    book.push()
    content = content_of(2 * CHUNK)
    with Centre(load_enrolment(book.folder), book.folder) as centre:
        offer = {"sha256": digest, "size": 2 * CHUNK}
        request = {"documents": [offer], "carried": [], "wanted": [], "known": []}
        assert centre.exchange_blobs(request)["put"] == {digest: 0}
        assert centre.put_chunk(digest, 1, content[CHUNK:])["next"] == 0
        assert centre.put_chunk(digest, 0, content[:9])["next"] == 0
        assert centre.put_chunk(digest, 0, content[:CHUNK])["next"] == 1
        assert centre.put_chunk(digest, 0, content[:CHUNK])["next"] == 1
        assert centre.get_chunk(digest, 0) is None
        assert centre.put_chunk(digest, 1, bytes(CHUNK))["answer"] == "damaged"
        assert centre.exchange_blobs(request)["put"] == {digest: 0}
    assert swap(book) == Exchanged(sent=1)


def test_only_laptops_whose_groups_name_a_document_get_it(
    book: Laptop, other: Laptop, central: Database, tmp_path: Path
) -> None:
    digest = add(book, 900, tmp_path)
    swap(book)
    other.push()
    run(central, "UPDATE sync.device SET all_groups = false")
    ask = {"documents": [], "carried": [], "wanted": [digest], "known": []}
    for laptop in (book, other):
        with Centre(load_enrolment(laptop.folder), laptop.folder) as centre:
            assert centre.exchange_blobs(ask)["get"] == {}
            assert centre.get_chunk(digest, 0) is None
            offer = {**ask, "documents": [{"sha256": "0" * 64, "size": 9}]}
            assert centre.exchange_blobs(offer)["put"] == {}
    run(
        central,
        "INSERT INTO sync.assignment (dev, group_id) SELECT d.dev, g.id FROM sync.device d,"
        " savings_groups g WHERE d.name = 'laptop' AND g.group_code = 'U1'",
    )
    for laptop, gets in ((book, {digest: 900}), (other, {})):
        with Centre(load_enrolment(laptop.folder), laptop.folder) as centre:
            assert centre.exchange_blobs(ask)["get"] == gets
            assert (centre.get_chunk(digest, 0) is None) is not bool(gets)
    run(central, "UPDATE sync.device SET status = 'revoked'")
    with Centre(load_enrolment(book.folder), book.folder) as centre:
        assert centre.exchange_blobs(ask) == {"answer": "revoked"}
        assert centre.get_chunk(digest, 0) is None
        assert centre.put_chunk(digest, 0, b"x")["answer"] == "unasked"


@pytest.mark.parametrize("groups", [["U1"], []])
def test_what_is_handed_in_as_a_bundle_says_and_takes_away_nothing_of_a_document(
    book: Laptop, central: Database, tmp_path: Path, groups: list[str]
) -> None:
    digest = add(book, 900, tmp_path)
    swap(book)
    prying = new_laptop(tmp_path / "prying", central, groups=groups, read_only=True)
    with Centre(load_enrolment(prying.folder), prying.folder) as centre:

        def offer(digest: str) -> dict[str, int]:
            asked = {"documents": [], "carried": [{"sha256": digest, "size": 900}]}
            answer = centre.exchange_blobs({**asked, "wanted": [], "known": []})
            put: dict[str, int] = answer["put"]
            return put

        assert offer(digest) == {digest: 0}
        assert offer("0" * 64) == {"0" * 64: 0}
        assert open_carried(central) == ()
        assert centre.put_chunk(digest, 0, content_of(900))["next"] == -1
        [opened] = open_carried(central)
        assert "is not a file for carrying entries" in opened.problem
        assert at_head_office(central, digest) == content_of(900)
    prying.close()


def test_a_document_that_is_also_a_bundle_goes_both_ways(
    book: Laptop, central: Database, tmp_path: Path
) -> None:
    digest = add(book, 2 * CHUNK, tmp_path)
    (book.folder / "carried").mkdir()
    (book.folder / "carried" / f"{digest}.vslab").write_bytes(content_of(2 * CHUNK))
    assert swap(book).sent == 1
    assert at_head_office(central, digest) == content_of(2 * CHUNK)
    assert swap(book) == Exchanged(handed_in=1)
    assert [each.taken for each in open_carried(central)] == [None]
    assert at_head_office(central, digest) == content_of(2 * CHUNK)


def test_more_documents_than_a_day_s_share_go_the_next_day(
    book: Laptop, central: Database, tmp_path: Path
) -> None:
    run(central, f"UPDATE sync.device SET bytes_a_day = {4 * CHUNK}")  # noqa: S608
    digests = {add(book, size * CHUNK, tmp_path) for size in (1, 2, 3)}
    before = swap(book)
    assert before.sent in {1, 2}
    assert swap(book) == Exchanged()
    size = read(central, "SELECT sum(length(content)) FROM sync.blob_chunk")[0][0]
    assert size <= 4 * CHUNK
    run(central, "UPDATE sync.blob SET at = at - interval '25 hours'")
    assert before.sent + swap(book).sent == 3
    assert {digest for (digest,) in read(central, "SELECT sha256 FROM sync.blob")} == digests


def test_a_laptop_reads_no_document_past_the_functions(book: Laptop) -> None:
    told = load_enrolment(book.folder)
    with psycopg2.connect(
        host=told.host,
        port=told.port,
        dbname=told.dbname,
        user=told.role,
        password=told.password,
    ) as connection:
        for table in ("blob", "blob_chunk", "carried", "returning", "server"):
            with connection.cursor() as cursor, pytest.raises(psycopg2.Error, match="permission"):
                cursor.execute(f"SELECT * FROM sync.{table}")  # noqa: S608
            connection.rollback()
        with connection.cursor() as cursor, pytest.raises(psycopg2.Error, match="permission"):
            cursor.execute("SELECT sync.take_offers(NULL, '[]', 9, 'document')")
    connection.close()


def test_what_is_no_document_is_refused_where_it_is_chosen(laptop: Laptop, tmp_path: Path) -> None:
    empty, large = tmp_path / "empty", tmp_path / "large"
    empty.touch()
    with large.open("wb") as file:
        file.truncate(MOST_DOCUMENT + 1)
    for each in (empty, large):
        with pytest.raises(RuleBroken, match="50 megabytes"):
            keep(laptop.folder, each)
    with pytest.raises(StorageError, match="could not be kept"):
        keep(laptop.folder, tmp_path / "nothing")
    assert list((laptop.folder / "documents").iterdir()) == []
    for name in (None, "", "../vsla.db", "x" * 64):
        assert kept(laptop.folder, name) is None
