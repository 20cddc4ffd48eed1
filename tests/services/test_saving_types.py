"""Which kinds of saving a group uses, and what their rules refuse."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.services.village import FORMED, Village
from vsla_desktop.domain.currencies import currency
from vsla_desktop.domain.postings import Fund
from vsla_desktop.domain.saving_types import SavingTypeRule, saving_type_problems
from vsla_desktop.domain.votes import Vote
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.pages import group_page
from vsla_desktop.queries.rules_history import rules_history
from vsla_desktop.queries.saving_types import saving_types_of, saving_types_on
from vsla_desktop.queries.sheet import meeting_sheet
from vsla_desktop.services.cells import set_saving
from vsla_desktop.services.rules import change_rules
from vsla_desktop.services.saving_types import keep_saving_types
from vsla_desktop.services.savings import withdraw_saving

if TYPE_CHECKING:
    from vsla_desktop.db import Database

D = Decimal
UGX = currency("UGX")
ECD = SavingTypeRule(code="ECD", is_used=True, fund=Fund.ECD)


def kept(village: Village) -> dict[str, SavingTypeRule]:
    with village.database.read() as session:
        lines = saving_types_of(session, village.group_id)
    return {line.rule.code: line.rule for line in lines}


def keep(village: Village, **changes: Any) -> None:
    """Change the rule of ECD, and keep the others."""
    rules = kept(village)
    rules["ECD"] = replace(rules["ECD"], **changes)
    with village.at_work() as session:
        keep_saving_types(session, village.group_id, tuple(rules.values()), clock=village.clock)


@pytest.mark.parametrize(
    ("rule", "fields"),
    [
        (ECD, []),
        (replace(ECD, minimum=D("0.5"), maximum=D(0), notice_days=400), None),
        (replace(ECD, minimum=D(500), maximum=D(400)), ["maximum"]),
        (replace(ECD, fund=Fund.SOCIAL), ["fund"]),
        (replace(ECD, code="PERSONAL", fund=Fund.LOAN_FUND, is_used=False), ["is_used"]),
        (replace(ECD, code="SOCIAL", fund=Fund.SOCIAL, minimum=D(5)), ["minimum"]),
    ],
)
def test_what_can_not_stand_is_said_at_its_field(
    rule: SavingTypeRule, fields: list[str] | None
) -> None:
    found = [problem.field for problem in saving_type_problems(rule, UGX)]
    assert found == (["minimum", "maximum", "maximum", "notice_days"] if fields is None else fields)


def test_limits_and_notice_hold_from_now_on(village: Village) -> None:
    member = village.members[0]
    keep(village, minimum=D(200), maximum=D(1000), allows_withdrawal=True, notice_days=7)
    assert kept(village)["ECD"].maximum == 1000
    for amount, sentence in ((D(100), "Save at least 200"), (D(1100), "Save at most 1 000")):
        with pytest.raises(RuleBroken, match=sentence), village.at_work() as session:
            set_saving(session, village.meeting_id, member, "ECD", amount, clock=village.clock)
    with village.at_work() as session:
        set_saving(session, village.meeting_id, member, "ECD", D(300), clock=village.clock)
    with pytest.raises(RuleBroken, match="Give notice 7 days before"), village.at_work() as session:
        withdraw_saving(session, village.meeting_id, member, "ECD", D(100), clock=village.clock)


def test_kinds_that_the_founders_choose_are_those_of_the_first_rules(database: Database) -> None:
    village = Village(database).form()
    rules = kept(village)
    rules["ECD"] = replace(rules["ECD"], is_used=False)
    with village.at_work() as session:
        change_rules(
            session,
            village.group_id,
            replace(village.rules, max_shares_per_meeting=3),
            from_day=FORMED,
            saving_types=tuple(rules.values()),
            clock=village.clock,
        )
    with village.database.read() as session:
        [first] = rules_history(session, village.group_id)
    # The book has them; no vote is told of, and a workbook brings the same.
    assert (first.rules.max_shares_per_meeting, first.types) == (3, None)
    assert not kept(village)["ECD"].is_used
    with village.at_work() as session:
        with_ecd = [replace(each, is_used=True) for each in rules.values()]
        change_rules(
            session,
            village.group_id,
            first.rules,
            from_day=FORMED + timedelta(days=7),
            saving_types=with_ecd,
            clock=village.clock,
        )
        used = [
            {line.rule.code: line.rule.is_used for line in saving_types_on(session, page)}["ECD"]
            for page in (
                group_page(session, village.group_id, FORMED + timedelta(days=days))
                for days in (0, 7)
            )
        ]
    assert used == [False, True]


def test_what_a_vote_changes_holds_from_its_day_on(village: Village) -> None:
    member = village.members[0]
    village.close()
    village.meet(present=True)
    rules = kept(village)
    rules["ECD"] = replace(rules["ECD"], maximum=D(400))
    rules["TARGET"] = replace(rules["TARGET"], is_used=False)
    with village.at_work() as session:
        voted = change_rules(
            session,
            village.group_id,
            village.rules,
            from_day=village.day + timedelta(days=7),
            saving_types=tuple(rules.values()),
            vote=Vote(5, 0, 0),
            clock=village.clock,
        )
    assert voted.changed == ("saving_types",)
    for kind in ("ECD", "TARGET"):  # today's meeting keeps to the old rules
        with village.at_work() as session:
            set_saving(session, village.meeting_id, member, kind, D(500), clock=village.clock)
            set_saving(session, village.meeting_id, member, kind, D(0), clock=village.clock)
    village.close()
    village.meet(present=True)
    with village.database.read() as session:
        columns = meeting_sheet(session, village.meeting_id).saving_columns
        history = rules_history(session, village.group_id)
    assert [column.code for column in columns] == ["ECD"]
    with pytest.raises(RuleBroken, match="Save at most 400"), village.at_work() as session:
        set_saving(session, village.meeting_id, member, "ECD", D(500), clock=village.clock)
    with pytest.raises(RuleBroken, match="does not save TARGET"), village.at_work() as session:
        set_saving(session, village.meeting_id, member, "TARGET", D(500), clock=village.clock)
    last = history[-1]
    assert last.vote is not None
    assert last.types is not None
    assert last.types_before is not None
    assert {rule.code for rule in last.types_before if rule.is_used} == {
        "PERSONAL",
        "SOCIAL",
        "ECD",
        "TARGET",
    }


def test_a_later_vote_on_other_rules_keeps_the_kinds_of_saving(village: Village) -> None:
    rules = kept(village)
    rules["ECD"] = replace(rules["ECD"], maximum=D(400))
    types: tuple[SavingTypeRule, ...] | None = tuple(rules.values())
    constitution = village.rules
    for _vote in range(2):
        village.close()
        village.meet(present=True)
        with village.at_work() as session:
            change_rules(
                session,
                village.group_id,
                constitution,
                from_day=village.day + timedelta(days=1),
                saving_types=types,
                vote=Vote(5, 0, 0),
                clock=village.clock,
            )
        types, constitution = None, replace(constitution, quorum_percentage=60)
    village.close()
    village.meet(present=True)
    with (
        pytest.raises(RuleBroken, match="Save at most 400"),
        village.at_work() as session,
    ):
        set_saving(
            session, village.meeting_id, village.members[0], "ECD", D(500), clock=village.clock
        )


def test_a_kind_with_savings_stays_and_keeps_its_purse(village: Village) -> None:
    with village.at_work() as session:
        set_saving(
            session, village.meeting_id, village.members[0], "ECD", D(300), clock=village.clock
        )
    for change, sentence in (
        ({"is_used": False}, "Pay these savings back first"),
        ({"fund": Fund.TARGET}, "Keep the purse"),
    ):
        with pytest.raises(RuleBroken, match=sentence) as refused:
            keep(village, **change)
        assert refused.value.values["code"] == "ECD"
    assert kept(village)["ECD"].fund is Fund.ECD


def test_a_kind_that_is_left_out_is_no_column_and_takes_nothing(village: Village) -> None:
    keep(village, is_used=False)
    with village.database.read() as session:
        columns = meeting_sheet(session, village.meeting_id).saving_columns
    assert [column.code for column in columns] == ["TARGET"]
    with pytest.raises(RuleBroken, match="does not save ECD"), village.at_work() as session:
        set_saving(
            session, village.meeting_id, village.members[0], "ECD", D(300), clock=village.clock
        )


def test_the_order_of_the_group_is_that_of_the_sheet(village: Village) -> None:
    rules = kept(village)
    in_order = [rules[code] for code in ("TARGET", "ECD", "PERSONAL", "SOCIAL")]
    with village.at_work() as session:
        keep_saving_types(session, village.group_id, in_order, clock=village.clock)
        unknown = [replace(ECD, code="GOLD")]
        with pytest.raises(RuleBroken, match="the saving GOLD"):
            keep_saving_types(session, village.group_id, unknown, clock=village.clock)
    with village.database.read() as session:
        columns = meeting_sheet(session, village.meeting_id).saving_columns
    assert [column.code for column in columns] == ["TARGET", "ECD"]
