"""A member's passbook: each meeting a line, with what she then held, and her loans."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import Fund
from vsla_desktop.i18n import _
from vsla_desktop.queries.members import passbook
from vsla_desktop.reports.lists import DAYS_ASKED, count, day, money
from vsla_desktop.reports.loans_report import loan_word
from vsla_desktop.reports.report import (
    Definition,
    Figure,
    Kind,
    Over,
    Report,
    ReportColumn,
    ReportTable,
)
from vsla_desktop.reports.subject import member_subject, period_words
from vsla_desktop.wording import mark_word, posting_word, put_right_later

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.queries.filtering import Filter
    from vsla_desktop.queries.members import Passbook, PassbookLine
    from vsla_desktop.reports.report import Row
    from vsla_desktop.reports.subject import GroupSubject


def _build(session: Session, wanted: Filter, clock: Clock) -> Report:
    about, member_id = member_subject(session, wanted, clock)
    today = clock.today()
    book = passbook(session, member_id, on=today)
    since, until = wanted.day_from or date.min, wanted.day_to or date.max
    lines = tuple(each for each in book.lines if since <= each.day <= until)
    member = book.member
    return Report(
        "passbook",
        _("Passbook"),
        f"{member.number} {member.name} · {about.name}",
        period_words(wanted),
        figures=_figures(book, about),
        tables=(_lines(lines, about), *_others(lines, about), *_loans(book, about, today)),
        notes=(put_right_later(),) if any(each.given for each in lines) else (),
        signatures=(_("Member"), _("Treasurer")),
        is_landscape=True,
    )


def _figures(book: Passbook, about: GroupSubject) -> tuple[Figure, ...]:
    member = book.member
    return (
        Figure(about.words.shares(), member.shares, Kind.COUNT),
        *(
            Figure(title, amount, Kind.MONEY, currency=about.currency)
            for title, amount in (
                (_("Savings"), member.savings),
                (_("Loan to pay back"), member.loans_owed),
                (_("Fines owed"), member.fines_owed),
                (_("Advances owed"), member.advance_owed),
            )
        ),
        Figure(_("Attendance"), member.attendance_percentage / 100, Kind.PERCENT),
    )


def _lines(lines: tuple[PassbookLine, ...], about: GroupSubject) -> ReportTable:
    columns = (
        count(_("Meeting"), has_total=False),
        day(_("Day")),
        ReportColumn(_("Here")),
        money(about.words.fund(Fund.SOCIAL)),
        count(about.words.shares()),
        count(_("Held"), has_total=False),
        money(_("Saved")),
        money(_("Savings"), has_total=False),
        money(_("Fine")),
        money(_("Fine paid")),
        money(_("Loan taken")),
        money(_("Repaid")),
        money(_("Charge")),
        money(_("Penalty")),
    )
    return ReportTable(_("Passbook"), columns, tuple(map(_line, lines)), about.currency)


def _line(line: PassbookLine) -> Row:
    return (
        line.meeting_number,
        line.day,
        mark_word(line.attendance, is_put_right=line.given is not None),
        line.social,
        line.shares,
        line.shares_held,
        line.saved,
        line.savings_held,
        line.fines_charged,
        line.fines_paid,
        line.loan_given,
        line.loan_principal,
        line.loan_charge,
        line.loan_penalty,
    )


def _others(lines: tuple[PassbookLine, ...], about: GroupSubject) -> tuple[ReportTable, ...]:
    """Return what has no column of its own, so that the report holds all that was paid."""
    rows = tuple(
        (
            line.day,
            posting_word(each.type),
            each.description,
            max(each.effect, ZERO),
            max(-each.effect, ZERO),
        )
        for line in lines
        for each in line.others
    )
    if not rows:
        return ()
    columns = (
        day(_("Day")),
        ReportColumn(_("Entry")),
        ReportColumn(_("What for")),
        money(_("In")),
        money(_("Out")),
    )
    return (ReportTable(_("Other entries"), columns, rows, about.currency),)


def _loans(book: Passbook, about: GroupSubject, today: date) -> tuple[ReportTable, ...]:
    if not book.loans:
        return ()
    columns = (
        day(_("Given on")),
        day(_("Due by")),
        money(_("Lent")),
        money(_("Repaid")),
        money(_("Charge paid")),
        money(_("Principal owed")),
        money(_("Overdue")),
        ReportColumn(_("State")),
    )
    rows = tuple(
        (
            loan.given_on,
            loan.last_due,
            loan.principal,
            loan.principal_paid,
            loan.charge_paid,
            loan.principal_owed if loan.is_out else ZERO,
            loan.overdue(today),
            loan_word(loan, today),
        )
        for loan in book.loans
    )
    return (ReportTable(_("Loans"), columns, rows, about.currency),)


PASSBOOK = Definition(
    "passbook",
    Over.MEMBER,
    lambda: _("Passbook"),
    lambda: _("Meeting by meeting, what a member paid, took and holds."),
    DAYS_ASKED | {"group_ids", "member_ids"},
    _build,
)
