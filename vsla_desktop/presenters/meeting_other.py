"""Money of the meeting that is no member's, and what was decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, auto

from sqlalchemy.orm import Session

from vsla_desktop.domain.money import parse_amount
from vsla_desktop.domain.postings import Fund, PostingType
from vsla_desktop.errors import RuleBroken, VslaError
from vsla_desktop.i18n import _
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.meeting_book import MeetingBook
from vsla_desktop.presenters.meeting_columns import words_of
from vsla_desktop.presenters.meeting_undo import UndoStep
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.queries.history import MoneyEntered
from vsla_desktop.queries.lines import LedgerLine
from vsla_desktop.queries.pages import writable_page
from vsla_desktop.services import ledger
from vsla_desktop.services.expenses import (
    deposit_at_bank,
    record_expense,
    record_income,
    withdraw_from_bank,
)
from vsla_desktop.services.meetings import record_notes
from vsla_desktop.services.postings import Entry
from vsla_desktop.wording import posting_word, sentence_of


class OtherKind(Enum):
    """What money moved for."""

    EXPENSE = auto()
    INCOME = auto()
    TO_BANK = auto()
    FROM_BANK = auto()


_OF_TYPE = {
    PostingType.EXPENSE: OtherKind.EXPENSE,
    PostingType.OTHER_INCOME: OtherKind.INCOME,
    PostingType.BANK_DEPOSIT: OtherKind.TO_BANK,
    PostingType.BANK_WITHDRAWAL: OtherKind.FROM_BANK,
}


_DEBTS = frozenset({PostingType.EXTERNAL_LOAN_IN, PostingType.EXTERNAL_LOAN_OUT})
"""What is entered on the page of funds; here it can only be undone."""


@dataclass(frozen=True, slots=True)
class OtherLine:
    """One entry as the list shows it; ``can_go`` says that it can be taken back here."""

    transaction_id: int
    what: str
    fund: str
    amount: str
    words: str
    tone: Tone
    can_go: bool


def kind_word(kind: OtherKind) -> str:
    """Say what money moved for."""
    return {
        OtherKind.EXPENSE: _("Expense"),
        OtherKind.INCOME: _("Other income"),
        OtherKind.TO_BANK: _("To the bank"),
        OtherKind.FROM_BANK: _("From the bank"),
    }[kind]


class OtherMoneyPresenter:
    """Expenses, other income, and the way to the bank and back.

    ``problems`` says what is wrong, by field: ``amount``, ``description`` or ``fund``.
    """

    def __init__(self, meeting: MeetingBook) -> None:
        self.changed: Event[[]] = Event()
        self.added: Event[[]] = Event()
        self.meeting = meeting
        self.problems: dict[str, str] = {}
        meeting.changed.listen(self.changed)

    def kinds(self) -> tuple[OtherKind, ...]:
        """What can be chosen."""
        return tuple(OtherKind)

    def funds(self) -> tuple[Fund, ...]:
        """The purses of the group."""
        return tuple(purse.fund for purse in self.meeting.book.sheet.purses)

    def fund_word(self, fund: Fund) -> str:
        """What the group calls a purse."""
        return words_of(self.meeting.book).fund(fund)

    def lines(self) -> Sequence[OtherLine]:
        """What was entered at this meeting."""
        return [self._line(line) for line in self.meeting.book.sheet.others]

    def _line(self, line: LedgerLine) -> OtherLine:
        kind = _OF_TYPE.get(line.type)
        is_in = line.effect > 0 or (line.effect == 0 and line.bank < 0)
        is_own = kind is not None and not line.is_reversal and not line.is_correction
        return OtherLine(
            line.transaction_id,
            kind_word(kind) if kind is not None else line.description,
            self.fund_word(line.fund),
            self.meeting.money.amount(line.amount),
            line.description if kind is not None else line.reason,
            Tone.MONEY_IN if is_in else Tone.MONEY_OUT,
            is_own and self.meeting.book.sheet.is_open and not line.reversed_by,
        )

    def add(self, kind: OtherKind, fund: Fund, amount_text: str, words: str) -> None:
        """Write one more entry; what is wrong with it is told by field."""
        self.problems = {}
        try:
            amount = parse_amount(amount_text, self.meeting.money.currency)
        except RuleBroken as error:
            self._refused(error)
            return
        name = self._name(kind, amount)
        self.meeting.write(
            lambda session: self._post(session, kind, fund, amount, words),
            lambda entry: self._added(entry, name),
            self._refused,
        )

    def _post(
        self, session: Session, kind: OtherKind, fund: Fund, amount: Decimal, words: str
    ) -> Entry:
        where, clock = self.meeting.meeting_id, self.meeting.clock
        match kind:
            case OtherKind.EXPENSE:
                return record_expense(session, where, amount, words, fund=fund, clock=clock)
            case OtherKind.INCOME:
                return record_income(session, where, amount, words, fund=fund, clock=clock)
            case OtherKind.TO_BANK:
                return deposit_at_bank(
                    session, where, amount, fund=fund, description=words, clock=clock
                )
            case OtherKind.FROM_BANK:
                return withdraw_from_bank(
                    session, where, amount, fund=fund, description=words, clock=clock
                )

    def _added(self, entry: Entry, name: str) -> None:
        self._can_undo(entry.transaction_id, name)
        self.added()

    def _can_undo(self, transaction_id: int, name: str) -> None:
        def undo(session: Session) -> None:
            self._take_back(session, transaction_id)

        self.meeting.undo_stack.push(UndoStep(name, undo))

    def remember(self, entered: MoneyEntered) -> None:
        """Let something be undone that was entered before the program was started."""
        kind = _OF_TYPE.get(entered.type)
        if kind is not None:
            self._can_undo(entered.transaction_id, self._name(kind, entered.after))
        elif entered.type in _DEBTS:
            amount = self.meeting.money.amount(entered.after)
            self._can_undo(entered.transaction_id, f"{posting_word(entered.type)} {amount}")

    def _name(self, kind: OtherKind, amount: Decimal) -> str:
        return f"{kind_word(kind)} {self.meeting.money.amount(amount)}"

    def take_back(self, line: int) -> None:
        """Take an entry of this meeting back."""
        shown = self.lines()[line]
        if shown.can_go:
            self.meeting.write(
                lambda session: self._take_back(session, shown.transaction_id),
                lambda _none: self.meeting.shell.say(_("Taken back: {what}", what=shown.what)),
                self.meeting.shell.say_error,
            )

    def _take_back(self, session: Session, transaction_id: int) -> None:
        page = writable_page(session, self.meeting.meeting_id)
        ledger.reverse(session, page, transaction_id, clock=self.meeting.clock)

    def _refused(self, error: VslaError) -> None:
        field = getattr(error, "field", "") or "amount"
        self.problems = {field: sentence_of(error)}
        self.changed()


class NotesPresenter:
    """The minutes and decisions of the meeting, saved as they are left."""

    def __init__(self, meeting: MeetingBook) -> None:
        self.changed: Event[[]] = Event()
        self.meeting = meeting
        meeting.changed.listen(self.changed)

    @property
    def minutes(self) -> str:
        """What was said."""
        return self.meeting.book.sheet.minutes

    @property
    def decisions(self) -> str:
        """What was decided."""
        return self.meeting.book.sheet.decisions

    @property
    def action_items(self) -> str:
        """What someone is to do."""
        return self.meeting.book.sheet.action_items

    def write(
        self,
        *,
        minutes: str | None = None,
        decisions: str | None = None,
        action_items: str | None = None,
    ) -> None:
        """Write down what changed."""
        said = (minutes, decisions, action_items)
        held = (self.minutes, self.decisions, self.action_items)
        new = [None if text == old else text for text, old in zip(said, held, strict=True)]
        if new == [None, None, None] or not self.meeting.book.sheet.is_open:
            return

        def action(session: Session) -> None:
            record_notes(
                session,
                self.meeting.meeting_id,
                minutes=new[0],
                decisions=new[1],
                action_items=new[2],
                clock=self.meeting.clock,
            )

        self.meeting.write(action, lambda _none: None, self.meeting.shell.say_error)
