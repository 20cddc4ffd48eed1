"""The two functions that a laptop may call at head office, and what stands behind them.

``sync.begin_batch`` says whether a batch is wanted; ``sync.apply_batch`` writes what was staged
and records the result in the same transaction. A batch in which everything fits takes the swift
way: one statement a table. If anything does not fit, all of that is undone and the careful way
settles the batch piece by piece, so that every row ends up written, noted as a conflict, or in
quarantine, and the batch is always acknowledged.
"""

from __future__ import annotations

from typing import Final

from vsla_desktop.capture import blobs, feed, rights, skew
from vsla_desktop.capture.central import parked
from vsla_desktop.capture.postgres import DEFINER
from vsla_desktop.capture.shut import NOTHING_MADE
from vsla_desktop.capture.tables import travels
from vsla_desktop.derived import Program

PROTOCOL: Final = 1
FROM_DEVICE: Final = (
    "sync.begin_batch(bigint, text, uuid, integer)",
    "sync.apply_batch(bigint, text, integer, integer)",
    *blobs.FROM_DEVICE,
    *feed.FROM_DEVICE,
)
REFERENCE_SLOTS: Final = 12

# What is there for laptops is there for those, too, that were let in before it was.
_FOR_ALL: Final = f"""\
DO $body$
DECLARE each name;
BEGIN
  FOR each IN SELECT d.role FROM sync.device d JOIN pg_roles r ON r.rolname = d.role
    WHERE d.status = 'active'
  LOOP
    EXECUTE format('GRANT EXECUTE ON FUNCTION {", ".join(FROM_DEVICE)} TO %I', each);
  END LOOP;
END
$body$"""


def programs() -> list[Program]:
    """Return the functions that are the same for all tables, and who may call them."""
    texts = {
        "calling_device": _CALLING_DEVICE,
        "begin_batch": _BEGIN,
        "apply_swiftly": _SWIFTLY.replace("@tables@", _tables()),
        "attempt": _ATTEMPT,
        "follow_aliases": _ALIASES.replace("@slots@", _alias_slots()),
        "settle_known": _KNOWN,
        "apply_level": _LEVEL.replace("@tables@", _tables()),
        "apply_carefully": _CAREFULLY.replace("@tables@", _tables()),
        "apply_batch": _APPLY,
    }
    made = [
        Program("function", name, text.replace("@definer@", DEFINER))
        for name, text in texts.items()
    ]
    # In the same transaction as the functions, so that there is no moment without it.
    closed = "REVOKE ALL ON ALL FUNCTIONS IN SCHEMA sync FROM PUBLIC"
    return [
        *rights.programs(DEFINER),
        *skew.programs(DEFINER),
        *made,
        Program("schema", "sync is closed", closed),
        Program("schema", "laptops make nothing", NOTHING_MADE),
        Program("schema", "laptops may call", _FOR_ALL),
    ]


def _tables() -> str:
    """Return the tables as rows: number, name, place, whether joined by key or exchanged."""
    rows = ", ".join(
        f"({each.number}, '{each.name}', {each.place}, {str(each.joined_by_key).lower()},"
        f" {str(bool(parked(each))).lower()})"
        for each in travels()
    )
    return f"(VALUES {rows}) m (tbl, name, place, joined, exchanged)"


def _alias_slots() -> str:
    return ", ".join(
        f"r{slot} = coalesce((SELECT a.target FROM sync.alias a WHERE a.su = i.r{slot}), i.r{slot})"
        for slot in range(1, REFERENCE_SLOTS + 1)
    )


# The role that signed in is the device: nothing that it sends says so. Head office itself, whom the
# schema belongs to, speaks for the device that signed the bundle it has opened.
_CALLING_DEVICE = """\
CREATE OR REPLACE FUNCTION sync.calling_device() RETURNS sync.device LANGUAGE plpgsql @definer@
AS $body$
DECLARE found sync.device;
BEGIN
  SELECT * INTO found FROM sync.device d WHERE d.role = session_user FOR UPDATE;
  IF found.dev IS NULL AND pg_has_role(session_user, current_user, 'MEMBER') THEN
    SELECT * INTO found FROM sync.device d
    WHERE d.dev::text = current_setting('vsla.on_behalf_of', true) FOR UPDATE;
  END IF;
  IF found.dev IS NULL THEN
    RAISE EXCEPTION 'this role is not a device' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN found;
END
$body$"""

