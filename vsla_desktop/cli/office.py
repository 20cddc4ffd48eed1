"""``vsla central``: head office's database, and the laptops that may send to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vsla_desktop.cli import database
from vsla_desktop.cli.common import DONE, TO_SETTLE, Json, answer, commands, tell
from vsla_desktop.errors import StorageError

if TYPE_CHECKING:
    from vsla_desktop.db import Database
    from vsla_desktop.sync import Address, Disagreement, Enrolment, LaptopState, OpenTransaction

central_app = commands("Head office's database, and its laptops.")

CentralUrl = Annotated[str, typer.Option("--url", help="Head office's database.")]
Device = Annotated[str, typer.Option("--device", help="What the laptop is called.")]
Group = Annotated[str, typer.Option("--group", help="The group's code.")]
Out = Annotated[Path, typer.Option("--out", help="The file for the laptop.")]
Host = Annotated[
    str, typer.Option("--host", help="The server as laptops reach it; renew keeps it.")
]
ReadOnly = Annotated[bool, typer.Option("--read-only", help="It sees the group, no more.")]
Certificate = Annotated[
    Path | None,
    typer.Option(
        "--certificate",
        help="Who vouches for the server: its authority, as PEM. Needed in a network;"
        " renew keeps it.",
        exists=True,
        dir_okay=False,
    ),
]


@contextmanager
def _office(url: str) -> Iterator[Database]:
    from vsla_desktop import db

    central = db.connect(url)
    try:
        yield central
    finally:
        central.close()


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
    if differences not in {"report", "recompute", "book"}:
        raise typer.BadParameter("Choose report, recompute or book.", param_hint="--differences")
    with _office(url) as central:
        database.set_up_centre(central, differences, as_json=as_json)  # type: ignore[arg-type]


@central_app.command("enrol")
def central_enrol(  # noqa: PLR0913 - each is an option
    url: CentralUrl,
    device: Device,
    out: Out,
    groups: Annotated[
        str, typer.Option("--groups", help="Group codes, * for all, or nothing for new ones only.")
    ] = "*",
    certificate: Certificate = None,
    host: Host = "",
    *,
    read_only: ReadOnly = False,
    no_new_groups: Annotated[
        bool, typer.Option("--no-new-groups", help="It may not open groups.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Let a laptop in: make its login, the file that it is enrolled with, and the file's code."""
    from vsla_desktop import sync

    if not device.strip():
        raise typer.BadParameter("Give the laptop a name.", param_hint="--device")
    address = _address(host, certificate)
    _check_writable(out)
    codes = [each.strip() for each in groups.split(",") if each.strip()]
    with _office(url) as central:
        enrolment = sync.enrol_device(
            central,
            device,
            codes,
            read_only=read_only,
            may_open_groups=not no_new_groups,
            address=address,
        )
    _hand_over(enrolment, out, as_json=as_json)


@central_app.command("renew")
def central_renew(
    url: CentralUrl,
    device: Device,
    out: Out,
    certificate: Certificate = None,
    host: Host = "",
    *,
    as_json: Json = False,
) -> None:
    """Give a laptop whose book was copied or restored a new login, with the groups it has."""
    from vsla_desktop import sync

    address = _address(host, certificate)
    _check_writable(out)
    with _office(url) as central:
        enrolment = sync.renew_device(central, device, address=address)
    _hand_over(enrolment, out, as_json=as_json)


@central_app.command("assign")
def central_assign(
    url: CentralUrl,
    device: Device,
    group: Group,
    *,
    read_only: ReadOnly = False,
    as_json: Json = False,
) -> None:
    """Give a laptop a group; it writes the group's book, and no other laptop does."""
    from vsla_desktop import sync

    with _office(url) as central:
        sync.assign_group(central, device, group, read_only=read_only)
    told = {"device": device, "group": group, "writable": not read_only}
    verb = "sees" if read_only else "writes the book of"
    tell(told, f"{device} {verb} {group}.", as_json=as_json)


@central_app.command("unassign")
def central_unassign(
    url: CentralUrl, device: Device, group: Group, *, as_json: Json = False
) -> None:
    """Take a group from a laptop; it leaves the laptop when the laptop next comes by."""
    from vsla_desktop import sync

    with _office(url) as central:
        sync.unassign_group(central, device, group)
    tell({"device": device, "group": group}, f"{device} has {group} no more.", as_json=as_json)


@central_app.command("revoke")
def central_revoke(url: CentralUrl, device: Device, *, as_json: Json = False) -> None:
    """Shut a laptop out: its login ends at once."""
    from vsla_desktop import sync

    with _office(url) as central:
        sync.revoke_device(central, device)
    tell({"device": device}, f"{device} is shut out.", as_json=as_json)


