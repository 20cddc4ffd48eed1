# ruff: noqa: S608 - names from the files of the field's schema
"""A database as the field has it: 41 tables made from the files, and rows as years leave them.

References that nothing holds lead nowhere here and there, derived values are sometimes wrong or
missing, and coded columns hold what no list knows.
"""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import psycopg2
from psycopg2.extras import Json, execute_values

from tests.db import field

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a class

ROWS = 200
NOWHERE = 999_999
GROUPS = 20

FUNCTIONS = {
    "update_group_members_count": """
        UPDATE savings_groups SET members_count = (SELECT COUNT(*) FROM group_members
            WHERE group_id = COALESCE(NEW.group_id, OLD.group_id) AND is_active)
        WHERE id = COALESCE(NEW.group_id, OLD.group_id);""",
    "update_member_attendance_percentage": """
        UPDATE group_members SET attendance_percentage = (SELECT COUNT(*) FILTER
            (WHERE is_present) * 100.0 / COUNT(*) FROM meeting_attendance
            WHERE member_id = NEW.member_id) WHERE id = NEW.member_id;""",
    "update_member_savings_balance": """
        UPDATE member_savings SET current_balance = current_balance + NEW.amount,
            total_deposits = total_deposits + NEW.amount WHERE id = NEW.member_saving_id;""",
}
PERSONAL_ID = 11
SAVING_CODES = {PERSONAL_ID: "PERSONAL", 12: "ECD", 14: "TARGET"}


def fill_field(url: str) -> None:
    """Make the field's tables, rows and triggers in an empty database."""
    connection = psycopg2.connect(url.replace("+psycopg2", ""))
    with connection, connection.cursor() as cursor:
        for statement in tables():
            cursor.execute(statement)
        chance = random.Random(7)  # noqa: S311 - the same rows every time
        for table in ORDER:
            add_rows(cursor, table, range(1, ROWS + 1), chance)
        for officer in ("chair", "treasurer", "secretary"):
            cursor.execute(
                f"UPDATE savings_groups g SET {officer}_member_id = (SELECT MAX(id)"
                " FROM group_members m WHERE m.group_id = g.id)"
            )
        for statement in keys_and_triggers():
            cursor.execute(statement)
    connection.close()


def tables() -> Iterator[str]:
    """Return the statements that make the tables."""
    for table in field.tables():
        parts = []
        for each in field.columns():
            if each.table != table:
                continue
            if each.default == "autoincrement":
                parts.append(f"{each.name} SERIAL PRIMARY KEY")
                continue
            default = f" DEFAULT {each.default}" if each.default else ""
            null = "" if each.nullable else " NOT NULL"
            parts.append(f'"{each.name}" {each.type}{default}{null}')
        yield f"CREATE TABLE {table} ({', '.join(parts)})"


def keys_and_triggers() -> Iterator[str]:
    """Return the statements that make keys, indexes, functions and triggers."""
    for key in field.foreign_keys():
        yield (
            f"ALTER TABLE {key.table} ADD FOREIGN KEY ({key.column})"
            f" REFERENCES {key.target} (id) ON DELETE {key.on_delete}"
        )
    for table, names in sorted(field.uniques()):
        yield f"ALTER TABLE {table} ADD UNIQUE ({', '.join(names)})"
    for table, index, names in sorted(field.indexes()):
        yield f"CREATE INDEX {index} ON {table} ({', '.join(names)})"
    for name, body in FUNCTIONS.items():
        yield (
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$BEGIN {body} RETURN NULL; END$$"
        )
    for trigger, table, events, function in field.triggers():
        yield (
            f"CREATE TRIGGER {trigger} AFTER {' OR '.join(sorted(events))} ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION {function}()"
        )


def _order() -> list[str]:
    """Put tables after those that they refer to, but for officers and guarantors."""
    needs = {
        table: {
            key.target
            for key in field.foreign_keys()
            if key.table == table and not key.column.endswith("_member_id")
        }
        for table in field.tables()
    }
    ordered: list[str] = []
    while needs:
        ready = [table for table, before in needs.items() if before <= set(ordered)]
        ordered += ready
        for table in ready:
            del needs[table]
    return ordered


ORDER = _order()
TARGETS = {(each.table, each.column): each.target for each in field.foreign_keys()}
SOFT = field.lapsed_references()


