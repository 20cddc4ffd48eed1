"""The Reports page by keyboard, on a small screen, in both colours, and its charts."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from tests.db.books import new_book
from tests.presenters.book_of_group import Ear, after_one_meeting, printer
from tests.services.village import Village
from tests.views.looks import cut_words, nameless
from vsla_desktop.app import wear
from vsla_desktop.clock import Clock, FixedClock
from vsla_desktop.db import Database, open_database
from vsla_desktop.domain.currencies import CURRENCIES
from vsla_desktop.i18n import speaking
from vsla_desktop.presenters.charts import ChartPresenter
from vsla_desktop.presenters.printing import Printing
from vsla_desktop.presenters.reports import ReportsPresenter
from vsla_desktop.presenters.runner import InlineRunner
from vsla_desktop.queries.filter_names import Named
from vsla_desktop.queries.filtering import Filter
from vsla_desktop.queries.members import members_of
from vsla_desktop.reports.cashbook_report import CASHBOOK
from vsla_desktop.reports.catalogue import REPORTS
from vsla_desktop.reports.held import PAGE
from vsla_desktop.reports.report import (
    Chart,
    ChartKind,
    Definition,
    Figure,
    Kind,
    Over,
    Report,
    ReportColumn,
    ReportTable,
    Series,
)
from vsla_desktop.services.practice import create_practice
from vsla_desktop.services.saved_reports import save_report
from vsla_desktop.settings import ThemeChoice
from vsla_desktop.views.charts import ChartView
from vsla_desktop.views.charts_drawing import style
from vsla_desktop.views.colours import DARK, LIGHT, Colours, contrast
from vsla_desktop.views.keycard import keys_of
from vsla_desktop.views.pages.reports import ReportsPage
from vsla_desktop.views.pages.reports_result import FigureCard
from vsla_desktop.views.pages.reports_table import ReportTable as TableView
from vsla_desktop.views.qt_runner import QtRunner

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

Key = Qt.Key
ROOM = (1141, 690)  # what the window leaves to a page at 1366x768 with the largest text
D = Decimal
NOW = datetime(2026, 11, 23, 9, 30)  # noqa: DTZ001 - the books keep UTC without a zone
CHARTS = tuple(
    Chart(
        f"Savings as {shape}",
        shape,
        ("አዲስ አበባ", "القاهرة", "ភ្នំពេញ"),
        (
            Series("Savings", (D(1_200_000), D(1_234_500), None)),
            Series("Loans", (D(0), D(-200), D(950_000))),
        ),
        currency="UGX",
    )
    for shape in ChartKind
)


def build(_session: Session, wanted: Filter, _clock: Clock) -> Report:
    figures = (
        Figure("Members", 22, Kind.COUNT, "women + men", "15 + 7"),
        Figure("Savings", D(1_234_500), Kind.MONEY, "all savings", "22 members", "UGX"),
    )
    rows = tuple((f"Group {number}", number, D(number)) for number in range(3 * PAGE))
    columns = (
        ReportColumn("Group"),
        ReportColumn("Members", Kind.COUNT, has_total=True),
        ReportColumn("Savings", Kind.MONEY, has_total=True),
    )
    table = ReportTable("Groups", columns, iter_again(rows), currency="UGX")
    place = wanted.region or "All groups"
    return Report("all", "Everything", place, "2026", figures, (table,), CHARTS, ("A note.",))


class iter_again:  # noqa: N801 - it stands for rows that a query gives
    def __init__(self, rows: tuple[tuple[str, int, Decimal], ...]) -> None:
        self.rows = rows

    def __iter__(self) -> Iterator[tuple[str, int, Decimal]]:
        return iter(self.rows)


ALL = Definition(
    "all",
    Over.PROGRAMME,
    lambda: "Everything",
    lambda: "All there is.",
    frozenset({"region", "genders", "funds", "day_from", "day_to", "group_ids"}),
    build,
)


@pytest.fixture
def met(data_dir: Path) -> Iterator[Village]:
    database = new_book(data_dir / "vsla.db")
    yield after_one_meeting(Village(database))
    database.close()


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Two groups that have met for a while, one after its first cycle."""
    database = open_database(tmp_path_factory.mktemp("practice") / "vsla.db")
    create_practice(database, groups=2, members=9, meetings=10, seed=4, clock=FixedClock(NOW))
    yield database
    database.close()


