"""What members' rows add up to by the end of a day: a fixed number of SELECTs for many groups."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, cast

from sqlalchemy import Table, and_, bindparam, case, func, select

from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import Fund, PostingType
from vsla_desktop.models import MemberAchievement, MemberBadge
from vsla_desktop.queries.activities import PARTS
from vsla_desktop.queries.iga import IGA_PARTS, IGA_RETURNS, IS_PAID
from vsla_desktop.queries.loan_ledger import loans_on
from vsla_desktop.queries.loans import GIVEN, LoanState, loans_by_id
from vsla_desktop.queries.marks import counted_until
from vsla_desktop.queries.savings_ledger import FUND
from vsla_desktop.queries.share_out import COUNTS, KIND, NET
from vsla_desktop.queries.shares import IS_COUNTED, SHARES
from vsla_desktop.queries.tables import (
    ACCOUNTS,
    ACTIVITIES,
    FINES,
    GROUP_SAVING_TYPES,
    LEDGER,
    LOANS,
    MEETINGS,
    MEMBERS,
    SAVING_TYPES,
    SAVINGS,
)

if TYPE_CHECKING:
    from sqlalchemy import BindParameter, Select
    from sqlalchemy.orm import Session

ACHIEVED: Final = cast("Table", MemberAchievement.__table__)
BADGES: Final = cast("Table", MemberBadge.__table__)


@dataclass(frozen=True, slots=True)
class SavedIn:
    """What lies on accounts of one kind of saving, and the purse in which it lies."""

    kind: str
    kind_name: str
    fund: Fund
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What can be added up of members. Loans as they stood; what is late was due before the day.

    ``came`` counts meetings in the room, ``late`` those of them to which a member came late;
    ``discussed``, ``saved`` and ``voted`` meetings at which she did so; ``activities`` the votes,
    trainings and discussions in which she took part.
    """

    savings: tuple[SavedIn, ...] = ()
    shares: int = 0
    social: Decimal = ZERO
    loans: int = 0
    loans_given: Decimal = ZERO
    loans_running: int = 0
    loans_outstanding: Decimal = ZERO
    loans_late: int = 0
    loans_overdue: Decimal = ZERO
    charges_paid: Decimal = ZERO
    fines: int = 0
    fines_charged: Decimal = ZERO
    fines_paid: Decimal = ZERO
    fines_open: Decimal = ZERO
    meetings: int = 0
    came: int = 0
    late: int = 0
    discussed: int = 0
    saved: int = 0
    voted: int = 0
    activities: int = 0
    igas: int = 0
    iga_invested: Decimal = ZERO
    iga_returned: Decimal = ZERO
    achievements: int = 0
    points: int = 0
    badges: int = 0

    @property
    def saved_in_all(self) -> Decimal:
        """All kinds of saving together."""
        return sum((each.amount for each in self.savings), ZERO)

    def saved_in(self, kind: str, fund: Fund) -> Decimal:
        """Return what lies on accounts of a kind in a purse."""
        found = (each.amount for each in self.savings if (each.kind, each.fund) == (kind, fund))
        return sum(found, ZERO)

    @property
    def attendance(self) -> Decimal | None:
        """Meetings in the room / meetings called, as a fraction; None before the first."""
        return Decimal(self.came) / self.meetings if self.meetings else None


_NUMBERS: Final = tuple(each.name for each in fields(Totals) if each.name != "savings")
_numbers: Final = attrgetter(*_NUMBERS)


def added(of: Iterable[Totals]) -> Totals:
    """Add up what several members come to."""
    each = tuple(of)
    if not each:
        return Totals()
    savings: dict[tuple[str, str, Fund], Decimal] = defaultdict(Decimal)
    for totals in each:
        for held in totals.savings:
            savings[held.kind, held.kind_name, held.fund] += held.amount
    sums: Any = map(sum, zip(*map(_numbers, each), strict=True))
    return Totals(
        savings=tuple(SavedIn(*key, held) for key, held in savings.items()),
        **dict(zip(_NUMBERS, sums, strict=True)),
    )


