"""Changes of loans, votes and other activities of the meetings, as rows of the sheet Other."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from vsla_desktop.domain.loans import due_date
from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import PostingType
from vsla_desktop.queries.activities import PARTS
from vsla_desktop.queries.advances import LET_OFF as ADVANCE_LET_OFF
from vsla_desktop.queries.loan_history import (
    CHANGE_TAKEN_BACK,
    LET_OFF,
    RESCHEDULED,
    penalty_let_off,
)
from vsla_desktop.queries.tables import ACTIVITIES, MEETINGS, MEMBERS
from vsla_desktop.services.loan_losses import LOST
from vsla_desktop.services.workbook.books import OtherRow
from vsla_desktop.services.workbook.layout import OtherType
from vsla_desktop.services.workbook.loan_numbers import loan_places

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy.orm import Session

    from vsla_desktop.queries.lines import LedgerLine
    from vsla_desktop.queries.loans import LoanState

_ACTIVITIES = (
    select(ACTIVITIES, MEETINGS.c.meeting_date)
    .select_from(ACTIVITIES.join(MEETINGS, MEETINGS.c.id == ACTIVITIES.c.meeting_id))
    .where(MEETINGS.c.group_id == bindparam("of_group"))
    .order_by(ACTIVITIES.c.id)
)
_PARTS = (
    select(PARTS.c.activity_id, MEMBERS.c.member_number, PARTS.c.vote)
    .select_from(PARTS.join(MEMBERS, MEMBERS.c.id == PARTS.c.member_id))
    .where(MEMBERS.c.group_id == bindparam("of_group"), PARTS.c.is_present)
    .order_by(PARTS.c.activity_id, MEMBERS.c.member_number)
)
_WITHOUT_ENTRY = frozenset({RESCHEDULED, LET_OFF, CHANGE_TAKEN_BACK})
_OWN_ROWS = frozenset({"VOTING", "TRAINING", "DISCUSSION"})


@dataclass(frozen=True, slots=True)
class Change:
    """What a meeting did to a loan: the activity that keeps it, and what it kept."""

    activity: Any
    past: Mapping[str, Any]

    @property
    def new_rows(self) -> list[tuple[date, Decimal]]:
        """The instalments that it made: when each is due, and its principal."""
        rows = [(date.fromisoformat(row[1]), Decimal(row[2])) for row in self.past["after"]]
        return [row for row in rows if row[0] > self.activity.meeting_date and row[1]]

    @property
    def charge_before(self) -> Decimal:
        """The charge of the schedule before it."""
        return sum((Decimal(row[3]) for row in self.past["rows"]), ZERO)

    @property
    def first_due(self) -> date:
        """The first day on which something was due before it."""
        return min(date.fromisoformat(row[1]) for row in self.past["rows"])

    @property
    def principal_before(self) -> Decimal:
        """The principal that was owed before it."""
        paid, lost = Decimal(self.past["paid"][0]), Decimal(self.past["written_off"])
        return Decimal(self.past["principal"]) - paid - lost

    def owed_after(self, lost: Decimal = ZERO) -> Decimal:
        """What was owed of the loan once it was made, with ``lost`` of it written off."""
        if lost and lost == self.principal_before:
            return ZERO
        asked = sum((Decimal(row[2]) + Decimal(row[3]) for row in self.past["after"]), ZERO)
        paid = sum((Decimal(each) for each in self.past["paid"]), ZERO)
        penalties = Decimal(self.past["penalties_after"])
        return asked + penalties - paid - Decimal(self.past["written_off"]) - lost


class ExportedChanges:
    """The activities of a group's meetings. A vote stands in the row of what it decided, if any."""

    def __init__(
        self,
        session: Session,
        group_id: int,
        loans: Sequence[LoanState],
        numbers: Mapping[int, int],
        lines: Sequence[LedgerLine],
    ) -> None:
        wanted = {"of_group": group_id}
        connection = session.connection()
        self._rows = {row.id: row for row in connection.execute(_ACTIVITIES, wanted)}
        self._parts: dict[int, list[Any]] = defaultdict(list)
        for row in connection.execute(_PARTS, wanted):
            self._parts[row.activity_id].append(row)
        self._numbers = numbers
        self._used: set[int] = set()
        self._places = loan_places(lines)
        self._loans = {loan.loan_id: loan for loan in loans}
        self._given: dict[int, Decimal] = {}
        for line in lines:
            if line.type is PostingType.LOAN_DISBURSEMENT and line.loan_id is not None:
                self._given.setdefault(line.loan_id, line.amount)
        self._by_reference = {line.reference: line.loan_id for line in lines}
        self._spread: dict[int, list[Change]] = defaultdict(list)
        self.lost_count = 0
        for row in self._rows.values():
            if row.activity_type == "LOANS" and row.activity_name in _WITHOUT_ENTRY:
                self._add_spread(row)

    # --- loans ----------------------------------------------------------------------------------

    def place(self, loan_id: int | None) -> int | None:
        """Say which of the member's loans a loan is, from 1 on."""
        return self._places.get(loan_id or 0)

    def given(self, loan_id: int) -> Decimal | None:
        """Return what was given of a loan at first; None for one that was not given."""
        return self._given.get(loan_id)

    def number(self, meeting_id: int) -> int:
        """Return the number of a meeting."""
        return self._numbers[meeting_id]

    def borrower(self, loan_id: int) -> int | None:
        """Return the member of a loan of the cycle."""
        loan = self._loans.get(loan_id)
        return None if loan is None else loan.member_id

    def is_voted(self, activity_id: int | None) -> bool:
        """Say whether a write-off was voted by itself, and was not a part of a share-out."""
        return activity_id is not None and self._vote_before(activity_id, LOST) is not None

    def name(self, activity_id: int | None) -> str:
        """Return the name of an activity, or nothing."""
        row = self._rows.get(activity_id or 0)
        return "" if row is None else row.activity_name

    def change(self, activity_id: int | None) -> Change | None:
        """Return the change of a loan that an activity keeps."""
        row = self._rows.get(activity_id or 0)
        if row is None or row.activity_type != "LOANS" or not row.notes:
            return None
        return Change(row, json.loads(row.notes))

    def before_all(self, loan_id: int, activity_ids: Sequence[int]) -> Change | None:
        """Return the first change of a loan: it keeps the schedule with which the loan began."""
        found = [self.change(each) for each in activity_ids]
        changes = [each for each in (*found, *self._spread.get(loan_id, ())) if each is not None]
        return min(changes, key=lambda each: each.activity.id, default=None)

    def written_off(self, line: LedgerLine, activity_id: int) -> OtherRow | None:
        """Return the row of a write-off that the meeting voted; None for one without a vote."""
        change, vote = self.change(activity_id), self._vote_before(activity_id, LOST)
        if change is None or vote is None:
            return None
        self._used.add(vote.id)
        return OtherRow(
            meeting=self._numbers[line.meeting_id or 0],
            member=line.member_number,
            type=OtherType.LOAN_WRITE_OFF.value,
            amount=line.amount,
            description=vote.description or "",
            loan=self.place(line.loan_id),
            rest=change.owed_after(line.amount),
            **hands(vote),
        )

    def let_off(self, grant: LedgerLine, activity_id: int) -> OtherRow:
        """Return the row of an advance that is let off; who left by one vote has none for it."""
        vote = self._vote_before(activity_id, ADVANCE_LET_OFF)
        if vote is not None and vote.id not in self._used:
            self._used.add(vote.id)
        else:
            vote = None  # the last one was another member's
        return OtherRow(
            meeting=self._numbers[grant.meeting_id or 0],
            member=grant.member_number,
            type=OtherType.ADVANCE_LET_OFF.value,
            amount=grant.amount,
            description=grant.description,
            **({} if vote is None else hands(vote)),
        )

    def topped_up(self, line: LedgerLine, activity_id: int) -> OtherRow | None:
        """Return the row of money lent on a running loan."""
        change = self.change(activity_id)
        if change is None:
            return None
        return OtherRow(
            meeting=self._numbers[line.meeting_id or 0],
            member=line.member_number,
            type=OtherType.LOAN_TOP_UP.value,
            amount=line.amount,
            detail=str(len(change.new_rows)),
            loan=self.place(line.loan_id),
            rest=change.owed_after(),
        )

    def spread(self, *, loan_id: int | None = None, until: int | None = None) -> Iterator[OtherRow]:
        """Yield what is left of the loans that were spread anew: of one, up to an activity."""
        for each in [loan_id] if loan_id is not None else list(self._spread):
            for change in list(self._spread.get(each, ())):
                if until is None or change.activity.id < until:
                    self._spread[each].remove(change)
                    yield self._spread_row(self._loans[each], change)

    def spread_after(
        self, loan_id: int, meeting_id: int, paid: tuple[Decimal, ...]
    ) -> Iterator[OtherRow]:
        """Yield what a meeting did to a loan once so much of it was paid."""
        for change in list(self._spread.get(loan_id, ())):
            was_paid = tuple(Decimal(each) for each in change.past["paid"])
            if change.activity.meeting_id == meeting_id and was_paid == paid:
                self._spread[loan_id].remove(change)
                yield self._spread_row(self._loans[loan_id], change)

    def is_spread_at(self, loan_id: int | None, meeting_id: int) -> bool:
        """Say whether a meeting has still to spread a loan anew."""
        found = self._spread.get(loan_id or 0, ())
        return any(change.activity.meeting_id == meeting_id for change in found)

    def _add_spread(self, row: Any) -> None:
        is_voted = row.activity_name == RESCHEDULED
        vote, change = self._vote_before(row.id, RESCHEDULED), self.change(row.id)
        is_known = change is not None and (vote is not None or not is_voted)
        loan = self._spread_loan(vote if is_voted else None, change) if is_known else None
        if change is None or loan is None:
            self.lost_count += row.meeting_id in self._numbers
            return
        if is_voted:
            self._used.add(vote.id)
        self._spread[loan.loan_id].append(change)

    def _spread_loan(self, vote: Any, change: Change | None) -> LoanState | None:
        """Return the loan of a change: by its first entry, or by the words of the vote."""
        if change is None:
            return None
        first = self._by_reference.get(change.past.get("loan") or "")
        if first is not None:
            return self._loans.get(first)
        if vote is None:
            return None
        words = vote.activity_name.removeprefix(f"{RESCHEDULED}: ")
        number, day = words.partition(" ")[0], words[-len("2026-01-31") :]
        found = [
            loan
            for loan in self._loans.values()
            if str(loan.member_number) == number and loan.given_on.isoformat() == day
        ]
        alike = (each for each in found if f"{each.principal:f}" == change.past["principal"])
        return next(alike, found[0] if found else None)

    def _spread_row(self, loan: LoanState, change: Change) -> OtherRow:
        if change.activity.activity_name != RESCHEDULED:
            return self._unvoted_row(loan, change)
        vote = self._vote_before(change.activity.id, RESCHEDULED)
        return OtherRow(
            meeting=self._numbers[change.activity.meeting_id],
            member=loan.member_number,
            type=OtherType.LOAN_RESCHEDULED.value,
            amount=change.principal_before,
            detail=str(len(change.new_rows)),
            loan=self.place(loan.loan_id),
            rest=change.owed_after(),
            day=_counted_from(loan, change),
            **hands(vote),
        )

    def _unvoted_row(self, loan: LoanState, change: Change) -> OtherRow:
        is_let_off = change.activity.activity_name == LET_OFF
        kind = OtherType.PENALTY_LET_OFF if is_let_off else OtherType.LOAN_CHANGE_UNDONE
        return OtherRow(
            meeting=self._numbers[change.activity.meeting_id],
            member=loan.member_number,
            type=kind.value,
            amount=penalty_let_off(change.past) if is_let_off else change.principal_before,
            description=change.activity.description or "",
            loan=self.place(loan.loan_id),
            rest=change.owed_after(),
        )

    # --- votes and the rest ---------------------------------------------------------------------

    def vote_named(self, name: str) -> Any:
        """Return the last vote on a subject that passed, which is then no row of its own."""
        found = [row for row in self.votes(name) if is_passed(row) and row.activity_name == name]
        if found:
            self.use(found[-1])
        return found[-1] if found else None

    def votes(self, subject: str) -> list[Any]:
        """Return the votes whose subject begins so, that stand in no other row as yet."""
        return [
            row
            for row in self._rows.values()
            if row.activity_type == "VOTING"
            and row.activity_name.startswith(subject)
            and row.id not in self._used
        ]

    def use(self, vote: Any) -> None:
        """Let a vote stand in the row of what it decided."""
        self._used.add(vote.id)

    def rest(self) -> Iterator[OtherRow]:
        """Yield the votes and activities that stand in no other row."""
        for row in self._rows.values():
            is_own = row.activity_type in _OWN_ROWS and row.id not in self._used
            if not is_own or row.meeting_id not in self._numbers:
                continue
            parts = self._parts.get(row.id, [])
            is_counted = row.votes_for is not None and not any(each.vote for each in parts)
            yield OtherRow(
                meeting=self._numbers[row.meeting_id],
                type=(OtherType.VOTE if is_counted else OtherType.ACTIVITY).value,
                amount=ZERO,
                description=row.activity_name,
                detail="" if is_counted else row.activity_type,
                note=row.description or "",
                parts=", ".join(map(_part, parts)),
                **(hands(row) if is_counted else {}),
            )

    def _vote_before(self, activity_id: int, subject: str) -> Any:
        """Return the vote that decided on what an activity did: the last one before it."""
        meeting_id = self._rows[activity_id].meeting_id
        votes = [
            row
            for row in self._rows.values()
            if row.id < activity_id
            and row.meeting_id == meeting_id
            and row.activity_type == "VOTING"
        ]
        is_it = votes and votes[-1].activity_name.startswith(f"{subject}: ")
        return votes[-1] if is_it and is_passed(votes[-1]) else None


def is_passed(vote: Any) -> bool:
    """Say whether more hands were raised for it than against."""
    return (vote.votes_for or 0) > (vote.votes_against or 0)


def _part(each: Any) -> str:
    return f"{each.member_number} {each.vote}" if each.vote else str(each.member_number)


def hands(vote: Any) -> dict[str, Any]:
    """Return the columns of a vote."""
    return {
        "votes_for": vote.votes_for,
        "votes_against": vote.votes_against or None,
        "votes_abstained": vote.votes_abstained or None,
    }


def _counted_from(loan: LoanState, change: Change) -> date | None:
    """Return the day from which the new periods count, unless it is that of the meeting."""
    days = [day for day, _principal in change.new_rows]
    today = change.activity.meeting_date

    def gives(start: date) -> bool:
        return days == [
            due_date(start, number, loan.period_kind) for number in range(1, len(days) + 1)
        ]

    if gives(today):
        return None
    longest = (days[0] - today).days
    return next(
        (day for day in (today + timedelta(days=each) for each in range(1, longest)) if gives(day)),
        None,
    )
