"""The derived columns once more, in plain Python: each from the rows, none from another's trigger.

Written from the rules (what counts, what a reversal does, in which order a book is read) and not
from the declarations, so that a mistake there can not be repeated here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from vsla_desktop.models import Base

Row = dict[str, Any]
Rows = dict[int, Row]
Values = dict[tuple[str, str], dict[int, Any]]

ZERO = Decimal(0)
COMES = {
    "SAVINGS_DEPOSIT",
    "SOCIAL_CONTRIBUTION",
    "SOCIAL_ADVANCE_REPAYMENT",
    "FINE_PAYMENT",
    "LOAN_REPAYMENT",
    "LOAN_CHARGE",
    "LOAN_PENALTY",
    "OTHER_INCOME",
    "EXTERNAL_LOAN_IN",
    "IGA_RETURN",
}
GOES = {
    "SAVINGS_WITHDRAWAL",
    "SOCIAL_GRANT",
    "SOCIAL_ADVANCE",
    "LOAN_DISBURSEMENT",
    "EXPENSE",
    "EXTERNAL_LOAN_OUT",
    "IGA_INVESTMENT",
    "SHARE_OUT",
    "LEAVER_PAYOUT",
}
PURSES = {
    "personal_fund_balance": "PERSONAL",
    "ecd_fund_balance": "ECD",
    "social_fund_balance": "SOCIAL",
    "target_fund_balance": "TARGET",
    "loan_fund_balance": "LOAN_FUND",
}


class RefusedError(Exception):
    """The database would refuse this: a key would be doubled, or shared data is in use."""


class PlainBook:
    """Tables of recorded values only; what follows from them is computed when asked for."""

    def __init__(self, tables: Iterable[str]) -> None:
        self.rows: dict[str, Rows] = {table: {} for table in tables}

    def copy(self) -> PlainBook:
        """Return a book of its own with the same rows."""
        other = PlainBook(self.rows)
        for table, rows in self.rows.items():
            other.rows[table] = {key: dict(row) for key, row in rows.items()}
        return other

    def put(self, table: str, key: int, row: Row) -> None:
        """Add a row, or write over some of its values."""
        self.rows[table].setdefault(key, {}).update(row)

    def remove(self, table: str, keys: Iterable[int]) -> None:
        """Take rows away, and do to what refers to them as the models declare."""
        gone = {key for key in keys if self.rows[table].pop(key, None) is not None}
        if not gone:
            return
        for child in self.rows:
            for reference in Base.metadata.tables[child].foreign_keys:
                if reference.column.table.name != table:
                    continue
                name = reference.parent.name
                touched = [key for key, row in self.rows[child].items() if row.get(name) in gone]
                if touched and reference.ondelete is None:
                    raise RefusedError(child)
                if reference.ondelete == "CASCADE":
                    self.remove(child, touched)
                else:
                    for key in touched:
                        self.rows[child][key][name] = None

    def check_keys(self, uniques: dict[str, tuple[str, ...]]) -> None:
        """Refuse rows that would be the same by their natural key."""
        for table, columns in uniques.items():
            seen = [
                key
                for row in self.rows[table].values()
                if None not in (key := tuple(row[name] for name in columns))
            ]
            if len(seen) != len(set(seen)):
                raise RefusedError(table)

    def of(self, table: str, column: str, key: int) -> list[Row]:
        """Return the rows of a table that refer to one row."""
        return [row for row in self.rows[table].values() if row[column] == key]

    def derived(self) -> Values:
        """Compute every derived column of every row."""
        values: Values = {}

        def each(table: str, compute: Callable[[int, Row], dict[str, Any]]) -> None:
            for key, row in self.rows[table].items():
                for column, value in compute(key, row).items():
                    values.setdefault((table, column), {})[key] = value

        for table, compute in (
            ("member_savings", self._account),
            ("group_members", self._member),
            ("meetings", self._meeting),
            ("meeting_activities", self._activity),
            ("group_loans", self._loan),
            ("loan_repayment_schedule", self._instalment),
            ("member_fines", self._fine),
            ("savings_groups", self._group),
        ):
            each(table, compute)
        for group in self.rows["savings_groups"]:
            self._read_book(group, values)
        return values

    def _account(self, key: int, _row: Row) -> dict[str, Any]:
        there = [
            row for row in self.of("saving_transactions", "member_saving_id", key) if counts(row)
        ]

        def total(kind: str) -> Decimal:
            return sum(
                (
                    -row["amount"] if row["is_reversal"] else row["amount"]
                    for row in there
                    if row["transaction_type"] == kind
                ),
                ZERO,
            )

        return {
            "current_balance": total("DEPOSIT") - total("WITHDRAWAL"),
            "total_deposits": total("DEPOSIT"),
            "total_withdrawals": total("WITHDRAWAL"),
            "last_transaction_date": last(
                row["transaction_date"] for row in there if not row["is_reversal"]
            ),
        }

    def _member(self, key: int, row: Row) -> dict[str, Any]:
        accounts = [
            (account, self._account(number, account))
            for number, account in self.rows["member_savings"].items()
            if account["member_id"] == key
        ]
        saved = sum((facts["current_balance"] for _, facts in accounts), ZERO)
        calls = self.of("meeting_attendance", "member_id", key)
        present = sum(map(was_present, calls))
        percent = ZERO
        if calls:
            percent = (Decimal(100 * present) / len(calls)).quantize(Decimal("0.01"), ROUND_HALF_UP)
        rules = self.of("group_settings", "group_id", row["group_id"])
        floor = rules[0]["loan_min_attendance"] if rules else Decimal(50)
        least = rules[0]["loan_min_savings"] if rules else ZERO
        return {
            "share_balance": sum(
                (
                    facts["current_balance"]
                    for account, facts in accounts
                    if self.rows["saving_types"][account["saving_type_id"]]["code"] == "PERSONAL"
                ),
                ZERO,
            ),
            "savings_balance": saved,
            "total_contributions": sum((facts["total_deposits"] for _, facts in accounts), ZERO),
            "target_amount": sum(
                (account["target_amount"] or ZERO for account, _ in accounts), ZERO
            ),
            "attendance_percentage": percent,
            "is_eligible_for_loans": row["is_active"] is not False
            and row["status"] in {None, "ACTIVE"}
            and percent >= floor
            and saved >= least,
        }

    def _meeting(self, key: int, row: Row) -> dict[str, Any]:
        calls = self.of("meeting_attendance", "meeting_id", key)
        present = sum(bool(call["is_present"]) for call in calls)
        quorum = row["quorum_required"]
        if quorum is None:
            quorum = (len(calls) + 1) // 2
        ledger = self.of("group_transactions", "meeting_id", key)
        return {
            "total_members": len(calls),
            "members_present": present,
            "attendance_count": sum(
                bool(call["is_present"]) or call["attendance_status"] == "REPRESENTED"
                for call in calls
            ),
            "quorum_met": present > 0 and present >= quorum,
            "total_savings_collected": paid(ledger, "SAVINGS_DEPOSIT"),
            "total_fines_collected": paid(ledger, "FINE_PAYMENT"),
            "total_loan_repayments": paid(ledger, "LOAN_REPAYMENT", "LOAN_CHARGE", "LOAN_PENALTY"),
            "loans_disbursed_count": sum(
                sign(row) for row in ledger if counts(row) and kind_of(row) == "LOAN_DISBURSEMENT"
            ),
        }

    def _activity(self, key: int, _row: Row) -> dict[str, Any]:
        parts = self.of("member_activity_participation", "activity_id", key)
        return {
            "total_amount": sum(
                (
                    part["amount_contributed"] or ZERO
                    for part in parts
                    if counts(part, mobile=part["payment_method"] == "MOBILE_MONEY")
                ),
                ZERO,
            ),
            "participants_count": sum(bool(part["is_present"]) for part in parts),
        }

    def _loan(self, key: int, row: Row) -> dict[str, Any]:
        ledger = self.of("group_transactions", "loan_id", key)
        repaid = paid(ledger, "LOAN_REPAYMENT")
        amount_paid = repaid + paid(ledger, "LOAN_CHARGE")
        written_off = paid(ledger, "LOAN_WRITE_OFF")
        given = row["status"] not in {None, "PENDING", "APPROVED"}
        instalments = [
            self._instalment(number, each)
            for number, each in self.rows["loan_repayment_schedule"].items()
            if each["loan_id"] == key
        ]
        return {
            "amount_paid": amount_paid,
            "principal_paid": repaid,
            "penalty_paid": paid(ledger, "LOAN_PENALTY"),
            "amount_written_off": written_off,
            "outstanding_balance": row["total_amount_due"] - amount_paid - written_off,
            "principal_outstanding": row["principal"] - repaid - written_off if given else ZERO,
            "payments_made": sum(each["is_paid"] for each in instalments),
        }

    def _instalment(self, key: int, row: Row) -> dict[str, Any]:
        """Payments fill the instalments one after another, penalties the fees likewise."""
        ledger = self.of("group_transactions", "loan_id", row["loan_id"])
        earlier = [
            each
            for number, each in self.rows["loan_repayment_schedule"].items()
            if each["loan_id"] == row["loan_id"]
            and (each["installment_number"], number) < (row["installment_number"], key)
        ]
        before = sum((each["total_amount"] for each in earlier), ZERO)
        fees_before = sum((each["late_fee_amount"] or ZERO for each in earlier), ZERO)
        fee = row["late_fee_amount"] or ZERO
        received = paid(ledger, "LOAN_REPAYMENT", "LOAN_CHARGE")
        share = max(ZERO, min(row["total_amount"], received - before))
        day = None
        if received >= before + row["total_amount"]:
            day = first_day(ledger, before + row["total_amount"])
        return {
            "paid_amount": share,
            "late_fee_paid": max(ZERO, min(fee, paid(ledger, "LOAN_PENALTY") - fees_before)),
            "is_paid": share >= row["total_amount"],
            "payment_date": day,
            "days_late": max(0, (day - row["due_date"]).days) if day else 0,
        }

    def _fine(self, key: int, row: Row) -> dict[str, Any]:
        ledger = self.of("group_transactions", "fine_id", key)
        amount = paid(ledger, "FINE_PAYMENT")
        return {
            "paid_amount": amount,
            "is_paid": amount >= row["amount"],
            "payment_date": last(
                each["transaction_date"]
                for each in ledger
                if amount > 0 and each["transaction_type"] == "FINE_PAYMENT" and counts(each)
            ),
        }

    def _group(self, key: int, _row: Row) -> dict[str, Any]:
        members = [
            (row, self._member(number, row))
            for number, row in self.rows["group_members"].items()
            if row["group_id"] == key
        ]
        loans = [
            self._loan(number, row)["outstanding_balance"]
            for number, row in self.rows["group_loans"].items()
            if row["group_id"] == key and row["status"] not in {None, "PENDING", "APPROVED"}
        ]
        return {
            "members_count": sum(row["is_active"] is not False for row, _ in members),
            "savings_balance": sum((facts["savings_balance"] for _, facts in members), ZERO),
            "target_amount": sum((facts["target_amount"] for _, facts in members), ZERO),
            "loan_balance": sum(loans, ZERO),
            "loan_fund_balance": sum(
                (
                    effect(row)
                    for row in self.of("group_transactions", "group_id", key)
                    if purse(row) == "LOAN_FUND"
                ),
                ZERO,
            ),
        }

    def _read_book(self, group: int, values: Values) -> None:
        """Walk through a group's cashbook from its first line to its last."""
        balances = dict.fromkeys(("balance_after", "bank_balance", *PURSES), ZERO)
        lines = [
            (row["transaction_date"], row["transaction_reference"] or "", number, row)
            for number, row in self.rows["group_cashbook"].items()
            if row["group_id"] == group
        ]
        for _, _, number, row in sorted(lines, key=lambda line: line[:3]):
            if row["group_transaction_id"] is None:
                amount, bank = direction({**row, "direction": None}) * row["amount"], ZERO
                counted = purse(row)
            else:
                entry = self.rows["group_transactions"][row["group_transaction_id"]]
                amount, bank = effect(entry), to_bank(entry)
                counted = purse({**row, "fund_type": row["fund_type"] or entry["fund_type"]})
            balances["balance_after"] += amount
            balances["bank_balance"] += bank
            for column, fund in PURSES.items():
                if counted == fund:
                    balances[column] += amount
            for column, value in {
                "counted_fund": counted,
                "signed_amount": amount,
                "bank_amount": bank,
                **balances,
            }.items():
                values.setdefault(("group_cashbook", column), {})[number] = value


