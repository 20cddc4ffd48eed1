"""The columns of the meeting sheet: what each shows of a member, how it is read, what it writes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeAlias

from sqlalchemy.orm import Session
from typing_extensions import override

from vsla_desktop.clock import Clock
from vsla_desktop.domain.fines import FineType
from vsla_desktop.domain.meeting import AttendanceStatus, unusual, usual_amount
from vsla_desktop.domain.money import ZERO, parse_amount, parse_count, plain_amount
from vsla_desktop.domain.shares import check_shares, shares_value
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import _
from vsla_desktop.presenters.grid import Cell, CellKind, CellState, Column
from vsla_desktop.presenters.meeting_reading import Book
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.queries.sheet import SheetRow
from vsla_desktop.services.cells import set_shares
from vsla_desktop.services.loans import LoanTerms
from vsla_desktop.wording import GroupWords

Value: TypeAlias = "Decimal | int | str | AttendanceStatus | FineType | LoanTerms | None"
"""What a cell can hold, as the services take it."""

_MOST_TYPED = 10_000
AMOUNT_WIDTH = 7
"""Room for the amounts that are still to come, in characters."""


class SheetColumn:
    """One column of the sheet. This base shows nothing and takes nothing."""

    key: str = ""
    kind: CellKind = CellKind.TEXT
    is_editable: bool = False
    width: int = 0
    nought: str = ""
    """What stands in a cell that takes nothing and holds nothing; a nought is drawn as a dot."""

    def title(self) -> str:
        """The words over the column."""
        return ""

    def note(self, book: Book) -> str:  # noqa: ARG002 - for those that need it
        """The small words under the title."""
        return ""

    def declare(self, book: Book) -> Column:
        """The column as a sheet shows it."""
        return Column(
            self.key,
            self.title(),
            self.kind,
            is_editable=self.is_editable and book.sheet.is_open,
            note=self.note(book),
            width=self.width,
        )

    def cell(self, book: Book, row: SheetRow) -> Cell:
        """The cell as the book has it."""
        value = self.value(book, row)
        text = self.show(book, value)
        if not self.takes(book, row):
            return Cell(text or self.nought, CellState.READONLY, tooltip=self.tip(book, row))
        return Cell(
            text,
            message=waiting_words(book, row),
            tooltip=self.tip(book, row),
            edit_text=self.typed(book, value),
        )

    def value(self, book: Book, row: SheetRow) -> Value:  # noqa: ARG002
        """What the book holds."""
        return None

    def show(self, book: Book, value: Value) -> str:  # noqa: ARG002
        """A value as it stands in the cell."""
        return "" if value is None else str(value)

    def typed(self, book: Book, value: Value) -> str | None:  # noqa: ARG002
        """A value as it stands there while a person types."""
        return None

    def tip(self, book: Book, row: SheetRow) -> str:  # noqa: ARG002
        """What else there is to know."""
        return ""

    def takes(self, book: Book, row: SheetRow) -> bool:
        """Whether this member's cell takes anything."""
        return self.is_editable and book.sheet.is_open and row.is_active

    def read(self, book: Book, row: SheetRow, text: str) -> Value:
        """What was typed; raise :class:`RuleBroken` for what can not be."""
        raise NotImplementedError

    def question(self, book: Book, row: SheetRow, value: Value) -> str:  # noqa: ARG002
        """What to ask about an unlikely value, as a sentence; empty for a likely one."""
        return ""

    def usual(self, book: Book, row: SheetRow) -> Value:  # noqa: ARG002
        """The usual value for a member who has none yet; None for no such thing."""
        return None

    def write(
        self, session: Session, book: Book, row: SheetRow, value: Value, clock: Clock
    ) -> None:
        """Write a value into the book."""
        raise NotImplementedError

    def total(self, book: Book) -> str:  # noqa: ARG002
        """What stands under the column."""
        return ""

    def choices(self, book: Book) -> tuple[str, ...]:  # noqa: ARG002
        """What a choice cell offers."""
        return ()


def waiting_words(book: Book, row: SheetRow) -> str:
    """Say that money a member sent by telephone waits, and why it is not in the sheet yet."""
    if not row.pending:
        return ""
    return _(
        "{amount} by mobile money waits. Press F7 when it came.",
        amount=book.money.amount(row.pending),
    )


class NumberColumn(SheetColumn):
    """The member's number."""

    key, kind = "number", CellKind.COUNT

    @override
    def title(self) -> str:
        return _("No.")

    @override
    def value(self, book: Book, row: SheetRow) -> Value:
        return row.number


class NameColumn(SheetColumn):
    """The member's name; a line under it says what waits for the member's mobile money."""

    key = "name"

    @override
    def title(self) -> str:
        return _("Member")

    @override
    def cell(self, book: Book, row: SheetRow) -> Cell:
        tip = ""
        if row.pending:
            tip = waiting_words(book, row)
        elif not row.is_active:
            tip = _("Not an active member.")
        tone = Tone.PLAIN if row.is_active else Tone.MUTED
        icon = "mobile" if row.pending else ""
        return Cell(row.name, CellState.READONLY, tooltip=tip, tone=tone, icon=icon)

    @override
    def total(self, book: Book) -> str:
        return _("Together")


