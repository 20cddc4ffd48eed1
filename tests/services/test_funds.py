"""Fines, grants, advances, loans from outside, bank and property: each leaves the books true."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from tests.cycle.invariants import check_all
from tests.services.village import FORMED, Village
from vsla_desktop.domain.fines import FineType
from vsla_desktop.domain.kinds import ExpenseKind, GrantEvent, IncomeKind
from vsla_desktop.domain.postings import Fund, PostingType
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.advances import advance_owed, advances_of_group
from vsla_desktop.queries.funds import (
    bank_statements,
    fines_of_group,
    fund_flow,
    grant_tariff,
    last_cycle,
    money_lines,
    social_dues,
)
from vsla_desktop.queries.funds_debts import Debt, debts_of
from vsla_desktop.queries.funds_property import (
    property_at_start,
    property_items,
    property_value,
)
from vsla_desktop.queries.share_out import debts_to_others
from vsla_desktop.queries.tables import CYCLES
from vsla_desktop.services.cells import set_advance, set_grant
from vsla_desktop.services.corrections import correct_entry, reverse_entry
from vsla_desktop.services.cycles import open_cycle
from vsla_desktop.services.expenses import (
    Between,
    deposit_at_bank,
    note_bank_statement,
    record_expense,
    record_income,
)
from vsla_desktop.services.external_loans import Borrowing, borrow_outside, repay_outside
from vsla_desktop.services.fines import charge_fine, receive_fine_payment, waive_fine
from vsla_desktop.services.leaving import pay_leaver, pay_out_leaver
from vsla_desktop.services.members import LeavingReason, suspend_member, take_back_member
from vsla_desktop.services.property import (
    NewProperty,
    add_property,
    remove_property,
    revalue_property,
)
from vsla_desktop.services.savings import record_shares
from vsla_desktop.services.social import (
    advance_social,
    contribute_social,
    grant_social,
    repay_advance,
    set_grant_tariff,
)

D = Decimal
WEEK = timedelta(days=7)


def prove(village: Village) -> None:
    with village.database.read() as session:
        check_all(session, village.group_id)


@pytest.fixture
def rich(village: Village) -> Village:
    """Everybody bought two shares and gave 1,000 to the social fund."""
    with village.at_work() as session:
        village.all_present(session)
        for member in village.members:
            record_shares(session, village.meeting_id, member, 2, clock=village.clock)
            contribute_social(session, village.meeting_id, member, D(1000), clock=village.clock)
    return village


def borrow(village: Village, lender: str, amount: int, *, charge: int = 0, **more: object) -> int:
    with village.at_work() as session:
        what = Borrowing(lender=lender, amount=D(amount), charge=D(charge), **more)  # type: ignore[arg-type]
        entry = borrow_outside(session, village.meeting_id, what, clock=village.clock)
    prove(village)
    return entry.transaction_id


def repay(village: Village, lender: str, principal: int, charge: int = 0) -> None:
    with village.at_work() as session:
        repay_outside(
            session,
            village.meeting_id,
            lender,
            principal=D(principal),
            charge=D(charge),
            clock=village.clock,
        )
    prove(village)


def debts(village: Village) -> dict[str, Debt]:
    with village.database.read() as session:
        return {each.lender: each for each in debts_of(session, village.group_id)}


def test_a_waived_fine_is_owed_no_more_and_keeps_its_reason(rich: Village) -> None:
    first, second, *_others = rich.members
    with rich.at_work() as session:
        meeting, clock = rich.meeting_id, rich.clock
        fine = charge_fine(session, meeting, first, FineType.MISCONDUCT, clock=clock)
        charge_fine(session, meeting, second, FineType.PHONE, amount=D(400), clock=clock)
        receive_fine_payment(session, meeting, first, D(50), clock=clock)
        receive_fine_payment(session, meeting, second, D(400), clock=clock)
        waive_fine(session, meeting, fine.fine_id, "Her child was ill", clock=clock)
    prove(rich)
    with rich.database.read() as session:
        found = fines_of_group(session, rich.group_id, FORMED)
    assert [(f.number, f.reason, f.amount, f.paid, f.owed, f.waived) for f in found] == [
        (1, "Disorder", D(250), D(50), D(0), D(200)),
        (2, "Phone", D(400), D(400), D(0), D(0)),
    ]
    assert found[0].waiver_reason == "Her child was ill"
    assert {each.fund for each in found} == {Fund.LOAN_FUND}


def test_who_gave_less_to_the_social_fund_than_the_meetings_asked(rich: Village) -> None:
    rich.close()
    rich.meet(meetings_merged=2)
    with rich.database.read() as session:
        cycle = last_cycle(session, rich.group_id)
        assert cycle is not None
        dues = social_dues(session, rich.group_id, cycle)
    assert {(each.due, each.paid, each.owed) for each in dues} == {(D(600), D(1000), D(0))}
    for _meeting in range(3):
        rich.close()
        rich.meet()
    with rich.database.read() as session:
        dues = social_dues(session, rich.group_id, cycle)
    assert {each.owed for each in dues} == {D(200)}


def test_who_was_away_from_the_group_owes_nothing_for_its_meetings(village: Village) -> None:
    away, clock = village.members.pop(0), village.clock
    with village.at_work() as session:
        pay_out_leaver(session, village.meeting_id, away, LeavingReason.MOVED, clock=clock)
    for _meeting in range(2):
        village.close()
        village.meet()
    suspended = village.members.pop(0)
    with village.at_work() as session:
        suspend_member(session, suspended, clock=clock)
    village.close()
    with village.at_work() as session:
        for member in (away, suspended):
            take_back_member(session, member, clock=clock)
    village.members += [away, suspended]
    village.meet(present=True)
    with village.database.read() as session:
        cycle = last_cycle(session, village.group_id)
        assert cycle is not None
        due = {each.member_id: each.due for each in social_dues(session, village.group_id, cycle)}
    assert due == {away: D(200), suspended: D(600), **dict.fromkeys(village.members[:3], D(800))}


def test_a_grant_names_its_event_and_the_tariff_only_proposes(rich: Village) -> None:
    member = rich.members[0]
    with rich.at_work() as session:
        meeting, clock = rich.meeting_id, rich.clock
        tariff = {GrantEvent.DEATH: D(2000), GrantEvent.FIRE: D(0)}
        set_grant_tariff(session, meeting, tariff, clock=clock)
        grant_social(
            session, meeting, member, D(1500), reason="Mother", event=GrantEvent.DEATH, clock=clock
        )
    prove(rich)
    with rich.database.read() as session:
        assert grant_tariff(session, rich.group_id) == {GrantEvent.DEATH: D(2000)}
        [line] = money_lines(session, rich.group_id, rich.cycle_id, {PostingType.SOCIAL_GRANT})
        flow = fund_flow(session, rich.group_id, rich.cycle_id, Fund.SOCIAL)
    assert (line.category, line.description, line.effect) == ("DEATH", "Mother", D(-1500))
    assert flow == {
        PostingType.SOCIAL_CONTRIBUTION: D(5000),
        PostingType.SOCIAL_GRANT: D(-1500),
    }
    with pytest.raises(RuleBroken, match=r"The fund holds 3.500 only"), rich.at_work() as session:
        grant_social(session, rich.meeting_id, member, D(3501), clock=rich.clock)


def test_a_corrected_grant_keeps_its_event(rich: Village) -> None:
    with rich.at_work() as session:
        entry = grant_social(
            session,
            rich.meeting_id,
            rich.members[0],
            D(1500),
            event=GrantEvent.BIRTH,
            clock=rich.clock,
        )
    rich.close()
    rich.meet()
    with rich.at_work() as session:
        correct_entry(
            session, rich.meeting_id, entry.transaction_id, D(900), "Miscounted", clock=rich.clock
        )
    prove(rich)
    with rich.database.read() as session:
        lines = money_lines(session, rich.group_id, rich.cycle_id, {PostingType.SOCIAL_GRANT})
    assert [(each.category, each.effect) for each in lines] == [
        ("BIRTH", D(-1500)),
        ("BIRTH", D(1500)),
        ("BIRTH", D(-900)),
    ]


def test_advances_are_paid_back_oldest_first_and_late_ones_are_named(rich: Village) -> None:
    amina, beatrice, *_others = rich.members
    due = rich.day + WEEK
    with rich.at_work() as session:
        meeting, clock = rich.meeting_id, rich.clock
        advance_social(session, meeting, amina, D(700), due_date=due, clock=clock)
        advance_social(session, meeting, beatrice, D(500), clock=clock)
    prove(rich)
    rich.close()
    rich.meet()
    with rich.at_work() as session:
        meeting = rich.meeting_id
        advance_social(session, meeting, amina, D(300), due_date=due + 4 * WEEK, clock=clock)
        repay_advance(session, meeting, amina, D(800), clock=clock)
    prove(rich)
    with rich.database.read() as session:
        found = advances_of_group(session, rich.group_id)
        owed = advance_owed(session, amina)
    assert [(each.number, each.owed) for each in found] == [(1, D(0)), (2, D(500)), (1, D(200))]
    assert owed == 200
    assert [each.is_overdue(due + 5 * WEEK) for each in found] == [False, False, True]
    assert not found[2].is_overdue(due + 4 * WEEK)
    with pytest.raises(RuleBroken, match="at most 200"), rich.at_work() as session:
        repay_advance(session, rich.meeting_id, amina, D(201), clock=rich.clock)


@pytest.mark.parametrize(
    ("due", "said"),
    [(FORMED, "Choose a day after the meeting."), (date(2027, 2, 1), "Choose a day up to")],
)
def test_an_advance_falls_due_between_the_meeting_and_the_share_out(
    laptop: Village, due: date, said: str
) -> None:
    with laptop.at_work() as session:
        contribute_social(session, laptop.meeting_id, laptop.members[0], D(900), clock=laptop.clock)
    with pytest.raises(RuleBroken, match=said) as problem, laptop.at_work() as session:
        advance_social(
            session,
            laptop.meeting_id,
            laptop.members[1],
            D(100),
            due_date=due,
            clock=laptop.clock,
        )
    assert problem.value.field == "due_date"


def test_a_cell_that_is_changed_keeps_the_event_and_the_day_to_be_back(rich: Village) -> None:
    meeting, member, clock = rich.meeting_id, rich.members[0], rich.clock
    due = rich.day + WEEK
    with rich.at_work() as session:
        advance_social(session, meeting, member, D(300), reason="Seeds", clock=clock)
        advance_social(session, meeting, member, D(500), due_date=due, clock=clock)
        grant_social(session, meeting, member, D(200), event=GrantEvent.FIRE, clock=clock)

    def standing() -> list[tuple[Decimal, date | None, str]]:
        with rich.database.read() as session:
            found = advances_of_group(session, rich.group_id)
        return [(each.amount, each.due_date, each.reason) for each in found]

    given = "Advance from the social fund"
    for total, left in (
        (900, [(D(300), None, "Seeds"), (D(600), due, given)]),
        (700, [(D(300), None, "Seeds"), (D(400), due, given)]),
        (300, [(D(300), None, "Seeds")]),
        (250, [(D(250), None, "Seeds")]),
        (0, []),
    ):
        with rich.at_work() as session:
            set_advance(session, meeting, member, D(total), clock=clock)
        prove(rich)
        assert standing() == left
    with rich.at_work() as session:
        set_grant(session, meeting, member, D(150), clock=clock)
    prove(rich)
    with rich.database.read() as session:
        [line] = money_lines(session, rich.group_id, rich.cycle_id, {PostingType.SOCIAL_GRANT})
    assert (line.category, line.effect) == ("FIRE", D(-150))


def test_a_reversed_repayment_is_owed_again(rich: Village) -> None:
    member = rich.members[0]
    with rich.at_work() as session:
        given = advance_social(session, rich.meeting_id, member, D(700), clock=rich.clock)
        paid = repay_advance(session, rich.meeting_id, member, D(700), clock=rich.clock)
    rich.close()
    rich.meet()
    with pytest.raises(RuleBroken, match="Take back at most"), rich.at_work() as session:
        reverse_entry(session, rich.meeting_id, given.transaction_id, "No", clock=rich.clock)
    with rich.at_work() as session:
        reverse_entry(session, rich.meeting_id, paid.transaction_id, "Wrong", clock=rich.clock)
    prove(rich)
    with rich.database.read() as session:
        [advance] = advances_of_group(session, rich.group_id)
    assert advance.owed == 700


def test_a_lender_is_paid_principal_and_charge_apart(rich: Village) -> None:
    due = rich.day + 8 * WEEK
    borrow(rich, "Twiga Bank", 50_000, charge=5_000, due_date=due)
    borrow(rich, " twiga  bank ", 20_000, due_date=due + 4 * WEEK)
    borrow(rich, "Father Okello", 10_000)
    repay(rich, "TWIGA BANK", 50_000, 3_000)
    found = debts(rich)
    assert set(found) == {"Twiga Bank", "Father Okello"}
    bank = found["Twiga Bank"]
    assert (bank.borrowed, bank.repaid, bank.owed) == (D(70_000), D(50_000), D(20_000))
    assert (bank.charge_agreed, bank.charge_paid, bank.charge_owed) == (
        D(5_000),
        D(3_000),
        D(2_000),
    )
    assert bank.due_date == due + 4 * WEEK
    assert found["Father Okello"].due_date is None
    with rich.database.read() as session:
        assert debts_to_others(session, rich.group_id, rich.day) == 30_000
        [cost] = money_lines(session, rich.group_id, rich.cycle_id, {PostingType.EXPENSE})
    assert (cost.category, cost.effect) == ("LOAN_CHARGE", D(-3_000))
    assert rich.funds().loan_fund == 5_000 + 80_000 - 53_000


@pytest.mark.parametrize(
    ("lender", "principal", "charge", "field"),
    [
        ("Twiga Bank", 50_001, 0, "principal"),
        ("Twiga Bank", 0, 5_001, "charge"),
        ("Twiga Bank", 0, 0, "principal"),
        ("Nobody", 1, 0, "lender"),
    ],
)
def test_no_more_is_paid_back_than_is_owed(
    rich: Village, lender: str, principal: int, charge: int, field: str
) -> None:
    borrow(rich, "Twiga Bank", 50_000, charge=5_000)
    before = rich.funds()
    with pytest.raises(RuleBroken) as problem:
        repay(rich, lender, principal, charge)
    assert problem.value.field == field
    assert rich.funds() == before


def test_a_loan_that_was_paid_back_can_not_be_taken_out_of_the_book(rich: Village) -> None:
    loan = borrow(rich, "Twiga Bank", 50_000)
    repay(rich, "Twiga Bank", 30_000)
    rich.close()
    rich.meet()
    with rich.at_work() as session:
        record_income(session, rich.meeting_id, D(90_000), "Gift", clock=rich.clock)
    with pytest.raises(RuleBroken, match="Take back at most"), rich.at_work() as session:
        reverse_entry(session, rich.meeting_id, loan, "Wrong", clock=rich.clock)
    with pytest.raises(RuleBroken, match="Take back at most"), rich.at_work() as session:
        correct_entry(session, rich.meeting_id, loan, D(29_000), "Wrong", clock=rich.clock)
    with rich.at_work() as session:
        correct_entry(session, rich.meeting_id, loan, D(40_000), "Miscounted", clock=rich.clock)
    prove(rich)
    assert debts(rich)["Twiga Bank"].owed == 10_000


def test_a_debt_to_a_member_who_left_is_not_a_lender_s(rich: Village) -> None:
    leaver = rich.members[0]
    borrow(rich, "Amina Nakato", 3_000)  # a lender of the same name
    with rich.at_work() as session:
        pay_out_leaver(
            session,
            rich.meeting_id,
            leaver,
            LeavingReason.MOVED,
            paid=D(400),
            clock=rich.clock,
        )
    prove(rich)
    with rich.database.read() as session:
        found = [(each.member_id, each.owed) for each in debts_of(session, rich.group_id)]
        assert found == [(None, D(3_000)), (leaver, D(600))]
    repay(rich, "Amina Nakato", 3_000)
    with rich.at_work() as session:
        pay_leaver(session, rich.meeting_id, leaver, D(600), clock=rich.clock)
    prove(rich)
    with rich.database.read() as session:
        assert [each.owed for each in debts_of(session, rich.group_id)] == [0, 0]
        assert debts_to_others(session, rich.group_id, rich.day) == 0


amounts = st.integers(min_value=1, max_value=60_000)
moves = st.lists(
    st.tuples(st.sampled_from(["borrow", "principal", "charge"]), st.integers(0, 2), amounts),
    max_size=8,
)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves)
def test_debts_are_what_came_less_what_went(
    laptop: Village, moves: list[tuple[str, int, int]]
) -> None:
    names = ("Twiga Bank", "Father Okello", "Programme")
    before = {name: debts(laptop).get(name) for name in names}
    owed = {name: found.owed if found else D(0) for name, found in before.items()}
    charges = {name: found.charge_owed if found else D(0) for name, found in before.items()}
    for kind, place, amount in moves:
        name = names[place]
        held = laptop.funds().loan_fund
        limit = {"principal": owed[name], "charge": charges[name]}.get(kind)
        try:
            if kind == "borrow":
                borrow(laptop, name, amount, charge=amount // 10)
                owed[name] += amount
                charges[name] += amount // 10
            elif kind == "principal":
                repay(laptop, name, amount)
                owed[name] -= amount
            else:
                repay(laptop, name, 0, amount)
                charges[name] -= amount
        except RuleBroken:
            assert limit is not None
            assert amount > min(limit, held)
    found = debts(laptop)
    assert {name: found[name].owed if name in found else 0 for name in names} == owed
    assert {name: found[name].charge_owed if name in found else 0 for name in names} == charges
    with laptop.database.read() as session:
        outside = debts_to_others(session, laptop.group_id, laptop.day)
    assert outside == sum(owed.values())


def test_expenses_and_income_add_up_by_kind(rich: Village) -> None:
    meeting, clock = rich.meeting_id, rich.clock
    with rich.at_work() as session:
        pens = record_expense(
            session, meeting, D(300), "Pens", kind=ExpenseKind.STATIONERY, clock=clock
        )
        record_expense(session, meeting, D(100), "Bus", kind=ExpenseKind.TRANSPORT, clock=clock)
        record_income(session, meeting, D(900), "A goat", kind=IncomeKind.SALE, clock=clock)
    rich.close()
    day = rich.day + timedelta(days=1)
    rich.clock.instant += timedelta(days=1)
    with rich.at_work() as session:
        record_income(session, Between(rich.group_id, day), D(50), "Found", clock=clock)
    prove(rich)
    rich.meet()
    with rich.at_work() as session:
        reverse_entry(session, rich.meeting_id, pens.transaction_id, "Not ours", clock=clock)
    prove(rich)
    kinds = {PostingType.EXPENSE, PostingType.OTHER_INCOME}
    with rich.database.read() as session:
        lines = money_lines(session, rich.group_id, rich.cycle_id, kinds)
    totals: dict[str, Decimal] = {}
    for line in lines:
        totals[line.category] = totals.get(line.category, D(0)) + line.effect
    assert totals == {"STATIONERY": 0, "TRANSPORT": -100, "SALE": 900, "": 50}


def test_what_the_bank_says_is_noted_and_posts_nothing(rich: Village) -> None:
    with rich.at_work() as session:
        deposit_at_bank(session, rich.meeting_id, D(3_000), clock=rich.clock)
    before = rich.funds()
    with rich.at_work() as session:
        more = note_bank_statement(
            session, rich.group_id, D(2_900), note=" Their  charge ", clock=rich.clock
        )
        assert more == -100
        note_bank_statement(session, rich.group_id, D(3_000), clock=rich.clock)
    assert rich.funds() == before
    with rich.database.read() as session:
        found = bank_statements(session, rich.group_id)
    assert [(each.said, each.book, each.difference, each.note) for each in found] == [
        (D(2_900), D(3_000), D(-100), "Their charge"),
        (D(3_000), D(3_000), D(0), ""),
    ]


def test_property_is_added_valued_and_removed_but_stays_in_the_list(village: Village) -> None:
    clock, group = village.clock, village.group_id
    with village.at_work() as session:
        bench = NewProperty(name="Bench", bought_on=FORMED - WEEK, cost=D(9_000), value=D(6_000))
        first = add_property(session, group, bench, clock=clock)
        box = NewProperty(name="Box", bought_on=FORMED, cost=D(20_000), note="Three locks")
        second = add_property(session, group, box, clock=clock)
        revalue_property(session, group, second, D(15_000), clock=clock)
        assert property_value(session, group) == 21_000
        # What was bought before the cycle was there at its start.
        assert property_at_start(session, group) == 6_000
        remove_property(session, group, first, "Broken", clock=clock)
        assert property_value(session, group) == 15_000
        with pytest.raises(RuleBroken, match="that the group owns"):
            revalue_property(session, group, first, D(1), clock=clock)
        items = property_items(session, group)
    prove(village)
    assert [(each.name, each.cost, each.value, each.is_owned) for each in items] == [
        ("Bench", D(9_000), D(6_000), False),
        ("Box", D(20_000), D(15_000), True),
    ]
    assert items[0].removal_reason == "Broken"
    assert items[1].note == "Three locks"


@pytest.mark.parametrize(
    ("new", "field"),
    [
        (NewProperty(name=" ", bought_on=FORMED, cost=D(1)), "name"),
        (NewProperty(name="Box", bought_on=FORMED + WEEK, cost=D(1)), "bought_on"),
        (NewProperty(name="Box", bought_on=FORMED, cost=D("0.5")), "cost"),
        (NewProperty(name="Box", bought_on=FORMED, cost=D(1), value=D(-1)), "value"),
    ],
)
def test_property_that_can_not_be_is_refused(laptop: Village, new: NewProperty, field: str) -> None:
    with pytest.raises(RuleBroken) as problem, laptop.at_work() as session:
        add_property(session, laptop.group_id, new, clock=laptop.clock)
    assert problem.value.field == field


def test_a_cycle_begins_with_the_property_of_the_day(village: Village) -> None:
    village.close()
    clock, group = village.clock, village.group_id
    with village.at_work() as session:
        box = NewProperty(name="Box", bought_on=FORMED, cost=D(20_000))
        add_property(session, group, box, clock=clock)
        # As after a share-out.
        session.execute(update(CYCLES).values(status="CLOSED"))
        open_cycle(session, group, FORMED + WEEK, clock=clock)
        assert property_at_start(session, group) == 20_000
