"""A workbook built by hand, cell by cell, as another program would write it."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import xlsxwriter

if TYPE_CHECKING:
    from pathlib import Path

Sheets = dict[str, list[list[Any]]]

HEADS = {
    "Members": ["number", "first_name", "last_name", "gender", "phone_number", "joined_date"],
    "Meetings": [
        "number",
        "date",
        "type",
        "opening_loan_fund_count",
        "opening_social_fund_count",
        "closing_loan_fund_count",
        "closing_social_fund_count",
    ],
    "Entries": [
        "meeting",
        "member",
        "attendance",
        "social_fund",
        "shares",
        "fine_type",
        "fine_charged",
        "fine_paid",
        "loan_repaid",
        "loan_taken",
        "loan_months",
        "loan_purpose",
    ],
}


def small_group() -> Sheets:
    """Return three members and two meetings: shares, a fine, a loan that is repaid in part."""
    return {
        "Group": [
            ["key", "value"],
            ["name", "Umoja wa Wanawake"],
            ["group_code", "KE-7"],
            ["country", "Kenya"],
            ["currency", "KES"],
            ["share_value", 100],
            ["max_shares_per_meeting", 5],
            ["social_fund_contribution", 20],
            ["loan_interest_rate", 0.1],
            ["loan_interest_method", "ONE_TIME"],
            ["cycle_start", date(2026, 1, 5)],
            ["cycle_end", date(2026, 12, 21)],
        ],
        "Members": [
            list(HEADS["Members"]),
            [1, "Amina", "Otieno", "F", 254711000001, date(2026, 1, 5)],
            [2, "Grace", "Wanjiru", "F", "+254 711 000002", date(2026, 1, 5)],
            [3, "Juma", "Ali", "M", "", date(2026, 1, 5)],
        ],
        "Meetings": [
            list(HEADS["Meetings"]),
            [1, date(2026, 1, 5), "REGULAR", 0, 0, 800, 60],
            [2, date(2026, 1, 12), "REGULAR", 800, 60, 650, 100],
        ],
        "Entries": [
            list(HEADS["Entries"]),
            [1, 1, "PRESENT", 20, 5],
            [1, 2, "PRESENT", 20, 3, "", "", "", "", 300, 2, "Seeds"],
            [1, 3, "LATE", 20, 3, "LATE_ARRIVAL", 10],
            [2, 1, "PRESENT", 20, 1, "", "", "", "", 500, 3, "Goats"],
            [2, 2, "PRESENT", 20, 1, "", "", "", 130],
            [2, 3, "ABSENT", "", "", "ABSENCE", 30, 20],
        ],
    }


def write_sheets(path: Path, sheets: Sheets, *, merged: str = "", from_1904: bool = False) -> Path:
    """Write cells as they are: numbers, texts, dates, and formulas given as (formula, value).

    The cells of ``merged`` are one cell in each sheet.
    """
    options = {"strings_to_formulas": False, "strings_to_numbers": False, "date_1904": from_1904}
    book = xlsxwriter.Workbook(path, options)
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    for name, rows in sheets.items():
        page = book.add_worksheet(name)
        if merged:
            page.merge_range(merged, "")
        for row, cells in enumerate(rows):
            for column, value in enumerate(cells):
                if isinstance(value, date):
                    moment = datetime(value.year, value.month, value.day)  # noqa: DTZ001
                    page.write_datetime(row, column, moment, day)
                elif isinstance(value, tuple):
                    page.write_formula(row, column, value[0], None, value[1])
                elif isinstance(value, str):
                    page.write_string(row, column, value)
                else:
                    page.write(row, column, value)
    book.close()
    return path
