"""A share-out worked out once more, from the raw rows, with exact fractions and by another way."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from sqlalchemy import select

from tests.cycle.invariants import is_there, kind_of
from vsla_desktop.queries.tables import (
    ACCOUNTS,
    FINES,
    GROUP_SAVING_TYPES,
    INSTALMENTS,
    LEDGER,
    LOANS,
    MEMBERS,
    SAVING_TYPES,
    SAVINGS,
)

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.domain.rules import GroupRules

HALF_DONE = ("ACTIVE", "DISBURSED")


@dataclass
class Person:
    """One member's facts of the cycle."""

    shares: int = 0
    savings: Fraction = Fraction(0)
    charges: Fraction = Fraction(0)
    fines: Fraction = Fraction(0)
    social: Fraction = Fraction(0)
    debt: Fraction = Fraction(0)
    dues: list[tuple[str, Fraction]] = field(default_factory=list)
    is_here: bool = True


@dataclass
class Facts:
    """What a group's rows say on the day of its share-out."""

    people: dict[int, Person]
    cash: Fraction
    social: Fraction
    debts: Fraction
    other_savings: Fraction


def facts(session: Session, group_id: int, on: date) -> Facts:
    """Add the rows up. ``debt`` is what clears a member's loans on the day.

    ``dues`` are her fines, the oldest first, and her advances, each with the fund it is paid to.
    """
    people = {
        row.id: Person(is_here=row.is_active is not False)
        for row in session.execute(select(MEMBERS).where(MEMBERS.c.group_id == group_id))
    }
    cash, social, debts = Fraction(0), Fraction(0), Fraction(0)
    for row in session.execute(select(LEDGER).where(LEDGER.c.group_id == group_id)):
        if not is_there(row):
            continue
        moved = Fraction(row.amount) * row.direction
        if row.fund_type == "LOAN_FUND":
            cash += moved
        elif row.fund_type == "SOCIAL":
            social += moved
        kind = kind_of(row)
        person = people.get(row.member_id)
        if kind in {"EXTERNAL_LOAN_IN", "EXTERNAL_LOAN_OUT"}:
            debts += moved
        elif person is not None and kind == "LOAN_CHARGE":
            person.charges += moved
        elif person is not None and kind == "FINE_PAYMENT" and row.fund_type == "LOAN_FUND":
            person.fines += moved
        elif person is not None and kind == "SOCIAL_CONTRIBUTION":
            person.social += moved
    _add_shares(session, group_id, people)
    _add_dues(session, group_id, people)
    for loan in session.execute(
        select(LOANS).where(LOANS.c.group_id == group_id, LOANS.c.status.in_(HALF_DONE))
    ):
        people[loan.member_id].debt += _clears(session, loan, on)
    return Facts(people, cash, social, debts, _other_savings(session, group_id))


def _other_savings(session: Session, group_id: int) -> Fraction:
    """What stands on accounts that are no shares, of the kinds that go to the loan fund."""
    held = session.execute(
        select(ACCOUNTS.c.current_balance)
        .select_from(
            ACCOUNTS.join(MEMBERS, MEMBERS.c.id == ACCOUNTS.c.member_id)
            .join(SAVING_TYPES, SAVING_TYPES.c.id == ACCOUNTS.c.saving_type_id)
            .join(
                GROUP_SAVING_TYPES, GROUP_SAVING_TYPES.c.saving_type_id == ACCOUNTS.c.saving_type_id
            )
        )
        .where(
            MEMBERS.c.group_id == group_id,
            GROUP_SAVING_TYPES.c.group_id == group_id,
            GROUP_SAVING_TYPES.c.fund_type == "LOAN_FUND",
            SAVING_TYPES.c.code != "PERSONAL",
        )
    ).scalars()
    return sum(map(Fraction, held), Fraction(0))


def _add_dues(session: Session, group_id: int, people: dict[int, Person]) -> None:
    """A fine is owed less what the entries paid of it; advances less what came back of them."""
    paid: dict[int, Fraction] = defaultdict(Fraction)
    for row in session.execute(select(LEDGER).where(LEDGER.c.group_id == group_id)):
        if is_there(row) and kind_of(row) == "FINE_PAYMENT":
            paid[row.fine_id] += Fraction(row.amount) * row.direction
    fines = select(FINES).where(FINES.c.member_id.in_(people), FINES.c.waived_date.is_(None))
    for fine in session.execute(fines.order_by(FINES.c.fine_date, FINES.c.id)):
        people[fine.member_id].dues.append((fine.fund_type, Fraction(fine.amount) - paid[fine.id]))
    for member_id, owed in advances_of(session, group_id).items():
        people[member_id].dues.append(("SOCIAL", owed))


