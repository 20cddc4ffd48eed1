"""The 47 tables of the programme, phase by phase, in the order in which they depend on each other.

One class a table: its columns, keys and relationships, and nothing else. The same classes serve
the laptop's SQLite file and head office's PostgreSQL. Columns whose values follow from other rows
are declared in :mod:`vsla_desktop.derived`; nothing writes those by hand.

Every table has an integer ``id`` of its own database's making, ``created_date`` and
``updated_date`` (UTC). What two databases share as the identity of a row is kept by
:mod:`vsla_desktop.sync`, beside the tables.
"""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    TIMESTAMP,
    CheckConstraint,
    Date,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    MappedColumn,
    mapped_column,
    relationship,
)
from typing_extensions import override

from vsla_desktop.columns import (
    Choice,
    Exact,
    ExactDefault,
    Money,
    Percent,
    Rate,
    flag,
    officer,
    owner,
    shared,
    whole,
    zero,
)

# The names PostgreSQL itself would give, so that ours and the field database's are the same.
NAMES = {
    "pk": "%(table_name)s_pkey",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "fk": "%(table_name)s_%(column_0_name)s_fkey",
    "ck": "%(table_name)s_%(constraint_name)s_check",
}

FUND = Choice("PERSONAL", "ECD", "SOCIAL", "TARGET", "LOAN_FUND")
VERIFICATION = Choice("PENDING", "VERIFIED", "REJECTED")
MARK = Choice("PRESENT", "LATE", "ABSENT", "EXCUSED", "REPRESENTED", length=20)
Json = JSON(none_as_null=True)
# An id is never used twice, so that a stale reference can never reach another row.
NEVER_REUSE_IDS = {"sqlite_autoincrement": True}


class Base(DeclarativeBase):
    """What every table has."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {datetime: TIMESTAMP}
    __table_args__: Any = NEVER_REUSE_IDS

    id: Mapped[int] = mapped_column(primary_key=True, sort_order=-1)
    created_date: Mapped[datetime] = mapped_column(
        TIMESTAMP, server_default=func.current_timestamp(), sort_order=100
    )
    updated_date: Mapped[datetime] = mapped_column(
        TIMESTAMP,
        server_default=func.current_timestamp(),
        onupdate=func.current_timestamp(),
        sort_order=101,
    )

    @override
    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Give the laptop's table the checks that the centre leaves to the services."""
        super().__init_subclass__(**kwargs)
        for column in cls.__table__.columns:
            if isinstance(column.type, Choice):
                known = ", ".join(f"'{value}'" for value in column.type.values)
                check = f"{column.name} IN ({known})"
            elif isinstance(column.type, Exact):
                check = f"typeof({column.name}) IN ('integer', 'null')"
            else:
                continue
            on_laptop(check, column.name, cls.__table__)


def on_laptop(check: str, name: str, table: Any = None) -> CheckConstraint:
    """Check in SQLite only: the centre takes what other programs write."""
    constraint = CheckConstraint(check, name=name)
    if table is not None:
        table.append_constraint(constraint)
    return constraint.ddl_if(dialect="sqlite")


def where_set(name: str, column: str) -> Index:
    """Index a reference that most rows leave empty: an empty one costs an entry nothing.

    The migration makes PostgreSQL's the same; said here, it would load PostgreSQL's dialect with
    all its drivers into every laptop's memory.
    """
    return Index(name, column, sqlite_where=text(f"{column} IS NOT NULL"))


def found_by(name: str, *parts: str) -> Index:
    """Index what head office finds a group by among a hundred thousand; a laptop has some hundred.

    The parts are said in PostgreSQL's words, for the reason given above.
    """
    columns = (text(part) if "(" in part else part for part in parts)
    return Index(name, *columns, info={"dialect": "postgresql"}).ddl_if(dialect="postgresql")


def table_args(*constraints: Any) -> tuple[Any, ...]:
    """Return a table's constraints with what every table has."""
    return (*constraints, NEVER_REUSE_IDS)


def now() -> MappedColumn[Any]:
    """Hold an instant in UTC that starts at the moment of writing."""
    return mapped_column(TIMESTAMP, server_default=func.current_timestamp())


def today() -> MappedColumn[Any]:
    """Hold a day that starts at the day of writing."""
    return mapped_column(Date, server_default=func.current_date())


def children(foreign_key: str, back_populates: str, **kwargs: Any) -> Any:
    """Return the rows that go when this one goes; the database itself removes them."""
    return relationship(
        back_populates=back_populates,
        foreign_keys=f"[{foreign_key}]",
        cascade="all, delete-orphan",
        passive_deletes=True,
        **kwargs,
    )


# --- Phase 0 Core ------------------------------------------------------------------------------


class User(Base):
    """A person who can sign in. Most members never do."""

    __tablename__ = "users"
    __table_args__ = table_args(
        UniqueConstraint("email"),
        UniqueConstraint("username"),
    )

    username: Mapped[str] = mapped_column(String(128))
    email: Mapped[str] = mapped_column(String(128))
    password: Mapped[str] = mapped_column(String(255))
    active: Mapped[bool] = flag(default=True)
    admin: Mapped[bool] = flag()
    role: Mapped[str] = mapped_column(String(50), server_default="user")
    is_super_admin: Mapped[bool] = flag()

    permissions: Mapped[list[UserServicePermission]] = children(
        "UserServicePermission.user_id", "user"
    )
    notifications: Mapped[list[Notification]] = children("Notification.user_id", "user")


class Service(Base):
    """A part of the programme's systems that people are given access to."""

    __tablename__ = "services"
    __table_args__ = table_args(
        UniqueConstraint("name"),
    )

    name: Mapped[str] = mapped_column(String(128))
    description: Mapped[str | None] = mapped_column(Text)
    endpoint_url: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = flag(default=True)


class ServiceAdmin(Base):
    """Who looks after a service."""

    __tablename__ = "service_admins"
    __table_args__ = table_args(
        UniqueConstraint("user_id", "service_id"),
    )

    user_id: Mapped[int] = owner("users")
    service_id: Mapped[int] = owner("services")
    granted_date: Mapped[datetime] = now()
    granted_by: Mapped[int | None] = officer("users")


class UserServicePermission(Base):
    """What a person may do in a service, for ever or until an instant."""

    __tablename__ = "user_service_permissions"
    __table_args__ = table_args(
        UniqueConstraint("user_id", "service_id"),
    )

    user_id: Mapped[int] = owner("users")
    service_id: Mapped[int] = owner("services")
    permissions: Mapped[str | None] = mapped_column(String(255), server_default="read")
    granted_date: Mapped[datetime] = now()
    granted_by: Mapped[int | None] = officer("users")
    expires_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(back_populates="permissions", foreign_keys=[user_id])


class ServiceAccessRequest(Base):
    """A person asks for access to a service; somebody decides."""

    __tablename__ = "service_access_requests"

    user_id: Mapped[int] = owner("users")
    service_id: Mapped[int] = owner("services")
    requested_permissions: Mapped[str | None] = mapped_column(String(255), server_default="read")
    reason: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str | None] = mapped_column(
        Choice("pending", "approved", "rejected"), server_default="pending"
    )
    requested_date: Mapped[datetime] = now()
    reviewed_date: Mapped[datetime | None]
    reviewed_by: Mapped[int | None] = officer("users")


class Notification(Base):
    """A message to a person inside the program."""

    __tablename__ = "notifications"
    __table_args__ = table_args(
        Index("idx_notifications_user_read", "user_id", "read"),
    )

    user_id: Mapped[int] = owner("users")
    service_id: Mapped[int | None] = officer("services")
    type: Mapped[str] = mapped_column(String(50))
    title: Mapped[str | None] = mapped_column(String(255))
    message: Mapped[str] = mapped_column(Text)
    read: Mapped[bool] = flag()
    priority: Mapped[str | None] = mapped_column(String(20), server_default="normal")
    category: Mapped[str | None] = mapped_column(String(50))
    related_entity_type: Mapped[str | None] = mapped_column(String(50))
    related_entity_id: Mapped[int | None]
    action_url: Mapped[str | None] = mapped_column(String(500))
    action_label: Mapped[str | None] = mapped_column(String(100))
    action_data: Mapped[Any | None] = mapped_column(Json)
    expires_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(back_populates="notifications", foreign_keys=[user_id])


# --- Phase 1 Savings ---------------------------------------------------------------------------


