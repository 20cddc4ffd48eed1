"""What tests of a group's pages share: a listening shell, and a group that has met."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from tests.services.village import Village
from vsla_desktop.domain.currencies import CURRENCIES
from vsla_desktop.domain.fines import FineType
from vsla_desktop.presenters.printing import Printing
from vsla_desktop.presenters.runner import InlineRunner
from vsla_desktop.presenters.shell import Message, ShellPresenter
from vsla_desktop.services.cells import set_fine_charged, set_shares, set_social

if TYPE_CHECKING:
    from collections.abc import Callable

Page = TypeVar("Page")


class Ear:
    """Hears what the shell says and where it goes."""

    def __init__(self) -> None:
        self.shell = ShellPresenter()
        self.said: list[str] = []
        self.pages: list[str] = []
        self.shell.said.listen(self._hear)
        self.shell.page_wanted.listen(self.pages.append)

    def _hear(self, message: Message | None) -> None:
        if message is not None:
            self.said.append(f"{message.text} {message.hint}".strip())


def page_of(page: Callable[..., Page], village: Village, ear: Ear, **more: Any) -> Page:
    """A page of a group's book, as the window opens it."""
    return page(
        village.database,
        InlineRunner(),
        ear.shell,
        group_id=village.group_id,
        currency=CURRENCIES[village.currency],
        clock=village.clock,
        **more,
    )


def after_one_meeting(village: Village) -> Village:
    """A group whose first meeting is closed: shares, social fund, a fine that is owed."""
    village.form()
    village.meet(present=True)
    first, second, *_others = village.members
    with village.at_work() as session:
        meeting, clock = village.meeting_id, village.clock
        set_shares(session, meeting, first, 3, clock=clock)
        set_shares(session, meeting, second, 2, clock=clock)
        set_shares(session, meeting, second, 5, clock=clock)
        for member in village.members:
            set_social(session, meeting, member, Decimal(200), clock=clock)
        set_fine_charged(
            session, meeting, second, Decimal(250), kind=FineType.MISCONDUCT, clock=clock
        )
    village.close()
    village.clock.instant += timedelta(days=1)
    return village


def printer(village: Village, ear: Ear, folder: Path) -> Printing:
    """What puts a group's pages on paper, into a folder."""
    return Printing(
        lambda: village.database, InlineRunner(), ear.shell, lambda: folder, village.clock
    )
