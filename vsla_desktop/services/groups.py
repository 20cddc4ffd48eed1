"""Forming a group with its rules, its kinds of saving and its first cycle."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, time
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from vsla_desktop.domain.currencies import currency
from vsla_desktop.domain.identifiers import check_group_code, check_name
from vsla_desktop.domain.postings import Fund
from vsla_desktop.domain.rules import (
    GroupRules,
    Preset,
    check_rules,
)
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.rules import (
    rules_to_settings,
)
from vsla_desktop.queries.tables import (
    GROUP_SAVING_TYPES,
    GROUPS,
    SAVING_TYPES,
    SETTINGS,
    USERS,
)
from vsla_desktop.services.cycles import open_cycle
from vsla_desktop.services.rows import add_row

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock

UNUSABLE_PASSWORD = "!"  # noqa: S105 - no pass phrase has this as its check value
CODE_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
CODE_LENGTH = 6


@dataclass(frozen=True, slots=True)
class SavingKind:
    """A kind of saving that every database knows, and the purse its money goes to by default."""

    code: str
    name: str
    fund: Fund
    allows_withdrawal: bool


SAVING_KINDS = (
    SavingKind("PERSONAL", "Shares", Fund.LOAN_FUND, allows_withdrawal=False),
    SavingKind("SOCIAL", "Social fund", Fund.SOCIAL, allows_withdrawal=False),
    SavingKind("ECD", "Early childhood development", Fund.ECD, allows_withdrawal=True),
    SavingKind("TARGET", "Target savings", Fund.TARGET, allows_withdrawal=True),
)
USUAL_KINDS = frozenset({"PERSONAL", "SOCIAL"})


@dataclass(frozen=True, slots=True, kw_only=True)
class NewGroup:
    """What is written on the first page of a group's book.

    An empty ``group_code`` asks for a new one. ``meeting_day`` is 0 for Sunday to 6 for Saturday.
    ``saving_kinds`` are the codes of the kinds of saving that the group uses.
    """

    name: str
    currency: str
    formation_date: date
    group_code: str = ""
    country: str = ""
    region: str = ""
    district: str = ""
    parish: str = ""
    village: str = ""
    meeting_day: int | None = None
    meeting_time: time | None = None
    language: str | None = None
    registration_number: str | None = None
    is_practice: bool = False
    saving_kinds: Collection[str] = USUAL_KINDS


@dataclass(frozen=True, slots=True)
class GroupFormed:
    """A group that was formed, with its first cycle and the user in whose name it was written."""

    group_id: int
    group_code: str
    cycle_id: int
    user_id: int


def create_group(
    session: Session,
    new: NewGroup,
    rules: GroupRules,
    *,
    preset: Preset | None = None,
    cycle_start: date | None = None,
    cycle_end: date | None = None,
    clock: Clock,
    by: int | None = None,
) -> GroupFormed:
    """Form a group with its rules, its kinds of saving and its first cycle.

    The cycle runs from the formation date for 52 weeks unless said otherwise. Without ``by`` a
    user of the laptop's own is made, who can not sign in. Raise :class:`RuleBroken` for rules that
    can not stand together, an unknown currency or a code that another group has.
    """
    money = currency(new.currency)
    check_rules(rules, money)
    name = check_name(new.name, field="name", most=255)
    code = check_group_code(new.group_code) if new.group_code.strip() else _new_code(session)
    connection = session.connection()
    if connection.execute(select(GROUPS.c.id).where(GROUPS.c.group_code == code)).first():
        raise RuleBroken("Choose another code; {code} is taken.", field="group_code", code=code)
    user_id = by if by is not None else _local_user(session, code)
    group_id = add_row(
        session,
        insert(GROUPS),
        {
            "name": name,
            "group_code": code,
            "country": new.country,
            "region": new.region,
            "district": new.district,
            "parish": new.parish,
            "village": new.village,
            "is_registered": bool(new.registration_number),
            "registration_number": new.registration_number,
            "formation_date": new.formation_date,
            "state": "ACTIVE",
            "meeting_frequency": rules.meeting_frequency.value,
            "meeting_day": new.meeting_day,
            "meeting_time": new.meeting_time,
            "minimum_contribution": rules.share_value,
            "created_by": user_id,
            "currency": money.code,
            "language": new.language,
            "is_practice": new.is_practice,
        },
        clock,
    )
    settings = rules_to_settings(rules) | {
        "group_id": group_id,
        "preset": preset.value if preset else None,
        "effective_date": cycle_start or new.formation_date,
    }
    add_row(session, insert(SETTINGS), settings, clock)
    _use_saving_kinds(session, group_id, new.saving_kinds, clock)
    cycle = open_cycle(
        session, group_id, cycle_start or new.formation_date, cycle_end, clock=clock, by=user_id
    )
    return GroupFormed(group_id, code, cycle.cycle_id, user_id)


def _new_code(session: Session) -> str:
    """Return a code that no group here has, and hardly one anywhere: 30 bits by chance."""
    while True:
        code = "G-" + "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
        taken = select(GROUPS.c.id).where(GROUPS.c.group_code == code)
        if session.connection().execute(taken).first() is None:
            return code


def _local_user(session: Session, code: str) -> int:
    """Return the user in whose name this laptop writes a group; it can not sign in."""
    username = f"books-{code.lower()}"
    return add_row(
        session,
        insert(USERS),
        {
            "username": username,
            "email": f"{username}@local.invalid",
            "password": UNUSABLE_PASSWORD,
        },
        None,
    )


def _use_saving_kinds(
    session: Session, group_id: int, codes: Collection[str], clock: Clock
) -> None:
    """Take up the kinds of saving; those that the group does not use wait, inactive."""
    connection = session.connection()
    ids = {
        row.code: row.id
        for row in connection.execute(select(SAVING_TYPES.c.code, SAVING_TYPES.c.id))
    }
    unknown = set(codes) - {kind.code for kind in SAVING_KINDS} - set(ids)
    if unknown:
        raise RuleBroken(
            "We do not know the saving {code}.", field="saving_kinds", code=min(unknown)
        )
    for order, kind in enumerate(SAVING_KINDS):
        if kind.code not in ids:
            ids[kind.code] = add_row(
                session,
                insert(SAVING_TYPES),
                {
                    "code": kind.code,
                    "name": kind.name,
                    "is_mandatory": kind.code == "PERSONAL",
                    "allows_withdrawal": kind.allows_withdrawal,
                },
                clock,
            )
        add_row(
            session,
            insert(GROUP_SAVING_TYPES),
            {
                "group_id": group_id,
                "saving_type_id": ids[kind.code],
                "fund_type": kind.fund.value,
                "allows_withdrawal": kind.allows_withdrawal,
                "display_order": order,
                "is_active": kind.code in codes,
            },
            clock,
        )
