"""``vsla sync`` and ``vsla central``: the laptop's way to head office, and head office itself."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from vsla_desktop.cli import database
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
from vsla_desktop.errors import StorageError

sync_app = commands("Send to head office.")
central_app = commands("Head office's database.")

CentralUrl = Annotated[str, typer.Option("--url", help="Head office's database.")]


@sync_app.command("enrol")
def sync_enrol(file: Path, data: Data = None, *, as_json: Json = False) -> None:
    """Tell this laptop how to reach head office, from the file that head office gave."""
    from vsla_desktop import sync

    enrolment = sync.store_enrolment(file, folder(data).path)
    words = f"This laptop is enrolled with {enrolment.host}."
    tell({"host": enrolment.host}, words, as_json=as_json)


@sync_app.command("push")
def sync_push(data: Data = None, *, as_json: Json = False) -> None:
    """Send what waits to head office."""
    from vsla_desktop import sync

    with opened(data) as book:
        report = sync.push(book, folder(data).path)
    answer(
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


@central_app.command("init")
def central_init(
    url: CentralUrl,
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

    if differences not in {"report", "recompute", "book"}:
        raise typer.BadParameter("Choose report, recompute or book.", param_hint="--differences")
    database.set_up_centre(db.connect(url), differences, as_json=as_json)  # type: ignore[arg-type]


@central_app.command("enrol")
def central_enrol(
    url: CentralUrl,
    device: Annotated[str, typer.Option("--device", help="What the laptop is called.")],
    out: Annotated[Path, typer.Option("--out", help="The file for the laptop.")],
    groups: Annotated[str, typer.Option("--groups", help="Group codes, or * for all.")] = "*",
    certificate: Annotated[
        Path | None,
        typer.Option(
            "--certificate",
            help="Who vouches for the server: its authority, as PEM.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    host: Annotated[str, typer.Option("--host", help="The server as laptops reach it.")] = "",
    *,
    as_json: Json = False,
) -> None:
    """Let a laptop in: make its login and the file that it is enrolled with."""
    from vsla_desktop import db, sync

    if not device.strip():
        raise typer.BadParameter("Give the laptop a name.", param_hint="--device")
    vouches = certificate.read_text(errors="replace") if certificate else ""
    if certificate and "-----BEGIN CERTIFICATE-----" not in vouches:
        raise typer.BadParameter("Give a certificate as PEM.", param_hint="--certificate")
    try:  # before a login is made that no file would hold
        out.touch(mode=0o600)
    except OSError as error:
        raise StorageError(
            "The file {name} can not be written.", hint="Choose another place.", name=str(out)
        ) from error
    sync.enrol_device(
        db.connect(url), device, groups.split(","), host=host, root_certificate=vouches
    ).write(out)
    words = f"Carry {out} to the laptop, then: vsla sync enrol {out.name}"
    tell({"file": out}, words, as_json=as_json)


@central_app.command("revoke")
def central_revoke(
    url: CentralUrl,
    device: Annotated[str, typer.Option("--device", help="What the laptop is called.")],
    *,
    as_json: Json = False,
) -> None:
    """Shut a laptop out: its login ends at once."""
    from vsla_desktop import db, sync

    sync.revoke_device(db.connect(url), device)
    tell({"device": device}, f"{device} is shut out.", as_json=as_json)


@central_app.command("status")
def central_status(
    url: CentralUrl,
    *,
    as_json: Json = False,
) -> None:
    """Compare head office's database with this release."""
    database.status(url=url, as_json=as_json)


@central_app.command("verify")
def central_verify(
    url: CentralUrl,
    *,
    as_json: Json = False,
) -> None:
    """Recompute and compare everything at head office."""
    database.verify(url=url, as_json=as_json)
