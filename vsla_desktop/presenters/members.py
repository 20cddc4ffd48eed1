"""The members of a group: the list, and the member who is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from vsla_desktop.clock import Clock
from vsla_desktop.domain.committee import check_key_holders
from vsla_desktop.domain.currencies import Currency
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import _, translate_counted
from vsla_desktop.presenters.events import Event
from vsla_desktop.presenters.grid import Cell, CellKind, Column
from vsla_desktop.presenters.members_passbook import PassbookPresenter
from vsla_desktop.presenters.members_text import standing, standing_tone
from vsla_desktop.presenters.runner import Runner
from vsla_desktop.presenters.shell import ShellPresenter, Tone
from vsla_desktop.services.officers_codes import Tries
from vsla_desktop.wording import USUAL_WORDS, figure, sentence_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.db import Database
    from vsla_desktop.presenters.members_profile import MemberRead, ProfilePresenter
    from vsla_desktop.presenters.printing import Build
    from vsla_desktop.queries.members import MemberLine
    from vsla_desktop.reports.document import Document
    from vsla_desktop.wording import GroupWords


NOW, LEFT, ALL = "now", "left", "all"


class MembersPresenter:
    """A :class:`~vsla_desktop.presenters.listing.ListPresenter` of the members.

    ``passbook_came`` tells that a member was read, ``profile`` and ``passbook`` both; or that the
    list is gone back to, when neither is there. Photographs are kept below ``folder``.
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
        folder: Path,
        tries: Tries | None = None,
    ) -> None:
        self.database = database
        self.runner = runner
        self.shell = shell
        self.group_id = group_id
        self.currency = currency
        self.clock = clock
        self.folder = folder
        self.changed: Event[[]] = Event()
        self.rows_came: Event[[int, int]] = Event()
        self.passbook_came: Event[[]] = Event()
        self.words = USUAL_WORDS
        self.tries = tries or Tries()
        self.members: tuple[MemberLine, ...] = ()
        self.day = clock.today()
        self.passbook: PassbookPresenter | None = None
        self.profile: ProfilePresenter | None = None
        self._which = NOW
        self.is_read = False
        self._wanted = ""
        self._order = "number"
        self._shown: tuple[MemberLine, ...] = ()
        self._keys = tuple(each.key for each in self.columns())

    # ------------------------------------------------------------------ reading

    def refresh(self) -> None:
        """Read the members again."""
        database, group_id, today = self.database, self.group_id, self.clock.today()

        def job() -> tuple[GroupWords, tuple[MemberLine, ...], date]:
            from vsla_desktop.queries.group_words import group_words
            from vsla_desktop.queries.meetings import open_meeting_id
            from vsla_desktop.queries.members import members_of
            from vsla_desktop.queries.pages import meeting_page

            with database.read() as session:
                members = members_of(session, group_id, on=today, with_left=True)
                meeting = open_meeting_id(session, group_id)
                day = today if meeting is None else meeting_page(session, meeting).day
                return group_words(session, group_id), members, day

        self.runner.submit(job, self._came, self.shell.say_error, owner=self)

    def find(self, text: str) -> None:
        """Show only the members whose number or name this is."""
        self._wanted = text
        self._choose()

    def sort_by(self, order: str) -> None:
        """Put the members in the order of their ``number`` or ``name``."""
        self._order = order
        self._choose()

    def show(self, which: str) -> None:
        """Show the members ``NOW``, those who ``LEFT``, or both with ``ALL``."""
        self._which = which
        self._choose()

    def member(self, member_id: int) -> MemberLine | None:
        """One member of the list."""
        return next((each for each in self.members if each.member_id == member_id), None)

    def open_member(self, member_id: int) -> None:
        """Read all about one member."""
        database, today = self.database, self.clock.today()

        def job() -> MemberRead:
            from vsla_desktop.presenters.members_profile import read_member

            with database.read() as session:
                return read_member(session, member_id, today)

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
        self.passbook = self.profile = None
        self.passbook_came()

    def _came(self, read: tuple[GroupWords, tuple[MemberLine, ...], date]) -> None:
        self.words, self.members, self.day = read
        self.is_read = True
        self._choose()
        if self.passbook is not None:
            self.open_member(self.passbook.member.member_id)

    def _passbook_came(self, read: MemberRead) -> None:
        from vsla_desktop.presenters.members_profile import ProfilePresenter

        self.passbook = PassbookPresenter(
            read.book,
            self.currency,
            self.clock.today(),
            self.shell.correct_entry,
            self.shell.correct_mark,
            self.words,
        )
        self.profile = ProfilePresenter(self, read)
        self.passbook_came()

    def _choose(self) -> None:
        wanted = " ".join(self._wanted.split()).casefold()
        shown = (
            each
            for each in self.members
            if self._which in {ALL, NOW if each.is_active else LEFT} and _matches(each, wanted)
        )
        by_name = self._order == "name"
        self._shown = tuple(
            sorted(shown, key=lambda each: each.name.casefold()) if by_name else shown
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
            Column("standing", _("Office"), width=14),
            Column("shares", self.words.shares(), CellKind.COUNT, width=7),
            Column("savings", _("Savings"), CellKind.AMOUNT, note=code, width=11),
            Column("loan", _("Loan"), CellKind.AMOUNT, note=code, width=11),
            Column("fines", _("Fines"), CellKind.AMOUNT, note=code, width=8, is_spare=True),
            Column("attendance", _("Present"), CellKind.COUNT, width=8, is_spare=True),
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
            case "standing":
                return self._standing(member)
            case "shares":
                return Cell(str(member.shares))
            case "savings":
                return Cell(figure(member.savings, self.currency))
            case "loan" if member.loan_is_late:
                text = figure(member.loans_owed, self.currency)
                return Cell(text, tooltip=_("Late"), icon="warning", tone=Tone.WARNING)
            case "loan":
                return Cell(figure(member.loans_owed, self.currency))
            case "fines":
                return Cell(figure(member.fines_owed, self.currency))
            case _:
                return Cell(f"{member.attendance_percentage:.0f} %")

    def _standing(self, member: MemberLine) -> Cell:
        """The standing; of a leaver also what the group still owes."""
        said, tone = standing(member), standing_tone(member)
        if not member.owed_to:
            return Cell(said, tone=tone)
        owed = _("owed {amount}", amount=figure(member.owed_to, self.currency))
        return Cell(f"{said} · {owed}", icon="money-out", tone=Tone.WARNING)

    def row_title(self, row: int) -> str:
        """Number and name."""
        return f"{self._shown[row].number} {self._shown[row].name}"

    def open_row(self, row: int) -> None:
        """Open the member's page."""
        self.open_member(self._shown[row].member_id)

    def check_key_holders(self, count: int, *, field: str = "") -> None:
        """Raise :class:`RuleBroken` unless the group may have so many key-holders."""
        check_key_holders(members_count=len(self._active()), key_holder_count=count, field=field)

    def warning(self) -> str:
        """What the group should elect anew; empty when nothing."""
        try:
            self.check_key_holders(sum(each.office == "KEY_HOLDER" for each in self._active()))
        except RuleBroken as lacking:
            return sentence_of(lacking)
        return ""

    def _active(self) -> list[MemberLine]:
        return [each for each in self.members if each.is_active and each.status == "ACTIVE"]

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
