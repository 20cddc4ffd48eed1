"""Check a whole database: derived values, the ledger against its rules, keys, and the file itself.

Every check is one statement over all rows, so a hundred thousand of them take seconds. Only rows
that our ledger has posted are held against its rules: they name their direction, which the rows of
other programs leave empty. The seals of meetings are checked with :mod:`vsla_desktop.queries`.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from vsla_desktop import derived
from vsla_desktop.db.adjustments import opening_adjustments
from vsla_desktop.derived.language import counted, direction, fund, of_kind, once

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from vsla_desktop.derived import Difference


@dataclass(frozen=True, slots=True)
class DerivedCheck:
    """How many derived values were recomputed, and which of them are wrong."""

    checked: int
    wrong: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class LedgerCheck:
    """How many entries of the ledger were looked at, and what is wrong with them, in sentences."""

    checked: int
    wrong: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verification:
    """What a check of a whole database found.

    ``foreign_keys`` names references that lead nowhere, or that nothing holds; ``integrity`` is
    "ok" or what the database says of its own file.
    """

    derived: DerivedCheck
    ledger: LedgerCheck
    foreign_keys: tuple[str, ...]
    integrity: str

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return (
            not self.derived.wrong
            and not self.ledger.wrong
            and not self.foreign_keys
            and self.integrity == "ok"
        )


def verify(connection: Connection) -> Verification:
    """Check everything in one look at the database; nothing is changed."""
    adjustments = opening_adjustments(connection)
    return Verification(
        DerivedCheck(
            derived.count_checked(connection),
            tuple(derived.differences(connection, adjustments=adjustments)),
        ),
        LedgerCheck(_entries(connection), tuple(_wrong_entries(connection))),
        tuple(_foreign_keys(connection)),
        _integrity(connection),
    )


_OURS = "t.direction IS NOT NULL"
_NAME = "COALESCE({0}.reference_number, 'number ' || {0}.id)"
_ENTRY, _OTHER = _NAME.format("t"), _NAME.format("o")
_LINE = "COALESCE(c.transaction_reference, 'number ' || c.id)"
_KIND = "COALESCE(t.reversed_type, t.transaction_type)"
_IS_SAVINGS = f"{_KIND} IN ('SAVINGS_DEPOSIT', 'SAVINGS_WITHDRAWAL')"
_SIGN = (
    "(CASE WHEN s.transaction_type = 'DEPOSIT' THEN 1 ELSE -1 END)"
    " * (CASE WHEN s.is_reversal THEN -1 ELSE 1 END)"
)
_COUNTED = (
    "(s.verification_status = 'VERIFIED'"
    " OR (s.verification_status = 'PENDING' AND NOT COALESCE(s.is_mobile_money, FALSE)))"
)


def _differ(one: str, other: str, *columns: str) -> str:
    return " OR ".join(f"{one}.{each} IS DISTINCT FROM {other}.{each}" for each in columns)


# A statement that finds what is wrong, and the sentence for each row that it finds. A column that
# is named amount or value is money.
_CHECKS: tuple[tuple[str, str], ...] = (
    (
        (
            f"SELECT {_ENTRY} AS entry, COUNT(c.id) AS lines FROM group_transactions t"
            f" LEFT JOIN group_cashbook c ON c.group_transaction_id = t.id WHERE {_OURS}"
            " GROUP BY t.id, t.reference_number HAVING COUNT(c.id) <> 1 ORDER BY t.id"
        ),
        "Entry {entry} has {lines} lines in the cashbook, not one.",
    ),
    (
        (
            f"SELECT {_ENTRY} AS entry FROM group_transactions t"
            f" JOIN group_cashbook c ON c.group_transaction_id = t.id WHERE {_OURS} AND ("
            f"{_differ('c', 't', 'amount', 'group_id', 'transaction_date', 'transaction_type')}"
            f" OR c.counted_fund <> {fund('t')}) ORDER BY t.id"
        ),
        "The cashbook says something else than entry {entry}.",
    ),
    (
        # Only our lines name a fund; those of other programs may stand alone.
        (
            f"SELECT {_LINE} AS line FROM group_cashbook c"
            " WHERE c.group_transaction_id IS NULL AND c.fund_type IS NOT NULL ORDER BY c.id"
        ),
        "Line {line} of the cashbook has no entry in the ledger any more.",
    ),
    (
        (
            f"SELECT {_ENTRY} AS entry FROM group_transactions t WHERE {_OURS} AND"
            " (t.transaction_type = 'REVERSAL') <> (t.reverses_id IS NOT NULL) ORDER BY t.id"
        ),
        "Entry {entry} is half a reversal: it does not say what it reverses, or is none.",
    ),
    (
        (
            f"SELECT {_ENTRY} AS entry, {_OTHER} AS other FROM group_transactions t"
            f" JOIN group_transactions o ON o.id = t.reverses_id WHERE {_OURS} AND ("
            f"{_differ('t', 'o', 'amount', 'group_id', 'member_id', 'loan_id', 'fine_id')}"
            f" OR {fund('t')} <> {fund('o')} OR t.direction <> -{direction('o')}"
            " OR t.reversed_type IS DISTINCT FROM o.transaction_type"
            " OR o.transaction_type = 'REVERSAL'"
            " OR COALESCE(t.held_in, 'BOX') <> COALESCE(o.held_in, 'BOX')) ORDER BY t.id"
        ),
        "Entry {entry} is not the opposite of {other}, which it reverses.",
    ),
    (
        (
            f"SELECT {_OTHER} AS other, COUNT(*) AS times FROM group_transactions t"
            f" JOIN group_transactions o ON o.id = t.reverses_id WHERE {_OURS}"
            " GROUP BY o.id, o.reference_number HAVING COUNT(*) > 1 ORDER BY o.id"
        ),
        "Entry {other} was reversed {times} times.",
    ),
    (
        # The account went with its member, but the ledger stays.
        (
            f"SELECT {_ENTRY} AS entry, COUNT(s.id) AS lines FROM group_transactions t"
            " LEFT JOIN saving_transactions s ON s.group_transaction_id = t.id"
            f" WHERE {_OURS} AND t.member_id IS NOT NULL AND t.transaction_type IN"
            " ('SAVINGS_DEPOSIT', 'SAVINGS_WITHDRAWAL')"
            " GROUP BY t.id, t.reference_number HAVING COUNT(s.id) <> 1 ORDER BY t.id"
        ),
        "Entry {entry} has {lines} lines in the member's account, not one.",
    ),
    (
        (
            f"SELECT {_ENTRY} AS entry FROM group_transactions t"
            " JOIN saving_transactions s ON s.group_transaction_id = t.id"
            f" JOIN member_savings a ON a.id = s.member_saving_id WHERE {_OURS} AND {_IS_SAVINGS}"
            f" AND ({_differ('s', 't', 'amount', 'transaction_date')}"
            f" OR a.member_id <> t.member_id OR {_SIGN} <> t.direction"
            " OR s.is_reversal <> (t.transaction_type = 'REVERSAL')"
            f" OR {_COUNTED} <> {_COUNTED.replace('s.', 't.')}) ORDER BY t.id"
        ),
        "The member's account says something else than entry {entry}.",
    ),
    (
        (
            "SELECT m.first_name, m.last_name, y.cycle_number AS cycle,"
            f" SUM({_SIGN} * s.shares_count) AS shares, y.share_value AS value,"
            f" SUM({_SIGN} * s.amount) AS amount FROM group_transactions t"
            " JOIN saving_transactions s ON s.group_transaction_id = t.id"
            " JOIN member_savings a ON a.id = s.member_saving_id"
            " JOIN group_members m ON m.id = a.member_id JOIN savings_cycles y ON y.id = t.cycle_id"
            f" WHERE {_OURS} AND {_IS_SAVINGS} AND s.shares_count IS NOT NULL AND y.share_value > 0"
            " GROUP BY m.id, m.first_name, m.last_name, y.id, y.cycle_number, y.share_value"
            f" HAVING SUM({_SIGN} * s.amount) <> SUM({_SIGN} * s.shares_count) * y.share_value"
            " ORDER BY m.id, y.id"
        ),
        (
            "{shares} shares at {value} are not the {amount} that {first_name} {last_name} saved"
            " in cycle {cycle}."
        ),
    ),
)

_GIVEN = "COALESCE(l.status, 'PENDING') NOT IN ('PENDING', 'APPROVED')"
_OF_LOANS: tuple[tuple[str, str], ...] = (
    (
        (
            "SELECT m.first_name, m.last_name, l.principal AS amount,"
            f" SUM(CASE WHEN {counted('t')} THEN {once('t')} * t.amount ELSE 0 END) AS value"
            " FROM group_loans l JOIN group_members m ON m.id = l.member_id"
            " JOIN group_transactions t ON t.loan_id = l.id"
            f" WHERE {_OURS} AND {of_kind('t', 'LOAN_DISBURSEMENT')}"
            " GROUP BY l.id, l.principal, l.status, m.first_name, m.last_name"
            f" HAVING SUM(CASE WHEN {counted('t')} THEN {once('t')} * t.amount ELSE 0 END)"
            f" <> CASE WHEN {_GIVEN} THEN l.principal ELSE 0 END ORDER BY l.id"
        ),
        "The loan of {first_name} {last_name} says {amount}, the ledger paid out {value}.",
    ),
    (
        (
            "SELECT m.first_name, m.last_name, l.total_amount_due AS amount,"
            " COALESCE(SUM(s.total_amount), 0) AS value FROM group_loans l"
            " JOIN group_members m ON m.id = l.member_id"
            " LEFT JOIN loan_repayment_schedule s ON s.loan_id = l.id"
            f" WHERE {_GIVEN} AND l.id IN (SELECT t.loan_id FROM group_transactions t WHERE"
            f" {_OURS} AND {of_kind('t', 'LOAN_DISBURSEMENT')})"
            " GROUP BY l.id, l.total_amount_due, m.first_name, m.last_name"
            " HAVING COALESCE(SUM(s.total_amount), 0) <> l.total_amount_due ORDER BY l.id"
        ),
        "The instalments of the loan of {first_name} {last_name} are {value}, it asks {amount}.",
    ),
)

# What our program wrote down of money on the phone; the ledger names it by its reference.
_OUR_PAYMENTS = (
    "p.provider = 'Mobile money' AND p.payment_purpose IN ('SHARES', 'SOCIAL', 'FINE', 'LOAN')"
)
_OF_PAYMENT = (
    "t.group_id = p.group_id AND t.mobile_money_reference = p.transaction_reference"
    " AND t.is_mobile_money AND t.verification_status = 'VERIFIED'"
    " AND t.transaction_type <> 'REVERSAL'"
)
_ON_THE_PHONE: tuple[tuple[str, str], ...] = (
    (
        # What corrects an entry has a reason: it is not what was booked when the money came.
        (
            "SELECT p.transaction_reference AS reference, p.amount AS amount,"
            " COALESCE(SUM(t.amount), 0) AS value FROM mobile_money_payments p"
            f" LEFT JOIN group_transactions t ON {_OF_PAYMENT} AND t.reason IS NULL"
            f" WHERE {_OUR_PAYMENTS} AND p.status = 'VERIFIED'"
            " GROUP BY p.id, p.transaction_reference, p.amount"
            " HAVING COALESCE(SUM(t.amount), 0) <> p.amount ORDER BY p.id"
        ),
        "Payment {reference} says {amount}, the ledger booked {value}.",
    ),
    (
        # A reference that was rejected may be used again.
        (
            f"SELECT p.transaction_reference AS reference, {_ENTRY} AS entry"
            f" FROM mobile_money_payments p JOIN group_transactions t ON {_OF_PAYMENT}"
            f" WHERE {_OUR_PAYMENTS} AND COALESCE(p.status, 'PENDING') <> 'VERIFIED'"
            " AND NOT EXISTS (SELECT 1 FROM mobile_money_payments v"
            " WHERE v.group_id = p.group_id AND v.status = 'VERIFIED'"
            " AND v.transaction_reference = p.transaction_reference)"
            " AND NOT EXISTS (SELECT 1 FROM group_transactions u WHERE u.reverses_id = t.id)"
            " ORDER BY t.id"
        ),
        "Payment {reference} is not verified, but entry {entry} counts it.",
    ),
)

_FUNDS = ("loan", "social", "ecd", "target", "personal")
_PURSES: dict[str, str] = {
    **{f"The {name} fund": f"d.{name}_fund_balance" for name in _FUNDS},
    "The box": "d.balance_after - d.bank_balance",
    "The bank": "d.bank_balance",
}


def _end_of_days(dialect: str) -> str:
    """Return a query for the last line of each day of each group whose book is all ours."""
    # Letters in the same order on every server, as the running balances have it.
    collation = ' COLLATE "C"' if dialect == "postgresql" else ""
    newest = f"COALESCE(c.transaction_reference, ''){collation} DESC, c.id DESC"
    return (
        "WITH lines AS (SELECT c.*, ROW_NUMBER() OVER (PARTITION BY c.group_id,"
        f" c.transaction_date ORDER BY {newest}) AS place FROM group_cashbook c),"
        " mixed AS (SELECT group_id FROM group_transactions WHERE direction IS NULL UNION"
        " SELECT group_id FROM group_cashbook WHERE group_transaction_id IS NULL)"
        " SELECT g.group_code AS code, d.transaction_date AS day, {what}"
        " FROM lines d JOIN savings_groups g ON g.id = d.group_id"
        " WHERE d.place = 1 AND d.group_id NOT IN (SELECT group_id FROM mixed) AND {wrong}"
        " ORDER BY g.id, d.transaction_date"
    )


def _wrong_entries(connection: Connection) -> Iterator[str]:
    for query, sentence in (*_CHECKS, *_OF_LOANS, *_ON_THE_PHONE):
        yield from _found(connection, query, sentence)
    days = _end_of_days(connection.dialect.name)
    for purse, balance in _PURSES.items():
        yield from _found(
            connection,
            days.format(what=f"{balance} AS amount", wrong=f"{balance} < 0"),
            f"{purse} of group {{code}} held {{amount}} at the end of {{day}}.",
        )
    funds = " + ".join(f"COALESCE(d.{name}_fund_balance, 0)" for name in _FUNDS)
    yield from _found(
        connection,
        days.format(
            what=f"d.balance_after AS amount, {funds} AS value",
            wrong=f"d.balance_after <> {funds}",
        ),
        "Box and bank of group {code} held {amount} at the end of {day}, its funds {value}.",
    )


def _found(connection: Connection, query: str, sentence: str) -> Iterator[str]:
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:
        query = query.replace("IS DISTINCT FROM", "IS NOT")
    for row in connection.execute(text(query)).mappings():
        yield sentence.format_map(
            {name: _shown(name, value, sqlite=sqlite) for name, value in row.items()}
        )


def _shown(name: str, value: Any, *, sqlite: bool) -> Any:
    """Return money as a decimal: SQLite keeps it in hundredths."""
    if sqlite and name in {"amount", "value"}:
        return Decimal(value).scaleb(-2)
    return value


def _entries(connection: Connection) -> int:
    query = text(f"SELECT COUNT(*) FROM group_transactions t WHERE {_OURS}")
    counted: int = connection.execute(query).scalar_one()
    return counted


def _foreign_keys(connection: Connection) -> Iterator[str]:
    if connection.dialect.name == "sqlite":
        for table, row, parent, _ in connection.exec_driver_sql("PRAGMA foreign_key_check"):
            yield f"Row {row} of {table} refers to a row of {parent} that is not there."
        return
    rows = connection.execute(
        text(
            "SELECT c.relname, k.conname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid"
            " WHERE k.contype = 'f' AND NOT k.convalidated"
            " AND c.relnamespace = 'public'::regnamespace ORDER BY 1, 2"
        )
    )
    for table, key in rows:
        yield f"Nothing has checked the rows of {table} against {key}."


def _integrity(connection: Connection) -> str:
    if connection.dialect.name != "sqlite":
        return "ok"
    return "\n".join(connection.exec_driver_sql("PRAGMA integrity_check").scalars())
