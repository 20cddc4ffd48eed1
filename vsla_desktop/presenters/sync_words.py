"""How things stand with head office, and what it sees differently, in words that people know."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from vsla_desktop.domain.currencies import currency
from vsla_desktop.i18n import _, format_date, format_time
from vsla_desktop.presenters.shell import SyncStage, SyncState
from vsla_desktop.wording import figure

if TYPE_CHECKING:
    from vsla_desktop.sync import About, SyncStatus, Trouble

_STAGES: Final = {
    "Waiting for network": SyncStage.WAITING,
    "Sending": SyncStage.SENDING,
    "Sent": SyncStage.SENT,
    "Sent, but not all was taken": SyncStage.SENT,
}


def state_of(status: SyncStatus) -> SyncState:
    """Return the four words of the rail."""
    stage = _STAGES.get(str(status.word), SyncStage.SAVED_HERE)
    is_sent = stage is SyncStage.SENT
    at = local_time(status.sent_at) if is_sent and status.sent_at else None
    return SyncState(stage, at, status.quarantined if is_sent else 0)


def local_time(instant: datetime) -> datetime:
    """Return an instant that was kept in UTC in the laptop's own time."""
    aware = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    return aware.astimezone()


def instant_words(instant: datetime) -> str:
    """Say a day and a time of the laptop's own; instants are kept in UTC."""
    here = local_time(instant)
    return _("{day}, {time}", day=format_date(here.date()), time=format_time(here))


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
        return reason_words(trouble.why, trouble.about.table)
    if trouble.kind == "needed":
        return _("Head office has other records that belong to it.")
    if trouble.kind == "gone":
        return _("What was changed here since is kept here.")
    if trouble.kind == "doubled":
        return _("Two records here are one at head office.")
    if trouble.kind == "reference":
        return _("What it belonged to is gone there.")
    mine, theirs = sides(trouble)
    return _(
        "{column}: {mine} here, {theirs} at head office.",
        column=column_words(trouble.column, trouble.about.table),
        mine=mine,
        theirs=theirs,
    )


def sides(trouble: Trouble) -> tuple[str, str]:
    """Say both values of what differs: the one from here, and head office's."""
    from vsla_desktop.presenters.sync_values import value_words

    if not trouble.column:
        return "", ""
    table, code = trouble.about.table, trouble.about.currency
    return (
        _about(trouble.here)
        if trouble.here
        else value_words(table, trouble.column, trouble.mine, code),
        _about(trouble.there)
        if trouble.there
        else value_words(table, trouble.column, trouble.theirs, code),
    )


def about_words(about: About) -> str:
    """Say which record it is, without its group: its kind, whose it is, its day and amount."""
    parts = [
        _record(about.table),
        about.member,
        format_date(about.day) if about.day else "",
        _amount(about),
    ]
    return ", ".join(part for part in parts if part)


def _about(about: About) -> str:
    group = _("group {name}", name=about.group) if about.group else ""
    return ", ".join(part for part in (about_words(about), group) if part)


def _amount(about: About) -> str:
    if about.amount is None:
        return ""
    if not about.currency:
        return f"{about.amount:f}"
    return f"{about.currency} {figure(about.amount, currency(about.currency))}"


def reason_words(why: str, table: str = "group_transactions") -> str:
    """Say why head office did not take a record of this table, and what to do."""
    from vsla_desktop.capture.tables import travels

    if why == "denied" and table in {each.name for each in travels() if not each.of_groups}:
        return _("Only head office changes this. Ask there.")
    return {
        "unreadable": _("It holds characters that can not be sent. Type it again."),
        "invalid": _("A value in it is too long, or can not be. Correct it here."),
        "duplicate": _("Head office has another with this number or code. Change it here."),
        "incomplete": _("What it belongs to was not taken. Settle that first."),
        "denied": _("Another laptop writes this group's book. Ask head office."),
        "newer": _("Head office has an older program. It goes once that is updated."),
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


def column_words(column: str, table: str = "") -> str:
    """Return the word for a column; most names in the schema are plain words."""
    if table == "group_settings":
        return _rule_words().get(column, _plain(column))
    return {
        "phone_number": _("Telephone"),
        "first_name": _("First name"),
        "last_name": _("Last name"),
        "member_number": _("Number"),
        "meeting_number": _("Number"),
        "group_code": _("Group code"),
        "name": _("Name"),
        "amount": _("Amount"),
        "principal": _("Amount"),
        "status": _("State"),
        "village": _("Village"),
        "parish": _("Parish"),
        "district": _("District"),
        "region": _("Region"),
        "country": _("Country"),
        "location": _("Place"),
        "gender": _("Gender"),
        "id_number": _("Identity card"),
        "occupation": _("Occupation"),
        "date_of_birth": _("Born on"),
        "joined_date": _("Joined on"),
        "description": _("Description"),
        "reason": _("Reason"),
        "meeting_date": _("Day"),
        "transaction_date": _("Day"),
        "role": _("Role"),
        "committee_role": _("Office"),
    }.get(column, _plain(column))


def _plain(column: str) -> str:
    return column.replace("_", " ").capitalize()


def _rule_words() -> dict[str, str]:
    """Return the rules by the words that the page of rules has for them."""
    from vsla_desktop.reports.rules_words import Section, rule_titles
    from vsla_desktop.wording import GroupWords

    words = GroupWords()
    return {key: title for each in Section for key, title in rule_titles(each, words).items()}
