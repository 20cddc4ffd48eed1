"""A coordinator's visit to a group: what she looked at, and what was agreed.

See docs/rules.md#visits.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from vsla_desktop.domain.identifiers import check_name
from vsla_desktop.errors import RuleBroken

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LONGEST_FINDINGS: Final = 2000
LONGEST_ACTION: Final = 200
MOST_ACTIONS: Final = 20


class Check(StrEnum):
    """One thing of the checklist."""

    BOX = "BOX"  # the box counted against the book
    PASSBOOKS = "PASSBOOKS"  # some members' passbooks against the book
    SEAL = "SEAL"  # the seal on the last slip against the book
    LOANS = "LOANS"  # late borrowers asked, agreements seen
    RULES = "RULES"  # the constitution, kept and known


class Result(StrEnum):
    """What a check found."""

    FINE = "FINE"
    WRONG = "WRONG"


@dataclass(frozen=True, slots=True)
class Agreed:
    """What somebody will do, by when; ``done_on`` is None until it is done."""

    what: str
    due: date
    done_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitNote:
    """A visit as it is written down. ``looked_at`` lacks what was not looked at.

    ``passbooks_count`` is how many passbooks were sampled.
    """

    day: date
    who: str
    looked_at: Mapping[Check, Result]
    passbooks_count: int = 0
    findings: str = ""
    actions: tuple[Agreed, ...] = ()


def check_visit(
    note: VisitNote, *, today: date, formed: date | None, members_count: int
) -> VisitNote:
    """Return a visit that can be written down; raise :class:`RuleBroken` for one that can not."""
    if note.day > today:
        raise RuleBroken("Choose a day that has come.", field="day")
    if formed is not None and note.day < formed:
        raise RuleBroken("The group was not there yet.", field="day")
    who = check_name(note.who, field="who")
    findings = note.findings.strip()
    if len(findings) > LONGEST_FINDINGS:
        raise RuleBroken(
            "Write at most {most} characters.", field="findings", most=LONGEST_FINDINGS
        )
    if not (note.looked_at or findings or note.actions):
        raise RuleBroken("Say what you looked at.", field=Check.BOX)
    sampled = Check.PASSBOOKS in note.looked_at
    if sampled and not 1 <= note.passbooks_count <= max(members_count, 1):
        raise RuleBroken(
            "Say how many passbooks: 1 to {most}.",
            field="passbooks",
            most=max(members_count, 1),
        )
    if Result.WRONG in note.looked_at.values() and not findings:
        raise RuleBroken("Say what was wrong.", field="findings")
    return VisitNote(
        day=note.day,
        who=who,
        looked_at=dict(note.looked_at),
        passbooks_count=note.passbooks_count if sampled else 0,
        findings=findings,
        actions=_checked(note.actions, note.day),
    )


def _checked(actions: Sequence[Agreed], day: date) -> tuple[Agreed, ...]:
    if len(actions) > MOST_ACTIONS:
        raise RuleBroken("Agree on at most {most} actions.", field="what_1", most=MOST_ACTIONS)
    made = []
    for number, each in enumerate(actions, start=1):
        what = " ".join(each.what.split())
        if not what:
            raise RuleBroken("Say what will be done.", field=f"what_{number}")
        if len(what) > LONGEST_ACTION:
            raise RuleBroken(
                "Write at most {most} characters.", field=f"what_{number}", most=LONGEST_ACTION
            )
        if each.due < day:
            raise RuleBroken("Choose a day after the visit.", field=f"due_{number}")
        made.append(Agreed(what, each.due, each.done_on))
    return tuple(made)
