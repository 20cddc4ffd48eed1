"""The visits to one group: what was found, what was agreed, and writing a new one down."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from vsla_desktop.domain.identifiers import check_name
from vsla_desktop.domain.money import parse_count
from vsla_desktop.domain.visits import Agreed, Check, Result, VisitNote
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import _, format_date, labelled, translate_counted
from vsla_desktop.presenters.days import read_day, write_day
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.form import Choice, Field, FieldKind, Form, Reader, any_text
from vsla_desktop.presenters.grid import Cell, CellKind, Column
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.reports.attention_words import check_word, result_word

if TYPE_CHECKING:
    from vsla_desktop.presenters.desk import DeskPresenter
    from vsla_desktop.queries.desk import DeskLine
    from vsla_desktop.queries.visits import Visit

_ASKED_ACTIONS: Final = 3
_MOST_PASSBOOKS: Final = 9_999  # the rule says how many there are; this only reads


class VisitsPresenter:
    """A :class:`~vsla_desktop.presenters.listing.ListPresenter` of a group's visits.

    ``actions`` lists what was agreed at all of them, what is open first. ``form`` is the visit
    that is being written down, None while the visits are looked at; ``shown`` tells of a change
    between the two.
    """

    def __init__(self, desk: DeskPresenter, line: DeskLine) -> None:
        self.desk = desk
        self.line = line
        self.changed: Event[[]] = Event()
        self.rows_came: Event[[int, int]] = Event()
        self.shown: Event[[]] = Event()
        self.visits: tuple[Visit, ...] = ()
        self.is_read = False
        self.form: VisitForm | None = None
        self.actions = ActionList(self)

    # ------------------------------------------------------------------ reading

    def refresh(self) -> None:
        """Read the visits again."""
        database, group_id = self.desk.database, self.line.group_id

        def job() -> tuple[Visit, ...]:
            from vsla_desktop.queries.visits import visits_of

            with database.read() as session:
                return visits_of(session, group_id)

        self.desk.runner.submit(job, self._came, self.desk.shell.say_error, owner=self)

    def _came(self, visits: tuple[Visit, ...]) -> None:
        self.visits = visits
        self.is_read = True
        self.actions.take(visits)
        self.changed()

    # ------------------------------------------------------------------ what a person does

    def write_down(self) -> None:
        """Begin to write a visit down, also where another laptop writes the group's book."""
        who = self.visits[0].note.who if self.visits else ""
        self.form = VisitForm(self, who)
        self.shown()

    def leave_form(self) -> None:
        """Go back to the visits; what was typed is not kept."""
        self.form = None
        self.shown()

    def tick(self, visit_id: int, number: int, *, is_done: bool) -> None:
        """Tick off an agreed action, or take the tick back."""
        database, clock = self.desk.database, self.desk.clock

        def job() -> None:
            from vsla_desktop.services.visits import set_action_done

            with database.write() as session:
                set_action_done(session, visit_id, number, is_done=is_done, clock=clock)

        self.desk.runner.submit(
            job, lambda _none: self._written(), self.desk.shell.say_error, owner=self
        )

    def _written(self) -> None:
        self.refresh()
        self.desk.refresh()

    def saved(self) -> None:
        """A visit was written down."""
        self.desk.shell.say(_("The visit is written down."))
        self.leave_form()
        self._written()

    # ------------------------------------------------------------------ what is shown

    def title(self) -> str:
        """Whose visits they are."""
        return _("Visits to {group}", group=self.line.name)

    def row_count(self) -> int:
        """How many visits were made."""
        return len(self.visits)

    def columns(self) -> Sequence[Column]:
        """When, by whom, and what was found."""
        return (
            Column("day", _("Day"), CellKind.COUNT, width=11),
            Column("who", _("Who"), width=16),
            Column("looked", _("Looked at"), width=36),
            Column("findings", _("Found"), width=36),
            Column("open", _("Open"), CellKind.COUNT, width=5),
        )

    def cell(self, row: int, column: int) -> Cell:
        """See :class:`~vsla_desktop.presenters.listing.ListPresenter`."""
        note = self.visits[row].note
        match self.columns()[column].key:
            case "day":
                return Cell(format_date(note.day))
            case "who":
                return Cell(note.who)
            case "looked":
                wrong = Result.WRONG in note.looked_at.values()
                tone = Tone.WARNING if wrong else Tone.PLAIN
                return Cell(looked_at_words(note), icon="warning" if wrong else "", tone=tone)
            case "findings":
                return Cell(note.findings)
            case _open:
                return Cell(str(sum(each.done_on is None for each in note.actions)))

    def row_title(self, row: int) -> str:
        """The day of the visit."""
        return format_date(self.visits[row].note.day)

    def open_row(self, row: int) -> None:
        """There is no more to a visit than the row and its actions."""


