"""How many labels are read, and how fast, against bare zbar and bare zxing-cpp on the same pictures.

    python -m benchmarks.vision [--labels N] [--knee-labels N] [--frames N] [--write]

Angles are told from half as many labels of each kind. Knee and angles, which are not timed, take two
processes.

--write puts the table behind `sorter camera check` (vision/knee.csv), the page docs/vision-benchmark.md and
its plots in their places. Times are CPU seconds of one thread; only their ratios within one run mean much.
"""

from __future__ import annotations

import argparse
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from statistics import median

import cv2

from benchmarks.vision_cases import Picture, Read, Score, labels, printed_frames, readers, timed_frames, tried
from benchmarks.vision_corpus import scored
from benchmarks.vision_plot import curves
from benchmarks.vision_speed import workers_gain

ROOT = Path(__file__).resolve().parent.parent
MODULES_PX = (0.6, 0.8, 1.0, 1.2, 1.5, 2.0, 3.0)
BLURS_PX = (0.0, 1.0, 2.0, 3.0, 4.0, 6.0)
ANGLES_DEG = (0, 10, 20, 30, 45)
ANGLED_PX = (0.6, 0.8, 1.0, 1.5, 2.0)
OURS = "this reader"
PHOTOGRAPHS = (
    "Other than the head says: all symbologies of every reader, this one's ladder for photographs without a"
    " limit that matters (600 s a picture), time by the clock, the sum of all calls against bare zbar's."
)


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
    parser.add_argument("--knee-labels", type=int, default=400, metavar="N",
                        help="labels of each point of the knee, by which cameras are judged")  # fmt: skip
    parser.add_argument("--frames", type=int, default=12, help="belt frames of each kind (default 12)")
    parser.add_argument("--write", action="store_true", help="also write the page, its plot and the table")
    args = parser.parse_args()
    cv2.setNumThreads(1)  # before anything reads: a process that is forked off has none of OpenCV's threads
    commit, by = _commit(), readers()
    half = (args.labels + 1) // 2
    knee = measured([(px, blur) for px in MODULES_PX for blur in BLURS_PX], _of_blur, args.knee_labels)
    angles = measured([(px, angle) for px in ANGLED_PX for angle in ANGLES_DEG], _of_angle, half)
    page = "\n".join([
        *_head(commit, args),
        *_label_table(args.labels, by), *_frame_table(args.frames, by), *_knee_table(knee),
        *_angle_table(angles), *_others_table(half, by), *_corpus_table(), *_speed(), "",
    ])  # fmt: skip
    print(page)
    if args.write:
        (ROOT / "vision" / "knee.csv").write_text(knee_csv(knee, commit), encoding="utf-8")
        (ROOT / "docs" / "vision-benchmark.md").write_text(page, encoding="utf-8")
        by_blur = {f"{blur:g} px moved 移动": [knee[px, blur].rate for px in MODULES_PX] for blur in BLURS_PX}
        (ROOT / "docs" / "vision-knee.svg").write_text(curves(MODULES_PX, by_blur), encoding="utf-8")
        by_px = {f"{px:g} px per module": [angles[px, at].rate for at in ANGLES_DEG] for px in ANGLED_PX}
        drawing = curves(ANGLES_DEG, by_px, "偏角 degrees off the axis; 读码率 read rate, moved 2 px")
        (ROOT / "docs" / "vision-angle.svg").write_text(drawing, encoding="utf-8")


Cell = tuple[float, float]


def measured(
    cells: Sequence[Cell], kind: Callable[[Cell, int], Iterator[Picture]], count: int
) -> dict[Cell, Score]:
    """Our reader on so many labels of a kind at each cell: module width, and motion blur or angle."""
    with ProcessPoolExecutor(2) as pool:
        return dict(zip(cells, pool.map(_cell, cells, repeat(kind), repeat(count)), strict=True))


def _cell(cell: Cell, kind: Callable[[Cell, int], Iterator[Picture]], count: int) -> Score:
    return tried(kind(cell, count), {OURS: readers()[OURS]})[OURS]


def _of_blur(cell: Cell, count: int) -> Iterator[Picture]:
    return labels(count, 1, cell[0], blur_px=cell[1])


def _of_angle(cell: Cell, count: int) -> Iterator[Picture]:
    px, angle = cell
    return labels(count, 6, px, (angle - 1.0, angle + 1.0), blur_px=2.0)


def knee_csv(knee: Mapping[tuple[float, float], Score], commit: str) -> str:
    """The table as the product reads it; its first line names the commit."""
    rows = [f"{px:g},{blur:g},{one.labels},{one.read},{one.wrong}" for (px, blur), one in knee.items()]
    head = [f"# measured at {commit} by: python -m benchmarks.vision --write"]
    return "\n".join([*head, "px_per_module,blur_px,labels,read,misread", *rows, ""])


