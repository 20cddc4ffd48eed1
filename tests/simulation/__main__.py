"""Play many histories: python -m tests.simulation [N] [SEED], or one alone: N=1 and its seed."""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from collections import Counter

from tests.simulation.plan import Fault, plan
from tests.simulation.play import shortened, stage


def main() -> int:
    """Play the histories and say what happened; return 1 for the first that breaks a promise."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--histories", type=int, default=2000)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--shorten", action="store_true", help="find the steps that it takes")
    asked.add_argument("--go-on", action="store_true", help="play the rest after a failure")
    told = asked.parse_args()
    counts: Counter[str] = Counter()
    failed: list[int] = []
    started = time.monotonic()
    with stage() as played:
        for seed in range(told.seed, told.seed + told.histories):
            history = plan(seed)
            try:
                counts += played.play(history)
            except Exception:  # noqa: BLE001 - told, and counted
                failed.append(seed)
                traceback.print_exc()
                print(f"History {seed} breaks a promise.", file=sys.stderr)
                if told.shorten:
                    history = shortened(played, history)
                    print(*history.steps, sep="\n")
                if not told.go_on:
                    break
            if seed % 20 == 0:
                print(f"{seed}: {time.monotonic() - started:.0f} s", flush=True)
    for fault in Fault:
        print(f"{counts[fault]:7}  {fault}")
    for name, count in sorted(counts.items()):
        if name not in set(Fault):
            print(f"{count:7}  {name}")
    print(f"{told.histories} histories, {time.monotonic() - started:.0f} s, failed: {failed}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
