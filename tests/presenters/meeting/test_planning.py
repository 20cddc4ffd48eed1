"""Before the meeting: another day, no meeting at all, and what each kind asks for."""

from __future__ import annotations

from datetime import date

from tests.presenters.meeting.table import Table
from vsla_desktop.presenters.meeting import Stage
from vsla_desktop.presenters.meeting_planning import PlanningPresenter


def planning(table: Table) -> PlanningPresenter:
    assert table.presenter.planning is not None
    return table.presenter.planning


def test_the_next_meeting_is_moved_and_opened_on_its_new_day(met: Table) -> None:
    met.close()
    met.next_week()
    assert planning(met).title() == "Meeting 2, Monday 12 January 2026"
    planning(met).move("14/1/2026", "Rain")
    assert met.last_words() == "Moved to Wednesday 14 January 2026."
    assert planning(met).lines() == ["Meeting 2, 12 Jan 2026: moved to 14 Jan 2026. Rain"]
    assert met.opening.day == date(2026, 1, 14)
    met.open()
    assert met.stage() is Stage.SHEET
    met.close()
    met.presenter.next_meeting()
    assert planning(met).lines() == []
    assert met.opening.day == date(2026, 1, 19)


def test_a_cancelled_meeting_is_shown_and_the_one_after_it_proposed(met: Table) -> None:
    met.close()
    met.next_week()
    planning(met).cancel("A funeral")
    assert met.last_words() == "Meeting 2 is cancelled."
    assert planning(met).lines() == ["Meeting 2, 12 Jan 2026: cancelled. A funeral"]
    assert (met.opening.number_text, met.opening.day) == ("3", date(2026, 1, 19))


def test_what_is_missing_is_said_at_its_field_and_nothing_is_planned(met: Table) -> None:
    met.close()
    met.next_week()
    planning(met).move("soon", "Rain")
    assert set(planning(met).problems) == {"date"}
    planning(met).move("14/1/2026", " ")
    assert planning(met).problems == {"status_reason": "Say why."}
    planning(met).move("12/1/2026", "Rain")
    assert planning(met).problems == {"date": "Choose another day."}
    planning(met).cancel("")
    assert planning(met).problems == {"status_reason": "Say why."}
    met.presenter.load()
    assert planning(met).lines() == []


def test_each_kind_says_whether_the_roll_is_called(met: Table) -> None:
    met.close()
    met.next_week()
    said = {}
    for kind, _word in met.opening.kinds():
        met.opening.choose_kind(kind)
        said[kind] = met.opening.kind_sentence()
    assert said == {
        "REGULAR": "Everybody is called.",
        "SPECIAL": "No roll call is needed.",
        "ANNUAL": "Everybody is called.",
        "EMERGENCY": "No roll call is needed.",
    }


def test_other_meetings_are_planned_beside_the_next_and_held_on_their_day(met: Table) -> None:
    met.close()
    met.next_week()
    planning(met).plan("SPECIAL", "20/1/2026", "The school", "Choose a treasurer")
    assert met.last_words() == "Planned for Tuesday 20 January 2026."
    planning(met).plan("EMERGENCY", "12/1/2026", "", "The fire at Beatrice's")
    assert planning(met).lines() == [
        "Emergency, 12 Jan 2026: planned. The fire at Beatrice's.",
        "Special, 20 Jan 2026: planned. The school. Choose a treasurer.",
    ]
    opening = met.opening  # the emergency comes on the day of the next meeting, and first
    assert (opening.kind, opening.number_text) == ("EMERGENCY", "2")
    assert opening.plan_sentence() == "The fire at Beatrice's."
    opening.choose_kind("REGULAR")
    assert opening.plan_sentence() == ""
    planning(met).hold(1)
    assert (opening.kind, opening.number_text, opening.day) == (
        "SPECIAL",
        "2",
        date(2026, 1, 20),
    )
    assert opening.plan_sentence() == "The school. Choose a treasurer."
    planning(met).choose(1)
    assert planning(met).title() == "Special, Tuesday 20 January 2026"
    planning(met).move("21/1/2026", "The school is closed")
    assert planning(met).lines()[1] == (
        "Special, 20 Jan 2026: moved to 21 Jan 2026. The school is closed · The school. "
        "Choose a treasurer."
    )
    planning(met).choose(0)
    planning(met).cancel("Nothing burnt")
    assert planning(met).lines()[0] == (
        "Meeting 4, 12 Jan 2026: cancelled. Nothing burnt Emergency. · The fire at Beatrice's."
    )
    assert met.opening.kind == "REGULAR"
    planning(met).hold(1)
    met.open()
    assert met.stage() is Stage.SHEET
    assert met.presenter.meeting is not None
    assert met.presenter.meeting.book.sheet.kind == "SPECIAL"
    said = "Wednesday 21 January 2026 · Special · The school · Choose a treasurer"
    assert met.presenter.note.startswith(said)
    met.close()
    assert met.presenter.slip is not None
    assert met.presenter.slip.day == said


def test_a_plan_without_a_day_is_refused_at_its_field(met: Table) -> None:
    met.close()
    met.next_week()
    planning(met).plan("SPECIAL", "soon", "", "Choose a treasurer")
    assert set(planning(met).problems) == {"date"}
    planning(met).plan("SPECIAL", "20/1/2026", "", "x" * 300)
    assert planning(met).problems == {"purpose": "Enter at most 255 characters."}
    assert planning(met).lines() == []
