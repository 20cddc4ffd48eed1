"""Puts migrations and resources inside a built wheel; everything else is in pyproject.toml.

In a checkout they are the top folders ``alembic/`` and ``resources/``. A wheel has them as
``vsla_desktop/_alembic`` and ``vsla_desktop/_resources``. The program looks in the checkout first.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithFolders(build_py):
    """Builds the package, and copies the folders that stand beside it."""

    def run(self) -> None:
        """Build as usual; an editable install uses the checkout's own folders."""
        super().run()
        if self.editable_mode:
            return
        root = Path(__file__).parent
        for folder in ("alembic", "resources"):
            shutil.copytree(
                root / folder,
                Path(self.build_lib) / "vsla_desktop" / f"_{folder}",
                ignore=shutil.ignore_patterns("__pycache__"),
                dirs_exist_ok=True,
            )


setup(cmdclass={"build_py": BuildWithFolders})
