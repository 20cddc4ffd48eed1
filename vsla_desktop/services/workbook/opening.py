"""Starting in the middle of a cycle: what members hold and owe becomes the first page of the book.

Each member's shares, loan and fines are entered as they stand, and the box as it is counted. What
the box and the loans hold beyond the members' savings are the earnings so far: they are one
OPENING_BALANCE line, so that loan fund in the box + loans out = savings + earnings from the first
line on.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert

from vsla_desktop.domain.fines import FineType
from vsla_desktop.domain.loans import ChargeMethod, latest_due_date, most_periods, schedule
from vsla_desktop.domain.money import ZERO, check_amount
from vsla_desktop.domain.postings import Fund, PostingType
from vsla_desktop.domain.shares import shares_value
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.pages import group_page
from vsla_desktop.queries.rules import rules_on
from vsla_desktop.queries.tables import INSTALMENTS, LOANS
from vsla_desktop.services.fines import charge
from vsla_desktop.services.ledger import post
from vsla_desktop.services.postings import Posting
from vsla_desktop.services.rows import add_row
from vsla_desktop.services.savings import SHARES, saving_rule

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.domain.rules import GroupRules
    from vsla_desktop.queries.pages import Page

WORDS = "Opening balance"


@dataclass(frozen=True, slots=True)
class Brought:
    """What the members brought along, and what the group had earned by then."""

    savings: Decimal
    loans: Decimal
    earnings: Decimal


class OpeningPage:
    """The page before the first meeting, on the first day of the cycle.

    Savings first, then the earnings, then the loans that are out: no fund is ever below nought.
    """

    def __init__(
        self, session: Session, group_id: int, day: date, *, clock: Clock, by: int | None
    ) -> None:
        self._session = session
        self._page: Page = group_page(session, group_id, day)
        self._rules: GroupRules = rules_on(session, self._page)
        self._clock = clock
        self._by = by
        self.savings = ZERO

    def bring_shares(self, member_id: int, count: int) -> None:
        """Enter the shares that a member has bought so far in the cycle."""
        rule = saving_rule(self._session, self._page.group_id, SHARES)
        amount = shares_value(count, self._rules.share_value)
        self._post(
            Posting(
                PostingType.SAVINGS_DEPOSIT,
                rule.fund,
                amount,
                member_id=member_id,
                saving_type_id=rule.saving_type_id,
                shares_count=count,
                description=f"{WORDS}: {count} shares",
            )
        )
        self.savings += amount

    def bring_fine(self, member_id: int, amount: Decimal) -> None:
        """Enter the fines that a member still owes."""
        check_amount(amount, self._page.currency)
        charge(
            self._session,
            self._page,
            self._rules,
            member_id,
            FineType.MISCONDUCT,
            amount,
            reason=WORDS,
            clock=self._clock,
            by=self._by,
        )

    def bring_funds(self, loan_fund: Decimal, social_fund: Decimal, loans: Decimal) -> Brought:
        """Enter what the box holds, of which ``loans`` are lent; return what balances.

        Called when all shares are entered, before the loans.
        """
        earnings = loan_fund + loans - self.savings
        if earnings:
            self._post(
                Posting(
                    PostingType.OPENING_BALANCE,
                    Fund.LOAN_FUND,
                    abs(earnings),
                    direction=1 if earnings > 0 else -1,
                    description=WORDS,
                )
            )
        if social_fund:
            self._post(
                Posting(
                    PostingType.OPENING_BALANCE,
                    Fund.SOCIAL,
                    social_fund,
                    direction=1,
                    description=WORDS,
                )
            )
        return Brought(self.savings, loans, earnings)

    def bring_loan(self, member_id: int, amount: Decimal, periods: int | None) -> None:
        """Enter what a member still owes of a loan, charge and all; it costs nothing more.

        ``periods`` None takes the longest term that ends before the share-out.
        """
        page, rules = self._page, self._rules
        check_amount(amount, page.currency)
        if periods is None:
            most = rules.loan_max_months
            if page.cycle_end is not None:
                most = most_periods(page.day, page.cycle_end, rules.loan_period, most=most)
            periods = max(most, 1)
        if periods < 1:
            raise RuleBroken("Choose at least one period.", field="term_months")
        rows = schedule(
            amount,
            ZERO,
            periods,
            method=ChargeMethod.NONE,
            period_kind=rules.loan_period,
            start=page.day,
            unit=page.currency.step,
        )
        loan: dict[str, Any] = {
            "group_id": page.group_id,
            "member_id": member_id,
            "principal": amount,
            "interest_rate": ZERO,
            "term_months": periods,
            "monthly_payment": rows[0].total,
            "status": "ACTIVE",
            "application_date": page.day,
            "approval_date": page.day,
            "disbursement_date": page.day,
            "maturity_date": latest_due_date(rows),
            "total_amount_due": amount,
            "loan_purpose": WORDS,
            "cycle_id": page.cycle_id,
            "interest_method": ChargeMethod.NONE.value,
            "loan_period": rules.loan_period.value,
        }
        loan_id = add_row(self._session, insert(LOANS), loan, self._clock)
        now = self._clock.now()
        self._session.connection().execute(
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
        self._post(
            Posting(
                PostingType.LOAN_DISBURSEMENT,
                Fund.LOAN_FUND,
                amount,
                member_id=member_id,
                loan_id=loan_id,
                description=WORDS,
            )
        )

    def _post(self, posting: Posting) -> None:
        post(self._session, self._page, posting, clock=self._clock, by=self._by)