class SavingsGroup(Base):
    """A savings group: where it sits, when it meets, what it owns in total."""

    __tablename__ = "savings_groups"
    __table_args__ = table_args(
        UniqueConstraint("group_code"),
        found_by("idx_savings_groups_name", 'lower(name) COLLATE "C"', "id"),
        found_by("idx_savings_groups_code", "lower(group_code) text_pattern_ops"),
        *(
            found_by(f"idx_savings_groups_{place}", f"lower({place}) text_pattern_ops")
            for place in ("country", "region", "district", "parish", "village")
        ),
    )

    name: Mapped[str] = mapped_column(String(255))
    description: Mapped[str | None] = mapped_column(Text)
    group_code: Mapped[str] = mapped_column(String(50))
    country: Mapped[str | None] = mapped_column(String(100), server_default="Rwanda")
    region: Mapped[str] = mapped_column(String(100))
    district: Mapped[str] = mapped_column(String(100))
    parish: Mapped[str] = mapped_column(String(100))
    village: Mapped[str] = mapped_column(String(100))
    constitution_document_url: Mapped[str | None] = mapped_column(String(255))
    registration_certificate_url: Mapped[str | None] = mapped_column(String(255))
    is_registered: Mapped[bool | None] = flag()
    registration_number: Mapped[str | None] = mapped_column(String(100))
    registration_date: Mapped[date | None]
    formation_date: Mapped[date | None] = today()
    state: Mapped[str | None] = mapped_column(
        Choice("FORMING", "ACTIVE", "MATURE", "ELIGIBLE_FOR_LOAN", "LOAN_ACTIVE", "CLOSED"),
        server_default="FORMING",
    )
    status: Mapped[str | None] = mapped_column(String(50), server_default="ACTIVE")
    savings_balance: Mapped[Decimal | None] = zero(Money())
    loan_balance: Mapped[Decimal | None] = zero(Money())
    loan_fund_balance: Mapped[Decimal | None] = zero(Money())
    target_amount: Mapped[Decimal | None] = mapped_column(Money())
    minimum_contribution: Mapped[Decimal | None] = mapped_column(Money(10))
    members_count: Mapped[int | None] = zero(Integer)
    max_members: Mapped[int | None] = whole(30)
    chair_member_id: Mapped[int | None] = officer("group_members", later=True)
    treasurer_member_id: Mapped[int | None] = officer("group_members", later=True)
    secretary_member_id: Mapped[int | None] = officer("group_members", later=True)
    meeting_frequency: Mapped[str | None] = mapped_column(
        Choice("WEEKLY", "BIWEEKLY", "MONTHLY"), server_default="WEEKLY"
    )
    meeting_day: Mapped[int | None]
    meeting_time: Mapped[time | None]
    created_by: Mapped[int] = shared("users")
    currency: Mapped[str] = mapped_column(String(3), server_default="RWF")
    language: Mapped[str | None] = mapped_column(String(10))
    is_practice: Mapped[bool] = flag()
    property_items: Mapped[Any | None] = mapped_column(Json)
    bank_statements: Mapped[Any | None] = mapped_column(Json)

    members: Mapped[list[GroupMember]] = children("GroupMember.group_id", "group")
    settings: Mapped[GroupSettings | None] = children(
        "GroupSettings.group_id", "group", uselist=False
    )
    cycles: Mapped[list[SavingsCycle]] = children("SavingsCycle.group_id", "group")
    meetings: Mapped[list[Meeting]] = children("Meeting.group_id", "group")
    transactions: Mapped[list[GroupTransaction]] = children("GroupTransaction.group_id", "group")
    cashbook: Mapped[list[CashbookEntry]] = children("CashbookEntry.group_id", "group")
    loans: Mapped[list[GroupLoan]] = children("GroupLoan.group_id", "group")
    saving_types: Mapped[list[GroupSavingTypeSettings]] = children(
        "GroupSavingTypeSettings.group_id", "group"
    )
    igas: Mapped[list[SavingsGroupIga]] = children("SavingsGroupIga.group_id", "group")


class GroupSettings(Base):
    """A group's constitution: the rules that its members voted. One row a group."""

    __tablename__ = "group_settings"
    __table_args__ = table_args(
        UniqueConstraint("group_id"),
    )

    group_id: Mapped[int] = owner("savings_groups")
    preset: Mapped[str | None] = mapped_column(String(20))
    effective_date: Mapped[date | None] = today()
    share_name: Mapped[str | None] = mapped_column(String(50))
    loan_fund_name: Mapped[str | None] = mapped_column(String(50))
    social_fund_name: Mapped[str | None] = mapped_column(String(50))
    share_value: Mapped[Decimal] = zero(Money())
    max_shares_per_meeting: Mapped[int] = whole(5)
    max_meetings_merged: Mapped[int] = whole(2)
    social_fund_contribution: Mapped[Decimal] = zero(Money())
    fine_tariff: Mapped[Any | None] = mapped_column(Json)
    fines_fund: Mapped[str] = mapped_column(FUND, server_default="LOAN_FUND")
    loan_multiple: Mapped[Decimal] = mapped_column(Exact(5, 2), server_default=ExactDefault("3"))
    loan_max_months: Mapped[int] = whole(3)
    loan_interest_rate: Mapped[Decimal] = zero(Rate())
    loan_interest_method: Mapped[str] = mapped_column(
        Choice("ONE_TIME", "FLAT_MONTHLY", "DECLINING", "NONE"),
        server_default="ONE_TIME",
    )
    loan_period: Mapped[str] = mapped_column(
        Choice("FOUR_WEEKS", "THIRTY_DAYS", "CALENDAR_MONTH"),
        server_default="CALENDAR_MONTH",
    )
    loan_grace_days: Mapped[int] = whole(0)
    late_penalty_kind: Mapped[str] = mapped_column(
        Choice("NONE", "FIXED", "PERCENTAGE", length=20), server_default="NONE"
    )
    late_penalty_amount: Mapped[Decimal] = zero(Money())
    late_penalty_rate: Mapped[Decimal] = zero(Rate())
    late_penalty_repeats: Mapped[bool] = flag()
    guarantors_required: Mapped[int] = whole(0)
    loan_min_attendance: Mapped[Decimal] = mapped_column(
        Percent(), server_default=ExactDefault("50")
    )
    loan_min_months: Mapped[int] = whole(3)
    loan_min_score: Mapped[Decimal] = mapped_column(Percent(), server_default=ExactDefault("60"))
    loan_min_savings: Mapped[Decimal] = zero(Money())
    assessment_weights: Mapped[Any | None] = mapped_column(Json)
    quorum_percentage: Mapped[int] = whole(50)
    payout_unit: Mapped[Decimal] = mapped_column(Money(), server_default=ExactDefault("1"))
    profit_rule: Mapped[str] = mapped_column(
        Choice("PRO_RATA", "EQUAL", "RETURN_INTEREST", "MIXED", length=20),
        server_default="PRO_RATA",
    )
    profit_savings_percentage: Mapped[int] = whole(100)
    social_fund_rule: Mapped[str] = mapped_column(
        Choice("KEEP", "SPLIT_EQUALLY", "REFUND", length=20), server_default="KEEP"
    )
    remainder_fund: Mapped[str] = mapped_column(FUND, server_default="LOAN_FUND")
    leaver_rule: Mapped[str] = mapped_column(
        Choice("FACE_VALUE", "CURRENT_VALUE", length=20), server_default="FACE_VALUE"
    )
    joiner_rule: Mapped[str] = mapped_column(
        Choice("FACE_VALUE", "CURRENT_VALUE", length=20), server_default="FACE_VALUE"
    )
    agenda: Mapped[Any | None] = mapped_column(Json)
    activities: Mapped[Any | None] = mapped_column(Json)
    grant_tariff: Mapped[Any | None] = mapped_column(Json)

    group: Mapped[SavingsGroup] = relationship(back_populates="settings", foreign_keys=[group_id])


class SavingsCycle(Base):
    """One cycle of a group, from its first meeting to the share-out."""

    __tablename__ = "savings_cycles"
    __table_args__ = table_args(
        UniqueConstraint("group_id", "cycle_number"),
    )

    group_id: Mapped[int] = owner("savings_groups")
    cycle_number: Mapped[int]
    start_date: Mapped[date]
    end_date: Mapped[date]
    status: Mapped[str] = mapped_column(
        Choice("OPEN", "SHARED_OUT", "CLOSED", length=20), server_default="OPEN"
    )
    rules: Mapped[Any | None] = mapped_column(Json)
    members_at_start: Mapped[int] = whole(0)
    share_value: Mapped[Decimal] = zero(Money())
    total_shares: Mapped[int] = whole(0)
    total_savings: Mapped[Decimal] = zero(Money(15))
    total_profit: Mapped[Decimal] = zero(Money(15))
    pool_amount: Mapped[Decimal] = zero(Money(15))
    paid_out_amount: Mapped[Decimal] = zero(Money(15))
    remainder_amount: Mapped[Decimal] = zero(Money(15))
    share_out_date: Mapped[date | None]
    closed_date: Mapped[datetime | None]
    property_at_start: Mapped[Decimal] = zero(Money(15))
    debts_amount: Mapped[Decimal] = zero(Money(15))
    reserve_amount: Mapped[Decimal] = zero(Money(15))
    share_out: Mapped[Any | None] = mapped_column(Json)

    group: Mapped[SavingsGroup] = relationship(back_populates="cycles", foreign_keys=[group_id])


