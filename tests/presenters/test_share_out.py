"""The share-out page, as a person goes through it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from tests.presenters.book_of_group import Ear, after_one_meeting
from tests.services.village import FORMED, Village
from vsla_desktop.db import Database
from vsla_desktop.domain.currencies import CURRENCIES
from vsla_desktop.domain.postings import Fund
from vsla_desktop.domain.rules import SocialFundRule
from vsla_desktop.i18n import speaking
from vsla_desktop.presenters.funds import FundsPresenter
from vsla_desktop.presenters.funds_table import Tab
from vsla_desktop.presenters.grid import CellState
from vsla_desktop.presenters.meeting import MeetingPresenter, Stage
from vsla_desktop.presenters.meeting_counting import PurseCounter
from vsla_desktop.presenters.runner import InlineRunner
from vsla_desktop.presenters.share_out import ShareOutPresenter
from vsla_desktop.presenters.share_out_next import IN_HAND, SHARES
from vsla_desktop.presenters.share_out_steps import Step
from vsla_desktop.presenters.share_out_tables import Table, worth
from vsla_desktop.presenters.share_out_text import (
    lost_line,
    paid_line,
    pool_line,
    proof_line,
    read_back,
    rule_lines,
    sure_line,
    taking_back_lines,
    value_formula,
)
from vsla_desktop.queries.funds import fines_of_group
from vsla_desktop.services.cells import set_advance
from vsla_desktop.services.expenses import record_expense
from vsla_desktop.services.fines import waive_fine
from vsla_desktop.services.loans import LoanTerms, disburse_loan

UGX = CURRENCIES["UGX"]


def rows(table: Table) -> list[list[str]]:
    return [
        [table.cell(row, column).text for column in range(len(table.columns()))]
        for row in range(table.row_count())
    ]


def column(table: Table, key: str) -> list[str]:
    place = [each.key for each in table.columns()].index(key)
    return [table.cell(row, place).text for row in range(table.row_count())]


def at(page: ShareOutPresenter) -> Step:
    """Say where the page is, now and not when it was last looked at."""
    return page.step


def count_out(purse: PurseCounter, total: Decimal) -> None:
    """Type the notes and coins that make a sum."""
    for place, piece in enumerate(UGX.denominations):
        pieces, total = divmod(total, piece)
        purse.enter(place, str(int(pieces)) if pieces else "")


class Table5:
    """The page over a group of five that has saved 3, 5, 0, 0 and 0 shares."""

    def __init__(self, village: Village, ear: Ear) -> None:
        self.village = village
        self.ear = ear
        self.page = ShareOutPresenter(
            village.database,
            InlineRunner(),
            ear.shell,
            group_id=village.group_id,
            currency=UGX,
            clock=village.clock,
        )
        self.page.refresh()

    def meet(self) -> None:
        self.village.meet(present=True)
        self.page.refresh()

    def count(self, *, short: int = 0, lets_off: bool = True) -> None:
        """Count the purses; the one fine that is owed is let off first, so that nobody owes."""
        village = self.village
        if lets_off:
            with village.at_work() as session:
                [fine] = fines_of_group(session, village.group_id, FORMED)
                if fine.owed:
                    who, clock = fine.fine_id, village.clock
                    waive_fine(session, village.meeting_id, who, "Her child was ill", clock=clock)
        self.page.go_on()
        self.page.go_on()
        assert at(self.page) is Step.COUNT
        for purse in self.page.purses:
            lost = Decimal(short) if purse.fund is Fund.LOAN_FUND else Decimal(0)
            count_out(purse, purse.expected - lost)

    def vote(self, in_favour: str = "5", against: str = "0") -> None:
        self.page.vote.enter("in_favour", in_favour)
        self.page.vote.enter("against", against)
        self.page.go_on()

    def freeze(self, reserve: str = "0") -> None:
        self.meet()
        self.count()
        self.page.reserve.enter("reserve", reserve)
        self.page.go_on()
        self.page.go_on()
        self.vote()
        assert at(self.page) is Step.PAY


@pytest.fixture
def table(met: Village, ear: Ear) -> Table5:
    return Table5(met, ear)


def test_without_a_share_out_it_shows_what_a_share_is_worth(table: Table5) -> None:
    page = table.page
    assert at(page) is Step.VALUE
    assert page.note() == "cycle 1 · share-out on 4 Jan 2027"
    assert page.book is not None
    assert page.book.value is not None
    assert worth(page.book.value.value, UGX) == "500"
    assert value_formula(page.book.value, page.money, page.words) == (
        "Loan fund 4,000",
        "+ loans out 0, without charges",
        "\N{MINUS SIGN} debts to others 0",
        "= 4,000 for 8 shares",
        "One cost 500.",
    )
    assert rows(page.values)[1] == ["2", "Beatrice Auma", "5", "2,500", "2,500", "0"]
    assert worth(Fraction(3700, 7), UGX) == "528.57"


def test_what_is_open_leads_to_its_page(table: Table5) -> None:
    page = table.page
    page.go_on()
    assert at(page) is Step.AUDIT
    assert column(page.points, "what") == ["Fines not paid"]
    assert column(page.points, "amount") == ["250"]
    assert column(page.points, "who") == ["2 Beatrice Auma"]
    page.points.open_row(0)
    assert table.ear.pages == ["meeting"]
    # Nobody votes outside a meeting.
    page.go_on()
    assert table.ear.pages == ["meeting", "meeting"]
    assert at(page) is Step.AUDIT
    page.back()
    assert at(page) is Step.VALUE
    table.meet()
    page.go_on()
    assert column(page.points, "what") == ["A meeting is open", "Fines not paid"]


def test_a_share_out_from_the_count_to_the_last_payout(table: Table5) -> None:
    page, ear = table.page, table.ear
    table.meet()
    table.count()
    assert page.book is not None
    assert dict(rule_lines(page.book.rules, page.money))["Payouts rounded down to"] == "1 UGX"
    page.reserve.enter("reserve", "1000")
    page.go_on()
    assert at(page) is Step.TABLE
    assert page.note() == "cycle 1 · step 3 of 6"
    plan, cycle = page.plan, page.cycle
    assert plan is not None
    assert cycle is not None
    assert column(page.payouts, "payout") == ["1,125", "1,875", "0", "0", "0", "3,000"]
    assert column(page.payouts, "profit")[:2] == ["\N{MINUS SIGN}375", "\N{MINUS SIGN}625"]
    assert proof_line(plan, page.money) == (
        "Payouts 3,000 + set off 0 + left over 0 = pool 3,000 UGX"
    )
    assert pool_line(plan, page.money, page.words) == (
        "Cash 4,000 \N{MINUS SIGN} reserve 1,000 \N{MIDDLE DOT} a share is worth 375"
    )
    assert lost_line(cycle, page.money) == ""
    page.toggle_notes()
    # 25 shillings can not be paid in coins of 50.
    assert page.notes_sentence == "No notes and coins pay 3,000 of it."
    page.go_on()
    table.vote("2", "3")
    assert ear.said[-1] == "The vote was lost. Nothing is changed."
    assert at(page) is Step.VOTE
    table.vote("4", "1")
    assert at(page) is Step.PAY
    assert paid_line(cycle, page.money) == "5 members are still to be paid: 3,000 UGX."
    assert read_back(cycle.payouts[0], page.money) == (
        "1 Amina Nakato: 1,125 UGX",
        "One thousand one hundred and twenty-five UGX",
    )
    assert read_back(cycle.payouts[4], page.money)[1] == "Nothing is left to pay."
    page.payouts.open_row(1)
    assert ear.said[-1] == (
        "Paid: 2 Beatrice Auma: 1,875 UGX One thousand eight hundred and seventy-five UGX"
    )
    assert (
        column(page.payouts, "status") == ["", "19 Jan 2026", "", "", "", ""]
        or column(page.payouts, "status")[1]
    )
    page.payouts.open_row(1)
    assert ear.said[-1].startswith("Beatrice Auma is paid already.")
    page.paying.pay_all()
    assert page.cycle is not None
    assert sure_line(page.cycle) == "Press again to pay 4 members."
    assert not page.cycle.is_paid
    page.paying.pay_all()
    assert at(page) is Step.NEXT


def test_what_is_set_off_is_said_with_its_fund(table: Table5) -> None:
    page, village = table.page, table.village
    table.meet()
    with village.at_work() as session:
        second, clock = village.members[1], village.clock
        set_advance(session, village.meeting_id, second, Decimal(400), clock=clock)
    page.refresh()
    table.count(lets_off=False)
    page.go_on()
    assert page.plan is not None
    assert page.cycle is not None
    assert pool_line(page.plan, page.money, page.words) == (
        "Cash 4,000 + debts set off 250 \N{MIDDLE DOT} a share is worth 531.25"
    )
    assert proof_line(page.plan, page.money) == (
        "Payouts 3,599 + set off 650 + left over 1 = pool 4,250 UGX"
    )
    assert lost_line(page.cycle, page.money) == "Set off for the social fund: 400."
    assert column(page.payouts, "debts")[1] == "650"


def test_a_payout_is_taken_back_with_its_reason(table: Table5) -> None:
    page, ear = table.page, table.ear
    table.freeze()
    page.paying.take_back_row(1)
    assert ear.said[-1] == "Beatrice Auma is not paid."
    assert at(page) is Step.PAY
    page.payouts.open_row(1)
    in_box = table.village.funds().box
    page.paying.take_back_row(1)
    assert at(page) is Step.TAKE_BACK
    assert page.note() == "cycle 1 · step 5 of 6"
    asked = page.paying.taking_back
    assert asked is not None
    assert page.cycle is not None
    assert taking_back_lines(asked.payout, page.cycle) == (
        "Put the money back in the box.",
        "The member can then be paid again.",
    )
    wanted: list[str] = []
    page.field_wanted.listen(wanted.append)
    page.go_on()
    assert (wanted, asked.form.sentence("reason")) == (["reason"], "Say why.")
    asked.enter("reason", "Paid to her sister")
    page.go_on()
    assert ear.said[-1] == ("Taken back: 2 Beatrice Auma: 2,500 UGX Put the money back in the box.")
    assert at(page) is Step.PAY
    assert not any(column(page.payouts, "status"))
    assert table.village.funds().box == in_box + 2500
    page.payouts.open_row(1)
    assert table.village.funds().box == in_box


def test_ctrl_z_asks_for_the_last_payout(table: Table5) -> None:
    page, ear = table.page, table.ear
    table.freeze()
    page.paying.undo()
    assert ear.said[-1] == "Nothing to undo."
    page.payouts.open_row(0)
    page.payouts.open_row(1)
    for name in ("Beatrice Auma", "Amina Nakato"):
        page.paying.undo()
        asked = page.paying.taking_back
        assert asked is not None
        assert asked.payout.holder.name == name
        asked.enter("reason", "Not her turn")
        page.go_on()
    page.paying.undo()
    assert ear.said[-1] == "Nothing to undo."
    assert page.cycle is not None
    assert not page.cycle.is_begun
    page.reopen()  # nobody is paid: the vote can be undone as well
    assert at(page) is Step.VOTE


def test_who_changes_her_mind_leaves_the_payout(table: Table5) -> None:
    page = table.page
    table.freeze()
    page.payouts.open_row(1)
    page.paying.take_back_row(1)
    page.back()
    assert at(page) is Step.PAY
    assert page.paying.taking_back is None
    assert column(page.payouts, "status")[1]


def test_the_payouts_are_looked_at_again_until_the_cycle_is_closed(table: Table5) -> None:
    page, ear = table.page, table.ear
    table.freeze()
    page.paying.pay_all()
    page.paying.pay_all()
    assert at(page) is Step.NEXT
    page.back()
    assert at(page) is Step.PAY
    page.go_on()
    assert at(page) is Step.NEXT
    page.back()
    page.paying.take_back_row(0)
    asked = page.paying.taking_back
    assert asked is not None
    asked.enter("reason", "She left the room")
    page.go_on()
    assert at(page) is Step.PAY
    assert page.cycle is not None
    assert not page.cycle.is_paid
    page.payouts.open_row(0)
    assert at(page) is Step.PAY
    page.go_on()
    table.village.close()
    page.refresh()
    page.back()
    assert at(page) is Step.PAY
    page.paying.take_back_row(0)
    page.go_on()
    asked = page.paying.taking_back
    assert asked is not None
    asked.enter("reason", "Counted wrongly")
    page.go_on()
    assert ear.said[-1].startswith("Open a meeting first.")
    meeting = MeetingPresenter(
        table.village.database,
        InlineRunner(),
        ear.shell,
        group_id=table.village.group_id,
        clock=table.village.clock,
    )
    meeting.load()
    assert meeting.opening is not None
    assert (meeting.stage, meeting.opening.before.is_shared_out) == (Stage.NO_CYCLE, True)
    meeting.hold_special()
    assert [kind for kind, _word in meeting.opening.kinds()] == ["SPECIAL", "EMERGENCY"]
    meeting.count_the_box()
    for purse in meeting.opening.purses:
        count_out(purse, purse.expected)
    meeting.open_the_meeting()
    assert meeting.meeting is not None
    page.refresh()
    page.go_on()
    assert page.cycle is not None
    assert not page.cycle.is_paid


def test_the_next_cycle_begins_with_what_is_reinvested(table: Table5) -> None:
    page, ear = table.page, table.ear
    table.freeze(reserve="1000")
    page.paying.pay_all()
    page.paying.pay_all()
    assert page.next is not None
    page.go_on()
    assert ear.said[-1].startswith("Close the open meeting first.")
    table.village.close()
    page.refresh()
    page.next.enter(0, SHARES, "3")
    assert page.next.cell(0, SHARES).message == "Enter at most 2."
    page.go_on()
    assert ear.said[-1] == "Enter at most 2."
    page.next.enter(0, SHARES, "2")
    page.next.enter(1, SHARES, "3")
    assert page.next.cell(0, IN_HAND).text == "125"
    assert page.next.totals()[3] == "5 shares"
    page.next.days.enter("cycle_end", "1/1/2020")
    page.go_on()
    assert page.next.days.form.sentence("cycle_end")
    page.next.days.enter("cycle_end", "31/12/2026")
    page.go_on()
    assert ear.said[-1] == "Cycle 2 is open."
    assert at(page) is Step.VALUE
    assert column(page.values, "shares")[:2] == ["2", "3"]
    # The reserve of 1,000 and what was bought.
    assert table.village.funds().loan_fund == 3500


def test_a_count_that_differs_needs_its_reason(table: Table5) -> None:
    page = table.page
    table.meet()
    table.count(short=500)
    page.go_on()
    assert at(page) is Step.COUNT
    assert page.purses[0].refusal == "Say why the count differs."
    page.purses[0].write_reason("Stolen")
    page.go_on()
    assert at(page) is Step.TABLE
    assert page.plan is not None
    assert page.plan.pool == 3500
    # The book agrees with the count now: going back asks for no reason again.
    page.back()
    assert at(page) is Step.COUNT
    assert not page.purses[0].needs_reason


def test_wrong_figures_are_told_where_they_were_typed(table: Table5) -> None:
    page = table.page
    wanted: list[str] = []
    page.field_wanted.listen(wanted.append)
    table.meet()
    table.count()
    page.reserve.enter("reserve", "a lot")
    page.go_on()
    assert page.reserve.form.sentence("reserve").startswith("a lot is not an amount.")
    page.reserve.enter("reserve", "4001")
    page.go_on()
    assert page.reserve.form.sentence("reserve").startswith("Keep back at most 4 000.")
    page.reserve.enter("reserve", "0")
    page.go_on()
    page.go_on()
    page.go_on()
    assert page.vote.form.sentence("in_favour") == "Enter a number."
    table.vote("6")
    assert page.vote.form.sentence("in_favour").startswith("Count at most 5 votes.")
    assert wanted == ["reserve", "reserve", "in_favour", "in_favour"]
    assert at(page) is Step.VOTE


def test_a_frozen_share_out_can_be_opened_again_by_vote(table: Table5) -> None:
    page = table.page
    table.freeze()
    page.reopen()
    assert at(page) is Step.VOTE
    page.back()
    assert at(page) is Step.PAY
    page.reopen()
    table.vote("1", "4")
    assert at(page) is Step.VOTE
    table.vote("5")
    assert at(page) is Step.TABLE
    page.go_on()
    table.vote()
    page.payouts.open_row(0)
    page.reopen()
    assert at(page) is Step.PAY


def test_written_off_debts_are_named(table: Table5) -> None:
    page, village = table.page, table.village
    table.meet()
    with village.at_work() as session:
        terms = LoanTerms(principal=Decimal(3000), periods=1)
        disburse_loan(session, village.meeting_id, village.members[0], terms, clock=village.clock)
        record_expense(session, village.meeting_id, Decimal(100), "Tea", clock=village.clock)
    page.refresh()
    table.count()
    page.go_on()
    assert page.cycle is not None
    assert page.plan is not None
    assert lost_line(page.cycle, page.money).startswith("Written off: Amina Nakato 2,7")
    assert page.payouts.cell(0, 6).icon == "warning"
    assert page.plan.proof.holds


def test_a_proposal_is_found_again(table: Table5) -> None:
    page = table.page
    table.meet()
    table.count()
    page.go_on()
    again = Table5(table.village, table.ear).page
    assert at(again) is Step.VALUE
    again.look_at_table()
    assert at(again) is Step.TABLE
    assert rows(again.payouts) == rows(page.payouts)


def test_after_the_meeting_nothing_is_written(table: Table5) -> None:
    table.freeze()
    table.village.close()
    table.village.clock.instant += timedelta(hours=1)
    table.page.refresh()
    table.page.payouts.open_row(0)
    assert table.ear.said[-1].startswith("Open a meeting first.")


def test_the_next_cycle_is_typed_like_a_sheet(table: Table5) -> None:
    table.freeze()
    page = table.page
    page.paying.pay_all()
    page.paying.pay_all()
    sheet = page.next
    assert sheet is not None
    assert sheet.row_title(1) == "2 Beatrice Auma"
    assert sheet.find_row("auma") == 1
    assert sheet.find_row("2") == 1
    assert sheet.find_row("nobody") is None
    sheet.enter(0, SHARES, "2")
    sheet.copy_above(1, SHARES)
    assert sheet.cell(1, SHARES).text == "2"
    sheet.enter(1, SHARES, "many")
    assert sheet.cell(1, SHARES).state is CellState.IMPOSSIBLE
    assert sheet.totals()[3] == "2 shares"
    sheet.restore(1, SHARES)
    assert list(sheet.reinvested().values()) == [2]


def test_a_group_without_a_cycle_is_told_so(book: Database, ear: Ear) -> None:
    village = Village(book).form()
    page = ShareOutPresenter(
        book,
        InlineRunner(),
        ear.shell,
        group_id=village.group_id,
        currency=UGX,
        clock=village.clock,
    )
    page.refresh()
    assert at(page) is Step.VALUE  # nothing is sold yet
    assert page.book is not None
    assert page.book.value is None
    page.go_on()
    page.go_on()
    assert ear.pages == ["meeting"]


def test_french_says_the_same(table: Table5) -> None:
    with speaking("fr"):
        table.page.refresh()
        table.page.go_on()
        assert column(table.page.points, "what") == ["Amendes impayées"]
        assert table.page.note() == "cycle 1 · étape 1 sur 6"


def test_what_a_frozen_social_fund_refuses_is_said_where_it_is_typed(
    book: Database, ear: Ear
) -> None:
    rules = Village(book).ruled(social_fund_rule=SocialFundRule.SPLIT_EQUALLY)
    table = Table5(after_one_meeting(rules), ear)
    table.freeze()
    village = table.village
    first = village.members[0]
    said = "The share-out of this cycle is voted."
    meeting = MeetingPresenter(
        book, InlineRunner(), ear.shell, group_id=village.group_id, clock=village.clock
    )
    meeting.load()
    sheet = meeting.sheet
    assert sheet is not None
    column_at = sheet.column_of("social")
    sheet.enter(0, column_at, "200")
    cell = sheet.cell(0, column_at)
    assert (cell.text, cell.state) == ("200", CellState.IMPOSSIBLE)
    assert cell.message.startswith(said)
    funds = FundsPresenter(
        book,
        InlineRunner(),
        ear.shell,
        group_id=village.group_id,
        currency=UGX,
        clock=village.clock,
    )
    funds.refresh()
    funds.choose_tab(Tab.SOCIAL)
    funds.choose_form("grant")
    form = funds.form
    assert form is not None
    for key, text in {"member": str(first), "event": "ILLNESS", "amount": "100"}.items():
        form.enter(key, text)
    form.save()
    assert form.form.sentence("amount").startswith(said)
    assert village.funds().social == 1000
