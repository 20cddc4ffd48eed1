"""How a secret lies on a disk: locked, and opened by the system's keyring or by words.

A secret is encrypted with a key (ChaCha20-Poly1305) that is not on the disk. The key lies in the
system's keyring where there is one, and is worked out from words that a person types otherwise
(Argon2id, whose cost is written beside it). What is written openly beside the secret is bound to
it: an address that somebody changed no longer opens.
"""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from vsla_desktop.errors import SyncError

if TYPE_CHECKING:
    from collections.abc import Callable

    from keyring.backend import KeyringBackend

T = TypeVar("T")

_SERVICE: Final = "vsla_desktop"
_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_SALT_BYTES: Final = 16
# More than this is no laptop's cost: a file that asks for it would only stop the program.
_MOST_PASSES: Final = 64
_MOST_MEMORY: Final = 1 << 20

# Letters and digits that nobody takes for another.
_ALPHABET: Final = "ABCDEFGHJKLMNPQRTUVWXYZ2346789"
_CODE_LETTERS: Final = 16
_PART_OF_CODE: Final = 4


class WrongWordsError(SyncError):
    """The words that were given do not open it."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What it costs to try one passphrase: passes over so much memory, in KiB."""

    passes: int = 3
    memory: int = 65_536


@dataclass(frozen=True, slots=True)
class Lock:
    """What a key is found by: ``name`` in the keyring, or ``salt`` and cost with a person's words.

    Exactly one of ``name`` and ``salt`` is set; ``salt`` is hexadecimal.
    """

    name: str = ""
    salt: str = ""
    passes: int = 0
    memory: int = 0

    @classmethod
    def read(cls, told: dict[str, Any]) -> Lock:
        """Return the lock that a file tells of. Raises ValueError when it can not be one."""
        lock = cls(str(told["name"]), str(told["salt"]), int(told["passes"]), int(told["memory"]))
        by_words = (
            len(bytes.fromhex(lock.salt)) == _SALT_BYTES
            and 0 < lock.passes <= _MOST_PASSES
            and 0 < lock.memory <= _MOST_MEMORY
        )
        if by_words == bool(lock.name):
            raise ValueError(lock)
        return lock

    def told(self) -> dict[str, Any]:
        """Return what :meth:`read` reads."""
        return asdict(self)

    def key(self, words: str = "") -> bytes:
        """Return the key. Raises :class:`SyncError` when the keyring does not hand it out."""
        return self._from_words(words) if self.salt else self._from_keyring()

    def _from_words(self, words: str) -> bytes:
        from argon2.low_level import Type, hash_secret_raw

        return hash_secret_raw(
            words.encode(),
            bytes.fromhex(self.salt),
            time_cost=self.passes,
            memory_cost=self.memory,
            parallelism=1,
            hash_len=_KEY_BYTES,
            type=Type.ID,
        )

    def _from_keyring(self) -> bytes:
        backend = _backend()
        kept = _ask_keyring(lambda: backend.get_password(_SERVICE, self.name)) if backend else None
        if not kept:
            raise SyncError(
                "The keyring of this computer does not know this laptop's login.",
                hint="Ask head office to renew it. Your entries are saved here.",
            )
        return bytes.fromhex(kept)


def lock_by_words(cost: Cost) -> Lock:
    """Return a new lock that words open."""
    return Lock(salt=os.urandom(_SALT_BYTES).hex(), passes=cost.passes, memory=cost.memory)


def lock_by_keyring(name: str) -> Lock:
    """Put a new key into the keyring; return its lock. Raises :class:`SyncError`."""
    backend = _backend()
    if backend is None:
        raise SyncError("This computer has no keyring.", hint="Choose a passphrase.")
    key = os.urandom(_KEY_BYTES).hex()
    _ask_keyring(lambda: backend.set_password(_SERVICE, name, key))
    return Lock(name=name)


def has_keyring() -> bool:
    """Say whether the system keeps secrets for the person who is signed in."""
    return _backend() is not None


def close(secret: str, key: bytes, beside: bytes) -> str:
    """Return a secret as it may lie on a disk, bound to what is written ``beside`` it."""
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    nonce = os.urandom(_NONCE_BYTES)
    return (nonce + ChaCha20Poly1305(key).encrypt(nonce, secret.encode(), beside)).hex()


def open_closed(closed: str, key: bytes, beside: bytes) -> str:
    """Return a secret. Raises :class:`WrongWordsError`, also when ``beside`` was changed."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    packed = bytes.fromhex(closed)
    try:
        opened = ChaCha20Poly1305(key).decrypt(packed[:_NONCE_BYTES], packed[_NONCE_BYTES:], beside)
    except InvalidTag as error:
        raise WrongWordsError(
            "This does not open the login.", hint="Type it again, letter by letter."
        ) from error
    return opened.decode()


def new_code() -> str:
    """Return a code to read out to somebody, such as K7QF-2MXB-9TRC-HW4D."""
    import secrets

    letters = [secrets.choice(_ALPHABET) for _ in range(_CODE_LETTERS)]
    parts = range(0, _CODE_LETTERS, _PART_OF_CODE)
    return "-".join("".join(letters[at : at + _PART_OF_CODE]) for at in parts)


def plain_code(typed: str) -> str:
    """Return a code as it is meant, however it was typed."""
    return "".join(each for each in typed.upper() if each in _ALPHABET)


def _backend() -> KeyringBackend | None:
    import keyring  # looks at the whole system, so only when a secret is needed

    found = keyring.get_keyring()
    # Its own word for a backend that is fit for use; the others keep nothing, or keep it openly.
    return found if found.priority >= 1 else None


def _ask_keyring(question: Callable[[], T]) -> T:
    from keyring.errors import KeyringError

    try:
        return question()
    except KeyringError as error:
        raise SyncError(
            "The keyring of this computer is locked.", hint="Unlock it, then try again."
        ) from error
