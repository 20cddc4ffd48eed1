"""Voting on a group's rules, which hold from a day forward, and on the day of the share-out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select, update

from vsla_desktop.domain.rules import GroupRules, Preset, changed_fields, check_change, check_rules
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import format_date
from vsla_desktop.queries.pages import MEETING_CLOSED, MEETING_OPEN, group_page
from vsla_desktop.queries.rules import (
    FROM,
    RULES,
    group_rules,
    rules_to_json,
    rules_to_settings,
)
from vsla_desktop.queries.rules_history import VOTE, RuleVote, vote_to_json
from vsla_desktop.queries.saving_types import VOTED_TYPES, saving_types_of, types_to_json
from vsla_desktop.queries.shares import cycle_shares
from vsla_desktop.queries.tables import CYCLES, GROUPS, LEDGER, LOANS, MEETINGS, SETTINGS
from vsla_desktop.services.cycles import LONGEST
from vsla_desktop.services.saving_types import check_saving_types, keep_saving_types
from vsla_desktop.services.votes import record_vote

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.domain.saving_types import SavingTypeRule
    from vsla_desktop.domain.votes import Vote

VOTED_ON = "The rules of the group"
SHARE_OUT_DAY = "The day of the share-out"


@dataclass(frozen=True, slots=True)
class RulesVoted:
    """What a vote on the rules came to: the names of the rules that changed, none if it was lost.

    ``is_passed`` is told for a change before the first meeting as well, which needs no vote.
    """

    changed: tuple[str, ...]
    is_passed: bool = True


def change_rules(  # noqa: PLR0913 - a constitution has two parts, and is voted as one
    session: Session,
    group_id: int,
    rules: GroupRules,
    *,
    from_day: date,
    saving_types: Sequence[SavingTypeRule] | None = None,
    vote: Vote | None = None,
    preset: Preset | None = None,
    words: str = "",
    clock: Clock,
    by: int | None = None,
) -> RulesVoted:
    """Let new rules hold from a day forward, by a vote of the meeting that is open.

    ``saving_types`` are the rules of all kinds of saving in their order; without them they stay.
    Until the first meeting the founders may change what they wrote without a vote. A lost vote is
    written down too, and changes nothing; ``words`` are how another book tells what was voted.
    Raise :class:`RuleBroken` without a vote or an open meeting to take it, when the share value
    changes after the first share of the cycle was sold, when a meeting was held on or after
    ``from_day``, and for rules that can not stand.
    """
    page = group_page(session, group_id, from_day)
    check_rules(rules, page.currency)
    connection = session.connection()
    held = connection.execute(_HELD, {"of_group": group_id}).scalar()
    if held is not None and held >= from_day:
        raise RuleBroken(
            "Change rules from a day after {day}.",
            hint="A meeting was held then.",
            field="effective_date",
            day=format_date(held),
        )
    before = group_rules(session, group_id)
    sold = cycle_shares(session, page.cycle_id) if page.cycle_id is not None else 0
    changed = check_change(before, rules, shares_sold=sold)
    said = _said(before, rules)
    lines = saving_types_of(session, group_id)
    kept = types = tuple(line.rule for line in lines)
    if saving_types is not None and tuple(saving_types) != kept:
        types = tuple(saving_types)
        check_saving_types(types, {line.rule.code: line for line in lines}, page.currency)
        changed = (*changed, VOTED_TYPES)
        said = [*said, *_types_said(kept, types)]
    if not changed and not words:
        return RulesVoted(())
    rule_set: dict[str, Any] = {FROM: from_day.isoformat(), RULES: rules_to_json(rules)}
    if vote is not None or held is not None:
        about = words or "; ".join(said)
        if not _passed(session, group_id, VOTED_ON, about, vote, clock=clock, by=by):
            return RulesVoted((), is_passed=False)
        assert vote is not None  # noqa: S101 - it was passed
        day, number = connection.execute(_OPEN, {"of_group": group_id}).one()[1:]
        rule_set[VOTE] = vote_to_json(RuleVote(number, day, vote))
    now = clock.now()
    if types != kept:
        keep_saving_types(session, group_id, types, clock=clock, by=by)
    settings = rules_to_settings(rules) | {"effective_date": from_day, "updated_date": now}
    if preset is not None:
        settings["preset"] = preset.value
    connection.execute(update(SETTINGS).where(SETTINGS.c.group_id == group_id), settings)
    connection.execute(
        update(GROUPS).where(GROUPS.c.id == group_id),
        {
            "meeting_frequency": rules.meeting_frequency.value,
            "minimum_contribution": rules.share_value,
            "updated_date": now,
        },
    )
    if page.cycle_id is not None:
        of_cycle = CYCLES.c.id == page.cycle_id
        stored = connection.execute(select(CYCLES.c.rules).where(of_cycle)).scalar()
        earlier = [each for each in stored or () if each[FROM] < rule_set[FROM]]
        if (earlier and types != kept) or any(VOTED_TYPES in each for each in earlier):
            # A day before the change keeps what held then; there is none before the first rules.
            earlier = [{VOTED_TYPES: types_to_json(kept)} | each for each in earlier]
            rule_set[VOTED_TYPES] = types_to_json(types)
        history = {
            "rules": [*earlier, rule_set],
            "share_value": rules.share_value,
            "updated_date": now,
        }
        connection.execute(update(CYCLES).where(of_cycle), history)
    return RulesVoted(changed)


def move_share_out(
    session: Session,
    group_id: int,
    day: date,
    *,
    vote: Vote | None = None,
    clock: Clock,
    by: int | None = None,
) -> bool:
    """Share out on another day, by a vote of the meeting that is open; return whether it passed.

    Until the first meeting the founders may change what they wrote without a vote. Raise
    :class:`RuleBroken` while no cycle is open, for a day before the last meeting, later than three
    years after the cycle began or before a loan or an advance of the cycle falls due, and without
    a vote or an open meeting to take it. See docs/rules.md#share-out.
    """
    page = group_page(session, group_id, clock.today())
    if page.cycle_id is None or page.cycle_start is None or page.cycle_end is None:
        raise RuleBroken("No cycle is open.", field="cycle_end")
    connection = session.connection()
    held = connection.execute(_HELD, {"of_group": group_id}).scalar()
    if day > page.cycle_start + LONGEST:
        raise RuleBroken("Share out within three years.", field="cycle_end")
    if day <= page.cycle_start or (held is not None and day < held):
        raise RuleBroken(
            "Choose a day from {day} on.",
            field="cycle_end",
            day=format_date(max(held or page.cycle_start, page.cycle_start + timedelta(days=1))),
        )
    due = max(
        connection.execute(each, {"of_cycle": page.cycle_id}).scalar() or day for each in _DUE
    )
    if due > day:
        raise RuleBroken(
            "Choose a day from {day} on.",
            hint="A loan or an advance falls due then.",
            field="cycle_end",
            day=format_date(due),
        )
    if vote is not None or held is not None:
        said = f"{page.cycle_end.isoformat()} -> {day.isoformat()}"
        if not _passed(session, group_id, SHARE_OUT_DAY, said, vote, clock=clock, by=by):
            return False
    connection.execute(
        update(CYCLES).where(CYCLES.c.id == page.cycle_id),
        {"end_date": day, "updated_date": clock.now()},
    )
    return True


_DUE = (
    select(func.max(LOANS.c.maturity_date)).where(LOANS.c.cycle_id == bindparam("of_cycle")),
    select(func.max(LEDGER.c.due_date)).where(LEDGER.c.cycle_id == bindparam("of_cycle")),
)
_HELD = select(func.max(MEETINGS.c.meeting_date)).where(
    MEETINGS.c.group_id == bindparam("of_group"),
    MEETINGS.c.status.in_((MEETING_OPEN, MEETING_CLOSED)),
)
_OPEN = (
    select(MEETINGS.c.id, MEETINGS.c.meeting_date, MEETINGS.c.meeting_number)
    .where(MEETINGS.c.group_id == bindparam("of_group"), MEETINGS.c.status == MEETING_OPEN)
    .order_by(MEETINGS.c.meeting_date)
    .limit(1)
)


def _passed(
    session: Session,
    group_id: int,
    subject: str,
    said: str,
    vote: Vote | None,
    *,
    clock: Clock,
    by: int | None,
) -> bool:
    """Write the vote down at the meeting that is open, with what it was about."""
    meeting = session.connection().execute(_OPEN, {"of_group": group_id}).first()
    if meeting is None or vote is None:
        raise RuleBroken(
            "Vote on the rules at a meeting.",
            hint="Open a meeting and count the hands.",
            field="in_favour",
        )
    return record_vote(
        session, meeting[0], subject, vote, description=said, clock=clock, by=by
    ).is_passed


def _said(before: GroupRules, rules: GroupRules) -> list[str]:
    """Say what a vote on rules is about, for the minutes."""
    old, new = rules_to_json(before), rules_to_json(rules)
    return [
        f"{name}: {_plain(old[name])} -> {_plain(new[name])}"
        for name in changed_fields(before, rules)
    ]


def _types_said(before: Sequence[SavingTypeRule], after: Sequence[SavingTypeRule]) -> list[str]:
    old, new = ({each["code"]: each for each in types_to_json(rules)} for rules in (before, after))
    said = [
        f"{code} {name}: {_plain(old[code][name])} -> {_plain(value)}"
        for code, rule in new.items()
        for name, value in rule.items()
        if value != old[code][name]
    ]
    return said if list(old) == list(new) else [*said, f"{VOTED_TYPES}: {', '.join(new)}"]


def _plain(value: Any) -> Any:
    """Return a value of a rule as it is said: 100 for 100.00."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    is_amount = isinstance(value, str) and value.replace(".", "", 1).isdecimal()
    return f"{Decimal(value).normalize():f}" if is_amount else value
