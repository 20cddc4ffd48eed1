"""``vsla report audit-pack``: everything of one group in a zip file."""

from __future__ import annotations

from pathlib import Path

import typer

from vsla_desktop.cli.common import check_free, folder, opened, tell

FORMAT = "zip"


def write_pack(
    data: Path | None,
    url: str,
    groups: list[str],
    file_format: str,
    out: Path | None,
    *,
    as_json: bool,
) -> None:
    """Write the pack of one group, and say what is missing in it."""
    from vsla_desktop.cli.reports import group_ids
    from vsla_desktop.clock import SystemClock
    from vsla_desktop.reports.audit_pack import NAME, write_audit_pack
    from vsla_desktop.services.workbook.exporting import collect_books
    from vsla_desktop.services.workbook.writer import write_books

    if file_format != FORMAT:
        raise typer.BadParameter("Choose zip.", param_hint="--format")
    if out is None:
        raise typer.BadParameter("Name the file to write.", param_hint="--out")
    if len(groups) != 1:
        raise typer.BadParameter("Name one group.", param_hint="--group")
    check_free(out, hint="Choose another name.")
    clock = SystemClock()
    with opened(data, url) as database, database.read() as session:
        (group_id,) = group_ids(session, groups)

        def workbook(path: Path) -> None:
            write_books(collect_books(session, group_id, clock=clock)[0], path)

        pack = write_audit_pack(
            session,
            group_id,
            out,
            clock=clock,
            workbook=workbook,
            documents=None if url else folder(data).documents,
        )
    missing = "".join(f"\n  - {each}" for each in pack.left_out)
    tell(
        {"file": out, "report": NAME, "files": pack.files, "left_out": pack.left_out},
        f"{pack.files} files: {out}{missing}",
        as_json=as_json,
    )
