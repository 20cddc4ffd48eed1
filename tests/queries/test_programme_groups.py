"""Finding groups among many, page by page, and adding them up by place."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert, select

from vsla_desktop.queries.filtering import Filter
from vsla_desktop.queries.programme_groups import (
    GroupFound,
    count_groups,
    groups_found,
    place_names,
    totals,
)
from vsla_desktop.queries.tables import CYCLES, GROUPS, MEMBERS, USERS

if TYPE_CHECKING:
    from vsla_desktop.db import Database

PLACES = {"country": "Uganda", "region": "Central", "parish": "P"}


def add(database: Database, *groups: dict[str, Any]) -> list[int]:
    """Add groups as other programs do: plain rows."""
    with database.write() as session:
        run = session.connection()
        user = {"username": "office", "email": "office@example.org", "password": "!"}
        created_by = run.execute(insert(USERS), user).inserted_primary_key
        ids = []
        for number, group in enumerate(groups):
            row: dict[str, Any] = {
                "group_code": f"G-{number}",
                "district": "D",
                "village": "V",
                "currency": "UGX",
            }
            row |= PLACES | {"created_by": created_by and created_by[0]} | group
            members = row.pop("members", 0)
            key = run.execute(insert(GROUPS), row).inserted_primary_key
            ids.append(key[0] if key else 0)
            for member in range(members):
                names = {"first_name": "A", "last_name": "B", "gender": "F"}
                of_group = {"group_id": ids[-1], "member_number": member + 1}
                run.execute(insert(MEMBERS), names | of_group)
        return ids


def found(database: Database, wanted: Filter, **options: Any) -> list[str]:
    with database.read() as session:
        return [group.name for group in groups_found(session, wanted, **options).groups]


def test_groups_come_by_name_whatever_their_letters(database: Database) -> None:
    add(database, {"name": "suubi"}, {"name": "Agali"}, {"name": "Obumu"}, {"name": "agali"})
    assert found(database, Filter()) == ["Agali", "agali", "Obumu", "suubi"]


def test_a_group_is_found_by_how_its_name_code_or_village_begins(database: Database) -> None:
    add(
        database,
        {"name": "Tukolere", "group_code": "A-1", "village": "Kira"},
        {"name": "Kirabo", "group_code": "B-2", "village": "Namugongo"},
        {"name": "Obumu", "group_code": "KIR-3", "village": "Namugongo"},
        {"name": "Suubi", "group_code": "C-4", "village": "Mukira"},
    )
    assert found(database, Filter(text="kir")) == ["Kirabo", "Obumu", "Tukolere"]
    assert found(database, Filter(text="KIRABO")) == ["Kirabo"]
    assert found(database, Filter(text="kir", village="Kira")) == ["Tukolere"]


@pytest.mark.parametrize("text", ["%", "_", "\\", "50%"])
def test_signs_of_a_search_mean_themselves(database: Database, text: str) -> None:
    add(database, {"name": "Suubi"}, {"name": f"{text} Women"})
    assert found(database, Filter(text=text)) == [f"{text} Women"]


@pytest.mark.parametrize("wanted", [Filter(), Filter(text="s"), Filter(district="D")])
def test_pages_hold_every_group_once_also_with_equal_names(
    database: Database, wanted: Filter
) -> None:
    add(database, *({"name": "Suubi" if n % 2 else f"s{n}"} for n in range(23)))
    seen: list[int] = []
    after: GroupFound | None = None
    with database.read() as session:
        while True:
            page = groups_found(session, wanted, after=after, most=5)
            assert len(page.groups) <= 5
            seen += [each.group_id for each in page.groups]
            if not page.is_more:
                break
            after = page.groups[-1]
        assert len(seen) == len(set(seen)) == count_groups(session, wanted) == 23


def test_totals_add_up_by_place_and_never_over_currencies(database: Database) -> None:
    add(
        database,
        {"name": "A", "district": "Mbale", "members": 20},
        {"name": "B", "district": "Mbale", "members": 15},
        {"name": "C", "district": "Gulu", "members": 10},
        {"name": "D", "district": "Gulu", "currency": "KES", "members": 7},
    )
    with database.read() as session:
        by_district = totals(session, Filter(), "district")
        whole = totals(session, Filter())
    assert [(t.name, t.currency, t.groups_count, t.members_count) for t in by_district] == [
        ("Mbale", "UGX", 2, 35),
        ("Gulu", "UGX", 1, 10),
        ("Gulu", "KES", 1, 7),
    ]
    assert [(t.currency, t.groups_count, t.members_count) for t in whole] == [
        ("UGX", 3, 45),
        ("KES", 1, 7),
    ]
    assert {t.savings for t in whole} == {Decimal(0)}


def test_practice_groups_count_only_among_themselves(database: Database) -> None:
    add(database, {"name": "Practice", "is_practice": True})
    with database.read() as session:
        assert [t.groups_count for t in totals(session, Filter())] == [1]
    with database.write() as session:
        created_by = session.connection().execute(GROUPS.select()).one().created_by
        row = PLACES | {"name": "Real", "group_code": "R", "district": "D", "village": "V"}
        session.connection().execute(
            insert(GROUPS), row | {"created_by": created_by, "currency": "UGX"}
        )
    with database.read() as session:
        assert [t.groups_count for t in totals(session, Filter())] == [1]
        assert len(groups_found(session, Filter()).groups) == 2


def test_totals_by_the_cycle_that_runs(database: Database) -> None:
    first, second, _third = add(database, {"name": "A"}, {"name": "B"}, {"name": "C"})
    with database.write() as session:
        for group_id, number, status in (
            (first, 1, "CLOSED"),
            (first, 2, "OPEN"),
            (second, 2, "OPEN"),
        ):
            session.connection().execute(
                insert(CYCLES),
                {
                    "group_id": group_id,
                    "cycle_number": number,
                    "status": status,
                    "start_date": date(2026, 1, 1),
                    "end_date": date(2026, 12, 31),
                },
            )
    with database.read() as session:
        made = totals(session, Filter(), "cycle")
    assert [(t.name, t.groups_count) for t in made] == [("2", 2), ("", 1)]


def test_totals_by_who_looks_after_the_groups(database: Database) -> None:
    add(database, {"name": "A"}, {"name": "B"})
    with database.read() as session:
        ((name,),) = session.connection().execute(select(USERS.c.username)).all()
        (made,) = totals(session, Filter(), "coordinator")
        assert (made.name, made.groups_count) == (name, 2)
        hers = groups_found(session, Filter(coordinator=f" {name.upper()} ")).groups
        assert [each.name for each in hers] == ["A", "B"]
        assert groups_found(session, Filter(coordinator="somebody else")).groups == ()


def test_the_places_of_a_filter_are_named_once(database: Database) -> None:
    add(
        database,
        {"name": "A", "district": "Mbale"},
        {"name": "B", "district": "Gulu"},
        {"name": "C", "district": "Mbale", "region": "East"},
    )
    with database.read() as session:
        assert place_names(session, Filter(), "district") == ("Gulu", "Mbale")
        assert place_names(session, Filter(region="east"), "district") == ("Mbale",)
