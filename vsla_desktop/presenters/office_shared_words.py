"""What the lists that all groups share, their fields and their values are called."""

from __future__ import annotations

from vsla_desktop.i18n import _
from vsla_desktop.queries.office_shared import Shared


def list_title(which: Shared) -> str:
    """The name of a list."""
    return {
        Shared.SAVING_TYPES: _("Saving types"),
        Shared.SERVICES: _("Services"),
        Shared.ACHIEVEMENTS: _("Achievements"),
        Shared.BADGES: _("Badges"),
        Shared.TEMPLATES: _("Templates"),
        Shared.PROVIDERS: _("Mobile money"),
    }[which]


def field_word(key: str) -> str:
    """What a field is called."""
    return {
        "name": _("Name"),
        "code": _("Code"),
        "description": _("Description"),
        "is_mandatory": _("For everybody"),
        "allows_withdrawal": _("Paid back on request"),
        "withdrawal_notice_days": _("Days of notice"),
        "category": _("Kind"),
        "points_value": _("Points"),
        "is_repeatable": _("Again and again"),
        "difficulty_level": _("How hard"),
        "measure": _("What is counted"),
        "at_least": _("At least"),
        "badge_type": _("Kind"),
        "required_achievements": _("Needs the achievements"),
        "minimum_points": _("Points needed"),
        "rarity_level": _("How rare"),
        "template_name": _("Name"),
        "template_type": _("Document"),
        "template_content": _("Text"),
        "provider_name": _("Name"),
        "provider_code": _("Code"),
        "merchant_id": _("Merchant number"),
        "transaction_fee_rate": _("Fee, in %"),
    }[key]


def value_word(value: str) -> str:
    """What a value to choose is called."""
    return {
        "FINANCIAL": _("Saving"),
        "LOAN": _("Loans"),
        "ATTENDANCE": _("Attendance"),
        "PARTICIPATION": _("Participation"),
        "TRAINING": _("Training"),
        "LEADERSHIP": _("Leadership"),
        "EASY": _("Easy"),
        "MEDIUM": _("Medium"),
        "HARD": _("Hard"),
        "EXPERT": _("Very hard"),
        "BADGE": _("Badge"),
        "CERTIFICATE": _("Certificate"),
        "MEDAL": _("Medal"),
        "STAR": _("Star"),
        "COMMON": _("Common"),
        "RARE": _("Rare"),
        "EPIC": _("Very rare"),
        "LEGENDARY": _("Once in a life"),
        "MEETING_MINUTES": _("Minutes"),
        "SAVINGS_RECORD": _("Savings record"),
        "LOAN_AGREEMENT": _("Loan agreement"),
        "CONSTITUTION": _("Rules of the group"),
        "meetings_saved": _("Meetings with savings"),
        "cycles_saved_whole": _("Cycles saved whole"),
        "loans_repaid": _("Loans repaid"),
        "loans_repaid_on_time": _("Loans repaid on time"),
        "meetings_present": _("Meetings present"),
        "cycles_present_whole": _("Cycles never missed"),
        "discussions": _("Discussions"),
        "votes": _("Votes"),
        "trainings": _("Trainings"),
        "cycles_as_officer": _("Cycles as an officer"),
    }.get(value, value)
