"""How many labels are read, and how fast, against bare zbar and bare zxing-cpp on the same pictures.

    python -m benchmarks.vision [--labels N] [--frames N] [--write]

Knee and angles are told from half as many labels of each kind. The knee, which is not timed, takes two
processes.

--write puts the table behind `sorter camera check` (vision/knee.csv), the page docs/vision-benchmark.md and
its plot in their places. Times are CPU seconds of one thread; only their ratios within one run mean much.
"""

from __future__ import annotations

import argparse
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

import cv2

from benchmarks.vision_cases import HUB, WIDE, Read, Score, empty_frames, frames, labels, readers, tried
from benchmarks.vision_plot import curves
from benchmarks.vision_speed import workers_gain
from vision.render_scene import Knobs

ROOT = Path(__file__).resolve().parent.parent
MODULES_PX = (0.6, 0.8, 1.0, 1.2, 1.5, 2.0, 3.0)
BLURS_PX = (0.0, 1.0, 2.0, 3.0, 4.0, 6.0)
ANGLES_DEG = (0, 10, 20, 30, 45)
OURS = "this reader"


@dataclass(frozen=True, slots=True)
class Case:
    """One kind of label; `how` as in vision.specimen.Specimen. least: the share that must be read."""

    name: str
    module_px: float
    least: float
    how: Mapping[str, float]
    angles: tuple[float, float] = (0.0, 360.0)


CASES = (
    Case("1.5 px, any angle", 1.5, 0.995, {}),
    Case("1.2 px, any angle", 1.2, 0.99, {}),
    Case("1.0 px, any angle", 1.0, 0.90, {}),
    Case("0.8 px, any angle", 0.8, 0.50, {}),
    Case("2.0 px, belt moved 2 px", 2.0, 0.99, {"blur_px": 2.0}),
    Case("1.5 px, belt moved 2 px", 1.5, 0.90, {"blur_px": 2.0}),
    Case("3.0 px, belt moved 4 px", 3.0, 0.95, {"blur_px": 4.0}),
    Case("2.0 px, 2 modules across the bars", 2.0, 0.80, {"across_modules": 2.0}, (-8.0, 8.0)),
    Case("2.0 px, 2 creases", 2.0, 0.95, {"creases": 2}),
)


