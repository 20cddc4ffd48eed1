"""The loans of a group: who owes what, the late ones first, and how much of it is at risk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from vsla_desktop.clock import Clock
from vsla_desktop.domain.currencies import Currency
from vsla_desktop.i18n import _, format_date, translate_counted
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.form import Choice
from vsla_desktop.presenters.grid import Cell, CellKind, Column
from vsla_desktop.presenters.runner import Runner
from vsla_desktop.presenters.shell import ShellPresenter
from vsla_desktop.wording import MoneyText, figure

if TYPE_CHECKING:
    from vsla_desktop.db import Database
    from vsla_desktop.presenters.loans_form import LoanForm
    from vsla_desktop.presenters.loans_one import LoanPresenter, LoanRead
    from vsla_desktop.presenters.loans_text import Standing
    from vsla_desktop.queries.loan_pages import LoanRequest, LoansRead
    from vsla_desktop.queries.loans import LoanState

RUNNING, LATE, REQUESTS, FINISHED, ALL = "running", "late", "requests", "finished", "all"


@dataclass(frozen=True, slots=True)
class LoanLine:
    """One row of the list: a loan, or a request for one."""

    loan_id: int
    number: int
    name: str
    day: date
    principal: Decimal
    due_on: date | None
    due: Decimal
    days_late: int
    owed: Decimal
    standing: Standing
    filter: str


@dataclass(frozen=True, slots=True)
class LoansTotals:
    """What stands below the list; ``formula`` says how the part at risk was worked out."""

    count: str
    owed: str
    late: str
    at_risk: str
    formula: str


class LoansPresenter:
    """A :class:`~vsla_desktop.presenters.listing.ListPresenter` of the loans.

    ``one`` is the loan that is looked at, ``form`` what is being filled in; ``shown`` says that
    another of list, loan and form is to be shown.
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
        self.database = database
        self.runner = runner
        self.shell = shell
        self.group_id = group_id
        self.currency = currency
        self.money = MoneyText(currency)
        self.clock = clock
        self.changed: Event[[]] = Event()
        self.rows_came: Event[[int, int]] = Event()
        self.shown: Event[[]] = Event()
        self.read: LoansRead | None = None
        self.one: LoanPresenter | None = None
        self.form: LoanForm | None = None
        self.filter = RUNNING
        self._wanted = ""
        self._lines: tuple[LoanLine, ...] = ()
        self._keys = tuple(each.key for each in self.columns())

    # ------------------------------------------------------------------ reading

    def refresh(self) -> None:
        """Read the loans again, and the one that is looked at."""
        database, group_id, today = self.database, self.group_id, self.clock.today()

        def job() -> LoansRead:
            from vsla_desktop.queries.loan_pages import loans_read

            with database.read() as session:
                return loans_read(session, group_id, today=today)

        self.runner.submit(job, self._came, self.shell.say_error, owner=self)

    def _came(self, read: LoansRead) -> None:
        self.read = read
        self._choose()
        if self.one is not None and self.form is None:
            self.open_loan(self.one.loan_id)

    def _choose(self) -> None:
        wanted = " ".join(self._wanted.split()).casefold()
        lines = self._all_lines()
        self._lines = tuple(
            each
            for each in lines
            if (self.filter in {ALL, each.filter} or (self.filter == RUNNING and _runs(each)))
            and _matches(each, wanted)
        )
        self.changed()

    def _all_lines(self) -> list[LoanLine]:
        read = self.read
        if read is None:
            return []
        lines = [self._loan_line(loan, read.day) for loan in read.loans]
        lines += [self._request_line(request) for request in read.requests]
        far = date.max
        return sorted(
            lines, key=lambda line: (-line.days_late, line.due_on or far, line.number, line.loan_id)
        )

    def _loan_line(self, loan: LoanState, on: date) -> LoanLine:
        from vsla_desktop.presenters.loans_text import standing

        due = loan.next_due() if loan.is_out else None
        until = max(due.due_date, on) if due is not None else on
        late = loan.days_late(on)
        return LoanLine(
            loan_id=loan.loan_id,
            number=loan.member_number or 0,
            name=loan.member_name,
            day=loan.given_on,
            principal=loan.principal,
            due_on=due.due_date if due is not None else None,
            due=loan.due(until),
            days_late=late,
            owed=loan.settles(on),
            standing=standing(loan, on),
            filter=(LATE if late else RUNNING) if loan.is_out else FINISHED,
        )

    @staticmethod
    def _request_line(request: LoanRequest) -> LoanLine:
        from vsla_desktop.presenters.loans_text import request_standing

        zero = request.principal * 0
        return LoanLine(
            loan_id=request.loan_id,
            number=request.member_number or 0,
            name=request.member_name,
            day=request.asked_on,
            principal=request.principal,
            due_on=None,
            due=zero,
            days_late=0,
            owed=zero,
            standing=request_standing(request),
            filter=FINISHED if request.is_refused else REQUESTS,
        )

    # ------------------------------------------------------------------ what a person does

    def find(self, text: str) -> None:
        """Show only the loans of members whose number or name this is."""
        self._wanted = text
        self._choose()

    def choose_filter(self, value: str) -> None:
        """Show running loans, late ones, requests, finished ones, or all."""
        self.filter = value
        self._choose()

    def open_row(self, row: int) -> None:
        """Look at one loan."""
        self.open_loan(self._lines[row].loan_id)

    def open_loan(self, loan_id: int) -> None:
        """Read one loan in full, and show it."""
        database, group_id, today = self.database, self.group_id, self.clock.today()

        def job() -> LoanRead | None:
            from vsla_desktop.presenters.loans_one import read_loan

            return read_loan(database, group_id, loan_id, today)

        self.runner.submit(job, self._one_came, self.shell.say_error, owner=self)

    def _one_came(self, found: LoanRead | None) -> None:
        from vsla_desktop.presenters.loans_one import LoanPresenter

        self.one = None if found is None else LoanPresenter(self, found)
        self.shown()

    def close_loan(self) -> None:
        """Go back to the list."""
        self.one = None
        self.shown()

    def ask(self) -> None:
        """Begin to write down that a member asks for a loan."""
        from vsla_desktop.presenters.loans_forms import AskForm

        if self.read is not None:
            self.show_form(AskForm(self, self.read))

    def show_form(self, form: LoanForm) -> None:
        """Fill in this form."""
        self.form = form
        self.shown()

    def leave_form(self) -> None:
        """Leave everything as it was."""
        self.form = None
        self.shown()

    def done(self, loan_id: int, sentence: str) -> None:
        """Something was written: say so, and show the loan as it is now."""
        self.form = None
        self.shell.say(sentence)
        self.refresh_list_then(lambda: self.open_loan(loan_id))

    def refresh_list_then(self, go_on: Callable[[], None]) -> None:
        """Read the list again, then go on."""
        self.one = None
        self.refresh()
        go_on()

    def go_to_meeting(self) -> None:
        """Turn to the page on which a meeting is opened."""
        self.shell.go_to("meeting")

    # ------------------------------------------------------------------ what is shown

    def filters(self) -> tuple[Choice, ...]:
        """What can be shown."""
        return (
            Choice(RUNNING, _("Running loans")),
            Choice(LATE, _("Late loans")),
            Choice(REQUESTS, _("Requests")),
            Choice(FINISHED, _("Finished")),
            Choice(ALL, _("All")),
        )

    def totals(self) -> LoansTotals:
        """What all running loans come to, whatever is shown."""
        from vsla_desktop.queries.loan_pages import portfolio
        from vsla_desktop.wording import percent

        read = self.read
        found = portfolio(read.loans if read else (), read.day if read else date.min)
        return LoansTotals(
            count=translate_counted("{count} loan", "{count} loans", found.count),
            owed=figure(found.outstanding, self.currency),
            late=figure(found.overdue, self.currency),
            at_risk=percent(round(found.rate, 3)),
            formula=_(
                "{late} owed on late loans / {outstanding} owed on all; charges left out",
                late=figure(found.at_risk, self.currency),
                outstanding=figure(found.outstanding, self.currency),
            ),
        )

    def row_count(self) -> int:
        """How many rows are shown."""
        return len(self._lines)

    def columns(self) -> Sequence[Column]:
        """What is said of each loan."""
        code, amount = self.currency.code, CellKind.AMOUNT
        return (
            Column("number", _("No."), CellKind.COUNT, width=4),
            Column("name", _("Name"), width=22),
            Column("day", _("Given"), width=11),
            Column("principal", _("Loan"), amount, note=code, width=11),
            Column("due_on", _("Due next"), width=11),
            Column("due", _("To pay then"), amount, note=code, width=11),
            Column("late", _("Days late"), CellKind.COUNT, width=7),
            Column("owed", _("Clears today"), amount, note=code, width=11),
            Column("standing", _("Standing"), width=12),
        )

    def cell(self, row: int, column: int) -> Cell:
        """See :class:`~vsla_desktop.presenters.listing.ListPresenter`."""
        line = self._lines[row]
        match self._keys[column]:
            case "number":
                return Cell(str(line.number or ""))
            case "name":
                return Cell(line.name)
            case "day":
                return Cell(format_date(line.day))
            case "principal":
                return Cell(figure(line.principal, self.currency))
            case "due_on":
                return Cell(format_date(line.due_on) if line.due_on else "")
            case "due":
                return Cell(figure(line.due, self.currency))
            case "late":
                return Cell(str(line.days_late))
            case "owed":
                return Cell(figure(line.owed, self.currency))
            case _:
                about = line.standing
                return Cell(about.word, icon=about.icon, tone=about.tone)

    def row_title(self, row: int) -> str:
        """Number and name."""
        return f"{self._lines[row].number} {self._lines[row].name}"


def _runs(line: LoanLine) -> bool:
    return line.filter in {RUNNING, LATE}


def _matches(line: LoanLine, wanted: str) -> bool:
    if wanted.isdecimal():
        return wanted == str(line.number)
    return wanted in line.name.casefold()
