"""Readers: what they return, where, by which rung, and what they do not believe."""

from __future__ import annotations

import csv
from collections.abc import Callable

import cv2
import numpy as np
import pytest
import zxingcpp
from numpy.typing import NDArray

from sorter.flow import CodeRead, Corners
from tests.shared import shared
from vision import Reader
from vision.decode import Decoder, merge
from vision.frame import Gray
from vision.symbols import Widths, code128, ean13
from vision.zbar import ZbarDecoder, zbar_missing
from vision.zxing import ZxingDecoder

WAYBILL = "SF1234567890123"
CORPUS_FLOOR = 0.914  # zxing-cpp, then zbar
CORPUS_FLOOR_BARE = 0.870  # zxing-cpp alone
CORPUS_SAMPLE_FLOOR = 0.85


def bars(widths: Widths, module_px: int = 3, margin: int = 40) -> Gray:
    greys = np.where(np.arange(len(widths)) % 2 == 0, 20, 230).astype(np.uint8)
    row = np.repeat(greys, np.array(widths) * module_px)
    return np.pad(np.tile(row, (80, 1)), margin, constant_values=230)


def written(text: str | bytes, kind: zxingcpp.BarcodeFormat) -> Gray:
    image = np.array(zxingcpp.create_barcode(text, kind).to_image(scale=4))
    return np.pad(image, 24, constant_values=255)


def decoders() -> list[Decoder]:
    return [ZxingDecoder()] if zbar_missing() else [ZxingDecoder(), ZbarDecoder()]


F = zxingcpp.BarcodeFormat
# What is written, and how it is read: UPC symbols come back as the 13 digits of their trade number.
SAMPLES = [
    (F.Code128, WAYBILL, "CODE128", WAYBILL),
    (F.Code39, "AB-1234", "CODE39", "AB-1234"),
    (F.ITF, "12345678", "ITF", "12345678"),
    (F.EAN13, "6901234567892", "EAN13", "6901234567892"),
    (F.EAN8, "96385074", "EAN8", "96385074"),
    (F.UPCA, "036000291452", "EAN13", "0036000291452"),
    (F.UPCE, "01234565", "UPCE", "0012345000065"),
    (F.QRCode, "https://example.org/1", "QR", "https://example.org/1"),
    (F.DataMatrix, "DM-1234", "DATAMATRIX", "DM-1234"),
    (F.PDF417, "PDF 417 text", "PDF417", "PDF 417 text"),
]


@pytest.mark.parametrize(("kind", "content", "symbology", "text"), SAMPLES)
def test_every_promised_symbology_is_read_under_its_name(
    kind: zxingcpp.BarcodeFormat, content: str, symbology: str, text: str
) -> None:
    (read,) = Reader().read(written(content, kind))
    assert (read.symbology, read.text, read.reader) == (symbology, text, "zxing")


def test_a_chinese_qr_code_is_read_in_either_encoding() -> None:
    for encoding in ("utf-8", "gb18030"):
        (read,) = Reader().read(written("临淄区朱台镇".encode(encoding), F.QRCode))
        assert read.text == "临淄区朱台镇"


@pytest.mark.parametrize("decoder", decoders(), ids=lambda decoder: decoder.name)
@pytest.mark.parametrize("turns", range(4))
def test_corners_begin_at_the_symbols_own_top_left_and_run_clockwise(decoder: Decoder, turns: int) -> None:
    upright = bars(code128(WAYBILL))
    height, width = upright.shape
    expected = [(40, 40), (width - 40, 40), (width - 40, height - 40), (40, height - 40)]
    for _ in range(turns):  # a quarter clockwise takes (x, y) to (height - y, x)
        expected = [(height - y, x) for x, y in expected]
        height, width = width, height
    (read,) = merge(decoder.decode(np.ascontiguousarray(np.rot90(upright, -turns))))
    # Neither library sees the first and last bars' outer edges exactly; 16 px is 5 modules.
    for (x, y), (own_x, own_y) in zip(read.corners, expected, strict=True):
        assert abs(x - own_x) <= 16 and abs(y - own_y) <= 16, (read.corners, expected)
    assert all(type(value) is int for corner in read.corners for value in corner)


def test_a_short_itf_is_not_believed() -> None:
    assert Reader().read(written("1334", F.ITF)) == []


def test_only_the_symbologies_asked_for_are_read() -> None:
    ean = bars(ean13("6901234567892"))
    assert Reader(symbologies=["CODE128", "QR"]).read(ean) == []
    with pytest.raises(ValueError, match=r"CODE129.*CODE128"):
        Reader(symbologies=["CODE129"])


