"""Putting one mark of a closed meeting right: what is right, why, and what it changes."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from vsla_desktop.clock import Clock
from vsla_desktop.domain.currencies import Currency
from vsla_desktop.domain.meeting import AttendanceStatus
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import _, format_date
from vsla_desktop.presenters.correction import Change, any_reason
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.form import Choice, Field, FieldKind, Form, Reader, any_text
from vsla_desktop.presenters.runner import Runner
from vsla_desktop.presenters.shell import ShellPresenter
from vsla_desktop.wording import attendance_word, figure, percent

if TYPE_CHECKING:
    from vsla_desktop.db import Database
    from vsla_desktop.queries.mark_corrections import CorrectableMark


class MarkCorrectionPresenter:
    """One mark and what is right; the mark that was given takes an earlier correction back.

    The effect is tried in the book and undone. ``written`` tells that it was written, ``left`` that
    the mark stays as it was.
    """

    first_field = "status"

    def __init__(
        self,
        found: CorrectableMark,
        *,
        database: Database,
        runner: Runner,
        shell: ShellPresenter,
        currency: Currency,
        clock: Clock,
    ) -> None:
        self.found = found
        self.effect_changed: Event[[]] = Event()
        self.written: Event[[]] = Event()
        self.left: Event[[]] = Event()
        self._database = database
        self._runner = runner
        self._shell = shell
        self._currency = currency
        self._clock = clock
        self._then: Decimal | None = None
        self._tried: AttendanceStatus | None = None
        mark = found.mark
        self._now = mark.right or mark.given
        self.form = Form(
            {
                "status": Reader(AttendanceStatus),
                "reason": Reader(self._reason),
            },
            {"status": self._now.value, "reason": mark.reason},
        )
        self.is_writing = False

    # ------------------------------------------------------------------ what is shown

    def title(self) -> str:
        """Whose mark of which meeting it is, as it was given."""
        mark = self.found.mark
        return " · ".join(
            (
                _("Meeting {number}", number=mark.meeting_number),
                format_date(mark.day),
                f"{mark.number} {mark.name}",
                attendance_word(mark.given),
            )
        )

    def fields(self) -> Sequence[Field]:
        """The right mark and the reason."""
        marks = tuple(Choice(each.value, attendance_word(each)) for each in AttendanceStatus)
        return (
            Field("status", _("Right mark"), FieldKind.CHOICE, marks),
            Field("reason", _("Reason")),
        )

    def note(self, key: str) -> str:
        """Help below a field."""
        found = self.found
        if key == "reason":
            return _("Both marks and the reason stay in the book.")
        if found.fine_owed:
            return _("The fine stays. Let it off in Funds.")
        if found.mark.right is not None:
            return _("{mark} takes the correction back.", mark=attendance_word(found.mark.given))
        return ""

    def effect(self) -> tuple[Change, ...]:
        """What the mark touches: now, and as it will be with the right one."""
        owed = figure(self.found.fine_owed, self._currency)
        attendance = Change(
            _("Attendance"),
            percent(self.found.attendance / 100),
            "" if self._then is None else percent(self._then / 100),
        )
        fine = Change(_("Fine still owed"), owed, owed)
        return (attendance, fine) if self.found.fine_owed else (attendance,)

    # ------------------------------------------------------------------ what a person does

    def enter(self, key: str, text: str) -> None:
        """Take what was chosen or typed; try another mark at once."""
        is_fine = self.form.enter(key, text)
        if key == "status":
            self._try(self.form.value("status") if is_fine else None)

    def _try(self, status: AttendanceStatus | None) -> None:
        self._then, self._tried = None, status
        self.effect_changed()
        if status is None or status is self._now:
            return
        database, found, clock = self._database, self.found, self._clock

        def job() -> Decimal:
            from vsla_desktop.services.attendance_corrections import try_mark

            with database.write() as session:
                return try_mark(session, found, status, clock=clock)

        def done(then: Decimal) -> None:
            if self._tried is status:
                self._then = then
                self.effect_changed()

        self._runner.submit(job, done, self._refused, owner=self)

    def leave(self) -> None:
        """Leave the mark as it was."""
        self.left()

    def save(self) -> str:
        """Write the correction; return the key of the first field that is wrong, else ""."""
        wrong = self.form.check()
        if wrong or self.is_writing:
            return wrong
        self.is_writing = True
        database, found, clock = self._database, self.found, self._clock
        status, reason = self.form.value("status"), self.form.value("reason")

        def job() -> None:
            from vsla_desktop.services.attendance_corrections import correct_mark

            mark = found.mark
            with database.write() as session:
                correct_mark(
                    session,
                    found.meeting_id,
                    mark.meeting_id,
                    mark.member_id,
                    status,
                    reason,
                    clock=clock,
                )

        self._runner.submit(job, self._written, self._refused, owner=self)
        return ""

    def _reason(self, text: str) -> str:
        """Read why; to take a correction back needs no reason."""
        mark = self.found.mark
        is_taken_back = mark.right is not None and self.form.text("status") == mark.given
        return any_text(text) if is_taken_back else any_reason(text)

    def _written(self, _none: None) -> None:
        self.is_writing = False
        self._shell.say(_("Put right. The closed page stays."))
        self.written()

    def _refused(self, error: Exception) -> None:
        self.is_writing = False
        if not isinstance(error, RuleBroken) or not self.form.say(error):
            self._shell.say_error(error)
