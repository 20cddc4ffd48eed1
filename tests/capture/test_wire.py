from __future__ import annotations

from uuid import uuid5

import pytest

from vsla_desktop.capture.identity import NAMESPACE, SEEDS, seed_identity
from vsla_desktop.capture.tables import JOINED_BY_KEY, recorded, travel, travels
from vsla_desktop.capture.wire import SECRETS, WIRE
from vsla_desktop.derived import DERIVED
from vsla_desktop.models import Base

TABLES = list(Base.metadata.tables.values())


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_all_that_is_recorded_travels_and_nothing_else(table: object) -> None:
    known = Base.metadata.tables[str(table)]
    told = {name for name in WIRE[known.name].split() if (known.name, name) not in DERIVED}
    assert told == recorded(known)


def test_no_secret_travels() -> None:
    assert not {(name, column) for name, line in WIRE.items() for column in line.split()} & SECRETS


def test_numbers_never_change() -> None:
    numbers = {each.name: each.number for each in travels()}
    assert sorted(numbers.values()) == list(range(1, 48))
    assert numbers["users"] == 1
    assert numbers["group_transactions"] == 15
    assert numbers["mobile_money_reconciliation"] == 47


def test_parents_go_before_children() -> None:
    places = {each.name: each.place for each in travels()}
    for each in travels():
        for reference in each.references:
            if reference.parent not in {"", each.name} and not reference.later:
                assert places[reference.parent] < each.place, (each.name, reference.name)


def test_a_row_fits_into_what_is_staged() -> None:
    assert max(len(each.values) for each in travels()) <= 48
    assert max(len(each.references) for each in travels()) <= 12


def test_shared_rows_have_one_identity_everywhere() -> None:
    assert str(seed_identity("saving_types", "PERSONAL")) == "85cd1e9e-d51e-5fad-9fdc-0f3a59e5351d"
    for name, identities in SEEDS.items():
        for key, identity in identities.items():
            assert identity == uuid5(NAMESPACE, f"{name}/{key}")
        assert (travel(name).seed_key,) in travel(name).keys


def test_only_tables_with_a_natural_key_are_joined_by_it() -> None:
    for name in JOINED_BY_KEY:
        assert travel(name).keys
