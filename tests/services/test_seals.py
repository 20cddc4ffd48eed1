from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete, select, update

from tests.db.books import new_book, new_central
from tests.services.village import Village
from vsla_desktop.domain.loans import ChargeMethod
from vsla_desktop.domain.meeting import AttendanceStatus
from vsla_desktop.domain.seal import in_format, seal
from vsla_desktop.domain.votes import Vote
from vsla_desktop.queries.activities import PARTS, ActivityKind, Ballot
from vsla_desktop.queries.loans import loans_of_member
from vsla_desktop.queries.seals import sealed_rows, verify_seals
from vsla_desktop.queries.tables import (
    ACTIVITIES,
    ATTENDANCE,
    CYCLES,
    FINES,
    INSTALMENTS,
    LEDGER,
    LOANS,
    MEETINGS,
    MEMBERS,
)
from vsla_desktop.queries.verification import verify_all
from vsla_desktop.services import cells
from vsla_desktop.services.activities import add_activity, record_ballot, record_part
from vsla_desktop.services.attendance import (
    record_attendance,
)
from vsla_desktop.services.corrections import correct_entry, reverse_entry
from vsla_desktop.services.external_loans import Borrowing, borrow_outside
from vsla_desktop.services.loan_changes import reschedule_loan, top_up_loan
from vsla_desktop.services.loans import LoanTerms
from vsla_desktop.services.meetings import (
    record_notes,
)
from vsla_desktop.services.repayments import receive_repayment
from vsla_desktop.services.social import advance_social

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.postgres import PostgresServer

D = Decimal


def full_meetings(village: Village) -> None:
    """Hold two meetings in which a little of everything happens."""
    first, second, *_ = village.members
    clock = village.clock
    village.meet(present=True)
    with village.at_work() as session:
        meeting = village.meeting_id
        for member in village.members:
            cells.set_shares(session, meeting, member, 3, clock=clock)
            cells.set_social(session, meeting, member, D(200), clock=clock)
        record_attendance(session, meeting, second, AttendanceStatus.LATE, clock=clock)
        cells.set_fine_paid(session, meeting, second, D(100), clock=clock)
        terms = LoanTerms(principal=D(4000), purpose="Seed", guarantors=(second,))
        cells.set_loan(session, meeting, first, terms, clock=clock)
        record_notes(session, meeting, minutes="All agreed.", clock=clock)
    village.close()
    village.meet(days=28, present=True)
    with village.at_work() as session:
        meeting = village.meeting_id
        cells.set_repayment(session, meeting, first, D(1500), clock=clock)
        cells.set_saving(session, meeting, second, "ECD", D(700), clock=clock)
        entry = session.execute(
            select(LEDGER.c.id).where(LEDGER.c.transaction_type == "SOCIAL_CONTRIBUTION")
        ).scalars()
        reverse_entry(session, meeting, min(entry), "Not paid", clock=clock)
        loan = session.execute(
            select(LOANS.c.id).where(LOANS.c.group_id == village.group_id)
        ).scalar_one()
        reschedule_loan(session, meeting, loan, 2, Vote(4, 1), clock=clock)
        vote = add_activity(session, meeting, ActivityKind.VOTING, "A new box", clock=clock)
        record_ballot(session, vote, first, Ballot.FOR, clock=clock)
        talk = add_activity(session, meeting, ActivityKind.TRAINING, "Book-keeping", clock=clock)
        record_part(session, talk, second, took_part=True, clock=clock)
    village.close()


