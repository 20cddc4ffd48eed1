"""Whatever a group's cycles were like, its book comes back whole from a workbook."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.cycle.secretary import Secretary
from tests.cycle.test_full_cycle import PRESETS, UNITS, WEEKS_ON_PAPER, ShareOut, constitutions
from tests.db.books import new_book
from tests.workbook.equal_books import comes_back
from vsla_desktop.domain.rules import ProfitRule, SocialFundRule, ValueRule

if TYPE_CHECKING:
    import pytest

    from vsla_desktop.domain.rules import GroupRules, Preset

CODE = "TST-1"
NOT_CARRIED = frozenset(
    {
        *("code chosen", "came again", "photograph", "assessed anew"),
        *("back at a meeting", "office left empty"),
    }
)
"""What no workbook holds, as docs/rules.md#workbooks says.

A suspension ends before a meeting here, and an election follows whoever leaves.
"""


@st.composite
def rules(draw: st.DrawFn) -> GroupRules:
    found = draw(
        constitutions(
            draw(st.sampled_from(UNITS)),
            draw(st.sampled_from(ProfitRule)),
            draw(st.sampled_from(SocialFundRule)),
        )
    )
    value = st.sampled_from(ValueRule)
    return replace(found, leaver_rule=draw(value), joiner_rule=draw(value))


@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(
    rules(),
    st.integers(0, 10**9),
    st.integers(5, 8),
    st.integers(1, 4),
    st.sampled_from((0, 0, 1)),
    st.sampled_from(PRESETS),
    st.sampled_from(WEEKS_ON_PAPER),
)
def test_every_history_comes_back_from_its_workbook(
    tmp_path_factory: pytest.TempPathFactory,
    rules: GroupRules,
    seed: int,
    members: int,
    meetings: int,
    later: int,
    preset: Preset,
    weeks_on_paper: int,
) -> None:
    """Some go on in a second cycle: what came of the first is in the book, payout by payout."""
    folder = tmp_path_factory.mktemp("taken-out")
    book, other = (new_book(folder / f"{name}.db") for name in ("book", "other"))
    try:
        game = Random(seed)  # noqa: S311 - a game
        secretary = Secretary(
            book,
            rules,
            game,
            members=members,
            proves_each=False,
            rush=2,
            without=NOT_CARRIED,
            preset=preset,
            weeks_on_paper=weeks_on_paper,
        )
        for number in range(meetings):
            secretary.meeting(corrects=number > 0)
        if later:
            share_out = ShareOut(secretary)
            share_out.propose()
            share_out.freeze()
            if secretary.chance(50):
                share_out.reopen()
                share_out.freeze()
            share_out.pay()
            share_out.open_next()
            secretary.table.next_week()
            secretary.meeting()
        comes_back(book, other, CODE, folder / "group.xlsx", secretary.village.clock)
    finally:
        book.close()
        other.close()
