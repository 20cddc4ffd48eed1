"""What head office's PostgreSQL does with the staged rows of one table, generated for each.

Four functions a table, each over a range of staged rows, each one statement for all of them:
``insert_…`` and ``update_…`` write what can be written, ``delete_…`` removes what nobody needs,
``clash_…`` notes where the centre holds something else. Tables joined by their natural key have
``join_…`` as well, and tables whose natural keys can be exchanged between rows ``exchange_…``.
:mod:`vsla_desktop.capture.protocol` calls them.

In all of them ``i`` is the staged row, ``r`` its identity, ``t`` the row that stands, ``f_column``
the row a reference points to now and ``b_column`` the one it pointed to before.
"""

from __future__ import annotations

from typing import Final

from vsla_desktop.capture import rights, skew
from vsla_desktop.capture.postgres import DEFINER, comparable, of_table
from vsla_desktop.capture.tables import GROUPS, STAMP, Sort, Travel, Travelling, travels
from vsla_desktop.capture.wire import NUMBERS
from vsla_desktop.derived import Program

SIGNATURE: Final = "device uuid, batch bigint, low integer, high integer, whole boolean"

# When a row was made is no part of what it says.
MADE: Final = "created_date"

# Nobody signs in with this: no hash is equal to it.
_NEW_SECRETS: Final = {("users", "password"): "'!'"}


def programs() -> list[Program]:
    """Return the functions of all tables."""
    made = []
    for table in travels():
        bodies = {
            "insert": _insert(table),
            "update": _update(table),
            "delete": _delete(table),
            "clash": _clash(table),
        }
        if table.joined_by_key:
            bodies["join"] = _join(table)
        if parked(table):
            bodies["exchange"] = _exchange(table)
        for what, (declare, body) in bodies.items():
            name = f"{what}_{table.name}"
            made.append(
                Program(
                    "function",
                    name,
                    f"CREATE OR REPLACE FUNCTION sync.{name}({SIGNATURE}) RETURNS integer"
                    f" LANGUAGE plpgsql {DEFINER} AS $body$\n"
                    f"DECLARE\n  done integer;{rights.variables(table)}{declare}\n"
                    f"BEGIN\n{body}\nRETURN done;\nEND\n$body$",
                )
            )
    return made


def staged(table: Travel, operation: str) -> str:
    """Return the condition for this transaction's staged rows of a table in the given range."""
    return (
        f"i.tx = pg_current_xact_id() AND i.tbl = {table.number} AND i.op = {operation}"
        " AND i.ord BETWEEN low AND high"
    )


def _new(column: Travelling) -> str:
    """Return the staged value, as it is to be written."""
    if column.is_reference:
        return f"f_{column.name}.id"
    if column.sort is Sort.TEXT:
        return f"i.{column.slot}"
    return f"i.{column.slot}::{column.sql_type}"


def _first(column: Travelling) -> str:
    """Return the staged value as it is written into a new row."""
    return f"coalesce({_new(column)}, {column.default})" if column.default else _new(column)


def _new_compared(column: Travelling) -> str:
    return f"i.{column.slot}" if column.sort is Sort.JSON else _new(column)


def _base(column: Travelling) -> str:
    """Return the value that the laptop changed, to be compared."""
    if column.is_reference:
        return f"b_{column.name}.id"
    kept = f"(i.base->>'{column.name}')"
    return kept if column.sort in {Sort.TEXT, Sort.JSON} else f"{kept}::{column.sql_type}"


def _of_parent(column: Travelling, row: str) -> str:
    """Return the condition that an identity is a living row of the right table, and reachable."""
    allowed = rights.reachable(column, row)
    if not column.parent:
        return allowed  # Nothing holds such a reference to a row that is there.
    number = NUMBERS[column.parent]
    return f" AND {of_table(row, number)} AND NOT {row}.deleted{allowed}"


def _targets(table: Travel, *, required: bool = False) -> str:
    """Return the joins that resolve staged references; ``required`` ones must lead somewhere."""
    return "".join(
        f"\n  {'' if required and not each.nullable else 'LEFT '}JOIN sync.row_state"
        f" f_{each.name} ON f_{each.name}.su = i.{each.slot}{_of_parent(each, f'f_{each.name}')}"
        for each in table.references
    )


def _former_targets(table: Travel) -> str:
    # A row that is gone centrally has emptied the references to it: so is what they were before.
    return "".join(
        f"\n  LEFT JOIN sync.row_state b_{each.name} ON b_{each.name}.su ="
        f" (i.base->>'{each.name}')::uuid{_of_parent(each, f'b_{each.name}')}"
        for each in table.references
    )


