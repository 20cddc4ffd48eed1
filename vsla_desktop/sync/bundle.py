"""Bundles on a laptop: what waits for head office goes into a file, and its answer comes from one.

A laptop that never has network is kept in step by files alone, and files and network can be mixed
in any order: batches have their numbers, rows their versions, and what was here before is passed
over. A laptop also carries the files of others (:mod:`vsla_desktop.sync.documents`).
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vsla_desktop.capture.blobs import MOST_BUNDLE
from vsla_desktop.clock import Clock, SystemClock
from vsla_desktop.errors import SyncError
from vsla_desktop.sync.bundle_file import SUFFIX, UP, Bundle, Header, Writer, opened, writing
from vsla_desktop.sync.bundle_taking import Taking
from vsla_desktop.sync.documents import CARRIED, kept, named, to_carry_back
from vsla_desktop.sync.enrolment import load_enrolment
from vsla_desktop.sync.history import Way, remembered
from vsla_desktop.sync.keys import Keys, PublicKeys
from vsla_desktop.sync.outbox import next_sealed, take_enrolment
from vsla_desktop.sync.report import Failpoint, SyncReport, carry_on
from vsla_desktop.sync.scopes import register
from vsla_desktop.sync.seal import seal
from vsla_desktop.sync.settle import untold

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vsla_desktop.db import Database
    from vsla_desktop.sync.enrolment import Enrolment


@dataclass(frozen=True, slots=True)
class _Parties:
    """Who writes and reads a laptop's files: itself and head office."""

    enrolment: Enrolment
    own: Keys
    office: PublicKeys


def _parties(data_dir: Path) -> _Parties:
    enrolment = load_enrolment(data_dir)
    try:
        own = Keys.from_text(enrolment.bundle_secret)
        return _Parties(enrolment, own, PublicKeys.from_text(enrolment.office_keys))
    except ValueError as error:
        raise SyncError(
            "This laptop was enrolled before there were files to carry.",
            hint="Ask head office to renew its login.",
        ) from error


def export_bundle(
    local: Database,
    data_dir: Path,
    file: Path,
    *,
    with_documents: bool = False,
    clock: Clock | None = None,
    failpoint: Failpoint = carry_on,
) -> SyncReport:
    """Write everything that head office has not acknowledged into a file for it.

    It stays saved here, and goes again into every file until head office's answer has come. Raises
    :class:`SyncError` when the laptop is not enrolled or the file can not be written.
    """
    clock = clock or SystemClock()
    parties = _parties(data_dir)
    return remembered(
        local,
        Way.FILE_WRITTEN,
        clock,
        lambda: _export(
            local, data_dir, file, parties, clock, failpoint, with_documents=with_documents
        ),
    )


def _export(
    local: Database,
    data_dir: Path,
    file: Path,
    parties: _Parties,
    clock: Clock,
    failpoint: Failpoint,
    *,
    with_documents: bool,
) -> SyncReport:
    started = time.monotonic()
    with local.connection(writes=True) as connection:
        epoch = take_enrolment(connection, parties.enrolment)
        register(connection)
    device = parties.enrolment.device_id
    while _seal_next(local, device, clock):
        failpoint("sealed")
    with local.connection() as connection:
        numbers = connection.exec_driver_sql(
            "SELECT n FROM sync_outbox WHERE state = 'sealed' ORDER BY n"
        ).scalars()
        waiting = list(numbers)
    header = Header(
        kind=UP,
        device=device,
        name=parties.enrolment.device_name,
        epoch=epoch,
        to=parties.office.mark,
        first=min(waiting, default=0),
        last=max(waiting, default=0),
        made=clock.now().isoformat(sep=" "),
    )
    rows = documents = 0
    with writing(file, header, parties.own, parties.office, failpoint=failpoint) as writer:
        for number in waiting:
            rows += _add_batch(writer, local, number)
        if with_documents:
            documents = _add_documents(writer, local, data_dir)
        request = _request(local, data_dir)
        writer.add({"part": "request"}, json.dumps(request, ensure_ascii=False).encode())
    return SyncReport(
        batches=len(waiting),
        rows_sent=rows,
        documents_sent=documents,
        waiting=rows,
        seconds=time.monotonic() - started,
    )


def _seal_next(local: Database, device: str, clock: Clock) -> bool:
    with local.connection(writes=True) as connection:
        return seal(connection, device, clock) is not None


