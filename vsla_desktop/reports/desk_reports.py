"""What a coordinator takes of her groups: side by side, and the sheet for a visit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vsla_desktop.i18n import _, format_date
from vsla_desktop.queries.filtering import PLACES
from vsla_desktop.reports.comparing import compared, theme_word
from vsla_desktop.reports.report import (
    Definition,
    Kind,
    Over,
    Report,
    ReportColumn,
    ReportTable,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.queries.filtering import Filter
    from vsla_desktop.reports.comparing import ComparedGroup, ComparedLine, Comparison


def _build(session: Session, wanted: Filter, clock: Clock) -> Report:
    on = wanted.on or wanted.day_to or clock.today()
    found = compared(session, wanted, on)
    return Report(
        "compare-groups",
        _("Groups side by side"),
        ", ".join(each.name for each in found.groups),
        _("On {day}", day=format_date(on)),
        tables=(*_tables(found), *_ends(found), _formulas(found)),
        is_landscape=True,
    )


def _tables(found: Comparison) -> Iterator[ReportTable]:
    """Each theme of the groups; what has amounts, of the groups of one currency."""
    codes = tuple(dict.fromkeys(each.currency for each in found.groups))
    for theme in dict.fromkeys(line.theme for line in found.lines):
        lines = [line for line in found.lines if line.theme == theme]
        title = theme_word(theme)
        if not any(line.kind is Kind.MONEY for line in lines):
            yield _table(title, found, lines, found.groups)
            continue
        for code in codes:
            groups = tuple(each for each in found.groups if each.currency == code)
            name = title if len(codes) == 1 else f"{title} · {code}"
            yield _table(name, found, lines, groups, code)


def _table(
    title: str,
    found: Comparison,
    lines: Sequence[ComparedLine],
    groups: Sequence[ComparedGroup],
    code: str = "",
) -> ReportTable:
    """A row for each group, as a spreadsheet wants it."""
    rows: list[tuple[Value, ...]] = []
    for group in groups:
        place = found.groups.index(group)
        rows.append((group.name, *(line.values[place] for line in lines)))
    columns = (ReportColumn(_("Group")), *(ReportColumn(line.title, line.kind) for line in lines))
    return ReportTable(title, columns, tuple(rows), currency=code)


def _ends(found: Comparison) -> Iterator[ReportTable]:
    """Which group is best in what, and which weakest."""
    columns = (ReportColumn(_("Figure")), ReportColumn(_("Best")), ReportColumn(_("Weakest")))
    rows = tuple(
        (line.title, _names(found, line.best), _names(found, line.weakest))
        for line in found.lines
        if line.best
    )
    if rows:
        yield ReportTable(_("Best and weakest"), columns, rows)


def _names(found: Comparison, places: frozenset[int]) -> str:
    return ", ".join(found.groups[place].name for place in sorted(places))


def _formulas(found: Comparison) -> ReportTable:
    """How each figure was worked out, with the counts of each group."""
    columns = (
        ReportColumn(_("Figure")),
        ReportColumn(_("Worked out as")),
        *(ReportColumn(each.name) for each in found.groups),
    )
    rows = tuple((line.title, line.formula, *line.counts) for line in found.lines if line.formula)
    return ReportTable(_("How the figures are worked out"), columns, rows)


COMPARE_GROUPS = Definition(
    "compare-groups",
    Over.PROGRAMME,
    lambda: _("Groups side by side"),
    lambda: _("Two to six groups, figure by figure."),
    frozenset({"group_ids", "group_states", "on", "day_to", *PLACES}),
    _build,
)
