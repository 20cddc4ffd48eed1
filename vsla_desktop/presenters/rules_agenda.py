"""The agenda as a group puts it in order: its steps, and those that it leaves out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from vsla_desktop.domain.meeting import AgendaStep
from vsla_desktop.reports.rules_words import agenda_title
from vsla_desktop.wording import GroupWords

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class AgendaLine:
    """A step of the agenda, or one that is left out; some always stay where they are."""

    step: AgendaStep
    title: str
    is_used: bool
    is_fixed: bool


_LAST = (AgendaStep.CLOSING_COUNT, AgendaStep.CLOSE)
_FIXED = {AgendaStep.OPENING, *_LAST}


def agenda_lines(used: Sequence[AgendaStep], words: GroupWords) -> tuple[AgendaLine, ...]:
    """Return the steps in their order, then those that are left out."""
    return tuple(
        AgendaLine(step, agenda_title(step, words), step in used, step in _FIXED)
        for step in in_order(used)
    )


def in_order(used: Sequence[AgendaStep]) -> list[AgendaStep]:
    """Return the steps that are used, then the others."""
    return [*used, *(step for step in AgendaStep if step not in used)]


def moved(lines: Sequence[T], place: int, by: int) -> list[T] | None:
    """Return the lines with one moved up (-1) or down; None where it can not go."""
    steps, target = list(lines), place + by
    if not (0 <= place < len(steps) and 0 <= target < len(steps)):
        return None
    steps[place], steps[target] = steps[target], steps[place]
    return steps


def toggled(used: Sequence[AgendaStep], place: int) -> list[AgendaStep]:
    """Return the steps without one, or with it again before the closing count."""
    step, steps = in_order(used)[place], list(used)
    if step in steps:
        steps.remove(step)
    else:
        steps.insert(len(steps) - len(_LAST), step)
    return steps
