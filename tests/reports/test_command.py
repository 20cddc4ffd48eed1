"""``vsla report``: the reports of the window as files."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from vsla_desktop.cli import app
from vsla_desktop.errors import RuleBroken
from vsla_desktop.reports.catalogue import REPORTS, definition
from vsla_desktop.reports.group_books import BOOKS
from vsla_desktop.reports.report import Over

if TYPE_CHECKING:
    from pathlib import Path

    from vsla_desktop.reports.report import Definition


def vsla(*arguments: object) -> str:
    done = CliRunner().invoke(app, [str(each) for each in arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("programme")
    vsla("practice", "create", "--data", made, "--groups", 1, "--members", 9, "--meetings", 5)
    return made


def group_code(folder: Path) -> str:
    from sqlalchemy import select

    from vsla_desktop import db
    from vsla_desktop.queries.tables import GROUPS

    book = db.open_database(folder / "vsla.db")
    with book.read() as session:
        code: str = session.scalars(select(GROUPS.c.group_code)).one()
    book.close()
    return code


def test_the_list_names_every_report() -> None:
    listed = json.loads(vsla("report", "list", "--json"))
    assert [each["name"] for each in listed] == [each.name for each in REPORTS]


@pytest.mark.parametrize("form", ["xlsx", "csv", "pdf"])
def test_a_cashbook_is_written_in_every_format(folder: Path, tmp_path: Path, form: str) -> None:
    out = tmp_path / f"cashbook.{form}"
    options = ("--group", group_code(folder), "--format", form, "--out", out)
    vsla("report", "cashbook", "--data", folder, *options)
    assert out.read_bytes()[:4] in {b"PK\x03\x04", b"%PDF", b"\xef\xbb\xbfD"}
    if form == "csv":
        with out.open(encoding="utf-8-sig") as file:
            lines = list(csv.DictReader(file))
        assert len(lines) > 20
        assert lines[-1]["In the box"]


@pytest.mark.parametrize("kind", BOOKS, ids=lambda kind: kind.name)
def test_every_report_of_groups_is_made_from_the_command_line(
    folder: Path, tmp_path: Path, kind: Definition
) -> None:
    out = tmp_path / "report.csv"
    whose = ("--group", group_code(folder)) if kind.is_of_one_group else ("--all",)
    member = ("--member", 1) if kind.over is Over.MEMBER else ()
    options = (*whose, *member, "--format", "csv", "--out", out)
    vsla("report", kind.name, "--data", folder, *options)
    assert out.read_text(encoding="utf-8-sig").count("\n") > 1


def test_what_a_report_does_not_look_at_is_refused(folder: Path, tmp_path: Path) -> None:
    options = ("--group", group_code(folder), "--out", tmp_path / "c.csv", "--format", "csv")
    arguments = ("report", "cashbook", "--data", folder, *options, "--state", "ACTIVE")
    with pytest.raises(RuleBroken, match="does not look at --group-states"):
        vsla(*arguments)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_report_is_said() -> None:
    with pytest.raises(RuleBroken, match="no report nothing"):
        definition("nothing")