class GroupMember(Base):
    """A member of a group, called by number at the meeting."""

    __tablename__ = "group_members"
    __table_args__ = table_args(
        UniqueConstraint("group_id", "user_id"),
        Index("idx_group_members_group_id", "group_id"),
        Index("idx_group_members_user_id", "user_id"),
    )

    group_id: Mapped[int] = owner("savings_groups")
    user_id: Mapped[int | None] = officer("users")
    first_name: Mapped[str] = mapped_column(String(100))
    last_name: Mapped[str] = mapped_column(String(100))
    email: Mapped[str | None] = mapped_column(String(128))
    phone_number: Mapped[str | None] = mapped_column(String(20))
    id_number: Mapped[str | None] = mapped_column(String(50))
    date_of_birth: Mapped[date | None]
    gender: Mapped[str] = mapped_column(Choice("M", "F", "Other", length=10))
    occupation: Mapped[str | None] = mapped_column(String(100))
    status: Mapped[str | None] = mapped_column(
        Choice("ACTIVE", "INACTIVE", "SUSPENDED"), server_default="ACTIVE"
    )
    joined_date: Mapped[date | None] = today()
    is_active: Mapped[bool | None] = flag(default=True)
    role: Mapped[str | None] = mapped_column(
        Choice("MEMBER", "OFFICER", "FOUNDER"), server_default="MEMBER"
    )
    share_balance: Mapped[Decimal | None] = zero(Money())
    total_contributions: Mapped[Decimal | None] = zero(Money())
    attendance_percentage: Mapped[Decimal | None] = zero(Percent())
    is_eligible_for_loans: Mapped[bool | None] = flag()
    member_number: Mapped[int | None]
    savings_balance: Mapped[Decimal] = zero(Money())
    target_amount: Mapped[Decimal] = zero(Money())
    committee_role: Mapped[str | None] = mapped_column(
        Choice(
            "CHAIRPERSON",
            "SECRETARY",
            "TREASURER",
            "MONEY_COUNTER",
            "KEY_HOLDER",
            length=20,
        )
    )
    photo_path: Mapped[str | None] = mapped_column(String(500))
    left_date: Mapped[date | None]
    leaving_reason: Mapped[str | None] = mapped_column(
        Choice("LEFT", "EXPELLED", "DIED", "MOVED", length=20)
    )
    leaving_amount: Mapped[Decimal | None] = mapped_column(Money())

    group: Mapped[SavingsGroup] = relationship(back_populates="members", foreign_keys=[group_id])
    savings: Mapped[list[MemberSaving]] = children("MemberSaving.member_id", "member")
    fines: Mapped[list[MemberFine]] = children("MemberFine.member_id", "member")
    loans: Mapped[list[GroupLoan]] = children("GroupLoan.member_id", "member")
    attendance: Mapped[list[MeetingAttendance]] = children("MeetingAttendance.member_id", "member")
    assessments: Mapped[list[LoanAssessment]] = children("LoanAssessment.member_id", "member")
    achievements: Mapped[list[MemberAchievement]] = children(
        "MemberAchievement.member_id", "member"
    )


class SavingType(Base):
    """A kind of saving that groups may use: shares, ECD, social, target."""

    __tablename__ = "saving_types"
    __table_args__ = table_args(
        UniqueConstraint("code"),
        UniqueConstraint("name"),
    )

    name: Mapped[str] = mapped_column(String(100))
    description: Mapped[str | None] = mapped_column(Text)
    code: Mapped[str] = mapped_column(String(20))
    is_mandatory: Mapped[bool | None] = flag()
    minimum_amount: Mapped[Decimal | None] = zero(Money(10))
    maximum_amount: Mapped[Decimal | None] = mapped_column(Money(10))
    allows_withdrawal: Mapped[bool | None] = flag(default=True)
    withdrawal_notice_days: Mapped[int | None] = zero(Integer)
    interest_rate: Mapped[Decimal | None] = zero(Rate())
    is_active: Mapped[bool | None] = flag(default=True)


class GroupSavingTypeSettings(Base):
    """A group's own limits for a saving type, and the purse its money goes to."""

    __tablename__ = "group_saving_type_settings"
    __table_args__ = table_args(
        UniqueConstraint("group_id", "saving_type_id"),
    )

    group_id: Mapped[int] = owner("savings_groups")
    saving_type_id: Mapped[int] = shared("saving_types")
    fund_type: Mapped[str] = mapped_column(FUND, server_default="LOAN_FUND")
    minimum_amount: Mapped[Decimal] = zero(Money())
    maximum_amount: Mapped[Decimal | None] = mapped_column(Money())
    allows_withdrawal: Mapped[bool] = flag(default=True)
    withdrawal_notice_days: Mapped[int] = whole(0)
    display_order: Mapped[int] = whole(0)
    is_active: Mapped[bool] = flag(default=True)

    group: Mapped[SavingsGroup] = relationship(
        back_populates="saving_types", foreign_keys=[group_id]
    )


class MemberSaving(Base):
    """A member's account for one saving type."""

    __tablename__ = "member_savings"
    __table_args__ = table_args(
        UniqueConstraint("member_id", "saving_type_id"),
        Index("idx_member_savings_member_id", "member_id"),
    )

    member_id: Mapped[int] = owner("group_members")
    saving_type_id: Mapped[int] = shared("saving_types")
    current_balance: Mapped[Decimal] = zero(Money())
    target_amount: Mapped[Decimal | None] = mapped_column(Money())
    total_deposits: Mapped[Decimal | None] = zero(Money())
    total_withdrawals: Mapped[Decimal | None] = zero(Money())
    last_transaction_date: Mapped[date | None]
    is_active: Mapped[bool | None] = flag(default=True)

    member: Mapped[GroupMember] = relationship(back_populates="savings", foreign_keys=[member_id])
    transactions: Mapped[list[SavingTransaction]] = children(
        "SavingTransaction.member_saving_id", "account"
    )


class SavingTransaction(Base):
    """One deposit to, or withdrawal from, a member's account."""

    __tablename__ = "saving_transactions"
    __table_args__ = table_args(
        on_laptop("amount > 0", "amount_positive"),
        Index("idx_saving_transactions_member_saving_id", "member_saving_id"),
        Index("idx_saving_transactions_group_transaction_id", "group_transaction_id"),
    )

    member_saving_id: Mapped[int] = owner("member_savings")
    amount: Mapped[Decimal] = mapped_column(Money())
    transaction_type: Mapped[str] = mapped_column(Choice("DEPOSIT", "WITHDRAWAL"))
    transaction_date: Mapped[date | None] = today()
    description: Mapped[str | None] = mapped_column(Text)
    reference_number: Mapped[str | None] = mapped_column(String(100))
    is_mobile_money: Mapped[bool | None] = flag()
    mobile_money_reference: Mapped[str | None] = mapped_column(String(100))
    mobile_money_phone: Mapped[str | None] = mapped_column(String(20))
    verification_status: Mapped[str | None] = mapped_column(VERIFICATION, server_default="PENDING")
    verified_by: Mapped[int | None] = officer("users")
    verified_date: Mapped[datetime | None]
    meeting_id: Mapped[int | None] = officer("meetings")
    activity_id: Mapped[int | None] = officer("meeting_activities")
    shares_count: Mapped[int | None]
    group_transaction_id: Mapped[int | None] = officer("group_transactions")
    reverses_id: Mapped[int | None] = officer("saving_transactions")
    is_reversal: Mapped[bool] = flag()

    account: Mapped[MemberSaving] = relationship(
        back_populates="transactions", foreign_keys=[member_saving_id]
    )


