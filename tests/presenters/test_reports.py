"""Reports as a person asks for them: chosen, narrowed, looked through, saved, kept by name."""

from __future__ import annotations

import contextlib
import csv
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pytest
from sqlalchemy import update
from typing_extensions import override

from tests.presenters.book_of_group import Ear
from tests.services.village import Village
from vsla_desktop.clock import Clock
from vsla_desktop.domain.currencies import CURRENCIES
from vsla_desktop.domain.postings import Fund
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import speaking
from vsla_desktop.presenters.charts import ChartPresenter, Point
from vsla_desktop.presenters.reports import ReportsPresenter
from vsla_desktop.presenters.reports_table import ReportTablePresenter
from vsla_desktop.presenters.runner import Cancelled, InlineRunner, Job, Lane, Progress
from vsla_desktop.queries.filtering import Filter
from vsla_desktop.queries.tables import GROUPS, KEPT_REPORTS
from vsla_desktop.reports.cashbook_report import CASHBOOK
from vsla_desktop.reports.held import PAGE, HeldRows, hold
from vsla_desktop.reports.report import (
    Chart,
    ChartKind,
    Definition,
    Kind,
    Over,
    Report,
    ReportColumn,
    ReportTable,
    Row,
    Series,
)
from vsla_desktop.reports.scale import short_number, ticks

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.db import Database

D = Decimal
T = TypeVar("T")
LONG = 2_345


