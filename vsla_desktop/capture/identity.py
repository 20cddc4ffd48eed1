"""How a row gets the identity that all databases share.

An identity is a UUID whose first part is the time, so that an index of them grows at its end. It
is 32 hexadecimal digits in SQLite and ``uuid`` in PostgreSQL. Rows that every database starts with
have a fixed one, made of their table and natural key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from uuid import UUID

if TYPE_CHECKING:
    from vsla_desktop.capture.tables import Travel

# The rows that every database starts with: natural key -> identity, for ever. It is the key's
# uuid5 in NAMESPACE, written out so that opening a book need not hash. Only ever add.
NAMESPACE: Final = UUID("5f0c1f8e-3d5b-5b0e-9a35-6c2f8f6a7b41")
SEEDS: Final[dict[str, dict[str, UUID]]] = {
    "saving_types": {
        "PERSONAL": UUID("85cd1e9e-d51e-5fad-9fdc-0f3a59e5351d"),
        "ECD": UUID("6e7d55cb-db10-5084-bd4f-29b6061de2ba"),
        "SOCIAL": UUID("54145c46-edd5-5718-9bed-871588308420"),
        "TARGET": UUID("6796b147-6fe7-5a00-98b5-128841aae906"),
    },
}

SQLITE_NOW: Final = "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"

_SQLITE_RANDOM: Final = (
    f"lower(printf('%012x', {SQLITE_NOW}) || '7' || substr(hex(randomblob(2)), 2)"
    " || substr('89ab', 1 + (random() & 3), 1) || substr(hex(randomblob(8)), 2))"
)


def seed_identity(table: str, key: str) -> UUID:
    """Return the identity of a row that every database starts with."""
    return SEEDS[table][key]


def sqlite_identity(table: Travel, row: str) -> str:
    """Return SQL for the identity of a new row."""
    seeds = SEEDS.get(table.name, {})
    if not seeds:
        return _SQLITE_RANDOM
    choices = " ".join(f"WHEN '{key}' THEN '{su.hex}'" for key, su in seeds.items())
    # A seed row that was removed and made again is another row.
    return (
        f"coalesce((SELECT f.su FROM (SELECT CASE {row}.{table.seed_key} {choices} END AS su) f"
        " WHERE NOT EXISTS (SELECT 1 FROM sync_idmap m WHERE m.su = f.su)),"
        f" {_SQLITE_RANDOM})"
    )


def postgres_identity(table: Travel, row: str) -> str:
    """Return SQL for the identity of a new row."""
    seeds = SEEDS.get(table.name, {})
    if not seeds:
        return "sync.new_identity()"
    choices = " ".join(f"WHEN '{key}' THEN '{su}'" for key, su in seeds.items())
    return (
        f"coalesce((SELECT f.su FROM (SELECT CAST(CASE {row}.{table.seed_key} {choices} END"
        " AS uuid) AS su) f WHERE NOT EXISTS (SELECT FROM sync.row_state s WHERE s.su = f.su)),"
        " sync.new_identity())"
    )


POSTGRES_NEW_IDENTITY: Final = """\
CREATE OR REPLACE FUNCTION sync.new_identity() RETURNS uuid LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp AS $body$
SELECT (lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0') || '7'
        || substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid
$body$"""
