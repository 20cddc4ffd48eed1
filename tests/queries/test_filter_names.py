"""Groups, members and places are found by what is typed of them, on either database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import update

from tests.services.village import Village
from vsla_desktop.queries.filter_names import (
    groups_named,
    groups_of,
    members_named,
    members_of_ids,
    places_named,
)
from vsla_desktop.queries.tables import GROUPS

if TYPE_CHECKING:
    from vsla_desktop.db import Database


def test_names_begin_with_what_is_typed(database: Database) -> None:
    village = Village(database)
    village.form()
    here = (village.group_id,)
    with database.read() as session:
        [group] = groups_named(session, " twi ")
        assert (group.id, group.title.split(" · ")[0]) == (village.group_id, "Twisungane")
        assert groups_named(session, "isungane") == groups_named(session, "%") == ()
        assert groups_of(session, here) == (group,)
        found = {
            typed: [each.title for each in members_named(session, here, typed)]
            for typed in ("auma", "BEA", "beatrice au", "2", "_", "99")
        }
        assert found == {
            "auma": ["2 Beatrice Auma"],
            "BEA": ["2 Beatrice Auma"],
            "beatrice au": ["2 Beatrice Auma"],
            "2": ["2 Beatrice Auma"],
            "_": [],
            "99": [],
        }
        assert len(members_named(session, here, "")) == len(village.members)
        assert members_named(session, (village.group_id + 1,), "") == ()
        two = (village.members[3], village.members[0])
        assert [each.id for each in members_of_ids(session, two)] == list(two)


def test_places_are_those_that_groups_have(database: Database) -> None:
    village = Village(database)
    village.form()
    with database.write() as session:
        session.connection().execute(update(GROUPS).values(region="Central", parish=""))
    with database.read() as session:
        assert places_named(session, "region", "cEn") == ("Central",)
        assert places_named(session, "region", "tral") == ()
        assert places_named(session, "parish", "") == ()
