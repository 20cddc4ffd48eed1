"""What a person decides about a value that head office holds otherwise.

Head office's value stands until then, and comes down with the next pull. To keep it, only the
choice is noted. To send another, the column is written as head office's value first, unseen by the
triggers, and then as the chosen one, seen by them: so what goes up says truly what it replaces, and
head office takes it as an ordinary change. Until it is sent, a choice can be undone.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import exc, update

from vsla_desktop.capture.sqlite import readable_image, value
from vsla_desktop.capture.tables import NAMED_BY, STAMP, Sort, Travel, Travelling, travel
from vsla_desktop.capture.wire import WIRE
from vsla_desktop.errors import RuleBroken
from vsla_desktop.models import Base
from vsla_desktop.sync.rows import cells

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from vsla_desktop.clock import Clock

# Their rows are only added to: what is wrong in one is put right by a correction.
LEDGER: Final = frozenset(
    {
        "saving_transactions",
        "group_transactions",
        "group_cashbook",
        "loan_repayment_schedule",
        "member_fines",
        "iga_cashflow",
        "iga_member_returns",
        "mobile_money_payments",
    }
)
# What a person can type; the rest is chosen from what both sides say.
_TYPED: Final = frozenset({Sort.TEXT, Sort.INTEGER, Sort.EXACT, Sort.DATE})


class Choice(StrEnum):
    """What becomes of a value that both sides changed."""

    HEAD_OFFICE = "head office"
    MINE = "mine"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class _Conflict:
    su: str
    kind: str
    column: str
    mine: str | None
    theirs: str | None
    table: Travel
    local_id: int


def choices(kind: str, table: str, column: str) -> tuple[Choice, ...]:
    """Return what can be chosen; head office's value always can."""
    if kind not in {"changed", "exists"} or not column or table in LEDGER:
        return (Choice.HEAD_OFFICE,)
    can_type = travel(table).column(column).sort in _TYPED
    is_one_of = getattr(Base.metadata.tables[table].c[column].type, "values", None)
    if not can_type or is_one_of:
        return (Choice.HEAD_OFFICE, Choice.MINE)
    return tuple(Choice)


def settle(
    connection: Connection,
    conflict_id: int,
    choice: Choice,
    *,
    clock: Clock,
    chosen: Any = None,
) -> None:
    """Settle a conflict inside the caller's transaction.

    ``chosen`` is the value that a person gave for :attr:`Choice.OTHER`, of the column's own type.
    Raises :class:`RuleBroken` when it is settled already, or the value can not stand here.
    """
    found = _find(connection, conflict_id)
    before = None
    if choice is not Choice.HEAD_OFFICE:
        if choice not in choices(found.kind, found.table.name, found.column):
            raise RuleBroken("Keep head office's.", hint="Then put it right where it was entered.")
        column = found.table.column(found.column)
        if choice is Choice.MINE:
            chosen = _understood(connection, found, column, found.mine)
        before = _write(connection, found, column, chosen, clock)
    # The same value may have been told of more than once.
    connection.exec_driver_sql(
        "UPDATE sync_conflict SET settled_at = ?, choice = ?, before = ?, told_at = NULL"
        " WHERE su = ? AND col IS ? AND settled_at IS NULL",
        (clock.now().isoformat(sep=" "), choice.value, before, found.su, found.column or None),
    )


def undo(connection: Connection, conflict_id: int) -> None:
    """Take a choice back inside the caller's transaction, as long as it was not sent.

    Raises :class:`RuleBroken` when it was.
    """
    run = connection.exec_driver_sql
    told = run(
        "SELECT su, col, settled_at, choice, before FROM sync_conflict"
        " WHERE id = ? AND settled_at IS NOT NULL AND told_at IS NULL",
        (conflict_id,),
    ).one_or_none()
    if told is None:
        raise _sent_already()
    if told.before is not None:
        _take_back(connection, told.su, told.col, json.loads(told.before))
    run(
        "UPDATE sync_conflict SET settled_at = NULL, choice = NULL, before = NULL"
        " WHERE su = ? AND col IS ? AND settled_at = ?",
        (told.su, told.col, told.settled_at),
    )


