"""A small sheet and a small purse with real rules, kept in memory: no service, no database."""

from __future__ import annotations

from collections.abc import Sequence

from vsla_desktop.presenters.counting import CountLine, CountResult
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.grid import Cell, CellKind, CellState, Column
from vsla_desktop.presenters.shell import Tone

NAMES = (
    "Amina Nakato",
    "Brian Okello",
    "Christine Auma",
    "Deo Ssemakula",
    "Esther Namutebi",
    "Fatuma Hassan",
    "Grace Achieng",
    "Hadija Wanjiru",
    "Isaac Mugisha",
    "Joyce Atieno",
    "Kato Lubega",
    "Lydia Nansubuga",
    "Moses Wafula",
)
COLUMNS = (
    Column("number", "No.", CellKind.COUNT),
    Column("name", "Member"),
    Column("attendance", "Roll call", CellKind.TOGGLE, is_editable=True, width=10),
    Column("social", "Social fund", CellKind.AMOUNT, is_editable=True, note="UGX"),
    Column("shares", "Shares", CellKind.COUNT, is_editable=True, note="1 share = 5,000"),
    Column("savings", "Savings", CellKind.AMOUNT, note="UGX"),
    Column("fine", "Fine paid", CellKind.AMOUNT, is_editable=True, note="UGX"),
    Column("repaid", "Loan repaid", CellKind.AMOUNT, is_editable=True, note="UGX"),
    Column("purpose", "Loan for", CellKind.CHOICE, is_editable=True, width=10),
)
NUMBER, NAME, ATTENDANCE, SOCIAL, SHARES, SAVINGS, FINE, REPAID, PURPOSE = range(9)
ROLL = ("", "Present", "Late", "Absent")
ROLL_LOOKS = {
    "Present": ("check", Tone.GOOD),
    "Late": ("clock", Tone.WARNING),
    "Absent": ("minus", Tone.MUTED),
}
MOST_SHARES = 5
USUAL = {SOCIAL: "1000", SHARES: "2"}
UNUSUAL_REPAYMENT = 100_000


