"""The members of a group: the list, one member's passbook, and who leads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from vsla_desktop.clock import Clock
from vsla_desktop.domain.currencies import Currency
from vsla_desktop.domain.money import ZERO
from vsla_desktop.i18n import _, format_date, translate_counted
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.figures import figure
from vsla_desktop.presenters.grid import Cell, CellKind, Column
from vsla_desktop.presenters.meeting_text import attendance_word
from vsla_desktop.presenters.runner import Runner
from vsla_desktop.presenters.shell import ShellPresenter, Tone

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.db import Database
    from vsla_desktop.presenters.printing import Build
    from vsla_desktop.queries.members import MemberLine, Passbook, PassbookLine
    from vsla_desktop.reports.document import Document


def office_names() -> dict[str, str]:
    """The offices as the group calls them."""
    return {
        "CHAIRPERSON": _("Chairperson"),
        "SECRETARY": _("Secretary"),
        "TREASURER": _("Treasurer"),
        "MONEY_COUNTER": _("Money-counter"),
        "KEY_HOLDER": _("Key-holder"),
    }


def gender_names() -> dict[str, str]:
    """The genders as the programme's forms count them."""
    return {"F": _("Female"), "M": _("Male"), "Other": _("Other")}


def standing(member: MemberLine) -> str:
    """The member's office or standing, in a word."""
    if not member.is_active:
        return _("Left")
    if member.status == "SUSPENDED":
        return _("Suspended")
    return office_names().get(member.office, _("Member"))


