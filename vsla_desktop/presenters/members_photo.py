"""The photograph of a member: kept in the documents of the data folder under a name that we make.

What a person chooses is only ever read. The copy that is kept is made anew and small, and the book
names it by its place below the data folder; a name of any other shape is not followed.
"""

from __future__ import annotations

import re
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Final

from vsla_desktop.errors import RuleBroken, StorageError
from vsla_desktop.i18n import _

if TYPE_CHECKING:
    from vsla_desktop.presenters.members import MembersPresenter

LONGEST_SIDE: Final = 512
"""The most pixels of either side of a photograph that is kept."""
LARGEST_FILE: Final = 20 * 1024 * 1024
KINDS: Final = ("jpg", "jpeg", "png", "webp", "bmp")
_FOLDER: Final = "documents"
_SHAPE: Final = re.compile(rf"{_FOLDER}/member-[0-9a-f]{{32}}\.jpg")


def check_picture(file: Path) -> None:
    """Raise :class:`RuleBroken` for a file that is no picture or too large to be one."""
    if file.suffix.lower().lstrip(".") not in KINDS:
        raise RuleBroken("Choose a picture.", hint="A file that ends in .jpg or .png.")
    try:
        size = file.stat().st_size
    except OSError as error:
        raise RuleBroken("This file can not be read.", hint="Choose another.") from error
    if size > LARGEST_FILE:
        raise RuleBroken("Choose a smaller picture.", hint="At most 20 megabytes.")


def not_a_picture() -> RuleBroken:
    """The refusal of a file that only says that it is a picture."""
    return RuleBroken("This is no picture.", hint="Choose another file.")


def kept_photo(folder: Path, photo_path: str) -> Path | None:
    """The file of a photograph that the book names; nothing where the name is not one of ours."""
    if not _SHAPE.fullmatch(photo_path):
        return None
    file = folder / photo_path
    return file if file.is_file() else None


class PhotoPresenter:
    """Keeps the photograph of one member, or takes it away."""

    def __init__(self, members: MembersPresenter, member_id: int, photo_path: str) -> None:
        self.members = members
        self.member_id = member_id
        self.photo_path = photo_path

    def file(self) -> Path | None:
        """The photograph that is kept."""
        return kept_photo(self.members.folder, self.photo_path)

    def keep(self, picture: bytes) -> None:
        """Keep a photograph, small and made anew as JPEG by the view."""
        self._write(f"{_FOLDER}/member-{secrets.token_hex(16)}.jpg", picture)

    def remove(self) -> None:
        """Take the photograph away."""
        self._write("", b"")

    def _write(self, name: str, picture: bytes) -> None:
        members, member_id, old = self.members, self.member_id, self.file()

        def job() -> None:
            from vsla_desktop.services.members import set_photo

            if name:
                _put(members.folder / name, picture)
            with members.database.write() as session:
                set_photo(session, member_id, name, clock=members.clock)
            if old is not None:
                old.unlink(missing_ok=True)

        members.runner.submit(job, self._done, members.shell.say_error, owner=self)

    def _done(self, _nothing: None) -> None:
        self.members.shell.say(_("Saved."))
        self.members.open_member(self.member_id)


def _put(file: Path, picture: bytes) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(picture)
    except OSError as error:
        raise StorageError(
            "The picture could not be kept: {reason}",
            hint="Free some space, then try again.",
            reason=error.strerror or str(error),
        ) from error
