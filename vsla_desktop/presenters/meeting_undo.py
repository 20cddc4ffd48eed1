"""What can be undone while a meeting is open: the last entry first, each with its name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class UndoStep:
    """One thing a person did: ``name`` says it, ``undo`` takes it back in one transaction."""

    name: str
    undo: Callable[[Session], None]


class UndoStack:
    """The steps of the meeting that is open, the newest on top."""

    def __init__(self) -> None:
        self._steps: list[UndoStep] = []

    def __len__(self) -> int:
        return len(self._steps)

    def push(self, step: UndoStep) -> None:
        """Remember one more."""
        self._steps.append(step)

    def pop(self) -> UndoStep | None:
        """Take the newest off; None when there is nothing to undo."""
        return self._steps.pop() if self._steps else None
