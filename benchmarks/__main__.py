"""``make bench``: every measurement against its baseline, taken in the same run.

Name some to run only those: ``make bench ARGS="entry push"``.
"""

from __future__ import annotations

import importlib
import sys

from benchmarks.measure import show

ALL = (
    "entry",
    "workbook_import",
    "start",
    "memory",
    "push",
    "pull",
    "market_day",
    "share_out",
    "cycle",
    "spreadsheet",
    "indicators",
    "programme_list",
)


def main(names: list[str]) -> int:
    """Run benchmarks one after another; the status says whether every bar was held."""
    measures = []
    for name in names or ALL:
        made = importlib.import_module(f"benchmarks.{name}").run()
        show(made)
        measures += made
    return 0 if all(each.ok for each in measures) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
