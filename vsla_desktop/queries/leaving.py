"""What a member who leaves is owed, and what she owes. See docs/rules.md#leaving-and-joining."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, select

from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import Fund
from vsla_desktop.domain.rules import ValueRule
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.advances import advance_owed
from vsla_desktop.queries.loans import OUT, loans_of_member
from vsla_desktop.queries.rules import rules_on
from vsla_desktop.queries.share_out import projected_value
from vsla_desktop.queries.tables import (
    ACCOUNTS,
    FINES,
    GROUP_SAVING_TYPES,
    LEDGER,
    MEMBERS,
    SAVING_TYPES,
)

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.queries.pages import Page

SHARES = "PERSONAL"


@dataclass(frozen=True, slots=True)
class Account:
    """What a member holds of one kind of saving, and the purse in which it lies."""

    code: str
    name: str
    fund: Fund
    saving_type_id: int
    account_id: int
    balance: Decimal


@dataclass(frozen=True, slots=True)
class LeaverAccount:
    """A leaver's account with the group, in its currency.

    ``share_value`` is what a share pays by the group's rule, exact; ``paid_for_shares`` is that of
    all of them, rounded down to the payout unit. ``fines``, ``loans`` (what settles them on the
    day) and ``advances`` are her debts.
    """

    member_id: int
    name: str
    shares: int
    share_value: Fraction
    face_value: Decimal
    paid_for_shares: Decimal
    others: tuple[Account, ...]
    fines: Decimal
    loans: Decimal
    advances: Decimal

    @property
    def debts(self) -> Decimal:
        """All that she owes."""
        return self.fines + self.loans + self.advances

    @property
    def holdings(self) -> Decimal:
        """All that she is entitled to before her debts."""
        return self.paid_for_shares + sum((each.balance for each in self.others), ZERO)

    @property
    def net(self) -> Decimal:
        """What she is paid; below nought, what she still owes."""
        return self.holdings - self.debts


_ACCOUNTS = (
    select(
        SAVING_TYPES.c.code,
        SAVING_TYPES.c.name,
        GROUP_SAVING_TYPES.c.fund_type,
        ACCOUNTS.c.saving_type_id,
        ACCOUNTS.c.id,
        ACCOUNTS.c.current_balance,
    )
    .select_from(
        ACCOUNTS.join(SAVING_TYPES, SAVING_TYPES.c.id == ACCOUNTS.c.saving_type_id)
        .join(MEMBERS, MEMBERS.c.id == ACCOUNTS.c.member_id)
        .join(
            GROUP_SAVING_TYPES,
            (GROUP_SAVING_TYPES.c.saving_type_id == ACCOUNTS.c.saving_type_id)
            & (GROUP_SAVING_TYPES.c.group_id == MEMBERS.c.group_id),
        )
    )
    .where(ACCOUNTS.c.member_id == bindparam("member"), ACCOUNTS.c.current_balance > 0)
    .order_by(GROUP_SAVING_TYPES.c.display_order, ACCOUNTS.c.id)
)
_FINES = select(func.sum(FINES.c.amount - FINES.c.paid_amount, type_=FINES.c.amount.type)).where(
    FINES.c.member_id == bindparam("member"),
    FINES.c.waived_date.is_(None),
    FINES.c.is_paid.is_not(True),
)
_OWED = (
    select(
        LEDGER.c.member_id,
        func.sum(LEDGER.c.amount * LEDGER.c.direction, type_=LEDGER.c.amount.type),
    )
    .where(
        LEDGER.c.group_id == bindparam("of_group"),
        LEDGER.c.member_id.is_not(None),
        func.coalesce(LEDGER.c.reversed_type, LEDGER.c.transaction_type).in_(
            ("EXTERNAL_LOAN_IN", "EXTERNAL_LOAN_OUT")
        ),
    )
    .group_by(LEDGER.c.member_id)
)
_MEMBER = select(MEMBERS).where(MEMBERS.c.id == bindparam("member"))


def accounts_of(session: Session, member_id: int) -> tuple[Account, ...]:
    """Return what a member holds of each kind of saving, in the order of the group's settings."""
    found = session.connection().execute(_ACCOUNTS, {"member": member_id})
    return tuple(Account(row[0], row[1], Fund(row[2]), *row[3:]) for row in found)


def leaver_account(session: Session, page: Page, member_id: int) -> LeaverAccount:
    """Return a member's account with the group on the day of a page, by the leavers' rule."""
    connection = session.connection()
    wanted = {"member": member_id}
    member = connection.execute(_MEMBER, wanted).first()
    if member is None or member.group_id != page.group_id:
        raise RuleBroken("Choose a member of this group.", field="member")
    rules = rules_on(session, page)
    accounts = accounts_of(session, member_id)
    held = next((each.balance for each in accounts if each.code == SHARES), ZERO)
    shares = int(held // rules.share_value) if rules.share_value else 0
    worth = Fraction(rules.share_value)
    if rules.leaver_rule is ValueRule.CURRENT_VALUE and shares:
        found = projected_value(session, page.group_id, page.day)
        worth = max(found.value, Fraction(0)) if found is not None else worth
    exact = shares * worth
    loans = loans_of_member(session, member_id, statuses=OUT)
    return LeaverAccount(
        member_id=member_id,
        name=f"{member.first_name} {member.last_name}".strip(),
        shares=shares,
        share_value=worth,
        face_value=held,
        paid_for_shares=int(exact / Fraction(rules.payout_unit)) * rules.payout_unit,
        others=tuple(each for each in accounts if each.code != SHARES),
        fines=connection.execute(_FINES, wanted).scalar() or ZERO,
        loans=sum((loan.settles(page.day) for loan in loans), ZERO),
        advances=advance_owed(session, member_id),
    )


def leavers_owed(session: Session, group_id: int) -> dict[int, Decimal]:
    """Return, by member, what the group still owes to members who left; settled ones left out."""
    found = session.connection().execute(_OWED, {"of_group": group_id})
    return {member_id: owed for member_id, owed in found if owed}