def test_seals_are_chained_and_hold(village: Village) -> None:
    village.close()
    full_meetings(village)
    with village.database.read() as session:
        checks = verify_seals(session, village.group_id)
        rows = session.execute(select(MEETINGS).order_by(MEETINGS.c.meeting_number)).all()
    assert [(check.number, check.broken) for check in checks] == [(1, ""), (2, ""), (3, "")]
    assert rows[0].previous_seal == ""
    assert [row.previous_seal for row in rows[1:]] == [row.seal for row in rows[:-1]]
    assert len({row.seal for row in rows}) == 3


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        (LEDGER, "amount", D(1501)),
        (LEDGER, "description", "Other"),
        (FINES, "amount", D(99)),
        (ATTENDANCE, "attendance_status", "EXCUSED"),
        (MEETINGS, "minutes", "None agreed."),
        (MEETINGS, "closing_count", {}),
        (MEMBERS, "member_number", 44),
        (ATTENDANCE, "voted_on_decisions", True),
    ],
)
def test_whoever_changes_a_sealed_row_breaks_the_seal(
    laptop: Village, table: Any, column: str, value: Any
) -> None:
    laptop.close()
    full_meetings(laptop)
    with laptop.database.write() as session:
        target = session.execute(
            select(table.c.id).where(
                table.c.id
                == select(LEDGER.c.member_id).where(LEDGER.c.fine_id.is_not(None)).scalar_subquery()
                if table is MEMBERS
                else table.c.meeting_id == 2
                if table is not MEETINGS
                else table.c.id == 2
            )
        ).scalars()
        session.execute(update(table).where(table.c.id == min(target)), {column: value})
    with laptop.database.read() as session:
        broken = [check.number for check in verify_seals(session, laptop.group_id) if check.broken]
    assert 2 in broken


@pytest.mark.parametrize(
    ("table", "of", "column", "value"),
    [
        (ACTIVITIES, ACTIVITIES.c.votes_against == 1, "votes_against", 3),
        (ACTIVITIES, ACTIVITIES.c.votes_against == 1, "activity_name", "Something else"),
        (ACTIVITIES, ACTIVITIES.c.activity_type == "TRAINING", "description", "All day"),
        (PARTS, PARTS.c.vote == "FOR", "vote", "AGAINST"),
        (PARTS, PARTS.c.vote == "FOR", "is_present", False),
    ],
)
def test_whoever_changes_what_was_voted_or_done_breaks_the_seal(
    laptop: Village, table: Any, of: Any, column: str, value: object
) -> None:
    laptop.close()
    full_meetings(laptop)
    with laptop.database.write() as session:
        found = session.execute(select(table.c.id).where(of)).scalar_one()
        session.execute(update(table).where(table.c.id == found), {column: value})
    with laptop.database.read() as session:
        checks = verify_seals(session, laptop.group_id)
    assert [(check.number, check.broken) for check in checks if check.broken] == [(3, "rows")]


def test_the_schedule_of_before_belongs_to_both_meetings(laptop: Village) -> None:
    laptop.close()
    full_meetings(laptop)
    with laptop.database.write() as session:
        kept = ACTIVITIES.c.activity_type == "LOANS"
        session.execute(update(ACTIVITIES).where(kept), {"notes": "{}"})
    assert broken(laptop) == [2, 3]


def broken(village: Village) -> list[int]:
    with village.database.read() as session:
        return [check.number for check in verify_seals(session, village.group_id) if check.broken]


def terms_meeting(village: Village) -> None:
    """Hold a meeting that lends, advances and borrows."""
    first, second, *_ = village.members
    clock = village.clock
    village.meet(present=True)
    with village.at_work() as session:
        meeting = village.meeting_id
        for member in village.members:
            cells.set_shares(session, meeting, member, 3, clock=clock)
            cells.set_social(session, meeting, member, D(200), clock=clock)
        terms = LoanTerms(principal=D(3000), periods=2, guarantors=(second, village.members[2]))
        cells.set_loan(session, meeting, first, terms, clock=clock)
        back = village.day + timedelta(days=28)
        advance_social(session, meeting, second, D(500), due_date=back, clock=clock)
        borrowing = Borrowing(lender="Bank", amount=D(9000), charge=D(450), due_date=back)
        borrow_outside(session, meeting, borrowing, clock=clock)
    village.close()


