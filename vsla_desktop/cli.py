"""``vsla``: what the window does, for scripts, coordinators and tests.

Messages go to standard error, so that standard output holds results only; ``--json`` makes them
readable by programs. Exit status: 0 done, 1 a check failed or something is to be settled, 2 wrong
use, 3 could not (offline, locked, disk).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vsla_desktop.errors import RuleBroken, StorageError, SyncError, VslaError
from vsla_desktop.settings import DataFolder, data_folder

if TYPE_CHECKING:
    from vsla_desktop.db import Database

DONE, TO_SETTLE, COULD_NOT = 0, 1, 3

Data = Annotated[Path | None, typer.Option("--data", help="The data folder.", show_default=False)]
Url = Annotated[str, typer.Option("--url", help="A database other than the folder's own.")]
Json = Annotated[bool, typer.Option("--json", help="Write the result for a program to read.")]

app = typer.Typer(help=__doc__, no_args_is_help=True, pretty_exceptions_enable=False)
db_app = typer.Typer(help="The database: upgrade, check, copy.", no_args_is_help=True)
practice_app = typer.Typer(help="Groups to practise on.", no_args_is_help=True)
import_app = typer.Typer(help="Bring a group's books in.", no_args_is_help=True)
export_app = typer.Typer(help="Take a group's books out.", no_args_is_help=True)
sync_app = typer.Typer(help="Send to head office.", no_args_is_help=True)
central_app = typer.Typer(help="Head office's database.", no_args_is_help=True)
for name, part in (
    ("db", db_app),
    ("practice", practice_app),
    ("import", import_app),
    ("export", export_app),
    ("sync", sync_app),
    ("central", central_app),
):
    app.add_typer(part, name=name)

_given: dict[str, Path | None] = {"data": None}


@app.callback()
def everywhere(data: Data = None) -> None:
    """Take ``--data`` before the command as well."""
    _given["data"] = data


def _folder(data: Path | None) -> DataFolder:
    return data_folder(data or _given["data"])


def _say(text: str) -> None:
    typer.echo(text, err=True)


def _print(result: dict[str, Any], *, as_json: bool, words: Callable[[], str]) -> None:
    typer.echo(json.dumps(result, default=str, ensure_ascii=False) if as_json else words())


@contextmanager
def _open(data: Path | None, url: str) -> Iterator[Database]:
    """Open the database that was asked for: the laptop's own is brought to this release first."""
    from vsla_desktop import db

    database = db.connect(url) if url else db.open_database(_folder(data).database)
    try:
        yield database
    finally:
        database.close()


@db_app.command("upgrade")
def db_upgrade(data: Data = None, url: Url = "", *, as_json: Json = False) -> None:
    """Bring the database to this release; a laptop's book is copied first."""
    from vsla_desktop import db

    database = db.connect(url or f"sqlite:///{_folder(data).database}")
    if not url:
        _folder(data).path.mkdir(parents=True, exist_ok=True)
    db.upgrade(database)
    stands = db.status(database)
    _print(
        {"revision": stands.revision, "ok": stands.ok},
        as_json=as_json,
        words=lambda: f"The database is at revision {stands.revision}.",
    )


@db_app.command("status")
def db_status(data: Data = None, url: Url = "", *, as_json: Json = False) -> None:
    """Count the tables by phase, and name every difference from this release."""
    from vsla_desktop import db

    path = _folder(data).database
    if not url and not path.exists():
        raise StorageError("There is no book in {folder}.", folder=str(path.parent))
    database = db.connect(url or f"sqlite:///{path}")
    stands = db.status(database)
    _print(
        {
            "dialect": stands.dialect,
            "revision": stands.revision,
            "tables": {"expected": stands.expected, "found": stands.found},
            "phases": stands.phases,
            "drift": stands.drift,
            "rows": stands.rows,
        },
        as_json=as_json,
        words=lambda: "\n".join(
            [
                f"{stands.found} of {stands.expected} tables, revision {stands.revision}",
                *(f"  phase {phase}: {count}" for phase, count in stands.phases.items()),
                *(f"drift: {each}" for each in stands.drift),
            ]
        ),
    )
    raise typer.Exit(DONE if stands.ok else TO_SETTLE)


