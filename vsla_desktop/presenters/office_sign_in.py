"""Signing in at head office: by name and password, once as the very first, and with a new one."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import _
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.form import Field, FieldKind, Form, Reader
from vsla_desktop.presenters.office import Office

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
    """A :class:`~vsla_desktop.views.widgets.form.FormSource` that changes with its step.

    ``changed`` says that other fields are asked.
    """

    def __init__(self, office: Office) -> None:
        self.office = office
        self.changed: Event[[]] = Event()
        self.step = Step.LOOKING
        self.form = Form({}, {})
        self.is_working = False
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

    def title(self) -> str:
        """What is asked, in words."""
        return {
            Step.LOOKING: "",
            Step.SIGN_IN: _("Sign in"),
            Step.FIRST: _("The first administrator"),
            Step.CHOOSE: _("Choose your own password"),
        }[self.step]

    def about(self) -> str:
        """One sentence below the title."""
        return {
            Step.LOOKING: "",
            Step.SIGN_IN: _("Use the name that head office gave you."),
            Step.FIRST: _("Nobody can sign in yet. You let in the others."),
            Step.CHOOSE: _("From now on, only this one is right."),
        }[self.step]

    def button(self) -> str:
        """The word on the main button."""
        return _("Sign in") if self.step is Step.SIGN_IN else _("Keep it")

    def fields(self) -> tuple[Field, ...]:
        """What is asked now."""
        name = Field("username", _("Name"))
        password = Field("password", _("Password"), FieldKind.SECRET)
        again = Field("again", _("The password again"), FieldKind.SECRET)
        return {
            Step.LOOKING: (),
            Step.SIGN_IN: (name, password),
            Step.FIRST: (name, Field("email", _("E-mail address")), password, again),
            Step.CHOOSE: (password, again),
        }[self.step]

    def note(self, key: str) -> str:
        """What stands below a field while nothing is wrong."""
        if key == "password" and self.step is not Step.SIGN_IN:
            return _("At least ten signs, such as a few words.")
        return ""

    def enter(self, key: str, text: str) -> None:
        """Take what was typed."""
        self.form.put(key, text)

    def save(self) -> str:
        """Go on with what was typed; return the key of the first field that is empty, else ""."""
        if self.is_working or self.step is Step.LOOKING:
            return ""
        wrong = self.form.check()
        if wrong:
            return wrong
        typed = {field.key: self.form.text(field.key) for field in self.fields()}
        if typed.get("again", typed["password"]) != typed["password"]:
            self._refused(
                RuleBroken("The two are not alike.", hint="Type it again.", field="again")
            )
            return "again"
        self.is_working = True
        if self.step is Step.CHOOSE:
            self._choose(typed)
        else:
            self._come_in(typed)
        return ""

    def _come_in(self, typed: dict[str, str]) -> None:
        clock, is_first = self.office.clock, self.step is Step.FIRST
        database = self.office.database

        def job() -> SignedIn:
            from vsla_desktop.services.office_people import add_first_administrator, sign_in
            from vsla_desktop.services.officers_codes import Tries

            self._tries = self._tries or Tries()
            name, password = typed["username"], typed["password"]
            if is_first:
                with database.write() as session:
                    return add_first_administrator(
                        session, name, typed["email"], password, clock=clock
                    )
            with database.read() as session:
                return sign_in(session, name, password, tries=self._tries, clock=clock)

        self.office.runner.submit(job, self._came, self._refused, owner=self)

    def _came(self, signed: SignedIn) -> None:
        self.is_working = False
        self._worker = signed.worker
        if signed.must_choose:
            self._ask(Step.CHOOSE)
        else:
            self._enter(signed.worker)

    def _choose(self, typed: dict[str, str]) -> None:
        worker, clock, database = self._worker, self.office.clock, self.office.whole
        assert worker is not None  # noqa: S101 - who chooses has signed in

        def job() -> Worker:
            from vsla_desktop.services.office_people import choose_password

            with database.write() as session:
                choose_password(
                    session, typed["password"], typed["again"], clock=clock, by=worker.user_id
                )
            return worker

        self.office.runner.submit(job, self._enter, self._refused, owner=self)

    def _enter(self, worker: Worker) -> None:
        self.is_working = False
        self._ask(Step.LOOKING)  # nothing typed is kept
        self.office.come_in(worker)

    def _refused(self, error: Exception) -> None:
        self.is_working = False
        if not (isinstance(error, RuleBroken) and self.form.say(error)):
            self.office.shell.say_error(error)

    def _ask(self, step: Step) -> None:
        self.step = step
        readers = {field.key: _needed(field.key) for field in self.fields()}
        self.form = Form(readers, {})
        self.changed()


def _needed(key: str) -> Reader:
    def read(text: str) -> Any:
        if not text:
            raise RuleBroken("Fill this in.", field=key)
        return text

    return Reader(read)
