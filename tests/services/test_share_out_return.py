"""Payouts that are taken back: the book is as before, and they can be paid again."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from tests.services.proofs import snapshot
from tests.services.test_share_out import (
    ALL_FOR,
    CODES,
    LOST,
    Season,
    later,
    lend,
    prove,
    prove_paid,
    season,
)
from tests.services.village import Village
from vsla_desktop.domain.fines import FineType
from vsla_desktop.domain.penalties import PenaltyKind
from vsla_desktop.domain.postings import Fund
from vsla_desktop.domain.rules import SocialFundRule
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.corrections import correctable
from vsla_desktop.queries.lines import group_lines
from vsla_desktop.queries.loans import OUT, loans_of_group
from vsla_desktop.queries.mobile_money import Purpose
from vsla_desktop.queries.seals import verify_seals
from vsla_desktop.queries.tables import CYCLES, DISTRIBUTIONS, INSTALMENTS, LEDGER, LOANS
from vsla_desktop.services import cells
from vsla_desktop.services.corrections import correct_entry, reverse_entry
from vsla_desktop.services.expenses import (
    deposit_at_bank,
    record_expense,
    record_income,
    withdraw_from_bank,
)
from vsla_desktop.services.fines import charge_fine, receive_fine_payment
from vsla_desktop.services.mobile_money import NewPayment, record_payment, verify_payment
from vsla_desktop.services.share_out import PaidOut
from vsla_desktop.services.share_out_return import take_back_payout
from vsla_desktop.services.social import (
    advance_social,
    contribute_social,
    grant_social,
    repay_advance,
)

if TYPE_CHECKING:
    from vsla_desktop.db import Database

D = Decimal
WHY = "Paid to the wrong member"
VOTED = "The share-out of this cycle is voted"


def take_back(group: Season, place: int, reason: str = WHY) -> PaidOut:
    village = group.village
    with village.at_work() as session:
        return take_back_payout(
            session, village.meeting_id, village.members[place], reason, clock=village.clock
        )


def state(village: Village) -> dict[str, Any]:
    """Return all that a payout and its way back must leave as it was."""
    with village.database.read() as session:

        def rows(*columns: Any, by: Any) -> list[tuple[Any, ...]]:
            found = session.execute(
                select(*columns).where(by.table.c.group_id == village.group_id).order_by(by)
            )
            return [tuple(row) for row in found]

        return snapshot(session, village.group_id) | {
            "lines": rows(
                DISTRIBUTIONS.c.member_id, DISTRIBUTIONS.c.status, by=DISTRIBUTIONS.c.member_id
            ),
            "cycle": rows(CYCLES.c.status, CYCLES.c.paid_out_amount, by=CYCLES.c.id),
            "terms": rows(
                LOANS.c.status,
                LOANS.c.status_reason,
                LOANS.c.written_off_date,
                LOANS.c.amount_written_off,
                LOANS.c.total_amount_due,
                by=LOANS.c.id,
            ),
            "charges": [
                tuple(row)
                for row in session.execute(
                    select(
                        INSTALMENTS.c.loan_id,
                        INSTALMENTS.c.due_date,
                        INSTALMENTS.c.interest_amount,
                        INSTALMENTS.c.late_fee_amount,
                    )
                    .join(LOANS, LOANS.c.id == INSTALMENTS.c.loan_id)
                    .where(LOANS.c.group_id == village.group_id)
                    .order_by(INSTALMENTS.c.loan_id, INSTALMENTS.c.installment_number)
                )
            ],
        }


def voted(village: Village, **rules: Any) -> Season:
    """A share-out is voted: a debt is set off, another lost, and one member gets nothing."""
    village.ruled(loan_multiple=D(10), payout_unit=D(500), **rules)
    village.form()
    village.meet()
    group = season(village, shares=(5, 4, 3, 2, 1))
    lend(village, 0, 900, 2)
    lend(village, 4, 3000)
    later(village)
    with village.at_work() as session:
        record_expense(session, village.meeting_id, D(900), "Theft", clock=village.clock)
    group.propose()
    group.freeze()
    return group


@pytest.fixture
def paying(database: Database) -> Season:
    return voted(Village(database), social_fund_rule=SocialFundRule.SPLIT_EQUALLY)


def test_a_payout_is_taken_back_and_paid_again(paying: Season) -> None:
    village = paying.village
    before = state(village)
    plan = paying.cycle.plan
    assert plan is not None
    assert any(line.set_off for line in plan.lines)
    assert any(line.written_off for line in plan.lines)
    [paid] = paying.pay(1)
    assert paid.payout > 0
    assert state(village)["loans"] != before["loans"]
    assert take_back(paying, 1) == paid
    prove(village)
    assert state(village) == before
    with village.database.read() as session:
        lines = [
            line
            for line in group_lines(session, village.group_id)
            if line.type == "SHARE_OUT" and line.is_reversal
        ]
        assert {line.reason for line in lines} == {WHY}
        assert sum(line.effect for line in lines) == paid.payout
    box = village.funds().box
    paying.pay()
    prove(village)
    assert village.funds().box == box - plan.payouts
    assert paying.cycle.status == "SHARED_OUT"


def test_only_the_payout_comes_back_while_others_are_paid(paying: Season) -> None:
    village = paying.village
    paying.pay(0)
    before = state(village)
    paying.pay(1)
    take_back(paying, 1)
    assert state(village) == before
    with village.database.read() as session:
        assert not loans_of_group(session, village.group_id, statuses=OUT)  # still settled
    take_back(paying, 0)
    with village.database.read() as session:
        assert len(loans_of_group(session, village.group_id, statuses=OUT)) == 2
    prove(village)


def test_after_the_last_payout_one_can_still_come_back(paying: Season) -> None:
    village = paying.village
    paying.pay(0, 1, 2, 3)
    before = state(village)
    paying.pay(4)
    assert paying.cycle.status == "SHARED_OUT"
    take_back(paying, 4)
    assert state(village) == before
    assert paying.cycle.status == "OPEN"
    with pytest.raises(RuleBroken, match="Share out first"):
        paying.close()
    paying.pay()
    village.close()
    assert paying.close() == 1
    prove(village)


def test_a_special_meeting_is_held_for_it_once_all_are_paid(paying: Season) -> None:
    village = paying.village
    paying.pay()
    village.close()
    assert paying.cycle.status == "SHARED_OUT"
    with pytest.raises(RuleBroken, match="Open the next cycle first") as refused:
        village.meet()
    assert refused.value.field == "meeting_type"
    village.meet(kind="SPECIAL")
    take_back(paying, 1)
    assert paying.cycle.status == "OPEN"
    prove(village)
    paying.pay(1)
    village.close()
    prove(village)
    assert paying.close() == 1
    with pytest.raises(RuleBroken, match="Open a cycle first"):
        village.meet(kind="SPECIAL")


def test_what_can_not_be_taken_back_is_said(paying: Season) -> None:
    village = paying.village
    with pytest.raises(RuleBroken, match="Nobody is paid in this cycle"):
        take_back(paying, 1)
    paying.pay(1)
    before = state(village)
    with pytest.raises(RuleBroken, match="Say why") as refused:
        take_back(paying, 1, " ")
    assert refused.value.field == "reason"
    with pytest.raises(RuleBroken, match="Daudi Okello is not paid"):
        take_back(paying, 3)
    assert state(village) == before
    paying.pay()
    village.close()
    with pytest.raises(RuleBroken, match="That meeting is closed"):
        take_back(paying, 1)
    paying.close()
    paying.next()
    village.day += timedelta(days=7)
    village.meet(days=0, present=True)
    with pytest.raises(RuleBroken, match=r"Nobody is paid in this cycle\. A cycle that is closed"):
        take_back(paying, 1)
    entry = payout_of(village)
    with village.database.read() as session, pytest.raises(RuleBroken, match="cycle is closed"):
        correctable(session, entry)
    with village.at_work() as session, pytest.raises(RuleBroken, match="cycle is closed"):
        reverse_entry(session, village.meeting_id, entry, "Wrong", clock=village.clock)


def payout_of(village: Village) -> int:
    with village.database.read() as session:
        found = session.execute(
            select(func.min(LEDGER.c.id)).where(LEDGER.c.transaction_type == "SHARE_OUT")
        )
        entry: int = found.scalar_one()
    return entry


def test_the_cashbook_leads_to_where_a_payout_is_taken_back(paying: Season) -> None:
    paying.pay(1)
    village = paying.village
    entry = payout_of(village)
    said = "Take this payout back on the Share-out page"
    with village.database.read() as session, pytest.raises(RuleBroken, match=said):
        correctable(session, entry)
    with village.at_work() as session, pytest.raises(RuleBroken, match=said):
        correct_entry(session, village.meeting_id, entry, D(1), "Wrong", clock=village.clock)


def test_a_day_later_debts_stand_again_with_their_penalties(database: Database) -> None:
    group = voted(
        Village(database),
        late_penalty_kind=PenaltyKind.FIXED,
        late_penalty_amount=D(50),
        late_penalty_repeats=True,
    )
    village = group.village
    group.pay(1)
    village.close()
    village.meet(days=70, present=True)
    take_back(group, 1)
    prove(village)
    with village.database.read() as session:
        loans = loans_of_group(session, village.group_id, statuses=OUT)
    # As if nothing had been settled: the meeting that opened asks for what came since.
    assert [loan.penalty_due for loan in loans] == [50 * 3, 50 * 2]
    with pytest.raises(RuleBroken, match="Open the share-out and vote again"):
        group.pay()
    assert not group.open_again(LOST)
    assert group.open_again(ALL_FOR)
    group.propose()
    group.freeze()
    before = village.funds().box
    group.pay()
    prove(village)
    plan = group.cycle.plan
    assert plan is not None
    assert village.funds().box == before - plan.payouts
    village.close()
    with village.database.read() as session:
        assert not [each for each in verify_seals(session, village.group_id) if each.broken]


steps = st.lists(
    st.tuples(st.sampled_from(["pay", "back"]), st.integers(0, 4)), min_size=1, max_size=14
)


@given(steps, st.sampled_from(SocialFundRule), st.integers(0, 14))
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_paying_and_taking_back_in_any_order_ends_as_paying_once(
    book: Database, ways: list[tuple[str, int]], social: SocialFundRule, closes_after: int
) -> None:
    group = voted(Village(book, code=next(CODES)), social_fund_rule=social)
    village, plan = group.village, group.cycle.plan
    assert plan is not None
    box = village.funds().box
    seen = {frozenset[int](): state(village)}
    paid: set[int] = set()
    for number, (way, place) in enumerate(ways):
        if way == "pay" and place not in paid:
            group.pay(place)
            paid.add(place)
        elif way == "back" and place in paid:
            take_back(group, place)
            paid.remove(place)
        is_over = len(paid) == 5
        # The book knows who is paid, and nothing of the way there.
        assert seen.setdefault(frozenset(paid), state(village)) == state(village)
        if number == closes_after and paid and not is_over:
            village.close()
            village.meet(days=0, kind="SPECIAL")
    if len(paid) < 5:
        group.pay()
    prove(village)
    assert village.funds().box == box - plan.payouts
    assert group.cycle.status == "SHARED_OUT"
    again = voted(Village(book, code=next(CODES)), social_fund_rule=social)
    again.pay()
    ours, theirs = state(village), state(again.village)
    for part in ("funds", "group", "cycle", "terms"):
        assert ours[part] == theirs[part]
    assert [row[1:] for row in ours["members"]] == [row[1:] for row in theirs["members"]]


# ---------------------------------------------------------------- the purses that are frozen


def test_a_social_fund_that_is_shared_out_is_frozen(database: Database) -> None:
    village = Village(database).ruled(
        social_fund_rule=SocialFundRule.SPLIT_EQUALLY, fines_fund=Fund.SOCIAL
    )
    village.form()
    village.meet()
    group = season(village)
    first, second, *_ = village.members
    clock, meeting = village.clock, village.meeting_id
    with village.at_work() as session:
        given = cells.set_social(session, meeting, first, D(200), clock=clock).entries[0]
        advance_social(session, meeting, second, D(100), clock=clock)
        charge_fine(session, meeting, first, FineType.LATE_ARRIVAL, clock=clock)
        payment = record_payment(
            session,
            village.group_id,
            NewPayment(
                member_id=first,
                amount=D(200),
                purpose=Purpose.SOCIAL,
                reference="MP9",
                day=clock.today(),
                phone_number="0772123456",
            ),
            clock=clock,
        )
    plan = group.propose()
    owed = 100 + 100  # the advance and the fine, which come back to it by setting off
    assert plan.social_pool == 1100 + owed
    with village.at_work() as session:
        contribute_social(session, meeting, first, D(10), clock=clock)
    with pytest.raises(RuleBroken, match="Propose the share-out again"):
        group.freeze()
    group.propose()
    group.freeze()
    before = state(village)
    tries: dict[str, Any] = {
        "contribution": lambda s: contribute_social(s, meeting, first, D(5), clock=clock),
        "cell": lambda s: cells.set_social(s, meeting, first, D(400), clock=clock),
        "grant": lambda s: grant_social(s, meeting, first, D(5), clock=clock),
        "advance": lambda s: advance_social(s, meeting, first, D(5), clock=clock),
        "paid back": lambda s: repay_advance(s, meeting, second, D(5), clock=clock),
        "fine": lambda s: receive_fine_payment(s, meeting, first, D(100), clock=clock),
        "income": lambda s: record_income(s, meeting, D(5), "Gift", fund=Fund.SOCIAL, clock=clock),
        "phone": lambda s: verify_payment(s, meeting, payment, clock=clock),
        "reversal": lambda s: reverse_entry(s, meeting, given.transaction_id, "Wrong", clock=clock),
    }
    for what, write in tries.items():
        with pytest.raises(RuleBroken, match=VOTED), village.at_work() as session:
            write(session)
        assert state(village) == before, what
    with village.at_work() as session:
        deposit_at_bank(session, meeting, D(100), fund=Fund.SOCIAL, clock=clock)
        withdraw_from_bank(session, meeting, D(100), fund=Fund.SOCIAL, clock=clock)
    assert group.open_again()
    with village.at_work() as session:
        contribute_social(session, meeting, first, D(5), clock=clock)
    plan = group.propose()
    group.freeze()
    box = village.funds().box
    group.pay()
    prove(village)
    prove_paid(village, plan, box)
    village.close()
    group.close()
    group.next()
    village.day += timedelta(days=7)
    village.meet(days=0, present=True)
    with (
        pytest.raises(RuleBroken, match="That cycle is shared out"),
        village.at_work() as session,
    ):
        reverse_entry(
            session, village.meeting_id, given.transaction_id, "Wrong", clock=village.clock
        )


def test_a_social_fund_that_is_kept_goes_on(database: Database) -> None:
    village = Village(database).form()
    village.meet()
    group = season(village)
    group.propose()
    group.freeze()
    first, clock, meeting = village.members[0], village.clock, village.meeting_id
    with village.at_work() as session:
        given = contribute_social(session, meeting, first, D(50), clock=clock)
        grant_social(session, meeting, first, D(20), clock=clock)
    group.pay()
    prove(village)
    village.close()
    group.close()
    group.next()
    village.day += timedelta(days=7)
    village.meet(days=0, present=True)
    with village.at_work() as session:
        reverse_entry(
            session, village.meeting_id, given.transaction_id, "Wrong", clock=village.clock
        )
    prove(village)
