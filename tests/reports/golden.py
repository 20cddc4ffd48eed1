"""A programme of sixty groups, and every report of the catalogue over it as text.

``python -m tests.reports.golden`` writes the snapshots anew, in tests/data/golden. A changed
snapshot is a changed number, or a changed word, in what people are shown: look at each.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, insert, select

from vsla_desktop.clock import FixedClock
from vsla_desktop.models import Base
from vsla_desktop.queries.filtering import Filter
from vsla_desktop.queries.tables import GROUPS, MEMBERS
from vsla_desktop.reports.catalogue import REPORTS
from vsla_desktop.reports.plain_file import write_plain
from vsla_desktop.reports.report import Over
from vsla_desktop.services.practice import create_practice

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.db import Database
    from vsla_desktop.reports.report import Definition

FOLDER: Final = Path(__file__).parent.parent / "data" / "golden"
CLOCK: Final = FixedClock(datetime(2026, 3, 4, 12))  # noqa: DTZ001 - UTC, as stored
SEED: Final = 60
# How many groups have held how many meetings: one has shared out, a few have late loans.
SIZES: Final = ((1, 55), (3, 16), (56, 3))
MEMBERS_A_GROUP: Final = 9
# Lists of all groups are looked at from this day on, so that snapshots can be read.
SINCE: Final = CLOCK.today() - timedelta(days=15)
_IN_FULL: Final = frozenset({"share-out", "cycles-compared"})


def fill(book: Database) -> None:
    """Make the programme."""
    for number, (groups, meetings) in enumerate(SIZES):
        create_practice(
            book,
            groups=groups,
            members=MEMBERS_A_GROUP,
            meetings=meetings,
            seed=SEED + number,
            clock=CLOCK,
        )


def copy(book: Database, central: Database) -> None:
    """Put all rows of a laptop's book into a central database, as they are."""
    with book.connection() as source, central.connection(writes=True) as target:
        # What follows from rows comes with them.
        target.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for table in Base.metadata.tables.values():
            target.execute(delete(table))
            rows = [dict(row) for row in source.execute(select(table)).mappings()]
            if rows:
                target.execute(insert(table), rows)


def text_of(session: Session, definition: Definition, folder: Path) -> str:
    """Return a report as text, as a CSV file holds it."""
    file = folder / f"{definition.name}.csv"
    report = definition.build(session, wanted(session, definition), CLOCK)
    write_plain(report, file)
    notes = "".join(f"# {note}\n" for note in report.notes)
    # Read as bytes, so that what ends a line is compared as well.
    head = f"# {report.title} | {report.subject} | {report.period}\n"
    return head + notes + file.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")


def wanted(session: Session, definition: Definition) -> Filter:
    """Return what a report is asked for: its group or member, or all groups in the last days."""
    groups = session.scalars(select(GROUPS.c.id).order_by(GROUPS.c.id)).all()
    if definition.name == "compare-groups":
        return Filter(group_ids=tuple(groups[:4]))
    if not definition.is_of_one_group:
        return Filter(day_from=SINCE) if "day_from" in definition.asks else Filter()
    place = 0 if definition.name in _IN_FULL else 1
    group_id = groups[place]
    asked = Filter(group_ids=(group_id,))
    if definition.over is Over.GROUP:
        return asked
    of_group = select(MEMBERS.c.id).where(MEMBERS.c.group_id == group_id)
    member_id = session.scalars(of_group.order_by(MEMBERS.c.member_number)).first()
    return replace(asked, member_ids=(member_id or 0,))


def snapshot(name: str) -> Path:
    """Return where the snapshot of a report is kept."""
    return FOLDER / f"{name}.csv"


def main() -> int:
    """Write all snapshots, and take away those of reports that are gone."""
    from tests.db.books import new_book

    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        book = new_book(folder / "vsla.db")
        fill(book)
        with book.read() as session:
            for definition in REPORTS:
                text = text_of(session, definition, folder)
                snapshot(definition.name).write_text(text, encoding="utf-8", newline="\n")
        book.close()
    known = {snapshot(each.name) for each in REPORTS}
    for file in FOLDER.glob("*.csv"):
        if file not in known:
            file.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
