"""What an auditor of one group asks for beside its reports: its seals, and its documents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, cast

from sqlalchemy import Table, bindparam, select

from vsla_desktop.models import ActivityDocument
from vsla_desktop.queries.seals import verify_seals
from vsla_desktop.queries.tables import ACTIVITIES, GROUPS, MEETINGS

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_DOCUMENTS = cast("Table", ActivityDocument.__table__)
_OF_GROUP = (
    select(
        MEETINGS.c.meeting_number,
        _DOCUMENTS.c.document_name,
        _DOCUMENTS.c.file_size,
        _DOCUMENTS.c.sha256,
    )
    .select_from(
        _DOCUMENTS.join(ACTIVITIES, ACTIVITIES.c.id == _DOCUMENTS.c.activity_id).join(
            MEETINGS, MEETINGS.c.id == ACTIVITIES.c.meeting_id
        )
    )
    .where(MEETINGS.c.group_id == bindparam("of_group"))
    .order_by(MEETINGS.c.meeting_date, _DOCUMENTS.c.id)
)
_DAYS = select(MEETINGS.c.id, MEETINGS.c.meeting_date, MEETINGS.c.previous_seal).where(
    MEETINGS.c.group_id == bindparam("of_group")
)
_CODE = select(GROUPS.c.group_code).where(GROUPS.c.id == bindparam("of_group"))


@dataclass(frozen=True, slots=True)
class SealLine:
    """The seal of one closed meeting; ``broken`` says what does not hold, or nothing."""

    number: int
    day: date
    seal: str
    previous: str
    broken: str


@dataclass(frozen=True, slots=True)
class KeptDocument:
    """A document of a meeting: its name, and the SHA-256 by which its file is kept."""

    meeting_number: int
    name: str
    size: int
    sha256: str


def group_code(session: Session, group_id: int) -> str:
    """Return the code of a group; empty when it is not in the book."""
    return session.connection().execute(_CODE, {"of_group": group_id}).scalar() or ""


def seal_lines(session: Session, group_id: int) -> tuple[SealLine, ...]:
    """Return the seals of a group in their order, each worked out anew with its chain."""
    rows = session.connection().execute(_DAYS, {"of_group": group_id})
    days = {row.id: row for row in rows}
    return tuple(
        SealLine(
            each.number,
            days[each.meeting_id].meeting_date,
            each.seal,
            days[each.meeting_id].previous_seal or "",
            each.broken,
        )
        for each in verify_seals(session, group_id)
    )


def documents_of_group(session: Session, group_id: int) -> tuple[KeptDocument, ...]:
    """Return the documents of a group's meetings, the oldest first."""
    rows = session.connection().execute(_OF_GROUP, {"of_group": group_id})
    return tuple(
        KeptDocument(row.meeting_number, row.document_name, row.file_size, row.sha256 or "")
        for row in rows
    )
