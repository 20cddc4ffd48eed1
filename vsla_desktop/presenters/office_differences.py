"""What laptops and head office see differently: looked at here, settled on the laptop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from typing_extensions import override

from vsla_desktop.i18n import _
from vsla_desktop.presenters.grid import Cell, Column
from vsla_desktop.presenters.office_table import Fact, OfficeTable
from vsla_desktop.presenters.office_words import instant
from vsla_desktop.presenters.runner import Lane
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.presenters.sync_values import value_words
from vsla_desktop.presenters.sync_words import about_words, column_words, reason_words

if TYPE_CHECKING:
    from vsla_desktop.sync import Disagreement


class DifferencesPresenter(OfficeTable["Disagreement"]):
    """Values that differ and rows that were not taken, the oldest first, in words."""

    icon = "check-circle"

    @override
    def refresh(self) -> None:
        """Read what is to be settled, in the words of ``vsla central conflicts``."""
        database = self.office.database

        def job() -> tuple[Disagreement, ...]:
            from vsla_desktop import sync

            return sync.disagreements(database)

        self.office.runner.submit(
            job, self.show, self.office.shell.say_error, owner=self, lane=Lane.NETWORK
        )

    @override
    def columns(self) -> Sequence[Column]:
        return (
            Column("laptop", _("Laptop"), width=14),
            Column("found", _("Found"), width=16),
            Column("group", _("Group"), width=12),
            Column("record", _("Record"), width=16),
            Column("what", _("What"), width=16),
            Column("mine", _("The laptop's"), width=16),
            Column("theirs", _("Head office"), width=16),
        )

    @override
    def cells(self, row: Disagreement) -> Sequence[Cell]:
        from vsla_desktop.sync import About

        record = about_words(About(row.table))
        head = (row.laptop, instant(row.found_at), row.group, record)
        if row.is_refused:
            not_taken = Cell(_("Not taken"), icon="warning", tone=Tone.WARNING)
            return (*map(Cell, head), not_taken, Cell(), Cell())
        what = column_words(row.column, row.table) if row.column else _("Removed")
        sides = (self._said(row, row.mine), self._said(row, row.theirs))
        return tuple(map(Cell, (*head, what, *sides)))

    @staticmethod
    def _said(row: Disagreement, value: str | None) -> str:
        return value_words(row.table, row.column, value, "") if row.column else ""

    @override
    def facts(self) -> tuple[Fact, ...]:
        row = self.current
        if row is None:
            return ()
        if row.is_refused:
            return (Fact(_("Why"), reason_words(row.kind, row.table)),)
        return (
            Fact(_("Stands"), self._said(row, row.theirs)),
            Fact(_("Written by"), row.by_whom),
            Fact("", _("It is settled on the laptop.")),
        )

    @override
    def empty(self) -> tuple[str, str]:
        return _("Nothing differs"), _("What laptops and head office see otherwise appears here.")
