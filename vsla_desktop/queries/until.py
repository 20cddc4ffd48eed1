"""Rows of the book until a day: the ledger's entries, and the groups and cycles of then.

Every statement made of these parts takes the day as ``on_day``. Nothing here reads a balance of
today, so a day that is long past is answered as truly as today. See docs/rules.md#indicators.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    Date,
    Integer,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from vsla_desktop.columns import Money
from vsla_desktop.derived.cashbook import TO_BANK
from vsla_desktop.derived.language import direction, fund, once
from vsla_desktop.domain.postings import Fund, PostingType
from vsla_desktop.queries.listing import asked
from vsla_desktop.queries.tables import CYCLES, GROUPS, LEDGER, MEETINGS, MEMBERS

if TYPE_CHECKING:
    from sqlalchemy import CTE, ColumnElement, Select
    from sqlalchemy.orm import Session
    from sqlalchemy.sql.compiler import SQLCompiler

    from vsla_desktop.queries.filtering import Filter

MONEY: Final = Money(15)
NOUGHT: Final[ColumnElement[Any]] = literal_column("0", MONEY)
ON: Final = bindparam("on_day", type_=Date)

# Named as the declarations of the derived columns name a row of the ledger.
ENTRY: Final = LEDGER.alias("t")
EFFECT_OF_ENTRY: Final[ColumnElement[Any]] = literal_column(f"{direction('t')} * t.amount", MONEY)
"""What an entry that counts adds to its fund."""
TO_BANK_OF_ENTRY: Final[ColumnElement[Any]] = literal_column(TO_BANK, MONEY)
"""What an entry adds to the money at the bank."""
AMOUNT_OF_ENTRY: Final[ColumnElement[Any]] = literal_column(f"{once('t')} * t.amount", MONEY)
"""The amount of an entry; below nought where it takes another back."""
IN_LOAN_FUND: Final = literal_column(fund("t")) == Fund.LOAN_FUND.value
_VERIFIED = ENTRY.c.verification_status
COUNTED: Final = or_(
    _VERIFIED == "VERIFIED",
    _VERIFIED.is_(None),
    and_(_VERIFIED == "PENDING", ENTRY.c.is_mobile_money.is_not(True)),
)
"""Says whether the money of an entry is there, in words of which the server knows how many are."""
UNTIL: Final = ENTRY.c.transaction_date <= ON
_KIND = func.coalesce(ENTRY.c.reversed_type, ENTRY.c.transaction_type)


def of_kind(*kinds: PostingType) -> ColumnElement[bool]:
    """Say whether an entry, or the one that it takes back, is of one of these kinds."""
    return _KIND.in_([each.value for each in kinds])


def total(condition: ColumnElement[bool], value: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the sum of an amount over the rows for which a condition holds; null without any."""
    return func.sum(value, type_=MONEY).filter(condition)


def or_nought(amount: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return an amount, nought where there is none."""
    return type_coerce(func.coalesce(amount, NOUGHT), MONEY)


class days_between(FunctionElement[int]):  # noqa: N801 - it is written as a function
    """The days from the second day to the first."""

    type = Integer()
    inherit_cache = True


@compiles(days_between)
def _difference(element: days_between, compiler: SQLCompiler, **kwargs: Any) -> str:
    later, earlier = (compiler.process(each, **kwargs) for each in element.clauses)
    return f"({later} - {earlier})"


@compiles(days_between, "sqlite")
def _julian(element: days_between, compiler: SQLCompiler, **kwargs: Any) -> str:
    later, earlier = (compiler.process(each, **kwargs) for each in element.clauses)
    return f"CAST(julianday({later}) - julianday({earlier}) AS INTEGER)"


@dataclass(frozen=True, slots=True)
class Chosen:
    """The groups asked for, and the cycle that each was in on the day."""

    groups: CTE
    cycles: CTE

    @property
    def ids(self) -> Select[Any]:
        """The groups' ids, as a condition asks for them."""
        return select(self.groups.c.id)


def chosen(session: Session, wanted: Filter, only: Collection[int] | None = None) -> Chosen:
    """Return the groups that a filter names and that were there on the day.

    A group that was closed counts until its last meeting. ``only`` narrows to some of them.
    """
    statement = select(GROUPS).where(
        or_(GROUPS.c.formation_date.is_(None), GROUPS.c.formation_date <= ON),
        or_(
            func.coalesce(GROUPS.c.state, "") != "CLOSED",
            # A list, and no question asked group by group: that would keep the reading in one
            # processor.
            GROUPS.c.id.in_(select(MEETINGS.c.group_id).where(MEETINGS.c.meeting_date >= ON)),
        ),
    )
    if only is not None:
        statement = statement.where(GROUPS.c.id.in_(only))
    # Put into each part anew, so that a server reads the ledger with all its processors.
    groups = asked(session, statement, wanted).cte("chosen").prefix_with("NOT MATERIALIZED")
    latest = (
        select(CYCLES.c.group_id, func.max(CYCLES.c.cycle_number).label("number"))
        .where(CYCLES.c.group_id.in_(select(groups.c.id)), CYCLES.c.start_date <= ON)
        .group_by(CYCLES.c.group_id)
        .subquery()
    )
    is_latest = and_(
        CYCLES.c.group_id == latest.c.group_id, CYCLES.c.cycle_number == latest.c.number
    )
    cycles = select(CYCLES).select_from(CYCLES.join(latest, is_latest)).cte("cycles")
    return Chosen(groups, cycles.prefix_with("NOT MATERIALIZED"))


def is_registered() -> ColumnElement[bool]:
    """Say whether a member had joined and not left; without a day of leaving, what is known now."""
    return and_(
        or_(MEMBERS.c.joined_date.is_(None), MEMBERS.c.joined_date <= ON),
        or_(
            MEMBERS.c.left_date > ON,
            and_(MEMBERS.c.left_date.is_(None), func.coalesce(MEMBERS.c.is_active, True)),
        ),
    )


def has_dropped_out(cycle: CTE) -> ColumnElement[bool]:
    """Say whether a member left in the cycle; on its first day she left the one before."""
    return and_(MEMBERS.c.left_date > cycle.c.start_date, MEMBERS.c.left_date <= ON)