class Long:
    """A list that is read anew each time it is gone through, and tells how often."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.times = 0

    def __iter__(self) -> Iterator[Row]:
        self.times += 1
        for number in range(LONG):
            value = self.session.connection().exec_driver_sql("SELECT 1").scalar_one()
            yield (f"Entry {number}", date(2026, 1, 1), value, D("2.50") * value)


COLUMNS = (
    ReportColumn("Entry"),
    ReportColumn("Day", Kind.DATE),
    ReportColumn("Count", Kind.COUNT, has_total=True),
    ReportColumn("Amount", Kind.MONEY, has_total=True),
)
asked: list[Filter] = []


def build_long(session: Session, wanted: Filter, _clock: Clock) -> Report:
    asked.append(wanted)
    table = ReportTable("Entries", COLUMNS, Long(session), currency="UGX")
    return Report("entries", "Entries", "All groups", "2026", tables=(table,))


def build_endless(session: Session, _wanted: Filter, _clock: Clock) -> Report:
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n"
    session.connection().exec_driver_sql(endless).scalar_one()
    raise AssertionError(endless)


def build_sleeping(session: Session, _wanted: Filter, _clock: Clock) -> Report:
    session.connection().exec_driver_sql("SELECT pg_sleep(600)").scalar_one()
    raise AssertionError


def build_one(_session: Session, wanted: Filter, _clock: Clock) -> Report:
    if len(wanted.member_ids) != 1:
        raise RuleBroken("Choose one member.", field="member_ids")
    asked.append(wanted)
    return Report("one", "One", "Amina", "2026")


ENTRIES = Definition(
    "entries",
    Over.PROGRAMME,
    lambda: "Entries",
    lambda: "Everything that was written.",
    frozenset(
        {"group_ids", "region", "genders", "funds", "statuses", "day_from", "day_to"}
        | {"amount_from", "amount_to", "members_from", "members_to"}
    ),
    build_long,
    ("ACTIVE", "COMPLETED"),
)
ONE = Definition(
    "one",
    Over.MEMBER,
    lambda: "One",
    lambda: "A member.",
    frozenset({"group_ids", "member_ids", "day_to"}),
    build_one,
)
ENDLESS = Definition(
    "endless", Over.GROUP, lambda: "Endless", lambda: "Never ready.", frozenset(), build_endless
)
SLEEPING = Definition(
    "sleeping", Over.GROUP, lambda: "Sleeping", lambda: "Never ready.", frozenset(), build_sleeping
)
DEFINITIONS = (CASHBOOK, ENTRIES, ONE)


def reports_page(
    village: Village, ear: Ear, runner: InlineRunner | None = None
) -> ReportsPresenter:
    asked.clear()
    return ReportsPresenter(
        village.database,
        runner or InlineRunner(),
        ear.shell,
        group_id=village.group_id,
        currency=CURRENCIES["UGX"],
        clock=village.clock,
        definitions=DEFINITIONS,
    )


def texts(page: ReportsPresenter) -> list[str]:
    return [chip.text for chip in page.filter.chips()]


def table_of(page: ReportsPresenter) -> ReportTablePresenter:
    assert page.made is not None
    return ReportTablePresenter(page.made.tables[0])


def test_reports_stand_under_their_headings_and_are_found(met: Village, ear: Ear) -> None:
    page = reports_page(met, ear)
    assert [(each.title, bool(each.name)) for each in page.entries()] == [
        ("This group", False),
        ("Cashbook", True),
        ("One member", False),
        ("One", True),
        ("All groups", False),
        ("Entries", True),
    ]
    page.find("written")
    assert [each.title for each in page.entries()] == ["All groups", "Entries"]


def test_a_group_s_report_is_of_the_group_that_is_open(met: Village, ear: Ear) -> None:
    page = reports_page(met, ear)
    page.open("cashbook")
    table = table_of(page)
    assert (table.row_count(), table.summary()) == (7, "7 lines")
    rows = [[table.cell(row, column).text for column in (0, 2, 4)] for row in range(2)]
    assert rows == [["5 Jan 2026", "Savings", "1,500"], ["5 Jan 2026", "Savings", "2,500"]]
    totals = dict(zip([each.title for each in table.columns()], table.totals(), strict=True))
    assert (totals["Day"], totals["In"], totals["Out"]) == ("Total", "5,000", "0")


def test_what_is_asked_is_said_on_chips_and_left_out_one_by_one(met: Village, ear: Ear) -> None:
    page = reports_page(met, ear)
    page.open("entries")
    fill = page.filter
    fill.choose("genders", "F", is_chosen=True)
    fill.choose("funds", "ECD", is_chosen=True)
    fill.choose("funds", "SOCIAL", is_chosen=True)
    fill.enter("region", " Central ")
    fill.enter("day_from", "1/12/2026")
    fill.enter("day_to", "31 Dec 2026")
    fill.enter("members_from", "10")
    fill.enter("amount_to", "5 000")
    assert page.show() == ""
    assert texts(page) == [
        "Women",
        "Childcare fund",
        "Social fund",
        "December 2026",
        "5,000 or less",
        "10 members or more",
        "Central",
    ]
    assert asked[-1] == Filter(
        genders=("F",),
        funds=(Fund.ECD, Fund.SOCIAL),
        region="Central",
        day_from=date(2026, 12, 1),
        day_to=date(2026, 12, 31),
        members_from=10,
        amount_to=D(5000),
    )
    for chip in fill.chips():
        page.remove(chip)
    assert (texts(page), asked[-1]) == ([], Filter())
    assert len(asked) == 9


def test_a_report_is_asked_only_what_it_looks_at(met: Village, ear: Ear) -> None:
    page = reports_page(met, ear)
    page.open("entries")
    page.filter.choose("genders", "F", is_chosen=True)
    page.filter.choose("statuses", "WAIVED", is_chosen=True)
    page.filter.enter("day_to", "31/3/2026")
    page.show()
    assert asked[-1].statuses == ()  # its entries know no such status
    page.open("one")
    assert texts(page) == ["Until 31 Mar 2026"]
    page.open("entries")
    assert texts(page) == ["Women", "Until 31 Mar 2026"]


@pytest.mark.parametrize(
    ("key", "text", "sentence"),
    [
        ("day_from", "soon", "soon is not a day. Write it like 3/12/2026."),
        ("amount_from", "much", "much is not an amount. Use digits only, such as 2500."),
        ("members_to", "2.5", "Enter a whole number, such as 3."),
        ("day_to", "1/1/2026", "The end comes before the beginning."),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    met: Village, ear: Ear, key: str, text: str, sentence: str
) -> None:
    page = reports_page(met, ear)
    page.open("entries")
    before = len(asked)
    page.filter.enter("day_from", "1/2/2026")
    page.filter.enter(key, text)
    assert page.show() == key
    assert page.filter.form.sentence(key) == sentence
    assert page.problem is not None
    assert (page.problem.field, len(asked), ear.said) == (key, before, [])


def test_a_member_is_chosen_by_name(met: Village, ear: Ear) -> None:
    page = reports_page(met, ear)
    page.open("one")
    assert page.problem is not None
    assert (page.problem.sentence, page.problem.field) == ("Choose one member.", "member_ids")
    finder = page.finder("member_ids")
    finder.find("bea")
    assert [each.title for each in finder.matches] == ["2 Beatrice Auma"]
    finder.choose(0)
    finder.find("1")
    finder.choose(0)  # there can be only one
    page.show()
    assert page.made
    assert asked[-1].member_ids == (met.members[0],)
    assert texts(page) == ["1 Amina Nakato"]
    groups = page.finder("group_ids")
    groups.find("twi")
    groups.choose(0)
    assert page.filter.named["member_ids"] == ()  # members of another group perhaps


def test_places_that_groups_have_are_offered(met: Village, ear: Ear) -> None:
    with met.database.write() as session:
        session.connection().execute(update(GROUPS).values(region="Central", district="Mukono"))
    finder = reports_page(met, ear).place_finder("region")
    offered = []
    for typed in ("cen", "CENT", "muk", "%"):
        finder.find(typed)
        offered.append(finder.matches)
    assert offered == [("Central",), ("Central",), (), ()]


def test_a_long_list_is_read_once_and_shown_page_by_page(met: Village, ear: Ear) -> None:
    page = reports_page(met, ear, runner := InlineRunner())
    page.open("entries")
    assert page.made is not None
    held = page.made.tables[0]
    rows = held.rows
    assert isinstance(rows, HeldRows)
    assert isinstance(held.table.rows, Long)
    assert held.table.rows.times == 1
    table = table_of(page)
    assert table.row_count() == len(rows) == LONG
    last = [table.cell(LONG - 1, column).text for column in range(4)]
    assert last == ["Entry 2344", "1 Jan 2026", "1", "2.50"]
    assert table.totals() == ("Total", "", "2,345", "5,862.50")
    assert rows[-1] == rows[LONG - 1] == list(rows)[-1]
    assert len(rows._pages) <= 8  # what is kept in memory does not grow with the list
    assert [step.done for step in runner.steps if step.done] == [
        *range(PAGE, LONG, PAGE),
        LONG,
    ]


@pytest.mark.parametrize("ending", ["csv", "xlsx", "CSV"])
def test_what_is_shown_is_what_is_saved(
    met: Village, ear: Ear, tmp_path: Path, ending: str
) -> None:
    page = reports_page(met, ear)
    page.open("entries")
    file = tmp_path / f"list.{ending}"
    page.save(file)
    assert ear.said == [f"Saved: {file}"]
    if ending.lower() == "csv":
        with file.open(encoding="utf-8-sig", newline="") as lines:
            read = list(csv.reader(lines))
        assert len(read) == LONG + 1
        assert read[-1] == ["Entry 2344", "2026-01-01", "1", "2.50"]
    assert page.file_name() == "Entries All groups 2026"


def test_a_page_is_saved_as_pdf_and_a_list_too_long_for_paper_is_refused(
    met: Village, ear: Ear, tmp_path: Path
) -> None:
    page = reports_page(met, ear)
    page.open("cashbook")
    page.save(tmp_path / "book.pdf")
    assert (tmp_path / "book.pdf").read_bytes().startswith(b"%PDF")
    assert page.made is not None
    rows = HeldRows()
    rows.add([("x", None, 1, D(1))] * 5001)
    many = ReportTable("Entries", COLUMNS, rows)
    page.made = hold(Report("long", "Long", "All", "2026", tables=(many,)))
    page.save(tmp_path / "long.pdf")
    assert ear.said[-1].startswith("This list is too long for paper")
    assert [file.name for file in tmp_path.glob("*.pdf")] == ["book.pdf"]


class Stops(InlineRunner):
    """A person who presses Stop after so many steps; then nobody is called back."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.after = after

    @override
    def submit_long(
        self,
        title: str,
        job: Callable[[Progress], T],
        on_done: Callable[[T], None],
        on_error: Callable[[Exception], None],
        *,
        owner: object,
        lane: Lane = Lane.DATABASE,
    ) -> Job:
        with contextlib.suppress(Cancelled):
            return super().submit_long(
                title,
                lambda progress: job(Impatient(progress, self)),
                on_done,
                on_error,
                owner=owner,
                lane=lane,
            )
        return super().submit(lambda: None, lambda _nothing: None, on_error, owner=owner)


