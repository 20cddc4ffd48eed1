"""What two books must have in common to be the same books."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, or_, select

from vsla_desktop.derived.check import count_checked, differences
from vsla_desktop.queries.activities import PARTS
from vsla_desktop.queries.balances import fund_balances
from vsla_desktop.queries.books import group_id_of
from vsla_desktop.queries.lines import IS_SHOWN, group_lines
from vsla_desktop.queries.rules import group_rules
from vsla_desktop.queries.rules_history import rules_history
from vsla_desktop.queries.seals import verify_seals
from vsla_desktop.queries.tables import (
    ACCOUNTS,
    ACTIVITIES,
    ATTENDANCE,
    CASHBOOK,
    CYCLES,
    DISTRIBUTIONS,
    FINES,
    GROUP_SAVING_TYPES,
    GROUPS,
    INSTALMENTS,
    LEDGER,
    LOANS,
    MEETINGS,
    MEMBERS,
    PHONE_PAYMENTS,
    SAVINGS,
    SETTINGS,
    USERS,
)
from vsla_desktop.services.workbook import export_workbook, import_workbook

if TYPE_CHECKING:
    from pathlib import Path

    from vsla_desktop.clock import Clock
    from vsla_desktop.db import Database

NOT_COMPARED = {
    "id",
    "group_id",
    "created_date",
    "updated_date",
    "closed_date",
    "opened_date",
    "seal",
    "previous_seal",
    "verified_date",
    "reference_number",
    "last_transaction_date",  # these two also of what was undone at its meeting
    "payment_date",
}
AMOUNT = re.compile(r"-?\d+(\.\d+)?")
OWN_IDS = ("_id", "_by", "reference")
AMOUNTS = {
    "cash",
    "social",
    "debts",
    "other_savings",
    "reserve",
    "unit",
    "remainder",
    "social_remainder",
}
RUNNING = ("_balance", "balance_after")


def seen(database: Database, code: str) -> dict[str, Any]:
    """Return the cashbook, balances, loans, fines and roll calls of a group, without ids."""
    with database.read() as session:
        group_id = group_id_of(session, code)
        numbers = dict(
            session.execute(
                select(MEMBERS.c.id, MEMBERS.c.member_number).where(MEMBERS.c.group_id == group_id)
            ).all()
        )

        held = dict(
            session.execute(
                select(MEETINGS.c.id, MEETINGS.c.meeting_number).where(
                    MEETINGS.c.group_id == group_id
                )
            ).all()
        )

        def rows(table: Any, *order: Any, of: Any) -> list[dict[str, Any]]:
            found = []
            for row in session.execute(select(table).where(of).order_by(*order)).mappings():
                kept = {
                    name: value
                    for name, value in row.items()
                    if name not in NOT_COMPARED and not name.endswith(OWN_IDS)
                }
                if table is CYCLES:
                    kept = _cycle(kept)
                if table is GROUPS:
                    for each in ("bank_statements", "property_items"):
                        kept[each] = [_exact(line) for line in kept[each] or ()]
                if table is ACTIVITIES and kept["notes"]:
                    kept["notes"] = _change(kept["notes"])
                if table is ATTENDANCE:
                    kept["put_right_at"] = held.get(row["corrected_meeting_id"])
                if row.get("member_id") is not None:
                    kept["member"] = numbers[row["member_id"]]
                found.append(kept)
            return found

        members = select(MEMBERS.c.id).where(MEMBERS.c.group_id == group_id)
        # A loan that was given and undone at the same meeting is nowhere in the book.
        loans = select(LOANS.c.id).where(
            LOANS.c.group_id == group_id,
            ~and_(
                LOANS.c.status == "PENDING",
                LOANS.c.approval_date.is_not(None),
                LOANS.c.disbursement_date.is_(None),
                LOANS.c.status_reason.is_(None),
            ),
        )
        changed = select(LEDGER.c.id).where(LEDGER.c.activity_id == ACTIVITIES.c.id)
        was_undone = changed.exists() & ~changed.where(IS_SHOWN).exists()
        used = (
            select(SAVINGS.c.member_saving_id)
            .join(LEDGER, LEDGER.c.id == SAVINGS.c.group_transaction_id)
            .where(LEDGER.c.group_id == group_id, IS_SHOWN)
        )
        stands = [line.transaction_id for line in group_lines(session, group_id)]
        meetings = select(MEETINGS.c.id).where(MEETINGS.c.group_id == group_id)
        activities = select(ACTIVITIES.c.id).where(ACTIVITIES.c.meeting_id.in_(meetings))

        def sorted_rows(table: Any, of: Any) -> list[str]:
            found = rows(table, table.c.id, of=of)
            return sorted(json.dumps(row, default=str, sort_keys=True) for row in found)

        return {
            "rules": [group_rules(session, group_id), *rules_history(session, group_id)],
            "balances": fund_balances(session, group_id),
            "accounts": sorted_rows(
                ACCOUNTS,
                and_(
                    ACCOUNTS.c.member_id.in_(members),
                    # One on which nothing stands was opened by what was undone.
                    or_(ACCOUNTS.c.target_amount.is_not(None), ACCOUNTS.c.id.in_(used)),
                ),
            ),
            "activities": sorted_rows(
                ACTIVITIES, and_(ACTIVITIES.c.meeting_id.in_(meetings), ~was_undone)
            ),
            "parts": sorted_rows(PARTS, PARTS.c.activity_id.in_(activities)),
            "phone": sorted_rows(PHONE_PAYMENTS, PHONE_PAYMENTS.c.group_id == group_id),
            "cycles": sorted_rows(CYCLES, CYCLES.c.group_id == group_id),
            "payouts": sorted_rows(DISTRIBUTIONS, DISTRIBUTIONS.c.group_id == group_id),
            "ledger": sorted_rows(LEDGER, LEDGER.c.id.in_(stands)),
            "kinds": rows(
                GROUP_SAVING_TYPES,
                GROUP_SAVING_TYPES.c.display_order,
                of=GROUP_SAVING_TYPES.c.group_id == group_id,
            ),
            "settings": [
                (row.preset, row.effective_date, _exact(row.grant_tariff or {}))
                for row in session.execute(select(SETTINGS).where(SETTINGS.c.group_id == group_id))
            ],
            "group": rows(GROUPS, GROUPS.c.id, of=GROUPS.c.id == group_id),
            "members": rows(MEMBERS, MEMBERS.c.member_number, of=MEMBERS.c.group_id == group_id),
            "cashbook": rows(
                CASHBOOK,
                CASHBOOK.c.transaction_date,
                CASHBOOK.c.transaction_reference,
                of=CASHBOOK.c.group_transaction_id.in_(stands),
            ),
            "loans": sorted_rows(LOANS, LOANS.c.id.in_(loans)),
            "schedules": sorted_rows(INSTALMENTS, INSTALMENTS.c.loan_id.in_(loans)),
            "fines": sorted(
                rows(FINES, FINES.c.id, of=FINES.c.member_id.in_(members)),
                key=lambda row: (row["fine_date"], row["member"], row["fine_type"], row["amount"]),
            ),
            "roll": sorted(
                rows(ATTENDANCE, ATTENDANCE.c.id, of=ATTENDANCE.c.group_id == group_id),
                key=lambda row: (row["meeting_date"], row["member"]),
            ),
            "meetings": rows(
                MEETINGS, MEETINGS.c.meeting_number, of=MEETINGS.c.group_id == group_id
            ),
        }


def _exact(line: dict[str, Any]) -> dict[str, Any]:
    """Return plain values with each amount in one form: 500 is 500.00."""
    return {
        name: Decimal(value) if isinstance(value, str) and AMOUNT.fullmatch(value) else value
        for name, value in line.items()
    }


def _change(notes: str) -> Any:
    """Return what a meeting did to a loan, without the reference of the loan's first entry."""
    return {name: value for name, value in json.loads(notes).items() if name != "loan"}


