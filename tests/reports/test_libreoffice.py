"""A report's spreadsheet, opened and worked out anew by another program, holds the same figures."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from python_calamine import CalamineWorkbook

from tests.services.lived import lived
from tests.services.village import Village
from vsla_desktop.i18n import speaking
from vsla_desktop.queries.filtering import Filter
from vsla_desktop.reports.catalogue import REPORTS
from vsla_desktop.reports.report import Kind, Over, Report, ReportColumn, ReportTable
from vsla_desktop.reports.spreadsheet import HEAD_ROW, write_spreadsheet

pytestmark = pytest.mark.libreoffice

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vsla_desktop.db import Database

MADE = datetime(2026, 3, 1, tzinfo=UTC)
# Always work out formulas when a spreadsheet is opened, whatever the file says they came to.
_ALWAYS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode"
 oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with speaking("en"):
        yield


def every_report(database: Database) -> list[Report]:
    """Make all reports of two villages; of one the meetings can be followed by hand."""
    village, other = Village(database).form(), Village(database, code="TST-2").form()
    village.meet()
    lived(village)
    other.meet()
    other.close()
    made = []
    with database.read() as session:
        for each in REPORTS:
            asked = {
                Over.MEMBER: Filter(member_ids=(village.members[0],)),
                Over.GROUP: Filter(group_ids=(village.group_id,)),
                Over.LIST: Filter(group_ids=(village.group_id, other.group_id)),
                Over.PROGRAMME: Filter(group_ids=(village.group_id, other.group_id)),
            }[each.over]
            report = each.build(session, asked, village.clock)
            # The rows are read while the book is open.
            tables = tuple(replace(table, rows=tuple(table.rows)) for table in report.tables)
            made.append(replace(report, tables=tables))
    return made


def forget_results(path: Path) -> int:
    """Write nought as the result of every formula of a file; return how many there are."""
    kept = path.with_suffix(".kept")
    path.rename(kept)
    count = 0
    with zipfile.ZipFile(kept) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            inside = old.read(name)
            if name.startswith("xl/worksheets/sheet"):
                text, found = re.subn("</f><v>[^<]*</v>", "</f><v>0</v>", inside.decode())
                inside, count = text.encode(), count + found
            new.writestr(name, inside)
    return count


def worked_out(files: list[Path], folder: Path) -> Path:
    """Let LibreOffice open the files, work them out, and save them again elsewhere."""
    program = shutil.which("soffice")
    assert program, "LibreOffice is missing: run 'apt-get install libreoffice-calc-nogui'."
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(_ALWAYS)
    saved = folder / "saved"
    subprocess.run(
        [
            program,
            f"-env:UserInstallation={profile.as_uri()}",
            "--headless",
            "--convert-to",
            "xlsx:Calc MS Excel 2007 XML",
            "--outdir",
            str(saved),
            *map(str, files),
        ],
        check=True,
        capture_output=True,
        timeout=300,
    )
    return saved


def cell(value: Any, kind: Kind) -> Any:
    """Return a value as a reader of spreadsheets gives it."""
    if value is None:
        return ""
    return value if kind in {Kind.TEXT, Kind.DATE} else pytest.approx(float(value), abs=1e-9)


def test_every_report_comes_to_the_same_in_libreoffice(book: Database, tmp_path: Path) -> None:
    reports = every_report(book)
    files, formulas = [], 0
    for report in reports:
        path = tmp_path / f"{report.name}.xlsx"
        write_spreadsheet(report, path, made=MADE)
        formulas += forget_results(path)
        files.append(path)
    assert formulas > 20
    saved = worked_out(files, tmp_path)
    for report, file in zip(reports, files, strict=True):
        opened = CalamineWorkbook.from_path(str(saved / file.name))
        sheets = iter(opened.sheet_names)
        if report.figures:
            lines = opened.get_sheet_by_name(next(sheets)).to_python(skip_empty_area=False)
            for figure, line in zip(report.figures, lines[HEAD_ROW + 1 :], strict=True):
                assert line[1] == cell(figure.value, figure.kind), (report.name, figure.title)
        for table in report.tables:
            compare(table, opened.get_sheet_by_name(next(sheets)).to_python(skip_empty_area=False))


def compare(table: ReportTable, lines: list[list[Any]]) -> None:
    """Check every cell of a table, and the totals that were worked out anew."""
    rows = list(table.rows)
    width = len(table.columns)
    for row, line in zip(rows, lines[HEAD_ROW + 1 :], strict=False):
        for column, value, found in zip(table.columns, row, line, strict=False):
            assert found == cell(value, column.kind), (table.title, column.title)
    if rows and any(column.has_total for column in table.columns):
        totals = lines[HEAD_ROW + 1 + len(rows)][:width]
        for at, column in enumerate(table.columns):
            if column.has_total:
                total = sum((Decimal(row[at] or 0) for row in rows), Decimal(0))  # type: ignore[arg-type]
                assert totals[at] == cell(total, column.kind), (table.title, column.title)


def test_what_looks_like_a_formula_stays_a_text(tmp_path: Path) -> None:
    names = ("=1+1", "+256 7", "-3", "@SUM(A1)", "አማኑኤል", "جمعية الأمل", "ក្រុមសន្សំ")
    columns = (ReportColumn("Name"), ReportColumn("Day", Kind.DATE))
    rows = tuple((name, date(2026, 1, 5)) for name in names)
    report = Report("names", "Names", "Tugende", "2026", tables=(ReportTable("N", columns, rows),))
    path = tmp_path / "names.xlsx"
    write_spreadsheet(report, path, made=MADE)
    saved = worked_out([path], tmp_path) / path.name
    lines = CalamineWorkbook.from_path(str(saved)).get_sheet_by_index(0).to_python()
    assert [tuple(line) for line in lines[-len(names) :]] == list(rows)