class Impatient:
    def __init__(self, progress: Progress, runner: Stops) -> None:
        self.progress = progress
        self.runner = runner

    def step(self, done: int, total: int) -> None:
        self.progress.step(done, total)
        self.runner.after -= 1
        if self.runner.after < 0:
            raise Cancelled


def test_who_stops_the_making_is_told_and_can_begin_again(met: Village, ear: Ear) -> None:
    runner = Stops(2)
    page = reports_page(met, ear, runner)
    page.open("entries")
    page.stopped()
    assert page.problem is not None
    assert page.problem.sentence.startswith("Stopped.")
    runner.after = 100
    page.open("entries")
    assert table_of(page).row_count() == LONG


def test_a_question_that_takes_long_is_stopped_while_the_book_works_on_it(
    met: Village, ear: Ear
) -> None:
    runner = Stops(3)
    page = reports_page(met, ear, runner)
    page.definitions = (ENDLESS, CASHBOOK)
    page.open("endless")
    page.stopped()
    runner.after = 1000
    page.open("cashbook")
    assert table_of(page).row_count() == 7
    assert ear.said == []


def test_a_file_that_is_stopped_half_way_is_not_there(
    met: Village, ear: Ear, tmp_path: Path
) -> None:
    runner = Stops(100)
    page = reports_page(met, ear, runner)
    page.open("entries")
    for name in ("list.csv", "list.xlsx"):
        runner.after = 0
        page.save(tmp_path / name)
        page.stopped()
    assert (list(tmp_path.glob("list*")), ear.said, page.is_saving) == ([], [], False)


