"""A prepared statement says what the same statement says elsewhere, on both databases."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import bindparam, exc, func, insert, select

from vsla_desktop.clock import FixedClock
from vsla_desktop.db.prepared import Prepared
from vsla_desktop.domain.rules import Preset, preset_rules
from vsla_desktop.queries.tables import CYCLES, LEDGER
from vsla_desktop.services.groups import NewGroup, create_group

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.db import Database

NOW = datetime(2026, 1, 5, 9, 30)  # noqa: DTZ001 - UTC, as stored
ADD_ENTRY = Prepared(insert(LEDGER).returning(LEDGER.c.id, LEDGER.c.amount))
RULES = preset_rules(Preset.VSLA, share_value=Decimal(5000), social_fund_contribution=Decimal(1000))
ENTRIES = (
    select(
        LEDGER.c.id,
        LEDGER.c.amount,
        LEDGER.c.transaction_date,
        LEDGER.c.created_date,
        LEDGER.c.is_mobile_money,
        LEDGER.c.fund_type,
        LEDGER.c.member_id,
        CYCLES.c.id,
        CYCLES.c.rules,
    )
    .join_from(LEDGER, CYCLES, CYCLES.c.group_id == LEDGER.c.group_id)
    .where(LEDGER.c.amount > bindparam("least"), LEDGER.c.fund_type == "SOCIAL")
    .order_by(LEDGER.c.amount)
)
FIND_ENTRIES = Prepared(ENTRIES)
COUNT = Prepared(select(func.count().label("entries")).select_from(LEDGER))


def group(session: Session) -> int:
    new = NewGroup(name="Tukolere", currency="UGX", formation_date=date(2026, 1, 1))
    return create_group(session, new, RULES, clock=FixedClock(NOW)).group_id


def entry(session: Session, group_id: int, amount: Decimal, **more: Any) -> Any:
    return ADD_ENTRY.first(
        session,
        group_id=group_id,
        amount=amount,
        transaction_type="SOCIAL_CONTRIBUTION",
        transaction_date=date(2026, 1, 5),
        fund_type="SOCIAL",
        is_mobile_money=False,
        created_date=NOW,
        **more,
    )


def test_rows_are_those_of_the_statement(database: Database) -> None:
    with database.write() as session:
        group_id = group(session)
        entry(session, group_id, Decimal("0.50"))
        entry(session, group_id, Decimal("12345.67"))
        prepared = FIND_ENTRIES.all(session, least=Decimal("0.49"))
        elsewhere = session.connection().execute(ENTRIES, {"least": Decimal("0.49")}).all()
        assert [tuple(row) for row in prepared] == [tuple(row) for row in elsewhere]
        assert [row.amount for row in prepared] == [Decimal("0.50"), Decimal("12345.67")]
        assert [str(row.amount) for row in prepared] == [str(row.amount) for row in elsewhere]
        assert prepared[0].transaction_date == date(2026, 1, 5)
        assert prepared[0].created_date == NOW
        assert prepared[0].is_mobile_money is False
        assert FIND_ENTRIES.first(session, least=Decimal(20_000)) is None


def test_what_is_added_is_returned_and_other_columns_take_their_default(
    database: Database,
) -> None:
    with database.write() as session:
        group_id = group(session)
        added = entry(session, group_id, Decimal("7.25"))
        assert added.amount == Decimal("7.25")
        row = session.connection().execute(select(LEDGER).where(LEDGER.c.id == added.id)).one()
        assert row.verification_status == "VERIFIED"
        other = entry(session, group_id, Decimal(8), verification_status=None)
        row = session.connection().execute(select(LEDGER).where(LEDGER.c.id == other.id)).one()
        assert row.verification_status is None


def test_a_value_that_is_not_given_is_no_value(database: Database) -> None:
    with database.write() as session, pytest.raises(KeyError, match="least"):
        FIND_ENTRIES.all(session)


def fail_after_an_entry(database: Database) -> None:
    with database.write() as session:
        entry(session, group(session), Decimal(1))
        assert COUNT.first(session).entries == 1
        raise ZeroDivisionError


def test_it_belongs_to_the_transaction(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        fail_after_an_entry(database)
    with database.read() as session:
        assert COUNT.first(session).entries == 0


def test_what_the_database_refuses_is_raised_as_ever(database: Database) -> None:
    with database.write() as session:
        group_id = group(session)
        entry(session, group_id, Decimal(1), reference_number="T-1")
    with database.write() as session, pytest.raises(exc.IntegrityError, match="reference_number"):
        entry(session, group_id, Decimal(1), reference_number="T-1")


def test_an_amount_that_does_not_fit_is_not_rounded(database: Database) -> None:
    with database.write() as session, pytest.raises(ValueError, match="decimals"):
        entry(session, group(session), Decimal("1.005"))


def test_what_is_undone_by_itself_leaves_the_rest(database: Database) -> None:
    with database.write() as session:
        group_id = group(session)
        entry(session, group_id, Decimal(1))
        with session.begin_nested() as part:
            entry(session, group_id, Decimal(2))
            part.rollback()
        entry(session, group_id, Decimal(3))
    with database.read() as session:
        amounts = [row.amount for row in FIND_ENTRIES.all(session, least=Decimal(0))]
    assert amounts == [Decimal(1), Decimal(3)]


def test_the_connection_used_last_is_used_again(book: Database) -> None:
    with book.connection() as last, book.connection() as first:
        knows_the_pages = last.connection.driver_connection
        assert first.connection.driver_connection is not knows_the_pages
    with book.connection() as connection:
        assert connection.connection.driver_connection is knows_the_pages
