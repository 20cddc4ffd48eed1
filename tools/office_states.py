"""A head office for pictures: a real server with groups, laptops and people."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from tests.support.postgres import running_server
from vsla_desktop import db, sync
from vsla_desktop.clock import FixedClock
from vsla_desktop.domain.office import Role
from vsla_desktop.queries.office_people import services
from vsla_desktop.queries.office_shared import Shared
from vsla_desktop.services.office_access import ask_access, grant_access, send_message
from vsla_desktop.services.office_people import (
    add_first_administrator,
    add_user,
    choose_password,
)
from vsla_desktop.services.office_shared import add_shared
from vsla_desktop.services.practice import create_practice

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from vsla_desktop.db import Database

NAME: Final = "Grace"
PASSWORD: Final = "three words together"  # noqa: S105 - of a server that lives for a picture
READER: Final = "Ruth"
_DISTRICTS: Final = ("Mpigi", "Masaka", "Mbale", "Gulu", "Arua", "Kabale", "Soroti")
_FILL: Final = """
INSERT INTO savings_groups (name, group_code, country, region, district, parish, village, state,
  currency, created_by)
SELECT (ARRAY['Tukolere', 'Bakyala', 'Kwagalana', 'Twezimbe', 'Agali Awamu', 'Obumu', 'Suubi',
  'Kisoboka'])[1 + n %% 8] || ' ' || (ARRAY['Wamu', 'Twekembe', 'Women', 'Farmers', 'Youth',
  'Kimu'])[1 + n / 8 %% 6], 'UG-' || n, 'Uganda', (ARRAY['Central', 'Eastern', 'Northern',
  'Western'])[1 + n %% 4], (ARRAY[{districts}])[1 + n %% 7], 'Parish ' || n %% 40,
  (ARRAY['Buwama', 'Kira', 'Namugongo', 'Kayabwe', 'Lukaya'])[1 + n / 3 %% 5], 'ACTIVE',
  'UGX', (SELECT min(id) FROM users) FROM generate_series(1, {count}) n
"""


@contextmanager
def head_office(now: datetime, *, groups: int = 1_800) -> Iterator[str]:
    """Start a server with a head office in it; return the address."""
    with running_server() as server, server.database() as url:
        central = db.connect(url)
        db.upgrade(central)
        fill(central, now, groups)
        central.close()
        yield url


def fill(central: Database, now: datetime, groups: int) -> None:
    """Write groups, three of which have met for half a year; people, laptops and lists."""
    clock = FixedClock(now)
    made = create_practice(central, groups=3, members=22, meetings=14, seed=4, clock=clock)
    districts = ", ".join(f"'{each}'" for each in _DISTRICTS)
    with central.connection(writes=True) as connection:
        run = connection.exec_driver_sql
        run("UPDATE savings_groups SET is_practice = false")
        run(_FILL.format(districts=districts, count=groups))
        # What a picture shows of so many groups need not have rows under it.
        run(
            "UPDATE savings_groups SET members_count = 14 + id %% 15,"
            " savings_balance = 180000 + id * 7919 %% 3400000, loan_balance = id * 5147 %% 1900000,"
            " loan_fund_balance = 90000 + id * 3571 %% 800000 WHERE group_code LIKE 'UG-%%'"
        )
    with central.write() as session:
        write_people(session, clock)
    codes = [each.group_code for each in made]
    sync.enrol_device(central, "Kayunga 1", codes[:2])
    sync.enrol_device(central, "Kayunga 2", [codes[2], "UG-1", "UG-2"])
    sync.enrol_device(central, "Mbale", ["UG-7"], may_open_groups=False)
    sync.assign_group(central, "Mbale", codes[0], read_only=True)
    with central.connection(writes=True) as connection:
        connection.exec_driver_sql(
            "UPDATE sync.device SET last_seen = %s, pulled_at = %s, last_batch = 14"
            " WHERE name LIKE 'Kayunga%%'",
            (now - timedelta(hours=5), now - timedelta(hours=5)),
        )


def write_people(session: Session, clock: FixedClock) -> None:
    """Write an administrator, people of each role, what they may and what they ask."""
    grace = add_first_administrator(
        session, NAME, "grace@example.org", PASSWORD, clock=clock
    ).worker.user_id
    ids = {
        name: add_user(
            session, name, f"{name.lower()}@example.org", role, clock=clock, by=grace
        ).user_id
        for name, role in (
            ("Peter", Role.OFFICER),
            (READER, Role.READER),
            ("Samuel", Role.READER),
        )
    }
    choose_password(session, PASSWORD, PASSWORD, clock=clock, by=ids[READER])
    known = {each.name: each.service_id for each in services(session)}
    until = clock.now() + timedelta(days=60)
    read_write = "read,write"
    reader = ids["Samuel"]
    grant_access(session, reader, known["Loans"], read_write, until=until, clock=clock, by=grace)
    why = "The audit of the Masaka groups."
    ask_access(session, known["Documents"], "read", why, clock=clock, by=ids[READER])
    said = "We come on Monday with the auditors. Have the box and the cards ready."
    send_message(
        session, "Audit", said, usernames=["Peter"], group_codes=["UG-1"], clock=clock, by=grace
    )
    for name, code in (("MTN Mobile Money", "MTN-UG"), ("Airtel Money", "AIRTEL-UG")):
        values = {"provider_name": name, "provider_code": code}
        add_shared(session, Shared.PROVIDERS, values, group_codes=["UG-1"], clock=clock, by=grace)
