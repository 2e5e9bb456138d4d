"""The ladder: what it returns, where, by which rung, and what it does not believe."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
import zxingcpp
from numpy.typing import NDArray

from sorter.flow import CodeRead, Corners
from vision.belt import BeltReader
from vision.bent import BentQr
from vision.decode import Reader
from vision.frame import Gray
from vision.linear_goods import explains
from vision.look import Outcome
from vision.places import Places
from vision.region import Region
from vision.rungs import Decoder, Framed, sharp_rungs
from vision.specimen import Specimen, draw
from vision.symbols import Widths, code128, ean13
from vision.zbar import ZbarDecoder, zbar_missing
from vision.zxing import ZxingDecoder

WAYBILL = "SF1234567890123"


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


def test_the_reader_says_what_it_tried_where() -> None:
    drawn = draw(Specimen(WAYBILL, 1.0, 33.0), 1)
    look = Reader(budget_s=600.0).look(drawn.pixels)
    (read,) = look.reads
    (region,) = (region for region in look.regions if region.kind == "bars")
    last = look.tries[-1]
    assert (read.text, read.reader) == (WAYBILL, "bars")
    assert (last.rung, last.region, last.outcome, last.text) == ("bars", region, Outcome.READ, WAYBILL)
    assert look.tries[0].region is None and all(one.took_us >= 0 for one in look.tries) and not look.late
    assert Reader(budget_s=0.0).look(drawn.pixels).late


def test_a_chinese_qr_code_is_read_in_either_encoding() -> None:
    for encoding in ("utf-8", "gb18030"):
        (read,) = Reader().read(written("临淄区朱台镇".encode(encoding), F.QRCode))
        assert read.text == "临淄区朱台镇"


@pytest.mark.parametrize("decoder", decoders(), ids=lambda decoder: type(decoder).__name__)
@pytest.mark.parametrize("turns", range(4))
def test_corners_begin_at_the_symbols_own_top_left_and_run_clockwise(decoder: Decoder, turns: int) -> None:
    upright = bars(code128(WAYBILL))
    height, width = upright.shape
    expected = [(40, 40), (width - 40, 40), (width - 40, height - 40), (40, height - 40)]
    for _ in range(turns):  # a quarter clockwise takes (x, y) to (height - y, x)
        expected = [(height - y, x) for x, y in expected]
        height, width = width, height
    read = decoder.decode(np.ascontiguousarray(np.rot90(upright, -turns)))[0]
    # Neither library sees the first and last bars' outer edges exactly; 16 px is 5 modules.
    for (x, y), (own_x, own_y) in zip(read.corners, expected, strict=True):
        assert abs(x - own_x) <= 16 and abs(y - own_y) <= 16, (read.corners, expected)
    assert all(type(value) is int for corner in read.corners for value in corner)


def narrow_itf(digits: str) -> Gray:
    """An ITF symbol in the usual ratio, three to one, as it is printed."""
    pairs = zip(digits[::2], digits[1::2], strict=True)
    wide = {"1": "10001", "3": "11000", "4": "00101"}
    middle = [
        3 if mark == "1" else 1
        for a, b in pairs
        for two in zip(wide[a], wide[b], strict=True)
        for mark in two
    ]
    return bars((1, 1, 1, 1, *middle, 3, 1, 1))


def test_a_short_itf_is_believed_only_where_it_is_all_there_is() -> None:
    short, waybill = narrow_itf("1334"), bars(code128(WAYBILL))
    assert [read.text for read in Reader().read(short)] == ["1334"]
    both = np.full((short.shape[0] + waybill.shape[0], max(short.shape[1], waybill.shape[1])), 255, np.uint8)
    both[: short.shape[0], : short.shape[1]] = short
    both[short.shape[0] :, : waybill.shape[1]] = waybill
    assert [read.text for read in Reader().read(both)] == [WAYBILL]


@pytest.mark.parametrize("cut", [0.3, 0.4, 0.5, 0.6])
def test_a_part_of_an_itf_is_not_believed(cut: float) -> None:
    long = written("2167361334", F.ITF)
    assert Reader().read(long[:, int(cut * long.shape[1]) :]) == []


def slanted(gray: Gray, degrees: float) -> Gray:
    height, width = gray.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    turn[:, 2] += 300 - np.array((width / 2, height / 2))
    return np.asarray(cv2.warpAffine(gray, turn, (600, 600), borderValue=(230,)), np.uint8)


def test_an_itf_that_a_scan_line_leaves_halfway_or_a_glare_cuts_is_whole_or_not_read() -> None:
    # A slanting line that leaves the bars by their long side ends in white, as at the end of the code.
    whole = slanted(narrow_itf("11334411143311"), 72)
    assert {read.text for read in Reader().read(whole)} == {"11334411143311"}
    glary = narrow_itf("11334411143311")
    glary[:, 282:318] = 250
    assert {read.text for read in Reader().read(glary)} <= {"11334411143311"}


def test_a_part_of_an_itf_counts_for_nothing_beside_the_whole() -> None:
    part, all_of_it = CodeRead("3344", "ITF", square(0), "a"), CodeRead("11334455", "ITF", square(300), "b")
    for order in ((part, all_of_it), (all_of_it, part)):
        places = Places()
        for read in order:
            places.add(read, sure=True)
        assert [read.text for read in places.reads()] == ["11334455"]


def test_white_bars_on_dark_ground_are_read_at_any_angle() -> None:
    (read,) = Reader().read(~slanted(bars(code128("SF12345678"), 2), 33))
    assert (read.text, read.reader.startswith("negative-")) == ("SF12345678", True)


def test_only_the_symbologies_asked_for_are_read() -> None:
    ean = bars(ean13("6901234567892"))
    assert Reader(symbologies=["CODE128", "QR"]).read(ean) == []
    with pytest.raises(ValueError, match=r"CODE129.*CODE128"):
        Reader(symbologies=["CODE129"])


def test_goods_of_a_pixel_and_a_half_a_module_are_read_on_the_belt() -> None:
    for seed in range(4):
        text = "6901234567892"
        drawn = draw(Specimen(text, 1.6, 40.0 * seed + 10, widths=ean13(text)), seed)
        (read,) = BeltReader(budget_s=600.0).read(drawn.pixels)
        assert (read.text, read.symbology, read.reader) == (text, "EAN13", "crop-sharp")


def test_an_ean_that_does_not_explain_its_bars_is_not_believed() -> None:
    # The library's own mistake: the right half is right, and so is the check digit.
    right, wrong = "2635866466141", "0637060466141"
    drawn = draw(Specimen(right, 1.35, 30.0, widths=ean13(right)), 1)
    (read,) = sharp_rungs(("EAN13",))[0].crop(drawn.pixels, drawn.region)
    assert read.text == wrong and not explains(drawn.pixels, drawn.region, read)
    assert explains(drawn.pixels, drawn.region, replace(read, text=right))
    assert [read.text for read in BeltReader(budget_s=600.0).read(drawn.pixels)] == [right]


def test_more_bars_than_an_ean_has_are_not_first_looked_at_as_one() -> None:
    (region,) = (look := BeltReader().look(bars(code128(WAYBILL)))).regions
    assert region.elements > 61 and [one.rung for one in look.tries] == ["bars"]


def square(x: int, y: int = 0) -> Corners:
    return ((x, y), (x + 30, y), (x + 30, y + 10), (x, y + 10))


def a_read(text: str, reader: str, corners: Corners) -> CodeRead:
    return CodeRead(text, "CODE128", corners, reader)


def test_one_weak_witness_is_not_enough_and_two_are() -> None:
    places = Places()
    assert places.add(a_read("1", "a", square(0)), sure=False) is Outcome.UNSURE
    assert places.add(a_read("1", "a", square(3)), sure=False) is Outcome.UNSURE  # the same rung again
    assert places.reads() == () and places.doubtful()
    assert places.add(a_read("1", "b", square(3)), sure=False) is Outcome.READ
    assert [(read.text, read.reader) for read in places.reads()] == [("1", "a+b")]


def test_two_texts_at_one_place_count_for_nothing() -> None:
    places = Places()
    assert places.add(a_read("1", "a", square(0)), sure=True) is Outcome.READ
    assert places.add(a_read("2", "b", square(3)), sure=False) is Outcome.CONFLICT
    assert places.add(a_read("1", "c", square(3)), sure=True) is Outcome.CONFLICT
    assert places.reads() == () and places.settled(Region(15, 5, 0, 40, 20, "bars"))
    assert [(read.text, read.corners) for read in places.disputed()] == [("1", square(0)), ("2", square(0))]


def test_the_same_text_counts_once_per_place() -> None:
    places = Places()
    for corners in (square(0), square(5), square(300), square(0, 40)):
        places.add(a_read("1", "a", corners), sure=True)
    assert [read.corners for read in places.reads()] == [square(0), square(300), square(0, 40)]


def test_a_code_cut_off_at_its_quiet_zone_is_read_in_a_frame_and_lies_where_it_is() -> None:
    image = np.array(
        zxingcpp.create_barcode("DM-1234", F.DataMatrix).to_image(scale=5, add_quiet_zones=False)
    )
    (read,) = Framed(ZxingDecoder(("DATAMATRIX",))).decode(image)
    assert read.text == "DM-1234"
    assert all(-3 <= value <= image.shape[0] + 3 for corner in read.corners for value in corner)


def test_a_qr_code_on_cloth_is_read() -> None:
    # Waves of more than a module run both ways through the code: no library's flat grid fits it.
    text = "http://example.org/parcel/1234567"
    code = zxingcpp.create_barcode(text, F.QRCode, ec_level="L")
    flat = np.array(code.to_image(scale=8, add_quiet_zones=False))
    flat = np.pad(flat, 60, constant_values=230)
    y, x = np.mgrid[: flat.shape[0], : flat.shape[1]].astype(np.float32)
    wave = 10 * np.sin(y / flat.shape[0] * 2 * np.pi)
    bulge = 10 * np.sin(x / flat.shape[1] * np.pi) ** 2
    cloth = cv2.GaussianBlur(cv2.remap(flat, x + wave, y + bulge, cv2.INTER_LINEAR), (0, 0), 2)
    assert ZxingDecoder().decode(np.asarray(cloth, np.uint8)) == []
    assert [read.text for read in BentQr().decode(np.asarray(cloth, np.uint8))] == [text]


@pytest.mark.parametrize("shape", [(1, 1), (2, 40_000), (300, 400)])
def test_noise_black_and_white_hold_no_code(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(1)
    noise = rng.integers(0, 256, shape, np.uint8)
    for gray in (noise, np.zeros(shape, np.uint8), np.full(shape, 255, np.uint8)):
        assert Reader(budget_s=600.0).read(gray) == [] == BeltReader(budget_s=600.0).read(gray)


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
