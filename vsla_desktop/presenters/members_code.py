"""An officer's own code: chosen, changed, or set anew with the help of the two others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import _
from vsla_desktop.presenters.form import Field, FieldKind, Reader
from vsla_desktop.presenters.members_acts import MemberAct
from vsla_desktop.presenters.members_text import office_names
from vsla_desktop.services.officers_codes import confirm, set_code

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.presenters.members import MembersPresenter
    from vsla_desktop.queries.officers import KeyPerson, Office, Officers


class CodeForm(MemberAct):
    """A new code, typed twice; who has one says it, or two other officers type theirs."""

    is_narrow = True

    def __init__(
        self,
        members: MembersPresenter,
        officers: Officers,
        person: KeyPerson,
        on_saved: Callable[[], None],
    ) -> None:
        self.person = person
        self._helpers: dict[str, Office] = {
            f"code_{office}": office
            for office, held in officers.held_by.items()
            if officers.use_codes and held.member_id != person.member_id
        }
        self._people = {office: held.member_id for office, held in officers.held_by.items()}
        super().__init__(members, on_saved)

    @override
    def title(self) -> str:
        return _("Code of {name}", name=self.person.name)

    @override
    def button(self) -> str:
        return _("Keep the code")

    @override
    def readers(self) -> Mapping[str, Reader]:
        return {field.key: Reader(str) for field in self.fields()}

    @override
    def fields(self) -> Sequence[Field]:
        secret = FieldKind.SECRET
        old = (Field("old", _("Code until now"), secret),) if self.person.has_code else ()
        names = office_names()
        return (
            *old,
            Field("code", _("New code"), secret),
            Field("again", _("Once more"), secret),
            *(
                Field(key, _("{office}: code", office=names[office]), secret)
                for key, office in self._helpers.items()
            ),
        )

    @override
    def note(self, key: str) -> str:
        return _("4 to 8 digits.") if key == "code" else ""

    @override
    def sentence(self) -> str:
        if self._helpers:
            return _("Forgotten? Leave it empty. The two others type their codes.")
        return _("Nobody else sees it. It never leaves this laptop.")

    @override
    def act(self, session: Session, said: Mapping[str, Any]) -> None:
        if said["code"] != said["again"]:
            raise RuleBroken("Type the same code twice.", field="again")
        helping = {office: said[key] for key, office in self._helpers.items() if said[key]}
        members = self.members
        is_helped = bool(helping) and len(helping) == len(self._helpers)
        if not (said.get("old", "-") or is_helped):
            raise RuleBroken("Type the code until now.", field="old")
        confirmed = {
            office: self._confirmed(session, office, code) for office, code in helping.items()
        }
        set_code(
            session,
            self.person.member_id,
            said["code"],
            old=said.get("old", ""),
            confirmed=confirmed,
            tries=members.tries,
            clock=members.clock,
        )

    def _confirmed(self, session: Session, office: Office, code: str) -> Any:
        members = self.members
        try:
            return confirm(
                session,
                members.group_id,
                office,
                self._people[office],
                code=code,
                tries=members.tries,
                clock=members.clock,
            )
        except RuleBroken as wrong:
            wrong.field = f"code_{office}"
            raise

    @override
    def _refused(self, error: Exception) -> None:
        for field in self.fields():
            self.form.put(field.key, "")  # a wrong code does not stay to be read
        super()._refused(error)
