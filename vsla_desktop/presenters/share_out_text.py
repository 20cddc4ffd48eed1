"""The sentences of the share-out page: how figures come about, in words that can be read out."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import Fund
from vsla_desktop.domain.rules import GroupRules, ProfitRule
from vsla_desktop.i18n import _, labelled, translate_counted
from vsla_desktop.presenters.share_out_tables import worth
from vsla_desktop.queries.share_out import PAID
from vsla_desktop.reports.rules_words import rule_choices
from vsla_desktop.wording import GroupWords, MoneyText, whole

if TYPE_CHECKING:
    from vsla_desktop.domain.share_out import ShareOut
    from vsla_desktop.queries.share_out import MemberPayout, SharedCycle, ShareValue


def value_formula(value: ShareValue, money: MoneyText, words: GroupWords) -> tuple[str, ...]:
    """How the value of a share today comes about, a step to a line."""
    return (
        _("Loan fund {amount}", amount=_said(money, value.cash)),
        _("+ loans out {amount}, without charges", amount=_said(money, value.lent)),
        _("\N{MINUS SIGN} debts to others {amount}", amount=_said(money, value.debts)),
        *(
            (_("\N{MINUS SIGN} other savings {amount}", amount=_said(money, value.other_savings)),)
            if value.other_savings
            else ()
        ),
        words.say(
            _("= {amount} for {count} shares"),
            _("= {amount} for {shares}: {count}"),
            amount=_said(money, value.pool),
            count=whole(value.shares),
        ),
        _("One cost {amount}.", amount=_said(money, value.share_value)),
    )


def rule_lines(rules: GroupRules, money: MoneyText) -> tuple[tuple[str, str], ...]:
    """The rules of the share-out as they were voted: what, and how."""
    words = GroupWords.of(rules)
    profit = rule_choices("profit_rule", words)[rules.profit_rule.value]
    if rules.profit_rule is ProfitRule.MIXED:
        part = rules.profit_savings_percentage
        profit = _("{part} % by savings, the rest by charges paid", part=part)
    return (
        (_("Earnings are shared"), profit),
        (words.fund(Fund.SOCIAL), rule_choices("social_fund_rule", words)[rules.social_fund_rule]),
        (_("Payouts rounded down to"), money.with_code(rules.payout_unit)),
        (_("What is left over"), words.fund(rules.remainder_fund)),
    )


def proof_line(plan: ShareOut, money: MoneyText) -> str:
    """The sum that must hold, to the last coin."""
    proof = plan.proof
    return _(
        "Payouts {payouts} + set off {set_off} + left over {remainder} = pool {pool} {code}",
        payouts=_said(money, proof.payouts),
        set_off=_said(money, proof.set_off),
        remainder=_said(money, proof.remainder),
        pool=_said(money, proof.total),
        code=money.currency.code,
    )


def pool_line(plan: ShareOut, money: MoneyText, words: GroupWords) -> str:
    """How the pool comes about, and what a share of it is worth."""
    parts = [_("Cash {amount}", amount=_said(money, plan.holdings.cash))]
    for said, amount in (
        (_("+ debts set off {amount}"), plan.into_loan_fund),
        (_("\N{MINUS SIGN} debts to others {amount}"), plan.holdings.debts),
        (_("\N{MINUS SIGN} other savings {amount}"), plan.holdings.other_savings),
        (_("\N{MINUS SIGN} reserve {amount}"), plan.holdings.reserve),
        (_("+ social fund {amount}"), plan.social_pool),
    ):
        if amount:
            parts.append(said.format(amount=_said(money, amount)))
    each = words.say(
        _("a share is worth {value}"),
        _("{shares}: {value} each"),
        value=worth(plan.value, money.currency),
    )
    return f"{' '.join(parts)} · {each}"


def lost_line(cycle: SharedCycle, money: MoneyText) -> str:
    """What of the debts does not go to the loan fund: set off for the social fund, or written off.

    Empty when all of it goes there.
    """
    plan = cycle.plan
    to_social = plan.set_off - plan.into_loan_fund if plan is not None else ZERO
    lost = [
        f"{each.holder.name} {_said(money, each.line.written_off)}"
        for each in cycle.payouts
        if each.line.written_off
    ]
    sentences = (
        _("Set off for the social fund: {amount}.", amount=_said(money, to_social))
        if to_social
        else "",
        _("Written off: {names}.", names=", ".join(lost)) if lost else "",
    )
    return " ".join(filter(None, sentences))


def paid_line(cycle: SharedCycle, money: MoneyText) -> str:
    """How many are paid, and what is still to pay."""
    left = [each.line.payout for each in cycle.payouts if each.status != PAID]
    if not left:
        return _("Everybody is paid.")
    return translate_counted(
        "{count} member is still to be paid: {amount}.",
        "{count} members are still to be paid: {amount}.",
        len(left),
        amount=money.with_code(sum(left[1:], left[0])),
    )


def sure_line(cycle: SharedCycle) -> str:
    """What is asked before everybody is paid at once."""
    left = sum(each.status != PAID for each in cycle.payouts)
    return translate_counted(
        "Press again to pay {count} member.", "Press again to pay {count} members.", left
    )


def read_back(one: MemberPayout, money: MoneyText) -> tuple[str, str]:
    """What to say aloud to a member: name with amount, and the amount in words."""
    amount = one.line.payout
    words = money.in_words(amount) if amount else _("Nothing is left to pay.")
    return (
        labelled(f"{one.holder.number or ''} {one.holder.name}".strip(), money.with_code(amount)),
        words[:1].upper() + words[1:],
    )


def taking_back_lines(one: MemberPayout, cycle: SharedCycle) -> tuple[str, ...]:
    """What taking a payout back does."""
    others = any(each.status == PAID and each is not one for each in cycle.payouts)
    debts = any(each.line.debts for each in cycle.payouts)
    return (
        *((_("Put the money back in the box."),) if one.line.payout else ()),
        _("The member can then be paid again."),
        *((_("Debts that were set off stand again."),) if debts and not others else ()),
    )


def _said(money: MoneyText, amount: Decimal) -> str:
    """Write an amount that no line breaks."""
    return money.amount(amount).replace(" ", "\N{NO-BREAK SPACE}")
