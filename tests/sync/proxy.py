"""A network between a laptop and head office that breaks, or stands still, after so many bytes."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Proxy:
    """Forward one port to another. ``limits`` are the bytes that pass up and down.

    Then it breaks, or does ``meanwhile`` and lets the rest through.
    """

    def __init__(
        self,
        target: int,
        up: int | None,
        down: int | None,
        meanwhile: Callable[[], None] | None = None,
    ) -> None:
        self._target = target
        self._limits = [up, down]
        self._meanwhile = meanwhile
        self.passed = [0, 0]
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self._threads: list[threading.Thread] = []
        self._sockets: list[socket.socket] = []
        self._start(self._accept)

    def break_after(self, *, up: int | None = None, down: int | None = None) -> None:
        """Break every connection once so many bytes have passed in all."""
        self._limits = [up, down]

    def mend(self) -> None:
        """Let new connections through."""
        self._limits = [None, None]

    def _start(self, target: object, *values: object) -> None:
        thread = threading.Thread(target=target, args=values, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._server.accept()
                far = socket.create_connection(("127.0.0.1", self._target))
                self._sockets += [near, far]
                self._start(self._pump, near, far, 0)
                self._start(self._pump, far, near, 1)

    def _pump(self, source: socket.socket, target: socket.socket, way: int) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 14):
                limit = self._limits[way]
                room = len(data) if limit is None else max(limit - self.passed[way], 0)
                target.sendall(data[:room])
                self.passed[way] += min(room, len(data))
                if room < len(data):
                    if self._meanwhile is None:
                        break
                    self._limits = [None, None]
                    self._meanwhile()
                    target.sendall(data[room:])
        for each in (source, target):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        for each in self._sockets:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)
        for each in self._sockets:
            each.close()


@contextmanager
def network(
    target: int,
    *,
    up: int | None = None,
    down: int | None = None,
    meanwhile: Callable[[], None] | None = None,
) -> Iterator[Proxy]:
    """Lend a network that breaks after ``up`` bytes to head office, or ``down`` bytes from it.

    With ``meanwhile`` it stands still there until that is done, and goes on.
    """
    proxy = Proxy(target, up, down, meanwhile)
    try:
        yield proxy
    finally:
        proxy.close()
