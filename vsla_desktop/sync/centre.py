"""A laptop's conversation with head office: five round trips a batch."""

from __future__ import annotations

import base64
import io
import json
import socket
import struct
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Self

from typing_extensions import override

from vsla_desktop.capture.feed import TOLD
from vsla_desktop.capture.protocol import PROTOCOL
from vsla_desktop.errors import OfflineError, SyncError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import TracebackType

    import psycopg2.extensions

    from vsla_desktop.sync.enrolment import Enrolment
    from vsla_desktop.sync.outbox import Batch

CONNECT_SECONDS: Final = 15
CHUNK: Final = 1 << 16
PIECE: Final = 1 << 12
CERTIFICATE_NAME: Final = "head-office.crt"
_KNOWS_REQUIRE_AUTH: Final = 160000

# A binary COPY: a fixed start, then for each row how many cells it has, and each one's length.
_COPY_HEADER: Final = 19
_ONE_CELL: Final = struct.Struct(">hi")

# What passes by itself: try again.
_PASSING: Final = frozenset(
    {
        "40P01",  # deadlock detected
        "40001",  # serialization failure
        "55P03",  # lock not available
        "53300",  # too many connections
    }
)
# The connection ended: head office stops or starts (57P), or the line broke (08).
_ENDED: Final = ("08", "57P")
# Trouble of head office itself (disk, memory, time, system): it is not what was sent.
_TROUBLE: Final = ("53", "57", "58", "XX")
_DISK_FULL: Final = "53100"
_REFUSED: Final = ("password authentication failed", "not permitted to log in", "does not exist")

# On a market day all come at once: who finds no place comes again a little later.
_OWN: Final = "too many connections for role"
_UNTIL_ENDED: Final = (0.1, 0.3, 1.0, 2.0)  # seconds: a connection just left ends in a moment
_FULL: Final = ("too many clients", "remaining connection slots", "too many connections")

_ASK: Final = "Nothing was sent. Ask head office for a new enrolment file."
_LOOK_AND_ASK: Final = (
    "Nothing was sent. Is this laptop's date right? Then ask head office for a new enrolment file."
)
_SET_DATE: Final = "Nothing was sent. Set this laptop's date right, then try again."
_UNKNOWN: Final = "certificate verify failed"
# What the driver says of a connection that is not as safe as it must be, and what people are told.
_UNSAFE: Final = {
    _UNKNOWN: "The server shows a certificate that is not head office's.",
    "does not match host name": "The certificate of head office is for another address.",
    "does not support SSL": "The server at this address does not protect the connection.",
    "authentication method requirement": "The server asks for the password in the open.",
    "channel binding": "The server at this address is not head office itself.",
}


class _Target:
    """Where an answer is written to, row by row; ``before`` is told now and then how much it is."""

    def __init__(self, before: Callable[[int], None]) -> None:
        self._before = before
        self._content = bytearray()
        self._told_at = 0
        self.failure: BaseException | None = None

    def write(self, row: bytes) -> None:
        size = len(self._content)
        if size >= self._told_at:
            self._told_at = size + PIECE
            try:
                self._before(size)
            except BaseException as failure:
                self.failure = failure
                raise
        self._content += row

    def lines(self) -> list[str]:
        """Return the whole lines."""
        return self._content.decode().split("\n")[:-1]


class TroubleError(SyncError):
    """Head office can not work now, whatever is sent to it."""


class BusyError(TroubleError):
    """Head office is busy with something else for a moment."""


class CancelledError(Exception):
    """The person asked to stop; nothing of the batch under way was kept."""


class _Stream(io.RawIOBase):
    """The lines of a batch, read in pieces; each piece may be the last."""

    def __init__(self, body: memoryview, before: Callable[[int], None]) -> None:
        super().__init__()
        self._body = body
        self._before = before
        self._at = 0
        self.failure: BaseException | None = None

    @override
    def read(self, size: int = -1, /) -> bytes:
        try:
            self._before(self._at)
        except BaseException as failure:
            self.failure = failure
            raise
        end = len(self._body) if size < 0 else self._at + size
        piece = bytes(self._body[self._at : end])
        self._at += len(piece)
        return piece