def totals_of_members(session: Session, group_ids: list[int], on: date) -> dict[int, Totals]:
    """Return what each member of some groups comes to by the end of a day, by member id."""
    parts: dict[int, dict[str, Any]] = defaultdict(dict)
    wanted = {"groups": group_ids, "on_day": on}
    connection = session.connection()
    savings: dict[int, list[SavedIn]] = defaultdict(list)
    for row in connection.execute(_SAVED, wanted):
        if row.amount:
            held = SavedIn(row.code, row.name, Fund(row.fund), row.amount)
            savings[row.member_id].append(held)
        own = parts[row.member_id]
        own["shares"] = own.get("shares", 0) + int(row.shares or 0)
    for statement in (_SOCIAL, _FINES, _CAME, _ACTIVITIES, _IGA, _RETURNED, _ACHIEVED, _WORN):
        for each in connection.execute(statement, wanted).mappings():
            parts[each["member_id"]] |= {
                name: value for name, value in each.items() if value and name != "member_id"
            }
    for member_id, loans in _loans(session, wanted, on).items():
        parts[member_id] |= _loan_totals(loans, on)
    ids = connection.scalars(select(MEMBERS.c.id).where(MEMBERS.c.group_id.in_(group_ids)))
    return {each: Totals(savings=tuple(savings[each]), **parts[each]) for each in ids}


def _loans(session: Session, wanted: Mapping[str, Any], on: date) -> dict[int, list[LoanState]]:
    ids = session.connection().scalars(_LOANS, wanted).all()
    found: dict[int, list[LoanState]] = defaultdict(list)
    for loan in loans_on(session, loans_by_id(session, ids), on):
        found[loan.member_id].append(loan)
    return found


def _loan_totals(loans: list[LoanState], on: date) -> dict[str, Any]:
    running = [loan for loan in loans if loan.is_out]
    overdue = [loan.overdue(on) for loan in running]
    return {
        "loans": len(loans),
        "loans_given": sum((loan.principal for loan in loans), ZERO),
        "loans_running": len(running),
        "loans_outstanding": sum((loan.principal_owed for loan in running), ZERO),
        "loans_late": sum(each > 0 for each in overdue),
        "loans_overdue": sum(overdue, ZERO),
        "charges_paid": sum((loan.charge_paid for loan in loans), ZERO),
    }


# --- statements: each gives a member's parts by their names ------------------------------------

_OF_GROUPS = MEMBERS.c.group_id.in_(bindparam("groups", expanding=True))
_ON: BindParameter[date] = bindparam("on_day")
_MONEY = LEDGER.c.amount.type


def _by_member(table: Any, *columns: Any, where: Any = None) -> Select[Any]:
    """Return a statement that adds up the rows of a table by member."""
    statement = (
        select(table.c.member_id, *columns)
        .select_from(table.join(MEMBERS, MEMBERS.c.id == table.c.member_id))
        .where(_OF_GROUPS)
        .group_by(table.c.member_id)
    )
    return statement if where is None else statement.where(where)


def _times(flag: Any, name: str) -> Any:
    return func.sum(case((flag, 1), else_=0)).label(name)


