"""People at head office: who signs in, and what each may do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from typing_extensions import override

from vsla_desktop.domain.office import Duty, Role
from vsla_desktop.i18n import _, format_date
from vsla_desktop.presenters.form import Choice, Field, FieldKind
from vsla_desktop.presenters.grid import Cell, Column
from vsla_desktop.presenters.office import Office
from vsla_desktop.presenters.office_table import Action, Fact, OfficeForm, OfficeTable, Told
from vsla_desktop.presenters.office_words import (
    day_or_none,
    end_of,
    permission_word,
    role_word,
    service_choices,
)
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.queries.office_people import (
    Access,
    Person,
    ServiceLine,
    access_of,
    people,
    services,
)
from vsla_desktop.services.office_access import (
    PERMISSION_WORDS,
    end_access,
    grant_access,
    look_after,
)
from vsla_desktop.services.office_people import (
    PasswordGiven,
    add_user,
    change_role,
    let_in,
    reset_password,
)

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_LEADS: Final = "leads"
_NONE: Final = "none"


@dataclass(frozen=True, slots=True)
class _Beside:
    """What a person may do, and the services there are."""

    access: tuple[Access, ...]
    services: tuple[ServiceLine, ...]


class PeoplePresenter(OfficeTable[Person]):
    """Who can sign in; members of groups are not among them."""

    icon = "members"

    def __init__(self, office: Office) -> None:
        super().__init__(office)
        self.finds = _("Name or address")
        self._beside = _Beside((), ())

    @override
    def read(self, session: Session) -> tuple[Person, ...]:
        return people(session, self.text)

    @override
    def columns(self) -> Sequence[Column]:
        return (
            Column("username", _("Name"), width=18),
            Column("email", _("E-mail address"), width=28),
            Column("role", _("Role"), width=16),
            Column("state", _("Signs in"), width=18),
        )

    @override
    def cells(self, row: Person) -> Sequence[Cell]:
        if not row.is_active:
            state = Cell(_("Shut out"), icon="lock", tone=Tone.WARNING)
        elif row.signs_in:
            state = Cell(_("Yes"), icon="check-circle", tone=Tone.GOOD)
        else:
            state = Cell(_("Has no password here"), tone=Tone.MUTED)
        return Cell(row.username), Cell(row.email), Cell(role_word(row.role)), state

    @override
    def empty(self) -> tuple[str, str]:
        return _("Nobody like this"), _("Write less of the name.")

    @override
    def went(self) -> None:
        self._beside = _Beside((), self._beside.services)
        super().went()
        row = self.current
        if row is None:
            return

        def work(session: Session) -> _Beside:
            return _Beside(access_of(session, row.user_id), services(session))

        def came(beside: _Beside) -> None:
            if self.current is row:
                self._beside = beside
                self.chosen()

        self.office.read(_("Reading"), work, came, owner=self)

    @override
    def facts(self) -> tuple[Fact, ...]:
        return tuple(Fact(each.service, self._said(each)) for each in self._beside.access)

    def _said(self, access: Access) -> str:
        words = [permission_word(access.permissions)]
        if access.leads:
            words.append(_("Looks after it"))
        if access.expires_at is not None:
            day = format_date(access.expires_at.date())
            is_over = access.expires_at <= self.office.clock.now()
            words.append(_("ended {day}", day=day) if is_over else _("until {day}", day=day))
        return ", ".join(filter(None, words))

    @override
    def actions(self) -> tuple[Action, ...]:
        worker = self.office.worker
        if worker is None:
            return ()
        made: tuple[Action, ...] = ()
        may_change = worker.may(Duty.PEOPLE)
        if self.current is not None and (may_change or worker.leads):
            made = (Action("access", _("Access"), "key", "F8"),)
        if self.current is not None and may_change:
            made = (
                Action("password", _("New password"), "lock", "F7"),
                *made,
                Action("change", _("Change"), "practise", "F6"),
            )
        if may_change:
            made = (*made, Action("add", _("Let a person in"), "plus", "F10", is_main=True))
        return made

    # ------------------------------------------------------------------ what is done

    def do_add(self) -> None:
        """Ask for a new person."""

        def act(form: OfficeForm, values: Mapping[str, Any]) -> None:  # noqa: ARG001
            clock, role = self.office.clock, Role(values["role"])

            def work(session: Session, by: int) -> PasswordGiven:
                return add_user(
                    session, values["username"], values["email"], role, clock=clock, by=by
                )

            self.office.write(work, self._given, self.refused, owner=self)

        fields = (
            Field("username", _("Name to sign in with")),
            Field("email", _("E-mail address")),
            Field("role", _("Role"), FieldKind.CHOICE, _roles()),
        )
        self.ask(OfficeForm(_("Let a person in"), _("Make a password"), fields, act))

    def do_password(self) -> None:
        """Ask once more before the person who is looked at gets a new password."""
        row, clock = self.current, self.office.clock
        if row is None:
            return

        def act(form: OfficeForm, values: Mapping[str, Any]) -> None:  # noqa: ARG001
            def work(session: Session, by: int) -> PasswordGiven:
                return reset_password(session, row.user_id, clock=clock, by=by)

            self.office.write(work, self._given, self.refused, owner=self)

        self.ask(
            OfficeForm(
                _("A new password for {name}", name=row.username),
                _("Make a password"),
                (),
                act,
                sentence=_("The old one opens nothing any more."),
            )
        )

    def _given(self, given: PasswordGiven) -> None:
        self.tell(
            Told(
                _("A password for {name}", name=given.username),
                _("It works once. {name} then chooses another.", name=given.username),
                (Fact(_("Name"), given.username), Fact(_("Password"), given.password)),
            )
        )

    def do_change(self) -> None:
        """Ask what a person may be, and whether she may sign in."""
        row = self.current
        if row is None:
            return

        def act(form: OfficeForm, values: Mapping[str, Any]) -> None:  # noqa: ARG001
            clock, role, is_let_in = (
                self.office.clock,
                Role(values["role"]),
                values["signs_in"] == "yes",
            )

            def work(session: Session, by: int) -> None:
                if role is not row.role:
                    change_role(session, row.user_id, role, clock=clock, by=by)
                if is_let_in is not row.is_active:
                    let_in(session, row.user_id, is_let_in=is_let_in, clock=clock, by=by)

            self.write(work, _("{name} is changed.", name=row.username))

        yes_no = (Choice("yes", _("Yes")), Choice("no", _("No, shut out")))
        self.ask(
            OfficeForm(
                row.username,
                _("Keep it"),
                (
                    Field("role", _("Role"), FieldKind.CHOICE, _roles()),
                    Field("signs_in", _("May sign in"), FieldKind.CHOICE, yes_no),
                ),
                act,
                texts={"role": row.role, "signs_in": "yes" if row.is_active else "no"},
            )
        )

    def do_access(self) -> None:
        """Ask what a person may do in a service, and until when."""
        row, worker = self.current, self.office.worker
        if row is None or worker is None:
            return
        offered = tuple(each for each in self._beside.services if worker.may_grant(each.name))

        def act(form: OfficeForm, values: Mapping[str, Any]) -> None:  # noqa: ARG001
            service_id, what = int(values["service"]), values["permissions"]
            until, clock = end_of(values["until"]), self.office.clock

            def work(session: Session, by: int) -> None:
                if what == _NONE:
                    end_access(session, row.user_id, service_id, clock=clock, by=by)
                elif what == _LEADS:
                    look_after(session, row.user_id, service_id, clock=clock, by=by)
                else:
                    grant_access(
                        session, row.user_id, service_id, what, until=until, clock=clock, by=by
                    )

            self.write(work, _("The access of {name} is changed.", name=row.username))

        words = (
            *(Choice(each, permission_word(each)) for each in PERMISSION_WORDS),
            *([Choice(_LEADS, _("Look after it"))] if worker.may(Duty.PEOPLE) else []),
            Choice(_NONE, _("Nothing more")),
        )
        self.ask(
            OfficeForm(
                _("Access of {name}", name=row.username),
                _("Keep it"),
                (
                    Field("service", _("Service"), FieldKind.CHOICE, service_choices(offered)),
                    Field("permissions", _("What for"), FieldKind.CHOICE, words),
                    Field("until", _("Until"), FieldKind.DAY),
                ),
                act,
                readers={"until": day_or_none("until", self.office.clock.today)},
                notes={"until": _("Empty: until it is taken away.")},
            )
        )


def _roles() -> tuple[Choice, ...]:
    return tuple(Choice(role, role_word(role)) for role in Role)
