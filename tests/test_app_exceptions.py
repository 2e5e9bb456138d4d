"""Which parcels' pictures are kept, and where they are found again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sorter.app.exceptions import FOLDER, keep_pictures, kept_picture
from sorter.flow import OUTCOME_OF, Decision, FrameTag, Inducted, Outcome, Why
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
