"""What all commands share: their options, the book they open, and how they answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup
from typing_extensions import override

from vsla_desktop.errors import StorageError
from vsla_desktop.settings import DataFolder, data_folder

if TYPE_CHECKING:
    from vsla_desktop.db import Database

DONE, TO_SETTLE, COULD_NOT = 0, 1, 3

Data = Annotated[Path | None, typer.Option("--data", help="The data folder.", show_default=False)]
Url = Annotated[str, typer.Option("--url", help="A database other than the folder's own.")]
Json = Annotated[bool, typer.Option("--json", help="Write the result for a program to read.")]


class _Group(TyperGroup):
    """Commands whose options may stand before the command as well: they are handed on to it.

    What stands nearest to the command counts. A command that has no such option refuses it, but for
    the data folder, which a script may name for every command.
    """

    @override
    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, command, rest = super().resolve_command(ctx, args)
        said = ctx.params
        first: list[str] = []
        known = {each.name for each in command.params} if command is not None else set()
        if said["data"] is not None and "data" in known:
            first += ["--data", str(said["data"])]
        if said["url"]:
            first += ["--url", said["url"]]
        if said["as_json"]:
            first.append("--json")
        return name, command, [*first, *rest]


def _everywhere(data: Data = None, url: Url = "", *, as_json: Json = False) -> None:
    """Take the options of all commands before the command."""


def commands(words: str | None) -> typer.Typer:
    """Return an empty set of commands, explained by ``words``."""
    return typer.Typer(
        cls=_Group,
        callback=_everywhere,
        help=words,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
    )


def folder(data: Path | None) -> DataFolder:
    """Return the data folder that was asked for, or the person's own."""
    return data_folder(data)


def book_file(data: Path | None, *, may_be_new: bool = False) -> Path:
    """Return the folder's book; a mistyped folder is said, and not made."""
    path = folder(data).database
    if not may_be_new and not (path.exists() and path.stat().st_size):
        raise StorageError("There is no book in {folder}.", folder=str(path.parent))
    return path


@contextmanager
def opened(data: Path | None, url: str = "", *, may_be_new: bool = False) -> Iterator[Database]:
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
        database = db.open_database(book_file(data, may_be_new=may_be_new))
    try:
        yield database
    finally:
        database.close()


def check_free(file: Path, *, hint: str = "") -> None:
    """Raise :class:`StorageError` for a file that is there: nothing is overwritten unasked."""
    if file.exists():
        raise StorageError("There is a file {name} already.", hint=hint, name=str(file))


def say(text: str) -> None:
    """Tell the person, beside the results."""
    typer.echo(text, err=True)


def answer(result: Any, *, as_json: bool, words: Callable[[], str]) -> None:
    """Write a result: for a program as it is, for a person in words."""
    typer.echo(json.dumps(result, default=str, ensure_ascii=False) if as_json else words())


def tell(result: Any, text: str, *, as_json: bool) -> None:
    """Tell the person what was done; for a program, write what came of it."""
    if as_json:
        typer.echo(json.dumps(result, default=str, ensure_ascii=False))
    else:
        say(text)
