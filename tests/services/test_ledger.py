from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert, select

from tests.services.proofs import check_books
from tests.services.village import Village
from vsla_desktop.domain.postings import Fund, PostingType
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.balances import last_line
from vsla_desktop.queries.pages import group_page, writable_page
from vsla_desktop.queries.tables import ACCOUNTS, CASHBOOK, LEDGER, SAVING_TYPES, SAVINGS
from vsla_desktop.services.ledger import post, post_all, reverse
from vsla_desktop.services.ledger import replace as replace_entries
from vsla_desktop.services.members import suspend_member
from vsla_desktop.services.postings import MobileMoney, Posting

if TYPE_CHECKING:
    from vsla_desktop.db import Database

INCOME = Posting(PostingType.OTHER_INCOME, Fund.LOAN_FUND, Decimal(1000))


def write(village: Village, *postings: Posting) -> list[Any]:
    with village.at_work() as session:
        page = writable_page(session, village.meeting_id)
        return list(post_all(session, page, postings, clock=village.clock))


def refused(village: Village, *postings: Posting) -> RuleBroken:
    """The postings are refused, and nothing of them is in the book."""
    with pytest.raises(RuleBroken) as caught:
        write(village, *postings)
    with village.at_work() as session:
        page = writable_page(session, village.meeting_id)
        with pytest.raises(RuleBroken):
            post_all(session, page, postings, clock=village.clock)
        assert session.execute(select(LEDGER.c.id)).first() is None  # even before the roll-back
    return caught.value


def test_an_entry_is_a_row_of_the_ledger_and_a_line_of_the_cashbook(village: Village) -> None:
    [entry] = write(village, INCOME)
    with village.at_work() as session:
        row = session.execute(select(LEDGER)).one()
        line = session.execute(select(CASHBOOK)).one()
    assert (row.id, row.reference_number) == (entry.transaction_id, entry.reference)
    assert (row.direction, row.amount, row.fund_type, row.held_in) == (
        1,
        Decimal("1000.00"),
        "LOAN_FUND",
        "BOX",
    )
    assert (row.meeting_id, row.cycle_id) == (village.meeting_id, village.cycle_id)
    assert (line.group_transaction_id, line.transaction_reference) == (row.id, entry.reference)
    assert line.loan_fund_balance == line.balance_after == Decimal("1000.00")


def test_savings_have_a_row_in_the_members_account_too(village: Village) -> None:
    with village.at_work() as session:
        kind = session.execute(
            select(SAVING_TYPES.c.id).where(SAVING_TYPES.c.code == "ECD")
        ).scalar_one()
    saving = Posting(
        PostingType.SAVINGS_DEPOSIT,
        Fund.ECD,
        Decimal(300),
        member_id=village.members[0],
        saving_type_id=kind,
    )
    first, second = write(village, saving, saving)
    with village.at_work() as session:
        rows = session.execute(select(SAVINGS).order_by(SAVINGS.c.id)).all()
        account = session.execute(select(ACCOUNTS)).one()
    assert [row.group_transaction_id for row in rows] == [
        first.transaction_id,
        second.transaction_id,
    ]
    assert {row.member_saving_id for row in rows} == {account.id}
    assert account.current_balance == Decimal("600.00")


def test_references_are_sorted_as_entered_and_tell_group_and_day(village: Village) -> None:
    entries = write(village, *[INCOME] * 12)
    references = [entry.reference for entry in entries]
    assert references == sorted(references)
    assert references[0] == "TST-1-20260105-00001"
    assert references[-1] == "TST-1-20260105-00012"
    village.close()
    village.meet()
    assert write(village, INCOME)[0].reference == "TST-1-20260112-00001"


