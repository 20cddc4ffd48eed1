"""Bring a database to this release's schema, and say how it stands against it."""

from __future__ import annotations

import importlib
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy
from sqlalchemy import Connection, func, inspect, select, text

from vsla_desktop import capture, derived
from vsla_desktop.db import schema
from vsla_desktop.db.adjustments import opening_adjustments
from vsla_desktop.db.adopt import FIELD_TRIGGERS
from vsla_desktop.errors import StorageError
from vsla_desktop.models import PHASES, Base

if TYPE_CHECKING:
    from vsla_desktop.db.engine import Database
    from vsla_desktop.derived import Program

_PACKAGE = Path(__file__).parent.parent
# All that the programs inside a database follow from.
PROGRAM_SOURCES = ("capture", "columns.py", "derived", "domain", "errors.py", "models.py")


def scripts() -> Path:
    """Return the folder of the migrations: beside the package, or inside an installed one."""
    beside = _PACKAGE.parent / "alembic"
    return beside if beside.is_dir() else _PACKAGE / "_alembic"


def releases() -> list[str]:
    """Return the revisions that this release knows, oldest first; a file is named after its own."""
    return sorted(path.name[:4] for path in (scripts() / "versions").glob("[0-9]*.py"))


def revision(connection: Connection) -> str | None:
    """Return the database's revision, ``None`` for one that was never upgraded by us."""
    place = "sync" if connection.dialect.name == "postgresql" else None
    if not inspect(connection).has_table("alembic_version", schema=place):
        return None
    table = "sync.alembic_version" if place else "alembic_version"
    return connection.execute(text(f"SELECT version_num FROM {table}")).scalar_one_or_none()


def newer_book() -> StorageError:
    """Return what is said of a book that a newer release has written."""
    return StorageError(
        "A newer version of the program wrote this book.",
        hint="Update this program, then open it again. Nothing was changed.",
    )


def check_not_newer(connection: Connection) -> str | None:
    """Return the database's revision; StorageError when a newer release has written it."""
    stands = revision(connection)
    if stands is not None and stands not in releases():
        raise newer_book()
    return stands


def upgrade(connection: Connection) -> None:
    """Bring the database to head: tables first, then the programs inside it. Runs twice harmlessly.

    Everything happens in the caller's transaction, so it is whole or not at all.
    """
    if check_not_newer(connection) == releases()[-1]:
        if not _is_stamped(connection):
            install(connection)
        return
    migrate(connection)
    install(connection)
    capture.fill(connection)
    # What follows from the rows may be said anew by this release.
    derived.repair(connection, adjustments=opening_adjustments(connection))


def migrate(connection: Connection) -> None:
    """Bring the tables to head, without the programs that stand on them."""
    # Imported late: a book that is up to date never needs it.
    alembic_command = importlib.import_module("alembic.command")
    alembic_config = importlib.import_module("alembic.config")
    if connection.dialect.name == "postgresql":
        connection.execute(text("CREATE SCHEMA IF NOT EXISTS sync"))
    config = alembic_config.Config()
    config.set_main_option("script_location", str(scripts()))
    config.attributes["connection"] = connection
    alembic_command.upgrade(config, "head")


@cache
def programs(dialect: str) -> tuple[Program, ...]:
    """Return every program that a database of this release holds."""
    return (*derived.programs(dialect), *capture.programs(dialect))


def install(connection: Connection) -> None:
    """Make the programs inside the database the ones that this release declares."""
    standing = _standing_programs(connection)
    wanted = programs(connection.dialect.name)
    postgres = connection.dialect.name == "postgresql"
    known = {(each.kind, each.name) for each in wanted}
    for (kind, name), (table, core) in standing.items():
        if kind == "trigger" and (kind, name) not in known and not (postgres and _is_others(core)):
            _drop_trigger(connection, name, table)
    for each in wanted:
        stands = standing.get((each.kind, each.name))
        if stands is not None and stands[1] == _core(each, connection.dialect.name):
            continue
        if stands is not None and each.kind == "trigger":
            _drop_trigger(connection, each.name, stands[0])
        connection.exec_driver_sql(each.sql.replace("%", "%%") if postgres else each.sql)
    if not postgres and _sources():
        connection.exec_driver_sql(f"PRAGMA user_version = {_stamp(connection)}")


def _is_stamped(connection: Connection) -> bool:
    """Say whether a book holds this release's programs, and nothing has touched its schema since.

    SQLite counts every change of a schema, so a stamp over that count and over what the programs
    follow from saves a laptop from making all programs anew, to compare them, at each start.
    """
    if connection.dialect.name != "sqlite" or not _sources():
        return False
    stands: int = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
    return stands == _stamp(connection)


def _stamp(connection: Connection) -> int:
    schema = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    return zlib.crc32(str(schema).encode(), _sources()) >> 1  # a header keeps 31 bits


@cache
def _sources() -> int:
    """Return a check sum of what the programs follow from, 0 where it can not be read."""
    files = sorted(each for name in PROGRAM_SOURCES for each in _files(_PACKAGE / name))
    total = zlib.crc32(sqlalchemy.__version__.encode()) if files else 0
    for file in files:
        total = zlib.crc32(file.read_bytes(), total)
    return total


