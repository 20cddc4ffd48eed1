"""What stands for several lines of the ledger at once, as one row of the sheet Other.

A leaver's account, shares that were caught up, a payment by telephone and a share-out each move
money in several lines; the service that wrote them writes them again from one row.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from vsla_desktop.domain.kinds import ExpenseKind
from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import PostingType
from vsla_desktop.queries.advances import LET_OFF
from vsla_desktop.queries.mobile_money import PENDING, REJECTED, VERIFIED, Purpose
from vsla_desktop.queries.tables import (
    ATTENDANCE,
    LEDGER,
    MEMBERS,
    PHONE_PAYMENTS,
    PHONE_VERIFICATIONS,
)
from vsla_desktop.services import leaving
from vsla_desktop.services.joining import CATCH_UP
from vsla_desktop.services.loan_changes import TOPPED_UP
from vsla_desktop.services.postings import WORDS
from vsla_desktop.services.workbook.books import OtherRow
from vsla_desktop.services.workbook.layout import OtherType

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from vsla_desktop.queries.lines import LedgerLine
    from vsla_desktop.services.workbook.exported_changes import ExportedChanges

_T = PostingType
PAYS_DEBTS = frozenset(
    {
        _T.LOAN_PENALTY,
        _T.LOAN_CHARGE,
        _T.LOAN_REPAYMENT,
        _T.FINE_PAYMENT,
        _T.SOCIAL_ADVANCE_REPAYMENT,
    }
)
"""What a member's debts are paid with."""

_MORE = select(
    LEDGER.c.id,
    LEDGER.c.activity_id,
    LEDGER.c.lender,
    LEDGER.c.due_date,
    LEDGER.c.charge_amount,
    LEDGER.c.category,
    LEDGER.c.mobile_money_reference,
    LEDGER.c.description,
    LEDGER.c.reversed_type,
).where(LEDGER.c.group_id == bindparam("of_group"))
_LEAVERS = select(
    MEMBERS.c.id, MEMBERS.c.left_date, MEMBERS.c.leaving_amount, MEMBERS.c.leaving_reason
).where(MEMBERS.c.group_id == bindparam("of_group"), MEMBERS.c.leaving_amount.is_not(None))
_MARKED = (
    select(ATTENDANCE.c.meeting_id)
    .where(
        ATTENDANCE.c.member_id == bindparam("member"),
        ATTENDANCE.c.meeting_date == bindparam("on"),
    )
    .order_by(ATTENDANCE.c.id)
)
_PHONE = (
    select(PHONE_PAYMENTS, PHONE_VERIFICATIONS.c.verification_notes)
    .select_from(
        PHONE_PAYMENTS.outerjoin(
            PHONE_VERIFICATIONS, PHONE_VERIFICATIONS.c.payment_id == PHONE_PAYMENTS.c.id
        )
    )
    .where(PHONE_PAYMENTS.c.group_id == bindparam("of_group"))
    .order_by(PHONE_PAYMENTS.c.payment_date, PHONE_PAYMENTS.c.id)
)


@dataclass(frozen=True, slots=True)
class MeetingDays:
    """The meetings of the cycle: the number of each, and its day."""

    numbers: Mapping[int, int]
    days: Mapping[int, date]

    def last_on(self, day: date | None) -> int | None:
        """Return the last meeting that was held on a day."""
        held = [meeting for meeting in self.numbers if self.days.get(meeting) == day]
        return held[-1] if held else None


