"""Take what head office told into the book: all of an answer, or nothing.

Rows of a group are written when the group is told to its end, and the position moves with them in
one transaction. Until then, and while they wait for something, they are kept in ``sync_inq``.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from vsla_desktop import derived
from vsla_desktop.capture.feed import PERSONAL
from vsla_desktop.capture.identity import SQLITE_NOW
from vsla_desktop.capture.tables import GROUPS, PEOPLE, travel, travels
from vsla_desktop.db import migrate
from vsla_desktop.sync import scopes
from vsla_desktop.sync.lease import offer_newer
from vsla_desktop.sync.lines import Arrived, Head, knows_all, read_head, read_kept, read_rows
from vsla_desktop.sync.outbox import held_here
from vsla_desktop.sync.writing import Writing

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from sqlalchemy import Connection

    from vsla_desktop.sync.scopes import Told

# From here on the rows are written first, and what follows from them is computed in one go.
MANY: Final = 2_000


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of an answer. ``rows`` were told; ``more`` says that groups have to go on.

    ``skipped`` groups do not go on from where this laptop is: an earlier answer has to come first.
    ``anew`` are groups that are not what head office has, and have to come once more.
    """

    rows: int = 0
    more: bool = False
    skipped: tuple[str, ...] = ()
    anew: tuple[str, ...] = ()


def take(connection: Connection, lines: Sequence[str]) -> Taken:
    """Take an answer, its head first, inside the caller's transaction."""
    head = read_head(lines[0])
    skipped = _meet(connection, head)
    rows = [each for each in read_rows(head, lines[1:]) if each.scope not in skipped]
    whole = {each.su for each in head.scopes if not each.more} - skipped
    with _quietly(connection):
        _keep(connection, ((each, None) for each in rows if each.scope not in whole))
        merged = {each.su: each for each in _kept(connection, whole)}
        for each in rows:
            if each.scope in whole:
                _newer(merged, each)
        anew = _write(connection, head, merged.values())
        if knows_all(head.widths):
            offer_newer(connection)
        for told in head.scopes:
            if told.su not in skipped and (absent := scopes.advance(connection, told, head.hi)):
                _settle_absent(connection, told.su, absent)
        for su in _unnamed(connection, head, "lo > 0 OR state <> 'kept'"):
            leave(connection, su)
        for su in _unnamed(connection, head, "lo = 0 AND whole > 0"):
            # Head office was restored to before there was this group.
            _settle_absent(connection, su, scopes.OFFERED)
            scopes.forget_position(connection, su)
    anew = anew or _differing(connection, head, skipped)
    for su in anew:
        scopes.begin_anew(connection, su, scopes.OFFERED)
    connection.exec_driver_sql("UPDATE sync_meta SET told_at = ?", (head.at,))
    more = any(each.more for each in head.scopes)
    return Taken(len(rows), more, tuple(sorted(skipped)), tuple(sorted(anew)))


def _meet(connection: Connection, head: Head) -> set[str]:
    """Note the groups that an answer tells of; return those that it does not go on with."""
    skipped = set()
    for told in head.scopes:
        scopes.meet(connection, told)
        if told.anew:
            absent = scopes.OFFERED if told.anew == "lost" else scopes.GONE
            scopes.begin_anew(connection, told.su, absent)
        elif not scopes.follows(connection, told):
            skipped.add(told.su)
    return skipped


def _newer(merged: dict[str, Arrived], row: Arrived) -> None:
    before = merged.get(row.su)
    if before is None or row.ver >= before.ver:
        merged[row.su] = row


def _kept(connection: Connection, whole: Collection[str]) -> Iterable[Arrived]:
    found = connection.exec_driver_sql(
        "SELECT tbl, su, ver, deleted, scope, row FROM sync_inq"
    ).all()
    return [read_kept(*each) for each in found if each.scope in whole]


def _keep(connection: Connection, rows: Iterable[tuple[Arrived, str | None]]) -> None:
    """Keep rows that are not written, or not to their end, with what they wait for."""
    cursor = connection.connection.cursor()
    cursor.executemany(
        "INSERT INTO sync_inq (su, tbl, scope, ver, deleted, row, waits_for)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (su) DO UPDATE SET scope = excluded.scope,"
        " ver = excluded.ver, deleted = excluded.deleted, row = excluded.row,"
        " waits_for = excluded.waits_for WHERE excluded.ver >= ver",
        [
            (each.su, each.number, each.scope, each.ver, each.gone, each.kept(), why)
            for each, why in rows
        ],
    )


