"""What a whole cycle needs: votes, postponed meetings, changed loans, leavers, the share-out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import CreateColumn

from vsla_desktop.columns import Choice, Exact, ExactDefault, Money

revision = "0003"
down_revision = "0002"


def money(name: str, precision: int = 12, *, zero: bool = False) -> sa.Column[object]:
    if zero:
        return sa.Column(name, Money(precision), server_default=ExactDefault("0"), nullable=False)
    return sa.Column(name, Money(precision))


def columns() -> dict[str, list[sa.Column[object]]]:
    return {
        "savings_groups": [
            sa.Column("property_items", sa.JSON()),
            sa.Column("bank_statements", sa.JSON()),
        ],
        "group_settings": [
            sa.Column("loan_fund_name", sa.String(50)),
            sa.Column("social_fund_name", sa.String(50)),
            sa.Column("assessment_weights", sa.JSON()),
            sa.Column("max_meetings_merged", sa.Integer(), server_default="2", nullable=False),
            sa.Column("grant_tariff", sa.JSON()),
        ],
        "savings_cycles": [
            money("property_at_start", 15, zero=True),
            money("debts_amount", 15, zero=True),
            money("reserve_amount", 15, zero=True),
            sa.Column("share_out", sa.JSON()),
        ],
        "group_members": [money("leaving_amount")],
        "group_transactions": [
            sa.Column("due_date", sa.Date()),
            sa.Column("lender", sa.String(100)),
            sa.Column("category", sa.String(50)),
            money("charge_amount"),
        ],
        "group_cashbook": [sa.Column("counted_fund", sa.String(50))],
        "group_loans": [
            sa.Column("rescheduled_date", sa.Date()),
            sa.Column("written_off_date", sa.Date()),
            sa.Column("status_reason", sa.Text()),
        ],
        "meetings": [
            sa.Column("planned_date", sa.Date()),
            sa.Column("status_reason", sa.Text()),
        ],
        "meeting_activities": [
            sa.Column("votes_for", sa.Integer()),
            sa.Column("votes_against", sa.Integer()),
            sa.Column("votes_abstained", sa.Integer()),
        ],
        "member_activity_participation": [
            sa.Column("vote", Choice("FOR", "AGAINST", "ABSTAINED", length=20)),
        ],
    }


def upgrade() -> None:
    connection = op.get_bind()
    for table, added in columns().items():
        for column in added:
            written = str(CreateColumn(column).compile(dialect=connection.dialect))
            written += _check(column, connection.dialect.name)
            connection.execute(sa.text(f"ALTER TABLE {table} ADD COLUMN {written}"))


def _check(column: sa.Column[object], dialect: str) -> str:
    """Check in SQLite only: the centre takes what other programs write."""
    if dialect != "sqlite":
        return ""
    if isinstance(column.type, Choice):
        known = ", ".join(f"'{value}'" for value in column.type.values)
        return f" CHECK ({column.name} IN ({known}))"
    if isinstance(column.type, Exact):
        return f" CHECK (typeof({column.name}) IN ('integer', 'null'))"
    return ""
