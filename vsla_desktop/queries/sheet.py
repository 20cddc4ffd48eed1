"""The meeting sheet: all that it shows, in a fixed number of SELECTs however many members."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, or_, select

from vsla_desktop.domain.meeting import AttendanceStatus
from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import Fund, PostingType
from vsla_desktop.domain.rules import GroupRules
from vsla_desktop.queries.advances import advances_owed, is_let_off
from vsla_desktop.queries.cells import REPAYMENT_PARTS
from vsla_desktop.queries.lines import LedgerLine, meeting_lines
from vsla_desktop.queries.loans import (
    OUT,
    LoanState,
    guarantors_of,
    loans_by_id,
    loans_of_group,
)
from vsla_desktop.queries.mobile_money import waiting_by_member
from vsla_desktop.queries.pages import Page, meeting_page
from vsla_desktop.queries.purses import SheetPurse, meeting_purses
from vsla_desktop.queries.rules import rules_on
from vsla_desktop.queries.saving_types import saving_types_on
from vsla_desktop.queries.tables import (
    ATTENDANCE,
    FINES,
    GROUPS,
    MEETINGS,
    MEMBERS,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.orm import Session

SHARES = "PERSONAL"


@dataclass(frozen=True, slots=True)
class SavingColumn:
    """A kind of saving that the group uses beside shares: a column of the sheet."""

    code: str
    name: str
    fund: Fund


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One member's row. What was received is cash of this meeting; ``pending`` waits beside it.

    ``shares_before`` are the shares held without this meeting's, ``caught_up`` those of them that
    were caught up at this meeting, beside its own ``shares``. ``loan_settles`` clears all loans
    today; ``loan_due`` is what should be paid by today, late instalments and penalty included.
    """

    member_id: int
    number: int
    name: str
    is_active: bool
    attendance: AttendanceStatus | None
    excuse: str
    represented_by: str
    social_due: Decimal
    social_paid: Decimal
    shares: int
    shares_before: int
    caught_up: int
    savings: tuple[tuple[str, Decimal], ...]
    fines_charged: Decimal
    fines_owed: Decimal
    fines_paid: Decimal
    loan_settles: Decimal
    loan_due: Decimal
    loan_repaid: Decimal
    loan_taken: Decimal
    loan_periods: int | None
    loan_purpose: str
    loan_guarantors: tuple[int, ...]
    grant: Decimal
    advance: Decimal
    advance_repaid: Decimal
    advance_owed: Decimal
    pending: Decimal

    @property
    def bought(self) -> int:
        """All shares that were bought for cash: those of this meeting, and of earlier ones."""
        return self.shares + self.caught_up

    def saved(self, code: str) -> Decimal:
        """Return what was saved of one kind other than shares."""
        return dict(self.savings).get(code, ZERO)


@dataclass(frozen=True, slots=True)
class MeetingSheet:
    """One meeting as its sheet shows it. ``others`` are entries that belong to no member.

    ``place`` and ``purpose`` are empty unless somebody wrote them down.
    """

    meeting_id: int
    group_id: int
    group_code: str
    group_name: str
    currency: str
    number: int
    day: date
    kind: str
    is_open: bool
    meetings_merged: int
    cycle_end: date | None
    rules: GroupRules
    saving_columns: tuple[SavingColumn, ...]
    rows: tuple[SheetRow, ...]
    purses: tuple[SheetPurse, ...]
    others: tuple[LedgerLine, ...]
    quorum_required: int
    minutes: str
    decisions: str
    action_items: str
    seal: str
    place: str = ""
    purpose: str = ""

    @property
    def most_shares(self) -> int:
        """The most shares that a member may buy at this meeting."""
        return self.rules.max_shares_per_meeting * self.meetings_merged

    @property
    def present_count(self) -> int:
        """How many members are in the room."""
        return sum(row.attendance is not None and row.attendance.is_present for row in self.rows)

    @property
    def unmarked_count(self) -> int:
        """How many active members still wait to be called."""
        return sum(row.attendance is None and row.is_active for row in self.rows)

    def purse(self, fund: Fund) -> SheetPurse:
        """Return one purse; an empty one when the group does not use it."""
        empty = SheetPurse(fund, ZERO, ZERO, None, None, None)
        return next((purse for purse in self.purses if purse.fund is fund), empty)


