"""Making practice groups, through the same services as every real one."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import select

from vsla_desktop.domain.currencies import currency
from vsla_desktop.domain.fines import FineType
from vsla_desktop.domain.loans import ChargeMethod, PeriodKind
from vsla_desktop.domain.money import round_down_to
from vsla_desktop.domain.penalties import PenaltyKind
from vsla_desktop.domain.rules import GroupRules, Preset, preset_rules
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import load_catalogue
from vsla_desktop.queries.loans import OUT, loans_of_group
from vsla_desktop.queries.mobile_money import Purpose
from vsla_desktop.queries.tables import GROUPS
from vsla_desktop.services.groups import NewGroup, create_group
from vsla_desktop.services.members import (
    Committee,
    NewMember,
    add_member,
    elect_officers,
)
from vsla_desktop.services.mobile_money import NewPayment, record_payment
from vsla_desktop.services.practice.behaviour import MeetingPlan, by_member
from vsla_desktop.services.practice.people import Group, people
from vsla_desktop.services.practice.places import (
    SETTINGS,
    Neighbours,
    Setting,
    setting_of,
)
from vsla_desktop.services.practice.sharing import share_out
from vsla_desktop.services.practice.words import OCCUPATIONS
from vsla_desktop.services.workbook.attempts import Attempts
from vsla_desktop.services.workbook.recording import Recorder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.db import Database

Progress = Callable[[int, int], None]
"""Told how many meetings of how many are held; what it raises stops the work."""

MOST_GROUPS, MOST_MEMBERS, MOST_MEETINGS = 1_000, 60, 300
FEWEST_MEMBERS = 9
"""A committee of six, counters among them, and three key-holders."""
WEEKS_LEFT = 6
CYCLE, MEETINGS_A_CYCLE = timedelta(weeks=52), 52
MOST_NAMESAKES = 2
_PRESETS = (Preset.VSLA, Preset.VSLA, Preset.VSLA, Preset.SILC, Preset.VICOBA, Preset.AVEC)


@dataclass(frozen=True, slots=True)
class PracticeGroup:
    """A practice group that was made."""

    group_id: int
    group_code: str
    name: str
    country: str
    currency: str
    members_count: int
    meetings_count: int
    loans_count: int


def create_practice(
    database: Database,
    *,
    groups: int,
    members: int,
    meetings: int,
    seed: int,
    clock: Clock,
    progress: Progress | None = None,
    currency_code: str = "",
) -> tuple[PracticeGroup, ...]:
    """Make practice groups that have met weekly until today; the same seed makes the same books.

    Who has met for more than a year has shared out, and is in the next cycle.

    Without ``currency_code`` they live in several countries; with it their money is of that
    currency, in a country that has it where one is known.

    Each group is written whole or not at all. Raise :class:`RuleBroken` for numbers that can not
    be, as :func:`check_size` does.
    """
    check_size(groups=groups, members=members, meetings=meetings)
    made = []
    for index in range(groups):

        def told(done: int, index: int = index) -> None:
            if progress is not None:
                progress(index * meetings + done, groups * meetings)

        with database.write() as session:
            setting = setting_of(seed + index, currency_code)
            made.append(_make(session, index, members, meetings, seed, clock, told, setting))
    if progress is not None:
        progress(groups * meetings, groups * meetings)
    return tuple(made)


def check_size(*, groups: int, members: int, meetings: int) -> None:
    """Raise :class:`RuleBroken`, with its field, for so many as no practice can have."""
    for name, number, least, most in (
        ("groups", groups, 1, MOST_GROUPS),
        ("members", members, FEWEST_MEMBERS, MOST_MEMBERS),
        ("meetings", meetings, 1, MOST_MEETINGS),
    ):
        if not least <= number <= most:
            raise RuleBroken("Choose {least} to {most}.", field=name, least=least, most=most)


def _make(
    session: Session,
    index: int,
    members_count: int,
    meetings_count: int,
    seed: int,
    clock: Clock,
    told: Callable[[int], None],
    setting: Setting,
) -> PracticeGroup:
    chance = random.Random(f"practice {seed} {index}")  # noqa: S311 - no secret
    preset = chance.choice(_PRESETS)
    rules = _rules(chance, setting, preset)
    weeks = _weeks(chance, meetings_count, may_merge=rules.max_meetings_merged > 1)
    start = _start(clock.today(), sum(weeks))
    last = start + timedelta(weeks=sum(weeks) - 1)
    end = start + CYCLE
    if meetings_count <= MEETINGS_A_CYCLE:
        end = max(end, last + timedelta(weeks=WEEKS_LEFT))
    neighbours = chance.choice(setting.neighbours)
    place = chance.choice(neighbours.places)
    word = neighbours.group_words[index // len(SETTINGS) % len(neighbours.group_words)]
    word = chance.choice(neighbours.group_words) if index < len(SETTINGS) else word
    new = NewGroup(
        name=f"{word} {place[3]}",
        currency=setting.currency,
        formation_date=start - timedelta(days=chance.randint(7, 900)),
        group_code=_code(session, f"PRACTICE-{setting.code}-{seed}-{index + 1:02d}"),
        country=setting.country,
        region=place[0],
        district=place[1],
        parish=place[2],
        village=place[3],
        meeting_day=(start.weekday() + 1) % 7,
        meeting_time=time(chance.choice((9, 10, 14, 15))),
        language=setting.language,
        is_practice=True,
    )
    formed = create_group(
        session, new, rules, preset=preset, cycle_start=start, cycle_end=end, clock=clock
    )
    group = Group(
        chance=chance,
        setting=setting,
        neighbours=neighbours,
        say=load_catalogue(setting.language).translate,
        rules=rules,
        cycle_start=start,
        cycle_end=end,
        people=people(chance, members_count, start, last),
        uses_bank=chance.random() < 1 / 3,
    )
    by = formed.user_id
    ids = _add_people(session, formed.group_id, group, clock, by)
    attempts = Attempts(session, {}, currency(setting.currency))
    recorder = Recorder(attempts, formed.group_id, ids, clock, by)
    _hold_meetings(session, recorder, group, start, weeks, clock, told)
    _send_by_telephone(session, formed.group_id, group, ids, clock)
    return PracticeGroup(
        group_id=formed.group_id,
        group_code=formed.group_code,
        name=new.name,
        country=setting.country,
        currency=setting.currency,
        members_count=members_count,
        meetings_count=meetings_count,
        loans_count=recorder.money.loans_count,
    )


def _weeks(chance: random.Random, meetings_count: int, *, may_merge: bool) -> list[int]:
    """Return the weeks that each meeting stands for: one that was missed is held with the next."""
    return [
        2 if may_merge and number and chance.random() < 0.02 else 1  # noqa: PLR2004 - feast, flood
        for number in range(meetings_count)
    ]


def _start(today: date, weeks: int) -> date:
    """Return the first meeting's day, so that the last one was held some days ago."""
    monday = today - timedelta(days=today.weekday())
    return monday - timedelta(weeks=weeks, days=-1)


