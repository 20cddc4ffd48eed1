"""What will happen in a history, drawn from a seed before anything does.

Each step carries a seed of its own, so a step that is left out does not change what the others do:
that is how a failing history is made short.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Fault(StrEnum):
    """What goes wrong. Every kind has to have happened before a run counts as a proof."""

    POWER_CUT = "power cut during sync"
    POWER_CUT_AT_ENTRY = "power cut during entry"
    CUT_UP = "connection cut on the way up"
    CUT_DOWN = "connection cut on the way down"
    LOST_REPLY = "reply lost after the commit"
    LATE_COMMIT = "head office commits late"
    ROLLED_BACK = "head office rolls back"
    IN_BETWEEN = "head office works in the middle of a sync"
    HELD_UP = "a sync meets a row that is being written"
    DEADLOCK = "deadlock with head office"
    SERVER_CRASH = "head office's server crashes"
    RESTORED_CENTRE = "head office restored from a backup"
    RESTORED_LAPTOP = "laptop's book restored from a copy"
    COPIED_LAPTOP = "laptop's book copied, both run"
    REVOKED = "laptop revoked and enrolled anew"
    NEW_LAPTOP = "new laptop filled"
    DUPLICATE = "batch delivered twice"
    REORDERED = "batches delivered in another order"
    DISK_FULL = "laptop's disk full during sync"
    DISK_FULL_AT_ENTRY = "laptop's disk full during entry"
    OFFICE_FULL = "head office's disk full during a push"
    LEFT_OPEN = "a transaction left open at head office holds positions back"
    SLOW_LINK = "session ended by the reaper while a laptop is sending"
    WRONG_CLOCK = "laptop's clock wrong by years"
    POISON = "row that no column takes"
    LEASE_MOVED = "a group's book moved to another laptop"
    NOT_ITS_OWN = "entry into a book that another laptop writes"
    SKEW = "head office a release ahead of its laptops"
    FILE_UP = "file taken at head office"
    FILE_DOWN = "file taken on a laptop"
    RELAYED = "file handed in by another laptop, and its answer brought back"
    FILE_OUT_OF_TURN = "file taken twice, or after a later one"
    FILE_DAMAGED = "file cut short, or changed"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens, to the laptop ``who`` or at head office."""

    kind: str
    who: int
    seed: int


class Setting(StrEnum):
    """What the books hold when a history begins."""

    ROWS = "rows of all tables, written at random"
    BOOKS = "two groups with a meeting open in each, all on all laptops"
    OWN = "two groups, each written by one laptop and read by another"


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole history."""

    seed: int
    setting: Setting
    laptops: int
    steps: tuple[Step, ...]


# Every step of a sync that says its name; a power cut comes at each.
STEPS: Final = (
    *("sealing", "sealed", "beginning", "copying", "copied", "applied", "committed"),
    *("acknowledging", "acknowledged", "asking", "answered", "receiving", "received"),
    *("taking", "taken", "telling", "told"),
)

_BOOKS: Final = {
    "service": 22,
    "entry": 8,
    "edit": 12,
    "remove": 3,
    "web_edit": 10,
    "web_remove": 2,
    "web_meeting": 2,
    "web_entry": 3,
}
WORK: Final = {
    Setting.ROWS: {"rows": 30, "web_rows": 16},
    Setting.BOOKS: _BOOKS,
    Setting.OWN: _BOOKS | {"lease": 4},
}
FILES: Final = {
    "write_file": 2,
    "take_file": 3,
    "answer": 2,
    "read_file": 3,
    "stick": 3,
    "relay": 2,
}
SYNC: Final = {
    "sync": 16,
    "sync_power_cut": 10,
    "sync_lost_reply": 2,
    "sync_cut": 5,
    "sync_in_between": 5,
    "sync_disk_full": 2,
    "sync_deadlock": 1,
    "sync_server_crash": 1,
    "sync_office_full": 2,
    "sync_reaped": 2,
}
WEB: Final = {"web_commit": 6, "web_roll_back": 2, "office_idles": 2}
DISASTERS: Final = {
    "power_cut_at_entry": 2,
    "disk_full_at_entry": 1,
    "wrong_clock": 1,
    "poison": 2,
    "duplicate": 2,
    "reorder": 2,
    "keep_copy": 2,
    "put_back_copy": 2,
    "run_copy": 1,
    "back_up_centre": 2,
    "restore_centre": 2,
    "server_crash": 1,
    "revoke": 1,
    "new_laptop": 1,
    "raise_office": 0,  # only in its turn: it takes a program of its own
}
LONGEST: Final = 40


def plan(seed: int) -> Plan:
    """Return the history of a seed."""
    choose = random.Random(seed)  # noqa: S311 - made up
    setting = choose.choice(list(Setting))
    laptops = choose.randint(2, 3)
    weights = WORK[setting] | SYNC | WEB | FILES | DISASTERS
    length = choose.randint(6, choose.choice((12, 20, LONGEST)))
    kinds = choose.choices(list(weights), list(weights.values()), k=length)
    # Each kind of fault has its turn, however rare it is.
    rare = [*SYNC, *FILES, *DISASTERS, "web_roll_back", "office_idles"]
    kinds.insert(choose.randint(length // 2, length), rare[seed % len(rare)])
    steps = tuple(Step(kind, choose.randrange(60), choose.randrange(2**32)) for kind in kinds)
    return Plan(seed, setting, laptops, steps)