class GroupTransaction(Base):
    """One movement of money: the ledger. Rows are added and never changed."""

    __tablename__ = "group_transactions"
    __table_args__ = table_args(
        on_laptop("amount > 0", "amount_positive"),
        UniqueConstraint("reference_number"),
        Index("idx_group_transactions_date", "transaction_date"),
        Index("idx_group_transactions_group_id", "group_id"),
        Index("idx_group_transactions_meeting_id", "meeting_id"),
        Index("idx_group_transactions_member_id", "member_id"),
        where_set("idx_group_transactions_loan_id", "loan_id"),
        where_set("idx_group_transactions_fine_id", "fine_id"),
        where_set("idx_group_transactions_reverses_id", "reverses_id"),
    )

    group_id: Mapped[int] = owner("savings_groups")
    member_id: Mapped[int | None] = officer("group_members")
    loan_id: Mapped[int | None] = officer("group_loans")
    amount: Mapped[Decimal] = mapped_column(Money(15))
    transaction_type: Mapped[str] = mapped_column(String(50))
    transaction_date: Mapped[date | None] = today()
    description: Mapped[str | None] = mapped_column(Text)
    reference_number: Mapped[str | None] = mapped_column(String(100))
    fund_type: Mapped[str | None] = mapped_column(FUND)
    is_mobile_money: Mapped[bool | None] = flag()
    mobile_money_reference: Mapped[str | None] = mapped_column(String(100))
    mobile_money_phone: Mapped[str | None] = mapped_column(String(20))
    verification_status: Mapped[str | None] = mapped_column(VERIFICATION, server_default="VERIFIED")
    verified_by: Mapped[int | None] = officer("users")
    verified_date: Mapped[datetime | None]
    meeting_id: Mapped[int | None] = officer("meetings")
    activity_id: Mapped[int | None] = officer("meeting_activities")
    created_by: Mapped[int | None] = officer("users")
    cycle_id: Mapped[int | None] = officer("savings_cycles")
    fine_id: Mapped[int | None] = officer("member_fines")
    direction: Mapped[int | None] = mapped_column(SmallInteger)
    held_in: Mapped[str | None] = mapped_column(Choice("BOX", "BANK", length=20))
    reverses_id: Mapped[int | None] = officer("group_transactions")
    reversed_type: Mapped[str | None] = mapped_column(String(50))
    reason: Mapped[str | None] = mapped_column(Text)
    due_date: Mapped[date | None]
    lender: Mapped[str | None] = mapped_column(String(100))
    category: Mapped[str | None] = mapped_column(String(50))
    charge_amount: Mapped[Decimal | None] = mapped_column(Money())

    group: Mapped[SavingsGroup] = relationship(
        back_populates="transactions", foreign_keys=[group_id]
    )


class CashbookEntry(Base):
    """One line of the cashbook, with the balance of every purse after it."""

    __tablename__ = "group_cashbook"
    __table_args__ = table_args(
        Index(
            "idx_group_cashbook_order",
            "group_id",
            "transaction_date",
            "transaction_reference",
            "id",
        ),
        Index("idx_group_cashbook_group_transaction_id", "group_transaction_id"),
    )

    group_id: Mapped[int] = owner("savings_groups")
    member_id: Mapped[int | None] = officer("group_members")
    transaction_date: Mapped[date]
    transaction_type: Mapped[str] = mapped_column(String(50))
    description: Mapped[str] = mapped_column(Text)
    amount: Mapped[Decimal] = mapped_column(Money(15))
    balance_after: Mapped[Decimal] = zero(Money(15))
    personal_fund_balance: Mapped[Decimal | None] = zero(Money())
    ecd_fund_balance: Mapped[Decimal | None] = zero(Money())
    social_fund_balance: Mapped[Decimal | None] = zero(Money())
    loan_fund_balance: Mapped[Decimal | None] = zero(Money())
    transaction_reference: Mapped[str | None] = mapped_column(String(100))
    group_transaction_id: Mapped[int | None] = officer("group_transactions")
    fund_type: Mapped[str | None] = mapped_column(FUND)
    counted_fund: Mapped[str | None] = mapped_column(String(50))
    signed_amount: Mapped[Decimal] = zero(Money(15))
    bank_amount: Mapped[Decimal] = zero(Money(15))
    target_fund_balance: Mapped[Decimal] = zero(Money())
    bank_balance: Mapped[Decimal] = zero(Money(15))

    group: Mapped[SavingsGroup] = relationship(back_populates="cashbook", foreign_keys=[group_id])


class MemberFine(Base):
    """A fine charged to a member; paid is another fact."""

    __tablename__ = "member_fines"
    __table_args__ = table_args(
        Index("idx_member_fines_member_id", "member_id"),
        Index("idx_member_fines_meeting_id", "meeting_id"),
    )

    member_id: Mapped[int] = owner("group_members")
    amount: Mapped[Decimal] = mapped_column(Money(10))
    reason: Mapped[str] = mapped_column(Text)
    fine_type: Mapped[str] = mapped_column(
        Choice("LATE_ARRIVAL", "ABSENCE", "MISCONDUCT", "LATE_PAYMENT")
    )
    fine_date: Mapped[date | None] = today()
    due_date: Mapped[date | None]
    is_paid: Mapped[bool | None] = flag()
    paid_amount: Mapped[Decimal | None] = zero(Money(10))
    payment_date: Mapped[date | None]
    payment_method: Mapped[str | None] = mapped_column(Choice("CASH", "MOBILE_MONEY"))
    mobile_money_reference: Mapped[str | None] = mapped_column(String(100))
    verification_status: Mapped[str | None] = mapped_column(VERIFICATION, server_default="PENDING")
    verified_by: Mapped[int | None] = officer("users")
    verified_date: Mapped[datetime | None]
    meeting_id: Mapped[int | None] = officer("meetings")
    imposed_by: Mapped[int | None] = officer("users")
    fund_type: Mapped[str | None] = mapped_column(FUND)
    waived_date: Mapped[date | None]
    waiver_reason: Mapped[str | None] = mapped_column(Text)

    member: Mapped[GroupMember] = relationship(back_populates="fines", foreign_keys=[member_id])


class ShareOutDistribution(Base):
    """What one member had and was paid at a share-out."""

    __tablename__ = "share_out_distributions"
    __table_args__ = table_args(
        UniqueConstraint("cycle_id", "member_id"),
    )

    group_id: Mapped[int] = owner("savings_groups")
    cycle_id: Mapped[int] = owner("savings_cycles")
    member_id: Mapped[int] = owner("group_members")
    shares_count: Mapped[int] = whole(0)
    savings_amount: Mapped[Decimal] = zero(Money())
    profit_amount: Mapped[Decimal] = zero(Money())
    social_fund_amount: Mapped[Decimal] = zero(Money())
    entitled_amount: Mapped[Decimal] = zero(Money())
    debt_amount: Mapped[Decimal] = zero(Money())
    payout_amount: Mapped[Decimal] = zero(Money())
    status: Mapped[str] = mapped_column(
        Choice("PROPOSED", "FROZEN", "PAID", length=20), server_default="PROPOSED"
    )
    paid_date: Mapped[date | None]
    group_transaction_id: Mapped[int | None] = officer("group_transactions")


# --- Phase 1.5 Income-generating activities ----------------------------------------------------


class SavingsGroupIga(Base):
    """An income-generating activity that a group runs together."""

    __tablename__ = "savings_group_iga"
    __table_args__ = table_args(
        Index("idx_savings_group_iga_group_id", "group_id"),
    )

    group_id: Mapped[int] = owner("savings_groups")
    name: Mapped[str] = mapped_column(String(255))
    description: Mapped[str | None] = mapped_column(Text)
    activity_type: Mapped[str] = mapped_column(String(100))
    initial_investment: Mapped[Decimal] = mapped_column(Money())
    current_value: Mapped[Decimal | None] = zero(Money())
    expected_returns: Mapped[Decimal | None] = mapped_column(Money())
    actual_returns: Mapped[Decimal | None] = zero(Money())
    status: Mapped[str | None] = mapped_column(
        Choice("ACTIVE", "INACTIVE", "COMPLETED", "SUSPENDED"), server_default="ACTIVE"
    )
    start_date: Mapped[date | None] = today()
    expected_end_date: Mapped[date | None]
    actual_end_date: Mapped[date | None]
    risk_level: Mapped[str | None] = mapped_column(
        Choice("LOW", "MEDIUM", "HIGH", length=20), server_default="MEDIUM"
    )
    risk_factors: Mapped[str | None] = mapped_column(Text)

    group: Mapped[SavingsGroup] = relationship(back_populates="igas", foreign_keys=[group_id])
    participation: Mapped[list[IgaParticipation]] = children("IgaParticipation.iga_id", "iga")
    cashflow: Mapped[list[IgaCashflow]] = children("IgaCashflow.iga_id", "iga")


