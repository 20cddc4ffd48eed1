"""A group of five full years, 25 members who met every week: what a long-lived laptop opens.

Making it through the services takes about half a minute, so it is kept under ``build/`` until
what it is made by changes, or the day does.
"""

from __future__ import annotations

import hashlib
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Final

from vsla_desktop import db
from vsla_desktop.clock import SystemClock
from vsla_desktop.services import cycles
from vsla_desktop.services.practice import create_practice
from vsla_desktop.settings import DataFolder, Settings, save_settings

MEMBERS: Final = 25
MEETINGS: Final = 260
_SEED: Final = 3
_HERE: Final = Path(__file__).parents[1]
_KEPT: Final = _HERE / "build" / "benchmarks"
_MADE_BY: Final = (
    "alembic/versions",
    "benchmarks/five_years.py",
    *(
        f"vsla_desktop/{part}"
        for part in ("capture", "columns.py", "db", "derived", "domain", "models.py", "services")
    ),
)


def make_folder(folder: Path) -> None:
    """Make the data folder of a laptop with this group, its window 1366 x 768."""
    data = DataFolder(folder)
    folder.mkdir(parents=True)
    shutil.copyfile(_book(), data.database)
    save_settings(data, Settings(language="en", window_width=1366, window_height=768))


def _book() -> Path:
    kept = _KEPT / f"five-years-{_print_of_makers()}.db"
    if not kept.exists():
        shutil.rmtree(_KEPT, ignore_errors=True)
        database = db.open_database(kept.with_suffix(".part"))
        # All in one cycle, which is the most that a page can have to read, and longer than the
        # rules let a cycle last.
        usual, cycles.LONGEST = cycles.LONGEST, timedelta(weeks=2 * MEETINGS)
        create_practice(
            database, groups=1, members=MEMBERS, meetings=MEETINGS, seed=_SEED, clock=SystemClock()
        )
        cycles.LONGEST = usual
        database.close()
        kept.with_suffix(".part").rename(kept)
    return kept


def _print_of_makers() -> str:
    digest = hashlib.sha256(SystemClock().today().isoformat().encode())
    for name in _MADE_BY:
        place = _HERE / name
        for file in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