def _files(place: Path) -> list[Path]:
    return [place] if place.is_file() else list(place.glob("*.py"))


def lift(connection: Connection, *, noting: bool = False) -> None:
    """Take the triggers of derived columns away, until :func:`install` puts them back.

    ``noting`` takes those away, too, that note changes, where no change is to be noted.
    """
    dialect = connection.dialect.name
    lifted = programs(dialect) if noting else derived.programs(dialect)
    ours = {each.name for each in lifted}
    for (kind, name), (table, _) in _standing_programs(connection).items():
        if kind == "trigger" and name in ours:
            _drop_trigger(connection, name, table)


def program_drift(connection: Connection) -> list[str]:
    """Name the programs inside the database that are missing, changed or not known."""
    standing = _standing_programs(connection)
    wanted = {(each.kind, each.name): each for each in programs(connection.dialect.name)}
    found = []
    for key, each in wanted.items():
        if each.kind not in {"trigger", "function"}:
            continue
        if key not in standing:
            found.append(f"{each.kind} {each.name} is missing")
        elif standing[key][1] != _core(each, connection.dialect.name):
            found.append(f"{each.kind} {each.name} was changed")
    found += [
        f"trigger {name} of {table} is not known"
        for (kind, name), (table, _) in standing.items()
        if kind == "trigger" and (kind, name) not in wanted
    ]
    return sorted(found)


def _is_others(function: str) -> bool:
    """Say whether a trigger of head office's calls a function that no release of ours made."""
    schema, _, name = function.partition(".")
    fields = {each.removeprefix("trigger_") for each in FIELD_TRIGGERS}
    return schema != "sync" and name not in fields and not name.startswith(("derive_", "touch_"))


def _core(program: Program, dialect: str) -> str:
    """Return the part of a program that the database keeps to the letter."""
    if dialect == "sqlite":
        return program.sql
    if program.kind == "function":
        return program.sql.partition("$body$")[2].rpartition("$body$")[0]
    words = program.sql.split()
    return f"{words[words.index('FUNCTION') + 1].removesuffix('()')}"


def _standing_programs(connection: Connection) -> dict[tuple[str, str], tuple[str, str]]:
    """Return (kind, name) -> (table, core) of the triggers and functions in the database."""
    if connection.dialect.name == "sqlite":
        rows = connection.execute(
            text("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'")
        )
        return {("trigger", name): (table, sql) for name, table, sql in rows}
    triggers = connection.execute(
        text(
            "SELECT t.tgname, c.relname, CASE WHEN t.tgenabled = 'D' THEN 'switched off'"
            " ELSE n.nspname || '.' || p.proname END FROM pg_trigger t"
            " JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid"
            " JOIN pg_namespace n ON n.oid = p.pronamespace"
            " JOIN pg_namespace own ON own.oid = c.relnamespace"
            " WHERE NOT t.tgisinternal AND own.nspname = 'public'"
        )
    )
    made = {("trigger", name): (table, function) for name, table, function in triggers}
    functions = connection.execute(
        text(
            "SELECT p.proname, p.prosrc FROM pg_proc p JOIN pg_namespace n"
            " ON n.oid = p.pronamespace WHERE n.nspname IN ('public', 'sync')"
        )
    )
    made.update({("function", name): ("", source) for name, source in functions})
    return made


def _drop_trigger(connection: Connection, name: str, table: str) -> None:
    on = f' ON public."{table}"' if connection.dialect.name == "postgresql" else ""
    connection.execute(text(f'DROP TRIGGER "{name}"{on}'))


@dataclass(frozen=True, slots=True)
class Status:
    """How a database stands against this release. ``drift`` names every difference."""

    dialect: str
    revision: str | None
    found: int
    phases: dict[str, int]
    drift: list[str]
    rows: dict[str, int]

    @property
    def expected(self) -> int:
        """How many tables there must be."""
        return len(Base.metadata.tables)

    @property
    def ok(self) -> bool:
        """Whether nothing has drifted."""
        return not self.drift and self.found == self.expected


def status(database: Database) -> Status:
    """Compare a database with this release: tables by phase, columns, keys, programs, rows."""
    with database.connection() as connection:
        stands = check_not_newer(connection)
        facts = schema.standing(connection)
        drift = schema.drift(connection)
        if stands != releases()[-1]:
            said = f"revision is {stands}" if stands else "there is no revision"
            drift.insert(0, f"{said}, expected {releases()[-1]}")
        else:
            drift += program_drift(connection)
        found = [name for name in Base.metadata.tables if name in facts]
        return Status(
            dialect=database.dialect,
            revision=stands,
            found=len(found),
            phases={phase: sum(name in facts for name in names) for phase, names in PHASES.items()},
            drift=drift,
            rows={
                name: connection.execute(
                    select(func.count()).select_from(Base.metadata.tables[name])
                ).scalar_one()
                for name in found
            },
        )
