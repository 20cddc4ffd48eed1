"""Groups side by side: the same figures of each, for each member, and which group is best.

Every figure is a sum over a sum, with its formula and counts; see docs/rules.md#indicators. Amounts
of different currencies are never set against each other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Final

from vsla_desktop.domain.indicators import IndicatorName, indicators
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import _
from vsla_desktop.queries.indicators import GroupForms
from vsla_desktop.reports.programme_words import indicator_figures
from vsla_desktop.reports.report import Kind, Value

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from vsla_desktop.domain.indicators import Figures
    from vsla_desktop.queries.filtering import Filter
    from vsla_desktop.queries.indicators import GroupForm

FEWEST, MOST = 2, 6
_I = IndicatorName


@dataclass(frozen=True, slots=True)
class ComparedGroup:
    """One group of a comparison."""

    group_id: int
    name: str
    currency: str


@dataclass(frozen=True, slots=True)
class ComparedLine:
    """One figure of all groups.

    ``best`` and ``weakest`` are places among them, empty where nothing is better than the other;
    ``counts`` are what each value was worked out from.
    """

    theme: str
    title: str
    kind: Kind
    values: tuple[Value, ...]
    formula: str = ""
    counts: tuple[str, ...] = ()
    best: frozenset[int] = frozenset()
    weakest: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Comparison:
    """Groups side by side on a day."""

    on: date
    groups: tuple[ComparedGroup, ...]
    lines: tuple[ComparedLine, ...]


_BASE: Final[tuple[tuple[str, str, Kind, Callable[[Figures], Value]], ...]] = (
    ("members", "members", Kind.COUNT, lambda of: of.members),
    ("savings", "savings", Kind.MONEY, lambda of: of.savings),
    ("savings", "profit", Kind.MONEY, lambda of: of.profit),
    ("loans", "loans", Kind.MONEY, lambda of: of.loans_value),
)
"""Theme, figure, kind, and how it is read."""
_COMPARED: Final[tuple[tuple[str, IndicatorName, int], ...]] = (
    ("members", _I.WOMEN, 0),
    ("members", _I.ATTENDANCE, 1),
    ("members", _I.DROP_OUT, -1),
    ("savings", _I.AVERAGE_SAVINGS, 1),
    ("savings", _I.AVERAGE_PROFIT, 1),
    ("savings", _I.RETURN_ON_SAVINGS, 1),
    ("loans", _I.MEMBERS_WITH_LOANS, 1),
    ("loans", _I.AVERAGE_LOAN, 0),
    ("loans", _I.PORTFOLIO_AT_RISK, -1),
    ("loans", _I.FUND_UTILISATION, 1),
)
"""Theme, indicator, and whether more of it is better (1), worse (-1) or neither (0)."""


def _base_word(name: str) -> str:
    """Say what a figure is that needs no formula."""
    return {
        "members": _("Members"),
        "savings": _("Savings"),
        "profit": _("Profit of this cycle"),
        "loans": _("Loans to come back"),
    }[name]


def theme_word(theme: str) -> str:
    """Say what a part of a comparison is about."""
    return {
        "members": _("Members"),
        "savings": _("Savings and profit"),
        "loans": _("Loans"),
    }[theme]


def compared(session: Session, wanted: Filter, on: date) -> Comparison:
    """Return the groups that a filter names side by side, in the order in which it names them.

    Raises :class:`RuleBroken` for fewer than two groups, and for more than fit beside each other.
    """
    forms = list(islice(GroupForms(session, wanted, on), MOST + 1))
    if not FEWEST <= len(forms) <= MOST:
        raise RuleBroken(
            "Choose {least} to {most} groups.", field="group_ids", least=FEWEST, most=MOST
        )
    named = wanted.group_ids
    forms.sort(key=lambda each: named.index(each.form.group_id) if named else 0)
    groups = tuple(
        ComparedGroup(each.form.group_id, _name(each, forms), each.form.currency) for each in forms
    )
    return Comparison(on, groups, tuple(_lines(forms)))


def _name(form: GroupForm, forms: list[GroupForm]) -> str:
    """Return a group's name; with its number where another has the same name."""
    name, number = form.form.group_name, form.form.group_number
    has_namesake = sum(each.form.group_name == name for each in forms) > 1
    return f"{name} · {number}" if has_namesake else name


def _lines(forms: list[GroupForm]) -> list[ComparedLine]:
    figures = [each.form.figures for each in forms]
    codes = [each.form.currency for each in forms]
    exact = [{each.name: each.value for each in indicators(of)} for of in figures]
    told = [
        dict(zip(IndicatorName, indicator_figures(of, code), strict=True))
        for of, code in zip(figures, codes, strict=True)
    ]
    lines = [
        ComparedLine(theme, _base_word(name), kind, tuple(value(of) for of in figures))
        for theme, name, kind, value in _BASE
    ]
    for theme, name, better in _COMPARED:
        of_groups = [of[name] for of in told]
        first = of_groups[0]
        can_compare = better and not (first.kind is Kind.MONEY and len(set(codes)) > 1)
        values = [of[name] for of in exact]
        best, weakest = _ends(values, better) if can_compare else (frozenset(), frozenset())
        lines.append(
            ComparedLine(
                theme,
                first.title,
                first.kind,
                tuple(each.value for each in of_groups),
                first.formula,
                tuple(each.counts for each in of_groups),
                best,
                weakest,
            )
        )
    # Each theme's own figures stand before what is worked out of them.
    order = [theme for theme, *_rest in _BASE]
    return sorted(lines, key=lambda line: order.index(line.theme))


def _ends(values: Sequence[Decimal | None], better: int) -> tuple[frozenset[int], frozenset[int]]:
    """Return the places of the best values and of the weakest; none where all are the same."""
    known = {value * better for value in values if value is not None}
    if len(known) < FEWEST:
        return frozenset(), frozenset()
    ends = [
        frozenset(
            place
            for place, value in enumerate(values)
            if value is not None and value * better == end
        )
        for end in (max(known), min(known))
    ]
    return ends[0], ends[1]
