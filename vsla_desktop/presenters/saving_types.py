"""The sheet of the kinds of saving: which the group uses, and by which rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from vsla_desktop.clock import Clock
from vsla_desktop.domain.currencies import Currency
from vsla_desktop.domain.money import parse_amount, parse_count
from vsla_desktop.domain.saving_types import SavingTypeRule, purses_for
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import _
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.grid import Cell, CellKind, CellState, Column
from vsla_desktop.presenters.runner import Runner
from vsla_desktop.presenters.shell import ShellPresenter
from vsla_desktop.wording import figure, fund_name, sentence_of

if TYPE_CHECKING:
    from vsla_desktop.db import Database
    from vsla_desktop.queries.saving_types import SavingTypeLine

KEYS: Final = (
    "name",
    "is_used",
    "fund",
    "minimum",
    "maximum",
    "allows_withdrawal",
    "notice_days",
)
_MOST_DAYS: Final = 99_999  # the rule says what may stand; this only reads


class SavingTypesPresenter:
    """A :class:`~vsla_desktop.presenters.grid.GridPresenter` of the kinds of saving.

    Each cell is kept as it is left: limits hold for what is entered from then on.
    """

    frozen_columns = 1

    def __init__(
        self,
        database: Database,
        runner: Runner,
        shell: ShellPresenter,
        *,
        group_id: int,
        currency: Currency,
        clock: Clock,
    ) -> None:
        self._database = database
        self._runner = runner
        self._shell = shell
        self._group_id = group_id
        self._currency = currency
        self._clock = clock
        self.row_changed: Event[[int]] = Event()
        self.layout_changed: Event[[]] = Event()
        self._lines: tuple[SavingTypeLine, ...] = ()
        self._wrong: dict[tuple[str, str], tuple[str, str]] = {}

    # ------------------------------------------------------------------ reading

    def refresh(self) -> None:
        """Read the kinds again."""
        database, group_id = self._database, self._group_id

        def job() -> tuple[SavingTypeLine, ...]:
            from vsla_desktop.queries.saving_types import saving_types_of

            with database.read() as session:
                return saving_types_of(session, group_id)

        self._runner.submit(job, self._came, self._shell.say_error, owner=self)

    def _came(self, lines: tuple[SavingTypeLine, ...]) -> None:
        is_longer = len(lines) != len(self._lines)
        self._lines = lines
        if is_longer:
            self.layout_changed()
        self.row_changed(-1)

    # ------------------------------------------------------------------ what is shown

    def row_count(self) -> int:
        """How many kinds there are."""
        return len(self._lines)

    def columns(self) -> Sequence[Column]:
        """The name, and what the group decides."""
        code = self._currency.code
        amount, toggle = CellKind.AMOUNT, CellKind.TOGGLE
        return (
            Column("name", _("Saving type"), width=20),
            Column("is_used", _("In use"), toggle, is_editable=True, width=5),
            Column("fund", _("Purse"), CellKind.CHOICE, is_editable=True, width=14),
            Column("minimum", _("Least"), amount, is_editable=True, note=code, width=9),
            Column("maximum", _("Most"), amount, is_editable=True, note=code, width=9),
            Column("allows_withdrawal", _("Paid back"), toggle, is_editable=True, width=6),
            Column(
                "notice_days",
                _("Notice"),
                CellKind.COUNT,
                is_editable=True,
                note=_("days"),
                width=6,
            ),
        )

    def cell(self, row: int, column: int) -> Cell:
        """See :class:`~vsla_desktop.presenters.grid.GridPresenter`."""
        line, key = self._lines[row], KEYS[column]
        wrong = self._wrong.get((line.rule.code, key))
        if wrong is not None:
            return Cell(wrong[0], CellState.IMPOSSIBLE, wrong[1])
        text = self._said(line, key)
        return Cell(text, CellState.FINE if self._takes(line.rule, key) else CellState.READONLY)

    def _said(self, line: SavingTypeLine, key: str) -> str:
        rule = line.rule
        match key:
            case "name":
                return _(line.name)
            case "is_used" | "allows_withdrawal":
                return _("yes") if getattr(rule, key) else _("no")
            case "fund":
                return fund_name(rule.fund)
            case "minimum":
                return figure(rule.minimum, self._currency) if rule.minimum else ""
            case "maximum":
                return "" if rule.maximum is None else figure(rule.maximum, self._currency)
            case _:
                return str(rule.notice_days) if rule.notice_days else ""

    @staticmethod
    def _takes(rule: SavingTypeRule, key: str) -> bool:
        if key in {"minimum", "maximum"}:
            return rule.has_own_limits
        if key == "fund":
            return len(purses_for(rule.code)) > 1
        return key != "name"

    def row_title(self, row: int) -> str:
        """Which kind."""
        return _(self._lines[row].name)

    def choices(self, row: int, column: int) -> Sequence[str]:
        """The purses of a kind, and yes or no."""
        if KEYS[column] == "fund":
            return [fund_name(fund) for fund in purses_for(self._lines[row].rule.code)]
        return (_("yes"), _("no")) if KEYS[column] in {"is_used", "allows_withdrawal"} else ()

    def totals(self) -> Sequence[str]:
        """There is nothing to add up."""
        return ()

    # ------------------------------------------------------------------ what a person does

    def enter(self, row: int, column: int, text: str) -> None:
        """Take a cell; it is kept at once, or says what is wrong."""
        line, key = self._lines[row], KEYS[column]
        if not self._takes(line.rule, key):
            return
        place = (line.rule.code, key)
        self._wrong.pop(place, None)
        try:
            value = self._read(line.rule, key, text.strip())
        except RuleBroken as problem:
            self._wrong[place] = (text, sentence_of(problem))
            self.row_changed(row)
            return
        rules = [each.rule for each in self._lines]
        rules[row] = replace(line.rule, **{key: value})
        self._keep(rules, place, text)

    def _read(self, rule: SavingTypeRule, key: str, text: str) -> Any:
        match key:
            case "is_used" | "allows_withdrawal":
                return text[:1].casefold() in {"y", "o", _("yes")[:1].casefold()}
            case "fund":
                known = {fund_name(fund): fund for fund in purses_for(rule.code)}
                if text not in known:
                    raise RuleBroken("Choose another purse.", field="fund")
                return known[text]
            case "minimum":
                return parse_amount(text, self._currency) if text else Decimal(0)
            case "maximum":
                return parse_amount(text, self._currency) if text else None
            case _:
                return parse_count(text or "0", _MOST_DAYS)

    def move(self, row: int, by: int) -> int:
        """Move a kind up (-1) or down, as it stands on the sheet; return its row now."""
        target = row + by
        if not (0 <= row < len(self._lines) and 0 <= target < len(self._lines)):
            return row
        lines = list(self._lines)
        lines[row], lines[target] = lines[target], lines[row]
        self._lines = tuple(lines)
        self._keep([line.rule for line in lines], ("", ""), "")
        return target

    def accept(self, row: int, column: int) -> None:
        """Nothing here is only unlikely."""

    def restore(self, row: int, column: int) -> None:
        """Show again what is kept."""
        self._wrong.pop((self._lines[row].rule.code, KEYS[column]), None)
        self.row_changed(row)

    def toggle(self, row: int, column: int) -> None:
        """Go from yes to no."""
        if KEYS[column] in {"is_used", "allows_withdrawal"}:
            is_so = getattr(self._lines[row].rule, KEYS[column])
            self.enter(row, column, _("no") if is_so else _("yes"))

    def copy_above(self, row: int, column: int) -> None:
        """Take what stands above."""
        if row:
            self.enter(row, column, self._said(self._lines[row - 1], KEYS[column]))

    def fill_usual(self, column: int) -> None:
        """There is nothing usual here."""

    def find_row(self, text: str) -> int | None:
        """The first kind with this in its name."""
        wanted = text.strip().casefold()
        names = (self.row_title(row).casefold() for row in range(self.row_count()))
        return next((row for row, name in enumerate(names) if wanted and wanted in name), None)

    # ------------------------------------------------------------------ keeping

    def _keep(self, rules: Sequence[SavingTypeRule], place: tuple[str, str], text: str) -> None:
        database, group_id, clock = self._database, self._group_id, self._clock

        def job() -> tuple[SavingTypeLine, ...]:
            from vsla_desktop.queries.saving_types import saving_types_of
            from vsla_desktop.services.saving_types import keep_saving_types

            with database.write() as session:
                keep_saving_types(session, group_id, rules, clock=clock)
                return saving_types_of(session, group_id)

        def refused(error: Exception) -> None:
            if isinstance(error, RuleBroken):
                self._wrong[place] = (text, sentence_of(error))
                self.row_changed(-1)
            else:
                self._shell.say_error(error)

        self._runner.submit(job, self._came, refused, owner=self)
