"""Statements written into SQL once for all databases of a run.

SQLAlchemy keeps what it has written with the engine and the dialect object that it was written
for. A program has one of each, for as long as it runs; a test has new ones for each new book, and
writing everything anew took a third of its time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import create_engine

from vsla_desktop.db import engine as opening

if TYPE_CHECKING:
    from sqlalchemy import Engine


def write_once() -> None:
    """Let every engine that is opened from now on know what the first of its kind has written."""
    first: dict[str, Engine] = {}

    def create(*given: Any, **more: Any) -> Engine:
        made = create_engine(*given, **more)
        known = first.get(made.dialect.name)
        # A dialect knows its database from the first connection of its own engine on.
        if known is None or getattr(known.dialect, "server_version_info", None) is None:
            first[made.dialect.name] = made
            return made
        made.dialect = made.pool._dialect = known.dialect
        made._compiled_cache = known._compiled_cache
        return made

    pytest.MonkeyPatch().setattr(opening, "create_engine", create)
