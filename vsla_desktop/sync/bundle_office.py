"""Bundles at head office: what a laptop wrote is opened here, and what it is answered is written.

Each batch in a file goes through the same functions as over the network, on behalf of the laptop
that signed it: so it is applied once, whichever way it comes first, and with the same rights.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from vsla_desktop.capture.blobs import MOST_DOCUMENT, Kind
from vsla_desktop.capture.protocol import REFERENCE_SLOTS
from vsla_desktop.errors import SyncError
from vsla_desktop.sync.blobs import put_blob
from vsla_desktop.sync.bundle_file import UP, Bundle, Part, damaged, opened
from vsla_desktop.sync.centre import Conversation
from vsla_desktop.sync.devices import office_keys
from vsla_desktop.sync.keys import Keys, PublicKeys
from vsla_desktop.sync.outbox import Batch
from vsla_desktop.sync.report import Failpoint, carry_on

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

    from vsla_desktop.db import Database

# Head office itself may write every column of the staging table: a file may only name these.
_COLUMN: Final = re.compile(rf"tbl|ord|op|su|base|r([1-9]|1[0-{REFERENCE_SLOTS - 10}])|v[1-9]\d?")


@dataclass(frozen=True, slots=True)
class Taken:
    """What a laptop's file brought.

    ``known`` batches had come before. ``conflicts`` are values that differ and rows that were not
    taken. ``rows`` and ``documents`` are what is new here.
    """

    device: str
    batches: int = 0
    known: int = 0
    rows: int = 0
    conflicts: int = 0
    documents: int = 0


@dataclass(frozen=True, slots=True)
class Laptop:
    """A laptop as head office knows it; ``asked`` is what it last asked for in a file."""

    dev: str
    name: str
    is_active: bool
    last_batch: int
    keys: PublicKeys
    asked: dict[str, Any]


def on_behalf_of(central: Database, dev: str) -> Conversation:
    """Open a connection of head office's own that speaks for a laptop."""
    borrowed = central.engine.raw_connection()
    connection: Any = borrowed.driver_connection
    borrowed.detach()  # its settings are nobody else's
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('vsla.on_behalf_of', %s, false)", (dev,))
    connection.commit()
    return Conversation(connection)


def take_bundle(central: Database, file: Path, *, failpoint: Failpoint = carry_on) -> Taken:
    """Take what a laptop's file brings; what had come before is not taken again.

    Raises :class:`SyncError`, with nothing changed, for a file that is damaged, not for this head
    office, from a laptop that is shut out, or that comes before one that is missing.
    """
    with opened(file) as bundle:
        return _take(central, bundle, failpoint)


def _take(central: Database, bundle: Bundle, failpoint: Failpoint) -> Taken:
    header = bundle.header
    with central.connection(writes=True) as connection:
        own = office_keys(connection)
        laptop = _sender(connection, bundle, own)
    parts = bundle.parts(own, laptop.keys)
    if header.first > laptop.last_batch + 1:
        raise _missing(laptop.name, laptop.last_batch + 1)
    taking = _Taking(central, laptop, bundle, failpoint)
    with on_behalf_of(central, laptop.dev) as office:
        for part in parts:
            taking.take(office, part)
    return taking.taken()


def _sender(connection: Connection, bundle: Bundle, own: Keys) -> Laptop:
    """Return who the file says it is from, if we take anything from them."""
    header, file = bundle.header, bundle.name
    if header.kind != UP:
        raise SyncError(
            "{file} is for the laptop {name}.", hint="Open it there.", file=file, name=header.name
        )
    if header.to != own.public.mark:
        raise SyncError(
            "{file} is for another head office.",
            hint="Nothing was changed. Take it there.",
            file=file,
        )
    laptop = known_laptop(connection, "dev = %s", header.device)
    if laptop is None:
        raise SyncError(
            "{file} is from {name}, a laptop that is not enrolled here.",
            hint="Nothing was changed. Enrol it, then export again there.",
            file=file,
            name=header.name,
        )
    if not laptop.is_active:
        raise SyncError(
            "Head office no longer takes entries from {name}.",
            hint="Nothing was changed. Enrol the laptop again, then export again there.",
            name=laptop.name,
        )
    epoch = connection.exec_driver_sql("SELECT epoch::text FROM sync.server").scalar_one()
    if header.epoch != epoch:
        raise SyncError(
            "{file} is from before head office was restored from a backup.",
            hint="Carry a new file from here to the laptop, then export again there.",
            file=file,
        )
    return laptop


def known_laptop(connection: Connection, condition: str, value: str) -> Laptop | None:
    """Return the laptop of which this holds, if it has keys."""
    row = connection.exec_driver_sql(
        "SELECT dev::text, name, status, last_batch, signing_key, box_key, asked FROM sync.device"
        f" WHERE {condition} AND signing_key IS NOT NULL",
        (value,),
    ).one_or_none()
    if row is None:
        return None
    keys = PublicKeys(bytes(row.signing_key), bytes(row.box_key))
    active = row.status == "active"
    return Laptop(row.dev, row.name, active, row.last_batch, keys, row.asked or {})