def looked_at_words(note: VisitNote) -> str:
    """Say what was looked at on a visit, and what that found."""
    said = []
    for check in Check:
        result = note.looked_at.get(check)
        if result is None:
            continue
        words = check_word(check)
        if check is Check.PASSBOOKS:
            words = translate_counted("{count} passbook", "{count} passbooks", note.passbooks_count)
        said.append(labelled(words, result_word(result)))
    return " · ".join(said)


@dataclass(frozen=True, slots=True)
class _Action:
    visit_id: int
    number: int
    agreed: Agreed
    visited_on: date


class ActionList:
    """A :class:`~vsla_desktop.presenters.listing.ListPresenter` of what was agreed."""

    def __init__(self, visits: VisitsPresenter) -> None:
        self._visits = visits
        self.changed: Event[[]] = Event()
        self.rows_came: Event[[int, int]] = Event()
        self._actions: tuple[_Action, ...] = ()

    def take(self, visits: Sequence[Visit]) -> None:
        """Show the actions of these visits: what is open first, by its day."""
        found = [
            _Action(visit.visit_id, number, agreed, visit.note.day)
            for visit in visits
            for number, agreed in enumerate(visit.note.actions, start=1)
        ]
        found.sort(key=lambda each: (each.agreed.done_on is not None, each.agreed.due))
        self._actions = tuple(found)
        self.changed()

    def row_count(self) -> int:
        """How many actions were agreed."""
        return len(self._actions)

    def columns(self) -> Sequence[Column]:
        """What, by when, and whether it is done."""
        return (
            Column("what", _("Agreed"), width=50),
            Column("due", _("By"), CellKind.COUNT, width=11),
            Column("mark", _("Standing"), width=16),
            Column("visit", _("Visit of"), CellKind.COUNT, width=11, is_spare=True),
        )

    def cell(self, row: int, column: int) -> Cell:
        """See :class:`~vsla_desktop.presenters.listing.ListPresenter`."""
        action = self._actions[row]
        match self.columns()[column].key:
            case "what":
                return Cell(action.agreed.what)
            case "due":
                return Cell(format_date(action.agreed.due))
            case "visit":
                return Cell(format_date(action.visited_on))
            case _standing:
                return self._standing(action.agreed)

    def _standing(self, agreed: Agreed) -> Cell:
        if agreed.done_on is not None:
            done = _("Done {day}", day=format_date(agreed.done_on))
            return Cell(done, icon="check-circle", tone=Tone.GOOD)
        if agreed.due < self._visits.desk.clock.today():
            return Cell(_("Late"), icon="warning", tone=Tone.WARNING)
        return Cell(_("Open"))

    def row_title(self, row: int) -> str:
        """What was agreed."""
        return self._actions[row].agreed.what

    def open_row(self, row: int) -> None:
        """Tick an action off, or take the tick back."""
        if 0 <= row < len(self._actions):
            action = self._actions[row]
            is_done = action.agreed.done_on is None
            self._visits.tick(action.visit_id, action.number, is_done=is_done)


