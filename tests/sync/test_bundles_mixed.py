"""Files and network in any order and mixture: a laptop and head office end alike."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sync.books import fill_group, post
from tests.sync.laptop import assert_same, new_laptop, read, run
from tests.sync.test_bundles_down import given_to, meet, take, there_and_back
from tests.sync.test_bundles_up import carry, lose_the_reply
from vsla_desktop.db import Database
from vsla_desktop.sync.bundle_office import take_bundle
from vsla_desktop.sync.pull import pull


class Journeys:
    """A laptop that sends files and gets files, with network now and then."""

    def __init__(self, folder: Path, central: Database, choose: Any) -> None:
        self.folder = folder
        self.central = central
        self.choose = choose
        self.laptop = new_laptop(folder / "laptop", central)
        self.up: list[Path] = []
        self.down: list[Path] = []
        self.number = 0

    def step(self, what: str) -> None:
        self.number += 1
        getattr(self, what)()

    def enter(self) -> None:
        post(self.laptop, 3, first=10 * self.number)

    def change_here(self) -> None:
        self.laptop.run("UPDATE group_members SET phone_number = ?", (str(self.number),))

    def change_there(self) -> None:
        run(self.central, f"UPDATE group_members SET id_number = '{self.number}'")  # noqa: S608

    def export(self) -> None:
        self.up.append(self.folder / f"up{self.number}.vslab")
        carry(self.laptop, self.up[-1])

    def answer(self) -> None:
        self.down.append(self.folder / f"down{self.number}.vslab")
        given_to(self.laptop, self.central, self.down[-1])

    def open_there(self) -> None:
        if self.up:
            take_bundle(self.central, self.choose.choice(self.up))

    def open_here(self) -> None:
        if self.down:
            take(self.laptop, self.choose.choice(self.down))

    def push(self) -> None:
        self.laptop.push()

    def pull(self) -> None:
        pull(self.laptop.database, self.laptop.folder)

    def lose_the_reply(self) -> None:
        lose_the_reply(self.laptop)

    def open_all(self) -> None:
        """Open every file once more, those for the laptop in any order."""
        self.choose.shuffle(self.down)
        for file in self.up:
            take_bundle(self.central, file)
        for file in self.down:
            take(self.laptop, file)


STEPS = sorted({name for name in vars(Journeys) if name[0] != "_"} - {"step", "open_all"})


@given(st.lists(st.sampled_from(STEPS), max_size=30), st.booleans(), st.randoms())
@settings(max_examples=15)
def test_files_and_network_mix_in_any_order_and_end_alike(
    new_centre: Callable[[], AbstractContextManager[Database]],
    tmp_path_factory: pytest.TempPathFactory,
    steps: list[str],
    by_stick: bool,  # noqa: FBT001
    choose: Any,
) -> None:
    with new_centre() as central:
        journeys = Journeys(tmp_path_factory.mktemp("mix"), central, choose)
        laptop = journeys.laptop
        fill_group(laptop)
        for each in steps:
            journeys.step(each)
        journeys.open_all()
        if by_stick:
            there_and_back(laptop, central, journeys.folder)
        else:
            meet(laptop)
        assert_same(laptop, central)
        question = "SELECT count(*) FROM group_transactions"
        assert read(central, question) == laptop.read(question) == [(3 * steps.count("enter"),)]
        laptop.close()
