"""What can be done with members' fines and the social fund: each a form of its own."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session
from typing_extensions import override

from vsla_desktop.domain.fines import FineType
from vsla_desktop.domain.kinds import GrantEvent
from vsla_desktop.domain.loans import due_date
from vsla_desktop.domain.money import ZERO
from vsla_desktop.i18n import _
from vsla_desktop.presenters.days import write_day
from vsla_desktop.presenters.form import Choice, FieldKind, Reader
from vsla_desktop.presenters.funds_form import Done, FundForm, fine_kinds, owed_until
from vsla_desktop.presenters.votes import DECISIVE, hands_reader, hands_titles, vote_of
from vsla_desktop.services.fines import (
    charge_fine,
    receive_fine_payment,
    take_back_waiver,
    waive_fine,
    withdraw_fine,
)
from vsla_desktop.services.social import (
    advance_social,
    contribute_social,
    grant_social,
    let_off_advance,
    repay_advance,
    set_grant_tariff,
)


class WaiveForm(FundForm):
    """The meeting lets a member off a fine."""

    name = "waive"
    keys = ("fine", "reason")

    @staticmethod
    @override
    def title() -> str:
        return _("Let off a fine")

    @override
    def act(self, session: Session, values: Mapping[str, Any]) -> Done:
        waive_fine(
            session,
            self.meeting_id,
            int(values["fine"]),
            values["reason"],
            clock=self.funds.clock,
        )
        meeting_id, fine_id, clock = self.meeting_id, int(values["fine"]), self.funds.clock

        def undo(session: Session) -> None:
            take_back_waiver(session, meeting_id, fine_id, clock=clock)

        return Done(_("The fine is let off."), undo)


class PayFineForm(FundForm):
    """A member pays fines, the oldest first."""

    name = "pay_fine"
    keys = ("member", "amount")

    @staticmethod
    @override
    def title() -> str:
        return _("Take a payment of fines")

    @override
    def note(self, key: str) -> str:
        member = self.form.text("member")
        if key != "amount" or not member:
            return super().note(key)
        owed = sum((f.owed for f in self.read.fines if str(f.member_id) == member), ZERO)
        return owed_until(self, owed, None)

    @override
    def wanted_row(self, row_key: str) -> None:
        fine = next((f for f in self.read.fines if str(f.fine_id) == row_key), None)
        if fine is not None:
            self.enter("member", str(fine.member_id))

    @override
    def act(self, session: Session, values: Mapping[str, Any]) -> Done:
        member, clock = int(values["member"]), self.funds.clock
        paid = receive_fine_payment(session, self.meeting_id, member, values["amount"], clock=clock)
        said = _("{amount} is paid.", amount=self.amount_said(values["amount"]))
        return self.entered(said, *paid)


class ChargeFineForm(FundForm):
    """A member is fined; the tariff proposes the amount."""

    name = "charge_fine"
    keys = ("member", "kind", "amount", "reason")

    @staticmethod
    @override
    def title() -> str:
        return _("Charge a fine")

    @override
    def kinds(self) -> tuple[Choice, ...]:
        return fine_kinds(self)

    @override
    def first_texts(self) -> dict[str, str]:
        texts = super().first_texts()
        return texts | {"amount": self._tariff_of(texts["kind"])}

    @override
    def enter(self, key: str, text: str) -> None:
        super().enter(key, text)
        if key == "kind":
            self.form.put("amount", self._tariff_of(text))

    def _tariff_of(self, kind: str) -> str:
        amount = self.read.rules.fine_tariff.get(FineType(kind), ZERO)
        return self.amount_said(amount) if amount else ""

    @override
    def act(self, session: Session, values: Mapping[str, Any]) -> Done:
        clock = self.funds.clock
        fine_id = charge_fine(
            session,
            self.meeting_id,
            int(values["member"]),
            FineType(values["kind"]),
            amount=values["amount"],
            reason=values["reason"],
            clock=clock,
        ).fine_id

        def undo(session: Session) -> None:
            withdraw_fine(session, fine_id, clock=clock)

        return Done(_("The fine is charged."), undo, frozenset({("fine", fine_id)}))


class ContributeForm(FundForm):
    """A member gives to the social fund, such as what is missing."""

    name = "contribute"
    keys = ("member", "amount")

    @staticmethod
    @override
    def title() -> str:
        return _("Take a contribution")

    @override
    def note(self, key: str) -> str:
        due = next(
            (d for d in self.read.dues if str(d.member_id) == self.form.text("member")), None
        )
        if key == "amount" and due is not None:
            return _("Missing: {amount}", amount=self.amount_said(due.owed))
        return super().note(key)

    @override
    def act(self, session: Session, values: Mapping[str, Any]) -> Done:
        entry = contribute_social(
            session,
            self.meeting_id,
            int(values["member"]),
            values["amount"],
            clock=self.funds.clock,
        )
        said = _("{amount} is paid.", amount=self.amount_said(values["amount"]))
        return self.entered(said, entry)


class GrantForm(FundForm):
    """The social fund helps a member; the tariff proposes the amount for the event."""

    name = "grant"
    keys = ("member", "event", "amount", "reason")

    @staticmethod
    @override
    def title() -> str:
        return _("Give a grant")

    @override
    def enter(self, key: str, text: str) -> None:
        super().enter(key, text)
        if key == "event" and text:
            amount = self.read.tariff.get(GrantEvent(text))
            self.form.put("amount", self.amount_said(amount) if amount else "")

    @override
    def note(self, key: str) -> str:
        return _fund_holds(self) if key == "amount" else super().note(key)

    @override
    def act(self, session: Session, values: Mapping[str, Any]) -> Done:
        entry = grant_social(
            session,
            self.meeting_id,
            int(values["member"]),
            values["amount"],
            reason=values["reason"],
            event=GrantEvent(values["event"]),
            clock=self.funds.clock,
        )
        return self.entered(_("The grant is given."), entry)


class AdvanceForm(FundForm):
    """The social fund advances money without charge, with a day to be back."""

    name = "advance"
    keys = ("member", "amount", "due_date", "reason")

    @staticmethod
    @override
    def title() -> str:
        return _("Give an advance")

    @override
    def first_texts(self) -> dict[str, str]:
        period = self.read.rules.loan_period
        return super().first_texts() | {
            "due_date": write_day(due_date(self.read.day, 1, period)),
        }

    @override
    def note(self, key: str) -> str:
        return _fund_holds(self) if key == "amount" else super().note(key)

    @override
    def act(self, session: Session, values: Mapping[str, Any]) -> Done:
        entry = advance_social(
            session,
            self.meeting_id,
            int(values["member"]),
            values["amount"],
            reason=values["reason"],
            due_date=values["due_date"],
            clock=self.funds.clock,
        )
        return self.entered(_("The advance is given."), entry)


class RepayAdvanceForm(FundForm):
    """A member pays an advance back, the oldest first."""

    name = "repay_advance"
    keys = ("member", "amount")

    @staticmethod
    @override
    def title() -> str:
        return _("Take back an advance")

    @override
    def note(self, key: str) -> str:
        member = self.form.text("member")
        if key != "amount" or not member:
            return super().note(key)
        open_ones = [a for a in self.read.advances if str(a.member_id) == member and a.owed]
        first = open_ones[0].due_date if open_ones else None
        return owed_until(self, sum((each.owed for each in open_ones), ZERO), first)

    @override
    def act(self, session: Session, values: Mapping[str, Any]) -> Done:
        entry = repay_advance(
            session,
            self.meeting_id,
            int(values["member"]),
            values["amount"],
            clock=self.funds.clock,
        )
        said = _("{amount} is paid.", amount=self.amount_said(values["amount"]))
        return self.entered(said, entry)


class LetOffForm(FundForm):
    """The meeting votes to let a member off what she can not pay back of her advances."""

    name = "let_off_advance"
    keys = ("member", "amount", "reason", *DECISIVE)

    @staticmethod
    @override
    def title() -> str:
        return _("Let off an advance")

    @override
    def enter(self, key: str, text: str) -> None:
        super().enter(key, text)
        if key == "member":
            owed = self._owed()
            self.form.put("amount", self.amount_said(owed) if owed else "")

    def _owed(self) -> Decimal:
        return self.read.advances_owed.get(int(self.form.text("member") or 0), ZERO)

    @override
    def note(self, key: str) -> str:
        match key:
            case "amount":
                becomes = _("It becomes a grant. No money moves.")
                owed = self._owed()
                return f"{owed_until(self, owed, None)}. {becomes}" if owed else becomes
            case "in_favour":
                return _("{count} are present.", count=self.read.present_count)
            case _:
                return super().note(key)

    @override
    def field_title(self, key: str) -> str:
        return hands_titles()[key] if key in DECISIVE else super().field_title(key)

    @override
    def _choices(self, key: str) -> tuple[Choice, ...]:
        if key != "member":
            return super()._choices(key)
        owing = (each for each in self.read.people if each.member_id in self.read.advances_owed)
        return (
            Choice("", _("Choose")),
            *(Choice(str(each.member_id), f"{each.number}  {each.name}") for each in owing),
        )

    @override
    def _kind(self, key: str) -> FieldKind:
        return FieldKind.NUMBER if key in DECISIVE else super()._kind(key)

    @override
    def _reader(self, key: str) -> Reader:
        if key in DECISIVE:
            return hands_reader(key, is_needed=key == "in_favour")
        return super()._reader(key)

    @override
    def act(self, session: Session, values: Mapping[str, Any]) -> Done:
        entries = let_off_advance(
            session,
            self.meeting_id,
            int(values["member"]),
            values["amount"],
            vote_of(values),
            values["reason"],
            clock=self.funds.clock,
        )
        if not entries:
            return Done(_("The vote was lost."))
        said = _("{amount} let off.", amount=self.amount_said(values["amount"]))
        return self.entered(said, *entries)


class TariffForm(FundForm):
    """What the group gives at each event."""

    name = "tariff"
    keys = tuple(event.value for event in GrantEvent)

    @staticmethod
    @override
    def title() -> str:
        return _("Amounts at events")

    @override
    def first_texts(self) -> dict[str, str]:
        tariff = self.read.tariff
        return {event.value: self.amount_said(tariff.get(event, ZERO)) for event in GrantEvent}

    @override
    def _reader(self, key: str) -> Reader:
        return Reader(lambda text: self._read_amount(key, text), self._write_amount)

    @override
    def act(self, session: Session, values: Mapping[str, Any]) -> Done:
        tariff = {GrantEvent(key): amount for key, amount in values.items()}
        meeting_id, clock = self.meeting_id, self.funds.clock
        set_grant_tariff(session, meeting_id, tariff, clock=clock)
        before = dict.fromkeys(tariff, ZERO) | self.read.tariff

        def undo(session: Session) -> None:
            set_grant_tariff(session, meeting_id, before, clock=clock)

        return Done(_("The amounts are kept."), undo)


def _fund_holds(form: FundForm) -> str:
    held = form.amount_said(form.read.balances.social)
    return _("The fund holds {amount}.", amount=held)
