"""One entry of the meeting sheet, from the cell that is left to the disk.

Through the service, the rules, the ledger, the triggers and the note for head office, against the
least that any program could do: one row in one durable commit with plain sqlite3. A cell that is
changed is two entries: what it had posted is taken back, and the new value entered.
"""

from __future__ import annotations

import contextlib
import sqlite3
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from benchmarks.measure import Measure, measured
from vsla_desktop.clock import FixedClock
from vsla_desktop.db import Database, open_database
from vsla_desktop.domain.rules import Preset, preset_rules
from vsla_desktop.services.cells import CellSet, set_shares, set_social
from vsla_desktop.services.groups import NewGroup, create_group
from vsla_desktop.services.meetings import (
    SPECIAL,
    NewMeeting,
    as_expected,
    close_meeting,
    open_meeting,
)
from vsla_desktop.services.members import NewMember, add_member

BAR = 4.0
MEETINGS = 5
MEMBERS = 25
CLOCK = FixedClock(datetime(2026, 1, 5, 9))  # noqa: DTZ001 - UTC, as stored

SHARES, SOCIAL, CHANGED = "shares entered", "social fund entered", "shares changed, two entries"
PLAIN = "one row"


def run() -> list[Measure]:
    """Measure all on one disk in one run, taking turns, and compare the medians."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name, contextlib.ExitStack() as stack:
        sheet = _Sheet(open_database(Path(name) / "vsla.db"))
        stack.callback(sheet.book.close)
        plain = stack.enter_context(_plain(Path(name) / "plain.db"))
        times: dict[str, list[float]] = {}
        for number in range(MEETINGS):
            sheet.open(date(2026, 1, 5) + timedelta(weeks=number))
            taken = _meeting(sheet, plain)
            if number:  # the first is for the caches
                for what, seconds in taken.items():
                    times.setdefault(what, []).extend(seconds)
            sheet.close()
    medians = {what: 1000 * statistics.median(seconds) for what, seconds in times.items()}
    return [
        measured(
            f"{what}, cell left to durable", medians[what], medians[PLAIN], at_most=bar, unit="ms"
        )
        for what, bar in ((SHARES, BAR), (SOCIAL, BAR), (CHANGED, 2 * BAR))
    ]


def _meeting(sheet: _Sheet, plain: Callable[[int], None]) -> dict[str, list[float]]:
    taken = defaultdict(list)
    for member in sheet.members:
        for what, work in (
            (SHARES, lambda who: sheet.shares(who, 2)),
            (PLAIN, plain),
            (SOCIAL, sheet.social),
            (CHANGED, lambda who: sheet.shares(who, 3)),
        ):
            start = time.perf_counter()
            work(member)
            taken[what].append(time.perf_counter() - start)
    return taken


class _Sheet:
    """A group's meeting sheet; each cell is written as its page writes it."""

    def __init__(self, book: Database) -> None:
        self.book = book
        rules = preset_rules(
            Preset.VSLA, share_value=Decimal(5000), social_fund_contribution=Decimal(1000)
        )
        new = NewGroup(name="Tukolere Wamu", currency="UGX", formation_date=date(2026, 1, 1))
        with book.write() as session:
            self._group = create_group(session, new, rules, clock=CLOCK).group_id
            self.members = [
                add_member(
                    session,
                    self._group,
                    NewMember(first_name="Amina", last_name=f"N{number}", gender="F"),
                    clock=CLOCK,
                ).member_id
                for number in range(MEMBERS)
            ]

    def open(self, day: date) -> None:
        with self.book.write() as session:
            self._meeting = open_meeting(
                session,
                self._group,
                NewMeeting(day=day, kind=SPECIAL),
                counts=as_expected(session, self._group),
                clock=CLOCK,
            ).meeting_id

    def close(self) -> None:
        with self.book.write() as session:
            counts = as_expected(session, self._group)
            close_meeting(session, self._meeting, counts, clock=CLOCK)

    def shares(self, member: int, count: int) -> None:
        with self.book.write() as session:
            _check(set_shares(session, self._meeting, member, count, clock=CLOCK))

    def social(self, member: int) -> None:
        with self.book.write() as session:
            _check(set_social(session, self._meeting, member, Decimal(1000), clock=CLOCK))


def _check(done: CellSet) -> None:
    if not done.has_changed:
        message = "nothing was entered"
        raise AssertionError(message)


@contextlib.contextmanager
def _plain(path: Path) -> Iterator[Callable[[int], None]]:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as book:
        book.execute("PRAGMA journal_mode = WAL")
        book.execute("PRAGMA synchronous = FULL")
        book.execute("CREATE TABLE entry (id INTEGER PRIMARY KEY, member, amount, made)")

        def entry(member: int) -> None:
            book.execute("BEGIN IMMEDIATE")
            book.execute("INSERT INTO entry (member, amount, made) VALUES (?, 5000, '')", (member,))
            book.execute("COMMIT")

        yield entry
