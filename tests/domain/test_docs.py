from __future__ import annotations

import re
from pathlib import Path

import vsla_desktop

PACKAGE = Path(vsla_desktop.__file__).parent
DOCS = PACKAGE.parent / "docs"


def test_every_rule_that_the_code_cites_stands_on_the_page() -> None:
    headings = re.findall(r"^#+ (.+)$", (DOCS / "rules.md").read_text("utf-8"), re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}
    cited = {
        anchor
        for module in sorted(PACKAGE.rglob("*.py"))
        for anchor in re.findall(r"docs/rules\.md#([\w-]+)", module.read_text("utf-8"))
    }
    assert {"money", "loans", "seals"} <= cited
    assert cited <= anchors


def test_links_of_the_documents_lead_somewhere() -> None:
    for name in ("rules.md", "vocabulary.md"):
        text = (DOCS / name).read_text("utf-8")
        for target in re.findall(r"\]\(([\w./-]+\.md)", text):
            assert (DOCS / target).is_file(), target
