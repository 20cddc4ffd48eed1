"""What a laptop may write, as conditions in the very statements that write its rows.

A laptop writes the rows of its groups, and what it writes leads to rows of its groups only: a row
of another group is to it as if there were none. Such conditions cost nothing where everything fits,
since the rows that they look at are joined already. What the whole programme shares is head
office's to change, and nobody's rights come from a laptop.

In the conditions ``groups`` are the groups whose books the device writes, of notes beside a book
those that it has, NULL for all of them; ``given`` are those that it has; ``own`` is the device with
those that bore its name before; ``opens`` says whether it may open groups. :func:`variables`
declares what a table's functions need.
"""

from __future__ import annotations

from typing import Final

from vsla_desktop.capture.tables import (
    BESIDE_THE_BOOK,
    GROUPS,
    PEOPLE,
    Travel,
    Travelling,
    travel,
    travels,
)
from vsla_desktop.derived import Program

# Who may do what in the programme's other programs.
CLOSED: Final = frozenset({"service_admins", "user_service_permissions", "service_access_requests"})
# The columns that say so of a person, and what everybody has there.
_NO: Final = "'0', 'f', 'false'"
PRIVILEGES: Final = {"admin": _NO, "is_super_admin": _NO, "role": "'user'"}


def variables(table: Travel) -> str:
    """Return the variables that the conditions of a table name."""
    whose = "assigned" if table.name in BESIDE_THE_BOOK else "writable"
    made = f"\n  groups integer[] := sync.{whose}_groups(device);"
    if table.name == PEOPLE or table.people:
        made += "\n  own uuid[] := sync.own_devices(device);"
    if table.people:
        made += "\n  given integer[] := sync.assigned_groups(device);"
    if table.name == GROUPS:
        made += (
            "\n  opens boolean := (SELECT d.may_open_groups FROM sync.device d"
            " WHERE d.dev = device);"
        )
    return made


def reachable(column: Travelling, row: str) -> str:
    """Return the condition that a staged reference may lead to ``row``; empty for shared rows.

    A person whom a group names comes down to the laptops that have the group, so a laptop names
    only people whom it added or has already: else it would be told of anybody by naming them.
    """
    if column.parent == PEOPLE:
        return f" AND (groups IS NULL OR {_is_known(row, 'given')})"
    if column.parent and not travel(column.parent).of_groups:
        return ""
    return f" AND (groups IS NULL OR {row}.scope = ANY (groups))"


def may_add(table: Travel) -> str:
    """Return the condition for new staged rows ``i``, whose references are joined as ``f_…``."""
    if table.name in CLOSED:
        return "false"
    if table.name == PEOPLE:
        return f"NOT ({_privileged()})"
    if table.name == GROUPS:
        return "(groups IS NULL OR opens)"
    if table.owner is None:
        return "groups IS NULL"
    if table.owner.nullable:
        return f"(groups IS NULL OR f_{table.owner.name}.id IS NOT NULL)"
    return "true"  # A row without its owner is not written at all.


def may_change(table: Travel) -> str:
    """Return the condition for changing the row of identity ``r`` by the staged row ``i``."""
    if table.name in CLOSED:
        return "false"
    if table.name == PEOPLE:
        return f"(groups IS NULL OR r.origin = ANY (own)) AND NOT ({_told_privileges()})"
    if table.of_groups:
        return "(groups IS NULL OR r.scope = ANY (groups))"
    return "groups IS NULL"


def may_remove(table: Travel) -> str:
    """Return the condition for removing the row of identity ``r``."""
    # Who is removed is emptied out of every group's rows.
    return "groups IS NULL" if table.name in {PEOPLE, *CLOSED} else may_change(table)


def may_see(table: Travel, row: str) -> str:
    """Return the condition for telling the device what stands in the row of identity ``row``."""
    if table.name in CLOSED:
        return "false"
    if table.name == PEOPLE:
        return f"(groups IS NULL OR {_is_known(row, 'groups')})"
    if table.of_groups:
        return f"(groups IS NULL OR {row}.scope = ANY (groups))"
    return "true"


