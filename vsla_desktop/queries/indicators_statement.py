"""The statement that works out the figures of groups on any day: docs/rules.md#indicators."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Date, and_, case, func, or_, select, type_coerce

from vsla_desktop.columns import Exact
from vsla_desktop.domain.indicators import FIGURE_NAMES
from vsla_desktop.domain.postings import PostingType
from vsla_desktop.queries.loans_until import loans_until
from vsla_desktop.queries.shares import SHARES
from vsla_desktop.queries.tables import MEETINGS, MEMBERS, SAVINGS, USERS
from vsla_desktop.queries.until import (
    COUNTED,
    EFFECT_OF_ENTRY,
    ENTRY,
    IN_LOAN_FUND,
    MONEY,
    NOUGHT,
    ON,
    TO_BANK_OF_ENTRY,
    UNTIL,
    Chosen,
    days_between,
    has_dropped_out,
    is_registered,
    of_kind,
    or_nought,
    total,
)

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, FromClause, Label, Select, Subquery

_T = PostingType
_WEIGHED: Final = Exact(30, 2)
IS_SAVED: Final = and_(of_kind(_T.SAVINGS_DEPOSIT, _T.SAVINGS_WITHDRAWAL), IN_LOAN_FUND)
"""Says whether an entry is money saved in the loan fund, or taken back from it."""

LAST: Final = MEETINGS.alias("last_meeting")
"""The last meeting of a group that called the roll and was closed, until the day."""


class Level(StrEnum):
    """By what the figures of groups are put together."""

    ALL = "ALL"
    COUNTRY = "COUNTRY"
    REGION = "REGION"
    DISTRICT = "DISTRICT"
    PARISH = "PARISH"
    VILLAGE = "VILLAGE"
    CYCLE = "CYCLE"
    COORDINATOR = "COORDINATOR"


PLACE_LEVELS: Final = (
    Level.COUNTRY,
    Level.REGION,
    Level.DISTRICT,
    Level.PARISH,
    Level.VILLAGE,
)


def keys(level: Level, of: Chosen) -> list[Label[Any]]:
    """Return the columns that tell one line of a level from another; a place by all above it."""
    if level in PLACE_LEVELS:
        names = [each.value.lower() for each in PLACE_LEVELS[: PLACE_LEVELS.index(level) + 1]]
        return [of.groups.c[name].label(f"key_{name}") for name in names]
    if level is Level.CYCLE:
        return [of.cycles.c.cycle_number.label("key_cycle")]
    return [USERS.c.username.label("key_coordinator")] if level is Level.COORDINATOR else []


def rows_of_groups(of: Chosen, *more: ColumnElement[Any], level: Level = Level.ALL) -> Select[Any]:
    """Return one row a group: id, currency, the keys of a level, ``days``, and its figures.

    ``days`` is how long ago its first savings of the cycle were. ``more`` are further columns of
    its group, its cycle, the user who serves it, and :data:`LAST`. Property is left out, since it
    is kept as a list.
    """
    groups, cycles = of.groups, of.cycles
    members, entries, payouts = _members(of), _entries(of), _payouts(of)
    loans, numbers = _loans(of), _last_meetings(of)
    first = func.coalesce(entries.c.first_saved, cycles.c.start_date)
    days = func.coalesce(days_between(ON, first), 0)
    savings = or_nought(entries.c.saved) + or_nought(payouts.c.amount)
    cash, funds = or_nought(entries.c.loan_fund), or_nought(entries.c.all_funds)
    assets = funds + or_nought(loans.c.value)
    figures: dict[str, ColumnElement[Any]] = {
        "saving_outside": case((entries.c.bank > 0, 1), else_=0),
        "borrowing_outside": case((entries.c.lent > 0, 1), else_=0),
        # The first cycle of a group opens before its members are written down.
        "members_at_start": func.coalesce(
            func.nullif(cycles.c.members_at_start, 0), members.c.founders, 0
        ),
        "members": func.coalesce(members.c.members, 0),
        "men": func.coalesce(members.c.men, 0),
        "women": func.coalesce(members.c.women, 0),
        "attending": func.coalesce(LAST.c.members_present, 0),
        "dropouts": func.coalesce(members.c.dropouts, 0),
        "savings": type_coerce(savings, MONEY),
        "loans_count": func.coalesce(loans.c.number, 0),
        "loans_value": or_nought(loans.c.value),
        "late_value": or_nought(loans.c.late),
        "write_offs": or_nought(loans.c.lost),
        "loan_fund_cash": cash,
        "other_funds": type_coerce(funds - cash, MONEY),
        "property_at_start": or_nought(cycles.c.property_at_start),
        "debts": or_nought(entries.c.debts),
        "savings_days": type_coerce(savings * days, _WEIGHED),
        "asset_days": type_coerce(assets * days, _WEIGHED),
    }
    sources: FromClause = groups.outerjoin(cycles, cycles.c.group_id == groups.c.id)
    for each in (members, entries, payouts, loans, numbers):
        sources = sources.outerjoin(each, each.c.group_id == groups.c.id)
    is_last = and_(LAST.c.group_id == groups.c.id, LAST.c.meeting_number == numbers.c.number)
    sources = sources.outerjoin(LAST, is_last)
    if level is Level.COORDINATOR or more:
        sources = sources.outerjoin(USERS, USERS.c.id == groups.c.created_by)
    return select(
        groups.c.id,
        groups.c.currency,
        *keys(level, of),
        days.label("days"),
        first.label("savings_started"),
        *(figures[name].label(name) for name in FIGURE_NAMES if name in figures),
        *more,
    ).select_from(sources)


def payouts_by(of: Chosen, by: ColumnElement[Any]) -> Subquery:
    """Return by how much payouts emptied accounts: shares leave them at face value."""
    return (
        select(by.label("key"), func.sum(SHARES * SAVINGS.c.amount, type_=MONEY).label("amount"))
        .select_from(ENTRY.join(SAVINGS, SAVINGS.c.group_transaction_id == ENTRY.c.id))
        .where(
            ENTRY.c.group_id.in_(of.ids),
            UNTIL,
            COUNTED,
            of_kind(_T.SHARE_OUT, _T.LEAVER_PAYOUT),
            IN_LOAN_FUND,
        )
        .group_by(by)
        .subquery("payouts")
    )


def last_meetings(of: Chosen) -> Select[Any]:
    """Return by group the number of the last meeting that called the roll until the day."""
    return (
        select(MEETINGS.c.group_id, func.max(MEETINGS.c.meeting_number).label("number"))
        .where(
            MEETINGS.c.group_id.in_(of.ids),
            MEETINGS.c.meeting_date <= ON,
            MEETINGS.c.status == "COMPLETED",
            MEETINGS.c.total_members > 0,
            func.coalesce(MEETINGS.c.meeting_type, "REGULAR").in_(("REGULAR", "ANNUAL")),
        )
        .group_by(MEETINGS.c.group_id)
    )


def _last_meetings(of: Chosen) -> Subquery:
    return last_meetings(of).subquery("numbers")


def _payouts(of: Chosen) -> Subquery:
    payouts = payouts_by(of, ENTRY.c.group_id)
    return select(payouts.c.key.label("group_id"), payouts.c.amount).subquery("paid_out")


def _members(of: Chosen) -> Subquery:
    here = is_registered()
    cycles = of.cycles
    return (
        select(
            MEMBERS.c.group_id,
            func.count().filter(here).label("members"),
            func.count().filter(here, MEMBERS.c.gender == "M").label("men"),
            func.count().filter(here, MEMBERS.c.gender == "F").label("women"),
            func.count().filter(has_dropped_out(cycles)).label("dropouts"),
            func.count().filter(MEMBERS.c.joined_date <= cycles.c.start_date).label("founders"),
        )
        .select_from(MEMBERS.outerjoin(cycles, cycles.c.group_id == MEMBERS.c.group_id))
        .where(MEMBERS.c.group_id.in_(of.ids))
        .group_by(MEMBERS.c.group_id)
        .subquery("members")
    )


def _entries(of: Chosen) -> Subquery:
    """Return what the ledger says of each group, all in one reading of it."""
    cycle = of.cycles
    is_outside = of_kind(_T.EXTERNAL_LOAN_IN, _T.EXTERNAL_LOAN_OUT)
    is_first = and_(
        ENTRY.c.transaction_type.in_((_T.SAVINGS_DEPOSIT.value,)),
        ENTRY.c.transaction_date >= cycle.c.start_date,
    )
    # Shares that a book began with were saved before its first page.
    saved_on = case(
        (ENTRY.c.meeting_id.is_(None), cycle.c.start_date), else_=ENTRY.c.transaction_date
    )
    # Entries that leave a fund as it is may go between box and bank; the others say where they are.
    may_be_at_bank = or_(
        ENTRY.c.held_in == "BANK", ENTRY.c.is_mobile_money, func.coalesce(ENTRY.c.direction, 0) == 0
    )
    return (
        select(
            ENTRY.c.group_id,
            func.sum(EFFECT_OF_ENTRY, type_=MONEY).label("all_funds"),
            total(IN_LOAN_FUND, EFFECT_OF_ENTRY).label("loan_fund"),
            total(may_be_at_bank, TO_BANK_OF_ENTRY).label("bank"),
            total(is_outside, EFFECT_OF_ENTRY).label("debts"),
            total(and_(ENTRY.c.member_id.is_(None), is_outside), EFFECT_OF_ENTRY).label("lent"),
            total(IS_SAVED, EFFECT_OF_ENTRY).label("saved"),
            func.min(saved_on, type_=Date).filter(is_first).label("first_saved"),
        )
        .select_from(ENTRY.outerjoin(cycle, cycle.c.group_id == ENTRY.c.group_id))
        .where(ENTRY.c.group_id.in_(of.ids), UNTIL, COUNTED)
        .group_by(ENTRY.c.group_id)
        .subquery("entries")
    )


def _loans(of: Chosen) -> Subquery:
    loans, cycle = loans_until(of, lost_too=True), of.cycles
    is_out = loans.c.outstanding > NOUGHT
    # A loan never outlives its cycle, so neither does its loss.
    in_cycle = loans.c.cycle_id == cycle.c.id
    return (
        select(
            loans.c.group_id,
            func.count().filter(is_out).label("number"),
            func.sum(loans.c.outstanding, type_=MONEY).label("value"),
            func.sum(loans.c.late, type_=MONEY).label("late"),
            total(in_cycle, loans.c.lost).label("lost"),
        )
        .select_from(loans.outerjoin(cycle, cycle.c.group_id == loans.c.group_id))
        .group_by(loans.c.group_id)
        .subquery("portfolio")
    )