_BEGIN = """\
CREATE OR REPLACE FUNCTION sync.begin_batch(batch bigint, digest text, known_epoch uuid,
  protocol integer) RETURNS jsonb LANGUAGE plpgsql @definer@ AS $body$
DECLARE device sync.device := sync.calling_device(); server sync.server; done sync.batch;
BEGIN
  IF device.status <> 'active' THEN
    RETURN jsonb_build_object('answer', 'revoked');
  END IF;
  SELECT * INTO server FROM sync.server;
  IF protocol <> server.proto THEN
    RETURN jsonb_build_object('answer', 'upgrade', 'protocol', server.proto);
  END IF;
  IF known_epoch <> server.epoch THEN
    RETURN jsonb_build_object('answer', 'epoch', 'epoch', server.epoch, 'last',
      device.last_batch);
  END IF;
  IF batch > device.last_batch + 1 THEN
    RETURN jsonb_build_object('answer', 'gap', 'last', device.last_batch);
  END IF;
  IF batch <= device.last_batch THEN
    SELECT * INTO done FROM sync.batch b WHERE b.dev = device.dev AND b.n = batch;
    IF done.sha256 IS DISTINCT FROM digest THEN
      RETURN jsonb_build_object('answer', 'another', 'last', device.last_batch);
    END IF;
    RETURN jsonb_build_object('answer', 'already', 'result', done.result);
  END IF;
  IF sync.has_sent_enough(device) THEN
    RETURN jsonb_build_object('answer', 'enough');
  END IF;
  RETURN jsonb_build_object('answer', 'go');
END
$body$"""

_SWIFTLY = """\
CREATE OR REPLACE FUNCTION sync.apply_swiftly(device uuid, batch bigint) RETURNS void
LANGUAGE plpgsql @definer@ AS $body$
DECLARE each record; done integer;
BEGIN
  FOR each IN
    SELECT m.name, CASE i.op WHEN 'I' THEN 'insert_' WHEN 'U' THEN 'update_' WHEN 'D' THEN
        'delete_' END AS what, i.staged
    FROM (SELECT tbl, op, count(*) AS staged FROM sync.incoming WHERE tx = pg_current_xact_id()
      GROUP BY tbl, op) i LEFT JOIN @tables@ ON m.tbl = i.tbl
    ORDER BY CASE i.op WHEN 'D' THEN -m.place WHEN 'I' THEN m.place ELSE 1000 + m.place END
  LOOP
    EXECUTE format('SELECT sync.%I($1, $2, 0, 2147483647, true)', each.what || each.name)
      INTO done USING device, batch;
    IF done <> each.staged THEN
      RAISE EXCEPTION 'not everything fits' USING ERRCODE = 'VS001';
    END IF;
  END LOOP;
END
$body$"""

# Halves what fails until the rows that can not be written stand alone. What ails the server, and
# not the row, ends the whole attempt instead.
_ATTEMPT = """\
CREATE OR REPLACE FUNCTION sync.attempt(what text, device uuid, batch bigint, low integer,
  high integer, whole boolean) RETURNS integer LANGUAGE plpgsql @definer@ AS $body$
DECLARE done integer; middle integer;
BEGIN
  BEGIN
    EXECUTE format('SELECT sync.%I($1, $2, $3, $4, $5)', what)
      INTO done USING device, batch, low, high, whole;
    RETURN done;
  EXCEPTION WHEN OTHERS THEN
    IF left(SQLSTATE, 2) IN ('40', '53', '55', '57', '58', 'XX') THEN
      RAISE;
    END IF;
    IF low = high THEN
      UPDATE sync.incoming i SET trouble = SQLSTATE || ' ' || SQLERRM
      WHERE i.tx = pg_current_xact_id() AND i.ord = low;
      RETURN 0;
    END IF;
  END;
  middle := low + (high - low) / 2;
  RETURN sync.attempt(what, device, batch, low, middle, whole)
    + sync.attempt(what, device, batch, middle + 1, high, whole);
END
$body$"""

