"""The constitution on paper: every rule as it holds, with its worked example, to be signed."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from vsla_desktop.i18n import _, format_date
from vsla_desktop.presenters.rules_changes import said_of_type
from vsla_desktop.presenters.rules_examples import example
from vsla_desktop.presenters.rules_sample import Sample
from vsla_desktop.queries.groups import group_overview
from vsla_desktop.queries.rules import group_rules
from vsla_desktop.queries.rules_history import rules_history
from vsla_desktop.queries.saving_types import saving_types_of
from vsla_desktop.reports.document import (
    Align,
    Block,
    Column,
    Document,
    Heading,
    Signatures,
    Table,
    Text,
)
from vsla_desktop.reports.letterhead import letterhead
from vsla_desktop.reports.rules_words import (
    AGREED,
    Section,
    agenda_title,
    rule_said,
    rule_titles,
    section_title,
)
from vsla_desktop.wording import GroupWords, office_word

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.reports.letterhead import Letterhead

_SIGNING = ("CHAIRPERSON", "SECRETARY", "TREASURER")


def constitution(session: Session, group_id: int, printed: date) -> Document:
    """Return the rules that hold on a day as pages that the officers sign."""
    head = letterhead(session, group_id, printed)
    rules = group_rules(session, group_id)
    currency = head.money.currency
    members = group_overview(session, group_id, on=printed).members_count
    sample = Sample(currency, printed, max(members, 1))
    words = GroupWords.of(rules)
    blocks: list[Block] = []
    for section in AGREED:
        blocks.append(Heading(section_title(section, words)))
        rows = tuple(
            (title, rule_said(rules, key, currency), example(sample, key, rules))
            for key, title in rule_titles(section, words).items()
        )
        blocks.append(
            Table(
                (
                    Column(_("Rule"), Align.LEFT, share=4),
                    Column(_("We agreed"), Align.LEFT, share=3),
                    Column(_("Worked out"), Align.LEFT, share=6),
                ),
                rows,
            )
        )
        if section is Section.SOCIAL_FUND:
            blocks += [
                Heading(section_title(Section.SAVING_TYPES, words)),
                _saving_types(session, group_id, head),
            ]
        if section is Section.MEETINGS:
            steps = " · ".join(agenda_title(step, words) for step in rules.agenda)
            blocks.append(Text(_("Agenda: {steps}", steps=steps)))
    blocks.append(Signatures(tuple(office_word(office) for office in _SIGNING)))
    history = rules_history(session, group_id)
    since = _("Holds from {day}.", day=format_date(history[-1].since)) if history else ""
    return head.document(_("Our rules"), since, tuple(blocks), file="rules")


def _saving_types(session: Session, group_id: int, head: Letterhead) -> Table:
    """The kinds of saving that the group uses, with their limits at a meeting and their notice."""
    used = [line for line in saving_types_of(session, group_id) if line.rule.is_used]
    keys = ("fund", "minimum", "maximum", "allows_withdrawal", "notice_days")
    return Table(
        (
            Column(_("Saving type"), Align.LEFT, share=4),
            Column(_("Purse"), Align.LEFT, share=4),
            Column(_("Least"), share=2),
            Column(_("Most"), share=2),
            Column(_("Paid back"), Align.LEFT, share=2),
            Column(_("Notice, in days"), share=2),
        ),
        tuple(
            (
                head.words.saving(line.rule.code, line.name),
                *(said_of_type(line.rule, key, head.money.currency, head.words) for key in keys),
            )
            for line in used
        ),
    )
