"""A book that was copied, and a head office that was restored from a backup before both synced."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.postgres import PostgresServer
from tests.sync.books import fill_group, post
from tests.sync.laptop import Laptop, assert_same, keep, read, run
from vsla_desktop import db, sync
from vsla_desktop.db import Database
from vsla_desktop.errors import SyncError
from vsla_desktop.sync import load_enrolment, renew_device


@pytest.mark.parametrize("enters_more", [False, True])
def test_what_a_copy_took_the_number_of_at_a_restored_head_office_is_sent_after_renewal(
    laptop: Laptop,
    central: Database,
    postgres_server: PostgresServer,
    tmp_path: Path,
    enters_more: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    fill_group(laptop)
    post(laptop, 5)
    sync.run(laptop.database, laptop.folder)
    laptop.database.close()
    folder = Path(shutil.copytree(laptop.folder, tmp_path / "copy"))
    copy = Laptop(folder, db.open_database(folder / "vsla.db"))
    central.close()
    backup = postgres_server.create_database(template=str(central.engine.url.database))
    laptop.run("UPDATE group_members SET last_name = 'Changed' WHERE id = 1")
    laptop.run("DELETE FROM group_transactions WHERE id = 1")
    sync.run(laptop.database, laptop.folder)
    restored = db.connect(postgres_server.url(backup))
    run(restored, "SELECT sync.restored()")
    for each in (laptop, copy):
        keep(replace(load_enrolment(each.folder), dbname=backup), each.folder)
    post(copy, 3, first=100)
    sync.run(copy.database, copy.folder)

    if enters_more:
        post(laptop, 2, first=200)
    for _ in range(2):  # It says so until somebody renews it.
        with pytest.raises(SyncError, match="the book was copied or restored"):
            sync.run(laptop.database, laptop.folder)
    keep(replace(renew_device(restored, "laptop"), dbname=backup), laptop.folder)
    sync.run(laptop.database, laptop.folder)
    assert read(restored, "SELECT last_name FROM group_members WHERE id = 1") == [("Changed",)]
    [(entries,)] = read(restored, "SELECT count(*) FROM group_transactions")
    assert entries == 7 + 2 * enters_more
    assert_same(laptop, restored)
    copy.close()
    restored.close()
    postgres_server.drop_database(backup)
