"""Which kinds of saving a group uses, and by which rules: those voted last, and those of a day.

A group's settings hold the rules voted last. Once they were changed by a vote, each rule set of
the cycle keeps them too, so that a day before the change has those of then.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import and_, bindparam, exists, select

from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import Fund
from vsla_desktop.domain.saving_types import SavingTypeRule, purses_for
from vsla_desktop.queries.rules import FROM
from vsla_desktop.queries.tables import ACCOUNTS, GROUP_SAVING_TYPES, MEMBERS, SAVING_TYPES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from vsla_desktop.queries.pages import Page

VOTED_TYPES: Final = "saving_types"
"""The key of the kinds of saving beside a rule set in ``savings_cycles.rules``."""


@dataclass(frozen=True, slots=True)
class SavingTypeLine:
    """One kind of saving as a group keeps it; ``is_held`` says that members have savings of it."""

    saving_type_id: int
    name: str
    rule: SavingTypeRule
    is_held: bool


_LINES = (
    select(
        SAVING_TYPES.c.id,
        SAVING_TYPES.c.code,
        SAVING_TYPES.c.name,
        GROUP_SAVING_TYPES.c.id.label("settings_id"),
        GROUP_SAVING_TYPES.c.fund_type,
        GROUP_SAVING_TYPES.c.minimum_amount,
        GROUP_SAVING_TYPES.c.maximum_amount,
        GROUP_SAVING_TYPES.c.allows_withdrawal,
        GROUP_SAVING_TYPES.c.withdrawal_notice_days,
        GROUP_SAVING_TYPES.c.is_active,
        exists()
        .where(
            ACCOUNTS.c.saving_type_id == SAVING_TYPES.c.id,
            ACCOUNTS.c.current_balance != ZERO,
            ACCOUNTS.c.member_id == MEMBERS.c.id,
            MEMBERS.c.group_id == bindparam("of_group"),
        )
        .label("is_held"),
    )
    .select_from(
        SAVING_TYPES.outerjoin(
            GROUP_SAVING_TYPES,
            and_(
                GROUP_SAVING_TYPES.c.saving_type_id == SAVING_TYPES.c.id,
                GROUP_SAVING_TYPES.c.group_id == bindparam("of_group"),
            ),
        )
    )
    .where(SAVING_TYPES.c.is_active.is_not(False))
    .order_by(
        GROUP_SAVING_TYPES.c.display_order.is_(None),
        GROUP_SAVING_TYPES.c.display_order,
        SAVING_TYPES.c.id,
    )
)


def saving_types_of(session: Session, group_id: int) -> tuple[SavingTypeLine, ...]:
    """Return every kind of saving there is, in the group's order; those it does not use too."""
    return tuple(
        SavingTypeLine(
            row.id,
            row.name,
            SavingTypeRule(
                code=row.code,
                is_used=bool(row.is_active),
                fund=Fund(row.fund_type) if row.settings_id else purses_for(row.code)[0],
                minimum=row.minimum_amount or ZERO,
                maximum=row.maximum_amount,
                allows_withdrawal=bool(row.allows_withdrawal),
                notice_days=row.withdrawal_notice_days or 0,
            ),
            bool(row.is_held),
        )
        for row in session.connection().execute(_LINES, {"of_group": group_id})
    )


def saving_types_on(session: Session, page: Page) -> tuple[SavingTypeLine, ...]:
    """Return every kind of saving by the rules that hold on the day of a page, in their order."""
    lines = saving_types_of(session, page.group_id)
    voted = voted_saving_types(page)
    if voted is None:
        return lines
    by_code = {line.rule.code: line for line in lines}
    of_day = [replace(by_code.pop(each.code), rule=each) for each in voted if each.code in by_code]
    return (*of_day, *by_code.values())


def voted_saving_types(page: Page) -> tuple[SavingTypeRule, ...] | None:
    """Return the rules of a page's day as the cycle keeps them; None where no vote changed any."""
    return _voted(page.stored_rules, page.day)


# A meeting reads the same text at every entry.
@lru_cache(maxsize=16)
def _voted(stored: str | None, day: date) -> tuple[SavingTypeRule, ...] | None:
    sets = sorted(json.loads(stored) if stored else (), key=lambda each: str(each[FROM]))
    holding = [each for each in sets if date.fromisoformat(each[FROM]) <= day] or sets[:1]
    return types_from_json(holding[-1].get(VOTED_TYPES)) if holding else None


def types_to_json(rules: Sequence[SavingTypeRule]) -> list[dict[str, Any]]:
    """Return rules of kinds of saving as plain values, amounts as text, for a JSON column."""
    return [
        {
            "code": rule.code,
            "is_used": rule.is_used,
            "fund": rule.fund.value,
            "minimum": str(rule.minimum),
            "maximum": None if rule.maximum is None else str(rule.maximum),
            "allows_withdrawal": rule.allows_withdrawal,
            "notice_days": rule.notice_days,
        }
        for rule in rules
    ]


def types_from_json(
    stored: Sequence[Mapping[str, Any]] | None,
) -> tuple[SavingTypeRule, ...] | None:
    """Return what :func:`types_to_json` made; None for a rule set that keeps none."""
    if stored is None:
        return None
    return tuple(
        SavingTypeRule(
            code=each["code"],
            is_used=each["is_used"],
            fund=Fund(each["fund"]),
            minimum=Decimal(each["minimum"]),
            maximum=None if each["maximum"] is None else Decimal(each["maximum"]),
            allows_withdrawal=each["allows_withdrawal"],
            notice_days=each["notice_days"],
        )
        for each in stored
    )
