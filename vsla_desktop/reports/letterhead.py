"""What every page of a group begins and ends with, and how it writes amounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from vsla_desktop.domain.currencies import currency
from vsla_desktop.domain.money import ZERO
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import _, format_date, language
from vsla_desktop.queries.group_words import group_words
from vsla_desktop.queries.tables import GROUPS
from vsla_desktop.reports.document import Block, Document, Paper, Result
from vsla_desktop.wording import GroupWords, MoneyText

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from sqlalchemy.orm import Session

NOTHING = "\N{MIDDLE DOT}"

_GROUP = select(
    GROUPS.c.name, GROUPS.c.group_code, GROUPS.c.village, GROUPS.c.district, GROUPS.c.currency
).where(GROUPS.c.id == bindparam("of_group"))


@dataclass(frozen=True, slots=True)
class Letterhead:
    """A group as its pages name it. ``printed`` is the day on which they are made."""

    name: str
    code: str
    place: str
    money: MoneyText
    printed: date
    words: GroupWords

    def amount(self, amount: Decimal) -> str:
        """Write an amount of a table; nought is a dot, and below nought has a minus sign."""
        sign = "\N{MINUS SIGN}" if amount < ZERO else ""
        return sign + self.money.amount(abs(amount), zero=NOTHING)

    def in_full(self, amount: Decimal) -> str:
        """Write an amount with its currency, and in words where the language has them."""
        words = self.money.in_words(amount)
        return self.money.with_code(amount) + (f" ({words})" if words else "")

    def result(self, title: str, amount: Decimal) -> Result:
        """Return an amount that the page is about, large, and in words under it."""
        words = self.money.in_words(amount)
        return Result(title, self.money.with_code(amount), words[:1].upper() + words[1:])

    def document(
        self,
        title: str,
        subtitle: str,
        blocks: tuple[Block, ...],
        *,
        file: str,
        paper: Paper = Paper.A4,
        is_landscape: bool = False,
    ) -> Document:
        """Return a document of the group; ``file`` becomes part of its file's name."""
        return Document(
            title=title,
            group=self.name,
            subtitle=subtitle,
            blocks=blocks,
            file_name=f"{self.code}-{file}.pdf".replace("/", "-"),
            made=_(
                "{code} · printed {date} · {currency}",
                code=self.code,
                date=format_date(self.printed),
                currency=self.money.currency.code,
            ),
            paper=paper,
            is_landscape=is_landscape,
            language=language(),
        )


def letterhead(session: Session, group_id: int, printed: date) -> Letterhead:
    """Read what the pages of a group begin with; RuleBroken when the group is not in the book."""
    row = session.connection().execute(_GROUP, {"of_group": group_id}).first()
    if row is None:
        raise RuleBroken("Choose a group.", field="group")
    place = ", ".join(part for part in (row.village, row.district) if part)
    return Letterhead(
        row.name,
        row.group_code,
        place,
        MoneyText(currency(row.currency)),
        printed,
        group_words(session, group_id),
    )
