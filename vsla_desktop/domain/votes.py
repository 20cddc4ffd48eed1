"""A vote of the meeting, counted by raised hands. See docs/rules.md#votes."""

from __future__ import annotations

from dataclasses import dataclass

from vsla_desktop.errors import RuleBroken


@dataclass(frozen=True, slots=True)
class Vote:
    """How many hands were raised for a proposal, against it, and for neither."""

    in_favour: int
    against: int = 0
    abstained: int = 0

    @property
    def cast_count(self) -> int:
        """All who were counted."""
        return self.in_favour + self.against + self.abstained

    @property
    def is_passed(self) -> bool:
        """Whether more were for it than against; who abstains does not vote."""
        return self.in_favour > self.against


def check_vote(vote: Vote, *, present_count: int, quorum: int) -> Vote:
    """Return a vote that may stand; raise :class:`RuleBroken` for one that may not.

    The quorum must be there, nobody is counted twice, and somebody has voted.
    """
    for field in ("in_favour", "against", "abstained"):
        if getattr(vote, field) < 0:
            raise RuleBroken("Enter 0 or more votes.", field=field)
    if present_count < max(quorum, 1):
        raise RuleBroken(
            "Vote when {quorum} are present.",
            hint="{present} are marked present now.",
            field="in_favour",
            quorum=max(quorum, 1),
            present=present_count,
        )
    if vote.in_favour + vote.against == 0:
        raise RuleBroken("Enter the votes.", field="in_favour")
    if vote.cast_count > present_count:
        raise RuleBroken(
            "Count at most {most} votes.",
            hint="So many are marked present.",
            field="in_favour",
            most=present_count,
        )
    return vote
