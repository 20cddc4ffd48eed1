"""A laptop's new book for every history, copied from one that was made once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def page_pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Name the file that new books are copied from."""
    return tmp_path_factory.mktemp("cycle-pattern") / "vsla.db"