def test_a_folder_that_can_not_be_written_to_is_told(
    met: Village, ear: Ear, tmp_path: Path
) -> None:
    page = reports_page(met, ear)
    page.open("cashbook")
    page.save(tmp_path / "nowhere" / "book.csv")
    [said] = ear.said
    assert said.startswith("The file book.csv can not be written. Check the disk")
    assert not page.is_saving


def test_filters_are_kept_opened_named_and_let_go(met: Village, ear: Ear) -> None:
    page = reports_page(met, ear)
    saved = page.saved
    saved.keep()
    assert saved.form.sentence("name") == "Choose a report first."
    page.open("entries")
    page.filter.choose("genders", "F", is_chosen=True)
    page.filter.enter("amount_from", "2500")
    page.filter.enter("day_from", "1/12/2026")
    saved.keep()
    assert saved.form.sentence("name") == "Give the filter a name."
    saved.enter("name", "Women, December")
    saved.keep()
    wanted = page.filter.wanted()
    page.filter.clear()
    page.open("cashbook")
    saved.refresh()
    assert [saved.cell(0, column).text for column in range(3)] == [
        "Women, December",
        "Entries",
        "6 Jan 2026",
    ]
    saved.open_row(0)
    assert page.definition is ENTRIES
    assert page.filter.wanted() == asked[-1] == wanted
    assert texts(page) == ["Women", "From 1 Dec 2026", "2,500 or more"]
    saved.enter("name", "Women")
    saved.rename(0)
    assert saved.row_title(0) == "Women"
    saved.delete(0)
    assert saved.row_count() == 0
    saved.undo()
    assert (saved.row_title(0), saved.last_deleted) == ("Women", None)


