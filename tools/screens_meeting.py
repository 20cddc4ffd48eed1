"""A meeting from its plan to its slip, each step as a person sees it."""

from __future__ import annotations

from picture_books import count
from picture_stage import Stage, meeting_part

from vsla_desktop.app import Program
from vsla_desktop.domain.meeting import AttendanceStatus
from vsla_desktop.i18n import _
from vsla_desktop.presenters.meeting import Stage as MeetingStage
from vsla_desktop.presenters.meeting_roll_call import roll_letters
from vsla_desktop.views.big_screen import BigScreen, WallStrip
from vsla_desktop.views.pages.meeting_opening import BeforePage
from vsla_desktop.views.pages.meeting_sheet import SheetPage
from vsla_desktop.views.widgets.control_totals import ControlTotalsStrip


def opening_count(stage: Stage) -> Program:
    """The opening count: the loan fund agrees, the social fund is being counted."""
    program = stage.page("book", "meeting")
    presenter = program.pages.presenters["meeting"]
    presenter.count_the_box()
    stage.wait(lambda: presenter.stage is MeetingStage.OPENING_COUNT)
    for purse in presenter.opening.purses:
        count(purse)
    purse.enter(0, "1")
    stage.settle()
    return program


def meeting(stage: Stage) -> Program:
    """The sheet of an open meeting, half filled in, with a cell to fix."""
    program = stage.page("open", "meeting")
    sheet = program.pages.presenters["meeting"].sheet
    roll, social, shares = (sheet.column_of(key) for key in ("attendance", "social", "shares"))
    marks = {8: AttendanceStatus.ABSENT, 3: AttendanceStatus.LATE, 11: AttendanceStatus.LATE}
    for row in range(sheet.row_count()):
        sheet.enter(row, roll, roll_letters()[marks.get(row, AttendanceStatus.PRESENT)])
    stage.settle()
    sheet.fill_usual(social)
    for row in range(9):
        sheet.enter(row, shares, "12" if row == 5 else str(1 + row * 7 % 5))  # noqa: PLR2004
    stage.settle()
    return program


def plan_new(stage: Stage) -> Program:
    """Before a meeting: another one is planned, its day not read."""
    program = stage.page("plan", "meeting")
    part = meeting_part(program, BeforePage)
    if part.plan is not None:
        part.plan.plan_button.click()
        part.plan.new_day.setText("some day")
        part.plan.keep_button.click()
    stage.settle()
    return program


def plan(stage: Stage) -> Program:
    """Before a meeting: one was cancelled, the next was moved, and is asked about again."""
    program = stage.page("plan", "meeting")
    presenter = program.pages.presenters["meeting"]
    presenter.planning.cancel("The road is under water")
    stage.settle()
    presenter.planning.move("7/12/2026", "Market day")
    stage.settle()
    presenter.planning.plan("SPECIAL", "18/12/2026", "At the school", "Choose a treasurer")
    stage.settle()
    part = meeting_part(program, BeforePage)
    if part.plan is not None:
        part.plan.open_button.click()
        part.plan.move_button.click()
    stage.settle()
    return program


def votes(stage: Stage) -> Program:
    """A vote by members under way, beside a training."""
    from vsla_desktop.presenters.meeting_columns import Step
    from vsla_desktop.queries.activities import ActivityKind

    program = stage.page(f"votes-{stage.theme}-{stage.percent}-{stage.language}", "meeting")
    presenter = program.pages.presenters["meeting"]
    sheet, activities = presenter.sheet, presenter.activities
    sheet.fill_usual(sheet.column_of("attendance"))
    stage.settle()
    sheet.show_step(Step.ACTIVITIES)
    activities.add(ActivityKind.VOTING, "Share-out in December", ("19", "2", "1"))
    stage.settle()
    activities.add(ActivityKind.TRAINING, "Keeping goats")
    stage.settle()
    activities.add(ActivityKind.VOTING, "A new box")
    stage.settle()
    ballots = {3: _("Against"), 5: _("Neither"), 7: _("Against")}
    for row in range(9):
        activities.parts.enter(row, 2, ballots.get(row, _("For"))[0])
        stage.settle()
    return program


