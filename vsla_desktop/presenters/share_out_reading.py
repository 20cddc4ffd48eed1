"""What the share-out page reads in one go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from vsla_desktop.domain.postings import Fund
from vsla_desktop.domain.rules import GroupRules
from vsla_desktop.queries.meetings import expected_in_box, open_meeting_id
from vsla_desktop.queries.pages import group_page
from vsla_desktop.queries.rules import rules_on
from vsla_desktop.queries.share_out import (
    OPEN,
    SharedCycle,
    ShareValue,
    debts_to_others,
    projected_value,
    shared_cycle,
)
from vsla_desktop.queries.share_out_audit import OpenPoint, audit_share_out
from vsla_desktop.wording import GroupWords

if TYPE_CHECKING:
    from vsla_desktop.db import Database


@dataclass(frozen=True, slots=True)
class ShareOutBook:
    """Where a group stands with its share-out; ``cycle`` is None before the first one."""

    today: date
    rules: GroupRules
    cycle: SharedCycle | None
    value: ShareValue | None
    points: tuple[OpenPoint, ...]
    in_box: dict[Fund, Decimal]
    debts: Decimal
    open_meeting_id: int | None

    @property
    def words(self) -> GroupWords:
        """The group's own words."""
        return GroupWords.of(self.rules)


def read_share_out(database: Database, group_id: int, today: date) -> ShareOutBook:
    """Read it all at one moment."""
    with database.read() as session:
        cycle = shared_cycle(session, group_id)
        is_open = cycle is not None and cycle.status == OPEN
        return ShareOutBook(
            today=today,
            rules=rules_on(session, group_page(session, group_id, today)),
            cycle=cycle,
            value=projected_value(session, group_id, today) if is_open else None,
            points=audit_share_out(session, group_id, on=today) if is_open else (),
            in_box=expected_in_box(session, group_id),
            debts=debts_to_others(session, group_id, today),
            open_meeting_id=open_meeting_id(session, group_id),
        )
