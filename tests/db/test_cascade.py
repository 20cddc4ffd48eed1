"""What goes, what is emptied and what is refused when a row is deleted, in the databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import Session

from vsla_desktop.db.cascade import cascade_check
from vsla_desktop.db.verify import verify
from vsla_desktop.models import Base, GroupMember, SavingsGroup, User

if TYPE_CHECKING:
    from vsla_desktop.db import Database


def counts(database: Database) -> dict[str, int]:
    with database.connection() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in Base.metadata.sorted_tables
        }


def test_every_delete_does_what_the_models_declare(database: Database) -> None:
    before = counts(database)
    results = cascade_check(database)
    assert [each for each in results if not each.ok] == []
    assert len(results) == 1 + 47 + 1
    assert counts(database) == before
    with database.connection() as connection:
        assert verify(connection).ok


def test_what_is_said_about_the_deletes_that_people_ask_about(database: Database) -> None:
    said = {each.operation: each.said for each in cascade_check(database)}
    assert said["adding a member"] == ("The group counted 1 member before and 2 after; it has 2.")
    refused = "It is refused: other records still need it."
    assert said["deleting from saving_types"] == refused
    assert said["deleting from users, who wrote records"] == refused
    assert said["deleting from group_transactions"].startswith("0 rows that belong to it")
    # All but the six tables of people and services, saving types, achievements and badges.
    assert said["deleting from savings_groups"].startswith("37 rows that belong to it")
    assert said["deleting from users"].startswith("4 rows that belong to it went too,")
    assert said["deleting from meetings"].startswith("6 rows that belong to it went too,")
    assert said["deleting from group_loans"].startswith("1 rows that belong to it went too,")


# A rule that is not the declared one, and what is then said.
BROKEN = {
    "ALTER TABLE group_loans DROP CONSTRAINT group_loans_member_id_fkey": (
        "deleting from group_members",
        "should have gone",
    ),
    "ALTER TABLE meeting_attendance DROP CONSTRAINT meeting_attendance_meeting_id_fkey,"
    " ADD FOREIGN KEY (meeting_id) REFERENCES meetings (id) ON DELETE CASCADE": (
        "deleting from meetings",
        "meeting_attendance should have stayed.",
    ),
    "ALTER TABLE member_savings DROP CONSTRAINT member_savings_saving_type_id_fkey,"
    " ADD FOREIGN KEY (saving_type_id) REFERENCES saving_types (id) ON DELETE CASCADE;"
    "ALTER TABLE group_saving_type_settings"
    " DROP CONSTRAINT group_saving_type_settings_saving_type_id_fkey": (
        "deleting from saving_types",
        "It was not refused.",
    ),
    "ALTER TABLE member_fines DROP CONSTRAINT member_fines_meeting_id_fkey": (
        "deleting from meetings",
        "member_fines.meeting_id should have been emptied.",
    ),
    "ALTER TABLE notifications DROP CONSTRAINT notifications_user_id_fkey,"
    " ADD FOREIGN KEY (user_id) REFERENCES users (id)": (
        "deleting from users",
        "It was refused.",
    ),
    "DROP TRIGGER trigger_update_group_members_count ON group_members": (
        "adding a member",
        "The group counted 0 member before and 0 after; it has 2.",
    ),
}


def test_other_rules_are_found(central: Database) -> None:
    with central.connection() as connection:
        for change in BROKEN:
            connection.execute(text(change))
    results = {each.operation: each for each in cascade_check(central)}
    for operation, sentence in BROKEN.values():
        assert not results[operation].ok
        assert sentence in results[operation].said


def test_the_guides_relationship_test(database: Database) -> None:
    """In the guide's own words: add a member, and the group's list of members is longer by one."""
    with database.write() as session:
        user = User(username="amina", email="amina@example.org", password="")
        session.add(user)
        session.flush()
        group = SavingsGroup(
            name="Abizerwa",
            group_code="RW-1",
            region="",
            district="",
            parish="",
            village="",
            created_by=user.id,
        )
        session.add(group)
        session.flush()
        member_count_before = len(group.members)
        session.add(GroupMember(group_id=group.id, first_name="A", last_name="U", gender="F"))
    with database.read() as session:
        group = session.execute(select(SavingsGroup)).scalar_one()
        assert len(group.members) == member_count_before + 1
        assert group.members_count == 1


def test_a_group_that_is_deleted_takes_its_members_along(database: Database) -> None:
    with database.write() as session:
        fill_group(session)
    with database.write() as session:
        session.delete(session.execute(select(SavingsGroup)).scalar_one())
    with database.read() as session:
        left = session.execute(select(func.count()).select_from(GroupMember)).scalar_one()
        users = session.execute(select(func.count()).select_from(User)).scalar_one()
    assert (left, users) == (0, 1)


def fill_group(session: Session) -> None:
    user = session.execute(
        insert(User).values(username="u", email="e", password="").returning(User.id)
    ).scalar_one()
    place = dict.fromkeys(("region", "district", "parish", "village"), "")
    group = session.execute(
        insert(SavingsGroup)
        .values(name="A", group_code="A", created_by=user, **place)
        .returning(SavingsGroup.id)
    ).scalar_one()
    session.execute(
        insert(GroupMember).values(
            [
                {"group_id": group, "first_name": name, "last_name": "U", "gender": "F"}
                for name in ("Aline", "Beata")
            ]
        )
    )
