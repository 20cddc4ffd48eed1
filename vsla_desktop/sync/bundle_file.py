"""The file that is carried by hand (``.vslab``): sealed to its receiver, signed by its sender.

::

    signature of the kind of file, 11 bytes
    length, and the header: JSON that whoever carries the file may read
    the key of the content, sealed to the receiver: 80 bytes
    chunks of the content: length (its top bit marks the last chunk), ChaCha20-Poly1305 ciphertext
    Ed25519 signature over the SHA-256 of everything before it: 64 bytes

The content is one zlib stream of parts: length and JSON that says what the part is, then length and
bytes. Chunks are numbered by their nonce and bound to the header, so none can be left out, repeated
or moved to another file. A file is copied first and wholly checked before its first part is handed
out; nothing in it is a path, and every length has a limit.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import shutil
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from vsla_desktop.errors import SyncError
from vsla_desktop.sync.keys import KEY_BYTES, SEALED_BYTES, SIGNATURE_BYTES, Keys, PublicKeys
from vsla_desktop.sync.pieces import LENGTH, Pieces
from vsla_desktop.sync.report import Failpoint, carry_on

SUFFIX: Final = ".vslab"
FORMAT: Final = 1
UP: Final = "up"
DOWN: Final = "down"

# As with pictures: a copy that took it for text, or cut its eighth bit, is seen at once.
MAGIC: Final = b"\x89VSLAB\r\n\x1a\n"
CHUNK: Final = 1 << 16
MOST_HEADER: Final = 1 << 14
MOST_FILE: Final = 4 << 30
MOST_INFO: Final = 1 << 20
MOST_PART: Final = 256 << 20
# Rows that are much alike pack to a twentieth; a file that is made to keep its reader busy to a
# thousandth. Besides one part of any kind, a file unpacks to so many times its size.
MOST_TIMES: Final = 50
LONGEST: Final = 255

_LAST: Final = 1 << 31
_TAG: Final = 16
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Header:
    """What whoever carries the file may know: no amounts, no people, no groups.

    ``device`` and ``name`` are the laptop that it comes from or goes to; ``to`` marks the key it is
    sealed to; ``first`` to ``last`` are the numbers of its batches, 0 when it has none; ``made`` is
    an instant in UTC.
    """

    kind: str
    device: str
    name: str
    epoch: str
    to: str
    first: int
    last: int
    made: str

    def as_bytes(self) -> bytes:
        """Write the header."""
        return json.dumps({"format": FORMAT, **asdict(self)}, ensure_ascii=False).encode()

    @classmethod
    def from_bytes(cls, content: bytes, file: str) -> Self:
        """Read a header. Raises :class:`SyncError`."""
        try:
            told = json.loads(content)
            version = told.pop("format")
            if isinstance(version, int) and version > FORMAT:
                raise SyncError(
                    "{file} was made by a newer version of the program.",
                    hint="Update this program first.",
                    file=file,
                )
            if not all(_sound(name, value) for name, value in told.items()):
                raise ValueError("not a header")  # noqa: TRY301 - one answer for what is wrong
            return cls(**told)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise damaged(file) from error


def _sound(name: str, value: Any) -> bool:
    """Say whether a value of the header is what it should be: people read it unchecked."""
    if name in {"first", "last"}:
        return type(value) is int and 0 <= value < 1 << 62
    if not isinstance(value, str) or len(value) > LONGEST or not value.isprintable():
        return False
    if name in {"device", "epoch"}:
        return bool(_UUID.fullmatch(value))
    return name != "kind" or value in {UP, DOWN}


@dataclass(frozen=True, slots=True)
class Part:
    """One thing in a file: ``info`` says which, ``content`` is its bytes."""

    info: dict[str, Any]
    content: bytes


def damaged(file: str) -> SyncError:
    """Return the refusal of a file that is not as it was made."""
    return SyncError(
        "{file} was damaged or changed on the way.",
        hint="Nothing was changed. Copy it again.",
        file=file,
    )


def cut_off(file: str) -> SyncError:
    """Return the refusal of a file whose end is missing."""
    return SyncError(
        "{file} is not whole: its end is missing.",
        hint="Nothing was changed. Copy it again.",
        file=file,
    )


class Writer:
    """Writes the parts of one file, chunk by chunk."""

    def __init__(self, file: IO[bytes], header: Header, own: Keys, to: PublicKeys) -> None:
        self._file = file
        self._own = own
        self._digest = hashlib.sha256()
        self._packing = zlib.compressobj(6)
        self._waiting = bytearray()
        self._count = 0
        key = secrets.token_bytes(KEY_BYTES)
        self._cipher = ChaCha20Poly1305(key)
        told = header.as_bytes()
        self._bound = hashlib.sha256(told).digest()
        self._put(MAGIC + LENGTH.pack(len(told)) + told + to.seal(key))

    def add(self, info: dict[str, Any], content: bytes = b"") -> None:
        """Add a part."""
        told = json.dumps(info, ensure_ascii=False).encode()
        for each in (told, content):
            self._waiting += self._packing.compress(LENGTH.pack(len(each)))
            self._waiting += self._packing.compress(each)
        self._whole_chunks()

    def finish(self) -> None:
        """Write what is left, and the signature."""
        self._waiting += self._packing.flush()
        self._whole_chunks()
        self._chunk(self._waiting, last=True)
        self._file.write(self._own.sign(self._digest.digest()))

    def _whole_chunks(self) -> None:
        while len(self._waiting) > CHUNK:
            self._chunk(self._waiting[:CHUNK])
            del self._waiting[:CHUNK]

    def _chunk(self, plain: bytearray, *, last: bool = False) -> None:
        sealed = self._cipher.encrypt(_nonce(self._count, last=last), bytes(plain), self._bound)
        self._put(LENGTH.pack(len(sealed) | (_LAST if last else 0)) + sealed)
        self._count += 1

    def _put(self, content: bytes) -> None:
        self._digest.update(content)
        self._file.write(content)


def _nonce(count: int, *, last: bool) -> bytes:
    return count.to_bytes(11) + bytes([last])


@contextmanager
def writing(
    path: Path, header: Header, own: Keys, to: PublicKeys, *, failpoint: Failpoint = carry_on
) -> Iterator[Writer]:
    """Write a file whole or not at all, and make it last before it has its name.

    Raises :class:`SyncError` when the place can not take it.
    """
    with _placing(path, failpoint) as file:
        writer = Writer(file, header, own, to)
        yield writer
        failpoint("writing the file")
        writer.finish()


@contextmanager
def _placing(path: Path, failpoint: Failpoint = carry_on) -> Iterator[IO[bytes]]:
    part = path.with_name(f".{path.name}.part")
    try:
        try:
            with part.open("wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            failpoint("naming the file")
            part.replace(path)
            _settle(path.parent)
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)
    except OSError as error:
        raise SyncError(
            "The file {file} could not be written: {reason}",
            hint="Check the stick and its free space.",
            file=path.name,
            reason=error.strerror or str(error),
        ) from error


def _settle(folder: Path) -> None:
    """Make a new name in a folder last, where the system has a way to ask for it."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


