"""What head office tells, as it comes (:mod:`vsla_desktop.capture.feed`), and how it is written.

A line is a row in the text form of COPY: cells between tabs, an empty cell for nothing. The
database itself turns decimals into whole steps while it writes.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from vsla_desktop.capture.feed import EMPTY, REFERENCES, widths
from vsla_desktop.capture.tables import Sort, Travel, Travelling, travels
from vsla_desktop.sync.scopes import Told

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

# Beside what travels: what a new row here needs. Nobody signs in with this.
_NEW_HERE: Final = {"users": {"password": "'!'"}}
_BEFORE_CELLS: Final = 5
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_MEANING: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


@dataclass(slots=True)
class Arrived:
    """A row as it came. ``references`` are identities, "" for none, and ``values`` cells.

    A row that is ``gone`` has no cells that mean anything.
    """

    number: int
    su: str
    ver: int
    gone: bool
    scope: str
    references: list[str]
    values: str

    def kept(self) -> bytes | None:
        """Return the cells as they are kept while a row waits."""
        if self.gone:
            return None
        return "\t".join([str(len(self.references)), *self.references, self.values]).encode()


@dataclass(frozen=True, slots=True)
class Head:
    """The first line of an answer. ``answer`` is "ok", "epoch", "revoked" or "upgrade".

    ``hi`` is the position that the answer leads to, ``at`` how far head office's transactions were
    when it told this; ``widths`` how many places for references and
    values head office's release knows, by table number from 1; ``last`` is the number of the last
    batch that it has from this laptop, ``rows`` how many there are to come, 0 where not asked.
    """

    answer: str
    epoch: str
    last: int
    hi: int
    at: int
    widths: tuple[tuple[int, int], ...]
    references: int
    scopes: tuple[Told, ...]
    rows: int = 0


def read_head(line: str) -> Head:
    """Read the first line."""
    told: dict[str, Any] = json.loads(plain(line.partition("\t")[0]) or "{}")
    return Head(
        answer=told["answer"],
        epoch=told.get("epoch", ""),
        last=told.get("last", 0),
        hi=int(told.get("hi", 0)),
        at=int(told.get("at", 0)),
        widths=tuple((each[0], each[1]) for each in told.get("widths", ())),
        references=told.get("references", REFERENCES),
        scopes=tuple(Told(**each) for each in told.get("scopes", ())),
        rows=told.get("rows") or 0,
    )


def read_rows(head: Head, lines: Sequence[str]) -> Iterator[Arrived]:
    """Read the other lines."""
    scopes = [each.su for each in head.scopes]
    for line in lines:
        number, su, ver, gone, scope, *references, values = line.split(
            "\t", _BEFORE_CELLS + head.references
        )
        yield Arrived(
            int(number),
            su.replace("-", ""),
            int(ver),
            gone == "t",
            scopes[int(scope)],
            [each and each.replace("-", "") for each in references],
            values,
        )


def read_kept(number: int, su: str, ver: int, gone: int, scope: str, row: bytes | None) -> Arrived:
    """Read a row that waited."""
    count, _, cells = row.decode().partition("\t") if row is not None else ("0", "", "")
    *references, values = cells.split("\t", int(count))
    return Arrived(number, su, ver, bool(gone), scope, references, values)


def plain(cell: str) -> str | None:
    """Return what a cell means."""
    if not cell:
        return None
    if "\\" in cell:
        cell = _ESCAPED.sub(lambda found: _MEANING.get(found[1], found[1]), cell)
    return cell[1:] if cell[0] == EMPTY else cell


@dataclass(frozen=True, slots=True)
class Writer:
    """How rows of a table are written: ``add`` and ``write`` take id, references, values.

    ``add`` is for new rows, which are nearly all; ``write`` also changes a row of that id.

    ``later`` are references that close a circle of tables; ``close`` writes them, and then the id.
    ``values`` are places of cells counted after the references. ``known`` is how many places of
    each sort this release knows: what lies beyond is for a later one.
    """

    table: Travel
    add: str
    write: str
    close: str
    references: tuple[Travelling, ...]
    places: tuple[int, ...]
    later: tuple[Travelling, ...]
    values: tuple[int, ...]
    known: tuple[int, int]
    beyond: bool

    def row(self, arrived: Arrived, ids: Mapping[str, int]) -> list[str | int | None]:
        """Return the values to write after the id; references are looked up in ``ids``."""
        references, cells = arrived.references, arrived.values.split("\t")
        row: list[str | int | None] = [
            ids.get(su) if (su := references[each]) else None for each in self.places
        ]
        if "\\" in arrived.values or EMPTY in arrived.values:
            row += [plain(cells[each]) for each in self.values]
        else:
            row += [cells[each] or None for each in self.values]
        return row

    def unknown(self, arrived: Arrived) -> bool:
        """Say whether a row tells something that this release has no place for."""
        references, values = self.known
        cells = arrived.values.split("\t")
        return any((*arrived.references[references:], *cells[values:]))


@cache
def writers(told: tuple[tuple[int, int], ...]) -> dict[int, Writer]:
    """Return the writers by table number. What head office does not know of is left alone."""
    return {
        each.number: _writer(each, told[each.number - 1])
        for each in travels()
        if each.number <= len(told)
    }


@cache
def own_widths() -> tuple[tuple[int, int], ...]:
    """Return the widths of this release."""
    return tuple((each[0], each[1]) for each in widths())


def knows_all(told: tuple[tuple[int, int], ...]) -> bool:
    """Say whether head office's release has a place for all that this one may tell."""
    own = own_widths()
    return len(told) >= len(own) and all(
        there[0] >= here[0] and there[1] >= here[1] for there, here in zip(told, own, strict=False)
    )