def counts(row: Row, *, mobile: bool | None = None) -> bool:
    """Cash is there unless it was rejected, mobile money once it is verified."""
    if mobile is None:
        mobile = bool(row["is_mobile_money"])
    status = row["verification_status"] or "VERIFIED"
    return status == "VERIFIED" or (status == "PENDING" and not mobile)


def was_present(call: Row) -> bool:
    """What a later meeting put right counts as that said."""
    if call.get("corrected_meeting_id") is not None and call["corrected_status"] is not None:
        return call["corrected_status"] in {"PRESENT", "LATE"}
    return bool(call["is_present"])


def sign(row: Row) -> int:
    return -1 if row["transaction_type"] == "REVERSAL" else 1


def kind_of(row: Row) -> str:
    kind: str = row["reversed_type"] or row["transaction_type"]
    return kind


def paid(ledger: list[Row], *kinds: str) -> Decimal:
    """Add up what came for something, less what of it was reversed."""
    return sum(
        (sign(row) * row["amount"] for row in ledger if counts(row) and kind_of(row) in kinds),
        ZERO,
    )


def direction(row: Row) -> int:
    if row["direction"] is not None:
        said: int = row["direction"]
        return said
    kind = row["transaction_type"]
    return 1 if kind in COMES else -1 if kind in GOES else 0


