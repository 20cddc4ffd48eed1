"""What the whole group sees: who is served, what she does, and how the meeting stands.

Nothing private is here: no debt, no fine, no telephone number of anybody.
"""

from __future__ import annotations

from dataclasses import dataclass

from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import Fund
from vsla_desktop.i18n import _
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.meeting_columns import Step, step_title, words_of
from vsla_desktop.presenters.meeting_sheet import SheetPresenter
from vsla_desktop.queries.sheet import MeetingSheet, SheetRow


@dataclass(frozen=True, slots=True)
class Figure:
    """One line on the wall: what it is, and how much."""

    title: str
    figure: str


@dataclass(frozen=True, slots=True)
class Wall:
    """Everything on the big screen, as text."""

    group: str
    meeting: str
    step: str
    number: str
    name: str
    does: tuple[Figure, ...]
    totals: tuple[Figure, ...]
    purses: tuple[Figure, ...]


class BigScreenPresenter:
    """Follows the sheet: ``changed`` tells that something else is to be seen."""

    def __init__(self, sheet: SheetPresenter) -> None:
        self.changed: Event[[]] = Event()
        self.sheet = sheet
        self.row = -1
        sheet.row_changed.listen(self._row_changed)
        sheet.step_changed.listen(self._changed)
        sheet.meeting.changed.listen(self._changed)

    def look_at(self, row: int) -> None:
        """Show the member of this row, whom the secretary serves now; -1 shows nobody."""
        if row != self.row:
            self.row = row
            self.changed()

    def wall(self) -> Wall:
        """What is to be seen now."""
        page = self.sheet.book.sheet
        words = words_of(self.sheet.book)
        served = page.rows[self.row] if 0 <= self.row < len(page.rows) else None
        money = self.sheet.book.money
        return Wall(
            group=page.group_name,
            meeting=_("Meeting {number}", number=page.number),
            step="" if self.sheet.step is Step.WHOLE else step_title(self.sheet.step, words),
            number=str(served.number) if served is not None else "",
            name=served.name if served is not None else "",
            does=self._does(served) if served is not None else (),
            totals=self._totals(page),
            purses=tuple(
                Figure(words.fund(purse.fund), money.with_code(purse.in_box))
                for purse in page.purses
            ),
        )

    def _does(self, row: SheetRow) -> tuple[Figure, ...]:
        """What the member saves at this meeting, and never what she owes."""
        book = self.sheet.book
        words, money = words_of(book), book.money
        value = book.sheet.rules.share_value
        found = []
        if row.bought:
            found.append(Figure(words.shares(), self._bought(row.bought)))
        if row.social_paid:
            found.append(Figure(words.fund(Fund.SOCIAL), money.with_code(row.social_paid)))
        found += [
            Figure(words.saving(kind.code, kind.name), money.with_code(row.saved(kind.code)))
            for kind in book.sheet.saving_columns
            if row.saved(kind.code)
        ]
        total = (
            row.bought * value + row.social_paid + sum((a for _kind, a in row.savings), start=ZERO)
        )
        if len(found) > 1:
            found.append(Figure(_("Together"), money.with_code(total)))
        return tuple(found)

    def _bought(self, count: int) -> str:
        book = self.sheet.book
        amount = book.money.with_code(count * book.sheet.rules.share_value)
        return f"{count} = {amount}"

    def _totals(self, page: MeetingSheet) -> tuple[Figure, ...]:
        book = self.sheet.book
        words, money = words_of(book), book.money
        active = sum(row.is_active for row in page.rows)
        social = sum((row.social_paid for row in page.rows), start=ZERO)
        return (
            Figure(_("Present"), _("{count} of {all}", count=page.present_count, all=active)),
            Figure(words.shares(), self._bought(sum(row.bought for row in page.rows))),
            Figure(words.fund(Fund.SOCIAL), money.with_code(social)),
        )

    def _row_changed(self, _row: int) -> None:
        self.changed()

    def _changed(self) -> None:
        self.changed()
