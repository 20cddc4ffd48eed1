from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given, settings

from tests.sync.history import TABLES, Step, steps, take
from tests.sync.laptop import assert_same, new_laptop
from vsla_desktop import db

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from vsla_desktop.db import Database


# Two rows in every table, since a random history alone rarely gets past the first parents.
BEGINNING = [Step("insert", table, seed) for seed in range(3) for table in range(len(TABLES))]


@pytest.fixture(scope="module")
def empty_book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("book") / "vsla.db"
    db.open_database(path).close()
    return path


@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=steps)
@example(history=[])
def test_whatever_happens_both_sides_end_equal(
    history: list[Step],
    new_centre: Callable[[], AbstractContextManager[Database]],
    empty_book: Path,
) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        with new_centre() as central:
            laptop = new_laptop(folder / "laptop", central, book=empty_book)
            # Shared rows are head office's: it has to know that this laptop has them unchanged.
            laptop.push()
            for step in [*BEGINNING, *history]:
                if step.kind == "push":
                    laptop.push()
                    assert_same(laptop, central)
                else:
                    with laptop.database.connection(writes=True) as connection:
                        take(connection, step)
            laptop.push()
            assert_same(laptop, central)
            laptop.close()
    finally:
        shutil.rmtree(folder)