def _writer(table: Travel, width: tuple[int, int]) -> Writer:
    known = own_widths()[table.number - 1]
    told = [each for each in table.columns if each.place <= width[0 if each.is_reference else 1]]
    references = [each for each in told if each.is_reference and not each.later]
    later = [each for each in told if each.later]
    values = [each for each in told if not each.is_reference]
    new = _NEW_HERE.get(table.name, {})
    columns = ["id", *(each.name for each in (*references, *values)), *new]
    given = [f"?{place}" for place in range(1, len(references) + 2)]
    given += [_stored(each, f"?{place}") for place, each in enumerate(values, start=len(given) + 1)]
    names = ", ".join(f'"{each}"' for each in columns)
    changes = ", ".join(
        f'"{each.name}" = excluded."{each.name}"' for each in (*references, *values)
    )
    closing = ", ".join(f'"{each.name}" = ?' for each in later)
    add = f'INSERT INTO "{table.name}" ({names}) VALUES ({", ".join([*given, *new.values()])})'
    return Writer(
        table,
        add,
        f"{add} ON CONFLICT (id) DO UPDATE SET {changes}",
        f'UPDATE "{table.name}" SET {closing} WHERE id = ?' if later else "",
        tuple(references),
        tuple(each.place - 1 for each in references),
        tuple(later),
        tuple(each.place - 1 for each in values),
        known,
        beyond=width[0] > known[0] or width[1] > known[1],
    )


def _stored(column: Travelling, given: str) -> str:
    """Return SQL for a told value as this database stores it."""
    match column.sort:
        case Sort.EXACT:
            return f"CAST(replace({given}, '.', '') AS INTEGER)"
        case Sort.TIMESTAMP:
            return _padded(given, 19)
        case Sort.TIME:
            return _padded(given, 8)
    return given


def _padded(given: str, whole: int) -> str:
    """Return SQL for an instant with all six digits of its second, as it is written here."""
    return (
        f"CASE length({given}) WHEN {whole} THEN {given} || '.000000' ELSE"
        f" substr({given} || '000000', 1, {whole + 7}) END"
    )
