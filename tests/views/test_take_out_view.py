"""The page that takes the book out: reached from Settings, written while the window goes on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.db.books import new_book
from tests.presenters.book_of_group import Ear, after_one_meeting
from tests.services.village import Village
from vsla_desktop.presenters.take_out import TakeOutPresenter
from vsla_desktop.queries.groups import groups_list
from vsla_desktop.views.pages.take_out import TakeOutPage
from vsla_desktop.views.qt_runner import QtRunner


@pytest.fixture
def village(tmp_path: Path) -> Iterator[Village]:
    village = after_one_meeting(Village(new_book(tmp_path / "vsla.db")))
    yield village
    village.database.close()


def test_the_book_is_written_beside_the_other_work(
    qtbot: QtBot, village: Village, tmp_path: Path
) -> None:
    runner, ear = QtRunner(), Ear()
    with village.database.read() as session:
        group = groups_list(session, on=village.clock.today())[0]
    presenter = TakeOutPresenter(lambda: village.database, runner, ear.shell, group, village.clock)
    page = TakeOutPage(presenter)
    qtbot.addWidget(page)
    page.show()
    assert page.empty.isVisible()
    assert page.take.isEnabled()
    with village.database.write():  # somebody is writing: reading does not wait for it
        presenter.take_out(tmp_path / "group.xlsx")
        assert not page.take.isEnabled()
        qtbot.waitUntil(lambda: presenter.report is not None)
    assert ear.said == ["The book is in group.xlsx."]
    assert page.list.isVisible()
    assert page.list.model.rowCount() == presenter.row_count() > 0
    assert page.sentence.text() == "In the workbook: 5 members, 1 meeting held, 5 entries."
    runner.close()
