"""How members of a practice group behave: who saves much, who comes late, who pays late.

Everything follows from one generator of chances, so the same seed gives the same books.
"""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from vsla_desktop.domain.loans import due_date
from vsla_desktop.domain.money import ZERO, round_down_to
from vsla_desktop.services.practice.places import (
    BANK_INTEREST,
    DIFFERENCES,
    EXCUSES,
    EXPENSES,
    GRANTS,
    MEDICINE,
    PURPOSES,
    Neighbours,
    Setting,
)
from vsla_desktop.services.workbook.books import EntryRow, MeetingRow, OtherRow
from vsla_desktop.services.workbook.layout import OtherType

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from vsla_desktop.domain.rules import GroupRules
    from vsla_desktop.queries.loans import LoanState

DEFAULTERS = 0.04
"""The part of all loans that is not paid back."""

OFFICERS = 9
"""The committee and the key-holders, who stay."""


@dataclass(slots=True)
class Person:
    """One member's habits, and what is known of the member so far."""

    number: int
    joined: date
    usual_shares: float
    lateness: float
    absence: float
    borrows: float
    talks: float
    delays: float
    pays_fines: float
    leaves: date | None = None
    saved: Decimal = ZERO
    fines_owed: Decimal = ZERO
    advance: Decimal = ZERO
    delay: int = 0
    pays_back: bool = True
    waits_for: date | None = None


@dataclass(slots=True)
class Box:
    """What is in the box of each purse, and of the loan fund at the bank."""

    loan_fund: Decimal = ZERO
    social: Decimal = ZERO
    bank: Decimal = ZERO


@dataclass(slots=True)
class Group:
    """A practice group between two meetings. ``say`` puts words into the group's language."""

    chance: random.Random
    setting: Setting
    neighbours: Neighbours
    say: Callable[[str], str]
    rules: GroupRules
    cycle_end: date
    people: list[Person]
    uses_bank: bool
    box: Box = field(default_factory=Box)

    def step(self, amount: Decimal) -> Decimal:
        """Return an amount that people would really lay on the table."""
        return round_down_to(amount, self.setting.step)


