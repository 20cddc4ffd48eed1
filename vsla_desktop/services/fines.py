"""Fines: charging, paying, withdrawing and waiving them. Only a paid fine is income."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert, select, update

from vsla_desktop.domain.fines import FineType, automatic_fine, fine_amount
from vsla_desktop.domain.meeting import AttendanceStatus
from vsla_desktop.domain.money import ZERO, check_amount, plain_amount
from vsla_desktop.domain.postings import Fund, PostingType
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.pages import writable_page
from vsla_desktop.queries.rules import rules_on
from vsla_desktop.queries.tables import FINES, LEDGER, MEMBERS
from vsla_desktop.services.ledger import replace
from vsla_desktop.services.postings import Entry, Posting
from vsla_desktop.services.rows import add_row

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.domain.rules import GroupRules
    from vsla_desktop.queries.pages import Page

WORDS: dict[FineType, str] = {
    FineType.LATE_ARRIVAL: "Late",
    FineType.ABSENCE: "Absent",
    FineType.MISCONDUCT: "Disorder",
    FineType.LATE_PAYMENT: "Late loan",
    FineType.PHONE: "Phone",
    FineType.RULES_FORGOTTEN: "Rules forgotten",
}
"""What the book says for a fine of each kind."""

BY_ROLL_CALL = (FineType.LATE_ARRIVAL.value, FineType.ABSENCE.value)
WITHDRAWN = "Withdrawn in the meeting"

_OF_MEETING = (
    select(FINES)
    .where(
        FINES.c.meeting_id == bindparam("meeting"),
        FINES.c.member_id == bindparam("member"),
        FINES.c.waived_date.is_(None),
    )
    .order_by(FINES.c.id)
)
_OPEN = (
    select(FINES)
    .where(
        FINES.c.member_id == bindparam("member"),
        FINES.c.waived_date.is_(None),
        FINES.c.paid_amount < FINES.c.amount,
    )
    .order_by(FINES.c.fine_date, FINES.c.id)
)
_ONE = select(FINES, MEMBERS.c.group_id).where(
    FINES.c.id == bindparam("fine"), MEMBERS.c.id == FINES.c.member_id
)
_GROUP_OF = select(MEMBERS.c.group_id, MEMBERS.c.is_active).where(
    MEMBERS.c.id == bindparam("member")
)
_IN_LEDGER = select(LEDGER.c.id).where(LEDGER.c.fine_id == bindparam("fine")).limit(1)


@dataclass(frozen=True, slots=True)
class FineCharged:
    """A fine that a member owes now."""

    fine_id: int
    amount: Decimal


def charge_fine(
    session: Session,
    meeting_id: int,
    member_id: int,
    kind: FineType,
    *,
    amount: Decimal | None = None,
    reason: str = "",
    clock: Clock,
    by: int | None = None,
) -> FineCharged:
    """Charge a member a fine at an open meeting: the tariff's amount unless one is said.

    Raise :class:`RuleBroken` when the tariff has no amount for it and none is said.
    """
    page = writable_page(session, meeting_id)
    rules = rules_on(session, page)
    owed = fine_amount(kind, rules.fine_tariff) if amount is None else amount
    if amount is None and not owed:
        raise RuleBroken("Enter the amount of the fine.", field="amount")
    check_amount(owed, page.currency)
    return FineCharged(
        charge(session, page, rules, member_id, kind, owed, reason=reason, clock=clock, by=by), owed
    )


def charge(  # noqa: PLR0913 - the columns of one fine
    session: Session,
    page: Page,
    rules: GroupRules,
    member_id: int,
    kind: FineType,
    amount: Decimal,
    *,
    reason: str = "",
    clock: Clock,
    by: int | None = None,
) -> int:
    """Write a fine on a page that is known to be open, and return its id."""
    member = session.connection().execute(_GROUP_OF, {"member": member_id}).first()
    if member is None or member.group_id != page.group_id:
        raise RuleBroken("Choose a member of this group.", field="member")
    row = {
        "member_id": member_id,
        "amount": amount,
        "reason": reason.strip() or WORDS[kind],
        "fine_type": kind.recorded_as,
        "fine_date": page.day,
        "due_date": page.day,
        "verification_status": "VERIFIED",
        "meeting_id": page.meeting_id,
        "imposed_by": by,
        "fund_type": rules.fines_fund.value,
    }
    return add_row(session, insert(FINES), row, clock)


def change_fine(
    session: Session,
    fine_id: int,
    amount: Decimal,
    *,
    clock: Clock,
    by: int | None = None,  # noqa: ARG001 - told by every service; the audit line takes it
) -> None:
    """Charge another amount for a fine of the meeting that is open; nought withdraws it.

    Raise :class:`RuleBroken` below what was paid of it already, and for a fine of another meeting.
    """
    fine = _fine(session, fine_id)
    page = _page_of(session, fine)
    check_amount(amount, page.currency, zero_allowed=True)
    adjust(session, fine, amount, clock)


def withdraw_fine(session: Session, fine_id: int, *, clock: Clock, by: int | None = None) -> None:
    """Take a fine back in the meeting that charged it, as if it had not been charged."""
    change_fine(session, fine_id, ZERO, clock=clock, by=by)


def adjust(session: Session, fine: Any, amount: Decimal, clock: Clock) -> None:
    """Set the amount of a fine of an open page; a fine with nothing left of it goes.

    One that the ledger names stays, waived: the ledger's rows keep what they belong to.
    """
    paid = fine.paid_amount or ZERO
    if amount < paid:
        raise RuleBroken(
            "Enter at least {least}.",
            hint="So much of the fine is paid.",
            field="amount",
            least=plain_amount(paid),
        )
    connection = session.connection()
    this = FINES.c.id == fine.id
    if amount:
        connection.execute(
            update(FINES).where(this), {"amount": amount, "updated_date": clock.now()}
        )
    elif connection.execute(_IN_LEDGER, {"fine": fine.id}).first() is None:
        connection.execute(delete(FINES).where(this))
    else:
        _waive(session, fine, WITHDRAWN, clock)


def waive_fine(
    session: Session,
    meeting_id: int,
    fine_id: int,
    reason: str,
    *,
    clock: Clock,
    by: int | None = None,  # noqa: ARG001 - told by every service; the audit line takes it
) -> None:
    """Let a member off what is unpaid of a fine: a decision of an open meeting, with a reason."""
    page = writable_page(session, meeting_id)
    fine = _fine(session, fine_id)
    if fine.group_id != page.group_id:
        raise RuleBroken("This fine is not in the book of the group.", field="fine")
    if fine.waived_date is not None or fine.is_paid:
        raise RuleBroken("Nothing is owed of this fine.", field="fine")
    if not reason.strip():
        raise RuleBroken("Say why the fine is waived.", field="reason")
    _waive(session, fine, reason.strip(), clock, page)


def take_back_waiver(
    session: Session,
    meeting_id: int,
    fine_id: int,
    *,
    clock: Clock,
    by: int | None = None,  # noqa: ARG001 - told by every service; the audit line takes it
) -> None:
    """Let a fine be owed again that the open meeting had let off."""
    page = writable_page(session, meeting_id)
    fine = _fine(session, fine_id)
    if fine.group_id != page.group_id or fine.waived_date != page.day:
        raise RuleBroken("This meeting did not let the fine off.", field="fine")
    values = {"waived_date": None, "waiver_reason": None, "updated_date": clock.now()}
    session.connection().execute(update(FINES).where(FINES.c.id == fine_id), values)


def _waive(
    session: Session, fine: Any, reason: str, clock: Clock, page: Page | None = None
) -> None:
    values = {
        "waived_date": page.day if page else fine.fine_date,
        "waiver_reason": reason,
        "updated_date": clock.now(),
    }
    session.connection().execute(update(FINES).where(FINES.c.id == fine.id), values)


def receive_fine_payment(
    session: Session,
    meeting_id: int,
    member_id: int,
    amount: Decimal,
    *,
    clock: Clock,
    by: int | None = None,
) -> tuple[Entry, ...]:
    """Take a payment of a member's fines, the oldest first; each goes to its own fund.

    Raise :class:`RuleBroken` for more than is owed, and say how much that is.
    """
    page = writable_page(session, meeting_id)
    check_amount(amount, page.currency)
    fines = owed_fines(session, member_id)
    return replace(session, page, (), pay_postings(fines, amount, member_id), clock=clock, by=by)


def owed_fines(
    session: Session, member_id: int, given_back: Mapping[int, Decimal] | None = None
) -> list[tuple[int, Decimal, Fund]]:
    """Return a member's unpaid fines, the oldest first: id, what is owed, and the fund.

    ``given_back`` are payments, by fine, that are about to be reversed.
    """
    connection = session.connection()
    rows = {row.id: row for row in connection.execute(_OPEN, {"member": member_id})}
    back = dict(given_back or {})
    for fine_id in back:
        if fine_id not in rows:
            rows[fine_id] = _fine(session, fine_id)
    ordered = sorted(rows.values(), key=lambda row: (row.fine_date or row.created_date, row.id))
    return [
        (
            row.id,
            row.amount - (row.paid_amount or ZERO) + back.get(row.id, ZERO),
            Fund(row.fund_type or Fund.LOAN_FUND),
        )
        for row in ordered
        if row.waived_date is None
    ]


def pay_postings(
    fines: Sequence[tuple[int, Decimal, Fund]], amount: Decimal, member_id: int
) -> list[Posting]:
    """Share out a payment over unpaid fines in their order; raise RuleBroken when some is left."""
    owed = sum((each for _, each, _ in fines), ZERO)
    if amount > owed:
        raise RuleBroken(
            "Pay at most {most}.",
            hint="This pays all fines.",
            field="amount",
            most=plain_amount(owed),
        )
    postings = []
    for fine_id, each, fund in fines:
        part = min(amount, each)
        if part:
            postings.append(
                Posting(PostingType.FINE_PAYMENT, fund, part, member_id=member_id, fine_id=fine_id)
            )
        amount -= part
    return postings


def meeting_fines(session: Session, meeting_id: int, member_id: int) -> list[Any]:
    """Return a member's fines of one meeting that stand, in the order of charging."""
    wanted = {"meeting": meeting_id, "member": member_id}
    return list(session.connection().execute(_OF_MEETING, wanted))


