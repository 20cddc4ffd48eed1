"""Row triggers that keep the derived columns true in the laptop's SQLite."""

from __future__ import annotations

from vsla_desktop.derived import sql
from vsla_desktop.derived.declarations import RUNNING, Formula, Source, Total
from vsla_desktop.derived.program import Program

DIALECT = sql.SQLITE


def programs() -> list[Program]:
    """Return every trigger, for totals, formulas and running balances."""
    made: list[Program] = []
    for (child, parent, key), totals in sql.totals_by_pair().items():
        made += _total_triggers(child, parent, key, totals)
    for table, formulas in sql.formulas_by_table().items():
        made += _own_row_triggers(table, formulas)
    for (source, target, column, key), touched in sql.formulas_by_source().items():
        made += _source_triggers(source, target, column, key, touched)
    return made + _running_triggers()


def _trigger(name: str, table: str, event: str, statements: list[str], when: str = "") -> Program:
    condition = f" WHEN {when}" if when else ""
    body = "".join(f" {statement};" for statement in statements)
    text = f"CREATE TRIGGER {name} AFTER {event} ON {table}{condition} BEGIN{body} END"
    return Program("trigger", name, text, table)


def _value(expression: str, row: str) -> str:
    return sql.render(expression, row, DIALECT)


def _total_triggers(child: str, parent: str, key: str, totals: list[Total]) -> list[Program]:
    def update(row: str, *signs_and_rows: tuple[str, str]) -> str:
        changes = ", ".join(
            f"{total.column} = COALESCE({total.column}, 0)"
            + "".join(f" {sign} ({_value(total.value, each)})" for sign, each in signs_and_rows)
            for total in totals
        )
        return f"UPDATE {parent} SET {changes} WHERE id = {row}.{key}"

    came, went = ("+", "NEW"), ("-", "OLD")
    name = f"derive_{parent}_from_{child}"
    watch = sorted({*sql.columns_read(*(total.value for total in totals))} - {key})
    changed = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in watch)
    made = [
        _trigger(f"{name}_insert", child, "INSERT", [update("NEW", came)], f"NEW.{key} NOT NULL"),
        _trigger(f"{name}_delete", child, "DELETE", [update("OLD", went)], f"OLD.{key} NOT NULL"),
        _trigger(
            f"{name}_moved",
            child,
            f"UPDATE OF {key}",
            [update("OLD", went), update("NEW", came)],
            f"OLD.{key} IS NOT NEW.{key}",
        ),
    ]
    if watch:  # where the row stays, its total is written once, and so is what hangs on that
        made.append(
            _trigger(
                f"{name}_update",
                child,
                f"UPDATE OF {', '.join(watch)}",
                [update("NEW", came, went)],
                f"OLD.{key} IS NEW.{key} AND ({changed})",
            )
        )
    return made


def _set_formulas(formulas: list[Formula], where: str) -> list[str]:
    """Return one statement a formula, in order: a later one may read an earlier one's result."""
    return [
        f"UPDATE {each.table} SET {each.column} = {_value(each.value, each.table)}"
        f" WHERE {where} AND {each.column} IS NOT {_value(each.value, each.table)}"
        for each in formulas
    ]


def _own_row_triggers(table: str, formulas: list[Formula]) -> list[Program]:
    # A new row has no children yet, so what only reads children keeps its default.
    own = [each for each in formulas if each.watch or _reads_parent(each)]
    made = []
    if own and table != "group_cashbook":  # a line of the cashbook is placed in one go
        made.append(
            _trigger(
                f"derive_{table}_own_insert", table, "INSERT", _set_formulas(own, "id = NEW.id")
            )
        )
    for each in own:
        if each.watch:
            event = f"UPDATE OF {', '.join(each.watch)}"
            statements = _set_formulas([each], "id = NEW.id")
            made.append(_trigger(f"derive_{table}_own_{each.column}", table, event, statements))
    return made


def _reads_parent(formula: Formula) -> bool:
    return any(source.table != formula.table and source.key == "id" for source in formula.sources)


