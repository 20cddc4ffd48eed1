"""How much memory the open program holds, its book open and Home's figures read.

The baseline is an empty PySide6 window in the same run. Both are resident memory, shared libraries
included, as the system's own list of programs shows it.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.measure import Measure, measured
from benchmarks.start import EMPTY, PROGRAM, child, make_book

BAR = 2.0
MEGABYTE = 1024.0
# What each child says last is completed with what it holds at that moment.
_SAY = """
def resident():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
"""


def run() -> list[Measure]:
    """Measure the open program against the empty window."""
    empty_code = _SAY + EMPTY.replace('{"painted"', '{"resident": resident(), "painted"')
    program_code = _SAY + PROGRAM.replace(
        "            self.program.window.close()",
        '            said["resident"] = resident()\n            self.program.window.close()',
    )
    with tempfile.TemporaryDirectory() as base:
        folder, cache = Path(base) / "data", Path(base) / "cache"
        make_book(folder)
        for code in (empty_code, program_code):
            child(code, "--data", str(folder), cache=cache)
        _began, empty = child(empty_code, cache=cache)
        _began, program = child(program_code, "--data", str(folder), cache=cache)
    return [
        measured(
            "memory, program open",
            program["resident"] / MEGABYTE,
            empty["resident"] / MEGABYTE,
            at_most=BAR,
            unit="MB",
        )
    ]


if __name__ == "__main__":
    from benchmarks.measure import show

    show(run())
