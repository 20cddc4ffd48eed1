from __future__ import annotations

import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.workbook.sheets import Sheets, small_group, write_sheets
from vsla_desktop.domain.loans import ChargeMethod
from vsla_desktop.errors import StorageError
from vsla_desktop.services.workbook import Books, WrongCell, read_workbook, write_template
from vsla_desktop.services.workbook import files as bounds

TODAY = date(2026, 3, 2)


def read(tmp_path: Path, sheets: Sheets) -> Books | list[WrongCell]:
    return read_workbook(write_sheets(tmp_path / "group.xlsx", sheets), today=TODAY)


def books(tmp_path: Path, sheets: Sheets) -> Books:
    found = read(tmp_path, sheets)
    assert isinstance(found, Books), [str(each) for each in found]
    return found


def wrong(tmp_path: Path, sheets: Sheets) -> dict[str, str]:
    """Return what is said of each wrong cell, by its address."""
    found = read(tmp_path, sheets)
    assert not isinstance(found, Books)
    said = {each.address: str(each.problem) for each in found}
    assert len(said) == len(found)
    return said


def test_a_workbook_is_read_with_exact_amounts_dates_and_places(tmp_path: Path) -> None:
    found = books(tmp_path, small_group())
    assert found.group.name == "Umoja wa Wanawake"
    assert found.group.cycle_start == date(2026, 1, 5)
    assert found.rules.share_value == Decimal(100)
    assert found.rules.loan_interest_rate == Decimal("0.1")
    assert found.rules.loan_interest_method is ChargeMethod.ONE_TIME
    assert [member.phone_number for member in found.members] == [
        "254711000001",
        "+254 711 000002",
        "",
    ]
    assert found.meetings[1].closing_loan_fund_count == Decimal(650)
    entry = found.entries[1]
    assert (entry.shares, entry.loan_taken, entry.loan_months) == (3, Decimal(300), 2)
    assert found.cell("Entries", entry.row, "loan_taken") == "J3"
    assert found.warnings == ()


def test_every_wrong_cell_is_listed_with_what_is_expected(tmp_path: Path) -> None:
    sheets = small_group()
    sheets["Group"][9][1] = "MONTHLY"  # loan_interest_method
    sheets["Members"].append([1, "Rose", "Atieno", "F"])  # a number twice
    sheets["Members"][2][3] = "X"
    sheets["Members"][3][1] = "A" * 300
    sheets["Meetings"][2][1] = date(2025, 12, 29)  # before the group began
    sheets["Entries"][1][1] = 99
    sheets["Entries"][2][0] = 7
    sheets["Entries"][3][3] = -20
    sheets["Entries"][4][4] = 2.5
    sheets["Entries"][5][8] = "a lot"
    sheets["Entries"][6][2] = "SOMEWHERE"
    found = wrong(tmp_path, sheets)
    assert set(found) == {
        "Group!B10",
        "Members!A5",
        "Members!D3",
        "Members!B4",
        "Meetings!B3",
        "Entries!B2",
        "Entries!A3",
        "Entries!D4",
        "Entries!E5",
        "Entries!I6",
        "Entries!C7",
    }
    assert "300" in found["Members!B4"]
    assert found["Entries!B2"] == "There is no member 99."
    assert found["Entries!A3"] == "There is no meeting 7."


def test_what_is_expected_names_the_choices_and_the_currency(tmp_path: Path) -> None:
    sheets = small_group()
    sheets["Members"][2][3] = "X"
    sheets["Entries"][3][3] = "twenty"
    found = read(tmp_path, sheets)
    assert not isinstance(found, Books)
    assert [str(each.expected) for each in found] == [
        "one of F, M, Other",
        "an amount in KES of 0 or more, with at most 2 decimals",
    ]


