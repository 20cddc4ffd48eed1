"""The day of the share-out, which a group may move by a vote like a rule."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final

from vsla_desktop.i18n import _, format_date, translate_counted
from vsla_desktop.presenters.days import read_day, write_day
from vsla_desktop.presenters.form import Field, FieldKind, Reader
from vsla_desktop.presenters.rules_changes import RuleChange
from vsla_desktop.reports.rules_words import Section

CYCLE_END: Final = "cycle_end"


class ShareOutDay:
    """The day as it is being written, beside the one that stands; None while no cycle is open."""

    def __init__(self) -> None:
        self.stands: date | None = None
        self.draft: date | None = None

    def came(self, day: date | None) -> None:
        """Take the day that stands; one that is being written stays."""
        if self.draft == self.stands:
            self.draft = day
        self.stands = day

    def moved_to(self) -> date | None:
        """The other day, None where it is the same."""
        return None if self.draft == self.stands else self.draft

    def text(self) -> str:
        """The day as it is written into its field."""
        return "" if self.draft is None else write_day(self.draft)

    def frozen(self) -> str:
        """Why the field takes nothing now, as a sentence; empty where it does."""
        return "" if self.stands is not None else _("No cycle is open.")

    def note(self, key: str, today: date) -> str:
        """How long it is until the day, beside its field."""
        if key != CYCLE_END or self.draft is None or self.draft < today:
            return ""
        weeks = (self.draft - today).days // 7
        return translate_counted("In {count} week.", "In {count} weeks.", weeks)

    def said(self) -> str:
        """What is told once the group voted on the day alone."""
        return _("Share-out on {day}.", day="" if self.draft is None else format_date(self.draft))

    def changes(self) -> tuple[RuleChange, ...]:
        """The change of the day, if there is one."""
        if self.stands is None or self.draft is None or self.moved_to() is None:
            return ()
        said = (format_date(each) for each in (self.stands, self.draft))
        return (RuleChange(CYCLE_END, _("Share-out on"), *said),)

    @staticmethod
    def fields(section: Section) -> tuple[Field, ...]:
        """The field of the day, first in its part of the constitution."""
        is_here = section is Section.SHARE_OUT
        return (Field(CYCLE_END, _("Share-out on"), FieldKind.DAY),) if is_here else ()

    @staticmethod
    def reader(today: Callable[[], date]) -> Reader:
        """How the field is read."""
        return Reader(lambda text: read_day(text, today(), field=CYCLE_END), write_day)
