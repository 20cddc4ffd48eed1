"""The laptops of head office: letting one in, giving it groups, and shutting it out.

A laptop has a role of its own. The role has no right on any table of the programme: it may insert
into the staging columns and call the functions for laptops, which know it by the role that signed
in. Which groups it sees, and whose books it writes, stands in ``sync.assignment``; one laptop at a
time writes a group's book.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from vsla_desktop.capture.protocol import FROM_DEVICE
from vsla_desktop.capture.shut import NOTHING_MADE
from vsla_desktop.errors import RuleBroken, StorageError, SyncError
from vsla_desktop.sync.enrolment import CHECKED, Enrolment, is_loopback
from vsla_desktop.sync.exposure import end_prepared

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Row

    from vsla_desktop.db import Database
    from vsla_desktop.sync.keys import Keys

ALL_GROUPS: Final = "*"
_TRIES: Final = 5

# What a device may hold up: its own waiting and idling, not other people's work.
_ROLE_SETTINGS: Final = {
    "idle_in_transaction_session_timeout": "'60s'",
    "lock_timeout": "'20s'",
    "tcp_user_timeout": "'60s'",
    "timezone": "'UTC'",
}


@dataclass(frozen=True, slots=True)
class Address:
    """Where laptops reach head office.

    ``host`` is needed where that is another address than ours; ``root_certificate`` (PEM) says who
    vouches for the server: only the same computer is reached without. A laptop that is renewed
    keeps what is left empty.
    """

    host: str = ""
    root_certificate: str = ""


def enrol_device(
    central: Database,
    name: str,
    groups: Sequence[str] = (ALL_GROUPS,),
    *,
    read_only: bool = False,
    may_open_groups: bool = True,
    address: Address | None = None,
) -> Enrolment:
    """Let a laptop in, and return what it needs to know; its password is told only here.

    ``groups`` are codes. A laptop that may open groups writes the book of each group that it opens.
    Raises :class:`RuleBroken` for a server in the network without a certificate, and
    :class:`SyncError` when a laptop of this name is enrolled already, for an unknown group, and
    where another laptop writes a group's book.
    """
    reached = _reached(central, address or Address())
    every = tuple(groups) == (ALL_GROUPS,)
    if every and read_only:
        raise SyncError(
            "A laptop for all groups writes them all.", hint="Name the groups that it may read."
        )
    with central.connection(writes=True) as connection:
        if _device(connection, name) is not None:
            raise SyncError(
                "A laptop named {name} is enrolled already.",
                hint="Revoke it first, or choose another name.",
                name=name,
            )
        enrolment = _let_in(connection, name, reached)
        connection.exec_driver_sql(
            "UPDATE sync.device SET all_groups = %s, may_open_groups = %s WHERE dev = %s",
            (every, may_open_groups, enrolment.device_id),
        )
        for code in () if every else groups:
            _assign(connection, enrolment.device_id, code, writable=not read_only)
    return enrolment


def renew_device(central: Database, name: str, *, address: Address | None = None) -> Enrolment:
    """Give a laptop a new login with the groups it has; the old login ends at once.

    For a laptop whose book was copied or restored: its batches begin anew, so that what it has not
    sent arrives under the new login. One that was revoked comes back reading its groups, which
    others may write by now. It is reached as before where ``address`` says nothing else. Raises
    :class:`SyncError` when there is no such laptop, and :class:`RuleBroken` as
    :func:`enrol_device`.
    """
    old = _last(central, name)
    before = Address(str(old.host or ""), str(old.root_certificate or ""))
    reached = _reached(central, address or Address(), before)
    if old.status == "active":
        _drive_out(central, name)
    with central.connection(writes=True) as connection:
        run = connection.exec_driver_sql
        enrolment = _let_in(connection, name, reached)
        run(
            "UPDATE sync.device d SET all_groups = o.all_groups,"
            " may_open_groups = o.may_open_groups FROM sync.device o"
            " WHERE d.dev = %s AND o.dev = %s",
            (enrolment.device_id, old.dev),
        )
        run("UPDATE sync.assignment SET dev = %s WHERE dev = %s", (enrolment.device_id, old.dev))
        last = run("SELECT last_batch FROM sync.device WHERE dev = %s", (old.dev,)).scalar_one()
        _shut_out(connection, old)
    _bar(central, old.role)
    return replace(enrolment, former=str(old.dev), former_last=last)


def revoke_device(central: Database, name: str) -> None:
    """Let a laptop in no more, and end what it is doing. Raises :class:`SyncError`.

    Its groups are free for other laptops.
    """
    device = _drive_out(central, name)
    with central.connection(writes=True) as connection:
        _shut_out(connection, device)
    _bar(central, device.role)


def assign_group(central: Database, name: str, code: str, *, read_only: bool = False) -> None:
    """Let a laptop see a group, and write its book unless ``read_only``.

    Raises :class:`SyncError` for an unknown laptop or group, and where another laptop writes the
    group's book.
    """
    with central.connection(writes=True) as connection:
        device = _known(connection, name)
        if device.all_groups:
            raise SyncError("Laptop {name} has all groups already.", name=name)
        _assign(connection, str(device.dev), code, writable=not read_only)


def unassign_group(central: Database, name: str, code: str) -> None:
    """Take a group from a laptop: it leaves the laptop once all that was entered there is sent.

    Raises :class:`SyncError` when the laptop has no such group.
    """
    with central.connection(writes=True) as connection:
        device, group = _known(connection, name), _group(connection, code)
        gone = connection.exec_driver_sql(
            "DELETE FROM sync.assignment WHERE dev = %s AND group_id = %s", (device.dev, group)
        ).rowcount
        if not gone:
            raise SyncError("Laptop {name} does not have the group {code}.", name=name, code=code)


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
    run(NOTHING_MADE.replace("%", "%%"))
    for function in FROM_DEVICE:
        run(f"GRANT EXECUTE ON FUNCTION {function} TO {role}")


def _reached(central: Database, asked: Address, before: Address | None = None) -> Address:
    """Return where a laptop is to reach us; never by network without a certificate."""
    before = before or Address()
    host = asked.host or before.host or central.engine.url.host or "localhost"
    certificate = asked.root_certificate or before.root_certificate
    if not certificate and not is_loopback(host):
        raise RuleBroken(
            "Give the authority's certificate for {host}.",
            hint="Laptops check with it whom they talk to.",
            field="certificate",
            host=host,
        )
    return Address(host, certificate)


def _let_in(connection: Connection, name: str, reached: Address) -> Enrolment:
    """Make a laptop's login."""
    import secrets  # it loads OpenSSL, which a laptop that reads its enrolment does without

    from psycopg2.extensions import encrypt_password

    from vsla_desktop.sync.keys import Keys, new_secret

    run, ours = connection.exec_driver_sql, connection.engine.url
    device, role = str(uuid4()), f"dev_{secrets.token_hex(8)}"
    password = secrets.token_urlsafe(24)
    own = Keys(new_secret())
    run(
        "INSERT INTO sync.device (dev, name, role, signing_key, box_key, host, root_certificate)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (
            *(device, name, role, own.public.signing, own.public.box),
            *(reached.host, reached.root_certificate),
        ),
    )
    # Role and verifier are our own letters. The password stays here: a server may log statements.
    verifier = encrypt_password(
        password, role, connection.connection.driver_connection, "scram-sha-256"
    )
    run(
        f"CREATE ROLE {role} LOGIN NOINHERIT NOCREATEDB NOCREATEROLE CONNECTION LIMIT 2"
        f" PASSWORD '{verifier}'"
    )
    for setting, value in _ROLE_SETTINGS.items():
        run(f"ALTER ROLE {role} SET {setting} = {value}")
    grant(connection, role)
    return Enrolment(
        host=reached.host,
        port=ours.port or 5432,
        dbname=ours.database or "",
        role=role,
        password=password,
        device_id=device,
        device_name=name,
        server_epoch=run("SELECT epoch::text FROM sync.server").scalar_one(),
        sslmode=CHECKED if reached.root_certificate else "prefer",
        root_certificate=reached.root_certificate,
        bundle_secret=own.text(),
        office_keys=office_keys(connection).public.text(),
    )