class IgaParticipation(Base):
    """A member's part in an income-generating activity."""

    __tablename__ = "iga_member_participation"
    __table_args__ = table_args(
        UniqueConstraint("iga_id", "member_id"),
        Index("idx_iga_member_participation_iga_id", "iga_id"),
        Index("idx_iga_member_participation_member_id", "member_id"),
    )

    iga_id: Mapped[int] = owner("savings_group_iga")
    member_id: Mapped[int] = owner("group_members")
    investment_amount: Mapped[Decimal] = mapped_column(Money())
    ownership_percentage: Mapped[Decimal] = mapped_column(Percent())
    role: Mapped[str | None] = mapped_column(String(100))
    status: Mapped[str | None] = mapped_column(
        Choice("ACTIVE", "INACTIVE", "WITHDRAWN"), server_default="ACTIVE"
    )
    joined_date: Mapped[date | None] = today()
    withdrawn_date: Mapped[date | None]
    withdrawal_reason: Mapped[str | None] = mapped_column(Text)

    iga: Mapped[SavingsGroupIga] = relationship(
        back_populates="participation", foreign_keys=[iga_id]
    )


class IgaCashflow(Base):
    """Money in or out of an income-generating activity."""

    __tablename__ = "iga_cashflow"

    iga_id: Mapped[int] = owner("savings_group_iga")
    transaction_type: Mapped[str] = mapped_column(
        Choice(
            "income",
            "expense",
            "profit_distribution",
            "loss_recovery",
            "capital_return",
        )
    )
    amount: Mapped[Decimal] = mapped_column(Money())
    transaction_date: Mapped[date | None] = today()
    description: Mapped[str] = mapped_column(Text)
    reference_number: Mapped[str | None] = mapped_column(String(100))
    receipt_document_path: Mapped[str | None] = mapped_column(String(500))
    recorded_by: Mapped[int | None] = officer("users")
    approved_by: Mapped[int | None] = officer("users")
    approval_date: Mapped[datetime | None]
    group_transaction_id: Mapped[int | None] = officer("group_transactions")

    iga: Mapped[SavingsGroupIga] = relationship(back_populates="cashflow", foreign_keys=[iga_id])


class IgaMemberReturn(Base):
    """What a member got back from an income-generating activity."""

    __tablename__ = "iga_member_returns"

    iga_id: Mapped[int] = owner("savings_group_iga")
    member_id: Mapped[int] = owner("group_members")
    return_amount: Mapped[Decimal] = mapped_column(Money())
    return_type: Mapped[str] = mapped_column(Choice("PROFIT", "LOSS", "CAPITAL_RETURN"))
    calculation_basis: Mapped[str | None] = mapped_column(Text)
    distribution_date: Mapped[date | None] = today()
    payment_method: Mapped[str | None] = mapped_column(
        Choice("CASH", "MOBILE_MONEY", "BANK_TRANSFER"), server_default="CASH"
    )
    payment_reference: Mapped[str | None] = mapped_column(String(100))
    status: Mapped[str | None] = mapped_column(
        Choice("PENDING", "PAID", "CANCELLED"), server_default="PENDING"
    )
    paid_date: Mapped[date | None]


# --- Phase 2 Loans -----------------------------------------------------------------------------


class LoanAssessment(Base):
    """Why a member may borrow, and how much: a score and its parts."""

    __tablename__ = "loan_assessments"
    __table_args__ = table_args(
        Index("idx_loan_assessments_member_id", "member_id"),
    )

    member_id: Mapped[int] = owner("group_members")
    assessment_date: Mapped[date | None] = today()
    total_savings: Mapped[Decimal] = mapped_column(Money())
    attendance_rate: Mapped[Decimal] = mapped_column(Percent())
    months_active: Mapped[int]
    savings_score: Mapped[Decimal | None] = zero(Percent())
    attendance_score: Mapped[Decimal | None] = zero(Percent())
    participation_score: Mapped[Decimal | None] = zero(Percent())
    overall_score: Mapped[Decimal | None] = zero(Percent())
    is_eligible: Mapped[bool | None] = flag()
    max_loan_amount: Mapped[Decimal | None] = zero(Money())
    recommended_term_months: Mapped[int | None] = zero(Integer)
    interest_rate: Mapped[Decimal | None] = zero(Rate())
    risk_level: Mapped[str | None] = mapped_column(
        Choice("LOW", "MEDIUM", "HIGH", length=20), server_default="MEDIUM"
    )
    risk_factors: Mapped[str | None] = mapped_column(Text)
    assessed_by: Mapped[int | None] = officer("users")
    assessment_notes: Mapped[str | None] = mapped_column(Text)

    member: Mapped[GroupMember] = relationship(
        back_populates="assessments", foreign_keys=[member_id]
    )


class GroupLoan(Base):
    """A loan to a member."""

    __tablename__ = "group_loans"
    __table_args__ = table_args(
        Index("idx_group_loans_group_id", "group_id"),
        Index("idx_group_loans_member_id", "member_id"),
    )

    group_id: Mapped[int] = owner("savings_groups")
    member_id: Mapped[int] = owner("group_members")
    principal: Mapped[Decimal] = mapped_column(Money(15))
    interest_rate: Mapped[Decimal] = mapped_column(Rate())
    term_months: Mapped[int]
    monthly_payment: Mapped[Decimal] = mapped_column(Money())
    status: Mapped[str | None] = mapped_column(
        Choice("PENDING", "APPROVED", "DISBURSED", "ACTIVE", "COMPLETED", "DEFAULTED"),
        server_default="PENDING",
    )
    application_date: Mapped[date | None] = today()
    approval_date: Mapped[date | None]
    disbursement_date: Mapped[date | None]
    maturity_date: Mapped[date | None]
    total_amount_due: Mapped[Decimal] = mapped_column(Money(15))
    amount_paid: Mapped[Decimal | None] = zero(Money(15))
    outstanding_balance: Mapped[Decimal] = zero(Money(15))
    payments_made: Mapped[int | None] = zero(Integer)
    payments_missed: Mapped[int | None] = zero(Integer)
    days_overdue: Mapped[int | None] = zero(Integer)
    approved_by: Mapped[int | None] = officer("users")
    disbursed_by: Mapped[int | None] = officer("users")
    loan_purpose: Mapped[str | None] = mapped_column(Text)
    collateral_description: Mapped[str | None] = mapped_column(Text)
    guarantor_member_id: Mapped[int | None] = officer("group_members")
    cycle_id: Mapped[int | None] = officer("savings_cycles")
    meeting_id: Mapped[int | None] = officer("meetings")
    assessment_id: Mapped[int | None] = officer("loan_assessments")
    interest_method: Mapped[str | None] = mapped_column(
        Choice("ONE_TIME", "FLAT_MONTHLY", "DECLINING", "NONE")
    )
    loan_period: Mapped[str | None] = mapped_column(
        Choice("FOUR_WEEKS", "THIRTY_DAYS", "CALENDAR_MONTH")
    )
    principal_outstanding: Mapped[Decimal] = zero(Money(15))
    principal_paid: Mapped[Decimal] = zero(Money(15))
    amount_written_off: Mapped[Decimal] = zero(Money(15))
    penalty_paid: Mapped[Decimal] = zero(Money())
    rescheduled_date: Mapped[date | None]
    written_off_date: Mapped[date | None]
    status_reason: Mapped[str | None] = mapped_column(Text)

    group: Mapped[SavingsGroup] = relationship(back_populates="loans", foreign_keys=[group_id])
    member: Mapped[GroupMember] = relationship(back_populates="loans", foreign_keys=[member_id])
    schedule: Mapped[list[Instalment]] = children("Instalment.loan_id", "loan")


class Instalment(Base):
    """One instalment of a loan's schedule."""

    __tablename__ = "loan_repayment_schedule"
    __table_args__ = table_args(
        Index("idx_loan_repayment_schedule_loan_id", "loan_id"),
    )

    loan_id: Mapped[int] = owner("group_loans")
    installment_number: Mapped[int]
    due_date: Mapped[date]
    principal_amount: Mapped[Decimal] = mapped_column(Money())
    interest_amount: Mapped[Decimal] = mapped_column(Money())
    total_amount: Mapped[Decimal] = mapped_column(Money())
    is_paid: Mapped[bool | None] = flag()
    paid_amount: Mapped[Decimal | None] = zero(Money())
    payment_date: Mapped[date | None]
    days_late: Mapped[int | None] = zero(Integer)
    late_fee_amount: Mapped[Decimal | None] = zero(Money(10))
    late_fee_paid: Mapped[Decimal | None] = zero(Money(10))
    payment_method: Mapped[str | None] = mapped_column(Choice("CASH", "MOBILE_MONEY"))
    payment_reference: Mapped[str | None] = mapped_column(String(100))

    loan: Mapped[GroupLoan] = relationship(back_populates="schedule", foreign_keys=[loan_id])


