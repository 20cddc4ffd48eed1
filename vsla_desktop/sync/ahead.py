"""Asking head office for what comes next while what came before is being written.

What will be asked can mostly be told from the answer: where it leads. Whether that was right is
seen when the answer before it is written; what was asked in vain is left alone, and asked again.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future
    from types import TracebackType

    from vsla_desktop.sync.centre import Centre
    from vsla_desktop.sync.lines import Head


class Ahead:
    """Questions to head office, one after another. ``before`` is told of each piece that comes."""

    def __init__(self, centre: Centre, before: Callable[[int], None]) -> None:
        self.seconds = 0.0
        """How long the last answer took to come."""
        self._centre = centre
        self._before = before
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="asking")
        self._request: dict[str, Any] | None = None
        self._answer: Future[list[str]] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._answer is not None and not self._answer.done():
            self._centre.interrupt()
        self._thread.shutdown()

    def begin(self, request: dict[str, Any]) -> None:
        """Ask this; the answer is fetched later."""
        self._request = request
        self._answer = self._thread.submit(self._ask, request)

    def lines(self, request: dict[str, Any]) -> list[str]:
        """Return the answer to this question. Raises :class:`SyncError` when there is none."""
        if self._answer is not None:
            answer, asked = self._answer, self._request
            self._answer = self._request = None
            lines = answer.result()
            if asked == request:
                return lines
        return self._ask(request)

    def _ask(self, request: dict[str, Any]) -> list[str]:
        started = time.monotonic()
        lines = self._centre.pull(request, self._before)
        self.seconds = time.monotonic() - started
        return lines


def foretold(request: dict[str, Any], head: Head, size: int) -> dict[str, Any] | None:
    """Return what will be asked once an answer is written, None where that remains to be seen."""
    if head.answer != "ok" or not any(each.more for each in head.scopes):
        return None
    lo, page, whole = dict(request["lo"]), dict(request["page"]), list(request["whole"])
    for told in head.scopes:
        if told.anew or (told.start is not None and not told.more):
            return None
        lo.setdefault(told.su, "0")
        if told.su not in request["lo"]:
            whole.append(told.su)
        if told.more and told.page is not None:
            page[told.su] = list(told.page)
        elif not told.more:
            lo[told.su] = str(head.hi)
            if told.su in whole:
                whole.remove(told.su)
    told_once = {name: value for name, value in request.items() if name != "count"}
    return {**told_once, "lo": lo, "page": page, "whole": whole, "limit": size}