_ALIASES = """\
CREATE OR REPLACE FUNCTION sync.follow_aliases() RETURNS void LANGUAGE sql @definer@ AS $body$
UPDATE sync.incoming i SET
  su = coalesce((SELECT a.target FROM sync.alias a WHERE a.su = i.su), i.su), @slots@
WHERE i.tx = pg_current_xact_id() AND EXISTS (SELECT FROM sync.alias)
$body$"""

# New rows that stand here already, and changes of rows that are gone.
_KNOWN = """\
CREATE OR REPLACE FUNCTION sync.settle_known(table_number integer, table_name text, device uuid,
  batch bigint) RETURNS void LANGUAGE plpgsql @definer@ AS $body$
DECLARE first integer;
BEGIN
  INSERT INTO sync.conflict (dev, n, tbl, su, kind, mine)
  SELECT device, batch, table_name, i.su, 'gone', to_jsonb(i)::text
  FROM sync.incoming i JOIN sync.row_state r ON r.su = i.su AND r.deleted
  WHERE i.tx = pg_current_xact_id() AND i.tbl = table_number AND i.op IN ('I', 'U');
  DELETE FROM sync.incoming i USING sync.row_state r
  WHERE i.tx = pg_current_xact_id() AND i.tbl = table_number AND r.su = i.su AND r.deleted;
  FOR first IN
    SELECT i.ord FROM sync.incoming i JOIN sync.row_state r ON r.su = i.su
    WHERE i.tx = pg_current_xact_id() AND i.tbl = table_number AND i.op = 'I' ORDER BY i.ord
  LOOP
    UPDATE sync.incoming i SET trouble = NULL
    WHERE i.tx = pg_current_xact_id() AND i.ord = first;
    PERFORM sync.attempt('clash_' || table_name, device, batch, first, first, true);
    DELETE FROM sync.incoming i
    WHERE i.tx = pg_current_xact_id() AND i.ord = first AND i.trouble IS NULL;
  END LOOP;
END
$body$"""

