"""The models by themselves: names, phases, relationships, and an import that does nothing else."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Integer, String
from sqlalchemy.orm import configure_mappers

from tests.db import field
from vsla_desktop.columns import Choice, Exact
from vsla_desktop.models import PHASES, Base

if TYPE_CHECKING:
    from sqlalchemy import Column

COLUMNS = [column for table in Base.metadata.sorted_tables for column in table.columns]

# What the guide forbids, and its relatives.
NEVER = {
    "phone",
    "contact",
    "created_at",
    "updated_at",
    "modified_at",
    "modified_on",
    "modified_date",
    "national_id",
    "fname",
    "lname",
    "full_name",
    "dob",
}


def columns_of(table: str) -> dict[str, Column[object]]:
    return {column.name: column for column in Base.metadata.tables[table].columns}


def test_there_are_47_tables_phase_by_phase() -> None:
    counts = {phase: len(tables) for phase, tables in PHASES.items()}
    assert counts == {
        "0": 6,
        "1": 12,
        "1.5": 4,
        "2": 3,
        "3": 4,
        "4": 5,
        "5": 5,
        "6": 3,
        "7": 5,
    }
    listed = [table for tables in PHASES.values() for table in tables]
    assert len(listed) == len(set(listed)) == 47
    assert set(listed) == set(Base.metadata.tables)


def test_phases_hold_the_tables_that_they_are_said_to_hold() -> None:
    assert PHASES["1"] == (
        "savings_groups",
        "group_settings",
        "savings_cycles",
        "group_members",
        "saving_types",
        "group_saving_type_settings",
        "member_savings",
        "saving_transactions",
        "group_transactions",
        "group_cashbook",
        "member_fines",
        "share_out_distributions",
    )
    assert PHASES["7"][-1] == "mobile_money_reconciliation"
    assert PHASES["4"][1] == "activity_document_audit_log"


def test_one_class_a_table() -> None:
    configure_mappers()
    mapped = [mapper.local_table.name for mapper in Base.registry.mappers]  # type: ignore[attr-defined]
    assert sorted(mapped) == sorted(Base.metadata.tables)


def test_no_column_has_a_name_that_the_guide_forbids() -> None:
    assert {column.name for column in COLUMNS} & NEVER == set()


def test_people_have_two_names() -> None:
    assert {"first_name", "last_name", "phone_number", "id_number"} <= set(
        columns_of("group_members")
    )
    assert not columns_of("group_members")["first_name"].nullable
    assert not columns_of("group_members")["last_name"].nullable
    for people in ("users", "group_members"):
        assert "name" not in columns_of(people)


def test_only_things_have_a_name() -> None:
    in_field = {each.table for each in field.columns() if each.name == "name"}
    ours = {column.table.name for column in COLUMNS if column.name == "name"}
    assert ours == in_field


def test_telephone_and_identity_numbers_have_one_name_and_size() -> None:
    sizes = {
        name: {
            column.type.length
            for column in COLUMNS
            if column.name == name and isinstance(column.type, String)
        }
        for name in ("phone_number", "email", "id_number", "first_name", "last_name")
    }
    assert sizes == {
        "phone_number": {20},
        "email": {128},
        "id_number": {50},
        "first_name": {100},
        "last_name": {100},
    }


def test_every_table_is_stamped_at_its_end() -> None:
    for table in Base.metadata.tables.values():
        names = [column.name for column in table.columns]
        assert names[0] == "id"
        assert names[-2:] == ["created_date", "updated_date"]


def test_a_reference_is_named_after_what_it_is() -> None:
    for column in COLUMNS:
        if column.foreign_keys:
            assert isinstance(column.type, Integer)
            assert column.name.endswith(("_id", "_by")), column


def test_no_amount_is_a_float() -> None:
    kinds = {column.type.python_type for column in COLUMNS if not isinstance(column.type, Exact)}
    assert float not in kinds
    exact = [each for each in field.columns() if each.type.startswith("NUMERIC")]
    for each in exact:
        kind = columns_of(each.table)[each.name].type
        assert isinstance(kind, Exact)
        assert f"NUMERIC({kind.precision},{kind.scale})" == each.type


def test_coded_columns_take_at_least_what_the_field_writes() -> None:
    checked = 0
    for (table, name), values in field.vocabulary().items():
        kind = columns_of(table)[name].type
        if values[-2:] == ("and", "others"):
            assert not isinstance(kind, Choice), f"{table}.{name} is an open list"
        elif isinstance(kind, Choice):
            assert set(values) <= set(kind.values), f"{table}.{name}"
            checked += 1
    assert checked >= 35


def test_each_phase_needs_only_itself_and_earlier_ones_to_be_made() -> None:
    """Dependency order, but for optional references and the officers of a group."""
    made: set[str] = set()
    for tables in PHASES.values():
        made |= set(tables)
        for table in tables:
            for key in Base.metadata.tables[table].foreign_keys:
                target = key.column.table.name
                assert target in made or key.parent.nullable, f"{key.parent} needs {target}"


QUIET_IMPORT = """
import sys

def watch(event, arguments):
    if event in {"socket.connect", "subprocess.Popen", "os.system", "sqlite3.connect", "os.mkdir"}:
        raise SystemExit(f"{event} while the models were imported")
    if event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        raise SystemExit(f"{arguments[0]} was opened for writing")

sys.addaudithook(watch)
exec("from vsla_desktop.models import *")
for name in ("alembic", "psycopg2", "PySide6", "sqlite3", "vsla_desktop.db"):
    if name in sys.modules:
        raise SystemExit(f"{name} was imported")
if len(Base.metadata.tables) != 47:
    raise SystemExit("not 47 tables")
"""


def test_the_models_are_imported_without_side_effects() -> None:
    done = subprocess.run(
        [sys.executable, "-B", "-c", QUIET_IMPORT], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("table", sorted(Base.metadata.tables))
def test_every_model_has_a_docstring_of_its_own(table: str) -> None:
    (model,) = [
        mapper.class_
        for mapper in Base.registry.mappers
        if mapper.local_table.name == table  # type: ignore[attr-defined]
    ]
    assert model.__doc__
    assert model.__doc__ != Base.__doc__