def test_two_groups_in_one_book_keep_apart(village: Village) -> None:
    other = Village(village.database, code="TST-1-20260105").form()
    other.meet()
    for each in (village, other, village):
        write(each, INCOME)
    assert village.funds().loan_fund == Decimal(2000)
    assert other.funds().loan_fund == Decimal(1000)
    stranger = replace(INCOME, type=PostingType.FINE_PAYMENT, member_id=other.members[0])
    with pytest.raises(RuleBroken, match="member of this group"):
        write(village, stranger)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"amount": Decimal(0)}, "above"),
        ({"amount": Decimal(-5)}, "above"),
        ({"amount": Decimal("0.5")}, "whole UGX"),
        ({"amount": Decimal("NaN")}, "Enter an amount"),
        ({"type": PostingType.EXPENSE}, "The fund holds 0 only"),
        ({"type": PostingType.BANK_WITHDRAWAL}, "The bank holds 0"),
        ({"type": PostingType.BANK_DEPOSIT}, "The box holds 0"),
        ({"type": PostingType.SOCIAL_CONTRIBUTION}, "can not use the fund"),
        ({"type": PostingType.FINE_PAYMENT}, "Choose a member"),
        ({"type": PostingType.LOAN_REPAYMENT, "member_id": 1}, "Choose a loan"),
        ({"type": PostingType.CASH_DIFFERENCE}, "came in or went out"),
        ({"type": PostingType.FINE_PAYMENT, "member_id": 99_999}, "member of this group"),
    ],
)
def test_what_breaks_a_rule_is_refused(
    laptop: Village, changes: dict[str, Any], sentence: str
) -> None:
    assert sentence in str(refused(laptop, replace(INCOME, **changes)))


def test_lending_the_social_fund_is_refused(laptop: Village) -> None:
    loan = Posting(
        PostingType.LOAN_DISBURSEMENT,
        Fund.SOCIAL,
        Decimal(10),
        member_id=laptop.members[0],
        loan_id=1,
    )
    assert "Never lend the social fund" in str(refused(laptop, loan))


def test_all_postings_are_checked_before_the_first_is_written(village: Village) -> None:
    expense = replace(INCOME, type=PostingType.EXPENSE, amount=Decimal(700))
    broken = refused(village, INCOME, expense, expense)
    assert broken.values["most"] == "300"


def test_a_suspended_member_pays_debts_but_does_not_save(village: Village) -> None:
    member = village.members[0]
    with village.at_work() as session:
        suspend_member(session, member, clock=village.clock)
    social = Posting(PostingType.SOCIAL_CONTRIBUTION, Fund.SOCIAL, Decimal(200), member_id=member)
    with pytest.raises(RuleBroken, match="not active"):
        write(village, social)
    write(village, replace(social, type=PostingType.FINE_PAYMENT))


def test_nothing_is_written_before_the_group_or_the_cycle(village: Village) -> None:
    with village.at_work() as session:
        early = group_page(session, village.group_id, date(2026, 1, 4))
        with pytest.raises(RuleBroken, match="5 Jan 2026"):
            post(session, early, INCOME, clock=village.clock)
        within = replace(early, day=date(2026, 1, 5), cycle_start=date(2026, 2, 1))
        with pytest.raises(RuleBroken, match="The cycle began that day"):
            post(session, within, INCOME, clock=village.clock)


def test_money_for_the_bank_must_be_in_the_box(village: Village) -> None:
    write(
        village,
        INCOME,
        Posting(PostingType.OTHER_INCOME, Fund.SOCIAL, Decimal(500)),
        Posting(PostingType.BANK_DEPOSIT, Fund.LOAN_FUND, Decimal(800)),
    )
    expense = Posting(PostingType.EXPENSE, Fund.LOAN_FUND, Decimal(300))
    with pytest.raises(RuleBroken, match="The box holds 200"):
        write(village, expense)
    write(village, replace(expense, held_in="BANK"))
    funds = village.funds()
    assert (funds.loan_fund, funds.bank, funds.box) == (Decimal(700), Decimal(500), Decimal(700))
    with pytest.raises(RuleBroken, match="The bank holds 500"):
        write(village, replace(expense, amount=Decimal(600), held_in="BANK"))


def test_an_earlier_day_may_not_take_what_a_later_day_has_spent(village: Village) -> None:
    with village.at_work() as session:
        first = group_page(session, village.group_id, date(2026, 1, 6))
        later = group_page(session, village.group_id, date(2026, 1, 9))
        post(session, first, INCOME, clock=village.clock)
        spent = replace(INCOME, type=PostingType.EXPENSE, amount=Decimal(900))
        post(session, later, spent, clock=village.clock)
        with pytest.raises(RuleBroken, match="The fund holds 100 only"):
            post(session, first, replace(spent, amount=Decimal(101)), clock=village.clock)
        entry = post(session, first, replace(spent, amount=Decimal(100)), clock=village.clock)
        assert entry.reference == "TST-1-20260106-00002"
    with village.at_work() as session:
        check_books(session, village.group_id)


