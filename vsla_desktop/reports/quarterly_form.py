"""The standard quarterly form: 25 fields a group, as a list of many and as the page of one.

See docs/rules.md#indicators.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from vsla_desktop.domain.indicators import QuarterlyForm
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import _, format_date, translate_counted
from vsla_desktop.queries.indicators import GroupForm, GroupForms, group_form
from vsla_desktop.queries.listing import Again, currencies_asked
from vsla_desktop.reports.programme_indicators import ASKED, the_day
from vsla_desktop.reports.programme_warnings import warning_table
from vsla_desktop.reports.programme_words import indicator_figures
from vsla_desktop.reports.report import (
    Definition,
    Figure,
    Kind,
    Over,
    Report,
    ReportColumn,
    ReportTable,
    Row,
    Value,
)
from vsla_desktop.reports.subject import group_subject, programme_subject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.queries.filtering import Filter

Field = tuple[str, Kind, bool, "Callable[[QuarterlyForm], Value]"]


def _yes(number: int) -> str:
    return _("yes") if number else _("no")


def _fields() -> tuple[Field, ...]:
    """Return the 25 fields in the form's order: title, kind, whether it is added up, value."""
    text, number, amount, day = Kind.TEXT, Kind.COUNT, Kind.MONEY, Kind.DATE
    return (
        (_("Group"), text, False, lambda f: f.group_name),
        (_("Number of the group"), text, False, lambda f: f.group_number),
        (_("Saves outside"), text, False, lambda f: _yes(f.figures.saving_outside)),
        (_("Borrows outside"), text, False, lambda f: _yes(f.figures.borrowing_outside)),
        (_("First training"), day, False, lambda f: f.first_training),
        (_("Savings started this cycle"), day, False, lambda f: f.savings_started),
        (_("Trained by"), text, False, lambda f: f.trained_by),
        (_("Members at start of cycle"), number, True, lambda f: f.figures.members_at_start),
        (_("Collected on"), day, False, lambda f: f.collected),
        (_("Registered members"), number, True, lambda f: f.figures.members),
        (_("Men"), number, True, lambda f: f.figures.men),
        (_("Women"), number, True, lambda f: f.figures.women),
        (_("Members attending"), number, True, lambda f: f.figures.attending),
        (_("Drop-outs this cycle"), number, True, lambda f: f.figures.dropouts),
        (_("Savings this cycle"), amount, True, lambda f: f.figures.savings),
        (_("Loans outstanding (number)"), number, True, lambda f: f.figures.loans_count),
        (_("Loans outstanding"), amount, True, lambda f: f.figures.loans_value),
        (_("Unpaid balance of late loans"), amount, True, lambda f: f.figures.late_value),
        (_("Written off this cycle"), amount, True, lambda f: f.figures.write_offs),
        (_("Loan fund in box and bank"), amount, True, lambda f: f.figures.loan_fund_cash),
        (_("Cash in other funds"), amount, True, lambda f: f.figures.other_funds),
        (_("Property at start of cycle"), amount, True, lambda f: f.figures.property_at_start),
        (_("Property now"), amount, True, lambda f: f.figures.property_now),
        (_("Debts"), amount, True, lambda f: f.figures.debts),
        (_("Interest rate"), Kind.PERCENT, False, lambda f: f.interest_rate),
    )


def _list(session: Session, wanted: Filter, clock: Clock) -> Report:
    on = the_day(wanted, clock)
    wanted = replace(wanted, on=on)
    fields = _fields()
    columns = tuple(ReportColumn(title, kind, has_total=adds) for title, kind, adds, _of in fields)
    currencies = currencies_asked(session, wanted)
    warnings = warning_table(session, wanted, clock, on)
    tables = [] if warnings is None else [warnings]
    for currency in currencies:
        title = _("Quarterly form")
        tables.append(
            ReportTable(
                f"{title}, {currency}" if len(currencies) > 1 else title,
                columns,
                Again(_reading(GroupForms(session, wanted, on, currency), fields)),
                currency=currency,
            )
        )
    notes = () if warnings is None else (_look_first(warnings),)
    return Report(
        "quarterly-form",
        _("Quarterly form"),
        programme_subject(wanted),
        _("On {day}", day=format_date(on)),
        tables=tuple(tables),
        notes=notes,
        is_landscape=True,
    )


def _look_first(warnings: ReportTable) -> str:
    return translate_counted(
        "{count} warning about the data. Look at it first.",
        "{count} warnings about the data. Look at them first.",
        len(tuple(warnings.rows)),
    )


def _reading(forms: Iterable[GroupForm], fields: tuple[Field, ...]) -> Callable[[], Iterable[Row]]:
    return lambda: (tuple(of(each.form) for *_rest, of in fields) for each in forms)


def _page(session: Session, wanted: Filter, clock: Clock) -> Report:
    about = group_subject(session, wanted, clock)
    on = the_day(wanted, clock)
    found = group_form(session, wanted, on=on)
    if found is None:
        raise RuleBroken("The group was not there on {day}.", field="on", day=format_date(on))
    figures = [
        Figure(title, of(found.form), kind, currency=about.currency if kind is Kind.MONEY else "")
        for title, kind, _adds, of in _fields()
    ]
    warnings = warning_table(session, wanted, clock, on)
    return Report(
        "quarterly-form-of-group",
        _("Quarterly form of one group"),
        about.name,
        _("On {day}", day=format_date(on)),
        figures=(*figures, *indicator_figures(found.form.figures, about.currency)),
        tables=() if warnings is None else (warnings,),
        notes=() if warnings is None else (_look_first(warnings),),
        signatures=(_("Collected by"), _("Treasurer")),
    )


QUARTERLY_FORM: Final = Definition(
    "quarterly-form",
    Over.PROGRAMME,
    lambda: _("Quarterly form"),
    lambda: _("The 25 fields, one row a group."),
    ASKED,
    _list,
)
FORM_OF_GROUP: Final = Definition(
    "quarterly-form-of-group",
    Over.GROUP,
    lambda: _("Quarterly form of one group"),
    lambda: _("The 25 fields and all indicators."),
    frozenset({"group_ids", "on"}),
    _page,
)
