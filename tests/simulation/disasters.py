"""What befalls a laptop or head office as a whole: copies, restores, revocations, repeats."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.db.books import new_book
from tests.simulation.plan import Fault, Setting
from tests.simulation.work import enter
from tests.simulation.world import GROUPS, Seat, World, impatient, point_at
from tests.sync.laptop import keep, read
from vsla_desktop import db
from vsla_desktop.errors import SyncError
from vsla_desktop.sync import (
    ALL_GROUPS,
    assign_group,
    enrol_device,
    enrolled_as,
    load_enrolment,
    revoke_device,
    unassign_group,
)
from vsla_desktop.sync.centre import Centre
from vsla_desktop.sync.outbox import take_enrolment
from vsla_desktop.sync.seal import seal

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]


def duplicate(world: World, seat: Seat, choose: random.Random) -> None:
    """Offer a batch again that head office has acknowledged."""
    with seat.database.connection(writes=True) as connection:
        acked = connection.exec_driver_sql(
            "SELECT n FROM sync_outbox WHERE state = 'acked' AND n > 0 ORDER BY n"
        ).scalars()
        numbers = list(acked)
        if not numbers:
            return
        connection.exec_driver_sql(
            "UPDATE sync_outbox SET state = 'sealed' WHERE n = ?", (choose.choice(numbers),)
        )
    world.counts[Fault.DUPLICATE] += 1
    world.sync(seat)


def reorder(world: World, seat: Seat, choose: random.Random) -> None:
    """Offer a later batch before an earlier one, as a network may that repeats what it lost."""
    batches, epoch = [], ""
    for _ in range(2):
        enter(world, seat, choose)
        with seat.database.connection(writes=True) as connection:
            epoch = take_enrolment(connection, enrolled_as(seat.folder))
            batches.append(seal(connection, seat.device(), seat.clock))
    last = batches[-1]
    if None in batches or last is None:
        return
    try:
        with Centre(load_enrolment(seat.folder), seat.folder) as centre:
            answer = centre.begin(last, epoch)["answer"]
    except SyncError:
        return  # Revoked, or not known since head office was restored.
    assert answer != "go" or seat.torn  # Of a book that was put back it has both already.
    if answer == "gap":
        world.counts[Fault.REORDERED] += 1
    world.sync(seat)


def keep_copy(_world: World, seat: Seat, _choose: random.Random) -> None:
    """Copy the laptop's book, to be put back later."""
    seat.copies.append(seat.files())


def put_back_copy(world: World, seat: Seat, choose: random.Random) -> None:
    """Put an older copy of the book back; what was entered since and not sent is nowhere."""
    if not seat.copies:
        return
    seat.restore(choose.choice(seat.copies))
    point_at(seat.folder, world.server.port, world.name)
    seat.torn = seat.torn or "restored"
    seat.doubled = True
    world.counts[Fault.RESTORED_LAPTOP] += 1
    world.forget_lost(seat.name)


def run_copy(world: World, seat: Seat, _choose: random.Random) -> None:
    """Copy the laptop's book to another computer; from now on both are used."""
    folder = seat.files()
    copy = Seat(folder, db.open_database(folder / "vsla.db"), f"copy {world.number()}", seat.code)
    for each in (seat, copy):
        each.torn = each.torn or "copied"
        each.doubled = True
    world.seats.append(copy)
    world.counts[Fault.COPIED_LAPTOP] += 1


def back_up_centre(world: World, _seat: Seat, choose: random.Random) -> None:
    """Take a backup of head office's database."""
    world.web.end_all()
    world.lose_connections()
    if world.backup:
        world.server.drop_database(world.backup)
    world.backup = world.server.create_database(template=world.name)
    choose.random()


