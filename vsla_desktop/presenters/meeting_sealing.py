"""From the counted box to the sealed meeting: the officers' keys, and the close itself."""

from __future__ import annotations

from vsla_desktop.clock import Clock
from vsla_desktop.db import Database
from vsla_desktop.errors import VslaError
from vsla_desktop.presenters.closing import ClosingPresenter
from vsla_desktop.presenters.closing_keys import KeysPresenter
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.meeting_slip import Slip, read_slip
from vsla_desktop.presenters.runner import Runner
from vsla_desktop.presenters.shell import ShellPresenter, Tone
from vsla_desktop.queries.officers import Officers, officers_of
from vsla_desktop.services.officers_codes import Tries, close_with_keys
from vsla_desktop.wording import sentence_of


class Sealing:
    """Closes meetings of one group, and remembers wrong codes while the program runs.

    ``asked`` tells that the keys are wanted, ``closed`` gives the slip, ``refused`` tells that the
    book did not take the count: what it said stands at the closing count.
    """

    def __init__(
        self,
        database: Database,
        runner: Runner,
        shell: ShellPresenter,
        *,
        group_id: int,
        clock: Clock,
        tries: Tries,
    ) -> None:
        self.asked: Event[[]] = Event()
        self.closed: Event[[Slip]] = Event()
        self.refused: Event[[]] = Event()
        self.keys: KeysPresenter | None = None
        self._database = database
        self._runner = runner
        self._shell = shell
        self._group_id = group_id
        self._clock = clock
        self._tries = tries
        self._is_busy = False

    def ask_for_keys(self, closing: ClosingPresenter) -> None:
        """Let the officers confirm this count; where nobody holds an office, close at once."""

        def job() -> Officers:
            with self._database.read() as session:
                return officers_of(session, self._group_id)

        def came(officers: Officers) -> None:
            self.keys = KeysPresenter(
                self._database,
                self._runner,
                self._shell,
                group_id=self._group_id,
                clock=self._clock,
                officers=officers,
                tries=self._tries,
            )
            if officers.held_by:
                self.asked()
            else:
                self.seal(closing)

        self._runner.submit(job, came, self._shell.say_error, owner=self)

    def seal(self, closing: ClosingPresenter) -> None:
        """Close and seal the meeting with the keys that were turned."""
        if self._is_busy or self.keys is None:
            return
        counts, confirmed = closing.counts(), dict(self.keys.confirmed)
        meeting_id = closing.meeting.meeting_id
        self._is_busy = True

        def job() -> Slip:
            with self._database.write() as session:
                close_with_keys(session, meeting_id, counts, confirmed, clock=self._clock)
                return read_slip(session, meeting_id)

        def came(slip: Slip) -> None:
            self._is_busy = False
            self.closed(slip)

        def failed(error: Exception) -> None:
            self._is_busy = False
            if not isinstance(error, VslaError):
                self._shell.say_error(error)
            elif getattr(error, "field", "") == "keys":
                self._shell.say(sentence_of(error), tone=Tone.WARNING)
            else:
                closing.refuse(error)
                self.refused()

        self._runner.submit(job, came, failed, owner=self)
