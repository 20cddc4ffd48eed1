"""Whether a whole book is true: what follows from the rows, the ledger's rules, and the seals."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import Text, and_, cast, exists, or_, select

from vsla_desktop import derived
from vsla_desktop.db.adjustments import opening_adjustments
from vsla_desktop.db.verify import Verification, verify
from vsla_desktop.queries.loan_replay import wrong_charges
from vsla_desktop.queries.seals import SealCheck, verify_seals
from vsla_desktop.queries.tables import GROUPS, LEDGER, MEETINGS

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.db import Database
    from vsla_desktop.derived import Difference


@dataclass(frozen=True, slots=True)
class BookCheck:
    """What a check of everything found. ``repaired`` lists derived values that were put right."""

    database: Verification
    seals: tuple[SealCheck, ...]
    repaired: tuple[Difference, ...] = ()

    @property
    def broken_seals(self) -> tuple[SealCheck, ...]:
        """The meetings that do not bear out their seal."""
        return tuple(each for each in self.seals if each.broken)

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong, or nothing any more."""
        return self.database.ok and not self.broken_seals


def verify_all(database: Database, *, repair: bool = False) -> BookCheck:
    """Check every derived value, entry, key and seal of a database, on either engine.

    ``repair`` first recomputes the derived values that are wrong; entries and seals are never
    changed.
    """
    repaired: tuple[Difference, ...] = ()
    if repair:
        with database.connection(writes=True) as connection:
            kept = opening_adjustments(connection)
            repaired = tuple(derived.repair(connection, adjustments=kept))
    with database.connection() as connection:
        checked = verify(connection)
    with database.read() as session:
        groups = session.scalars(select(GROUPS.c.id).order_by(GROUPS.c.id)).all()
        seals = (
            *(seal for group in groups for seal in verify_seals(session, group)),
            *seals_taken_off(session),
        )
        charges = [wrong for group in groups for wrong in wrong_charges(session, group)]
    ledger = replace(checked.ledger, wrong=(*checked.ledger.wrong, *charges))
    return BookCheck(replace(checked, ledger=ledger), seals, repaired)


def seals_taken_off(session: Session) -> list[SealCheck]:
    """Return meetings that were closed once, by their traces, and do not say so any more.

    The traces are what closing writes into the meeting, and our entries in a meeting that is said
    to be closed without a seal, or is older than one that was closed: only one is ever open.
    """
    later = MEETINGS.alias("later")
    has_entries = exists().where(
        LEDGER.c.meeting_id == MEETINGS.c.id, LEDGER.c.direction.is_not(None)
    )
    is_passed = exists().where(
        later.c.group_id == MEETINGS.c.group_id,
        later.c.seal.is_not(None),
        later.c.meeting_date > MEETINGS.c.meeting_date,
    )
    is_closed = and_(MEETINGS.c.status == "COMPLETED", MEETINGS.c.closed_date.is_not(None))
    traces = or_(
        MEETINGS.c.seal.is_not(None),
        MEETINGS.c.previous_seal.is_not(None),
        MEETINGS.c.closed_date.is_not(None),
        cast(MEETINGS.c.closing_count, Text) != "null",
        and_(has_entries, or_(MEETINGS.c.status == "COMPLETED", is_passed)),
    )
    found = session.connection().execute(
        select(MEETINGS.c.id, MEETINGS.c.meeting_number, MEETINGS.c.seal)
        .where(~is_closed, traces)
        .order_by(MEETINGS.c.group_id, MEETINGS.c.meeting_date, MEETINGS.c.id)
    )
    return [SealCheck(each, number, seal or "", "taken off") for each, number, seal in found]
