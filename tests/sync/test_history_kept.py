"""What is kept of the times that laptop and head office met."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sync.books import fill_group
from tests.sync.laptop import Laptop
from vsla_desktop import sync
from vsla_desktop.clock import FixedClock
from vsla_desktop.db import Database
from vsla_desktop.errors import OfflineError, StorageError, SyncError
from vsla_desktop.i18n import explain, speaking
from vsla_desktop.sync import SyncReport
from vsla_desktop.sync.history import MOST_KEPT, Entry, Way, history, remember, remembered
from vsla_desktop.sync.holdings import Holding, holdings

NOON = datetime.fromisoformat("2026-01-01T12:00:00")
OFFLINE = OfflineError("Head office can not be reached now.", hint="Try again.")
REFUSED = SyncError("The file {name} can not be read.", hint="Choose it again.", name="k.json")
reports = st.builds(
    SyncReport,
    rows_sent=st.integers(0, 2),
    rows_received=st.integers(0, 1),
    conflicts=st.integers(0, 1),
    seconds=st.floats(0, 100),
)
entries = st.builds(
    Entry, st.just(NOON), st.sampled_from(Way), reports, st.sampled_from([None, OFFLINE, REFUSED])
)


def kept(database: Database) -> tuple[Entry, ...]:
    with database.connection() as connection:
        return history(connection)


def test_whatever_carried_something_is_kept_and_the_last_always(laptop: Laptop) -> None:
    @given(told=st.lists(entries, max_size=12))
    @settings(deadline=None)
    def keeps(told: list[Entry]) -> None:
        with laptop.database.connection(writes=True) as connection:
            connection.exec_driver_sql("DELETE FROM sync_history")
            for each in told:
                remember(connection, each)
        found = kept(laptop.database)
        carried = [each.report for each in told if _carried(each)]
        assert [each.report for each in reversed(found) if _carried(each)] == carried
        if told:
            assert _said(found[0]) == _said(told[-1])
        for one, other in pairwise(found):
            is_same = _said(one)[:2] == _said(other)[:2]
            same_conflicts = one.report.conflicts == other.report.conflicts
            assert _carried(one) or _carried(other) or not (is_same and same_conflicts)

    keeps()


def _carried(entry: Entry) -> bool:
    report = entry.report
    return bool(report.rows_sent or report.rows_received)


def _said(entry: Entry) -> tuple[Way, str, SyncReport]:
    return entry.way, str(entry.problem or ""), entry.report


def test_a_problem_is_said_in_the_reader_s_language(laptop: Laptop) -> None:
    with laptop.database.connection(writes=True) as connection:
        remember(connection, Entry(NOON, Way.FILE_READ, SyncReport(), REFUSED))
    (entry,) = kept(laptop.database)
    assert isinstance(entry.problem, SyncError)
    assert not entry.is_offline
    assert explain(entry.problem)[0] == "The file k.json can not be read."
    with speaking("fr"):
        assert explain(entry.problem)[0] != "The file k.json can not be read."
        assert "k.json" in explain(entry.problem)[0]


def test_old_times_are_forgotten(laptop: Laptop) -> None:
    with laptop.database.connection(writes=True) as connection:
        for day in range(MOST_KEPT + 5):
            report = SyncReport(rows_sent=day + 1)
            remember(connection, Entry(NOON + timedelta(day), Way.NETWORK, report))
    found = kept(laptop.database)
    assert len(found) == MOST_KEPT
    assert found[0].report.rows_sent == MOST_KEPT + 5


def test_what_fails_is_kept_and_raised_and_a_full_disk_is_no_meeting(laptop: Laptop) -> None:
    def fail(error: Exception) -> SyncReport:
        raise error

    clock = FixedClock(NOON)
    with pytest.raises(OfflineError):
        remembered(laptop.database, Way.NETWORK, clock, lambda: fail(OFFLINE))
    with pytest.raises(StorageError):
        remembered(
            laptop.database, Way.NETWORK, clock, lambda: fail(StorageError("The disk is full."))
        )
    (entry,) = kept(laptop.database)
    assert entry.is_offline
    assert entry.at == NOON


def test_what_went_before_it_broke_off_is_told(laptop: Laptop) -> None:
    fill_group(laptop)

    def breaks(step: str) -> None:
        if step == "asking":
            raise OFFLINE

    with pytest.raises(OfflineError):
        sync.run(laptop.database, laptop.folder, failpoint=breaks)
    (entry,) = kept(laptop.database)
    assert entry.is_offline
    assert entry.report.rows_sent == laptop.read("SELECT row_count FROM sync_outbox")[0][0] > 0


def test_groups_are_held_as_head_office_said(laptop: Laptop) -> None:
    fill_group(laptop, "U1", "one")
    fill_group(laptop, "U2", "two")
    fill_group(laptop, "U3", "three")
    for state, writable, code in (("kept", 0, "U1"), ("leaving", 1, "U2")):
        laptop.run(
            "INSERT INTO sync_scope (su, state, writable) SELECT m.su, ?, ? FROM sync_idmap m"
            " JOIN savings_groups g ON g.id = m.local_id WHERE m.tbl = 7 AND g.group_code = ?",
            (state, writable, code),
        )
    laptop.run("INSERT INTO sync_scope (su) VALUES ('ff'), ('')")
    laptop.run("INSERT INTO sync_inq (su, tbl, scope, ver, deleted) VALUES ('1', 7, 'ff', 1, 0)")
    with laptop.database.connection() as connection:
        found = holdings(connection)
    assert [(each.code, each.holding, each.arrived) for each in found.groups] == [
        ("", Holding.FILLING, 1),
        ("U1", Holding.READ_ONLY, 0),
        ("U2", Holding.LEAVING, 0),
        ("U3", Holding.ONLY_HERE, 0),
    ]
    one = found.groups[1].waiting
    assert one == {"savings_groups": 1, "group_members": 3, "meetings": 1}
    assert found.of_no_group == {"users": 3}
    laptop.run("DELETE FROM meetings WHERE group_id = 3")
    with laptop.database.connection() as connection:
        assert holdings(connection).groups[3].waiting.get("meetings") is None
