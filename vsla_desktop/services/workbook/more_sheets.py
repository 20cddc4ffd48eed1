"""The sheets of what a group keeps beside its meetings: written where there is something to say.

Like those of :mod:`layout`, they are declared once; template, reader and export follow from them.
"""

from __future__ import annotations

from functools import partial

from vsla_desktop.domain.identifiers import LONGEST_NAME
from vsla_desktop.domain.kinds import GrantEvent
from vsla_desktop.domain.postings import Fund
from vsla_desktop.services.workbook.group_keys import RULE_KEYS
from vsla_desktop.services.workbook.layout import MOST_COUNT, Column, Kind, Sheet, choices_of

_K, _C, _N = Kind, Column, partial(Column, required=True)
CYCLES, RULES, SAVINGS, PLANNED = "Cycles", "Rules", "Savings", "Planned"
REQUESTS, COUNTS, BANK, PROPERTY = "Requests", "Counts", "Bank", "Property"
GRANTS, NOT_CARRIED = "Grants", "Not carried"
_MEETING_TYPES = ("REGULAR", "SPECIAL", "ANNUAL", "EMERGENCY")
_HANDS = (
    _C("votes_for", _K.WHOLE, "Hands for it.", most=9999),
    _C("votes_against", _K.WHOLE, "Hands against it.", most=9999),
    _C("votes_abstained", _K.WHOLE, "Hands for neither.", most=9999),
)

CYCLES_SHEET = Sheet(
    CYCLES,
    (
        _N("number", _K.WHOLE, "The cycles from 1 on; the first is in Group.", "2", most=999),
        _N("start_date", _K.DATE, "The first day of the cycle.", "2026-01-05"),
        _C("end_date", _K.DATE, "The day of the share-out; empty is 52 weeks on."),
        _C("closed", _K.YES_NO, "Yes when the cycle is shared out and closed."),
        _C("members_at_start", _K.WHOLE, "The members when it began."),
        _C("property_at_start", _K.AMOUNT, "What the property was worth then."),
    ),
    most_rows=100,
    required=False,
)

RULES_SHEET = Sheet(
    RULES,
    (
        _N("from_date", _K.DATE, "The day from which these rules hold.", "2026-06-01"),
        _C("meeting", _K.WHOLE, "The meeting that voted; empty before the first.", most=99_999),
        *_HANDS,
        _C("said", _K.TEXT, "What was voted, in words.", most=4000),
        *RULE_KEYS,
    ),
    most_rows=1_000,
    required=False,
)

SAVINGS_SHEET = Sheet(
    SAVINGS,
    (
        _N("kind", _K.TEXT, "The code of the kind of saving.", "TARGET", most=20),
        _C("used", _K.YES_NO, "Whether the group uses it.", "yes"),
        _C("fund", _K.CHOICE, "The fund that it goes to.", "TARGET", choices=choices_of(Fund)),
        _C("minimum", _K.AMOUNT, "The least at a meeting.", "500"),
        _C("maximum", _K.AMOUNT, "The most at a meeting; empty is no limit.", "10000"),
        _C("withdrawal", _K.YES_NO, "Whether it may be taken out.", "yes"),
        _C("notice_days", _K.WHOLE, "The days of notice before that.", "30", most=365),
        _C("from_date", _K.DATE, "The day from which it holds, if that was voted."),
    ),
    most_rows=100,
    required=False,
)

PLANNED_SHEET = Sheet(
    PLANNED,
    (
        _N("number", _K.WHOLE, "The number of the meeting.", "12", most=99_999),
        _N("date", _K.DATE, "The day it is planned for now.", "2026-04-06"),
        _C("planned_date", _K.DATE, "The day it was first planned for."),
        _C("type", _K.CHOICE, "The kind of meeting.", "REGULAR", choices=_MEETING_TYPES),
        _C("cancelled", _K.YES_NO, "Yes when it is not held."),
        _C("opened", _K.YES_NO, "Yes when it was opened before it was cancelled."),
        _C("reason", _K.TEXT, "Why it was moved or cancelled."),
        _C("cycle", _K.WHOLE, "The cycle it belongs to.", most=999),
        _C("location", _K.TEXT, "Where it is held.", most=255),
        _C("purpose", _K.TEXT, "What it is held for.", most=255),
    ),
    most_rows=5_000,
    required=False,
)

