"""What a group does on the pages beside the sheet: members, loans, funds, the phone."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from tests.cycle.exact import advances_of
from tests.cycle.keeper import Keeper
from tests.cycle.ready import ready
from vsla_desktop.presenters.days import write_day
from vsla_desktop.presenters.funds_group import debt_key
from vsla_desktop.presenters.funds_table import Tab
from vsla_desktop.presenters.members_photo import kept_photo
from vsla_desktop.queries.balances import Balances, fund_balances
from vsla_desktop.queries.loans import loans_of_group
from vsla_desktop.queries.meetings import open_meeting_id
from vsla_desktop.queries.members import members_of
from vsla_desktop.queries.pages import meeting_page

LEAST_MEMBERS = 4
REASONS = ("LEFT", "MOVED", "EXPELLED", "DIED")
LET_OFF = 12
"""How often of a hundred meetings somebody is let off an advance, if any is owed."""


class Errands(Keeper):
    """Does now and then what no cell of the sheet is for."""

    def members_come_and_go(self) -> None:
        """Now and then somebody joins and catches up, and somebody leaves and is paid."""
        village, office = self.village, self.office
        if self.rarely(15):
            joined = office.join("Grace")
            self._assessed(joined)
            most = office.most_to_catch_up(joined)
            if most:
                office.catch_up(joined, self.random.randint(1, most))
            village.members.append(joined)
            self.seen_again("joined")
            self.table.usual("attendance")
        if self.rarely(15) and len(village.members) > LEAST_MEMBERS:
            leaver = self.random.choice(village.members)
            in_parts = self.chance(40)
            reason = min(REASONS, key=lambda each: (self.seen[each], self.random.random()))
            hands = self.table.sheet.book.sheet.present_count
            part = Decimal("0.6") if in_parts else Decimal(1)
            if not office.leave(leaver, reason, hands=hands, part=part):
                self.seen_again("could not leave")
                return
            village.members.remove(leaver)
            if reason != "DIED":
                self.gone.append(leaver)
            self.seen[reason] += 1
            self.seen_again("left in parts" if in_parts else "left")
            if "office left empty" in self.without:
                here = [each for each in village.members if each not in self.suspended]
                self.done(office.elect(here), "elected")

    def loans_page(self) -> None:
        """Now and then a loan is given up, grows, or is spread anew; somebody asks for one."""
        sheet = self.table.sheet.book.sheet
        with self.database.read() as session:
            loans = loans_of_group(session, self.village.group_id)
        out = [loan for loan in loans if loan.is_out]
        lost = [loan for loan in loans if loan.written_off]
        votes = {"in_favour": str(sheet.present_count), "against": "0", "abstained": "0"}
        if out and self.rarely(35):
            loan = self.random.choice(out).loan_id
            event, action, texts = self.random.choice(
                (
                    ("written off", "write_off", {"reason": "Lost", **votes}),
                    ("lent more", "top_up", {"amount": "1500", "periods": "2"}),
                    ("spread anew", "reschedule", {"periods": "3", **votes}),
                    ("paid of one", "pay", {"amount": "300"}),
                )
            )
            is_done = self.office.loan(loan, action, **texts)
            self.seen_again(event if is_done else "refused")
        if lost and self.chance(70):
            self.done(self.office.loan(lost[0].loan_id, "recover", amount="100"), "recovered")
        if self.rarely(20):
            self._request(votes)

    def _assessed(self, member: int) -> None:
        """Look how ready somebody is before she asks: the scores, the ceiling, the reasons."""
        profile = self.office.profile(member)
        said, found = profile.read.assessment, profile.may_borrow()[0]
        with self.database.read() as session:
            meeting = open_meeting_id(session, self.village.group_id)
            # A meeting that is entered days later looks at its own day.
            day = self.today if meeting is None else meeting_page(session, meeting).day
            exact = ready(session, member, self.rules, day)
        assert (
            Fraction(said.savings_score),
            Fraction(said.attendance_score),
            Fraction(said.participation_score),
            Fraction(said.overall_score),
            said.max_loan_amount,
        ) == (exact.savings, exact.attendance, exact.participation, exact.overall, exact.most)
        is_ready = not profile.reasons()
        if profile.member.status == "ACTIVE":
            words = f"May borrow up to {exact.most:,}." if is_ready else "Not ready for a loan:"
            assert found == words
            self.seen_again("ready for a loan" if is_ready else "not ready for a loan")

    def photographs(self) -> None:
        """Now and then a photograph of a member is kept; some are taken away again."""
        if "photograph" in self.without or not self.rarely(4):
            return
        member = self.random.choice(self.village.members)
        members, picture = self.office.members, self.random.randbytes(16)
        self.office.photo(member).keep(picture)
        assert members.profile is not None
        kept = kept_photo(members.folder, members.profile.profile.photo_path)
        assert kept is not None
        assert kept.read_bytes() == picture
        self.seen_again("photograph")
        if self.chance(50):
            self.office.photo(member).remove()
            assert members.profile is not None
            assert members.profile.profile.photo_path == ""
            assert not kept.exists()
            self.seen_again("photograph taken away")

    def _request(self, votes: dict[str, str]) -> None:
        """Let somebody ask; the meeting votes, and pays out at once or never."""
        member = self.random.choice(self.village.members)
        texts = {"amount": "1000", "periods": "2", "purpose": "Seeds"}
        with self.database.read() as session:
            numbers = {
                each.member_id: each.number
                for each in members_of(session, self.village.group_id, on=self.today)
            }
        others = [numbers[each] for each in self.village.members if each != member]
        vouched = self.chance(50)
        if vouched:
            texts["guarantors"] = ", ".join(map(str, self.random.sample(others, 2)))
        self._assessed(member)
        self.done(self.office.ask(member, **texts), "vouched for" if vouched else "loan asked for")
        self.office.loans.refresh()
        read = self.office.loans.read
        waiting = [each for each in read.requests if each.is_waiting] if read is not None else []
        for each in waiting:
            if "assessed anew" not in self.without and self.chance(40):
                said = self.office.assess(each.loan_id)
                with self.database.read() as session:
                    found = ready(session, each.member_id, self.rules, self.today)
                assert said["Most to lend"] == f"{found.most:,}"
                assert said["Score"].startswith(f"{round(found.overall)} / 100")
                self.seen_again("assessed anew")
            if self.chance(25):
                self.done(self.office.loan(each.loan_id, "withdraw", reason="Found work"), "let go")
                continue
            if each.approved_on is None and self.chance(25):
                against = {"in_favour": "0", "against": votes["in_favour"], "abstained": "0"}
                is_done = self.office.loan(each.loan_id, "vote", reason="Too much", **against)
                self.done(is_done, "loan refused")
                continue
            if each.approved_on is None:
                self.done(self.office.loan(each.loan_id, "vote", **votes), "voted on")
            if self.chance(70) and self.office.loan(each.loan_id, "pay_out"):
                self.seen_again("paid out")

    def funds_page(self) -> None:
        """Now and then the group borrows outside and pays back, and goes to the bank."""
        office = self.office
        if self.rarely(12):
            borrowed = {"lender": "Union", "amount": "2000", "charge": "100", "held_in": "BOX"}
            self.done(office.fund(Tab.DEBTS, "borrow", **borrowed), "borrowed")
        office.funds.refresh()
        debts = office.funds.read.debts if office.funds.read is not None else ()
        owed = [debt for debt in debts if debt.owed]
        if owed and self.chance(70):
            to_leavers = [debt for debt in owed if debt.member_id is not None]
            debt = self.random.choice(to_leavers or owed)
            back = {"debt": debt_key(debt.member_id, debt.lender), "held_in": "BOX"}
            charge = "" if debt.member_id is not None else "50"
            principal = str(int(debt.owed) // 2 + 1)
            is_done = office.fund(Tab.DEBTS, "repay", principal=principal, charge=charge, **back)
            self.done(is_done, "leaver paid" if debt.member_id is not None else "paid back")
        if self.rarely(10):
            is_done = office.fund(Tab.BANK, "deposit", fund="SOCIAL", amount="200")
            self.done(is_done, "social fund to the bank")
        if self.rarely(8):
            self.done(office.fund(Tab.BANK, "statement", said="1000"), "statement")
        if self.rarely(8):
            member = str(self.random.choice(self.village.members))
            until = write_day(self.today + timedelta(days=20))
            texts = {"member": member, "amount": "300", "due_date": until, "reason": "Fever"}
            self.done(office.fund(Tab.SOCIAL, "advance", **texts), "advance till a day")
        self._let_off()

    def _let_off(self) -> None:
        """Now and then somebody is let off an advance: what she owes is less, and no purse is."""
        self.office.funds.refresh()
        read = self.office.funds.read
        owing = [*read.advances_owed] if read is not None else []
        game = self.own_dice()
        if not owing or game.randrange(100) >= LET_OFF * self.rush:
            return
        before, purses = self._advances()
        member, amount = game.choice(owing), game.choice((50, 200))
        hands, is_won = str(self.table.sheet.book.sheet.present_count), game.random() < 0.6
        votes = {"in_favour": hands if is_won else "0", "against": "0" if is_won else hands}
        texts = {"member": str(member), "amount": str(amount), "reason": "Her house burnt down"}
        is_done = self.office.fund(Tab.SOCIAL, "let_off_advance", **texts, **votes)
        self.done(is_done, "advance let off" if is_won else "advance not let off")
        after, now = self._advances()
        assert now == purses
        assert before[member] - after[member] == (amount if is_done and is_won else 0)

    def _advances(self) -> tuple[dict[int, Fraction], Balances]:
        with self.database.read() as session:
            group_id = self.village.group_id
            return advances_of(session, group_id), fund_balances(session, group_id)

    def phone(self) -> None:
        """Members send money; the meeting says of each whether it came."""
        for purpose, amount in (
            ("SHARES", int(self.rules.share_value)),
            ("SOCIAL", 200),
            ("LOAN", 350),
            ("FINE", 100),
        ):
            if self.rarely(7):
                member = self.random.choice(self.village.members)
                self.sent_count += 1
                reference = f"MP{self.sent_count}"
                texts = {"purpose": purpose, "amount": str(amount), "reference": reference}
                if self.chance(50) and self.sent_count > 1:
                    texts["day"] = write_day(self.today - timedelta(days=1))
                self.done(self.office.sent(member, **texts), "sent by phone")

    def phone_comes(self) -> None:
        verified, rejected = self.office.decide(came=lambda: self.chance(70))
        for _each in range(verified):
            self.seen_again("came by phone")
        for _each in range(rejected):
            self.seen_again("never came")
