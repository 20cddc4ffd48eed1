"""Fines as the workbook holds them: one in the row of its meeting, any more in the sheet Other."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from vsla_desktop.domain.fines import FineType
from vsla_desktop.domain.money import ZERO
from vsla_desktop.queries.tables import FINES, MEMBERS
from vsla_desktop.services.fines import WITHDRAWN, WORDS
from vsla_desktop.services.workbook.books import OtherRow
from vsla_desktop.services.workbook.entry_money import ROLL_CALL_FINES
from vsla_desktop.services.workbook.layout import OtherType
from vsla_desktop.services.workbook.other_corrections import BETWEEN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from vsla_desktop.queries.books import Books, FineRecord
    from vsla_desktop.queries.lines import LedgerLine

_WAIVERS = (
    select(FINES.c.id, FINES.c.waiver_reason)
    .select_from(FINES.join(MEMBERS, MEMBERS.c.id == FINES.c.member_id))
    .where(MEMBERS.c.group_id == bindparam("of_group"), FINES.c.waived_date.is_not(None))
)


@dataclass(slots=True)
class FineCells:
    """The fines of a cycle: by meeting and member, the rest as rows, and those of the opening.

    ``waived`` are the rows of those that members were let off, by fine.
    """

    cells: dict[tuple[int, int], tuple[str, Decimal]] = field(default_factory=dict)
    other: list[OtherRow] = field(default_factory=list)
    opening: dict[int, Decimal] = field(default_factory=dict)
    waived: dict[int, OtherRow] = field(default_factory=dict)
    left_out: int = 0


class LetOff:
    """Fines of which a member paid a part at the meeting that let her off the rest.

    ``after`` holds the row of each by the entry that it came after. It stands right there, or
    ``first`` of its meeting's rows where the payment is in a cell, or ``last`` where one row stands
    for several payments.
    """

    def __init__(
        self,
        lines: Sequence[LedgerLine],
        numbers: Mapping[int, int],
        waived: dict[int, OtherRow],
    ) -> None:
        last_paid: dict[int, int] = {}
        for line in lines:
            row = waived.get(line.fine_id or 0)
            if row is not None and numbers.get(line.meeting_id or 0) == row.meeting:
                last_paid[line.fine_id or 0] = line.transaction_id
        self.after = {
            entry: replace(waived.pop(fine), in_turn=True) for fine, entry in last_paid.items()
        }
        self.first: list[OtherRow] = []
        self.last: list[OtherRow] = []


def fines_of(
    session: Session,
    books: Books,
    since: date,
    *,
    paid_before: Mapping[int, Decimal],
) -> FineCells:
    """Return the fines of a group that were charged since a day.

    Of an older one what was not paid by then, with ``paid_before``, is brought along.
    """
    wanted = {"of_group": books.group.group_id}
    meetings = {each.meeting_id: each.number for each in books.meetings}
    members = {each.member_id: each.number for each in books.members}
    waivers = {row.id: row.waiver_reason for row in session.connection().execute(_WAIVERS, wanted)}
    found = FineCells()
    charged: dict[tuple[int, int], list[FineRecord]] = defaultdict(list)
    for fine in books.fines:
        if waivers.get(fine.fine_id) == WITHDRAWN:
            continue
        if fine.day is not None and fine.day < since:
            left = fine.amount - paid_before.get(fine.fine_id, ZERO)
            if left and (fine.waived is None or fine.waived >= since):
                charged[BETWEEN, members[fine.member_id]].append(replace(fine, amount=left))
        else:
            place = BETWEEN if fine.meeting_id is None else meetings[fine.meeting_id]
            charged[place, members[fine.member_id]].append(fine)
    roll = {
        (meeting.number, members[member_id]): status.value
        for meeting in books.meetings
        for member_id, status in meeting.roll.items()
    }
    for key, fines in charged.items():
        if key[0] == BETWEEN:
            found.opening[key[1]] = sum((fine.amount for fine in fines), ZERO)
        else:
            _share_out(found, key, fines, roll.get(key, ""))
        for fine in fines:
            if fine.waived is not None:
                _let_off(found, books, key, fine, waivers.get(fine.fine_id) or "")
    return found


def _share_out(
    found: FineCells, key: tuple[int, int], fines: list[FineRecord], status: str
) -> None:
    """Put the roll call's fine into the row, else the first that has no words of its own."""
    by_roll_call = ROLL_CALL_FINES.get(status)
    plain = [fine for fine in fines if _kind(fine) is not None]
    first = next((fine for fine in plain if fine.type == by_roll_call), None)
    if first is None:
        kinds = [fine.type for fine in fines]
        # A kind that is charged twice would be taken for one fine.
        first = next((fine for fine in plain if kinds.count(fine.type) == 1), None)
    for fine in fines:
        kind = _kind(fine)
        if fine is first and kind is not None:
            found.cells[key] = (kind.value, fine.amount)
            continue
        found.other.append(
            OtherRow(
                meeting=key[0],
                member=key[1],
                type=OtherType.FINE_CHARGED,
                amount=fine.amount,
                description="" if kind is not None else fine.reason,
                detail=fine.type if kind is None else kind.value,
            )
        )


def _let_off(
    found: FineCells, books: Books, key: tuple[int, int], fine: FineRecord, reason: str
) -> None:
    """Keep who was let off a fine; where the opening sums several up, none of them is known."""
    charged_at, number = key
    held = (
        each.number
        for each in books.meetings
        if each.day == fine.waived and each.number >= charged_at
    )
    meeting = next(held, None)
    if meeting is None or (charged_at == BETWEEN and found.opening[number] != fine.amount):
        found.left_out += 1
        return
    found.waived[fine.fine_id] = OtherRow(
        meeting=meeting,
        member=number,
        type=OtherType.FINE_WAIVED,
        amount=fine.amount,
        description=reason,
        of_meeting=charged_at,
    )


def _kind(fine: FineRecord) -> FineType | None:
    """Return the kind of fine that the book's words stand for, or nothing for words of its own."""
    return next(
        (kind for kind in FineType if kind.recorded_as == fine.type and WORDS[kind] == fine.reason),
        None,
    )
