"""How long a loan has been late, in the five classes in which portfolios are told.

See docs/rules.md#ageing.
"""

from __future__ import annotations

from enum import Enum
from typing import Final


class Age(Enum):
    """A class of running loans: the least and the most days for which one has been late."""

    ON_TIME = (0, 0)
    TO_30 = (1, 30)
    TO_60 = (31, 60)
    TO_90 = (61, 90)
    OVER_90 = (91, None)

    @property
    def least_days(self) -> int:
        """From how many days late on a loan is in it."""
        least, _most = self.value
        return least

    @property
    def most_days(self) -> int | None:
        """Up to how many days late; None without an end."""
        _least, most = self.value
        return most


_LATEST_FIRST: Final = tuple(reversed(Age))


def age_of(days_late: int) -> Age:
    """Return the class of a loan whose oldest unpaid instalment is so many days overdue."""
    return next((age for age in _LATEST_FIRST if days_late >= age.least_days), Age.ON_TIME)
