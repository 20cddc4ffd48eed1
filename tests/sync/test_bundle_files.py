"""The file itself: what may happen to it on a stick, and who can read it."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sync.crash import POWER_CUT
from vsla_desktop.errors import SyncError
from vsla_desktop.sync.bundle_file import (
    CHUNK,
    DOWN,
    MAGIC,
    MOST_HEADER,
    UP,
    Header,
    Part,
    opened,
    writing,
)
from vsla_desktop.sync.keys import SEALED_BYTES, Keys, PublicKeys, new_secret

LAPTOP, OFFICE, STRANGER = Keys(bytes(32)), Keys(b"o" * 32), Keys(b"s" * 32)
HEADER = Header(
    kind=UP,
    device="0d7bd08c-7f5e-4f66-9a0f-6cb1b74b4ce1",
    name="Kisumu 3",
    epoch="7b4b0a2e-9a53-4dd8-8c40-6d7b2a7a94f1",
    to=OFFICE.public.mark,
    first=1,
    last=2,
    made="2026-03-03 14:05:00",
)


def noise(size: int) -> bytes:
    return random.Random(7).randbytes(size)  # noqa: S311 - what no packing makes smaller


PARTS = [
    Part({"part": "batch", "n": 1}, "Amina, ዓለም 🌍".encode()),
    Part({"part": "batch", "n": 2}, noise(2 * CHUNK + 99)),
    Part({"part": "end"}, b""),
]


def written(path: Path, parts: list[Part], header: Header = HEADER) -> Path:
    with writing(path, header, LAPTOP, OFFICE.public) as file:
        for each in parts:
            file.add(each.info, each.content)
    return path


def read(path: Path, own: Keys = OFFICE, of: PublicKeys = LAPTOP.public) -> list[Part]:
    with opened(path) as bundle:
        return list(bundle.parts(own, of))


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("stick") / "up.vslab", PARTS)


@given(
    st.lists(
        st.builds(
            Part,
            st.dictionaries(st.text(max_size=8), st.integers() | st.text(max_size=8), max_size=3),
            st.binary(max_size=300) | st.integers(0, 3 * CHUNK).map(noise),
        ),
        max_size=6,
    )
)
@settings(max_examples=60)
def test_what_is_read_is_what_was_written(
    tmp_path_factory: pytest.TempPathFactory, parts: list[Part]
) -> None:
    path = written(tmp_path_factory.mktemp("stick") / "any.vslab", parts)
    assert read(path) == parts


def test_a_carrier_reads_which_laptop_and_which_batches_and_no_more(bundle: Path) -> None:
    with opened(bundle) as file:
        assert file.header == HEADER
    content = bundle.read_bytes()
    assert b"Amina" not in content
    assert b"Kisumu 3" in content


def test_only_head_office_can_open_it(bundle: Path) -> None:
    for other in (STRANGER, LAPTOP):
        with pytest.raises(SyncError, match="damaged or changed"):
            read(bundle, own=other)


def test_only_what_the_laptop_signed_is_believed(bundle: Path, tmp_path: Path) -> None:
    with pytest.raises(SyncError, match="damaged or changed"):
        read(bundle, of=STRANGER.public)
    # A stranger who signs another's content as their own has moved it to another file.
    content = bundle.read_bytes()
    start = len(MAGIC) + 4
    told = HEADER.as_bytes()
    assert content[start:].startswith(told)
    forged = tmp_path / "forged.vslab"
    with writing(forged, HEADER, STRANGER, OFFICE.public) as file:
        file.add({"part": "batch", "n": 1}, b"made up")
    with pytest.raises(SyncError, match="damaged or changed"):
        read(forged)


def places(content: bytes) -> dict[str, int]:
    """Name one place in everything that a file consists of."""
    told = len(HEADER.as_bytes())
    start = len(MAGIC) + 4 + told
    return {
        "kind of file": 3,
        "length of the header": len(MAGIC) + 3,
        "header's first": len(MAGIC) + 4,
        "header": len(MAGIC) + 4 + told // 2,
        "sealed key": start + 5,
        "sealed key's proof": start + SEALED_BYTES - 1,
        "chunk's length": start + SEALED_BYTES + 2,
        "chunk's mark": start + SEALED_BYTES,
        "chunk": start + SEALED_BYTES + 400,
        "chunk's proof": start + SEALED_BYTES + 4 + CHUNK + 3,
        "second chunk's length": start + SEALED_BYTES + 4 + CHUNK + 16,
        "last chunk": len(content) - 80,
        "signature": len(content) - 10,
        "last byte": len(content) - 1,
    }


def test_a_changed_byte_anywhere_is_seen(bundle: Path, tmp_path: Path) -> None:
    whole = bundle.read_bytes()
    choose = random.Random(11)  # noqa: S311
    at = [*places(whole).values(), *(choose.randrange(len(whole)) for _ in range(150))]
    for place in at:
        for flip in (1, 0x80, 0xFF):
            content = bytearray(whole)
            content[place] ^= flip
            changed = tmp_path / "changed.vslab"
            changed.write_bytes(content)
            with pytest.raises(SyncError, match=r"changed\.vslab"):
                read(changed)


def test_a_file_that_is_cut_anywhere_is_refused(bundle: Path, tmp_path: Path) -> None:
    whole = bundle.read_bytes()
    start = len(MAGIC) + 4 + len(HEADER.as_bytes()) + SEALED_BYTES
    chunks = [start + count * (4 + CHUNK + 16) for count in range(3)]
    choose = random.Random(13)  # noqa: S311
    ends = {0, 1, len(MAGIC), start, len(whole) - 1, len(whole) - 64, *chunks}
    ends |= {each + 4 for each in chunks} | {choose.randrange(len(whole)) for _ in range(150)}
    cut = tmp_path / "cut.vslab"
    for end in sorted(ends):
        cut.write_bytes(whole[:end])
        with pytest.raises(SyncError, match=r"cut\.vslab is not whole"):
            read(cut)


def test_nothing_can_be_added_left_out_or_put_elsewhere(bundle: Path, tmp_path: Path) -> None:
    whole = bundle.read_bytes()
    start = len(MAGIC) + 4 + len(HEADER.as_bytes()) + SEALED_BYTES
    step = 4 + CHUNK + 16
    first, second = whole[start : start + step], whole[start + step : start + 2 * step]
    rest = whole[start + 2 * step :]
    other = tmp_path / "other.vslab"
    for content in (
        whole + b"\0",
        whole[:start] + second + first + rest,
        whole[:start] + first + rest,
        whole[:start] + first + first + second + rest,
    ):
        other.write_bytes(content)
        with pytest.raises(SyncError, match="damaged or changed"):
            read(other)


def test_other_files_are_told_apart(tmp_path: Path) -> None:
    other = tmp_path / "photo.vslab"
    for content in (b"GIF89a, and more", b"\x89PNG\r\n\x1a\n" + bytes(99), b"x"):
        other.write_bytes(content)
        with pytest.raises(SyncError, match="is not a file for carrying"):
            read(other)
    with pytest.raises(SyncError, match="can not be read"):
        read(tmp_path / "nothing.vslab")
    with pytest.raises(SyncError, match="can not be read"):
        read(tmp_path)


def test_a_header_that_lies_about_itself_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "lies.vslab"
    good = HEADER.as_bytes().decode()
    for told in (
        "[]",
        "{}",
        "[" * 9_000,
        '{"format": 1}',
        good.replace('"up"', '"sideways"'),
        good.replace('"first": 1', '"first": -1'),
        good.replace('"first": 1', '"first": true'),
        good.replace("Kisumu 3", "\\u001b[2J"),
        good.replace("Kisumu 3", "K" * 300),
        good.replace("0d7bd08c", "../../../"),
        good.replace('"kind"', '"sort"'),
        "x" * (MOST_HEADER + 1),
    ):
        content = told.encode()
        file.write_bytes(MAGIC + len(content).to_bytes(4) + content + bytes(500))
        with pytest.raises(SyncError, match="damaged or changed"):
            read(file)
    newer = good.replace('"format": 1', '"format": 2').encode()
    file.write_bytes(MAGIC + len(newer).to_bytes(4) + newer)
    with pytest.raises(SyncError, match="newer version"):
        read(file)


def test_a_signed_file_that_makes_no_sense_is_refused(tmp_path: Path) -> None:
    odd: tuple[Any, ...] = ([], "text", None)
    for info in odd:
        path = tmp_path / "odd.vslab"
        with writing(path, HEADER, LAPTOP, OFFICE.public) as file:
            file.add(info)
        with pytest.raises(SyncError, match="damaged or changed"):
            read(path)


def test_a_file_that_unpacks_without_end_is_left_early(tmp_path: Path) -> None:
    nothing = Part({"part": "nothing"}, bytes(50 << 20))
    whole = written(tmp_path / "whole.vslab", [nothing] * 4)
    with opened(whole) as file:
        assert sum(1 for _part in file.parts(OFFICE, LAPTOP.public)) == 4
    endless = written(tmp_path / "endless.vslab", [nothing] * 7)
    assert endless.stat().st_size < 1 << 20
    with opened(endless) as file:
        parts = file.parts(OFFICE, LAPTOP.public)
        for _number in range(5):
            next(parts)
        with pytest.raises(SyncError, match="damaged or changed"):
            next(parts)


def test_a_file_of_another_direction_is_read_by_its_receiver_alone(tmp_path: Path) -> None:
    down = Header(**{**{each: getattr(HEADER, each) for each in Header.__slots__}, "kind": DOWN})
    path = tmp_path / "down.vslab"
    with writing(path, down, OFFICE, LAPTOP.public) as file:
        file.add({"part": "answers"})
    assert read(path, own=LAPTOP, of=OFFICE.public) == [Part({"part": "answers"}, b"")]


POWER_FAILS = """
import os, sys
from pathlib import Path
from tests.sync.test_bundle_files import HEADER, LAPTOP, OFFICE, PARTS
from vsla_desktop.sync.bundle_file import writing
def failpoint(step):
    if step == sys.argv[2]:
        os._exit(int(sys.argv[3]))
