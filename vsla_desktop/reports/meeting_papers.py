"""The pages of a meeting: the blank sheet, the page as it was written, and the slip."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import Fund
from vsla_desktop.domain.seal import short_form
from vsla_desktop.i18n import _, format_date, labelled
from vsla_desktop.queries.lines import meeting_lines
from vsla_desktop.queries.loans import OUT, loans_of_group
from vsla_desktop.queries.mark_corrections import put_right_at, roll_marks
from vsla_desktop.queries.meetings import expected_in_box
from vsla_desktop.queries.members import members_of
from vsla_desktop.queries.officers import Office, confirmed_by
from vsla_desktop.queries.rules import group_rules
from vsla_desktop.queries.sheet import meeting_sheet
from vsla_desktop.reports.document import (
    Align,
    Column,
    Heading,
    Paper,
    Seal,
    Signatures,
    Table,
    Text,
)
from vsla_desktop.reports.letterhead import NOTHING, Letterhead, letterhead
from vsla_desktop.reports.mark_tables import marks_put_right_here, marks_put_right_since
from vsla_desktop.wording import (
    held_words,
    mark_word,
    meeting_word,
    posting_word,
    whole,
)

if TYPE_CHECKING:
    from collections.abc import Container
    from datetime import date
    from decimal import Decimal

    from sqlalchemy.orm import Session

    from vsla_desktop.queries.lines import LedgerLine
    from vsla_desktop.queries.meetings import PurseCount
    from vsla_desktop.queries.purses import SheetPurse
    from vsla_desktop.queries.sheet import MeetingSheet, SheetRow
    from vsla_desktop.reports.document import Block, Document

ROW_TO_WRITE_IN = 7.5
SPARE_ROWS = 2


def blank_sheet(session: Session, group_id: int, *, day: date, printed: date) -> Document:
    """Return a sheet to write the next meeting on: members, what each should pay, empty boxes."""
    head = letterhead(session, group_id, printed)
    rules = group_rules(session, group_id)
    due: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for loan in loans_of_group(session, group_id, statuses=OUT):
        due[loan.member_id] += loan.due(day)
    members = [
        line
        for line in members_of(session, group_id, on=day)
        if line.is_active and line.status == "ACTIVE"
    ]
    rows = tuple(
        (
            str(line.number),
            line.name,
            *("",) * 4,
            head.amount(line.fines_owed),
            "",
            head.amount(due[line.member_id]),
            *("",) * 2,
        )
        for line in members
    )
    empty = ("",) * 11
    table = Table(
        (
            Column(_("No."), Align.RIGHT),
            Column(_("Name"), Align.LEFT, share=10),
            Column(_("Here"), Align.CENTRE, share=4),
            Column(head.words.fund(Fund.SOCIAL), share=4),
            Column(head.words.shares(), share=3),
            Column(_("Fine"), share=4),
            Column(_("Fines owed"), share=4),
            Column(_("Fines paid"), share=4),
            Column(_("Loan due"), share=5),
            Column(_("Loan paid"), share=4),
            Column(_("New loan"), share=4),
        ),
        rows + (empty,) * SPARE_ROWS,
        totals=("", _("Total"), *("",) * 9),
        row_height=ROW_TO_WRITE_IN,
    )
    counts = Table(
        (
            Column(_("Purse"), Align.LEFT, share=3),
            Column(_("Counted before"), share=2),
            Column(_("In"), share=2),
            Column(_("Out"), share=2),
            Column(_("Counted after"), share=2),
        ),
        tuple(
            (head.words.fund(fund), "", "", "", "") for fund in expected_in_box(session, group_id)
        ),
        row_height=ROW_TO_WRITE_IN,
    )
    share = head.money.with_code(rules.share_value)
    note = _(
        "{shares}: {share} each, at most {most}. {fund}: {social}.",
        shares=head.words.shares(),
        fund=head.words.fund(Fund.SOCIAL),
        share=share,
        most=rules.max_shares_per_meeting,
        social=head.money.with_code(rules.social_fund_contribution),
    )
    return head.document(
        _("Meeting sheet"),
        _("Meeting number ______   Date {date}", date=format_date(day)),
        (Text(note), table, counts, Signatures(_officers())),
        file=f"sheet-{day:%Y-%m-%d}",
    )


def meeting_page(session: Session, meeting_id: int, *, printed: date) -> Document:
    """Return the page of a meeting as it was written: every member, every purse, every note."""
    sheet = meeting_sheet(session, meeting_id)
    head = letterhead(session, sheet.group_id, printed)
    lines = meeting_lines(session, meeting_id)
    since = {each.member_id: each for each in roll_marks(session, meeting_id) if each.right}
    blocks: list[Block] = [_members_table(sheet, head, since)]
    blocks += marks_put_right_since(since.values())
    blocks += [Heading(_("The purses")), _purses_table(sheet, lines, head)]
    if sheet.others:
        blocks += [Heading(_("Other entries")), _others_table(sheet, head)]
    corrections = tuple(line for line in lines if line.is_correction)
    if corrections:
        blocks += [Heading(_("Corrections")), _corrections_table(corrections, head)]
    blocks += marks_put_right_here(put_right_at(session, meeting_id))
    for title, text in (
        (_("Notes"), sheet.minutes),
        (_("Decisions"), sheet.decisions),
        (_("To do"), sheet.action_items),
    ):
        if text:
            blocks += [Heading(title), Text(text)]
    blocks += _ending(session, sheet)
    return head.document(
        _("Meeting {number}", number=sheet.number),
        _subtitle(sheet),
        tuple(blocks),
        file=f"meeting-{sheet.number:03d}",
        is_landscape=True,
    )


def slip(session: Session, meeting_id: int, *, printed: date) -> Document:
    """Return the slip that is read back and handed out: what each purse held, moved and holds."""
    sheet = meeting_sheet(session, meeting_id)
    head = letterhead(session, sheet.group_id, printed)
    lines = meeting_lines(session, meeting_id)
    blocks: list[Block] = [
        Text(
            _("{count} of {all} members present.", count=sheet.present_count, all=_active(sheet))
            + " "
            + head.words.shares_bought(sum(row.bought for row in sheet.rows))
        )
    ]
    for purse in sheet.purses:
        moved: dict[str, Decimal] = defaultdict(lambda: ZERO)
        for line in lines:
            if line.fund is purse.fund and not line.is_pending:
                title = _("Corrections") if line.is_correction else posting_word(line.type)
                moved[title] += line.effect - line.bank
        before = purse.opening.expected if purse.opening is not None else ZERO
        counted = purse.closing.counted if purse.closing is not None else None
        held = purse.in_box if counted is None else counted
        blocks.append(
            Table(
                (Column(head.words.fund(purse.fund), Align.LEFT, share=1), Column("")),
                (
                    (_("In the box before"), head.money.amount(before)),
                    *((title, _signed(amount, head)) for title, amount in moved.items() if amount),
                ),
            )
        )
        blocks.append(head.result(_("In the box now"), held))
    if sheet.decisions:
        blocks += [Heading(_("Decisions")), Text(sheet.decisions)]
    blocks += _ending(session, sheet)
    return head.document(
        _("Meeting {number}", number=sheet.number),
        _subtitle(sheet),
        tuple(blocks),
        file=f"slip-{sheet.number:03d}",
        paper=Paper.A5,
    )


def _subtitle(sheet: MeetingSheet) -> str:
    return held_words(sheet.day, meeting_word(sheet.kind), sheet.place, sheet.purpose)


def _active(sheet: MeetingSheet) -> int:
    return sum(row.is_active for row in sheet.rows)


def _members_table(sheet: MeetingSheet, head: Letterhead, put_right: Container[int]) -> Table:
    columns = [
        Column(_("No.")),
        Column(_("Name"), Align.LEFT, share=1),
        Column(_("Here"), Align.LEFT),
        Column(head.words.fund(Fund.SOCIAL)),
        Column(head.words.shares()),
        Column(_("Held")),
        *(Column(each.name) for each in sheet.saving_columns),
        Column(_("Fines charged")),
        Column(_("Fines paid")),
        Column(_("Loan repaid")),
        Column(_("Loan given")),
        Column(_("Loan left")),
    ]
    rows = tuple(_member_row(row, sheet, head, put_right) for row in sheet.rows)

    def total(values: list[Decimal]) -> str:
        return head.amount(sum(values, ZERO))

    people = sheet.rows
    totals = (
        "",
        _("Total"),
        f"{sheet.present_count}/{_active(sheet)}",
        total([row.social_paid for row in people]),
        whole(sum(row.bought for row in people)),
        whole(sum(row.shares_before + row.shares for row in people)),
        *(total([row.saved(each.code) for row in people]) for each in sheet.saving_columns),
        total([row.fines_charged for row in people]),
        total([row.fines_paid for row in people]),
        total([row.loan_repaid for row in people]),
        total([row.loan_taken for row in people]),
        total([row.loan_settles for row in people]),
    )
    return Table(tuple(columns), rows, totals)


def _member_row(
    row: SheetRow, sheet: MeetingSheet, head: Letterhead, put_right: Container[int]
) -> tuple[str, ...]:
    return (
        str(row.number),
        row.name,
        mark_word(row.attendance, is_put_right=row.member_id in put_right),
        head.amount(row.social_paid),
        str(row.bought) if row.bought else NOTHING,
        str(row.shares_before + row.shares),
        *(head.amount(row.saved(each.code)) for each in sheet.saving_columns),
        head.amount(row.fines_charged),
        head.amount(row.fines_paid),
        head.amount(row.loan_repaid),
        head.amount(row.loan_taken),
        head.amount(row.loan_settles),
    )


def _purses_table(sheet: MeetingSheet, lines: tuple[LedgerLine, ...], head: Letterhead) -> Table:
    rows = []
    for purse in sheet.purses:
        moves = [line.effect - line.bank for line in lines if line.fund is purse.fund]
        opening, closing = purse.opening, purse.closing
        rows.append(
            (
                head.words.fund(purse.fund),
                _counted(opening, head),
                head.amount(sum((each for each in moves if each > 0), ZERO)),
                head.amount(-sum((each for each in moves if each < 0), ZERO)),
                head.amount(purse.in_box if closing is None else closing.expected),
                _counted(closing, head),
                _difference(purse, head),
            )
        )
    return Table(
        (
            Column(_("Purse"), Align.LEFT, share=1),
            Column(_("Counted before")),
            Column(_("In")),
            Column(_("Out")),
            Column(_("Expected")),
            Column(_("Counted after")),
            Column(_("Difference"), Align.LEFT, share=1),
        ),
        tuple(rows),
    )


def _counted(count: PurseCount | None, head: Letterhead) -> str:
    return "" if count is None or count.counted is None else head.amount(count.counted)


def _difference(purse: SheetPurse, head: Letterhead) -> str:
    said = [
        f"{head.amount(count.difference)} {count.reason}".strip()
        for count in (purse.opening, purse.closing)
        if count is not None and count.difference
    ]
    return "; ".join(said) or _("No difference")


def _others_table(sheet: MeetingSheet, head: Letterhead) -> Table:
    return Table(
        (
            Column(_("Entry"), Align.LEFT),
            Column(_("Purse"), Align.LEFT),
            Column(_("What for"), Align.LEFT, share=1),
            Column(_("Amount")),
        ),
        tuple(
            (
                posting_word(line.type),
                head.words.fund(line.fund),
                line.description,
                head.amount(line.effect or line.amount),
            )
            for line in sheet.others
        ),
    )


def _corrections_table(lines: tuple[LedgerLine, ...], head: Letterhead) -> Table:
    return Table(
        (
            Column(_("Entry"), Align.LEFT),
            Column(_("Member"), Align.LEFT),
            Column(_("Reason"), Align.LEFT, share=1),
            Column(_("Amount")),
        ),
        tuple(
            (posting_word(line.type), line.member_name, line.reason, head.amount(line.effect))
            for line in lines
        ),
    )


def _ending(session: Session, sheet: MeetingSheet) -> list[Block]:
    """Return the seal, and who confirmed with it, to be signed as well."""
    if not sheet.seal:
        return [Text(_("This meeting is still open."), is_note=True)]
    named = confirmed_by(session, sheet.meeting_id)
    signing = tuple(
        labelled(word, named[office]) if office in named else word
        for office, word in zip(Office, _officers(), strict=True)
    )
    return [Seal(_("Seal"), short_form(sheet.seal), code_of(sheet), signing)]


def code_of(sheet: MeetingSheet) -> str:
    """Return what a telephone reads from a slip: group, number, day, purses, short seal."""
    balances = ";".join(
        f"{purse.fund.value}={purse.closing.counted}" for purse in sheet.purses if purse.closing
    )
    parts = ("VSLA", sheet.group_code, str(sheet.number), f"{sheet.day:%Y-%m-%d}", balances)
    return ";".join((*parts, short_form(sheet.seal)))


def _officers() -> tuple[str, ...]:
    return _("Chairperson"), _("Secretary"), _("Treasurer")


def _signed(amount: Decimal, head: Letterhead) -> str:
    sign = "+" if amount > 0 else "\N{MINUS SIGN}"
    return f"{sign} {head.money.amount(abs(amount))}"
