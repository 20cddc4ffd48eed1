"""What a group decides and keeps beside its money: rules, offices, standing, votes, property."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.cycle.errands import LEAST_MEMBERS, Errands
from vsla_desktop.domain.rules import ProfitRule
from vsla_desktop.presenters.days import write_day
from vsla_desktop.presenters.funds_table import Tab
from vsla_desktop.presenters.meeting import Stage
from vsla_desktop.queries.activities import ActivityKind
from vsla_desktop.queries.officers import Office

TOOK_PART = 2
"""The column of the sheet of an activity in which a member votes or takes part."""
CODES = dict(zip(Office, ("2580", "70707", "19283746"), strict=True))


class Decisions(Errands):
    """Does now and then what the whole group says yes or no to."""

    def lists(self) -> None:
        """Now and then a fine is let off, a member helped at an event, or the lists change."""
        office, day = self.office, write_day(self.today)
        someone = str(self.random.choice(self.village.members))
        if self.rarely(6):
            fined = {"member": someone, "kind": "MISCONDUCT", "amount": "150", "reason": "Noise"}
            self.done(office.fund(Tab.FINES, "charge_fine", **fined), "fined by the tariff")
        office.funds.refresh()
        assert office.funds.read is not None
        open_fines = [fine.fine_id for fine in office.funds.read.fines if fine.owed]
        if open_fines and self.rarely(10):
            fine = str(self.random.choice(open_fines))
            self.done(office.fund(Tab.FINES, "waive", fine=fine, reason="Ill"), "let off")
        if self.rarely(5):
            self.done(office.fund(Tab.SOCIAL, "tariff", BIRTH="150"), "amounts at events")
        if self.rarely(8):
            grant = {"member": someone, "event": "BIRTH", "reason": "A girl"}
            asked = {} if office.funds.read.tariff else {"amount": "150"}
            self.done(office.fund(Tab.SOCIAL, "grant", **grant, **asked), "helped at an event")
        if self.rarely(8):
            self.done(office.fund(Tab.SOCIAL, "contribute", member=someone, amount="200"), "gave")
        if self.rarely(10):
            box = {"name": "Box", "bought_on": day, "cost": "300"}
            self.done(office.fund(Tab.PROPERTY, "add_property", **box), "property")
        owned = [str(each.number) for each in office.funds.read.items if each.is_owned]
        if owned and self.rarely(10):
            worth = {"item": owned[0], "value": "250", "remark": "Worn"}
            self.done(office.fund(Tab.PROPERTY, "revalue", **worth), "valued anew")
        if owned and self.rarely(10):
            lost = {"item": owned[-1], "reason": "Stolen"}
            self.done(office.fund(Tab.PROPERTY, "remove", **lost), "property lost")

    def activities(self) -> None:
        """Now and then the meeting votes, learns or talks, and says what it decided."""
        work, notes = self.table.presenter.activities, self.table.presenter.notes
        assert work is not None
        assert notes is not None
        for kind, letters, event in (
            (ActivityKind.VOTING, "ffan", "voted by members"),
            (ActivityKind.TRAINING, "yn", "trained"),
            (ActivityKind.DISCUSSION, "yn", "talked"),
        ):
            if self.rarely(7):
                work.add(kind, f"About {event} at {self.today}")
                for row in range(work.parts.row_count()):
                    work.parts.enter(row, TOOK_PART, self.random.choice(letters))
                line = work.line
                self.done(line is not None and bool(line.parts), event)
        if self.rarely(6):
            hands = self.table.sheet.book.sheet.present_count
            work.add(ActivityKind.VOTING, f"The road at {self.today}", (str(hands), "0", "0"))
            self.done(not work.problems, "hands counted")
        if self.rarely(6):
            notes.write(minutes="All was well.", decisions="A new roof", action_items="Buy nails")
            self.seen_again("noted")

    def vote_rules(self) -> None:
        """Now and then other rules are voted, from the day after; a vote may be lost."""
        hands = self.table.sheet.book.sheet.present_count
        if self.rarely(8):
            changes = {
                "fine_LATE_ARRIVAL": str(self.random.choice((50, 150))),
                "max_shares_per_meeting": str(self.random.choice((3, 5, 7))),
                "loan_interest_rate": str(self.random.choice((5, 10, 12))),
            }
            if self.rules.profit_rule is ProfitRule.MIXED:
                changes["profit_savings_percentage"] = str(self.random.choice((40, 75)))
            if self.rules.loan_interest_rate == 0:
                del changes["loan_interest_rate"]
            is_won = self.chance(75)
            is_done = self.office.vote_on_rules(hands, is_won=is_won, **changes)
            self.done(is_done, "rules voted" if is_won else "vote lost")
            if is_done and is_won and "profit_savings_percentage" in changes:
                part = int(changes["profit_savings_percentage"])
                self.rules = replace(self.rules, profit_savings_percentage=part)
        if self.rarely(5):
            days = str(self.random.choice((0, 7)))
            is_done = self.office.vote_on_saving(hands, "TARGET", notice_days=days, maximum="900")
            self.done(is_done, "savings voted")

    def standing(self) -> None:
        """Now and then officers are elected, a member is suspended or taken back."""
        village, office = self.village, self.office
        if self.rarely(6):
            people = self.random.sample(village.members, len(village.members))
            self.done(office.elect(people), "elected")
        is_back = "back at a meeting" not in self.without and self.ends_suspension()
        if is_back:
            self.table.usual("attendance")
        elif self.rarely(12) and len(village.members) - len(self.suspended) > LEAST_MEMBERS:
            member = self.random.choice(village.members)
            if office.suspend(member):
                self.suspended.append(member)
                self.seen_again("suspended")
        if self.gone and self.rarely(12) and "came again" not in self.without:
            member = self.gone.pop()
            if office.take_back(member):
                village.members.append(member)
                self.seen_again("came again")
                self.table.usual("attendance")

    def ends_suspension(self) -> bool:
        """Take somebody back who is suspended, in most cases; say whether one was."""
        self.suspended = [each for each in self.suspended if each in self.village.members]
        if not self.suspended or not self.chance(75):
            return False
        self.done(self.office.take_back(self.suspended.pop()), "suspension ended")
        return True

    def other_savings(self) -> None:
        """Now and then somebody saves towards something, or is paid savings back."""
        office, member = self.office, self.random.choice(self.village.members)
        if self.rarely(6):
            self.done(office.aim(member, "5000"), "target")
        savers = office.savers("TARGET")
        if savers and self.rarely(15):
            saver = self.random.choice(sorted(savers))
            amount = str(self.random.choice((200, int(savers[saver]))))
            notice = self.random.choice(("", write_day(self.today - timedelta(days=8))))
            is_done = office.withdraw(saver, "TARGET", amount, notice)
            self.done(is_done, "paid savings back with notice" if notice else "paid savings back")

    def turn_keys(self) -> None:
        """Let each officer confirm: with a code of hers if she has one, else by name."""
        keys = self.table.presenter.keys
        if keys is None or self.table.stage() is not Stage.KEYS:
            return
        sets = not (keys.officers.use_codes or "code chosen" in self.without) and self.rarely(2)
        for row in keys.rows():
            code = CODES[row.office]
            if row.asks_code:
                keys.turn(row.office, code)
                self.seen["confirmed with a code"] += 1
            elif sets and row.may_set:
                keys.set_code(row.office, code, code)
                self.seen["code chosen"] += 1
            else:
                keys.turn(row.office)
                self.seen["confirmed by name"] += 1
            assert keys.problems == {}, keys.problems
        self.table.presenter.close_the_meeting()
