"""``vsla sync``: the laptop's way to head office."""

from __future__ import annotations

import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vsla_desktop.cli.common import (
    DONE,
    TO_SETTLE,
    Data,
    Json,
    answer,
    commands,
    folder,
    opened,
    tell,
)
from vsla_desktop.cli.conflicts import conflicts_app
from vsla_desktop.errors import SyncError

if TYPE_CHECKING:
    from vsla_desktop.sync import SyncReport

Compare = Annotated[
    bool, typer.Option("--compare", help="Ask of every group whether all of it is here.")
]

sync_app = commands("Send to head office, and fetch from there.")
sync_app.add_typer(conflicts_app, name="conflicts")


@sync_app.command("enrol")
def sync_enrol(
    file: Path,
    data: Data = None,
    code: Annotated[
        str, typer.Option("--code", help="What opens the file; VSLA_CODE counts too.")
    ] = "",
    *,
    as_json: Json = False,
) -> None:
    """Tell this laptop how to reach head office, from the file that head office gave."""
    from vsla_desktop import sync

    if sync.needs_code(file) and not code and _asks() and sync.CODE_VARIABLE not in os.environ:
        code = typer.prompt("The code that head office told you", err=True)
    words = ""
    if _asks() and sync.PASSPHRASE_VARIABLE not in os.environ and not sync.has_keyring():
        words = typer.prompt(
            "A passphrase for this laptop", hide_input=True, confirmation_prompt=True, err=True
        )
    enrolment = sync.store_enrolment(file, folder(data).path, code=code, passphrase=words)
    words = f"This laptop is enrolled with {enrolment.host}."
    tell({"host": enrolment.host}, words, as_json=as_json)


def unlock(data_dir: Path) -> None:
    """Ask for the laptop's passphrase where one is needed. Raises :class:`SyncError`."""
    from vsla_desktop import sync

    if not sync.needs_passphrase(data_dir):
        return
    if not _asks():
        raise SyncError("The login of this laptop is locked.", hint="Set VSLA_PASSPHRASE.")
    sync.unlock(data_dir, typer.prompt("Passphrase", hide_input=True, err=True))


def _asks() -> bool:
    """Say whether somebody is there to be asked."""
    return sys.stdin.isatty()


@sync_app.command("push")
def sync_push(data: Data = None, *, as_json: Json = False) -> None:
    """Send what waits to head office."""
    from vsla_desktop import sync

    unlock(folder(data).path)
    with opened(data) as book:
        report = sync.push(book, folder(data).path)
    _answer(report, as_json=as_json)


@sync_app.command("pull")
def sync_pull(data: Data = None, *, compare: Compare = False, as_json: Json = False) -> None:
    """Fetch what changed at head office."""
    from vsla_desktop import sync

    unlock(folder(data).path)
    with opened(data) as book:
        report = sync.pull(book, folder(data).path, compare=compare)
    _answer(report, as_json=as_json)


@sync_app.command("run")
def sync_run(data: Data = None, *, compare: Compare = False, as_json: Json = False) -> None:
    """Send what waits, then fetch what changed, and documents both ways."""
    from vsla_desktop import sync

    unlock(folder(data).path)
    with opened(data) as book:
        report = sync.run(book, folder(data).path, compare=compare)
    _answer(report, as_json=as_json)


def _answer(report: SyncReport, *, as_json: bool) -> None:
    answer(
        asdict(report),
        as_json=as_json,
        words=lambda: (
            f"{report.rows_sent} rows sent in {report.batches} batches,"
            f" {report.rows_received} rows received."
            + (f" {report.conflicts} need a look: vsla sync status." if report.conflicts else "")
        ),
    )
    raise typer.Exit(TO_SETTLE if report.conflicts else DONE)


@sync_app.command("status")
def sync_status(data: Data = None, *, as_json: Json = False) -> None:
    """Say what waits, and when head office last heard of this laptop."""
    from vsla_desktop import sync
    from vsla_desktop.presenters.sync_words import explained, titled

    with opened(data) as book:
        state = sync.sync_status(book, folder(data).path)
        found = sync.troubles(book)
    answer(
        asdict(state),
        as_json=as_json,
        words=lambda: "\n".join(
            [
                (
                    f"{state.word}. {state.waiting} rows wait, {state.quarantined} rows were"
                    f" refused, {state.conflicts} values differ."
                ),
                *(f"{titled(each)}. {explained(each)}" for each in found),
            ]
        ),
    )
