"""Real photographs of codes, in four orientations: how many are read, and that nothing is invented."""

from __future__ import annotations

import csv
from collections.abc import Callable

import cv2
import numpy as np
import pytest

from tests.shared import shared
from vision.decode import Reader
from vision.zbar import zbar_missing

CORPUS_FLOOR = 0.97
CORPUS_FLOOR_BARE = 0.945  # without zbar: 957 of 1008
CORPUS_WHOLE = ("CODE128", "CODE39", "ITF")
CORPUS_SAMPLE_FLOOR = 0.9
BUDGET_S = 600.0
"""By the clock: one photograph takes 7 s of CPU, which on a busy machine is more than the product's 10 s."""


def normal(text: str) -> str:
    """The corpus's rule: no group separators, UPC-A is EAN-13 with a leading zero."""
    plain = text.replace("\x1d", "").replace("\r\n", "\n").strip()
    return plain[1:] if len(plain) == 13 and plain.isdigit() and plain[0] == "0" else plain


def rows_by_file(name: str) -> dict[str, list[tuple[str, str]]]:
    """Symbology (empty for what is also right) and text of every code, by file."""
    rows: dict[str, list[tuple[str, str]]] = {}
    with shared("corpus", "photos", name).open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            rows.setdefault(row["file"], []).append((row.get("symbology", ""), normal(row["text"])))
    return rows


def of_corpus(stride: int, rotations: int) -> tuple[float, list[str], list[str], int]:
    """Share read, what of CORPUS_WHOLE was not, files with an answer in no truth, and trials.

    Over every stride-th photograph.
    """
    truth, also_right = rows_by_file("truth.csv"), rows_by_file("extra_ok.csv")
    reader = Reader(budget_s=BUDGET_S)
    read = trials = 0
    missed, wrong = [], []
    for name in list(truth)[::stride]:
        upright = cv2.imread(str(shared("corpus", "photos", "images", name)), cv2.IMREAD_GRAYSCALE)
        assert upright is not None
        for turns in range(rotations):
            turned = np.asarray(np.rot90(upright, turns), np.uint8)
            texts = {normal(code.text) for code in reader.read(turned)}
            read += sum(text in texts for _, text in truth[name])
            trials += len(truth[name])
            missed += [name for kind, text in truth[name] if kind in CORPUS_WHOLE and text not in texts]
            if texts - {text for _, text in (*truth[name], *also_right.get(name, ()))}:
                wrong.append(name)
    return read / trials, missed, wrong, trials


@pytest.mark.full
@pytest.mark.timeout(1800)
def test_real_photographs_are_read_and_nothing_invented(report_line: Callable[[str], None]) -> None:
    share, missed, wrong, trials = of_corpus(1, 4)
    report_line(f"{share:.4f} of {trials} trials read, {len(wrong)} wrong")
    assert (missed, wrong) == ([], [])  # with zbar and without
    assert share >= (CORPUS_FLOOR_BARE if zbar_missing() else CORPUS_FLOOR)


def test_a_sample_of_real_photographs_is_read_without_an_invented_text() -> None:
    share, missed, wrong, trials = of_corpus(9, 1)
    assert trials >= 25 and (missed, wrong) == ([], [])
    assert share >= CORPUS_SAMPLE_FLOOR
