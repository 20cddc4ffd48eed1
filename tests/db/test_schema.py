"""Both databases against the field's schema, column by column, and against its rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from tests.db import field
from tests.db.live import AUTOINCREMENT, Live, read_schema, same_default
from vsla_desktop.derived import DERIVED
from vsla_desktop.models import PHASES, Base

if TYPE_CHECKING:
    from vsla_desktop.db import Database

# Rule 5: most members never have a login.
OPTIONAL_HERE = {("group_members", "user_id")}
CASCADE, EMPTIED, BLOCKED = "CASCADE", "SET NULL", "NO ACTION"


@pytest.fixture
def live(database: Database) -> Live:
    with database.connection() as connection:
        return read_schema(connection)


def delete_rule(column: str, target: str, *, nullable: bool) -> str:
    """Rule 3: what happens to a reference when what it refers to is deleted."""
    if nullable:
        return EMPTIED
    if target == "saving_types" or (target == "users" and column != "user_id"):
        return BLOCKED
    return CASCADE


def test_every_table_of_the_field_is_there(live: Live) -> None:
    assert len(field.tables()) == 41
    assert set(field.tables()) | field.NEW_TABLES == live.tables


def test_every_column_of_the_field_is_there_under_its_name_and_type(live: Live) -> None:
    assert len(field.columns()) == 569
    theirs = {(each.table, each.name): each.type for each in field.columns()}
    ours = {key: live.columns[key][0] for key in theirs if key in live.columns}
    assert ours == theirs


def test_no_column_is_stricter_or_laxer_than_in_the_field(live: Live) -> None:
    theirs = {
        (each.table, each.name): each.nullable or (each.table, each.name) in OPTIONAL_HERE
        for each in field.columns()
    }
    assert {key: live.columns[key][1] for key in theirs} == theirs


def test_defaults_are_those_of_the_field(live: Live) -> None:
    """A derived column that had no default got one: nobody writes it."""
    wrong = {}
    for each in field.columns():
        ours = live.columns[each.table, each.name][2]
        if not each.default and (each.table, each.name) in DERIVED:
            assert same_default(ours, "0") or (each.nullable and not ours)
        elif not same_default(ours, each.default):
            wrong[each.table, each.name] = (ours, each.default)
    assert not wrong


def test_what_we_added_to_the_fields_tables_does_not_stop_its_programs(live: Live) -> None:
    known = {(each.table, each.name) for each in field.columns()}
    added = [
        (nullable, default)
        for key, (_, nullable, default) in live.columns.items()
        if key not in known and key[0] not in field.NEW_TABLES
    ]
    assert added
    assert all(nullable or default for nullable, default in added)


def test_every_table_is_stamped(live: Live) -> None:
    """Rule 2."""
    for table in live.tables:
        assert live.columns[table, "id"] == ("INTEGER", False, AUTOINCREMENT)
        for stamp in ("created_date", "updated_date"):
            assert live.columns[table, stamp] == ("TIMESTAMP", False, "CURRENT_TIMESTAMP")


def test_every_foreign_key_of_the_field_is_there(live: Live) -> None:
    assert len(field.foreign_keys()) == 86
    theirs = {(each.table, each.column): each.target for each in field.foreign_keys()}
    assert {key: live.foreign_keys[key][0] for key in theirs if key in live.foreign_keys} == theirs


def test_references_that_the_field_left_open_are_held_here(live: Live) -> None:
    """Rule 4."""
    lapsed = field.lapsed_references()
    assert len(lapsed) == 7
    ours = {key: live.foreign_keys[key][0] for key in lapsed if key in live.foreign_keys}
    assert ours == lapsed


def test_every_delete_rule_follows_from_what_is_referred_to(live: Live) -> None:
    """Rule 3, in place of the field's lapses."""
    rules = {
        (table, column): delete_rule(column, target, nullable=live.columns[table, column][1])
        for (table, column), (target, _) in live.foreign_keys.items()
    }
    assert {key: rule for key, (_, rule) in live.foreign_keys.items()} == rules


