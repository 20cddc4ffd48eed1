"""Every report of a group is written in every format, with the same values in all of them."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pypdfium2
import pytest
from python_calamine import CalamineWorkbook

from tests.db.books import new_book
from tests.reports.small_book import THIRD, keep_business, kept_book
from vsla_desktop.i18n import speaking
from vsla_desktop.queries.filtering import Filter
from vsla_desktop.reports.group_books import BOOKS
from vsla_desktop.reports.report import Over
from vsla_desktop.reports.spreadsheet import HEAD_ROW
from vsla_desktop.reports.writing import write_report

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.services.village import Village
    from vsla_desktop.reports.report import Definition


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Village]:
    book = new_book(tmp_path_factory.mktemp("kept") / "vsla.db")
    village = kept_book(book)
    keep_business(village)
    yield village
    book.close()


def asked(village: Village, kind: Definition) -> Filter:
    members = (village.members[2],) if kind.over is Over.MEMBER else ()
    on = THIRD if "on" in kind.asks else None
    return Filter(group_ids=(village.group_id,), member_ids=members, on=on)


@pytest.mark.parametrize("kind", BOOKS, ids=lambda kind: kind.name)
def test_a_report_is_the_same_in_every_format(
    kept: Village, kind: Definition, tmp_path: Path
) -> None:
    made = kept.clock.now()
    files = {form: tmp_path / f"report.{form}" for form in ("xlsx", "csv", "pdf")}
    with speaking("en"), kept.database.read() as session:
        report = kind.build(session, asked(kept, kind), kept.clock)
        for form, file in files.items():
            write_report(report, file, form, made=made)
        rows = [len(tuple(table.rows)) for table in report.tables]
        # Every row has a value under every column.
        for table in report.tables:
            assert {len(row) for row in table.rows} <= {len(table.columns)}
    assert sum(rows) > 0
    book = CalamineWorkbook.from_path(str(files["xlsx"]))
    sheets = book.sheet_names[1 if report.figures else 0 :]
    for name, table, count in zip(sheets, report.tables, rows, strict=False):
        lines = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        assert lines[HEAD_ROW][: len(table.columns)] == [each.title for each in table.columns]
        if count:
            assert len(lines) >= HEAD_ROW + 1 + count
    with files["csv"].open(encoding="utf-8-sig", newline="") as plain:
        assert sum(1 for _line in csv.reader(plain)) >= sum(rows) + len(rows)
    pages = pypdfium2.PdfDocument(files["pdf"])
    text = "\n".join(page.get_textpage().get_text_range() for page in pages)
    pages.close()
    assert report.title in text
    for column in report.tables[0].columns:
        assert column.title.split()[0] in text


@pytest.mark.parametrize("kind", BOOKS, ids=lambda kind: kind.name)
def test_a_report_is_said_in_french(kept: Village, kind: Definition) -> None:
    with kept.database.read() as session:
        with speaking("en"):
            english = kind.build(session, asked(kept, kind), kept.clock)
        with speaking("fr"):
            french = kind.build(session, asked(kept, kind), kept.clock)
            assert kind.about() != ""
            rows = [tuple(table.rows) for table in french.tables]
        with speaking("en"):
            assert [len(each) for each in rows] == [len(tuple(t.rows)) for t in english.tables]
    assert (french.title, french.period) != (english.title, english.period)