def test_a_filter_of_a_newer_release_opens_with_what_is_known_here(met: Village, ear: Ear) -> None:
    page = reports_page(met, ear)
    page.open("entries")
    page.saved.enter("name", "Newer")
    page.saved.keep()
    with met.database.write() as session:
        newer = {"weather": "dry", "region": "Central"}
        session.connection().execute(update(KEPT_REPORTS).values(report_parameters=newer))
    page.saved.refresh()
    page.saved.open_row(0)
    assert (texts(page), page.warning()) == (["Central"], "Not known here, left out: weather.")
    page.show()
    assert page.warning() == ""


# ---------------------------------------------------------------------------------- charts


CHART = Chart(
    "Savings and loans",
    ChartKind.LINE,
    ("January", "February", "March"),
    (
        Series("Savings", (D(1_200_000), D(1_234_500), None)),
        Series("Loans", (D(0), D(-200), D(950_000))),
    ),
    currency="UGX",
)


def test_a_chart_is_gone_through_point_by_point() -> None:
    chart = ChartPresenter(CHART)
    said: list[str] = []
    chart.moved.listen(lambda: said.append(chart.sentence()))
    assert chart.title() == "Savings and loans · UGX"
    assert chart.sentence() == "Arrow keys go from point to point."
    for places, series in ((0, 0), (-1, 0), (0, 1), (1, 0), (1, 0), (0, 1)):
        chart.go(places, series)
    assert said == [
        "March · Savings: none",
        "February · Savings: 1,234,500 UGX",
        "February · Loans: \N{MINUS SIGN}200 UGX",
        "March · Loans: 950,000 UGX",
        "March · Loans: 950,000 UGX",
        "March · Savings: none",
    ]
    assert chart.point == Point(2, 0)
    numbers = chart.numbers()
    assert [[numbers.cell(row, at).text for at in range(3)] for row in range(3)] == [
        ["January", "1,200,000", "0"],
        ["February", "1,234,500", "\N{MINUS SIGN}200"],
        ["March", "", "950,000"],
    ]


def test_the_scale_is_round_and_written_short() -> None:
    assert [words for _value, words in ChartPresenter(CHART).scale()] == [
        "\N{MINUS SIGN}500 k",
        "0",
        "500 k",
        "1 M",
        "1.5 M",
    ]
    assert [str(each) for each in ticks(D(0), D("0.35"))] == [
        "0.00",
        "0.10",
        "0.20",
        "0.30",
        "0.40",
    ]
    assert ticks(D(0), D(3), whole=True) == [0, 1, 2, 3]
    assert [short_number(D(each)) for each in ("999", "9999", "12345", "1234000", "7e9")] == [
        "999",
        "9,999",
        "12.3 k",
        "1.23 M",
        "7 bn",
    ]
    with speaking("fr"):
        assert short_number(D(1_234_000)) == "1,23 M"
        assert short_number(D(2_500_000_000)) == "2,5 Md"


def test_a_question_to_head_office_is_stopped_too(central: Database, ear: Ear) -> None:
    village = Village(central)
    village.form()
    page = reports_page(village, ear, Stops(3))
    page.definitions = (SLEEPING,)
    page.open("sleeping")
    page.stopped()
    assert page.problem is not None
    assert page.problem.sentence.startswith("Stopped.")
    assert ear.said == []
