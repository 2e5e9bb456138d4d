"""Which parcels' pictures are kept, and where they are found again."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sorter.app.exceptions import FOLDER, keep_pictures, kept_picture
from sorter.flow import OUTCOME_OF, Decision, FrameRead, FrameTag, Inducted, Outcome, ParcelRecord, Why
from vision.frame import Frame
from vision.keeper import Keeper, Retention
from vision.ring import RingWriter

TAG = FrameTag(0, 7, 123_456)
DECISION = Decision(17, 1, 9, 10, Why.ROUTED, "SF1", "sf", "3703", "r", "v1", (TAG,))


@pytest.mark.parametrize("why", Why)
def test_the_pictures_of_a_parcel_are_kept_unless_it_is_sent_on_its_way(tmp_path: Path, why: Why) -> None:
    ring = RingWriter.create(tmp_path / "ring", 2, (40, 60))
    ring.put(Frame(TAG, np.full((40, 60), 90, np.uint8)))
    keeper = Keeper(ring.path, tmp_path / FOLDER, Retention(least_free_bytes=0))
    keep_pictures(keeper, replace(DECISION, why=why))
    keep_pictures(keeper, Inducted(1, 17, 300, 5))
    keeper.close()
    ring.close()
    kept = kept_picture(tmp_path / "journal", TAG)
    assert bool(kept) == (OUTCOME_OF[why] is not Outcome.SORTED)
    assert kept in ("", str(tmp_path / FOLDER / "0-00007-0000123456.jpg"))
    assert kept_picture(tmp_path / "journal", replace(TAG, encoder=5)) == ""


RECORD = ParcelRecord(
    1, 17, Outcome.SORTED, Why.ROUTED, "SF1", "sf", "3703", "r", "v1", 9, 10, 9, 300, (), 1, 1, 1, 1, 1,
    pictures=(TAG,),
)  # fmt: skip


@pytest.mark.parametrize("why", [Why.ROUTED, Why.LOST, Why.MISDIVERTED, Why.LATE_DELIVERY, Why.MERGED])
def test_the_pictures_are_kept_of_a_parcel_that_was_sent_on_its_way_and_did_not_arrive(
    tmp_path: Path, why: Why
) -> None:
    ring = RingWriter.create(tmp_path / "ring", 2, (40, 60))
    keeper = Keeper(ring.path, tmp_path / FOLDER, Retention(least_free_bytes=0))
    ring.put(Frame(TAG, np.full((40, 60), 90, np.uint8)))
    keep_pictures(keeper, FrameRead(1, TAG, ()))
    keep_pictures(keeper, DECISION)
    end = time.monotonic() + 10
    while not keeper.held and time.monotonic() < end:
        time.sleep(0.01)
    for number in range(3):  # by the time the parcel's way has ended the ring holds other pictures
        ring.put(Frame(replace(TAG, frame=20 + number), np.zeros((40, 60), np.uint8)))
    keep_pictures(keeper, replace(RECORD, why=why, outcome=OUTCOME_OF[why]))
    keeper.close()
    ring.close()
    assert bool(kept_picture(tmp_path / "journal", TAG)) == (why is not Why.ROUTED)
