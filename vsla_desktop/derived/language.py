"""How a derived column is declared: what it is, as a fact about other rows or its own.

A declaration is SQL that both databases read alike. In it, ``r`` is the row that the sentence is
about: the child row whose value is added up in a :class:`Total`, the row itself in a
:class:`Formula`. ``@50.00@`` is an amount with two decimals, written as each database keeps it;
``LEAST``, ``GREATEST``, ``PERCENT(part, whole)`` and ``DAYS(later, earlier)`` are translated.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from vsla_desktop.domain.postings import POSTING_RULES


@dataclass(frozen=True, slots=True)
class Total:
    """``table.column`` is the sum of ``value`` over the rows of ``child`` whose ``key`` is its id.

    A sum is kept by adding what came and taking away what went, so an entry costs the same in the
    tenth year as in the first.
    """

    table: str
    column: str
    child: str
    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Source:
    """Rows of another ``table`` that a formula reads.

    A change there in ``watch`` computes the formula anew wherever its ``column`` equals the
    source row's ``key``.
    """

    table: str
    column: str
    key: str
    watch: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Formula:
    """``table.column`` is ``value``, computed from its own row and the rows it refers to.

    ``opening`` says that a value which head office recorded, and no row explains, can be kept
    beside the tables: an amount is added to what the rows say, a day stands where they name none.
    """

    table: str
    column: str
    value: str
    watch: tuple[str, ...] = ()
    sources: tuple[Source, ...] = field(default=())
    opening: bool = False


Derived = Total | Formula


def counted(row: str, mobile: str = "is_mobile_money") -> str:
    """Say whether a row's money is there: cash unless rejected, mobile money once verified."""
    is_mobile = (
        f"COALESCE({row}.payment_method, 'CASH') = 'MOBILE_MONEY'"
        if mobile == "payment_method"
        else f"COALESCE({row}.{mobile}, FALSE)"
    )
    return (
        f"(COALESCE({row}.verification_status, 'VERIFIED') = 'VERIFIED' OR"
        f" ({row}.verification_status = 'PENDING' AND NOT {is_mobile}))"
    )


def _kinds(direction: int) -> str:
    return ", ".join(
        f"'{kind}'" for kind, rule in POSTING_RULES.items() if rule.direction == direction
    )


def direction(row: str) -> str:
    """Say which way a ledger row's money went; other programs leave ``direction`` empty."""
    return (
        f"COALESCE({row}.direction, CASE WHEN {row}.transaction_type IN ({_kinds(1)}) THEN 1"
        f" WHEN {row}.transaction_type IN ({_kinds(-1)}) THEN -1 ELSE 0 END)"
    )


def once(row: str) -> str:
    """Return +1 for an entry and -1 for a reversal."""
    return f"(CASE WHEN {row}.transaction_type = 'REVERSAL' THEN -1 ELSE 1 END)"


def of_kind(row: str, *kinds: str) -> str:
    """Say whether a ledger row, or the row it reverses, is of one of these kinds."""
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    return f"COALESCE({row}.reversed_type, {row}.transaction_type) IN ({listed})"


def fund(row: str, *others: str) -> str:
    """Name the purse of a ledger or cashbook row: its own, else one of ``others``, else its type's.

    Other programs leave ``fund_type`` out.
    """
    named = ", ".join([f"{row}.fund_type", *others])
    return (
        f"COALESCE({named}, CASE WHEN SUBSTR({row}.transaction_type, 1, 6) = 'SOCIAL'"
        " THEN 'SOCIAL' ELSE 'LOAN_FUND' END)"
    )


def paid(*kinds: str) -> str:
    """Return what a ledger row adds to the payments of these kinds, a reversal taking away."""
    return (
        f"CASE WHEN {of_kind('r', *kinds)} AND {counted('r')} THEN {once('r')} * r.amount"
        " ELSE 0 END"
    )


LEDGER_WATCH = (
    "amount",
    "direction",
    "is_mobile_money",
    "reversed_type",
    "transaction_type",
    "verification_status",
)
LOAN_PAYMENTS = ("LOAN_REPAYMENT", "LOAN_CHARGE")
