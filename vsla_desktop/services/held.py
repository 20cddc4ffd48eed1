"""What members and lenders have with the group: no account, advance or debt falls below nought."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from vsla_desktop.domain.money import ZERO, plain_amount
from vsla_desktop.domain.postings import PostingType
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.advances import advance_owed
from vsla_desktop.queries.tables import ACCOUNTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from vsla_desktop.domain.postings import Effect
    from vsla_desktop.services.postings import Posting
    from vsla_desktop.services.writing import Reversed

_HELD = select(ACCOUNTS.c.current_balance).where(ACCOUNTS.c.id == bindparam("account"))
_ON_ACCOUNTS = (PostingType.SAVINGS_DEPOSIT, PostingType.SAVINGS_WITHDRAWAL)
_ON_ADVANCES = (PostingType.SOCIAL_ADVANCE, PostingType.SOCIAL_ADVANCE_REPAYMENT)
_ON_DEBTS = (PostingType.EXTERNAL_LOAN_IN, PostingType.EXTERNAL_LOAN_OUT)
_ALL_OF = {
    "account": "The account holds no more.",
    "advance": "This pays all advances back.",
    "debt": "This pays the loan back.",
}


def check_held(
    session: Session,
    group_id: int,
    postings: Sequence[tuple[Posting, Reversed | None]],
    effects: Sequence[Effect],
) -> None:
    """Raise :class:`RuleBroken` unless all postings together leave what is held at nought or above.

    What is paid out or back is too much itself; else what was paid in is taken back too far.
    """
    changes: dict[tuple[Any, ...], Decimal] = defaultdict(Decimal)
    paid: dict[tuple[Any, ...], Decimal] = defaultdict(Decimal)
    for (posting, undone), done in zip(postings, effects, strict=True):
        amount = done.fund * posting.amount if posting.counts else ZERO
        kind = undone.type if undone else posting.type
        key: tuple[Any, ...]
        if posting.account_id is not None and kind in _ON_ACCOUNTS:
            key = ("account", posting.account_id)
        elif posting.member_id is not None and kind in _ON_ADVANCES:
            key, amount = ("advance", posting.member_id), -amount
        elif kind in _ON_DEBTS:
            key = ("debt", posting.member_id, posting.lender or "")
        else:
            continue
        changes[key] += amount
        if undone is None and amount < 0:
            paid[key] -= amount
    for key, change in changes.items():
        if change < 0:
            _check_left(key[0], _held(session, group_id, *key), change, paid.get(key, ZERO))


def _held(
    session: Session, group_id: int, what: str, whose: int | None, lender: str = ""
) -> Decimal:
    if what == "advance" and whose is not None:
        return advance_owed(session, whose)
    if what == "debt":
        from vsla_desktop.queries.funds_debts import debt_owed  # seldom needed

        return debt_owed(session, group_id, whose, lender)
    held: Decimal = session.connection().execute(_HELD, {"account": whose}).scalar_one()
    return held


def _check_left(what: str, held: Decimal, change: Decimal, paid: Decimal) -> None:
    if held + change >= 0:
        return
    if paid:
        most = held + change + paid
        raise RuleBroken(
            "Pay at most {most}.",
            hint=_ALL_OF[what],
            field="amount",
            most=plain_amount(most) if most > 0 else "0",
        )
    raise RuleBroken(
        "Take back at most {most}.",
        hint="The rest was paid back since.",
        field="amount",
        most=plain_amount(held) if held > 0 else "0",
    )
