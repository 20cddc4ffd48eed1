# ruff: noqa: S608 - names from the files of the field's schema
"""Head office's database becomes ours in place: new, in the field's shape with rows, or ours."""

from __future__ import annotations

import random
from collections import Counter
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Literal

import pytest
from psycopg2.extras import execute_values
from sqlalchemy import text

from tests.db import field
from tests.db.field_database import NOWHERE, ORDER, PERSONAL_ID, ROWS, add_rows, fill_field
from tests.db.live import read_schema
from tests.derived.plain import PlainBook
from tests.derived.steps import COLUMNS
from vsla_desktop import db, derived
from vsla_desktop.capture.identity import SEEDS
from vsla_desktop.db.adjustments import opening_adjustments
from vsla_desktop.db.central import NotKept
from vsla_desktop.derived.declarations import DECLARATIONS, RUNNING, Total
from vsla_desktop.errors import StorageError
from vsla_desktop.models import Base

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

    from tests.support.postgres import PostgresServer

ADJUSTMENTS = "sync.opening_adjustment"
TOTALS = {(each.table, each.column) for each in DECLARATIONS if isinstance(each, Total)}
RUNNING_BALANCES = {("group_cashbook", each) for each in RUNNING}
OUTSTANDING = ("group_loans", "outstanding_balance")
# Amounts that a formula works out, and days.
AMOUNTS = {
    OUTSTANDING,
    ("loan_repayment_schedule", "paid_amount"),
    ("loan_repayment_schedule", "late_fee_paid"),
}
DAYS = {
    ("loan_repayment_schedule", "payment_date"),
    ("member_fines", "payment_date"),
    ("member_savings", "last_transaction_date"),
}
KEPT = TOTALS | RUNNING_BALANCES | AMOUNTS
RECORDED = [
    each
    for each in field.columns()
    if (each.table, each.name) not in derived.DERIVED
    and (each.table, each.name) not in field.lapsed_references()
]
DERIVED_THERE = [
    (each.table, each.name)
    for each in field.columns()
    if (each.table, each.name) in derived.DERIVED
]
Dump = dict[tuple[str, str], dict[int, Any]]


class Outcome:
    """A field database that was upgraded, what stood in it before, and what stands after."""

    def __init__(self, url: str, settle: Literal["recompute", "book"]) -> None:
        self.database = db.connect(url)
        self.before = look(self.database)
        self.upgrade = db.init_central(self.database, settle=settle)
        self.after = look(self.database)
        with self.database.connection() as connection:
            self.kept = kept_list(connection)


def outcome(server: PostgresServer, settle: Literal["recompute", "book"]) -> Iterator[Outcome]:
    with server.database(template=server.template("field", fill_field)) as url:
        found = Outcome(url, settle)
        yield found
        found.database.close()


@pytest.fixture(scope="module")
def recomputed(postgres_server: PostgresServer) -> Iterator[Outcome]:
    """Upgrade once for all tests that only look, and take what the rows say."""
    yield from outcome(postgres_server, "recompute")


@pytest.fixture(scope="module")
def booked(postgres_server: PostgresServer) -> Iterator[Outcome]:
    """Upgrade once for all tests that only look, and keep what was recorded."""
    yield from outcome(postgres_server, "book")


@pytest.fixture(params=["recomputed", "booked"])
def either(request: pytest.FixtureRequest) -> Outcome:
    found: Outcome = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def in_field(postgres_server: PostgresServer) -> Iterator[db.Database]:
    """Open a database as the field has it."""
    template = postgres_server.template("field", fill_field)
    with postgres_server.database(template=template) as url:
        central = db.connect(url)
        yield central
        central.close()


def dump(connection: Connection) -> Dump:
    """Read every value of the field's columns, as text."""
    found: Dump = {}
    for table in field.tables():
        names = [each.name for each in field.columns() if each.table == table]
        listed = ", ".join(f'"{name}"::text' for name in names)
        for key, *values in connection.execute(text(f"SELECT id, {listed} FROM {table}")):
            for name, value in zip(names, values, strict=True):
                found.setdefault((table, name), {})[key] = value
    return found


def look(database: db.Database) -> Dump:
    with database.connection() as connection:
        return dump(connection)


def kept_list(connection: Connection) -> list[tuple[Any, ...]]:
    rows = connection.execute(
        text("SELECT tbl, col, row_id, old_value, new_value, settled FROM sync.difference")
    )
    return sorted((tuple(row) for row in rows), key=repr)