def set_roll_call_fine(
    session: Session,
    page: Page,
    rules: GroupRules,
    member_id: int,
    status: AttendanceStatus | None,
    clock: Clock,
    by: int | None,
) -> None:
    """Make the roll call's fine fit a member's status: charged once, changed, or taken back.

    What a member has paid of it stays owed and paid, whatever the status becomes.
    """
    asked = automatic_fine(status, rules.fine_tariff) if status is not None else None
    standing = [
        fine
        for fine in meeting_fines(session, page.meeting_id or 0, member_id)
        if fine.fine_type in BY_ROLL_CALL
    ]
    if not standing:
        if asked is not None:
            charge(session, page, rules, member_id, *asked, clock=clock, by=by)
        return
    for fine in standing[1:]:
        adjust(session, fine, fine.paid_amount or ZERO, clock)
    first = standing[0]
    wanted = asked[1] if asked else ZERO
    if asked is not None and first.fine_type != asked[0].value:
        session.connection().execute(
            update(FINES).where(FINES.c.id == first.id),
            {"fine_type": asked[0].value, "reason": WORDS[asked[0]]},
        )
    if wanted != first.amount:
        adjust(session, first, max(wanted, first.paid_amount or ZERO), clock)


def _fine(session: Session, fine_id: int) -> Any:
    row = session.connection().execute(_ONE, {"fine": fine_id}).first()
    if row is None:
        raise RuleBroken("This fine is not in the book.", field="fine")
    return row


def _page_of(session: Session, fine: Any) -> Page:
    if fine.meeting_id is None:
        raise RuleBroken("Waive this fine.", hint="It belongs to no meeting.", field="fine")
    return writable_page(session, fine.meeting_id)
