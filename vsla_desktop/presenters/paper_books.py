"""Bringing paper books in the middle of a cycle: how the group stands today, and that it balances.

Everything that is typed is kept at once, in a file of the data folder, until the book begins.
See docs/rules.md#baseline.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vsla_desktop.clock import Clock
from vsla_desktop.domain.baseline import Baseline, BaselineBalance, weigh
from vsla_desktop.domain.currencies import Currency
from vsla_desktop.domain.money import ZERO, parse_amount
from vsla_desktop.domain.postings import Fund
from vsla_desktop.errors import RuleBroken, StorageError
from vsla_desktop.i18n import _
from vsla_desktop.presenters.days import read_day, write_day
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.form import Field, FieldKind, Form, Reader
from vsla_desktop.presenters.paper_draft import PaperDraft, load_draft
from vsla_desktop.presenters.paper_members import PaperGroup, PaperMember, PaperMembers
from vsla_desktop.presenters.runner import Runner
from vsla_desktop.presenters.shell import ShellPresenter, Tone
from vsla_desktop.wording import GroupWords, MoneyText, figure, sentence_of

if TYPE_CHECKING:
    from vsla_desktop.db import Database

BOX, BANK = "box_", "bank_"


@dataclass(frozen=True, slots=True)
class PaperRead:
    """What the page reads: the group, its members, and whether its book has begun already."""

    group: PaperGroup
    members: tuple[PaperMember, ...]
    funds: tuple[Fund, ...]
    group_code: str
    has_begun: bool


@dataclass(frozen=True, slots=True)
class BalanceLine:
    """Both sides of the loan fund, each written out, and what is between them in words."""

    has: str
    claims: str
    verdict: str
    tone: Tone


class PaperBooksPresenter:
    """Holds the sheet of members and the figures of the whole group, and begins the book.

    ``changed`` says that anything may be other than before.
    """

    def __init__(
        self,
        database: Database,
        runner: Runner,
        shell: ShellPresenter,
        *,
        group_id: int,
        currency: Currency,
        clock: Clock,
        folder: Path,
    ) -> None:
        self._database = database
        self._runner = runner
        self._shell = shell
        self._group_id = group_id
        self._folder = folder
        self.clock = clock
        self.currency = currency
        self.changed: Event[[]] = Event()
        self.read: PaperRead | None = None
        self.is_writing = False
        self.members = PaperMembers(self._keep, self.day, currency)
        self.members.row_changed.listen(lambda _row: self.changed())
        readers = self._readers()
        self._keys = frozenset(readers)
        self.form = Form(readers, {"date": write_day(clock.today())})
        self._draft: PaperDraft | None = None

    def _readers(self) -> dict[str, Reader]:
        today = self.clock.today

        def amount(key: str) -> Reader:
            return Reader(
                lambda text: parse_amount(text or "0", self.currency, field=key), self._say
            )

        amounts = [f"{place}{fund.value}" for place in (BOX, BANK) for fund in Fund]
        return {
            "date": Reader(lambda text: read_day(text, today()), write_day),
            **{key: amount(key) for key in amounts},
            "earnings": Reader(self._signed, self._say),
            "debts": amount("debts"),
        }

    def _say(self, amount: Decimal) -> str:
        return figure(amount, self.currency)

    def _signed(self, text: str) -> Decimal:
        """Read earnings, or with a minus before it a loss."""
        text = text.strip()
        is_loss = text[:1] in {"-", "\N{MINUS SIGN}"}
        amount = parse_amount(text[is_loss:] or "0", self.currency, field="earnings")
        return -amount if is_loss else amount

    # ------------------------------------------------------------------ reading

    def refresh(self) -> None:
        """Read the group and what was typed before."""
        database, group_id, today = self._database, self._group_id, self.clock.today()
        folder = self._folder

        def job() -> tuple[PaperRead, PaperDraft]:
            from vsla_desktop.presenters.paper_reading import read_paper

            read = read_paper(database, group_id, today)
            return read, load_draft(folder, read.group_code)

        self._runner.submit(job, self._came, self._shell.say_error, owner=self)

    def _came(self, found: tuple[PaperRead, PaperDraft]) -> None:
        self.read = found[0]
        if self._draft is None:
            self._draft = found[1]
            for key, text in self._draft.fields.items():
                if key in self._keys:
                    self.form.put(key, text)
        self.members.show(self.read.group, self.read.members, self._draft.members)
        self.changed()

    def _keep(self) -> None:
        """Keep what was typed, now."""
        draft = self._draft
        if draft is not None:
            try:
                draft.keep()
            except StorageError as error:
                self._shell.say_error(error)

    # ------------------------------------------------------------------ what is shown

    def fields(self) -> Sequence[Field]:
        """The figures of the whole group."""
        if self.read is None:
            return ()
        words = GroupWords.of(self.read.group.rules)
        number = FieldKind.NUMBER
        box = [
            Field(f"{BOX}{fund.value}", _("{fund}, in the box", fund=words.fund(fund)), number)
            for fund in self.read.funds
        ]
        bank = [
            Field(f"{BANK}{fund.value}", _("{fund}, at the bank", fund=words.fund(fund)), number)
            for fund in (Fund.LOAN_FUND, Fund.SOCIAL)
        ]
        return (
            *box,
            *bank,
            Field("earnings", _("Earned so far"), number),
            Field("debts", _("Owed to others"), number),
            Field("date", _("As it stands on"), FieldKind.DAY),
        )

    def note(self, key: str) -> str:
        """Help below a field."""
        return _("Costs are taken off.") if key == "earnings" else ""

    def day(self) -> date:
        """The day on which the book begins."""
        try:
            day: date = self.form.value("date")
        except RuleBroken:
            return self.clock.today()
        return day

    def baseline(self) -> Baseline:
        """All that can be read; what can not counts as nothing."""
        funds = self.read.funds if self.read is not None else ()
        return Baseline(
            members=self.members.lines(),
            counts={fund: self._amount(f"{BOX}{fund.value}") for fund in funds},
            at_bank={fund: self._amount(f"{BANK}{fund.value}") for fund in funds},
            earnings=self._amount("earnings"),
            debts=self._amount("debts"),
        )

    def _amount(self, key: str) -> Decimal:
        try:
            amount: Decimal = self.form.value(key)
        except RuleBroken:
            return ZERO
        return amount

    def weighed(self) -> BaselineBalance:
        """Both sides, as they are typed."""
        return weigh(self.baseline(), self.members.group.rules.share_value)

    def balance(self) -> BalanceLine:
        """Both sides in figures, the difference in words too."""
        balance, say = self.weighed(), self._say
        has = _(
            "Box and bank {cash} + loans {loans} = {assets}",
            cash=say(balance.cash),
            loans=say(balance.loans),
            assets=say(balance.assets),
        )
        claims = _(
            "Savings {savings} + debts {debts} + earnings {earnings} = {claims}",
            savings=say(balance.savings),
            debts=say(balance.debts),
            earnings=say(balance.earnings),
            claims=say(balance.claims),
        )
        return BalanceLine(has, claims, *self._verdict(balance.difference))

    def _verdict(self, difference: Decimal) -> tuple[str, Tone]:
        if not difference:
            return _("It balances."), Tone.GOOD
        amount = self._say(abs(difference))
        said = MoneyText(self.currency).in_words(abs(difference))
        words = f" ({said})" if said else ""
        if difference > 0:
            return _("{amount}{words} too much money.", amount=amount, words=words), Tone.ERROR
        return _("{amount}{words} of money is missing.", amount=amount, words=words), Tone.ERROR

    # ------------------------------------------------------------------ what a person does

    def enter(self, key: str, text: str) -> None:
        """Take a figure of the group and keep it at once."""
        self.form.enter(key, text)
        if self._draft is not None:
            self._draft.fields[key] = self.form.text(key)
        self._keep()
        if key == "date":
            self.members.row_changed(-1)
        self.changed()

    def begin(self) -> str:
        """Begin the book; return the field that holds it up, "members" for the sheet, else ""."""
        if self.read is None or self.is_writing:
            return ""
        wrong = self.form.check(field.key for field in self.fields())
        if wrong:
            return wrong
        if self.members.wrong_cell() is not None:
            return "members"
        if self.weighed().difference:
            self._shell.say_error(
                RuleBroken("Make both sides the same first.", hint="Something is left out.")
            )
            return "earnings"
        self.is_writing = True
        database, group_id, clock = self._database, self._group_id, self.clock
        baseline, day = self.baseline(), self.day()

        def job() -> None:
            from vsla_desktop.services.baseline import open_baseline

            with database.write() as session:
                open_baseline(session, group_id, baseline, day=day, clock=clock)

        self._runner.submit(job, self._began, self._refused, owner=self)
        return ""

    def leave(self) -> None:
        """Go home; what was typed stays."""
        self._shell.say_nothing()
        self._shell.go_to("home")

    def _began(self, _nothing: Any) -> None:
        self.is_writing = False
        if self._draft is not None:
            self._draft.forget()
            self._draft = None
        self._shell.say(_("The book begins as the paper stands."))
        self._shell.go_to("home")

    def _refused(self, error: Exception) -> None:
        self.is_writing = False
        if isinstance(error, RuleBroken):
            member = error.values.get("member")
            if isinstance(member, int):
                key = {"term_months": "periods", "first_due": "periods"}.get(
                    error.field, error.field
                )
                if self.members.refuse(member, key, sentence_of(error)):
                    return
            key = f"{BOX}{error.field}" if error.field in set(Fund) else error.field
            at_field = RuleBroken(error.message, hint=error.hint, field=key, **error.values)
            if self.form.say(at_field):
                return
        self._shell.say_error(error)
