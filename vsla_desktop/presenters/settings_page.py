"""The choices of this laptop, its copies of the book, and where everything lies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from vsla_desktop.clock import Clock
from vsla_desktop.i18n import DateStyle, _, format_date, format_time, languages, use_language
from vsla_desktop.presenters.book import BackupFile, back_up, backups
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.form import Choice
from vsla_desktop.presenters.runner import Runner
from vsla_desktop.presenters.shell import ShellPresenter
from vsla_desktop.settings import DataFolder, Settings, ThemeChoice

TEXT_SIZES: Final = (100, 110, 125, 150)
MOST_SHOWN: Final = 30


class SettingsPresenter:
    """Changes a choice at once; ``on_look`` is told that the window must be drawn anew.

    ``current()`` gives the choices in use, ``keep`` keeps others. ``on_restore(file)`` puts a copy
    in the book's place.
    """

    def __init__(
        self,
        runner: Runner,
        shell: ShellPresenter,
        *,
        folder: DataFolder,
        clock: Clock,
        current: Callable[[], Settings],
        keep: Callable[[Settings], None],
        on_look: Callable[[], None],
        on_restore: Callable[[Path], None],
    ) -> None:
        self._runner = runner
        self._shell = shell
        self.folder = folder
        self._clock = clock
        self._current = current
        self._keep = keep
        self._on_look = on_look
        self._on_restore = on_restore
        self.changed: Event[[]] = Event()
        self.backups: tuple[BackupFile, ...] = ()

    # ------------------------------------------------------------------ the look

    @property
    def settings(self) -> Settings:
        """The choices in use."""
        return self._current()

    def languages(self) -> tuple[Choice, ...]:
        """The languages, each by its own name."""
        return tuple(Choice(code, name) for code, name in languages().items())

    def themes(self) -> tuple[Choice, ...]:
        """The colours to draw in."""
        return (
            Choice(ThemeChoice.SYSTEM.value, _("As the laptop")),
            Choice(ThemeChoice.LIGHT.value, _("Light")),
            Choice(ThemeChoice.DARK.value, _("Dark")),
        )

    def text_sizes(self) -> tuple[Choice, ...]:
        """The sizes of text."""
        return tuple(Choice(str(size), f"{size} %") for size in TEXT_SIZES)

    def choose_language(self, code: str) -> None:
        """Speak this language from now on."""
        if code != self.settings.language:
            use_language(code)
            self._change(replace(self.settings, language=code))

    def choose_theme(self, value: str) -> None:
        """Draw in these colours."""
        if value != self.settings.theme:
            self._change(replace(self.settings, theme=ThemeChoice(value)))

    def choose_text_size(self, value: str) -> None:
        """Write in this size."""
        if int(value) != self.settings.text_percent:
            self._change(replace(self.settings, text_percent=int(value)))

    def let_sync(self, is_on: bool) -> None:  # noqa: FBT001 - the choice itself
        """Meet head office without being asked, or only by the button."""
        if is_on != self.settings.sync_by_itself:
            self._keep(replace(self.settings, sync_by_itself=is_on))

    def _change(self, settings: Settings) -> None:
        self._keep(settings)
        self._on_look()

    # ------------------------------------------------------------------ copies

    def refresh(self) -> None:
        """Look which copies there are."""
        folder = self.folder
        self._runner.submit(
            lambda: backups(folder)[:MOST_SHOWN], self._came, self._shell.say_error, owner=self
        )

    def back_up(self) -> None:
        """Copy the book now."""
        folder, now = self.folder, self._clock.now()
        self._runner.submit(
            lambda: back_up(folder, now), self._backed_up, self._shell.say_error, owner=self
        )

    def copy_to(self, file: Path) -> None:
        """Write a copy where the person wants it, such as on a USB stick."""
        book = self.folder.database

        def job() -> str:
            from vsla_desktop.db.backup import backup

            backup(book, file)
            return file.name

        self._runner.submit(job, self._copied, self._shell.say_error, owner=self)

    def restore(self, file: Path) -> None:
        """Put a copy in the book's place; the book that is there now is kept beside it."""
        self._on_restore(file)

    def words(self, copy: BackupFile) -> str:
        """When a copy was made and how large it is."""
        size = max(round(copy.size / 1024), 1)
        return _(
            "{day} at {time}, {size} kB",
            day=format_date(copy.made.date(), DateStyle.LONG),
            time=format_time(copy.made),
            size=size,
        )

    def _came(self, found: tuple[BackupFile, ...]) -> None:
        self.backups = found
        self.changed()

    def _backed_up(self, copy: Path | None) -> None:
        if copy is not None:
            self._shell.say(_("The book is copied and the copy is checked."))
        self.refresh()

    def _copied(self, name: str) -> None:
        self._shell.say(_("The copy {name} is written and checked.", name=name))
        self.refresh()
