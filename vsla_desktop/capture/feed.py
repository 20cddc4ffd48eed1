"""What head office's PostgreSQL tells a laptop: everything of its groups since a position.

One call is one statement in one snapshot, so it changes nothing and waits for nobody. It tells
every row that is visible and was written by a transaction from the position on; the new position is
the oldest transaction that was still under way. A transaction that commits late is therefore never
passed over, and a row may come twice. ``sync.pull`` is for laptops, ``sync.feed`` for programs of
head office that make files for them.

The request is JSON: ``protocol``, ``epoch``, ``limit`` (rows), ``lo`` (position by group, '' for
what is no group's), ``count`` (whether to tell how many rows there are to come), ``whole`` (groups
of which everything is wanted, also what this laptop sent), ``page`` (by group the transaction and
identity of the last row of an unfinished group) and ``digest`` (groups of which counts and sums are
wanted, to compare). The first line is a JSON head, every other line a row. ``anew`` in it names
groups whose position leads nowhere any more: head office ``lost`` what was after it, or has
``forgotten`` which rows went since; of these nothing is told. ``more`` says that a group is not
told to its end: ``page`` is where it goes on.
"""

from __future__ import annotations

import json
from typing import Final

from vsla_desktop.capture.postgres import DEFINER
from vsla_desktop.capture.tables import (
    GROUPS,
    PEOPLE,
    Sort,
    Travel,
    Travelling,
    parent_number,
    travel,
    travels,
)
from vsla_desktop.derived import Program

REFERENCES: Final = 12
VALUES: Final = 48
MOST_ROWS: Final = 100_000

FROM_DEVICE: Final = ("sync.pull(jsonb)", "sync.pulled(text, jsonb)")

# What a program puts around a question to get the lines: nothing at all is an empty cell, and so
# an empty text, or one that begins like this, begins with this sign.
EMPTY: Final = "\x01"
TOLD: Final = "COPY ({}) TO STDOUT (NULL '')"

# Rows about people: a laptop has those of the people that its groups name.
PERSONAL: Final = ("service_admins", "user_service_permissions", "service_access_requests")


def programs() -> list[Program]:
    """Return the functions by which rows come down."""
    personal = ", ".join(str(travel(name).number) for name in (PEOPLE, *PERSONAL))
    shared = ", ".join(
        str(each.number)
        for each in travels()
        if not each.of_groups and each.name not in {PEOPLE, *PERSONAL}
    )
    texts = {
        "groups_of": _GROUPS_OF,
        "people_of": _PEOPLE_OF.replace("@personal@", _personal_rows()),
        "feed": _FEED.replace("@tables@", _tables())
        .replace("@widths@", json.dumps(widths(), separators=(",", ":")))
        .replace("@personal@", personal)
        .replace("@shared@", shared),
        "pull": _PULL,
        "pulled": _PULLED,
        "digest": _DIGEST.replace("@shared@", shared),
        "forget_gone": _FORGET,
    }
    return [
        *(
            Program(
                "function",
                f"lines_{table.name}",
                f"CREATE OR REPLACE FUNCTION sync.lines_{table.name}(rows sync.chosen[])"
                f" RETURNS SETOF sync.line LANGUAGE sql STABLE AS $body$\n{_lines(table)}\n$body$",
            )
            for table in travels()
        ),
        *(
            Program(
                "function",
                name,
                text.replace("@definer@", DEFINER)
                .replace("@groups@", str(travel(GROUPS).number))
                .replace("@people@", str(travel(PEOPLE).number)),
            )
            for name, text in texts.items()
        ),
    ]


def widths() -> list[list[int]]:
    """Return by table how many places for references and for values this release knows."""
    return [list(each.widths) for each in sorted(travels(), key=lambda table: table.number)]


def _tables() -> str:
    rows = ", ".join(f"({each.number}, '{each.name}', {each.place})" for each in travels())
    return f"(VALUES {rows}) m (tbl, name, place)"


def _value(column: Travelling) -> str:
    stands = f't."{column.name}"'
    match column.sort:
        case Sort.TEXT:
            return (
                f"CASE WHEN {stands} = '' OR {stands} LIKE E'\\x01%' THEN E'\\x01' || {stands}"
                f" ELSE {stands}::text END"
            )
        case Sort.EXACT:
            # What is no number is nothing: no amount is to be read out of it.
            return f"nullif(round({stands}, {column.scale}), 'NaN')::text"
        case Sort.BOOLEAN:
            return f"{stands}::integer::text"
    return f"{stands}::text"