class PaperSheet:
    """Thirteen members; shares at most five; who has no loan has nothing to repay."""

    frozen_columns = 2

    def __init__(self, *, rows: int = len(NAMES), borrowers: Sequence[int] = (1, 3, 4)) -> None:
        self.row_changed: Event[[int]] = Event()
        self.layout_changed: Event[[]] = Event()
        self.names = list(NAMES[:rows])
        self.borrowers = frozenset(borrowers)
        self.typed: dict[tuple[int, int], str] = {}
        self.right: dict[tuple[int, int], str] = {}
        self.accepted: set[tuple[int, int]] = set()
        self.entered: list[tuple[int, int, str]] = []

    def row_count(self) -> int:
        return len(self.names)

    def columns(self) -> Sequence[Column]:
        return COLUMNS

    def row_title(self, row: int) -> str:
        return f"{row + 1} {self.names[row]}"

    def choices(self, row: int, column: int) -> Sequence[str]:
        is_offered = column == PURPOSE and row < len(self.names)
        return ("", "Farming", "School", "Trade") if is_offered else ()

    def cell(self, row: int, column: int) -> Cell:
        text = self.typed.get((row, column), "")
        if column == NUMBER:
            return Cell(str(row + 1), CellState.READONLY)
        if column == NAME:
            return Cell(self.names[row], CellState.READONLY)
        if column == SAVINGS:
            return Cell(f"{self._shares(row) * 5000:,}", CellState.READONLY)
        if column == REPAID and row not in self.borrowers:
            return Cell("", CellState.READONLY, tooltip="No loan")
        if column == ATTENDANCE:
            icon, tone = ROLL_LOOKS.get(text, ("", Tone.PLAIN))
            return Cell(text, icon=icon, tone=tone)
        if column == PURPOSE or not text:
            return Cell(text)
        return self._checked(row, column, text)

    def _checked(self, row: int, column: int, text: str) -> Cell:
        if not text.isdecimal():
            return Cell(text, CellState.IMPOSSIBLE, "Type a number.")
        if column == SHARES and int(text) > MOST_SHARES:
            return Cell(text, CellState.IMPOSSIBLE, "Buy at most 5 shares.")
        is_unusual = column == REPAID and int(text) > UNUSUAL_REPAYMENT
        if is_unusual and (row, column) not in self.accepted:
            return Cell(text, CellState.UNLIKELY, "7 times the usual. Right?")
        return Cell(f"{int(text):,}", edit_text=text)

    def _shares(self, row: int) -> int:
        text = self.typed.get((row, SHARES), "")
        return int(text) if text.isdecimal() and int(text) <= MOST_SHARES else 0

    def totals(self) -> Sequence[str]:
        texts = [""] * len(COLUMNS)
        texts[NAME] = "Together"
        rows = range(len(self.names))
        for column in (SOCIAL, FINE, REPAID):
            known = [self.typed.get((row, column), "") for row in rows]
            texts[column] = f"{sum(int(t) for t in known if t.isdecimal()):,}"
        texts[SHARES] = str(sum(self._shares(row) for row in rows))
        texts[SAVINGS] = f"{sum(self._shares(row) for row in rows) * 5000:,}"
        return texts

    def enter(self, row: int, column: int, text: str) -> None:
        self.entered.append((row, column, text))
        if column == ATTENDANCE:
            text = next((word for word in ROLL[1:] if word.lower().startswith(text.lower())), "")
        self.accepted.discard((row, column))
        self.typed[row, column] = text
        if self.cell(row, column).state is CellState.FINE:
            self.right[row, column] = text
        self.row_changed(row)

    def accept(self, row: int, column: int) -> None:
        self.accepted.add((row, column))
        self.right[row, column] = self.typed[row, column]
        self.row_changed(row)

    def restore(self, row: int, column: int) -> None:
        self.typed[row, column] = self.right.get((row, column), "")
        self.row_changed(row)

    def toggle(self, row: int, column: int) -> None:
        here = ROLL.index(self.typed.get((row, column), ""))
        self.typed[row, column] = ROLL[here + 1 if here + 1 < len(ROLL) else 1]
        self.row_changed(row)

    def copy_above(self, row: int, column: int) -> None:
        if row > 0:
            self.enter(row, column, self.typed.get((row - 1, column), ""))

    def fill_usual(self, column: int) -> None:
        for row in range(len(self.names)):
            is_there = self.typed.get((row, ATTENDANCE)) in {"Present", "Late"}
            if column in USUAL and is_there and not self.typed.get((row, column)):
                self.typed[row, column] = USUAL[column]
        self.row_changed(-1)

    def find_row(self, text: str) -> int | None:
        for row, name in enumerate(self.names):
            if text == str(row + 1) or (text and text.casefold() in name.casefold()):
                return row
        return None

    def add_member(self, name: str) -> None:
        self.names.append(name)
        self.layout_changed()


NOTES = (50_000, 20_000, 10_000, 5_000, 2_000, 1_000, 500, 200, 100)


class PaperPurse:
    """Ugandan notes and coins, and what the book says should be there."""

    def __init__(self, expected: int = 186_000) -> None:
        self.changed: Event[[]] = Event()
        self.expected = expected
        self.counts = [""] * len(NOTES)

    def lines(self) -> Sequence[CountLine]:
        return [
            CountLine(
                f"{note:,}",
                count,
                f"{note * int(count):,}" if count.isdecimal() else "",
                "" if count.isdecimal() or not count else "Type how many there are.",
                is_coin=note <= 500,
            )
            for note, count in zip(NOTES, self.counts, strict=True)
        ]

    def result(self) -> CountResult:
        total = sum(
            note * int(count)
            for note, count in zip(NOTES, self.counts, strict=True)
            if count.isdecimal()
        )
        gap = total - self.expected
        if not gap:
            words, tone = "The box agrees with the book.", Tone.GOOD
        else:
            side = "more" if gap > 0 else "less"
            words, tone = f"{abs(gap):,} {side} than the book says.", Tone.WARNING
        return CountResult(f"{total:,}", f"{self.expected:,}", words, tone)

    def enter(self, line: int, text: str) -> None:
        self.counts[line] = text.strip()
        self.changed()
