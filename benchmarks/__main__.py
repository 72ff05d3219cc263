"""Measures what is promised about speed, ours and what it is held against in turn: `python -m benchmarks`.

Absolute times differ between machines and hours; the ratios are the promise. Leave the machine alone meanwhile.
"""

import argparse
import json
import os
import platform
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.cases import NODES, Bench, Case, Samples


def main() -> int:
    """Run, print, and end with 1 if a promise is not kept."""
    options = _options()
    if options.scratch:
        Path(options.scratch).mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix="konnect-tui-benchmarks-", dir=options.scratch))
    try:
        leaves = NODES if options.all_leaves else options.leaves
        bench = Bench(scratch, leaves=leaves, keys=options.keys, minutes=options.minutes, disturbed=options.disturbed)
        cases = [case for case in bench.cases() if not options.only or options.only in case.name]
        rows = [_row(case, *samples) for case, samples in zip(cases, _measure(cases, options), strict=True)]
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    if options.json:
        print(json.dumps({"machine": _machine(), "rows": rows}, indent=2))
    else:
        _print(rows)
    return 0 if all(row["kept"] for row in rows) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="rounds of the quick cases (default 15)")
    parser.add_argument(
        "--heavy-rounds", type=int, default=3, help=f"rounds of the {NODES} nodes and the lists (default 3)"
    )
    parser.add_argument("--leaves", type=int, default=100, help="how many leaves the shell loop makes (default 100)")
    parser.add_argument("--all-leaves", action="store_true", help=f"let the shell loop make all {NODES}")
    told = "remove thousands of files before each run of the heavy cases, ours and the other"
    parser.add_argument("--disturbed", action="store_true", help=told)
    parser.add_argument("--keys", type=int, default=10, help="keys pressed in each round (default 10)")
    parser.add_argument(
        "--minutes", type=float, default=1.0, help="how long the idle nodes are watched (default 1; promised for 10)"
    )
    parser.add_argument("--scratch", help="a folder on a real disk; a memory file system makes syncing free")
    parser.add_argument("--only", help="the cases whose name holds this")
    parser.add_argument("--json", action="store_true", help="every sample, as one document")
    return parser.parse_args()


def _measure(cases: list[Case], options: argparse.Namespace) -> list[tuple[Samples, Samples]]:
    """Both sides of every case, in turn, who goes first changing each round. One round before does not count."""
    samples: list[tuple[Samples, Samples]] = [([], []) for _ in cases]
    for count in range(-1, max(options.rounds, options.heavy_rounds)):
        print(f"round {count + 1}", end="\r", file=sys.stderr, flush=True)
        for case, (ours, peer) in zip(cases, samples, strict=True):
            rounds = 1 if case.once else options.heavy_rounds if case.heavy else options.rounds
            if count >= rounds or (count < 0 and (case.heavy or case.once)):
                continue
            sides = [(case.ours, ours), (case.peer, peer)]
            for run, into in sides if count % 2 else reversed(sides):
                into.extend(run()) if count >= 0 else run()
    return samples


def _row(case: Case, ours: Samples, peer: Samples) -> dict[str, Any]:
    mine, other = case.statistic(ours), case.statistic(peer)
    held = {"at most": lambda: mine / other, "at least": lambda: other / mine, "at most more": lambda: mine - other}
    quotient = held[case.bound]()
    scale = 1 if case.bound == "at most more" else 1000
    kept = quotient >= case.target if case.bound == "at least" else quotient <= case.target
    return {
        "name": case.name,
        "against": case.against,
        "ours_ms": round(mine * scale, 2),
        "peer_ms": round(other * scale, 2),
        "ratio": round(quotient, 2),
        "bound": case.bound,
        "target": case.target,
        "kept": kept,
        "samples": {"ours": ours, "peer": peer},
    }


def _print(rows: list[dict[str, Any]]) -> None:
    print(f"{_machine()}\nMedians in ms, a letter's p95. Ratio is ours to the other's; for 'at least' how many times")
    print("faster ours is; for 'at most more' how much more, in what the name says.\n")
    print(f"{'':36} {'ours':>9} {'other':>9} {'ratio':>7}  {'promised':16} against")
    for row in rows:
        promised = f"{row['bound']} {row['target']:g}"
        mark = "" if row["kept"] else "  NOT KEPT"
        line = f"{row['name']:36} {row['ours_ms']:9.1f} {row['peer_ms']:9.1f} {row['ratio']:7.2f}  {promised:16} "
        print(line + row["against"] + mark)


def _machine() -> str:
    return (
        f"{os.cpu_count()} CPUs, {platform.platform()}, {platform.python_implementation()} {platform.python_version()}"
    )


if __name__ == "__main__":
    sys.exit(main())