class Conversation:
    """An open connection to head office that speaks as one device."""

    def __init__(self, connection: psycopg2.extensions.connection) -> None:
        self.round_trips = 0
        self._connection = connection
        # We say BEGIN ourselves, together with the first question: one round trip less.
        self._connection.autocommit = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        import psycopg2

        with suppress(psycopg2.Error):
            self._connection.close()

    def begin(self, batch: Batch, epoch: str) -> dict[str, Any]:
        """Open the batch's transaction, and ask whether it is wanted."""
        return self._ask(
            "BEGIN; SELECT sync.begin_batch(%s, %s, %s, %s)",
            (batch.number, batch.digest, epoch, PROTOCOL),
        )

    def copy(self, batch: Batch, before: Callable[[int], None]) -> None:
        """Stage the lines; ``before`` is told before each piece how many bytes have gone."""
        columns = ", ".join(batch.header["columns"])
        stream = _Stream(batch.body, before)
        self.round_trips += 2
        try:
            with self._errors(), self._connection.cursor() as cursor:
                cursor.copy_expert(
                    f"COPY sync.incoming ({columns}) FROM STDIN (FORMAT csv)", stream, CHUNK
                )
        except SyncError:
            # The driver tells of a stopped reading as if head office had refused it.
            if stream.failure is not None:
                raise stream.failure from None
            raise

    def apply(self, batch: Batch) -> dict[str, Any]:
        """Write what was staged, and return what became of it."""
        return self._ask(
            "SELECT sync.apply_batch(%s, %s, %s, %s)",
            (batch.number, batch.digest, batch.rows, len(batch.payload)),
        )

    def pull(self, request: dict[str, Any], before: Callable[[int], None]) -> list[str]:
        """Return the lines of the answer; ``before`` is told of each piece how much was there."""
        self.round_trips += 1
        target = _Target(before)
        try:
            with self._errors(), self._connection.cursor() as cursor:
                question = cursor.mogrify("SELECT * FROM sync.pull(%s)", (json.dumps(request),))
                cursor.copy_expert(TOLD.format(question.decode()), target, CHUNK)
        except SyncError:
            if target.failure is not None:
                raise target.failure from None
            raise
        return target.lines()

    def interrupt(self) -> None:
        """Break off what another thread is asking; after that nothing can be asked any more.

        Only this end of the line is told, so it takes no network.
        """
        line = socket.socket(fileno=self._connection.fileno())
        with suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)
        line.detach()

    def exchange_blobs(self, request: dict[str, Any]) -> dict[str, Any]:
        """Offer documents and carried bundles, and ask for others, by what is in them."""
        return self._ask("SELECT sync.exchange_blobs(%s)", (json.dumps(request),))

    def put_chunk(self, digest: str, number: int, content: bytes) -> dict[str, Any]:
        """Send one chunk; the answer names the next that head office lacks, -1 when none."""
        # The driver itself would write each byte as two letters.
        written = base64.b64encode(content).decode()
        return self._ask("SELECT sync.put_chunk(%s, %s, %s)", (digest, number, written))

    def get_chunk(self, digest: str, number: int) -> bytes | None:
        """Return one chunk as it is, None when it is not for us."""
        self.round_trips += 1
        told = io.BytesIO()
        with self._errors(), self._connection.cursor() as cursor:
            question = cursor.mogrify("SELECT sync.get_chunk(%s, %s)", (digest, number)).decode()
            cursor.copy_expert(f"COPY ({question}) TO STDOUT (FORMAT binary)", told)
        _, size = _ONE_CELL.unpack_from(told.getbuffer(), _COPY_HEADER)
        start = _COPY_HEADER + _ONE_CELL.size
        return None if size < 0 else bytes(told.getbuffer()[start : start + size])

    def tell_reached(self, reached: str, settled: dict[str, str]) -> None:
        """Tell how far the laptop has come, and what people settled there."""
        self._ask("SELECT sync.pulled(%s, %s)", (reached, json.dumps(settled)))

    def commit(self) -> None:
        """Make it last."""
        self._say("COMMIT")

    def roll_back(self) -> None:
        """Undo what the open transaction did."""
        self._say("ROLLBACK")

    def _ask(self, question: str, values: tuple[Any, ...]) -> dict[str, Any]:
        self.round_trips += 1
        with self._errors(), self._connection.cursor() as cursor:
            cursor.execute(question, values)
            row = cursor.fetchone()
        answer: dict[str, Any] = row[0] if row else {}
        return answer

    def _say(self, command: str) -> None:
        self.round_trips += 1
        with self._errors(), self._connection.cursor() as cursor:
            cursor.execute(command)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        import psycopg2

        try:
            yield
        except psycopg2.Error as error:
            if error.pgcode in _PASSING:
                raise BusyError("Head office is busy.", hint="Try again in a minute.") from error
            if error.pgcode is None or error.pgcode.startswith(_ENDED):
                raise OfflineError(
                    "The connection to head office broke off.",
                    hint="Your entries are saved here. Try again when there is network.",
                ) from error
            if error.pgcode == _DISK_FULL:
                raise TroubleError(
                    "The disk of head office is full.",
                    hint="Your entries are saved here. Tell head office.",
                ) from error
            if error.pgcode.startswith(_TROUBLE):
                raise TroubleError(
                    "Head office can not work now: {reason}",
                    hint="Your entries are saved here. Try again later.",
                    reason=str(error).strip(),
                ) from error
            raise SyncError(
                "Head office could not take the entries: {reason}",
                hint="They stay saved here. Tell head office what this says.",
                reason=str(error).strip(),
            ) from error


