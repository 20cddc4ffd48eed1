"""What head office sees differently or did not take, with the row here that it is about."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from vsla_desktop.capture.tables import travel
from vsla_desktop.capture.wire import WIRE
from vsla_desktop.models import Base

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection, Row

    from vsla_desktop.db import Database

_AMOUNTS: Final = ("amount", "principal", "total_amount", "return_amount", "amount_contributed")
_DAYS: Final = (
    *("transaction_date", "meeting_date", "fine_date", "due_date", "assessment_date"),
    *("application_date", "payment_date", "joined_date", "start_date"),
)
# Where a row that names no member belongs: the reference, its table.
_OWNERS: Final = {
    "member_saving_id": "member_savings",
    "loan_id": "group_loans",
    "activity_id": "meeting_activities",
    "meeting_id": "meetings",
}
# Rows that are written beside a line of the ledger, and name it.
_FOLLOWS_LEDGER: Final = frozenset(
    {"saving_transactions", "group_cashbook", "iga_cashflow", "mobile_money_payments"}
)


@dataclass(frozen=True, slots=True)
class About:
    """The row here that something is about; what it does not have is empty."""

    table: str
    group: str = ""
    member: str = ""
    day: date | None = None
    amount: Decimal | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A value that head office holds otherwise, or a row that it did not take.

    ``kind`` is a conflict's kind (docs/sync.md#conflicts) or "refused"; ``why`` is the reason of a
    refusal; ``mine`` and ``theirs`` are the values here and there of ``column``, as they travel,
    None where there is none. ``number`` is the conflict's, to settle it by; ``entry`` the line of
    the ledger that a correction would put right. ``by_whom`` is the laptop that changed it there,
    "" for another program; times are UTC.
    """

    kind: str
    about: About
    column: str = ""
    mine: str | None = None
    theirs: str | None = None
    why: str = ""
    number: int = 0
    entry: int | None = None
    by_whom: str = ""
    changed_at: datetime | None = None
    mine_at: datetime | None = None
    here: About | None = None
    there: About | None = None


def troubles(local: Database, *, most: int = 50) -> tuple[Trouble, ...]:
    """Return what a person should look at, oldest first: at most ``most`` of each sort."""
    with local.connection() as connection:
        return (*refused(connection, most=most), *conflicts(connection, most=most))


def conflicts(connection: Connection, *, most: int = 50) -> tuple[Trouble, ...]:
    """Return what is to be settled, oldest first. Of one value that differed twice, the last."""
    found = connection.exec_driver_sql(
        "SELECT c.*, m.tbl AS number, m.local_id FROM sync_conflict c"
        " LEFT JOIN sync_idmap m ON m.su = c.su WHERE c.id IN (SELECT max(id) FROM sync_conflict"
        " WHERE settled_at IS NULL GROUP BY su, col, kind) ORDER BY c.id LIMIT ?",
        (most,),
    ).all()
    return tuple(_conflict(connection, row) for row in found)


def _conflict(connection: Connection, row: Row[Any]) -> Trouble:
    name = row.tbl or (tuple(WIRE)[row.number - 1] if row.number else "")
    points = bool(row.col) and travel(name).column(row.col).is_reference
    return Trouble(
        row.kind,
        _about(connection, name, row.local_id),
        row.col or "",
        row.mine,
        row.theirs,
        number=row.id,
        entry=_entry(connection, name, row.local_id),
        by_whom=row.by_whom or "",
        changed_at=_instant(row.changed_at),
        mine_at=_instant(row.mine_at),
        here=_pointed_at(connection, row.mine) if points else None,
        there=_pointed_at(connection, row.theirs) if points else None,
    )


def _pointed_at(connection: Connection, su: str | None) -> About | None:
    """Describe the row that an identity is of."""
    row = connection.exec_driver_sql(
        "SELECT tbl, local_id FROM sync_idmap WHERE su = ?", ((su or "").replace("-", ""),)
    ).one_or_none()
    return _about(connection, tuple(WIRE)[row.tbl - 1], row.local_id) if row else None


