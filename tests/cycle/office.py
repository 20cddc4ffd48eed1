"""The pages beside the meeting's, filled in with keystrokes: members, loans, funds, the phone."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import func, select

from tests.presenters.book_of_group import Ear, page_of
from vsla_desktop.domain.postings import Fund
from vsla_desktop.presenters.funds import FundsPresenter
from vsla_desktop.presenters.funds_table import Tab
from vsla_desktop.presenters.loans import LoansPresenter
from vsla_desktop.presenters.members import MembersPresenter
from vsla_desktop.presenters.members_form import (
    MemberFormPresenter,
    OfficersPresenter,
    StandingPresenter,
)
from vsla_desktop.presenters.members_joining import CatchUpForm
from vsla_desktop.presenters.members_leaving import leaving_form
from vsla_desktop.presenters.members_phone import PaymentForm, PhonePresenter, RejectForm
from vsla_desktop.presenters.members_photo import PhotoPresenter
from vsla_desktop.presenters.members_savings import TargetForm, WithdrawForm
from vsla_desktop.presenters.rules import RulesPresenter
from vsla_desktop.presenters.saving_types import KEYS as SAVING_KEYS
from vsla_desktop.queries.tables import ACCOUNTS, CASHBOOK, MEMBERS, SAVING_TYPES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.services.village import Village
    from vsla_desktop.presenters.members_profile import MemberRead, ProfilePresenter


class Fillable(Protocol):
    """A form of any page."""

    def enter(self, key: str, text: str) -> object:
        """Take what was typed."""

    def save(self) -> str:
        """Do it; return the key of the first field that is wrong."""


@dataclass
class Office:
    """Who fills in the pages of a group. Every action says whether it was written."""

    village: Village
    ear: Ear = field(default_factory=Ear)
    written: int = 0

    def __post_init__(self) -> None:
        village, ear = self.village, self.ear
        assert village.database.path is not None
        self.folder = village.database.path.parent
        self.members = page_of(MembersPresenter, village, ear, folder=self.folder)
        self.phone = PhonePresenter(self.members)
        self.loans = page_of(LoansPresenter, village, ear)
        self.rules = page_of(RulesPresenter, village, ear)
        self.funds = page_of(FundsPresenter, village, ear)

    def _saved(self) -> None:
        self.written += 1

    def _fill(self, form: Fillable, texts: dict[str, str]) -> bool:
        before = self.written
        for key, text in texts.items():
            form.enter(key, text)
        assert form.save() == "", texts
        return self.written > before

    # ------------------------------------------------------------------ members

    def join(self, first_name: str) -> int:
        """Write a new member down, and return who it is."""
        self.members.refresh()
        known = {each.member_id for each in self.members.members}
        form = MemberFormPresenter(self.members, None, self._saved)
        assert self._fill(form, {"first_name": first_name, "last_name": "Akello", "gender": "F"})
        self.members.refresh()
        [new] = [each for each in self.members.members if each.member_id not in known]
        return new.member_id

    def profile(self, member_id: int) -> ProfilePresenter:
        """Look at one member."""
        self.members.refresh()
        self.members.open_member(member_id)
        assert self.members.profile is not None
        return self.members.profile

    def photo(self, member_id: int) -> PhotoPresenter:
        """Look at the photograph of a member."""
        profile = self.profile(member_id).profile
        return PhotoPresenter(self.members, member_id, profile.photo_path)

    def most_to_catch_up(self, member_id: int) -> int:
        """Say how many shares of earlier meetings a member may buy."""
        offer = self.profile(member_id).read.offer
        return 0 if offer is None else offer.most

    def catch_up(self, member_id: int, shares: int) -> bool:
        """Sell a member shares of earlier meetings."""
        read = self.profile(member_id).read
        assert read.offer is not None
        form = CatchUpForm(self.members, read, read.offer, self._saved)
        return self._fill(form, {"shares": str(shares)})

    def leave(self, member_id: int, reason: str, *, hands: int, part: Decimal = Decimal(1)) -> bool:
        """Pay a member out, or a part of it, and write down that she left.

        Where she owes more than she holds, the meeting votes by ``hands`` to give the rest up.
        """
        read: MemberRead = self.profile(member_id).read
        form = leaving_form(self.members, read, self._saved)
        texts = {"reason": reason}
        if part < 1 and read.account.net > 0:
            texts["paid"] = str(int(read.account.net * part))
        if read.account.net < 0:
            texts["in_favour"] = str(hands)
        return self._fill(form, texts)

    def elect(self, people: Sequence[int]) -> bool:
        """Elect the first three to lead, and key-holders beside them as far as there are some."""
        self.members.refresh()
        form = OfficersPresenter(self.members, self._saved)
        offices = ("chairperson", "secretary", "treasurer", "key_1", "key_2", "key_3")
        for office in (*offices, "counter_1", "counter_2"):
            form.enter(office, "")
        before = self.written
        for office, member_id in zip(offices, people, strict=False):
            form.enter(office, str(member_id))
        form.save()
        return self.written > before

    def suspend(self, member_id: int) -> bool:
        """Keep a member from saving and borrowing."""
        before = self.written
        StandingPresenter(self.members, self._saved).suspend(member_id)
        return self.written > before

    def take_back(self, member_id: int) -> bool:
        """End a suspension, or take a member back who left."""
        before = self.written
        StandingPresenter(self.members, self._saved).take_back(member_id)
        return self.written > before

    def aim(self, member_id: int, amount: str) -> bool:
        """Write down what a member saves towards."""
        form = TargetForm(self.members, self.profile(member_id).read, self._saved)
        return self._fill(form, {"amount": amount})

    def savers(self, code: str) -> dict[int, Decimal]:
        """Say what each active member has of one kind of saving, from the rows."""
        found = (
            select(MEMBERS.c.id, ACCOUNTS.c.current_balance)
            .select_from(
                ACCOUNTS.join(MEMBERS, MEMBERS.c.id == ACCOUNTS.c.member_id).join(
                    SAVING_TYPES, SAVING_TYPES.c.id == ACCOUNTS.c.saving_type_id
                )
            )
            .where(
                MEMBERS.c.group_id == self.village.group_id,
                MEMBERS.c.is_active,
                SAVING_TYPES.c.code == code,
            )
        )
        with self.village.database.read() as session:
            return {member: held for member, held in session.execute(found).all() if held}

    def withdraw(self, member_id: int, code: str, amount: str, notice: str) -> bool:
        """Pay a member savings back."""
        form = WithdrawForm(self.members, self.profile(member_id).read, self._saved)
        return self._fill(form, {"kind": code, "amount": amount, "notice_given": notice})

    # ------------------------------------------------------------------ loans

    def loan(self, loan_id: int, action: str, /, **texts: str) -> bool:
        """Do one thing with a loan or a request, as its page does it."""
        self.loans.refresh()
        self.loans.open_loan(loan_id)
        assert self.loans.one is not None
        self.loans.one.do(action)
        return self._done_with_loan(texts)

    def ask(self, member_id: int, **texts: str) -> bool:
        """Let a member ask for a loan."""
        self.loans.refresh()
        self.loans.ask()
        return self._done_with_loan({"member": str(member_id), **texts})

    def assess(self, loan_id: int) -> dict[str, str]:
        """Assess who asks for a loan anew; return what the page then says, part by part."""
        self.loans.refresh()
        self.loans.open_loan(loan_id)
        assert self.loans.one is not None
        self.loans.one.do("assess")
        said = dict(self.loans.one.assessment())
        self.loans.close_loan()
        return said

    def _done_with_loan(self, texts: dict[str, str]) -> bool:
        form = self.loans.form
        assert form is not None
        for key, text in texts.items():
            form.enter(key, text)
        form.save()
        is_written = self.loans.form is not form
        if not is_written:
            self.loans.leave_form()
        self.loans.close_loan()
        return is_written

    # ------------------------------------------------------------------ funds

    def fund(self, tab: Tab, action: str, /, **texts: str) -> bool:
        """Fill in a form of the page of funds."""
        self.funds.refresh()
        self.funds.choose_tab(tab)
        self.funds.choose_form(action)
        form = self.funds.form
        assert form is not None
        for key, text in texts.items():
            form.enter(key, text)
        form.save()
        return self.funds.form is not form

    def at_bank(self) -> dict[Fund, Decimal]:
        """Say what each purse has at the bank, from the rows of the cashbook."""
        rows = (
            select(CASHBOOK.c.fund_type, func.sum(CASHBOOK.c.bank_amount, type_=_MONEY))
            .where(CASHBOOK.c.group_id == self.village.group_id)
            .group_by(CASHBOOK.c.fund_type)
        )
        with self.village.database.read() as session:
            found = session.execute(rows).all()
        return {Fund(fund): held for fund, held in found if held}

    def fetch_from_bank(self) -> None:
        """Bring all money that is at the bank into the box, purse by purse."""
        for fund, held in self.at_bank().items():
            assert self.fund(Tab.BANK, "withdraw", fund=fund.value, amount=str(int(held)))

    # ------------------------------------------------------------------ rules

    def vote_on_rules(self, hands: int, *, is_won: bool = True, **texts: str) -> bool:
        """Write other rules and let the meeting vote on them; say whether it was taken."""
        self.rules.refresh()
        for key, text in texts.items():
            self.rules.enter(key, text)
        return self._vote(hands, is_won=is_won)

    def vote_on_saving(self, hands: int, code: str, **texts: str) -> bool:
        """Write other rules of one kind of saving, and let the meeting vote on them."""
        self.rules.refresh()
        kinds = self.rules.saving_types
        [row] = [at for at, each in enumerate(kinds.draft) if each.code == code]
        for key, text in texts.items():
            kinds.enter(row, SAVING_KEYS.index(key), text)
        return self._vote(hands, is_won=True)

    def _vote(self, hands: int, *, is_won: bool) -> bool:
        assert self.rules.ask() == ""
        if self.rules.vote is None:  # they hold already
            return False
        counts = (hands, 0) if is_won else (0, hands)
        for key, count in zip(("in_favour", "against"), counts, strict=True):
            self.rules.vote.enter(key, str(count))
        assert self.rules.decide() == ""
        is_taken = self.rules.vote is None
        self.rules.give_up()
        return is_taken

    # ------------------------------------------------------------------ money on the phone

    def sent(self, member_id: int, **texts: str) -> bool:
        """Write down what a member says was sent."""
        self.members.refresh()
        form = PaymentForm(self.members, self._saved)
        phone = {"phone_number": "0772123456"}
        return self._fill(form, {"member": str(member_id), **phone, **texts})

    def decide(self, *, came: Callable[[], bool]) -> tuple[int, int]:
        """Say of everything that waits whether it came; return how much did, and did not."""
        self.phone.refresh()
        verified = rejected = 0
        for payment_id in [each.payment_id for each in self.phone.payments if each.is_pending]:
            row = next(
                at for at, each in enumerate(self.phone.payments) if each.payment_id == payment_id
            )
            if came():
                self.phone.verify(row)
            payment = next(e for e in self.phone.payments if e.payment_id == payment_id)
            if not payment.is_pending:
                verified += 1
                continue
            form = RejectForm(self.members, payment, self._saved)
            rejected += self._fill(form, {"reason": "It never came"})
            self.phone.refresh()
        return verified, rejected


_MONEY = CASHBOOK.c.bank_amount.type
