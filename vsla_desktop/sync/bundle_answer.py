"""What head office writes into a file for a laptop, and what other laptops carried here for it.

A file for a laptop answers its batches and holds all of its groups since the position that it last
told, in the very lines that it would have pulled over the network. From nothing, where it never
told one: a laptop that never has network is filled by a file.
"""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from vsla_desktop.capture.blobs import MOST_BUNDLE, Kind
from vsla_desktop.capture.feed import TOLD
from vsla_desktop.clock import Clock, SystemClock
from vsla_desktop.db import storage_errors
from vsla_desktop.errors import OfflineError, SyncError
from vsla_desktop.sync.blobs import blob, drop_blob, put_blob
from vsla_desktop.sync.bundle_file import DOWN, SUFFIX, Header, opened, writing
from vsla_desktop.sync.bundle_office import Taken, known_laptop, take_bundle
from vsla_desktop.sync.centre import TroubleError
from vsla_desktop.sync.devices import office_keys
from vsla_desktop.sync.lines import read_head
from vsla_desktop.sync.report import Failpoint, carry_on

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from vsla_desktop.db import Database
    from vsla_desktop.sync.bundle_office import Laptop

PAGE_ROWS: Final = 80_000


@dataclass(frozen=True, slots=True)
class Answered:
    """What a file for a laptop holds: answers to batches, rows, documents."""

    device: str
    batches: int
    rows: int
    documents: int


@dataclass(frozen=True, slots=True)
class Carried:
    """A file that a laptop handed in: what it brought, or why it was not taken."""

    carrier: str
    taken: Taken | None
    problem: str = ""


def answer_bundle(
    central: Database,
    device: str,
    file: Path,
    *,
    with_documents: bool = False,
    clock: Clock | None = None,
    failpoint: Failpoint = carry_on,
) -> Answered:
    """Write a file for the laptop of this name.

    Raises :class:`SyncError` when there is no such laptop or the file can not be written.
    """
    # The answers first: a row of a batch that is applied meanwhile then waits on the laptop for
    # the answer to it, instead of being taken as if nothing had been sent.
    with central.connection(writes=True) as connection:
        own = office_keys(connection)
        laptop = known_laptop(connection, "status = 'active' AND name = %s", device)
        if laptop is None:
            raise SyncError(
                "No laptop named {name} reads files from here.",
                hint="Enrol it, or renew its login.",
                name=device,
            )
        epoch, reached = connection.exec_driver_sql(
            "SELECT epoch::text, pg_snapshot_xmin(pg_current_snapshot())::text FROM sync.server"
        ).one()
        asked = laptop.asked if laptop.asked.get("epoch") == epoch else {}
        answers = _answers(connection, laptop, asked)
        documents = _documents(connection, laptop)
    numbers = [each["n"] for each in answers]
    header = Header(
        kind=DOWN,
        device=laptop.dev,
        name=laptop.name,
        epoch=epoch,
        to=laptop.keys.mark,
        first=min(numbers, default=0),
        last=laptop.last_batch,
        made=(clock or SystemClock()).now().isoformat(sep=" "),
    )
    here = set(asked.get("here", []))
    since = {"lo": asked.get("lo", {}), "whole": asked.get("whole", [])}
    rows = 0
    with writing(file, header, own, laptop.keys, failpoint=failpoint) as writer:
        told = {
            "batches": answers,
            "hi": reached,
            "documents": sorted(here & documents),
            "settled": asked.get("settled", {}),
        }
        writer.add({"part": "answers"}, json.dumps(told, ensure_ascii=False).encode())
        for page in _pages(central, laptop, since):
            rows += page.count(b"\n") - 1
            writer.add({"part": "page"}, page)
            failpoint("page")
        lacking = sorted(documents - here) if with_documents else []
        for digest in lacking:
            with central.connection() as connection:
                content = blob(connection, Kind.DOCUMENT, digest)
            writer.add({"part": "document", "sha256": digest}, content)
    return Answered(laptop.name, len(answers), rows, len(lacking))


def _answers(connection: Connection, laptop: Laptop, asked: dict[str, Any]) -> list[dict[str, Any]]:
    found = connection.exec_driver_sql(
        "SELECT n, sha256, result FROM sync.batch WHERE dev = %s AND n > %s ORDER BY n",
        (laptop.dev, asked.get("acked", 0)),
    )
    return [{"n": row.n, "sha256": row.sha256, "result": row.result} for row in found]


def _documents(connection: Connection, laptop: Laptop) -> set[str]:
    """Return the documents that are here and that the laptop's groups name."""
    return set(
        connection.exec_driver_sql(
            "SELECT b.sha256 FROM sync.blob b JOIN sync.device d ON d.dev = %s"
            " WHERE b.complete AND b.kind = %s AND sync.names_document(d, b.sha256)",
            (laptop.dev, Kind.DOCUMENT),
        ).scalars()
    )


