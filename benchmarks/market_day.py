"""Two hundred laptops come at once on market day, each with five meetings of its group.

Head office has PostgreSQL's ordinary settings, a hundred connections at most: who finds no place
comes again after a moment of its own. The baseline is the same work done by other laptops one
after another, on the same server in the same run; told is the slowest of those that came at once.
No laptop may fail: whatever was recorded is at head office afterwards, counted there.

    python -m benchmarks.market_day [LAPTOPS]
"""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import insert

from benchmarks.measure import Measure, measured, show
from benchmarks.push import WORDS, new_database
from tests.support.postgres import running_server
from vsla_desktop import db
from vsla_desktop.models import (
    GroupMember,
    GroupTransaction,
    Meeting,
    MeetingAttendance,
    SavingsCycle,
    SavingsGroup,
    User,
)
from vsla_desktop.sync import enrol_device, keep_enrolment, push
from vsla_desktop.sync.centre import BusyError
from vsla_desktop.sync.secret import Cost

if TYPE_CHECKING:
    from vsla_desktop.db import Database

BAR: Final = 3.0
MEMBERS: Final = 25
MEETINGS: Final = 5
ENTRIES: Final = 3
ROWS: Final = 3 + MEMBERS + MEETINGS * (1 + MEMBERS * (1 + ENTRIES))
PLACE = {"region": "R", "district": "D", "parish": "P", "village": "V", "created_by": 1}


@dataclass(slots=True)
class Laptop:
    """A laptop with its book, and when its sending ended."""

    folder: Path
    seconds: float = 0.0
    tries: int = 0

    def send(self, began: float) -> None:
        """Send until head office has everything, as the program does by itself."""
        book = db.open_database(self.folder / "vsla.db")
        chance = random.Random(self.folder.name)  # noqa: S311 - who waits how long is no secret
        while True:
            self.tries += 1
            try:
                if push(book, self.folder).waiting == 0:
                    break
            except BusyError:
                time.sleep(chance.uniform(0.05, 0.4) * min(self.tries, 8))
        book.close()
        self.seconds = time.perf_counter() - began


def new_laptop(central: Database, blank: Path, folder: Path) -> Laptop:
    """Enrol a laptop, and write five meetings of a group into its book."""
    folder.mkdir()
    cheap = Cost(passes=1, memory=64)
    keep_enrolment(enrol_device(central, folder.name), folder, passphrase=WORDS, cost=cheap)
    shutil.copy(blank, folder / "vsla.db")
    name, start = folder.name, date(2026, 1, 5)
    book = db.open_database(folder / "vsla.db")
    days = [start + timedelta(7 * number) for number in range(MEETINGS)]
    with book.write() as session:
        session.add(User(username=name, email=f"{name}@example.org", password="x"))  # noqa: S106
        session.flush()
        session.execute(insert(SavingsGroup), [{"name": name, "group_code": name, **PLACE}])
        cycle = {"cycle_number": 1, "start_date": start, "end_date": start + timedelta(360)}
        session.execute(insert(SavingsCycle), [{"group_id": 1, **cycle}])
        member = {"group_id": 1, "last_name": "X", "gender": "F"}
        members = [{"first_name": f"M{number}", **member} for number in range(MEMBERS)]
        session.execute(insert(GroupMember), members)
        meeting = {"group_id": 1, "cycle_id": 1}
        session.execute(
            insert(Meeting),
            [
                {"meeting_number": number, "meeting_date": day, **meeting}
                for number, day in enumerate(days, start=1)
            ],
        )
        places = [
            (number, day, member)
            for number, day in enumerate(days, start=1)
            for member in range(1, MEMBERS + 1)
        ]
        session.execute(
            insert(MeetingAttendance),
            [
                {
                    "group_id": 1,
                    "meeting_id": number,
                    "member_id": member,
                    "meeting_date": day,
                    "is_present": True,
                }
                for number, day, member in places
            ],
        )
        session.execute(
            insert(GroupTransaction),
            [
                {
                    "group_id": 1,
                    "member_id": member,
                    "meeting_id": number,
                    "cycle_id": 1,
                    "created_by": 1,
                    "amount": 500 + entry * 100,
                    "direction": 1,
                    "transaction_type": "SAVINGS_DEPOSIT",
                    "fund_type": "LOAN_FUND",
                    "transaction_date": day,
                    "reference_number": f"{name}-{number}-{member}-{entry}",
                    "description": "Shares",
                }
                for number, day, member in places
                for entry in range(ENTRIES)
            ],
        )
    book.close()
    return Laptop(folder)


def at_once(laptops: list[Laptop]) -> float:
    """Let all begin in the same moment; return when the last one was done."""
    gate = threading.Barrier(len(laptops) + 1)
    began = [0.0]

    def come(laptop: Laptop) -> None:
        gate.wait()
        laptop.send(began[0])

    threads = [threading.Thread(target=come, args=(each,)) for each in laptops]
    for each in threads:
        each.start()
    began[0] = time.perf_counter()
    gate.wait()
    for each in threads:
        each.join()
    return max(each.seconds for each in laptops)


def run(count: int = 200) -> list[Measure]:
    """Measure a market day against a queue."""
    with ExitStack() as stack:
        base = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(running_server(durable=True))
        central = stack.enter_context(new_database(server))
        blank = base / "blank.db"
        db.open_database(blank).close()
        queue = [new_laptop(central, blank, base / f"queue{number}") for number in range(count)]
        market = [new_laptop(central, blank, base / f"market{number}") for number in range(count)]
        began = time.perf_counter()
        for each in queue:
            each.send(began)
        one_by_one = time.perf_counter() - began
        slowest = at_once(market)
        with central.connection() as connection:
            there = connection.exec_driver_sql("SELECT sum(rows) FROM sync.batch").scalar_one()
    if there != 2 * count * ROWS:
        raise SystemExit(f"{there} of {2 * count * ROWS} rows are at head office")
    tries = max(each.tries for each in market)
    name = f"{count} laptops at once, the slowest (it asked {tries} times)"
    return [measured(name, slowest, one_by_one, at_most=BAR, unit="s")]


if __name__ == "__main__":
    show(run(*(int(each) for each in sys.argv[1:2])))
