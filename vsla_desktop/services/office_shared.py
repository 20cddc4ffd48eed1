"""Adding, changing and retiring what all groups share.

A row is retired, never removed: books everywhere may name it.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import Boolean, func, insert, select, update

from vsla_desktop.columns import Choice
from vsla_desktop.domain.office import Duty
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.office_shared import LISTS, Shared, SharedList
from vsla_desktop.queries.tables import ACHIEVEMENTS, GROUPS
from vsla_desktop.services.office import check_may
from vsla_desktop.services.rows import add_row

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Column
    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock


def add_shared(
    session: Session,
    which: Shared,
    values: Mapping[str, Any],
    *,
    group_codes: Sequence[str] = (),
    clock: Clock,
    by: int,
) -> tuple[int, ...]:
    """Add a row to a list, or one for each of the groups where the list is of groups.

    Returns the rows' numbers. Raise :class:`RuleBroken` for a name or code that is taken, and for
    values that can not stand.
    """
    kept = _may(session, which, clock, by)
    made = _checked(session, which, kept, values, row_id=None)
    if not kept.is_of_groups:
        return (add_row(session, insert(kept.table), made, clock),)
    if not group_codes:
        raise RuleBroken("Name the groups.", hint="Write their codes.", field="groups")
    groups = [_group(session, code) for code in dict.fromkeys(group_codes)]
    return tuple(
        add_row(session, insert(kept.table), made | {"group_id": group}, clock) for group in groups
    )


def change_shared(
    session: Session,
    which: Shared,
    row_id: int,
    values: Mapping[str, Any],
    *,
    clock: Clock,
    by: int,
) -> None:
    """Let a row of a list say something else; what is fixed stays as it was first said."""
    kept = _may(session, which, clock, by)
    _known(session, kept, row_id)
    changed = {name: value for name, value in values.items() if name not in kept.fixed}
    made = _checked(session, which, kept, changed, row_id=row_id)
    _write(session, kept, row_id, made, clock)


def retire_shared(
    session: Session, which: Shared, row_id: int, *, is_in_use: bool, clock: Clock, by: int
) -> None:
    """Offer a row of a list no more, or again; what uses it already goes on."""
    kept = _may(session, which, clock, by)
    _known(session, kept, row_id)
    _write(session, kept, row_id, {kept.in_use: is_in_use}, clock)


def _may(session: Session, which: Shared, clock: Clock, by: int) -> SharedList:
    kept = LISTS[which]
    duty = Duty.SHARED if kept.service else Duty.PEOPLE
    check_may(session, by, duty, service=kept.service, clock=clock)
    return kept


def _checked(
    session: Session,
    which: Shared,
    kept: SharedList,
    values: Mapping[str, Any],
    *,
    row_id: int | None,
) -> dict[str, Any]:
    made = {name: values[name] for name in kept.columns if name in values}
    for name, value in made.items():
        made[name] = _fits(kept.table.c[name], value)
    if which is Shared.BADGES and made.get("required_achievements"):
        _check_achievements(session, made["required_achievements"])
    if not kept.is_of_groups:
        for name in {kept.name, *kept.fixed} & made.keys():
            _check_free(session, kept, name, made[name], row_id)
    return made


def _fits(column: Column[Any], value: Any) -> Any:
    """Return the value as the column takes it. Raise :class:`RuleBroken` where it can not."""
    if isinstance(value, str):
        value = value.strip() or None
    if value is None or isinstance(value, (list, dict)):
        if value is None and not column.nullable and column.server_default is None:
            raise RuleBroken("Fill this in.", field=column.name)
        return value
    if isinstance(column.type, Choice):
        if value not in column.type.values:
            raise RuleBroken("Choose one of the list.", field=column.name)
    elif isinstance(value, str):
        longest = getattr(column.type, "length", None)
        if longest is not None and len(value) > longest:
            raise RuleBroken("Write at most {most} signs.", field=column.name, most=longest)
    elif isinstance(value, (int, Decimal)) and not isinstance(column.type, Boolean) and value < 0:
        raise RuleBroken("Write nought or more.", field=column.name)
    return value


def _check_achievements(session: Session, names: Sequence[str]) -> None:
    known = set(session.connection().execute(select(ACHIEVEMENTS.c.name)).scalars())
    for name in names:
        if name not in known:
            raise RuleBroken(
                "There is no achievement {name}.", field="required_achievements", name=name
            )


def _check_free(
    session: Session, kept: SharedList, name: str, value: Any, row_id: int | None
) -> None:
    if value is None:
        raise RuleBroken("Fill this in.", field=name)
    taken = session.connection().execute(
        select(kept.table.c.id).where(func.lower(kept.table.c[name]) == str(value).lower())
    )
    if set(taken.scalars()) - {row_id}:
        raise RuleBroken("There is one of this name already.", field=name)


def _known(session: Session, kept: SharedList, row_id: int) -> None:
    of_row = select(kept.table.c.id).where(kept.table.c.id == row_id)
    if session.connection().execute(of_row).first() is None:
        raise RuleBroken("Choose a row of the list.")


def _group(session: Session, code: str) -> int:
    row = (
        session.connection().execute(select(GROUPS.c.id).where(GROUPS.c.group_code == code)).first()
    )
    if row is None:
        raise RuleBroken("There is no group {code}.", field="groups", code=code)
    group_id: int = row.id
    return group_id


def _write(
    session: Session, kept: SharedList, row_id: int, values: Mapping[str, Any], clock: Clock
) -> None:
    session.connection().execute(
        update(kept.table)
        .where(kept.table.c.id == row_id)
        .values(**values, updated_date=clock.now())
    )