def _is_known(row: str, groups: str) -> str:
    """Return the condition that the device added a person, or that these groups name them."""
    return (
        f"{row}.origin = ANY (own) OR EXISTS (SELECT FROM sync.person_scope p"
        f" WHERE p.user_id = {row}.id AND p.scope = ANY ({groups}))"
    )


def _privileged() -> str:
    """Return the condition that a new person, staged as ``i``, would have more than others."""
    return " OR ".join(
        f"coalesce(i.{travel(PEOPLE).column(name).slot}, '') NOT IN ({usual})"
        for name, usual in PRIVILEGES.items()
    )


def _told_privileges() -> str:
    return " OR ".join(f"i.base ? '{name}'" for name in PRIVILEGES)


def _numbers(*, shared: bool) -> str:
    """Return the numbers of the tables of groups, or of the tables that all groups share."""
    return ", ".join(
        str(each.number)
        for each in travels()
        if each.of_groups != shared and each.name != PEOPLE and each.name not in CLOSED
    )


def programs(definer: str) -> list[Program]:
    """Return the functions that say what a device may write, and put aside what it may not."""
    people = travel(PEOPLE)
    words = {
        "@definer@": definer,
        "@closed@": ", ".join(str(each.number) for each in travels() if each.name in CLOSED),
        "@people@": str(people.number),
        "@groups@": str(travel(GROUPS).number),
        "@privileged@": _privileged(),
        "@told@": _told_privileges(),
        "@seen@": may_see(people, "r"),
        "@known@": _is_known("k", "given"),
        "@beside@": ", ".join(
            str(each.number) for each in travels() if each.name in BESIDE_THE_BOOK
        ),
        "@of_groups@": _numbers(shared=False),
        "@shared@": _numbers(shared=True),
        "@names@": ", ".join(f"({each.number}, '{each.name}')" for each in travels()),
        "@targets@": ", ".join(f"i.r{slot}" for slot in range(1, 13)),
    }
    made = []
    for name, text in {
        "writable_groups": _WRITABLE,
        "assigned_groups": _WRITABLE.replace("writable_groups", "assigned_groups").replace(
            " AND a.writable", ""
        ),
        "own_devices": _OWN,
        "has_sent_enough": _ENOUGH,
        "deny": _DENY,
        "is_denied": _IS_DENIED,
    }.items():
        written = text
        for word, meant in words.items():
            written = written.replace(word, meant)
        made.append(Program("function", name, written))
    return made


_WRITABLE: Final = """\
CREATE OR REPLACE FUNCTION sync.writable_groups(device uuid) RETURNS integer[] LANGUAGE sql
@definer@ AS $body$
SELECT CASE WHEN d.all_groups THEN NULL ELSE ARRAY(SELECT a.group_id FROM sync.assignment a
  WHERE a.dev = device AND a.writable) END FROM sync.device d WHERE d.dev = device
$body$"""

# A laptop that was enrolled anew is the same laptop.
_OWN: Final = """\
CREATE OR REPLACE FUNCTION sync.own_devices(device uuid) RETURNS uuid[] LANGUAGE sql @definer@
AS $body$
SELECT ARRAY(SELECT o.dev FROM sync.device o JOIN sync.device d ON d.name = o.name
  WHERE d.dev = device)
$body$"""

# Asked before a batch is sent, and once more when it is to be written: who does not ask first is
# not let past.
_ENOUGH: Final = """\
CREATE OR REPLACE FUNCTION sync.has_sent_enough(device sync.device) RETURNS boolean LANGUAGE sql
@definer@ AS $body$
SELECT coalesce(sum(b.rows), 0) >= device.rows_a_day
  OR coalesce(sum(b.bytes), 0) >= device.bytes_a_day
FROM sync.batch b WHERE b.dev = device.dev AND b.received_at > now() - interval '1 day'
$body$"""