def plain_book(connection: Connection) -> PlainBook:
    """Read the recorded rows into the plain-Python book."""
    book = PlainBook(("saving_types", *COLUMNS))
    for name in book.rows:
        table = Base.metadata.tables[name]
        columns = [table.c[each] for each in ("id", *COLUMNS.get(name, ("code",)))]
        for row in connection.execute(table.select().with_only_columns(*columns)):
            values = dict(row._mapping)
            book.put(name, values.pop("id"), values)
    return book


def same(one: str | None, other: str | None) -> bool:
    """Say whether two stored texts are one value: nothing is nought in a derived column."""
    try:
        return Decimal(one or 0) == Decimal(other or 0)
    except InvalidOperation:
        return one == other or {one, other} == {None, "false"}


def checks_of_a_finished_upgrade(central: db.Database) -> None:
    assert db.status(central).drift == []
    with central.connection() as connection:
        assert derived.differences(connection, adjustments=ADJUSTMENTS) == []
        assert read_schema(connection).tables == set(Base.metadata.tables)
        unnamed = {
            table: connection.execute(
                text(
                    f"SELECT COUNT(*) FROM {table} t WHERE NOT EXISTS (SELECT FROM sync.row_state s"
                    " WHERE s.tbl = :number AND s.id = t.id AND NOT s.deleted)"
                ),
                {"number": number},
            ).scalar_one()
            for number, table in numbered_tables()
        }
    assert unnamed == dict.fromkeys(Base.metadata.tables, 0)


def numbered_tables() -> list[tuple[int, str]]:
    """Return every table with the number that sync gives it."""
    from vsla_desktop.capture.tables import travels

    return [(table.number, table.name) for table in travels()]


def test_the_field_database_of_these_tests_is_what_the_files_say(in_field: db.Database) -> None:
    with in_field.connection() as connection:
        live = read_schema(connection)
        counts = {
            table: connection.execute(text(f"SELECT COUNT(*) FROM {table}")).scalar_one()
            for table in field.tables()
        }
        nowhere = connection.execute(
            text("SELECT COUNT(*) FROM group_transactions WHERE loan_id = :id"), {"id": NOWHERE}
        ).scalar_one()
    assert {key: facts[:2] for key, facts in live.columns.items()} == {
        (each.table, each.name): (each.type, each.nullable) for each in field.columns()
    }
    assert live.foreign_keys == {
        (each.table, each.column): (each.target, each.on_delete) for each in field.foreign_keys()
    }
    assert live.uniques == field.uniques()
    assert live.indexes == field.indexes()
    assert set(counts.values()) == {ROWS}
    assert nowhere > 5


def test_an_upgrade_ends_at_head_with_nothing_to_add(either: Outcome) -> None:
    upgrade = either.upgrade
    assert (upgrade.before, upgrade.stopped, upgrade.changed) == (None, False, True)
    assert upgrade.after == db.status(either.database).revision
    assert upgrade.left_alone == ()
    assert upgrade.identified == sum(db.status(either.database).rows.values())
    checks_of_a_finished_upgrade(either.database)


def test_every_recorded_value_is_as_before(either: Outcome) -> None:
    assert len(RECORDED) > 500
    for each in RECORDED:
        before = either.before[each.table, each.name]
        after = either.after[each.table, each.name]
        assert {key: after[key] for key in before} == before, each


def test_what_changed_is_what_is_listed(either: Outcome) -> None:
    listed = {
        (each.difference.table, each.difference.column, each.difference.row_id): each
        for each in either.upgrade.settled
    }
    assert len(listed) == len(either.upgrade.settled)
    for table, column in DERIVED_THERE:
        for key, old in either.before[table, column].items():
            new = either.after[table, column][key]
            note = listed.get((table, column, key))
            if note is None:
                assert same(old, new), (table, column, key, old, new)
            else:
                assert same(text_of(note.difference.stored), old)
                stays = note.how == "booked"
                assert same(old if stays else text_of(note.difference.expected), new)


def test_recompute_takes_what_the_rows_say(recomputed: Outcome) -> None:
    assert {each.how for each in recomputed.upgrade.settled} == {"recomputed", "emptied"}
    with recomputed.database.connection() as connection:
        expected = plain_book(connection).derived()
        for name, column in derived.DERIVED:
            table = Base.metadata.tables[name]
            for key, value in connection.execute(
                table.select().with_only_columns(table.c.id, table.c[column])
            ):
                right = expected[name, column][key]
                assert value == right or (value is None and not right), (name, column, key)
        assert opening_adjustments(connection) == ADJUSTMENTS
        assert row_count(connection, ADJUSTMENTS) == 0


