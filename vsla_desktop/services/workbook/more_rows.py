"""The rows of the sheets that hold what a group keeps beside its meetings."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date as Day  # noqa: N812 - rows have a field of that name
from decimal import Decimal

from vsla_desktop.domain.rules import GroupRules
from vsla_desktop.domain.votes import Vote


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleRow:
    """One row of the sheet Cycles; the first is the cycle of the sheet Group."""

    row: int = field(default=0, compare=False)
    number: int
    start_date: Day
    end_date: Day | None = None
    closed: bool | None = None
    members_at_start: int | None = None
    property_at_start: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Voted:
    """A row with the hands that were raised at a meeting, if any were."""

    row: int = field(default=0, compare=False)
    meeting: int | None = None
    votes_for: int | None = None
    votes_against: int | None = None
    votes_abstained: int | None = None

    @property
    def vote(self) -> Vote:
        """The hands that were raised."""
        return Vote(self.votes_for or 0, self.votes_against or 0, self.votes_abstained or 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRow(Voted):
    """One row of the sheet Rules: rules that replace those before from a day on."""

    from_date: Day
    said: str = ""
    rules: GroupRules


@dataclass(frozen=True, slots=True, kw_only=True)
class SavingRow:
    """One row of the sheet Savings: how the group keeps a kind of saving.

    With a ``from_date`` it is a part of the rules that were voted for that day.
    """

    row: int = field(default=0, compare=False)
    kind: str
    used: bool | None = None
    fund: str = ""
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    withdrawal: bool | None = None
    notice_days: int | None = None
    from_date: Day | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRow:
    """One row of the sheet Planned: a meeting to come, or one that is not held."""

    row: int = field(default=0, compare=False)
    number: int
    date: Day
    planned_date: Day | None = None
    type: str = ""
    cancelled: bool | None = None
    opened: bool | None = None
    reason: str = ""
    cycle: int | None = None
    location: str = ""
    purpose: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRow(Voted):
    """One row of the sheet Requests; ``meeting`` is the one that voted on it."""

    number: int
    member: int
    date: Day
    amount: Decimal
    periods: int
    purpose: str = ""
    guarantors: str = ""
    note: str = ""
    withdrawn: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountRow:
    """One row of the sheet Counts: pieces of one value, or why the count of a purse differs."""

    row: int = field(default=0, compare=False)
    meeting: int
    count: str
    fund: str
    piece: Decimal | None = None
    pieces: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementRow:
    """One row of the sheet Bank."""

    row: int = field(default=0, compare=False)
    date: Day
    said: Decimal
    book: Decimal
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyRow:
    """One row of the sheet Property."""

    row: int = field(default=0, compare=False)
    number: int
    name: str
    bought_on: Day
    cost: Decimal
    value: Decimal
    valued_on: Day
    note: str = ""
    removed_on: Day | None = None
    removal_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantRow:
    """One row of the sheet Grants."""

    row: int = field(default=0, compare=False)
    event: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class NotCarriedRow:
    """One row of the sheet Not carried: what no workbook holds, and ``why``.

    Without a reason it is a loss of this book, of which the import warns.
    """

    row: int = field(default=0, compare=False)
    what: str
    count: int | None = None
    why: str = ""
