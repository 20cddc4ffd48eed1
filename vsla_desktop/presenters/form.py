"""A form: fields with what was typed, what it means, and what is wrong with it.

Nothing typed is ever thrown away: a text that can not be taken stays, with its sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import explain
from vsla_desktop.presenters.events import Event


class FieldKind(Enum):
    """What a field is filled in with. Numbers stand on the right, nobody sees what is secret."""

    TEXT = auto()
    LINES = auto()
    NUMBER = auto()
    DAY = auto()
    CHOICE = auto()
    SECRET = auto()


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose: the value that is kept, and its words."""

    value: str
    title: str


@dataclass(frozen=True, slots=True)
class Field:
    """One field as a view shows it."""

    key: str
    title: str
    kind: FieldKind = FieldKind.TEXT
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Reader:
    """How a field's text is understood, and how what was understood is written back."""

    read: Callable[[str], Any]
    write: Callable[[Any], str] = str


class Form:
    """The texts of a form and what they mean.

    ``changed`` gives the key of a field whose text or sentence changed, "" for all of them.
    """

    def __init__(self, readers: Mapping[str, Reader], texts: Mapping[str, str]) -> None:
        self.changed: Event[[str]] = Event()
        self._readers = readers
        self._texts = {key: texts.get(key, "") for key in readers}
        self._problems: dict[str, RuleBroken] = {}

    def text(self, key: str) -> str:
        """What stands in the field."""
        return self._texts[key]

    def enter(self, key: str, text: str) -> bool:
        """Take what was typed; tell whether it can be taken. Never refuses: it says why not."""
        self._texts[key] = text
        is_fine = self._read(key)
        self.changed(key)
        return is_fine

    def put(self, key: str, text: str) -> None:
        """Put a text into a field, such as a proposal, without a word about it."""
        self._texts[key] = text
        self._problems.pop(key, None)
        self.changed(key)

    def value(self, key: str) -> Any:
        """What the text means; raise :class:`RuleBroken` when it means nothing."""
        return self._readers[key].read(self._texts[key])

    def sentence(self, key: str) -> str:
        """What is wrong with the field, empty if nothing is."""
        problem = self._problems.get(key)
        return " ".join(explain(problem)).strip() if problem else ""

    def say(self, problem: RuleBroken) -> bool:
        """Say at its field what is wrong; tell whether the form has such a field."""
        if problem.field not in self._readers:
            return False
        self._problems[problem.field] = problem
        self.changed(problem.field)
        return True

    def check(self, keys: Iterable[str] | None = None) -> str:
        """Read these fields (or all), and return the key of the first that is wrong, else ""."""
        wrong = [key for key in (self._readers if keys is None else keys) if not self._read(key)]
        self.changed("")
        return wrong[0] if wrong else ""

    def _read(self, key: str) -> bool:
        reader = self._readers[key]
        try:
            value = reader.read(self._texts[key])
        except RuleBroken as problem:
            self._problems[key] = problem
            return False
        self._problems.pop(key, None)
        self._texts[key] = reader.write(value)
        return True


def any_text(text: str) -> str:
    """Take any text, trimmed."""
    return " ".join(text.split())
