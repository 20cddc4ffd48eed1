from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete, select, update

from tests.db.books import new_book, new_central
from tests.services.village import Village
from vsla_desktop.domain.meeting import AttendanceStatus
from vsla_desktop.domain.votes import Vote
from vsla_desktop.queries.activities import PARTS, ActivityKind, Ballot
from vsla_desktop.queries.seals import verify_seals
from vsla_desktop.queries.tables import (
    ACTIVITIES,
    ATTENDANCE,
    FINES,
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
from vsla_desktop.services.corrections import reverse_entry
from vsla_desktop.services.loan_changes import reschedule_loan
from vsla_desktop.services.loans import LoanTerms
from vsla_desktop.services.meetings import (
    record_notes,
)

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
        (ACTIVITIES, ACTIVITIES.c.activity_type == "LOANS", "notes", "{}"),
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
    pattern_book: Path, data_dir: Path, postgres_server: PostgresServer
) -> None:
    book = new_book(pattern_book, data_dir / "vsla.db")
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
