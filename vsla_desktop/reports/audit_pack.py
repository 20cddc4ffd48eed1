"""Everything of one group in one file: its reports, its books as a workbook, seals and documents.

A list of contents names every file with its SHA-256, and what could not be put in and why; so who
gets the pack can tell that nothing was changed or left out.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import vsla_desktop
from vsla_desktop.errors import RuleBroken
from vsla_desktop.i18n import _, explain, labelled
from vsla_desktop.queries.audit import documents_of_group, group_code, seal_lines
from vsla_desktop.queries.filtering import Filter
from vsla_desktop.reports.report import Over
from vsla_desktop.reports.whole_file import whole_file
from vsla_desktop.reports.writing import write_report

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vsla_desktop.clock import Clock
    from vsla_desktop.reports.report import Definition

Progress = Callable[[int, int], None]
NAME: Final = "audit-pack"
CONTENTS: Final = "contents.json"
_FORMATS: Final = ("xlsx", "pdf")
_NO_NAME: Final = re.compile(r"[^\w.\- ]+")
_PIECE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class AuditPack:
    """What was packed: how many files, and what is missing, each in a sentence."""

    files: int
    left_out: tuple[str, ...]


def write_audit_pack(
    session: Session,
    group_id: int,
    path: Path,
    *,
    clock: Clock,
    workbook: Callable[[Path], None] | None = None,
    documents: Path | None = None,
    progress: Progress = lambda _done, _all: None,
) -> AuditPack:
    """Write all of a group into a zip file, which is there only when it is whole.

    ``workbook`` writes the group's books to the file that it is given; ``documents`` is the folder
    in which documents are kept. ``progress`` is told how many reports of how many are done; what it
    raises stops the work, and nothing is written. Raises RuleBroken for a group that is not in the
    book, and StorageError when the disk can not take it.
    """
    code = group_code(session, group_id)
    if not code:
        raise RuleBroken("Choose a group.", field="group")
    with (
        whole_file(path) as part,
        tempfile.TemporaryDirectory(dir=path.parent, prefix=".pack-") as folder,
        zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        pack = _Pack(archive, Path(folder), clock)
        pack.reports(session, group_id, progress)
        if workbook is not None:
            with pack.file(f"{_plain(code)}.xlsx") as file:
                workbook(file)
        pack.seals(session, group_id)
        pack.documents(session, group_id, documents)
        pack.contents(code)
    return AuditPack(len(pack.packed), tuple(pack.left_out))


class _Pack:
    """Files put into an archive one by one, each with its digest."""

    def __init__(self, archive: zipfile.ZipFile, folder: Path, clock: Clock) -> None:
        self.packed: list[dict[str, Any]] = []
        self.left_out: list[str] = []
        self._archive = archive
        self._folder = folder
        self._clock = clock

    @contextmanager
    def file(self, name: str) -> Iterator[Path]:
        """Give a file to write to, and put it into the archive; nothing where writing it failed."""
        path = self._folder / "part"
        try:
            yield path
            self._add(path, name)
        finally:
            path.unlink(missing_ok=True)

    def reports(self, session: Session, group_id: int, progress: Progress) -> None:
        """Put in every report of a group, as spreadsheet and on pages."""
        wanted = Filter(group_ids=(group_id,))
        definitions = _of_groups()
        for done, definition in enumerate(definitions):
            progress(done, len(definitions))
            try:
                made = definition.build(session, wanted, self._clock)
                for form in _FORMATS:
                    with self.file(f"reports/{definition.name}.{form}") as file:
                        write_report(made, file, form, made=self._clock.now())
            except RuleBroken as problem:
                self._leave_out(definition.title(), problem)
        progress(len(definitions), len(definitions))

    def seals(self, session: Session, group_id: int) -> None:
        """Put in the list of seals, each worked out anew, with the one before it."""
        with self.file("seals.csv") as path, path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("meeting", "day", "seal", "previous_seal", "check"))
            for each in seal_lines(session, group_id):
                check = each.broken or "holds"
                writer.writerow((each.number, each.day, each.seal, each.previous, check))

    def documents(self, session: Session, group_id: int, folder: Path | None) -> None:
        """Put in the files of the group's documents, as far as they are on this computer."""
        for number, each in enumerate(documents_of_group(session, group_id), start=1):
            kept = folder / each.sha256 if folder is not None and each.sha256 else None
            if kept is None or not kept.is_file():
                self.left_out.append(_("{name}: the file is not here.", name=each.name))
                continue
            name = f"{number:03d}-meeting-{each.meeting_number}-{_plain(each.name)}"
            self._add(kept, f"documents/{name}")

    def contents(self, code: str) -> None:
        """Put in the list of contents; it names every other file."""
        listed = {
            "group": code,
            "made": self._clock.now().isoformat(timespec="seconds"),
            "program": f"vsla_desktop {vsla_desktop.__version__}",
            "files": self.packed,
            "left_out": self.left_out,
        }
        self._archive.writestr(CONTENTS, json.dumps(listed, ensure_ascii=False, indent=1))

    def _add(self, path: Path, name: str) -> None:
        digest = hashlib.sha256()
        with path.open("rb") as file, self._archive.open(name, "w") as packed:
            while piece := file.read(_PIECE):
                digest.update(piece)
                packed.write(piece)
        size = path.stat().st_size
        self.packed.append({"name": name, "bytes": size, "sha256": digest.hexdigest()})

    def _leave_out(self, what: str, problem: RuleBroken) -> None:
        self.left_out.append(labelled(what, " ".join(part for part in explain(problem) if part)))


def _of_groups() -> tuple[Definition, ...]:
    """Return the reports of a group, and the lists that tell of one group as well as of many."""
    from vsla_desktop.reports.catalogue import REPORTS

    return tuple(each for each in REPORTS if each.over in {Over.GROUP, Over.LIST})


def _plain(name: str) -> str:
    """Return a name that is a file's on every system, and leads into no other folder."""
    return _NO_NAME.sub("_", name).strip(". ")[-80:] or "document"
