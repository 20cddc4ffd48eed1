"""Columns that hold less in the field than with us are widened, or named with what hinders it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from tests.db.field_database import fill_field
from vsla_desktop import db
from vsla_desktop.db.widening import is_wider

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.postgres import PostgresServer

TYPES = {
    ("group_members", "occupation"): ("VARCHAR(60)", "VARCHAR(100)"),
    ("group_transactions", "amount"): ("NUMERIC(10,2)", "NUMERIC(15,2)"),
    ("group_cashbook", "balance_after"): ("NUMERIC(14,1)", "NUMERIC(15,2)"),
    ("savings_groups", "village"): ("VARCHAR(70)", "VARCHAR(100)"),
    ("users", "role"): ("TEXT", "VARCHAR(50)"),
}


@pytest.mark.parametrize(
    ("ours", "theirs", "wider"),
    [
        ("VARCHAR(100)", "VARCHAR(50)", True),
        ("VARCHAR(50)", "VARCHAR(100)", False),
        ("TEXT", "VARCHAR(50)", True),
        ("VARCHAR(50)", "TEXT", False),
        ("NUMERIC(12,2)", "NUMERIC(10,2)", True),
        ("NUMERIC(12,2)", "NUMERIC(11,0)", False),
        ("NUMERIC(12,2)", "NUMERIC(12,4)", False),
        ("NUMERIC(12,2)", "NUMERIC", False),
        ("NUMERIC(12,2)", "INTEGER", True),
        ("NUMERIC(10,2)", "INTEGER", False),
        ("INTEGER", "SMALLINT", True),
        ("INTEGER", "BIGINT", False),
        ("DATE", "TIMESTAMP", False),
        ("VARCHAR(50)", "INTEGER", False),
        ("INTEGER", "INTEGER", False),
    ],
)
def test_a_type_is_wider_when_it_holds_every_value(ours: str, theirs: str, *, wider: bool) -> None:
    assert is_wider(ours, theirs) is wider


@pytest.fixture
def narrow(postgres_server: PostgresServer) -> Iterator[db.Database]:
    """Open a field database with some columns that hold less than ours, and one more."""
    with postgres_server.database(template=postgres_server.template("field", fill_field)) as url:
        central = db.connect(url)
        with central.connection() as connection:
            for (table, column), (kind, _) in TYPES.items():
                cut = f"LEFT({column}::text, 60)" if "CHAR" in kind else f"{column} % 1000000"
                using = column if kind == "TEXT" else cut
                connection.execute(
                    text(f"ALTER TABLE {table} ALTER {column} TYPE {kind} USING ({using})::{kind}")
                )
            connection.execute(text("CREATE VIEW web_places AS SELECT village FROM savings_groups"))
        yield central
        central.close()


def types(central: db.Database) -> dict[tuple[str, str], str]:
    with central.connection() as connection:
        rows = connection.execute(
            text(
                "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod) FROM"
                " pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
                " WHERE c.relnamespace = 'public'::regnamespace"
            )
        )
        found = {(table, column): kind for table, column, kind in rows}
    return {place: found[place].upper().replace("CHARACTER VARYING", "VARCHAR") for place in TYPES}


def test_narrow_columns_are_widened_and_what_hinders_is_named(narrow: db.Database) -> None:
    report = db.init_central(narrow)
    assert "column group_transactions.amount is NUMERIC(10,2), expected NUMERIC(15,2)" in (
        report.widened
    )
    assert types(narrow) == {place: kind for place, (kind, _) in TYPES.items()}
    with narrow.connection() as connection:
        before = connection.execute(
            text(
                "SELECT id, amount, occupation FROM group_transactions"
                " JOIN group_members USING (id) ORDER BY id"
            )
        ).all()
    upgrade = db.init_central(narrow, settle="book")
    left = {("savings_groups", "village"), ("users", "role")}
    assert types(narrow) == {
        place: kinds[0 if place in left else 1] for place, kinds in TYPES.items()
    }
    assert [each for each in upgrade.widened if "village" not in each] == [
        "column group_cashbook.balance_after was NUMERIC(14,1), is NUMERIC(15,2)",
        "column group_members.occupation was VARCHAR(60), is VARCHAR(100)",
        "column group_transactions.amount was NUMERIC(10,2), is NUMERIC(15,2)",
    ]
    [hindered] = [each for each in upgrade.widened if "village" in each]
    assert hindered.startswith("column savings_groups.village is VARCHAR(70), expected")
    assert "view web_places" in hindered
    # What holds more than ours is left as it is, and said.
    assert "column users.role is TEXT, expected VARCHAR(50)" in upgrade.left_alone
    with narrow.connection() as connection:
        after = connection.execute(
            text(
                "SELECT id, amount, occupation FROM group_transactions"
                " JOIN group_members USING (id) ORDER BY id"
            )
        ).all()
        assert connection.execute(text("SELECT COUNT(*) FROM web_places")).scalar_one() == 200
    assert after == before
    again = db.init_central(narrow)
    assert not again.changed
    assert again.widened == ("column savings_groups.village is VARCHAR(70), expected VARCHAR(100)",)