@pytest.mark.parametrize(
    ("table", "of", "column", "value"),
    [
        (LEDGER, LEDGER.c.transaction_type == "SOCIAL_ADVANCE", "due_date", date(2026, 3, 1)),
        (LEDGER, LEDGER.c.transaction_type == "EXTERNAL_LOAN_IN", "due_date", date(2026, 3, 1)),
        (LEDGER, LEDGER.c.transaction_type == "EXTERNAL_LOAN_IN", "lender", "A friend"),
        (LEDGER, LEDGER.c.transaction_type == "EXTERNAL_LOAN_IN", "charge_amount", D(900)),
        (LOANS, LOANS.c.principal > 0, "collateral_description", "Nobody"),
        (INSTALMENTS, INSTALMENTS.c.installment_number == 2, "due_date", date(2026, 5, 1)),
        (INSTALMENTS, INSTALMENTS.c.installment_number == 1, "principal_amount", D(1)),
    ],
)
def test_whoever_changes_what_was_agreed_breaks_the_seal(
    village: Village, table: Any, of: Any, column: str, value: object
) -> None:
    village.close()
    terms_meeting(village)
    village.meet(present=True)
    with village.at_work() as session:
        paid = receive_repayment(
            session, village.meeting_id, village.members[0], D(1000), clock=village.clock
        )
    assert paid.principal
    village.close()
    assert broken(village) == []
    with village.database.write() as session:
        found = session.execute(select(table.c.id).where(of)).scalar_one()
        session.execute(update(table).where(table.c.id == found), {column: value})
    assert broken(village) == [2]


def test_an_instalment_that_is_taken_out_breaks_the_seal(village: Village) -> None:
    village.close()
    terms_meeting(village)
    with village.database.write() as session:
        session.execute(delete(INSTALMENTS).where(INSTALMENTS.c.installment_number == 2))
    assert broken(village) == [2]


def test_the_charge_of_a_declining_loan_follows_from_its_payments(village: Village) -> None:
    village.close()
    terms_meeting(village)
    village.meet(present=True)
    with village.at_work() as session:
        receive_repayment(
            session, village.meeting_id, village.members[0], D(2500), clock=village.clock
        )
        charges = session.execute(
            select(INSTALMENTS.c.interest_amount).order_by(INSTALMENTS.c.installment_number)
        ).scalars()
    assert list(charges) == [300, 80]  # 10 % of 3,000; then of 800, not of 1,500
    assert verify_all(village.database).ok
    with village.database.write() as session:
        second = INSTALMENTS.c.installment_number == 2
        session.execute(
            update(INSTALMENTS).where(second), {"interest_amount": D(90), "total_amount": D(1590)}
        )
        session.execute(update(LOANS), {"total_amount_due": D(3390)})
    found = verify_all(village.database)
    assert broken(village) == []  # what payments change is not what was agreed
    assert found.database.ledger.wrong == (
        "The charges of the loan of Amina Nakato are 390.00; its terms and payments make 380.00.",
    )


def test_a_charge_that_no_payment_changes_is_sealed(village: Village) -> None:
    village.close()
    cycle = CYCLES.c.group_id == village.group_id
    with village.at_work() as session:
        stored = session.execute(select(CYCLES.c.rules).where(cycle)).scalar_one()
        stored[0]["rules"]["loan_interest_method"] = ChargeMethod.FLAT_MONTHLY.value
        session.execute(update(CYCLES).where(cycle), {"rules": stored})
    terms_meeting(village)
    assert broken(village) == []
    with village.database.write() as session:
        second = INSTALMENTS.c.installment_number == 2
        session.execute(update(INSTALMENTS).where(second), {"interest_amount": D(1)})
    assert broken(village) == [2]


def corrected(village: Village, amount: Decimal) -> None:
    """Put right in an open meeting what the loan of the first of them was."""
    with village.at_work() as session:
        entry = session.execute(
            select(LEDGER.c.id)
            .where(LEDGER.c.transaction_type == "LOAN_DISBURSEMENT")
            .order_by(LEDGER.c.id.desc())
        ).scalars()
        correct_entry(
            session, village.meeting_id, next(iter(entry)), amount, "Counted", clock=village.clock
        )


@pytest.mark.parametrize("amounts", [(2000,), (0,), (2500, 1000), (3500, 0)])
def test_a_loan_that_is_put_right_leaves_every_seal_whole(
    village: Village, amounts: tuple[int, ...]
) -> None:
    village.close()
    terms_meeting(village)
    for amount in amounts:
        village.meet(present=True)
        corrected(village, D(amount))
        village.close()
        assert broken(village) == []


