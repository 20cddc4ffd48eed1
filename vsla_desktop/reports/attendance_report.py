"""The attendance register: members by meetings, as a table and as a heat chart."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from vsla_desktop.domain.meeting import AttendanceStatus
from vsla_desktop.i18n import _, format_date
from vsla_desktop.queries.attendance import attendance_register
from vsla_desktop.reports.lists import DAYS_ASKED, MEMBERS_ASKED, count, number_column
from vsla_desktop.reports.report import (
    Chart,
    ChartKind,
    Definition,
    Figure,
    Kind,
    Over,
    Report,
    ReportColumn,
    ReportTable,
    Series,
)
from vsla_desktop.reports.subject import group_subject, period_words
from vsla_desktop.wording import attendance_word, put_right_later

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.queries.attendance import Register, RegisterLine, RegisterMeeting
    from vsla_desktop.queries.filtering import Filter

MEETINGS_A_PAGE: Final = 12
"""So many meetings stand beside each other on a sheet of paper."""
_S = AttendanceStatus


def _build(session: Session, wanted: Filter, clock: Clock) -> Report:
    about = group_subject(session, wanted, clock)
    register = attendance_register(session, replace(wanted, on=about.on))
    return Report(
        "attendance",
        _("Attendance register"),
        about.name,
        period_words(wanted),
        figures=_figures(register),
        tables=(_counts(register), *_pages(register)),
        charts=(_chart(register),) if register.meetings else (),
        notes=(legend(), *_about_corrections(register)),
        is_landscape=True,
    )


def mark_letter(status: AttendanceStatus) -> str:
    """Say a mark of the roll call with the letters that :func:`legend` explains."""
    return {
        _S.PRESENT: _("P"),
        _S.LATE: _("L"),
        _S.ABSENT: _("A"),
        _S.EXCUSED: _("E"),
        _S.REPRESENTED: _("R"),
    }[status]


def legend() -> str:
    """Say what each letter stands for."""
    return " · ".join(f"{mark_letter(each)} {attendance_word(each)}" for each in _S)


def _about_corrections(register: Register) -> tuple[str, ...]:
    is_needed = any(line.put_right for line in register.lines)
    return (put_right_later(),) if is_needed else ()


def _figures(register: Register) -> tuple[Figure, ...]:
    came = sum(line.came for line in register.lines)
    called = sum(line.meetings for line in register.lines)
    return (
        Figure(_("Meetings"), len(register.meetings), Kind.COUNT),
        Figure(
            _("Attendance"),
            _part(came, called),
            Kind.PERCENT,
            _("times present / times called"),
            f"{came} / {called}",
        ),
    )


def _part(came: int, called: int) -> Decimal | None:
    return Decimal(came) / called if called else None


def _counts(register: Register) -> ReportTable:
    columns = (
        number_column(),
        ReportColumn(_("Member")),
        *(count(attendance_word(each)) for each in _S),
        count(_("Meetings")),
        ReportColumn(_("Came"), Kind.PERCENT),
    )
    rows = tuple(
        (line.number, line.name, *(line.count(each) for each in _S), line.meetings, line.part)
        for line in register.lines
    )
    return ReportTable(_("How often each came"), columns, rows)


def _pages(register: Register) -> tuple[ReportTable, ...]:
    firsts = range(0, len(register.meetings), MEETINGS_A_PAGE)
    return tuple(
        _page(register, slice(first, min(first + MEETINGS_A_PAGE, len(register.meetings))))
        for first in firsts
    )


def _page(register: Register, part: slice) -> ReportTable:
    meetings = register.meetings[part]
    columns = (
        number_column(),
        ReportColumn(_("Member")),
        *(ReportColumn(_heading(each)) for each in meetings),
    )

    def row(line: RegisterLine) -> tuple[int | str, ...]:
        marks = (
            "" if mark is None else mark_letter(mark) + "*" * (at in line.put_right)
            for at, mark in enumerate(line.marks)
        )
        return (line.number, line.name, *tuple(marks)[part])

    title = _("Meetings {first} to {last}", first=part.start + 1, last=part.stop)
    return ReportTable(title, columns, tuple(map(row, register.lines)))


def _heading(meeting: RegisterMeeting) -> str:
    return format_date(meeting.day)


def _chart(register: Register) -> Chart:
    return Chart(
        _("Who came: 1 was there, 0 was not"),
        ChartKind.HEAT,
        tuple(format_date(each.day) for each in register.meetings),
        tuple(
            Series(
                f"{line.number} {line.name}",
                tuple(None if mark is None else int(mark.is_present) for mark in line.marks),
            )
            for line in register.lines
        ),
        kind=Kind.COUNT,
    )


ATTENDANCE = Definition(
    "attendance",
    Over.GROUP,
    lambda: _("Attendance register"),
    lambda: _("Who came to which meeting, and how often."),
    MEMBERS_ASKED | DAYS_ASKED | {"group_ids"},
    _build,
)
