"""The exercises of a practice book: when one began, and the copy to begin it again from."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from vsla_desktop.errors import StorageError
from vsla_desktop.presenters.printing import FOLDER
from vsla_desktop.queries.practice import (
    Done,
    Mark,
    WrongEntry,
    done_since,
    mark_now,
    wrong_entry,
)

if TYPE_CHECKING:
    from vsla_desktop.db import Database

STATE: Final = "exercise.json"
COPY: Final = "exercise-begins.db"


@dataclass(frozen=True, slots=True)
class Exercise:
    """The exercise that goes on: its number from 1, where the book stood, and what was finished."""

    number: int
    mark: Mark
    wrong: WrongEntry | None = None
    finished: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """An exercise, what the book shows of it, and whether the slip of its meeting was printed."""

    exercise: Exercise
    done: Done
    is_printed: bool


def begin(
    database: Database, folder: Path, group_id: int, number: int, finished: tuple[int, ...]
) -> Progress:
    """Begin an exercise where the book stands, and copy the book, to begin again from there."""
    from vsla_desktop.db.backup import backup

    tidy(folder)
    copy = folder / COPY
    copy.unlink(missing_ok=True)
    if database.path is not None:
        backup(database.path, copy)
    with database.read() as session:
        mark, wrong = mark_now(session, group_id), wrong_entry(session, group_id)
    exercise = Exercise(number, mark, wrong, finished)
    keep(folder, exercise)
    return look(database, folder, group_id, exercise)


def look(database: Database, folder: Path, group_id: int, exercise: Exercise) -> Progress:
    """Look how far an exercise is."""
    with database.read() as session:
        done = done_since(session, group_id, exercise.mark, exercise.wrong)
    number = done.meeting_number
    slips = (folder / FOLDER).glob(f"*-slip-{number:03d}.pdf") if number else ()
    return Progress(exercise, done, any(True for _slip in slips))


def keep(folder: Path, exercise: Exercise) -> None:
    """Keep an exercise beside the practice book; raise :class:`StorageError` when it can not be."""
    try:
        (folder / STATE).write_text(json.dumps(asdict(exercise), default=str), encoding="utf-8")
    except OSError as error:
        raise StorageError(
            "The disk is full.", hint="Free some space, then begin again."
        ) from error


def last_exercise(folder: Path) -> Exercise | None:
    """Return the exercise that was begun last; None when there is none, or it can not be read."""
    try:
        stored: Any = json.loads((folder / STATE).read_text(encoding="utf-8"))
        wrong = stored["wrong"]
        if wrong is not None:
            money = {name: Decimal(wrong[name]) for name in ("amount", "right")}
            wrong = WrongEntry(**{**wrong, **money})
        return Exercise(stored["number"], Mark(**stored["mark"]), wrong, tuple(stored["finished"]))
    except (OSError, ValueError, KeyError, TypeError, ArithmeticError):
        return None


def tidy(folder: Path) -> None:
    """Drop what earlier exercises left: the books put aside when one was begun again, and slips."""
    for pattern in ("vsla-before-*.db*", f"{FOLDER}/*-slip-*.pdf"):
        for old in folder.glob(pattern):
            old.unlink(missing_ok=True)
