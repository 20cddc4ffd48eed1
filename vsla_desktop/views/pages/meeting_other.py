"""Parts of the meeting that are no member's: other money, and the notes."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from vsla_desktop.domain.postings import Fund
from vsla_desktop.i18n import _
from vsla_desktop.presenters.meeting import MeetingPresenter
from vsla_desktop.presenters.meeting_other import (
    NotesPresenter,
    OtherKind,
    OtherMoneyPresenter,
    kind_word,
)
from vsla_desktop.views.theme import set_role
from vsla_desktop.views.widgets.basics import (
    AmountLabel,
    SecondaryButton,
    current_theme,
    label,
    line,
)
from vsla_desktop.views.widgets.fields import FieldRow


class OtherMoneyView(QWidget):
    """One line to enter, and below it what was entered at this meeting."""

    def __init__(self, presenter: OtherMoneyPresenter) -> None:
        super().__init__()
        self.presenter = presenter
        theme = current_theme()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(theme.px(12))
        box.addWidget(self._form())
        self._list = QGridLayout()
        self._list.setHorizontalSpacing(theme.px(20))
        self._list.setVerticalSpacing(theme.px(4))
        inside = QWidget()
        set_role(inside, "page")
        outer = QVBoxLayout(inside)
        outer.setContentsMargins(theme.px(20), 0, theme.px(20), 0)
        outer.addLayout(self._list)
        outer.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inside)
        box.addWidget(area, 1)
        self.back_buttons: list[SecondaryButton] = []
        presenter.changed.listen(self._show)
        presenter.added.listen(self._added)
        self._show()
        self.setFocusProxy(self.kind)

    def _form(self) -> QFrame:
        theme = current_theme()
        frame = QFrame()
        set_role(frame, "card")
        row = QHBoxLayout(frame)
        row.setContentsMargins(theme.px(20), theme.px(14), theme.px(20), theme.px(14))
        row.setSpacing(theme.px(14))
        self.kind = QComboBox()
        for kind in self.presenter.kinds():
            self.kind.addItem(kind_word(kind), kind)
        self.fund = QComboBox()
        for fund in self.presenter.funds():
            self.fund.addItem(self.presenter.fund_word(fund), fund)
        self.amount = QLineEdit()
        self.amount.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.amount.setFont(theme.digits_font())
        self.words = QLineEdit()
        self.rows = {
            "kind": FieldRow(_("What"), self.kind),
            "fund": FieldRow(_("Fund"), self.fund),
            "amount": FieldRow(_("Amount"), self.amount),
            "description": FieldRow(_("What for"), self.words),
        }
        for name, field in self.rows.items():
            row.addWidget(field, 2 if name == "description" else 1, Qt.AlignmentFlag.AlignTop)
        self.amount.returnPressed.connect(self.words.setFocus)
        self.words.returnPressed.connect(self.enter)
        self.add_button = SecondaryButton(_("Enter"), icon_name="plus")
        self.add_button.clicked.connect(self.enter)
        column = QVBoxLayout()
        column.addSpacing(theme.px(26))
        column.addWidget(self.add_button)
        column.addStretch(1)
        row.addLayout(column)
        return frame

    def enter(self) -> None:
        """Write the line down."""
        kind = self.kind.currentData()
        if isinstance(kind, OtherKind):
            # Qt keeps only the text of a fund.
            fund = Fund(self.fund.currentData())
            self.presenter.add(kind, fund, self.amount.text(), self.words.text())

    def _added(self) -> None:
        self.amount.clear()
        self.words.clear()
        self.presenter.problems = {}
        self._show()
        self.kind.setFocus()

    def hand_over(self) -> None:
        """Nothing is entered before its key: a half line is no entry."""

    def _show(self) -> None:
        for name, field in self.rows.items():
            field.show_sentence(self.presenter.problems.get(name, ""))
        rest = [t for name, t in self.presenter.problems.items() if name not in self.rows]
        if rest:
            self.rows["amount"].show_sentence(rest[0])
        while self._list.count():
            item = self._list.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.back_buttons = []
        lines = self.presenter.lines()
        if not lines:
            self._list.addWidget(label(_("Nothing was entered yet."), "note"), 0, 0)
        for row, shown in enumerate(lines):
            self._list.addWidget(label(shown.what, "strong"), row * 2, 0)
            self._list.addWidget(label(shown.fund, "note"), row * 2, 1)
            self._list.addWidget(AmountLabel(shown.amount, shown.tone), row * 2, 2)
            self._list.addWidget(label(shown.words, wrap=True), row * 2, 3)
            if shown.can_go:
                back = SecondaryButton(_("Take back"), icon_name="undo", is_quiet=True)
                back.setAccessibleName(_("Take back {what}", what=f"{shown.what} {shown.amount}"))
                back.clicked.connect(lambda _checked=False, row=row: self.presenter.take_back(row))
                self._list.addWidget(back, row * 2, 4)
                self.back_buttons.append(back)
            self._list.addWidget(line(), row * 2 + 1, 0, 1, 5)
        self._list.setColumnStretch(3, 1)


class NotesView(QWidget):
    """What was decided and said; each part is saved when it is left."""

    def __init__(self, presenter: NotesPresenter, meeting: MeetingPresenter) -> None:
        super().__init__()
        self.presenter = presenter
        theme = current_theme()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(theme.px(10))
        self.decisions = _Paper(presenter.decisions, lambda text: presenter.write(decisions=text))
        self.minutes = _Paper(presenter.minutes, lambda text: presenter.write(minutes=text))
        self.action_items = _Paper(
            presenter.action_items, lambda text: presenter.write(action_items=text)
        )
        for title, paper in (
            (_("Decisions"), self.decisions),
            (_("What was said"), self.minutes),
            (_("Who does what"), self.action_items),
        ):
            box.addWidget(FieldRow(title, paper), 1)
        self.discard_button = SecondaryButton(
            _("Opened by mistake: take the meeting back"), is_quiet=True
        )
        self._meeting = meeting
        self.discard_button.clicked.connect(self._discard)
        box.addWidget(self.discard_button, 0, Qt.AlignmentFlag.AlignLeft)
        self.setFocusProxy(self.decisions)

    def _discard(self) -> None:
        """Ask once more: the roll call goes with the meeting."""
        if self.discard_button.property("asked"):
            self._meeting.discard()
            return
        self.discard_button.setProperty("asked", True)  # noqa: FBT003 - the value of a property
        words = _("Take it back: the roll call goes too. Press again.")
        self.discard_button.say(words)

    def hand_over(self) -> None:
        """Save what is being typed."""
        for paper in (self.decisions, self.minutes, self.action_items):
            paper.hand_over()


class _Paper(QPlainTextEdit):
    def __init__(self, text: str, keep: object) -> None:
        super().__init__(text)
        self._keep = keep
        self.setTabChangesFocus(True)

    def hand_over(self) -> None:
        if callable(self._keep):
            self._keep(self.toPlainText().strip())

    @override
    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.hand_over()
