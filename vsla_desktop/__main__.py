"""``python -m vsla_desktop`` and ``vsla-desktop`` open the window."""

from __future__ import annotations

import builtins
import gc
import importlib
import inspect
import sys
from types import ModuleType
from typing import Any


def main() -> int:
    """Open the program."""
    prepare()
    from vsla_desktop.app import run  # the command line's own errors need no window

    return run(sys.argv[1:])


def prepare() -> None:
    """Get ready to import the program: what is imported comes fast, and takes little memory."""
    # Nothing of what is imported now is garbage; the program sweeps by itself later.
    gc.disable()
    _import_qt()
    _put_off_imports()


def _import_qt() -> None:
    """Import Qt and leave Python's import as it was.

    Qt's binding puts an import of its own in its place, which from then on reads the source of
    every module that is imported, to find those that ask for ``__feature__`` names; ours ask for
    none. Left there it doubles the time and the memory that SQLAlchemy takes to import.
    """
    plain = builtins.__import__
    import PySide6.QtWidgets  # noqa: F401 - for what it does

    builtins.__import__ = plain


class PutOff(ModuleType):
    """Stands in a module's place; the first name asked of it brings the module itself."""

    def __getattr__(self, name: str) -> Any:
        """Import the module, and answer for it from now on."""
        if sys.modules.get(self.__name__) is self:
            sys.modules.pop(self.__name__, None)
        self.__dict__.update(vars(importlib.import_module(self.__name__)))
        try:
            return self.__dict__[name]
        except KeyError:
            message = f"module {self.__name__!r} has no attribute {name!r}"
            raise AttributeError(message) from None


def _put_off_imports() -> None:
    """Put off what SQLAlchemy imports for uses that an open book seldom or never has.

    It asks no database asynchronously here, and looks for no drivers among installed packages;
    hashing belongs to seals and to sending. Together, with OpenSSL, they take 8 MB.
    """
    put_off = {name: PutOff(name) for name in ("asyncio", "hashlib", "importlib.metadata")}
    for name, module in put_off.items():
        sys.modules.setdefault(name, module)
    if not hasattr(importlib, "metadata"):
        importlib.metadata = put_off["importlib.metadata"]
    # The one name that SQLAlchemy takes while it is imported.
    put_off["asyncio"].iscoroutine = inspect.iscoroutine  # type: ignore[attr-defined]


if __name__ == "__main__":
    sys.exit(main())
