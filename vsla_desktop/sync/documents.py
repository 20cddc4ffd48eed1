"""Documents go after the rows that name them, and so do bundles that are carried for others.

A document lies in ``documents/`` under its SHA-256, whoever made it and however often it is named.
It goes in chunks, each kept when it has arrived, so that a broken connection costs one chunk. It
has its name only when all of it is there and has that SHA-256. A row may come before its document.

What is carried for others lies in ``carried/`` until head office has it; what is to be carried back
lies in ``carried/back/``.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from vsla_desktop.capture.blobs import CHUNK, DOCUMENTS, MOST_BUNDLE, MOST_DOCUMENT
from vsla_desktop.clock import Clock, SystemClock
from vsla_desktop.errors import RuleBroken, StorageError, SyncError
from vsla_desktop.sync.bundle_file import SUFFIX
from vsla_desktop.sync.centre import CancelledError
from vsla_desktop.sync.report import Failpoint, Progress, carry_on

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from vsla_desktop.db import Database
    from vsla_desktop.sync.centre import Conversation

FOLDER: Final = "documents"
CARRIED: Final = "carried"
BACK: Final = "back"

_DIGEST: Final = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Kept:
    """A document in its place: ``path`` is below the data folder, ``size`` in bytes."""

    sha256: str
    size: int
    path: str


@dataclass(frozen=True, slots=True)
class Exchanged:
    """How many documents went and came, and bundles of others that were handed in and fetched."""

    sent: int = 0
    received: int = 0
    handed_in: int = 0
    fetched: int = 0


def keep(data_dir: Path, file: Path) -> Kept:
    """Copy a file into the documents; the same content is kept once.

    Raises :class:`RuleBroken` for an empty file and one of more than 50 megabytes,
    :class:`StorageError` when it can not be read or kept.
    """
    folder = data_dir / FOLDER
    part = folder / f"{os.getpid()}-{id(file):x}.new"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        size = file.stat().st_size
        if not 0 < size <= MOST_DOCUMENT:
            raise RuleBroken(
                "Choose another file.",
                hint="A document has 1 byte to {most} megabytes.",
                field="file",
                most=MOST_DOCUMENT >> 20,
            )
        try:
            shutil.copyfile(file, part)
            digest = digest_of(part)
            _name(part, folder / digest)
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(
            "The document {file} could not be kept: {reason}",
            hint="Check that it can be read, and the free space here.",
            file=file.name,
            reason=error.strerror or str(error),
        ) from error
    return Kept(digest, size, f"{FOLDER}/{digest}")


def kept(data_dir: Path, sha256: str | None) -> Path | None:
    """Return the file of a document, None while it has not come. The name may be anything."""
    if sha256 is None or not _DIGEST.fullmatch(sha256):
        return None
    path = data_dir / FOLDER / sha256
    return path if path.is_file() else None


def put(data_dir: Path, content: bytes) -> str:
    """Keep a document that came in a file; return its SHA-256. Raises :class:`StorageError`."""
    digest = hashlib.sha256(content).hexdigest()
    folder = data_dir / FOLDER
    part = folder / f"{digest}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        part.write_bytes(content)
        _name(part, folder / digest)
    except OSError as error:
        raise _no_room(error) from error
    return digest


def note_known(local: Database, digests: Collection[str], clock: Clock) -> None:
    """Remember that head office has these documents."""
    now = clock.now().isoformat(sep=" ")
    with local.connection(writes=True) as connection:
        for each in digests:
            connection.exec_driver_sql(
                "INSERT OR IGNORE INTO sync_document (sha256, sent_at) VALUES (?, ?)", (each, now)
            )


def _no_room(error: OSError) -> StorageError:
    return StorageError(
        "A document could not be kept here: {reason}",
        hint="Free some space, then sync again.",
        reason=error.strerror or str(error),
    )


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def named(local: Database) -> set[str]:
    """Return the documents that the book names."""
    questions = (f"SELECT sha256 FROM {table} WHERE sha256 IS NOT NULL" for table in DOCUMENTS)
    with local.connection() as connection:
        found = connection.exec_driver_sql(" UNION ".join(questions)).scalars()
        return {each for each in found if _DIGEST.fullmatch(str(each))}


def exchange(
    local: Database,
    data_dir: Path,
    centre: Conversation,
    *,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    clock: Clock | None = None,
    failpoint: Failpoint = carry_on,
) -> Exchanged:
    """Send the documents that head office lacks, and fetch those that this laptop lacks.

    ``progress`` is told bytes, of all that go and come. What was cancelled or broken off goes on
    from there next time. Raises :class:`SyncError`, and :class:`StorageError` when the disk can
    not take them.
    """
    work = _Exchange(local, data_dir, centre, clock or SystemClock())
    work.progress, work.cancelled, work.failpoint = progress, cancelled, failpoint
    try:
        work.run()
    except CancelledError:
        pass
    except OSError as error:
        raise _no_room(error) from error
    return Exchanged(work.sent, work.received, work.handed_in, work.fetched)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What head office wants (from which chunk on; -1: it has it), and how large what it has is."""

    put: dict[str, int]
    get: dict[str, int]
    back: dict[str, int]

    @classmethod
    def of(cls, told: dict[str, Any]) -> _Answer:
        """Read the answer; a laptop that is shut out is told nothing here."""
        back = {each["sha256"]: each["size"] for each in told.get("returns", [])}
        sizes = [told.get("get", {}), back]
        for each in sizes:
            for digest, size in each.items():
                if not _DIGEST.fullmatch(digest) or not 0 < size <= MOST_BUNDLE:
                    raise SyncError("Head office gave an unknown answer.", hint="Update first.")
        return cls(told.get("put", {}), *sizes)


