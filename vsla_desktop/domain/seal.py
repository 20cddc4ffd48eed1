"""The seal of a closed meeting: a fingerprint of its rows, chained to the one before.

Whoever holds the same rows works out the same seal, on a laptop, in the centre or from a slip; who
changed one coin of one row, or took a meeting out, does not. See docs/rules.md#seals.

What a seal covers has grown: each format covers all of the one before, and more. The number of the
format stands in the rows that are sealed, so a seal holds under its own format alone.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    Row = Mapping[str, Any]

SHORT_DIGITS = 12

NEWEST_FORMAT = 2
"""The format of every seal that is made now: with terms and schedules. The first was without."""

_SINCE_FORMAT_2 = frozenset(
    {"seal_format", "due_date", "lender", "category", "charge_amount", "other_guarantors"}
)
_ROWS_SINCE_FORMAT_2 = frozenset({"agreed"})


def canonical(rows: Iterable[Row]) -> str:
    """Return rows in the one form that is sealed: a JSON list, in an order of its own.

    Keys are sorted, and so are the rows, so it does not matter how they were read. Decimals are
    plain text with two places (more only where they hold more), dates and times ISO. Raise
    :class:`TypeError` for a value that has no such form, a float above all, and
    :class:`ValueError` for an id: ids differ between databases.
    """
    texts = sorted(
        json.dumps(
            {key: _plain(key, value) for key, value in row.items()},
            ensure_ascii=False,
            sort_keys=True,
            separators=(",", ":"),
        )
        for row in rows
    )
    return f"[{','.join(texts)}]"


def _plain(key: str, value: Any) -> str | int | bool | None:
    if key == "id" or key.endswith("_id"):
        message = f"{key} differs between databases and can not be sealed"
        raise ValueError(message)
    match value:
        case None | bool() | int():
            return value
        case str():
            return str(value)
        case Decimal():
            return _decimal(value)
        case date() | time() | datetime():
            return value.isoformat()
        case _:
            message = f"{key} holds a {type(value).__name__}, which has no canonical form"
            raise TypeError(message)


def _decimal(value: Decimal) -> str:
    exponent = value.normalize().as_tuple().exponent
    if not isinstance(exponent, int):
        message = f"{value} is not an amount"
        raise TypeError(message)
    return f"{value + 0:.{max(2, -exponent)}f}"


def seal(rows: Iterable[Row], previous: str = "") -> str:
    """Return the seal of a meeting's rows: SHA-256, in hexadecimal, over the seal before and them.

    ``previous`` is the seal of the group's meeting before, or empty for the first.
    """
    return hashlib.sha256(f"{previous}\n{canonical(rows)}".encode()).hexdigest()


def in_format(rows: Iterable[Row], number: int) -> list[Row]:
    """Return what a seal of a format covers of the rows that the newest one does.

    ``row`` says of each what it is, and ``seal_format`` of the meeting in which format it is.
    """
    if number == NEWEST_FORMAT:
        return list(rows)
    return [
        {key: value for key, value in row.items() if key not in _SINCE_FORMAT_2}
        for row in rows
        if row["row"] not in _ROWS_SINCE_FORMAT_2
    ]


def format_of(rows: Sequence[Row], recorded: str, previous: str = "") -> int | None:
    """Return the format under which rows bear out a recorded seal; None when they do not.

    A seal of one format never holds under another, so trying the older ones lets nothing through.
    """
    formats = range(NEWEST_FORMAT, 0, -1)
    return next(
        (each for each in formats if seal(in_format(rows, each), previous) == recorded), None
    )


def short_form(seal_text: str) -> str:
    """Return the first digits of a seal, grouped to be read aloud, such as 7F3A-91C2-0B4D."""
    digits = seal_text[:SHORT_DIGITS].upper()
    return "-".join(digits[at : at + 4] for at in range(0, len(digits), 4))


def broken_seals(meetings: Iterable[tuple[Iterable[Row], str]]) -> list[int]:
    """Return which meetings, counted from 0 in their order, do not bear out their recorded seal.

    Each is checked against the recorded seal before it, so one change shows once.
    """
    broken = []
    previous = ""
    for index, (rows, recorded) in enumerate(meetings):
        if seal(rows, previous) != recorded:
            broken.append(index)
        previous = recorded
    return broken
