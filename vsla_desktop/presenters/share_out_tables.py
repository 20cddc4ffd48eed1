"""The lists of the share-out page: what is open, who gets what, notes and coins, share values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from math import floor

from vsla_desktop.domain.currencies import Currency
from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.notes import notes_needed, pieces
from vsla_desktop.domain.postings import Fund
from vsla_desktop.i18n import _, format_date, translate_counted
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.grid import Cell, CellKind, Column
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.queries.share_out import (
    PAID,
    Holder,
    MemberPayout,
    SharedCycle,
    ShareValue,
)
from vsla_desktop.queries.share_out_audit import OpenKind, OpenPoint
from vsla_desktop.wording import GroupWords, figure, whole

PAGE_OF: dict[OpenKind, str] = {
    OpenKind.MEETING: "meeting",
    OpenKind.LOANS: "loans",
    OpenKind.FINES: "meeting",
    OpenKind.SOCIAL_DUES: "meeting",
    OpenKind.ADVANCES: "meeting",
    OpenKind.MOBILE_MONEY: "cashbook",
    OpenKind.CASH_DIFFERENCE: "cashbook",
    OpenKind.BANK: "meeting",
    OpenKind.DEBTS: "cashbook",
}
"""Where each thing that is open can be settled."""

Row = tuple[str, tuple[Cell, ...]]
"""Whose row it is, and its cells."""


class Table:
    """A :class:`~vsla_desktop.presenters.listing.ListPresenter` of rows that are all known."""

    def __init__(self, on_open: Callable[[int], None] | None = None) -> None:
        self.changed: Event[[]] = Event()
        self.rows_came: Event[[int, int]] = Event()
        self._on_open = on_open
        self._columns: tuple[Column, ...] = ()
        self._rows: tuple[Row, ...] = ()

    def show(self, columns: Sequence[Column], rows: Sequence[Row]) -> None:
        """Show these from now on."""
        self._columns, self._rows = tuple(columns), tuple(rows)
        self.changed()

    def row_count(self) -> int:
        """How many rows there are."""
        return len(self._rows)

    def columns(self) -> Sequence[Column]:
        """The columns from left to right."""
        return self._columns

    def cell(self, row: int, column: int) -> Cell:
        """The cell as it is to be shown now."""
        return self._rows[row][1][column]

    def row_title(self, row: int) -> str:
        """Which row it is, in words."""
        return self._rows[row][0]

    def open_row(self, row: int) -> None:
        """The person wants to see more of a row."""
        if self._on_open is not None:
            self._on_open(row)


def worth(value: Fraction, currency: Currency) -> str:
    """Write what a share is worth, rounded down as payouts are: 528.57 of 528 4/7.

    It has two places more than the currency, or those of the currency where that is exact.
    """
    places = currency.digits if (value * 10**currency.digits).denominator == 1 else None
    finer = replace(currency, digits=currency.digits + 2 if places is None else places)
    return figure(Decimal(floor(value * 10**finer.digits)).scaleb(-finer.digits), finer)


def show_points(table: Table, points: Sequence[OpenPoint], currency: Currency) -> None:
    """List what is open, and what to do about it."""
    columns = (
        Column("what", _("What is open"), width=26),
        Column("amount", _("Amount"), CellKind.AMOUNT, note=currency.code),
        Column("who", _("Who"), width=34),
        Column("do", _("What to do"), width=34),
    )
    rows = []
    for point in points:
        what, do = _words(point.kind)
        names = point.names[0] if point.names else ""
        if len(point.names) > 1:
            others = len(point.names) - 1
            names = translate_counted(
                "{name} and {count} more", "{name} and {count} more", others, name=names
            )
        amount = figure(point.amount, currency, zero="")
        cells = (
            Cell(what, icon="warning", tone=Tone.WARNING),
            Cell(amount),
            Cell(names, tooltip=", ".join(point.names)),
            Cell(do),
        )
        rows.append((what, cells))
    table.show(columns, rows)


def show_values(table: Table, value: ShareValue, currency: Currency, words: GroupWords) -> None:
    """List what each member's shares are worth today."""
    code = currency.code
    columns = (
        *_who_columns(),
        Column("shares", words.shares(), CellKind.COUNT),
        Column("savings", _("Savings"), CellKind.AMOUNT, note=code),
        Column("today", _("Worth today"), CellKind.AMOUNT, note=code),
        Column("profit", _("Profit"), CellKind.AMOUNT, note=code),
    )
    rows = [
        (
            holder.name,
            (
                *_who(holder),
                Cell(whole(stake.shares)),
                Cell(figure(stake.savings, currency)),
                Cell(figure(amount, currency)),
                _gain(amount - stake.savings, currency),
            ),
        )
        for holder, stake, amount in value.members
    ]
    table.show(columns, rows)


