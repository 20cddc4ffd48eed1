"""Who hears of a change, and who no longer does."""

from __future__ import annotations

from vsla_desktop.presenters.events import Event


class Listener:
    def __init__(self) -> None:
        self.heard: list[int] = []

    def hear(self, number: int) -> None:
        self.heard.append(number)


def test_everyone_who_listens_hears_in_order() -> None:
    event: Event[[int]] = Event()
    heard: list[str] = []
    event.listen(lambda number: heard.append(f"first {number}"))
    event.listen(lambda number: heard.append(f"second {number}"))
    event(1)
    assert heard == ["first 1", "second 1"]


def test_a_method_does_not_keep_its_object_alive() -> None:
    event: Event[[int]] = Event()
    stays, goes = Listener(), Listener()
    event.listen(goes.hear)
    event.listen(stays.hear)
    gone = goes.heard
    event(1)
    del goes
    event(2)
    assert gone == [1]
    assert stays.heard == [1, 2]


def test_who_begins_to_listen_during_an_event_hears_the_next_one() -> None:
    event: Event[[int]] = Event()
    late = Listener()
    begun: list[int] = []

    def begin(number: int) -> None:
        if not begun:
            event.listen(late.hear)
        begun.append(number)

    event.listen(begin)
    event(1)
    event(2)
    assert late.heard == [2]
