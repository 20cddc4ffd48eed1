"""Reading what bringing paper books needs of the group."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, exists, select

from vsla_desktop.domain.postings import Fund
from vsla_desktop.presenters.paper_books import PaperRead
from vsla_desktop.presenters.paper_members import PaperGroup, PaperMember
from vsla_desktop.queries.members import members_of
from vsla_desktop.queries.pages import group_page
from vsla_desktop.queries.rules import group_rules
from vsla_desktop.queries.saving_types import saving_types_of
from vsla_desktop.queries.tables import LEDGER, MEETINGS

if TYPE_CHECKING:
    from vsla_desktop.db import Database

_HAS_BEGUN = select(
    exists().where(LEDGER.c.cycle_id == bindparam("cycle"))
    | exists().where(
        MEETINGS.c.cycle_id == bindparam("cycle"),
        MEETINGS.c.status.not_in(("SCHEDULED", "CANCELLED")),
    )
)


def read_paper(database: Database, group_id: int, today: date) -> PaperRead:
    """Read the group and its active members."""
    with database.read() as session:
        page = group_page(session, group_id, today)
        begun = session.connection().execute(_HAS_BEGUN, {"cycle": page.cycle_id}).scalar()
        used = {each.rule.fund for each in saving_types_of(session, group_id) if each.rule.is_used}
        return PaperRead(
            group=PaperGroup(page.currency, group_rules(session, group_id), page.cycle_end),
            members=tuple(
                PaperMember(member.member_id, member.number, member.name)
                for member in members_of(session, group_id, on=today)
                if member.is_active
            ),
            funds=tuple(
                fund for fund in Fund if fund in {Fund.LOAN_FUND, Fund.SOCIAL} or fund in used
            ),
            group_code=page.group_code,
            has_begun=bool(begun),
        )
