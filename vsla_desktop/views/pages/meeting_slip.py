"""The slip of a closed meeting: on the screen, on paper, as a file."""

from __future__ import annotations

from html import escape
from pathlib import Path

from PySide6.QtCore import QMarginsF, Qt
from PySide6.QtGui import (
    QGuiApplication,
    QKeySequence,
    QPageLayout,
    QPageSize,
    QPdfWriter,
    QShortcut,
    QTextDocument,
)
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QTextBrowser

from vsla_desktop.i18n import _
from vsla_desktop.presenters.meeting import MeetingPresenter
from vsla_desktop.presenters.meeting_slip import Slip
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.views.pages.page import Page
from vsla_desktop.views.widgets.basics import PrimaryButton, SecondaryButton, current_theme

MARGIN_MILLIMETRES = 12
POINTS_AN_INCH = 72


class SlipPage(Page):
    """What the meeting did, to print or keep, and the way to the next meeting."""

    def __init__(self, presenter: MeetingPresenter, slip: Slip) -> None:
        super().__init__(_("Slip"))
        self.presenter = presenter
        self.slip = slip
        theme = current_theme()
        self.paper = QTextBrowser()
        self.paper.setAccessibleName(_("Slip of {title}", title=slip.title))
        self.paper.setFixedWidth(theme.px(620))
        self.paper.setHtml(slip_html(slip, points=theme.points(11)))
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(self.paper)
        middle.addStretch(1)
        self.body.addLayout(middle, 1)
        self.file_button = SecondaryButton(_("Save as PDF"), icon_name="documents", key="Ctrl+S")
        self.file_button.clicked.connect(self._choose_file)
        self.print_button = SecondaryButton(_("Print"), icon_name="print", key="Ctrl+P")
        self.print_button.clicked.connect(self._print)
        self.next_button = PrimaryButton(_("Next meeting"), icon_name="arrow-right", key="F10")
        self.next_button.clicked.connect(presenter.next_meeting)
        for button in (self.file_button, self.print_button, self.next_button):
            self.add_action(button)
        QShortcut(QKeySequence("Esc"), self.paper, self.next_button.setFocus).setContext(
            Qt.ShortcutContext.WidgetShortcut
        )
        self.setFocusProxy(self.next_button)

    def save_pdf(self, file: Path) -> None:
        """Write the slip into a file."""
        writer = QPdfWriter(str(file))
        writer.setTitle(f"{self.slip.group_name} · {self.slip.title}")
        writer.setPageLayout(_page_layout())
        _document(self.slip, writer.pageLayout()).print_(writer)

    def _choose_file(self) -> None:
        chosen, _filter = QFileDialog.getSaveFileName(
            self, _("Save as PDF"), self.slip.file_name, "PDF (*.pdf)"
        )
        if not chosen:
            return
        try:
            Path(chosen).open("ab").close()
        except OSError:
            self.presenter.shell.say(
                _("The file can not be written."), tone=Tone.ERROR, hint=_("Choose another folder.")
            )
            return
        self.save_pdf(Path(chosen))
        self.presenter.shell.say(_("Saved: {file}", file=Path(chosen).name))

    def _print(self) -> None:
        from PySide6.QtPrintSupport import QPrintDialog, QPrinter

        printer = QPrinter()
        printer.setDocName(self.slip.file_name)
        printer.setPageLayout(_page_layout())
        if QPrintDialog(printer, self).exec():
            _document(self.slip, printer.pageLayout()).print_(printer)


def _page_layout() -> QPageLayout:
    margin = MARGIN_MILLIMETRES
    return QPageLayout(
        QPageSize(QPageSize.PageSizeId.A5),
        QPageLayout.Orientation.Portrait,
        QMarginsF(margin, margin, margin, margin),
        QPageLayout.Unit.Millimeter,
    )


def _document(slip: Slip, layout: QPageLayout) -> QTextDocument:
    document = QTextDocument()
    document.setDefaultFont(current_theme().body_font())
    document.setHtml(slip_html(slip, points=9.5, ink="#000000"))
    # The document counts in dots of the screen; so the points of its letters are points on paper.
    dots = _dots_an_inch() / POINTS_AN_INCH
    document.setPageSize(layout.paintRect(QPageLayout.Unit.Point).size() * dots)
    return document


def _dots_an_inch() -> float:
    screen = QGuiApplication.primaryScreen()
    return screen.logicalDotsPerInch()


def slip_html(slip: Slip, *, points: float, ink: str = "") -> str:
    """Return the slip as a page of text and tables."""
    colour = ink or current_theme().colours.text
    muted = ink or current_theme().colours.muted
    parts = [
        f'<div style="font-size:{points:g}pt; color:{colour}">',
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
            f'<p style="margin:0 2px; color:{muted}">{words}</p>'
        )
    if slip.decisions:
        text = escape(slip.decisions).replace("\n", "<br>")
        title = escape(_("Decisions"))
        parts.append(f'<h3 style="margin:8px 0 0 0">{title}</h3><p style="margin:2px">{text}</p>')
    if slip.seal:
        parts.append(
            f"<p style='margin:8px 2px'>{escape(_('Seal'))}: <b>{escape(slip.seal)}</b></p>"
            f"<p>{escape(_('Chairperson'))} ______________ &nbsp; "
            f"{escape(_('Secretary'))} ______________ &nbsp; "
            f"{escape(_('Treasurer'))} ______________</p>"
        )
    return "".join([*parts, "</div>"])


def _strong(text: str, *, is_strong: bool) -> str:
    return f"<b>{escape(text)}</b>" if is_strong else escape(text)