_MEETING = (
    select(MEETINGS, GROUPS.c.name.label("group_name"))
    .select_from(MEETINGS.join(GROUPS, GROUPS.c.id == MEETINGS.c.group_id))
    .where(MEETINGS.c.id == bindparam("meeting"))
)
_MEMBERS = (
    select(
        MEMBERS.c.id,
        MEMBERS.c.member_number,
        MEMBERS.c.first_name,
        MEMBERS.c.last_name,
        MEMBERS.c.is_active,
        MEMBERS.c.status,
        MEMBERS.c.joined_date,
        MEMBERS.c.share_balance,
    )
    .where(MEMBERS.c.group_id == bindparam("of_group"))
    .order_by(MEMBERS.c.member_number, MEMBERS.c.id)
)
_ROLL = select(
    ATTENDANCE.c.member_id,
    ATTENDANCE.c.attendance_status,
    ATTENDANCE.c.is_present,
    ATTENDANCE.c.excuse_reason,
    ATTENDANCE.c.represented_by,
).where(ATTENDANCE.c.meeting_id == bindparam("meeting"))
_FINES = (
    select(
        FINES.c.member_id,
        func.sum(FINES.c.amount, type_=FINES.c.amount.type).filter(
            FINES.c.meeting_id == bindparam("meeting")
        ),
        func.sum(FINES.c.amount - FINES.c.paid_amount, type_=FINES.c.amount.type),
    )
    .select_from(FINES.join(MEMBERS, MEMBERS.c.id == FINES.c.member_id))
    .where(
        MEMBERS.c.group_id == bindparam("of_group"),
        FINES.c.waived_date.is_(None),
        or_(FINES.c.meeting_id == bindparam("meeting"), FINES.c.is_paid.is_not(True)),
    )
    .group_by(FINES.c.member_id)
)


def meeting_sheet(session: Session, meeting_id: int) -> MeetingSheet:
    """Return a meeting as its sheet shows it; raise RuleBroken when there is none."""
    page = meeting_page(session, meeting_id)
    rules = rules_on(session, page)
    connection = session.connection()
    wanted = {"meeting": meeting_id, "of_group": page.group_id}
    meeting = connection.execute(_MEETING, {"meeting": meeting_id}).one()
    lines = meeting_lines(session, meeting_id)
    kinds = tuple(
        SavingColumn(line.rule.code, line.name, line.rule.fund)
        for line in saving_types_on(session, page)
        if line.rule.is_used and line.rule.has_own_limits
    )
    return MeetingSheet(
        meeting_id=meeting_id,
        group_id=page.group_id,
        group_code=page.group_code,
        group_name=meeting.group_name,
        currency=page.currency_code,
        number=meeting.meeting_number,
        day=page.day,
        kind=meeting.meeting_type or "REGULAR",
        is_open=page.is_open,
        meetings_merged=meeting.meetings_merged,
        cycle_end=page.cycle_end,
        rules=rules,
        saving_columns=kinds,
        rows=_rows(session, page, rules, lines, wanted),
        purses=meeting_purses(session, page, meeting),
        others=tuple(line for line in lines if line.member_id is None),
        quorum_required=meeting.quorum_required or 0,
        minutes=meeting.minutes or "",
        decisions=meeting.decisions_made or "",
        action_items=meeting.action_items or "",
        place=meeting.location or "",
        purpose=meeting.agenda or "",
        seal=meeting.seal or "",
    )


def _rows(
    session: Session,
    page: Page,
    rules: GroupRules,
    lines: Iterable[LedgerLine],
    wanted: dict[str, Any],
) -> tuple[SheetRow, ...]:
    connection = session.connection()
    roll = {row.member_id: row for row in connection.execute(_ROLL, wanted)}
    fines = {row[0]: row for row in connection.execute(_FINES, wanted)}
    advances = advances_owed(session, page.group_id)
    waiting = waiting_by_member(session, page.group_id) if page.is_open else {}
    loans: dict[int, list[LoanState]] = defaultdict(list)
    for loan in _loans(session, page, lines):
        loans[loan.member_id].append(loan)
    entries: dict[int, list[LedgerLine]] = defaultdict(list)
    for line in lines:
        if line.member_id is not None:
            entries[line.member_id].append(line)
    members = connection.execute(_MEMBERS, {"of_group": page.group_id}).all()
    people = [(each.id, _name(each)) for each in members]
    rows = []
    for member in members:
        is_active = (
            member.is_active is not False
            and (member.status or "ACTIVE") == "ACTIVE"
            and (member.joined_date is None or member.joined_date <= page.day)
        )
        if is_active or any(member.id in each for each in (roll, entries, loans, waiting)):
            rows.append(
                _row(
                    page,
                    rules,
                    member,
                    is_active=is_active,
                    mark=roll.get(member.id),
                    fine=fines.get(member.id),
                    advance_owed=advances.get(member.id, ZERO),
                    loans=loans[member.id],
                    people=people,
                    entries=entries[member.id],
                    waiting=waiting.get(member.id, ZERO),
                )
            )
    return tuple(rows)


