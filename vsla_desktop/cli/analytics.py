"""``vsla analytics``: the figures kept day by day, for trends over many groups."""

from __future__ import annotations

from typing import Annotated

import typer

from vsla_desktop.cli.common import Data, Json, Url, answer, commands, opened
from vsla_desktop.cli.reports import group_ids, read_day

analytics_app = commands("Figures kept day by day, for trends.")


@analytics_app.command("fill")
def fill(
    data: Data = None,
    url: Url = "",
    group: Annotated[list[str] | None, typer.Option(help="A group's code; may come again.")] = None,
    *,
    all_groups: Annotated[bool, typer.Option("--all", help="All groups.")] = False,
    day_from: Annotated[str, typer.Option("--from", help="First day.")] = "",
    day_to: Annotated[str, typer.Option("--to", help="Last day.")] = "",
    as_json: Json = False,
) -> None:
    """Work out how groups stood on past days, and keep it, but for groups that are only read."""
    from vsla_desktop.clock import SystemClock
    from vsla_desktop.queries.filtering import Filter
    from vsla_desktop.queries.lease import writes_book
    from vsla_desktop.queries.listing import groups_asked
    from vsla_desktop.services.analytics import fill_analytics

    if bool(group) == all_groups:
        raise typer.BadParameter("Name a group, or write --all.", param_hint="--group")
    since, until = read_day(day_from), read_day(day_to)
    clock = SystemClock()
    filled = passed_over = days = rows = 0
    with opened(data, url) as database:
        with database.read() as session:
            wanted = group_ids(session, group or []) or tuple(groups_asked(session, Filter()))
        for group_id in wanted:
            with database.write() as session:
                if not group and not writes_book(session, group_id):
                    passed_over += 1
                    continue
                done = fill_analytics(session, group_id, since=since, until=until, clock=clock)
            filled, days, rows = filled + 1, days + done.days, rows + done.rows
    answer(
        {"groups": filled, "passed_over": passed_over, "days": days, "rows": rows},
        as_json=as_json,
        words=lambda: (
            f"{filled} groups, {days} days: {rows} rows are new or changed."
            + (f" {passed_over} groups are only read here." if passed_over else "")
        ),
    )
