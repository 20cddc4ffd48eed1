"""Work elsewhere, and its answer on the screen's thread."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator
from functools import partial

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from vsla_desktop.errors import RuleBroken
from vsla_desktop.presenters.runner import Busy, Cancelled, InlineRunner, Lane, Progress
from vsla_desktop.views.qt_runner import QtRunner


class Asker:
    """Someone who asks for work and keeps the answers."""

    def __init__(self) -> None:
        self.answers: list[object] = []
        self.errors: list[Exception] = []
        self.threads: list[int] = []

    def done(self, answer: object) -> None:
        self.threads.append(threading.get_ident())
        self.answers.append(answer)

    def failed(self, error: Exception) -> None:
        self.errors.append(error)


@pytest.fixture
def asker() -> Asker:
    return Asker()


@pytest.fixture
def runner() -> Iterator[QtRunner]:
    runner = QtRunner()
    yield runner
    runner.close()


def test_work_is_done_elsewhere_and_answered_here(
    qtbot: QtBot, runner: QtRunner, asker: Asker
) -> None:
    runner.submit(threading.get_ident, asker.done, asker.failed, owner=asker)
    qtbot.waitUntil(lambda: bool(asker.answers))
    assert asker.answers != [threading.get_ident()]
    assert asker.threads == [threading.get_ident()]


def test_database_work_keeps_its_order_on_one_thread(
    qtbot: QtBot, runner: QtRunner, asker: Asker
) -> None:
    def job(number: int) -> tuple[int, int]:
        return number, threading.get_ident()

    for number in range(50):
        runner.submit(partial(job, number), asker.done, asker.failed, owner=asker)
    qtbot.waitUntil(lambda: len(asker.answers) == 50)
    assert [answer[0] for answer in asker.answers if isinstance(answer, tuple)] == list(range(50))
    assert len({answer[1] for answer in asker.answers if isinstance(answer, tuple)}) == 1


def test_slow_network_does_not_hold_up_the_database(
    qtbot: QtBot, runner: QtRunner, asker: Asker
) -> None:
    answered = threading.Event()
    runner.submit(
        lambda: answered.wait(10), asker.done, asker.failed, owner=asker, lane=Lane.NETWORK
    )
    runner.submit(lambda: "saved", asker.done, asker.failed, owner=asker)
    qtbot.waitUntil(lambda: asker.answers == ["saved"])
    answered.set()
    qtbot.waitUntil(lambda: asker.answers == ["saved", True])


def test_an_error_goes_to_the_asker_whatever_it_is(
    qtbot: QtBot, runner: QtRunner, asker: Asker
) -> None:
    def breaks() -> None:
        raise RuleBroken("Buy at most {most} shares.", most=5)

    runner.submit(breaks, asker.done, asker.failed, owner=asker)
    runner.submit(lambda: 1 // 0, asker.done, asker.failed, owner=asker)
    qtbot.waitUntil(lambda: len(asker.errors) == 2)
    assert [type(error) for error in asker.errors] == [RuleBroken, ZeroDivisionError]
    assert asker.answers == []


def test_nobody_is_called_once_the_owner_is_gone(qtbot: QtBot, runner: QtRunner) -> None:
    heard: list[object] = []

    class Page:
        def done(self, answer: object) -> None:
            heard.append(answer)

        def failed(self, error: Exception) -> None:
            heard.append(error)

    go_on = threading.Event()
    page = Page()
    runner.submit(lambda: go_on.wait(10), page.done, page.failed, owner=page)
    del page
    go_on.set()
    last = Asker()
    runner.submit(lambda: "next", last.done, last.failed, owner=last)
    qtbot.waitUntil(lambda: last.answers == ["next"])
    assert heard == []


def test_an_owner_can_be_forgotten_while_its_work_still_finishes(
    qtbot: QtBot, runner: QtRunner, asker: Asker
) -> None:
    written: list[str] = []
    go_on = threading.Event()

    def write() -> None:
        go_on.wait(10)
        written.append("row")

    runner.submit(write, asker.done, asker.failed, owner=asker)
    runner.forget(asker)
    go_on.set()
    other = Asker()
    runner.submit(lambda: 1, other.done, other.failed, owner=other)
    qtbot.waitUntil(lambda: other.answers == [1])
    assert written == ["row"]
    assert asker.answers == []


def test_a_deleted_window_is_not_called(qtbot: QtBot, runner: QtRunner, asker: Asker) -> None:
    window = QObject()
    go_on = threading.Event()
    runner.submit(lambda: go_on.wait(10), asker.done, asker.failed, owner=window)
    with qtbot.waitSignal(window.destroyed):
        window.deleteLater()
    go_on.set()
    other = Asker()
    runner.submit(lambda: 1, other.done, other.failed, owner=other)
    qtbot.waitUntil(lambda: other.answers == [1])
    assert asker.answers == []


def test_short_work_shows_nothing_and_long_work_is_shown_until_it_ends(
    qtbot: QtBot, runner: QtRunner, asker: Asker
) -> None:
    shown: list[Busy | None] = []
    runner.watch(shown.append)
    runner.submit(lambda: 1, asker.done, asker.failed, owner=asker)
    qtbot.waitUntil(lambda: asker.answers == [1])
    assert shown == []
    go_on = threading.Event()

    def job(progress: Progress) -> str:
        progress.step(3, 10)
        go_on.wait(10)
        return "done"

    runner.submit_long("Making a backup", job, asker.done, asker.failed, owner=asker)
    qtbot.waitUntil(lambda: bool(shown))
    assert shown == [Busy("Making a backup", 3, 10, can_cancel=True)]
    go_on.set()
    qtbot.waitUntil(lambda: shown[-1] is None)
    assert asker.answers == [1, "done"]


def test_cancelled_work_stops_at_its_next_step_and_calls_nobody(
    qtbot: QtBot, runner: QtRunner, asker: Asker
) -> None:
    begun, go_on = threading.Event(), threading.Event()
    stopped: list[bool] = []

    def job(progress: Progress) -> None:
        begun.set()
        go_on.wait(10)
        try:
            progress.step(1, 2)
        except Cancelled:
            stopped.append(True)
            raise

    asked = runner.submit_long("Import", job, asker.done, asker.failed, owner=asker)
    assert begun.wait(10)
    asked.cancel()
    go_on.set()
    qtbot.waitUntil(lambda: bool(stopped))
    other = Asker()
    runner.submit(lambda: 1, other.done, other.failed, owner=other)
    qtbot.waitUntil(lambda: other.answers == [1])
    assert asker.answers == []
    assert asker.errors == []


def test_closing_finishes_what_was_begun(asker: Asker) -> None:
    runner = QtRunner()
    written: list[int] = []
    for number in range(20):
        runner.submit(partial(written.append, number), asker.done, asker.failed, owner=asker)
    runner.close()
    assert written == list(range(20))


def test_the_inline_runner_answers_at_once_and_hides_no_fault(asker: Asker) -> None:
    runner = InlineRunner()
    runner.submit(lambda: 1, asker.done, asker.failed, owner=asker)
    runner.submit_long(
        "Import", lambda progress: progress.step(1, 2), asker.done, asker.failed, owner=asker
    )
    assert asker.answers == [1, None]
    assert runner.steps == [Busy("Import", 1, 2, can_cancel=True)]
    with pytest.raises(ZeroDivisionError):
        runner.submit(lambda: 1 // 0, asker.done, asker.failed, owner=asker)


def test_garbage_of_a_job_is_taken_away_on_the_screens_thread(
    qtbot: QtBot, runner: QtRunner, asker: Asker
) -> None:
    gone: list[int] = []

    def job() -> list[list[int]]:
        ring = Asker()
        ring.answers.append(ring)
        weakref.finalize(ring, lambda: gone.append(threading.get_ident()))
        return [[number] for number in range(10 * gc.get_threshold()[0])]

    runner.start_sweeping()
    runner.submit(job, asker.done, asker.failed, owner=asker)
    qtbot.waitUntil(lambda: bool(gone))
    assert gone == [threading.get_ident()]