def show_payouts(
    table: Table,
    cycle: SharedCycle,
    currency: Currency,
    words: GroupWords,
    *,
    is_narrow: bool = False,
) -> None:
    """List what each member gets and how it comes about, with the sums in the last row.

    Where there is little room, what is in the passbooks anyway is left out: savings and profit.
    """
    lines = [each.line for each in cycle.payouts]
    has_social = any(line.social for line in lines)
    is_voted = cycle.frozen_on is not None
    code, amount = currency.code, CellKind.AMOUNT
    social = Column("social", words.fund(Fund.SOCIAL), amount, note=code)
    columns = [
        *_who_columns(),
        Column("shares", words.shares(), CellKind.COUNT),
        *([] if is_narrow else _earned_columns(code)),
        *([social] if has_social else []),
        Column("entitled", _("Entitled"), amount, note=code),
        Column("debts", _("Debts"), amount, note=code),
        Column("payout", _("Payout"), amount, note=code),
        *([Column("status", _("Paid"), width=12)] if is_voted else []),
    ]

    def said(value: Decimal) -> Cell:
        return Cell(figure(value, currency))

    def row(name: str, who: Sequence[Cell], each: MemberPayout | None) -> Row:
        chosen = lines if each is None else [each.line]

        def total(field: str) -> Decimal:
            return sum((getattr(line, field) for line in chosen), ZERO)

        lost = total("written_off")
        debts = Cell(
            figure(total("debts"), currency),
            tooltip=_("{amount} is written off.", amount=figure(lost, currency)) if lost else "",
            icon="warning" if lost else "",
            tone=Tone.WARNING if lost else Tone.PLAIN,
        )
        cells = [
            *who,
            Cell(whole(sum(line.shares for line in chosen))),
            *([] if is_narrow else [said(total("savings")), _gain(total("profit"), currency)]),
            *([said(total("social"))] if has_social else []),
            said(total("entitled")),
            debts,
            said(total("payout")),
            *([_status(each)] if is_voted else []),
        ]
        return name, tuple(cells)

    rows = [row(each.holder.name, _who(each.holder), each) for each in cycle.payouts]
    rows.append(row(_("All members"), (Cell(), Cell(_("All members"))), None))
    table.show(columns, rows)


def show_notes(table: Table, cycle: SharedCycle, currency: Currency) -> str:
    """List the notes and coins for each member and for all; return what no pieces pay."""
    payouts = [each.line.payout for each in cycle.payouts]
    needed, unpaid = notes_needed(payouts, currency.denominations)
    used = tuple(needed)
    plain = replace(currency, digits=0) if currency.smallest_piece >= 1 else currency
    columns = (
        *_who_columns(),
        Column("payout", _("Payout"), CellKind.AMOUNT, note=currency.code),
        *(Column(str(piece), figure(piece, plain), CellKind.COUNT) for piece in used),
    )
    rows = []
    for each in cycle.payouts:
        found = pieces(each.line.payout, currency.denominations) or {}
        cells = (
            *_who(each.holder),
            Cell(figure(each.line.payout, currency)),
            *(Cell(whole(found.get(piece, 0))) for piece in used),
        )
        rows.append((each.holder.name, cells))
    total = (
        Cell(),
        Cell(_("All members")),
        Cell(figure(sum(payouts, ZERO), currency)),
        *(Cell(whole(needed[piece])) for piece in used),
    )
    rows.append((_("All members"), total))
    table.show(columns, rows)
    if not unpaid:
        return _("These notes and coins pay everybody exactly.")
    return _("No notes and coins pay {amount} of it.", amount=figure(unpaid, currency))


def _who_columns() -> tuple[Column, ...]:
    return (
        Column("number", _("No."), CellKind.COUNT, width=4),
        Column("name", _("Name"), width=20),
    )


def _earned_columns(code: str) -> tuple[Column, ...]:
    return (
        Column("savings", _("Savings"), CellKind.AMOUNT, note=code),
        Column("profit", _("Profit"), CellKind.AMOUNT, note=code),
    )


def _who(holder: Holder) -> tuple[Cell, Cell]:
    return Cell(str(holder.number or "")), Cell(holder.name)


def _gain(amount: Decimal, currency: Currency) -> Cell:
    return Cell(figure(amount, currency), tone=Tone.WARNING if amount < 0 else Tone.PLAIN)


def _status(each: MemberPayout | None) -> Cell:
    if each is None or each.status != PAID:
        return Cell()
    day = format_date(each.paid_on) if each.paid_on else ""
    return Cell(day, icon="check", tone=Tone.GOOD)


def _words(kind: OpenKind) -> tuple[str, str]:
    return {
        OpenKind.MEETING: (_("A meeting is open"), _("Share out in it, or close it.")),
        OpenKind.LOANS: (_("Loans not repaid"), _("Take repayments, or set them off.")),
        OpenKind.FINES: (_("Fines not paid"), _("Take them, or set them off.")),
        OpenKind.SOCIAL_DUES: (_("Social fund not given"), _("Take what is missing.")),
        OpenKind.ADVANCES: (_("Advances not paid back"), _("Take them, or set them off.")),
        OpenKind.MOBILE_MONEY: (_("Mobile money not verified"), _("Verify or reject it.")),
        OpenKind.CASH_DIFFERENCE: (_("Differences at counts"), _("Look for the reason.")),
        OpenKind.BANK: (_("Money at the bank"), _("Fetch it before the count.")),
        OpenKind.DEBTS: (_("Debts to others"), _("Pay them, or keep them back.")),
    }[kind]
