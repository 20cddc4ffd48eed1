"""Requests for access, and messages: what waits for a decision, and what was told to whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from vsla_desktop.domain.office import Duty
from vsla_desktop.i18n import _
from vsla_desktop.presenters.form import Choice, Field, FieldKind, Reader
from vsla_desktop.presenters.grid import Cell, Column
from vsla_desktop.presenters.office_table import Action, Fact, OfficeForm, OfficeTable
from vsla_desktop.presenters.office_words import (
    codes,
    day_or_none,
    end_of,
    instant,
    permission_word,
    service_choices,
)
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.queries.office_people import (
    AccessAsked,
    MessageSent,
    ServiceLine,
    access_asked,
    messages_sent,
    services,
)
from vsla_desktop.services.office_access import (
    PERMISSION_WORDS,
    ask_access,
    decide_access,
    send_message,
)

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class AskedPresenter(OfficeTable[AccessAsked]):
    """Who asks for access; everybody may ask."""

    icon = "key"

    @override
    def read(self, session: Session) -> tuple[AccessAsked, ...]:
        return access_asked(session)

    @override
    def columns(self) -> Sequence[Column]:
        return (
            Column("who", _("Name"), width=16),
            Column("service", _("Service"), width=18),
            Column("what", _("Wants to"), width=16),
            Column("asked", _("Asked on"), width=16),
            Column("state", _("State"), width=22),
        )

    @override
    def cells(self, row: AccessAsked) -> Sequence[Cell]:
        by = row.reviewed_by
        state = {
            "approved": Cell(_("Granted by {name}", name=by), icon="check-circle", tone=Tone.GOOD),
            "rejected": Cell(_("Refused by {name}", name=by), icon="close", tone=Tone.MUTED),
        }.get(row.status, Cell(_("Waits"), icon="clock", tone=Tone.WARNING))
        words = (row.username, row.service, permission_word(row.permissions), instant(row.asked_at))
        return (*map(Cell, words), state)

    @override
    def empty(self) -> tuple[str, str]:
        return _("Nobody asks for access"), _("Requests wait here until somebody decides.")

    @override
    def facts(self) -> tuple[Fact, ...]:
        return (Fact(_("Reason"), self.current.reason),) if self.current is not None else ()

    @override
    def actions(self) -> tuple[Action, ...]:
        worker, row = self.office.worker, self.current
        ask = Action("ask", _("Ask for access"), "plus", "F6")
        if worker is None:
            return ()
        if row is None or row.status != "pending" or not worker.may_grant(row.service):
            return (ask,)
        return (
            ask,
            Action("refuse", _("Refuse"), "close", "F7"),
            Action("grant", _("Grant it"), "check", "F10", is_main=True),
        )

    def do_grant(self) -> None:
        """Ask until when the access is granted."""
        row = self.current
        if row is None:
            return

        def act(form: OfficeForm, values: Mapping[str, Any]) -> None:  # noqa: ARG001
            self._decide(row, end_of(values["until"]), is_granted=True)

        self.ask(
            OfficeForm(
                _("{name}: {service}", name=row.username, service=row.service),
                _("Grant it"),
                (Field("until", _("Until"), FieldKind.DAY),),
                act,
                readers={"until": day_or_none("until", self.office.clock.today)},
                notes={"until": _("Empty: until it is taken away.")},
            )
        )

    def do_refuse(self) -> None:
        """Say no to what is asked."""
        if self.current is not None:
            self._decide(self.current, None, is_granted=False)

    def _decide(self, row: AccessAsked, until: datetime | None, *, is_granted: bool) -> None:
        clock = self.office.clock

        def work(session: Session, by: int) -> None:
            decide_access(
                session, row.request_id, is_granted=is_granted, until=until, clock=clock, by=by
            )

        name = row.username
        granted, refused = _("Granted; {name} is told.", name=name), _("Refused, and told.")
        self.write(work, granted if is_granted else refused)

    def do_ask(self) -> None:
        """Ask for access in one's own name."""
        self.office.read(_("Reading"), services, self._ask, owner=self)

    def _ask(self, known: tuple[ServiceLine, ...]) -> None:
        def act(form: OfficeForm, values: Mapping[str, Any]) -> None:  # noqa: ARG001
            clock, service_id = self.office.clock, int(values["service"])

            def work(session: Session, by: int) -> int:
                return ask_access(
                    session,
                    service_id,
                    values["permissions"],
                    values["reason"],
                    clock=clock,
                    by=by,
                )

            self.write(work, _("It is asked. Somebody decides."), asks=True)

        words = tuple(Choice(each, permission_word(each)) for each in PERMISSION_WORDS)
        self.ask(
            OfficeForm(
                _("Ask for access"),
                _("Ask"),
                (
                    Field("service", _("Service"), FieldKind.CHOICE, service_choices(known)),
                    Field("permissions", _("What for"), FieldKind.CHOICE, words),
                    Field("reason", _("Reason")),
                ),
                act,
            )
        )


class MessagesPresenter(OfficeTable[MessageSent]):
    """What was told to people and groups."""

    icon = "documents"

    @override
    def read(self, session: Session) -> tuple[MessageSent, ...]:
        return messages_sent(session)

    @override
    def columns(self) -> Sequence[Column]:
        return (
            Column("sent", _("Sent"), width=16),
            Column("who", _("To"), width=16),
            Column("group", _("Group"), width=16),
            Column("title", _("Title"), width=20),
            Column("read", _("Read"), width=8),
        )

    @override
    def cells(self, row: MessageSent) -> Sequence[Cell]:
        read = Cell(_("Read"), icon="check", tone=Tone.GOOD) if row.is_read else Cell(_("Not yet"))
        words = (instant(row.sent_at), row.username, row.group, row.title)
        return (*map(Cell, words), read)

    @override
    def empty(self) -> tuple[str, str]:
        return _("No messages yet"), _("Write one to people or groups.")

    @override
    def facts(self) -> tuple[Fact, ...]:
        return (Fact(_("Message"), self.current.message),) if self.current is not None else ()

    @override
    def actions(self) -> tuple[Action, ...]:
        if not self.office.may(Duty.MESSAGES):
            return ()
        return (Action("send", _("Write a message"), "plus", "F10", is_main=True),)

    def do_send(self) -> None:
        """Ask for a message."""
        self.write_to("")

    def write_to(self, group_code: str) -> None:
        """Ask for a message, perhaps to a group."""

        def act(form: OfficeForm, values: Mapping[str, Any]) -> None:  # noqa: ARG001
            clock, until = self.office.clock, end_of(values["until"])

            def work(session: Session, by: int) -> object:
                return send_message(
                    session,
                    values["title"],
                    values["message"],
                    usernames=codes(values["people"]),
                    group_codes=codes(values["groups"]),
                    expires_at=until,
                    clock=clock,
                    by=by,
                )

            self.write(work, _("The message is on its way."))

        self.ask(
            OfficeForm(
                _("Write a message"),
                _("Send it"),
                (
                    Field("people", _("To these people")),
                    Field("groups", _("To these groups")),
                    Field("title", _("Title")),
                    Field("until", _("Shown until"), FieldKind.DAY),
                    Field("message", _("Message"), FieldKind.LINES),
                ),
                act,
                readers={
                    "until": day_or_none("until", self.office.clock.today),
                    "message": Reader(str),
                },
                texts={"groups": group_code},
                notes={
                    "people": _("Names, with commas."),
                    "groups": _("Codes, with commas."),
                    "until": _("Empty: for ever."),
                },
            )
        )