@pytest.mark.parametrize(
    ("raw", "amount"),
    [
        (20, "20"),
        (20.25, "20.25"),
        (0.1 + 0.2, "0.3"),
        ("0020", "20"),
        (" 1,250.50 ", "1250.50"),
        ("\N{ARABIC-INDIC DIGIT TWO}\N{ARABIC-INDIC DIGIT FIVE}", "25"),
        (("=10+10.5", 20.5), "20.5"),
        (9999999.99, "9999999.99"),
    ],
)
def test_amounts_are_read_exactly(tmp_path: Path, raw: Any, amount: str) -> None:
    sheets = small_group()
    sheets["Entries"][1][3] = raw
    assert books(tmp_path, sheets).entries[0].social_fund == Decimal(amount)


@pytest.mark.parametrize(
    "raw",
    [20.125, -1, "-5", "1.23.4", "ten", True, 1e15, ("=1/0", "#DIV/0!"), date(2026, 1, 5), "5,5"],
)
def test_amounts_that_can_not_be_booked_are_refused(tmp_path: Path, raw: Any) -> None:
    sheets = small_group()
    sheets["Entries"][1][3] = raw
    assert set(wrong(tmp_path, sheets)) == {"Entries!D2"}


def test_a_currency_without_decimals_takes_none(tmp_path: Path) -> None:
    sheets = small_group()
    sheets["Group"][4][1] = "UGX"
    sheets["Entries"][1][3] = 20.5
    assert wrong(tmp_path, sheets)["Entries!D2"].startswith("Enter whole UGX only.")


@pytest.mark.parametrize(
    "raw", [date(2026, 1, 5), "2026-01-05", " 2026/1/5 ", "2026-01-05 00:00:00", 46027]
)
def test_dates_are_dates_or_written_year_first(tmp_path: Path, raw: Any) -> None:
    sheets = small_group()
    sheets["Meetings"][1][1] = raw
    assert books(tmp_path, sheets).meetings[0].date == date(2026, 1, 5)


@pytest.mark.parametrize("raw", ["13/01/2026", "13.1.2026", "13-01-2026", "01/13/2026"])
def test_a_date_in_local_order_is_taken_when_it_is_one_day_only(tmp_path: Path, raw: str) -> None:
    sheets = small_group()
    sheets["Meetings"][2][1] = raw
    assert books(tmp_path, sheets).meetings[1].date == date(2026, 1, 13)


def test_a_date_that_can_be_two_days_names_both(tmp_path: Path) -> None:
    sheets = small_group()
    sheets["Meetings"][2][1] = "12/01/2026"
    assert wrong(tmp_path, sheets) == {
        "Meetings!B3": "This can be two days. Write 2026-01-12 or 2026-12-01."
    }


@pytest.mark.parametrize("raw", ["05/01/2026", "05/01/26", "2026-02-30", "Monday", 3, 2026.5, True])
def test_a_date_is_never_guessed(tmp_path: Path, raw: Any) -> None:
    sheets = small_group()
    sheets["Meetings"][1][1] = raw
    found = read(tmp_path, sheets)
    assert not isinstance(found, Books)
    assert [(each.address, str(each.expected)) for each in found] == [
        ("Meetings!B2", "a date such as 2026-01-31")
    ]


@pytest.mark.parametrize("name", ["Amina \N{GRINNING FACE}", "12", "A\u200bB", "\N{BELL}"])
def test_names_that_are_none_are_refused(tmp_path: Path, name: str) -> None:
    sheets = small_group()
    sheets["Members"][1][1] = name
    assert set(wrong(tmp_path, sheets)) == {"Members!B2"}


def test_names_of_every_script_are_kept(tmp_path: Path) -> None:
    sheets = small_group()
    sheets["Members"][1][1:3] = ["አበበ", "O'Neil-N'Guessan"]
    member = books(tmp_path, sheets).members[0]
    assert (member.first_name, member.last_name) == ("አበበ", "O'Neil-N'Guessan")


