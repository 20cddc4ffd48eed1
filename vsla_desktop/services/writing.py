"""How the ledger writes: checks every posting against the balances left so far, then the rows."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select

from vsla_desktop.db.prepared import Prepared
from vsla_desktop.domain.money import check_amount, plain_amount
from vsla_desktop.domain.postings import (
    POSTING_RULES,
    Effect,
    Fund,
    PostingType,
    check_fund,
    effect,
)
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import format_date
from vsla_desktop.queries.balances import Balances, bank_by_fund, last_line, least_after
from vsla_desktop.queries.pages import PageMember, check_open
from vsla_desktop.queries.shared_funds import frozen_funds
from vsla_desktop.queries.tables import ACCOUNTS, CASHBOOK, LEDGER, MEMBERS, SAVINGS
from vsla_desktop.services.held import check_held
from vsla_desktop.services.postings import (
    AFTER_FREEZE,
    AFTER_LEAVING,
    VERIFIED,
    WORDS,
    Entry,
    Posting,
    details,
)
from vsla_desktop.services.rows import add_row

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.queries.balances import LastLine
    from vsla_desktop.queries.pages import Page

SEQUENCE_DIGITS = 5


@dataclass(frozen=True, slots=True)
class Reversed:
    """What a REVERSAL must know of the row that it reverses."""

    transaction_id: int
    type: PostingType
    direction: int | None
    cycle_id: int | None
    saving: Any = None


_ADD_ENTRY = Prepared(insert(LEDGER).returning(LEDGER.c.id))
_ADD_LINE = Prepared(insert(CASHBOOK).inline())
_ADD_SAVING = Prepared(insert(SAVINGS).inline())
_ADD_ACCOUNT = insert(ACCOUNTS)
_FIND_ACCOUNT = select(ACCOUNTS.c.id).where(
    ACCOUNTS.c.member_id == bindparam("member"), ACCOUNTS.c.saving_type_id == bindparam("kind")
)
_FIND_MEMBER = select(MEMBERS.c.group_id, MEMBERS.c.is_active, MEMBERS.c.status).where(
    MEMBERS.c.id == bindparam("member")
)
_REFERENCES = select(LEDGER.c.reference_number).where(
    LEDGER.c.group_id == bindparam("of_group"), LEDGER.c.transaction_date == bindparam("on_day")
)


class Writer:
    """Writes postings of one page one after another, each against the balances left so far."""

    def __init__(self, session: Session, page: Page, clock: Clock, by: int | None) -> None:
        self._session = session
        self._connection = session.connection()
        self._page = page
        self._clock = clock
        self._by = by
        self._stem = f"{page.group_code}-{page.day:%Y%m%d}"
        self._known_members: set[tuple[int, bool]] = set()
        self._put_right: set[tuple[int | None, PostingType]] = set()
        self._line: LastLine
        self._later: Balances | None = None
        self._sequence = 0

    def write(self, postings: Sequence[tuple[Posting, Reversed | None]]) -> tuple[Entry, ...]:
        """Check all, then write all; raise :class:`RuleBroken` before anything is written."""
        check_page(self._page)
        if self._page.share_out_date is not None:
            _check_frozen(postings, frozen_funds(self._session, self._page.cycle_id))
        effects = self._check_all(postings)
        return tuple(
            self._write_one(posting, done, undone)
            for (posting, undone), done in zip(postings, effects, strict=True)
        )

    def _check_all(self, postings: Sequence[tuple[Posting, Reversed | None]]) -> list[Effect]:
        self._read_position()
        self._put_right = {
            (posting.member_id, undone.type) for posting, undone in postings if undone is not None
        }
        balances = self._line.balances
        effects = [self._check(posting, undone) for posting, undone in postings]
        at_bank: dict[Fund, Decimal] = {}
        if balances.bank and any(done.box < 0 or done.bank < 0 for done in effects):
            at_bank = bank_by_fund(self._session, self._page.group_id)
        for (posting, _), done in zip(postings, effects, strict=True):
            sign = 1 if posting.counts else 0
            bank = done.bank * sign * posting.amount
            moved = done.fund * sign * posting.amount
            balances = balances.moved(posting.fund, moved, bank)
            at_bank[posting.fund] = at_bank.get(posting.fund, posting.amount * 0) + bank
            self._check_balances(posting, balances, at_bank[posting.fund], moved, bank)
            if self._later is not None:
                self._later = self._later.moved(posting.fund, moved, bank)
                self._check_balances(posting, self._later, at_bank[posting.fund], moved, bank)
        check_held(self._session, self._page.group_id, postings, effects)
        return effects

    def _read_position(self) -> None:
        """Find the line after which we write, and the last number used on this day."""
        page = self._page
        line = last_line(self._session, page.group_id)
        if line.day is not None and line.day > page.day:
            line = last_line(self._session, page.group_id, page.day)
            self._later = least_after(self._session, page.group_id, page.day)
        self._line = line
        if line.day == page.day:
            self._sequence = self._number_of(line.reference)
            if not self._sequence:  # another program's line is the last of the day
                used = self._connection.execute(
                    _REFERENCES, {"of_group": page.group_id, "on_day": page.day}
                ).scalars()
                self._sequence = max((self._number_of(each or "") for each in used), default=0)

    def _number_of(self, reference: str) -> int:
        start, _, number = reference.rpartition("-")
        return int(number) if start == self._stem and number.isdecimal() else 0

    def _check(self, posting: Posting, undone: Reversed | None) -> Effect:
        check_amount(posting.amount, self._page.currency, field=posting.field)
        if undone is not None:
            return effect(
                PostingType.REVERSAL,
                said=undone.direction,
                reverses=undone.type,
                at_bank=posting.is_at_bank,
            )
        rule = POSTING_RULES[posting.type]
        if posting.type is PostingType.REVERSAL:
            message = "reversals are written by reverse()"
            raise ValueError(message)
        check_fund(posting.type, posting.fund)
        done = effect(posting.type, said=posting.direction, at_bank=posting.is_at_bank)
        if rule.member and posting.member_id is None:
            raise RuleBroken("Choose a member.", field="member")
        if rule.loan and posting.loan_id is None:
            raise RuleBroken("Choose a loan.", field="loan")
        if posting.member_id is not None:
            self._check_member(posting)
        return done

    def _check_member(self, posting: Posting) -> None:
        # What was entered of her while she was active may be put right at any time.
        is_put_right = (posting.member_id, posting.type) in self._put_right
        may_have_left = posting.type in AFTER_LEAVING or is_put_right
        known = (posting.member_id or 0, may_have_left)
        if known in self._known_members:
            return
        member = self._page.member
        if member is None or member.member_id != posting.member_id:
            row = self._connection.execute(_FIND_MEMBER, {"member": posting.member_id}).first()
            if row is None:
                raise RuleBroken("Choose a member of this group.", field="member")
            is_active = row.is_active is not False and (row.status or "ACTIVE") == "ACTIVE"
            member = PageMember(known[0], row.group_id, is_active)
        if member.group_id != self._page.group_id:
            raise RuleBroken("Choose a member of this group.", field="member")
        if not member.is_active and not may_have_left:
            raise RuleBroken(
                "This member is not active.", hint="Take the member back first.", field="member"
            )
        self._known_members.add(known)

    def _check_balances(
        self, posting: Posting, after: Balances, at_bank: Decimal, moved: Decimal, bank: Decimal
    ) -> None:
        held = after.of(posting.fund)
        if moved < 0 and held < 0:
            raise RuleBroken(
                "The fund holds {most} only.",
                hint="A fund never falls below nought.",
                field=posting.field,
                most=plain_amount(held - moved) if held > moved else "0",
                fund=posting.fund.value,
            )
        if moved - bank < 0 and held - at_bank < 0:
            raise RuleBroken(
                "The box holds {most} of this fund only.",
                hint="The rest is at the bank.",
                field=posting.field,
                most=plain_amount(max(held - at_bank - moved + bank, held * 0)),
            )
        if bank < 0 and at_bank < 0:
            raise RuleBroken(
                "The bank holds {most} of this fund only.",
                field=posting.field,
                most=plain_amount(max(at_bank - bank, held * 0)),
            )

    def _write_one(self, posting: Posting, done: Effect, undone: Reversed | None) -> Entry:
        self._sequence += 1
        page = self._page
        reference = f"{self._stem}-{self._sequence:0{SEQUENCE_DIGITS}d}"
        now = self._clock.now()
        mobile = posting.mobile_money
        status = VERIFIED if mobile is None else mobile.status
        words = posting.description or WORDS[posting.type]
        counted = status == VERIFIED
        added = _ADD_ENTRY.first(
            self._session,
            group_id=page.group_id,
            member_id=posting.member_id,
            loan_id=posting.loan_id,
            amount=posting.amount,
            transaction_type=posting.type.value,
            transaction_date=page.day,
            description=words,
            reference_number=reference,
            fund_type=posting.fund.value,
            is_mobile_money=mobile is not None,
            mobile_money_reference=mobile.reference if mobile else None,
            mobile_money_phone=mobile.phone_number if mobile else None,
            verification_status=status,
            verified_by=self._by if mobile and counted else None,
            verified_date=now if mobile and counted else None,
            meeting_id=page.meeting_id,
            activity_id=posting.activity_id,
            created_by=self._by,
            cycle_id=undone.cycle_id if undone else page.cycle_id,
            fine_id=posting.fine_id,
            direction=done.fund,
            held_in=posting.held_in,
            reverses_id=undone.transaction_id if undone else None,
            reversed_type=undone.type.value if undone else None,
            reason=posting.reason,
            **details(posting),
            created_date=now,
            updated_date=now,
        )
        _ADD_LINE.all(
            self._session,
            group_id=page.group_id,
            member_id=posting.member_id,
            transaction_date=page.day,
            transaction_type=posting.type.value,
            description=words,
            amount=posting.amount,
            transaction_reference=reference,
            group_transaction_id=added.id,
            fund_type=posting.fund.value,
            created_date=now,
            updated_date=now,
        )
        if posting.saving_type_id is not None or (undone and undone.saving):
            self._write_saving(posting, undone, added.id, reference, now, status)
        return Entry(added.id, reference)

    def _write_saving(
        self,
        posting: Posting,
        undone: Reversed | None,
        transaction_id: int,
        reference: str,
        now: datetime,
        status: str,
    ) -> None:
        before = undone.saving if undone else None
        kind = (
            before.transaction_type
            if before is not None
            else ("DEPOSIT" if posting.type is PostingType.SAVINGS_DEPOSIT else "WITHDRAWAL")
        )
        mobile = posting.mobile_money
        _ADD_SAVING.all(
            self._session,
            member_saving_id=(
                before.member_saving_id if before is not None else self._account(posting)
            ),
            amount=posting.account_amount or posting.amount,
            transaction_type=kind,
            transaction_date=self._page.day,
            description=posting.description or None,
            reference_number=reference,
            is_mobile_money=mobile is not None,
            mobile_money_reference=mobile.reference if mobile else None,
            mobile_money_phone=mobile.phone_number if mobile else None,
            verification_status=status,
            meeting_id=self._page.meeting_id,
            activity_id=posting.activity_id,
            shares_count=before.shares_count if before is not None else posting.shares_count,
            group_transaction_id=transaction_id,
            reverses_id=before.id if before is not None else None,
            is_reversal=before is not None,
            created_date=now,
            updated_date=now,
        )

    def _account(self, posting: Posting) -> int:
        """Return the member's account for this kind of saving; make it at the first deposit."""
        if posting.account_id is not None:
            return posting.account_id
        wanted = {"member": posting.member_id, "kind": posting.saving_type_id}
        found: int | None = self._connection.execute(_FIND_ACCOUNT, wanted).scalar()
        if found is not None:
            return found
        return add_row(
            self._session,
            _ADD_ACCOUNT,
            {
                "member_id": posting.member_id,
                "saving_type_id": posting.saving_type_id,
            },
            self._clock,
        )


def _check_frozen(
    postings: Sequence[tuple[Posting, Reversed | None]], frozen: frozenset[Fund]
) -> None:
    """Raise :class:`RuleBroken` for what would change a purse whose share-out is voted."""
    for posting, undone in postings:
        if posting.fund in frozen and (undone or posting).type not in AFTER_FREEZE:
            raise RuleBroken(
                "The share-out of this cycle is voted.",
                hint="Vote again to open it, or enter this in the next cycle.",
                field=posting.field,
            )


def check_page(page: Page) -> None:
    """Raise :class:`RuleBroken` when nothing may be written on a page of this day."""
    check_open(page)
    if page.formation_date is not None and page.day < page.formation_date:
        raise RuleBroken(
            "Choose a day from {day} on.",
            hint="The group was formed that day.",
            field="date",
            day=format_date(page.formation_date),
        )
    if page.cycle_start is not None and page.day < page.cycle_start:
        raise RuleBroken(
            "Choose a day from {day} on.",
            hint="The cycle began that day.",
            field="date",
            day=format_date(page.cycle_start),
        )