REQUESTS_SHEET = Sheet(
    REQUESTS,
    (
        _N("number", _K.WHOLE, "The requests from 1 on.", "1", most=99_999),
        _N("member", _K.WHOLE, "The number of the member.", "7", most=9999),
        _N("date", _K.DATE, "The day on which the member asked.", "2026-03-02"),
        _N("amount", _K.AMOUNT, "The loan that is asked for.", "30000"),
        _N("periods", _K.WHOLE, "Periods of the loan.", "3", most=60),
        _C("purpose", _K.TEXT, "What the loan is for.", "Seeds"),
        _C("guarantors", _K.TEXT, "Numbers of those who stand for it.", "3, 9", most=100),
        _C("meeting", _K.WHOLE, "The meeting that voted on it; empty is not yet.", most=99_999),
        *_HANDS,
        _C("note", _K.TEXT, "What was said at the vote; why it was refused."),
        _C("withdrawn", _K.TEXT, "Why the member let it go, if so."),
    ),
    most_rows=20_000,
    required=False,
)

COUNTS_SHEET = Sheet(
    COUNTS,
    (
        _N("meeting", _K.WHOLE, "The number of the meeting.", "4", most=99_999),
        _N("count", _K.CHOICE, "OPENING, or CLOSING.", "", choices=("OPENING", "CLOSING")),
        _N("fund", _K.CHOICE, "The fund that was counted.", "", choices=choices_of(Fund)),
        _C("piece", _K.NUMBER, "The value of a note or coin.", "1000"),
        _C("pieces", _K.WHOLE, "How many there were.", "12", most=MOST_COUNT),
        _C("reason", _K.TEXT, "Why this count differs from the book."),
    ),
    most_rows=200_000,
    required=False,
)

BANK_SHEET = Sheet(
    BANK,
    (
        _N("date", _K.DATE, "The day of the statement.", "2026-03-02"),
        _N("said", _K.AMOUNT, "What the bank says is there.", "150000"),
        _N("book", _K.BALANCE, "What the book said that day.", "150000"),
        _C("note", _K.TEXT, "What was noted."),
    ),
    most_rows=10_000,
    required=False,
)

PROPERTY_SHEET = Sheet(
    PROPERTY,
    (
        _N("number", _K.WHOLE, "The things from 1 on.", "1"),
        _N("name", _K.TEXT, "What it is.", "Box with three locks", most=LONGEST_NAME),
        _N("bought_on", _K.DATE, "The day it was bought.", "2025-01-10"),
        _N("cost", _K.AMOUNT, "What it cost.", "45000"),
        _N("value", _K.AMOUNT, "What it is worth now.", "30000"),
        _N("valued_on", _K.DATE, "The day of that value.", "2026-01-10"),
        _C("note", _K.TEXT, "What was noted."),
        _C("removed_on", _K.DATE, "The day from which the group has it no more."),
        _C("removal_reason", _K.TEXT, "Why the group has it no more."),
    ),
    most_rows=5_000,
    required=False,
)

GRANTS_SHEET = Sheet(
    GRANTS,
    (
        _N("event", _K.CHOICE, "The event.", "DEATH", choices=choices_of(GrantEvent)),
        _N("amount", _K.AMOUNT, "What the group gives at it.", "20000"),
    ),
    most_rows=100,
    required=False,
)

NOT_CARRIED_SHEET = Sheet(
    NOT_CARRIED,
    (
        _N("what", _K.TEXT, "What this workbook does not hold.", ""),
        _C("count", _K.WHOLE, "How much of it the book has.", most=MOST_COUNT),
        _C("why", _K.TEXT, "Why, and what to do."),
    ),
    most_rows=1_000,
    required=False,
)

MORE_SHEETS = (
    CYCLES_SHEET,
    RULES_SHEET,
    SAVINGS_SHEET,
    PLANNED_SHEET,
    REQUESTS_SHEET,
    COUNTS_SHEET,
    BANK_SHEET,
    PROPERTY_SHEET,
    GRANTS_SHEET,
    NOT_CARRIED_SHEET,
)
"""The sheets that only a book that needs them has."""
