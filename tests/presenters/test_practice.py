"""The exercises of a practice book: their steps tick when the book shows that they were done."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.presenters.book_of_group import Ear
from tests.services.village import Village
from vsla_desktop import db
from vsla_desktop.domain.currencies import CURRENCIES
from vsla_desktop.domain.meeting import AttendanceStatus
from vsla_desktop.presenters.book import make_practice, practice_folder
from vsla_desktop.presenters.practice import EXERCISES, PracticePresenter
from vsla_desktop.presenters.practice_book import COPY, STATE
from vsla_desktop.presenters.runner import InlineRunner
from vsla_desktop.queries.mobile_money import Purpose
from vsla_desktop.queries.tables import GROUPS
from vsla_desktop.services import cells
from vsla_desktop.services.attendance import record_attendance
from vsla_desktop.services.corrections import correct_entry
from vsla_desktop.services.loans import LoanTerms
from vsla_desktop.services.mobile_money import NewPayment, record_payment, verify_payment
from vsla_desktop.settings import DataFolder

D = Decimal


def practice_of(village: Village, ear: Ear, again: list[Path]) -> PracticePresenter:
    path = village.database.path
    assert path is not None
    presenter = PracticePresenter(
        village.database,
        InlineRunner(),
        ear.shell,
        folder=path.parent,
        group_id=village.group_id,
        currency=CURRENCIES["UGX"],
        on_again=again.append,
    )
    presenter.refresh()
    return presenter


def ticks(presenter: PracticePresenter) -> list[bool]:
    presenter.refresh()
    return [step.is_done for step in presenter.steps()]


@pytest.fixture
def again() -> list[Path]:
    return []


@pytest.fixture
def practice(met: Village, ear: Ear, again: list[Path]) -> PracticePresenter:
    return practice_of(met, ear, again)


def test_roll_call_and_fines(practice: PracticePresenter, met: Village, ear: Ear) -> None:
    assert ticks(practice) == [False] * 5
    practice.go_there()
    assert ear.pages == ["meeting"]
    met.meet()
    assert ticks(practice) == [True, False, False, False, False]
    with met.at_work() as session:
        met.all_present(session)
    assert ticks(practice) == [True, True, False, False, False]
    first = met.members[0]
    with met.at_work() as session:
        late = AttendanceStatus.LATE
        record_attendance(session, met.meeting_id, first, late, clock=met.clock)
    assert ticks(practice) == [True, True, True, True, False]
    with met.at_work() as session:
        cells.set_fine_paid(session, met.meeting_id, first, D(100), clock=met.clock)
    assert ticks(practice) == [True] * 5
    assert practice.is_finished()
    assert practice.exercises()[0].title == "✓  Roll call and fines"


def test_shares_loans_and_repayments(practice: PracticePresenter, met: Village) -> None:
    practice.begin(2)
    met.meet(present=True)
    for place, member in enumerate(met.members[:3]):
        assert ticks(practice) == [True, False, False], place
        with met.at_work() as session:
            cells.set_shares(session, met.meeting_id, member, 2, clock=met.clock)
            cells.set_social(session, met.meeting_id, member, D(200), clock=met.clock)
    assert ticks(practice) == [True] * 3
    practice.next()
    assert practice.exercise is not None
    assert practice.exercise.number == 3
    first = met.members[0]
    with met.at_work() as session:
        terms = LoanTerms(principal=D(1000))
        cells.set_loan(session, met.meeting_id, first, terms, clock=met.clock)
    assert ticks(practice) == [True, True, False]
    with met.at_work() as session:
        cells.set_repayment(session, met.meeting_id, first, D(500), clock=met.clock)
    assert ticks(practice) == [True] * 3
    with met.at_work() as session:  # taken back again: the book no longer shows it
        cells.set_repayment(session, met.meeting_id, first, D(0), clock=met.clock)
    assert ticks(practice) == [True, True, False]


def test_a_wrong_entry_is_found_and_corrected(practice: PracticePresenter, met: Village) -> None:
    practice.begin(4)
    assert practice.exercise is not None
    wrong = practice.exercise.wrong
    assert wrong is not None
    assert practice.steps()[1].help.startswith(
        f"In meeting 1 {wrong.member} saved 1,000, not 1,500."
    )
    met.meet()
    assert ticks(practice) == [True, False, False]
    entry = wrong.transaction_id
    for amount, shown in ((D(500), [True, True, False]), (D(1000), [True] * 3)):
        with met.at_work() as session:
            written = correct_entry(
                session, met.meeting_id, entry, amount, "Counted", clock=met.clock
            )
        [right] = written.entries  # the first try is wrong too
        entry = right.transaction_id
        assert ticks(practice) == shown


def test_the_meeting_is_closed_and_its_slip_printed(
    practice: PracticePresenter, met: Village
) -> None:
    practice.begin(5)
    met.meet(present=True)
    assert ticks(practice) == [True, False, False]
    met.close()
    assert ticks(practice) == [True, True, False]
    printed = practice.folder / "printed"
    printed.mkdir()
    (printed / "TST-1-slip-002.pdf").write_bytes(b"%PDF")
    assert ticks(practice) == [True, True, True]
    practice.next()
    assert practice.exercise is not None
    assert practice.exercise.number == 1
    assert not list(printed.iterdir())


def test_money_on_the_phone_is_a_step_where_some_waits(
    met: Village, practice: PracticePresenter
) -> None:
    practice.begin(2)
    assert len(practice.steps()) == 3
    payment = NewPayment(
        member_id=met.members[1],
        amount=D(500),
        purpose=Purpose.SHARES,
        reference="MP1",
        day=met.clock.today(),
        phone_number="0772 123456",
    )
    with met.at_work() as session:
        payment_id = record_payment(session, met.group_id, payment, clock=met.clock)
    assert ticks(practice) == [False] * 4
    assert practice.steps()[3].text == "Say that money on the phone came"
    met.meet(present=True)
    with met.at_work() as session:
        verify_payment(session, met.meeting_id, payment_id, clock=met.clock)
    assert ticks(practice) == [True, False, False, True]


def test_an_exercise_goes_on_after_a_break_and_begins_again(
    practice: PracticePresenter, met: Village, ear: Ear, again: list[Path]
) -> None:
    practice.begin(2)
    met.meet(present=True)
    back = practice_of(met, ear, again)
    assert back.exercise is not None
    assert (back.exercise.number, len(back.exercises())) == (2, EXERCISES)
    assert ticks(back) == [True, False, False]
    back.again()
    assert again == [practice.folder / COPY]
    met.database.close()
    assert met.database.path is not None
    db.restore(again[0], met.database.path, now=met.clock.now())
    assert ticks(practice_of(met, ear, again)) == [False, False, False]


def test_what_was_kept_of_an_exercise_and_is_damaged_begins_with_the_first(
    practice: PracticePresenter, met: Village, ear: Ear, again: list[Path]
) -> None:
    practice.begin(3)
    for damaged in ("{", "[]", '{"number": 3}', '{"number": 3, "wrong": {"amount": "x"}}'):
        (practice.folder / STATE).write_text(damaged, encoding="utf-8")
        begun = practice_of(met, ear, again).exercise
        assert begun is not None
        assert begun.number == 1


@pytest.mark.parametrize(
    ("chosen", "country"), [("UGX", "Uganda"), ("USD", "Rwanda"), ("SOS", "Rwanda")]
)
def test_the_practice_group_has_the_money_of_the_laptop(
    met: Village, tmp_path: Path, chosen: str, country: str
) -> None:
    folder = DataFolder(tmp_path)
    make_practice(folder, clock=met.clock, currency=chosen)
    database = db.open_database(practice_folder(folder).database)
    with database.read() as session:
        [group] = session.execute(select(GROUPS.c.currency, GROUPS.c.country)).all()
    database.close()
    assert tuple(group) == (chosen, country)
