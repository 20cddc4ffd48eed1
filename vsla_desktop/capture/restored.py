"""What head office does after its database was restored from a backup, or moved by a dump.

``sync.restored`` says that time went backwards: laptops then offer again what head office lost, and
take everything of their groups anew. Another server counts its transactions from the beginning, so
what is kept of them is moved below those that are to come: a row that seemed to come from the
future would be told to every laptop each time.
"""

from __future__ import annotations

from typing import Final

from vsla_desktop.derived import Program


def programs() -> list[Program]:
    """Return the function; no laptop may call it."""
    return [Program("function", "restored", _RESTORED)]


# The first number that a transaction may have is 3: rows of so long ago share it. A batch that
# falls below names no row any more, rather than another's.
_RESTORED: Final = """\
CREATE OR REPLACE FUNCTION sync.restored() RETURNS uuid LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $body$
DECLARE newest bigint; back bigint; new_epoch uuid := gen_random_uuid();
BEGIN
  SELECT x.xid::text::bigint INTO newest FROM (
    SELECT s.xid FROM sync.row_state s UNION ALL SELECT m.xid FROM sync.moved m
    UNION ALL SELECT p.xid FROM sync.person_scope p) x ORDER BY x.xid DESC LIMIT 1;
  back := newest - pg_snapshot_xmin(pg_current_snapshot())::text::bigint + 1;
  IF back > 0 THEN
    UPDATE sync.row_state SET xid = greatest(3, xid::text::bigint - back)::text::xid8;
    UPDATE sync.moved SET xid = greatest(3, xid::text::bigint - back)::text::xid8;
    UPDATE sync.person_scope SET xid = greatest(3, xid::text::bigint - back)::text::xid8;
    UPDATE sync.batch SET applied_xid = CASE WHEN applied_xid::text::bigint > back + 3
      THEN (applied_xid::text::bigint - back)::text ELSE '0' END::xid8;
  END IF;
  UPDATE sync.server SET epoch = new_epoch, gone_known_from = '0';
  RETURN new_epoch;
END
$body$"""
