"""How the charts of a spreadsheet look: told apart by colour, and in black and white as well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from vsla_desktop.reports.report import ChartKind, Kind

if TYPE_CHECKING:
    from vsla_desktop.reports.report import Chart

# Okabe and Ito's palette, as on paper (resources/print/chart.typ).
_COLOURS: Final = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#D55E00",
    "#CC79A7",
    "#56B4E9",
    "#000000",
    "#8A7F00",
)
_DASHES: Final = (
    "solid",
    "dash",
    "round_dot",
    "dash_dot",
    "long_dash",
    "square_dot",
    "long_dash_dot",
    "long_dash_dot_dot",
)
_MARKS: Final = ("circle", "square", "triangle", "diamond", "x", "plus", "star", "short_dash")
_PATTERNS: Final = (
    "",
    "wide_upward_diagonal",
    "small_confetti",
    "outlined_diamond",
    "narrow_horizontal",
    "narrow_vertical",
    "wide_downward_diagonal",
    "large_grid",
)


def add_chart(book: Any, sheet: Any, chart: Chart, *, head: int, number_format: str) -> Any:
    """Return the chart of a sheet whose numbers stand under row ``head``, a column a series."""
    shape = {"type": "line" if chart.shape is ChartKind.LINE else "column"}
    if chart.shape is ChartKind.STACKED:
        shape["subtype"] = "stacked"
    drawn = book.add_chart(shape)
    name, first, last = sheet.get_name(), head + 1, head + len(chart.axis)
    for at in range(len(chart.series)):
        drawn.add_series(
            {
                "name": [name, head, at + 1],
                "categories": [name, first, 0, last, 0],
                "values": [name, first, at + 1, last, at + 1],
                **_look(chart.shape, at % len(_COLOURS)),
            }
        )
    drawn.set_title({"name": chart.title, "overlay": False})
    unit = {"name": chart.currency} if chart.currency and chart.kind is Kind.MONEY else {}
    drawn.set_y_axis({"num_format": number_format, "major_gridlines": {"visible": True}, **unit})
    drawn.set_x_axis({"label_position": "low"})
    drawn.show_blanks_as("gap")
    drawn.set_legend({"none": True} if len(chart.series) == 1 else {"position": "bottom"})
    drawn.set_size({"width": 760, "height": 380})
    return drawn


def _look(shape: ChartKind, at: int) -> dict[str, Any]:
    colour = _COLOURS[at]
    if shape is ChartKind.LINE:
        edge = {"color": colour}
        return {
            "line": {"color": colour, "width": 2, "dash_type": _DASHES[at]},
            "marker": {"type": _MARKS[at], "size": 6, "border": edge, "fill": edge},
        }
    if not _PATTERNS[at]:
        return {"fill": {"color": colour}}
    pattern = {"pattern": _PATTERNS[at], "fg_color": colour, "bg_color": "#FFFFFF"}
    return {"pattern": pattern, "border": {"color": colour}}