with writing(Path(sys.argv[1]), HEADER, LAPTOP, OFFICE.public, failpoint=failpoint) as file:
    file.add({"part": "new"}, b"new")
"""


@pytest.mark.parametrize("step", ["writing the file", "naming the file"])
def test_a_power_cut_while_writing_leaves_the_old_file(tmp_path: Path, step: str) -> None:
    path = written(tmp_path / "up.vslab", PARTS)
    before = path.read_bytes()
    ended = subprocess.run(
        [sys.executable, "-c", POWER_FAILS, str(path), step, str(POWER_CUT)],
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert ended.returncode == POWER_CUT
    assert path.read_bytes() == before
    assert read(written(path, PARTS[:1])) == PARTS[:1]
    assert [each.name for each in tmp_path.iterdir()] == ["up.vslab"]


def test_a_place_that_takes_nothing_is_said(tmp_path: Path) -> None:
    with pytest.raises(SyncError, match="could not be written"):
        written(tmp_path / "no folder" / "up.vslab", PARTS)


def test_keys_are_written_and_read_again() -> None:
    own = Keys(new_secret())
    assert Keys.from_text(own.text()) == own
    assert PublicKeys.from_text(own.public.text()) == own.public
    assert str(own.secret) not in repr(own)
    for text in ("", "AAAA", "not base64!", own.text()[:-4]):
        with pytest.raises(ValueError, match="not a key"):
            Keys.from_text(text)
        with pytest.raises(ValueError, match="not a key"):
            PublicKeys.from_text(text)
