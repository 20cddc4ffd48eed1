"""How amounts, purses and kinds of entry are written, in the person's language.

Screens, printed pages and reports all write them by these functions, so that one figure looks the
same wherever it stands.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from vsla_desktop.domain.currencies import Currency
from vsla_desktop.domain.fines import FineType
from vsla_desktop.domain.kinds import ExpenseKind, GrantEvent, IncomeKind
from vsla_desktop.domain.meeting import AttendanceStatus
from vsla_desktop.domain.money import amount_in_words, format_amount, number_marks
from vsla_desktop.domain.postings import Fund, PostingType
from vsla_desktop.domain.saving_types import SHARES
from vsla_desktop.errors import VslaError
from vsla_desktop.i18n import DateStyle, _, explain, format_date, language, translate_counted

if TYPE_CHECKING:
    from datetime import date

    from vsla_desktop.domain.rules import GroupRules


@dataclass(frozen=True, slots=True)
class MoneyText:
    """Writes amounts of one currency."""

    currency: Currency

    @property
    def _shown(self) -> Currency:
        """The currency as its money is counted: without decimals where no piece is so small.

        An amount that has decimals all the same is shown with them.
        """
        is_whole = not self.currency.smallest_piece % 1
        return replace(self.currency, digits=0) if is_whole else self.currency

    def amount(self, amount: Decimal, zero: str = "0") -> str:
        """Write an amount with the marks of the language spoken now."""
        grouping, decimal_mark = number_marks(language())
        return format_amount(
            amount, self._shown, grouping=grouping, decimal_mark=decimal_mark, zero=zero
        )

    def typed(self, amount: Decimal) -> str:
        """Write an amount the way it is typed: digits, and a point only for decimals."""
        return f"{amount:.{2 if amount % 1 else 0}f}"

    def with_code(self, amount: Decimal) -> str:
        """Write an amount with its currency."""
        return f"{self.amount(amount)} {self.currency.code}"

    def in_words(self, amount: Decimal) -> str:
        """Write an amount in words; empty for a language that has none here."""
        words = amount_in_words(max(amount, amount * 0), language())
        return f"{words} {self.currency.code}" if words else ""


def sentence_of(error: VslaError) -> str:
    """Say an error and its hint as one sentence for a cell or field."""
    return " ".join(part for part in explain(error) if part)


def fund_name(fund: Fund) -> str:
    """Say the name of a purse."""
    return {
        Fund.LOAN_FUND: _("Loan fund"),
        Fund.SOCIAL: _("Social fund"),
        Fund.ECD: _("Childcare fund"),
        Fund.TARGET: _("Target savings"),
        Fund.PERSONAL: _("Personal savings"),
    }[fund]


@dataclass(frozen=True, slots=True)
class GroupWords:
    """A group's own words for shares and its two funds; empty ones stand for the usual words.

    A word that the group chose is said as it is. The words of the presets, such as stamp, have
    translations.
    """

    share: str = ""
    loan_fund: str = ""
    social_fund: str = ""

    @classmethod
    def of(cls, rules: GroupRules) -> GroupWords:
        """Return the words of a constitution."""
        return cls(rules.share_name, rules.loan_fund_name, rules.social_fund_name)

    def shares(self) -> str:
        """Say what heads a column of shares."""
        return _heading(self.share) or _("Shares")

    def say(self, usual: str, own: str, **values: object) -> str:
        """Say a sentence about shares: with the usual word, or one into which any word fits."""
        return (own if self.share else usual).format(shares=self.shares(), **values)

    def so_many_shares(self, count: int) -> str:
        """Say how many shares; a group's own word stands as it is, since its plural is its own."""
        if self.share:
            return _("{shares}: {count}", shares=self.shares(), count=count)
        return translate_counted("{count} share", "{count} shares", count)

    def shares_bought(self, count: int) -> str:
        """Say how many shares a meeting sold, as a sentence."""
        if self.share:
            return _("{shares} bought.", shares=self.so_many_shares(count))
        return _("{count} shares bought.", count=count)

    def fund(self, fund: Fund) -> str:
        """Say the name of a purse."""
        own = {Fund.LOAN_FUND: self.loan_fund, Fund.SOCIAL: self.social_fund}.get(fund, "")
        return _heading(own) or fund_name(fund)

    def saving(self, code: str, name: str = "") -> str:
        """Say what a kind of saving is called; ``name`` is that of one that we do not know."""
        if code == SHARES:
            return self.shares()
        return self.fund(Fund(code)) if code in set(Fund) else _(name) if name else code

    @staticmethod
    def short_fund(fund: Fund) -> str:
        """Say what a purse is for in one word, where there is room for no more."""
        return {
            Fund.LOAN_FUND: _("Loans"),
            Fund.SOCIAL: _("Social"),
            Fund.ECD: _("Childcare"),
            Fund.TARGET: _("Targets"),
            Fund.PERSONAL: _("Personal"),
        }[fund]


