"""A secretary who keeps a group's book for a whole cycle, with keystrokes, and proves it.

What is typed is chosen by a seed: amounts that are right, some that are refused, some that are
asked about and confirmed. Whatever a cell refuses is put back, as a person would.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from tests.cycle.invariants import check_all
from tests.presenters.meeting.table import Table, count
from tests.services.village import FORMED, Village
from vsla_desktop.domain.postings import Fund
from vsla_desktop.domain.votes import Vote
from vsla_desktop.errors import RuleBroken
from vsla_desktop.presenters.grid import CellState
from vsla_desktop.presenters.meeting import Stage
from vsla_desktop.presenters.meeting_columns import Step
from vsla_desktop.presenters.meeting_other import OtherKind
from vsla_desktop.queries.balances import fund_balances
from vsla_desktop.queries.loans import OUT, loans_of_group
from vsla_desktop.queries.pages import meeting_page
from vsla_desktop.services.joining import catch_up_offer, catch_up_shares
from vsla_desktop.services.leaving import pay_out_leaver
from vsla_desktop.services.loan_losses import write_off_loan
from vsla_desktop.services.members import LeavingReason, NewMember, add_member

if TYPE_CHECKING:
    from random import Random

    from vsla_desktop.db import Database
    from vsla_desktop.domain.rules import GroupRules
    from vsla_desktop.presenters.meeting_counting import PurseCounter

ZERO = Decimal(0)
LEAST_MEMBERS = 4


@dataclass
class Secretary:
    """Plays the meetings of one cycle. ``seen`` counts what really happened."""

    database: Database
    rules: GroupRules
    random: Random
    members: int = 5
    proves_each: bool = True
    seen: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.village = Village(self.database, rules=self.rules).form()
        with self.database.write() as session:
            for number in range(6, self.members + 1):
                new = NewMember(
                    first_name=f"Member{number}", last_name="Akello", gender="F", joined_date=FORMED
                )
                added = add_member(session, self.village.group_id, new, clock=self.village.clock)
                self.village.members.append(added.member_id)
        self.table = Table(self.village)

    # ------------------------------------------------------------------ proving

    def prove(self, event: str) -> None:
        """Check the books after one event."""
        self.seen[event] += 1
        if self.proves_each:
            self.prove_all()

    def prove_all(self) -> None:
        """Check the books from their rows."""
        with self.database.read() as session:
            check_all(session, self.village.group_id)

    # ------------------------------------------------------------------ typing

    def type(self, row: int, key: str, text: str, event: str) -> None:
        """Type into a cell; confirm what is asked, put back what is refused."""
        sheet = self.table.sheet
        column = sheet.column_of(key)
        sheet.enter(row, column, text)
        state = sheet.cell(row, column).state
        if state is CellState.UNLIKELY:
            sheet.accept(row, column)
            state = sheet.cell(row, column).state
            self.seen["asked"] += 1
        if state is CellState.IMPOSSIBLE:
            sheet.restore(row, column)
            self.seen["refused"] += 1
            event = "refused"
        self.prove(event)

    def rows(self) -> range:
        return range(self.table.sheet.row_count())

    def chance(self, of_hundred: int) -> bool:
        return self.random.randrange(100) < of_hundred

    # ------------------------------------------------------------------ one meeting

    def open(self) -> None:
        """Count the box and open the next meeting; once in a while two are merged in one."""
        presenter = self.table.presenter
        if self.rules.max_meetings_merged > 1 and self.chance(10):
            presenter.count_the_box()
            self.table.opening.choose_merged(2)
            self.seen["merged"] += 1
        presenter.count_the_box()
        for purse in self.table.opening.purses:
            lay_out(purse, purse.expected)
        presenter.open_the_meeting()
        assert self.table.stage() is Stage.SHEET, self.table.last_words()
        self.prove("opened")

    def roll_call(self) -> None:
        self.table.usual("attendance")
        for row in self.rows():
            if self.chance(15):
                self.type(row, "attendance", self.random.choice("laer"), "marked")

    def social_fund(self) -> None:
        sheet = self.table.sheet
        self.table.usual("social")
        self.prove("social")
        sheet.show_step(Step.SOCIAL_FUND)
        row = self.random.choice(self.rows())
        if self.chance(15):
            self.type(row, "grant", "300", "grant")
        if self.chance(20):
            self.type(row, "advance", "400", "advance")
        for each in self.rows():
            if sheet.book.sheet.rows[each].advance_owed and self.chance(40):
                self.type(each, "advance_repaid", "200", "advance paid back")
        sheet.show_step(Step.WHOLE)

    def savings(self) -> None:
        for row in self.rows():
            if self.chance(85):
                most = self.table.sheet.book.sheet.most_shares
                shares = self.random.randint(0, most + 1)
                self.type(row, "shares", str(shares), "shares")
            if self.chance(10):
                self.type(row, "saving_TARGET", "700", "other savings")

    def fines(self) -> None:
        for row in self.rows():
            if self.chance(8):
                self.type(row, "fine_charged", "250", "fine charged")
            owed = self.table.sheet.book.sheet.rows[row].fines_owed
            if owed and self.chance(60):
                paid = owed if self.chance(70) else owed - self.rules.payout_unit
                self.type(row, "fine_paid", str(max(int(paid), 0)), "fine paid")

    def repayments(self) -> None:
        for row in self.rows():
            line = self.table.sheet.book.sheet.rows[row]
            if not line.loan_settles:
                continue
            wanted = self.random.choice(
                (line.loan_due, line.loan_settles, line.loan_due // 2, line.loan_settles + 1)
            )
            if wanted and self.chance(60):
                event = "settled" if wanted == line.loan_settles else "repaid"
                self.type(row, "loan_repaid", f"{wanted:f}".split(".")[0], event)

    def loans(self) -> None:
        with self.database.read() as session:
            held = fund_balances(session, self.village.group_id).loan_fund
        for row in self.rows():
            if self.chance(25) and held > 1000:
                amount = int(held * self.random.choice((1, 2, 3, 12)) / 10)
                self.type(row, "loan", str(amount), "loan")

    def other_money(self) -> None:
        other = self.table.presenter.other
        assert other is not None
        with self.database.read() as session:
            balances = fund_balances(session, self.village.group_id)
        if self.chance(20):
            other.add(OtherKind.EXPENSE, Fund.LOAN_FUND, "150", "Pens and paper")
            self.prove("expense")
        if self.chance(10):
            other.add(OtherKind.INCOME, Fund.LOAN_FUND, "900", "Sold a goat")
            self.prove("income")
        if self.chance(15):
            other.add(OtherKind.TO_BANK, Fund.LOAN_FUND, "1000", "")
            self.prove("bank")
        if balances.bank and self.chance(40):
            other.add(OtherKind.FROM_BANK, Fund.LOAN_FUND, str(int(balances.bank)), "")
            self.prove("from bank")

    def members_come_and_go(self) -> None:
        """Now and then somebody joins and catches up, and somebody leaves and is paid."""
        village, clock = self.village, self.village.clock
        if self.chance(20):
            with self.database.write() as session:
                new = NewMember(
                    first_name="Grace", last_name="Akello", gender="F", joined_date=clock.today()
                )
                joined = add_member(session, village.group_id, new, clock=clock).member_id
                page = meeting_page(session, self.meeting_id)
                most = catch_up_offer(session, page, joined).most
                if most:
                    shares = self.random.randint(1, most)
                    catch_up_shares(session, self.meeting_id, joined, shares, clock=clock)
            village.members.append(joined)
            self._seen_again("joined")
            self.table.usual("attendance")
        if self.chance(15) and len(village.members) > LEAST_MEMBERS:
            leaver = self.random.choice(village.members)
            try:
                with self.database.write() as session:
                    paid = pay_out_leaver(
                        session, self.meeting_id, leaver, LeavingReason.MOVED, clock=clock
                    )
            except RuleBroken:
                self._seen_again("could not leave")
                return
            assert paid.owed == 0
            village.members.remove(leaver)
            self._seen_again("left")

    def votes(self) -> None:
        """Now and then the meeting gives up a loan, and borrows outside."""
        clock = self.village.clock
        everybody = Vote(in_favour=self.table.sheet.book.sheet.present_count)
        with self.database.read() as session:
            out = loans_of_group(session, self.village.group_id, statuses=OUT)
        sheet = self.table.sheet.book.sheet
        if out and sheet.present_count >= sheet.quorum_required and self.chance(25):
            with self.database.write() as session:
                loan = self.random.choice(out)
                write_off_loan(
                    session, self.meeting_id, loan.loan_id, everybody, "Lost", clock=clock
                )
            self._seen_again("written off")

    def _seen_again(self, event: str) -> None:
        """What another page wrote is seen when the meeting's page is shown again."""
        self.table.presenter.load()
        self.prove(event)

    @property
    def meeting_id(self) -> int:
        meeting = self.table.presenter.meeting
        assert meeting is not None
        return meeting.meeting_id

    def undo(self) -> None:
        if self.chance(30):
            self.table.presenter.undo()
            self.prove("undone")

    def correct(self) -> None:
        """Put right an entry of the meeting before."""
        presenter = self.table.presenter
        presenter.look_at_last()
        entries = self.table.entries
        row = self.random.choice(range(entries.row_count())) if entries.row_count() else None
        line = entries.page.lines[row] if row is not None else None
        can = line is not None and not (line.is_reversal or line.reversed_by or line.is_pending)
        if row is not None and can:
            amount = "0" if self.chance(50) else "500"
            before = self.table.ledger()
            self.table.correct(row, amount, "Written in the wrong line")
            is_done = self.table.ledger() != before
            self.prove("corrected" if is_done else "not corrected")
        presenter.leave_earlier()

    def close(self, *, loses: bool = True) -> None:
        """Count, announce and close; once in a while a coin is lost."""
        presenter = self.table.presenter
        presenter.go_to_closing()
        closing = presenter.closing
        assert closing is not None
        for purse in closing.purses:
            short = Decimal(50) if loses and self.chance(5) and purse.expected > 50 else ZERO
            self.seen["difference"] += lay_out(purse, purse.expected - short)
        closing.announce(is_announced=True)
        presenter.close_the_meeting()
        assert self.table.stage() is Stage.SLIP, (closing.refusal, closing.problems())
        self.prove("closed")

    def meeting(self, *, corrects: bool = False) -> None:
        """Hold one meeting, every step of the agenda."""
        self.open()
        self.roll_call()
        self.social_fund()
        self.savings()
        self.fines()
        self.other_money()
        self.repayments()
        self.loans()
        self.undo()
        self.votes()
        self.members_come_and_go()
        if corrects:
            self.correct()
        self.close()
        self.table.next_week()

    @property
    def today(self) -> date:
        return self.village.clock.today()

    def weeks(self, count_of: int) -> None:
        """Let time pass without meetings."""
        self.village.clock.instant += timedelta(weeks=count_of)


def lay_out(purse: PurseCounter, amount: Decimal) -> bool:
    """Count a purse; say why it differs, where a coin is lost or none is so small."""
    count(purse, amount)
    if not purse.is_counted:
        purse.enter(0, "0")
    if purse.needs_reason:
        purse.write_reason("One coin is lost")
        return True
    return False
