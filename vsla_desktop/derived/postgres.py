"""Statement triggers that keep the derived columns true in head office's PostgreSQL.

However many rows one statement writes, each touched parent is updated once. A trigger with
transition tables may stand on one event only, so each function has three: the plain name fires
after inserts, ``_u`` after updates, ``_d`` after deletes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vsla_desktop.derived import sql
from vsla_desktop.derived.declarations import DECLARATIONS, RUNNING, Formula, Source, Total
from vsla_desktop.derived.program import Program
from vsla_desktop.derived.sql import is_day
from vsla_desktop.models import Base

if TYPE_CHECKING:
    from sqlalchemy import ForeignKey

DIALECT = sql.POSTGRESQL

# Names that the field database gave to what is kept here now; other programs know them.
FIELD_NAMES = {
    ("group_members", "savings_groups"): "update_group_members_count",
    ("saving_transactions", "member_savings"): "update_member_savings_balance",
    ("meeting_attendance", "group_members"): "update_member_attendance_percentage",
}

_TRANSITIONS = {
    "INSERT": "REFERENCING NEW TABLE AS new_rows",
    "UPDATE": "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "DELETE": "REFERENCING OLD TABLE AS old_rows",
}


def programs() -> list[Program]:
    """Return every function and trigger, for totals, formulas and running balances."""
    made: list[Program] = []
    for (child, parent, key), totals in sql.totals_by_pair().items():
        name = FIELD_NAMES.get((child, parent), f"derive_{parent}_from_{child}")
        made += _with_triggers(name, child, _total_body(parent, key, totals))
    for table in dict.fromkeys(each.table for each in DECLARATIONS):
        made += _own_row(table, sql.formulas_by_table().get(table, []))
    for (source, target, column, key), touched in sql.formulas_by_source().items():
        name = FIELD_NAMES.get((source, target), f"touch_{target}_by_{source}")
        if any(each.name == name for each in made):
            name = f"touch_{target}_by_{source}"
        events = ("UPDATE",) if key == "id" else ("INSERT", "UPDATE", "DELETE")
        made += _with_triggers(name, source, _touch_body(target, column, key, touched), events)
    return made + _with_triggers("derive_group_cashbook_running", "group_cashbook", _running_body())


def _value(expression: str, row: str) -> str:
    return sql.render(expression, row, DIALECT)


# What was kept at an upgrade lies where other programs, whose writes come by here, may not look.
_KEPT = "sync.opening_adjustment"


def _kept(what: str, table: str, column: str, row: str) -> str:
    return (
        f"(SELECT a.{what} FROM {_KEPT} a WHERE a.tbl = '{table}' AND a.col = '{column}'"
        f" AND a.row_id = {row}.id)"
    )


def _formula(formula: Formula, row: str) -> str:
    """Return a formula's value for ``row``, with what was kept for it."""
    value = _value(formula.value, row)
    if not formula.opening:
        return value
    if is_day(formula.table, formula.column):
        return f"COALESCE({value}, {_kept('day', formula.table, formula.column, row)})"
    return f"({value}) + COALESCE({_kept('amount', formula.table, formula.column, row)}, 0)"


def _function(name: str, body: str, declare: str = "") -> Program:
    declaration = f"DECLARE\n{declare}\n" if declare else ""
    definer = " SECURITY DEFINER" if _KEPT in body else ""
    text = (
        f"CREATE OR REPLACE FUNCTION public.{name}() RETURNS trigger LANGUAGE plpgsql{definer}"
        " SET search_path = pg_catalog, public, pg_temp"
        f" AS $body$\n{declaration}BEGIN\n{body}\nEND\n$body$"
    )
    return Program("function", name, text)


def _with_triggers(
    function: str,
    table: str,
    body: tuple[str, str],
    events: tuple[str, ...] = ("INSERT", "UPDATE", "DELETE"),
) -> list[Program]:
    base = f"trigger_{function}" if function.startswith("update_") else function
    made = [_function(function, *body)]
    for event in events:
        name = base if event == "INSERT" else f"{base}_{event[0].lower()}"
        text = (
            f"CREATE TRIGGER {name} AFTER {event} ON public.{table} {_TRANSITIONS[event]}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION public.{function}()"
        )
        made.append(Program("trigger", name, text, table))
    return made


def _by_event(insert: str, update: str, delete: str) -> str:
    return (
        f"IF TG_OP = 'INSERT' THEN\n{insert};\nELSIF TG_OP = 'UPDATE' THEN\n{update};\n"
        f"ELSE\n{delete};\nEND IF;"
    )