def shown(
    qtbot: QtBot, village: Village, folder: Path = Path("nowhere"), *, may_keep: bool = True
) -> ReportsPage:
    ear = Ear()
    presenter = ReportsPresenter(
        village.database,
        InlineRunner(),
        ear.shell,
        group_id=village.group_id,
        currency=CURRENCIES["UGX"],
        clock=village.clock,
        definitions=(CASHBOOK, ALL),
    )
    presenter.saved.may_keep = may_keep
    made = ReportsPage(presenter, printer(village, ear, folder))
    qtbot.addWidget(made)
    made.resize(*ROOM)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    made.came_into_sight()
    made.setFocus()
    return made


def chips(page: ReportsPage) -> list[str]:
    return [each.text() for each in page.chips.buttons]


def press(*what: str | Key) -> None:
    for item in what:
        target = QApplication.focusWidget()
        assert target is not None
        if isinstance(item, str):
            QTest.keyClicks(target, item)
        else:
            QTest.keyClick(target, item)


def test_a_report_is_found_narrowed_and_shown_by_keyboard(qtbot: QtBot, met: Village) -> None:
    made = shown(qtbot, met)
    assert made.start_find()
    press("every", Key.Key_Return)
    assert (made.heading.text(), made.about.text()) == ("Everything", "2026 · All groups")
    press(Key.Key_F4)
    assert made.panel is not None
    made.panel.start("region")
    press("Central")
    made.panel.boxes["genders", "F"].setFocus()
    press(Key.Key_Space, Key.Key_F10)
    assert chips(made) == ["Women", "Central"]
    assert made.about.text() == "2026 · Central"
    made.chips.buttons[1].setFocus()
    press(Key.Key_Space)
    assert chips(made) == ["Women"]
    assert made.about.text() == "2026 · All groups"


def test_what_is_wrong_takes_the_keyboard_to_its_field(qtbot: QtBot, met: Village) -> None:
    made = shown(qtbot, met)
    made.presenter.open("all")
    press(Key.Key_F4)
    assert made.panel is not None
    made.panel.start("day_to")
    press("yesterday", Key.Key_F10)
    row = made.panel.field("day_to")
    assert row.sentence.text().startswith("yesterday is not a day.")
    assert row.editor.hasFocus()
    press(Key.Key_Escape)
    assert made.stack.currentWidget() is made.problem


def test_figures_stand_above_and_parts_are_turned_by_keys(qtbot: QtBot, met: Village) -> None:
    made = shown(qtbot, met)
    made.presenter.open("all")
    assert made.result is not None
    assert [part.title for part in made.result.parts] == [
        *(chart.title for chart in CHARTS),
        "Groups",
    ]
    cards = made.result.findChildren(FigureCard)
    assert [card.accessibleName() for card in cards] == [
        "Members, 22, women + men, 15 + 7",
        "Savings, 1,234,500 UGX, all savings, 22 members",
    ]
    assert all(card.isVisible() for card in cards)
    assert isinstance(made.result.part(), ChartView)
    QTest.keyClick(made, Key.Key_5, Qt.KeyboardModifier.AltModifier)
    assert made.result.tabs.currentIndex() == 4
    assert not isinstance(made.result.part(), ChartView)


