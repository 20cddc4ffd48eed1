"""What people enter on a laptop, and what of it is acknowledged to them."""

from __future__ import annotations

import random
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING

from tests.simulation.memory import Memory, Write
from tests.simulation.plan import Fault, Setting
from tests.simulation.web import EDITED, number_of
from tests.simulation.world import GROUPS, NOW, Seat, World
from tests.sync.history import Step as Change
from tests.sync.history import take
from vsla_desktop.domain.fines import FineType
from vsla_desktop.domain.meeting import AttendanceStatus
from vsla_desktop.errors import RuleBroken
from vsla_desktop.services.attendance import record_attendance
from vsla_desktop.services.cells import set_shares, set_social
from vsla_desktop.services.corrections import correct_entry
from vsla_desktop.services.fines import charge_fine
from vsla_desktop.services.members import NewMember, add_member

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy.orm import Session

POISON = (
    "first_name = 'A' || char(0) || 'B'",
    "first_name = CAST(x'ff' AS TEXT)",
    "first_name = printf('%200c', 'x')",
    "left_date = '2026-02-31'",
    "left_date = 'someday'",
)
REMOVED = ("meeting_attendance", "member_fines", "group_transactions", "group_members", "meetings")


def acknowledge(memory: Memory, seat: Seat) -> None:
    """Take note of the rows that the laptop's people have made and removed, and that are kept."""
    for su, op in seat.read("SELECT su, op FROM sync_dirty"):
        if op == "I":
            memory.made.setdefault(su, seat.name)
        elif op in {"D", "X"}:
            memory.gone.add(su)
            if op == "D":
                memory.removed[su] = seat.name


@contextmanager
def only_reads(world: World) -> Iterator[None]:
    """Let a laptop refuse what belongs into a book that another laptop writes."""
    try:
        yield
    except RuleBroken as refused:
        if refused.message != "This laptop only reads this group.":
            raise
        world.counts[Fault.NOT_ITS_OWN] += 1


def rows(_world: World, seat: Seat, choose: random.Random) -> None:
    """Write any row of any table."""
    kind = choose.choice(("insert", "insert", "insert", "update", "update", "delete"))
    change = Change(kind, choose.randrange(47), choose.randrange(2**32))
    with seat.database.connection(writes=True) as connection:
        take(connection, change)


def entry(world: World, seat: Seat, choose: random.Random) -> None:
    """Write a line of the ledger as another program would, with a reference of its own."""
    number = world.number()
    with seat.database.connection(writes=True) as connection:
        ids = connection.exec_driver_sql("SELECT id FROM group_members ORDER BY id").scalars().all()
        if not ids:
            return
        connection.exec_driver_sql(
            "INSERT INTO group_transactions (group_id, member_id, amount, transaction_type,"
            " reference_number, description) SELECT group_id, id, 12345, 'SAVINGS_DEPOSIT', ?, ?"
            " FROM group_members WHERE id = ?",
            (f"L{number}", f"Entry {number}", choose.choice(ids)),
        )


def enter(world: World, seat: Seat, choose: random.Random) -> None:
    """Enter something that is to be sent, if this laptop may."""
    with only_reads(world):
        (rows if world.setting is Setting.ROWS else entry)(world, seat, choose)
    acknowledge(world.memory, seat)


def edit(world: World, seat: Seat, choose: random.Random) -> None:
    """Write over what stands in a column of a row that others may write over too."""
    table, column = choose.choice(EDITED)
    value = f"{seat.name} {world.number()}"
    with seat.database.connection(writes=True) as connection:
        run = connection.exec_driver_sql
        ids = run(f"SELECT id FROM {table} ORDER BY id").scalars().all()
        if not ids:
            return
        row = choose.choice(ids)
        base = run(f"SELECT {column} FROM {table} WHERE id = ?", (row,)).scalar_one()
        su = run(
            "SELECT su FROM sync_idmap WHERE tbl = ? AND local_id = ?", (number_of(table), row)
        ).scalar_one()
        run(f"UPDATE {table} SET {column} = ? WHERE id = ?", (value, row))
    world.memory.write(Write(su, table, column, base, value, seat.name))