def text_of(value: Any) -> str | None:
    """Write a value as PostgreSQL does."""
    if value is None:
        return None
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


def test_references_that_led_nowhere_are_emptied_and_listed(either: Outcome) -> None:
    notes = [each.difference for each in either.upgrade.settled if each.how == "emptied"]
    emptied = {(each.table, each.column, each.row_id) for each in notes}
    assert {each.stored for each in notes} == {NOWHERE}
    assert {each.expected for each in notes} == {None}
    assert {(table, column) for table, column, _ in emptied} == set(field.lapsed_references())
    for table, column in field.lapsed_references():
        for key, old in either.before[table, column].items():
            led_nowhere = old == str(NOWHERE)
            assert ((table, column, key) in emptied) == led_nowhere
            assert either.after[table, column][key] == (None if led_nowhere else old)


def test_the_list_is_kept_with_how_each_was_settled(either: Outcome) -> None:
    assert either.kept == sorted(
        (
            (
                each.difference.table,
                each.difference.column,
                each.difference.row_id,
                *(
                    None if value is None else str(value)
                    for value in (each.difference.stored, each.difference.expected)
                ),
                each.how,
            )
            for each in either.upgrade.settled
        ),
        key=repr,
    )


def test_report_lists_every_difference_and_changes_nothing(
    in_field: db.Database, recomputed: Outcome
) -> None:
    with in_field.connection() as connection:
        before, schema_before = dump(connection), read_schema(connection)
    report = db.init_central(in_field)
    with in_field.connection() as connection:
        assert dump(connection) == before
        assert read_schema(connection) == schema_before
        kept = kept_list(connection)
    assert report.stopped
    assert not report.changed
    assert (report.before, report.after, report.identified) == (None, None, 0)
    assert {each.how for each in report.settled} == {"reported"}
    assert [each.difference for each in report.settled] == [
        each.difference for each in recomputed.upgrade.settled
    ]
    assert [row[:5] for row in kept] == [row[:5] for row in recomputed.kept]
    assert {row[-1] for row in kept} == {"reported"}
    db.init_central(in_field, settle="report")
    with in_field.connection() as connection:
        assert kept_list(connection) == kept


def test_nothing_is_stopped_where_every_value_is_right(in_field: db.Database) -> None:
    """The values are made right by hand, with those that a report has told."""
    right = first_recomputed(in_field)
    types = {(each.table, each.name): each.type for each in field.columns()}
    with in_field.connection() as connection:
        cursor: Any = connection.connection.cursor()
        for (table, column), rows in right.items():
            execute_values(
                cursor,
                f"UPDATE {table} SET {column} = CAST(v.value AS {types[table, column]})"
                " FROM (VALUES %s) v (id, value)"
                f" WHERE {table}.id = v.id",
                rows.items(),
                page_size=1000,
            )
    upgrade = db.init_central(in_field)
    assert not upgrade.stopped
    assert {each.how for each in upgrade.settled} == {"emptied"}
    checks_of_a_finished_upgrade(in_field)
    with in_field.connection() as connection:
        assert {row[-1] for row in kept_list(connection)} == {"emptied"}


def first_recomputed(in_field: db.Database) -> Dump:
    """Return what an upgrade would make of the derived values of this database."""
    report = db.init_central(in_field)
    values: Dump = {}
    for each in report.settled:
        place = (each.difference.table, each.difference.column)
        if place in derived.DERIVED:
            values.setdefault(place, {})[each.difference.row_id] = each.difference.expected
    return values


def test_book_keeps_every_recorded_value_that_can_be_kept(booked: Outcome) -> None:
    there = [place for place in DERIVED_THERE if place in KEPT]
    assert {place for place in DERIVED_THERE if place not in KEPT | DAYS} == {
        ("group_members", "attendance_percentage"),
        ("group_members", "is_eligible_for_loans"),
        ("loan_repayment_schedule", "days_late"),
        ("loan_repayment_schedule", "is_paid"),
        ("meetings", "quorum_met"),
        ("member_fines", "is_paid"),
    }
    assert {OUTSTANDING, ("group_cashbook", "balance_after")} <= set(there)
    for table, column in there:
        for key, old in booked.before[table, column].items():
            if old is not None:
                assert booked.after[table, column][key] == old, (table, column, key)
    for each in booked.upgrade.settled:
        place = (each.difference.table, each.difference.column)
        kept = each.difference.stored is not None and (
            place in KEPT or (place in DAYS and each.difference.expected is None)
        )
        if each.how != "emptied":
            assert each.how == ("booked" if kept else "recomputed"), each


