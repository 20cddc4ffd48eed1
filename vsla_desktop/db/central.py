"""Make head office's database ours in place, and lose nothing that it has recorded.

Other programs have filled that database, so a derived value there may not be what the rows under
it say. Such a value is never just overwritten: it is listed, and the person who upgrades says what
is to become of it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import exc, inspect, text

from vsla_desktop import capture, derived
from vsla_desktop.db import migrate, schema
from vsla_desktop.db.adjustments import ADJUSTMENTS
from vsla_desktop.db.adopt import differences_table
from vsla_desktop.db.engine import storage_errors
from vsla_desktop.db.widening import narrow, widen
from vsla_desktop.derived import Difference
from vsla_desktop.errors import StorageError
from vsla_desktop.models import Base

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from vsla_desktop.db.engine import Database

Settle = Literal["report", "recompute", "book"]

LOCK_SECONDS = 30
# Two people who upgrade at once take turns.
_TURN = 0x76736C61


@dataclass(frozen=True, slots=True)
class Settled:
    """A recorded value that was not what the rows say, and what became of it.

    ``how`` is "reported" (nothing was changed), "recomputed" (the rows' value was taken), "booked"
    (the recorded value stays, explained by an opening adjustment) or "emptied" (a reference that
    led nowhere).
    """

    difference: Difference
    how: str


@dataclass(frozen=True, slots=True)
class NotKept:
    """How many recorded values of a column can not be kept, and become what the rows say."""

    table: str
    column: str
    count: int


@dataclass(frozen=True, slots=True)
class CentralUpgrade:
    """What an upgrade of head office's database found and did.

    ``before`` and ``after`` are revisions. ``stopped`` says that there were differences to decide
    on, and nothing was changed. ``settled`` lists the differences; ``left_alone`` names what stands
    there and is not known to us; ``identified`` counts the rows that got an identity for sync.
    ``not_kept`` counts what "book" could not keep, by column; ``widened`` says which columns held
    less than ours and hold as much now, or what stands on them and hinders that.
    """

    before: str | None
    after: str | None
    changed: bool
    stopped: bool
    settled: tuple[Settled, ...]
    left_alone: tuple[str, ...]
    identified: int
    not_kept: tuple[NotKept, ...] = ()
    widened: tuple[str, ...] = ()


def _say_nothing(_not_kept: Sequence[NotKept]) -> None:
    return


def init_central(
    database: Database,
    *,
    settle: Settle = "report",
    before_change: Callable[[Sequence[NotKept]], None] = _say_nothing,
) -> CentralUpgrade:
    """Bring head office's database to this release, whole or not at all.

    It may be empty, in the shape in which the programme's other programs keep it, or ours already.
    ``settle`` says what becomes of derived values that differ from the rows under them: "report"
    lists them and stops before any change; "recompute" takes what the rows say; "book" keeps
    what was recorded, with an opening adjustment for what no row explains. What can not be kept is
    told to ``before_change``, which may raise to stop before anything is changed. The list is kept
    in ``sync.difference``.

    Raises :class:`StorageError` for a laptop's book, for a database that a newer release has
    written, and when other programs hold the tables for too long.
    """
    if database.dialect != "postgresql":
        raise StorageError(
            "This is not head office's database.",
            hint="Give the address of a PostgreSQL database.",
        )
    with storage_errors():
        with database.engine.connect() as connection:
            before = migrate.check_not_newer(connection)
            if before == migrate.releases()[-1] and not _drifted(connection):
                hindered = tuple(str(each) for each in narrow(connection))
                return CentralUpgrade(
                    before,
                    before,
                    changed=False,
                    stopped=False,
                    settled=(),
                    left_alone=_left_alone(connection),
                    identified=0,
                    widened=hindered,
                )
            connection.rollback()
            with connection.begin() as transaction:
                try:
                    upgrade = _upgrade(connection, settle, before_change)
                except exc.IntegrityError as error:
                    raise StorageError(
                        "Some rows at head office break a key: {reason}",
                        hint="Nothing was changed. Put these rows right, then try again.",
                        reason=str(error.orig).strip(),
                    ) from error
                if upgrade.stopped:
                    transaction.rollback()
        if upgrade.stopped:
            with database.engine.begin() as connection:
                connection.execute(text("CREATE SCHEMA IF NOT EXISTS sync"))
                connection.execute(text(differences_table("postgresql")))
                _keep_list(connection, upgrade.settled)
    return upgrade


def _upgrade(
    connection: Connection, settle: Settle, before_change: Callable[[Sequence[NotKept]], None]
) -> CentralUpgrade:
    connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'"))
    connection.execute(text(f"SELECT pg_advisory_xact_lock({_TURN})"))
    before = migrate.check_not_newer(connection)
    had = _columns(connection)
    if had:
        # What another program writes meanwhile must not slip between comparison and triggers.
        tables = ", ".join(f'public."{name}"' for name in had)
        connection.execute(text(f"LOCK TABLE {tables} IN SHARE ROW EXCLUSIVE MODE"))
    connection.execute(text("CREATE SCHEMA IF NOT EXISTS sync"))
    connection.execute(text(differences_table("postgresql")))
    last = connection.execute(text("SELECT COALESCE(MAX(id), 0) FROM sync.difference")).scalar_one()
    if before != migrate.releases()[-1]:
        migrate.migrate(connection)
    migrate.lift(connection)
    narrower = narrow(connection)
    widened = tuple(widen(connection))
    found = derived.settle(
        connection,
        new={
            (table, column) for table, column in derived.DERIVED if column not in had.get(table, ())
        },
        adjustments=ADJUSTMENTS["postgresql"],
        keep=settle == "book",
    )
    stopped = settle == "report" and bool(found)
    settled = (
        *_emptied(connection, last, stopped=stopped),
        *(Settled(difference, "reported" if stopped else how) for difference, how in found),
    )
    if stopped:
        return CentralUpgrade(
            before,
            before,
            changed=False,
            stopped=True,
            settled=settled,
            left_alone=_left_alone(connection),
            identified=0,
            widened=tuple(str(each) for each in narrower),
        )
    not_kept = _not_kept(found) if settle == "book" else ()
    if not_kept:
        before_change(not_kept)
    migrate.install(connection)
    _keep_list(connection, [each for each in settled if each.how != "emptied"])
    return CentralUpgrade(
        before,
        migrate.revision(connection),
        changed=True,
        stopped=False,
        settled=settled,
        left_alone=_left_alone(connection),
        identified=capture.fill(connection),
        not_kept=not_kept,
        widened=widened,
    )


def _not_kept(found: Sequence[tuple[Difference, str]]) -> tuple[NotKept, ...]:
    """Count the recorded values that are about to go, by column."""
    going = Counter(
        (difference.table, difference.column)
        for difference, how in found
        if how == "recomputed" and difference.stored is not None
    )
    return tuple(NotKept(*place, count) for place, count in sorted(going.items()))


def _columns(connection: Connection) -> dict[str, set[str]]:
    """Return the columns of those of the 47 tables that stand."""
    inspector = inspect(connection)
    names = [name for name in inspector.get_table_names() if name in Base.metadata.tables]
    found = inspector.get_multi_columns(filter_names=names) if names else {}
    return {name: {each["name"] for each in found[None, name]} for name in names}


def _drifted(connection: Connection) -> bool:
    """Say whether one of our programs is missing or was changed."""
    return any("not known" not in each for each in migrate.program_drift(connection))


def _left_alone(connection: Connection) -> tuple[str, ...]:
    """Name what stands in the database otherwise than with us, or is not ours."""
    programs = [each for each in migrate.program_drift(connection) if each.endswith("not known")]
    return (*schema.drift(connection), *programs)


def _emptied(connection: Connection, last: int, *, stopped: bool) -> list[Settled]:
    """Return the references that led nowhere, as the upgrade of the tables has noted them."""
    rows = connection.execute(
        text(
            "SELECT tbl, col, row_id, old_value FROM sync.difference"
            " WHERE id > :last AND settled = 'emptied' ORDER BY tbl, col, row_id"
        ),
        {"last": last},
    )
    how = "reported" if stopped else "emptied"
    return [Settled(Difference(row[0], row[1], row[2], int(row[3]), None), how) for row in rows]


def _keep_list(connection: Connection, settled: Sequence[Settled]) -> None:
    """Write the differences down in place of those that were only reported before."""
    connection.execute(text("DELETE FROM sync.difference WHERE settled = 'reported'"))
    if settled:
        connection.execute(
            text(
                "INSERT INTO sync.difference (tbl, row_id, col, old_value, new_value, settled)"
                " VALUES (:tbl, :row_id, :col, :old, :new, :how)"
            ),
            [
                {
                    "tbl": each.difference.table,
                    "row_id": each.difference.row_id,
                    "col": each.difference.column,
                    "old": _written(each.difference.stored),
                    "new": _written(each.difference.expected),
                    "how": each.how,
                }
                for each in settled
            ],
        )


def _written(value: Any) -> str | None:
    return None if value is None else str(value)
