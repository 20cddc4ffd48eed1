"""Makes a report a document for paper: the same values, with their formulas and signature lines."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import _, format_date, language
from vsla_desktop.reports.diagrams import diagram
from vsla_desktop.reports.document import (
    Align,
    Block,
    Column,
    Document,
    Facts,
    Heading,
    Signatures,
    Table,
    Text,
)
from vsla_desktop.reports.report import Kind
from vsla_desktop.reports.saying import said, shown_currency
from vsla_desktop.reports.wide import in_parts
from vsla_desktop.wording import MoneyText

if TYPE_CHECKING:
    from datetime import date

    from vsla_desktop.reports.report import Figure, Report, ReportTable, Row

MOST_ROWS: Final = 5_000
_ONE_COLUMN: Final = 8
_SHORT_TEXT: Final = 6
_LONG_TEXT: Final = 32
_DOT: Final = "\N{MIDDLE DOT}"


def paged(report: Report, *, printed: date) -> Document:
    """Return the report's pages.

    Raises RuleBroken for a list that is longer than people read on paper.
    """
    blocks: list[Block] = [Text(each, is_note=True) for each in report.notes]
    if report.figures:
        blocks += [_figures(report.figures), *_formulas(report.figures)]
    drawn = (diagram(each, is_landscape=report.is_landscape) for each in report.charts)
    blocks += [each for each in drawn if each is not None]
    for table in report.tables:
        # A single table under the title needs no heading of its own.
        if len(report.tables) > 1 or report.figures or report.charts:
            blocks.append(Heading(table.title))
        blocks += in_parts(_table(table), is_landscape=report.is_landscape)
        if table.note:
            blocks.append(Text(table.note, is_note=True))
    if report.signatures:
        blocks.append(Signatures(report.signatures))
    return Document(
        title=report.title,
        group=report.subject,
        subtitle=report.period,
        blocks=tuple(blocks),
        file_name=f"{report.name}.pdf",
        made=" · ".join((_("Printed {date}", date=format_date(printed)), *_currencies(report))),
        is_landscape=report.is_landscape,
        language=language(),
    )


def _currencies(report: Report) -> tuple[str, ...]:
    """Return the currencies of the amounts, which the foot of each page names."""
    found = {table.currency for table in report.tables if _has_money(table)}
    return tuple(sorted(found - {""}))


def _has_money(table: ReportTable) -> bool:
    return any(column.kind is Kind.MONEY for column in table.columns)


def _figures(figures: tuple[Figure, ...]) -> Facts:
    pairs = tuple(
        (each.title, said(each.value, each.kind, _money(each.currency)) + _code(each))
        for each in figures
    )
    return Facts(pairs, columns=2 if len(pairs) > _ONE_COLUMN else 1)


def _code(figure: Figure) -> str:
    has_code = figure.kind is Kind.MONEY and figure.currency and figure.value is not None
    return f" {figure.currency}" if has_code else ""


def _formulas(figures: tuple[Figure, ...]) -> list[Block]:
    told = [
        (each.title, " = ".join(part for part in (each.formula, each.counts) if part))
        for each in figures
        if each.formula or each.counts
    ]
    if not told:
        return []
    columns = (Column(_("Figure"), Align.LEFT, 2), Column(_("Worked out as"), Align.LEFT, 5))
    return [Heading(_("How the figures are worked out")), Table(columns, tuple(told))]


def _table(table: ReportTable) -> Table:
    money = _money(table.currency)
    sums: list[Any] = [Decimal(0) if each.has_total else None for each in table.columns]
    rows: list[tuple[str, ...]] = []
    for row in table.rows:
        if len(rows) == MOST_ROWS:
            raise RuleBroken(
                "This list is too long for paper: more than {count} lines.",
                hint="Ask for less, or take a spreadsheet.",
                count=MOST_ROWS,
            )
        rows.append(_said(row, table, money))
        for at, value in enumerate(row):
            if sums[at] is not None and value is not None:
                sums[at] += value
    has_totals = rows and any(each is not None for each in sums)
    totals = _said(tuple(sums), table, money, zero="0") if has_totals else ()
    if totals:
        totals = (totals[0] or _("Total"), *totals[1:])
    columns = tuple(
        Column(each.title, Align.LEFT, _share(each.title, [row[at] for row in rows]))
        if each.kind is Kind.TEXT
        else Column(each.title)
        for at, each in enumerate(table.columns)
    )
    return Table(columns, tuple(rows), totals)


def _share(title: str, texts: list[str]) -> int:
    """Return a column's part of the width: by its longest text, within bounds."""
    longest = max(map(len, (title, *texts)))
    return min(max(longest, _SHORT_TEXT), _LONG_TEXT)


def _said(row: Row, table: ReportTable, money: MoneyText, zero: str = _DOT) -> tuple[str, ...]:
    return tuple(
        "" if value is None else said(value, column.kind, money, zero=zero)
        for value, column in zip(row, table.columns, strict=True)
    )


def _money(code: str) -> MoneyText:
    return MoneyText(shown_currency(code))
