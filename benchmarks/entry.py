"""One entry of the meeting sheet, from the cell that is left to the disk.

Through the service, the rules, the ledger, the triggers and the note for head office, against the
least that any program could do: one row in one durable commit with plain sqlite3.
"""

from __future__ import annotations

import contextlib
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from benchmarks.measure import Measure, measured
from vsla_desktop.clock import FixedClock
from vsla_desktop.db import open_database
from vsla_desktop.domain.rules import Preset, preset_rules
from vsla_desktop.services.groups import NewGroup, create_group
from vsla_desktop.services.meetings import NewMeeting, as_expected, open_meeting
from vsla_desktop.services.members import NewMember, add_member
from vsla_desktop.services.savings import record_shares

BAR = 4.0
ENTRIES = 100
MEMBERS = 25


def run() -> list[Measure]:
    """Measure both on one disk in one run, taking turns, and compare the medians."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name:
        entry, close = _entries(Path(name) / "vsla.db")
        plain, close_plain = _plain(Path(name) / "plain.db")
        for number in range(MEMBERS):
            entry(number)
            plain(number)
        ours, theirs = [], []
        for number in range(ENTRIES):
            ours.append(_seconds(entry, number))
            theirs.append(_seconds(plain, number))
        close()
        close_plain()
    return [
        measured(
            "one entry, cell left to durable",
            statistics.median(ours),
            statistics.median(theirs),
            at_most=BAR,
        )
    ]


def _seconds(work: Callable[[int], None], number: int) -> float:
    start = time.perf_counter()
    work(number)
    return time.perf_counter() - start


def _entries(path: Path) -> tuple[Callable[[int], None], Callable[[], None]]:
    book = open_database(path)
    clock = FixedClock(datetime(2026, 1, 5, 9))  # noqa: DTZ001 - UTC, as stored
    rules = preset_rules(
        Preset.VSLA, share_value=Decimal(5000), social_fund_contribution=Decimal(1000)
    )
    new = NewGroup(name="Tukolere Wamu", currency="UGX", formation_date=date(2026, 1, 1))
    with book.write() as session:
        group = create_group(session, new, rules, clock=clock)
        members = [
            add_member(
                session,
                group.group_id,
                NewMember(first_name="Amina", last_name=f"N{number}", gender="F"),
                clock=clock,
            ).member_id
            for number in range(MEMBERS)
        ]
        meeting = open_meeting(
            session,
            group.group_id,
            NewMeeting(day=date(2026, 1, 5)),
            counts=as_expected(session, group.group_id),
            clock=clock,
        ).meeting_id

    def entry(number: int) -> None:
        with book.write() as session:
            record_shares(session, meeting, members[number % MEMBERS], 1, clock=clock)

    return entry, book.close


def _plain(path: Path) -> tuple[Callable[[int], None], Callable[[], None]]:
    stack = contextlib.ExitStack()
    book = stack.enter_context(contextlib.closing(sqlite3.connect(path, isolation_level=None)))
    book.execute("PRAGMA journal_mode = WAL")
    book.execute("PRAGMA synchronous = FULL")
    book.execute("CREATE TABLE entry (id INTEGER PRIMARY KEY, member, amount, made)")

    def entry(number: int) -> None:
        book.execute("BEGIN IMMEDIATE")
        book.execute("INSERT INTO entry (member, amount, made) VALUES (?, 5000, '')", (number,))
        book.execute("COMMIT")

    return entry, stack.close
