from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.db.books import new_central
from tests.support.postgres import PostgresServer
from tests.sync.laptop import run
from vsla_desktop.db import Database


@pytest.fixture
def central(postgres_server: PostgresServer) -> Iterator[Database]:
    with new_central(postgres_server) as made:
        run(made, "INSERT INTO users (username, email, password) VALUES ('w', 'w@x', 'x')")
        run(
            made,
            "INSERT INTO savings_groups (name, group_code, region, district, parish, village,"
            " created_by) SELECT 'G' || n, 'G' || n, 'R', 'D', 'P', 'V', 1"
            " FROM generate_series(1, 3) n",
        )
        run(
            made,
            "INSERT INTO group_members (group_id, first_name, last_name, gender)"
            " SELECT 1, 'M' || n, 'X', 'F' FROM generate_series(1, 5) n",
        )
        yield made
        made.close()
