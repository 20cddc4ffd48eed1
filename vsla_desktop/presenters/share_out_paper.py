"""The share-out on one page: the formula, every member's line, the proof, notes and coins."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.notes import notes_needed
from vsla_desktop.domain.postings import Fund
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import _, format_date
from vsla_desktop.presenters.share_out_text import lost_line, pool_line, proof_line, rule_lines
from vsla_desktop.queries.pages import group_page
from vsla_desktop.queries.rules import rules_on
from vsla_desktop.queries.share_out import shared_cycle
from vsla_desktop.reports.document import (
    Align,
    Block,
    Column,
    Document,
    Facts,
    Heading,
    Result,
    Signatures,
    Table,
    Text,
)
from vsla_desktop.reports.letterhead import Letterhead, letterhead
from vsla_desktop.wording import office_word, whole

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.domain.share_out import ShareOutLine
    from vsla_desktop.queries.share_out import MemberPayout, SharedCycle

ROW_TO_SIGN_IN = 8.0  # millimetres


def share_out_sheet(session: Session, group_id: int, printed: date) -> Document:
    """Return the sheet of the last share-out that was worked out; RuleBroken when there is none.

    Before the vote it says that it is a proposal.
    """
    head = letterhead(session, group_id, printed)
    cycle = shared_cycle(session, group_id)
    if cycle is None or cycle.plan is None:
        raise RuleBroken("Work the share-out out first.", hint="Count the box, then propose it.")
    plan = cycle.plan
    rules = rules_on(session, group_page(session, group_id, printed))
    blocks: list[Block] = [
        Facts(rule_lines(rules, head.money)),
        Text(pool_line(plan, head.money, head.words)),
        _members(cycle, head),
    ]
    lost = lost_line(cycle, head.money)
    if lost:
        blocks.append(Text(lost))
    blocks += [
        Result(
            _("Paid to members"),
            head.money.with_code(plan.payouts),
            proof_line(plan, head.money),
        ),
        Heading(_("Notes and coins needed")),
        *_notes(cycle, head),
        Signatures(tuple(office_word(each) for each in ("CHAIRPERSON", "SECRETARY", "TREASURER"))),
    ]
    frozen = cycle.frozen_on
    state = _("Voted on {day}", day=format_date(frozen)) if frozen else _("Proposal, not voted yet")
    return head.document(
        _("Share-out"),
        _("Cycle {number} · {state}", number=cycle.number, state=state),
        tuple(blocks),
        file=f"share-out-{cycle.number}",
        is_landscape=True,
    )


def _members(cycle: SharedCycle, head: Letterhead) -> Table:
    lines = [each.line for each in cycle.payouts]
    fields = ("savings", "profit", "social", "entitled", "set_off", "payout")

    def amounts(chosen: list[ShareOutLine]) -> tuple[str, ...]:
        sums: list[Decimal] = [
            sum((getattr(line, field) for line in chosen), ZERO) for field in fields
        ]
        return tuple(head.amount(each) for each in sums)

    def row(each: MemberPayout) -> tuple[str, ...]:
        number = str(each.holder.number or "")
        return (number, each.holder.name, whole(each.line.shares), *amounts([each.line]), "")

    return Table(
        (
            Column(_("No.")),
            Column(_("Name"), Align.LEFT, share=5),
            Column(head.words.shares()),
            Column(_("Savings")),
            Column(_("Profit")),
            Column(head.words.fund(Fund.SOCIAL)),
            Column(_("Entitled")),
            Column(_("Set off")),
            Column(_("Payout")),
            Column(_("Signature"), Align.LEFT, share=6),
        ),
        tuple(row(each) for each in cycle.payouts),
        totals=("", _("Total"), whole(sum(line.shares for line in lines)), *amounts(lines), ""),
        row_height=ROW_TO_SIGN_IN,
    )


def _notes(cycle: SharedCycle, head: Letterhead) -> list[Block]:
    payouts = [each.line.payout for each in cycle.payouts if each.line.payout]
    needed, unpaid = notes_needed(payouts, head.money.currency.denominations)
    rows = tuple(
        (head.money.amount(piece), whole(count), head.money.amount(piece * count))
        for piece, count in needed.items()
    )
    table = Table((Column(_("Note or coin")), Column(_("How many")), Column(_("Amount"))), rows)
    if not unpaid:
        return [table]
    said = _("No notes and coins pay {amount} of it.", amount=head.money.with_code(unpaid))
    return [table, Text(said)]
