"""Opening a workbook from outside: its size is bounded before anything of it is unpacked.

What a spreadsheet file says of itself is not trusted: how much it unpacks to, how far its cells
reach, and which of them hold an error instead of a value are looked up first.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from vsla_desktop.errors import RuleBroken, StorageError

if TYPE_CHECKING:
    from pathlib import Path

MOST_BYTES = 20 * 1024 * 1024
MOST_UNPACKED_BYTES = 200 * 1024 * 1024
MOST_PARTS = 2_000
MOST_SHEETS = 50
MOST_COLUMNS = 200
MOST_ROWS = 250_000
MOST_CELLS = 5_000_000

EXCEL_DAY_NOUGHT, MAC_DAY_NOUGHT = date(1899, 12, 30), date(1904, 1, 1)
_NO_WORKBOOK = "This is not an Excel workbook."
_EXPECTED_FILE = "Choose a file that ends in .xlsx."
_ROW = re.compile(rb'<(?:\w+:)?row\b[^>]*?\br="(\d+)"')
_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*)>")
_REFERENCE = re.compile(rb'\br="([A-Z]{1,4})(\d+)"')
_IS_ERROR = re.compile(rb'\bt="e"')
_IS_TEXT = re.compile(rb'\bt="str"')
_WHOLE_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*[^/>])>(.*?)</(?:\w+:)?c>", re.DOTALL)
_FORMULA = re.compile(rb"<(?:\w+:)?f\b")
_VALUE = re.compile(rb"<(?:\w+:)?v\b[^>]*>[^<]")
_OLE = b"\xd0\xcf\x11\xe0"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


@dataclass(frozen=True, slots=True)
class Grid:
    """The cells of one sheet, as the spreadsheet keeps them, from A1 on.

    ``errors`` are the addresses of cells whose formula gave no value, ``unworked`` those of them
    that were never worked out. Days are counted from ``day_nought``.
    """

    name: str
    rows: list[list[Any]]
    errors: frozenset[str] = frozenset()
    unworked: frozenset[str] = frozenset()
    day_nought: date = EXCEL_DAY_NOUGHT


@dataclass(frozen=True, slots=True)
class _Scan:
    errors: frozenset[str] = frozenset()
    unworked: frozenset[str] = frozenset()


def letters(index: int) -> str:
    """Return the name of a column: 0 is A, 26 is AA."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def _index(name: bytes) -> int:
    index = 0
    for letter in name.decode():
        index = index * 26 + ord(letter) - ord("A") + 1
    return index


def open_grids(path: Path) -> dict[str, Grid]:
    """Return the sheets of a workbook by name, in small letters.

    Raise :class:`RuleBroken` for a file that is no workbook, is damaged, has a password or is too
    large, and :class:`StorageError` for one that can not be read at all.
    """
    content = _content(path)
    scans, day_nought = _scanned(content)
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    grids: dict[str, Grid] = {}
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as workbook:
            for name in workbook.sheet_names:
                scan = scans.get(name, _Scan())
                sheet = workbook.get_sheet_by_name(name)
                rows = sheet.to_python(skip_empty_area=False)
                grids.setdefault(
                    name.strip().casefold(),
                    Grid(name, rows, scan.errors | scan.unworked, scan.unworked, day_nought),
                )
    except PasswordError:
        raise _locked() from None
    except CalamineError as error:
        raise _damaged() from error
    return grids


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise StorageError(
            "The file {name} can not be read.", hint="Check where it is.", name=path.name
        ) from error
    if len(content) > MOST_BYTES:
        raise RuleBroken(
            "This file is too large.",
            hint="A workbook has at most {most} MB.",
            most=MOST_BYTES // 1024 // 1024,
        )
    if content.startswith(_OLE):
        if _ENCRYPTED in content:
            raise _locked()
        raise RuleBroken(_NO_WORKBOOK, hint="If it is an old one (.xls), save it as .xlsx.")
    if not content.startswith(b"PK"):
        raise RuleBroken(_NO_WORKBOOK, hint=_EXPECTED_FILE)
    return content


