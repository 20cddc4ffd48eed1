"""What can go wrong, said so that a treasurer knows what happened and what to do next.

Every error that a person may see is a :class:`VslaError`. It keeps its sentence as a template and
its values apart, so that the sentence can be shown in the person's own language; ``str(error)`` is
the English sentence. Anything else that is raised is a fault of the program.
"""

from __future__ import annotations

from typing import Any


class VslaError(Exception):
    """A sentence for a person: what happened, and a hint that says what to do next.

    ``message`` and ``hint`` are templates for :meth:`str.format`; ``values`` fill them. Amounts and
    dates are passed already written the way the person writes them.
    """

    def __init__(self, message: str, *, hint: str = "", **values: Any) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.values = values

    def __str__(self) -> str:
        text = self.message.format(**self.values)
        return f"{text} {self.hint.format(**self.values)}" if self.hint else text


class RuleBroken(VslaError):  # noqa: N818 - named as the group would say it
    """What was entered breaks a rule of the group or of bookkeeping; nothing was changed.

    ``field`` names the field or cell where it was typed, so that the sentence can stand there.
    """

    def __init__(self, message: str, *, hint: str = "", field: str = "", **values: Any) -> None:
        super().__init__(message, hint=hint, **values)
        self.field = field


class StorageError(VslaError):
    """The database could not be read or written: full, locked, damaged, or newer than us."""


class SyncError(VslaError):
    """Head office could not be told, or refused what it was told."""


class OfflineError(SyncError):
    """There is no way to head office now: a quiet, normal state."""