def _lines(table: Travel) -> str:
    """Return the lines of chosen rows: references as identities, values as text."""
    references = {each.place: f"f_{each.name}.su" for each in table.references}
    values = {each.place: _value(each) for each in table.columns if not each.is_reference}
    joins = ""
    for each in table.references:
        joins += (
            f"\n  LEFT JOIN sync.row_state f_{each.name}"
            f" ON f_{each.name}.tbl = {parent_number(each, 't')}"
            f' AND f_{each.name}.id = t."{each.name}" AND NOT f_{each.name}.deleted'
        )
    cells = [
        *(references.get(place, "NULL::uuid") for place in range(1, REFERENCES + 1)),
        *(values.get(place, "NULL::text") for place in range(1, VALUES + 1)),
    ]
    return (
        f"SELECT '{table.number}'::text, p.su, p.ver, p.deleted, p.scope,\n  {', '.join(cells)}\n"
        f"FROM unnest(rows) p LEFT JOIN public.{table.name} t ON t.id = p.id AND NOT p.deleted"
        f"{joins}\nWHERE p.deleted OR t.id IS NOT NULL"
    )


def _personal_rows() -> str:
    return "".join(
        f"\n  UNION ALL SELECT s.su, s.tbl, s.id, s.ver, s.xid, greatest(s.xid, k.xid) AS since"
        f" FROM k JOIN public.{name} t ON t.user_id = k.user_id"
        f" JOIN sync.row_state s ON s.tbl = {travel(name).number} AND s.id = t.id"
        for name in PERSONAL
    )


# A laptop for all groups writes them all.
_GROUPS_OF = """\
CREATE OR REPLACE FUNCTION sync.groups_of(device uuid) RETURNS TABLE (group_id integer,
  writable boolean) LANGUAGE sql STABLE @definer@ AS $body$
SELECT a.group_id, a.writable FROM sync.assignment a WHERE a.dev = device
UNION ALL
SELECT s.id, true
FROM sync.row_state s JOIN sync.device d ON d.dev = device AND d.all_groups
WHERE s.tbl = @groups@
AND NOT EXISTS (SELECT FROM sync.assignment a WHERE a.dev = device AND a.group_id = s.id)
$body$"""

# The people that a group names, and what is theirs, as far as either is new.
_PEOPLE_OF = """\
CREATE OR REPLACE FUNCTION sync.people_of(number integer, lo xid8) RETURNS SETOF sync.chosen
LANGUAGE sql STABLE @definer@ AS $body$
WITH k AS (SELECT p.user_id, max(p.xid) AS xid FROM sync.person_scope p WHERE p.scope = number
  GROUP BY p.user_id)
SELECT x.su, x.tbl, x.id, x.ver, false, 0, x.xid FROM (
  SELECT s.su, s.tbl, s.id, s.ver, s.xid, greatest(s.xid, k.xid) AS since
  FROM k JOIN sync.row_state s ON s.tbl = @people@ AND s.id = k.user_id AND NOT s.deleted\
@personal@
) x WHERE x.since >= lo
$body$"""