# --- Phase 3 Meetings --------------------------------------------------------------------------


class Meeting(Base):
    """One meeting: one page of the book."""

    __tablename__ = "meetings"
    __table_args__ = table_args(
        UniqueConstraint("group_id", "meeting_number"),
        Index("idx_meetings_date", "meeting_date"),
        Index("idx_meetings_group_id", "group_id"),
    )

    group_id: Mapped[int] = owner("savings_groups")
    meeting_number: Mapped[int]
    meeting_date: Mapped[date]
    meeting_time: Mapped[time | None]
    meeting_type: Mapped[str | None] = mapped_column(
        Choice("REGULAR", "SPECIAL", "ANNUAL", "EMERGENCY"), server_default="REGULAR"
    )
    status: Mapped[str | None] = mapped_column(
        Choice("SCHEDULED", "IN_PROGRESS", "COMPLETED", "CANCELLED"),
        server_default="SCHEDULED",
    )
    chairperson_id: Mapped[int | None] = officer("group_members")
    secretary_id: Mapped[int | None] = officer("group_members")
    treasurer_id: Mapped[int | None] = officer("group_members")
    total_members: Mapped[int | None] = zero(Integer)
    members_present: Mapped[int | None] = zero(Integer)
    attendance_count: Mapped[int | None] = zero(Integer)
    quorum_met: Mapped[bool | None] = flag()
    total_savings_collected: Mapped[Decimal | None] = zero(Money())
    total_fines_collected: Mapped[Decimal | None] = zero(Money())
    total_loan_repayments: Mapped[Decimal | None] = zero(Money())
    loans_disbursed_count: Mapped[int | None] = zero(Integer)
    agenda: Mapped[str | None] = mapped_column(Text)
    minutes: Mapped[str | None] = mapped_column(Text)
    decisions_made: Mapped[str | None] = mapped_column(Text)
    action_items: Mapped[str | None] = mapped_column(Text)
    location: Mapped[str | None] = mapped_column(String(255))
    latitude: Mapped[Decimal | None] = mapped_column(Exact(10, 8))
    longitude: Mapped[Decimal | None] = mapped_column(Exact(11, 8))
    cycle_id: Mapped[int | None] = officer("savings_cycles")
    meetings_merged: Mapped[int] = whole(1)
    quorum_required: Mapped[int | None]
    opening_count: Mapped[Any | None] = mapped_column(Json)
    closing_count: Mapped[Any | None] = mapped_column(Json)
    opened_date: Mapped[datetime | None]
    closed_date: Mapped[datetime | None]
    seal: Mapped[str | None] = mapped_column(String(64))
    previous_seal: Mapped[str | None] = mapped_column(String(64))
    planned_date: Mapped[date | None]
    status_reason: Mapped[str | None] = mapped_column(Text)

    group: Mapped[SavingsGroup] = relationship(back_populates="meetings", foreign_keys=[group_id])
    activities: Mapped[list[MeetingActivity]] = children("MeetingActivity.meeting_id", "meeting")


class MeetingActivity(Base):
    """Something the meeting did: savings, a vote, a training."""

    __tablename__ = "meeting_activities"
    __table_args__ = table_args(
        Index("idx_meeting_activities_meeting_id", "meeting_id"),
    )

    meeting_id: Mapped[int] = owner("meetings")
    activity_type: Mapped[str] = mapped_column(
        Choice("SAVINGS", "LOANS", "FINES", "VOTING", "TRAINING", "DISCUSSION")
    )
    activity_name: Mapped[str] = mapped_column(String(255))
    description: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str | None] = mapped_column(
        Choice("PENDING", "IN_PROGRESS", "COMPLETED", "SKIPPED"),
        server_default="PENDING",
    )
    start_time: Mapped[time | None]
    end_time: Mapped[time | None]
    duration_minutes: Mapped[int | None]
    total_amount: Mapped[Decimal | None] = zero(Money())
    participants_count: Mapped[int | None] = zero(Integer)
    conducted_by: Mapped[int | None] = officer("group_members")
    notes: Mapped[str | None] = mapped_column(Text)
    votes_for: Mapped[int | None]
    votes_against: Mapped[int | None]
    votes_abstained: Mapped[int | None]

    meeting: Mapped[Meeting] = relationship(back_populates="activities", foreign_keys=[meeting_id])
    participation: Mapped[list[ActivityParticipation]] = children(
        "ActivityParticipation.activity_id", "activity"
    )
    documents: Mapped[list[ActivityDocument]] = children("ActivityDocument.activity_id", "activity")


class ActivityParticipation(Base):
    """A member's part in an activity of a meeting."""

    __tablename__ = "member_activity_participation"
    __table_args__ = table_args(
        UniqueConstraint("activity_id", "member_id"),
        Index("idx_member_activity_participation_activity_id", "activity_id"),
        Index("idx_member_activity_participation_member_id", "member_id"),
    )

    activity_id: Mapped[int] = owner("meeting_activities")
    member_id: Mapped[int] = owner("group_members")
    is_present: Mapped[bool | None] = flag()
    participation_type: Mapped[str | None] = mapped_column(
        Choice("CONTRIBUTOR", "OBSERVER", "LEADER", "ABSENT")
    )
    amount_contributed: Mapped[Decimal | None] = zero(Money())
    fund_type: Mapped[str | None] = mapped_column(
        Choice("PERSONAL", "ECD", "SOCIAL", "TARGET", "FINE")
    )
    payment_method: Mapped[str | None] = mapped_column(
        Choice("CASH", "MOBILE_MONEY"), server_default="CASH"
    )
    mobile_money_reference: Mapped[str | None] = mapped_column(String(100))
    mobile_money_phone: Mapped[str | None] = mapped_column(String(20))
    verification_status: Mapped[str | None] = mapped_column(VERIFICATION, server_default="PENDING")
    verified_by: Mapped[int | None] = officer("users")
    verified_date: Mapped[datetime | None]
    participation_score: Mapped[Decimal | None] = zero(Exact(3, 1))
    contributed_to_discussions: Mapped[bool | None] = flag()
    voted_on_decisions: Mapped[bool | None] = flag()
    notes: Mapped[str | None] = mapped_column(Text)
    excuse_reason: Mapped[str | None] = mapped_column(Text)
    vote: Mapped[str | None] = mapped_column(Choice("FOR", "AGAINST", "ABSTAINED", length=20))

    activity: Mapped[MeetingActivity] = relationship(
        back_populates="participation", foreign_keys=[activity_id]
    )


class MeetingAttendance(Base):
    """A member's line in the roll call.

    The ``corrected_`` columns say what a later meeting put right of it; the others never change.
    """

    __tablename__ = "meeting_attendance"
    __table_args__ = table_args(
        UniqueConstraint("group_id", "member_id", "meeting_date"),
        Index("idx_meeting_attendance_meeting_id", "meeting_id"),
        Index("idx_meeting_attendance_member_id", "member_id"),
        where_set("idx_meeting_attendance_corrected_meeting_id", "corrected_meeting_id"),
    )

    group_id: Mapped[int] = owner("savings_groups")
    member_id: Mapped[int] = owner("group_members")
    meeting_date: Mapped[date]
    meeting_number: Mapped[int | None]
    is_present: Mapped[bool | None] = flag()
    arrival_time: Mapped[time | None]
    excuse_reason: Mapped[str | None] = mapped_column(Text)
    participated_in_discussions: Mapped[bool | None] = flag()
    contributed_to_savings: Mapped[bool | None] = flag()
    voted_on_decisions: Mapped[bool | None] = flag()
    participation_score: Mapped[Decimal | None] = zero(Exact(3, 1))
    meeting_id: Mapped[int | None] = officer("meetings")
    attendance_status: Mapped[str | None] = mapped_column(MARK)
    represented_by: Mapped[str | None] = mapped_column(String(200))
    corrected_status: Mapped[str | None] = mapped_column(MARK)
    corrected_meeting_id: Mapped[int | None] = officer("meetings")
    correction_reason: Mapped[str | None] = mapped_column(Text)

    member: Mapped[GroupMember] = relationship(
        back_populates="attendance", foreign_keys=[member_id]
    )


# --- Phase 4 Documents and mobile money --------------------------------------------------------


