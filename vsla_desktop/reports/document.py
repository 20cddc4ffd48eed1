"""A document as plain values: what stands on it, in order, already in the person's language.

One template sets every document, so a builder says what a page tells and never how it looks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Paper(StrEnum):
    """The size of a sheet of paper."""

    A4 = "a4"
    A5 = "a5"


class Align(StrEnum):
    """Where the text of a column stands; figures stand at the right."""

    LEFT = "left"
    CENTRE = "center"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of a part."""

    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; a note is small and follows what it explains."""

    text: str
    is_note: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and their values, in so many columns beside each other."""

    pairs: tuple[tuple[str, str], ...]
    columns: int = 2


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table. ``share`` is its part of the width that is left; 0 fits its text."""

    title: str
    align: Align = Align.RIGHT
    share: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns, perhaps with totals. ``row_height`` (millimetres) leaves room to write.

    The head comes again on each page, and a row is never torn.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    totals: tuple[str, ...] = ()
    row_height: float = 0


@dataclass(frozen=True, slots=True)
class Result:
    """A figure that the page is about, large, with what it comes from under it."""

    title: str
    amount: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Signatures:
    """Lines to sign on, each with who signs."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Seal:
    """The short seal of a closed meeting, a code that a telephone can read, and who signs."""

    title: str
    short: str
    code: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Strip:
    """A series of a diagram: from where to where each of its values reaches, and how it is written.

    Heights are ten-thousandths of the scale from its foot; None where nothing is known.
    """

    title: str
    levels: tuple[tuple[int, int] | None, ...]
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Diagram:
    """A chart to be drawn. ``scale`` and ``words`` say what stands beside it and at its foot.

    ``shape`` is line, bar, stacked or heat, ``nought`` the height of 0, ``unit`` what is counted.
    """

    title: str
    shape: str
    unit: str
    places: int
    words: tuple[tuple[int, str], ...]
    scale: tuple[tuple[int, str], ...]
    nought: int
    series: tuple[Strip, ...]


@dataclass(frozen=True, slots=True)
class NewPage:
    """What follows begins a page."""


Block = Heading | Text | Facts | Table | Result | Signatures | Seal | Diagram | NewPage


@dataclass(frozen=True, slots=True)
class Document:
    """A document of one group. ``made`` says when and from what it was printed, on every page."""

    title: str
    group: str
    subtitle: str
    blocks: tuple[Block, ...]
    file_name: str
    made: str = ""
    paper: Paper = Paper.A4
    is_landscape: bool = False
    language: str = field(default="en")