def _found(column: Travelling) -> str:
    if not column.parent:
        return "true"  # What a message was about may be gone: it is then about nothing.
    return f"(i.{column.slot} IS NULL OR f_{column.name}.id IS NOT NULL)"


def _all_found(table: Travel, *, optional_only: bool = False) -> str:
    checks = [_found(each) for each in table.references if each.nullable or not optional_only]
    return " AND ".join(checks) or "true"


def _awaited(table: Travel) -> str:
    """Return the condition that a row, written in part, leaves out no row that may come yet.

    What it refers to was refused, and comes once a person has put it right: an entry that waits
    for its member keeps it, one that is written without would have lost it.
    """
    slots = [f"i.{each.slot}" for each in table.references if each.nullable and each.parent]
    if not slots:
        return ""
    named = ", ".join(slots)
    return f"""
  AND (whole OR NOT EXISTS (SELECT FROM sync.incoming o WHERE o.tx = i.tx AND o.op = 'I'
      AND o.su IN ({named}) AND o.su <> i.su)
    AND NOT EXISTS (SELECT FROM sync.quarantine q WHERE q.dev = device AND q.op = 'I'
      AND q.su IN ({named}) AND NOT EXISTS (SELECT FROM sync.row_state k WHERE k.su = q.su)))"""


def staged_scope(table: Travel) -> str:
    """Return the number of the group that a staged row's owner ``w`` belongs to."""
    return "NULL::integer" if table.owner is None else "w.scope"


def _staged_owner(table: Travel) -> str:
    if table.owner is None:
        return ""
    return f" LEFT JOIN sync.row_state w ON w.su = i.{table.owner.slot}"


def _insert(table: Travel) -> tuple[str, str]:
    secrets = {
        column: value for (name, column), value in _NEW_SECRETS.items() if name == table.name
    }
    names = ", ".join(["id", *(f'"{each.name}"' for each in table.columns), *secrets])
    values = ", ".join(["r.id", *(_first(each) for each in table.columns), *secrets.values()])
    lost = "".join(
        f"""
  INSERT INTO sync.conflict (dev, n, tbl, su, kind, col, mine)
  SELECT device, batch, '{table.name}', i.su, 'reference', '{each.name}', i.{each.slot}::text
  FROM sync.incoming i JOIN sync.row_state r ON r.su = i.su AND r.xid = pg_current_xact_id()
  LEFT JOIN sync.row_state f_{each.name} ON f_{each.name}.su = i.{each.slot}\
{_of_parent(each, f"f_{each.name}")}
  WHERE {staged(table, "'I'")} AND NOT {_found(each)};"""
        for each in table.references
        if each.nullable
    )
    own_scope = "x.id" if table.name == GROUPS else "x.scope"
    declare = "\n  chosen integer;\n  numbers regclass := "
    declare += f"pg_get_serial_sequence('public.{table.name}', 'id');"
    return (
        declare,
        f"""\
INSERT INTO sync.row_state (su, tbl, id, ver, xid, deleted, origin, scope)
SELECT x.su, {table.number}, x.id, 1, pg_current_xact_id(), false, device, {own_scope}
FROM (SELECT c.su, c.scope, nextval(numbers)::integer AS id
  FROM (SELECT i.su, {staged_scope(table)} AS scope FROM sync.incoming i\
{_staged_owner(table)}
    WHERE {staged(table, "'I'")}
    AND NOT EXISTS (SELECT FROM sync.row_state s WHERE s.su = i.su) ORDER BY i.ord) c) x;
GET DIAGNOSTICS chosen = ROW_COUNT;
INSERT INTO public.{table.name} ({names})
SELECT {values}
FROM sync.incoming i
  JOIN sync.row_state r ON r.su = i.su AND r.xid = pg_current_xact_id() AND NOT r.deleted\
{_targets(table, required=True)}
WHERE {staged(table, "'I'")} AND {rights.may_add(table)} AND {skew.all_known(table)}
  AND (NOT whole OR ({_all_found(table, optional_only=True)})){_awaited(table)}
ORDER BY i.ord;
GET DIAGNOSTICS done = ROW_COUNT;
IF done < chosen THEN
  DELETE FROM sync.row_state r USING sync.incoming i
  WHERE {staged(table, "'I'")} AND r.su = i.su AND r.xid = pg_current_xact_id()
  AND NOT EXISTS (SELECT FROM public.{table.name} t WHERE t.id = r.id);
END IF;
IF NOT whole THEN{lost or chr(10) + "  NULL;"}
END IF;{_opened(table)}""",
    )


