"""How the schedule of a loan stood at the end of each meeting that touched it.

A meeting touches a loan that it gives, changes, writes off or corrects. The schedule is in the book
once, as it is now; each later meeting that gave the loan another one keeps the old one in its
minutes. So what was agreed can be told of every meeting, on every database alike.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from vsla_desktop.domain.loans import ChargeMethod
from vsla_desktop.queries.tables import ACTIVITIES, INSTALMENTS, LEDGER, LOANS, MEETINGS

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.domain.loans import Instalment
    from vsla_desktop.queries.loans import LoanState

_GIVEN = (
    select(LEDGER.c.loan_id, LEDGER.c.meeting_id, LEDGER.c.reference_number)
    .where(
        LEDGER.c.group_id == bindparam("of_group"),
        LEDGER.c.transaction_type == "LOAN_DISBURSEMENT",
        LEDGER.c.loan_id.is_not(None),
        LEDGER.c.reference_number.is_not(None),
    )
    .order_by(LEDGER.c.transaction_date, LEDGER.c.reference_number)
)
_FIRST = (
    select(LEDGER.c.reference_number)
    .where(
        LEDGER.c.loan_id == bindparam("loan"),
        LEDGER.c.transaction_type == "LOAN_DISBURSEMENT",
        LEDGER.c.reference_number.is_not(None),
    )
    .order_by(LEDGER.c.transaction_date, LEDGER.c.reference_number)
    .limit(1)
)
_FIRST_OF_ALL = (
    select(LEDGER.c.loan_id, LEDGER.c.reference_number)
    .where(
        LEDGER.c.loan_id.in_(bindparam("loans", expanding=True)),
        LEDGER.c.transaction_type == "LOAN_DISBURSEMENT",
        LEDGER.c.reference_number.is_not(None),
    )
    .order_by(LEDGER.c.transaction_date, LEDGER.c.reference_number)
)
_CHANGES = (
    select(
        ACTIVITIES.c.id,
        ACTIVITIES.c.meeting_id,
        ACTIVITIES.c.activity_name,
        ACTIVITIES.c.description,
        ACTIVITIES.c.notes,
        MEETINGS.c.meeting_date,
    )
    .select_from(ACTIVITIES.join(MEETINGS, MEETINGS.c.id == ACTIVITIES.c.meeting_id))
    .where(MEETINGS.c.group_id == bindparam("of_group"), ACTIVITIES.c.activity_type == "LOANS")
    .order_by(
        MEETINGS.c.meeting_date,
        MEETINGS.c.opened_date,
        ACTIVITIES.c.created_date,
        ACTIVITIES.c.id,
    )
)
_NOW = (
    select(
        LOANS.c.id.label("loan"),
        LOANS.c.interest_method,
        INSTALMENTS.c.installment_number,
        INSTALMENTS.c.due_date,
        INSTALMENTS.c.principal_amount,
        INSTALMENTS.c.interest_amount,
    )
    .select_from(LOANS.outerjoin(INSTALMENTS, INSTALMENTS.c.loan_id == LOANS.c.id))
    .where(LOANS.c.group_id == bindparam("of_group"))
)


RESCHEDULED = "A loan is spread anew"
LET_OFF = "A penalty is let off"
CHANGE_TAKEN_BACK = "A change of a loan is taken back"


@dataclass(frozen=True, slots=True)
class LoanChange:
    """What a meeting did to a loan and no entry of the ledger tells; ``past`` is what it kept."""

    activity_id: int
    day: date
    name: str
    reason: str
    past: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AgreedRow:
    """One instalment as it was agreed. ``loan`` is the reference of the loan's first entry.

    The charge is None with DECLINING: payments lower it, so it follows from the rows of the ledger.
    """

    loan: str
    number: int
    due_date: date
    principal: Decimal
    charge: Decimal | None


@dataclass(frozen=True, slots=True)
class _Change:
    """A meeting gave a loan another schedule; ``before`` is the one that it had."""

    meeting_id: int
    before: tuple[AgreedRow, ...]


def first_reference(session: Session, loan_id: int) -> str:
    """Return the reference of the entry that gave a loan: it names the loan in every database."""
    found: str | None = session.connection().execute(_FIRST, {"loan": loan_id}).scalar()
    return found or ""


def first_references(session: Session, loan_ids: Collection[int]) -> dict[int, str]:
    """Return by loan the reference of the entry that gave it."""
    found: dict[int, str] = {}
    rows = session.connection().execute(_FIRST_OF_ALL, {"loans": list(loan_ids)})
    for loan_id, reference in rows:
        found.setdefault(loan_id, reference)
    return found


def changes_of_loan(session: Session, loan: LoanState) -> tuple[LoanChange, ...]:
    """Return what meetings did to a loan without an entry of the ledger, the first thing first."""
    name = first_reference(session, loan.loan_id)
    rows = session.connection().execute(_CHANGES, {"of_group": loan.group_id})
    found = [
        LoanChange(
            activity_id=row.id,
            day=row.meeting_date,
            name=row.activity_name,
            reason=row.description or "",
            past=json.loads(row.notes),
        )
        for row in rows
        if row.notes and row.activity_name in {RESCHEDULED, LET_OFF, CHANGE_TAKEN_BACK}
    ]
    return tuple(each for each in found if each.past.get("loan") == name)


def penalty_let_off(past: Mapping[str, Any]) -> Decimal:
    """Return how much of its penalties a loan was let off, from what was kept of it."""
    before = sum((Decimal(each) for each in past["penalties"]), Decimal(0))
    return before - Decimal(past["penalties_after"])


def standing_change(
    changes: Iterable[LoanChange], instalments: Iterable[Instalment]
) -> LoanChange | None:
    """Return the last of a loan's changes that made its schedule what it is; None for none."""
    standing: list[LoanChange] = []
    for each in changes:
        if each.name != CHANGE_TAKEN_BACK:
            standing.append(each)
            continue
        undone = _last_that_made(standing, each.past["rows"])
        if undone is not None:
            standing.remove(undone)
    now = [[row.number, row.due_date.isoformat(), f"{row.principal:.2f}"] for row in instalments]
    return _last_that_made(standing, now)


