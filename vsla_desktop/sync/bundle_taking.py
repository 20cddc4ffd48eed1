"""A file from head office is taken on a laptop: answers to its batches, rows, documents."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from vsla_desktop.errors import SyncError
from vsla_desktop.queries.sync_status import waiting_rows
from vsla_desktop.sync.acknowledge import acknowledge
from vsla_desktop.sync.documents import named, note_known, put
from vsla_desktop.sync.outbox import next_number, next_sealed, offer_again, take_enrolment
from vsla_desktop.sync.push import refusal
from vsla_desktop.sync.report import Failpoint, SyncReport
from vsla_desktop.sync.scopes import register
from vsla_desktop.sync.settle import note_told
from vsla_desktop.sync.take import take

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from sqlalchemy import Connection

    from vsla_desktop.clock import Clock
    from vsla_desktop.db import Database
    from vsla_desktop.sync.bundle_file import Header, Part
    from vsla_desktop.sync.enrolment import Enrolment


class Taking:
    """One file: what of it has been taken so far. Each part is taken whole or not at all."""

    def __init__(
        self, local: Database, data_dir: Path, enrolment: Enrolment, header: Header, clock: Clock
    ) -> None:
        self._local = local
        self._data_dir = data_dir
        self._enrolment = enrolment
        self._header = header
        self._clock = clock
        self._is_old = False
        self._batches = self._rows = self._conflicts = self._documents = 0
        self.skipped: set[str] = set()

    def take(self, parts: Iterable[Part], failpoint: Failpoint) -> SyncReport:
        """Take everything that fits here."""
        started = time.monotonic()
        with self._local.connection(writes=True) as connection:
            epoch = take_enrolment(connection, self._enrolment)
            register(connection)
            self._meet(connection, epoch)
        for each in parts:
            match each.info.get("part"):
                case "answers":
                    self._take_answers(json.loads(each.content), failpoint)
                case "page" if not self._is_old:
                    self._take_page(each.content.decode(), failpoint)
                case "document":
                    self._take_document(each.content)
        with self._local.connection() as connection:
            waiting = waiting_rows(connection)
        return SyncReport(
            batches=self._batches,
            rows_received=self._rows,
            conflicts=self._conflicts,
            waiting=waiting,
            seconds=time.monotonic() - started,
        )

    def _meet(self, connection: Connection, epoch: str) -> None:
        """Find out whether this is the head office that we know, and it the laptop that it knows.

        Raises :class:`SyncError`.
        """
        header, run = self._header, connection.exec_driver_sql
        if header.last >= next_number(connection):
            raise refusal("another")
        if header.epoch == epoch:
            return
        past = run("SELECT past_epochs FROM sync_meta").scalar_one()
        if header.epoch in json.loads(past):
            raise SyncError(
                "This file is from before head office was restored from a backup.",
                hint="Nothing was changed. Ask head office for a new one.",
            )
        offer_again(connection, header.last, header.epoch)

    def _take_answers(self, told: dict[str, Any], failpoint: Failpoint) -> None:
        with self._local.connection(writes=True) as connection:
            for each in told["batches"]:
                batch = next_sealed(connection, each["n"])
                if batch is None:
                    continue  # Acknowledged before.
                if batch.digest != each["sha256"]:
                    raise refusal("another")
                self._conflicts += acknowledge(connection, batch, each["result"], clock=self._clock)
                self._conflicts += len(each["result"].get("refused", []))
                self._batches += 1
            note_told(connection, told["settled"], self._clock.now())
            self._is_old = self._comes_late(connection, int(told["hi"]))
            failpoint("acknowledging")
        note_known(self._local, told["documents"], self._clock)
        failpoint("acknowledged")

    def _comes_late(self, connection: Connection, reached: int) -> bool:
        """Say whether this laptop knows more already than the file does.

        What the file says of groups and rows may then be the past: a batch that was answered since
        would seem undone.
        """
        acked, told_at = connection.exec_driver_sql(
            "SELECT (SELECT max(n) FROM sync_outbox WHERE state = 'acked'), told_at FROM sync_meta"
        ).one()
        return (acked or 0) > self._header.last or told_at > reached

    def _take_page(self, page: str, failpoint: Failpoint) -> None:
        with self._local.connection(writes=True) as connection:
            taken = take(connection, page.split("\n")[:-1])
            failpoint("taking")
        self._rows += taken.rows
        self.skipped.update(taken.skipped)
        failpoint("taken")

    def _take_document(self, content: bytes) -> None:
        if put(self._data_dir, content) in named(self._local):
            self._documents += 1
