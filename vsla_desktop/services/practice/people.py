"""The people of a practice group, with their habits, and what the group has in its box."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from vsla_desktop.domain.money import ZERO, round_down_to

if TYPE_CHECKING:
    from collections.abc import Callable

    from vsla_desktop.domain.rules import GroupRules
    from vsla_desktop.services.practice.places import Neighbours, Setting

OFFICERS = 9
"""The committee and the key-holders, who stay."""


@dataclass(slots=True)
class Person:
    """One member's habits, and what is known of the member so far."""

    number: int
    joined: date
    usual_shares: float
    lateness: float
    absence: float
    borrows: float
    talks: float
    delays: float
    pays_fines: float
    leaves: date | None = None
    saved: Decimal = ZERO
    fines_owed: Decimal = ZERO
    advance: Decimal = ZERO
    delay: int = 0
    pays_back: bool = True
    loans_count: int = 0
    lost: Decimal = ZERO
    is_trusted: bool = True
    was_spread: bool = False
    has_caught_up: bool = False
    is_leaving: bool = False

    def begin_cycle(self, saved: Decimal) -> None:
        """Begin anew after a share-out, with the shares that were bought at once."""
        self.saved = saved
        self.lost = ZERO
        self.was_spread = False


@dataclass(slots=True)
class Box:
    """What is in the box of each purse, and of the loan fund at the bank."""

    loan_fund: Decimal = ZERO
    social: Decimal = ZERO
    bank: Decimal = ZERO


@dataclass(slots=True)
class Group:
    """A practice group between two meetings. ``say`` puts words into the group's language.

    ``held_count`` are the meetings of the cycle so far, ``owed`` what leavers have still to get by
    their numbers, ``debt`` and ``debt_charge`` what a lender outside has. ``is_sharing`` says that
    the next meeting shares out: everybody comes, and nobody borrows.
    """

    chance: random.Random
    setting: Setting
    neighbours: Neighbours
    say: Callable[[str], str]
    rules: GroupRules
    cycle_start: date
    cycle_end: date
    people: list[Person]
    uses_bank: bool
    box: Box = field(default_factory=Box)
    held_count: int = 0
    owed: dict[int, Decimal] = field(default_factory=dict)
    debt: Decimal = ZERO
    debt_charge: Decimal = ZERO
    is_sharing: bool = False

    def step(self, amount: Decimal) -> Decimal:
        """Return an amount that people would really lay on the table."""
        return round_down_to(amount, self.setting.step)


def people(chance: random.Random, count: int, start: date, last: date) -> list[Person]:
    """Return the members of a group with their habits; a few join later, a few leave."""
    days = (last - start).days
    found = []
    for number in range(1, count + 1):
        joins_late = number > count * 0.9 and days > 90 and chance.random() < 0.5  # noqa: PLR2004
        person = Person(
            number=number,
            joined=start + timedelta(days=chance.randint(20, 60)) if joins_late else start,
            usual_shares=chance.choice((1.2, 2.0, 2.5, 3.0, 4.2)),
            lateness=chance.choice((0.02, 0.05, 0.05, 0.2)),
            absence=chance.choice((0.02, 0.04, 0.12)),
            borrows=chance.choice((0.05, 0.2, 0.45)),
            talks=chance.choice((0.5, 0.8, 0.95)),
            delays=chance.choice((0.05, 0.15, 0.2, 0.3, 0.5)),
            pays_fines=chance.choice((0.8, 0.6, 0.5, 0.08)),
        )
        found.append(person)
    others = found[OFFICERS:]
    if days > 90 and others:  # noqa: PLR2004
        leavers = min(round(count * chance.uniform(0.05, 0.14)), len(others))
        for person in chance.sample(others, leavers):
            person.leaves = start + timedelta(days=chance.randint(60, days * 3 // 4))
    return found
