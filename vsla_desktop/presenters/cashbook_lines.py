"""What the lines of the cashbook say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vsla_desktop.domain.postings import PostingType
from vsla_desktop.i18n import _, format_date, labelled
from vsla_desktop.presenters.grid import Cell
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.services.postings import WORDS

if TYPE_CHECKING:
    from vsla_desktop.queries.lines import LedgerLine
    from vsla_desktop.wording import GroupWords

# "Fine paid" heads a column in other languages, where it is said otherwise than on a line.
_OWN_WORDS = {PostingType.FINE_PAYMENT: "Payment of a fine"}


def what_it_is(entry: LedgerLine, words: GroupWords) -> Cell:
    """What a line is, with its correction said beside it."""
    said = _(_OWN_WORDS.get(entry.type, WORDS[entry.type]))
    if entry.shares_count:
        said = f"{said}, {words.so_many_shares(entry.shares_count)}"
    elif entry.description and not entry.is_reversal and entry.description != WORDS[entry.type]:
        said = labelled(said, entry.description)
    if entry.is_reversal:
        day = format_date(entry.reverses_day or entry.day)
        text = _("Takes back {what} of {day}: {reason}", what=said, day=day, reason=entry.reason)
        return Cell(text, tooltip=f"{text} ({entry.reverses})", icon="undo", tone=Tone.WARNING)
    if entry.reversed_by:
        day = format_date(entry.reversed_day or entry.day)
        text = _("{what} (taken back on {day})", what=said, day=day)
        return Cell(text, tooltip=f"{text} ({entry.reversed_by})", icon="undo", tone=Tone.MUTED)
    if entry.is_pending:
        return Cell(_("{what}, not verified yet", what=said), icon="mobile", tone=Tone.MUTED)
    if entry.is_correction:
        text = _("{what}, put right: {reason}", what=said, reason=entry.reason)
        return Cell(text, tooltip=text, icon="undo")
    return Cell(said, tooltip=entry.reference)