@dataclass(eq=False)
class AmountColumn(SheetColumn):
    """A column of money: ``held`` reads it off a row, ``put`` writes it into the book.

    ``most`` is what a member can pay at most; ``too_much`` says why it is no more. ``likely`` is
    the amount that others are compared with, ``filled`` what one key fills in.
    """

    key: str = field()
    words: Callable[[], str]
    held: Callable[[SheetRow], Decimal]
    put: Callable[..., object] | None = None
    most: Callable[[SheetRow], Decimal] | None = None
    too_much: str = ""
    likely: Callable[[Book, SheetRow], Decimal | None] | None = None
    filled: Callable[[SheetRow], Decimal] | None = None
    about: Callable[[Book, SheetRow], str] | None = None
    also_left: bool = False
    small: Callable[[Book], str] | None = None

    width: int = AMOUNT_WIDTH

    kind = CellKind.AMOUNT
    nought = "0"

    def __post_init__(self) -> None:
        """Without ``put`` the column only shows."""
        self.is_editable = self.put is not None

    @override
    def title(self) -> str:
        return self.words()

    @override
    def note(self, book: Book) -> str:
        return self.small(book) if self.small else book.sheet.currency

    @override
    def value(self, book: Book, row: SheetRow) -> Value:
        return self.held(row)

    @override
    def show(self, book: Book, value: Value) -> str:
        return book.money.amount(value, zero="") if isinstance(value, Decimal) else ""

    @override
    def typed(self, book: Book, value: Value) -> str | None:
        return book.money.typed(value) if isinstance(value, Decimal) and value else ""

    @override
    def tip(self, book: Book, row: SheetRow) -> str:
        return self.about(book, row) if self.about else ""

    @override
    def takes(self, book: Book, row: SheetRow) -> bool:
        if not (self.is_editable and book.sheet.is_open):
            return False
        if not row.is_active and not self.also_left:
            return False
        return self.most is None or bool(self.most(row) or self.held(row))

    @override
    def read(self, book: Book, row: SheetRow, text: str) -> Value:
        if not text.strip():
            return ZERO
        amount = parse_amount(text, book.money.currency)
        most = None if self.most is None else self.most(row)
        if most is not None and amount > most:
            raise RuleBroken(
                "Pay at most {most}.", hint=self.too_much, field="amount", most=plain_amount(most)
            )
        return amount

    @override
    def question(self, book: Book, row: SheetRow, value: Value) -> str:
        usual = self.likely(book, row) if self.likely else None
        times = unusual(value, usual) if isinstance(value, Decimal) else None
        if times is None or usual is None:
            return ""
        return _("{times} times the usual {amount}.", times=times, amount=book.money.amount(usual))

    @override
    def usual(self, book: Book, row: SheetRow) -> Value:
        amount = self.filled(row) if self.filled else ZERO
        return amount or None

    @override
    def write(
        self, session: Session, book: Book, row: SheetRow, value: Value, clock: Clock
    ) -> None:
        if self.put is not None:
            self.put(session, book.sheet.meeting_id, row.member_id, value, clock=clock)

    @override
    def total(self, book: Book) -> str:
        return book.money.amount(sum((self.held(row) for row in book.sheet.rows), ZERO))


def among_others(column: AmountColumn) -> Callable[[Book, SheetRow], Decimal | None]:
    """The middle one of what the other members have in the same column."""
    return lambda book, row: usual_amount(
        [column.held(each) for each in book.sheet.rows if each.member_id != row.member_id]
    )


class SharesColumn(SheetColumn):
    """How many shares a member buys, under the group's own word for them."""

    key, kind, is_editable = "shares", CellKind.COUNT, True

    def __init__(self, words: GroupWords) -> None:
        self._words = words

    @override
    def title(self) -> str:
        return self._words.shares()

    @override
    def note(self, book: Book) -> str:
        return _("1 = {value}", value=book.money.amount(book.sheet.rules.share_value))

    @override
    def value(self, book: Book, row: SheetRow) -> Value:
        return row.shares

    @override
    def show(self, book: Book, value: Value) -> str:
        return str(value) if value else ""

    @override
    def tip(self, book: Book, row: SheetRow) -> str:
        shares = self._words.so_many_shares(row.shares_before)
        return _("Before today {shares}.", shares=shares)

    @override
    def read(self, book: Book, row: SheetRow, text: str) -> Value:
        if not text.strip():
            return 0
        rules = book.sheet.rules
        return check_shares(
            parse_count(text, _MOST_TYPED, field="shares"),
            max_shares_per_meeting=rules.max_shares_per_meeting,
            meetings_merged=book.sheet.meetings_merged,
        )

    @override
    def usual(self, book: Book, row: SheetRow) -> Value:
        counts = [Decimal(each.shares) for each in book.sheet.rows if each.shares]
        return int(usual_amount(counts) or 1)

    @override
    def write(
        self, session: Session, book: Book, row: SheetRow, value: Value, clock: Clock
    ) -> None:
        if isinstance(value, int):
            set_shares(session, book.sheet.meeting_id, row.member_id, value, clock=clock)

    @override
    def total(self, book: Book) -> str:
        return str(sum(row.shares for row in book.sheet.rows))


def shares_money(book: Book, row: SheetRow) -> Decimal:
    """What a member pays for shares."""
    return shares_value(row.shares, book.sheet.rules.share_value)


class SharesMoneyColumn(SheetColumn):
    """What the shares cost."""

    key, kind, width, nought = "shares_money", CellKind.AMOUNT, AMOUNT_WIDTH, "0"

    @override
    def title(self) -> str:
        return _("Savings")

    @override
    def note(self, book: Book) -> str:
        return book.sheet.currency

    @override
    def value(self, book: Book, row: SheetRow) -> Value:
        return shares_money(book, row)

    @override
    def show(self, book: Book, value: Value) -> str:
        return book.money.amount(value, zero="") if isinstance(value, Decimal) else ""

    @override
    def total(self, book: Book) -> str:
        return book.money.amount(sum((shares_money(book, row) for row in book.sheet.rows), ZERO))
