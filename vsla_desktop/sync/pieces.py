"""A stream in pieces that say how long they are, with an end to how much it may be."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

LENGTH: Final = struct.Struct(">I")


class Pieces:
    """Reads pieces from what a source yields: at most ``room`` bytes in all."""

    def __init__(self, source: Iterator[bytes], room: int) -> None:
        self._source = source
        self._room = room
        self._buffer = bytearray()

    def piece(self, most: int) -> bytes | None:
        """Return the next piece, None at the end. Raises :class:`ValueError` when it is cut.

        So does a piece of more than ``most`` bytes, and what leaves no room.
        """
        self._fill(LENGTH.size)
        if not self._buffer:
            return None
        size = LENGTH.unpack(self._cut(LENGTH.size))[0]
        if size > most:
            raise ValueError("too long")
        self._fill(size)
        return self._cut(size)

    def _fill(self, size: int) -> None:
        while len(self._buffer) < size:
            more = next(self._source, None)
            if more is None:
                return
            self._room -= len(more)
            if self._room < 0:
                raise ValueError("too much")
            self._buffer += more

    def _cut(self, size: int) -> bytes:
        if len(self._buffer) < size:
            raise ValueError("cut off")
        content = bytes(self._buffer[:size])
        del self._buffer[:size]
        return content
