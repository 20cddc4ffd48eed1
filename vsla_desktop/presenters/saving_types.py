"""The sheet of the kinds of saving: which the group uses, and by which rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from vsla_desktop.domain.currencies import Currency
from vsla_desktop.domain.money import parse_amount, parse_count
from vsla_desktop.domain.saving_types import SavingTypeRule, purses_for
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import _
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.grid import Cell, CellKind, CellState, Column
from vsla_desktop.presenters.rules_agenda import moved
from vsla_desktop.presenters.rules_changes import RuleChange, said_of_type, type_changes
from vsla_desktop.presenters.runner import Runner
from vsla_desktop.presenters.shell import ShellPresenter
from vsla_desktop.wording import GroupWords, sentence_of

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

    What is written is a draft, in force once it is voted with the other rules. ``changed`` tells
    that it may be another one.
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
        words: Callable[[], GroupWords],
    ) -> None:
        self._database = database
        self._runner = runner
        self._shell = shell
        self._group_id = group_id
        self._currency = currency
        self.changed: Event[[]] = Event()
        self.row_changed: Event[[int]] = Event()
        self.layout_changed: Event[[]] = Event()
        self._words = words
        self.draft: tuple[SavingTypeRule, ...] = ()
        self._lines: Mapping[str, SavingTypeLine] = {}
        self._wrong: dict[tuple[str, str], tuple[str, str]] = {}

    # ------------------------------------------------------------------ reading

    def refresh(self) -> None:
        """Read the kinds again; what is being written stays."""
        database, group_id = self._database, self._group_id

        def job() -> tuple[SavingTypeLine, ...]:
            from vsla_desktop.queries.saving_types import saving_types_of

            with database.read() as session:
                return saving_types_of(session, group_id)

        self._runner.submit(job, self._came, self._shell.say_error, owner=self)

    def _came(self, lines: tuple[SavingTypeLine, ...]) -> None:
        is_untouched = self.draft == self._kept() and not self._wrong
        is_longer = len(lines) != len(self._lines)
        self._lines = {line.rule.code: line for line in lines}
        if is_untouched or is_longer:
            self.draft = self._kept()
        if is_longer:
            self.layout_changed()
        self._show(-1)

    def _kept(self) -> tuple[SavingTypeRule, ...]:
        return tuple(line.rule for line in self._lines.values())

    def _show(self, row: int) -> None:
        self.row_changed(row)
        self.changed()

    def changes(self) -> tuple[RuleChange, ...]:
        """What differs from the rules that hold."""
        return type_changes(self._kept(), self.draft, self._currency, self._words())

    def is_wrong(self) -> bool:
        """Whether a cell can not stand."""
        return bool(self._wrong)

    def give_up(self) -> None:
        """Go back to the rules that hold."""
        self._wrong.clear()
        self.draft = self._kept()
        self._show(-1)

    # ------------------------------------------------------------------ what is shown

    def row_count(self) -> int:
        """How many kinds there are."""
        return len(self.draft)

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
        rule, key = self.draft[row], KEYS[column]
        wrong = self._wrong.get((rule.code, key))
        if wrong is not None:
            return Cell(wrong[0], CellState.IMPOSSIBLE, wrong[1])
        text = self._said(rule, key)
        return Cell(text, CellState.FINE if self._takes(rule, key) else CellState.READONLY)

    def _said(self, rule: SavingTypeRule, key: str) -> str:
        if key == "name":
            return self._words().saving(rule.code, self._lines[rule.code].name)
        return said_of_type(rule, key, self._currency, self._words())

    @staticmethod
    def _takes(rule: SavingTypeRule, key: str) -> bool:
        if key in {"minimum", "maximum"}:
            return rule.has_own_limits
        if key == "fund":
            return len(purses_for(rule.code)) > 1
        return key != "name"

    def row_title(self, row: int) -> str:
        """Which kind."""
        return self._said(self.draft[row], "name")

    def choices(self, row: int, column: int) -> Sequence[str]:
        """The purses of a kind, and yes or no."""
        if KEYS[column] == "fund":
            return [self._words().fund(fund) for fund in purses_for(self.draft[row].code)]
        return (_("yes"), _("no")) if KEYS[column] in {"is_used", "allows_withdrawal"} else ()

    def totals(self) -> Sequence[str]:
        """There is nothing to add up."""
        return ()

    # ------------------------------------------------------------------ what a person does

    def enter(self, row: int, column: int, text: str) -> None:
        """Take a cell, or say what is wrong."""
        from vsla_desktop.services.saving_types import problems_of

        rule, key = self.draft[row], KEYS[column]
        if not self._takes(rule, key):
            return
        place = (rule.code, key)
        try:
            written = replace(rule, **{key: self._read(rule, key, text.strip())})
            for problem in problems_of(written, self._lines[rule.code], self._currency):
                raise problem
        except RuleBroken as problem:
            self._wrong[place] = (text, sentence_of(problem))
        else:
            self._wrong.pop(place, None)
            self.draft = (*self.draft[:row], written, *self.draft[row + 1 :])
        self._show(row)

    def _read(self, rule: SavingTypeRule, key: str, text: str) -> Any:
        match key:
            case "is_used" | "allows_withdrawal":
                return text[:1].casefold() in {"y", "o", _("yes")[:1].casefold()}
            case "fund":
                known = {self._words().fund(fund): fund for fund in purses_for(rule.code)}
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
        rules = moved(self.draft, row, by)
        if rules is None:
            return row
        self.draft = tuple(rules)
        self._show(-1)
        return row + by

    def accept(self, row: int, column: int) -> None:
        """Nothing here is only unlikely."""

    def restore(self, row: int, column: int) -> None:
        """Show again what is kept."""
        self._wrong.pop((self.draft[row].code, KEYS[column]), None)
        self._show(row)

    def toggle(self, row: int, column: int) -> None:
        """Go from yes to no."""
        if KEYS[column] in {"is_used", "allows_withdrawal"}:
            is_so = getattr(self.draft[row], KEYS[column])
            self.enter(row, column, _("no") if is_so else _("yes"))

    def copy_above(self, row: int, column: int) -> None:
        """Take what stands above."""
        if row:
            self.enter(row, column, self._said(self.draft[row - 1], KEYS[column]))

    def fill_usual(self, column: int) -> None:
        """There is nothing usual here."""

    def find_row(self, text: str) -> int | None:
        """The first kind with this in its name."""
        wanted = text.strip().casefold()
        names = (self.row_title(row).casefold() for row in range(self.row_count()))
        return next((row for row, name in enumerate(names) if wanted and wanted in name), None)
