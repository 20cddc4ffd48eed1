"""The choices of a laptop: kept whole, and never worth stopping for."""

from __future__ import annotations

import json
from dataclasses import asdict
from errno import ENOSPC
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vsla_desktop.settings import (
    DataFolder,
    Settings,
    ThemeChoice,
    _understood,
    data_folder,
    load_settings,
    resource_path,
    save_settings,
)

CHOSEN = Settings(
    *("fr", "XOF", ThemeChoice.DARK, 150, 7, 1200, 700),
    window_maximised=True,
    sync_by_itself=False,
)


def test_what_was_chosen_comes_back(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "new" / "place")
    assert load_settings(folder) == Settings()
    assert save_settings(folder, CHOSEN)
    assert load_settings(folder) == CHOSEN
    assert [file.name for file in folder.path.iterdir()] == ["settings.json"]


@pytest.mark.parametrize("damage", [b"", b"{", b"[1]", b"\xff\xfe\x00", b'"text"'])
def test_a_damaged_file_is_put_aside_and_the_program_starts(tmp_path: Path, damage: bytes) -> None:
    folder = DataFolder(tmp_path)
    folder.settings_file.write_bytes(damage)
    assert load_settings(folder) == Settings()
    assert (tmp_path / "settings.json.damaged").read_bytes() == damage
    assert save_settings(folder, CHOSEN)
    assert load_settings(folder) == CHOSEN


def test_a_folder_that_cannot_be_written_loses_only_the_choices(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    folder = DataFolder(tmp_path / "file" / "data")
    assert not save_settings(folder, CHOSEN)
    assert load_settings(folder) == Settings()


def test_a_failed_save_leaves_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = DataFolder(tmp_path)
    assert save_settings(folder, CHOSEN)

    def full(_file: int) -> None:
        raise OSError(ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    assert not save_settings(folder, Settings())
    assert [file.name for file in tmp_path.iterdir()] == ["settings.json"]
    assert load_settings(folder) == CHOSEN


def test_what_makes_no_sense_has_its_usual_value_and_the_rest_stands() -> None:
    stored = asdict(CHOSEN) | {"theme": "pink", "last_group_id": "x", "text_percent": 9000}
    settings = _understood(stored | {"from a later version": 1})
    assert settings.theme is ThemeChoice.SYSTEM
    assert settings.last_group_id is None
    assert settings.text_percent == 150
    assert settings.language == "fr"


@given(
    st.dictionaries(
        st.sampled_from(list(asdict(CHOSEN))),
        st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.integers()),
    )
)
def test_no_content_of_the_file_stops_the_start(stored: dict[str, object]) -> None:
    settings = _understood(json.loads(json.dumps(stored)))
    assert isinstance(settings.theme, ThemeChoice)
    assert 100 <= settings.text_percent <= 200
    assert isinstance(settings.language, str)


def test_the_option_goes_before_the_variable_and_that_before_the_system(tmp_path: Path) -> None:
    environ = {"VSLA_DATA": str(tmp_path / "variable")}
    assert data_folder(tmp_path / "option", environ).path == tmp_path / "option"
    assert data_folder(None, environ).path == tmp_path / "variable"
    assert data_folder(None, {}).path.name == "vsla_desktop"


def test_everything_lies_in_the_folder(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    assert folder.database == tmp_path / "vsla.db"
    assert folder.documents.parent == folder.backups.parent == tmp_path


def test_resources_are_found() -> None:
    assert resource_path("icons", "home.svg").is_file()
