"""A small group to try the services on, and what its books say of themselves."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from vsla_desktop.clock import FixedClock
from vsla_desktop.domain.fines import FineType
from vsla_desktop.domain.meeting import AttendanceStatus
from vsla_desktop.domain.rules import GroupRules
from vsla_desktop.queries.balances import Balances, fund_balances
from vsla_desktop.services.attendance import record_roll_call
from vsla_desktop.services.groups import NewGroup, create_group
from vsla_desktop.services.meetings import (
    MeetingClosed,
    NewMeeting,
    as_expected,
    close_meeting,
    open_meeting,
)
from vsla_desktop.services.members import NewMember, add_member

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from sqlalchemy.orm import Session

    from vsla_desktop.db import Database

FORMED = date(2026, 1, 5)
NAMES = ("Amina Nakato", "Beatrice Auma", "Chantal Uwase", "Daudi Okello", "Esther Wanjiru")
RULES = GroupRules(
    share_value=Decimal(500),
    social_fund_contribution=Decimal(200),
    fine_tariff={
        FineType.LATE_ARRIVAL: Decimal(100),
        FineType.ABSENCE: Decimal(300),
        FineType.MISCONDUCT: Decimal(250),
    },
)


def morning(day: date) -> datetime:
    return datetime.combine(day, time(9))


@dataclass
class Village:
    """A group of five with rules, one cycle and, mostly, an open meeting."""

    database: Database
    rules: GroupRules = RULES
    code: str = "TST-1"
    currency: str = "UGX"
    clock: FixedClock = field(default_factory=lambda: FixedClock(morning(FORMED)))
    group_id: int = 0
    user_id: int = 0
    cycle_id: int = 0
    members: list[int] = field(default_factory=list)
    meeting_id: int = 0
    day: date = FORMED

    def form(self, **more: Any) -> Village:
        with self.database.write() as session:
            formed = create_group(
                session,
                NewGroup(
                    name="Twisungane",
                    currency=self.currency,
                    formation_date=FORMED,
                    group_code=self.code,
                    saving_kinds=("PERSONAL", "SOCIAL", "ECD", "TARGET"),
                ),
                self.rules,
                clock=self.clock,
                **more,
            )
            self.group_id, self.user_id = formed.group_id, formed.user_id
            self.cycle_id = formed.cycle_id
            for name in NAMES:
                first, last = name.split()
                new = NewMember(first_name=first, last_name=last, gender="F", joined_date=FORMED)
                added = add_member(session, self.group_id, new, clock=self.clock)
                self.members.append(added.member_id)
        return self

    def ruled(self, **changes: Any) -> Village:
        self.rules = replace(self.rules, **changes)
        return self

    @contextmanager
    def at_work(self) -> Iterator[Session]:
        """One thing that a person does."""
        with self.database.write() as session:
            yield session

    def meet(self, *, days: int = 7, present: bool = False, **more: Any) -> int:
        """Open the next meeting with a box that agrees with the book."""
        if self.meeting_id:
            self.day += timedelta(days=days)
        self.clock.instant = morning(self.day)
        with self.at_work() as session:
            opened = open_meeting(
                session,
                self.group_id,
                NewMeeting(day=self.day, **more),
                counts=as_expected(session, self.group_id),
                clock=self.clock,
            )
            self.meeting_id = opened.meeting_id
            if present:
                self.all_present(session)
        return self.meeting_id

    def all_present(self, session: Session) -> None:
        statuses = dict.fromkeys(self.members, AttendanceStatus.PRESENT)
        record_roll_call(session, self.meeting_id, statuses, clock=self.clock)

    def close(self) -> MeetingClosed:
        """Mark whoever is not marked as present, and close with a box that agrees."""
        self.clock.instant += timedelta(hours=2)
        with self.at_work() as session:
            from sqlalchemy import select

            from vsla_desktop.queries.tables import ATTENDANCE

            marked = session.execute(
                select(ATTENDANCE.c.member_id).where(ATTENDANCE.c.meeting_id == self.meeting_id)
            ).scalars()
            rest = set(self.members) - set(marked)
            record_roll_call(
                session,
                self.meeting_id,
                dict.fromkeys(sorted(rest), AttendanceStatus.PRESENT),
                clock=self.clock,
            )
            return close_meeting(
                session, self.meeting_id, as_expected(session, self.group_id), clock=self.clock
            )

    def funds(self) -> Balances:
        with self.database.read() as session:
            return fund_balances(session, self.group_id)
