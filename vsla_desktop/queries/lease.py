"""Whether entries into a group's book are made here: one laptop at a time writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from vsla_desktop.capture.wire import NUMBERS
from vsla_desktop.errors import RuleBroken

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_ONLY_READ = text(
    "SELECT 1 FROM sync_scope s JOIN sync_idmap m ON m.su = s.su"
    " WHERE s.writable = 0 AND m.tbl = :groups AND m.local_id = :group_id"
)


def writes_book(session: Session, group_id: int) -> bool:
    """Say whether head office lets this laptop write the group's book; its own programs always."""
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        return True
    chosen = {"groups": NUMBERS["savings_groups"], "group_id": group_id}
    return connection.execute(_ONLY_READ, chosen).first() is None


def check_writes_book(session: Session, group_id: int) -> None:
    """Raise :class:`RuleBroken` where another laptop writes the group's book."""
    if not writes_book(session, group_id):
        raise RuleBroken(
            "This laptop only reads this group.",
            hint="Another laptop writes its book. Ask head office to change that.",
        )
