"""What each kind of movement of money does: to which fund, in which direction, and to the bank.

One table, :data:`POSTING_RULES`, says it all; nothing else in the program may repeat it.
See docs/rules.md#postings.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from vsla_desktop.errors import RuleBroken


class Fund(StrEnum):
    """A purse: money that is counted and announced apart."""

    LOAN_FUND = "LOAN_FUND"
    SOCIAL = "SOCIAL"
    ECD = "ECD"
    TARGET = "TARGET"
    PERSONAL = "PERSONAL"


class PostingType(StrEnum):
    """Why money moved: the ``transaction_type`` of a row of the ledger."""

    SAVINGS_DEPOSIT = "SAVINGS_DEPOSIT"
    SAVINGS_WITHDRAWAL = "SAVINGS_WITHDRAWAL"
    SOCIAL_CONTRIBUTION = "SOCIAL_CONTRIBUTION"
    SOCIAL_GRANT = "SOCIAL_GRANT"
    SOCIAL_ADVANCE = "SOCIAL_ADVANCE"
    SOCIAL_ADVANCE_REPAYMENT = "SOCIAL_ADVANCE_REPAYMENT"
    FINE_PAYMENT = "FINE_PAYMENT"
    LOAN_DISBURSEMENT = "LOAN_DISBURSEMENT"
    LOAN_REPAYMENT = "LOAN_REPAYMENT"
    LOAN_CHARGE = "LOAN_CHARGE"
    LOAN_PENALTY = "LOAN_PENALTY"
    LOAN_WRITE_OFF = "LOAN_WRITE_OFF"
    EXPENSE = "EXPENSE"
    OTHER_INCOME = "OTHER_INCOME"
    CASH_DIFFERENCE = "CASH_DIFFERENCE"
    BANK_DEPOSIT = "BANK_DEPOSIT"
    BANK_WITHDRAWAL = "BANK_WITHDRAWAL"
    EXTERNAL_LOAN_IN = "EXTERNAL_LOAN_IN"
    EXTERNAL_LOAN_OUT = "EXTERNAL_LOAN_OUT"
    IGA_INVESTMENT = "IGA_INVESTMENT"
    IGA_RETURN = "IGA_RETURN"
    OPENING_BALANCE = "OPENING_BALANCE"
    SHARE_OUT = "SHARE_OUT"
    LEAVER_PAYOUT = "LEAVER_PAYOUT"
    REVERSAL = "REVERSAL"


@dataclass(frozen=True, slots=True)
class PostingRule:
    """What one kind of posting does.

    ``direction`` is +1 when money comes into the fund, -1 when it goes out, 0 when the fund keeps
    its size, and ``None`` when the posting itself says which. ``bank`` is +1 when money goes to the
    bank, -1 when it comes from there, 0 when the bank is not touched. ``funds`` are the funds it
    may name; ``member`` and ``loan`` say whether it must name a member or a loan.
    """

    direction: int | None
    bank: int
    funds: frozenset[Fund]
    member: bool = False
    loan: bool = False


@dataclass(frozen=True, slots=True)
class Effect:
    """What a posting adds to its fund and to the bank, as a multiple of its amount."""

    fund: int
    bank: int

    @property
    def box(self) -> int:
        """What it adds to the cash in the box: the fund's money that is not at the bank."""
        return self.fund - self.bank


_LOAN = frozenset({Fund.LOAN_FUND})
_SOCIAL = frozenset({Fund.SOCIAL})
_ANY = frozenset(Fund)
_SAVINGS = _ANY - _SOCIAL
_FINES = _LOAN | _SOCIAL
_PAID_OUT = frozenset({Fund.LOAN_FUND, Fund.SOCIAL, Fund.PERSONAL})

_T, _R = PostingType, PostingRule

