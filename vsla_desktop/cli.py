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
    from vsla_desktop.derived import Difference
    from vsla_desktop.queries.verification import BookCheck

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


def _book(data: Path | None, *, may_be_new: bool = False) -> Path:
    """Return the folder's book; a mistyped folder is said, and not made."""
    path = _folder(data).database
    if not may_be_new and not (path.exists() and path.stat().st_size):
        raise StorageError("There is no book in {folder}.", folder=str(path.parent))
    return path


def _say(text: str) -> None:
    typer.echo(text, err=True)


def _print(result: dict[str, Any], *, as_json: bool, words: Callable[[], str]) -> None:
    typer.echo(json.dumps(result, default=str, ensure_ascii=False) if as_json else words())


@contextmanager
def _open(data: Path | None, url: str = "", *, may_be_new: bool = False) -> Iterator[Database]:
    """Open the database that was asked for: the laptop's own is brought to this release first."""
    from vsla_desktop import db

    if url:
        database = db.connect(url)
        with database.connection() as connection:
            if db.check_not_newer(connection) is None:
                raise StorageError(
                    "This database is not set up yet.", hint="Run: vsla central init."
                )
    else:
        path = _book(data, may_be_new=may_be_new)
        database = db.open_database(path)
    try:
        yield database
    finally:
        database.close()


@db_app.command("upgrade")
def db_upgrade(data: Data = None, url: Url = "", *, as_json: Json = False) -> None:
    """Bring the database to this release; a laptop's book is copied first."""
    from vsla_desktop import db

    database = db.connect(url) if url else db.open_database(_folder(data).database)
    if database.dialect == "postgresql":
        central_init(url=url, as_json=as_json)
        return
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

    database = db.connect(url or f"sqlite:///{_book(data)}")
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
        found = verify_all(database, repair=repair)
    checked = found.database
    _print(
        {
            "derived": {
                "checked": checked.derived.checked,
                "wrong": [asdict(each) for each in checked.derived.wrong],
            },
            "ledger": {"checked": checked.ledger.checked, "wrong": checked.ledger.wrong},
            "seals": {
                "checked": len(found.seals),
                "broken": [asdict(each) for each in found.broken_seals],
            },
            "foreign_keys": checked.foreign_keys,
            "integrity": checked.integrity,
            "repaired": [asdict(each) for each in found.repaired],
            "ok": found.ok,
        },
        as_json=as_json,
        words=lambda: "\n".join(_verified(found)),
    )
    raise typer.Exit(DONE if found.ok else TO_SETTLE)


def _verified(found: BookCheck) -> Iterator[str]:
    checked = found.database
    for repaired in found.repaired:
        yield f"put right: {_difference(repaired)}"
    for wrong in checked.derived.wrong:
        yield f"wrong: {_difference(wrong)}"
    yield from (f"ledger: {each}" for each in checked.ledger.wrong)
    yield from (f"seal of meeting {each.number}: {each.broken}" for each in found.broken_seals)
    yield from (f"key: {each}" for each in checked.foreign_keys)
    if checked.integrity != "ok":
        yield f"file: {checked.integrity}"
    yield (
        f"{checked.derived.checked} derived values, {checked.ledger.checked} entries and"
        f" {len(found.seals)} seals checked: {'everything agrees' if found.ok else 'see above'}."
    )


def _difference(each: Difference) -> str:
    return f"{each.table}.{each.column} of row {each.row_id} is {each.stored}, not {each.expected}"


@db_app.command("backup")
def db_backup(file: Path, data: Data = None) -> None:
    """Write a whole, checked copy of the book."""
    from vsla_desktop import db

    db.backup(_book(data), file)
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
        {"ok": ok, "checks": [each._asdict() for each in tried]},
        as_json=as_json,
        words=lambda: "\n".join(
            f"{'ok   ' if each.ok else 'WRONG'} {each.operation}: {each.said}" for each in tried
        ),
    )
    raise typer.Exit(DONE if ok else TO_SETTLE)


@practice_app.command("create")
def practice_create(
    data: Data = None,
    groups: int = 1,
    members: int = 25,
    meetings: int = 24,
    seed: int = 1,
) -> None:
    """Make groups with names, places and habits that look real; the same seed, the same books."""
    from vsla_desktop.clock import SystemClock
    from vsla_desktop.services.practice import create_practice

    with _open(data, may_be_new=True) as database:
        made = create_practice(
            database,
            groups=groups,
            members=members,
            meetings=meetings,
            seed=seed,
            clock=SystemClock(),
        )
    for each in made:
        typer.echo(each.group_code)


