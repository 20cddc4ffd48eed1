"""Correcting one entry: what it is, what the right amount would change, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from vsla_desktop.clock import Clock
from vsla_desktop.domain.currencies import Currency
from vsla_desktop.domain.money import parse_amount
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import _, format_date
from vsla_desktop.presenters.cashbook_lines import what_it_is
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.form import Field, FieldKind, Form, Reader, any_text
from vsla_desktop.presenters.runner import Runner
from vsla_desktop.presenters.shell import ShellPresenter
from vsla_desktop.wording import GroupWords, figure

if TYPE_CHECKING:
    from vsla_desktop.db import Database
    from vsla_desktop.queries.corrections import Correctable, Standing
    from vsla_desktop.services.corrections import Correction


@dataclass(frozen=True, slots=True)
class Change:
    """One figure that the entry touches, now and after the correction; "" while not known."""

    title: str
    now: str
    then: str = ""


class CorrectionPresenter:
    """Correcting one entry: the right amount (0 takes it back), its effect, and the reason.

    The effect is tried in the book and undone, so it is exactly what will be written. ``written``
    gives what was written; ``left`` tells that the entry stays as it was.
    """

    first_field = "amount"

    def __init__(
        self,
        found: Correctable,
        *,
        database: Database,
        runner: Runner,
        shell: ShellPresenter,
        currency: Currency,
        words: GroupWords,
        clock: Clock,
    ) -> None:
        self.found = found
        self.entry = found.entry
        self.effect_changed: Event[[]] = Event()
        self.written: Event[[Correction]] = Event()
        self.left: Event[[]] = Event()
        self._database = database
        self._runner = runner
        self._shell = shell
        self._currency = currency
        self._words = words
        self._clock = clock
        self._then: Standing | None = None
        self._tried: Decimal | None = None
        self.form = Form(
            {
                "amount": Reader(
                    lambda text: parse_amount(text, currency),
                    lambda amount: figure(amount, currency),
                ),
                "reason": Reader(any_reason),
            },
            {"amount": figure(found.entry.amount, currency)},
        )
        self.is_writing = False

    # ------------------------------------------------------------------ what is shown

    def title(self) -> str:
        """Which entry it is, with the amount that stands in the book."""
        entry = self.entry
        amount = f"{figure(entry.amount, self._currency)} {self._currency.code}"
        parts = (
            format_date(entry.day),
            entry.member_name,
            what_it_is(entry, self._words).text,
            amount,
        )
        return " · ".join(part for part in parts if part)

    def fields(self) -> Sequence[Field]:
        """The right amount and the reason."""
        return (
            Field("amount", _("Right amount"), FieldKind.NUMBER),
            Field("reason", _("Reason")),
        )

    def note(self, key: str) -> str:
        """Help below a field."""
        if key == "amount":
            return _("0 takes it back.")
        return _("Both lines and the reason stay in the book.")

    def effect(self) -> tuple[Change, ...]:
        """What the entry touches: now, and as it will be with the right amount."""
        now, then = self.found.standing, self._then
        titles = (
            ("shares", self._words.shares()),
            ("savings", _("Savings")),
            ("loans_owed", _("Owed on loans")),
            ("fine_owed", _("Fine still owed")),
            ("advance_owed", _("Advance still owed")),
            ("fund", self._words.fund(self.entry.fund)),
            ("box", _("Box")),
            ("bank", _("Bank")),
        )
        return tuple(
            Change(title, self._said(getattr(now, key)), self._said(getattr(then, key, None)))
            for key, title in titles
            if getattr(now, key) is not None and (key != "bank" or self.entry.bank)
        )

    def _said(self, amount: Decimal | int | None) -> str:
        if amount is None:
            return ""
        return str(amount) if isinstance(amount, int) else figure(amount, self._currency)

    # ------------------------------------------------------------------ what a person does

    def enter(self, key: str, text: str) -> None:
        """Take what was typed; try a right amount at once."""
        is_fine = self.form.enter(key, text)
        if key == "amount":
            self._try(self.form.value("amount") if is_fine else None)

    def _try(self, amount: Decimal | None) -> None:
        self._then = None
        self._tried = amount
        self.effect_changed()
        if amount is None or amount == self.entry.amount:
            return
        database, found, clock = self._database, self.found, self._clock

        def job() -> Standing:
            from vsla_desktop.services.corrections import try_correction

            with database.write() as session:
                return try_correction(session, found, amount, clock=clock)

        def done(then: Standing) -> None:
            if self._tried == amount:
                self._then = then
                self.effect_changed()

        self._runner.submit(job, done, self._refused, owner=self)

    def leave(self) -> None:
        """Leave the entry as it was."""
        self.left()

    def save(self) -> str:
        """Write the correction; return the key of the first field that is wrong, else ""."""
        wrong = self.form.check()
        amount = None if wrong else self.form.value("amount")
        if not wrong and amount == self.entry.amount:
            self.form.say(RuleBroken("Enter another amount.", field="amount"))
            wrong = "amount"
        if wrong or amount is None or self.is_writing:
            return wrong
        self.is_writing = True
        database, found, clock = self._database, self.found, self._clock
        reason = self.form.value("reason")

        def job() -> Correction:
            from vsla_desktop.services.corrections import correct_entry

            entry = found.entry.transaction_id
            with database.write() as session:
                return correct_entry(session, found.meeting_id, entry, amount, reason, clock=clock)

        self._runner.submit(job, self._written, self._refused, owner=self)
        return ""

    def _written(self, correction: Correction) -> None:
        self.is_writing = False
        self._shell.say(_("Corrected. Both lines stand in the book."))
        self.written(correction)

    def _refused(self, error: Exception) -> None:
        self.is_writing = False
        if not isinstance(error, RuleBroken):
            self._shell.say_error(error)
        elif not self.form.say(error):
            # Whatever the rule is about, here it is the amount that breaks it.
            hint = error.hint
            self.form.say(RuleBroken(error.message, hint=hint, field="amount", **error.values))


def any_reason(text: str) -> str:
    """Take any reason; raise :class:`RuleBroken` without one."""
    reason = any_text(text)
    if not reason:
        raise RuleBroken("Say why.", field="reason")
    return reason
