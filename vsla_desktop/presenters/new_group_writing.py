"""Writing a new group's book: the group, its members and its officers, all or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from vsla_desktop.clock import Clock
from vsla_desktop.domain.currencies import Currency
from vsla_desktop.domain.rules import GroupRules, Preset
from vsla_desktop.presenters.new_group_fields import COUNTERS, KEY_HOLDERS
from vsla_desktop.presenters.new_group_members import DraftMember

if TYPE_CHECKING:
    from vsla_desktop.db import Database


def open_book(
    database: Database,
    values: dict[str, Any],
    rules: GroupRules,
    drafts: Sequence[DraftMember],
    currency: Currency,
    clock: Clock,
) -> int:
    """Write the group, its members and its officers, all or nothing; return the group's id."""
    from vsla_desktop.services.groups import NewGroup, create_group
    from vsla_desktop.services.members import Committee, NewMember, add_member, elect_officers

    new = NewGroup(
        name=values["name"],
        currency=currency.code,
        formation_date=values["formation_date"],
        group_code=values["group_code"],
        meeting_day=int(values["meeting_day"]),
        **{key: values[key] for key in ("country", "region", "district", "parish", "village")},
    )
    with database.write() as session:
        formed = create_group(
            session,
            new,
            rules,
            preset=Preset(values["preset"]),
            cycle_start=values["cycle_start"],
            cycle_end=values["cycle_end"],
            clock=clock,
        )
        ids: dict[str, int] = {}
        for draft in drafts:
            member = NewMember(
                first_name=draft.first_name,
                last_name=draft.last_name,
                gender=draft.gender,
                number=draft.number,
                phone_number=draft.phone_number,
                joined_date=values["formation_date"],
                is_founder=True,
            )
            added = add_member(session, formed.group_id, member, clock=clock, by=formed.user_id)
            ids[str(added.number)] = added.member_id
        committee = Committee(
            chairperson=ids[values["chairperson"]],
            secretary=ids[values["secretary"]],
            treasurer=ids[values["treasurer"]],
            money_counters=[ids[values[key]] for key in COUNTERS if values[key]],
            key_holders=[ids[values[key]] for key in KEY_HOLDERS if values[key]],
        )
        elect_officers(session, formed.group_id, committee, clock=clock, by=formed.user_id)
    return formed.group_id
