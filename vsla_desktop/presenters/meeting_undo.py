"""What can be undone while a meeting is open: the last entry first, each with its name."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vsla_desktop.errors import RuleBroken, VslaError
from vsla_desktop.i18n import _
from vsla_desktop.presenters.shell import ShellPresenter, Tone
from vsla_desktop.wording import sentence_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    Undo = Callable[[Session], None]
    Write = Callable[[Undo, Callable[[None], None], Callable[[VslaError], None]], None]


class ChangedSince(RuleBroken):
    """What a step would take back is no more: it was taken back or replaced another way."""


@dataclass(frozen=True, slots=True)
class UndoStep:
    """One thing a person did: ``name`` says it, ``undo`` takes it back in one transaction.

    ``keys`` name the rows of the book that it wrote, where it was written on another page than the
    sheet; the book's own history of the meeting names them alike.
    """

    name: str
    undo: Undo
    keys: frozenset[Hashable] | None = None


class UndoStack:
    """The steps of the meeting that is open, the newest on top."""

    def __init__(self) -> None:
        self._steps: list[UndoStep] = []
        self._passed: list[UndoStep] = []

    def __len__(self) -> int:
        return len(self._steps)

    def push(self, step: UndoStep) -> None:
        """Remember one more; what was refused and passed is tried again below it."""
        self._steps += reversed(self._passed)
        self._passed.clear()
        self._steps.append(step)

    def pop(self) -> UndoStep | None:
        """Take the newest off; None when there is nothing to undo."""
        return self._steps.pop() if self._steps else None

    def of_other_pages(self) -> tuple[UndoStep, ...]:
        """Return what other pages than the sheet wrote, and forget everything."""
        steps = (*self._steps, *reversed(self._passed))
        self._steps.clear()
        self._passed.clear()
        return tuple(step for step in steps if step.keys is not None)

    def undo(self, write: Write, shell: ShellPresenter) -> None:
        """Take back the newest step by ``write``, and say what it was.

        What the rules refuse is said and passed, so that the step before it comes next.
        """
        step = self.pop()
        if step is None:
            shell.say(_("Nothing to undo."), tone=Tone.PLAIN)
            return

        def refused(error: VslaError) -> None:
            if not isinstance(error, RuleBroken):
                self._steps.append(step)
            elif not isinstance(error, ChangedSince):
                self._passed.append(step)
            shell.say(
                _("Not undone: {what}", what=step.name), tone=Tone.ERROR, hint=sentence_of(error)
            )

        write(step.undo, lambda _none: shell.say(_("Undone: {what}", what=step.name)), refused)


class MeetingUndo:
    """The undo stack of the open meeting, one for all the pages that write into it."""

    def __init__(self) -> None:
        self._meeting_id = 0
        self._stack = UndoStack()

    def of(self, meeting_id: int) -> UndoStack:
        """Return the stack of a meeting; another meeting begins with nothing to undo."""
        if meeting_id != self._meeting_id:
            self._meeting_id, self._stack = meeting_id, UndoStack()
        return self._stack
