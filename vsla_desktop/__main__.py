"""``python -m vsla_desktop`` and ``vsla-desktop`` open the window."""

from __future__ import annotations

import sys


def main() -> int:
    """Open the program."""
    from vsla_desktop.app import run  # the command line's own errors need no window

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
