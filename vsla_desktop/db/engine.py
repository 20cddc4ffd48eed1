"""Open a database, and run one piece of work as one transaction.

SQLite on the laptop keeps every acknowledged entry through a power cut (WAL with
synchronous=FULL), enforces foreign keys, and takes the write lock at the start of a write so that
two writers wait for each other instead of failing half-way.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, exc
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session, SessionTransaction
from typing_extensions import override

from vsla_desktop.columns import ScaledInteger
from vsla_desktop.db.prepared import run_on_driver
from vsla_desktop.errors import OfflineError, RuleBroken, StorageError

BUSY_SECONDS = 5

_SAFE = "Your book is as it was before."


@dataclass(frozen=True, slots=True)
class Database:
    """An open database. ``path`` is the file of a laptop's book, ``None`` for a server.

    ``writer`` is the same engine, whose transactions take the write lock when they begin.
    """

    engine: Engine
    writer: Engine
    path: Path | None = None

    @property
    def dialect(self) -> str:
        """Name the engine: "sqlite" or "postgresql"."""
        return self.engine.dialect.name

    @contextlib.contextmanager
    def write(self) -> Iterator[Session]:
        """Run one thing that a person does: all of it is written, or nothing.

        Raises :class:`StorageError` when the database can not take it.
        """
        with storage_errors(), self.writer.begin() as connection:
            session = _Work(connection)
            yield session
            session.flush()

    @contextlib.contextmanager
    def read(self, *, seconds: int = 0) -> Iterator[Session]:
        """Look at one unchanging state of the book.

        A server gives up a question that takes longer than ``seconds``: :class:`StorageError`.
        """
        with storage_errors(), Session(self.engine, expire_on_commit=False) as session:
            if seconds and self.dialect == "postgresql":
                limit = f"SET LOCAL statement_timeout = {seconds * 1000}"
                session.connection().exec_driver_sql(limit)
            yield session

    @contextlib.contextmanager
    def connection(self, *, writes: bool = False) -> Iterator[Connection]:
        """Run SQL as one transaction, below the ORM."""
        with storage_errors(), (self.writer if writes else self.engine).begin() as connection:
            yield connection

    def only_reading(self) -> Database:
        """Return the same server's database, where the server itself refuses every change."""
        engine = self.engine.execution_options(postgresql_readonly=True)
        return Database(engine, engine, self.path)

    def close(self) -> None:
        """Let go of the file or the server; SQLite folds its log into the file."""
        self.engine.dispose()


class _Work(Session):
    """A session of one connection, whose transaction is begun and ended around it.

    It hands that connection out as it is: the accounts that SQLAlchemy keeps, in case there are
    several, take longer than all that an entry reads.
    """

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection, expire_on_commit=False)
        self._only = connection

    @override
    def connection(self, *_: Any, **__: Any) -> Connection:
        """Return the connection."""
        return self._only

    @override
    def begin_nested(self) -> SessionTransaction:
        """Begin what can be undone by itself."""
        nested = super().begin_nested()
        super().connection()  # this sets the savepoint
        return nested


def connect(url: str) -> Database:
    """Return the database at ``url``, without looking at it yet.

    ``postgresql://`` means psycopg2, whatever SQLAlchemy's own default is.
    """
    try:
        parsed = make_url(url)
    except exc.ArgumentError:
        raise _no_address(url) from None
    if parsed.get_backend_name() not in {"sqlite", "postgresql"}:
        raise _no_address(url)
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg2")
    if parsed.get_backend_name() == "sqlite":
        return open_file(Path(parsed.database or ""))
    engine = create_engine(
        parsed,
        connect_args={"connect_timeout": 10, "options": "-c timezone=UTC"},
        pool_pre_ping=True,
    )
    return Database(engine, engine.execution_options(writes=True))


def _no_address(url: str) -> StorageError:
    return StorageError(
        "This is not the address of a database: {url}",
        hint="Write postgresql+psycopg2://user@host/name or sqlite:///file.",
        url=without_password(url),
    )


def without_password(url: str) -> str:
    """Return an address as it may be shown."""
    return re.sub(r"(://[^:@/]*):.*@", r"\1@", url)


