"""A head office with its web program, and laptops, all real: copies of one pattern."""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import psycopg2

from tests.simulation.memory import Memory
from tests.simulation.plan import Fault, Setting
from tests.simulation.web import Web
from tests.support.postgres import PostgresServer
from tests.sync.laptop import Laptop, keep, read
from vsla_desktop import db, sync
from vsla_desktop.clock import FixedClock
from vsla_desktop.db import Database
from vsla_desktop.errors import OfflineError, SyncError
from vsla_desktop.sync import (
    ALL_GROUPS,
    SyncReport,
    assign_group,
    enrol_device,
    enrolled_as,
    load_enrolment,
    renew_device,
)
from vsla_desktop.sync.centre import BusyError, TroubleError
from vsla_desktop.sync.report import Failpoint, carry_on

NOW = datetime.fromisoformat("2026-01-05T12:00:00")
GROUPS = ("TST-1", "TST-2")

# A killed process loses nothing that it said it had written; the computer itself never goes down.
SERVER_SETTINGS = {
    "synchronous_commit": "on",
    "autovacuum": "off",
    "deadlock_timeout": "30ms",
    "lock_timeout": "60ms",
}


class PowerCutError(BaseException):
    """Nothing that the program could catch."""


@dataclass
class Seat(Laptop):
    """A laptop with who sits at it. ``code`` is the group whose book it keeps.

    ``torn`` says why head office may refuse it, ``refused`` that it does; then it is enrolled anew.
    ``doubled`` says that what it knows of conflicts is not what its device has been told.
    """

    name: str
    code: str
    clock: FixedClock = field(default_factory=lambda: FixedClock(NOW))
    torn: str = ""
    refused: bool = False
    doubled: bool = False
    copies: list[Path] = field(default_factory=list)

    def device(self) -> str:
        return enrolled_as(self.folder).device_id

    def files(self) -> Path:
        """Copy what lies on the disk at this instant, and return where."""
        number = len(list(self.folder.parent.iterdir()))
        copy = self.folder.parent / f"{self.name}-{number}"
        shutil.copytree(self.folder, copy, ignore=shutil.ignore_patterns("*-shm", "backups"))
        return copy

    def restore(self, copy: Path) -> None:
        """Go on with an older copy of the book, which stays for another time."""
        self.database.close()
        folder = self.folder.parent / f"{self.name}-{len(list(self.folder.parent.iterdir()))}"
        shutil.copytree(copy, folder)
        self.move_to(folder)

    def move_to(self, folder: Path) -> None:
        """Go on with the files of another folder, as after a power cut."""
        self.database.close()
        self.folder = folder
        self.database = db.open_database(folder / "vsla.db")


class Idle:
    """A transaction that somebody at head office leaves open; ``here`` is in its own database."""

    def __init__(self, url: str, *, here: bool) -> None:
        self.here = here
        self._connection = psycopg2.connect(url.replace("+psycopg2", ""))
        self.number = int(self._asked("SELECT pg_current_xact_id()::text"))

    def write(self, name: str) -> None:
        """Write what every laptop gets, and nobody waits for."""
        self._asked("INSERT INTO services (name, active) VALUES (%s, true) RETURNING id", name)

    def end(self, *, commit: bool) -> None:
        """End it, long after."""
        if commit:
            self._connection.commit()
        self._connection.close()

    def _asked(self, question: str, *values: str) -> str:
        with self._connection.cursor() as cursor:
            cursor.execute(question, values)
            [(said,)] = cursor.fetchall()
        return str(said)


