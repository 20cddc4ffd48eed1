"""Head office's pages, as a person works on them, over a real head office."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import insert

from tests.presenters.book_of_group import Ear
from tests.sync.laptop import new_laptop, read, run
from vsla_desktop import db
from vsla_desktop.clock import FixedClock
from vsla_desktop.db import Database
from vsla_desktop.domain.currencies import CURRENCIES
from vsla_desktop.domain.office import Role
from vsla_desktop.errors import StorageError
from vsla_desktop.presenters.office import Office, stoppable
from vsla_desktop.presenters.office_differences import DifferencesPresenter
from vsla_desktop.presenters.office_figures import IndicatorsPresenter, MonthsPresenter
from vsla_desktop.presenters.office_groups import GroupsPresenter
from vsla_desktop.presenters.office_laptops import LaptopsPresenter
from vsla_desktop.presenters.office_messages import AskedPresenter, MessagesPresenter
from vsla_desktop.presenters.office_people import PeoplePresenter
from vsla_desktop.presenters.office_programme import PlacesPresenter, Scope
from vsla_desktop.presenters.office_shared import SharedPresenter
from vsla_desktop.presenters.office_sign_in import SignInPresenter, Step
from vsla_desktop.presenters.office_table import OfficeForm, OfficeTable
from vsla_desktop.presenters.reports import ReportsPresenter
from vsla_desktop.presenters.runner import Cancelled, InlineRunner
from vsla_desktop.queries.filtering import Filter
from vsla_desktop.queries.office_shared import Shared
from vsla_desktop.queries.programme_groups import PAGE
from vsla_desktop.queries.tables import GROUPS, USERS
from vsla_desktop.services.office_people import add_user, choose_password
from vsla_desktop.services.practice import create_practice
from vsla_desktop.sync import pull

T = TypeVar("T", bound=OfficeTable[Any])
NOON = datetime(2026, 3, 4, 12)  # noqa: DTZ001 - UTC, as stored
OWN = "three words together"


class Desk:
    """Head office, and what it says."""

    def __init__(self, central: Database) -> None:
        self.central = central
        self.clock = FixedClock(NOON)
        self.ear = Ear()
        self.runner = InlineRunner()
        self.office = Office(central, self.runner, self.ear.shell, self.clock)
        self.messages: list[str] = []
        self.reports: list[str] = []
        self.listed: list[Filter] = []

    def sign_in(self, name: str = "Grace", password: str = OWN) -> SignInPresenter:
        page = SignInPresenter(self.office)
        page.refresh()
        fill(page.form, username=name, password=password)
        return page

    def who(self) -> str:
        return self.office.worker.username if self.office.worker is not None else ""

    def first(self) -> Desk:
        """Let in Grace, the administrator."""
        page = SignInPresenter(self.office)
        page.refresh()
        assert page.step is Step.FIRST
        fill(page.form, username="Grace", email="g@example.org", password=OWN, again=OWN)
        return self

    def person(self, name: str, role: Role) -> int:
        with self.central.write() as session:
            grace = session.connection().execute(USERS.select()).first()
            assert grace is not None
            given = add_user(
                session, name, f"{name}@example.org", role, clock=self.clock, by=grace.id
            )
            choose_password(session, OWN, OWN, clock=self.clock, by=given.user_id)
        return given.user_id

    def group(self, name: str, **values: Any) -> int:
        with self.central.write() as session:
            run = session.connection()
            grace = run.execute(USERS.select()).first()
            assert grace is not None
            row = {
                "name": name,
                "group_code": name.upper(),
                "country": "Uganda",
                "region": "Central",
                "district": "Mpigi",
                "parish": "P",
                "village": "V",
                "currency": "UGX",
                "created_by": grace.id,
            }
            key = run.execute(insert(GROUPS), row | values).inserted_primary_key
            assert key is not None
            return int(key[0])

    def groups(self) -> GroupsPresenter:
        page = GroupsPresenter(
            self.office,
            on_message=self.messages.append,
            on_reports=lambda group: self.reports.append(group.name),
        )
        page.refresh()
        return page

    def shown(self, page: T) -> T:
        page.refresh()
        return page


@pytest.fixture
def desk(central: Database) -> Desk:
    return Desk(central).first()


def fill(form: OfficeForm | None, **texts: str) -> str:
    """Fill a form in and save it; return the field that is wrong, and what is said there."""
    assert form is not None
    for key, text in texts.items():
        form.enter(key, text)
    wrong = form.save()
    said = next(
        (form.form.sentence(each.key) for each in form.fields if form.form.sentence(each.key)), ""
    )
    return f"{wrong} {said}".strip()


def practice(desk: Desk) -> None:
    """One group that has met four times."""
    clock, code = desk.clock, "UGX"
    create_practice(
        desk.central, groups=1, members=10, meetings=4, seed=3, clock=clock, currency_code=code
    )


def names(page: OfficeTable[Any], column: int = 0) -> list[str]:
    return [page.cell(row, column).text for row in range(page.row_count())]


def offered(page: OfficeTable[Any]) -> list[str]:
    return [each.name for each in page.actions()]


def go_to(page: OfficeTable[Any], name: str) -> None:
    page.go_to(names(page).index(name))


def said_of(page: OfficeTable[Any]) -> dict[str, str]:
    return {each.title: each.text for each in page.facts()}


# ---------------------------------------------------------------------- signing in


def test_the_first_person_comes_in_as_administrator(desk: Desk) -> None:
    assert desk.office.worker is not None
    assert desk.office.worker.role is Role.ADMINISTRATOR


def test_a_wrong_password_is_said_at_the_password(central: Database) -> None:
    Desk(central).first()
    desk = Desk(central)
    page = SignInPresenter(desk.office)
    page.refresh()
    assert page.step is Step.SIGN_IN
    assert fill(page.form, username="", password="") == "username Fill this in."
    said = fill(page.form, username="Grace", password="wrong one")
    assert said.startswith("This name or password is not right.")
    assert desk.who() == ""
    fill(page.form, password=OWN)
    assert desk.who() == "Grace"


def test_a_given_password_is_replaced_before_anything_is_shown(desk: Desk) -> None:
    people = desk.shown(PeoplePresenter(desk.office))
    people.do("add")
    fill(people.form, username="Peter", email="p@example.org", role="head_office")
    assert people.told is not None
    given = people.told.facts[-1].text
    people.leave()
    assert names(people) == ["Grace", "Peter"]
    peter = Desk(desk.central)
    page = peter.sign_in("Peter", given)
    assert page.step is Step.CHOOSE
    assert peter.who() == ""
    said = fill(page.form, password="another one of mine", again="another one")
    assert said.startswith("The two are not alike.")
    fill(page.form, password="another one of mine", again="another one of mine")
    assert peter.who() == "Peter"


# ---------------------------------------------------------------------- groups


def test_groups_are_found_turned_and_narrowed(desk: Desk) -> None:
    for number in range(PAGE + 3):
        district = "Mbale" if number % 2 else "Mpigi"
        desk.group(f"Suubi {number:03}", group_code=f"S-{number}", district=district)
    page = desk.groups()
    assert page.row_count() == PAGE
    assert page.counted() == "1 to 200 of 203"
    assert (page.can_turn(1), page.can_turn(-1)) == (True, False)
    page.turn(1)
    assert page.counted() == "201 to 203 of 203"
    assert names(page) == ["Suubi 200", "Suubi 201", "Suubi 202"]
    page.turn(-1)
    assert names(page)[0] == "Suubi 000"
    page.narrow("district", "Mbale")
    assert page.counted() == "1 to 101 of 101"
    page.find("suubi 00")
    assert names(page) == ["Suubi 001", "Suubi 003", "Suubi 005", "Suubi 007", "Suubi 009"]
    page.find("s-7")
    assert names(page)[0] == "Suubi 007"
    page.find("nothing like it")
    assert page.row_count() == 0
    assert page.empty()[0] == "No group like this"


def test_a_filter_is_kept_by_name_and_asked_again(desk: Desk) -> None:
    desk.group("Suubi")
    desk.group("Obumu", district="Mbale")
    page = desk.groups()
    page.narrow("district", "Mbale")
    page.narrow("kept", "+")
    assert fill(page.form, name=" ") == "Give the filter a name."
    fill(page.form, name="In Mbale")
    again = desk.groups()
    assert names(again) == ["Obumu", "Suubi"]
    kept = next(each for each in again.narrowings() if each.key == "kept")
    chosen = next(each.value for each in kept.choices if each.title == "In Mbale")
    again.narrow("kept", chosen)
    assert names(again) == ["Obumu"]
    assert again.narrowed_by("kept") == chosen
    again.narrow("kept", "")
    assert names(again) == ["Obumu", "Suubi"]


def test_a_new_group_is_given_to_a_laptop_that_then_has_it(desk: Desk, tmp_path: Path) -> None:
    with closing(new_laptop(tmp_path / "mbale", desk.central, groups=[])) as laptop:
        page = desk.groups()
        page.do("open")
        place = {"country": "Uganda", "region": "East", "district": "Mbale"}
        asked = {"name": "Kwagalana", "currency": "UGX", "laptop": "mbale"} | place
        assert fill(page.form, **asked, share_value="x").startswith("share_value")
        assert fill(page.form, share_value="2000").startswith("Say where the group is.")
        fill(page.form, village="Nakaloke")
        assert page.form is None
        assert names(page) == ["Kwagalana"]
        assert said_of(page)["Laptop"] == "mbale"
        pull(laptop.database, laptop.folder)
        assert laptop.read("SELECT name, village FROM savings_groups") == [
            ("Kwagalana", "Nakaloke")
        ]


def test_one_laptop_at_a_time_writes_a_group(desk: Desk, tmp_path: Path) -> None:
    desk.group("Suubi")
    for name in ("gulu", "mbale"):
        new_laptop(tmp_path / name, desk.central, groups=[]).close()
    page = desk.groups()
    for name, how in (("gulu", "writes"), ("mbale", "reads")):
        page.do("give")
        fill(page.form, laptop=name, how=how)
    assert said_of(page)["Laptop"] == "gulu, mbale (looks)"
    page.do("give")
    fill(page.form, laptop="mbale", how="writes")
    assert desk.ear.said[-1].startswith("Laptop gulu writes the book of SUUBI.")
    page.leave()
    page.do("take")
    fill(page.form, laptop="gulu")
    page.do("give")
    fill(page.form, laptop="mbale", how="writes")
    assert said_of(page)["Laptop"] == "mbale"


def test_a_group_leads_to_its_reports_and_to_a_message(desk: Desk) -> None:
    desk.group("Suubi")
    page = desk.groups()
    page.do("reports")
    page.do("message")
    assert (desk.reports, desk.messages) == (["Suubi"], ["SUUBI"])


# ---------------------------------------------------------------------- laptops


def test_a_laptop_is_let_in_with_a_file_and_a_code(desk: Desk, tmp_path: Path) -> None:
    desk.group("Suubi")
    page = desk.shown(LaptopsPresenter(desk.office))
    assert page.empty()[0] == "No laptop is let in yet"
    page.do("enrol")
    nowhere = str(tmp_path / "nowhere")
    said = fill(page.form, name="Mbale", groups="SUUBI", folder=nowhere, host="127.0.0.1")
    assert said == "folder There is no such folder."
    fill(page.form, folder=str(tmp_path))
    assert page.told is not None
    file, code = (fact.text for fact in page.told.facts)
    assert (tmp_path / "Mbale.json").read_text().startswith("{")
    assert Path(file).stat().st_mode & 0o077 == 0
    assert code not in Path(file).read_text()
    page.leave()
    assert [page.cell(0, column).text for column in range(3)] == ["Mbale", "1", "never"]
    assert said_of(page)["Groups"] == "SUUBI"
    page.do("enrol")
    fill(page.form, name="Mbale", groups="", folder=str(tmp_path))
    assert page.form is not None
    assert page.form.form.sentence("folder").startswith("There is a file of this name already.")
    page.leave()
    page.do("shut_out")
    assert fill(page.form, name="another") == "name Write the laptop's name."
    fill(page.form, name="Mbale")
    assert page.row_count() == 0
    assert read(desk.central, "SELECT status FROM sync.device") == [("revoked",)]


def test_no_file_is_left_of_a_laptop_that_is_not_let_in(desk: Desk, tmp_path: Path) -> None:
    page = desk.shown(LaptopsPresenter(desk.office))
    page.do("enrol")
    fill(page.form, name="Mbale", groups="NOWHERE", folder=str(tmp_path))
    assert desk.ear.said[-1].startswith("Head office has no group NOWHERE.")
    assert list(tmp_path.iterdir()) == []
    assert read(desk.central, "SELECT count(*) FROM sync.device") == [(0,)]


def test_a_server_in_the_network_is_not_named_without_its_certificate(
    desk: Desk, tmp_path: Path
) -> None:
    page = desk.shown(LaptopsPresenter(desk.office))
    page.do("enrol")
    fill(page.form, name="Mbale", groups="", folder=str(tmp_path), host="office.example.org")
    assert page.form is not None
    said = page.form.form.sentence("certificate")
    assert said.startswith("Give the authority's certificate for office.example.org.")
    assert list(tmp_path.iterdir()) == []
    authority = tmp_path / "ca.crt"
    authority.write_text("-----BEGIN CERTIFICATE-----")
    fill(page.form, certificate=str(authority))
    page.leave()
    page.do("renew")
    (tmp_path / "Mbale.json").unlink()
    fill(page.form, folder=str(tmp_path))  # the host and its certificate are known
    known = read(desk.central, "SELECT DISTINCT host, root_certificate FROM sync.device")
    assert known == [("office.example.org", authority.read_text())]
    assert enrolled_host(tmp_path / "Mbale.json") == "office.example.org"


def enrolled_host(file: Path) -> str:
    return str(json.loads(file.read_text())["host"])


def test_what_differs_is_listed_in_words(desk: Desk, tmp_path: Path) -> None:
    desk.group("Suubi")
    with closing(new_laptop(tmp_path / "mbale", desk.central, groups=["SUUBI"])) as laptop:
        pull(laptop.database, laptop.folder)
        laptop.run("UPDATE savings_groups SET village = 'Lukaya'")
        run(desk.central, "UPDATE savings_groups SET village = 'Kira'")
        laptop.push()
    page = desk.shown(DifferencesPresenter(desk.office))
    row = [page.cell(0, column).text for column in (0, 2, 3, 5, 6)]
    assert row == ["mbale", "SUUBI", "Group", "Lukaya", "Kira"]
    assert said_of(page)["Stands"] == "Kira"


# ---------------------------------------------------------------------- people


def test_access_is_asked_granted_and_ends_by_itself(desk: Desk) -> None:
    desk.person("Ruth", Role.READER)
    ruth = Desk(desk.central)
    ruth.sign_in("Ruth")
    asking = ruth.shown(AskedPresenter(ruth.office))
    asking.do("ask")
    assert asking.form is not None
    groups = next(c.value for c in asking.form.fields[0].choices if c.title == "Savings groups")
    fill(asking.form, service=groups, permissions="read,write", reason="New groups in Mbale.")
    assert offered(asking) == ["ask"]
    deciding = desk.shown(AskedPresenter(desk.office))
    assert said_of(deciding) == {"Reason": "New groups in Mbale."}
    deciding.do("grant")
    fill(deciding.form, until="3/4/2026")
    assert names(deciding, 4) == ["Granted by Grace"]
    people = desk.shown(PeoplePresenter(desk.office))
    go_to(people, "Ruth")
    assert said_of(people) == {"Savings groups": "Look and change, until 4 Apr 2026"}
    may = Desk(desk.central)
    may.sign_in("Ruth")
    assert "open" in offered(may.groups())
    later = Desk(desk.central)
    later.clock.instant += timedelta(days=40)
    later.sign_in("Ruth")
    assert "open" not in offered(later.groups())


def test_who_only_looks_is_offered_nothing_and_the_server_refuses_the_rest(desk: Desk) -> None:
    desk.person("Ruth", Role.READER)
    desk.group("Suubi")
    ruth = Desk(desk.central)
    ruth.sign_in("Ruth")
    office = ruth.office
    assert names(ruth.groups()) == ["Suubi"]
    assert offered(ruth.groups()) == ["reports"]
    assert offered(ruth.shown(LaptopsPresenter(office))) == []
    assert offered(ruth.shown(PeoplePresenter(office))) == []
    assert offered(ruth.shown(MessagesPresenter(office))) == []
    assert {tuple(offered(ruth.shown(SharedPresenter(office, each)))) for each in Shared} == {()}
    laptops = ruth.shown(LaptopsPresenter(office))
    laptops.do("enrol")
    fill(laptops.form, name="Mine", folder=str(Path.cwd()))
    assert ruth.ear.said[-1].startswith("You may look at this, not change it.")
    assert not Path("Mine.json").exists()
    with pytest.raises(StorageError) as refused, office.database.write() as session:
        session.connection().exec_driver_sql("UPDATE savings_groups SET name = 'Mine'")
    assert str(refused.value).startswith("You may look at this, not change it.")
    assert names(desk.groups()) == ["Suubi"]


def test_people_are_changed_and_shut_out(desk: Desk) -> None:
    desk.person("Peter", Role.OFFICER)
    page = desk.shown(PeoplePresenter(desk.office))
    page.do("change")
    fill(page.form, signs_in="no")
    assert desk.ear.said[-1] == "Somebody else must shut you out."
    page.leave()
    go_to(page, "Peter")
    page.do("change")
    fill(page.form, role="reader", signs_in="no")
    assert [page.cell(1, column).text for column in (2, 3)] == ["Looks only", "Shut out"]
    page.do("access")
    assert page.form is not None
    loans = next(c.value for c in page.form.fields[0].choices if c.title == "Loans")
    fill(page.form, service=loans, permissions="leads")
    assert said_of(page) == {"Loans": "Looks after it"}
    page.do("password")
    fill(page.form)
    assert page.told is not None


def test_a_message_is_written_and_listed(desk: Desk) -> None:
    desk.group("Suubi")
    page = desk.shown(MessagesPresenter(desk.office))
    page.write_to("SUUBI")
    assert fill(page.form, message="On Monday.") == "Write a short title."
    fill(page.form, title="Audit", until="1/4/2026")
    assert names(page, 2) == ["Suubi"]
    assert said_of(page) == {"Message": "On Monday."}


# ---------------------------------------------------------------------- shared lists


def test_an_achievement_is_added_changed_and_retired(desk: Desk) -> None:
    page = desk.shown(SharedPresenter(desk.office, Shared.ACHIEVEMENTS))
    page.do("add")
    assert fill(page.form, name="First savings") == "Fill this in."
    assert fill(page.form, description="Voted.") == "There is one of this name already."
    fill(page.form, name="Twenty votes", measure="votes", at_least="20")
    go_to(page, "Twenty votes")
    assert page.current is not None
    assert page.current.values["criteria"] == {"measure": "votes", "at_least": 20}
    page.do("change")
    assert fill(page.form, points_value="many").startswith("points_value")
    fill(page.form, points_value="30")
    go_to(page, "Twenty votes")
    page.do("retire")
    assert names(page)[-1] == "Twenty votes"
    assert page.cell(page.row_count() - 1, len(page.columns()) - 1).text == "Retired"


def test_a_provider_is_added_for_several_groups(desk: Desk) -> None:
    for name in ("Suubi", "Obumu"):
        desk.group(name)
    page = desk.shown(SharedPresenter(desk.office, Shared.PROVIDERS))
    page.do("add")
    asked = {"provider_name": "MTN", "provider_code": "MTN-UG", "transaction_fee_rate": "1.5"}
    assert fill(page.form, **asked, groups="SUUBI, NOWHERE") == "There is no group NOWHERE."
    fill(page.form, groups="SUUBI, OBUMU")
    assert sorted(names(page, 4)) == ["OBUMU", "SUUBI"]
    assert names(page, 3) == ["1.5", "1.5"]


@pytest.mark.parametrize("which", list(Shared))
def test_every_list_shows_its_rows_and_asks_what_they_say(desk: Desk, which: Shared) -> None:
    page = desk.shown(SharedPresenter(desk.office, which))
    page.do("add")
    assert page.form is not None
    assert page.form.fields
    page.leave()
    if page.row_count():
        page.do("change")
        assert page.form is not None
        assert page.form.save() == ""
        assert page.form is None


# ---------------------------------------------------------------------- the programme


def test_the_programme_is_looked_through_place_by_place(desk: Desk) -> None:
    for name, district, village in (
        ("A", "Mpigi", "Buwama"),
        ("B", "Mpigi", "Kayabwe"),
        ("C", "Masaka", "Lukaya"),
    ):
        desk.group(name, district=district, village=village)
    desk.group("D", country="Kenya", currency="KES", region="Nairobi")
    scope = Scope()
    page = desk.shown(PlacesPresenter(desk.office, scope, desk.listed.append))
    assert names(page) == ["Uganda", "Kenya"]
    assert set(said_of(page)) == {"UGX", "KES"}
    page.open_row(0)
    assert (names(page), page.counted()) == (["Central"], "All groups · Uganda")
    page.open_row(0)
    assert names(page) == ["Mpigi", "Masaka"]
    assert said_of(page)["UGX"].startswith("groups 3, members 0")
    page.narrow("by", "village")
    assert sorted(names(page)) == ["Buwama", "Kayabwe", "Lukaya"]
    go_to(page, "Lukaya")
    page.do("groups")
    assert desk.listed == [Filter(country="Uganda", region="Central", village="Lukaya")]
    page.do("up")
    assert page.counted() == "All groups · Uganda"


def test_the_programme_by_coordinator_leads_to_her_groups(desk: Desk) -> None:
    for name in ("A", "B"):
        desk.group(name)
    page = desk.shown(PlacesPresenter(desk.office, Scope(), desk.listed.append))
    page.narrow("by", "coordinator")
    (coordinator,) = names(page)
    assert page.cell(0, 2).text == "2"
    go_to(page, coordinator)
    page.do("groups")
    assert desk.listed == [Filter(coordinator=coordinator)]
    groups = desk.groups()
    groups.look_at(replace(desk.listed[0], cycle_number=1))
    assert names(groups) == []
    kept = next(each for each in groups.narrowings() if each.key == "kept")
    assert {each.value: each.title for each in kept.choices}[groups.narrowed_by("kept")] == (
        f"{coordinator} · Cycle 1"
    )
    groups.narrow("kept", "")
    assert sorted(names(groups)) == ["A", "B"]


def test_indicators_say_what_they_came_from_and_months_what_was_kept(desk: Desk) -> None:
    create_practice(
        desk.central,
        groups=1,
        members=10,
        meetings=4,
        seed=3,
        clock=desk.clock,
        currency_code="UGX",
    )
    scope = Scope()
    page = desk.shown(IndicatorsPresenter(desk.office, scope))
    lines = {names(page)[row]: row for row in range(page.row_count())}
    _name, value, formula, over, under = (
        page.cell(lines["Women"], column).text for column in range(5)
    )
    assert formula == "women / members"
    assert value == f"{round(100 * int(over) / int(under), 1):g} %"
    assert page.currencies() == ("UGX",)
    months = desk.shown(MonthsPresenter(desk.office, scope))
    assert names(months, 1) == ["1"] * months.row_count()
    chart = months.chart()
    assert chart is not None
    assert [len(each.values) for each in chart.series] == [months.row_count()] * 2
    scope.go_down("Nowhere")
    assert desk.shown(IndicatorsPresenter(desk.office, scope)).row_count() == 0


# ---------------------------------------------------------------------- logins and files


@pytest.fixture
def looking(central: Database) -> Iterator[Database]:
    """Head office through a login of the server that may only read."""
    run(central, "CREATE ROLE only_looks LOGIN PASSWORD 'looks' IN ROLE pg_read_all_data")
    url = central.engine.url.set(username="only_looks", password="looks")
    opened = db.connect(url.render_as_string(hide_password=False))
    yield opened
    opened.close()
    run(central, "DROP ROLE only_looks")


def test_a_login_that_may_only_read_shows_everything(desk: Desk, looking: Database) -> None:
    desk.group("Suubi")
    grace = Desk(looking)
    grace.sign_in()
    assert grace.who() == "Grace"
    page = grace.groups()
    assert names(page) == ["Suubi"]
    assert said_of(page)["Laptop"] == "none"
    assert grace.shown(LaptopsPresenter(grace.office)).is_read
    messages = grace.shown(MessagesPresenter(grace.office))
    messages.write_to("SUUBI")
    fill(messages.form, title="Audit", message="On Monday.")
    assert grace.ear.said[-1].startswith("This login may not do that at head office.")


def test_who_only_looks_saves_a_report_of_all_groups_too(desk: Desk, tmp_path: Path) -> None:
    create_practice(
        desk.central,
        groups=1,
        members=10,
        meetings=3,
        seed=3,
        clock=desk.clock,
        currency_code="UGX",
    )
    desk.person("Ruth", Role.READER)
    ruth = Desk(desk.central)
    ruth.sign_in("Ruth")
    row = ruth.groups().rows[0]
    page = ReportsPresenter(
        ruth.office.database,
        ruth.runner,
        ruth.ear.shell,
        group_id=row.group_id,
        currency=CURRENCIES["UGX"],
        clock=ruth.clock,
    )
    page.open("members")
    assert page.made is not None
    page.save(tmp_path / "members.csv")
    lines = (tmp_path / "members.csv").read_text("utf-8-sig").splitlines()
    assert len(lines) > 10


# ---------------------------------------------------------------------- long questions


class Impatient:
    """Wants the work no more once it has begun."""

    def __init__(self) -> None:
        self.asked = threading.Event()

    def step(self, done: int, total: int) -> None:  # noqa: ARG002 - how far is not told
        self.asked.set()
        raise Cancelled


def test_a_question_is_stopped_at_the_server(central: Database) -> None:
    impatient = Impatient()
    with (
        pytest.raises(Cancelled),
        central.read() as session,
        stoppable(session, impatient),
    ):
        session.connection().exec_driver_sql("SELECT pg_sleep(60)")
    assert impatient.asked.is_set()
    asleep = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%%'"
    assert read(central, f"{asleep} AND state = 'active'") == [(0,)]


def test_a_question_that_takes_too_long_is_given_up(central: Database) -> None:
    with pytest.raises(StorageError) as said, central.read(seconds=1) as session:
        session.connection().exec_driver_sql("SELECT pg_sleep(60)")
    assert str(said.value).startswith("This takes too long.")
