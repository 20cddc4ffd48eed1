"""Who this laptop is to head office, and how that is kept.

Head office writes an enrolment file, which a code opens that is told apart from it. The laptop
keeps it in its data folder. In neither do the secrets lie open (:mod:`vsla_desktop.sync.secret`):
what opens them is in the system's keyring, or a passphrase that is asked for once a run.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final

from vsla_desktop.errors import RuleBroken, SyncError
from vsla_desktop.queries.sync_status import ENROLMENT_FILE
from vsla_desktop.sync.secret import (
    Cost,
    Lock,
    WrongWordsError,
    close,
    has_keyring,
    lock_by_keyring,
    lock_by_words,
    new_code,
    open_closed,
    plain_code,
)

PASSPHRASE_VARIABLE: Final = "VSLA_PASSPHRASE"  # noqa: S105 - only its name
CODE_VARIABLE: Final = "VSLA_CODE"
SHORTEST_PASSPHRASE: Final = 8
CHECKED: Final = "verify-full"
_KIND: Final = "vsla enrolment"
_OPEN, _LOCKED = 1, 2

# The keys that were opened in this run; a passphrase is asked for once.
_KEYS: Final[dict[Lock, bytes]] = {}


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Where head office is, and who this laptop is to it.

    ``password`` and ``bundle_secret`` are secrets. ``bundle_secret`` makes the laptop's own keys of
    bundles, ``office_keys`` are head office's public ones (:mod:`vsla_desktop.sync.keys`).
    ``former`` is who the laptop was before it was renewed, ``former_last`` the last batch that
    head office has from that.
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
    former: str = ""
    former_last: int = 0

    def check_protected(self) -> None:
        """Raise :class:`SyncError` where the server would not show that it is head office.

        Only this computer itself is talked to without a certificate.
        """
        if not (self.root_certificate and self.sslmode == CHECKED) and not is_loopback(self.host):
            raise SyncError(
                "The enrolment has no certificate of head office.",
                hint="Nothing was sent. Ask head office for a new enrolment file.",
            )


_FIELDS: Final = frozenset(each.name for each in fields(Enrolment))
_SECRETS: Final = frozenset({"password", "bundle_secret"})


def is_loopback(host: str) -> bool:
    """Say whether a host is this computer itself, by a name that no network answers."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class LockedError(SyncError):
    """The login of this laptop is locked, and nobody has said the passphrase yet."""


def hand_over(enrolment: Enrolment, file: Path, *, cost: Cost | None = None) -> str:
    """Write the file for a laptop; return the code that opens it. Raises :class:`SyncError`."""
    code = new_code()
    lock = lock_by_words(cost or Cost())
    _write(enrolment, file, lock, lock.key(plain_code(code)))
    return code


def needs_code(file: Path) -> bool:
    """Say whether a file from head office is opened with a code. Raises :class:`SyncError`."""
    return bool(_told(file)["version"] == _LOCKED)


def read_enrolment(file: Path, code: str = "") -> Enrolment:
    """Read a file from head office, with the code that was told apart from it.

    Without one, ``VSLA_CODE`` counts. Raises :class:`SyncError` when it is no such file, the code
    does not open it, or it names a server that could not be checked.
    """
    told = _told(file)
    if told["version"] == _OPEN:
        given = _enrolment(told, file, told)
        given.check_protected()
        return given
    typed = plain_code(code or os.environ.get(CODE_VARIABLE, ""))
    if not typed:
        raise SyncError("{name} opens with a code.", hint="Ask head office for it.", name=file.name)
    lock = _lock(told, file)
    try:
        given = _opened(told, file, lock.key(typed))
    except WrongWordsError as error:
        raise WrongWordsError(
            "The code does not open {name}.",
            hint="Type it again, or ask head office for a new file.",
            name=file.name,
        ) from error
    given.check_protected()
    return given


def store_enrolment(
    file: Path, data_dir: Path, *, code: str = "", passphrase: str = ""
) -> Enrolment:
    """Keep an enrolment file in the laptop's data folder.

    Raises :class:`SyncError` as :func:`read_enrolment` and :func:`keep_enrolment` do.
    """
    enrolment = read_enrolment(file, code)
    data_dir.mkdir(parents=True, exist_ok=True)
    keep_enrolment(enrolment, data_dir, passphrase=passphrase)
    return enrolment


def keep_enrolment(
    enrolment: Enrolment, data_dir: Path, *, passphrase: str = "", cost: Cost | None = None
) -> None:
    """Keep an enrolment, locked by a passphrase, or by the keyring where none is given.

    ``VSLA_PASSPHRASE`` counts as given. Raises :class:`LockedError` when there is neither, and
    :class:`RuleBroken` for a passphrase that is too short.
    """
    words = passphrase or os.environ.get(PASSPHRASE_VARIABLE, "")
    if words:
        if len(words) < SHORTEST_PASSPHRASE:
            raise RuleBroken(
                "Choose a passphrase of {count} characters or more.",
                field="passphrase",
                count=SHORTEST_PASSPHRASE,
            )
        lock = lock_by_words(cost or Cost())
    elif has_keyring():
        lock = lock_by_keyring(enrolment.role)
    else:
        raise LockedError(
            "Choose a passphrase for this laptop.", hint="It locks the login to head office."
        )
    key = lock.key(words)
    _write(enrolment, data_dir / ENROLMENT_FILE, lock, key)
    _KEYS[lock] = key


