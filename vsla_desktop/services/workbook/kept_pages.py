"""The sheets of what a group has decided and keeps: rules, kinds of saving, property, and lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, update

from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import Fund
from vsla_desktop.domain.saving_types import SavingTypeRule
from vsla_desktop.queries.funds_property import PropertyItem, items_to_json
from vsla_desktop.queries.saving_types import saving_types_of
from vsla_desktop.queries.tables import CYCLES, GROUPS, SETTINGS
from vsla_desktop.services.rules import change_rules
from vsla_desktop.services.saving_types import keep_saving_types
from vsla_desktop.services.workbook.attempts import Attempts, Place
from vsla_desktop.services.workbook.more_sheets import RULES, SAVINGS

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.services.workbook.books import Books
    from vsla_desktop.services.workbook.more_rows import RuleRow, SavingRow

_RULE_FIELDS = {
    "effective_date": "from_date",
    "in_favour": "votes_for",
    "against": "votes_against",
    "abstained": "votes_abstained",
}
_SAVING_FIELDS = {
    "is_used": "used",
    "fund": "fund",
    "minimum": "minimum",
    "maximum": "maximum",
    "notice_days": "notice_days",
}
TARGET = "TARGET"
_CYCLES = (
    select(CYCLES.c.id)
    .where(CYCLES.c.group_id == bindparam("of_group"))
    .order_by(CYCLES.c.cycle_number)
)


@dataclass(frozen=True, slots=True)
class KeptPages:
    """Writes what one group keeps beside its meetings."""

    attempts: Attempts
    books: Books
    group_id: int
    clock: Clock
    by: int | None

    @property
    def _session(self) -> Session:
        return self.attempts.session

    # --- rules ----------------------------------------------------------------------------------

    def rules(self, meeting: int | None = None) -> None:
        """Let the rules hold that a meeting voted, or that were changed before the first one."""
        for row in self.books.rule_sets:
            if row.meeting == meeting:
                place = Place(RULES, row.row, "from_date", _RULE_FIELDS)
                self.attempts.attempt(place, lambda row=row: self._change(row))  # type: ignore[misc]

    def _change(self, row: RuleRow) -> None:
        change_rules(
            self._session,
            self.group_id,
            row.rules,
            from_day=row.from_date,
            saving_types=self._types(row.from_date) or None,
            vote=None if row.meeting is None else row.vote,
            words=row.said,
            clock=self.clock,
            by=self.by,
        )

    # --- kinds of saving ------------------------------------------------------------------------

    def _types(self, since: date | None = None) -> tuple[SavingTypeRule, ...]:
        """Return the rules of kinds of saving from a day on, or those of the beginning."""
        return tuple(self._rule(row) for row in self.books.savings if row.from_date == since)

    @property
    def _has_history(self) -> bool:
        return any(row.from_date is not None for row in self.books.savings)

    def open_savings(self) -> None:
        """Keep the kinds of saving as the group did at first.

        Where that is not known, every kind that the books speak of is used, and as yet without the
        limits of today.
        """
        if self._has_history:
            self._keep(self.books.savings[0], self._types())
            return
        spoken_of = {row.detail.strip().upper() for row in self.books.other}
        spoken_of |= {TARGET} if any(row.target for row in self.books.members) else set()
        for row in self.books.savings:
            rule = self._rule(row)
            is_used = rule.is_used or rule.code in spoken_of
            open_rule = SavingTypeRule(
                code=rule.code, is_used=is_used, fund=rule.fund, allows_withdrawal=True
            )
            self._keep(row, (open_rule,))

    def close_savings(self) -> None:
        """Let the limits of the kinds of saving hold from now on."""
        if self.books.savings and not self._has_history:
            self._keep(self.books.savings[0], self._types())

    def _rule(self, row: SavingRow) -> SavingTypeRule:
        code = row.kind.strip().upper()
        lines = saving_types_of(self._session, self.group_id)
        usual = {line.rule.code: line.rule.fund for line in lines}
        return SavingTypeRule(
            code=code,
            is_used=row.used is not False,
            fund=Fund(row.fund) if row.fund else usual.get(code, Fund.LOAN_FUND),
            minimum=row.minimum or ZERO,
            maximum=row.maximum,
            allows_withdrawal=bool(row.withdrawal),
            notice_days=row.notice_days or 0,
        )

    def _keep(self, row: SavingRow, rules: tuple[SavingTypeRule, ...]) -> None:
        self.attempts.attempt(
            Place(SAVINGS, row.row, "kind", _SAVING_FIELDS),
            lambda: keep_saving_types(
                self._session, self.group_id, rules, clock=self.clock, by=self.by
            ),
        )

    # --- lists ----------------------------------------------------------------------------------

    def lists(self) -> None:
        """Write down property, bank statements, what is given at each event, and each beginning."""
        books = self.books
        items = (
            PropertyItem(
                number=row.number,
                name=row.name,
                bought_on=row.bought_on,
                cost=row.cost,
                value=row.value,
                valued_on=row.valued_on,
                note=row.note,
                removed_on=row.removed_on,
                removal_reason=row.removal_reason,
            )
            for row in books.belongings
        )
        statements = [
            {
                "day": row.date.isoformat(),
                "said": f"{row.said:f}",
                "book": f"{row.book:f}",
                "note": row.note,
            }
            for row in books.statements
        ]
        tariff = {row.event: f"{row.amount:f}" for row in books.grants if row.amount}
        group = GROUPS.c.id == self.group_id
        if books.belongings:
            self._write(update(GROUPS).where(group), {"property_items": items_to_json(items)})
        if statements:
            self._write(update(GROUPS).where(group), {"bank_statements": statements})
        if tariff:
            settings = SETTINGS.c.group_id == self.group_id
            self._write(update(SETTINGS).where(settings), {"grant_tariff": tariff})
        found = self._session.connection().execute(_CYCLES, {"of_group": self.group_id}).scalars()
        for cycle_id, row in zip(found.all(), books.cycles, strict=False):
            began = {
                "members_at_start": row.members_at_start,
                "property_at_start": row.property_at_start,
            }
            values = {name: value for name, value in began.items() if value is not None}
            if values:
                self._write(update(CYCLES).where(CYCLES.c.id == cycle_id), values)

    def _write(self, statement: Any, values: dict[str, Any]) -> None:
        values["updated_date"] = self.clock.now()
        self._session.connection().execute(statement, values)
