"""The Loans page, driven as a person does: who owes what, and every action with its effect."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.presenters.book_of_group import Ear, page_of
from tests.services.proofs import check_books
from tests.services.village import Village
from vsla_desktop.db import Database
from vsla_desktop.domain.loans import ChargeMethod, PeriodKind
from vsla_desktop.domain.penalties import PenaltyKind
from vsla_desktop.i18n import speaking
from vsla_desktop.presenters.loans import FINISHED, LATE, REQUESTS, RUNNING, LoansPresenter
from vsla_desktop.presenters.loans_form import LoanForm
from vsla_desktop.presenters.loans_one import LoanPresenter
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.services import cells
from vsla_desktop.services.expenses import record_income
from vsla_desktop.services.loans import LoanTerms, disburse_loan

D = Decimal


@pytest.fixture
def lender(book: Database) -> Village:
    """A group with 20,000 saved by its first member, 100,000 in the fund, and an open meeting."""
    village = Village(book).ruled(
        share_value=D(4000),
        loan_multiple=D(4),
        loan_interest_method=ChargeMethod.DECLINING,
        loan_interest_rate=D("0.1"),
        loan_period=PeriodKind.CALENDAR_MONTH,
        late_penalty_kind=PenaltyKind.FIXED,
        late_penalty_amount=D(500),
    )
    village.form()
    village.meet(present=True)
    with village.at_work() as session:
        meeting, clock = village.meeting_id, village.clock
        cells.set_shares(session, meeting, village.members[0], 5, clock=clock)
        cells.set_shares(session, meeting, village.members[1], 2, clock=clock)
        record_income(session, meeting, D(80_000), "Gift", clock=clock)
    return village


def lend(village: Village, principal: int = 60_000, member: int = 0, periods: int = 3) -> None:
    with village.at_work() as session:
        terms = LoanTerms(principal=D(principal), periods=periods)
        who = village.members[member]
        disburse_loan(session, village.meeting_id, who, terms, clock=village.clock)


def later(village: Village, day: date) -> None:
    while village.day < day:
        village.close()
        village.meet(days=min(14, (day - village.day).days), present=True)


def page(village: Village, ear: Ear) -> LoansPresenter:
    presenter = page_of(LoansPresenter, village, ear)
    presenter.refresh()
    return presenter


def rows(presenter: Any) -> list[dict[str, str]]:
    return [
        {
            column.key: presenter.cell(row, place).text
            for place, column in enumerate(presenter.columns())
        }
        for row in range(presenter.row_count())
    ]


def one_of(presenter: LoansPresenter) -> LoanPresenter:
    assert presenter.one is not None
    return presenter.one


def form_of(presenter: LoansPresenter) -> LoanForm:
    assert presenter.form is not None
    return presenter.form


def begin(presenter: LoansPresenter, name: str) -> LoanForm:
    one_of(presenter).do(name)
    return form_of(presenter)


def fill(form: LoanForm, **texts: str) -> LoanForm:
    for key, text in texts.items():
        form.enter(key, text)
    return form


def saved(presenter: LoansPresenter, form: LoanForm) -> None:
    assert form.save() == ""
    assert presenter.form is None, form.effect


def effect(form: LoanForm) -> dict[str, tuple[str, str]]:
    return {title: (before, after) for title, before, after in form.effect.rows}


def test_the_list_says_who_owes_what_the_late_first(lender: Village, ear: Ear) -> None:
    lend(lender)
    later(lender, date(2026, 2, 9))
    lend(lender, 30_000, member=1, periods=1)
    presenter = page(lender, ear)
    assert rows(presenter) == [
        {
            "number": "1",
            "name": "Amina Nakato",
            "day": "5 Jan 2026",
            "principal": "60,000",
            "due_on": "5 Feb 2026",
            "due": "26,500",
            "late": "4",
            "owed": "70,500",
            "standing": "Late",
        },
        {
            "number": "2",
            "name": "Beatrice Auma",
            "day": "9 Feb 2026",
            "principal": "30,000",
            "due_on": "9 Mar 2026",
            "due": "33,000",
            "late": "0",
            "owed": "33,000",
            "standing": "Running",
        },
    ]
    late = presenter.cell(0, 8)
    assert (late.icon, late.tone) == ("warning", Tone.WARNING)
    presenter.find("beat")
    assert [row["number"] for row in rows(presenter)] == ["2"]
    presenter.find("1")
    assert [row["name"] for row in rows(presenter)] == ["Amina Nakato"]
    presenter.find("")
    counts = {}
    for choice in presenter.filters():
        presenter.choose_filter(choice.value)
        counts[choice.value] = presenter.row_count()
    assert counts == {RUNNING: 2, LATE: 1, REQUESTS: 0, FINISHED: 0, "all": 2}


def test_portfolio_includes_charges_not_yet_collected(lender: Village, ear: Ear) -> None:
    """What existing programs get wrong: here principal counts, and nothing else."""
    lend(lender)
    later(lender, date(2026, 2, 9))
    lend(lender, 15_000, member=1, periods=1)
    totals = page(lender, ear).totals()
    assert (totals.count, totals.owed) == ("2 loans", "75,000")
    assert totals.at_risk == "80 %"
    assert totals.formula == "60,000 owed on late loans / 75,000 owed on all; charges left out"
    assert totals.late == "26,500"


def test_an_empty_page_has_no_part_at_risk(lender: Village, ear: Ear) -> None:
    totals = page(lender, ear).totals()
    assert (totals.count, totals.at_risk) == ("0 loans", "0 %")


def test_a_loan_shows_the_borrower_where_she_stands(lender: Village, ear: Ear) -> None:
    lend(lender)
    presenter = page(lender, ear)
    presenter.open_row(0)
    one = one_of(presenter)
    assert one.title() == "1  Amina Nakato"
    assert one.terms() == (
        "60,000 UGX (sixty thousand) for 3 months: pay 26,000 on 5 February 2026, 72,000 in all."
        " 10\N{NO-BREAK SPACE}% of what remains, each period."
    )
    assert [(title, figure) for title, figure, _note, _tone in one.figures()] == [
        ("Clears today", "66,000"),
        ("To pay next", "26,000"),
        ("Clears next meeting", "66,000"),
        ("Paid so far", "0"),
    ]
    assert one.figures()[0][2] == "principal 60,000, charge 6,000"
    assert [row["mark"] for row in rows(one.schedule)] == ["To come"] * 3
    assert rows(one.moves) == [{"day": "5 Jan 2026", "what": "Paid out", "amount": "60,000"}]
    one.moves.open_row(0)
    assert one.loans.shell.take_entry_to_correct() is not None
    assert one.guarantors() == "Nobody"
    with speaking("fr"):
        assert "soixante mille" in one.terms()


def test_what_the_next_meeting_adds_is_said_before_it_comes(lender: Village, ear: Ear) -> None:
    lend(lender)
    later(lender, date(2026, 2, 5))
    presenter = page(lender, ear)
    presenter.open_row(0)
    figures = {title: figure for title, figure, _note, _tone in one_of(presenter).figures()}
    assert figures["Clears today"] == "66,000"  # on the due date, before the next period
    assert figures["Clears next meeting"] == "70,500"  # its charge, and the late penalty
    later(lender, date(2026, 2, 12))
    presenter.refresh()
    figures = {title: figure for title, figure, _note, _tone in one_of(presenter).figures()}
    assert figures["Clears today"] == "70,500"


def test_a_payment_is_shown_before_it_is_taken(lender: Village, ear: Ear) -> None:
    lend(lender)
    later(lender, date(2026, 2, 5))
    presenter = page(lender, ear)
    presenter.open_row(0)
    form = begin(presenter, "pay")
    assert form.form.text("amount") == "26,000"
    assert form.effect.sentence == "Penalty 0, charge 6,000, principal 20,000."
    assert effect(form)["Principal owed"] == ("60,000", "40,000")
    fill(form, amount="66001")
    assert form.form.sentence("amount") == "Pay at most 66 000. This clears the loans today."
    fill(form, amount="10000")
    assert form.effect.sentence == "Penalty 0, charge 6,000, principal 4,000."
    fill(form, amount="66000")
    assert form.effect.sentence.endswith("The loan is paid back.")
    with lender.database.read() as session:
        check_books(session, lender.group_id)
    assert rows(presenter)[0]["owed"] == "66,000"  # nothing was written by looking
    saved(presenter, form)
    assert one_of(presenter).standing().word == "Paid back"
    assert one_of(presenter).actions() == ()
    presenter.close_loan()
    assert presenter.row_count() == 0
    presenter.choose_filter(FINISHED)
    assert rows(presenter)[0]["standing"] == "Paid back"


def test_more_money_is_shown_before_and_after(lender: Village, ear: Ear) -> None:
    lend(lender)
    presenter = page(lender, ear)
    presenter.open_row(0)
    form = begin(presenter, "top_up")
    fill(form, amount="20001")
    assert form.form.sentence("amount").startswith("Lend at most 20 000.")
    fill(form, amount="twenty")
    assert form.form.sentence("amount")
    assert effect(form) == {}
    fill(form, amount="15000", periods="3")
    assert effect(form) == {
        "Principal owed": ("60,000", "75,000"),
        "Clears today": ("66,000", "88,500"),
        "To pay next": ("26,000 · 5 Feb 2026", "38,500 · 5 Feb 2026"),
        "Last day": ("5 Apr 2026", "5 Apr 2026"),
        "Loan fund": ("48,000", "33,000"),
    }
    saved(presenter, form)
    assert [row["principal"] for row in rows(one_of(presenter).schedule)] == [
        "0",
        "25,000",
        "25,000",
        "25,000",
    ]
    assert "75,000 UGX (seventy-five thousand) for 3 months" in one_of(presenter).terms()


def test_other_days_need_a_vote(lender: Village, ear: Ear) -> None:
    lend(lender)
    later(lender, date(2026, 2, 12))
    presenter = page(lender, ear)
    presenter.open_row(0)
    form = begin(presenter, "reschedule")
    fill(form, periods="2")
    assert effect(form)["Last day"] == ("5 Apr 2026", "12 Apr 2026")
    assert form.note("in_favour") == "5 are present."
    assert form.save() == "in_favour"
    assert form.form.sentence("in_favour") == "Enter the votes."
    fill(form, in_favour="6")
    assert "Count at most 5 votes." in form.form.sentence("in_favour")
    fill(form, in_favour="2", against="3")
    assert form.effect.sentence.startswith("60,000 UGX")  # as it was
    fill(form, in_favour="3", against="2")
    saved(presenter, form)
    assert ear.said[-1] == "The days are changed."
    assert one_of(presenter).standing().word == "Due today"  # the penalty
    assert one_of(presenter).figures()[1][1:3] == ("46,500", "12 Mar 2026")


def test_other_days_are_taken_back_with_a_reason(lender: Village, ear: Ear) -> None:
    lend(lender)
    presenter = page(lender, ear)
    presenter.open_row(0)
    assert "take_back" not in [action.name for action in one_of(presenter).actions()]
    before = rows(one_of(presenter).schedule)
    saved(presenter, fill(begin(presenter, "reschedule"), periods="2", in_favour="5"))
    assert [row["what"] for row in rows(one_of(presenter).moves)] == ["Paid out", "Other days"]
    form = begin(presenter, "take_back")
    assert form.title() == "Take back the other days of 5 Jan 2026"
    assert effect(form)["Last day"] == ("5 Mar 2026", "5 Apr 2026")
    assert form.save() == ""
    assert form.form.sentence("reason") == "Say why."
    saved(presenter, fill(form, reason="Voted for another"))
    assert ear.said[-1] == "Taken back."
    one = one_of(presenter)
    assert rows(one.schedule) == before
    assert [row["what"] for row in rows(one.moves)] == ["Paid out", "Other days", "Taken back"]
    assert one.moves.cell(2, 1).tooltip == "Voted for another"
    one.moves.open_row(2)
    assert "take_back" not in [action.name for action in one.actions()]


def test_a_penalty_is_let_off_with_a_reason_and_asked_again(lender: Village, ear: Ear) -> None:
    lend(lender)
    later(lender, date(2026, 2, 12))
    presenter = page(lender, ear)
    presenter.open_row(0)
    form = begin(presenter, "let_off")
    assert form.save() == ""
    assert form.form.sentence("reason") == "Say why."
    saved(presenter, fill(form, reason="She paid in time"))
    assert ear.said[-1] == "500 let off."
    one = one_of(presenter)
    assert rows(one.moves)[-1] == {"day": "12 Feb 2026", "what": "Let off", "amount": "500"}
    assert "let_off" not in [action.name for action in one.actions()]
    form = begin(presenter, "take_back")
    assert form.title() == "Ask the penalty of 12 Feb 2026 again"
    saved(presenter, fill(form, reason="It was late"))
    assert "let_off" in [action.name for action in one_of(presenter).actions()]


def test_a_loss_is_written_off_by_vote_and_recovered(lender: Village, ear: Ear) -> None:
    lend(lender)
    presenter = page(lender, ear)
    presenter.open_row(0)
    form = begin(presenter, "write_off")
    assert form.form.text("amount") == "60,000"
    assert effect(form)["Loan fund"] == ("48,000", "48,000")
    assert effect(form)["Principal owed"] == ("60,000", "0")
    fill(form, in_favour="5")
    assert form.save() == ""
    assert form.form.sentence("reason") == "Say why."
    fill(form, reason="Her shop burnt")
    saved(presenter, form)
    one = one_of(presenter)
    assert one.standing().word == "Written off"
    assert [action.name for action in one.actions()] == ["recover"]
    saved(presenter, fill(begin(presenter, "recover"), amount="15000"))
    one = one_of(presenter)
    assert one.figures()[3][:3] == ("Recovered", "15,000", "of 60,000")
    assert [row["what"] for row in rows(one.moves)] == ["Paid out", "Written off", "Recovered"]
    with lender.database.read() as session:
        check_books(session, lender.group_id)


def test_a_member_asks_is_assessed_voted_on_and_paid(lender: Village, ear: Ear) -> None:
    presenter = page(lender, ear)
    presenter.ask()
    form = form_of(presenter)
    fill(form, member=str(lender.members[0]), amount="30000", periods="3", guarantors="9")
    assert form.form.sentence("guarantors") == "There is no member 9."
    fill(form, guarantors="2 3", purpose="Goats")
    assert form.note("guarantors") == "Beatrice Auma, Chantal Uwase"
    assert effect(form)["Pay on 5 Feb 2026"] == ("", "13,000")
    assert form.effect.warnings[0] == "Member for 0 months; the group asks for 3."
    saved(presenter, form)
    one = one_of(presenter)
    assert (one.standing().word, one.guarantors()) == (
        "Asked for",
        "2 Beatrice Auma, 3 Chantal Uwase",
    )
    assert one.note() == "Asked for · Asked 5 Jan 2026 · Goats"
    assert ear.said[-1] == "Written down."
    assert [row["owed"] for row in rows(one.schedule)] == ["13,000", "12,000", "11,000"]
    parts = dict(one.assessment())
    assert parts["Savings"] == "42 / 100"  # 20,000 of 12 shares of 4,000
    assert parts["Good until"] == "5 Apr 2026"
    assert "Member for 0 months; the group asks for 3." in one.reasons()
    one.do("assess")
    assert ear.said[-1] == "Assessed."
    saved(presenter, fill(begin(presenter, "vote"), in_favour="4", against="1"))
    assert one_of(presenter).standing().word == "Approved"
    assert one_of(presenter).note() == "Approved · Asked 5 Jan 2026 · Goats"
    form = begin(presenter, "pay_out")
    assert effect(form)["Loan fund"] == ("108,000", "78,000")
    saved(presenter, form)
    assert one_of(presenter).standing().word == "Running"
    presenter.close_loan()
    assert [row["standing"] for row in rows(presenter)] == ["Running"]


def test_a_request_is_refused_with_its_reason_shown(lender: Village, ear: Ear) -> None:
    presenter = page(lender, ear)
    presenter.ask()
    form = fill(form_of(presenter), member=str(lender.members[0]), amount="30000", periods="3")
    saved(presenter, form)
    form = fill(begin(presenter, "vote"), in_favour="1", against="4")
    assert form.save() == ""
    assert form.form.sentence("reason") == "Say why it is refused."
    saved(presenter, fill(form, reason="Too much for her"))
    one = one_of(presenter)
    assert (one.standing().word, one.refusal(), one.actions()) == (
        "Refused",
        "Too much for her",
        (),
    )


def test_without_a_meeting_the_way_to_one_is_shown(lender: Village, ear: Ear) -> None:
    lend(lender)
    lender.close()
    lender.clock.instant += timedelta(days=1)
    presenter = page(lender, ear)
    presenter.open_row(0)
    one = one_of(presenter)
    assert one.needs_meeting
    one.do("pay")
    assert ear.said[-1] == "Open a meeting first. Money moves at meetings only."
    presenter.go_to_meeting()
    assert ear.pages == ["meeting"]
    presenter.ask()  # a request moves no money
    assert form_of(presenter).title() == "A member asks for a loan"
    presenter.leave_form()
    assert (presenter.form, presenter.one) == (None, one)


def test_a_request_is_let_go(lender: Village, ear: Ear) -> None:
    presenter = page(lender, ear)
    presenter.ask()
    saved(
        presenter,
        fill(form_of(presenter), member=str(lender.members[0]), amount="900", periods="1"),
    )
    saved(presenter, fill(begin(presenter, "withdraw"), reason="She found a job"))
    assert one_of(presenter).refusal() == "She found a job"