def _add_batch(writer: Writer, local: Database, number: int) -> int:
    with local.connection() as connection:
        batch = next_sealed(connection, number)
    if batch is None:
        return 0  # Head office has acknowledged it meanwhile.
    writer.add({"part": "batch", "n": batch.number, "rows": batch.rows}, batch.payload)
    return batch.rows


def _unsent(local: Database, data_dir: Path) -> Iterator[Path]:
    """Return the documents that head office is not known to have."""
    with local.connection() as connection:
        sent = set(connection.exec_driver_sql("SELECT sha256 FROM sync_document").scalars())
    for digest in sorted(named(local) - sent):
        path = kept(data_dir, digest)
        if path is not None:
            yield path


def _add_documents(writer: Writer, local: Database, data_dir: Path) -> int:
    count = 0
    for path in _unsent(local, data_dir):
        writer.add({"part": "document", "sha256": path.name}, path.read_bytes())
        count += 1
    return count


def _request(local: Database, data_dir: Path) -> dict[str, Any]:
    """Return what the answer goes by: how far everything has come, and what was settled here."""
    with local.connection() as connection:
        run = connection.exec_driver_sql
        acked = run("SELECT coalesce(max(n), 0) FROM sync_outbox WHERE state = 'acked'")
        scopes = run("SELECT su, lo, whole OR state = 'filling' AS whole FROM sync_scope").all()
        return {
            "acked": acked.scalar_one(),
            "lo": {each.su: str(each.lo) for each in scopes},
            "whole": [each.su for each in scopes if each.whole],
            "here": sorted(each for each in named(local) if kept(data_dir, each)),
            "settled": untold(connection),
        }


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file: taken here, or kept to be handed in for laptop ``name``.

    ``skipped`` groups go on from where this laptop is not: an earlier file has to come first.
    """

    name: str
    is_carried: bool
    report: SyncReport
    skipped: int = 0


def import_bundle(
    local: Database,
    data_dir: Path,
    file: Path,
    *,
    clock: Clock | None = None,
    failpoint: Failpoint = carry_on,
) -> Imported:
    """Take what head office answers, or keep another laptop's file to hand it in with network.

    Raises :class:`SyncError`, with nothing changed, for a file that is damaged or for another
    laptop.
    """
    clock = clock or SystemClock()
    parties = _parties(data_dir)
    with opened(file, data_dir) as bundle:
        header = bundle.header
        if header.kind == UP:
            _carry(bundle, file, data_dir, parties)
            return Imported(header.name, is_carried=True, report=SyncReport())
        if header.device != parties.enrolment.device_id:
            raise SyncError(
                "{file} is for the laptop {name}.",
                hint="Open it there.",
                file=file.name,
                name=header.name,
            )
        parts = bundle.parts(parties.own, parties.office)
        taking = Taking(local, data_dir, parties.enrolment, header, clock)
        report = remembered(local, Way.FILE_READ, clock, lambda: taking.take(parts, failpoint))
        return Imported(header.name, is_carried=False, report=report, skipped=len(taking.skipped))


def _carry(bundle: Bundle, file: Path, data_dir: Path, parties: _Parties) -> None:
    """Keep another laptop's file until there is network."""
    if bundle.header.device == parties.enrolment.device_id:
        raise SyncError(
            "{file} is from this laptop.", hint="Carry it to head office.", file=file.name
        )
    if bundle.header.to != parties.office.mark:
        raise SyncError(
            "{file} is for another head office.",
            hint="Nothing was changed. Take it there.",
            file=file.name,
        )
    if bundle.size > MOST_BUNDLE:
        raise SyncError(
            "{file} is too large to go by network.",
            hint="Carry it to head office, or export it without documents.",
            file=file.name,
        )
    bundle.copy_to(data_dir / CARRIED / f"{bundle.sha256}{SUFFIX}")


def bring_back(data_dir: Path, name: str, file: Path) -> Header:
    """Write the newest file that head office gave for the laptop of this name.

    Raises :class:`SyncError` when there is none, or it can not be written.
    """
    found: list[tuple[int, str, Path]] = []
    for each in to_carry_back(data_dir):
        with opened(each, data_dir) as bundle:
            if bundle.header.name == name:
                found.append((bundle.header.last, bundle.header.made, each))
    if not found:
        raise SyncError(
            "Nothing is here to carry to {name}.",
            hint="Import its file here, sync, and sync again once head office has opened it.",
            name=name,
        )
    *older, (_, _, newest) = sorted(found)
    with opened(newest, data_dir) as bundle:
        bundle.copy_to(file)
        header = bundle.header
    for _, _, each in older:
        each.unlink(missing_ok=True)
    return header