def _opened(table: Travel) -> str:
    """Return the statement that gives a device the groups that it opened."""
    if table.name != GROUPS:
        return ""
    return f"""
IF groups IS NOT NULL THEN
  INSERT INTO sync.assignment (dev, group_id)
  SELECT device, t.id FROM sync.incoming i
    JOIN sync.row_state r ON r.su = i.su AND r.xid = pg_current_xact_id() AND r.ver = 1
    JOIN public.{GROUPS} t ON t.id = r.id
  WHERE {staged(table, "'I'")} AND {of_table("r", table.number)} AND r.origin = device
  ON CONFLICT DO NOTHING;
END IF;"""


def _update(table: Travel) -> tuple[str, str]:
    changes, agreed = [], []
    for each in table.noted:
        told = f"i.base ? '{each.name}'"
        same = f"{comparable(each, 't')} IS NOT DISTINCT FROM {_base(each)}"
        found = f" AND {_found(each)}" if each.is_reference else ""
        changes.append(
            f'"{each.name}" = CASE WHEN {told} AND {same}{found} THEN {_new(each)}'
            f' ELSE t."{each.name}" END'
        )
        agreed.append(
            f"(NOT {told} OR {same}"
            f" OR {comparable(each, 't')} IS NOT DISTINCT FROM {_new_compared(each)})"
        )
    stamp = table.column(STAMP)
    changes.append(f'"{STAMP}" = coalesce({_new(stamp)}, t."{STAMP}")')
    separator = ",\n    "
    conditions = "\n    AND ".join([_all_found(table), *agreed])
    return (
        "",
        f"""\
WITH written AS (
  UPDATE public.{table.name} AS t SET
    {separator.join(changes)}
  FROM sync.incoming i
  JOIN sync.row_state r ON r.su = i.su AND {of_table("r", table.number)} AND NOT r.deleted\
{_targets(table)}{_former_targets(table)}
  WHERE {staged(table, "'U'")} AND t.id = r.id AND {rights.may_change(table)}
    AND {skew.all_known(table)} AND (NOT whole OR ({conditions}))
  RETURNING i.ctid AS place)
DELETE FROM sync.incoming WHERE ctid = ANY (ARRAY(SELECT place FROM written));
GET DIAGNOSTICS done = ROW_COUNT;""",
    )


def _delete(table: Travel) -> tuple[str, str]:
    as_known = "\n    AND ".join(
        f"{comparable(each, 't')} IS NOT DISTINCT FROM {_new_compared(each)}"
        for each in table.noted
        if each.name != MADE
    )
    free = "".join(
        f'\n  AND NOT EXISTS (SELECT FROM public.{each.table} c WHERE c."{each.column}" = t.id)'
        for each in table.holders
    )
    return (
        "",
        f"""\
DELETE FROM public.{table.name} t
USING sync.incoming i
  JOIN sync.row_state r ON r.su = i.su AND {of_table("r", table.number)} AND NOT r.deleted\
{_targets(table)}
WHERE {staged(table, "'D'")} AND t.id = r.id AND {rights.may_remove(table)}
  AND (i.v1 IS NULL OR ({as_known})){free};
GET DIAGNOSTICS done = ROW_COUNT;""",
    )


def _clash(table: Travel) -> tuple[str, str]:
    lines = []
    for each in table.noted:
        stands, new = comparable(each, "t"), _new_compared(each)
        other = f"{stands} IS DISTINCT FROM {new}"
        # Two databases that made the same row did not make it at the same moment.
        made = "false" if each.name == MADE else other
        changed = f"i.base ? '{each.name}' AND {stands} IS DISTINCT FROM {_base(each)} AND {other}"
        if each.is_reference:
            number = f"s.tbl = {NUMBERS[each.parent]} AND " if each.parent else ""
            theirs = (
                f'(SELECT s.su::text FROM sync.row_state s WHERE {number}s.id = t."{each.name}"'
                " LIMIT 1)"
            )
            changed = f"i.base ? '{each.name}' AND NOT {_found(each)} OR {changed}"
        else:
            theirs = f't."{each.name}"::text'
        lines.append(
            f"('{each.name}', CASE i.op WHEN 'U' THEN {changed} ELSE {made} END,"
            f" i.base->>'{each.name}', i.{each.slot}::text, {theirs})"
        )
    separator = ",\n    "
    return (
        "",
        f"""\
INSERT INTO sync.conflict (dev, n, tbl, su, kind, col, base, mine, theirs, by_whom, changed_at)
SELECT device, batch, '{table.name}', i.su,
  CASE i.op WHEN 'U' THEN 'changed' WHEN 'I' THEN 'exists' ELSE 'removed' END,
  x.col, x.base, x.mine, x.theirs,
  o.name, o.received_at
FROM sync.incoming i
  JOIN sync.row_state r ON r.su = i.su AND {of_table("r", table.number)} AND NOT r.deleted
  JOIN public.{table.name} t ON t.id = r.id{_targets(table)}{_former_targets(table)}
  LEFT JOIN LATERAL (SELECT d.name, b.received_at FROM sync.batch b
    JOIN sync.device d ON d.dev = b.dev WHERE b.applied_xid = r.xid LIMIT 1) o ON true
  CROSS JOIN LATERAL (VALUES
    {separator.join(lines)}
  ) x (col, differs, base, mine, theirs)
WHERE {staged(table, "i.op")} AND {rights.may_see(table, "r")} AND x.differs;
GET DIAGNOSTICS done = ROW_COUNT;""",
    )


