"""The sheets of the workbook: every key and column declared once.

The template, the reader and the export all follow from these declarations, so that what one writes
the other reads. Explanations are in the words of a treasurer.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from vsla_desktop.domain.fines import FineType
from vsla_desktop.domain.identifiers import LONGEST_NAME
from vsla_desktop.domain.meeting import AttendanceStatus
from vsla_desktop.domain.postings import Fund

GROUP, MEMBERS, MEETINGS, ENTRIES, OTHER = "Group", "Members", "Meetings", "Entries", "Other"
HELP = "Help"
LONGEST_TEXT = 5_000
LONGEST_CELL = 32_767
"""Characters that a spreadsheet keeps in one cell."""
MOST_COUNT = 1_000_000


class Kind(StrEnum):
    """What a cell holds."""

    TEXT = "TEXT"
    WHOLE = "WHOLE"
    AMOUNT = "AMOUNT"
    BALANCE = "BALANCE"  # an amount that may be below 0
    NUMBER = "NUMBER"  # a plain decimal: a multiple, a percentage of 0 to 100
    RATE = "RATE"  # a fraction: 0.1, or 10 %
    DATE = "DATE"
    TIME = "TIME"
    CHOICE = "CHOICE"
    YES_NO = "YES_NO"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a sheet, or a key of the sheet Group.

    ``most`` is the longest text, or the largest whole number. ``choices`` are the values a CHOICE
    takes, ``many`` whether several may stand in one cell, with commas. ``extra`` columns hold what
    few groups need: they are read and exported, and the template leaves them out. ``offered`` are
    the values of daily use, where there are too many for a list.
    """

    name: str
    kind: Kind
    words: str
    example: str = ""
    required: bool = False
    choices: tuple[str, ...] = ()
    many: bool = False
    most: int = LONGEST_TEXT
    extra: bool = False
    offered: tuple[str, ...] = ()

    @property
    def listed(self) -> tuple[str, ...]:
        """The values that the template offers: all of them, or those of daily use."""
        return self.offered or self.choices


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of rows under one header row."""

    name: str
    columns: tuple[Column, ...]
    most_rows: int
    required: bool = True

    def column(self, name: str) -> Column:
        """Return the column of a name."""
        return next(each for each in self.columns if each.name == name)


def choices_of(kinds: type[StrEnum]) -> tuple[str, ...]:
    """Return the codes of a list."""
    return tuple(each.value for each in kinds)


_K, _C = Kind, Column
_FUNDS = choices_of(Fund)

ROLES = (
    "MEMBER",
    "OFFICER",
    "FOUNDER",
    "CHAIRPERSON",
    "SECRETARY",
    "TREASURER",
    "MONEY_COUNTER",
    "KEY_HOLDER",
)
_FINES = choices_of(FineType)

MEMBERS_SHEET = Sheet(
    MEMBERS,
    (
        _C("number", _K.WHOLE, "The member's number.", "1", required=True, most=9999),
        _C("first_name", _K.TEXT, "First name.", "Amina", required=True, most=LONGEST_NAME),
        _C("last_name", _K.TEXT, "Family name.", "Nakato", most=LONGEST_NAME),
        _C("gender", _K.CHOICE, "F, M or Other.", "F", required=True, choices=("F", "M", "Other")),
        _C("phone_number", _K.TEXT, "Telephone number.", "+256 772 123456", most=40),
        _C("id_number", _K.TEXT, "Number of the identity card.", "CM90012345", most=50),
        _C("joined_date", _K.DATE, "Empty is the start of the cycle.", "2026-01-05"),
        _C("role", _K.CHOICE, "What the member does.", "TREASURER", choices=ROLES),
        _C(
            "opening_shares",
            _K.WHOLE,
            "For a start in the middle: shares of this cycle so far.",
            "12",
            most=MOST_COUNT,
        ),
        _C("opening_loan", _K.AMOUNT, "For a start in the middle: loan still owed.", "30000"),
        _C("opening_fines", _K.AMOUNT, "For a start in the middle: fines still owed.", "200"),
        _C("opening_loan_charge", _K.AMOUNT, "Charge of that loan still to come.", extra=True),
        _C(
            "opening_loan_months", _K.WHOLE, "Periods the old loan still runs.", most=60, extra=True
        ),
        _C("opening_loan_due", _K.DATE, "The next day on which it is due.", extra=True),
        _C("opening_social_due", _K.AMOUNT, "Still owed to the social fund.", extra=True),
        _C("email", _K.TEXT, "E-mail address.", most=128, extra=True),
        _C("date_of_birth", _K.DATE, "Day of birth.", extra=True),
        _C("occupation", _K.TEXT, "What the member works.", most=100, extra=True),
        _C("founder", _K.YES_NO, "Yes for a founder.", extra=True),
        _C(
            "status",
            _K.CHOICE,
            "ACTIVE or SUSPENDED.",
            choices=("ACTIVE", "SUSPENDED"),
            extra=True,
        ),
        _C("left_date", _K.DATE, "The day the member left.", extra=True),
        _C(
            "leaving_reason",
            _K.CHOICE,
            "Why the member left.",
            choices=("LEFT", "EXPELLED", "DIED", "MOVED"),
            extra=True,
        ),
        _C("target", _K.AMOUNT, "What target savings are to reach.", extra=True),
        _C(
            "joined_meeting",
            _K.WHOLE,
            "The meeting that the member joined at.",
            most=99_999,
            extra=True,
        ),
    ),
    most_rows=2_000,
)

MEETINGS_SHEET = Sheet(
    MEETINGS,
    (
        _C("number", _K.WHOLE, "The number of the meeting.", "1", required=True, most=99_999),
        _C("date", _K.DATE, "The day of the meeting.", "2026-01-05", required=True),
        _C(
            "type",
            _K.CHOICE,
            "The kind of meeting.",
            "REGULAR",
            choices=("REGULAR", "SPECIAL", "ANNUAL", "EMERGENCY"),
        ),
        _C("opening_loan_fund_count", _K.AMOUNT, "Loan fund counted at the start.", "0"),
        _C("opening_social_fund_count", _K.AMOUNT, "Social fund counted at the start.", "0"),
        _C("closing_loan_fund_count", _K.AMOUNT, "Loan fund counted at the end.", "50000"),
        _C("closing_social_fund_count", _K.AMOUNT, "Social fund counted at the end.", "12500"),
        _C("opening_reason", _K.TEXT, "Why the first count differs.", extra=True),
        _C("closing_reason", _K.TEXT, "Why the last count differs.", extra=True),
        _C("opening_ecd_fund_count", _K.AMOUNT, "ECD fund at the start.", extra=True),
        _C("closing_ecd_fund_count", _K.AMOUNT, "ECD fund at the end.", extra=True),
        _C("opening_target_fund_count", _K.AMOUNT, "Target savings at the start.", extra=True),
        _C("closing_target_fund_count", _K.AMOUNT, "Target savings at the end.", extra=True),
        _C("meetings_merged", _K.WHOLE, "Meetings held as one.", most=12, extra=True),
        _C("location", _K.TEXT, "Where it was held.", most=255, extra=True),
        _C("minutes", _K.TEXT, "The minutes.", most=LONGEST_CELL, extra=True),
        _C("decisions", _K.TEXT, "What was decided.", most=LONGEST_CELL, extra=True),
        _C("action_items", _K.TEXT, "What is to be done.", most=LONGEST_CELL, extra=True),
        _C("still_open", _K.YES_NO, "Yes while the meeting is not closed.", extra=True),
        _C("cycle", _K.WHOLE, "The cycle it belongs to.", most=999, extra=True),
        _C("planned_date", _K.DATE, "The day it was first planned for.", extra=True),
        _C("moved_reason", _K.TEXT, "Why it was moved.", extra=True),
        _C("chairperson", _K.WHOLE, "Who led it; 0 for nobody.", most=9999, extra=True),
        _C("secretary", _K.WHOLE, "Who wrote; 0 for nobody.", most=9999, extra=True),
        _C("treasurer", _K.WHOLE, "Who kept the box; 0 for nobody.", most=9999, extra=True),
        _C("purpose", _K.TEXT, "What it was held for.", most=255, extra=True),
    ),
    most_rows=5_000,
)

ENTRIES_SHEET = Sheet(
    ENTRIES,
    (
        _C("meeting", _K.WHOLE, "The number of the meeting.", "1", required=True, most=99_999),
        _C("member", _K.WHOLE, "The number of the member.", "1", required=True, most=9999),
        _C(
            "attendance",
            _K.CHOICE,
            "How the member stands in the roll call.",
            "PRESENT",
            choices=choices_of(AttendanceStatus),
        ),
        _C("social_fund", _K.AMOUNT, "Paid to the social fund.", "500"),
        _C("shares", _K.WHOLE, "Shares bought.", "3", most=MOST_COUNT),
        _C("fine_type", _K.CHOICE, "What the fine is for.", "LATE_ARRIVAL", choices=_FINES),
        _C("fine_charged", _K.AMOUNT, "Fine charged.", "200"),
        _C("fine_paid", _K.AMOUNT, "Fines paid.", "200"),
        _C("loan_repaid", _K.AMOUNT, "Paid back of a loan, charge and all.", "11000"),
        _C("loan_taken", _K.AMOUNT, "Loan given.", "30000"),
        _C("loan_months", _K.WHOLE, "Periods of the loan.", "3", most=60),
        _C("loan_purpose", _K.TEXT, "What the loan is for.", "Seeds"),
        _C("loan_guarantors", _K.TEXT, "Numbers of those who stand for it.", most=100, extra=True),
        _C("excuse_reason", _K.TEXT, "Why the member was excused.", extra=True),
        _C("represented_by", _K.TEXT, "Who came instead.", most=200, extra=True),
        _C("arrival_time", _K.TIME, "When the member came.", extra=True),
        _C("discussed", _K.YES_NO, "Took part in the discussion.", extra=True),
        _C("voted", _K.YES_NO, "Voted.", extra=True),
        _C("suspended", _K.YES_NO, "Yes while the member may not save.", extra=True),
        _C("request", _K.WHOLE, "The request that it was for.", most=99_999, extra=True),
    ),
    most_rows=200_000,
)


class OtherType(StrEnum):
    """What a row of the sheet Other says: what the sheet Entries has no column for."""

    EXPENSE = "EXPENSE"
    OTHER_INCOME = "OTHER_INCOME"
    BANK_DEPOSIT = "BANK_DEPOSIT"
    BANK_WITHDRAWAL = "BANK_WITHDRAWAL"
    SOCIAL_CONTRIBUTION = "SOCIAL_CONTRIBUTION"
    SOCIAL_GRANT = "SOCIAL_GRANT"
    SOCIAL_ADVANCE = "SOCIAL_ADVANCE"
    SOCIAL_ADVANCE_REPAYMENT = "SOCIAL_ADVANCE_REPAYMENT"
    SAVINGS_DEPOSIT = "SAVINGS_DEPOSIT"
    SAVINGS_WITHDRAWAL = "SAVINGS_WITHDRAWAL"
    FINE_CHARGED = "FINE_CHARGED"
    FINE_WAIVED = "FINE_WAIVED"
    FINE_PAYMENT = "FINE_PAYMENT"
    LOAN_DISBURSEMENT = "LOAN_DISBURSEMENT"
    LOAN_REPAYMENT = "LOAN_REPAYMENT"
    CORRECTION = "CORRECTION"
    REVERSAL = "REVERSAL"
    MARK_CORRECTED = "MARK_CORRECTED"
    LOAN_TOP_UP = "LOAN_TOP_UP"
    LOAN_RESCHEDULED = "LOAN_RESCHEDULED"
    LOAN_CHANGE_UNDONE = "LOAN_CHANGE_UNDONE"
    PENALTY_LET_OFF = "PENALTY_LET_OFF"
    ADVANCE_LET_OFF = "ADVANCE_LET_OFF"
    LOAN_WRITE_OFF = "LOAN_WRITE_OFF"
    LOAN_RECOVERED = "LOAN_RECOVERED"
    CATCH_UP_SHARES = "CATCH_UP_SHARES"
    LEAVER_PAYOUT = "LEAVER_PAYOUT"
    LEAVER_PAID = "LEAVER_PAID"
    EXTERNAL_LOAN_IN = "EXTERNAL_LOAN_IN"
    EXTERNAL_LOAN_OUT = "EXTERNAL_LOAN_OUT"
    MOBILE_MONEY = "MOBILE_MONEY"
    MOBILE_REJECTED = "MOBILE_REJECTED"
    VOTE = "VOTE"
    ACTIVITY = "ACTIVITY"
    SHARE_OUT_COUNT = "SHARE_OUT_COUNT"
    SHARE_OUT = "SHARE_OUT"
    SHARE_OUT_PAID = "SHARE_OUT_PAID"
    SHARE_OUT_RETURNED = "SHARE_OUT_RETURNED"
    REINVESTED = "REINVESTED"


DAILY = (
    OtherType.EXPENSE,
    OtherType.OTHER_INCOME,
    OtherType.BANK_DEPOSIT,
    OtherType.BANK_WITHDRAWAL,
    OtherType.SOCIAL_GRANT,
    OtherType.SOCIAL_ADVANCE,
    OtherType.SOCIAL_ADVANCE_REPAYMENT,
    OtherType.SAVINGS_DEPOSIT,
    OtherType.SAVINGS_WITHDRAWAL,
    OtherType.FINE_CHARGED,
    OtherType.FINE_WAIVED,
    OtherType.LOAN_DISBURSEMENT,
    OtherType.LOAN_WRITE_OFF,
)
"""What a group writes into the template; the rest comes from the program's own workbooks."""