def _device(connection: Connection, name: str) -> Row[tuple[object, ...]] | None:
    return connection.exec_driver_sql(
        "SELECT dev, role, all_groups FROM sync.device WHERE name = %s AND status = 'active'",
        (name,),
    ).one_or_none()


def _last(central: Database, name: str) -> Row[tuple[object, ...]]:
    """Return the laptop of this name that is let in, or else was shut out last."""
    with central.connection() as connection:
        device = connection.exec_driver_sql(
            "SELECT dev, role, status, host, root_certificate FROM sync.device WHERE name = %s"
            " ORDER BY status = 'active' DESC, revoked_at DESC LIMIT 1",
            (name,),
        ).one_or_none()
    if device is None:
        raise SyncError("No laptop named {name} is enrolled.", name=name)
    return device


def _known(connection: Connection, name: str) -> Row[tuple[object, ...]]:
    device = _device(connection, name)
    if device is None:
        raise SyncError("No laptop named {name} is enrolled.", name=name)
    return device


def _group(connection: Connection, code: str) -> int:
    group: int | None = connection.exec_driver_sql(
        "SELECT id FROM public.savings_groups WHERE group_code = %s", (code,)
    ).scalar_one_or_none()
    if group is None:
        raise SyncError(
            "Head office has no group {code}.",
            hint="A laptop that opens a new group is given it by itself.",
            code=code,
        )
    return group


