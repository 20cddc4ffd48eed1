"""How a group's book begins: the wizard with a preset, the founders' rules, paper books."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from tests.presenters.book_of_group import Ear, page_of
from tests.services.village import FORMED, NAMES, RULES, Village
from vsla_desktop.domain.currencies import CURRENCIES
from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import Fund
from vsla_desktop.domain.rules import GroupRules, Preset, preset_rules
from vsla_desktop.domain.saving_types import purses_for
from vsla_desktop.presenters.days import write_day
from vsla_desktop.presenters.new_group import NewGroupPresenter, Step
from vsla_desktop.presenters.new_group_members import FIRST
from vsla_desktop.presenters.paper_books import PaperBooksPresenter
from vsla_desktop.presenters.paper_members import CHARGE, DUE, FINES, PERIODS, PRINCIPAL, SHARES
from vsla_desktop.presenters.rules import RulesPresenter
from vsla_desktop.presenters.rules_fields import rule_readers, rule_texts
from vsla_desktop.presenters.runner import InlineRunner
from vsla_desktop.presenters.saving_types import KEYS as SAVING_KEYS
from vsla_desktop.queries.members import members_of
from vsla_desktop.queries.rules import group_rules

if TYPE_CHECKING:
    from random import Random

    from vsla_desktop.db import Database

OFFICES = ("chairperson", "secretary", "treasurer", "key_1", "key_2", "key_3")


class Founders:
    """The first members, who fill in the first pages of their book."""

    def __init__(self, database: Database, rules: GroupRules, random: Random) -> None:
        self.village = Village(database, rules=rules)
        self.random = random
        self.ear = Ear()
        self.currency = CURRENCIES[self.village.currency]

    def form(self, preset: Preset, members: int) -> Village:
        """Form the group by the rules of a preset; then change them to the founders' own."""
        village, ear = self.village, self.ear
        opened: list[int] = []
        wizard = NewGroupPresenter(
            lambda: village.database,
            InlineRunner(),
            ear.shell,
            currency=self.currency,
            clock=village.clock,
            on_opened=opened.append,
        )
        names = [*NAMES, *(f"Member{number} Akello" for number in range(6, members + 1))]
        pages: dict[Step, dict[str, str]] = {
            Step.GROUP: {
                "name": "Twisungane",
                "group_code": village.code,
                "formation_date": write_day(FORMED),
            },
            Step.RULES: {
                "preset": preset.value,
                "share_value": f"{RULES.share_value:f}",
                "social_fund": f"{RULES.social_fund_contribution:f}",
            },
            Step.MEMBERS: {},
            Step.OFFICERS: {office: str(at + 1) for at, office in enumerate(OFFICES[:members])},
        }
        for step, texts in pages.items():
            assert wizard.step is step, ear.said
            for key, text in texts.items():
                wizard.enter(key, text)
            if step is Step.MEMBERS:
                people = (f"{name.replace(' ', chr(9))}\tF" for name in names)
                wizard.members.enter(0, FIRST, "\n".join(people))
            assert wizard.next() == "", ear.said
        [village.group_id] = opened
        usual = preset_rules(
            preset,
            share_value=RULES.share_value,
            social_fund_contribution=RULES.social_fund_contribution,
        )
        with village.database.read() as session:
            assert group_rules(session, village.group_id) == usual
            people_now = members_of(session, village.group_id, on=FORMED)
            village.members = [each.member_id for each in people_now]
        self._agree_on_rules(replace(village.rules, share_name=usual.share_name))
        return village

    def _agree_on_rules(self, wanted: GroupRules) -> None:
        """Write the founders' own rules; before the first meeting they need no vote."""
        village = self.village
        page = page_of(RulesPresenter, village, self.ear)
        page.refresh()
        for key, text in rule_texts(wanted, rule_readers(self.currency)).items():
            if page.form.text(key) != text:
                page.enter(key, text)
        kinds = page.saving_types
        for row, kind in enumerate(kinds.draft):
            if not kind.is_used:
                kinds.toggle(row, SAVING_KEYS.index("is_used"))
            if kind.code == "TARGET" and self.random.random() < 0.5:
                place = SAVING_KEYS.index("fund")
                purse = purses_for(kind.code).index(Fund.LOAN_FUND)
                kinds.enter(row, place, kinds.choices(row, place)[purse])
        assert page.ask() == "", self.ear.said
        assert page.decide() == ""
        assert page.vote is None, self.ear.said
        with village.database.read() as session:
            assert group_rules(session, village.group_id) == wanted
        village.rules = wanted

    def bring_paper_books(self, weeks: int) -> None:
        """Begin in the middle of the cycle: type how the group stands, until it balances."""
        village, random = self.village, self.random
        assert village.database.path is not None
        village.clock.instant += timedelta(weeks=weeks)
        folder = village.database.path.parent
        page = page_of(PaperBooksPresenter, village, self.ear, folder=folder)
        page.refresh()
        sheet = page.members
        for row in range(sheet.row_count()):
            sheet.enter(row, SHARES, str(random.randint(0, 4 * weeks)))
        borrower, debtor, late = random.sample(range(sheet.row_count()), 3)
        sheet.enter(borrower, PRINCIPAL, str(random.randint(1000, 9000)))
        sheet.enter(borrower, CHARGE, str(random.choice((0, 777))))
        sheet.enter(borrower, PERIODS, random.choice(("", "1", "2")))
        sheet.enter(debtor, DUE, str(random.choice((0, 400))))
        sheet.enter(late, FINES, str(random.choice((0, 250))))
        page.enter("box_SOCIAL", str(random.randint(0, 3000)))
        page.enter("bank_SOCIAL", str(random.choice((0, 600))))
        page.enter("box_TARGET", str(random.choice((0, 1300))))
        page.enter("debts", str(random.choice((0, 2500))))
        page.enter("bank_LOAN_FUND", str(random.choice((0, 1000))))
        page.enter("earnings", str(random.randint(-300, 5000)))
        missing = -page.weighed().difference
        if missing < 0:
            page.enter("earnings", str(int(page.weighed().earnings - missing)))
            missing = ZERO
        page.enter("box_LOAN_FUND", str(int(missing) + 1))
        assert page.begin() == "earnings"
        assert self.ear.said[-1].startswith("Make both sides the same first.")
        page.enter("box_LOAN_FUND", str(int(missing)))
        assert page.begin() == "", (self.ear.said, page.form.sentence("earnings"))
        assert self.ear.pages[-1] == "home", self.ear.said
        page.refresh()
        assert page.read is not None
        assert page.read.has_begun