def open_file(path: Path) -> Database:
    """Return the book in a file, whatever its folder is called, without looking at it yet."""
    address = URL.create("sqlite", database=str(path))
    # The connection used last knows the pages of the book best: taking turns, each reads them anew.
    engine = create_engine(address, connect_args={"timeout": BUSY_SECONDS}, pool_use_lifo=True)

    # The inspector then reads an exact column as what it is.
    names = {**engine.dialect.ischema_names, "SCALED_INT": ScaledInteger}  # type: ignore[attr-defined]
    engine.dialect.ischema_names = names  # type: ignore[attr-defined]

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        # We say BEGIN ourselves: the driver's own would come too late for a read, too weak for
        # a write.
        connection.isolation_level = None
        for pragma in (
            "foreign_keys = ON",
            "journal_mode = WAL",
            "synchronous = FULL",
            "fullfsync = ON",
            "checkpoint_fullfsync = ON",
            # The log is folded in less often: an entry seldom waits for it.
            "wal_autocheckpoint = 4000",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes")
        run_on_driver(connection, "BEGIN IMMEDIATE" if writes else "BEGIN")

    return Database(engine, engine.execution_options(writes=True), path)


@contextlib.contextmanager
def storage_errors() -> Iterator[None]:
    """Turn what a database driver says into what happened, what is safe and what to do next."""
    try:
        yield
    except exc.IntegrityError as error:
        if "foreign key" in str(error.orig).lower():
            raise RuleBroken(
                "Other records still need this one.", hint="It stays as it was."
            ) from error
        from vsla_desktop.capture.lease import ONLY_READ  # only where it is needed: it is large

        if ONLY_READ in str(error.orig):
            raise RuleBroken(
                "This laptop only reads this group.",
                hint="Another laptop writes its book. Ask head office to change that.",
            ) from error
        raise
    except exc.DBAPIError as error:
        raise _explained(error) from error


_SENTENCES: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (
        ("disk is full", "disk i/o error", "no space left"),
        "The disk is full.",
        "Nothing was changed. Free some space, then enter it again.",
    ),
    (
        ("no password supplied",),
        "Head office asks for a password.",
        "Write it into the file .pgpass, or set PGPASSWORD.",
    ),
    (
        ("statement timeout",),
        "This takes too long.",
        "Ask for fewer groups, or a shorter time.",
    ),
    (
        ("read-only transaction",),
        "You may look at this, not change it.",
        "Ask an administrator for the right.",
    ),
    (
        ("permission denied for", "permission denied to", "must be owner of"),
        "This login may not do that at head office.",
        "Ask whoever runs the server.",
    ),
    (
        ("password authentication failed",),
        "Head office refuses this name or password.",
        "Ask head office for a new login.",
    ),
    (
        ('fatal:  database "',),
        "Head office has no such database.",
        "Check the name at the end of the address.",
    ),
    (
        ('relation "', 'schema "sync"'),
        "This database is not set up yet.",
        "Run: vsla central init.",
    ),
    (
        ("readonly", "read-only", "permission denied"),
        "This disk can only be read.",
        "Nothing was changed. Move the book to a disk that can be written to.",
    ),
    (
        ("is locked", "is busy", "lock timeout", "deadlock detected"),
        "Another program is using the book.",
        "Close it, then try again. Nothing was changed.",
    ),
    (
        ("malformed", "not a database", "file is encrypted"),
        "The book's file is damaged.",
        "Restore the last backup: the damaged file is kept beside it.",
    ),
    (
        ("unable to open",),
        "The book can not be opened here.",
        "Check that the folder exists and can be written to.",
    ),
)


def _explained(error: exc.DBAPIError) -> StorageError:
    said = str(error.orig).lower()
    for marks, message, hint in _SENTENCES:
        if any(mark in said for mark in marks):
            return StorageError(message, hint=hint)
    if (
        isinstance(error, exc.OperationalError)
        and error.connection_invalidated is False
        and ("could not connect" in said or "connection" in said)
    ):
        return OfflineStorageError("Head office does not answer.", hint=_SAFE)
    return StorageError(
        "The database refused this: {reason}", hint=_SAFE, reason=str(error.orig).strip()
    )


class OfflineStorageError(OfflineError, StorageError):
    """The server of a database can not be reached."""
