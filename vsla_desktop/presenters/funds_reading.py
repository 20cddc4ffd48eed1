"""Reading all that the page of funds tells of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import Fund, PostingType
from vsla_desktop.queries.advances import Advance, advances_of_group
from vsla_desktop.queries.balances import Balances, bank_by_fund, fund_balances
from vsla_desktop.queries.funds import (
    BankStatement,
    FineLine,
    MoneyLine,
    SocialDue,
    bank_lines,
    bank_statements,
    fines_of_group,
    fund_flow,
    grant_tariff,
    last_cycle,
    money_lines,
    social_dues,
)
from vsla_desktop.queries.funds_debts import Debt, debts_of
from vsla_desktop.queries.funds_property import PropertyItem, property_at_start, property_items
from vsla_desktop.queries.group_words import group_words
from vsla_desktop.queries.loan_pages import Person, people_of, present_at
from vsla_desktop.queries.meetings import open_meeting_id
from vsla_desktop.queries.pages import group_page, meeting_page
from vsla_desktop.queries.rules import rules_on

if TYPE_CHECKING:
    from vsla_desktop.db import Database
    from vsla_desktop.domain.kinds import GrantEvent
    from vsla_desktop.domain.rules import GroupRules
    from vsla_desktop.wording import GroupWords


@dataclass(frozen=True, slots=True)
class FundsRead:
    """The purses of a group on ``day``: that of the open meeting, or today.

    Lines are those of the last cycle; ``since`` is the day it began.
    """

    day: date
    meeting_id: int | None
    present_count: int
    since: date
    rules: GroupRules
    words: GroupWords
    people: tuple[Person, ...]
    balances: Balances
    at_bank: dict[Fund, Decimal]
    fines: tuple[FineLine, ...]
    dues: tuple[SocialDue, ...]
    grants: tuple[MoneyLine, ...]
    tariff: dict[GrantEvent, Decimal]
    advances: tuple[Advance, ...]
    social_flow: dict[PostingType, Decimal]
    money: tuple[MoneyLine, ...]
    bank: tuple[MoneyLine, ...]
    statements: tuple[BankStatement, ...]
    debts: tuple[Debt, ...]
    items: tuple[PropertyItem, ...]
    property_at_start: Decimal

    @property
    def advances_owed(self) -> dict[int, Decimal]:
        """What each member owes of advances; who owes nothing is left out."""
        owed: dict[int, Decimal] = {}
        for each in self.advances:
            if each.owed:
                owed[each.member_id] = owed.get(each.member_id, ZERO) + each.owed
        return owed


_SPENT_OR_EARNED = (PostingType.EXPENSE, PostingType.OTHER_INCOME)
_LISTED = (*_SPENT_OR_EARNED, PostingType.SOCIAL_GRANT)


def read_funds(database: Database, group_id: int, today: date) -> FundsRead:
    """Read the purses of a group."""
    with database.read() as session:
        meeting_id = open_meeting_id(session, group_id)
        page = (
            meeting_page(session, meeting_id)
            if meeting_id is not None
            else group_page(session, group_id, today)
        )
        cycle = last_cycle(session, group_id)
        cycle_id = cycle.cycle_id if cycle is not None else 0
        since = cycle.start if cycle is not None else date.min
        lines = money_lines(session, group_id, cycle_id, _LISTED)
        return FundsRead(
            day=page.day,
            meeting_id=meeting_id,
            present_count=present_at(session, meeting_id),
            since=since,
            rules=rules_on(session, page),
            words=group_words(session, group_id),
            people=people_of(session, group_id),
            balances=fund_balances(session, group_id),
            at_bank=bank_by_fund(session, group_id),
            fines=fines_of_group(session, group_id, since),
            dues=social_dues(session, group_id, cycle) if cycle is not None else (),
            grants=tuple(each for each in lines if each.kind is PostingType.SOCIAL_GRANT),
            tariff=grant_tariff(session, group_id),
            advances=advances_of_group(session, group_id),
            social_flow=fund_flow(session, group_id, cycle_id, Fund.SOCIAL),
            money=tuple(each for each in lines if each.kind in _SPENT_OR_EARNED),
            bank=bank_lines(session, group_id, cycle_id),
            statements=bank_statements(session, group_id),
            debts=debts_of(session, group_id),
            items=property_items(session, group_id),
            property_at_start=property_at_start(session, group_id),
        )
