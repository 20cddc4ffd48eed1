"""The steps of the share-out page."""

from __future__ import annotations

from enum import Enum, auto


class Step(Enum):
    """What the page shows."""

    READING = auto()
    NO_CYCLE = auto()
    VALUE = auto()
    AUDIT = auto()
    COUNT = auto()
    TABLE = auto()
    VOTE = auto()
    PAY = auto()
    TAKE_BACK = auto()
    NEXT = auto()