def test_a_change_of_a_loan_that_is_undone_leaves_every_seal_whole(village: Village) -> None:
    village.close()
    terms_meeting(village)
    village.meet(present=True)
    with village.at_work() as session:
        [loan] = loans_of_member(session, village.members[0])
        added = top_up_loan(
            session, village.meeting_id, loan.loan_id, D(500), periods=3, clock=village.clock
        ).entry
    assert added is not None
    village.close()
    village.meet(present=True)
    with village.at_work() as session:
        reverse_entry(
            session, village.meeting_id, added.transaction_id, "Not given", clock=village.clock
        )
    village.close()
    assert broken(village) == []
    with village.database.write() as session:
        session.execute(
            update(INSTALMENTS).where(INSTALMENTS.c.installment_number == 1),
            {"due_date": date(2026, 5, 1)},
        )
    assert broken(village) == [4]  # the last that agreed on this schedule


def sealed_as_before(village: Village) -> None:
    """Seal the meetings of a group anew as the first release did, without what was agreed."""
    with village.database.write() as session:
        rows = sealed_rows(session, group_id=village.group_id)
        previous = ""
        for meeting in session.execute(
            select(MEETINGS.c.id).order_by(MEETINGS.c.meeting_date, MEETINGS.c.id)
        ).scalars():
            old = seal(in_format(rows[meeting], 1), previous)
            session.execute(
                update(MEETINGS).where(MEETINGS.c.id == meeting),
                {"seal": old, "previous_seal": previous},
            )
            previous = old


def test_seals_of_the_first_format_hold_and_new_ones_follow_them(village: Village) -> None:
    village.close()
    terms_meeting(village)
    sealed_as_before(village)
    village.meet(present=True)
    village.close()
    with village.database.read() as session:
        checks = verify_seals(session, village.group_id)
    assert [(check.broken, check.format) for check in checks] == [("", 1), ("", 1), ("", 2)]
    assert verify_all(village.database).ok
    with village.database.write() as session:
        session.execute(update(LEDGER).where(LEDGER.c.lender == "Bank"), {"lender": "A friend"})
    assert broken(village) == []  # the first format did not cover it
    with village.database.write() as session:
        session.execute(update(LEDGER).where(LEDGER.c.amount == 9000), {"reason": "None"})
    assert broken(village) == [2]


def test_a_vote_that_is_taken_out_breaks_the_seal(laptop: Village) -> None:
    laptop.close()
    full_meetings(laptop)
    with laptop.database.write() as session:
        found = session.execute(select(ACTIVITIES.c.id).where(ACTIVITIES.c.votes_against == 1))
        session.execute(delete(ACTIVITIES).where(ACTIVITIES.c.id == found.scalar_one()))
    with laptop.database.read() as session:
        checks = verify_seals(session, laptop.group_id)
    assert [(check.number, check.broken) for check in checks if check.broken] == [(3, "rows")]


def test_a_vote_that_is_changed_at_head_office_is_named(postgres_server: PostgresServer) -> None:
    with new_central(postgres_server) as central:
        village = Village(central).form()
        full_meetings(village)
        with central.write() as session:
            session.execute(
                update(ACTIVITIES).where(ACTIVITIES.c.votes_against == 1), {"votes_for": 5}
            )
        found = verify_all(central)
        assert [(each.number, each.broken) for each in found.broken_seals] == [(2, "rows")]


def test_a_meeting_that_was_taken_out_breaks_the_chain(laptop: Village) -> None:
    laptop.close()
    full_meetings(laptop)
    with laptop.database.write() as session:
        session.execute(
            update(MEETINGS).where(MEETINGS.c.meeting_number == 2), {"status": "CANCELLED"}
        )
    with laptop.database.read() as session:
        checks = verify_seals(session, laptop.group_id)
    assert [(check.number, check.broken) for check in checks] == [(1, ""), (3, "chain")]


def test_a_laptop_and_head_office_work_out_the_same_seal(
    data_dir: Path, postgres_server: PostgresServer
) -> None:
    book = new_book(data_dir / "vsla.db")
    with new_central(postgres_server) as central:
        other = Village(central, code="OTHER").form()  # so that ids differ
        seals = []
        for database in (book, central):
            village = Village(database).form()
            full_meetings(village)
            with database.read() as session:
                seals.append([check.seal for check in verify_seals(session, village.group_id)])
        assert other.group_id
        assert seals[0] == seals[1]
    book.close()
