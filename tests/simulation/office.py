"""What ails head office while laptops send: a full disk, a program that idles, an early reaper."""

from __future__ import annotations

import random
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.simulation.plan import Fault
from tests.simulation.work import enter
from tests.simulation.world import Idle, Seat, World, point_at
from tests.sync.laptop import read, run
from tests.sync.proxy import network
from vsla_desktop.sync import oldest_transaction, reap
from vsla_desktop.sync.centre import TroubleError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FULL_DISK = Path("/dev/full")

# What a laptop's sync writes there, from the first line that it stages to the last of its position.
_WRITTEN = ("incoming", "row_state", "conflict", "quarantine", "batch", "device")
_NO_ROOM = """\
CREATE FUNCTION fault.no_room() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
BEGIN
  IF nextval('fault.written') > TG_ARGV[0]::bigint THEN
    RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100';
  END IF;
  RETURN NEW;
END
$body$"""


def sync_office_full(world: World, seat: Seat, choose: random.Random) -> None:
    """Let head office's disk be full where a laptop stages, after some rows, or at the commit."""
    enter(world, seat, choose)
    world.web.end_all()
    world.end_idle(commit=True)  # The disk is made full by what waits for all that is open.
    full = choose.choice((_full_for_staging, _full_after_rows, _full_after_rows, _full_at_commit))
    with full(world, choose):
        try:
            world.sync(seat)
        except TroubleError as said:
            if said.message != "The disk of head office is full.":
                raise
            world.counts[Fault.OFFICE_FULL] += 1


@contextmanager
def _full_for_staging(world: World, _choose: random.Random) -> Iterator[None]:
    """Let the system itself have no room for the first page of what is staged."""
    run(world.central, "TRUNCATE sync.incoming")
    [(name,)] = read(world.central, "SELECT pg_relation_filepath('sync.incoming')")
    file = world.server.data / name
    aside = file.rename(file.with_name(f"{file.name}.aside"))
    file.symlink_to(FULL_DISK)
    try:
        yield
    finally:
        aside.replace(file)


@contextmanager
def _full_after_rows(world: World, choose: random.Random) -> Iterator[None]:
    """Let there be room for some more rows: staged, applied, recorded or of the position."""
    room = int(10 ** choose.uniform(0, 2))
    with _told_when_full(world, room) as when_full:
        for table in _WRITTEN:
            run(
                world.central,
                f"CREATE TRIGGER no_room BEFORE INSERT OR UPDATE ON sync.{table}"
                f" FOR EACH ROW EXECUTE FUNCTION {when_full}",
            )
        yield


@contextmanager
def _full_at_commit(world: World, _choose: random.Random) -> Iterator[None]:
    """Let there be no room when all is done but the commit."""
    with _told_when_full(world, 0) as when_full:
        run(
            world.central,
            "CREATE CONSTRAINT TRIGGER no_room AFTER INSERT ON sync.batch"
            f" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {when_full}",
        )
        yield


@contextmanager
def _told_when_full(world: World, room: int) -> Iterator[str]:
    run(world.central, "CREATE SCHEMA fault CREATE SEQUENCE fault.written")
    run(world.central, _NO_ROOM)
    try:
        yield f"fault.no_room({room})"
    finally:
        run(world.central, "DROP SCHEMA fault CASCADE")


def sync_reaped(world: World, seat: Seat, choose: random.Random) -> None:
    """Let the line be slower than the reaper is patient: it ends the session while bytes travel."""
    enter(world, seat, choose)
    ended: list[str] = []

    def lose_patience() -> None:
        ended.extend(reap(world.central, seconds=0, slowest=1 << 40))

    offline = world.counts["offline"]
    most = int(10 ** choose.uniform(2.8, 3.6))
    with network(world.server.port, up=most, meanwhile=lose_patience) as slow:
        point_at(seat.folder, slow.port, world.name)
        world.sync(seat)
    point_at(seat.folder, world.server.port, world.name)
    world.counts[Fault.SLOW_LINK] += bool(ended) and world.counts["offline"] > offline


def office_idles(world: World, _seat: Seat, choose: random.Random) -> None:
    """Leave a transaction open at head office through all that follows, or end the one that is."""
    if world.idle is not None:
        world.end_idle(commit=choose.random() < 0.7)
        return
    # What another database holds open holds laptops' positions back as well.
    here = choose.random() < 0.7
    idle = Idle(world.server.url(world.name if here else "postgres"), here=here)
    if here:
        idle.write(f"Left open {world.number()}")
    world.idle = idle
    assert oldest_transaction(world.central) is not None


OFFICE: dict[str, Callable[[World, Seat, random.Random], None]] = {
    each.__name__: each for each in (sync_office_full, sync_reaped, office_idles)
}
