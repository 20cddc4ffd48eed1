"""What is received from members, column by column: roll call, savings, social fund, fines."""

from __future__ import annotations

import itertools
from contextlib import nullcontext
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from tests.services.proofs import check_books
from tests.services.village import Village
from vsla_desktop.domain.fines import FineType
from vsla_desktop.domain.meeting import AttendanceStatus
from vsla_desktop.domain.postings import Fund
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.advances import advance_owed, advances_owed
from vsla_desktop.queries.shares import cycle_shares, meeting_shares
from vsla_desktop.queries.tables import (
    ATTENDANCE,
    FINES,
    GROUP_SAVING_TYPES,
    LEDGER,
    MEMBERS,
    SAVINGS,
)
from vsla_desktop.services import cells
from vsla_desktop.services.attendance import record_attendance, record_participation
from vsla_desktop.services.corrections import correct_entry, reverse_entry
from vsla_desktop.services.expenses import record_expense
from vsla_desktop.services.fines import (
    change_fine,
    charge_fine,
    receive_fine_payment,
    waive_fine,
    withdraw_fine,
)
from vsla_desktop.services.postings import MobileMoney
from vsla_desktop.services.savings import record_saving, record_shares, withdraw_saving
from vsla_desktop.services.social import (
    advance_social,
    contribute_social,
    grant_social,
    repay_advance,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from vsla_desktop.db import Database

D = Decimal
A = AttendanceStatus


def do(village: Village, service: Callable[..., Any], *args: Any, **more: Any) -> Any:
    """Let the first member do something at the open meeting."""
    with village.at_work() as session:
        return service(
            session, village.meeting_id, village.members[0], *args, clock=village.clock, **more
        )


def fines_of(village: Village) -> list[tuple[str, Decimal, Decimal]]:
    with village.database.read() as session:
        rows = session.execute(
            select(FINES).where(FINES.c.waived_date.is_(None)).order_by(FINES.c.id)
        )
        return [(row.fine_type, row.amount, row.paid_amount) for row in rows]


# --- roll call ---------------------------------------------------------------------------------


def test_the_roll_call_charges_late_and_absent_members_once(village: Village) -> None:
    do(village, record_attendance, A.LATE)
    do(village, record_attendance, A.LATE)
    assert fines_of(village) == [("LATE_ARRIVAL", D(100), D(0))]
    do(village, record_attendance, A.ABSENT)
    assert fines_of(village) == [("ABSENCE", D(300), D(0))]
    for status in (A.PRESENT, A.LATE, A.EXCUSED, A.LATE, A.REPRESENTED, A.LATE, None):
        do(village, record_attendance, status)
        expected = [("LATE_ARRIVAL", D(100), D(0))] if status is A.LATE else []
        assert fines_of(village) == expected
    with village.database.read() as session:
        assert session.execute(select(ATTENDANCE.c.id)).first() is None


def test_what_is_paid_of_a_fine_stays_when_the_mark_changes(village: Village) -> None:
    do(village, record_attendance, A.ABSENT)
    do(village, cells.set_fine_paid, D(200))
    do(village, record_attendance, A.LATE)
    assert fines_of(village) == [("LATE_ARRIVAL", D(200), D(200))]
    do(village, record_attendance, A.PRESENT)
    assert fines_of(village) == [("LATE_ARRIVAL", D(200), D(200))]
    do(village, record_attendance, A.ABSENT)
    assert fines_of(village) == [("ABSENCE", D(300), D(200))]


def test_the_roll_call_keeps_who_stood_in_and_why(village: Village) -> None:
    do(village, record_attendance, A.REPRESENTED, represented_by=" Her sister ")
    do(village, record_participation, voted=True, discussed=False)
    with village.database.read() as session:
        row = session.execute(select(ATTENDANCE)).one()
    assert (row.represented_by, row.is_present, row.voted_on_decisions) == (
        "Her sister",
        False,
        True,
    )
    assert (row.meeting_number, row.meeting_date) == (1, village.day)


def test_the_roll_is_called_once_a_day(village: Village) -> None:
    village.close()
    village.meet(days=0, kind="SPECIAL")
    with pytest.raises(RuleBroken, match="called that day already"):
        do(village, record_attendance, A.LATE)


# --- shares and savings ------------------------------------------------------------------------


def test_the_share_limit_holds_over_all_entries_of_a_meeting(village: Village) -> None:
    do(village, record_shares, 3)
    with pytest.raises(RuleBroken, match="3 are bought already, so 2 are left"):
        do(village, record_shares, 3)
    do(village, record_saving, "PERSONAL", D(1000))
    with pytest.raises(RuleBroken, match="Buy at most 5"):
        do(village, cells.set_shares, 6)
    do(village, cells.set_shares, 5)
    do(village, cells.set_shares, 0)
    with village.database.read() as session:
        assert meeting_shares(session, village.meeting_id, village.members[0]).own == 0
        check_books(session, village.group_id)


def test_a_merged_meeting_takes_shares_for_both(database: Database) -> None:
    village = Village(database).form()
    village.meet(meetings_merged=2)
    do(village, cells.set_shares, 10)
    with pytest.raises(RuleBroken, match="Buy at most 10"):
        do(village, record_shares, 1)
    with village.database.read() as session:
        assert cycle_shares(session, village.cycle_id) == 10


def test_taking_back_an_earlier_share_makes_no_room_today(village: Village) -> None:
    entry = do(village, record_shares, 4)
    village.close()
    village.meet(present=True)
    with village.at_work() as session:
        reverse_entry(
            session, village.meeting_id, entry.transaction_id, "Not paid", clock=village.clock
        )
    with pytest.raises(RuleBroken, match="Buy at most 5"):
        do(village, cells.set_shares, 6)
    do(village, cells.set_shares, 5)
    with village.database.read() as session:
        check_books(session, village.group_id)


def test_shares_are_corrected_by_whole_shares(village: Village) -> None:
    entry = do(village, record_shares, 4)
    village.close()
    village.meet(present=True)
    for amount, sentence in ((D(750), "a whole number"), (D(5500), "Buy at most 5")):
        with pytest.raises(RuleBroken, match=sentence), village.at_work() as session:
            correct_entry(
                session,
                village.meeting_id,
                entry.transaction_id,
                amount,
                "Counted again",
                clock=village.clock,
            )
    with village.at_work() as session:
        correct_entry(
            session,
            village.meeting_id,
            entry.transaction_id,
            D(1500),
            "Counted again",
            clock=village.clock,
        )
    do(village, cells.set_shares, 5)  # today's own shares are not touched by it
    with village.database.read() as session:
        held = session.execute(
            select(MEMBERS.c.share_balance).where(MEMBERS.c.id == village.members[0])
        ).scalar()
        check_books(session, village.group_id)
    assert held == D(4000)


def test_other_savings_keep_the_groups_limits(village: Village) -> None:
    with village.at_work() as session:
        session.execute(
            update(GROUP_SAVING_TYPES), {"minimum_amount": D(50), "maximum_amount": D(800)}
        )
    with pytest.raises(RuleBroken, match="Save at least 50"):
        do(village, record_saving, "ECD", D(49))
    with pytest.raises(RuleBroken, match="Save at most 800"):
        do(village, cells.set_saving, "TARGET", D(801))
    do(village, cells.set_saving, "TARGET", D(800))
    assert village.funds().target == D(800)
    with pytest.raises(RuleBroken, match="Save no more at this meeting"):
        do(village, record_saving, "TARGET", D(50))
    do(village, cells.set_saving, "TARGET", D(300))
    do(village, record_saving, "TARGET", D(20))
    with pytest.raises(RuleBroken, match=r"(?s)at most 480.+320 is saved"):
        do(village, record_saving, "TARGET", D(481))
    with pytest.raises(RuleBroken, match="does not save GOLD"):
        do(village, record_saving, "GOLD", D(5))
    with pytest.raises(RuleBroken, match="social fund contribution"):
        do(village, record_saving, "SOCIAL", D(50))
    with pytest.raises(RuleBroken, match="number of shares"):
        do(village, cells.set_saving, "PERSONAL", D(500))


def test_saving_limits_hold_at_each_meeting_by_itself_as_share_limits_do(village: Village) -> None:
    with village.at_work() as session:
        session.execute(
            update(GROUP_SAVING_TYPES), {"minimum_amount": D(50), "maximum_amount": D(800)}
        )
    entry = do(village, record_saving, "ECD", D(500))
    village.close()
    village.meet()
    do(village, cells.set_saving, "ECD", D(700))

    def correct(amount: int) -> None:
        with village.at_work() as session:
            correct_entry(
                session,
                village.meeting_id,
                entry.transaction_id,
                D(amount),
                "Misread",
                clock=village.clock,
            )

    with pytest.raises(RuleBroken, match="Save at most 800"):
        correct(801)
    correct(800)
    with pytest.raises(RuleBroken, match="Save at most 800"):
        do(village, cells.set_saving, "ECD", D(801))
    do(village, cells.set_saving, "ECD", D(800))


def test_no_order_of_payments_gets_round_the_saving_limits(database: Database) -> None:
    places = itertools.count(1)

    @settings(max_examples=10 if database.dialect == "sqlite" else 3, deadline=None)
    @given(
        payments=st.lists(
            st.tuples(st.sampled_from(("cell", "cash", "phone")), st.integers(1, 900)), max_size=6
        ),
        least=st.integers(0, 400),
        most=st.integers(400, 1200),
        merged=st.integers(1, 2),
    )
    def run(payments: list[tuple[str, int]], least: int, most: int, merged: int) -> None:
        village = Village(database, code=f"LIM-{next(places)}").form()
        village.meet(meetings_merged=merged)
        limits = {"minimum_amount": D(least), "maximum_amount": D(most)}
        with village.at_work() as session:
            session.execute(update(GROUP_SAVING_TYPES), limits)
        cash = phone = 0
        for place, (how, amount) in enumerate(payments):
            before = {"cell": phone, "cash": cash + phone, "phone": cash + phone}[how]
            is_right = least <= before + amount <= most * merged
            with nullcontext() if is_right else pytest.raises(RuleBroken):
                if how == "cell":
                    do(village, cells.set_saving, "ECD", D(amount))
                else:
                    money = MobileMoney(f"R{place}", "0772", "VERIFIED") if how == "phone" else None
                    do(village, record_saving, "ECD", D(amount), mobile_money=money)
            if is_right:
                cash = amount if how == "cell" else cash + amount * (how == "cash")
                phone += amount * (how == "phone")
            assert village.funds().ecd == cash + phone

    run()


def test_savings_are_paid_back_by_the_groups_rule(village: Village) -> None:
    do(village, cells.set_saving, "ECD", D(900))
    do(village, cells.set_shares, 5)
    with pytest.raises(RuleBroken, match="allows no withdrawal"):
        do(village, withdraw_saving, "PERSONAL", D(500))
    with pytest.raises(RuleBroken, match="at most 900"):
        do(village, withdraw_saving, "ECD", D(901))
    do(village, withdraw_saving, "ECD", D(400))
    assert village.funds().ecd == D(500)
    with village.at_work() as session:
        session.execute(
            update(GROUP_SAVING_TYPES),
            {"withdrawal_notice_days": 14, "allows_withdrawal": True},
        )
    with pytest.raises(RuleBroken, match="Give notice 14 days before"):
        do(village, withdraw_saving, "ECD", D(100))
    with pytest.raises(RuleBroken, match="Pay from 9 Jan 2026 on"):
        do(village, withdraw_saving, "ECD", D(100), notice_given=date(2025, 12, 26))
    do(village, withdraw_saving, "ECD", D(100), notice_given=date(2025, 12, 22))
    do(village, withdraw_saving, "PERSONAL", D(1000), notice_given=date(2025, 12, 22))
    with village.database.read() as session:
        check_books(session, village.group_id)


def test_setting_a_cell_again_replaces_what_it_posted(village: Village) -> None:
    first = do(village, cells.set_shares, 3)
    assert first.has_changed
    assert not do(village, cells.set_shares, 3).has_changed
    with village.database.read() as session:
        assert len(session.execute(select(LEDGER.c.id)).all()) == 1
    do(village, cells.set_shares, 2)
    with village.database.read() as session:
        rows = session.execute(select(LEDGER).order_by(LEDGER.c.id)).all()
        savings = session.execute(select(SAVINGS).order_by(SAVINGS.c.id)).all()
    reversal = next(row for row in rows if row.transaction_type == "REVERSAL")
    assert reversal.reverses_id == first.entries[0].transaction_id
    assert reversal.reason is None
    assert [(row.shares_count, row.is_reversal) for row in savings] == [
        (3, False),
        (2, False),
        (3, True),
    ]
    assert savings[2].reverses_id == savings[0].id
    do(village, cells.set_shares, 0)
    assert not do(village, cells.set_shares, 0).has_changed
    assert village.funds().total == 0


# --- the social fund ---------------------------------------------------------------------------


def test_the_social_fund_is_a_purse_of_its_own(village: Village) -> None:
    do(village, contribute_social, D(1000))
    do(village, grant_social, D(300), reason="Funeral")
    with pytest.raises(RuleBroken, match="The fund holds 1 000"):
        do(village, cells.set_grant, D(1001))
    assert (village.funds().social, village.funds().loan_fund) == (D(700), D(0))


def test_an_advance_comes_back_without_charge(village: Village) -> None:
    do(village, cells.set_social, D(1000))
    do(village, advance_social, D(600), reason="Hospital")
    with pytest.raises(RuleBroken, match="Pay at most 600"):
        do(village, repay_advance, D(601))
    do(village, repay_advance, D(200))
    village.close()
    village.meet(present=True)
    with pytest.raises(RuleBroken, match="Pay at most 400"):
        do(village, cells.set_advance_repaid, D(401))
    do(village, cells.set_advance_repaid, D(400))
    do(village, cells.set_advance_repaid, D(300))
    with village.database.read() as session:
        assert advance_owed(session, village.members[0]) == D(100)
        assert advances_owed(session, village.group_id) == {village.members[0]: D(100)}
        check_books(session, village.group_id)


# --- fines -------------------------------------------------------------------------------------


def test_a_fine_costs_what_the_tariff_says(village: Village) -> None:
    charged = do(village, charge_fine, FineType.MISCONDUCT)
    assert charged.amount == D(250)
    with pytest.raises(RuleBroken, match="Enter the amount of the fine"):
        do(village, charge_fine, FineType.PHONE)
    do(village, charge_fine, FineType.PHONE, amount=D(50), reason="Rang twice")
    assert fines_of(village) == [("MISCONDUCT", D(250), D(0)), ("MISCONDUCT", D(50), D(0))]
    assert village.funds().total == 0  # only a paid fine is income


def test_fines_are_paid_the_oldest_first_and_never_above_what_is_owed(village: Village) -> None:
    do(village, charge_fine, FineType.MISCONDUCT)
    do(village, charge_fine, FineType.MISCONDUCT, amount=D(100))
    with pytest.raises(RuleBroken, match=r"Pay at most 350\. This pays all fines"):
        do(village, receive_fine_payment, D(351))
    assert len(do(village, receive_fine_payment, D(300))) == 2
    assert fines_of(village) == [("MISCONDUCT", D(250), D(250)), ("MISCONDUCT", D(100), D(50))]
    do(village, cells.set_fine_paid, D(350))
    do(village, cells.set_fine_paid, D(20))
    assert fines_of(village) == [("MISCONDUCT", D(250), D(20)), ("MISCONDUCT", D(100), D(0))]
    assert village.funds().loan_fund == D(20)


def test_fines_go_to_the_fund_that_the_group_chose(database: Database) -> None:
    village = Village(database).ruled(fines_fund=Fund.SOCIAL).form()
    village.meet()
    do(village, charge_fine, FineType.MISCONDUCT)
    do(village, cells.set_fine_paid, D(250))
    assert (village.funds().social, village.funds().loan_fund) == (D(250), D(0))


def test_a_fine_changes_and_goes_while_its_meeting_is_open(village: Village) -> None:
    fine = do(village, charge_fine, FineType.MISCONDUCT).fine_id
    with village.at_work() as session:
        change_fine(session, fine, D(400), clock=village.clock)
    do(village, cells.set_fine_paid, D(150))
    with village.at_work() as session:
        with pytest.raises(RuleBroken, match="Enter at least 150"):
            change_fine(session, fine, D(100), clock=village.clock)
        with pytest.raises(RuleBroken, match="Enter at least 150"):
            withdraw_fine(session, fine, clock=village.clock)
    do(village, cells.set_fine_paid, D(0))
    with village.at_work() as session:
        withdraw_fine(session, fine, clock=village.clock)
    assert fines_of(village) == []
    with village.database.read() as session:  # the ledger's rows still know it
        assert session.execute(select(FINES.c.waiver_reason)).scalar() is not None


def test_a_fine_is_waived_for_a_reason(village: Village) -> None:
    fine = do(village, charge_fine, FineType.MISCONDUCT).fine_id
    village.close()
    village.meet(present=True)
    with village.at_work() as session:
        with pytest.raises(RuleBroken, match="Say why"):
            waive_fine(session, village.meeting_id, fine, " ", clock=village.clock)
        waive_fine(session, village.meeting_id, fine, "She was ill", clock=village.clock)
        with pytest.raises(RuleBroken, match="Nothing is owed"):
            waive_fine(session, village.meeting_id, fine, "Again", clock=village.clock)
    with pytest.raises(RuleBroken, match="Pay at most 0"):
        do(village, receive_fine_payment, D(1))


def test_the_cell_of_fines_holds_their_sum(village: Village) -> None:
    do(village, record_attendance, A.LATE)
    do(village, cells.set_fine_charged, D(400))
    assert fines_of(village) == [("LATE_ARRIVAL", D(100), D(0)), ("MISCONDUCT", D(300), D(0))]
    do(village, cells.set_fine_charged, D(150))
    assert fines_of(village) == [("LATE_ARRIVAL", D(100), D(0)), ("MISCONDUCT", D(50), D(0))]
    do(village, cells.set_fine_charged, D(60))
    assert fines_of(village) == [("LATE_ARRIVAL", D(60), D(0))]
    assert not do(village, cells.set_fine_charged, D(60)).has_changed
    do(village, cells.set_fine_paid, D(40))
    with pytest.raises(RuleBroken, match="Enter at least 40"):
        do(village, cells.set_fine_charged, D(30))
    do(village, cells.set_fine_charged, D(500), kind=FineType.MISCONDUCT)
    do(village, cells.set_fine_charged, D(40), kind=FineType.LATE_ARRIVAL)
    assert fines_of(village) == [("LATE_ARRIVAL", D(40), D(40)), ("MISCONDUCT", D(500), D(0))]


# --- corrections that would take back more than is there ---------------------------------------


def test_no_correction_takes_an_account_below_nought(village: Village) -> None:
    entry = do(village, record_saving, "ECD", D(900))
    with village.at_work() as session:  # another member's money is in the purse as well
        cells.set_saving(
            session, village.meeting_id, village.members[1], "ECD", D(900), clock=village.clock
        )
    do(village, withdraw_saving, "ECD", D(500))
    village.close()
    village.meet(present=True)

    def correct(amount: Decimal) -> Any:
        with village.at_work() as session:
            return correct_entry(
                session,
                village.meeting_id,
                entry.transaction_id,
                amount,
                "Counted again",
                clock=village.clock,
            )

    with pytest.raises(RuleBroken, match="Take back at most 400"):
        correct(D(499))
    correct(D(500))
    with village.database.read() as session:
        check_books(session, village.group_id)


def test_no_correction_pays_an_advance_or_a_fine_twice(village: Village) -> None:
    do(village, cells.set_social, D(1000))
    given = do(village, advance_social, D(600))
    do(village, repay_advance, D(200))
    do(village, charge_fine, FineType.MISCONDUCT)
    [paid] = do(village, receive_fine_payment, D(100))
    village.close()
    village.meet(present=True)
    for entry, amount, sentence in (
        (given, D(199), "Take back at most 400"),
        (paid, D(251), r"Pay at most 250\. This pays the fine"),
    ):
        with pytest.raises(RuleBroken, match=sentence), village.at_work() as session:
            correct_entry(
                session,
                village.meeting_id,
                entry.transaction_id,
                amount,
                "Counted again",
                clock=village.clock,
            )
    with village.at_work() as session:
        correct_entry(
            session,
            village.meeting_id,
            paid.transaction_id,
            D(250),
            "Counted again",
            clock=village.clock,
        )
        check_books(session, village.group_id)


def test_a_correction_needs_no_more_in_the_purse_than_the_difference(village: Village) -> None:
    entry = do(village, record_saving, "ECD", D(900))
    with village.at_work() as session:
        spent = D(850)
        record_expense(
            session, village.meeting_id, spent, "Books", fund=Fund.ECD, clock=village.clock
        )
    village.close()
    village.meet(present=True)
    with village.at_work() as session:
        right = correct_entry(
            session,
            village.meeting_id,
            entry.transaction_id,
            D(880),
            "Counted again",
            clock=village.clock,
        )
        check_books(session, village.group_id)
    assert right.entries[0].reference < right.reversal.reference
    assert village.funds().ecd == D(30)
