"""Taking the books of a group out as a workbook, so that bringing it in gives the same books.

What the sheets can not hold is never dropped without a word: it is listed.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import Fund
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.books import CycleRecord, books_of_group, group_id_of
from vsla_desktop.queries.rules_history import rules_history
from vsla_desktop.queries.share_out import CLOSED, shared_cycle
from vsla_desktop.services.workbook.books import Books, OtherRow
from vsla_desktop.services.workbook.exported_fines import fines_of
from vsla_desktop.services.workbook.exported_kept import (
    cycle_rows,
    lists_of,
    planned_rows,
    rule_rows,
    saving_rows,
)
from vsla_desktop.services.workbook.exported_money import ExportedMoney
from vsla_desktop.services.workbook.exported_pages import ExportedPages, put_right_rows
from vsla_desktop.services.workbook.exported_requests import ExportedRequests
from vsla_desktop.services.workbook.lacking import not_carried, sentences_of
from vsla_desktop.services.workbook.others import FIRST
from vsla_desktop.services.workbook.writer import Progress, write_books

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.db import Database
    from vsla_desktop.queries.books import Books as Written
    from vsla_desktop.services.workbook.more_rows import NotCarriedRow

_HELD = frozenset({"IN_PROGRESS", "COMPLETED"})


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was written. ``left_out`` says, in sentences, what the workbook lacks of the book.

    ``not_carried`` is all that it does not hold, as the sheet Not carried says it.
    """

    group_code: str
    members_count: int
    meetings_count: int
    entries_count: int
    left_out: tuple[RuleBroken, ...] = ()
    not_carried: tuple[NotCarriedRow, ...] = ()


def export_workbook(
    database: Database,
    group_code: str,
    path: Path,
    *,
    clock: Clock,
    progress: Progress | None = None,
) -> ExportReport:
    """Write the books of a group as a workbook, whole or not at all.

    ``progress`` is told how many sheets of how many are written; what it raises stops the work.
    Raise :class:`RuleBroken` for a group that is not in the book, and :class:`StorageError` when
    the file can not be written.
    """
    with database.read() as session:
        books, left_out = collect_books(session, group_id_of(session, group_code), clock=clock)
    write_books(books, path, progress=progress)
    return ExportReport(
        group_code=group_code,
        members_count=len(books.members),
        meetings_count=len(books.meetings),
        entries_count=len(books.entries) + len(books.other),
        left_out=left_out,
        not_carried=books.not_carried,
    )


def collect_books(
    session: Session, group_id: int, *, clock: Clock
) -> tuple[Books, tuple[RuleBroken, ...]]:
    """Return the books of a group as the workbook holds them, and what it lacks of them."""
    written = books_of_group(session, group_id, on=clock.today())
    if not written.cycles:
        raise RuleBroken("Open a cycle first.", field="cycle")
    carried = _carried(session, written)
    first, cycles = carried[0], {each.cycle_id: at for at, each in enumerate(carried, 1)}
    history = rules_history(session, group_id)
    pages = ExportedPages(session, written, cycles, history)

    def is_carried(cycle_id: int | None, day: date) -> bool:
        return day >= first.start if cycle_id is None else cycle_id in cycles

    held = [
        each
        for each in written.meetings
        if each.status in _HELD and is_carried(pages.cycle_of(each), each.day)
    ]
    earlier = [each for each in written.entries if not is_carried(each.cycle_id, each.day)]
    lines = [each for each in written.entries if is_carried(each.cycle_id, each.day)]
    requests = ExportedRequests(session, written, cycles)
    money = ExportedMoney(session, written, cycles)
    money.bring_forward(earlier)
    paid_before: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for line in earlier:
        paid_before[line.fine_id or 0] += line.effect
    fines = fines_of(session, written, first.start, paid_before=paid_before)
    numbers = {each.meeting_id: each.number for each in held}
    changes = money.take(lines, numbers, requests, fines.waived)
    rules = tuple(rule_rows(history, changes, first.number))
    carried_rules = [each for each in history if each.cycle_number >= first.number]
    saving = tuple(saving_rows(session, group_id, carried_rules))
    money.left_out["cycles"] = len(written.cycles) - len(carried)
    money.left_out["fines"] += fines.left_out
    money.left_out["requests"] += requests.lost_count
    money.left_out["purses"] += pages.moved_purses(lines)
    money.left_out["funds"] = bool(money.opening.funds.get(Fund.PERSONAL))
    lost = sentences_of(money.left_out)
    kept = lists_of(session, group_id)
    rows = pages.rows(held, money, fines)
    other = [
        *money.other,
        *put_right_rows(session, group_id, numbers),
        *fines.other,
        *fines.waived.values(),
        *changes.rest(),
    ]
    books = Books(
        group=pages.group(first, money.opening, is_only=len(carried) == 1),
        rules=pages.first_rules(first),
        members=rows.members,
        meetings=rows.meetings,
        entries=rows.entries,
        other=tuple(sorted(other, key=_place)),
        cycles=cycle_rows(session, group_id, cycles),
        rule_sets=rules,
        savings=saving,
        planned=planned_rows(session, group_id, cycles, first.start),
        requests=tuple(requests.rows(changes)),
        counts=rows.counts,
        belongings=kept.belongings,
        statements=kept.statements,
        grants=kept.grants,
        not_carried=not_carried(session, group_id, lost),
    )
    return books, lost


def _carried(session: Session, written: Written) -> tuple[CycleRecord, ...]:
    """Return the cycles that go out: those after the last one closed without a share-out."""
    cycles = written.cycles
    for at in range(len(cycles) - 2, -1, -1):
        shared = shared_cycle(session, written.group.group_id, cycle_id=cycles[at].cycle_id)
        if cycles[at].status != CLOSED or shared is None or not shared.is_paid:
            return cycles[at + 1 :]
    return cycles


def _place(row: OtherRow) -> tuple[int, bool, bool]:
    """Keep rows in the order of the meetings; within one, in that in which they are brought in."""
    return (row.meeting or 0, row.date is not None, row.type not in FIRST or bool(row.in_turn))
