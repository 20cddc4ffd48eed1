"""The treasurer's first page: where the group stands, and the one thing to do next."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from vsla_desktop.clock import Clock
from vsla_desktop.domain.currencies import currency
from vsla_desktop.i18n import DateStyle, _, format_date, language, translate_counted
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.figures import figure, whole
from vsla_desktop.presenters.meeting_text import fund_name
from vsla_desktop.presenters.runner import Runner
from vsla_desktop.presenters.shell import ShellPresenter, Tone

if TYPE_CHECKING:
    from vsla_desktop.db import Database
    from vsla_desktop.queries.groups import GroupOverview

MOST_DUE: Final = 8
SNAPSHOT: Final = "home.json"


@dataclass(frozen=True, slots=True)
class HomeCard:
    """A figure with its title and a note; ``tone`` belongs to the note."""

    key: str
    title: str
    figure: str
    note: str = ""
    tone: Tone = Tone.MUTED


@dataclass(frozen=True, slots=True)
class DueLine:
    """What one member should pay at the next meeting."""

    number: int
    name: str
    amount: str
    is_late: bool


@dataclass(frozen=True, slots=True)
class HomeState:
    """Everything that Home shows. ``step`` is the first step of a group that has not met yet."""

    group_id: int
    name: str
    note: str
    action: str
    next_meeting: str
    currency: str
    cards: tuple[HomeCard, ...] = ()
    purses: tuple[tuple[str, str], ...] = ()
    due: tuple[DueLine, ...] = ()
    more_due: str = ""
    due_total: str = ""
    step: str = ""
    not_sent: str = ""
    is_practice: bool = False


@dataclass(frozen=True, slots=True)
class GroupChoice:
    """One group to switch to."""

    group_id: int
    title: str


@dataclass(slots=True, eq=False, weakref_slot=True)
class HomePresenter:
    """Reads the overview of a group and says it in words.

    ``database()`` is None until the book is open; the snapshot stands there meanwhile.
    """

    database: Callable[[], Database | None]
    runner: Runner
    shell: ShellPresenter
    group_id: int
    clock: Clock
    groups: Sequence[GroupChoice] = ()
    switch: Callable[[int], None] = lambda _group: None
    state: HomeState | None = None
    changed: Event[[]] = field(default_factory=Event)

    def refresh(self) -> None:
        """Read what may have changed."""
        database = self.database()
        if database is None:
            return
        group_id, today = self.group_id, self.clock.today()

        def job() -> HomeState:
            return read_home(database, group_id, today)

        self.runner.submit(job, self._came, self.shell.say_error, owner=self)

    def act(self) -> None:
        """Do the one main thing: open the next meeting, or go on with the open one."""
        self.shell.go_to("meeting")

    def choose_group(self, group_id: int) -> None:
        """Open another group of this book."""
        if group_id != self.group_id:
            self.switch(group_id)

    def _came(self, state: HomeState) -> None:
        self.shell.open_group(state.name, note=state.note, is_practice=state.is_practice)
        if state != self.state:
            self.state = state
            self.changed()


def read_home(database: Database, group_id: int, today: date) -> HomeState:
    """Read where a group stands, in words."""
    from vsla_desktop.queries.groups import group_overview
    from vsla_desktop.queries.tables import GROUPS
    from vsla_desktop.sync.status import waiting_rows

    with database.read() as session:
        overview = group_overview(session, group_id, on=today)
        place = session.connection().execute(
            GROUPS.select().with_only_columns(GROUPS.c.village).where(GROUPS.c.id == group_id)
        )
        village = place.scalar() or ""
        waiting = waiting_rows(session.connection()) if database.path is not None else 0
    return home_state(overview, village, today, waiting)


def home_state(overview: GroupOverview, village: str, today: date, waiting: int = 0) -> HomeState:
    """Say an overview in words; ``waiting`` rows were not sent yet."""
    code = overview.currency
    money = currency(code)

    def said(amount: Decimal) -> str:
        return figure(amount, money)

    parts = [village] if village else []
    if overview.cycle_number is not None:
        parts.append(_("cycle {number}", number=overview.cycle_number))
    number = overview.next_number
    if overview.open_meeting_id is not None:
        action = _("Go on with meeting {number}", number=number - 1)
    else:
        action = _("Open meeting {number}", number=number)
    return HomeState(
        group_id=overview.group_id,
        name=overview.name,
        note=" · ".join(parts),
        action=action,
        next_meeting=_next_meeting(overview, today),
        currency=code,
        cards=_cards(overview, said),
        purses=_purses(overview, said),
        due=tuple(
            DueLine(each.number, each.name, said(each.amount), each.is_late)
            for each in overview.due_soon[:MOST_DUE]
        ),
        more_due=_more(len(overview.due_soon) - MOST_DUE),
        due_total=said(sum((each.amount for each in overview.due_soon), Decimal(0))),
        step="" if overview.meetings_count else _first_step(overview),
        not_sent=_not_sent(waiting),
        is_practice=overview.is_practice,
    )


def _not_sent(waiting: int) -> str:
    if not waiting:
        return ""
    return translate_counted(
        "{number} record is only on this laptop.",
        "{number} records are only on this laptop.",
        waiting,
        number=whole(waiting),
    )


def _more(count: int) -> str:
    if count <= 0:
        return ""
    return translate_counted("{count} more member", "{count} more members", count)


def _first_step(overview: GroupOverview) -> str:
    if not overview.members_count:
        return _("Add the members first.")
    return _("Count the box, then open the first meeting.")


def _next_meeting(overview: GroupOverview, today: date) -> str:
    if overview.open_meeting_id is not None and overview.last_meeting is not None:
        return _("Open since {day}", day=format_date(overview.last_meeting, DateStyle.WEEKDAY))
    if overview.next_meeting is None:
        return _("The first meeting")
    day = format_date(overview.next_meeting, DateStyle.WEEKDAY)
    away = (overview.next_meeting - today).days
    if away == 0:
        return _("Today, {day}", day=day)
    if away == 1:
        return _("Tomorrow, {day}", day=day)
    return day


def _cards(overview: GroupOverview, said: Callable[[Decimal], str]) -> tuple[HomeCard, ...]:
    loans = translate_counted("{count} loan", "{count} loans", overview.loans_count)
    note, tone = loans, Tone.MUTED
    if overview.late_count:
        late = translate_counted("{count} is late", "{count} are late", overview.late_count)
        note, tone = f"{loans}, {late}: {said(overview.late_amount)}", Tone.WARNING
    meetings = translate_counted(
        "{count} meeting held", "{count} meetings held", overview.meetings_count
    )
    return (
        HomeCard("members", _("Members"), str(overview.members_count), meetings),
        HomeCard("savings", _("Savings"), said(overview.savings), _ends(overview)),
        HomeCard("loans", _("Loans to come back"), said(overview.loans_owed), note, tone),
        HomeCard(
            "fines",
            _("Fines not paid"),
            said(overview.fines_owed),
            _("Nobody owes a fine.") if not overview.fines_owed else "",
        ),
    )


def _ends(overview: GroupOverview) -> str:
    if overview.cycle_end is None:
        return ""
    return _("Share-out on {day}", day=format_date(overview.cycle_end))


def _purses(overview: GroupOverview, said: Callable[[Decimal], str]) -> tuple[tuple[str, str], ...]:
    """The box, what is in it purse by purse, and the bank."""
    lines = [(_("In the box"), said(overview.balances.box))]
    lines += [(fund_name(fund), said(held)) for fund, held in overview.in_box.items()]
    if overview.balances.bank:
        lines.append((_("At the bank"), said(overview.balances.bank)))
    return tuple(lines)


# ---------------------------------------------------------------------- what was last seen


def keep_snapshot(folder: Path, book: Path, state: HomeState, today: date) -> None:
    """Keep what Home showed, for the first picture of the next start.

    It holds only for the very book that it was read from, on the same day and in the same
    language. A disk that can not take it loses only that picture.
    """
    kept: dict[str, Any] = {"stamp": _stamp(book), "day": today.isoformat(), "language": language()}
    cards = [asdict(card) | {"tone": card.tone.name} for card in state.cards]
    kept["state"] = asdict(state) | {"cards": cards}
    try:
        (folder / SNAPSHOT).write_text(json.dumps(kept), encoding="utf-8")
    except OSError:
        return


def load_snapshot(folder: Path, book: Path, today: date) -> HomeState | None:
    """Return what Home showed last, if the book is the same to the byte; else nothing."""
    try:
        kept = json.loads((folder / SNAPSHOT).read_text(encoding="utf-8"))
        if (kept["stamp"], kept["day"], kept["language"]) != (
            _stamp(book),
            today.isoformat(),
            language(),
        ):
            return None
        said: dict[str, Any] = kept["state"]
        return HomeState(
            **said
            | {
                "cards": tuple(
                    HomeCard(**card | {"tone": Tone[card["tone"]]}) for card in said["cards"]
                ),
                "purses": tuple((name, amount) for name, amount in said["purses"]),
                "due": tuple(DueLine(**line) for line in said["due"]),
            }
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _stamp(book: Path) -> list[int]:
    about = book.stat()
    log = book.with_name(f"{book.name}-wal")
    return [about.st_size, about.st_mtime_ns, log.stat().st_size if log.exists() else 0]
