"""Each rule worked out with the group's own figures, by the very functions that the books use."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Final

from vsla_desktop.domain.fines import FineType, automatic_fine, fine_amount
from vsla_desktop.domain.meeting import AttendanceStatus, quorum_needed
from vsla_desktop.domain.money import ZERO, round_down_to
from vsla_desktop.domain.postings import Fund
from vsla_desktop.domain.rules import GroupRules, ProfitRule, SocialFundRule, ValueRule
from vsla_desktop.domain.share_out import Holdings, PayoutRules, Stake, share_out
from vsla_desktop.domain.shares import most_shares, shares_value
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import _
from vsla_desktop.presenters.rules_loan_examples import LOAN_EXAMPLES
from vsla_desktop.presenters.rules_sample import LENT_SHARES, Sample
from vsla_desktop.queries.groups import next_meeting_day
from vsla_desktop.reports.rules_words import TARIFF
from vsla_desktop.wording import GroupWords

HELD_SHARES: Final = 10
"""What the leaver of the example holds, of ten times as many in all."""


def example(sample: Sample, key: str, rules: GroupRules) -> str:
    """A rule worked out; empty where its values do not make one yet."""
    make = _EXAMPLES.get(key)
    if make is None:
        return ""
    with contextlib.suppress(RuleBroken):
        return make(sample, rules)
    return ""


def _shares(sample: Sample, rules: GroupRules) -> str:
    said = sample.money(shares_value(3, rules.share_value))
    words = GroupWords.of(rules)
    return words.say(_("3 shares: {amount}"), _("{shares}, 3: {amount}"), amount=said)


def _most(sample: Sample, rules: GroupRules) -> str:
    most = shares_value(most_shares(rules.max_shares_per_meeting), rules.share_value)
    return _("A member saves up to {amount}.", amount=sample.money(most))


def _merged(_sample: Sample, rules: GroupRules) -> str:
    most = most_shares(rules.max_shares_per_meeting, rules.max_meetings_merged)
    return GroupWords.of(rules).say(
        _("{meetings} meetings in one: up to {count} shares."),
        _("{meetings} meetings in one: up to {count}."),
        meetings=rules.max_meetings_merged,
        count=most,
    )


def _social(sample: Sample, rules: GroupRules) -> str:
    given = sample.members_count * rules.social_fund_contribution
    if not given:
        return _("Nobody gives to the social fund.")
    return _(
        "{count} members give {amount}.", count=sample.members_count, amount=sample.money(given)
    )


def _social_at_end(sample: Sample, rules: GroupRules) -> str:
    held = shares_value(LENT_SHARES, rules.share_value)
    count = sample.members_count
    gave = round_down_to(held / (2 * count), sample.currency.step)
    stakes = [
        Stake(member_id=n, shares=1, savings=rules.share_value, social_paid=gave)
        for n in range(count)
    ]
    rule = PayoutRules(
        unit=rules.payout_unit or sample.currency.step, social_rule=rules.social_fund_rule
    )
    paid = share_out(stakes, Holdings(cash=ZERO, social=held), rule).lines[0].social
    if rules.social_fund_rule is SocialFundRule.KEEP:
        return _("{amount} stays for the next cycle.", amount=sample.money(held))
    return _(
        "Of {amount}, each of {count} gets {part}.",
        amount=sample.money(held),
        count=count,
        part=sample.money(paid),
    )


def _fine(kind: FineType) -> Callable[[Sample, GroupRules], str]:
    def make(sample: Sample, rules: GroupRules) -> str:
        tariff = rules.fine_tariff
        amount = fine_amount(kind, tariff)
        status = _ROLL_CALL.get(kind)
        if status is not None:
            found = automatic_fine(status, tariff)
            amount = found[1] if found else ZERO
        if not amount:
            return _("No fine.")
        said = sample.money(amount)
        return {
            FineType.LATE_ARRIVAL: _("A late member pays {amount}.", amount=said),
            FineType.ABSENCE: _("An absent member pays {amount}.", amount=said),
            FineType.MISCONDUCT: _("Who disturbs pays {amount}.", amount=said),
            FineType.LATE_PAYMENT: _("Who pays a loan late pays {amount}.", amount=said),
            FineType.PHONE: _("A telephone that rings costs {amount}.", amount=said),
            FineType.RULES_FORGOTTEN: _("A forgotten rule costs {amount}.", amount=said),
        }[kind]

    return make


_ROLL_CALL: Final = {
    FineType.LATE_ARRIVAL: AttendanceStatus.LATE,
    FineType.ABSENCE: AttendanceStatus.ABSENT,
}


def _fines_fund(_sample: Sample, rules: GroupRules) -> str:
    return _("A paid fine goes here: {fund}.", fund=GroupWords.of(rules).fund(rules.fines_fund))


def _frequency(sample: Sample, rules: GroupRules) -> str:
    tomorrow = sample.today + timedelta(days=1)
    day = next_meeting_day(sample.today, rules.meeting_frequency.value, tomorrow)
    return _("Met today: the next is on {day}.", day=sample.day(day or tomorrow))


def _quorum(sample: Sample, rules: GroupRules) -> str:
    needed = quorum_needed(sample.members_count, rules.quorum_percentage)
    return _("{count} of {all} members must be there.", count=needed, all=sample.members_count)


def _payout(sample: Sample, rules: GroupRules) -> str:
    unit = rules.payout_unit
    if unit <= 0:
        return ""
    exact = round_down_to(unit * Decimal("96.5"), sample.currency.step)
    return _(
        "{exact} pays {paid}.",
        exact=sample.money(exact),
        paid=sample.money(round_down_to(exact, unit)),
    )


def _profit(sample: Sample, rules: GroupRules) -> str:
    made = sample.shared_out(rules)
    first, second = (round_down_to(line.profit, sample.currency.step) for line in made.lines)
    return GroupWords.of(rules).say(
        _("Of {profit}: 30 shares get {first}, 10 shares with all loans {second}."),
        _("Of {profit}: {shares} 30 get {first}, {shares} 10 with all loans {second}."),
        profit=sample.money(made.profit),
        first=sample.money(first),
        second=sample.money(second),
    )


def _by_savings(sample: Sample, rules: GroupRules) -> str:
    is_used = rules.profit_rule is ProfitRule.MIXED
    return _profit(sample, rules) if is_used else _("Not used.")


def _left_over(_sample: Sample, rules: GroupRules) -> str:
    fund = GroupWords.of(rules).fund(rules.remainder_fund)
    return _("What rounding leaves goes here: {fund}.", fund=fund)


def _shares_worth(sample: Sample, rules: GroupRules, kind: ValueRule) -> tuple[Decimal, Decimal]:
    """What ten of a hundred shares are worth when a fifth was earned: today, and by the rule."""
    value = rules.share_value
    others = HELD_SHARES * 9
    stakes = (
        Stake(member_id=1, shares=HELD_SHARES, savings=shares_value(HELD_SHARES, value)),
        Stake(member_id=2, shares=others, savings=shares_value(others, value)),
    )
    cash = shares_value(HELD_SHARES * 12, value)
    rule = PayoutRules(unit=sample.currency.step)
    today = share_out(stakes, Holdings(cash=cash), rule).lines[0].entitled
    is_today = kind is ValueRule.CURRENT_VALUE
    return today, today if is_today else shares_value(HELD_SHARES, value)


def _leaver(sample: Sample, rules: GroupRules) -> str:
    today, amount = _shares_worth(sample, rules, rules.leaver_rule)
    paid = round_down_to(amount, rules.payout_unit or sample.currency.step)
    return GroupWords.of(rules).say(
        _("10 shares, worth {now} now: paid {amount}."),
        _("10, worth {now} now: paid {amount}."),
        now=sample.money(today),
        amount=sample.money(paid),
    )


def _joiner(sample: Sample, rules: GroupRules) -> str:
    today, amount = _shares_worth(sample, rules, rules.joiner_rule)
    return GroupWords.of(rules).say(
        _("10 shares, worth {now} now: costs {amount}."),
        _("10, worth {now} now: costs {amount}."),
        now=sample.money(today),
        amount=sample.money(amount),
    )


def _share_word(_sample: Sample, rules: GroupRules) -> str:
    return _("The sheet says: {word}", word=GroupWords.of(rules).shares())


def _fund_word(fund: Fund) -> Callable[[Sample, GroupRules], str]:
    def make(_sample: Sample, rules: GroupRules) -> str:
        return _("Home says: {word}", word=GroupWords.of(rules).fund(fund))

    return make


_EXAMPLES: Final[Mapping[str, Callable[[Sample, GroupRules], str]]] = {
    "share_value": _shares,
    "max_shares_per_meeting": _most,
    "max_meetings_merged": _merged,
    "social_fund_contribution": _social,
    "social_fund_rule": _social_at_end,
    **{key: _fine(kind) for key, kind in TARIFF.items()},
    "fines_fund": _fines_fund,
    **LOAN_EXAMPLES,
    "meeting_frequency": _frequency,
    "quorum_percentage": _quorum,
    "payout_unit": _payout,
    "profit_rule": _profit,
    "profit_savings_percentage": _by_savings,
    "remainder_fund": _left_over,
    "leaver_rule": _leaver,
    "joiner_rule": _joiner,
    "share_name": _share_word,
    "loan_fund_name": _fund_word(Fund.LOAN_FUND),
    "social_fund_name": _fund_word(Fund.SOCIAL),
}
