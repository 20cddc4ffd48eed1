"""What puts a group at risk, on each side of its limit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from vsla_desktop.domain.indicators import Figures
from vsla_desktop.domain.risks import Risk, RiskFound, Watched, risks

ON = date(2026, 6, 1)
FINE = Figures(
    groups=1,
    members=20,
    attending=14,
    dropouts=2,
    savings=Decimal(1000),
    loans_count=4,
    loans_value=Decimal(800),
    late_value=Decimal(80),
    loan_fund_cash=Decimal(500),
    debts=Decimal(300),
)
WELL = Watched(
    figures=FINE,
    on=ON,
    met=ON - timedelta(days=28),
    since=date(2026, 1, 5),
    until=ON,
    box_difference=Decimal(0),
)


def with_figures(**changes: Any) -> Watched:
    return replace(WELL, figures=replace(FINE, **changes))


def test_at_every_limit_a_group_is_well() -> None:
    assert risks(WELL) == ()
    assert risks(replace(WELL, figures=Figures(), met=None, since=None, until=None)) == ()


@pytest.mark.parametrize(
    ("watched", "risk", "figure"),
    [
        (replace(WELL, box_difference=Decimal("-0.5")), Risk.BOX_DIFFERS, "-0.5"),
        (with_figures(loan_fund_cash=Decimal(450)), Risk.LOSS, "50"),
        (with_figures(late_value=Decimal(100)), Risk.LATE_LOANS, "0.125"),
        (replace(WELL, met=ON - timedelta(days=29)), Risk.NOT_MET, "29"),
        (replace(WELL, met=None), Risk.NOT_MET, "147"),
        (replace(WELL, until=ON - timedelta(days=3)), Risk.SHARE_OUT_PAST, "3"),
        (with_figures(attending=13), Risk.LOW_ATTENDANCE, "0.65"),
        (with_figures(dropouts=3), Risk.DROP_OUTS, "0.15"),
        (with_figures(debts=Decimal(600), loan_fund_cash=Decimal(800)), Risk.IN_DEBT, "0.375"),
    ],
)
def test_beyond_a_limit_it_is_at_risk(watched: Watched, risk: Risk, figure: str) -> None:
    assert risks(watched) == (RiskFound(risk, Decimal(figure)),)


def test_who_shared_out_is_not_late_with_it() -> None:
    shared = Figures(groups=1, members=20, attending=20)
    assert risks(replace(WELL, figures=shared, until=ON - timedelta(days=30))) == ()


def test_the_gravest_comes_first() -> None:
    bad = replace(WELL, box_difference=Decimal(5), met=date(2026, 1, 1), until=date(2026, 5, 1))
    assert [each.risk for each in risks(bad)] == [
        Risk.BOX_DIFFERS,
        Risk.NOT_MET,
        Risk.SHARE_OUT_PAST,
    ]
