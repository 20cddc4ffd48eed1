"""Random histories of a book: rows of all tables come, change and go, in tiny key spaces."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st
from sqlalchemy import (
    JSON,
    Boolean,
    Date,
    DateTime,
    Integer,
    String,
    Time,
    delete,
    exc,
    insert,
    select,
)
from sqlalchemy import update as change

from vsla_desktop.capture.rights import CLOSED, PRIVILEGES
from vsla_desktop.capture.tables import NAMED_BY, PEOPLE, travel
from vsla_desktop.columns import Choice, Exact
from vsla_desktop.derived import DERIVED
from vsla_desktop.models import Base

if TYPE_CHECKING:
    from sqlalchemy import Column, Connection, Table

NOON = datetime.fromisoformat("2026-01-01T12:00:00")
TABLES = list(Base.metadata.tables.values())
TEXTS = ("", "a", "Amina", "ዓለም 🌍", 'say "so", \\N', "two\nlines\t\\.", "\\.", " x ", "NULL")


@dataclass(frozen=True)
class Step:
    """One thing that happens to the book; ``seed`` chooses its values."""

    kind: str
    table: int
    seed: int
    side: str = "laptop"


def histories(*sides: str) -> st.SearchStrategy[list[Step]]:
    """Return histories of a laptop, and of head office where that is named."""
    kinds = ["insert"] * 6 + ["update"] * 3 + ["delete", "push"]
    step = st.builds(
        Step,
        st.sampled_from(kinds),
        st.integers(0, len(TABLES) - 1),
        st.integers(0, 2**32),
        st.sampled_from(sides),
    )
    return st.lists(step, min_size=1, max_size=120)


def keyed(table: Table) -> set[str]:
    """Return the columns of a table's natural keys."""
    return {name for key in travel(table.name).keys for name in key}


def value(  # noqa: C901 - one case a type
    column: Column[Any], choose: random.Random, *, key: bool
) -> Any:
    """Return some value that the column takes."""
    if column.nullable and choose.random() < 0.2:
        return None
    small = choose.randrange(4)
    match column.type:
        case Choice() as kind:
            return choose.choice(kind.values)
        case Exact() as kind:
            steps = choose.randrange(1, 10 ** min(kind.precision, 7))
            return Decimal(steps).scaleb(-kind.scale)
        case JSON():
            return choose.choice(({}, {"a": [1, None]}, ["ü", '"'], 3, "text"))
        case Boolean():
            return choose.random() < 0.5
        case DateTime():
            return NOON + timedelta(small, microseconds=choose.choice((0, 123_000, 999_999)))
        case Date():
            return NOON.date() + timedelta(small)
        case Time():
            return time(8 + small, 30)
        case Integer():
            return small
        case String() as kind:
            return f"{column.name}{small}" if key else choose.choice(TEXTS)[: kind.length]
    raise AssertionError(column)


def reference(
    connection: Connection, column: Column[Any], choose: random.Random
) -> tuple[bool, int | None]:
    """Return whether there is something to point at, and what."""
    parent = next(iter(column.foreign_keys)).column.table
    ids = connection.execute(select(parent.c.id)).scalars().all()
    if column.nullable and (not ids or choose.random() < 0.3):
        return True, None
    return (True, choose.choice(ids)) if ids else (False, None)


def values(
    connection: Connection, table: Table, names: list[str], choose: random.Random
) -> dict[str, Any] | None:
    """Return values for these columns, None when a parent is missing."""
    made: dict[str, Any] = {}
    keys = keyed(table)
    for name in names:
        column = table.columns[name]
        if (table.name, name) in NAMED_BY:
            about = choose.choice(("meetings", "group_members", "a letter", None))
            made["related_entity_type"] = about
            ids = [None]
            if about in Base.metadata.tables:
                target = Base.metadata.tables[str(about)]
                ids = list(connection.execute(select(target.c.id)).scalars()) or [None]
            made[name] = choose.choice(ids)
        elif column.foreign_keys:
            there, made[name] = reference(connection, column, choose)
            if not there:
                return None
        elif name not in made:
            made[name] = value(column, choose, key=name in keys)
    return made


def recorded(table: Table, *, is_laptop: bool = False) -> list[str]:
    kept = DERIVED | {(table.name, each) for each in ("id", "updated_date")}
    if is_laptop:
        kept |= {(PEOPLE, each) for each in PRIVILEGES}
    names = [each.name for each in table.columns if (table.name, each.name) not in kept]
    return sorted(names, key=lambda name: (table.name, name) not in NAMED_BY)


def take(connection: Connection, step: Step) -> None:
    """Do one step inside a savepoint; what a constraint refuses did not happen.

    Who may do what is never said on a laptop.
    """
    table, choose = TABLES[step.table], random.Random(step.seed)  # noqa: S311 - made up
    is_laptop = connection.dialect.name == "sqlite"
    if is_laptop and table.name in CLOSED:
        return
    try:
        with connection.begin_nested():
            if step.kind == "insert":
                row = values(connection, table, recorded(table, is_laptop=is_laptop), choose)
                if row is not None:
                    connection.execute(insert(table).values(row))
                return
            ids = connection.execute(select(table.c.id)).scalars().all()
            if not ids:
                return
            chosen = table.c.id == choose.choice(ids)
            if step.kind in {"delete", "push"}:
                connection.execute(delete(table).where(chosen))
                return
            # When a shared row was made is each database's own.
            names = recorded(table, is_laptop=is_laptop)
            names = [each for each in names if each != "created_date"]
            names = choose.sample(names, k=min(3, len(names)))
            row = values(connection, table, names, choose)
            if row is not None:
                connection.execute(change(table).where(chosen).values(row))
    except exc.IntegrityError:
        pass
