"""The cashbook of one group: every entry, and what every purse held after it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import Fund
from vsla_desktop.i18n import _
from vsla_desktop.queries.cashbook import CashbookLine, cashbook, entries_asked
from vsla_desktop.reports.lists import AMOUNTS_ASKED, DAYS_ASKED, MEMBERS_ASKED
from vsla_desktop.reports.report import (
    Definition,
    Kind,
    Over,
    Report,
    ReportColumn,
    ReportTable,
    Row,
)
from vsla_desktop.reports.saying import shown_currency
from vsla_desktop.reports.subject import group_subject, period_words
from vsla_desktop.wording import MoneyText, posting_word

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.queries.filtering import Filter


def _build(session: Session, wanted: Filter, clock: Clock) -> Report:
    about = group_subject(session, wanted, clock)
    page = cashbook(
        session,
        about.group_id,
        since=wanted.day_from or date.min,
        until=wanted.day_to or date.max,
    )
    asked = entries_asked(session, replace(wanted, on=about.on))
    lines = tuple(each for each in page.lines if each.entry.transaction_id in asked)
    used = [
        fund for fund in Fund if page.before.of(fund) or any(each.after.of(fund) for each in lines)
    ]
    columns = (
        ReportColumn(_("Day"), Kind.DATE),
        ReportColumn(_("Reference")),
        ReportColumn(_("Entry")),
        ReportColumn(_("Member")),
        ReportColumn(_("In"), Kind.MONEY, has_total=True),
        ReportColumn(_("Out"), Kind.MONEY, has_total=True),
        *(ReportColumn(about.words.fund(fund), Kind.MONEY) for fund in used),
        ReportColumn(_("In the box"), Kind.MONEY),
    )
    table = ReportTable(
        _("Cashbook"),
        columns,
        tuple(_row(each, used) for each in lines),
        currency=about.currency,
        note=_(
            "Before: {amount} {currency} in all purses.",
            amount=MoneyText(shown_currency(about.currency)).amount(page.before.total),
            currency=about.currency,
        ),
    )
    return Report(
        "cashbook",
        _("Cashbook"),
        about.name,
        period_words(wanted),
        tables=(table,),
        is_landscape=True,
    )


def _row(line: CashbookLine, used: list[Fund]) -> Row:
    entry = line.entry
    return (
        entry.day,
        entry.reference,
        posting_word(entry.type),
        entry.member_name,
        max(entry.effect, ZERO),
        max(-entry.effect, ZERO),
        *(line.after.of(fund) for fund in used),
        line.after.box,
    )


CASHBOOK = Definition(
    "cashbook",
    Over.GROUP,
    lambda: _("Cashbook"),
    lambda: _("What came in and went out, with balances."),
    MEMBERS_ASKED | DAYS_ASKED | AMOUNTS_ASKED | {"group_ids", "funds", "payment_methods"},
    _build,
)
