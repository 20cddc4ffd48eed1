"""The two lists beside a loan: its instalments, and what moved of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal

from vsla_desktop.domain.currencies import Currency
from vsla_desktop.domain.loans import Instalment
from vsla_desktop.domain.money import ZERO
from vsla_desktop.i18n import _, format_date
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.grid import Cell, CellKind, Column
from vsla_desktop.presenters.loans_text import change_said, instalment_standing, move_said
from vsla_desktop.queries.loan_history import LET_OFF, LoanChange, penalty_let_off
from vsla_desktop.queries.loan_pages import LoanMove
from vsla_desktop.queries.loans import LoanState
from vsla_desktop.wording import figure


class SchedulePresenter:
    """A list of the instalments; what was paid of them is told once the loan was given."""

    def __init__(
        self, rows: Sequence[Instalment], loan: LoanState | None, currency: Currency, day: date
    ) -> None:
        self.changed: Event[[]] = Event()
        self.rows_came: Event[[int, int]] = Event()
        self._loan = loan
        self._currency = currency
        self._day = day
        self._rows = rows
        self._penalties = loan.penalties if loan is not None else ()
        self._has_penalty = any(self._penalties)
        self._keys = tuple(each.key for each in self.columns())

    def row_count(self) -> int:
        """How many instalments there are."""
        return len(self._rows)

    def columns(self) -> Sequence[Column]:
        """What is said of each; penalties only where there are any."""
        amount = CellKind.AMOUNT
        penalty = (Column("penalty", _("Penalty"), amount, width=7),) if self._has_penalty else ()
        paid = (Column("paid", _("Paid"), amount, width=9),) if self._loan else ()
        mark = (Column("mark", _("Standing"), width=10),) if self._loan else ()
        return (
            Column("number", _("No."), CellKind.COUNT, width=3),
            Column("due", _("Due"), width=13),
            Column("principal", _("Principal"), amount, width=9),
            Column("charge", _("Charge"), amount, width=8),
            *penalty,
            *paid,
            Column("owed", _("To pay"), amount, width=9),
            *mark,
        )

    def cell(self, row: int, column: int) -> Cell:
        """See :class:`~vsla_desktop.presenters.listing.ListPresenter`."""
        line, said, loan = self._rows[row], self._said, self._loan
        key = self._keys[column]
        if key == "number":
            return Cell(str(line.number))
        if key == "due":
            return Cell(format_date(line.due_date))
        if key == "penalty":
            return Cell(said(self._penalties[row] if row < len(self._penalties) else ZERO))
        if key == "mark" and loan is not None:
            about = instalment_standing(line, loan, self._day)
            is_carried = not line.principal
            tip = _("Charge owed before the loan was changed.") if is_carried else ""
            return Cell(about.word, tooltip=tip, icon=about.icon, tone=about.tone)
        amounts = {
            "principal": line.principal,
            "charge": line.charge,
            "paid": line.paid,
            "owed": line.owed if loan is None or loan.is_out else ZERO,
        }
        return Cell(said(amounts[key]))

    def row_title(self, row: int) -> str:
        """The day on which it is due."""
        return format_date(self._rows[row].due_date)

    def _said(self, amount: Decimal) -> str:
        return figure(amount, self._currency)

    def open_row(self, row: int) -> None:
        """There is nothing more to an instalment."""


class MovesPresenter:
    """A list of what moved of a loan, and of what meetings changed of it without money."""

    def __init__(
        self,
        moves: Sequence[LoanMove],
        changes: Sequence[LoanChange],
        currency: Currency,
        correct: Callable[[int], None],
    ) -> None:
        self.changed: Event[[]] = Event()
        self.rows_came: Event[[int, int]] = Event()
        self._moves: list[LoanMove | LoanChange] = sorted(
            [*moves, *changes], key=lambda each: each.day
        )
        self._correct = correct
        self._currency = currency

    def row_count(self) -> int:
        """How many there are."""
        return len(self._moves)

    def columns(self) -> Sequence[Column]:
        """Day, what and how much."""
        return (
            Column("day", _("Day"), width=11),
            Column("what", _("What"), width=11),
            Column("amount", _("Amount"), CellKind.AMOUNT, width=9),
        )

    def cell(self, row: int, column: int) -> Cell:
        """See :class:`~vsla_desktop.presenters.listing.ListPresenter`."""
        move = self._moves[row]
        if isinstance(move, LoanChange):
            amount = penalty_let_off(move.past) if move.name == LET_OFF else ZERO
            what, why = change_said(move.name), move.reason
        else:
            what, why, amount = move_said(move.type), "", move.amount
        texts = (format_date(move.day), what, figure(amount, self._currency))
        return Cell(texts[column], tooltip=why)

    def row_title(self, row: int) -> str:
        """The day."""
        return format_date(self._moves[row].day)

    def open_row(self, row: int) -> None:
        """Go where the entry can be put right."""
        move = self._moves[row]
        if isinstance(move, LoanMove):
            self._correct(move.entry)
