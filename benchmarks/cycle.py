"""A cycle of 48 meetings with keystrokes: the last meeting's entry against the first's.

Each entry is a cell of the meeting sheet that is left: through the presenter, the service, the
ledger, the triggers and the note for head office, to the disk, and read again for the page.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from benchmarks.measure import Measure, measured
from vsla_desktop.clock import FixedClock
from vsla_desktop.db import open_database
from vsla_desktop.domain.rules import Preset, preset_rules
from vsla_desktop.presenters.meeting import MeetingPresenter
from vsla_desktop.presenters.meeting_counting import PurseCounter
from vsla_desktop.presenters.runner import InlineRunner
from vsla_desktop.presenters.shell import ShellPresenter
from vsla_desktop.services.groups import NewGroup, create_group
from vsla_desktop.services.members import NewMember, add_member

T = TypeVar("T")

BAR = 1.2
MEMBERS, MEETINGS = 25, 48
COMPARED = 3  # meetings at either end, so that one slow commit says nothing
START = datetime(2026, 1, 5, 9)  # noqa: DTZ001 - UTC, as stored


def run() -> list[Measure]:
    """Keep the book of a cycle and compare the entries of both its ends."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name:
        book = open_database(Path(name) / "vsla.db")
        clock = FixedClock(START)
        rules = preset_rules(
            Preset.VSLA, share_value=Decimal(5000), social_fund_contribution=Decimal(1000)
        )
        new = NewGroup(name="Tukolere Wamu", currency="UGX", formation_date=date(2026, 1, 1))
        with book.write() as session:
            group = create_group(session, new, rules, clock=clock)
            for number in range(MEMBERS):
                member = NewMember(first_name="Amina", last_name=f"N{number}", gender="F")
                add_member(session, group.group_id, member, clock=clock)
        presenter = MeetingPresenter(
            book, InlineRunner(), ShellPresenter(), group_id=group.group_id, clock=clock
        )
        presenter.load()
        taken = [_meeting(presenter, clock) for _number in range(MEETINGS)]
        book.close()
    first = [each for meeting in taken[:COMPARED] for each in meeting]
    last = [each for meeting in taken[-COMPARED:] for each in meeting]
    return [
        measured(
            "an entry of the last of 48 meetings, against the first's",
            statistics.median(last),
            statistics.median(first),
            at_most=BAR,
        )
    ]


def _meeting(presenter: MeetingPresenter, clock: FixedClock) -> list[float]:
    """Hold one meeting; return how long each member's shares took."""
    presenter.count_the_box()
    for purse in _there(presenter.opening).purses:
        _count(purse)
    presenter.open_the_meeting()
    sheet = _there(presenter.sheet)
    for key in ("attendance", "social"):
        sheet.fill_usual(sheet.column_of(key))
    column, taken = sheet.column_of("shares"), []
    for row in range(MEMBERS):
        began = time.perf_counter()
        sheet.enter(row, column, str(1 + row % 5))
        taken.append(time.perf_counter() - began)
    presenter.go_to_closing()
    closing = _there(presenter.closing)
    for purse in closing.purses:
        _count(purse)
    closing.announce(is_announced=True)
    presenter.close_the_meeting()
    _there(presenter.slip)
    clock.instant += timedelta(days=7)
    presenter.next_meeting()
    return taken


def _there(part: T | None) -> T:
    if part is None:
        message = "the meeting did not go on"
        raise RuntimeError(message)
    return part


def _count(purse: PurseCounter) -> None:
    amount = purse.expected
    for place, line in enumerate(purse.lines()):
        pieces, amount = divmod(amount, Decimal(line.label.replace(",", "")))
        purse.enter(place, str(int(pieces)))
