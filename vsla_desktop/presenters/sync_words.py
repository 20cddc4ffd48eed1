"""What head office sees differently, in words that a treasurer knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vsla_desktop.domain.currencies import currency
from vsla_desktop.i18n import _, format_date
from vsla_desktop.wording import figure

if TYPE_CHECKING:
    from vsla_desktop.sync import About, Trouble


def titled(trouble: Trouble) -> str:
    """Say what it is about: the record, whose it is, its day and amount."""
    about = _about(trouble.about)
    if trouble.kind == "refused":
        return _("Not taken by head office: {what}", what=about)
    if trouble.kind in {"removed", "needed"}:
        return _("Removed here, kept at head office: {what}", what=about)
    if trouble.kind == "gone":
        return _("Removed at head office: {what}", what=about)
    return _("Another value at head office: {what}", what=about)


def explained(trouble: Trouble) -> str:
    """Say why, or which values stand."""
    if trouble.kind == "refused":
        return _reason(trouble.why)
    if trouble.kind == "needed":
        return _("Head office has other records that belong to it.")
    if trouble.kind == "gone":
        return _("What was changed here since is kept here.")
    if trouble.kind == "doubled":
        return _("Two records here are one at head office.")
    if trouble.kind == "reference":
        return _("What it belonged to is gone there.")
    values = {"mine": trouble.mine or "·", "theirs": trouble.theirs or "·"}
    return _(
        "{column}: {mine} here, {theirs} at head office.", column=_column(trouble.column), **values
    )


def _about(about: About) -> str:
    parts = [
        _record(about.table),
        about.member,
        format_date(about.day) if about.day else "",
        _amount(about),
        _("group {name}", name=about.group) if about.group else "",
    ]
    return ", ".join(part for part in parts if part)


def _amount(about: About) -> str:
    if about.amount is None:
        return ""
    if not about.currency:
        return f"{about.amount:f}"
    return f"{about.currency} {figure(about.amount, currency(about.currency))}"


def _reason(why: str) -> str:
    return {
        "unreadable": _("It holds characters that can not be sent. Type it again."),
        "invalid": _("A value in it is too long, or can not be. Correct it here."),
        "duplicate": _("Head office has another with this number or code. Change it here."),
        "incomplete": _("What it belongs to was not taken. Settle that first."),
    }.get(why, _("Head office did not say why."))


def _record(table: str) -> str:
    """Return the word for one row of a table."""
    return {
        "savings_groups": _("Group"),
        "group_settings": _("Rules of the group"),
        "savings_cycles": _("Cycle"),
        "group_members": _("Member"),
        "member_savings": _("Savings account"),
        "saving_transactions": _("Savings"),
        "group_transactions": _("Entry of money"),
        "group_cashbook": _("Line of the cashbook"),
        "member_fines": _("Fine"),
        "share_out_distributions": _("Share-out"),
        "group_loans": _("Loan"),
        "loan_repayment_schedule": _("Instalment"),
        "loan_assessments": _("Loan assessment"),
        "meetings": _("Meeting"),
        "meeting_activities": _("Step of a meeting"),
        "meeting_attendance": _("Line of a roll call"),
        "member_activity_participation": _("Part in a meeting"),
        "mobile_money_payments": _("Mobile money"),
        "activity_documents": _("Document"),
        "savings_group_iga": _("Group business"),
        "users": _("Login"),
    }.get(table, _("Record"))


def _column(column: str) -> str:
    """Return the word for a column; most names in the schema are plain words."""
    return {
        "phone_number": _("Telephone"),
        "first_name": _("First name"),
        "last_name": _("Last name"),
        "member_number": _("Number"),
        "group_code": _("Group code"),
        "amount": _("Amount"),
        "status": _("State"),
        "village": _("Village"),
        "occupation": _("Occupation"),
        "meeting_date": _("Day"),
        "transaction_date": _("Day"),
        "role": _("Role"),
    }.get(column, column.replace("_", " ").capitalize())