# Level 0 writes what fits. Level 1 also settles what is known already, is the same thing under
# another identity, or exchanges natural keys. Level 2 also writes what only fits in part. Deletes
# go before inserts, so that a natural key is free again for the row that takes it.
_LEVEL = """\
CREATE OR REPLACE FUNCTION sync.apply_level(level integer, device uuid, batch bigint)
RETURNS void LANGUAGE plpgsql @definer@ AS $body$
DECLARE each record; whole boolean := level < 2;
BEGIN
  IF level = 1 THEN
    FOR each IN SELECT m.tbl, m.name, m.joined FROM @tables@ WHERE EXISTS (SELECT
      FROM sync.incoming i WHERE i.tx = pg_current_xact_id() AND i.tbl = m.tbl) ORDER BY m.place
    LOOP
      IF each.joined AND sync.attempt('join_' || each.name, device, batch, 0, 2147483646, true) > 0
      THEN
        PERFORM sync.follow_aliases();
      END IF;
      PERFORM sync.settle_known(each.tbl, each.name, device, batch);
    END LOOP;
    FOR each IN SELECT m.name, min(i.ord) AS low, max(i.ord) AS high
      FROM sync.incoming i JOIN @tables@ ON m.tbl = i.tbl AND m.exchanged
      WHERE i.tx = pg_current_xact_id() AND i.op = 'U' AND i.trouble LIKE '23505%'
      GROUP BY m.name, m.place HAVING count(*) > 1 ORDER BY m.place
    LOOP
      PERFORM sync.attempt('exchange_' || each.name, device, batch, each.low, each.high, true);
    END LOOP;
  END IF;
  FOR each IN
    SELECT m.name, m.tbl, i.op, min(i.ord) AS low, max(i.ord) AS high
    FROM sync.incoming i JOIN @tables@ ON m.tbl = i.tbl
    WHERE i.tx = pg_current_xact_id() AND i.op IN ('D', 'I', 'U')
    GROUP BY m.name, m.tbl, m.place, i.op
    ORDER BY CASE i.op WHEN 'D' THEN -m.place WHEN 'I' THEN m.place ELSE 1000 + m.place END
  LOOP
    IF each.op = 'D' THEN
      PERFORM sync.attempt('delete_' || each.name, device, batch, each.low, each.high, whole);
      DELETE FROM sync.incoming i WHERE i.tx = pg_current_xact_id() AND i.tbl = each.tbl
        AND i.op = 'D' AND NOT EXISTS (SELECT FROM sync.row_state r WHERE r.su = i.su
        AND NOT r.deleted);
      IF level = 2 THEN
        PERFORM sync.attempt('clash_' || each.name, device, batch, each.low, each.high, whole);
        INSERT INTO sync.conflict (dev, n, tbl, su, kind)
        SELECT device, batch, each.name, i.su, 'needed' FROM sync.incoming i
        WHERE i.tx = pg_current_xact_id() AND i.tbl = each.tbl AND i.op = 'D'
        AND NOT EXISTS (SELECT FROM sync.conflict c WHERE c.dev = device AND c.n = batch
        AND c.su = i.su);
        DELETE FROM sync.incoming i WHERE i.tx = pg_current_xact_id() AND i.tbl = each.tbl
        AND i.op = 'D';
      END IF;
    ELSIF each.op = 'I' THEN
      PERFORM sync.attempt('insert_' || each.name, device, batch, each.low, each.high, whole);
      DELETE FROM sync.incoming i USING sync.row_state r WHERE i.tx = pg_current_xact_id()
        AND i.tbl = each.tbl AND i.op = 'I' AND r.su = i.su AND r.xid = pg_current_xact_id()
        AND r.origin = device AND r.ver = 1;
    ELSE
      IF level = 2 THEN
        PERFORM sync.attempt('clash_' || each.name, device, batch, each.low, each.high, whole);
      END IF;
      PERFORM sync.attempt('update_' || each.name, device, batch, each.low, each.high, whole);
    END IF;
  END LOOP;
END
$body$"""

_CAREFULLY = """\
CREATE OR REPLACE FUNCTION sync.apply_carefully(device uuid, batch bigint) RETURNS void
LANGUAGE plpgsql @definer@ AS $body$
DECLARE level integer := 0; before bigint; after bigint;
BEGIN
  PERFORM sync.follow_aliases();
  PERFORM sync.deny(device, batch);
  PERFORM sync.put_off_newer(device, batch);
  SELECT count(*) INTO before FROM sync.incoming i WHERE i.tx = pg_current_xact_id();
  WHILE before > 0 AND level < 3 LOOP
    PERFORM sync.apply_level(level, device, batch);
    SELECT count(*) INTO after FROM sync.incoming i WHERE i.tx = pg_current_xact_id();
    level := CASE WHEN after < before THEN 0 ELSE level + 1 END;
    before := after;
  END LOOP;
  INSERT INTO sync.quarantine (dev, n, tbl, su, op, reason, detail, payload)
  SELECT device, batch, coalesce(m.name, i.tbl::text), i.su, i.op::text,
    CASE WHEN i.trouble IS NULL AND sync.is_denied(device, i) THEN 'denied'
      WHEN i.trouble IS NULL THEN 'incomplete' WHEN i.trouble LIKE '23505%' THEN 'duplicate'
      WHEN i.trouble LIKE '23503%' THEN 'incomplete' ELSE 'invalid' END,
    i.trouble, jsonb_strip_nulls(to_jsonb(i))
  FROM sync.incoming i LEFT JOIN @tables@ ON m.tbl = i.tbl
  WHERE i.tx = pg_current_xact_id() ORDER BY i.ord;
END
$body$"""

