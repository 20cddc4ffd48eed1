"""The hands of a vote in a form: how each count is called and read, and the vote they make."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vsla_desktop.domain.money import parse_count
from vsla_desktop.domain.votes import Vote
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import _
from vsla_desktop.presenters.form import Reader

HANDS = ("in_favour", "against", "abstained")
DECISIVE = HANDS[:2]
"""The counts that decide, for a form that has little room: who abstains does not vote."""
_MOST_HANDS = 999


def hands_titles() -> dict[str, str]:
    """What each count is called."""
    return {"in_favour": _("For"), "against": _("Against"), "abstained": _("Abstain")}


def hands_reader(key: str, *, is_needed: bool = False) -> Reader:
    """How a count is understood; an empty one is none, or is asked for where it ``is_needed``."""

    def read(text: str) -> int | None:
        if text.strip():
            return parse_count(text, most=_MOST_HANDS, field=key)
        if is_needed:
            raise RuleBroken("Enter the votes.", field=key)
        return None

    return Reader(read, lambda count: "" if count is None else str(count))


def vote_of(values: Mapping[str, Any]) -> Vote:
    """Return the vote that the counts of a form make; one that is not there is nought."""
    return Vote(*(values.get(key) or 0 for key in HANDS))
