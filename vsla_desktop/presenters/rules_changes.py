"""What differs between two constitutions, rule by rule, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vsla_desktop.domain.currencies import Currency
from vsla_desktop.domain.rules import GroupRules
from vsla_desktop.domain.saving_types import SavingTypeRule
from vsla_desktop.i18n import _, format_date
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.grid import Cell, Column
from vsla_desktop.queries.rules_history import RuleSet, RuleVote
from vsla_desktop.reports.rules_words import (
    Section,
    agenda_title,
    rule_said,
    rule_titles,
    rule_value,
)
from vsla_desktop.wording import GroupWords, figure


@dataclass(frozen=True, slots=True)
class RuleChange:
    """One rule as it was and as it will be."""

    key: str
    title: str
    before: str
    after: str


def changes_between(
    before: GroupRules, after: GroupRules, currency: Currency
) -> tuple[RuleChange, ...]:
    """What differs, in the order of the constitution."""
    words = GroupWords.of(after)
    found = []
    for section in Section:
        for key, title in rule_titles(section, words).items():
            if rule_value(before, key) != rule_value(after, key):
                old, new = (rule_said(each, key, currency) for each in (before, after))
                found.append(RuleChange(key, title, old, new))
        if section is Section.MEETINGS and before.agenda != after.agenda:
            said = (_steps(before, words), _steps(after, words))
            found.append(RuleChange("agenda", _("Agenda"), *said))
    return tuple(found)


def type_changes(
    before: Sequence[SavingTypeRule],
    after: Sequence[SavingTypeRule],
    currency: Currency,
    words: GroupWords,
) -> tuple[RuleChange, ...]:
    """What differs in the rules of the kinds of saving, in their order."""
    old = {rule.code: rule for rule in before}
    found = []
    for rule in after:
        then = old.get(rule.code)
        if then is None:
            continue
        kind = words.saving(rule.code)
        for key, rule_title in type_titles().items():
            if getattr(then, key) != getattr(rule, key):
                title = _("{kind}: {rule}", kind=kind, rule=rule_title)
                said = [said_of_type(each, key, currency, words) for each in (then, rule)]
                found.append(RuleChange(f"saving_types.{rule.code}.{key}", title, *said))
    if [rule.code for rule in before] != [rule.code for rule in after]:
        said = [
            ", ".join(words.saving(rule.code) for rule in rules if rule.is_used)
            for rules in (before, after)
        ]
        found.append(RuleChange("saving_types", _("Order of the saving types"), *said))
    return tuple(found)


def type_titles() -> dict[str, str]:
    """What a group decides of a kind of saving, by rule."""
    return {
        "is_used": _("In use"),
        "fund": _("Purse"),
        "minimum": _("Least"),
        "maximum": _("Most"),
        "allows_withdrawal": _("Paid back"),
        "notice_days": _("Notice"),
    }


def said_of_type(rule: SavingTypeRule, key: str, currency: Currency, words: GroupWords) -> str:
    """Say one rule of a kind of saving; empty for no limit and no notice."""
    match key:
        case "is_used" | "allows_withdrawal":
            return _("yes") if getattr(rule, key) else _("no")
        case "fund":
            return words.fund(rule.fund)
        case "minimum":
            return figure(rule.minimum, currency) if rule.minimum else ""
        case "maximum":
            return "" if rule.maximum is None else figure(rule.maximum, currency)
        case _:
            return str(rule.notice_days) if rule.notice_days else ""


def _steps(rules: GroupRules, words: GroupWords) -> str:
    return ", ".join(agenda_title(step, words) for step in rules.agenda[1:-2])


class ChangesList:
    """A :class:`~vsla_desktop.presenters.listing.ListPresenter` of changes to rules."""

    def __init__(self) -> None:
        self.changed: Event[[]] = Event()
        self.rows_came: Event[[int, int]] = Event()
        self.rows: tuple[RuleChange, ...] = ()

    def show(self, rows: tuple[RuleChange, ...]) -> None:
        """Show these."""
        if rows != self.rows:
            self.rows = rows
            self.changed()

    def row_count(self) -> int:
        """How many rules differ."""
        return len(self.rows)

    def columns(self) -> tuple[Column, ...]:
        """The rule, before and after."""
        return (
            Column("rule", _("Rule"), width=30),
            Column("before", _("Now"), width=26),
            Column("after", _("Then"), width=26),
        )

    def cell(self, row: int, column: int) -> Cell:
        """See :class:`~vsla_desktop.presenters.listing.ListPresenter`."""
        change = self.rows[row]
        return Cell((change.title, change.before, change.after)[column])

    def row_title(self, row: int) -> str:
        """Which rule."""
        return self.rows[row].title

    def open_row(self, row: int) -> None:
        """There is no more to see of a change."""


class HistoryList:
    """A list of every change of every rule set, the newest first: what changed, when, by whom."""

    def __init__(self, currency: Currency) -> None:
        self.changed: Event[[]] = Event()
        self.rows_came: Event[[int, int]] = Event()
        self._currency = currency
        self._sets: tuple[RuleSet, ...] = ()
        self._rows: list[tuple[RuleSet, RuleChange, bool]] = []

    def show(self, history: tuple[RuleSet, ...]) -> None:
        """Show this history."""
        if history == self._sets:
            return
        self._sets = history
        self._rows = [
            (rule_set, change, place == 0)
            for rule_set in reversed(history)
            for place, change in enumerate(self._changes(rule_set))
        ]
        self.changed()

    def _changes(self, rule_set: RuleSet) -> tuple[RuleChange, ...]:
        if rule_set.before is None:
            return (RuleChange("", _("The first rules"), "", ""),)
        changes = changes_between(rule_set.before, rule_set.rules, self._currency)
        if rule_set.types is not None and rule_set.types_before is not None:
            words = GroupWords.of(rule_set.rules)
            changes += type_changes(rule_set.types_before, rule_set.types, self._currency, words)
        carried = _("Cycle {number}: the rules go on", number=rule_set.cycle_number)
        return changes or (RuleChange("", carried, "", ""),)

    def row_count(self) -> int:
        """How many changes there were."""
        return len(self._rows)

    def columns(self) -> tuple[Column, ...]:
        """From when, the rule, before, after, the vote."""
        return (
            Column("since", _("From"), width=12),
            Column("rule", _("Rule"), width=26),
            Column("before", _("Before"), width=18),
            Column("after", _("After"), width=18),
            Column("vote", _("The vote"), width=30),
        )

    def cell(self, row: int, column: int) -> Cell:
        """See :class:`~vsla_desktop.presenters.listing.ListPresenter`."""
        rule_set, change, is_first = self._rows[row]
        since = format_date(rule_set.since) if is_first else ""
        vote = _hands(rule_set.vote) if is_first else ""
        return Cell((since, change.title, change.before, change.after, vote)[column])

    def row_title(self, row: int) -> str:
        """Which change."""
        rule_set, change, _is_first = self._rows[row]
        return f"{format_date(rule_set.since)} {change.title}"

    def open_row(self, row: int) -> None:
        """There is no more to see of a change."""


def _hands(voted: RuleVote | None) -> str:
    if voted is None:
        return ""
    return _(
        "Meeting {number}: {for_it} for, {against} against, {abstained} neither",
        number=voted.meeting_number,
        for_it=voted.vote.in_favour,
        against=voted.vote.against,
        abstained=voted.vote.abstained,
    )
