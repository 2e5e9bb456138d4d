"""The torture's faults: where each kind of the design is injected, and that it strikes where it says so."""

from __future__ import annotations

import re

import pytest

from sim.torture.coverage import Coverage
from sim.torture.faults import (
    CONTROLLER,
    DISK,
    FIELD,
    FOLLOWS,
    KINDS,
    LINK,
    MODES,
    PLC,
    VIEWS,
    VISION,
    Fault,
)
from sim.torture.trial import Trial, run, told
from sorter.app.torture_bench import begin
from tests.shared import ROOT


def test_a_step_of_the_date_has_struck_when_a_start_saw_that_day() -> None:
    stepped, later = Fault("date-step", 10_000_000, 2_000_000, 0), Fault("kill", 30_000_000, 0, 0)
    trial, world = told(1, "light", begin, (stepped, later))
    starts = [fact[0] for fact in world.facts if fact[1] == "started"]
    assert len(starts) == 3 and sum(10_000_000 < at < 13_000_000 for at in starts) == 1
    assert trial.fired["date-step"] == 1 and trial.violations == ()


def test_maintenance_is_struck_in_mid_flow_by_some_seed_of_every_day() -> None:
    trial = run(24, None, begin)
    assert trial.fired["mode-change"] and trial.violations == ()


@pytest.mark.parametrize(
    ("line_us", "parcels", "short"), [(60_000_000, 50, []), (59_999_999, 50, [7]), (60_000_000, 49, [7])]
)
def test_a_seed_that_is_shorter_than_promised_is_named(line_us: int, parcels: int, short: list[int]) -> None:
    coverage = Coverage()
    coverage.add(Trial(7, "light", line_us=line_us, parcels=parcels))
    coverage.add(Trial(8, "light", line_us=99_000_000, parcels=99))
    assert coverage.short == short


def test_every_kind_of_fault_of_the_design_is_injected_where_the_table_says() -> None:
    """A place is a kind of the torture's fault, a test by its name, or "not built"."""
    text = (ROOT / "docs" / "promises.md").read_text(encoding="utf-8")
    table = text.partition("\n## Kinds of fault")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (\w[\w ]*) \| (.+?) \| (.+?) \|$", table, re.MULTILINE)[1:]
    assert {area for area, _, _ in rows} == {
        "controller", "disk", "PLC", "field", "vision", "upstream", "people", "clock"
    }  # fmt: skip
    assert len(rows) >= 55
    named = set[str]()
    for _, what, where in rows:
        assert where.startswith("not built: ") or re.search("`", where), what
        for place in re.findall(r"`(.+?)`", where):
            path, _, name = place.partition(":")
            if not name:
                assert place in (*KINDS, *FOLLOWS), (what, place)
                named.add(place)
                continue
            source = (ROOT / path).read_text(encoding="utf-8")
            assert re.search(rf"^def {re.escape(name)}\(", source, re.MULTILINE), (what, place)
            assert path.startswith("tests/test_") and name.startswith("test_"), (what, place)
    assert named >= {*CONTROLLER, *DISK, *LINK, *PLC, *FIELD, *VISION, *VIEWS, *MODES}