def _rules(chance: random.Random, setting: Setting, preset: Preset) -> GroupRules:
    """Return rules such as a group of the country would vote."""
    money = currency(setting.currency)
    share = Decimal(chance.choice(setting.share_values))

    def part(of: str) -> Decimal:
        return max(round_down_to(share * Decimal(of), setting.step), setting.step)

    rules = preset_rules(preset, share_value=share, social_fund_contribution=part("0.25"))
    penalty = chance.choice((PenaltyKind.NONE, PenaltyKind.NONE, PenaltyKind.FIXED))
    return replace(
        rules,
        share_name=setting.share_name,
        fine_tariff={
            FineType.LATE_ARRIVAL: part("0.1"),
            FineType.ABSENCE: part("0.25"),
            FineType.MISCONDUCT: part("0.2"),
            FineType.PHONE: part("0.1"),
            FineType.RULES_FORGOTTEN: part("0.1"),
            FineType.LATE_PAYMENT: part("0.25"),
        },
        loan_interest_rate=Decimal(chance.choice(("0.05", "0.1", "0.1"))),
        loan_interest_method=chance.choice(
            (ChargeMethod.DECLINING, ChargeMethod.FLAT_MONTHLY, ChargeMethod.ONE_TIME)
        ),
        loan_period=PeriodKind.FOUR_WEEKS,
        loan_max_months=3,
        loan_min_months=1,
        late_penalty_kind=penalty,
        late_penalty_amount=part("0.5") if penalty is PenaltyKind.FIXED else rules.share_value * 0,
        payout_unit=max(money.smallest_piece, money.step),
    )


