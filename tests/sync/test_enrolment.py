"""The login of a laptop never lies open on a disk, and opens for whoever it belongs to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked
from typing_extensions import override

from tests.sync.laptop import CHEAP
from vsla_desktop.errors import RuleBroken, SyncError
from vsla_desktop.sync import (
    Enrolment,
    LockedError,
    enrolled_as,
    enrolment,
    hand_over,
    keep_enrolment,
    load_enrolment,
    needs_code,
    needs_passphrase,
    read_enrolment,
    store_enrolment,
    unlock,
)

WORDS = "three goats at the well"
GIVEN = Enrolment(
    host="head-office.example",
    port=5432,
    dbname="centre",
    role="dev_0123456789abcdef",
    password="the password itself",
    device_id="6f0c3f0e-0000-4000-8000-000000000001",
    device_name="Kayunga 1",
    server_epoch="6f0c3f0e-0000-4000-8000-000000000002",
    sslmode="verify-full",
    root_certificate="the authority's",
    bundle_secret="the key of bundles",
    office_keys="public",
)


class Keyring(KeyringBackend):
    """What a system keeps for whoever is signed in."""

    priority = 5

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}
        self.is_locked = False

    @override
    def get_password(self, service: str, username: str) -> str | None:
        if self.is_locked:
            raise KeyringLocked
        return self.kept.get((service, username))

    @override
    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A person is asked: no script has said the words beforehand."""
    monkeypatch.delenv("VSLA_PASSPHRASE")


@pytest.fixture
def system() -> Iterator[Keyring]:
    """Sign in to a system that has a keyring."""
    before, made = keyring.get_keyring(), Keyring()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


def forget() -> None:
    """The program ends, and is started again."""
    enrolment._KEYS.clear()


def assert_hidden(folder: Path) -> None:
    for file in folder.rglob("*"):
        content = file.read_bytes()
        for secret in (GIVEN.password, GIVEN.bundle_secret, WORDS):
            assert secret.encode() not in content, file
        assert file.stat().st_mode & 0o077 == 0


@pytest.mark.usefixtures("asked")
def test_a_passphrase_is_asked_for_once_a_run(tmp_path: Path) -> None:
    keep_enrolment(GIVEN, tmp_path, passphrase=WORDS, cost=CHEAP)
    assert_hidden(tmp_path)
    assert load_enrolment(tmp_path) == GIVEN
    for wrong in ("", WORDS + " ", "guessed it"):
        forget()
        assert needs_passphrase(tmp_path)
        with pytest.raises(LockedError, match=r"locked\. Enter its passphrase first"):
            load_enrolment(tmp_path)
        with pytest.raises(SyncError, match="does not open"):
            unlock(tmp_path, wrong)
        assert needs_passphrase(tmp_path)
        unlock(tmp_path, WORDS)
        assert not needs_passphrase(tmp_path)
        assert load_enrolment(tmp_path) == GIVEN


@pytest.mark.usefixtures("asked")
def test_who_a_laptop_is_can_be_read_while_it_is_locked(tmp_path: Path) -> None:
    keep_enrolment(GIVEN, tmp_path, passphrase=WORDS, cost=CHEAP)
    forget()
    known = enrolled_as(tmp_path)
    assert (known.host, known.device_name) == (GIVEN.host, GIVEN.device_name)
    assert (known.password, known.bundle_secret) == ("", "")


@pytest.mark.usefixtures("asked")
def test_without_a_keyring_a_passphrase_is_needed_and_not_a_short_one(tmp_path: Path) -> None:
    with pytest.raises(LockedError, match="Choose a passphrase"):
        keep_enrolment(GIVEN, tmp_path)
    with pytest.raises(RuleBroken, match="8 characters or more") as refused:
        keep_enrolment(GIVEN, tmp_path, passphrase="1234567")
    assert refused.value.field == "passphrase"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("asked")
def test_the_system_s_keyring_opens_it_without_a_word(tmp_path: Path, system: Keyring) -> None:
    keep_enrolment(GIVEN, tmp_path)
    assert_hidden(tmp_path)
    forget()
    assert not needs_passphrase(tmp_path)
    assert load_enrolment(tmp_path) == GIVEN
    forget()
    system.is_locked = True
    with pytest.raises(SyncError, match="keyring of this computer is locked"):
        load_enrolment(tmp_path)


