"""A secretary who keeps a group's book for a whole cycle, with keystrokes, and proves it.

What is typed is chosen by a seed: amounts that are right, some that are refused, some that are
asked about and confirmed. Whatever a cell refuses is put back, as a person would.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from sqlalchemy import select

from tests.cycle.decisions import Decisions
from tests.presenters.meeting.table import count
from vsla_desktop.domain.meeting import AttendanceStatus
from vsla_desktop.domain.postings import Fund
from vsla_desktop.presenters.control_totals import ControlTotals
from vsla_desktop.presenters.days import write_day
from vsla_desktop.presenters.meeting import Stage
from vsla_desktop.presenters.meeting_columns import Step
from vsla_desktop.presenters.meeting_other import OtherKind
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.queries.balances import Balances, fund_balances
from vsla_desktop.queries.loans import LoanState, loans_of_group
from vsla_desktop.queries.meetings import expected_in_box
from vsla_desktop.queries.members import MemberLine, members_of
from vsla_desktop.queries.share_out import debts_to_others, other_savings
from vsla_desktop.queries.tables import ATTENDANCE, MEMBERS
from vsla_desktop.wording import percent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vsla_desktop.presenters.meeting_counting import PurseCounter

ZERO = Decimal(0)
HALF = 0.5
LEAST_COIN = 50
NOTES = {"e": ("Ill", "excused"), "r": ("Her sister", "represented")}


class Secretary(Decisions):
    """Plays the meetings of one cycle."""

    def plan(self) -> None:
        """Once in a while the next meeting is moved, or not held; the day comes in any case."""
        planning = self.table.presenter.planning
        assert planning is not None
        if self.rarely(8):
            day = planning.proposal.day + timedelta(days=2)
            planning.move(write_day(day), "Rain")
            assert planning.problems == {}
            self.prove("moved")
        elif self.rarely(6):
            planning.cancel("A burial")
            self.prove("cancelled")
        clock = self.village.clock
        clock.instant = datetime.combine(self.table.opening.day, clock.instant.time())

    def special(self) -> None:
        """Hold a meeting beside the rhythm on the same day: money moves, and no roll is called."""
        presenter, kind = self.table.presenter, self.random.choice(("SPECIAL", "EMERGENCY"))
        presenter.next_meeting()
        if self.chance(50):
            assert presenter.planning is not None
            presenter.planning.plan(kind, write_day(self.today), "The school", "A new roof")
            assert presenter.planning.problems == {}
            kinds = [each.kind for each in self.table.opening.before.planned]
            presenter.planning.hold(kinds.index(kind))
            self.prove("planned")
        else:
            self.table.opening.write_day(write_day(self.today))
            self.table.opening.choose_kind(kind)
        self.open(may_merge=False)
        self.seen[kind] += 1
        other = self.table.presenter.other
        assert other is not None
        other.add(OtherKind.INCOME, Fund.LOAN_FUND, "100", "From the district")
        self.prove("special")
        self.close()

    def open(self, *, may_merge: bool = True) -> None:
        """Count the box and open the next meeting; once in a while two are merged in one."""
        presenter = self.table.presenter
        if may_merge and self.rarely(6):
            self.table.opening.choose_kind("ANNUAL")
            self.seen["ANNUAL"] += 1
        if may_merge and self.rules.max_meetings_merged > 1 and self.chance(10):
            presenter.count_the_box()
            self.table.opening.choose_merged(2)
            self.seen["merged"] += 1
        presenter.count_the_box()
        for purse in self.table.opening.purses:
            lay_out(purse, purse.expected)
        presenter.open_the_meeting()
        assert self.table.stage() is Stage.SHEET, self.table.last_words()
        self.prove("opened")

    def by_mistake(self) -> None:
        """Once in a while a meeting is opened by mistake: it is taken back, or not held at all."""
        presenter = self.table.presenter
        if any(held % LEAST_COIN for held in self._in_box().values()):
            return  # no coins make the sum: the count differs, and that is money written
        before, day = self.standing_now(), self.table.opening.day
        self.open(may_merge=False)
        if self.chance(50):
            self.roll_call()
        put_right = dict(self.put_right)
        self.correct_mark()
        self.put_right = put_right
        presenter.discard()
        assert self.table.stage() is Stage.BEFORE, self.table.last_words()
        assert self.table.opening.day == day
        assert self.standing_now() == before
        self.prove("discarded")
        if self.chance(40):
            assert presenter.planning is not None
            presenter.planning.cancel("Too few came")
            assert presenter.planning.problems == {}
            self.prove("not held after all")
            clock = self.village.clock
            clock.instant = datetime.combine(self.table.opening.day, clock.instant.time())

    def _in_box(self) -> Mapping[Fund, Decimal]:
        with self.database.read() as session:
            return expected_in_box(session, self.village.group_id)

    def standing_now(self) -> tuple[Balances, Sequence[LoanState], Sequence[MemberLine]]:
        """What the group has, who owes it what, and how often who came."""
        group_id = self.village.group_id
        with self.database.read() as session:
            return (
                fund_balances(session, group_id),
                loans_of_group(session, group_id),
                members_of(session, group_id, on=self.today),
            )

    def cannot_discard(self) -> None:
        """A meeting with money in it stays, whatever is clicked."""
        before = self.table.ledger()
        if before and self.rarely(4):
            self.table.presenter.discard()
            assert self.table.stage() is Stage.SHEET
            assert self.table.last_words() == "Money is written in this meeting."
            assert self.table.ledger() == before
            self.prove("could not be discarded")

    def roll_call(self) -> None:
        self.table.usual("attendance")
        for row in self.rows():
            if self.chance(15):
                letter = self.random.choice("laer")
                self.type(row, "attendance", letter, "marked")
                if letter in NOTES:
                    words, event = NOTES[letter]
                    self.type(row, "attendance_note", words, event)

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

    def collect(self) -> None:
        """Let borrowers pay until the loan fund can pay what it owes to others."""
        for row in self.rows():
            with self.database.read() as session:
                held = fund_balances(session, self.village.group_id).loan_fund
                owed = debts_to_others(session, self.village.group_id, self.today)
                owed += other_savings(session, self.village.group_id, self.today)
            settles = self.table.sheet.book.sheet.rows[row].loan_settles
            if held < owed and settles:
                self.type(row, "loan_repaid", f"{settles:f}".split(".")[0], "settled")

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
        if self.chance(15):
            other.add(OtherKind.INCOME, Fund.LOAN_FUND, "900", "Sold a goat")
            self.prove("income")
        if self.chance(15):
            other.add(OtherKind.TO_BANK, Fund.LOAN_FUND, "1000", "")
            self.prove("bank")
        if balances.bank and self.chance(40):
            other.add(OtherKind.FROM_BANK, Fund.LOAN_FUND, str(int(balances.bank)), "")
            self.prove("from bank")

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
        self.correct_mark()

    def correct_mark(self) -> None:
        """Now and then a mark of an earlier roll call is put right, otherwise, or taken back."""
        # Dice of its own, so that all else comes as it would come without.
        game = self.own_dice()
        presenter = self.table.presenter
        if game.random() < HALF:
            return
        presenter.look_at_last()
        if self.table.stage() is not Stage.EARLIER:
            return  # no meeting is closed yet
        presenter.look_back(game.choice(presenter.earlier_choices())[0])
        roll = self.table.entries.roll
        if roll.row_count():
            roll.open_row(game.randrange(roll.row_count()))
        form = roll.form
        if form is not None:
            status = game.choice(tuple(AttendanceStatus))
            form.enter("status", status.value)
            promised = form.effect()[0].then
            form.enter("reason", "She was seen")
            form.save()
            if roll.form is None:
                mark = form.found.mark
                self.put_right[mark.meeting_id, mark.member_id] = status.is_present
                assert promised == percent(self._attendance(mark.member_id) / 100)
                self.prove("mark put right")
            else:
                form.leave()
        presenter.leave_earlier()

    def _attendance(self, member: int) -> Decimal:
        """How often a member came, by what was marked and what she herself remembers since."""
        with self.database.read() as session:
            marks = session.execute(
                select(ATTENDANCE.c.meeting_id, ATTENDANCE.c.is_present).where(
                    ATTENDANCE.c.member_id == member
                )
            ).all()
            said: Decimal = session.execute(
                select(MEMBERS.c.attendance_percentage).where(MEMBERS.c.id == member)
            ).scalar_one()
        came = sum(self.put_right.get((each.meeting_id, member), each.is_present) for each in marks)
        assert abs(Fraction(said) - Fraction(100 * came, len(marks))) <= Fraction(1, 200)
        return said

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
        self.turn_keys()
        assert self.table.stage() is Stage.SLIP, (closing.refusal, closing.problems())
        self.prove("closed")

    def from_paper(self) -> None:
        """Come three days after a meeting that was held without the laptop."""
        held = self.today
        self.village.clock.instant += timedelta(days=3)
        self.table.presenter.next_meeting()
        self.table.opening.write_day(write_day(held))

    def compare_with_paper(self) -> None:
        """Type the totals of the paper page: the sheet agrees."""
        meeting = self.table.presenter.meeting
        assert meeting is not None
        control, rows = ControlTotals(meeting), meeting.book.sheet.rows
        if control.is_wanted:
            control.enter("shares", str(sum(row.shares for row in rows)))
            control.enter("loan_repaid", str(int(sum(row.loan_repaid for row in rows))))
            assert [line.tone for line in control.lines() if line.verdict] == [Tone.GOOD] * 2
            self.prove("entered from paper")

    def meeting(self, *, corrects: bool = False) -> None:
        """Hold one meeting, every step of the agenda."""
        self.plan()
        self.phone()
        if "back at a meeting" in self.without:
            self.ends_suspension()
        if self.rarely(4):
            self.by_mistake()
        if self.rarely(5):
            self.from_paper()
        self.open()
        self.roll_call()
        self.social_fund()
        self.savings()
        self.fines()
        self.other_money()
        self.phone_comes()
        self.repayments()
        self.loans()
        self.undo()
        self.compare_with_paper()
        self.cannot_discard()
        self.loans_page()
        self.funds_page()
        self.lists()
        self.activities()
        self.vote_rules()
        self.other_savings()
        self.members_come_and_go()
        self.standing()
        self.photographs()
        if corrects:
            self.correct()
        self.close()
        if self.rarely(8):
            self.special()
        self.table.next_week()

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
