"""What goes wrong: each fault happens to a real file, a real connection or a real server."""

from __future__ import annotations

import random
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import event, exc

from tests.simulation.plan import STEPS, Fault, Setting
from tests.simulation.work import acknowledge, enter, only_reads, write_much
from tests.simulation.world import NOW, PowerCutError, Seat, World, point_at
from tests.sync.proxy import network
from vsla_desktop.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import Connection


class At:
    """A failpoint that acts once, at a step of this name."""

    def __init__(self, choose: random.Random, act: Callable[[str], None]) -> None:
        self._name = choose.choice(STEPS)
        self._left = choose.choice((0, 0, 0, 1))
        self._act = act

    def __call__(self, step: str) -> None:
        if step == self._name:
            self._left -= 1
            if self._left == -1:
                self._act(step)


def sync_power_cut(world: World, seat: Seat, choose: random.Random) -> None:
    """Cut the power at a step; what lies on the disk is what the laptop starts from again."""
    kept = []

    def cut(step: str) -> None:
        kept.append(seat.files())
        world.counts[Fault.POWER_CUT] += 1
        world.counts[f"power cut at {step}"] += 1
        raise PowerCutError

    world.sync(seat, failpoint=At(choose, cut))
    if kept:
        seat.move_to(kept[0])


def sync_lost_reply(world: World, seat: Seat, choose: random.Random) -> None:
    """Cut the power when head office has taken a batch, and the laptop has not noted it."""
    enter(world, seat, choose)
    kept: list[Path] = []

    def cut(step: str) -> None:
        if step == "committed":
            kept.append(seat.files())
            world.counts[Fault.LOST_REPLY] += 1
            raise PowerCutError

    world.sync(seat, failpoint=cut)
    if kept:
        seat.move_to(kept[0])


def sync_cut(world: World, seat: Seat, choose: random.Random) -> None:
    """Cut the connection after some bytes, up or down."""
    most = int(10 ** choose.uniform(2, 4.3))
    way = choose.choice(("up", "down"))
    enter(world, seat, choose)
    offline = world.counts["offline"]
    with network(
        world.server.port, up=most if way == "up" else None, down=most if way == "down" else None
    ) as broken:
        point_at(seat.folder, broken.port, world.name)
        world.sync(seat)
    if world.counts["offline"] > offline:
        world.counts[Fault.CUT_UP if way == "up" else Fault.CUT_DOWN] += 1
    point_at(seat.folder, world.server.port, world.name)


def sync_in_between(world: World, seat: Seat, choose: random.Random) -> None:
    """Let head office write and commit while the laptop is in the middle of its sync."""

    def meanwhile(_step: str) -> None:
        world.counts[Fault.IN_BETWEEN] += 1
        for _ in range(2):
            work_at_head_office(world, choose)
        world.web.end_one(choose, commit=True)

    world.sync(seat, failpoint=At(choose, meanwhile))


def work_at_head_office(world: World, choose: random.Random) -> None:
    of_books = ("web_edit", "web_entry", "web_meeting")
    kinds = ("web_rows",) if world.setting is Setting.ROWS else of_books
    world.web.work(choose, choose.choice(kinds), world.number())


def sync_disk_full(world: World, seat: Seat, choose: random.Random) -> None:
    """Let the laptop's disk be full, or nearly, during a sync."""
    with only_reads(world):
        write_much(seat)
    acknowledge(world.memory, seat)
    with full_disk(seat, spare=choose.randrange(3)):
        try:
            world.sync(seat)
        except StorageError:
            world.counts[Fault.DISK_FULL] += 1


def disk_full_at_entry(world: World, seat: Seat, choose: random.Random) -> None:
    """Let the laptop's disk be full while somebody enters much: all of it is refused."""
    before = seat.read("SELECT count(*), max(at) FROM sync_dirty")
    with full_disk(seat, spare=0):
        try:
            with seat.database.connection(writes=True) as connection:
                for _ in range(40):
                    connection.exec_driver_sql(
                        "INSERT INTO users (username, email, password)"
                        " VALUES (?, ?, hex(randomblob(100)))",
                        (f"full {world.number()}", f"{world.number()}@example.org"),
                    )
        except StorageError:
            world.counts[Fault.DISK_FULL_AT_ENTRY] += 1
            assert seat.read("SELECT count(*), max(at) FROM sync_dirty") == before
    choose.random()


@contextmanager
def full_disk(seat: Seat, *, spare: int) -> Iterator[None]:
    """Let the laptop's file grow by ``spare`` pages and no more."""
    [(pages,)] = seat.read("PRAGMA page_count")

    def limit(connection: Connection) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + spare}")

    event.listen(seat.database.engine, "begin", limit)
    try:
        yield
    finally:
        event.remove(seat.database.engine, "begin", limit)
        seat.database.engine.dispose()


