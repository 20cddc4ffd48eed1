"""``vsla sync conflicts``: what head office and this laptop hold otherwise, and settling it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from vsla_desktop.cli.common import DONE, TO_SETTLE, Data, Json, Url, answer, commands, opened, tell
from vsla_desktop.errors import RuleBroken

if TYPE_CHECKING:
    from vsla_desktop.sync import Trouble

conflicts_app = commands("What head office and this laptop hold otherwise.")

Number = Annotated[int, typer.Argument(help="The number in the list.")]


@conflicts_app.callback(invoke_without_command=True, no_args_is_help=False)
def list_conflicts(
    context: typer.Context, data: Data = None, url: Url = "", *, as_json: Json = False
) -> None:
    """List what head office and this laptop hold otherwise, with both values."""
    if context.invoked_subcommand is not None:
        return
    from vsla_desktop.presenters.sync_words import explained, titled
    from vsla_desktop.sync.troubles import conflicts

    with opened(data, url) as book, book.connection() as connection:
        found = conflicts(connection, most=1000)
    answer(
        [_told(each) for each in found],
        as_json=as_json,
        words=lambda: (
            "\n".join(f"{each.number}  {titled(each)}. {explained(each)}" for each in found)
            or "Nothing is to be settled."
        ),
    )
    raise typer.Exit(TO_SETTLE if found else DONE)


@conflicts_app.command("settle")
def settle_conflict(
    number: Number,
    data: Data = None,
    *,
    keep: Annotated[bool, typer.Option("--keep", help="Keep head office's value.")] = False,
    mine: Annotated[bool, typer.Option("--mine", help="Send this laptop's value again.")] = False,
    value: Annotated[str, typer.Option("--value", help="Send another value.")] = "",
    as_json: Json = False,
) -> None:
    """Settle one value; what is chosen goes up with the next sync."""
    from vsla_desktop.clock import SystemClock
    from vsla_desktop.presenters.sync_values import read_value
    from vsla_desktop.sync.settle import Choice, settle
    from vsla_desktop.sync.troubles import conflicts

    if keep + mine + bool(value) != 1:
        raise typer.BadParameter("Choose one.", param_hint="--keep, --mine or --value")
    choice = Choice.HEAD_OFFICE if keep else Choice.MINE if mine else Choice.OTHER
    clock = SystemClock()
    with opened(data) as book, book.connection(writes=True) as connection:
        found = next((c for c in conflicts(connection, most=1000) if c.number == number), None)
        if found is None:
            raise RuleBroken("Nothing to settle has the number {number}.", number=number)
        chosen: Any = None
        if choice is Choice.OTHER:
            about = found.about
            chosen = read_value(about.table, found.column, value, about.currency, clock.today())
        settle(connection, number, choice, clock=clock, chosen=chosen)
    tell({"number": number, "choice": choice.value}, "Settled.", as_json=as_json)


@conflicts_app.command("undo")
def undo_last(data: Data = None, *, as_json: Json = False) -> None:
    """Take the last choice back, as long as it was not sent."""
    from vsla_desktop.sync.settle import can_undo, undo

    with opened(data) as book, book.connection(writes=True) as connection:
        number = can_undo(connection)
        if number is None:
            raise RuleBroken("There is no choice to take back.", hint="What was sent stays.")
        undo(connection, number)
    tell({"number": number}, "Taken back.", as_json=as_json)


def _told(trouble: Trouble) -> dict[str, Any]:
    about = trouble.about
    return {
        "number": trouble.number,
        "kind": trouble.kind,
        "table": about.table,
        "group": about.group,
        "member": about.member,
        "day": about.day,
        "amount": about.amount,
        "column": trouble.column,
        "mine": trouble.mine,
        "theirs": trouble.theirs,
        "by_whom": trouble.by_whom,
        "changed_at": trouble.changed_at,
    }
