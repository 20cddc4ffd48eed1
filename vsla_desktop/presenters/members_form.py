"""Writing a member down, correcting what is written, and electing officers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from vsla_desktop.domain.identifiers import check_name, check_phone_number
from vsla_desktop.domain.money import parse_count
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import _
from vsla_desktop.presenters.days import read_day, write_day
from vsla_desktop.presenters.form import Choice, Field, FieldKind, Form, Reader, any_text
from vsla_desktop.presenters.members import MembersPresenter
from vsla_desktop.presenters.members_text import gender_names, office_names

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.queries.members import MemberLine

MOST_NUMBER: Final = 9999
_OFFICES: Final = (
    ("chairperson", "CHAIRPERSON"),
    ("secretary", "SECRETARY"),
    ("treasurer", "TREASURER"),
    ("counter_1", "MONEY_COUNTER"),
    ("counter_2", "MONEY_COUNTER"),
    ("key_1", "KEY_HOLDER"),
    ("key_2", "KEY_HOLDER"),
    ("key_3", "KEY_HOLDER"),
)
_MUST: Final = frozenset({"chairperson", "secretary", "treasurer"})


class MemberFormPresenter:
    """A new member, or one who is in the book; ``member`` is None for a new one.

    ``on_saved`` is called once the book has it; ``to_open`` is then a new member who may buy shares
    of earlier meetings, else 0.
    """

    def __init__(
        self,
        members: MembersPresenter,
        member: MemberLine | None,
        on_saved: Callable[[], None],
        *,
        occupation: str = "",
        born: date | None = None,
    ) -> None:
        self.members = members
        self.member = member
        self._occupation = occupation
        self._born = born
        self._on_saved = on_saved
        self.is_writing = False
        self.to_open = 0
        today = members.clock.today
        readers = {
            "number": Reader(lambda text: parse_count(text, MOST_NUMBER, field="number")),
            "first_name": Reader(lambda text: check_name(text, field="first_name")),
            "last_name": Reader(lambda text: _optional(check_name, text, "last_name")),
            "gender": Reader(_gender),
            "phone_number": Reader(
                lambda text: _optional(check_phone_number, text, "phone_number")
            ),
            "id_number": Reader(any_text),
            "occupation": Reader(any_text),
            "date_of_birth": Reader(
                lambda text: (
                    read_day(text, today(), field="date_of_birth") if text.strip() else None
                ),
                lambda day: write_day(day) if day else "",
            ),
            "joined_date": Reader(
                lambda text: read_day(text, today(), field="joined_date"), write_day
            ),
        }
        if member is not None:
            readers = {k: r for k, r in readers.items() if k not in {"number", "joined_date"}}
        self.form = Form(readers, self._texts())

    def title(self) -> str:
        """Whose form it is."""
        if self.member is None:
            return _("New member")
        return f"{self.member.number}  {self.member.name}"

    def fields(self) -> Sequence[Field]:
        """What is asked; the number and the day of joining stay once they are written."""
        genders = tuple(Choice(value, words) for value, words in gender_names().items())
        new = (Field("number", _("Number"), FieldKind.NUMBER),) if self.member is None else ()
        joined = (Field("joined_date", _("Joined on"), FieldKind.DAY),)
        return (
            *new,
            Field("first_name", _("First name")),
            Field("last_name", _("Last name")),
            Field("gender", _("Gender"), FieldKind.CHOICE, (Choice("", _("Choose")), *genders)),
            Field("phone_number", _("Phone")),
            Field("id_number", _("Identity card")),
            Field("occupation", _("Occupation")),
            Field("date_of_birth", _("Born on"), FieldKind.DAY),
            *(joined if self.member is None else ()),
        )

    def note(self, key: str) -> str:
        """Help below a field."""
        return {
            "number": _("Stays the same for the whole cycle."),
            "phone_number": _("For example 0772 123456."),
            "date_of_birth": _("Write it like 3/12/1990, or leave it empty."),
        }.get(key, "")

    def enter(self, key: str, text: str) -> None:
        """Take what was typed."""
        self.form.enter(key, text)

    def save(self) -> str:
        """Write the member down; return the key of the first field that is wrong, else ""."""
        wrong = self.form.check()
        if wrong or self.is_writing:
            return wrong
        self.is_writing = True
        members, member = self.members, self.member
        said = {field.key: self.form.value(field.key) for field in self.fields()}

        def job() -> int:
            with members.database.write() as session:
                return _write(session, members, member, said)

        members.runner.submit(job, self._saved, self._refused, owner=self)
        return ""

    def _saved(self, to_open: int) -> None:
        self.is_writing = False
        self.to_open = to_open
        self._on_saved()

    def _refused(self, error: Exception) -> None:
        self.is_writing = False
        if not (isinstance(error, RuleBroken) and self.form.say(error)):
            self.members.shell.say_error(error)

    def _texts(self) -> dict[str, str]:
        member = self.member
        if member is None:
            numbers = [each.number for each in self.members.members]
            joined = write_day(self.members.day)
            return {"number": str(max(numbers, default=0) + 1), "joined_date": joined}
        return {
            "first_name": member.first_name,
            "last_name": member.last_name,
            "gender": member.gender,
            "phone_number": member.phone_number,
            "id_number": member.id_number,
            "occupation": self._occupation,
            "date_of_birth": write_day(self._born) if self._born else "",
        }


def _write(
    session: Session, members: MembersPresenter, member: MemberLine | None, said: dict[str, Any]
) -> int:
    from vsla_desktop.presenters.members_profile import offered
    from vsla_desktop.services.members import MemberChange, NewMember, add_member, change_member

    clock = members.clock
    if member is not None:
        change_member(session, member.member_id, MemberChange(**said), clock=clock)
        return 0
    new = NewMember(**said)
    added = add_member(session, members.group_id, new, clock=clock)
    offer = offered(session, members.group_id, added.member_id, new.joined_date, clock.today())
    return added.member_id if offer is not None and offer.most else 0


def _gender(text: str) -> str:
    if not text:
        raise RuleBroken("Choose F, M or Other.", field="gender")
    return text


def _optional(check: Callable[..., str], text: str, field: str) -> str:
    return check(text, field=field) if text.strip() else ""


class OfficersPresenter:
    """Who leads the group now, and who is elected."""

    def __init__(self, members: MembersPresenter, on_saved: Callable[[], None]) -> None:
        self.members = members
        self._on_saved = on_saved
        held: dict[str, list[str]] = {}
        for member in members.members:
            held.setdefault(member.office, []).append(str(member.member_id))
        texts = {key: held[office].pop(0) for key, office in _OFFICES if held.get(office)}
        self.form = Form({key: Reader(str) for key, _office in _OFFICES}, texts)

    def fields(self) -> Sequence[Field]:
        """One choice an office."""
        people = tuple(
            Choice(str(each.member_id), f"{each.number} {each.name}")
            for each in self.members.members
            if each.is_active and each.status == "ACTIVE"
        )
        names = office_names()
        titles = {
            key: f"{names[office]} {key[-1]}" if key[-1].isdecimal() else names[office]
            for key, office in _OFFICES
        }
        nobody = (Choice("", _("Nobody yet")), *people)
        return tuple(Field(key, titles[key], FieldKind.CHOICE, nobody) for key, _of in _OFFICES)

    def note(self, key: str) -> str:
        """Help below a field."""
        return _("Outside the committee.") if key == "key_1" else ""

    def enter(self, key: str, text: str) -> None:
        """Take a choice."""
        self.form.enter(key, text)

    def save(self) -> str:
        """Write down who was elected; return the key of the first field that is wrong."""
        seen: set[str] = set()
        for key, _office in _OFFICES:
            chosen = self.form.text(key)
            problem = None
            if not chosen and key in _MUST:
                problem = RuleBroken("Choose a member.", field=key)
            elif chosen and chosen in seen:
                problem = RuleBroken("Choose another member.", hint="Elect each once.", field=key)
            if problem is not None:
                self.form.say(problem)
                return key
            seen.add(chosen)
        keys = [key for key, office in _OFFICES if office == "KEY_HOLDER"]
        missing = [key for key in keys if not self.form.text(key)]
        try:
            self.members.check_key_holders(len(keys) - len(missing), field=next(iter(missing), ""))
        except RuleBroken as lacking:
            self.form.say(lacking)
            return lacking.field
        self._submit()
        return ""

    def _submit(self) -> None:
        members, text = self.members, self.form.text

        def of(office: str) -> list[int]:
            keys = (key for key, kind in _OFFICES if kind == office)
            return [int(text(key)) for key in keys if text(key)]

        elected = {
            "chairperson": of("CHAIRPERSON")[0],
            "secretary": of("SECRETARY")[0],
            "treasurer": of("TREASURER")[0],
            "money_counters": of("MONEY_COUNTER"),
            "key_holders": of("KEY_HOLDER"),
        }

        def job() -> None:
            from vsla_desktop.services.members import Committee, elect_officers

            with members.database.write() as session:
                committee = Committee(**elected)  # type: ignore[arg-type]
                elect_officers(session, members.group_id, committee, clock=members.clock)

        members.runner.submit(job, self._saved, members.shell.say_error, owner=self)

    def _saved(self, _nothing: None) -> None:
        self._on_saved()


class StandingPresenter:
    """Suspending a member, and taking one back."""

    def __init__(self, members: MembersPresenter, on_saved: Callable[[], None]) -> None:
        self.members = members
        self._on_saved = on_saved

    def suspend(self, member_id: int) -> None:
        """Keep a member from saving and borrowing."""
        self._change("suspend", member_id)

    def take_back(self, member_id: int) -> None:
        """End a suspension, or take back a member who left."""
        self._change("take_back", member_id)

    def _change(self, what: str, member_id: int) -> None:
        members = self.members

        def job() -> None:
            from vsla_desktop.services import members as services

            with members.database.write() as session:
                if what == "suspend":
                    services.suspend_member(session, member_id, clock=members.clock)
                else:
                    services.take_back_member(session, member_id, clock=members.clock)

        members.runner.submit(job, self._saved, members.shell.say_error, owner=self)

    def _saved(self, _nothing: None) -> None:
        self._on_saved()
