"""The first page of a filtered list among 100,000 groups, against the bare SQL under an index.

Both read the same 200 groups of the same PostgreSQL over the same pool of connections: the baseline
with a cursor of the driver, and nothing around it; ours through the filter, with rows that a screen
can take. By a region, by a district, by how a name begins and by a village; and far down the list.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from benchmarks.measure import Measure, measured
from tests.support.postgres import running_server
from vsla_desktop import db
from vsla_desktop.queries.filtering import Filter
from vsla_desktop.queries.programme_groups import PAGE, groups_found

if TYPE_CHECKING:
    from vsla_desktop.db import Database
    from vsla_desktop.queries.programme_groups import GroupFound

TIMES = 41
BAR = 3.0
_COLUMNS = (
    "id, group_code, name, country, region, district, parish, village, state, currency,"
    " is_practice, members_count, savings_balance, loan_balance, lower(name)"
)
_ORDER = f' ORDER BY lower(name) COLLATE "C", id LIMIT {PAGE + 1}'
_FILL = """
INSERT INTO savings_groups (name, group_code, country, region, district, parish, village, state,
  currency, created_by)
SELECT (ARRAY['Tukolere', 'Bakyala', 'Kwagalana', 'Twezimbe', 'Agali', 'Obumu', 'Suubi',
  'Kisoboka'])[1 + floor(random() * 8)] || ' ' || (ARRAY['Wamu', 'Twekembe', 'Kimu', 'Awamu',
  'Women', 'Farmers', 'Youth'])[1 + floor(random() * 7)] || ' ' || floor(random() * 977),
  'G' || n, 'Uganda', 'Region ' || floor(random() * 4), 'District ' || floor(random() * 130),
  'Parish ' || floor(random() * 1500), 'Village ' || floor(random() * 9000), 'ACTIVE', 'UGX',
  (SELECT min(id) FROM users)
FROM generate_series(1, 100000) n, (SELECT setseed(0.5)) s
"""


def fill(central: Database) -> None:
    """Write the groups, as fast as the server takes them."""
    with central.connection(writes=True) as connection:
        run = connection.exec_driver_sql
        run("INSERT INTO users (username, email, password) VALUES ('o', 'o@example.org', '!')")
        run(_FILL)
    with central.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE savings_groups")


def run() -> list[Measure]:
    """Measure each list."""
    with running_server() as server, server.database() as url:
        central = db.connect(url)
        db.upgrade(central)
        fill(central)
        with central.read() as session:
            far = groups_found(session, Filter(text="k"), most=5000).groups[-1]
        lists: dict[str, tuple[Filter, str, GroupFound | None]] = {
            "region": (Filter(region="Region 2"), "lower(region) = 'region 2'", None),
            "district": (Filter(district="District 7"), "lower(district) = 'district 7'", None),
            "beginning": (
                Filter(text="twez"),
                f"id IN ({' UNION '.join(map(_beginning, ('name', 'group_code', 'village')))})",
                None,
            ),
            "village": (Filter(village="Village 77"), "lower(village) = 'village 77'", None),
            "page 26": (
                Filter(region="Region 2"),
                f"""lower(region) = 'region 2'
                AND (lower(name) COLLATE "C", id) > ('{far.sort_key}', {far.group_id})""",
                far,
            ),
        }
        made = []
        for name, (wanted, where, after) in lists.items():
            bare = f"SELECT {_COLUMNS} FROM savings_groups WHERE {where}{_ORDER}"  # noqa: S608
            ours, theirs = _both(_listing(central, wanted, after), _bare(central, bare))
            made.append(measured(f"list by {name}", ours, theirs, at_most=BAR))
        central.close()
    return made


def _beginning(column: str) -> str:
    return f"(SELECT id FROM savings_groups WHERE lower({column}) LIKE 'twez%'{_ORDER})"  # noqa: S608


def _listing(central: Database, wanted: Filter, after: GroupFound | None) -> Callable[[], int]:
    def read() -> int:
        with central.read() as session:
            return len(groups_found(session, wanted, after=after).groups)

    return read


def _bare(central: Database, statement: str) -> Callable[[], int]:
    def read() -> int:
        connection = central.engine.raw_connection()
        cursor = connection.cursor()
        cursor.execute(statement)
        count = len(cursor.fetchall())
        connection.close()
        return min(count, PAGE)

    return read


def _both(ours: Callable[[], int], theirs: Callable[[], int]) -> tuple[float, float]:
    """Take turns, so that what else the computer does concerns both; return the medians."""
    assert ours() == theirs()  # noqa: S101 - they read the same
    taken: tuple[list[float], list[float]] = ([], [])
    for _time in range(TIMES):
        for place, read in enumerate((ours, theirs)):
            began = time.perf_counter()
            read()
            taken[place].append(time.perf_counter() - began)
    return statistics.median(taken[0]), statistics.median(taken[1])


if __name__ == "__main__":
    from benchmarks.measure import show

    show(run())
