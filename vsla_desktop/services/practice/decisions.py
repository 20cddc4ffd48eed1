"""What the meeting of a practice group decides: changed and lost loans, who joins, who leaves.

Every decision is a row of a workbook, written through the same services as those of real groups.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from vsla_desktop.domain.loans import due_date
from vsla_desktop.domain.money import ZERO, round_down_to
from vsla_desktop.services.practice.words import LOSSES
from vsla_desktop.services.workbook.books import OtherRow
from vsla_desktop.services.workbook.layout import OtherType

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vsla_desktop.queries.loans import LoanState
    from vsla_desktop.services.practice.people import Group, Person

LOST_AFTER = timedelta(weeks=12)
"""How long a loan is overdue before the meeting gives it up."""
LATE_AFTER = timedelta(weeks=3)
BORROWED_AT, PAID_BACK_AT = 6, (14, 20)
"""The meetings of a cycle at which a group borrows outside, and pays back."""


@dataclass(frozen=True, slots=True)
class Decisions:
    """One meeting's decisions; ``entries`` is what each member does there, and is not changed."""

    group: Group
    number: int
    day: date
    here: Sequence[Person]
    entries: Mapping[int, Mapping[str, object]]
    loans: Mapping[int, Sequence[LoanState]]
    other: list[OtherRow]

    def take(self) -> None:
        """Take all of them: what brings money first, then what costs money."""
        self._money_by_telephone()
        for person in self.here:
            if self._is_here(person):
                self._catch_up(person)
                self._recover(person)
        self._go_outside()
        for person in self.here:
            if self._may_vote:
                self._write_off(person)
                self._spread(person)
            if self._is_here(person) and not self.group.is_sharing:
                self._top_up(person)
        self._pay_leavers()
        for person in self.here:
            if person.is_leaving:
                self._leave(person)

    # --- loans ----------------------------------------------------------------------------------

    def _write_off(self, person: Person) -> None:
        loan = self._overdue(person, LOST_AFTER)
        if loan is None or person.pays_back or not loan.principal_owed:
            return
        self._add(
            OtherType.LOAN_WRITE_OFF,
            loan.principal_owed,
            person,
            description=self.group.say(self.group.chance.choice(LOSSES)),
            loan=person.loans_count,
            **self._hands(),
        )
        person.lost = loan.principal_owed
        person.is_trusted = False

    def _recover(self, person: Person) -> None:
        amount = self.group.step(person.lost / 4)
        is_just_lost = any(loan.is_out for loan in self.loans.get(person.number, ()))
        if not amount or is_just_lost or self.group.chance.random() > 0.08:  # noqa: PLR2004
            return
        self._add(OtherType.LOAN_RECOVERED, amount, person, loan=person.loans_count)
        person.lost -= amount
        self.group.box.loan_fund += amount

    def _spread(self, person: Person) -> None:
        """Give who is late more time, once, if the rest can be shared out in real coins."""
        loan = self._overdue(person, LATE_AFTER)
        if loan is None or not person.pays_back or person.was_spread:
            return
        parts = [
            periods
            for periods in self._terms()
            if not loan.principal_owed % (self.group.setting.step * periods)
        ]
        if not parts or self.group.chance.random() > 0.6:  # noqa: PLR2004
            return
        self._add(
            OtherType.LOAN_RESCHEDULED,
            loan.principal_owed,
            person,
            detail=str(self.group.chance.choice(parts)),
            loan=person.loans_count,
            **self._hands(),
        )
        person.was_spread = True
        person.delay = 0

    def _top_up(self, person: Person) -> None:
        group, rules = self.group, self.group.rules
        loans = self.loans.get(person.number, ())
        terms = self._terms()
        is_good = person.pays_back and not person.delay and person.leaves is None
        is_plain = len(loans) == 1 and not self.entries[person.number].get("loan_repaid")
        if not terms or not is_good or not is_plain or group.chance.random() > 0.04:  # noqa: PLR2004
            return
        (loan,) = loans
        if loan.overdue(self.day) or not loan.principal_owed:
            return
        periods = group.chance.choice(terms)
        most = min(person.saved * rules.loan_multiple - loan.principal_owed, group.box.loan_fund)
        unit = rules.share_value * 2 * periods
        whole = round_down_to(max(loan.principal_owed + most / 2, ZERO), unit)
        more = whole - loan.principal_owed
        if more <= 0:
            return
        self._add(OtherType.LOAN_TOP_UP, more, person, detail=str(periods), loan=person.loans_count)
        group.box.loan_fund -= more

    def _overdue(self, person: Person, since: timedelta) -> LoanState | None:
        """Return the one loan of a member that has been late so long, if nothing is paid today."""
        loans = self.loans.get(person.number, ())
        if len(loans) != 1 or self.entries[person.number].get("loan_repaid"):
            return None
        return loans[0] if loans[0].days_late(self.day) > since.days else None

    def _terms(self) -> list[int]:
        rules = self.group.rules
        return [
            periods
            for periods in range(1, rules.loan_max_months + 1)
            if due_date(self.day, periods, rules.loan_period) <= self.group.cycle_end
        ]

    # --- who joins and who leaves ---------------------------------------------------------------

    def _catch_up(self, person: Person) -> None:
        group, rules = self.group, self.group.rules
        if person.joined <= group.cycle_start or person.has_caught_up:
            return
        person.has_caught_up = True
        today = self.entries[person.number].get("shares") or 0
        most = group.held_count * rules.max_shares_per_meeting - int(str(today))
        shares = min(most, group.chance.randint(3, 12))
        if shares < 1:
            return
        cost = shares * rules.share_value
        self._add(OtherType.CATCH_UP_SHARES, cost, person, detail=str(shares))
        person.saved += cost
        group.box.loan_fund += cost

    def _leave(self, person: Person) -> None:
        """Pay a leaver out: all at once, or half of it and the rest when the box has it."""
        group, box = self.group, self.group.box
        total = round_down_to(person.saved, group.rules.payout_unit)
        handed = total
        if total > box.loan_fund or group.chance.random() < 0.4:  # noqa: PLR2004
            handed = group.step(min(total, box.loan_fund) / 2)
        owed = total - handed
        self._add(
            OtherType.LEAVER_PAYOUT,
            handed,
            person,
            detail=group.chance.choice(("LEFT", "MOVED", "MOVED")),
            right_amount=total,
            rest=owed or None,
        )
        box.loan_fund -= handed
        if owed:
            group.owed[person.number] = owed

    def _pay_leavers(self) -> None:
        group = self.group
        for number, owed in list(group.owed.items()):
            is_time = group.is_sharing or group.chance.random() < 0.4  # noqa: PLR2004
            if is_time and owed <= group.box.loan_fund:
                self.other.append(
                    OtherRow(
                        meeting=self.number,
                        member=number,
                        type=OtherType.LEAVER_PAID.value,
                        amount=owed,
                    )
                )
                group.box.loan_fund -= owed
                del group.owed[number]

    # --- loans from outside, and money on the phone ---------------------------------------------

    def _go_outside(self) -> None:
        group, box = self.group, self.group.box
        if not group.uses_bank:
            return
        lender = f"SACCO {group.neighbours.places[0][1]}"
        amount = group.rules.share_value * len(self.here) * 4
        charge = group.step(amount / 20)
        due = min(self.day + timedelta(weeks=24), group.cycle_end)
        if group.held_count == BORROWED_AT and not group.debt and due > self.day:
            self._add(
                OtherType.EXTERNAL_LOAN_IN, amount, description=lender, charge=charge, day=due
            )
            box.loan_fund += amount
            group.debt, group.debt_charge = amount, charge
            return
        is_time = group.held_count in PAID_BACK_AT or group.is_sharing
        part = group.debt
        if group.held_count == PAID_BACK_AT[0] and not group.is_sharing:
            part = group.step(group.debt / 2)
        if not is_time or not part or part + group.debt_charge > box.loan_fund:
            return
        self._add(OtherType.EXTERNAL_LOAN_OUT, part, description=lender)
        group.debt -= part
        box.loan_fund -= part
        if not group.debt and group.debt_charge:
            self._add(
                OtherType.EXTERNAL_LOAN_OUT,
                group.debt_charge,
                description=lender,
                detail="CHARGE",
            )
            box.loan_fund -= group.debt_charge
            group.debt_charge = ZERO

    def _money_by_telephone(self) -> None:
        """Let a few of those who are away send their contribution; it is at the bank."""
        amount = self.group.rules.social_fund_contribution
        for person in self.here:
            is_away = self.entries[person.number]["attendance"] in {"ABSENT", "EXCUSED"}
            if amount and is_away and self.group.chance.random() < 0.15:  # noqa: PLR2004
                self._add(
                    OtherType.MOBILE_MONEY,
                    amount,
                    person,
                    detail="SOCIAL",
                    description=f"{self.group.chance.randint(10**9, 10**10 - 1)}",
                    day=self.day - timedelta(days=1),
                )

    # --- helpers --------------------------------------------------------------------------------

    @property
    def _present_count(self) -> int:
        return sum(self._is_here(person) for person in self.here)

    @property
    def _may_vote(self) -> bool:
        """Whether so many are present that no quorum is missed."""
        most = max(self.group.rules.quorum_percentage, 50)
        return self._present_count * 100 >= most * (len(self.here) + 1)

    def _is_here(self, person: Person) -> bool:
        return self.entries[person.number]["attendance"] in {"PRESENT", "LATE"}

    def _hands(self) -> dict[str, Any]:
        """Raise the hands of all who are there; a few are against it or for neither."""
        against = self.group.chance.randint(0, self._present_count // 5)
        return {"votes_for": self._present_count - against, "votes_against": against or None}

    def _add(
        self, kind: OtherType, amount: Decimal, person: Person | None = None, **said: Any
    ) -> None:
        self.other.append(
            OtherRow(
                meeting=self.number,
                member=None if person is None else person.number,
                type=kind.value,
                amount=amount,
                **said,
            )
        )