@import_app.command("template")
def import_template(file: Path) -> None:
    """Write an empty workbook that explains itself."""
    from vsla_desktop.services.workbook import write_template

    if file.exists():
        raise StorageError("There is a file {name} already.", name=str(file))
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

    if not file.is_file():
        raise StorageError("There is no file {name}.", name=str(file))
    with _open(data, may_be_new=True) as database:
        report = import_workbook(database, file, clock=SystemClock(), dry_run=dry_run)
    _print(
        asdict(report) | {"ok": report.ok},
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


@export_app.command("workbook")
def export_books(
    file: Path, group: Annotated[str, typer.Option("--group", help="CODE")], data: Data = None
) -> None:
    """Write a group's books as a workbook that can be brought in again."""
    from vsla_desktop.clock import SystemClock
    from vsla_desktop.services.workbook import export_workbook

    with _open(data) as database:
        export_workbook(database, group, file, clock=SystemClock())
    _say(f"The books of {group} are in {file}.")


@sync_app.command("enrol")
def sync_enrol(file: Path, data: Data = None) -> None:
    """Tell this laptop how to reach head office, from the file that head office gave."""
    from vsla_desktop import sync

    enrolment = sync.store_enrolment(file, _folder(data).path)
    _say(f"This laptop is enrolled with {enrolment.host}.")


@sync_app.command("push")
def sync_push(data: Data = None, *, as_json: Json = False) -> None:
    """Send what waits to head office."""
    from vsla_desktop import sync

    with _open(data) as database:
        report = sync.push(database, _folder(data).path)
    _print(
        asdict(report),
        as_json=as_json,
        words=lambda: (
            f"{report.rows_sent} rows sent in {report.batches} batches."
            + (f" {report.conflicts} need a look: vsla sync status." if report.conflicts else "")
        ),
    )
    raise typer.Exit(TO_SETTLE if report.conflicts else DONE)


@sync_app.command("status")
def sync_status(data: Data = None, *, as_json: Json = False) -> None:
    """Say what waits, and when head office last heard of this laptop."""
    from vsla_desktop import sync

    with _open(data) as database:
        state = sync.sync_status(database, _folder(data).path)
    _print(
        asdict(state),
        as_json=as_json,
        words=lambda: (
            f"{state.word}. {state.waiting} rows wait, {state.quarantined} rows were"
            f" refused, {state.conflicts} values differ."
        ),
    )


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
    _print(
        asdict(result),
        as_json=as_json,
        words=lambda: "\n".join(
            [
                *(f"{each.how}: {_difference(each.difference)}" for each in result.settled),
                *(f"left alone: {each}" for each in result.left_alone),
                "Nothing was changed: choose --differences recompute or book."
                if result.stopped
                else f"Head office's database is at revision {result.after}.",
            ]
        ),
    )
    raise typer.Exit(TO_SETTLE if result.stopped else DONE)


@central_app.command("enrol")
def central_enrol(
    url: Annotated[str, typer.Option("--url", help="Head office's database.")],
    device: Annotated[str, typer.Option("--device", help="What the laptop is called.")],
    out: Annotated[Path, typer.Option("--out", help="The file for the laptop.")],
    groups: Annotated[str, typer.Option("--groups", help="Group codes, or * for all.")] = "*",
) -> None:
    """Let a laptop in: make its login and the file that it is enrolled with."""
    from vsla_desktop import db, sync

    if not device.strip():
        raise typer.BadParameter("Give the laptop a name.", param_hint="--device")
    try:  # before a login is made that no file would hold
        out.touch(mode=0o600)
    except OSError as error:
        raise StorageError(
            "The file {name} can not be written.", hint="Choose another place.", name=str(out)
        ) from error
    sync.enrol_device(db.connect(url), device, groups.split(",")).write(out)
    _say(f"Carry {out} to the laptop, then: vsla sync enrol {out.name}")


@central_app.command("revoke")
def central_revoke(
    url: Annotated[str, typer.Option("--url", help="Head office's database.")],
    device: Annotated[str, typer.Option("--device", help="What the laptop is called.")],
) -> None:
    """Shut a laptop out: its login ends at once."""
    from vsla_desktop import db, sync

    sync.revoke_device(db.connect(url), device)
    _say(f"{device} is shut out.")


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
        _say(f"{error.field}: {error}" if error.field else str(error))
        sys.exit(TO_SETTLE)
    except (StorageError, SyncError) as error:
        _say(str(error))
        sys.exit(COULD_NOT)
    except VslaError as error:
        _say(str(error))
        sys.exit(TO_SETTLE)


if __name__ == "__main__":
    main()
