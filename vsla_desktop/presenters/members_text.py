"""What is said of a member in words: office, standing, gender."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vsla_desktop.i18n import _
from vsla_desktop.presenters.shell import Tone

if TYPE_CHECKING:
    from vsla_desktop.queries.members import MemberLine


def office_names() -> dict[str, str]:
    """The offices as the group calls them."""
    return {
        "CHAIRPERSON": _("Chairperson"),
        "SECRETARY": _("Secretary"),
        "TREASURER": _("Treasurer"),
        "MONEY_COUNTER": _("Money-counter"),
        "KEY_HOLDER": _("Key-holder"),
    }


def gender_names() -> dict[str, str]:
    """The genders as the programme's forms count them."""
    return {"F": _("Female"), "M": _("Male"), "Other": _("Other")}


def leaving_words() -> dict[str, str]:
    """Why members leave, as the list says it of those who did."""
    return {"MOVED": _("Moved away"), "EXPELLED": _("Expelled"), "DIED": _("Died")}


def standing(member: MemberLine) -> str:
    """The member's office or standing, in a word."""
    if not member.is_active:
        return leaving_words().get(member.leaving_reason, _("Left"))
    if member.status == "SUSPENDED":
        return _("Suspended")
    return office_names().get(member.office, _("Member"))


def standing_tone(member: MemberLine) -> Tone:
    """How the standing is coloured."""
    if not member.is_active:
        return Tone.MUTED
    return Tone.WARNING if member.status == "SUSPENDED" else Tone.PLAIN
