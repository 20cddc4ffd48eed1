"""A group of five and its three meetings: small enough to work every figure out by hand.

A share costs 500, a contribution is 200; who is late pays 100, who is absent 300, disorder 250.

1. 5 January: all are there. Shares: Amina 5, Beatrice 3, Chantal 2, Daudi 4, Esther 1, together 15
   for 7,500. Each gives 200. Chantal saves 700 in the childcare fund, Amina 400 (300 were typed
   first). Beatrice is fined 250. Amina and Beatrice take part in a training.
2. 12 January: Beatrice is late (100), Chantal absent (300). Amina buys 2 shares and Daudi 1; both
   give 200. Beatrice pays 250. Esther saves 600 in the childcare fund. Daudi borrows 6,000 for
   three times four weeks at 10 % of what is still owed: 600, 400 and 200, with 2,000 each time, the
   first on 9 February. 150 go for paper, a gift of 500 comes, 1,000 go to the bank.
3. 23 February: all are there. Daudi, fourteen days late with 2,600, pays 1,000: 600 of charge and
   400. Amina borrows 1,500 for four weeks, charge 150. Esther is granted 300 at an illness, Chantal
   lent 500 from the social fund, and takes 200 out of the childcare fund. Esther's 600 were really
   500. Beatrice's 250 for the childcare fund came by telephone. The box cost 800 and is worth it.
   Chantal's fine is let off.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from tests.services.village import Village
from vsla_desktop.domain.fines import FineType
from vsla_desktop.domain.kinds import ExpenseKind, GrantEvent, IncomeKind
from vsla_desktop.domain.meeting import AttendanceStatus
from vsla_desktop.models import (
    Achievement,
    AchievementBadge,
    IgaCashflow,
    IgaMemberReturn,
    IgaParticipation,
    MemberAchievement,
    MemberBadge,
    SavingsGroupIga,
)
from vsla_desktop.queries.activities import ActivityKind
from vsla_desktop.queries.tables import FINES, GROUPS, LEDGER
from vsla_desktop.services import cells
from vsla_desktop.services.activities import add_activity, record_part
from vsla_desktop.services.attendance import record_attendance
from vsla_desktop.services.corrections import correct_entry
from vsla_desktop.services.expenses import deposit_at_bank, record_expense, record_income
from vsla_desktop.services.fines import waive_fine
from vsla_desktop.services.loans import LoanTerms
from vsla_desktop.services.members import Committee, MemberChange, change_member, elect_officers
from vsla_desktop.services.postings import VERIFIED, MobileMoney
from vsla_desktop.services.property import NewProperty, add_property
from vsla_desktop.services.savings import record_saving, withdraw_saving
from vsla_desktop.services.social import advance_social, grant_social

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.db import Database

D = Decimal
FIRST, SECOND, THIRD = date(2026, 1, 5), date(2026, 1, 12), date(2026, 2, 23)


def kept_book(database: Database, code: str = "TST-1", region: str = "Central") -> Village:
    """Form the group and let it meet three times; the third meeting is closed."""
    village = Village(database, code=code).form()
    amina, beatrice, chantal, daudi, _esther = village.members
    with village.at_work() as session:
        session.execute(update(GROUPS).where(GROUPS.c.id == village.group_id).values(region=region))
        change_member(session, daudi, MemberChange(gender="M"), clock=village.clock)
        officers = Committee(chairperson=amina, secretary=beatrice, treasurer=chantal)
        elect_officers(session, village.group_id, officers, clock=village.clock)
    for day, meet in ((FIRST, _first), (SECOND, _second), (THIRD, _third)):
        village.meet(days=(day - village.day).days, present=day != SECOND)
        with village.at_work() as session:
            meet(session, village)
        village.close()
    return village


def _first(session: Session, village: Village) -> None:
    meeting, clock = village.meeting_id, village.clock
    amina, beatrice, chantal, _daudi, _esther = village.members
    for member, shares in zip(village.members, (5, 3, 2, 4, 1), strict=True):
        cells.set_shares(session, meeting, member, shares, clock=clock)
        cells.set_social(session, meeting, member, D(200), clock=clock)
    cells.set_saving(session, meeting, chantal, "ECD", D(700), clock=clock)
    cells.set_saving(session, meeting, amina, "ECD", D(300), clock=clock)
    cells.set_saving(session, meeting, amina, "ECD", D(400), clock=clock)
    kind = FineType.MISCONDUCT
    cells.set_fine_charged(session, meeting, beatrice, D(250), kind=kind, clock=clock)
    training = add_activity(session, meeting, ActivityKind.TRAINING, "Seeds", clock=clock)
    for member in (amina, beatrice):
        record_part(session, training, member, took_part=True, clock=clock)


def _second(session: Session, village: Village) -> None:
    meeting, clock = village.meeting_id, village.clock
    amina, beatrice, chantal, daudi, esther = village.members
    marks = {beatrice: AttendanceStatus.LATE, chantal: AttendanceStatus.ABSENT}
    for member in village.members:
        mark = marks.get(member, AttendanceStatus.PRESENT)
        record_attendance(session, meeting, member, mark, clock=clock)
    for member, shares in ((amina, 2), (daudi, 1)):
        cells.set_shares(session, meeting, member, shares, clock=clock)
        cells.set_social(session, meeting, member, D(200), clock=clock)
    cells.set_fine_paid(session, meeting, beatrice, D(250), clock=clock)
    cells.set_saving(session, meeting, esther, "ECD", D(600), clock=clock)
    terms = LoanTerms(principal=D(6000), periods=3, purpose="Goats")
    cells.set_loan(session, meeting, daudi, terms, clock=clock)
    paper = ExpenseKind.STATIONERY
    record_expense(session, meeting, D(150), "Paper", kind=paper, clock=clock)
    record_income(session, meeting, D(500), "From the parish", kind=IncomeKind.GIFT, clock=clock)
    deposit_at_bank(session, meeting, D(1000), clock=clock)


def _third(session: Session, village: Village) -> None:
    meeting, clock = village.meeting_id, village.clock
    amina, beatrice, chantal, daudi, esther = village.members
    cells.set_repayment(session, meeting, daudi, D(1000), clock=clock)
    terms = LoanTerms(principal=D(1500), periods=1, purpose="Salt")
    cells.set_loan(session, meeting, amina, terms, clock=clock)
    illness = GrantEvent.ILLNESS
    grant_social(session, meeting, esther, D(300), event=illness, clock=clock)
    due = date(2026, 3, 30)
    advance_social(session, meeting, chantal, D(500), due_date=due, clock=clock)
    withdraw_saving(session, meeting, chantal, "ECD", D(200), clock=clock)
    correct_entry(session, meeting, _saved(session, esther), D(500), "Counted again", clock=clock)
    sent = MobileMoney("MP7", "0772 123456", VERIFIED)
    record_saving(session, meeting, beatrice, "ECD", D(250), mobile_money=sent, clock=clock)
    box = NewProperty(name="Metal box", bought_on=THIRD, cost=D(800))
    add_property(session, village.group_id, box, clock=clock)
    fine = session.scalars(select(FINES.c.id).where(FINES.c.member_id == chantal)).one()
    waive_fine(session, meeting, fine, "She was in hospital", clock=clock)


def _saved(session: Session, member_id: int) -> int:
    wanted = select(LEDGER.c.id).where(LEDGER.c.member_id == member_id, LEDGER.c.fund_type == "ECD")
    found: int = session.scalars(wanted).one()
    return found


def keep_business(village: Village) -> None:
    """Let the group run a mill: 2,000 of Amina and 1,000 of Daudi, who got 150 of it back.

    Amina earned an achievement of 10 points in January and one of 5 in February, and a badge.
    """
    amina, _beatrice, _chantal, daudi, _esther = village.members
    with village.at_work() as session:
        mill = _added(
            session,
            SavingsGroupIga(
                group_id=village.group_id,
                name="Mill",
                activity_type="Milling",
                initial_investment=D(3000),
                current_value=D(3200),
                actual_returns=D(400),
                start_date=SECOND,
            ),
        )
        for member, amount, part in ((amina, 2000, "66.67"), (daudi, 1000, "33.33")):
            session.add(
                IgaParticipation(
                    iga_id=mill,
                    member_id=member,
                    investment_amount=D(amount),
                    ownership_percentage=D(part),
                    joined_date=SECOND,
                )
            )
        for kind, amount, what in (("income", 900, "Flour"), ("expense", 500, "Diesel")):
            session.add(
                IgaCashflow(
                    iga_id=mill,
                    transaction_type=kind,
                    amount=D(amount),
                    transaction_date=THIRD,
                    description=what,
                )
            )
        for amount, status in ((150, "PAID"), (99, "PENDING")):
            session.add(
                IgaMemberReturn(
                    iga_id=mill,
                    member_id=daudi,
                    return_amount=D(amount),
                    return_type="PROFIT",
                    distribution_date=THIRD,
                    status=status,
                )
            )
        for name, points, day in (("Saver", 10, SECOND), ("Always there", 5, THIRD)):
            done = Achievement(
                name=name, description=name, category="FINANCIAL", criteria={}, points_value=points
            )
            session.add(
                MemberAchievement(
                    member_id=amina,
                    achievement_id=_added(session, done),
                    awarded_date=day,
                    points_earned=points,
                )
            )
        badge = _added(session, AchievementBadge(name="Star", badge_type="STAR"))
        session.add(MemberBadge(member_id=amina, badge_id=badge, awarded_date=THIRD))


def _added(session: Session, row: SavingsGroupIga | Achievement | AchievementBadge) -> int:
    session.add(row)
    session.flush()
    return row.id
