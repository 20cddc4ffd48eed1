"""The rules of a group as they hold on a day, and every vote that changed them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vsla_desktop.domain.currencies import currency
from vsla_desktop.i18n import _, format_date
from vsla_desktop.queries.pages import group_page
from vsla_desktop.queries.rules import rules_on
from vsla_desktop.queries.rules_history import RuleSet, rules_history
from vsla_desktop.queries.saving_types import saving_types_on
from vsla_desktop.reports.lists import count, day, money
from vsla_desktop.reports.report import (
    Definition,
    Over,
    Report,
    ReportColumn,
    ReportTable,
    Row,
)
from vsla_desktop.reports.rules_words import (
    AGREED,
    Section,
    agenda_title,
    rule_said,
    rule_titles,
    rule_value,
    section_title,
)
from vsla_desktop.reports.subject import group_subject
from vsla_desktop.wording import GroupWords

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.domain.currencies import Currency
    from vsla_desktop.domain.rules import GroupRules
    from vsla_desktop.queries.filtering import Filter
    from vsla_desktop.queries.pages import Page


def _build(session: Session, wanted: Filter, clock: Clock) -> Report:
    about = group_subject(session, wanted, clock)
    page = group_page(session, about.group_id, about.on)
    rules = rules_on(session, page)
    money_of = currency(about.currency)
    words = GroupWords.of(rules)
    columns = (ReportColumn(_("Rule")), ReportColumn(_("We agreed")))
    parts = tuple(
        ReportTable(
            section_title(section, words),
            columns,
            tuple(
                (title, rule_said(rules, key, money_of))
                for key, title in rule_titles(section, words).items()
            ),
        )
        for section in AGREED
    )
    steps = " · ".join(agenda_title(step, words) for step in rules.agenda)
    return Report(
        "rules",
        _("Our rules"),
        about.name,
        _("On {day}", day=format_date(about.on)),
        tables=(
            *parts,
            _saving_types(session, page, words),
            _history(session, about.group_id, money_of),
        ),
        notes=(
            _("Amounts in {currency}.", currency=about.currency),
            _("Agenda: {steps}", steps=steps),
        ),
        signatures=(_("Chairperson"), _("Secretary"), _("Treasurer")),
    )


def _saving_types(session: Session, page: Page, words: GroupWords) -> ReportTable:
    columns = (
        ReportColumn(_("Kind")),
        ReportColumn(_("Purse")),
        money(_("Least at a meeting"), has_total=False),
        money(_("Most at a meeting"), has_total=False),
        ReportColumn(_("Paid back")),
    )
    rows = tuple(
        (
            words.saving(each.rule.code, each.name),
            words.fund(each.rule.fund),
            each.rule.minimum if each.rule.has_own_limits else None,
            each.rule.maximum if each.rule.has_own_limits else None,
            _paid_back(each.rule.notice_days) if each.rule.allows_withdrawal else _("no"),
        )
        for each in saving_types_on(session, page)
        if each.rule.is_used
    )
    return ReportTable(
        section_title(Section.SAVING_TYPES, words), columns, rows, page.currency_code
    )


def _paid_back(notice_days: int) -> str:
    return _("after {days} days", days=notice_days) if notice_days else _("yes")


def _history(session: Session, group_id: int, of: Currency) -> ReportTable:
    columns = (
        day(_("Holds from")),
        count(_("Cycle"), has_total=False),
        count(_("Meeting"), has_total=False),
        count(_("For"), has_total=False),
        count(_("Against"), has_total=False),
        ReportColumn(_("Rule")),
        ReportColumn(_("Before")),
        ReportColumn(_("We agreed")),
    )
    rows = tuple(row for each in rules_history(session, group_id) for row in _changes(each, of))
    return ReportTable(_("How the rules changed"), columns, rows)


def _changes(of_day: RuleSet, of: Currency) -> Iterator[Row]:
    vote = of_day.vote
    hands = (
        (None, None, None)
        if vote is None
        else (vote.meeting_number, vote.vote.in_favour, vote.vote.against)
    )
    begins = (of_day.since, of_day.cycle_number, *hands)
    if of_day.before is None:
        yield (*begins, _("The first rules"), "", "")
        return
    for title, before, after in _differences(of_day.before, of_day.rules, of):
        yield (*begins, title, before, after)


def _differences(
    before: GroupRules, after: GroupRules, of: Currency
) -> Iterator[tuple[str, str, str]]:
    words = GroupWords.of(after)
    for section in Section:
        for key, title in rule_titles(section, words).items():
            if rule_value(before, key) != rule_value(after, key):
                yield title, rule_said(before, key, of), rule_said(after, key, of)
    if before.agenda != after.agenda:
        said = [" · ".join(agenda_title(s, words) for s in each.agenda) for each in (before, after)]
        yield _("Agenda"), said[0], said[1]


RULES = Definition(
    "rules",
    Over.GROUP,
    lambda: _("Our rules"),
    lambda: _("What the group agreed, and every vote that changed it."),
    frozenset({"group_ids", "on"}),
    _build,
)
