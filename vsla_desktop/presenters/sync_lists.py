"""The lists of the sync page: groups and what waits, what was not taken, and what went and came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from vsla_desktop.domain.money import number_marks
from vsla_desktop.i18n import _, explain, language, translate_counted
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.grid import Cell, CellKind, Column
from vsla_desktop.presenters.shell import ShellPresenter, Tone
from vsla_desktop.presenters.sync_words import about_words, instant_words, reason_words
from vsla_desktop.wording import whole

if TYPE_CHECKING:
    from vsla_desktop.sync import Trouble
    from vsla_desktop.sync.history import Entry
    from vsla_desktop.sync.holdings import GroupHere, Holdings

_KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "meetings": ("meetings", "meeting_activities", "meeting_attendance"),
    "money": ("group_transactions", "group_cashbook", "saving_transactions", "member_fines"),
    "loans": ("group_loans", "loan_repayment_schedule", "loan_assessments"),
    "members": ("group_members", "member_savings"),
    "rules": ("group_settings", "savings_cycles", "group_saving_type_settings"),
}
_KIND_OF: Final = {table: kind for kind, tables in _KINDS.items() for table in tables}
# Where a record of a table is put right.
_PAGES: Final = {
    "group_members": "members",
    "member_savings": "members",
    "mobile_money_payments": "members",
    "group_loans": "loans",
    "loan_repayment_schedule": "loans",
    "loan_assessments": "loans",
    "member_fines": "funds",
    "meetings": "meeting",
    "meeting_attendance": "meeting",
    "meeting_activities": "meeting",
    "group_settings": "rules",
    "group_saving_type_settings": "rules",
    "savings_cycles": "share-out",
    "share_out_distributions": "share-out",
}


def by_kind(tables: Mapping[str, int]) -> dict[str, int]:
    """Add waiting rows up by the kinds that a person knows."""
    found: dict[str, int] = {}
    for table, count in tables.items():
        kind = _KIND_OF.get(table, "others")
        found[kind] = found.get(kind, 0) + count
    return found


def lead_to(trouble: Trouble, shell: ShellPresenter) -> None:
    """Turn to where a record is put right: money by a correction, the rest on its own page."""
    if trouble.entry is not None:
        shell.correct_entry(trouble.entry)
    elif trouble.about.table in _PAGES:
        shell.go_to(_PAGES[trouble.about.table])


class _List:
    """What all lists here share; nothing is read late, so no rows come after the first ones."""

    def __init__(self) -> None:
        self.changed: Event[[]] = Event()
        self.rows_came: Event[[int, int]] = Event()

    def open_row(self, row: int) -> None:
        """There is no more to see of a row."""


class GroupsList(_List):
    """The groups on this laptop, how each is held, and what of it head office lacks, by kind."""

    def __init__(self) -> None:
        super().__init__()
        self.is_narrow = False
        self._rows: tuple[tuple[str, Cell, Mapping[str, int]], ...] = ()

    def show(self, holdings: Holdings) -> None:
        """Show these."""
        rows = [(_name(each), held_words(each), by_kind(each.waiting)) for each in holdings.groups]
        if holdings.of_no_group:
            rows.append((_("For all groups"), Cell(), by_kind(holdings.of_no_group)))
        if holdings.sealed:
            rows.append((_("Packed, on their way"), Cell(), {"others": holdings.sealed}))
        self._rows = tuple(rows)
        self.changed()

    def row_count(self) -> int:
        """How many lines there are."""
        return len(self._rows)

    def columns(self) -> Sequence[Column]:
        """The group, how it is held, and what waits of each kind; where it is narrow, of all."""
        waits: tuple[tuple[str, str], ...] = (
            ("meetings", _("Meetings")),
            ("money", _("Money")),
            ("loans", _("Loans")),
            ("members", _("Members")),
            ("rules", _("Rules")),
            ("others", _("Other")),
        )
        if self.is_narrow:
            waits = (("all", _("Records")),)
        return (
            Column("name", _("Group"), width=30),
            Column("held", _("On this laptop"), width=22),
            *(Column(key, title, CellKind.COUNT, note=_("to send")) for key, title in waits),
        )

    def cell(self, row: int, column: int) -> Cell:
        """See :class:`~vsla_desktop.presenters.listing.ListPresenter`."""
        name, held, waiting = self._rows[row]
        if column == 0:
            return Cell(name)
        if column == 1:
            return held
        key = self.columns()[column].key
        return Cell(whole(sum(waiting.values()) if key == "all" else waiting.get(key, 0)))

    def row_title(self, row: int) -> str:
        """Which group."""
        return self._rows[row][0]


def _name(group: GroupHere) -> str:
    return " · ".join(part for part in (group.name, group.code) if part) or _("A new group")


def held_words(group: GroupHere) -> Cell:
    """Say how a group is held here."""
    from vsla_desktop.sync.holdings import Holding

    match group.holding:
        case Holding.FILLING:
            return Cell(_("Filling: {count} so far", count=whole(group.arrived)), icon="clock")
        case Holding.READ_ONLY:
            tip = _("Another laptop writes this group's book.")
            return Cell(_("Read only"), icon="lock", tooltip=tip)
        case Holding.LEAVING:
            tip = _("It goes once everything is sent.")
            return Cell(_("Leaving"), icon="arrow-right", tooltip=tip)
        case Holding.KEPT:
            return Cell(_("Kept here"), icon="laptop")
        case _:
            return Cell(_("Only here"), icon="laptop")


class RefusedList(_List):
    """What head office did not take, why, and where each is put right: Enter leads there."""

    def __init__(self, shell: ShellPresenter) -> None:
        super().__init__()
        self._shell = shell
        self.rows: tuple[Trouble, ...] = ()

    def show(self, rows: tuple[Trouble, ...]) -> None:
        """Show these."""
        self.rows = rows
        self.changed()

    def row_count(self) -> int:
        """How many records there are."""
        return len(self.rows)

    def columns(self) -> Sequence[Column]:
        """The record, its group, and the step to take."""
        return (
            Column("record", _("Record"), width=38),
            Column("group", _("Group"), width=20),
            Column("step", _("Why, and what to do"), width=60),
        )

    def cell(self, row: int, column: int) -> Cell:
        """See :class:`~vsla_desktop.presenters.listing.ListPresenter`."""
        about = self.rows[row].about
        texts = (about_words(about), about.group, reason_words(self.rows[row].why, about.table))
        return Cell(texts[column])

    def row_title(self, row: int) -> str:
        """Which record."""
        return about_words(self.rows[row].about)

    def open_row(self, row: int) -> None:
        """Turn to where it is put right."""
        lead_to(self.rows[row], self._shell)


class HistoryList(_List):
    """What went and what came, the newest first."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: tuple[Entry, ...] = ()

    def show(self, rows: tuple[Entry, ...]) -> None:
        """Show these."""
        self._rows = rows
        self.changed()

    def row_count(self) -> int:
        """How many times there were."""
        return len(self._rows)

    def columns(self) -> Sequence[Column]:
        """When, by which way, how much and how long, and what came of it."""
        return (
            Column("at", _("When"), width=20),
            Column("way", _("Way"), width=16),
            Column("sent", _("Sent"), CellKind.COUNT),
            Column("received", _("Received"), CellKind.COUNT),
            Column("time", _("Seconds"), CellKind.COUNT),
            Column("outcome", _("Outcome"), width=48),
        )

    def cell(self, row: int, column: int) -> Cell:
        """See :class:`~vsla_desktop.presenters.listing.ListPresenter`."""
        entry = self._rows[row]
        match column:
            case 0:
                return Cell(instant_words(entry.at))
            case 1:
                return Cell(_way(entry))
            case 2:
                return Cell(whole(entry.report.rows_sent))
            case 3:
                return Cell(whole(entry.report.rows_received))
            case 4:
                return Cell(_tenths(entry.report.seconds))
            case _:
                return _outcome(entry)

    def row_title(self, row: int) -> str:
        """When it was."""
        return instant_words(self._rows[row].at)


def _tenths(seconds: float) -> str:
    return f"{seconds:.1f}".replace(".", number_marks(language())[1])


def _way(entry: Entry) -> str:
    from vsla_desktop.sync.history import Way

    return {
        Way.NETWORK: _("Network"),
        Way.FILE_WRITTEN: _("File written"),
        Way.FILE_READ: _("File read"),
    }[entry.way]


def _outcome(entry: Entry) -> Cell:
    if entry.problem is not None:
        sentence, hint = explain(entry.problem)
        if entry.is_offline:
            return Cell(_("No network"), icon="cloud-wait", tooltip=sentence)
        return Cell(sentence, icon="warning", tone=Tone.WARNING, tooltip=f"{sentence} {hint}")
    if entry.report.conflicts:
        words = translate_counted(
            "{count} to look at", "{count} to look at", entry.report.conflicts
        )
        return Cell(words, icon="info")
    return Cell(_("Done"), icon="check-circle", tone=Tone.GOOD)