def restore_centre(world: World, _seat: Seat, choose: random.Random) -> None:
    """Put the backup in the place of head office's database: what came since is not there."""
    world.lose_connections()
    world.server.drop_database(world.name)
    # Without another, the backup is of the day before.
    world.use_centre(world.server.create_database(template=world.backup or world.pattern))
    with world.central.connection(writes=True) as connection:
        # Another server counts its transactions anew.
        moved = choose.choice((0, -500, 100_000))
        for kept in ("row_state.xid", "person_scope.xid", "moved.xid", "batch.applied_xid"):
            table, column = kept.split(".")
            connection.exec_driver_sql(
                f"UPDATE sync.{table} SET {column}"
                f" = greatest(3, {column}::text::bigint + {moved})::text::xid8"
            )
    with world.central.connection(writes=True) as connection:
        connection.exec_driver_sql("SELECT sync.restored()")
    world.restored = True
    world.named_later.clear()
    world.counts[Fault.RESTORED_CENTRE] += 1
    world.forget_lost()


def revoke(world: World, seat: Seat, choose: random.Random) -> None:
    """Revoke a laptop, let it be refused, and enrol it anew."""
    if seat.torn:
        return
    name = world.device_name(seat)
    if name is None:
        return
    revoke_device(world.central, name)
    seat.torn = "revoked"
    assert world.sync(seat) is None
    world.counts[Fault.REVOKED] += 1
    if choose.random() < 0.5:  # or only when everything is put right
        world.enrol_anew(seat)


def lease(world: World, seat: Seat, choose: random.Random) -> None:
    """Let another laptop write a group's book, or take a group from a laptop altogether."""
    code = choose.choice(GROUPS)
    name = world.device_name(seat)
    world.web.end_all()
    with world.central.connection() as connection:
        has = connection.exec_driver_sql(
            "SELECT d.name FROM sync.assignment a JOIN sync.device d ON d.dev = a.dev"
            " JOIN public.savings_groups g ON g.id = a.group_id WHERE g.group_code = %s"
            " AND (a.writable OR d.name = %s) ORDER BY 1",
            (code, name),
        )
        having = list(has.scalars())
    try:
        for each in having:
            unassign_group(world.central, each, code)
        if name is not None and choose.random() < 0.8:
            assign_group(world.central, name, code, read_only=choose.random() < 0.2)
        world.counts[Fault.LEASE_MOVED] += 1
    except SyncError:
        world.counts["leases refused"] += 1


def new_laptop(world: World, _seat: Seat, _choose: random.Random) -> None:
    """Enrol a laptop with an empty book, and fill it."""
    name = f"new {world.number()}"
    folder = world.folder / name
    folder.mkdir()
    own = world.setting is Setting.OWN
    groups = (GROUPS[0],) if own else (ALL_GROUPS,)
    keep(enrol_device(world.central, name, groups, read_only=own), folder)
    impatient(world.central)
    seat = Seat(folder, new_book(folder / "vsla.db"), name, "")
    world.seats.append(seat)
    if world.sync(seat) is not None:
        world.counts[Fault.NEW_LAPTOP] += 1


def raise_office(world: World, _seat: Seat, _choose: random.Random) -> None:
    """Bring head office to the next release, and tell there what laptops have no place for."""
    world.lose_connections()
    url = world.server.url(world.name)
    subprocess.run([sys.executable, "-m", "tests.sync.later", "office", url], cwd=ROOT, check=True)
    with world.central.connection(writes=True) as connection:
        connection.exec_driver_sql("UPDATE group_members SET nickname = 'N', left_handed = true")
    named = read(world.central, "SELECT id FROM group_members")
    world.named_later = {member for (member,) in named}
    world.counts[Fault.SKEW] += 1


DISASTERS: dict[str, Callable[[World, Seat, random.Random], None]] = {
    each.__name__: each
    for each in (
        duplicate,
        reorder,
        keep_copy,
        put_back_copy,
        run_copy,
        back_up_centre,
        restore_centre,
        revoke,
        lease,
        new_laptop,
        raise_office,
    )
}
