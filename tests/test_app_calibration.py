"""A line that is not quite what line.yaml says is measured by its own eyes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from plc.maintenance import MaintainedProgram
from plc.registers import MAINTENANCE
from plc.signals import FromPc
from sim.parcel import PhysicalParcel
from sorter.app.calibration import Quantity, learn
from sorter.app.config import load_hub
from sorter.app.line_edit import apply, edited
from sorter.errors import ConfigError
from sorter.flow import EyeSeen
from sorter.layout import Layout
from tests.hubs import layout
from tests.rig import Rig
from tests.shared import ROOT

LINZI = ROOT / "configs" / "linzi"
LINE = layout(4)
LENGTH_MM = 400


def moved(line: Layout) -> Layout:
    """The same line as it was really built: eyes 13 mm further, 3 mm wider apart, a finer encoder."""
    diverters = tuple(
        replace(one, eye_mm=one.eye_mm + 13 + 3 * one.id, pivot_mm=one.pivot_mm + 13 + 3 * one.id)
        for one in line.diverters
    )
    chutes = tuple(replace(chute, fall_us=460_000) for chute in line.chutes)
    belt = replace(line.belt, counts_per_m=2024)
    return replace(line, diverters=diverters, chutes=chutes, belt=belt, end_mm=line.end_mm + 40)


class MaintenanceRig(Rig):
    """A rig whose program stands in maintenance mode from the start."""

    def __init__(self, line: Layout, parcels: list[PhysicalParcel], orders: Mapping[int, tuple[int, int]]):
        super().__init__(line, parcels, orders)
        self.plant.program = MaintainedProgram(line, 1)

    def _hear(self) -> FromPc:
        return super()._hear()._replace(mode=MAINTENANCE)


@cache
def seen(count: int = 40) -> tuple[EyeSeen, ...]:
    """Test parcels 2 m apart, every fourth rides to the end, the others leave by the chutes in turn."""
    parcels = [PhysicalParcel(n, 1_500_000 + 1_487_000 * n, LENGTH_MM, 200, 0, None) for n in range(count)]
    orders = {n: (n % 8, 65535) for n in range(count) if n % 4}
    rig = MaintenanceRig(moved(LINE), parcels, orders).run(1_487_000 * count + 20_000_000)
    return tuple(event for event in rig.events if isinstance(event, EyeSeen))


def by_name(
    length_mm: int | None = LENGTH_MM, events: tuple[EyeSeen, ...] | None = None
) -> dict[str, Quantity]:
    found = learn(seen() if events is None else events, LINE, length_mm)
    return {one.en: one for one in found}


def test_eye_distances_are_learned_to_the_millimetre_or_two() -> None:
    learned, true = by_name(), moved(LINE)
    wrong = {
        eye: (learned[f"eye {eye}"].after, mm)
        for eye, mm in enumerate(true.eyes_mm)
        if eye and abs((learned[f"eye {eye}"].after or 0) - mm) > 0.002 * mm
    }
    assert wrong == {}


def test_the_encoders_scale_is_learned_from_a_known_length_and_else_kept() -> None:
    assert abs((by_name()["encoder scale"].after or 0) - 2024) <= 5
    assert by_name(length_mm=None)["encoder scale"].after is None


def test_the_divert_latency_is_learned_from_the_eyes_in_the_chutes() -> None:
    fall = by_name()["pivot to chute eye"]
    assert fall.before == 400 and abs((fall.after or 0) - 460) <= 5
    assert fall.seen > 20 and fall.spread < 12


def test_first_eye_and_pitch_are_the_straight_line_through_the_eyes() -> None:
    learned = by_name()
    assert abs((learned["first eye"].after or 0) - 4013) <= 6
    assert abs((learned["diverter pitch"].after or 0) - 1203) <= 3


def test_a_few_passings_teach_nothing() -> None:
    assert {one.after for one in by_name(events=seen()[:6]).values()} == {None}
    assert {one.after for one in by_name(events=()).values()} == {None}


# ------------------------------------------------------------ writing it down


def test_only_the_figures_change_in_the_file() -> None:
    text = "# a line\nbelt: {speed: 1600, counts_per_m: 2000}  # fine\nend_after_mm: 1200\n"
    changed = edited(text, {("belt", "counts_per_m"): "2024", ("end_after_mm",): "9"})
    assert changed == "# a line\nbelt: {speed: 1600, counts_per_m: 2024}  # fine\nend_after_mm: 9\n"


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    for file in LINZI.glob("*.yaml"):
        (tmp_path / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    return tmp_path


def quantity(path: tuple[str, ...], after: int | None) -> Quantity:
    return Quantity(path, "", "", "", 0, after, 0.0, 9)


def test_what_was_learned_is_written_and_the_hub_still_holds(copied: Path) -> None:
    files = load_hub(copied).files
    learned = [quantity(("belt", "counts_per_m"), 2024), quantity(("diverters", "pitch_mm"), None)]
    assert "1 " in apply(copied, files, learned)
    assert load_hub(copied).layout.belt.counts_per_m == 2024


def test_nothing_is_written_that_would_not_hold_or_over_another_file(copied: Path) -> None:
    files, before = load_hub(copied).files, (copied / "line.yaml").read_text(encoding="utf-8")
    with pytest.raises(ConfigError, match="diverter pitch"):
        apply(copied, files, [quantity(("diverters", "pitch_mm"), 900)])
    (copied / "line.yaml").write_text(before + "# touched\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="not the file"):
        apply(copied, files, [quantity(("belt", "counts_per_m"), 2024)])
    assert (copied / "line.yaml").read_text(encoding="utf-8") == before + "# touched\n"
