"""Money on the phone: what members sent between meetings, and whether it came."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from vsla_desktop.domain.postings import Fund
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import _, format_date, translate_counted
from vsla_desktop.presenters.days import read_day, write_day
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.form import Choice, Field, FieldKind, Reader, any_text
from vsla_desktop.presenters.grid import Cell, CellKind, Column
from vsla_desktop.presenters.members_acts import MemberAct, needs_meeting, no_meeting
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.queries.meetings import open_meeting_id
from vsla_desktop.queries.mobile_money import (
    REJECTED,
    VERIFIED,
    PhonePayment,
    Purpose,
    payments_of_group,
)
from vsla_desktop.services.mobile_money import (
    NewPayment,
    record_payment,
    reject_payment,
    verify_payment,
)
from vsla_desktop.wording import GroupWords, figure

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.presenters.members import MembersPresenter


def purpose_words(words: GroupWords) -> dict[Purpose, str]:
    """What money on the phone is for, in words."""
    return {
        Purpose.SHARES: words.shares(),
        Purpose.SOCIAL: words.fund(Fund.SOCIAL),
        Purpose.FINE: _("Fine"),
        Purpose.LOAN: _("Loan"),
    }


@dataclass(frozen=True, slots=True)
class PhoneRead:
    """The payments of a group, and the meeting that is open, if one is."""

    payments: tuple[PhonePayment, ...]
    meeting_id: int | None


class PhonePresenter:
    """A list of payments, those that wait first."""

    def __init__(self, members: MembersPresenter) -> None:
        self.members = members
        self.changed: Event[[]] = Event()
        self.rows_came: Event[[int, int]] = Event()
        self.payments: tuple[PhonePayment, ...] = ()
        self.meeting_id: int | None = None
        self.is_read = False
        self._keys = tuple(each.key for each in self.columns())

    # ------------------------------------------------------------------ reading

    def refresh(self) -> None:
        """Read the payments again."""
        database, group_id = self.members.database, self.members.group_id

        def job() -> PhoneRead:
            with database.read() as session:
                return PhoneRead(
                    payments_of_group(session, group_id), open_meeting_id(session, group_id)
                )

        self.members.runner.submit(job, self._came, self.members.shell.say_error, owner=self)

    def _came(self, read: PhoneRead) -> None:
        self.payments, self.meeting_id, self.is_read = read.payments, read.meeting_id, True
        self.changed()

    def row_of(self, member_id: int) -> int:
        """The first payment of a member that waits, else the first of all."""
        rows = (
            place
            for place, each in enumerate(self.payments)
            if each.member_id == member_id and each.is_pending
        )
        return next(rows, 0)

    # ------------------------------------------------------------------ what a person does

    def verify(self, row: int) -> None:
        """Say that the money of a row came: it is booked in the open meeting."""
        members, meeting_id = self.members, self.meeting_id
        if not 0 <= row < len(self.payments):
            return
        payment = self.payments[row]
        if meeting_id is None:
            members.shell.say_error(no_meeting())
            return

        def job() -> None:
            with members.database.write() as session:
                verify_payment(session, meeting_id, payment.payment_id, clock=members.clock)

        members.runner.submit(
            job, lambda _none: self._verified(payment), members.shell.say_error, owner=self
        )

    def _verified(self, payment: PhonePayment) -> None:
        said = figure(payment.amount, self.members.currency)
        self.members.shell.say(_("{amount} of {name} came.", amount=said, name=payment.name))
        self.members.refresh()
        self.refresh()

    def to_reject(self, row: int) -> PhonePayment | None:
        """The payment of a row, if it may still be rejected."""
        if not 0 <= row < len(self.payments):
            return None
        payment = self.payments[row]
        return payment if payment.is_pending else None

    # ------------------------------------------------------------------ the list

    def summary(self) -> str:
        """How much waits, in words."""
        waiting = [each.amount for each in self.payments if each.is_pending]
        count = translate_counted("{count} payment waits", "{count} payments wait", len(waiting))
        if not waiting:
            return _("Nothing waits.")
        total = figure(sum(waiting, waiting[0] * 0), self.members.currency)
        said = f"{count}, {total} {self.members.currency.code}."
        return said if self.meeting_id is not None else f"{said} {needs_meeting()}"

    def row_count(self) -> int:
        """How many payments there are."""
        return len(self.payments)

    def columns(self) -> Sequence[Column]:
        """What is said of each payment."""
        return (
            Column("number", _("No."), CellKind.COUNT, width=4),
            Column("name", _("Name"), width=20),
            Column("day", _("Sent on"), width=11, is_spare=True),
            Column("purpose", _("What for"), width=11),
            Column(
                "amount",
                _("Amount"),
                CellKind.AMOUNT,
                note=self.members.currency.code,
                width=11,
            ),
            Column("reference", _("Reference"), width=14, is_spare=True),
            Column("standing", _("Standing"), width=12),
        )

    def cell(self, row: int, column: int) -> Cell:
        """See :class:`~vsla_desktop.presenters.listing.ListPresenter`."""
        payment = self.payments[row]
        match self._keys[column]:
            case "number":
                return Cell(str(payment.number or ""))
            case "name":
                return Cell(payment.name)
            case "day":
                return Cell(format_date(payment.day))
            case "purpose":
                return Cell(purpose_words(self.members.words)[payment.purpose])
            case "amount":
                return Cell(figure(payment.amount, self.members.currency))
            case "reference":
                return Cell(payment.reference, tooltip=payment.phone_number)
            case _:
                return _standing(payment)

    def row_title(self, row: int) -> str:
        """Number and name."""
        return f"{self.payments[row].number} {self.payments[row].name}"

    def open_row(self, row: int) -> None:
        """Enter says that the money came."""
        self.verify(row)


def _standing(payment: PhonePayment) -> Cell:
    if payment.status == VERIFIED:
        return Cell(_("It came"), icon="check", tone=Tone.GOOD)
    if payment.status == REJECTED:
        return Cell(_("Did not come"), icon="close", tone=Tone.MUTED)
    return Cell(_("Waits"), icon="mobile", tone=Tone.WARNING)


class PaymentForm(MemberAct):
    """Money that a member says was sent."""

    def __init__(self, members: MembersPresenter, on_saved: Callable[[], None]) -> None:
        super().__init__(members, on_saved, {"day": write_day(members.clock.today())})

    @override
    def title(self) -> str:
        return _("Money on the phone")

    @override
    def button(self) -> str:
        return _("Save")

    @override
    def readers(self) -> Mapping[str, Reader]:
        today = self.members.clock.today()
        return {
            "member": Reader(lambda text: int(_chosen(text, "member"))),
            "purpose": Reader(lambda text: Purpose(_chosen(text, "purpose"))),
            "amount": self.amounts("amount"),
            "reference": Reader(any_text),
            "phone_number": Reader(any_text),
            "day": Reader(lambda text: read_day(text, today, field="day"), write_day),
        }

    @override
    def fields(self) -> Sequence[Field]:
        people = (
            Choice(str(each.member_id), f"{each.number}  {each.name}")
            for each in self.members.members
            if each.is_active or each.loans_owed or each.fines_owed
        )
        words = purpose_words(self.members.words)
        purposes = (Choice(each.value, said) for each, said in words.items())
        return (
            Field("member", _("Who sent it"), FieldKind.CHOICE, (Choice("", _("Choose")), *people)),
            Field("purpose", _("What for"), FieldKind.CHOICE, (Choice("", _("Choose")), *purposes)),
            Field("amount", _("Amount"), FieldKind.NUMBER),
            Field("reference", _("Reference")),
            Field("phone_number", _("Phone")),
            Field("day", _("Sent on"), FieldKind.DAY),
        )

    @override
    def note(self, key: str) -> str:
        return {
            "reference": _("It stands in the message."),
            "amount": _("Counts once a meeting says it came."),
        }.get(key, "")

    @override
    def enter(self, key: str, text: str) -> None:
        super().enter(key, text)
        if key == "member" and text and not self.form.text("phone_number"):
            member = self.members.member(int(text))
            if member is not None and member.phone_number:
                self.form.put("phone_number", member.phone_number)

    @override
    def act(self, session: Session, said: Mapping[str, Any]) -> None:
        new = NewPayment(
            member_id=said["member"],
            amount=said["amount"],
            purpose=said["purpose"],
            reference=said["reference"],
            phone_number=said["phone_number"],
            day=said["day"],
        )
        record_payment(session, self.members.group_id, new, clock=self.members.clock)


class RejectForm(MemberAct):
    """Why money that was told of did not come."""

    def __init__(
        self, members: MembersPresenter, payment: PhonePayment, on_saved: Callable[[], None]
    ) -> None:
        self.payment = payment
        super().__init__(members, on_saved)

    @override
    def title(self) -> str:
        said = self.said(self.payment.amount)
        return _("{amount} of {name} did not come", amount=said, name=self.payment.name)

    @override
    def button(self) -> str:
        return _("Reject it")

    @override
    def readers(self) -> Mapping[str, Reader]:
        return {"reason": Reader(any_text)}

    @override
    def fields(self) -> Sequence[Field]:
        return (Field("reason", _("Why")),)

    @override
    def note(self, _key: str) -> str:
        return _("It will never count.")

    @override
    def act(self, session: Session, said: Mapping[str, Any]) -> None:
        reject_payment(session, self.payment.payment_id, said["reason"], clock=self.members.clock)


def _chosen(text: str, field: str) -> str:
    if not text:
        message = "Choose a member." if field == "member" else "Choose what it is for."
        raise RuleBroken(message, field=field)
    return text
