"""Starts the program for a picture, and waits until it has done what it is at."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Final, TypeVar

from picture_books import TODAY, make_desk, make_founded, make_practice
from PySide6.QtWidgets import QApplication

from vsla_desktop.app import Options, Program
from vsla_desktop.clock import FixedClock
from vsla_desktop.settings import DataFolder, Settings, ThemeChoice, save_settings
from vsla_desktop.views.pages.meeting import MeetingPage
from vsla_desktop.views.pages.page import Page

SIZE: Final = (1366, 768)
PATIENCE: Final = 20.0
P = TypeVar("P", bound=Page)
OPEN_MEETING = ("share-out", "votes", "keys", "slip")


class Stage:
    """Programs over books of their own, in the colours, size and language of a picture."""

    def __init__(self, app: QApplication, base: Path) -> None:
        self.app = app
        self.base = base
        self.theme = ThemeChoice.LIGHT
        self.percent = 100
        self.language = "en"
        self.office_url = ""
        self.servers = ExitStack()

    def program(self, name: str) -> Program:
        """A program over a folder of this name, made when it is first asked for."""
        folder = DataFolder(self.base / name)
        if not folder.path.exists():
            folder.path.mkdir(parents=True)
            if name in {"book", "plan", "sync"}:
                make_practice(folder, 4 if name == "plan" else 30)
            elif name == "young":
                make_practice(folder, 1)
            elif name == "paper":
                make_founded(folder)
            elif name == "past":
                make_practice(folder, 6, opens_meeting=True, days_ago=3)
            elif name in {"open", "funds", "phone", "codes"} or name.startswith(OPEN_MEETING):
                make_practice(folder, 12, opens_meeting=True)
            elif name == "desk":
                make_desk(folder)
            elif name == "damaged":
                folder.database.write_bytes(b"no book at all" * 500)
        program = self.start(Options(folder))
        wanted = {"empty": "first-start", "damaged": "opening"}.get(name, "")
        self.wait(lambda: program.window.current_key == wanted or program.group is not None)
        return program

    def start(self, options: Options) -> Program:
        """A program that opens a book of a folder, or another database."""
        choices = Settings(
            language=self.language,
            currency="UGX",
            theme=self.theme,
            text_percent=self.percent,
            window_width=SIZE[0],
            window_height=SIZE[1],
        )
        save_settings(options.folder, choices)
        program = Program(self.app, options, FixedClock(TODAY))
        program.start()
        return program

    def page(self, name: str, key: str) -> Program:
        """One page of a program."""
        program = self.program(name)
        program.shell.go_to(key)
        self.settle()
        return program

    def wait(self, is_so: Callable[[], bool]) -> None:
        """Let the program work until something is so."""
        end = time.monotonic() + PATIENCE
        while not is_so():
            if time.monotonic() > end:
                message = "the program does not come so far"
                raise TimeoutError(message)
            self.app.processEvents()
            time.sleep(0.005)

    def settle(self) -> None:
        """Let the program finish what it is at."""
        for _round in range(60):
            self.app.processEvents()
            time.sleep(0.005)


def meeting_part(program: Program, kind: type[P]) -> P:
    """The part of the meeting page that is shown."""
    page = program.window.page("meeting")
    if not isinstance(page, MeetingPage) or not isinstance(page.part, kind):
        message = "another part of the meeting is shown"
        raise TypeError(message)
    return page.part
