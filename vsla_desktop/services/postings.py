"""What is written into the ledger, before it is written: postings, and what they are called."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from vsla_desktop.domain.postings import Fund, PostingType

if TYPE_CHECKING:
    from decimal import Decimal

BOX, BANK = "BOX", "BANK"
VERIFIED, PENDING, REJECTED = "VERIFIED", "PENDING", "REJECTED"

# A member who has left still pays what is owed, and is paid what is due.
AFTER_LEAVING = frozenset(
    {
        PostingType.EXTERNAL_LOAN_OUT,
        PostingType.FINE_PAYMENT,
        PostingType.LEAVER_PAYOUT,
        PostingType.LOAN_CHARGE,
        PostingType.LOAN_PENALTY,
        PostingType.LOAN_REPAYMENT,
        PostingType.LOAN_WRITE_OFF,
        PostingType.SAVINGS_WITHDRAWAL,
        PostingType.SHARE_OUT,
        PostingType.SOCIAL_ADVANCE_REPAYMENT,
        PostingType.SOCIAL_GRANT,
    }
)

# What a purse still takes once its share-out is voted; its payouts are written by that alone.
AFTER_FREEZE = frozenset(
    {PostingType.BANK_DEPOSIT, PostingType.BANK_WITHDRAWAL, PostingType.CASH_DIFFERENCE}
)

WORDS: dict[PostingType, str] = {
    PostingType.SAVINGS_DEPOSIT: "Savings",
    PostingType.SAVINGS_WITHDRAWAL: "Savings paid back",
    PostingType.SOCIAL_CONTRIBUTION: "Social fund",
    PostingType.SOCIAL_GRANT: "Grant from the social fund",
    PostingType.SOCIAL_ADVANCE: "Advance from the social fund",
    PostingType.SOCIAL_ADVANCE_REPAYMENT: "Advance paid back",
    PostingType.FINE_PAYMENT: "Fine paid",
    PostingType.LOAN_DISBURSEMENT: "Loan given",
    PostingType.LOAN_REPAYMENT: "Loan repaid",
    PostingType.LOAN_CHARGE: "Loan charge",
    PostingType.LOAN_PENALTY: "Late penalty",
    PostingType.LOAN_WRITE_OFF: "Loan written off",
    PostingType.EXPENSE: "Expense",
    PostingType.OTHER_INCOME: "Other income",
    PostingType.CASH_DIFFERENCE: "Difference at the count",
    PostingType.BANK_DEPOSIT: "Taken to the bank",
    PostingType.BANK_WITHDRAWAL: "Fetched from the bank",
    PostingType.EXTERNAL_LOAN_IN: "Loan from outside",
    PostingType.EXTERNAL_LOAN_OUT: "Loan from outside repaid",
    PostingType.IGA_INVESTMENT: "Put into the business",
    PostingType.IGA_RETURN: "Return of the business",
    PostingType.OPENING_BALANCE: "Opening balance",
    PostingType.SHARE_OUT: "Share-out",
    PostingType.LEAVER_PAYOUT: "Paid to a leaver",
    PostingType.REVERSAL: "Reversed",
}
"""What the cashbook says for an entry that has no words of its own."""


@dataclass(frozen=True, slots=True)
class MobileMoney:
    """How an amount came by mobile money; it counts once ``status`` is VERIFIED."""

    reference: str
    phone_number: str
    status: str = PENDING


@dataclass(frozen=True, slots=True)
class Posting:
    """One movement of money, before it is written.

    ``amount`` is above nought, in the group's currency. ``direction`` is said only where the type
    leaves it open (+1 comes in, -1 goes out). ``saving_type_id`` and ``shares_count`` belong to
    savings, and ``account_id`` is the member's account where it is known; ``account_amount`` is
    what leaves the account where that is not the amount, as at a share-out. ``held_in`` is BANK for
    money that is paid from, or to, the bank itself. ``due_date`` is when an advance or a loan from
    outside is to be paid back, ``lender`` whose loan it is and ``charge_amount`` what it costs;
    ``category`` says for what an expense, income or grant was, in one of the program's few kinds.
    """

    type: PostingType
    fund: Fund
    amount: Decimal
    member_id: int | None = None
    loan_id: int | None = None
    fine_id: int | None = None
    activity_id: int | None = None
    direction: int | None = None
    held_in: str = BOX
    saving_type_id: int | None = None
    shares_count: int | None = None
    account_id: int | None = None
    account_amount: Decimal | None = None
    mobile_money: MobileMoney | None = None
    description: str = ""
    reason: str | None = None
    due_date: date | None = None
    lender: str | None = None
    category: str | None = None
    charge_amount: Decimal | None = None
    field: str = "amount"

    @property
    def counts(self) -> bool:
        """Whether the money is there: mobile money counts once it is verified."""
        return self.mobile_money is None or self.mobile_money.status == VERIFIED

    @property
    def is_at_bank(self) -> bool:
        """Whether the money never comes into the box: it is at the bank, or on the telephone."""
        return self.held_in == BANK or self.mobile_money is not None


def details(of: Any) -> dict[str, Any]:
    """Return what a posting, or a row of the ledger, says of its debt or kind.

    A reversal and a correction keep it, so that it adds up by lender and by kind.
    """
    names = ("due_date", "lender", "category", "charge_amount")
    return {name: getattr(of, name) for name in names}


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the ledger: its id in this database, and its reference everywhere."""

    transaction_id: int
    reference: str
