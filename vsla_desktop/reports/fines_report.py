"""Fines: charged, paid, let off and owed, and what they were for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vsla_desktop.i18n import _
from vsla_desktop.queries.fines_list import LET_OFF, OWED, PAID, fined_for, fines_asked
from vsla_desktop.reports.lists import (
    AMOUNTS_ASKED,
    DAYS_ASKED,
    GROUPS_ASKED,
    MEMBERS_ASKED,
    count,
    day,
    list_subject,
    money,
    number_column,
)
from vsla_desktop.reports.report import Definition, Over, Report, ReportColumn
from vsla_desktop.reports.subject import period_words

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.queries.filtering import Filter
    from vsla_desktop.queries.fines_list import FinedFor, ListedFine
    from vsla_desktop.reports.report import Row


def _build(session: Session, wanted: Filter, clock: Clock) -> Report:
    about = list_subject(session, wanted, clock)

    def line(each: ListedFine) -> Row:
        fine = each.fine
        return about.row(
            each.group,
            fine.day,
            fine.number,
            fine.name,
            _(fine.reason),
            about.words.fund(fine.fund),
            fine.amount,
            fine.paid,
            fine.waived,
            fine.owed,
            fine.waiver_reason,
        )

    def reason(each: FinedFor) -> Row:
        return (_(each.reason), each.count, each.charged, each.paid, each.let_off, each.owed)

    sums = (money(_("Charged")), money(_("Paid")), money(_("Let off")), money(_("Owed")))
    what_for = ReportColumn(_("What for"))
    tables = (
        *about.tables(
            _("By reason"),
            (what_for, count(_("Fines")), *sums),
            lambda code: fined_for(session, about.wanted, code),
            reason,
        ),
        *about.tables(
            _("Fines"),
            about.columns(
                day(_("Day")),
                number_column(),
                ReportColumn(_("Member")),
                what_for,
                ReportColumn(_("Purse")),
                *sums,
                ReportColumn(_("Why let off")),
            ),
            lambda code: fines_asked(session, about.wanted, code),
            line,
        ),
    )
    return Report(
        "fines", _("Fines"), about.title, period_words(wanted), tables=tables, is_landscape=True
    )


FINES = Definition(
    "fines",
    Over.LIST,
    lambda: _("Fines"),
    lambda: _("Fines charged, paid, let off and owed."),
    GROUPS_ASKED | MEMBERS_ASKED | DAYS_ASKED | AMOUNTS_ASKED | {"funds", "statuses"},
    _build,
    (OWED, PAID, LET_OFF),
)
