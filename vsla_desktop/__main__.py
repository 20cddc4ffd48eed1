"""``python -m vsla_desktop`` and ``vsla-desktop`` open the window."""

from __future__ import annotations

import builtins
import gc
import sys


def main() -> int:
    """Open the program."""
    # Nothing of what is imported now is garbage; the program turns the collector on again.
    gc.disable()
    import_qt()
    from vsla_desktop.app import run  # the command line's own errors need no window

    return run(sys.argv[1:])


def import_qt() -> None:
    """Import Qt and leave Python's import as it was.

    Qt's binding puts an import of its own in its place, which from then on reads the source of
    every module that is imported, to find those that ask for ``__feature__`` names; ours ask for
    none. Left there it doubles the time and the memory that SQLAlchemy takes to import.
    """
    plain = builtins.__import__
    import PySide6.QtWidgets  # noqa: F401 - for what it does

    builtins.__import__ = plain


if __name__ == "__main__":
    sys.exit(main())
