"""What a look at a window tells: is every word whole, has everything that takes keys a name."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QComboBox,
    QLabel,
    QLineEdit,
    QScrollArea,
    QScrollBar,
    QWidget,
)

from vsla_desktop.views.widgets.basics import ElidedLabel


def cut_words(window: QWidget) -> list[str]:
    """The words in sight that are not wholly in sight; those that say so with dots may be cut."""
    cut = []
    for widget in window.findChildren(QWidget):
        if not widget.isVisible() or isinstance(widget, ElidedLabel):
            continue
        if isinstance(widget, QLabel) and widget.text():
            if widget.wordWrap():
                is_whole = widget.heightForWidth(widget.width()) <= widget.height()
            else:
                is_whole = _fits(widget)
        elif isinstance(widget, QAbstractButton) and widget.text():
            is_whole = _fits(widget)
        else:
            continue
        if not is_whole or not _is_inside(widget, window):
            cut.append(f"{type(widget).__name__} {getattr(widget, 'text', str)()!r}")
    return cut


def nameless(window: QWidget) -> list[str]:
    """The parts that take the keyboard and that a screen reader could not name."""
    return [
        f"{type(widget).__name__} {widget.objectName()}"
        for widget in window.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and isinstance(widget, QAbstractButton | QAbstractScrollArea | QComboBox | QLineEdit)
        and not isinstance(widget, QScrollBar)
        and not widget.accessibleName()
    ]


def _fits(widget: QWidget) -> bool:
    wanted = widget.minimumSizeHint() if isinstance(widget, QLabel) else widget.sizeHint()
    return widget.width() >= wanted.width() and widget.height() >= wanted.height()


def _is_inside(widget: QWidget, window: QWidget) -> bool:
    """Inside the window; what scrolls may be out of sight downwards, but not to the side."""
    here = QRect(widget.mapTo(window, widget.rect().topLeft()), widget.size())
    room = window.rect()
    parent: QWidget | None = widget.parentWidget()
    while parent is not None and parent is not window:
        if isinstance(parent, QScrollArea):
            return here.left() >= room.left() and here.right() <= room.right()
        parent = parent.parentWidget()
    return room.contains(here)
