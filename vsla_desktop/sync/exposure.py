"""What PostgreSQL itself leaves open to a laptop's login, beside what sync gives it."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Final

from vsla_desktop import db
from vsla_desktop.errors import StorageError

if TYPE_CHECKING:
    from vsla_desktop.db import Database

_DATABASES: Final = """\
SELECT quote_ident(d.datname) FROM pg_database d
WHERE d.datallowconn AND d.datname <> current_database() AND EXISTS (
  SELECT FROM aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
  WHERE a.grantee = 0 AND a.privilege_type = 'CONNECT')
ORDER BY d.datname"""

_PUBLIC: Final = """\
SELECT EXISTS (SELECT FROM pg_namespace n, aclexplode(n.nspacl) a WHERE n.nspname = 'public'
  AND a.grantee = 0 AND a.privilege_type = 'CREATE')"""

# What fills the disk beside every limit: large objects, and the log that is kept for the backup.
_FILLING: Final = """SELECT p.oid::regprocedure::text FROM pg_proc p
WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.proname IN ('lo_creat', 'lo_create',
  'lo_from_bytea', 'lo_put', 'lowrite', 'pg_logical_emit_message') AND EXISTS (
  SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a WHERE a.grantee = 0)
ORDER BY 1"""


def openings(central: Database) -> tuple[str, ...]:
    """Return what a stolen login could use against head office, each with what shuts it.

    A superuser has to shut it, and may have reasons not to: so it is said, and not done.
    """
    with central.connection() as connection:
        run = connection.exec_driver_sql
        found = [
            f"Laptops' logins can open database {name}: REVOKE CONNECT ON DATABASE {name}"
            " FROM PUBLIC;"
            for name in run(_DATABASES).scalars()
        ]
        if run("SELECT current_setting('max_prepared_transactions') <> '0'").scalar_one():
            found.append(
                "Transactions can outlive their session: set max_prepared_transactions = 0."
            )
        if run("SELECT current_setting('temp_file_limit') = '-1'").scalar_one():
            found.append("A question can fill the disk: set temp_file_limit.")
        if run(_PUBLIC).scalar_one():
            found.append(
                "Logins can make tables and functions: REVOKE CREATE ON SCHEMA public FROM PUBLIC;"
            )
        if filling := ", ".join(run(_FILLING).scalars()):
            found.append(
                f"Logins can fill the disk: REVOKE EXECUTE ON FUNCTION {filling} FROM PUBLIC;"
            )
    return tuple(found)


def end_prepared(central: Database, role: str = "") -> tuple[str, ...]:
    """Roll back what laptops' logins, or one ``role``, have left prepared; return each and whose.

    No laptop of ours prepares a transaction. It belongs to no session that could be ended, and
    only who prepared it may roll it back, in the database where it was prepared.
    """
    with central.connection() as connection:
        left = connection.exec_driver_sql(
            "SELECT coalesce(d.name, p.owner) AS laptop, quote_ident(p.owner), p.database,"
            " quote_literal(p.gid) AS gid FROM pg_prepared_xacts p"
            " LEFT JOIN sync.device d ON d.role = p.owner"
            " WHERE starts_with(p.owner::text, 'dev_') AND %s IN ('', p.owner) ORDER BY p.prepared",
            (role,),
        ).all()
    found = []
    for laptop, owner, name, gid in left:
        place = central.engine.url.set(database=name).render_as_string(hide_password=False)
        said = f"{laptop}: prepared transaction"
        try:
            with closing(db.connect(place)) as there:
                _roll_back(there, owner, gid)
        except StorageError:
            said += f" stays; a superuser ends it in {name}: ROLLBACK PREPARED {gid};"
        found.append(said)
    return tuple(found)


def _roll_back(there: Database, owner: str, gid: str) -> None:
    """Roll back a prepared transaction as its owner, whom we made and may act for."""
    with (
        db.storage_errors(),
        there.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection,
    ):
        run = connection.exec_driver_sql
        run("SET statement_timeout = '5s'")
        run(f"GRANT {owner} TO CURRENT_USER")
        run(f"SET ROLE {owner}")
        try:
            run(f"ROLLBACK PREPARED {gid}".replace("%", "%%"))
        finally:
            run("RESET ROLE")
            run(f"REVOKE {owner} FROM CURRENT_USER")