def _pages(central: Database, laptop: Laptop, since: dict[str, Any]) -> Iterator[bytes]:
    """Return all lines since these positions, in as many pages as it takes."""
    lo, whole = dict(since["lo"]), list(since["whole"])
    page: dict[str, Any] = {}
    reached, more = "", True
    while more:
        request = {"limit": PAGE_ROWS, "lo": lo, "page": page, "whole": whole}
        content = _fed(central, laptop.dev, request)
        yield content
        head = read_head(content[: content.index(b"\n")].decode())
        reached = reached or str(head.hi)
        more = any(each.more for each in head.scopes)
        for each in head.scopes:
            if not each.more:
                lo[each.su] = reached
                page.pop(each.su, None)
                continue
            if each.anew or each.su not in lo:
                lo[each.su] = "0"
                whole.append(each.su)
            if each.page:
                page[each.su] = each.page


def _fed(central: Database, dev: str, request: dict[str, Any]) -> bytes:
    lines = io.BytesIO()
    with central.connection() as connection, storage_errors():
        cursor: Any = connection.connection.cursor()
        question = cursor.mogrify("SELECT * FROM sync.feed(%s, %s)", (dev, json.dumps(request)))
        cursor.copy_expert(TOLD.format(question.decode()), lines)
    return lines.getvalue()


def open_carried(
    central: Database, *, clock: Clock | None = None, failpoint: Failpoint = carry_on
) -> tuple[Carried, ...]:
    """Open the files that laptops handed in for others, and make the answers to carry back.

    What can not be taken is said and not tried again: the laptop that it is from still has it all.
    """
    opened_now = []
    with central.connection() as connection:
        waiting = connection.exec_driver_sql(
            "SELECT DISTINCT ON (c.sha256) c.sha256, d.name, b.size FROM sync.carried c"
            " JOIN sync.device d ON d.dev = c.carrier JOIN sync.blob b ON b.sha256 = c.sha256"
            " WHERE c.settled_at IS NULL AND b.kind = %s AND b.complete"
            " ORDER BY c.sha256, c.came_at",
            (Kind.CARRIED,),
        ).all()
    with TemporaryDirectory() as folder:
        files = []
        for row in waiting:
            file = Path(folder) / f"{row.sha256}{SUFFIX}"
            with central.connection() as connection:
                file.write_bytes(blob(connection, Kind.CARRIED, row.sha256))
            files.append((_turn(file), file, row.name))
        for _, file, carrier in sorted(files):
            opened_now.append(_open_one(central, file, carrier))
            failpoint("opened")
        names = {each.taken.device for each in opened_now if each.taken is not None}
        for name in sorted(names):
            _put_back(central, name, Path(folder) / "back", clock)
    return tuple(opened_now)


def _turn(file: Path) -> tuple[str, int]:
    """Return by what files go in order: those of one laptop as they follow each other."""
    try:
        with opened(file) as bundle:
            return bundle.header.device, bundle.header.first
    except SyncError:
        return "", 0


def _open_one(central: Database, file: Path, carrier: str) -> Carried:
    try:
        taken = take_bundle(central, file)
    except (TroubleError, OfflineError):
        raise
    except SyncError as error:
        _settle(central, file.stem, None, str(error))
        return Carried(carrier, None, str(error))
    _settle(central, file.stem, taken.device, "")
    return Carried(carrier, taken)


def _settle(central: Database, digest: str, device: str | None, answer: str) -> None:
    with central.connection(writes=True) as connection:
        connection.exec_driver_sql(
            "UPDATE sync.carried SET settled_at = clock_timestamp(), answer = %s, dev = (SELECT"
            " d.dev FROM sync.device d WHERE d.name = %s AND d.status = 'active')"
            " WHERE sha256 = %s",
            (answer, device, digest),
        )
        drop_blob(connection, Kind.CARRIED, digest)


def _put_back(central: Database, device: str, file: Path, clock: Clock | None) -> None:
    """Put a file for a laptop where those who carried something from it find it."""
    answer_bundle(central, device, file, clock=clock)
    content = file.read_bytes()
    if len(content) > MOST_BUNDLE:
        return  # A laptop that is filled for the first time: that goes on a stick from here.
    with central.connection(writes=True) as connection:
        run = connection.exec_driver_sql
        put_blob(connection, Kind.BACK, content)
        run(
            "DELETE FROM sync.blob b USING sync.returning r, sync.device d WHERE d.name = %s"
            " AND d.status = 'active' AND r.dev = d.dev AND b.sha256 = r.sha256 AND b.kind = %s",
            (device, Kind.BACK),
        )
        run(
            "INSERT INTO sync.returning (dev, sha256) SELECT d.dev, %s FROM sync.device d"
            " WHERE d.name = %s AND d.status = 'active' ON CONFLICT (dev) DO UPDATE SET"
            " sha256 = excluded.sha256, made_at = clock_timestamp()",
            (hashlib.sha256(content).hexdigest(), device),
        )