@dataclass(slots=True)
class ExportedEvents:
    """The rows that stand for several lines; ``taken`` are those lines, by their ids.

    ``leaving`` says at which meeting which member left, both by number.
    """

    session: Session
    group_id: int
    lines: Sequence[LedgerLine]
    meetings: MeetingDays
    members: Mapping[int, int]
    changes: ExportedChanges
    taken: set[int] = field(default_factory=set)
    leaving: set[tuple[int, int]] = field(default_factory=set)
    left_out: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    more: dict[int, Any] = field(init=False)
    _at: dict[int, OtherRow] = field(default_factory=dict)
    _last: list[OtherRow] = field(default_factory=list)

    def __post_init__(self) -> None:
        wanted = {"of_group": self.group_id}
        self.more = {row.id: row for row in self.session.connection().execute(_MORE, wanted)}
        self._find_leavers()
        self._find_catch_ups()
        self._find_let_off()
        self._find_phone()

    # --- one line -------------------------------------------------------------------------------

    def row(self, line: LedgerLine) -> Iterator[OtherRow]:
        """Yield the rows that stand for a line, and mark it as taken; nothing for a plain one."""
        event = self._at.get(line.transaction_id)
        if event is not None:
            yield event
            return
        if line.transaction_id in self.taken or line.meeting_id is None or line.is_reversal:
            return
        more = self.more[line.transaction_id]
        yield from self._of_loan(line, more)
        found = self._of_outside(line, more)
        if found is not None:
            self.taken.add(line.transaction_id)
            yield found

    def _of_loan(self, line: LedgerLine, more: Any) -> Iterator[OtherRow]:
        found = None
        place = self.changes.place(line.loan_id)
        is_on_top = self.changes.name(more.activity_id) == TOPPED_UP and not line.is_correction
        if line.type is _T.LOAN_DISBURSEMENT and is_on_top:
            yield from self.changes.spread(loan_id=line.loan_id, until=more.activity_id)
            found = self.changes.topped_up(line, more.activity_id)
        elif line.type is _T.LOAN_WRITE_OFF and more.activity_id is not None:
            yield from self.changes.spread(loan_id=line.loan_id, until=more.activity_id)
            found = self.changes.written_off(line, more.activity_id)
        elif line.type is _T.OTHER_INCOME and line.loan_id is not None:
            if place is None:
                self.left_out["recovered"] += 1
                return
            found = OtherRow(
                meeting=self._number(line),
                member=self._borrower(line.loan_id),
                type=OtherType.LOAN_RECOVERED.value,
                amount=line.amount,
                loan=place,
            )
        if found is not None:
            self.taken.add(line.transaction_id)
            yield found

    def _of_outside(self, line: LedgerLine, more: Any) -> OtherRow | None:
        held_in = "BANK" if line.bank else ""
        if line.type is _T.EXTERNAL_LOAN_OUT and line.member_id is not None:
            return OtherRow(
                meeting=self._number(line),
                member=line.member_number,
                type=OtherType.LEAVER_PAID.value,
                amount=line.amount,
            )
        is_charge = (
            line.type is _T.EXPENSE
            and more.category == ExpenseKind.LOAN_CHARGE.value
            and more.lender in self._lenders()
        )
        if line.type is _T.EXTERNAL_LOAN_IN and line.member_id is None and more.lender:
            return OtherRow(
                meeting=self._number(line),
                type=OtherType.EXTERNAL_LOAN_IN.value,
                amount=line.amount,
                description=more.lender,
                charge=more.charge_amount,
                day=more.due_date,
                held_in=held_in,
            )
        if is_charge or (line.type is _T.EXTERNAL_LOAN_OUT and line.member_id is None):
            return OtherRow(
                meeting=self._number(line),
                type=OtherType.EXTERNAL_LOAN_OUT.value,
                amount=line.amount,
                # A lender of an earlier cycle is a debt without a name in the opening.
                description=more.lender if more.lender in self._lenders() else "",
                detail="CHARGE" if is_charge else "",
                held_in=held_in,
            )
        return None

    def _lenders(self) -> set[str]:
        return {
            self.more[line.transaction_id].lender
            for line in self.lines
            if line.type is _T.EXTERNAL_LOAN_IN and line.meeting_id is not None
        } - {None}

    def _borrower(self, loan_id: int) -> int | None:
        member_id = self.changes.borrower(loan_id)
        return None if member_id is None else self.members.get(member_id)

    def _number(self, line: LedgerLine) -> int:
        return self.meetings.numbers[line.meeting_id or 0]

    # --- leavers and joiners --------------------------------------------------------------------

    def _find_leavers(self) -> None:
        for leaver in self.session.connection().execute(_LEAVERS, {"of_group": self.group_id}):
            meeting = self._left_at(leaver)
            if meeting is not None:
                self._find_leaver(leaver, meeting)

    def _left_at(self, leaver: Any) -> int | None:
        """Return the meeting at which a member was paid out: that of her last line of the day.

        Who had no line was last there when the roll was called.
        """
        lines = [
            line.meeting_id
            for line in self.lines
            if line.member_id == leaver.id and line.day == leaver.left_date
        ]
        wanted = {"member": leaver.id, "on": leaver.left_date}
        lines = lines or list(self.session.connection().execute(_MARKED, wanted).scalars())
        here = [each for each in lines if each in self.meetings.numbers]
        return here[-1] if here else self.meetings.last_on(leaver.left_date)

    def _find_leaver(self, leaver: Any, meeting: int) -> None:
        own = [
            line
            for line in self.lines
            if line.meeting_id == meeting and line.member_id == leaver.id and not line.is_reversal
        ]
        given_up = [
            line
            for line in self.lines
            if line.meeting_id == meeting and line.description == leaving.GIVEN_UP
        ]
        payout = [line for line in own if line.type is _T.LEAVER_PAYOUT]
        others: dict[str, LedgerLine] = {}
        for line in own:
            # What she took out before she left has other words.
            if line.type is _T.SAVINGS_WITHDRAWAL and line.description == WORDS[line.type]:
                others[line.saving_code] = line
        owed = [line for line in own if line.type is _T.EXTERNAL_LOAN_IN]
        for_shares = sum((line.amount for line in payout), ZERO)
        holdings = for_shares + sum((line.amount for line in others.values()), ZERO)
        settled = backwards(
            [line for line in own if line.type in PAYS_DEBTS], holdings - leaver.leaving_amount
        )
        mine = [line for line in given_up if line.member_id == leaver.id]
        if mine:
            at = given_up.index(mine[0])
            mine = given_up[max(at - 1, 0) : at + 1]
        of_it = [*settled, *owed, *payout, *others.values(), *mine]
        still = sum((line.amount for line in owed), ZERO)
        row = OtherRow(
            meeting=self.meetings.numbers[meeting],
            member=self.members[leaver.id],
            type=OtherType.LEAVER_PAYOUT.value,
            amount=leaver.leaving_amount - still,
            detail=leaver.leaving_reason or "",
            right_amount=for_shares,
            rest=still or None,
        )
        self.leaving.add((self.meetings.numbers[meeting], self.members[leaver.id]))
        self._take(of_it, row)

    def _find_catch_ups(self) -> None:
        for _activity, lines in self._by_activity(CATCH_UP):
            shares = next((line for line in lines if line.shares_count), None)
            if shares is None or shares.meeting_id not in self.meetings.numbers:
                continue
            row = OtherRow(
                meeting=self._number(shares),
                member=shares.member_number,
                type=OtherType.CATCH_UP_SHARES.value,
                amount=sum((line.amount for line in lines), ZERO),
                detail=str(shares.shares_count),
            )
            self._take(lines, row)

    def _find_let_off(self) -> None:
        for activity, lines in self._by_activity(LET_OFF):
            grant = next(line for line in lines if line.type is _T.SOCIAL_GRANT)
            self._take(lines, self.changes.let_off(grant, activity))

    def _by_activity(self, name: str) -> Iterable[tuple[int, list[LedgerLine]]]:
        """Return the lines that the activities of a name wrote, together."""
        found: dict[int, list[LedgerLine]] = defaultdict(list)
        for line in self.lines:
            activity = self.more[line.transaction_id].activity_id
            is_plain = not line.is_reversal and not line.is_correction
            if is_plain and self.changes.name(activity) == name:
                found[activity].append(line)
        return found.items()

    def _take(self, lines: Sequence[LedgerLine], row: OtherRow) -> None:
        """Let one row stand for lines: it stands where the last of them stood."""
        self.taken |= {line.transaction_id for line in lines}
        if lines:
            self._at[max(line.transaction_id for line in lines)] = row
        else:
            self._last.append(row)

    # --- money on the phone ---------------------------------------------------------------------

    def _find_phone(self) -> None:
        by_reference: dict[str, list[LedgerLine]] = defaultdict(list)
        for line in self.lines:
            reference = self.more[line.transaction_id].mobile_money_reference
            if reference and not line.is_reversal and not line.is_correction:
                by_reference[reference].append(line)
        purposes = set(Purpose)
        for paid in self.session.connection().execute(_PHONE, {"of_group": self.group_id}):
            lines = by_reference.get(paid.transaction_reference, [])
            is_held = paid.status == VERIFIED and paid.meeting_id in self.meetings.numbers
            is_open = paid.status in {PENDING, REJECTED}
            if paid.payment_purpose not in purposes or not (is_open or (is_held and lines)):
                self.left_out["phone"] += paid.status != VERIFIED or bool(lines)
                continue
            day = paid.payment_date.date()
            row = OtherRow(
                meeting=self.meetings.numbers[paid.meeting_id] if is_held else None,
                date=None if is_held else day,
                member=self.members[paid.member_id],
                type=(
                    OtherType.MOBILE_REJECTED if paid.status == REJECTED else OtherType.MOBILE_MONEY
                ).value,
                amount=paid.amount,
                description=paid.transaction_reference,
                detail=paid.payment_purpose,
                day=day if is_held else None,
                phone_number=paid.phone_number or "",
                note=(paid.verification_notes or "") if paid.status == REJECTED else "",
            )
            self._take(lines if is_held else [], row)

    def rest(self) -> Iterator[OtherRow]:
        """Yield the rows that stand for no line at all."""
        yield from self._last


def backwards(lines: Sequence[LedgerLine], total: Decimal) -> list[LedgerLine]:
    """Return the last lines that come to a total; none when they do not."""
    found: list[LedgerLine] = []
    left = total
    for line in reversed(lines):
        if left <= 0:
            break
        found.append(line)
        left -= line.amount
    return found if left == 0 else []