def test_columns_and_keys_that_nobody_knows_are_left_out_with_a_warning(tmp_path: Path) -> None:
    sheets = small_group()
    sheets["Members"][0].append("shoe_size")
    sheets["Group"].append(["motto", "Together"])
    sheets["Notes"] = [["Something else"]]
    found = books(tmp_path, sheets)
    assert [each.address for each in found.warnings] == ["Group!A13", "Members!G1", "Notes"]


def test_headers_and_choices_may_be_written_as_people_write(tmp_path: Path) -> None:
    sheets = small_group()
    sheets["Members"][0] = ["Number", "First Name", "last-name", "GENDER", "phone_number ", "x"]
    sheets["Members"][1][3] = "female"
    sheets["Entries"][1][2] = "p"
    found = books(tmp_path, sheets)
    assert found.members[0].gender == "F"
    assert found.entries[0].attendance == "PRESENT"


def test_blank_rows_and_blank_cells_say_nothing(tmp_path: Path) -> None:
    sheets = small_group()
    sheets["Entries"].insert(2, ["", " ", "", "\u00a0"])
    found = books(tmp_path, sheets)
    assert len(found.entries) == 6
    assert found.entries[1].row == 4


@pytest.mark.parametrize("sheet", ["Group", "Members", "Meetings", "Entries"])
def test_a_missing_sheet_is_the_only_thing_said_of_it(tmp_path: Path, sheet: str) -> None:
    sheets = small_group()
    del sheets[sheet]
    assert wrong(tmp_path, sheets) == {sheet: f"The sheet {sheet} is missing."}


def test_missing_and_repeated_columns_are_named(tmp_path: Path) -> None:
    sheets = small_group()
    sheets["Members"][0][3] = "first_name"
    found = read(tmp_path, sheets)
    assert not isinstance(found, Books)
    assert [str(each.problem) for each in found] == [
        "The column gender is missing.",
        "The column first_name stands here twice.",
    ]


def test_a_wrong_name_does_not_make_the_member_unknown_elsewhere(tmp_path: Path) -> None:
    sheets = small_group()
    sheets["Members"][3][1] = ""
    assert set(wrong(tmp_path, sheets)) == {"Members!B4"}


def test_rows_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    sheets = small_group()
    sheets["Entries"][5][1] = 1  # member 1 twice in meeting 2
    sheets["Entries"][1] = [1, 1, "PRESENT", 20, 5, "", 10, "", "", "", 3]
    sheets["Meetings"][2][0] = 1
    sheets["Group"][11][1] = date(2026, 1, 1)
    found = wrong(tmp_path, sheets)
    assert set(found) == {
        "Group!B12",
        "Meetings!A3",
        "Entries!A5",
        "Entries!A6",
        "Entries!A7",
        "Entries!F2",
        "Entries!K2",
        "Entries!B6",
    }


def test_an_empty_template_says_only_what_must_be_filled_in(tmp_path: Path) -> None:
    write_template(tmp_path / "template.xlsx")
    found = read_workbook(tmp_path / "template.xlsx", today=TODAY)
    assert not isinstance(found, Books)
    assert {each.problem.values["key"] for each in found} == {
        "name",
        "currency",
        "cycle_start",
        "share_value",
    }


def changed(path: Path, part: str, old: bytes, new: bytes) -> Path:
    """Return a copy of a workbook with some bytes of its parts replaced."""
    target_path = path.with_name("changed.xlsx")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target_path, "w") as target:
        for item in source.infolist():
            content = source.read(item)
            if item.filename.startswith(part):
                content = content.replace(old, new)
            target.writestr(item, content)
    return target_path


# --- as Excel and people write them ------------------------------------------------------------


def test_titles_above_the_names_are_no_rows(tmp_path: Path) -> None:
    sheets = small_group()
    for rows in sheets.values():
        rows[:0] = [["Umoja wa Wanawake 2026"], [], ["Kept by the secretary"]]
    path = write_sheets(tmp_path / "group.xlsx", sheets, merged="A1:F1")
    found = read_workbook(path, today=TODAY)
    assert isinstance(found, Books), [str(each) for each in found]
    assert found.warnings == ()
    assert (found.entries[0].row, found.cell("Entries", 5, "shares")) == (5, "E5")
    assert found.meetings[1].closing_loan_fund_count == Decimal(650)


