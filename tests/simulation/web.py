"""The web program at head office: it writes the same tables, and its transactions may stay open."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, exc

from tests.simulation.memory import Memory, Write
from tests.simulation.plan import Fault
from tests.sync.history import Step as Change
from tests.sync.history import take
from vsla_desktop.db import Database

# Columns that take any text, so that what stands in them tells who wrote it.
EDITED = (("group_members", "occupation"), ("meetings", "location"), ("savings_groups", "village"))


@dataclass
class Session:
    """A transaction of the web program."""

    connection: Connection
    written: list[Write] = field(default_factory=list)
    wrote: bool = False

    def run(self, statement: str, values: tuple[Any, ...] = ()) -> Any:
        return self.connection.exec_driver_sql(statement, values)


@dataclass
class Web:
    """The web program; ``sessions`` are those that are open."""

    central: Database
    memory: Memory
    counts: Counter[str]
    sessions: list[Session] = field(default_factory=list)

    def work(self, choose: random.Random, kind: str, number: int) -> None:
        """Write something in an open transaction, or in a new one that may stay open."""
        if self.sessions and choose.random() < 0.4:
            session = choose.choice(self.sessions)
        else:
            session = Session(self.central.engine.connect())
            session.connection.begin()
            self.sessions.append(session)
        try:
            WRITES[kind](session, choose, number)
            session.wrote = True
        except exc.IntegrityError:
            self._end(session, commit=False)
        except exc.DBAPIError as error:
            if not _is_in_the_way(error):
                raise
            self._end(session, commit=False)
        else:
            if choose.random() < 0.5:
                self._end(session, commit=True)

    def end_one(self, choose: random.Random, *, commit: bool) -> None:
        """End an open transaction, long after it has written."""
        if self.sessions:
            if not commit:
                self.counts[Fault.ROLLED_BACK] += 1
            self._end(choose.choice(self.sessions), commit=commit)

    def end_all(self) -> None:
        """Commit all that is open."""
        for session in list(self.sessions):
            self._end(session, commit=True)

    def lose_all(self) -> None:
        """Lose all that is open, as when the server goes."""
        for session in self.sessions:
            session.connection.invalidate()
            session.connection.close()
        self.sessions.clear()

    def _end(self, session: Session, *, commit: bool) -> None:
        self.sessions.remove(session)
        with session.connection as connection:
            if not commit:
                connection.rollback()
                return
            gone = session.run(
                "SELECT replace(su::text, '-', '') FROM sync.row_state"
                " WHERE deleted AND xid = pg_current_xact_id()"
            ).scalars()
            removed = set(gone)
            connection.commit()
        self.memory.gone |= removed
        self.memory.write(*session.written)


def _is_in_the_way(error: exc.DBAPIError) -> bool:
    return getattr(error.orig, "pgcode", "") in {"55P03", "40P01"}


def _rows(session: Session, choose: random.Random, _number: int) -> None:
    kind = choose.choice(("insert", "insert", "update", "update", "delete"))
    take(session.connection, Change(kind, choose.randrange(47), choose.randrange(2**32)))


def _chosen(session: Session, choose: random.Random, table: str) -> int | None:
    ids = session.run(f"SELECT id FROM {table} ORDER BY id").scalars().all()
    return choose.choice(ids) if ids else None


def _edit(session: Session, choose: random.Random, number: int) -> None:
    table, column = choose.choice(EDITED)
    row = _chosen(session, choose, table)
    found = session.run(
        f"SELECT {column}, (SELECT replace(s.su::text, '-', '') FROM sync.row_state s"
        f" WHERE s.id = t.id AND s.tbl = %s AND NOT s.deleted) FROM {table} t"
        " WHERE t.id = %s FOR UPDATE",
        (number_of(table), row),
    ).one_or_none()
    if found is None:
        return
    base, su = found
    value = f"web {number}"
    session.run(f"UPDATE {table} SET {column} = %s WHERE id = %s", (value, row))
    session.written.append(Write(su, table, column, base, value))


def _remove(session: Session, choose: random.Random, _number: int) -> None:
    table = choose.choice(("meeting_attendance", "member_fines", "group_members", "meetings"))
    row = _chosen(session, choose, table)
    session.run(f"DELETE FROM {table} WHERE id = %s", (row,))


def _meeting(session: Session, _choose: random.Random, _number: int) -> None:
    """Plan a meeting under the number that a laptop takes next, too."""
    session.run(
        "INSERT INTO meetings (group_id, meeting_number, meeting_date, status)"
        " SELECT group_id, max(meeting_number) + 1, max(meeting_date) + 7, 'SCHEDULED'"
        " FROM meetings GROUP BY group_id ORDER BY group_id LIMIT 1"
    )


def _entry(session: Session, choose: random.Random, number: int) -> None:
    session.run(
        "INSERT INTO group_transactions (group_id, member_id, amount, transaction_type,"
        " reference_number, description) SELECT m.group_id, m.id, 250, 'SAVINGS_DEPOSIT', %s,"
        " 'By the web' FROM group_members m WHERE m.id = %s",
        (f"W{number}", _chosen(session, choose, "group_members")),
    )


def number_of(table: str) -> int:
    from vsla_desktop.capture.tables import travel

    return travel(table).number


WRITES = {
    "web_rows": _rows,
    "web_edit": _edit,
    "web_remove": _remove,
    "web_meeting": _meeting,
    "web_entry": _entry,
}
