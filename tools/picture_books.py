"""The books that pictures are taken of, and what is done in them before a picture."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from vsla_desktop.clock import FixedClock
from vsla_desktop.domain.currencies import currency

if TYPE_CHECKING:
    from vsla_desktop.app import Program
    from vsla_desktop.presenters.meeting_counting import PurseCounter
    from vsla_desktop.settings import DataFolder

TODAY: Final = datetime(2026, 11, 23, 9, 30)  # noqa: DTZ001 - the books keep UTC without a zone
MEMBERS: Final = (
    ("Amina", "Nakato", "f", "0772 123456"),
    ("Beatrice", "Auma", "f", "0772 223344"),
    ("Charles", "Okello", "m", ""),
    ("Deborah", "Achieng", "f", "0781 556677"),
    ("Esther", "Namuli", "f", "0701 998877"),
    ("Francis", "Mugisha", "m", "0772 454545"),
)


def make_practice(
    folder: DataFolder, meetings: int, *, opens_meeting: bool = False, days_ago: int = 0
) -> None:
    """Make a practice book; perhaps with a meeting that is open."""
    from vsla_desktop import db
    from vsla_desktop.services.meetings import NewMeeting, as_expected, open_meeting
    from vsla_desktop.services.practice import create_practice

    clock = FixedClock(TODAY - timedelta(days=7))
    database = db.open_database(folder.database)
    made = create_practice(database, groups=1, members=22, meetings=meetings, seed=4, clock=clock)
    if opens_meeting:
        with database.write() as session:
            group_id = made[0].group_id
            open_meeting(
                session,
                group_id,
                NewMeeting(day=(TODAY - timedelta(days=days_ago)).date()),
                counts=as_expected(session, group_id),
                clock=FixedClock(TODAY),
            )
    if folder.path.name != "practice":
        # The pictures show the books of a real group.
        with database.connection(writes=True) as connection:
            connection.exec_driver_sql("UPDATE savings_groups SET is_practice = 0")
    database.close()


def make_desk(folder: DataFolder) -> None:
    """Make the book of a coordinator: groups that met last week, and some that did not."""
    from vsla_desktop import db
    from vsla_desktop.domain.meeting import AttendanceStatus
    from vsla_desktop.domain.postings import Fund
    from vsla_desktop.domain.visits import Agreed, Check, Result, VisitNote
    from vsla_desktop.queries.members import members_of
    from vsla_desktop.services.attendance import record_roll_call
    from vsla_desktop.services.counts import PurseCounted
    from vsla_desktop.services.meetings import (
        NewMeeting,
        as_expected,
        close_meeting,
        open_meeting,
    )
    from vsla_desktop.services.practice import PracticeGroup, create_practice
    from vsla_desktop.services.visits import record_visit

    database, clock = db.open_database(folder.database), FixedClock(TODAY)
    made: list[PracticeGroup] = []
    for count, seed, days in ((5, 4, 7), (2, 21, 28), (2, 33, 9)):
        before = FixedClock(TODAY - timedelta(days=days))
        made += create_practice(
            database,
            groups=count,
            members=9 + 2 * count,
            meetings=6 + count,
            seed=seed,
            clock=before,
            currency_code="UGX",
        )
    with database.write() as session:
        new = NewMeeting(day=(TODAY - timedelta(days=5)).date())
        for group in (made[1], made[7]):
            counts = as_expected(session, group.group_id)
            opened = open_meeting(session, group.group_id, new, counts=counts, clock=clock)
            if group is made[1]:
                members = members_of(session, group.group_id, on=new.day)
                marks = {each.member_id: AttendanceStatus.PRESENT for each in members[:14]}
                marks |= {each.member_id: AttendanceStatus.ABSENT for each in members[14:]}
                record_roll_call(session, opened.meeting_id, marks, clock=clock)
                counts = as_expected(session, group.group_id)
                found = counts[Fund.LOAN_FUND].counted() - 12000
                counts[Fund.LOAN_FUND] = PurseCounted(found, reason="Lost")
                close_meeting(session, opened.meeting_id, counts, clock=clock)
        day = (TODAY - timedelta(days=40)).date()
        actions = (
            Agreed("Count the box with three people", day + timedelta(days=14)),
            Agreed("Buy a new padlock", (TODAY + timedelta(days=7)).date()),
            Agreed("Read the rules aloud", day + timedelta(days=7), day + timedelta(days=7)),
        )
        looked_at = {Check.BOX: Result.WRONG, Check.PASSBOOKS: Result.FINE, Check.SEAL: Result.FINE}
        note = VisitNote(
            day=day,
            who="Grace Atim",
            looked_at=looked_at,
            passbooks_count=5,
            findings="One padlock is broken; the box lacked 2,000.",
            actions=actions,
        )
        record_visit(session, made[1].group_id, note, clock=clock)
    with database.connection(writes=True) as connection:
        connection.exec_driver_sql("UPDATE savings_groups SET is_practice = 0")
    database.close()


def make_founded(folder: DataFolder) -> None:
    """Make the book of a group that has members and no meeting yet."""
    from vsla_desktop import db
    from vsla_desktop.domain.rules import Preset, preset_rules
    from vsla_desktop.services.groups import NewGroup, create_group
    from vsla_desktop.services.members import NewMember, add_member

    clock = FixedClock(TODAY)
    formed = (TODAY - timedelta(days=200)).date()
    database = db.open_database(folder.database)
    new = NewGroup(name="Tukolere Wamu", currency="UGX", formation_date=formed)
    rules = preset_rules(Preset.VSLA, share_value=Decimal(2000))
    with database.write() as session:
        made = create_group(session, new, rules, clock=clock)
        for _round in range(4):
            for first, last, gender, _phone in MEMBERS:
                member = NewMember(
                    first_name=first, last_name=last, gender=gender.upper(), joined_date=formed
                )
                add_member(session, made.group_id, member, clock=clock)
    database.close()


def count(purse: PurseCounter) -> None:
    """Count what is expected of a purse, as well as notes and coins can make it."""
    left = purse.expected
    for number, piece in enumerate(currency("TZS").denominations):
        pieces, left = divmod(left, piece)
        purse.enter(number, str(int(pieces)))


def fill_funds(program: Program) -> None:
    """Write something of everything into the purses."""
    from datetime import date

    from vsla_desktop.domain.fines import FineType
    from vsla_desktop.domain.kinds import ExpenseKind, GrantEvent, IncomeKind
    from vsla_desktop.domain.postings import Fund
    from vsla_desktop.services import expenses, fines, social
    from vsla_desktop.services.external_loans import Borrowing, borrow_outside, repay_outside
    from vsla_desktop.services.property import NewProperty, add_property

    read = program.pages.presenters["funds"].read
    group_id = program.pages.presenters["funds"].group_id
    clock, meeting = program.clock, read.meeting_id
    people = [each.member_id for each in read.people]
    with program.database.write() as session:
        asked, charge = Decimal(500), fines.charge_fine
        charge(session, meeting, people[2], FineType.PHONE, amount=asked, clock=clock)
        charge(session, meeting, people[5], FineType.MISCONDUCT, amount=asked, clock=clock)
        fine = charge(session, meeting, people[8], FineType.PHONE, amount=asked, clock=clock)
        fines.receive_fine_payment(session, meeting, people[5], Decimal(500), clock=clock)
        fines.waive_fine(session, meeting, fine.fine_id, "Her child was ill", clock=clock)
        due = date(2026, 12, 14)
        amounts = {GrantEvent.DEATH: Decimal(20000), GrantEvent.BIRTH: Decimal(5000)}
        social.set_grant_tariff(session, meeting, amounts, clock=clock)
        give = social.grant_social
        event = GrantEvent.DEATH
        give(session, meeting, people[3], Decimal(3000), event=event, reason="Mother", clock=clock)
        lend = social.advance_social
        lend(session, meeting, people[1], Decimal(2500), due_date=due, clock=clock)
        lend(session, meeting, people[6], Decimal(1500), clock=clock)
        social.repay_advance(session, meeting, people[1], Decimal(1000), clock=clock)
        spend, earn = expenses.record_expense, expenses.record_income
        pens = ExpenseKind.STATIONERY
        spend(session, meeting, Decimal(1500), "Ledger and pens", kind=pens, clock=clock)
        sold = IncomeKind.SALE
        earn(session, meeting, Decimal(12000), "Honey from the hives", kind=sold, clock=clock)
        bring = expenses.deposit_at_bank
        bring(session, meeting, Decimal(80000), clock=clock)
        bring(session, meeting, Decimal(3000), fund=Fund.SOCIAL, clock=clock)
        said, note = Decimal(82500), "Their yearly charge"
        expenses.note_bank_statement(session, group_id, said, note=note, clock=clock)
        loan = Borrowing(
            lender="Twiga Bank", amount=Decimal(150000), charge=Decimal(15000), due_date=due
        )
        borrow_outside(session, meeting, loan, clock=clock)
        paid, cost = Decimal(40000), Decimal(5000)
        repay_outside(session, meeting, "Twiga Bank", principal=paid, charge=cost, clock=clock)
        things = (("Box with three locks", 45000, 40000), ("Bench", 30000, 22000))
        for name, price, worth in things:
            new = NewProperty(
                name=name, bought_on=date(2026, 3, 2), cost=Decimal(price), value=Decimal(worth)
            )
            add_property(session, group_id, new, clock=clock)


def everybody_comes(program: Program) -> None:
    """Mark all members as present at the open meeting."""
    from vsla_desktop.domain.meeting import AttendanceStatus
    from vsla_desktop.queries.members import members_of
    from vsla_desktop.services.attendance import record_roll_call

    presenter = program.pages.presenters["share-out"]
    with program.database.write() as session:
        members = members_of(session, presenter.group_id, on=program.clock.today())
        marks = {each.member_id: AttendanceStatus.PRESENT for each in members}
        record_roll_call(session, presenter.open_meeting, marks, clock=program.clock)


def close_the_meeting(program: Program) -> None:
    """Close the open meeting with a box that agrees with the book."""
    from vsla_desktop.services.meetings import as_expected, close_meeting

    presenter = program.pages.presenters["share-out"]
    with program.database.write() as session:
        counts = as_expected(session, presenter.group_id)
        close_meeting(session, presenter.open_meeting, counts, clock=program.clock)
