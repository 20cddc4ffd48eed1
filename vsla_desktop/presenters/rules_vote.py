"""Voting on changed rules: from which day, and how many hands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from vsla_desktop.domain.money import parse_count
from vsla_desktop.domain.votes import Vote
from vsla_desktop.i18n import _, translate_counted
from vsla_desktop.presenters.days import read_day, write_day
from vsla_desktop.presenters.form import Field, FieldKind, Form, Reader
from vsla_desktop.presenters.rules_changes import RuleChange

_HANDS = ("in_favour", "against", "abstained")
_MOST_HANDS = 1000


class RulesVote:
    """A :class:`~vsla_desktop.views.widgets.form.FormSource` of the vote.

    Before the first meeting the founders only say from which day; there are no hands to count.
    """

    def __init__(
        self,
        changes: Sequence[RuleChange],
        today: Callable[[], date],
        *,
        from_day: date,
        needs_hands: bool,
        present_count: int,
    ) -> None:
        self.changes = tuple(changes)
        self.needs_hands = needs_hands
        self.is_writing = False
        self._present_count = present_count
        hands = _HANDS if needs_hands else ()
        self.form = Form(
            {
                "effective_date": Reader(
                    lambda text: read_day(text, today(), field="effective_date"), write_day
                ),
                **{key: self._hands_reader(key) for key in hands},
            },
            {"effective_date": write_day(from_day), **dict.fromkeys(hands[1:], "0")},
        )

    @staticmethod
    def _hands_reader(key: str) -> Reader:
        return Reader(lambda text: parse_count(text, _MOST_HANDS, field=key))

    def fields(self) -> Sequence[Field]:
        """The day, and the hands where a meeting votes."""
        hands = (
            Field("in_favour", _("For"), FieldKind.NUMBER),
            Field("against", _("Against"), FieldKind.NUMBER),
            Field("abstained", _("Neither"), FieldKind.NUMBER),
        )
        day = Field("effective_date", _("In force from"), FieldKind.DAY)
        return (day, *hands) if self.needs_hands else (day,)

    def note(self, key: str) -> str:
        """Help below a field."""
        if key == "in_favour":
            return translate_counted(
                "{count} member is present.", "{count} members are present.", self._present_count
            )
        if key == "effective_date":
            return _("Earlier entries keep their rules.")
        return ""

    def enter(self, key: str, text: str) -> None:
        """Take what was typed into a field."""
        self.form.enter(key, text)

    def from_day(self) -> date:
        """The day from which the rules hold."""
        day: date = self.form.value("effective_date")
        return day

    def hands(self) -> Vote | None:
        """The hands that were counted; none where no meeting votes."""
        if not self.needs_hands:
            return None
        return Vote(*(self.form.value(key) for key in _HANDS))
