"""How head office sees its laptops: who came by, what is to be settled, what holds others up."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from vsla_desktop.capture.scope import scope_of
from vsla_desktop.capture.tables import travels
from vsla_desktop.errors import StorageError, SyncError
from vsla_desktop.sync.exposure import end_prepared

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from vsla_desktop.db import Database

REAP_SECONDS: Final = 120
# So many bytes a second are a slow line, fewer none; and no line is waited for longer than this.
SLOWEST_LINE: Final = 512
SLOWEST_SECONDS: Final = 3600
UNFINISHED_DAYS: Final = 30


@dataclass(frozen=True, slots=True)
class AssignedGroup:
    """A group that a laptop has, by its code."""

    code: str
    is_writable: bool


@dataclass(frozen=True, slots=True)
class LaptopState:
    """How a laptop stands.

    ``behind`` counts the rows of its groups that it has not fetched; ``rows_today`` what it sent in
    the last 24 hours; ``conflicts`` and ``quarantined`` what waits for a person.
    """

    name: str
    device_id: str
    all_groups: bool
    may_open_groups: bool
    groups: tuple[AssignedGroup, ...]
    last_seen: datetime | None
    last_batch: int
    rows_today: int
    pulled_at: datetime | None
    behind: int
    conflicts: int
    quarantined: int


@dataclass(frozen=True, slots=True)
class OpenTransaction:
    """A transaction that has been open for so many seconds: whose, and in which program."""

    pid: int
    role: str
    program: str
    state: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Disagreement:
    """What a laptop and head office see differently, or (``is_refused``) what was not taken.

    ``mine`` is the laptop's value, ``theirs`` the one that stands, ``by_whom`` whoever wrote that.
    """

    laptop: str
    batch: int
    found_at: datetime
    group: str
    table: str
    identity: str
    kind: str
    column: str
    base: str | None
    mine: str | None
    theirs: str | None
    by_whom: str
    is_refused: bool


def laptops(central: Database) -> tuple[LaptopState, ...]:
    """Return how every laptop stands that may send."""
    with central.connection() as connection:
        groups: dict[str, list[AssignedGroup]] = {}
        for device, code, writable in connection.exec_driver_sql(
            "SELECT a.dev::text, g.group_code, a.writable FROM sync.assignment a"
            " JOIN public.savings_groups g ON g.id = a.group_id ORDER BY g.group_code"
        ):
            groups.setdefault(device, []).append(AssignedGroup(code, writable))
        rows = connection.exec_driver_sql(
            "SELECT d.name, d.dev::text AS device_id, d.all_groups, d.may_open_groups,"
            " d.last_seen, d.last_batch, d.pulled_at,"
            " (SELECT coalesce(sum(b.rows), 0) FROM sync.batch b WHERE b.dev = d.dev"
            "  AND b.received_at > now() - interval '1 day') AS rows_today,"
            " (SELECT count(*) FROM sync.row_state r WHERE r.xid >= coalesce(d.pulled_xid, '0')"
            "  AND (d.all_groups OR r.scope IS NULL OR r.scope IN (SELECT a.group_id"
            "  FROM sync.assignment a WHERE a.dev = d.dev))) AS behind,"
            " (SELECT count(*) FROM sync.conflict c WHERE c.dev = d.dev"
            "  AND c.settled_at IS NULL) AS conflicts,"
            " (SELECT count(*) FROM sync.quarantine q WHERE q.dev = d.dev"
            "  AND q.settled_at IS NULL) AS quarantined"
            " FROM sync.device d WHERE d.status = 'active' ORDER BY d.name"
        ).mappings()
        return tuple(
            LaptopState(**row, groups=tuple(groups.get(row["device_id"], ()))) for row in rows
        )


def oldest_transaction(central: Database) -> OpenTransaction | None:
    """Return the transaction that has been open longest, where it holds laptops up.

    Laptops fetch again what came since, until it ends.
    """
    with central.connection() as connection:
        found = (
            connection.exec_driver_sql(
                "SELECT pid, usename AS role, application_name AS program, state,"
                " extract(epoch FROM clock_timestamp() - xact_start)::integer AS seconds"
                " FROM pg_stat_activity WHERE backend_xid IS NOT NULL"
                " AND pid <> pg_backend_pid() ORDER BY age(backend_xid) DESC LIMIT 1"
            )
            .mappings()
            .one_or_none()
        )
        return OpenTransaction(**found) if found else None


def disagreements(central: Database) -> tuple[Disagreement, ...]:
    """Return what is to be settled, oldest first."""
    with central.connection() as connection:
        rows = connection.exec_driver_sql(
            "SELECT d.name AS laptop, x.n AS batch, x.found_at, coalesce(g.group_code, '')"
            ' AS "group", x.tbl AS "table", x.su::text AS identity, x.kind,'
            " coalesce(x.col, '') AS \"column\", x.base, x.mine, x.theirs,"
            " coalesce(x.by_whom, 'head office') AS by_whom, x.is_refused"
            " FROM (SELECT c.dev, c.n, c.found_at, c.tbl, c.su, c.kind, c.col, c.base, c.mine,"
            "   c.theirs, c.by_whom, false AS is_refused, c.id FROM sync.conflict c"
            "   WHERE c.settled_at IS NULL"
            "  UNION ALL SELECT q.dev, q.n, q.found_at, q.tbl, q.su, q.reason, NULL, NULL,"
            "   q.payload::text, NULL, NULL, true, q.id FROM sync.quarantine q"
            "   WHERE q.settled_at IS NULL) x"
            " JOIN sync.device d ON d.dev = x.dev LEFT JOIN sync.row_state r ON r.su = x.su"
            " LEFT JOIN public.savings_groups g ON g.id = r.scope"
            " ORDER BY x.found_at, x.is_refused, x.id"
        ).mappings()
        return tuple(Disagreement(**row) for row in rows)


_HOLDING: Final = """\
WITH holding AS MATERIALIZED (
  SELECT coalesce(d.name, a.usename) AS laptop, a.state, a.pid FROM pg_stat_activity a
  LEFT JOIN sync.device d ON d.role = a.usename
  -- In whatever database: a transaction is everybody's to wait for.
  WHERE starts_with(a.usename::text, 'dev_') AND (
    a.xact_start < clock_timestamp() - make_interval(secs => %(seconds)s) AND NOT EXISTS (
      SELECT FROM pg_stat_progress_copy c
      CROSS JOIN extract(epoch FROM clock_timestamp() - a.xact_start) AS age
      WHERE c.pid = a.pid AND a.datname = current_database() AND age < %(longest)s
      AND c.bytes_processed >= age * %(slowest)s
      AND NOT EXISTS (SELECT FROM pg_locks l JOIN pg_class t ON t.oid = l.relation
        WHERE l.pid = a.pid AND l.mode = 'RowExclusiveLock'
        AND t.relnamespace = 'public'::regnamespace))
    OR EXISTS (SELECT FROM pg_locks l WHERE l.pid = a.pid AND l.locktype = 'advisory')))