def test_what_is_booked_is_the_difference_to_the_rows_and_to_what_was_kept_below(
    booked: Outcome,
) -> None:
    with booked.database.connection() as connection:
        moved: dict[tuple[str, str], dict[int, Decimal]] = {}
        for table, column, key, amount in connection.execute(
            text(f"SELECT tbl, col, row_id, amount FROM {ADJUSTMENTS} WHERE day IS NULL")
        ):
            assert amount != 0
            moved.setdefault((table, column), {})[key] = amount
        assert set(moved) == {place for place in DERIVED_THERE if place in KEPT}
        rows = plain_book(connection).derived()["member_savings", "current_balance"]
        accounts = connection.execute(
            text("SELECT id, current_balance, member_id, saving_type_id FROM member_savings")
        ).all()
        for key, balance, _, _ in accounts:
            extra = moved["member_savings", "current_balance"].get(key, Decimal(0))
            assert balance == rows[key] + extra
        for key, share, savings in connection.execute(
            text("SELECT id, share_balance, savings_balance FROM group_members")
        ):
            mine = {kind: balance for _, balance, member, kind in accounts if member == key}
            # A column that is new here is what the kept ones below it add up to.
            assert savings == sum(mine.values(), Decimal(0))
            extra = moved["group_members", "share_balance"].get(key, Decimal(0))
            assert (share or 0) == mine.get(PERSONAL_ID, Decimal(0)) + extra


def test_book_keeps_a_day_that_no_row_names(booked: Outcome) -> None:
    for table, column in DAYS:
        with booked.database.connection() as connection:
            rows = plain_book(connection).derived()[table, column]
        nameless = {
            key: old
            for key, old in booked.before[table, column].items()
            if old is not None and rows[key] is None
        }
        assert nameless, (table, column)
        assert {key: booked.after[table, column][key] for key in nameless} == nameless


def test_what_can_not_be_kept_is_told_before_anything_is_changed(in_field: db.Database) -> None:
    before = look(in_field)

    class Stopped(Exception):  # noqa: N818 - not an error of the program
        """The person changed her mind."""

    told: list[NotKept] = []

    def stop(columns: Sequence[NotKept]) -> None:
        told.extend(columns)
        raise Stopped

    with pytest.raises(Stopped):
        db.init_central(in_field, settle="book", before_change=stop)
    assert look(in_field) == before
    upgrade = db.init_central(in_field, settle="book")
    assert list(upgrade.not_kept) == told
    listed = Counter(
        (each.difference.table, each.difference.column)
        for each in upgrade.settled
        if each.how == "recomputed" and each.difference.stored is not None
    )
    assert {(each.table, each.column): each.count for each in told} == listed
    assert ("loan_repayment_schedule", "is_paid") in listed


def test_a_kept_debt_goes_down_with_the_next_payment(booked: Outcome) -> None:
    """What was kept of a loan, its instalments and the cashbook is where new entries go on from."""
    with booked.database.engine.connect() as connection:
        run = connection.execute
        for table in ("group_transactions", "group_cashbook"):
            run(
                text(
                    f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), MAX(id)) FROM {table}"
                )
            )
        loan, group, owed, paid = run(
            text(
                "SELECT l.id, l.group_id, l.outstanding_balance, SUM(s.paid_amount)"
                " FROM group_loans l JOIN loan_repayment_schedule s ON s.loan_id = l.id"
                f" JOIN {ADJUSTMENTS} a ON a.tbl = 'group_loans' AND a.row_id = l.id"
                " AND a.col = 'outstanding_balance' GROUP BY l.id ORDER BY l.id LIMIT 1"
            )
        ).one()
        last = (
            "SELECT balance_after, loan_fund_balance FROM group_cashbook WHERE group_id = :group"
            ' ORDER BY transaction_date DESC, transaction_reference COLLATE "C" DESC, id DESC'
            " LIMIT 1"
        )
        before = run(text(last), {"group": group}).one()
        entry = run(
            text(
                "INSERT INTO group_transactions (group_id, loan_id, amount, transaction_type,"
                " transaction_date, verification_status) VALUES (:group, :loan, 12.50,"
                " 'LOAN_REPAYMENT', '2030-01-01', 'VERIFIED') RETURNING id"
            ),
            {"group": group, "loan": loan},
        ).scalar_one()
        run(
            text(
                "INSERT INTO group_cashbook (group_id, transaction_date, transaction_type,"
                " description, amount, balance_after, group_transaction_id) VALUES (:group,"
                " '2030-01-01', 'LOAN_REPAYMENT', '', 12.50, 0, :entry)"
            ),
            {"group": group, "entry": entry},
        )
        after = run(text(last), {"group": group}).one()
        assert [new - old for new, old in zip(after, before, strict=True)] == [Decimal("12.50")] * 2
        owed_now = run(
            text("SELECT outstanding_balance FROM group_loans WHERE id = :loan"), {"loan": loan}
        ).scalar_one()
        assert owed_now == owed - Decimal("12.50")
        paid_now = run(
            text("SELECT SUM(paid_amount) FROM loan_repayment_schedule WHERE loan_id = :loan"),
            {"loan": loan},
        ).scalar_one()
        assert paid_now - paid in {Decimal(0), Decimal("12.50")}
        assert derived.differences(connection, adjustments=ADJUSTMENTS) == []
        connection.rollback()


