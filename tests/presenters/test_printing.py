"""Pages on paper, as a person asks for them."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pypdfium2
import pytest

from tests.presenters.book_of_group import Ear, printer
from tests.presenters.test_share_out import Table5
from tests.services.village import Village
from vsla_desktop.errors import StorageError
from vsla_desktop.presenters.printing import make_file, rules_pages, share_out_pages
from vsla_desktop.presenters.rules_paper import constitution
from vsla_desktop.presenters.share_out_paper import share_out_sheet
from vsla_desktop.reports.document import Result, Table


def text_of(file: Path) -> str:
    opened = pypdfium2.PdfDocument(file.read_bytes())
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in opened)
    finally:
        opened.close()


def test_the_constitution_says_every_rule_with_its_example(met: Village) -> None:
    with met.database.read() as session:
        document = constitution(session, met.group_id, met.clock.today())
    rows = {
        row[0]: row[1:]
        for table in document.blocks
        if isinstance(table, Table)
        for row in table.rows
    }
    assert rows["Share value"] == ("500", "3 shares: 1,500")
    assert rows["Fine for being late"] == ("100", "A late member pays 100.")
    kinds = next(
        table for table in document.blocks if isinstance(table, Table) and len(table.columns) == 6
    )
    assert kinds.rows[0][:2] == ("Shares", "Loan fund")
    assert [row[4] for row in kinds.rows] == ["no", "no", "yes", "yes"]
    agreed = {name: row for name, row in rows.items() if len(row) == 2}
    assert all(text for row in agreed.values() for text in row)


def test_the_share_out_on_paper_adds_up_to_the_pool(met: Village, ear: Ear) -> None:
    table = Table5(met, ear)
    with met.database.read() as session, pytest.raises(Exception, match="Work the share-out out"):
        share_out_sheet(session, met.group_id, met.clock.today())
    table.freeze(reserve="1000")
    with met.database.read() as session:
        document = share_out_sheet(session, met.group_id, met.clock.today())
    members = next(block for block in document.blocks if isinstance(block, Table))
    paid = next(block for block in document.blocks if isinstance(block, Result))
    assert members.totals[2:9] == (
        "8",
        "4,000",
        "\N{MINUS SIGN}1,000",
        "\N{MIDDLE DOT}",
        "3,000",
        "\N{MIDDLE DOT}",
        "3,000",
    )
    assert paid.amount == "3,000 UGX"
    assert "= pool 3,000 UGX" in paid.note
    assert "Voted on" in document.subtitle
    assert table.page.plan is not None
    assert table.page.plan.payouts == Decimal(3000)


def test_pages_are_made_where_the_books_are_and_opened(
    met: Village, ear: Ear, tmp_path: Path
) -> None:
    files: list[Path] = []
    printing = printer(met, ear, tmp_path)
    printing.ready.listen(files.append)
    printing.show(rules_pages(met.group_id))
    (file,) = files
    assert file == tmp_path / "printed" / "TST-1-rules.pdf"
    assert "Share value" in text_of(file)
    assert ear.said == [f"Pages made: {file}"]


def test_what_can_not_be_printed_is_said(met: Village, ear: Ear, tmp_path: Path) -> None:
    printer(met, ear, tmp_path).show(share_out_pages(met.group_id))
    assert ear.said == ["Work the share-out out first. Count the box, then propose it."]
    assert not (tmp_path / "printed").exists()


def test_a_folder_that_can_not_be_written_is_told(met: Village, tmp_path: Path) -> None:
    (tmp_path / "printed").write_text("a file where the folder should be")
    with pytest.raises(StorageError, match="could not be written"):
        make_file(met.database, rules_pages(met.group_id), tmp_path / "printed", met.day)