def _head(commit: str, args: argparse.Namespace) -> Iterator[str]:
    yield "# What is read, and how fast · 识读基准"
    yield ""
    yield (
        f"Measured at {commit}: {args.labels} labels (for angles half as many, for the"
        f" knee {args.knee_labels}) and {args.frames} frames of each kind, drawn from a seed with defocus"
        " 0.6 px and noise 6 of 255 (`vision/specimen.py`, `vision/render_scene.py`). Code 128 only; every"
        " reader on the same pictures, one thread, CPU time. A share is read / labels; wrong = texts that no"
        " label has. To measure again, and write this page: `python -m benchmarks.vision --write`. Shares"
        " near 1 take more labels: [0004](decisions/0004-the-reader-of-bars.md) counts 103,000 without a"
        " wrong text: at most 0.003 % are read wrongly, with 95 % confidence (rule of three, on seeds that"
        " the bounds were set with)."
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
    for name, pictures in {**timed_frames(count), **printed_frames(count)}.items():
        scores = tried(pictures, dict(by))
        rates = (f"{one.rate:.3f}" if one.labels else "-" for one in scores.values())
        wrong = "/".join(str(one.wrong) for one in scores.values())
        yield _row(name, *rates, wrong, *_shares(scores))


def _shares(scores: Mapping[str, Score]) -> list[str]:
    """Each reader's time against zbar's, the median picture; ms a picture where zbar is not there."""
    if "zbar" not in scores:
        return [f"{1000 * median(one.each_s):.0f} ms" for one in scores.values()]
    return [f"{one.ratio(scores['zbar']):.2f}" for one in scores.values()]


def _knee_table(knee: Mapping[tuple[float, float], Score]) -> Iterator[str]:
    wrong = sum(one.wrong for one in knee.values())
    yield from _heading("Knee: px per module (down), movement of the belt in px (right), any angle",
                        ["px", *(f"{blur:g}" for blur in BLURS_PX)])  # fmt: skip
    for px in MODULES_PX:
        yield _row(f"{px:g}", *(f"{knee[px, blur].rate:.2f}" for blur in BLURS_PX))
    yield f"\nWrong texts among all of these: {wrong}.\n\n![read rate over px per module](vision-knee.svg)"


def _angle_table(angles: Mapping[tuple[float, float], Score]) -> Iterator[str]:
    yield from _heading("Angle: px per module (down), degrees off the axis (right), the belt moved 2 px",
                        ["px", *map(str, ANGLES_DEG)])  # fmt: skip
    for px in ANGLED_PX:
        yield _row(f"{px:g}", *(f"{angles[px, angle].rate:.2f}" for angle in ANGLES_DEG))
    wrong = sum(one.wrong for one in angles.values())
    yield f"\nWrong texts among all of these: {wrong}.\n\n![read rate over the angle](vision-angle.svg)"


def _others_table(count: int, by: Mapping[str, Read]) -> Iterator[str]:
    yield from _heading("Angle, at 2 px per module, belt still", ["degrees off the axis", *by])
    for angle in ANGLES_DEG:
        near = (angle - 1.0, angle + 1.0)
        scores = tried(labels(count, 5, 2.0, near), dict(by))
        yield _row(str(angle), *(f"{one.rate:.2f}" for one in scores.values()))


def _corpus_table() -> Iterator[str]:
    """Real photographs, when they are beside the repository."""
    scores = scored(OURS)
    if not scores:
        yield "\n## Real photographs\n\nNot measured: `../shared/corpus/photos` was not there."
        return
    kinds = list(next(iter(scores.values())).by_symbology)
    title = "Real photographs, four orientations, by the corpus's `score.py`"
    yield from _heading(title, ["reader", "read", "wrong", "time / zbar", *kinds], PHOTOGRAPHS)
    for name, one in scores.items():
        shares = (f"{one.by_symbology[kind]:.3f}" for kind in kinds)
        yield _row(
            name, f"{one.read:.4f} ± {one.within:.3f}", str(one.wrong), f"{one.time_ratio:.2f}", *shares
        )


def _speed() -> Iterator[str]:
    one, two = workers_gain()
    yield (
        f"\n## Worker processes\n\nThe pipeline alone on hub frames, at a load of {os.getloadavg()[0]:.0f} on"
        f" {os.cpu_count()} cores: {one.per_h:,.0f} frames/h with one worker, {two.per_h:,.0f} with two,"
        f" {two.per_h / one.per_h:.2f} times; {one.cpu_ms:.1f} and {two.cpu_ms:.1f} CPU ms a frame, and"
        f" {two.line_ms:.1f} ms of the process that asks. The camera writes into the ring itself; copying a"
        " picture into it takes a core 1 to 2 ms."
    )


def _heading(title: str, columns: Sequence[str], said: str = "") -> Iterator[str]:
    yield from (
        "",
        f"## {title}",
        "",
        *([said, ""] if said else []),
        _row(*columns),
        _row(*("---" for _ in columns)),
    )


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short=10", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


if __name__ == "__main__":
    main()
