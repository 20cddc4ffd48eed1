"""Practice groups: books that look real, to learn on and to try things out."""

from __future__ import annotations

from vsla_desktop.services.practice.creating import (
    MOST_GROUPS,
    MOST_MEETINGS,
    MOST_MEMBERS,
    PracticeGroup,
    check_size,
    create_practice,
)

__all__ = [
    "MOST_GROUPS",
    "MOST_MEETINGS",
    "MOST_MEMBERS",
    "PracticeGroup",
    "check_size",
    "create_practice",
]