class Centre(Conversation):
    """A laptop's connection to head office, signed in as the device that it is enrolled as."""

    def __init__(self, enrolment: Enrolment, data_dir: Path) -> None:
        import psycopg2  # a laptop that only looks how things stand needs none of it
        from psycopg2.extensions import libpq_version

        enrolment.check_protected()
        extra: dict[str, Any] = {}
        # The password itself is told to nobody, whatever the server asks for.
        if libpq_version() >= _KNOWS_REQUIRE_AUTH:
            extra["require_auth"] = "scram-sha-256"
        if enrolment.root_certificate:
            certificate = data_dir / CERTIFICATE_NAME
            certificate.write_text(enrolment.root_certificate, encoding="utf-8")
            extra |= {"sslrootcert": str(certificate), "channel_binding": "require"}
        try:
            connection = _connected(
                host=enrolment.host,
                port=enrolment.port,
                dbname=enrolment.dbname,
                user=enrolment.role,
                password=enrolment.password,
                sslmode=enrolment.sslmode,
                connect_timeout=CONNECT_SECONDS,
                keepalives_idle=20,
                keepalives_interval=10,
                keepalives_count=3,
                application_name="vsla sync",
                **extra,
            )
        except psycopg2.OperationalError as error:
            if any(words in str(error) for words in _FULL):
                raise BusyError("Head office is busy.", hint="Try again in a minute.") from error
            if any(words in str(error) for words in _REFUSED):
                raise SyncError(
                    "Head office does not let this laptop in.",
                    hint="Ask head office to enrol it again. Your entries are saved here.",
                ) from error
            for words, sentence in _UNSAFE.items():
                if words in str(error):
                    raise _unsafe(words, sentence, enrolment) from error
            raise OfflineError(
                "Head office can not be reached now.",
                hint="Your entries are saved here. Try again when there is network.",
            ) from error
        super().__init__(connection)


def _unsafe(words: str, sentence: str, enrolment: Enrolment) -> SyncError:
    """Return what is said of a server that is not safe: a wrong date looks like a wrong server."""
    if words != _UNKNOWN:
        return SyncError(sentence, hint=_ASK)
    from cryptography.x509 import load_pem_x509_certificates

    today = datetime.now(UTC)
    certificates = load_pem_x509_certificates(enrolment.root_certificate.encode())
    if any(each.not_valid_before_utc <= today <= each.not_valid_after_utc for each in certificates):
        return SyncError(sentence, hint=_LOOK_AND_ASK)
    return SyncError(
        "On {day}, this laptop's date, head office's certificate is not valid.",
        hint=_SET_DATE,
        day=today.date(),
    )


def _connected(**asked: Any) -> Any:
    """Connect, once this laptop's own connections of a moment ago have ended."""
    import psycopg2

    for wait in _UNTIL_ENDED:
        try:
            return psycopg2.connect(**asked)
        except psycopg2.OperationalError as error:
            if _OWN not in str(error):
                raise
            time.sleep(wait)
    return psycopg2.connect(**asked)