-- Found first and ended then: PostgreSQL asks conditions in any order it likes.
SELECT laptop, state FROM holding WHERE pg_terminate_backend(pid) ORDER BY laptop"""


def reap(
    central: Database, *, seconds: int = REAP_SECONDS, slowest: int = SLOWEST_LINE
) -> tuple[str, ...]:
    """End what laptops hold open for longer than ``seconds``; return whose and what.

    A laptop's role can lift its own time limits, so head office ends such sessions itself: a
    transaction that idles holds locks, and makes every laptop fetch again what came since. A batch
    or an answer that is still on its way, by ``slowest`` bytes a second or more, is waited for
    up to an hour, as long as nothing of it is written yet: on a slow line it would never come. No
    laptop of ours takes an advisory lock, so a session that holds one goes at once; none prepares a
    transaction, so what is prepared is rolled back. What was staged and not applied, and documents
    that nobody goes on with, are cleared as well. Raises
    :class:`SyncError` for a login that may not see what others do: it would find nothing.
    """
    with central.connection(writes=True) as connection:
        role, sees = connection.exec_driver_sql(
            "SELECT current_user::text, pg_has_role('pg_read_all_stats', 'USAGE')"
        ).one()
        if not sees:
            raise SyncError(
                "This login does not see what laptops hold open.",
                hint="Run as a superuser: GRANT pg_read_all_stats TO {role};",
                role=role,
            )
        rows = connection.exec_driver_sql(
            _HOLDING, {"seconds": seconds, "slowest": slowest, "longest": SLOWEST_SECONDS}
        ).all()
        # A document that was begun and that nobody offers any more; whoever does begins again.
        connection.exec_driver_sql(
            "DELETE FROM sync.blob b WHERE NOT b.complete"
            " AND b.at < clock_timestamp() - make_interval(days => %s)",
            (UNFINISHED_DAYS,),
        )
    prepared = end_prepared(central)
    _clear_staging(central)
    return (*(f"{name}: {state}" for name, state in rows), *prepared)


def _clear_staging(central: Database) -> None:
    """Clear what was staged and never applied: it is nobody's.

    More than laptops bring goes at one stroke, in a moment when nobody is staging anything: row by
    row it would take longer than it took to make, and leave its room.
    """
    run = central.connection
    with suppress(StorageError), run(writes=True) as connection:
        connection.exec_driver_sql("SET LOCAL lock_timeout = '2s'")
        connection.exec_driver_sql(
            "DO $body$ BEGIN IF pg_relation_size('sync.incoming') > 64 * 1024 * 1024 THEN"
            " TRUNCATE sync.incoming; END IF; END $body$"
        )
    with run(writes=True) as connection:
        connection.exec_driver_sql(
            "DELETE FROM sync.incoming i WHERE i.tx < pg_snapshot_xmin(pg_current_snapshot())"
        )


def check_centre(central: Database) -> tuple[str, ...]:
    """Return what is wrong in what sync keeps at head office, each as a sentence.

    Every row has one living identity and its group, every living identity a row, and every
    laptop's batches are there from the first to the last.
    """
    with central.connection() as connection:
        return (*_identities(connection), *_batches(connection))


def _identities(connection: Connection) -> list[str]:
    run = connection.exec_driver_sql
    found = []
    for table in travels():
        living = f"s.tbl = {table.number} AND NOT s.deleted"
        found += [
            f"row {row} of {table.name} has no identity"
            for (row,) in run(
                f"SELECT t.id FROM public.{table.name} t WHERE NOT EXISTS (SELECT"
                f" FROM sync.row_state s WHERE {living} AND s.id = t.id) ORDER BY t.id"
            )
        ]
        found += [
            f"the identity {su} of {table.name} has no row"
            for (su,) in run(
                f"SELECT s.su::text FROM sync.row_state s WHERE {living} AND NOT EXISTS (SELECT"
                f" FROM public.{table.name} t WHERE t.id = s.id) ORDER BY s.su"
            )
        ]
        found += [
            f"row {row} of {table.name} is said to be group {said}'s, not {owner}'s"
            for row, said, owner in run(
                f"SELECT n.id, s.scope, {scope_of(table, 'n')} FROM public.{table.name} n"
                f" JOIN sync.row_state s ON {living} AND s.id = n.id"
                f" WHERE s.scope IS DISTINCT FROM {scope_of(table, 'n')} ORDER BY n.id"
            )
        ]
    return found


def _batches(connection: Connection) -> list[str]:
    return [
        f"the batches of {name} are {count}, up to {highest}, but {last} are counted"
        for name, count, highest, last in connection.exec_driver_sql(
            "SELECT d.name, count(b.n), coalesce(max(b.n), 0), d.last_batch FROM sync.device d"
            " LEFT JOIN sync.batch b ON b.dev = d.dev GROUP BY d.dev, d.name, d.last_batch"
            " HAVING count(b.n) <> d.last_batch OR coalesce(max(b.n), 0) <> d.last_batch"
            " ORDER BY d.name"
        )
    ]