_FEED = """\
CREATE OR REPLACE FUNCTION sync.feed(device uuid, request jsonb) RETURNS SETOF sync.line
LANGUAGE plpgsql STABLE @definer@ AS $body$
DECLARE
  known sync.device; server sync.server; seen pg_snapshot := pg_current_snapshot();
  limited integer := least(greatest((request->>'limit')::integer, 1), 100000);
  room integer := limited;
  groups integer[]; picked sync.chosen[] := '{}'; part sync.chosen[]; people sync.chosen[] := '{}';
  told jsonb := '[]'; each record; number integer := -1; lo xid8; whole boolean; anew text;
  rows bigint := 0; from_xid xid8; from_su uuid; last sync.chosen; more boolean; head sync.line;
  hi xid8 := '0';
BEGIN
  SELECT * INTO known FROM sync.device d WHERE d.dev = device;
  SELECT * INTO server FROM sync.server;
  groups := ARRAY(SELECT g.group_id FROM sync.groups_of(device) g);
  FOR each IN
    SELECT NULL::integer AS id, '' AS su, true AS writable, -1 AS place
    UNION ALL
    SELECT x.* FROM (SELECT g.group_id, replace(s.su::text, '-', '') AS su, g.writable,
        CASE WHEN request->'lo' ? replace(s.su::text, '-', '') THEN 0 ELSE 1 END AS place
      FROM sync.groups_of(device) g
      JOIN sync.row_state s ON s.tbl = @groups@ AND s.id = g.group_id
      WHERE NOT s.deleted OR request->'lo' ? replace(s.su::text, '-', '')) x
    ORDER BY 4, 1
  LOOP
    number := number + 1;
    lo := coalesce(request->'lo'->>each.su, '0')::xid8;
    whole := lo = '0' AND (NOT coalesce(request->'lo' ? each.su, false)
      OR coalesce(request->'whole' ? each.su, false));
    -- A position of another server, or from before what is known of rows that went, says nothing.
    anew := CASE WHEN lo > pg_snapshot_xmax(seen) THEN 'lost'
      WHEN lo <> '0' AND lo < server.gone_known_from THEN 'forgotten' END;
    hi := CASE WHEN anew IS NULL THEN greatest(hi, lo) ELSE hi END;
    from_xid := lo;
    from_su := '00000000-0000-0000-0000-000000000000';
    IF request ? 'count' THEN
      rows := rows + (SELECT count(*) FROM sync.row_state s WHERE s.scope = each.id AND (s.xid,
        s.su) > (coalesce((request->'page'->each.su->>0)::xid8, lo),
        coalesce((request->'page'->each.su->>1)::uuid, from_su)));
    END IF;
    more := room = 0 OR anew IS NOT NULL;
    part := '{}';
    IF NOT more THEN
      IF request->'page' ? each.su THEN
        from_xid := (request->'page'->each.su->>0)::xid8;
        from_su := (request->'page'->each.su->>1)::uuid;
      ELSIF each.id IS NOT NULL THEN
        -- The first page also says who belongs to the group, and which rows left it.
        IF NOT known.all_groups THEN
          people := people || ARRAY(SELECT p FROM sync.people_of(each.id, lo) p);
        END IF;
        picked := picked || ARRAY(SELECT ROW(s.su, s.tbl, s.id, s.ver, true, number,
            m.xid)::sync.chosen
          FROM sync.moved m JOIN sync.row_state s ON s.su = m.su
          WHERE m.scope = each.id AND m.xid >= lo AND (s.scope <> ALL (groups)
            OR s.scope IS NULL AND NOT known.all_groups AND s.origin IS DISTINCT FROM device));
      END IF;
      IF each.id IS NOT NULL THEN
        part := ARRAY(SELECT ROW(s.su, s.tbl, s.id, s.ver, s.deleted, number, s.xid)::sync.chosen
          FROM sync.row_state s
          WHERE s.scope = each.id AND (s.xid, s.su) > (from_xid, from_su)
          AND (whole OR s.ver > 1 OR s.origin IS DISTINCT FROM device)
          ORDER BY s.xid, s.su LIMIT room + 1);
      ELSE
        part := ARRAY(SELECT ROW(s.su, s.tbl, s.id, s.ver, s.deleted, number, s.xid)::sync.chosen
          FROM sync.row_state s
          WHERE s.scope IS NULL AND (s.xid, s.su) > (from_xid, from_su)
          AND (whole OR s.ver > 1 OR s.origin IS DISTINCT FROM device)
          AND (known.all_groups OR s.tbl IN (@shared@) OR s.origin = device
            OR s.deleted AND s.tbl IN (@personal@))
          ORDER BY s.xid, s.su LIMIT room + 1);
      END IF;
      more := cardinality(part) > room;
      IF more THEN
        -- A group is cut only where it alone is too large: what is whole is written at once.
        part := CASE WHEN room < limited AND from_xid = lo THEN '{}' ELSE part[1:room] END;
        room := 0;
      ELSE
        room := room - cardinality(part);
      END IF;
      picked := picked || part;
    END IF;
    last := part[cardinality(part)];
    told := told || jsonb_build_object('su', each.su, 'writable', each.writable, 'lo', lo,
      'whole', whole, 'start', request->'page'->each.su, 'more', more, 'anew', anew,
      'page', CASE WHEN more AND last.su IS NOT NULL
        THEN jsonb_build_array(last.xid, last.su) END,
      'digest', CASE WHEN request->'digest' ? each.su THEN sync.digest(each.id) END);
  END LOOP;
  picked := picked || ARRAY(SELECT DISTINCT p FROM unnest(people) p);
  -- A number that was given out and left no trace on the disk is given out again after a crash: so
  -- a position goes no further than what is known to be written, whoever wrote it.
  SELECT least(pg_snapshot_xmin(seen), greatest(hi, (max(x.xid)::text::bigint + 1)::text::xid8))
  INTO hi FROM (SELECT max(b.applied_xid) AS xid FROM sync.batch b
    UNION ALL SELECT p.xid FROM unnest(picked) p) x;
  head.told := jsonb_build_object('answer', 'ok', 'epoch', server.epoch,
    'widths', '@widths@'::jsonb, 'references', 12, 'hi', hi, 'at',
    pg_snapshot_xmin(seen), 'scopes', told,
    'last', known.last_batch, 'rows', rows);
  RETURN NEXT head;
  FOR each IN
    SELECT m.name, x.rows FROM (SELECT p.tbl, array_agg(p) AS rows FROM unnest(picked) p
      GROUP BY p.tbl) x JOIN @tables@ USING (tbl) ORDER BY m.place
  LOOP
    RETURN QUERY EXECUTE format('SELECT * FROM sync.%I($1)', 'lines_' || each.name)
      USING each.rows;
  END LOOP;
END
$body$"""

