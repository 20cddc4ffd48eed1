"""A laptop sends only to the server whose certificate its enrolment file vouches for."""

from __future__ import annotations

import shutil
import socket
import struct
import threading
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import psycopg2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from psycopg2 import sql

from tests.db.books import fill_central, new_central
from tests.support.postgres import running_server
from tests.sync.laptop import CHEAP
from vsla_desktop import db
from vsla_desktop.errors import OfflineError, RuleBroken, SyncError
from vsla_desktop.sync import (
    Address,
    Enrolment,
    enrol_device,
    hand_over,
    renew_device,
    revoke_device,
    store_enrolment,
)
from vsla_desktop.sync.centre import Centre

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.postgres import PostgresServer
    from vsla_desktop.db import Database


@dataclass(frozen=True, slots=True)
class Authority:
    """Somebody who vouches for servers."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()


def certify(
    name: str, key: ec.EllipticCurvePrivateKey, by: Authority | None = None, *, days: int = 0
) -> x509.Certificate:
    """Certify that a key is a server's of this name, or an authority's own, so many days on."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer = by.certificate.subject if by else subject
    now = datetime.now(UTC) + timedelta(days=days)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=by is None, path_length=None), critical=True)
    )
    if by is not None:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False
        )
    return builder.sign(by.key if by else key, hashes.SHA256())


def authority(name: str) -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    return Authority(key, certify(name, key))


@pytest.fixture(scope="module")
def programme() -> Authority:
    return authority("The programme")


@pytest.fixture(scope="module")
def server(programme: Authority) -> Iterator[PostgresServer]:
    """Run a server that shows a certificate for localhost."""
    key = ec.generate_private_key(ec.SECP256R1())
    with running_server() as running:
        files = {
            "server.key": key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            ),
            "server.crt": certify("localhost", key, programme).public_bytes(
                serialization.Encoding.PEM
            ),
        }
        for name, content in files.items():
            path = running.data / name
            path.touch(mode=0o600)
            path.write_bytes(content)
            owner = running.data.stat()
            shutil.chown(path, owner.st_uid, owner.st_gid)
        switch(running, on=True)
        yield running


def switch(server: PostgresServer, *, on: bool) -> None:
    """Switch the protection of new connections on or off, and wait until it is so."""
    server.execute(sql.SQL("ALTER SYSTEM SET ssl = {}").format(sql.Literal("on" if on else "off")))
    server.execute(sql.SQL("SELECT pg_reload_conf()"))
    address = server.url("postgres").replace("+psycopg2", "")
    while True:
        try:
            psycopg2.connect(address, sslmode="require" if on else "disable").close()
            with psycopg2.connect(address) as connection, connection.cursor() as cursor:
                cursor.execute("SHOW ssl")
                if cursor.fetchone() == ("on" if on else "off",):
                    return
        except psycopg2.OperationalError:
            continue


@pytest.fixture(scope="module")
def given(server: PostgresServer, programme: Authority) -> Enrolment:
    """Enrol a laptop with the programme's certificate."""
    url = server.url(server.template("head", fill_central))
    central = db.connect(url)
    enrolment = enrol_device(
        central, "safe", address=Address(host="localhost", root_certificate=programme.pem)
    )
    central.close()
    return enrolment


def test_an_enrolment_with_a_certificate_is_checked_in_full(given: Enrolment) -> None:
    assert given.sslmode == "verify-full"


def test_the_right_server_is_talked_to_and_the_talk_is_protected(
    given: Enrolment, tmp_path: Path, server: PostgresServer
) -> None:
    with Centre(given, tmp_path):
        address = server.url("postgres").replace("+psycopg2", "")
        with psycopg2.connect(address) as connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT s.ssl FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid)"
                " WHERE a.usename = %s",
                (given.role,),
            )
            assert cursor.fetchall() == [(True,)]


def refused(enrolment: Enrolment, folder: Path) -> str:
    with pytest.raises(SyncError) as caught, Centre(enrolment, folder):
        pass
    assert not isinstance(caught.value, OfflineError)
    assert "Nothing was sent" in str(caught.value)
    return str(caught.value)


def test_a_server_that_another_authority_vouches_for_is_refused(
    given: Enrolment, tmp_path: Path
) -> None:
    other = replace(given, root_certificate=authority("Somebody else").pem)
    said = refused(other, tmp_path)
    assert "a certificate that is not head office's" in said
    assert "Is this laptop's date right?" in said


@pytest.mark.parametrize("days", [-3_000, 3_000])
def test_a_date_that_is_years_off_is_said_to_be_that(
    given: Enrolment, programme: Authority, tmp_path: Path, days: int
) -> None:
    then = certify("The programme", programme.key, days=days)
    other = replace(given, root_certificate=replace(programme, certificate=then).pem)
    said = refused(other, tmp_path)
    assert said.startswith("On 20")
    assert "this laptop's date, head office's certificate is not valid" in said
    assert "Set this laptop's date right, then try again" in said


