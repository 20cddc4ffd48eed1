"""``python -m vsla_desktop.cli`` is ``vsla``."""

from __future__ import annotations

from vsla_desktop.cli import main

main()
