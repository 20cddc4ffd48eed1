"""The program's own line icons, drawn in the colour of their role."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QPainter, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer

from vsla_desktop.settings import resource_path


def pixmap(name: str, colour: str, size: int, ratio: float = 1.0) -> QPixmap:
    """The icon ``name`` in ``colour``, ``size`` pixels square on a screen of this pixel ratio."""
    key = f"vsla-{name}-{colour}-{size}-{ratio}"
    picture = QPixmap()
    # Qt's own cache goes away with the program's window system, a Python one would outlive it.
    if QPixmapCache.find(key, picture):
        return picture
    drawing = _drawing(name)
    renderer = QSvgRenderer(QByteArray(drawing.replace(b"currentColor", colour.encode())))
    picture = QPixmap(round(size * ratio), round(size * ratio))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    renderer.render(painter, QRectF(0, 0, picture.width(), picture.height()))
    painter.end()
    picture.setDevicePixelRatio(ratio)
    QPixmapCache.insert(key, picture)
    return picture


@lru_cache(maxsize=128)
def _drawing(name: str) -> bytes:
    return resource_path("icons", f"{name}.svg").read_bytes()


def icon(name: str, colour: str, size: int = 24, *, chosen: str = "", disabled: str = "") -> QIcon:
    """An icon for a button; ``chosen`` is its colour while the button is checked.

    ``disabled`` is its colour while the button can not be pressed; Qt pales it otherwise.
    """
    made = QIcon()
    app = QGuiApplication.instance()
    sharp = app.devicePixelRatio() if isinstance(app, QGuiApplication) else 2.0
    for ratio in {1.0, sharp}:
        made.addPixmap(pixmap(name, colour, size, ratio))
        if chosen:
            made.addPixmap(pixmap(name, chosen, size, ratio), QIcon.Mode.Normal, QIcon.State.On)
        if disabled:
            made.addPixmap(pixmap(name, disabled, size, ratio), QIcon.Mode.Disabled)
    return made
