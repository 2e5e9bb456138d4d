"""The controller's pulse as others see it."""

from __future__ import annotations

from pathlib import Path

import pytest

from sorter.app.pulse import PulseWriter, monotonic_us, read_pulse


def test_the_last_beat_is_read_back_with_its_age(tmp_path: Path) -> None:
    writer = PulseWriter(tmp_path / "pulse")
    writer.beat(1, 2)
    before_us = monotonic_us()
    writer.beat(5_000_000, 0xFFFFFFFF)
    pulse = read_pulse(tmp_path / "pulse")
    assert pulse is not None
    assert (pulse.line_us, pulse.encoder) == (5_000_000, 0xFFFFFFFF)
    assert before_us <= pulse.written_us <= monotonic_us()


def test_a_file_that_never_beat_and_no_file_are_no_pulse(tmp_path: Path) -> None:
    assert read_pulse(tmp_path / "pulse") is None
    PulseWriter(tmp_path / "pulse")
    assert read_pulse(tmp_path / "pulse") is None


def test_the_last_beat_outlives_its_writer(tmp_path: Path) -> None:
    writer = PulseWriter(tmp_path / "pulse")
    writer.beat(9, 9)
    writer.close()
    pulse = read_pulse(tmp_path / "pulse")
    assert pulse is not None and pulse.line_us == 9


@pytest.mark.parametrize("at", range(32))
def test_a_torn_beat_is_no_pulse(tmp_path: Path, at: int) -> None:
    writer = PulseWriter(tmp_path / "pulse")
    writer.beat(3, 4)
    data = bytearray((tmp_path / "pulse").read_bytes())
    data[at] ^= 1
    (tmp_path / "pulse").write_bytes(data)
    assert read_pulse(tmp_path / "pulse") is None
