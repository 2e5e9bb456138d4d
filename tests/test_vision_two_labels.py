"""An old waybill beside a new label: never one text alone, as if there were one label only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import cache

import pytest

from sorter.flow import CodeRead, NoRead
from sorter.layout import Camera
from tests.specimens import Tally, spread_over, total
from tests.two_labels import Pair, drawn
from vision.belt import BeltReader
from vision.beside import rivals
from vision.region import Region
from vision.render import render
from vision.scene import Box, Label, Print
from vision.sight import sight_of
from vision.symbols import ean13

ABOVE = [Pair(px, gap, turn) for px in (1.2, 1.53, 2.0) for gap in (1, 3, 5, 7) for turn in (0, 1, 3)]
BEFORE = [Pair(px, gap, turn, "before") for px in (1.2, 1.53, 2.0) for gap in (1, 2, 3, 5) for turn in (0, 2)]


@cache
def reader() -> BeltReader:
    return BeltReader(budget_s=600.0)


def told(pair: Pair, seed: int) -> str:
    """What is made of the two: "both", "none", "one of several", or "one alone", which is a mis-sort."""
    gray, *texts = drawn(pair, seed)
    sight = sight_of(gray, reader().look(gray))
    read = {one.text for one in sight.reads}
    assert read <= set(texts), (pair, seed, read)
    if len(read) == 1:
        beside = NoRead.BESIDE in [one.cause for one in sight.unread]
        return "one of several" if beside else f"one alone: {pair} {seed}"
    return "both" if read else "none"


def many(pair: Pair, first: int, count: int) -> Tally:
    """Read = both; wrong = one alone."""
    found = [told(pair, seed) for seed in range(first, first + count)]
    return Tally(count, found.count("both"), [one for one in found if one.startswith("one alone")])


def in_turn(pairs: list[Pair]) -> Counter[str]:
    """One seed for each."""
    return Counter(told(pair, seed) for seed, pair in enumerate(pairs))


def test_an_old_waybill_above_a_new_one_is_read_too_or_told() -> None:
    found = in_turn(ABOVE)
    assert set(found) <= {"both", "none", "one of several"}, found
    assert found["both"] >= 0.9 * len(ABOVE), found


def test_an_old_waybill_before_a_new_one_is_read_too_or_told() -> None:
    found = in_turn(BEFORE)
    assert set(found) <= {"both", "none", "one of several"}, found
    assert found["both"] >= 0.5 * len(BEFORE), found


@pytest.mark.parametrize(("turn_deg", "torn", "bars_apart_mm"), [(0, 0.08, 44), (0, 0.2, 60), (90, 0.08, 60)])
def test_a_torn_new_label_far_from_an_old_waybill_leaves_it_not_alone(
    turn_deg: float, torn: float, bars_apart_mm: int
) -> None:
    found = Counter(torn_beside_old(seed, turn_deg, torn, 30 + bars_apart_mm // 2) for seed in range(6))
    assert set(found) <= {"new", "both", "none", "one of several"}, found
    assert found["one of several"] >= 3, found


def torn_beside_old(seed: int, turn_deg: float, torn: float, off_mm: int) -> str:
    """What is read of a parcel whose new label is torn at an end and whose old one is whole."""
    new, old = f"SF{3141592653589 + seed}", f"YT{2718281828459 - seed}"
    label = Label(-off_mm, 0, turn_deg, 100, 76, (Print("CODE128", new, 375, 20),), torn)
    beside = Label(off_mm, 0, 0, 100, 76, (Print("CODE128", old, 375, 20),))
    camera = Camera(0, 1000, 300, 300, 1224, 1224, (0,))
    gray = render(camera, [Box(0, 0, 280, 280, label, (beside,))], seed)
    sight = sight_of(gray, reader().look(gray))
    read = {one.text for one in sight.reads}
    if read == {old}:
        return "one of several" if any(one.waybill for one in sight.unread) else f"old alone: {seed}"
    return "both" if len(read) == 2 else "new" if read else "none"


@pytest.mark.full
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("pairs", [ABOVE, BEFORE], ids=["above", "before"])
def test_of_many_pairs_of_labels_none_is_taken_for_one(
    pairs: list[Pair], report_line: Callable[[str], None]
) -> None:
    tally = total(list(spread_over(many, [(pair, 1000, 60) for pair in pairs])))
    report_line(f"{tally.read} of {tally.drawn} pairs read both, {len(tally.wrong)} taken for one label")
    assert tally.wrong == []


def test_the_goods_code_below_a_waybill_and_what_is_far_or_turned_is_no_rival() -> None:
    read = CodeRead("SF1234567890123", "CODE128", ((0, 0), (300, 0), (300, 60), (0, 60)), "bars")

    def beside(region: Region) -> bool:
        return list(rivals([read], [region])) == [region]

    assert beside(Region(150, 110, 2.0, 260, 60, "bars", 80)), "another label's bars"
    assert not beside(Region(150, 110, 2.0, 260, 60, "bars", len(ean13("6901234567892")))), "goods"
    assert not beside(Region(150, 110, 30.0, 260, 60, "bars", 80)), "turned"
    assert not beside(Region(150, 240, 2.0, 260, 60, "bars", 80)), "far"
    assert not beside(Region(150, 80, 2.0, 260, 12, "bars", 80)), "no higher than a line of print"


def test_a_waybill_is_read_among_any_number_of_goods() -> None:
    places = [(along, across) for along in range(-230, 231, 115) for across in range(-230, 231, 115)]
    boxes = [
        Box(
            along,
            across,
            110,
            110,
            Label(0, 0, 30.0 * place, 100, 100, (Print("EAN13", goods(place), 660, 60),)),
        )
        for place, (along, across) in enumerate(places[:-1])
    ]
    slip = Label(0, 0, 40.0, 90, 60, (Print("CODE128", "SF1234567890123", 375, 12),))
    boxes.append(Box(*places[-1], 110, 110, slip))
    frame = render(Camera(0, 1000, 600, 600, 2448, 2448, (0,)), boxes, 1)
    assert "SF1234567890123" in {read.text for read in reader().read(frame)}


def goods(number: int) -> str:
    digits = f"69{number:010d}"
    return digits + str(-sum(int(digit) * (1, 3)[place % 2] for place, digit in enumerate(digits)) % 10)
