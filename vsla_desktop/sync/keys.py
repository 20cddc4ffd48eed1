"""The keys of bundles: who sealed one, and who alone can open it.

A party has one secret of 32 bytes, from which come an Ed25519 key to sign with and an X25519 key to
be written to. A laptop's secret lies in its enrolment; head office's in ``sync.server``, which only
the owner of its database reads. Each knows the other's public halves.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from dataclasses import dataclass
from typing import Final, Self

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SECRET_BYTES: Final = 32
KEY_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64
SEALED_BYTES: Final = KEY_BYTES + KEY_BYTES + 16

_SIGNED: Final = b"vsla bundle, format 1\0"
# A sealing key seals one thing only, so its number used once is always the first.
_ONCE: Final = bytes(12)


def new_secret() -> bytes:
    """Return a party's new secret."""
    return secrets.token_bytes(SECRET_BYTES)


def _derived(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=purpose).derive(secret)


@dataclass(frozen=True, slots=True)
class PublicKeys:
    """What a party tells the other: the half that proves its signature, and the one to seal to."""

    signing: bytes
    box: bytes

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read what :meth:`text` wrote. Raises :class:`ValueError`."""
        both = _decoded(text, 2 * KEY_BYTES)
        return cls(both[:KEY_BYTES], both[KEY_BYTES:])

    def text(self) -> str:
        """Write both, for an enrolment file."""
        return base64.b64encode(self.signing + self.box).decode()

    @property
    def mark(self) -> str:
        """A short mark by which a file says whom it is sealed to."""
        return hashlib.sha256(self.box).hexdigest()[:16]

    def proves(self, signature: bytes, digest: bytes) -> bool:
        """Say whether this party signed this digest."""
        try:
            Ed25519PublicKey.from_public_bytes(self.signing).verify(signature, _SIGNED + digest)
        except (InvalidSignature, ValueError):
            return False
        return True

    def seal(self, key: bytes) -> bytes:
        """Return the key of a file so that only this party can read it."""
        passing = X25519PrivateKey.generate()
        public = passing.public_key().public_bytes_raw()
        shared = passing.exchange(X25519PublicKey.from_public_bytes(self.box))
        return public + _sealing(shared, public, self.box).encrypt(_ONCE, key, None)


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """A party's own keys; they are never shown."""

    secret: bytes

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read what :meth:`text` wrote. Raises :class:`ValueError`."""
        return cls(_decoded(text, SECRET_BYTES))

    def text(self) -> str:
        """Write the secret, for an enrolment file that its owner alone reads."""
        return base64.b64encode(self.secret).decode()

    @property
    def public(self) -> PublicKeys:
        """What the other party may know."""
        signing, box = self._signing().public_key(), self._box().public_key()
        return PublicKeys(signing.public_bytes_raw(), box.public_bytes_raw())

    def sign(self, digest: bytes) -> bytes:
        """Sign a digest."""
        return self._signing().sign(_SIGNED + digest)

    def unseal(self, sealed: bytes) -> bytes:
        """Return the key that was sealed to us. Raises :class:`ValueError` when it was not."""
        public, rest = sealed[:KEY_BYTES], sealed[KEY_BYTES:]
        own = self._box()
        try:
            shared = own.exchange(X25519PublicKey.from_public_bytes(public))
            cipher = _sealing(shared, public, own.public_key().public_bytes_raw())
            return cipher.decrypt(_ONCE, rest, None)
        except InvalidTag as error:
            raise ValueError("sealed to another") from error

    def _signing(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(_derived(self.secret, b"vsla signing key 1"))

    def _box(self) -> X25519PrivateKey:
        return X25519PrivateKey.from_private_bytes(_derived(self.secret, b"vsla box key 1"))


def _sealing(shared: bytes, passing: bytes, box: bytes) -> ChaCha20Poly1305:
    return ChaCha20Poly1305(_derived(shared, b"vsla bundle key 1" + passing + box))


def _decoded(text: str, size: int) -> bytes:
    try:
        value = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("not a key") from error
    if len(value) != size:
        raise ValueError("not a key")
    return value
