"""Compute derived columns of some rows anew, all in one go, after their triggers did not run."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from vsla_desktop.derived import sql
from vsla_desktop.derived.declarations import DECLARATIONS, RUNNING, Derived, Formula, Total

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

_BOOK = "group_cashbook"


def refresh(connection: Connection, chosen: Mapping[str, str]) -> None:
    """Compute the derived columns of the chosen rows of a laptop's book, lowest first.

    ``chosen`` is a condition for each table that has derived columns; a row is to be chosen
    together with all that it is computed from.
    """
    run = connection.exec_driver_sql
    for _, group in groupby(DECLARATIONS, key=_together):
        declared = list(group)
        run(_statement(declared, chosen[declared[0].table]))
    run(_running(chosen[_BOOK]))


def _together(declared: Derived) -> object:
    """Totals of one parent over one child follow one another, and are computed together."""
    if isinstance(declared, Total):
        return declared.table, declared.child, declared.key
    return declared


def _statement(declared: list[Derived], chosen: str) -> str:
    totals = [each for each in declared if isinstance(each, Total)]
    if totals:
        return _totals(totals, chosen)
    (formula,) = (each for each in declared if isinstance(each, Formula))
    value = sql.render(formula.value, formula.table, sql.SQLITE)
    return (
        f"UPDATE {formula.table} SET {formula.column} = {value}"
        f" WHERE {chosen} AND {formula.column} IS NOT {value}"
    )


def _totals(totals: list[Total], chosen: str) -> str:
    table, child, key = totals[0].table, totals[0].child, totals[0].key
    sums = ", ".join(
        f"SUM({sql.render(each.value, 'r', sql.SQLITE)}) AS {each.column}" for each in totals
    )
    changes = ", ".join(f"{each.column} = COALESCE(e.{each.column}, 0)" for each in totals)
    differs = " OR ".join(
        f"{table}.{each.column} IS NOT COALESCE(e.{each.column}, 0)" for each in totals
    )
    of_chosen = f"SELECT id FROM {table} WHERE {chosen}"
    columns = ", ".join(f"s.{each.column}" for each in totals)
    return (
        f"UPDATE {table} SET {changes} FROM (SELECT p.id AS row_id, {columns} FROM ({of_chosen}) p"
        f" LEFT JOIN (SELECT r.{key} AS parent_id, {sums} FROM {child} r"
        f" WHERE r.{key} IN ({of_chosen}) GROUP BY r.{key}) s ON s.parent_id = p.id) e"
        f" WHERE e.row_id = {table}.id AND ({differs})"
    )


def _running(chosen: str) -> str:
    order = "r.transaction_date, COALESCE(r.transaction_reference, ''), r.id"
    sums = ", ".join(
        f"SUM({sql.render(value, 'r', sql.SQLITE)}) OVER book AS {column}"
        for column, value in RUNNING.items()
    )
    changes = ", ".join(f"{column} = e.{column}" for column in RUNNING)
    differs = " OR ".join(f"{_BOOK}.{column} IS NOT e.{column}" for column in RUNNING)
    return (
        f"UPDATE {_BOOK} SET {changes} FROM (SELECT r.id AS row_id, {sums} FROM {_BOOK} r"
        f" WHERE {chosen} WINDOW book AS (PARTITION BY r.group_id ORDER BY {order})) e"
        f" WHERE e.row_id = {_BOOK}.id AND ({differs})"
    )
