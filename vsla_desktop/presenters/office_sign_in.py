"""Signing in at head office: by name and password, once as the very first, and with a new one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import _
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.form import Field, FieldKind, Reader
from vsla_desktop.presenters.office import Office
from vsla_desktop.presenters.office_table import OfficeForm

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.services.office import Worker
    from vsla_desktop.services.office_people import SignedIn
    from vsla_desktop.services.officers_codes import Tries


class Step(Enum):
    """What is asked."""

    LOOKING = auto()
    SIGN_IN = auto()
    FIRST = auto()
    CHOOSE = auto()


class SignInPresenter:
    """Asks by a ``form`` for what lets a person in; ``changed`` says that another one is asked."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.changed: Event[[]] = Event()
        self.step = Step.LOOKING
        self.form: OfficeForm | None = None
        self._tries: Tries | None = None
        self._worker: Worker | None = None

    def refresh(self) -> None:
        """Look whether anybody can sign in yet."""
        if self.step is not Step.LOOKING:
            return

        def work(session: Session) -> bool:
            from vsla_desktop.queries.office_people import can_anybody_sign_in

            return can_anybody_sign_in(session)

        self.office.read(_("Opening head office"), work, self._looked, owner=self)

    def _looked(self, can_sign_in: bool) -> None:  # noqa: FBT001 - what the job answered
        self._ask(Step.SIGN_IN if can_sign_in else Step.FIRST)

    def choose_anew(self) -> None:
        """Ask who works for another password of her own."""
        self._worker = self.office.worker
        if self._worker is not None:
            self._ask(Step.CHOOSE)

    def about(self) -> str:
        """One sentence below the title."""
        return {
            Step.LOOKING: "",
            Step.SIGN_IN: _("Use the name that head office gave you."),
            Step.FIRST: _("Nobody can sign in yet. You let in the others."),
            Step.CHOOSE: _("From now on, only this one is right."),
        }[self.step]

    def _ask(self, step: Step) -> None:
        self.step = step
        self.form = self._form(step)
        self.changed()

    def _form(self, step: Step) -> OfficeForm | None:
        name = Field("username", _("Name"))
        password = Field("password", _("Password"), FieldKind.SECRET)
        again = Field("again", _("The password again"), FieldKind.SECRET)
        note = {"password": _("At least ten signs, such as a few words.")}
        match step:
            case Step.SIGN_IN:
                return _form(_("Sign in"), _("Sign in"), (name, password), self._sign_in)
            case Step.FIRST:
                title, email = _("The first administrator"), Field("email", _("E-mail address"))
                asked = (name, email, password, again)
                return _form(title, _("Keep it"), asked, self._first, note)
            case Step.CHOOSE:
                title = _("Choose your own password")
                return _form(title, _("Keep it"), (password, again), self._choose, note)
            case _ignored:
                return None

    # ------------------------------------------------------------------ what a person does

    def _sign_in(self, form: OfficeForm, typed: Mapping[str, Any]) -> None:  # noqa: ARG002
        clock, database = self.office.clock, self.office.whole

        def job() -> SignedIn:
            from vsla_desktop.services.office_people import sign_in
            from vsla_desktop.services.officers_codes import Tries

            self._tries = self._tries or Tries()
            with database.read() as session:
                return sign_in(
                    session, typed["username"], typed["password"], tries=self._tries, clock=clock
                )

        self.office.runner.submit(job, self._came, self._refused, owner=self)

    def _first(self, form: OfficeForm, typed: Mapping[str, Any]) -> None:  # noqa: ARG002
        clock, database = self.office.clock, self.office.whole
        if self._differ(typed):
            return

        def job() -> SignedIn:
            from vsla_desktop.services.office_people import add_first_administrator

            name, password = typed["username"], typed["password"]
            with database.write() as session:
                return add_first_administrator(session, name, typed["email"], password, clock=clock)

        self.office.runner.submit(job, self._came, self._refused, owner=self)

    def _choose(self, form: OfficeForm, typed: Mapping[str, Any]) -> None:  # noqa: ARG002
        worker, clock, database = self._worker, self.office.clock, self.office.whole
        if worker is None or self._differ(typed):
            return

        def job() -> Worker:
            from vsla_desktop.services.office_people import choose_password

            with database.write() as session:
                choose_password(
                    session, typed["password"], typed["again"], clock=clock, by=worker.user_id
                )
            return worker

        self.office.runner.submit(job, self._enter, self._refused, owner=self)

    def _differ(self, typed: Mapping[str, Any]) -> bool:
        if typed["again"] == typed["password"]:
            return False
        self._refused(RuleBroken("The two are not alike.", hint="Type it again.", field="again"))
        return True

    def _came(self, signed: SignedIn) -> None:
        self._worker = signed.worker
        if signed.must_choose:
            self._ask(Step.CHOOSE)
        else:
            self._enter(signed.worker)

    def _enter(self, worker: Worker) -> None:
        self._ask(Step.LOOKING)  # nothing typed is kept
        self.office.come_in(worker)

    def _refused(self, error: Exception) -> None:
        if self.form is None or not self.form.refuse(error):
            self.office.shell.say_error(error)


def _form(
    title: str,
    button: str,
    fields: tuple[Field, ...],
    act: Callable[[OfficeForm, Mapping[str, Any]], None],
    notes: Mapping[str, str] | None = None,
) -> OfficeForm:
    readers = {field.key: _needed(field.key) for field in fields}
    return OfficeForm(title, button, fields, act, readers=readers, notes=notes)


def _needed(key: str) -> Reader:
    """Take a text as it is: a password may have spaces anywhere."""

    def read(text: str) -> str:
        if not text:
            raise RuleBroken("Fill this in.", field=key)
        return text

    return Reader(read)
