"""How much bad input is tried, by kind: the tables of every suite, counted by the names in them.

Five suites: `test_bad_configs.py`, `test_bad_tables.py`, `test_bad_modbus.py`, `test_bad_http.py`, and
`test_vision_image.py` with the images of `broken_images.py`. Each says at its head what bad input may do.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import bad_modbus, test_app_config_mistakes, test_bad_configs, test_plc_modbus_answers
from tests.bad_configs import CONTENTS, FAULTS, ODD_FILES, SCENARIOS
from tests.bad_http import CASES
from tests.bad_tables import FILES, JSON_ROWS, OTHERS, ROWS
from tests.broken_images import encoded, odd, refused
from vision.image import Unreadable, load

LEAST_OF_A_KIND, LEAST = 20, 120
FORMATS = ("png", "jpg", "gif", "bmp", "tiff", "webp")


def names() -> dict[str, list[str]]:
    """Every named case, by kind."""
    planted = test_app_config_mistakes
    frames, words = test_plc_modbus_answers, bad_modbus
    return {
        "configs": [
            *(row[0] for row in test_bad_configs.rows()),
            *(f"planted: {row[0]} {row[2]}" for row in planted.rows(planted.MISTAKES)),
            *CONTENTS, *ODD_FILES, *(f"faults: {name}" for name in FAULTS),
            *(f"scenario: {name}" for name in SCENARIOS),
        ],
        "tables": [
            *ROWS, *FILES, *(f"JSON object: {name}" for name in JSON_ROWS), *OTHERS,
            *(f"planted: {row[1]}" for row in planted.rows(planted.IN_TABLES)),
        ],
        "images": [*(one[0] for one in refused()), *(one[0] for one in odd())],
        "Modbus": [
            *(f"answer: {name}" for part in (frames.READS, frames.NEVER_SEEN) for name in part),
            *(f"answer to a write: {name}" for name in frames.WRITES),
            *(f"to the PLC: {name}" for part in (words.NOT_OBEYED, words.NO_ORDER, words.NO_COMMAND)
              for name in part),
            *(f"to the PC: {name}" for part in (words.UNUSABLE, words.LOSSY, words.HARMLESS)
              for name in part),
        ],
        "HTTP": [case.name for case in CASES],
    }  # fmt: skip


def test_every_kind_of_bad_input_is_tried_under_enough_names(report_line: Callable[[str], None]) -> None:
    counts = {kind: len(cases) for kind, cases in names().items()}
    assert all(len(set(cases)) == len(cases) for cases in names().values())
    assert min(counts.values()) >= LEAST_OF_A_KIND and sum(counts.values()) >= LEAST
    told = ", ".join(f"{kind} {count}" for kind, count in counts.items())
    report_line(f"{sum(counts.values())} bad inputs by name, each with a test of its own: {told}")


WHOLE = [(extension, encoded(np.dstack([np.arange(72, dtype=np.uint8).reshape(8, 9)] * 3), extension))
         for extension in FORMATS]  # fmt: skip
DAMAGE = st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=6)


@pytest.mark.full
@pytest.mark.timeout(3600)
def test_none_of_ten_thousand_damaged_images_is_an_exception(
    tmp_path: Path, report_line: Callable[[str], None]
) -> None:
    tries = 10_000

    @settings(max_examples=tries, database=None)
    @given(st.sampled_from(WHOLE), DAMAGE, st.integers(0, 40))
    def damage(whole: tuple[str, bytes], changed: list[tuple[int, int]], cut: int) -> None:
        data = bytearray(whole[1])
        for at, value in changed:
            data[at % len(data)] = value
        path = tmp_path / f"image.{whole[0]}"
        path.write_bytes(bytes(data[: len(data) - cut]))
        pixels = load(path)
        assert pixels.reason if isinstance(pixels, Unreadable) else pixels.dtype == np.uint8

    damage()
    report_line(f"{tries} damaged images, pixels or a reason for each")
