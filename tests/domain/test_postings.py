from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vsla_desktop.domain.postings import (
    POSTING_RULES,
    Effect,
    Fund,
    PostingType,
    check_fund,
    effect,
)
from vsla_desktop.errors import RuleBroken

T = PostingType
EITHER_WAY = {T.CASH_DIFFERENCE, T.OPENING_BALANCE}
ordinary = st.sampled_from([each for each in T if each is not T.REVERSAL])


def said_for(posting_type: PostingType, direction: int) -> int | None:
    return direction if posting_type in EITHER_WAY else None


def test_every_kind_has_its_rule() -> None:
    assert set(POSTING_RULES) == set(T)
    assert {each for each in T if POSTING_RULES[each].direction is None} == EITHER_WAY | {
        T.REVERSAL
    }
    assert all(rule.funds for rule in POSTING_RULES.values())


def test_what_comes_in_and_what_goes_out() -> None:
    into = {each for each in T if POSTING_RULES[each].direction == 1}
    out_of = {each for each in T if POSTING_RULES[each].direction == -1}
    assert into == {
        T.SAVINGS_DEPOSIT,
        T.SOCIAL_CONTRIBUTION,
        T.SOCIAL_ADVANCE_REPAYMENT,
        T.FINE_PAYMENT,
        T.LOAN_REPAYMENT,
        T.LOAN_CHARGE,
        T.LOAN_PENALTY,
        T.OTHER_INCOME,
        T.EXTERNAL_LOAN_IN,
        T.IGA_RETURN,
    }
    assert out_of == {
        T.SAVINGS_WITHDRAWAL,
        T.SOCIAL_GRANT,
        T.SOCIAL_ADVANCE,
        T.LOAN_DISBURSEMENT,
        T.EXPENSE,
        T.EXTERNAL_LOAN_OUT,
        T.IGA_INVESTMENT,
        T.SHARE_OUT,
        T.LEAVER_PAYOUT,
    }


def test_the_bank_moves_money_without_changing_a_fund() -> None:
    assert effect(T.BANK_DEPOSIT) == Effect(fund=0, bank=1)
    assert effect(T.BANK_DEPOSIT).box == -1
    assert effect(T.BANK_WITHDRAWAL) == Effect(fund=0, bank=-1)
    assert effect(T.BANK_WITHDRAWAL).box == 1


def test_money_may_come_straight_to_the_bank() -> None:
    assert effect(T.EXTERNAL_LOAN_IN, at_bank=True) == Effect(fund=1, bank=1)
    assert effect(T.EXTERNAL_LOAN_IN, at_bank=True).box == 0
    assert effect(T.BANK_DEPOSIT, at_bank=True) == Effect(fund=0, bank=1)


def test_a_write_off_moves_no_money() -> None:
    assert effect(T.LOAN_WRITE_OFF) == Effect(0, 0)


@given(posting_type=ordinary, direction=st.sampled_from([-1, 1]), at_bank=st.booleans())
def test_a_posting_and_its_reversal_leave_everything_as_before(
    posting_type: PostingType, direction: int, *, at_bank: bool
) -> None:
    said = said_for(posting_type, direction)
    done = effect(posting_type, said=said, at_bank=at_bank)
    undone = effect(T.REVERSAL, reverses=posting_type, said=said, at_bank=at_bank)
    assert (done.fund + undone.fund, done.bank + undone.bank, done.box + undone.box) == (0, 0, 0)


@pytest.mark.parametrize("reverses", [None, T.REVERSAL])
def test_a_reversal_reverses_an_entry(reverses: PostingType | None) -> None:
    with pytest.raises(RuleBroken, match="Reverse an entry, not a reversal"):
        effect(T.REVERSAL, reverses=reverses)


@given(ordinary, st.sampled_from([None, -2, -1, 0, 1, 2]))
def test_a_direction_that_contradicts_the_kind_is_refused(
    posting_type: PostingType, said: int | None
) -> None:
    direction = POSTING_RULES[posting_type].direction
    possible = {-1, 1} if direction is None else {None, direction}
    if said in possible:
        assert effect(posting_type, said=said).fund == (said if direction is None else direction)
    else:
        with pytest.raises(RuleBroken, match="Say if money came in or went out"):
            effect(posting_type, said=said)


@given(st.sampled_from(T), st.sampled_from(Fund))
def test_a_posting_names_a_fund_it_may_touch(posting_type: PostingType, fund: Fund) -> None:
    if fund in POSTING_RULES[posting_type].funds:
        check_fund(posting_type, fund)
    else:
        with pytest.raises(RuleBroken) as caught:
            check_fund(posting_type, fund)
        assert caught.value.field == "fund_type"
        assert str(caught.value)


def test_the_social_fund_is_never_lent_for_business() -> None:
    with pytest.raises(RuleBroken, match="Never lend the social fund for business"):
        check_fund(T.LOAN_DISBURSEMENT, Fund.SOCIAL)
    for posting_type in (T.LOAN_DISBURSEMENT, T.IGA_INVESTMENT, T.SAVINGS_DEPOSIT):
        assert Fund.SOCIAL not in POSTING_RULES[posting_type].funds


def test_loans_come_from_and_return_to_the_loan_fund() -> None:
    for posting_type, rule in POSTING_RULES.items():
        if rule.loan:
            assert rule.funds == {Fund.LOAN_FUND}
            assert rule.member
        assert rule.loan == posting_type.startswith("LOAN_")
