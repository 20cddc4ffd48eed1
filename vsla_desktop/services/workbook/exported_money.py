"""The lines of a ledger as the workbook holds them: members' cells, and rows of the sheet Other."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select

from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import Fund, PostingType
from vsla_desktop.queries.share_out import shared_cycle
from vsla_desktop.queries.tables import INSTALMENTS, LOANS
from vsla_desktop.services.cycles import REMAINDER
from vsla_desktop.services.postings import BANK, BOX
from vsla_desktop.services.workbook.books import OtherRow
from vsla_desktop.services.workbook.exported_changes import ExportedChanges
from vsla_desktop.services.workbook.exported_events import ExportedEvents, MeetingDays
from vsla_desktop.services.workbook.exported_fines import LetOff
from vsla_desktop.services.workbook.exported_members import guarantor_numbers
from vsla_desktop.services.workbook.exported_opening import Opening
from vsla_desktop.services.workbook.exported_order import Corrected, MeetingOrder
from vsla_desktop.services.workbook.exported_share_out import share_out_rows
from vsla_desktop.services.workbook.layout import OtherType

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sqlalchemy.orm import Session

    from vsla_desktop.queries.books import Books
    from vsla_desktop.queries.lines import LedgerLine
    from vsla_desktop.services.workbook.exported_requests import ExportedRequests

_T = PostingType
_IN_CELLS = frozenset(
    {
        _T.SOCIAL_CONTRIBUTION,
        _T.FINE_PAYMENT,
        _T.LOAN_DISBURSEMENT,
        _T.LOAN_PENALTY,
        _T.LOAN_CHARGE,
        _T.LOAN_REPAYMENT,
    }
)
"""What stands in the sheet Entries, shares aside."""
_OTHER = {
    _T.EXPENSE: OtherType.EXPENSE,
    _T.OTHER_INCOME: OtherType.OTHER_INCOME,
    _T.BANK_DEPOSIT: OtherType.BANK_DEPOSIT,
    _T.BANK_WITHDRAWAL: OtherType.BANK_WITHDRAWAL,
    _T.SOCIAL_CONTRIBUTION: OtherType.SOCIAL_CONTRIBUTION,
    _T.SOCIAL_GRANT: OtherType.SOCIAL_GRANT,
    _T.SOCIAL_ADVANCE: OtherType.SOCIAL_ADVANCE,
    _T.SOCIAL_ADVANCE_REPAYMENT: OtherType.SOCIAL_ADVANCE_REPAYMENT,
    _T.SAVINGS_DEPOSIT: OtherType.SAVINGS_DEPOSIT,
    _T.SAVINGS_WITHDRAWAL: OtherType.SAVINGS_WITHDRAWAL,
}
_SAID_BY_PERSON = frozenset(
    {
        _T.EXPENSE,
        _T.OTHER_INCOME,
        _T.BANK_DEPOSIT,
        _T.BANK_WITHDRAWAL,
        _T.SOCIAL_GRANT,
        _T.SOCIAL_ADVANCE,
    }
)
"""What has words of its own in the book; the others are named by the program."""

_LOANS = select(
    LOANS.c.id,
    LOANS.c.term_months,
    LOANS.c.loan_purpose,
    LOANS.c.guarantor_member_id,
    LOANS.c.collateral_description,
    (LOANS.c.total_amount_due - LOANS.c.principal).label("charge"),
    select(func.min(INSTALMENTS.c.due_date))
    .where(INSTALMENTS.c.loan_id == LOANS.c.id)
    .scalar_subquery()
    .label("first_due"),
).where(LOANS.c.group_id == bindparam("of_group"))


@dataclass(slots=True)
class MemberCell:
    """What one member did at one meeting."""

    social_fund: Decimal = ZERO
    shares: int = 0
    fine_paid: Decimal = ZERO
    loan_repaid: Decimal = ZERO
    loan: dict[str, Any] = field(default_factory=dict)


class ExportedMoney:
    """Sorts the lines of a group's ledger. ``left_out`` counts, by its kind, what has no place.

    ``cycles`` are those that go out, each with its number in the workbook.
    """

    def __init__(self, session: Session, written: Books, cycles: Mapping[int, int]) -> None:
        self._session = session
        self._written = written
        self._cycles = cycles
        wanted = {"of_group": written.group.group_id}
        self._loans = {row.id: row for row in session.connection().execute(_LOANS, wanted)}
        self._numbers = {each.member_id: each.number for each in written.members}
        self.cells: dict[tuple[int, int], MemberCell] = defaultdict(MemberCell)
        self.other: list[OtherRow] = []
        self.opening = Opening()
        self.left_out: Counter[str] = Counter()
        self._bank: dict[Fund, Decimal] = {}

    def bring_forward(self, lines: list[LedgerLine]) -> None:
        """Sum up cycles that do not go out: what the two purses held when the first one began."""
        owed: dict[int, Decimal] = defaultdict(lambda: ZERO)
        to_leavers: dict[int | None, Decimal] = defaultdict(lambda: ZERO)
        at_bank: dict[Fund, Decimal] = defaultdict(lambda: ZERO)
        for line in lines:
            self.opening.hold(line)
            at_bank[line.fund] += line.bank
            if line.type in {_T.EXTERNAL_LOAN_IN, _T.EXTERNAL_LOAN_OUT}:
                self.opening.debts += line.effect
                to_leavers[line.member_id] += line.effect
            if line.type in {_T.SOCIAL_ADVANCE, _T.SOCIAL_ADVANCE_REPAYMENT}:
                owed[line.member_number or 0] -= line.effect
        self.opening.social_dues.update({each: due for each, due in owed.items() if due})
        self.left_out["leavers"] = sum(
            bool(left) for member, left in to_leavers.items() if member is not None
        )
        self._bank = {fund: amount for fund, amount in at_bank.items() if amount}

    def take(
        self,
        lines: list[LedgerLine],
        numbers: Mapping[int, int],
        requests: ExportedRequests,
        waived: dict[int, OtherRow],
    ) -> ExportedChanges:
        """Take the lines of the cycles in their order; ``numbers`` are those of the meetings.

        Fines that members were let off after paying a part are taken from ``waived``. Return what
        the meetings did beside, of which the rest is to be taken still.
        """
        self.let_off = let_off = LetOff(lines, numbers, waived)
        written, group_id = self._written, self._written.group.group_id
        loans = [loan for loan in written.loans if loan.cycle_id in {None, *self._cycles}]
        self._changes = changes = ExportedChanges(self._session, group_id, loans, numbers, lines)
        requests.find_votes(changes)
        days = {each.meeting_id: each.day for each in written.meetings}
        self._events = events = ExportedEvents(
            self._session, group_id, lines, MeetingDays(numbers, days), self._numbers, changes
        )
        self.left_at = {member: meeting for meeting, member in events.leaving}
        shared = [
            shared_cycle(self._session, group_id, cycle_id=cycle_id) for cycle_id in self._cycles
        ]
        sharing = [row for cycle in shared if cycle for row in share_out_rows(events, cycle)]
        self._order = order = MeetingOrder(lines, changes, requests)
        last_meeting: int | None = None
        for line in lines:
            if line.meeting_id is not None:
                last_meeting = numbers[line.meeting_id]
            self._take(line, order, last_meeting)
        self.other = [*let_off.first, *self.other, *let_off.last]
        self.other += [*changes.spread(), *events.rest(), *sharing]
        self.left_out.update(events.left_out)
        self.left_out["changes"] += changes.lost_count
        for fund, amount in self._bank.items():
            self.other.append(
                OtherRow(
                    type=OtherType.BANK_DEPOSIT.value,
                    fund=fund.value,
                    amount=amount,
                    date=self.opening.day or written.cycles[-len(self._cycles)].start,
                )
            )
        return changes

    def _take(self, line: LedgerLine, order: MeetingOrder, last_meeting: int | None) -> None:
        self._add(order.spread_before(line))
        so_far = len(self.other)
        is_correction = line.transaction_id in order.corrections
        if not is_correction and line.transaction_id not in order.right_entries:
            self._add(self._events.row(line))
        if line.transaction_id in order.right_entries:
            pass  # it stands in the row of what it replaced
        elif line.transaction_id in self._events.taken:
            order.disturb(line)
        elif order.follows(line):
            pass  # it stands in the row of the one that it goes with
        elif line.is_reversal:
            is_first = order.is_first(line)
            found = order.corrections.get(line.transaction_id)
            self._add(self._correction(line, found, is_first=is_first))
            if not is_first:
                order.disturb(line)
        elif line.is_mobile_money:
            self.left_out["mobile"] += 1
        elif line.meeting_id is None:
            self._between(line, last_meeting)
        else:
            self._line(line, self._changes.number(line.meeting_id), order)
        let_off = self.let_off.after.get(line.transaction_id)
        if let_off is not None:
            is_own = len(self.other) > so_far
            is_event = line.transaction_id in self._events.taken
            place = self.let_off.last if is_event else self.other if is_own else self.let_off.first
            place.append(let_off)
            order.disturb(line)
        order.note(line)

    def _add(self, rows: Iterable[OtherRow]) -> None:
        self.other += rows

    def _between(self, line: LedgerLine, last_meeting: int | None) -> None:
        """Take a line between two meetings: the first ones are the opening."""
        number, opening = line.member_number or 0, self.opening
        is_first = last_meeting is None
        is_shares = line.type is _T.SAVINGS_DEPOSIT and line.shares_count is not None
        if is_shares and not is_first:
            self.other.append(self._reinvested(line))
            return
        if is_shares:
            opening.shares[number] += line.shares_count or 0
        elif line.type is _T.LOAN_DISBURSEMENT:
            opening.loans[number] = self._opening_loan(line)
        elif is_first and line.type is _T.SOCIAL_ADVANCE:
            opening.social_dues[number] += line.amount
        elif is_first and line.type is _T.EXTERNAL_LOAN_IN:
            opening.debts += line.amount
        elif line.type in _OTHER:
            self.other.append(self._other_row(line, last_meeting, between=True))
            return
        elif line.type is _T.OPENING_BALANCE and not is_first and line.description == REMAINDER:
            return  # the next cycle's opening writes it again
        elif line.type is not _T.OPENING_BALANCE:
            self.left_out[line.type.value] += 1
            return
        opening.day = opening.day or line.day
        opening.hold(line)

    def _reinvested(self, line: LedgerLine) -> OtherRow:
        return OtherRow(
            member=line.member_number,
            type=OtherType.REINVESTED.value,
            amount=line.amount,
            detail=str(line.shares_count),
            date=line.day,
            cycle=self._cycle(line),
        )

    def _cycle(self, line: LedgerLine) -> int | None:
        return self._cycles.get(line.cycle_id or 0) if len(self._cycles) > 1 else None

    def _opening_loan(self, line: LedgerLine) -> dict[str, Any]:
        """Return a loan as it was brought along, before the meetings changed it."""
        loan = self._loans[line.loan_id or 0]
        of_it = [each.transaction_id for each in self._written.entries if each.loan_id == loan.id]
        activities = [self._events.more[each].activity_id for each in of_it]
        first = self._changes.before_all(loan.id, [each for each in activities if each])
        return {
            "opening_loan": line.amount,
            "opening_loan_charge": (loan.charge if first is None else first.charge_before) or None,
            "opening_loan_months": loan.term_months,
            "opening_loan_due": loan.first_due if first is None else first.first_due,
        }

    def _line(self, line: LedgerLine, meeting: int, order: MeetingOrder) -> None:
        is_shares = line.type is _T.SAVINGS_DEPOSIT and line.shares_count is not None
        place = meeting, line.member_number or 0
        is_first_paid = line.type is _T.SOCIAL_CONTRIBUTION and not (
            place in self.cells and self.cells[place].social_fund
        )
        if line.type in _OTHER and not (is_shares or is_first_paid):
            self.other.append(self._other_row(line, meeting))
            return
        if line.type not in _IN_CELLS and not is_shares:
            # What was counted says the differences.
            self.left_out[line.type.value] += line.type is not _T.CASH_DIFFERENCE
            return
        cell = self.cells[place]
        if is_shares:
            cell.shares += line.shares_count or 0
        elif line.type is _T.SOCIAL_CONTRIBUTION:
            cell.social_fund = line.amount
        elif line.type is _T.LOAN_DISBURSEMENT:
            self._loan(cell, line, meeting, order)
        elif line.type is _T.FINE_PAYMENT:
            if order.is_disturbed(line):
                self._paid_in_turn(line, meeting, OtherType.FINE_PAYMENT)
            else:
                cell.fine_paid += line.amount
        elif order.is_disturbed(line):
            self._paid_in_turn(line, meeting, OtherType.LOAN_REPAYMENT)
        else:
            cell.loan_repaid += line.amount

    def _paid_in_turn(self, line: LedgerLine, meeting: int, kind: OtherType) -> None:
        """Add a payment that came after something else of its meeting to the rows, in its place."""
        is_loan = kind is OtherType.LOAN_REPAYMENT
        row = OtherRow(
            meeting=meeting,
            member=line.member_number,
            type=kind.value,
            amount=line.amount,
            loan=self._changes.place(line.loan_id) if is_loan else None,
        )
        before = self.other[-1] if self.other else None
        if before is not None and replace(before, amount=row.amount) == row:
            self.other[-1] = replace(row, amount=before.amount + row.amount)
        else:
            self.other.append(row)

    def _loan(self, cell: MemberCell, line: LedgerLine, meeting: int, order: MeetingOrder) -> None:
        loan = self._loans[line.loan_id or 0]
        numbers = guarantor_numbers(loan, self._written.members)
        guarantors = ", ".join(str(each) for each in numbers)
        request = order.requests.number(loan.id)
        vouching_leaves = any((meeting, each) in self._events.leaving for each in numbers)
        if order.is_early(line) or vouching_leaves:
            self.other.append(
                OtherRow(
                    meeting=meeting,
                    member=line.member_number,
                    type=OtherType.LOAN_DISBURSEMENT,
                    fund=line.fund.value,
                    amount=line.amount,
                    description=loan.loan_purpose or "",
                    detail=str(loan.term_months),
                    parts=guarantors,
                    request=request,
                )
            )
            order.disturb(line)
            return
        order.give_last(line)
        cell.loan = {
            "loan_taken": line.amount,
            "loan_months": loan.term_months,
            "loan_purpose": loan.loan_purpose or "",
            "loan_guarantors": guarantors,
            "request": request,
        }

    def _other_row(
        self, line: LedgerLine, meeting: int | None, *, between: bool = False
    ) -> OtherRow:
        is_saving = line.type in {_T.SAVINGS_DEPOSIT, _T.SAVINGS_WITHDRAWAL}
        at_bank = line.type in {_T.EXPENSE, _T.OTHER_INCOME} and bool(line.bank)
        more = self._events.more[line.transaction_id]
        return OtherRow(
            meeting=meeting,
            member=line.member_number,
            type=_OTHER[line.type].value,
            fund=line.fund.value,
            amount=line.amount,
            description=line.description if line.type in _SAID_BY_PERSON else "",
            detail=line.saving_code if is_saving else "",
            held_in="BANK" if at_bank else "",
            date=line.day if between else None,
            day=more.due_date if line.type is _T.SOCIAL_ADVANCE else None,
            category=more.category or "",
            cycle=self._cycle(line) if between else None,
        )

    def _correction(
        self, line: LedgerLine, found: Corrected | None, *, is_first: bool
    ) -> Iterator[OtherRow]:
        """Yield the row of a reversal, with what was entered in place of what it undid."""
        if found is None or line.meeting_id is None:
            self.left_out["corrections"] += 1
            return
        undone = found.undone
        of_meeting = 0 if undone.meeting_id is None else self._changes.number(undone.meeting_id)
        sent_as = self._events.more[undone.transaction_id].mobile_money_reference
        is_at_bank = undone.bank and undone.type not in {_T.BANK_DEPOSIT, _T.BANK_WITHDRAWAL}
        several = found.is_one_of_several
        yield OtherRow(
            meeting=self._changes.number(line.meeting_id),
            member=line.member_number,
            type=(OtherType.CORRECTION if found.right else OtherType.REVERSAL).value,
            fund=line.fund.value,
            amount=line.amount,
            description=line.reason,
            detail=line.type.value,
            of_meeting=of_meeting,
            right_amount=sum((each.amount for each in found.right), ZERO) if found.right else None,
            loan=self._changes.place(undone.loan_id) if line.member_id is not None else None,
            held_in=(BANK if is_at_bank else BOX) if several else "",
            note=(sent_as or undone.description) if several else "",
            in_turn=None if is_first else True,
        )