POSTING_RULES: dict[PostingType, PostingRule] = {
    _T.SAVINGS_DEPOSIT: _R(+1, 0, _SAVINGS, member=True),
    _T.SAVINGS_WITHDRAWAL: _R(-1, 0, _SAVINGS, member=True),
    _T.SOCIAL_CONTRIBUTION: _R(+1, 0, _SOCIAL, member=True),
    _T.SOCIAL_GRANT: _R(-1, 0, _SOCIAL, member=True),
    _T.SOCIAL_ADVANCE: _R(-1, 0, _SOCIAL, member=True),
    _T.SOCIAL_ADVANCE_REPAYMENT: _R(+1, 0, _SOCIAL, member=True),
    _T.FINE_PAYMENT: _R(+1, 0, _FINES, member=True),
    _T.LOAN_DISBURSEMENT: _R(-1, 0, _LOAN, member=True, loan=True),
    _T.LOAN_REPAYMENT: _R(+1, 0, _LOAN, member=True, loan=True),
    _T.LOAN_CHARGE: _R(+1, 0, _LOAN, member=True, loan=True),
    _T.LOAN_PENALTY: _R(+1, 0, _LOAN, member=True, loan=True),
    _T.LOAN_WRITE_OFF: _R(0, 0, _LOAN, member=True, loan=True),
    _T.EXPENSE: _R(-1, 0, _ANY),
    _T.OTHER_INCOME: _R(+1, 0, _ANY),
    _T.CASH_DIFFERENCE: _R(None, 0, _ANY),
    _T.BANK_DEPOSIT: _R(0, +1, _ANY),
    _T.BANK_WITHDRAWAL: _R(0, -1, _ANY),
    _T.EXTERNAL_LOAN_IN: _R(+1, 0, _LOAN),
    _T.EXTERNAL_LOAN_OUT: _R(-1, 0, _LOAN),
    _T.IGA_INVESTMENT: _R(-1, 0, _SAVINGS),
    _T.IGA_RETURN: _R(+1, 0, _SAVINGS),
    _T.OPENING_BALANCE: _R(None, 0, _ANY),
    _T.SHARE_OUT: _R(-1, 0, _PAID_OUT, member=True),
    _T.LEAVER_PAYOUT: _R(-1, 0, _PAID_OUT, member=True),
    _T.REVERSAL: _R(None, 0, _ANY),
}
"""What every kind of posting does; complete, and held by a test."""


def check_fund(posting_type: PostingType, fund: Fund) -> None:
    """Raise :class:`RuleBroken` when this kind of posting may not touch this fund."""
    allowed = POSTING_RULES[posting_type].funds
    if fund in allowed:
        return
    if fund is Fund.SOCIAL and posting_type is PostingType.LOAN_DISBURSEMENT:
        raise RuleBroken(
            "Never lend the social fund for business.",
            hint="Lend from the loan fund, or give an advance without charge.",
            field="fund_type",
        )
    raise RuleBroken(
        "A posting of type {posting_type} can not use the fund {fund}.",
        hint="Choose one of: {allowed}.",
        field="fund_type",
        posting_type=posting_type.value,
        fund=fund.value,
        allowed=", ".join(each.value for each in Fund if each in allowed),
    )


def effect(
    posting_type: PostingType,
    *,
    said: int | None = None,
    reverses: PostingType | None = None,
    at_bank: bool = False,
) -> Effect:
    """Return what a posting does to its fund and to the bank.

    ``said`` is the direction of a posting that may go either way (CASH_DIFFERENCE,
    OPENING_BALANCE), or of the row that a REVERSAL undoes where that row's kind may go either way.
    A REVERSAL names the kind that it ``reverses`` and does the exact opposite. ``at_bank`` says
    that the money itself came to or left the bank account, not the box.
    Raise :class:`RuleBroken` for a direction that contradicts the kind, or is missing.
    """
    if posting_type is PostingType.REVERSAL:
        if reverses is None or reverses is PostingType.REVERSAL:
            raise RuleBroken(
                "Reverse an entry, not a reversal.",
                hint="Enter the right amount again instead.",
                field="transaction_type",
            )
        undone = effect(reverses, said=said, at_bank=at_bank)
        return Effect(-undone.fund, -undone.bank)
    rule = POSTING_RULES[posting_type]
    direction = said if rule.direction is None else rule.direction
    possible = (-1, +1) if rule.direction is None else (None, rule.direction)
    if direction is None or said not in possible:
        raise RuleBroken(
            "Say if money came in or went out.",
            hint="{posting_type} can not go this way.",
            field="direction",
            posting_type=posting_type.value,
        )
    return Effect(direction, direction if at_bank and rule.bank == 0 else rule.bank)
