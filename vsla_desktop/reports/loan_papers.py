"""The agreement that a borrower, her guarantors and the officers sign."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vsla_desktop.domain.loans import ChargeMethod, PeriodKind
from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.penalties import PenaltyKind
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import _, format_date
from vsla_desktop.queries.loan_pages import people_of
from vsla_desktop.queries.loans import loan_guarantors, loans_by_id
from vsla_desktop.queries.rules import group_rules
from vsla_desktop.reports.document import (
    Align,
    Column,
    Facts,
    Heading,
    Signatures,
    Table,
    Text,
)
from vsla_desktop.reports.letterhead import letterhead
from vsla_desktop.wording import percent

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from vsla_desktop.domain.rules import GroupRules
    from vsla_desktop.queries.loans import LoanState
    from vsla_desktop.reports.document import Document
    from vsla_desktop.reports.letterhead import Letterhead


def loan_agreement(session: Session, loan_id: int, *, printed: date) -> Document:
    """Return the agreement of a loan that was given; RuleBroken when there is none."""
    loan = loans_by_id(session, [loan_id]).get(loan_id)
    if loan is None:
        raise RuleBroken("Choose a loan that was given.", field="loan")
    head = letterhead(session, loan.group_id, printed)
    rules = group_rules(session, loan.group_id)
    guarantors = _guarantors(session, loan)
    charge = sum((row.charge for row in loan.instalments), ZERO)
    blocks = (
        Text(
            _(
                "{name}, member number {number}, has borrowed {amount} from {group} on {day}.",
                name=loan.member_name,
                number=loan.member_number or "",
                amount=head.in_full(loan.principal),
                group=head.name,
                day=format_date(loan.given_on),
            )
        ),
        Facts(
            (
                (_("What for"), loan.purpose or _("Not said")),
                (_("Charge"), _charge_sentence(loan)),
                (_("If late"), _penalty_sentence(rules, head)),
                (_("Guarantors"), ", ".join(guarantors) or _("None")),
            ),
            columns=1,
        ),
        Heading(_("What is paid, and when")),
        Table(
            (
                Column(_("No.")),
                Column(_("Due on"), Align.LEFT, share=1),
                Column(_("Principal")),
                Column(_("Charge")),
                Column(_("To pay")),
                Column(_("Paid"), Align.LEFT, share=1),
            ),
            tuple(
                (
                    str(number),
                    format_date(row.due_date),
                    head.amount(row.principal),
                    head.amount(row.charge),
                    head.amount(row.principal + row.charge),
                    "",
                )
                for number, row in enumerate(loan.instalments, start=1)
            ),
            totals=(
                "",
                _("Total"),
                head.amount(loan.principal),
                head.amount(charge),
                head.amount(loan.principal + charge),
                "",
            ),
        ),
        head.result(_("To pay in all"), loan.principal + charge),
        Text(_("I shall pay on these days. My savings in the group stand for this loan.")),
        Signatures(
            (
                loan.member_name,
                *guarantors,
                _("Chairperson"),
                _("Secretary"),
                _("Treasurer"),
            )
        ),
    )
    return head.document(
        _("Loan agreement"),
        head.place,
        blocks,
        file=f"loan-{loan.loan_id}",
    )


def _guarantors(session: Session, loan: LoanState) -> tuple[str, ...]:
    names = {each.member_id: each.name for each in people_of(session, loan.group_id)}
    return tuple(names[each] for each in loan_guarantors(session, loan) if each in names)


def _charge_sentence(loan: LoanState) -> str:
    rate = percent(loan.rate)
    period = period_word(loan.period_kind)
    return {
        ChargeMethod.ONE_TIME: _("{rate} of the loan, once.", rate=rate),
        ChargeMethod.FLAT_MONTHLY: _(
            "{rate} of the loan for each {period}.", rate=rate, period=period
        ),
        ChargeMethod.DECLINING: _(
            "{rate} of what is still owed, for each {period}.", rate=rate, period=period
        ),
        ChargeMethod.NONE: _("None."),
    }[loan.method]


def period_word(kind: PeriodKind) -> str:
    """Say how long one period of a loan is."""
    return {
        PeriodKind.FOUR_WEEKS: _("four weeks"),
        PeriodKind.THIRTY_DAYS: _("thirty days"),
        PeriodKind.CALENDAR_MONTH: _("month"),
    }[kind]


def _penalty_sentence(rules: GroupRules, head: Letterhead) -> str:
    if rules.late_penalty_kind is PenaltyKind.NONE:
        return _("No penalty.")
    asked = (
        head.money.with_code(rules.late_penalty_amount)
        if rules.late_penalty_kind is PenaltyKind.FIXED
        else _("{rate} of what is late", rate=percent(rules.late_penalty_rate))
    )
    often = _("each period") if rules.late_penalty_repeats else _("once")
    return _(
        "{penalty}, {often}, after {days} days.",
        penalty=asked,
        often=often,
        days=rules.loan_grace_days,
    )
