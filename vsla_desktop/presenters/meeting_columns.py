"""Which columns the sheet shows: the whole page, or those of one step of the agenda."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import Enum, auto

from sqlalchemy.orm import Session

from vsla_desktop.clock import Clock
from vsla_desktop.domain.meeting import AgendaStep
from vsla_desktop.domain.money import ZERO
from vsla_desktop.domain.postings import Fund
from vsla_desktop.i18n import _
from vsla_desktop.presenters.meeting_cells import (
    AMOUNT_WIDTH,
    AmountColumn,
    NameColumn,
    NumberColumn,
    SharesColumn,
    SharesMoneyColumn,
    SheetColumn,
    among_others,
)
from vsla_desktop.presenters.meeting_loans import (
    FineForColumn,
    GuarantorsColumn,
    LoanAmountColumn,
    LoanPeriodsColumn,
    LoanPurposeColumn,
)
from vsla_desktop.presenters.meeting_reading import Book
from vsla_desktop.presenters.meeting_roll_call import AttendanceColumn, AttendanceNoteColumn
from vsla_desktop.queries.sheet import SavingColumn, SheetRow
from vsla_desktop.services.cells import (
    set_advance,
    set_advance_repaid,
    set_fine_charged,
    set_fine_paid,
    set_grant,
    set_repayment,
    set_saving,
    set_social,
)
from vsla_desktop.wording import GroupWords

FROZEN = 2
"""Number and name always stay in sight."""


class Step(Enum):
    """What of the meeting is on the screen."""

    WHOLE = auto()
    ROLL_CALL = auto()
    SOCIAL_FUND = auto()
    SHARES = auto()
    FINES = auto()
    LOAN_REPAYMENTS = auto()
    NEW_LOANS = auto()
    OTHER_MONEY = auto()
    ACTIVITIES = auto()
    NOTES = auto()


OFF_SHEET = frozenset({Step.OTHER_MONEY, Step.ACTIVITIES, Step.NOTES})
"""The steps that are no columns of the sheet."""

_OF_AGENDA = {
    AgendaStep.ROLL_CALL: Step.ROLL_CALL,
    AgendaStep.SOCIAL_FUND: Step.SOCIAL_FUND,
    AgendaStep.SHARES: Step.SHARES,
    AgendaStep.FINES: Step.FINES,
    AgendaStep.OTHER_MONEY: Step.OTHER_MONEY,
    AgendaStep.LOAN_REPAYMENTS: Step.LOAN_REPAYMENTS,
    AgendaStep.NEW_LOANS: Step.NEW_LOANS,
}


@dataclass(frozen=True, slots=True)
class StepTitle:
    """One step to choose, in the order of the group's agenda."""

    step: Step
    title: str


def step_title(step: Step, words: GroupWords) -> str:
    """Say what a step is called, in the group's words."""
    return {
        Step.WHOLE: _("Whole page"),
        Step.ROLL_CALL: _("Roll call"),
        Step.SOCIAL_FUND: words.fund(Fund.SOCIAL),
        Step.SHARES: words.shares(),
        Step.FINES: _("Fines"),
        Step.LOAN_REPAYMENTS: _("Repayments"),
        Step.NEW_LOANS: _("New loans"),
        Step.OTHER_MONEY: _("Other money"),
        Step.ACTIVITIES: _("Votes and training"),
        Step.NOTES: _("Notes"),
    }[step]


def steps_of(book: Book) -> tuple[StepTitle, ...]:
    """The whole page, the steps of the group's agenda in its order, and what was decided."""
    agenda = [_OF_AGENDA[step] for step in book.sheet.rules.agenda if step in _OF_AGENDA]
    words = words_of(book)
    steps = (Step.WHOLE, *agenda, Step.ACTIVITIES, Step.NOTES)
    return tuple(StepTitle(step, step_title(step, words)) for step in steps)


def words_of(book: Book) -> GroupWords:
    """The words that the group uses."""
    return GroupWords.of(book.sheet.rules)


def columns_of(book: Book, step: Step) -> tuple[SheetColumn, ...]:
    """The columns of a step, from left to right; none for a step that is no sheet."""
    if step in OFF_SHEET:
        return ()
    shown = _whole(book) if step is Step.WHOLE else _of_step(book, step)
    return (NumberColumn(), NameColumn(), *shown)


def all_columns(book: Book) -> tuple[SheetColumn, ...]:
    """Every column that takes something, in the order of the agenda, each once."""
    found: dict[str, SheetColumn] = {}
    for title in steps_of(book):
        for column in columns_of(book, title.step):
            if column.is_editable:
                found.setdefault(column.key, column)
    return tuple(found.values())


def step_with(book: Book, key: str) -> Step:
    """A step that shows a column, the whole page if it does."""
    for title in steps_of(book):
        if any(column.key == key for column in columns_of(book, title.step)):
            return title.step
    return Step.WHOLE


def _whole(book: Book) -> tuple[SheetColumn, ...]:
    """What every meeting needs, in the order of the agenda; what is rarer stands in its own step.

    So the whole page fits a small screen, and nothing is looked for at its far end.
    """
    shown: list[SheetColumn] = []
    for title in steps_of(book):
        match title.step:
            case Step.ROLL_CALL:
                shown.append(AttendanceColumn())
            case Step.SOCIAL_FUND:
                shown.append(_social(book))
            case Step.SHARES:
                shown += [SharesColumn(words_of(book)), SharesMoneyColumn(), *_savings(book)]
            case Step.FINES:
                shown += [_fine_charged(), _fine_paid()]
            case Step.LOAN_REPAYMENTS:
                shown.append(_repaid())
            case Step.NEW_LOANS:
                shown += [LoanAmountColumn(), *_voted(book)]
    return tuple(shown)


