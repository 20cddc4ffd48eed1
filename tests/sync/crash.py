"""A laptop whose power fails at a step: python -m tests.sync.crash FOLDER STEP."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from vsla_desktop import db, sync

POWER_CUT = 99


def main(folder: Path, fatal: str) -> None:
    def failpoint(step: str) -> None:
        if step == fatal:
            os._exit(POWER_CUT)

    sync.run(db.open_database(folder / "vsla.db"), folder, failpoint=failpoint)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
