"""What has to be true of a world after everything is put right again.

Head office and every laptop hold the same rows with the same values; balances follow from the rows
on each; nothing waits; and of all that people ever entered, each thing is at head office once, or
somebody removed or overwrote it having seen it, or it stands on a list for a person to look at.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from tests.sync.laptop import Rows, central_rows, laptop_rows, read
from vsla_desktop.capture import feed
from vsla_desktop.capture.identity import SEEDS
from vsla_desktop.capture.tables import PEOPLE, travels
from vsla_desktop.columns import Exact
from vsla_desktop.db.verify import verify
from vsla_desktop.derived import DERIVED
from vsla_desktop.models import Base

if TYPE_CHECKING:
    from tests.simulation.world import Seat, World

HEX = "replace({}::text, '-', '')"
PERSONAL = {PEOPLE, *feed.PERSONAL, "notifications"}
Key = tuple[str, str]
NOT_NEWER = "waits_for IS NOT 'release'"
NOTED = "tbl, su, kind, col, base, mine, theirs"


class Truth:
    """Head office as it is at the end."""

    def __init__(self, world: World) -> None:
        central = world.central
        self.rows = central_rows(central)
        self.derived = central_derived(world)
        state = read(central, f"SELECT {HEX.format('su')}, deleted, scope FROM sync.row_state")
        self.scopes = {su: scope for su, deleted, scope in state if not deleted}
        self.standing = set(self.scopes)
        self.deleted = {su for su, deleted, _ in state if deleted}
        self.aliases = dict(
            read(central, f"SELECT {HEX.format('su')}, {HEX.format('target')} FROM sync.alias")
        )
        self.refused = {
            su for (su,) in read(central, f"SELECT {HEX.format('su')} FROM sync.quarantine")
        }
        conflicts = read(
            central, f"SELECT {HEX.format('su')}, coalesce(col, ''), mine FROM sync.conflict"
        )
        self.conflicts = set(conflicts)
        self.in_conflict = {su for su, _, _ in conflicts}

    def now(self, su: str) -> str:
        """Return the identity under which a row is known, once it turned out to be another's."""
        while su in self.aliases:
            su = self.aliases[su]
        return su


def check(world: World) -> None:
    """Raise AssertionError for the first promise that is broken."""
    truth = Truth(world)
    check_centre(world, truth)
    for seat in world.seats:
        check_laptop(seat)
        check_equal(world, seat, truth)
        check_conflicts(world, seat)
    check_entries(world, truth)
    check_values(world, truth)


def check_centre(world: World, truth: Truth) -> None:
    assert read(world.central, "SELECT count(*) FROM sync.incoming") == [(0,)]
    with world.central.connection() as connection:
        found = verify(connection)
    assert not found.derived.wrong, found.derived.wrong
    assert not found.foreign_keys, found.foreign_keys
    stray = read(
        world.central,
        " UNION ALL ".join(
            f"SELECT '{table.name}', t.id FROM public.{table.name} t WHERE NOT EXISTS (SELECT FROM"
            f" sync.row_state s WHERE s.tbl = {table.number} AND s.id = t.id AND NOT s.deleted)"
            for table in travels()
        ),
    )
    assert not stray, stray
    assert len(truth.rows) == len(truth.standing)
    if world.named_later:  # What laptops of an earlier release do not know, they do not touch.
        later = "SELECT id FROM group_members WHERE nickname IS NULL OR NOT left_handed"
        emptied = {member for (member,) in read(world.central, later)} & world.named_later
        assert not emptied, emptied


def check_laptop(seat: Seat) -> None:
    assert seat.read("SELECT su, op FROM sync_dirty WHERE op <> 'X'") == []
    assert seat.read("SELECT n FROM sync_outbox WHERE state <> 'acked'") == []
    if not held(seat):  # What a person has to settle first may be in the way of others.
        waiting = seat.read(f"SELECT tbl, su, deleted, waits_for FROM sync_inq WHERE {NOT_NEWER}")
        assert not waiting, (seat.name, waiting)
    assert seat.read("SELECT v FROM sync_applying") == [(0,)]
    assert seat.read("PRAGMA integrity_check") == [("ok",)]
    assert seat.read("PRAGMA foreign_key_check") == []


