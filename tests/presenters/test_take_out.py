"""The book of a group is taken out as a workbook, from the page that asks where."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from tests.presenters.book_of_group import Ear
from tests.services.village import Village
from vsla_desktop.i18n import speaking
from vsla_desktop.presenters.runner import Cancelled, InlineRunner
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.presenters.take_out import TakeOutPresenter
from vsla_desktop.queries.groups import GroupLine, groups_list
from vsla_desktop.services.meetings import record_notes
from vsla_desktop.services.members import MemberChange, change_member, set_photo
from vsla_desktop.services.workbook import export_workbook

NAMES = ("=1+2", "+256", "-5", "@SUM(A1)")


def group_of(village: Village) -> GroupLine:
    with village.database.read() as session:
        return groups_list(session, on=village.clock.today())[0]


def page_of(village: Village, ear: Ear, runner: InlineRunner | None = None) -> TakeOutPresenter:
    return TakeOutPresenter(
        lambda: village.database,
        runner or InlineRunner(),
        ear.shell,
        group_of(village),
        village.clock,
    )


def test_the_file_is_named_after_the_group_and_the_day(met: Village, ear: Ear) -> None:
    assert page_of(met, ear).file_name() == "Twisungane TST-1 2026-01-06.xlsx"


def test_the_book_is_written_where_the_person_says(met: Village, ear: Ear, tmp_path: Path) -> None:
    runner = InlineRunner()
    page = page_of(met, ear, runner)
    assert page.summary() == ("", Tone.MUTED)
    page.take_out(tmp_path / "nowhere" / "my group")
    assert ear.said[-1].startswith("The file my group.xlsx can not be written.")
    assert not page.is_working
    page.take_out(tmp_path / "my group")
    assert ear.said[-1] == "The book is in my group.xlsx."
    assert page.summary() == ("In the workbook: 5 members, 1 meeting held, 5 entries.", Tone.GOOD)
    steps = [step for step in runner.steps if step.title == "Taking the book out"]
    assert steps[-1].done + 1 == steps[-1].total == len(steps)


def test_what_no_workbook_holds_is_listed_with_how_much_there_is(
    met: Village, ear: Ear, tmp_path: Path
) -> None:
    with met.at_work() as session:
        set_photo(session, met.members[0], "photos/1.jpg", clock=met.clock)
    page = page_of(met, ear)
    page.take_out(tmp_path / "group.xlsx")
    shown = {page.row_title(row): page.cell(row, 1).text for row in range(page.row_count())}
    assert shown["Photographs"] == "1"
    assert shown["Seals"] == ""
    book = CalamineWorkbook.from_path(str(tmp_path / "group.xlsx"))
    rows = book.get_sheet_by_name("Not carried").to_python()
    assert ["Photographs", 1.0, "They are files beside the book; copy the folder."] in rows


def test_all_of_a_group_is_packed_for_an_audit(met: Village, ear: Ear, tmp_path: Path) -> None:
    runner = InlineRunner()
    page = page_of(met, ear, runner)
    page.pack(tmp_path / "group")
    assert ear.said[-1] == "All of the group is in group.zip."
    with zipfile.ZipFile(tmp_path / "group.zip") as archive:
        names = archive.namelist()
    assert {"contents.json", "TST-1.xlsx"} <= set(names)
    assert any(name.endswith("cashbook.pdf") for name in names)
    words, _tone = page.summary()
    assert words == f"{len(names) - 1} files are in the pack."
    assert [page.row_title(row) for row in range(page.row_count())] == []
    steps = [step for step in runner.steps if step.title == "Packing for an audit"]
    assert steps[-1].done == steps[-1].total == len(steps) - 1


def test_it_is_said_in_french(met: Village, ear: Ear, tmp_path: Path) -> None:
    with speaking("fr"):
        page = page_of(met, ear)
        page.take_out(tmp_path / "groupe.xlsx")
        assert ear.said[-1] == "Le livre est dans groupe.xlsx."
        assert page.cell(0, 0).text == "Sceaux"


def test_what_begins_like_a_formula_is_text(met: Village, ear: Ear, tmp_path: Path) -> None:
    with met.at_work() as session:
        for member, name in zip(met.members, NAMES, strict=False):
            change = MemberChange(occupation=name)
            change_member(session, member, change, clock=met.clock)
    met.meet(present=True)
    with met.at_work() as session:
        record_notes(session, met.meeting_id, minutes="=cmd|' /C calc'!A0", clock=met.clock)
    page_of(met, ear).take_out(tmp_path / "group.xlsx")
    with zipfile.ZipFile(tmp_path / "group.xlsx") as archive:
        sheets = [name for name in archive.namelist() if "worksheets/" in name]
        assert not any(b"<f>" in archive.read(name) for name in sheets)
    book = CalamineWorkbook.from_path(str(tmp_path / "group.xlsx"))
    shown = {str(cell) for row in book.get_sheet_by_name("Members").to_python() for cell in row}
    assert set(NAMES) <= shown


def test_work_that_is_stopped_leaves_what_was_there(met: Village, tmp_path: Path) -> None:
    place = tmp_path / "group.xlsx"
    place.write_bytes(b"the file of yesterday")

    def stop(done: int, _total: int) -> None:
        if done:
            raise Cancelled

    with pytest.raises(Cancelled):
        export_workbook(met.database, met.code, place, clock=met.clock, progress=stop)
    assert [file for file in tmp_path.iterdir() if file.is_file()] == [place]
    assert place.read_bytes() == b"the file of yesterday"


def test_going_back_leads_to_the_settings(met: Village, ear: Ear) -> None:
    page = page_of(met, ear)
    page.leave()
    assert ear.pages == ["settings"]
    assert not page.is_working
