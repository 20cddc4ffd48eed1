"""The figures of any day are those that the book showed on that day."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import func, select

from vsla_desktop.clock import FixedClock
from vsla_desktop.domain.indicators import Figures
from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import Fund
from vsla_desktop.queries.balances import fund_balances
from vsla_desktop.queries.filtering import Filter
from vsla_desktop.queries.funds_debts import debts_of
from vsla_desktop.queries.indicators import GroupForms
from vsla_desktop.queries.loan_pages import portfolio
from vsla_desktop.queries.loans import loans_of_group
from vsla_desktop.queries.tables import ACCOUNTS, CYCLES, GROUPS, MEETINGS, MEMBERS
from vsla_desktop.services.practice import create_practice

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.db import Database

CLOCK = FixedClock(datetime(2026, 3, 4, 12))  # noqa: DTZ001 - UTC, as stored


class Watched:
    """A book that lets a test look into it while it is being written."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.session: Session | None = None

    @contextmanager
    def write(self) -> Iterator[Session]:
        with self.database.write() as session:
            self.session = session
            yield session
            self.session = None


def as_shown(session: Session, group_id: int) -> tuple[date, Figures] | None:
    """Return the day of the last meeting, and the group's figures by what the screens read."""
    last = session.execute(
        select(MEETINGS)
        .where(MEETINGS.c.group_id == group_id, MEETINGS.c.status == "COMPLETED")
        .order_by(MEETINGS.c.meeting_date.desc())
    ).first()
    if last is None:
        return None
    on = last.meeting_date
    cycle = session.execute(
        select(CYCLES).where(CYCLES.c.group_id == group_id).order_by(CYCLES.c.id.desc())
    ).first()
    assert cycle is not None
    if cycle.start_date > on:
        return None
    people = session.execute(select(MEMBERS).where(MEMBERS.c.group_id == group_id)).all()
    here = [each for each in people if each.is_active and each.joined_date <= on]
    loans = loans_of_group(session, group_id)
    out = portfolio(loans, on)
    held = fund_balances(session, group_id)
    debts = debts_of(session, group_id)
    shares = select(func.sum(MEMBERS.c.share_balance, type_=ACCOUNTS.c.current_balance.type))
    return on, Figures(
        groups=1,
        saving_outside=int(held.bank > 0),
        borrowing_outside=int(any(each.owed for each in debts if each.member_id is None)),
        members_at_start=cycle.members_at_start
        or sum(each.joined_date <= cycle.start_date for each in people),
        members=len(here),
        men=sum(each.gender == "M" for each in here),
        women=sum(each.gender == "F" for each in here),
        attending=last.members_present,
        dropouts=sum(
            each.left_date is not None and each.left_date > cycle.start_date for each in people
        ),
        savings=session.execute(shares.where(MEMBERS.c.group_id == group_id)).scalar_one(),
        loans_count=out.count,
        loans_value=out.outstanding,
        late_value=out.at_risk,
        write_offs=sum((loan.written_off for loan in loans if loan.cycle_id == cycle.id), ZERO),
        loan_fund_cash=held.of(Fund.LOAN_FUND),
        other_funds=held.total - held.of(Fund.LOAN_FUND),
        debts=sum((each.owed for each in debts), ZERO),
    )


def kept_while_it_was_written(
    database: Database, *, seed: int, members: int, meetings: int
) -> dict[date, Figures]:
    """Make a practice group; return by day what their book showed after each meeting."""
    watched = Watched(database)
    seen: dict[date, Figures] = {}

    def look(_done: int, _all: int) -> None:
        if watched.session is None:
            return
        newest = watched.session.execute(select(func.max(GROUPS.c.id))).scalar()
        shown = as_shown(watched.session, newest) if newest is not None else None
        if shown is not None:
            seen[shown[0]] = shown[1]

    create_practice(
        cast("Any", watched),
        groups=1,
        members=members,
        meetings=meetings,
        seed=seed,
        clock=CLOCK,
        progress=look,
    )
    return seen


def check_every_day(database: Database, seen: dict[date, Figures]) -> Figures:
    """Ask today for the figures of each day; return their sum."""
    total = Figures()
    with database.read() as session:
        for on, figures in seen.items():
            (of_group,) = GroupForms(session, Filter(), on)
            found = of_group.form.figures
            assert replace(found, savings_days=ZERO, asset_days=ZERO) == figures, on
            assert found.assets == found.debts + found.equity
            total += found
    return total


def test_any_past_day_is_answered_as_the_book_showed_it_then(database: Database) -> None:
    seen = kept_while_it_was_written(database, seed=3, members=9, meetings=14)
    assert len(seen) > 12
    total = check_every_day(database, seen)
    assert total.loans_value > 0
    assert total.asset_days > 0


def test_loans_that_were_lost_or_given_more_time_since_are_as_they_were(book: Database) -> None:
    total = check_every_day(book, kept_while_it_was_written(book, seed=3, members=14, meetings=40))
    for name in ("late_value", "write_offs", "debts", "dropouts", "other_funds", "asset_days"):
        assert getattr(total, name) > 0, name


def test_a_day_before_the_share_out_is_answered_after_it(book: Database) -> None:
    seen = kept_while_it_was_written(book, seed=21, members=10, meetings=58)
    check_every_day(book, seen)
    saved = [figures.savings for figures in seen.values()]
    assert any(later < earlier / 2 for earlier, later in pairwise(saved))