def test_kept_balances_move_on_with_every_new_row(booked: Outcome) -> None:
    question = text(
        "SELECT s.current_balance, m.share_balance, g.savings_balance FROM member_savings s"
        " JOIN group_members m ON m.id = s.member_id JOIN savings_groups g ON g.id = m.group_id"
        f" WHERE s.saving_type_id = {PERSONAL_ID} ORDER BY s.id LIMIT 1"
    )
    deposit = text(
        "INSERT INTO saving_transactions (member_saving_id, amount, transaction_type,"
        " verification_status) SELECT MIN(id), 12.50, 'DEPOSIT', 'VERIFIED' FROM member_savings"
        f" WHERE saving_type_id = {PERSONAL_ID}"
    )
    with booked.database.engine.connect() as connection:
        connection.execute(
            text(
                "SELECT setval(pg_get_serial_sequence('saving_transactions', 'id'), MAX(id))"
                " FROM saving_transactions"
            )
        )
        before = connection.execute(question).one()
        connection.execute(deposit)
        after = connection.execute(question).one()
        assert [new - old for old, new in zip(before, after, strict=True)] == [Decimal("12.50")] * 3
        assert derived.differences(connection, adjustments=ADJUSTMENTS) == []
        assert derived.differences(connection) != []
        assert derived.repair(connection, adjustments=ADJUSTMENTS) == []
        connection.rollback()


@pytest.mark.parametrize("settle", ["report", "recompute", "book"])
def test_it_can_be_run_twice(booked: Outcome, settle: db.Settle) -> None:
    again = db.init_central(booked.database, settle=settle)
    assert (again.changed, again.stopped, again.settled) == (False, False, ())
    assert again.before == again.after == booked.upgrade.after
    with booked.database.connection() as connection:
        assert dump(connection) == booked.after
        assert kept_list(connection) == booked.kept


def test_a_new_database_has_no_differences(pg_database: str) -> None:
    central = db.connect(pg_database)
    upgrade = db.init_central(central)
    assert (upgrade.before, upgrade.changed, upgrade.stopped) == (None, True, False)
    assert upgrade.settled == ()
    assert upgrade.left_alone == ()
    assert upgrade.identified == sum(len(rows) for rows in SEEDS.values())
    checks_of_a_finished_upgrade(central)
    assert not db.init_central(central).changed
    central.close()


def test_what_is_not_known_is_left_alone_and_named(in_field: db.Database) -> None:
    with in_field.connection() as connection:
        for statement in (
            "CREATE TABLE web_sessions (id serial PRIMARY KEY, user_id integer REFERENCES users)",
            "INSERT INTO web_sessions (user_id) SELECT id FROM users",
            "ALTER TABLE savings_groups ADD COLUMN web_theme text DEFAULT 'green'",
            (
                "CREATE FUNCTION update_stamp() RETURNS trigger LANGUAGE plpgsql AS"
                " $$BEGIN NEW.updated_date := '2001-01-01'; RETURN NEW; END$$"
            ),
            (
                "CREATE TRIGGER stamp BEFORE UPDATE ON users FOR EACH ROW"
                " EXECUTE FUNCTION update_stamp()"
            ),
            "CREATE VIEW web_members AS SELECT first_name FROM group_members",
        ):
            connection.execute(text(statement))
    upgrade = db.init_central(in_field, settle="recompute")
    assert upgrade.left_alone == (
        "column savings_groups.web_theme is not known",
        "table web_sessions is not known",
        "trigger stamp of users is not known",
    )
    assert db.init_central(in_field).left_alone == upgrade.left_alone
    with in_field.connection() as connection:
        counted = connection.execute(
            text(
                "SELECT (SELECT COUNT(*) FROM web_sessions), (SELECT COUNT(*) FROM savings_groups"
                " WHERE web_theme = 'green'), (SELECT COUNT(*) FROM web_members)"
            )
        ).one()
        connection.execute(text("UPDATE users SET role = 'x' WHERE id = 1"))
        stamped = connection.execute(text("SELECT updated_date::text FROM users WHERE id = 1"))
        assert stamped.scalar_one().startswith("2001-01-01")
    assert tuple(counted) == (ROWS, ROWS, ROWS)


