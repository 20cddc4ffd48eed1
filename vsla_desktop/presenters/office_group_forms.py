"""What is asked about a group: its new book, and the laptops that get and lose it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from vsla_desktop.domain.currencies import CURRENCIES, Currency
from vsla_desktop.domain.money import parse_amount
from vsla_desktop.domain.office import Duty
from vsla_desktop.domain.rules import Preset, preset_rules
from vsla_desktop.i18n import _
from vsla_desktop.presenters.form import Choice, Field, FieldKind, Reader
from vsla_desktop.presenters.new_group_fields import presets
from vsla_desktop.presenters.office_groups import GroupsPresenter
from vsla_desktop.presenters.office_table import OfficeForm
from vsla_desktop.queries.filtering import PLACES
from vsla_desktop.services.groups import NewGroup
from vsla_desktop.services.office_groups import open_group_book
from vsla_desktop.wording import figure

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.db import Database
    from vsla_desktop.queries.programme_groups import GroupFound

_USUAL: Final = "UGX"


def new_group_form(groups: GroupsPresenter, laptops: tuple[str, ...]) -> OfficeForm:
    """The form of a new group: its place, its money, its first rules, and who gets it."""
    currencies = tuple(Choice(code, code) for code in CURRENCIES)
    given = (Choice("", _("No laptop yet")), *_choices(laptops))
    fields = (
        Field("name", _("Name of the group")),
        Field("group_code", _("Group code")),
        Field("country", _("Country")),
        Field("region", _("Region or province")),
        Field("district", _("District")),
        Field("parish", _("Parish, sector or ward")),
        Field("village", _("Village")),
        Field("currency", _("Currency"), FieldKind.CHOICE, currencies),
        Field("preset", _("Start from the rules of"), FieldKind.CHOICE, presets()),
        Field("share_value", _("Share value"), FieldKind.NUMBER),
        Field("laptop", _("Laptop"), FieldKind.CHOICE, given),
    )
    near = groups.current
    texts = {"currency": near.currency if near is not None else _USUAL}
    if near is not None:
        texts |= {"country": near.country, "region": near.region, "district": near.district}

    def money() -> Currency:
        return CURRENCIES[form.form.text("currency")]

    def act(form: OfficeForm, values: Mapping[str, Any]) -> None:  # noqa: ARG001
        told = {key: values[key] for key in ("name", "group_code", "currency")}
        places = {key: values[key] for key in PLACES}
        clock = groups.office.clock
        new = NewGroup(formation_date=clock.today(), **told, **places)
        preset = Preset(values["preset"])
        rules = preset_rules(preset, share_value=values["share_value"])

        def work(session: Session, by: int) -> str:
            made = open_group_book(session, new, rules, preset=preset, clock=clock, by=by)
            return made.group_code

        def opened(code: str) -> None:
            said = _("{name} has a book now.", name=new.name)
            laptop = values["laptop"]
            if not laptop:
                groups.done(said)
                return

            def give(database: Database) -> None:
                from vsla_desktop import sync

                sync.assign_group(database, laptop, code)

            groups.act(Duty.LAPTOPS, give, said)

        groups.office.write(work, opened, groups.refused, owner=groups)

    form = OfficeForm(
        _("New group"),
        _("Open its book"),
        fields,
        act,
        readers={
            "share_value": Reader(
                lambda text: parse_amount(text, money(), field="share_value"),
                lambda value: figure(value, money()),
            )
        },
        texts=texts,
        notes={
            "group_code": _("Empty: one is made up."),
            "share_value": _("The group may still change its rules."),
            "laptop": _("It comes at the laptop's next sync."),
        },
    )
    return form


def give_form(groups: GroupsPresenter, row: GroupFound, laptops: tuple[str, ...]) -> OfficeForm:
    """The form that gives a group to a laptop."""

    def act(form: OfficeForm, values: Mapping[str, Any]) -> None:  # noqa: ARG001
        def work(database: Database) -> None:
            from vsla_desktop import sync

            is_read = values["how"] == "reads"
            sync.assign_group(database, values["laptop"], row.code, read_only=is_read)

        said = _("{laptop} gets {name}.", name=row.name, laptop=values["laptop"])
        groups.act(Duty.LAPTOPS, work, said)

    how = (Choice("writes", _("It writes the book")), Choice("reads", _("It only looks")))
    return OfficeForm(
        _("Give {name} to a laptop", name=row.name),
        _("Give it"),
        (
            Field("laptop", _("Laptop"), FieldKind.CHOICE, _choices(laptops)),
            Field("how", _("What it may do"), FieldKind.CHOICE, how),
        ),
        act,
        notes={"how": _("One laptop at a time writes a book.")},
    )


def take_form(groups: GroupsPresenter, row: GroupFound, laptops: tuple[str, ...]) -> OfficeForm:
    """The form that takes a group from a laptop."""

    def act(form: OfficeForm, values: Mapping[str, Any]) -> None:  # noqa: ARG001
        def work(database: Database) -> None:
            from vsla_desktop import sync

            sync.unassign_group(database, values["laptop"], row.code)

        said = _("{name} leaves the laptop {laptop}.", name=row.name, laptop=values["laptop"])
        groups.act(Duty.LAPTOPS, work, said)

    return OfficeForm(
        _("Take {name} from a laptop", name=row.name),
        _("Take it"),
        (Field("laptop", _("Laptop"), FieldKind.CHOICE, _choices(laptops)),),
        act,
        notes={"laptop": _("It leaves once all that was entered there is sent.")},
    )


def _choices(names: tuple[str, ...]) -> tuple[Choice, ...]:
    return tuple(Choice(name, name) for name in names)
