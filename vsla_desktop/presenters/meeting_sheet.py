"""The meeting sheet: what a person types in it, and what the book says to that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from vsla_desktop.domain.meeting import AttendanceStatus
from vsla_desktop.errors import RuleBroken, VslaError
from vsla_desktop.i18n import labelled
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.grid import Cell, CellKind, CellState, Column
from vsla_desktop.presenters.meeting_book import MeetingBook
from vsla_desktop.presenters.meeting_cells import SheetColumn, Value
from vsla_desktop.presenters.meeting_changes import (
    Change,
    put,
    put_or_refuse,
    remembered,
    undo_step,
)
from vsla_desktop.presenters.meeting_columns import (
    FROZEN,
    OFF_SHEET,
    Step,
    StepTitle,
    columns_of,
    step_with,
    steps_of,
)
from vsla_desktop.presenters.meeting_loans import LOAN_KEYS, LoanPart
from vsla_desktop.presenters.meeting_new_loan import NewLoans
from vsla_desktop.presenters.meeting_reading import Book
from vsla_desktop.presenters.meeting_roll_call import AttendanceColumn
from vsla_desktop.presenters.meeting_typed import Place, Trouble, Typed
from vsla_desktop.queries.history import Entered
from vsla_desktop.queries.sheet import SheetRow
from vsla_desktop.wording import sentence_of


class SheetPresenter:
    """Members down, the agenda across; each cell goes into the book as it is left.

    ``book_changed`` tells that balances may be others; ``step_changed`` that another step shows.
    """

    frozen_columns = FROZEN

    def __init__(self, meeting: MeetingBook) -> None:
        self.row_changed: Event[[int]] = Event()
        self.layout_changed: Event[[]] = Event()
        self.step_changed: Event[[]] = Event()
        self.meeting = meeting
        self.step = Step.WHOLE
        self._columns_step = self.step  # the sheet keeps its columns while other money is shown
        self._columns = columns_of(self.book, self.step)
        self._typed: dict[Place, Typed] = {}
        self._zeros: set[Place] = set()
        self._serial = 0
        self._shown = self._member_ids()
        self.loans = NewLoans(self)
        meeting.changed.listen(self._read_again)

    @property
    def book(self) -> Book:
        """The page as it was last read."""
        return self.meeting.book

    # ------------------------------------------------------------------ what is shown

    def row_count(self) -> int:
        """How many members the sheet has."""
        return len(self.book.sheet.rows)

    def columns(self) -> Sequence[Column]:
        """The columns of the step."""
        return [column.declare(self.book) for column in self._columns]

    def row_title(self, row: int) -> str:
        """Whose row it is."""
        member = self.book.sheet.rows[row]
        return f"{member.number} {member.name}"

    def choices(self, row: int, column: int) -> Sequence[str]:  # noqa: ARG002 - the same for all
        """What a choice cell offers."""
        return self._columns[column].choices(self.book)

    def cell(self, row: int, column: int) -> Cell:
        """The cell: what was typed while it is under way or wrong, else what the book has."""
        member, about = self._member(row), self._columns[column]
        shown = about.cell(self.book, member)
        place = (member.member_id, about.key)
        typed = self._typed.get(place)
        if typed is None:
            is_zero = place in self._zeros and not shown.text
            return replace(shown, text="0") if is_zero else shown
        if typed.state is CellState.FINE and isinstance(about, AttendanceColumn):
            status = typed.value if isinstance(typed.value, AttendanceStatus) else None
            return about.look(status)
        return Cell(
            typed.text, typed.state, typed.message, shown.tooltip, edit_text=typed.edit_text
        )

    def _member(self, row: int) -> SheetRow:
        """A member's row, with the mark of the roll call that is on its way into the book."""
        member = self.book.sheet.rows[row]
        typed = self._typed.get((member.member_id, AttendanceColumn.key))
        if typed is None or typed.state is not CellState.FINE:
            return member
        status = typed.value if isinstance(typed.value, AttendanceStatus) else None
        return replace(member, attendance=status)

    def totals(self) -> Sequence[str]:
        """What the book has of every column together."""
        return [column.total(self.book) for column in self._columns]

    def find_row(self, text: str) -> int | None:
        """The first member with this number, or with this in the name."""
        wanted = text.strip().casefold()
        rows = self.book.sheet.rows
        by_number = (place for place, row in enumerate(rows) if str(row.number) == wanted)
        by_name = (
            place for place, row in enumerate(rows) if wanted and wanted in row.name.casefold()
        )
        return next(by_number, next(by_name, None))

    # ------------------------------------------------------------------ steps

    def steps(self) -> tuple[StepTitle, ...]:
        """The steps to choose from."""
        return steps_of(self.book)

    def show_step(self, step: Step) -> None:
        """Show the columns of another step."""
        if step is self.step:
            return
        self.step = step
        if step not in OFF_SHEET and step is not self._columns_step:
            self._columns_step = step
            self._columns = columns_of(self.book, step)
            self.layout_changed()
        self.step_changed()

    def next_step(self, by: int = 1) -> None:
        """Go to the next step, or back; round at the ends."""
        steps = [title.step for title in self.steps()]
        here = steps.index(self.step) if self.step in steps else 0
        self.show_step(steps[(here + by) % len(steps)])

    def column_of(self, key: str) -> int:
        """The place of a column, after showing a step that has it."""
        if self.step in OFF_SHEET or all(column.key != key for column in self._columns):
            self.show_step(step_with(self.book, key))
        return next(place for place, column in enumerate(self._columns) if column.key == key)

    def troubles(self) -> list[Trouble]:
        """The cells that are wrong or still asked about, in the order of the members."""
        found: list[Trouble] = []
        for place, row in enumerate(self.book.sheet.rows):
            for (member_id, key), typed in self._typed.items():
                if member_id != row.member_id or typed.state is CellState.FINE:
                    continue
                if (
                    key in LOAN_KEYS
                    and found
                    and found[-1].row == place
                    and (found[-1].key in LOAN_KEYS)
                ):
                    continue  # one loan, one trouble
                found.append(Trouble(place, key, labelled(self.row_title(place), typed.message)))
        return found

    # ------------------------------------------------------------------ what a person does

    def enter(self, row: int, column: int, text: str) -> None:
        """Take what was typed: mark it when it is wrong or unlikely, else write it down."""
        member, about = self._member(row), self._columns[column]
        if not about.takes(self.book, member):
            return
        text = text.strip()
        if isinstance(about, LoanPart):
            self.loans.enter(member, about, text)
            return
        place = (member.member_id, about.key)
        try:
            value = about.read(self.book, member, text)
        except RuleBroken as error:
            self.mark(place, Typed(text, CellState.IMPOSSIBLE, sentence_of(error)))
            return
        if value == about.value(self.book, member) and not self._is_under_way(place):
            self.forget(place)
            if text and about.kind in {CellKind.AMOUNT, CellKind.COUNT} and not value:
                self._zeros.add(place)
            self.row_changed(row)
            return
        question = about.question(self.book, member, value)
        if question:
            self.mark(place, Typed(text, CellState.UNLIKELY, question, value))
            return
        self._save([self._change(member, about, value)])

    def accept(self, row: int, column: int) -> None:
        """Write down what was asked about."""
        member, about = self.book.sheet.rows[row], self._columns[column]
        if isinstance(about, LoanPart):
            self.loans.accept(member)
            return
        typed = self._typed.get((member.member_id, about.key))
        if typed is not None and typed.state is CellState.UNLIKELY:
            self._save([self._change(member, about, typed.value)])

    def restore(self, row: int, column: int) -> None:
        """Show again what the book has."""
        member, about = self.book.sheet.rows[row], self._columns[column]
        if isinstance(about, LoanPart):
            self.loans.forget(member)
        self.forget((member.member_id, about.key))
        self.row_changed(row)

    def toggle(self, row: int, column: int) -> None:
        """Go to the next mark of the roll call."""
        member, about = self.book.sheet.rows[row], self._columns[column]
        if isinstance(about, AttendanceColumn) and about.takes(self.book, member):
            typed = self._typed.get((member.member_id, about.key))
            now = typed.value if typed is not None else member.attendance
            status = now if isinstance(now, AttendanceStatus) else None
            self._save([self._change(member, about, about.after(status))])

    def copy_above(self, row: int, column: int) -> None:
        """Enter what stands in the cell above."""
        if row > 0:
            above = self.cell(row - 1, column)
            self.enter(row, column, above.text if above.edit_text is None else above.edit_text)

    def fill_usual(self, column: int) -> None:
        """Write the usual amount for everyone present who has none; mark all as present."""
        about = self._columns[column]
        changes = []
        for member in self.book.sheet.rows:
            place = (member.member_id, about.key)
            is_roll = isinstance(about, AttendanceColumn)
            is_there = member.attendance is not None and member.attendance.is_present
            if place in self._typed or place in self._zeros or not (is_roll or is_there):
                continue
            if not about.takes(self.book, member) or about.value(self.book, member):
                continue
            usual = about.usual(self.book, member)
            if usual is not None:
                changes.append(self._change(member, about, usual))
        if changes:
            self._save(changes)

    def open_phone(self, row: int) -> None:
        """Turn to the money on the phone, to what the member of a row sent."""
        rows = self.book.sheet.rows
        here = rows[row].member_id if 0 <= row < len(rows) else 0
        sent = [each.member_id for each in rows if each.pending]
        self.meeting.shell.look_at_phone(here if here in sent else next(iter(sent), here))

    @property
    def is_phone_waited_for(self) -> bool:
        """Whether money that a member sent by telephone waits."""
        return any(row.pending for row in self.book.sheet.rows)

    # ------------------------------------------------------------------ writing

    def _change(self, row: SheetRow, column: SheetColumn, value: Value) -> Change:
        return Change(row, column, column.value(self.book, row), value)

    def _save(self, changes: Sequence[Change]) -> None:
        self._serial += 1
        serial, book, clock = self._serial, self.book, self.meeting.clock
        for change in changes:
            shown = change.column.show(book, change.after)
            self._typed[change.row.member_id, change.column.key] = Typed(
                shown,
                CellState.FINE,
                value=change.after,
                edit_text=change.column.typed(book, change.after),
                serial=serial,
            )
            self._zeros.discard((change.row.member_id, change.column.key))

        def action(session: Session) -> list[RuleBroken | None]:
            if len(changes) == 1:
                put(session, book, changes[0], clock)
                return [None]
            return [put_or_refuse(session, book, change, clock) for change in changes]

        self.meeting.write(
            action,
            lambda outcomes: self._saved(changes, serial, outcomes),
            lambda error: self._saved(changes, serial, [error] * len(changes)),
        )
        self._redraw(changes)

    def _saved(
        self, changes: Sequence[Change], serial: int, outcomes: Sequence[VslaError | None]
    ) -> None:
        done = []
        for change, refusal in zip(changes, outcomes, strict=True):
            place = (change.row.member_id, change.column.key)
            typed = self._typed.get(place)
            if refusal is None:
                done.append(change)
            if typed is None or typed.serial != serial:
                continue  # typed again meanwhile
            if refusal is None:
                self._typed[place] = replace(typed, is_saved=True)
            else:
                wrong = Typed(typed.text, CellState.IMPOSSIBLE, sentence_of(refusal))
                self._typed[place] = wrong
        if done:
            self.meeting.undo_stack.push(undo_step(self.book, done, self.meeting.clock))
        self._redraw(changes)

    def remember(self, entered: Entered) -> None:
        """Let something be undone that was entered before the program was started."""
        change = remembered(self.book, entered)
        if change is not None:
            self.meeting.undo_stack.push(undo_step(self.book, [change], self.meeting.clock))

    # ------------------------------------------------------------------ what stands in cells

    def save_loan(self, row: SheetRow, column: SheetColumn, value: Value) -> None:
        """Write a loan down, as it was agreed to."""
        self._save([self._change(row, column, value)])

    def mark(self, place: Place, typed: Typed) -> None:
        """Show this in a cell until it is put right."""
        self._typed[place] = typed
        self.redraw_member(place[0])

    def forget(self, place: Place) -> None:
        """Show again what the book has in a cell."""
        self._typed.pop(place, None)
        self._zeros.discard(place)

    def typed_at(self, place: Place) -> Typed | None:
        """What was typed in a cell and is not in the book."""
        return self._typed.get(place)

    def _is_under_way(self, place: Place) -> bool:
        typed = self._typed.get(place)
        return typed is not None and typed.state is CellState.FINE and not typed.is_saved

    def _redraw(self, changes: Sequence[Change]) -> None:
        if len(changes) > 1:
            self.row_changed(-1)
        else:
            self.redraw_member(changes[0].row.member_id)

    def redraw_member(self, member_id: int) -> None:
        """Draw a member's row anew."""
        ids = [row.member_id for row in self.book.sheet.rows]
        if member_id in ids:
            self.row_changed(ids.index(member_id))

    def _read_again(self) -> None:
        self._typed = {p: t for p, t in self._typed.items() if not t.is_saved}
        before = len(self._columns)
        self._columns = columns_of(self.book, self._columns_step)
        if len(self._columns) != before or self._rows_are_others():
            self.layout_changed()
        else:
            self.row_changed(-1)

    def _rows_are_others(self) -> bool:
        before, self._shown = self._shown, self._member_ids()
        return before != self._shown

    def _member_ids(self) -> tuple[int, ...]:
        return tuple(row.member_id for row in self.book.sheet.rows)
