"""``vsla analytics fill``: past days are worked out, once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete, func, select
from typer.testing import CliRunner

from vsla_desktop import db
from vsla_desktop.cli import app
from vsla_desktop.errors import RuleBroken
from vsla_desktop.queries.tables import GROUPS, SNAPSHOTS

if TYPE_CHECKING:
    from pathlib import Path


def vsla(*arguments: object) -> Any:
    done = CliRunner().invoke(app, [*map(str, arguments), "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


def test_past_days_are_filled_once(data_dir: Path) -> None:
    vsla("practice", "create", "--data", data_dir, "--members", 9, "--meetings", 6)
    book = db.open_database(data_dir / "vsla.db")
    with book.write() as session:
        code = session.scalars(select(GROUPS.c.group_code)).one()
        session.execute(delete(SNAPSHOTS))
    filled = vsla("analytics", "fill", "--data", data_dir, "--group", code)
    assert filled["groups"] == 1
    with book.read() as session:
        assert session.scalar(select(func.count()).select_from(SNAPSHOTS)) == filled["days"] >= 6
    book.close()
    again = vsla("analytics", "fill", "--data", data_dir, "--all")
    assert again == filled | {"rows": 0}


def test_a_group_is_named_or_all_are_meant(data_dir: Path) -> None:
    vsla("practice", "create", "--data", data_dir, "--members", 9, "--meetings", 1)
    done = CliRunner().invoke(app, ["analytics", "fill", "--data", str(data_dir)])
    assert done.exit_code == 2
    with pytest.raises(RuleBroken, match="no group NONE"):
        vsla("analytics", "fill", "--data", data_dir, "--group", "NONE")