def add_rows(cursor: Cursor, table: str, numbers: range, chance: random.Random) -> None:
    """Add rows as the field's programs do: they write all columns that they know."""
    columns = [each for each in field.columns() if each.table == table and each.name != "id"]
    names = ", ".join(f'"{each.name}"' for each in columns)
    rows = [tuple(value(each, number, chance) for each in columns) for number in numbers]
    execute_values(cursor, f"INSERT INTO {table} ({names}) VALUES %s", rows, page_size=500)


def value(column: field.FieldColumn, number: int, chance: random.Random) -> Any:
    """Return something for a column of the row of this number."""
    place = (column.table, column.name)
    if column.name.endswith("_member_id") and column.table == "savings_groups":
        return None
    fixed = FIXED.get(place)
    if fixed is not None:
        return fixed(number)
    if column.nullable and chance.random() < 0.12:
        return None
    if place in SOFT:
        return NOWHERE if chance.random() < 0.1 else chance.randint(1, ROWS)
    if place in TARGETS:
        return number if column.name == "member_id" else 1 + number % ROWS
    words = field.vocabulary().get(place)
    if words and column.type.startswith("VARCHAR"):
        listed = [word for word in words if word.isupper() or "_" in word or len(words) < 4]
        return "odd word" if chance.random() < 0.03 else chance.choice(listed or words)
    return _plain(column, number, chance)


def _plain(column: field.FieldColumn, number: int, chance: random.Random) -> Any:
    kind = column.type
    day = date(2024, 1, 1) + timedelta(days=chance.randint(0, 400))
    if kind == "INTEGER":
        return chance.randint(0, 6)
    if kind == "BOOLEAN":
        return chance.random() < 0.6
    if kind.startswith("NUMERIC"):
        precision, scale = (int(each) for each in kind[8:-1].split(","))
        return Decimal(chance.randint(1, 10 ** min(precision - 1, scale + 4))).scaleb(-scale)
    if kind == "DATE":
        return day
    if kind == "TIMESTAMP":
        return datetime.combine(day, time(8, number % 60, 0, 123456))
    if kind == "TIME":
        return time(9, number % 60)
    if kind == "JSON":
        return Json({"n": number, "été": [1, None]})
    text = f"{column.name} é☂ {number}"
    return text[: int(kind[8:-1])] if kind.startswith("VARCHAR") else text


def _group(number: int) -> int:
    return 1 + number % GROUPS


def _day(number: int) -> date:
    return date(2024, 1, 1) + timedelta(days=number)


FIXED: dict[tuple[str, str], Any] = {
    ("users", "username"): lambda number: f"user{number}",
    ("users", "email"): lambda number: f"user{number}@example.org",
    ("savings_groups", "group_code"): lambda number: f"RW-{number:04d}",
    ("services", "name"): lambda number: f"service {number}",
    ("achievements", "name"): lambda number: f"achievement {number}",
    ("achievement_badges", "name"): lambda number: f"badge {number}",
    ("saving_types", "name"): lambda number: f"saving {number}",
    ("saving_types", "code"): lambda number: SAVING_CODES.get(number, f"T{number}"),
    ("group_members", "group_id"): _group,
    ("group_members", "user_id"): lambda number: number,
    ("group_transactions", "group_id"): _group,
    ("group_transactions", "reference_number"): lambda number: (
        f"REF-{number}" if number % 5 else None
    ),
    ("group_cashbook", "group_id"): _group,
    ("group_cashbook", "transaction_reference"): lambda number: f"REF-{number}",
    ("group_loans", "group_id"): _group,
    ("meetings", "group_id"): _group,
    ("meetings", "meeting_number"): lambda number: number,
    ("meeting_attendance", "group_id"): _group,
    ("meeting_attendance", "meeting_date"): _day,
    ("meeting_attendance", "member_id"): lambda number: 1 + number % 60,
    ("member_savings", "member_id"): lambda number: 1 + number % 100,
    ("member_savings", "saving_type_id"): lambda number: [*SAVING_CODES][number // 100],
    ("service_admins", "service_id"): lambda number: 1 + (number + number // ROWS) % ROWS,
    ("user_service_permissions", "service_id"): lambda number: 1 + (number + number // ROWS) % ROWS,
    ("saving_transactions", "member_saving_id"): lambda number: 1 + number % 50,
    ("loan_repayment_schedule", "loan_id"): lambda number: 1 + number // 4,
    ("loan_repayment_schedule", "installment_number"): lambda number: 1 + number % 4,
    ("member_activity_participation", "activity_id"): lambda number: 1 + number % 25,
    ("analytics_snapshots", "snapshot_date"): _day,
    ("member_analytics", "analytics_date"): _day,
    ("group_mobile_money_accounts", "account_number"): lambda number: f"0780{number:06d}",
}
