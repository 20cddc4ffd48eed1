"""The constitution of the group: every rule with its example, changed by a vote from a day on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from vsla_desktop.clock import Clock
from vsla_desktop.domain.currencies import Currency
from vsla_desktop.domain.meeting import AgendaStep, check_agenda
from vsla_desktop.domain.rules import GroupRules, Preset, problems, with_preset
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import _, format_date, translate_counted
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.form import Choice, Field, Form
from vsla_desktop.presenters.new_group_fields import presets
from vsla_desktop.presenters.rules_agenda import AgendaLine, agenda_lines, moved, toggled
from vsla_desktop.presenters.rules_changes import RuleChange, changes_between
from vsla_desktop.presenters.rules_day import CYCLE_END, ShareOutDay
from vsla_desktop.presenters.rules_examples import example
from vsla_desktop.presenters.rules_fields import (
    rule_fields,
    rule_readers,
    rule_texts,
    section_of,
    with_rule,
)
from vsla_desktop.presenters.rules_sample import Sample
from vsla_desktop.presenters.rules_vote import RulesVote
from vsla_desktop.presenters.runner import Runner
from vsla_desktop.presenters.saving_types import SavingTypesPresenter
from vsla_desktop.presenters.shell import ShellPresenter, Tone
from vsla_desktop.queries.saving_types import VOTED_TYPES
from vsla_desktop.reports.rules_words import Section, section_title
from vsla_desktop.wording import GroupWords, whole

if TYPE_CHECKING:
    from vsla_desktop.db import Database
    from vsla_desktop.queries.rules_history import RuleSet
    from vsla_desktop.services.rules import RulesVoted


@dataclass(frozen=True, slots=True)
class RulesRead:
    """What the page reads: the rules that were voted last, and what a change of them needs."""

    rules: GroupRules
    preset: str
    history: tuple[RuleSet, ...]
    shares_sold: int
    members_count: int
    cycle_start: date | None
    cycle_end: date | None
    last_meeting: date | None
    open_meeting: int | None
    present_count: int


class RulesPresenter:
    """Holds the rules as they are being written, beside those that hold.

    Nothing is in force before it was voted: ``ask`` begins the vote, ``vote`` is it while it is
    taken. ``changed`` says that anything may be other than before, ``vote_changed`` that a vote
    begins or ends, ``section_changed`` that another part is shown.
    """

    def __init__(
        self,
        database: Database,
        runner: Runner,
        shell: ShellPresenter,
        *,
        group_id: int,
        currency: Currency,
        clock: Clock,
    ) -> None:
        self._database = database
        self._runner = runner
        self._shell = shell
        self.group_id = group_id
        self.currency = currency
        self.clock = clock
        self.changed: Event[[]] = Event()
        self.section_changed: Event[[]] = Event()
        self.vote_changed: Event[[]] = Event()
        self.section = Section.SHARES
        self.vote: RulesVote | None = None
        self.saving_types = SavingTypesPresenter(
            database, runner, shell, group_id=group_id, currency=currency, words=self._words
        )
        self.saving_types.changed.listen(self.changed)
        self.share_out_day = ShareOutDay()
        self._rule_readers = rule_readers(currency)
        self._readers = self._rule_readers | {CYCLE_END: ShareOutDay.reader(clock.today)}
        self.form = Form(self._readers, {CYCLE_END: ""})
        self.read: RulesRead | None = None
        self.draft = GroupRules(share_value=currency.step)
        self.preset: Preset | None = None
        self._taken: Preset | None = None

    # ------------------------------------------------------------------ reading

    def refresh(self) -> None:
        """Read the rules again; what is being written stays."""
        database, group_id, today = self._database, self.group_id, self.clock.today()

        def job() -> RulesRead:
            from vsla_desktop.presenters.rules_reading import read_rules

            return read_rules(database, group_id, today)

        self._runner.submit(job, self._came, self._shell.say_error, owner=self)
        self.saving_types.refresh()

    def _came(self, read: RulesRead) -> None:
        is_untouched = self.read is None or self.draft == self.read.rules
        self.read = read
        self.share_out_day.came(read.cycle_end)
        if is_untouched and not self._wrong_fields():
            self._write(read.rules)
        self.changed()

    def _write(self, rules: GroupRules) -> None:
        """Write rules into every field."""
        self.draft = rules
        for key, text in rule_texts(rules, self._rule_readers).items():
            self.form.put(key, text)
        self.form.put(CYCLE_END, self.share_out_day.text())

    # ------------------------------------------------------------------ what is shown

    def sections(self) -> Sequence[tuple[Section, str]]:
        """The parts of the constitution by name."""
        return [(section, section_title(section, self._words())) for section in Section]

    def fields(self, section: Section) -> tuple[Field, ...]:
        """The fields of a part."""
        return (*ShareOutDay.fields(section), *rule_fields(section, self._words()))

    def _words(self) -> GroupWords:
        return GroupWords.of(self.draft)

    def note(self, key: str) -> str:
        """A rule worked out with what is written now."""
        members = self.read.members_count if self.read else 0
        sample = Sample(self.currency, self.clock.today(), max(members, 1))
        return self.share_out_day.note(key, sample.today) or example(sample, key, self.draft)

    def frozen(self, key: str) -> str:
        """Why a field takes nothing now, as a sentence; empty for one that does."""
        if key == CYCLE_END:
            return self.share_out_day.frozen()
        sold = self.read.shares_sold if self.read else 0
        if key != "share_value" or not sold:
            return ""
        return _("Fixed until the share-out. Sold: {number}.", number=whole(sold))

    def changed_sections(self) -> set[Section]:
        """The parts that have a rule that differs from the one that holds."""
        return {section_of(change.key) for change in self.changes()}

    def is_wrong(self, section: Section) -> bool:
        """Whether a part has a field that can not stand."""
        if section is Section.SAVING_TYPES:
            return self.saving_types.is_wrong()
        return any(self.form.sentence(field.key) for field in self.fields(section))

    def changes(self) -> tuple[RuleChange, ...]:
        """What differs from the rules that hold."""
        if self.read is None:
            return ()
        rules = changes_between(self.read.rules, self.draft, self.currency)
        return (*rules, *self.saving_types.changes(), *self.share_out_day.changes())

    def summary(self) -> str:
        """How much is changed, and that it does not hold yet."""
        count = len(self.changes())
        if not count:
            return ""
        return translate_counted(
            "{count} rule changed, not voted yet", "{count} rules changed, not voted yet", count
        )

    def since(self) -> str:
        """Since when the rules hold."""
        if self.read is None or not self.read.history:
            return ""
        since = self.read.history[-1].since
        is_held = since <= self.clock.today()
        words = _("In force since {day}") if is_held else _("In force from {day}")
        return words.format(day=format_date(since))

    # ------------------------------------------------------------------ typing

    def show_section(self, section: Section) -> None:
        """Turn to another part."""
        if section is not self.section:
            self.section = section
            self.section_changed()

    def typed(self, key: str, text: str) -> None:
        """Follow the typing: what can be read changes the examples at once."""
        try:
            value = self._readers[key].read(text)
        except (RuleBroken, ValueError):
            return
        self._put(key, value)

    def enter(self, key: str, text: str) -> None:
        """Take a field that was left; what can not stand is said there."""
        if self.frozen(key):
            return
        if self.form.enter(key, text):
            self._put(key, self.form.value(key))
            self._say_problems(key)

    def give_up(self) -> None:
        """Go back to the rules that hold."""
        if self.read is not None:
            self._taken = None
            self.share_out_day.draft = self.share_out_day.stands
            self._write(self.read.rules)
            self.saving_types.give_up()
            self._close_vote()
            self.changed()

    def _put(self, key: str, value: Any) -> None:
        if key != CYCLE_END:
            self._change(with_rule(self.draft, key, value))
        elif value != self.share_out_day.draft:
            self.share_out_day.draft = value
            self.changed()

    def _change(self, rules: GroupRules) -> None:
        if rules != self.draft:
            self.draft = rules
            self.changed()

    def _say_problems(self, *keys: str) -> str:
        """Say at these fields (or all) what can not stand; return the first that is wrong."""
        first = ""
        for problem in problems(self.draft, self.currency):
            if not keys or problem.field in keys:
                self.form.say(problem)
                first = first or problem.field
        return first

    def _wrong_fields(self) -> list[str]:
        return [key for key in self._readers if self.form.sentence(key)]

    # ------------------------------------------------------------------ presets

    def presets(self) -> tuple[Choice, ...]:
        """The kinds of group to start from."""
        return presets()

    def look_at_preset(self, value: str) -> None:
        """See what a preset would change, before anything is."""
        self.preset = Preset(value)
        self.changed()

    def preset_changes(self) -> tuple[RuleChange, ...]:
        """What the preset that is looked at would change."""
        if self.preset is None:
            return ()
        return changes_between(self.draft, with_preset(self.draft, self.preset), self.currency)

    def take_preset(self) -> None:
        """Write the preset into the fields; it holds once it is voted."""
        if self.preset is not None:
            self._taken = self.preset
            self._write(with_preset(self.draft, self.preset))
            self.changed()

    # ------------------------------------------------------------------ the agenda

    def agenda(self) -> tuple[AgendaLine, ...]:
        """The steps in their order, then those that are left out."""
        return agenda_lines(self.draft.agenda, self._words())

    def move_step(self, place: int, by: int) -> int:
        """Move a step up (-1) or down; return where it stands now."""
        steps = moved(self.draft.agenda, place, by)
        return place + by if steps and self._set_agenda(steps) else place

    def toggle_step(self, place: int) -> None:
        """Leave a step out, or take it up again before the closing count."""
        self._set_agenda(toggled(self.draft.agenda, place))

    def _set_agenda(self, steps: list[AgendaStep]) -> bool:
        try:
            agenda = check_agenda(steps)
        except RuleBroken as problem:
            self._shell.say(_(problem.message), tone=Tone.WARNING)
            return False
        self._change(replace(self.draft, agenda=agenda))
        return True

    # ------------------------------------------------------------------ the vote

    def ask(self) -> str:
        """Begin the vote on what is changed; return the field that holds it up, else ""."""
        read = self.read
        if read is None:
            return ""
        wrong = self.form.check()
        wrong = self._say_problems() or wrong
        if wrong:
            self.changed()
            self.show_section(section_of(wrong))
            return wrong
        if self.saving_types.is_wrong():
            self.show_section(Section.SAVING_TYPES)
            return VOTED_TYPES
        if not self.changes():
            self._shell.say(_("No rule is changed."), tone=Tone.PLAIN)
        elif read.last_meeting is not None and read.open_meeting is None:
            self._shell.say_error(
                RuleBroken("Vote on the rules at a meeting.", hint="Open a meeting first.")
            )
        else:
            self.vote = RulesVote(
                self.changes(),
                self.clock.today,
                from_day=self._first_day(read),
                needs_hands=read.last_meeting is not None,
                present_count=read.present_count,
            )
            self.vote_changed()
        return ""

    def _first_day(self, read: RulesRead) -> date:
        if read.last_meeting is None:
            return read.cycle_start or self.clock.today()
        return read.last_meeting + timedelta(days=1)

    def decide(self) -> str:
        """Write the vote down; return the field that holds it up, else ""."""
        vote = self.vote
        if vote is None or vote.is_writing:
            return ""
        wrong = vote.form.check()
        if wrong:
            return wrong
        vote.is_writing = True
        database, group_id, clock = self._database, self.group_id, self.clock
        rules, preset, from_day, hands = self.draft, self._taken, vote.from_day(), vote.hands()
        types, day = self.saving_types.draft, self.share_out_day.moved_to()

        def job() -> RulesVoted:
            from vsla_desktop.services.rules import change_rules, move_share_out

            with database.write() as session:
                is_moved = day is None or move_share_out(
                    session, group_id, day, vote=hands, clock=clock
                )
                voted = change_rules(
                    session,
                    group_id,
                    rules,
                    from_day=from_day,
                    saving_types=types,
                    vote=hands,
                    preset=preset,
                    clock=clock,
                )
                return replace(voted, is_passed=voted.is_passed and is_moved)

        self._runner.submit(job, self._decided, self._refused, owner=self)
        return ""

    def leave_vote(self) -> None:
        """Go back to writing."""
        self._close_vote()

    def _close_vote(self) -> None:
        if self.vote is not None:
            self.vote = None
            self.vote_changed()

    def _decided(self, voted: RulesVoted) -> None:
        day = format_date(self.vote.from_day()) if self.vote is not None else ""
        if voted.is_passed:
            held = _("The rules hold from {day}.", day=day)
            self._shell.say(held if voted.changed else self.share_out_day.said())
            self._taken = None
            self.read = None
            self.saving_types.give_up()
        else:
            self._shell.say(_("The vote was lost. The rules stay."), tone=Tone.WARNING)
        self._close_vote()
        self.refresh()

    def _refused(self, error: Exception) -> None:
        if self.vote is not None:
            self.vote.is_writing = False
        if not (isinstance(error, RuleBroken) and self.vote and self.vote.form.say(error)):
            self._shell.say_error(error)
