"""What was typed of a group's paper books, kept in a file until it is entered.

Not rows of the book: half a baseline is no fact of the group, and rows would be counted and sent.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vsla_desktop.errors import StorageError


@dataclass(slots=True)
class PaperDraft:
    """The texts of one group's paper books: of each member by number, and of the whole group."""

    file: Path
    members: dict[str, dict[str, str]] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)

    def keep(self) -> None:
        """Write the texts whole or not at all, so that a power cut loses one cell at most."""
        waiting = self.file.with_suffix(".new")
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with waiting.open("w", encoding="utf-8") as out:
                json.dump({"members": self.members, "fields": self.fields}, out, indent=1)
                out.flush()
                os.fsync(out.fileno())
            waiting.replace(self.file)
        except OSError as error:
            raise StorageError(
                "What you typed could not be kept: {reason}",
                hint="Check the disk and its free space.",
                reason=error.strerror or str(error),
            ) from error

    def forget(self) -> None:
        """Remove the file: all of it is in the book now."""
        self.file.unlink(missing_ok=True)


def load_draft(folder: Path, group_code: str) -> PaperDraft:
    """Return what was typed of a group, empty if nothing was or the file makes no sense.

    A file that can not be read is kept beside, as ``.damaged``.
    """
    name = "".join(each if each.isalnum() or each in "-_" else "_" for each in group_code)
    file = folder / f"paper-{name}.json"
    try:
        stored = json.loads(file.read_text(encoding="utf-8"))
        members = {str(key): _texts(cells) for key, cells in stored["members"].items()}
        return PaperDraft(file, members, _texts(stored["fields"]))
    except FileNotFoundError:
        return PaperDraft(file)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        if file.is_file():
            file.replace(file.with_suffix(".damaged"))
        return PaperDraft(file)


def _texts(stored: Mapping[str, Any]) -> dict[str, str]:
    return {str(key): str(text) for key, text in stored.items()}