class VisitForm:
    """A visit that is being written down: checklist, findings, and up to three actions."""

    def __init__(self, visits: VisitsPresenter, who: str) -> None:
        self._visits = visits
        self.is_writing = False
        today = visits.desk.clock.today
        readers = {
            "day": Reader(lambda text: read_day(text, today(), field="day"), write_day),
            "who": Reader(lambda text: check_name(text, field="who")),
            **{check.value: Reader(_result, lambda result: result or "") for check in Check},
            "passbooks": Reader(
                lambda text: parse_count(text or "0", _MOST_PASSBOOKS, field="passbooks")
            ),
            "findings": Reader(any_text),
        }
        for number in range(1, _ASKED_ACTIONS + 1):
            readers[f"what_{number}"] = Reader(any_text)
            readers[f"due_{number}"] = _day_or_nothing(f"due_{number}", today)
        self.form = Form(readers, {"day": write_day(today()), "who": who})

    def title(self) -> str:
        """Which group was visited."""
        return _("Visit to {group}", group=self._visits.line.name)

    def fields(self) -> Sequence[Field]:
        """What is asked."""
        results = (
            Choice("", result_word(None)),
            *(Choice(each, result_word(each)) for each in Result),
        )
        checks = {
            check: Field(check, check_word(check), FieldKind.CHOICE, results) for check in Check
        }
        actions = (
            field
            for number in range(1, _ASKED_ACTIONS + 1)
            for field in (
                Field(f"what_{number}", _("Agreed, {number}", number=number)),
                Field(f"due_{number}", _("By"), FieldKind.DAY),
            )
        )
        return (
            Field("day", _("Day of the visit"), FieldKind.DAY),
            Field("who", _("Who came")),
            checks[Check.BOX],
            checks[Check.SEAL],
            checks[Check.PASSBOOKS],
            Field("passbooks", _("How many passbooks"), FieldKind.NUMBER),
            checks[Check.LOANS],
            checks[Check.RULES],
            *actions,
            Field("findings", _("What you found, what was wrong")),
        )

    def note(self, key: str) -> str:
        """Help below a field."""
        return _("Write it like 3/12/2026.") if key == "due_1" else ""

    def enter(self, key: str, text: str) -> None:
        """Take what was typed into a field."""
        self.form.enter(key, text)

    def save(self) -> str:
        """Write the visit down; return the key of the field that is wrong, if one is."""
        wrong = self.form.check()
        if wrong or self.is_writing:
            return wrong
        try:
            note = self._note()
        except RuleBroken as problem:
            self.form.say(problem)
            return problem.field
        desk, group_id = self._visits.desk, self._visits.line.group_id

        def job() -> None:
            from vsla_desktop.services.visits import record_visit

            with desk.database.write() as session:
                record_visit(session, group_id, note, clock=desk.clock)

        self.is_writing = True
        desk.runner.submit(job, lambda _none: self._saved(), self._refused, owner=self)
        return next((key for key in self._keys() if self.form.sentence(key)), "")

    def _keys(self) -> Sequence[str]:
        return [field.key for field in self.fields()]

    def _note(self) -> VisitNote:
        value = self.form.value
        actions = []
        for number in range(1, _ASKED_ACTIONS + 1):
            what, due = value(f"what_{number}"), value(f"due_{number}")
            if what and due is None:
                raise RuleBroken("Say by when.", field=f"due_{number}")
            if due is not None:
                actions.append(Agreed(what, due))
        return VisitNote(
            day=value("day"),
            who=value("who"),
            looked_at={check: found for check in Check if (found := value(check)) is not None},
            passbooks_count=value("passbooks"),
            findings=value("findings"),
            actions=tuple(actions),
        )

    def _saved(self) -> None:
        self.is_writing = False
        self._visits.saved()

    def _refused(self, error: Exception) -> None:
        self.is_writing = False
        if not (isinstance(error, RuleBroken) and self.form.say(error)):
            self._visits.desk.shell.say_error(error)


def _result(text: str) -> Result | None:
    return Result(text) if text else None


def _day_or_nothing(field: str, today: Callable[[], date]) -> Reader:
    return Reader(
        lambda text: read_day(text, today(), field=field) if text.strip() else None,
        lambda day: write_day(day) if day else "",
    )
