"""A visit goes to head office and to other laptops like every row of the group."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.queries.test_desk import NOTE, TODAY, well
from tests.services.village import morning
from tests.sync.laptop import Laptop, new_laptop
from vsla_desktop import sync
from vsla_desktop.db import Database
from vsla_desktop.domain.visits import Agreed
from vsla_desktop.queries.desk import DeskLine, desk_lines
from vsla_desktop.queries.filtering import Filter
from vsla_desktop.queries.visits import visits_of
from vsla_desktop.services.visits import record_visit, set_action_done
from vsla_desktop.sync import assign_group


def line_of(database: Database) -> DeskLine:
    with database.read() as session:
        (line,) = desk_lines(session, Filter(), on=TODAY)
    return line


def test_what_one_laptop_agrees_another_ticks_off(
    laptop: Laptop, central: Database, tmp_path: Path
) -> None:
    village = well(laptop.database)
    village.clock.instant = morning(TODAY)
    sync.run(laptop.database, laptop.folder)
    assert line_of(laptop.database).not_sent == 0
    note = replace(NOTE, actions=(Agreed("Buy a padlock", TODAY),))
    with village.at_work() as session:
        visit = record_visit(session, village.group_id, note, clock=village.clock)
    assert line_of(laptop.database).not_sent == 1
    sync.run(laptop.database, laptop.folder)
    assert line_of(laptop.database).not_sent == 0
    assert [each.what for each in line_of(central).actions] == ["Buy a padlock"]
    other = new_laptop(tmp_path / "other", central)
    sync.run(other.database, other.folder)
    there = line_of(other.database)
    assert (there.last_visit, there.actions[0].what) == (TODAY, "Buy a padlock")
    with other.database.write() as session:
        set_action_done(session, there.actions[0].visit_id, 1, clock=village.clock)
    sync.run(other.database, other.folder)
    sync.run(laptop.database, laptop.folder)
    assert line_of(laptop.database).actions == ()
    with laptop.database.read() as session:
        (kept,) = visits_of(session, village.group_id)
    assert kept.visit_id == visit.visit_id
    assert kept.note.actions == (Agreed("Buy a padlock", TODAY, TODAY),)
    other.close()


def test_who_only_reads_a_group_writes_her_visits_there(central: Database, tmp_path: Path) -> None:
    treasurer = new_laptop(tmp_path / "treasurer", central, groups=[])
    village = well(treasurer.database)
    village.clock.instant = morning(TODAY)
    sync.run(treasurer.database, treasurer.folder)
    coordinator = new_laptop(tmp_path / "coordinator", central, groups=[])
    assign_group(central, "coordinator", "TST-2", read_only=True)
    sync.run(coordinator.database, coordinator.folder)
    there = line_of(coordinator.database)
    assert there.only_read
    note = replace(NOTE, actions=(Agreed("Buy a padlock", TODAY),))
    with coordinator.database.write() as session:
        visit = record_visit(session, there.group_id, note, clock=village.clock)
    for each in (coordinator, treasurer):
        sync.run(each.database, each.folder)
    assert [each.what for each in line_of(treasurer.database).actions] == ["Buy a padlock"]
    with coordinator.database.write() as session:
        set_action_done(session, visit.visit_id, 1, clock=village.clock)
    for each in (coordinator, treasurer):
        sync.run(each.database, each.folder)
        assert each.read("SELECT count(*) FROM sync_dirty") == [(0,)]
        assert each.read("SELECT count(*) FROM sync_quarantine") == [(0,)]
    assert line_of(treasurer.database).actions == ()
    for each in (coordinator, treasurer):
        each.close()
