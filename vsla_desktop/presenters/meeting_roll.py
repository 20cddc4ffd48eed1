"""The roll call of a closed meeting as a list, and putting a mark of it right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from vsla_desktop.clock import Clock
from vsla_desktop.i18n import _
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.grid import Cell, CellKind, Column
from vsla_desktop.presenters.runner import Runner
from vsla_desktop.presenters.shell import ShellPresenter, Tone
from vsla_desktop.wording import attendance_word

if TYPE_CHECKING:
    from vsla_desktop.db import Database
    from vsla_desktop.presenters.mark_correction import MarkCorrectionPresenter
    from vsla_desktop.presenters.meeting_closed import ClosedPage
    from vsla_desktop.queries.mark_corrections import CorrectableMark


class RollPresenter:
    """A :class:`~vsla_desktop.presenters.listing.ListPresenter` of a closed meeting's roll call.

    Each mark stands as it was given, beside it the one that counts since. Below the roll call are
    the marks of earlier meetings that this one put right. ``row`` is the one gone to; ``form`` puts
    its mark right, and ``written`` tells that it did.
    """

    def __init__(
        self,
        page: ClosedPage,
        database: Database,
        runner: Runner,
        shell: ShellPresenter,
        clock: Clock,
    ) -> None:
        self.changed: Event[[]] = Event()
        self.rows_came: Event[[int, int]] = Event()
        self.form_changed: Event[[]] = Event()
        self.written: Event[[]] = Event()
        self.form: MarkCorrectionPresenter | None = None
        self.page = page
        self.is_shown = False
        self.row = 0
        self._marks = (*page.roll, *page.put_right)
        self._database = database
        self._runner = runner
        self._shell = shell
        self._clock = clock

    # ------------------------------------------------------------------ what is shown

    def row_count(self) -> int:
        """One row a mark."""
        return len(self._marks)

    def columns(self) -> Sequence[Column]:
        """Who, the mark, the right one and why; where it was put right."""
        return (
            Column("number", _("No."), CellKind.COUNT, width=4),
            Column("name", _("Member"), width=22),
            Column("mark", _("Roll call"), width=14),
            Column("right", _("Right mark"), width=14),
            Column("why", _("Why"), width=26),
            Column("state", _("Corrected"), width=16),
        )

    def row_title(self, row: int) -> str:
        """Whose mark it is."""
        mark = self._marks[row]
        return f"{mark.number} {mark.name} · {attendance_word(mark.given)}"

    def cell(self, row: int, column: int) -> Cell:
        """One cell of the list."""
        mark = self._marks[row]
        match self.columns()[column].key:
            case "number":
                return Cell(str(mark.number))
            case "name":
                return Cell(mark.name)
            case "mark":
                return Cell(attendance_word(mark.given))
            case "right":
                return Cell("" if mark.right is None else attendance_word(mark.right))
            case "why":
                return Cell(mark.reason)
        if mark.right is None:
            return Cell()
        if row >= len(self.page.roll):
            return Cell(_("of meeting {number}", number=mark.meeting_number), icon="undo")
        words = _("in meeting {number}", number=mark.right_number or "")
        return Cell(words, icon="undo", tone=Tone.MUTED)

    # ------------------------------------------------------------------ what a person does

    def open_row(self, row: int) -> None:
        """Begin to put a mark right; say so when nothing can be."""
        if not 0 <= row < len(self._marks):
            return
        self.row = row
        mark, database = self._marks[row], self._database

        def job() -> CorrectableMark:
            from vsla_desktop.queries.mark_corrections import correctable_mark

            with database.read() as session:
                return correctable_mark(session, mark.meeting_id, mark.member_id)

        self._runner.submit(job, self._begin, self._shell.say_error, owner=self)

    def correct(self, member_id: int) -> None:
        """Show the roll call, and begin to put the mark of a member right."""
        self.is_shown = True
        rows = (row for row, mark in enumerate(self.page.roll) if mark.member_id == member_id)
        self.open_row(next(rows, -1))

    def _begin(self, found: CorrectableMark) -> None:
        from vsla_desktop.presenters.mark_correction import MarkCorrectionPresenter

        self.form = MarkCorrectionPresenter(
            found,
            database=self._database,
            runner=self._runner,
            shell=self._shell,
            currency=self.page.book.money.currency,
            clock=self._clock,
        )
        self.form.left.listen(self._close)
        self.form.written.listen(self._written)
        self.form_changed()

    def _close(self) -> None:
        self.form = None
        self.form_changed()

    def _written(self) -> None:
        self._close()
        self.written()
