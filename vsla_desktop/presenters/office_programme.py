"""The whole programme: its figures by place, cycle and coordinator."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from vsla_desktop.i18n import _
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.form import Choice
from vsla_desktop.presenters.grid import Cell, CellKind, Column
from vsla_desktop.presenters.office import Office
from vsla_desktop.presenters.office_table import Action, Fact, Narrowing, OfficeTable
from vsla_desktop.presenters.office_words import amount
from vsla_desktop.queries.filtering import PLACES, Filter
from vsla_desktop.queries.programme_groups import COORDINATOR, CYCLE, Total, totals
from vsla_desktop.wording import whole

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class Scope:
    """The place that the programme's figures are of: the whole of it, or one place further down.

    ``moved`` says that it is another one.
    """

    def __init__(self) -> None:
        self.moved: Event[[]] = Event()
        self.names: tuple[str, ...] = ()

    @property
    def wanted(self) -> Filter:
        """The filter of this place."""
        values: dict[str, Any] = dict(zip(PLACES, self.names, strict=False))
        return Filter(**values)

    @property
    def below(self) -> str:
        """The kind of place one step down; the last one stays."""
        return PLACES[min(len(self.names), len(PLACES) - 1)]

    def words(self) -> str:
        """Where we are: Uganda · Central · Mpigi."""
        return " · ".join((_("All groups"), *self.names))

    def go_down(self, name: str) -> None:
        """Look at one of the places below."""
        self.names = (*self.names, name)
        self.moved()

    def go_up(self) -> None:
        """Look at the place around this one."""
        if self.names:
            self.names = self.names[:-1]
            self.moved()


class PlacesPresenter(OfficeTable[Total]):
    """The figures of a place, place by place below it, each currency apart. Enter goes down."""

    icon = "group"

    def __init__(self, office: Office, scope: Scope, on_groups: Callable[[Filter], None]) -> None:
        super().__init__(office)
        self.scope = scope
        self.by = ""
        self.whole: tuple[Total, ...] = ()
        self._on_groups = on_groups
        scope.moved.listen(self._moved)

    def _moved(self) -> None:
        self.by, self.place = "", -1
        self.refresh()

    @property
    def level(self) -> str:
        """By what the rows are put together."""
        return self.by or self.scope.below

    @override
    def refresh(self) -> None:
        self._read_whole()
        super().refresh()

    def _read_whole(self) -> None:
        wanted = self.scope.wanted

        def came(found: tuple[Total, ...]) -> None:
            if wanted == self.scope.wanted:
                self.whole = found
                self.chosen()

        self.office.read(_("Adding up"), lambda session: totals(session, wanted), came, owner=self)

    @override
    def read(self, session: Session) -> tuple[Total, ...]:
        return totals(session, self.scope.wanted, self.level)

    @override
    def columns(self) -> Sequence[Column]:
        return (
            Column("name", place_word(self.level), width=24),
            Column("currency", _("Currency"), width=6),
            Column("groups", _("Groups"), CellKind.COUNT),
            Column("members", _("Members"), CellKind.COUNT),
            Column("savings", _("Savings"), CellKind.AMOUNT),
            Column("loans", _("Loans"), CellKind.AMOUNT),
            Column("fund", _("Loan fund"), CellKind.AMOUNT),
        )

    @override
    def cells(self, row: Total) -> Sequence[Cell]:
        return (
            Cell(row.name or _("not said")),
            Cell(row.currency),
            Cell(whole(row.groups_count)),
            Cell(whole(row.members_count)),
            *(Cell(amount(each, row.currency)) for each in (row.savings, row.loans, row.loan_fund)),
        )

    @override
    def empty(self) -> tuple[str, str]:
        return _("No groups here"), _("Go up, or open a group's book.")

    @override
    def facts(self) -> tuple[Fact, ...]:
        """The whole place in each currency: figures that are never added to one another."""
        return tuple(
            Fact(
                each.currency,
                _(
                    "groups {groups}, members {members}, savings {savings}, loans {loans}",
                    groups=whole(each.groups_count),
                    members=whole(each.members_count),
                    savings=amount(each.savings, each.currency),
                    loans=amount(each.loans, each.currency),
                ),
            )
            for each in self.whole
        )

    @override
    def counted(self) -> str:
        return self.scope.words()

    @override
    def narrowings(self) -> tuple[Narrowing, ...]:
        below = PLACES[len(self.scope.names) :] or PLACES[-1:]
        offered = (*below, CYCLE, COORDINATOR)
        return (
            Narrowing(
                "by",
                _("Put together by"),
                tuple(Choice(each, place_word(each)) for each in offered),
            ),
        )

    @override
    def narrowed_by(self, key: str) -> str:
        return self.level

    @override
    def narrow(self, key: str, value: str) -> None:
        if value != self.level:
            self.by, self.place = value, -1
            self.refresh()

    @override
    def actions(self) -> tuple[Action, ...]:
        up = (Action("up", _("Go up"), "undo", "Alt+Up"),) if self.scope.names else ()
        return (
            *up,
            Action("groups", _("Show its groups"), "group", "F6"),
            Action("down", _("Look closer"), "search", "F10", is_main=True),
        )

    @override
    def open_row(self, row: int) -> None:
        super().open_row(row)
        self.do_down()

    def do_up(self) -> None:
        """Look at the place around this one."""
        self.scope.go_up()

    def do_down(self) -> None:
        """Look at the place gone to; a village, a cycle or a coordinator shows its groups."""
        row = self.current
        if row is None:
            return
        is_next = self.level == self.scope.below and len(self.scope.names) < len(PLACES)
        if is_next and row.name and self.level != PLACES[-1]:
            self.scope.go_down(row.name)
        else:
            self.do_groups()

    def do_groups(self) -> None:
        """List the groups of the row gone to."""
        row, wanted = self.current, self.scope.wanted
        if row is not None and row.name:
            one: dict[str, Any] = {self.level: row.name}
            if self.level == CYCLE:
                one = {"cycle_number": int(row.name)}
            wanted = replace(wanted, **one)
        self._on_groups(wanted)


def place_word(place: str) -> str:
    """What a kind of place, a cycle or a coordinator is called."""
    return {
        "country": _("Country"),
        "region": _("Region"),
        "district": _("District"),
        "parish": _("Parish"),
        "village": _("Village"),
        CYCLE: _("Cycle"),
        COORDINATOR: _("Coordinator"),
    }[place]
