"""One member: the photograph and who she is, what she holds and owes, may she borrow."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QImageReader, QImageWriter, QPainter, QPixmap
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import _, labelled
from vsla_desktop.presenters.members_photo import (
    KINDS,
    LONGEST_SIDE,
    PhotoPresenter,
    check_picture,
    not_a_picture,
)
from vsla_desktop.presenters.members_profile import ProfilePresenter, SummaryLine
from vsla_desktop.presenters.shell import Tone
from vsla_desktop.views.icons import pixmap
from vsla_desktop.views.theme import set_role
from vsla_desktop.views.widgets.basics import (
    TONE_ICONS,
    AmountLabel,
    IconLabel,
    SecondaryButton,
    current_theme,
    label,
)

_PHOTO, _NO_PHOTO = 148, 72
_QUALITY = 85
_TOO_WIDE = 30_000  # pixels a side; no camera makes more


def shrunk(file: Path) -> bytes:
    """Read a picture and make it anew, small, as JPEG; raise :class:`RuleBroken` for none."""
    check_picture(file)
    reader = QImageReader(str(file))
    reader.setAutoTransform(True)
    reader.setDecideFormatFromContent(True)
    size = reader.size()
    if not size.isValid() or max(size.width(), size.height()) > _TOO_WIDE:
        raise not_a_picture()
    most = QSize(LONGEST_SIDE, LONGEST_SIDE)
    if size.width() > LONGEST_SIDE or size.height() > LONGEST_SIDE:
        reader.setScaledSize(size.scaled(most, Qt.AspectRatioMode.KeepAspectRatio))
    image = reader.read()
    if image.isNull():
        raise not_a_picture()
    # What shines through becomes white: JPEG knows no clear pixels.
    plain = QImage(image.size(), QImage.Format.Format_RGB32)
    plain.fill(QColor("white"))
    painter = QPainter(plain)
    painter.drawImage(0, 0, image)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QImageWriter(buffer, QByteArray(b"jpeg"))
    writer.setQuality(_QUALITY)
    writer.write(plain)
    return bytes(buffer.data().data())


class ProfileView(QScrollArea):
    """``act`` gives what a button asks for, such as ``target``, ``catch-up`` or ``leave``."""

    act = Signal(str)

    def __init__(self, profile: ProfilePresenter) -> None:
        super().__init__()
        self.profile = profile
        self.photo = PhotoPresenter(
            profile.members, profile.member.member_id, profile.profile.photo_path
        )
        theme = current_theme()
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(_("Profile"))
        inside = QWidget()
        set_role(inside, "page")
        page = QVBoxLayout(inside)
        page.setContentsMargins(2, 2, theme.px(8), 2)
        page.setSpacing(theme.px(12))
        columns = QHBoxLayout()
        columns.setSpacing(theme.px(14))
        page.addLayout(columns)
        page.addWidget(self._summary())
        page.addStretch(1)
        for cards, part in (
            ((self._who(),), 11),
            ((self._holds(), self._owes(), self._came()), 9),
            ((self._borrows(), *self._target(), *self._catch_up()), 10),
        ):
            column = QVBoxLayout()
            column.setSpacing(theme.px(12))
            for card in cards:
                column.addWidget(card)
            column.addStretch(1)
            columns.addLayout(column, part)
        self.setWidget(inside)

    # ------------------------------------------------------------------ the cards

    def _who(self) -> QFrame:
        card, box = _card("")
        row = QHBoxLayout()
        row.setSpacing(current_theme().px(14))
        self.picture = QLabel()
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        file = self.photo.file()
        side = current_theme().px(_PHOTO if file is not None else _NO_PHOTO)
        self.picture.setFixedSize(side, side)
        row.addWidget(self.picture)
        buttons = QVBoxLayout()
        choose = SecondaryButton(_("Photo …"))
        choose.clicked.connect(self._choose)
        buttons.addWidget(choose)
        if file is not None:
            remove = SecondaryButton(_("Take away"), is_quiet=True)
            remove.clicked.connect(self.photo.remove)
            buttons.addWidget(remove)
        buttons.addStretch(1)
        row.addLayout(buttons)
        row.addStretch(1)
        box.addLayout(row)
        self._show_photo(file)
        box.addLayout(_pairs(self.profile.facts()))
        box.addSpacing(current_theme().px(6))
        for acts in (self.profile.code_acts(), self.profile.standing_acts()):
            if acts:
                box.addLayout(self._buttons(*acts))
        return card

    def _holds(self) -> QFrame:
        card, box = _card(_("Holds"), self.profile.members.currency.code)
        box.addLayout(_amounts([(t, said, Tone.PLAIN) for t, said in self.profile.holdings()]))
        if self.profile.can_withdraw:
            box.addLayout(self._buttons(("withdraw", _("Pay savings back …"))))
        return card

    def _owes(self) -> QFrame:
        card, box = _card(_("Owes"), self.profile.members.currency.code)
        box.addLayout(_amounts(self.profile.debts()))
        return card

    def _came(self) -> QFrame:
        card, box = _card(_("Attendance"))
        title, said = self.profile.attendance()
        box.addLayout(_amounts([(title, said, Tone.PLAIN)]))
        return card

    def _borrows(self) -> QFrame:
        card, box = _card(_("Loan"))
        sentence, tone = self.profile.may_borrow()
        box.addWidget(_noted(sentence, tone))
        for reason in self.profile.reasons():
            box.addWidget(label(reason, "note", wrap=True))
        return card

    def _target(self) -> Sequence[QFrame]:
        if not self.profile.profile.has_targets or not self.profile.member.is_active:
            return ()
        card, box = _card(_("Target"))
        said, part = self.profile.target()
        if self.profile.has_target:
            row = QHBoxLayout()
            row.addWidget(label(said, wrap=True), 1)
            row.addWidget(AmountLabel(f"{part} %"))
            box.addLayout(row)
            bar = QProgressBar()
            bar.setTextVisible(False)
            bar.setValue(part)
            bar.setAccessibleName(labelled(_("Target"), f"{said}, {part} %"))
            box.addWidget(bar)
        else:
            box.addWidget(label(said, "note"))
        box.addLayout(self._buttons(("target", _("Set the target …"))))
        return (card,)

    def _catch_up(self) -> Sequence[QFrame]:
        offer = self.profile.read.offer
        if offer is None or not self.profile.can_catch_up:
            return ()
        card, box = _card(_("Catching up"))
        said = _("May still buy {most} of the meetings so far.", most=offer.most)
        box.addWidget(label(said, wrap=True))
        box.addLayout(self._buttons(("catch-up", _("Catch up …"))))
        return (card,)

    def _summary(self) -> QFrame:
        card, box = _card(_("Summary"), self.profile.summary_note())
        halves = QHBoxLayout()
        halves.setSpacing(current_theme().px(36))
        code = self.profile.members.currency.code
        amounts, times = self.profile.summary()
        for title, lines in (
            (_("Amounts, {currency}", currency=code), amounts),
            (_("How often"), times),
        ):
            halves.addLayout(_beside_mean(title, lines), 1)
        box.addLayout(halves)
        return card

    def _buttons(self, *asked: tuple[str, str]) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(current_theme().px(10))
        for name, title in asked:
            button = SecondaryButton(title)
            button.clicked.connect(partial(self.act.emit, name))
            row.addWidget(button)
        row.addStretch(1)
        return row

    # ------------------------------------------------------------------ the photograph

    def _show_photo(self, file: Path | None) -> None:
        side = self.picture.width()
        shown = QPixmap(str(file)) if file is not None else QPixmap()
        if shown.isNull():
            theme = current_theme()
            shown = pixmap("members", theme.colours.muted, side * 3 // 4, self.devicePixelRatio())
            self.picture.setAccessibleName(_("No photo"))
        else:
            shown = shown.scaled(
                side,
                side,
                Qt.AspectRatioMode.KeepAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
            self.picture.setAccessibleName(_("Photo of {name}", name=self.profile.member.name))
        self.picture.setPixmap(shown)

    def _choose(self) -> None:
        kinds = " ".join(f"*.{kind}" for kind in KINDS)
        name, _filter = QFileDialog.getOpenFileName(
            self, _("Choose a picture"), "", f"{_('Pictures')} ({kinds})"
        )
        if name:
            self.take(Path(name))

    def take(self, file: Path) -> None:
        """Keep a picture as the photograph, or say why it can not be."""
        try:
            self.photo.keep(shrunk(file))
        except RuleBroken as problem:
            self.profile.members.shell.say_error(problem)


def _card(title: str, note: str = "") -> tuple[QFrame, QVBoxLayout]:
    theme = current_theme()
    card = QFrame()
    set_role(card, "card")
    box = QVBoxLayout(card)
    box.setContentsMargins(theme.px(16), theme.px(12), theme.px(16), theme.px(12))
    box.setSpacing(theme.px(6))
    if title:
        head = QHBoxLayout()
        head.addWidget(label(title, "strong"), 1)
        head.addWidget(label(note, "note"))
        box.addLayout(head)
    return card, box


def _pairs(rows: Sequence[tuple[str, str]]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(current_theme().px(16))
    grid.setVerticalSpacing(current_theme().px(4))
    grid.setColumnStretch(1, 1)
    for place, (title, said) in enumerate(rows):
        grid.addWidget(label(title, "note"), place, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(label(said, wrap=True), place, 1)
    return grid


def _amounts(rows: Sequence[tuple[str, str, Tone]]) -> QGridLayout:
    grid = QGridLayout()
    grid.setVerticalSpacing(current_theme().px(4))
    grid.setColumnStretch(0, 1)
    for place, (title, said, tone) in enumerate(rows):
        words = _noted(title, tone) if tone is not Tone.PLAIN else label(title, "note", wrap=True)
        grid.addWidget(words, place, 0)
        amount = AmountLabel(said, tone)
        amount.setAccessibleName(labelled(title, said))
        grid.addWidget(amount, place, 1)
    return grid


def _beside_mean(title: str, lines: Sequence[SummaryLine]) -> QGridLayout:
    """Return figures in two columns: the member's own, and the mean."""
    grid = QGridLayout()
    grid.setVerticalSpacing(current_theme().px(4))
    grid.setHorizontalSpacing(current_theme().px(16))
    grid.setColumnStretch(0, 1)
    right = Qt.AlignmentFlag.AlignRight
    grid.addWidget(label(title, "strong"), 0, 0)
    grid.addWidget(label(_("Member"), "note"), 0, 1, right)
    grid.addWidget(label(_("Mean"), "note"), 0, 2, right)
    for place, line in enumerate(lines, start=1):
        grid.addWidget(label(line.title, "note", wrap=True), place, 0)
        for column, (whose, said) in enumerate(
            ((line.title, line.own), (f"{line.title}, {_('Mean')}", line.mean)), start=1
        ):
            amount = AmountLabel(said, Tone.PLAIN if column == 1 else Tone.MUTED)
            amount.setAccessibleName(labelled(whose, said))
            grid.addWidget(amount, place, column)
    grid.setRowStretch(len(lines) + 1, 1)
    return grid


def _noted(text: str, tone: Tone) -> QWidget:
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(current_theme().px(6))
    row.addWidget(IconLabel(TONE_ICONS[tone], tone, 18), 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(label(text, wrap=True), 1)
    return made
