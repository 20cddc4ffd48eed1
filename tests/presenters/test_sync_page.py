"""The page about head office, as a person sees and uses it, with a real head office."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from tests.presenters.book_of_group import Ear
from tests.services.village import Village
from tests.sync.laptop import CHEAP, PASSPHRASE, keep, read, run
from vsla_desktop import sync
from vsla_desktop.db import Database
from vsla_desktop.presenters.auto_sync import AutoSync
from vsla_desktop.presenters.grid import CellKind
from vsla_desktop.presenters.runner import InlineRunner
from vsla_desktop.presenters.shell import SyncStage
from vsla_desktop.presenters.sync_page import SyncPresenter, SyncTab
from vsla_desktop.sync import enrolment as kept_login
from vsla_desktop.sync.bundle_answer import answer_bundle
from vsla_desktop.sync.bundle_office import take_bundle
from vsla_desktop.sync.retry import LONGEST, WITH_NOTHING, WITH_SOMETHING
from vsla_desktop.sync.settle import Choice

AMINA = "SELECT phone_number FROM group_members WHERE first_name = 'Amina'"


@dataclass
class Desk:
    """A laptop's page, what it says, and the program's own clock of sync."""

    village: Village
    page: SyncPresenter
    auto: AutoSync
    ear: Ear
    choices: dict[str, bool]

    def write(self, statement: str) -> None:
        with self.village.database.connection(writes=True) as connection:
            connection.exec_driver_sql(statement)

    def says(self) -> str:
        assert self.page.view is not None
        return self.page.view.sentence

    def facts(self) -> dict[str, str]:
        assert self.page.view is not None
        return dict(self.page.view.facts)

    def later(self, wait: timedelta) -> None:
        self.village.clock.instant += wait

    def rows(self) -> list[list[str]]:
        """The groups as the list shows them."""
        groups = self.page.groups
        width = range(len(groups.columns()))
        return [[groups.cell(row, at).text for at in width] for row in range(groups.row_count())]

    def history(self) -> list[tuple[str, str, str, str]]:
        shown = self.page.history
        return [
            tuple(shown.cell(row, at).text for at in (1, 2, 3, 5))  # type: ignore[misc]
            for row in range(shown.row_count())
        ]


@pytest.fixture
def desk(met: Village, ear: Ear, data_dir: Path) -> Desk:
    choices = {"by itself": True}
    auto = AutoSync(
        InlineRunner(),
        ear.shell,
        met.clock,
        is_on=lambda: choices["by itself"],
        chance=lambda: 0.0,
    )
    auto.open(met.database, data_dir)
    page = SyncPresenter(
        met.database, data_dir, InlineRunner(), ear.shell, auto=auto, clock=met.clock
    )
    page.refresh()
    return Desk(met, page, auto, ear, choices)


@pytest.fixture
def known(desk: Desk, central: Database, data_dir: Path) -> Desk:
    """The laptop is enrolled and has sent everything."""
    keep(sync.enrol_device(central, "Kayunga 1"), data_dir)
    desk.page.send()
    desk.ear.said.clear()
    return desk


def nowhere(folder: Path, name: str = "from-head-office.json") -> tuple[Path, str]:
    """Write an enrolment file of a head office that nobody reaches; return it and its code."""
    given = sync.Enrolment(
        host="127.0.0.1",
        port=1,
        dbname="centre",
        role="dev_x",
        password="not told",
        device_id="6f0c3f0e-0000-4000-8000-000000000001",
        device_name="Kayunga 1",
        server_epoch="6f0c3f0e-0000-4000-8000-000000000002",
    )
    return folder / name, sync.hand_over(given, folder / name, cost=CHEAP)


def differ(desk: Desk, central: Database, column: str, here: str, there: str) -> None:
    """Change Amina on both sides, and let them meet."""
    change = "UPDATE group_members SET {} = {} WHERE first_name = 'Amina'"
    run(central, change.format(column, there))
    desk.write(change.format(column, here))
    desk.page.send()


# ---------------------------------------------------------------------- how things stand


def test_a_laptop_that_is_not_enrolled_is_quiet(desk: Desk) -> None:
    view = desk.page.view
    assert view is not None
    assert view.state.stage is SyncStage.SAVED_HERE
    assert not view.is_enrolled
    assert view.facts == ()
    assert desk.says().startswith("Everything is saved on this laptop.")
    ((name, held, meetings, money, *_others),) = [
        row for row in desk.rows() if row[0] != "For all groups"
    ]
    assert name == "Twisungane · TST-1"
    assert held == "Only here"
    assert int(meetings) > 5
    assert int(money) > 5
    assert desk.ear.said == []


def test_what_waits_is_shown_by_group_and_kind(known: Desk) -> None:
    assert {cell for row in known.rows() for cell in row[2:]} == {"0"}
    known.write("UPDATE group_members SET occupation = 'Farmer'")
    known.write("UPDATE meetings SET location = 'School'")
    known.page.refresh()
    titles = [column.title for column in known.page.groups.columns()]
    ((*_group, meetings, _money, _loans, members, _rules, _other),) = known.rows()
    assert titles[2:] == ["Meetings", "Money", "Loans", "Members", "Rules", "Other"]
    assert (meetings, members) == ("1", "5")
    assert all(each.kind is CellKind.COUNT for each in known.page.groups.columns()[2:])
    assert known.says() == "6 records are saved here and wait to be sent."


def test_sending_says_what_went_and_when(desk: Desk, central: Database, data_dir: Path) -> None:
    keep(sync.enrol_device(central, "Kayunga 1"), data_dir)
    desk.page.refresh()
    assert desk.facts() == {
        "Last sent": "not yet",
        "Last received": "not yet",
        "Next try": "soon",
    }
    desk.page.send()
    ((said,),) = [re.findall(r"^[\d,]+ entries sent\.", desk.ear.said[0])]
    assert said
    assert desk.says() == "Head office has everything."
    assert desk.ear.shell.state.sync.stage is SyncStage.SENT
    assert desk.facts()["Last sent"] == desk.facts()["Last received"] != "not yet"
    assert read(central, "SELECT count(*) FROM savings_groups") == [(1,)]
    desk.page.send()
    assert desk.ear.said[1:] == ["Everything was sent already."]
    (nothing, sent) = desk.history()
    assert nothing == ("Network", "0", "0", "Done")
    assert sent[0] == "Network"
    assert sent[1] == said.split()[0]


def test_no_network_is_quiet_and_everything_waits(desk: Desk, data_dir: Path) -> None:
    file, code = nowhere(data_dir)
    kept_login.keep_enrolment(
        sync.read_enrolment(file, code), data_dir, passphrase=PASSPHRASE, cost=CHEAP
    )
    desk.page.send()
    desk.page.send()
    assert not desk.auto.is_running
    assert desk.page.view is not None
    assert desk.page.view.state.stage is SyncStage.WAITING
    assert desk.page.view.address.startswith("Kayunga 1 · 127.0.0.1")
    assert desk.says() == "There is no network now. Everything is saved here and goes next time."
    assert desk.ear.said == []
    assert desk.ear.shell.state.sync.sentence() == "Waiting for network"
    assert desk.history() == [("Network", "0", "0", "No network")]


def test_a_laptop_that_was_shut_out_is_told_why_in_the_page_s_own_words(
    known: Desk, central: Database
) -> None:
    sync.revoke_device(central, "Kayunga 1")
    known.write("UPDATE group_members SET occupation = 'Farmer'")
    known.page.send()
    words = "Ask head office to enrol it again. Your entries are saved here."
    assert known.says().endswith(words)
    assert known.ear.said == [known.says()]
    assert known.history()[0][3] in known.says()
    assert known.auto.next_try() == known.village.clock.instant + LONGEST


def test_what_was_not_taken_says_the_step_and_leads_there(known: Desk) -> None:
    known.write(
        "INSERT INTO sync_quarantine (su, tbl, local_id, op, reason, found_at) SELECT su, tbl,"
        " local_id, 'I', 'invalid', 'now' FROM sync_idmap WHERE tbl = 10 AND local_id = 1"
    )
    known.write(
        "INSERT INTO sync_quarantine (su, tbl, local_id, op, reason, found_at) SELECT su, tbl,"
        " local_id, 'I', 'denied', 'then' FROM sync_idmap WHERE tbl = 15 AND local_id = 1"
    )
    known.page.refresh()
    refused = known.page.refused
    member, entry = [[refused.cell(row, at).text for at in range(3)] for row in (0, 1)]
    assert member[0] == "Member, Amina Nakato, 5 Jan 2026"
    assert member[2] == "A value in it is too long, or can not be. Correct it here."
    assert entry[0].startswith("Entry of money, ")
    assert entry[2] == "Another laptop writes this group's book. Ask head office."
    assert [choice.title for choice in known.page.tabs()][2] == "Not taken (2)"
    refused.open_row(0)
    refused.open_row(1)
    assert known.ear.pages == ["members", "cashbook"]
    assert known.ear.shell.take_entry_to_correct() == 1


# ---------------------------------------------------------------------- settling


def test_both_values_their_owners_and_the_choices_are_said(known: Desk, central: Database) -> None:
    differ(known, central, "phone_number", "'0772 1'", "'0773 2'")
    page = known.page.conflicts
    assert [choice.title for choice in known.page.tabs()][1] == "To settle (1)"
    assert [page.cell(0, at).text for at in range(4)] == [
        "Member, Amina Nakato, 5 Jan 2026",
        "Telephone",
        "0772 1",
        "0773 2",
    ]
    here, there = page.who()
    assert here.startswith("This laptop · ")
    assert there == "Another program at head office"
    assert [words for _choice, words in page.choices()] == [
        "Keep head office's: 0773 2",
        "Send mine again: 0772 1",
        "Another value",
    ]


def test_another_value_is_typed_with_the_checks_of_its_column(
    known: Desk, central: Database
) -> None:
    differ(known, central, "phone_number", "'0772 1'", "'0773 2'")
    page = known.page.conflicts
    page.enter("value", "seven")
    assert page.choice is Choice.OTHER
    assert page.settle() == "value"
    assert page.form.sentence("value").startswith("Enter a phone number.")
    page.enter("value", "0774-333 444")
    assert page.settle() == ""
    assert page.row_count() == 0
    known.page.send()
    assert read(central, AMINA) == [("0774 333 444",)]


def test_amounts_and_days_are_typed_as_everywhere(known: Desk, central: Database) -> None:
    run(central, "UPDATE savings_groups SET minimum_contribution = 700")
    known.write("UPDATE savings_groups SET minimum_contribution = 80000")
    differ(known, central, "date_of_birth", "'1990-01-02'", "'1991-01-02'")
    page = known.page.conflicts
    by_title = {page.cell(row, 1).text: row for row in range(page.row_count())}
    money, born = by_title["Minimum contribution"], by_title["Born on"]
    assert [page.cell(money, at).text for at in (2, 3)] == ["800 UGX", "700 UGX"]
    assert [page.cell(born, at).text for at in (2, 3)] == ["2 Jan 1990", "2 Jan 1991"]
    page.go_to(born)
    page.enter("value", "31/2/1990")
    assert page.settle() == "value"
    page.enter("value", "3/3/1990")
    assert page.form.text("value") == "3 Mar 1990"
    page.settle()
    page.enter("value", "2*300+10")
    assert page.form.text("value") == "610"
    page.settle()
    known.page.send()
    assert read(central, "SELECT minimum_contribution::text FROM savings_groups") == [("610.00",)]
    assert read(
        central, "SELECT date_of_birth::text FROM group_members WHERE first_name = 'Amina'"
    ) == [("1990-03-03",)]


def test_a_choice_is_undone_until_it_was_sent(known: Desk, central: Database) -> None:
    differ(known, central, "phone_number", "'0772 1'", "'0773 2'")
    page = known.page.conflicts
    page.choose(Choice.MINE)
    page.settle()
    assert page.row_count() == 0
    page.undo()
    assert page.row_count() == 1
    assert page.can_undo is None
    page.choose(Choice.MINE)
    page.settle()
    known.page.send()
    assert page.can_undo is None
    assert read(central, AMINA) == [("0772 1",)]


def test_money_in_the_book_leads_to_its_correction(known: Desk, central: Database) -> None:
    run(central, "UPDATE group_transactions SET description = 'There' WHERE id = 1")
    known.write("UPDATE group_transactions SET description = 'Here' WHERE id = 1")
    known.page.send()
    page = known.page.conflicts
    assert [choice for choice, _words in page.choices()] == [Choice.HEAD_OFFICE]
    assert page.choice is Choice.HEAD_OFFICE
    assert page.leads_to_correction()
    page.correct()
    assert known.ear.pages == ["cashbook"]
    page.settle()
    assert page.row_count() == 0


def test_the_row_gone_to_stays_while_the_list_is_read_again(known: Desk, central: Database) -> None:
    differ(known, central, "phone_number", "'0772 1'", "'0773 2'")
    differ(known, central, "occupation", "'Farmer'", "'Tailor'")
    page = known.page.conflicts
    page.go_to(1)
    page.choose(Choice.MINE)
    known.page.turn_to(SyncTab.SETTLE)
    known.page.refresh()
    assert page.place() == 1
    assert page.choice is Choice.MINE
    page.settle()
    assert page.place() == 0
    assert page.choice is None


# ---------------------------------------------------------------------- by itself


def test_it_meets_head_office_by_itself_when_it_is_time(
    desk: Desk, central: Database, data_dir: Path
) -> None:
    desk.auto.look()
    assert desk.history() == []  # nobody knows it yet
    keep(sync.enrol_device(central, "Kayunga 1"), data_dir)
    desk.auto.look()
    assert len(desk.history()) == 1
    assert read(central, "SELECT count(*) FROM savings_groups") == [(1,)]
    assert desk.ear.said == []  # nobody asked, so nobody is told
    desk.write("UPDATE group_members SET phone_number = '0772 1' WHERE first_name = 'Amina'")
    desk.later(WITH_SOMETHING / 2)
    desk.auto.look()
    assert read(central, AMINA) == [(None,)]
    desk.later(WITH_SOMETHING / 2)
    desk.auto.look()
    assert read(central, AMINA) == [("0772 1",)]
    assert desk.auto.next_try() == desk.village.clock.instant + WITH_NOTHING


def test_a_closed_meeting_is_sent_at_once(known: Desk, central: Database) -> None:
    known.write("UPDATE group_members SET phone_number = '0772 1' WHERE first_name = 'Amina'")
    known.auto.soon()
    assert read(central, AMINA) == [("0772 1",)]


def test_it_can_be_switched_off(known: Desk, central: Database) -> None:
    known.choices["by itself"] = False
    known.write("UPDATE group_members SET phone_number = '0772 1' WHERE first_name = 'Amina'")
    known.later(LONGEST)
    known.auto.look()
    known.auto.soon()
    assert read(central, AMINA) == [(None,)]
    known.page.refresh()
    assert known.facts()["Next try"] == "when you press the button"
    known.page.send()
    assert read(central, AMINA) == [("0772 1",)]


def test_in_vain_it_tries_ever_more_seldom(desk: Desk, data_dir: Path) -> None:
    file, code = nowhere(data_dir)
    kept_login.keep_enrolment(
        sync.read_enrolment(file, code), data_dir, passphrase=PASSPHRASE, cost=CHEAP
    )
    waits = []
    for _round in range(8):
        desk.auto.look()
        then = desk.auto.next_try()
        assert then is not None
        waits.append(then - desk.village.clock.instant)
        desk.later(waits[-1])
    minutes = [wait // timedelta(minutes=1) for wait in waits]
    assert minutes == [1, 2, 4, 8, 16, 32, 60, 60]
    assert desk.ear.said == []
    assert len(desk.history()) == 1  # the last of many alike


def test_a_book_that_was_closed_is_not_touched(known: Desk, central: Database) -> None:
    known.write("UPDATE group_members SET phone_number = '0772 1' WHERE first_name = 'Amina'")
    known.auto.leave()
    known.later(LONGEST)
    known.auto.look()
    known.auto.now()
    assert read(central, AMINA) == [(None,)]


# ---------------------------------------------------------------------- by files


def test_without_network_files_carry_what_waits_and_what_comes(
    desk: Desk, central: Database, data_dir: Path, tmp_path: Path
) -> None:
    keep(sync.enrol_device(central, "Kayunga 1"), data_dir)
    desk.page.refresh()
    assert desk.page.file_name() == f"Kayunga-1-{desk.village.clock.today()}.vslab"
    there, back = tmp_path / "there.vslab", tmp_path / "back.vslab"
    desk.page.write_file(there)
    assert desk.ear.said[0].startswith("there.vslab holds ")
    assert desk.ear.said[0].endswith(" records. Carry it to head office.")
    assert desk.rows()[-1][0] == "Packed, on their way"
    take_bundle(central, there)
    run(central, "UPDATE group_members SET phone_number = '0773' WHERE first_name = 'Amina'")
    answer_bundle(central, "Kayunga 1", back)
    desk.page.read_file(back)
    assert desk.says() == "Head office has everything."
    assert desk.ear.said[1].endswith(" received.")
    with desk.village.database.connection() as connection:
        assert connection.exec_driver_sql(AMINA).scalar_one() == "0773"
    assert [way for way, *_rest in desk.history()] == ["File read", "File written"]
    desk.page.read_file(there)
    assert desk.ear.said[-1] == "there.vslab is from this laptop. Carry it to head office."
    assert len(desk.history()) == 2  # nothing was read


# ---------------------------------------------------------------------- enrolling and unlocking


def test_an_enrolment_asks_for_the_code_and_a_passphrase(desk: Desk, data_dir: Path) -> None:
    file, code = nowhere(data_dir)
    enrolling = desk.page.enrolling
    enrolling.choose(file)
    assert [field.key for field in enrolling.fields()] == ["code", "passphrase", "again"]
    for key, text in {"code": "wrong", "passphrase": PASSPHRASE, "again": "mangoes"}.items():
        enrolling.enter(key, text)
    assert enrolling.save() == "again"
    enrolling.enter("again", PASSPHRASE)
    enrolling.save()
    assert enrolling.form.sentence("code").startswith("The code does not open")
    assert not (data_dir / "enrolment.json").exists()
    enrolling.enter("code", code)
    enrolling.save()
    assert desk.ear.said == ["Head office knows this laptop as Kayunga 1."]
    assert desk.page.view is not None
    assert desk.page.view.is_enrolled
    assert PASSPHRASE not in (data_dir / "enrolment.json").read_text()


def test_a_short_passphrase_is_refused_at_its_field(desk: Desk, data_dir: Path) -> None:
    file, code = nowhere(data_dir)
    enrolling = desk.page.enrolling
    enrolling.choose(file)
    for key, text in {"code": code, "passphrase": "short", "again": "short"}.items():
        enrolling.enter(key, text)
    enrolling.save()
    assert enrolling.form.sentence("passphrase") == ("Choose a passphrase of 8 characters or more.")
    assert not (data_dir / "enrolment.json").exists()


def test_a_file_that_is_no_enrolment_is_told(desk: Desk, data_dir: Path) -> None:
    file = data_dir / "photo.json"
    file.write_text("{}")
    desk.page.enrolling.choose(file)
    assert desk.ear.said == ["photo.json is not an enrolment file. Ask head office for a new one."]
    assert desk.page.enrolling.file is None


def test_a_locked_login_asks_for_its_passphrase_and_then_sends(
    desk: Desk, central: Database, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(sync.enrol_device(central, "Kayunga 1"), data_dir)
    monkeypatch.delenv("VSLA_PASSPHRASE", raising=False)
    monkeypatch.setattr(kept_login, "_KEYS", {})  # as after a new start of the program
    desk.page.refresh()
    assert desk.says() == "The login is locked. Enter its passphrase to send."
    desk.auto.look()
    assert desk.history() == []
    desk.page.enter("passphrase", "mangoes in the sun")
    desk.page.unlock()
    assert desk.page.form.sentence("passphrase")
    desk.page.enter("passphrase", PASSPHRASE)
    desk.page.unlock()
    assert "locked" not in desk.says()
    assert read(central, "SELECT count(*) FROM savings_groups") == [(1,)]
