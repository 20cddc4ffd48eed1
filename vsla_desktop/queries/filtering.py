"""What a list or a report is asked for: one set of fields, which all of them take, combined.

Every field that is left empty asks for everything. A statement names the tables that it reads, and
:func:`narrowed` adds the conditions that concern them: the women of the Central region who saved in
the ECD fund in December are one filter, whether members, savings or groups are listed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Select, and_, false, func, or_, select

from vsla_desktop.queries.tables import CYCLES, USERS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from sqlalchemy import ColumnElement, FromClause

    from vsla_desktop.domain.postings import Fund

S = TypeVar("S", bound=Select[Any])

PLACES = ("country", "region", "district", "parish", "village")


class PaymentMethod(StrEnum):
    """How an amount was paid."""

    CASH = "CASH"
    MOBILE_MONEY = "MOBILE_MONEY"
    BANK = "BANK"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What is asked for. Amounts are in the currency of the rows; both ends of a range count.

    ``coordinator`` is the name of the user who brought a group into the book and looks after it,
    ``members_from`` and ``members_to`` are a group's size, ``months_from`` and ``months_to`` how
    long a member has belonged, in whole months on ``on``. ``statuses`` are those of what is listed:
    loans, fines, payments.
    """

    group_ids: tuple[int, ...] = ()
    text: str = ""
    country: str = ""
    region: str = ""
    district: str = ""
    parish: str = ""
    village: str = ""
    coordinator: str = ""
    group_states: tuple[str, ...] = ()
    members_from: int | None = None
    members_to: int | None = None
    cycle_number: int | None = None
    member_ids: tuple[int, ...] = ()
    genders: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    months_from: int | None = None
    months_to: int | None = None
    funds: tuple[Fund, ...] = ()
    amount_from: Decimal | None = None
    amount_to: Decimal | None = None
    day_from: date | None = None
    day_to: date | None = None
    statuses: tuple[str, ...] = ()
    payment_methods: tuple[PaymentMethod, ...] = ()
    on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """The columns of what is listed that a filter can concern; None where it has no such column."""

    day: ColumnElement[Any] | None = None
    amount: ColumnElement[Any] | None = None
    fund: ColumnElement[Any] | None = None
    status: ColumnElement[Any] | None = None
    by_phone: ColumnElement[Any] | None = None
    held_in: ColumnElement[Any] | None = None


def narrowed(
    statement: S,
    wanted: Filter,
    *,
    groups: FromClause | None = None,
    members: FromClause | None = None,
    listed: Listed | None = None,
) -> S:
    """Return the statement with the filter's conditions on the tables that it reads."""
    conditions: list[ColumnElement[bool]] = []
    if groups is not None:
        conditions += _of_groups(wanted, groups.c)
    if members is not None:
        conditions += _of_members(wanted, members.c)
    if listed is not None:
        conditions += _of_listed(wanted, listed)
    return statement.where(and_(*conditions)) if conditions else statement


def _of_groups(wanted: Filter, group: Any) -> Iterator[ColumnElement[bool]]:
    if wanted.group_ids:
        yield group.id.in_(wanted.group_ids)
    for place in PLACES:
        name = getattr(wanted, place)
        if name:
            yield func.lower(group[place]) == name.lower()
    if wanted.coordinator:
        brought = select(USERS.c.id).where(
            USERS.c.id == group.created_by,
            func.lower(USERS.c.username) == wanted.coordinator.strip().lower(),
        )
        yield brought.exists()
    if wanted.text:
        begins = f"{_escaped(wanted.text.lower())}%"
        yield or_(
            func.lower(group.name).like(begins, escape="\\"),
            func.lower(group.group_code).like(begins, escape="\\"),
            func.lower(group.village).like(begins, escape="\\"),
        )
    if wanted.group_states:
        yield group.state.in_(wanted.group_states)
    yield from _between(group.members_count, wanted.members_from, wanted.members_to)
    if wanted.cycle_number is not None:
        yield (
            select(CYCLES.c.id)
            .where(
                CYCLES.c.group_id == group.id,
                CYCLES.c.cycle_number == wanted.cycle_number,
                CYCLES.c.status == "OPEN",
            )
            .exists()
        )


def _of_members(wanted: Filter, member: Any) -> Iterator[ColumnElement[bool]]:
    if wanted.member_ids:
        yield member.id.in_(wanted.member_ids)
    if wanted.genders:
        yield member.gender.in_(wanted.genders)
    if wanted.roles:
        yield member.committee_role.in_(wanted.roles)
    on = wanted.on or wanted.day_to
    if on is not None:
        if wanted.months_from is not None:
            yield member.joined_date <= _months_before(on, wanted.months_from)
        if wanted.months_to is not None:
            yield member.joined_date > _months_before(on, wanted.months_to + 1)


def _of_listed(wanted: Filter, listed: Listed) -> Iterator[ColumnElement[bool]]:
    if listed.day is not None:
        yield from _between(listed.day, wanted.day_from, wanted.day_to)
    if listed.amount is not None:
        yield from _between(listed.amount, wanted.amount_from, wanted.amount_to)
    if listed.fund is not None and wanted.funds:
        yield listed.fund.in_([str(each) for each in wanted.funds])
    if listed.status is not None and wanted.statuses:
        yield listed.status.in_(wanted.statuses)
    if wanted.payment_methods:
        ways = [_paid_by(each, listed) for each in wanted.payment_methods]
        yield or_(*ways)


def _paid_by(method: PaymentMethod, listed: Listed) -> ColumnElement[bool]:
    by_phone = false() if listed.by_phone is None else func.coalesce(listed.by_phone, False)
    in_bank = false() if listed.held_in is None else func.coalesce(listed.held_in, "BOX") == "BANK"
    if method is PaymentMethod.MOBILE_MONEY:
        return by_phone
    if method is PaymentMethod.BANK:
        return and_(in_bank, ~by_phone)
    return and_(~in_bank, ~by_phone)


def _between(column: Any, low: Any, high: Any) -> Iterator[ColumnElement[bool]]:
    if low is not None:
        yield column >= low
    if high is not None:
        yield column <= high


def _months_before(day: date, months: int) -> date:
    """Return the day so many months earlier, the month's last where it has no such day."""
    count = day.year * 12 + day.month - 1 - months
    year, month = divmod(count, 12)
    for of_month in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, of_month))
        except ValueError:
            continue
    raise AssertionError(day)


def _escaped(text: str) -> str:
    for sign in ("\\", "%", "_"):
        text = text.replace(sign, f"\\{sign}")
    return text