# What is plainly not the device's to write goes aside before anything is compared with it. A row
# that stands at another group is told of in the same word as a row that is nowhere.
_DENY: Final = """\
CREATE OR REPLACE FUNCTION sync.deny(device uuid, batch bigint) RETURNS void LANGUAGE plpgsql
@definer@ AS $body$
DECLARE
  groups integer[] := sync.writable_groups(device);
  given integer[] := sync.assigned_groups(device);
  own uuid[] := sync.own_devices(device);
  opens boolean := (SELECT d.may_open_groups FROM sync.device d WHERE d.dev = device);
  denied integer[];
BEGIN
  denied := ARRAY(SELECT i.ord FROM sync.incoming i LEFT JOIN sync.row_state r ON r.su = i.su
    WHERE i.tx = pg_current_xact_id() AND (
      i.tbl IN (@closed@) AND i.op <> 'D'
      OR i.tbl = @people@ AND (i.op = 'I' AND (@privileged@) OR i.op = 'U' AND (@told@))
      OR groups IS NOT NULL AND CASE
        WHEN r.su IS NULL AND i.op = 'I' THEN i.tbl = @groups@ AND NOT opens
        WHEN r.su IS NULL THEN NOT EXISTS (SELECT FROM sync.incoming o
            WHERE o.tx = i.tx AND o.su = i.su AND o.op = 'I')
          AND NOT EXISTS (SELECT FROM sync.quarantine q WHERE q.dev = device AND q.su = i.su)
        WHEN r.tbl IN (@beside@) THEN r.scope IS NULL OR r.scope <> ALL (given)
        WHEN r.tbl IN (@of_groups@) THEN r.scope IS NULL OR r.scope <> ALL (groups)
        WHEN r.tbl = @people@ THEN NOT CASE i.op WHEN 'I' THEN @seen@
          WHEN 'U' THEN r.origin = ANY (own) ELSE false END
        ELSE i.op <> 'I' END));
  INSERT INTO sync.quarantine (dev, n, tbl, su, op, reason, payload)
  SELECT device, batch, coalesce(m.name, i.tbl::text), i.su, i.op::text, 'denied',
    jsonb_strip_nulls(to_jsonb(i))
  FROM sync.incoming i LEFT JOIN (VALUES @names@) m (tbl, name) ON m.tbl = i.tbl
  WHERE i.tx = pg_current_xact_id() AND i.ord = ANY (denied) ORDER BY i.ord;
  DELETE FROM sync.incoming i WHERE i.tx = pg_current_xact_id() AND i.ord = ANY (denied);
END
$body$"""

# Why a row that nothing ails was left over: it leads where this device may not go, or nowhere.
_IS_DENIED: Final = """\
CREATE OR REPLACE FUNCTION sync.is_denied(device uuid, i sync.incoming) RETURNS boolean
LANGUAGE plpgsql @definer@ AS $body$
DECLARE groups integer[] := CASE WHEN i.tbl IN (@beside@) THEN sync.assigned_groups(device)
  ELSE sync.writable_groups(device) END;
  given integer[] := sync.assigned_groups(device);
  own uuid[] := sync.own_devices(device);
BEGIN
  IF groups IS NULL THEN
    RETURN false;
  END IF;
  RETURN i.op = 'I' AND i.tbl IN (@shared@) OR EXISTS (
    SELECT FROM unnest(ARRAY[@targets@]) x (su) WHERE x.su IS NOT NULL
    AND NOT EXISTS (SELECT FROM sync.row_state k WHERE k.su = x.su
      AND CASE WHEN k.tbl IN (@of_groups@) THEN k.scope = ANY (groups)
        WHEN k.tbl = @people@ THEN @known@ ELSE true END)
    AND NOT EXISTS (SELECT FROM sync.incoming o WHERE o.tx = i.tx AND o.su = x.su)
    AND NOT EXISTS (SELECT FROM sync.quarantine q WHERE q.dev = device AND q.su = x.su
      AND q.reason <> 'denied'));
END
$body$"""
