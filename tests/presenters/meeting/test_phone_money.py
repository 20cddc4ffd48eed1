"""Money that a member sent by telephone waits in the sheet, and the sheet says so."""

from __future__ import annotations

from decimal import Decimal

from tests.presenters.meeting.table import ROWS, Table
from vsla_desktop.presenters.grid import CellState
from vsla_desktop.queries.mobile_money import Purpose
from vsla_desktop.services.mobile_money import NewPayment, record_payment, verify_payment

NAME = 1


def test_what_waits_has_a_sign_and_a_sentence_until_it_came(met: Table) -> None:
    village = met.village
    payment = NewPayment(
        member_id=village.members[1],
        amount=Decimal(500),
        purpose=Purpose.SHARES,
        reference="MP1",
        day=village.clock.today(),
        phone_number="+256700000001",
    )
    with village.at_work() as session:
        payment_id = record_payment(session, village.group_id, payment, clock=village.clock)
    met.presenter.load()
    cell = met.cell("Beatrice", "shares")
    assert cell.state is CellState.FINE
    assert cell.message == "500 by mobile money waits. Press F7 when it came."
    name = met.sheet.cell(ROWS["Beatrice"], NAME)
    assert (name.icon, name.tooltip) == ("mobile", cell.message)
    assert met.cell("Amina", "shares").message == ""
    meeting = met.presenter.meeting
    assert meeting is not None
    with village.at_work() as session:
        verify_payment(session, meeting.meeting_id, payment_id, clock=village.clock)
    met.presenter.load()
    assert met.cell("Beatrice", "shares").message == ""
