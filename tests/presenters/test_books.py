"""Books of a folder: opened, copied, brought back, practised on, brought in, and sent."""

from __future__ import annotations

import os
import sqlite3
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import xlsxwriter

from tests.presenters.book_of_group import Ear
from tests.services.village import Village
from vsla_desktop.clock import FixedClock
from vsla_desktop.db import Database
from vsla_desktop.errors import StorageError
from vsla_desktop.i18n import speaking
from vsla_desktop.presenters.book import (
    KEPT_BACKUPS,
    OpenBook,
    back_up,
    backups,
    needs_upgrade,
    open_book,
    practice_folder,
)
from vsla_desktop.presenters.bring_books import BringBooksPresenter
from vsla_desktop.presenters.opening import OpeningPresenter
from vsla_desktop.presenters.runner import InlineRunner
from vsla_desktop.presenters.settings_page import SettingsPresenter
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.settings import DataFolder, Settings, ThemeChoice

NOW = datetime(2026, 11, 23, 9)  # noqa: DTZ001 - the books keep UTC without a zone
TODAY = NOW.date()


class Desk:
    """Opens books and keeps the last one that was opened."""

    def __init__(self, ear: Ear) -> None:
        self.books: list[OpenBook] = []
        self.runner = InlineRunner()
        self.opening = OpeningPresenter(
            self.runner, ear.shell, clock=FixedClock(NOW), on_open=self.books.append
        )


@pytest.fixture
def desk(ear: Ear) -> Desk:
    return Desk(ear)


# ---------------------------------------------------------------------- opening


def test_a_new_folder_opens_with_an_empty_book(desk: Desk, tmp_path: Path) -> None:
    desk.opening.open(DataFolder(tmp_path / "new"))
    [book] = desk.books
    assert book.groups == ()
    assert book.group(None) is None
    book.database.close()


def test_the_groups_of_a_book_are_listed(desk: Desk, met: Village, data_dir: Path) -> None:
    met.database.close()
    desk.opening.open(DataFolder(data_dir))
    [book] = desk.books
    group = book.group(99)
    assert group is not None
    assert (group.name, group.has_open_meeting) == ("Twisungane", False)
    book.database.close()


def test_a_damaged_book_is_told_with_the_last_copy(
    desk: Desk, ear: Ear, met: Village, data_dir: Path
) -> None:
    folder = DataFolder(data_dir)
    met.database.close()
    copy = back_up(folder, NOW)
    folder.database.write_bytes(b"no book at all" * 100)
    desk.opening.open(folder)
    assert desk.books == []
    assert ear.pages == ["opening"]
    trouble = desk.opening.trouble
    assert trouble is not None
    assert trouble.message.text == "The book's file is damaged."
    assert trouble.last_copy == copy
    assert copy is not None
    desk.opening.restore(copy)
    [book] = desk.books
    assert [group.name for group in book.groups] == ["Twisungane"]
    assert desk.opening.trouble is None
    assert len(list(data_dir.glob("vsla-before-*.db"))) == 1
    book.database.close()


def test_a_newer_book_is_refused_and_unchanged(desk: Desk, book: Database, data_dir: Path) -> None:
    book.close()
    folder = DataFolder(data_dir)
    with sqlite3.connect(folder.database) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.close()
    before = folder.database.read_bytes()
    desk.opening.open(folder)
    assert desk.opening.trouble is not None
    message = desk.opening.trouble.message
    assert message.text == "A newer version of the program wrote this book."
    assert message.hint == "Update this program, then open it again. Nothing was changed."
    assert folder.database.read_bytes() == before


