"""The form that corrects one entry or mark, with what it changes beside it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from vsla_desktop.i18n import _
from vsla_desktop.presenters.correction import CorrectionPresenter
from vsla_desktop.presenters.mark_correction import MarkCorrectionPresenter
from vsla_desktop.views.pages.page import ROOMY_PERCENT
from vsla_desktop.views.theme import set_role
from vsla_desktop.views.widgets.basics import (
    AmountLabel,
    PrimaryButton,
    SecondaryButton,
    current_theme,
    label,
)
from vsla_desktop.views.widgets.form import FormView


class CorrectionCard(QFrame):
    """The entry or mark, what is right and the reason; below them each figure now and then.

    F10 writes the correction, Esc leaves what stands as it was.
    """

    def __init__(self, presenter: CorrectionPresenter | MarkCorrectionPresenter) -> None:
        super().__init__()
        self.presenter = presenter
        set_role(self, "card")
        self.setAccessibleName(presenter.title())
        theme = current_theme()
        box = QVBoxLayout(self)
        box.setContentsMargins(theme.px(18), theme.px(12), theme.px(18), theme.px(12))
        box.setSpacing(theme.px(8))
        box.addWidget(label(presenter.title(), "heading", wrap=True))
        self.form = FormView(presenter, presenter.fields(), columns=2)
        self.form.finished.connect(self._save)
        box.addWidget(self.form)
        foot = QHBoxLayout()
        foot.setSpacing(theme.px(14))
        foot.addWidget(self._make_effect(), 1)
        leave = SecondaryButton(_("Leave as it was"), key="Esc")
        leave.clicked.connect(presenter.leave)
        save = PrimaryButton(_("Correct"), icon_name="check", key="F10")
        save.clicked.connect(self._save)
        below = QHBoxLayout() if theme.percent > ROOMY_PERCENT else foot
        if below is not foot:
            below.addStretch(1)
        for button in (leave, save):
            below.addWidget(button)
        box.addLayout(foot)
        if below is not foot:
            box.addLayout(below)
        presenter.effect_changed.listen(self._show_effect)
        self._show_effect()

    def _make_effect(self) -> QWidget:
        """Now above then, a column for each figure that the entry touches."""
        theme = current_theme()
        strip = QWidget()
        grid = QGridLayout(strip)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.px(28))
        grid.setVerticalSpacing(theme.px(2))
        grid.addWidget(label(_("Now"), "note"), 1, 0)
        grid.addWidget(label(_("Then"), "note"), 2, 0)
        self.effect: list[tuple[AmountLabel, AmountLabel]] = []
        for column, change in enumerate(self.presenter.effect(), start=1):
            title = label(change.title, "note")
            title.setAlignment(Qt.AlignmentFlag.AlignRight)
            now, then = AmountLabel(size=13), AmountLabel(size=13)
            for row, part in enumerate((title, now, then)):
                grid.addWidget(part, row, column)
            now.setAccessibleName(f"{change.title}, {_('Now')}")
            then.setAccessibleName(f"{change.title}, {_('Then')}")
            self.effect.append((now, then))
        grid.setColumnStretch(len(self.effect) + 1, 1)
        return strip

    def _show_effect(self) -> None:
        for (now, then), change in zip(self.effect, self.presenter.effect(), strict=True):
            now.setText(change.now)
            then.setText(change.then or "…")
            for part in (now, then):
                part.setAccessibleDescription(part.text())

    def _save(self) -> None:
        self.form.hand_over()
        wrong = self.presenter.save()
        if wrong:
            self.form.go_to(wrong)