def three_keys(stage: Stage) -> Program:
    """Two officers have codes: one confirmed, one typed a wrong code."""
    program = meeting_counted(stage, "keys")
    keys = program.pages.presenters["meeting"].keys
    chair, secretary, treasurer = keys.rows()
    keys.set_code(chair.office, "2580", "2580")
    stage.settle()
    keys.choose(secretary.office, keys.people(secretary.office)[1][0])
    keys.set_code(treasurer.office, "7070", "7070")
    stage.settle()
    keys.choose(treasurer.office, treasurer.person.member_id)
    keys.turn(treasurer.office, "1111")
    stage.settle()
    return program


def slip(stage: Stage) -> Program:
    """The slip of a meeting that was closed."""
    program = meeting_counted(stage, "slip")
    presenter = program.pages.presenters["meeting"]
    for row in presenter.keys.rows():
        presenter.keys.turn(row.office)
        stage.settle()
    presenter.close_the_meeting()
    stage.wait(lambda: presenter.stage is MeetingStage.SLIP)
    stage.settle()
    return program


def meeting_counted(stage: Stage, name: str) -> Program:
    """An open meeting whose box is counted and announced."""
    name = f"{name}-{stage.theme}-{stage.percent}-{stage.language}"
    program = stage.page(name, "meeting")
    presenter = program.pages.presenters["meeting"]
    presenter.sheet.fill_usual(presenter.sheet.column_of("attendance"))
    stage.settle()
    presenter.sheet.fill_usual(presenter.sheet.column_of("social"))
    stage.settle()
    presenter.go_to_closing()
    for purse in presenter.closing.purses:
        count(purse)
    presenter.closing.announce(is_announced=True)
    stage.settle()
    presenter.close_the_meeting()
    stage.wait(lambda: presenter.stage is MeetingStage.KEYS)
    stage.settle()
    return program


def wall(stage: Stage) -> Program:
    """The big screen while a member buys shares."""
    return walled(stage, BigScreen)


def wall_strip(stage: Stage) -> Program:
    """The same above the sheet, on a laptop with one screen."""
    return walled(stage, WallStrip)


def walled(stage: Stage, wall: type[BigScreen | WallStrip]) -> Program:
    """A meeting with one of the two walls."""
    program = meeting(stage)
    page = meeting_part(program, SheetPage)
    page.show_wall(wall(page.followed))
    presenter = program.pages.presenters["meeting"]
    presenter.big_screen.look_at(4)
    stage.settle()
    return program


def paper_totals(stage: Stage) -> Program:
    """A meeting of last week entered from paper, one column not as the paper says."""
    program = stage.page("past", "meeting")
    sheet = program.pages.presenters["meeting"].sheet
    roll, social, shares = (sheet.column_of(key) for key in ("attendance", "social", "shares"))
    sheet.fill_usual(roll)
    stage.settle()
    sheet.fill_usual(social)
    for row in range(sheet.row_count()):
        sheet.enter(row, shares, "2")
    stage.settle()
    for part in program.window.findChildren(ControlTotalsStrip):
        part.presenter.enter("shares", str(2 * sheet.row_count()))
        part.presenter.enter("social", "9000")
        part.presenter.enter("loan_taken", "six")
    stage.settle()
    return program


def closing_count(stage: Stage) -> Program:
    """The closing count, with a difference and its reason."""
    program = meeting(stage)
    presenter = program.pages.presenters["meeting"]
    sheet = presenter.sheet
    sheet.enter(5, sheet.column_of("shares"), "3")
    stage.settle()
    presenter.go_to_closing()
    for purse in presenter.closing.purses:
        count(purse)
    stage.settle()
    return program


def earlier_mark(stage: Stage) -> Program:
    """A mark of a closed meeting that is being put right, below the roll call."""
    program = stage.page("open", "meeting")
    presenter = program.pages.presenters["meeting"]
    presenter.look_at_last()
    stage.wait(lambda: presenter.entries is not None)
    roll = presenter.entries.roll
    roll.correct(presenter.entries.page.roll[4].member_id)
    stage.wait(lambda: roll.form is not None)
    roll.form.enter("status", "EXCUSED")
    stage.settle()
    return program


def earlier(stage: Stage) -> Program:
    """The entries of a closed meeting, where they are corrected."""
    program = stage.page("book", "meeting")
    program.pages.presenters["meeting"].look_at_last()
    stage.settle()
    return program
