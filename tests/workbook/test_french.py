"""Whatever is said of a workbook is said in French as well."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.workbook.sheets import small_group, write_sheets
from vsla_desktop.clock import FixedClock
from vsla_desktop.db import Database
from vsla_desktop.i18n import load_catalogue, speaking
from vsla_desktop.presenters.bring_books import expected_words
from vsla_desktop.services import workbook
from vsla_desktop.services.workbook import import_workbook
from vsla_desktop.services.workbook.group_keys import GROUP_KEYS
from vsla_desktop.services.workbook.lacking import BY_NATURE, LOST
from vsla_desktop.services.workbook.sheets import HELD
from vsla_desktop.services.workbook.writer import HELP_LINES

SAYING = {"wanted", "RuleBroken", "StorageError"}


def texts_of(module: Path) -> set[str]:
    """Return every sentence, hint and expectation that a module can say."""
    said: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        if node.func.id in SAYING:
            hints = [word.value for word in node.keywords if word.arg == "hint"]
            parts = [each for given in (*node.args[:1], *hints) for each in ast.walk(given)]
            said |= {
                each.value
                for each in parts
                if isinstance(each, ast.Constant) and isinstance(each.value, str) and each.value
            }
    return said


@pytest.mark.parametrize(
    "module",
    sorted(Path(str(workbook.__file__)).parent.glob("*.py")),
    ids=lambda path: path.stem,
)
def test_every_sentence_about_a_workbook_is_in_french(module: Path) -> None:
    known = load_catalogue("fr").sentences
    assert {text for text in texts_of(module) if not known.get(text)} == set()


def test_the_template_explains_itself_in_french() -> None:
    known = load_catalogue("fr").sentences
    columns = [*GROUP_KEYS, *(column for held in HELD for column in held.sheet.columns)]
    texts = {column.words for column in columns} | set(HELP_LINES) - {""}
    texts |= {text for what, why, _of in BY_NATURE for text in (what, why)} | set(LOST.values())
    assert {text for text in texts if not known.get(text)} == set()


def test_what_is_expected_of_a_cell_is_said_in_french(
    book: Database, tmp_path: Path, clock: FixedClock
) -> None:
    sheets = small_group()
    sheets["Members"][2][3] = "X"
    sheets["Entries"][3][3] = "twenty"
    report = import_workbook(book, write_sheets(tmp_path / "g.xlsx", sheets), clock=clock)
    with speaking("fr"):
        assert [expected_words(each) for each in report.wrong] == [
            "l'un de F, M, Other",
            "un montant en KES, 0 ou plus, avec 2 décimales au plus",
        ]
