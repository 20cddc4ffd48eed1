"""What in the books of groups can not be right, or is not finished: warnings before an export.

Each is found set by set in the database. Only where a seal is worked out anew is a group read by
itself, so that is done for few groups. See docs/rules.md#data-quality.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Date, Integer, and_, cast, func, literal, null, or_, select, union_all

from vsla_desktop.domain.money import ZERO
from vsla_desktop.queries.indicators import GroupForms
from vsla_desktop.queries.listing import groups_asked
from vsla_desktop.queries.loans_until import loans_until
from vsla_desktop.queries.seals import verify_seals
from vsla_desktop.queries.tables import (
    CYCLES,
    GROUPS,
    LEDGER,
    MEETINGS,
    MEMBERS,
    PHONE_PAYMENTS,
)
from vsla_desktop.queries.until import MONEY, ON, Chosen, chosen

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, FromClause, Select
    from sqlalchemy.orm import Session

    from vsla_desktop.queries.filtering import Filter

MOST_SEALS_WORKED_OUT: Final = 50
"""In how many groups the seals are worked out anew; of more only their chain is looked at."""


class Flaw(StrEnum):
    """What is wrong, the gravest first."""

    SEAL_BROKEN = "SEAL_BROKEN"
    BOX_DIFFERS = "BOX_DIFFERS"
    FUND_BELOW_NOUGHT = "FUND_BELOW_NOUGHT"
    FUTURE_ENTRIES = "FUTURE_ENTRIES"
    FUTURE_MEETINGS = "FUTURE_MEETINGS"
    MORE_CAME_THAN_MEMBERS = "MORE_CAME_THAN_MEMBERS"
    OPEN_MEETINGS = "OPEN_MEETINGS"
    OLD_LOANS = "OLD_LOANS"
    SHARE_OUT_PAST = "SHARE_OUT_PAST"
    NO_CYCLE = "NO_CYCLE"
    NO_MEMBERS = "NO_MEMBERS"
    WAITING_PAYMENTS = "WAITING_PAYMENTS"
    NO_GENDER = "NO_GENDER"
    NO_DISTRICT = "NO_DISTRICT"


@dataclass(frozen=True, slots=True)
class FlawFound:
    """One flaw in the books of a group: of how many rows, which amount, and since when."""

    group_id: int
    group_name: str
    code: str
    currency: str
    flaw: Flaw
    count: int = 0
    amount: Decimal = ZERO
    day: date | None = None


def flaws(
    session: Session,
    wanted: Filter,
    *,
    on: date,
    today: date,
    most_seals: int = MOST_SEALS_WORKED_OUT,
) -> tuple[FlawFound, ...]:
    """Return the flaws in the books of the groups that a filter names, the gravest first.

    Of more groups than ``most_seals`` only the chain of their seals is looked at.
    """
    found = [
        *_from_rows(session, wanted, on, today),
        *_from_forms(session, wanted, on),
        *_of_seals(session, wanted, most_seals),
    ]
    order = {flaw: at for at, flaw in enumerate(Flaw)}
    return tuple(sorted(found, key=lambda each: (order[each.flaw], each.code)))


def _from_rows(session: Session, wanted: Filter, on: date, today: date) -> Iterator[FlawFound]:
    of = chosen(session, wanted)
    # Where a day to come is asked for, entries until then are not ahead of it.
    parts = [*_of_rows(of, max(on, today)), *_of_groups(of)]
    for row in session.connection().execute(union_all(*parts), {"on_day": on}):
        yield FlawFound(
            row.id,
            row.name,
            row.group_code,
            row.currency,
            Flaw(row.flaw),
            row.number,
            row.amount or ZERO,
            row.day,
        )


def _of_rows(of: Chosen, last: date) -> Iterator[Select[Any]]:
    yield _counted(
        of,
        Flaw.FUTURE_ENTRIES,
        LEDGER,
        LEDGER.c.transaction_date > last,
        amount=func.sum(LEDGER.c.amount, type_=MONEY),
        day=func.max(LEDGER.c.transaction_date),
    )
    day = MEETINGS.c.meeting_date
    was_held = MEETINGS.c.status == "COMPLETED"
    yield _counted(
        of, Flaw.FUTURE_MEETINGS, MEETINGS, and_(was_held, day > last), day=func.max(day)
    )
    is_left = and_(MEETINGS.c.status == "IN_PROGRESS", day < ON)
    yield _counted(of, Flaw.OPEN_MEETINGS, MEETINGS, is_left, day=func.min(day))
    yield _counted(
        of,
        Flaw.NO_GENDER,
        MEMBERS,
        and_(
            func.coalesce(MEMBERS.c.is_active, True),
            func.coalesce(MEMBERS.c.gender, "").not_in(("M", "F", "Other")),
        ),
    )
    yield _counted(
        of,
        Flaw.WAITING_PAYMENTS,
        PHONE_PAYMENTS,
        and_(PHONE_PAYMENTS.c.status == "PENDING", PHONE_PAYMENTS.c.payment_date < ON),
        amount=func.sum(PHONE_PAYMENTS.c.amount, type_=MONEY),
    )
    loans = loans_until(of)
    cycles = of.cycles
    yield (
        _flaw(of, Flaw.OLD_LOANS, func.count(), func.sum(loans.c.outstanding, type_=MONEY), None)
        .select_from(
            of.groups.join(loans, loans.c.group_id == of.groups.c.id).join(
                cycles, cycles.c.group_id == of.groups.c.id
            )
        )
        .where(loans.c.disbursement_date < cycles.c.start_date)
        .group_by(*_named(of))
    )


def _of_groups(of: Chosen) -> Iterator[Select[Any]]:
    groups, cycles = of.groups, of.cycles
    none = literal(0, Integer)
    for flaw, condition in (
        (Flaw.NO_DISTRICT, func.trim(func.coalesce(groups.c.district, "")) == ""),
        (Flaw.NO_CYCLE, groups.c.id.not_in(select(CYCLES.c.group_id))),
    ):
        yield _flaw(of, flaw, none, None, None).select_from(groups).where(condition)
    is_past = and_(cycles.c.status == "OPEN", cycles.c.end_date < ON)
    yield (
        _flaw(of, Flaw.SHARE_OUT_PAST, none, None, cycles.c.end_date)
        .select_from(groups.join(cycles, cycles.c.group_id == groups.c.id))
        .where(is_past)
    )


def _named(of: Chosen) -> tuple[ColumnElement[Any], ...]:
    groups = of.groups.c
    return (groups.id, groups.name, groups.group_code, groups.currency)


def _flaw(
    of: Chosen,
    flaw: Flaw,
    number: ColumnElement[Any],
    amount: ColumnElement[Any] | None,
    day: ColumnElement[Any] | None,
) -> Select[Any]:
    return select(
        *_named(of),
        literal(flaw.value).label("flaw"),
        number.label("number"),
        (cast(null(), MONEY) if amount is None else amount).label("amount"),
        (cast(null(), Date) if day is None else day).label("day"),
    )


def _counted(
    of: Chosen,
    flaw: Flaw,
    table: FromClause,
    condition: ColumnElement[bool],
    *,
    amount: ColumnElement[Any] | None = None,
    day: ColumnElement[Any] | None = None,
) -> Select[Any]:
    """Return the groups with rows of a table for which a condition holds, and how many."""
    return (
        _flaw(of, flaw, func.count(), amount, day)
        .select_from(of.groups.join(table, table.c.group_id == of.groups.c.id))
        .where(condition)
        .group_by(*_named(of))
    )


def _from_forms(session: Session, wanted: Filter, on: date) -> Iterator[FlawFound]:
    for each in GroupForms(session, wanted, on):
        form, figures = each.form, each.form.figures
        named = (form.group_id, form.group_name, form.group_number, form.currency)
        if each.box_difference:
            yield FlawFound(*named, Flaw.BOX_DIFFERS, amount=each.box_difference, day=each.met)
        if figures.attending > figures.members:
            over = figures.attending - figures.members
            yield FlawFound(*named, Flaw.MORE_CAME_THAN_MEMBERS, over, day=each.met)
        if not figures.members:
            yield FlawFound(*named, Flaw.NO_MEMBERS)
        least = min(figures.loan_fund_cash, figures.other_funds)
        if least < ZERO:
            yield FlawFound(*named, Flaw.FUND_BELOW_NOUGHT, amount=least)


def _of_seals(session: Session, wanted: Filter, most: int) -> Iterator[FlawFound]:
    few = list(islice(groups_asked(session, wanted), most + 1))
    if len(few) > most:
        yield from _broken_chains(session, wanted)
        return
    statement = select(GROUPS.c.id, GROUPS.c.name, GROUPS.c.group_code, GROUPS.c.currency)
    for row in session.connection().execute(statement.where(GROUPS.c.id.in_(few))).all():
        broken = sum(1 for each in verify_seals(session, row.id) if each.broken)
        if broken:
            yield FlawFound(*row, Flaw.SEAL_BROKEN, broken)


def _broken_chains(session: Session, wanted: Filter) -> Iterator[FlawFound]:
    """Yield the groups with a closed meeting that has no seal, or not the one before it."""
    before = func.lag(MEETINGS.c.seal).over(
        partition_by=MEETINGS.c.group_id,
        order_by=(
            MEETINGS.c.meeting_date,
            MEETINGS.c.closed_date,
            MEETINGS.c.meeting_number,
            MEETINGS.c.id,
        ),
    )
    chain = (
        select(
            MEETINGS.c.group_id,
            MEETINGS.c.seal,
            func.coalesce(MEETINGS.c.previous_seal, "").label("said"),
            func.coalesce(before, "").label("held"),
        )
        .where(MEETINGS.c.status == "COMPLETED", MEETINGS.c.closed_date.is_not(None))
        .subquery("chain")
    )
    statement = (
        select(GROUPS.c.id, GROUPS.c.name, GROUPS.c.group_code, GROUPS.c.currency, func.count())
        .select_from(GROUPS.join(chain, chain.c.group_id == GROUPS.c.id))
        .where(
            GROUPS.c.id.in_(groups_asked(session, wanted).statement.with_only_columns(GROUPS.c.id)),
            or_(chain.c.seal.is_(None), chain.c.said != chain.c.held),
        )
        .group_by(GROUPS.c.id, GROUPS.c.name, GROUPS.c.group_code, GROUPS.c.currency)
    )
    for row in session.connection().execute(statement):
        yield FlawFound(row[0], row[1], row[2], row[3], Flaw.SEAL_BROKEN, row[4])
