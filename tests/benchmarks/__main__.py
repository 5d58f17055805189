"""`python -m tests.benchmarks`: run every comparison and print the tables as Markdown. Takes a quarter of an hour."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from statistics import median

from harbour_api.store.seed import Seed
from tests.benchmarks import city, contests, exactness, paint, sheets, year
from tests.benchmarks.contests import Effort, Line
from tests.benchmarks.exactness import Searched
from tests.benchmarks.paint import Paint
from tests.benchmarks.sheets import Taken
from tests.benchmarks.year import Added

MILLION = 1_000_000
PARTS = ("nearest", "visit", "start", "search", "paint", "import", "statistics")


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
    taken = list(sheets.taken_in(seed)) if "import" in asked.only else []
    added = list(year.added_up(seed)) if "statistics" in asked.only else []
    print(_report(lines, seen, painted, taken, added))


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
        yield from contests.visits(seed, effort)
    if "start" in only:
        yield contests.start(seed)


def _report(
    lines: list[str], seen: list[Searched], painted: list[Paint], taken: list[Taken], added: list[Added]
) -> str:
    table = ["| what | median | min | max | bar | |", "|---|---|---|---|---|---|", *lines] if lines else []
    head = "| stations | filter | microseconds a question | equal to brute force |"
    searched = [head, "|---|---|---|---|", *map(_search_shown, seen)] if seen else []
    head = "| page, slow 3G, processor four times slower | largest paint, median | lowest | highest | aim | |"
    paints = [head, "|---|---|---|---|---|---|", *map(_paint_shown, painted)] if painted else []
    head = f"| sheet of {sheets.ROWS:,} rows | form | dry run (CPU) | taken in (CPU) | bar | |"
    imports = [head, "|---|---|---|---|---|---|", *map(_sheet_shown, taken)] if taken else []
    head = "| statistics of a year | entries | in SQL | by line | nearest meanwhile: median, longest | by line | same |"
    sums = [head, "|---|---|---|---|---|---|---|", *map(_sums_shown, added)] if added else []
    return "\n\n".join("\n".join(part) for part in (table, searched, paints, imports, sums) if part)


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


def _sheet_shown(one: Taken) -> str:
    word = "reached" if one.is_in_time else "missed"
    looked, taken = f"{one.looked_s:.1f} s ({one.looked_cpu_s:.1f})", f"{one.taken_s:.1f} s ({one.taken_cpu_s:.1f})"
    seconds = f"{looked} | {taken} | at most {sheets.BAR_S:.0f} s"
    return f"| {one.what} | {one.form.upper()} | {seconds} | {word} |"


def _sums_shown(one: Added) -> str:
    ours, lines = (f"{median(w) * 1e3:.0f} ms, {max(w) * 1e3:.0f} ms" for w in (one.waits_s, one.waits_by_line_s))
    ratio = f"{one.seconds / one.seconds_by_line:.2f} x"
    seconds = f"{one.seconds:.1f} s ({ratio}) | {one.seconds_by_line:.1f} s"
    return (
        f"| by {one.group_by} | {one.n_entries:,} | {seconds} | {ours} | {lines} | {'yes' if one.is_equal else 'no'} |"
    )


if __name__ == "__main__":
    main()
