"""Lists over many groups: whose rows they hold, and that they can be gone through again."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from tests.services.village import FORMED, RULES, Village
from vsla_desktop.queries.filtering import Filter, PaymentMethod
from vsla_desktop.queries.listing import (
    Again,
    batches,
    currencies_asked,
    groups_asked,
    one_group_asked,
    paid_by,
)
from vsla_desktop.queries.member_list import members_asked
from vsla_desktop.queries.savings_ledger import savers, saving_entries
from vsla_desktop.queries.tables import ACCOUNTS, MEMBERS, SAVING_TYPES, SAVINGS
from vsla_desktop.services.groups import NewGroup, create_group

if TYPE_CHECKING:
    from vsla_desktop.db import Database

D = Decimal


def two_groups(database: Database) -> tuple[Village, int]:
    """A real group in shillings of Uganda, and one to practise on in shillings of Kenya."""
    village = Village(database).form()
    new = NewGroup(
        name="Zoezi", currency="KES", formation_date=FORMED, group_code="P-1", is_practice=True
    )
    with village.at_work() as session:
        practice = create_group(session, new, RULES, clock=village.clock).group_id
    return village, practice


def test_practice_groups_are_in_no_list_beside_real_ones_unless_named(database: Database) -> None:
    village, practice = two_groups(database)
    with database.read() as session:
        assert list(groups_asked(session, Filter())) == [village.group_id]
        assert currencies_asked(session, Filter()) == ("UGX",)
        assert one_group_asked(session, Filter()) == village.group_id
        named = Filter(group_ids=(practice, village.group_id))
        assert list(groups_asked(session, named)) == [village.group_id, practice]
        assert currencies_asked(session, named) == ("KES", "UGX")
        assert one_group_asked(session, named) is None


def test_a_book_of_practice_groups_alone_lists_them(database: Database) -> None:
    with database.write() as session:
        new = NewGroup(name="Zoezi", currency="KES", formation_date=FORMED, is_practice=True)
        village = Village(database)
        made = create_group(session, new, RULES, clock=village.clock).group_id
    with database.read() as session:
        assert list(groups_asked(session, Filter())) == [made]


def test_a_list_is_read_anew_each_time(database: Database) -> None:
    village = Village(database).form()
    with database.write() as session:
        rows = groups_asked(session, Filter())
        assert list(rows) == list(rows) == [village.group_id]
        found = Again(lambda: members_asked(session, Filter(), "UGX", on=FORMED))
        first = [each.member.name for each in found]
        session.execute(
            update(MEMBERS).where(MEMBERS.c.id == village.members[0]).values(first_name="Aisha")
        )
        assert [each.member.name for each in found] == ["Aisha Nakato", *first[1:]]


def test_rows_come_in_batches_and_methods_are_told_apart() -> None:
    assert list(batches(range(5), 2)) == [[0, 1], [2, 3], [4]]
    assert list(batches([], 2)) == []
    assert paid_by(by_phone=True, held_in="BANK") is PaymentMethod.MOBILE_MONEY
    assert paid_by(by_phone=None, held_in="BANK") is PaymentMethod.BANK
    assert paid_by(by_phone=False, held_in=None) is PaymentMethod.CASH


def test_savings_that_another_program_wrote_without_a_ledger_are_listed(
    database: Database,
) -> None:
    village = Village(database).form()
    first = village.members[0]
    with village.at_work() as session:
        kind = session.scalars(select(SAVING_TYPES.c.id).where(SAVING_TYPES.c.code == "ECD")).one()
        account = {"member_id": first, "saving_type_id": kind}
        held = session.execute(insert(ACCOUNTS).values(account).returning(ACCOUNTS.c.id)).scalar()
        for amount, way in ((700, "DEPOSIT"), (300, "WITHDRAWAL")):
            row = {
                "member_saving_id": held,
                "amount": D(amount),
                "transaction_type": way,
                "transaction_date": date(2026, 1, 6),
                "reference_number": f"X-{amount}",
                "verification_status": "VERIFIED",
            }
            session.execute(insert(SAVINGS).values(row))
    with database.read() as session:
        entries = list(saving_entries(session, Filter(), "UGX"))
        [saver] = savers(session, Filter(), "UGX")
        balance = session.scalars(
            select(MEMBERS.c.savings_balance).where(MEMBERS.c.id == first)
        ).one()
    assert [(each.reference, each.fund.value) for each in entries] == [
        ("X-700", "ECD"),
        ("X-300", "ECD"),
    ]
    assert saver.paid_in - saver.paid_out == balance == D(400)