class Fixed:
    """A rung that always finds the same."""

    def __init__(self, name: str, *reads: CodeRead) -> None:
        self.name = name
        self.asked = 0
        self._reads = list(reads)

    def decode(self, gray: Gray) -> list[CodeRead]:
        self.asked += 1
        return self._reads


def square(x: int) -> Corners:
    return ((x, 0), (x + 10, 0), (x + 10, 10), (x, 10))


def test_the_ladder_stops_at_the_first_rung_that_finds_anything() -> None:
    empty, finds, spare = Fixed("a"), Fixed("b", CodeRead("1", "QR", square(0), "b")), Fixed("c")
    assert [read.reader for read in Reader([empty, finds, spare]).read(np.zeros((9, 9), np.uint8))] == ["b"]
    assert (empty.asked, finds.asked, spare.asked) == (1, 1, 0)


def test_the_same_text_counts_once_per_place() -> None:
    here, again, there = (CodeRead("1", "QR", square(x), "a") for x in (0, 5, 300))
    assert merge([here, again, there]) == [here, there]


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((4, 4), np.uint16), np.zeros((4, 4, 3), np.uint8), np.zeros((0, 9), np.uint8),
        np.zeros(9, np.uint8), np.zeros((4, 4)),
    ],
)  # fmt: skip
def test_anything_but_grey_bytes_is_refused_in_words(pixels: NDArray[np.uint8]) -> None:
    with pytest.raises(ValueError, match="uint8"):
        Reader().read(pixels)


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (500, 1), (3, 3)])
def test_tiny_pictures_hold_no_code(shape: tuple[int, int]) -> None:
    assert Reader().read(np.full(shape, 128, np.uint8)) == []


def test_a_view_with_gaps_is_read_like_a_copy() -> None:
    upright = bars(code128(WAYBILL))
    wide = np.repeat(upright, 2, axis=1)
    assert [read.text for read in Reader().read(wide[:, ::2])] == [WAYBILL]


def test_without_libzbar_the_reason_names_the_command() -> None:
    reason = zbar_missing()
    assert reason == "" or "apt-get install -y libzbar0" in reason or "pip install pyzbar" in reason


def test_zbar_never_passes_on_a_qr_text_beyond_ascii() -> None:
    if zbar_missing():
        pytest.skip(zbar_missing())
    assert ZbarDecoder().decode(written("顺丰 SF1234567890123".encode(), F.QRCode)) == []
    (plain,) = ZbarDecoder().decode(written(WAYBILL, F.QRCode))
    assert plain.text == WAYBILL


def normal(text: str) -> str:
    """The corpus's rule: no group separators, UPC-A is EAN-13 with a leading zero."""
    plain = text.replace("\x1d", "").replace("\r\n", "\n").strip()
    return plain[1:] if len(plain) == 13 and plain.isdigit() and plain[0] == "0" else plain


def texts_by_file(name: str) -> dict[str, list[str]]:
    texts: dict[str, list[str]] = {}
    with shared("corpus", "photos", name).open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            texts.setdefault(row["file"], []).append(normal(row["text"]))
    return texts


def of_corpus(stride: int, rotations: int) -> tuple[float, int, int]:
    """Share read, pictures with an answer in no truth, and trials, over every stride-th photograph."""
    truth, also_right = texts_by_file("truth.csv"), texts_by_file("extra_ok.csv")
    reader = Reader()
    read = wrong = trials = 0
    for name in list(truth)[::stride]:
        upright = cv2.imread(str(shared("corpus", "photos", "images", name)), cv2.IMREAD_GRAYSCALE)
        assert upright is not None
        for turns in range(rotations):
            turned = np.asarray(np.rot90(upright, turns), np.uint8)
            texts = {normal(code.text) for code in reader.read(turned)}
            read += sum(text in texts for text in truth[name])
            trials += len(truth[name])
            wrong += bool(texts - {*truth[name], *also_right.get(name, ())})
    return read / trials, wrong, trials


@pytest.mark.full
def test_real_photographs_are_read_at_least_as_well_as_by_zxing_then_zbar(
    report_line: Callable[[str], None],
) -> None:
    share, wrong, trials = of_corpus(1, 4)
    report_line(f"{share:.4f} of {trials} trials read, {wrong} wrong")
    assert share >= (CORPUS_FLOOR_BARE if zbar_missing() else CORPUS_FLOOR)
    assert wrong == 0


def test_a_sample_of_real_photographs_is_read_without_an_invented_text() -> None:
    share, wrong, trials = of_corpus(4, 2)
    assert trials >= 120 and wrong == 0
    assert share >= CORPUS_SAMPLE_FLOOR
