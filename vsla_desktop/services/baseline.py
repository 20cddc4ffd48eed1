"""Starting in the middle of a cycle: what a group has and owes becomes the first page of its book.

A screen builds a :class:`~vsla_desktop.domain.baseline.Baseline` line by line, shows both sides of
:func:`~vsla_desktop.domain.baseline.weigh` while it is typed, and calls :func:`open_baseline` when
they are the same. See docs/rules.md#baseline.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from vsla_desktop.domain.baseline import (
    Baseline,
    BaselineBalance,
    MemberBaseline,
    OpeningLoan,
    check_balance,
    opening_schedule,
    weigh,
)
from vsla_desktop.domain.fines import FineType
from vsla_desktop.domain.loans import ChargeMethod, Instalment, latest_due_date
from vsla_desktop.domain.money import ZERO, check_amount
from vsla_desktop.domain.postings import Fund, PostingType
from vsla_desktop.domain.shares import shares_value
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import format_date
from vsla_desktop.queries.loans import ACTIVE
from vsla_desktop.queries.pages import group_page
from vsla_desktop.queries.rules import rules_on
from vsla_desktop.queries.tables import INSTALMENTS, LEDGER, LOANS, MEETINGS, MEMBERS
from vsla_desktop.services.fines import charge
from vsla_desktop.services.ledger import post_all
from vsla_desktop.services.postings import Posting
from vsla_desktop.services.rows import add_row
from vsla_desktop.services.savings import SHARES, saving_rule
from vsla_desktop.services.writing import check_page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.domain.rules import GroupRules
    from vsla_desktop.queries.pages import Page

WORDS = "Opening balance"


def open_baseline(
    session: Session,
    group_id: int,
    baseline: Baseline,
    *,
    day: date,
    clock: Clock,
    by: int | None = None,
) -> BaselineBalance:
    """Write how a group stands on ``day`` as the first page of its open cycle.

    Earnings and other funds become OPENING_BALANCE lines, shares are sold, loans are out with a
    schedule for what is left, fines are charged and dues are advances. Raise :class:`RuleBroken`,
    with nothing written, when the two sides differ (it names both, and the difference), when the
    cycle has a meeting or an entry already, for a day outside the cycle or after today, and for
    a member's line that can not stand: its value ``member`` is then the member's id.
    """
    page = group_page(session, group_id, day)
    rules = rules_on(session, page)
    _check_day(session, page, clock)
    _check_amounts(page, baseline)
    schedules = _check_members(session, page, rules, baseline.members)
    balance = weigh(baseline, rules.share_value)
    check_balance(balance)
    loans = {
        member_id: _add_loan(session, page, rules, member_id, loan, rows, clock, by)
        for member_id, (loan, rows) in schedules.items()
    }
    postings = [*_brought_in(session, page, rules, baseline), *_passed_on(baseline, loans)]
    if postings:
        post_all(session, page, postings, clock=clock, by=by)
    for each in baseline.members:
        if each.fines:
            charge(
                session,
                page,
                rules,
                each.member_id,
                FineType.MISCONDUCT,
                each.fines,
                reason=WORDS,
                clock=clock,
                by=by,
            )
    return balance


# --- checks ------------------------------------------------------------------------------------


def _check_day(session: Session, page: Page, clock: Clock) -> None:
    check_page(page)
    if page.cycle_id is None:
        raise RuleBroken("Open a cycle first.", field="cycle")
    last = clock.today() if page.cycle_end is None else min(clock.today(), page.cycle_end)
    if page.day > last:
        raise RuleBroken("Choose a day up to {day}.", field="date", day=format_date(last))
    connection = session.connection()
    held = select(MEETINGS.c.id).where(
        MEETINGS.c.cycle_id == page.cycle_id, MEETINGS.c.status.not_in(("SCHEDULED", "CANCELLED"))
    )
    if connection.execute(held.limit(1)).first() is not None:
        raise RuleBroken(
            "A meeting was held already.",
            hint="Enter the opening before the first meeting.",
            field="meeting",
        )
    entered = select(LEDGER.c.id).where(LEDGER.c.cycle_id == page.cycle_id)
    if connection.execute(entered.limit(1)).first() is not None:
        raise RuleBroken("The cycle has entries already.", hint="Correct them instead.")


def _check_amounts(page: Page, baseline: Baseline) -> None:
    amounts = [("earnings", abs(baseline.earnings)), ("debts", baseline.debts)]
    for each in (baseline.counts, baseline.at_bank):
        amounts += [(fund.value, amount) for fund, amount in each.items()]
    for name, amount in amounts:
        check_amount(amount, page.currency, field=name, zero_allowed=True)


def _check_members(
    session: Session, page: Page, rules: GroupRules, members: tuple[MemberBaseline, ...]
) -> dict[int, tuple[OpeningLoan, tuple[Instalment, ...]]]:
    """Check each member's line; return the loans with their schedules."""
    active = select(MEMBERS.c.id).where(
        MEMBERS.c.group_id == page.group_id, MEMBERS.c.is_active, MEMBERS.c.status == "ACTIVE"
    )
    waiting = set(session.connection().execute(active).scalars())
    schedules = {}
    for each in members:
        try:
            _check_line(page, each, waiting)
            if each.loan is not None:
                schedules[each.member_id] = (each.loan, _schedule(page, rules, each.loan))
        except RuleBroken as problem:
            problem.values["member"] = each.member_id
            raise
        waiting.remove(each.member_id)
    return schedules


