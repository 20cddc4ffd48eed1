"""Nobody learns of a person by naming them."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.sync.books import fill_group
from tests.sync.laptop import Laptop, new_laptop, read, run
from tests.sync.test_rights_attacks import Ask, Staging, asking, sign_in
from vsla_desktop.capture.tables import PEOPLE, travel, travels
from vsla_desktop.db import Database
from vsla_desktop.sync import Enrolment, enrol_device, load_enrolment
from vsla_desktop.sync import run as sync

USERS = travel(PEOPLE)


def identity(central: Database, table: str, row: str) -> str:
    [(su,)] = read(
        central,
        f"SELECT s.su::text FROM {table} t JOIN sync.row_state s ON s.id = t.id"  # noqa: S608
        f" AND s.tbl = {travel(table).number} WHERE {row}",
    )
    return str(su)


def people_told(ask: Ask, role: Enrolment) -> list[tuple[Any, ...]]:
    """Return the names that head office tells this login of."""
    request = {"protocol": 1, "epoch": role.server_epoch, "limit": 1000, "lo": {}, "page": {}}
    name, number = USERS.column("username").slot, USERS.number
    return ask(
        f"SELECT {name} FROM sync.pull('{json.dumps(request)}')"  # noqa: S608
        f" WHERE told::text = '{number}' ORDER BY 1"
    )


def test_naming_a_person_of_another_group_tells_nothing_of_them(
    central: Database, tmp_path: Path
) -> None:
    victim = new_laptop(tmp_path / "victim", central, groups=[])
    fill_group(victim, "U1", "victim")
    victim.push()
    victim.close()
    thief = new_laptop(tmp_path / "thief", central, groups=[])
    fill_group(thief, "U2", "thief")
    thief.push()
    role = load_enrolment(thief.folder)
    thief.close()
    stranger = identity(central, "users", "username = 'victim'")
    group = identity(central, "savings_groups", "group_code = 'U2'")
    member = identity(central, "group_members", "t.id = (SELECT max(id) FROM group_members)")
    with closing(sign_in(role)) as connection:
        ask = asking(connection)
        before = people_told(ask, role)
        assert {name for (name,) in before} == {"thief"}
        said = []
        for person in (stranger, str(uuid4())):
            staging = Staging(ask)
            [(staging.number,)] = read(
                central, "SELECT last_batch FROM sync.device WHERE name = 'thief'"
            )
            for table in travels():
                for each in table.people:
                    cells = {column.slot: "2026-01-01" for column in table.values if column}
                    if table.owner is not None:
                        of_group = table.owner.parent == "savings_groups"
                        cells[table.owner.slot] = group if of_group else member
                    staging.stage(table.number, "I", str(uuid4()), **cells, **{each.slot: person})
            members = travel("group_members")
            written = {"group_id": group, "user_id": person, "first_name": "A", "last_name": "B"}
            written |= {"gender": "F", "created_date": "2026-01-01", "updated_date": "2026-01-01"}
            cells = {members.column(name).slot: value for name, value in written.items()}
            staging.stage(members.number, "I", str(uuid4()), **cells)
            user = members.column("user_id").slot
            staging.stage(members.number, "U", member, base='{"user_id": null}', **{user: person})
            result = staging.apply()
            said.append(
                (
                    [(each["tbl"], each["op"], each["reason"]) for each in result["refused"]],
                    [
                        (each["tbl"], each["kind"], each["col"], each["theirs"])
                        for each in result["conflicts"]
                        if each["kind"] != "changed"
                    ],
                )
            )
        assert said[0] == said[1]
        assert people_told(ask, role) == before
    [(number,)] = read(central, "SELECT id FROM users WHERE username = 'victim'")
    for table in travels():
        for each in table.people if table.of_groups else ():
            assert not read(
                central,
                f"SELECT 1 FROM {table.name} t JOIN sync.row_state s ON s.id = t.id"  # noqa: S608
                f" AND s.tbl = {table.number} JOIN savings_groups g ON g.id = s.scope"
                f" WHERE g.group_code = 'U2' AND t.{each.name} = {number}",
            )


def test_a_laptop_names_the_people_that_it_has(
    laptop: Laptop, central: Database, tmp_path: Path
) -> None:
    """Those whom it added, also just now, and those whom a group names that it only reads."""
    fill_group(laptop, "U1", "reader")
    run(central, "UPDATE sync.device SET all_groups = false")
    laptop.push()
    other = new_laptop(tmp_path / "other", central, groups=[])
    fill_group(other, "U2", "second")
    other.push()
    other.close()
    enrol_device(central, "unused", [])
    run(
        central,
        "INSERT INTO sync.assignment (dev, group_id, writable) SELECT d.dev, g.id, false"
        " FROM sync.device d, savings_groups g WHERE d.name = 'laptop' AND g.group_code = 'U2'",
    )
    sync(laptop.database, laptop.folder)
    laptop.run(
        "INSERT INTO users (username, email, password) VALUES ('new', 'new@example.org', 'x')"
    )
    for row, name in enumerate(("reader", "second", "new"), start=1):
        laptop.run(
            "UPDATE group_members SET user_id = (SELECT id FROM users WHERE username = ?)"
            " WHERE id = ?",
            (name, row),
        )
    assert sync(laptop.database, laptop.folder).conflicts == 0
    assert read(
        central,
        "SELECT u.username FROM group_members m JOIN users u ON u.id = m.user_id"
        " JOIN savings_groups g ON g.id = m.group_id WHERE g.group_code = 'U1' ORDER BY m.id",
    ) == [("reader",), ("second",), ("new",)]
    assert laptop.read("SELECT * FROM sync_quarantine") == []
