"""A row on its way: as it is noted on the laptop, as text, and as a line of a batch.

A row is noted as JSON by column name (:func:`vsla_desktop.capture.sqlite.image`): decimals as whole
steps, references as identities. On the way everything is text: decimals with their point, the rest
as it stands. A line is CSV; an empty unquoted cell is NULL.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from vsla_desktop.capture.tables import Sort

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vsla_desktop.capture.tables import Travel, Travelling

Cells = dict[str, str | None]
"""A row as text, by column name."""

_SPECIAL: Final = re.compile('[,"\n\r]').search


class UnreadableError(ValueError):
    """A value that no text on its way to another database can hold."""


def decimal_text(steps: int, scale: int) -> str:
    """Write a whole number of steps as a decimal: 12345 with scale 2 is 123.45."""
    digits = str(abs(steps)).rjust(scale + 1, "0")
    sign = "-" if steps < 0 else ""
    return f"{sign}{digits[:-scale]}.{digits[-scale:]}"


def _text(column: Travelling, value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int) and column.sort is Sort.EXACT:
        return decimal_text(value, column.scale)
    return str(value)


def cells(table: Travel, noted: bytes, *, errors: str = "strict") -> Cells:
    """Return a noted row as text. Raises :class:`UnreadableError`."""
    try:
        values = json.loads(noted.decode(errors=errors))
    except ValueError as error:
        raise UnreadableError(str(error)) from error
    return {each.name: _text(each, values.get(each.name)) for each in table.columns}


def check_readable(row: Cells) -> None:
    """Raise :class:`UnreadableError` for a row that PostgreSQL can not hold in any column."""
    if any(value and "\0" in value for value in row.values()):
        raise UnreadableError("a NUL character")


def changed(table: Travel, new: Cells, base: Mapping[str, str | None]) -> list[Travelling]:
    """Return the columns that differ from what they were."""
    return [each for each in table.noted if each.name in base and base[each.name] != new[each.name]]


def csv_cell(value: str | None) -> str:
    """Return one cell of a line; an empty text is quoted, nothing at all is NULL."""
    if value is None:
        return ""
    return csv_text(value) if not value or _SPECIAL(value) else value


def csv_text(value: str) -> str:
    """Return a text as a quoted cell."""
    return '"' + value.replace('"', '""') + '"'


def base_text(base: Mapping[str, Any]) -> str:
    """Return what columns were, or the like, as canonical JSON."""
    return json.dumps(base, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
