"""The slip of a closed meeting: what every purse held, what moved, and the seal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.orm import Session

from vsla_desktop.domain.currencies import currency
from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import Fund, PostingType
from vsla_desktop.domain.seal import short_form
from vsla_desktop.i18n import _
from vsla_desktop.queries.lines import LedgerLine, meeting_lines
from vsla_desktop.queries.purses import SheetPurse
from vsla_desktop.queries.sheet import MeetingSheet, meeting_sheet
from vsla_desktop.reports.meeting_papers import code_of
from vsla_desktop.services.meetings import AT_CLOSING, AT_OPENING
from vsla_desktop.wording import GroupWords, MoneyText, held_words, meeting_word, posting_word


@dataclass(frozen=True, slots=True)
class SlipLine:
    """One figure of a purse: a title and an amount with its sign."""

    title: str
    amount: str
    is_total: bool = False


@dataclass(frozen=True, slots=True)
class SlipPurse:
    """One purse on the slip, from the opening to the closing count, which is also in words."""

    title: str
    lines: tuple[SlipLine, ...]
    words: str


@dataclass(frozen=True, slots=True)
class Slip:
    """Everything that stands on the slip, as text in the person's language."""

    meeting_id: int
    group_name: str
    title: str
    day: str
    present: str
    shares: str
    purses: tuple[SlipPurse, ...]
    decisions: str
    seal: str
    code: str


def read_slip(session: Session, meeting_id: int) -> Slip:
    """Read the slip of a meeting."""
    return make_slip(meeting_sheet(session, meeting_id), meeting_lines(session, meeting_id))


def make_slip(sheet: MeetingSheet, lines: Iterable[LedgerLine]) -> Slip:
    """Put a slip together."""
    money = MoneyText(currency(sheet.currency))
    words = GroupWords.of(sheet.rules)
    by_fund: dict[Fund, list[LedgerLine]] = defaultdict(list)
    for line in lines:
        by_fund[line.fund].append(line)
    active = sum(row.is_active for row in sheet.rows)
    return Slip(
        meeting_id=sheet.meeting_id,
        group_name=sheet.group_name,
        title=_("Meeting {number}", number=sheet.number),
        day=held_words(sheet.day, meeting_word(sheet.kind), sheet.place, sheet.purpose),
        present=_("{count} of {all} members present.", count=sheet.present_count, all=active),
        shares=words.shares_bought(sum(row.bought for row in sheet.rows)),
        purses=tuple(
            _purse(words.fund(purse.fund), purse, by_fund[purse.fund], money)
            for purse in sheet.purses
        ),
        decisions=sheet.decisions,
        seal=short_form(sheet.seal) if sheet.seal else "",
        code=code_of(sheet) if sheet.seal else "",
    )


def _purse(title: str, purse: SheetPurse, lines: list[LedgerLine], money: MoneyText) -> SlipPurse:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        sums[_title(line)] += line.effect - line.bank
    opening = purse.opening.expected if purse.opening is not None else ZERO
    closing = purse.closing.counted if purse.closing is not None else None
    shown = [SlipLine(_("In the box before"), money.amount(opening))]
    shown += [SlipLine(title, _signed(amount, money)) for title, amount in sums.items() if amount]
    held = purse.in_box if closing is None else closing
    shown.append(SlipLine(_("In the box now"), money.with_code(held), is_total=True))
    return SlipPurse(title, tuple(shown), money.in_words(held))


def _signed(amount: Decimal, money: MoneyText) -> str:
    sign = "+" if amount > 0 else "\N{MINUS SIGN}"
    return f"{sign} {money.amount(abs(amount))}"


def _title(line: LedgerLine) -> str:
    if line.is_correction:
        return _("Corrections")
    if line.type is PostingType.CASH_DIFFERENCE and line.description in {AT_OPENING, AT_CLOSING}:
        return _(line.description)
    return posting_word(line.type)
