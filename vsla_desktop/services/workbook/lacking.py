"""What a workbook does not hold of a book: the sheet Not carried, and sentences of what is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select

from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import translate
from vsla_desktop.models import (
    ActivityDocument,
    GroupMobileMoneyAccount,
    MemberAchievement,
    SavingsGroupIga,
)
from vsla_desktop.queries.officers import HASHED
from vsla_desktop.queries.tables import ACTIVITIES, ASSESSMENTS, MEETINGS, MEMBERS, USERS
from vsla_desktop.services.workbook.more_rows import NotCarriedRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

LOST = {
    "cycles": "Earlier cycles are left out: {count}.",
    "mobile": "Mobile money is left out: {count} entries.",
    "corrections": "Corrections of earlier cycles are left out: {count}.",
    "fines": "Waived fines of the opening are left out: {count}.",
    "funds": "Opening balances of other funds are left out: {count}.",
    "recovered": "Which lost loan was recovered is left out: {count}.",
    "leavers": "To which leaver an old debt is owed is left out: {count}.",
    "phone": "Payments by telephone are left out: {count}.",
    "share-out": "A share-out that is not voted is left out: {count}.",
    "changes": "Loans that were spread anew are left out: {count}.",
    "requests": "Votes on requests for loans are left out: {count}.",
    "purses": "Savings that were in another fund are left out: {count}.",
}
"""What a workbook lacks of the books themselves, in words."""
OTHER_KIND = "Entries of the kind {kind} are left out: {count}."

_MEMBERS = MEMBERS.c.group_id == bindparam("of_group")
_DOCUMENTS, _ACHIEVED = ActivityDocument.__table__, MemberAchievement.__table__
_IGAS, _PHONES = SavingsGroupIga.__table__, GroupMobileMoneyAccount.__table__
BY_NATURE: tuple[tuple[str, str, Select[Any] | None], ...] = (
    (
        "Seals",
        "Each meeting is sealed anew when it comes in; keep the old slips.",
        None,
    ),
    (
        "What was typed and changed within a meeting",
        "The workbook holds what stood when the meeting was closed.",
        None,
    ),
    (
        "The order of entry within a meeting, and references",
        "They are given anew; where the order counts, it is kept.",
        None,
    ),
    (
        "Who confirmed a close by code, and users",
        "They belong to one database.",
        None,
    ),
    (
        "Codes of officers",
        "They are secret; each officer sets a new one.",
        select(func.count())
        .select_from(MEMBERS.join(USERS, USERS.c.id == MEMBERS.c.user_id))
        .where(_MEMBERS, USERS.c.password.startswith(HASHED)),
    ),
    (
        "Photographs",
        "They are files beside the book; copy the folder.",
        select(func.count()).where(_MEMBERS, MEMBERS.c.photo_path.is_not(None)),
    ),
    (
        "Documents",
        "They are files beside the book; copy the folder.",
        select(func.count())
        .select_from(
            _DOCUMENTS.join(ACTIVITIES, ACTIVITIES.c.id == _DOCUMENTS.c.activity_id).join(
                MEETINGS, MEETINGS.c.id == ACTIVITIES.c.meeting_id
            )
        )
        .where(MEETINGS.c.group_id == bindparam("of_group")),
    ),
    (
        "Assessments of borrowers",
        "They are worked out from the book; assess again.",
        select(func.count())
        .select_from(ASSESSMENTS.join(MEMBERS, MEMBERS.c.id == ASSESSMENTS.c.member_id))
        .where(_MEMBERS),
    ),
    (
        "Achievements",
        "They are worked out from the book.",
        select(func.count())
        .select_from(_ACHIEVED.join(MEMBERS, MEMBERS.c.id == _ACHIEVED.c.member_id))
        .where(_MEMBERS),
    ),
    (
        "Businesses of the group",
        "Their accounts are kept apart.",
        select(func.count()).where(_IGAS.c.group_id == bindparam("of_group")),
    ),
    (
        "Telephone accounts of the group",
        "Write them down again.",
        select(func.count()).where(_PHONES.c.group_id == bindparam("of_group")),
    ),
)
"""What no workbook can hold, why, and how much of it a group has, where it can be counted."""


def sentences_of(left_out: Mapping[str, int]) -> tuple[RuleBroken, ...]:
    """Return what a workbook lacks of the books themselves, each with how much of it."""
    return tuple(
        RuleBroken(LOST.get(what, OTHER_KIND), kind=what, count=count)
        for what, count in left_out.items()
        if count
    )


def not_carried(
    session: Session, group_id: int, lost: Iterable[RuleBroken]
) -> tuple[NotCarriedRow, ...]:
    """Return the sheet Not carried, in the person's language: losses first, without a reason."""
    return (
        *(
            NotCarriedRow(what=translate(each.message, **each.values), count=each.values["count"])
            for each in lost
        ),
        *_by_nature(session, group_id),
    )


def _by_nature(session: Session, group_id: int) -> Iterator[NotCarriedRow]:
    for what, why, of in BY_NATURE:
        count = None
        if of is not None:
            count = session.connection().execute(of, {"of_group": group_id}).scalar() or None
        yield NotCarriedRow(what=translate(what), count=count, why=translate(why))
