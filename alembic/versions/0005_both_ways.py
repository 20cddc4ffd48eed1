"""What sync keeps so that rows also come down: positions, rights by group, bundles, documents."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"

# A line has as many places for values and for identities of other rows as a staged row (0002).
VALUES = 48
REFERENCES = 12

LAPTOP = (
    # The version that this row last came with from head office; NULL while it is only from here.
    "ALTER TABLE sync_idmap ADD COLUMN ver INTEGER",
    # How far each group has come down; su '' stands for what belongs to no group. While pages of
    # a group are still coming, hi is the position that they lead to, and page_… the last row.
    # whole: everything is to come, also what is here already, to find out what differs. Once a day
    # a group is compared with head office by counts and sums.
    """CREATE TABLE sync_scope (
        su TEXT NOT NULL PRIMARY KEY,
        state TEXT NOT NULL DEFAULT 'filling' CHECK (state IN ('filling', 'kept', 'leaving')),
        writable INTEGER NOT NULL DEFAULT 1,
        whole INTEGER NOT NULL DEFAULT 0,
        lo INTEGER NOT NULL DEFAULT 0,
        hi INTEGER,
        page_xid INTEGER,
        page_su TEXT,
        compared_on TEXT
    ) WITHOUT ROWID""",
    # Rows that came and are not written yet: their group is not complete, a row they need is not
    # here, or this program does not know their columns.
    """CREATE TABLE sync_inq (
        su TEXT NOT NULL PRIMARY KEY,
        tbl INTEGER NOT NULL,
        scope TEXT NOT NULL,
        ver INTEGER NOT NULL,
        deleted INTEGER NOT NULL,
        row BLOB,
        waits_for TEXT
    ) WITHOUT ROWID""",
    "CREATE INDEX sync_inq_scope ON sync_inq (scope, tbl)",
    # What went and what came, for people.
    """CREATE TABLE sync_history (
        id INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        kind TEXT NOT NULL,
        rows_sent INTEGER NOT NULL DEFAULT 0,
        rows_received INTEGER NOT NULL DEFAULT 0,
        documents INTEGER NOT NULL DEFAULT 0,
        conflicts INTEGER NOT NULL DEFAULT 0,
        seconds REAL NOT NULL DEFAULT 0,
        problem TEXT
    )""",
    "ALTER TABLE sync_conflict ADD COLUMN by_whom TEXT",
    "ALTER TABLE sync_conflict ADD COLUMN changed_at TEXT",
    # Settling: what was chosen, what stood before it (to undo it), and since when head office knows.
    "ALTER TABLE sync_conflict ADD COLUMN choice TEXT",
    "ALTER TABLE sync_conflict ADD COLUMN before TEXT",
    "ALTER TABLE sync_conflict ADD COLUMN told_at TEXT",
    "ALTER TABLE sync_conflict ADD COLUMN central_id INTEGER",
    "ALTER TABLE sync_conflict ADD COLUMN mine_at TEXT",
    # Which mark of a roll call counts instead of the one that was given: a later meeting put it right.
    """ALTER TABLE meeting_attendance ADD COLUMN corrected_status VARCHAR(20) CHECK (
        corrected_status IN ('PRESENT', 'LATE', 'ABSENT', 'EXCUSED', 'REPRESENTED')
    )""",
    # A document's bytes lie in the data folder under their SHA-256: those that head office has.
    """CREATE TABLE sync_document (
        sha256 TEXT NOT NULL PRIMARY KEY,
        sent_at TEXT NOT NULL
    ) WITHOUT ROWID""",
    # The head offices before a backup was restored there: what they made no longer counts.
    "ALTER TABLE sync_meta ADD COLUMN past_epochs TEXT NOT NULL DEFAULT '[]'",
    # How far head office's transactions were when it told something last.
    "ALTER TABLE sync_meta ADD COLUMN told_at INTEGER NOT NULL DEFAULT 0",
)

CENTRE = (
    # The group a row belongs to, by its number here; NULL: no group's.
    "ALTER TABLE sync.row_state ADD COLUMN scope integer",
    "CREATE INDEX row_state_feed ON sync.row_state (scope, xid, su)",
    # Which groups a laptop may see; one laptop at a time writes a group's book.
    """CREATE TABLE sync.assignment (
        dev uuid NOT NULL REFERENCES sync.device ON DELETE CASCADE,
        group_id integer NOT NULL,
        writable boolean NOT NULL DEFAULT true,
        since timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (dev, group_id)
    )""",
    "CREATE UNIQUE INDEX assignment_one_writer ON sync.assignment (group_id) WHERE writable",
    """ALTER TABLE sync.device
        ADD COLUMN all_groups boolean NOT NULL DEFAULT false,
        ADD COLUMN may_open_groups boolean NOT NULL DEFAULT true,
        ADD COLUMN signing_key bytea,
        ADD COLUMN rows_a_day integer NOT NULL DEFAULT 1000000,
        ADD COLUMN bytes_a_day bigint NOT NULL DEFAULT 1073741824,
        ADD COLUMN box_key bytea,
        ADD COLUMN host text,
        ADD COLUMN root_certificate text,
        ADD COLUMN pulled_xid xid8,
        ADD COLUMN pulled_at timestamptz,
        ADD COLUMN schema_ver integer""",
    (
        "UPDATE sync.device d SET all_groups = EXISTS (SELECT FROM sync.device_scope s"
        " WHERE s.dev = d.dev AND s.group_code = '*')"
    ),
    "DROP TABLE sync.device_scope",
    # People are no group's: which groups have a row that names them, since which transaction. Two
    # programs that name one for the first time need not wait for each other: twice is harmless.
    """CREATE TABLE sync.person_scope (
        user_id integer NOT NULL,
        scope integer NOT NULL,
        xid xid8 NOT NULL
    )""",
    "CREATE INDEX person_scope_feed ON sync.person_scope (scope, user_id, xid)",
    # Rows that left a group for another: a laptop that had them there forgets them.
    """CREATE TABLE sync.moved (
        su uuid NOT NULL,
        tbl smallint NOT NULL,
        scope integer NOT NULL,
        xid xid8 NOT NULL,
        PRIMARY KEY (su, scope)
    )""",
    "CREATE INDEX moved_feed ON sync.moved (scope, xid)",
    # Who had changed what a laptop changed too, and what was settled on.
    """ALTER TABLE sync.conflict
        ADD COLUMN by_whom text,
        ADD COLUMN changed_at timestamptz,
        ADD COLUMN choice text""",
    "CREATE INDEX batch_applied ON sync.batch (applied_xid)",
    # Rows that are gone are forgotten after a time: all that went since this transaction are known.
    "ALTER TABLE sync.server ADD COLUMN gone_known_from xid8 NOT NULL DEFAULT '0'",
    # What sync.pull works with and returns: chosen rows, and lines as they travel.
    """CREATE TYPE sync.chosen AS (
        su uuid, tbl smallint, id integer, ver bigint, deleted boolean, scope integer, xid xid8
    )""",
    "CREATE TYPE sync.line AS (told text, su uuid, ver bigint, deleted boolean, scope integer, "
    + ", ".join(f"r{number} uuid" for number in range(1, REFERENCES + 1))
    + ", "
    + ", ".join(f"v{number} text" for number in range(1, VALUES + 1))
    + ")",
    # Bundles are encrypted to this key; laptops know its public half.
    "ALTER TABLE sync.server ADD COLUMN box_key bytea",
    # What a laptop last asked for: how far it has come, and what it has been answered.
    "ALTER TABLE sync.device ADD COLUMN asked jsonb",
    # Documents and bundles by their SHA-256, in chunks; dev is who is sending one. What is carried
    # for others, and back to them, is kept apart: it comes and goes, a document stays.
    """CREATE TABLE sync.blob (
        sha256 text NOT NULL,
        kind text NOT NULL,
        size bigint NOT NULL,
        complete boolean NOT NULL DEFAULT false,
        dev uuid,
        at timestamptz NOT NULL DEFAULT clock_timestamp(),
        PRIMARY KEY (sha256, kind)
    )""",
    "CREATE INDEX blob_day ON sync.blob (dev, at)",
    """CREATE TABLE sync.blob_chunk (
        sha256 text NOT NULL,
        kind text NOT NULL,
        i integer NOT NULL,
        content bytea NOT NULL,
        PRIMARY KEY (sha256, kind, i),
        FOREIGN KEY (sha256, kind) REFERENCES sync.blob ON DELETE CASCADE
    )""",
    # Bundles that another laptop carried here by network. Once a program of head office has opened
    # one, dev is the laptop that it was from, and answer is what came of it.
    """CREATE TABLE sync.carried (
        sha256 text NOT NULL,
        carrier uuid NOT NULL REFERENCES sync.device,
        came_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        settled_at timestamptz,
        dev uuid,
        answer text,
        PRIMARY KEY (sha256, carrier)
    )""",
    # What waits to be carried back to a laptop, by whoever carried something from it.
    """CREATE TABLE sync.returning (
        dev uuid PRIMARY KEY REFERENCES sync.device,
        sha256 text NOT NULL,
        made_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )""",
    # A batch is found among whatever else lies in the staging, and piece by piece.
    "CREATE INDEX incoming_batch ON sync.incoming (tx, ord)",
    # Whoever stages and never applies shall not fill the disk.
    "ALTER TABLE sync.server ADD COLUMN staging_bytes bigint NOT NULL DEFAULT 4294967296",
    """CREATE FUNCTION sync.has_room() RETURNS trigger LANGUAGE plpgsql
      SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
    BEGIN
      IF pg_relation_size('sync.incoming') > (SELECT staging_bytes FROM sync.server) THEN
        RAISE EXCEPTION 'too much is staged' USING ERRCODE = 'configuration_limit_exceeded';
      END IF;
      RETURN NULL;
    END
    $body$""",
    """CREATE TRIGGER has_room BEFORE INSERT ON sync.incoming FOR EACH STATEMENT
      EXECUTE FUNCTION sync.has_room()""",
    "REVOKE ALL ON ALL TABLES IN SCHEMA sync FROM PUBLIC",
    "ALTER TABLE meeting_attendance ADD COLUMN corrected_status VARCHAR(20)",
    # Head office finds a group among a hundred thousand by how its name, code or place begins, and
    # turns the pages of the list by name.
    'CREATE INDEX idx_savings_groups_name ON savings_groups (lower(name) COLLATE "C", id)',
    *(
        f"CREATE INDEX idx_savings_groups_{name} ON savings_groups"
        f" (lower({column}) text_pattern_ops)"
        for name, column in (
            ("code", "group_code"),
            *((place, place) for place in ("country", "region", "district", "parish", "village")),
        )
    ),
)


BOTH = (
    # What somebody may do in a service may end by itself.
    "ALTER TABLE user_service_permissions ADD COLUMN expires_at TIMESTAMP",
    # At which meeting a mark of an earlier one was put right, and why.
    (
        "ALTER TABLE meeting_attendance ADD COLUMN corrected_meeting_id INTEGER"
        " REFERENCES meetings (id) ON DELETE SET NULL"
    ),
    "ALTER TABLE meeting_attendance ADD COLUMN correction_reason TEXT",
    (
        "CREATE INDEX idx_meeting_attendance_corrected_meeting_id"
        " ON meeting_attendance (corrected_meeting_id) WHERE corrected_meeting_id IS NOT NULL"
    ),
    # Who may fetch a document is asked by what is in it.
    "CREATE INDEX idx_activity_documents_sha256 ON activity_documents (sha256)",
    "CREATE INDEX idx_document_versions_sha256 ON document_versions (sha256)",
)


def upgrade() -> None:
    laptop = op.get_bind().dialect.name == "sqlite"
    for statement in (*(LAPTOP if laptop else CENTRE), *BOTH):
        op.get_bind().exec_driver_sql(statement)