def test_a_folder_that_can_not_be_is_told(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    desk.opening.open(DataFolder(tmp_path / "file"))
    assert desk.opening.trouble is not None
    assert desk.opening.trouble.message.tone is Tone.ERROR
    assert "ValueError" not in desk.opening.trouble.message.details


def test_an_older_book_is_seen_to_need_this_version(book: Database, data_dir: Path) -> None:
    book.close()
    folder = DataFolder(data_dir)
    assert not needs_upgrade(folder)
    with sqlite3.connect(folder.database) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '0001'")
    raw.close()
    assert needs_upgrade(folder)


def test_practising_has_a_folder_of_its_own(desk: Desk, tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    desk.opening.practise(folder)
    [book] = desk.books
    assert book.is_practice
    assert book.folder == practice_folder(folder)
    assert [group.is_practice for group in book.groups] == [True]
    assert desk.runner.steps[-1].title == "Making a practice group"
    assert not folder.database.exists()
    book.database.close()
    desk.opening.practise(folder)
    assert [group.code for group in desk.books[-1].groups] == [g.code for g in book.groups]
    desk.books[-1].database.close()


# ---------------------------------------------------------------------- copies


def test_thirty_automatic_copies_are_kept_and_others_are_left_alone(
    met: Village, data_dir: Path
) -> None:
    folder = DataFolder(data_dir)
    folder.backups.mkdir()
    own = folder.backups / "before-0003-20260101-000000.db"
    own.write_bytes(b"kept")
    for day in range(KEPT_BACKUPS + 3):
        made = back_up(folder, NOW + timedelta(days=day))
        assert made is not None
        stamp = (NOW + timedelta(days=day)).timestamp()
        os.utime(made, (stamp, stamp))
    kept = [each.path.name for each in backups(folder) if each.is_automatic]
    assert len(kept) == KEPT_BACKUPS
    assert kept[0] == f"vsla-{NOW + timedelta(days=KEPT_BACKUPS + 2):%Y%m%d-%H%M%S}.db"
    assert own.exists()
    assert met.group_id


def test_nothing_new_is_not_copied_again(met: Village, data_dir: Path) -> None:
    folder = DataFolder(data_dir)
    met.database.close()
    first = back_up(folder, NOW, only_if_changed=True)
    assert first is not None
    assert back_up(folder, NOW + timedelta(hours=1), only_if_changed=True) is None
    assert back_up(folder, NOW) != first
    assert back_up(DataFolder(data_dir / "nothing"), NOW) is None
    copy = open_book(DataFolder(data_dir), today=TODAY)
    copy.database.close()


def test_a_copy_that_can_not_be_written_is_told(met: Village, data_dir: Path) -> None:
    folder = DataFolder(data_dir)
    folder.backups.write_text("a file in the way")
    with pytest.raises(StorageError, match="could not be written"):
        back_up(folder, NOW)
    assert met.group_id


def settings_page(ear: Ear, folder: DataFolder) -> tuple[SettingsPresenter, list[Settings]]:
    kept = [Settings(language="en")]
    presenter = SettingsPresenter(
        InlineRunner(),
        ear.shell,
        folder=folder,
        clock=FixedClock(NOW),
        current=lambda: kept[-1],
        keep=kept.append,
        on_look=lambda: ear.said.append("look"),
        on_restore=lambda file: ear.said.append(file.name),
    )
    return presenter, kept


def test_choices_work_at_once(ear: Ear, tmp_path: Path) -> None:
    with speaking("en"):
        page, kept = settings_page(ear, DataFolder(tmp_path))
        page.choose_language("fr")
        page.choose_theme("dark")
        page.choose_text_size("150")
        page.choose_text_size("150")
    assert kept[-1] == replace(kept[0], language="fr", theme=ThemeChoice.DARK, text_percent=150)
    assert ear.said == ["look", "look", "look"]


def test_a_copy_is_made_now_and_elsewhere(
    ear: Ear, met: Village, data_dir: Path, tmp_path: Path
) -> None:
    page, _kept = settings_page(ear, DataFolder(data_dir))
    page.back_up()
    assert ear.said == ["The book is copied and the copy is checked."]
    assert len(page.backups) == 1
    assert page.words(page.backups[0]).endswith(" kB")
    page.copy_to(tmp_path / "stick.db")
    page.copy_to(tmp_path / "stick.db")
    assert ear.said[1] == "The copy stick.db is written and checked."
    assert ear.said[2].startswith("There is a file of this name already: stick.db")
    page.restore(page.backups[0].path)
    assert ear.said[3].startswith("vsla-20261123")
    assert met.group_id


# ---------------------------------------------------------------------- workbooks


def bring_page(book: Database, ear: Ear) -> tuple[BringBooksPresenter, list[str]]:
    brought: list[str] = []
    page = BringBooksPresenter(
        lambda: book, InlineRunner(), ear.shell, clock=FixedClock(NOW), on_brought=brought.append
    )
    return page, brought


def workbook(file: Path, *, share_value: object = 2000, gender: str = "F") -> Path:
    with xlsxwriter.Workbook(str(file)) as book:
        dated = book.add_format({"num_format": "yyyy-mm-dd"})
        group = book.add_worksheet("Group")
        said = {"name": "Tukolere", "group_code": "TUK-1", "currency": "UGX"}
        for row, (key, value) in enumerate(said.items()):
            group.write_row(row, 0, (key, value))
        group.write_row(3, 0, ("share_value", share_value))
        group.write(4, 0, "cycle_start")
        group.write_datetime(4, 1, datetime(2026, 1, 5), dated)  # noqa: DTZ001 - a spreadsheet's
        members = book.add_worksheet("Members")
        members.write_row(0, 0, ("number", "first_name", "last_name", "gender"))
        for number in range(1, 6):
            members.write_row(number, 0, (number, f"Name{'x' * number}", "Last", gender))
        book.add_worksheet("Meetings").write_row(0, 0, ("number", "date"))
        book.add_worksheet("Entries").write_row(0, 0, ("meeting", "member"))
    return file


def test_every_wrong_cell_is_listed_and_nothing_is_written(
    book: Database, ear: Ear, tmp_path: Path
) -> None:
    page, brought = bring_page(book, ear)
    page.choose(workbook(tmp_path / "books.xlsx", share_value="much", gender="Q"))
    assert page.summary() == ("6 cells are wrong. Nothing was written.", Tone.ERROR)
    first = [page.cell(0, column).text for column in range(4)]
    assert first[:2] == ["Group", "B4"]
    assert first[2].startswith("much is not an amount.")
    assert first[3] == "an amount in whole UGX of 0 or more"
    assert not page.can_bring
    page.bring()
    assert brought == []
    workbook(tmp_path / "books.xlsx")
    page.check_again()
    assert page.summary() == (
        "Every cell is right: Tukolere, 5 members, 0 meetings held, 0 entries.",
        Tone.GOOD,
    )
    assert page.row_count() == 0
    page.bring()
    assert brought == ["TUK-1"]


def test_what_is_no_workbook_is_told(book: Database, ear: Ear, tmp_path: Path) -> None:
    (tmp_path / "books.xlsx").write_text("hello")
    page, brought = bring_page(book, ear)
    page.choose(tmp_path / "books.xlsx")
    told = [page.cell(row, 2).text for row in range(page.row_count())] + ear.said
    assert any("not an Excel workbook" in text for text in told)
    assert not page.can_bring
    assert brought == []


def test_an_empty_workbook_is_written_and_can_be_chosen(
    book: Database, ear: Ear, tmp_path: Path
) -> None:
    page, _brought = bring_page(book, ear)
    page.save_template(tmp_path / "empty.xlsx")
    assert ear.said == ["The workbook empty.xlsx is written. Fill it in."]
    page.choose(tmp_path / "empty.xlsx")
    assert page.summary()[1] is not Tone.MUTED
