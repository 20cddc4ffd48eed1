"""What is said in which language."""

from __future__ import annotations

import ast
import string
from datetime import date, datetime
from pathlib import Path

import pytest

import vsla_desktop
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import (
    DateStyle,
    _,
    explain,
    format_date,
    format_time,
    labelled,
    language,
    languages,
    load_catalogue,
    speaking,
    translate_counted,
    use_language,
)

DAY = date(2026, 3, 3)


def placeholders(text: str) -> set[str]:
    return {name for _text, name, _spec, _conversion in string.Formatter().parse(text) if name}


def test_english_needs_no_catalogue() -> None:
    assert language() == "en"
    assert _("Sent {time}", time="14:05") == "Sent 14:05"
    assert _("Not in any catalogue") == "Not in any catalogue"


def test_french_is_spoken_for_a_while_and_english_again_after_it() -> None:
    with speaking("fr"):
        assert _("Sent {time}", time="14:05") == "Envoyé à 14:05"
        assert _("Not in any catalogue") == "Not in any catalogue"
    assert _("Sent {time}", time="14:05") == "Sent 14:05"


def test_english_is_spoken_again_after_a_fault() -> None:
    with pytest.raises(ZeroDivisionError), speaking("fr"):
        raise ZeroDivisionError
    assert language() == "en"


def test_an_unknown_language_is_english() -> None:
    use_language("tlh")
    assert language() == "en"


def test_counted_sentences_follow_the_rule_of_the_language() -> None:
    one, many = "{count} cell to fix", "{count} cells to fix"
    assert [translate_counted(one, many, n) for n in (0, 1, 2)] == [
        "0 cells to fix",
        "1 cell to fix",
        "2 cells to fix",
    ]
    with speaking("fr"):
        assert [translate_counted(one, many, n) for n in (0, 1, 2)] == [
            "0 case à corriger",
            "1 case à corriger",
            "2 cases à corriger",
        ]


def test_an_error_is_translated_before_it_is_filled(tmp_path: Path) -> None:
    error = RuleBroken("Buy at most {most} shares.", hint="Ask {name}.", most=5, name="Amina")
    assert explain(error) == ("Buy at most 5 shares.", "Ask Amina.")
    assert explain(RuleBroken("Open a meeting.")) == ("Open a meeting.", "")
    folder = tmp_path / "fr" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "vsla.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
        'msgid "Buy at most {most} shares."\nmsgstr "Achetez {most} parts au plus."\n',
        encoding="utf-8",
    )
    catalogue = load_catalogue("fr", tmp_path)
    assert catalogue.translate(error.message).format(**error.values) == ("Achetez 5 parts au plus.")


def test_a_day_in_an_error_is_written_as_the_language_writes_it() -> None:
    error = RuleBroken("Choose {day} or a day after it.", day=DAY)
    assert explain(error) == ("Choose 3 Mar 2026 or a day after it.", "")
    with speaking("fr"):
        assert explain(error) == ("Choisissez le 3 mars 2026 ou un jour après.", "")


def test_a_colon_stands_as_the_language_sets_it() -> None:
    assert labelled("Loan fund", "count again") == "Loan fund: count again"
    with speaking("fr"):
        assert labelled("Caisse de prêt", "recomptez") == "Caisse de prêt : recomptez"


def test_dates_are_written_as_the_language_writes_them() -> None:
    assert format_date(DAY) == "3 Mar 2026"
    assert format_date(DAY, DateStyle.LONG) == "3 March 2026"
    assert format_date(DAY, DateStyle.WEEKDAY) == "Tuesday 3 March 2026"
    assert format_date(DAY, DateStyle.MONTH) == "Mar 2026"
    with speaking("fr"):
        assert format_date(DAY, DateStyle.WEEKDAY) == "mardi 3 mars 2026"
        assert format_date(DAY, DateStyle.MONTH) == "mars 2026"
    assert format_time(datetime(2026, 3, 3, 9, 5)) == "09:05"  # noqa: DTZ001 - local time


@pytest.mark.parametrize("code", [code for code in languages() if code != "en"])
def test_a_catalogue_keeps_every_placeholder(code: str) -> None:
    catalogue = load_catalogue(code)
    assert catalogue.language == code
    assert len(catalogue.sentences) > 40
    for source, said in catalogue.sentences.items():
        assert placeholders(said) == placeholders(source), source
    for source, forms in catalogue.counted.items():
        for said in forms:
            assert placeholders(said) == placeholders(source), source


REFUSALS = ("domain", "db", "services", "queries", "sync", "presenters")
NOT_IN_THE_WINDOW = ("central.py", "practice")  # said on the command line alone


def refusals() -> dict[str, str]:
    """Every sentence that the book refuses something with, and where it stands."""
    found: dict[str, str] = {}
    root = Path(vsla_desktop.__file__).parent
    for folder in REFUSALS:
        for file in (root / folder).rglob("*.py"):
            if any(part in NOT_IN_THE_WINDOW for part in file.parts):
                continue
            for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "RuleBroken":
                    said = [*call.args[:1], *(k.value for k in call.keywords if k.arg == "hint")]
                    for text in said:
                        if isinstance(text, ast.Constant) and text.value:
                            found[str(text.value)] = f"{file.relative_to(root)}:{text.lineno}"
    return found


def troubles() -> dict[str, str]:
    """What a database that refuses is explained with: sentence and hint beside their marks."""
    file = Path(vsla_desktop.__file__).parent / "db" / "engine.py"
    table = next(
        node.value
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") == "_SENTENCES"
    )
    assert isinstance(table, ast.Tuple)
    return {
        str(text.value): f"db/engine.py:{text.lineno}"
        for row in table.elts
        if isinstance(row, ast.Tuple)
        for text in row.elts[1:]
        if isinstance(text, ast.Constant)
    }


def test_what_is_refused_is_said_in_french_too() -> None:
    said = refusals() | troubles()
    assert "The book's file is damaged." in said
    assert len(said) > 200
    known = load_catalogue("fr").sentences
    missing = [f"{place} {text}" for text, place in said.items() if text not in known]
    assert missing == []
