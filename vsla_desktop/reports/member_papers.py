"""The pages of the members: the list of them, and the pages of one passbook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import Fund
from vsla_desktop.i18n import _, format_date
from vsla_desktop.queries.members import members_of, passbook
from vsla_desktop.queries.rules import group_rules
from vsla_desktop.queries.tables import MEMBERS
from vsla_desktop.reports.document import (
    Align,
    Column,
    Facts,
    Heading,
    Paper,
    Signatures,
    Table,
    Text,
)
from vsla_desktop.reports.letterhead import NOTHING, Letterhead, letterhead
from vsla_desktop.wording import mark_word, office_word, posting_word, put_right_later, whole

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from sqlalchemy.orm import Session

    from vsla_desktop.queries.members import MemberLine, Passbook, PassbookLine
    from vsla_desktop.reports.document import Block, Document

_GROUP_OF = MEMBERS.select().with_only_columns(MEMBERS.c.group_id)


def member_list(session: Session, group_id: int, *, on: date) -> Document:
    """Return the list of a group's members with what each holds and owes on a day."""
    head = letterhead(session, group_id, on)
    members = members_of(session, group_id, on=on)
    women = sum(line.gender == "F" for line in members)
    share_value = group_rules(session, group_id).share_value
    columns = (
        Column(_("No.")),
        Column(_("Name"), Align.LEFT, share=1),
        Column(_("Office"), Align.LEFT),
        Column(_("Phone"), Align.LEFT),
        Column(head.words.shares()),
        Column(_("{shares}, worth", shares=head.words.shares())),
        Column(_("Other savings")),
        Column(_("Loan left")),
        Column(_("Fines owed")),
        Column(_("Came")),
    )
    rows = tuple(
        (
            str(line.number),
            line.name,
            office_word(line.office),
            line.phone_number,
            whole(int(line.shares_value // share_value)) if share_value else NOTHING,
            head.amount(line.shares_value),
            head.amount(line.savings - line.shares_value),
            head.amount(line.loans_owed),
            head.amount(line.fines_owed),
            f"{line.attendance_percentage:.0f} %",
        )
        for line in members
    )

    def total(values: list[Decimal]) -> str:
        return head.amount(sum(values, ZERO))

    held = sum((line.shares_value for line in members), ZERO)
    totals = (
        "",
        _("Total"),
        "",
        "",
        whole(int(held // share_value)) if share_value else NOTHING,
        head.amount(held),
        total([line.savings - line.shares_value for line in members]),
        total([line.loans_owed for line in members]),
        total([line.fines_owed for line in members]),
        "",
    )
    return head.document(
        _("Members"),
        _(
            "{day}: {count} members, {women} women.",
            day=format_date(on),
            count=len(members),
            women=women,
        ),
        (Table(columns, rows, totals),),
        file=f"members-{on:%Y-%m-%d}",
        is_landscape=True,
    )


def passbook_pages(session: Session, member_id: int, *, on: date) -> Document:
    """Return a member's passbook: each meeting a line, with what she then held."""
    group_id = session.connection().execute(_GROUP_OF.where(MEMBERS.c.id == member_id)).scalar()
    head = letterhead(session, group_id or 0, on)
    book = passbook(session, member_id, on=on)
    member = book.member
    blocks: tuple[Block, ...] = (
        Facts(_facts(member, head), columns=1),
        _lines_table(book, head),
        *_about_marks(book),
        *_others(book, head),
        Signatures((_("Member"), _("Treasurer"))),
    )
    return head.document(
        _("Passbook"),
        _("Member {number}: {name}", number=member.number, name=member.name),
        blocks,
        file=f"passbook-{member.number:02d}",
        paper=Paper.A5,
    )


def _about_marks(book: Passbook) -> tuple[Block, ...]:
    is_needed = any(line.given is not None for line in book.lines)
    return (Text(put_right_later(), is_note=True),) if is_needed else ()


def _facts(member: MemberLine, head: Letterhead) -> tuple[tuple[str, str], ...]:
    joined = format_date(member.joined) if member.joined is not None else ""
    return (
        (_("Joined"), joined),
        (_("Savings"), head.in_full(member.savings)),
        (_("Loan left"), head.money.with_code(member.loans_owed)),
        (_("Fines owed"), head.money.with_code(member.fines_owed)),
    )


def _lines_table(book: Passbook, head: Letterhead) -> Table:
    return Table(
        (
            Column(_("Meeting")),
            Column(_("Date"), Align.LEFT),
            Column(_("Here"), Align.LEFT),
            Column(head.words.fund(Fund.SOCIAL)),
            Column(head.words.shares()),
            Column(_("Held")),
            Column(_("Fines paid")),
            Column(_("Loan paid")),
            Column(_("New loan")),
        ),
        tuple(_passbook_row(line, head) for line in book.lines),
    )


def _passbook_row(line: PassbookLine, head: Letterhead) -> tuple[str, ...]:
    return (
        str(line.meeting_number or ""),
        format_date(line.day),
        mark_word(line.attendance, is_put_right=line.given is not None),
        head.amount(line.social),
        str(line.shares) if line.shares else NOTHING,
        str(line.shares_held),
        head.amount(line.fines_paid),
        head.amount(line.loan_principal + line.loan_charge + line.loan_penalty),
        head.amount(line.loan_given),
    )


def _others(book: Passbook, head: Letterhead) -> tuple[Block, ...]:
    """Return what has no column of its own, so that the pages hold all that was paid."""
    rows = tuple(
        (format_date(line.day), posting_word(entry.type), head.amount(entry.effect))
        for line in book.lines
        for entry in line.others
    )
    if not rows:
        return ()
    columns = (
        Column(_("Date"), Align.LEFT),
        Column(_("Entry"), Align.LEFT, share=1),
        Column(_("Amount")),
    )
    return Heading(_("Other entries")), Table(columns, rows)
