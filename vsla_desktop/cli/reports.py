"""``vsla report``: every report of the window, as a file."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from vsla_desktop.cli.common import Data, Json, Url, answer, check_free, opened, tell
from vsla_desktop.errors import RuleBroken

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.queries.filtering import Filter


C = TypeVar("C", bound=StrEnum)


def read_day(text: str) -> date | None:
    """Return the day that was written as 2026-01-31; None for nothing."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise typer.BadParameter(f"Write the day as 2026-01-31, not {text}.") from None


def _amount(text: str) -> Decimal | None:
    try:
        return Decimal(text) if text else None
    except InvalidOperation:
        raise typer.BadParameter(f"Write an amount in digits, not {text}.") from None


def report(  # noqa: PLR0913 - one option for each field that a filter has
    name: Annotated[str, typer.Argument(help="A report, audit-pack, or list.")],
    data: Data = None,
    url: Url = "",
    group: Annotated[list[str] | None, typer.Option(help="A group's code; may come again.")] = None,
    *,
    all_groups: Annotated[bool, typer.Option("--all", help="All groups.")] = False,
    file_format: Annotated[str, typer.Option("--format", help="xlsx, csv, pdf or zip.")] = "xlsx",
    out: Annotated[Path | None, typer.Option(help="The file to write.")] = None,
    day_from: Annotated[str, typer.Option("--from", help="First day.")] = "",
    day_to: Annotated[str, typer.Option("--to", help="Last day.")] = "",
    on: Annotated[str, typer.Option("--on", help="The day of balances.")] = "",
    country: str = "",
    region: str = "",
    district: str = "",
    parish: str = "",
    village: str = "",
    coordinator: Annotated[str, typer.Option(help="Who looks after the groups.")] = "",
    state: Annotated[list[str] | None, typer.Option(help="State of the group.")] = None,
    members_from: Annotated[int | None, typer.Option(help="Smallest group.")] = None,
    members_to: Annotated[int | None, typer.Option(help="Largest group.")] = None,
    cycle: Annotated[int | None, typer.Option(help="Groups in this cycle now.")] = None,
    member: Annotated[list[int] | None, typer.Option(help="A member's number.")] = None,
    gender: Annotated[list[str] | None, typer.Option(help="F, M or Other.")] = None,
    role: Annotated[list[str] | None, typer.Option(help="Office held.")] = None,
    months_from: Annotated[int | None, typer.Option(help="Member for at least.")] = None,
    months_to: Annotated[int | None, typer.Option(help="Member for at most.")] = None,
    fund: Annotated[list[str] | None, typer.Option(help="LOAN_FUND, SOCIAL, ECD …")] = None,
    amount_from: Annotated[str, typer.Option(help="Smallest amount.")] = "",
    amount_to: Annotated[str, typer.Option(help="Largest amount.")] = "",
    status: Annotated[list[str] | None, typer.Option(help="Status of what is listed.")] = None,
    paid_by: Annotated[list[str] | None, typer.Option(help="CASH, MOBILE_MONEY, BANK.")] = None,
    as_json: Json = False,
) -> None:
    """Make a report and write it to a file; list shows which reports there are."""
    from vsla_desktop.clock import SystemClock
    from vsla_desktop.domain.postings import Fund
    from vsla_desktop.queries.filtering import Filter, PaymentMethod
    from vsla_desktop.reports.catalogue import REPORTS, definition
    from vsla_desktop.reports.writing import FORMATS, write_report

    if name == "list":
        answer(
            [{"name": each.name, "over": each.over, "title": each.title()} for each in REPORTS],
            as_json=as_json,
            words=lambda: "\n".join(f"{each.name:24} {each.about()}" for each in REPORTS),
        )
        return
    if name == "audit-pack":
        from vsla_desktop.cli.audit import write_pack

        write_pack(data, url, group or [], file_format, out, as_json=as_json)
        return
    if file_format not in FORMATS:
        raise typer.BadParameter("Choose xlsx, csv or pdf.", param_hint="--format")
    if out is None:
        raise typer.BadParameter("Name the file to write.", param_hint="--out")
    if bool(group) == all_groups:
        raise typer.BadParameter("Name a group, or write --all.", param_hint="--group")
    check_free(out, hint="Choose another name.")
    wanted = definition(name)
    clock = SystemClock()
    with opened(data, url) as database, database.read() as session:
        groups = group_ids(session, group or [])
        asked = Filter(
            group_ids=groups,
            country=country,
            region=region,
            district=district,
            parish=parish,
            village=village,
            coordinator=coordinator,
            group_states=tuple(state or ()),
            members_from=members_from,
            members_to=members_to,
            cycle_number=cycle,
            member_ids=_member_ids(session, groups, member or []),
            genders=tuple(gender or ()),
            roles=tuple(role or ()),
            months_from=months_from,
            months_to=months_to,
            funds=tuple(_choice(Fund, each, "--fund") for each in fund or ()),
            amount_from=_amount(amount_from),
            amount_to=_amount(amount_to),
            day_from=read_day(day_from),
            day_to=read_day(day_to),
            statuses=tuple(status or ()),
            payment_methods=tuple(
                _choice(PaymentMethod, each, "--paid-by") for each in paid_by or ()
            ),
            on=read_day(on),
        )
        _check_asked(asked, wanted.asks, name)
        made = wanted.build(session, asked, clock)
        # Long lists are read as they are written, so the book stays open.
        write_report(made, out, file_format, made=clock.now())
    tell({"file": out, "report": name}, f"{made.title}: {out}", as_json=as_json)


def _choice(kind: type[C], text: str, option: str) -> C:
    try:
        return kind(text.upper())
    except ValueError:
        known = ", ".join(kind)
        raise typer.BadParameter(f"Choose one of {known}.", param_hint=option) from None


def _check_asked(asked: Filter, asks: frozenset[str], name: str) -> None:
    """A field that the report does not look at is refused: its figures would be taken for it."""
    empty = type(asked)()
    for field in type(asked).__dataclass_fields__:
        if getattr(asked, field) != getattr(empty, field) and field not in asks:
            option = {"day_from": "from", "day_to": "to", "member_ids": "member"}.get(field, field)
            raise RuleBroken(
                "The report {name} does not look at {option}.",
                hint="Leave it out.",
                name=name,
                option="--" + option.replace("_", "-"),
            )


def group_ids(session: Session, codes: list[str]) -> tuple[int, ...]:
    """Return the groups of these codes. Raises RuleBroken for one that is not in the book."""
    from sqlalchemy import select

    from vsla_desktop.queries.tables import GROUPS

    found = []
    for code in codes:
        number = session.scalar(select(GROUPS.c.id).where(GROUPS.c.group_code == code))
        if number is None:
            raise RuleBroken("There is no group {code}.", field="group", code=code)
        found.append(int(number))
    return tuple(found)


def _member_ids(session: Session, groups: tuple[int, ...], numbers: list[int]) -> tuple[int, ...]:
    from sqlalchemy import select

    from vsla_desktop.queries.tables import MEMBERS

    found: list[int] = []
    for number in numbers:
        statement = select(MEMBERS.c.id).where(
            MEMBERS.c.member_number == number, MEMBERS.c.group_id.in_(groups)
        )
        ids = session.scalars(statement).all()
        if len(ids) != 1:
            raise RuleBroken("There is no member {number}.", field="member", number=number)
        found += ids
    return tuple(found)
