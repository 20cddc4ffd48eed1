"""A member's savings beside shares: a target for them, and paying them back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from typing_extensions import override

from vsla_desktop.domain.money import ZERO
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import _
from vsla_desktop.presenters.days import read_day, write_day
from vsla_desktop.presenters.form import Choice, Field, FieldKind, Reader
from vsla_desktop.presenters.members_acts import MemberAct, Row, needs_meeting, no_meeting
from vsla_desktop.presenters.members_profile import SHARES
from vsla_desktop.services.savings import withdraw_saving
from vsla_desktop.services.targets import set_target
from vsla_desktop.wording import figure

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.presenters.members import MembersPresenter
    from vsla_desktop.presenters.members_profile import MemberRead


class WithdrawForm(MemberAct):
    """How much of which savings a member is paid back."""

    named: ClassVar[Mapping[str, str]] = {"saving_type": "kind"}

    def __init__(
        self, members: MembersPresenter, read: MemberRead, on_saved: Callable[[], None]
    ) -> None:
        self.read = read
        self.accounts = {each.code: each for each in read.profile.accounts if each.code != SHARES}
        super().__init__(members, on_saved, {"kind": next(iter(self.accounts), "")})

    @override
    def title(self) -> str:
        return _("Pay {name}", name=self.read.account.name)

    @override
    def button(self) -> str:
        return _("Pay")

    @override
    def readers(self) -> Mapping[str, Reader]:
        today = self.members.clock.today()
        return {
            "kind": Reader(_chosen),
            "amount": self.amounts("amount"),
            "notice_given": Reader(
                lambda text: read_day(text, today, field="notice_given") if text.strip() else None,
                lambda day: write_day(day) if day else "",
            ),
        }

    @override
    def fields(self) -> Sequence[Field]:
        kinds = tuple(
            Choice(code, self.members.words.saving(each.code, each.name))
            for code, each in self.accounts.items()
        )
        return (
            Field("kind", _("Which savings"), FieldKind.CHOICE, kinds),
            Field("amount", _("Pay now"), FieldKind.NUMBER),
            Field("notice_given", _("Notice given on"), FieldKind.DAY),
        )

    @override
    def note(self, key: str) -> str:
        return _("Leave it empty where none is asked.") if key == "notice_given" else ""

    @override
    def rows(self) -> Sequence[Row]:
        account = self.accounts.get(self.form.text("kind"))
        held = account.balance if account is not None else ZERO
        amount = self.value("amount") or ZERO
        return (
            (_("Held now"), self.said(held)),
            (_("Pay now"), self.said(amount)),
            (_("Held after it"), self.said(max(held - amount, ZERO))),
        )

    @override
    def sentence(self) -> str:
        amount = self.value("amount")
        return self.in_words(amount) if amount else ""

    @override
    def problem(self) -> str:
        return needs_meeting() if self.read.meeting_id is None else ""

    @override
    def act(self, session: Session, said: Mapping[str, Any]) -> None:
        if self.read.meeting_id is None:
            raise no_meeting()
        withdraw_saving(
            session,
            self.read.meeting_id,
            self.read.account.member_id,
            said["kind"],
            said["amount"],
            notice_given=said["notice_given"],
            clock=self.members.clock,
        )


class TargetForm(MemberAct):
    """How much a member wants to have in target savings."""

    def __init__(
        self, members: MembersPresenter, read: MemberRead, on_saved: Callable[[], None]
    ) -> None:
        self.read = read
        target = read.profile.target
        text = figure(target, members.currency) if target else ""
        super().__init__(members, on_saved, {"amount": text})

    @override
    def title(self) -> str:
        return _("Target of {name}", name=self.read.account.name)

    @override
    def button(self) -> str:
        return _("Save")

    @override
    def readers(self) -> Mapping[str, Reader]:
        return {"amount": self.amounts("amount")}

    @override
    def fields(self) -> Sequence[Field]:
        return (Field("amount", _("Wants to have"), FieldKind.NUMBER),)

    @override
    def note(self, _key: str) -> str:
        return _("0 takes the target back.")

    @override
    def rows(self) -> Sequence[Row]:
        saved = self.read.profile.target_saved
        target = self.value("amount") or ZERO
        return (
            (_("Saved so far"), self.said(saved)),
            (_("Still to save"), self.said(max(target - saved, ZERO))),
        )

    @override
    def act(self, session: Session, said: Mapping[str, Any]) -> None:
        clock = self.members.clock
        set_target(session, self.read.account.member_id, said["amount"], clock=clock)


def _chosen(text: str) -> str:
    if not text:
        raise RuleBroken("Choose the savings.", field="kind")
    return text
