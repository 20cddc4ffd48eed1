"""Charts on paper stand where their values say, and are told apart without colour."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vsla_desktop.i18n import speaking
from vsla_desktop.reports.diagrams import diagram
from vsla_desktop.reports.document import Diagram, Document, Table, Text
from vsla_desktop.reports.paged import paged
from vsla_desktop.reports.pdf import as_pdf
from vsla_desktop.reports.report import (
    Chart,
    ChartKind,
    Kind,
    Report,
    ReportColumn,
    ReportTable,
    Series,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL.Image import Image

D = Decimal
PRINTED = date(2026, 2, 1)
MONTHS = ("Jan 26", "Feb 26", "Mar 26")


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with speaking("en"):
        yield


def chart(shape: ChartKind, *values: tuple[Decimal | int | None, ...], **more: object) -> Chart:
    series = tuple(Series(f"Series {number}", each) for number, each in enumerate(values, 1))
    return Chart("A chart", shape, MONTHS[: len(values[0])], series, **more)  # type: ignore[arg-type]


def page(*blocks: Text | Diagram | None) -> Image:
    shown = tuple(block for block in blocks if block is not None)
    document = Document("Title", "Tugende", "", shown, "x.pdf")
    picture: Image = pypdfium2.PdfDocument(as_pdf(document))[0].render(scale=4).to_pil()
    return picture.convert("L")


def test_a_line_stands_at_the_height_of_its_values() -> None:
    drawn = diagram(chart(ChartKind.LINE, (D(500), None, D(1500)), currency="UGX"))
    assert drawn is not None
    # The scale runs from 0 to 1,500 by steps of 500.
    assert drawn.scale == ((0, "0"), (3333, "500"), (6667, "1,000"), (10000, "1,500"))
    assert drawn.series[0].levels == ((3333, 3333), None, (10000, 10000))
    assert (drawn.unit, drawn.nought, drawn.places) == ("UGX", 0, 3)


def test_a_stack_stands_on_what_is_below_it() -> None:
    drawn = diagram(chart(ChartKind.STACKED, (40, 10), (60, -20), (0, 10)))
    assert drawn is not None
    # From -20 to 100 in steps of 20, so 0 is a sixth of the height.
    assert (drawn.scale[0], drawn.scale[-1]) == ((0, "\N{MINUS SIGN}20"), (10000, "100"))
    assert drawn.nought == 1667
    assert [each.levels for each in drawn.series] == [
        ((1667, 5000), (1667, 2500)),
        ((5000, 10000), (0, 1667)),
        ((10000, 10000), (2500, 3333)),
    ]


def test_a_heat_map_is_the_darker_the_more() -> None:
    parts = chart(ChartKind.HEAT, (D("0.65"), None, D(1)), kind=Kind.PERCENT)
    drawn = diagram(parts)
    assert drawn is not None
    # From 60 %, the tenth below the least, to 100 %.
    assert drawn.series[0].levels == ((0, 1250), None, (0, 10000))
    assert drawn.series[0].words == ("65 %", "", "100 %")


def test_a_chart_without_values_is_not_drawn() -> None:
    assert diagram(chart(ChartKind.LINE, (None, None))) is None


@given(
    st.sampled_from([ChartKind.LINE, ChartKind.BAR, ChartKind.STACKED]),
    st.lists(
        st.tuples(*[st.none() | st.decimals(-(10**9), 10**9, places=2)] * 3), min_size=1, max_size=3
    ),
)
def test_whatever_the_values_they_fit_and_keep_their_order(
    shape: ChartKind, values: list[tuple[Decimal | None, ...]]
) -> None:
    drawn = diagram(chart(shape, *values))
    if drawn is None:
        assert all(value is None for each in values for value in each)
        return
    assert all(low < high for (low, _), (high, _) in pairwise(drawn.scale))
    for strip, told in zip(drawn.series, values, strict=True):
        for level, value in zip(strip.levels, told, strict=True):
            assert (level is None) == (value is None)
            if level is not None and value is not None:
                assert 0 <= level[0] <= level[1] <= 10_000
                if shape is ChartKind.BAR:
                    assert drawn.nought in level


def test_charts_stand_before_the_tables_of_their_numbers() -> None:
    table = ReportTable("Numbers", (ReportColumn("Month"),), (("Jan 26",),))
    report = Report(
        "trend",
        "Trend",
        "Tugende",
        "2026",
        tables=(table,),
        charts=(chart(ChartKind.BAR, (1, 2)), chart(ChartKind.LINE, (None, None))),
    )
    kinds = [type(block) for block in paged(report, printed=PRINTED).blocks]
    assert kinds.count(Diagram) == 1
    assert kinds.index(Diagram) < kinds.index(Table)


@pytest.mark.parametrize("shape", [ChartKind.LINE, ChartKind.BAR, ChartKind.STACKED])
def test_a_drawn_chart_says_its_title_currency_scale_places_and_series(shape: ChartKind) -> None:
    drawn = diagram(chart(shape, (D(500), D(900)), (D(250), D(600)), currency="UGX"))
    assert drawn is not None
    pdf = as_pdf(Document("Title", "Tugende", "", (drawn,), "x.pdf"))
    text = pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_range()
    for said in (
        "A chart",
        "UGX",
        "Series 1",
        "Series 2",
        *MONTHS[:2],
        *dict(drawn.scale).values(),
    ):
        assert said in text


def test_bars_are_told_apart_in_black_and_white() -> None:
    picture = page(diagram(chart(ChartKind.BAR, *[(1,)] * 8)))
    # The bars fill the middle of the page; a band across them has their patterns alone.
    tall = 4 * 72 / 25.4
    band = picture.crop((0, int(52 * tall), picture.width, int(72 * tall)))
    inked = band.point(lambda value: 255 if value < 200 else 0).getbbox()
    assert inked is not None
    left, _, right, _ = inked
    wide = (right - left) / 8
    starts = [int(left + wide * (place + 0.2)) for place in range(8)]
    bars = [band.crop((at, 0, at + int(wide * 0.6), band.height)) for at in starts]
    for one, other in combinations(bars, 2):
        differing = sum(
            abs(a - b) > 40 for a, b in zip(one.tobytes(), other.tobytes(), strict=True)
        )
        assert differing > len(one.tobytes()) / 20


@pytest.mark.parametrize(
    ("one", "other", "font"),
    [
        ("አማኑኤል", "ትርንጎዬ", "NotoSansEthiopic"),
        ("فاطمة", "خديجة", "NotoSansArabic"),
        ("សុខា", "ធារ៉ា", "NotoSansKhmer"),
    ],
)
def test_names_of_every_script_print_in_headings_charts_and_tables(
    one: str, other: str, font: str
) -> None:
    def printed(name: str) -> tuple[bytes, bytes]:
        table = ReportTable(name, (ReportColumn(name),), ((name,),))
        drawn = Chart(name, ChartKind.BAR, (name,), (Series(name, (1,)), Series("x", (2,))))
        heat = Chart(name, ChartKind.HEAT, (name,), (Series(name, (1,)),))
        report = Report("r", name, name, "", tables=(table,), charts=(drawn, heat))
        pdf = as_pdf(paged(report, printed=PRINTED))
        opened = pypdfium2.PdfDocument(pdf)
        assert len(opened) == 1
        fonts = {
            item.get_font().get_base_name().partition("+")[2] or item.get_font().get_base_name()
            for item in opened[0].get_objects()
            if isinstance(item, pypdfium2.PdfTextObj)
        }
        assert any(name.startswith(font) for name in fonts), fonts
        assert not any(name.startswith("LastResort") for name in fonts)
        return opened[0].render(scale=2).to_pil().tobytes(), pdf

    # Boxes in place of letters would look alike for names of as many letters.
    assert printed(one)[0] != printed(other)[0]
