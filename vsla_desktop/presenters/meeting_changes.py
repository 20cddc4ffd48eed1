"""What a person changed on the sheet: writing it down, and taking it back by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.orm import Session

from vsla_desktop.clock import Clock
from vsla_desktop.domain.postings import PostingType
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import _, translate_counted
from vsla_desktop.presenters.meeting_cells import SheetColumn, Value
from vsla_desktop.presenters.meeting_columns import all_columns
from vsla_desktop.presenters.meeting_reading import Book
from vsla_desktop.presenters.meeting_roll_call import AttendanceColumn
from vsla_desktop.presenters.meeting_undo import UndoStep
from vsla_desktop.queries.history import Entered, Fined, LoanEntered, Marked
from vsla_desktop.queries.loans import guarantors_of
from vsla_desktop.queries.sheet import SHARES, SheetRow
from vsla_desktop.services.loans import LoanTerms

_CELLS = {
    PostingType.SOCIAL_CONTRIBUTION: "social",
    PostingType.SOCIAL_GRANT: "grant",
    PostingType.SOCIAL_ADVANCE: "advance",
    PostingType.SOCIAL_ADVANCE_REPAYMENT: "advance_repaid",
    PostingType.FINE_PAYMENT: "fine_paid",
    PostingType.LOAN_REPAYMENT: "loan_repaid",
    PostingType.LOAN_DISBURSEMENT: "loan",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One cell that was set to another value."""

    row: SheetRow
    column: SheetColumn
    before: Value
    after: Value


def put(session: Session, book: Book, change: Change, clock: Clock) -> None:
    """Write a change into the book."""
    change.column.write(session, book, change.row, change.after, clock)


def put_or_refuse(session: Session, book: Book, change: Change, clock: Clock) -> RuleBroken | None:
    """Write a change, or return why the book does not take it; other changes stand."""
    try:
        with session.begin_nested():
            put(session, book, change, clock)
    except RuleBroken as error:
        return error
    return None


def undo_step(book: Book, done: Sequence[Change], clock: Clock) -> UndoStep:
    """What takes changes back, named by the cell or by how many members there are."""

    def undo(session: Session) -> None:
        for change in reversed(done):
            change.column.write(session, book, change.row, change.before, clock)

    first = done[0]
    title = first.column.title()
    if len(done) > 1:
        members = translate_counted("{count} member", "{count} members", len(done))
        return UndoStep(f"{title} · {members}", undo)
    before = first.column.show(book, first.before) or "0"
    after = first.column.show(book, first.after) or "0"
    if isinstance(first.column, AttendanceColumn):
        before = first.column.show(book, first.before) or _("not marked")
    who = f"{first.row.number} {first.row.name}"
    return UndoStep(f"{who} · {title} {before} \N{RIGHTWARDS ARROW} {after}", undo)


def remembered(book: Book, entered: Entered) -> Change | None:
    """The change of the sheet that an entry of the book was; None where it was no cell's."""
    row = next((row for row in book.sheet.rows if row.member_id == entered.member_id), None)
    key = _key(entered)
    column = next((column for column in all_columns(book) if column.key == key), None)
    if row is None or column is None:
        return None
    match entered:
        case Marked():
            return Change(row, column, None, row.attendance)
        case Fined():
            return Change(row, column, row.fines_charged - entered.amount, row.fines_charged)
    before, after = (
        _value(book, key, entered.loan, amount, shares)
        for amount, shares in (
            (entered.before, entered.shares_before),
            (entered.after, entered.shares_after),
        )
    )
    return Change(row, column, before, after)


def _key(entered: Entered) -> str:
    match entered:
        case Marked():
            return "attendance"
        case Fined():
            return "fine_charged"
    if entered.type is PostingType.SAVINGS_DEPOSIT:
        is_shares = entered.saving_code == SHARES
        return "shares" if is_shares else f"saving_{entered.saving_code}"
    return _CELLS.get(entered.type, "")


def _value(book: Book, key: str, loan: LoanEntered | None, amount: Decimal, shares: int) -> Value:
    if key == "shares":
        return shares
    if loan is None:
        return amount
    if not amount:
        return LoanTerms(principal=amount)
    people = [(row.member_id, row.name) for row in book.sheet.rows]
    return LoanTerms(
        principal=amount,
        periods=loan.periods,
        purpose=loan.purpose,
        guarantors=guarantors_of(loan.guarantor_id, loan.other_guarantors, people),
    )
