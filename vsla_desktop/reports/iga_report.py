"""The businesses that groups run together: their account, and each member's part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vsla_desktop.i18n import _
from vsla_desktop.queries.iga import iga_moves, iga_parts, igas
from vsla_desktop.reports.lists import (
    AMOUNTS_ASKED,
    DAYS_ASKED,
    GROUPS_ASKED,
    MEMBERS_ASKED,
    day,
    list_subject,
    money,
    number_column,
)
from vsla_desktop.reports.report import Definition, Kind, Over, Report, ReportColumn
from vsla_desktop.reports.subject import period_words

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.queries.filtering import Filter
    from vsla_desktop.queries.iga import Iga, IgaMove, IgaPart
    from vsla_desktop.reports.report import Row


def _build(session: Session, wanted: Filter, clock: Clock) -> Report:
    about = list_subject(session, wanted, clock)

    def iga(each: Iga) -> Row:
        return about.row(
            each.group,
            each.name,
            each.kind,
            _status_word(each.status),
            each.started,
            each.invested,
            each.returned,
            each.value,
            each.expected,
        )

    def move(each: IgaMove) -> Row:
        return about.row(
            each.group,
            each.day,
            each.iga,
            _move_word(each.kind),
            each.description,
            each.reference,
            each.came,
            each.went,
        )

    def part(each: IgaPart) -> Row:
        return about.row(
            each.group,
            each.iga,
            each.number,
            each.name,
            each.role,
            _status_word(each.status),
            each.part,
            each.invested,
            each.returned,
        )

    business = ReportColumn(_("Business"))
    tables = (
        *about.tables(
            _("Businesses"),
            about.columns(
                business,
                ReportColumn(_("Kind")),
                ReportColumn(_("State")),
                day(_("Begun on")),
                money(_("Put in")),
                money(_("Returned")),
                money(_("Worth now")),
                money(_("Expected")),
            ),
            lambda code: igas(session, about.wanted, code),
            iga,
        ),
        *about.tables(
            _("Entries"),
            about.columns(
                day(_("Day")),
                business,
                ReportColumn(_("Entry")),
                ReportColumn(_("What for")),
                ReportColumn(_("Reference")),
                money(_("In")),
                money(_("Out")),
            ),
            lambda code: iga_moves(session, about.wanted, code),
            move,
        ),
        *about.tables(
            _("Members"),
            about.columns(
                business,
                number_column(),
                ReportColumn(_("Member")),
                ReportColumn(_("Role")),
                ReportColumn(_("State")),
                ReportColumn(_("Part"), Kind.PERCENT),
                money(_("Put in")),
                money(_("Got back")),
            ),
            lambda code: iga_parts(session, about.wanted, code),
            part,
        ),
    )
    return Report(
        "iga",
        _("Group business"),
        about.title,
        period_words(wanted),
        tables=tables,
        is_landscape=True,
    )


def _status_word(status: str) -> str:
    return {
        "ACTIVE": _("Running"),
        "INACTIVE": _("Not running"),
        "COMPLETED": _("Finished"),
        "SUSPENDED": _("Suspended"),
        "WITHDRAWN": _("Withdrawn"),
    }.get(status, status)


def _move_word(kind: str) -> str:
    return {
        "income": _("Income"),
        "expense": _("Expenses"),
        "profit_distribution": _("Profit given out"),
        "loss_recovery": _("Loss made good"),
        "capital_return": _("Capital given back"),
    }.get(kind, kind)


IGA = Definition(
    "iga",
    Over.LIST,
    lambda: _("Group business"),
    lambda: _("What the group's business earned, and for whom."),
    GROUPS_ASKED | MEMBERS_ASKED | DAYS_ASKED | AMOUNTS_ASKED | {"statuses"},
    _build,
    ("ACTIVE", "INACTIVE", "COMPLETED", "SUSPENDED"),
)
