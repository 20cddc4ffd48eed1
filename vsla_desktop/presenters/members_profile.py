"""All about one member on one page: who she is, what she holds and owes, may she borrow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal
from typing import TYPE_CHECKING, Final

from vsla_desktop.domain.assessment import Assessment, assess
from vsla_desktop.domain.money import ZERO
from vsla_desktop.i18n import _, format_date
from vsla_desktop.presenters.members_text import gender_names, office_names, standing
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.queries.leaving import LeaverAccount, leaver_account
from vsla_desktop.queries.meetings import open_meeting_id
from vsla_desktop.queries.members import MemberProfile, Passbook, member_profile, passbook
from vsla_desktop.queries.officers import KeyPerson, Officers, officers_of
from vsla_desktop.queries.pages import Page, group_page, meeting_page
from vsla_desktop.queries.rules import rules_on
from vsla_desktop.services.assessments import member_record
from vsla_desktop.services.joining import CatchUp, catch_up_offer
from vsla_desktop.wording import MoneyText, figure

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.domain.rules import GroupRules
    from vsla_desktop.presenters.members import MembersPresenter
    from vsla_desktop.queries.summaries import MemberSummary

SHARES: Final = "PERSONAL"


@dataclass(frozen=True, slots=True)
class MemberRead:
    """What the book says of a member, and what the group's rules make of it today.

    ``offer`` is what a member who joined within the cycle may catch up with. ``meeting_id`` is the
    meeting that is open, if one is; ``day`` is that meeting's, else today.
    """

    book: Passbook
    profile: MemberProfile
    account: LeaverAccount
    assessment: Assessment
    offer: CatchUp | None
    rules: GroupRules
    meeting_id: int | None
    day: date
    officers: Officers
    summary: MemberSummary


@dataclass(frozen=True, slots=True)
class SummaryLine:
    """One figure of a member, and what each active member of the group has of it."""

    title: str
    own: str
    mean: str


def read_member(session: Session, member_id: int, today: date) -> MemberRead:
    """Read all about one member."""
    from vsla_desktop.queries.summaries import member_summary

    book = passbook(session, member_id, on=today)
    profile = member_profile(session, book.member, on=today)
    page = _page(session, profile.group_id, today)
    rules = rules_on(session, page)
    record = member_record(session, page, rules, member_id)
    joined = book.member.joined if book.member.is_active else None
    return MemberRead(
        book=book,
        profile=profile,
        account=leaver_account(session, page, member_id),
        assessment=assess(record, rules.assessment_rules, unit=page.currency.step),
        offer=offered(session, profile.group_id, member_id, joined, today),
        rules=rules,
        meeting_id=page.meeting_id,
        day=page.day,
        officers=officers_of(session, profile.group_id),
        summary=member_summary(session, member_id, on=page.day),
    )


def offered(
    session: Session, group_id: int, member_id: int, joined: date | None, today: date
) -> CatchUp | None:
    """Return what a member may catch up with; nothing for who is here since the cycle began.

    Nor for who joined after the day of the open meeting: that one was before her time.
    """
    page = _page(session, group_id, today)
    if joined is None or page.cycle_start is None:
        return None
    if not page.cycle_start < joined <= page.day:
        return None
    return catch_up_offer(session, page, member_id)


def _page(session: Session, group_id: int, today: date) -> Page:
    """Return the page of the open meeting, else of today."""
    meeting_id = open_meeting_id(session, group_id)
    if meeting_id is None:
        return group_page(session, group_id, today)
    return meeting_page(session, meeting_id)


class ProfilePresenter:
    """One member, for her to see where she stands."""

    def __init__(self, members: MembersPresenter, read: MemberRead) -> None:
        self.members = members
        self.read = read
        self.profile = read.profile
        self.member = read.profile.member

    def said(self, amount: Decimal) -> str:
        """Write an amount."""
        return figure(amount, self.members.currency)

    def said_with_code(self, amount: Decimal) -> str:
        """Write an amount with its currency."""
        return f"{self.said(amount)} {self.members.currency.code}"

    # ------------------------------------------------------------------ who she is

    def facts(self) -> Sequence[tuple[str, str]]:
        """What is written of her; what nobody wrote is left out."""
        member, profile = self.member, self.profile
        left = ""
        if member.left is not None:
            left = f"{format_date(member.left)} · {standing(member)}"
        rows = (
            (_("Number"), str(member.number or "")),
            (_("Office"), office_names().get(member.office, _("Member"))),
            (_("Standing"), self._standing()),
            (_("Code"), self._code()),
            (_("Gender"), gender_names().get(member.gender, "")),
            (_("Phone"), member.phone_number),
            (_("Identity card"), member.id_number),
            (_("Born on"), format_date(profile.born) if profile.born else ""),
            (_("Occupation"), profile.occupation),
            (_("Joined on"), format_date(member.joined) if member.joined else ""),
            (_("Left on"), left),
        )
        return tuple((title, said) for title, said in rows if said)

    def officer(self) -> KeyPerson | None:
        """Her as one of the three officers who may have a code; None for everybody else."""
        held = self.read.officers.held_by.values()
        return next((each for each in held if each.member_id == self.member.member_id), None)

    def _code(self) -> str:
        officer = self.officer()
        if officer is None:
            return ""
        return _("Has one of her own") if officer.has_code else _("None yet")

    def _standing(self) -> str:
        if not self.member.is_active:
            return _("Left the group")
        if self.member.status == "SUSPENDED":
            return _("Suspended: pays, but saves and borrows nothing")
        return _("Active")

    # ------------------------------------------------------------------ what she holds and owes

    def holdings(self) -> Sequence[tuple[str, str]]:
        """What she holds: shares, what they are worth today, other savings."""
        member, profile = self.member, self.profile
        shares = self.members.words.so_many_shares(member.shares)
        rows = [(shares, self.said(member.shares_value))]
        if profile.worth is not None and member.shares:
            exact = profile.worth * member.shares
            step = self.members.currency.step
            worth = (Decimal(exact.numerator) / exact.denominator).quantize(step, ROUND_DOWN)
            rows.append((_("Worth today"), self.said(max(worth, ZERO))))
        rows += [
            (self.members.words.saving(each.code, each.name), self.said(each.balance))
            for each in profile.accounts
            if each.code != SHARES
        ]
        if member.owed_to:
            rows.append((_("The group still owes"), self.said(member.owed_to)))
        return tuple(rows)

    def debts(self) -> Sequence[tuple[str, str, Tone]]:
        """What she owes, a late loan marked."""
        member = self.member
        late = Tone.WARNING if member.loan_is_late else Tone.PLAIN
        loan = _("Loan, late") if member.loan_is_late else _("Loan")
        return (
            (loan, self.said(member.loans_owed), late),
            (_("Fines"), self.said(member.fines_owed), Tone.PLAIN),
            (_("Advances"), self.said(member.advance_owed), Tone.PLAIN),
        )

    def attendance(self) -> tuple[str, str]:
        """How often she came, and the part of all meetings."""
        profile = self.profile
        said = _("Came {came} of {meetings} times", came=profile.came, meetings=profile.meetings)
        return said, f"{self.member.attendance_percentage:.0f} %"

    # ------------------------------------------------------------------ beside the others

    def summary(self) -> tuple[Sequence[SummaryLine], Sequence[SummaryLine]]:
        """Her amounts, and how often she did what, each beside the mean of the active members.

        What neither she nor the others have is left out.
        """
        from vsla_desktop.reports.report import Kind
        from vsla_desktop.reports.saying import said
        from vsla_desktop.reports.summary_figures import compared

        read, money = self.read.summary, MoneyText(self.members.currency)
        amounts: list[SummaryLine] = []
        times: list[SummaryLine] = []
        for each in compared(read.own, read.group, self.members.words):
            if not each.own and not each.mean:
                continue
            mean = Kind.DECIMAL if each.kind is Kind.COUNT else each.kind
            line = SummaryLine(
                each.title, said(each.own, each.kind, money), said(each.mean, mean, money)
            )
            (amounts if each.kind is Kind.MONEY else times).append(line)
        return amounts, times

    def summary_note(self) -> str:
        """Say whom she is compared with."""
        from vsla_desktop.reports.summary_figures import mean_note

        return mean_note(self.read.summary.group)

    # ------------------------------------------------------------------ what she saves towards

    @property
    def has_target(self) -> bool:
        """Whether she saves towards something."""
        return self.profile.target > 0

    def target(self) -> tuple[str, int]:
        """How far she is with her target: in words, and in whole percent."""
        profile = self.profile
        if not self.has_target:
            return _("No target yet."), 0
        part = min(int(profile.target_saved * 100 / profile.target), 100)
        said = _(
            "{saved} of {target} saved",
            saved=self.said(profile.target_saved),
            target=self.said(profile.target),
        )
        return said, part

    # ------------------------------------------------------------------ may she borrow

    def may_borrow(self) -> tuple[str, Tone]:
        """Whether a loan is advised, in a sentence."""
        found = self.read.assessment
        if not self.member.is_active or self.member.status != "ACTIVE":
            return _("Only active members borrow."), Tone.MUTED
        if not found.is_eligible:
            return _("Not ready for a loan:"), Tone.WARNING
        return _("May borrow up to {most}.", most=self.said(found.max_loan_amount)), Tone.GOOD

    def reasons(self) -> Sequence[str]:
        """What speaks against a loan to her, in words."""
        if not self.member.is_active or self.member.status != "ACTIVE":
            return ()
        return [_(each.message, **dict(each.values)) for each in self.read.assessment.reasons]

    # ------------------------------------------------------------------ what can be done

    def code_acts(self) -> Sequence[tuple[str, str]]:
        """What an officer can do about her code."""
        officer = self.officer()
        if officer is None:
            return ()
        return (("code", _("Change code …") if officer.has_code else _("Set code …")),)

    def standing_acts(self) -> Sequence[tuple[str, str]]:
        """What can be done about her standing: its key, and its words."""
        pay = (("pay", _("Pay a part …")),) if self.member.owed_to else ()
        if self.member.is_active and self.member.status != "SUSPENDED":
            return *pay, ("leave", _("Leaves …")), ("suspend", _("Suspend"))
        return *pay, ("take-back", _("Take back"))

    @property
    def can_withdraw(self) -> bool:
        """Whether she holds savings beside shares."""
        return any(each.code != SHARES for each in self.profile.accounts)

    @property
    def can_catch_up(self) -> bool:
        """Whether there are shares of earlier meetings that she may still buy."""
        offer = self.read.offer
        return offer is not None and offer.most > 0 and self.member.status == "ACTIVE"