def _missing(name: str, number: int) -> SyncError:
    return SyncError(
        "Batch {number} of {name} is missing here.",
        hint="Nothing was changed. Open the file with it first, or export again on the laptop.",
        number=number,
        name=name,
    )


class _Taking:
    """One file: what of it has been taken so far."""

    def __init__(
        self, central: Database, laptop: Laptop, bundle: Bundle, failpoint: Failpoint
    ) -> None:
        self._central = central
        self._laptop = laptop
        self._bundle = bundle
        self._failpoint = failpoint
        self._batches = self._known = self._rows = self._conflicts = self._documents = 0

    def taken(self) -> Taken:
        """Say what was taken."""
        return Taken(
            self._laptop.name,
            self._batches,
            self._known,
            self._rows,
            self._conflicts,
            self._documents,
        )

    def take(self, office: Conversation, part: Part) -> None:
        """Take one part; what a newer program may have put in is passed over."""
        match part.info.get("part"):
            case "batch":
                self._take_batch(office, self._batch(part))
            case "request":
                self._take_request(office, part)
            case "document":
                self._take_document(part)

    def _batch(self, part: Part) -> Batch:
        try:
            number, rows = int(part.info["n"]), int(part.info["rows"])
            batch = Batch(number, hashlib.sha256(part.content).hexdigest(), rows, part.content)
            header = batch.header
            sound = (header["device"], header["n"]) == (self._laptop.dev, number) and all(
                _COLUMN.fullmatch(each) for each in header["columns"]
            )
        except (ValueError, KeyError, TypeError) as error:
            raise damaged(self._bundle.name) from error
        if not sound:
            raise damaged(self._bundle.name)
        return batch

    def _take_batch(self, office: Conversation, batch: Batch) -> None:
        answer = office.begin(batch, self._bundle.header.epoch)
        match answer["answer"]:
            case "go":
                office.copy(batch, lambda _sent: None)
                result = office.apply(batch)
                self._failpoint("applied")
                office.commit()
                self._failpoint("committed")
                self._batches += 1
                self._rows += batch.rows
                self._conflicts += len(result.get("conflicts", []))
                self._conflicts += len(result.get("refused", []))
                return
            case "already":
                office.roll_back()
                self._known += 1
                return
        office.roll_back()
        if answer["answer"] == "gap":
            raise _missing(self._laptop.name, int(answer["last"]) + 1)
        if answer["answer"] == "another":
            raise SyncError(
                "Head office has other entries of {name}: its book was copied or restored.",
                hint="Enrol the laptop again, then export again there.",
                name=self._laptop.name,
            )
        if answer["answer"] == "enough":
            raise SyncError(
                "Head office takes no more from {name} today.",
                hint="Open the file again tomorrow.",
                name=self._laptop.name,
            )
        raise SyncError(
            "Head office can not take this file now: {reason}",
            hint="Update the program here and on the laptop.",
            reason=answer["answer"],
        )

    def _take_request(self, office: Conversation, part: Part) -> None:
        """Remember how far the laptop has come, unless a later file has said it."""
        header, told = self._bundle.header, _asked(part, self._bundle.name)
        last = max(told["acked"], header.last)  # No clock is asked: a laptop's may be wrong.
        asked = json.dumps({**told, "last": last, "epoch": header.epoch})
        with self._central.connection(writes=True) as connection:
            connection.exec_driver_sql(
                "UPDATE sync.device SET asked = %s WHERE dev = %s AND (asked IS NULL"
                " OR asked->>'epoch' <> %s OR (asked->>'last')::bigint <= %s)",
                (asked, self._laptop.dev, header.epoch, last),
            )
        office.tell_reached(told["lo"].get("", "0"), told["settled"])

    def _take_document(self, part: Part) -> None:
        digest = hashlib.sha256(part.content).hexdigest()
        with self._central.connection(writes=True) as connection:
            is_wanted = connection.exec_driver_sql(
                "SELECT sync.names_document(d, %s) FROM sync.device d WHERE d.dev = %s",
                (digest, self._laptop.dev),
            ).scalar_one()
            if is_wanted and 0 < len(part.content) <= MOST_DOCUMENT:
                self._documents += put_blob(connection, Kind.DOCUMENT, part.content)


def _asked(part: Part, file: str) -> dict[str, Any]:
    """Return what a laptop asks for, if it makes sense."""
    try:
        told = json.loads(part.content)
        asked = {
            "acked": int(told["acked"]),
            "lo": {str(su): _position(lo) for su, lo in told["lo"].items()},
            "whole": [str(su) for su in told["whole"]],
            "here": [str(each) for each in told["here"]],
            "settled": {str(each): str(choice) for each, choice in told["settled"].items()},
        }
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise damaged(file) from error
    return asked


def _position(told: Any) -> str:
    """Return a position, which is the number of a transaction."""
    position = int(told)
    if not 0 <= position < 1 << 63:
        raise ValueError(told)
    return str(position)
