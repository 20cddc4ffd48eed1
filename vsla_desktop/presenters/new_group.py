"""Opening a new group's book: four steps, one book."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from enum import IntEnum
from typing import TYPE_CHECKING, Final

from vsla_desktop.clock import Clock
from vsla_desktop.domain.committee import check_key_holders
from vsla_desktop.domain.currencies import Currency
from vsla_desktop.domain.loans import ChargeMethod, PeriodKind
from vsla_desktop.domain.rules import (
    GroupRules,
    MeetingFrequency,
    Preset,
    preset_rules,
    problems,
)
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import _
from vsla_desktop.presenters.days import write_day
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.form import Choice, Field, Form
from vsla_desktop.presenters.new_group_examples import RuleExamples
from vsla_desktop.presenters.new_group_fields import (
    COUNTERS,
    FINES,
    KEY_HOLDERS,
    OFFICERS,
    RULE_FIELDS,
    group_fields,
    officer_fields,
    propose_code,
    readers,
    rule_fields,
    texts_of,
)
from vsla_desktop.presenters.new_group_members import MembersDraft
from vsla_desktop.presenters.new_group_writing import open_book
from vsla_desktop.presenters.runner import Runner
from vsla_desktop.presenters.shell import ShellPresenter

if TYPE_CHECKING:
    from vsla_desktop.db import Database

CYCLE_LENGTH: Final = timedelta(weeks=52)
FEWEST_MEMBERS: Final = 5


class Step(IntEnum):
    """The steps, in order."""

    GROUP = 0
    RULES = 1
    MEMBERS = 2
    OFFICERS = 3


class NewGroupPresenter:
    """Holds what was filled in, and writes the whole book at the end.

    ``on_opened(group_id)`` is told the new group. ``step_changed`` says that another step is
    shown. ``database()`` gives the open book.
    """

    def __init__(
        self,
        database: Callable[[], Database],
        runner: Runner,
        shell: ShellPresenter,
        *,
        currency: Currency,
        clock: Clock,
        on_opened: Callable[[int], None],
        make_code: Callable[[str], str] = propose_code,
    ) -> None:
        self._database = database
        self._runner = runner
        self._shell = shell
        self._clock = clock
        self._on_opened = on_opened
        self._make_code = make_code
        self.currency = currency
        self.step = Step.GROUP
        self.step_changed: Event[[]] = Event()
        self.is_writing = False
        today = clock.today()
        base = preset_rules(Preset.VSLA, share_value=Decimal(1))
        self.form = Form(
            readers(currency, clock.today),
            {
                "formation_date": write_day(today),
                "meeting_day": str((today.weekday() + 1) % 7),
                "preset": Preset.VSLA.value,
                "social_fund": "0",
                "cycle_start": write_day(today),
                "cycle_end": write_day(today + CYCLE_LENGTH),
            }
            | texts_of(base, currency),
        )
        self.members = MembersDraft()
        self._examples = RuleExamples(self.form, currency)
        self._proposed = ""
        self._said: set[str] = set()

    # ------------------------------------------------------------------ what is shown

    def steps(self) -> Sequence[str]:
        """The steps by name."""
        return (_("The group"), _("Its rules"), _("The members"), _("Officers and cycle"))

    def fields(self, step: Step) -> Sequence[Field]:
        """The fields of a step; the members have a sheet instead."""
        if step is Step.GROUP:
            return group_fields()
        if step is Step.RULES:
            return rule_fields(self.currency)
        return officer_fields(self.people()) if step is Step.OFFICERS else ()

    def people(self) -> tuple[Choice, ...]:
        """The members to elect from."""
        return tuple(
            Choice(str(member.number), f"{member.number} {member.name}")
            for member in self.members.drafts()
        )

    def note(self, key: str) -> str:
        """Help below a field, or its rule worked out with the group's own figures."""
        help_text = {
            "group_code": _("Stands on slips and files. Keep it, or write your own."),
            "formation_date": _("Write it like 3/12/2026."),
            "name": _("As the members say it."),
        }.get(key)
        if help_text is not None:
            return help_text
        with contextlib.suppress(RuleBroken):
            return self._examples.about(key, self._clock.today())
        return ""

    # ------------------------------------------------------------------ what a person does

    def enter(self, key: str, text: str) -> None:
        """Take what was typed into a field."""
        if not self.form.enter(key, text):
            return
        self._said.add(key)
        match key:
            case "name":
                self._propose_code()
            case "preset":
                self._use_preset()
            case "formation_date":
                self._follow_formation()
            case _:
                self.form.changed("")

    def next(self) -> str:
        """Go on to the next step; return the key of the field that holds it up, else ""."""
        wrong = self._check(self.step)
        if wrong:
            return wrong
        if self.step is Step.OFFICERS:
            self._write()
        else:
            self._go(Step(self.step + 1))
        return ""

    def back(self) -> None:
        """Go back to the step before; nothing is lost. From the first step, leave."""
        if self.step is Step.GROUP:
            self._shell.go_to("first-start" if not self._shell.state.group_name else "home")
        else:
            self._go(Step(self.step - 1))

    def _go(self, step: Step) -> None:
        self.step = step
        self._shell.say_nothing()
        self.step_changed()

    # ------------------------------------------------------------------ proposals

    def _propose_code(self) -> None:
        if self.form.text("group_code") in {"", self._proposed}:
            self._proposed = self._make_code(self.form.text("name"))
            self.form.put("group_code", self._proposed)

    def _use_preset(self) -> None:
        rules = preset_rules(Preset(self.form.text("preset")), share_value=Decimal(1))
        # How often the group meets was asked before, on the first page.
        stays = FINES.keys() | (self._said & {"meeting_frequency"})
        for key, text in texts_of(rules, self.currency).items():
            if key not in stays:
                self.form.put(key, text)

    def _follow_formation(self) -> None:
        if not self._said & {"cycle_start", "cycle_end"}:
            formed: date = self.form.value("formation_date")
            self.form.put("cycle_start", write_day(formed))
            self.form.put("cycle_end", write_day(formed + CYCLE_LENGTH))

    # ------------------------------------------------------------------ checking

    def _check(self, step: Step) -> str:
        if step is Step.MEMBERS:
            return self._check_members()
        wrong = self.form.check([field.key for field in self.fields(step)])
        if wrong:
            return wrong
        if step is Step.GROUP:
            return self._check_day()
        if step is Step.RULES:
            return self._say_all(problems(self._rules(), self.currency))
        return self._check_officers()

    def _check_day(self) -> str:
        if self.form.value("formation_date") > self._clock.today():
            late = RuleBroken("Choose a day up to today.", field="formation_date")
            return self._say_all((late,))
        return ""

    def _check_members(self) -> str:
        if not self.members.check():
            return "members"
        count = len(self.members.drafts())
        if count < FEWEST_MEMBERS:
            self._shell.say_error(
                RuleBroken("Enter at least {least} members.", least=FEWEST_MEMBERS)
            )
            return "members"
        return ""

    def _check_officers(self) -> str:
        seen: set[str] = set()
        for key in (*OFFICERS, *COUNTERS, *KEY_HOLDERS):
            number = self.form.text(key)
            if not number and key in OFFICERS:
                return self._say_all((RuleBroken("Choose a member.", field=key),))
            if number and number in seen:
                twice = RuleBroken("Choose another member.", hint="Elect each once.", field=key)
                return self._say_all((twice,))
            seen.add(number)
        missing = [key for key in KEY_HOLDERS if not self.form.text(key)]
        try:
            check_key_holders(
                members_count=len(self.members.drafts()),
                key_holder_count=len(KEY_HOLDERS) - len(missing),
                field=next(iter(missing), ""),
            )
        except RuleBroken as lacking:
            return self._say_all((lacking,))
        start, end = self.form.value("cycle_start"), self.form.value("cycle_end")
        if start < self.form.value("formation_date"):
            early = RuleBroken("Begin after the group was formed.", field="cycle_start")
            return self._say_all((early,))
        if end <= start:
            return self._say_all((RuleBroken("End the cycle after it begins.", field="cycle_end"),))
        return ""

    def _say_all(self, found: Iterable[RuleBroken]) -> str:
        first = ""
        for problem in found:
            key = RULE_FIELDS.get(problem.field, problem.field)
            at_field = RuleBroken(problem.message, hint=problem.hint, field=key, **problem.values)
            if not self.form.say(at_field):
                self._shell.say_error(problem)
            first = first or key
        return first

    # ------------------------------------------------------------------ writing

    def _rules(self) -> GroupRules:
        value = self.form.value
        base = preset_rules(
            Preset(value("preset")),
            share_value=value("share_value"),
            social_fund_contribution=value("social_fund"),
        )
        tariff = {kind: value(key) for key, kind in FINES.items() if value(key)}
        return replace(
            base,
            max_shares_per_meeting=value("max_shares"),
            meeting_frequency=MeetingFrequency(value("meeting_frequency")),
            fine_tariff=tariff,
            loan_multiple=value("loan_multiple"),
            loan_max_months=value("loan_periods"),
            loan_period=PeriodKind(value("loan_period")),
            loan_interest_rate=value("loan_rate"),
            loan_interest_method=ChargeMethod(value("loan_method")),
            payout_unit=max(base.payout_unit, self.currency.step),
        )

    def _write(self) -> None:
        if self.is_writing:
            return
        self.is_writing = True
        values = {key: self.form.value(key) for key in readers(self.currency, self._clock.today)}
        drafts, rules, database = self.members.drafts(), self._rules(), self._database()

        def job() -> int:
            return open_book(database, values, rules, drafts, self.currency, self._clock)

        self._runner.submit(job, self._written, self._refused, owner=self)

    def _written(self, group_id: int) -> None:
        self.is_writing = False
        self._on_opened(group_id)

    def _refused(self, error: Exception) -> None:
        self.is_writing = False
        key = RULE_FIELDS.get(error.field, "") if isinstance(error, RuleBroken) else ""
        step = next((s for s in Step if key in {field.key for field in self.fields(s)}), None)
        if step is not None and isinstance(error, RuleBroken):
            self._go(step)
            self._say_all((error,))
        else:
            self._shell.say_error(error)
