"""Play a history, put everything right, and hold the world against its promises."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tests.simulation import oracle
from tests.simulation.disasters import DISASTERS
from tests.simulation.faults import FAULTS, work_at_head_office
from tests.simulation.files import FILES
from tests.simulation.office import OFFICE
from tests.simulation.pattern import Pattern
from tests.simulation.plan import Plan, Setting, Step
from tests.simulation.work import ENTRIES, acknowledge, only_reads
from tests.simulation.world import NOW, SERVER_SETTINGS, Seat, World
from tests.support.postgres import PostgresServer, running_server
from vsla_desktop.sync import SyncReport

MOST_ROUNDS = 8
HAPPENINGS = FAULTS | DISASTERS | FILES | OFFICE


class Stage:
    """The server and the patterns that histories are played on."""

    def __init__(self, server: PostgresServer, folder: Path) -> None:
        self._folder = folder
        self._patterns = {each: Pattern(server, folder, each) for each in Setting}

    def play(self, plan: Plan) -> Counter[str]:
        """Play one history; return the faults that happened. Raises AssertionError."""
        folder = Path(tempfile.mkdtemp(dir=self._folder))
        with self._patterns[plan.setting].world(plan, folder) as world:
            for step in plan.steps:
                happen(world, step)
            put_right(world)
            oracle.check(world)
            return world.counts


@contextmanager
def stage() -> Iterator[Stage]:
    """Lend a stage with a server of its own, since histories crash it."""
    folder = Path(tempfile.mkdtemp(prefix="vsla-simulation-"))
    try:
        with running_server(settings=SERVER_SETTINGS) as server:
            yield Stage(server, folder)
    finally:
        shutil.rmtree(folder)


def happen(world: World, step: Step) -> None:
    """Let one thing happen."""
    choose = random.Random(step.seed)  # noqa: S311 - made up
    seat = world.seat(step.who)
    world.counts[f"step {step.kind}"] += 1
    if step.kind in ENTRIES:
        with only_reads(world):
            ENTRIES[step.kind](world, seat, choose)
    elif step.kind in HAPPENINGS:
        HAPPENINGS[step.kind](world, seat, choose)
    elif step.kind == "sync":
        world.sync(seat)
    elif step.kind == "web_commit":
        world.web.end_one(choose, commit=True)
    elif step.kind == "web_roll_back":
        work_at_head_office(world, choose)
        world.web.end_one(choose, commit=False)
    else:
        world.web.work(choose, step.kind, world.number())
    for each in world.seats:
        acknowledge(world.memory, each)


def put_right(world: World) -> None:
    """End every fault, and let one after the other sync until nothing moves for any of them."""
    world.web.end_all()
    for seat in world.seats:
        seat.clock.instant = NOW
    if world.idle is not None:
        for seat in world.seats:
            world.sync(seat)
        world.end_idle(commit=True)
    reports: list[SyncReport | None] = []
    at_rest = 0
    for turn in range(MOST_ROUNDS * len(world.seats)):
        report = settle(world, world.seats[turn % len(world.seats)])
        reports.append(report)
        moved = report is None or report.rows_sent or report.rows_received
        at_rest = 0 if moved else at_rest + 1
        if at_rest == len(world.seats):
            return
    raise AssertionError(("it never comes to rest", reports[-len(world.seats) :]))


def settle(world: World, seat: Seat) -> SyncReport | None:
    """Let a laptop sync that is no longer refused."""
    if seat.refused:
        world.enrol_anew(seat)
    return world.sync(seat)


def shortened(stage: Stage, plan: Plan) -> Plan:
    """Return a history that fails as this one does, with every step left out that can be."""
    size = max(len(plan.steps) // 2, 1)
    while True:
        at = 0
        while at < len(plan.steps):
            shorter = replace(plan, steps=plan.steps[:at] + plan.steps[at + size :])
            if fails(stage, shorter):
                plan = shorter
            else:
                at += size
        if size == 1:
            return plan
        size = max(size // 2, 1)


def fails(stage: Stage, plan: Plan) -> bool:
    try:
        stage.play(plan)
    except Exception:  # noqa: BLE001 - whatever it is, it is not to happen
        return True
    return False
