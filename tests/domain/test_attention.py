"""The order of urgency: what weighs, and that more trouble never weighs less."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from vsla_desktop.domain.attention import Concern, Standing, Urgency, reasons, urgency, weight

D = Decimal
COUNTS = st.integers(0, 60)
STANDINGS = st.builds(
    Standing,
    box_difference=st.decimals(-100_000, 100_000, places=2),
    purses_differ=st.booleans(),
    to_settle=COUNTS,
    missed_meetings=COUNTS,
    days_since_meeting=st.none() | COUNTS,
    days_since_start=st.none() | COUNTS,
    open_days=st.none() | COUNTS,
    late_loans=COUNTS,
    at_risk=st.none() | st.decimals(0, 1, places=4),
    share_out_in=st.none() | st.integers(-60, 60),
    last_present=st.integers(0, 30),
    last_called=st.integers(30, 30),
    cycle_present=st.integers(0, 300),
    cycle_called=st.integers(300, 300),
    members_left=COUNTS,
    members_at_start=COUNTS,
    actions_late=COUNTS,
    not_sent=COUNTS,
)


def said(**facts: object) -> dict[Concern, int]:
    return {each.concern: each.weight for each in reasons(Standing(**facts))}  # type: ignore[arg-type]


def test_a_group_without_trouble_is_fine() -> None:
    standing = Standing(days_since_meeting=6, share_out_in=29, last_present=20, last_called=20)
    assert reasons(standing) == ()
    assert urgency(()) is Urgency.FINE


def test_the_example_of_the_rules_page() -> None:
    found = reasons(Standing(box_difference=D(12000), late_loans=1, at_risk=D("0.125")))
    assert [(each.concern, each.weight) for each in found] == [
        (Concern.BOX_DIFFERS, 50),
        (Concern.LATE_LOANS, 22),
    ]
    assert (weight(found), urgency(found)) == (72, Urgency.NOW)


def test_edges_stand_where_the_rules_page_says() -> None:
    for days, weighed in ((-1, 40), (0, 25), (14, 25), (15, 15), (28, 15)):
        assert list(said(share_out_in=days).values()) == [weighed]
    assert said(share_out_in=29) == {}
    assert said(last_present=5, last_called=10, cycle_present=8, cycle_called=10) == {}
    assert said(last_present=4, last_called=10) == {Concern.FEW_CAME: 20}
    assert said(last_present=9, last_called=10, cycle_present=74, cycle_called=100) == {
        Concern.LOW_ATTENDANCE: 10
    }
    assert said(members_left=1, members_at_start=11) == {Concern.MEMBERS_LEFT: 5}
    assert said(members_left=1, members_at_start=10) == {Concern.MEMBERS_LEFT: 10}
    assert said(missed_meetings=5, days_since_meeting=40) == {Concern.MEETINGS_MISSED: 45}
    assert said(late_loans=1, at_risk=D("0.9")) == {Concern.LATE_LOANS: 40}
    assert said(purses_differ=True) == {Concern.PURSES_DIFFER: 20}
    assert said(days_since_start=13) == {}
    assert said(days_since_start=14) == {Concern.NEVER_MET: 20}
    assert said(open_days=0) == {}


@given(STANDINGS)
def test_reasons_come_heaviest_first_and_each_concern_once(standing: Standing) -> None:
    found = reasons(standing)
    weights = [each.weight for each in found]
    assert weights == sorted(weights, reverse=True)
    assert all(each > 0 for each in weights)
    assert len({each.concern for each in found}) == len(found)


@given(
    STANDINGS,
    st.sampled_from(
        ("to_settle", "missed_meetings", "late_loans", "actions_late", "members_left", "not_sent")
    ),
)
def test_more_trouble_never_weighs_less(standing: Standing, name: str) -> None:
    worse = replace(standing, **{name: getattr(standing, name) + 1})
    assert weight(reasons(worse)) >= weight(reasons(standing))
