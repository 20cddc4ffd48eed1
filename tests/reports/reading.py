"""Reports as tests read them: rows by the titles of their columns."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from vsla_desktop.queries.filtering import Filter
from vsla_desktop.reports.catalogue import definition

if TYPE_CHECKING:
    from tests.services.village import Village
    from vsla_desktop.reports.report import Report

D = Decimal


class Read:
    """A report that was made: its tables as lists of rows by the titles of their columns."""

    def __init__(self, village: Village, name: str, **asked: Any) -> None:
        wanted = Filter(**{"group_ids": (village.group_id,)} | asked)
        with village.database.read() as session:
            self.report: Report = definition(name).build(session, wanted, village.clock)
            self.tables: dict[str, list[dict[str, Any]]] = {
                table.title: [
                    dict(zip([column.title for column in table.columns], row, strict=True))
                    for row in table.rows
                ]
                for table in self.report.tables
            }
        self.figures = {each.title: each.value for each in self.report.figures}

    def column(self, table: str, column: str) -> list[Any]:
        return [row[column] for row in self.tables[table]]

    def sum(self, table: str, column: str) -> Any:
        return sum((each or 0 for each in self.column(table, column)), D(0))
