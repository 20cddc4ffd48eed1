"""The command line as scripts see it: what is printed, and how it ends."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from tests.support.postgres import PostgresServer
from vsla_desktop import cli, db


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def told(self) -> Any:
        return json.loads(self.out)


Vsla = Callable[..., Ended]


@pytest.fixture
def vsla(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Vsla:
    """Run a command as if it were typed."""

    def run(*words: object) -> Ended:
        monkeypatch.setattr("sys.argv", ["vsla", *map(str, words)])
        status = 0
        try:
            cli.main()
        except SystemExit as end:
            status = int(end.code or 0)
        said = capsys.readouterr()
        return Ended(status, said.out, said.err)

    return run


@pytest.fixture
def practice(vsla: Vsla, data_dir: Path) -> str:
    """Return the code of a small practice group in the data folder."""
    words = ("--groups", 1, "--members", 9, "--meetings", 4, "--seed", 3)
    made = vsla("practice", "create", *words, "--data", data_dir)
    assert made.status == 0, made.err
    return made.out.strip()


def test_status_tells_tables_phases_drift_and_rows(vsla: Vsla, data_dir: Path) -> None:
    assert vsla("--data", data_dir, "db", "upgrade").status == 0
    ended = vsla("db", "status", "--json", "--data", data_dir)
    assert ended.status == 0
    assert set(ended.told) == {"dialect", "revision", "tables", "phases", "drift", "rows"}
    assert ended.told["tables"] == {"expected": 47, "found": 47}
    assert ended.told["phases"] == {
        "0": 6, "1": 12, "1.5": 4, "2": 3, "3": 4, "4": 5, "5": 5, "6": 3, "7": 5
    }  # fmt: skip
    assert ended.told["drift"] == []
    assert len(ended.told["rows"]) == 47


def test_a_column_added_by_hand_is_named(vsla: Vsla, data_dir: Path) -> None:
    vsla("db", "upgrade", "--data", data_dir)
    with sqlite3.connect(data_dir / "vsla.db") as book:
        book.execute("ALTER TABLE users ADD COLUMN nickname TEXT")
    book.close()
    ended = vsla("db", "status", "--json", "--data", data_dir)
    assert ended.status == 1
    assert ended.told["drift"] == ["column users.nickname is not known"]


@pytest.mark.usefixtures("practice")
def test_verify_names_what_was_changed_by_hand_and_repairs_it(vsla: Vsla, data_dir: Path) -> None:
    whole = vsla("db", "verify", "--json", "--data", data_dir)
    assert whole.status == 0
    assert whole.told["ok"] is True
    assert whole.told["seals"] == {"checked": 4, "broken": []}
    assert whole.told["integrity"] == "ok"
    with sqlite3.connect(data_dir / "vsla.db") as book:
        book.execute("UPDATE savings_groups SET members_count = 99")
    book.close()
    wrong = vsla("db", "verify", "--json", "--data", data_dir)
    assert wrong.status == 1
    (found,) = wrong.told["derived"]["wrong"]
    assert (found["column"], found["stored"]) == ("members_count", 99)
    assert vsla("db", "verify", "--repair", "--data", data_dir).status == 0
    assert vsla("db", "verify", "--data", data_dir).status == 0


@pytest.mark.usefixtures("practice")
def test_a_changed_sealed_meeting_is_found(vsla: Vsla, data_dir: Path) -> None:
    with sqlite3.connect(data_dir / "vsla.db") as book:
        book.execute("UPDATE meetings SET minutes = 'other' WHERE meeting_number = 2")
    book.close()
    ended = vsla("db", "verify", "--json", "--data", data_dir)
    assert ended.status == 1
    assert [each["number"] for each in ended.told["seals"]["broken"]] == [2]


def test_books_go_from_a_workbook_to_head_office(
    vsla: Vsla, practice: str, data_dir: Path, tmp_path: Path, pg_database: str
) -> None:
    workbook, other = tmp_path / "group.xlsx", tmp_path / "other"
    assert vsla("export", "workbook", workbook, "--group", practice, "--data", data_dir).status == 0
    tried = vsla("import", "workbook", workbook, "--dry-run", "--json", "--data", other)
    assert (tried.status, tried.told["written"]) == (0, False)
    assert vsla("import", "workbook", workbook, "--data", other).status == 0
    again = vsla("import", "workbook", workbook, "--json", "--data", other)
    assert again.status == 1
    assert again.told["wrong"]

    assert vsla("central", "init", "--url", pg_database).status == 0
    out = tmp_path / "laptop.json"
    words = ("--device", "laptop", "--groups", "*", "--out", out)
    let_in = vsla("central", "enrol", "--url", pg_database, *words, "--json")
    assert let_in.status == 0, let_in.err
    told = ("--code", let_in.told["code"])
    assert vsla("sync", "enrol", out, *told, "--data", other).status == 0
    pushed = vsla("sync", "push", "--json", "--data", other)
    assert pushed.status == 0, pushed.err
    assert pushed.told["rows_sent"] > 100
    assert pushed.told["waiting"] == pushed.told["conflicts"] == 0
    assert vsla("sync", "push", "--json", "--data", other).told["rows_sent"] == 0
    assert vsla("sync", "status", "--json", "--data", other).told["waiting"] == 0

    central = vsla("db", "verify", "--json", "--url", pg_database)
    laptop = vsla("db", "verify", "--json", "--data", other)
    assert (central.status, laptop.status) == (0, 0)
    assert central.told["derived"]["checked"] == laptop.told["derived"]["checked"]
    assert central.told["seals"]["checked"] == laptop.told["seals"]["checked"] == 4
    assert vsla("central", "status", "--url", pg_database).status == 0
    assert balances(pg_database) == balances(f"sqlite:///{other / 'vsla.db'}")


def balances(url: str) -> list[Any]:
    database = db.connect(url)
    with database.connection() as connection:
        found = [
            tuple(map(float, row))
            for query in (
                "SELECT share_balance, attendance_percentage FROM group_members ORDER BY id",
                "SELECT savings_balance, total_contributions FROM group_members ORDER BY id",
                "SELECT savings_balance, loan_balance, loan_fund_balance FROM savings_groups",
                "SELECT amount_paid, outstanding_balance FROM group_loans ORDER BY id",
                "SELECT balance_after, social_fund_balance FROM group_cashbook ORDER BY id",
            )
            for row in connection.execute(text(query))
        ]
    hundredths = 1 if database.dialect == "sqlite" else 100
    database.close()
    return [tuple(round(each * hundredths) for each in row) for row in found]


def test_a_backup_comes_back_and_the_old_book_is_kept(
    vsla: Vsla, practice: str, data_dir: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.db"
    assert vsla("db", "backup", copy, "--data", data_dir).status == 0
    with sqlite3.connect(data_dir / "vsla.db") as book:
        book.execute("UPDATE savings_groups SET name = 'changed since'")
    book.close()
    assert vsla("db", "restore", copy, "--data", data_dir).status == 0
    with sqlite3.connect(data_dir / "vsla.db") as book:
        (name,) = book.execute("SELECT name FROM savings_groups").fetchone()
    book.close()
    assert name != "changed since"
    assert len(list(data_dir.glob("vsla-before-*.db"))) == 1
    assert practice.startswith("PRACTICE-")


def test_the_delete_rules_hold(vsla: Vsla, data_dir: Path) -> None:
    vsla("db", "upgrade", "--data", data_dir)
    ended = vsla("db", "cascade-check", "--json", "--data", data_dir)
    assert (ended.status, ended.told["ok"]) == (0, True)


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("db", "status"), 3, "There is no book in"),
        (("db", "explode"), 2, "No such command"),
        (("db", "verify"), 3, "There is no book in"),
        (("sync", "push"), 3, "There is no book in"),
        (("central", "init", "--url", "mysql://x"), 3, "not the address of a database"),
        (("import", "workbook", "nowhere.xlsx"), 3, "nowhere.xlsx"),
        (("practice", "create", "--groups", "0"), 2, "--groups"),
        (("practice", "create", "--groups", "1001"), 2, "Choose 1 to 1000."),
        (("practice", "create", "--members", "2"), 2, "Choose 9 to 60."),
        (("practice", "create", "--meetings", "-1"), 2, "--meetings"),
        (("practice", "create", "--seed", "x"), 2, "--seed"),
        (("practice", "create", "--currency", "XXQ"), 2, "There is no currency XXQ."),
        (("central", "init", "--url", "postgresql://nobody@127.0.0.1:1/none"), 3, "Head office"),
        (("central", "init", "--url", "nonsense"), 3, "not the address of a database"),
        (("central", "init", "--url", "sqlite:///x", "--differences", "maybe"), 2, "report"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    vsla: Vsla, data_dir: Path, words: tuple[str, ...], status: int, said: str
) -> None:
    where = () if "--url" in words else ("--data", str(data_dir))
    ended = vsla(*words, *where)
    assert (ended.status, said in ended.err) == (status, True), ended
    assert "Traceback" not in ended.err


def test_a_damaged_or_newer_book_is_said(vsla: Vsla, data_dir: Path) -> None:
    (data_dir / "vsla.db").write_bytes(b"not a book at all" * 100)
    damaged = vsla("db", "verify", "--data", data_dir)
    assert (damaged.status, "damaged" in damaged.err) == (3, True)
    (data_dir / "vsla.db").unlink()
    vsla("db", "upgrade", "--data", data_dir)
    with sqlite3.connect(data_dir / "vsla.db") as book:
        book.execute("UPDATE alembic_version SET version_num = '9999'")
    book.close()
    newer = vsla("db", "status", "--data", data_dir)
    assert (newer.status, "newer version" in newer.err) == (3, True)
    whole = data_dir / "whole"
    vsla("db", "upgrade", "--data", whole)
    before = (whole / "vsla.db").read_bytes()
    refused = vsla("db", "restore", data_dir / "vsla.db", "--data", whole)
    assert (refused.status, "newer version" in refused.err) == (3, True)
    assert (whole / "vsla.db").read_bytes() == before


def test_a_database_that_is_not_set_up_is_said(vsla: Vsla, pg_database: str) -> None:
    for words in (("db", "verify"), ("db", "cascade-check")):
        ended = vsla(*words, "--url", pg_database)
        assert (ended.status, "not set up yet" in ended.err) == (3, True)


def test_a_column_of_a_type_nobody_knows_is_named(vsla: Vsla, data_dir: Path) -> None:
    vsla("db", "upgrade", "--data", data_dir)
    with sqlite3.connect(data_dir / "vsla.db") as book:
        book.execute("CREATE TABLE junk (a)")
    book.close()
    ended = vsla("db", "status", "--json", "--data", data_dir)
    assert (ended.status, ended.told["drift"]) == (1, ["table junk is not known"])


def test_a_laptop_is_let_in_only_with_its_file_and_shut_out_by_name(
    vsla: Vsla, tmp_path: Path, pg_database: str
) -> None:
    vsla("central", "init", "--url", pg_database)
    enrol = ("central", "enrol", "--url", pg_database, "--device", "laptop", "--out")
    assert vsla(*enrol, tmp_path / "nowhere" / "file.json").status == 3
    assert vsla(*enrol, tmp_path / "file.json").status == 0
    assert vsla("central", "revoke", "--url", pg_database, "--device", "laptop").status == 0
    again = vsla("central", "revoke", "--url", pg_database, "--device", "laptop")
    assert (again.status, "No laptop named laptop" in again.err) == (3, True)


def test_head_office_that_does_not_answer_is_said(
    vsla: Vsla, practice: str, data_dir: Path, tmp_path: Path, postgres_server: PostgresServer
) -> None:
    assert practice
    with postgres_server.database() as url:
        out = tmp_path / "laptop.json"
        vsla("central", "init", "--url", url)
        enrol = ("--device", "far", "--out", out, "--json")
        code = vsla("central", "enrol", "--url", url, *enrol).told["code"]
    assert vsla("sync", "enrol", out, "--code", code, "--data", data_dir).status == 0
    ended = vsla("sync", "push", "--data", data_dir)
    assert ended.status == 3
    assert "Traceback" not in ended.err
    assert ended.err.strip()


def test_a_practice_that_can_not_be_makes_no_book(vsla: Vsla, data_dir: Path) -> None:
    assert vsla("practice", "create", "--groups", 0, "--data", data_dir).status == 2
    assert list(data_dir.iterdir()) == []


def test_options_count_wherever_they_stand(vsla: Vsla, data_dir: Path, tmp_path: Path) -> None:
    vsla("db", "upgrade", "--data", data_dir)
    elsewhere = tmp_path / "elsewhere"
    for words in (
        ("--data", data_dir, "--json", "db", "status"),
        ("db", "--data", data_dir, "--json", "status"),
        ("db", "status", "--data", data_dir, "--json"),
        ("--data", elsewhere, "--json", "db", "--data", data_dir, "status"),
        ("--data", elsewhere, "db", "--json", "status", "--data", data_dir),
    ):
        ended = vsla(*words)
        assert ended.status == 0, (words, ended)
        assert ended.told["dialect"] == "sqlite"


def test_the_address_of_a_database_counts_wherever_it_stands(
    vsla: Vsla, data_dir: Path, pg_database: str
) -> None:
    assert vsla("--url", pg_database, "--data", data_dir, "central", "init").status == 0
    for words in (
        ("--url", pg_database, "--json", "db", "status"),
        ("db", "--url", pg_database, "--json", "status"),
        ("central", "--json", "status", "--url", pg_database),
    ):
        ended = vsla(*words)
        assert (ended.status, ended.told["dialect"]) == (0, "postgresql"), words


def test_an_option_that_a_command_has_no_use_for_is_refused(vsla: Vsla, data_dir: Path) -> None:
    ended = vsla("--url", "sqlite:///x", "db", "backup", "copy.db", "--data", data_dir)
    assert (ended.status, "--url" in ended.err) == (2, True)


def test_every_command_can_answer_a_program(vsla: Vsla, data_dir: Path, tmp_path: Path) -> None:
    words = ("--groups", 1, "--members", 9, "--meetings", 1, "--json")
    (made,) = vsla("--data", data_dir, "practice", "create", *words).told
    book = tmp_path / "books.xlsx"
    export = ("export", "workbook", book, "--group", made["group_code"], "--data", data_dir)
    assert vsla(*export, "--json").told["members_count"] == 9
    template, copy = tmp_path / "empty.xlsx", tmp_path / "copy.db"
    assert vsla("--data", data_dir, "--json", "import", "template", template).told == {
        "file": str(template)
    }
    assert vsla("db", "--json", "backup", copy, "--data", data_dir).told == {"file": str(copy)}
    assert "before" in vsla("db", "restore", copy, "--json", "--data", data_dir).told["kept"]


def test_an_export_replaces_a_file_only_when_told(
    vsla: Vsla, practice: str, data_dir: Path, tmp_path: Path
) -> None:
    file = tmp_path / "books.xlsx"
    file.write_bytes(b"kept")
    export = ("export", "workbook", file, "--group", practice, "--data", data_dir)
    refused = vsla(*export)
    assert (refused.status, file.read_bytes()) == (3, b"kept")
    assert refused.err == (f"There is a file {file} already. Add --overwrite to replace it.\n")
    assert vsla(*export, "--overwrite").status == 0
    assert file.read_bytes().startswith(b"PK")