USUAL_WORDS: Final = GroupWords()
"""What is said where no group is asked, or it has no words of its own."""


def _heading(word: str) -> str:
    """Begin a group's word with a capital; the rest stays as the group writes it."""
    said = _(word.strip()) if word.strip() else ""
    return said[:1].upper() + said[1:]


def attendance_word(status: AttendanceStatus) -> str:
    """Say how a member stands in the roll call."""
    return {
        AttendanceStatus.PRESENT: _("Present"),
        AttendanceStatus.LATE: _("Late"),
        AttendanceStatus.ABSENT: _("Absent"),
        AttendanceStatus.EXCUSED: _("Excused"),
        AttendanceStatus.REPRESENTED: _("Represented"),
    }[status]


def mark_word(status: AttendanceStatus | None, *, is_put_right: bool = False) -> str:
    """Say a mark of the roll call, with the star that :func:`put_right_later` explains."""
    return "" if status is None else attendance_word(status) + "*" * is_put_right


def put_right_later() -> str:
    """Say what a star beside a mark of the roll call means."""
    return _("* put right at a later meeting")


def fine_word(kind: FineType) -> str:
    """Say what a fine is for."""
    return {
        FineType.LATE_ARRIVAL: _("Late"),
        FineType.ABSENCE: _("Absent"),
        FineType.MISCONDUCT: _("Disorder"),
        FineType.LATE_PAYMENT: _("Late loan"),
        FineType.PHONE: _("Phone"),
        FineType.RULES_FORGOTTEN: _("Rules forgotten"),
    }[kind]


def meeting_word(kind: str) -> str:
    """Say what kind of meeting it is."""
    return {
        "REGULAR": _("Regular"),
        "SPECIAL": _("Special"),
        "ANNUAL": _("Annual"),
        "EMERGENCY": _("Emergency"),
    }.get(kind, kind)


def held_words(day: date, kind: str, place: str = "", purpose: str = "") -> str:
    """Say when a meeting is held, of what kind it is, and where and what for, as far as known."""
    said = (format_date(day, DateStyle.WEEKDAY), kind, place, purpose)
    return " · ".join(part for part in said if part)


def posting_word(kind: PostingType) -> str:
    """Say what an entry is."""
    return {
        PostingType.SAVINGS_DEPOSIT: _("Savings"),
        PostingType.SAVINGS_WITHDRAWAL: _("Savings paid back"),
        PostingType.SOCIAL_CONTRIBUTION: _("Contributions"),
        PostingType.SOCIAL_GRANT: _("Grants"),
        PostingType.SOCIAL_ADVANCE: _("Advances"),
        PostingType.SOCIAL_ADVANCE_REPAYMENT: _("Advances paid back"),
        PostingType.FINE_PAYMENT: _("Fines paid"),
        PostingType.LOAN_DISBURSEMENT: _("Loans given"),
        PostingType.LOAN_REPAYMENT: _("Loans repaid"),
        PostingType.LOAN_CHARGE: _("Loan charges"),
        PostingType.LOAN_PENALTY: _("Late penalties"),
        PostingType.LOAN_WRITE_OFF: _("Loans written off"),
        PostingType.EXPENSE: _("Expenses"),
        PostingType.OTHER_INCOME: _("Other income"),
        PostingType.CASH_DIFFERENCE: _("Difference at the count"),
        PostingType.BANK_DEPOSIT: _("To the bank"),
        PostingType.BANK_WITHDRAWAL: _("From the bank"),
        PostingType.EXTERNAL_LOAN_IN: _("Loan from outside"),
        PostingType.EXTERNAL_LOAN_OUT: _("Loan from outside repaid"),
        PostingType.IGA_INVESTMENT: _("Put into the business"),
        PostingType.IGA_RETURN: _("Return of the business"),
        PostingType.OPENING_BALANCE: _("Opening balance"),
        PostingType.SHARE_OUT: _("Share-out"),
        PostingType.LEAVER_PAYOUT: _("Paid to a leaver"),
        PostingType.REVERSAL: _("Corrections"),
    }[kind]


