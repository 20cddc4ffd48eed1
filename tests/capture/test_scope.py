from __future__ import annotations

from tests.sync.laptop import read, run
from vsla_desktop import capture
from vsla_desktop.capture.tables import travels
from vsla_desktop.capture.wire import NUMBERS
from vsla_desktop.db import Database


def scopes(centre: Database, table: str) -> list[int | None]:
    number = NUMBERS[table]
    question = f"SELECT scope FROM sync.row_state WHERE tbl = {number} ORDER BY id"  # noqa: S608
    return [scope for (scope,) in read(centre, question)]


def write_owned_rows(centre: Database) -> None:
    """Write rows that belong to group 1 by their owners only."""
    run(centre, "INSERT INTO users (username, email, password) VALUES ('v', 'v@x', 'x')")
    for statement in (
        "meetings (group_id, meeting_number, meeting_date) VALUES (1, 1, '2026-01-05')",
        "meeting_activities (meeting_id, activity_type, activity_name) VALUES (1, 'X', 'x')",
        "member_savings (member_id, saving_type_id) VALUES (2, 1)",
        (
            "saving_transactions (member_saving_id, amount, transaction_type, transaction_date,"
            " verified_by) VALUES (1, 5, 'DEPOSIT', '2026-01-05', 2)"
        ),
        "notifications (user_id, type, message) VALUES (1, 'x', 'to one person')",
        (
            "notifications (user_id, type, message, related_entity_type, related_entity_id)"
            " VALUES (1, 'x', 'about a meeting', 'meetings', 1)"
        ),
    ):
        run(centre, f"INSERT INTO {statement}")


def test_a_row_belongs_to_the_group_of_what_owns_it(central: Database) -> None:
    write_owned_rows(central)
    assert scopes(central, "savings_groups") == [1, 2, 3]
    for table in ("meetings", "meeting_activities", "member_savings", "saving_transactions"):
        assert scopes(central, table) == [1]
    assert scopes(central, "notifications") == [None, 1]
    assert set(scopes(central, "users")) == set(scopes(central, "saving_types")) == {None}
    assert read(central, "SELECT scope, user_id FROM sync.person_scope ORDER BY 1, 2") == [
        (1, 1),
        (1, 2),
        (2, 1),
        (3, 1),
    ]


def test_every_table_belongs_to_groups_but_people_s_and_shared_ones() -> None:
    assert {each.name for each in travels() if not each.of_groups} == {
        "users",
        "services",
        "service_admins",
        "user_service_permissions",
        "service_access_requests",
        "saving_types",
        "achievements",
        "achievement_badges",
    }


def test_a_row_that_moves_takes_along_what_it_owns(central: Database) -> None:
    write_owned_rows(central)
    before = dict(read(central, "SELECT su::text, ver FROM sync.row_state WHERE scope = 1"))
    run(central, "UPDATE group_members SET group_id = 2 WHERE id = 2")
    assert scopes(central, "group_members") == [1, 2, 1, 1, 1]
    assert scopes(central, "member_savings") == scopes(central, "saving_transactions") == [2]
    assert scopes(central, "meetings") == [1]
    moved = read(central, "SELECT tbl, scope FROM sync.moved ORDER BY tbl")
    assert moved == [(10, 1), (13, 1), (14, 1)]
    # Only the row that was written has a new version, and all of them a new transaction.
    changed = read(
        central,
        "SELECT s.su::text, s.ver FROM sync.row_state s JOIN sync.moved m USING (su, xid)"
        " ORDER BY s.tbl",
    )
    assert [ver - before[su] for su, ver in changed] == [1, 0, 0]
    assert (2, 2) in read(central, "SELECT scope, user_id FROM sync.person_scope")


def test_rows_that_go_with_their_group_stay_known_as_its_rows(
    central: Database,
) -> None:
    write_owned_rows(central)
    run(central, "UPDATE notifications SET related_entity_id = NULL")
    run(central, "DELETE FROM savings_groups WHERE id = 1")
    assert scopes(central, "saving_transactions") == [1]
    assert read(central, "SELECT count(*) FROM sync.row_state WHERE scope = 1 AND deleted") == [
        (10,)
    ]


def test_rows_that_were_there_before_are_told_their_group(
    central: Database,
) -> None:
    write_owned_rows(central)
    kept = "SELECT tbl, id, scope FROM sync.row_state ORDER BY tbl, id"
    people = "SELECT DISTINCT scope, user_id FROM sync.person_scope ORDER BY 1, 2"
    before, named = read(central, kept), read(central, people)
    run(central, "UPDATE sync.row_state SET scope = NULL")
    run(central, "DELETE FROM sync.person_scope")
    for _ in range(2):
        with central.connection(writes=True) as connection:
            assert capture.fill(connection) == 0
        assert read(central, kept) == before
        assert read(central, people) == named
    assert read(central, "SELECT count(*) FROM sync.person_scope") == [(len(named),)]
