"""Readers and pictures for the vision benchmark: the same pictures for everybody, from a seed, with truth."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Any

import cv2
import numpy as np
import zxingcpp

from sorter.layout import Camera
from vision.frame import Gray
from vision.render import render
from vision.render_scene import Knobs, staged
from vision.scene import HUB as STILL
from vision.scene import Optics
from vision.sight import BeltSight
from vision.specimen import Specimen, draw
from vision.zbar import ZbarDecoder, zbar_missing

Read = Callable[[Gray], list[str]]

HUB = Camera(0, 1000, 600, 600, 2448, 2448, (0,))
WIDE = Camera(0, 1000, 510, 250, 2448, 1200, (0,))  # 4.8 px/mm, 1.8 px per module of 0.375 mm
MOVING = Optics(belt_mm_s=1600, exposure_us=HUB.exposure_us)
"""The hub's belt under its camera: 0.98 px, beside its defocus and noise."""

THREE = Knobs(parcels=3, ean=0, qr=0)
BESIDE = Knobs(parcels=3, ean=1, qr=1)
EMPTY = "hub, a parcel without a label"
PREFIXES = ("SF", "YT", "JT", "77", "43")


def readers() -> dict[str, Read]:
    """The line's look, and the bare libraries restricted to Code 128; one that is missing is left out."""
    ours = BeltSight()
    formats = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.Code128])
    plain = zxingcpp.TextMode.Plain

    def belt(gray: Gray) -> list[str]:
        return [read.text for read in ours.look(gray).reads]

    def zxing(gray: Gray) -> list[str]:
        return [code.text for code in zxingcpp.read_barcodes(gray, formats=formats, text_mode=plain)]

    found: dict[str, Read] = {"this reader": belt, "zxing-cpp": zxing}
    if not zbar_missing():
        zbar = ZbarDecoder(("CODE128",))
        found["zbar"] = lambda gray: [read.text for read in zbar.decode(gray)]
    for read in found.values():
        read(draw(Specimen("SF1234567890123", 2.0), 0).pixels)  # compiled and loaded before anything is timed
    return found


@dataclass(slots=True)
class Score:
    """One reader on one kind of picture. each_s = CPU time of this reader alone on each picture."""

    labels: int = 0
    read: int = 0
    wrong: int = 0
    pictures: int = 0
    each_s: list[float] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def take(self, got: list[str], truth: set[str], others: frozenset[str], took_s: float) -> None:
        """Count one picture."""
        self.pictures += 1
        self.labels += len(truth)
        self.read += len(truth & set(got))
        strange = set(got) - truth - others
        self.wrong += len(strange)
        self.texts += strange
        self.each_s.append(took_s)

    def ratio(self, zbar: Score) -> float:
        """This reader's time against zbar's on the same picture: the median over the pictures."""
        return median(a / b for a, b in zip(self.each_s, zbar.each_s, strict=True))

    @property
    def rate(self) -> float:
        """Share of the labels."""
        return self.read / self.labels if self.labels else 0.0


Picture = tuple[Gray, set[str], frozenset[str]]
"""Pixels, texts to be read, other texts that are there too."""


def tried(pictures: Iterator[Picture], by: dict[str, Read]) -> dict[str, Score]:
    """Every reader on every picture, one after the other.

    Time is this thread's: numpy's own threads, which drawing has woken, still spin while the first one reads.
    OpenCV gets one thread, for its others would not be counted.
    """
    cv2.setNumThreads(1)
    scores = {name: Score() for name in by}
    for gray, truth, others in pictures:
        for name, read in by.items():
            began = time.thread_time()
            got = read(gray)
            scores[name].take(got, truth, others, time.thread_time() - began)
    return scores


def labels(
    count: int, seed: int, module_px: float, angles: tuple[float, float] = (0.0, 360.0), **how: Any
) -> Iterator[Picture]:
    """Single labels at angles between two, in degrees; `how` as in vision.specimen.Specimen."""
    rng = np.random.default_rng((seed, round(100 * module_px)))
    for _ in range(count):
        text, angle = number_of(rng), float(rng.uniform(*angles))
        drawn = draw(Specimen(text, module_px, angle, **how), int(rng.integers(1 << 30)))
        yield drawn.pixels, {text}, frozenset()


def frames(count: int, camera: Camera, knobs: Knobs, seed: int, optics: Optics = STILL) -> Iterator[Picture]:
    """Belt frames of this camera."""
    for number in range(count):
        scene = staged(camera, knobs, seed * 10_000 + number)
        yield render(camera, scene.boxes, number, optics), set(scene.waybills), scene.others


def timed_frames(count: int) -> dict[str, Iterator[Picture]]:
    """The kinds of belt frames that readers are timed on."""
    return {
        "2448 x 1200, three labels, 1.8 px": frames(count, WIDE, THREE, 3),
        "the same with EAN and QR beside": frames(count, WIDE, BESIDE, 3),
        "hub, 2448 x 2448, one label, 1.53 px, moving": frames(count, HUB, Knobs(), 4, MOVING),
        "hub, with EAN and QR beside, moving": frames(count, HUB, Knobs(ean=1, qr=1), 4, MOVING),
        EMPTY: empty_frames(count, HUB, MOVING),
    }


def printed_frames(count: int) -> dict[str, Iterator[Picture]]:
    """The same with lines of human-readable print, which cost a reader that looks for bars everywhere."""
    wide = {lines: replace(THREE, lines=lines) for lines in (4, 8, 14)}
    return {
        "2448 x 1200, three labels with 4 lines of print": frames(count, WIDE, wide[4], 3),
        "2448 x 1200, three labels with 8 lines of print": frames(count, WIDE, wide[8], 3),
        "2448 x 1200, 14 lines of print and no code": empty_frames(count, WIDE, STILL, wide[14]),
        "hub, 14 lines of print and no code": empty_frames(count, HUB, MOVING, Knobs(lines=14)),
    }


def empty_frames(
    count: int, camera: Camera, optics: Optics = STILL, knobs: Knobs | None = None
) -> Iterator[Picture]:
    """Belt frames with a parcel without a label; with knobs, of such parcels with labels without a code."""
    for number in range(count):
        scene = staged(camera, knobs or Knobs(), number)
        blank = [replace(box.label, prints=()) if knobs and box.label else None for box in scene.boxes]
        bare = [replace(box, label=label) for box, label in zip(scene.boxes, blank, strict=True)]
        yield render(camera, bare, number, optics), set[str](), frozenset[str]()


def number_of(rng: np.random.Generator) -> str:
    """A waybill's number."""
    return str(rng.choice(PREFIXES)) + "".join(map(str, rng.integers(0, 10, 13)))
