"""What a meeting decides comes back as it was: changed loans, leavers, joiners, votes, payouts."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from tests.services.village import Village
from tests.workbook.equal_books import comes_back, is_empty, seen
from tests.workbook.eventful import (
    CODE,
    begun,
    borrowed,
    brought_along,
    caught_up,
    caught_up_wrong,
    helped,
    left_with_debts,
    lost,
    put_back,
    put_right,
    sent,
    shared,
    shared_not_closed,
    spread,
    topped_up,
    voted,
    weighed,
)
from tests.workbook.kept_decisions import DECISIONS
from vsla_desktop.clock import FixedClock
from vsla_desktop.db import Database
from vsla_desktop.queries.tables import CYCLES, DISTRIBUTIONS
from vsla_desktop.services.cycles import open_cycle
from vsla_desktop.services.leaving import pay_out_leaver
from vsla_desktop.services.members import LeavingReason, take_back_member
from vsla_desktop.services.workbook import (
    ExportReport,
    export_workbook,
    import_books,
    import_workbook,
    read_workbook,
)

Fresh = Callable[[], closing[Database]]


EVENTS = (
    topped_up,
    put_right,
    spread,
    put_back,
    lost,
    left_with_debts,
    caught_up,
    caught_up_wrong,
    helped,
    borrowed,
    sent,
    voted,
    brought_along,
    shared,
    shared_not_closed,
    weighed,
    *DECISIONS,
)


def exported(book: Database, path: Path, clock: FixedClock) -> ExportReport:
    return export_workbook(book, CODE, path, clock=clock)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
def test_what_a_meeting_decided_comes_back_as_it_was(
    lent_book: Fresh, tmp_path: Path, event: Callable[[Database], Village]
) -> None:
    path = tmp_path / "group.xlsx"
    with lent_book() as first, lent_book() as second:
        comes_back(first, second, CODE, path, event(first).clock)


def test_a_workbook_that_lacks_something_says_so_when_it_comes_in(
    lent_book: Fresh, tmp_path: Path
) -> None:
    path = tmp_path / "group.xlsx"
    with lent_book() as first, lent_book() as second:
        village = shared(first, is_closed=False)
        clock = village.clock
        with village.at_work() as session:  # as another program would
            cycle = {"status": "CLOSED", "share_out": None}
            session.execute(update(CYCLES).values(cycle))
            session.execute(delete(DISTRIBUTIONS))
            start = village.day + timedelta(days=7)
            open_cycle(session, village.group_id, start, clock=clock)
        village.meet(present=True)
        said = [str(each) for each in exported(first, path, clock).left_out]
        assert said == ["Earlier cycles are left out: 1."]
        report = import_workbook(second, path, clock=clock)
        assert report.written, [str(each) for each in report.wrong]
        assert [(each.address, str(each.problem)) for each in report.warnings] == [
            ("Not carried!A2", f"This workbook is not the whole book: {said[0]}")
        ]
        assert seen(second, CODE)["balances"] == seen(first, CODE)["balances"]


def test_the_payout_of_a_member_who_came_again_is_said_to_be_left_out(
    lent_book: Fresh, tmp_path: Path
) -> None:
    path = tmp_path / "group.xlsx"
    with lent_book() as first, lent_book() as second:
        village = begun(first)
        clock, member = village.clock, village.members[-1]
        with village.at_work() as session:
            reason = LeavingReason.MOVED
            pay_out_leaver(session, village.meeting_id, member, reason, clock=clock)
            take_back_member(session, member, clock=clock)
        said = [str(each) for each in exported(first, path, clock).left_out]
        assert said == ["Entries of the kind LEAVER_PAYOUT are left out: 1."]
        report = import_workbook(second, path, clock=clock)
        warned = [str(each.problem) for each in report.warnings]
        assert [f"This workbook is not the whole book: {each}" for each in said] == warned[:1]


def test_a_book_that_comes_to_something_else_is_refused_at_its_cell(
    lent_book: Fresh, tmp_path: Path
) -> None:
    path = tmp_path / "group.xlsx"
    with lent_book() as first, lent_book() as second:
        clock = topped_up(first).clock
        exported(first, path, clock)
        books = read_workbook(path, today=clock.today())
        assert not isinstance(books, list)
        without = tuple(
            replace(row, loan_repaid=None) if row.meeting == 3 else row for row in books.entries
        )
        counts = tuple(
            replace(row, opening_loan_fund_count=None, closing_loan_fund_count=None)
            for row in books.meetings
        )
        report = import_books(second, replace(books, entries=without, meetings=counts), clock=clock)
        assert [(each.sheet, each.problem.field) for each in report.wrong] == [("Other", "rest")]
        assert is_empty(second)


def test_a_loan_that_is_not_there_is_named(lent_book: Fresh, tmp_path: Path) -> None:
    path = tmp_path / "group.xlsx"
    with lent_book() as first, lent_book() as second:
        clock = lost(first).clock
        exported(first, path, clock)
        books = read_workbook(path, today=date(2026, 12, 31))
        assert not isinstance(books, list)
        rows = tuple(
            replace(row, loan=7) if row.type == "LOAN_RECOVERED" else row for row in books.other
        )
        report = import_books(second, replace(books, other=rows), clock=clock)
        assert [str(each.problem) for each in report.wrong] == ["There is no such loan."]
