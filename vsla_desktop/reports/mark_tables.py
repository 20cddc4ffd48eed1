"""The marks of a roll call that were put right, as the page of a meeting shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vsla_desktop.i18n import _, format_date
from vsla_desktop.reports.document import Align, Column, Heading, Table
from vsla_desktop.wording import mark_word

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from vsla_desktop.queries.mark_corrections import RollMark
    from vsla_desktop.reports.document import Block


def marks_put_right_since(marks: Iterable[RollMark]) -> list[Block]:
    """Return what later meetings put right of a roll call, each with its day; none without any."""
    rows = [(each, _at(each.right_number, each.right_day)) for each in marks]
    return _table(_("* Marks put right since"), _("At meeting"), rows)


def marks_put_right_here(marks: Iterable[RollMark]) -> list[Block]:
    """Return what a meeting put right of earlier roll calls; none without any."""
    rows = [(each, _at(each.meeting_number, each.day)) for each in marks]
    return _table(_("Marks of earlier meetings put right"), _("Of meeting"), rows)


def _at(number: int | None, day: date | None) -> str:
    return "" if day is None else f"{number}, {format_date(day)}"


def _table(title: str, meeting: str, rows: list[tuple[RollMark, str]]) -> list[Block]:
    if not rows:
        return []
    table = Table(
        (
            Column(_("No.")),
            Column(_("Member"), Align.LEFT),
            Column(meeting, Align.LEFT),
            Column(_("Mark"), Align.LEFT),
            Column(_("Right mark"), Align.LEFT),
            Column(_("Reason"), Align.LEFT, share=1),
        ),
        tuple(
            (
                str(each.number),
                each.name,
                at,
                mark_word(each.given),
                mark_word(each.right),
                each.reason,
            )
            for each, at in rows
        ),
    )
    return [Heading(title), table]
