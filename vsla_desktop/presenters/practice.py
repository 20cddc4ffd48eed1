"""Guided practice: five short exercises that tick themselves when the book shows they are done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from vsla_desktop.domain.currencies import Currency
from vsla_desktop.i18n import _
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.form import Choice
from vsla_desktop.presenters.practice_book import (
    COPY,
    Exercise,
    Progress,
    begin,
    keep,
    last_exercise,
    look,
)
from vsla_desktop.presenters.runner import Runner
from vsla_desktop.presenters.shell import ShellPresenter
from vsla_desktop.wording import figure

if TYPE_CHECKING:
    from vsla_desktop.db import Database
    from vsla_desktop.queries.practice import Done

EXERCISES: Final = 5
ENOUGH_MEMBERS: Final = 3
"""How many members an exercise is done with: it is practice, not a whole meeting."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do, one sentence of help, the page on which it is done, and whether it is."""

    text: str
    help: str
    page: str
    is_done: bool


class PracticePresenter:
    """The exercise that goes on in a practice book.

    ``on_again(copy)`` puts the book back to where the exercise began. ``changed`` tells that a step
    was done, or another exercise begun.
    """

    def __init__(
        self,
        database: Database,
        runner: Runner,
        shell: ShellPresenter,
        *,
        folder: Path,
        group_id: int,
        currency: Currency,
        on_again: Callable[[Path], None],
    ) -> None:
        self.database = database
        self.runner = runner
        self.shell = shell
        self.folder = folder
        self.group_id = group_id
        self.currency = currency
        self._on_again = on_again
        self.changed: Event[[]] = Event()
        self.progress: Progress | None = None
        self._is_looking = False

    # ------------------------------------------------------------------ what a person does

    def refresh(self) -> None:
        """Look what the book shows; the first time, begin with the first exercise."""
        if self._is_looking:
            return
        self._is_looking = True
        database, folder, group_id = self.database, self.folder, self.group_id

        def job() -> Progress:
            exercise = last_exercise(folder)
            if exercise is None:
                return begin(database, folder, group_id, 1, ())
            progress = look(database, folder, group_id, exercise)
            number = exercise.number
            if number not in exercise.finished and all(
                step.is_done for step in steps_of(progress, self.currency)
            ):
                exercise = replace(exercise, finished=tuple({*exercise.finished, number}))
                keep(folder, exercise)
            return replace(progress, exercise=exercise)

        self.runner.submit(job, self._came, self._failed, owner=self)

    def begin(self, number: int) -> None:
        """Begin an exercise where the book stands."""
        database, folder, group_id = self.database, self.folder, self.group_id
        finished = self.exercise.finished if self.exercise else ()
        self._is_looking = True
        self.runner.submit(
            lambda: begin(database, folder, group_id, number, finished),
            self._came,
            self._failed,
            owner=self,
        )

    def choose(self, value: str) -> None:
        """Begin the exercise that was chosen from the list."""
        if self.exercise is None or int(value) != self.exercise.number:
            self.begin(int(value))

    def next(self) -> None:
        """Begin the next exercise; after the last one, the first."""
        if self.exercise is not None:
            self.begin(self.exercise.number % EXERCISES + 1)

    def again(self) -> None:
        """Put the book back to where this exercise began."""
        copy = self.folder / COPY
        if copy.exists():
            self._on_again(copy)

    def go_there(self) -> None:
        """Turn to the page of the first step that is not done."""
        step = next((step for step in self.steps() if not step.is_done), None)
        if step is not None:
            self.shell.go_to(step.page)

    def _came(self, progress: Progress) -> None:
        self._is_looking = False
        if progress != self.progress:
            self.progress = progress
            self.changed()

    def _failed(self, error: Exception) -> None:
        self._is_looking = False
        self.shell.say_error(error)

    # ------------------------------------------------------------------ what is shown

    @property
    def exercise(self) -> Exercise | None:
        """The exercise that goes on."""
        return self.progress.exercise if self.progress is not None else None

    def exercises(self) -> tuple[Choice, ...]:
        """The exercises to choose from; a finished one says so."""
        finished = self.exercise.finished if self.exercise is not None else ()
        titles = exercise_titles()
        return tuple(
            Choice(str(number), f"{'✓' if number in finished else number}  {title}")
            for number, title in enumerate(titles, start=1)
        )

    def steps(self) -> Sequence[Step]:
        """The steps of the exercise, with those ticked that the book shows."""
        return steps_of(self.progress, self.currency) if self.progress is not None else ()

    def is_finished(self) -> bool:
        """Whether every step is done."""
        steps = self.steps()
        return bool(steps) and all(step.is_done for step in steps)