def main() -> None:
    """Everything, printed; and written where it belongs when asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--labels", type=int, default=200, help="labels of each kind (default 200)")
    parser.add_argument("--frames", type=int, default=12, help="belt frames of each kind (default 12)")
    parser.add_argument("--write", action="store_true", help="also write the page, its plot and the table")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    commit, by = _commit(), readers()
    half = (args.labels + 1) // 2
    knee = measured(half)
    page = "\n".join([
        *_head(commit, args.labels, args.frames),
        *_label_table(args.labels, by), *_frame_table(args.frames, by), *_knee_table(knee),
        *_angle_table(half, by), *_speed(), "",
    ])  # fmt: skip
    print(page)
    if args.write:
        (ROOT / "vision" / "knee.csv").write_text(knee_csv(knee, commit), encoding="utf-8")
        (ROOT / "docs" / "vision-benchmark.md").write_text(page, encoding="utf-8")
        by_blur = {f"{blur:g} px": [knee[px, blur].rate for px in MODULES_PX] for blur in BLURS_PX}
        (ROOT / "docs" / "vision-knee.svg").write_text(curves(MODULES_PX, by_blur), encoding="utf-8")


def measured(count: int) -> dict[tuple[float, float], Score]:
    """Our reader over module width and motion blur."""
    cells = [(px, blur) for px in MODULES_PX for blur in BLURS_PX]
    with ProcessPoolExecutor(2) as pool:
        return dict(zip(cells, pool.map(_cell, cells, [count] * len(cells)), strict=True))


def _cell(cell: tuple[float, float], count: int) -> Score:
    cv2.setNumThreads(1)
    px, blur = cell
    return tried(labels(count, 1, px, blur_px=blur), {OURS: readers()[OURS]})[OURS]


def knee_csv(knee: Mapping[tuple[float, float], Score], commit: str) -> str:
    """The table as the product reads it; its first line names the commit."""
    rows = [f"{px:g},{blur:g},{one.labels},{one.read},{one.wrong}" for (px, blur), one in knee.items()]
    head = [f"# measured at {commit} by: python -m benchmarks.vision --write"]
    return "\n".join([*head, "px_per_module,blur_px,labels,read,misread", *rows, ""])


def _head(commit: str, count: int, pictures: int) -> Iterator[str]:
    yield "# What is read, and how fast · 识读基准"
    yield ""
    yield (
        f"Measured at {commit}: {count} labels (for knee and angles half as many) and {pictures} frames of"
        " each kind, drawn from a seed with defocus 0.6 px and noise 6 of 255 (`vision/specimen.py`,"
        " `vision/render_scene.py`). Code 128 only; every reader on the same pictures, one thread, CPU time."
        " A share is read / labels; wrong = texts that no label has. To measure again, and write this page:"
        " `python -m benchmarks.vision --write`. Shares near 1 take more labels:"
        " [0004](decisions/0004-the-reader-of-bars.md) counts 100,000."
    )


def _label_table(count: int, by: Mapping[str, Read]) -> Iterator[str]:
    yield from _heading("Single labels", ["label", *by, "wrong", "must"])
    for case in CASES:
        scores = tried(labels(count, 2, case.module_px, case.angles, **case.how), dict(by))
        wrong = "/".join(str(score.wrong) for score in scores.values())
        yield _row(case.name, *(f"{one.rate:.3f}" for one in scores.values()), wrong, f"{case.least:g}")


def _frame_table(count: int, by: Mapping[str, Read]) -> Iterator[str]:
    times = [f"{name}: time" for name in by]
    yield from _heading("Belt frames; median time as a share of zbar's", ["frame", *by, "wrong", *times])
    three = Knobs(parcels=3, ean=0, qr=0)
    kinds = {
        "2448 x 1200, three labels, 1.8 px": frames(count, WIDE, three, 3),
        "the same with EAN and QR beside": frames(count, WIDE, replace(three, ean=1, qr=1), 3),
        "hub, 2448 x 2448, one label, 1.53 px": frames(count, HUB, Knobs(), 4),
        "hub, a parcel without a label": empty_frames(count, HUB),
    }
    for name, pictures in kinds.items():
        scores = tried(pictures, dict(by))
        rates = (f"{one.rate:.3f}" if one.labels else "-" for one in scores.values())
        wrong = "/".join(str(one.wrong) for one in scores.values())
        yield _row(name, *rates, wrong, *_shares(scores))


def _shares(scores: Mapping[str, Score]) -> list[str]:
    """Each reader's time against zbar's, the median picture; ms a picture where zbar is not there."""
    if "zbar" not in scores:
        return [f"{1000 * median(one.each_s):.0f} ms" for one in scores.values()]
    zbar = scores["zbar"].each_s
    return [f"{median(a / b for a, b in zip(one.each_s, zbar, strict=True)):.2f}" for one in scores.values()]


def _knee_table(knee: Mapping[tuple[float, float], Score]) -> Iterator[str]:
    wrong = sum(one.wrong for one in knee.values())
    yield from _heading("Knee: px per module (down), movement of the belt in px (right), any angle",
                        ["px", *(f"{blur:g}" for blur in BLURS_PX)])  # fmt: skip
    for px in MODULES_PX:
        yield _row(f"{px:g}", *(f"{knee[px, blur].rate:.2f}" for blur in BLURS_PX))
    yield f"\nWrong texts among all of these: {wrong}.\n\n![read rate over px per module](vision-knee.svg)"


def _angle_table(count: int, by: Mapping[str, Read]) -> Iterator[str]:
    yield from _heading("Angle, at 2 px per module", ["degrees off the axis", *by])
    for angle in ANGLES_DEG:
        near = (angle - 1.0, angle + 1.0)
        scores = tried(labels(count, 5, 2.0, near), dict(by))
        yield _row(str(angle), *(f"{one.rate:.2f}" for one in scores.values()))


def _speed() -> Iterator[str]:
    one, two = workers_gain()
    yield (
        f"\n## Worker processes\n\nThe pipeline alone on hub frames, at a load of {os.getloadavg()[0]:.0f} on"
        f" {os.cpu_count()} cores: {one.per_h:,.0f} frames/h with one worker, {two.per_h:,.0f} with two,"
        f" {two.per_h / one.per_h:.2f} times; {one.cpu_ms:.1f} and {two.cpu_ms:.1f} CPU ms a frame, and"
        f" {two.line_ms:.1f} ms of the process that asks. The camera writes into the ring itself; copying a"
        " picture into it takes a core 1 to 2 ms."
    )


def _heading(title: str, columns: Sequence[str]) -> Iterator[str]:
    yield from ("", f"## {title}", "", _row(*columns), _row(*("---" for _ in columns)))


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short=10", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


if __name__ == "__main__":
    main()