def test_a_certificate_for_another_address_is_refused(given: Enrolment, tmp_path: Path) -> None:
    assert "is for another address" in refused(replace(given, host="127.0.0.1"), tmp_path)


def test_a_server_without_protection_is_refused(
    given: Enrolment, tmp_path: Path, server: PostgresServer
) -> None:
    switch(server, on=False)
    try:
        assert "does not protect the connection" in refused(given, tmp_path)
    finally:
        switch(server, on=True)


@pytest.fixture
def office(server: PostgresServer) -> Iterator[Database]:
    with new_central(server) as central:
        yield central


def test_no_server_in_the_network_is_told_to_a_laptop_without_a_certificate(
    office: Database, programme: Authority
) -> None:
    far = Address(host="office.example.org")
    for address in (far, replace(far, host="10.0.0.7"), replace(far, host="localhost.example")):
        with pytest.raises(RuleBroken, match="Give the authority's certificate") as told:
            enrol_device(office, "far", address=address)
        assert told.value.field == "certificate"
    enrol_device(office, "near")
    with pytest.raises(RuleBroken, match="certificate for office"):
        renew_device(office, "near", address=far)
    # Nothing was changed: the old login is still let in.
    with office.connection() as connection:
        states = connection.exec_driver_sql(
            "SELECT name, status FROM sync.device WHERE name IN ('near', 'far')"
        ).all()
    assert [tuple(each) for each in states] == [("near", "active")]
    given = renew_device(office, "near", address=replace(far, root_certificate=programme.pem))
    assert (given.host, given.sslmode) == ("office.example.org", "verify-full")


def test_a_renewed_laptop_reaches_the_server_as_it_did(
    office: Database, programme: Authority
) -> None:
    address = Address(host="office.example.org", root_certificate=programme.pem)
    enrol_device(office, "far", address=address)
    for turn in range(3):
        given = renew_device(office, "far")
        assert (given.host, given.root_certificate) == (address.host, address.root_certificate)
        assert given.sslmode == "verify-full"
        if turn == 1:
            revoke_device(office, "far")
    moved = renew_device(office, "far", address=Address(host="head.example.org"))
    assert (moved.host, moved.root_certificate) == ("head.example.org", programme.pem)


@pytest.mark.parametrize(("name", "value"), [("root_certificate", ""), ("sslmode", "prefer")])
def test_a_laptop_does_not_talk_in_the_network_to_whom_it_can_not_check(
    given: Enrolment, tmp_path: Path, name: str, value: str
) -> None:
    there = Enrolment(**asdict(given) | {"host": "office.example.org", name: value})
    said = "The enrolment has no certificate of head office. Nothing was sent."
    assert refused(there, tmp_path).startswith(said)
    file = tmp_path / "given.json"
    code = hand_over(there, file, cost=CHEAP)
    with pytest.raises(SyncError, match="has no certificate of head office"):
        store_enrolment(file, tmp_path / "data", code=code)
    assert not (tmp_path / "data").exists()


@contextmanager
def false_server(question: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """Run a server that asks whoever comes for the password in its own way; yield what it got."""
    got: list[bytes] = []
    ended = threading.Event()

    def message(talk: socket.socket) -> bytes:
        head = talk.recv(4)
        return talk.recv(struct.unpack(">i", head)[0] - 4) if head else b""

    def serve(listening: socket.socket) -> None:
        while not ended.is_set():
            talk, _ = listening.accept()
            with talk:
                if message(talk)[:4] == struct.pack(">i", 80877103):  # shall we talk in TLS?
                    talk.sendall(b"N")
                    message(talk)
                talk.sendall(question)
                if talk.recv(1) == b"p":
                    got.append(message(talk))

    with socket.create_server(("127.0.0.1", 0)) as listening:
        serving = threading.Thread(target=serve, args=(listening,))
        serving.start()
        port = listening.getsockname()[1]
        try:
            yield port, got
        finally:
            ended.set()
            socket.create_connection(("127.0.0.1", port)).close()
            serving.join()


@pytest.mark.parametrize(
    "question",
    [
        b"R" + struct.pack(">ii", 8, 3),  # the password itself
        b"R" + struct.pack(">ii", 12, 5) + b"salt",  # its MD5
        b"R" + struct.pack(">ii", 8, 0),  # nothing
    ],
)
def test_no_false_server_is_told_the_password(
    given: Enrolment, tmp_path: Path, question: bytes
) -> None:
    with false_server(question) as (port, got):
        here = replace(given, host="127.0.0.1", port=port)
        assert "does not protect the connection" in refused(here, tmp_path)
        # Not even where this computer itself is reached without a certificate.
        bare = replace(here, root_certificate="", sslmode="prefer")
        assert "asks for the password in the open" in refused(bare, tmp_path)
    assert got == []


def test_the_talk_is_bound_to_the_server_s_certificate(given: Enrolment, tmp_path: Path) -> None:
    with Centre(given, tmp_path) as centre:
        asked = centre._connection.info.dsn_parameters
    assert (asked["sslmode"], asked["channel_binding"]) == ("verify-full", "require")
    assert asked["require_auth"] == "scram-sha-256"
