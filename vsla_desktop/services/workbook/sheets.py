"""All sheets of rows, each with the kind of its rows and the part of the books that holds them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from vsla_desktop.services.workbook import more_rows as rows
from vsla_desktop.services.workbook import more_sheets as more
from vsla_desktop.services.workbook.books import EntryRow, MeetingRow, MemberRow, OtherRow
from vsla_desktop.services.workbook.layout import (
    ENTRIES_SHEET,
    MEETINGS_SHEET,
    MEMBERS_SHEET,
    OTHER_SHEET,
    Sheet,
)


@dataclass(frozen=True, slots=True)
class Held:
    """A sheet, what a row of it becomes, and the name of the rows in the books."""

    sheet: Sheet
    kind: type[Any]
    name: str


HELD = (
    Held(MEMBERS_SHEET, MemberRow, "members"),
    Held(MEETINGS_SHEET, MeetingRow, "meetings"),
    Held(ENTRIES_SHEET, EntryRow, "entries"),
    Held(OTHER_SHEET, OtherRow, "other"),
    Held(more.CYCLES_SHEET, rows.CycleRow, "cycles"),
    Held(more.RULES_SHEET, rows.RuleRow, "rule_sets"),
    Held(more.SAVINGS_SHEET, rows.SavingRow, "savings"),
    Held(more.PLANNED_SHEET, rows.PlannedRow, "planned"),
    Held(more.REQUESTS_SHEET, rows.RequestRow, "requests"),
    Held(more.COUNTS_SHEET, rows.CountRow, "counts"),
    Held(more.BANK_SHEET, rows.StatementRow, "statements"),
    Held(more.PROPERTY_SHEET, rows.PropertyRow, "belongings"),
    Held(more.GRANTS_SHEET, rows.GrantRow, "grants"),
    Held(more.NOT_CARRIED_SHEET, rows.NotCarriedRow, "not_carried"),
)
"""The sheets of rows, in the order of the file."""