def exercise_titles() -> tuple[str, ...]:
    """The exercises in the order to learn them."""
    return (
        _("Roll call and fines"),
        _("Shares and social fund"),
        _("A loan and a repayment"),
        _("Correct a wrong entry"),
        _("Count, close and print"),
    )


def steps_of(progress: Progress, currency: Currency) -> tuple[Step, ...]:
    """The steps of an exercise as far as the book shows them."""
    done, wrong = progress.done, progress.exercise.wrong
    opened = Step(
        _("Open a meeting"),
        _("Count the box, then press F10."),
        "meeting",
        done.meeting_number is not None,
    )
    match progress.exercise.number:
        case 1:
            everybody = done.members > 0 and done.marked >= done.members
            return (
                opened,
                Step(_("Mark everybody"), _("Press F4 in the first column."), "meeting", everybody),
                Step(
                    _("Mark somebody late"),
                    _("Press Space on a mark to change it."),
                    "meeting",
                    done.late > 0,
                ),
                Step(
                    _("Charge a fine"),
                    _("Being late is charged by itself. Look at the column of fines."),
                    "meeting",
                    done.fines > 0,
                ),
                Step(
                    _("Take the payment of a fine"),
                    _("Type what was paid beside the fine."),
                    "meeting",
                    done.fines_paid > 0,
                ),
            )
        case 2:
            return (
                opened,
                Step(
                    _("Sell shares to three members"),
                    _("Type how many, then press Enter."),
                    "meeting",
                    done.sold_to >= ENOUGH_MEMBERS,
                ),
                Step(
                    _("Take the social fund of three members"),
                    _("F4 fills the usual amount for all present."),
                    "meeting",
                    done.social_from >= ENOUGH_MEMBERS,
                ),
                *_phone_step(done),
            )
        case 3:
            return (
                opened,
                Step(
                    _("Give a loan"),
                    _("Choose the step New loans, then type the amount."),
                    "meeting",
                    done.lent > 0,
                ),
                Step(
                    _("Take a repayment"),
                    _("Type what a borrower brings beside the debt."),
                    "meeting",
                    done.repaid > 0,
                ),
            )
        case 4:
            said = _("In an earlier meeting somebody saved less than the book says.")
            if wrong is not None:
                said = _(
                    "In meeting {number} {name} saved {right}, not {amount}.",
                    number=wrong.meeting_number,
                    name=wrong.member,
                    right=figure(wrong.right, currency),
                    amount=figure(wrong.amount, currency),
                )
            return (
                opened,
                Step(
                    _("Take the wrong entry back"),
                    f"{said} {_('Find it in the cashbook and press F2.')}",
                    "cashbook",
                    done.taken_back,
                ),
                Step(
                    _("Enter the right amount"),
                    _("Type the right amount and why, then press F10."),
                    "cashbook",
                    done.put_right,
                ),
            )
        case _:
            return (
                opened,
                Step(
                    _("Count the box and close"),
                    _("Press F10, count the money, then close."),
                    "meeting",
                    done.is_closed,
                ),
                Step(
                    _("Print the slip"),
                    _("Press Ctrl+P when the meeting is closed."),
                    "meeting",
                    done.is_closed and progress.is_printed,
                ),
            )


def _phone_step(done: Done) -> tuple[Step, ...]:
    """Money on the phone, where some waits or came."""
    if not (done.phone_waits or done.phone_came):
        return ()
    words = _("A telephone stands beside the name. Press F7, then F10.")
    return (Step(_("Say that money on the phone came"), words, "meeting", done.phone_came > 0),)
