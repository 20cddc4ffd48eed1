"""Charts in a spreadsheet are its own, drawn from its cells, and told apart without colour."""

from __future__ import annotations

import re
import zipfile
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from vsla_desktop.reports.report import Chart, ChartKind, Kind, Report, Series
from vsla_desktop.reports.spreadsheet import write_spreadsheet

if TYPE_CHECKING:
    from pathlib import Path

MADE = datetime(2026, 1, 5, tzinfo=UTC)


def drawn(tmp_path: Path, shape: ChartKind, kind: Kind = Kind.MONEY, currency: str = "KES") -> str:
    series = tuple(Series(f"Fund {at}", (Decimal(at), None, Decimal(2))) for at in range(8))
    chart = Chart("Funds", shape, ("Jan", "Feb", "Mar"), series, kind, currency)
    path = tmp_path / "report.xlsx"
    write_spreadsheet(Report("r", "R", "Tugende", "2026", charts=(chart,)), path, made=MADE)
    with zipfile.ZipFile(path) as inside:
        return inside.read("xl/charts/chart1.xml").decode()


@pytest.mark.parametrize(
    ("shape", "told_apart"),
    [
        (ChartKind.LINE, "a:prstDash val|c:symbol val"),
        (ChartKind.BAR, "a:pattFill prst"),
        (ChartKind.STACKED, "a:pattFill prst"),
    ],
)
def test_series_differ_in_colour_and_without_it(
    tmp_path: Path, shape: ChartKind, told_apart: str
) -> None:
    text = drawn(tmp_path, shape)
    series = re.findall("<c:ser>.*?</c:ser>", text)
    assert len(series) == 8
    colours = [re.findall('srgbClr val="([0-9A-F]{6})"', each)[0] for each in series]
    looks = [tuple(re.findall(f'(?:{told_apart})="(\\w+)"', each)) for each in series]
    assert len(set(colours)) == len(set(looks)) == 8


def test_a_chart_is_drawn_from_the_cells_of_its_sheet(tmp_path: Path) -> None:
    text = drawn(tmp_path, ChartKind.STACKED)
    assert "<c:f>Funds!$B$5:$B$7</c:f>" in text
    assert "<c:f>Funds!$A$5:$A$7</c:f>" in text
    assert 'grouping val="stacked"' in text
    assert 'formatCode="#,##0.00"' in text
    assert "KES" in text


def test_parts_of_a_whole_are_percentages_of_no_currency(tmp_path: Path) -> None:
    text = drawn(tmp_path, ChartKind.BAR, Kind.PERCENT, "KES")
    assert 'formatCode="0.0%"' in text
    assert "KES" not in text
