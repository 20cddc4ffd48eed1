"""One loan in full, so that the borrower sees where she stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from vsla_desktop.domain.assessment import Reason, valid_until
from vsla_desktop.domain.loans import Instalment, schedule
from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.penalties import late_penalty
from vsla_desktop.domain.postings import Fund
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import _, format_date, translate_counted
from vsla_desktop.presenters.loans_lists import MovesPresenter, SchedulePresenter
from vsla_desktop.presenters.loans_text import (
    Standing,
    charge_said,
    loan_terms_said,
    request_standing,
    risk_said,
    standing,
    terms_said,
)
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.queries.loan_history import LoanChange, changes_of_loan, standing_change
from vsla_desktop.queries.loan_pages import LoanInFull, LoansRead, loan_in_full, loans_read
from vsla_desktop.queries.loans import APPROVED, COMPLETED, OUT, LoanState
from vsla_desktop.queries.penalties import times_charged
from vsla_desktop.services.assessments import advice, assess_member
from vsla_desktop.wording import figure

if TYPE_CHECKING:
    from vsla_desktop.db import Database
    from vsla_desktop.presenters.loans import LoansPresenter
    from vsla_desktop.presenters.loans_form import LoanForm


@dataclass(frozen=True, slots=True)
class LoanRead:
    """One loan, the group's loans around it, and what speaks against lending to this member.

    ``charged`` says by number how often each instalment was charged a penalty. ``changes`` are
    those that no entry tells, and ``standing`` the one of them that can be taken back.
    """

    around: LoansRead
    full: LoanInFull
    reasons: tuple[Reason, ...]
    charged: Mapping[int, int]
    changes: tuple[LoanChange, ...]
    standing: LoanChange | None


@dataclass(frozen=True, slots=True)
class LoanAction:
    """Something that can be done with a loan: its key on the page, its word, its icon."""

    name: str
    title: str
    key: str
    icon: str
    is_main: bool = False


def read_loan(database: Database, group_id: int, loan_id: int, today: date) -> LoanRead | None:
    """Read one loan; nothing when it is not in the book."""
    with database.read() as session:
        around = loans_read(session, group_id, today=today)
        full = loan_in_full(session, loan_id)
        if full is None:
            return None
        reasons = advice(session, around.page, around.rules, full.request.member_id)
        rule, day = around.rules.penalty_rule, around.day
        loans = () if full.loan is None else (full.loan,)
        charged = times_charged(session, loans, rule, until=day).get(loan_id, {})
        changes = () if full.loan is None else changes_of_loan(session, full.loan)
        last = None if full.loan is None else standing_change(changes, full.loan.instalments)
        return LoanRead(around, full, reasons, charged, changes, last)


class LoanPresenter:
    """What one loan says, and what can be done with it."""

    def __init__(self, loans: LoansPresenter, read: LoanRead) -> None:
        self.loans = loans
        self.read = read
        self.full = read.full
        self.around = read.around
        self.loan_id = read.full.request.loan_id
        rows = self.loan.instalments if self.loan is not None else self.planned()
        self.schedule = SchedulePresenter(rows, self.loan, loans.currency, self.day)
        self.moves = MovesPresenter(
            self.full.moves, read.changes, loans.currency, loans.shell.correct_entry
        )

    @property
    def day(self) -> date:
        """The day for which everything is worked out."""
        return self.around.day

    @property
    def loan(self) -> LoanState | None:
        """The loan, once it was given."""
        return self.full.loan

    def said(self, amount: Decimal) -> str:
        """Write an amount."""
        return figure(amount, self.loans.currency)

    # ------------------------------------------------------------------ what is said

    def title(self) -> str:
        """Number and name of the borrower."""
        request = self.full.request
        return f"{request.member_number or ''}  {request.member_name}".strip()

    def note(self) -> str:
        """When it was given or asked for, and what for."""
        request, loan = self.full.request, self.loan
        when = (
            _("Given {day}", day=format_date(loan.given_on))
            if loan is not None
            else _("Asked {day}", day=format_date(request.asked_on))
        )
        parts = [self.standing().word, when, request.purpose]
        if loan is not None and loan.changed_on is not None:
            parts.append(_("Changed {day}", day=format_date(loan.changed_on)))
        return " · ".join(part for part in parts if part)

    def standing(self) -> Standing:
        """How it stands."""
        if self.loan is None:
            return request_standing(self.full.request)
        return standing(self.loan, self.day)

    def terms(self) -> str:
        """The terms in one sentence, and what they cost."""
        if self.loan is not None:
            return loan_terms_said(self.loan, self.loans.money)
        rules = self.around.rules
        cost = charge_said(rules.loan_interest_rate, rules.loan_interest_method)
        return f"{terms_said(self.planned(), rules.loan_period, self.loans.money)} {cost}"

    def planned(self) -> tuple[Instalment, ...]:
        """The schedule that a request would have if it were paid out today."""
        request, rules = self.full.request, self.around.rules
        return schedule(
            request.principal,
            rules.loan_interest_rate,
            request.periods,
            method=rules.loan_interest_method,
            period_kind=rules.loan_period,
            start=self.day,
            unit=self.loans.currency.step,
        )

    def figures(self) -> Sequence[tuple[str, str, str, Tone]]:
        """Title, figure, note and tone of what matters today."""
        loan = self.loan
        if loan is None:
            return self._request_figures()
        late = loan.days_late(self.day)
        due = loan.next_due() if loan.is_out else None
        next_note = ""
        if late:
            next_note = translate_counted("{count} day late", "{count} days late", late)
        elif due is not None:
            next_note = format_date(due.due_date)
        until = max(due.due_date, self.day) if due is not None else self.day
        tone = Tone.WARNING if late else Tone.MUTED
        paid = loan.principal_paid + loan.charge_paid + loan.penalty_paid
        lost = loan.written_off
        last = (
            (_("Recovered"), self.said(self.full.recovered), _("of {lost}", lost=self.said(lost)))
            if lost
            else (_("Paid so far"), self.said(paid), "")
        )
        return (
            (_("Clears today"), self.said(loan.settles(self.day)), self._clears_note(loan), tone),
            (_("To pay next"), self.said(loan.due(until)), next_note, tone),
            (
                _("Clears next meeting"),
                self.said(self._next_meeting(loan)),
                format_date(self.around.next_day),
                Tone.MUTED,
            ),
            (*last, Tone.MUTED),
        )

    def _request_figures(self) -> Sequence[tuple[str, str, str, Tone]]:
        request, around = self.full.request, self.around
        after = around.fund - request.principal
        return (
            (_("Asks for"), self.said(request.principal), "", Tone.MUTED),
            (self.around.words.fund(Fund.LOAN_FUND), self.said(around.fund), "", Tone.MUTED),
            (
                _("Fund after it"),
                self.said(after),
                _("Too little now.") if after < 0 else "",
                Tone.WARNING if after < 0 else Tone.MUTED,
            ),
        )

    def _clears_note(self, loan: LoanState) -> str:
        if not loan.is_out:
            return loan.reason
        charge = loan.settles(self.day) - loan.penalty_due - loan.principal_owed
        parts = [
            _("principal {amount}", amount=self.said(loan.principal_owed)),
            _("charge {amount}", amount=self.said(charge)) if charge else "",
            _("penalty {amount}", amount=self.said(loan.penalty_due)) if loan.penalty_due else "",
        ]
        return ", ".join(part for part in parts if part)

    def _next_meeting(self, loan: LoanState) -> Decimal:
        """What would clear it at the next meeting if nothing is paid, its new penalties too."""
        if not loan.is_out:
            return ZERO
        new = late_penalty(
            loan.instalments,
            self.around.next_day,
            self.around.rules.penalty_rule,
            period_kind=loan.period_kind,
            charged=self.read.charged,
            unit=self.loans.currency.step,
        )
        return loan.settles(self.around.next_day) + new

    def guarantors(self) -> str:
        """Who stands for it."""
        names = [f"{each.number} {each.name}" for each in self.full.request.guarantors]
        return ", ".join(names) or _("Nobody")

    def assessment(self) -> Sequence[tuple[str, str]]:
        """The parts of the last assessment, each with its figure."""
        found = self.full.assessment
        if found is None:
            return ()
        until = valid_until(found.on, self.around.rules.assessment_rules)
        is_old = until < self.day
        return (
            (_("Savings"), f"{found.savings_score:.0f} / 100"),
            (_("Attendance"), f"{found.attendance_score:.0f} / 100"),
            (_("Taking part"), f"{found.participation_score:.0f} / 100"),
            (_("Score"), f"{found.overall_score:.0f} / 100, {risk_said(found.risk)}"),
            (_("Most to lend"), self.said(found.most)),
            (_("Too old since") if is_old else _("Good until"), format_date(until)),
        )

    def reasons(self) -> Sequence[str]:
        """What speaks against a loan to this member today, in words."""
        return [_(each.message, **dict(each.values)) for each in self.read.reasons]

    def refusal(self) -> str:
        """Why it was refused, let go or written off."""
        return self.full.request.reason

    # ------------------------------------------------------------------ what can be done

    def actions(self) -> Sequence[LoanAction]:
        """What can be done now; the main thing last."""
        loan, request = self.loan, self.full.request
        if loan is None:
            if not request.is_waiting:
                return ()
            first = (
                LoanAction("withdraw", _("Let go …"), "F7", "close"),
                LoanAction("assess", _("Assess"), "F6", "search"),
            )
            if request.status == APPROVED:
                return (
                    *first,
                    LoanAction("pay_out", _("Pay out"), "F10", "money-out", is_main=True),
                )
            return (*first, LoanAction("vote", _("Vote"), "F10", "group", is_main=True))
        has_back = self.read.standing is not None and loan.status in {*OUT, COMPLETED}
        back = (LoanAction("take_back", _("Take back …"), "F9", "undo"),) if has_back else ()
        if loan.is_out:
            let_off = (LoanAction("let_off", _("Let off …"), "F8", "check"),)
            return (
                *back,
                *(let_off if loan.penalty_due else ()),
                LoanAction("write_off", _("Write off …"), "F7", "close"),
                LoanAction("reschedule", _("Other days …"), "F6", "calendar"),
                LoanAction("top_up", _("Lend more …"), "F5", "plus"),
                LoanAction("pay", _("Take a payment"), "F10", "money-in", is_main=True),
            )
        if loan.written_off > self.full.recovered:
            return (LoanAction("recover", _("Recover"), "F10", "money-in", is_main=True),)
        return back

    @property
    def needs_meeting(self) -> bool:
        """Whether what can be done waits for a meeting to be opened."""
        return self.around.meeting_id is None and any(
            action.name not in {"assess", "withdraw"} for action in self.actions()
        )

    def do(self, name: str) -> None:
        """Begin one of the actions."""
        from vsla_desktop.presenters import loans_forms

        if name == "assess":
            self._assess()
            return
        if name != "withdraw" and self.around.meeting_id is None:
            self.loans.shell.say_error(
                RuleBroken("Open a meeting first.", hint="Money moves at meetings only.")
            )
            return
        make: dict[str, type[LoanForm]] = {
            "withdraw": loans_forms.WithdrawForm,
            "vote": loans_forms.VoteForm,
            "pay_out": loans_forms.PayOutForm,
            "pay": loans_forms.PayForm,
            "top_up": loans_forms.TopUpForm,
            "reschedule": loans_forms.RescheduleForm,
            "let_off": loans_forms.LetOffForm,
            "take_back": loans_forms.TakeBackForm,
            "write_off": loans_forms.WriteOffForm,
            "recover": loans_forms.RecoverForm,
        }
        self.loans.show_form(make[name](self.loans, self.around, self))

    def _assess(self) -> None:
        loans, member_id, day = self.loans, self.full.request.member_id, self.day

        def job() -> None:
            with loans.database.write() as session:
                assess_member(session, loans.group_id, member_id, day=day, clock=loans.clock)

        def done(_nothing: None) -> None:
            loans.done(self.loan_id, _("Assessed."))

        loans.runner.submit(job, done, loans.shell.say_error, owner=loans)
