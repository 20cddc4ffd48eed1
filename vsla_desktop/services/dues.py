"""What a member owes beside her loans is paid out of what is hers: fines first, then advances."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import Fund, PostingType
from vsla_desktop.services.fines import owed_fines, pay_postings
from vsla_desktop.services.postings import Posting

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def due_postings(
    session: Session, member_id: int, amount: Decimal, *, words: str = ""
) -> list[Posting]:
    """Return what pays a member's fines, the oldest first, each to its fund, then her advances."""
    fines = owed_fines(session, member_id)
    of_fines = min(amount, sum((owed for _, owed, _ in fines), ZERO))
    postings = pay_postings(fines, of_fines, member_id)
    if amount > of_fines:
        kind = PostingType.SOCIAL_ADVANCE_REPAYMENT
        postings.append(Posting(kind, Fund.SOCIAL, amount - of_fines, member_id=member_id))
    return [replace(posting, description=words) for posting in postings]
