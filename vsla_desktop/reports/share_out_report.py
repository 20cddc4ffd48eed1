"""The share-out of a cycle: as it was worked out, or as it would be today."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import Fund
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import _, format_date
from vsla_desktop.queries.share_out import FROZEN, PAID, projected_value, shared_cycle
from vsla_desktop.reports.lists import count, day, money, number_column
from vsla_desktop.reports.report import (
    Definition,
    Figure,
    Kind,
    Over,
    Report,
    ReportColumn,
    ReportTable,
)
from vsla_desktop.reports.saying import shown_currency
from vsla_desktop.reports.subject import group_subject
from vsla_desktop.wording import MoneyText

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.domain.share_out import ShareOut
    from vsla_desktop.queries.filtering import Filter
    from vsla_desktop.queries.share_out import SharedCycle, ShareValue
    from vsla_desktop.reports.subject import GroupSubject


def _build(session: Session, wanted: Filter, clock: Clock) -> Report:
    about = group_subject(session, wanted, clock)
    cycle = shared_cycle(session, about.group_id)
    if cycle is not None and cycle.plan is not None:
        return _worked_out(cycle, cycle.plan, about)
    value = projected_value(session, about.group_id, about.on)
    if value is None:
        raise RuleBroken("Sell shares in an open cycle first.", field="group_ids")
    return _projected(value, about)


def _worked_out(cycle: SharedCycle, plan: ShareOut, about: GroupSubject) -> Report:
    """Return the share-out that was proposed, voted or paid."""
    said = MoneyText(shown_currency(about.currency)).amount
    proof = plan.proof
    pool = " ".join(
        f"{sign} {said(amount)}"
        for sign, amount in (
            ("+", plan.into_loan_fund),
            ("\N{MINUS SIGN}", plan.holdings.debts),
            ("\N{MINUS SIGN}", plan.holdings.other_savings),
            ("\N{MINUS SIGN}", plan.holdings.reserve),
        )
    )
    figures = (
        _pool(
            plan.loan_pool,
            _("cash + debts set off - debts to others - other savings - reserve"),
            f"{said(plan.holdings.cash)} {pool}",
            about,
        ),
        _share(plan.value, f"{said(plan.loan_pool)} / {plan.total_shares}", about),
        Figure(
            _("Paid to members"),
            plan.payouts,
            Kind.MONEY,
            _("payouts + debts set off + left over = pool"),
            f"{said(proof.payouts)} + {said(proof.set_off)} + {said(proof.remainder)}"
            f" = {said(proof.pool)}",
            about.currency,
        ),
    )
    states = {PAID: _("Paid"), FROZEN: _("Voted")}
    rows = tuple(
        (
            each.holder.number,
            each.holder.name,
            each.line.shares,
            each.line.savings,
            each.line.profit,
            each.line.social,
            each.line.entitled,
            each.line.set_off,
            each.line.written_off,
            each.line.payout,
            states.get(each.status, _("Proposed")),
            each.paid_on,
        )
        for each in cycle.payouts
    )
    columns = (
        *_who(about),
        money(_("Savings")),
        money(_("Profit")),
        money(about.words.fund(Fund.SOCIAL)),
        money(_("Entitled")),
        money(_("Set off")),
        money(_("Written off")),
        money(_("Payout")),
        ReportColumn(_("State")),
        day(_("Paid on")),
    )
    frozen = cycle.frozen_on
    state = _("Voted on {day}", day=format_date(frozen)) if frozen else _("Proposal, not voted yet")
    period = _("Cycle {number} · {state}", number=cycle.number, state=state)
    return _report(about, period, figures, ReportTable(_("Members"), columns, rows, about.currency))


def _projected(value: ShareValue, about: GroupSubject) -> Report:
    """Return what each would have if the group shared out today, all loans paid back."""
    said = MoneyText(shown_currency(about.currency)).amount
    figures = (
        _pool(
            value.pool,
            _("loan fund + loans out - debts to others - other savings"),
            f"{said(value.cash)} + {said(value.lent)} \N{MINUS SIGN} {said(value.debts)}"
            f" \N{MINUS SIGN} {said(value.other_savings)}",
            about,
        ),
        _share(value.value, f"{said(value.pool)} / {value.shares}", about),
    )
    rows = tuple(
        (
            holder.number,
            holder.name,
            stake.shares,
            stake.savings,
            part - stake.savings,
            part,
            stake.owed,
            max(part - stake.owed, ZERO),
        )
        for holder, stake, part in value.members
    )
    columns = (
        *_who(about),
        money(_("Savings")),
        money(_("Profit")),
        money(_("Would have")),
        money(_("Owes")),
        money(_("Would be paid")),
    )
    period = _("If it were on {day}", day=format_date(about.on))
    return _report(about, period, figures, ReportTable(_("Members"), columns, rows, about.currency))


def _who(about: GroupSubject) -> tuple[ReportColumn, ...]:
    return (number_column(), ReportColumn(_("Member")), count(about.words.shares()))


def _pool(pool: Decimal, formula: str, counts: str, about: GroupSubject) -> Figure:
    return Figure(_("Pool"), pool, Kind.MONEY, formula, counts, about.currency)


def _share(value: Fraction, counts: str, about: GroupSubject) -> Figure:
    worth = Decimal(value.numerator) / value.denominator
    title = about.words.say(_("A share is worth"), _("{shares}: value of one"))
    return Figure(title, worth, Kind.DECIMAL, _("pool / shares"), counts, about.currency)


def _report(
    about: GroupSubject, period: str, figures: tuple[Figure, ...], table: ReportTable
) -> Report:
    return Report(
        "share-out",
        _("Share-out"),
        about.name,
        period,
        figures=figures,
        tables=(table,),
        signatures=(_("Chairperson"), _("Secretary"), _("Treasurer")),
        is_landscape=True,
    )


SHARE_OUT = Definition(
    "share-out",
    Over.GROUP,
    lambda: _("Share-out"),
    lambda: _("Each member's part, as voted or as it would be."),
    frozenset({"group_ids"}),
    _build,
)
