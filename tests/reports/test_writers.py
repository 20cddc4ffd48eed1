"""What is written can be read again by other programs, with the same values."""

from __future__ import annotations

import csv
import re
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from vsla_desktop.errors import RuleBroken, StorageError
from vsla_desktop.reports.paged import MOST_ROWS, paged
from vsla_desktop.reports.plain_file import write_plain
from vsla_desktop.reports.report import (
    Chart,
    ChartKind,
    Figure,
    Kind,
    Report,
    ReportColumn,
    ReportTable,
    Row,
    Series,
)
from vsla_desktop.reports.spreadsheet import HEAD_ROW, write_spreadsheet

if TYPE_CHECKING:
    from pathlib import Path

MADE = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
COLUMNS = (
    ReportColumn("Member"),
    ReportColumn("Day", Kind.DATE),
    ReportColumn("Shares", Kind.COUNT, has_total=True),
    ReportColumn("Amount", Kind.MONEY, has_total=True),
)
# What XML can not hold at all never reaches a book: half of a letter.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
ROWS = st.lists(
    st.tuples(
        st.none() | TEXTS | st.sampled_from(["=1+1", "+256 7", "-", "@x", "_x0041_", " a ", "ዓለም"]),
        st.none() | st.dates(date(1990, 1, 1), date(2100, 1, 1)),
        st.none() | st.integers(0, 10**6),
        st.none() | st.decimals(-(10**9), 10**9, places=2),
    ),
    max_size=6,
)


def report(rows: list[Row], **more: object) -> Report:
    table = ReportTable("Entries: of all", COLUMNS, rows, currency="KES")
    return Report("entries", "Entries", "Tugende", "2026", tables=(table,), **more)  # type: ignore[arg-type]


@given(ROWS)
def test_a_spreadsheet_holds_every_value_as_it_is(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Row]
) -> None:
    path = tmp_path_factory.mktemp("sheets") / "report.xlsx"
    write_spreadsheet(report(rows), path, made=MADE)
    read = CalamineWorkbook.from_path(str(path)).get_sheet_by_name("Entries of all")
    lines = read.to_python(skip_empty_area=False)
    assert lines[HEAD_ROW][:4] == ["Member", "Day", "Shares", "Amount"]
    for row, line in zip(rows, lines[HEAD_ROW + 1 :], strict=False):
        name, day, shares, amount = row
        assert line[0] == (name or "")
        assert (line[1] or None) == day
        assert line[2] == ("" if shares is None else shares)
        assert line[3] == ("" if amount is None else float(amount))  # type: ignore[arg-type]
    if rows:
        totals = lines[HEAD_ROW + 1 + len(rows)]
        assert totals[2] == sum(row[2] or 0 for row in rows)  # type: ignore[misc]
        assert Decimal(str(totals[3])) == sum(row[3] or 0 for row in rows)  # type: ignore[misc]


def test_totals_are_formulas_and_no_text_is_one(tmp_path: Path) -> None:
    rows: list[Row] = [("=HYPERLINK(1)", date(2026, 1, 5), 3, Decimal("1500.50"))] * 3
    path = tmp_path / "report.xlsx"
    write_spreadsheet(report(rows), path, made=MADE)
    sheet = zipfile.ZipFile(path).read("xl/worksheets/sheet1.xml").decode()
    assert re.findall("<f>(.*?)</f>", sheet) == ["SUM(C5:C7)", "SUM(D5:D7)"]
    assert "4501.50" in sheet
    marked = re.search('<c r="A5" s="([0-9]+)" t="inlineStr">', sheet)
    assert marked is not None
    styles = zipfile.ZipFile(path).read("xl/styles.xml").decode()
    looks = re.findall("<xf .*?(?:/>|</xf>)", styles.split("<cellXfs")[1])
    assert 'quotePrefix="1"' in looks[int(marked[1])]


def test_a_heading_stands_still_and_two_sheets_never_share_a_name(tmp_path: Path) -> None:
    table = ReportTable("Loans [all]", COLUMNS, [], currency="UGX")
    made = Report(
        "loans",
        "Loans",
        "Tugende",
        "2026",
        figures=(Figure("Women", Decimal("0.62"), Kind.PERCENT, "women / members", "31 / 50"),),
        tables=(table, table),
        charts=(
            Chart("Savings", ChartKind.LINE, ("Jan", "Feb"), (Series("Saved", (Decimal(1), 2)),)),
            Chart("Heat", ChartKind.HEAT, ("Amina",), (Series("1", (1,)),), Kind.COUNT),
        ),
    )
    path = tmp_path / "report.xlsx"
    write_spreadsheet(made, path, made=MADE)
    book = CalamineWorkbook.from_path(str(path))
    assert book.sheet_names == ["Figures", "Loans all", "Loans all 2", "Savings", "Heat"]
    assert book.get_sheet_by_index(0).to_python()[-1] == [
        "Women",
        0.62,
        "women / members",
        "31 / 50",
    ]
    inside = zipfile.ZipFile(path)
    assert 'state="frozen"' in inside.read("xl/worksheets/sheet2.xml").decode()
    assert "colorScale" in inside.read("xl/worksheets/sheet5.xml").decode()
    assert "xl/charts/chart1.xml" in inside.namelist()


@given(ROWS)
def test_plain_rows_come_back_and_no_cell_is_a_formula(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Row]
) -> None:
    path = tmp_path_factory.mktemp("plain") / "report.csv"
    write_plain(report(rows), path)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        head, *lines = csv.reader(file)
    assert head == ["Member", "Day", "Shares", "Amount"]
    assert len(lines) == len(rows)
    for (name, day, shares, amount), line in zip(rows, lines, strict=True):
        assert line[0].removeprefix("'") == str(name or "").removeprefix("'")
        assert not line[0].startswith(("=", "+", "-", "@", "\t", "\r"))
        assert line[1] == (day.isoformat() if isinstance(day, date) else "")
        assert line[2] == ("" if shares is None else str(shares))
        assert (Decimal(line[3]) if line[3] else None) == amount


def test_a_stopped_writing_leaves_no_file(tmp_path: Path) -> None:
    rows: list[Row] = [("Amina", None, 1, Decimal(1))] * 5_000

    def stop(_written: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_spreadsheet(report(rows), tmp_path / "report.xlsx", made=MADE, progress=stop)
    with pytest.raises(KeyboardInterrupt):
        write_plain(report(rows), tmp_path / "report.csv", progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="can not be written"):
        write_spreadsheet(report([]), tmp_path / "no" / "report.xlsx", made=MADE)
    with pytest.raises(StorageError, match="can not be written"):
        write_plain(report([]), tmp_path / "no" / "report.csv")


def test_a_page_has_the_same_rows_and_totals() -> None:
    rows: list[Row] = [("Amina", date(2026, 1, 5), 3, Decimal(1500)), ("Zoe", None, 0, None)]
    document = paged(report(rows, signatures=("Chairperson",)), printed=date(2026, 1, 6))
    table = document.blocks[0]
    assert table.rows == (("Amina", "5 Jan 2026", "3", "1,500"), ("Zoe", "", "·", ""))  # type: ignore[union-attr]
    assert table.totals == ("Total", "", "3", "1,500")  # type: ignore[union-attr]


def test_a_list_too_long_for_paper_is_refused() -> None:
    rows: list[Row] = [("Amina", None, 1, Decimal(1))] * (MOST_ROWS + 1)
    with pytest.raises(RuleBroken, match="too long for paper"):
        paged(report(rows), printed=date(2026, 1, 6))