def refused(connection: Connection, *, most: int = 50) -> tuple[Trouble, ...]:
    """Return what head office did not take, oldest first."""
    names = tuple(WIRE)
    found = connection.exec_driver_sql(
        "SELECT tbl, local_id, reason FROM sync_quarantine ORDER BY found_at, su LIMIT ?", (most,)
    ).all()
    return tuple(
        Trouble(
            "refused",
            _about(connection, names[number - 1], key),
            why=why,
            entry=_entry(connection, names[number - 1], key),
        )
        for number, key, why in found
    )


def _entry(connection: Connection, name: str, key: int | None) -> int | None:
    """Return the line of the ledger that a row is, or that it follows from."""
    if key is None or name == "group_transactions":
        return key
    if name not in _FOLLOWS_LEDGER:
        return None
    found: int | None = connection.exec_driver_sql(
        f"SELECT group_transaction_id FROM {name} WHERE id = ?", (key,)
    ).scalar_one_or_none()
    return found


def _about(connection: Connection, name: str, key: int | None) -> About:
    """Describe a row by what people know of it."""
    row = _row(connection, name, key)
    if row is None:
        return About(name)
    amounts = (row[each] for each in _AMOUNTS if row.get(each) is not None)
    days = (row[each] for each in _DAYS if row.get(each) is not None)
    about = About(name, day=next(days, None), amount=next(amounts, None))
    return _with_owner(connection, about, name, row)


def _with_owner(connection: Connection, about: About, name: str, row: Mapping[str, Any]) -> About:
    """Add the member and the group that a row belongs to, however far up they stand."""
    member = (
        row if name == "group_members" else _row(connection, "group_members", row.get("member_id"))
    )
    if member is not None:
        about = replace(about, member=f"{member['first_name']} {member['last_name']}".strip())
    group = row.get("group_id") or (member or {}).get("group_id")
    if name == "savings_groups":
        return replace(about, group=row["name"], currency=row["currency"])
    if group is not None:
        found = _row(connection, "savings_groups", group)
        if found is None:
            return about
        return replace(about, group=found["name"], currency=found["currency"])
    for reference, owner in _OWNERS.items():
        above = _row(connection, owner, row.get(reference))
        if above is not None:
            return _with_owner(connection, about, owner, above)
    return about


def _row(connection: Connection, name: str, key: int | None) -> dict[str, Any] | None:
    """Read what is told of a row: what was refused may hold a value that no column should."""
    if key is None or name not in Base.metadata.tables:
        return None
    columns = Base.metadata.tables[name].c
    readers = {each: reader for each, reader in _READERS.items() if each in columns}
    listed = ", ".join(
        each if reader is _whole else f"CAST({each} AS BLOB)" for each, reader in readers.items()
    )
    found = connection.exec_driver_sql(
        f"SELECT {listed} FROM {name} WHERE id = ?",
        (key,),
    ).first()
    if found is None:
        return None
    return {
        each: None if value is None else reader(value)
        for (each, reader), value in zip(readers.items(), found, strict=True)
    }


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) else None


def _amount(value: bytes) -> Decimal | None:
    steps = _text(value)
    return Decimal(steps).scaleb(-2) if steps.lstrip("-").isdecimal() else None


def _day(value: bytes) -> date | None:
    with suppress(ValueError):
        return date.fromisoformat(_text(value)[:10])
    return None


def _text(value: bytes) -> str:
    return value.decode(errors="replace").replace("\0", "\N{REPLACEMENT CHARACTER}")


_READERS: Final[dict[str, Callable[[Any], Any]]] = {
    **dict.fromkeys(("id", "group_id", "member_id", *_OWNERS), _whole),
    **dict.fromkeys(("name", "currency", "first_name", "last_name"), _text),
    **dict.fromkeys(_AMOUNTS, _amount),
    **dict.fromkeys(_DAYS, _day),
}
