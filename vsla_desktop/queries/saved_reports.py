"""Filters that people kept by name, each with the report that it was asked of.

A filter is kept as plain JSON. Ids are each database's own, so groups are kept by their codes and
members by their numbers; amounts and days are texts, so that they come back exactly. What a newer
release wrote and this one does not know is left out, and told. See docs/rules.md#saved-filters.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import and_, false, or_, select

from vsla_desktop.domain.postings import Fund
from vsla_desktop.queries.filtering import Filter, PaymentMethod
from vsla_desktop.queries.tables import GROUPS, KEPT_REPORTS, MEMBERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sqlalchemy.orm import Session

SAVED: Final = "GROUP"
"""The ``report_type`` of a filter that was kept; visits are kept with another one."""
_DAYS: Final = frozenset({"day_from", "day_to", "on"})
_AMOUNTS: Final = frozenset({"amount_from", "amount_to"})
_COUNTS: Final = frozenset(
    {"members_from", "members_to", "cycle_number", "months_from", "months_to"}
)
_CHOSEN: Final[Mapping[str, Callable[[str], str]]] = {
    "funds": Fund,
    "payment_methods": PaymentMethod,
    "genders": str,
    "roles": str,
    "group_states": str,
    "statuses": str,
}
_NUMBERED: Final = select(MEMBERS.c.id, GROUPS.c.group_code, MEMBERS.c.member_number).select_from(
    MEMBERS.join(GROUPS, GROUPS.c.id == MEMBERS.c.group_id)
)
_UNREADABLE: Final = (TypeError, ValueError, InvalidOperation)


@dataclass(frozen=True, slots=True)
class SavedReport:
    """A report and what it was asked. ``ignored`` names what could not be understood here."""

    saved_id: int
    name: str
    report: str
    wanted: Filter
    saved: datetime
    ignored: tuple[str, ...] = ()


def saved_reports(session: Session) -> tuple[SavedReport, ...]:
    """Return the filters kept in this database, in the order of their names."""
    rows = session.connection().execute(
        select(
            KEPT_REPORTS.c.id,
            KEPT_REPORTS.c.report_name,
            KEPT_REPORTS.c.report_data,
            KEPT_REPORTS.c.report_parameters,
            KEPT_REPORTS.c.updated_date,
        )
        .where(KEPT_REPORTS.c.report_type == SAVED)
        .order_by(KEPT_REPORTS.c.report_name, KEPT_REPORTS.c.id)
    )
    found = []
    for row in rows.all():
        about = row.report_data
        if not isinstance(about, dict) or "report" not in about:
            continue  # what another program kept
        wanted, ignored = filter_of(session, row.report_parameters)
        report = str(about["report"])
        found.append(
            SavedReport(row.id, row.report_name, report, wanted, row.updated_date, ignored)
        )
    return tuple(sorted(found, key=lambda each: each.name.casefold()))


def parameters_of(session: Session, wanted: Filter) -> dict[str, Any]:
    """Return a filter as JSON: the fields that ask for something."""
    said: dict[str, Any] = {}
    for field in fields(Filter):
        value = getattr(wanted, field.name)
        if value == field.default:
            continue
        if field.name == "group_ids":
            said[field.name] = _codes(session, value)
        elif field.name == "member_ids":
            said[field.name] = _numbers(session, value)
        elif isinstance(value, tuple):
            said[field.name] = [str(each) for each in value]
        else:
            said[field.name] = value if isinstance(value, int) else str(value)
    return said


def filter_of(session: Session, said: Any) -> tuple[Filter, tuple[str, ...]]:
    """Return a filter from its JSON, and the names of what could not be understood."""
    if not isinstance(said, dict):
        return Filter(), ()
    known = {field.name for field in fields(Filter)}
    values: dict[str, Any] = {}
    ignored: list[str] = []
    for name, value in said.items():
        if name not in known:
            ignored.append(str(name))
            continue
        try:
            values[name] = _read(session, name, value)
        except _UNREADABLE:
            ignored.append(name)
            continue
        if isinstance(value, list) and len(values[name]) < len(value):
            ignored.append(name)
    return Filter(**values), tuple(ignored)


def _read(session: Session, name: str, value: Any) -> Any:
    if name == "group_ids":
        return _groups(session, [str(each) for each in value])
    if name == "member_ids":
        return _members(session, value)
    if name in _DAYS:
        return date.fromisoformat(value)
    if name in _AMOUNTS:
        return Decimal(value)
    if name in _COUNTS:
        return int(value)
    if name in _CHOSEN:
        return tuple(_understood(_CHOSEN[name], value))
    return str(value)


def _understood(kind: Callable[[str], str], values: Iterable[Any]) -> Iterable[str]:
    for each in values:
        try:
            yield kind(str(each))
        except ValueError:
            continue


def _codes(session: Session, group_ids: Sequence[int]) -> list[str]:
    statement = select(GROUPS.c.id, GROUPS.c.group_code).where(GROUPS.c.id.in_(group_ids))
    codes = {row.id: row.group_code for row in session.connection().execute(statement)}
    return [codes[each] for each in group_ids if each in codes]


def _groups(session: Session, codes: Sequence[str]) -> tuple[int, ...]:
    statement = select(GROUPS.c.id, GROUPS.c.group_code).where(GROUPS.c.group_code.in_(codes))
    ids = {row.group_code: row.id for row in session.connection().execute(statement)}
    return tuple(ids[each] for each in codes if each in ids)


def _numbers(session: Session, member_ids: Sequence[int]) -> list[list[Any]]:
    rows = session.connection().execute(
        _NUMBERED.where(MEMBERS.c.id.in_(member_ids), MEMBERS.c.member_number.is_not(None))
    )
    found = {row.id: [row.group_code, row.member_number] for row in rows}
    return [found[each] for each in member_ids if each in found]


def _members(session: Session, said: Any) -> tuple[int, ...]:
    wanted = [(str(code), int(number)) for code, number in said]
    each_of = [
        and_(GROUPS.c.group_code == code, MEMBERS.c.member_number == number)
        for code, number in wanted
    ]
    rows = session.connection().execute(_NUMBERED.where(or_(false(), *each_of)))
    ids = {(row.group_code, row.member_number): row.id for row in rows}
    return tuple(ids[each] for each in wanted if each in ids)
