"""What each cell of a coordinator's desk says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from vsla_desktop.domain.attention import Urgency
from vsla_desktop.domain.currencies import currency
from vsla_desktop.domain.money import ZERO
from vsla_desktop.i18n import _, format_date
from vsla_desktop.presenters.grid import Cell
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.reports.attention_words import reason_words, urgency_word, whole_percent
from vsla_desktop.wording import MoneyText, figure, whole

if TYPE_CHECKING:
    from vsla_desktop.queries.desk import DeskLine

NOTHING: Final = "\N{EN DASH}"
_SIGNS: Final = {
    Urgency.NOW: ("error", Tone.ERROR),
    Urgency.SOON: ("warning", Tone.WARNING),
    Urgency.FINE: ("check-circle", Tone.GOOD),
}


@dataclass(frozen=True, slots=True)
class Around:
    """What a cell needs to know beside its group.

    ``names_currency`` says that amounts name their currency, since it does not stand above them.
    """

    today: date
    names_currency: bool
    is_marked: bool


def desk_cell(line: DeskLine, key: str, around: Around) -> Cell:
    """Return what a column says of a group."""
    match key:
        case "group":
            return _group(line, is_marked=around.is_marked)
        case "why":
            return _why(line)
        case "last":
            return _last(line)
        case "next":
            return _next(line, around.today)
        case "present":
            return _present(line)
        case "box":
            return _box(line, names_currency=around.names_currency)
        case "late":
            return _late(line)
        case "share_out":
            return Cell(short_day(line.share_out_on, around.today) if line.share_out_on else "")
        case _not_sent:
            return Cell(whole(line.not_sent or 0))


def short_day(day: date, today: date) -> str:
    """Write a day; its year only where that is another than this one."""
    text = format_date(day)
    return text.rsplit(" ", 1)[0] if day.year == today.year else text


def _group(line: DeskLine, *, is_marked: bool) -> Cell:
    # Many groups bear the name of their village.
    place = line.village if line.village not in line.name else ""
    words = " · ".join(part for part in (line.name, place) if part)
    tip = " · ".join(part for part in (line.name, line.village, line.district, line.code) if part)
    if is_marked:
        words = f"\N{CHECK MARK} {words}"
        tip = _("{group}, marked", group=tip)
    if line.only_read:
        said = _("This laptop only reads this group.")
        return Cell(words, tooltip=f"{tip}. {said}", icon="lock", tone=Tone.MUTED)
    return Cell(words, tooltip=tip)


def _why(line: DeskLine) -> Cell:
    """How soon, and why: in short where a column of its own says the rest."""
    icon, tone = _SIGNS[line.urgency]
    money = MoneyText(currency(line.currency))
    if not line.reasons:
        return Cell(_("All is well"), icon=icon, tone=tone)
    short = " · ".join(reason_words(each, money, is_short=True) for each in line.reasons)
    full = " · ".join(reason_words(each, money) for each in line.reasons)
    said = urgency_word(line.urgency)
    return Cell(f"{said} · {short}", tooltip=f"{said} · {full}", icon=icon, tone=tone)


def _last(line: DeskLine) -> Cell:
    days = line.standing.days_since_meeting
    if line.last_meeting is None or days is None:
        return Cell(NOTHING, tooltip=_("Has not met yet"))
    return Cell(str(days), tooltip=format_date(line.last_meeting))


def _next(line: DeskLine, today: date) -> Cell:
    if line.open_since is not None:
        day = format_date(line.open_since)
        return Cell(_("open"), tooltip=_("Open since {day}", day=day))
    if line.next_meeting is None:
        return Cell(NOTHING)
    tone = Tone.WARNING if line.standing.missed_meetings else Tone.PLAIN
    return Cell(
        short_day(line.next_meeting, today), tooltip=format_date(line.next_meeting), tone=tone
    )


def _present(line: DeskLine) -> Cell:
    standing = line.standing
    if not standing.last_called:
        return Cell(NOTHING)
    last = _part(standing.last_present, standing.last_called)
    cycle = _part(standing.cycle_present, standing.cycle_called)
    counts = f"{standing.last_present} / {standing.last_called}"
    return Cell(f"{last}, {cycle}", tooltip=_("{counts} last time", counts=counts))


def _box(line: DeskLine, *, names_currency: bool) -> Cell:
    amount = line.standing.box_difference
    if not amount:
        return Cell("0")
    words = figure(amount, currency(line.currency))
    return Cell(f"{words} {line.currency}" if names_currency else words, tone=Tone.ERROR)


def _late(line: DeskLine) -> Cell:
    standing = line.standing
    if not standing.late_loans:
        return Cell("0")
    rate = whole_percent(standing.at_risk or ZERO)
    value = MoneyText(currency(line.currency)).with_code(line.late_value)
    return Cell(
        f"{standing.late_loans}, {rate}",
        tooltip=_("{amount} late", amount=value),
        tone=Tone.WARNING,
    )


def _part(some: int, of_all: int) -> str:
    return whole_percent(Decimal(some) / of_all) if of_all else NOTHING
