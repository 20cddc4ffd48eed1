"""The tables of the book as plain tables, for statements that move rows and no objects."""

from __future__ import annotations

from typing import cast

from sqlalchemy import Table

from vsla_desktop import models
from vsla_desktop.models import Base


def _table(model: type[Base]) -> Table:
    return cast("Table", model.__table__)


USERS = _table(models.User)
GROUPS = _table(models.SavingsGroup)
SETTINGS = _table(models.GroupSettings)
CYCLES = _table(models.SavingsCycle)
MEMBERS = _table(models.GroupMember)
SAVING_TYPES = _table(models.SavingType)
GROUP_SAVING_TYPES = _table(models.GroupSavingTypeSettings)
ACCOUNTS = _table(models.MemberSaving)
SAVINGS = _table(models.SavingTransaction)
LEDGER = _table(models.GroupTransaction)
CASHBOOK = _table(models.CashbookEntry)
FINES = _table(models.MemberFine)
LOANS = _table(models.GroupLoan)
INSTALMENTS = _table(models.Instalment)
ASSESSMENTS = _table(models.LoanAssessment)
MEETINGS = _table(models.Meeting)
ACTIVITIES = _table(models.MeetingActivity)
ATTENDANCE = _table(models.MeetingAttendance)
DISTRIBUTIONS = _table(models.ShareOutDistribution)
PHONE_PAYMENTS = _table(models.MobileMoneyPayment)
PHONE_VERIFICATIONS = _table(models.MobileMoneyVerification)
KEPT_REPORTS = _table(models.AnalyticsReport)
SNAPSHOTS = _table(models.AnalyticsSnapshot)
MEMBER_FIGURES = _table(models.MemberAnalytics)
ACHIEVED = _table(models.MemberAchievement)
SERVICES = _table(models.Service)
SERVICE_ADMINS = _table(models.ServiceAdmin)
PERMISSIONS = _table(models.UserServicePermission)
ACCESS_REQUESTS = _table(models.ServiceAccessRequest)
NOTIFICATIONS = _table(models.Notification)
ACHIEVEMENTS = _table(models.Achievement)
BADGES = _table(models.AchievementBadge)
TEMPLATES = _table(models.DocumentTemplate)
PROVIDERS = _table(models.MobileMoneyProvider)
