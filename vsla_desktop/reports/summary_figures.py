"""The figures of a summary in words: what is compared with the mean of the active members."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from vsla_desktop.domain.currencies import currency
from vsla_desktop.domain.money import round_to
from vsla_desktop.i18n import _
from vsla_desktop.queries.summary_totals import SavedIn, Totals
from vsla_desktop.reports.report import Kind

if TYPE_CHECKING:
    from vsla_desktop.queries.summaries import GroupSummary
    from vsla_desktop.wording import GroupWords


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure of a member or a group, and what each active member of the group has of it.

    The mean of an amount is rounded to the currency's step, that of counts to the hundredth.
    Attendance (a percentage) is no mean of percentages: all times present / all times called.
    """

    part: str
    title: str
    kind: Kind
    own: Decimal | int | None
    mean: Decimal | None


def compared(own: Totals, group: GroupSummary, words: GroupWords) -> tuple[Compared, ...]:
    """Return every figure of a member, or of a group's members together, beside the mean."""
    step = currency(group.currency).step

    def amount(part: str, title: str, of: Callable[[Totals], Decimal]) -> Compared:
        mean = group.mean(of)
        rounded = None if mean is None else round_to(mean, step)
        return Compared(part, title, Kind.MONEY, of(own), rounded)

    def times(part: str, title: str, of: Callable[[Totals], int]) -> Compared:
        return Compared(part, title, Kind.COUNT, of(own), group.mean(of))

    savings, loans, fines = _("Savings"), _("Loans"), _("Fines")
    came, business, achieved = _("Taking part"), _("Group business"), _("Achievements")
    rate = own.attendance, group.of_active.attendance
    return (
        times(savings, words.shares(), lambda each: each.shares),
        *(
            amount(savings, words.saving(each.kind, each.kind_name), _saved(each))
            for each in group.all.savings
        ),
        amount(savings, _("All savings"), lambda each: each.saved_in_all),
        amount(savings, _("Given to the social fund"), lambda each: each.social),
        times(loans, _("Loans taken"), lambda each: each.loans),
        amount(loans, _("Lent in all"), lambda each: each.loans_given),
        amount(loans, _("Principal owed"), lambda each: each.loans_outstanding),
        times(loans, _("Late loans"), lambda each: each.loans_late),
        amount(loans, _("Overdue"), lambda each: each.loans_overdue),
        amount(loans, _("Charge paid"), lambda each: each.charges_paid),
        times(fines, _("Fines"), lambda each: each.fines),
        amount(fines, _("Fines charged"), lambda each: each.fines_charged),
        amount(fines, _("Fines paid"), lambda each: each.fines_paid),
        amount(fines, _("Fines owed"), lambda each: each.fines_open),
        Compared(came, _("Attendance"), Kind.PERCENT, *rate),
        times(came, _("Meetings missed"), lambda each: each.meetings - each.came),
        times(came, _("Came late"), lambda each: each.late),
        times(came, _("Meetings with savings"), lambda each: each.saved),
        times(came, _("Votes, trainings, discussions"), lambda each: each.activities),
        amount(business, _("Put in"), lambda each: each.iga_invested),
        amount(business, _("Got back"), lambda each: each.iga_returned),
        times(achieved, _("Achievements"), lambda each: each.achievements),
        times(achieved, _("Points"), lambda each: each.points),
        times(achieved, _("Badges"), lambda each: each.badges),
    )


def mean_note(group: GroupSummary) -> str:
    """Say of whom the mean is."""
    return _("Mean: of the {count} active members, each counted once.", count=group.active)


def _saved(held: SavedIn) -> Callable[[Totals], Decimal]:
    return lambda each: each.saved_in(held.kind, held.fund)
