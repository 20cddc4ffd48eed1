"""``vsla bundle``, as a coordinator and head office type it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.sync.books import fill_group, post
from tests.sync.laptop import Laptop, assert_same, new_laptop
from tests.test_cli import Ended, vsla
from vsla_desktop.db import Database

__all__ = ["vsla"]

Vsla = Callable[..., Ended]


@pytest.fixture
def url(central: Database) -> str:
    return central.engine.url.render_as_string(hide_password=False)


@pytest.fixture
def far(central: Database, tmp_path: Path) -> Iterator[Laptop]:
    made = new_laptop(tmp_path / "far", central)
    fill_group(made)
    post(made, 20)
    yield made
    made.close()


@pytest.fixture
def near(central: Database, tmp_path: Path) -> Iterator[Laptop]:
    made = new_laptop(tmp_path / "near", central)
    yield made
    made.close()


def test_a_file_goes_to_head_office_and_its_answer_comes_back(
    vsla: Vsla, far: Laptop, central: Database, url: str, tmp_path: Path
) -> None:
    up, down = tmp_path / "up.vslab", tmp_path / "down.vslab"
    ended = vsla("bundle", "export", up, "--data", far.folder)
    assert (ended.status, ended.out) == (0, "")
    assert "27 rows in 1 batches, 0 documents. Carry" in ended.err
    shown = vsla("bundle", "show", up)
    assert "From far to head office, batches 1 to 1, made 20" in shown.out
    assert vsla("bundle", "show", up, "--json").told["device"]
    taken = vsla("bundle", "import", up, "--url", url)
    assert taken.status == 0
    assert "far: 27 rows in 1 batches, 0 batches had come before" in taken.out
    again = vsla("bundle", "import", up, "--url", url, "--json")
    assert (again.told["rows"], again.told["known"]) == (0, 1)
    made = vsla("bundle", "export", down, "--device", "far", "--url", url, "--json")
    assert made.told["batches"] == 1
    read = vsla("bundle", "import", down, "--data", far.folder)
    assert read.status == 0
    assert "1 batches were answered" in read.out
    assert_same(far, central)


def test_a_laptop_with_network_carries_for_others(
    vsla: Vsla, far: Laptop, near: Laptop, central: Database, url: str, tmp_path: Path
) -> None:
    up, down = tmp_path / "up.vslab", tmp_path / "down.vslab"
    vsla("bundle", "export", up, "--data", far.folder)
    kept = vsla("bundle", "import", up, "--data", near.folder)
    assert "It goes to head office for far when there is network." in kept.err
    assert vsla("sync", "run", "--data", near.folder).status == 0
    opened = vsla("central", "open-carried", "--url", url)
    assert "near carried 27 rows of far." in opened.err
    assert vsla("central", "open-carried", "--url", url, "--json").told == []
    vsla("sync", "run", "--data", near.folder)
    ended = vsla("bundle", "export", down, "--device", "far", "--data", near.folder)
    assert f"Carry {down} to far." in ended.err
    assert vsla("bundle", "import", down, "--data", far.folder).status == 0
    assert_same(far, central)


def test_what_is_wrong_is_one_sentence(
    vsla: Vsla, far: Laptop, near: Laptop, url: str, tmp_path: Path
) -> None:
    up, nothing = tmp_path / "up.vslab", tmp_path / "nothing.vslab"
    vsla("bundle", "export", up, "--data", far.folder)
    up.write_bytes(up.read_bytes()[:-9])
    for words in (
        ("bundle", "import", up, "--url", url),
        ("bundle", "import", up, "--data", near.folder),
        ("bundle", "import", nothing, "--url", url),
        ("bundle", "show", up),
        ("bundle", "export", nothing, "--device", "nobody", "--url", url),
        ("bundle", "export", nothing, "--device", "nobody", "--data", near.folder),
        ("bundle", "export", tmp_path / "no folder" / "x.vslab", "--data", far.folder),
    ):
        ended = vsla(*words)
        assert ended.status == 3, words
        assert len(ended.err.splitlines()) == 1, words
        assert not nothing.exists()
    assert vsla("bundle", "export", nothing, "--url", url).status == 2
