"""Gather the changed rows of a laptop for a batch.

New rows, which are nearly all, are written as lines by the database itself; changed and removed
rows are compared with what they were.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vsla_desktop.capture.sqlite import csv_values, readable_image
from vsla_desktop.capture.tables import STAMP, parent_number, travels
from vsla_desktop.sync.rows import (
    Cells,
    UnreadableError,
    base_text,
    cells,
    changed,
    check_readable,
    csv_cell,
    csv_text,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from vsla_desktop.capture.tables import Travel
    from vsla_desktop.clock import Clock

_ORDER = {"I": 0, "U": 1, "D": 2}


@dataclass(frozen=True, slots=True)
class Line:
    """A row as it goes: references and values in the order of their slots."""

    op: str
    local_id: int
    su: str
    references: tuple[str | None, ...]
    values: bytes
    base: str = ""

    def order(self) -> tuple[int, int]:
        """Put new rows first, then changed, then removed ones, each in order of entry."""
        return _ORDER[self.op], self.local_id

    def written(self, table: Travel, number: int, references: int, values: int) -> bytes:
        """Return the line with room for the batch's widest rows."""
        told = ",".join([each or "" for each in self.references])
        if not self.references:
            pad = "," * references
        else:
            pad = "," * (references - len(self.references) + 1)
        start = f"{table.number},{number},{self.op},{self.su},{self.base},{told}{pad}"
        return b"".join((start.encode(), self.values, b"," * (values - len(table.values)), b"\n"))


@dataclass(frozen=True, slots=True)
class _Held:
    """A row in quarantine: what head office last knew of it."""

    op: str
    base: Cells


