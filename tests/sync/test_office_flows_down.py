"""What head office writes comes to its laptops at their next pull, and only to those it is for."""

from __future__ import annotations

from contextlib import closing
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from tests.sync.laptop import Laptop, new_laptop
from vsla_desktop.clock import FixedClock
from vsla_desktop.domain.office import Role
from vsla_desktop.domain.rules import Preset, preset_rules
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.office_shared import Shared, SharedRow, shared_rows
from vsla_desktop.services.groups import NewGroup
from vsla_desktop.services.office_access import send_message
from vsla_desktop.services.office_groups import open_group_book
from vsla_desktop.services.office_people import add_first_administrator, add_user
from vsla_desktop.services.office_shared import add_shared, change_shared, retire_shared
from vsla_desktop.sync import assign_group, pull, push

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from vsla_desktop.db import Database

CLOCK = FixedClock(datetime(2026, 3, 4, 12))  # noqa: DTZ001 - UTC, as stored
NEW: dict[Shared, dict[str, Any]] = {
    Shared.SAVING_TYPES: {"name": "Water fund", "code": "WATER", "allows_withdrawal": True},
    Shared.SERVICES: {"name": "Training", "description": "Courses for officers."},
    Shared.ACHIEVEMENTS: {
        "name": "Twenty meetings saved",
        "description": "Saved at twenty meetings.",
        "category": "FINANCIAL",
        "criteria": {"measure": "meetings_saved", "at_least": 20},
        "points_value": 40,
    },
    Shared.BADGES: {
        "name": "Saver of savers",
        "badge_type": "MEDAL",
        "required_achievements": ["First savings"],
        "minimum_points": 10,
    },
    Shared.TEMPLATES: {
        "template_name": "Minutes of 2026",
        "template_type": "MEETING_MINUTES",
        "template_content": "Present:\nAbsent:",
    },
    Shared.PROVIDERS: {
        "provider_name": "MTN",
        "provider_code": "MTN-UG",
        "transaction_fee_rate": Decimal("0.0150"),
    },
}


@pytest.fixture
def grace(central: Database) -> int:
    with central.write() as session:
        signed = add_first_administrator(
            session, "Grace", "grace@example.org", "three words together", clock=CLOCK
        )
    return signed.worker.user_id


@pytest.fixture
def group(central: Database, grace: int) -> str:
    """A group whose book head office opens."""
    new = NewGroup(
        name="Kwagalana",
        currency="UGX",
        formation_date=date(2026, 3, 4),
        group_code="KWA-1",
        country="Uganda",
        region="Central",
        district="Mpigi",
        village="Buwama",
    )
    rules = preset_rules(Preset.VSLA, share_value=Decimal(2000))
    with central.write() as session:
        return open_group_book(session, new, rules, clock=CLOCK, by=grace).group_code


def come_by(laptop: Laptop) -> None:
    push(laptop.database, laptop.folder)
    pull(laptop.database, laptop.folder)


def on(database: Database, which: Shared, name: str) -> SharedRow | None:
    with database.read() as session:
        return next((row for row in shared_rows(session, which) if row.name == name), None)


@pytest.mark.parametrize("which", list(Shared))
def test_a_row_of_every_list_is_added_changed_and_retired_on_the_laptop_too(
    central: Database, grace: int, group: str, tmp_path: Path, which: Shared
) -> None:
    values = NEW[which]
    name = next(iter(values.values()))
    groups = [group] if which in {Shared.TEMPLATES, Shared.PROVIDERS} else []
    with closing(new_laptop(tmp_path / "mbale", central, groups=[group])) as laptop:
        with central.write() as session:
            (row_id,) = add_shared(
                session, which, values, group_codes=groups, clock=CLOCK, by=grace
            )
        come_by(laptop)
        came = on(laptop.database, which, name)
        assert came is not None
        assert came.is_in_use
        assert dict(came.values) | values == came.values
        assert came.group == (group if groups else "")
        key = next(each for each in list(values)[1:] if each != "code")
        other = {"allows_withdrawal": False, "badge_type": "STAR", "category": "LOAN"}.get(
            key, "CONSTITUTION" if key == "template_type" else "Other"
        )
        with central.write() as session:
            change_shared(session, which, row_id, values | {key: other}, clock=CLOCK, by=grace)
        come_by(laptop)
        changed = on(laptop.database, which, name)
        assert changed is not None
        assert changed.values[key] == other
        with central.write() as session:
            retire_shared(session, which, row_id, is_in_use=False, clock=CLOCK, by=grace)
        come_by(laptop)
        retired = on(laptop.database, which, name)
        assert retired is not None
        assert not retired.is_in_use