@dataclass
class World:
    """Everything that takes part in a history. ``counts`` are the faults that really happened.

    ``idle`` is what is left open at head office.
    """

    server: PostgresServer
    folder: Path
    name: str
    setting: Setting
    central: Database
    seats: list[Seat]
    web: Web
    memory: Memory
    counts: Counter[str]
    pattern: str
    backup: str = ""
    restored: bool = False
    idle: Idle | None = None
    serial: int = 0
    going_up: list[Path] = field(default_factory=list)
    going_down: list[tuple[str, Path]] = field(default_factory=list)
    read_files: list[Path] = field(default_factory=list)
    named_later: set[int] = field(default_factory=set)

    def seat(self, who: int) -> Seat:
        return self.seats[who % len(self.seats)]

    def number(self) -> int:
        """Return a number that was not there before."""
        self.serial += 1
        return self.serial

    def sync(self, seat: Seat, *, failpoint: Failpoint = carry_on) -> SyncReport | None:
        """Let a laptop sync; return None where it could not, which is then for a reason."""
        tries = 0

        def passing(step: str) -> None:
            nonlocal tries
            self.pass_by(step)
            tries += step == "copied"
            if tries == 2 and step == "copied":  # whoever is in the way ends
                self.counts[Fault.HELD_UP] += 1
                self.web.end_all()
            failpoint(step)

        if any(each.wrote for each in self.web.sessions):
            self.counts[Fault.LATE_COMMIT] += 1
        report = None
        try:
            report = synchronise(seat, passing)
        except PowerCutError:
            self.counts["power cuts"] += 1
        except OfflineError:
            self.counts["offline"] += 1
        except BusyError:  # somebody at head office works for longer than a laptop waits
            assert any(each.wrote for each in self.web.sessions)
            self.counts[Fault.HELD_UP] += 1
            self.web.end_all()
        except SyncError as said:
            if isinstance(said, TroubleError) or not (seat.torn or self.restored):
                raise
            seat.refused = True
            self.counts["refused"] += 1
        if report is not None and self.idle is not None:
            self.look_at_position(seat, self.idle)
        return report

    def look_at_position(self, seat: Seat, idle: Idle) -> None:
        """While a transaction is open, no laptop may pass over what it has written."""
        [(reached,)] = seat.read("SELECT max(lo) FROM sync_scope")
        assert reached <= idle.number
        newer = read(
            self.central, f"SELECT EXISTS (SELECT FROM sync.row_state WHERE xid > '{idle.number}')"
        )
        self.counts[Fault.LEFT_OPEN] += newer == [(True,)]

    def end_idle(self, *, commit: bool) -> None:
        """End what was left open at head office."""
        if self.idle is not None:
            self.idle.end(commit=commit)
            self.idle = None

    def enrol_anew(self, seat: Seat) -> None:
        """Let a laptop in under a new name, as a person at head office does when it is refused."""
        name = self.device_name(seat)
        shared = any(each.device() == seat.device() for each in self.seats if each is not seat)
        if name is None or shared:
            called = f"{seat.name} {self.number()}"
            groups = () if self.setting is Setting.OWN else (ALL_GROUPS,)
            enrolment = enrol_device(self.central, called, groups)
            if seat.code and self.setting is Setting.OWN:
                try:
                    assign_group(self.central, called, seat.code)
                except SyncError:  # Another laptop writes its book meanwhile.
                    assign_group(self.central, called, seat.code, read_only=True)
        else:
            enrolment = renew_device(self.central, name)
        keep(enrolment, seat.folder)
        impatient(self.central)
        seat.torn, seat.refused = "", False

    def device_name(self, seat: Seat) -> str | None:
        """Return what head office calls a laptop, None when it does not let it in."""
        with self.central.connection() as connection:
            name: str | None = connection.exec_driver_sql(
                "SELECT name FROM sync.device WHERE dev = %s AND status = 'active'",
                (seat.device(),),
            ).scalar_one_or_none()
        return name

    def pass_by(self, step: str) -> None:
        """Note that a step was passed."""
        self.counts[f"passed {step}"] += 1

    def forget_lost(self, by: str = "") -> None:
        """Forget what ``by`` did that stood only in what was replaced by an older copy."""
        known = read(self.central, "SELECT replace(su::text, '-', '') FROM sync.row_state")
        for seat in self.seats:
            known += seat.read("SELECT su FROM sync_idmap")
        self.memory.forget(by, {su for (su,) in known})

    def lose_connections(self) -> None:
        """Forget the connections to a server or database that is no more."""
        self.web.lose_all()
        if self.idle is not None and self.idle.here:
            self.end_idle(commit=False)
        self.central.engine.dispose()

    def use_centre(self, name: str) -> None:
        """Go on with another database at head office."""
        self.name = name
        self.central = db.connect(self.server.url(name))
        self.web.central = self.central
        for seat in self.seats:
            point_at(seat.folder, self.server.port, name)

    def close(self) -> None:
        self.end_idle(commit=False)
        self.lose_connections()
        for seat in self.seats:
            seat.database.close()
        for name in filter(None, (self.name, self.backup)):
            self.server.drop_database(name)
        shutil.rmtree(self.folder)


def synchronise(laptop: Laptop, failpoint: Failpoint) -> SyncReport:
    """Send what is new and fetch what is new."""
    clock = laptop.clock if isinstance(laptop, Seat) else None
    return sync.run(laptop.database, laptop.folder, clock=clock, failpoint=failpoint)


def impatient(central: Database) -> None:
    """Let no laptop wait long for a row that another writes: histories are short."""
    with central.connection(writes=True) as connection:
        for role in connection.exec_driver_sql("SELECT role FROM sync.device").scalars():
            connection.exec_driver_sql(f"ALTER ROLE {role} SET lock_timeout = '60ms'")


def point_at(folder: Path, port: int, name: str) -> None:
    """Tell a laptop where head office is now."""
    keep(replace(load_enrolment(folder), port=port, dbname=name), folder)