def _cycle(row: dict[str, Any]) -> dict[str, Any]:
    """Return a cycle with each amount of its share-out in one form; its rules are seen apart."""
    plan = {
        name: str(Fraction(value)) if name in AMOUNTS else value
        for name, value in (row["share_out"] or {}).items()
    }
    return row | {"rules": None, "share_out": plan}


def in_any_order(found: dict[str, Any]) -> dict[str, Any]:
    """Return what was seen but for the order of entry within a meeting, which no sheet holds."""
    plain = []
    for row in found["cashbook"]:
        kept = {name: value for name, value in row.items() if not name.endswith(RUNNING)}
        plain.append(json.dumps(kept, default=str, sort_keys=True))
    return found | {"cashbook": sorted(plain)}


def check_verified(database: Database, code: str) -> None:
    """Prove what ``vsla db verify`` proves: derived columns, seals, foreign keys, the file."""
    with database.connection() as connection:
        assert count_checked(connection) > 0
        assert differences(connection) == []
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    with database.read() as session:
        checks = verify_seals(session, group_id_of(session, code))
    assert [each for each in checks if each.broken or not each.seal] == []


def comes_back(first: Database, second: Database, code: str, path: Path, clock: Clock) -> None:
    """Take a book out, bring it in, and compare; taken out again it is the same file."""
    assert export_workbook(first, code, path, clock=clock).left_out == ()
    report = import_workbook(second, path, clock=clock)
    assert report.written, [str(each) for each in report.wrong]
    assert [str(each) for each in report.warnings] == []
    before, after = in_any_order(seen(first, code)), in_any_order(seen(second, code))
    for what, rows in before.items():
        assert after[what] == rows, what
    check_verified(second, code)
    content = path.read_bytes()
    export_workbook(second, code, path, clock=clock)
    assert path.read_bytes() == content


def is_empty(book: Database) -> bool:
    """Say whether nothing of any group was written."""
    with book.read() as session:
        counts = [
            session.execute(select(func.count()).select_from(table)).scalar()
            for table in (GROUPS, MEMBERS, MEETINGS, LEDGER, FINES, LOANS, ATTENDANCE, USERS)
        ]
    return not any(counts)
