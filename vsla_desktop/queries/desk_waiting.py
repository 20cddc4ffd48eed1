"""What of each group waits on this laptop: to be sent, or to be settled by a person."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Final

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy import TextClause
    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits of one group. ``not_sent`` counts rows, ``to_settle`` what needs a decision.

    ``only_read`` says that another laptop writes the group's book.
    """

    not_sent: int = 0
    to_settle: int = 0
    only_read: bool = False


def waiting_by_group(session: Session) -> dict[int, Waiting] | None:
    """Return what waits, by group; None where nothing is sent from, as at head office.

    A laptop that is not enrolled sends nothing, so nothing waits there.
    """
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        return None
    run = connection.exec_driver_sql
    if run("SELECT device_id FROM sync_meta").scalar() is None:
        return None
    found: dict[int, Waiting] = defaultdict(Waiting)
    for group_id, not_sent, to_settle, only_read in connection.execute(_waiting()):
        before = found[group_id]
        found[group_id] = replace(
            before,
            not_sent=before.not_sent + not_sent,
            to_settle=before.to_settle + to_settle,
            only_read=before.only_read or bool(only_read),
        )
    return dict(found)


@cache
def _waiting() -> TextClause:
    """Return the statement: each row of the book that something is about, led to its group."""
    from vsla_desktop.capture.lease import group_of  # only where it is needed: it is large
    from vsla_desktop.capture.tables import GROUPS, travel, travels

    of_tables = "".join(
        f" WHEN {each.number} THEN {group_of(each, 'w.local_id')}"
        for each in travels()
        if each.of_groups and (each.owner is None or each.owner.parent)
    )
    groups = str(travel(GROUPS).number)
    return text(_WAITING.replace("@tables@", of_tables).replace("@groups@", groups))


_WAITING: Final = """\
SELECT group_id, sum(what = 1), sum(what = 2), sum(what = 3) FROM (
  SELECT what, CASE w.tbl @tables@ END AS group_id FROM (
    SELECT 1 AS what, tbl, local_id FROM sync_dirty WHERE op <> 'X'
    UNION ALL SELECT 2, m.tbl, m.local_id FROM sync_conflict c JOIN sync_idmap m ON m.su = c.su
      WHERE c.id IN (SELECT max(id) FROM sync_conflict
        WHERE settled_at IS NULL GROUP BY su, col, kind)
    UNION ALL SELECT 2, tbl, local_id FROM sync_quarantine
    UNION ALL SELECT 3, @groups@, m.local_id FROM sync_scope s
      JOIN sync_idmap m ON m.su = s.su AND m.tbl = @groups@ WHERE s.writable = 0
  ) w) WHERE group_id IS NOT NULL GROUP BY group_id"""
