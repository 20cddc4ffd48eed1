"""What a member, or a group, has come to by a day, beside the mean of the active members."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from vsla_desktop.i18n import _, format_date
from vsla_desktop.queries.listing import GroupName
from vsla_desktop.queries.summaries import (
    group_summaries,
    group_summary,
    member_summaries,
    member_summary,
)
from vsla_desktop.reports.lists import GROUPS_ASKED, count, list_subject, money, number_column
from vsla_desktop.reports.report import (
    Definition,
    Figure,
    Kind,
    Over,
    Report,
    ReportColumn,
    ReportTable,
)
from vsla_desktop.reports.subject import member_subject
from vsla_desktop.reports.summary_figures import compared, mean_note

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.queries.filtering import Filter
    from vsla_desktop.queries.summaries import GroupSummary, MemberSummary
    from vsla_desktop.queries.summary_totals import Totals
    from vsla_desktop.reports.lists import ListSubject
    from vsla_desktop.reports.report import Row
    from vsla_desktop.reports.summary_figures import Compared


def _of_member(session: Session, wanted: Filter, clock: Clock) -> Report:
    about, member_id = member_subject(session, wanted, clock)
    found = member_summary(session, member_id, on=about.on)
    figures = compared(found.own, found.group, about.words)
    return Report(
        "member-summary",
        _("Member summary"),
        f"{found.number} {found.name} · {about.name}",
        _("As of {day}", day=format_date(about.on)),
        figures=_attendance(found.own, found.group),
        tables=_tables(figures, _("The member"), about.currency),
        notes=(mean_note(found.group),),
    )


def _of_groups(session: Session, wanted: Filter, clock: Clock) -> Report:
    about = list_subject(session, wanted, clock)
    on = about.on
    if about.is_many:
        figures: tuple[Figure, ...] = ()
        notes: tuple[str, ...] = ()
        tables = _groups(session, about)
    else:
        found = group_summary(session, about.wanted.group_ids[0], on=on)
        figures, notes = _attendance(found.all, found), (mean_note(found),)
        members = tuple(member_summaries(session, about.wanted, on=on))
        tables = (
            *_tables(compared(found.all, found, about.words), _("All members"), found.currency),
            _members(members, about),
        )
    return Report(
        "group-summary",
        _("Group summary"),
        about.title,
        _("As of {day}", day=format_date(on)),
        figures=figures,
        tables=tables,
        notes=notes,
        is_landscape=True,
    )


def _attendance(of: Totals, group: GroupSummary) -> tuple[Figure, Figure]:
    formula = _("times present / times called")

    def figure(title: str, each: Totals) -> Figure:
        counts = f"{each.came} / {each.meetings}"
        return Figure(title, each.attendance, Kind.PERCENT, formula, counts)

    return (
        figure(_("Attendance"), of),
        figure(_("Attendance of the active members"), group.of_active),
    )


def _tables(
    figures: tuple[Compared, ...], owner: str, currency: str
) -> tuple[ReportTable, ReportTable]:
    """Return the amounts, and what is counted, each beside the mean."""

    def table(title: str, kind: Kind) -> ReportTable:
        columns = (
            ReportColumn(_("What about")),
            ReportColumn(_("Figure")),
            ReportColumn(owner, kind),
            ReportColumn(_("Mean of active members"), kind if kind is Kind.MONEY else Kind.DECIMAL),
        )
        rows = tuple(
            (each.part, each.title, each.own, each.mean) for each in figures if each.kind is kind
        )
        return ReportTable(title, columns, rows, currency)

    return table(_("Amounts"), Kind.MONEY), table(_("How often"), Kind.COUNT)


def _columns() -> tuple[ReportColumn, ...]:
    return (
        money(_("All savings")),
        money(_("Social fund")),
        count(_("Loans")),
        money(_("Principal owed")),
        count(_("Late loans")),
        money(_("Overdue")),
        money(_("Fines charged")),
        money(_("Fines owed")),
        ReportColumn(_("Attendance"), Kind.PERCENT),
        count(_("Activities")),
        money(_("Business")),
        count(_("Points")),
    )


def _row(of: Totals) -> Row:
    return (
        of.saved_in_all,
        of.social,
        of.loans,
        of.loans_outstanding,
        of.loans_late,
        of.loans_overdue,
        of.fines_charged,
        of.fines_open,
        of.attendance,
        of.activities,
        of.iga_invested,
        of.points,
    )


def _members(members: tuple[MemberSummary, ...], about: ListSubject) -> ReportTable:
    columns = (number_column(), ReportColumn(_("Member")), *_columns())
    rows = tuple((each.number, each.name, *_row(each.own)) for each in members)
    return ReportTable(_("Members"), columns, rows, about.currencies[0])


def _groups(session: Session, about: ListSubject) -> tuple[ReportTable, ...]:
    def rows(code: str) -> Iterator[GroupSummary]:
        found = group_summaries(session, about.wanted, on=about.on)
        return (each for each in found if each.currency == code)

    def row(each: GroupSummary) -> Row:
        name = GroupName(each.name, each.code)
        return about.row(name, each.members, each.active, each.women, *_row(each.all))

    people = (count(_("Members")), count(_("Active")), count(_("Women")))
    return about.tables(_("Groups"), about.columns(*people, *_columns()), rows, row)


MEMBER_SUMMARY = Definition(
    "member-summary",
    Over.MEMBER,
    lambda: _("Member summary"),
    lambda: _("All about one member, beside the group's mean."),
    frozenset({"group_ids", "member_ids", "on"}),
    _of_member,
)
GROUP_SUMMARY = Definition(
    "group-summary",
    Over.LIST,
    lambda: _("Group summary"),
    lambda: _("What groups and their members have come to."),
    GROUPS_ASKED | {"on"},
    _of_groups,
)
