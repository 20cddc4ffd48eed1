"""The reports of groups and their members, in the order in which people are shown them."""

from __future__ import annotations

from typing import Final

from vsla_desktop.reports.attendance_report import ATTENDANCE
from vsla_desktop.reports.balance_report import BALANCE_SHEET
from vsla_desktop.reports.cashbook_report import CASHBOOK
from vsla_desktop.reports.earnings_report import EARNINGS
from vsla_desktop.reports.fines_report import FINES
from vsla_desktop.reports.iga_report import IGA
from vsla_desktop.reports.loans_report import LOANS
from vsla_desktop.reports.members_report import MEMBERS
from vsla_desktop.reports.minutes_report import MINUTES
from vsla_desktop.reports.passbook_report import PASSBOOK
from vsla_desktop.reports.report import Definition
from vsla_desktop.reports.rules_report import RULES
from vsla_desktop.reports.savings_report import SAVINGS
from vsla_desktop.reports.share_out_report import SHARE_OUT
from vsla_desktop.reports.social_report import SOCIAL_FUND
from vsla_desktop.reports.summary_reports import GROUP_SUMMARY, MEMBER_SUMMARY

BOOKS: Final[tuple[Definition, ...]] = (
    MINUTES,
    ATTENDANCE,
    CASHBOOK,
    SOCIAL_FUND,
    BALANCE_SHEET,
    SHARE_OUT,
    RULES,
    PASSBOOK,
    MEMBER_SUMMARY,
    MEMBERS,
    SAVINGS,
    LOANS,
    FINES,
    EARNINGS,
    IGA,
    GROUP_SUMMARY,
)
