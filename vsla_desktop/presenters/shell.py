"""The frame around every page: whose books are open, what to say, and whether it was sent."""

from __future__ import annotations

import traceback
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, auto

from vsla_desktop.errors import VslaError
from vsla_desktop.i18n import _, explain, format_time, translate_counted
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.runner import Busy


class SyncStage(Enum):
    """How far the laptop's entries have come; at head office they are where they go to."""

    SAVED_HERE = auto()
    WAITING = auto()
    SENDING = auto()
    SENT = auto()
    AT_OFFICE = auto()


class Tone(Enum):
    """What a message or a figure means; a view shows it as colour, icon and word together."""

    PLAIN = auto()
    MUTED = auto()
    GOOD = auto()
    WARNING = auto()
    ERROR = auto()
    MONEY_IN = auto()
    MONEY_OUT = auto()


@dataclass(frozen=True, slots=True)
class SyncState:
    """The quiet line at the foot of the rail. ``at`` is local time, told only when sent.

    ``refused`` counts the records that head office did not take.
    """

    stage: SyncStage = SyncStage.SAVED_HERE
    at: datetime | None = None
    refused: int = 0

    def sentence(self) -> str:
        """What the line says."""
        match self.stage:
            case SyncStage.WAITING:
                return _("Waiting for network")
            case SyncStage.SENDING:
                return _("Sending")
            case SyncStage.SENT if self.refused:
                return translate_counted(
                    "Sent, {count} not taken", "Sent, {count} not taken", self.refused
                )
            case SyncStage.AT_OFFICE:
                return _("At head office")
            case SyncStage.SENT if self.at is not None:
                return _("Sent {time}", time=format_time(self.at))
            case _ignored:
                return _("Saved here")


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence above the page, the hint what to do next, and details to copy if it is our bug."""

    tone: Tone
    text: str
    hint: str = ""
    details: str = ""


@dataclass(frozen=True, slots=True)
class ShellState:
    """Everything the frame shows. An empty ``group_name`` means that no group is open.

    ``pages`` are the keys of the pages in the rail, in its order. ``only_read`` says that another
    laptop writes the group's book.
    """

    group_name: str = ""
    note: str = ""
    is_practice: bool = False
    only_read: bool = False
    sync: SyncState = SyncState()
    pages: tuple[str, ...] = ()


def message_of(error: BaseException) -> Message:
    """What to say about an error: a known one in its own words, any other one as our fault."""
    if isinstance(error, VslaError):
        sentence, hint = explain(error)
        return Message(Tone.ERROR, sentence, hint)
    return Message(
        Tone.ERROR,
        _("Something went wrong. Your work is saved."),
        _("Close and open the program. If it comes again, send the details."),
        "".join(traceback.format_exception(error)),
    )


class ShellPresenter:
    """Holds the frame's state; pages and background work change it, the window follows."""

    def __init__(self, state: ShellState | None = None) -> None:
        self.state = state or ShellState()
        self.changed: Event[[]] = Event()
        self.said: Event[[Message | None]] = Event()
        self.page_wanted: Event[[str]] = Event()
        self.busy_changed: Event[[Busy | None]] = Event()
        self.meeting_closed: Event[[]] = Event()
        self._entry_to_correct: int | None = None
        self._mark_to_correct: tuple[int, int] | None = None
        self._phone_of: int | None = None

    def open_group(self, name: str, *, note: str = "", is_practice: bool = False) -> None:
        """Show whose books these are."""
        self._show(replace(self.state, group_name=name, note=note, is_practice=is_practice))

    def show_only_read(self, *, only_read: bool) -> None:
        """Show, on pages where something is entered, that another laptop writes the book."""
        self._show(replace(self.state, only_read=only_read))

    def close_group(self) -> None:
        """Show that no group's books are open."""
        self._show(replace(self.state, group_name="", note="", is_practice=False, only_read=False))

    def show_pages(self, *keys: str) -> None:
        """Offer exactly these pages, in this order."""
        self._show(replace(self.state, pages=keys))

    def show_sync(self, stage: SyncStage, at: datetime | None = None, refused: int = 0) -> None:
        """Tell quietly how far the entries have come."""
        self._show(replace(self.state, sync=SyncState(stage, at, refused)))

    def go_to(self, key: str) -> None:
        """Turn to a page."""
        self.page_wanted(key)

    def correct_entry(self, transaction_id: int) -> None:
        """Turn to the cashbook with this entry of the ledger ready to be corrected."""
        self._entry_to_correct = transaction_id
        self.go_to("cashbook")

    def take_entry_to_correct(self) -> int | None:
        """The entry that somebody wants to correct, once."""
        entry, self._entry_to_correct = self._entry_to_correct, None
        return entry

    def correct_mark(self, meeting_id: int, member_id: int) -> None:
        """Turn to a closed meeting with this member's mark ready to be put right."""
        self._mark_to_correct = (meeting_id, member_id)
        self.go_to("meeting")

    def take_mark_to_correct(self) -> tuple[int, int] | None:
        """The meeting and the member whose mark somebody wants to put right, once."""
        mark, self._mark_to_correct = self._mark_to_correct, None
        return mark

    def look_at_phone(self, member_id: int) -> None:
        """Turn from the meeting to the money on the phone, to what this member sent."""
        self._phone_of = member_id
        self.go_to("members")

    def take_phone_of(self) -> int | None:
        """The member whose money on the phone somebody wants to see, once."""
        member_id, self._phone_of = self._phone_of, None
        return member_id

    def say(self, text: str, *, tone: Tone = Tone.GOOD, hint: str = "") -> None:
        """Say one sentence above the page until it is put away."""
        self.said(Message(tone, text, hint))

    def say_error(self, error: BaseException) -> None:
        """Say what went wrong and what to do; fits as ``on_error`` of a job."""
        self.said(message_of(error))

    def say_nothing(self) -> None:
        """Put the message away."""
        self.said(None)

    def show_busy(self, busy: Busy | None) -> None:
        """Show that long work goes on, or that it has ended."""
        self.busy_changed(busy)

    def _show(self, state: ShellState) -> None:
        if state != self.state:
            self.state = state
            self.changed()
