"""Groups side by side on the screen: a figure to a row, a group to a column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from vsla_desktop.domain.currencies import currency
from vsla_desktop.i18n import _, format_date, labelled
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.grid import Cell, CellKind, Column
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.reports.comparing import theme_word
from vsla_desktop.reports.saying import said
from vsla_desktop.wording import MoneyText

if TYPE_CHECKING:
    from vsla_desktop.presenters.desk import DeskPresenter
    from vsla_desktop.reports.comparing import Comparison


class ComparePresenter:
    """A :class:`~vsla_desktop.presenters.listing.ListPresenter` of the figures of some groups.

    ``row_chosen`` says that another figure's formula is to be shown.
    """

    def __init__(self, desk: DeskPresenter) -> None:
        self.desk = desk
        self.changed: Event[[]] = Event()
        self.rows_came: Event[[int, int]] = Event()
        self.row_chosen: Event[[]] = Event()
        self.found: Comparison | None = None
        self._row = 0

    def refresh(self) -> None:
        """Work the figures out of the book."""
        database, today, marked = self.desk.database, self.desk.clock.today(), self.desk.marked

        def job() -> Comparison:
            from vsla_desktop.queries.filtering import Filter
            from vsla_desktop.reports.comparing import compared

            with database.read() as session:
                return compared(session, Filter(group_ids=marked), today)

        self.desk.runner.submit(job, self._came, self.desk.shell.say_error, owner=self)

    def _came(self, found: Comparison) -> None:
        self.found = found
        self.changed()
        self.choose_row(0)

    def choose_row(self, row: int) -> None:
        """Go to a figure: how it was worked out is told."""
        self._row = max(row, 0)
        self.row_chosen()

    def formula(self) -> str:
        """How the figure gone to was worked out, for each group."""
        found = self.found
        if found is None or self._row >= len(found.lines):
            return ""
        line = found.lines[self._row]
        if not line.formula:
            return _("{figure} on {day}", figure=line.title, day=format_date(found.on))
        counts = ", ".join(
            f"{group.name} {each}" for group, each in zip(found.groups, line.counts, strict=True)
        )
        return labelled(f"{line.title} = {line.formula}", counts)

    def row_count(self) -> int:
        """How many figures there are."""
        return len(self.found.lines) if self.found is not None else 0

    def columns(self) -> Sequence[Column]:
        """The figure, then the groups."""
        groups = self.found.groups if self.found is not None else ()
        return (
            Column("theme", _("About"), width=16, is_spare=True),
            Column("figure", _("Figure"), width=22),
            *(
                Column(str(each.group_id), each.name, CellKind.AMOUNT, note=each.currency)
                for each in groups
            ),
        )

    def cell(self, row: int, column: int) -> Cell:
        """See :class:`~vsla_desktop.presenters.listing.ListPresenter`."""
        if self.found is None:
            return Cell()
        line = self.found.lines[row]
        first = (theme_word(line.theme), line.title)
        if column < len(first):
            is_repeated = column == 0 and row and self.found.lines[row - 1].theme == line.theme
            return Cell("" if is_repeated else first[column])
        place = column - len(first)
        group = self.found.groups[place]
        money = MoneyText(currency(group.currency))
        words = said(line.values[place], line.kind, money)
        if place in line.best:
            return Cell(_("best {figure}", figure=words), tone=Tone.GOOD)
        if place in line.weakest:
            return Cell(_("weakest {figure}", figure=words), tone=Tone.WARNING)
        return Cell(words)

    def row_title(self, row: int) -> str:
        """The figure."""
        return self.found.lines[row].title if self.found is not None else ""

    def open_row(self, row: int) -> None:
        """Enter tells how the figure was worked out, as going there does."""
        self.choose_row(row)