def parked(table: Travel) -> dict[str, str]:
    """Return a value for each column of a natural key that no other row has meanwhile."""
    values = {
        Sort.TEXT: "'~' || r.id",
        Sort.INTEGER: "-r.id",
        Sort.DATE: "DATE '0001-01-01' + r.id",
    }
    columns = {name: table.column(name) for key in table.keys for name in key}
    places = {name: values.get(each.sort, "NULL") for name, each in sorted(columns.items())}
    return {
        name: place for name, place in places.items() if place != "NULL" or columns[name].nullable
    }


def _exchange(table: Travel) -> tuple[str, str]:
    places = parked(table)
    changes, bases, agreed = [], [], []
    for name, place in places.items():
        column = table.column(name)
        told = f"i.base ? '{name}'"
        was = _base(column)
        if column.is_reference:
            was = f"(SELECT b.id FROM sync.row_state b WHERE b.su = (i.base->>'{name}')::uuid)"
        changes.append(f'"{name}" = CASE WHEN {told} THEN {place} ELSE t."{name}" END')
        agreed.append(f"(NOT {told} OR {comparable(column, 't')} IS NOT DISTINCT FROM {was})")
        value = f"jsonb_build_object('{name}', ({place.replace('r.id', 'p.id')})::text)"
        bases.append(f"CASE WHEN {told} THEN {value} ELSE '{{}}' END")
    separator = ",\n    "
    return (
        "\n  chosen integer;",
        f"""\
WITH parked AS (
  UPDATE public.{table.name} t SET
    {separator.join(changes)}
  FROM sync.incoming i JOIN sync.row_state r ON r.su = i.su AND {of_table("r", table.number)}
  WHERE {staged(table, "'U'")} AND i.trouble LIKE '23505%' AND t.id = r.id
    AND {rights.may_change(table)}
    AND {" AND ".join(agreed)}
  RETURNING i.ctid AS place, r.id)
UPDATE sync.incoming i SET trouble = NULL,
  base = i.base || {" || ".join(bases)}
FROM parked p WHERE i.ctid = p.place;
GET DIAGNOSTICS chosen = ROW_COUNT;
done := sync.update_{table.name}(device, batch, low, high, true);
IF done < chosen THEN
  RAISE EXCEPTION 'the key is another row''s' USING ERRCODE = 'unique_violation';
END IF;""",
    )


def _join(table: Travel) -> tuple[str, str]:
    # A row that this very laptop has, from itself or joined before, is another row there.
    same_key = " OR ".join(
        "(" + " AND ".join(f't."{name}" = {_new(table.column(name))}' for name in key) + ")"
        for key in table.keys
    )
    return (
        "",
        f"""\
INSERT INTO sync.alias (su, target, dev, n)
SELECT DISTINCT ON (x.target) x.su, x.target, device, batch
FROM (SELECT DISTINCT ON (i.su) i.su, s.su AS target
  FROM sync.incoming i{_targets(table)}
  JOIN public.{table.name} t ON {same_key}
  JOIN sync.row_state s ON s.tbl = {table.number} AND s.id = t.id AND NOT s.deleted
  WHERE {staged(table, "'I'")} AND s.origin IS DISTINCT FROM device
  AND {rights.may_see(table, "s")}
  AND NOT EXISTS (SELECT FROM sync.row_state r WHERE r.su = i.su)
  AND NOT EXISTS (SELECT FROM sync.alias a WHERE a.target = s.su AND a.dev = device)
  ORDER BY i.su, t.id) x
ORDER BY x.target, x.su;
GET DIAGNOSTICS done = ROW_COUNT;""",
    )