def held(seat: Seat) -> set[str]:
    """Return the rows that wait on the laptop for a person, and whose values are its own."""
    return {su for (su,) in seat.read("SELECT su FROM sync_quarantine")}


def expected(world: World, seat: Seat, truth: Truth) -> tuple[set[Key], set[Key]]:
    """Return the rows that a laptop must have, and those that it may have: people, of its own."""
    [(everything, groups)] = read(
        world.central,
        "SELECT d.all_groups, ARRAY(SELECT group_id FROM sync.assignment a WHERE a.dev = d.dev)"
        f" FROM sync.device d WHERE d.dev = '{seat.device()}'",
    )
    if everything:
        return set(truth.rows), set(truth.rows)
    assigned = set(groups)
    must = {
        key
        for key in truth.rows
        if truth.scopes[key[1]] in assigned
        or (truth.scopes[key[1]] is None and key[0] not in PERSONAL)
    }
    return must, {key for key in truth.rows if truth.scopes[key[1]] in {None, *assigned}}


def check_equal(world: World, seat: Seat, truth: Truth) -> None:
    """The laptop's rows are head office's rows, value by value; so is what follows from them."""
    ours, refused = laptop_rows(seat.database, errors="replace"), held(seat)
    refused |= {su for (su,) in seat.read(f"SELECT su FROM sync_inq WHERE {NOT_NEWER}")}
    must, may = expected(world, seat, truth)
    missing = {key for key in must if key not in ours and key[1] not in refused}
    leaving = seat.read("SELECT 1 FROM sync_scope WHERE state = 'leaving'")
    surplus = {key for key in ours if key not in may and key[1] not in refused}
    assert not missing, (seat.name, "missing", missing)
    assert not surplus or leaving, (seat.name, "surplus", surplus)
    assert not leaving or refused
    wrong = []
    for key, row in ours.items():
        theirs = truth.rows.get(key)
        if theirs is None or key[1] in refused or key not in may:
            continue  # A group that is not its own any more stays as it was while it is held.
        for column, value in row.items():
            if value == theirs[column] or _may_differ(key, column, row, truth.rows):
                continue
            wrong.append((key, column, value, theirs[column]))
    assert not wrong, (seat.name, wrong)
    if not refused:
        check_derived(seat, truth)
        return
    with seat.database.connection() as connection:
        found = verify(connection)
    assert not found.derived.wrong, (seat.name, found.derived.wrong)


def _may_differ(key: tuple[str, str], column: str, row: dict[str, Any], rows: Rows) -> bool:
    if key[0] in SEEDS and column == "created_date":
        return True  # Each database made its own, at its moment.
    about = str(row.get("related_entity_type")), str(row.get(column))
    return key[0] == "notifications" and column == "related_entity_id" and about not in rows


def check_derived(seat: Seat, truth: Truth) -> None:
    """Balances, counts and percentages are the same here and there.

    Which of two lines of one reference comes first is each database's own: a book that was copied
    gives out the same reference twice, and people are told of that.
    """
    lines = Counter(_place(key, row) for key, row in truth.rows.items())
    wrong = [
        (key, column, value, truth.derived[key][column])
        for key, row in laptop_derived(seat).items()
        for column, value in row.items()
        if key in truth.derived and value != truth.derived[key][column]
        if key[0] != "group_cashbook" or lines[_place(key, truth.rows[key])] == 1
    ]
    assert not wrong, (seat.name, wrong)


def check_conflicts(world: World, seat: Seat) -> None:
    """What head office noted against the laptop's entries stands on the laptop's list as well."""
    if seat.doubled:
        return
    theirs = Counter(
        read(
            world.central,
            f"SELECT {NOTED.replace('su', HEX.format('su'))} FROM sync.conflict c"
            f" WHERE dev = (SELECT '{seat.device()}'::uuid)",
        )
    )
    ours = Counter(seat.read(f"SELECT {NOTED} FROM sync_conflict"))
    assert not theirs - ours, (seat.name, theirs - ours)


