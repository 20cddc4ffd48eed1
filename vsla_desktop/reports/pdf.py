"""Sets a document on pages and returns them as PDF."""

from __future__ import annotations

import io
import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from vsla_desktop.reports.document import Seal
from vsla_desktop.settings import resource_path

if TYPE_CHECKING:
    from vsla_desktop.reports.document import Block, Document, Paper


def as_pdf(document: Document, *, paper: Paper | None = None) -> bytes:
    """Return the pages of a document, on its own size of paper unless another is asked for."""
    import typst  # 80 MB that only printing needs

    wanted = replace(document, paper=paper) if paper is not None else document
    shown = asdict(wanted) | {"blocks": [_plain(block) for block in wanted.blocks]}
    pages = typst.compile(
        str(resource_path("print", "document.typ")),
        font_paths=[str(resource_path("print", "fonts"))],
        sys_inputs={"document": json.dumps(shown, ensure_ascii=False)},
    )
    return bytes(pages)


def _plain(block: Block) -> dict[str, Any]:
    plain = {"kind": type(block).__name__} | asdict(block)
    if isinstance(block, Seal):
        plain["code"] = _drawn(block.code)
    return plain


def _drawn(text: str) -> str:
    """Return a code for telephones as a drawing."""
    import segno

    drawing = io.BytesIO()
    segno.make(text, error="m", micro=False).save(drawing, kind="svg", border=0)
    return drawing.getvalue().decode()
