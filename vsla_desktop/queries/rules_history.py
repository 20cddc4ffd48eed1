"""How the rules of a group came to be: every rule set, with the vote that brought it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, select

from vsla_desktop.domain.votes import Vote
from vsla_desktop.queries.rules import FROM, RULES, rules_from_json
from vsla_desktop.queries.saving_types import VOTED_TYPES, types_from_json
from vsla_desktop.queries.tables import CYCLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from vsla_desktop.domain.rules import GroupRules
    from vsla_desktop.domain.saving_types import SavingTypeRule

VOTE: Final = "vote"
"""The key of the vote beside a rule set in ``savings_cycles.rules``."""

_CYCLES = (
    select(CYCLES.c.cycle_number, CYCLES.c.rules)
    .where(CYCLES.c.group_id == bindparam("of_group"))
    .order_by(CYCLES.c.cycle_number)
)


@dataclass(frozen=True, slots=True)
class RuleVote:
    """The vote that brought a rule set: the meeting that took it, by number and day."""

    meeting_number: int
    day: date
    vote: Vote


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Rules as they held from a day on. ``before`` are those that it replaced, None for the first.

    A rule set without a vote was written when the group was formed, or carried into a new cycle.
    ``types`` are the kinds of saving and ``types_before`` those replaced, both None as long as no
    vote changed any.
    """

    cycle_number: int
    since: date
    rules: GroupRules
    before: GroupRules | None
    vote: RuleVote | None
    types: tuple[SavingTypeRule, ...] | None = None
    types_before: tuple[SavingTypeRule, ...] | None = None


def rules_history(session: Session, group_id: int) -> tuple[RuleSet, ...]:
    """Return every rule set of a group, the oldest first, over all its cycles."""
    found: list[RuleSet] = []
    for cycle in session.connection().execute(_CYCLES, {"of_group": group_id}):
        for each in sorted(cycle.rules or (), key=lambda each: each[FROM]):
            rules = rules_from_json(each[RULES])
            since, vote = date.fromisoformat(each[FROM]), _vote(each.get(VOTE))
            last = found[-1] if found else None
            types_before = last.types if last else None
            types = types_from_json(each.get(VOTED_TYPES)) or types_before
            found.append(
                RuleSet(
                    cycle.cycle_number,
                    since,
                    rules,
                    last.rules if last else None,
                    vote,
                    types,
                    types_before or types,
                )
            )
    return tuple(found)


def vote_to_json(voted: RuleVote) -> dict[str, Any]:
    """Return a vote on rules as plain values; no id, since those differ between databases."""
    return {
        "meeting": voted.meeting_number,
        "day": voted.day.isoformat(),
        "for": voted.vote.in_favour,
        "against": voted.vote.against,
        "abstained": voted.vote.abstained,
    }


def _vote(stored: Mapping[str, Any] | None) -> RuleVote | None:
    if stored is None:
        return None
    hands = Vote(stored["for"], stored["against"], stored["abstained"])
    return RuleVote(stored["meeting"], date.fromisoformat(stored["day"]), hands)
