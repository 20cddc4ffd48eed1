"""What stands in a cell of the meeting sheet: the entries of cash that it has posted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, exists, or_, select

from vsla_desktop.db.prepared import Prepared
from vsla_desktop.domain.postings import PostingType
from vsla_desktop.queries.advances import IS_LET_OFF
from vsla_desktop.queries.tables import ACCOUNTS, LEDGER, SAVINGS

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.queries.pages import Page

REPAYMENT_PARTS = (PostingType.LOAN_PENALTY, PostingType.LOAN_CHARGE, PostingType.LOAN_REPAYMENT)
"""What a repayment is made of, in the order in which it is paid."""

_undone = LEDGER.alias("undone")


def _of_cell(*kinds: PostingType) -> Prepared:
    """Return the SELECT of the entries that stand in a cell of these kinds.

    Meeting and member both have an index; the meeting's must be used, for a member's rows grow with
    the years and a meeting's do not.
    """
    return Prepared(
        select(
            LEDGER.c.id,
            LEDGER.c.amount,
            LEDGER.c.fine_id,
            LEDGER.c.loan_id,
            LEDGER.c.description,
            LEDGER.c.due_date,
            LEDGER.c.lender,
            LEDGER.c.category,
            LEDGER.c.charge_amount,
            SAVINGS.c.shares_count,
            ACCOUNTS.c.saving_type_id,
        )
        .select_from(
            LEDGER.outerjoin(SAVINGS, SAVINGS.c.group_transaction_id == LEDGER.c.id).outerjoin(
                ACCOUNTS, ACCOUNTS.c.id == SAVINGS.c.member_saving_id
            )
        )
        .where(
            LEDGER.c.meeting_id == bindparam("meeting"),
            LEDGER.c.member_id + 0 == bindparam("member"),
            or_(*(LEDGER.c.transaction_type == kind.value for kind in kinds)),
            LEDGER.c.reason.is_(None),
            LEDGER.c.is_mobile_money.is_not(True),
            ~IS_LET_OFF,  # no cash: a vote
            ~exists().where(_undone.c.reverses_id == LEDGER.c.id),
        )
        .order_by(LEDGER.c.id)
    )


DEPOSITS = _of_cell(PostingType.SAVINGS_DEPOSIT)
FINES_PAID = _of_cell(PostingType.FINE_PAYMENT)
REPAYMENTS = _of_cell(*REPAYMENT_PARTS)
LOANS = _of_cell(PostingType.LOAN_DISBURSEMENT)
SOCIAL = {
    kind: _of_cell(kind)
    for kind in (
        PostingType.SOCIAL_CONTRIBUTION,
        PostingType.SOCIAL_GRANT,
        PostingType.SOCIAL_ADVANCE,
        PostingType.SOCIAL_ADVANCE_REPAYMENT,
    )
}


def held_in_cell(session: Session, page: Page, member_id: int, cell: Prepared) -> list[Any]:
    """Return the entries that stand in a member's cell of the page, in order of entry."""
    return cell.all(session, meeting=page.meeting_id, member=member_id)
