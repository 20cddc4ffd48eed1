"""Rows that every database starts with, and days that a central upgrade keeps."""

from __future__ import annotations

from uuid import UUID, uuid5

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

NAMESPACE = UUID("5f0c1f8e-3d5b-5b0e-9a35-6c2f8f6a7b41")
# The numbers that sync gives these tables.
NUMBERS = {"services": 2, "achievements": 35, "achievement_badges": 37}

SERVICES = (
    ("Savings groups", "Groups, their members, savings and cashbooks."),
    ("Loans", "Loans, repayments and penalties."),
    ("Meetings", "Meetings, roll calls and votes."),
    ("Income activities", "What groups earn together."),
    ("Documents", "Papers of a group, and who has seen them."),
    ("Mobile money", "Payments by telephone, and their checking."),
    ("Achievements", "What members have achieved."),
    ("Reports", "Figures of one group or of all."),
)
# Name, description, category, what is counted, how much of it, points, again and again, how hard.
ACHIEVEMENTS = (
    ("First savings", "Saved at a meeting.", "FINANCIAL", "meetings_saved", 1, 10, False, "EASY"),
    (
        *("Ten meetings saved", "Saved at ten meetings.", "FINANCIAL"),
        *("meetings_saved", 10, 25, False, "MEDIUM"),
    ),
    (
        *("A whole cycle saved", "Saved at every meeting of a cycle.", "FINANCIAL"),
        *("cycles_saved_whole", 1, 50, True, "HARD"),
    ),
    ("First loan repaid", "Repaid a loan.", "LOAN", "loans_repaid", 1, 20, False, "EASY"),
    (
        *("Three loans on time", "Repaid three loans, each instalment on time.", "LOAN"),
        *("loans_repaid_on_time", 3, 50, False, "HARD"),
    ),
    (
        *("Ten meetings present", "Came to ten meetings.", "ATTENDANCE"),
        *("meetings_present", 10, 20, False, "EASY"),
    ),
    (
        *("Never missed", "Came to every meeting of a cycle.", "ATTENDANCE"),
        *("cycles_present_whole", 1, 50, True, "HARD"),
    ),
    (
        *("Speaks up", "Took part in ten discussions.", "PARTICIPATION"),
        *("discussions", 10, 20, False, "EASY"),
    ),
    ("Ten votes", "Voted at ten meetings.", "PARTICIPATION", "votes", 10, 20, False, "MEDIUM"),
    ("Trained", "Came to a training.", "TRAINING", "trainings", 1, 20, False, "EASY"),
    (
        *("Officer", "Served the group as an officer for a cycle.", "LEADERSHIP"),
        *("cycles_as_officer", 1, 40, True, "MEDIUM"),
    ),
)
# Name, description, type, the achievements that it needs by name, points, how rare.
BADGES = (
    (
        *("Steady saver", "Saves at meeting after meeting.", "BADGE"),
        *(["First savings", "Ten meetings saved"], 35, "COMMON"),
    ),
    (
        *("Trusted borrower", "Repays what was borrowed, on time.", "MEDAL"),
        *(["First loan repaid", "Three loans on time"], 70, "RARE"),
    ),
    (
        *("Pillar of the meeting", "Comes, speaks and votes.", "STAR"),
        *(["Ten meetings present", "Speaks up", "Ten votes"], 60, "RARE"),
    ),
    (
        *("Leader", "Learned, and served the group.", "CERTIFICATE"),
        *(["Trained", "Officer"], 60, "EPIC"),
    ),
)

services = sa.table("services", sa.column("id"), sa.column("name"), sa.column("description"))
achievements = sa.table(
    "achievements",
    *(sa.column(each) for each in ("id", "name", "description", "category")),
    sa.column("criteria", sa.JSON),
    sa.column("points_value"),
    sa.column("is_repeatable", sa.Boolean),
    sa.column("difficulty_level"),
)
badges = sa.table(
    "achievement_badges",
    *(sa.column(each) for each in ("id", "name", "description", "badge_type")),
    sa.column("required_achievements", sa.JSON),
    sa.column("minimum_points"),
    sa.column("rarity_level"),
)


def upgrade() -> None:
    connection = op.get_bind()
    laptop = connection.dialect.name == "sqlite"
    adjustments = "sync_opening_adjustment" if laptop else "sync.opening_adjustment"
    connection.exec_driver_sql(f"ALTER TABLE {adjustments} ADD COLUMN day date")
    if laptop:  # nobody needs to be told of a row that everybody has
        connection.exec_driver_sql("UPDATE sync_applying SET v = 1")
    for name, description in SERVICES:
        add(connection, services, name, description=description)
    for name, description, category, measure, least, points, again, level in ACHIEVEMENTS:
        add(
            connection,
            achievements,
            name,
            description=description,
            category=category,
            criteria={"measure": measure, "at_least": least},
            points_value=points,
            is_repeatable=again,
            difficulty_level=level,
        )
    for name, description, kind, needed, points, rarity in BADGES:
        add(
            connection,
            badges,
            name,
            description=description,
            badge_type=kind,
            required_achievements=needed,
            minimum_points=points,
            rarity_level=rarity,
        )
    if laptop:
        connection.exec_driver_sql("UPDATE sync_applying SET v = 0")


def add(connection: sa.Connection, table: sa.TableClause, name: str, **values: object) -> None:
    """Add a row unless there is one of this name; its identity is the same everywhere."""
    if connection.execute(sa.select(table.c.id).where(table.c.name == name)).first():
        return
    connection.execute(sa.insert(table).values(name=name, **values))
    if connection.dialect.name == "sqlite":
        return  # it gets its identity when the upgrade ends
    connection.execute(
        sa.text(
            "UPDATE sync.row_state s SET su = :su WHERE s.tbl = :number AND s.id ="  # noqa: S608
            f" (SELECT t.id FROM {table.name} t WHERE t.name = :name)"
            " AND NOT EXISTS (SELECT FROM sync.row_state o WHERE o.su = :su)"
        ),
        {
            "su": uuid5(NAMESPACE, f"{table.name}/{name}"),
            "number": NUMBERS[table.name],
            "name": name,
        },
    )
