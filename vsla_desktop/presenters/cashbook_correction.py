"""Correcting a line of the cashbook in the meeting that is open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from vsla_desktop.domain.money import parse_amount
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import _, format_date
from vsla_desktop.presenters.cashbook_lines import what_it_is
from vsla_desktop.presenters.form import Field, FieldKind, Form, Reader, any_text
from vsla_desktop.wording import figure

if TYPE_CHECKING:
    from vsla_desktop.presenters.cashbook import CashbookPresenter
    from vsla_desktop.queries.lines import LedgerLine


class CorrectionPresenter:
    """Correcting one line: the right amount (0 takes it back) and the reason."""

    def __init__(self, cashbook: CashbookPresenter, entry: LedgerLine) -> None:
        self.cashbook = cashbook
        self.entry = entry
        currency = cashbook.currency
        self.form = Form(
            {
                "amount": Reader(
                    lambda text: parse_amount(text, currency),
                    lambda amount: figure(amount, currency),
                ),
                "reason": Reader(_reason),
            },
            {"amount": figure(entry.amount, currency)},
        )
        self.is_writing = False

    def title(self) -> str:
        """Which line it is."""
        what = what_it_is(self.entry).text
        day = format_date(self.entry.day)
        return " · ".join(part for part in (day, self.entry.member_name, what) if part)

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

    def enter(self, key: str, text: str) -> None:
        """Take what was typed."""
        self.form.enter(key, text)

    def save(self) -> str:
        """Write the correction; return the key of the first field that is wrong, else ""."""
        wrong = self.form.check()
        amount = None if wrong else self.form.value("amount")
        if not wrong and amount == self.entry.amount:
            self.form.say(RuleBroken("Enter another amount.", field="amount"))
            wrong = "amount"
        if wrong or self.is_writing:
            return wrong
        self.is_writing = True
        book, entry, reason = self.cashbook, self.entry, self.form.value("reason")
        meeting_id = book.open_meeting_id or 0

        def job() -> None:
            from vsla_desktop.services.corrections import correct_entry, reverse_entry

            with book.database.write() as session:
                transaction_id = entry.transaction_id
                if amount:
                    correct_entry(
                        session, meeting_id, transaction_id, amount, reason, clock=book.clock
                    )
                else:
                    reverse_entry(session, meeting_id, transaction_id, reason, clock=book.clock)

        book.runner.submit(job, self._saved, self._refused, owner=self)
        return ""

    def _saved(self, _nothing: None) -> None:
        self.is_writing = False
        self.cashbook.shell.say(_("Corrected."))
        self.cashbook.close_correction()
        self.cashbook.refresh()

    def _refused(self, error: Exception) -> None:
        self.is_writing = False
        if not (isinstance(error, RuleBroken) and self.form.say(error)):
            self.cashbook.shell.say_error(error)


def _reason(text: str) -> str:
    reason = any_text(text)
    if not reason:
        raise RuleBroken("Say why.", field="reason")
    return reason
