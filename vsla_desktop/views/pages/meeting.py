"""The meeting page: shows the part of the meeting that its presenter is at."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QStackedWidget
from typing_extensions import override

from vsla_desktop.i18n import _
from vsla_desktop.presenters.meeting import MeetingPresenter, Stage
from vsla_desktop.presenters.printing import Printing
from vsla_desktop.views.pages.meeting_closing import ClosingPage
from vsla_desktop.views.pages.meeting_earlier import EarlierPage
from vsla_desktop.views.pages.meeting_keys import KeysPage
from vsla_desktop.views.pages.meeting_opening import BeforePage, OpeningCountPage
from vsla_desktop.views.pages.meeting_sheet import SheetPage, SheetParts
from vsla_desktop.views.pages.meeting_slip import SlipPage
from vsla_desktop.views.pages.page import KeyHint, Page
from vsla_desktop.views.widgets.basics import EmptyState


class MeetingPage(Page):
    """Before the meeting, the opening count, the sheet, the close, the slip, earlier meetings.

    Each part is a page of its own in one place; the part that a person left is found again as it
    was while the meeting goes on.
    """

    def __init__(self, presenter: MeetingPresenter, printing: Printing) -> None:
        super().__init__(_("Meeting"))
        self.presenter = presenter
        self.printing = printing
        self._outer.setContentsMargins(0, 0, 0, 0)
        self.parts = QStackedWidget()
        self.body.addWidget(self.parts)
        self.part: Page | None = None
        self._of: dict[Stage, tuple[object, Page]] = {}
        presenter.changed.listen(self._show)
        self._show()

    # ------------------------------------------------------------------ following

    def _show(self) -> None:
        stage = self.presenter.stage
        self.show_title(self.presenter.title, self.presenter.note)
        if stage is Stage.READING:
            return
        subject = self._subject(stage)
        known = self._of.get(stage)
        if known is None or known[0] is not subject:
            self._replace(stage, subject)
        had_focus = self.isVisible()
        self.part = self._of[stage][1]
        self.parts.setCurrentWidget(self.part)
        self.setFocusProxy(self.part)
        if had_focus:
            self.part.setFocus()
        wanted = self.presenter.wanted_cell
        if wanted is not None and isinstance(self.part, SheetPage):
            self.presenter.wanted_cell = None
            self.part.go_to_cell(*wanted)

    def _subject(self, stage: Stage) -> object:
        """What a part was made for: for another one it is made anew."""
        presenter = self.presenter
        match stage:
            case Stage.SHEET:
                return presenter.sheet
            case Stage.CLOSING:
                return presenter.closing
            case Stage.KEYS:
                return presenter.keys
            case Stage.SLIP:
                return presenter.slip
            case Stage.EARLIER:
                return presenter.entries
            case _:
                return presenter.opening

    def _replace(self, stage: Stage, subject: object) -> None:
        for old_stage, (_old, page) in tuple(self._of.items()):
            if old_stage is stage or (stage is Stage.BEFORE and old_stage is not Stage.EARLIER):
                self.parts.removeWidget(page)
                page.deleteLater()
                del self._of[old_stage]
        page = self._make(stage)
        self.parts.addWidget(page)
        self._of[stage] = (subject, page)

    def _make(self, stage: Stage) -> Page:
        presenter = self.presenter
        if stage is Stage.BEFORE and presenter.opening is not None:
            return BeforePage(presenter, presenter.opening, self.printing)
        if stage is Stage.OPENING_COUNT and presenter.opening is not None:
            return OpeningCountPage(presenter, presenter.opening)
        if (
            stage is Stage.SHEET
            and presenter.meeting is not None
            and presenter.sheet is not None
            and presenter.other is not None
            and presenter.notes is not None
            and presenter.activities is not None
            and presenter.big_screen is not None
        ):
            return SheetPage(
                presenter,
                presenter.meeting,
                presenter.sheet,
                SheetParts(
                    presenter.other, presenter.activities, presenter.notes, presenter.big_screen
                ),
            )
        if stage is Stage.CLOSING and presenter.closing is not None:
            return ClosingPage(presenter, presenter.closing)
        if stage is Stage.KEYS and presenter.keys is not None:
            return KeysPage(presenter, presenter.keys)
        if stage is Stage.SLIP and presenter.slip is not None:
            return SlipPage(presenter, presenter.slip, self.printing)
        if stage is Stage.EARLIER and presenter.entries is not None:
            slip = presenter.entries.page.slip
            return EarlierPage(presenter, presenter.entries, slip, self.printing)
        page = Page(_("Meeting"))
        is_shared_out = presenter.opening is not None and presenter.opening.before.is_shared_out
        page.body.addWidget(
            EmptyState(
                _("No cycle is open"),
                _("Open a cycle, then hold its first meeting."),
                icon_name="meeting",
                action=_("Hold a special meeting") if is_shared_out else "",
                on_action=presenter.hold_special,
            )
        )
        return page

    # ------------------------------------------------------------------ for the window

    @override
    def came_into_sight(self) -> None:
        self.presenter.load()

    @override
    def went_out_of_sight(self) -> None:
        self.hand_over()

    @override
    def hand_over(self) -> None:
        if self.part is not None:
            self.part.hand_over()

    @override
    def start_find(self) -> bool:
        return self.part.start_find() if self.part is not None else False

    @override
    def keys(self) -> Sequence[KeyHint]:
        return self.part.keys() if self.part is not None else ()