def effect(row: Row) -> Decimal:
    amount: Decimal = row["amount"]
    return direction(row) * amount if counts(row) else ZERO


def to_bank(row: Row) -> Decimal:
    if not counts(row):
        return ZERO
    amount: Decimal = row["amount"]
    if kind_of(row) == "BANK_DEPOSIT":
        return sign(row) * amount
    if kind_of(row) == "BANK_WITHDRAWAL":
        return -sign(row) * amount
    if row["held_in"] == "BANK" or row["is_mobile_money"]:
        return direction(row) * amount
    return ZERO


def purse(row: Row) -> str:
    if row["fund_type"]:
        named: str = row["fund_type"]
        return named
    return "SOCIAL" if row["transaction_type"].startswith("SOCIAL") else "LOAN_FUND"


def last(days: Iterable[date | None]) -> date | None:
    return max((day for day in days if day is not None), default=None)


def first_day(ledger: list[Row], due: Decimal) -> date | None:
    """Return the first day at whose end this much of the loan had been paid."""
    days: set[date] = {row["transaction_date"] for row in ledger if row["transaction_date"]}
    for day in sorted(days):
        until = [
            row
            for row in ledger
            if row["transaction_date"] is not None
            and row["transaction_date"] <= day
            and counts(row)
            and kind_of(row) in {"LOAN_REPAYMENT", "LOAN_CHARGE"}
        ]
        if until and paid(until, "LOAN_REPAYMENT", "LOAN_CHARGE") >= due:
            return day
    return None