def test_spaces_around_names_keys_and_values_say_nothing(tmp_path: Path) -> None:
    sheets = {
        f" {name} ": [
            [f"  {cell}\u00a0 " if isinstance(cell, str) and cell else cell for cell in row]
            for row in rows
        ]
        for name, rows in small_group().items()
    }
    found = books(tmp_path, sheets)
    assert found.warnings == ()
    assert (found.group.name, found.members[2].first_name) == ("Umoja wa Wanawake", "Juma")


def test_numbers_written_as_texts_are_numbers(tmp_path: Path) -> None:
    sheets = small_group()
    for name in ("Members", "Meetings", "Entries"):
        sheets[name][1:] = [
            [str(cell) if isinstance(cell, int) else cell for cell in row]
            for row in sheets[name][1:]
        ]
    sheets["Group"][5][1] = "100"
    as_texts, plain = books(tmp_path, sheets), books(tmp_path, small_group())
    assert as_texts == plain


def test_days_may_be_counted_from_1904(tmp_path: Path) -> None:
    sheets = small_group()
    sheets["Meetings"][2][1] = (date(2026, 1, 12) - date(1904, 1, 1)).days  # without its format
    path = write_sheets(tmp_path / "group.xlsx", sheets, from_1904=True)
    found = read_workbook(path, today=TODAY)
    assert isinstance(found, Books)
    assert found.group.cycle_start == date(2026, 1, 5)
    assert [row.date for row in found.meetings] == [date(2026, 1, 5), date(2026, 1, 12)]


def test_a_formula_counts_with_the_value_that_excel_kept(tmp_path: Path) -> None:
    sheets = small_group()
    sheets["Entries"][1][3] = ("=10+10", 20)
    sheets["Entries"][1][4] = ("=IF(1,5,0)", "5")
    entry = books(tmp_path, sheets).entries[0]
    assert (entry.social_fund, entry.shares) == (Decimal(20), 5)


def test_a_formula_that_was_never_worked_out_is_a_wrong_cell(tmp_path: Path) -> None:
    sheets = small_group()
    sheets["Group"][5][1] = ("=50*2", 987)
    sheets["Entries"][1][3] = ("=10+10", 987)
    path = changed(
        write_sheets(tmp_path / "group.xlsx", sheets), "xl/worksheets/", b"<v>987</v>", b"<v></v>"
    )
    found = read_workbook(path, today=TODAY)
    assert not isinstance(found, Books)
    sentence = "The formula has no value yet. Open the file in Excel and save it."
    assert {each.address: str(each.problem) for each in found} == {
        "Group!B6": sentence,
        "Entries!D2": sentence,
    }


# --- files from outside ------------------------------------------------------------------------


def file_problem(path: Path) -> str:
    found = read_workbook(path, today=TODAY)
    assert not isinstance(found, Books)
    (only,) = found
    assert only.address == ""
    return str(only.problem)


def test_a_file_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "group.xlsx"
    for content in (
        b"",
        b"number,first_name\n1,Amina\n",
        b"%PDF-1.7 ...",
        b"\xd0\xcf\x11\xe0" * 99,
    ):
        path.write_bytes(content)
        assert file_problem(path).startswith("This is not an Excel workbook.")


def test_another_zip_is_no_workbook(tmp_path: Path) -> None:
    path = tmp_path / "group.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    assert file_problem(path).startswith("This is not an Excel workbook.")


def test_what_each_other_kind_of_file_is_and_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "group.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0" + b"Workbook" * 99)
    assert file_problem(path).endswith("If it is an old one (.xls), save it as .xlsx.")
    path.write_text("number;first_name\n1;Amina\n")
    assert file_problem(path).endswith("Choose a file that ends in .xlsx.")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<office/>")
    assert file_problem(path).endswith("If it ends in .ods, save it as .xlsx.")


