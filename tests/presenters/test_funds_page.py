"""The page of funds, driven as a person does: every form with its effect, and the totals."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from tests.cycle.invariants import check_all
from tests.presenters.book_of_group import Ear, page_of
from tests.services.proofs import snapshot
from tests.services.village import Village
from vsla_desktop.db import Database
from vsla_desktop.domain.fines import FineType
from vsla_desktop.domain.postings import Fund
from vsla_desktop.i18n import speaking
from vsla_desktop.presenters.funds import FundsPresenter
from vsla_desktop.presenters.funds_forms import FORMS
from vsla_desktop.presenters.funds_group import debt_key
from vsla_desktop.presenters.funds_lists import views
from vsla_desktop.presenters.funds_table import Tab
from vsla_desktop.presenters.meeting import MeetingPresenter
from vsla_desktop.presenters.meeting_undo import MeetingUndo
from vsla_desktop.presenters.runner import InlineRunner
from vsla_desktop.queries.advances import advances_owed
from vsla_desktop.queries.funds import grant_tariff
from vsla_desktop.queries.funds_debts import debts_of
from vsla_desktop.queries.tables import FINES
from vsla_desktop.services import cells
from vsla_desktop.services.corrections import reverse_entry
from vsla_desktop.services.expenses import record_expense
from vsla_desktop.services.fines import charge_fine
from vsla_desktop.services.leaving import pay_out_leaver
from vsla_desktop.services.members import LeavingReason
from vsla_desktop.services.savings import record_shares
from vsla_desktop.services.social import advance_social, contribute_social

D = Decimal


@pytest.fixture
def village(book: Database) -> Village:
    """Everybody bought two shares and gave 1,000; the second has a fine; a meeting is open."""
    made = Village(book).form()
    made.meet(present=True)
    with made.at_work() as session:
        for member in made.members:
            record_shares(session, made.meeting_id, member, 2, clock=made.clock)
            contribute_social(session, made.meeting_id, member, D(1000), clock=made.clock)
        second = made.members[1]
        charge_fine(session, made.meeting_id, second, FineType.MISCONDUCT, clock=made.clock)
    return made


class Desk:
    """The page, and who fills it in."""

    def __init__(self, village: Village, undo: MeetingUndo | None = None) -> None:
        self.village = village
        self.ear = Ear()
        self.page = page_of(FundsPresenter, village, self.ear, undo=undo)
        self.page.refresh()

    def do(self, tab: Tab, action: str, /, **typed: str) -> str:
        """Fill in a form and write it down; return the key of the field that is wrong."""
        self.page.choose_tab(tab)
        self.page.choose_form(action)
        form = self.page.form
        assert form is not None
        for key, text in typed.items():
            form.enter(key, text)
        wrong = form.save()
        with self.village.database.read() as session:
            check_all(session, self.village.group_id)
        return wrong

    def sentence(self, key: str) -> str:
        assert self.page.form is not None
        return self.page.form.form.sentence(key)

    def note(self, key: str) -> str:
        assert self.page.form is not None
        return self.page.form.note(key)

    def rows(self, view: str = "") -> list[list[str]]:
        if view:
            self.page.choose_view(view)
        columns = range(len(self.page.columns()))
        return [
            [self.page.cell(row, column).text for column in columns]
            for row in range(self.page.row_count())
        ]

    def totals(self) -> dict[str, str]:
        return dict(self.page.totals())


@pytest.fixture
def desk(village: Village) -> Desk:
    return Desk(village)


def test_a_fine_is_chosen_in_the_list_and_let_off(desk: Desk) -> None:
    assert desk.rows() == [["2", "Beatrice Auma", "Disorder", "5 Jan 2026", "250", "0", "250"]]
    desk.page.choose_row(0)
    form = desk.page.form
    assert form is not None
    assert form.save() == ""
    assert desk.sentence("reason") == "Say why the fine is waived."
    form.enter("reason", "Her child was ill")
    form.save()
    assert desk.ear.said == ["The fine is let off."]
    assert desk.rows() == []
    [row] = desk.rows("WAIVED")
    assert row[-1] == "Her child was ill"
    assert desk.totals() == {
        "Charged": "250",
        "Paid": "0",
        "Let off": "250",
        "Owed": "0",
        "Paid into: Loan fund": "0",
        "Paid into: Social fund": "0",
    }


def test_a_fine_is_charged_by_the_tariff_and_paid(desk: Desk) -> None:
    first, second, *_others = (str(each) for each in desk.village.members)
    assert desk.do(Tab.FINES, "charge_fine", member=first, kind="LATE_ARRIVAL") == ""
    desk.page.choose_form("pay_fine")
    desk.page.choose_row(1)
    assert desk.page.form is not None
    desk.page.form.enter("member", second)
    assert desk.note("amount") == "Owed: 250"
    assert desk.do(Tab.FINES, "pay_fine", member=second, amount="251") == ""
    assert desk.sentence("amount").startswith("Pay at most 250.")
    assert desk.do(Tab.FINES, "pay_fine", member=second, amount="250") == ""
    assert desk.totals()["Owed"] == "100"
    assert desk.totals()["Paid into: Loan fund"] == "250"
    assert [row[0] for row in desk.rows("PAID")] == ["2"]
    assert [row[1] for row in desk.rows("TARIFF")] == ["100", "300", "250", "0", "0", "0"]


def test_a_grant_is_proposed_by_its_event_and_may_be_changed(desk: Desk) -> None:
    member = str(desk.village.members[2])
    assert desk.do(Tab.SOCIAL, "tariff", DEATH="2000", BIRTH="500") == ""
    desk.page.choose_form("grant")
    form = desk.page.form
    assert form is not None
    form.enter("event", "DEATH")
    assert form.form.text("amount") == "2,000"
    assert desk.note("amount") == "The fund holds 5,000."
    done = {"member": member, "event": "DEATH", "amount": "1500", "reason": "Her mother"}
    assert desk.do(Tab.SOCIAL, "grant", **done) == ""
    assert desk.rows("GRANTS") == [
        ["5 Jan 2026", "3", "Chantal Uwase", "Death", "Her mother", "1,500"]
    ]
    assert desk.totals() == {
        "Before this cycle": "0",
        "In": "5,000",
        "Out": "1,500",
        "Holds now": "3,500",
        "Missing": "0",
        "Advances owed": "0",
    }
    assert desk.do(Tab.SOCIAL, "grant", **{**done, "amount": "3501"}) == ""
    assert "3 500" in desk.sentence("amount").replace("\N{NO-BREAK SPACE}", " ")


def test_an_advance_has_a_day_to_be_back_and_is_named_when_late(desk: Desk) -> None:
    village = desk.village
    amina = str(village.members[0])
    assert desk.do(Tab.SOCIAL, "advance", member=amina, amount="700", due_date="12/1/2026") == ""
    assert desk.do(Tab.SOCIAL, "advance", member=amina, amount="300", due_date="soon") == "due_date"
    village.close()
    village.meet(days=14, present=True)
    desk.page.refresh()
    assert desk.page.warning() == "Late: Amina Nakato"
    [row] = desk.rows("ADVANCES")
    assert row[3:] == ["Late: 12 Jan 2026", "700", "700"]
    desk.page.choose_form("repay_advance")
    desk.page.choose_row(0)
    assert desk.note("amount") == "Owed: 700 · 12 Jan 2026"
    assert desk.do(Tab.SOCIAL, "repay_advance", member=amina, amount="700") == ""
    assert desk.page.warning() == ""


def test_who_can_not_pay_an_advance_back_is_let_off_by_vote(desk: Desk) -> None:
    amina = str(desk.village.members[0])
    desk.do(Tab.SOCIAL, "advance", member=amina, amount="700", due_date="", reason="")
    desk.page.choose_form("let_off_advance")
    desk.rows("ADVANCES")
    desk.page.choose_row(0)
    form = desk.page.form
    assert form is not None
    assert [each.title for each in form.fields()[0].choices] == [
        "Choose",
        "1  Amina Nakato",
    ]
    assert form.form.text("amount") == "700"
    assert desk.note("amount") == "Owed: 700. It becomes a grant. No money moves."
    assert desk.note("in_favour") == "5 are present."
    assert form.save() == "in_favour"
    assert desk.sentence("in_favour") == "Enter the votes."
    vote = {"in_favour": "5", "against": ""}
    assert desk.do(Tab.SOCIAL, "let_off_advance", member=amina, **vote) == ""
    assert desk.sentence("reason") == "Say why."
    said = {"reason": "Her house burnt down"}
    lost = {**vote, "in_favour": "2", "against": "3"}
    assert desk.do(Tab.SOCIAL, "let_off_advance", member=amina, **said, **lost) == ""
    assert desk.ear.said[-1] == "The vote was lost."
    assert desk.totals()["Advances owed"] == "700"
    voted = {"member": amina, "amount": "600", **said, **vote}
    assert desk.do(Tab.SOCIAL, "let_off_advance", **voted) == ""
    assert desk.ear.said[-1] == "600 let off."
    [row] = desk.rows("ADVANCES")
    assert row[-2:] == ["700", "100"]
    assert [row[3:] for row in desk.rows("GRANTS")] == [
        ["Other event", "Her house burnt down", "600"]
    ]
    assert desk.totals()["Holds now"] == "4,300"
    desk.page.undo()
    assert desk.ear.said[-1] == "Undone: Let off an advance · 1 Amina Nakato · 600"
    assert desk.totals()["Advances owed"] == "700"
    assert desk.rows("GRANTS") == []


def test_who_owes_the_social_fund_is_seen_and_pays(desk: Desk) -> None:
    village = desk.village
    for _week in range(5):
        village.close()
        village.meet(present=True)
    desk.page.refresh()
    desk.page.choose_tab(Tab.SOCIAL)
    assert desk.rows("DUES")[0] == ["1", "Amina Nakato", "1,200", "1,000", "200", "0"]
    assert desk.totals()["Missing"] == "1,000"
    assert desk.do(Tab.SOCIAL, "contribute", member=str(village.members[0]), amount="200") == ""
    assert desk.totals()["Missing"] == "800"


def test_expenses_and_income_between_meetings_add_up_by_kind(desk: Desk) -> None:
    village = desk.village
    village.close()
    village.clock.instant += timedelta(days=2)
    desk.page.refresh()
    pens = {"kind": "STATIONERY", "amount": "300", "description": "Pens"}
    assert desk.do(Tab.MONEY, "expense", **pens, day="3/1/2026") == ""
    assert desk.sentence("day").startswith("Choose a day from 5 Jan 2026 on.")
    assert desk.do(Tab.MONEY, "expense", **pens, day="6/1/2026") == ""
    assert desk.do(Tab.MONEY, "income", kind="SALE", amount="900", description="Goat") == ""
    assert desk.do(Tab.MONEY, "income", kind="SALE", amount="1", description="") == ""
    assert desk.sentence("description") == "Say what it was for."
    assert desk.rows("KINDS") == [["Something sold", "900", ""], ["Books and pens", "", "300"]]
    assert desk.totals() == {"Income": "900", "Expenses": "300", "Left over": "600"}


def test_the_bank_is_compared_in_words_and_nothing_is_posted(desk: Desk) -> None:
    assert desk.do(Tab.BANK, "deposit", fund="LOAN_FUND", amount="3000") == ""
    assert desk.do(Tab.BANK, "deposit", fund="SOCIAL", amount="1000") == ""
    assert desk.do(Tab.BANK, "withdraw", fund="SOCIAL", amount="1001") == ""
    assert desk.sentence("amount").startswith("The bank holds")
    assert desk.totals() == {
        "Loan fund, at the bank": "3,000",
        "Social fund, at the bank": "1,000",
        "All at the bank": "4,000",
        "Box": "6,000",
    }
    assert [row[-1] for row in desk.rows()] == ["3,000", "4,000"]
    before = desk.village.funds()
    desk.page.choose_form("statement")
    assert desk.note("said") == "The book says 4,000."
    assert desk.do(Tab.BANK, "statement", said="3900", remark="Their charge") == ""
    assert desk.page.warning() == "The bank says 100 less than the book."
    assert desk.rows("STATEMENTS") == [
        ["5 Jan 2026", "3,900", "4,000", "\N{MINUS SIGN}100", "Their charge"]
    ]
    assert desk.village.funds() == before
    assert desk.do(Tab.BANK, "statement", said="4000") == ""
    assert desk.page.warning() == ""


def test_a_lender_and_a_member_who_left_are_told_apart(desk: Desk) -> None:
    village = desk.village
    twiga = {"lender": "Twiga Bank", "amount": "50000", "charge": "5000"}
    assert desk.do(Tab.DEBTS, "borrow", **twiga, due_date="12/1/2026", held_in="BANK") == ""
    with village.at_work() as session:
        leaver = village.members[4]
        pay_out_leaver(
            session,
            village.meeting_id,
            leaver,
            LeavingReason.MOVED,
            paid=D(400),
            clock=village.clock,
        )
    desk.page.refresh()
    assert [row[0] for row in desk.rows()] == ["Twiga Bank", "Esther Wanjiru, who left"]
    debts = {"debt": "lender Twiga Bank"}
    assert desk.do(Tab.DEBTS, "repay", **debts, principal="50001", held_in="BANK") == ""
    assert desk.sentence("principal").startswith("Pay at most 50")
    assert (
        desk.do(Tab.DEBTS, "repay", **debts, principal="30000", charge="5000", held_in="BANK") == ""
    )
    assert desk.do(Tab.DEBTS, "repay", debt=f"member {leaver}", principal="100") == ""
    assert desk.rows() == [
        ["Twiga Bank", "12 Jan 2026", "50,000", "30,000", "20,000", "5,000", "0"],
        ["Esther Wanjiru, who left", "", "600", "100", "500", "0", "0"],
    ]
    assert desk.totals() == {
        "Owed to lenders": "20,000",
        "Owed to members who left": "500",
        "Together": "20,500",
        "Charge owed": "0",
    }
    assert desk.do(Tab.DEBTS, "repay", debt=f"member {leaver}", charge="1") == ""
    assert desk.sentence("charge") == "A member who left is owed no charge."
    village.close()
    village.meet(days=14, present=True)
    desk.page.refresh()
    assert desk.page.warning() == "Late: Twiga Bank"


def test_property_is_added_valued_and_taken_off(desk: Desk) -> None:
    box = {"name": "Box", "bought_on": "5/1/2026", "cost": "20000"}
    assert desk.do(Tab.PROPERTY, "add_property", **box) == ""
    assert desk.do(Tab.PROPERTY, "add_property", **{**box, "name": "Bench", "value": "9000"}) == ""
    assert desk.do(Tab.PROPERTY, "revalue", item="1", value="") == ""
    assert desk.sentence("value") == "Enter an amount."
    assert desk.do(Tab.PROPERTY, "revalue", item="1", value="15000", remark="Rusty") == ""
    assert desk.do(Tab.PROPERTY, "remove", item="2", reason="Broken") == ""
    assert desk.rows() == [["Box", "5 Jan 2026", "20,000", "15,000", "5 Jan 2026", "Rusty"]]
    assert [row[-1] for row in desk.rows("ALL")] == ["Rusty", "Gone 5 Jan 2026: Broken"]
    assert desk.totals() == {
        "At the start of the cycle": "0",
        "Worth now": "15,000",
        "Gain or loss": "15,000",
    }


def test_without_a_meeting_the_page_says_how_to_open_one(desk: Desk) -> None:
    desk.village.close()
    desk.page.refresh()
    asked = {}
    for tab in Tab:
        desk.page.choose_tab(tab)
        for form in FORMS[tab]:
            desk.page.choose_form(form.name)
            asked[form.name] = desk.page.needs_meeting()
    assert [name for name, needs in asked.items() if not needs] == [
        "expense",
        "income",
        "deposit",
        "withdraw",
        "statement",
        "add_property",
        "revalue",
        "remove",
    ]
    desk.page.go_to_meeting()
    assert desk.ear.pages == ["meeting"]


def test_what_is_typed_stays_when_the_page_is_read_again(desk: Desk) -> None:
    desk.page.choose_tab(Tab.MONEY)
    form = desk.page.form
    assert form is not None
    form.enter("description", "Pens")
    form.enter("amount", "many")
    desk.page.refresh()
    assert desk.page.form is not None
    assert desk.page.form.form.text("description") == "Pens"
    assert desk.page.form.form.text("amount") == "many"


def test_a_correction_stands_beside_what_it_corrects(desk: Desk) -> None:
    village = desk.village
    with village.at_work() as session:
        entry = record_expense(
            session, village.meeting_id, D(300), "Pens", fund=Fund.SOCIAL, clock=village.clock
        )
    village.close()
    village.meet(present=True)
    with village.at_work() as session:
        reverse_entry(
            session, village.meeting_id, entry.transaction_id, "Not ours", clock=village.clock
        )
    desk.page.refresh()
    desk.page.choose_tab(Tab.MONEY)
    assert [row[2:] for row in desk.rows()] == [
        ["Pens", "Social fund", "", "300"],
        ["Corrected", "Social fund", "300", ""],
    ]
    assert desk.totals()["Expenses"] == "0"


def standing(desk: Desk) -> dict[str, object]:
    """All that an entry and its way back must leave as it was."""
    village = desk.village
    with village.database.read() as session:
        fines = session.execute(
            select(FINES.c.member_id, FINES.c.amount, FINES.c.waived_date, FINES.c.waiver_reason)
        ).all()
        return snapshot(session, village.group_id) | {
            "let off": sorted(tuple(map(str, row)) for row in fines),
            "tariff": grant_tariff(session, village.group_id),
            "advances": advances_owed(session, village.group_id),
            "debts": debts_of(session, village.group_id),
        }


ENTRIES: list[tuple[Tab, str, dict[str, str], str]] = [
    (Tab.FINES, "waive", {"fine": "0", "reason": "Ill"}, "Let off a fine · 2 Beatrice Auma · 250"),
    (
        Tab.FINES,
        "pay_fine",
        {"member": "1", "amount": "100"},
        "Take a payment of fines · 2 Beatrice Auma · 100",
    ),
    (
        Tab.FINES,
        "charge_fine",
        {"member": "0", "kind": "PHONE", "amount": "80", "reason": ""},
        "Charge a fine · 1 Amina Nakato · 80",
    ),
    (
        Tab.SOCIAL,
        "contribute",
        {"member": "0", "amount": "300"},
        "Take a contribution · 1 Amina Nakato · 300",
    ),
    (
        Tab.SOCIAL,
        "grant",
        {"member": "0", "event": "ILLNESS", "amount": "700", "reason": ""},
        "Give a grant · 1 Amina Nakato · 700",
    ),
    (
        Tab.SOCIAL,
        "advance",
        {"member": "0", "amount": "500", "due_date": "", "reason": ""},
        "Give an advance · 1 Amina Nakato · 500",
    ),
    (Tab.SOCIAL, "tariff", {"ILLNESS": "900"}, "Amounts at events"),
    (
        Tab.MONEY,
        "expense",
        {"amount": "400", "description": "Book"},
        "Pay an expense · 400",
    ),
    (
        Tab.MONEY,
        "income",
        {"amount": "400", "description": "Gift"},
        "Enter an income · 400",
    ),
    (Tab.BANK, "deposit", {"amount": "600", "remark": ""}, "Take money to the bank · 600"),
    (
        Tab.DEBTS,
        "borrow",
        {"lender": "Union", "amount": "9000", "charge": "50", "due_date": ""},
        "Borrow from outside · 9,000 · 50",
    ),
]


def typed(desk: Desk, fields: dict[str, str]) -> dict[str, str]:
    """What is chosen by its place: members, and the one fine that is owed."""
    chosen = dict(fields)
    if "member" in chosen:
        chosen["member"] = str(desk.village.members[int(chosen["member"])])
    if "fine" in chosen:
        assert desk.page.read is not None
        chosen["fine"] = str(next(fine.fine_id for fine in desk.page.read.fines if fine.owed))
    return chosen


@pytest.mark.parametrize(("tab", "action", "fields", "name"), ENTRIES)
def test_every_entry_is_undone_by_its_name(
    desk: Desk, tab: Tab, action: str, fields: dict[str, str], name: str
) -> None:
    before = standing(desk)
    assert desk.do(tab, action, **typed(desk, fields)) == ""
    assert standing(desk) != before
    desk.page.undo()
    assert desk.ear.said[-1] == f"Undone: {name}"
    assert standing(desk) == before
    desk.page.undo()
    assert desk.ear.said[-1] == "Nothing to undo."


def test_a_debt_and_an_advance_paid_back_are_undone_whole(desk: Desk) -> None:
    first = str(desk.village.members[0])
    desk.do(Tab.SOCIAL, "advance", member=first, amount="500", due_date="", reason="")
    before = standing(desk)
    desk.do(Tab.SOCIAL, "repay_advance", member=first, amount="200")
    desk.page.undo()
    assert desk.ear.said[-1] == "Undone: Take back an advance · 1 Amina Nakato · 200"
    assert standing(desk) == before
    desk.do(Tab.DEBTS, "borrow", lender="Union", amount="9000", charge="50", due_date="")
    before = standing(desk)
    debt = desk.page.read.debts[0] if desk.page.read is not None else None
    assert debt is not None
    key = debt_key(debt.member_id, debt.lender)
    desk.do(Tab.DEBTS, "repay", debt=key, principal="1000", charge="50")
    desk.page.undo()
    assert desk.ear.said[-1].startswith("Undone: Pay a debt back · Union")
    assert standing(desk) == before


def test_what_was_changed_since_is_not_undone_and_lets_the_earlier_be(desk: Desk) -> None:
    first = desk.village.members[0]
    desk.do(Tab.MONEY, "expense", amount="100", description="Tea")
    desk.do(Tab.SOCIAL, "contribute", member=str(first), amount="300")
    with desk.village.at_work() as session:
        cells.set_social(session, desk.village.meeting_id, first, D(0), clock=desk.village.clock)
    desk.page.undo()
    assert desk.ear.said[-1] == (
        "Not undone: Take a contribution · 1 Amina Nakato · 300 It was changed since."
    )
    desk.page.undo()
    assert desk.ear.said[-1] == "Undone: Pay an expense · 100"


def test_between_two_meetings_nothing_is_undone(desk: Desk) -> None:
    desk.village.close()
    desk.page.refresh()
    desk.do(Tab.MONEY, "expense", amount="100", description="Tea", day="")
    desk.page.undo()
    assert desk.ear.said[-1] == "Nothing to undo."


def test_the_sheet_undoes_what_the_page_of_funds_entered_and_the_other_way(desk: Desk) -> None:
    village = desk.village
    undo = MeetingUndo()
    meeting = MeetingPresenter(
        village.database,
        InlineRunner(),
        desk.ear.shell,
        group_id=village.group_id,
        clock=village.clock,
        undo=undo,
    )
    funds = Desk(village, undo)
    first = str(village.members[0])
    # Before the sheet is looked at for the first time ...
    funds.do(Tab.SOCIAL, "contribute", member=first, amount="300")
    village.clock.instant += timedelta(minutes=1)
    meeting.load()
    sheet = meeting.sheet
    assert sheet is not None
    village.clock.instant += timedelta(minutes=1)
    sheet.enter(2, sheet.column_of("shares"), "3")
    # ... and after it.
    funds.do(Tab.MONEY, "expense", amount="100", description="Tea")
    meeting.load()
    said = []
    for _step in range(3):
        meeting.undo()
        said.append(desk.ear.said[-1])
    assert said == [
        "Undone: Pay an expense · 100",
        "Undone: 3 Chantal Uwase · Shares 2 \N{RIGHTWARDS ARROW} 3",
        "Undone: Take a contribution · 1 Amina Nakato · 300",
    ]
    # What the book told at the start is below, and this page undoes it as well.
    funds.page.undo()
    assert funds.ear.said[-1] == (
        "Undone: 5 Esther Wanjiru · Social fund 0 \N{RIGHTWARDS ARROW} 1,000"
    )


def test_every_list_can_be_read_in_french(desk: Desk) -> None:
    with desk.village.at_work() as session:
        advance_social(
            session,
            desk.village.meeting_id,
            desk.village.members[0],
            D(10),
            clock=desk.village.clock,
        )
    with speaking("fr"):
        desk.page.refresh()
        for tab in Tab:
            desk.page.choose_tab(tab)
            assert desk.page.totals()
            for view in views(tab):
                desk.page.choose_view(view.value)
                assert desk.page.columns()
                assert all(desk.page.row_title(row) for row in range(desk.page.row_count()))
        desk.page.choose_tab(Tab.FINES)
        desk.page.choose_view("OWED")
        assert desk.rows()[0][2] == "Désordre"


def test_a_group_that_has_not_met_yet_sees_empty_lists(book: Database) -> None:
    desk = Desk(Village(book).form())
    for tab in Tab:
        desk.page.choose_tab(tab)
        assert desk.page.totals()
        assert desk.page.warning() == ""
        for view in views(tab):
            desk.page.choose_view(view.value)
            assert desk.page.row_count() in {0, 5, 6}  # the members, or the tariff
