"""The members of one group or many, with what each holds and owes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vsla_desktop.i18n import _, format_date
from vsla_desktop.queries.member_list import ListedMember, members_asked
from vsla_desktop.reports.lists import (
    AMOUNTS_ASKED,
    DAYS_ASKED,
    GROUPS_ASKED,
    MEMBERS_ASKED,
    count,
    day,
    gender_word,
    list_subject,
    money,
    number_column,
)
from vsla_desktop.reports.report import Definition, Kind, Over, Report, ReportColumn
from vsla_desktop.wording import office_word

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.queries.filtering import Filter
    from vsla_desktop.reports.report import Row


def _build(session: Session, wanted: Filter, clock: Clock) -> Report:
    about = list_subject(session, wanted, clock)
    on = clock.today()

    def row(each: ListedMember) -> Row:
        member = each.member
        return about.row(
            each.group,
            member.number,
            member.name,
            gender_word(member.gender),
            office_word(member.office),
            member.phone_number,
            member.joined,
            member.shares,
            member.shares_value,
            member.savings - member.shares_value,
            member.loans_owed,
            member.fines_owed,
            member.advance_owed,
            member.attendance_percentage / 100,
        )

    columns = about.columns(
        number_column(),
        ReportColumn(_("Member")),
        ReportColumn(_("Gender")),
        ReportColumn(_("Office")),
        ReportColumn(_("Phone")),
        day(_("Joined on")),
        count(about.words.shares()),
        money(_("{shares}, worth", shares=about.words.shares())),
        money(_("Other savings")),
        money(_("Loan left")),
        money(_("Fines owed")),
        money(_("Advances owed")),
        ReportColumn(_("Came"), Kind.PERCENT),
    )
    tables = about.tables(
        _("Members"), columns, lambda code: members_asked(session, about.wanted, code, on=on), row
    )
    return Report(
        "members",
        _("Members"),
        about.title,
        _("As of {day}", day=format_date(on)),
        tables=tables,
        is_landscape=True,
    )


MEMBERS = Definition(
    "members",
    Over.LIST,
    lambda: _("Members"),
    lambda: _("Who belongs, what each holds and owes."),
    GROUPS_ASKED | MEMBERS_ASKED | DAYS_ASKED | AMOUNTS_ASKED | {"statuses"},
    _build,
    ("ACTIVE", "SUSPENDED", "INACTIVE"),
)
