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
    "services": {
        "Savings groups": UUID("84ccfc42-cc53-5733-a650-646d1f9dcacb"),
        "Loans": UUID("c8653e2b-0122-530b-a4c6-5d2d6bf1c79e"),
        "Meetings": UUID("d23e3dbc-2100-5a57-8ef6-e68d53e47c83"),
        "Income activities": UUID("6dbf8b2f-5e0b-5fcd-85f9-e3aac2ce0f17"),
        "Documents": UUID("13032f5a-2bf6-5509-9a5c-47fd51b44120"),
        "Mobile money": UUID("852ad63e-9b30-5eaf-991c-6c5271635e70"),
        "Achievements": UUID("d296fa71-44d6-5a37-97c7-eac89c8b761f"),
        "Reports": UUID("89b0c988-4f4f-529a-9a74-a28e1d99b931"),
    },
    "achievements": {
        "First savings": UUID("55dffaa9-2dec-5197-95e5-5254b9196456"),
        "Ten meetings saved": UUID("0542fc03-a726-57e7-a4e8-5f6df922bc43"),
        "A whole cycle saved": UUID("7891c765-51bc-5c27-a383-5b40f41b28fb"),
        "First loan repaid": UUID("36e34bc5-f80a-5f6d-b349-98001ebf9d2b"),
        "Three loans on time": UUID("87423317-a317-5cbb-b110-29cbdfb6db4a"),
        "Ten meetings present": UUID("41cf58f6-1615-541f-b618-e67eb2a0af86"),
        "Never missed": UUID("71dd8443-3671-5edc-93f0-314e1bc4dcfe"),
        "Speaks up": UUID("d557e098-9413-5da6-8b8c-e2fec003f016"),
        "Ten votes": UUID("fb1b2247-4802-557e-b663-ae646ff65dc2"),
        "Trained": UUID("fdb1101d-e1a7-52b0-bf4a-841409c066b8"),
        "Officer": UUID("523baadc-1cfe-5e88-9552-990b6f0ec86e"),
    },
    "achievement_badges": {
        "Steady saver": UUID("5cec2976-ef94-5cc9-9e41-f689f0378b2f"),
        "Trusted borrower": UUID("ad76d9b0-5b45-5fab-8453-e88eedaf1e88"),
        "Pillar of the meeting": UUID("59549adc-dc85-5439-ba30-8730ad2a159b"),
        "Leader": UUID("e1e7b06a-ab41-518d-b31a-f338e2b03501"),
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
