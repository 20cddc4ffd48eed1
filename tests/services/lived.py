"""Four meetings of a village whose figures can be followed by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import select

from vsla_desktop.domain.meeting import AttendanceStatus
from vsla_desktop.domain.votes import Vote
from vsla_desktop.queries.tables import LEDGER, LOANS
from vsla_desktop.services import cells
from vsla_desktop.services.attendance import record_roll_call
from vsla_desktop.services.corrections import correct_entry
from vsla_desktop.services.loan_losses import write_off_loan
from vsla_desktop.services.loans import LoanTerms

if TYPE_CHECKING:
    from tests.services.village import Village

D = Decimal
FIRST, SECOND, THIRD, FOURTH = (
    date(2026, 1, 5),
    date(2026, 1, 12),
    date(2026, 2, 9),
    date(2026, 2, 16),
)


def lived(village: Village) -> Village:
    """Hold four meetings whose figures can be followed by hand; shares cost 500."""
    amina, beatrice, _chantal, daudi, esther = village.members
    with village.at_work() as session:
        marks = dict.fromkeys(village.members[:3], AttendanceStatus.PRESENT)
        marks |= {daudi: AttendanceStatus.LATE, esther: AttendanceStatus.ABSENT}
        record_roll_call(session, village.meeting_id, marks, clock=village.clock)
        cells.set_shares(session, village.meeting_id, amina, 4, clock=village.clock)
        cells.set_shares(session, village.meeting_id, beatrice, 2, clock=village.clock)
    village.close()
    village.meet()
    with village.at_work() as session:
        terms = LoanTerms(principal=D(3000), periods=2)
        cells.set_loan(session, village.meeting_id, amina, terms, clock=village.clock)
        cells.set_fine_paid(session, village.meeting_id, daudi, D(100), clock=village.clock)
    village.close()
    village.meet(days=28)
    with village.at_work() as session:
        # 1,500 of the principal, and 10 % of 3,000 for the first four weeks.
        cells.set_repayment(session, village.meeting_id, amina, D(1800), clock=village.clock)
        cells.set_shares(session, village.meeting_id, beatrice, 3, clock=village.clock)
    village.close()
    village.meet(present=True)
    with village.at_work() as session:
        loan_id = session.scalars(
            select(LOANS.c.id).where(LOANS.c.group_id == village.group_id)
        ).one()
        write_off_loan(
            session,
            village.meeting_id,
            loan_id,
            Vote(5),
            "The harvest burnt",
            amount=D(500),
            clock=village.clock,
        )
        wrong = session.scalars(
            select(LEDGER.c.id).where(
                LEDGER.c.member_id == beatrice, LEDGER.c.transaction_date == FIRST
            )
        ).one()
        correct_entry(
            session, village.meeting_id, wrong, D(500), "One share only", clock=village.clock
        )
    village.close()
    return village
