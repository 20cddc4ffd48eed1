"""Fines: what the group's tariff asks, and which fines the roll call charges by itself.

A fine that is charged and a fine that is paid are two facts: only the second is income.
See docs/rules.md#fines.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from vsla_desktop.domain.meeting import AttendanceStatus
from vsla_desktop.domain.money import ZERO, check_amount

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from vsla_desktop.domain.currencies import Currency


class FineType(StrEnum):
    """What a member is fined for: one line of the tariff."""

    LATE_ARRIVAL = "LATE_ARRIVAL"
    ABSENCE = "ABSENCE"
    MISCONDUCT = "MISCONDUCT"
    LATE_PAYMENT = "LATE_PAYMENT"
    PHONE = "PHONE"
    RULES_FORGOTTEN = "RULES_FORGOTTEN"

    @property
    def recorded_as(self) -> str:
        """The value of ``member_fines.fine_type``: the schema counts small disorders as one."""
        if self in {FineType.PHONE, FineType.RULES_FORGOTTEN}:
            return FineType.MISCONDUCT.value
        return self.value


_BY_ROLL_CALL = {
    AttendanceStatus.LATE: FineType.LATE_ARRIVAL,
    AttendanceStatus.ABSENT: FineType.ABSENCE,
}


def fine_amount(fine_type: FineType, tariff: Mapping[FineType, Decimal]) -> Decimal:
    """Return what the tariff asks for this fine; nought when it has no line for it."""
    return tariff.get(fine_type, ZERO)


def automatic_fine(
    status: AttendanceStatus, tariff: Mapping[FineType, Decimal]
) -> tuple[FineType, Decimal] | None:
    """Return the fine that the roll call charges by itself, or nothing.

    Late and absent members are fined where the tariff has an amount; members who are present,
    excused or represented never are.
    """
    fine_type = _BY_ROLL_CALL.get(status)
    if fine_type is None:
        return None
    amount = fine_amount(fine_type, tariff)
    return (fine_type, amount) if amount > 0 else None


def check_tariff(tariff: Mapping[FineType, Decimal], currency: Currency) -> None:
    """Raise :class:`RuleBroken` for an amount that can not be charged; nought means no fine."""
    for amount in tariff.values():
        check_amount(amount, currency, field="fine_tariff", zero_allowed=True)
