"""What is typed on the share-out page: the reserve, the hands of the vote, why money came back."""

from __future__ import annotations

from functools import partial

from vsla_desktop.domain.currencies import Currency
from vsla_desktop.domain.money import parse_amount, parse_count
from vsla_desktop.domain.votes import Vote
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import _
from vsla_desktop.presenters.form import Field, FieldKind, Form, Reader, any_text
from vsla_desktop.queries.share_out import MemberPayout
from vsla_desktop.wording import figure

MOST_VOTES = 1000


class ReserveForm:
    """What the group keeps back from the pool."""

    def __init__(self, currency: Currency) -> None:
        read = partial(parse_amount, currency=currency, field="reserve")
        self.form = Form(
            {"reserve": Reader(read, lambda amount: figure(amount, currency))}, {"reserve": "0"}
        )

    def fields(self) -> tuple[Field, ...]:
        """One amount."""
        return (Field("reserve", _("Reserve the group keeps"), FieldKind.NUMBER),)

    def enter(self, key: str, text: str) -> None:
        """Take what was typed."""
        self.form.enter(key, text)

    def note(self, key: str) -> str:  # noqa: ARG002 - there is one field
        """Help below the field."""
        return _("It stays in the loan fund.")


class VoteForm:
    """The hands for the share-out, against it, and for neither."""

    def __init__(self) -> None:
        keys = ("in_favour", "against", "abstained")
        self.form = Form(
            {key: Reader(partial(parse_count, most=MOST_VOTES, field=key)) for key in keys},
            dict.fromkeys(keys[1:], "0"),
        )

    def fields(self) -> tuple[Field, ...]:
        """Three counts."""
        return (
            Field("in_favour", _("Hands for it"), FieldKind.NUMBER),
            Field("against", _("Hands against it"), FieldKind.NUMBER),
            Field("abstained", _("Not voting"), FieldKind.NUMBER),
        )

    def enter(self, key: str, text: str) -> None:
        """Take what was typed."""
        self.form.enter(key, text)

    def note(self, key: str) -> str:  # noqa: ARG002 - none has a note
        """Help below a field."""
        return ""

    def vote(self) -> Vote:
        """The vote as it was counted; raise :class:`RuleBroken` for a field that is no count."""
        return Vote(*(self.form.value(key) for key in ("in_favour", "against", "abstained")))


class TakeBackForm:
    """Why a payout is taken back; the reversals keep it."""

    def __init__(self, payout: MemberPayout) -> None:
        self.payout = payout
        self.form = Form({"reason": Reader(_reason)}, {})

    def fields(self) -> tuple[Field, ...]:
        """One text."""
        return (Field("reason", _("Reason")),)

    def enter(self, key: str, text: str) -> None:
        """Take what was typed."""
        self.form.enter(key, text)

    def note(self, key: str) -> str:  # noqa: ARG002 - there is one field
        """Help below the field."""
        return _("Both lines and the reason stay in the book.")


def _reason(text: str) -> str:
    reason = any_text(text)
    if not reason:
        raise RuleBroken("Say why.", field="reason")
    return reason
