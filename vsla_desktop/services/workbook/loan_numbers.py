"""Which of a member's loans a row is about: they count from 1 on, as they were given."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, select

from vsla_desktop.domain.postings import PostingType
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.tables import LEDGER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from vsla_desktop.queries.lines import LedgerLine

_GIVEN = (
    select(LEDGER.c.loan_id)
    .where(
        LEDGER.c.member_id == bindparam("member"),
        LEDGER.c.transaction_type == PostingType.LOAN_DISBURSEMENT.value,
        LEDGER.c.loan_id.is_not(None),
    )
    .group_by(LEDGER.c.loan_id)
    .order_by(func.min(LEDGER.c.id))
)


def loan_numbered(session: Session, member_id: int, number: int) -> int:
    """Return the loan of a member that has a number; loans that were taken back count as well.

    Raise :class:`RuleBroken` for one that was not given yet.
    """
    found = session.connection().execute(_GIVEN, {"member": member_id}).scalars().all()
    if not 1 <= number <= len(found):
        raise RuleBroken("There is no such loan.", field="loan")
    loan_id: int = found[number - 1]
    return loan_id


def loan_places(lines: Sequence[LedgerLine]) -> dict[int, int]:
    """Number the loans of each member as they were given, those that were taken back as well."""
    counts: dict[int, int] = defaultdict(int)
    places: dict[int, int] = {}
    for line in lines:
        is_given = line.type is PostingType.LOAN_DISBURSEMENT and not line.is_reversal
        if is_given and line.loan_id is not None and line.loan_id not in places:
            counts[line.member_id or 0] += 1
            places[line.loan_id] = counts[line.member_id or 0]
    return places
