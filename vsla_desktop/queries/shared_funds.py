"""Which purses a voted share-out hands out: from the vote on they take nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from vsla_desktop.domain.postings import Fund
from vsla_desktop.domain.rules import SocialFundRule
from vsla_desktop.queries.tables import CYCLES

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_VOTED = select(CYCLES.c.share_out).where(
    CYCLES.c.id == bindparam("cycle"), CYCLES.c.share_out_date.is_not(None)
)


def frozen_funds(session: Session, cycle_id: int | None) -> frozenset[Fund]:
    """Return the purses of a cycle that are frozen; none before its share-out is voted.

    The loan fund is; so is the social fund where the group voted to share it out.
    """
    voted = session.connection().execute(_VOTED, {"cycle": cycle_id}).first()
    if voted is None:
        return frozenset()
    rule = (voted.share_out or {}).get("social_rule", SocialFundRule.KEEP.value)
    if rule == SocialFundRule.KEEP.value:
        return frozenset({Fund.LOAN_FUND})
    return frozenset({Fund.LOAN_FUND, Fund.SOCIAL})
