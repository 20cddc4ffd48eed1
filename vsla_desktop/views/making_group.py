"""The pages of one group, each made with its presenter when it is first shown."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from vsla_desktop.errors import StorageError
from vsla_desktop.i18n import _
from vsla_desktop.presenters.meeting_undo import MeetingUndo
from vsla_desktop.views.pages.page import Page, PageDeclaration

if TYPE_CHECKING:
    from vsla_desktop.queries.groups import GroupLine
    from vsla_desktop.services.officers_codes import Tries
    from vsla_desktop.views.making import ProgramPages

T = TypeVar("T")


class GroupPages:
    """Makes the pages on which a group's book is written and read."""

    def __init__(self, pages: ProgramPages) -> None:
        self.pages = pages
        self._wrong_codes: Tries | None = None

    def declared(self) -> list[PageDeclaration]:
        """The pages of a group, in the order of the rail; home and the reports stand elsewhere."""
        in_rail = (
            ("meeting", _("Meeting"), "meeting", self._make_meeting),
            ("members", _("Members"), "members", self._make_members),
            ("loans", _("Loans"), "loans", self._make_loans),
            ("funds", _("Funds"), "funds", self._make_funds),
            ("cashbook", _("Cashbook"), "cashbook", self._make_cashbook),
            ("share-out", _("Share-out"), "share-out", self._make_share_out),
            ("rules", _("Rules"), "rules", self._make_rules),
        )
        beside = (
            ("take-out", "workbook", self._make_take_out),
            ("paper-books", "documents", self._make_paper),
        )
        return [
            *(
                PageDeclaration(key, title, icon, self.pages.open_book(make))
                for key, title, icon, make in in_rail
            ),
            *(
                PageDeclaration(key, "", icon, self.pages.open_book(make), in_rail=False)
                for key, icon, make in beside
            ),
        ]

    def _tries(self) -> Tries:
        """One count of wrong codes, wherever they are typed, until the program ends."""
        if self._wrong_codes is None:
            from vsla_desktop.services.officers_codes import Tries

            self._wrong_codes = Tries()
        return self._wrong_codes

    def _make_take_out(self) -> Page:
        from vsla_desktop.presenters.take_out import TakeOutPresenter
        from vsla_desktop.views.pages.take_out import TakeOutPage

        group, p = self._group(), self.pages.program

        def make() -> TakeOutPresenter:
            return TakeOutPresenter(
                lambda: p.database, p.runner, p.shell, group, p.clock, p.folder.documents
            )

        return TakeOutPage(self.pages.presenter("take-out", make))

    def _make_paper(self) -> Page:
        from vsla_desktop.domain.currencies import CURRENCIES
        from vsla_desktop.presenters.paper_books import PaperBooksPresenter
        from vsla_desktop.views.pages.paper_books import PaperBooksPage

        group, program = self._group(), self.pages.program
        folder = self.pages.book_folder()

        def make() -> PaperBooksPresenter:
            return PaperBooksPresenter(
                program.database,
                program.runner,
                program.shell,
                group_id=group.group_id,
                currency=CURRENCIES[group.currency],
                clock=program.clock,
                folder=folder,
            )

        return PaperBooksPage(self.pages.presenter("paper-books", make))

    def _make_meeting(self) -> Page:
        from vsla_desktop.presenters.meeting import MeetingPresenter
        from vsla_desktop.views.pages.meeting import MeetingPage

        group = self._group()
        return MeetingPage(
            self.pages.presenter(
                "meeting",
                lambda: MeetingPresenter(
                    self.pages.program.database,
                    self.pages.program.runner,
                    self.pages.program.shell,
                    group_id=group.group_id,
                    clock=self.pages.program.clock,
                    undo=self.pages.presenter("undo", MeetingUndo),
                    tries=self._tries(),
                ),
            ),
            self.pages.printing,
        )

    def _make_members(self) -> Page:
        from vsla_desktop.presenters.members import MembersPresenter
        from vsla_desktop.views.pages.members import MembersPage

        kind = partial(MembersPresenter, folder=self.pages.book_folder(), tries=self._tries())
        return MembersPage(self._of_group("members", kind), self.pages.printing)

    def _make_loans(self) -> Page:
        from vsla_desktop.presenters.loans import LoansPresenter
        from vsla_desktop.views.pages.loans import LoansPage

        return LoansPage(self._of_group("loans", LoansPresenter), self.pages.printing)

    def _make_funds(self) -> Page:
        from vsla_desktop.presenters.funds import FundsPresenter
        from vsla_desktop.views.pages.funds import FundsPage

        kind = partial(FundsPresenter, undo=self.pages.presenter("undo", MeetingUndo))
        return FundsPage(self._of_group("funds", kind))

    def _make_cashbook(self) -> Page:
        from vsla_desktop.presenters.cashbook import CashbookPresenter
        from vsla_desktop.views.pages.cashbook import CashbookPage

        return CashbookPage(self._of_group("cashbook", CashbookPresenter))

    def _make_share_out(self) -> Page:
        from vsla_desktop.presenters.share_out import ShareOutPresenter
        from vsla_desktop.views.pages.share_out import ShareOutPage

        return ShareOutPage(
            self._of_group("share-out", ShareOutPresenter),
            self.pages.printing,
        )

    def _make_rules(self) -> Page:
        from vsla_desktop.presenters.rules import RulesPresenter
        from vsla_desktop.views.pages.rules import RulesPage

        return RulesPage(self._of_group("rules", RulesPresenter), self.pages.printing)

    def make_reports(self) -> Page:
        """The reports of the group."""
        from vsla_desktop.presenters.reports import ReportsPresenter
        from vsla_desktop.views.pages.reports import ReportsPage

        presenter = self._of_group("reports", ReportsPresenter)
        return ReportsPage(presenter, self.pages.printing)

    def _of_group(self, key: str, kind: Callable[..., T]) -> T:
        """The presenter of one page of the group, made when it is first asked for."""
        from vsla_desktop.domain.currencies import CURRENCIES

        group, program = self._group(), self.pages.program
        return self.pages.presenter(
            key,
            lambda: kind(
                program.database,
                program.runner,
                program.shell,
                group_id=group.group_id,
                currency=CURRENCIES[group.currency],
                clock=program.clock,
            ),
        )

    def _group(self) -> GroupLine:
        if self.pages.program.group is None:
            raise StorageError("No group is open.")
        return self.pages.program.group
