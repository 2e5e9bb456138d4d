"""How right and wrong candidates of our own reader of bars differ: what its bounds are set by.

    python -m benchmarks.vision_margins [--labels N]

Labels of every kind, and bars that are no Code 128 (EAN, ITF, bars of any width, one wrong character). A
candidate is the likeliest symbol with a right check character, believed or not; of bars that are
no Code 128 every one is wrong.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import NamedTuple

from tests.specimens import ROWS, located, specimen, strange
from vision.linear import LEAST_MARGIN, MOST_DEFICIT, MOST_UNLIKE, MOST_WORST, Refused, candidate, sure
from vision.linear_text import text_of
from vision.specimen import draw

MARGINS = (0.0, 4.0, 8.0, 12.0, 16.0, 20.0, 30.0, 40.0)
STRANGE = "no Code 128"


class Candidate(NamedTuple):
    """One candidate: is it right, its margin in nats, does it pass all other tests, is it believed."""

    right: bool
    margin: float
    passes: bool
    believed: bool


def candidates(row: str, first: int, count: int) -> list[Candidate]:
    """Of so many labels of a row, or bars that are no Code 128, each located as well as a locator would."""
    return [one for seed in range(first, first + count) for one in _candidate(row, seed)]


def _candidate(row: str, seed: int) -> Iterator[Candidate]:
    label = strange(seed) if row == STRANGE else specimen(row, seed)
    drawn = draw(label, seed)
    found = candidate(drawn.pixels, located(drawn.region, seed))
    if isinstance(found, Refused) or not (text := text_of(found[1].values) if found[1].values else ""):
        return
    one = found[1]
    fits = one.fit.unlike <= MOST_UNLIKE and max(one.worst, one.outside) <= MOST_WORST
    right = row != STRANGE and text == label.text
    yield Candidate(right, one.margin, fits and one.deficit <= MOST_DEFICIT, sure(one))


def table(found: Sequence[Candidate]) -> str:
    """Right and wrong candidates by margin: all, those that pass all other tests, those that are believed."""
    lines = [
        "| margin, nats | right | of them fit | believed | wrong | of them fit | believed |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for low, high in zip(MARGINS, (*MARGINS[1:], float("inf")), strict=True):
        cells = [f"{low:g} to {high:g}" if high < float("inf") else f"{low:g} (no other is told)"]
        for right in (True, False):
            own = [one for one in found if one.right == right and low <= one.margin < high]
            cells += [
                str(len(own)),
                str(sum(one.passes for one in own)),
                str(sum(one.believed for one in own)),
            ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    """Every kind of label, in two processes; the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--labels", type=int, default=200, help="labels of each kind (default 200)")
    count = parser.parse_args().labels
    with ProcessPoolExecutor(2) as pool:
        jobs = [pool.submit(candidates, row, 1, count) for row in ROWS]
        jobs += [pool.submit(candidates, STRANGE, first, count) for first in range(1, 10 * count, count)]
        found = [one for job in jobs for one in job.result()]
    print(f"{count} labels of {len(ROWS)} kinds, {10 * count} others; least margin {LEAST_MARGIN:g}\n")
    print(table(found))


if __name__ == "__main__":
    main()