def test_references_go_on_after_the_line_of_another_program(village: Village) -> None:
    [before] = write(village, INCOME)
    with village.at_work() as session:
        session.execute(
            insert(CASHBOOK),
            {
                "group_id": village.group_id,
                "transaction_date": village.day,
                "transaction_type": "SAVINGS_DEPOSIT",
                "description": "From the telephone",
                "amount": Decimal(50),
                "transaction_reference": "ZZZ",
            },
        )
        assert last_line(session, village.group_id).reference == "ZZZ"
    [after] = write(village, INCOME)
    assert after.reference > before.reference
    assert village.funds().loan_fund == Decimal(2050)


def test_money_that_waits_for_verification_does_not_count(village: Village) -> None:
    waiting = replace(INCOME, mobile_money=MobileMoney("MP1", "0772 123456"))
    [pending] = write(village, waiting)
    assert village.funds().total == 0
    with pytest.raises(RuleBroken, match="The fund holds 0"):
        write(village, replace(INCOME, type=PostingType.EXPENSE))
    with village.at_work() as session:
        page = writable_page(session, village.meeting_id)
        with pytest.raises(RuleBroken, match="did not come"):
            reverse(session, page, pending.transaction_id, clock=village.clock)
    verified = replace(waiting, mobile_money=MobileMoney("MP2", "0772 123456", "VERIFIED"))
    write(village, verified)
    assert (village.funds().loan_fund, village.funds().box) == (Decimal(1000), Decimal(0))


def test_a_thing_is_reversed_once_and_a_reversal_never(village: Village) -> None:
    [entry] = write(village, INCOME)
    with village.at_work() as session:
        page = writable_page(session, village.meeting_id)
        undone = reverse(session, page, entry.transaction_id, clock=village.clock)
        row = session.execute(select(LEDGER).where(LEDGER.c.id == undone.transaction_id)).one()
        assert (row.transaction_type, row.reversed_type, row.direction) == (
            "REVERSAL",
            "OTHER_INCOME",
            -1,
        )
        assert (row.reverses_id, row.reason) == (entry.transaction_id, None)
        with pytest.raises(RuleBroken, match="was reversed before"):
            reverse(session, page, entry.transaction_id, clock=village.clock)
        with pytest.raises(RuleBroken, match="not a reversal"):
            reverse(session, page, undone.transaction_id, clock=village.clock)
        with pytest.raises(RuleBroken, match="not in the book"):
            reverse(session, page, 99_999, clock=village.clock)
    assert village.funds().total == 0


def test_a_reversal_can_not_take_what_was_spent(village: Village) -> None:
    [entry, _] = write(
        village, INCOME, replace(INCOME, type=PostingType.EXPENSE, amount=Decimal(400))
    )
    with village.at_work() as session:
        page = writable_page(session, village.meeting_id)
        with pytest.raises(RuleBroken, match="The fund holds 600 only"):
            reverse(session, page, entry.transaction_id, clock=village.clock)


def test_replacing_needs_no_more_than_the_difference(village: Village) -> None:
    spent = replace(INCOME, type=PostingType.EXPENSE)
    income, _ = write(village, INCOME, spent)
    more = replace(INCOME, amount=Decimal(1200))
    with village.at_work() as session:
        page = writable_page(session, village.meeting_id)
        replace_entries(session, page, [income.transaction_id], [more], clock=village.clock)
    with village.at_work() as session:
        check_books(session, village.group_id)
    assert village.funds().loan_fund == Decimal(200)


def test_currencies_with_decimals_are_kept_to_the_hundredth(database: Database) -> None:
    village = Village(database, currency="USD").form()
    village.meet()
    write(village, replace(INCOME, amount=Decimal("0.01")))
    with pytest.raises(RuleBroken, match="multiples of"):
        write(village, replace(INCOME, amount=Decimal("0.005")))
    assert village.funds().loan_fund == Decimal("0.01")