def remove(_world: World, seat: Seat, choose: random.Random) -> None:
    """Remove a row that others may be writing under."""
    table = choose.choice(REMOVED)
    try:
        with seat.database.connection(writes=True) as connection:
            run = connection.exec_driver_sql
            ids = run(f"SELECT id FROM {table} ORDER BY id").scalars().all()
            if ids:
                run(f"DELETE FROM {table} WHERE id = ?", (choose.choice(ids),))
    except RuleBroken:
        pass


def write_much(seat: Seat) -> None:
    """Write minutes that need some pages of the disk, and again when they are sent."""
    minutes = "UPDATE meetings SET minutes = hex(randomblob(9000))"
    seat.run(f"{minutes} WHERE id = (SELECT max(id) FROM meetings)")


def poison(world: World, seat: Seat, choose: random.Random) -> None:
    """Write by hand what no column at head office takes."""
    with seat.database.connection(writes=True) as connection:
        run = connection.exec_driver_sql
        ids = run("SELECT id FROM group_members ORDER BY id").scalars().all()
        if ids:
            run("PRAGMA ignore_check_constraints = ON")
            run(
                f"UPDATE group_members SET {choose.choice(POISON)} WHERE id = ?",
                (choose.choice(ids),),
            )
            run("PRAGMA ignore_check_constraints = OFF")
            world.counts[Fault.POISON] += 1


def service(_world: World, seat: Seat, choose: random.Random) -> None:
    """Enter something at the open meeting, as the screens do."""
    # Mostly its own group, sometimes another's.
    code = seat.code if choose.random() < 0.85 else choose.choice(GROUPS)
    found = seat.read(
        "SELECT m.id FROM meetings m JOIN savings_groups g ON g.id = m.group_id"
        " WHERE g.group_code = ? AND m.status = 'IN_PROGRESS' ORDER BY m.id",
        (code,),
    )
    members = seat.read(
        "SELECT b.id FROM group_members b JOIN savings_groups g ON g.id = b.group_id"
        " WHERE g.group_code = ? ORDER BY b.id",
        (code,),
    )
    if not found or not members:
        return
    do = choose.choice((_shares, _shares, _social, _fine, _mark, _correct, _join))
    try:
        with seat.database.write() as session:
            do(session, seat, choose, found[0][0], choose.choice(members)[0])
    except RuleBroken:
        pass


def _shares(s: Session, seat: Seat, choose: random.Random, meeting: int, member: int) -> None:
    set_shares(s, meeting, member, choose.randrange(6), clock=seat.clock)


def _social(s: Session, seat: Seat, choose: random.Random, meeting: int, member: int) -> None:
    set_social(s, meeting, member, Decimal(choose.choice((0, 100, 200))), clock=seat.clock)


def _fine(s: Session, seat: Seat, choose: random.Random, meeting: int, member: int) -> None:
    kind = choose.choice((FineType.MISCONDUCT, FineType.LATE_ARRIVAL))
    charge_fine(s, meeting, member, kind, amount=Decimal(50), clock=seat.clock)


def _mark(s: Session, seat: Seat, choose: random.Random, meeting: int, member: int) -> None:
    record_attendance(s, meeting, member, choose.choice(list(AttendanceStatus)), clock=seat.clock)


def _correct(s: Session, seat: Seat, choose: random.Random, meeting: int, _member: int) -> None:
    entries = s.connection().exec_driver_sql(
        "SELECT id FROM group_transactions WHERE direction IS NOT NULL ORDER BY id"
    )
    ids = entries.scalars().all()
    if ids:
        amount = Decimal(choose.choice((0, 500, 1000)))
        correct_entry(s, meeting, choose.choice(ids), amount, "Miscounted", clock=seat.clock)


def _join(s: Session, seat: Seat, _choose: random.Random, meeting: int, _member: int) -> None:
    of = "SELECT group_id FROM meetings WHERE id = ?"
    group = s.connection().exec_driver_sql(of, (meeting,)).scalar_one()
    new = NewMember(first_name="New", last_name="Member", gender="F", joined_date=NOW.date())
    add_member(s, group, new, clock=seat.clock)


ENTRIES: dict[str, Callable[[World, Seat, random.Random], None]] = {
    "rows": rows,
    "entry": entry,
    "edit": edit,
    "remove": remove,
    "poison": poison,
    "service": service,
}
