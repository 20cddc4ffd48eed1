"""The savings ledger: every entry on members' accounts, by member, by kind and purse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vsla_desktop.domain.saving_types import SHARES
from vsla_desktop.i18n import _
from vsla_desktop.queries.savings_ledger import saved_kinds, savers, saving_entries
from vsla_desktop.reports.lists import (
    AMOUNTS_ASKED,
    DAYS_ASKED,
    GROUPS_ASKED,
    MEMBERS_ASKED,
    count,
    day,
    gender_word,
    list_subject,
    method_word,
    money,
    number_column,
)
from vsla_desktop.reports.report import Definition, Over, Report, ReportColumn
from vsla_desktop.reports.subject import period_words

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.queries.filtering import Filter
    from vsla_desktop.queries.savings_ledger import SavedKind, Saver, SavingEntry
    from vsla_desktop.reports.report import Row


def _build(session: Session, wanted: Filter, clock: Clock) -> Report:
    about = list_subject(session, wanted, clock)
    words = about.words

    def kind(each: SavedKind) -> Row:
        return (
            words.saving(each.kind, each.kind_name),
            words.fund(each.fund),
            each.savers,
            each.paid_in,
            each.paid_out,
            each.paid_in - each.paid_out,
        )

    def saver(each: Saver) -> Row:
        return about.row(
            each.group,
            each.number,
            each.name,
            gender_word(each.gender),
            each.entries,
            each.paid_in,
            each.paid_out,
            each.paid_in - each.paid_out,
        )

    def entry(each: SavingEntry) -> Row:
        return about.row(
            each.group,
            each.day,
            each.meeting_number,
            each.reference,
            each.number,
            each.name,
            words.saving(each.kind, each.kind_name),
            words.fund(each.fund),
            each.shares if each.kind == SHARES else None,
            each.paid_in,
            each.paid_out,
            method_word(each.method),
        )

    sums = (money(_("In")), money(_("Out")), money(_("In less out")))
    person = (number_column(), ReportColumn(_("Member")))
    tables = (
        *about.tables(
            _("By kind"),
            (
                ReportColumn(_("Kind")),
                ReportColumn(_("Purse")),
                count(_("Members"), has_total=False),
                *sums,
            ),
            lambda code: saved_kinds(session, about.wanted, code),
            kind,
        ),
        *about.tables(
            _("By member"),
            about.columns(*person, ReportColumn(_("Gender")), count(_("Entries")), *sums),
            lambda code: savers(session, about.wanted, code),
            saver,
        ),
        *about.tables(
            _("Entries"),
            about.columns(
                day(_("Day")),
                count(_("Meeting"), has_total=False),
                ReportColumn(_("Reference")),
                *person,
                ReportColumn(_("Kind")),
                ReportColumn(_("Purse")),
                count(words.shares()),
                money(_("In")),
                money(_("Out")),
                ReportColumn(_("Paid by")),
            ),
            lambda code: saving_entries(session, about.wanted, code),
            entry,
        ),
    )
    return Report(
        "savings",
        _("Savings ledger"),
        about.title,
        period_words(wanted),
        tables=tables,
        is_landscape=True,
    )


SAVINGS = Definition(
    "savings",
    Over.LIST,
    lambda: _("Savings ledger"),
    lambda: _("Who saved what, when and in which purse."),
    GROUPS_ASKED | MEMBERS_ASKED | DAYS_ASKED | AMOUNTS_ASKED | {"funds", "payment_methods"},
    _build,
)