def test_a_workbook_with_a_password_is_said(tmp_path: Path) -> None:
    path = tmp_path / "group.xlsx"
    locked = b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le") + b"\0" * 999
    path.write_bytes(locked)
    assert file_problem(path) == (
        "This workbook has a password. Save it without one, then try again."
    )


def test_a_sheet_of_too_many_rows_is_refused(tmp_path: Path) -> None:
    sheets = small_group()
    row = sheets["Members"][1]
    sheets["Members"] += [[number, *row[1:]] for number in range(4, 2_005)]
    assert wrong(tmp_path, sheets)["Members!A2002"] == "This sheet has too many rows."


def test_a_workbook_cut_short_anywhere_is_damaged(tmp_path: Path) -> None:
    whole = write_sheets(tmp_path / "whole.xlsx", small_group()).read_bytes()
    path = tmp_path / "cut.xlsx"
    for end in range(2, len(whole) - 1, len(whole) // 23):
        path.write_bytes(whole[:end])
        assert file_problem(path).startswith("This workbook is damaged.")


def test_flipped_bytes_never_break_the_program(tmp_path: Path) -> None:
    whole = write_sheets(tmp_path / "whole.xlsx", small_group()).read_bytes()
    path = tmp_path / "flipped.xlsx"
    for at in range(0, len(whole), max(len(whole) // 150, 1)):
        changed = bytearray(whole)
        changed[at] ^= 0xFF
        path.write_bytes(changed)
        found = read_workbook(path, today=TODAY)
        assert isinstance(found, Books) or found


def test_a_file_larger_than_any_workbook_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_sheets(tmp_path / "group.xlsx", small_group())
    monkeypatch.setattr(bounds, "MOST_BYTES", 1000)
    assert file_problem(path).startswith("This file is too large.")


def test_a_file_that_unpacks_to_too_much_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for _ in range(210):
                part.write(b" " * 1024 * 1024)
    assert path.stat().st_size < 1024 * 1024
    assert file_problem(path).startswith("This file unpacks to too much.")


def test_a_cell_at_the_far_end_of_a_sheet_is_refused(tmp_path: Path) -> None:
    sheets = small_group()
    path = write_sheets(tmp_path / "group.xlsx", sheets)
    far = tmp_path / "far.xlsx"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(far, "w") as target:
        for item in source.infolist():
            content = source.read(item)
            if item.filename == "xl/worksheets/sheet2.xml":
                content = content.replace(
                    b"</sheetData>",
                    b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>',
                )
            target.writestr(item, content)
    assert file_problem(far).startswith("The sheet Members is too large.")


def test_an_entity_in_the_file_is_never_expanded(tmp_path: Path) -> None:
    path = write_sheets(tmp_path / "group.xlsx", small_group())
    evil = tmp_path / "evil.xlsx"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(evil, "w") as target:
        for item in source.infolist():
            content = source.read(item)
            if item.filename == "xl/workbook.xml":
                content = content.replace(
                    b"<workbook ", b'<!DOCTYPE x [<!ENTITY a "b">]><workbook ', 1
                )
            target.writestr(item, content)
    assert file_problem(evil).startswith("This workbook is damaged.")


def test_a_file_that_is_not_there_is_a_matter_of_the_disk(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="can not be read"):
        read_workbook(tmp_path / "nowhere.xlsx", today=TODAY)


def test_a_misspelled_column_is_not_left_out_with_all_it_holds(tmp_path: Path) -> None:
    sheets = small_group()
    at = sheets["Entries"][0].index("shares")
    sheets["Entries"][0][at] = "share"
    (said,) = wrong(tmp_path, sheets).values()
    assert said == (
        "We do not know the column share. If it is shares, call it so. If not, take it out."
    )
