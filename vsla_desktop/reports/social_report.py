"""The social fund: what members gave and miss, grants, advances, and what came and went."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import Fund, PostingType
from vsla_desktop.i18n import _
from vsla_desktop.queries.advances import advances_of_group
from vsla_desktop.queries.balances import fund_balances
from vsla_desktop.queries.funds import last_cycle, social_dues
from vsla_desktop.queries.lines import group_lines
from vsla_desktop.reports.lists import DAYS_ASKED, day, money, number_column
from vsla_desktop.reports.report import (
    Definition,
    Figure,
    Kind,
    Over,
    Report,
    ReportColumn,
    ReportTable,
)
from vsla_desktop.reports.subject import group_subject, period_words
from vsla_desktop.wording import category_word, posting_word

if TYPE_CHECKING:
    from decimal import Decimal

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.queries.filtering import Filter
    from vsla_desktop.queries.lines import LedgerLine
    from vsla_desktop.reports.subject import GroupSubject


def _build(session: Session, wanted: Filter, clock: Clock) -> Report:
    about = group_subject(session, wanted, clock)
    since, until = wanted.day_from or date.min, wanted.day_to or date.max
    lines = tuple(
        line
        for line in group_lines(session, about.group_id, since, until)
        if line.fund is Fund.SOCIAL and not line.is_pending
    )
    return Report(
        "social-fund",
        about.words.fund(Fund.SOCIAL),
        about.name,
        period_words(wanted),
        figures=_figures(session, about, lines, until),
        tables=(
            _flow(lines, about),
            *_dues(session, about),
            _grants(lines, about),
            _advances(session, about, since, until, clock.today()),
            _entries(lines, about),
        ),
    )


def _figures(
    session: Session, about: GroupSubject, lines: tuple[LedgerLine, ...], until: date
) -> tuple[Figure, ...]:
    held = fund_balances(session, about.group_id, until).of(Fund.SOCIAL)
    came = sum((line.effect for line in lines if line.effect > 0), ZERO)
    went = sum((-line.effect for line in lines if line.effect < 0), ZERO)
    owed = sum((each.owed for each in advances_of_group(session, about.group_id)), ZERO)
    amounts = (
        (_("Before"), held - came + went),
        (_("In"), came),
        (_("Out"), went),
        (_("Holds at the end"), held),
        (_("Advances owed now"), owed),
    )
    return tuple(
        Figure(title, amount, Kind.MONEY, currency=about.currency) for title, amount in amounts
    )


def _flow(lines: tuple[LedgerLine, ...], about: GroupSubject) -> ReportTable:
    came: dict[PostingType, Decimal] = {}
    for line in lines:
        came[line.type] = came.get(line.type, ZERO) + line.effect
    rows = tuple(
        (posting_word(kind), max(amount, ZERO), max(-amount, ZERO))
        for kind, amount in came.items()
        if amount
    )
    columns = (ReportColumn(_("Kind")), money(_("In")), money(_("Out")))
    return ReportTable(_("What came and went"), columns, rows, about.currency)


def _dues(session: Session, about: GroupSubject) -> tuple[ReportTable, ...]:
    cycle = last_cycle(session, about.group_id)
    if cycle is None:
        return ()
    rows = tuple(
        (each.number, each.name, each.due, each.paid, each.owed)
        for each in social_dues(session, about.group_id, cycle)
    )
    columns = (
        number_column(),
        ReportColumn(_("Member")),
        money(_("Due so far")),
        money(_("Given")),
        money(_("Missing")),
    )
    return (ReportTable(_("Contributions of the cycle"), columns, rows, about.currency),)


def _grants(lines: tuple[LedgerLine, ...], about: GroupSubject) -> ReportTable:
    rows = tuple(
        (
            line.day,
            line.member_number,
            line.member_name,
            category_word(line.type, line.category),
            line.description,
            -line.effect,
        )
        for line in lines
        if line.type is PostingType.SOCIAL_GRANT
    )
    columns = (
        day(_("Day")),
        number_column(),
        ReportColumn(_("Member")),
        ReportColumn(_("Event")),
        ReportColumn(_("What for")),
        money(_("Granted")),
    )
    return ReportTable(_("Grants"), columns, rows, about.currency)


def _advances(
    session: Session, about: GroupSubject, since: date, until: date, today: date
) -> ReportTable:
    rows = tuple(
        (
            each.day,
            each.number,
            each.name,
            each.reason,
            each.due_date,
            each.amount,
            each.owed,
            _("Late") if each.is_overdue(today) else "",
        )
        for each in advances_of_group(session, about.group_id)
        if since <= each.day <= until
    )
    columns = (
        day(_("Day")),
        number_column(),
        ReportColumn(_("Member")),
        ReportColumn(_("What for")),
        day(_("Due on")),
        money(_("Amount")),
        money(_("Owed")),
        ReportColumn(_("State")),
    )
    return ReportTable(_("Advances"), columns, rows, about.currency)


def _entries(lines: tuple[LedgerLine, ...], about: GroupSubject) -> ReportTable:
    rows = tuple(
        (
            line.day,
            posting_word(line.type),
            line.member_number,
            line.member_name,
            max(line.effect, ZERO),
            max(-line.effect, ZERO),
        )
        for line in lines
    )
    columns = (
        day(_("Day")),
        ReportColumn(_("Entry")),
        number_column(),
        ReportColumn(_("Member")),
        money(_("In")),
        money(_("Out")),
    )
    return ReportTable(_("Entries"), columns, rows, about.currency)


SOCIAL_FUND = Definition(
    "social-fund",
    Over.GROUP,
    lambda: _("Social fund"),
    lambda: _("Contributions, grants and advances."),
    DAYS_ASKED | {"group_ids"},
    _build,
)
