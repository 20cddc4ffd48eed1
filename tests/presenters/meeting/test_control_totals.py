"""A meeting of last week is entered from paper, against the totals of its page."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.presenters.meeting.table import Table
from vsla_desktop.presenters.control_totals import ControlTotals
from vsla_desktop.presenters.shell import Tone


def control_of(table: Table) -> ControlTotals:
    assert table.presenter.meeting is not None
    return ControlTotals(table.presenter.meeting)


def said(control: ControlTotals, key: str) -> tuple[str, str, Tone]:
    line = next(line for line in control.lines() if line.key == key)
    return line.typed, line.verdict, line.tone


def test_paper_is_only_asked_for_a_day_that_is_past(met: Table) -> None:
    control = control_of(met)
    assert not control.is_wanted
    met.village.clock.instant += timedelta(days=1)
    assert control.is_wanted


def test_a_column_that_differs_is_seen_at_once_and_agrees_when_it_is_whole(met: Table) -> None:
    control = control_of(met)
    heard: list[None] = []
    control.changed.listen(lambda: heard.append(None))
    assert control.summary() == ""
    control.enter("shares", "5")
    control.enter("social", "600")
    assert said(control, "shares") == ("5", "5 missing", Tone.WARNING)
    met.type("Amina", "shares", "3")
    assert said(control, "shares") == ("5", "2 missing", Tone.WARNING)
    met.type("Beatrice", "shares", "3")
    assert said(control, "shares") == ("5", "1 too much", Tone.WARNING)
    met.type("Beatrice", "shares", "2")
    assert said(control, "shares") == ("5", "agrees", Tone.GOOD)
    met.type("Amina", "social", "200")
    assert said(control, "social") == ("600", "400 missing", Tone.WARNING)
    assert control.summary() == "Social fund: 400 missing, Shares: agrees"
    assert len(heard) >= 6
    control.enter("social", "")
    assert said(control, "social") == ("", "", Tone.MUTED)


def test_loans_and_fines_are_compared_as_well(met: Table) -> None:
    control = control_of(met)
    met.type("Daudi", "fine_charged", "250")
    met.type("Daudi", "fine_paid", "250")
    for key, text in (("fine_paid", "250"), ("loan_repaid", "0"), ("loan_taken", "1,000")):
        control.enter(key, text)
    assert said(control, "fine_paid") == ("250", "agrees", Tone.GOOD)
    assert said(control, "loan_repaid") == ("0", "agrees", Tone.GOOD)
    assert said(control, "loan_taken") == ("1,000", "1,000 missing", Tone.WARNING)


@pytest.mark.parametrize(("key", "text"), [("shares", "2.5"), ("social", "much")])
def test_a_total_that_can_not_be_read_stays_and_says_so(met: Table, key: str, text: str) -> None:
    control = control_of(met)
    control.enter(key, text)
    typed, verdict, tone = said(control, key)
    assert (typed, tone) == (text, Tone.ERROR)
    assert verdict