def _of_step(book: Book, step: Step) -> tuple[SheetColumn, ...]:
    match step:
        case Step.ROLL_CALL:
            return (AttendanceColumn(), AttendanceNoteColumn(), _fines_owed())
        case Step.SOCIAL_FUND:
            return (_social(book), _grant(), _advance(), _advance_owed(), _advance_repaid())
        case Step.SHARES:
            return (SharesColumn(words_of(book)), SharesMoneyColumn(), *_savings(book))
        case Step.FINES:
            return (*_fine_kinds(book), _fine_charged(), _fines_owed(), _fine_paid())
        case Step.LOAN_REPAYMENTS:
            return (_due(), _settles(), _repaid())
        case _:
            loan = (LoanAmountColumn(), LoanPeriodsColumn(), LoanPurposeColumn())
            return (_settles(), *loan, *_voted(book))


def _fine_kinds(book: Book) -> tuple[FineForColumn, ...]:
    """What a member is fined for, where the tariff has something to choose from."""
    chosen = FineForColumn()
    return (chosen,) if len(chosen.choices(book)) > 1 else ()


def _voted(book: Book) -> tuple[GuarantorsColumn, ...]:
    """Who stands for a loan, where the group asks for it."""
    return (GuarantorsColumn(),) if book.sheet.rules.guarantors_required else ()


def _social(book: Book) -> AmountColumn:
    words = words_of(book)
    return AmountColumn(
        "social",
        lambda: words.fund(Fund.SOCIAL),
        lambda row: row.social_paid,
        set_social,
        likely=lambda _book, row: row.social_due or None,
        filled=lambda row: row.social_due,
    )


def _grant() -> AmountColumn:
    return AmountColumn("grant", lambda: _("Grant"), lambda row: row.grant, set_grant)


def _advance() -> AmountColumn:
    return AmountColumn("advance", lambda: _("Advance"), lambda row: row.advance, set_advance)


def _advance_owed() -> AmountColumn:
    return AmountColumn("advance_owed", lambda: _("Advance owed"), lambda row: row.advance_owed)


def _advance_repaid() -> AmountColumn:
    return AmountColumn(
        "advance_repaid",
        lambda: _("Advance repaid"),
        lambda row: row.advance_repaid,
        set_advance_repaid,
        most=lambda row: row.advance_owed + row.advance_repaid,
        too_much="This pays all advances back.",
        also_left=True,
    )


def _savings(book: Book) -> tuple[AmountColumn, ...]:
    return tuple(_saving(kind, words_of(book)) for kind in book.sheet.saving_columns)


def _saving(kind: SavingColumn, words: GroupWords) -> AmountColumn:
    def put(
        session: Session, meeting_id: int, member_id: int, amount: Decimal, *, clock: Clock
    ) -> None:
        set_saving(session, meeting_id, member_id, kind.code, amount, clock=clock)

    column = AmountColumn(
        f"saving_{kind.code}",
        lambda: words.saving(kind.code, kind.name),
        lambda row: row.saved(kind.code),
        put,
    )
    return replace(column, likely=among_others(column))


def _fine_charged() -> AmountColumn:
    return AmountColumn(
        "fine_charged",
        lambda: _("Fined"),
        lambda row: row.fines_charged,
        set_fine_charged,
        likely=lambda book, _row: max(book.sheet.rules.fine_tariff.values(), default=None),
        about=FineForColumn().tip,
        width=AMOUNT_WIDTH - 2,
    )


def _fines_owed() -> AmountColumn:
    return AmountColumn("fines_owed", lambda: _("Fines owed"), lambda row: row.fines_owed)


def _fine_paid() -> AmountColumn:
    return AmountColumn(
        "fine_paid",
        lambda: _("Fine paid"),
        lambda row: row.fines_paid,
        set_fine_paid,
        most=lambda row: row.fines_owed + row.fines_paid,
        too_much="This pays all fines.",
        filled=lambda row: row.fines_owed,
        about=_about_fines,
        also_left=True,
    )


def _about_fines(book: Book, row: SheetRow) -> str:
    if not row.fines_owed + row.fines_paid:
        return _("No fine is owed.")
    return _("{amount} of fines is owed.", amount=book.money.amount(row.fines_owed))


def _due() -> AmountColumn:
    return AmountColumn("loan_due", lambda: _("Due today"), lambda row: row.loan_due)


def _settles() -> AmountColumn:
    return AmountColumn("loan_settles", lambda: _("Clears today"), lambda row: row.loan_settles)


def _repaid() -> AmountColumn:
    return AmountColumn(
        "loan_repaid",
        lambda: _("Repaid"),
        lambda row: row.loan_repaid,
        set_repayment,
        most=lambda row: row.loan_settles + row.loan_repaid,
        too_much="This clears the loans today.",
        filled=lambda row: row.loan_due or ZERO,
        about=_about_loans,
        also_left=True,
        width=AMOUNT_WIDTH + 1,
    )


def _about_loans(book: Book, row: SheetRow) -> str:
    if not row.loan_settles + row.loan_repaid:
        return _("No loan is out.")
    return _(
        "{due} is due today; {settles} clears all.",
        due=book.money.amount(row.loan_due),
        settles=book.money.amount(row.loan_settles),
    )
