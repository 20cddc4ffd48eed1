"""``vsla db``: the database of the laptop, or of head office."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vsla_desktop.cli.common import (
    DONE,
    TO_SETTLE,
    Data,
    Json,
    Url,
    answer,
    book_file,
    commands,
    folder,
    opened,
    tell,
)

if TYPE_CHECKING:
    from vsla_desktop.db import Database
    from vsla_desktop.db.central import NotKept, Settle
    from vsla_desktop.db.migrate import Status
    from vsla_desktop.derived import Difference
    from vsla_desktop.queries.verification import BookCheck

app = commands("The database: upgrade, check, copy.")


@app.command("upgrade")
def upgrade(data: Data = None, url: Url = "", *, as_json: Json = False) -> None:
    """Bring the database to this release; a laptop's book is copied first."""
    from vsla_desktop import db

    database = db.connect(url) if url else db.open_database(folder(data).database)
    if database.dialect == "postgresql":
        set_up_centre(database, "report", as_json=as_json)
        return
    db.upgrade(database)
    stands = db.status(database)
    answer(
        {"revision": stands.revision, "ok": stands.ok},
        as_json=as_json,
        words=lambda: f"The database is at revision {stands.revision}.",
    )


@app.command("status")
def status(data: Data = None, url: Url = "", *, as_json: Json = False) -> None:
    """Count the tables by phase, and name every difference from this release."""
    from vsla_desktop import db

    database = db.connect(url or f"sqlite:///{book_file(data)}")
    stands = db.status(database)
    answer(status_told(stands), as_json=as_json, words=lambda: "\n".join(status_words(stands)))
    raise typer.Exit(DONE if stands.ok else TO_SETTLE)


def status_told(stands: Status) -> dict[str, Any]:
    """Return how a database stands, for a program."""
    return {
        "dialect": stands.dialect,
        "revision": stands.revision,
        "tables": {"expected": stands.expected, "found": stands.found},
        "phases": stands.phases,
        "drift": stands.drift,
        "rows": stands.rows,
    }


def status_words(stands: Status) -> Iterator[str]:
    """Say how a database stands, line by line."""
    yield f"{stands.found} of {stands.expected} tables, revision {stands.revision}"
    yield from (f"  phase {phase}: {count}" for phase, count in stands.phases.items())
    yield from (f"drift: {each}" for each in stands.drift)


@app.command("verify")
def verify(
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

    with opened(data, url) as database:
        found = verify_all(database, repair=repair)
    end_check(found, as_json=as_json)


def end_check(found: BookCheck, *, beside: Sequence[str] | None = None, as_json: bool) -> None:
    """Tell what a check found, and end as it went; ``beside`` is what sync keeps wrongly."""
    checked = found.database
    ok = found.ok and not beside
    answer(
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
            **({} if beside is None else {"sync": list(beside)}),
            "ok": ok,
        },
        as_json=as_json,
        words=lambda: "\n".join([*(f"sync: {each}" for each in beside or ()), *_verified(found)]),
    )
    raise typer.Exit(DONE if ok else TO_SETTLE)


def _verified(found: BookCheck) -> Iterator[str]:
    checked = found.database
    for repaired in found.repaired:
        yield f"put right: {named(repaired)}"
    for wrong in checked.derived.wrong:
        yield f"wrong: {named(wrong)}"
    yield from (f"ledger: {each}" for each in checked.ledger.wrong)
    yield from (f"seal of meeting {each.number}: {each.broken}" for each in found.broken_seals)
    yield from (f"key: {each}" for each in checked.foreign_keys)
    if checked.integrity != "ok":
        yield f"file: {checked.integrity}"
    yield (
        f"{checked.derived.checked} derived values, {checked.ledger.checked} entries and"
        f" {len(found.seals)} seals checked: {'everything agrees' if found.ok else 'see above'}."
    )


def named(each: Difference) -> str:
    """Say which stored value is wrong, and what it should be."""
    return f"{each.table}.{each.column} of row {each.row_id} is {each.stored}, not {each.expected}"


@app.command("backup")
def backup(file: Path, data: Data = None, *, as_json: Json = False) -> None:
    """Write a whole, checked copy of the book."""
    from vsla_desktop import db

    db.backup(book_file(data), file)
    tell({"file": file}, f"The book is copied to {file}.", as_json=as_json)


@app.command("restore")
def restore(file: Path, data: Data = None, *, as_json: Json = False) -> None:
    """Put a backup in the book's place; the book that was there is kept beside it."""
    from vsla_desktop import db
    from vsla_desktop.clock import SystemClock

    kept = db.restore(file, folder(data).database, now=SystemClock().now())
    words = "The backup is in place." + (f" The old book is {kept.name}." if kept else "")
    tell({"kept": kept}, words, as_json=as_json)


@app.command("cascade-check")
def cascade_check(data: Data = None, url: Url = "", *, as_json: Json = False) -> None:
    """Try every delete rule on rows of its own, and take them back."""
    from vsla_desktop.db.cascade import cascade_check

    with opened(data, url) as database:
        tried = cascade_check(database)
    ok = all(each.ok for each in tried)
    answer(
        {"ok": ok, "checks": [each._asdict() for each in tried]},
        as_json=as_json,
        words=lambda: "\n".join(
            f"{'ok   ' if each.ok else 'WRONG'} {each.operation}: {each.said}" for each in tried
        ),
    )
    raise typer.Exit(DONE if ok else TO_SETTLE)


def set_up_centre(database: Database, differences: Settle, *, as_json: bool) -> None:
    """Make, or bring to this release, head office's database; end as its differences ask."""
    from vsla_desktop.capture.shut import NOTHING_MADE
    from vsla_desktop.db.central import init_central
    from vsla_desktop.sync import openings

    def say_not_kept(columns: Sequence[NotKept]) -> None:
        for each in columns:
            words = f"{each.table}.{each.column}: {each.count} recorded values can not be kept"
            typer.echo(f"{words}; both values are listed in sync.difference.", err=True)

    result = init_central(database, settle=differences, before_change=say_not_kept)
    if not result.stopped:
        # Also where nothing else was to be done: it may have been granted since.
        with database.connection(writes=True) as connection:
            connection.exec_driver_sql(NOTHING_MADE.replace("%", "%%"))
    left_open = openings(database)
    answer(
        asdict(result) | {"openings": left_open},
        as_json=as_json,
        words=lambda: "\n".join(
            [
                *(f"{each.how}: {named(each.difference)}" for each in result.settled),
                *(f"widened: {each}" for each in result.widened),
                *(f"left alone: {each}" for each in result.left_alone),
                "Nothing was changed: choose --differences recompute or book."
                if result.stopped
                else f"Head office's database is at revision {result.after}.",
                *(f"open: {each}" for each in left_open),
            ]
        ),
    )
    raise typer.Exit(TO_SETTLE if result.stopped else DONE)
