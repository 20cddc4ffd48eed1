"""The figures of a day reach head office with the meeting, and are one row whoever wrote them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.services.village import Village
from tests.sync.laptop import Laptop, assert_same, read, run
from vsla_desktop.services import cells

if TYPE_CHECKING:
    from vsla_desktop.db import Database


def test_the_figures_of_a_closed_meeting_are_the_same_at_head_office(
    laptop: Laptop, central: Database
) -> None:
    village = Village(laptop.database).form()
    village.meet()
    with village.at_work() as session:
        cells.set_shares(session, village.meeting_id, village.members[0], 3, clock=village.clock)
    village.close()
    assert laptop.push().waiting == 0
    assert_same(laptop, central)
    kept = "SELECT total_members, total_savings, average_attendance FROM analytics_snapshots"
    assert [tuple(map(str, row)) for row in read(central, kept)] == [("5", "1500.00", "100.00")]
    assert read(central, "SELECT count(*) FROM member_analytics") == [(5,)]


def test_a_day_that_head_office_filled_as_well_is_one_row(
    laptop: Laptop, central: Database
) -> None:
    village = Village(laptop.database).form()
    village.meet()
    laptop.push()
    run(
        central,
        "INSERT INTO analytics_snapshots (group_id, snapshot_date, total_members)"
        " SELECT group_id, meeting_date, 4 FROM meetings",
    )
    village.close()
    report = laptop.push()
    assert report.waiting == 0
    assert read(central, "SELECT count(*) FROM sync.quarantine") == [(0,)]
    assert read(central, "SELECT total_members FROM analytics_snapshots") == [(4,)]
