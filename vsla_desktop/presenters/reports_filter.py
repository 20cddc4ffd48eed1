"""What is asked of a report: fields to fill in, things to choose, people to find, and the chips.

There is one set of fields for all reports. What was asked of one stays when another is chosen, and
only what a report asks for counts for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from vsla_desktop.clock import Clock
from vsla_desktop.domain.currencies import Currency
from vsla_desktop.domain.money import parse_amount, parse_count
from vsla_desktop.domain.postings import Fund
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import _, format_date
from vsla_desktop.presenters.days import read_day, write_day
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.form import Choice, Field, FieldKind, Form, Reader, any_text
from vsla_desktop.presenters.reports_words import choices, chosen_word, field_title, range_words
from vsla_desktop.queries.filtering import PLACES, Filter, PaymentMethod
from vsla_desktop.reports.report import Definition, Over
from vsla_desktop.wording import MoneyText

if TYPE_CHECKING:
    from vsla_desktop.queries.filter_names import Named

_TEXTS: Final = ("text", *PLACES, "coordinator")
_COUNTS: Final = ("members_from", "members_to", "months_from", "months_to", "cycle_number")
_AMOUNTS: Final = ("amount_from", "amount_to")
_DAYS: Final = ("day_from", "day_to", "on")
FIELDS: Final = ("day_from", "day_to", *_AMOUNTS, *_COUNTS, "on", *_TEXTS)
MANY: Final = ("genders", "roles", "funds", "statuses", "payment_methods", "group_states")
NAMES: Final = ("group_ids", "member_ids")
_RANGES: Final = ("day", "amount", "members", "months")
_MOST: Final = 10**6
_EMPTY: Final = Filter()
_KINDS: Final[dict[str, Callable[[str], Any]]] = {
    "funds": Fund,
    "payment_methods": PaymentMethod,
}


@dataclass(frozen=True, slots=True)
class Chip:
    """One thing that is asked for, in words. ``keys`` are its fields, ``value`` one of several."""

    text: str
    keys: tuple[str, ...]
    value: str = ""


@dataclass(frozen=True, slots=True)
class ChoiceField:
    """A field of which several values can be chosen together."""

    key: str
    title: str
    choices: tuple[Choice, ...]


class FilterPresenter:
    """Holds what was typed and chosen; a :class:`~vsla_desktop.views.widgets.form.FormSource`.

    ``changed`` says that something else is asked for than before.
    """

    def __init__(self, currency: Currency, clock: Clock) -> None:
        self.changed: Event[[]] = Event()
        self.asks: frozenset[str] = frozenset()
        self.statuses: tuple[str, ...] = ()
        self.chosen: dict[str, tuple[str, ...]] = dict.fromkeys(MANY, ())
        self.named: dict[str, tuple[Named, ...]] = dict.fromkeys(NAMES, ())
        self._only_one: frozenset[str] = frozenset()
        self._clock = clock
        self._money = MoneyText(currency)
        self.form = Form({key: self._reader(key, currency) for key in FIELDS}, {})

    def ask_for(self, definition: Definition) -> None:
        """Ask what this report looks at; of a group's or a member's, whose it is."""
        self.asks = definition.asks
        self.statuses = definition.statuses
        only_group = {"group_ids"} if definition.is_of_one_group else set()
        only_member = {"member_ids"} if definition.over is Over.MEMBER else set()
        self._only_one = frozenset(only_group | only_member)
        self.changed()

    # ------------------------------------------------------------------ what a person does

    def enter(self, key: str, text: str) -> None:
        """Take what was typed into a field."""
        self.form.enter(key, text)

    def choose(self, key: str, value: str, *, is_chosen: bool) -> None:
        """Choose one of several values, or leave it out again."""
        others = tuple(each for each in self.chosen[key] if each != value)
        self.chosen[key] = (*others, value) if is_chosen else others

    def add(self, key: str, who: Named) -> None:
        """Ask for this group or member too, or instead where there can be only one."""
        before = () if key in self._only_one else self.named[key]
        self.named[key] = (*(each for each in before if each.id != who.id), who)
        if key == "group_ids":
            self.named["member_ids"] = ()
        self.changed()

    def drop(self, key: str, who: int) -> None:
        """Ask for this group or member no more."""
        self.named[key] = tuple(each for each in self.named[key] if each.id != who)
        if key == "group_ids":
            self.named["member_ids"] = ()
        self.changed()

    def remove(self, chip: Chip) -> None:
        """Ask no more for what a chip says."""
        for key in chip.keys:
            if key in MANY:
                self.choose(key, chip.value, is_chosen=False)
            elif key in NAMES:
                self.named[key] = tuple(e for e in self.named[key] if str(e.id) != chip.value)
            else:
                self.form.put(key, "")
        self.changed()

    def clear(self) -> None:
        """Ask for everything."""
        self.put(Filter(), {})

    def put(self, wanted: Filter, named: dict[str, tuple[Named, ...]]) -> None:
        """Ask for what a filter says; ``named`` are the groups and members of its ids."""
        for key in FIELDS:
            value = getattr(wanted, key)
            self.form.put(key, "" if value is None else self._written(key, value))
        self.chosen = {key: tuple(str(each) for each in getattr(wanted, key)) for key in MANY}
        self.named = {key: named.get(key, ()) for key in NAMES}
        self.changed()

    def check(self) -> str:
        """Look at every field that counts; return the key of the first that is wrong, else ""."""
        wrong = self.form.check([key for key in FIELDS if key in self.asks])
        if wrong:
            return wrong
        for each in _RANGES:
            ends = f"{each}_from", f"{each}_to"
            if self.asks.issuperset(ends):
                low, high = (self.form.value(key) for key in ends)
                if low is not None and high is not None and low > high:
                    self.form.say(RuleBroken("The end comes before the beginning.", field=ends[1]))
                    return ends[1]
        return ""

    # ------------------------------------------------------------------ what is asked

    def wanted(self) -> Filter:
        """Return what is asked, as far as the report looks at it; :meth:`check` before."""
        values: dict[str, Any] = {key: self.form.value(key) for key in FIELDS if key in self.asks}
        for key in MANY:
            kind = _KINDS.get(key, str)
            values[key] = tuple(kind(each) for each in self._counting(key))
        for key in NAMES:
            if key in self.asks:
                values[key] = tuple(each.id for each in self.named[key])
        return replace(_EMPTY, **values)

    def fields(self) -> tuple[Field, ...]:
        """The fields to type in, of those that the report looks at."""
        return tuple(Field(key, field_title(key), _kind(key)) for key in FIELDS if key in self.asks)

    def many(self) -> tuple[ChoiceField, ...]:
        """The fields of which several values can be chosen."""
        found = (
            ChoiceField(key, field_title(key), choices(key, self.statuses))
            for key in MANY
            if key in self.asks
        )
        return tuple(each for each in found if each.choices)

    def people(self) -> tuple[str, ...]:
        """The fields for which a group or a member is found by name."""
        return tuple(key for key in NAMES if key in self.asks)

    def note(self, key: str) -> str:
        """What stands below a field while nothing is wrong with it."""
        return _("Such as 3/12/2026, or t for today") if key == "day_from" else ""

    def chips(self) -> tuple[Chip, ...]:
        """What is asked for, in words; fields that hold no value yet say nothing."""
        if self.form.check([key for key in FIELDS if key in self.asks]):
            return ()
        wanted = self.wanted()
        chips = [
            Chip(each.title, (key,), str(each.id))
            for key in self.people()
            for each in self.named[key]
        ]
        chips += [
            Chip(chosen_word(key, value), (key,), value)
            for key in MANY
            for value in self._counting(key)
        ]
        for key in _RANGES:
            words = range_words(key, wanted, self._money)
            if words:
                chips.append(Chip(words, (f"{key}_from", f"{key}_to")))
        if wanted.on is not None:
            chips.append(Chip(_("As of {day}", day=format_date(wanted.on)), ("on",)))
        if wanted.cycle_number is not None:
            chips.append(Chip(_("Cycle {number}", number=wanted.cycle_number), ("cycle_number",)))
        for key in _TEXTS:
            text = getattr(wanted, key)
            if text:
                words = _("Begins with {letters}", letters=text) if key == "text" else text
                chips.append(Chip(words, (key,)))
        return tuple(chips)

    # ------------------------------------------------------------------ inside

    def _reader(self, key: str, currency: Currency) -> Reader:
        if key in _TEXTS:
            return Reader(any_text)
        read: Callable[[str], Any]
        if key in _DAYS:
            read = partial(self._day, key)
        elif key in _AMOUNTS:
            read = partial(parse_amount, currency=currency, field=key)
        else:
            read = partial(parse_count, most=_MOST, field=key)
        return Reader(
            lambda text: read(text) if text.strip() else None,
            lambda value: "" if value is None else self._written(key, value),
        )

    def _counting(self, key: str) -> tuple[str, ...]:
        """What was chosen in a field, of what the report can have."""
        if key not in self.asks:
            return ()
        known = {each.value for each in choices(key, self.statuses)}
        return tuple(each for each in self.chosen[key] if each in known)

    def _day(self, key: str, text: str) -> date:
        return read_day(text, self._clock.today(), field=key)

    def _written(self, key: str, value: Any) -> str:
        if key in _DAYS:
            return write_day(value)
        return self._money.typed(value) if key in _AMOUNTS else str(value)


def _kind(key: str) -> FieldKind:
    if key in _DAYS:
        return FieldKind.DAY
    return FieldKind.TEXT if key in _TEXTS else FieldKind.NUMBER
