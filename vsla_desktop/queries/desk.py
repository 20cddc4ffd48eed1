"""A coordinator's groups: how each stands today, all of them read at once.

The figures of all groups come from one statement, whatever their number; what waits to be sent or
settled is a second one, which only a laptop has. See docs/rules.md#attention.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, select

from vsla_desktop.domain.attention import Reason, Standing, Urgency, reasons, urgency, weight
from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.rules import MeetingFrequency
from vsla_desktop.domain.schedule import day_after, missed_meetings
from vsla_desktop.queries.desk_statement import desk_statement
from vsla_desktop.queries.desk_waiting import Waiting, waiting_by_group
from vsla_desktop.queries.filtering import Filter
from vsla_desktop.queries.meetings import counts_from_json
from vsla_desktop.queries.tables import GROUPS
from vsla_desktop.queries.visits import OpenAction, still_open, visits_by_group

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from vsla_desktop.queries.visits import Visit

_CLOSED: Final = "CLOSED"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskLine:
    """One group on the coordinator's desk; amounts are in its currency.

    ``next_meeting`` is the day on which it was, or is, expected to meet next; ``late_value`` what
    was due before today and is not paid; ``loans_value`` the principal that is out, and
    ``late_principal`` what of it is on late loans. ``not_sent`` is None where nothing is sent from.
    """

    group_id: int
    code: str
    name: str
    village: str
    district: str
    state: str
    currency: str
    is_practice: bool
    members_count: int
    savings: Decimal
    cycle_number: int | None
    last_meeting: date | None
    next_meeting: date | None
    open_since: date | None
    share_out_on: date | None
    loans_count: int
    loans_value: Decimal
    late_principal: Decimal
    late_value: Decimal
    not_sent: int | None
    only_read: bool
    standing: Standing
    reasons: tuple[Reason, ...]
    actions: tuple[OpenAction, ...]
    last_visit: date | None

    @property
    def urgency(self) -> Urgency:
        """How soon it needs its coordinator."""
        return urgency(self.reasons)

    @property
    def weight(self) -> int:
        """What its reasons weigh together."""
        return weight(self.reasons)


@dataclass(frozen=True, slots=True)
class DeskChoices:
    """What the groups of the book can be chosen by: their districts, their states, how many."""

    districts: tuple[str, ...]
    states: tuple[str, ...]
    groups_count: int


_PLACES = select(GROUPS.c.district, GROUPS.c.state, func.count()).group_by(
    GROUPS.c.district, GROUPS.c.state
)


def desk_choices(session: Session) -> DeskChoices:
    """Return what the groups of the book can be chosen by."""
    rows = session.connection().execute(_PLACES).all()
    return DeskChoices(
        tuple(sorted({row.district for row in rows if row.district})),
        tuple(sorted({row.state for row in rows if row.state})),
        sum(row[2] for row in rows),
    )


def desk_lines(session: Session, wanted: Filter, *, on: date) -> tuple[DeskLine, ...]:
    """Return the groups that a filter names, those that need their coordinator most first."""
    rows = session.connection().execute(desk_statement(wanted, on)).all()
    ids = [row.id for row in rows]
    waiting = waiting_by_group(session)
    visits = visits_by_group(session, ids)
    lines = [_line(row, on, waiting, visits.get(row.id, ())) for row in rows]
    return tuple(sorted(lines, key=lambda line: (-line.weight, line.name, line.group_id)))


def _line(
    row: Any, on: date, waiting: Mapping[int, Waiting] | None, visits: Sequence[Visit]
) -> DeskLine:
    mine = waiting.get(row.id, Waiting()) if waiting is not None else None
    expected = _expected(row)
    counts = counts_from_json(row.closing_count)
    actions = still_open(visits)
    loans_value = row.loans_value or ZERO
    share_out_in = (row.end_date - on).days if row.end_date is not None else None
    standing = Standing(
        box_difference=sum((count.difference for count in counts), ZERO),
        purses_differ=any(count.difference for count in counts),
        to_settle=mine.to_settle if mine else 0,
        missed_meetings=_missed(row, expected, on),
        days_since_meeting=(on - row.last_held).days if row.last_held else None,
        days_since_start=(on - row.start_date).days if row.start_date else None,
        open_days=(on - row.open_since).days if row.open_since else None,
        late_loans=row.late_count or 0,
        at_risk=(row.late_principal or ZERO) / loans_value if loans_value else None,
        share_out_in=share_out_in,
        last_present=row.members_present or 0,
        last_called=row.total_members or 0,
        cycle_present=row.present or 0,
        cycle_called=row.called or 0,
        members_left=row.members_left or 0,
        members_at_start=row.members_at_start or 0,
        actions_late=sum(each.due < on for each in actions),
        not_sent=mine.not_sent if mine else 0,
    )
    return DeskLine(
        group_id=row.id,
        code=row.group_code,
        name=row.name,
        village=row.village,
        district=row.district,
        state=row.state or "",
        currency=row.currency,
        is_practice=row.is_practice,
        members_count=row.members_count or 0,
        savings=row.savings_balance or ZERO,
        cycle_number=row.cycle_number,
        last_meeting=row.last_held,
        next_meeting=expected,
        open_since=row.open_since,
        share_out_on=row.end_date,
        loans_count=row.loans_count or 0,
        loans_value=loans_value,
        late_principal=row.late_principal or ZERO,
        late_value=row.late_value or ZERO,
        not_sent=mine.not_sent if mine is not None else None,
        only_read=mine.only_read if mine is not None else False,
        standing=standing,
        reasons=reasons(standing) if row.state != _CLOSED else (),
        actions=actions,
        last_visit=visits[0].note.day if visits else None,
    )


def _expected(row: Any) -> date | None:
    """Return when the group meets next: as planned, or by its rhythm; see #planned-meetings."""
    coming: date | None = row.first_coming
    planned: date | None = row.first_regular
    if row.last_planned is None or row.start_date is None:
        return planned or coming
    by_rhythm = planned or day_after(
        row.last_planned,
        row.last_held or row.last_planned,
        MeetingFrequency(row.meeting_frequency or MeetingFrequency.WEEKLY),
        row.meeting_day,
    )
    return min(coming, by_rhythm) if coming is not None else by_rhythm


def _missed(row: Any, expected: date | None, on: date) -> int:
    """Return how many expected meetings are past; none while one is open or no cycle is."""
    if expected is None or row.start_date is None or row.open_since is not None:
        return 0
    return missed_meetings(
        expected,
        on,
        MeetingFrequency(row.meeting_frequency or MeetingFrequency.WEEKLY),
        row.meeting_day,
    )
