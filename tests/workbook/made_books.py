"""Books of a group made up by plain arithmetic, apart from the program's services."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from vsla_desktop.domain.fines import FineType
from vsla_desktop.domain.loans import ChargeMethod, PeriodKind, schedule
from vsla_desktop.domain.rules import GroupRules
from vsla_desktop.services.workbook.books import (
    Books,
    EntryRow,
    GroupPage,
    MeetingRow,
    MemberRow,
    OtherRow,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

START = date(2024, 1, 8)
ROLES = ("CHAIRPERSON", "SECRETARY", "TREASURER", "MONEY_COUNTER", "MONEY_COUNTER", "KEY_HOLDER")
LATE, ABSENT = Decimal(200), Decimal(500)


@dataclass(slots=True)
class _Box:
    loan_fund: Decimal = Decimal(0)
    social: Decimal = Decimal(0)


def sample_rules(**changes: object) -> GroupRules:
    """Return rules in whole shillings."""
    rules = GroupRules(
        share_value=Decimal(2000),
        social_fund_contribution=Decimal(500),
        fine_tariff={FineType.LATE_ARRIVAL: LATE, FineType.ABSENCE: ABSENT},
        loan_interest_method=ChargeMethod.DECLINING,
        loan_period=PeriodKind.FOUR_WEEKS,
        loan_min_months=0,
        loan_min_score=Decimal(0),
        loan_min_attendance=Decimal(0),
    )
    return replace(rules, **changes)  # type: ignore[arg-type]


def make_books(
    *, members: int = 25, meetings: int = 40, seed: int = 1, code: str = "MBR-014"
) -> Books:
    """Return the books of a weekly group: shares, fines, loans repaid when due, costs, grants."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    rules = sample_rules()
    box = _Box()
    saved = dict.fromkeys(range(1, members + 1), Decimal(0))
    dues: dict[int, list[tuple[date, Decimal]]] = {}
    entries: list[EntryRow] = []
    other: list[OtherRow] = []
    held: list[MeetingRow] = []
    end = START + timedelta(weeks=meetings + 1)
    for number in range(1, meetings + 1):
        day = START + timedelta(weeks=number - 1)
        opening = replace(box)
        rows = [_entry(chance, number, member, day, rules, box, saved, dues) for member in saved]
        if number % 7 == 0 and box.social >= 3000:
            other.append(
                OtherRow(
                    meeting=number,
                    member=chance.choice(list(saved)),
                    type="SOCIAL_GRANT",
                    fund="SOCIAL",
                    amount=Decimal(3000),
                    description="Burial",
                )
            )
            box.social -= 3000
        if number % 5 == 0 and box.loan_fund >= 1500:
            other.append(
                OtherRow(
                    meeting=number,
                    type="EXPENSE",
                    fund="LOAN_FUND",
                    amount=Decimal(1500),
                    description="=Transport",
                )
            )
            box.loan_fund -= 1500
        rows = [_lent(chance, row, day, end, rules, box, saved, dues) for row in rows]
        entries += rows
        held.append(
            MeetingRow(
                number=number,
                date=day,
                type="REGULAR",
                opening_loan_fund_count=opening.loan_fund,
                opening_social_fund_count=opening.social,
                closing_loan_fund_count=box.loan_fund,
                closing_social_fund_count=box.social,
            )
        )
    return Books(
        group=GroupPage(
            name="Twitezimbere Bunenero",
            group_code=code,
            country="Uganda",
            region="Western",
            district="Mbarara",
            parish="Rubaya",
            village="Bunenero",
            currency="UGX",
            formation_date=START - timedelta(days=30),
            cycle_start=START,
            cycle_end=end,
        ),
        rules=rules,
        members=tuple(_people(members)),
        meetings=tuple(held),
        entries=tuple(entries),
        other=tuple(other),
    )


def _people(count: int) -> Iterator[MemberRow]:
    first = ("Amina", "Grace", "Joseph", "Fatuma", "Peter", "Ruth", "Moses", "Sarah")
    last = ("Nakato", "Okello", "Mugisha", "Atim", "Kato")
    for number in range(1, count + 1):
        yield MemberRow(
            number=number,
            first_name=first[number % len(first)],
            last_name=f"{last[number % len(last)]}",
            gender="M" if number % 4 == 2 else "F",
            phone_number=f"+256 772 {100000 + number}",
            id_number=f"CM{9000000 + number}",
            joined_date=START,
            role=ROLES[number - 1] if number <= len(ROLES) and count >= len(ROLES) else "MEMBER",
        )


def _entry(
    chance: random.Random,
    meeting: int,
    member: int,
    day: date,
    rules: GroupRules,
    box: _Box,
    saved: dict[int, Decimal],
    dues: dict[int, list[tuple[date, Decimal]]],
) -> EntryRow:
    luck = chance.random()
    if luck < 0.06:
        row = EntryRow(
            meeting=meeting,
            member=member,
            attendance="ABSENT",
            fine_type="ABSENCE",
            fine_charged=ABSENT,
        )
    elif luck < 0.14:
        row = EntryRow(
            meeting=meeting,
            member=member,
            attendance="LATE",
            fine_type="LATE_ARRIVAL",
            fine_charged=LATE,
            fine_paid=LATE,
        )
        box.loan_fund += LATE
    else:
        row = EntryRow(meeting=meeting, member=member, attendance="PRESENT")
    if row.attendance != "ABSENT":
        shares = chance.randint(1, rules.max_shares_per_meeting)
        value = shares * rules.share_value
        row = replace(row, social_fund=rules.social_fund_contribution, shares=shares)
        box.social += rules.social_fund_contribution
        box.loan_fund += value
        saved[member] += value
    due = [amount for on, amount in dues.get(member, []) if on == day]
    if due:
        row = replace(row, loan_repaid=sum(due, Decimal(0)))
        box.loan_fund += sum(due, Decimal(0))
    return row


def _lent(
    chance: random.Random,
    row: EntryRow,
    day: date,
    end: date,
    rules: GroupRules,
    box: _Box,
    saved: dict[int, Decimal],
    dues: dict[int, list[tuple[date, Decimal]]],
) -> EntryRow:
    is_free = all(on < day for on, _ in dues.get(row.member, []))
    if row.attendance != "PRESENT" or not is_free or chance.random() > 0.15:
        return row
    months = chance.randint(1, rules.loan_max_months)
    most = min(saved[row.member] * rules.loan_multiple, box.loan_fund)
    amount = (most * chance.randint(20, 90) / 100) // 1000 * 1000
    if amount < 5000 or day + timedelta(weeks=4 * months) > end:
        return row
    instalments = schedule(
        amount,
        rules.loan_interest_rate,
        months,
        method=rules.loan_interest_method,
        period_kind=rules.loan_period,
        start=day,
        unit=Decimal(1),
    )
    dues.setdefault(row.member, []).extend((each.due_date, each.total) for each in instalments)
    box.loan_fund -= amount
    return replace(row, loan_taken=amount, loan_months=months, loan_purpose="Seeds")
