"""Adding one row and learning its id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Insert
    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock


def add_row(
    session: Session, statement: Insert, values: Mapping[str, Any], clock: Clock | None
) -> int:
    """Add a row and return its id; ``clock`` stamps it, or the database does without one.

    What is None is left to the database's default, which must be nothing as well.
    """
    row = {name: value for name, value in values.items() if value is not None}
    if clock is not None:
        row["created_date"] = row["updated_date"] = clock.now()
    key = session.connection().execute(statement, row).inserted_primary_key
    assert key is not None  # noqa: S101 - one row was added
    new_id: int = key[0]
    return new_id
