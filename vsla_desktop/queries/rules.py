"""The rules of a group, as they stand in its settings and in each cycle's history of them."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, get_type_hints

from sqlalchemy import bindparam, select

from vsla_desktop.domain.assessment import AssessmentWeights
from vsla_desktop.domain.fines import FineType
from vsla_desktop.domain.meeting import DEFAULT_AGENDA, AgendaStep
from vsla_desktop.domain.rules import GroupRules
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.tables import GROUPS, SETTINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy.orm import Session

    from vsla_desktop.queries.pages import Page

FROM, RULES = "from", "rules"
"""The keys of one rule set in ``savings_cycles.rules``: the day from which it holds, and it."""

_STORED = select(SETTINGS, GROUPS.c.meeting_frequency).where(
    SETTINGS.c.group_id == bindparam("of_group"), GROUPS.c.id == SETTINGS.c.group_id
)


def rules_on(session: Session, page: Page) -> GroupRules:
    """Return the rules that hold on the day of a page: the cycle's own, or the group's settings.

    What was booked before a change keeps the rule it was booked under, so an earlier day reads
    the earlier rules.
    """
    return _voted(page.stored_rules, page.day) or group_rules(session, page.group_id)


# A meeting reads the same text at every entry.
@lru_cache(maxsize=16)
def _voted(stored: str | None, day: date) -> GroupRules | None:
    history = rule_history(json.loads(stored) if stored else None)
    holding = [rules for since, rules in history if since <= day] or [
        rules for _, rules in history[:1]
    ]
    return rules_from_json(holding[-1]) if holding else None


def group_rules(session: Session, group_id: int) -> GroupRules:
    """Return the rules voted last, from the group's settings; RuleBroken when there are none."""
    row = session.connection().execute(_STORED, {"of_group": group_id}).mappings().first()
    if row is None:
        raise RuleBroken("Set the rules of the group first.", field="rules")
    return rules_from_json({key: value for key, value in row.items() if value is not None})


def rule_history(stored: Any) -> list[tuple[date, Mapping[str, Any]]]:
    """Return a cycle's rule sets, the oldest first, each with the day from which it holds."""
    found = [(date.fromisoformat(each[FROM]), each[RULES]) for each in stored or ()]
    return sorted(found, key=lambda each: each[0])


def rules_to_json(rules: GroupRules) -> dict[str, Any]:
    """Return rules as plain values, amounts as text, for a JSON column."""
    return {each.name: _plain(getattr(rules, each.name)) for each in fields(GroupRules)}


def rules_to_settings(rules: GroupRules) -> dict[str, Any]:
    """Return rules as the columns of ``group_settings``."""
    plain = rules_to_json(rules)
    kept = {column.name for column in SETTINGS.columns}
    row = {name: getattr(rules, name) for name in plain if name in kept}
    for name, value in row.items():
        if isinstance(value, Enum):
            row[name] = value.value
    return row | {name: plain[name] for name in ("agenda", "fine_tariff", "assessment_weights")}


def rules_from_json(stored: Mapping[str, Any]) -> GroupRules:
    """Return the rules that :func:`rules_to_json` or a settings row holds; others by default."""
    known = {
        name: read(stored[name])
        for name, read in _readers().items()
        if stored.get(name) is not None
    }
    return GroupRules(**known)


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, AssessmentWeights):
        value = asdict(value)
    if isinstance(value, dict):
        return {_plain(key): _plain(amount) for key, amount in value.items()}
    return [_plain(each) for each in value] if isinstance(value, tuple) else value


@cache
def _readers() -> Mapping[str, Callable[[Any], Any]]:
    """Return for each rule what makes its value of the stored one: its own type, mostly."""
    return get_type_hints(GroupRules) | {
        "fine_tariff": _tariff,
        "agenda": _agenda,
        "assessment_weights": _weights,
    }


def _tariff(stored: Mapping[str, Any]) -> dict[FineType, Decimal]:
    return {FineType(kind): Decimal(amount) for kind, amount in stored.items()}


def _weights(stored: Mapping[str, Any]) -> AssessmentWeights:
    """Read the weights; one that a later release adds is left to that release."""
    read = get_type_hints(AssessmentWeights)
    return AssessmentWeights(**{k: read[k](v) for k, v in stored.items() if k in read})


def _agenda(stored: list[str]) -> tuple[AgendaStep, ...]:
    return tuple(AgendaStep(step) for step in stored) or DEFAULT_AGENDA
