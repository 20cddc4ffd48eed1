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
from vsla_desktop.presenters.votes import DECISIVE, hands_reader, hands_titles, vote_of
from vsla_desktop.services.leaving import pay_leaver, pay_out_leaver, write_off_leaver
from vsla_desktop.services.members import LeavingReason
from vsla_desktop.wording import figure

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.presenters.members import MembersPresenter
    from vsla_desktop.presenters.members_profile import MemberRead


def leaving_form(
    members: MembersPresenter, read: MemberRead, on_saved: Callable[[], None]
) -> LeavingForm:
    """Return the form of a member who leaves: by a vote where she owes more than she holds."""
    kind = LeavingByVoteForm if read.account.net < 0 else LeavingForm
    return kind(members, read, on_saved)


class LeavingForm(MemberAct):
    """Why a member leaves, and how much of what is hers is paid now."""

    named: ClassVar[Mapping[str, str]] = {"amount": "paid"}

    def __init__(
        self, members: MembersPresenter, read: MemberRead, on_saved: Callable[[], None]
    ) -> None:
        self.read = read
        self.account = read.account
        super().__init__(members, on_saved, {"paid": figure(self.account.net, members.currency)})

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
        return (_why(), Field("paid", _("Pay now"), FieldKind.NUMBER))

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
        return (*rows, self.outcome())

    def outcome(self) -> Row:
        """What all of it comes to."""
        return _("Paid to the member"), self.said(self.account.net)

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
        self.leave(session, self.read.meeting_id, LeavingReason(said["reason"]), said)

    def leave(
        self, session: Session, meeting_id: int, why: LeavingReason, said: Mapping[str, Any]
    ) -> None:
        """Let her leave at the open meeting."""
        member_id, clock = self.account.member_id, self.members.clock
        pay_out_leaver(session, meeting_id, member_id, why, paid=said["paid"], clock=clock)


class LeavingByVoteForm(LeavingForm):
    """Why a member leaves who owes more than she holds, and the vote that gives the rest up."""

    is_narrow = True
    _is_lost = False

    @override
    def button(self) -> str:
        return _("Write down the vote")

    @override
    def readers(self) -> Mapping[str, Reader]:
        hands = {key: hands_reader(key, is_needed=key == "in_favour") for key in DECISIVE}
        return {"reason": Reader(_chosen), **hands}

    @override
    def fields(self) -> Sequence[Field]:
        titles = hands_titles()
        return (_why(), *(Field(key, titles[key], FieldKind.NUMBER) for key in DECISIVE))

    @override
    def note(self, key: str) -> str:
        return "" if key in DECISIVE else super().note(key)

    @override
    def outcome(self) -> Row:
        return _("Given up by vote"), self.said(-self.account.net)

    @override
    def sentence(self) -> str:
        return _("Take a payment first, or vote to write it off.")

    @override
    def leave(
        self, session: Session, meeting_id: int, why: LeavingReason, said: Mapping[str, Any]
    ) -> None:
        member_id, clock = self.account.member_id, self.members.clock
        left = write_off_leaver(session, meeting_id, member_id, why, vote_of(said), clock=clock)
        self._is_lost = left is None

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


def _why() -> Field:
    reasons = (
        Choice("", _("Choose")),
        Choice("LEFT", _("Wanted to")),
        Choice("MOVED", _("Moved away")),
        Choice("EXPELLED", _("Expelled")),
        Choice("DIED", _("Died")),
    )
    return Field("reason", _("Why the member leaves"), FieldKind.CHOICE, reasons)


def _chosen(text: str) -> str:
    if not text:
        raise RuleBroken("Choose why.", field="reason")
    return text