def advances_of(session: Session, group_id: int) -> dict[int, Fraction]:
    """Return what each member owes of advances; what she was let off counts as paid back."""
    owed: dict[int, Fraction] = defaultdict(Fraction)
    for row in session.execute(select(LEDGER).where(LEDGER.c.group_id == group_id)):
        if is_there(row) and kind_of(row) in {"SOCIAL_ADVANCE", "SOCIAL_ADVANCE_REPAYMENT"}:
            owed[row.member_id] -= Fraction(row.amount) * row.direction
    return owed


def _add_shares(session: Session, group_id: int, people: dict[int, Person]) -> None:
    sold = session.execute(
        select(SAVINGS, ACCOUNTS.c.member_id)
        .select_from(
            SAVINGS.join(ACCOUNTS, ACCOUNTS.c.id == SAVINGS.c.member_saving_id)
            .join(SAVING_TYPES, SAVING_TYPES.c.id == ACCOUNTS.c.saving_type_id)
            .join(MEMBERS, MEMBERS.c.id == ACCOUNTS.c.member_id)
        )
        .where(MEMBERS.c.group_id == group_id, SAVING_TYPES.c.code == "PERSONAL")
    )
    for row in sold:
        if is_there(row):
            sign = (1 if row.transaction_type == "DEPOSIT" else -1) * (-1 if row.is_reversal else 1)
            people[row.member_id].shares += sign * row.shares_count
            people[row.member_id].savings += sign * Fraction(row.amount)


def _clears(session: Session, loan: object, on: date) -> Fraction:
    """Penalty + charge of the periods that have begun + principal, less what was paid of each."""
    rows = session.execute(
        select(INSTALMENTS)
        .where(INSTALMENTS.c.loan_id == loan.id)  # type: ignore[attr-defined]
        .order_by(INSTALMENTS.c.installment_number)
    ).all()
    paid: dict[str, Fraction] = defaultdict(Fraction)
    for row in session.execute(
        select(LEDGER).where(LEDGER.c.loan_id == loan.id)  # type: ignore[attr-defined]
    ):
        paid[kind_of(row)] += Fraction(row.amount) * row.direction
    is_declining = loan.interest_method == "DECLINING"  # type: ignore[attr-defined]
    charge = Fraction(0)
    for place in range(len(rows)):
        if not is_declining or _has_begun(loan, [row.due_date for row in rows], place, on):
            charge += Fraction(rows[place].interest_amount)
    penalty = sum((Fraction(row.late_fee_amount or 0) for row in rows), Fraction(0))
    principal = -paid["LOAN_DISBURSEMENT"] - paid["LOAN_REPAYMENT"]
    return (
        principal
        + max(charge - paid["LOAN_CHARGE"], Fraction(0))
        + max(penalty - paid["LOAN_PENALTY"], Fraction(0))
    )


def _has_begun(loan: object, due: list[date], place: int, on: date) -> bool:
    """A period begins after the due date before it; the first with the loan, or with its change."""
    changed: date | None = loan.rescheduled_date  # type: ignore[attr-defined]
    if changed is not None:
        first_new = min((day for day in due if day > changed), default=changed)
        if due[place] <= first_new:
            return on >= changed
    return place == 0 or max(due[:place]) < on


@dataclass
class Result:
    """What everybody takes home, and what nobody does."""

    payouts: dict[int, Fraction]
    written_off: Fraction
    loan_remainder: Fraction
    social_remainder: Fraction
    pool: Fraction
    owed: Fraction
    """What stays in the loan fund for others: lenders, leavers, members' other savings."""