_APPLY = """\
CREATE OR REPLACE FUNCTION sync.apply_batch(batch bigint, digest text, row_count integer,
  byte_count integer) RETURNS jsonb LANGUAGE plpgsql @definer@ AS $body$
DECLARE
  device sync.device := sync.calling_device();
  arrived integer;
  weight bigint;
  plain boolean := true;
  followed jsonb;
  result jsonb;
BEGIN
  -- What came is weighed here: its sender may say anything.
  SELECT count(*), coalesce(sum(pg_column_size(i)), 0) INTO arrived, weight
  FROM sync.incoming i WHERE i.tx = pg_current_xact_id();
  IF device.status <> 'active' OR batch <> device.last_batch + 1 OR arrived <> row_count
    OR arrived > device.rows_a_day OR sync.has_sent_enough(device) THEN
    RAISE EXCEPTION 'batch % does not fit here', batch USING ERRCODE = 'VS002';
  END IF;
  BEGIN
    PERFORM sync.apply_swiftly(device.dev, batch);
  EXCEPTION WHEN OTHERS THEN
    IF left(SQLSTATE, 2) IN ('40', '53', '55', '57', '58', 'XX') THEN
      RAISE;
    END IF;
    plain := false;
  END;
  IF plain THEN
    result := jsonb_build_object('rows', arrived);
  ELSE
    -- Rows that were joined when another laptop sent them: this one is to hear of it, too.
    SELECT coalesce(jsonb_agg(jsonb_build_array(i.su, a.target) ORDER BY i.su), '[]') INTO followed
    FROM sync.incoming i JOIN sync.alias a ON a.su = i.su
    JOIN sync.row_state s ON s.su = a.target AND NOT s.deleted
    WHERE i.tx = pg_current_xact_id() AND i.op = 'I' AND (s.scope IS NULL
      OR s.scope IN (SELECT g.group_id FROM sync.groups_of(device.dev) g));
    PERFORM sync.apply_carefully(device.dev, batch);
    -- What stands otherwise than the laptop has it comes down again.
    UPDATE sync.row_state r SET ver = r.ver + 1, xid = pg_current_xact_id()
    WHERE r.su IN (SELECT c.su FROM sync.conflict c WHERE c.dev = device.dev AND c.n = batch
      UNION SELECT a.target FROM sync.alias a WHERE a.dev = device.dev AND a.n = batch
      UNION SELECT (x->>1)::uuid FROM jsonb_array_elements(followed) x);
    result := jsonb_build_object('rows', arrived,
      'refused', (SELECT coalesce(jsonb_agg(jsonb_build_object('su', q.su, 'tbl', q.tbl, 'op',
        q.op, 'reason', q.reason) ORDER BY q.id), '[]') FROM sync.quarantine q
        WHERE q.dev = device.dev AND q.n = batch),
      'conflicts', (SELECT coalesce(jsonb_agg(jsonb_build_object('su', c.su, 'tbl', c.tbl, 'kind',
        c.kind, 'col', c.col, 'base', c.base, 'mine', c.mine, 'theirs', c.theirs, 'id', c.id,
        'by', c.by_whom, 'at', c.changed_at) ORDER BY c.id),
        '[]') FROM sync.conflict c WHERE c.dev = device.dev AND c.n = batch),
      'joined', (SELECT coalesce(jsonb_agg(jsonb_build_array(a.su, a.target) ORDER BY a.su), '[]')
        FROM sync.alias a WHERE a.dev = device.dev AND a.n = batch) || followed);
  END IF;
  -- A laptop's clock may be years off: it counts the days that it keeps a batch by this one.
  result := result || jsonb_build_object('at',
    to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'));
  DELETE FROM sync.incoming i WHERE i.tx = pg_current_xact_id();
  INSERT INTO sync.batch (dev, n, sha256, rows, bytes, result, via)
  VALUES (device.dev, batch, digest, arrived,
    least(greatest(byte_count, weight), 2147483647), result,
    CASE WHEN session_user = device.role THEN 'network' ELSE 'bundle' END);
  UPDATE sync.device d SET last_batch = batch, last_seen = clock_timestamp()
  WHERE d.dev = device.dev;
  RETURN result;
END
$body$"""
