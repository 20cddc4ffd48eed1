"""The share-out page: shows the step that its presenter is at."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedWidget
from typing_extensions import override

from vsla_desktop.i18n import _
from vsla_desktop.presenters.printing import Printing, share_out_pages
from vsla_desktop.presenters.share_out import ShareOutPresenter
from vsla_desktop.presenters.share_out_steps import Step
from vsla_desktop.views.pages.page import ROOMY_PERCENT, KeyHint, Page
from vsla_desktop.views.pages.share_out_parts import AuditPart, CountPart, ValuePart, VotePart
from vsla_desktop.views.pages.share_out_tables import NextPart, PayPart, TablePart
from vsla_desktop.views.pages.share_out_take_back import TakeBackPart
from vsla_desktop.views.widgets.basics import EmptyState, SecondaryButton, current_theme

_PARTS = {
    Step.VALUE: ValuePart,
    Step.AUDIT: AuditPart,
    Step.COUNT: CountPart,
    Step.TABLE: TablePart,
    Step.VOTE: VotePart,
    Step.PAY: PayPart,
    Step.TAKE_BACK: TakeBackPart,
    Step.NEXT: NextPart,
}


class ShareOutPage(Page):
    """What a share is worth today; then step after step to the next cycle.

    Each step is a page of its own in one place, made when the presenter comes to it.
    """

    def __init__(self, presenter: ShareOutPresenter, printing: Printing) -> None:
        super().__init__(_("Share-out"))
        self.presenter = presenter
        self.printing = printing
        self._print_key = QShortcut(QKeySequence("Ctrl+P"), self, self._print)
        presenter.is_narrow = current_theme().percent > ROOMY_PERCENT
        self._outer.setContentsMargins(0, 0, 0, 0)
        self.parts = QStackedWidget()
        self.body.addWidget(self.parts)
        self.part: Page | None = None
        self._subject: tuple[object, ...] = ()
        presenter.changed.listen(self._show)
        presenter.field_wanted.listen(self._go_to_field)
        self._show()

    def _show(self) -> None:
        self._print_key.setEnabled(self.presenter.plan is not None)
        presenter = self.presenter
        self.show_title(_("Share-out"), presenter.note())
        if presenter.step is Step.READING:
            return
        # Another vote, count or cycle has fields of its own.
        subject = (presenter.step, presenter.vote, tuple(presenter.purses), presenter.next)
        if subject == self._subject:
            return
        self._subject = subject
        old, had_focus = self.part, self.isVisible()
        self.part = self._make(presenter.step)
        self.parts.addWidget(self.part)
        self.parts.setCurrentWidget(self.part)
        self.setFocusProxy(self.part)
        if had_focus:
            self.part.setFocus()
        if old is not None:
            self.parts.removeWidget(old)
            old.hide()
            old.deleteLater()

    def _make(self, step: Step) -> Page:
        if step in _PARTS:
            part = _PARTS[step](self.presenter)
            is_roomy = current_theme().percent <= ROOMY_PERCENT
            if step is Step.TABLE or (step is Step.PAY and is_roomy):
                paper = SecondaryButton(_("Print"), icon_name="print")
                paper.clicked.connect(self._print)
                part.add_action(paper, is_first=True)
            return part
        page = Page(_("Share-out"))
        page.body.addWidget(
            EmptyState(
                _("No cycle is open"),
                _("Open a cycle, then hold its first meeting."),
                icon_name="share-out",
            )
        )
        return page

    def _print(self) -> None:
        if self.presenter.plan is not None:
            self.printing.show(share_out_pages(self.presenter.group_id))

    def _go_to_field(self, key: str) -> None:
        if isinstance(self.part, CountPart | VotePart | TakeBackPart | NextPart):
            self.part.form.go_to(key)

    @override
    def came_into_sight(self) -> None:
        self.presenter.refresh()

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
        own = self.part.keys() if self.part is not None else ()
        return (*own, KeyHint("Ctrl+P", _("Print"))) if self._print_key.isEnabled() else own
