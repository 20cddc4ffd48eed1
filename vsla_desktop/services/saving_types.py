"""Choosing which kinds of saving a group uses, and by which rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select, update

from vsla_desktop.domain.saving_types import SavingTypeRule, saving_type_problems
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.pages import group_page
from vsla_desktop.queries.saving_types import SavingTypeLine, saving_types_of
from vsla_desktop.queries.tables import GROUP_SAVING_TYPES
from vsla_desktop.services.rows import add_row

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.domain.currencies import Currency

_KEPT = select(GROUP_SAVING_TYPES.c.id, GROUP_SAVING_TYPES.c.saving_type_id).where(
    GROUP_SAVING_TYPES.c.group_id == bindparam("of_group")
)


def keep_saving_types(
    session: Session,
    group_id: int,
    rules: Sequence[SavingTypeRule],
    *,
    clock: Clock,
    by: int | None = None,  # noqa: ARG001 - told by every service; the audit line takes it
) -> None:
    """Keep a group's rules for its kinds of saving, in the order in which they are given.

    A group that has met changes them by a vote, with
    :func:`~vsla_desktop.services.rules.change_rules`. Raise :class:`RuleBroken` for a limit that
    can not stand, for a kind that is left out or moved to another purse while members have savings
    of it, and for an unknown kind. The value ``code`` of the error is the kind's.
    """
    page = group_page(session, group_id, clock.today())
    lines = {line.rule.code: line for line in saving_types_of(session, group_id)}
    check_saving_types(rules, lines, page.currency)
    connection = session.connection()
    kept = {row.saving_type_id: row.id for row in connection.execute(_KEPT, {"of_group": group_id})}
    for order, rule in enumerate(rules):
        type_id = lines[rule.code].saving_type_id
        values: dict[str, Any] = {
            "fund_type": rule.fund.value,
            "minimum_amount": rule.minimum,
            "maximum_amount": rule.maximum,
            "allows_withdrawal": rule.allows_withdrawal,
            "withdrawal_notice_days": rule.notice_days,
            "display_order": order,
            "is_active": rule.is_used,
        }
        if type_id in kept:
            of_row = GROUP_SAVING_TYPES.c.id == kept[type_id]
            values["updated_date"] = clock.now()
            connection.execute(update(GROUP_SAVING_TYPES).where(of_row), values)
        else:
            owner = {"group_id": group_id, "saving_type_id": type_id}
            add_row(session, insert(GROUP_SAVING_TYPES), owner | values, clock)


def check_saving_types(
    rules: Sequence[SavingTypeRule], lines: Mapping[str, SavingTypeLine], currency: Currency
) -> None:
    """Raise the first of all that can not stand, given how each kind is kept now."""
    for rule in rules:
        for problem in problems_of(rule, lines.get(rule.code), currency):
            raise problem


def problems_of(
    rule: SavingTypeRule, line: SavingTypeLine | None, currency: Currency
) -> Iterator[RuleBroken]:
    """Yield all that can not stand of a rule, given how the kind is kept now."""
    if line is None:
        yield RuleBroken("We do not know the saving {code}.", field="is_used", code=rule.code)
        return
    for problem in saving_type_problems(rule, currency):
        problem.values["code"] = rule.code
        yield problem
    if line.is_held and not rule.is_used:
        yield RuleBroken("Pay these savings back first.", field="is_used", code=rule.code)
    if line.is_held and rule.fund is not line.rule.fund:
        yield RuleBroken(
            "Keep the purse: members have savings in it.", field="fund", code=rule.code
        )