def _last_that_made(changes: list[LoanChange], rows: list[list[Any]]) -> LoanChange | None:
    wanted = [row[:3] for row in rows]
    made = (each for each in reversed(changes) if [r[:3] for r in each.past["after"]] == wanted)
    return next(made, None)


def agreed_schedules(session: Session, group_id: int) -> Mapping[int, tuple[AgreedRow, ...]]:
    """Return by meeting the schedules of the loans it touched, as they stood when it closed."""
    connection = session.connection()
    wanted = {"of_group": group_id}
    names: dict[int, str] = {}
    touched: dict[str, list[int]] = defaultdict(list)
    for loan_id, meeting_id, reference in connection.execute(_GIVEN, wanted):
        name = names.setdefault(loan_id, reference)
        if meeting_id is not None:
            touched[name].append(meeting_id)
    now, methods = _schedules_now(connection.execute(_NOW, wanted), names)
    changes: dict[str, list[_Change]] = defaultdict(list)
    for row in connection.execute(_CHANGES, wanted):
        meeting_id, past = row.meeting_id, json.loads(row.notes or "{}")
        name = past.get("loan", "")
        if name in methods:
            before = tuple(_kept(name, each, methods[name]) for each in past["rows"])
            changes[name].append(_Change(meeting_id, before))
            touched[name].append(meeting_id)
    found: dict[int, list[AgreedRow]] = defaultdict(list)
    for name, meetings in touched.items():
        for meeting_id in dict.fromkeys(meetings):
            found[meeting_id] += _at_the_end_of(meeting_id, changes[name], now[name])
    return {meeting_id: tuple(rows) for meeting_id, rows in found.items()}


def _at_the_end_of(
    meeting_id: int, changes: list[_Change], now: tuple[AgreedRow, ...]
) -> tuple[AgreedRow, ...]:
    """Return the schedule that the first change of a later meeting found; else the one of now."""
    own = [place for place, each in enumerate(changes) if each.meeting_id == meeting_id]
    later = changes[own[-1] + 1 :] if own else changes
    return later[0].before if later else now


def _schedules_now(
    rows: Iterable[Any], names: Mapping[int, str]
) -> tuple[dict[str, tuple[AgreedRow, ...]], dict[str, str]]:
    """Return by loan its schedule as it is in the book, and its method."""
    now: dict[str, list[AgreedRow]] = defaultdict(list)
    methods: dict[str, str] = {}
    for row in rows:
        name = names.get(row.loan)
        if name is None:
            continue
        methods[name] = row.interest_method or ""
        held = now[name]
        if row.installment_number is not None:
            held.append(
                AgreedRow(
                    name,
                    row.installment_number,
                    row.due_date,
                    row.principal_amount,
                    _charge(row.interest_amount, methods[name]),
                )
            )
    return {name: tuple(held) for name, held in now.items()}, methods


def _kept(name: str, plain: list[Any], method: str) -> AgreedRow:
    """Return an instalment as the minutes keep it."""
    number, day, principal, charge = plain
    return AgreedRow(
        name, number, date.fromisoformat(day), Decimal(principal), _charge(Decimal(charge), method)
    )


def _charge(charge: Decimal, method: str) -> Decimal | None:
    return None if method == ChargeMethod.DECLINING.value else charge
