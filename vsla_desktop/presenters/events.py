"""How a presenter says that something on its screen changed."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any, ClassVar, Generic, ParamSpec, cast

P = ParamSpec("P")


def held_weakly(callback: Callable[P, Any]) -> Callable[[], Callable[P, Any] | None]:
    """A way to reach ``callback`` that keeps no owner alive: its method's owner may go.

    A plain function or lambda has no owner and is kept.
    """
    if getattr(callback, "__self__", None) is not None and hasattr(callback, "__func__"):
        # The type of WeakMethod says less than what it holds.
        return cast("Callable[[], Callable[P, Any] | None]", weakref.WeakMethod(callback))
    return lambda: callback


class Event(Generic[P]):
    """A list of who wants to know. A method listens only as long as its object lives.

    A toolkit may delete what an object stands for before the object goes: ``exists`` tells, and
    the views set it to what their toolkit knows.
    """

    __slots__ = ("_listeners",)

    exists: ClassVar[Callable[[object], bool]] = staticmethod(lambda _owner: True)

    def __init__(self) -> None:
        self._listeners: list[Callable[[], Callable[P, Any] | None]] = []

    def listen(self, listener: Callable[P, Any]) -> None:
        """Call ``listener`` at every event from now on."""
        self._listeners.append(held_weakly(listener))

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Tell everyone who still lives, in the order in which they came."""
        for reach in tuple(self._listeners):
            listener = self._living(reach)
            if listener is not None:
                listener(*args, **kwargs)
        # Someone may have begun to listen meanwhile, or gone.
        self._listeners = [reach for reach in self._listeners if self._living(reach)]

    def _living(self, reach: Callable[[], Callable[P, Any] | None]) -> Callable[P, Any] | None:
        listener = reach()
        owner = getattr(listener, "__self__", None)
        return listener if owner is None or Event.exists(owner) else None
