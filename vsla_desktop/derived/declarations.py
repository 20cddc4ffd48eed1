"""Every derived column, declared once, in the order in which they are computed.

The declarations themselves stand by subject: :mod:`~vsla_desktop.derived.savings`,
:mod:`~vsla_desktop.derived.meetings`, :mod:`~vsla_desktop.derived.loans` and
:mod:`~vsla_desktop.derived.cashbook`; how to read them, in :mod:`~vsla_desktop.derived.language`.
"""

from __future__ import annotations

from vsla_desktop.derived.cashbook import CASHBOOK, GROUPS, RUNNING
from vsla_desktop.derived.language import Derived, Formula, Source, Total
from vsla_desktop.derived.loans import FINES, LOANS
from vsla_desktop.derived.meetings import MEETINGS, ROLL
from vsla_desktop.derived.savings import SAVINGS

__all__ = ["DECLARATIONS", "DERIVED", "RUNNING", "Derived", "Formula", "Source", "Total"]

DECLARATIONS: tuple[Derived, ...] = (
    *SAVINGS,
    *ROLL,
    *LOANS,
    *FINES,
    *MEETINGS,
    *CASHBOOK,
    *GROUPS,
)
"""Every derived column but the running balances, each after those that it is computed from."""

DERIVED: frozenset[tuple[str, str]] = frozenset(
    {(each.table, each.column) for each in DECLARATIONS}
    | {("group_cashbook", column) for column in RUNNING}
)
"""Every (table, column) that follows from other rows: never written by hand, never sent."""
