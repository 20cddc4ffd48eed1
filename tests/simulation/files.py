"""Files instead of the network: carried by hand, in any order, more than once, and damaged."""

from __future__ import annotations

import random
from contextlib import suppress
from typing import TYPE_CHECKING

from tests.simulation.faults import At
from tests.simulation.plan import Fault
from tests.simulation.work import enter
from tests.simulation.world import PowerCutError, Seat, World
from vsla_desktop.errors import SyncError
from vsla_desktop.sync import enrolled_as
from vsla_desktop.sync.bundle import bring_back, export_bundle, import_bundle
from vsla_desktop.sync.bundle_answer import answer_bundle, open_carried
from vsla_desktop.sync.bundle_office import take_bundle

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def write_file(world: World, seat: Seat, choose: random.Random) -> None:
    """Write what a laptop has into a file for head office, after one more entry."""
    enter(world, seat, choose)
    file = world.folder / f"up {world.number()}.vslab"
    export_bundle(seat.database, seat.folder, file, clock=seat.clock)
    world.going_up.append(file)


def take_file(world: World, _seat: Seat, choose: random.Random) -> None:
    """Take any file that a laptop ever wrote, at head office."""
    if not world.going_up:
        return
    file = choose.choice(world.going_up)
    if choose.random() < 0.2:
        file = damaged(world, file, choose)
    note_turn(world, file)
    world.web.end_all()
    try:
        taken = take_bundle(world.central, file)
    except SyncError:
        world.counts["files refused"] += 1
        return
    assert not file.name.startswith("damaged")
    world.counts[Fault.FILE_UP] += bool(taken.batches)


def answer(world: World, seat: Seat, _choose: random.Random) -> None:
    """Write a file for a laptop at head office."""
    name = world.device_name(seat)
    if name is None:
        return
    file = world.folder / f"down {world.number()}.vslab"
    answer_bundle(world.central, name, file)
    world.going_down.append((seat.device(), file))


def read_file(world: World, seat: Seat, choose: random.Random) -> None:
    """Read any file that head office ever wrote for this laptop; the power may go meanwhile."""
    files = [file for device, file in world.going_down if device == seat.device()]
    if not files:
        return
    file = choose.choice(files)
    if choose.random() < 0.2:
        file = damaged(world, file, choose)
    note_turn(world, file)
    kept: list[Path] = []

    def cut(_step: str) -> None:
        kept.append(seat.files())
        raise PowerCutError

    failpoint = At(choose, cut) if choose.random() < 0.3 else world.pass_by
    try:
        report = import_bundle(
            seat.database, seat.folder, file, clock=seat.clock, failpoint=failpoint
        ).report
    except PowerCutError:
        seat.move_to(kept[0])
    except SyncError:
        world.counts["files refused"] += 1
    else:
        assert not file.name.startswith("damaged")
        world.counts[Fault.FILE_DOWN] += bool(report.rows_received or report.batches)


def stick(world: World, seat: Seat, choose: random.Random) -> None:
    """Carry a stick there and back; what is on it may be read late, or never."""
    write_file(world, seat, choose)
    for each in (take_file, take_file, answer, read_file):
        if choose.random() < 0.8:
            each(world, seat, choose)


def relay(world: World, seat: Seat, choose: random.Random) -> None:
    """Let another laptop hand in what this one wrote, and carry the answer back."""
    carrier = choose.choice([each for each in world.seats if each is not seat])
    write_file(world, seat, choose)
    file = world.going_up[-1]
    with suppress(SyncError):  # Of a copy of its own book it takes nothing.
        import_bundle(carrier.database, carrier.folder, file, clock=carrier.clock)
    world.sync(carrier)
    world.web.end_all()
    open_carried(world.central)
    world.sync(carrier)
    back = world.folder / f"down {world.number()}.vslab"
    try:
        header = bring_back(carrier.folder, enrolled_as(seat.folder).device_name, back)
    except SyncError:
        world.counts["nothing to carry back"] += 1
        return
    world.going_down.append((header.device, back))
    if choose.random() < 0.8:
        taken = world.counts[Fault.FILE_DOWN]
        read_file(world, seat, choose)
        world.counts[Fault.RELAYED] += world.counts[Fault.FILE_DOWN] - taken


def damaged(world: World, file: Path, choose: random.Random) -> Path:
    """Return a copy of which the end is missing, or in which a byte is another."""
    content = bytearray(file.read_bytes())
    if choose.random() < 0.5:
        del content[choose.randrange(len(content)) :]
    else:
        at = choose.randrange(len(content))
        content[at] ^= 1 << choose.randrange(8)
    copy = world.folder / f"damaged {world.number()}.vslab"
    copy.write_bytes(content)
    world.counts[Fault.FILE_DAMAGED] += 1
    return copy


def note_turn(world: World, file: Path) -> None:
    """Count files that are read again, or after one that was written later."""
    if file in world.read_files or any(
        each.name > file.name for each in world.read_files if each.name[:2] == file.name[:2]
    ):
        world.counts[Fault.FILE_OUT_OF_TURN] += 1
    world.read_files.append(file)


FILES: dict[str, Callable[[World, Seat, random.Random], None]] = {
    each.__name__: each for each in (write_file, take_file, answer, read_file, stick, relay)
}