class Bundle:
    """A file whose framing is whole. Nobody has been believed yet."""

    def __init__(self, file: IO[bytes], name: str) -> None:
        self.name = name
        self._file = file
        self._digest = hashlib.sha256()
        self._file.seek(0)
        start = self._take(len(MAGIC))
        if start != MAGIC:
            raise not_a_bundle(name)
        size = self._length()
        if size > MOST_HEADER:
            raise damaged(name)
        told = self._take(size)
        self.header = Header.from_bytes(told, name)
        self._bound = hashlib.sha256(told).digest()
        self._sealed = self._take(SEALED_BYTES)
        self._chunks_at = self._file.tell()
        last = False
        while not last:
            size, last = self._chunk_length()
            self._take(size)
        self._signature = self._file.read(SIGNATURE_BYTES)
        if len(self._signature) < SIGNATURE_BYTES:
            raise cut_off(name)
        self.size = self._file.tell()
        if self._file.read(1):
            raise damaged(name)
        self._signed = self._digest.digest()
        self._digest.update(self._signature)
        self.sha256 = self._digest.hexdigest()

    def copy_to(self, path: Path) -> None:
        """Write the same file elsewhere, whole or not at all. Raises :class:`SyncError`."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file.seek(0)
        with _placing(path) as copy:
            shutil.copyfileobj(self._file, copy, 1 << 20)

    def parts(self, own: Keys, of: PublicKeys) -> Iterator[Part]:
        """Return what is in it, if ``of`` wrote it to us and every byte stands as it was written.

        Raises :class:`SyncError`.
        """
        if not of.proves(self._signature, self._signed):
            raise damaged(self.name)
        try:
            cipher = ChaCha20Poly1305(own.unseal(self._sealed))
        except ValueError as error:
            raise damaged(self.name) from error
        return self._parts(Pieces(self._unpacked(cipher), MOST_PART + MOST_TIMES * self.size))

    def _parts(self, plain: Pieces) -> Iterator[Part]:
        try:
            while True:
                told = plain.piece(MOST_INFO)
                if told is None:
                    return
                content = plain.piece(MOST_PART)
                info = json.loads(told)
                if content is None or not isinstance(info, dict):
                    raise damaged(self.name)
                yield Part(info, content)
        except (InvalidTag, zlib.error, ValueError, RecursionError) as error:
            raise damaged(self.name) from error

    def _unpacked(self, cipher: ChaCha20Poly1305) -> Iterator[bytes]:
        self._file.seek(self._chunks_at)
        unpacking = zlib.decompressobj()
        last, count = False, 0
        while not last:
            size, last = self._chunk_length()
            sealed = self._file.read(size)
            packed = cipher.decrypt(_nonce(count, last=last), sealed, self._bound)
            count += 1
            while packed:
                yield unpacking.decompress(packed, 1 << 20)
                packed = unpacking.unconsumed_tail
        yield unpacking.flush()
        if not unpacking.eof or unpacking.unused_data:
            raise damaged(self.name)

    def _take(self, size: int) -> bytes:
        content = self._file.read(size)
        self._digest.update(content)
        if len(content) < size:
            # Of a file that is shorter than its own start, nobody can say what it was.
            whole = self._file.tell() > len(MAGIC) or MAGIC.startswith(content)
            raise cut_off(self.name) if whole else not_a_bundle(self.name)
        return content

    def _length(self) -> int:
        value: int = LENGTH.unpack(self._take(LENGTH.size))[0]
        return value

    def _chunk_length(self) -> tuple[int, bool]:
        value = self._length()
        size, last = value & ~_LAST, bool(value & _LAST)
        if not _TAG <= size <= CHUNK + _TAG:
            raise damaged(self.name)
        return size, last


def not_a_bundle(file: str) -> SyncError:
    """Return the refusal of any other file."""
    return SyncError(
        "{file} is not a file for carrying entries.",
        hint="Choose a file that ends in .vslab.",
        file=file,
    )


@contextmanager
def opened(path: Path, folder: Path | None = None) -> Iterator[Bundle]:
    """Open a file: from a copy of our own, that nobody changes after it was checked.

    ``folder`` is where the copy may lie. Raises :class:`SyncError`.
    """
    with TemporaryFile(dir=folder) as copy:
        try:
            with path.open("rb") as source:
                if os.fstat(source.fileno()).st_size > MOST_FILE:
                    raise not_a_bundle(path.name)
                shutil.copyfileobj(source, copy, 1 << 20)
        except OSError as error:
            raise SyncError(
                "The file {file} can not be read.", hint="Choose the file again.", file=path.name
            ) from error
        yield Bundle(copy, path.name)
