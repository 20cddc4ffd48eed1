from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from tests.db.books import new_book, new_central
from tests.services.village import Village
from vsla_desktop.domain.meeting import AttendanceStatus
from vsla_desktop.queries.seals import verify_seals
from vsla_desktop.queries.tables import ATTENDANCE, FINES, LEDGER, MEETINGS, MEMBERS
from vsla_desktop.services import cells
from vsla_desktop.services.attendance import (
    record_attendance,
)
from vsla_desktop.services.corrections import reverse_entry
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