def _source_triggers(
    source: str, target: str, column: str, key: str, touched: list[tuple[Formula, Source]]
) -> list[Program]:
    name = f"derive_{target}_touched_by_{source}"
    watch = sorted({key, *(each for _, reads in touched for each in reads.watch)} - {"id"})
    formulas = [formula for formula, _ in touched]
    changed = " OR ".join(f"OLD.{each} IS NOT NEW.{each}" for each in watch)

    def refresh(row: str) -> list[str]:
        return _set_formulas(formulas, f"{target}.{column} = {row}.{key}")

    both = refresh("NEW") if key == "id" else [*refresh("OLD"), *refresh("NEW")]
    made = [_trigger(f"{name}_update", source, f"UPDATE OF {', '.join(watch)}", both, changed)]
    # A row that is owned by its source cannot be there before it, nor stay after it.
    if key != "id":
        made += [
            _trigger(f"{name}_insert", source, "INSERT", refresh("NEW"), f"NEW.{key} NOT NULL"),
            _trigger(f"{name}_delete", source, "DELETE", refresh("OLD"), f"OLD.{key} NOT NULL"),
        ]
    return made


def _running_triggers() -> list[Program]:
    """Keep the cashbook's balances: an entry at the end of the book touches its own line only."""
    book = "group_cashbook"

    def position(row: str) -> str:
        return f"({row}.transaction_date, COALESCE({row}.transaction_reference, ''), {row}.id)"

    def shift(sign: str, row: str) -> str:
        changes = ", ".join(
            f"{column} = {book}.{column} {sign} ({_value(value, 's')})"
            for column, value in RUNNING.items()
        )
        line = f"(SELECT * FROM {book} WHERE id = NEW.id)" if row == "NEW" else _line("OLD")
        return (
            f"UPDATE {book} SET {changes} FROM {line} AS s WHERE {book}.group_id = {row}.group_id"
            f" AND {book}.transaction_date >= {row}.transaction_date"
            f" AND {position(book)} > {position(row)}"
        )

    # On the day itself the index leads to it. Lines without a reference come first in their day,
    # which the index does not know: only where nothing else is before the line are they looked at.
    same_day = (
        f"SELECT c.id FROM {book} c WHERE c.group_id = NEW.group_id"
        " AND c.transaction_date = NEW.transaction_date AND c.transaction_reference > ''"
        " AND (c.transaction_reference, c.id) < (NEW.transaction_reference, NEW.id)"
        " ORDER BY c.transaction_reference DESC, c.id DESC LIMIT 1"
    )
    any_day = (
        f"SELECT c.id FROM {book} c WHERE c.group_id = NEW.group_id"
        f" AND c.transaction_date <= NEW.transaction_date AND {position('c')} < {position('NEW')}"
        " ORDER BY c.transaction_date DESC, COALESCE(c.transaction_reference, '') DESC, c.id DESC"
        " LIMIT 1"
    )
    own = sql.formulas_by_table()[book]
    effects = ", ".join(f"{_value(each.value, 'NEW')} AS {each.column}" for each in own)
    placed = ", ".join(
        [f"{each.column} = s.{each.column}" for each in own]
        + [
            f"{column} = COALESCE(p.{column}, 0) + ({_value(value, 's')})"
            for column, value in RUNNING.items()
        ]
    )
    place = (
        f"UPDATE {book} SET {placed} FROM (SELECT {effects}) AS s"
        f" LEFT JOIN {book} AS p ON p.id = COALESCE(({same_day}), ({any_day}))"
        f" WHERE {book}.id = NEW.id"
    )
    inputs = (
        "group_id",
        "transaction_date",
        "transaction_reference",
        "signed_amount",
        "bank_amount",
        "counted_fund",
    )
    # Where a line is being placed its balances move with its amounts: that is no change of its own.
    # A new line has no fund yet; its balance may be the nothing that it was made with.
    changed = " OR ".join(f"OLD.{each} IS NOT NEW.{each}" for each in inputs)
    still = "OLD.balance_after IS NEW.balance_after AND OLD.bank_balance IS NEW.bank_balance"
    moved = f"UPDATE OF {', '.join(inputs)}"
    name = "derive_group_cashbook_running"
    return [
        _trigger(f"{name}_insert", book, "INSERT", [place, shift("+", "NEW")]),
        _trigger(f"{name}_delete", book, "DELETE", [shift("-", "OLD")]),
        _trigger(
            f"{name}_update",
            book,
            moved,
            [shift("-", "OLD"), place, shift("+", "NEW")],
            f"OLD.counted_fund IS NOT NULL AND ({changed}) AND {still}",
        ),
    ]


def _line(row: str) -> str:
    columns = ("signed_amount", "bank_amount", "counted_fund")
    return f"(SELECT {', '.join(f'{row}.{each} AS {each}' for each in columns)})"
