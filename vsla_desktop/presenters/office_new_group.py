"""The book of a new group, opened at head office for the laptop that gets it."""

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
from vsla_desktop.presenters.office_groups import PLACES, GroupsPresenter
from vsla_desktop.presenters.office_table import OfficeForm
from vsla_desktop.services.groups import NewGroup
from vsla_desktop.services.office_groups import open_group_book
from vsla_desktop.wording import figure

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.db import Database

_USUAL: Final = "UGX"


def new_group_form(groups: GroupsPresenter, laptops: tuple[str, ...]) -> OfficeForm:
    """The form of a new group: its place, its money, its first rules, and who gets it."""
    currencies = tuple(Choice(code, code) for code in CURRENCIES)
    given = (Choice("", _("No laptop yet")), *(Choice(name, name) for name in laptops))
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
        places = {key: values[key] for key in ("country", *PLACES, "village")}
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
