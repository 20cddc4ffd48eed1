"""What stands on the pages that people take home."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pypdfium2
import pytest

from tests.presenters.book_of_group import after_one_meeting
from tests.services.village import Village
from vsla_desktop.domain.meeting import AttendanceStatus
from vsla_desktop.i18n import speaking
from vsla_desktop.queries.loans import loans_of_group
from vsla_desktop.reports.document import (
    Column,
    Document,
    Paper,
    Result,
    Seal,
    Signatures,
    Table,
    Text,
)
from vsla_desktop.reports.loan_papers import loan_agreement
from vsla_desktop.reports.meeting_papers import blank_sheet, meeting_page, slip
from vsla_desktop.reports.member_papers import member_list, passbook_pages
from vsla_desktop.reports.pdf import as_pdf
from vsla_desktop.services.attendance_corrections import correct_mark
from vsla_desktop.services.cells import set_loan
from vsla_desktop.services.loans import LoanTerms
from vsla_desktop.services.members import MemberChange, change_member

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeVar

    from sqlalchemy.orm import Session

    from vsla_desktop.db import Database

    B = TypeVar("B")

PRINTED = date(2026, 2, 1)
POINTS_A_MILLIMETRE = 72 / 25.4


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with speaking("en"):
        yield


@pytest.fixture
def met(database: Database) -> Village:
    """A group that has met once, in a database of either kind."""
    return after_one_meeting(Village(database))


def only(document: Document, kind: type[B]) -> B:
    return next(block for block in document.blocks if isinstance(block, kind))


def text_of(pages: bytes) -> str:
    opened = pypdfium2.PdfDocument(pages)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in opened)
    finally:
        opened.close()


def sizes(pages: bytes) -> set[frozenset[int]]:
    """The sides of the pages in millimetres, whichever way they lie."""
    opened = pypdfium2.PdfDocument(pages)
    try:
        return {
            frozenset(round(side / POINTS_A_MILLIMETRE) for side in page.get_size())
            for page in opened
        }
    finally:
        opened.close()


def documents(session: Session, village: Village) -> list[Document]:
    return [
        blank_sheet(session, village.group_id, day=PRINTED, printed=PRINTED),
        meeting_page(session, village.meeting_id, printed=PRINTED),
        slip(session, village.meeting_id, printed=PRINTED),
        member_list(session, village.group_id, on=PRINTED),
        passbook_pages(session, village.members[1], on=PRINTED),
    ]


def test_the_page_of_a_meeting_adds_up_and_bears_its_seal(met: Village) -> None:
    with met.database.read() as session:
        page = meeting_page(session, met.meeting_id, printed=PRINTED)
    table = only(page, Table)
    assert [row[1] for row in table.rows] == [
        "Amina Nakato",
        "Beatrice Auma",
        "Chantal Uwase",
        "Daudi Okello",
        "Esther Wanjiru",
    ]
    titles = [column.title for column in table.columns]
    totals = dict(zip(titles, table.totals, strict=True))
    assert totals["Social fund"] == "1,000"
    assert totals["Shares"] == "8"
    assert totals["Fines charged"] == "250"
    assert totals["Fines paid"] == "\N{MIDDLE DOT}"
    assert totals["Here"] == "5/5"
    seal = only(page, Seal)
    assert seal.short in seal.code
    assert "LOAN_FUND=4000.00;SOCIAL=1000.00" in seal.code


def test_the_pages_of_both_meetings_tell_of_a_mark_that_was_put_right(met: Village) -> None:
    given, member = met.meeting_id, met.members[0]
    met.meet()
    with met.at_work() as session:
        correct_mark(
            session,
            met.meeting_id,
            given,
            member,
            AttendanceStatus.EXCUSED,
            "At the clinic",
            clock=met.clock,
        )
    with met.database.read() as session:
        first = meeting_page(session, given, printed=PRINTED)
        second = meeting_page(session, met.meeting_id, printed=PRINTED)
        book = passbook_pages(session, member, on=PRINTED)
    members, since, *_ = (block for block in first.blocks if isinstance(block, Table))
    assert [row[2] for row in members.rows] == ["Present*", *["Present"] * 4]
    assert since.rows == (
        ("1", "Amina Nakato", "2, 12 Jan 2026", "Present", "Excused", "At the clinic"),
    )
    here = [block for block in second.blocks if isinstance(block, Table)][-1]
    assert here.rows == (
        ("1", "Amina Nakato", "1, 5 Jan 2026", "Present", "Excused", "At the clinic"),
    )
    lines = only(book, Table)
    assert lines.rows[0][2] == "Excused*"
    assert only(book, Text).text == "* put right at a later meeting"


def test_the_slip_says_both_balances_in_words(met: Village) -> None:
    with met.database.read() as session:
        document = slip(session, met.meeting_id, printed=PRINTED)
    results = [block for block in document.blocks if isinstance(block, Result)]
    assert [(each.amount, each.note) for each in results] == [
        ("4,000 UGX", "Four thousand UGX"),
        ("1,000 UGX", "One thousand UGX"),
    ]


def test_a_blank_sheet_has_every_member_and_what_she_owes(met: Village) -> None:
    with met.database.read() as session:
        sheet = blank_sheet(session, met.group_id, day=PRINTED, printed=PRINTED)
    table = only(sheet, Table)
    owed = [column.title for column in table.columns].index("Fines owed")
    assert table.rows[1][:2] == ("2", "Beatrice Auma")
    assert table.rows[1][owed] == "250"
    assert table.rows[-1] == ("",) * len(table.columns)


def test_a_passbook_holds_every_meeting_and_what_is_held_then(met: Village) -> None:
    with met.database.read() as session:
        book = passbook_pages(session, met.members[1], on=PRINTED)
    (line,) = only(book, Table).rows
    assert line[0] == "1"
    assert line[3:6] == ("200", "5", "5")


def test_the_list_of_members_adds_up(met: Village) -> None:
    with met.database.read() as session:
        table = only(member_list(session, met.group_id, on=PRINTED), Table)
    assert table.totals[4:6] == ("8", "4,000")
    assert table.totals[8] == "250"


def test_a_loan_agreement_says_what_is_paid_and_when(met: Village) -> None:
    met.meet(present=True)
    with met.at_work() as session:
        terms = LoanTerms(principal=Decimal(1000), periods=2, purpose="Seeds")
        set_loan(session, met.meeting_id, met.members[0], terms, clock=met.clock)
    with met.database.read() as session:
        (loan,) = loans_of_group(session, met.group_id)
        agreement = loan_agreement(session, loan.loan_id, printed=PRINTED)
    assert "1,000 UGX (one thousand UGX)" in only(agreement, Text).text
    table = only(agreement, Table)
    assert len(table.rows) == 2
    assert table.totals[2] == "1,000"
    due = sum((row.total for row in loan.instalments), Decimal(0))
    assert only(agreement, Result).amount == f"{due:,.0f} UGX"


def test_a_loan_agreement_is_signed_by_those_who_stand_for_it_and_by_nobody_else(
    met: Village,
) -> None:
    met.meet(present=True)
    first, second, third, *_others = met.members
    offices = ("Chairperson", "Secretary", "Treasurer")
    for guarantors, names in (((), ()), ((second, third), ("Beatrice Auma", "Chantal Uwase"))):
        with met.at_work() as session:
            terms = LoanTerms(principal=Decimal(1000), periods=2, guarantors=guarantors)
            set_loan(session, met.meeting_id, first, terms, clock=met.clock)
        with met.database.read() as session:
            (loan,) = loans_of_group(session, met.group_id)
            agreement = loan_agreement(session, loan.loan_id, printed=PRINTED)
        assert only(agreement, Signatures).names == ("Amina Nakato", *names, *offices)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_document_is_set_on_both_sizes_of_paper(met: Village, language: str) -> None:
    with speaking(language), met.database.read() as session:
        made = documents(session, met)
    for document in made:
        for paper, size in ((Paper.A4, {210, 297}), (Paper.A5, {148, 210})):
            pages = as_pdf(document, paper=paper)
            assert sizes(pages) == {frozenset(size)}
            assert "Twisungane" in text_of(pages)


def test_names_of_every_script_are_printed_as_they_are_written(met: Village) -> None:
    names = ("አማንዩ ገብረ", "ফাতেমা খাতুন", "សុខ ចាន់", "Ngọc Nguyễn", "Đorđe Žižek")
    with met.at_work() as session:
        for member, name in zip(met.members, names, strict=True):
            first, last = name.split(" ")
            change_member(
                session, member, MemberChange(first_name=first, last_name=last), clock=met.clock
            )
    with met.database.read() as session:
        pages = as_pdf(member_list(session, met.group_id, on=PRINTED))
    shown = text_of(pages)
    assert "Ngọc Nguyễn" in shown
    assert "Đorđe Žižek" in shown
    assert "አማንዩ" in shown
    assert "\N{REPLACEMENT CHARACTER}" not in shown


def test_what_people_type_can_not_change_the_page() -> None:
    nasty = '#panic("x") $ * _ @ [a] \\ "'
    document = Document(
        title=nasty,
        group=nasty,
        subtitle=nasty,
        blocks=(Text(nasty), Table((Column(nasty),), ((nasty,),))),
        file_name="nasty.pdf",
    )
    assert text_of(as_pdf(document)).count('#panic("x")') >= 4