def _scanned(content: bytes) -> tuple[dict[str, _Scan], date]:
    """Look over the parts of the file without building a cell; say where its days begin."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > (
                MOST_UNPACKED_BYTES
            ):
                raise RuleBroken(
                    "This file unpacks to too much.", hint="Use the template; no pictures."
                )
            if "xl/workbook.xml" not in archive.namelist():
                if archive.namelist()[:1] == ["mimetype"]:  # as OpenDocument files begin
                    raise RuleBroken(_NO_WORKBOOK, hint="If it ends in .ods, save it as .xlsx.")
                raise RuleBroken(_NO_WORKBOOK, hint=_EXPECTED_FILE)
            book = _xml(archive.read("xl/workbook.xml"))
            sheets = _sheet_parts(archive, book)
            scans = {name: _scan(name, archive.read(part)) for name, part in sheets.items()}
            return scans, _day_nought(book)
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError, ET.ParseError) as error:
        raise _damaged() from error
    except (NotImplementedError, RuntimeError, OSError, ValueError) as error:
        # A packing that Python lacks, a password, or offsets that lie outside the file.
        raise _damaged() from error


def _sheet_parts(archive: zipfile.ZipFile, book: ET.Element) -> dict[str, str]:
    """Return for each sheet the part of the file that holds it."""
    targets = {
        each.get("Id"): each.get("Target", "")
        for each in _xml(archive.read("xl/_rels/workbook.xml.rels"))
    }
    sheets: dict[str, str] = {}
    for element in book.iter():
        if not element.tag.endswith("}sheet"):
            continue
        key = next((value for name, value in element.attrib.items() if name.endswith("}id")), "")
        target = targets.get(key, "")
        part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if "worksheets/" in part:
            sheets[element.get("name", "")] = part
    if len(sheets) > MOST_SHEETS:
        raise RuleBroken("This file has too many sheets.", hint="Use the template.")
    return sheets


def _day_nought(book: ET.Element) -> date:
    """Return the day before the first that the workbook counts; some count from 1904."""
    for element in book.iter():
        if element.tag.endswith("}workbookPr"):
            return MAC_DAY_NOUGHT if element.get("date1904") in {"1", "true"} else EXCEL_DAY_NOUGHT
    return EXCEL_DAY_NOUGHT


def _xml(content: bytes) -> ET.Element:
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise _damaged()
    return ET.fromstring(content)  # noqa: S314 - without a document type there is nothing to expand


def _scan(name: str, content: bytes) -> _Scan:
    last_row = max((int(found) for found in _ROW.findall(content)), default=0)
    last_column = 0
    errors = set()
    for attributes in _CELL.findall(content):
        found = _REFERENCE.search(attributes)
        if found is None:
            continue
        last_row = max(last_row, int(found[2]))
        last_column = max(last_column, _index(found[1]))
        if _IS_ERROR.search(attributes):
            errors.add((found[1] + found[2]).decode())
    if last_row > MOST_ROWS or last_row * last_column > MOST_CELLS or last_column > MOST_COLUMNS:
        raise RuleBroken(
            "The sheet {name} is too large.",
            hint="Delete the rows and columns beyond the last entry.",
            name=name[:40],
        )
    return _Scan(frozenset(errors), frozenset(_unworked(content)))


def _unworked(content: bytes) -> Iterator[str]:
    """Name the cells whose formula was never worked out, as other programs write them."""
    if b"<f" not in content and b":f" not in content:
        return
    for attributes, inside in _WHOLE_CELL.findall(content):
        place = _REFERENCE.search(attributes)
        is_formula = _FORMULA.search(inside) and not _IS_TEXT.search(attributes)
        if place and is_formula and not _VALUE.search(inside):
            yield (place[1] + place[2]).decode()


def _damaged() -> RuleBroken:
    return RuleBroken("This workbook is damaged.", hint="Save it again, or take another copy.")


def _locked() -> RuleBroken:
    return RuleBroken("This workbook has a password.", hint="Save it without one, then try again.")
