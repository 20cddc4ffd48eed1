"""What a group keeps beside its meetings, as rows: cycles, rules, kinds of saving, and lists."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date as Day  # noqa: N812 - rows have a field of that name
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.saving_types import SavingTypeRule
from vsla_desktop.queries.funds_property import property_items
from vsla_desktop.queries.saving_types import saving_types_of
from vsla_desktop.queries.schedule import CANCELLED, SCHEDULED
from vsla_desktop.queries.share_out import CLOSED
from vsla_desktop.queries.tables import CYCLES, GROUPS, MEETINGS, SETTINGS
from vsla_desktop.services.groups import SAVING_KINDS
from vsla_desktop.services.rules import VOTED_ON
from vsla_desktop.services.workbook.exported_changes import is_passed
from vsla_desktop.services.workbook.more_rows import (
    CountRow,
    CycleRow,
    GrantRow,
    PlannedRow,
    PropertyRow,
    RuleRow,
    SavingRow,
    StatementRow,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy.orm import Session

    from vsla_desktop.queries.books import MeetingRecord
    from vsla_desktop.queries.rules_history import RuleSet
    from vsla_desktop.services.workbook.exported_changes import ExportedChanges

_CYCLES = (
    select(CYCLES).where(CYCLES.c.group_id == bindparam("of_group")).order_by(CYCLES.c.cycle_number)
)
_LISTS = (
    select(GROUPS.c.bank_statements, SETTINGS.c.grant_tariff)
    .select_from(GROUPS.outerjoin(SETTINGS, SETTINGS.c.group_id == GROUPS.c.id))
    .where(GROUPS.c.id == bindparam("of_group"))
)
_NOT_HELD = (
    select(MEETINGS)
    .where(
        MEETINGS.c.group_id == bindparam("of_group"),
        MEETINGS.c.status.in_((SCHEDULED, CANCELLED)),
    )
    .order_by(MEETINGS.c.meeting_number)
)


def cycle_rows(session: Session, group_id: int, numbers: Mapping[int, int]) -> tuple[CycleRow, ...]:
    """Return the cycles, where the sheet Group does not say all; ``numbers`` are those to go."""
    found = session.connection().execute(_CYCLES, {"of_group": group_id})
    rows = tuple(
        CycleRow(
            number=numbers[cycle.id],
            start_date=cycle.start_date,
            end_date=cycle.end_date,
            closed=True if cycle.status == CLOSED else None,
            members_at_start=cycle.members_at_start,
            property_at_start=cycle.property_at_start,
        )
        for cycle in found
        if cycle.id in numbers
    )
    is_plain = len(rows) == 1 and not (rows[0].members_at_start or rows[0].property_at_start)
    return () if is_plain else rows


def rule_rows(
    history: Sequence[RuleSet], changes: ExportedChanges, since: int
) -> Iterator[RuleRow]:
    """Yield the rules that replaced the first ones; ``since`` is the first cycle that goes out.

    What a new cycle begins with are the rules that stood last.
    """
    for before, rules in pairwise(history):
        is_carried_on = rules.cycle_number != before.cycle_number and rules.vote is None
        if rules.cycle_number < since or is_carried_on or before.cycle_number < since:
            continue
        if rules.vote is None:
            yield RuleRow(from_date=rules.since, rules=rules.rules)
            continue
        hands, said = rules.vote.vote, ""
        for vote in reversed(changes.votes(VOTED_ON)):  # the last one is the one that stands
            is_same = changes.number(vote.meeting_id) == rules.vote.meeting_number
            if is_passed(vote) and is_same and (vote.votes_for or 0) == hands.in_favour:
                changes.use(vote)
                said = vote.description or ""
                break
        yield RuleRow(
            from_date=rules.since,
            said=said,
            rules=rules.rules,
            meeting=rules.vote.meeting_number,
            votes_for=hands.in_favour,
            votes_against=hands.against or None,
            votes_abstained=hands.abstained or None,
        )


def saving_rows(session: Session, group_id: int, history: Sequence[RuleSet]) -> Iterator[SavingRow]:
    """Yield how the group keeps each kind of saving; nothing where all are as usual.

    Where votes changed them: how it kept them at first, and what each vote brought.
    """
    voted = [each for each in history if each.types and each.types != each.types_before]
    if voted:
        for rule in voted[0].types_before or ():
            yield _saving(rule)
        for rules in voted:
            for rule in rules.types or ():
                yield replace(_saving(rule), from_date=rules.since)
        return
    kept = [line.rule for line in saving_types_of(session, group_id)]
    usual = [
        SavingTypeRule(
            code=kind.code,
            is_used=rule.is_used,
            fund=kind.fund,
            allows_withdrawal=kind.allows_withdrawal,
        )
        for kind, rule in zip(SAVING_KINDS, kept, strict=False)
    ]
    if kept != usual:
        yield from map(_saving, kept)


def _saving(rule: SavingTypeRule) -> SavingRow:
    return SavingRow(
        kind=rule.code,
        used=rule.is_used,
        fund=rule.fund.value,
        minimum=rule.minimum or None,
        maximum=rule.maximum,
        withdrawal=rule.allows_withdrawal,
        notice_days=rule.notice_days or None,
    )


def planned_rows(
    session: Session, group_id: int, cycles: Mapping[int, int], since: Day
) -> tuple[PlannedRow, ...]:
    """Return what is planned, and what was cancelled, since a day."""
    found = session.connection().execute(_NOT_HELD, {"of_group": group_id})
    return tuple(
        PlannedRow(
            number=row.meeting_number,
            date=row.meeting_date,
            planned_date=row.planned_date,
            type=row.meeting_type or "REGULAR",
            cancelled=True if row.status == CANCELLED else None,
            opened=True if row.status == CANCELLED and row.quorum_required is not None else None,
            reason=row.status_reason or "",
            cycle=cycles.get(row.cycle_id) if len(cycles) > 1 else None,
            location=row.location or "",
            purpose=row.agenda or "",
        )
        for row in found
        if row.cycle_id in cycles or (row.cycle_id is None and row.meeting_date >= since)
    )


def count_rows(meeting: MeetingRecord, joined: Mapping[str, str]) -> Iterator[CountRow]:
    """Yield the notes and coins of a meeting's counts, and reasons that are one purse's own.

    ``joined`` is what the sheet Meetings says of each count.
    """
    for when, purses in (("OPENING", meeting.opening), ("CLOSING", meeting.closing)):
        for purse in purses:
            for piece, pieces in purse.notes:
                yield CountRow(
                    meeting=meeting.number,
                    count=when,
                    fund=purse.fund.value,
                    piece=piece,
                    pieces=pieces,
                )
            if purse.reason and (not purse.difference or purse.reason != joined[when]):
                yield CountRow(
                    meeting=meeting.number, count=when, fund=purse.fund.value, reason=purse.reason
                )


@dataclass(frozen=True, slots=True)
class KeptLists:
    """Property, bank statements, and what the group gives at each event."""

    belongings: tuple[PropertyRow, ...]
    statements: tuple[StatementRow, ...]
    grants: tuple[GrantRow, ...]


def lists_of(session: Session, group_id: int) -> KeptLists:
    """Return the lists that a group keeps."""
    statements, tariff = session.connection().execute(_LISTS, {"of_group": group_id}).one()
    return KeptLists(
        belongings=tuple(_thing(each) for each in property_items(session, group_id)),
        statements=tuple(_statement(each) for each in statements or ()),
        grants=tuple(
            GrantRow(event=event, amount=Decimal(amount))
            for event, amount in (tariff or {}).items()
        ),
    )


def _thing(item: Any) -> PropertyRow:
    return PropertyRow(
        number=item.number,
        name=item.name,
        bought_on=item.bought_on,
        cost=item.cost,
        value=item.value,
        valued_on=item.valued_on,
        note=item.note,
        removed_on=item.removed_on,
        removal_reason=item.removal_reason,
    )


def _statement(line: Mapping[str, Any]) -> StatementRow:
    return StatementRow(
        date=Day.fromisoformat(line["day"]),
        said=Decimal(line["said"]),
        book=Decimal(line.get("book") or ZERO),
        note=line.get("note") or "",
    )
