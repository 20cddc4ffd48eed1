"""How much memory the open program holds, its book open and Home's figures read.

The baseline is an empty PySide6 window in the same run. Both are resident memory, shared libraries
included, as the system's own list of programs shows it. What the program holds when three more
pages have been opened has no bar: it is told so that nobody saves at the start what is spent at
the first click.
"""

from __future__ import annotations

import math
import tempfile
from pathlib import Path

from benchmarks.five_years import make_folder
from benchmarks.measure import Measure, measured
from benchmarks.start import EMPTY, PROGRAM, child

BAR = 2.0
MEGABYTE = 1024.0
_SAY = """
def resident():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
"""
_CLOSE = """    def seen(self):
        self.program.window.close()
"""
_GO_ON = """    def seen(self):
        said["resident"] = resident()
        self.pages = ["cashbook", "members", "meeting"]
        self.turn()
    def turn(self):
        if not self.program.runner.is_idle:
            QTimer.singleShot(1, self.turn)
        elif self.pages:
            self.program.shell.go_to(self.pages.pop())
            self.program.window.repaint()
            QTimer.singleShot(50, self.turn)
        else:
            said["after_pages"] = resident()
            self.program.window.close()
"""


def run() -> list[Measure]:
    """Measure the open program against the empty window."""
    empty_code = _SAY + EMPTY.replace('{"painted"', '{"resident": resident(), "painted"')
    program_code = _SAY + PROGRAM.replace(_CLOSE, _GO_ON)
    with tempfile.TemporaryDirectory() as base:
        folder, cache = Path(base) / "data", Path(base) / "cache"
        make_folder(folder)
        for code in (empty_code, program_code):
            child(code, "--data", str(folder), cache=cache)
        _began, empty = child(empty_code, cache=cache)
        _began, program = child(program_code, "--data", str(folder), cache=cache)
    return [
        measured(
            name, program[key] / MEGABYTE, empty["resident"] / MEGABYTE, at_most=bar, unit="MB"
        )
        for name, key, bar in (
            ("memory, program open", "resident", BAR),
            ("memory, three more pages opened", "after_pages", math.inf),
        )
    ]


if __name__ == "__main__":
    from benchmarks.measure import show

    show(run())