def test_a_group_that_head_office_opens_comes_to_the_laptop_that_is_given_it(
    central: Database, group: str, tmp_path: Path
) -> None:
    with (
        closing(new_laptop(tmp_path / "mbale", central, groups=[])) as mine,
        closing(new_laptop(tmp_path / "gulu", central, groups=[])) as other,
    ):
        assign_group(central, "mbale", group)
        for laptop in (mine, other):
            come_by(laptop)
        asked = "SELECT name, village FROM savings_groups"
        assert mine.read(asked) == [("Kwagalana", "Buwama")]
        assert other.read(asked) == []
        assert mine.read("SELECT count(*) FROM group_settings") == [(1,)]


def test_a_message_to_a_group_comes_to_its_laptop_alone(
    central: Database, grace: int, group: str, tmp_path: Path
) -> None:
    with (
        closing(new_laptop(tmp_path / "mbale", central, groups=[group])) as mine,
        closing(new_laptop(tmp_path / "gulu", central, groups=[])) as other,
    ):
        with central.write() as session:
            send_message(session, "Audit", "On Monday.", group_codes=[group], clock=CLOCK, by=grace)
            send_message(session, "Staff", "At ten.", usernames=["Grace"], clock=CLOCK, by=grace)
        for laptop in (mine, other):
            come_by(laptop)
        assert mine.read("SELECT title FROM notifications") == [("Audit",)]
        assert other.read("SELECT title FROM notifications") == []


@pytest.mark.parametrize(
    ("which", "values", "field"),
    [
        (Shared.SAVING_TYPES, {"name": "SHARES", "code": "X"}, "name"),
        (Shared.SAVING_TYPES, {"name": "Water", "code": "personal"}, "code"),
        (Shared.SAVING_TYPES, {"name": " ", "code": "X"}, "name"),
        (Shared.SAVING_TYPES, {"name": "Water", "code": "X" * 21}, "code"),
        (
            Shared.SAVING_TYPES,
            {"name": "Water", "code": "X", "withdrawal_notice_days": -1},
            "withdrawal_notice_days",
        ),
        (Shared.BADGES, NEW[Shared.BADGES] | {"badge_type": "HAT"}, "badge_type"),
        (
            Shared.BADGES,
            NEW[Shared.BADGES] | {"required_achievements": ["Nothing"]},
            "required_achievements",
        ),
        (Shared.TEMPLATES, NEW[Shared.TEMPLATES], "groups"),
    ],
)
def test_what_can_not_stand_is_refused_at_its_field(
    central: Database, grace: int, which: Shared, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(RuleBroken) as refused, central.write() as session:
        add_shared(session, which, values, clock=CLOCK, by=grace)
    assert refused.value.field == field


def test_what_rows_are_known_by_stays_as_it_was_first_said(central: Database, grace: int) -> None:
    with central.write() as session:
        (row_id,) = add_shared(
            session, Shared.SAVING_TYPES, NEW[Shared.SAVING_TYPES], clock=CLOCK, by=grace
        )
        again = {"name": "Wells", "code": "OTHER"}
        change_shared(session, Shared.SAVING_TYPES, row_id, again, clock=CLOCK, by=grace)
    wells = on(central, Shared.SAVING_TYPES, "Wells")
    assert wells is not None
    assert wells.values["code"] == "WATER"


@pytest.mark.parametrize("which", list(Shared))
def test_who_only_reads_changes_no_list(central: Database, grace: int, which: Shared) -> None:
    with central.write() as session:
        reader = add_user(
            session, "Ruth", "ruth@example.org", Role.READER, clock=CLOCK, by=grace
        ).user_id
    with pytest.raises(RuleBroken) as refused, central.write() as session:
        add_shared(session, which, NEW[which], group_codes=["X"], clock=CLOCK, by=reader)
    assert str(refused.value).startswith("You may look at this")
