"""Reading where a group stands, and saying it in words.

Apart from the presenter, since what this needs is not wanted for the first picture.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from vsla_desktop.domain.currencies import currency
from vsla_desktop.i18n import DateStyle, _, format_date, labelled, translate_counted
from vsla_desktop.presenters.home import DueLine, HomeCard, HomeState
from vsla_desktop.presenters.meeting_planning import planned_words
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.queries.group_words import group_words
from vsla_desktop.queries.groups import GroupOverview, group_overview
from vsla_desktop.queries.schedule import PlannedMeeting, planned_meetings
from vsla_desktop.queries.sync_status import waiting_rows
from vsla_desktop.queries.tables import GROUPS
from vsla_desktop.queries.visits import OpenAction, still_open, visits_of
from vsla_desktop.wording import USUAL_WORDS, GroupWords, figure, whole

if TYPE_CHECKING:
    from vsla_desktop.db import Database

MOST_DUE: Final = 8
MOST_PLANNED: Final = 3
MOST_AGREED: Final = 2


def read_home(database: Database, group_id: int, today: date) -> HomeState:
    """Read where a group stands, in words."""
    with database.read() as session:
        overview = group_overview(session, group_id, on=today)
        place = session.connection().execute(
            GROUPS.select().with_only_columns(GROUPS.c.village).where(GROUPS.c.id == group_id)
        )
        village = place.scalar() or ""
        words = group_words(session, group_id)
        planned = [each for each in planned_meetings(session, group_id) if not each.is_cancelled]
        waiting = waiting_rows(session.connection()) if database.path is not None else 0
        agreed = still_open(visits_of(session, group_id))
    return home_state(overview, village, today, waiting, words, planned, agreed)


def home_state(
    overview: GroupOverview,
    village: str,
    today: date,
    waiting: int = 0,
    words: GroupWords = USUAL_WORDS,
    planned: Sequence[PlannedMeeting] = (),
    agreed: Sequence[OpenAction] = (),
) -> HomeState:
    """Say an overview in the group's words; ``waiting`` rows were not sent yet."""
    code = overview.currency
    money = currency(code)

    def said(amount: Decimal) -> str:
        return figure(amount, money)

    parts = [village] if village else []
    if overview.cycle_number is not None:
        parts.append(_("cycle {number}", number=overview.cycle_number))
    number = overview.next_number
    if overview.open_meeting_id is not None:
        action = _("Go on with meeting {number}", number=number - 1)
    else:
        action = _("Open meeting {number}", number=number)
    return HomeState(
        group_id=overview.group_id,
        name=overview.name,
        note=" · ".join(parts),
        action=action,
        next_meeting=_next_meeting(overview, today),
        currency=code,
        cards=_cards(overview, said),
        purses=_purses(overview, said, words),
        due=tuple(
            DueLine(each.number, each.name, said(each.amount), each.is_late)
            for each in overview.due_soon[:MOST_DUE]
        ),
        more_due=_more(len(overview.due_soon) - MOST_DUE),
        due_total=said(sum((each.amount for each in overview.due_soon), Decimal(0))),
        step="" if overview.meetings_count else _first_step(overview),
        not_sent=_not_sent(waiting),
        is_practice=overview.is_practice,
        can_bring_paper=_can_bring_paper(overview),
        planned=tuple(planned_words(each) for each in planned[:MOST_PLANNED]),
        agreed=tuple(
            _("Agreed: {what}, by {day}", what=each.what, day=format_date(each.due))
            for each in agreed[:MOST_AGREED]
        ),
    )


def _can_bring_paper(overview: GroupOverview) -> bool:
    """Whether the book is still empty, with members to bring along."""
    is_empty = not (overview.savings or overview.loans_owed or overview.balances.total)
    return is_empty and bool(overview.members_count) and not overview.meetings_count


def _not_sent(waiting: int) -> str:
    if not waiting:
        return ""
    return translate_counted(
        "{number} record is only on this laptop.",
        "{number} records are only on this laptop.",
        waiting,
        number=whole(waiting),
    )


def _more(count: int) -> str:
    if count <= 0:
        return ""
    return translate_counted("{count} more member", "{count} more members", count)


def _first_step(overview: GroupOverview) -> str:
    if not overview.members_count:
        return _("Add the members first.")
    return _("Count the box, then open the first meeting.")


def _next_meeting(overview: GroupOverview, today: date) -> str:
    if overview.open_meeting_id is not None and overview.last_meeting is not None:
        return _("Open since {day}", day=format_date(overview.last_meeting, DateStyle.WEEKDAY))
    if overview.next_meeting is None:
        return _("The first meeting")
    day = format_date(overview.next_meeting, DateStyle.WEEKDAY)
    away = (overview.next_meeting - today).days
    if away == 0:
        return _("Today, {day}", day=day)
    if away == 1:
        return _("Tomorrow, {day}", day=day)
    return day


def _cards(overview: GroupOverview, said: Callable[[Decimal], str]) -> tuple[HomeCard, ...]:
    loans = translate_counted("{count} loan", "{count} loans", overview.loans_count)
    note, tone = loans, Tone.MUTED
    if overview.late_count:
        late = translate_counted("{count} is late", "{count} are late", overview.late_count)
        note, tone = labelled(f"{loans}, {late}", said(overview.late_amount)), Tone.WARNING
    meetings = translate_counted(
        "{count} meeting held", "{count} meetings held", overview.meetings_count
    )
    return (
        HomeCard("members", _("Members"), str(overview.members_count), meetings),
        HomeCard("savings", _("Savings"), said(overview.savings), _ends(overview)),
        HomeCard("loans", _("Loans to come back"), said(overview.loans_owed), note, tone),
        HomeCard(
            "fines",
            _("Fines not paid"),
            said(overview.fines_owed),
            _("Nobody owes a fine.") if not overview.fines_owed else "",
        ),
    )


def _ends(overview: GroupOverview) -> str:
    if overview.cycle_end is None:
        return ""
    return _("Share-out on {day}", day=format_date(overview.cycle_end))


def _purses(
    overview: GroupOverview, said: Callable[[Decimal], str], words: GroupWords
) -> tuple[tuple[str, str], ...]:
    """The box, what is in it purse by purse, and the bank."""
    lines = [(_("In the box"), said(overview.balances.box))]
    lines += [(words.fund(fund), said(held)) for fund, held in overview.in_box.items()]
    if overview.balances.bank:
        lines.append((_("At the bank"), said(overview.balances.bank)))
    return tuple(lines)