@central_app.command("status")
def central_status(url: CentralUrl, *, as_json: Json = False) -> None:
    """Compare head office's database with this release, and say how its laptops stand."""
    from vsla_desktop import db, sync

    with _office(url) as central:
        stands = db.status(central)
        laptops = sync.laptops(central) if stands.ok else ()
        oldest = sync.oldest_transaction(central)
        openings = sync.openings(central)
    told = database.status_told(stands)
    answer(
        told
        | {
            "laptops": [asdict(each) for each in laptops],
            "oldest_transaction": asdict(oldest) if oldest else None,
            "openings": openings,
        },
        as_json=as_json,
        words=lambda: "\n".join(
            [
                *database.status_words(stands),
                *(_laptop_words(each) for each in laptops),
                *([_transaction_words(oldest)] if oldest else []),
                *(f"open: {each}" for each in openings),
            ]
        ),
    )
    raise typer.Exit(DONE if stands.ok else TO_SETTLE)


@central_app.command("verify")
def central_verify(url: CentralUrl, *, as_json: Json = False) -> None:
    """Recompute and compare everything at head office, and what sync keeps beside it."""
    from vsla_desktop import sync
    from vsla_desktop.queries.verification import verify_all

    with _office(url) as central:
        beside = sync.check_centre(central)
        found = verify_all(central)
    database.end_check(found, beside=beside, as_json=as_json)


@central_app.command("conflicts")
def central_conflicts(url: CentralUrl, *, as_json: Json = False) -> None:
    """List what laptops and head office see differently, and what was not taken."""
    from vsla_desktop import sync

    with _office(url) as central:
        found = sync.disagreements(central)
    answer(
        [asdict(each) for each in found],
        as_json=as_json,
        words=lambda: "\n".join(map(_in_words, found)) or "Nothing is to be settled.",
    )
    raise typer.Exit(TO_SETTLE if found else DONE)


@central_app.command("open-carried")
def central_open_carried(url: CentralUrl, *, as_json: Json = False) -> None:
    """Open the files that laptops handed in for others, and make the answers to carry back."""
    from vsla_desktop.cli.bundles import say_carried

    with _office(url) as central:
        found = say_carried(central)
    tell(found, f"{len(found)} files opened.", as_json=as_json)


@central_app.command("reap")
def central_reap(
    url: CentralUrl,
    seconds: Annotated[int, typer.Option("--seconds", min=1, help="How long is too long.")] = 120,
    *,
    as_json: Json = False,
) -> None:
    """End the laptops' sessions that hold others up. Let cron run it each minute."""
    from vsla_desktop import sync

    with _office(url) as central:
        ended = sync.reap(central, seconds=seconds)
    words = f"{len(ended)} sessions ended." + "".join(f"\n{each}" for each in ended)
    tell({"ended": ended}, words, as_json=as_json)


def _address(host: str, certificate: Path | None) -> Address:
    from vsla_desktop import sync

    vouches = certificate.read_text(errors="replace") if certificate else ""
    if certificate and "-----BEGIN CERTIFICATE-----" not in vouches:
        raise typer.BadParameter("Give a certificate as PEM.", param_hint="--certificate")
    return sync.Address(host=host, root_certificate=vouches)


def _check_writable(out: Path) -> None:
    """See that the file can be written, before a login is made that no file would hold."""
    try:
        out.touch(mode=0o600)
    except OSError as error:
        raise StorageError(
            "The file {name} can not be written.", hint="Choose another place.", name=str(out)
        ) from error


def _hand_over(enrolment: Enrolment, out: Path, *, as_json: bool) -> None:
    from vsla_desktop import sync

    code = sync.hand_over(enrolment, out)
    words = (
        f"Carry {out} to the laptop, then: vsla sync enrol {out.name}\n"
        f"Tell its code apart from the file: {code}"
    )
    tell({"file": out, "code": code}, words, as_json=as_json)


def _laptop_words(laptop: LaptopState) -> str:
    groups = ", ".join(
        f"{each.code}{'' if each.is_writable else ' (reads)'}" for each in laptop.groups
    )
    seen = f"{laptop.last_seen:%Y-%m-%d %H:%M}" if laptop.last_seen else "never"
    return (
        f"{laptop.name}: {'all groups' if laptop.all_groups else groups or 'no group'};"
        f" last seen {seen}, batch {laptop.last_batch}; {laptop.behind} rows to fetch;"
        f" {laptop.conflicts} values differ, {laptop.quarantined} rows not taken"
    )


def _transaction_words(oldest: OpenTransaction) -> str:
    return (
        f"Open for {oldest.seconds} s: {oldest.program or 'a program'} of {oldest.role}."
        " Laptops fetch more than once what came since."
    )


def _in_words(each: Disagreement) -> str:
    place = f"{each.group or 'no group'} {each.table}{f'.{each.column}' if each.column else ''}"
    if each.is_refused:
        return f"{each.found_at:%Y-%m-%d %H:%M} {each.laptop}: {place} not taken ({each.kind})"
    stands = f"{each.theirs!r} stands ({each.by_whom})" if each.column else each.kind
    return f"{each.found_at:%Y-%m-%d %H:%M} {each.laptop}: {place} sent {each.mine!r}, {stands}"
