"""The sheet that a coordinator carries to a group: what to look at, and room to write."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from vsla_desktop.domain.currencies import currency
from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.visits import Check, Result
from vsla_desktop.i18n import _, format_date
from vsla_desktop.queries.desk import DeskLine, desk_lines
from vsla_desktop.queries.filtering import Filter
from vsla_desktop.queries.funds import last_cycle, social_dues
from vsla_desktop.queries.group_words import group_words
from vsla_desktop.queries.groups import GroupOverview, group_overview
from vsla_desktop.queries.loans import OUT, loans_of_group
from vsla_desktop.queries.members import members_of
from vsla_desktop.reports.attention_words import check_word, reason_words, result_word
from vsla_desktop.reports.document import Block, Table
from vsla_desktop.reports.paged import paged
from vsla_desktop.reports.report import (
    Definition,
    Figure,
    Kind,
    Over,
    Report,
    ReportColumn,
    ReportTable,
    Row,
)
from vsla_desktop.reports.subject import group_subject
from vsla_desktop.wording import MoneyText, office_word

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.reports.document import Document
    from vsla_desktop.wording import GroupWords

_LINES_TO_WRITE: Final = 3
_ROW_TO_WRITE: Final = 8.0  # millimetres


def visit_sheet(session: Session, group_id: int, day: date) -> Document:
    """Return the sheet of a group as pages, as of the day on which it is printed."""
    report = _report(session, group_id, day)
    code = desk_lines(session, Filter(group_ids=(group_id,)), on=day)[0].code
    document = paged(report, printed=day)
    return replace(
        document,
        file_name=f"{code}-visit.pdf".replace("/", "-"),
        blocks=tuple(_with_room(block) for block in document.blocks),
    )


def _with_room(block: Block) -> Block:
    """Leave room to write in a table whose last column is empty."""
    if isinstance(block, Table) and block.rows and not any(row[-1] for row in block.rows):
        return replace(block, row_height=_ROW_TO_WRITE)
    return block


def _build(session: Session, wanted: Filter, clock: Clock) -> Report:
    about = group_subject(session, wanted, clock)
    return replace(_report(session, about.group_id, clock.today()), subject=about.name)


def _report(session: Session, group_id: int, on: date) -> Report:
    overview = group_overview(session, group_id, on=on)
    (line,) = desk_lines(session, Filter(group_ids=(group_id,)), on=on)
    return Report(
        "visit-sheet",
        _("Visit sheet"),
        " · ".join(part for part in (line.name, line.code, line.village, line.district) if part),
        _("As of {day}", day=format_date(on)),
        figures=_figures(overview, group_words(session, group_id)),
        tables=(
            _why(line),
            *(
                table
                for table in (
                    _late_loans(session, group_id, line, on),
                    _arrears(session, group_id, line, on),
                    _actions(line),
                )
                if table.rows
            ),
            _checklist(),
            _to_agree(),
        ),
        signatures=(_("Coordinator"), office_word("CHAIRPERSON"), office_word("TREASURER")),
    )


def _figures(overview: GroupOverview, words: GroupWords) -> tuple[Figure, ...]:
    code = overview.currency
    amounts = [
        (_("In the box"), overview.balances.box),
        *((words.fund(fund), held) for fund, held in overview.in_box.items()),
        (_("At the bank"), overview.balances.bank),
        (_("Savings"), overview.savings),
        (_("Loans to come back"), overview.loans_owed),
        (_("Late"), overview.late_amount),
        (_("Fines not paid"), overview.fines_owed),
    ]
    return (
        Figure(_("Members"), overview.members_count, Kind.COUNT),
        Figure(_("Last meeting"), overview.last_meeting, Kind.DATE),
        *(Figure(title, amount, Kind.MONEY, currency=code) for title, amount in amounts),
    )


def _why(line: DeskLine) -> ReportTable:
    money = MoneyText(currency(line.currency))
    said = [reason_words(each, money) for each in line.reasons] or [_("All is well")]
    return ReportTable(
        _("What to look at"), (ReportColumn(_("Why")),), tuple((each,) for each in said)
    )


def _late_loans(session: Session, group_id: int, line: DeskLine, on: date) -> ReportTable:
    columns = (
        ReportColumn(_("No."), Kind.COUNT),
        ReportColumn(_("Member")),
        ReportColumn(_("Days late"), Kind.COUNT),
        ReportColumn(_("Late"), Kind.MONEY, has_total=True),
        ReportColumn(_("Clears it today"), Kind.MONEY, has_total=True),
    )
    rows: tuple[Row, ...] = tuple(
        (
            loan.member_number,
            loan.member_name,
            loan.days_late(on),
            loan.overdue(on),
            loan.settles(on),
        )
        for loan in loans_of_group(session, group_id, statuses=OUT)
        if loan.overdue(on)
    )
    return ReportTable(_("Late loans"), columns, rows, currency=line.currency)


def _arrears(session: Session, group_id: int, line: DeskLine, on: date) -> ReportTable:
    """Members who owe a fine, a contribution to the social fund or an advance."""
    cycle = last_cycle(session, group_id)
    dues = social_dues(session, group_id, cycle) if cycle is not None else ()
    missing = {each.member_id: each.owed for each in dues}
    columns = (
        ReportColumn(_("No."), Kind.COUNT),
        ReportColumn(_("Member")),
        ReportColumn(_("Fines"), Kind.MONEY, has_total=True),
        ReportColumn(_("Contributions"), Kind.MONEY, has_total=True),
        ReportColumn(_("Advances"), Kind.MONEY, has_total=True),
    )
    rows: list[Row] = []
    for member in members_of(session, group_id, on=on):
        owed: tuple[Decimal, ...] = (
            member.fines_owed,
            missing.get(member.member_id, ZERO),
            member.advance_owed,
        )
        if any(owed):
            rows.append((member.number, member.name, *owed))
    return ReportTable(_("Members with arrears"), columns, tuple(rows), currency=line.currency)


def _actions(line: DeskLine) -> ReportTable:
    return ReportTable(
        _("Agreed before"),
        (
            ReportColumn(_("Agreed")),
            ReportColumn(_("By"), Kind.DATE),
            ReportColumn(_("Visit of"), Kind.DATE),
            ReportColumn(_("Done?")),
        ),
        tuple((each.what, each.due, each.visited_on, "") for each in line.actions),
    )


def _checklist() -> ReportTable:
    columns = (
        ReportColumn(_("Look at")),
        ReportColumn(_("Result")),
        ReportColumn(_("What you found")),
    )
    box = "\N{WHITE SQUARE}"
    choice = "      ".join(f"{box} {result_word(each)}" for each in Result)
    return ReportTable(
        _("Checklist"), columns, tuple((check_word(check), choice, "") for check in Check)
    )


def _to_agree() -> ReportTable:
    columns = (ReportColumn(_("What will be done")), ReportColumn(_("Who")), ReportColumn(_("By")))
    return ReportTable(
        _("Agreed today"),
        columns,
        tuple((f"{number}.", "", "") for number in range(1, _LINES_TO_WRITE + 1)),
    )


VISIT_SHEET = Definition(
    "visit-sheet",
    Over.GROUP,
    lambda: _("Visit sheet"),
    lambda: _("What to look at on a visit, and room to write."),
    frozenset({"group_ids"}),
    _build,
)
