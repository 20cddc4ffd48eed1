#!/usr/bin/env python3
"""Says in one sentence what this computer lacks before the program can be set up or opened.

Runs before anything of ours is installed, so it uses the standard library only and must itself
run on any Python 3. Root on Debian or Ubuntu gets what is missing; everybody else is told how to.

    python3 scripts/system_libraries.py python|screenless|window|spreadsheets
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST_PYTHON = (3, 11)
PURPOSES = ("python", "screenless", "window", "spreadsheets")

# Shared libraries that Qt is linked to, and the Debian packages they come from.
SCREENLESS = {
    "libglib-2.0.so.0": "libglib2.0-0",
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libX11.so.6": "libx11-6",
}
WINDOW_ON_X = {
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
WINDOW_ON_WAYLAND = {
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
}
# What opens and recalculates our spreadsheets in a test, as people's own program would.
SPREADSHEETS = {"soffice": "libreoffice-calc-nogui"}
FONT_PACKAGE = "fonts-dejavu-core"
FONT_FOLDERS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path("~/.fonts"),
    Path("~/.local/share/fonts"),
)


def loads(library: str) -> bool:
    """Tell whether the dynamic loader finds a shared library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def has_font() -> bool:
    """Tell whether there is any font: without one every letter is a box and nothing complains."""
    return any(
        file.suffix.lower() in {".ttf", ".otf", ".ttc"}
        for folder in FONT_FOLDERS
        for file in folder.expanduser().rglob("*")
    )


def missing_for_python() -> list[str]:
    """Return the package without which Debian's Python cannot make a virtual environment."""
    complete = all(importlib.util.find_spec(name) for name in ("venv", "ensurepip"))
    return [] if complete else ["python3-venv"]


def missing_for_qt(*, window: bool) -> list[str]:
    """Return the packages that Qt needs here, for pictures in memory or for a real window."""
    if not sys.platform.startswith("linux"):
        return []  # the wheels for macOS and Windows bring all they need
    wanted = dict(SCREENLESS)
    if window:
        on_wayland = os.environ.get("WAYLAND_DISPLAY") and not os.environ.get("DISPLAY")
        wanted |= WINDOW_ON_WAYLAND if on_wayland else WINDOW_ON_X
    packages = [package for library, package in wanted.items() if not loads(library)]
    return packages if has_font() else [*packages, FONT_PACKAGE]


def missing_for_spreadsheets() -> list[str]:
    """Return the package without which the test of spreadsheets cannot open one."""
    return [package for program, package in SPREADSHEETS.items() if shutil.which(program) is None]


def no_screen() -> str:
    """Return a sentence when there is nothing to open a window on; Qt would abort without one."""
    screens = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    if not sys.platform.startswith("linux") or any(os.environ.get(name) for name in screens):
        return ""
    return (
        "There is no screen here: open the program in a desktop session, or paint it unseen with "
        "'QT_QPA_PLATFORM=offscreen make run'."
    )


def install(packages: list[str]) -> bool:
    """Install Debian packages where we may; tell whether that was done."""
    apt = shutil.which("apt-get")
    if apt is None or not hasattr(os, "geteuid") or os.geteuid() != 0:
        return False
    print(f"Installing {' '.join(packages)} with apt-get.", file=sys.stderr)
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for step in (
        ["update"],
        ["install", "--yes", "--no-install-recommends", *packages],
    ):
        done = subprocess.run(
            [apt, "-qq", "-o", "Dpkg::Use-Pty=0", *step],
            env=quiet,
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,
            check=False,
        )
        if done.returncode != 0:
            return False
    return True


def main(purpose: str) -> str:
    """Check for one purpose, install what may be installed; return what a person must still do."""
    if sys.version_info < OLDEST_PYTHON:
        return (
            f"{sys.executable} is Python {sys.version.split()[0]}, and 3.11 or newer is needed: "
            "install one and name it, as in 'make test SYSTEM_PYTHON=python3.11'."
        )
    if purpose == "python":
        missing = missing_for_python()
    elif purpose == "spreadsheets":
        missing = missing_for_spreadsheets()
    else:
        missing = missing_for_qt(window=purpose == "window")
    if not missing or install(missing):
        return no_screen() if purpose == "window" else ""
    return (
        f"This computer lacks {', '.join(missing)}: as an administrator, run "
        f"'apt-get update && apt-get install {' '.join(missing)}' (on other systems, install the "
        "packages of the same names), then try again."
    )


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in PURPOSES:  # noqa: PLR2004
        sys.exit(f"Say what for: {', '.join(PURPOSES)}.")
    sys.exit(main(sys.argv[1]) or None)
