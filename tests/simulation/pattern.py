"""Worlds at rest, made once; each history begins with a copy of one."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.db.books import fill_central
from tests.services.village import Village
from tests.simulation.memory import Memory
from tests.simulation.plan import Plan, Setting
from tests.simulation.web import Web
from tests.simulation.world import GROUPS, Seat, World, impatient, point_at, synchronise
from tests.support.postgres import PostgresServer, quick_to_check
from tests.sync.history import TABLES, Step, take
from tests.sync.laptop import Laptop, new_laptop, run
from vsla_desktop import db
from vsla_desktop.db import Database
from vsla_desktop.sync import assign_group, load_enrolment
from vsla_desktop.sync.report import carry_on

MOST_LAPTOPS = 3


class Pattern:
    """A head office and laptops that are equal and at rest; each history begins with a copy."""

    def __init__(self, server: PostgresServer, folder: Path, setting: Setting) -> None:
        self._server = server
        self._setting = setting
        self._folder = folder / setting.name
        self.name = server.create_database(template=server.template("head", fill_central))
        central = db.connect(server.url(self.name))
        rights: dict[str, Any] = {"groups": ()} if setting is Setting.OWN else {}
        laptops = [
            new_laptop(self._folder / f"laptop {number}", central, **rights)
            for number in range(MOST_LAPTOPS)
        ]
        for laptop in laptops:
            enrolment = load_enrolment(laptop.folder)
            kept = quick_to_check(enrolment.password)
            run(central, f"ALTER ROLE {enrolment.role} PASSWORD '{kept}'")
        self._fill(central, laptops)
        impatient(central)
        with central.connection() as connection:
            self._roles = connection.exec_driver_sql("SELECT role FROM sync.device").scalars().all()
        for laptop in laptops:
            laptop.close()
        central.close()

    def _fill(self, central: Database, laptops: list[Laptop]) -> None:
        if self._setting is Setting.ROWS:
            with laptops[0].database.connection(writes=True) as connection:
                for seed in range(2):
                    for table in range(len(TABLES)):
                        take(connection, Step("insert", table, seed))
        else:
            for laptop, code in zip(laptops, GROUPS, strict=False):
                Village(laptop.database, code=code, rules=Village.rules).form().meet(present=True)
        for laptop in laptops:
            synchronise(laptop, carry_on)
        if self._setting is Setting.OWN:
            for number, code in ((0, GROUPS[1]), (2, GROUPS[0]), (2, GROUPS[1])):
                assign_group(central, f"laptop {number}", code, read_only=True)
        for laptop in laptops:
            synchronise(laptop, carry_on)

    @contextmanager
    def world(self, plan: Plan, folder: Path) -> Iterator[World]:
        """Lend a copy."""
        name = self._server.create_database(template=self.name)
        central = db.connect(self._server.url(name))
        with central.connection(writes=True) as connection:
            for role in self._roles:  # revoked, perhaps, in an earlier history
                connection.exec_driver_sql(f"ALTER ROLE {role} LOGIN")
        memory = Memory()
        seats = []
        for number in range(plan.laptops):
            copy = folder / f"laptop {number}"
            shutil.copytree(self._folder / copy.name, copy)
            point_at(copy, self._server.port, name)
            code = GROUPS[number % len(GROUPS)]
            seat = Seat(copy, db.connect(f"sqlite:///{copy / 'vsla.db'}"), copy.name, code)
            seat.copies.append(self._folder / copy.name)
            seats.append(seat)
        counts: Counter[str] = Counter()
        web = Web(central, memory, counts)
        world = World(
            self._server,
            folder,
            name,
            self._setting,
            central,
            seats,
            web,
            memory,
            counts,
            self.name,
        )
        try:
            yield world
        finally:
            world.close()
