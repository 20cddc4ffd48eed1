"""The reports of head office over many groups, in the order in which people are shown them."""

from __future__ import annotations

from typing import Final

from vsla_desktop.reports.programme_indicators import INDICATORS
from vsla_desktop.reports.programme_risk import GROUPS_AT_RISK, PORTFOLIO_AT_RISK
from vsla_desktop.reports.programme_warnings import WARNINGS
from vsla_desktop.reports.quarterly_form import FORM_OF_GROUP, QUARTERLY_FORM
from vsla_desktop.reports.report import Definition

PROGRAMME: Final[tuple[Definition, ...]] = (
    WARNINGS,
    QUARTERLY_FORM,
    FORM_OF_GROUP,
    *INDICATORS,
    PORTFOLIO_AT_RISK,
    GROUPS_AT_RISK,
)
