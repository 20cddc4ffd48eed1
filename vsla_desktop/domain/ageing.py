"""How long a loan has been late, in the five classes in which portfolios are told.

See docs/rules.md#ageing.
"""

from __future__ import annotations

from enum import IntEnum


class Age(IntEnum):
    """A class of running loans: from how many days late on a loan is in it."""

    ON_TIME = 0
    FROM_1 = 1
    FROM_31 = 31
    FROM_61 = 61
    FROM_91 = 91


def age_of(days_late: int) -> Age:
    """Return the class of a loan whose oldest unpaid instalment is so many days overdue."""
    return max(age for age in Age if age <= max(days_late, 0))
