"""Three keys at the table: codes, names, who stands in, and the meeting that follows from them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.presenters.meeting.table import Table, count_all
from vsla_desktop.domain.currencies import CURRENCIES
from vsla_desktop.presenters.closing_keys import KeyRow, KeysPresenter
from vsla_desktop.presenters.meeting import Stage
from vsla_desktop.presenters.members import MembersPresenter
from vsla_desktop.presenters.members_code import CodeForm
from vsla_desktop.presenters.runner import InlineRunner
from vsla_desktop.queries.officers import Office, officers_of
from vsla_desktop.queries.tables import MEETINGS
from vsla_desktop.services.members import Committee, elect_officers, suspend_member

CHAIR, SECRETARY, TREASURER = Office
CODES = {CHAIR: "2580", SECRETARY: "70707", TREASURER: "19283746"}


@pytest.fixture
def led(met: Table) -> Table:
    """Amina leads, Beatrice writes, Chantal keeps the box; the box is counted."""
    village = met.village
    chair, secretary, treasurer = village.members[:3]
    committee = Committee(chairperson=chair, secretary=secretary, treasurer=treasurer)
    with village.at_work() as session:
        elect_officers(session, village.group_id, committee, clock=village.clock)
    to_the_keys(met)
    return met


@pytest.fixture
def coded(led: Table) -> Table:
    """All three chose a code at an earlier meeting."""
    for office, code in CODES.items():
        keys(led).set_code(office, code, code)
    led.presenter.close_the_meeting()
    assert led.stage() is Stage.SLIP
    led.next_week()
    led.open()
    to_the_keys(led)
    return led


def to_the_keys(table: Table) -> None:
    table.usual("attendance")
    table.presenter.go_to_closing()
    closing = table.presenter.closing
    assert closing is not None
    count_all(closing.purses)
    closing.announce(is_announced=True)
    table.presenter.close_the_meeting()
    assert table.stage() is Stage.KEYS


def keys(table: Table) -> KeysPresenter:
    assert table.presenter.keys is not None
    return table.presenter.keys


def row(table: Table, office: Office) -> KeyRow:
    return next(each for each in keys(table).rows() if each.office is office)


def test_names_are_enough_while_nobody_has_a_code(led: Table) -> None:
    assert [each.person.name for each in keys(led).rows()] == [
        "Amina Nakato",
        "Beatrice Auma",
        "Chantal Uwase",
    ]
    assert not any(each.asks_code for each in keys(led).rows())
    keys(led).turn(TREASURER)
    keys(led).turn(CHAIR)
    assert keys(led).sentence == "Still to confirm: Secretary."
    led.presenter.close_the_meeting()
    assert led.stage() is Stage.KEYS
    assert led.last_words() == "All officers confirm first."
    keys(led).turn(SECRETARY)
    assert keys(led).sentence == "All have confirmed."
    led.presenter.close_the_meeting()
    assert led.stage() is Stage.SLIP


def test_codes_are_typed_in_any_order_and_wrong_ones_slow_down(coded: Table) -> None:
    assert all(each.asks_code for each in keys(coded).rows())
    keys(coded).turn(TREASURER, CODES[TREASURER])
    assert row(coded, TREASURER).note == "Confirmed with a code."
    keys(coded).turn(CHAIR, "")
    assert row(coded, CHAIR).problem == "Type the code."
    for _time in range(3):
        keys(coded).turn(CHAIR, CODES[SECRETARY])
        assert row(coded, CHAIR).problem == "This code is not right."
    keys(coded).turn(CHAIR, CODES[CHAIR])
    assert row(coded, CHAIR).problem == "Wait 5 seconds, then try again."
    keys(coded).turn(SECRETARY, CODES[SECRETARY])
    coded.village.clock.instant += timedelta(seconds=5)
    keys(coded).turn(CHAIR, CODES[CHAIR])
    assert row(coded, CHAIR).problem == ""
    coded.presenter.close_the_meeting()
    assert coded.stage() is Stage.SLIP


def test_going_back_to_the_count_does_not_end_the_waiting(coded: Table) -> None:
    for _time in range(3):
        keys(coded).turn(CHAIR, "1111")
    coded.presenter.back_to_counting()
    assert coded.stage() is Stage.CLOSING
    coded.presenter.close_the_meeting()
    assert coded.stage() is Stage.KEYS
    keys(coded).turn(CHAIR, CODES[CHAIR])
    assert row(coded, CHAIR).problem == "Wait 5 seconds, then try again."


def test_wrong_codes_count_once_wherever_they_are_typed(coded: Table) -> None:
    village = coded.village
    page = MembersPresenter(
        village.database,
        InlineRunner(),
        coded.shell,
        group_id=village.group_id,
        currency=CURRENCIES[village.currency],
        clock=village.clock,
        folder=Path(),
        tries=coded.tries,
    )
    with village.database.read() as session:
        officers = officers_of(session, village.group_id)
    form = CodeForm(page, officers, officers.held_by[CHAIR], page.refresh)
    for _time in range(2):
        for field, text in (("old", "1111"), ("code", "8642"), ("again", "8642")):
            form.enter(field, text)
        form.save()
        assert form.form.sentence("old") == "This code is not right."
    keys(coded).turn(CHAIR, "1111")
    keys(coded).turn(CHAIR, CODES[CHAIR])
    assert row(coded, CHAIR).problem == "Wait 5 seconds, then try again."


def test_a_count_that_is_changed_is_confirmed_anew(coded: Table) -> None:
    keys(coded).turn(CHAIR, CODES[CHAIR])
    coded.presenter.back_to_counting()
    coded.presenter.close_the_meeting()
    assert not row(coded, CHAIR).is_turned


def test_who_stands_in_sets_a_code_once_two_others_have_confirmed(coded: Table) -> None:
    daudi = coded.village.members[3]
    assert keys(coded).people(SECRETARY) == [
        (coded.village.members[1], "2 Beatrice Auma"),
        (daudi, "4 Daudi Okello"),
        (coded.village.members[4], "5 Esther Wanjiru"),
    ]
    keys(coded).choose(SECRETARY, daudi)
    shown = row(coded, SECRETARY)
    assert (shown.can_turn, shown.may_set) == (False, False)
    assert shown.note == "Let the two others confirm first."
    assert shown.stands_in_for == "Beatrice Auma"
    keys(coded).set_code(SECRETARY, "9753", "9753")
    assert row(coded, SECRETARY).problem == "Let two others confirm with their codes first."
    for office in (CHAIR, TREASURER):
        keys(coded).turn(office, CODES[office])
    assert row(coded, SECRETARY).may_set
    keys(coded).set_code(SECRETARY, "9753", "9735")
    assert row(coded, SECRETARY).problem == "Type the same code twice."
    keys(coded).set_code(SECRETARY, "9753", "9753")
    coded.presenter.close_the_meeting()
    assert coded.stage() is Stage.SLIP
    with coded.village.database.read() as session:
        kept = session.execute(
            select(MEETINGS.c.secretary_id).order_by(MEETINGS.c.id.desc()).limit(1)
        ).scalar()
    assert kept == daudi


def test_a_forgotten_code_is_chosen_again_after_two_others(coded: Table) -> None:
    assert not row(coded, CHAIR).may_set
    for office in (SECRETARY, TREASURER):
        keys(coded).turn(office, CODES[office])
    assert row(coded, CHAIR).may_set
    keys(coded).set_code(CHAIR, "86420", "86420")
    assert row(coded, CHAIR).note == "Confirmed with a code."


def test_an_office_that_nobody_holds_asks_for_no_key(coded: Table) -> None:
    coded.presenter.back_to_counting()
    with coded.village.at_work() as session:
        suspend_member(session, coded.village.members[2], clock=coded.village.clock)
    coded.presenter.close_the_meeting()
    assert [each.title for each in keys(coded).rows()] == ["Chairperson", "Secretary"]


def test_one_person_is_one_key_at_the_table_too(led: Table) -> None:
    daudi = led.village.members[3]
    keys(led).choose(CHAIR, daudi)
    keys(led).choose(SECRETARY, daudi)
    keys(led).turn(CHAIR)
    keys(led).turn(SECRETARY)
    assert row(led, SECRETARY).problem == "Choose somebody else: one person, one key."
    assert not row(led, SECRETARY).is_turned


def test_what_the_book_refuses_stands_at_the_count(led: Table) -> None:
    closing = led.presenter.closing
    assert closing is not None
    with led.village.at_work() as session:
        from vsla_desktop.services.expenses import record_income

        record_income(
            session, closing.meeting.meeting_id, led.village.rules.share_value, "Gift",
            clock=led.village.clock,
        )  # fmt: skip
    led.turn_keys()
    assert led.stage() is Stage.CLOSING
    assert any(purse.refusal or closing.refusal for purse in closing.purses)
