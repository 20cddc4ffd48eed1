"""Why head office looks at a group: what puts its members' money at risk. docs/rules.md#risk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from vsla_desktop.domain.indicators import IndicatorName, indicator
from vsla_desktop.domain.money import ZERO

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vsla_desktop.domain.indicators import Figures

MOST_DAYS_APART: Final = 28
MOST_AT_RISK: Final = Decimal("0.1")
LEAST_ATTENDANCE: Final = Decimal("0.7")
MOST_DROPPED_OUT: Final = Decimal("0.1")
MOST_IN_DEBT: Final = Decimal("0.25")


class Risk(StrEnum):
    """What puts a group at risk, the gravest first."""

    BOX_DIFFERS = "BOX_DIFFERS"
    LOSS = "LOSS"
    LATE_LOANS = "LATE_LOANS"
    NOT_MET = "NOT_MET"
    SHARE_OUT_PAST = "SHARE_OUT_PAST"
    LOW_ATTENDANCE = "LOW_ATTENDANCE"
    DROP_OUTS = "DROP_OUTS"
    IN_DEBT = "IN_DEBT"


@dataclass(frozen=True, slots=True)
class RiskFound:
    """A risk with its figure: an amount, a part, or a number of days or members."""

    risk: Risk
    figure: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What a group is judged by on a day. ``met`` is None before its first meeting.

    ``since`` is when its cycle began, ``until`` when it is to share out; both None without one.
    """

    figures: Figures
    on: date
    met: date | None
    since: date | None
    until: date | None
    box_difference: Decimal


def risks(of: Watched) -> tuple[RiskFound, ...]:
    """Return what puts a group at risk on a day, the gravest first."""
    return tuple(sorted(_risks(of), key=lambda each: list(Risk).index(each.risk)))


def _risks(of: Watched) -> Iterator[RiskFound]:
    figures = of.figures
    if of.box_difference:
        yield RiskFound(Risk.BOX_DIFFERS, of.box_difference)
    if figures.profit < ZERO:
        yield RiskFound(Risk.LOSS, -figures.profit)
    for risk, name, most in (
        (Risk.LATE_LOANS, IndicatorName.PORTFOLIO_AT_RISK, MOST_AT_RISK),
        (Risk.DROP_OUTS, IndicatorName.DROP_OUT, MOST_DROPPED_OUT),
        (Risk.IN_DEBT, IndicatorName.DEBT_RATIO, MOST_IN_DEBT),
    ):
        part = indicator(name, figures)
        if part is not None and part > most:
            yield RiskFound(risk, part)
    came = indicator(IndicatorName.ATTENDANCE, figures)
    if of.met is not None and came is not None and came < LEAST_ATTENDANCE:
        yield RiskFound(Risk.LOW_ATTENDANCE, came)
    last = of.met if of.met is not None else of.since
    if last is not None and (of.on - last).days > MOST_DAYS_APART:
        yield RiskFound(Risk.NOT_MET, Decimal((of.on - last).days))
    if of.until is not None and of.until < of.on and figures.savings > ZERO:
        yield RiskFound(Risk.SHARE_OUT_PAST, Decimal((of.on - of.until).days))
