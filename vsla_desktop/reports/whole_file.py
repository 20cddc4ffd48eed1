"""Writes a file so that it is there only when it is whole."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from vsla_desktop.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a name to write to, beside ``path``, and put it in its place when that went well.

    What was there before stays until then. Raises StorageError when the disk can not take it.
    """
    temporary: Path | None = None
    try:
        handle, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        yield temporary
        with temporary.open("rb+") as whole:
            os.fsync(whole.fileno())
        temporary.replace(path)
    except OSError as error:
        raise StorageError(
            "The file {name} can not be written.",
            hint="Check the disk and the folder; close the file if it is open.",
            name=path.name,
        ) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