class ActivityDocument(Base):
    """A file that proves or records an activity."""

    __tablename__ = "activity_documents"
    __table_args__ = table_args(
        Index("idx_activity_documents_sha256", "sha256"),
    )

    activity_id: Mapped[int] = owner("meeting_activities")
    document_name: Mapped[str] = mapped_column(String(255))
    document_type: Mapped[str] = mapped_column(String(50))
    file_path: Mapped[str] = mapped_column(String(500))
    file_size: Mapped[int]
    mime_type: Mapped[str | None] = mapped_column(String(100))
    description: Mapped[str | None] = mapped_column(Text)
    is_proof_document: Mapped[bool | None] = flag()
    document_category: Mapped[str | None] = mapped_column(
        Choice("PROOF", "MINUTES", "ATTENDANCE", "FINANCIAL", "OTHER")
    )
    uploaded_by: Mapped[int | None] = officer("users")
    upload_date: Mapped[datetime | None] = now()
    is_public: Mapped[bool | None] = flag()
    access_level: Mapped[str | None] = mapped_column(
        Choice("GROUP", "OFFICERS", "ADMIN"), server_default="GROUP"
    )
    sha256: Mapped[str | None] = mapped_column(String(64))

    activity: Mapped[MeetingActivity] = relationship(
        back_populates="documents", foreign_keys=[activity_id]
    )
    versions: Mapped[list[DocumentVersion]] = children("DocumentVersion.document_id", "document")
    approvals: Mapped[list[DocumentApproval]] = children("DocumentApproval.document_id", "document")


class DocumentAuditEntry(Base):
    """Who did what to a document, and when."""

    __tablename__ = "activity_document_audit_log"
    __table_args__ = table_args(
        Index("idx_activity_document_audit_log_document_id", "document_id"),
    )

    document_id: Mapped[int] = owner("activity_documents")
    action: Mapped[str] = mapped_column(
        Choice(
            "UPLOADED",
            "VIEWED",
            "CHANGED",
            "APPROVED",
            "REJECTED",
            "REMOVED",
            length=20,
        )
    )
    performed_by: Mapped[int | None] = officer("users")
    performed_date: Mapped[datetime] = now()
    details: Mapped[Any | None] = mapped_column(Json)


class GroupMobileMoneyAccount(Base):
    """A group's mobile-money account."""

    __tablename__ = "group_mobile_money_accounts"
    __table_args__ = table_args(
        UniqueConstraint("group_id", "provider", "account_number"),
    )

    group_id: Mapped[int] = owner("savings_groups")
    provider: Mapped[str] = mapped_column(String(100))
    account_number: Mapped[str] = mapped_column(String(50))
    account_holder: Mapped[str] = mapped_column(String(255))
    is_primary: Mapped[bool | None] = flag()
    is_active: Mapped[bool | None] = flag(default=True)
    daily_limit: Mapped[Decimal | None] = mapped_column(Money())
    monthly_limit: Mapped[Decimal | None] = mapped_column(Money())


class MobileMoneyPayment(Base):
    """A mobile-money payment that a member says was made."""

    __tablename__ = "mobile_money_payments"
    __table_args__ = table_args(
        Index("idx_mobile_money_payments_status", "status"),
    )

    group_id: Mapped[int] = owner("savings_groups")
    member_id: Mapped[int | None] = officer("group_members")
    meeting_id: Mapped[int | None] = officer("meetings")
    activity_id: Mapped[int | None] = officer("meeting_activities")
    amount: Mapped[Decimal] = mapped_column(Money())
    phone_number: Mapped[str] = mapped_column(String(20))
    provider: Mapped[str] = mapped_column(String(50))
    transaction_reference: Mapped[str] = mapped_column(String(100))
    fund_type: Mapped[str | None] = mapped_column(String(50))
    payment_purpose: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str | None] = mapped_column(
        Choice("PENDING", "VERIFIED", "REJECTED", "CANCELLED"), server_default="PENDING"
    )
    verification_status: Mapped[str | None] = mapped_column(VERIFICATION, server_default="PENDING")
    payment_date: Mapped[datetime | None] = now()
    verified_date: Mapped[datetime | None]
    verified_by: Mapped[int | None] = officer("users")
    provider_transaction_id: Mapped[str | None] = mapped_column(String(100))
    provider_response: Mapped[Any | None] = mapped_column(Json)
    group_transaction_id: Mapped[int | None] = officer("group_transactions")

    verifications: Mapped[list[MobileMoneyVerification]] = children(
        "MobileMoneyVerification.payment_id", "payment"
    )


class MobileMoneyVerification(Base):
    """How a mobile-money payment was verified."""

    __tablename__ = "mobile_money_verification"

    payment_id: Mapped[int] = owner("mobile_money_payments")
    verification_method: Mapped[str] = mapped_column(
        Choice("MANUAL", "PROVIDER_API", "RECEIPT_UPLOAD")
    )
    verification_timestamp: Mapped[datetime]
    verified_by: Mapped[int] = shared("users")
    verification_notes: Mapped[str | None] = mapped_column(Text)
    receipt_image_path: Mapped[str | None] = mapped_column(String(500))
    provider_confirmation: Mapped[Any | None] = mapped_column(Json)

    payment: Mapped[MobileMoneyPayment] = relationship(
        back_populates="verifications", foreign_keys=[payment_id]
    )


# --- Phase 5 Achievements ----------------------------------------------------------------------


class Achievement(Base):
    """Something a member can achieve."""

    __tablename__ = "achievements"
    __table_args__ = table_args(
        UniqueConstraint("name"),
    )

    name: Mapped[str] = mapped_column(String(100))
    description: Mapped[str] = mapped_column(Text)
    category: Mapped[str] = mapped_column(
        Choice("FINANCIAL", "LOAN", "ATTENDANCE", "PARTICIPATION", "TRAINING", "LEADERSHIP")
    )
    criteria: Mapped[Any] = mapped_column(Json)
    points_value: Mapped[int | None] = zero(Integer)
    is_repeatable: Mapped[bool | None] = flag()
    is_active: Mapped[bool | None] = flag(default=True)
    difficulty_level: Mapped[str | None] = mapped_column(
        Choice("EASY", "MEDIUM", "HARD", "EXPERT", length=20), server_default="MEDIUM"
    )
    icon_name: Mapped[str | None] = mapped_column(String(100))
    badge_color: Mapped[str | None] = mapped_column(String(20))


class MemberAchievement(Base):
    """An achievement that a member earned."""

    __tablename__ = "member_achievements"
    __table_args__ = table_args(
        UniqueConstraint("member_id", "achievement_id", "awarded_date"),
    )

    member_id: Mapped[int] = owner("group_members")
    achievement_id: Mapped[int] = owner("achievements")
    awarded_date: Mapped[date | None] = today()
    points_earned: Mapped[int | None] = zero(Integer)
    trigger_activity_id: Mapped[int | None] = officer("meeting_activities")
    trigger_meeting_id: Mapped[int | None] = officer("meetings")
    achievement_data: Mapped[Any | None] = mapped_column(Json)

    member: Mapped[GroupMember] = relationship(
        back_populates="achievements", foreign_keys=[member_id]
    )


class AchievementBadge(Base):
    """A badge for a set of achievements."""

    __tablename__ = "achievement_badges"
    __table_args__ = table_args(
        UniqueConstraint("name"),
    )

    name: Mapped[str] = mapped_column(String(100))
    description: Mapped[str | None] = mapped_column(Text)
    badge_type: Mapped[str] = mapped_column(Choice("BADGE", "CERTIFICATE", "MEDAL", "STAR"))
    required_achievements: Mapped[Any | None] = mapped_column(Json)
    minimum_points: Mapped[int | None] = zero(Integer)
    is_active: Mapped[bool | None] = flag(default=True)
    rarity_level: Mapped[str | None] = mapped_column(
        Choice("COMMON", "RARE", "EPIC", "LEGENDARY", length=20),
        server_default="COMMON",
    )
    badge_image_path: Mapped[str | None] = mapped_column(String(500))
    badge_color: Mapped[str | None] = mapped_column(String(20))


class MemberBadge(Base):
    """A badge that a member wears."""

    __tablename__ = "member_badges"
    __table_args__ = table_args(
        UniqueConstraint("member_id", "badge_id"),
    )

    member_id: Mapped[int] = owner("group_members")
    badge_id: Mapped[int] = owner("achievement_badges")
    awarded_date: Mapped[date | None] = today()
    qualifying_achievements: Mapped[Any | None] = mapped_column(Json)


class LeaderboardEntry(Base):
    """A member's standing in the group."""

    __tablename__ = "achievement_leaderboard"
    __table_args__ = table_args(
        UniqueConstraint("member_id"),
    )

    member_id: Mapped[int] = owner("group_members")
    group_id: Mapped[int] = owner("savings_groups")
    total_points: Mapped[int | None] = zero(Integer)
    total_achievements: Mapped[int | None] = zero(Integer)
    total_badges: Mapped[int | None] = zero(Integer)
    savings_rank: Mapped[int | None]
    attendance_rank: Mapped[int | None]
    participation_rank: Mapped[int | None]
    overall_rank: Mapped[int | None]
    member_score: Mapped[Decimal | None] = zero(Money(8))
    attendance_rate: Mapped[Decimal | None] = zero(Percent())
    last_updated: Mapped[datetime | None] = now()


