"""What to look at before figures are exported: what is wrong in the books, and where to mend it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from vsla_desktop.domain.money import ZERO
from vsla_desktop.i18n import _, format_date
from vsla_desktop.queries.data_quality import MOST_SEALS_WORKED_OUT, Flaw, FlawFound, flaws
from vsla_desktop.reports.programme_indicators import ASKED, the_day
from vsla_desktop.reports.report import (
    Definition,
    Kind,
    Over,
    Report,
    ReportColumn,
    ReportTable,
    Row,
)
from vsla_desktop.reports.subject import programme_subject

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.queries.filtering import Filter


def flaw_words(flaw: Flaw) -> tuple[str, str]:
    """Say what is wrong, and where it is mended."""
    return {
        Flaw.SEAL_BROKEN: (
            _("A meeting does not bear out its seal"),
            _("Compare the meeting with its slip"),
        ),
        Flaw.BOX_DIFFERS: (
            _("The last count differs from the book"),
            _("Count again at the next meeting"),
        ),
        Flaw.FUND_BELOW_NOUGHT: (_("A fund is below nought"), _("Correct an entry: Cashbook")),
        Flaw.FUTURE_ENTRIES: (_("Entries of days to come"), _("Correct them: Cashbook")),
        Flaw.FUTURE_MEETINGS: (
            _("Meetings held on days to come"),
            _("Set the date of the computer, and correct"),
        ),
        Flaw.MORE_CAME_THAN_MEMBERS: (
            _("More came than there are members"),
            _("Write down who joined: Members"),
        ),
        Flaw.OPEN_MEETINGS: (_("A meeting was never closed"), _("Close it: Meeting")),
        Flaw.OLD_LOANS: (
            _("Loans older than the cycle"),
            _("Take payments, or write off by vote: Loans"),
        ),
        Flaw.SHARE_OUT_PAST: (
            _("The day of the share-out has passed"),
            _("Share out, or move the day: Share-out"),
        ),
        Flaw.NO_CYCLE: (_("The group has no cycle"), _("Open one: Settings")),
        Flaw.NO_MEMBERS: (_("The group has no members"), _("Add them: Members")),
        Flaw.WAITING_PAYMENTS: (
            _("Payments by telephone wait"),
            _("Verify or reject them: Mobile money"),
        ),
        Flaw.NO_GENDER: (_("Members without gender"), _("Write it down: Members")),
        Flaw.NO_DISTRICT: (_("The group has no district"), _("Write it down: Settings")),
    }[flaw]


def warning_table(session: Session, wanted: Filter, clock: Clock, on: date) -> ReportTable | None:
    """Return the warnings about the groups of a filter; None where all is well."""
    found = flaws(session, wanted, on=on, today=clock.today())
    if not found:
        return None
    return ReportTable(
        _("Look at this first"),
        (
            ReportColumn(_("Group")),
            ReportColumn(_("Code")),
            ReportColumn(_("What")),
            ReportColumn(_("How many"), Kind.COUNT),
            ReportColumn(_("Amount"), Kind.MONEY),
            ReportColumn(_("Currency")),
            ReportColumn(_("Day"), Kind.DATE),
            ReportColumn(_("Where to mend it")),
        ),
        tuple(map(_row, found)),
        note=_(
            "Of more than {count} groups the chain of the seals is looked at; vsla db verify works"
            " them out.",
            count=MOST_SEALS_WORKED_OUT,
        ),
    )


def _row(found: FlawFound) -> Row:
    what, where = flaw_words(found.flaw)
    amount = found.amount if found.amount != ZERO else None
    return (
        found.group_name,
        found.code,
        what,
        found.count or None,
        amount,
        found.currency if amount is not None else "",
        found.day,
        where,
    )


def _build(session: Session, wanted: Filter, clock: Clock) -> Report:
    on = the_day(wanted, clock)
    table = warning_table(session, wanted, clock, on)
    return Report(
        "data-warnings",
        _("Warnings about the data"),
        programme_subject(wanted),
        _("On {day}", day=format_date(on)),
        tables=(table,) if table is not None else (),
        notes=() if table is not None else (_("Nothing to mend was found."),),
        is_landscape=True,
    )


WARNINGS: Final = Definition(
    "data-warnings",
    Over.PROGRAMME,
    lambda: _("Warnings about the data"),
    lambda: _("What to mend before figures go out."),
    ASKED,
    _build,
)
