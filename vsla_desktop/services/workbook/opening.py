"""Starting in the middle of a cycle: the opening of a workbook becomes the baseline of the book."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from vsla_desktop.domain.baseline import (
    Baseline,
    MemberBaseline,
    OpeningLoan,
    signed_amount,
    weigh,
)
from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import Fund
from vsla_desktop.errors import RuleBroken
from vsla_desktop.services.baseline import open_baseline
from vsla_desktop.services.workbook.attempts import Attempts, Place
from vsla_desktop.services.workbook.books import Books, MeetingRow, MemberRow, Wanted, wanted
from vsla_desktop.services.workbook.layout import GROUP, MEETINGS, MEMBERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vsla_desktop.clock import Clock

_MEMBER_FIELDS = {
    "shares": "opening_shares",
    "principal": "opening_loan",
    "charge": "opening_loan_charge",
    "term_months": "opening_loan_months",
    "first_due": "opening_loan_due",
    "fines": "opening_fines",
    "social_due": "opening_social_due",
}
_GROUP_FIELDS = {
    Fund.LOAN_FUND.value: "opening_loan_fund",
    Fund.SOCIAL.value: "opening_social_fund",
    Fund.ECD.value: "opening_ecd_fund",
    Fund.TARGET.value: "opening_target_fund",
    "earnings": "opening_earnings",
    "debts": "opening_debts",
    "date": "opening_date",
}


class OpeningPage:
    """The page before the first meeting of a workbook; ``members`` gives the id of each number."""

    def __init__(
        self,
        attempts: Attempts,
        books: Books,
        group_id: int,
        members: Mapping[int, int],
        *,
        clock: Clock,
        by: int | None,
    ) -> None:
        self._attempts = attempts
        self._books = books
        self._group_id = group_id
        self._members = members
        self._clock = clock
        self._by = by
        self._first: MeetingRow | None = min(
            books.meetings, key=lambda row: (row.date, row.number), default=None
        )
        self._rows = {
            members[row.number]: row
            for row in books.members
            if row.has_opening and row.number in members
        }

    def write(self) -> None:
        """Enter what the members and the box bring along, if it balances."""
        page, first = self._books.group, self._first
        cash, social = page.opening_loan_fund, page.opening_social_fund
        if first is not None:
            cash = first.opening_loan_fund_count if cash is None else cash
            social = first.opening_social_fund_count if social is None else social
        counts = {
            Fund.LOAN_FUND: cash or ZERO,
            Fund.SOCIAL: social or ZERO,
            Fund.ECD: page.opening_ecd_fund or ZERO,
            Fund.TARGET: page.opening_target_fund or ZERO,
        }
        if not (self._rows or any(counts.values()) or page.opening_earnings or page.opening_debts):
            return
        baseline = Baseline(
            members=tuple(_line(member_id, row) for member_id, row in self._rows.items()),
            counts=counts,
            earnings=page.opening_earnings or ZERO,
            debts=page.opening_debts or ZERO,
        )
        if cash is None:
            problem = RuleBroken("Enter what was in the box.", field="opening_loan_fund")
            expected = wanted("opening_loan_fund in the sheet Group, or the first opening count")
            row = next(iter(self._rows.values()), self._books.members[0])
            self._attempts.refuse(Place(MEMBERS, row.row, "number"), problem, expected)
            baseline = self._balanced(baseline)
        self._enter(baseline, self._day())

    def _day(self) -> date:
        page, first = self._books.group, self._first
        last = page.cycle_start if first is None else first.date
        day = page.opening_date
        if day is None or first is None or day <= last:
            return day or last
        problem = RuleBroken(
            "Meeting {number} was held before, on {day}.",
            number=first.number,
            day=last.isoformat(),
            field="date",
        )
        expected = wanted("a day up to {day}", day=last.isoformat())
        self._attempts.refuse(self._place(problem), problem, expected)
        return last

    def _enter(self, baseline: Baseline, day: date) -> None:
        """Write the baseline; while all wrong cells are looked for, go on without the wrong one."""
        try:
            with self._attempts.session.begin_nested():
                open_baseline(
                    self._attempts.session,
                    self._group_id,
                    baseline,
                    day=day,
                    clock=self._clock,
                    by=self._by,
                )
        except RuleBroken as problem:
            self._attempts.refuse(self._place(problem), problem, self._expected(baseline, problem))
            wrong = problem.values.get("member")
            rest = tuple(
                left
                for each in baseline.members
                for left in (_without(each, problem) if each.member_id == wrong else (each,))
            )
            if rest != baseline.members or problem.field == "earnings":
                self._enter(self._balanced(replace(baseline, members=rest)), day)

    def _balanced(self, baseline: Baseline) -> Baseline:
        """Return a baseline whose earnings are what is left, so that the search can go on."""
        balance = weigh(baseline, self._books.rules.share_value)
        return replace(baseline, earnings=baseline.earnings + balance.difference)

    def _expected(self, baseline: Baseline, problem: RuleBroken) -> Wanted | None:
        if "difference" not in problem.values:
            return None
        right = self._balanced(baseline).earnings
        return wanted(
            "opening_earnings of {amount}, if the rest is right", amount=signed_amount(right)
        )

    def _place(self, problem: RuleBroken) -> Place:
        """Return the cell that a rule of the baseline is about."""
        row = self._rows.get(problem.values.get("member", 0))
        if row is not None:
            return Place(MEMBERS, row.row, "number", _MEMBER_FIELDS)
        keys = self._books.places.get(GROUP, {})
        column = _GROUP_FIELDS.get(problem.field, "cycle_start")
        if column in keys or self._first is None or "opening_loan_fund" in keys:
            column = column if column in keys else "opening_loan_fund"
            return Place(GROUP, 1, column)
        return Place(
            MEETINGS,
            self._first.row,
            "opening_loan_fund_count",
            {"date": "date", Fund.SOCIAL.value: "opening_social_fund_count"},
        )


def _line(member_id: int, row: MemberRow) -> MemberBaseline:
    loan = None
    if row.opening_loan:
        loan = OpeningLoan(
            principal=row.opening_loan,
            charge=row.opening_loan_charge or ZERO,
            periods=row.opening_loan_months,
            first_due=row.opening_loan_due,
        )
    return MemberBaseline(
        member_id=member_id,
        shares=row.opening_shares or 0,
        loan=loan,
        fines=row.opening_fines or ZERO,
        social_due=row.opening_social_due or ZERO,
    )


def _without(line: MemberBaseline, problem: RuleBroken) -> tuple[MemberBaseline, ...]:
    """Return a member's line without what is wrong; nothing when it is the line itself."""
    if line.loan is not None and problem.field in {"charge", "term_months", "first_due"}:
        plain = OpeningLoan(principal=line.loan.principal)
        if line.loan != plain:
            return (replace(line, loan=plain),)
    return ()