def test_the_delete_rules_that_the_guide_names(live: Live) -> None:
    """Rule 3 by its own examples, not by our reading of them."""
    rules = {key: rule for key, (_, rule) in live.foreign_keys.items()}
    assert {rule for (_, column), rule in rules.items() if column == "verified_by"} == {
        EMPTIED,
        BLOCKED,
    }
    assert rules["mobile_money_verification", "verified_by"] == BLOCKED
    assert rules["document_approvals", "approver_id"] == BLOCKED
    assert rules["savings_groups", "created_by"] == BLOCKED
    assert rules["member_savings", "saving_type_id"] == BLOCKED
    assert rules["group_members", "user_id"] == EMPTIED
    assert rules["group_members", "group_id"] == CASCADE
    assert rules["notifications", "user_id"] == CASCADE
    assert rules["group_transactions", "member_id"] == EMPTIED
    assert rules["meetings", "chairperson_id"] == EMPTIED
    assert rules["saving_transactions", "meeting_id"] == EMPTIED


def test_every_cascade_of_the_field_still_cascades(live: Live) -> None:
    for each in field.foreign_keys():
        if each.on_delete != BLOCKED:
            assert live.foreign_keys[each.table, each.column][1] == each.on_delete


def test_uniques_of_the_fields_tables_are_the_fields(live: Live) -> None:
    ours = {each for each in live.uniques if each[0] not in field.NEW_TABLES}
    assert ours == field.uniques()


def test_every_index_of_the_field_is_there(live: Live) -> None:
    assert len(field.indexes()) == 16
    assert field.indexes() <= live.indexes


def test_the_six_new_tables_belong_to_a_group_or_a_document(live: Live) -> None:
    for table in field.NEW_TABLES:
        owners = {
            target
            for (name, _), (target, rule) in live.foreign_keys.items()
            if name == table and rule == CASCADE
        }
        assert owners & {"savings_groups", "activity_documents"}, table
    assert ("group_settings", ("group_id",)) in live.uniques
    assert ("savings_cycles", ("cycle_number", "group_id")) in live.uniques
    assert ("group_saving_type_settings", ("group_id", "saving_type_id")) in live.uniques
    assert ("share_out_distributions", ("cycle_id", "member_id")) in live.uniques


def test_the_guides_count_of_tables(central: Database) -> None:
    """Rule 6: the guide's own words."""
    with central.connection() as connection:
        counted = connection.execute(
            text(
                "SELECT COUNT(*) FROM information_schema.tables"
                " WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
            )
        ).scalar_one()
    assert counted == 47


def test_the_live_tables_are_the_models(live: Live) -> None:
    listed = [name for names in PHASES.values() for name in names]
    assert live.tables == set(listed) == set(Base.metadata.tables)
    assert set(live.columns) == {
        (table.name, column.name)
        for table in Base.metadata.tables.values()
        for column in table.columns
    }


def test_the_fields_triggers_keep_their_names_and_functions(central: Database) -> None:
    """Rule 7: an event more has a trigger of its own, whose name starts with the field's."""
    with central.connection() as connection:
        standing = {
            (name, table): (function, event)
            for name, table, function, event in connection.execute(
                text(
                    "SELECT t.tgname, c.relname, p.proname, CASE WHEN t.tgtype & 4 > 0 THEN"
                    " 'INSERT' WHEN t.tgtype & 8 > 0 THEN 'DELETE' ELSE 'UPDATE' END"
                    " FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
                    " JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal"
                )
            )
        }
    assert len(field.triggers()) == 3
    for name, table, events, function in field.triggers():
        assert standing[name, table][0] == function
        ours = {
            event
            for (trigger, on), (calls, event) in standing.items()
            if on == table and calls == function and trigger.startswith(name)
        }
        assert events <= ours