@db_app.command("verify")
def db_verify(
    data: Data = None,
    url: Url = "",
    *,
    repair: Annotated[
        bool, typer.Option("--repair", help="Recompute the derived values that are wrong.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Recompute every derived value, check the ledger and the seals, and compare."""
    from vsla_desktop.queries.verification import verify_all

    with _open(data, url) as database:
        result = verify_all(database, repair=repair)
    _print(
        result.as_dict(),
        as_json=as_json,
        words=lambda: "\n".join([*result.sentences(), "Everything agrees." if result.ok else ""]),
    )
    raise typer.Exit(DONE if result.ok else TO_SETTLE)


@db_app.command("backup")
def db_backup(file: Path, data: Data = None) -> None:
    """Write a whole, checked copy of the book."""
    from vsla_desktop import db

    path = _folder(data).database
    if not path.exists():
        raise StorageError("There is no book in {folder}.", folder=str(path.parent))
    db.backup(path, file)
    _say(f"The book is copied to {file}.")


@db_app.command("restore")
def db_restore(file: Path, data: Data = None) -> None:
    """Put a backup in the book's place; the book that was there is kept beside it."""
    from vsla_desktop import db
    from vsla_desktop.clock import SystemClock

    kept = db.restore(file, _folder(data).database, now=SystemClock().now())
    _say("The backup is in place." + (f" The old book is {kept.name}." if kept else ""))


@db_app.command("cascade-check")
def db_cascade_check(data: Data = None, url: Url = "", *, as_json: Json = False) -> None:
    """Try every delete rule on rows of its own, and take them back."""
    from vsla_desktop.db.cascade import cascade_check

    with _open(data, url) as database:
        tried = cascade_check(database)
    ok = all(each.ok for each in tried)
    _print(
        {"ok": ok, "checks": [asdict(each) for each in tried]},
        as_json=as_json,
        words=lambda: "\n".join(
            f"{'ok   ' if each.ok else 'WRONG'} {each.operation}: {each.said}" for each in tried
        ),
    )
    raise typer.Exit(DONE if ok else TO_SETTLE)


@practice_app.command("create")
def practice_create(
    data: Data = None,
    groups: Annotated[int, typer.Option(min=1, max=1000)] = 1,
    members: Annotated[int, typer.Option(min=5, max=60)] = 25,
    meetings: Annotated[int, typer.Option(min=0, max=500)] = 24,
    seed: Annotated[int, typer.Option()] = 1,
) -> None:
    """Make groups with names, places and habits that look real; the same seed, the same books."""
    from vsla_desktop.clock import SystemClock
    from vsla_desktop.services.practice import create_practice

    with _open(data, "") as database:
        made = create_practice(
            database,
            groups=groups,
            members=members,
            meetings=meetings,
            seed=seed,
            clock=SystemClock(),
        )
    for code in made.group_codes:
        typer.echo(code)


@import_app.command("template")
def import_template(file: Path) -> None:
    """Write an empty workbook that explains itself."""
    from vsla_desktop.services.workbook import write_template

    write_template(file)
    _say(f"The workbook is {file}. Fill it in, then: vsla import workbook {file}")


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

    with _open(data, "") as database:
        report = import_workbook(database, file, clock=SystemClock(), dry_run=dry_run)
    _print(report.as_dict(), as_json=as_json, words=lambda: "\n".join(report.sentences()))
    raise typer.Exit(DONE if report.ok else TO_SETTLE)


@export_app.command("workbook")
def export_books(
    file: Path, group: Annotated[str, typer.Option("--group", help="CODE")], data: Data = None
) -> None:
    """Write a group's books as a workbook that can be brought in again."""
    from vsla_desktop.services.workbook import export_workbook

    with _open(data, "") as database:
        export_workbook(database, group, file)
    _say(f"The books of {group} are in {file}.")


@sync_app.command("enrol")
def sync_enrol(file: Path, data: Data = None) -> None:
    """Tell this laptop how to reach head office, from the file that head office gave."""
    from vsla_desktop import sync

    with _open(data, "") as database:
        device = sync.enrol_laptop(database, _folder(data).path, file)
    _say(f"This laptop is enrolled as {device}.")


@sync_app.command("push")
def sync_push(data: Data = None, *, as_json: Json = False) -> None:
    """Send what waits to head office."""
    from vsla_desktop import sync

    with _open(data, "") as database:
        report = sync.push(database, _folder(data).path)
    _print(
        asdict(report),
        as_json=as_json,
        words=lambda: f"{report.rows_sent} rows sent in {report.batches} batches.",
    )
    raise typer.Exit(TO_SETTLE if report.conflicts else DONE)


@sync_app.command("status")
def sync_status(data: Data = None, *, as_json: Json = False) -> None:
    """Say what waits, and when head office last heard of this laptop."""
    from vsla_desktop import sync

    with _open(data, "") as database:
        state = sync.sync_status(database, _folder(data).path)
    _print(asdict(state), as_json=as_json, words=lambda: f"{state.words}. {state.waiting} wait.")


@central_app.command("init")
def central_init(
    url: Annotated[str, typer.Option("--url", help="Head office's database.")],
    differences: Annotated[
        str,
        typer.Option(
            help="report: list and stop. recompute: take what follows from the rows."
            " book: keep what was recorded, as an opening adjustment."
        ),
    ] = "report",
    *,
    as_json: Json = False,
) -> None:
    """Make, or bring to this release, head office's database; every row in it is kept."""
    from vsla_desktop import db
    from vsla_desktop.db.central import init_central

    if differences not in {"report", "recompute", "book"}:
        raise typer.BadParameter("Choose report, recompute or book.", param_hint="--differences")
    result = init_central(db.connect(url), settle=differences)  # type: ignore[arg-type]
    _print(result.as_dict(), as_json=as_json, words=lambda: "\n".join(result.sentences()))
    raise typer.Exit(DONE if result.done else TO_SETTLE)


@central_app.command("enrol")
def central_enrol(
    url: Annotated[str, typer.Option("--url", help="Head office's database.")],
    device: Annotated[str, typer.Option("--device", help="What the laptop is called.")],
    out: Annotated[Path, typer.Option("--out", help="The file for the laptop.")],
    groups: Annotated[str, typer.Option("--groups", help="Group codes, or * for all.")] = "*",
) -> None:
    """Let a laptop in: make its login and the file that it is enrolled with."""
    from vsla_desktop import db, sync

    sync.enrol_device(db.connect(url), device, groups=groups, out=out)
    _say(f"Carry {out} to the laptop, then: vsla sync enrol {out.name}")


@central_app.command("status")
def central_status(
    url: Annotated[str, typer.Option("--url", help="Head office's database.")],
    *,
    as_json: Json = False,
) -> None:
    """Compare head office's database with this release."""
    db_status(url=url, as_json=as_json)


@central_app.command("verify")
def central_verify(
    url: Annotated[str, typer.Option("--url", help="Head office's database.")],
    *,
    as_json: Json = False,
) -> None:
    """Recompute and compare everything at head office."""
    db_verify(url=url, as_json=as_json)


def main() -> None:
    """Run the command line; an error that a person can mend is one sentence, never a traceback."""
    try:
        app()
    except RuleBroken as error:
        _say(str(error))
        sys.exit(TO_SETTLE)
    except (StorageError, SyncError) as error:
        _say(str(error))
        sys.exit(COULD_NOT)
    except VslaError as error:
        _say(str(error))
        sys.exit(TO_SETTLE)


if __name__ == "__main__":
    main()
