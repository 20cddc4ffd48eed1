"""The words a group uses for shares and its funds, for every page and report of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from vsla_desktop.queries.tables import SETTINGS
from vsla_desktop.wording import GroupWords

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_STORED = select(
    SETTINGS.c.share_name, SETTINGS.c.loan_fund_name, SETTINGS.c.social_fund_name
).where(SETTINGS.c.group_id == bindparam("of_group"))


def group_words(session: Session, group_id: int) -> GroupWords:
    """Return the words of a group, the usual ones where it has no rules yet."""
    row = session.connection().execute(_STORED, {"of_group": group_id}).first()
    return GroupWords(*(word or "" for word in row)) if row is not None else GroupWords()
