"""The lists of what is no member's: expenses and income, the bank, loans from outside, property."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import PostingType
from vsla_desktop.i18n import _, format_date, labelled
from vsla_desktop.presenters.funds_table import (
    Row,
    Said,
    Table,
    day_cell,
    due_cell,
    in_and_out,
    money_column,
    side_cells,
    words_cell,
)
from vsla_desktop.presenters.funds_text import lender_word, line_word
from vsla_desktop.presenters.grid import Cell, Column
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.services.postings import BANK, WORDS
from vsla_desktop.wording import posting_word

if TYPE_CHECKING:
    from vsla_desktop.presenters.funds_reading import FundsRead
    from vsla_desktop.queries.funds import MoneyLine


def money_table(read: FundsRead, said: Said, code: str) -> Table:
    """Each expense and income of the cycle."""
    columns = (
        Column("day", _("Day"), width=11),
        Column("kind", _("Kind"), width=19),
        Column("why", _("What for"), width=20),
        Column("fund", _("Purse"), width=10),
        money_column("in", _("In"), code),
        money_column("out", _("Out"), code),
    )
    rows = (
        Row(
            "",
            f"{format_date(line.day)} {line.description}",
            (
                day_cell(line.day),
                Cell(line_word(line)),
                words_cell(line, ""),
                _purse_cell(line, read),
                *side_cells(line.effect, said),
            ),
        )
        for line in read.money
    )
    return Table(columns, tuple(rows))


def _purse_cell(line: MoneyLine, read: FundsRead) -> Cell:
    fund = read.words.fund(line.fund)
    return Cell(_("{fund}, at the bank", fund=fund) if line.held_in == BANK else fund)


def kinds_table(read: FundsRead, said: Said, code: str) -> Table:
    """Expenses and income, added up by kind."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for kind in (PostingType.OTHER_INCOME, PostingType.EXPENSE):
        for line in read.money:
            if line.kind is kind:
                sums[line_word(line)] += line.effect
    return in_and_out(_("Kind"), sums.items(), said, code)


def bank_table(read: FundsRead, said: Said, code: str) -> Table:
    """What went to the bank and came back, and what was left there."""
    columns = (
        Column("day", _("Day"), width=11),
        Column("what", _("What"), width=30),
        Column("fund", _("Purse"), width=11),
        money_column("in", _("Deposited"), code),
        money_column("out", _("Fetched"), code),
        money_column("left", _("Left there"), code),
    )
    left = sum(read.at_bank.values(), ZERO) - sum((line.bank for line in read.bank), ZERO)
    rows = []
    for line in read.bank:
        left += line.bank
        what, words = posting_word(line.kind), words_cell(line, WORDS[line.kind])
        said_of_it = labelled(what, words.text) if words.text else what
        cells = (
            day_cell(line.day),
            replace(words, text=said_of_it),
            Cell(read.words.fund(line.fund)),
            *side_cells(line.bank, said),
            Cell(said(left)),
        )
        rows.append(Row("", f"{format_date(line.day)} {posting_word(line.kind)}", cells))
    return Table(columns, tuple(rows))


def statements_table(read: FundsRead, said: Said, code: str) -> Table:
    """What the bank said, the last first."""
    columns = (
        Column("day", _("Day"), width=11),
        money_column("said", _("The bank says"), code),
        money_column("book", _("The book says"), code),
        money_column("difference", _("Difference"), code),
        Column("note", _("Note"), width=24),
    )
    rows = (
        Row(
            "",
            format_date(each.day),
            (
                day_cell(each.day),
                Cell(said(each.said)),
                Cell(said(each.book)),
                Cell(said(each.difference), tone=Tone.WARNING if each.difference else Tone.PLAIN),
                Cell(each.note),
            ),
        )
        for each in reversed(read.statements)
    )
    return Table(columns, tuple(rows))


def debts_table(read: FundsRead, view: str, said: Said, code: str) -> Table:
    """Each lender and each member who left, and what the group owes."""
    columns = (
        Column("lender", _("Lender"), width=24),
        Column("due", _("Back by"), width=17),
        money_column("borrowed", _("Borrowed"), code),
        money_column("repaid", _("Paid back"), code),
        money_column("owed", _("Owed"), code),
        money_column("charge_paid", _("Charge"), _("paid, {code}", code=code)),
        money_column("charge_owed", _("Charge"), _("owed, {code}", code=code)),
    )
    rows = []
    for debt in read.debts:
        if view == "OWED" and not (debt.owed or debt.charge_owed):
            continue
        has_left = debt.member_id is not None
        lender = Cell(lender_word(debt))
        if has_left:
            text = _("{name}, who left", name=debt.lender)
            lender = Cell(text, tooltip=_("A debt to a member who left"), icon="members")
        cells = (
            lender,
            due_cell(debt.due_date, is_late=debt.is_overdue(read.day)),
            *(
                Cell(said(each))
                for each in (
                    debt.borrowed,
                    debt.repaid,
                    debt.owed,
                    debt.charge_paid,
                    debt.charge_owed,
                )
            ),
        )
        rows.append(Row(debt_key(debt.member_id, debt.lender), lender_word(debt), cells))
    return Table(columns, tuple(rows))


def debt_key(member_id: int | None, lender: str) -> str:
    """Name a debt in a list to choose from: a member who left, or a lender."""
    return f"member {member_id}" if member_id is not None else f"lender {lender}"


def property_table(read: FundsRead, view: str, said: Said, code: str) -> Table:
    """What the group owns beside money."""
    columns = (
        Column("name", _("What"), width=18),
        Column("bought", _("Bought"), width=11),
        money_column("cost", _("Cost"), code),
        money_column("value", _("Worth now"), code),
        Column("valued", _("Valued"), width=11),
        Column("note", _("Note"), width=22),
    )
    rows = []
    for item in read.items:
        if not item.is_owned and view == "OWNED":
            continue
        note = Cell(item.note)
        if item.removed_on is not None:
            day = format_date(item.removed_on)
            text = _("Gone {day}: {reason}", day=day, reason=item.removal_reason)
            note = Cell(text, icon="close", tone=Tone.MUTED)
        cells = (
            Cell(item.name),
            day_cell(item.bought_on),
            Cell(said(item.cost)),
            Cell(said(item.value if item.is_owned else ZERO)),
            day_cell(item.valued_on),
            note,
        )
        rows.append(Row(str(item.number) if item.is_owned else "", item.name, cells))
    return Table(columns, tuple(rows))
