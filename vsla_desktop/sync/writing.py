"""Write rows from head office into the book: parents first, and never over what is only here.

Everything happens in the caller's transaction, with the triggers that note changes silenced and
the checks of this release put aside: what other programs wrote at head office is taken as it is.
A row keeps the id that it had here, a new row gets a new one. What can not be written yet is given
back, with what it waits for.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from vsla_desktop.capture.tables import travel, travels
from vsla_desktop.sync.lines import Arrived, Writer, writers
from vsla_desktop.sync.outbox import held_here
from vsla_desktop.sync.scopes import groups_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Connection

# What a row waits for that is no row.
KEY: Final = "key"
HELD: Final = "here"
NEWER: Final = "release"
NEEDED: Final = "needed"


@dataclass(frozen=True, slots=True)
class _Known:
    """A row that is, or was, here."""

    number: int
    local_id: int
    ver: int | None


class Writing:
    """One writing of rows. ``waiting`` are those that have to wait, and for what.

    ``bereft`` are groups with rows that lost one that they refer to at head office.
    """

    def __init__(self, connection: Connection, widths: tuple[tuple[int, int], ...]) -> None:
        self.waiting: list[tuple[Arrived, str]] = []
        self.written = 0
        self.bereft: set[str] = set()
        self._connection = connection
        self._run = connection.exec_driver_sql
        self._cursor: Any = connection.connection.cursor()
        self._error = connection.dialect.loaded_dbapi.IntegrityError
        self._writers = writers(widths)
        self._held = held_here(connection)
        self._known: dict[str, _Known] = {}
        self._here: set[tuple[int, int]] = set()
        self._ids: dict[str, int] = {}
        self._lacking: set[str] = set()
        self._doomed: dict[int, list[int]] = {}

    def write(self, rows: Iterable[Arrived]) -> None:
        """Write what can be written."""
        going, coming = self._sort(list(rows))
        self._find_parents(coming, {each.su for gone in going.values() for each in gone})
        self._doomed = {
            number: [self._known[each.su].local_id for each in gone]
            for number, gone in going.items()
        }
        for table in travels():
            if table.number in coming:
                self._write_table(self._writers[table.number], coming[table.number])
        for table in travels():
            writer = self._writers.get(table.number)
            if writer is not None and writer.close and table.number in coming:
                self._close_circle(writer, coming[table.number])
        self.bereft = self._find_bereft()
        for table in reversed(travels()):
            if table.number in going:
                self._remove(table.number, going[table.number])

    def _sort(
        self, rows: list[Arrived]
    ) -> tuple[dict[int, list[Arrived]], dict[int, list[Arrived]]]:
        """Part rows into what goes and what comes, by table; leave out what is here already."""
        for su, number, local_id, ver in self._run(
            "SELECT m.su, m.tbl, m.local_id, m.ver FROM json_each(?) j"
            " JOIN sync_idmap m ON m.su = j.value",
            (json.dumps([each.su for each in rows]),),
        ):
            self._known[su] = _Known(number, local_id, ver)
        self._here = self._present(self._known.values())
        # Rows that were written but for a reference that leads somewhere only now.
        unfinished = set(self._run("SELECT su FROM sync_inq").scalars())
        going: dict[int, list[Arrived]] = defaultdict(list)
        coming: dict[int, list[Arrived]] = defaultdict(list)
        for each in rows:
            known = self._known.get(each.su)
            if each.su in self._held:
                self.waiting.append((each, HELD))
            elif each.number not in self._writers:
                self.waiting.append((each, NEWER))
            elif known is None:
                if not each.gone:
                    coming[each.number].append(each)
            elif each.ver < (known.ver or 0):
                continue
            elif each.gone:
                going[each.number].append(each)
            elif each.ver > (known.ver or 0) or each.su in unfinished or not self._is_here(known):
                coming[each.number].append(each)
        self._keep_what_is_needed(going)
        return going, coming

    def _is_here(self, known: _Known | None) -> bool:
        return known is not None and (known.number, known.local_id) in self._here

    def _present(self, known: Iterable[_Known]) -> set[tuple[int, int]]:
        """Return which of these rows are here now, as table and id."""
        by_table: dict[int, list[int]] = defaultdict(list)
        for each in known:
            by_table[each.number].append(each.local_id)
        names = {each.number: each.name for each in travels()}
        return {
            (number, local_id)
            for number, ids in by_table.items()
            for local_id in self._run(
                f'SELECT t.id FROM json_each(?) j JOIN "{names[number]}" t ON t.id = j.value',
                (json.dumps(ids),),
            ).scalars()
        }

    # -- what goes

    def _find_bereft(self) -> set[str]:
        """Return the groups of rows that refer to one that goes, and stay.

        At head office they still refer to it: it went to a group that is not here. So what they
        say has to come once more, and wait for it.
        """
        found: set[str] = set()
        for table in travels() if self._doomed else ():
            going = set(self._doomed.get(table.number, ()))
            for each in table.references:
                doomed = self._doomed.get(travel(each.parent).number) if each.parent else None
                if doomed:
                    referring = self._run(
                        f'SELECT t.id FROM "{table.name}" t WHERE t."{each.name}" IN'
                        " (SELECT value FROM json_each(?))",
                        (json.dumps(doomed),),
                    ).scalars()
                    staying = [row for row in referring if row not in going]
                    found.update(groups_of(self._connection, table.name, staying))
        return found

    def _keep_what_is_needed(self, going: dict[int, list[Arrived]]) -> None:
        """Let rows wait that would take along what head office has not got."""
        if not going:
            return
        needed = self._needed_by_held()
        for number, gone in list(going.items()):
            stays = [each for each in gone if self._known[each.su].local_id in needed[number]]
            if stays:
                self.waiting += [(each, NEEDED) for each in stays]
                kept = {each.su for each in stays}
                going[number] = [each for each in gone if each.su not in kept]

    def _needed_by_held(self) -> dict[int, set[int]]:
        """Return the ids of all rows, by table, without which a held row could not be here."""
        needed: dict[int, set[int]] = defaultdict(set)
        for number, local_id in self._run(
            "SELECT m.tbl, m.local_id FROM json_each(?) j JOIN sync_idmap m ON m.su = j.value",
            (json.dumps(sorted(self._held)),),
        ):
            needed[number].add(local_id)
        for table in reversed(travels()):
            ids = json.dumps(sorted(needed[table.number]))
            for each in _holding(table.name) if needed[table.number] else ():
                needed[travel(each.parent).number].update(
                    self._run(
                        f'SELECT DISTINCT t."{each.name}" FROM json_each(?) j'
                        f' JOIN "{table.name}" t ON t.id = j.value WHERE t."{each.name}" NOTNULL',
                        (ids,),
                    ).scalars()
                )
        return needed

    def _remove(self, number: int, gone: list[Arrived]) -> None:
        table = self._writers[number].table
        self._run("PRAGMA defer_foreign_keys = OFF")
        removed = []
        for each in gone:
            local_id = self._known[each.su].local_id
            try:
                self._cursor.execute(f'DELETE FROM "{table.name}" WHERE id = ?', (local_id,))
            except self._error:
                self.waiting.append((each, NEEDED))
                continue
            removed.append((each.ver, each.su))
        self._run("PRAGMA defer_foreign_keys = ON")
        self._cursor.executemany("UPDATE sync_idmap SET ver = ? WHERE su = ?", removed)
        self.written += len(removed)

    # -- what comes

    def _find_parents(self, coming: dict[int, list[Arrived]], gone: set[str]) -> None:
        """Find the rows here that the coming ones refer to."""
        own = {each.su for rows in coming.values() for each in rows}
        wanted: set[str] = set()
        for rows in coming.values():
            for each in rows:
                wanted.update(each.references)
        referred = wanted - {""} - own - gone
        found = {
            su: _Known(number, local_id, None)
            for su, number, local_id in self._run(
                "SELECT m.su, m.tbl, m.local_id FROM json_each(?) j"
                " JOIN sync_idmap m ON m.su = j.value",
                (json.dumps(list(referred)),),
            )
        }
        here = self._present(found.values())
        self._ids = {
            su: each.local_id for su, each in found.items() if (each.number, each.local_id) in here
        }
        self._lacking = {each for each in referred | gone if each not in self._ids}

    def _write_table(self, writer: Writer, rows: list[Arrived]) -> None:
        """Write the rows of one table; what fails is left out, and the rest written again."""
        rows.sort(key=lambda each: each.su)
        while True:
            ready = self._with_ids(writer, rows)
            self._run("SAVEPOINT taking")
            failing = self._try(writer, ready)
            if not failing:
                break
            self._run("ROLLBACK TO taking")
            for each in ready:
                self._forget_id(each)
            self.waiting += failing
            without = {each.su for each, _ in failing}
            rows = [each for each in ready if each.su not in without]
        self._run("RELEASE taking")
        self._note(writer, ready)

    def _with_ids(self, writer: Writer, rows: list[Arrived]) -> list[Arrived]:
        """Return the rows whose owners are here, each with an id of its own."""
        required = [each.place - 1 for each in writer.references if not each.nullable]
        ids, known = self._ids, self._known
        ready = []
        next_id = self._next_id(writer.table.name)
        for each in rows:
            referred = each.references
            lacking = next((su for at in required if (su := referred[at]) not in ids), None)
            if lacking is not None:
                self.waiting.append((each, lacking or "nothing"))
                self._forget_id(each)
                continue
            before = known.get(each.su)
            if before is None:
                ids[each.su] = next_id
                next_id += 1
            else:
                ids[each.su] = before.local_id
            ready.append(each)
        return ready

    def _forget_id(self, row: Arrived) -> None:
        """Let others refer to a row that is not written only if it was here before."""
        known = self._known.get(row.su)
        if known is not None and self._is_here(known):
            self._ids[row.su] = known.local_id
        else:
            self._ids.pop(row.su, None)
            self._lacking.add(row.su)

    def _next_id(self, name: str) -> int:
        last: int | None = self._run(
            "SELECT seq FROM sqlite_sequence WHERE name = ?", (name,)
        ).scalar_one_or_none()
        return (last or 0) + 1

    def _values(self, writer: Writer, rows: Sequence[Arrived]) -> Iterator[list[Any]]:
        ids = self._ids
        return ([ids[each.su], *writer.row(each, ids)] for each in rows)

    def _try(self, writer: Writer, rows: list[Arrived]) -> list[tuple[Arrived, str]]:
        """Write all rows at once, or else find out which ones can not be written, and why."""
        known = [each for each in rows if each.su in self._known]
        new = [each for each in rows if each.su not in self._known]
        try:
            self._cursor.executemany(writer.write, self._values(writer, known))
            self._cursor.executemany(writer.add, self._values(writer, new))
        except self._error:
            self._run("ROLLBACK TO taking")
            return self._one_by_one(writer, rows)
        return []

    def _one_by_one(self, writer: Writer, rows: list[Arrived]) -> list[tuple[Arrived, str]]:
        """Write rows one by one; keys that rows exchange, or that going rows had, are in no way.

        Whatever the last attempt leaves out is blocked by a row that is only here.
        """
        parked = False
        left = rows
        while True:
            failing: list[tuple[Arrived, str]] = []
            for each, values in zip(left, self._values(writer, left), strict=True):
                try:
                    self._cursor.execute(writer.write, values)
                except self._error as error:
                    failing.append((each, KEY if "UNIQUE" in str(error) else str(error)))
            if not failing:
                return []
            if len(failing) == len(left):
                if parked or all(why != KEY for _, why in failing):
                    return failing
                self._park(writer, [each for each, _ in failing])
                parked = True
            left = [each for each, _ in failing]

    def _park(self, writer: Writer, rows: list[Arrived]) -> None:
        """Give the rows that are to be written, or to go, keys that no row has."""
        table = writer.table
        ids = {self._known[each.su].local_id for each in rows if each.su in self._known}
        ids.update(self._doomed.get(table.number, ()))
        kinds = {"text": "'~' || id", "integer": "-id", "date": "'~' || id"}
        columns = sorted({name for key in table.keys for name in key})
        changes = ", ".join(
            f'"{each.name}" = {kinds.get(each.sort.value, "-id")}'
            for each in map(table.column, columns)
        )
        if changes:
            self._run(
                f'UPDATE "{table.name}" SET {changes} WHERE id IN (SELECT value FROM json_each(?))',
                (json.dumps(sorted(ids)),),
            )

    def _note(self, writer: Writer, rows: list[Arrived]) -> None:
        """Keep identity, id and version of what was written, and what of it has to come later."""
        table, ids, known = writer.table, self._ids, self._known
        self._cursor.executemany(
            "INSERT INTO sync_idmap (tbl, local_id, su, ver) VALUES (?, ?, ?, ?)",
            [
                (table.number, ids[each.su], each.su, each.ver)
                for each in rows
                if each.su not in known
            ],
        )
        self._cursor.executemany(
            "UPDATE sync_idmap SET ver = ? WHERE su = ?",
            [(each.ver, each.su) for each in rows if each.su in known],
        )
        self.written += len(rows)
        optional = [each.place - 1 for each in writer.references if each.nullable]
        for each in rows if self._lacking or writer.beyond else ():
            for place in optional:
                if (su := each.references[place]) and su not in ids:
                    self.waiting.append((each, su))
                    break
            else:
                if writer.beyond and writer.unknown(each):
                    self.waiting.append((each, NEWER))

    def _close_circle(self, writer: Writer, rows: list[Arrived]) -> None:
        """Write the references to rows that came later."""
        for each in rows:
            if each.su not in self._ids:
                continue
            told = [each.references[later.place - 1] for later in writer.later]
            values = [self._ids.get(su) for su in told]
            self._cursor.execute(writer.close, (*values, self._ids[each.su]))
            lacking = next((su for su in told if su and su not in self._ids), None)
            if lacking is not None:
                self.waiting.append((each, lacking))


def _holding(name: str) -> list[Any]:
    """Return the references without whose row a row can not be here."""
    return [
        each
        for each in travel(name).references
        if each.parent
        and any(
            (child.table, child.column) == (name, each.name)
            for child in travel(each.parent).holders
        )
    ]
