"""Kept figures of a day are what the rows of the ledger say of that day, on either database."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete, select, text, update

from tests.services.lived import FIRST, FOURTH, SECOND, THIRD, lived
from tests.services.village import Village
from vsla_desktop.capture.tables import travel
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.analytics import figures_on
from vsla_desktop.queries.tables import (
    FINES,
    LEDGER,
    MEMBER_FIGURES,
    MEMBERS,
    SAVINGS,
    SNAPSHOTS,
)
from vsla_desktop.services.analytics import fill_analytics
from vsla_desktop.services.practice import create_practice

if TYPE_CHECKING:
    from vsla_desktop.db import Database

D = Decimal
KEPT = ("created_date", "updated_date", "id")


def kept(village: Village, table: Any, day_column: str) -> list[dict[str, Any]]:
    with village.database.read() as session:
        rows = session.execute(select(table).where(table.c.group_id == village.group_id)).mappings()
        plain = [{name: row[name] for name in row if name not in KEPT} for row in rows]
    return sorted(plain, key=lambda row: (row[day_column], row.get("member_id", 0)))


def test_closing_a_meeting_keeps_how_the_group_stands(village: Village) -> None:
    first, second, third, fourth = kept(lived(village), SNAPSHOTS, "snapshot_date")
    assert [row["snapshot_date"] for row in (first, second, third, fourth)] == [
        FIRST,
        SECOND,
        THIRD,
        FOURTH,
    ]
    assert first == {
        "group_id": village.group_id,
        "snapshot_date": FIRST,
        "total_members": 5,
        "active_members": 4,
        "new_members_this_month": 5,
        "total_savings": D(3000),
        "total_loans": D(0),
        "total_fines": D(0),
        "average_attendance": D(80),
        "meetings_held": 1,
        "loan_default_rate": None,
        "savings_growth_rate": None,
        "member_growth_rate": None,
    }
    assert (second["total_loans"], second["total_fines"]) == (D(3000), D(100))
    assert third["total_savings"] == D(4500)
    assert third["savings_growth_rate"] == D(50)  # 4,500 against 3,000 on 9 January
    assert third["member_growth_rate"] == D(0)
    assert third["average_attendance"] == D("93.33")  # 4 + 5 + 5 of 15
    assert (third["total_loans"], third["loan_default_rate"]) == (D(1500), D(0))
    assert fourth["total_savings"] == D(4000)  # the correction counts from its own day
    assert (fourth["total_loans"], fourth["loan_default_rate"]) == (D(1000), D("16.67"))
    assert (fourth["active_members"], fourth["meetings_held"]) == (5, 4)


def test_closing_a_meeting_keeps_how_its_members_stand(village: Village) -> None:
    rows = kept(lived(village), MEMBER_FIGURES, "analytics_date")
    assert len(rows) == 4 * 5
    amina, _, _, daudi, esther = rows[-5:]
    assert amina == {
        "member_id": village.members[0],
        "group_id": village.group_id,
        "analytics_date": FOURTH,
        "total_savings": D(2000),
        "total_loans": D(1000),
        "total_fines": D(0),
        "attendance_rate": D(100),
        "participation_score": D(10),  # saved at one of four meetings: 0.4 x 1/4
        "achievement_points": 0,
        "meetings_attended": 4,
        "meetings_missed": 0,
        "late_arrivals": 0,
    }
    assert (daudi["late_arrivals"], daudi["total_fines"]) == (1, D(100))
    assert (esther["meetings_missed"], esther["attendance_rate"]) == (1, D(75))


def test_what_is_filled_later_is_what_closing_kept(village: Village) -> None:
    lived(village)
    before = [
        kept(village, *each)
        for each in ((SNAPSHOTS, "snapshot_date"), (MEMBER_FIGURES, "analytics_date"))
    ]
    with village.at_work() as session:
        session.execute(delete(SNAPSHOTS))
        session.execute(delete(MEMBER_FIGURES))
        filled = fill_analytics(session, village.group_id, clock=village.clock)
    month_end = date(2026, 1, 31)
    assert (filled.days, filled.rows) == (5, 5 * 6)
    after = [
        kept(village, *each)
        for each in ((SNAPSHOTS, "snapshot_date"), (MEMBER_FIGURES, "analytics_date"))
    ]
    assert [row for row in after[0] if row["snapshot_date"] != month_end] == before[0]
    assert [row for row in after[1] if row["analytics_date"] != month_end] == before[1]


def test_filling_again_writes_nothing(village: Village) -> None:
    lived(village)
    with village.at_work() as session:
        fill_analytics(session, village.group_id, since=FIRST, until=THIRD, clock=village.clock)
    with village.at_work() as session:
        again = fill_analytics(
            session, village.group_id, since=FIRST, until=THIRD, clock=village.clock
        )
    assert (again.days, again.rows) == (4, 0)


def test_filling_follows_the_register(village: Village) -> None:
    lived(village)
    esther = village.members[-1]
    with village.at_work() as session:
        session.execute(
            update(MEMBERS).where(MEMBERS.c.id == esther), {"joined_date": FIRST + timedelta(3)}
        )
        session.execute(
            update(SNAPSHOTS).where(SNAPSHOTS.c.snapshot_date == THIRD), {"total_savings": D(1)}
        )
        filled = fill_analytics(session, village.group_id, until=THIRD, clock=village.clock)
    rows = kept(village, SNAPSHOTS, "snapshot_date")
    assert rows[0]["total_members"] == 4
    assert rows[3]["total_savings"] == D(4500)
    # The first day and Esther on it, the end of January with its members, and the wrong one.
    assert filled.rows == 1 + 1 + 6 + 1


def test_a_group_that_never_met_has_nothing_to_keep(database: Database) -> None:
    village = Village(database).form()
    with village.at_work() as session:
        assert fill_analytics(session, village.group_id, clock=village.clock).days == 0


def test_every_day_of_a_practice_group_adds_up_from_its_rows(database: Database) -> None:
    clock = Village(database).clock
    (made,) = create_practice(database, groups=1, members=9, meetings=12, seed=7, clock=clock)
    with database.read() as session:
        entries = session.execute(select(LEDGER).where(LEDGER.c.group_id == made.group_id)).all()
        savings = session.execute(select(SAVINGS)).all()
        days = session.scalars(select(SNAPSHOTS.c.snapshot_date)).all()
        assert len(days) == 12
        for day in days:
            found = figures_on(session, made.group_id, day)
            assert found.group.total_savings == sum(
                _signed(row.transaction_type == "DEPOSIT", row)
                for row in savings
                if row.transaction_date <= day and _counts(row)
            )
            owed = fines = D(0)
            for row in entries:
                if row.transaction_date > day or not _counts(row):
                    continue
                amount = -row.amount if row.transaction_type == "REVERSAL" else row.amount
                kind = row.reversed_type or row.transaction_type
                owed += amount * {
                    "LOAN_DISBURSEMENT": 1,
                    "LOAN_REPAYMENT": -1,
                    "LOAN_WRITE_OFF": -1,
                }.get(kind, 0)
                fines += amount * (kind == "FINE_PAYMENT")
            assert (found.group.total_loans, found.group.total_fines) == (owed, fines)
            stored = (
                session.execute(select(SNAPSHOTS).where(SNAPSHOTS.c.snapshot_date == day))
                .mappings()
                .one()
            )
            assert asdict(found.group) == {name: stored[name] for name in asdict(found.group)}
        last = figures_on(session, made.group_id, max(days))
        for row in session.execute(select(MEMBERS).where(MEMBERS.c.left_date.is_(None))):
            member = last.members[row.id]
            assert member.total_savings == row.savings_balance
            assert member.attendance_rate == row.attendance_percentage
            paid = session.scalars(select(FINES.c.paid_amount).where(FINES.c.member_id == row.id))
            assert member.total_fines == sum(paid)


def _counts(row: Any) -> bool:
    return row.verification_status != "REJECTED" and not (
        row.is_mobile_money and row.verification_status != "VERIFIED"
    )


def _signed(is_in: bool, row: Any) -> Decimal:  # noqa: FBT001
    amount: Decimal = row.amount if is_in else -row.amount
    return -amount if row.is_reversal else amount


def test_only_who_writes_the_book_keeps_its_figures(laptop: Village) -> None:
    laptop.close()
    with laptop.at_work() as session:
        session.execute(
            text(
                "INSERT INTO sync_scope (su, writable) SELECT su, 0 FROM sync_idmap WHERE"
                " local_id = :group AND tbl = :groups"
            ),
            {"group": laptop.group_id, "groups": travel("savings_groups").number},
        )
    with laptop.at_work() as session, pytest.raises(RuleBroken, match="only reads this group"):
        fill_analytics(session, laptop.group_id, clock=laptop.clock)