def check_entries(world: World, truth: Truth) -> None:
    """Every row that a laptop's people made is there once, removed by somebody, or on a list."""
    memory = world.memory
    listed = truth.refused | truth.in_conflict
    for seat in world.seats:
        listed |= held(seat)
    lost = {
        su: by
        for su, by in memory.made.items()
        if truth.now(su) not in truth.standing
        and su not in memory.gone
        and su not in listed
        and truth.now(su) not in memory.gone
    }
    assert not lost, ("entries lost", lost)
    taken = {su for su in truth.deleted if su not in memory.gone and su not in listed}
    assert not taken, ("rows gone that nobody removed", taken)
    still = {
        su: by for su, by in memory.removed.items() if su in truth.standing and su not in listed
    }
    assert not still, ("removed, and there again", still)
    doubled = read(
        world.central,
        "SELECT description, count(*) FROM group_transactions WHERE description LIKE 'Entry %%'"
        " GROUP BY 1 HAVING count(*) > 1",
    )
    assert not doubled, doubled


def check_values(world: World, truth: Truth) -> None:
    """A value that somebody wrote stands, or was seen and written over, or is on the list."""
    listed = set(truth.conflicts)
    unread: set[str] = set(truth.refused)
    for seat in world.seats:
        listed |= set(seat.read("SELECT su, coalesce(col, ''), mine FROM sync_conflict"))
        unread |= held(seat)
    gone = {su for su, _, _ in listed if (su, "", None) in listed} | {
        su for su, column, _ in listed if not column
    }
    lost = []
    for each in world.memory.written:
        su = truth.now(each.su)
        row = truth.rows.get((each.table, su))
        if row is None or su in unread or su in gone or row[each.column] == each.value:
            continue
        told = {(each.su, each.column, each.value), (su, each.column, each.value)}
        if (each.su, each.column, each.value) in world.memory.seen or told & listed:
            continue
        lost.append((each, row[each.column]))
    assert not lost, ("values lost", lost)


# ------------------------------------------------------------------ derived values


def _place(key: Key, row: dict[str, Any]) -> tuple[Any, ...]:
    """Return the place of a line in its group's book, nothing else's."""
    if key[0] != "group_cashbook":
        return ()
    return tuple(row[each] for each in ("group_id", "transaction_date", "transaction_reference"))


@cache
def _derived(name: str) -> list[str]:
    return sorted(column for table, column in DERIVED if table == name)


def _plain(value: Any, *, steps: int) -> str:
    """Return a derived value in one spelling; on a laptop decimals are whole numbers of steps."""
    if value is None:
        return "0"  # Nothing follows from no rows; the check of derived values sees it so, too.
    if isinstance(value, Decimal) or (steps and isinstance(value, int)):
        return str((Decimal(value).scaleb(-steps) if isinstance(value, int) else value).normalize())
    if isinstance(value, bool):
        return str(int(value))
    return str(value)


def _scale(name: str, column: str) -> int:
    kind = Base.metadata.tables[name].columns[column].type
    return kind.scale if isinstance(kind, Exact) else 0


def laptop_derived(seat: Seat) -> Rows:
    found: Rows = {}
    known = {number for (number,) in seat.read("SELECT DISTINCT tbl FROM sync_idmap")}
    for table in travels():
        columns = _derived(table.name)
        if not columns or table.number not in known:
            continue
        names = ", ".join(f't."{column}"' for column in columns)
        for su, *values in seat.read(
            f"SELECT m.su, {names} FROM {table.name} t JOIN sync_idmap m"
            f" ON m.tbl = {table.number} AND m.local_id = t.id"
        ):
            found[table.name, su] = {
                column: _plain(value, steps=_scale(table.name, column))
                for column, value in zip(columns, values, strict=True)
            }
    return found


def central_derived(world: World) -> Rows:
    found: Rows = {}
    known = read(world.central, "SELECT DISTINCT tbl FROM sync.row_state WHERE NOT deleted")
    for table in travels():
        columns = _derived(table.name)
        if not columns or (table.number,) not in known:
            continue
        names = ", ".join(f't."{column}"' for column in columns)
        for su, *values in read(
            world.central,
            f"SELECT {HEX.format('s.su')}, {names} FROM public.{table.name} t"
            f" JOIN sync.row_state s ON s.tbl = {table.number} AND s.id = t.id AND NOT s.deleted",
        ):
            found[table.name, su] = {
                column: _plain(value, steps=0)
                for column, value in zip(columns, values, strict=True)
            }
    return found