# --- Phase 6 Analytics -------------------------------------------------------------------------


class AnalyticsSnapshot(Base):
    """A group's figures on one day."""

    __tablename__ = "analytics_snapshots"
    __table_args__ = table_args(
        UniqueConstraint("group_id", "snapshot_date"),
    )

    group_id: Mapped[int] = owner("savings_groups")
    snapshot_date: Mapped[date]
    total_members: Mapped[int | None] = zero(Integer)
    active_members: Mapped[int | None] = zero(Integer)
    new_members_this_month: Mapped[int | None] = zero(Integer)
    total_savings: Mapped[Decimal | None] = zero(Money(15))
    total_loans: Mapped[Decimal | None] = zero(Money(15))
    total_fines: Mapped[Decimal | None] = zero(Money())
    average_attendance: Mapped[Decimal | None] = zero(Percent())
    meetings_held: Mapped[int | None] = zero(Integer)
    loan_default_rate: Mapped[Decimal | None] = zero(Percent())
    savings_growth_rate: Mapped[Decimal | None] = zero(Percent())
    member_growth_rate: Mapped[Decimal | None] = zero(Percent())


class AnalyticsReport(Base):
    """A report that was made and kept."""

    __tablename__ = "analytics_reports"

    group_id: Mapped[int] = owner("savings_groups")
    report_type: Mapped[str] = mapped_column(
        Choice("FINANCIAL", "LOAN", "ACHIEVEMENT", "GROUP", "CUSTOM")
    )
    report_name: Mapped[str] = mapped_column(String(100))
    report_description: Mapped[str | None] = mapped_column(Text)
    report_data: Mapped[Any] = mapped_column(Json)
    report_parameters: Mapped[Any | None] = mapped_column(Json)
    generated_by: Mapped[int | None] = officer("users")
    generated_date: Mapped[datetime | None] = now()
    report_period_start: Mapped[date | None]
    report_period_end: Mapped[date | None]
    file_path: Mapped[str | None] = mapped_column(String(500))
    file_format: Mapped[str | None] = mapped_column(Choice("PDF", "EXCEL", "CSV", length=20))


class MemberAnalytics(Base):
    """A member's figures on one day."""

    __tablename__ = "member_analytics"
    __table_args__ = table_args(
        UniqueConstraint("member_id", "analytics_date"),
    )

    member_id: Mapped[int] = owner("group_members")
    group_id: Mapped[int] = owner("savings_groups")
    analytics_date: Mapped[date]
    total_savings: Mapped[Decimal | None] = zero(Money())
    total_loans: Mapped[Decimal | None] = zero(Money())
    total_fines: Mapped[Decimal | None] = zero(Money(10))
    attendance_rate: Mapped[Decimal | None] = zero(Percent())
    participation_score: Mapped[Decimal | None] = zero(Percent())
    achievement_points: Mapped[int | None] = zero(Integer)
    meetings_attended: Mapped[int | None] = zero(Integer)
    meetings_missed: Mapped[int | None] = zero(Integer)
    late_arrivals: Mapped[int | None] = zero(Integer)


# --- Phase 7 Advanced --------------------------------------------------------------------------


class DocumentTemplate(Base):
    """The text from which a group prints a document."""

    __tablename__ = "document_templates"

    group_id: Mapped[int] = owner("savings_groups")
    template_name: Mapped[str] = mapped_column(String(100))
    template_type: Mapped[str] = mapped_column(
        Choice(
            "MEETING_MINUTES",
            "ATTENDANCE",
            "SAVINGS_RECORD",
            "LOAN_AGREEMENT",
            "CONSTITUTION",
        )
    )
    template_content: Mapped[str | None] = mapped_column(Text)
    is_active: Mapped[bool | None] = flag(default=True)
    is_default: Mapped[bool | None] = flag()


class DocumentVersion(Base):
    """An earlier or later version of a document."""

    __tablename__ = "document_versions"
    __table_args__ = table_args(
        Index("idx_document_versions_sha256", "sha256"),
    )

    document_id: Mapped[int] = owner("activity_documents")
    version_number: Mapped[int]
    file_path: Mapped[str] = mapped_column(String(500))
    file_size: Mapped[int]
    change_description: Mapped[str | None] = mapped_column(Text)
    sha256: Mapped[str | None] = mapped_column(String(64))

    document: Mapped[ActivityDocument] = relationship(
        back_populates="versions", foreign_keys=[document_id]
    )


class DocumentApproval(Base):
    """An approval, or refusal, of a document by a person."""

    __tablename__ = "document_approvals"

    document_id: Mapped[int] = owner("activity_documents")
    approver_id: Mapped[int] = shared("users")
    approval_status: Mapped[str | None] = mapped_column(
        Choice("PENDING", "APPROVED", "REJECTED", length=20), server_default="PENDING"
    )
    approval_date: Mapped[datetime | None]
    signature_path: Mapped[str | None] = mapped_column(String(500))
    comments: Mapped[str | None] = mapped_column(Text)

    document: Mapped[ActivityDocument] = relationship(
        back_populates="approvals", foreign_keys=[document_id]
    )


class MobileMoneyProvider(Base):
    """How a group reaches its mobile-money provider."""

    __tablename__ = "mobile_money_providers"

    group_id: Mapped[int] = owner("savings_groups")
    provider_name: Mapped[str] = mapped_column(String(50))
    provider_code: Mapped[str] = mapped_column(String(20))
    api_key: Mapped[str | None] = mapped_column(String(255))
    api_secret: Mapped[str | None] = mapped_column(String(255))
    merchant_id: Mapped[str | None] = mapped_column(String(100))
    is_active: Mapped[bool | None] = flag(default=True)
    transaction_fee_rate: Mapped[Decimal | None] = zero(Rate())
    daily_limit: Mapped[Decimal | None] = mapped_column(Money())


class MobileMoneyReconciliation(Base):
    """A line of a provider's statement against a recorded payment."""

    __tablename__ = "mobile_money_reconciliation"
    __table_args__ = table_args(
        UniqueConstraint("group_id", "provider", "statement_reference"),
    )

    group_id: Mapped[int] = owner("savings_groups")
    payment_id: Mapped[int | None] = officer("mobile_money_payments")
    provider: Mapped[str] = mapped_column(String(50))
    statement_reference: Mapped[str] = mapped_column(String(100))
    statement_date: Mapped[date]
    amount: Mapped[Decimal] = mapped_column(Money())
    phone_number: Mapped[str | None] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(
        Choice("UNMATCHED", "MATCHED", "DISPUTED", length=20),
        server_default="UNMATCHED",
    )
    matched_by: Mapped[int | None] = officer("users")
    matched_date: Mapped[datetime | None]
    notes: Mapped[str | None] = mapped_column(Text)


PHASES: dict[str, tuple[str, ...]] = {
    "0": (
        "users",
        "services",
        "service_admins",
        "user_service_permissions",
        "service_access_requests",
        "notifications",
    ),
    "1": (
        "savings_groups",
        "group_settings",
        "savings_cycles",
        "group_members",
        "saving_types",
        "group_saving_type_settings",
        "member_savings",
        "saving_transactions",
        "group_transactions",
        "group_cashbook",
        "member_fines",
        "share_out_distributions",
    ),
    "1.5": (
        "savings_group_iga",
        "iga_member_participation",
        "iga_cashflow",
        "iga_member_returns",
    ),
    "2": (
        "loan_assessments",
        "group_loans",
        "loan_repayment_schedule",
    ),
    "3": (
        "meetings",
        "meeting_activities",
        "member_activity_participation",
        "meeting_attendance",
    ),
    "4": (
        "activity_documents",
        "activity_document_audit_log",
        "group_mobile_money_accounts",
        "mobile_money_payments",
        "mobile_money_verification",
    ),
    "5": (
        "achievements",
        "member_achievements",
        "achievement_badges",
        "member_badges",
        "achievement_leaderboard",
    ),
    "6": (
        "analytics_snapshots",
        "analytics_reports",
        "member_analytics",
    ),
    "7": (
        "document_templates",
        "document_versions",
        "document_approvals",
        "mobile_money_providers",
        "mobile_money_reconciliation",
    ),
}
"""The tables of each phase of the programme, in dependency order."""
