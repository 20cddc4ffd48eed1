"""Why a group needs its coordinator, in words: on her desk and on the sheet that she carries."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from vsla_desktop.domain.attention import Concern, Urgency
from vsla_desktop.domain.visits import Check, Result
from vsla_desktop.i18n import _, translate_counted
from vsla_desktop.wording import percent, whole

if TYPE_CHECKING:
    from vsla_desktop.domain.attention import Reason
    from vsla_desktop.wording import MoneyText

_WEEK = 7
_WHOLE = Decimal("0.01")


def urgency_word(urgency: Urgency) -> str:
    """Say how soon a group needs its coordinator."""
    return {Urgency.NOW: _("Urgent"), Urgency.SOON: _("Soon"), Urgency.FINE: _("All is well")}[
        urgency
    ]


def concern_word(concern: Concern) -> str:
    """Say what may need a coordinator, to choose groups by."""
    return {
        Concern.BOX_DIFFERS: _("Box differs"),
        Concern.PURSES_DIFFER: _("Purses differ"),
        Concern.TO_SETTLE: _("Something to settle"),
        Concern.SHARE_OUT_LATE: _("Share-out is late"),
        Concern.SHARE_OUT_SOON: _("Share-out soon"),
        Concern.MEETINGS_MISSED: _("No meeting"),
        Concern.NEVER_MET: _("Has not met yet"),
        Concern.LEFT_OPEN: _("Meeting left open"),
        Concern.LATE_LOANS: _("Late loans"),
        Concern.ACTIONS_LATE: _("Agreed and not done"),
        Concern.FEW_CAME: _("Few came"),
        Concern.LOW_ATTENDANCE: _("Low attendance"),
        Concern.MEMBERS_LEFT: _("Members left"),
        Concern.NOT_SENT: _("Not sent"),
    }[concern]


def reason_words(reason: Reason, money: MoneyText, *, is_short: bool = False) -> str:
    """Say a reason in a few words, with its figure; in short without what goes with the figure."""
    count = reason.count
    match reason.concern:
        case Concern.BOX_DIFFERS:
            amount = money.with_code(abs(reason.amount))
            if reason.amount < 0:
                return _("{amount} missing in the box", amount=amount)
            return _("{amount} too much in the box", amount=amount)
        case Concern.MEETINGS_MISSED:
            return _no_meeting(count)
        case Concern.LATE_LOANS:
            loans = translate_counted("{count} late loan", "{count} late loans", count)
            if reason.rate is None or is_short:
                return loans
            return _("{loans}, {rate} at risk", loans=loans, rate=whole_percent(reason.rate))
        case Concern.FEW_CAME | Concern.LOW_ATTENDANCE:
            rate = whole_percent(reason.rate or Decimal(0))
            if reason.concern is Concern.FEW_CAME:
                return _("Only {rate} came last time", rate=rate)
            return _("Attendance {rate} in this cycle", rate=rate)
        case Concern.PURSES_DIFFER | Concern.NEVER_MET:
            return concern_word(reason.concern)
        case _counted:
            return _counted_words(reason.concern, count)


def _counted_words(concern: Concern, count: int) -> str:
    one, many = {
        Concern.TO_SETTLE: ("{number} thing to settle", "{number} things to settle"),
        Concern.SHARE_OUT_LATE: (
            "Share-out was due {number} day ago",
            "Share-out was due {number} days ago",
        ),
        Concern.SHARE_OUT_SOON: ("Share-out in {number} day", "Share-out in {number} days"),
        Concern.LEFT_OPEN: (
            "Meeting open for {number} day",
            "Meeting open for {number} days",
        ),
        Concern.ACTIONS_LATE: (
            "{number} agreed action not done",
            "{number} agreed actions not done",
        ),
        Concern.MEMBERS_LEFT: ("{number} member left", "{number} members left"),
        Concern.NOT_SENT: ("{number} record not sent", "{number} records not sent"),
    }[concern]
    if concern is Concern.SHARE_OUT_SOON and not count:
        return _("Share-out today")
    return translate_counted(one, many, count, number=whole(count))


def _no_meeting(days: int) -> str:
    if days < 2 * _WEEK:
        return translate_counted("No meeting for {count} day", "No meeting for {count} days", days)
    weeks = days // _WEEK
    return translate_counted("No meeting for {count} week", "No meeting for {count} weeks", weeks)


def whole_percent(rate: Decimal) -> str:
    """Write a fraction as whole percent."""
    return percent(rate.quantize(_WHOLE, ROUND_HALF_UP))


def check_word(check: Check) -> str:
    """Say what is looked at on a visit."""
    return {
        Check.BOX: _("Box against the book"),
        Check.PASSBOOKS: _("Passbooks against the book"),
        Check.SEAL: _("Seal on the last slip"),
        Check.LOANS: _("Late loans"),
        Check.RULES: _("Rules kept and known"),
    }[check]


def result_word(result: Result | None) -> str:
    """Say what looking at it found; None when nobody looked."""
    if result is None:
        return _("Not looked at")
    return {Result.FINE: _("In order"), Result.WRONG: _("Wrong")}[result]
