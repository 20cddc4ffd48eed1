"""The figures of groups on any day: one form a group, or added up by place, cycle or coordinator.

Most of it is one statement (:mod:`.indicators_statement`). What the book keeps as lists is put
right after it, for the few groups that it concerns: property, and loans whose schedule was changed
after the day, which were late or not by the schedule that they had then.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from vsla_desktop.domain.indicators import FIGURE_NAMES, Figures, QuarterlyForm
from vsla_desktop.domain.money import ZERO
from vsla_desktop.queries.indicators_statement import LAST, Level, keys, rows_of_groups
from vsla_desktop.queries.listing import AT_ONCE, batches
from vsla_desktop.queries.loans_until import loans_until
from vsla_desktop.queries.meetings import counts_from_json
from vsla_desktop.queries.rules import rule_history
from vsla_desktop.queries.schedules_then import MOST_AT_ONCE, schedules_then
from vsla_desktop.queries.tables import (
    ACTIVITIES,
    GROUPS,
    MEETINGS,
    SETTINGS,
    USERS,
)
from vsla_desktop.queries.until import ON, Chosen, chosen

if TYPE_CHECKING:
    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from vsla_desktop.queries.filtering import Filter

_IN_SQL = tuple(name for name in FIGURE_NAMES if name not in {"groups", "property_now"})
_COUNTS = tuple(name for name in _IN_SQL if isinstance(getattr(Figures(), name), int))


@dataclass(frozen=True, slots=True)
class FiguresOf:
    """The figures of the groups of one line: its key, such as a region, and their currency."""

    currency: str
    key: tuple[str, ...]
    figures: Figures


@dataclass(frozen=True, slots=True)
class GroupForm:
    """A group's form, with what else head office looks at on that day.

    ``box_difference`` is what the last count had more than the book, below nought if it lacked
    some. ``met`` is the day of the last meeting, None before the first.
    """

    form: QuarterlyForm
    village: str
    district: str
    region: str
    met: date | None
    called: int
    box_difference: Decimal
    cycle_number: int | None
    cycle_end: date | None


@dataclass(frozen=True, slots=True)
class _PutRight:
    """What the statement could not know of a group: ``late`` is added to its late loans."""

    late: Decimal = ZERO
    property_now: Decimal = ZERO


def programme_figures(
    session: Session, wanted: Filter, *, on: date, level: Level = Level.ALL
) -> tuple[FiguresOf, ...]:
    """Return the figures of the groups that a filter names, added up by a level and currency.

    They are worked out set by set in the database: no group is read one by one.
    """
    of = chosen(session, wanted)
    lines = rows_of_groups(of, level=level).subquery("lines")
    by = [lines.c.currency, *(lines.c[each.key] for each in keys(level, of))]
    summed = select(
        *by,
        func.count().label("groups"),
        *(func.sum(lines.c[name], type_=lines.c[name].type).label(name) for name in _IN_SQL),
    ).group_by(*by)
    found: dict[tuple[Any, ...], Figures] = defaultdict(Figures)
    for row in session.connection().execute(summed, {"on_day": on}):
        found[tuple(row[: len(by)])] += _figures(row, groups=row.groups)
    put_right = _to_put_right(session, wanted, on)
    for ids in batches(put_right, MOST_AT_ONCE):
        some = chosen(session, wanted, ids)
        for row in session.connection().execute(rows_of_groups(some, level=level), {"on_day": on}):
            key = (row.currency, *row[2 : 1 + len(by)])
            found[key] += _difference(row.days, put_right[row.id])
    return tuple(
        FiguresOf(key[0], tuple("" if each is None else str(each) for each in key[1:]), figures)
        for key, figures in sorted(found.items(), key=lambda each: _order(each[0]))
    )


@dataclass(frozen=True, slots=True)
class GroupForms:
    """The forms of the groups that a filter names, in the order of their codes.

    With ``currency`` only of the groups that have it. They are read from the database as they are
    gone through, again and again.
    """

    session: Session
    wanted: Filter
    on: date
    currency: str = ""

    def __iter__(self) -> Iterator[GroupForm]:
        of = chosen(self.session, self.wanted)
        put_right = _to_put_right(self.session, self.wanted, self.on)
        statement = _forms(of)
        if self.currency:
            statement = statement.where(of.groups.c.currency == self.currency)
        rows = self.session.connection().execute(
            statement.execution_options(yield_per=AT_ONCE), {"on_day": self.on}
        )
        for row in rows:
            yield _form(row, put_right.get(row.id, _PutRight()), self.on)


def group_form(session: Session, wanted: Filter, *, on: date) -> GroupForm | None:
    """Return the form of the one group that a filter names; None where it was not there yet."""
    return next(iter(GroupForms(session, wanted, on)), None)


def _forms(of: Chosen) -> Select[Any]:
    groups, cycles = of.groups, of.cycles
    trained = (
        select(MEETINGS.c.group_id, func.min(MEETINGS.c.meeting_date).label("first"))
        .select_from(ACTIVITIES.join(MEETINGS, MEETINGS.c.id == ACTIVITIES.c.meeting_id))
        .where(
            MEETINGS.c.group_id.in_(of.ids),
            MEETINGS.c.meeting_date <= ON,
            ACTIVITIES.c.activity_type == "TRAINING",
        )
        .group_by(MEETINGS.c.group_id)
        .subquery("trained")
    )
    rate = (
        select(SETTINGS.c.loan_interest_rate)
        .where(SETTINGS.c.group_id == groups.c.id)
        .scalar_subquery()
    )
    first = select(trained.c.first).where(trained.c.group_id == groups.c.id).scalar_subquery()
    return rows_of_groups(
        of,
        groups.c.name,
        groups.c.group_code,
        groups.c.village,
        groups.c.district,
        groups.c.region,
        func.coalesce(first, groups.c.formation_date).label("first_training"),
        USERS.c.username,
        rate.label("rate_now"),
        cycles.c.rules,
        cycles.c.cycle_number,
        cycles.c.end_date,
        LAST.c.meeting_date,
        LAST.c.closing_count,
        LAST.c.total_members,
    ).order_by(groups.c.group_code)


def _form(row: Any, put_right: _PutRight, on: date) -> GroupForm:
    figures = _figures(row, groups=1) + _difference(row.days, put_right)
    counts = counts_from_json(row.closing_count)
    form = QuarterlyForm(
        group_id=row.id,
        group_name=row.name,
        group_number=row.group_code,
        currency=row.currency,
        first_training=row.first_training,
        savings_started=row.savings_started,
        trained_by=row.username or "",
        collected=on,
        interest_rate=_rate(row, on),
        figures=figures,
    )
    return GroupForm(
        form,
        village=row.village or "",
        district=row.district or "",
        region=row.region or "",
        met=row.meeting_date,
        called=row.total_members or 0,
        box_difference=sum((each.difference for each in counts), ZERO),
        cycle_number=row.cycle_number,
        cycle_end=row.end_date,
    )


def _rate(row: Any, on: date) -> Decimal | None:
    """Return the rate of the rules of the day; of today where the cycle kept none."""
    held = [rules for since, rules in rule_history(row.rules) if since <= on]
    kept = held[-1].get("loan_interest_rate") if held else None
    rate: Decimal | None = row.rate_now if kept is None else Decimal(kept)
    return rate


def _figures(row: Any, *, groups: int) -> Figures:
    values: dict[str, Any] = {name: getattr(row, name) for name in _IN_SQL}
    # A sum of counts is a decimal in PostgreSQL.
    values |= {name: int(values[name]) for name in _COUNTS}
    return Figures(groups=groups, **values)


def _difference(days: int, put_right: _PutRight) -> Figures:
    owned = put_right.property_now
    return Figures(late_value=put_right.late, property_now=owned, asset_days=owned * days)


def _order(key: tuple[Any, ...]) -> tuple[Any, ...]:
    """Numbers by their size, names without regard to capitals, and what has no name last."""
    return tuple(
        (each is None, each if isinstance(each, int) else 0, str(each or "").casefold())
        for each in key
    )


def _to_put_right(session: Session, wanted: Filter, on: date) -> Mapping[int, _PutRight]:
    """Return what the statement could not know, by group; groups without any are left out."""
    found: dict[int, _PutRight] = defaultdict(_PutRight)
    for group_id, amount in _property(session, wanted, on):
        found[group_id] = replace(found[group_id], property_now=amount)
    for group_id, amount in _late_then(session, wanted, on):
        found[group_id] = replace(found[group_id], late=found[group_id].late + amount)
    return found


def _property(session: Session, wanted: Filter, on: date) -> Iterator[tuple[int, Decimal]]:
    of = chosen(session, wanted)
    statement = (
        select(GROUPS.c.id, GROUPS.c.property_items)
        .where(GROUPS.c.id.in_(of.ids), GROUPS.c.property_items.is_not(None))
        .execution_options(yield_per=AT_ONCE)
    )
    for group_id, items in session.connection().execute(statement, {"on_day": on}):
        amount = sum((_worth(each, on.isoformat()) for each in items or ()), ZERO)
        if amount:
            yield group_id, amount


def _worth(item: Mapping[str, Any], on: str) -> Decimal:
    """Return what a thing was worth on a day; the cost, where it was valued anew since."""
    removed = item.get("removed_on")
    if item["bought_on"] > on or (removed and removed <= on):
        return ZERO
    return Decimal(item["value"] if item["valued_on"] <= on else item["cost"])


def _late_then(session: Session, wanted: Filter, on: date) -> Iterator[tuple[int, Decimal]]:
    """Yield by how much late loans differ by the schedules of then, loan by loan."""
    then = schedules_then(session, wanted, on)
    for ids in batches(then, MOST_AT_ONCE):
        loans = loans_until(chosen(session, wanted))
        statement = select(loans).where(loans.c.id.in_(ids))
        for loan in session.connection().execute(statement, {"on_day": on}):
            due = [row for row in then[loan.id] if row.day < on]
            principal = sum((row.principal for row in due), ZERO)
            charge = sum((row.charge for row in due), ZERO)
            was_late = principal > loan.settled or charge > loan.charge
            difference = (loan.outstanding if was_late else ZERO) - loan.late
            if difference:
                yield loan.group_id, difference