def _check_line(page: Page, line: MemberBaseline, waiting: set[int]) -> None:
    if line.member_id not in waiting:
        raise RuleBroken("Choose each active member once.", field="member")
    if line.shares < 0:
        raise RuleBroken("Enter a whole number, or 0.", field="shares")
    for name in ("fines", "social_due"):
        check_amount(getattr(line, name), page.currency, field=name, zero_allowed=True)


def _schedule(page: Page, rules: GroupRules, loan: OpeningLoan) -> tuple[Instalment, ...]:
    check_amount(loan.principal, page.currency, field="principal")
    check_amount(loan.charge, page.currency, field="charge", zero_allowed=True)
    return opening_schedule(
        loan,
        page.day,
        cycle_end=page.cycle_end,
        period_kind=rules.loan_period,
        most=rules.loan_max_months,
        unit=page.currency.step,
    )


# --- what is written ---------------------------------------------------------------------------


def _brought_in(
    session: Session, page: Page, rules: GroupRules, baseline: Baseline
) -> Iterator[Posting]:
    """Return what fills the funds: savings, debts, earnings, and what the other funds hold."""
    rule = saving_rule(session, page, SHARES)
    for each in baseline.members:
        if each.shares:
            yield Posting(
                PostingType.SAVINGS_DEPOSIT,
                rule.fund,
                shares_value(each.shares, rules.share_value),
                member_id=each.member_id,
                saving_type_id=rule.saving_type_id,
                shares_count=each.shares,
                description=f"{WORDS}: {each.shares} shares",
            )
    if baseline.debts:
        yield Posting(
            PostingType.EXTERNAL_LOAN_IN, Fund.LOAN_FUND, baseline.debts, description=WORDS
        )
    held = {fund: baseline.held(fund) for fund in Fund} | {Fund.LOAN_FUND: baseline.earnings}
    held[Fund.SOCIAL] += sum((each.social_due for each in baseline.members), ZERO)
    for fund, amount in held.items():
        if amount:
            yield Posting(
                PostingType.OPENING_BALANCE,
                fund,
                abs(amount),
                direction=1 if amount > 0 else -1,
                description=WORDS,
            )


def _passed_on(baseline: Baseline, loans: Mapping[int, int]) -> Iterator[Posting]:
    """Return what leaves the box again: loans and dues of the members, and what is at the bank."""
    for each in baseline.members:
        if each.loan is not None:
            yield Posting(
                PostingType.LOAN_DISBURSEMENT,
                Fund.LOAN_FUND,
                each.loan.principal,
                member_id=each.member_id,
                loan_id=loans[each.member_id],
                description=WORDS,
            )
        if each.social_due:
            yield Posting(
                PostingType.SOCIAL_ADVANCE,
                Fund.SOCIAL,
                each.social_due,
                member_id=each.member_id,
                description=WORDS,
            )
    for fund, amount in baseline.at_bank.items():
        if amount:
            yield Posting(PostingType.BANK_DEPOSIT, fund, amount, description=WORDS)


def _add_loan(
    session: Session,
    page: Page,
    rules: GroupRules,
    member_id: int,
    loan: OpeningLoan,
    rows: tuple[Instalment, ...],
    clock: Clock,
    by: int | None,
) -> int:
    method = ChargeMethod.FLAT_MONTHLY if loan.charge else ChargeMethod.NONE
    values: dict[str, Any] = {
        "group_id": page.group_id,
        "member_id": member_id,
        "principal": loan.principal,
        "interest_rate": ZERO,
        "term_months": len(rows),
        "monthly_payment": rows[0].total,
        "status": ACTIVE,
        "application_date": page.day,
        "approval_date": page.day,
        "disbursement_date": page.day,
        "maturity_date": latest_due_date(rows),
        "total_amount_due": loan.principal + loan.charge,
        "loan_purpose": loan.purpose.strip() or WORDS,
        "cycle_id": page.cycle_id,
        "approved_by": by,
        "disbursed_by": by,
        "interest_method": method.value,
        "loan_period": rules.loan_period.value,
    }
    loan_id = add_row(session, insert(LOANS), values, clock)
    now = clock.now()
    session.connection().execute(
        insert(INSTALMENTS),
        [
            {
                "loan_id": loan_id,
                "installment_number": row.number,
                "due_date": row.due_date,
                "principal_amount": row.principal,
                "interest_amount": row.charge,
                "total_amount": row.total,
                "created_date": now,
                "updated_date": now,
            }
            for row in rows
        ],
    )
    return loan_id