def can_undo(connection: Connection) -> int | None:
    """Return the conflict that was settled last, if that can still be undone."""
    last: int | None = connection.exec_driver_sql(
        "SELECT c.id FROM sync_conflict c WHERE c.settled_at IS NOT NULL AND c.told_at IS NULL"
        " AND (c.before IS NULL OR EXISTS (SELECT 1 FROM sync_dirty d WHERE d.su = c.su"
        " AND d.op IN ('I', 'U'))) ORDER BY c.settled_at DESC, c.id DESC LIMIT 1"
    ).scalar_one_or_none()
    return last


def untold(connection: Connection) -> dict[str, str]:
    """Return what was chosen and head office does not know: its number there, the choice."""
    return {
        str(number): choice
        for number, choice in connection.exec_driver_sql(
            "SELECT central_id, choice FROM sync_conflict WHERE settled_at IS NOT NULL"
            " AND told_at IS NULL AND central_id IS NOT NULL ORDER BY id"
        )
    }


def note_told(connection: Connection, told: dict[str, str], now: datetime) -> None:
    """Note that head office knows these choices."""
    connection.exec_driver_sql(
        "UPDATE sync_conflict SET told_at = ? WHERE settled_at IS NOT NULL AND told_at IS NULL"
        " AND central_id IN (SELECT CAST(value AS INTEGER) FROM json_each(?))",
        (now.isoformat(sep=" "), json.dumps(list(told))),
    )


def _find(connection: Connection, conflict_id: int) -> _Conflict:
    found = connection.exec_driver_sql(
        "SELECT c.su, c.kind, c.col, c.mine, c.theirs, m.tbl, m.local_id FROM sync_conflict c"
        " LEFT JOIN sync_idmap m ON m.su = c.su WHERE c.id = ? AND c.settled_at IS NULL",
        (conflict_id,),
    ).one_or_none()
    if found is None:
        raise RuleBroken("This is settled already.", hint="Look at the list again.")
    name = tuple(WIRE)[(found.tbl or 1) - 1]
    return _Conflict(
        found.su,
        found.kind,
        found.col or "",
        found.mine,
        found.theirs,
        travel(name),
        found.local_id or 0,
    )


def _write(
    connection: Connection, found: _Conflict, column: Travelling, chosen: Any, clock: Clock
) -> str | None:
    """Write the chosen value as a change of head office's; return what stood before, as JSON.

    None means that head office has this value already.
    """
    run = connection.exec_driver_sql
    name, place = found.table.name, (found.local_id,)
    image = run(
        f"SELECT {readable_image(found.table, 't')} FROM {name} t WHERE t.id = ?", place
    ).scalar_one_or_none()
    if image is None:
        raise RuleBroken("This record is no longer here.", hint="Keep head office's.")
    note = run(
        "SELECT CAST(base AS BLOB) FROM sync_dirty WHERE su = ? AND op = 'U'", (found.su,)
    ).scalar_one_or_none()
    known = cells(found.table, note or image, errors="replace")[column.name]
    told = f"json_extract((SELECT base FROM sync_dirty WHERE su = ?), '$.{column.name}')"
    before: str = run(
        f"SELECT json_object('value', t.\"{column.name}\", 'known',"
        f" {told if note else value(column, 't')}) FROM {name} t WHERE t.id = ?",
        (*((found.su,) if note else ()), found.local_id),
    ).scalar_one()
    with _one_row(column):
        if known == found.mine:  # the truth has not come down yet
            with _unseen(connection):
                theirs = _understood(connection, found, column, found.theirs)
                _put(connection, found, column, theirs, clock)
            run(
                f"UPDATE sync_dirty SET base = json_set(base, '$.{column.name}',"
                f" (SELECT {value(column, 't')} FROM {name} t WHERE t.id = ?))"
                " WHERE su = ? AND op = 'U'",
                (found.local_id, found.su),
            )
        _put(connection, found, column, chosen, clock)
    noted = run("SELECT 1 FROM sync_dirty WHERE su = ? AND op IN ('I', 'U')", (found.su,)).first()
    return before if noted else None  # What was chosen is head office's: there is nothing to send.


