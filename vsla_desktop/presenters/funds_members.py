"""The lists of what members paid and were given: fines and the social fund."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vsla_desktop.domain.fines import FineType
from vsla_desktop.domain.money import ZERO
from vsla_desktop.i18n import _
from vsla_desktop.presenters.funds_table import (
    Row,
    Said,
    Table,
    day_cell,
    due_cell,
    in_and_out,
    money_column,
    person_cells,
    who_columns,
    words_cell,
)
from vsla_desktop.presenters.funds_text import line_word
from vsla_desktop.presenters.grid import Cell, Column
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.services.postings import WORDS
from vsla_desktop.wording import fine_word, posting_word

if TYPE_CHECKING:
    from vsla_desktop.presenters.funds_reading import FundsRead
    from vsla_desktop.queries.funds import FineLine


def fines_table(read: FundsRead, view: str, said: Said, code: str) -> Table:
    """The fines, each with what is paid and owed of it."""
    last = {
        "OWED": (),
        "PAID": (Column("fund", _("Went to"), width=11),),
        "WAIVED": (Column("waiver", _("Why let off"), width=16),),
        "ALL": (Column("fund", _("Goes to"), width=11),),
    }[view]
    columns = (
        *who_columns(),
        Column("why", _("What for"), width=16),
        Column("day", _("Day"), width=11),
        money_column("amount", _("Fine"), code),
        money_column("paid", _("Paid"), code),
        *((money_column("owed", _("Owed"), code),) if view in {"OWED", "ALL"} else ()),
        *last,
    )
    return Table(
        columns,
        tuple(_fine_row(fine, view, read, said) for fine in read.fines if _is_wanted(fine, view)),
    )


def _fine_row(fine: FineLine, view: str, read: FundsRead, said: Said) -> Row:
    cells = [
        *person_cells(fine.number, fine.name),
        Cell(_(fine.reason)),
        day_cell(fine.day),
        Cell(said(fine.amount)),
        Cell(said(fine.paid)),
    ]
    if view in {"OWED", "ALL"}:
        cells.append(Cell(said(fine.owed)))
    if view == "WAIVED" or (view == "ALL" and fine.waived_on is not None):
        cells.append(Cell(fine.waiver_reason, icon="check", tone=Tone.MUTED))
    elif view in {"PAID", "ALL"}:
        cells.append(Cell(read.words.fund(fine.fund)))
    return Row(str(fine.fine_id), f"{fine.number} {fine.name}", tuple(cells))


def _is_wanted(fine: FineLine, view: str) -> bool:
    match view:
        case "OWED":
            return bool(fine.owed)
        case "PAID":
            return bool(fine.paid)
        case "WAIVED":
            return fine.waived_on is not None
        case _:
            return True


def tariff_table(read: FundsRead, said: Said, code: str) -> Table:
    """What each fine costs by the rules."""
    columns = (Column("why", _("What for"), width=24), money_column("amount", _("Fine"), code))
    tariff = read.rules.fine_tariff
    rows = (
        Row("", fine_word(kind), (Cell(fine_word(kind)), Cell(said(tariff.get(kind, ZERO)))))
        for kind in FineType
    )
    return Table(columns, tuple(rows))


def dues_table(read: FundsRead, said: Said, code: str) -> Table:
    """What each member should have given to the social fund, and gave."""
    columns = (
        *who_columns(),
        money_column("due", _("Due so far"), code),
        money_column("paid", _("Paid"), code),
        money_column("owed", _("Missing"), code),
        money_column("advances", _("Advances owed"), code),
    )
    advances = read.advances_owed
    return Table(
        columns,
        tuple(
            Row(
                str(each.member_id),
                f"{each.number} {each.name}",
                (
                    *person_cells(each.number, each.name),
                    Cell(said(each.due)),
                    Cell(said(each.paid)),
                    Cell(said(each.owed), tone=Tone.WARNING if each.owed else Tone.PLAIN),
                    Cell(said(advances.get(each.member_id, ZERO))),
                ),
            )
            for each in read.dues
        ),
    )


def grants_table(read: FundsRead, said: Said, code: str) -> Table:
    """What the social fund gave, and for what event."""
    columns = (
        Column("day", _("Day"), width=11),
        *who_columns(),
        Column("event", _("Event"), width=12),
        Column("why", _("Why"), width=18),
        money_column("amount", _("Grant"), code),
    )
    rows = []
    for line in read.grants:
        cells = (
            day_cell(line.day),
            *person_cells(line.number, line.name),
            Cell(line_word(line)),
            words_cell(line, WORDS[line.kind]),
            Cell(said(-line.effect)),
        )
        rows.append(Row("", line.name, cells))
    return Table(columns, tuple(rows))


def advances_table(read: FundsRead, said: Said, code: str) -> Table:
    """What the social fund advanced, and what is late."""
    columns = (
        *who_columns(),
        Column("day", _("Given"), width=11),
        Column("due", _("Back by"), width=17),
        money_column("amount", _("Advance"), code),
        money_column("owed", _("Owed"), code),
    )
    rows = (
        Row(
            str(each.member_id),
            f"{each.number} {each.name}",
            (
                *person_cells(each.number, each.name),
                day_cell(each.day),
                due_cell(each.due_date, is_late=each.is_overdue(read.day)),
                Cell(said(each.amount)),
                Cell(said(each.owed)),
            ),
        )
        for each in read.advances
    )
    return Table(columns, tuple(rows))


def flow_table(read: FundsRead, said: Said, code: str) -> Table:
    """What came into the social fund and went out of it, by kind."""
    flow = [(posting_word(kind), amount) for kind, amount in sorted(read.social_flow.items())]
    return in_and_out(_("What"), flow, said, code)
