"""Money on the phone counts once a meeting verified it, and only once."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from tests.services.village import Village
from vsla_desktop.domain.fines import FineType
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.lines import group_lines
from vsla_desktop.queries.loans import loans_of_member
from vsla_desktop.queries.mobile_money import Purpose, payments_of_group
from vsla_desktop.queries.share_out_audit import OpenKind, audit_share_out
from vsla_desktop.queries.sheet import meeting_sheet
from vsla_desktop.queries.tables import (
    LEDGER,
    MEMBERS,
    PHONE_PAYMENTS,
    PHONE_VERIFICATIONS,
    SAVINGS,
)
from vsla_desktop.queries.verification import verify_all
from vsla_desktop.services import cells
from vsla_desktop.services.corrections import correct_entry
from vsla_desktop.services.loans import LoanTerms
from vsla_desktop.services.mobile_money import (
    NewPayment,
    record_payment,
    reject_payment,
    verify_payment,
)

if TYPE_CHECKING:
    from vsla_desktop.db import Database

D = Decimal
PHONE = "0772 123456"


def between(database: Database, **rules: Any) -> Village:
    """A group whose first meeting is closed; its second has not begun."""
    village = Village(database).ruled(
        **{"loan_min_months": 0, "loan_min_score": D(0), "loan_interest_rate": D(0), **rules}
    )
    village.form()
    village.meet(present=True)
    with village.at_work() as session:
        for member in village.members:
            cells.set_shares(session, village.meeting_id, member, 4, clock=village.clock)
    village.close()
    village.clock.instant += timedelta(days=2)
    return village


def send(village: Village, member: int, amount: int, purpose: Purpose, **more: Any) -> int:
    new = {
        "reference": f"MP{member}{purpose}{amount}",
        "day": village.clock.today(),
        "phone_number": PHONE,
        **more,
    }
    with village.at_work() as session:
        payment = NewPayment(member_id=member, amount=D(amount), purpose=purpose, **new)
        return record_payment(session, village.group_id, payment, clock=village.clock)


def verify(village: Village, payment_id: int) -> int:
    """Verify a payment at the open meeting; return how many entries that made."""
    with village.at_work() as session:
        made = verify_payment(session, village.meeting_id, payment_id, clock=village.clock)
        return len(made)


def reject(village: Village, payment_id: int, reason: str = "It never came") -> None:
    with village.at_work() as session:
        reject_payment(session, payment_id, reason, clock=village.clock)


def pending(village: Village) -> dict[int, Decimal]:
    with village.database.read() as session:
        rows = meeting_sheet(session, village.meeting_id).rows
    return {row.member_id: row.pending for row in rows if row.pending}


def shares_of(village: Village, member: int) -> Decimal:
    with village.database.read() as session:
        wanted = select(MEMBERS.c.share_balance).where(MEMBERS.c.id == member)
        return D(session.execute(wanted).scalar_one())


def test_money_on_the_phone_waits_in_the_next_meeting_and_counts_once_it_is_verified(
    database: Database,
) -> None:
    village = between(database)
    first = village.members[0]
    before = village.funds()
    payment = send(village, first, 1000, Purpose.SHARES)
    village.meet()
    assert pending(village) == {first: D(1000)}
    assert village.funds() == before
    assert verify(village, payment) == 1
    assert pending(village) == {}
    after = village.funds()
    assert after.loan_fund - before.loan_fund == D(1000)
    assert after.bank == D(1000)
    assert after.box == before.box  # the money is on the phone, not in the box
    assert shares_of(village, first) == D(3000)
    with database.read() as session:
        entry = session.execute(select(LEDGER).where(LEDGER.c.is_mobile_money)).one()
        saving = session.execute(select(SAVINGS).where(SAVINGS.c.is_mobile_money)).one()
        said = session.execute(select(PHONE_VERIFICATIONS)).one()
        (line,) = payments_of_group(session, village.group_id)
    assert (entry.verification_status, saving.verification_status) == ("VERIFIED", "VERIFIED")
    assert (entry.mobile_money_phone, entry.meeting_id) == (PHONE, village.meeting_id)
    assert saving.verified_date == entry.verified_date == village.clock.now()
    assert (said.payment_id, said.verification_method) == (payment, "MANUAL")
    assert (line.status, line.day) == ("VERIFIED", village.day - timedelta(days=5))
    village.close()
    assert verify_all(database).ok


def test_every_purpose_is_booked_by_the_rules_of_the_day_on_which_it_is_verified(
    database: Database,
) -> None:
    village = between(database)
    first, second, third, *_others = village.members
    village.meet()
    with village.at_work() as session:
        meeting, clock = village.meeting_id, village.clock
        cells.set_loan(session, meeting, first, LoanTerms(principal=D(3000)), clock=clock)
        cells.set_fine_charged(session, meeting, second, D(250), kind=FineType.PHONE, clock=clock)
    village.close()
    village.clock.instant += timedelta(days=1)
    sent = [
        send(village, first, 1200, Purpose.LOAN),
        send(village, second, 250, Purpose.FINE),
        send(village, third, 200, Purpose.SOCIAL),
    ]
    village.meet()
    for payment in sent:
        assert verify(village, payment) == 1
    with database.read() as session:
        (loan,) = loans_of_member(session, first)
        sheet = {row.member_id: row for row in meeting_sheet(session, village.meeting_id).rows}
    assert loan.owed == D(1800)
    assert sheet[second].fines_owed == 0
    assert village.funds().social == D(200)
    with village.at_work() as session:  # the cash of the same meeting is a line of its own
        cells.set_repayment(session, village.meeting_id, first, D(1800), clock=village.clock)
    with database.read() as session:
        (loan,) = loans_of_member(session, first)
    assert (loan.owed, loan.status) == (D(0), "COMPLETED")
    village.close()
    assert verify_all(database).ok


def test_what_was_paid_in_cash_meanwhile_is_not_paid_twice(database: Database) -> None:
    village = between(database, max_shares_per_meeting=5)
    first, second, *_others = village.members
    village.meet()
    with village.at_work() as session:
        loan = LoanTerms(principal=D(1000))
        cells.set_loan(session, village.meeting_id, first, loan, clock=village.clock)
    loan_sent = send(village, first, 1000, Purpose.LOAN)
    shares_sent = send(village, second, 1000, Purpose.SHARES)
    with village.at_work() as session:
        cells.set_repayment(session, village.meeting_id, first, D(400), clock=village.clock)
        cells.set_shares(session, village.meeting_id, second, 4, clock=village.clock)
    before = village.funds()
    with pytest.raises(RuleBroken, match="Pay at most 600"):
        verify(village, loan_sent)
    with pytest.raises(RuleBroken, match="most"):
        verify(village, shares_sent)
    assert village.funds() == before
    assert len(pending(village)) == 2


def test_a_payment_that_did_not_come_never_counts(database: Database) -> None:
    village = between(database)
    first = village.members[0]
    payment = send(village, first, 500, Purpose.SHARES, reference="mp 77")
    with pytest.raises(RuleBroken, match="Say why"):
        reject(village, payment, " ")
    reject(village, payment)
    reject(village, payment)
    village.meet()
    assert pending(village) == {}
    with pytest.raises(RuleBroken, match="rejected"):
        verify(village, payment)
    assert shares_of(village, first) == D(2000)
    again = send(village, first, 500, Purpose.SHARES, reference="MP77")
    assert verify(village, again) == 1
    with pytest.raises(RuleBroken, match="counts already"):
        reject(village, again)
    assert shares_of(village, first) == D(2500)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"reference": " "}, "reference"),
        ({"reference": "x" * 101}, "reference"),
        ({"reference": "MP 1"}, "reference"),
        ({"phone_number": "none"}, "phone_number"),
        ({"phone_number": ""}, "phone_number"),
        ({"amount": 750}, "amount"),
        ({"amount": 0}, "amount"),
        ({"member": 0}, "member"),
        ({"days": 1}, "day"),
        ({"days": -30}, "day"),
    ],
)
def test_wrong_payments_are_refused_where_they_are_typed(
    database: Database, wrong: dict[str, Any], field: str
) -> None:
    village = between(database)
    first = village.members[0]
    send(village, first, 500, Purpose.SHARES, reference="mp1")
    said = {"member": first, "amount": 500, "days": 0} | wrong
    day = village.clock.today() + timedelta(days=said.pop("days"))
    with pytest.raises(RuleBroken) as refused:
        send(village, said.pop("member"), said.pop("amount"), Purpose.SHARES, day=day, **said)
    assert refused.value.field == field
    with database.read() as session:
        assert len(payments_of_group(session, village.group_id)) == 1


def test_money_on_the_phone_is_an_open_point_of_the_share_out(database: Database) -> None:
    village = between(database)
    send(village, village.members[1], 500, Purpose.SHARES)
    with database.read() as session:
        points = audit_share_out(session, village.group_id, on=village.clock.today())
    (waiting,) = (point for point in points if point.kind is OpenKind.MOBILE_MONEY)
    assert (waiting.amount, waiting.names) == (D(500), ("2 Beatrice Auma",))


def wrong(village: Village) -> tuple[str, ...]:
    return verify_all(village.database).database.ledger.wrong


def change(village: Village, payment: int, **values: Any) -> None:
    """Change a payment in the database, behind the back of the program."""
    with village.database.write() as session:
        session.execute(
            update(PHONE_PAYMENTS).where(PHONE_PAYMENTS.c.id == payment).values(**values)
        )


@pytest.fixture
def repaid(database: Database) -> tuple[Village, int, int]:
    """A repayment and a contribution by phone: one is verified in its two parts, one waits."""
    village = between(database, loan_interest_rate=D("0.1"))
    first = village.members[0]
    village.meet()
    with village.at_work() as session:
        terms = LoanTerms(principal=D(3000), periods=1)
        cells.set_loan(session, village.meeting_id, first, terms, clock=village.clock)
    village.close()
    loan = send(village, first, 1200, Purpose.LOAN, reference="LOAN-1")
    social = send(village, first, 200, Purpose.SOCIAL, reference="SOCIAL-1")
    village.meet()
    assert verify(village, loan) == 2
    return village, loan, social


def test_payments_and_the_ledger_agree_however_they_are_corrected(
    repaid: tuple[Village, int, int],
) -> None:
    village, _loan, social = repaid
    assert wrong(village) == ()
    reject(village, social)
    again = send(village, village.members[0], 300, Purpose.SOCIAL, reference="SOCIAL-1")
    verify(village, again)
    assert wrong(village) == ()
    for is_later in (False, True):
        with village.database.read() as session:
            lines = [
                line
                for line in group_lines(session, village.group_id)
                if line.is_mobile_money and not line.is_reversal and not line.reversed_by
            ]
        assert len(lines) >= 3  # a corrected repayment is shared out anew
        for line in lines:
            with village.at_work() as session:
                correct_entry(
                    session,
                    village.meeting_id,
                    line.transaction_id,
                    line.amount - 10,
                    "It was less",
                    clock=village.clock,
                )
        assert wrong(village) == ()
        if not is_later:
            village.close()
            village.meet()


def test_a_verified_payment_that_says_another_amount_is_told(
    repaid: tuple[Village, int, int],
) -> None:
    village, loan, _social = repaid
    change(village, loan, amount=D(1300))
    assert wrong(village) == ("Payment LOAN-1 says 1300.00, the ledger booked 1200.00.",)


def test_a_payment_that_nobody_booked_is_told(repaid: tuple[Village, int, int]) -> None:
    village, _loan, social = repaid
    change(village, social, status="VERIFIED", verification_status="VERIFIED")
    [said] = wrong(village)
    assert said.startswith("Payment SOCIAL-1 says 200.00, the ledger booked 0")


@pytest.mark.parametrize("status", ["PENDING", "REJECTED", "CANCELLED"])
def test_a_payment_that_counts_and_is_not_verified_is_told(
    repaid: tuple[Village, int, int], status: str
) -> None:
    village, loan, _social = repaid
    change(village, loan, status=status)
    said = wrong(village)
    assert len(said) == 2  # charge and principal
    assert all(each.startswith("Payment LOAN-1 is not verified, but entry TST-1-") for each in said)


def test_payments_of_other_programs_are_not_held_against_our_rules(
    repaid: tuple[Village, int, int],
) -> None:
    village, loan, _social = repaid
    change(village, loan, provider="MTN", amount=D(5))
    assert wrong(village) == ()


@pytest.fixture(scope="module")
def counted() -> list[int]:
    return []


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    deeds=st.lists(
        st.tuples(st.integers(0, 4), st.integers(1, 3), st.sampled_from("vvrrw")), max_size=6
    )
)
def test_only_what_was_verified_counts_and_only_once(
    database: Database, counted: list[int], deeds: list[tuple[int, int, str]]
) -> None:
    """Whatever is verified and rejected, and how often: the fund grows by what was verified."""
    counted.append(1)
    village = Village(database, code=f"PHONE-{len(counted)}").ruled(max_shares_per_meeting=50)
    village.form()
    village.meet()
    expected = dict.fromkeys(village.members, D(0))
    for place, (who, shares, deed) in enumerate(deeds):
        member = village.members[who]
        payment = send(village, member, 500 * shares, Purpose.SHARES, reference=f"R{place}")
        if deed == "v":
            assert [verify(village, payment), verify(village, payment)] == [1, 0]
            expected[member] += 500 * shares
            with pytest.raises(RuleBroken):
                reject(village, payment)
        elif deed == "r":
            reject(village, payment)
            with pytest.raises(RuleBroken):
                verify(village, payment)
        assert {each: shares_of(village, each) for each in village.members} == expected
        assert village.funds().loan_fund == village.funds().bank == sum(expected.values())
    assert verify_all(database).ok