def _assign(connection: Connection, device: str, code: str, *, writable: bool) -> None:
    run = connection.exec_driver_sql
    group = _group(connection, code)
    writer = run(
        "SELECT d.name FROM sync.assignment a JOIN sync.device d ON d.dev = a.dev"
        " WHERE a.group_id = %s AND a.writable AND a.dev <> %s",
        (group, device),
    ).scalar_one_or_none()
    if writable and writer is not None:
        raise SyncError(
            "Laptop {writer} writes the book of {code}.",
            hint="Unassign it there first, or add --read-only.",
            writer=writer,
            code=code,
        )
    run(
        "INSERT INTO sync.assignment (dev, group_id, writable) VALUES (%s, %s, %s)"
        " ON CONFLICT (dev, group_id) DO UPDATE SET writable = excluded.writable,"
        " since = excluded.since",
        (device, group, writable),
    )


def _shut_out(connection: Connection, device: Row[tuple[object, ...]]) -> None:
    run = connection.exec_driver_sql
    run(
        "UPDATE sync.device SET status = 'revoked', revoked_at = now() WHERE dev = %s",
        (device.dev,),
    )
    run("UPDATE sync.assignment SET writable = false WHERE dev = %s", (device.dev,))


def _drive_out(central: Database, name: str) -> Row[tuple[object, ...]]:
    """End what a laptop is doing, and return its device.

    First it loses the right to call us, which it can not hinder: whatever rows it keeps locked
    would have us wait for it.
    """
    with central.connection(writes=True) as connection:
        device = _known(connection, name)
        connection.exec_driver_sql(f"REVOKE USAGE ON SCHEMA sync FROM {device.role}")
    _end_sessions(central, device.role)
    return device


def _bar(central: Database, role: str) -> None:
    """Shut the sign-in itself; a session that comes back meanwhile can hinder that, not stay."""
    for _attempt in range(_TRIES):
        _end_sessions(central, role)
        with suppress(StorageError), central.connection(writes=True) as connection:
            connection.exec_driver_sql("SET LOCAL lock_timeout = '2s'")
            connection.exec_driver_sql(f"ALTER ROLE {role} NOLOGIN")
            break
    _end_sessions(central, role)


def _end_sessions(central: Database, role: str) -> None:
    with central.connection() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = %s",
            (role,),
        )
    end_prepared(central, role)