def people(chance: random.Random, count: int, start: date, last: date) -> list[Person]:
    """Return the members of a group with their habits; a few join later, a few leave."""
    days = (last - start).days
    found = []
    for number in range(1, count + 1):
        joins_late = number > count * 0.9 and days > 90 and chance.random() < 0.5  # noqa: PLR2004
        person = Person(
            number=number,
            joined=start + timedelta(days=chance.randint(20, 60)) if joins_late else start,
            usual_shares=chance.choice((1.2, 2.0, 2.5, 3.0, 4.2)),
            lateness=chance.choice((0.02, 0.05, 0.05, 0.2)),
            absence=chance.choice((0.02, 0.04, 0.12)),
            borrows=chance.choice((0.05, 0.2, 0.45)),
            talks=chance.choice((0.5, 0.8, 0.95)),
            delays=chance.choice((0.05, 0.05, 0.1, 0.2, 0.5)),
            pays_fines=chance.choice((0.8, 0.6, 0.5, 0.08)),
        )
        found.append(person)
    others = found[OFFICERS:]
    if days > 90 and others:  # noqa: PLR2004
        leavers = min(round(count * chance.uniform(0.05, 0.14)), len(others))
        for person in chance.sample(others, leavers):
            person.leaves = start + timedelta(days=chance.randint(60, days * 3 // 4))
    return found


@dataclass(slots=True)
class Planned:
    """What will be written of one meeting."""

    meeting: MeetingRow
    entries: list[EntryRow]
    other: list[OtherRow]


class MeetingPlan:
    """Thinks up one meeting, from what the group holds and owes at its beginning."""

    def __init__(
        self,
        group: Group,
        number: int,
        day: date,
        *,
        merged: int,
        loans: Mapping[int, Sequence[LoanState]],
    ) -> None:
        self._group = group
        self._chance = group.chance
        self._rules = group.rules
        self._number = number
        self._day = day
        self._merged = merged
        self._loans = loans
        self._other: list[OtherRow] = []
        self._entries: dict[int, dict[str, object]] = {}

    def think(self) -> Planned:
        """Return the meeting, and leave the group as it will be afterwards."""
        here = [person for person in self._group.people if self._is_member(person)]
        for person in here:
            self._come(person)
        for person in here:
            self._pay(person)
        self._spend(here)
        for person in self._chance.sample(here, len(here)):
            self._borrow(person)
        entries = [
            EntryRow(meeting=self._number, member=number, **said)  # type: ignore[arg-type]
            for number, said in sorted(self._entries.items())
        ]
        return Planned(self._count(), entries, self._other)

    def _is_member(self, person: Person) -> bool:
        return person.joined <= self._day and (
            person.leaves is None or person.leaves > self._day or self._is_bound(person)
        )

    def _is_bound(self, person: Person) -> bool:
        """Say whether a member still owes something; nobody leaves with a debt here."""
        return bool(self._loans.get(person.number) or person.advance or person.fines_owed)

    def _come(self, person: Person) -> None:
        said = self._entries.setdefault(person.number, {})
        luck = self._chance.random()
        tariff = {kind.value: amount for kind, amount in self._rules.fine_tariff.items()}
        if luck < person.absence:
            if self._chance.random() < 0.3:  # noqa: PLR2004
                said |= {"attendance": "EXCUSED", "excuse_reason": self._say(EXCUSES)}
            else:
                said["attendance"] = "ABSENT"
                self._fine(person, said, "ABSENCE", tariff)
        elif luck < person.absence + person.lateness:
            said["attendance"] = "LATE"
            self._fine(person, said, "LATE_ARRIVAL", tariff)
        else:
            said["attendance"] = "PRESENT"
            if self._chance.random() < 0.015:  # noqa: PLR2004
                kind = self._chance.choice(("PHONE", "MISCONDUCT", "RULES_FORGOTTEN"))
                self._fine(person, said, kind, tariff)
        if said["attendance"] in {"PRESENT", "LATE"}:
            said["discussed"] = self._chance.random() < person.talks or None
            said["voted"] = self._chance.random() < 0.9 or None  # noqa: PLR2004

    def _fine(
        self, person: Person, said: dict[str, object], kind: str, tariff: Mapping[str, Decimal]
    ) -> None:
        amount = tariff.get(kind, ZERO)
        if amount:
            said |= {"fine_type": kind, "fine_charged": amount}
            person.fines_owed += amount

    def _pay(self, person: Person) -> None:
        """Bring money: contribution, shares, fines, and what is due of a loan."""
        said = self._entries[person.number]
        if said["attendance"] not in {"PRESENT", "LATE"}:
            return
        chance, box, rules = self._chance, self._group.box, self._rules
        contribution = rules.social_fund_contribution
        if contribution and chance.random() < 0.97:  # noqa: PLR2004
            said["social_fund"] = contribution
            box.social += contribution
        most = rules.max_shares_per_meeting * self._merged
        shares = min(most, max(0, round(chance.gauss(person.usual_shares * self._merged, 1.1))))
        if shares:
            said["shares"] = shares
            person.saved += shares * rules.share_value
            box.loan_fund += shares * rules.share_value
        pays = 1 if person.leaves is not None else person.pays_fines
        if person.fines_owed and chance.random() < pays:
            said["fine_paid"] = person.fines_owed
            box.loan_fund += person.fines_owed
            person.fines_owed = ZERO
        if person.advance and chance.random() < 0.35:  # noqa: PLR2004
            self._add(OtherType.SOCIAL_ADVANCE_REPAYMENT, person.advance, "SOCIAL", person)
            box.social += person.advance
            person.advance = ZERO
        self._repay(person, said)

    def _repay(self, person: Person, said: dict[str, object]) -> None:
        loans = self._loans.get(person.number, ())
        due = sum((loan.due(self._day) for loan in loans), ZERO)
        if not due or not person.pays_back:
            return
        if person.delay:
            first = min(
                (row.due_date for loan in loans for row in loan.instalments if not row.is_paid),
                default=self._day,
            )
            if self._day < first + timedelta(weeks=person.delay):
                return
        part = Decimal(1) if self._chance.random() < 0.95 else Decimal("0.5")  # noqa: PLR2004
        settles = sum((loan.settles(self._day) for loan in loans), ZERO)
        amount = min(max(self._group.step(due * part), self._group.setting.step), settles)
        if part == 1:
            amount = min(due, settles)
        said["loan_repaid"] = amount
        self._group.box.loan_fund += amount

    def _spend(self, here: Sequence[Person]) -> None:
        """Spend and earn what no member pays for: costs, help in need, the bank."""
        chance, group, box = self._chance, self._group, self._group.box
        share = self._rules.share_value
        if chance.random() < 0.08:  # noqa: PLR2004
            amount = group.step(share * chance.randint(5, 20) / 10)
            if amount and amount <= box.loan_fund / 4:
                self._add(OtherType.EXPENSE, amount, "LOAN_FUND", words=self._say(EXPENSES))
                box.loan_fund -= amount
        for kind, luck, words in (
            (OtherType.SOCIAL_GRANT, 0.06, self._say(GRANTS)),
            (OtherType.SOCIAL_ADVANCE, 0.04, group.say(MEDICINE)),
        ):
            amount = group.step(box.social * chance.randint(10, 40) / 100)
            person = chance.choice(list(here))
            is_free = kind is OtherType.SOCIAL_GRANT or not (person.advance or person.leaves)
            if chance.random() < luck and amount > share and is_free:
                self._add(kind, amount, "SOCIAL", person, words)
                box.social -= amount
                if kind is OtherType.SOCIAL_ADVANCE:
                    person.advance = amount
        if group.uses_bank:
            self._go_to_bank(len(here))

    def _go_to_bank(self, members_count: int) -> None:
        group, box = self._group, self._group.box
        much = self._rules.share_value * members_count * 12
        if box.loan_fund > much:
            amount = round_down_to((box.loan_fund - much) / 2, self._rules.share_value)
            if amount:
                self._add(OtherType.BANK_DEPOSIT, amount, "LOAN_FUND", words="")
                box.loan_fund -= amount
                box.bank += amount
        elif box.bank and box.loan_fund < much / 8:
            amount = round_down_to(box.bank / 2, self._rules.share_value)
            if amount:
                self._add(OtherType.BANK_WITHDRAWAL, amount, "LOAN_FUND", words="")
                box.loan_fund += amount
                box.bank -= amount
        if box.bank and self._number % 13 == 0:
            interest = group.step(box.bank / 100)
            if interest:
                words = group.say(BANK_INTEREST)
                self._add(OtherType.OTHER_INCOME, interest, "LOAN_FUND", words=words, bank=True)
                box.bank += interest

    def _borrow(self, person: Person) -> None:
        said = self._entries[person.number]
        chance, group, rules = self._chance, self._group, self._rules
        is_free = not self._loans.get(person.number) and not person.leaves
        if said["attendance"] != "PRESENT" or not is_free or chance.random() > person.borrows:
            return
        terms = [
            periods
            for periods in range(1, rules.loan_max_months + 1)
            if due_date(self._day, periods, rules.loan_period) <= group.cycle_end
        ]
        guarantors = [
            other.number
            for other in group.people
            if other is not person and self._is_member(other) and not self._is_unsure(other)
        ]
        if not terms or len(guarantors) < rules.guarantors_required:
            return
        ceiling = min(person.saved * rules.loan_multiple, group.box.loan_fund)
        periods = chance.choice(terms)
        # Each instalment is whole shares, two at least, so that no charge leaves small change.
        unit = rules.share_value * 2 * periods
        amount = round_down_to(ceiling * chance.randint(25, 85) / 100, unit)
        if not amount:
            return
        said |= {
            "loan_taken": amount,
            "loan_months": periods,
            "loan_purpose": group.say(chance.choice(PURPOSES)),
        }
        if rules.guarantors_required:
            chosen = chance.sample(guarantors, rules.guarantors_required)
            said["loan_guarantors"] = ", ".join(str(number) for number in chosen)
        group.box.loan_fund -= amount
        person.pays_back = chance.random() >= DEFAULTERS
        person.delay = chance.randint(1, 6) if chance.random() < person.delays else 0

    def _say(self, words: Sequence[str]) -> str:
        return self._group.say(self._chance.choice(words))

    def _is_unsure(self, person: Person) -> bool:
        """Say whether nobody would take this member as a guarantor: leaving, or late."""
        loans = self._loans.get(person.number, ())
        return person.leaves is not None or any(loan.overdue(self._day) for loan in loans)

    def _count(self) -> MeetingRow:
        """Count the box at the end; now and then a little is missing or too much."""
        chance, box = self._chance, self._group.box
        found, reason = box.loan_fund, ""
        if chance.random() < 0.05 and box.loan_fund > self._rules.share_value * 3:  # noqa: PLR2004
            error = self._group.setting.step * chance.choice((-2, -1, -1, 1))
            found += error
            reason = self._say(DIFFERENCES)
            box.loan_fund = found
        return MeetingRow(
            number=self._number,
            date=self._day,
            type="REGULAR",
            closing_loan_fund_count=found,
            closing_social_fund_count=box.social,
            closing_reason=reason,
            meetings_merged=self._merged if self._merged > 1 else None,
        )

    def _add(
        self,
        kind: OtherType,
        amount: Decimal,
        fund: str,
        person: Person | None = None,
        words: str = "",
        *,
        bank: bool = False,
    ) -> None:
        self._other.append(
            OtherRow(
                meeting=self._number,
                member=None if person is None else person.number,
                type=kind.value,
                fund=fund,
                amount=amount,
                description=words,
                held_in="BANK" if bank else "",
            )
        )


def by_member(loans: Sequence[LoanState]) -> dict[int, list[LoanState]]:
    """Return loans by the number of the member who owes them."""
    found: dict[int, list[LoanState]] = defaultdict(list)
    for loan in loans:
        found[loan.member_number or 0].append(loan)
    return found
