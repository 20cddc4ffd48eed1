from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vsla_desktop.domain.currencies import currency
from vsla_desktop.domain.fines import FineType, automatic_fine, check_tariff, fine_amount
from vsla_desktop.domain.meeting import AttendanceStatus
from vsla_desktop.errors import RuleBroken

TARIFF = {FineType.LATE_ARRIVAL: Decimal(200), FineType.ABSENCE: Decimal(500)}


def test_the_roll_call_fines_the_late_and_the_absent() -> None:
    fines = {status: automatic_fine(status, TARIFF) for status in AttendanceStatus}
    assert fines == {
        AttendanceStatus.PRESENT: None,
        AttendanceStatus.LATE: (FineType.LATE_ARRIVAL, Decimal(200)),
        AttendanceStatus.ABSENT: (FineType.ABSENCE, Decimal(500)),
        AttendanceStatus.EXCUSED: None,
        AttendanceStatus.REPRESENTED: None,
    }


@given(st.sampled_from(AttendanceStatus), st.sampled_from([{}, {FineType.ABSENCE: Decimal(0)}]))
def test_a_tariff_without_amounts_fines_nobody(
    status: AttendanceStatus, tariff: dict[FineType, Decimal]
) -> None:
    assert automatic_fine(status, tariff) is None


def test_a_fine_without_a_line_costs_nought() -> None:
    assert fine_amount(FineType.LATE_ARRIVAL, TARIFF) == 200
    assert fine_amount(FineType.PHONE, TARIFF) == 0


def test_the_schema_knows_four_kinds() -> None:
    assert {each.recorded_as for each in FineType} == {
        "LATE_ARRIVAL",
        "ABSENCE",
        "MISCONDUCT",
        "LATE_PAYMENT",
    }
    assert FineType.PHONE.recorded_as == FineType.RULES_FORGOTTEN.recorded_as == "MISCONDUCT"


def test_a_tariff_holds_amounts_of_the_currency() -> None:
    check_tariff({**TARIFF, FineType.PHONE: Decimal(0)}, currency("UGX"))
    with pytest.raises(RuleBroken) as caught:
        check_tariff({FineType.PHONE: Decimal("0.5")}, currency("UGX"))
    assert caught.value.field == "fine_tariff"
