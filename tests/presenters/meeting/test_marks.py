"""A wrong mark of a closed meeting is put right where it is seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from vsla_desktop.domain.meeting import AttendanceStatus as Mark
from vsla_desktop.presenters.meeting import Stage
from vsla_desktop.queries.seals import verify_seals
from vsla_desktop.queries.tables import ATTENDANCE, FINES

if TYPE_CHECKING:
    from tests.presenters.meeting.table import Table
    from vsla_desktop.presenters.mark_correction import MarkCorrectionPresenter
    from vsla_desktop.presenters.meeting_roll import RollPresenter


@pytest.fixture
def missed(met: Table) -> Table:
    """In the first meeting Beatrice was marked as absent, and fined; the second one is open."""
    met.type("Beatrice", "attendance", "a")
    met.close()
    met.next_week()
    met.open()
    met.usual("attendance")
    return met


def shown(table: Table, row: int) -> dict[str, str]:
    roll = table.entries.roll
    return {column.key: roll.cell(row, place).text for place, column in enumerate(roll.columns())}


def begun(table: Table, row: int = 1) -> tuple[RollPresenter, MarkCorrectionPresenter]:
    """Look at the first meeting; Enter on a mark of its roll call."""
    table.presenter.look_back()
    roll = table.entries.roll
    roll.open_row(row)
    assert roll.form is not None, table.last_words()
    return roll, roll.form


def put_right(table: Table, status: Mark, reason: str) -> str:
    _roll, form = begun(table)
    form.enter("status", status.value)
    form.enter("reason", reason)
    return form.save()


def test_a_mark_is_put_right_with_its_effect_before_and_after(missed: Table) -> None:
    roll, form = begun(missed)
    assert [roll.cell(row, 2).text for row in range(roll.row_count())] == [
        "Present",
        "Absent",
        "Present",
        "Present",
        "Present",
    ]
    assert form.title() == "Meeting 1 · 5 Jan 2026 · 2 Beatrice Auma · Absent"
    assert [(each.title, each.now, each.then) for each in form.effect()] == [
        ("Attendance", "50 %", ""),
        ("Fine still owed", "300", "300"),
    ]
    assert form.note("status") == "The fine stays. Let it off in Funds."
    form.enter("status", "PRESENT")
    assert form.effect()[0].then == "100 %"
    assert form.save() == "reason"
    assert form.form.sentence("reason") == "Say why."
    form.enter("reason", "She sat at the back")
    assert form.save() == ""
    assert missed.last_words() == "Put right. The closed page stays."
    assert missed.stage() is Stage.EARLIER
    assert missed.entries.roll.form is None
    after = shown(missed, 1)
    assert (after["mark"], after["right"], after["why"], after["state"]) == (
        "Absent",
        "Present",
        "She sat at the back",
        "in meeting 2",
    )
    missed.presenter.leave_earlier()
    assert missed.stage() is Stage.SHEET
    with missed.village.database.read() as session:
        assert session.execute(select(FINES.c.waived_date)).scalars().all() == [None]
        assert [each.broken for each in verify_seals(session, missed.village.group_id)] == [""]


def test_the_given_mark_takes_the_correction_back(missed: Table) -> None:
    put_right(missed, Mark.PRESENT, "She came")
    _roll, form = begun(missed)
    assert form.form.text("reason") == "She came"
    form.enter("status", "ABSENT")
    form.enter("reason", "")
    assert form.effect()[0].then == "50 %"
    assert form.save() == ""
    assert (shown(missed, 1)["right"], shown(missed, 1)["state"]) == ("", "")


def test_the_mark_that_counts_is_no_correction(missed: Table) -> None:
    _roll, form = begun(missed)
    form.enter("reason", "She came")
    form.save()
    assert form.form.sentence("status") == "Choose another mark."
    with missed.village.database.read() as session:
        assert set(session.execute(select(ATTENDANCE.c.corrected_status)).scalars()) == {None}
    form.leave()
    assert missed.entries.roll.form is None


def test_the_meeting_that_put_it_right_lists_it(missed: Table) -> None:
    put_right(missed, Mark.PRESENT, "She came")
    missed.presenter.leave_earlier()
    missed.close()
    missed.presenter.look_at_last()
    roll = missed.entries.roll
    assert roll.row_count() == 6
    last = shown(missed, 5)
    assert (last["name"], last["mark"], last["right"], last["state"]) == (
        "Beatrice Auma",
        "Absent",
        "Present",
        "of meeting 1",
    )
    missed.next_week()
    missed.open()
    missed.presenter.look_at_last()
    missed.entries.roll.open_row(5)
    assert missed.entries.roll.form is None
    assert missed.last_words() == "This mark was put right in meeting 2."


def test_nothing_is_put_right_while_no_meeting_is_open(met: Table) -> None:
    met.close()
    met.presenter.next_meeting()
    met.presenter.look_back()
    met.entries.roll.open_row(0)
    assert (met.last_words(), met.entries.roll.form) == ("Open a meeting first.", None)


def test_another_page_leads_to_the_mark(missed: Table) -> None:
    with missed.village.database.read() as session:
        first = session.execute(select(ATTENDANCE.c.meeting_id).limit(1)).scalar_one()
    wanted: list[str] = []
    missed.shell.page_wanted.listen(wanted.append)
    missed.shell.correct_mark(first, missed.village.members[1])
    assert wanted == ["meeting"]
    missed.presenter.load()
    roll = missed.entries.roll
    assert (missed.stage(), roll.is_shown, roll.row) == (Stage.EARLIER, True, 1)
    assert roll.form is not None
    roll.form.enter("status", "EXCUSED")
    missed.presenter.load()  # the page is shown again: what was typed is still there
    assert missed.entries.roll.form is roll.form
    assert roll.form.form.text("status") == "EXCUSED"
