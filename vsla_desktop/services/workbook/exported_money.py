"""The lines of a ledger as the workbook holds them: members' cells, and rows of the sheet Other."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select

from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import Fund, PostingType
from vsla_desktop.queries.share_out import shared_cycle
from vsla_desktop.queries.tables import INSTALMENTS, LOANS
from vsla_desktop.services.workbook.books import OtherRow
from vsla_desktop.services.workbook.exported_changes import ExportedChanges
from vsla_desktop.services.workbook.exported_events import ExportedEvents, MeetingDays
from vsla_desktop.services.workbook.exported_share_out import share_out_rows
from vsla_desktop.services.workbook.layout import OtherType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from vsla_desktop.queries.books import Books
    from vsla_desktop.queries.lines import LedgerLine

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
class Opening:
    """How the group stood before its first meeting: what members brought, and the funds."""

    day: date | None = None
    shares: Counter[int] = field(default_factory=Counter)
    loans: dict[int, dict[str, Any]] = field(default_factory=dict)
    social_dues: dict[int, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))
    debts: Decimal = ZERO
    funds: dict[Fund, Decimal] = field(default_factory=dict)

    def earnings(self, share_value: Decimal) -> Decimal:
        """Return what the loan fund had earned: what it had beyond savings and debts."""
        lent = sum((loan["opening_loan"] for loan in self.loans.values()), ZERO)
        claimed = sum(self.shares.values()) * share_value + self.debts
        return self.funds.get(Fund.LOAN_FUND, ZERO) + lent - claimed


@dataclass(slots=True)
class MemberCell:
    """What one member did at one meeting."""

    social_fund: Decimal = ZERO
    shares: int = 0
    fine_paid: Decimal = ZERO
    loan_repaid: Decimal = ZERO
    loan: dict[str, Any] = field(default_factory=dict)


class ExportedMoney:
    """Sorts the lines of a group's ledger. ``left_out`` counts, by its kind, what has no place."""

    def __init__(self, session: Session, written: Books, cycle_id: int | None) -> None:
        self._session = session
        self._written = written
        self._cycle_id = cycle_id
        wanted = {"of_group": written.group.group_id}
        self._loans = {row.id: row for row in session.connection().execute(_LOANS, wanted)}
        self._numbers = {each.member_id: each.number for each in written.members}
        self._by_name = {each.name: each.number for each in written.members}
        self.cells: dict[tuple[int, int], MemberCell] = defaultdict(MemberCell)
        self.other: list[OtherRow] = []
        self.opening = Opening()
        self.left_out: Counter[str] = Counter()
        self._bank: dict[Fund, Decimal] = {}

    def bring_forward(self, lines: list[LedgerLine]) -> None:
        """Sum up earlier cycles: what the two purses held when this one began."""
        owed: dict[int, Decimal] = defaultdict(lambda: ZERO)
        to_leavers: dict[int | None, Decimal] = defaultdict(lambda: ZERO)
        for line in lines:
            self._hold(line)
            if line.type in {_T.EXTERNAL_LOAN_IN, _T.EXTERNAL_LOAN_OUT}:
                self.opening.debts += line.effect
                to_leavers[line.member_id] += line.effect
            if line.type in {_T.SOCIAL_ADVANCE, _T.SOCIAL_ADVANCE_REPAYMENT}:
                owed[line.member_number or 0] -= line.effect
        self.opening.social_dues.update({each: due for each, due in owed.items() if due})
        self.left_out["leavers"] = sum(
            bool(left) for member, left in to_leavers.items() if member is not None
        )
        at_bank: dict[Fund, Decimal] = defaultdict(lambda: ZERO)
        for line in lines:
            at_bank[line.fund] += line.bank
        self._bank = {fund: amount for fund, amount in at_bank.items() if amount}

    def take(self, lines: list[LedgerLine], numbers: Mapping[int, int]) -> None:
        """Take the lines of the cycle in their order; ``numbers`` are those of the meetings."""
        loans = [loan for loan in self._written.loans if loan.cycle_id in {None, self._cycle_id}]
        group_id = self._written.group.group_id
        changes = ExportedChanges(self._session, group_id, loans, numbers)
        days = {each.meeting_id: each.day for each in self._written.meetings}
        self._events = events = ExportedEvents(
            self._session, group_id, lines, MeetingDays(numbers, days), self._numbers, changes
        )
        self._changes = changes
        cycle = self._written.cycles[-1]
        shared = shared_cycle(self._session, group_id, cycle_id=cycle.cycle_id)
        sharing = [] if shared is None else list(share_out_rows(events, shared))
        last_meeting: int | None = None
        used: set[int] = set()
        for at, line in enumerate(lines):
            if line.meeting_id is not None:
                last_meeting = numbers[line.meeting_id]
            if line.transaction_id in used:
                continue
            self.other += events.row(line)
            if line.transaction_id in events.taken:
                continue
            if line.is_mobile_money:
                self.left_out["mobile"] += 1
            elif line.is_reversal:
                self._correction(line, lines, at, numbers, used)
            elif line.meeting_id is None:
                self._between(line, last_meeting)
            else:
                self._line(line, numbers[line.meeting_id])
        self.other += [*changes.spread(), *events.rest(), *sharing, *changes.rest()]
        self.left_out.update(events.left_out)
        self.left_out["changes"] += changes.lost_count
        for fund, amount in self._bank.items():
            self.other.append(
                OtherRow(
                    type=OtherType.BANK_DEPOSIT.value,
                    fund=fund.value,
                    amount=amount,
                    date=self.opening.day or cycle.start,
                )
            )

    def _between(self, line: LedgerLine, last_meeting: int | None) -> None:
        """Take a line between two meetings: the first ones are the opening."""
        number, opening = line.member_number or 0, self.opening
        is_first = last_meeting is None
        if line.type is _T.SAVINGS_DEPOSIT and line.shares_count is not None:
            opening.shares[number] += line.shares_count
        elif line.type is _T.LOAN_DISBURSEMENT:
            opening.loans[number] = self._opening_loan(line)
        elif is_first and line.type is _T.SOCIAL_ADVANCE:
            opening.social_dues[number] += line.amount
        elif is_first and line.type is _T.EXTERNAL_LOAN_IN:
            opening.debts += line.amount
        elif line.type in _OTHER:
            self.other.append(self._other_row(line, last_meeting, between=True))
            return
        elif line.type is not _T.OPENING_BALANCE:
            self.left_out[line.type.value] += 1
            return
        opening.day = opening.day or line.day
        self._hold(line)

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

    def _hold(self, line: LedgerLine) -> None:
        """Count a line into what the box held at the opening."""
        held = self.opening.funds.get(line.fund, ZERO)
        self.opening.funds[line.fund] = held + line.effect

    def _line(self, line: LedgerLine, meeting: int) -> None:
        is_shares = line.type is _T.SAVINGS_DEPOSIT and line.shares_count is not None
        if line.type in _OTHER and not is_shares:
            self.other.append(self._other_row(line, meeting))
            return
        if line.type not in _IN_CELLS and not is_shares:
            # What was counted says the differences.
            self.left_out[line.type.value] += line.type is not _T.CASH_DIFFERENCE
            return
        cell = self.cells[meeting, line.member_number or 0]
        if is_shares:
            cell.shares += line.shares_count or 0
        elif line.type is _T.SOCIAL_CONTRIBUTION:
            cell.social_fund += line.amount
        elif line.type is _T.FINE_PAYMENT:
            cell.fine_paid += line.amount
        elif line.type is _T.LOAN_DISBURSEMENT:
            self._loan(cell, line, meeting)
        else:
            cell.loan_repaid += line.amount

    def _loan(self, cell: MemberCell, line: LedgerLine, meeting: int) -> None:
        loan = self._loans[line.loan_id or 0]
        if cell.loan:
            self.other.append(
                OtherRow(
                    meeting=meeting,
                    member=line.member_number,
                    type=OtherType.LOAN_DISBURSEMENT,
                    fund=line.fund.value,
                    amount=line.amount,
                    description=loan.loan_purpose or "",
                    detail=str(loan.term_months),
                )
            )
            return
        guarantors = []
        if loan.guarantor_member_id is not None:
            guarantors.append(self._numbers[loan.guarantor_member_id])
            names = (loan.collateral_description or "").split(", ")
            guarantors += [self._by_name[name] for name in names if name in self._by_name]
        cell.loan = {
            "loan_taken": line.amount,
            "loan_months": loan.term_months,
            "loan_purpose": loan.loan_purpose or "",
            "loan_guarantors": ", ".join(str(each) for each in guarantors),
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
        )

    def _correction(
        self,
        line: LedgerLine,
        lines: list[LedgerLine],
        at: int,
        numbers: Mapping[int, int],
        used: set[int],
    ) -> None:
        """Take a reversal, and what was entered in place of what it undid."""
        undone = next((each for each in lines if each.reference == line.reverses), None)
        if undone is None or undone.meeting_id is None or line.meeting_id is None:
            self.left_out["corrections"] += 1
            return
        right = next(
            (
                each
                for each in lines[at + 1 :]
                if each.meeting_id == line.meeting_id
                and each.is_correction
                and not each.is_reversal
                and each.member_id == line.member_id
                and each.type is line.type
                and each.transaction_id not in used
            ),
            None,
        )
        if right is not None:
            used.add(right.transaction_id)
        self.other.append(
            OtherRow(
                meeting=numbers[line.meeting_id],
                member=line.member_number,
                type=OtherType.REVERSAL if right is None else OtherType.CORRECTION,
                fund=line.fund.value,
                amount=line.amount,
                description=line.reason,
                detail=line.type.value,
                of_meeting=numbers[undone.meeting_id],
                right_amount=None if right is None else right.amount,
            )
        )