def _total_body(parent: str, key: str, totals: list[Total]) -> tuple[str, str]:
    def part(table: str, sign: str) -> str:
        values = ", ".join(f"{sign}({_value(each.value, 'r')}) AS {each.column}" for each in totals)
        return f"SELECT r.{key} AS parent_id, {values} FROM {table} r WHERE r.{key} IS NOT NULL"

    def update(rows: str, unless: str = "") -> str:
        sums = ", ".join(f"SUM({each.column}) AS {each.column}" for each in totals)
        changes = ", ".join(
            f"{each.column} = COALESCE(p.{each.column}, 0) + d.{each.column}" for each in totals
        )
        moved = " OR ".join(f"d.{each.column} <> 0" for each in totals)
        return (
            f"UPDATE {parent} p SET {changes} FROM (SELECT parent_id, {sums} FROM ({rows}) rows"
            f" GROUP BY parent_id) d WHERE p.id = d.parent_id AND ({moved}){unless}"
        )

    came, went = part("new_rows", ""), part("old_rows", "-")
    keys = f"ARRAY(SELECT DISTINCT r.{key} FROM old_rows r)"
    delete = f"{_find_going(parent, 'id', keys)}{update(went, _UNLESS_GOING)}"
    body = _by_event(update(came), update(f"{came} UNION ALL {went}"), delete)
    return f"{body}\nRETURN NULL;", _DECLARE_GOING


# Nothing that refers to these ever goes because of them.
_STAY = {"users", "saving_types"}


_DECLARE_GOING = "going integer[] := '{}';"
_UNLESS_GOING = " AND p.id <> ALL (going)"


def _find_going(table: str, column: str, keys: str) -> str:
    """Find the rows of which something is gone: they go too, later in the same delete.

    To write such a row again would make the database look for what it refers to, and refuse the
    whole delete. Rows are found before the update, whose plan then stays as it was.
    """
    gone = " OR ".join(
        f"(q.{key.parent.name} IS NOT NULL AND NOT EXISTS"
        f" (SELECT FROM {key.column.table.name} o WHERE o.id = q.{key.parent.name}))"
        for key in sorted(Base.metadata.tables[table].foreign_keys, key=_name_of)
        if key.column.table.name not in _STAY
    )
    if table == "savings_groups":  # nothing owns a group
        return ""
    return (
        f"SELECT COALESCE(array_agg(q.id), '{{}}') INTO going FROM {table} q"
        f" WHERE q.{column} = ANY ({keys}) AND ({gone});\n"
    )


def _name_of(key: ForeignKey) -> str:
    return key.parent.name


def _own_row(table: str, formulas: list[Formula]) -> list[Program]:
    """Compute a row's own formulas before it is written.

    A new row has nothing under it yet, whatever another program writes into its totals.
    """
    steps, own = [], set()
    for each in formulas:
        reads_parent = any(source.table != table and source.key == "id" for source in each.sources)
        if not (each.watch or reads_parent):
            continue
        own.add(each.column)
        condition = "TG_OP = 'INSERT'"
        if each.watch:
            new = ", ".join(f"NEW.{column}" for column in each.watch)
            old = ", ".join(f"OLD.{column}" for column in each.watch)
            condition += f" OR ROW({new}) IS DISTINCT FROM ROW({old})"
        steps.append(f"IF {condition} THEN NEW.{each.column} := {_formula(each, 'NEW')}; END IF;")
    begin = " ".join(
        f"NEW.{each.column} := {'NULL' if is_day(table, each.column) else '0'};"
        for each in DECLARATIONS
        if each.table == table and each.column not in own
    )
    if begin:
        steps.insert(0, f"IF TG_OP = 'INSERT' THEN {begin} END IF;")
    name = f"derive_{table}_own"
    events = "INSERT OR UPDATE" if own else "INSERT"
    return [
        _function(name, "\n".join([*steps, "RETURN NEW;"])),
        Program(
            "trigger",
            name,
            f"CREATE TRIGGER {name} BEFORE {events} ON public.{table}"
            f" FOR EACH ROW EXECUTE FUNCTION public.{name}()",
            table,
        ),
    ]