_PULL = """\
CREATE OR REPLACE FUNCTION sync.pull(request jsonb) RETURNS SETOF sync.line
LANGUAGE plpgsql STABLE @definer@ AS $body$
DECLARE device sync.device; server sync.server; head sync.line;
BEGIN
  SELECT * INTO device FROM sync.device d WHERE d.role = session_user;
  IF device.dev IS NULL THEN
    RAISE EXCEPTION 'this role is not a device' USING ERRCODE = 'insufficient_privilege';
  END IF;
  SELECT * INTO server FROM sync.server;
  head.told := CASE WHEN device.status <> 'active' THEN '{"answer": "revoked"}'::jsonb
    WHEN (request->>'protocol')::integer IS DISTINCT FROM server.proto
      THEN '{"answer": "upgrade"}'::jsonb
    WHEN (request->>'epoch')::uuid IS DISTINCT FROM server.epoch
      THEN jsonb_build_object('answer', 'epoch', 'epoch', server.epoch, 'last',
        device.last_batch) END;
  IF head.told IS NOT NULL THEN
    RETURN NEXT head;
  ELSE
    RETURN QUERY SELECT * FROM sync.feed(device.dev, request);
  END IF;
END
$body$"""

# ``settled`` is what people decided on the laptop: the number of a conflict here, and the choice.
_PULLED = """\
CREATE OR REPLACE FUNCTION sync.pulled(reached text, settled jsonb DEFAULT '{}') RETURNS jsonb
LANGUAGE plpgsql @definer@ AS $body$
DECLARE device sync.device := sync.calling_device();
BEGIN
  UPDATE sync.conflict c SET settled_at = clock_timestamp(), choice = x.value
  FROM jsonb_each_text(settled) x WHERE c.id::text = x.key AND c.settled_at IS NULL
  AND device.status = 'active'
  AND c.dev IN (SELECT d.dev FROM sync.device d WHERE d.name = device.name);
  UPDATE sync.device d SET pulled_xid = reached::xid8, pulled_at = clock_timestamp(),
    last_seen = clock_timestamp() WHERE d.dev = device.dev AND d.status = 'active';
  RETURN '{}';
END
$body$"""

# What a laptop has to hold of a group once it has taken this snapshot: rows, and a sum over their
# identities and versions, by table. Of what is no group's only what all laptops share.
_DIGEST = """\
CREATE OR REPLACE FUNCTION sync.digest(number integer) RETURNS jsonb LANGUAGE sql STABLE @definer@
AS $body$
SELECT coalesce(jsonb_object_agg(x.tbl, jsonb_build_array(x.rows, x.sum)), '{}') FROM (
  SELECT s.tbl, count(*) AS rows,
    sum(('x' || right(s.su::text, 12))::bit(48)::bigint + s.ver * 1000003)::text AS sum
  FROM sync.row_state s
  WHERE NOT s.deleted AND (s.scope = number OR number IS NULL AND s.scope IS NULL
    AND s.tbl IN (@shared@))
  GROUP BY s.tbl) x
$body$"""

# Rows that went longer ago than this are forgotten; a laptop that was away longer starts anew.
_FORGET = """\
CREATE OR REPLACE FUNCTION sync.forget_gone(kept interval) RETURNS bigint LANGUAGE plpgsql @definer@
AS $body$
DECLARE until xid8; forgotten bigint;
BEGIN
  SELECT max(b.applied_xid) INTO until FROM sync.batch b
  WHERE b.received_at < clock_timestamp() - kept;
  IF until IS NULL THEN
    RETURN 0;
  END IF;
  UPDATE sync.server SET gone_known_from = greatest(gone_known_from, until);
  DELETE FROM sync.moved m WHERE m.xid < until;
  DELETE FROM sync.row_state s WHERE s.deleted AND s.xid < until AND s.tbl <> @groups@;
  GET DIAGNOSTICS forgotten = ROW_COUNT;
  RETURN forgotten;
END
$body$"""
