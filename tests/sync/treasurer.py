"""A treasurer who enters and sends without end, in a process of its own that can be killed.

``python -m tests.sync.treasurer FOLDER NAME``: each entry is told on a line as soon as it is
acknowledged, and so is each step of a sync.
"""

from __future__ import annotations

import sys
from itertools import count
from pathlib import Path

from tests.services.village import FORMED, morning
from vsla_desktop import db, sync
from vsla_desktop.clock import FixedClock
from vsla_desktop.errors import OfflineError
from vsla_desktop.services.cells import set_shares


def main(folder: Path, name: str) -> None:
    book = db.open_database(folder / "vsla.db")
    clock = FixedClock(morning(FORMED))
    with book.connection() as connection:
        run = connection.exec_driver_sql
        meeting, group = run("SELECT id, group_id FROM meetings ORDER BY id LIMIT 1").one()
        members = (
            run("SELECT id FROM group_members WHERE group_id = ? ORDER BY id", (group,))
            .scalars()
            .all()
        )
    for number in count():
        with book.write() as session:
            member = members[number % len(members)]
            set_shares(session, meeting, member, 1 + number % 5, clock=clock)
            session.connection().exec_driver_sql(
                "INSERT INTO group_transactions (group_id, member_id, amount, transaction_type,"
                " reference_number, description) VALUES (?, ?, 100, 'SAVINGS_DEPOSIT', ?, ?)",
                (group, member, f"{name}-{number}", f"Entry {name}-{number}"),
            )
        told(f"Entry {name}-{number}")
        if number % 3 == 0:
            try:
                sync.run(book, folder, clock=clock, failpoint=told)
            except OfflineError:
                told("offline")


def told(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
