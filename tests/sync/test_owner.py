"""Head office belongs to an ordinary login that may make logins, and to nobody greater."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from psycopg2 import sql

from tests.sync.laptop import new_laptop
from tests.sync.test_rights_attacks import sign_in
from vsla_desktop import db
from vsla_desktop.db.central import init_central
from vsla_desktop.errors import SyncError
from vsla_desktop.sync import (
    check_centre,
    laptops,
    load_enrolment,
    oldest_transaction,
    reap,
    renew_device,
    revoke_device,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.postgres import PostgresServer
    from vsla_desktop.db import Database

PASSWORD = "of this test"


@pytest.fixture
def central(postgres_server: PostgresServer) -> Iterator[Database]:
    """A head office as docs/operations.md sets it up."""
    owner, server = "ordinary_owner", postgres_server
    server.execute(
        sql.SQL("CREATE ROLE {} LOGIN CREATEROLE PASSWORD {}").format(
            sql.Identifier(owner), sql.Literal(PASSWORD)
        )
    )
    server.execute(sql.SQL("GRANT pg_signal_backend TO {}").format(sql.Identifier(owner)))
    with server.database() as url:
        name = url.rsplit("/", 1)[1]
        server.execute(
            sql.SQL("ALTER DATABASE {} OWNER TO {}").format(
                sql.Identifier(name), sql.Identifier(owner)
            )
        )
        made = db.connect(server.url(name, user=owner, password=PASSWORD))
        yield made
        with made.connection(writes=True) as connection:
            roles = connection.exec_driver_sql("SELECT role FROM sync.device").scalars().all()
        made.close()
        for role in roles:
            server.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(role)), database=name)
            server.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))
    server.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(owner)))


def test_an_ordinary_owner_sets_up_enrols_watches_and_revokes(
    central: Database, tmp_path: Path, postgres_server: PostgresServer
) -> None:
    init_central(central)
    laptop = new_laptop(tmp_path / "laptop", central)
    laptop.run(
        "INSERT INTO users (username, email, password) VALUES ('amina', 'a@example.org', 'x')"
    )
    assert laptop.push().rows_sent == 1
    assert [each.name for each in laptops(central)] == ["laptop"]
    assert not check_centre(central)
    with pytest.raises(SyncError, match="GRANT pg_read_all_stats TO ordinary_owner"):
        reap(central)
    postgres_server.execute(sql.SQL("GRANT pg_read_all_stats TO ordinary_owner"))
    with closing(sign_in(load_enrolment(laptop.folder))) as held:
        held.cursor().execute("BEGIN; SELECT pg_current_xact_id()")
        oldest = oldest_transaction(central)
        assert oldest is not None
        assert oldest.state == "idle in transaction"
        assert reap(central, seconds=0) == ("laptop: idle in transaction",)
    renew_device(central, "laptop")
    revoke_device(central, "laptop")
    laptop.run("UPDATE users SET username = 'zoe'")
    with pytest.raises(SyncError):
        laptop.push()
    laptop.close()