OTHER_SHEET = Sheet(
    OTHER,
    (
        _C("meeting", _K.WHOLE, "The number of the meeting.", "4", most=99_999),
        _C("member", _K.WHOLE, "The number of the member, if any.", "7", most=9999),
        _C(
            "type",
            _K.CHOICE,
            "What happened.",
            "EXPENSE",
            required=True,
            choices=choices_of(OtherType),
            offered=tuple(each.value for each in DAILY),
        ),
        _C("fund", _K.CHOICE, "The fund; empty is the loan fund.", "LOAN_FUND", choices=_FUNDS),
        _C("amount", _K.AMOUNT, "How much.", "1500", required=True),
        _C("description", _K.TEXT, "What it was for, or why.", "Transport to the bank"),
        _C(
            "detail",
            _K.TEXT,
            "The kind of fine or of saving; periods of a loan; more, by what happened.",
            "LATE_PAYMENT",
        ),
        _C("held_in", _K.CHOICE, "BOX, or BANK.", "BOX", choices=("BOX", "BANK"), extra=True),
        _C("of_meeting", _K.WHOLE, "The meeting of what is undone.", most=99_999, extra=True),
        _C("date", _K.DATE, "The day, between two meetings.", extra=True),
        _C(
            "right_amount",
            _K.AMOUNT,
            "What is right; what a leaver got for shares.",
            extra=True,
        ),
        _C("loan", _K.WHOLE, "Which of the member's loans, from 1 on.", most=9999, extra=True),
        _C("rest", _K.AMOUNT, "What is still owed of it afterwards.", extra=True),
        _C("charge", _K.AMOUNT, "What a loan from outside costs.", extra=True),
        _C("day", _K.DATE, "The day it is due, was sent, or counts from.", extra=True),
        _C("category", _K.TEXT, "The kind of cost, income or event.", most=50, extra=True),
        _C("phone_number", _K.TEXT, "The telephone it was sent from.", most=40, extra=True),
        _C("votes_for", _K.WHOLE, "Hands for it.", most=9999, extra=True),
        _C("votes_against", _K.WHOLE, "Hands against it.", most=9999, extra=True),
        _C("votes_abstained", _K.WHOLE, "Hands for neither.", most=9999, extra=True),
        _C("parts", _K.TEXT, "Who took part, and how each voted.", extra=True),
        _C("note", _K.TEXT, "More about a vote; why a payment was rejected.", extra=True),
        _C("request", _K.WHOLE, "The request that it was for.", most=99_999, extra=True),
        _C("in_turn", _K.YES_NO, "Yes: put right in its turn, not first of all.", extra=True),
        _C("cycle", _K.WHOLE, "The cycle it belongs to.", most=999, extra=True),
    ),
    most_rows=50_000,
    required=False,
)

SHEETS = (MEMBERS_SHEET, MEETINGS_SHEET, ENTRIES_SHEET, OTHER_SHEET)
