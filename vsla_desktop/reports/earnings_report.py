"""Income and expenses: what made a group richer or poorer, by kind and entry by entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import PostingType
from vsla_desktop.i18n import _
from vsla_desktop.queries.earnings import earned_kinds, earnings
from vsla_desktop.reports.lists import (
    AMOUNTS_ASKED,
    DAYS_ASKED,
    GROUPS_ASKED,
    MEMBERS_ASKED,
    day,
    list_subject,
    method_word,
    money,
)
from vsla_desktop.reports.report import Definition, Figure, Kind, Over, Report, ReportColumn
from vsla_desktop.reports.saying import shown_currency
from vsla_desktop.reports.subject import period_words
from vsla_desktop.wording import MoneyText, category_word, posting_word

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.queries.earnings import EarnedKind, Earning
    from vsla_desktop.queries.filtering import Filter
    from vsla_desktop.reports.report import Row

_OF_KINDS = frozenset({PostingType.EXPENSE, PostingType.OTHER_INCOME})


def _build(session: Session, wanted: Filter, clock: Clock) -> Report:
    about = list_subject(session, wanted, clock)
    words = about.words

    def kind(each: EarnedKind) -> Row:
        return (
            earned_word(each.kind, each.category),
            words.fund(each.fund),
            each.earned,
            each.spent,
        )

    def entry(each: Earning) -> Row:
        return about.row(
            each.group,
            each.day,
            each.reference,
            earned_word(each.kind, each.category),
            each.name or each.description,
            words.fund(each.fund),
            method_word(each.method),
            max(each.gain, ZERO),
            max(-each.gain, ZERO),
        )

    sums = (money(_("Income")), money(_("Expenses and losses")))
    purse = ReportColumn(_("Purse"))
    tables = (
        *about.tables(
            _("By kind"),
            (ReportColumn(_("Kind")), purse, *sums),
            lambda code: earned_kinds(session, about.wanted, code),
            kind,
        ),
        *about.tables(
            _("Entries"),
            about.columns(
                day(_("Day")),
                ReportColumn(_("Reference")),
                ReportColumn(_("Kind")),
                ReportColumn(_("Member, or what for")),
                purse,
                ReportColumn(_("Paid by")),
                *sums,
            ),
            lambda code: earnings(session, about.wanted, code),
            entry,
        ),
    )
    return Report(
        "income-expenses",
        _("Income and expenses"),
        about.title,
        period_words(wanted),
        figures=tuple(
            figure
            for code in about.currencies
            for figure in _figures(earned_kinds(session, about.wanted, code), code)
        ),
        tables=tables,
        is_landscape=True,
    )


def earned_word(kind: PostingType, category: str) -> str:
    """Say what was earned or spent, by its own kind where it has one."""
    return category_word(kind, category) if kind in _OF_KINDS else posting_word(kind)


def _figures(kinds: tuple[EarnedKind, ...], code: str) -> tuple[Figure, ...]:
    earned = sum((each.earned for each in kinds), ZERO)
    spent = sum((each.spent for each in kinds), ZERO)
    said = MoneyText(shown_currency(code)).amount
    return (
        Figure(_("Income"), earned, Kind.MONEY, currency=code),
        Figure(_("Expenses and losses"), spent, Kind.MONEY, currency=code),
        Figure(
            _("Left over"),
            earned - spent,
            Kind.MONEY,
            _("income - expenses and losses"),
            f"{said(earned)} \N{MINUS SIGN} {said(spent)}",
            currency=code,
        ),
    )


EARNINGS = Definition(
    "income-expenses",
    Over.LIST,
    lambda: _("Income and expenses"),
    lambda: _("What was earned, spent and lost, by kind."),
    GROUPS_ASKED | MEMBERS_ASKED | DAYS_ASKED | AMOUNTS_ASKED | {"funds", "payment_methods"},
    _build,
)
