"""A member leaves: her account is worked out before anybody confirms it; the rest is paid later."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from typing_extensions import override

from vsla_desktop.domain.money import ZERO, parse_count
from vsla_desktop.domain.rules import ValueRule
from vsla_desktop.domain.votes import Vote
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import _
from vsla_desktop.presenters.form import Choice, Field, FieldKind, Reader
from vsla_desktop.presenters.members_acts import MemberAct, Row, needs_meeting, no_meeting
from vsla_desktop.services.leaving import pay_leaver, pay_out_leaver, write_off_leaver
from vsla_desktop.services.members import LeavingReason
from vsla_desktop.wording import figure

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.presenters.members import MembersPresenter
    from vsla_desktop.presenters.members_profile import MemberRead


VOTES = ("in_favour", "against")
MOST_VOTES = 999


class LeavingForm(MemberAct):
    """Why a member leaves, and how much of what is hers is paid now."""

    named: ClassVar[Mapping[str, str]] = {"amount": "paid"}

    def __init__(
        self, members: MembersPresenter, read: MemberRead, on_saved: Callable[[], None]
    ) -> None:
        self.read = read
        self.account = read.account
        self._is_lost = False
        net = self.account.net
        super().__init__(
            members, on_saved, {"paid": figure(net, members.currency)} if net >= 0 else None
        )

    @override
    def title(self) -> str:
        return _("{name} leaves", name=self.account.name)

    @override
    def button(self) -> str:
        return _("Write down the vote") if self.account.net < 0 else _("Pay and write it down")

    @override
    def readers(self) -> Mapping[str, Reader]:
        if self.account.net < 0:
            votes = {key: Reader(partial(_votes, key)) for key in VOTES}
            return {"reason": Reader(_chosen), **votes}
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
        why = Field("reason", _("Why the member leaves"), FieldKind.CHOICE, reasons)
        if self.account.net < 0:
            return (
                why,
                Field("in_favour", _("For"), FieldKind.NUMBER),
                Field("against", _("Against"), FieldKind.NUMBER),
            )
        return (why, Field("paid", _("Pay now"), FieldKind.NUMBER))

    @override
    def note(self, key: str) -> str:
        if key == "reason":
            return _("Offices end with it.")
        if key in VOTES:
            return ""
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
            return (*rows, (_("Given up by vote"), self.said(-account.net)))
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
        if self.account.net < 0:
            return _("Take a payment first, or vote to write it off.")
        paid = self.value("paid")
        if paid is None:
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
        return needs_meeting() if self.read.meeting_id is None else ""

    @override
    def act(self, session: Session, said: Mapping[str, Any]) -> None:
        if self.read.meeting_id is None:
            raise no_meeting()
        why, clock = LeavingReason(said["reason"]), self.members.clock
        meeting, member = self.read.meeting_id, self.account.member_id
        if self.account.net < 0:
            vote = Vote(said["in_favour"], said["against"])
            left = write_off_leaver(session, meeting, member, why, vote, clock=clock)
            self._is_lost = left is None
        else:
            pay_out_leaver(session, meeting, member, why, paid=said["paid"], clock=clock)

    @override
    def _saved(self, _nothing: None) -> None:
        super()._saved(None)
        if self._is_lost:
            self.members.shell.say(_("The vote was lost. Nothing is changed."))


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


def _votes(key: str, text: str) -> int:
    if not text.strip():
        if key == "against":
            return 0
        raise RuleBroken("Enter the votes.", field=key)
    return parse_count(text, MOST_VOTES, field=key)


def _chosen(text: str) -> str:
    if not text:
        raise RuleBroken("Choose why.", field="reason")
    return text
