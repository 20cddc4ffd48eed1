"""The order of a meeting: what has to stand in the sheet Other so that its turn is kept.

The import writes what members bring first, then the sheet Other, then loans. That is right unless
something is about a loan or a payment of the same meeting: that stands in the sheet Other with it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import PostingType
from vsla_desktop.queries.advances import LET_OFF
from vsla_desktop.services.joining import CATCH_UP

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from vsla_desktop.queries.lines import LedgerLine
    from vsla_desktop.services.workbook.books import OtherRow
    from vsla_desktop.services.workbook.exported_changes import ExportedChanges
    from vsla_desktop.services.workbook.exported_requests import ExportedRequests

_T = PostingType
PARTS = (_T.LOAN_REPAYMENT, _T.LOAN_CHARGE, _T.LOAN_PENALTY)
"""The parts of a repayment, in the order in which a changed loan keeps what was paid of each."""
_PRINCIPAL = {_T.LOAN_DISBURSEMENT: 1, _T.LOAN_REPAYMENT: -1, _T.LOAN_WRITE_OFF: -1}


@dataclass(frozen=True, slots=True)
class Corrected:
    """What a reversal undid, and the right entries written with it.

    ``is_one_of_several`` says that its meeting has others like it, which only their words tell
    apart, or where the money lies.
    """

    undone: LedgerLine
    right: tuple[LedgerLine, ...]
    is_one_of_several: bool


@dataclass(slots=True)
class MeetingOrder:
    """Follows the lines of a ledger one by one, and says what depends on what came before."""

    lines: Sequence[LedgerLine]
    changes: ExportedChanges
    requests: ExportedRequests
    corrections: dict[int, Corrected] = field(default_factory=dict)
    right_entries: set[int] = field(default_factory=set)
    _disturbed: set[tuple[int, int, bool]] = field(default_factory=set)  # meeting, member, loans
    _begun: set[int | None] = field(default_factory=set)
    _paid: dict[int, dict[PostingType, Decimal]] = field(default_factory=dict)
    _owed: dict[int, dict[int, Decimal]] = field(default_factory=dict)
    _given_last: dict[int, int | None] = field(default_factory=dict)  # by loan: its meeting
    _later: Mapping[tuple[int, int], list[LedgerLine]] = field(init=False)

    def __post_init__(self) -> None:
        by_reference = {line.reference: line for line in self.lines}
        for at, line in enumerate(self.lines):
            undone = by_reference.get(line.reverses) if line.is_reversal else None
            if undone is not None:
                right = tuple(self._right(at))
                self.right_entries |= {each.transaction_id for each in right}
                self.corrections[line.transaction_id] = Corrected(
                    undone, right, self._is_one_of_several(undone)
                )
        later: dict[tuple[int, int], list[LedgerLine]] = defaultdict(list)
        for line in self.lines:
            if line.meeting_id is not None and line.member_id is not None:
                later[line.meeting_id, line.member_id].append(line)
        self._later = later

    # --- corrections ----------------------------------------------------------------------------

    def _right(self, at: int) -> Iterator[LedgerLine]:
        """Yield what was entered in place of what a reversal undid: beside it, mostly."""
        reversal = self.lines[at]

        def replaces(line: LedgerLine) -> bool:
            is_alike = line.type is reversal.type
            if reversal.type in PARTS:
                is_alike = line.type in PARTS and line.loan_id == reversal.loan_id
            is_put_right = line.is_correction or (
                line.type is _T.CASH_DIFFERENCE and line.reason == reversal.reason
            )
            return (
                is_alike
                and is_put_right
                and not line.is_reversal
                and line.meeting_id == reversal.meeting_id
                and line.member_id == reversal.member_id
                and line.transaction_id not in self.right_entries
            )

        found = False
        for line in self.lines[at + 1 :]:
            if not replaces(line) or (found and reversal.type not in PARTS):
                break
            found = True
            yield line
        if found:
            return
        if at and replaces(self.lines[at - 1]):
            yield self.lines[at - 1]
            return
        # Put right again at the same meeting: what stood in between is not shown, but its place is.
        for place in range(at + 1, len(self.lines)):
            beside = self.lines[place - 1 : place + 2 : 2]
            if replaces(self.lines[place]) and not any(each.is_reversal for each in beside):
                yield self.lines[place]
                return

    def _is_one_of_several(self, undone: LedgerLine) -> bool:
        alike = [
            line
            for line in self.lines
            if line.meeting_id == undone.meeting_id
            and line.type is undone.type
            and line.amount == undone.amount
            and line.member_id == undone.member_id
            and line.fund is undone.fund
            and not line.is_reversal
        ]
        told_by = {
            (line.description, bool(line.bank), line.is_mobile_money and line.transaction_id)
            for line in alike
        }
        return len(told_by) > 1

    def follows(self, line: LedgerLine) -> bool:
        """Say whether a reversal comes with another one, which alone has a row.

        With shares that were caught up goes what they cost above face value, and with the grant of
        an advance that was let off its being paid back.
        """
        with_it = {CATCH_UP: _T.OTHER_INCOME, LET_OFF: _T.SOCIAL_ADVANCE_REPAYMENT}
        name = self.changes.name(line.activity_id)
        return line.is_reversal and with_it.get(name) is line.type

    # --- what came before -----------------------------------------------------------------------

    def spread_before(self, line: LedgerLine) -> Iterator[OtherRow]:
        """Yield what a vote did to a loan before a line of it."""
        if line.loan_id is None or line.meeting_id is None:
            return
        if line.loan_id not in self._owed.get(line.member_id or 0, {}):
            return  # it is given just now
        paid = self._paid.get(line.loan_id, {})
        so_far = tuple(paid.get(kind, ZERO) for kind in PARTS)
        for row in self.changes.spread_after(line.loan_id, line.meeting_id, so_far):
            self._disturbed.add((line.meeting_id, line.member_id or 0, True))
            self._begun.add(line.meeting_id)
            yield row

    def note(self, line: LedgerLine) -> None:
        """Take notice of a line that was written down."""
        is_correction = line.transaction_id in self.corrections
        if not is_correction and line.transaction_id not in self.right_entries:
            self._begun.add(line.meeting_id)
        if line.loan_id is None:
            return
        sign = -1 if line.is_reversal else 1
        if line.type in PARTS:
            paid = self._paid.setdefault(line.loan_id, dict.fromkeys(PARTS, ZERO))
            paid[line.type] += sign * line.amount
        if line.type in _PRINCIPAL:
            owed = self._owed.setdefault(line.member_id or 0, {})
            more = _PRINCIPAL[line.type] * sign * line.amount
            owed[line.loan_id] = owed.get(line.loan_id, ZERO) + more

    def disturb(self, line: LedgerLine) -> None:
        """From here on, what the member pays at this meeting keeps its turn."""
        is_fine = line.type is _T.FINE_PAYMENT
        if line.meeting_id is not None and (is_fine or line.loan_id is not None):
            self._disturbed.add((line.meeting_id, line.member_id or 0, not is_fine))

    def give_last(self, line: LedgerLine) -> None:
        """Take notice of a loan that is brought in after all payments of its meeting."""
        if line.loan_id is not None:
            self._given_last[line.loan_id] = line.meeting_id

    def is_first(self, line: LedgerLine) -> bool:
        """Say whether nothing but corrections was written at its meeting before a correction."""
        return line.meeting_id not in self._begun

    def is_disturbed(self, line: LedgerLine) -> bool:
        """Say whether a payment has to keep its turn, or to say of which loan it is."""
        is_fine = line.type is _T.FINE_PAYMENT
        if (line.meeting_id or 0, line.member_id or 0, not is_fine) in self._disturbed:
            return True
        owed = self._owed.get(line.member_id or 0, {})
        out = [
            loan
            for loan, left in owed.items()
            if left > 0 and self._given_last.get(loan, 0) != line.meeting_id
        ]
        is_one_of_several = not is_fine and len(out) > 1
        if is_one_of_several:
            self.disturb(line)
        return is_one_of_several

    def is_early(self, line: LedgerLine) -> bool:
        """Say whether something of the same meeting is about a loan that was just given."""
        if line.meeting_id is None:
            return False
        if self.changes.is_spread_at(line.loan_id, line.meeting_id):
            return True
        mine = self._later.get((line.meeting_id, line.member_id or 0), [])
        after = mine[mine.index(line) + 1 :]
        return any(
            each.loan_id == line.loan_id
            or (each.type is _T.LOAN_DISBURSEMENT and not each.is_reversal)
            or (each.is_reversal or each.is_correction)
            or each.type in {_T.LEAVER_PAYOUT, _T.SAVINGS_WITHDRAWAL}
            for each in after
        )
