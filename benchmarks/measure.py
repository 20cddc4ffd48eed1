"""What a benchmark says: a value, the baseline of the same run, and their ratio against a bar."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measure:
    """One measurement. Values are seconds unless ``unit`` says otherwise."""

    name: str
    value_seconds: float
    baseline_seconds: float
    ratio: float
    bar: float
    ok: bool
    unit: str = "s"


def measured(
    name: str, value_seconds: float, baseline_seconds: float, *, at_most: float, unit: str = "s"
) -> Measure:
    """Return a measurement that may be at most so many times the baseline's."""
    ratio = value_seconds / baseline_seconds
    return Measure(name, value_seconds, baseline_seconds, ratio, at_most, ratio <= at_most, unit)


def show(measures: Iterable[Measure]) -> None:
    """Print measurements, one a line."""
    for each in measures:
        judged = f"bar {each.bar:.2f}: {'ok' if each.ok else 'MISSED'}"
        print(
            f"{each.name}: {each.value_seconds:.3f} {each.unit}, "
            f"baseline {each.baseline_seconds:.3f} {each.unit}, "
            f"ratio {each.ratio:.2f}, {'no bar' if math.isinf(each.bar) else judged}"
        )
