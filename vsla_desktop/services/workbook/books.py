"""What a workbook says: the books of one group as frozen rows, and the cells that are wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date as Day  # noqa: N812 - rows have a field of that name
from datetime import time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from vsla_desktop.domain.postings import Fund
from vsla_desktop.domain.rules import GroupRules, Preset
from vsla_desktop.domain.votes import Vote
from vsla_desktop.errors import RuleBroken
from vsla_desktop.services.workbook.more_rows import (
    CountRow,
    CycleRow,
    GrantRow,
    NotCarriedRow,
    PlannedRow,
    PropertyRow,
    RequestRow,
    RuleRow,
    SavingRow,
    StatementRow,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a cell should hold: a template and its values, to be said in the person's language."""

    text: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text.format(**self.values)


def wanted(text: str, **values: Any) -> Wanted:
    """Return what a cell should hold, from a template."""
    return Wanted(text, values)


@dataclass(frozen=True, slots=True)
class WrongCell:
    """A cell that can not be taken: where it is, what is wrong with it, and what is expected.

    ``sheet`` is empty when the file as a whole is wrong, ``cell`` when a sheet is. The problem
    keeps its sentence as a template, to be said in the person's language.
    """

    sheet: str
    cell: str
    problem: RuleBroken
    expected: Wanted | None = None

    @property
    def address(self) -> str:
        """Where it is, as a spreadsheet writes it: Entries!F12."""
        return "!".join(part for part in (self.sheet, self.cell) if part)

    def __str__(self) -> str:
        where = f"{self.address}: " if self.address else ""
        expected = f" Expected: {self.expected}." if self.expected else ""
        return f"{where}{self.problem}{expected}"


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupPage:
    """The sheet Group. Empty texts and None are what it does not say."""

    name: str
    currency: str
    cycle_start: Day
    cycle_end: Day | None = None
    formation_date: Day | None = None
    group_code: str = ""
    country: str = ""
    region: str = ""
    district: str = ""
    parish: str = ""
    village: str = ""
    language: str = ""
    registration_number: str = ""
    practice: bool = False
    preset: Preset | None = None
    meeting_day: int | None = None
    meeting_time: time | None = None
    saving_kinds: tuple[str, ...] = ("PERSONAL", "SOCIAL")
    opening_date: Day | None = None
    opening_loan_fund: Decimal | None = None
    opening_social_fund: Decimal | None = None
    opening_ecd_fund: Decimal | None = None
    opening_target_fund: Decimal | None = None
    opening_earnings: Decimal | None = None
    opening_debts: Decimal | None = None
    cycle_closed: bool | None = None
    left_out: str = ""

    @property
    def formed(self) -> Day:
        """The day the group was formed."""
        return self.formation_date or self.cycle_start


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRow:
    """One row of the sheet Members. ``row`` is its number in the sheet, as in all rows."""

    row: int = field(default=0, compare=False)
    number: int
    first_name: str
    last_name: str = ""
    gender: str
    phone_number: str = ""
    id_number: str = ""
    joined_date: Day | None = None
    role: str = ""
    opening_shares: int | None = None
    opening_loan: Decimal | None = None
    opening_fines: Decimal | None = None
    opening_loan_charge: Decimal | None = None
    opening_loan_months: int | None = None
    opening_loan_due: Day | None = None
    opening_social_due: Decimal | None = None
    email: str = ""
    date_of_birth: Day | None = None
    occupation: str = ""
    founder: bool | None = None
    status: str = ""
    left_date: Day | None = None
    leaving_reason: str = ""
    target: Decimal | None = None
    joined_meeting: int | None = None

    @property
    def has_opening(self) -> bool:
        """Whether the member brings something along from before the first meeting."""
        return bool(
            self.opening_shares
            or self.opening_loan
            or self.opening_fines
            or self.opening_social_due
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingRow:
    """One row of the sheet Meetings. A count that is None was not written down."""

    row: int = field(default=0, compare=False)
    number: int
    date: Day
    type: str = ""
    opening_loan_fund_count: Decimal | None = None
    opening_social_fund_count: Decimal | None = None
    closing_loan_fund_count: Decimal | None = None
    closing_social_fund_count: Decimal | None = None
    opening_reason: str = ""
    closing_reason: str = ""
    opening_ecd_fund_count: Decimal | None = None
    closing_ecd_fund_count: Decimal | None = None
    opening_target_fund_count: Decimal | None = None
    closing_target_fund_count: Decimal | None = None
    meetings_merged: int | None = None
    location: str = ""
    minutes: str = ""
    decisions: str = ""
    action_items: str = ""
    still_open: bool | None = None
    cycle: int | None = None
    planned_date: Day | None = None
    moved_reason: str = ""
    chairperson: int | None = None
    secretary: int | None = None
    treasurer: int | None = None
    purpose: str = ""

    def counts(self, when: str) -> dict[Fund, Decimal | None]:
        """Return what was counted ``when``: opening or closing."""
        return {fund: getattr(self, f"{when}_{name}_count") for fund, name in COUNTED.items()}


COUNTED = {
    Fund.LOAN_FUND: "loan_fund",
    Fund.SOCIAL: "social_fund",
    Fund.ECD: "ecd_fund",
    Fund.TARGET: "target_fund",
}
"""The purses with a count in the sheet Meetings, and their names there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow:
    """One row of the sheet Entries: one member at one meeting."""

    row: int = field(default=0, compare=False)
    meeting: int
    member: int
    attendance: str = ""
    social_fund: Decimal | None = None
    shares: int | None = None
    fine_type: str = ""
    fine_charged: Decimal | None = None
    fine_paid: Decimal | None = None
    loan_repaid: Decimal | None = None
    loan_taken: Decimal | None = None
    loan_months: int | None = None
    loan_purpose: str = ""
    loan_guarantors: str = ""
    excuse_reason: str = ""
    represented_by: str = ""
    arrival_time: time | None = None
    discussed: bool | None = None
    voted: bool | None = None
    suspended: bool | None = None
    request: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherRow:
    """One row of the sheet Other: what happened that the sheet Entries has no column for."""

    row: int = field(default=0, compare=False)
    meeting: int | None = None
    member: int | None = None
    type: str
    fund: str = ""
    amount: Decimal
    description: str = ""
    detail: str = ""
    held_in: str = ""
    of_meeting: int | None = None
    date: Day | None = None
    right_amount: Decimal | None = None
    loan: int | None = None
    rest: Decimal | None = None
    charge: Decimal | None = None
    day: Day | None = None
    category: str = ""
    phone_number: str = ""
    votes_for: int | None = None
    votes_against: int | None = None
    votes_abstained: int | None = None
    parts: str = ""
    note: str = ""
    request: int | None = None
    in_turn: bool | None = None
    cycle: int | None = None

    @property
    def vote(self) -> Vote:
        """The hands that were raised; none when the row names no vote."""
        return Vote(self.votes_for or 0, self.votes_against or 0, self.votes_abstained or 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """A whole workbook. ``places`` says in which column each sheet has what, for messages.

    ``warnings`` are cells that were not read, such as columns that nobody knows.
    """

    group: GroupPage
    rules: GroupRules
    members: tuple[MemberRow, ...]
    meetings: tuple[MeetingRow, ...] = ()
    entries: tuple[EntryRow, ...] = ()
    other: tuple[OtherRow, ...] = ()
    cycles: tuple[CycleRow, ...] = ()
    rule_sets: tuple[RuleRow, ...] = ()
    savings: tuple[SavingRow, ...] = ()
    planned: tuple[PlannedRow, ...] = ()
    requests: tuple[RequestRow, ...] = ()
    counts: tuple[CountRow, ...] = ()
    statements: tuple[StatementRow, ...] = ()
    belongings: tuple[PropertyRow, ...] = ()
    grants: tuple[GrantRow, ...] = ()
    not_carried: tuple[NotCarriedRow, ...] = ()
    warnings: tuple[WrongCell, ...] = field(default=(), compare=False)
    places: Mapping[str, Mapping[str, str]] = field(default_factory=dict, compare=False)

    @property
    def all_cycles(self) -> tuple[CycleRow, ...]:
        """The cycles in their order; that of the sheet Group alone where there is no more."""
        page = self.group
        first = CycleRow(
            number=1,
            start_date=page.cycle_start,
            end_date=page.cycle_end,
            closed=page.cycle_closed,
        )
        return tuple(sorted(self.cycles, key=lambda row: row.number)) or (first,)

    def cycle_of(self, day: Day, said: int | None = None) -> int:
        """Return the number of the cycle of a day: as it is said, or the last one begun by then."""
        cycles = self.all_cycles
        begun = [row.number for row in cycles if row.start_date <= day]
        return said or (begun[-1] if begun else cycles[0].number)

    def cell(self, sheet: str, row: int, column: str) -> str:
        """Return the address of a cell within its sheet, such as F12.

        A column that the sheet lacks gives the first cell of the row.
        """
        return f"{self.places.get(sheet, {}).get(column, 'A')}{row or 1}"