class Gathering:
    """The rows of one batch. ``lines`` are by table."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self.lines: dict[str, list[Line]] = {}
        self._run = connection.exec_driver_sql
        self._now = clock.now().isoformat(sep=" ")
        self._held: dict[str, _Held] = {}
        self._run(
            "CREATE TEMP TABLE IF NOT EXISTS sync_pick (su TEXT PRIMARY KEY, tbl INTEGER,"
            " local_id INTEGER, op TEXT, base TEXT, plain INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID"
        )

    def take(self, select: str, *values: Any) -> None:
        """Read the changed rows that ``select`` names, and forget that they were changed."""
        run = self._run
        run("DELETE FROM temp.sync_pick")
        run(
            "INSERT INTO temp.sync_pick (su, tbl, local_id, op, base, plain)"
            f" SELECT su, tbl, local_id, op, base, op = 'I' FROM ({select})",
            values,
        )
        run("DELETE FROM sync_dirty WHERE su IN (SELECT su FROM temp.sync_pick)")
        self._recall()
        numbers = run("SELECT DISTINCT tbl FROM temp.sync_pick").scalars().all()
        for table in travels():
            if table.number in numbers:
                circular = any(each.later for each in table.columns)
                if not circular:
                    self._take_new(table)
                self._take_changed(table, new_too=circular)

    def take_new_parents(self) -> None:
        """Take new rows that chosen ones refer to too: head office can not know them yet."""
        while True:
            referred = {
                su
                for lines in self.lines.values()
                for each in lines
                if each.op != "D"
                for su in each.references
            }
            wanted = json.dumps(sorted(su for su in referred if su is not None))
            found = self._run(
                "SELECT d.su FROM json_each(?) j JOIN sync_dirty d ON d.su = j.value"
                " WHERE d.op = 'I'",
                (wanted,),
            )
            parents = list(found.scalars())
            if not parents:
                return
            self.take(
                "SELECT d.* FROM json_each(?) j JOIN sync_dirty d ON d.su = j.value",
                json.dumps(parents),
            )

    def hold_what_waits(self) -> None:
        """Keep new rows here that refer to one that can not be written down for the way."""
        run = self._run
        waiting = set(
            run(
                "SELECT su FROM sync_quarantine"
                " WHERE reason = 'unreadable' AND op = 'I' AND n IS NULL"
            ).scalars()
        )
        waiting -= self._held.keys()
        for table in travels() if waiting else ():
            going = []
            for each in self.lines.pop(table.name, ()):
                if each.op == "I" and waiting.intersection(each.references):
                    waiting.add(each.su)
                    self._hold(table, each.su, "I", each.local_id, None, "incomplete")
                else:
                    going.append(each)
            if going:
                self.lines[table.name] = going

    def note_offered(self, number: int) -> None:
        """Note which batch offers rows from quarantine again."""
        for su in self._held:
            self._run("UPDATE sync_quarantine SET n = ? WHERE su = ?", (number, su))

    def _recall(self) -> None:
        """Read what of the chosen rows head office refused; what they lacked may come now."""
        run = self._run
        if not run(
            "SELECT 1 FROM sync_quarantine q JOIN temp.sync_pick p ON p.su = q.su LIMIT 1"
        ).first():
            return
        run(
            "INSERT INTO temp.sync_pick (su, tbl, local_id, op) SELECT q.su, q.tbl, q.local_id,"
            " q.op FROM sync_quarantine q WHERE q.reason = 'incomplete' AND q.op <> 'D'"
            " AND NOT EXISTS (SELECT 1 FROM temp.sync_pick p WHERE p.su = q.su)"
            " AND NOT EXISTS (SELECT 1 FROM sync_dirty d WHERE d.su = q.su)"
        )
        run("UPDATE temp.sync_pick SET plain = 0 WHERE su IN (SELECT su FROM sync_quarantine)")
        rows = run(
            "SELECT q.su, q.op, q.base FROM sync_quarantine q JOIN temp.sync_pick p ON p.su = q.su"
        )
        for su, op, base in rows:
            self._held[su] = _Held(op, json.loads(base) if base else {})

    def _take_new(self, table: Travel) -> None:
        joins = "".join(
            f" LEFT JOIN sync_idmap m{each.place} ON m{each.place}.tbl = {parent_number(each, 't')}"
            f' AND m{each.place}.local_id = t."{each.name}"'
            for each in table.references
        )
        identities = "".join(f", m{each.place}.su" for each in table.references)
        found = self._run(
            f"SELECT p.local_id, p.su, {csv_values(table, 't')}{identities}"
            f' FROM temp.sync_pick p JOIN "{table.name}" t ON t.id = p.local_id{joins}'
            " WHERE p.tbl = ? AND p.plain",
            (table.number,),
        )
        lines = self.lines.setdefault(table.name, [])
        for local_id, su, values, *references in found:
            if b"\0" in values or not (values.isascii() or _is_text(values)):
                self._hold(table, su, "I", local_id, None)
            else:
                lines.append(Line("I", local_id, su, tuple(references), values))
        if not lines:
            del self.lines[table.name]

    def _take_changed(self, table: Travel, *, new_too: bool) -> None:
        found = self._run(
            "SELECT p.su, p.op, p.local_id, CAST(p.base AS BLOB),"
            f" CASE WHEN t.id NOT NULL THEN {readable_image(table, 't')} END"
            f' FROM temp.sync_pick p LEFT JOIN "{table.name}" t ON t.id = p.local_id'
            " WHERE p.tbl = ? AND (? OR NOT p.plain)",
            (table.number, new_too),
        ).all()
        for su, op, local_id, base, image in found:
            try:
                self._add(table, su, op, local_id, base, image)
            except UnreadableError:
                self._hold(table, su, op, local_id, base)

    def _add(
        self,
        table: Travel,
        su: str,
        op: str,
        local_id: int,
        base: bytes | None,
        image: bytes | None,
    ) -> None:
        """Add the lines for one row. Raises :class:`UnreadableError`."""
        held = self._held.get(su)
        before = _known(table, base, held)
        if held is not None and held.op == "I":
            # Head office never had it, so it is new, or nothing, whatever happened since.
            op = {"D": "X"}.get(op, "I")
        lines: list[Line] = []
        if op == "D":
            gone = {each.name: before.get(each.name) for each in table.columns}
            lines.append(_line(table, op, local_id, su, gone))
        elif image is not None and op != "X":
            new = cells(table, image)
            check_readable(new)
            lines += _new(table, local_id, su, new) if op == "I" else []
            names = [each.name for each in changed(table, new, before)] if op == "U" else []
            if names:
                was = {name: before[name] for name in names}
                lines.append(_line(table, op, local_id, su, new, base=was))
        if lines:
            self.lines.setdefault(table.name, []).extend(lines)
        elif held is not None:
            self._run("DELETE FROM sync_quarantine WHERE su = ?", (su,))

    def _hold(
        self,
        table: Travel,
        su: str,
        op: str,
        local_id: int,
        base: bytes | None,
        reason: str = "unreadable",
    ) -> None:
        """Keep a row here that can not be written down for the way, or waits for one."""
        held = self._held.pop(su, None)
        before = _known(table, base, held)
        self._run(
            "INSERT INTO sync_quarantine (su, tbl, local_id, op, reason, base, found_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (su) DO UPDATE SET"
            " reason = excluded.reason, base = excluded.base, n = NULL",
            (
                *(su, table.number, local_id, held.op if held else op),
                *(reason, base_text(before), self._now),
            ),
        )


def _known(table: Travel, base: bytes | None, held: _Held | None) -> Cells:
    """Return what head office last knew of a row that was changed here."""
    # What could not be read was never sent, so what was sent before stands in its place.
    known: Cells = cells(table, base, errors="replace") if base else {}
    known.update(held.base if held else {})
    return known


def _is_text(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


def _new(table: Travel, local_id: int, su: str, row: Cells) -> list[Line]:
    """Return a new row; references that close a circle follow when both rows are there."""
    later = {each.name: row[each.name] for each in table.columns if each.later and row[each.name]}
    made = [_line(table, "I", local_id, su, {**row, **dict.fromkeys(later)})]
    if later:
        made.append(_line(table, "U", local_id, su, row, base=dict.fromkeys(later)))
    return made


def _line(
    table: Travel, op: str, local_id: int, su: str, row: Cells, base: Cells | None = None
) -> Line:
    """Return the line of a row; of a changed row only what changed, and when."""
    if base is not None:
        row = {name: value for name, value in row.items() if name in base or name == STAMP}
    return Line(
        op,
        local_id,
        su,
        tuple(row.get(each.name) for each in table.references),
        ",".join(csv_cell(row.get(each.name)) if each else "" for each in table.values).encode(),
        csv_text(base_text(base)) if base is not None else "",
    )
