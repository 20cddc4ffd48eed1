"""Rows of other programs, which leave out what they do not know."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import insert

from vsla_desktop.queries.balances import Balances
from vsla_desktop.queries.cashbook import cashbook
from vsla_desktop.queries.groups import group_overview, groups_list
from vsla_desktop.queries.members import members_of, passbook
from vsla_desktop.queries.officers import confirmed_by
from vsla_desktop.queries.tables import CASHBOOK, GROUPS, LEDGER, LOANS, MEETINGS, MEMBERS, USERS
from vsla_desktop.services.rows import add_row

if TYPE_CHECKING:
    from vsla_desktop.db import Database

D = Decimal


def test_what_other_programs_wrote_is_read_all_the_same(database: Database) -> None:
    """The field's programs leave out what they do not know: our pages still stand."""
    with database.write() as session:
        user = add_row(
            session,
            insert(USERS),
            {"username": "web", "email": "web@example.org", "password": "x"},
            None,
        )
        group = add_row(
            session,
            insert(GROUPS),
            {
                "name": "Old group",
                "group_code": "OLD",
                "region": "",
                "district": "",
                "parish": "",
                "village": "",
                "created_by": user,
            },
            None,
        )
        member = add_row(
            session,
            insert(MEMBERS),
            {"group_id": group, "first_name": "Amina", "last_name": "N", "gender": "F"},
            None,
        )
        meeting = add_row(
            session,
            insert(MEETINGS),
            {
                "group_id": group,
                "meeting_number": 1,
                "meeting_date": date(2026, 1, 5),
                "status": "COMPLETED",
            },
            None,
        )
        loan = add_row(
            session,
            insert(LOANS),
            {
                "group_id": group,
                "member_id": member,
                "principal": D(1000),
                "interest_rate": D("0.1"),
                "term_months": 1,
                "monthly_payment": D(1100),
                "total_amount_due": D(1100),
                "status": "DISBURSED",
                "maturity_date": date(2026, 2, 5),
            },
            None,
        )
        for kind, amount in (("SAVINGS_DEPOSIT", 5000), ("LOAN_REPAYMENT", 100)):
            entry = add_row(
                session,
                insert(LEDGER),
                {
                    "group_id": group,
                    "member_id": member,
                    "loan_id": loan if kind == "LOAN_REPAYMENT" else None,
                    "amount": D(amount),
                    "transaction_type": kind,
                    "transaction_date": date(2026, 1, 5),
                },
                None,
            )
            add_row(
                session,
                insert(CASHBOOK),
                {
                    "group_id": group,
                    "transaction_date": date(2026, 1, 5),
                    "transaction_type": kind,
                    "description": "",
                    "amount": D(amount),
                    "group_transaction_id": entry,
                },
                None,
            )
    on = date(2026, 3, 1)
    with database.read() as session:
        assert cashbook(session, group).after == Balances(loan_fund=D(5100))
        assert group_overview(session, group, on=on).loans_owed == D(1000)
        [line] = members_of(session, group, on=on)
        assert (line.loans_owed, line.loan_is_late) == (D(1000), True)
        assert confirmed_by(session, meeting) == {}
        assert len(groups_list(session, on=on)) == 1
        assert len(passbook(session, member, on=on).lines) == 1
