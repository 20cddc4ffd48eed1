"""A coordinator's desk: her groups in one table, those that need her first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from vsla_desktop.clock import Clock
from vsla_desktop.domain.attention import Concern, Urgency
from vsla_desktop.domain.currencies import currency
from vsla_desktop.domain.money import ZERO
from vsla_desktop.i18n import _, format_date, translate_counted
from vsla_desktop.presenters.desk_cells import Around, desk_cell
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.form import Choice
from vsla_desktop.presenters.grid import Cell, CellKind, Column
from vsla_desktop.presenters.reports_words import chosen_word
from vsla_desktop.presenters.runner import Runner
from vsla_desktop.presenters.shell import ShellPresenter, Tone
from vsla_desktop.queries.filtering import Filter
from vsla_desktop.reports.attention_words import (
    concern_word,
    reason_words,
    urgency_word,
    whole_percent,
)
from vsla_desktop.wording import MoneyText, figure

if TYPE_CHECKING:
    from vsla_desktop.db import Database
    from vsla_desktop.presenters.desk_reading import DeskRead
    from vsla_desktop.queries.desk import DeskLine

ALL: Final = ""
FEWEST_MARKED, MOST_MARKED = 2, 6
_CHOSEN_BY: Final = (
    Concern.BOX_DIFFERS,
    Concern.LATE_LOANS,
    Concern.MEETINGS_MISSED,
    Concern.LEFT_OPEN,
    Concern.SHARE_OUT_SOON,
    Concern.ACTIONS_LATE,
    Concern.TO_SETTLE,
    Concern.LOW_ATTENDANCE,
    Concern.MEMBERS_LEFT,
)
_ALSO: Final = {
    Concern.BOX_DIFFERS: Concern.PURSES_DIFFER,
    Concern.MEETINGS_MISSED: Concern.NEVER_MET,
    Concern.SHARE_OUT_SOON: Concern.SHARE_OUT_LATE,
    Concern.LOW_ATTENDANCE: Concern.FEW_CAME,
}
"""What is meant as well where one of them is chosen."""


@dataclass(frozen=True, slots=True)
class DeskTotals:
    """What the shown groups of one currency come to together."""

    currency: str
    groups_count: int
    members_count: int
    savings: str
    loans: str
    late: str
    at_risk: str

    def words(self) -> str:
        """Say them in one line."""
        return _(
            "{currency}: {groups}, {members} · savings {savings} · loans {loans}"
            " · late {late}, {rate} at risk",
            currency=self.currency,
            groups=translate_counted("{count} group", "{count} groups", self.groups_count),
            members=translate_counted("{count} member", "{count} members", self.members_count),
            savings=self.savings,
            loans=self.loans,
            late=self.late,
            rate=self.at_risk,
        )


class DeskPresenter:
    """A :class:`~vsla_desktop.presenters.listing.ListPresenter` of a coordinator's groups.

    ``open_group`` turns to a group's own pages. ``row_wanted`` tells the row to go to after the
    groups were read again, which may have put them in another order.
    """

    def __init__(
        self,
        database: Database,
        runner: Runner,
        shell: ShellPresenter,
        *,
        clock: Clock,
        open_group: Callable[[int], None],
    ) -> None:
        self.database = database
        self.runner = runner
        self.shell = shell
        self.clock = clock
        self.open_group = open_group
        self.changed: Event[[]] = Event()
        self.rows_came: Event[[int, int]] = Event()
        self.row_wanted: Event[[int]] = Event()
        self.chosen_changed: Event[[]] = Event()
        self.read: DeskRead | None = None
        self.text = ""
        self.district = ALL
        self.state = ALL
        self.needs = ALL
        self.marked: tuple[int, ...] = ()
        self.is_narrow = False
        self._sync = shell.state.sync
        shell.changed.listen(self._shell_changed)
        self._chosen = 0
        self._lines: tuple[DeskLine, ...] = ()
        self._keys: tuple[str, ...] = ()

    # ------------------------------------------------------------------ reading

    def refresh(self) -> None:
        """Read the groups again, beside the other work."""
        database, today = self.database, self.clock.today()
        wanted = Filter(
            text=self.text.strip(),
            district=self.district,
            group_states=(self.state,) if self.state else (),
        )

        def job() -> DeskRead:
            from vsla_desktop.presenters.desk_reading import read_desk

            return read_desk(database, wanted, today)

        self.runner.submit(job, self._came, self.shell.say_error, owner=self)

    def _shell_changed(self) -> None:
        """Read again what waits, when something was sent."""
        before, self._sync = self._sync, self.shell.state.sync
        if self.read is not None and before != self._sync:
            self.refresh()

    def _came(self, read: DeskRead) -> None:
        self.read = read
        self._choose()

    def _choose(self) -> None:
        lines = self.read.lines if self.read is not None else ()
        self._lines = tuple(each for each in lines if self._is_wanted(each))
        self._keys = tuple(each.key for each in self.columns())
        self.changed()
        ids = [each.group_id for each in self._lines]
        row = ids.index(self._chosen) if self._chosen in ids else 0
        self.choose_row(row)
        if ids:
            self.row_wanted(row)

    def _is_wanted(self, line: DeskLine) -> bool:
        if self.needs in {ALL, *Urgency}:
            return self.needs in {ALL, line.urgency}
        wanted = Concern(self.needs)
        return any(each.concern in {wanted, _ALSO.get(wanted)} for each in line.reasons)

    # ------------------------------------------------------------------ what a person does

    def find(self, text: str) -> None:
        """Show the groups whose name, code or village begins so."""
        self.text = text
        self.refresh()

    def choose_district(self, value: str) -> None:
        """Show the groups of one district, or all."""
        self.district = value
        self.refresh()

    def choose_state(self, value: str) -> None:
        """Show the groups of one state, or all."""
        self.state = value
        self.refresh()

    def choose_needs(self, value: str) -> None:
        """Show the groups of one urgency or with one concern, or all."""
        self.needs = value
        self._choose()

    def choose_row(self, row: int) -> None:
        """Go to a group: what needs her there is told in full."""
        self._chosen = self._lines[row].group_id if 0 <= row < len(self._lines) else 0
        self.chosen_changed()

    def open_row(self, row: int) -> None:
        """Turn to a group's own pages."""
        if 0 <= row < len(self._lines):
            self.open_group(self._lines[row].group_id)

    def mark(self, row: int) -> None:
        """Mark a group to compare it with others, or take the mark away."""
        if not 0 <= row < len(self._lines):
            return
        group_id = self._lines[row].group_id
        if group_id in self.marked:
            self.marked = tuple(each for each in self.marked if each != group_id)
        elif len(self.marked) == MOST_MARKED:
            self.shell.say(_("Mark at most {count} groups.", count=MOST_MARKED), tone=Tone.WARNING)
            return
        else:
            self.marked = (*self.marked, group_id)
        self.rows_came(0, len(self._lines) - 1)
        self.chosen_changed()

    # ------------------------------------------------------------------ what is shown

    @property
    def chosen(self) -> DeskLine | None:
        """The group gone to."""
        return next((each for each in self._lines if each.group_id == self._chosen), None)

    def districts(self) -> tuple[Choice, ...]:
        """The districts to choose from."""
        found = self.read.choices.districts if self.read is not None else ()
        return (Choice(ALL, _("All places")), *(Choice(each, each) for each in found))

    def states(self) -> tuple[Choice, ...]:
        """The states to choose from."""
        found = self.read.choices.states if self.read is not None else ()
        return (
            Choice(ALL, _("All states")),
            *(Choice(each, chosen_word("group_states", each)) for each in found),
        )

    @staticmethod
    def concerns() -> tuple[Choice, ...]:
        """What can need her, to choose groups by."""
        return (
            Choice(ALL, _("All groups")),
            *(Choice(each, urgency_word(each)) for each in Urgency),
            *(Choice(each, concern_word(each)) for each in _CHOSEN_BY),
        )

    def summary(self) -> str:
        """How many groups are shown, and how many of them are urgent."""
        groups = translate_counted("{count} group", "{count} groups", len(self._lines))
        now = sum(each.urgency is Urgency.NOW for each in self._lines)
        if not now:
            return groups
        urgent = translate_counted("{count} is urgent", "{count} are urgent", now)
        return f"{groups}, {urgent}"

    def why(self) -> tuple[str, ...]:
        """Every reason of the group gone to, in words."""
        line = self.chosen
        if line is None:
            return ()
        money = MoneyText(currency(line.currency))
        return tuple(reason_words(each, money) for each in line.reasons)

    def days(self) -> str:
        """When the group gone to was visited last, and when it shares out."""
        line = self.chosen
        if line is None:
            return ""
        visit = _("No visit yet")
        if line.last_visit is not None:
            visit = _("Last visit: {day}", day=format_date(line.last_visit))
        if line.share_out_on is None:
            return visit
        return f"{visit} · {_('Share-out on {day}', day=format_date(line.share_out_on))}"

    def totals(self) -> tuple[DeskTotals, ...]:
        """What the shown groups come to, one for each currency, the most groups first.

        Practice groups are left out where there are real ones.
        """
        real = [each for each in self._lines if not each.is_practice] or self._lines
        codes = sorted(
            {each.currency for each in real},
            key=lambda code: (-sum(each.currency == code for each in real), code),
        )
        return tuple(
            _totals(code, [each for each in real if each.currency == code]) for code in codes
        )

    @property
    def _currency(self) -> str:
        """The currency of all shown groups; empty where they have several."""
        codes = {each.currency for each in self._lines}
        return codes.pop() if len(codes) == 1 else ""

    def row_count(self) -> int:
        """How many groups are shown."""
        return len(self._lines)

    def columns(self) -> Sequence[Column]:
        """What is said of each group: where it is narrow, no more than why it needs her."""
        count, amount = CellKind.COUNT, CellKind.AMOUNT
        columns = [
            Column("group", _("Group"), width=28),
            Column("why", _("Needs you"), width=40),
            Column("last", _("Met"), count, note=_("days ago"), width=6),
        ]
        if self.is_narrow:
            return columns
        columns += [
            Column("next", _("Meets"), count, note=_("next"), width=7),
            Column("present", _("Present"), count, note=_("last, cycle"), width=9),
            Column("box", _("Difference"), amount, note=self._currency, width=8),
            Column("late", _("Late"), count, note=_("loans, risk"), width=8),
        ]
        if any(each.not_sent is not None for each in self._lines):
            columns.append(Column("not_sent", _("Not sent"), count, width=6))
        return (*columns, Column("share_out", _("Share-out"), count, width=8, is_spare=True))

    def cell(self, row: int, column: int) -> Cell:
        """See :class:`~vsla_desktop.presenters.listing.ListPresenter`."""
        line = self._lines[row]
        around = Around(
            self.read.on if self.read is not None else self.clock.today(),
            names_currency=not self._currency,
            is_marked=line.group_id in self.marked,
        )
        return desk_cell(line, self._keys[column], around)

    def row_title(self, row: int) -> str:
        """The group's name."""
        return self._lines[row].name


def _totals(code: str, lines: Sequence[DeskLine]) -> DeskTotals:
    money = currency(code)

    def said(amount: Decimal) -> str:
        return figure(amount, money)

    loans = sum((each.loans_value for each in lines), ZERO)
    late = sum((each.late_principal for each in lines), ZERO)
    return DeskTotals(
        currency=code,
        groups_count=len(lines),
        members_count=sum(each.members_count for each in lines),
        savings=said(sum((each.savings for each in lines), ZERO)),
        loans=said(loans),
        late=said(sum((each.late_value for each in lines), ZERO)),
        at_risk=whole_percent(late / loans) if loans else "\N{EN DASH}",
    )
