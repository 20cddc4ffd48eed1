"""The tables as one text that a person can read, so that a review sees every change of them.

``python -m tests.db.snapshot`` writes it anew.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.dialects import postgresql

from vsla_desktop.db.schema import declared
from vsla_desktop.models import PHASES

if TYPE_CHECKING:
    from vsla_desktop.db.schema import TableFacts

FILE = Path(__file__).parent.parent / "data" / "schema.txt"


def describe(tables: dict[str, TableFacts]) -> str:
    """Write tables down, phase by phase, as PostgreSQL names their types."""
    lines = []
    for phase, names in PHASES.items():
        lines.append(f"phase {phase}")
        for name in names:
            lines += ["", f"  {name}", *_table(tables[name])]
        lines.append("")
    return "\n".join(lines)


def _table(facts: TableFacts) -> list[str]:
    refers = {columns[0]: (target, rule) for columns, target, rule in facts.foreign_keys}
    lines = []
    # By name: an upgrade adds its columns at the end, the models put them where they belong.
    for name, column in sorted(facts.columns.items()):
        words = [f"    {name:<30} {column.type}"]
        words += [] if column.nullable else ["not null"]
        words += [f"default {column.default}"] if column.default else []
        if name in refers:
            target, rule = refers[name]
            words.append(f"-> {target} on delete {rule.lower()}")
        lines.append(" ".join(words))
    lines += [f"    unique ({', '.join(each)})" for each in sorted(facts.uniques)]
    lines += [f"    index {name} ({', '.join(columns)})" for name, columns in sorted(facts.indexes)]
    return lines


def current() -> str:
    """Describe the tables that the models declare."""
    return describe(declared(postgresql.dialect()))  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    FILE.write_text(current(), encoding="utf-8")
