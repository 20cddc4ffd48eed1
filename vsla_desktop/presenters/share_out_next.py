"""Opening the next cycle: its days, and who re-invests how many shares."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Final

from vsla_desktop.domain.currencies import Currency
from vsla_desktop.domain.money import ZERO, parse_count
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import _
from vsla_desktop.presenters.days import read_day, write_day
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.form import Field, FieldKind, Form, Reader
from vsla_desktop.presenters.grid import Cell, CellKind, CellState, Column
from vsla_desktop.queries.share_out import SharedCycle
from vsla_desktop.wording import GroupWords, figure, sentence_of

NUMBER, NAME, PAYOUT, SHARES, COST, IN_HAND = range(6)
USUAL_WEEKS: Final = 52


class CycleDays:
    """The first and the last day of the next cycle, 52 weeks apart unless somebody says."""

    def __init__(self, start: date, today: date) -> None:
        self.form = Form(
            {
                key: Reader(partial(read_day, today=today, field=key), write_day)
                for key in ("cycle_start", "cycle_end")
            },
            {
                "cycle_start": write_day(start),
                "cycle_end": write_day(start + timedelta(weeks=USUAL_WEEKS)),
            },
        )

    def fields(self) -> Sequence[Field]:
        """The first and the last day."""
        return (
            Field("cycle_start", _("The cycle begins"), FieldKind.DAY),
            Field("cycle_end", _("Next share-out"), FieldKind.DAY),
        )

    def enter(self, key: str, text: str) -> None:
        """Take what was typed."""
        self.form.enter(key, text)

    def note(self, key: str) -> str:  # noqa: ARG002 - none has a note
        """Help below a field."""
        return ""


class NextCyclePresenter:
    """A :class:`~vsla_desktop.presenters.grid.GridPresenter` of shares to re-invest, and days."""

    def __init__(
        self,
        cycle: SharedCycle,
        currency: Currency,
        today: date,
        *,
        share_value: Decimal,
        most_shares: int,
        words: GroupWords,
    ) -> None:
        self.row_changed: Event[[int]] = Event()
        self.layout_changed: Event[[]] = Event()
        self.cycle = cycle
        self._currency = currency
        self._share_value = share_value
        self._most = most_shares
        self._words = words
        self._typed = [""] * len(cycle.payouts)
        self.days = CycleDays(max(today, cycle.frozen_on or today), today)

    def reinvested(self) -> dict[int, int]:
        """Who buys how many shares; raise :class:`RuleBroken` for a cell that can not be taken."""
        wanted = {}
        for row, each in enumerate(self.cycle.payouts):
            count = self._count(row)
            if count:
                wanted[each.holder.member_id] = count
        return wanted

    # ------------------------------------------------------------------ the sheet

    @property
    def frozen_columns(self) -> int:
        """Number and name."""
        return 2

    def row_count(self) -> int:
        """A row for each member of the share-out."""
        return len(self._typed)

    def columns(self) -> Sequence[Column]:
        """The payout, the shares bought of it, and what is left in the hand."""
        code = self._currency.code
        bought = self._words.say(_("Shares bought"), _("{shares} bought"))
        return (
            Column("number", _("No."), CellKind.COUNT, width=5),
            Column("name", _("Name"), width=22),
            Column("payout", _("Payout"), CellKind.AMOUNT, note=code, width=14),
            Column("shares", bought, CellKind.COUNT, is_editable=True, width=14),
            Column("cost", _("Their price"), CellKind.AMOUNT, note=code, width=14),
            Column("in_hand", _("Kept in hand"), CellKind.AMOUNT, note=code, width=14),
        )

    def cell(self, row: int, column: int) -> Cell:
        """See :meth:`GridPresenter.cell`."""
        each = self.cycle.payouts[row]
        if column == SHARES:
            try:
                self._count(row)
            except RuleBroken as problem:
                return Cell(self._typed[row], CellState.IMPOSSIBLE, sentence_of(problem))
            return Cell(self._typed[row])
        text = {
            NUMBER: str(each.holder.number or ""),
            NAME: each.holder.name,
            PAYOUT: figure(each.line.payout, self._currency),
            COST: figure(self._cost(row), self._currency),
            IN_HAND: figure(each.line.payout - self._cost(row), self._currency),
        }[column]
        return Cell(text, CellState.READONLY)

    def row_title(self, row: int) -> str:
        """Whose row it is."""
        holder = self.cycle.payouts[row].holder
        return f"{holder.number or ''} {holder.name}".strip()

    def choices(self, row: int, column: int) -> Sequence[str]:  # noqa: ARG002 - nothing to choose
        """No cell is a choice."""
        return ()

    def totals(self) -> Sequence[str]:
        """The sums."""
        rows = range(len(self._typed))
        payouts = sum((each.line.payout for each in self.cycle.payouts), ZERO)
        cost = sum((self._cost(row) for row in rows), ZERO)
        bought = int(cost / self._share_value)
        said = [figure(amount, self._currency) for amount in (payouts, cost, payouts - cost)]
        shares = self._words.so_many_shares(bought)
        return ("", _("All members"), said[0], shares, said[1], said[2])

    def enter(self, row: int, column: int, text: str) -> None:
        """Take how many shares a member buys at once."""
        if column == SHARES:
            self._typed[row] = text.strip()
            self.row_changed(-1)

    def accept(self, row: int, column: int) -> None:
        """Nothing is unlikely here."""

    def restore(self, row: int, column: int) -> None:
        """Put back nothing bought."""
        self.enter(row, column, "")

    def toggle(self, row: int, column: int) -> None:
        """No cell is a toggle."""

    def copy_above(self, row: int, column: int) -> None:
        """Take what stands above."""
        if row:
            self.enter(row, column, self._typed[row - 1])

    def fill_usual(self, column: int) -> None:
        """There is no usual number."""

    def find_row(self, text: str) -> int | None:
        """The row of a number or a part of a name."""
        wanted = text.strip().casefold()
        for row, each in enumerate(self.cycle.payouts):
            holder = each.holder
            if wanted and (str(holder.number) == wanted or wanted in holder.name.casefold()):
                return row
        return None

    def _count(self, row: int) -> int:
        if not self._typed[row]:
            return 0
        payout = self.cycle.payouts[row].line.payout
        return parse_count(
            self._typed[row], min(self._most, int(payout // self._share_value)), field="shares"
        )

    def _cost(self, row: int) -> Decimal:
        try:
            return self._count(row) * self._share_value
        except RuleBroken:
            return ZERO