def _touch_body(
    target: str, column: str, key: str, touched: list[tuple[Formula, Source]]
) -> tuple[str, str]:
    watch = sorted({key, *(each for _, source in touched for each in source.watch)} - {"id"})
    new = ", ".join(f"n.{each}" for each in watch)
    old = ", ".join(f"o.{each}" for each in watch)
    changed = (
        "SELECT array_agg(DISTINCT k.key) FILTER (WHERE k.key IS NOT NULL) INTO touched"
        " FROM new_rows n JOIN old_rows o ON o.id = n.id"
        f" CROSS JOIN LATERAL (VALUES (n.{key}), (o.{key})) k (key)"
        f" WHERE ROW({new}) IS DISTINCT FROM ROW({old})"
    )

    def all_of(table: str) -> str:
        return (
            f"SELECT array_agg(DISTINCT r.{key}) FILTER (WHERE r.{key} IS NOT NULL) INTO touched"
            f" FROM {table} r"
        )

    changes = ", ".join(f"{each.column} = {_formula(each, 'p')}" for each, _ in touched)
    differs = " OR ".join(
        f"p.{each.column} IS DISTINCT FROM {_formula(each, 'p')}" for each, _ in touched
    )
    # The lock comes first, in one order: the update then sees what whoever held it has written.
    body = (
        f"{_by_event(all_of('new_rows'), changed, all_of('old_rows'))}\n"
        "IF touched IS NULL THEN RETURN NULL; END IF;\n"
        f"IF TG_OP = 'DELETE' THEN\n{_find_going(target, column, 'touched')}END IF;\n"
        f"PERFORM 1 FROM {target} p WHERE p.{column} = ANY (touched) ORDER BY p.id"
        " FOR NO KEY UPDATE;\n"
        f"UPDATE {target} p SET {changes} WHERE p.{column} = ANY (touched) AND ({differs})"
        f"{_UNLESS_GOING};\n"
        "RETURN NULL;"
    )
    return body, f"touched integer[];\n{_DECLARE_GOING}"


def book_order(row: str) -> str:
    """Return the order of a group's cashbook, the same wherever the database sits."""
    return (
        f"{row}.transaction_date, COALESCE({row}.transaction_reference, '') COLLATE \"C\", {row}.id"
    )


def _running_body() -> tuple[str, str]:
    inputs = (
        "group_id",
        "transaction_date",
        "transaction_reference",
        "signed_amount",
        "bank_amount",
        "counted_fund",
    )
    new = ", ".join(f"n.{each}" for each in inputs)
    old = ", ".join(f"o.{each}" for each in inputs)

    def since(rows: str) -> str:
        return (
            "SELECT array_agg(t.group_id), array_agg(t.since) INTO groups, days FROM"
            f" (SELECT r.group_id, MIN(r.transaction_date) AS since FROM {rows} GROUP BY"
            " r.group_id) t"
        )

    moved = (
        "(SELECT k.* FROM new_rows n JOIN old_rows o ON o.id = n.id CROSS JOIN LATERAL"
        " (VALUES (n.group_id, n.transaction_date), (o.group_id, o.transaction_date))"
        f" k (group_id, transaction_date) WHERE ROW({new}) IS DISTINCT FROM ROW({old})) r"
    )
    book = "group_cashbook"
    sums = ", ".join(
        f"COALESCE(b.{column}, 0) + SUM({_value(value, 'r')} + CASE WHEN kept THEN"
        f" COALESCE({_kept('amount', book, column, 'r')}, 0) ELSE 0 END) OVER book AS {column}"
        for column, value in RUNNING.items()
    )
    changes = ", ".join(f"{column} = w.{column}" for column in RUNNING)
    ours = ", ".join(f"c.{column}" for column in RUNNING)
    theirs = ", ".join(f"w.{column}" for column in RUNNING)
    descending = (
        book_order("e").replace(", ", " DESC, ").replace("_reference DESC, ", "_reference, ")
    )
    body = (
        f"{_by_event(since('new_rows r'), since(moved), since('old_rows r'))}\n"
        "IF groups IS NULL THEN RETURN NULL; END IF;\n"
        "PERFORM 1 FROM savings_groups g WHERE g.id = ANY (groups) ORDER BY g.id"
        " FOR NO KEY UPDATE;\n"
        f"kept := EXISTS (SELECT FROM {_KEPT} a WHERE a.tbl = '{book}');\n"
        f"UPDATE group_cashbook c SET {changes} FROM (SELECT r.id, {sums}"
        " FROM unnest(groups, days) t (group_id, since)"
        " JOIN group_cashbook r ON r.group_id = t.group_id AND r.transaction_date >= t.since"
        " LEFT JOIN LATERAL (SELECT * FROM group_cashbook e WHERE e.group_id = t.group_id"
        f" AND e.transaction_date < t.since ORDER BY {descending} DESC LIMIT 1) b ON TRUE"
        f" WINDOW book AS (PARTITION BY r.group_id ORDER BY {book_order('r')})) w"
        f" WHERE c.id = w.id AND ROW({ours}) IS DISTINCT FROM ROW({theirs});\n"
        "RETURN NULL;"
    )
    return body, "groups integer[];\ndays date[];\nkept boolean;"
