"""What can be done with money that is no member's, and with property: each a form of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session
from typing_extensions import override

from vsla_desktop.domain.kinds import ExpenseKind, IncomeKind
from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import Fund
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import _
from vsla_desktop.presenters.form import Choice
from vsla_desktop.presenters.funds_form import (
    Done,
    FundForm,
    expense_kinds,
    income_kinds,
    owed_until,
)
from vsla_desktop.presenters.funds_group import debt_key
from vsla_desktop.presenters.funds_text import difference_said
from vsla_desktop.queries.funds_debts import Debt
from vsla_desktop.services.expenses import (
    deposit_at_bank,
    note_bank_statement,
    record_expense,
    record_income,
    withdraw_from_bank,
)
from vsla_desktop.services.external_loans import Borrowing, borrow_outside, repay_outside
from vsla_desktop.services.leaving import pay_leaver
from vsla_desktop.services.postings import BOX
from vsla_desktop.services.property import (
    NewProperty,
    add_property,
    remove_property,
    revalue_property,
)


class _BetweenForm(FundForm):
    """What may be done between two meetings as well, on a day that is said then."""

    needs_meeting = False

    @override
    def field_keys(self) -> tuple[str, ...]:
        return self.keys if self.read.meeting_id is not None else (*self.keys, "day")


class ExpenseForm(_BetweenForm):
    """The group pays for something."""

    name = "expense"
    keys = ("kind", "amount", "description", "fund", "held_in")

    @staticmethod
    @override
    def title() -> str:
        return _("Pay an expense")

    @override
    def kinds(self) -> tuple[Choice, ...]:
        return expense_kinds()

    @override
    def act(self, session: Session, values: Mapping[str, Any]) -> Done:
        entry = record_expense(
            session,
            self.where(values),
            values["amount"],
            values["description"],
            fund=Fund(values["fund"]),
            held_in=values["held_in"],
            kind=ExpenseKind(values["kind"]),
            clock=self.funds.clock,
        )
        return self.entered(_("The expense is entered."), entry)


class IncomeForm(_BetweenForm):
    """Money comes that no member pays."""

    name = "income"
    keys = ("kind", "amount", "description", "fund", "held_in")

    @staticmethod
    @override
    def title() -> str:
        return _("Enter an income")

    @override
    def kinds(self) -> tuple[Choice, ...]:
        return income_kinds()

    @override
    def act(self, session: Session, values: Mapping[str, Any]) -> Done:
        entry = record_income(
            session,
            self.where(values),
            values["amount"],
            values["description"],
            fund=Fund(values["fund"]),
            held_in=values["held_in"],
            kind=IncomeKind(values["kind"]),
            clock=self.funds.clock,
        )
        return self.entered(_("The income is entered."), entry)


class DepositForm(_BetweenForm):
    """Money of a purse goes to the bank."""

    name = "deposit"
    keys = ("fund", "amount", "remark")

    @staticmethod
    @override
    def title() -> str:
        return _("Take money to the bank")

    @override
    def note(self, key: str) -> str:
        if key != "amount":
            return super().note(key)
        fund = Fund(self.form.text("fund"))
        in_box = self.read.balances.of(fund) - self.read.at_bank.get(fund, ZERO)
        return _("In the box: {amount}", amount=self.amount_said(in_box))

    @override
    def act(self, session: Session, values: Mapping[str, Any]) -> Done:
        entry = deposit_at_bank(
            session,
            self.where(values),
            values["amount"],
            fund=Fund(values["fund"]),
            description=values["remark"],
            clock=self.funds.clock,
        )
        said = _("{amount} is at the bank.", amount=self.amount_said(values["amount"]))
        return self.entered(said, entry)


class WithdrawForm(_BetweenForm):
    """Money of a purse comes back from the bank."""

    name = "withdraw"
    keys = ("fund", "amount", "remark")

    @staticmethod
    @override
    def title() -> str:
        return _("Fetch money from the bank")

    @override
    def note(self, key: str) -> str:
        if key != "amount":
            return super().note(key)
        held = self.read.at_bank.get(Fund(self.form.text("fund")), ZERO)
        return _("At the bank: {amount}", amount=self.amount_said(held))

    @override
    def act(self, session: Session, values: Mapping[str, Any]) -> Done:
        entry = withdraw_from_bank(
            session,
            self.where(values),
            values["amount"],
            fund=Fund(values["fund"]),
            description=values["remark"],
            clock=self.funds.clock,
        )
        said = _("{amount} is in the box.", amount=self.amount_said(values["amount"]))
        return self.entered(said, entry)


class StatementForm(FundForm):
    """What the bank says is compared with the book, and noted."""

    name = "statement"
    keys = ("said", "remark")
    needs_meeting = False

    @staticmethod
    @override
    def title() -> str:
        return _("Compare with the bank")

    @override
    def note(self, key: str) -> str:
        if key != "said":
            return super().note(key)
        book = self.read.balances.bank
        try:
            said = self.form.value("said")
        except RuleBroken:
            return _("The book says {amount}.", amount=self.amount_said(book))
        return difference_said(said, book, self.funds.currency)

    @override
    def act(self, session: Session, values: Mapping[str, Any]) -> Done:
        note_bank_statement(
            session,
            self.funds.group_id,
            values["said"],
            note=values["remark"],
            clock=self.funds.clock,
        )
        return Done(_("It is noted; no money moved."))


class BorrowForm(FundForm):
    """Somebody outside lends the group money."""

    name = "borrow"
    keys = ("lender", "amount", "charge", "due_date", "held_in")

    @staticmethod
    @override
    def title() -> str:
        return _("Borrow from outside")

    @override
    def note(self, key: str) -> str:
        if key == "charge":
            return _("What it costs in all; paid later.")
        return super().note(key)

    @override
    def act(self, session: Session, values: Mapping[str, Any]) -> Done:
        borrowing = Borrowing(
            lender=values["lender"],
            amount=values["amount"],
            charge=values["charge"] or ZERO,
            due_date=values["due_date"],
            held_in=values["held_in"],
        )
        entry = borrow_outside(session, self.meeting_id, borrowing, clock=self.funds.clock)
        return self.entered(_("The loan is in the loan fund."), entry)


class RepayForm(FundForm):
    """The group pays a lender back, or a member who left."""

    name = "repay"
    keys = ("debt", "principal", "charge", "held_in")

    @staticmethod
    @override
    def title() -> str:
        return _("Pay a debt back")

    def _debt(self, wanted: str) -> Debt | None:
        debts = self.read.debts
        return next((d for d in debts if debt_key(d.member_id, d.lender) == wanted), None)

    @override
    def note(self, key: str) -> str:
        debt = self._debt(self.form.text("debt"))
        if debt is None:
            return super().note(key)
        if key == "principal":
            return owed_until(self, debt.owed, debt.due_date)
        if key == "charge":
            return owed_until(self, debt.charge_owed, None)
        return super().note(key)

    @override
    def act(self, session: Session, values: Mapping[str, Any]) -> Done:
        debt = self._debt(values["debt"])
        if debt is None:
            raise RuleBroken("Choose one.", field="debt")
        principal, charge = values["principal"] or ZERO, values["charge"] or ZERO
        clock = self.funds.clock
        if debt.member_id is None:
            paid = repay_outside(
                session,
                self.meeting_id,
                debt.lender,
                principal=principal,
                charge=charge,
                held_in=values["held_in"],
                clock=clock,
            )
        elif charge:
            raise RuleBroken("A member who left is owed no charge.", field="charge")
        elif values["held_in"] != BOX:
            raise RuleBroken("Pay a member who left from the box.", field="held_in")
        else:
            paid = (pay_leaver(session, self.meeting_id, debt.member_id, principal, clock=clock),)
        said = _("{amount} is paid back.", amount=self.amount_said(principal + charge))
        return self.entered(said, *paid)


class AddPropertyForm(FundForm):
    """Something that the group owns is written down."""

    name = "add_property"
    keys = ("name", "bought_on", "cost", "value", "remark")
    needs_meeting = False

    @staticmethod
    @override
    def title() -> str:
        return _("Write down a thing")

    @override
    def note(self, key: str) -> str:
        if key == "value":
            return _("Empty if it is worth what it cost.")
        if key == "cost":
            return _("Paying for it is an expense.")
        return super().note(key)

    @override
    def act(self, session: Session, values: Mapping[str, Any]) -> Done:
        new = NewProperty(
            name=values["name"],
            bought_on=values["bought_on"],
            cost=values["cost"],
            value=values["value"],
            note=values["remark"],
        )
        add_property(session, self.funds.group_id, new, clock=self.funds.clock)
        return Done(_("It is in the list."))


class RevalueForm(FundForm):
    """A thing is worth another amount now."""

    name = "revalue"
    keys = ("item", "value", "remark")
    needs_meeting = False

    @staticmethod
    @override
    def title() -> str:
        return _("Value a thing anew")

    @override
    def act(self, session: Session, values: Mapping[str, Any]) -> Done:
        if values["value"] is None:
            raise RuleBroken("Enter an amount.", field="value")
        revalue_property(
            session,
            self.funds.group_id,
            int(values["item"]),
            values["value"],
            note=values["remark"],
            clock=self.funds.clock,
        )
        return Done(_("The value is kept."))


class RemoveForm(FundForm):
    """The group has a thing no more."""

    name = "remove"
    keys = ("item", "reason")
    needs_meeting = False

    @staticmethod
    @override
    def title() -> str:
        return _("Take a thing off the list")

    @override
    def act(self, session: Session, values: Mapping[str, Any]) -> Done:
        remove_property(
            session,
            self.funds.group_id,
            int(values["item"]),
            values["reason"],
            clock=self.funds.clock,
        )
        return Done(_("It stays in the list as gone."))