def _loans(session: Session, page: Page, lines: Iterable[LedgerLine]) -> list[LoanState]:
    """The loans that are out, and those given at the meeting that are paid back since.

    However many loans were paid back over the years, none of them is read.
    """
    out = loans_of_group(session, page.group_id, statuses=OUT)
    given = {
        line.loan_id
        for line in lines
        if line.type is PostingType.LOAN_DISBURSEMENT and line.loan_id is not None
    }
    others = loans_by_id(session, given - {loan.loan_id for loan in out}).values()
    return [*out, *(loan for loan in others if loan.status == "COMPLETED")]


def _row(  # noqa: PLR0913 - what a row is put together from
    page: Page,
    rules: GroupRules,
    member: Any,
    *,
    is_active: bool,
    mark: Any,
    fine: Any,
    advance_owed: Decimal,
    loans: list[LoanState],
    people: list[tuple[int, str]],
    entries: list[LedgerLine],
    waiting: Decimal,
) -> SheetRow:
    cash: dict[PostingType, Decimal] = defaultdict(Decimal)
    savings: dict[str, Decimal] = defaultdict(Decimal)
    shares, caught_up, pending, shares_here = 0, 0, waiting, 0
    for line in entries:
        if line.is_pending:
            pending += line.amount
            continue
        sign = -1 if line.is_reversal else 1
        # What was paid back or out has a kind of saving as well, and was not received. Shares that
        # were caught up are held already when she buys those of the meeting.
        is_saved = line.type is PostingType.SAVINGS_DEPOSIT
        is_caught_up = is_saved and line.activity_id is not None
        shares_here += sign * (line.shares_count or 0) if is_saved and not is_caught_up else 0
        is_cash = not (line.is_mobile_money or is_let_off(line.type, line.activity_id))
        if line.is_correction or not is_cash:
            continue
        cash[line.type] += line.amount
        if not is_saved:
            continue
        if is_caught_up:
            caught_up += line.shares_count or 0
        elif line.saving_code == SHARES:
            shares += line.shares_count or 0
        elif line.saving_code:
            savings[line.saving_code] += line.amount
    held = int((member.share_balance or ZERO) // rules.share_value) if rules.share_value else 0
    taken = next((loan for loan in loans if loan.meeting_id == page.meeting_id), None)
    status = mark.attendance_status if mark is not None else None
    if mark is not None and status is None:  # another program only says present or not
        status = AttendanceStatus.PRESENT if mark.is_present else AttendanceStatus.ABSENT
    return SheetRow(
        member_id=member.id,
        number=member.member_number or 0,
        name=_name(member),
        is_active=is_active,
        attendance=None if status is None else AttendanceStatus(status),
        excuse=(mark.excuse_reason or "") if mark is not None else "",
        represented_by=(mark.represented_by or "") if mark is not None else "",
        social_due=rules.social_fund_contribution * page.meetings_merged,
        social_paid=cash[PostingType.SOCIAL_CONTRIBUTION],
        shares=shares,
        shares_before=held - shares_here,
        caught_up=caught_up,
        savings=tuple(sorted(savings.items())),
        fines_charged=(fine[1] or ZERO) if fine is not None else ZERO,
        fines_owed=(fine[2] or ZERO) if fine is not None else ZERO,
        fines_paid=cash[PostingType.FINE_PAYMENT],
        loan_settles=sum((loan.settles(page.day) for loan in loans), ZERO),
        loan_due=sum((loan.due(page.day) for loan in loans), ZERO),
        loan_repaid=sum((cash[kind] for kind in REPAYMENT_PARTS), ZERO),
        loan_taken=cash[PostingType.LOAN_DISBURSEMENT],
        loan_periods=taken.periods if taken else None,
        loan_purpose=taken.purpose if taken else "",
        loan_guarantors=(
            guarantors_of(taken.guarantor_id, taken.other_guarantors, people) if taken else ()
        ),
        grant=cash[PostingType.SOCIAL_GRANT],
        advance=cash[PostingType.SOCIAL_ADVANCE],
        advance_repaid=cash[PostingType.SOCIAL_ADVANCE_REPAYMENT],
        advance_owed=advance_owed,
        pending=pending,
    )


def _name(member: Any) -> str:
    return f"{member.first_name} {member.last_name}".strip()
