"""`python -m tests.benchmarks`: run every comparison and print the tables as Markdown. Takes about ten minutes."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from statistics import median

from harbour_api.store.seed import Seed
from tests.benchmarks import city, contests, exactness, paint
from tests.benchmarks.contests import Effort, Line
from tests.benchmarks.exactness import Searched
from tests.benchmarks.paint import Paint

MILLION = 1_000_000
PARTS = ("nearest", "visit", "start", "search", "paint")


def main() -> None:
    """Measure what was asked for and print it."""
    asked = _arguments()
    seed, million = city.real_seed(), [MILLION] if asked.million else []
    sizes = asked.sizes or [64, 14_000, 200_000, *million]
    lines, seen = [], []
    for line in _lines(asked.only, sizes, seed, Effort(asked.rounds, asked.seconds)):
        lines.append(_shown(line))
        print(lines[-1], file=sys.stderr, flush=True)
    for count in (*exactness.SIZES, *million) if "search" in asked.only else ():
        print(f"searching among {count:,}", file=sys.stderr, flush=True)
        seen += exactness.searched(count, seed)
    painted = list(paint.paints(seed, asked.rounds)) if "paint" in asked.only else []
    print(_report(lines, seen, painted))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="rounds a comparison; the median counts (5)")
    parser.add_argument("--seconds", type=float, default=3.0, help="seconds a round (3)")
    parser.add_argument("--million", action="store_true", help="1,000,000 stations too: 10 minutes and 8 GB more")
    parser.add_argument("--sizes", type=int, nargs="+", choices=list(contests.BARS), help="only these sizes")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="only these parts")
    return parser.parse_args()


def _lines(only: list[str], sizes: list[int], seed: Seed, effort: Effort) -> Iterator[Line]:
    if "nearest" in only:
        for count in sizes:
            yield from contests.nearest(count, seed, effort)
    if "visit" in only:
        yield contests.visit(seed, effort)
    if "start" in only:
        yield contests.start(seed)


def _report(lines: list[str], seen: list[Searched], painted: list[Paint]) -> str:
    table = ["| what | median | min | max | bar | |", "|---|---|---|---|---|---|", *lines] if lines else []
    head = "| stations | filter | microseconds a question | equal to brute force |"
    searched = [head, "|---|---|---|---|", *map(_search_shown, seen)] if seen else []
    head = "| page, slow 3G, processor four times slower | largest paint, median | lowest | highest | aim | |"
    paints = [head, "|---|---|---|---|---|---|", *map(_paint_shown, painted)] if painted else []
    return "\n".join([*table, "", *searched, "", *paints])


def _shown(line: Line) -> str:
    ratios, word = line.ratios, "reached" if line.reaches else "missed"
    bar = f"{'at most' if line.lower_is_better else 'at least'} {line.bar:.2f}"
    return f"| {line.what} | {median(ratios):.2f} | {min(ratios):.2f} | {max(ratios):.2f} | {bar} | {word} |"


def _search_shown(one: Searched) -> str:
    name = "1 in 100" if one.is_filtered else "none"
    return f"| {one.count:,} | {name} | {one.microseconds:.0f} | {one.equal} of {one.asked} |"


def _paint_shown(one: Paint) -> str:
    word = "reached" if one.is_in_time else "missed"
    low, middle, high = min(one.seconds), median(one.seconds), max(one.seconds)
    return f"| `{one.path}` | {middle:.2f} s | {low:.2f} s | {high:.2f} s | {paint.AIM_S} s | {word} |"


if __name__ == "__main__":
    main()