def _code(session: Session, wanted: str) -> str:
    """Return the code of a practice group; a second one of the same seed gets a number."""
    taken = set(
        session.connection()
        .execute(select(GROUPS.c.group_code).where(GROUPS.c.group_code.startswith(wanted)))
        .scalars()
    )
    code, number = wanted, 1
    while code in taken:
        number += 1
        code = f"{wanted}-{number}"
    return code


def _add_people(
    session: Session, group_id: int, group: Group, clock: Clock, by: int
) -> dict[int, int]:
    chance = group.chance
    names: list[tuple[str, str]] = []
    ids: dict[int, int] = {}
    for person in group.people:
        is_woman = chance.random() < 0.75  # noqa: PLR2004 - as in most groups
        names.append(_name(chance, group.neighbours, names, is_woman=is_woman))
        new = NewMember(
            first_name=names[-1][0],
            last_name=names[-1][1],
            gender="F" if is_woman else "M",
            number=person.number,
            phone_number=_phone(chance, group.setting.phone),
            date_of_birth=person.joined - timedelta(days=chance.randint(19 * 365, 66 * 365)),
            occupation=group.say(chance.choice(OCCUPATIONS)),
            joined_date=person.joined,
            is_founder=person.number <= len(group.people) // 2,
        )
        ids[person.number] = add_member(session, group_id, new, clock=clock, by=by).member_id
    committee = Committee(
        chairperson=ids[1],
        secretary=ids[2],
        treasurer=ids[3],
        money_counters=(ids[4], ids[5]),
        key_holders=(ids[6], ids[7], ids[8]),
    )
    elect_officers(session, group_id, committee, clock=clock, by=by)
    return ids


def _name(
    chance: random.Random,
    neighbours: Neighbours,
    used: Sequence[tuple[str, str]],
    *,
    is_woman: bool,
) -> tuple[str, str]:
    """Return a name that nobody in the group has, with a first name of few, as far as it goes."""
    firsts = neighbours.women if is_woman else neighbours.men
    families = neighbours.families_of_women if is_woman else neighbours.families_of_men
    heard = Counter(first for first, _ in used)
    name = (chance.choice(firsts), chance.choice(families))
    for _ in range(50):
        if name not in used and heard[name[0]] < MOST_NAMESAKES:
            break
        name = (chance.choice(firsts), chance.choice(families))
    return name


def _send_by_telephone(
    session: Session, group_id: int, group: Group, ids: Mapping[int, int], clock: Clock
) -> None:
    """Let two members say that they sent money since the last meeting; it waits to be seen."""
    rules = group.rules
    sent = ((Purpose.SHARES, rules.share_value), (Purpose.SOCIAL, rules.social_fund_contribution))
    here = [ids[person.number] for person in group.people]
    for member_id, (purpose, amount) in zip(here[-len(sent) :], sent, strict=True):
        if amount:
            payment = NewPayment(
                member_id=member_id,
                amount=amount,
                purpose=purpose,
                reference=f"{group.chance.randint(10**9, 10**10 - 1)}",
                day=clock.today(),
            )
            record_payment(session, group_id, payment, clock=clock)


def _phone(chance: random.Random, pattern: str) -> str:
    return "".join(str(chance.randint(0, 9)) if each == "#" else each for each in pattern)


def _hold_meetings(
    session: Session,
    recorder: Recorder,
    group: Group,
    start: date,
    weeks: Sequence[int],
    clock: Clock,
    told: Callable[[int], None],
) -> None:
    """Hold the meetings; ``weeks`` says for each how many weeks it stands for."""
    days = []
    day = start - timedelta(weeks=1)
    for merged in weeks:
        day += timedelta(weeks=merged)
        days.append(day)
    for number, (merged, day) in enumerate(zip(weeks, days, strict=True), start=1):
        told(number - 1)
        loans = by_member(loans_of_group(session, recorder.group_id, statuses=OUT))
        following = days[number] if number < len(days) else None
        group.is_sharing = following is not None and following > group.cycle_end
        planned = MeetingPlan(group, number, day, merged=merged, loans=loans).think()
        group.held_count += merged
        if group.is_sharing and following is not None:
            share_out(session, recorder, group, planned, following, clock)
        else:
            recorder.hold(planned.meeting, planned.entries, planned.other)
        group.people = [person for person in group.people if not person.is_leaving]