class MembersPresenter:
    """A :class:`~vsla_desktop.presenters.listing.ListPresenter` of the members.

    ``opened`` gives the member whose passbook was read.
    """

    def __init__(
        self,
        database: Database,
        runner: Runner,
        shell: ShellPresenter,
        *,
        group_id: int,
        currency: Currency,
        clock: Clock,
    ) -> None:
        self.database = database
        self.runner = runner
        self.shell = shell
        self.group_id = group_id
        self.currency = currency
        self.clock = clock
        self.changed: Event[[]] = Event()
        self.rows_came: Event[[int, int]] = Event()
        self.passbook_came: Event[[]] = Event()
        self.members: tuple[MemberLine, ...] = ()
        self.passbook: PassbookPresenter | None = None
        self.shows_left = False
        self.is_read = False
        self._wanted = ""
        self._shown: tuple[MemberLine, ...] = ()
        self._keys = tuple(each.key for each in self.columns())

    # ------------------------------------------------------------------ reading

    def refresh(self) -> None:
        """Read the members again."""
        database, group_id, today = self.database, self.group_id, self.clock.today()

        def job() -> tuple[MemberLine, ...]:
            from vsla_desktop.queries.members import members_of

            with database.read() as session:
                return members_of(session, group_id, on=today, with_left=True)

        self.runner.submit(job, self._came, self.shell.say_error, owner=self)

    def find(self, text: str) -> None:
        """Show only the members whose number or name this is."""
        self._wanted = text
        self._choose()

    def show_left(self, *, wanted: bool) -> None:
        """Show those who left, too."""
        self.shows_left = wanted
        self._choose()

    def member(self, member_id: int) -> MemberLine | None:
        """One member of the list."""
        return next((each for each in self.members if each.member_id == member_id), None)

    def open_member(self, member_id: int) -> None:
        """Read one member's passbook."""
        database, today = self.database, self.clock.today()

        def job() -> Passbook:
            from vsla_desktop.queries.members import passbook

            with database.read() as session:
                return passbook(session, member_id, on=today)

        self.runner.submit(job, self._passbook_came, self.shell.say_error, owner=self)

    def pages(self) -> Build:
        """What is shown as pages to print: the open passbook, or the list of members."""
        group_id = self.group_id
        member_id = self.passbook.member.member_id if self.passbook is not None else 0

        def build(session: Session, day: date) -> Document:
            from vsla_desktop.reports.member_papers import member_list, passbook_pages

            if member_id:
                return passbook_pages(session, member_id, on=day)
            return member_list(session, group_id, on=day)

        return build

    def close_member(self) -> None:
        """Go back to the list."""
        self.passbook = None
        self.passbook_came()

    def _came(self, members: tuple[MemberLine, ...]) -> None:
        self.members = members
        self.is_read = True
        self._choose()
        if self.passbook is not None:
            self.open_member(self.passbook.member.member_id)

    def _passbook_came(self, book: Passbook) -> None:
        self.passbook = PassbookPresenter(book, self.currency, self.clock.today())
        self.passbook_came()

    def _choose(self) -> None:
        wanted = " ".join(self._wanted.split()).casefold()
        self._shown = tuple(
            each
            for each in self.members
            if (self.shows_left or each.is_active) and _matches(each, wanted)
        )
        self.changed()

    # ------------------------------------------------------------------ the list

    def row_count(self) -> int:
        """How many members are shown."""
        return len(self._shown)

    def columns(self) -> Sequence[Column]:
        """What is said of each member."""
        code = self.currency.code
        return (
            Column("number", _("No."), CellKind.COUNT, width=4),
            Column("name", _("Name"), width=26),
            Column("phone", _("Phone"), width=15),
            Column("savings", _("Savings"), CellKind.AMOUNT, note=code, width=11),
            Column("loan", _("Loan"), CellKind.AMOUNT, note=code, width=11),
            Column("fines", _("Fines"), CellKind.AMOUNT, note=code, width=8),
            Column("attendance", _("Present"), CellKind.COUNT, width=8),
            Column("standing", _("Standing"), width=14),
        )

    def cell(self, row: int, column: int) -> Cell:
        """See :class:`~vsla_desktop.presenters.listing.ListPresenter`."""
        member = self._shown[row]
        tone = Tone.PLAIN if member.is_active else Tone.MUTED
        match self._keys[column]:
            case "number":
                return Cell(str(member.number or ""), tone=tone)
            case "name":
                return Cell(member.name, tone=tone)
            case "phone":
                return Cell(member.phone_number, tone=tone)
            case "savings":
                return Cell(figure(member.savings, self.currency))
            case "loan" if member.loan_is_late:
                text = figure(member.loans_owed, self.currency)
                return Cell(text, tooltip=_("Late"), icon="warning", tone=Tone.WARNING)
            case "loan":
                return Cell(figure(member.loans_owed, self.currency))
            case "fines":
                return Cell(figure(member.fines_owed, self.currency))
            case "attendance":
                return Cell(f"{member.attendance_percentage:.0f} %")
            case _:
                return Cell(standing(member), tone=_standing_tone(member))

    def row_title(self, row: int) -> str:
        """Number and name."""
        return f"{self._shown[row].number} {self._shown[row].name}"

    def open_row(self, row: int) -> None:
        """Open the member's passbook."""
        self.open_member(self._shown[row].member_id)

    def summary(self) -> str:
        """How many there are, in words."""
        active = [each for each in self.members if each.is_active]
        count = translate_counted("{count} member", "{count} members", len(active))
        women = sum(each.gender == "F" for each in active)
        return f"{count}, {translate_counted('{count} woman', '{count} women', women)}"


def _matches(member: MemberLine, wanted: str) -> bool:
    return (
        not wanted
        or wanted == str(member.number)
        or (not wanted.isdecimal() and wanted in member.name.casefold())
        or (len(wanted) > 3 and wanted.replace(" ", "") in member.phone_number.replace(" ", ""))  # noqa: PLR2004 - more than a number
    )


def _standing_tone(member: MemberLine) -> Tone:
    if not member.is_active:
        return Tone.MUTED
    return Tone.WARNING if member.status == "SUSPENDED" else Tone.PLAIN


