"""Lists that may be long: read from the database as they are gone through, again and again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sqlalchemy import select

from vsla_desktop.queries.filtering import PaymentMethod, narrowed
from vsla_desktop.queries.tables import GROUPS, MEMBERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import FromClause, Select
    from sqlalchemy.orm import Session

    from vsla_desktop.queries.filtering import Filter, Listed

T = TypeVar("T")

AT_ONCE = 2_000
"""How many rows of a list are in memory at a time."""
BATCH = 200
"""For how many members, loans or groups their own rows are read at a time."""

PERSON = (
    GROUPS.c.name.label("group_name"),
    GROUPS.c.group_code,
    MEMBERS.c.member_number,
    MEMBERS.c.first_name,
    MEMBERS.c.last_name,
    MEMBERS.c.gender,
)
"""Who a row of a list is about: :class:`GroupName`, and a member by number and name."""


@dataclass(frozen=True, slots=True)
class GroupName:
    """How a list of several groups names the one that a row is of."""

    name: str
    code: str

    @classmethod
    def of(cls, row: Any) -> GroupName:
        """Return the group of a row that selects ``group_name`` and ``group_code``."""
        return cls(row.group_name, row.group_code)


@dataclass(frozen=True, slots=True)
class Streamed(Generic[T]):
    """Rows of a statement, each made into what it tells; the statement runs whenever they are read.

    The session must stay open as long as the rows are read.
    """

    session: Session
    statement: Select[Any]
    make: Callable[[Any], T]

    def __iter__(self) -> Iterator[T]:
        rows = self.session.connection().execute(
            self.statement.execution_options(yield_per=AT_ONCE)
        )
        yield from map(self.make, rows)


@dataclass(frozen=True, slots=True)
class Again(Generic[T]):
    """What a function yields, called anew whenever it is gone through."""

    read: Callable[[], Iterable[T]]

    def __iter__(self) -> Iterator[T]:
        yield from self.read()


def person(row: Any) -> str:
    """Return the name of the member of a row; empty where it has none."""
    return f"{row.first_name or ''} {row.last_name or ''}".strip()


def paid_by(*, by_phone: bool | None, held_in: str | None) -> PaymentMethod:
    """Return how an amount was paid, as the filter tells methods apart."""
    if by_phone:
        return PaymentMethod.MOBILE_MONEY
    return PaymentMethod.BANK if held_in == "BANK" else PaymentMethod.CASH


def batches(rows: Iterable[T], size: int = BATCH) -> Iterator[list[T]]:
    """Yield the rows in lists of so many."""
    left = iter(rows)
    while batch := list(islice(left, size)):
        yield batch


def asked(
    session: Session,
    statement: Select[Any],
    wanted: Filter,
    *,
    members: FromClause | None = None,
    listed: Listed | None = None,
) -> Select[Any]:
    """Return a statement over ``savings_groups`` with the filter's conditions.

    Practice groups are left out unless they are named, or the database holds no others.
    """
    statement = narrowed(statement, wanted, groups=GROUPS, members=members, listed=listed)
    if wanted.group_ids or not _has_real_groups(session):
        return statement
    return statement.where(GROUPS.c.is_practice.is_not(True))


def currencies_asked(session: Session, wanted: Filter) -> tuple[str, ...]:
    """Return the currencies of the groups that a filter names, by their codes."""
    statement = select(GROUPS.c.currency).distinct().order_by(GROUPS.c.currency)
    return tuple(session.connection().scalars(asked(session, statement, wanted)))


def groups_asked(session: Session, wanted: Filter) -> Streamed[int]:
    """Return the ids of the groups that a filter names, in the order of their names."""
    statement = select(GROUPS.c.id).order_by(GROUPS.c.name, GROUPS.c.id)
    return Streamed(session, asked(session, statement, wanted), lambda row: int(row.id))


def one_group_asked(session: Session, wanted: Filter) -> int | None:
    """Return the only group that a filter names; None where it names several, or none."""
    statement = asked(session, select(GROUPS.c.id), wanted).limit(2)
    found = session.connection().scalars(statement).all()
    return found[0] if len(found) == 1 else None


def _has_real_groups(session: Session) -> bool:
    statement = select(GROUPS.c.id).where(GROUPS.c.is_practice.is_not(True)).limit(1)
    found: Sequence[Any] = session.connection().execute(statement).all()
    return bool(found)
