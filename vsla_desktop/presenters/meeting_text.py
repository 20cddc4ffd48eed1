"""Moved to :mod:`vsla_desktop.wording`."""

from vsla_desktop.wording import (
    MoneyText,
    attendance_word,
    fine_word,
    fund_name,
    meeting_word,
    sentence_of,
)

__all__ = ["MoneyText", "attendance_word", "fine_word", "fund_name", "meeting_word", "sentence_of"]
