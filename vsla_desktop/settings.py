"""Where this laptop keeps its files, and the few choices that belong to the laptop, not a group.

The choices live in a small JSON file beside the database. They are never worth stopping for: a file
that cannot be read is put aside and the program starts with the usual choices.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

DATA_VARIABLE: Final = "VSLA_DATA"
SMALLEST_WINDOW: Final = (640, 480)


class ThemeChoice(StrEnum):
    """Which colours to draw in; ``SYSTEM`` follows the laptop."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Settings:
    """The choices of one laptop.

    ``language`` is empty until a person has chosen one. ``text_percent`` enlarges text and rows
    (100-150, as much as a small screen has room for). A window size of 0 means: not yet known.
    ``sync_by_itself`` lets the program meet head office without being asked.
    """

    language: str = ""
    currency: str = ""
    theme: ThemeChoice = ThemeChoice.SYSTEM
    text_percent: int = 100
    last_group_id: int | None = None
    window_width: int = 0
    window_height: int = 0
    window_maximised: bool = False
    sync_by_itself: bool = True


@dataclass(frozen=True, slots=True)
class DataFolder:
    """The folder that holds everything this laptop knows."""

    path: Path

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.path / "vsla.db"

    @property
    def documents(self) -> Path:
        """Scanned and photographed papers."""
        return self.path / "documents"

    @property
    def backups(self) -> Path:
        """Automatic backups, newest thirty."""
        return self.path / "backups"

    @property
    def settings_file(self) -> Path:
        """The choices of this laptop."""
        return self.path / "settings.json"


def data_folder(option: Path | None = None, environ: Mapping[str, str] | None = None) -> DataFolder:
    """Find the data folder: the ``--data`` option, else ``VSLA_DATA``, else the system's place."""
    if option is not None:
        return DataFolder(option.expanduser())
    named = (os.environ if environ is None else environ).get(DATA_VARIABLE, "")
    if named:
        return DataFolder(Path(named).expanduser())
    from platformdirs import user_data_path

    return DataFolder(user_data_path("vsla_desktop", appauthor=False))


def load_settings(folder: DataFolder) -> Settings:
    """Read the laptop's choices; what is missing or makes no sense has its usual value."""
    file = folder.settings_file
    try:
        stored = json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return Settings()
    except (OSError, ValueError):
        _put_aside(file)
        return Settings()
    if not isinstance(stored, dict):
        _put_aside(file)
        return Settings()
    return _understood(stored)


def save_settings(folder: DataFolder, settings: Settings) -> bool:
    """Write the choices whole or not at all; tell whether they were written.

    A full or read-only disk loses only the choices, so it is an answer and not an error.
    """
    file = folder.settings_file
    waiting = file.with_suffix(".json.new")
    try:
        folder.path.mkdir(parents=True, exist_ok=True)
        with waiting.open("w", encoding="utf-8") as out:
            json.dump(asdict(settings), out, indent=1, sort_keys=True)
            out.flush()
            os.fsync(out.fileno())
        waiting.replace(file)
    except OSError:
        with suppress(OSError):
            waiting.unlink(missing_ok=True)
        return False
    return True


def resource_path(*parts: str) -> Path:
    """The path of a file that ships with the program: icons, catalogues, page templates."""
    package = Path(__file__).parent
    checkout = package.parent / "resources"
    root = checkout if checkout.is_dir() else package / "_resources"
    return root.joinpath(*parts)


def _put_aside(file: Path) -> None:
    """Keep a file that cannot be read, out of the way, for whoever wants to look at it."""
    try:
        file.replace(file.with_suffix(".json.damaged"))
    except OSError:
        return


def _understood(stored: Mapping[str, Any]) -> Settings:
    settings = Settings()
    for field in fields(Settings):
        if field.name in stored:
            value = _checked(field.name, stored[field.name])
            if value is not _MEANINGLESS:
                settings = replace(settings, **{field.name: value})
    return settings


_MEANINGLESS: Final = object()


def _checked(name: str, value: Any) -> Any:
    match name, value:
        case (("language" | "currency"), str()):
            return value
        case "theme", str() if value in set(ThemeChoice):
            return ThemeChoice(value)
        case (("window_maximised" | "sync_by_itself"), bool()):
            return value
        case _, bool():
            return _MEANINGLESS
        case "text_percent", int():
            return min(max(value, 100), 150)
        case "last_group_id", (int() | None):
            return value
        case "window_width", int():
            return max(value, SMALLEST_WINDOW[0])
        case "window_height", int():
            return max(value, SMALLEST_WINDOW[1])
    return _MEANINGLESS
