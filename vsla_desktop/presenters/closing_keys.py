"""Three keys: each officer confirms that the meeting closes, with her own code or by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from vsla_desktop.clock import Clock
from vsla_desktop.db import Database
from vsla_desktop.errors import RuleBroken, VslaError
from vsla_desktop.i18n import _
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.runner import Runner
from vsla_desktop.presenters.shell import ShellPresenter
from vsla_desktop.queries.officers import KeyPerson, Office, Officers, officers_of
from vsla_desktop.services.officers_codes import Confirmed, Tries, confirm, set_code
from vsla_desktop.wording import sentence_of

OTHERS_NEEDED = 2


@dataclass(frozen=True, slots=True)
class KeyRow:
    """One key on the screen: whose it is, who turns it, and what is asked of her.

    ``can_turn``: she may confirm as she is. ``asks_code``: she types her code. ``may_set``: she
    may choose a new one here and now.
    """

    office: Office
    title: str
    person: KeyPerson
    stands_in_for: str
    is_turned: bool
    can_turn: bool
    asks_code: bool
    may_set: bool
    problem: str
    note: str


def office_title(office: Office) -> str:
    """Name an office."""
    return {
        Office.CHAIRPERSON: _("Chairperson"),
        Office.SECRETARY: _("Secretary"),
        Office.TREASURER: _("Treasurer"),
    }[office]


class KeysPresenter:
    """The three keys of one meeting. Codes pass through and are never kept here.

    ``turned`` tells that one more has confirmed.
    """

    def __init__(
        self,
        database: Database,
        runner: Runner,
        shell: ShellPresenter,
        *,
        group_id: int,
        clock: Clock,
        officers: Officers,
        tries: Tries,
    ) -> None:
        self.changed: Event[[]] = Event()
        self.turned: Event[[]] = Event()
        self.officers = officers
        self.confirmed: dict[Office, Confirmed] = {}
        self.problems: dict[Office, str] = {}
        self._people = {office: held.member_id for office, held in officers.held_by.items()}
        self._database = database
        self._runner = runner
        self._shell = shell
        self._group_id = group_id
        self._clock = clock
        self._tries = tries

    # ------------------------------------------------------------------ what is shown

    def rows(self) -> list[KeyRow]:
        """One row for each office that somebody holds."""
        return [self._row(office) for office in self.officers.held_by]

    def _row(self, office: Office) -> KeyRow:
        held, person = self.officers.held_by[office], self._person(office)
        turned = self.confirmed.get(office)
        may_set = self._may_set(office)
        if turned is not None:
            note = _("Confirmed with a code.") if turned.by_code else _("Confirmed by name.")
        elif person.has_code:
            note = ""
        elif held.has_code:
            note = _("Choose a code first.") if may_set else _("Let the two others confirm first.")
        else:
            note = _("No code yet: confirm by name.")
        return KeyRow(
            office,
            office_title(office),
            person,
            held.name if person.member_id != held.member_id else "",
            is_turned=turned is not None,
            can_turn=turned is None and (person.has_code or not held.has_code),
            asks_code=person.has_code and turned is None,
            may_set=may_set and turned is None,
            problem=self.problems.get(office, ""),
            note=note,
        )

    def _person(self, office: Office) -> KeyPerson:
        wanted = self._people[office]
        return next(each for each in self.officers.members if each.member_id == wanted)

    def _may_set(self, office: Office) -> bool:
        """Whether this person may choose a code now: as docs/rules.md#three-keys says."""
        if not self._person(office).has_code and not self.officers.use_codes:
            return True
        others = [k for k in self.confirmed.values() if k.by_code and k.office is not office]
        return len(others) >= OTHERS_NEEDED

    def people(self, office: Office) -> list[tuple[int, str]]:
        """Who may confirm for an office: its officer, then who may stand in, the elected first."""
        held = self.officers.held_by[office]
        taken = {other.member_id for other in self.officers.held_by.values()}
        others = [each for each in self.officers.members if each.member_id not in taken]
        return [(each.member_id, f"{each.number} {each.name}") for each in (held, *others)]

    @property
    def is_complete(self) -> bool:
        """Whether all have confirmed."""
        return len(self.confirmed) == len(self.officers.held_by)

    @property
    def sentence(self) -> str:
        """Who is to confirm yet."""
        waiting = [office_title(o) for o in self.officers.held_by if o not in self.confirmed]
        if not waiting:
            return _("All have confirmed.")
        return _("Still to confirm: {who}.", who=", ".join(waiting))

    # ------------------------------------------------------------------ what a person does

    def choose(self, office: Office, member_id: int) -> None:
        """Let another member stand in for an officer, or the officer herself confirm."""
        self._people[office] = member_id
        self.confirmed.pop(office, None)
        self.problems.pop(office, None)
        self.changed()

    def turn(self, office: Office, code: str | None = None) -> None:
        """Confirm for an office."""
        member_id = self._people[office]

        def job() -> tuple[Confirmed, Officers]:
            with self._database.read() as session:
                return self._confirm(session, office, member_id, code), self.officers

        self._submit(office, job)

    def set_code(self, office: Office, code: str, again: str) -> None:
        """Keep a code of her own, typed twice, and confirm with it."""
        if code != again:
            error = RuleBroken("Type the same code twice.", field="code")
            self.problems[office] = sentence_of(error)
            self.changed()
            return
        member_id, confirmed = self._people[office], dict(self.confirmed)

        def job() -> tuple[Confirmed, Officers]:
            with self._database.write() as session:
                set_code(
                    session,
                    member_id,
                    code,
                    confirmed=confirmed,
                    tries=self._tries,
                    clock=self._clock,
                )
                officers = officers_of(session, self._group_id)
                return self._confirm(session, office, member_id, code), officers

        self._submit(office, job)

    def _confirm(
        self, session: Session, office: Office, member_id: int, code: str | None
    ) -> Confirmed:
        return confirm(
            session,
            self._group_id,
            office,
            member_id,
            code=code,
            tries=self._tries,
            clock=self._clock,
        )

    def _submit(self, office: Office, job: Callable[[], tuple[Confirmed, Officers]]) -> None:
        def came(found: tuple[Confirmed, Officers]) -> None:
            key, self.officers = found
            if any(each.member_id == key.member_id for each in self.confirmed.values()):
                words = RuleBroken("Choose somebody else: one person, one key.", field="member")
                failed(words)
                return
            self.confirmed[office] = key
            self.changed()
            self.turned()

        def failed(error: Exception) -> None:
            if isinstance(error, VslaError):
                self.problems[office] = sentence_of(error)
                self.changed()
            else:
                self._shell.say_error(error)

        self.problems.pop(office, None)
        self._runner.submit(job, came, failed, owner=self)
