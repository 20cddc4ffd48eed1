"""The slip of a closed meeting: on the screen with its code for telephones, and on paper."""

from __future__ import annotations

import io
from html import escape
from typing import Final

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QImage, QKeySequence, QShortcut, QTextDocument
from PySide6.QtWidgets import QHBoxLayout, QTextBrowser
from typing_extensions import override

from vsla_desktop.i18n import _, labelled
from vsla_desktop.presenters.meeting import MeetingPresenter
from vsla_desktop.presenters.meeting_slip import Slip
from vsla_desktop.presenters.printing import Printing
from vsla_desktop.reports import meeting_papers
from vsla_desktop.views.pages.page import KeyHint, Page
from vsla_desktop.views.widgets.basics import PrimaryButton, SecondaryButton, current_theme

_CODE: Final = "code.png"
_DOTS: Final = 4


class SlipPage(Page):
    """What the meeting did, to read back and to print, and the way to the next meeting."""

    def __init__(self, presenter: MeetingPresenter, slip: Slip, printing: Printing) -> None:
        super().__init__(_("Slip"))
        self.presenter = presenter
        self.slip = slip
        self.printing = printing
        theme = current_theme()
        self.paper = QTextBrowser()
        self.paper.setAccessibleName(_("Slip of {title}", title=slip.title))
        self.paper.setFixedWidth(theme.px(620))
        self.paper.setOpenLinks(False)
        if slip.code:
            kind = QTextDocument.ResourceType.ImageResource.value
            self.paper.document().addResource(kind, QUrl(_CODE), drawn_code(slip.code))
        self.paper.setHtml(slip_html(slip, points=theme.points(11)))
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(self.paper)
        middle.addStretch(1)
        self.body.addLayout(middle, 1)
        self.print_button = SecondaryButton(_("Print"), icon_name="print", key="Ctrl+P")
        self.print_button.clicked.connect(self.print_slip)
        self.next_button = PrimaryButton(_("Next meeting"), icon_name="arrow-right", key="F10")
        self.next_button.clicked.connect(presenter.next_meeting)
        for button in (self.print_button, self.next_button):
            self.add_action(button)
        QShortcut(QKeySequence("Esc"), self.paper, self.next_button.setFocus).setContext(
            Qt.ShortcutContext.WidgetShortcut
        )
        self.setFocusProxy(self.next_button)

    def print_slip(self) -> None:
        """Make the slip's page and open it."""
        meeting_id = self.slip.meeting_id
        self.printing.show(
            lambda session, today: meeting_papers.slip(session, meeting_id, printed=today)
        )

    @override
    def keys(self) -> tuple[KeyHint, ...]:
        return (
            KeyHint("Ctrl+P", _("Print the slip")),
            KeyHint("F10", _("Next meeting")),
        )


def drawn_code(text: str) -> QImage:
    """Draw a code that a telephone reads, black on white whatever the screen's colours."""
    import segno  # only a slip needs it

    drawing = io.BytesIO()
    segno.make(text, error="m", micro=False).save(drawing, kind="png", scale=_DOTS, border=2)
    return QImage.fromData(drawing.getvalue())


def slip_html(slip: Slip, *, points: float) -> str:
    """Return the slip as a page of text and tables."""
    colours = current_theme().colours
    parts = [
        f'<div style="font-size:{points:g}pt; color:{colours.text}">',
        f'<h2 style="margin:0">{escape(slip.group_name)}</h2>',
        f'<p style="margin:2px"><b>{escape(slip.title)}</b> · {escape(slip.day)}</p>',
        f'<p style="margin:2px">{escape(slip.present)} {escape(slip.shares)}</p>',
    ]
    for purse in slip.purses:
        rows = "".join(
            f'<tr><td>{_strong(line.title, is_strong=line.is_total)}</td><td align="right">'
            f"{_strong(line.amount, is_strong=line.is_total)}</td></tr>"
            for line in purse.lines
        )
        words = escape(purse.words[:1].upper() + purse.words[1:])
        parts.append(
            f'<h3 style="margin:8px 0 0 0">{escape(purse.title)}</h3>'
            f'<table width="100%" cellspacing="0" cellpadding="1">{rows}</table>'
            f'<p style="margin:0 2px; color:{colours.muted}">{words}</p>'
        )
    if slip.decisions:
        text = escape(slip.decisions).replace("\n", "<br>")
        title = escape(_("Decisions"))
        parts.append(f'<h3 style="margin:8px 0 0 0">{title}</h3><p style="margin:2px">{text}</p>')
    if slip.seal:
        seal = labelled(escape(_("Seal")), f"<b>{escape(slip.seal)}</b>")
        parts.append(
            f'<table width="100%"><tr><td><p>{seal}</p>'
            f'<p style="color:{colours.muted}">'
            f"{escape(_('Chairperson, secretary and treasurer sign on paper.'))}</p></td>"
            f'<td align="right"><img src="{_CODE}"></td></tr></table>'
        )
    return "".join([*parts, "</div>"])


def _strong(text: str, *, is_strong: bool) -> str:
    return f"<b>{escape(text)}</b>" if is_strong else escape(text)
