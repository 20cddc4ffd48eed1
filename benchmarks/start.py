"""How long a person looks at nothing: from the start of the process to the painted window.

The program opens on a group of five years, 260 meetings of 25 members, its Home with every figure
on it; the baseline is an empty PySide6 window, in the same run, one after the other. What Home
shows first is what it showed last, and only where the book is the same to the byte; the second
line is the moment when the figures have been read anew.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.five_years import make_folder
from benchmarks.measure import Measure, measured

ROUNDS = 7
CHILD_SECONDS = 60  # a fault in the program leaves its window open
BAR = 2.5
READ_ANEW_BAR = 9.0

EMPTY = """
import json, sys, time
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow
app = QApplication([])
class Window(QMainWindow):
    def paintEvent(self, event):
        super().paintEvent(event)
        QTimer.singleShot(0, self.painted)
    def painted(self):
        print(json.dumps({"painted": time.monotonic()}))
        app.quit()
window = Window()
window.resize(1366, 768)
window.show()
app.exec()
"""

PROGRAM = """
import json, sys, time
from vsla_desktop.__main__ import prepare
prepare()
from PySide6.QtCore import QEvent, QObject, QTimer
from vsla_desktop import app as program_module
said = {}
class Watch(QObject):
    def __init__(self, program):
        super().__init__()
        self.program = program
    def eventFilter(self, watched, event):
        if event.type() is QEvent.Type.Paint and "painted" not in said:
            QTimer.singleShot(0, self.painted)
        return False
    def painted(self):
        if "painted" in said:
            return
        said["painted"] = time.monotonic()
        page = self.program.window.page("home")
        said["figures"] = len(page.cards) if page is not None else 0
        self.look()
    def look(self):
        home = self.program.pages.presenters.get("home")
        if self.program.book is not None and home is not None and self.program.runner.is_idle:
            said["read_anew"] = time.monotonic()
            self.seen()
        else:
            QTimer.singleShot(1, self.look)
    def seen(self):
        self.program.window.close()
start = program_module.Program.start
def watched_start(self):
    self.watch = Watch(self)
    self.window.installEventFilter(self.watch)
    start(self)
program_module.Program.start = watched_start
program_module.run(sys.argv[1:])
print(json.dumps(said))
"""


def child(code: str, *arguments: str, cache: Path) -> tuple[float, dict[str, float]]:
    """Run a child; return when it was started and what it says.

    Both children find their modules compiled, as installed programs do, in ``cache``.
    """
    environment = {
        **os.environ,
        "QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen"),
        "PYTHONPYCACHEPREFIX": str(cache),
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    began = time.monotonic()
    try:
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            capture_output=True,
            text=True,
            check=True,
            timeout=CHILD_SECONDS,
            env=environment,
            cwd=Path(__file__).parents[1],
        )
    except subprocess.SubprocessError as error:
        print(error.stderr, file=sys.stderr)  # type: ignore[attr-defined]
        raise
    told: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return began, told


def run() -> list[Measure]:
    """Measure the start against the empty window."""
    with tempfile.TemporaryDirectory() as base:
        folder, cache = Path(base) / "data", Path(base) / "cache"
        make_folder(folder)
        for code in (EMPTY, PROGRAM):  # the first time nothing is compiled, and nothing was seen
            child(code, "--data", str(folder), cache=cache)
        empty, painted, anew = [], [], []
        for _round in range(ROUNDS):
            began, told = child(EMPTY, cache=cache)
            empty.append(told["painted"] - began)
            began, told = child(PROGRAM, "--data", str(folder), cache=cache)
            if not told["figures"]:
                message = "the first picture has no figures"
                raise AssertionError(message)
            painted.append(told["painted"] - began)
            anew.append(told["read_anew"] - began)
    baseline = statistics.median(empty)
    return [
        measured("start, window painted", statistics.median(painted), baseline, at_most=BAR),
        measured(
            "start, figures read anew", statistics.median(anew), baseline, at_most=READ_ANEW_BAR
        ),
    ]


if __name__ == "__main__":
    from benchmarks.measure import show

    show(run())
