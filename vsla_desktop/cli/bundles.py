"""``vsla bundle``: files that are carried by hand between laptops and head office."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vsla_desktop.cli.centre import unlock
from vsla_desktop.cli.common import (
    DONE,
    TO_SETTLE,
    Data,
    Json,
    Url,
    answer,
    commands,
    folder,
    opened,
    say,
    tell,
)

if TYPE_CHECKING:
    from vsla_desktop.db import Database

bundle_app = commands("Files carried by hand between laptops and head office.")

Device = Annotated[
    str,
    typer.Option("--device", "--to-device", help="The laptop that the file is for."),
]
WithDocuments = Annotated[
    bool, typer.Option("--with-documents", help="Put documents in, too: the file grows.")
]


@bundle_app.command("export")
def bundle_export(
    file: Path,
    data: Data = None,
    url: Url = "",
    device: Device = "",
    *,
    with_documents: WithDocuments = False,
    as_json: Json = False,
) -> None:
    """Write a file: on a laptop for head office, with --url and --device for a laptop.

    With --device alone: the file that this laptop was given to carry back to that laptop.
    """
    if url:
        _answer_laptop(file, url, device, with_documents=with_documents, as_json=as_json)
        return
    if device:
        from vsla_desktop.sync.bundle import bring_back

        made = bring_back(folder(data).path, device, file)
        tell(asdict(made), f"Carry {file} to {made.name}.", as_json=as_json)
        return
    from vsla_desktop.sync.bundle import export_bundle

    unlock(folder(data).path)
    with opened(data) as book:
        report = export_bundle(book, folder(data).path, file, with_documents=with_documents)
    words = (
        f"{report.rows_sent} rows in {report.batches} batches, {report.documents_sent} documents."
        f" Carry {file} to head office."
    )
    tell(asdict(report), words, as_json=as_json)


def _answer_laptop(
    file: Path, url: str, device: str, *, with_documents: bool, as_json: bool
) -> None:
    from vsla_desktop.sync.bundle_answer import answer_bundle

    if not device:
        raise typer.BadParameter("Name the laptop.", param_hint="--device")
    with opened(None, url) as central:
        say_carried(central)
        made = answer_bundle(central, device, file, with_documents=with_documents)
    words = (
        f"{made.rows} rows, answers to {made.batches} batches, {made.documents} documents."
        f" Carry {file} to {made.device}."
    )
    tell(asdict(made), words, as_json=as_json)


@bundle_app.command("import")
def bundle_import(file: Path, data: Data = None, url: Url = "", *, as_json: Json = False) -> None:
    """Read a file: on a laptop from head office, with --url from a laptop.

    A laptop keeps the file of another laptop, and hands it in when it next has network.
    """
    if url:
        from vsla_desktop.sync.bundle_office import take_bundle

        with opened(None, url) as central:
            say_carried(central)
            taken = take_bundle(central, file)
        answer(
            asdict(taken),
            as_json=as_json,
            words=lambda: (
                f"{taken.device}: {taken.rows} rows in {taken.batches} batches,"
                f" {taken.known} batches had come before, {taken.documents} documents."
                + (f" {taken.conflicts} need a look." if taken.conflicts else "")
            ),
        )
        raise typer.Exit(TO_SETTLE if taken.conflicts else DONE)
    from vsla_desktop.sync.bundle import import_bundle

    unlock(folder(data).path)
    with opened(data) as book:
        read = import_bundle(book, folder(data).path, file)
    if read.is_carried:
        words = f"It goes to head office for {read.name} when there is network."
        tell(asdict(read), words, as_json=as_json)
        return
    report = read.report
    answer(
        asdict(read),
        as_json=as_json,
        words=lambda: (
            f"{report.rows_received} rows came, {report.batches} batches were answered."
            + (f" {report.conflicts} need a look: vsla sync status." if report.conflicts else "")
            + (
                f" {read.skipped} groups did not fit: export here, and ask for a new file."
                if read.skipped
                else ""
            )
        ),
    )
    raise typer.Exit(TO_SETTLE if report.conflicts or read.skipped else DONE)


@bundle_app.command("show")
def bundle_show(file: Path, *, as_json: Json = False) -> None:
    """Say what whoever carries a file may know: whose it is, which batches, and when."""
    from vsla_desktop.sync.bundle_file import UP
    from vsla_desktop.sync.bundle_file import opened as opened_file

    with opened_file(file) as bundle:
        header = bundle.header
    way = "From {} to head office" if header.kind == UP else "From head office to {}"
    batches = f"batches {header.first} to {header.last}" if header.first else "no batches"
    answer(
        asdict(header),
        as_json=as_json,
        words=lambda: f"{way.format(header.name)}, {batches}, made {header.made[:16]}.",
    )


def say_carried(central: Database) -> list[dict[str, Any]]:
    """Open what laptops handed in for others, and say what it brought; return the same."""
    from vsla_desktop.sync.bundle_answer import open_carried

    found = open_carried(central)
    for each in found:
        if each.taken is None:
            say(f"{each.carrier} carried a file that was not taken. {each.problem}")
        else:
            say(f"{each.carrier} carried {each.taken.rows} rows of {each.taken.device}.")
    return [asdict(each) for each in found]
