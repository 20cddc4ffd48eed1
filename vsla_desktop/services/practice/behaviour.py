"""How members of a practice group behave: who saves much, who comes late, who pays late.

Everything follows from one generator of chances, so the same seed gives the same books.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from vsla_desktop.domain.loans import due_date
from vsla_desktop.domain.money import ZERO, round_down_to
from vsla_desktop.services.practice.decisions import Decisions
from vsla_desktop.services.practice.people import Group, Person
from vsla_desktop.services.practice.words import (
    BANK_INTEREST,
    DIFFERENCES,
    EXCUSES,
    EXPENSE_KINDS,
    EXPENSES,
    GRANT_EVENTS,
    GRANTS,
    MEDICINE,
    PURPOSES,
)
from vsla_desktop.services.workbook.books import EntryRow, MeetingRow, OtherRow
from vsla_desktop.services.workbook.layout import OtherType

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vsla_desktop.queries.loans import LoanState

DEFAULTERS = 0.06
"""The part of small loans that is not paid back."""


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
        Decisions(
            self._group, self._number, self._day, here, self._entries, self._loans, self._other
        ).take()
        for person in self._chance.sample(here, len(here)):
            self._borrow(person)
        entries = [
            EntryRow(meeting=self._number, member=number, **said)  # type: ignore[arg-type]
            for number, said in sorted(self._entries.items())
        ]
        return Planned(self._count(), entries, self._other)

    def _is_member(self, person: Person) -> bool:
        return person.joined <= self._day

    def _is_bound(self, person: Person) -> bool:
        """Say whether a member still owes something; nobody leaves with a debt here."""
        return bool(self._loans.get(person.number) or person.advance or person.fines_owed)

    def _come(self, person: Person) -> None:
        said = self._entries.setdefault(person.number, {})
        is_time = person.leaves is not None and person.leaves <= self._day
        person.is_leaving = is_time and not self._group.is_sharing and not self._is_bound(person)
        if person.is_leaving or self._group.is_sharing:
            said["attendance"] = "PRESENT"
            return
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
        if person.is_leaving or said["attendance"] not in {"PRESENT", "LATE"}:
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
                words = chance.choice(EXPENSES)
                kind = EXPENSE_KINDS.get(words, "")
                self._add(
                    OtherType.EXPENSE, amount, "LOAN_FUND", words=group.say(words), category=kind
                )
                box.loan_fund -= amount
        self._help(here)
        if group.uses_bank:
            self._go_to_bank(len(here))

    def _help(self, here: Sequence[Person]) -> None:
        """Give a member in need something, or lend it from the social fund."""
        chance, group, box = self._chance, self._group, self._group.box
        grant = chance.choice(GRANTS)
        for kind, luck, words in (
            (OtherType.SOCIAL_GRANT, 0.06, grant),
            (OtherType.SOCIAL_ADVANCE, 0.04, MEDICINE),
        ):
            amount = group.step(box.social * chance.randint(10, 40) / 100)
            person = chance.choice(list(here))
            is_grant = kind is OtherType.SOCIAL_GRANT
            is_free = is_grant or not (person.advance or person.leaves)
            is_lucky = chance.random() < luck and amount > self._rules.share_value
            if not is_lucky or not is_free or person.is_leaving:
                continue
            due = self._day + timedelta(weeks=8)
            self._add(
                kind,
                amount,
                "SOCIAL",
                person,
                group.say(words),
                category=GRANT_EVENTS[words] if is_grant else "",
                day=None if is_grant or due > group.cycle_end else due,
            )
            box.social -= amount
            if not is_grant:
                person.advance = amount

    def _go_to_bank(self, members_count: int) -> None:
        group, box = self._group, self._group.box
        much = self._rules.share_value * members_count * 12
        if group.is_sharing:
            if box.bank:
                self._add(OtherType.BANK_WITHDRAWAL, box.bank, "LOAN_FUND", words="")
            box.loan_fund += box.bank
            box.bank = ZERO
        elif box.loan_fund > much:
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
                self._add(
                    OtherType.OTHER_INCOME,
                    interest,
                    "LOAN_FUND",
                    words=group.say(BANK_INTEREST),
                    bank=True,
                    category="BANK_INTEREST",
                )
                box.bank += interest

    def _borrow(self, person: Person) -> None:
        said = self._entries[person.number]
        chance, group, rules = self._chance, self._group, self._rules
        is_free = not self._loans.get(person.number) and not person.leaves and person.is_trusted
        if group.is_sharing:
            return
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
        person.loans_count += 1
        person.was_spread = False
        # What is lost is never so much that a whole group has saved in vain.
        savings = sum((other.saved for other in group.people), ZERO)
        person.pays_back = chance.random() >= DEFAULTERS or amount * 12 > savings
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
        category: str = "",
        day: date | None = None,
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
                category=category,
                day=day,
            )
        )


def by_member(loans: Sequence[LoanState]) -> dict[int, list[LoanState]]:
    """Return loans by the number of the member who owes them."""
    found: dict[int, list[LoanState]] = defaultdict(list)
    for loan in loans:
        found[loan.member_number or 0].append(loan)
    return found
