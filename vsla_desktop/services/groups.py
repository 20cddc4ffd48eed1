"""Forming a group, and voting on its rules."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, insert, select, update

from vsla_desktop.domain.currencies import currency
from vsla_desktop.domain.identifiers import check_group_code, check_name
from vsla_desktop.domain.postings import Fund
from vsla_desktop.domain.rules import (
    GroupRules,
    Preset,
    changed_fields,
    check_change,
    check_rules,
)
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
from vsla_desktop.queries.tables import (
    CYCLES,
    GROUP_SAVING_TYPES,
    GROUPS,
    MEETINGS,
    SAVING_TYPES,
    SETTINGS,
    USERS,
)
from vsla_desktop.services.cycles import open_cycle
from vsla_desktop.services.rows import add_row
from vsla_desktop.services.saving_types import check_saving_types, keep_saving_types
from vsla_desktop.services.votes import record_vote

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.domain.saving_types import SavingTypeRule
    from vsla_desktop.domain.votes import Vote

VOTED_ON = "The rules of the group"
UNUSABLE_PASSWORD = "!"  # noqa: S105 - no pass phrase has this as its check value
CODE_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
CODE_LENGTH = 6


@dataclass(frozen=True, slots=True)
class SavingKind:
    """A kind of saving that every database knows, and the purse its money goes to by default."""

    code: str
    name: str
    fund: Fund
    allows_withdrawal: bool


SAVING_KINDS = (
    SavingKind("PERSONAL", "Shares", Fund.LOAN_FUND, allows_withdrawal=False),
    SavingKind("SOCIAL", "Social fund", Fund.SOCIAL, allows_withdrawal=False),
    SavingKind("ECD", "Early childhood development", Fund.ECD, allows_withdrawal=True),
    SavingKind("TARGET", "Target savings", Fund.TARGET, allows_withdrawal=True),
)
USUAL_KINDS = frozenset({"PERSONAL", "SOCIAL"})


@dataclass(frozen=True, slots=True, kw_only=True)
class NewGroup:
    """What is written on the first page of a group's book.

    An empty ``group_code`` asks for a new one. ``meeting_day`` is 0 for Sunday to 6 for Saturday.
    ``saving_kinds`` are the codes of the kinds of saving that the group uses.
    """

    name: str
    currency: str
    formation_date: date
    group_code: str = ""
    country: str = ""
    region: str = ""
    district: str = ""
    parish: str = ""
    village: str = ""
    meeting_day: int | None = None
    meeting_time: time | None = None
    language: str | None = None
    registration_number: str | None = None
    is_practice: bool = False
    saving_kinds: Collection[str] = USUAL_KINDS


@dataclass(frozen=True, slots=True)
class GroupFormed:
    """A group that was formed, with its first cycle and the user in whose name it was written."""

    group_id: int
    group_code: str
    cycle_id: int
    user_id: int


def create_group(
    session: Session,
    new: NewGroup,
    rules: GroupRules,
    *,
    preset: Preset | None = None,
    cycle_start: date | None = None,
    cycle_end: date | None = None,
    clock: Clock,
    by: int | None = None,
) -> GroupFormed:
    """Form a group with its rules, its kinds of saving and its first cycle.

    The cycle runs from the formation date for 52 weeks unless said otherwise. Without ``by`` a
    user of the laptop's own is made, who can not sign in. Raise :class:`RuleBroken` for rules that
    can not stand together, an unknown currency or a code that another group has.
    """
    money = currency(new.currency)
    check_rules(rules, money)
    name = check_name(new.name, field="name", most=255)
    code = check_group_code(new.group_code) if new.group_code.strip() else _new_code(session)
    connection = session.connection()
    if connection.execute(select(GROUPS.c.id).where(GROUPS.c.group_code == code)).first():
        raise RuleBroken("Choose another code; {code} is taken.", field="group_code", code=code)
    user_id = by if by is not None else _local_user(session, code)
    group_id = add_row(
        session,
        insert(GROUPS),
        {
            "name": name,
            "group_code": code,
            "country": new.country,
            "region": new.region,
            "district": new.district,
            "parish": new.parish,
            "village": new.village,
            "is_registered": bool(new.registration_number),
            "registration_number": new.registration_number,
            "formation_date": new.formation_date,
            "state": "ACTIVE",
            "meeting_frequency": rules.meeting_frequency.value,
            "meeting_day": new.meeting_day,
            "meeting_time": new.meeting_time,
            "minimum_contribution": rules.share_value,
            "created_by": user_id,
            "currency": money.code,
            "language": new.language,
            "is_practice": new.is_practice,
        },
        clock,
    )
    settings = rules_to_settings(rules) | {
        "group_id": group_id,
        "preset": preset.value if preset else None,
        "effective_date": cycle_start or new.formation_date,
    }
    add_row(session, insert(SETTINGS), settings, clock)
    _use_saving_kinds(session, group_id, new.saving_kinds, clock)
    cycle = open_cycle(
        session, group_id, cycle_start or new.formation_date, cycle_end, clock=clock, by=user_id
    )
    return GroupFormed(group_id, code, cycle.cycle_id, user_id)


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
        if not _passed(session, group_id, words or "; ".join(said), vote, clock=clock, by=by):
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
        session, meeting[0], VOTED_ON, vote, description=said, clock=clock, by=by
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


def _new_code(session: Session) -> str:
    """Return a code that no group here has, and hardly one anywhere: 30 bits by chance."""
    while True:
        code = "G-" + "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
        taken = select(GROUPS.c.id).where(GROUPS.c.group_code == code)
        if session.connection().execute(taken).first() is None:
            return code


def _local_user(session: Session, code: str) -> int:
    """Return the user in whose name this laptop writes a group; it can not sign in."""
    username = f"books-{code.lower()}"
    return add_row(
        session,
        insert(USERS),
        {
            "username": username,
            "email": f"{username}@local.invalid",
            "password": UNUSABLE_PASSWORD,
        },
        None,
    )


def _use_saving_kinds(
    session: Session, group_id: int, codes: Collection[str], clock: Clock
) -> None:
    """Take up the kinds of saving; those that the group does not use wait, inactive."""
    connection = session.connection()
    ids = {
        row.code: row.id
        for row in connection.execute(select(SAVING_TYPES.c.code, SAVING_TYPES.c.id))
    }
    unknown = set(codes) - {kind.code for kind in SAVING_KINDS} - set(ids)
    if unknown:
        raise RuleBroken(
            "We do not know the saving {code}.", field="saving_kinds", code=min(unknown)
        )
    for order, kind in enumerate(SAVING_KINDS):
        if kind.code not in ids:
            ids[kind.code] = add_row(
                session,
                insert(SAVING_TYPES),
                {
                    "code": kind.code,
                    "name": kind.name,
                    "is_mandatory": kind.code == "PERSONAL",
                    "allows_withdrawal": kind.allows_withdrawal,
                },
                clock,
            )
        add_row(
            session,
            insert(GROUP_SAVING_TYPES),
            {
                "group_id": group_id,
                "saving_type_id": ids[kind.code],
                "fund_type": kind.fund.value,
                "allows_withdrawal": kind.allows_withdrawal,
                "display_order": order,
                "is_active": kind.code in codes,
            },
            clock,
        )
