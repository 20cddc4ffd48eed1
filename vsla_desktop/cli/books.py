"""``vsla practice``, ``import`` and ``export``: whole books of groups."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vsla_desktop.cli.common import (
    DONE,
    TO_SETTLE,
    Data,
    Json,
    Url,
    answer,
    check_free,
    commands,
    opened,
    tell,
)
from vsla_desktop.errors import RuleBroken, StorageError

if TYPE_CHECKING:
    from vsla_desktop.services.workbook import WrongCell

practice_app = commands("Groups to practise on.")
import_app = commands("Bring a group's books in.")
export_app = commands("Take a group's books out.")


@practice_app.command("create")
def practice_create(
    data: Data = None,
    groups: int = 1,
    members: int = 25,
    meetings: int = 24,
    seed: int = 1,
    currency: Annotated[str, typer.Option(help="Of all groups; else each has its own.")] = "",
    *,
    as_json: Json = False,
) -> None:
    """Make groups with names, places and habits that look real; the same seed, the same books."""
    from vsla_desktop.clock import SystemClock
    from vsla_desktop.domain.currencies import CURRENCIES
    from vsla_desktop.services.practice import check_size, create_practice

    if currency and currency not in CURRENCIES:
        raise typer.BadParameter(f"There is no currency {currency}.", param_hint="--currency")
    try:  # before a book is made
        check_size(groups=groups, members=members, meetings=meetings)
    except RuleBroken as problem:
        raise typer.BadParameter(str(problem), param_hint=f"--{problem.field}") from None
    with opened(data, may_be_new=True) as database:
        made = create_practice(
            database,
            groups=groups,
            members=members,
            meetings=meetings,
            seed=seed,
            clock=SystemClock(),
            currency_code=currency,
        )
    answer(
        [asdict(each) for each in made],
        as_json=as_json,
        words=lambda: "\n".join(each.group_code for each in made),
    )


@import_app.command("template")
def import_template(file: Path, *, as_json: Json = False) -> None:
    """Write an empty workbook that explains itself."""
    from vsla_desktop.services.workbook import write_template

    check_free(file)
    write_template(file)
    words = f"The workbook is {file}. Fill it in, then: vsla import workbook {file}"
    tell({"file": file}, words, as_json=as_json)


@import_app.command("workbook")
def import_books(
    file: Path,
    data: Data = None,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check only.")] = False,
    as_json: Json = False,
) -> None:
    """Bring in a group's books whole, or list every wrong cell and bring in nothing."""
    from vsla_desktop.clock import SystemClock
    from vsla_desktop.services.workbook import import_workbook

    if not file.is_file():
        raise StorageError("There is no file {name}.", name=str(file))
    with opened(data, may_be_new=True) as database:
        report = import_workbook(database, file, clock=SystemClock(), dry_run=dry_run)
    answer(
        asdict(report)
        | {"ok": report.ok}
        | {"wrong": list(map(_cell, report.wrong))}
        | {"warnings": list(map(_cell, report.warnings))},
        as_json=as_json,
        words=lambda: "\n".join(
            [
                *(f"wrong: {each}" for each in report.wrong),
                *(f"look at: {each}" for each in report.warnings),
                f"{report.group_name}: {report.members_count} members, {report.meetings_count}"
                f" meetings, {report.entries_count} entries"
                + (" brought in." if report.written else ". Nothing was written."),
            ]
        ),
    )
    raise typer.Exit(DONE if report.ok else TO_SETTLE)


def _cell(each: WrongCell) -> dict[str, str]:
    return {
        "sheet": each.sheet,
        "cell": each.cell,
        "problem": str(each.problem),
        "expected": str(each.expected or ""),
    }


@export_app.command("workbook")
def export_books(
    file: Path,
    group: Annotated[str, typer.Option("--group", help="CODE")],
    data: Data = None,
    url: Url = "",
    *,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a file that is there.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Write a group's books as a workbook that can be brought in again."""
    from vsla_desktop.clock import SystemClock
    from vsla_desktop.services.workbook import export_workbook

    if not overwrite:
        check_free(file, hint="Add --overwrite to replace it.")
    with opened(data, url) as database:
        report = export_workbook(database, group, file, clock=SystemClock())
    words = [f"The books of {group} are in {file}.", *map(str, report.left_out)]
    tell(asdict(report) | {"file": file}, "\n".join(words), as_json=as_json)