def event_word(event: GrantEvent) -> str:
    """Say what befell a member."""
    return {
        GrantEvent.DEATH: _("Death"),
        GrantEvent.ILLNESS: _("Illness"),
        GrantEvent.BIRTH: _("Birth"),
        GrantEvent.SCHOOL: _("School"),
        GrantEvent.FIRE: _("Fire or storm"),
        GrantEvent.WEDDING: _("Wedding"),
        GrantEvent.OTHER: _("Other event"),
    }[event]


def expense_word(kind: ExpenseKind) -> str:
    """Say what was paid for."""
    return {
        ExpenseKind.STATIONERY: _("Books and pens"),
        ExpenseKind.TRANSPORT: _("Transport"),
        ExpenseKind.REFRESHMENTS: _("Food and drink"),
        ExpenseKind.BANK_CHARGES: _("Charges of the bank"),
        ExpenseKind.LOAN_CHARGE: _("Charge of a lender"),
        ExpenseKind.PROPERTY: _("Property bought"),
        ExpenseKind.OTHER: _("Other expense"),
    }[kind]


def income_word(kind: IncomeKind) -> str:
    """Say what brought money."""
    return {
        IncomeKind.GIFT: _("Gift"),
        IncomeKind.BANK_INTEREST: _("Interest of the bank"),
        IncomeKind.SALE: _("Something sold"),
        IncomeKind.OTHER: _("Other income"),
    }[kind]


def category_word(kind: PostingType, category: str, *, is_recovery: bool = False) -> str:
    """Say of which kind an expense, income or grant is; those without a kind are *other*.

    ``is_recovery`` says that it came for a loan that was written off.
    """
    if kind is PostingType.SOCIAL_GRANT:
        known = {each.value: each for each in GrantEvent}
        return event_word(known.get(category, GrantEvent.OTHER))
    if kind is PostingType.EXPENSE:
        kinds = {each.value: each for each in ExpenseKind}
        return expense_word(kinds.get(category, ExpenseKind.OTHER))
    if is_recovery:
        return _("Recovered loan")
    incomes = {each.value: each for each in IncomeKind}
    return income_word(incomes.get(category, IncomeKind.OTHER))


def figure(amount: Decimal, currency: Currency, *, zero: str = "0") -> str:
    """Write an amount; nought as ``zero``. A minus sign stands before an amount below nought."""
    grouping, mark = number_marks(language())
    text = format_amount(
        abs(amount), currency, grouping=_thin(grouping), decimal_mark=mark, zero=zero
    )
    return f"\N{MINUS SIGN}{text}" if amount < 0 else text


def whole(count: int) -> str:
    """Write a number of things, its digits in threes."""
    return f"{count:,}".replace(",", _thin(number_marks(language())[0]))


def write_number(value: Decimal) -> str:
    """Write a number that is no amount of money, with the decimal mark of the language."""
    return f"{value.normalize():f}".replace(".", number_marks(language())[1])


def percent(rate: Decimal) -> str:
    """Write a rate kept as a fraction: 0.1 is 10 %."""
    sign = "\N{MINUS SIGN}" if rate < 0 else ""
    return f"{sign}{write_number(abs(rate) * 100)} %"


def _thin(grouping: str) -> str:
    # A space that lets no line break between the digits of an amount.
    return "\N{NO-BREAK SPACE}" if grouping == " " else grouping


def office_word(office: str) -> str:
    """Say what a member was elected to; empty for who holds no office."""
    return {
        "CHAIRPERSON": _("Chairperson"),
        "SECRETARY": _("Secretary"),
        "TREASURER": _("Treasurer"),
        "MONEY_COUNTER": _("Money counter"),
        "KEY_HOLDER": _("Key-holder"),
    }.get(office, "")
