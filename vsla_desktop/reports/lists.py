"""Lists over one group or many: whom they are about, and a table for each currency.

One group's list speaks of it with its own words; a list of several names the group in each row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Final, TypeVar

from vsla_desktop.i18n import _
from vsla_desktop.queries.filtering import PLACES, PaymentMethod
from vsla_desktop.queries.listing import Again, currencies_asked, one_group_asked
from vsla_desktop.reports.report import Kind, ReportColumn, ReportTable, Row, Value
from vsla_desktop.reports.subject import group_subject, programme_subject
from vsla_desktop.wording import USUAL_WORDS, GroupWords

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.queries.filtering import Filter
    from vsla_desktop.queries.listing import GroupName

T = TypeVar("T")

GROUPS_ASKED: Final = frozenset(
    {"group_ids", "text", *PLACES, "coordinator", "group_states"}
    | {"members_from", "members_to", "cycle_number"}
)
"""The fields of a filter that say which groups."""
MEMBERS_ASKED: Final = frozenset({"member_ids", "genders", "roles", "months_from", "months_to"})
"""The fields that say which members."""
DAYS_ASKED: Final = frozenset({"day_from", "day_to"})
AMOUNTS_ASKED: Final = frozenset({"amount_from", "amount_to"})


@dataclass(frozen=True, slots=True)
class ListSubject:
    """Whom a list is about: ``wanted`` is what was asked, with the one group if there is only one.

    ``on`` is the day for which balances, and months of membership, are asked.
    """

    wanted: Filter
    title: str
    currencies: tuple[str, ...]
    words: GroupWords
    is_many: bool
    on: date

    def columns(self, *own: ReportColumn) -> tuple[ReportColumn, ...]:
        """Return the columns of a list, before them those that name the group."""
        named = (ReportColumn(_("Group")), ReportColumn(_("Code")))
        return (*named, *own) if self.is_many else own

    def row(self, group: GroupName, *values: Value) -> Row:
        """Return a row under :meth:`columns`."""
        return (group.name, group.code, *values) if self.is_many else values

    def tables(
        self,
        title: str,
        columns: tuple[ReportColumn, ...],
        rows: Callable[[str], Iterable[T]],
        row: Callable[[T], Row],
        *,
        note: str = "",
    ) -> tuple[ReportTable, ...]:
        """Return a table for each currency; ``rows`` reads what is in one, whenever it is asked."""
        return tuple(
            ReportTable(
                f"{title}, {code}" if len(self.currencies) > 1 else title,
                columns,
                Again(_reading(rows, row, code)),
                currency=code,
                note=note,
            )
            for code in self.currencies or ("",)
        )


def _reading(
    rows: Callable[[str], Iterable[T]], row: Callable[[T], Row], code: str
) -> Callable[[], Iterable[Row]]:
    return lambda: map(row, rows(code))


def list_subject(session: Session, wanted: Filter, clock: Clock) -> ListSubject:
    """Return whom a list is about."""
    only = one_group_asked(session, wanted)
    on = wanted.on or wanted.day_to or clock.today()
    if only is None:
        return ListSubject(
            replace(wanted, on=on),
            programme_subject(wanted),
            currencies_asked(session, wanted),
            USUAL_WORDS,
            is_many=True,
            on=on,
        )
    wanted = replace(wanted, group_ids=(only,), on=on)
    about = group_subject(session, wanted, clock)
    return ListSubject(wanted, about.name, (about.currency,), about.words, is_many=False, on=on)


def number_column() -> ReportColumn:
    """The column of members' numbers."""
    return ReportColumn(_("No."), Kind.COUNT)


def money(title: str, *, has_total: bool = True) -> ReportColumn:
    """A column of amounts, added up under the table unless they are balances."""
    return ReportColumn(title, Kind.MONEY, has_total=has_total)


def count(title: str, *, has_total: bool = True) -> ReportColumn:
    """A column of counts, added up under the table."""
    return ReportColumn(title, Kind.COUNT, has_total=has_total)


def day(title: str) -> ReportColumn:
    """A column of days."""
    return ReportColumn(title, Kind.DATE)


def method_word(method: PaymentMethod) -> str:
    """Say how an amount was paid."""
    return {
        PaymentMethod.CASH: _("Cash"),
        PaymentMethod.MOBILE_MONEY: _("Mobile money"),
        PaymentMethod.BANK: _("Bank"),
    }[method]


def gender_word(gender: str) -> str:
    """Say whether a member is a woman or a man."""
    return {"F": _("Woman"), "M": _("Man"), "Other": _("Other")}.get(gender, gender)
