"""The sheet of what each member brings along from paper: shares, loan, fines and dues."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from vsla_desktop.domain.baseline import MemberBaseline, OpeningLoan, opening_schedule
from vsla_desktop.domain.currencies import Currency
from vsla_desktop.domain.money import ZERO, parse_amount, parse_count
from vsla_desktop.domain.rules import GroupRules
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import _
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.grid import Cell, CellKind, CellState, Column
from vsla_desktop.wording import GroupWords, figure, sentence_of

NUMBER, NAME, SHARES, PRINCIPAL, PERIODS, CHARGE, FINES, DUE = range(8)
KEYS: Final = (
    "number",
    "name",
    "shares",
    "principal",
    "periods",
    "charge",
    "fines",
    "social_due",
)
AMOUNTS: Final = (PRINCIPAL, CHARGE, FINES, DUE)
_MOST_SHARES: Final = 100_000
_MOST_PERIODS: Final = 60


@dataclass(frozen=True, slots=True)
class PaperMember:
    """A member to bring along."""

    member_id: int
    number: int
    name: str


@dataclass(frozen=True, slots=True)
class PaperGroup:
    """What the sheet needs of the group."""

    currency: Currency
    rules: GroupRules
    cycle_end: date | None


class PaperMembers:
    """A :class:`~vsla_desktop.presenters.grid.GridPresenter` of the members' lines.

    ``texts`` is changed as cells are left, ``kept()`` is told each time; ``day()`` is the day on
    which the book begins.
    """

    frozen_columns = 2

    def __init__(
        self, kept: Callable[[], None], day: Callable[[], date], currency: Currency
    ) -> None:
        self.row_changed: Event[[int]] = Event()
        self.layout_changed: Event[[]] = Event()
        self.group = PaperGroup(currency, GroupRules(share_value=currency.step), None)
        self.members: tuple[PaperMember, ...] = ()
        self.texts: dict[str, dict[str, str]] = {}
        self._kept = kept
        self._day = day
        self._refused: dict[tuple[int, int], str] = {}

    def show(
        self,
        group: PaperGroup,
        members: Sequence[PaperMember],
        texts: dict[str, dict[str, str]],
    ) -> None:
        """Show these members with what was typed of them."""
        self.group, self.members, self.texts = group, tuple(members), texts
        self.layout_changed()
        self.row_changed(-1)

    # ------------------------------------------------------------------ what it comes to

    def lines(self) -> tuple[MemberBaseline, ...]:
        """What can be read of every member; what can not counts as nothing."""
        return tuple(self._line(row) for row in range(len(self.members)))

    def wrong_cell(self) -> tuple[int, int] | None:
        """The first cell that can not stand."""
        for row in range(len(self.members)):
            for column in range(len(KEYS)):
                if self.cell(row, column).state is CellState.IMPOSSIBLE:
                    return row, column
        return None

    def refuse(self, member_id: int, key: str, sentence: str) -> bool:
        """Say at a member's cell what the book refused; tell whether there is such a cell."""
        ids = [member.member_id for member in self.members]
        if member_id not in ids:
            return False
        column = KEYS.index(key) if key in KEYS else PERIODS
        self._refused[ids.index(member_id), column] = sentence
        self.row_changed(-1)
        return True

    def _line(self, row: int) -> MemberBaseline:
        values = {column: self._value(row, column) for column in (SHARES, PERIODS, *AMOUNTS)}
        loan = None
        if values[PRINCIPAL]:
            loan = OpeningLoan(
                principal=values[PRINCIPAL],
                charge=values[CHARGE],
                periods=int(values[PERIODS]) or None,
            )
        return MemberBaseline(
            member_id=self.members[row].member_id,
            shares=int(values[SHARES]),
            loan=loan,
            fines=values[FINES],
            social_due=values[DUE],
        )

    def _value(self, row: int, column: int) -> Decimal:
        try:
            return self._read(column, self._text(row, column))
        except RuleBroken:
            return ZERO

    def _read(self, column: int, text: str) -> Decimal:
        if not text:
            return ZERO
        if column in AMOUNTS:
            return parse_amount(text, self.group.currency)
        most = _MOST_SHARES if column == SHARES else _MOST_PERIODS
        return Decimal(parse_count(text, most))

    def _text(self, row: int, column: int) -> str:
        return self.texts.get(str(self.members[row].number), {}).get(KEYS[column], "")

    # ------------------------------------------------------------------ what is shown

    def row_count(self) -> int:
        """How many members there are."""
        return len(self.members)

    def columns(self) -> Sequence[Column]:
        """As the page of a paper ledger has them; the page says in which currency."""
        amount, count = CellKind.AMOUNT, CellKind.COUNT
        words = GroupWords.of(self.group.rules)
        one = figure(self.group.rules.share_value, self.group.currency)
        return (
            Column("number", _("No."), count),
            Column("name", _("Member")),
            Column("shares", words.shares(), count, is_editable=True, note=f"1 = {one}", width=6),
            Column("principal", _("Loan"), amount, is_editable=True, note=_("left"), width=9),
            Column("periods", _("Periods"), count, is_editable=True, note=_("left"), width=5),
            Column("charge", _("Charge"), amount, is_editable=True, note=_("left"), width=8),
            Column("fines", _("Fines"), amount, is_editable=True, note=_("owed"), width=8),
            Column("social_due", _("Social"), amount, is_editable=True, note=_("owed"), width=8),
        )

    def cell(self, row: int, column: int) -> Cell:
        """See :class:`~vsla_desktop.presenters.grid.GridPresenter`."""
        member = self.members[row]
        if column == NUMBER:
            return Cell(str(member.number), CellState.READONLY)
        if column == NAME:
            return Cell(member.name, CellState.READONLY)
        text = self._text(row, column)
        sentence = self._problem(row, column, text)
        if sentence:
            return Cell(text, CellState.IMPOSSIBLE, sentence)
        return Cell(text)

    def _problem(self, row: int, column: int, text: str) -> str:
        refused = self._refused.get((row, column))
        if refused:
            return refused
        try:
            self._read(column, text)
            if text and column in {PERIODS, CHARGE} and not self._text(row, PRINCIPAL):
                raise RuleBroken("Enter what is left of the loan first.")  # noqa: TRY301
            if column == PERIODS:
                self._check_term(row)
        except RuleBroken as problem:
            return sentence_of(problem)
        return ""

    def _check_term(self, row: int) -> None:
        """Check that the loan ends before the share-out, as the book will."""
        loan = self._line(row).loan
        if loan is not None:
            opening_schedule(
                loan,
                self._day(),
                cycle_end=self.group.cycle_end,
                period_kind=self.group.rules.loan_period,
                most=self.group.rules.loan_max_months,
                unit=self.group.currency.step,
            )

    def row_title(self, row: int) -> str:
        """Whose line it is."""
        member = self.members[row]
        return f"{member.number} {member.name}"

    def choices(self, row: int, column: int) -> Sequence[str]:  # noqa: ARG002 - none anywhere
        """There is nothing to choose."""
        return ()

    def totals(self) -> Sequence[str]:
        """What all members have together."""
        rows = range(len(self.members))
        sums = {c: sum((self._value(row, c) for row in rows), ZERO) for c in (SHARES, *AMOUNTS)}
        said = {c: figure(total, self.group.currency) for c, total in sums.items()}
        return (
            "",
            _("Together"),
            str(int(sums[SHARES])),
            said[PRINCIPAL],
            "",
            said[CHARGE],
            said[FINES],
            said[DUE],
        )

    # ------------------------------------------------------------------ what a person does

    def enter(self, row: int, column: int, text: str) -> None:
        """Take a cell and keep it at once; what can be read is written as the books write it."""
        text = text.strip()
        try:
            value = self._read(column, text)
        except RuleBroken:
            pass
        else:
            is_amount = column in AMOUNTS
            shown = figure(value, self.group.currency) if is_amount else str(value)
            text = shown if value else ""
        cells = self.texts.setdefault(str(self.members[row].number), {})
        cells[KEYS[column]] = text
        self._refused = {place: s for place, s in self._refused.items() if place[0] != row}
        self._kept()
        self.row_changed(row)

    def accept(self, row: int, column: int) -> None:
        """Nothing here is only unlikely."""

    def restore(self, row: int, column: int) -> None:
        """Empty a cell that can not be taken."""
        self.enter(row, column, "")

    def toggle(self, row: int, column: int) -> None:
        """There is nothing to go round."""

    def copy_above(self, row: int, column: int) -> None:
        """Take what stands above."""
        if row:
            self.enter(row, column, self._text(row - 1, column))

    def fill_usual(self, column: int) -> None:
        """Every member's own figures are asked; nothing is usual."""

    def find_row(self, text: str) -> int | None:
        """The first member with this number, or with this in the name."""
        wanted = text.strip().casefold()
        for row, member in enumerate(self.members):
            if wanted and (wanted == str(member.number) or wanted in member.name.casefold()):
                return row
        return None
