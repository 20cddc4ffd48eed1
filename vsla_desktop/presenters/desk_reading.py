"""Reading a coordinator's groups, apart from the presenter: what this needs is loaded late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from vsla_desktop.queries.desk import DeskChoices, DeskLine, desk_choices, desk_lines

if TYPE_CHECKING:
    from vsla_desktop.db import Database
    from vsla_desktop.queries.filtering import Filter


@dataclass(frozen=True, slots=True)
class DeskRead:
    """The groups that were asked for, and what all groups can be chosen by."""

    lines: tuple[DeskLine, ...]
    choices: DeskChoices
    on: date


def read_desk(database: Database, wanted: Filter, today: date) -> DeskRead:
    """Read the groups that a filter names, as they stand today."""
    with database.read() as session:
        return DeskRead(desk_lines(session, wanted, on=today), desk_choices(session), today)
