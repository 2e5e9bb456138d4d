"""Labels for the tests of the reader of bars: waybills under hard conditions, bars that are no Code 128."""

from __future__ import annotations

import random
import string
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from vision.linear import LinearRead, examine
from vision.region import Region
from vision.specimen import Specimen, draw, jittered
from vision.symbols import Widths, code128, ean13

ROWS: dict[str, dict[str, Any]] = {
    "1.5 px/module": {"module_px": 1.5},
    "1.2 px/module": {"module_px": 1.2},
    "1.0 px/module": {"module_px": 1.0},
    "0.8 px/module": {"module_px": 0.8},
    "2.0 px/module, blur 2 px": {"module_px": 2.0, "blur_px": 2.0},
    "1.5 px/module, blur 2 px": {"module_px": 1.5, "blur_px": 2.0},
    "3.0 px/module, blur 4 px": {"module_px": 3.0, "blur_px": 4.0},
    "2 modules across the bars": {"module_px": 2.0, "across_modules": 2.0},
    "2 creases": {"module_px": 2.0, "creases": 2},
    "defocus 1.8 px": {"module_px": 2.0, "defocus_px": 1.8},
    "contrast 0.1": {"module_px": 2.0, "paper": 130, "ink": 105, "noise_greys": 5.0},
    "0.9 of the height hidden": {"module_px": 2.0, "hidden": 0.9},
    "the hub's camera": {"module_px": 1.53, "blur_px": 1.0},
}
"""Conditions under which the reader must hold."""


def waybill(rnd: random.Random) -> str:
    """15 digits and letters as couriers print them, now and then anything in Code 128."""
    kind = rnd.random()
    if kind < 0.8:
        prefix = rnd.choice(("SF", "YT", "JT", "77", "98"))
        return prefix + "".join(rnd.choices(string.digits, k=13))
    every = string.ascii_letters + string.digits + " -/.\t"
    letters = every if kind > 0.9 else string.ascii_uppercase + "0189"
    return "".join(rnd.choices(letters, k=rnd.randint(6, 16)))


def specimen(row: str, seed: int) -> Specimen:
    """A label under the row's conditions; what the row leaves open is drawn from the seed."""
    rnd = random.Random(f"{row} {seed}")
    near_axis = "across_modules" in ROWS[row]
    angle = rnd.choice((0, 90, 180, 270)) + rnd.uniform(-10, 10) if near_axis else rnd.uniform(0, 360)
    drawn = Specimen(
        waybill(rnd),
        1.0,
        angle,
        height_modules=rnd.uniform(40, 60),
        defocus_px=rnd.choice((0.6, rnd.uniform(0.4, 1.0))),
        noise_greys=rnd.choice((6.0, rnd.uniform(3, 8))),
        paper=rnd.randint(190, 235),
        ink=rnd.randint(20, 60),
        slope=rnd.choice((0.0, 0.0, 0.1, -0.15)),
        quiet_modules=rnd.uniform(8, 20),
        spread=rnd.choice((0.0, 0.0, 0.1, -0.1)),
        points=rnd.random() < 0.2,
    )
    return replace(drawn, **ROWS[row])


def strange(seed: int) -> Specimen:
    """Bars that are no Code 128: EAN, ITF, bars of any width, a symbol with one wrong character."""
    rnd = random.Random(seed)
    make = rnd.choice((_ean, _itf, _any_bars, wrong_check))
    return Specimen(
        "",
        rnd.uniform(0.8, 3),
        rnd.uniform(0, 360),
        rnd.uniform(20, 60),
        blur_px=rnd.choice((0.0, 0.0, 2.0)),
        defocus_px=rnd.uniform(0.4, 1.0),
        noise_greys=rnd.uniform(3, 8),
        widths=make(rnd),
    )


def _ean(rnd: random.Random) -> Widths:
    digits = [rnd.randrange(10) for _ in range(12)]
    check = -sum(digit * (1, 3)[place % 2] for place, digit in enumerate(digits)) % 10
    return ean13("".join(map(str, [*digits, check])))


def _itf(rnd: random.Random) -> Widths:
    wide, widths = rnd.choice((2, 3)), [1, 1, 1, 1]
    for _ in range(rnd.randint(3, 10)):
        bars, spaces = rnd.sample((1, 1, 1, wide, wide), 5), rnd.sample((1, 1, 1, wide, wide), 5)
        widths += [width for pair in zip(bars, spaces, strict=True) for width in pair]
    return (*widths, wide, 1, 1)


def _any_bars(rnd: random.Random) -> Widths:
    return tuple(rnd.choice((1, 1, 2, 2, 3, 4)) for _ in range(2 * rnd.randint(15, 50) + 1))


def wrong_check(rnd: random.Random) -> Widths:
    """A symbol of good characters of which one, the check character or another, is not the right one."""
    right, other = code128(waybill(rnd)[:2] + "0123456789"), code128("".join(rnd.choices("acegikmoqs", k=7)))
    places = [6 * slot for slot in range(2, len(right) // 6 - 1)]
    while True:
        at, source = rnd.choice(places), 6 * rnd.randrange(2, 7)
        changed = (*right[:at], *other[source : source + 6], *right[at + 6 :])
        if changed != right:
            return changed


@dataclass
class Tally:
    """What became of labels read one after the other."""

    drawn: int = 0
    read: int = 0
    wrong: list[str] = field(default_factory=list)

    def add(self, seed: int, text: str, answer: object) -> None:
        self.drawn += 1
        if isinstance(answer, LinearRead):
            self.read += answer.text == text
            if answer.text != text:
                self.wrong.append(f"seed {seed}: {answer.text!r} for {text!r}, margin {answer.margin:.1f}")


def read_row(row: str, first: int, count: int) -> Tally:
    """Read labels of a row, located as well as a locator would."""
    tally = Tally()
    for seed in range(first, first + count):
        label = specimen(row, seed)
        drawn = draw(label, seed)
        tally.add(seed, label.text, examine(drawn.pixels, located(drawn.region, seed)))
    return tally


def read_strange(first: int, count: int) -> Tally:
    """Look for Code 128 where there is none; every text is wrong."""
    tally = Tally()
    for seed in range(first, first + count):
        drawn = draw(strange(seed), seed)
        tally.add(seed, "", examine(drawn.pixels, located(drawn.region, seed)))
    return tally


def located(region: Region, seed: int) -> Region:
    """As a locator sees it: 4 px, 2 degrees and 15 % off at most."""
    return jittered(region, np.random.default_rng(seed), 4, 2, 0.15)


def spread_over(work: Any, jobs: list[tuple[Any, ...]]) -> Iterator[Tally]:
    """Tallies of many jobs, over all cores."""
    with ProcessPoolExecutor() as pool:
        yield from pool.map(work, *zip(*jobs, strict=True))


def total(tallies: list[Tally]) -> Tally:
    return Tally(
        sum(tally.drawn for tally in tallies),
        sum(tally.read for tally in tallies),
        [line for tally in tallies for line in tally.wrong],
    )
