"""Groups at head office: found among all, opened for laptops, given to them and taken back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from typing_extensions import override

from vsla_desktop.domain.office import Duty
from vsla_desktop.i18n import _, format_date
from vsla_desktop.presenters.form import Choice
from vsla_desktop.presenters.grid import Cell, CellKind, Column
from vsla_desktop.presenters.office import Office
from vsla_desktop.presenters.office_filters import KeptFilter, KeptFilters
from vsla_desktop.presenters.office_table import (
    Action,
    Fact,
    Narrowing,
    OfficeTable,
)
from vsla_desktop.presenters.office_words import amount, state_word
from vsla_desktop.queries.filtering import Filter
from vsla_desktop.queries.programme_groups import (
    PAGE,
    GroupBriefly,
    GroupFound,
    count_groups,
    group_briefly,
    groups_found,
    place_names,
)
from vsla_desktop.wording import office_word, whole

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.queries.office_laptops import GroupLaptop

PLACES: Final = ("region", "district")
STATES: Final = ("FORMING", "ACTIVE", "MATURE", "ELIGIBLE_FOR_LOAN", "LOAN_ACTIVE", "CLOSED")
_USUAL: Final = "UGX"


@dataclass(frozen=True, slots=True)
class _Beside:
    """What is read of the row that is looked at."""

    brief: GroupBriefly
    laptops: tuple[GroupLaptop, ...]


@dataclass(frozen=True, slots=True)
class _Around:
    """What is read beside the list: how many there are, which places, which kept filters."""

    count: int
    places: dict[str, tuple[str, ...]]
    kept: tuple[KeptFilter, ...]


class GroupsPresenter(OfficeTable[GroupFound]):
    """The groups by name, a page at a time; places and states narrow the list."""

    icon = "group"

    def __init__(
        self,
        office: Office,
        *,
        on_message: Callable[[str], None],
        on_reports: Callable[[GroupFound], None],
    ) -> None:
        super().__init__(office)
        self.finds = _("Name, code, village")
        self._on_message = on_message
        self._on_reports = on_reports
        self.wanted = Filter()
        self.count: int | None = None
        self.is_more = False
        self._starts: list[GroupFound | None] = [None]
        self._places: dict[str, tuple[str, ...]] = {}
        self._beside: _Beside | None = None
        self.filters = KeptFilters(self)

    # ------------------------------------------------------------------ the list

    @override
    def refresh(self) -> None:
        self.wanted = replace(self.wanted, text=self.text)
        super().refresh()

    @override
    def read(self, session: Session) -> tuple[GroupFound, ...]:
        # One more than is shown, to know whether there are more.
        return groups_found(session, self.wanted, after=self._starts[-1], most=PAGE + 1).groups

    @override
    def find(self, text: str) -> None:
        if text.strip() != self.text:
            self._from_the_first()
        super().find(text)

    @override
    def show(self, rows: tuple[GroupFound, ...]) -> None:
        self.is_more = len(rows) > PAGE
        super().show(rows[:PAGE])
        if self.count is None:
            self._count()

    def recount(self) -> None:
        """Count anew with the next reading, and look which filters are kept."""
        self.count = None

    def _count(self) -> None:
        """Count beside the list, and read which places and filters there are to choose from."""
        wanted, filters = self.wanted, self.filters

        def work(session: Session) -> _Around:
            names = {}
            for place in PLACES:
                above: dict[str, Any] = dict.fromkeys(PLACES[PLACES.index(place) :], "")
                of_place = replace(wanted, text="", **above)
                names[place] = tuple(place_names(session, of_place, place))
            return _Around(count_groups(session, wanted), names, filters.read(session))

        def came(found: _Around) -> None:
            filters.kept = found.kept
            if wanted == self.wanted:
                self.count, self._places = found.count, found.places
            self.chosen()

        self.office.read(_("Counting groups"), work, came, owner=self)

    def _from_the_first(self) -> None:
        self._starts, self.count, self.place = [None], None, -1

    @override
    def columns(self) -> Sequence[Column]:
        return (
            Column("name", _("Group"), width=24),
            Column("code", _("Code"), width=10),
            Column("village", _("Village"), width=14),
            Column("district", _("District"), width=14, is_spare=True),
            Column("state", _("State"), width=12, is_spare=True),
            Column("members", _("Members"), CellKind.COUNT),
            Column("savings", _("Savings"), CellKind.AMOUNT),
            Column("loans", _("Loans"), CellKind.AMOUNT, is_spare=True),
            Column("currency", _("Currency"), width=5),
        )

    @override
    def cells(self, row: GroupFound) -> Sequence[Cell]:
        name = _("{name} (practice)", name=row.name) if row.is_practice else row.name
        return (
            Cell(name),
            Cell(row.code),
            Cell(row.village),
            Cell(row.district),
            Cell(state_word(row.state)),
            Cell(whole(row.members_count)),
            Cell(amount(row.savings, row.currency)),
            Cell(amount(row.loans, row.currency)),
            Cell(row.currency),
        )

    @override
    def empty(self) -> tuple[str, str]:
        return _("No group like this"), _("Write less of the name, or choose another place.")

    @override
    def counted(self) -> str:
        first = len(self._starts[:-1]) * PAGE
        shown = _("{first} to {last}", first=whole(first + 1), last=whole(first + len(self.rows)))
        if not self.rows or self.count is None:
            return ""
        return _("{shown} of {count}", shown=shown, count=whole(self.count))

    @override
    def can_turn(self, step: int) -> bool:
        return self.is_more if step > 0 else len(self._starts) > 1

    @override
    def turn(self, step: int) -> None:
        if not self.can_turn(step):
            return
        if step > 0:
            self._starts.append(self.rows[-1])
        else:
            self._starts.pop()
        self.place = -1
        self.refresh()

    # ------------------------------------------------------------------ narrowing

    @override
    def narrowings(self) -> tuple[Narrowing, ...]:
        titles = {"region": _("Region"), "district": _("District")}
        made = [
            Narrowing(
                place,
                titles[place],
                (Choice("", _("All")), *(Choice(n, n) for n in self._names(place))),
            )
            for place in PLACES
        ]
        states = (Choice("", _("All")), *(Choice(each, state_word(each)) for each in STATES))
        return (*made, Narrowing("state", _("State"), states), self.filters.narrowing())

    def _names(self, place: str) -> tuple[str, ...]:
        names, chosen = self._places.get(place, ()), str(getattr(self.wanted, place))
        return names if not chosen or chosen in names else (chosen, *names)

    @override
    def narrowed_by(self, key: str) -> str:
        if key == "kept":
            return self.filters.chosen()
        if key == "state":
            return "".join(self.wanted.group_states)
        return str(getattr(self.wanted, key))

    @override
    def narrow(self, key: str, value: str) -> None:
        if key == "kept":
            self.filters.choose(value)
            return
        if self.narrowed_by(key) == value:
            return
        if key == "state":
            self.wanted = replace(self.wanted, group_states=(value,) if value else ())
        else:
            below: dict[str, Any] = dict.fromkeys(PLACES[PLACES.index(key) + 1 :], "")
            self.wanted = replace(self.wanted, **(below | {key: value}))
        self._from_the_first()
        self.refresh()

    def look_at(self, wanted: Filter) -> None:
        """List the groups of a filter, such as those of a place on the dashboard."""
        self.wanted, self.text = wanted, wanted.text
        self._from_the_first()
        self.refresh()

    # ------------------------------------------------------------------ one group

    @override
    def went(self) -> None:
        self._beside = None
        super().went()
        row = self.current
        if row is None:
            return

        def work(session: Session) -> _Beside:
            from vsla_desktop.queries.office_laptops import laptops_of_group

            return _Beside(
                group_briefly(session, row.group_id), laptops_of_group(session, row.group_id)
            )

        def came(beside: _Beside) -> None:
            if self.current is row:
                self._beside = beside
                self.chosen()

        self.office.read(_("Reading"), work, came, owner=self)

    @override
    def facts(self) -> tuple[Fact, ...]:
        row, beside = self.current, self._beside
        if row is None or beside is None:
            return ()
        brief = beside.brief
        met = format_date(brief.last_meeting) if brief.last_meeting else _("never")
        laptops = ", ".join(
            each.name if each.is_writable else _("{name} (looks)", name=each.name)
            for each in beside.laptops
        )
        officers = ", ".join(
            f"{office_word(each.office)} {each.name} {each.phone}".strip()
            for each in brief.officers
        )
        place = ", ".join(filter(None, (row.village, row.parish, row.district, row.region)))
        return (
            Fact(_("Last met"), met),
            Fact(_("Meetings"), whole(brief.meetings_count)),
            Fact(_("Loans out"), whole(brief.running_loans)),
            Fact(_("Cycle"), str(brief.cycle_number or "")),
            Fact(_("Laptop"), laptops or _("none")),
            Fact(_("Place"), place),
            Fact(_("Officers"), officers),
        )

    @override
    def actions(self) -> tuple[Action, ...]:
        made: list[Action] = []
        if self.current is not None:
            made.append(Action("reports", _("Its reports"), "reports", "F5"))
        if self.current is not None and self.office.may(Duty.MESSAGES):
            made.append(Action("message", _("Write to it"), "documents", "F4"))
        if self.current is not None and self.office.may(Duty.LAPTOPS):
            made.append(Action("take", _("Take away"), "minus", "F7"))
            made.append(Action("give", _("Give to a laptop"), "laptop", "F6"))
        if self.office.may(Duty.GROUPS):
            made.append(Action("open", _("New group"), "plus", "F10", is_main=True))
        return tuple(made)

    def do_reports(self) -> None:
        """Turn to the reports of the group."""
        if self.current is not None:
            self._on_reports(self.current)

    def do_message(self) -> None:
        """Write a message to the group."""
        if self.current is not None:
            self._on_message(self.current.code)

    def do_give(self) -> None:
        """Ask which laptop gets the group."""
        self._with_laptops(self._ask_give)

    def do_take(self) -> None:
        """Ask which laptop loses the group."""
        row, beside = self.current, self._beside
        if row is None or beside is None:
            return
        if not beside.laptops:
            self.office.shell.say(_("No laptop has this group."))
            return
        from vsla_desktop.presenters.office_group_forms import take_form

        self.ask(take_form(self, row, tuple(each.name for each in beside.laptops)))

    def _with_laptops(self, ask: Callable[[tuple[str, ...]], None]) -> None:
        def work(session: Session) -> tuple[str, ...]:
            from vsla_desktop.queries.office_laptops import laptop_names

            return laptop_names(session)

        self.office.read(_("Reading"), work, ask, owner=self)

    def _ask_give(self, names: tuple[str, ...]) -> None:
        row = self.current
        if row is None:
            return
        if not names:
            self.office.shell.say(_("No laptop is let in yet."), hint=_("Turn to Laptops."))
            return
        from vsla_desktop.presenters.office_group_forms import give_form

        self.ask(give_form(self, row, names))

    def do_open(self) -> None:
        """Ask for a new group and the laptop that gets it."""
        self._with_laptops(self._ask_open)

    def _ask_open(self, names: tuple[str, ...]) -> None:
        from vsla_desktop.presenters.office_group_forms import new_group_form

        self.ask(new_group_form(self, names))
