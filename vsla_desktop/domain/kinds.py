"""For what a group grants, spends and earns: the few kinds by which such entries are added up.

An entry without a kind is one of a book that did not say, and is shown as *other*.
"""

from __future__ import annotations

from enum import StrEnum


class GrantEvent(StrEnum):
    """What befell a member whom the social fund helps: docs/rules.md#social-fund."""

    DEATH = "DEATH"
    ILLNESS = "ILLNESS"
    BIRTH = "BIRTH"
    SCHOOL = "SCHOOL"
    FIRE = "FIRE"
    WEDDING = "WEDDING"
    OTHER = "OTHER"


class ExpenseKind(StrEnum):
    """What the group paid for."""

    STATIONERY = "STATIONERY"
    TRANSPORT = "TRANSPORT"
    REFRESHMENTS = "REFRESHMENTS"
    BANK_CHARGES = "BANK_CHARGES"
    LOAN_CHARGE = "LOAN_CHARGE"
    PROPERTY = "PROPERTY"
    OTHER = "OTHER"


class IncomeKind(StrEnum):
    """What brought the group money that is no member's payment."""

    GIFT = "GIFT"
    BANK_INTEREST = "BANK_INTEREST"
    SALE = "SALE"
    OTHER = "OTHER"