def sync_server_crash(world: World, seat: Seat, choose: random.Random) -> None:
    """End head office's server at a step of a sync."""
    crashed = []

    def crash(_step: str) -> None:
        world.server.crash()
        crashed.append(True)

    world.sync(seat, failpoint=At(choose, crash))
    if crashed:
        restart(world)


def server_crash(world: World, _seat: Seat, _choose: random.Random) -> None:
    """End head office's server while the web program may be in the middle of something."""
    world.server.crash()
    restart(world)


def restart(world: World) -> None:
    world.counts[Fault.SERVER_CRASH] += 1
    world.end_idle(commit=False)
    world.lose_connections()
    world.server.start()


def sync_deadlock(world: World, seat: Seat, choose: random.Random) -> None:
    """Let the web program take two rows in the opposite order to the laptop's batch."""
    with only_reads(world):
        seat.run("UPDATE savings_groups SET parish = substr(parish || '.', -9)")
        seat.run("UPDATE group_members SET last_name = substr(last_name || '.', -9)")
    acknowledge(world.memory, seat)
    world.web.end_all()
    tries = offered = 0
    threads: list[threading.Thread] = []
    with world.central.engine.connect() as held, world.central.engine.connect() as watching:

        def write() -> None:
            while tries < 2 and not _somebody_waits(watching):
                pass
            try:
                held.exec_driver_sql("UPDATE savings_groups SET parish = parish || '!'")
            except exc.DBAPIError as error:
                world.counts[Fault.DEADLOCK] += getattr(error.orig, "pgcode", "") == "40P01"
            held.rollback()

        def meet(step: str) -> None:
            nonlocal tries, offered
            tries += step == "copied"
            offered += step == "copied"
            if step == "copied" and tries == 1:
                gives_way = choose.choice(("2ms", "3s"))
                held.exec_driver_sql(f"SET LOCAL deadlock_timeout = '{gives_way}'")
                held.exec_driver_sql("SET LOCAL lock_timeout = '3s'")
                held.exec_driver_sql("UPDATE group_members SET last_name = last_name || '!'")
                threads.append(threading.Thread(target=write))
                threads[0].start()
            elif step == "applied":
                tries = 2

        world.sync(seat, failpoint=meet)
        tries = 2
        for thread in threads:
            thread.join()
        # The laptop gave way: it waited for no lock as long as that takes.
        world.counts[Fault.DEADLOCK] += offered > 1


def _somebody_waits(connection: Connection) -> bool:
    waiting = connection.exec_driver_sql("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
    return bool(waiting.scalar_one())


def power_cut_at_entry(world: World, seat: Seat, choose: random.Random) -> None:
    """Cut the power while something is entered: what was acknowledged before is all there is."""
    known = seat.read("SELECT su, op, base FROM sync_dirty ORDER BY su")
    kept: list[Path] = []
    with only_reads(world), seat.database.connection(writes=True) as connection:
        connection.exec_driver_sql(
            "INSERT INTO users (username, email, password) VALUES ('cut', 'cut', '')"
        )
        connection.exec_driver_sql("UPDATE group_members SET occupation = 'cut'")
        kept.append(seat.files())
        connection.exec_driver_sql("DELETE FROM users WHERE username = 'cut'")
        connection.rollback()
    if not kept:
        return
    seat.move_to(kept[0])
    world.counts[Fault.POWER_CUT_AT_ENTRY] += 1
    assert seat.read("SELECT su, op, base FROM sync_dirty ORDER BY su") == known
    assert seat.read("PRAGMA quick_check") == [("ok",)]
    choose.random()


def wrong_clock(world: World, seat: Seat, choose: random.Random) -> None:
    """Let the laptop's clock be years off, for the program and for its database alike."""
    years = choose.choice((-40, -3, 12, 90))
    seat.clock.instant = NOW.replace(year=NOW.year + years)
    world.counts[Fault.WRONG_CLOCK] += 1
    day = 2461046.0 + 365.25 * years

    def prepare(connection: Connection) -> None:
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.create_function("julianday", 1, lambda _: day)

    event.listen(seat.database.engine, "begin", prepare)


FAULTS: dict[str, Callable[[World, Seat, random.Random], None]] = {
    each.__name__: each
    for each in (
        sync_power_cut,
        sync_lost_reply,
        sync_cut,
        sync_in_between,
        sync_disk_full,
        sync_deadlock,
        sync_server_crash,
        power_cut_at_entry,
        disk_full_at_entry,
        wrong_clock,
        server_crash,
    )
}
