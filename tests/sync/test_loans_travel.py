"""A loan's life reaches head office whole, whatever it went through between two sendings."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from tests.services.test_loan_changes import monthly, recover, reschedule, top_up, undo, write_off
from tests.services.test_loan_requests import ask, decide, pay_out
from tests.services.test_loans import repay
from tests.sync.laptop import Laptop, assert_same, read

if TYPE_CHECKING:
    from vsla_desktop.db import Database


def test_a_loan_that_changed_is_the_same_at_head_office(laptop: Laptop, central: Database) -> None:
    village = monthly(laptop.database)
    laptop.push()
    assert_same(laptop, central)
    repay(village, 10_000)
    added = top_up(village, 20_000)
    village.close()
    village.meet(present=True)
    laptop.push()
    assert_same(laptop, central)
    undo(village, added.entry)
    reschedule(village, 2, from_day=village.day + timedelta(days=10))
    lost = write_off(village)
    recover(village, 5000)
    asked = ask(village, 10_000, member=0)
    decide(village, asked.loan_id)
    pay_out(village, asked.loan_id)
    report = laptop.push()
    assert report.waiting == 0
    assert_same(laptop, central)
    assert read(central, "SELECT amount_written_off FROM group_loans ORDER BY id") == [
        (lost.amount,),
        (Decimal(0),),
    ]
