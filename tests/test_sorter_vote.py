"""Several pictures of one parcel: agreement, labels side by side, and texts that cannot both be right."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from sorter.flow import CodeRead, FrameRead, FrameTag, NoRead, Triggered, Unread, Why
from sorter.vote import Sighting, Vote, vote
from tests.test_sorter_controller import ADVICE, CAMERA, WAYBILL, Told, inducted

OTHER = "SF1234567890128"
SIDE = ((0, 0), (9, 0), (9, 9), (0, 9))


def seen(text: str, along_mm: int = 0, across_mm: int = 0, size_mm: int = 20) -> Sighting:
    return Sighting(CodeRead(text, "CODE128", SIDE, "bars"), along_mm, across_mm, size_mm)


def test_one_label_in_three_pictures_is_one_read() -> None:
    found = vote([seen(WAYBILL), seen(WAYBILL, 6, -8), seen(WAYBILL, -9)])
    assert found == Vote((seen(WAYBILL).read,))


def test_two_texts_at_one_place_are_disputed_however_many_say_one_of_them() -> None:
    found = vote([seen(WAYBILL), seen(WAYBILL), seen(WAYBILL), seen(OTHER, 3)])
    assert found.disputed == (WAYBILL, OTHER)


def test_two_labels_one_above_the_other_are_two_reads_and_no_dispute() -> None:
    # Bars 22 mm high whose middles lie 24 mm apart: nearly touching, yet two labels.
    found = vote([seen(WAYBILL, size_mm=22), seen(OTHER, 24, size_mm=22)])
    assert (len(found.reads), found.disputed) == (2, ())


NEAR = st.integers(-40, 40)


@given(st.lists(st.builds(seen, st.sampled_from("AB"), NEAR, NEAR), max_size=8))
def test_nobody_is_forgotten_and_nobody_invented(sightings: list[Sighting]) -> None:
    found = vote(sightings)
    texts = {one.read.text for one in sightings}
    assert {read.text for read in found.reads} | set(found.disputed) == texts
    assert len(found.reads) <= len(sightings)


def high(text: str, row: int = 1224) -> CodeRead:
    """80 px of bars at 4.08 px/mm are 19 mm high."""
    corners = ((1000, row - 40), (1400, row - 40), (1400, row + 40), (1000, row + 40))
    return CodeRead(text, "CODE128", corners, "bars")


def told(*reads: CodeRead, unread: tuple[Unread, ...] = (), judged: bool = True) -> Told:
    tag = FrameTag(0, 1, 50_000 + CAMERA)
    answer = FrameRead(1_700_000, tag, reads, unread=unread, judged=judged)
    return Told(ADVICE, inducted(), Triggered(1_600_000, 0, 1, tag.encoder), answer)


def test_a_label_read_in_two_ways_sends_its_parcel_to_the_exception_end() -> None:
    disputed = told(high(WAYBILL), high(OTHER, row=1230))
    assert (disputed.decisions[0].why, disputed.orders) == (Why.READS_DISAGREE, [])


def test_two_texts_that_disagree_with_no_waybill_format_are_disputed_too() -> None:
    # One of them fits a courier's format; the other shows that somebody misread these bars.
    assert told(high(WAYBILL), high("Yhz873028181165")).decisions[0].why is Why.READS_DISAGREE


def test_one_label_read_twice_alike_is_routed() -> None:
    assert told(high(WAYBILL), high(WAYBILL, row=1230)).decisions[0].why is Why.ROUTED


def test_a_waybill_beside_another_that_was_not_read_goes_to_the_exception_end() -> None:
    above = ((1000, 1100), (1400, 1100), (1400, 1170), (1000, 1170))
    doubted = told(high(WAYBILL), unread=(Unread(NoRead.BESIDE, above),))
    assert (doubted.decisions[0].why, doubted.orders) == (Why.SEVERAL_WAYBILLS, [])
    other_causes = [cause for cause in NoRead if cause not in (NoRead.BESIDE, NoRead.NONE)]
    for cause in other_causes:  # goods, logos, print
        assert told(high(WAYBILL), unread=(Unread(cause, above),)).decisions[0].why is Why.ROUTED


def test_what_may_be_another_waybill_on_the_parcel_must_be_read_in_some_picture() -> None:
    torn = Unread(NoRead.TORN, ((1000, 1020), (1400, 1020), (1400, 1068), (1000, 1068)), waybill=True)
    doubted = told(high(WAYBILL), unread=(torn,))
    assert (doubted.decisions[0].why, doubted.orders) == (Why.SEVERAL_WAYBILLS, [])
    copy = replace(high(WAYBILL), corners=torn.corners)
    assert told(high(WAYBILL), copy, unread=(torn,)).decisions[0].why is Why.ROUTED, "the same waybill twice"
    far = replace(torn, corners=((1000, 10), (1400, 10), (1400, 50), (1000, 50)))
    assert told(high(WAYBILL), unread=(far,)).decisions[0].why is Why.ROUTED, "298 mm off: the neighbour's"


def cause_of(*unread: Unread, reads: tuple[CodeRead, ...] = (), judged: bool = True) -> NoRead:
    (ended,) = told(*reads, unread=unread, judged=judged).controller._parcels.clear()
    return ended.record(1, ended.silent, 65535, 9).cause


def test_the_record_says_why_nothing_was_read() -> None:
    here = ((1000, 1200), (1400, 1200), (1400, 1248), (1000, 1248))
    far = ((1000, 10), (1400, 10), (1400, 50), (1000, 50))
    assert cause_of(Unread(NoRead.BLURRED, here)) is NoRead.BLURRED
    assert cause_of(Unread(NoRead.TORN, here), Unread(NoRead.BLURRED, here)) is NoRead.TORN
    assert cause_of(Unread(NoRead.BLURRED, far)) is NoRead.NO_LABEL, "298 mm off: the neighbour's"
    assert cause_of() is NoRead.NO_LABEL
    assert cause_of(judged=False) is NoRead.NONE, "an older journal: nobody looked"


def test_the_record_names_the_parcels_pictures() -> None:
    (ended,) = told().controller._parcels.clear()
    assert ended.record(1, Why.NO_CODE, 65535, 9).pictures == (FrameTag(0, 1, 50_000 + CAMERA),)