@pytest.mark.usefixtures("asked")
def test_a_copied_folder_does_not_open_on_another_computer(tmp_path: Path, system: Keyring) -> None:
    keep_enrolment(GIVEN, tmp_path)
    forget()
    system.kept.clear()
    with pytest.raises(SyncError, match="does not know this laptop's login"):
        load_enrolment(tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        {"host": "somewhere.else"},
        {"port": 1},
        {"sslmode": "disable"},
        {"root_certificate": ""},
        {"root_certificate": "another authority"},
        {"role": "dev_another"},
        {"office_keys": "others"},
        {"extra": 1},
    ],
)
def test_an_address_that_somebody_changed_no_longer_opens(
    tmp_path: Path, change: dict[str, object]
) -> None:
    keep_enrolment(GIVEN, tmp_path, passphrase=WORDS, cost=CHEAP)
    path = tmp_path / "enrolment.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(SyncError, match="does not open"):
        load_enrolment(tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        {"lock": {"name": "", "salt": "00" * 16, "passes": 3, "memory": 1 << 40}},
        {"lock": {"name": "", "salt": "00" * 16, "passes": 10**9, "memory": 8}},
        {"lock": {"name": "", "salt": "", "passes": 1, "memory": 8}},
        {"lock": {"name": "x", "salt": "00" * 16, "passes": 1, "memory": 8}},
        {"lock": {"name": "", "salt": "not hex", "passes": 1, "memory": 8}},
        {"lock": None},
        {"secrets": "00"},
        {"secrets": "not hex"},
        {"secrets": 5},
        {"version": 3},
    ],
)
def test_a_file_that_can_not_be_is_refused_before_it_costs_anything(
    tmp_path: Path, change: dict[str, object]
) -> None:
    file = tmp_path / "given.json"
    code = hand_over(GIVEN, file, cost=CHEAP)
    file.write_text(json.dumps({**json.loads(file.read_text()), **change}))
    with pytest.raises(SyncError):
        read_enrolment(file, code)


def test_the_file_for_a_laptop_opens_with_its_code_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "given.json"
    code = hand_over(GIVEN, file, cost=CHEAP)
    assert_hidden(tmp_path)
    assert needs_code(file)
    assert code != hand_over(GIVEN, tmp_path / "other.json", cost=CHEAP)
    with pytest.raises(SyncError, match=r"given.json opens with a code. Ask head office for it"):
        read_enrolment(file)
    with pytest.raises(SyncError, match="The code does not open given"):
        read_enrolment(file, "AAAA-AAAA-AAAA-AAAA")
    # However a person writes it down.
    for typed in (code, code.lower(), code.replace("-", " "), f" {code.replace('-', '')}\n"):
        assert read_enrolment(file, typed) == GIVEN
    monkeypatch.setenv("VSLA_CODE", code)
    assert store_enrolment(file, tmp_path / "data") == GIVEN
    assert load_enrolment(tmp_path / "data") == GIVEN


def plain(folder: Path) -> None:
    """Write an enrolment as earlier releases did: with the password in it."""
    told = {"kind": "vsla enrolment", "version": 1}
    for name in ("host", "port", "dbname", "role", "password", "device_id", "device_name"):
        told[name] = getattr(GIVEN, name)
    told |= {"server_epoch": GIVEN.server_epoch, "sslmode": GIVEN.sslmode}
    told["root_certificate"] = GIVEN.root_certificate
    told["bundle_secret"] = GIVEN.bundle_secret
    told["office_keys"] = GIVEN.office_keys
    (folder / "enrolment.json").write_text(json.dumps(told))
    (folder / "enrolment.json").chmod(0o600)


@pytest.mark.usefixtures("asked")
def test_a_login_that_lies_open_is_locked_with_the_first_passphrase(tmp_path: Path) -> None:
    plain(tmp_path)
    assert needs_passphrase(tmp_path)
    with pytest.raises(LockedError, match="Choose a passphrase"):
        load_enrolment(tmp_path)
    unlock(tmp_path, WORDS)
    assert_hidden(tmp_path)
    assert load_enrolment(tmp_path) == GIVEN
    forget()
    assert needs_passphrase(tmp_path)


@pytest.mark.usefixtures("asked", "system")
def test_a_login_that_lies_open_goes_into_the_keyring_by_itself(tmp_path: Path) -> None:
    plain(tmp_path)
    assert not needs_passphrase(tmp_path)
    assert load_enrolment(tmp_path) == GIVEN
    assert_hidden(tmp_path)


def test_an_open_file_from_head_office_needs_no_code(tmp_path: Path) -> None:
    plain(tmp_path)
    assert not needs_code(tmp_path / "enrolment.json")
    assert store_enrolment(tmp_path / "enrolment.json", tmp_path / "data") == GIVEN
    assert_hidden(tmp_path / "data")
