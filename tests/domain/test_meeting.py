from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.strategies import currencies
from vsla_desktop.domain.currencies import Currency
from vsla_desktop.domain.meeting import (
    DEFAULT_AGENDA,
    AgendaStep,
    AttendanceStatus,
    CashDifference,
    CheckLevel,
    attendance_rate,
    cash_count,
    check_agenda,
    check_difference,
    check_level,
    check_meetings_merged,
    quorum_met,
    quorum_needed,
    unusual,
    usual_amount,
)
from vsla_desktop.errors import RuleBroken

A = AgendaStep


def test_who_is_late_is_present() -> None:
    assert {each for each in AttendanceStatus if each.is_present} == {
        AttendanceStatus.PRESENT,
        AttendanceStatus.LATE,
    }


# --- The agenda


@given(st.permutations(DEFAULT_AGENDA[1:-2]), st.sets(st.sampled_from(DEFAULT_AGENDA[2:-2])))
def test_a_group_orders_its_agenda_between_the_counts(
    steps: list[AgendaStep], left_out: set[AgendaStep]
) -> None:
    agenda = (A.OPENING, *(each for each in steps if each not in left_out), *DEFAULT_AGENDA[-2:])
    assert check_agenda(agenda) == agenda


@pytest.mark.parametrize("step", [A.OPENING, A.ROLL_CALL, A.CLOSING_COUNT, A.CLOSE])
def test_counts_and_roll_call_are_never_left_out(step: AgendaStep) -> None:
    with pytest.raises(RuleBroken, match=f"{step.value} is missing"):
        check_agenda([each for each in DEFAULT_AGENDA if each is not step])


@pytest.mark.parametrize(
    ("agenda", "sentence"),
    [
        ((*DEFAULT_AGENDA, A.SHARES), "Name each step once"),
        ((A.ROLL_CALL, A.OPENING, A.CLOSING_COUNT, A.CLOSE), "Count the box first"),
        ((A.OPENING, A.CLOSING_COUNT, A.ROLL_CALL, A.CLOSE), "Count the box last"),
        ((A.OPENING, A.ROLL_CALL, A.CLOSE, A.CLOSING_COUNT), "Count the box last"),
    ],
)
def test_an_agenda_out_of_order_is_refused(agenda: tuple[AgendaStep, ...], sentence: str) -> None:
    with pytest.raises(RuleBroken, match=sentence) as caught:
        check_agenda(agenda)
    assert caught.value.field == "agenda"


# --- Quorum and attendance


def test_a_meeting_stands_for_one_or_a_few() -> None:
    assert check_meetings_merged(1, 2) == 1
    assert check_meetings_merged(2, 2) == 2
    for merged in (0, 3):
        with pytest.raises(RuleBroken, match="Merge 1 to 2 meetings"):
            check_meetings_merged(merged, 2)


@given(st.integers(-1, 2), st.integers(1, 60), st.integers(0, 100))
def test_a_quorum_is_at_least_the_percentage(more: int, members: int, percent: int) -> None:
    present = members * percent // 100 + more
    assert quorum_met(present, members, percent) == (present * 100 >= members * percent)


@pytest.mark.parametrize(
    ("members", "percent", "needed"), [(25, 50, 13), (24, 50, 12), (30, 67, 21), (30, 0, 0)]
)
def test_a_quorum_is_rounded_up(members: int, percent: int, needed: int) -> None:
    assert quorum_needed(members, percent) == needed


def test_attendance_is_a_percentage_to_the_hundredth() -> None:
    assert attendance_rate(2, 3) == Decimal("66.67")
    assert attendance_rate(0, 0) == 0
    assert attendance_rate(7, 7) == 100


# --- Counting the box


@given(currencies, st.data())
def test_a_count_is_the_sum_of_its_pieces(money: Currency, data: st.DataObject) -> None:
    pieces = data.draw(st.dictionaries(st.sampled_from(money.denominations), st.integers(0, 1000)))
    counted = cash_count(pieces)
    laid_out = sum((piece for piece, count in pieces.items() for _ in range(count)), Decimal(0))
    assert counted == laid_out
    assert counted % money.step == 0


def test_only_notes_and_coins_are_counted() -> None:
    with pytest.raises(RuleBroken, match="Enter a number of pieces") as caught:
        cash_count({Decimal(1000): -1})
    assert caught.value.field == "1000"
    with pytest.raises(RuleBroken, match="Count notes and coins only"):
        cash_count({Decimal(0): 1})


@pytest.mark.parametrize(
    ("counted", "difference", "direction"), [(900, -100, -1), (1000, 0, 0), (1050, 50, 1)]
)
def test_the_difference_is_counted_less_expected(
    counted: int, difference: int, direction: int
) -> None:
    count = CashDifference(expected=Decimal(1000), counted=Decimal(counted))
    assert (int(count.difference), count.direction) == (difference, direction)
    check_difference(count, "A coin fell under the mat")
    if difference:
        with pytest.raises(RuleBroken, match="Say why the count differs"):
            check_difference(count, "  ")
    else:
        check_difference(count, "")


# --- Three levels of checking


def test_the_usual_is_the_middle_of_earlier_amounts() -> None:
    assert usual_amount([Decimal(5), Decimal(900), Decimal(10)]) == 10
    assert usual_amount([Decimal(5), Decimal(6), Decimal(7), Decimal(8)]) == 6
    assert usual_amount([Decimal(5), Decimal(0), Decimal(7)]) is None
    assert usual_amount([]) is None


@pytest.mark.parametrize(
    ("amount", "usual", "times"),
    [
        (Decimal(14000), Decimal(2000), 7),
        (Decimal(10000), Decimal(2000), 5),
        (Decimal(9999), Decimal(2000), None),
        (Decimal(9999), None, None),
        (Decimal(9999), Decimal(0), None),
    ],
)
def test_seven_times_the_usual(amount: Decimal, usual: Decimal | None, times: int | None) -> None:
    assert unusual(amount, usual) == times


def test_the_three_levels() -> None:
    usual = Decimal(2000)
    broken = RuleBroken("Enter at most 5.")
    assert check_level(Decimal(2000), usual, None) is CheckLevel.FINE
    assert check_level(Decimal(14000), usual, None) is CheckLevel.UNLIKELY
    assert check_level(Decimal(14000), usual, broken) is CheckLevel.IMPOSSIBLE