def enrolled_as(data_dir: Path) -> Enrolment:
    """Return who this laptop is to head office, without its secrets: nothing need be unlocked.

    Raises :class:`SyncError` when there is no enrolment.
    """
    path = _path(data_dir)
    told = _told(path)
    return replace(_enrolment(told, path, {}), password="", bundle_secret="")


def needs_passphrase(data_dir: Path) -> bool:
    """Say whether a person has to be asked for the passphrase before this laptop can sign in.

    Also when the login lies open here, as earlier releases kept it: :func:`unlock` locks it.
    """
    path = data_dir / ENROLMENT_FILE
    if not path.exists() or os.environ.get(PASSPHRASE_VARIABLE):
        return False
    told = _told(path)
    if told["version"] == _OPEN:
        return not has_keyring()
    lock = _lock(told, path)
    return bool(lock.salt) and lock not in _KEYS


def unlock(data_dir: Path, passphrase: str) -> None:
    """Open this laptop's login for this run. Raises :class:`SyncError` when the words are wrong."""
    path = _path(data_dir)
    told = _told(path)
    if told["version"] == _OPEN:
        keep_enrolment(_enrolment(told, path, told), data_dir, passphrase=passphrase)
        return
    lock = _lock(told, path)
    key = lock.key(passphrase)
    _opened(told, path, key)
    _KEYS[lock] = key


def load_enrolment(data_dir: Path) -> Enrolment:
    """Return this laptop's enrolment, secrets and all.

    Raises :class:`SyncError` when there is none, and :class:`LockedError` while a passphrase is
    needed that nobody has said.
    """
    path = _path(data_dir)
    told = _told(path)
    if told["version"] == _OPEN:
        keep_enrolment(_enrolment(told, path, told), data_dir)
        told = _told(path)
    lock = _lock(told, path)
    key = _KEYS.get(lock)
    if key is None:
        words = os.environ.get(PASSPHRASE_VARIABLE, "")
        if lock.salt and not words:
            raise LockedError(
                "The login of this laptop is locked.", hint="Enter its passphrase first."
            )
        key = lock.key(words)
    enrolment = _opened(told, path, key)
    _KEYS[lock] = key
    return enrolment


def _path(data_dir: Path) -> Path:
    path = data_dir / ENROLMENT_FILE
    if not path.exists():
        raise SyncError(
            "This laptop is not enrolled yet.", hint="Open the enrolment file from head office."
        )
    return path


def _told(path: Path) -> dict[str, Any]:
    """Return what an enrolment file says. Raises :class:`SyncError` when it is none."""
    try:
        told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if told.get("kind") != _KIND or told.get("version") not in {_OPEN, _LOCKED}:
            raise _no_enrolment(path)
    except OSError as error:
        raise SyncError(
            "The file {name} can not be read.", hint="Choose the file again.", name=path.name
        ) from error
    except (ValueError, AttributeError) as error:
        raise _no_enrolment(path) from error
    return told


def _lock(told: Mapping[str, Any], path: Path) -> Lock:
    try:
        return Lock.read(told["lock"])
    except (ValueError, KeyError, TypeError) as error:
        raise _no_enrolment(path) from error


def _opened(told: Mapping[str, Any], path: Path, key: bytes) -> Enrolment:
    try:
        secrets = json.loads(open_closed(told["secrets"], key, _beside(told)))
    except (ValueError, KeyError, TypeError) as error:
        raise _no_enrolment(path) from error
    return _enrolment(told, path, secrets)


def _enrolment(told: Mapping[str, Any], path: Path, secrets: Mapping[str, Any]) -> Enrolment:
    known = {name: told[name] for name in _FIELDS - _SECRETS if name in told}
    hidden = {name: secrets[name] for name in _SECRETS if name in secrets}
    try:
        return Enrolment(**{"password": "", **known, **hidden})
    except TypeError as error:
        raise _no_enrolment(path) from error


def _beside(told: Mapping[str, Any]) -> bytes:
    """Return what is written openly, in one spelling: the secrets are bound to it."""
    return json.dumps(
        {name: value for name, value in told.items() if name != "secrets"},
        sort_keys=True,
        ensure_ascii=True,
    ).encode()


def _no_enrolment(path: Path) -> SyncError:
    return SyncError(
        "{name} is not an enrolment file.", hint="Ask head office for a new one.", name=path.name
    )


def _write(enrolment: Enrolment, path: Path, lock: Lock, key: bytes) -> None:
    """Write the file whole or not at all, for its owner only."""
    told = asdict(enrolment)
    secrets = json.dumps({name: told.pop(name) for name in sorted(_SECRETS)})
    told = {"kind": _KIND, "version": _LOCKED, "lock": lock.told(), **told}
    told["secrets"] = close(secrets, key, _beside(told))
    part = path.with_name(f"{path.name}.part")
    try:
        part.unlink(missing_ok=True)
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(told, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise SyncError(
            "The enrolment file could not be written: {reason}",
            hint="Check the folder and its free space.",
            reason=error.strerror or str(error),
        ) from error
