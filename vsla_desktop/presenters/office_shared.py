"""What all groups share: the lists that head office keeps, and that flow down to laptops."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from typing_extensions import override

from vsla_desktop.columns import Choice as Choices
from vsla_desktop.domain.money import parse_count
from vsla_desktop.domain.office import Duty
from vsla_desktop.i18n import _
from vsla_desktop.presenters.form import Choice, Field, FieldKind, Reader
from vsla_desktop.presenters.grid import Cell, CellKind, Column
from vsla_desktop.presenters.new_group_fields import read_number
from vsla_desktop.presenters.office import Office
from vsla_desktop.presenters.office_shared_words import field_word, value_word
from vsla_desktop.presenters.office_table import Action, Fact, OfficeForm, OfficeTable
from vsla_desktop.presenters.office_words import codes
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.queries.office_shared import LISTS, Shared, SharedRow, shared_rows
from vsla_desktop.services.office_shared import add_shared, change_shared, retire_shared
from vsla_desktop.wording import write_number

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_MOST: Final = 1_000_000
MEASURES: Final = (
    "meetings_saved",
    "cycles_saved_whole",
    "loans_repaid",
    "loans_repaid_on_time",
    "meetings_present",
    "cycles_present_whole",
    "discussions",
    "votes",
    "trainings",
    "cycles_as_officer",
)
"""What an achievement can count."""
_COUNTS: Final = frozenset({"withdrawal_notice_days", "points_value", "minimum_points", "at_least"})
_YES_NO: Final = frozenset({"is_mandatory", "allows_withdrawal", "is_repeatable"})
_LONG: Final = frozenset({"template_content"})


class SharedPresenter(OfficeTable[SharedRow]):
    """One list: its rows, those in use first."""

    icon = "settings"

    def __init__(self, office: Office, which: Shared) -> None:
        super().__init__(office)
        self.which = which
        self.kept = LISTS[which]
        self.finds = _("Name")

    @override
    def read(self, session: Session) -> tuple[SharedRow, ...]:
        return shared_rows(session, self.which, self.text)

    def keys(self) -> tuple[str, ...]:
        """The fields of a row; what an achievement counts is told in two."""
        keys = [key for key in self.kept.columns if key != "criteria"]
        return (*keys, *(("measure", "at_least") if "criteria" in self.kept.columns else ()))

    @override
    def columns(self) -> Sequence[Column]:
        group = (Column("group", _("Group"), width=10),) if self.kept.is_of_groups else ()
        shown = [key for key in self.keys() if key not in _LONG | {"description"}]
        return (
            *(_column(key, self.kept.name) for key in shown),
            *group,
            Column("in_use", _("In use"), width=12),
        )

    @override
    def cells(self, row: SharedRow) -> Sequence[Cell]:
        texts = self.texts(row)
        in_use = (
            Cell(_("Yes"), icon="check-circle", tone=Tone.GOOD)
            if row.is_in_use
            else Cell(_("Retired"), tone=Tone.MUTED)
        )
        texts["group"] = row.group
        words = {
            (field.key, each.value): each.title
            for field in self.fields(row)
            for each in field.choices
        }
        said = ((each.key, texts[each.key]) for each in self.columns()[:-1])
        return (*(Cell(words.get(each, each[1])) for each in said), in_use)

    @override
    def empty(self) -> tuple[str, str]:
        return _("Nothing here yet"), _("Add the first one.")

    @override
    def facts(self) -> tuple[Fact, ...]:
        row = self.current
        if row is None:
            return ()
        texts = self.texts(row)
        shown = [key for key in texts if key in _LONG | {"description"}]
        return tuple(Fact(field_word(key), texts[key]) for key in shown)

    @override
    def actions(self) -> tuple[Action, ...]:
        duty = Duty.SHARED if self.kept.service else Duty.PEOPLE
        if not self.office.may(duty, self.kept.service):
            return ()
        row = self.current
        of_row: tuple[Action, ...] = ()
        if row is not None:
            retire = _("Retire") if row.is_in_use else _("Use it again")
            of_row = (
                Action("retire", retire, "minus" if row.is_in_use else "restore", "F7"),
                Action("change", _("Change"), "practise", "F6"),
            )
        return (*of_row, Action("add", _("Add"), "plus", "F10", is_main=True))

    # ------------------------------------------------------------------ the form

    def texts(self, row: SharedRow) -> dict[str, str]:
        """What stands in the fields of a row."""
        values = dict(row.values)
        criteria = values.pop("criteria", None)
        if isinstance(criteria, dict):
            values |= criteria
        return {key: _written(key, values.get(key)) for key in self.keys()}

    def fields(self, row: SharedRow | None) -> tuple[Field, ...]:
        """The fields of a new row, or of one that is changed."""
        made = [
            self._field(key) for key in self.keys() if row is None or key not in self.kept.fixed
        ]
        if row is None and self.kept.is_of_groups:
            made.append(Field("groups", _("Codes of the groups")))
        return tuple(made)

    def _field(self, key: str) -> Field:
        kind = self.kept.table.c[key].type if key in self.kept.table.c else None
        if isinstance(kind, Choices):
            choices = tuple(Choice(each, value_word(each)) for each in kind.values)
            return Field(key, field_word(key), FieldKind.CHOICE, choices)
        if key in _YES_NO:
            yes_no = (Choice("yes", _("Yes")), Choice("no", _("No")))
            return Field(key, field_word(key), FieldKind.CHOICE, yes_no)
        if key == "measure":
            choices = tuple(Choice(each, value_word(each)) for each in MEASURES)
            return Field(key, field_word(key), FieldKind.CHOICE, choices)
        if key in _LONG:
            return Field(key, field_word(key), FieldKind.LINES)
        is_number = key in _COUNTS or key == "transaction_fee_rate"
        return Field(key, field_word(key), FieldKind.NUMBER if is_number else FieldKind.TEXT)

    def _readers(self, fields: Sequence[Field]) -> dict[str, Reader]:
        return {field.key: _reader(field.key) for field in fields if _reads(field.key)}

    def do_add(self) -> None:
        """Ask for a new row."""
        fields = self.fields(None)

        def work(values: Mapping[str, Any], session: Session, by: int) -> object:
            groups = codes(values.get("groups", ""))
            return add_shared(
                session,
                self.which,
                self._values(values),
                group_codes=groups,
                clock=self.office.clock,
                by=by,
            )

        texts = dict.fromkeys(_COUNTS, "0") | {"transaction_fee_rate": "0"}
        self._ask(_("Add"), fields, texts, work)

    def do_change(self) -> None:
        """Ask what the row should say."""
        row = self.current
        if row is None:
            return

        def work(values: Mapping[str, Any], session: Session, by: int) -> object:
            change_shared(
                session,
                self.which,
                row.row_id,
                self._values(values),
                clock=self.office.clock,
                by=by,
            )
            return None

        self._ask(row.name, self.fields(row), self.texts(row), work)

    def do_retire(self) -> None:
        """Offer the row no more, or again."""
        row, clock = self.current, self.office.clock
        if row is None:
            return
        is_in_use = not row.is_in_use

        def work(session: Session, by: int) -> None:
            retire_shared(session, self.which, row.row_id, is_in_use=is_in_use, clock=clock, by=by)

        retired = _("{name} is retired.", name=row.name)
        again = _("{name} is in use again.", name=row.name)
        self.write(work, again if is_in_use else retired)

    def _ask(
        self,
        title: str,
        fields: Sequence[Field],
        texts: Mapping[str, str],
        work: Callable[[Mapping[str, Any], Session, int], object],
    ) -> None:
        def act(form: OfficeForm, values: Mapping[str, Any]) -> None:  # noqa: ARG001
            self.write(
                lambda session, by: work(values, session, by),
                _("Kept. Laptops get it when they next sync."),
            )

        known = {field.key for field in fields}
        self.ask(
            OfficeForm(
                title,
                _("Keep it"),
                fields,
                act,
                readers=self._readers(fields),
                texts={key: text for key, text in texts.items() if key in known},
                notes={
                    "required_achievements": _("Names, with commas."),
                    "groups": _("With commas."),
                },
            )
        )

    def _values(self, typed: Mapping[str, Any]) -> dict[str, Any]:
        values = {key: typed[key] for key in self.keys() if key in typed}
        if "measure" in values:
            measure, least = values.pop("measure"), values.pop("at_least")
            values["criteria"] = {"measure": measure, "at_least": least}
        for key in _YES_NO & values.keys():
            values[key] = values[key] == "yes"
        return values


def _column(key: str, name: str) -> Column:
    is_number = key in _COUNTS or key == "transaction_fee_rate"
    width = {name: 26, "required_achievements": 30, "measure": 22}.get(key, 14)
    kind = CellKind.COUNT if is_number else CellKind.TEXT
    is_spare = key not in {name, "code", "provider_code"}
    return Column(key, field_word(key), kind, width=0 if is_number else width, is_spare=is_spare)


def _reads(key: str) -> bool:
    return key in _COUNTS | _LONG | {"transaction_fee_rate", "required_achievements"}


def _reader(key: str) -> Reader:
    if key == "transaction_fee_rate":
        return Reader(
            lambda text: read_number(text.replace("%", "") or "0", key) / 100,
            lambda rate: write_number(rate * 100),
        )
    if key in _LONG:
        return Reader(str)
    if key == "required_achievements":
        return Reader(
            lambda text: [name.strip() for name in text.split(",") if name.strip()],
            ", ".join,
        )
    return Reader(lambda text: parse_count(text or "0", _MOST, field=key))


def _written(key: str, value: Any) -> str:
    if value is None:
        return ""
    if key in _YES_NO:
        return "yes" if value else "no"
    if key == "transaction_fee_rate" and isinstance(value, Decimal):
        return write_number(value * 100)
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    return str(value)
