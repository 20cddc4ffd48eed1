"""A member who joined late catches up with the shares of the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from typing_extensions import override

from vsla_desktop.domain.money import parse_count
from vsla_desktop.domain.rules import ValueRule
from vsla_desktop.i18n import _
from vsla_desktop.presenters.form import Field, FieldKind, Reader
from vsla_desktop.presenters.members_acts import MemberAct, Row, needs_meeting, no_meeting
from vsla_desktop.services.joining import CatchUp, catch_up_shares

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.presenters.members import MembersPresenter
    from vsla_desktop.presenters.members_profile import MemberRead

_MOST_SHARES: Final = 99_999


class CatchUpForm(MemberAct):
    """How many shares of earlier meetings a member buys; ``offer`` says the most and the price."""

    def __init__(
        self,
        members: MembersPresenter,
        read: MemberRead,
        offer: CatchUp,
        on_saved: Callable[[], None],
    ) -> None:
        self.read = read
        self.offer = offer
        super().__init__(members, on_saved)

    @override
    def title(self) -> str:
        return _("{name} catches up", name=self.read.account.name)

    @override
    def button(self) -> str:
        return _("Sell")

    @override
    def readers(self) -> Mapping[str, Reader]:
        return {"shares": Reader(lambda text: parse_count(text, _MOST_SHARES, field="shares"))}

    @override
    def fields(self) -> Sequence[Field]:
        return (Field("shares", self.members.words.shares(), FieldKind.NUMBER),)

    @override
    def note(self, _key: str) -> str:
        return _("At most {most}: what the meetings so far allowed.", most=self.offer.most)

    @override
    def rows(self) -> Sequence[Row]:
        offer, step = self.offer, self.members.currency.step
        shares = self.value("shares") or 0
        face = shares * offer.share_value
        cost = offer.cost(shares, step)
        price = (
            _("One, worth today")
            if self.read.rules.joiner_rule is ValueRule.CURRENT_VALUE
            else _("One, as paid in")
        )
        above = ((_("Above face value: income"), self.said(cost - face)),) if cost > face else ()
        return (
            (price, self.said(offer.cost(1, step))),
            (_("Into the savings"), self.said(face)),
            *above,
            (_("To pay"), self.said(cost)),
        )

    @override
    def sentence(self) -> str:
        shares = self.value("shares") or 0
        return self.in_words(self.offer.cost(shares, self.members.currency.step)) if shares else ""

    @override
    def problem(self) -> str:
        return needs_meeting() if self.read.meeting_id is None else ""

    @override
    def act(self, session: Session, said: Mapping[str, Any]) -> None:
        if self.read.meeting_id is None:
            raise no_meeting()
        catch_up_shares(
            session,
            self.read.meeting_id,
            self.read.account.member_id,
            said["shares"],
            clock=self.members.clock,
        )
