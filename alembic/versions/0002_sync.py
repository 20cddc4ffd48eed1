"""What sync keeps beside the tables: identities, batches, conflicts, on the laptop and centrally."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"

# A staged row has one place for each column that travels, whatever its table: text as v1…, the
# identity of another row as r1….
VALUES = 48
REFERENCES = 12

LAPTOP = (
    # Who this laptop is to head office; one row.
    """CREATE TABLE sync_meta (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        device_id TEXT,
        incarnation TEXT,
        server_epoch TEXT,
        tried_at TEXT,
        sent_at TEXT,
        problem TEXT
    )""",
    "INSERT INTO sync_meta (id) VALUES (1)",
    # 1 while rows from head office are written, so that they are not sent back.
    "CREATE TABLE sync_applying (v INTEGER NOT NULL)",
    "INSERT INTO sync_applying (v) VALUES (0)",
    # The identity of every row that ever was; a row is never forgotten.
    """CREATE TABLE sync_idmap (
        tbl INTEGER NOT NULL,
        local_id INTEGER NOT NULL,
        su TEXT NOT NULL UNIQUE,
        PRIMARY KEY (tbl, local_id)
    ) WITHOUT ROWID""",
    # Rows with changes not yet in a batch. op: I new, U changed, D gone, X came and went.
    """CREATE TABLE sync_dirty (
        su TEXT NOT NULL PRIMARY KEY,
        tbl INTEGER NOT NULL,
        local_id INTEGER NOT NULL,
        op TEXT NOT NULL CHECK (op IN ('I', 'U', 'D', 'X')),
        at INTEGER NOT NULL,
        base TEXT
    ) WITHOUT ROWID""",
    "CREATE INDEX sync_dirty_not_new ON sync_dirty (op) WHERE op <> 'I'",
    """CREATE TABLE sync_outbox (
        n INTEGER PRIMARY KEY,
        batch_uuid TEXT NOT NULL UNIQUE,
        payload BLOB,
        sha256 TEXT NOT NULL,
        row_count INTEGER NOT NULL,
        byte_count INTEGER NOT NULL,
        state TEXT NOT NULL DEFAULT 'sealed' CHECK (state IN ('sealed', 'acked')),
        result TEXT,
        sealed_at TEXT NOT NULL,
        acked_at TEXT
    )""",
    """CREATE TABLE sync_conflict (
        id INTEGER PRIMARY KEY,
        n INTEGER NOT NULL,
        tbl TEXT NOT NULL,
        su TEXT NOT NULL,
        kind TEXT NOT NULL,
        col TEXT,
        base TEXT,
        mine TEXT,
        theirs TEXT,
        found_at TEXT NOT NULL,
        settled_at TEXT
    )""",
    # Rows that could not be sent or were not taken, until they are changed.
    """CREATE TABLE sync_quarantine (
        su TEXT NOT NULL PRIMARY KEY,
        tbl INTEGER NOT NULL,
        local_id INTEGER NOT NULL,
        op TEXT NOT NULL,
        n INTEGER,
        reason TEXT NOT NULL,
        base TEXT,
        found_at TEXT NOT NULL
    ) WITHOUT ROWID""",
    """CREATE TABLE sync_opening_adjustment (
        tbl TEXT NOT NULL,
        col TEXT NOT NULL,
        row_id INTEGER NOT NULL,
        amount NUMERIC(15,2) NOT NULL,
        PRIMARY KEY (tbl, col, row_id)
    )""",
)

CENTRE = (
    "CREATE SCHEMA IF NOT EXISTS sync",
    """CREATE TABLE sync.server (
        id integer PRIMARY KEY DEFAULT 1 CHECK (id = 1),
        epoch uuid NOT NULL DEFAULT gen_random_uuid(),
        proto integer NOT NULL DEFAULT 1,
        schema_ver integer NOT NULL DEFAULT 1
    )""",
    "INSERT INTO sync.server DEFAULT VALUES",
    """CREATE TABLE sync.device (
        dev uuid PRIMARY KEY,
        name text NOT NULL,
        role name NOT NULL UNIQUE,
        status text NOT NULL DEFAULT 'active',
        last_batch bigint NOT NULL DEFAULT 0,
        last_seen timestamptz,
        enrolled_at timestamptz NOT NULL DEFAULT now(),
        revoked_at timestamptz
    )""",
    """CREATE TABLE sync.device_scope (
        dev uuid NOT NULL REFERENCES sync.device ON DELETE CASCADE,
        group_code text NOT NULL,
        PRIMARY KEY (dev, group_code)
    )""",
    """CREATE TABLE sync.row_state (
        su uuid PRIMARY KEY,
        tbl smallint NOT NULL,
        id integer NOT NULL,
        ver bigint NOT NULL,
        xid xid8 NOT NULL,
        deleted boolean NOT NULL,
        origin uuid,
        UNIQUE (tbl, id)
    )""",
    # Two identities that turned out to be one row.
    """CREATE TABLE sync.alias (
        su uuid PRIMARY KEY,
        target uuid NOT NULL,
        dev uuid NOT NULL,
        n bigint NOT NULL
    )""",
    "CREATE INDEX ON sync.alias (dev, n)",
    """CREATE TABLE sync.batch (
        dev uuid NOT NULL REFERENCES sync.device,
        n bigint NOT NULL,
        sha256 text NOT NULL,
        rows integer NOT NULL,
        bytes integer NOT NULL,
        received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        applied_xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
        result jsonb NOT NULL,
        via text NOT NULL DEFAULT 'network',
        PRIMARY KEY (dev, n)
    )""",
    """CREATE TABLE sync.conflict (
        id bigserial PRIMARY KEY,
        dev uuid NOT NULL,
        n bigint NOT NULL,
        tbl text NOT NULL,
        su uuid NOT NULL,
        kind text NOT NULL,
        col text,
        base text,
        mine text,
        theirs text,
        found_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        settled_at timestamptz,
        settled_by integer
    )""",
    "CREATE INDEX ON sync.conflict (dev, n)",
    """CREATE TABLE sync.quarantine (
        id bigserial PRIMARY KEY,
        dev uuid NOT NULL,
        n bigint NOT NULL,
        tbl text NOT NULL,
        su uuid NOT NULL,
        op text NOT NULL,
        reason text NOT NULL,
        detail text,
        payload jsonb NOT NULL,
        found_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        settled_at timestamptz
    )""",
    "CREATE INDEX ON sync.quarantine (dev, n)",
    # A batch on its way in; a row is its transaction's alone, so tx is not the sender's to give.
    "CREATE UNLOGGED TABLE sync.incoming (tx xid8 NOT NULL DEFAULT pg_current_xact_id(),"
    ' tbl smallint NOT NULL, ord integer NOT NULL, op "char" NOT NULL, su uuid NOT NULL,'
    " base jsonb, trouble text, "
    + ", ".join(f"v{number} text" for number in range(1, VALUES + 1))
    + ", "
    + ", ".join(f"r{number} uuid" for number in range(1, REFERENCES + 1))
    + ")",
    """CREATE TABLE sync.opening_adjustment (
        tbl text NOT NULL,
        col text NOT NULL,
        row_id integer NOT NULL,
        amount numeric(15,2) NOT NULL,
        PRIMARY KEY (tbl, col, row_id)
    )""",
    "REVOKE ALL ON SCHEMA sync FROM PUBLIC",
    "REVOKE ALL ON ALL TABLES IN SCHEMA sync FROM PUBLIC",
)


def upgrade() -> None:
    laptop = op.get_bind().dialect.name == "sqlite"
    for statement in LAPTOP if laptop else CENTRE:
        op.get_bind().exec_driver_sql(statement)
