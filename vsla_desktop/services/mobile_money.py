"""Money that members send to the group's phone: written down when told, counted when it came.

See docs/rules.md#money-on-the-phone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, or_, select, update

from vsla_desktop.domain.identifiers import check_phone_number
from vsla_desktop.domain.money import check_amount
from vsla_desktop.domain.postings import Fund, PostingType
from vsla_desktop.domain.shares import shares_from_amount
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import format_date
from vsla_desktop.queries.loans import OUT, loans_of_member
from vsla_desktop.queries.mobile_money import PENDING, REJECTED, VERIFIED, Purpose
from vsla_desktop.queries.pages import group_page, writable_page
from vsla_desktop.queries.rules import rules_on
from vsla_desktop.queries.tables import (
    GROUPS,
    LEDGER,
    MEMBERS,
    PHONE_PAYMENTS,
    PHONE_VERIFICATIONS,
    SAVINGS,
)
from vsla_desktop.services.fines import owed_fines, pay_postings
from vsla_desktop.services.ledger import post_all
from vsla_desktop.services.postings import Entry, MobileMoney, Posting
from vsla_desktop.services.repayments import repay
from vsla_desktop.services.rows import add_row
from vsla_desktop.services.savings import shares_posting

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.queries.pages import Page

PROVIDER = "Mobile money"
LONGEST_REFERENCE = 100
_ONLY_MEMBERS = frozenset({Purpose.SHARES, Purpose.SOCIAL})  # who left still pays what is owed
# A fine's payment goes to the fund of the fine, which is known once it is booked.
_FUNDS = {
    Purpose.SHARES: Fund.LOAN_FUND.value,
    Purpose.LOAN: Fund.LOAN_FUND.value,
    Purpose.SOCIAL: Fund.SOCIAL.value,
}

_PAYMENT = select(PHONE_PAYMENTS).where(PHONE_PAYMENTS.c.id == bindparam("payment"))
_MEMBER = select(MEMBERS).where(MEMBERS.c.id == bindparam("member"))
_USED = select(PHONE_PAYMENTS.c.id).where(
    PHONE_PAYMENTS.c.group_id == bindparam("of_group"),
    PHONE_PAYMENTS.c.transaction_reference == bindparam("reference"),
    PHONE_PAYMENTS.c.status.in_((PENDING, VERIFIED)),
)
_IN_LEDGER = select(LEDGER.c.id).where(
    LEDGER.c.group_id == bindparam("of_group"),
    LEDGER.c.mobile_money_reference == bindparam("reference"),
    or_(LEDGER.c.verification_status.is_(None), LEDGER.c.verification_status != REJECTED),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPayment:
    """What a member says was sent: how much, what for, and the telephone company's reference.

    ``day`` is the day on which it was sent; without a ``phone_number`` it is the member's own.
    """

    member_id: int
    amount: Decimal
    purpose: Purpose
    reference: str
    day: date
    phone_number: str = ""


def record_payment(
    session: Session,
    group_id: int,
    new: NewPayment,
    *,
    clock: Clock,
    by: int | None = None,  # noqa: ARG001 - told by every service; the audit line takes it
) -> int:
    """Write down money that a member sent to the phone, on any day; return the payment's id.

    It waits, and no balance knows of it, until a meeting verifies it. Raise :class:`RuleBroken` for
    a reference that was written down before, a day to come, and a part of a share.
    """
    page = group_page(session, group_id, new.day)
    if new.day > clock.today():
        raise RuleBroken("Choose a day up to today.", field="day")
    if page.formation_date is not None and new.day < page.formation_date:
        raise RuleBroken(
            "Choose a day from {day} on.",
            hint="The group was formed that day.",
            field="day",
            day=format_date(page.formation_date),
        )
    member = _member(session, group_id, new)
    check_amount(new.amount, page.currency)
    if new.purpose is Purpose.SHARES:
        shares_from_amount(new.amount, rules_on(session, page).share_value)
    reference = _reference(session, group_id, new.reference)
    phone = new.phone_number.strip() or member.phone_number or ""
    row = {
        "group_id": group_id,
        "member_id": new.member_id,
        "amount": new.amount,
        "phone_number": check_phone_number(phone),
        "provider": PROVIDER,
        "transaction_reference": reference,
        "fund_type": _FUNDS.get(new.purpose),
        "payment_purpose": new.purpose.value,
        "status": PENDING,
        "verification_status": PENDING,
        "payment_date": datetime.combine(new.day, time()),
    }
    return add_row(session, insert(PHONE_PAYMENTS), row, clock)


def verify_payment(
    session: Session,
    meeting_id: int,
    payment_id: int,
    *,
    notes: str = "",
    clock: Clock,
    by: int | None = None,
) -> tuple[Entry, ...]:
    """Say at an open meeting that the money came: it is booked there, by the rules of that day.

    So shares keep to the meeting's most, and a repayment is shared out over what is owed then. The
    money is at the bank, not in the box. A payment that was verified before changes nothing. Raise
    :class:`RuleBroken` for one that was rejected, and whatever the rules refuse of a payment.
    """
    payment = _payment(session, payment_id)
    if payment.status == VERIFIED:
        return ()
    if payment.status != PENDING:
        raise RuleBroken("This payment was rejected.", hint="Write it down again.")
    page = writable_page(session, meeting_id, payment.member_id)
    if page.group_id != payment.group_id:
        raise RuleBroken("This payment is not in the book of the group.")
    entries = _book(session, page, payment, clock=clock, by=by)
    session.connection().execute(
        update(SAVINGS).where(
            SAVINGS.c.group_transaction_id.in_([each.transaction_id for each in entries])
        ),
        {"verified_by": by, "verified_date": clock.now()},
    )
    done = {"meeting_id": meeting_id, "group_transaction_id": entries[0].transaction_id}
    _decide(session, payment, VERIFIED, done, notes, clock, by)
    return entries


def reject_payment(
    session: Session,
    payment_id: int,
    reason: str,
    *,
    clock: Clock,
    by: int | None = None,
) -> None:
    """Say that the money did not come; it never counts, and its reference may be used again.

    A payment that was rejected before stays as it is. Raise :class:`RuleBroken` without a reason,
    and for a payment that counts already.
    """
    payment = _payment(session, payment_id)
    if payment.status == REJECTED:
        return
    if payment.status != PENDING:
        raise RuleBroken("This payment counts already.", hint="Correct its entry instead.")
    if not reason.strip():
        raise RuleBroken("Say why.", field="reason")
    _decide(session, payment, REJECTED, {}, reason, clock, by)


def _book(
    session: Session, page: Page, payment: Any, *, clock: Clock, by: int | None
) -> tuple[Entry, ...]:
    """Book a payment for what it is meant for; return its entries, one at least."""
    member_id, amount = payment.member_id, payment.amount
    money = MobileMoney(payment.transaction_reference, payment.phone_number, VERIFIED)
    purpose = Purpose(payment.payment_purpose)
    if purpose is Purpose.LOAN:
        loans = loans_of_member(session, member_id, statuses=OUT)
        paid = repay(session, page, loans, amount, mobile_money=money, clock=clock, by=by)
        return paid.entries
    if purpose is Purpose.FINE:
        fines = pay_postings(owed_fines(session, member_id), amount, member_id)
        postings = [replace(each, mobile_money=money) for each in fines]
    elif purpose is Purpose.SHARES:
        count = shares_from_amount(amount, rules_on(session, page).share_value)
        postings = [shares_posting(session, page, member_id, count, mobile_money=money)]
    else:
        social = Posting(
            PostingType.SOCIAL_CONTRIBUTION,
            Fund.SOCIAL,
            amount,
            member_id=member_id,
            mobile_money=money,
        )
        postings = [social]
    return post_all(session, page, postings, clock=clock, by=by)


def _decide(
    session: Session,
    payment: Any,
    status: str,
    more: dict[str, Any],
    notes: str,
    clock: Clock,
    by: int | None,
) -> None:
    connection = session.connection()
    now = clock.now()
    row = {
        "status": status,
        "verification_status": status,
        "verified_by": by,
        "verified_date": now,
        "updated_date": now,
        **more,
    }
    connection.execute(update(PHONE_PAYMENTS).where(PHONE_PAYMENTS.c.id == payment.id), row)
    # The table asks for somebody; the group's own account stands for its officers together.
    owner = select(GROUPS.c.created_by).where(GROUPS.c.id == payment.group_id)
    add_row(
        session,
        insert(PHONE_VERIFICATIONS),
        {
            "payment_id": payment.id,
            "verification_method": "MANUAL",
            "verification_timestamp": now,
            "verified_by": by or connection.execute(owner).scalar_one(),
            "verification_notes": notes.strip() or None,
        },
        clock,
    )


def _payment(session: Session, payment_id: int) -> Any:
    row = session.connection().execute(_PAYMENT, {"payment": payment_id}).first()
    if row is None:
        raise RuleBroken("This payment is not in the book.")
    return row


def _member(session: Session, group_id: int, new: NewPayment) -> Any:
    row = session.connection().execute(_MEMBER, {"member": new.member_id}).first()
    if row is None or row.group_id != group_id:
        raise RuleBroken("Choose a member of this group.", field="member")
    is_active = row.is_active is not False and (row.status or "ACTIVE") == "ACTIVE"
    if new.purpose in _ONLY_MEMBERS and not is_active:
        raise RuleBroken("This member is not active.", field="member")
    return row


def _reference(session: Session, group_id: int, text: str) -> str:
    """Return a reference in capitals and without spaces, so that it is found again."""
    reference = "".join(text.split()).upper()
    if not reference:
        raise RuleBroken(
            "Enter the reference.", hint="It stands in the message.", field="reference"
        )
    if len(reference) > LONGEST_REFERENCE:
        raise RuleBroken(
            "Enter at most {most} characters.", field="reference", most=LONGEST_REFERENCE
        )
    wanted = {"of_group": group_id, "reference": reference}
    connection = session.connection()
    if connection.execute(_USED, wanted).first() or connection.execute(_IN_LEDGER, wanted).first():
        raise RuleBroken(
            "This reference was used before.", hint="Check the message.", field="reference"
        )
    return reference