def test_a_long_list_has_its_totals_in_sight_and_no_row_in_the_view(
    qtbot: QtBot, met: Village
) -> None:
    made = shown(qtbot, met)
    made.presenter.open("all")
    assert made.result is not None
    made.result.turn_to(len(CHARTS))
    part = made.result.part()
    assert part is not None
    [table] = part.findChildren(TableView)
    model = table.table.model()
    assert model.rowCount(QModelIndex()) == 3 * PAGE
    assert table.totals.isVisible()
    totals = table.totals.model()
    told = [totals.index(0, at).data() for at in range(3)]
    assert told == ["Total", "1,124,250", "1,124,250"]
    table.setFocus()
    QTest.keyClick(table.table, Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    assert table.table.currentIndex().row() == 3 * PAGE - 1
    assert table.table.currentIndex().siblingAtColumn(0).data() == f"Group {3 * PAGE - 1}"
    right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    assert model.index(0, 2).data(Qt.ItemDataRole.TextAlignmentRole) == right.value


def test_a_filter_is_kept_opened_deleted_and_brought_back(qtbot: QtBot, met: Village) -> None:
    made = shown(qtbot, met)
    made.presenter.open("all")
    made.presenter.filter.choose("genders", "F", is_chosen=True)
    press(Key.Key_F6)
    assert made.saved is not None
    press("Women", Key.Key_F7)
    assert made.presenter.saved.row_count() == 1
    press(Key.Key_Escape)
    made.presenter.filter.clear()
    made.presenter.open("cashbook")
    assert made.side.list.currentItem().text() == "Cashbook"
    press(Key.Key_F6)
    assert made.saved is not None
    made.saved.list.go_to(0)
    made.saved.list.setFocus()
    press(Key.Key_Return)
    assert made.stack.currentWidget() is made.result
    assert made.side.list.currentItem().text() == "Everything"
    assert chips(made) == ["Women"]
    press(Key.Key_F6)
    assert made.saved is not None
    made.saved.list.go_to(0)
    made.saved.list.setFocus()
    press(Key.Key_Delete)
    assert made.presenter.saved.row_count() == 0
    QTest.keyClick(made, Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert made.presenter.saved.row_title(0) == "Women"


def test_who_only_looks_opens_what_was_kept_and_is_offered_no_change(
    qtbot: QtBot, met: Village
) -> None:
    wanted = Filter(genders=("F",))
    with met.database.write() as session:
        save_report(session, met.group_id, "Women", "all", wanted, clock=met.clock)
    made = shown(qtbot, met, may_keep=False)
    press(Key.Key_F6)
    assert made.saved is not None
    assert made.saved.list.isVisible()
    assert [each.text() for each in made.saved.findChildren(QPushButton) if each.isVisible()] == []
    assert not {"F7", "F2", "Del"} & {hint.key for hint in keys_of(made)}
    press(Key.Key_F7, Key.Key_Delete)
    assert made.presenter.saved.row_count() == 1
    made.saved.list.setFocus()
    press(Key.Key_Return)
    assert chips(made) == ["Women"]


@pytest.mark.parametrize("definition", REPORTS, ids=lambda each: each.name)
def test_every_report_there_is_can_be_looked_at(
    qtbot: QtBot, qapp: QApplication, practice: Database, definition: Definition
) -> None:
    wear(qapp, ThemeChoice.DARK, is_dark=True)
    ear = Ear()
    presenter = ReportsPresenter(
        practice,
        InlineRunner(),
        ear.shell,
        group_id=1,
        currency=CURRENCIES["UGX"],
        clock=FixedClock(NOW),
    )
    clock = FixedClock(NOW)
    printing = Printing(lambda: practice, InlineRunner(), ear.shell, Path, clock)
    made = ReportsPage(presenter, printing)
    qtbot.addWidget(made)
    made.resize(*ROOM)
    made.show()
    with practice.read() as session:
        first, *_others = members_of(session, 1, on=NOW.date())
    if "member_ids" in definition.asks and definition.over is Over.MEMBER:
        presenter.filter.add("member_ids", Named(first.member_id, first.name))
    presenter.open(definition.name)
    if presenter.problem is not None and presenter.problem.field == "group_ids":
        presenter.filter.add("group_ids", Named(1, "One"))
        presenter.filter.add("group_ids", Named(2, "Two"))
        presenter.show()
    assert (presenter.problem, ear.said) == (None, [])
    assert made.result is not None
    for place in range(len(made.result.parts)):
        made.result.turn_to(place)
        QApplication.processEvents()
        assert (cut_words(made), nameless(made)) == ([], [])
        assert (made.width(), made.height()) == ROOM
    made.open_filter()
    QApplication.processEvents()
    assert (cut_words(made), nameless(made)) == ([], [])


def test_the_key_card_tells_the_keys_of_what_is_shown(qtbot: QtBot, met: Village) -> None:
    made = shown(qtbot, met)
    made.presenter.open("all")
    for turn in (made.close_panel, made.open_filter, made.open_saved):
        turn()
        QApplication.processEvents()
        told = {QKeySequence(hint.key) for hint in keys_of(made)}
        buttons = [each for each in made.findChildren(QPushButton) if each.isVisible()]
        keyed = {each.shortcut() for each in buttons if not each.shortcut().isEmpty()}
        assert keyed <= told | ({QKeySequence("F4"), QKeySequence("F6"), QKeySequence("F9")})
        assert len(keyed) >= 4


def test_a_report_is_printed(qtbot: QtBot, met: Village, tmp_path: Path) -> None:
    made = shown(qtbot, met, tmp_path)
    made.presenter.open("cashbook")
    QTest.keyClick(made, Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    assert (tmp_path / "printed" / "cashbook.pdf").read_bytes().startswith(b"%PDF")


def endless(session: Session, _wanted: Filter, _clock: Clock) -> Report:
    begun.set()
    question = (
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n"
    )
    session.connection().exec_driver_sql(question).scalar_one()
    raise AssertionError(question)


begun = threading.Event()
ENDLESS = Definition(
    "endless", Over.PROGRAMME, lambda: "Endless", lambda: "Never ready.", frozenset(), endless
)


def test_the_window_never_waits_and_another_report_stops_the_one_before(
    qtbot: QtBot, met: Village
) -> None:
    runner = QtRunner()
    ear = Ear()
    presenter = ReportsPresenter(
        met.database,
        runner,
        ear.shell,
        group_id=met.group_id,
        currency=CURRENCIES["UGX"],
        clock=met.clock,
        definitions=(CASHBOOK, ALL, ENDLESS),
    )
    made = ReportsPage(presenter, printer(met, ear, Path("nowhere")))
    qtbot.addWidget(made)
    made.show()
    try:
        for _time in range(4):  # more often than there are threads
            begun.clear()
            presenter.open("endless")
            assert begun.wait(10)
            assert made.stack.currentWidget() is made.waiting
        presenter.open("all")
        qtbot.waitUntil(lambda: made.result is not None, timeout=20_000)
        assert made.about.text() == "2026 · All groups"
        assert (presenter.problem, ear.said) == (None, [])
    finally:
        presenter.open("cashbook")
        runner.close()


@pytest.mark.parametrize("shape", list(ChartKind))
def test_a_chart_says_each_point_that_the_arrows_reach(qtbot: QtBot, shape: ChartKind) -> None:
    chart = next(each for each in CHARTS if each.shape is shape)
    view = ChartView(ChartPresenter(chart))
    qtbot.addWidget(view)
    view.resize(880, 480)
    view.show()
    view.activateWindow()
    qtbot.waitUntil(view.isActiveWindow)
    view.toggle.setFocus()
    plain = view.drawing.grab().toImage()
    view.setFocus()
    assert view.drawing.grab().toImage() != plain  # where the keyboard is can be seen
    press(Key.Key_Right, Key.Key_Left)
    assert view.sentence.text() == "القاهرة · Savings: 1,234,500 UGX"
    press(Key.Key_Down)
    assert view.sentence.text() == "القاهرة · Loans: \N{MINUS SIGN}200 UGX"
    assert view.drawing.accessibleDescription() == view.sentence.text()
    press(Key.Key_Home, Key.Key_End)
    assert view.sentence.text() == "ភ្នំពេញ · Loans: 950,000 UGX"
    before = view.grab().toImage()
    press(Key.Key_Home)
    assert view.grab().toImage() != before  # the point is marked in the drawing too
    press(Key.Key_F8)
    assert view.numbers.isVisible()
    assert view.numbers.table.model().index(1, 1).data() == "1,234,500"
    assert nameless(view) == []


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_series_are_told_apart_without_colour(colours: Colours) -> None:
    looks = [style(number, colours) for number in range(5)]
    assert len({(look.stroke, look.marker) for look in looks}) == 5
    assert len({look.hatch for look in looks}) == 5
    assert min(contrast(look.colour, colours.raised) for look in looks) >= 3


@pytest.mark.parametrize("theme", [ThemeChoice.LIGHT, ThemeChoice.DARK])
@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("percent", [100, 150])
def test_nothing_is_cut_and_everything_has_a_name(
    qtbot: QtBot, qapp: QApplication, met: Village, theme: ThemeChoice, language: str, percent: int
) -> None:
    wear(qapp, theme, percent, is_dark=theme is ThemeChoice.DARK)
    with speaking(language):
        made = shown(qtbot, met)
        looks = {"list": (cut_words(made), nameless(made))}
        made.start_find()
        press("every", Key.Key_Return)
        assert made.result is not None
        for place, part in enumerate(made.result.parts):
            made.result.tabs.setCurrentIndex(place)
            QApplication.processEvents()
            looks[part.title] = cut_words(made), nameless(made)
            assert (made.width(), made.height()) == ROOM, part.title
        made.open_filter()
        QApplication.processEvents()
        looks["filter"] = cut_words(made), nameless(made)
        made.open_saved()
        QApplication.processEvents()
        looks["saved"] = cut_words(made), nameless(made)
    assert looks == dict.fromkeys(looks, ([], []))


def test_the_same_key_widens_a_report_and_shows_the_list_again(qtbot: QtBot, met: Village) -> None:
    made = shown(qtbot, met)
    made.start_find()
    press("every", Key.Key_Return)
    assert made.result is not None
    for is_wide in (True, False, True):
        press(Key.Key_F9)
        assert made.side.isHidden() is is_wide
    titles = [part.title for part in made.result.parts]
    made.result.tabs.setCurrentIndex(titles.index("Savings as bar"))
    chart = made.result.part()
    assert isinstance(chart, ChartView)
    chart.setFocus()
    for are_shown in (True, False, True):
        press(Key.Key_F8)
        assert chart.numbers.isVisible() is are_shown


def test_charts_are_not_read_before_there_is_one() -> None:
    import subprocess

    code = (
        "import sys; import vsla_desktop.app, vsla_desktop.views.pages.reports; "
        "print([name for name in ('numpy', 'pyqtgraph') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