def _write(connection: Connection, head: Head, rows: Collection[Arrived]) -> set[str]:
    """Write rows, and keep those that wait; return the groups that have to come anew."""
    if not rows:
        return set()
    many = len(rows) >= MANY
    if many:
        migrate.lift(connection, noting=True)
    writing = Writing(connection, head.widths)
    writing.write(rows)
    run = connection.exec_driver_sql
    waited = run("SELECT count(*) FROM sync_inq").scalar_one()
    if waited:
        cursor = connection.connection.cursor()
        cursor.executemany("DELETE FROM sync_inq WHERE su = ?", [(each.su,) for each in rows])
    _keep(connection, writing.waiting)
    if many:
        groups = {
            group
            for su in {each.scope for each in rows}
            if (group := scopes.local_group(connection, su)) is not None
        }
        derived.refresh(connection, scopes.conditions(groups))
        migrate.install(connection)
    return writing.bereft


def _settle_absent(connection: Connection, su: str, absent: int) -> None:
    """Settle what is here and head office did not name when it told everything."""
    held = held_here(connection)
    run = connection.exec_driver_sql
    lost = [
        (number, identity)
        for number, identity, ver in scopes.rows_here(connection, su)
        if ver is None and identity not in held
    ]
    for number, identity in lost:
        if absent == scopes.GONE:
            if su != scopes.SHARED:
                _remove(connection, number, identity)
        else:
            # What only head office may write is refused there, and so on its list with all it says.
            run(
                "INSERT INTO sync_dirty (su, tbl, local_id, op, at)"
                f" SELECT su, tbl, local_id, 'I', {SQLITE_NOW} FROM sync_idmap WHERE su = ?"
                " ON CONFLICT DO NOTHING",
                (identity,),
            )


def _remove(connection: Connection, number: int, su: str) -> None:
    name = next(each.name for each in travels() if each.number == number)
    connection.exec_driver_sql(
        f'DELETE FROM "{name}" WHERE id = (SELECT local_id FROM sync_idmap WHERE su = ?)', (su,)
    )


def _unnamed(connection: Connection, head: Head, condition: str) -> list[str]:
    """Return the groups, of those in such a state, that head office does not name as ours."""
    known = connection.exec_driver_sql(
        f"SELECT su FROM sync_scope WHERE su <> '' AND ({condition})"
    ).scalars()
    answered = {each.su for each in head.scopes}
    return [su for su in known if su not in answered]


def leave(connection: Connection, su: str) -> None:
    """Let a group go from this laptop, once nothing of it is only here."""
    run = connection.exec_driver_sql
    of_group = list(scopes.rows_here(connection, su))
    held = held_here(connection)
    if any(identity in held for _, identity, _ in of_group):
        run("UPDATE sync_scope SET state = 'leaving', writable = 0 WHERE su = ?", (su,))
        return
    scopes.begin_anew(connection, su, 0)
    group = scopes.local_group(connection, su)
    if group is not None:
        migrate.lift(connection, noting=True)
        run(f"DELETE FROM {GROUPS} WHERE id = ?", (group,))
        migrate.install(connection)
    run("DELETE FROM sync_scope WHERE su = ?", (su,))


def _differing(connection: Connection, head: Head, skipped: Collection[str]) -> set[str]:
    """Return the groups whose counts and sums are not head office's."""
    compared = [each for each in head.scopes if each.digest is not None and not each.more]
    if not compared or _unsettled(connection):
        return set()
    return {
        each.su
        for each in compared
        if each.su not in skipped and digest(connection, each.su) != _told_digest(each)
    }


def _told_digest(told: Told) -> dict[int, tuple[int, int]]:
    return {
        int(number): (count, int(total)) for number, (count, total) in (told.digest or {}).items()
    }


def _unsettled(connection: Connection) -> bool:
    """Say whether anything here is on its way, up or down: then nothing can be compared."""
    run = connection.exec_driver_sql
    return bool(held_here(connection)) or bool(run("SELECT 1 FROM sync_inq LIMIT 1").first())


def digest(connection: Connection, su: str) -> dict[int, tuple[int, int]]:
    """Return count of, and sum over, the rows here of a group, by table (``sync.digest``)."""
    personal = {travel(name).number for name in (PEOPLE, *PERSONAL)}
    found: dict[int, tuple[int, int]] = {}
    for number, identity, ver in scopes.rows_here(connection, su):
        if su == scopes.SHARED and number in personal:
            continue
        count, total = found.get(number, (0, 0))
        found[number] = (
            count + 1,
            total + int(identity[-12:], 16) + (1 if ver is None else ver) * 1_000_003,
        )
    return found


@contextmanager
def _quietly(connection: Connection) -> Iterator[None]:
    """Write what comes from head office: nothing is noted, and checks are put aside."""
    run = connection.exec_driver_sql
    run("UPDATE sync_applying SET v = 1")
    run("PRAGMA defer_foreign_keys = ON")
    run("PRAGMA ignore_check_constraints = ON")
    try:
        yield
    finally:
        run("PRAGMA ignore_check_constraints = OFF")
    run("UPDATE sync_applying SET v = 0")
