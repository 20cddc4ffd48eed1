"""The sheet: a page of the group's book that is filled in with the keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QTableView, QVBoxLayout, QWidget
from typing_extensions import override

from vsla_desktop.i18n import _, labelled, translate_counted
from vsla_desktop.presenters.grid import CellState, GridPresenter
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.views.theme import set_role
from vsla_desktop.views.widgets.basics import IconLabel, current_theme, label, tone_role
from vsla_desktop.views.widgets.grid_delegate import GridDelegate
from vsla_desktop.views.widgets.grid_model import NUMBERS, GridModel, dotted
from vsla_desktop.views.widgets.grid_view import SheetView, plain_table

_PAD: Final = 8
_FRAME: Final = 4  # the edges of the sheet, both sides together
_BARS: Final = {
    False: Qt.ScrollBarPolicy.ScrollBarAlwaysOff,
    True: Qt.ScrollBarPolicy.ScrollBarAsNeeded,
}
_SAMPLE: Final = 40  # rows looked at to choose the width of a column


class GridTable(QWidget):
    """A sheet over a :class:`GridPresenter`: frozen first columns, cells, totals, one sentence.

    ``name`` is what a screen reader calls the sheet. ``finished`` tells that Enter was pressed in
    the last cell, so that a page can lead on.
    """

    finished = Signal()

    def __init__(self, presenter: GridPresenter, name: str) -> None:
        super().__init__()
        self.presenter = presenter
        self.model = GridModel(presenter, self)
        self.delegate = GridDelegate(self.model, self)
        self.setAccessibleName(name)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(current_theme().px(8))
        self._sheet = QFrame()
        set_role(self._sheet, "sheet")
        box.addWidget(self._sheet, 0, Qt.AlignmentFlag.AlignTop)
        inside = QVBoxLayout(self._sheet)
        inside.setContentsMargins(1, 1, 1, 1)
        inside.setSpacing(0)
        halves = QHBoxLayout()
        halves.setSpacing(0)
        inside.addLayout(halves, 1)
        self.frozen = QTableView(self._sheet)
        self.table = SheetView(self.model, self.delegate, self._sheet)
        halves.addWidget(self.frozen, 0, Qt.AlignmentFlag.AlignTop)
        halves.addWidget(self.table, 1, Qt.AlignmentFlag.AlignTop)
        self.totals = _TotalsStrip(self)
        inside.addWidget(self.totals)
        self.sentence_row = self._make_sentence()
        box.addWidget(self.sentence_row)
        box.addStretch(1)
        self._make_frozen(name)
        self.table.setAccessibleName(name)
        self.setFocusProxy(self.table)
        self._connect()
        self._lay_out()

    # ------------------------------------------------------------------ for pages

    def go_to_member(self, text: str) -> bool:
        """Go to the member whose number or name this is, staying in the column."""
        row = self.presenter.find_row(text)
        if row is None:
            return False
        column = self.table.position()[1]
        return (column >= 0 and self.table.go(row, column)) or self.table.go_first(row)

    def problems(self) -> Iterator[tuple[int, int]]:
        """The cells that hold something impossible, in the order of reading."""
        for row in range(self.model.rowCount()):
            for column in range(self.model.columnCount()):
                if self.model.cell(row, column).state is CellState.IMPOSSIBLE:
                    yield row, column

    def go_to_next_problem(self) -> None:
        """Go to the next impossible cell after the one we are in, round to the first."""
        found = list(self.problems())
        here = self.table.position()
        target = next((place for place in found if place > here), found[0] if found else None)
        if target is not None:
            self.table.setFocus()
            self.table.go(*target)

    def take_sentence_row(self) -> QWidget:
        """The sentence below the sheet, for a page that shows it beside its buttons instead."""
        self.sentence_row.setParent(None)
        self._fit()
        return self.sentence_row

    def hand_over(self) -> None:
        """Hand over the cell being typed in, before the window closes."""
        self.table.hand_over()

    # ------------------------------------------------------------------ making

    def _make_frozen(self, name: str) -> None:
        self.frozen.setModel(self.model)
        # A delegate speaks for one view only: it commits and closes that one's editors.
        self._frozen_delegate = GridDelegate(self.model, self)
        self.frozen.setItemDelegate(self._frozen_delegate)
        plain_table(self.frozen)
        self.frozen.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.frozen.setEditTriggers(QTableView.EditTrigger.NoEditTriggers)
        self.frozen.setAccessibleName(_("{sheet}, members", sheet=name))
        self.frozen.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.frozen.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def _make_sentence(self) -> QWidget:
        row = QWidget()
        below = QHBoxLayout(row)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(current_theme().px(8))
        self._icon = IconLabel("error", Tone.ERROR)
        below.addWidget(self._icon)
        self.sentence = label("", "muted", wrap=True)
        self.sentence.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.sentence.setAccessibleName(_("About this cell"))
        self.sentence.setMinimumHeight(current_theme().px(24))
        below.addWidget(self.sentence, 1)
        self.problem_count = label("", "error")
        below.addWidget(self.problem_count)
        return row

    def _connect(self) -> None:
        down, across = self.table.verticalScrollBar(), self.table.horizontalScrollBar()
        down.valueChanged.connect(self.frozen.verticalScrollBar().setValue)
        self.frozen.verticalScrollBar().valueChanged.connect(down.setValue)
        across.valueChanged.connect(self.totals.update)
        self.table.moved.connect(self._moved)
        self.table.finished.connect(self.finished)
        self.table.next_problem_wanted.connect(self.go_to_next_problem)
        self.frozen.clicked.connect(lambda index: self._row_clicked(index.row()))
        self.model.dataChanged.connect(self._say)
        self.model.modelReset.connect(self._lay_out)

    def _row_clicked(self, row: int) -> None:
        self.table.setFocus()
        column = self.table.position()[1]
        if column < 0 or not self.table.go(row, column):
            self.table.go_first(row)

    def _moved(self) -> None:
        self._frozen_delegate.current = self.delegate.current
        self.frozen.viewport().update()
        self._say()

    # ------------------------------------------------------------------ sizes

    def _lay_out(self) -> None:
        split = self.presenter.frozen_columns
        theme = current_theme()
        metrics = QFontMetrics(theme.digits_font(bold=True))
        lines = 1
        for column in range(self.model.columnCount()):
            self.frozen.setColumnHidden(column, column >= split)
            self.table.setColumnHidden(column, column < split)
            lines = max(lines, 2 if self.model.column(column).note else 1)
        height = metrics.lineSpacing() * lines + theme.px(10)
        self.frozen.horizontalHeader().setFixedHeight(height)
        self.table.horizontalHeader().setFixedHeight(height)
        wide = 0
        for column in range(split):
            width = self._width(column)
            self.frozen.setColumnWidth(column, width)
            wide += width
        self.frozen.setFixedWidth(wide)
        self._fit()
        self._say()

    def _width(self, column: int) -> int:
        theme = current_theme()
        metrics = QFontMetrics(theme.digits_font(bold=True))
        about = self.model.column(column)
        titles = [about.title, about.note, *list(self.presenter.totals())[column : column + 1]]
        rows = range(min(self.model.rowCount(), _SAMPLE))
        icons = any(self.model.cell(row, column).icon for row in rows)
        texts = [self.model.shown(row, column) for row in rows]
        widest = max((metrics.horizontalAdvance(text) for text in texts), default=0)
        asked = about.width * metrics.averageCharWidth()
        # Room for the sign of a wrong cell, which must not push its number out of sight.
        sign = theme.px(24) if about.is_editable or icons else 0
        title = max(metrics.horizontalAdvance(text) for text in titles)
        return max(widest + sign, asked, title) + 2 * _PAD + theme.px(6)

    def _fit(self) -> None:
        """Share out what is left of the width, and be no taller than the rows."""
        split = self.presenter.frozen_columns
        columns = range(split, self.model.columnCount())
        widths = [self._width(column) for column in columns]
        rows_height = self.model.rowCount() * current_theme().row_height
        header = self.table.horizontalHeader().height()
        bar = self.table.horizontalScrollBar()
        room = self.width() - self.frozen.width() - _FRAME
        free = self.height() - self._around()
        needs_down = header + rows_height > free
        room -= self.table.verticalScrollBar().sizeHint().width() if needs_down else 0
        needs_across = sum(widths) > room
        spare = max(room - sum(widths), 0)
        for place, (column, width) in enumerate(zip(columns, widths, strict=True)):
            extra = spare * (place + 1) // len(widths) - spare * place // len(widths)
            self.table.setColumnWidth(column, width + extra)
        across = bar.sizeHint().height() if needs_across else 0
        tall = max(min(header + rows_height + across, free), header + current_theme().row_height)
        # Left to themselves, each bar takes room that then calls for the other.
        self.table.setVerticalScrollBarPolicy(_BARS[needs_down or needs_across])
        self.table.setHorizontalScrollBarPolicy(_BARS[needs_across])
        self.table.setFixedHeight(tall)
        self.frozen.setFixedHeight(tall - across)
        if self.table.currentIndex().isValid():
            self.table.scrollTo(self.table.currentIndex())
        self._sheet.setFixedSize(self.width(), tall + self.totals.height_wanted() + _FRAME)
        self.totals.update()

    def _around(self) -> int:
        below = current_theme().px(40) if self.sentence_row.parent() is self else 0
        return self.totals.height_wanted() + below + _FRAME

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    @override
    def minimumSizeHint(self) -> QSize:
        theme = current_theme()
        return QSize(theme.px(320), theme.px(200))

    @override
    def sizeHint(self) -> QSize:
        rows = self.model.rowCount() * current_theme().row_height
        return QSize(current_theme().px(700), rows + self._around() + current_theme().px(60))

    # ------------------------------------------------------------------ the sentence below

    def _say(self) -> None:
        """Below the sheet: what is wrong or asked here, else about the first impossible cell."""
        self.totals.refresh()
        self.frozen.viewport().update()
        here = self.table.position()
        found = list(self.problems())
        place = here if here[0] >= 0 and self.model.cell(*here).message else None
        place = place or (found[0] if found else None)
        self._show_sentence(place)
        text = translate_counted("{count} cell to fix", "{count} cells to fix", len(found))
        self.problem_count.setText(f"{text}   F8" if found else "")

    def _show_sentence(self, place: tuple[int, int] | None) -> None:
        self._icon.setVisible(place is not None)
        if place is None:
            self.sentence.setText("")
            return
        row, column = place
        cell = self.model.cell(row, column)
        tone = {CellState.IMPOSSIBLE: Tone.ERROR, CellState.UNLIKELY: Tone.WARNING}.get(
            cell.state, Tone.MUTED
        )
        name = {Tone.ERROR: "error", Tone.WARNING: "question"}.get(tone, "info")
        self._icon.show_icon(name, tone)
        set_role(self.sentence, tone_role(tone))
        whose = f"{self.presenter.row_title(row)} · {self.model.column(column).title}"
        ask = _("Press Enter again if it is right.") if tone is Tone.WARNING else ""
        self.sentence.setText(
            " ".join(part for part in (labelled(whose, cell.message), ask) if part)
        )


class _TotalsStrip(QWidget):
    """The totals under the sheet, each under its own column whatever the sheet is scrolled to."""

    def __init__(self, grid: GridTable) -> None:
        super().__init__(grid)
        self._grid = grid

    def height_wanted(self) -> int:
        """None when there is nothing to add up."""
        height = current_theme().px(34) if self._grid.presenter.totals() else 0
        self.setFixedHeight(height)
        return height

    def refresh(self) -> None:
        """Say and draw the totals as they are now."""
        spoken = ", ".join(
            f"{self._grid.model.column(column).title} {text}"
            for column, text in enumerate(self._grid.presenter.totals())
            if text
        )
        self.setAccessibleName(_("Totals: {totals}", totals=spoken))
        self.update()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        totals = list(self._grid.presenter.totals())
        if not totals:
            return
        colours = current_theme().colours
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(colours.sunken))
        painter.setPen(QPen(QColor(colours.muted), 2))
        painter.drawLine(0, 1, self.width(), 1)
        painter.setFont(current_theme().digits_font(bold=True))
        painter.setPen(QColor(colours.text))
        split = self._grid.presenter.frozen_columns
        for column, text in enumerate(totals):
            table = self._grid.frozen if column < split else self._grid.table
            start = (
                table.mapTo(self._grid, QPoint(0, 0)).x() - self.mapTo(self._grid, QPoint(0, 0)).x()
            )
            view = QRect(start, 0, table.viewport().width(), self.height())
            left = start + table.columnViewportPosition(column)
            cell = QRect(left, 0, table.columnWidth(column), self.height())
            painter.setClipRect(view)
            kind = self._grid.model.column(column).kind
            side = Qt.AlignmentFlag.AlignRight if kind in NUMBERS else Qt.AlignmentFlag.AlignLeft
            painter.drawText(
                cell.adjusted(_PAD, 0, -_PAD, 0),
                side | Qt.AlignmentFlag.AlignVCenter,
                dotted(text, kind),
            )
        painter.end()
