"""The proof after each event is a proof: whatever is changed behind the books, it fails."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Update, delete, func, select, update

from tests.cycle.invariants import check_all
from tests.services.village import Village
from vsla_desktop.queries.tables import (
    ACCOUNTS,
    CASHBOOK,
    GROUPS,
    INSTALMENTS,
    LEDGER,
    LOANS,
    MEETINGS,
    MEMBERS,
    SAVINGS,
)
from vsla_desktop.services import cells
from vsla_desktop.services.loans import LoanTerms

if TYPE_CHECKING:
    from sqlalchemy import Delete

    from vsla_desktop.db import Database

D = Decimal
_LAST_LINE = select(func.max(CASHBOOK.c.id)).scalar_subquery()
_DEPOSIT = select(func.max(SAVINGS.c.group_transaction_id)).scalar_subquery()
CHANGES: dict[str, Update | Delete] = {
    "1 the loan fund of the group": update(GROUPS).values(loan_fund_balance=D(1)),
    "1 a purse in the last line of the cashbook": (
        update(CASHBOOK).where(CASHBOOK.c.id == _LAST_LINE).values(social_fund_balance=D(1))
    ),
    "1 what is at the bank": (
        update(CASHBOOK).where(CASHBOOK.c.id == _LAST_LINE).values(bank_balance=D(1))
    ),
    "2 what an account holds": update(ACCOUNTS).values(current_balance=D(7)),
    "2 what is out of a loan": update(LOANS).values(principal_outstanding=D(7)),
    "2 a deposit is not on its account": (
        delete(SAVINGS).where(SAVINGS.c.group_transaction_id == _DEPOSIT)
    ),
    "2 which way money went": update(LEDGER).where(LEDGER.c.id == _DEPOSIT).values(direction=-1),
    "3 the shares of a member": update(MEMBERS).values(share_balance=D(7)),
    "4 an account below nought": update(ACCOUNTS).values(current_balance=D(-1)),
    "5 more shares than a meeting allows": update(SAVINGS).values(shares_count=99),
    "5 a meeting that stood for none": update(MEETINGS).values(meetings_merged=0),
    "6 an instalment after the share-out": update(INSTALMENTS).values(due_date=date(2031, 1, 1)),
    "6 what is paid of a loan": update(LOANS).values(principal_paid=D(7)),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_is_changed_behind_the_books_is_found(book: Database, change: Update | Delete) -> None:
    rules = {"loan_min_months": 0, "loan_min_score": D(0)}
    village = Village(book).ruled(**rules).form()
    village.meet(present=True)
    with village.at_work() as session:
        meeting, clock = village.meeting_id, village.clock
        for member in village.members:
            cells.set_social(session, meeting, member, D(200), clock=clock)
            cells.set_shares(session, meeting, member, 4, clock=clock)
        terms = LoanTerms(principal=D(3000), periods=2)
        cells.set_loan(session, meeting, village.members[0], terms, clock=clock)
        check_all(session, village.group_id)
        session.execute(change)
        with pytest.raises(AssertionError):
            check_all(session, village.group_id)
