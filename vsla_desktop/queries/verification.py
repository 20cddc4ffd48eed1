"""Whether a whole book is true: what follows from the rows, the ledger's rules, and the seals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from vsla_desktop import derived
from vsla_desktop.db.adjustments import opening_adjustments
from vsla_desktop.db.verify import Verification, verify
from vsla_desktop.queries.seals import SealCheck, verify_seals
from vsla_desktop.queries.tables import GROUPS

if TYPE_CHECKING:
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
        seals = tuple(seal for group in groups for seal in verify_seals(session, group))
    return BookCheck(checked, seals, repaired)
