"""How a laptop becomes known to head office: a role of its own that may do two things.

Head office writes an enrolment file; the laptop keeps it in its data folder, readable by its owner
only. The role has no right on any table of the programme: it may insert into the staging columns
and call two functions, which know the laptop by the role that signed in.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from vsla_desktop.capture.protocol import FROM_DEVICE, NO_TEMPORARY
from vsla_desktop.errors import SyncError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from vsla_desktop.db import Database
    from vsla_desktop.sync.keys import Keys

FILE_NAME: Final = "enrolment.json"
ALL_GROUPS: Final = "*"
_KIND: Final = "vsla enrolment"

# What a device may hold up: its own waiting and idling, not other people's work.
_ROLE_SETTINGS: Final = {
    "idle_in_transaction_session_timeout": "'60s'",
    "lock_timeout": "'20s'",
    "tcp_user_timeout": "'60s'",
    "timezone": "'UTC'",
}


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Where head office is, and who this laptop is to it.

    ``password`` and ``bundle_secret`` are secrets. ``bundle_secret`` makes the laptop's own keys of
    bundles, ``office_keys`` are head office's public ones (:mod:`vsla_desktop.sync.keys`).
    """

    host: str
    port: int
    dbname: str
    role: str
    password: str
    device_id: str
    device_name: str
    server_epoch: str
    sslmode: str = "prefer"
    root_certificate: str = ""
    bundle_secret: str = ""
    office_keys: str = ""

    def write(self, path: Path) -> None:
        """Write the file that only its owner can read. Raises :class:`SyncError`."""
        content = json.dumps({"kind": _KIND, "version": 1, **asdict(self)}, indent=1)
        part = path.with_name(f"{path.name}.part")
        try:
            part.unlink(missing_ok=True)
            handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        except OSError as error:
            raise SyncError(
                "The enrolment file could not be written: {reason}",
                hint="Check the folder and its free space.",
                reason=error.strerror or str(error),
            ) from error


def read_enrolment(path: Path) -> Enrolment:
    """Read an enrolment file. Raises :class:`SyncError` when it is none."""
    try:
        told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if told.get("kind") != _KIND or told.get("version") != 1:
            raise ValueError(_KIND)  # noqa: TRY301 - one answer for whatever is wrong with it
        known = {each.name for each in fields(Enrolment)}
        enrolment = Enrolment(**{name: told[name] for name in told if name in known})
    except OSError as error:
        raise SyncError(
            "The file {name} can not be read.", hint="Choose the file again.", name=path.name
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SyncError(
            "{name} is not an enrolment file.",
            hint="Ask head office for a new one.",
            name=path.name,
        ) from error
    return enrolment


def store_enrolment(file: Path, data_dir: Path) -> Enrolment:
    """Keep an enrolment file in the laptop's data folder. Raises :class:`SyncError`."""
    enrolment = read_enrolment(file)
    data_dir.mkdir(parents=True, exist_ok=True)
    enrolment.write(data_dir / FILE_NAME)
    return enrolment


def load_enrolment(data_dir: Path) -> Enrolment:
    """Return this laptop's enrolment. Raises :class:`SyncError` when there is none."""
    path = data_dir / FILE_NAME
    if not path.exists():
        raise SyncError(
            "This laptop is not enrolled yet.", hint="Open the enrolment file from head office."
        )
    return read_enrolment(path)


def enrol_device(
    central: Database,
    name: str,
    groups: Sequence[str] = (ALL_GROUPS,),
    *,
    host: str = "",
    sslmode: str = "",
    root_certificate: str = "",
) -> Enrolment:
    """Let a laptop in, and return what it needs to know; its password is told only here.

    ``host`` is head office's address as laptops see it, where that is another. Raises
    :class:`SyncError` when a laptop of this name is enrolled already.
    """
    import secrets  # it loads OpenSSL, which a laptop that reads its enrolment does without

    from vsla_desktop.sync.keys import Keys, new_secret

    if tuple(groups) != (ALL_GROUPS,):
        raise SyncError(
            "A laptop can only be enrolled for all groups now.", hint="Write --groups '*'."
        )
    address = central.engine.url
    device, role = str(uuid4()), f"dev_{secrets.token_hex(8)}"
    password = secrets.token_urlsafe(24)
    own = Keys(new_secret())
    with central.connection(writes=True) as connection:
        run = connection.exec_driver_sql
        if run("SELECT 1 FROM sync.device WHERE name = %s AND status = 'active'", (name,)).first():
            raise SyncError(
                "A laptop named {name} is enrolled already.",
                hint="Revoke it first, or choose another name.",
                name=name,
            )
        run(
            "INSERT INTO sync.device (dev, name, role, all_groups, signing_key, box_key)"
            " VALUES (%s, %s, %s, true, %s, %s)",
            (device, name, role, own.public.signing, own.public.box),
        )
        # Role and password are our own hexadecimal and URL-safe letters.
        run(
            f"CREATE ROLE {role} LOGIN NOINHERIT NOCREATEDB NOCREATEROLE CONNECTION LIMIT 2"
            f" PASSWORD '{password}'"
        )
        for setting, value in _ROLE_SETTINGS.items():
            run(f"ALTER ROLE {role} SET {setting} = {value}")
        grant(connection, role)
        epoch = run("SELECT epoch::text FROM sync.server").scalar_one()
        office = office_keys(connection)
    return Enrolment(
        host=host or address.host or "localhost",
        port=address.port or 5432,
        dbname=address.database or "",
        role=role,
        password=password,
        device_id=device,
        device_name=name,
        server_epoch=epoch,
        sslmode=sslmode or ("verify-full" if root_certificate else "prefer"),
        root_certificate=root_certificate,
        bundle_secret=own.text(),
        office_keys=office.public.text(),
    )


def office_keys(connection: Connection) -> Keys:
    """Return head office's own keys of bundles; they are made when first asked for."""
    from vsla_desktop.sync.keys import Keys, new_secret

    run = connection.exec_driver_sql
    run("UPDATE sync.server SET box_key = %s WHERE box_key IS NULL", (new_secret(),))
    return Keys(bytes(run("SELECT box_key FROM sync.server").scalar_one()))


def grant(connection: Connection, role: str) -> None:
    """Give a device's role exactly what it needs."""
    run = connection.exec_driver_sql
    columns = run(
        "SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute"
        " WHERE attrelid = 'sync.incoming'::regclass AND attnum > 0 AND NOT attisdropped"
        " AND attname NOT IN ('tx', 'trouble')"
    ).scalar_one()
    run(f"GRANT USAGE ON SCHEMA sync TO {role}")
    run(f"GRANT INSERT ({columns}) ON sync.incoming TO {role}")
    # A database that was copied or restored has lost this.
    run(NO_TEMPORARY.replace("%", "%%"))
    for function in FROM_DEVICE:
        run(f"GRANT EXECUTE ON FUNCTION {function} TO {role}")


def revoke_device(central: Database, name: str) -> None:
    """Let a laptop in no more, and end what it is doing. Raises :class:`SyncError`."""
    with central.connection(writes=True) as connection:
        run = connection.exec_driver_sql
        role = run(
            "UPDATE sync.device SET status = 'revoked', revoked_at = now()"
            " WHERE name = %s AND status = 'active' RETURNING role",
            (name,),
        ).scalar_one_or_none()
        if role is None:
            raise SyncError("No laptop named {name} is enrolled.", name=name)
        run(f"ALTER ROLE {role} NOLOGIN")
    with suppress(SyncError), central.connection() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", (role,)
        )