def work_out(found: Facts, rules: GroupRules, reserve: Decimal = Decimal(0)) -> Result:
    """Share out by trying: give up a little debt, look again, until every debt fits."""
    unit = Fraction(rules.payout_unit)
    owes = {
        key: person.debt + sum((due for _fund, due in person.dues), Fraction(0))
        for key, person in found.people.items()
    }
    given_up = dict.fromkeys(found.people, Fraction(0))
    owed = found.debts + found.other_savings
    while True:
        for_social = sum(
            (_for_social(p, owes[key] - given_up[key]) for key, p in found.people.items()),
            Fraction(0),
        )
        cash_of_social = found.social + for_social
        social = _social_parts(found, cash_of_social, rules, unit)
        pool = found.cash - owed - Fraction(reserve) - for_social
        pool += sum((owes[key] - given_up[key] for key in found.people), Fraction(0))
        parts = {
            key: (part // unit) * unit for key, part in _loan_parts(found, rules, pool).items()
        }
        too_much = {
            key: owes[key] - given_up[key] - parts[key] - social[key] for key in found.people
        }
        if all(rest <= 0 for rest in too_much.values()):
            break
        for key, rest in too_much.items():
            given_up[key] += max(rest, Fraction(0))
    payouts = {key: parts[key] + social[key] - (owes[key] - given_up[key]) for key in found.people}
    taken = sum(social.values(), Fraction(0))
    return Result(
        payouts=payouts,
        written_off=sum(
            (
                max(person.debt - (owes[key] - given_up[key]), Fraction(0))
                for key, person in found.people.items()
            ),
            Fraction(0),
        ),
        loan_remainder=pool - sum(parts.values(), Fraction(0)),
        social_remainder=cash_of_social - taken,
        pool=pool,
        owed=owed,
    )


def _for_social(person: Person, paid: Fraction) -> Fraction:
    """What of so much paid by setting off goes to the social fund: loans are paid first."""
    left, found = max(paid - person.debt, Fraction(0)), Fraction(0)
    for fund, due in person.dues:
        part = min(left, due)
        left -= part
        if fund == "SOCIAL":
            found += part
    return found


def _loan_parts(found: Facts, rules: GroupRules, pool: Fraction) -> dict[int, Fraction]:
    holders = {key: person for key, person in found.people.items() if person.shares}
    none = dict.fromkeys(found.people, Fraction(0))
    shares = sum(person.shares for person in holders.values())
    savings = sum((person.savings for person in holders.values()), Fraction(0))
    profit = pool - savings
    rule = rules.profit_rule.value
    if rule == "PRO_RATA" or profit <= 0:
        by = {key: Fraction(person.shares, shares) for key, person in holders.items()}
        if rule != "PRO_RATA":
            by = {key: person.savings / savings for key, person in holders.items()}
        return none | {key: pool * part for key, part in by.items()}
    if rule == "EQUAL":
        return none | {k: person.savings + profit / len(holders) for k, person in holders.items()}
    charges = sum((person.charges for person in holders.values()), Fraction(0))
    if rule == "RETURN_INTEREST":
        back = min(profit, charges)
        here = (p.fines for p in found.people.values() if p.is_here or p.shares or p.debt)
        fines = min(profit - back, sum(here, Fraction(0)))
        rest = profit - back - fines
        return none | {
            key: person.savings
            + (back * person.charges / charges if charges else 0)
            + fines / len(holders)
            + rest * person.shares / shares
            for key, person in holders.items()
        }
    by_savings = Fraction(rules.profit_savings_percentage, 100) if charges else Fraction(1)
    return none | {
        key: person.savings
        + profit * by_savings * person.shares / shares
        + (profit * (1 - by_savings) * person.charges / charges if charges else 0)
        for key, person in holders.items()
    }


def _social_parts(
    found: Facts, cash: Fraction, rules: GroupRules, unit: Fraction
) -> dict[int, Fraction]:
    rule = rules.social_fund_rule.value
    parts = dict.fromkeys(found.people, Fraction(0))
    here = {key: person for key, person in found.people.items() if person.is_here}
    if rule == "KEEP":
        return parts
    if rule == "SPLIT_EQUALLY":
        exact = {key: cash / len(here) for key in here}
    else:
        paid = sum((person.social for person in here.values()), Fraction(0))
        factor = min(Fraction(1), cash / paid) if paid else Fraction(0)
        exact = {key: person.social * factor for key, person in here.items()}
    return parts | {key: (part // unit) * unit for key, part in exact.items()}
