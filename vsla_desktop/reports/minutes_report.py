"""The minutes: what the meetings of some days counted, took in, gave out, voted and noted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import Fund
from vsla_desktop.domain.seal import short_form
from vsla_desktop.i18n import _
from vsla_desktop.queries.activities import ActivityKind, ActivityLine, activities_of
from vsla_desktop.queries.lines import LedgerLine, meeting_lines
from vsla_desktop.queries.mark_corrections import RollMark, put_right_at, roll_marks
from vsla_desktop.queries.meetings import PurseCount, meetings_of
from vsla_desktop.queries.pages import MEETING_CLOSED, MEETING_OPEN
from vsla_desktop.queries.sheet import MeetingSheet, meeting_sheet
from vsla_desktop.reports.lists import DAYS_ASKED, count, day, money, number_column
from vsla_desktop.reports.report import (
    Definition,
    Over,
    Report,
    ReportColumn,
    ReportTable,
    Row,
)
from vsla_desktop.reports.subject import group_subject, period_words
from vsla_desktop.wording import mark_word, meeting_word, posting_word, put_right_later

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.queries.filtering import Filter
    from vsla_desktop.queries.purses import SheetPurse
    from vsla_desktop.reports.subject import GroupSubject


@dataclass(frozen=True, slots=True)
class _Held:
    """One meeting that was held: its sheet, its entries, and what it did besides."""

    sheet: MeetingSheet
    lines: tuple[LedgerLine, ...]
    activities: tuple[ActivityLine, ...]
    put_right: tuple[RollMark, ...]
    put_right_since: frozenset[int]


def _build(session: Session, wanted: Filter, clock: Clock) -> Report:
    about = group_subject(session, wanted, clock)
    since, until = wanted.day_from or date.min, wanted.day_to or date.max
    held = tuple(
        _Held(
            meeting_sheet(session, each.meeting_id),
            meeting_lines(session, each.meeting_id),
            activities_of(session, each.meeting_id),
            put_right_at(session, each.meeting_id),
            frozenset(
                mark.member_id for mark in roll_marks(session, each.meeting_id) if mark.right
            ),
        )
        for each in meetings_of(session, about.group_id)
        if each.status in {MEETING_OPEN, MEETING_CLOSED} and since <= each.day <= until
    )
    wordy = (_activities(held), _entries(held, about), _marks(held), _notes(held))
    return Report(
        "minutes",
        _("Minutes"),
        about.name,
        period_words(wanted),
        tables=(
            _meetings(held, about),
            _purses(held, about),
            _members(held, about),
            *(each for each in wordy if each.rows),
        ),
        notes=(put_right_later(),) if any(each.put_right_since for each in held) else (),
        signatures=(_("Chairperson"), _("Secretary"), _("Treasurer")),
        is_landscape=True,
    )


def _number() -> ReportColumn:
    return count(_("Meeting"), has_total=False)


def _meetings(held: Iterable[_Held], about: GroupSubject) -> ReportTable:
    columns = (
        _number(),
        day(_("Day")),
        ReportColumn(_("Kind")),
        count(_("Present"), has_total=False),
        count(_("Members"), has_total=False),
        money(about.words.fund(Fund.SOCIAL)),
        count(about.words.shares()),
        money(_("Other savings")),
        money(_("Fines paid")),
        money(_("Loan repaid")),
        money(_("Loan given")),
        ReportColumn(_("Seal")),
    )
    return ReportTable(_("Meetings"), columns, tuple(map(_meeting, held)), about.currency)


def _meeting(each: _Held) -> Row:
    sheet, rows = each.sheet, each.sheet.rows
    return (
        sheet.number,
        sheet.day,
        meeting_word(sheet.kind),
        sheet.present_count,
        sum(row.is_active for row in rows),
        sum((row.social_paid for row in rows), ZERO),
        sum(row.bought for row in rows),
        sum((amount for row in rows for _code, amount in row.savings), ZERO),
        sum((row.fines_paid for row in rows), ZERO),
        sum((row.loan_repaid for row in rows), ZERO),
        sum((row.loan_taken for row in rows), ZERO),
        short_form(sheet.seal) if sheet.seal else _("Still open"),
    )


def _purses(held: Iterable[_Held], about: GroupSubject) -> ReportTable:
    columns = (
        _number(),
        day(_("Day")),
        ReportColumn(_("Purse")),
        money(_("Counted before"), has_total=False),
        money(_("In")),
        money(_("Out")),
        money(_("Expected"), has_total=False),
        money(_("Counted after"), has_total=False),
        money(_("Difference")),
        ReportColumn(_("Reason")),
    )
    rows = tuple(_purse(each, purse, about) for each in held for purse in each.sheet.purses)
    return ReportTable(_("The purses"), columns, rows, about.currency)


def _purse(held: _Held, purse: SheetPurse, about: GroupSubject) -> Row:
    moves = [
        line.effect - line.bank
        for line in held.lines
        if line.fund is purse.fund and not line.is_pending
    ]
    counts = tuple(each for each in (purse.opening, purse.closing) if each is not None)
    closing = purse.closing
    return (
        held.sheet.number,
        held.sheet.day,
        about.words.fund(purse.fund),
        _counted(purse.opening),
        sum((each for each in moves if each > 0), ZERO),
        -sum((each for each in moves if each < 0), ZERO),
        purse.in_box if closing is None else closing.expected,
        _counted(closing),
        sum((each.difference for each in counts), ZERO),
        "; ".join(each.reason for each in counts if each.reason),
    )


def _counted(counted: PurseCount | None) -> Decimal | None:
    return None if counted is None else counted.counted


def _members(held: Iterable[_Held], about: GroupSubject) -> ReportTable:
    columns = (
        _number(),
        day(_("Day")),
        number_column(),
        ReportColumn(_("Member")),
        ReportColumn(_("Here")),
        money(about.words.fund(Fund.SOCIAL)),
        count(about.words.shares()),
        money(_("Other savings")),
        money(_("Fines charged")),
        money(_("Fines paid")),
        money(_("Loan repaid")),
        money(_("Loan given")),
    )
    rows = tuple(
        (
            each.sheet.number,
            each.sheet.day,
            row.number,
            row.name,
            mark_word(row.attendance, is_put_right=row.member_id in each.put_right_since),
            row.social_paid,
            row.bought,
            sum((amount for _code, amount in row.savings), ZERO),
            row.fines_charged,
            row.fines_paid,
            row.loan_repaid,
            row.loan_taken,
        )
        for each in held
        for row in each.sheet.rows
    )
    return ReportTable(_("Members"), columns, rows, about.currency)


def _activities(held: Iterable[_Held]) -> ReportTable:
    words = {
        ActivityKind.VOTING: _("Voting"),
        ActivityKind.TRAINING: _("Training"),
        ActivityKind.DISCUSSION: _("Discussion"),
    }
    columns = (
        _number(),
        ReportColumn(_("Kind")),
        ReportColumn(_("What about")),
        count(_("Took part"), has_total=False),
        count(_("For"), has_total=False),
        count(_("Against"), has_total=False),
        count(_("Abstained"), has_total=False),
        ReportColumn(_("Result")),
    )

    def rows() -> Iterator[Row]:
        for each in held:
            for line in each.activities:
                vote = line.vote
                hands = (
                    (None, None, None, "")
                    if vote is None
                    else (
                        vote.in_favour,
                        vote.against,
                        vote.abstained,
                        _("Passed") if vote.is_passed else _("Not passed"),
                    )
                )
                yield (each.sheet.number, words[line.kind], line.name, len(line.parts), *hands)

    return ReportTable(_("Votes and activities"), columns, tuple(rows()))


def _entries(held: Iterable[_Held], about: GroupSubject) -> ReportTable:
    columns = (
        _number(),
        ReportColumn(_("Entry")),
        ReportColumn(_("Purse")),
        ReportColumn(_("Member")),
        ReportColumn(_("What for")),
        money(_("In")),
        money(_("Out")),
    )
    rows = tuple(
        (
            each.sheet.number,
            posting_word(line.type),
            about.words.fund(line.fund),
            line.member_name,
            line.reason or line.description,
            max(line.effect, ZERO),
            max(-line.effect, ZERO),
        )
        for each in held
        for line in each.lines
        if line.is_correction or (line.member_id is None and not line.is_pending)
    )
    return ReportTable(_("Other entries and corrections"), columns, rows, about.currency)


def _marks(held: Iterable[_Held]) -> ReportTable:
    columns = (
        _number(),
        number_column(),
        ReportColumn(_("Member")),
        count(_("Of meeting"), has_total=False),
        day(_("Day")),
        ReportColumn(_("Mark")),
        ReportColumn(_("Right mark")),
        ReportColumn(_("Reason")),
    )
    rows = tuple(
        (
            each.sheet.number,
            mark.number,
            mark.name,
            mark.meeting_number,
            mark.day,
            mark_word(mark.given),
            mark_word(mark.right),
            mark.reason,
        )
        for each in held
        for mark in each.put_right
    )
    return ReportTable(_("Marks of earlier meetings put right"), columns, rows)


def _notes(held: Iterable[_Held]) -> ReportTable:
    columns = (_number(), ReportColumn(_("What about")), ReportColumn(_("Text")))
    rows = tuple(
        (each.sheet.number, title, text)
        for each in held
        for title, text in (
            (_("Notes"), each.sheet.minutes),
            (_("Decisions"), each.sheet.decisions),
            (_("To do"), each.sheet.action_items),
        )
        if text
    )
    return ReportTable(_("Notes and decisions"), columns, rows)


MINUTES = Definition(
    "minutes",
    Over.GROUP,
    lambda: _("Minutes"),
    lambda: _("Meetings of some days: counts, members, votes and notes."),
    DAYS_ASKED | {"group_ids"},
    _build,
)
