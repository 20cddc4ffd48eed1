"""Reports over many groups, and the audit pack, from the command line."""

from __future__ import annotations

import csv
import json
import zipfile
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from vsla_desktop.cli import app
from vsla_desktop.errors import RuleBroken, StorageError
from vsla_desktop.reports.audit_pack import CONTENTS

if TYPE_CHECKING:
    from pathlib import Path

CODE = "PRACTICE-RW-60-01"


def run(*arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(app, [str(each) for each in arguments], catch_exceptions=False)
    return done.exit_code, done.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("office")
    size = ("--groups", 2, "--members", 9, "--meetings", 3, "--seed", 60)
    assert run("practice", "create", "--data", made, *size)[0] == 0
    return made


def test_the_quarterly_form_of_all_groups_is_read_by_other_programs(
    folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "form.csv"
    options = ("--all", "--format", "csv", "--out", out)
    assert run("report", "quarterly-form", "--data", folder, *options)[0] == 0
    with out.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file))
    rows = [line for line in lines if len(line) == 25 and line[1].startswith("PRACTICE-")]
    assert len(rows) == 2
    assert {row[9] for row in rows} == {"9"}


def test_the_pack_of_a_group_has_its_books_in_it(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "pack.zip"
    options = ("--group", CODE, "--format", "zip", "--out", out, "--json")
    status, said = run("report", "audit-pack", "--data", folder, *options)
    assert status == 0
    with zipfile.ZipFile(out) as archive:
        contents = json.loads(archive.read(CONTENTS))
        assert archive.read(f"{CODE}.xlsx")[:4] == b"PK\x03\x04"
    assert json.loads(said)["files"] == len(contents["files"]) > 20
    assert contents["group"] == CODE


@pytest.mark.parametrize(
    "options",
    [
        ("--group", CODE, "--format", "pdf"),
        ("--all", "--format", "zip"),
        ("--group", CODE, "--group", CODE, "--format", "zip"),
    ],
)
def test_a_pack_is_a_zip_of_one_group(
    folder: Path, tmp_path: Path, options: tuple[str, ...]
) -> None:
    out = tmp_path / "pack.zip"
    assert run("report", "audit-pack", "--data", folder, *options, "--out", out)[0] == 2
    assert not out.exists()


def test_a_pack_overwrites_nothing_and_needs_a_group_that_is_there(
    folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "pack.zip"
    ask = ("report", "audit-pack", "--data", folder, "--format", "zip", "--out", out)
    with pytest.raises(RuleBroken, match="no group NONE"):
        run(*ask, "--group", "NONE")
    out.write_text("mine")
    with pytest.raises(StorageError, match="already"):
        run(*ask, "--group", CODE)
    assert out.read_text() == "mine"