_SAVED = (
    select(
        ACCOUNTS.c.member_id,
        SAVING_TYPES.c.code,
        SAVING_TYPES.c.name,
        FUND.label("fund"),
        func.sum(SHARES * SAVINGS.c.amount, type_=_MONEY).label("amount"),
        func.sum(SHARES * SAVINGS.c.shares_count).label("shares"),
    )
    .select_from(
        SAVINGS.join(ACCOUNTS, ACCOUNTS.c.id == SAVINGS.c.member_saving_id)
        .join(MEMBERS, MEMBERS.c.id == ACCOUNTS.c.member_id)
        .join(SAVING_TYPES, SAVING_TYPES.c.id == ACCOUNTS.c.saving_type_id)
        .outerjoin(LEDGER, LEDGER.c.id == SAVINGS.c.group_transaction_id)
        .outerjoin(
            GROUP_SAVING_TYPES,
            and_(
                GROUP_SAVING_TYPES.c.group_id == MEMBERS.c.group_id,
                GROUP_SAVING_TYPES.c.saving_type_id == ACCOUNTS.c.saving_type_id,
            ),
        )
    )
    .where(_OF_GROUPS, IS_COUNTED, SAVINGS.c.transaction_date <= _ON)
    .group_by(
        ACCOUNTS.c.member_id, SAVING_TYPES.c.id, SAVING_TYPES.c.code, SAVING_TYPES.c.name, FUND
    )
    .order_by(SAVING_TYPES.c.id)
)
_SOCIAL = _by_member(
    LEDGER,
    NET.label("social"),
    where=and_(
        KIND.in_((PostingType.SOCIAL_CONTRIBUTION.value,)),
        COUNTS,
        LEDGER.c.transaction_date <= _ON,
    ),
)
_PAID_OF_FINE = (
    select(NET)
    .where(
        LEDGER.c.fine_id == FINES.c.id,
        KIND.in_((PostingType.FINE_PAYMENT.value,)),
        COUNTS,
        LEDGER.c.transaction_date > _ON,
    )
    .correlate(FINES)
    .scalar_subquery()
)
_PAID_THEN = func.coalesce(FINES.c.paid_amount, 0) - func.coalesce(_PAID_OF_FINE, 0)
_IS_OPEN = func.coalesce(FINES.c.waived_date > _ON, True)
_FINES = _by_member(
    FINES,
    func.count().label("fines"),
    func.sum(FINES.c.amount, type_=_MONEY).label("fines_charged"),
    func.sum(_PAID_THEN, type_=_MONEY).label("fines_paid"),
    func.sum(FINES.c.amount - _PAID_THEN, type_=_MONEY).filter(_IS_OPEN).label("fines_open"),
    where=FINES.c.fine_date <= _ON,
)
_marks = counted_until(_ON)
_CAME = _by_member(
    _marks,
    func.count().label("meetings"),
    _times(_marks.c.is_present, "came"),
    _times(_marks.c.attendance_status == "LATE", "late"),
    _times(_marks.c.participated_in_discussions, "discussed"),
    _times(_marks.c.contributed_to_savings, "saved"),
    _times(_marks.c.voted_on_decisions, "voted"),
    where=_marks.c.meeting_date <= _ON,
)
_HELD = (
    select(ACTIVITIES.c.id)
    .join(MEETINGS, MEETINGS.c.id == ACTIVITIES.c.meeting_id)
    .where(MEETINGS.c.meeting_date <= _ON)
)
_ACTIVITIES = _by_member(
    PARTS,
    func.count().label("activities"),
    where=and_(PARTS.c.is_present, PARTS.c.activity_id.in_(_HELD)),
)
_IGA = _by_member(
    IGA_PARTS,
    func.count().label("igas"),
    func.sum(IGA_PARTS.c.investment_amount, type_=_MONEY).label("iga_invested"),
    where=IGA_PARTS.c.joined_date <= _ON,
)
_RETURNED = _by_member(
    IGA_RETURNS,
    func.sum(IGA_RETURNS.c.return_amount, type_=_MONEY).label("iga_returned"),
    where=and_(IS_PAID, IGA_RETURNS.c.distribution_date <= _ON),
)
_ACHIEVED = _by_member(
    ACHIEVED,
    func.count().label("achievements"),
    func.sum(ACHIEVED.c.points_earned).label("points"),
    where=ACHIEVED.c.awarded_date <= _ON,
)
_WORN = _by_member(BADGES, func.count().label("badges"), where=BADGES.c.awarded_date <= _ON)
_LOANS = (
    select(LOANS.c.id)
    .join(MEMBERS, MEMBERS.c.id == LOANS.c.member_id)
    .where(
        _OF_GROUPS,
        LOANS.c.status.in_(GIVEN),
        func.coalesce(LOANS.c.disbursement_date, LOANS.c.application_date) <= _ON,
    )
    .order_by(LOANS.c.id)
)
