"""A difference of an earlier count that is put right stands, whatever is counted afterwards."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import select

from tests.services.village import Village
from vsla_desktop.db import Database
from vsla_desktop.domain.postings import Fund
from vsla_desktop.queries.balances import fund_balances
from vsla_desktop.queries.tables import LEDGER
from vsla_desktop.services.cells import set_shares
from vsla_desktop.services.corrections import correct_entry
from vsla_desktop.services.counts import PurseCounted
from vsla_desktop.services.meetings import as_expected, close_meeting


def test_closing_does_not_take_back_a_difference_that_was_put_right(book: Database) -> None:
    village = Village(book).form()
    village.meet(present=True)
    with village.at_work() as session:
        set_shares(session, village.meeting_id, village.members[0], 5, clock=village.clock)
        counts = dict(as_expected(session, village.group_id))
        counts[Fund.LOAN_FUND] = PurseCounted(Decimal(2460), reason="A coin is lost")
        close_meeting(session, village.meeting_id, counts, clock=village.clock)
    village.meet(present=True)
    with village.at_work() as session:
        lost = session.execute(
            select(LEDGER.c.id).where(LEDGER.c.transaction_type == "CASH_DIFFERENCE")
        ).scalar_one()
        correct_entry(
            session, village.meeting_id, lost, Decimal(60), "60 it was", clock=village.clock
        )
    village.close()
    with book.read() as session:
        assert fund_balances(session, village.group_id).loan_fund == Decimal(2440)
