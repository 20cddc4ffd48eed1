"""Becoming known to head office: its file, the code that opens it, and this laptop's passphrase."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vsla_desktop.errors import RuleBroken, SyncError
from vsla_desktop.i18n import _
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.form import Field, Form, Reader
from vsla_desktop.presenters.runner import Runner
from vsla_desktop.presenters.shell import ShellPresenter

if TYPE_CHECKING:
    from vsla_desktop.sync import Enrolment

_KEYS = ("code", "passphrase", "again")


class EnrollingPresenter:
    """Asks for what the chosen file and this laptop need, and no more.

    ``asked`` says that fields are to be filled in; ``enrolled`` gives the laptop's name at head
    office once it is kept. Nothing is kept of a call that is refused.
    """

    def __init__(self, folder: Path, runner: Runner, shell: ShellPresenter) -> None:
        self.folder = folder
        self.runner = runner
        self.shell = shell
        self.asked: Event[[]] = Event()
        self.enrolled: Event[[str]] = Event()
        self.file: Path | None = None
        self.is_working = False
        self._keys: tuple[str, ...] = ()
        self.form = Form({key: Reader(str) for key in _KEYS}, {})

    def title(self) -> str:
        """Which file it is about."""
        return self.file.name if self.file is not None else ""

    def fields(self) -> Sequence[Field]:
        """What is asked."""
        titles = {
            "code": _("Code from head office"),
            "passphrase": _("Choose a passphrase"),
            "again": _("The passphrase again"),
        }
        return tuple(Field(key, titles[key]) for key in self._keys)

    def note(self, key: str) -> str:
        """What stands below a field."""
        return {
            "code": _("Head office tells it to you by telephone."),
            "passphrase": _("It is asked for when the program sends."),
        }.get(key, "")

    def choose(self, file: Path) -> None:
        """Take the file; where nothing more is needed, keep it at once."""

        def job() -> tuple[str, ...]:
            from vsla_desktop import sync

            words = () if sync.has_keyring() else ("passphrase", "again")
            return (*(("code",) if sync.needs_code(file) else ()), *words)

        def came(keys: tuple[str, ...]) -> None:
            self.file, self._keys = file, keys
            self.form = Form({key: Reader(_required) for key in keys}, {})
            self.asked()
            if not keys:
                self.save()

        self.runner.submit(job, came, self.shell.say_error, owner=self)

    def enter(self, key: str, text: str) -> None:
        """Take what was typed."""
        self.form.put(key, text)

    def leave(self) -> None:
        """Ask no more; the laptop stays as it was."""
        self.file = None
        self.asked()

    def save(self) -> str:
        """Keep the file; return the key of the first field that is wrong, else ""."""
        file = self.file
        if file is None or self.is_working:
            return ""
        wrong = self.form.check()
        if wrong:
            return wrong
        typed = {key: self.form.text(key) for key in self._keys}
        if typed.get("again") != typed.get("passphrase"):
            self.form.say(RuleBroken("This is another one.", hint="Type it again.", field="again"))
            return "again"
        folder = self.folder
        self.is_working = True

        def job() -> Enrolment:
            from vsla_desktop import sync

            return sync.store_enrolment(
                file,
                folder,
                code=typed.get("code", ""),
                passphrase=typed.get("passphrase", ""),
            )

        self.runner.submit(job, self._kept, self._refused, owner=self)
        return ""

    def _kept(self, enrolment: Enrolment) -> None:
        self.is_working = False
        self.file = None
        self.asked()
        self.enrolled(enrolment.device_name)

    def _refused(self, error: Exception) -> None:
        from vsla_desktop.sync.secret import WrongWordsError

        self.is_working = False
        is_code = isinstance(error, WrongWordsError) and "code" in self._keys
        if isinstance(error, SyncError) and is_code:
            told = RuleBroken(error.message, hint=error.hint, field="code", **error.values)
            self.form.say(told)
        elif not (isinstance(error, RuleBroken) and self.form.say(error)):
            self.shell.say_error(error)


def _required(text: str) -> str:
    if not text.strip():
        raise RuleBroken("Enter something.")
    return text
