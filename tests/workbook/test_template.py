from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from vsla_desktop.domain.fines import FineType
from vsla_desktop.services.workbook import write_template
from vsla_desktop.services.workbook.group_keys import GROUP_KEYS
from vsla_desktop.services.workbook.layout import SHEETS, Kind

NAMED_BY_DESIGN = {
    "Members": "number first_name last_name gender phone_number id_number joined_date role "
    "opening_shares opening_loan opening_fines",
    "Meetings": "number date type opening_loan_fund_count opening_social_fund_count "
    "closing_loan_fund_count closing_social_fund_count",
    "Entries": "meeting member attendance social_fund shares fine_type fine_charged fine_paid "
    "loan_repaid loan_taken loan_months loan_purpose",
}


@pytest.fixture
def template(tmp_path: Path) -> Path:
    write_template(tmp_path / "template.xlsx")
    return tmp_path / "template.xlsx"


def test_the_template_has_the_sheets_and_columns_that_people_know(template: Path) -> None:
    workbook = CalamineWorkbook.from_path(template)
    assert workbook.sheet_names == ["Group", "Members", "Meetings", "Entries", "Other", "Help"]
    for name, columns in NAMED_BY_DESIGN.items():
        assert workbook.get_sheet_by_name(name).to_python()[0] == columns.split()


def test_each_key_has_its_explanation(template: Path) -> None:
    rows = CalamineWorkbook.from_path(template).get_sheet_by_name("Group").to_python()
    assert rows[0] == ["key", "value", "explanation", "example"]
    assert [row[0] for row in rows[1:]] == [
        column.name for column in GROUP_KEYS if not column.extra
    ]
    assert all(row[1] == "" and row[2] for row in rows[1:])


def test_help_explains_every_column_in_short_sentences(template: Path) -> None:
    rows = CalamineWorkbook.from_path(template).get_sheet_by_name("Help").to_python()
    explained = {(row[0], row[1]) for row in rows if row[1]}
    assert explained >= {(sheet.name, column.name) for sheet in SHEETS for column in sheet.columns}
    sentences = [str(row[0]) for row in rows if row[0] and not row[1]]
    assert len(sentences) > 10
    assert all(len(sentence.split()) <= 18 for sentence in sentences)


def test_headers_stay_in_view_and_lists_are_offered(template: Path) -> None:
    with zipfile.ZipFile(template) as archive:
        for number, sheet in enumerate(SHEETS, 2):
            page = archive.read(f"xl/worksheets/sheet{number}.xml").decode()
            assert 'state="frozen"' in page
            lists = [
                each
                for each in sheet.columns
                if each.kind in {Kind.CHOICE, Kind.YES_NO} and not each.extra
            ]
            assert page.count('type="list"') == len(lists)
            assert 'type="date"' in page or sheet.name in {"Entries", "Other"}


def test_every_fine_of_the_tariff_can_be_written() -> None:
    keys = {column.name for column in GROUP_KEYS}
    assert {f"fine_{kind.value.lower()}" for kind in FineType} <= keys