def _put(
    connection: Connection, found: _Conflict, column: Travelling, chosen: Any, clock: Clock
) -> None:
    table = Base.metadata.tables[found.table.name]
    connection.execute(
        update(table)
        .where(table.c.id == found.local_id)
        .values({column.name: chosen, STAMP: clock.now()})
    )


def _take_back(connection: Connection, su: str, column: str, before: dict[str, Any]) -> None:
    """Write what stood before a choice, and let the note say what it said."""
    run = connection.exec_driver_sql
    row = run(
        "SELECT m.tbl, m.local_id FROM sync_idmap m JOIN sync_dirty d ON d.su = m.su"
        " WHERE m.su = ? AND d.op IN ('I', 'U')",
        (su,),
    ).one_or_none()
    if row is None:
        raise _sent_already()
    run(
        f'UPDATE {tuple(WIRE)[row.tbl - 1]} SET "{column}" = ? WHERE id = ?',
        (before["value"], row.local_id),
    )
    run(
        f"UPDATE sync_dirty SET base = json_set(base, '$.{column}', ?) WHERE su = ? AND op = 'U'",
        (before["known"], su),
    )


def _sent_already() -> RuleBroken:
    return RuleBroken("This was sent already.", hint="Change it where it was entered.")


def _understood(
    connection: Connection, found: _Conflict, column: Travelling, text: str | None
) -> Any:
    """Return a value as it is written here, from how it travels."""
    if text is None:
        return None
    match column.sort:
        case Sort.EXACT:
            return Decimal(text)
        case Sort.INTEGER:
            return int(text)
        case Sort.BOOLEAN:
            return text in {"1", "true"}
        case Sort.DATE:
            return date.fromisoformat(text)
        case Sort.TIME:
            return time.fromisoformat(text)
        case Sort.TIMESTAMP:
            return datetime.fromisoformat(text)
        case Sort.JSON:
            return json.loads(text)
        case Sort.REFERENCE | Sort.NAMED_REFERENCE:
            return _pointed_at(connection, found, column, text.replace("-", ""))
    return text


def _pointed_at(connection: Connection, found: _Conflict, column: Travelling, su: str) -> int:
    row = connection.exec_driver_sql(
        "SELECT tbl, local_id FROM sync_idmap WHERE su = ?", (su,)
    ).one_or_none()
    name = tuple(WIRE)[row.tbl - 1] if row else ""
    is_open = (found.table.name, column.name) in NAMED_BY
    there = (
        row
        and (is_open or name == column.parent)
        and connection.exec_driver_sql(
            f"SELECT 1 FROM {name} WHERE id = ?", (row.local_id,)
        ).first()
    )
    if row is None or not there:
        raise RuleBroken("What it belongs to is not here.", hint="Keep head office's.")
    local_id: int = row.local_id
    return local_id


@contextmanager
def _unseen(connection: Connection) -> Iterator[None]:
    """Write what head office knows already: it is no change of ours."""
    connection.exec_driver_sql("UPDATE sync_applying SET v = 1")
    yield
    connection.exec_driver_sql("UPDATE sync_applying SET v = 0")


@contextmanager
def _one_row(column: Travelling) -> Iterator[None]:
    """Say what the book refuses at the field; the caller's transaction undoes the rest."""
    try:
        yield
    except exc.IntegrityError as error:
        said = str(error.orig).lower()
        if "unique constraint" in said:
            raise RuleBroken(
                "Another record has this already.", hint="Choose another.", field=column.name
            ) from error
        if "constraint failed" in said:
            raise RuleBroken(
                "This value can not stand here.", hint="Choose another.", field=column.name
            ) from error
        raise