@dataclass
class _Exchange:
    """One exchange: what it has done so far."""

    local: Database
    data_dir: Path
    centre: Conversation
    clock: Clock
    progress: Progress | None = None
    cancelled: Callable[[], bool] = field(default=lambda: False)
    failpoint: Failpoint = carry_on
    sent: int = 0
    received: int = 0
    handed_in: int = 0
    fetched: int = 0
    _done: int = 0
    _total: int = 0

    def run(self) -> None:
        """Ask once, then send and fetch what the answer names."""
        names, sent = named(self.local), self._already_sent()
        here = {each: path for each in names if (path := kept(self.data_dir, each))}
        ours = {each: path for each, path in here.items() if each not in sent}
        wanted = sorted(names - here.keys())
        carried = {path.stem: path for path in waiting(self.data_dir)}
        asks_back = (self.data_dir / CARRIED).is_dir()
        if not (ours or wanted or carried or asks_back):
            return
        answer = _Answer.of(
            self.centre.exchange_blobs(
                {
                    "documents": _offers(ours),
                    "carried": _offers(carried),
                    "wanted": wanted,
                    "known": [each.stem for each in to_carry_back(self.data_dir)],
                }
            )
        )
        self._total = sum(answer.get.values()) + sum(answer.back.values())
        self._total += sum(
            max((ours | carried)[each].stat().st_size - start * CHUNK, 0)
            for each, start in answer.put.items()
            if start >= 0
        )
        for digest, start in answer.put.items():
            if digest in ours and self._send(digest, ours[digest], start):
                note_known(self.local, [digest], self.clock)
                self.sent += start >= 0
            elif digest in carried and self._send(digest, carried[digest], start):
                carried[digest].unlink()
                self.handed_in += 1
        folder = self.data_dir / FOLDER
        for digest, size in answer.get.items():
            if self._fetch(digest, size, folder / digest):
                note_known(self.local, [digest], self.clock)
                self.received += 1
        back = self.data_dir / CARRIED / BACK
        for digest, size in answer.back.items():
            self.fetched += self._fetch(digest, size, back / f"{digest}{SUFFIX}")

    def _send(self, digest: str, path: Path, start: int) -> bool:
        """Send a file from a chunk on; say whether head office has all of it."""
        if start >= 0 and digest_of(path) != digest:
            path.replace(path.with_name(f"{path.name}.damaged"))
            return False
        with path.open("rb") as file:
            while start >= 0:
                file.seek(start * CHUNK)
                content = file.read(CHUNK)
                if not content:
                    return False
                self._step("sending a document", 0)
                answer = self.centre.put_chunk(digest, start, content)
                if answer["answer"] != "ok":
                    return False
                start = answer["next"]
                self._step("sent a chunk", len(content))
        return True

    def _fetch(self, digest: str, size: int, path: Path) -> bool:
        """Fetch a file, from where it stopped; say whether all of it is there now."""
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{digest}.part")
        with part.open("ab") as file:
            start = min(file.tell(), size) // CHUNK
            file.truncate(start * CHUNK)
            self._step("fetching a document", start * CHUNK)
            for number in range(start, -(-size // CHUNK)):
                content = self.centre.get_chunk(digest, number)
                if content is None:
                    return False
                file.write(content)
                file.flush()
                self._step("fetched a chunk", len(content))
        if digest_of(part) != digest:
            part.unlink()
            return False
        self.failpoint("naming a document")
        _name(part, path)
        return True

    def _step(self, name: str, size: int) -> None:
        self.failpoint(name)
        self._done += size
        if self.progress is not None:
            self.progress(self._done, max(self._total, self._done))
        if self.cancelled():
            raise CancelledError

    def _already_sent(self) -> set[str]:
        with self.local.connection() as connection:
            return set(connection.exec_driver_sql("SELECT sha256 FROM sync_document").scalars())


def waiting(data_dir: Path) -> Iterator[Path]:
    """Return the bundles that wait to be handed in, each under its SHA-256."""
    return _bundles(data_dir / CARRIED)


def to_carry_back(data_dir: Path) -> Iterator[Path]:
    """Return the bundles that wait to be carried back."""
    return _bundles(data_dir / CARRIED / BACK)


def _bundles(folder: Path) -> Iterator[Path]:
    found = sorted(folder.glob(f"*{SUFFIX}"))
    return (each for each in found if _DIGEST.fullmatch(each.stem))


def _offers(files: dict[str, Path]) -> list[dict[str, object]]:
    return [{"sha256": each, "size": path.stat().st_size} for each, path in files.items()]


def _name(part: Path, path: Path) -> None:
    """Give a whole file its name once its content is sure to last."""
    with part.open("r+b") as file:
        os.fsync(file.fileno())
    part.replace(path)
