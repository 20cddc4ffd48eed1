"""The pages of head office, each made with its presenter when it is first shown."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from vsla_desktop.i18n import _
from vsla_desktop.presenters.office import Office
from vsla_desktop.presenters.shell import SyncStage
from vsla_desktop.views.pages.page import Page, PageDeclaration

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.presenters.office_groups import GroupsPresenter
    from vsla_desktop.presenters.office_messages import MessagesPresenter
    from vsla_desktop.queries.filtering import Filter
    from vsla_desktop.queries.programme_groups import GroupFound
    from vsla_desktop.views.making import ProgramPages

T = TypeVar("T")
_USUAL_CURRENCY: Final = "UGX"

IN_OFFICE: Final = (
    "programme",
    "office-groups",
    "reports",
    "laptops",
    "people",
    "shared",
    "settings",
)


class OfficePages:
    """Makes head office's pages once somebody has signed in there; before, the sign-in alone."""

    def __init__(self, pages: ProgramPages) -> None:
        self.pages = pages
        self.office: Office | None = None
        self.group: GroupFound | None = None

    def declared(self) -> list[PageDeclaration]:
        """The pages of head office, in the order of the rail; the reports stand elsewhere."""
        return [
            PageDeclaration("sign-in", "", "lock", self._make_sign_in, in_rail=False),
            PageDeclaration("programme", _("Programme"), "home", self._make_programme),
            PageDeclaration("office-groups", _("Groups"), "group", self._make_groups),
            PageDeclaration("laptops", _("Laptops"), "laptop", self._make_laptops),
            PageDeclaration("people", _("People"), "members", self._make_people),
            PageDeclaration("shared", _("Shared"), "documents", self._make_shared),
        ]

    # ------------------------------------------------------------------ coming and going

    def open(self) -> None:
        """Ask who works, at a head office that was opened."""
        program = self.pages.program
        self.leave()
        self.office = Office(program.database, program.runner, program.shell, program.clock)
        self.office.signed_in.listen(self._signed_in)
        program.shell.open_group(_("Head office"))
        program.shell.show_sync(SyncStage.AT_OFFICE)
        program.shell.show_pages()
        program.shell.go_to("sign-in")

    def leave(self) -> None:
        """Nobody works at head office any more."""
        if self.office is not None:
            self.pages.program.shell.show_sync(SyncStage.SAVED_HERE)
        self.office = self.group = None

    def sign_out(self) -> None:
        """Let somebody else sign in: nothing of who worked before is kept."""
        self.pages.program.window.forget_pages()
        self.pages.presenters.clear()
        self.open()

    def _signed_in(self) -> None:
        """Look which group comes first, whose reports are offered until another is chosen."""
        self._office().read(_("Opening head office"), _first_group, self._came_in, owner=self)

    def _came_in(self, group: GroupFound | None) -> None:
        office, program = self._office(), self.pages.program
        self.group = group
        program.window.forget_pages(keep=("sign-in",))
        worker = office.worker
        program.shell.open_group(_("Head office"), note=worker.username if worker else "")
        left_out = () if group is not None else ("reports",)
        program.shell.show_pages(*(key for key in IN_OFFICE if key not in left_out))
        program.shell.go_to("programme")

    def _office(self) -> Office:
        assert self.office is not None  # noqa: S101 - its pages are shown where it is open
        return self.office

    def _presenter(self, key: str, make: Callable[[Office], T]) -> T:
        office = self._office()
        made: T = self.pages.presenters.setdefault(key, None) or make(office)
        self.pages.presenters[key] = made
        return made

    # ------------------------------------------------------------------ the pages

    def _make_sign_in(self) -> Page:
        if self.office is None:
            return Page("")
        from vsla_desktop.presenters.office_sign_in import SignInPresenter
        from vsla_desktop.views.pages.office_sign_in import SignInPage

        return SignInPage(self._presenter("sign-in", SignInPresenter))

    def _make_programme(self) -> Page:
        from vsla_desktop.presenters.office_figures import IndicatorsPresenter, MonthsPresenter
        from vsla_desktop.presenters.office_programme import PlacesPresenter, Scope
        from vsla_desktop.views.pages.office import OfficePage

        scope = self._presenter("programme-scope", lambda _office: Scope())
        places = self._presenter(
            "programme", lambda office: PlacesPresenter(office, scope, self._show_groups)
        )
        figures = self._presenter(
            "programme-indicators", lambda office: IndicatorsPresenter(office, scope)
        )
        months = self._presenter("programme-months", lambda office: MonthsPresenter(office, scope))
        parts = (
            (_("Places"), places),
            (_("Indicators"), figures),
            (_("Month by month"), months),
        )
        return OfficePage(_("Programme"), parts)

    def _groups(self) -> GroupsPresenter:
        from vsla_desktop.presenters.office_groups import GroupsPresenter

        return self._presenter(
            "office-groups",
            lambda office: GroupsPresenter(
                office, on_message=self._write_to, on_reports=self._show_reports
            ),
        )

    def _make_groups(self) -> Page:
        from vsla_desktop.views.pages.office import OfficePage

        return OfficePage(_("Groups"), ((_("Groups"), self._groups()),))

    def _show_groups(self, wanted: Filter) -> None:
        """List the groups of a place of the dashboard."""
        self._groups().look_at(wanted)
        self.pages.program.shell.go_to("office-groups")

    def _make_laptops(self) -> Page:
        from vsla_desktop.presenters.office_differences import DifferencesPresenter
        from vsla_desktop.presenters.office_laptops import LaptopsPresenter
        from vsla_desktop.views.pages.office import OfficePage

        parts = (
            (_("Laptops"), self._presenter("laptops", LaptopsPresenter)),
            (_("To settle"), self._presenter("laptops-differ", DifferencesPresenter)),
        )
        return OfficePage(_("Laptops"), parts)

    def _messages(self) -> MessagesPresenter:
        from vsla_desktop.presenters.office_messages import MessagesPresenter

        return self._presenter("people-messages", MessagesPresenter)

    def _make_people(self) -> Page:
        from vsla_desktop.presenters.office_messages import AskedPresenter
        from vsla_desktop.presenters.office_people import PeoplePresenter
        from vsla_desktop.views.pages.office import OfficePage

        messages = self._messages()
        parts = (
            (_("People"), self._presenter("people", PeoplePresenter)),
            (_("Asked"), self._presenter("people-asked", AskedPresenter)),
            (_("Messages"), messages),
        )
        page = OfficePage(_("People"), parts)
        if messages.form is not None:
            page.turn_to(messages)
        return page

    def _write_to(self, group_code: str) -> None:
        """Write a message to a group of the list."""
        self._messages().write_to(group_code)
        self.pages.program.window.forget_pages(keep=("office-groups",))
        self.pages.program.shell.go_to("people")

    def _make_shared(self) -> Page:
        from vsla_desktop.presenters.office_shared import SharedPresenter
        from vsla_desktop.presenters.office_shared_words import list_title
        from vsla_desktop.queries.office_shared import Shared
        from vsla_desktop.views.pages.office import OfficePage

        parts = [
            (
                list_title(which),
                self._presenter(f"shared-{which}", partial(SharedPresenter, which=which)),
            )
            for which in Shared
        ]
        return OfficePage(_("Shared settings"), parts)

    # ------------------------------------------------------------------ reports

    def _show_reports(self, group: GroupFound) -> None:
        """Show the reports of a group of the list."""
        self.group = group
        self.pages.presenters.pop("reports", None)
        self.pages.program.window.forget_pages(keep=("office-groups",))
        self.pages.program.shell.go_to("reports")

    def make_reports(self) -> Page:
        """The reports over all groups, and those of the group that was chosen last."""
        group, program, printing = self.group, self.pages.program, self.pages.printing
        if group is None:
            return Page("")
        from vsla_desktop.domain.currencies import CURRENCIES
        from vsla_desktop.presenters.reports import ReportsPresenter
        from vsla_desktop.views.pages.reports import ReportsPage

        def make(office: Office) -> ReportsPresenter:
            made = ReportsPresenter(
                office.database,
                program.runner,
                program.shell,
                group_id=group.group_id,
                currency=CURRENCIES.get(group.currency, CURRENCIES[_USUAL_CURRENCY]),
                clock=program.clock,
                by=office.by(),
            )
            made.saved.may_keep = not office.only_looks()
            return made

        return ReportsPage(self._presenter("reports", make), printing)

    # ------------------------------------------------------------------ settings

    def ways(self) -> tuple[tuple[str, str, Callable[[], None]], ...]:
        """What a person does with her own sign-in."""
        return (
            (_("Change my password"), "key", self._choose_password),
            (_("Sign out"), "lock", self.sign_out),
        )

    def _choose_password(self) -> None:
        from vsla_desktop.presenters.office_sign_in import SignInPresenter

        presenter = self._presenter("sign-in", SignInPresenter)
        presenter.choose_anew()
        self.pages.program.shell.go_to("sign-in")


def _first_group(session: Session) -> GroupFound | None:
    from vsla_desktop.queries.filtering import Filter
    from vsla_desktop.queries.programme_groups import groups_found

    return next(iter(groups_found(session, Filter(), most=1).groups), None)
