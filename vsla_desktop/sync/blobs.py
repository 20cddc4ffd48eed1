"""Documents and bundles as head office's own programs put them there and take them out."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from vsla_desktop.capture.blobs import CHUNK, Kind

if TYPE_CHECKING:
    from sqlalchemy import Connection


def put_blob(connection: Connection, kind: Kind, content: bytes) -> bool:
    """Keep this content under its SHA-256; False when it is there already, as the same kind."""
    run = connection.exec_driver_sql
    digest = hashlib.sha256(content).hexdigest()
    is_there = run(
        "INSERT INTO sync.blob (sha256, kind, size, complete) VALUES (%s, %s, %s, true)"
        " ON CONFLICT (sha256, kind) DO UPDATE SET size = excluded.size, complete = true,"
        " dev = NULL WHERE NOT sync.blob.complete RETURNING 1",
        (digest, kind, len(content)),
    ).first()
    if is_there is None:
        return False
    run("DELETE FROM sync.blob_chunk WHERE sha256 = %s AND kind = %s", (digest, kind))
    for start in range(0, len(content), CHUNK):
        run(
            "INSERT INTO sync.blob_chunk (sha256, kind, i, content) VALUES (%s, %s, %s, %s)",
            (digest, kind, start // CHUNK, content[start : start + CHUNK]),
        )
    return True


def blob(connection: Connection, kind: Kind, digest: str) -> bytes:
    """Return the content with this SHA-256; nothing when it is not whole here."""
    chunks = connection.exec_driver_sql(
        "SELECT k.content FROM sync.blob_chunk k JOIN sync.blob b USING (sha256, kind)"
        " WHERE k.sha256 = %s AND k.kind = %s AND b.complete ORDER BY k.i",
        (digest, kind),
    ).scalars()
    return b"".join(bytes(each) for each in chunks)


def drop_blob(connection: Connection, kind: Kind, digest: str) -> None:
    """Forget a content."""
    connection.exec_driver_sql(
        "DELETE FROM sync.blob WHERE sha256 = %s AND kind = %s", (digest, kind)
    )
