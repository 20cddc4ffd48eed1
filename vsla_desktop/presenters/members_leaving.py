"""A member leaves: her account is worked out before anybody confirms it; the rest is paid later."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar

from typing_extensions import override

from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.rules import ValueRule
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import _
from vsla_desktop.presenters.form import Choice, Field, FieldKind, Reader
from vsla_desktop.presenters.members_acts import MemberAct, Row, needs_meeting, no_meeting
from vsla_desktop.services.leaving import pay_leaver, pay_out_leaver
from vsla_desktop.services.members import LeavingReason
from vsla_desktop.wording import figure

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.presenters.members import MembersPresenter
    from vsla_desktop.presenters.members_profile import MemberRead


class LeavingForm(MemberAct):
    """Why a member leaves, and how much of what is hers is paid now."""

    named: ClassVar[Mapping[str, str]] = {"amount": "paid"}

    def __init__(
        self, members: MembersPresenter, read: MemberRead, on_saved: Callable[[], None]
    ) -> None:
        self.read = read
        self.account = read.account
        paid = figure(max(self.account.net, ZERO), members.currency)
        super().__init__(members, on_saved, {"paid": paid})

    @override
    def title(self) -> str:
        return _("{name} leaves", name=self.account.name)

    @override
    def button(self) -> str:
        return _("Pay and write it down")

    @override
    def readers(self) -> Mapping[str, Reader]:
        return {"reason": Reader(_chosen), "paid": self.amounts("paid")}

    @override
    def fields(self) -> Sequence[Field]:
        reasons = (
            Choice("", _("Choose")),
            Choice("LEFT", _("Wanted to")),
            Choice("MOVED", _("Moved away")),
            Choice("EXPELLED", _("Expelled")),
            Choice("DIED", _("Died")),
        )
        return (
            Field("reason", _("Why the member leaves"), FieldKind.CHOICE, reasons),
            Field("paid", _("Pay now"), FieldKind.NUMBER),
        )

    @override
    def note(self, key: str) -> str:
        if key == "reason":
            return _("Offices end with it.")
        return _("What is not paid now is owed, and paid in parts.")

    @override
    def rows(self) -> Sequence[Row]:
        account = self.account
        rows = [(self._shares_said(), self.said(account.paid_for_shares))]
        rows += [
            (self.members.words.saving(each.code, each.name), self.said(each.balance))
            for each in account.others
        ]
        debts = (
            (_("Loans"), account.loans),
            (_("Fines"), account.fines),
            (_("Advances"), account.advances),
        )
        rows += [(title, self.said(-owed)) for title, owed in debts if owed]
        if account.net < 0:
            return (*rows, (_("Still to be paid by the member"), self.said(-account.net)))
        return (*rows, (_("Paid to the member"), self.said(account.net)))

    def _shares_said(self) -> str:
        account, rules = self.account, self.read.rules
        shares = self.members.words.so_many_shares(account.shares)
        if rules.leaver_rule is ValueRule.CURRENT_VALUE:
            worth = self.said(_shown(account.share_value, self.members.currency.step))
            return _("{shares}, worth {value} each today", shares=shares, value=worth)
        return _(
            "{shares} at {value}, as paid in", shares=shares, value=self.said(rules.share_value)
        )

    @override
    def sentence(self) -> str:
        paid = self.value("paid")
        if self.account.net < 0 or paid is None:
            return ""
        left = self.account.net - paid
        words = self.in_words(paid)
        now = _(
            "Now {amount} is paid.",
            amount=f"{self.said(paid)} ({words})" if words else self.said(paid),
        )
        if left <= 0:
            return now
        return f"{now} {_('{amount} stays owed to the member.', amount=self.said(left))}"

    @override
    def problem(self) -> str:
        if self.account.net < 0:
            return _("Take a payment first, or vote to write it off.")
        return needs_meeting() if self.read.meeting_id is None else ""

    @override
    def act(self, session: Session, said: Mapping[str, Any]) -> None:
        if self.read.meeting_id is None:
            raise no_meeting()
        pay_out_leaver(
            session,
            self.read.meeting_id,
            self.account.member_id,
            LeavingReason(said["reason"]),
            paid=said["paid"],
            clock=self.members.clock,
        )


class PayLeaverForm(MemberAct):
    """A part of what the group owes to a member who left."""

    def __init__(
        self, members: MembersPresenter, read: MemberRead, on_saved: Callable[[], None]
    ) -> None:
        self.read = read
        owed = figure(read.profile.member.owed_to, members.currency)
        super().__init__(members, on_saved, {"amount": owed})

    @override
    def title(self) -> str:
        return _("Pay {name}", name=self.read.account.name)

    @override
    def button(self) -> str:
        return _("Pay")

    @override
    def readers(self) -> Mapping[str, Reader]:
        return {"amount": self.amounts("amount")}

    @override
    def fields(self) -> Sequence[Field]:
        return (Field("amount", _("Pay now"), FieldKind.NUMBER),)

    @override
    def rows(self) -> Sequence[Row]:
        owed = self.read.profile.member.owed_to
        amount = self.value("amount") or ZERO
        return (
            (_("The group still owes"), self.said(owed)),
            (_("Pay now"), self.said(amount)),
            (_("Owed after it"), self.said(max(owed - amount, ZERO))),
        )

    @override
    def problem(self) -> str:
        return needs_meeting() if self.read.meeting_id is None else ""

    @override
    def act(self, session: Session, said: Mapping[str, Any]) -> None:
        if self.read.meeting_id is None:
            raise no_meeting()
        pay_leaver(
            session,
            self.read.meeting_id,
            self.read.account.member_id,
            said["amount"],
            clock=self.members.clock,
        )


def _shown(exact: Fraction, step: Decimal) -> Decimal:
    """Return an exact value to a step of the currency, to be shown only."""
    return (Decimal(exact.numerator) / exact.denominator).quantize(step)


def _chosen(text: str) -> str:
    if not text:
        raise RuleBroken("Choose why.", field="reason")
    return text
