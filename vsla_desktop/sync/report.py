"""What a sync did, said in numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Progress = Callable[[int, int], None]
"""Told how much has gone or come of how much: rows, then kB of documents."""

Failpoint = Callable[[str], None]
"""Called with the name of each step that a power cut may hit; tests cut the power there."""


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What one sync did. ``waiting`` rows are still only here; ``seconds`` is its duration.

    ``conflicts`` are values that head office holds otherwise, and rows that it could not take: a
    person should look at them. ``groups_changed`` says that head office gave or took groups, or let
    this laptop or another write the book of one.
    """

    batches: int = 0
    rows_sent: int = 0
    rows_received: int = 0
    documents_sent: int = 0
    conflicts: int = 0
    waiting: int = 0
    seconds: float = 0.0
    round_trips: int = 0
    groups_changed: bool = False


def carry_on(_step: str) -> None:
    """Let every step pass: the failpoint of a laptop whose power holds."""