class PassbookPresenter:
    """One member's passbook as a list, the newest line first."""

    def __init__(self, book: Passbook, currency: Currency, today: date) -> None:
        self.changed: Event[[]] = Event()
        self.rows_came: Event[[int, int]] = Event()
        self.book = book
        self.member = book.member
        self.currency = currency
        self._lines = tuple(reversed(book.lines))
        self._today = today
        self._keys = tuple(each.key for each in self.columns())

    def title(self) -> str:
        """Number and name."""
        return f"{self.member.number}  {self.member.name}"

    def note(self) -> str:
        """Standing, gender, telephone, since when."""
        member = self.member
        parts = [standing(member), gender_names().get(member.gender, ""), member.phone_number]
        if member.joined is not None:
            parts.append(_("since {day}", day=format_date(member.joined)))
        return " · ".join(part for part in parts if part)

    def figures(self) -> Sequence[tuple[str, str, str, Tone]]:
        """Title, figure, note and tone of what the member has and owes."""
        member = self.member
        shares = self._lines[0].shares_held if self._lines else 0
        loan_note, tone = "", Tone.MUTED
        out = [loan for loan in self.book.loans if loan.is_out]
        if member.loan_is_late:
            days = max(loan.days_late(self._today) for loan in out)
            loan_note = translate_counted("{count} day late", "{count} days late", days)
            tone = Tone.WARNING
        elif out and (due := out[0].next_due()) is not None:
            loan_note = _("Next due {day}", day=format_date(due.due_date))
        return (
            (
                _("Savings"),
                figure(member.savings, self.currency),
                translate_counted("{count} share", "{count} shares", shares),
                Tone.MUTED,
            ),
            (_("Loan to pay back"), figure(member.loans_owed, self.currency), loan_note, tone),
            (_("Fines not paid"), figure(member.fines_owed, self.currency), "", Tone.MUTED),
            (_("Present"), f"{member.attendance_percentage:.0f} %", "", Tone.MUTED),
        )

    def row_count(self) -> int:
        """How many lines there are."""
        return len(self._lines)

    def columns(self) -> Sequence[Column]:
        """The columns of a passbook."""
        amount = CellKind.AMOUNT
        return (
            Column("day", _("Day"), width=12),
            Column("meeting", _("Meeting"), CellKind.COUNT, width=8),
            Column("mark", _("Roll call"), width=12),
            Column("shares", _("Shares"), CellKind.COUNT, width=7),
            Column("saved", _("Saved"), amount, width=9),
            Column("held", _("Savings"), amount, width=11),
            Column("social", _("Social fund"), amount, width=10),
            Column("fine", _("Fine"), amount, width=8),
            Column("paid", _("Fine paid"), amount, width=8),
            Column("loan", _("Loan taken"), amount, width=10),
            Column("repaid", _("Repaid"), amount, width=10),
        )

    def cell(self, row: int, column: int) -> Cell:
        """See :class:`~vsla_desktop.presenters.listing.ListPresenter`."""
        line = self._lines[row]
        key = self._keys[column]
        if key == "day":
            return Cell(format_date(line.day))
        if key == "meeting":
            return Cell(str(line.meeting_number or ""))
        if key == "mark":
            return Cell(attendance_word(line.attendance) if line.attendance else "")
        if key == "shares":
            return Cell(str(line.shares))
        return Cell(figure(_amount(line, key), self.currency), tooltip=_others(line, key))

    def row_title(self, row: int) -> str:
        """The day of the line."""
        return format_date(self._lines[row].day)

    def open_row(self, row: int) -> None:
        """There is nothing more to a line."""


def _amount(line: PassbookLine, key: str) -> Decimal:
    return {
        "saved": line.saved,
        "held": line.savings_held,
        "social": line.social,
        "fine": line.fines_charged,
        "paid": line.fines_paid,
        "loan": line.loan_given,
        "repaid": line.loan_principal + line.loan_charge + line.loan_penalty,
    }.get(key, ZERO)


def _others(line: PassbookLine, key: str) -> str:
    if key != "repaid" or not line.loan_charge:
        return ""
    return _("Charge and penalty included")
