"""What a benchmark says: a time, the baseline of the same run, and their ratio against a bar."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measure:
    """One measurement. Times are in seconds; the ratio is held against the bar."""

    name: str
    value_seconds: float
    baseline_seconds: float
    ratio: float
    bar: float
    ok: bool


def measured(
    name: str, value_seconds: float, baseline_seconds: float, *, at_most: float
) -> Measure:
    """Return a measurement whose time may be at most so many times the baseline's."""
    ratio = value_seconds / baseline_seconds
    return Measure(name, value_seconds, baseline_seconds, ratio, at_most, ratio <= at_most)


def show(measures: Iterable[Measure]) -> None:
    """Print measurements, one a line."""
    for each in measures:
        print(
            f"{each.name}: {each.value_seconds:.3f} s, baseline {each.baseline_seconds:.3f} s, "
            f"ratio {each.ratio:.2f}, bar {each.bar:.2f}: {'ok' if each.ok else 'MISSED'}"
        )
