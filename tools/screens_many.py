"""The coordinator's desk, reports, sync and head office, each as a person sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from picture_books import TODAY
from picture_stage import Stage

from vsla_desktop.app import Options, Program
from vsla_desktop.settings import DataFolder
from vsla_desktop.views.pages.desk import DeskPage
from vsla_desktop.views.pages.page import ROOMY_PERCENT

if TYPE_CHECKING:
    from vsla_desktop.queries.filter_names import Named


def desk_visits(stage: Stage, *, writes: bool) -> Program:
    """The visits to a group; perhaps one that is being written down, with what is wrong."""
    program = stage.page("desk", "desk")
    page = program.window.page("desk")
    if isinstance(page, DeskPage):
        lines = page.presenter.read.lines if page.presenter.read is not None else ()
        visited = next(row for row, line in enumerate(lines) if line.last_visit is not None)
        page.list.go_to(visited)
        page.show_visits()
        stage.settle()
        if writes and page.visits is not None:
            page.visits.write_down()
        if writes and page.visits is not None and page.visits.form is not None:
            typed = {"PASSBOOKS": "FINE", "BOX": "WRONG", "what_1": "Count", "due_1": "soon"}
            for key, text in typed.items():
                page.visits.form.enter(key, text)
            page.visits.form.save()
    stage.settle()
    return program


def desk_compare(stage: Stage) -> Program:
    """Three groups side by side."""
    program = stage.page("desk", "desk")
    page = program.window.page("desk")
    if isinstance(page, DeskPage):
        for row in range(3):
            page.presenter.mark(row)
        page.show_comparison()
        stage.settle()
        if page.comparison is not None:
            page.comparison.list.go_to(2)
    stage.settle()
    return program


def report(stage: Stage, name: str, panel: str = "", part: int = 0) -> Program:
    """A report of this year's last months, or what is asked of it, or what was kept."""
    from vsla_desktop.views.pages.reports import ReportsPage

    program = stage.page("book", "reports")
    presenter = program.pages.presenters["reports"]
    page = program.window.page("reports")
    presenter.filter.form.enter("day_from", "1/9/2026")
    presenter.filter.choose("genders", "F", is_chosen=True)
    presenter.open(name)
    stage.wait(lambda: presenter.made is not None or presenter.problem is not None)
    if presenter.made is None:
        presenter.filter.add("member_ids", a_member(program))
        presenter.make()
        stage.wait(lambda: presenter.made is not None)
    if isinstance(page, ReportsPage):
        page.wide.setChecked(stage.percent > ROOMY_PERCENT)
        if panel == "filter":
            page.open_filter()
        elif panel == "saved":
            presenter.saved.enter("name", "Since September")
            presenter.saved.keep()
            page.open_saved()
            stage.wait(lambda: presenter.saved.row_count() > 0)
        elif page.result is not None:
            page.result.tabs.setCurrentIndex(part % len(page.result.parts))
    stage.settle()
    return program


def a_member(program: Program) -> Named:
    """A member for a report that tells of one."""
    from vsla_desktop.queries.filter_names import Named
    from vsla_desktop.queries.members import members_of

    with program.database.read() as session:
        member = members_of(session, 1, on=TODAY.date())[2]
    return Named(member.member_id, member.name)


def office(stage: Stage, page: str, *, part: int = 0, act: str = "", who: str = "") -> Program:
    """A page of head office, over a real server that runs as long as the pictures are made."""
    from office_states import NAME, PASSWORD, head_office

    from vsla_desktop.views.pages.office import OfficePage

    stage.office_url = stage.office_url or stage.servers.enter_context(head_office(TODAY))
    program = stage.start(Options(DataFolder(stage.base / "office"), stage.office_url))
    stage.wait(lambda: program.window.current_key == "sign-in")
    stage.settle()
    if page == "sign-in":
        return program
    signing = program.pages.presenters["sign-in"].form
    signing.enter("username", who or NAME)
    signing.enter("password", PASSWORD)
    signing.save()
    stage.wait(lambda: program.window.current_key == "programme")
    program.shell.go_to(page)
    stage.settle()
    shown = program.window.stack.currentWidget()
    if isinstance(shown, OfficePage):
        shown.tabs.setCurrentIndex(part)
        if page == "programme":
            stage.wait(lambda: shown.presenter.row_count() > 0)
        stage.settle()
        if act:
            shown.presenter.do(act)
            stage.settle()
    return program


def sync(stage: Stage, part: str) -> Program:
    """One part of the page about head office, with something of everything."""
    from sync_states import enrol, write_states

    from vsla_desktop.presenters.sync_page import SyncTab

    program = stage.page("sync", "sync")
    enrol(program.folder.path)
    write_states(program.database, TODAY)
    presenter = program.pages.presenters["sync"]
    presenter.refresh()
    stage.settle()
    presenter.turn_to(SyncTab[part])
    if part == "SETTLE":
        presenter.conflicts.go_to(0)
        presenter.conflicts.enter("value", "seven")
    stage.settle()
    return program


def sync_enrol(stage: Stage) -> Program:
    """A file from head office was opened; its code is asked for."""
    from sync_states import NOBODY

    from vsla_desktop.sync import hand_over

    program = stage.page("book", "sync")
    file = stage.base / "kayunga-1.json"
    hand_over(NOBODY, file)
    program.pages.presenters["sync"].enrolling.choose(file)
    stage.settle()
    return program


def sync_sending(stage: Stage) -> Program:
    """A run is under way, and a part of it is done."""
    program = sync(stage, "NOW")
    presenter = program.pages.presenters["sync"]
    presenter.auto.is_running, presenter.auto.progress = True, (120, 400)
    presenter.refresh()
    stage.settle()
    return program


def sync_locked(stage: Stage) -> Program:
    """The login is locked, as after a new start."""
    from vsla_desktop.sync import enrolment

    program = sync(stage, "NOW")
    enrolment._KEYS.clear()  # noqa: SLF001 - as another run of the program begins
    program.pages.presenters["sync"].refresh()
    stage.settle()
    return program