def test_the_fields_programs_go_on_writing(in_field: db.Database) -> None:
    """They write every column that they know, derived ones too; our values stay right."""
    db.init_central(in_field, settle="recompute")
    with in_field.connection() as connection:
        cursor: Any = connection.connection.cursor()
        for table in ORDER:
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), MAX(id)) FROM {table}"
            )
        chance = random.Random(8)  # noqa: S311
        before = {name: row_count(connection, name) for name in ORDER}
        for table in ORDER:
            lapsed = [name for owner, name in field.lapsed_references() if owner == table]
            if lapsed:
                # These references are held now: nobody can write one that leads nowhere.
                chance = Held(9)
            add_rows(cursor, table, range(ROWS + 1, ROWS + 31), chance)
        assert {name: row_count(connection, name) for name in ORDER} == {
            name: count + 30 for name, count in before.items()
        }
        assert derived.differences(connection) == []


class Held(random.Random):
    """Draws no reference that leads nowhere."""

    def random(self) -> float:
        """Draw from the upper part: no value is left out, and none is odd."""
        return 0.2 + super().random() * 0.8


def row_count(connection: Connection, table: str) -> int:
    found: int = connection.execute(text(f"SELECT COUNT(*) FROM {table}")).scalar_one()
    return found


def test_an_upgrade_that_fails_changes_nothing(in_field: db.Database) -> None:
    """Two groups have one code here, which the field's key would have refused."""
    with in_field.connection() as connection:
        connection.execute(
            text("ALTER TABLE savings_groups DROP CONSTRAINT savings_groups_group_code_key")
        )
        connection.execute(text("UPDATE savings_groups SET group_code = 'SAME' WHERE id < 3"))
        before, schema_before = dump(connection), read_schema(connection)
    with pytest.raises(StorageError, match="break a key"):
        db.init_central(in_field, settle="recompute")
    with in_field.connection() as connection:
        assert dump(connection) == before
        assert read_schema(connection) == schema_before


def test_a_plain_upgrade_stops_before_it_overwrites_anything(in_field: db.Database) -> None:
    before = look(in_field)
    with pytest.raises(StorageError, match="Nothing was changed"):
        db.upgrade(in_field)
    assert look(in_field) == before


def test_a_newer_database_is_refused(central: db.Database) -> None:
    with central.connection() as connection:
        connection.execute(text("UPDATE sync.alembic_version SET version_num = '9999'"))
    with pytest.raises(StorageError, match="newer version"):
        db.init_central(central)


def test_a_laptops_book_is_not_head_office(book: db.Database) -> None:
    with pytest.raises(StorageError, match="not head office"):
        db.init_central(book)


def test_a_program_that_went_missing_is_put_back_and_the_values_are_compared(
    central: db.Database,
) -> None:
    with central.connection() as connection:
        for statement in (
            "INSERT INTO users (username, email, password) VALUES ('u', 'e', '')",
            (
                "INSERT INTO savings_groups (name, group_code, region, district, parish, village,"
                " created_by) SELECT 'A', 'A', '', '', '', '', id FROM users"
            ),
            "DROP TRIGGER trigger_update_group_members_count ON group_members",
            (
                "INSERT INTO group_members (group_id, first_name, last_name, gender)"
                " SELECT id, 'Aline', 'U', 'F' FROM savings_groups"
            ),
        ):
            connection.execute(text(statement))
    report = db.init_central(central)
    assert report.stopped
    (only,) = report.settled
    assert (only.difference.column, only.difference.stored, only.difference.expected) == (
        "members_count",
        0,
        1,
    )
    assert db.init_central(central, settle="recompute").changed
    checks_of_a_finished_upgrade(central)
